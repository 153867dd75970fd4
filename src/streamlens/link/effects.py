"""What a way of selling does to sales: double machine learning, and how far it can be trusted.

The model is partially linear (Robinson 1988; Chernozhukov et al. 2018): outcome = effect x treatment + g(confounders) +
noise. Pitches are compared with other pitches of the same broadcast, so that the anchor, the evening and the paid
traffic of the day cancel; price, discount, place in the stream, traffic and product are taken out by learners that
never see the anchor whose pitches they predict. The interval counts anchors, not rows.
"""

import warnings
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from streamlens.errors import InputError
from streamlens.link.columns import Floats, Ints, groups, has, net, number
from streamlens.link.design import Design, demean, make_design, plain
from streamlens.link.honesty import Minima, confounder_panel, lacking, refusal
from streamlens.link.inference import pooled, slope
from streamlens.link.leaks import declared_leaks
from streamlens.link.learners import LearnerName, make_learner
from streamlens.link.library import needs_link
from streamlens.link.regression import adjusted, counted, naive
from streamlens.schema import Benchmark, Effect, Estimate, Lack, Message, Refusal, Sensitivity

if TYPE_CHECKING:
    import polars

CONFOUNDERS = (
    "price_fen", "discount_rate", "place", "minutes_in", "row_min", "online_mean", "hour", "weekday", "product",
)  # fmt: skip
TOGETHER = {"minutes_in": "place"}
"""What says the same is left out together, when it is asked how strong a known confounder is."""
COUNTS = frozenset({"orders", "units", "orders_own", "units_own", "orders_net", "units_net", "repeat_orders"})
FEW_CLUSTERS = 10
LEVEL = "level of the broadcast"


class EffectOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked, and how.

    `scale`: the outcome per 1000 viewer-minutes, the row's total, or its natural logarithm (rows with sales only).
    `absorb` is the group within which rows are compared, `cluster` the one that is held out together and that the
    interval counts: by "recording" it speaks of these anchors only.
    """

    outcome: str = "orders"
    scale: Literal["per_1000", "total", "log"] = "per_1000"
    unit: str = "segment"
    confounders: tuple[str, ...] = CONFOUNDERS
    absorb: Literal["recording", "anchor"] = "recording"
    cluster: Literal["anchor", "recording"] = "anchor"
    learner: LearnerName = "spline"
    folds: int = 5
    repetitions: int = 3
    level: float = 0.95
    seed: int = 1
    minima: Minima = Minima()
    sensitivity: bool = True
    assumed_rate: float = 0.05


class _Question(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that can answer, as arrays; `outcome` and `treatment` less their mean within the absorbed group."""

    table: Any
    options: EffectOptions
    name: str
    raw_outcome: Floats
    raw_treatment: Floats
    counts: Floats
    exposure: Floats | None
    outcome: Floats
    treatment: Floats
    within: Ints
    clusters: Ints
    confounders: tuple[str, ...]
    dropped: int


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    estimate: Estimate
    treatment_left: Floats
    sensitivity: Sensitivity | None


def estimate_effect(
    table: "polars.DataFrame", treatment: str, *, options: EffectOptions | None = None
) -> Effect | Refusal:
    """The effect of a column of the feature table on sales, or what is missing to say so.

    Raises InputError where a column is not there, or the treatment is made of the outcome or known only after it.
    """
    options = options or EffectOptions()
    needs_link()
    if declared_leaks([treatment], options.outcome):
        raise InputError(f"column {treatment}", "is made of sales or known only after them", "name another treatment")
    question = _ask(table, treatment, options)
    if isinstance(question, Refusal):
        return question
    design = make_design(question.table, question.confounders, question.within)
    answer = _answer(question, design)
    if isinstance(answer, Refusal):
        return answer
    spread = float(question.treatment.std())
    mean = float(question.raw_outcome.mean())
    estimate = answer.estimate
    return Effect(
        treatment=treatment,
        outcome=options.outcome,
        scale=options.scale,
        estimate=estimate,
        per_sd=estimate.value * spread,
        of_mean=estimate.value * spread / mean if options.scale != "log" and mean > 0 else None,
        naive=naive(question.raw_outcome, question.raw_treatment, question.clusters, level=options.level),
        glm=_usual(question, design),
        sensitivity=answer.sensitivity,
        confounders=confounder_panel(
            question.table,
            (*options.confounders, "anchor"),
            treatment=question.raw_treatment,
            outcome=question.raw_outcome,
            left=answer.treatment_left,
            adjusted=(*question.confounders, "anchor"),
        ),
        learner=options.learner,
        absorbed=options.absorb,
        clustered_by=options.cluster,
        clusters=int(question.clusters.max()) + 1,
        streams=len(np.unique(groups(question.table, "recording"))),
        anchors=len(np.unique(groups(question.table, "anchor"))),
        events=round(float(question.counts.sum())),
        rows=question.table.height,
        dropped_rows=question.dropped,
        statement=_statement(treatment, options, estimate),
        cautions=_cautions(question, answer),
    )


