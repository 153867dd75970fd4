"""The page of an experiment and the page that compares runs, with their plots."""

from collections.abc import Iterator, Sequence
from typing import Any

from streamlens.report.messages import known, text, word
from streamlens.report.plots import DESK, PHONE, Bar, Interval, Pair, Point, band, bars, intervals, pairs
from streamlens.report.render import render
from streamlens.schema import CellRow, Difference, Effect, Estimate, ExperimentReport, Judged, Measure

SHARES = frozenset(
    ("gain", "d2", "r2", "character_error_rate", "syllable_error_rate", "name_recall", "claim_recall",
     "claim_precision", "accusation_precision", "accusation_recall", "verdict_accuracy", "stance_accuracy",
     "segment_accuracy", "boundary_accuracy", "micro_f1", "macro_f1", "kind_precision", "kind_recall",
     "compliant_accused", "meant_otherwise_accused")
)  # fmt: skip
"""Metrics that are shown as percentages."""
VERDICTS = ("borne_out", "contradicted", "cannot_tell", "refused")
NAMED = ("features", "split", "model", "learner", "treatment")
"""Axes whose values have words in the catalogues: `model.poisson`."""


def experiment_page(report: ExperimentReport, lang: str) -> str:
    """The page, whole in one file; the same report gives the same bytes."""
    measured = [row for row in report.cells if row.result.measures and row.result.effect is None]
    axes = list(dict.fromkeys(axis for row in measured for axis, _ in row.axes))
    drawn = [(name, wide, narrow) for name, wide, narrow in _both(report, lang)]
    return render(
        "experiment.html",
        lang,
        report=report,
        axes=[_axis(axis, lang) for axis in axes],
        metrics=[_metric(name, lang) for name in report.metrics],
        best=_best(measured, report.metrics),
        rows=[
            (
                [_value(axis, dict(row.axes).get(axis, ""), lang) for axis in axes],
                [_cell(row, name) for name in report.metrics],
                word(row.result.evaluation.gain.verdict, lang) if row.result.evaluation else "",
                row,
            )
            for row in measured
        ],
        effects=[(row, row.result.effect, _effect_row(row.result.effect)) for row in report.cells if row.result.effect],
        refused=[(row, row.result.refusal) for row in report.cells if row.result.refusal and not report.judged],
        problems=[row for row in report.cells if row.problem],
        judged=[(name, [_judged(each) for each in report.judged if each.verdict == name]) for name in VERDICTS],
        differences=[_difference(each) for each in report.differences],
        drawn=drawn,
        shown=shown,
        label=label,
        number=number,
        metric=lambda name: _metric(name, lang),
        other="report.html" if lang == "en" else "report.en.html",
    )  # fmt: skip


def compare_page(rows: Sequence[dict[str, Any]], metrics: Sequence[str], differences: Sequence[Any], lang: str) -> str:
    """The page that sets runs side by side; `rows` are {run, cell, cpu_s, <metric>: Estimate}."""
    svgs = [
        (_metric(name, lang), *(_forest(rows, name, width) for width in (DESK, PHONE)))
        for name in metrics
        if sum(row.get(name) is not None for row in rows) > 1
    ]
    return render(
        "compare.html", lang, rows=rows, metrics=[(name, _metric(name, lang)) for name in metrics], shown=shown,
        differences=[_difference(each) for each in differences],
        drawn=svgs, metric=lambda name: _metric(name, lang), timed=any(row.get("cpu_s") is not None for row in rows),
    )  # fmt: skip


def _forest(rows: Sequence[dict[str, Any]], name: str, width: int) -> str:
    known_rows = [(f"{row['run']} · {row['cell']}", row[name]) for row in rows if row.get(name) is not None]
    return intervals(
        [_interval(text, each) for text, each in known_rows[:30]], width=width, form=_form(name), mark=None
    )


