"""What the cells say together: of the expectation, of each other, and of how they were split."""

from collections.abc import Iterator, Sequence
from typing import Any

from streamlens.errors import InputError
from streamlens.experiments import hypotheses, streams
from streamlens.experiments.grid import Cell, Given
from streamlens.experiments.measures import BETTER, paired
from streamlens.experiments.plan import AnyPlan, ClaimsPlan, Expectation, HypothesesPlan, SalesPlan, StreamsPlan
from streamlens.experiments.runner import Computed
from streamlens.schema import (
    Answer,
    AnswerVerdict,
    CellRow,
    Difference,
    Effect,
    Estimate,
    ExperimentReport,
    Message,
    Optimism,
    Units,
)

SHOWN: dict[str, tuple[str, ...]] = {
    "sales": ("gain", "d2", "mae", "deviance", "r2"),
    "hypotheses": (),
    "transcripts": (
        "character_error_rate", "name_recall", "accusation_recall", "accusation_precision", "claim_recall",
        "claim_precision", "segment_accuracy",
    ),
    "passages": (
        "macro_f1", "micro_f1", "kind_precision", "kind_recall", "stance_accuracy", "compliant_accused",
        "meant_otherwise_accused",
    ),
}  # fmt: skip
COMPARED = {
    "sales": ("deviance",),
    "transcripts": ("character_error_rate", "name_recall", "accusation_recall", "accusation_precision"),
    "passages": ("micro_f1", "stance_accuracy", "compliant_accused"),
}
LUCK = ("seed", "split", "stream")  # axes along which cells are not set against each other: their folds differ


def conclude(
    plan: AnyPlan, given: Given[Any], cells: Sequence[Cell], computed: Sequence[Computed], digest: str
) -> ExperimentReport:
    """The report of an experiment whose cells are all computed, or have said why they could not be."""
    rows = _rows(plan, cells, computed)
    sort = _sort(plan)
    known = {name for row in rows for name in (each.metric for each in row.result.measures)}
    metrics = tuple(name for name in (plan.metrics or SHOWN[sort]) if name in known)
    by_id = {dict(row.axes).get("hypothesis", ""): row.result for row in rows if not row.problem}
    return ExperimentReport(
        name=plan.name, kind=str(plan.__struct_config__.tag), digest=digest, question=plan.question,
        expects=plan.hypothesis.expects, refuted_by=plan.hypothesis.refuted_by, metrics=metrics, data=given.what,
        digests=given.digests, cells=rows, answer=_answer(plan, rows),
        judged=hypotheses.verdicts(plan, by_id) if isinstance(plan, HypothesesPlan) else (),
        correction=plan.correction if isinstance(plan, HypothesesPlan) else "",
        differences=tuple(_differences(rows, COMPARED.get(sort, ()), plan.level)),
        optimisms=tuple(_optimisms(rows)) if isinstance(plan, SalesPlan) else (),
        leaks=given.data.leaks if isinstance(plan, SalesPlan) else (),
    )  # fmt: skip


def _sort(plan: AnyPlan) -> str:
    if isinstance(plan, ClaimsPlan):
        return "passages" if plan.data.passages else "transcripts"
    return str(plan.__struct_config__.tag)


def _rows(plan: AnyPlan, cells: Sequence[Cell], computed: Sequence[Computed]) -> tuple[CellRow, ...]:
    rows = tuple(
        CellRow(axes=cell.axes, result=each.result, problem=each.problem)
        for cell, each in zip(cells, computed, strict=True)
    )
    if isinstance(plan, StreamsPlan) or (isinstance(plan, ClaimsPlan) and plan.data.streams):
        merged = streams.merged({row.axes: row.result for row in rows if not row.problem}, plan.level)
        failed = tuple(row for row in rows if row.problem)
        return (*(CellRow(axes=axes, result=result) for axes, result in merged.items()), *failed)
    return rows


def check_expectation(plan: AnyPlan, cells: Sequence[Cell]) -> None:
    """InputError where what was registered could never be decided by this grid."""
    asked = plan.hypothesis
    if asked.metric:
        if asked.metric not in BETTER:
            raise InputError("hypothesis.metric", f"{asked.metric} is no metric", f"metrics are {', '.join(BETTER)}")
        for name, wanted in (("better", asked.better), ("than", asked.than)):
            if not any(_matches(cell.axes, wanted) for cell in cells):
                axes = "; ".join(sorted({f"{axis} = {value}" for cell in cells for axis, value in cell.axes}))
                raise InputError(f"hypothesis.{name}", f"no cell of the grid has {wanted}", f"there is {axes}")
    if asked.treatment and not any(dict(cell.axes).get("effect") == asked.treatment for cell in cells):
        raise InputError("hypothesis.treatment", f"{asked.treatment} is not estimated", "add it to effects.treatments")


def _matches(axes: Sequence[tuple[str, str]], wanted: dict[str, str]) -> bool:
    return bool(wanted) and wanted.items() <= dict(axes).items()


