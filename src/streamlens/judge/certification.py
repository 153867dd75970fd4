"""Certificates, licences and test reports that the words boast of: on file, for this product, in force on the day."""

import re
from typing import Any

from ..language.quantities import amounts
from ..schema import (
    BrandAuthorisation,
    Certificate,
    ComplianceCertificate,
    FoodOperationLicence,
    GiAuthorisation,
    GreenFoodCertificate,
    HealthFoodRegistration,
    OrganicCertificate,
    ProductionLicence,
    QuarantineCertificate,
    TestReport,
)
from .absence import count_of
from .amounts import measured
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
    no_items,
    say,
    unreadable,
    weigh,
)


def organic(dossier: Dossier) -> Ruling:
    return _certified(dossier, OrganicCertificate, "organic_certificate")


def green(dossier: Dossier) -> Ruling:
    if "无公害" in dossier.quote and "绿" not in dossier.quote:  # another scheme, which a green-food certificate is not
        return Ruling(verdict="unsupported", reason=missing(dossier, "pollution_free"))
    return _certified(dossier, GreenFoodCertificate, "green_food_certificate")


def _certified(dossier: Dossier, kind: type[Certificate], name: str) -> Ruling:
    def read(paper: Certificate) -> Look:
        return in_force(dossier, paper) or _valid(paper)

    return weigh(examine(dossier, kind, read), missing(dossier, name))


def _valid(paper: Certificate) -> Look:
    return fits(paper, "valid", until=paper.valid_to) if paper.valid_to else fits(paper, "valid_endless")


# ---- geographical indication


def gi(dossier: Dossier) -> Ruling:
    """The authorisation must be in force, and the product that it protects must be this one."""

    def read(paper: GiAuthorisation) -> Look:
        if paper.product and not _same_product(dossier, paper.product):
            return misses(paper, "gi.other", near=3, protected=paper.product, product=dossier.product.name)
        return in_force(dossier, paper) or _valid(paper)

    return weigh(examine(dossier, GiAuthorisation, read), missing(dossier, "gi_authorisation"))


def _same_product(dossier: Dossier, protected: str) -> bool:
    """五常大米 is protected in 五常大米, 五常稻花香大米10斤 and 大米, not in 盘锦大米 which also goes by 大米."""
    name = said(re.sub(r"地理标志(?:产品)?|（.*?）|\(.*?\)", "", protected))
    product = dossier.product
    if len(said(product.name)) > 1 and said(product.name) in name:
        return True
    for known in (said(product.name), *map(said, product.aliases), said(product.origin + product.name)):
        letters = iter(known)
        if all(char in letters for char in name):
            return True
    return False


# ---- licences

_PRODUCTION = re.compile("生产许可|生产证|(?<![a-z])sc(?![a-z])|厂家|工厂|食品生产")
_OPERATION = re.compile("经营许可|流通许可|食品经营|卫生许可")
_BRAND = re.compile("商标|品牌|旗舰店|授权")
_QUARANTINE = re.compile("检疫|动检")
_REGISTERED = re.compile("蓝帽|国食健|保健食品批")


def licence(dossier: Dossier) -> Ruling:
    """The licence that the words name, in force and in scope; any of them where the words name none."""
    if "驰名商标" in dossier.quote:  # may not be said in advertising, registered or not
        return Ruling(verdict="prohibited", reason=say("licence.well_known"))
    wanted = _named_papers(dossier.quote) or _named_papers(dossier.clause)
    accepted = wanted or (ProductionLicence, FoodOperationLicence)

    def read(paper: Certificate) -> Look:
        if not isinstance(paper, accepted):
            return misses(paper, "licence.other_sort")
        endless = isinstance(paper, (BrandAuthorisation, QuarantineCertificate, HealthFoodRegistration))
        refused = in_force(dossier, paper, endless=endless)
        if refused:
            return refused
        if isinstance(paper, QuarantineCertificate):
            return dated(dossier, paper, paper.issued_on, _valid(paper))
        return in_scope(dossier, paper)

    sorts: tuple[type[Certificate], ...] = (ProductionLicence, FoodOperationLicence, *accepted)
    looks = examine(dossier, sorts, read)
    ruling = weigh(looks, missing(dossier, str(accepted[0].__struct_config__.tag) if wanted else "licence"))
    shown = {look.paper for look in ruling.looks if look.verdict == "supported"}
    papers = [paper for paper in dossier.documents if paper.id in shown]
    absent = [kind for kind in wanted if not any(isinstance(paper, kind) for paper in papers)]
    if ruling.verdict == "supported" and absent:  # SC证、食品经营许可证一样不少: each must be there
        reason = missing(dossier, str(absent[0].__struct_config__.tag))
        return Ruling(verdict="unsupported", reason=reason, looks=ruling.looks)
    return ruling


