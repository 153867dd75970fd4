"""Everything that can be said of engagement and sales in a table of moments, in one go; or why nothing can.

Each question has its own file (models, gain, effects, profile, decompose, ...); this one asks them in order, on the
columns that are not made of sales.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from streamlens.errors import InputError
from streamlens.link.associations import AssociationOptions, associations
from streamlens.link.changes import changes
from streamlens.link.columns import has, number
from streamlens.link.effects import EffectOptions, estimate_effect
from streamlens.link.explain import dependence, importances
from streamlens.link.gain import GainOptions, compare, evaluate, promised
from streamlens.link.honesty import Minima, lacking, refusal
from streamlens.link.inference import benjamini_hochberg
from streamlens.link.leaks import check_leaks, declared_leaks
from streamlens.link.library import needs_link, one_thread
from streamlens.link.models import MODELS, ModelName, fit, fit_folds, make_model
from streamlens.link.profile import ProfileOptions, within_pitch
from streamlens.link.scope import scope
from streamlens.link.splits import Part, Split
from streamlens.link.task import Family, Task, make_task, split_task
from streamlens.link.treatments import BEHAVIOURS, FEATURES, TREATMENTS, effect_panel, known, panel
from streamlens.schema import (
    Analysis,
    Curve,
    Effect,
    Evaluation,
    Importance,
    Lack,
    Message,
    Profile,
    Refusal,
    StreamSales,
)

if TYPE_CHECKING:
    import polars

Sold = Literal["orders", "units", "gmv"]
OUTCOMES: dict[Sold, str] = {"orders": "orders_net", "units": "units_net", "gmv": "gmv_net_fen"}
TRIED = 3000  # held-out rows that importance and dependence are measured on; more cost minutes and tell the same
DRAWN = 6  # features whose dependence is drawn

Watch = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""


class AnalysisOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`effects` are the features whose effects are asked for, empty for the usual ones. With `cluster` "recording"
    all is said of these anchors alone, and one is enough."""

    outcome: Sold = "orders"
    effects: tuple[str, ...] = ()
    cluster: Literal["anchor", "recording"] = "anchor"
    models: tuple[ModelName, ...] = MODELS
    level: float = 0.95
    seed: int = 1
    folds: int = 5
    jobs: int = 2
    minima: Minima = Minima()


class Analysed(msgspec.Struct, frozen=True, kw_only=True):
    """The record, and the best model fitted to all rows; None where nothing was fitted."""

    record: Analysis
    model: Any = None
    task: Task | None = None


def analyse(
    table: "polars.DataFrame",
    streams: Sequence[StreamSales],
    *,
    window_s: float,
    lag_s: float,
    simulated: bool = False,
    digests: tuple[tuple[str, str], ...] = (),
    options: AnalysisOptions | None = None,
    watch: Watch | None = None,
) -> Analysed:
    """`table` is the feature table with attributed sales (`outcomes.with_outcomes`).

    Raises InputError for an effect that is asked for of a column that is not there or is made of sales.
    """
    options = options or AnalysisOptions()
    needs_link()
    outcome = OUTCOMES[options.outcome]
    segments = table.filter(table["unit"] == "segment")
    _asked(segments, options.effects, outcome)
    exposed = known(segments, "viewer_minutes")
    record = Analysis(
        simulated=simulated, outcome=outcome, scale="per_1000" if exposed else "total", cluster=options.cluster,
        level=options.level, seed=options.seed, window_s=window_s, lag_s=lag_s, digests=digests,
        scope=scope(streams), streams=tuple(streams),
        unknown=tuple(name for name in FEATURES if not known(segments, name)),
        notes=() if exposed else (Message(code="link.note.no_viewers"),),
    )  # fmt: skip
    refused = _too_little(segments, record, options)
    if segments.height:
        record = msgspec.structs.replace(
            record, changes=changes(table, options.outcome), held=(("change", panel(segments, "change")),)
        )
    if refused:
        return Analysed(record=msgspec.structs.replace(record, refused=refused))
    with one_thread():
        return _said(table, segments, record, options, watch or (lambda what, done, of: None))


