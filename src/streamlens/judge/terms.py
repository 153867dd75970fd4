"""When a paper was issued, and from when to when it holds: by its labels, or by days that stand in its text."""

import re
from collections.abc import Sequence
from datetime import date

from ..schema import Record
from .dates import Validity, find_days, read_validity
from .kinds import BEGINS, ISSUED, VALIDITY
from .layout import Cell, Form, Value
from .values import UNSURE

_SPAN = re.compile(r"\s*(?:起\s*)?(?:至|到|止|[-—–~～])+\s*")


class Dated(Record, frozen=True, kw_only=True):
    """A day (ISO, or 长期) with where it stands; `sure` is what its form leaves of the confidence."""

    text: str
    value: Value
    sure: float

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.text) if self.text[:1].isdecimal() else None


def issue_day(form: Form) -> Dated | None:
    return _labelled(form, ISSUED)


def lone_day(form: Form) -> Dated | None:
    """A day that stands alone in its line, the last one of the paper."""
    for row in reversed(form.rows):
        for cell in row:
            days = find_days(cell.text)
            if len(days) != 1 or re.search(r"[\u4e00-\u9fff]", cell.text[: days[0].start] + cell.text[days[0].end :]):
                continue
            return Dated(text=str(days[0].day), value=_whole(cell), sure=0.95 if days[0].clean else UNSURE)
    return None


def term(form: Form, issued: date | None) -> dict[str, Dated]:
    """`valid_from` and `valid_to`, as far as they are stated. Days in the wrong order are not sure."""
    read: list[tuple[Value, Validity]] = []
    for value in form.values(VALIDITY, lines=2):
        found = read_validity(value.text, issued)
        if found.first or found.last:
            read.append((value, found))
    read = read or _spans(form)
    lasts = {found.last for _, found in read if found.last}
    terms: dict[str, Dated] = {}
    for value, found in read:
        if found.first and "valid_from" not in terms:
            terms["valid_from"] = Dated(text=found.first, value=value, sure=1.0 if found.clean else UNSURE)
        if found.last and "valid_to" not in terms:
            sure = 1.0 if found.clean and len(lasts) == 1 else UNSURE
            terms["valid_to"] = Dated(text=found.last, value=value, sure=sure)
    begins = _labelled(form, BEGINS)
    if begins:
        terms.setdefault("valid_from", begins)
    first = terms["valid_from"].day if "valid_from" in terms else None
    last = terms["valid_to"].day if "valid_to" in terms else None
    if last and ((first and first >= last) or (issued and issued > last)):
        terms = {name: Dated(text=each.text, value=each.value, sure=UNSURE) for name, each in terms.items()}
    return terms


def _labelled(form: Form, labels: Sequence[str]) -> Dated | None:
    read = [(value, days) for value in form.values(labels) if (days := find_days(value.text))]
    if not read:
        return None
    value, days = read[0]
    others = {each[0].day for other, each in read if other.label == value.label}
    sure = 1.0 if days[0].clean and len(days) == 1 and len(others) == 1 else UNSURE
    return Dated(text=str(days[0].day), value=value, sure=sure)


def _spans(form: Form) -> list[tuple[Value, Validity]]:
    """Two days joined by 至 in any line, or a day in a line that speaks of a term."""
    found = []
    for cell in form.cells:
        days = find_days(cell.text)
        spans = len(days) == 2 and _SPAN.fullmatch(cell.text[days[0].end : days[1].start])
        if (spans or (days and re.search("有效|期限|截止", cell.text))) and (read := read_validity(cell.text)).last:
            found.append((_whole(cell), read))
    return found


def _whole(cell: Cell) -> Value:
    return Value(label="", text=cell.text, page=cell.page, box=cell.box, confidence=cell.confidence)
