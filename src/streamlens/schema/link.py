"""What engagement has to do with sales: outcomes, models against baselines, effects, and why nothing can be said.

Counts are ints, shares 0..1; what cannot be known is None. An `Association` says what goes along with sales, an
`Effect` what changes them, given that what is adjusted for is all that drives both.
"""

from typing import Literal

from .record import Message, Record

__all__ = [
    "Association",
    "Benchmark",
    "Confounder",
    "Curve",
    "Decomposition",
    "Effect",
    "Estimate",
    "Evaluation",
    "Factor",
    "Gain",
    "Importance",
    "Lack",
    "Leak",
    "LeakReason",
    "Optimism",
    "Outcome",
    "Outcomes",
    "Profile",
    "ProfilePart",
    "Refusal",
    "Score",
    "Sensitivity",
]

LeakReason = Literal["declared", "name", "copy", "combination", "accounts_for", "counter", "twin", "after"]


class Outcome(Record, frozen=True, kw_only=True):
    """What was sold in a stretch of time; `product` is None for a minute, in which all products count.

    `orders`, `units` and `gmv_fen` are net of refunds: an order paid back whole is no order. `gmv_fen` is None where an
    amount is missing, `viewer_minutes` where nobody counted viewers, `repeat_orders` where no source says who bought
    before.
    """

    unit: Literal["segment", "minute"]
    start_ms: int
    end_ms: int
    product: str | None
    orders: int | None
    units: int | None
    gmv_fen: int | None
    refund_fen: int | None = None
    refunded_orders: int = 0
    repeat_orders: int | None = None
    viewer_minutes: float | None = None


class Outcomes(Record, frozen=True, kw_only=True):
    """A recording's sales by segment and by minute. `outside_orders` belong to no segment: not on offer, or too
    late."""

    recording: str
    source: Literal["orders", "sales", "none"]
    segments: tuple[Outcome, ...] = ()
    minutes: tuple[Outcome, ...] = ()
    outside_orders: int = 0
    outside_gmv_fen: int = 0
    unnamed_orders: int = 0  # of those outside: whose row names no product of the catalogue
    notes: tuple[Message, ...] = ()


class Lack(Record, frozen=True, kw_only=True):
    """Too little of something: `what` is streams | anchors | events | rows | variation | ..."""

    what: str
    needs: float
    has: float


class Refusal(Record, frozen=True, kw_only=True):
    """Why nothing is said of `subject`. Never empty: each lack has its sentence."""

    subject: str
    lacks: tuple[Lack, ...]
    reasons: tuple[Message, ...]


class Leak(Record, frozen=True, kw_only=True):
    """A column that is computed from the outcome, or known only after it; `of` names the columns it is made of.

    `strength` is the share (0..1) of its variation that they account for, None where it is a matter of declaration.
    """

    column: str
    reason: LeakReason
    of: tuple[str, ...]
    strength: float | None
    message: Message


class Confounder(Record, frozen=True, kw_only=True):
    """Something that may drive both. Strengths are 0..1: |Spearman's rho|, or the correlation ratio for categories.

    `treatment_left` is what still binds it to the treatment after adjusting: near 0 is balance.
    """

    name: str
    adjusted: bool
    treatment: float | None
    outcome: float | None
    treatment_left: float | None
    missing_rate: float


class Estimate(Record, frozen=True, kw_only=True):
    """A number with its interval at `level` (0.95 is 95 %); `dof` of the t distribution that the interval rests on."""

    value: float
    low: float
    high: float
    level: float = 0.95
    se: float | None = None
    p_value: float | None = None
    dof: float | None = None


class Benchmark(Record, frozen=True, kw_only=True):
    """How strong a known confounder is: the share of what is left of outcome and treatment that it accounts for, and
    by how much the estimate moves when it is left out."""

    name: str
    outcome_rate: float
    treatment_rate: float
    change: float


class Sensitivity(Record, frozen=True, kw_only=True):
    """How strong something unseen would have to be (Chernozhukov et al. 2022, Long story short).

    `robustness_rate`: it would have to account for this share of what is left of the treatment and of the outcome to
    bring the estimate to 0; `robustness_bound_rate` to bring the interval to 0. `low` and `high` bound the estimate
    for something that accounts for `assumed_rate` of each.
    """

    robustness_rate: float
    robustness_bound_rate: float
    assumed_rate: float
    low: float
    high: float
    benchmarks: tuple[Benchmark, ...] = ()