def _named_papers(text: str) -> tuple[type[Certificate], ...]:
    """The sorts of paper that words name, as far as they can be on file."""
    sorts: tuple[tuple[re.Pattern[str], type[Certificate]], ...] = (
        (_PRODUCTION, ProductionLicence),
        (_OPERATION, FoodOperationLicence),
        (_QUARANTINE, QuarantineCertificate),
        (_REGISTERED, HealthFoodRegistration),
        (_BRAND, BrandAuthorisation),
    )
    return tuple(kind for pattern, kind in sorts if pattern.search(text))


def in_scope(dossier: Dossier, paper: Certificate) -> Look:
    """Whether a licence in force is for this sort of goods."""
    scope = paper.scope if isinstance(paper, (ProductionLicence, FoodOperationLicence)) else ""
    product = dossier.product
    shown: dict[str, Any] = {"scope": scope, "product": product.name}
    if isinstance(paper, FoodOperationLicence):
        if product.kind == "health_food" and scope and not re.search("保健|特殊食品", scope):
            return misses(paper, "licence.scope", near=3, **shown)
        return _valid(paper)
    if not isinstance(paper, ProductionLicence):
        return _valid(paper)
    categories = dossier.lexicon["food-categories"]
    licensed = set(categories.find(scope))
    made = set(categories.find(f"{product.category} {product.name} {' '.join(product.aliases)}"))
    if licensed & made:
        return fits(paper, "licence.in_scope", **shown)
    if licensed and made and "其他食品" not in licensed:
        return misses(paper, "licence.scope", near=3, **shown)
    return unreadable(paper, "licence.scope_unknown", **shown)


# ---- testing

# bodies that words name, each with the ways its name is written
_BODIES = (
    "sgs|通标",
    "华测|cti",
    "谱尼|pony",
    "中检|ccic",
    "天祥|intertek",
    "欧陆|eurofins",
    "必维|bureauveritas|bv检测",
)
_ACCREDITED = re.compile("cma|cnas|国家级|国家认可")


def testing(dossier: Dossier) -> Ruling:
    """A test report for the product, issued on or before the day, on the items that the words name."""
    lexicon = dossier.lexicon
    asked = set(lexicon["residue-words"].find(dossier.quote))
    body = next((names for names in _BODIES if re.search(names, dossier.quote)), None)
    certificate = "合格证" in dossier.quote
    quarantine = "检疫" in dossier.quote
    european = "欧盟" in dossier.quote or "欧标" in dossier.quote
    many = next(amounts(dossier.quote, {"项": 1.0}), (0.0,))[0]
    clean = bool(re.search("未检出|零检出|没有?检出", dossier.quote))

    def read(paper: TestReport | ComplianceCertificate | QuarantineCertificate) -> Look:
        if isinstance(paper, ComplianceCertificate):
            look = fits(paper, "testing.certificate") if certificate else misses(paper, "absence.self_declared", near=1)
            return dated(dossier, paper, paper.issued_on, look)
        if isinstance(paper, QuarantineCertificate):
            look = fits(paper, "testing.quarantine") if quarantine else misses(paper, "licence.other_sort", near=1)
            return dated(dossier, paper, paper.issued_on, look)
        return dated(dossier, paper, paper.issued_on, report(paper))

    def report(paper: TestReport) -> Look:
        if quarantine or (certificate and "报告" not in dossier.quote):
            return misses(paper, "licence.other_sort", near=1)
        if body and paper.issuer and not re.search(body, said(paper.issuer)):
            return misses(paper, "testing.other_body", near=3, issuer=paper.issuer)
        tested = [item for item in paper.items if not asked or asked & set(lexicon["residues"].find(item.name))]
        names = "、".join(item.name for item in paper.items)
        if asked and not tested:
            return no_items(paper) or misses(paper, "testing.other_items", near=3, items=names)
        # a value found is no failure of the test, unless the words say that nothing was found
        if european and not any(re.search("欧盟|欧标|eu|ec", said(item.standard)) for item in paper.items):
            return misses(paper, "testing.other_items", near=3, items=names)
        if many > sum(count_of(item) for item in tested):
            return misses(paper, "testing.fewer_items", near=3, claimed=many, items=names)
        failed = [
            item
            for item in tested
            if measured(item.result).kind == "failed" and (clean or re.search("不合格|不符合|超标|不达标", item.result))
        ]
        if failed:
            return denies(paper, "testing.failed", items="、".join(f"{item.name} {item.result}" for item in failed))
        if not names:
            return fits(paper, "testing.report_bare", issued=paper.issued_on)
        return fits(paper, "testing.report", issued=paper.issued_on, items=names)

    sorts = (TestReport, ComplianceCertificate, QuarantineCertificate)
    name = "quarantine_certificate" if quarantine else "compliance_certificate" if certificate else "test_report"
    return weigh(examine(dossier, sorts, read), missing(dossier, name))
