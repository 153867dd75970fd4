"""The feature table as a file: its columns, read from the records, and Parquet or CSV with them.

The only file that writes data frames; the library is imported inside the functions that need it.
"""

import io
import types
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from streamlens.schema import Column, FeatureRow, Features

if TYPE_CHECKING:
    import polars

VERSION = 1  # raise it when a column gets another meaning; stands in the file's metadata
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a spreadsheet takes what begins so for a formula
_TYPES: dict[type, str] = {str: "text", int: "integer", float: "number", date: "date", datetime: "time"}


@cache
def columns() -> tuple[Column, ...]:
    """The data dictionary: every column of the table in its order, as the records declare it."""
    found = []
    for _, group in _groups():
        hints = get_type_hints(group, include_extras=True)
        for name in group.__struct_fields__:
            hint, meaning = get_args(hints[name])
            kind, optional = _kind(hint)
            found.append(
                Column(
                    name=name,
                    type=_TYPES[kind],
                    unit=meaning.unit,
                    what=meaning.what,
                    source=meaning.source or group.column_source,
                    null=(meaning.null or group.column_null) if optional else "",
                )
            )
    return tuple(found)


def _groups() -> list[tuple[str, Any]]:
    return list(get_type_hints(FeatureRow).items())


def _kind(hint: Any) -> tuple[type, bool]:
    """The plain type of a field, and whether it may be None."""
    inner = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    kinds = [kind for kind in inner if kind is not types.NoneType]
    return (str if get_origin(kinds[0]) is Literal else kinds[0]), len(kinds) < len(inner)


def frame(features: Iterable[Features]) -> "polars.DataFrame":
    """All rows of all recordings, in the order given, with the columns of `columns()`."""
    import polars

    kinds: dict[str, Any] = {
        "text": polars.String,
        "integer": polars.Int64,
        "number": polars.Float64,
        "date": polars.Date,
        "time": polars.Datetime("ms"),
    }
    schema = {column.name: kinds[column.type] for column in columns()}
    places = [(group, field) for group, kind in _groups() for field in kind.__struct_fields__]
    parts = [
        polars.DataFrame(
            {field: [getattr(getattr(row, group), field) for row in each.rows] for group, field in places},
            schema=schema,
        )
        for each in features
        if each.rows
    ]
    return polars.concat(parts) if parts else polars.DataFrame(schema=schema)


def parquet(features: Iterable[Features]) -> bytes:
    """The table as Parquet; the same rows give the same bytes. The data dictionary is in the file's metadata."""
    told = {"streamlens.features": str(VERSION), "streamlens.columns": msgspec.json.encode(columns()).decode()}
    return frame_parquet(frame(features), told)


def frame_parquet(table: "polars.DataFrame", metadata: dict[str, str] | None = None) -> bytes:
    file = io.BytesIO()
    table.write_parquet(file, compression="zstd", metadata=metadata)
    return file.getvalue()


def csv(features: Iterable[Features]) -> bytes:
    """The table as CSV in UTF-8 with a mark that spreadsheets know it by; null is an empty cell."""
    return frame_csv(frame(features))


def frame_csv(table: "polars.DataFrame") -> bytes:
    import polars

    texts = [name for name, kind in table.schema.items() if kind == polars.String]
    table = table.with_columns(polars.col(texts).map_elements(_plain, return_dtype=polars.String))
    return b"\xef\xbb\xbf" + table.write_csv().encode()


def _plain(text: str) -> str:
    return "'" + text if text.startswith(FORMULA) else text
