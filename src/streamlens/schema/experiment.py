"""What a scripted experiment found: the cells of its grid, what each came to, and what that says of the question."""

from typing import Literal

from .link import Curve, Effect, Estimate, Evaluation, Importance, Leak, Optimism, Refusal
from .record import Message, Record

__all__ = [
    "Answer",
    "AnswerVerdict",
    "CellResult",
    "CellRow",
    "Counts",
    "Difference",
    "ExperimentReport",
    "Judged",
    "Measure",
    "Tested",
    "Units",
]

AnswerVerdict = Literal["borne_out", "contradicted", "cannot_tell", "refused"]
Axes = tuple[tuple[str, str], ...]
"""Where in the grid a cell stands: axis -> value, in the order of the grid."""


class Measure(Record, frozen=True, kw_only=True):
    """A number that a cell came to, over so many `units` (rows, passages, streams) in so many independent `groups`.

    `estimate` is None where there was nothing to measure. `better` says which way is good.
    """

    metric: str
    estimate: Estimate | None
    better: Literal["more", "less", "neither"]
    units: int
    groups: int


class Counts(Record, frozen=True, kw_only=True):
    """A metric as a ratio of sums over units: sum(above) / sum(below). Errors over characters, loss over rows."""

    metric: str
    above: tuple[float, ...]
    below: tuple[float, ...]


class Units(Record, frozen=True, kw_only=True):
    """What a cell was tried on. Two cells with the same ids, groups and folds can be compared pair by pair.

    `target` and `predicted` are what was true and what was said of each unit, as numbers or as text.
    """

    ids: tuple[str, ...]
    groups: tuple[str, ...]
    folds: tuple[int, ...]
    counts: tuple[Counts, ...]
    target: tuple[float | str | None, ...] = ()
    predicted: tuple[float | str | None, ...] = ()


class Tested(Record, frozen=True, kw_only=True):
    """A hypothesis put to the data. `p_expected` is small where the data speak for what was expected, `p_opposite`
    where they speak for the opposite; both one-sided. `parts` are the numbers that the test rests on."""

    id: str
    test: str
    expects: str
    estimate: Estimate
    parts: tuple[tuple[str, Estimate], ...]
    p_expected: float
    p_opposite: float
    streams: int
    clusters: int
    rows: int


class CellResult(Record, frozen=True, kw_only=True):
    """What one cell came to; of these only what its kind of cell has."""

    measures: tuple[Measure, ...] = ()
    units: Units | None = None
    evaluation: Evaluation | None = None
    effect: Effect | None = None
    tested: Tested | None = None
    refusal: Refusal | None = None
    importances: tuple[Importance, ...] = ()
    curves: tuple[Curve, ...] = ()


class CellRow(Record, frozen=True, kw_only=True):
    """A cell in a report. `problem` is why it could not be computed, in one line."""

    axes: Axes
    result: CellResult
    problem: str = ""


class Judged(Record, frozen=True, kw_only=True):
    """A hypothesis with its verdict, corrected for all that were tested; or why it could not be."""

    id: str
    source: str
    finding: str
    feature: str
    outcome: str
    test: str
    expects: str
    proxy: str
    verdict: AnswerVerdict
    q_value: float | None
    tested: Tested | None
    reasons: tuple[Message, ...]


class Difference(Record, frozen=True, kw_only=True):
    """A metric of one cell less that of another on the same units; the interval counts groups."""

    metric: str
    first: str
    second: str
    estimate: Estimate
    units: int
    groups: int


class Answer(Record, frozen=True, kw_only=True):
    """What the experiment says of the expectation it was registered with, and the difference that decides it."""

    verdict: AnswerVerdict
    message: Message
    difference: Difference | None = None


class ExperimentReport(Record, frozen=True, kw_only=True):
    """All that the page of an experiment is written from. `digests` are of the data (name -> sha256)."""

    name: str
    kind: str
    digest: str
    question: str
    expects: str
    refuted_by: str
    metrics: tuple[str, ...]
    data: str
    digests: tuple[tuple[str, str], ...]
    cells: tuple[CellRow, ...]
    answer: Answer | None = None
    judged: tuple[Judged, ...] = ()
    correction: str = ""
    differences: tuple[Difference, ...] = ()
    optimisms: tuple[Optimism, ...] = ()
    leaks: tuple[Leak, ...] = ()
