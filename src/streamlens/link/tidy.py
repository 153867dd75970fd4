"""The analysis as tidy tables: one fact a row, the names of columns those of the records."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from streamlens.schema import Analysis, Estimate, Record

if TYPE_CHECKING:
    import polars

Row = dict[str, object]
_ESTIMATE = "value:f low:f high:f level:f se:f p_value:f dof:f"
_COLUMNS = {
    "streams": "recording:s anchor:s day:s minutes:f pitches:i products:i viewer_minutes:f orders:i units:i gmv_fen:i "
    "repeat_orders:i all_orders:i refunded_orders:i",
    "effects": f"treatment:s outcome:s scale:s estimator:s {_ESTIMATE} q_value:f per_sd:f of_mean:f clusters:i "
    "streams:i anchors:i events:i rows:i dropped_rows:i robustness_rate:f robustness_bound_rate:f assumed_rate:f "
    "assumed_low:f assumed_high:f",
    "confounders": "treatment:s confounder:s adjusted:b treatment_strength:f outcome_strength:f treatment_left:f "
    "missing_rate:f benchmark_outcome_rate:f benchmark_treatment_rate:f benchmark_change:f",
    "associations": f"feature:s outcome:s {_ESTIMATE} q_value:f clusters:i rows:i",
    "models": "model:s outcome:s split:s folds:i rows:i groups:i deviance:f mae:f d2:f r2:f spearman:f baseline:s "
    "gain:f gain_low:f gain_high:f better:b",
    "baselines": "split:s baseline:s deviance:f mae:f d2:f r2:f spearman:f",
    "splits": "model:s split:s random_d2:f honest_d2:f optimism_d2:f",
    "importance": f"model:s feature:s {_ESTIMATE} q_value:f",
    "dependence": "model:s feature:s at:f mean:f low:f high:f",
    "profile": f"feature:s outcome:s pitches:i clusters:i part:s feature_mean:f outcome_rate:f {_ESTIMATE} q_value:f",
    "changes": "anchor:s outcome:s before_streams:i after_streams:i before_until:s after_from:s factor:s before:f "
    "after:f log_points:f amount:f share:f",
    "leaks": "column:s reason:s of:s strength:f",
    "refusals": "subject:s lack:s needs:f has:f",
}
OUTCOMES = (
    "recording", "anchor", "unit", "start_ms", "end_ms", "product", "viewer_minutes", "orders_net", "units_net",
    "gmv_net_fen", "repeat_orders_net",
)  # fmt: skip


def tables(analysis: Analysis, table: "polars.DataFrame") -> "dict[str, polars.DataFrame]":
    """By name; those without rows have their columns too. `table` is what was analysed: its sales are `outcomes`."""
    rows: dict[str, Iterable[Row]] = {
        "streams": ({**msgspec.structs.asdict(each), "day": _day(each.day)} for each in analysis.streams),
        "effects": _effects(analysis),
        "confounders": _confounders(analysis),
        "associations": (
            {**_flat(each), **_flat(each.rho), "feature": each.feature} for each in analysis.associations
        ),
        "models": _models(analysis),
        "baselines": _baselines(analysis),
        "splits": (
            {"model": each.model, "split": each.split, "random_d2": each.random.d2, "honest_d2": each.honest.d2,
             "optimism_d2": each.d2}
            for each in analysis.optimism
        ),
        "importance": ({**_flat(each), **_flat(each.share), "model": analysis.best} for each in analysis.importances),
        "dependence": (
            {"model": analysis.best, "feature": each.feature, "at": at, "mean": mean, "low": low, "high": high}
            for each in analysis.curves
            for at, mean, low, high in zip(each.at, each.mean, each.low, each.high, strict=True)
        ),
        "profile": (
            {**_flat(each), **_flat(part), **_flat(part.slope)} for each in analysis.profiles for part in each.parts
        ),
        "changes": (
            {**_flat(each), **_flat(factor), "factor": factor.name, "outcome": each.change.outcome,
             "before_until": _day(each.before_until), "after_from": _day(each.after_from)}
            for each in analysis.changes
            for factor in each.change.factors
        ),
        "leaks": ({**_flat(each), "of": ", ".join(each.of)} for each in analysis.leaks),
        "refusals": (
            {"subject": each.subject, "lack": lack.what, "needs": lack.needs, "has": lack.has}
            for each in (*((analysis.refused,) if analysis.refused else ()), *analysis.refusals)
            for lack in each.lacks
        ),
    }  # fmt: skip
    found = {name: _frame(name, each) for name, each in rows.items()}
    return {"outcomes": table.select([name for name in OUTCOMES if name in table.columns]), **found}


def _frame(name: str, rows: Iterable[Row]) -> "polars.DataFrame":
    import polars

    kinds = {"s": polars.String, "i": polars.Int64, "f": polars.Float64, "b": polars.Boolean}
    schema = {column: kinds[kind] for column, kind in (each.split(":") for each in _COLUMNS[name].split())}
    listed: Sequence[Row] = list(rows)
    return polars.DataFrame(
        {column: [_finite(row.get(column)) for row in listed] for column in schema}, schema=schema, strict=False
    )


def _finite(value: object) -> object:
    """An interval without end has no bound to write down."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _flat(record: Record) -> Row:
    return {
        name: value for name, value in msgspec.structs.asdict(record).items() if not isinstance(value, Record | tuple)
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _effects(analysis: Analysis) -> Iterable[Row]:
    for each in analysis.effects:
        known = _flat(each)
        found: tuple[tuple[str, Estimate | None], ...] = (
            ("double_machine_learning", each.estimate), ("naive", each.naive), ("adjusted_regression", each.glm),
        )  # fmt: skip
        for name, estimate in found:
            if estimate is None:
                continue
            row = {**known, **_flat(estimate), "estimator": name}
            if name != "double_machine_learning":
                row.update({"q_value": None, "per_sd": None, "of_mean": None})
            elif each.sensitivity:
                row.update(_flat(each.sensitivity))
                row.update({"assumed_low": each.sensitivity.low, "assumed_high": each.sensitivity.high})
                row.update({"low": estimate.low, "high": estimate.high})
            yield row


def _confounders(analysis: Analysis) -> Iterable[Row]:
    for effect in analysis.effects:
        marks = {each.name: each for each in (effect.sensitivity.benchmarks if effect.sensitivity else ())}
        for each in effect.confounders:
            mark = marks.get(each.name)
            yield {
                "treatment": effect.treatment, "confounder": each.name, "adjusted": each.adjusted,
                "treatment_strength": each.treatment, "outcome_strength": each.outcome,
                "treatment_left": each.treatment_left, "missing_rate": each.missing_rate,
                "benchmark_outcome_rate": mark.outcome_rate if mark else None,
                "benchmark_treatment_rate": mark.treatment_rate if mark else None,
                "benchmark_change": mark.change if mark else None,
            }  # fmt: skip


def _models(analysis: Analysis) -> Iterable[Row]:
    for each in analysis.evaluations:
        share = each.gain.share
        yield {
            **_flat(each.score), **_flat(each), "baseline": each.gain.baseline, "gain": share.value,
            "gain_low": share.low, "gain_high": share.high, "better": each.gain.better,
        }  # fmt: skip


def _baselines(analysis: Analysis) -> Iterable[Row]:
    seen = set()
    for each in analysis.evaluations:  # the same for every model of a split
        if each.split not in seen:
            seen.add(each.split)
            for score in each.baselines:
                yield {**_flat(score), "split": each.split, "baseline": score.name}
