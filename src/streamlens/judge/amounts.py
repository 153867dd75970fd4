"""Results as laboratories and papers write them."""

import re
import unicodedata
from typing import Literal

from ..schema import Record


class Measured(Record, frozen=True, kw_only=True):
    """What the result of a test item says.

    `absent` not detected or below the limit of detection (then `number` is that limit, if stated) · `number` a value ·
    `passed` within the limit, with no value · `failed` over the limit or detected · `unreadable`.
    """

    kind: Literal["absent", "number", "passed", "failed", "unreadable"]
    number: float | None = None
    unit: str = ""


# read in this order: 未超标 is not 超标, 未检出 is not 检出, and 低于检出限 is neither
_RESULTS: tuple[tuple[Literal["passed", "absent", "failed"], re.Pattern[str]], ...] = (
    ("passed", re.compile(r"(?:[未不无没]|没有|未检出|未发现)(?:有)?超[标出]")),
    (
        "absent",
        re.compile(
            r"(?<!不得)(?:未|没有|没|不曾)检(?:测|验)?出|阴性|\bn\.?d\b\.?|^n\.d\.|低于检出限|小于检出限|[<≤](?:检出限|lo[dq])"
        ),
    ),
    ("absent", re.compile(r"not ?detected|negative|^\(-\)$")),
    ("failed", re.compile(r"不合格|不符合|超标|超出|未通过|[未不]达标")),
    ("failed", re.compile(r"(?<!不得)检出(?!限)|阳性|positive|detected|^\(\+\)$|^\++$")),
    ("passed", re.compile(r"合格|符合|达标|通过|pass|^ok$|正常|适[宜用合]|满足")),
)
_VALUE = re.compile(r"([<≤>≥]?)(\d+(?:\.\d+)?(?:e-?\d+)?)(.*)")


def measured(result: str, unit: str = "") -> Measured:
    """A test item's result, written in any of the usual ways.

    >>> measured("未检出").kind, measured("<0.01 mg/kg").kind, measured("0.008", "mg/kg").number
    ('absent', 'absent', 0.008)
    """
    text = "".join(unicodedata.normalize("NFKC", result).lower().split())
    match = _VALUE.fullmatch(text)
    if match:
        sign, number, rest = match.groups()
        unit = "".join(unicodedata.normalize("NFKC", rest or unit).lower().split())
        amount = float(number)
        if sign in ("<", "≤"):
            return Measured(kind="absent", number=amount, unit=unit)
        return Measured(kind="number" if amount else "absent", number=amount, unit=unit)
    for kind, pattern in _RESULTS:
        if pattern.search(text):
            limit = re.search(r"[<≤](\d+(?:\.\d+)?)", text) if kind == "absent" else None
            return Measured(kind=kind, number=float(limit.group(1)) if limit else None, unit=unit)
    return Measured(kind="unreadable")
