"""Columns of the feature table as arrays, and the few that are made from others.

Frames are polars' and come from outside; nothing here needs the library itself.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from streamlens.errors import InputError

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PER_MINUTE = "_per_min"
"""Ends the name of a count taken per minute of its row: `scarcity_talk_per_min` is made from `scarcity_talk`."""


def has(table: "polars.DataFrame", name: str) -> bool:
    """Whether the column is there, or can be made."""
    return name in table.columns or (name.endswith(PER_MINUTE) and name.removesuffix(PER_MINUTE) in table.columns)


def number(table: "polars.DataFrame", name: str) -> Floats:
    """A column as floats, (rows,), null as NaN. InputError when there is none of the name, or it holds text."""
    if name not in table.columns and name.endswith(PER_MINUTE) and has(table, name):
        with np.errstate(divide="ignore", invalid="ignore"):
            return number(table, name.removesuffix(PER_MINUTE)) / row_minutes(table)
    column = _column(table, name)
    if not (column.dtype.is_numeric() or str(column.dtype) in ("Boolean", "Null")):
        raise InputError(f"column {name}", f"holds {column.dtype}, not numbers", "name another")
    values = np.array([np.nan if each is None else float(each) for each in column.to_list()], dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def text(table: "polars.DataFrame", name: str) -> list[str | None]:
    """A column as text, None where it is null."""
    return [None if each is None else str(each) for each in _column(table, name).to_list()]


def codes(values: Sequence[Any]) -> tuple[Ints, tuple[str, ...]]:
    """Values as numbers from 0 in order of name, and the names; null is a value of its own."""
    named = np.array(["" if each is None else str(each) for each in values], dtype=object)
    names, at = np.unique(named.astype(str), return_inverse=True)
    return at.astype(np.int64), tuple(names.tolist())


def groups(table: "polars.DataFrame", name: str) -> Ints:
    """The group of each row, as numbers from 0. InputError where a row names none: it could not be kept apart."""
    values = text(table, name)
    missing = sum(each in (None, "") for each in values)
    if missing:
        raise InputError(f"column {name}", f"is empty in {missing} of {len(values)} rows", "state it in stream.yaml")
    return codes(values)[0]


def is_number(table: "polars.DataFrame", name: str) -> bool:
    return name not in table.columns or table[name].dtype.is_numeric() or str(table[name].dtype) == "Boolean"


def row_minutes(table: "polars.DataFrame") -> Floats:
    """The length of each row in minutes."""
    if "row_min" in table.columns:
        return number(table, "row_min")
    return (number(table, "end_ms") - number(table, "start_ms")) / 60_000


def net(table: "polars.DataFrame", outcome: str) -> Floats:
    """An outcome of the table less refunds, where the table states them: of the same rows, or else as it stands.

    The table's `orders` and `gmv_fen` are gross, and its `refunded_orders` count partial refunds too; attributed ones
    (`outcomes.with_outcomes`: `orders_net`, ...) are net already, of whole refunds.
    """
    values = number(table, outcome)
    taken = {"orders": "refunded_orders", "gmv_fen": "refund_fen"}.get(outcome)
    if taken and taken in table.columns:
        values = np.maximum(values - np.nan_to_num(number(table, taken)), 0.0)
    return values


def _column(table: "polars.DataFrame", name: str) -> "polars.Series":
    if name not in table.columns:
        import difflib

        near = difflib.get_close_matches(name, table.columns, 1)
        raise InputError(f"column {name}", "is not in the table", f"did you mean {near[0]}?" if near else "")
    return table[name]
