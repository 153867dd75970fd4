"""Where goods come from, what rank is claimed for them and who vouches for them."""

import re

from ..schema import Award, BrandAuthorisation, Certificate, GiAuthorisation, OriginRecord
from .lexicon import said
from .papers import Dossier, Look, Ruling, denies, examine, fits, in_force, misses, missing, say, weigh

_PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽",
    "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西",
    "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_LEVELS = re.compile("省|市|县|区|镇|乡|村|自治[区州县]|盟|旗")
_OWN = re.compile("自家|自己家|我们家|我家|自有|自己种|自己养|我们自己")
_GROWER = re.compile("自有|自家|合作社|家庭农场|农场|基地|果园|种植户|养殖户")


def place(dossier: Dossier) -> Ruling:
    """A named place against origin records, the catalogue and GI papers; another province says otherwise."""
    quote, origin = dossier.quote, dossier.product.origin
    looks = []
    if origin:
        verdict = _compare(quote, origin)
        if verdict is not None:
            message = say("place.catalogue" if verdict else "place.catalogue_other", origin=origin)
            looks.append(Look(paper="", verdict="supported" if verdict else "contradicted", message=message))

    def read(paper: OriginRecord | GiAuthorisation) -> Look:
        if isinstance(paper, GiAuthorisation):
            refused = in_force(dossier, paper)
            if refused:
                return refused
            same = _compare(quote, paper.product)
            return (
                fits(paper, "place.gi", protected=paper.product) if same else misses(paper, "place.gi_silent", near=1)
            )
        if _OWN.search(quote) and _GROWER.search(said(paper.place + paper.method + paper.issuer)):
            return fits(paper, "place.grower", place=paper.place)
        same = _compare(quote, paper.place)
        if same is None:
            return misses(paper, "place.silent", place=paper.place)
        return (fits if same else denies)(paper, "place.record" if same else "place.record_other", place=paper.place)

    return weigh((*looks, *examine(dossier, (OriginRecord, GiAuthorisation), read)), missing(dossier, "origin_record"))


def _compare(quote: str, written: str) -> bool | None:
    """Whether the words name the written place (True), another province (False), or neither."""
    parts = [part for part in _LEVELS.split(said(written)) if len(part) > 1]
    names = {part[at : at + 2] for part in parts for at in range(0, len(part) - 1)}
    named = {province for province in _PROVINCES if province in quote}
    here = {province for province in _PROVINCES if province in said(written)}
    if named and here and not named & here:
        return False
    return True if any(name in quote for name in names) else None


def superlative(dossier: Dossier) -> Ruling:
    """The best, the first, national level: forbidden of the goods themselves; the rules know the exceptions."""
    return Ruling(verdict="prohibited", reason=say("superlative", words=dossier.quote))


_STATE = re.compile(
    "国家|国宴|政府|中央|国务院|人民大会堂|[省市县]长|书记|局长|镇长|乡长|村支书|领导|农业农村[部局厅]|农业[部局厅]|卫健委|药监局|"
    "市场监管|工商局|质监局|监管局|部委|部队|军队|军供|特供|专供"
)
_BODIES = re.compile("协会|学会|检验机构|检测机构|检测中心|消协")
_AWARDED = re.compile("奖|评为|称号|荣誉")


def endorsement(dossier: Dossier) -> Ruling:
    """State bodies may not vouch for goods, nor associations and laboratories for food; others by authorisation."""
    if _STATE.search(dossier.quote):
        return Ruling(verdict="prohibited", reason=say("endorsement.state", words=dossier.quote))
    if _BODIES.search(dossier.quote):
        return Ruling(verdict="prohibited", reason=say("endorsement.body", words=dossier.quote))
    awarded = bool(_AWARDED.search(dossier.quote))

    def read(paper: Certificate) -> Look:
        if awarded != isinstance(paper, Award):
            return misses(paper, "licence.other_sort", near=1)
        return in_force(dossier, paper, endless=True) or fits(paper, "endorsement.paper")

    sort = "award" if awarded else "brand_authorisation"
    return weigh(examine(dossier, (Award, BrandAuthorisation), read), missing(dossier, sort))
