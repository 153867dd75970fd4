"""Where goods come from, against origin records, the catalogue and protected names."""

import re
from typing import Literal

from ..schema import GiAuthorisation, OriginRecord
from .lexicon import said
from .papers import Dossier, Look, Ruling, denies, examine, fits, in_force, misses, missing, say, unreadable, weigh

_PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽",
    "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西",
    "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_COUNTRIES = (
    "智利", "泰国", "越南", "老挝", "缅甸", "柬埔寨", "马来西亚", "印度尼西亚", "印尼", "菲律宾", "印度",
    "斯里兰卡", "日本", "韩国", "朝鲜", "蒙古国", "俄罗斯", "乌克兰", "白俄罗斯", "哈萨克斯坦", "美国",
    "加拿大", "墨西哥", "巴西", "阿根廷", "乌拉圭", "秘鲁", "厄瓜多尔", "哥伦比亚", "古巴", "澳大利亚", "澳洲",
    "新西兰", "英国", "法国", "德国", "意大利", "西班牙", "葡萄牙", "荷兰", "丹麦", "挪威", "冰岛", "希腊",
    "土耳其", "伊朗", "以色列", "埃及", "南非", "肯尼亚", "埃塞俄比亚",
)  # fmt: skip
_SAME = {"澳洲": "澳大利亚", "印尼": "印度尼西亚"}
_LEVELS = re.compile("省|市|县|区|镇|乡|村|自治[区州县]|盟|旗")
# what stands in a written place beside its name
_COMMON = re.compile(
    "有限|公司|合作社|农业|产业|果园|茶园|菜园|基地|农场|牧场|渔场|养殖场?|种植|大棚|工厂|厂家|自有|自家|家庭|专业|生态|示范|园区|"
    "[大小]?[米麦枣梨桃杏橙橘柚茶菇蛋鸡鸭鱼虾蟹姜蒜椒豆薯瓜]$"
)
_OWN = re.compile("[自俺咱]家|自己家|我们家|我家|自有|自产|自己[的种养]|我们自己|承包|亲手[种养]")
_GROWER = re.compile("自有|自家|自种|自养|承包|合作社|家庭农场|农场|基地|果园|茶园|种植户|养殖户")
_BOUGHT_IN = re.compile("收购|采购|外购|代购|批发|市场购|统购")
_DIRECT = re.compile("产地直|源头|基地直|直发|直供|直采|原产地发")
_IMPORTED = re.compile("进口")
_NOT_IMPORTED = re.compile("[不非没]是?进口|国产")


def place(dossier: Dossier) -> Ruling:
    """A named place against origin records, the catalogue and GI papers; another province or country says otherwise.

    One's own growing and sending straight from the farm are more than a place, and need a record that says so.
    """
    quote, origin = dossier.quote, dossier.product.origin
    own, direct = bool(_OWN.search(quote)), bool(_DIRECT.search(quote))
    looks = []
    if origin:
        verdict = _compare(dossier, origin)
        if verdict is False:
            message = say("place.catalogue_other", origin=origin)
            looks.append(Look(paper="", verdict="contradicted", message=message))
        elif verdict == "other":
            message = say("place.catalogue_within", origin=origin)
            looks.append(Look(paper="", verdict="unclear", message=message))
        elif verdict and not own and not direct:
            looks.append(Look(paper="", verdict="supported", message=say("place.catalogue", origin=origin)))
        else:
            code = "place.catalogue_own" if own or direct else "place.catalogue_silent"
            in_name = not own and not direct and _in_name(dossier)
            code = "place.in_name" if in_name else code
            looks.append(
                Look(paper="", verdict="unclear" if in_name else "none", message=say(code, origin=origin), near=1)
            )

    def read(paper: OriginRecord | GiAuthorisation) -> Look:
        if isinstance(paper, GiAuthorisation):
            return in_force(dossier, paper) or _protected(dossier, paper)
        same = _compare(dossier, paper.place)
        if same is False:
            return denies(paper, "place.record_other", place=paper.place)
        if own:
            written = said(paper.place + paper.method + paper.issuer)
            if _BOUGHT_IN.search(written):
                return denies(paper, "place.bought_in", method=paper.method or paper.issuer)
            if _GROWER.search(written):
                return fits(paper, "place.grower", place=paper.place)
            return misses(paper, "place.not_own", near=3, place=paper.place)
        if direct:
            return unreadable(paper, "place.direct", place=paper.place)
        if same == "other":
            return unreadable(paper, "place.within", place=paper.place)
        if same is None:
            return misses(paper, "place.silent", near=2, place=paper.place)
        return fits(paper, "place.record", place=paper.place)

    return weigh((*looks, *examine(dossier, (OriginRecord, GiAuthorisation), read)), missing(dossier, "origin_record"))