def _ask(table: "polars.DataFrame", treatment: str, options: EffectOptions) -> _Question | Refusal:
    if "unit" in table.columns:
        table = table.filter(table["unit"] == options.unit)
    rows = table.height
    outcome, values = net(table, options.outcome), number(table, treatment)
    exposure = number(table, "viewer_minutes") if options.scale == "per_1000" else None
    usable = np.isfinite(outcome) & np.isfinite(values)
    if exposure is not None:
        usable &= np.isfinite(exposure) & (exposure > 0)
    if options.scale == "log":
        usable &= outcome > 0
    known = float(usable.mean()) if rows else 0.0
    if not usable.any():
        lacks = lacking(options.minima, rows=0, known_rate=0.0)
        return refusal(treatment, lacks or (Lack(what="rows", needs=1, has=0),))
    table = table.filter(usable.tolist())
    outcome, values = outcome[usable], values[usable]
    exposure = None if exposure is None else exposure[usable]
    anchors, streams = groups(table, "anchor"), groups(table, "recording")
    within = streams if options.absorb == "recording" else anchors
    clusters = anchors if options.cluster == "anchor" else streams
    whole, inside = float(values.var()), float(demean(values, within).var())
    asked: dict[str, float] = {
        "streams": len(np.unique(streams)),
        "anchors": len(np.unique(anchors)),
        "events": float(outcome.sum()) if options.outcome in COUNTS else float("inf"),
        "rows": table.height,
        "known_rate": known,
        "variation_rate": inside / whole if whole > 0 else 0.0,
    }
    if options.cluster == "recording":
        del asked["anchors"]
    if lacks := lacking(options.minima, **asked):
        return refusal(treatment, lacks)
    scaled_outcome = np.log(outcome) if options.scale == "log" else outcome
    if exposure is not None:
        scaled_outcome = outcome / exposure * 1000
    return _Question(
        table=table, options=options, name=treatment, raw_outcome=scaled_outcome, raw_treatment=values, counts=outcome,
        exposure=exposure, outcome=demean(scaled_outcome, within), treatment=demean(values, within), within=within,
        clusters=clusters, dropped=rows - table.height,
        confounders=tuple(name for name in options.confounders if has(table, name) and name != treatment),
    )  # fmt: skip