def experiment_plots(report: ExperimentReport) -> Iterator[tuple[str, str]]:
    """(name, svg) of each plot as files of their own, in English words."""
    for name, wide, _ in _both(report, "en"):
        yield name, wide


def _both(report: ExperimentReport, lang: str) -> Iterator[tuple[str, str, str]]:
    """(name, svg for a desk, svg for a phone) of all that can be drawn."""
    for name, draw in _plots(report, lang):
        wide = draw(DESK)
        if wide:
            yield name, wide, draw(PHONE)


def _plots(report: ExperimentReport, lang: str) -> Iterator[tuple[str, Any]]:
    if report.judged:
        tested = [each for each in report.judged if each.tested]
        rows = [
            Interval(each.id, *_standard(each), seen=each.verdict in ("borne_out", "contradicted")) for each in tested
        ]
        yield "hypotheses", lambda width: intervals(rows, width=width, form="+.1f")
    first = report.metrics[0] if report.metrics else ""
    found = [(row, _of(row, first)) for row in report.cells]
    few = _fixed([row for row, each in found if each and each.estimate])
    forest = [_interval(_named(row, lang, few), each.estimate) for row, each in found if each and each.estimate]
    if len(forest) <= 30:
        yield (
            first or "none",
            lambda width: intervals(forest, width=width, form=_form(first), mark=0.0 if first == "gain" else None),
        )
    effects = [row for row in report.cells if row.result.effect]
    if effects:
        sides = [
            Interval(f"{_named(row, lang, _fixed(effects))}{suffix}", each.value, each.low, each.high, seen=seen)
            for row in effects
            if row.result.effect
            for suffix, each, seen in (
                ("", row.result.effect.estimate, True),
                (f" ({text('experiment.naive', lang)})", row.result.effect.naive, False),
            )
        ]
        yield "effects", lambda width: intervals(sides, width=width, form="+.2f")
    if report.optimisms:
        dumbbells = [
            Pair(
                f"{_plain(each.model, lang)} · {known(f'split.{each.split}', lang, each.split)}",
                each.random.d2,
                each.honest.d2,
            )
            for each in report.optimisms
        ][:30]
        yield "optimism", lambda width: pairs(dumbbells, width=width, form=".0%")
    explained = next((row for row in _by_gain(report) if row.result.importances), None)
    if explained:
        columns = [
            Bar(known(f"feature.{each.feature}", lang, each.feature), each.share.value)
            for each in explained.result.importances
        ]
        yield "importance", lambda width: bars(columns, width=width, form="+.0%")
        for curve in explained.result.curves:
            points = [Point(*each) for each in zip(curve.at, curve.mean, curve.low, curve.high, strict=True)]
            name = known(f"feature.{curve.feature}", lang, curve.feature)
            yield f"curve-{curve.feature}", _curve(points, name, text("experiment.predicted", lang))


def _curve(points: Sequence[Point], x_title: str, y_title: str) -> Any:
    return lambda width: band(points, width=width, x_title=x_title, y_title=y_title, form=".4~r", y_form=".4~r")


def _by_gain(report: ExperimentReport) -> list[CellRow]:
    """Honestly split cells first, the best first: importances are told of one model."""
    rows = [row for row in report.cells if row.result.evaluation]

    def order(row: CellRow) -> tuple[bool, float]:
        evaluation = row.result.evaluation
        return (evaluation.split == "random", -evaluation.gain.share.value) if evaluation else (True, 0.0)

    return sorted(rows, key=order)


def _standard(judged: Judged) -> tuple[float, float, float]:
    """An estimate in standard errors, so that correlations and effects fit on one scale."""
    estimate = judged.tested.estimate if judged.tested else None
    if estimate is None or not estimate.se:
        return float("nan"), 0.0, 0.0
    return estimate.value / estimate.se, estimate.low / estimate.se, estimate.high / estimate.se


def _interval(name: str, estimate: Estimate) -> Interval:
    return Interval(name, estimate.value, estimate.low, estimate.high, seen=True)