_WHERE = re.compile("(.{2,4}?)(?:来的|产的|种的|养的|出的|种出来|当地|本地)|(?:来自|产自)(.{2,4})")


def _in_name(dossier: Dossier) -> bool:
    """Whether the place that the words name stands in the product's own name (阳山水蜜桃), finer than its origin."""
    found = _WHERE.search(dossier.quote)
    named = (found.group(1) or found.group(2))[:2] if found else ""
    names = (said(dossier.product.name), *map(said, dossier.product.aliases))
    return bool(named) and any(name.startswith(named) for name in names)


def _protected(dossier: Dossier, paper: GiAuthorisation) -> Look:
    """A protected name begins with its place: 五常大米 speaks of 五常, and of no other rice."""
    if len(said(paper.product)) > 1 and said(paper.product)[:2] in dossier.quote and not _OWN.search(dossier.quote):
        return fits(paper, "place.gi", protected=paper.product)
    return misses(paper, "place.gi_silent", near=1)


def _compare(dossier: Dossier, written: str) -> Literal[True, False, "other", None]:
    """Whether the words name the written place (True), another province or country (False), or neither.

    "other": the same province, but a place in it that the written one does not name.
    """
    quote = dossier.quote
    here, named = _regions(said(written)), _regions(quote)
    if _IMPORTED.search(quote) and not _NOT_IMPORTED.search(quote) and not named and here:
        return bool(here & set(_COUNTRIES))
    if named and here and not named & here:
        known = (dossier.product.name, *dossier.product.aliases)
        return None if any(region in name for region in named for name in known) else False
    if any(name in quote for name in _names(said(written))):
        return True
    if named & here:
        return "other" if _names_another(dossier, named) else True
    return None


def _regions(text: str) -> set[str]:
    """The provinces and countries that a text names; 印度尼西亚 is not 印度."""
    found = set()
    for region in sorted((*_PROVINCES, *_COUNTRIES), key=len, reverse=True):
        if region in text:
            found.add(_SAME.get(region, region))
            text = text.replace(region, "|")
    return found


def _names(written: str) -> set[str]:
    """The place names finer than provinces that a written place holds, as pairs of characters."""
    for region in (*_PROVINCES, *_COUNTRIES):
        written = written.replace(region, "|")
    parts = re.split(r"\|", _LEVELS.sub("|", _COMMON.sub("|", written)))
    return {part[at : at + 2] for part in parts if len(part) > 1 for at in range(len(part) - 1)}


# 陕西洛川来的: a place between its province and what is said of it
_FINER = "(?:省|自治区)?([^的来产种养出发运是有在]{2,4}?)(?:来|产|种|养|出|发|运)"
_NO_NAME = re.compile(
    "山|那边|这边|当地|本地|老家|高原|农村|乡下|草原|海|产地|基地|原产|直接|空运|自己|我们|果园|土|野"
)


def _names_another(dossier: Dossier, named: set[str]) -> bool:
    """Whether the words name a place within a province; words of the goods and of any countryside are none."""
    for region in named:
        match = re.search(region + _FINER, dossier.quote)
        known = said("".join((dossier.product.name, dossier.product.category, *dossier.product.aliases)))
        if match and not _NO_NAME.search(match.group(1)) and match.group(1)[:2] not in known:
            return True
    return False
