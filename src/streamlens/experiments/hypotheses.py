"""Experiments that put a list of published findings to one's own data."""

from pathlib import Path
from typing import Any

import msgspec

from streamlens.experiments.grid import Cell, Given
from streamlens.experiments.plan import HypothesesPlan
from streamlens.experiments.rows import load_rows
from streamlens.link.hypotheses import Hypothesis, judge, test_hypothesis
from streamlens.schema import CellResult, Judged, Refusal, Tested


class HypothesisCell(msgspec.Struct, frozen=True, kw_only=True):
    hypothesis: Hypothesis
    seed: int
    level: float


def load(plan: HypothesesPlan, root: Path) -> Given[Any]:
    return load_rows(plan.data, root)


def cells(plan: HypothesesPlan, given: Given[Any]) -> tuple[Cell, ...]:
    """One cell a hypothesis, with the first seed: a second one would be a second look."""
    return tuple(
        Cell(
            axes=(("hypothesis", each.id),), spec=HypothesisCell(hypothesis=each, seed=plan.seeds[0], level=plan.level)
        )
        for each in plan.hypotheses
    )


def compute(spec: HypothesisCell, given: Given[Any], work: Path) -> CellResult:
    found = test_hypothesis(given.data, spec.hypothesis, level=spec.level, seed=spec.seed)
    return CellResult(refusal=found) if isinstance(found, Refusal) else CellResult(tested=found)


def verdicts(plan: HypothesesPlan, results: dict[str, CellResult]) -> tuple[Judged, ...]:
    """The verdict on each hypothesis whose cell was computed; `results` by id."""
    found: list[tuple[Hypothesis, Tested | Refusal]] = []
    for each in plan.hypotheses:
        result = results.get(each.id)
        told = (result.tested or result.refusal) if result else None
        if told is not None:
            found.append((each, told))
    return judge(found, correction=plan.correction, level=plan.level)
