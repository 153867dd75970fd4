"""What rank is claimed for goods and who vouches for them."""

import re

from ..schema import Award, BrandAuthorisation, Certificate, Patent, TestReport
from .lexicon import said
from .papers import (
    Dossier,
    Look,
    Ruling,
    dated,
    denies,
    examine,
    fits,
    in_force,
    misses,
    missing,
    say,
    under,
    unreadable,
    weigh,
)

# ---- absolute words

_RANKED = re.compile(
    "最|第一|唯一|首[家个款创]|顶[级尖配]|极品|绝品|国家级|世界级|天花板|独一无二|无与伦比|绝无仅有|极致|一流|领先|数一数二|独家"
)
_GRADE = re.compile("特级|特等|[一二三]级|[一二三]等|优级|优等")
# what the guide on absolute terms leaves out (Arts. 5 and 6), in case a rule has let it through
_EXEMPT = (
    ("service", re.compile("(?:顾客|客户|用户|服务|质量|品质|安全|诚信|信誉|口碑)(?:永远|始终)?(?:是|放在?)?第一")),
    ("aim", re.compile("(?:追求|争取|力争|目标|努力|希望|梦想|想).{0,4}(?:最|第一)")),
    ("use", re.compile("最好(?:先|是|要|不要|别|能|用|在|再|提前|放|冷|加|当天|趁)|最佳(?:食用|赏味|品尝|饮用|保存)")),
    (
        "own",
        re.compile(
            "(?:我们?|咱们?|自|本|我)(?:家|店|厂|园|直播间)?(?:里|的)?(?:这几款)?(?:里|中)?最.{1,3}(?:的)?(?:一?[款个种批箱]|规格|链接)"
        ),
    ),
    ("count", re.compile("第一[单次件步个口遍批排位天年]|最后|最近|最多|最少|最低(?:两|消费|温度)|最高温|最大限度")),
)


def superlative(dossier: Dossier) -> Ruling:
    """The best, the first, national level: forbidden of the goods themselves, but for the exceptions of the guide.

    A grade of a standard needs a report that gives it; a title may be told if it was awarded; words that are part of
    the product's own name, or that the guide leaves out, are for a person to decide.
    """
    quote, product = dossier.quote, dossier.product
    if _GRADE.search(quote) and not _RANKED.search(_GRADE.sub("", quote)):
        return _graded(dossier)
    for name, pattern in _EXEMPT:
        if pattern.search(quote):
            return Ruling(verdict="unclear", reason=say(f"superlative.{name}", words=quote))

    def read(paper: Award | Patent) -> Look:
        core = next((word for word in _RANKED.findall(quote) if word in said(paper.title)), "")
        if not core or (said(paper.title) not in quote and quote not in said(paper.title)):
            return misses(paper, "superlative.other_title", title=paper.title)
        return _awarded(dossier, paper)

    looks = examine(dossier, (Award, Patent), read)
    if any(look.verdict in ("supported", "unclear") for look in looks):
        return weigh(looks, say("superlative", words=quote))
    names = [said(name) for name in (product.name, *product.aliases)]
    if any(_RANKED.search(name) and (quote in name or name in quote) for name in names if name):
        return Ruling(verdict="unclear", reason=say("superlative.name", words=quote, product=product.name), looks=looks)
    return Ruling(verdict="prohibited", reason=say("superlative", words=quote), looks=looks)


def _graded(dossier: Dossier) -> Ruling:
    claimed = set(_GRADE.findall(dossier.quote))

    def read(paper: TestReport) -> Look:
        graded = [item for item in paper.items if _GRADE.search(said(item.result))]
        if not graded:
            return misses(paper, "superlative.ungraded")
        found = {grade for item in graded for grade in _GRADE.findall(said(item.result))}
        results = "、".join(f"{item.name} {item.result}" for item in graded)
        look = (fits if claimed <= found else denies)(paper, "superlative.graded", results=results)
        return dated(dossier, paper, paper.issued_on, look)

    ruling = weigh(examine(dossier, TestReport, read), say("superlative.grade_basis"))
    return under(ruling, "false-publicity", "absolute-guide", "live-34")


# ---- endorsement

_STATE = re.compile(
    "国家(?!地理|队|级|一级|大剧院|公园|体育)|国宴|政府|中央(?!电视|台|广播|厨房)|国务院|人民大会堂|"
    "(?<![超城都门])[省市县]长(?![期大久年])|书记|局长|镇长|乡长|村支书|领导|农业农村[部局厅]|农业[部局厅]|卫健委|药监局|"
    "市场监管|工商局|质监局|监管局|部委|部队|军队|军供|特供|专供"
)
_BODIES = re.compile("协会|学会|检验机构|检测机构|检测中心|消协")
_AWARDED = re.compile("奖|评为|评的|评选|称号|荣誉|老字号|名牌")
_MEDALS = re.compile("金奖|银奖|铜奖|特等奖|[一二三]等奖|金牌|银牌|铜牌")


def endorsement(dossier: Dossier) -> Ruling:
    """State bodies may not vouch for goods, nor associations and laboratories for food; others by authorisation.

    An award is a fact, whoever gave it, and needs its certificate. Health food may have no endorser at all.
    """
    quote = dossier.quote
    awarded = bool(_AWARDED.search(quote))
    if not awarded and _STATE.search(quote):
        return Ruling(verdict="prohibited", reason=say("endorsement.state", words=quote))
    if not awarded and _BODIES.search(quote):
        ruling = Ruling(verdict="prohibited", reason=say("endorsement.body", words=quote))
        return under(ruling, "food-73", "false-publicity", "live-34")
    if not awarded and dossier.product.kind == "health_food":
        ruling = Ruling(verdict="prohibited", reason=say("endorsement.health_food", words=quote))
        return under(ruling, "health-food-words", "food-79", "consumer-reg-9")

    def read(paper: Certificate) -> Look:
        if awarded != isinstance(paper, Award):
            return misses(paper, "licence.other_sort", near=1)
        if isinstance(paper, Award):
            return _awarded(dossier, paper)
        named = said(" ".join((getattr(paper, "brand", ""), paper.issuer, paper.number)))
        names = any(quote[at : at + 2] in named for at in range(len(quote) - 1))
        return in_force(dossier, paper, endless=True) or (
            fits(paper, "endorsement.paper") if names else unreadable(paper, "endorsement.not_named")
        )

    sort = "award" if awarded else "endorsement_proof"
    ruling = weigh(examine(dossier, (Award, BrandAuthorisation), read), missing(dossier, sort))
    return under(ruling, "false-publicity", "live-34", "consumer-reg-9")


def _awarded(dossier: Dossier, paper: Award | Patent) -> Look:
    refused = in_force(dossier, paper, endless=True)
    if refused:
        return refused
    day = paper.awarded_on if isinstance(paper, Award) else None
    if day is not None and dossier.day is not None and day > dossier.day:
        return misses(paper, "later", near=3, dated=day, day=dossier.day)
    claimed, held = set(_MEDALS.findall(dossier.quote)), set(_MEDALS.findall(said(paper.title)))
    if claimed and held and not claimed & held:
        return misses(paper, "endorsement.other_award", near=3, title=paper.title)
    return fits(paper, "endorsement.award", title=paper.title)
