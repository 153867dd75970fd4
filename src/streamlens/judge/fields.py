"""What people write into a paper's fields becomes what the records of the schema hold.

Written values are texts (numbers too: 0.008 must not become 0.00800001), lists or mappings. Days and times are read in
the usual Chinese and ISO forms, numbers with their unit, lists also from one text with separators, and lists of small
records from a short form that fits a cell of a spreadsheet:

    items     毒死蜱=未检出; 硒=0.008 mg/kg [富硒农产品 0.01-0.10 mg/kg]
    readings  2026-10-12 05:40=-18.2; 2026-10-12 11:00=-18.6
    prices    2026-09-10=26.8; 2026-09-15=26.8
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import get_args

import msgspec
from msgspec import inspect

from ..errors import InputError
from ..schema import Document, TestItem

CHINA = timezone(timedelta(hours=8))  # days and times of papers and streams are compared on this clock
NO_END = date(9999, 12, 31)  # 长期有效

_ABSENT = frozenset({"", "~", "null", "none", "-", "—", "/"})
_ENDLESS = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限", "long-term", "permanent"})
_SUGGEST = {
    "valid_until": "valid_to", "expires": "valid_to", "expiry": "valid_to", "expires_on": "valid_to",
    "expiry_date": "valid_to", "end_date": "valid_to", "start_date": "valid_from", "valid_since": "valid_from",
    "issued_by": "issuer", "date_issued": "issued_on", "issue_date": "issued_on", "harvest_date": "harvested_at",
    "sku": "covers", "skus": "covers", "products": "covers",
}  # fmt: skip
_OF_ANY_TYPE = frozenset(field.encode_name for kind in get_args(Document) for field in msgspec.structs.fields(kind))
_UNITS: dict[str, dict[str, float]] = {
    "hours": {"h": 1, "小时": 1, "个小时": 1, "hour": 1, "hours": 1, "天": 24, "日": 24, "day": 24, "days": 24},
    "celsius": {"℃": 1, "°c": 1, "c": 1, "度": 1, "摄氏度": 1},
    "_g": {"g": 1, "克": 1, "kg": 1000, "千克": 1000, "公斤": 1000, "斤": 500, "两": 50},
    "price": {"元": 1, "块": 1, "yuan": 1, "rmb": 1},
    "yuan": {"元": 1, "块": 1, "yuan": 1, "rmb": 1},
    "units": {"单": 1, "件": 1, "份": 1, "万": 10_000, "万单": 10_000, "万件": 10_000},
}
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(
    r"\s*T?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*分?(?::(\d{1,2})(?:\.\d+)?)?秒?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
_NUMBER = re.compile(r"[¥]?([+-]?\d+(?:,\d{3})*(?:\.\d+)?)(.*)")
_SPLIT = re.compile(r"[|,，、;；\n]")
_SPLIT_RECORDS = re.compile(r"[|;；\n]")


def fill(raw: Mapping[str, object], kind: type[msgspec.Struct], where: str) -> tuple[dict[str, object], list[str]]:
    """The fields of a record as builtin values that msgspec takes, and a note for each field that is not known.

    InputError, starting with `where`, for a value that cannot be read, a field that is needed and missing, and a name
    that looks like a slip of a known one.
    """
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a fact about the schema, not about the input
    fields = {field.encode_name: field for field in info.fields}
    notes = []
    for name in raw:
        if name not in fields and not _blank(raw[name]):
            _refuse_slip(name, [known for known in fields if known not in raw], where)
            notes.append(f"{where}: field {name!r} is not known and was not read")
    values: dict[str, object] = {}
    for name, field in fields.items():
        if _blank(raw.get(name)):
            if field.required:
                raise InputError(where, f"{name} is missing", "fill it in")
            continue
        values[name], more = _value(raw[name], field.type, name, where)
        notes += more
    return values, notes


def _refuse_slip(name: str, known: list[str], where: str) -> None:
    if name in _OF_ANY_TYPE:  # no slip, only not a field of this type; a workbook has the columns of all types
        return
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    meant = _SUGGEST.get(name)
    meant = meant if meant in known else near[0] if near else None
    if meant is not None:
        raise InputError(where, f"unknown field {name!r}", f"did you mean {meant!r}?")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _ABSENT)


def _value(value: object, kind: inspect.Type, name: str, where: str) -> tuple[object, list[str]]:
    if isinstance(kind, inspect.UnionType):  # a value or nothing; nothing was left out before
        kind = next(option for option in kind.types if not isinstance(option, inspect.NoneType))
    if isinstance(kind, inspect.VarTupleType):
        if isinstance(kind.item_type, inspect.StructType):
            return _records(value, kind.item_type.cls, name, where)
        return [_value(each, kind.item_type, name, where)[0] for each in _listed(value) if not _blank(each)], []
    if not isinstance(value, str):
        raise InputError(where, f"{name} is a list or a set of fields where one value belongs", "write one value")
    if isinstance(kind, inspect.DateTimeType):
        return read_time(value, name, where), []
    if isinstance(kind, inspect.DateType):
        return read_day(value, name, where), []
    if isinstance(kind, inspect.FloatType | inspect.IntType):
        return _number(value, name, where, whole=isinstance(kind, inspect.IntType)), []
    return value.strip(), []


def _listed(value: object) -> list[object]:
    """A list, or one text cut at its separators, those inside brackets excepted."""
    if not isinstance(value, str):
        return list(value) if isinstance(value, list) else [value]
    parts, depth = [""], 0
    for char in value:
        depth += (char in "(（[【") - (char in ")）]】")
        if depth <= 0 and _SPLIT.match(char):
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]


def _records(value: object, kind: type[msgspec.Struct], name: str, where: str) -> tuple[object, list[str]]:
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    rows: list[object]
    if isinstance(value, str):
        rows = [part for part in _SPLIT_RECORDS.split(value) if part.strip()]
    elif isinstance(value, dict) and not set(value) & set(names):
        rows = [f"{key}={each}" for key, each in value.items()]  # {毒死蜱: 未检出}
    else:
        rows = value if isinstance(value, list) else [value]
    filled, notes = [], []
    for number, row in enumerate(rows, 1):
        raw = _short(row, kind, names) if isinstance(row, str) else row
        if not isinstance(raw, dict):
            raise InputError(where, f"{name} {number} cannot be read", f"write {names[0]}={names[1]}")
        record, more = fill(raw, kind, f"{where}, {name} {number}")
        filled.append(record)
        notes += more
    return filled, notes


def _short(text: str, kind: type[msgspec.Struct], names: list[str]) -> dict[str, object] | None:
    left, equals, right = text.replace("＝", "=").partition("=")
    if not equals and kind is TestItem:
        left, equals, right = text.replace("：", ":").partition(":")
    if not equals:
        return None
    if kind is not TestItem:
        return {names[0]: left.strip(), names[1]: right.strip()}
    match = re.fullmatch(r"\s*([<＜≤]?\s*[\d.,]+(?=\s*[^\d\s.,])|.*?)\s*(\S*?)\s*(?:\[(.*)\])?\s*", right.strip())
    result, unit, standard = match.groups() if match else (right.strip(), "", None)
    return {"name": left.strip(), "result": result or unit, "unit": unit if result else "", "standard": standard or ""}


def read_time(text: str, name: str, where: str) -> datetime:
    """A time on the Chinese clock, without a zone; a bare day is its midnight."""
    plain = unicodedata.normalize("NFKC", text).strip()
    day = _DAY.match(plain)
    clock = _CLOCK.fullmatch(plain, day.end()) if day else None
    try:
        if day and not plain[day.end() :].strip():
            return datetime(*map(int, day.groups()))  # type: ignore[arg-type]
        if day and clock:
            hour, minute, second, zone = clock.groups()
            numbers = (*map(int, day.groups()), int(hour), int(minute or 0), int(second or 0))
            time = datetime(*numbers)  # type: ignore[arg-type]
            if zone is None:
                return time
            offset = "+00:00" if zone in "Zz" else zone
            return datetime.fromisoformat(f"{time.isoformat()}{offset}").astimezone(CHINA).replace(tzinfo=None)
    except ValueError:
        pass
    raise InputError(where, f"{name} {_shown(text)} is not a time", "write it as 2026-10-12 05:40")


def read_day(text: str, name: str, where: str) -> date:
    """A day; 长期有效 is a day without end."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.lower() in _ENDLESS:
        return NO_END
    day = _DAY.match(plain)
    try:
        if day and (not plain[day.end() :].strip() or _CLOCK.fullmatch(plain, day.end())):
            return date(*map(int, day.groups()))
    except ValueError:
        pass
    raise InputError(where, f"{name} {_shown(text)} is not a day", "write it as 2026-10-12")


def _number(text: str, name: str, where: str, *, whole: bool) -> float | int:
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    plain = re.sub(r"^(零下|[−–—])", "-", plain)
    match = _NUMBER.fullmatch(plain)
    units = next((units for part, units in _UNITS.items() if part in name), {})
    factor = units.get(match.group(2).lower()) if match and match.group(2) else 1
    if match is None or factor is None:
        raise InputError(where, f"{name} {_shown(text)} is not a number", "write the bare number")
    value = float(match.group(1).replace(",", "")) * factor
    if whole and not value.is_integer():
        raise InputError(where, f"{name} {_shown(text)} is not a whole number", "write it without a fraction")
    return int(value) if whole else value
