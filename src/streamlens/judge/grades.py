"""Selenium-rich and other nutrient grades: the measured value against the range that the report's standard states."""

import re
import unicodedata

from ..language.numbers import NUMERAL, value
from ..schema import Record, TestItem, TestReport
from .amounts import measured
from .lexicon import said
from .papers import (
    Dossier,
    Look,
    Ruling,
    covers,
    dated,
    denies,
    examine,
    fits,
    misses,
    missing,
    newest,
    no_items,
    unreadable,
    weigh,
)

# A number of a standard (DB42/T 1234-2020, NY/T 600-2002, T/CI 012—2021) is not a range.
_STANDARD_CODE = re.compile(
    r"[a-z]{1,6}\s*\d{0,4}\s*(?:/[a-z0-9]{1,6})*\s*\d+(?:\.\d+)?[a-z]?(?:/t)?\s*[-–—]\s*(?:19|20)\d{2}(?!\d)"
)
_UNIT = r"(mg/kg|mg/100g|mg/l|ug/kg|ug/g|ug/100g|ug/l|g/100g|g/kg|ppm|ppb|%)"
_NUMBER = r"(\d+(?:\.\d+)?)"
_RANGE = re.compile(rf"{_NUMBER}\s*{_UNIT}?\s*(?:-|–|—|~|～|至|到)\s*{_NUMBER}\s*{_UNIT}?")
_LEAST = re.compile(
    rf"(?:≥|>=|>|不低于|不少于|不小于|大于等于|大于)\s*{_NUMBER}\s*{_UNIT}?|{_NUMBER}\s*{_UNIT}?\s*(?:以上|及以上)"
)
_MOST = re.compile(rf"(?:≤|<=|<|不高于|不超过|不大于|小于等于|小于)\s*{_NUMBER}\s*{_UNIT}?")
# in milligrams a kilogram; what is measured by volume is kept apart by its own base
_PER_KG = {
    "mg/kg": 1.0, "mg/100g": 10.0, "ug/kg": 0.001, "ug/g": 1.0, "ug/100g": 0.01, "g/100g": 10_000.0, "g/kg": 1000.0,
    "ppm": 1.0, "ppb": 0.001, "%": 10_000.0,
}  # fmt: skip
_PER_LITRE = {"mg/l": 1.0, "ug/l": 0.001}


class Bounds(Record, frozen=True, kw_only=True):
    """The range of a standard, both ends inclusive, in `unit` ("" where none is written)."""

    least: float | None = None
    most: float | None = None
    unit: str = ""


def nutrient(dossier: Dossier) -> Ruling:
    """Supported if the value lies in the range that the report's own standard states, contradicted if outside.

    A report without a range is left to a person: the figures of the national standards differ by product and were not
    read in the standards themselves.
    """
    table = dossier.lexicon["nutrients"]
    wanted = set(table.find(dossier.quote) or table.find(dossier.clause) or ("硒",))

    reports = [paper for paper in dossier.documents if isinstance(paper, TestReport) and covers(paper, dossier.product)]
    latest = newest(reports)

    def read(paper: TestReport) -> Look:
        items = [item for item in paper.items if wanted & set(table.find(item.name))]
        if not items:
            return no_items(paper) or misses(
                paper, "grade.other_items", items="、".join(item.name for item in paper.items)
            )
        replaced = [item for item in items if paper.issued_on and latest[said(item.name)] != paper.id]
        if replaced:
            return misses(paper, "superseded", near=1, by=latest[said(replaced[0].name)], items=replaced[0].name)
        looks = [_stated_more(dossier, paper, item) or _look(paper, item) for item in items]
        look = min(looks, key=lambda look: ("contradicted", "unclear", "supported").index(look.verdict))
        return dated(dossier, paper, paper.issued_on, look)

    return weigh(examine(dossier, TestReport, read), missing(dossier, "test_report"))


_STATED = re.compile(f"[每一](公斤|千克|百克|克|斤)[^{NUMERAL[1:-2]}]*({NUMERAL})(毫克|微克)")
_STATED_SLACK = 1.1  # what was measured may lie so far below what was said, for rounding