def _of(row: CellRow, metric: str) -> Measure | None:
    return next((each for each in row.result.measures if each.metric == metric), None)


def _cell(row: CellRow, metric: str) -> tuple[str, str, str]:
    """(value, interval, metric) as shown."""
    measure = _of(row, metric)
    return (*shown(metric, measure.estimate if measure else None), metric)


def shown(metric: str, estimate: Estimate | None) -> tuple[str, str]:
    """A number and its interval as people read them."""
    if estimate is None:
        return "–", ""
    ends = [number(metric, side) for side in (estimate.low, estimate.high)]
    return number(metric, estimate.value), f"{ends[0]} … {ends[1]}"


def number(metric: str, value: float, *, signed: bool = False) -> str:
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    sign = "+" if signed else ""
    form = f"{value:{sign}.1%}" if metric in SHARES or metric.startswith("f1 ") else f"{value:{sign}.3g}"
    return form.replace("-", "−")


def _form(metric: str) -> str:
    return ".0%" if metric in SHARES or metric.startswith("f1 ") else "~g"


def _best(rows: Sequence[CellRow], metrics: Sequence[str]) -> dict[str, str]:
    """The best value of each metric as shown, to be set in bold. Splits are not mixed: only honest ones count."""
    found = {}
    for name in metrics:
        measures = [
            each
            for row in rows
            if dict(row.axes).get("split") != "random" and (each := _of(row, name)) and each.estimate
        ]
        if len(measures) > 1 and measures[0].better != "neither":
            pick = max if measures[0].better == "more" else min
            best = pick(measures, key=lambda each: each.estimate.value if each.estimate else 0.0)
            found[name] = shown(name, best.estimate)[0]
    return found


def _effect_row(effect: Effect | None) -> tuple[tuple[str, str], tuple[str, str]]:
    if effect is None:
        return ("", ""), ("", "")
    return shown("effect", effect.estimate), shown("effect", effect.naive)


def _judged(each: Judged) -> tuple[Judged, str, str]:
    return (each, *(shown(each.test, each.tested.estimate) if each.tested else ("", "")))


def _difference(each: Difference) -> tuple[Difference, str, str, str, bool]:
    """With its number and interval as shown, and whether that leaves out zero."""
    value, low, high = (
        number(each.metric, side, signed=True) for side in (each.estimate.value, each.estimate.low, each.estimate.high)
    )
    return each, value, low, high, _clear(each.estimate)


def _clear(estimate: Estimate) -> bool:
    return estimate.low > 0 or estimate.high < 0


def label(row: CellRow) -> str:
    return " · ".join(value for _, value in row.axes)


def _fixed(rows: Sequence[CellRow]) -> frozenset[str]:
    """The axes that do not vary over some cells, and so need not stand in their labels."""
    seen: dict[str, set[str]] = {}
    for row in rows:
        for axis, value in row.axes:
            seen.setdefault(axis, set()).add(value)
    return frozenset(axis for axis, values in seen.items() if len(values) == 1 and len(seen) > 1)


def _named(row: CellRow, lang: str, leave_out: frozenset[str]) -> str:
    words = [_value(axis, value, lang) for axis, value in row.axes if axis not in leave_out]
    return " · ".join(words) or _value(*row.axes[0], lang)


def _plain(joined: str, lang: str) -> str:
    model, _, rest = joined.partition(" · ")
    return " · ".join(filter(None, (known(f"model.{model}", lang, model), rest)))


def _value(axis: str, value: str, lang: str) -> str:
    if axis == "effect":
        return known(f"feature.{value}", lang, value)
    return known(f"{axis}.{value}", lang, value) if axis in NAMED else value


def _axis(axis: str, lang: str) -> str:
    return known(f"axis.{axis}", lang, axis)


def _metric(name: str, lang: str) -> str:
    if name.startswith("f1 "):
        return f"F1 {known('kind.' + name[3:], lang, name[3:])}"
    return known(f"metric.{name}", lang, name)
