"""Experiments on sales: models against simple guesses, on rows they have not seen, and effects given confounders."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from streamlens.errors import InputError
from streamlens.experiments.grid import Cell, Given, points, shown
from streamlens.experiments.measures import counts_of, measure
from streamlens.experiments.plan import Effects, Model, SalesPlan
from streamlens.experiments.rows import load_rows
from streamlens.link.columns import Floats
from streamlens.link.effects import EffectOptions, estimate_effect
from streamlens.link.explain import dependence, importances
from streamlens.link.gain import GainOptions, deviance, gain, score
from streamlens.link.leaks import check_leaks
from streamlens.link.learners import LearnerName
from streamlens.link.models import ModelName, baselines, fit, make_model, out_of_fold
from streamlens.link.splits import Split, covered
from streamlens.link.task import Family, Task, make_task, split_task
from streamlens.schema import CellResult, Evaluation, Leak, Measure, Refusal, Units

if TYPE_CHECKING:
    import polars

KNOWN = ("viewer_minutes", "online_mean", "price_fen", "row_min", "minutes_in")  # before anything is sold
CURVES = 4  # of the most important features


class ModelCell(msgspec.Struct, frozen=True, kw_only=True, tag="model"):
    model: ModelName
    settings: dict[str, Any]
    features: tuple[str, ...]
    split: Split
    seed: int
    outcome: str
    exposure: str
    unit: str
    family: Family
    folds: int
    gap_days: float
    baselines: tuple[str, ...]
    explain: bool
    level: float


class EffectCell(msgspec.Struct, frozen=True, kw_only=True, tag="effect"):
    treatment: str
    learner: LearnerName
    outcome: str
    unit: str
    seed: int
    level: float
    effects: Effects


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    table: Any
    leaks: tuple[Leak, ...] = ()


def load(plan: SalesPlan, root: Path) -> "Given[Rows]":
    """The table, checked for features that know the outcome: refused by name, or left out and named in the report."""
    given = load_rows(plan.data, root)
    names = tuple(dict.fromkeys(name for each in plan.features.values() for name in each))
    table: polars.DataFrame = given.data
    rows = table.filter(table["unit"] == plan.unit) if plan.unit and "unit" in table.columns else table
    innocent = [name for name in dict.fromkeys((*KNOWN, plan.exposure)) if name]
    leaks = check_leaks(rows, plan.outcome, candidates=names, innocent=innocent)
    if leaks and plan.leaks == "refuse":
        said = "; ".join(
            f"{leak.column} ({leak.reason}{': ' + ', '.join(leak.of) if leak.of else ''})" for leak in leaks
        )
        raise InputError("features", f"know the outcome: {said}", 'leave them out, or set leaks = "drop"')
    return Given(what=given.what, digests=given.digests, data=Rows(table=table, leaks=leaks))


def cells(plan: SalesPlan, given: "Given[Rows]") -> tuple[Cell, ...]:
    leaking = {leak.column for leak in given.data.leaks}
    honest = next((split for split in plan.splits if split != "random"), "")
    found = []
    for name, features in plan.features.items():
        kept = tuple(each for each in features if each not in leaking)
        if not kept:
            raise InputError(f"features.{name}", "has nothing left once leaks are out", "name other columns")
        for split in plan.splits:
            for seed in plan.seeds:
                for label, model, settings in _models(plan):
                    spec = ModelCell(
                        model=model, settings=settings, features=kept, split=split, seed=seed, outcome=plan.outcome,
                        exposure=plan.exposure, unit=plan.unit, family=plan.family, folds=plan.folds,
                        gap_days=plan.gap_days, baselines=plan.baselines, level=plan.level,
                        explain=plan.explain and split == honest,
                    )  # fmt: skip
                    axes = (("features", name), ("split", str(split)), ("seed", str(seed)), ("model", label))
                    found.append(Cell(axes=axes, spec=spec))
    return (*found, *_effect_cells(plan))


def _effect_cells(plan: SalesPlan) -> Iterator[Cell]:
    for treatment in plan.effects.treatments:
        for learner in plan.effects.learners:
            for seed in plan.seeds:
                spec = EffectCell(
                    treatment=treatment, learner=learner, outcome=plan.outcome, unit=plan.unit, seed=seed,
                    level=plan.level, effects=plan.effects,
                )  # fmt: skip
                yield Cell(axes=(("effect", treatment), ("learner", learner), ("seed", str(seed))), spec=spec)


def _models(plan: SalesPlan) -> list[tuple[str, ModelName, dict[str, Any]]]:
    """(label, model, settings) of each model of the grid; lists among the settings are axes."""
    found: list[tuple[str, ModelName, dict[str, Any]]] = []
    for each in plan.models:
        if not isinstance(each, Model):
            found.append((each, each, {}))
            continue
        axes = {name: value if isinstance(value, list) else [value] for name, value in each.set.items()}
        for point in points(axes):
            label = ", ".join(f"{name}={shown(value)}" for name, value in point.items())
            found.append((f"{each.model} {label}".strip(), each.model, point))
    return found


def compute(spec: ModelCell | EffectCell, given: "Given[Rows]", work: Path) -> CellResult:
    return _model(spec, given.data.table) if isinstance(spec, ModelCell) else _effect(spec, given.data.table)


def _model(spec: ModelCell, table: "polars.DataFrame") -> CellResult:
    task = make_task(
        table, spec.outcome, spec.features, exposure=spec.exposure or None, unit=spec.unit or None, family=spec.family
    )
    parts = split_task(task, spec.split, folds=spec.folds, seed=spec.seed, gap_days=spec.gap_days)
    rows = covered(parts)
    models = tuple(fit(_made(spec, task), task, train) for train, _ in parts)
    predicted = out_of_fold(models, task, parts)[rows]
    guesses = {
        name: each[rows]
        for name, each in baselines(task, parts).items()
        if not spec.baselines or name in spec.baselines
    }
    if not guesses:
        raise InputError("baselines", f"none of {', '.join(spec.baselines)} can be had from these columns", "add mean")
    target, group = task.target[rows], (task.anchor if spec.split == "anchor" else task.recording)
    options = GainOptions(folds=spec.folds, gap_days=spec.gap_days, level=spec.level, seed=spec.seed)
    gained = gain(spec.model, target, predicted, guesses, group[rows], spec.family, options=options)
    evaluation = Evaluation(
        model=spec.model, outcome=spec.outcome, split=spec.split, folds=len(parts), rows=len(rows),
        groups=len(np.unique(group[rows])), score=score(spec.model, target, predicted, spec.family),
        baselines=tuple(score(name, target, each, spec.family) for name, each in guesses.items()), gain=gained,
    )  # fmt: skip
    fold = np.zeros(task.rows, dtype=np.int64)
    for number, (_, test) in enumerate(parts):
        fold[test] = number
    units = _units(task, rows, group, fold, target, predicted, guesses[gained.baseline], spec.family)
    saved = Measure(metric="gain", estimate=gained.share, better="more", units=len(rows), groups=gained.groups)
    found = importances(models, task, parts, group, options=options) if spec.explain else ()
    numeric = {name for name, sort in zip(spec.features, task.categorical, strict=True) if not sort}
    shown_curves = [each.feature for each in found if each.feature in numeric][:CURVES]
    return CellResult(
        measures=(*measure(units, level=spec.level), saved), units=units, evaluation=evaluation, importances=found,
        curves=tuple(dependence(models, task, parts, name, options=options) for name in shown_curves),
    )  # fmt: skip


def _made(spec: ModelCell, task: Task) -> Any:
    model = make_model(spec.model, task, seed=spec.seed)
    learner = model.steps[-1][1]
    if unknown := sorted(set(spec.settings) - set(learner.get_params())):
        known = ", ".join(sorted(learner.get_params()))
        raise InputError(f"models.{spec.model}", f"has no setting {', '.join(unknown)}", f"it has {known}")
    try:
        learner.set_params(**spec.settings)
        return model
    except (TypeError, ValueError) as error:
        raise InputError(f"models.{spec.model}", f"refuses its settings ({error})", "mend `set`") from error


def _units(
    task: Task, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]", group: Any, fold: Any, target: Floats,
    predicted: Floats, guess: Floats, family: Family,
) -> Units:  # fmt: skip
    """Ids count rows from the start of the task, which is in the order of the table."""
    own, mean = deviance(target, predicted, family), np.full(len(target), target.mean())
    by_mean, ones = deviance(target, mean, family), np.ones(len(target))
    square, around = (target - predicted) ** 2, (target - mean) ** 2
    above = {"deviance": own, "mae": np.abs(target - predicted), "d2": by_mean - own, "r2": around - square}
    below = {"deviance": ones, "mae": ones, "d2": by_mean, "r2": around}
    return Units(
        ids=tuple(map(str, rows.tolist())), groups=tuple(map(str, group[rows].tolist())),
        folds=tuple(fold[rows].tolist()), counts=counts_of(above, below),
        target=tuple(target.tolist()), predicted=tuple(predicted.tolist()),
    )  # fmt: skip


def _effect(spec: EffectCell, table: "polars.DataFrame") -> CellResult:
    own = spec.effects
    options = EffectOptions(
        outcome=spec.outcome, scale=own.scale, unit=spec.unit, confounders=own.confounders, cluster=own.cluster,
        learner=spec.learner, repetitions=own.repetitions, level=spec.level, seed=spec.seed, minima=own.minima,
    )  # fmt: skip
    found = estimate_effect(table, spec.treatment, options=options)
    if isinstance(found, Refusal):
        return CellResult(refusal=found)
    told = Measure(metric="effect", estimate=found.estimate, better="neither", units=found.rows, groups=found.clusters)
    return CellResult(measures=(told,), effect=found)