def _asked(segments: "polars.DataFrame", effects: Sequence[str], outcome: str) -> None:
    """Named before minutes are spent on the rest."""
    for name in effects:
        number(segments, name)  # InputError, with the nearest name, where there is none
        if declared_leaks([name], outcome):
            raise InputError(f"column {name}", "is made of sales or known only after them", "name another effect")


def _too_little(segments: "polars.DataFrame", record: Analysis, options: AnalysisOptions) -> Refusal | None:
    """Streams and anchors count only where their sales are known."""
    sold = [each for each in record.streams if each.orders is not None or each.gmv_fen is not None]
    counted: dict[str, float] = {"streams": len(sold)}
    if options.cluster == "anchor":
        counted["anchors"] = len({each.anchor for each in sold if each.anchor})
    counted["events"] = sum(each.orders or 0 for each in sold)
    counted["rows"] = int(segments[record.outcome].count()) if record.outcome in segments.columns else 0
    lacks = lacking(options.minima, **counted)
    unnamed = sum(not each.anchor for each in sold)
    if unnamed and not lacks:
        lacks = (Lack(what="named_anchors", needs=len(sold), has=len(sold) - unnamed),)
    return refusal("sales", lacks) if lacks else None


def _said(
    table: "polars.DataFrame", segments: "polars.DataFrame", record: Analysis, options: AnalysisOptions, watch: Watch
) -> Analysed:
    outcome = record.outcome
    watch("leaks", 0, 1)
    leaks = check_leaks(
        segments, outcome, candidates=_candidates(segments),
        innocent=("viewer_minutes", "online_mean", "row_min", "price_fen"),
    )  # fmt: skip
    refused = {leak.column for leak in leaks}
    features = tuple(
        name for name in FEATURES if known(segments, name) and not {name, name.removesuffix("_per_min")} & refused
    )
    minima = options.minima
    if options.cluster == "recording":
        minima = msgspec.structs.replace(minima, anchors=0)
    found = associations(
        segments, [name for name in dict.fromkeys((*BEHAVIOURS, *options.effects)) if name in features or
                   (name in options.effects and name not in refused)],
        options=AssociationOptions(outcome=outcome, per_1000=record.scale == "per_1000", cluster=options.cluster,
                                   level=options.level, minima=minima),
    )  # fmt: skip
    effects, refusals = _effects(segments, features, record, options, watch)
    profiles, more = _profiles(table, [each.treatment for each in effects], record, options, minima)
    record = msgspec.structs.replace(
        record, leaks=leaks, features=features, effects=effects, profiles=profiles,
        associations=tuple(each for each in found if not isinstance(each, Refusal)),
        refusals=(*(each for each in found if isinstance(each, Refusal)), *refusals, *more),
        held=(
            *record.held,
            *((kind, panel(segments, kind)) for kind in ("association", "model", "profile")),
            *((f"effect {each.treatment}", effect_panel(segments, each)) for each in effects),
        ),
    )  # fmt: skip
    return _predicted(segments, record, options, watch)


_KEYS = frozenset(
    ["recording", "unit", "anchor", "platform", "room", "start_ms", "end_ms", "minutes_in", "place", "hour", "weekday",
     "day", "turn", "product", "product_name"]
)  # fmt: skip


def _candidates(segments: "polars.DataFrame") -> list[str]:
    return [name for name in segments.columns if name not in _KEYS and known(segments, name)]


def _effects(
    segments: "polars.DataFrame", features: Sequence[str], record: Analysis, options: AnalysisOptions, watch: Watch
) -> tuple[tuple[Effect, ...], tuple[Refusal, ...]]:
    """With q values over all that could be estimated."""
    asked = options.effects or tuple(name for name in TREATMENTS if name in features)
    found: list[Effect | Refusal] = []
    for place, name in enumerate(asked):
        watch("effects", place, len(asked))
        found.append(
            estimate_effect(
                segments, name,
                options=EffectOptions(outcome=record.outcome, scale=record.scale, cluster=options.cluster,
                                      level=options.level, seed=options.seed, minima=options.minima),
            )
        )  # fmt: skip
    told = [each for each in found if isinstance(each, Effect)]
    q_values = benjamini_hochberg([_p(each) for each in told])
    return (
        tuple(msgspec.structs.replace(each, q_value=q) for each, q in zip(told, q_values, strict=True)),
        tuple(each for each in found if isinstance(each, Refusal)),
    )