def _answer(question: _Question, design: Design) -> _Answer | Refusal:
    """Cross-fitting, the score and its sensitivity are DoubleML's; the interval is ours, for few clusters."""
    import doubleml

    options = question.options
    if options.learner == "spline":
        level = question.raw_treatment - question.treatment
        level = (level - level.mean()) / (level.std() or 1.0)
        design = Design(np.column_stack([design.matrix, level]), (*design.of, LEVEL))
    else:
        design = plain(question.table, question.confounders, question.within)
    learner = make_learner(options.learner, options.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas and of learners that say nothing about the estimate
        data = doubleml.DoubleMLData.from_arrays(
            design.matrix, question.outcome, question.treatment, cluster_vars=question.clusters
        )
        folds = min(options.folds, int(question.clusters.max()) + 1)
        model = doubleml.DoubleMLPLR(
            data, learner, make_learner(options.learner, options.seed), n_folds=folds, n_rep=options.repetitions,
            draw_sample_splitting=False,
        )  # fmt: skip
        splits = [_split(question.clusters, folds, options.seed + turn) for turn in range(options.repetitions)]
        model.set_sample_splitting([each[0] for each in splits], [each[1] for each in splits])
        model.fit()
        predicted = {name: values[:, :, 0] for name, values in model.predictions.items() if values is not None}
        outcome_left = question.outcome[:, None] - predicted["ml_l"]
        treatment_left = question.treatment[:, None] - predicted["ml_m"]
        unexplained = float(np.median((treatment_left**2).mean(0)) / question.treatment.var())
        if lacks := lacking(options.minima, unexplained_rate=unexplained):
            return refusal(question.name, lacks)
        estimate = pooled(
            [
                slope(outcome_left[:, turn], treatment_left[:, turn], question.clusters, level=options.level)
                for turn in range(options.repetitions)
            ]
        )
        sensitivity = _sensitivity(model, design, options, estimate) if options.sensitivity else None
    return _Answer(estimate=estimate, treatment_left=treatment_left[:, 0], sensitivity=sensitivity)


_Part = tuple[Ints, Ints]


def _split(clusters: Ints, folds: int, seed: int) -> tuple[list[_Part], list[tuple[list[Ints], list[Ints]]]]:
    """Whole clusters in and out, the parts about equal in rows; for each also the clusters, as DoubleML wants them."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(int(clusters.max()) + 1)
    sizes = np.bincount(clusters)
    load, fold_of = np.zeros(folds), np.zeros(len(sizes), dtype=np.int64)
    for name in sorted(names, key=lambda each: -sizes[each]):
        fold_of[name] = int(load.argmin())
        load[fold_of[name]] += sizes[name]
    rows, of_clusters = [], []
    for fold in range(folds):
        out = fold_of[clusters] == fold
        rows.append((np.flatnonzero(~out), np.flatnonzero(out)))
        of_clusters.append(([np.flatnonzero(fold_of != fold)], [np.flatnonzero(fold_of == fold)]))
    return rows, of_clusters


def _sensitivity(model: Any, design: Design, options: EffectOptions, estimate: Estimate) -> Sensitivity:
    model.sensitivity_analysis(cf_y=options.assumed_rate, cf_d=options.assumed_rate, level=options.level)
    found = model.sensitivity_params
    benchmarks = []
    names = list(model._dml_data.x_cols)
    families = [TOGETHER.get(name, name) for name in design.of]
    for name in dict.fromkeys(families):
        places = [place for place, family in enumerate(families) if family == name]
        if name == LEVEL or len(places) >= len(names) - 1:
            continue
        gained = model.sensitivity_benchmark([names[place] for place in places])
        row = gained.iloc[0]
        benchmarks.append(
            Benchmark(
                name=name,
                outcome_rate=max(0.0, float(row["cf_y"])),
                treatment_rate=max(0.0, float(row["cf_d"])),
                change=-float(row["delta_theta"]),
            )
        )
    return Sensitivity(
        robustness_rate=float(found["rv"][0]),
        robustness_bound_rate=0.0 if estimate.low <= 0 <= estimate.high else float(found["rva"][0]),
        assumed_rate=options.assumed_rate,
        low=float(found["theta"]["lower"][0]),
        high=float(found["theta"]["upper"][0]),
        benchmarks=tuple(benchmarks),
    )


def _usual(question: _Question, design: Design) -> Estimate | None:
    options = question.options
    if options.outcome in COUNTS and options.scale == "per_1000" and question.exposure is not None:
        return counted(
            question.counts, question.exposure, question.raw_treatment, design.matrix, question.within,
            question.clusters, level=options.level,
        )  # fmt: skip
    return adjusted(question.outcome, question.treatment, design.matrix, question.clusters, level=options.level)


def _statement(treatment: str, options: EffectOptions, estimate: Estimate) -> Message:
    code = "raises" if estimate.low > 0 else "lowers" if estimate.high < 0 else "unclear"
    return Message(
        code=f"link.effect.{code}",
        args=(
            ("feature", treatment), ("outcome", options.outcome), ("scale", options.scale),
            ("value", f"{estimate.value:+.3g}"), ("low", f"{estimate.low:+.3g}"), ("high", f"{estimate.high:+.3g}"),
            ("level", f"{estimate.level:.0%}"),
        ),
    )  # fmt: skip


def _cautions(question: _Question, answer: _Answer) -> tuple[Message, ...]:
    """What the reader must know of this very estimate."""
    options, found = question.options, []
    missing = [name for name in options.confounders if name != question.name and name not in question.confounders]
    if missing:
        found.append(Message(code="link.caution.unadjusted", args=(("features", ", ".join(missing)),)))
    if "online_mean" in question.confounders:
        found.append(Message(code="link.caution.traffic_held"))
    if options.cluster == "recording":
        found.append(Message(code="link.caution.these_anchors"))
    if (count := int(question.clusters.max()) + 1) < FEW_CLUSTERS:
        found.append(Message(code="link.caution.few_clusters", args=(("count", str(count)),)))
    if answer.sensitivity is not None and not answer.estimate.low <= 0 <= answer.estimate.high:
        rate = f"{answer.sensitivity.robustness_rate:.1%}"
        found.append(Message(code="link.caution.robustness", args=(("rate", rate),)))
    return tuple(found)