def _stated_more(dossier: Dossier, paper: TestReport, item: TestItem) -> Look | None:
    """A Look if the words name a content (每公斤含硒零点二毫克) that the laboratory did not find; None otherwise."""
    match = _STATED.search(dossier.quote) or _STATED.search(dossier.clause)
    result = measured(item.result, item.unit)
    number = value(match.group(2)) if match else None
    if match is None or number is None or result.kind != "number":
        return None
    per_kg = number * (1.0 if match.group(3) == "毫克" else 0.001)
    per_kg *= {"百克": 10.0, "克": 1000.0, "斤": 2.0}.get(match.group(1), 1.0)
    found = convert(result.number or 0.0, result.unit, "mg/kg")
    if found is None or found * _STATED_SLACK >= per_kg:
        return None
    shown = {"item": item.name, "value": " ".join(filter(None, (item.result, item.unit))), "stated": per_kg}
    return denies(paper, "grade.less_than_said", **shown)


def _look(paper: TestReport, item: TestItem) -> Look:
    shown = {"item": item.name, "value": " ".join(filter(None, (item.result, item.unit))), "standard": item.standard}
    result, bounds = measured(item.result, item.unit), read_bounds(item.standard)
    if result.kind in ("passed", "failed", "unreadable"):
        return unreadable(paper, "grade.no_value", **shown)
    if bounds is None:
        return unreadable(paper, "grade.no_range", **shown)
    value = convert(result.number or 0.0, result.unit or bounds.unit, bounds.unit or result.unit)
    if value is None:
        return unreadable(paper, "grade.other_unit", **shown)
    if result.kind == "absent":  # not detected: at most the limit of detection, if one is stated
        if bounds.least is not None and value < bounds.least:
            return denies(paper, "grade.outside", **shown)
        return unreadable(paper, "grade.no_value", **shown)
    below = bounds.least is not None and value < bounds.least
    above = bounds.most is not None and value > bounds.most
    return denies(paper, "grade.outside", **shown) if below or above else fits(paper, "grade.inside", **shown)


def read_bounds(standard: str) -> Bounds | None:
    """The range in the text of a standard, the number of the standard aside.

    >>> read_bounds("GB/T 22499-2008 富硒稻谷 0.04～0.30mg/kg")
    Bounds(least=0.04, most=0.3, unit='mg/kg')
    """
    text = _STANDARD_CODE.sub(" ", _latin(standard))
    match = _RANGE.search(text)
    if match:
        low, low_unit, high, high_unit = match.groups()
        unit = high_unit or low_unit or ""
        if low_unit and high_unit and low_unit != high_unit:
            return None
        return Bounds(least=float(low), most=float(high), unit=unit) if float(low) <= float(high) else None
    least, most = _LEAST.search(text), _MOST.search(text)
    if not least and not most:
        return None
    low, low_unit = _one_of(least)
    high, high_unit = _one_of(most)
    return Bounds(least=low, most=high, unit=low_unit or high_unit)


def _one_of(match: re.Match[str] | None) -> tuple[float | None, str]:
    """The number and unit of whichever branch of a pattern matched."""
    groups = [group or "" for group in match.groups()] if match else []
    found = next(((groups[at], groups[at + 1]) for at in range(0, len(groups), 2) if groups[at]), None)
    return (float(found[0]), found[1]) if found else (None, "")


def convert(value: float, unit: str, target: str) -> float | None:
    """A concentration in another unit; None where the units do not measure the same thing."""
    unit, target = _latin(unit), _latin(target)
    if unit == target:
        return value
    for sizes in (_PER_KG, _PER_LITRE):
        if unit in sizes and target in sizes:
            return round(value * sizes[unit] / sizes[target], 9)
    return None


_CHINESE_UNITS = (
    ("毫克", "mg"),
    ("微克", "ug"),
    ("千克", "kg"),
    ("公斤", "kg"),
    ("百克", "100g"),
    ("克", "g"),
    ("升", "l"),
)


def _latin(text: str) -> str:
    """Units in Latin letters: 毫克/公斤 and ㎎/㎏ are mg/kg, μg and µg are ug."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("μ", "u")
    for chinese, latin in _CHINESE_UNITS:
        plain = plain.replace(chinese, latin)
    return plain
