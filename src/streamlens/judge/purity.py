"""Pure, unadulterated, wild, free-range, not genetically modified: what reports and origin records say of the goods."""

import re

from ..schema import IngredientList, OriginRecord, TestItem, TestReport
from .absence import ingredients_of, results_of
from .amounts import Measured, measured
from .lexicon import said
from .papers import (
    Dossier,
    Look,
    Ruling,
    dated,
    denies,
    examine,
    fits,
    misses,
    missing,
    no_items,
    say,
    unreadable,
    weigh,
)

_OPPOSITE = "不是"
_GENETIC, _MIXED = "转基因", "掺假"
_MIXED_IN = re.compile(
    "(?:掺|勾兑|兑|加|混|注)(?:过|了)?(?:任何|一点|一滴|半点|其他|别的)*(.{2,}|水)|一[滴点丝](.{1,6}?)[都也][没不][掺兑加]"
)
_PURE = re.compile("纯正|纯|原蜜|(?:不|未|无|没).{0,2}[掺兑]|百分之百")
_ALL_OF_IT = re.compile("百分之百|百分百|纯")
_STRETCHED = frozenset({"甜味剂", "香精香料", "着色剂", "增稠剂"})  # what makes less of a thing taste or look like more
_WATER = frozenset({"水", "饮用水", "纯净水"})
# goods of which nothing genetically modified is on the market: that theirs is not says nothing, and misleads
_NO_OTHER = re.compile("(?<!玉)米(?!糠)|稻|花生|小麦|面粉|挂面|芝麻|绿豆|红豆|赤小豆|燕麦|藜麦|荞麦|高粱")
_PURE_SHARE, _MIXED_SHARE = 99.5, 95.0  # per cent, of an item 纯度: what is measured is never quite 100


def natural(dossier: Dossier) -> Ruling:
    """Supported by a report on adulteration, or an origin record whose method is the one claimed."""
    found = dossier.lexicon["methods"].find(dossier.quote)
    # 不是笼养的 claims one of what rules 笼养 out: 散养, 野生
    methods = [name for name in found if not name.startswith(_OPPOSITE)]
    instead = [] if methods else [name.removeprefix(_OPPOSITE) for name in found]
    # how a thing grew cannot be told from a report on adulteration
    mixed = _MIXED if not found or methods == ["天然"] else ""
    tested = _GENETIC if _GENETIC in dossier.quote else mixed
    if tested == _GENETIC and _NO_OTHER.search(said(dossier.product.name)):
        reason = say("natural.no_other", product=dossier.product.name)
        return Ruling(verdict="unsupported", reason=reason)

    def read(paper: TestReport | OriginRecord | IngredientList) -> Look:
        if isinstance(paper, TestReport):
            return dated(dossier, paper, paper.issued_on, _report(dossier, paper, tested))
        if isinstance(paper, OriginRecord):
            return _record(dossier, paper, methods, instead)
        return _list(dossier, paper, methods)

    looks = examine(dossier, (TestReport, OriginRecord, IngredientList), read)
    return weigh(looks, missing(dossier, "report_or_origin"))


def _report(dossier: Dossier, paper: TestReport, tested: str) -> Look:
    items = [item for item in paper.items if tested in dossier.lexicon["purity-items"].find(item.name)]
    if not items:
        bare = no_items(paper) if tested else None
        return bare or misses(paper, "natural.other_items", items="、".join(item.name for item in paper.items))
    results = [(item, _reading(dossier, item)) for item in items]
    against = [item for item, result in results if result.kind == "failed"]
    if against:
        return denies(paper, "natural.found", items=results_of(against))
    unread = [item for item, result in results if result.kind in ("unreadable", "number")]
    if unread:
        return unreadable(paper, "natural.unreadable", items=results_of(unread))
    return fits(paper, "natural.tested", items=results_of(items))


def _reading(dossier: Dossier, item: TestItem) -> Measured:
    result = measured(item.result, item.unit)
    kind_of = re.match("(.+?)源性", said(item.name))
    if kind_of and result.kind in ("absent", "failed"):  # 牛源性 belongs into beef, and nothing else does
        own = kind_of.group(1)[-1] in said(dossier.product.name) + dossier.quote
        found = result.kind == "failed"
        return Measured(kind="passed" if found == own else "failed")
    if result.kind == "number" and result.number is not None:
        if "纯度" in item.name:
            pure, mixed = result.number >= _PURE_SHARE, result.number < _MIXED_SHARE
            return Measured(kind="passed") if pure else Measured(kind="failed") if mixed else result
        limit = re.search(r"(?:≤|<|不大于|不超过|不高于)\s*(\d+(?:\.\d+)?)", item.standard)
        if limit:
            return Measured(kind="passed" if result.number <= float(limit.group(1)) else "failed")
    return result


def _record(dossier: Dossier, paper: OriginRecord, methods: list[str], instead: list[str]) -> Look:
    """Every one of `methods`, or any of `instead`, must be what the record says."""
    text, table = said(paper.method), dossier.lexicon["methods"]
    for name in (*methods, *instead):
        for word in table.words(_OPPOSITE + name):
            if word in text and not re.search(f"[非不无没].{{0,2}}{re.escape(word)}", text):
                return denies(paper, "natural.other_method", method=paper.method)
    stated = {name for name in (*methods, *instead) if any(word in text for word in table.words(name))}
    if (stated and stated >= set(methods)) or (not (methods or instead) and _PURE.search(text)):
        return fits(paper, "natural.method", method=paper.method)
    return misses(paper, "natural.method_silent", near=3 if paper.method else 1, method=paper.method)


def _list(dossier: Dossier, paper: IngredientList, methods: list[str]) -> Look:
    """An ingredient list is the seller's own word and proves no purity, but it can give the claim the lie."""
    listed = ingredients_of(paper)
    denied = _MIXED_IN.search(dossier.quote)
    thing = (denied.group(1) or denied.group(2)) if denied else ""
    against = [part for part in listed if thing and (said(part) == thing or _overlap(said(part), thing))]
    classes = {part: set(dossier.lexicon["additives"].find(part)) - {"不是添加剂"} for part in listed}
    if "天然" in methods:
        against += [part for part in listed if classes[part]]
    elif not methods and _ALL_OF_IT.search(dossier.quote):
        against += [part for part in listed if classes[part] & _STRETCHED or "糖浆" in part]
    if against:
        return denies(paper, "natural.listed", ingredients="、".join(dict.fromkeys(against)))
    rest = [part for part in listed if part not in _WATER]
    if not methods and _ALL_OF_IT.search(dossier.quote) and len(rest) > 1:
        return unreadable(paper, "natural.several", ingredients="、".join(rest))
    return misses(paper, "natural.list_no_proof", near=1)


def _overlap(part: str, thing: str) -> bool:
    return min(len(part), len(thing)) > 1 and (thing in part or part in thing)