def _answer(plan: AnyPlan, rows: Sequence[CellRow]) -> Answer | None:
    asked = plan.hypothesis
    if asked.treatment and asked.sign:
        row = next((each for each in rows if dict(each.axes).get("effect") == asked.treatment), None)
        if row is None or row.result.effect is None:
            return Answer(verdict="refused", message=Message(code="experiment.answer.refused"))
        return _effect_answer(asked, row.result.effect)
    if not asked.metric:
        return None
    first, second = _sides(asked, rows)
    names = tuple(" · ".join(f"{axis}={value}" for axis, value in side.items()) for side in (asked.better, asked.than))
    found = paired(asked.metric, first, second, (names[0], names[1]), level=plan.level)
    if found is None:
        return Answer(verdict="refused", message=Message(code="experiment.answer.refused"))
    sign = -1 if BETTER[asked.metric] == "less" else 1
    low, high = sorted((sign * found.estimate.low, sign * found.estimate.high))
    verdict = _verdict(low > 0, high < 0)
    return Answer(verdict=verdict, message=_said(verdict, asked.metric, found.estimate), difference=found)


def _effect_answer(asked: Expectation, effect: Effect) -> Answer:
    above, below = effect.estimate.low > 0, effect.estimate.high < 0
    sides = {"positive": (above, below), "negative": (below, above), "none": (False, above or below)}
    verdict = _verdict(*sides[asked.sign])
    return Answer(verdict=verdict, message=effect.statement)


def _verdict(expected: bool, opposite: bool) -> AnswerVerdict:
    return "borne_out" if expected else "contradicted" if opposite else "cannot_tell"


def _said(verdict: str, what: str, estimate: Estimate) -> Message:
    args = (
        ("metric", what), ("value", f"{estimate.value:+.3g}"), ("low", f"{estimate.low:+.3g}"),
        ("high", f"{estimate.high:+.3g}"), ("level", f"{estimate.level:.0%}"),
    )  # fmt: skip
    return Message(code=f"experiment.answer.{verdict}", args=args)


def _sides(asked: Expectation, rows: Sequence[CellRow]) -> tuple[list[Units], list[Units]]:
    """The cells of both sides that agree on all other axes."""
    fixed = {*asked.better, *asked.than}

    def side(wanted: dict[str, str]) -> dict[Any, Units]:
        return {
            tuple(each for each in row.axes if each[0] not in fixed): row.result.units
            for row in rows
            if row.result.units and _matches(row.axes, wanted)
        }

    better, than = side(asked.better), side(asked.than)
    both = [key for key in better if key in than]
    return [better[key] for key in both], [than[key] for key in both]


def _differences(rows: Sequence[CellRow], metrics: Sequence[str], level: float) -> Iterator[Difference]:
    """Each axis's values against its first one, all else equal; seeds are pooled."""
    known = [row for row in rows if row.result.units]
    axes = dict.fromkeys(axis for row in known for axis, _ in row.axes if axis not in LUCK)
    for axis in axes:
        values = list(dict.fromkeys(dict(row.axes)[axis] for row in known if axis in dict(row.axes)))
        for value in values[1:]:
            grouped: dict[Any, tuple[list[Units], list[Units]]] = {}
            for row in known:
                own = dict(row.axes)
                if own.get(axis) not in (value, values[0]) or row.result.units is None:
                    continue
                rest = tuple(each for each in row.axes if each[0] not in (axis, "seed"))
                grouped.setdefault(rest, ([], []))[own[axis] != value].append(row.result.units)
            for rest, (first, second) in grouped.items():
                beside = "".join(f" · {name}" for _, name in rest)
                for metric in metrics:
                    found = paired(metric, first, second, (f"{value}{beside}", f"{values[0]}{beside}"), level=level)
                    if found:
                        yield found


def _optimisms(rows: Sequence[CellRow]) -> Iterator[Optimism]:
    """Models under a random split beside the same ones under each honest split."""
    scored = {row.axes: row.result.evaluation for row in rows if row.result.evaluation}
    for axes, random in scored.items():
        if random.split != "random":
            continue
        for other, honest in scored.items():
            if honest.split != "random" and dict(other) | {"split": "random"} == dict(axes):
                yield _optimism(dict(axes), random.score, honest.score, honest.split)


def _optimism(axes: dict[str, str], random: Any, honest: Any, split: str) -> Optimism:
    over = random.d2 - honest.d2
    args = (("model", axes["model"]), ("split", split), ("random", f"{random.d2:.1%}"), ("honest", f"{honest.d2:.1%}"))
    code = "link.optimism.some" if over > 0 else "link.optimism.none"
    return Optimism(
        model=f"{axes['model']} · {axes['features']}", random=random, honest=honest, split=split, d2=over,
        statement=Message(code=code, args=args),
    )  # fmt: skip