def _p(effect: Effect) -> float:
    return 1.0 if effect.estimate.p_value is None else effect.estimate.p_value


def _profiles(
    table: "polars.DataFrame", treatments: Sequence[str], record: Analysis, options: AnalysisOptions, minima: Minima
) -> tuple[tuple[Profile, ...], tuple[Refusal, ...]]:
    """Where there are rows by minute that state the feature and viewers."""
    minutes = table.filter(table["unit"] == "minute")
    if not minutes.height or record.scale != "per_1000":
        return (), ()
    found = [
        within_pitch(
            table, name,
            options=ProfileOptions(outcome=record.outcome, cluster=options.cluster, level=options.level, minima=minima),
        )
        for name in treatments
        if has(minutes, name) and known(minutes, name)
    ]  # fmt: skip
    return (
        tuple(each for each in found if isinstance(each, Profile)),
        tuple(each for each in found if isinstance(each, Refusal)),
    )


def _predicted(segments: "polars.DataFrame", record: Analysis, options: AnalysisOptions, watch: Watch) -> Analysed:
    """Every model under every way of holding out; then what the best goes by, and the best fitted to all."""
    family: Family = "tweedie" if options.outcome == "gmv" else "poisson"
    task = make_task(
        segments, record.outcome, record.features,
        exposure="viewer_minutes" if record.scale == "per_1000" else None, family=family,
    )  # fmt: skip
    gains = GainOptions(folds=options.folds, level=options.level, seed=options.seed)
    honest: Split = "anchor" if options.cluster == "anchor" else "recording"
    splits, notes = _possible(task, honest, options)
    cells = [(name, split) for split in splits for name in options.models]
    watch("models", 0, len(cells))

    def cell(place: int) -> Evaluation:
        return evaluate(task, *cells[place], options=gains)

    found: list[Evaluation] = []
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for evaluation in pool.map(cell, range(len(cells))):
            found.append(evaluation)
            watch("models", len(found), len(cells))
    by = {(each.split, each.model): each for each in found}
    ranked = compare([each for each in found if each.split == honest])
    best: ModelName = ranked[0].model  # type: ignore[assignment]
    watch("explain", 0, 1)
    columns, curves = _explained(task, best, honest, gains)
    record = msgspec.structs.replace(
        record, evaluations=tuple(found), honest=honest, best=best, importances=columns, curves=curves,
        optimism=tuple(promised(by["random", name], by[honest, name]) for name in options.models),
        notes=(*record.notes, *notes),
    )  # fmt: skip
    every = np.arange(task.rows)
    model = fit(make_model(best, task, seed=options.seed), task, every)
    return Analysed(record=record, model=model, task=task)


def _possible(task: Task, honest: Split, options: AnalysisOptions) -> tuple[list[Split], list[Message]]:
    splits: list[Split] = ["random", "recording"] if honest == "recording" else ["random", "recording", "anchor"]
    try:
        split_task(task, "forward", folds=options.folds, seed=options.seed)
    except InputError as error:
        return splits, [Message(code="link.note.no_forward", args=(("why", str(error)),))]
    return [*splits, "forward"], []


def _explained(
    task: Task, best: ModelName, honest: Split, gains: GainOptions
) -> tuple[tuple[Importance, ...], tuple[Curve, ...]]:
    parts = split_task(task, honest, folds=gains.folds, seed=gains.seed)
    models = fit_folds(best, task, parts, seed=gains.seed)
    tried = _fewer(parts, gains.seed)
    groups = task.anchor if honest == "anchor" else task.recording
    found = importances(models, task, tried, groups, options=gains)
    numbers = [each.feature for each in found if not task.categorical[task.features.index(each.feature)]]
    return found, tuple(dependence(models, task, tried, name, options=gains) for name in numbers[:DRAWN])


def _fewer(parts: Sequence[Part], seed: int) -> tuple[Part, ...]:
    """The same folds with at most about `TRIED` rows held out in all, drawn evenly."""
    whole = sum(len(test) for _, test in parts)
    share = min(1.0, TRIED / whole)
    rng = np.random.default_rng(seed)
    return tuple(
        (train, np.sort(rng.choice(test, max(1, round(share * len(test))), replace=False))) for train, test in parts
    )