class Association(Record, frozen=True, kw_only=True):
    """What goes along with sales: rank correlation within broadcasts. `q_value` is p corrected for all that were
    tried."""

    feature: str
    outcome: str
    rho: Estimate
    q_value: float
    clusters: int
    rows: int
    statement: Message


class Effect(Record, frozen=True, kw_only=True):
    """The change of the outcome per unit of the treatment, from double machine learning.

    `outcome` is in units of `scale`: `per_1000` viewer-minutes, `total` of a row, or natural `log`. `naive` regresses
    the outcome on the treatment alone, `glm` is the usual adjusted regression (on a log scale, a Poisson model);
    both with clustered standard errors.
    """

    treatment: str
    outcome: str
    scale: Literal["per_1000", "total", "log"]
    estimate: Estimate
    per_sd: float  # per standard deviation of the treatment within a broadcast
    of_mean: float | None  # the same as a share of the outcome's mean
    naive: Estimate
    glm: Estimate | None
    sensitivity: Sensitivity | None
    confounders: tuple[Confounder, ...]
    learner: str
    absorbed: str
    clustered_by: str
    clusters: int
    streams: int
    anchors: int
    events: int
    rows: int
    dropped_rows: int
    statement: Message
    cautions: tuple[Message, ...] = ()
    q_value: float | None = None  # where several were asked: p corrected for how many


class Score(Record, frozen=True, kw_only=True):
    """How well predictions on held-out rows fit. `deviance` (Poisson or Tweedie, else squared error) and `mae`: less
    is better; `d2`, `r2` against the mean of all, and `spearman`: more is better."""

    name: str
    deviance: float
    mae: float
    d2: float
    r2: float
    spearman: float | None


class Gain(Record, frozen=True, kw_only=True):
    """The share of the best baseline's deviance that the model saves, by bootstrap over whole groups."""

    model: str
    baseline: str
    share: Estimate
    groups: int
    better: bool
    verdict: Message


class Importance(Record, frozen=True, kw_only=True):
    """The share of deviance added when a column is shuffled in held-out rows; interval over the groups held out."""

    feature: str
    share: Estimate
    q_value: float | None = None


class Curve(Record, frozen=True, kw_only=True):
    """Mean prediction on held-out rows with a feature set to each of `at`; intervals over folds."""

    feature: str
    at: tuple[float, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Evaluation(Record, frozen=True, kw_only=True):
    """A model under one way of splitting, with its baselines on the same rows."""

    model: str
    outcome: str
    split: str  # random | recording | anchor | forward
    folds: int
    rows: int
    groups: int
    score: Score
    baselines: tuple[Score, ...]
    gain: Gain


class Optimism(Record, frozen=True, kw_only=True):
    """The same model under a random split and an honest one; `d2` is what the random split promises too much."""

    model: str
    random: Score
    honest: Score
    split: str
    d2: float
    statement: Message


class ProfilePart(Record, frozen=True, kw_only=True):
    """A third of the pitches. `outcome_rate` is per 1000 viewer-minutes in that third, where viewers are known."""

    part: Literal["start", "middle", "end"]
    feature_mean: float
    outcome_rate: float | None
    slope: Estimate  # change of the pitch's outcome per unit of the feature in this part, the other parts held
    q_value: float | None = None


class Profile(Record, frozen=True, kw_only=True):
    """A feature in the thirds of each pitch, and how each third goes along with what the pitch sold."""

    feature: str
    outcome: str
    pitches: int
    clusters: int
    parts: tuple[ProfilePart, ...]
    bend: Estimate  # the middle's slope less the mean of the other two
    shape: Message


class Factor(Record, frozen=True, kw_only=True):
    """A factor's part of a change: `log_points` add up to the log of the ratio, `amount` to the difference."""

    name: str
    before: float
    after: float
    log_points: float
    amount: float
    share: float | None  # of the whole change; None where there is none


class Decomposition(Record, frozen=True, kw_only=True):
    outcome: str
    before: float
    after: float
    factors: tuple[Factor, ...]
    statement: Message
