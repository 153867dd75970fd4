"""What a model is given: columns, outcome, exposure, groups and time, as arrays of one length."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from streamlens.errors import InputError
from streamlens.link.columns import Floats, Ints, codes, groups, is_number, net, number, text
from streamlens.link.leaks import declared_leaks
from streamlens.link.splits import Part, Split, at_random, forward, grouped

if TYPE_CHECKING:
    import polars

EPOCH = datetime(1970, 1, 1)
Family = Literal["poisson", "tweedie", "gaussian"]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to learn from. `columns` is (rows, features) of floats and text, missing as NaN or "".

    With `exposure` (viewer-minutes) models learn the outcome per exposure and are judged on the outcome itself;
    `traffic` is what the guess by traffic alone goes by. `previous` is the outcome of the row before, NaN where there
    is none.
    """

    outcome: str
    features: tuple[str, ...]
    categorical: tuple[bool, ...]
    columns: Any
    target: Floats
    exposure: Floats | None
    traffic: Floats | None
    recording: Ints
    anchor: Ints
    product: Ints
    starts: Floats
    ends: Floats
    previous: Floats
    family: Family = "poisson"

    @property
    def rows(self) -> int:
        return len(self.target)


def make_task(
    table: "polars.DataFrame",
    outcome: str,
    features: Sequence[str],
    *,
    exposure: str | None = "viewer_minutes",
    unit: str | None = "segment",
    recording: str = "recording",
    anchor: str = "anchor",
    product: str = "product",
    family: Family = "poisson",
    traffic: str | None = None,
    one_series: bool = False,
) -> Task:
    """A task of the feature table, or of any table that has its own columns for these. Times are in days.

    `traffic` is the exposure unless named. The row before is one of the same recording, or with `one_series` (a shop's
    days) of the whole table.

    Raises InputError for a feature that is made of sales, or a column that is not there. Rows without outcome or
    exposure are left out.
    """
    if made := declared_leaks(features, outcome):
        names = ", ".join(leak.column for leak in made)
        raise InputError(f"column {names}", "is made of sales or known only after them", "leave it out")
    if unit and "unit" in table.columns:
        table = table.filter(table["unit"] == unit)
    target = net(table, outcome)
    usable = np.isfinite(target) & (target >= 0 if family != "gaussian" else True)
    if exposure:
        usable &= np.nan_to_num(number(table, exposure)) > 0
    if not usable.any():
        raise InputError(f"column {outcome}", "has no usable row", "give orders and viewers")
    table, target = table.filter(usable.tolist()), target[usable]
    group = groups(table, recording)
    starts, ends = _times(table, group)
    columns = np.empty((table.height, len(features)), dtype=object)
    categorical = tuple(not is_number(table, name) for name in features)
    for place, name in enumerate(features):
        columns[:, place] = [each or "" for each in text(table, name)] if categorical[place] else number(table, name)
    return Task(
        outcome=outcome, features=tuple(features), categorical=categorical, columns=columns, target=target,
        exposure=number(table, exposure) if exposure else None,
        traffic=np.nan_to_num(number(table, seen)) if (seen := traffic or exposure) else None, recording=group,
        anchor=groups(table, anchor) if anchor in table.columns else group,
        product=codes(text(table, product))[0] if product in table.columns else np.zeros(table.height, np.int64),
        starts=starts, ends=ends, family=family,
        previous=_previous(target, np.zeros_like(group) if one_series else group, starts),
    )  # fmt: skip


def split_task(task: Task, kind: Split, *, folds: int = 5, seed: int = 1, gap_days: float = 0.0) -> tuple[Part, ...]:
    """The folds of a task. A grouped split by anchor keeps recordings whole, too, as a recording has one anchor."""
    if kind == "random":
        return at_random(task.rows, folds=folds, seed=seed)
    if kind == "forward":
        return forward(task.recording, task.starts, task.ends, folds=folds, gap=gap_days)
    return grouped(task.anchor if kind == "anchor" else task.recording, folds=folds, seed=seed)


def _times(table: "polars.DataFrame", group: Ints) -> tuple[Floats, Floats]:
    """Start and end of each row in days of the calendar; NaN where the recording does not state its start."""
    if "started_at" not in table.columns:
        nothing = np.full(table.height, np.nan)
        return nothing, nothing
    day = 86_400_000.0
    began = np.array(
        [
            np.nan if each is None else (each.replace(tzinfo=None) - EPOCH).total_seconds() / 86_400
            for each in table["started_at"]
        ]
    )
    if {"start_ms", "end_ms"} <= set(table.columns):
        return began + number(table, "start_ms") / day, began + number(table, "end_ms") / day
    return began, began


def _previous(target: Floats, group: Ints, starts: Floats) -> Floats:
    """Without known times the order of the rows is that of time."""
    order = np.lexsort((np.arange(len(target)), np.nan_to_num(starts), group))
    before = np.full(len(target), np.nan)
    same = group[order][1:] == group[order][:-1]
    before[order[1:][same]] = target[order[:-1][same]]
    return before
