"""A published finding as a hypothesis that is written down before the data are looked at, and its test.

Each test gives two one-sided p values: that the data would look so if nothing, or the opposite of what was expected,
were true (`p_expected`), and the same against the opposite. So a hypothesis can be contradicted, not only fail.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from streamlens.errors import InputError
from streamlens.link.associations import AssociationOptions, associations
from streamlens.link.columns import has
from streamlens.link.curvature import Bend, bend
from streamlens.link.effects import CONFOUNDERS, EffectOptions, estimate_effect
from streamlens.link.explain import importances
from streamlens.link.gain import GainOptions, deviance
from streamlens.link.honesty import Minima, lacking, refusal
from streamlens.link.inference import benjamini_hochberg, holm, interval
from streamlens.link.leaks import declared_leaks
from streamlens.link.models import MODELS, ModelName, fit_folds, out_of_fold
from streamlens.link.paired import difference
from streamlens.link.profile import ProfileOptions, within_pitch
from streamlens.link.splits import covered
from streamlens.link.task import Task, make_task, split_task
from streamlens.schema import AnswerVerdict, Association, Estimate, Judged, Lack, Message, Profile, Refusal, Tested

if TYPE_CHECKING:
    import polars

Test = Literal["association", "effect", "curve", "profile", "best_model", "first", "adds", "untestable"]
Expected = Literal["positive", "negative", "none", "inverted_u", "u", "dip", "peak", "best", "first", "gain", ""]
EXPECTS: dict[Test, tuple[Expected, ...]] = {
    "association": ("positive", "negative", "none"),
    "effect": ("positive", "negative", "none"),
    "curve": ("inverted_u", "u"),
    "profile": ("dip", "peak"),
    "best_model": ("best",),
    "first": ("first",),
    "adds": ("gain",),
    "untestable": ("",),
}


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One finding: who found it, what is expected here, and by which test.

    association: rank correlation within broadcasts. effect: double machine learning given `confounders`. curve: an
    (inverted) U, by the slopes at both ends. profile: the middle of a pitch against start and end. best_model: of all
    models `model` predicts best what it has not seen. first: `feature` is the most important of `features`. adds: the
    columns `feature` and `adds` make `model` better than `features` alone. untestable: the data have no column for it;
    `needs` says what is missing.

    `proxy` says what the column stands for, where it is not the thing itself. With `expects = "none"`, `margin` is the
    largest correlation or effect that still counts as none.
    """

    id: str
    finding: str
    test: Test
    expects: Expected = ""
    source: str = ""
    feature: str = ""
    outcome: str = "orders"
    per_1000: bool = True
    proxy: str = ""
    needs: str = ""
    margin: float = 0.1
    model: ModelName = "poisson"
    features: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    confounders: tuple[str, ...] = CONFOUNDERS
    split: Literal["recording", "anchor"] = "recording"
    folds: int = 5
    cluster: Literal["anchor", "recording"] = "anchor"
    unit: Literal["segment", "minute"] = "segment"
    minima: Minima = Minima()


def check_hypothesis(hypothesis: Hypothesis) -> str:
    """What is wrong with its wording, "" if nothing."""
    if hypothesis.expects not in (allowed := EXPECTS[hypothesis.test]):
        return f"test {hypothesis.test} expects one of {', '.join(allowed) or 'nothing'}, not {hypothesis.expects!r}"
    if hypothesis.test == "untestable":
        return "" if hypothesis.needs else "is untestable: say in `needs` what is missing"
    if hypothesis.test != "best_model" and not hypothesis.feature:
        return "names no `feature`"
    if hypothesis.test in ("best_model", "first", "adds") and not hypothesis.features:
        return f"test {hypothesis.test} wants `features`"
    columns = (hypothesis.feature, *hypothesis.features, *hypothesis.adds)
    if made := declared_leaks([name for name in columns if name], hypothesis.outcome):
        return f"{', '.join(leak.column for leak in made)} is made of sales or known only after them"
    return ""


def test_hypothesis(
    table: "polars.DataFrame", hypothesis: Hypothesis, *, level: float = 0.95, seed: int = 1
) -> Tested | Refusal:
    """Put a hypothesis to the rows of the feature table; a Refusal says what is missing."""
    wanted = [hypothesis.outcome, hypothesis.feature, *hypothesis.features, *hypothesis.adds]
    missing = [name for name in dict.fromkeys(wanted) if name and not has(table, name)]
    if hypothesis.test == "untestable":
        return _without("needs", hypothesis.needs)
    if missing:
        return _without("columns", ", ".join(missing))
    empty = [name for name in dict.fromkeys(wanted) if name and name in table.columns and _empty(table, name)]
    if empty:
        return _without("values", ", ".join(empty))
    tests: dict[str, Callable[[], Tested | Refusal]] = {
        "association": lambda: _association(table, hypothesis, level),
        "effect": lambda: _effect(table, hypothesis, level, seed),
        "curve": lambda: _curve(table, hypothesis, level),
        "profile": lambda: _profile(table, hypothesis, level),
        "best_model": lambda: _best_model(table, hypothesis, level, seed),
        "first": lambda: _first(table, hypothesis, level, seed),
        "adds": lambda: _adds(table, hypothesis, level, seed),
    }
    try:
        return tests[hypothesis.test]()
    except InputError as error:  # no viewers, no anchors, no two groups: the data lack it
        return _without("data", str(error))


def _without(what: str, named: str) -> Refusal:
    message = Message(code=f"experiment.without.{what}", args=(("what", named),))
    return Refusal(subject=named, lacks=(Lack(what=what, needs=1, has=0),), reasons=(message,))


def _empty(table: "polars.DataFrame", name: str) -> bool:
    return table[name].null_count() == table.height


def _signed(hypothesis: Hypothesis, estimate: Estimate) -> tuple[float, float]:
    """(p_expected, p_opposite) of an estimate that is expected to have a sign, or to be next to nothing."""
    above, below = _p_above(estimate, 0.0), _p_below(estimate, 0.0)
    if hypothesis.expects in ("negative", "dip"):
        return below, above
    if hypothesis.expects == "none":  # two one-sided tests (Schuirmann 1987)
        near = max(_p_above(estimate, -hypothesis.margin), _p_below(estimate, hypothesis.margin))
        return near, min(1.0, 2 * min(above, below))
    return above, below


def _p_above(estimate: Estimate, least: float) -> float:
    """One-sided p against "not above `least`"."""
    from scipy import stats

    if not estimate.se or estimate.dof is None:
        return 1.0
    return float(stats.t.sf((estimate.value - least) / estimate.se, estimate.dof))


def _p_below(estimate: Estimate, most: float) -> float:
    from scipy import stats

    if not estimate.se or estimate.dof is None:
        return 1.0
    return float(stats.t.cdf((estimate.value - most) / estimate.se, estimate.dof))


def _tested(
    hypothesis: Hypothesis, estimate: Estimate, p_values: tuple[float, float], size: tuple[int, int, int],
    parts: Sequence[tuple[str, Estimate]] = (),
) -> Tested:  # fmt: skip
    streams, clusters, rows = size
    return Tested(
        id=hypothesis.id, test=hypothesis.test, expects=hypothesis.expects, estimate=estimate, parts=tuple(parts),
        p_expected=p_values[0], p_opposite=p_values[1], streams=streams, clusters=clusters, rows=rows,
    )  # fmt: skip


def _association(table: "polars.DataFrame", hypothesis: Hypothesis, level: float) -> Tested | Refusal:
    options = AssociationOptions(
        outcome=hypothesis.outcome, per_1000=hypothesis.per_1000, unit=hypothesis.unit, cluster=hypothesis.cluster,
        level=level, minima=hypothesis.minima,
    )  # fmt: skip
    found = associations(table, [hypothesis.feature], options=options)[0]
    if not isinstance(found, Association):
        return found
    rows = table.filter(table["unit"] == hypothesis.unit) if "unit" in table.columns else table
    size = (rows["recording"].n_unique(), found.clusters, found.rows)
    return _tested(hypothesis, found.rho, _signed(hypothesis, found.rho), size)


def _effect(table: "polars.DataFrame", hypothesis: Hypothesis, level: float, seed: int) -> Tested | Refusal:
    options = EffectOptions(
        outcome=hypothesis.outcome, scale="per_1000" if hypothesis.per_1000 else "total", unit=hypothesis.unit,
        confounders=hypothesis.confounders, cluster=hypothesis.cluster, level=level, seed=seed,
        minima=hypothesis.minima, sensitivity=False,
    )  # fmt: skip
    found = estimate_effect(table, hypothesis.feature, options=options)
    if isinstance(found, Refusal):
        return found
    size = (found.streams, found.clusters, found.rows)
    return _tested(hypothesis, found.estimate, _signed(hypothesis, found.estimate), size, (("naive", found.naive),))


def _curve(table: "polars.DataFrame", hypothesis: Hypothesis, level: float) -> Tested | Refusal:
    found = bend(
        table, hypothesis.feature, outcome=hypothesis.outcome, per_1000=hypothesis.per_1000, unit=hypothesis.unit,
        cluster=hypothesis.cluster, confounders=hypothesis.confounders, minima=hypothesis.minima, level=level,
    )  # fmt: skip
    if not isinstance(found, Bend):
        return found
    rises, falls = (found.low, found.high) if hypothesis.expects == "inverted_u" else (found.high, found.low)
    # Both slopes must be as expected: the larger p counts. The opposite: one of the two is against it.
    expected = max(_p_above(rises, 0.0), _p_below(falls, 0.0))
    opposite = min(1.0, 2 * min(_p_below(rises, 0.0), _p_above(falls, 0.0)))
    return _tested(
        hypothesis, found.square, (expected, opposite), (found.streams, found.clusters, found.rows),
        (("slope_low", found.low), ("slope_high", found.high)),
    )  # fmt: skip


def _profile(table: "polars.DataFrame", hypothesis: Hypothesis, level: float) -> Tested | Refusal:
    if "unit" not in table.columns or not (table["unit"] == "minute").any():
        return _without("minutes", hypothesis.feature)
    options = ProfileOptions(
        outcome=hypothesis.outcome, cluster=hypothesis.cluster, level=level, minima=hypothesis.minima
    )
    found = within_pitch(table, hypothesis.feature, options=options)
    if not isinstance(found, Profile):
        return found
    if len({round(part.feature_mean, 9) for part in found.parts}) == 1:  # the same throughout each pitch
        lack = Lack(what="variation_rate", needs=hypothesis.minima.variation_rate, has=0)
        return refusal(hypothesis.feature, (lack,))
    size = (table["recording"].n_unique(), found.clusters, found.pitches)
    parts = [(part.part, part.slope) for part in found.parts]
    return _tested(hypothesis, found.bend, _signed(hypothesis, found.bend), size, parts)


def _task(table: "polars.DataFrame", hypothesis: Hypothesis, features: Sequence[str]) -> Task | Refusal:
    exposure = "viewer_minutes" if hypothesis.per_1000 else None
    task = make_task(table, hypothesis.outcome, features, exposure=exposure, unit=hypothesis.unit)
    lacks = lacking(
        hypothesis.minima, streams=len(np.unique(task.recording)), anchors=len(np.unique(task.anchor)),
        events=float(task.target.sum()), rows=task.rows,
    )  # fmt: skip
    return refusal(hypothesis.feature or hypothesis.model, lacks) if lacks else task


def _losses(
    task: Task, model: ModelName, hypothesis: Hypothesis, seed: int
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    parts = split_task(task, hypothesis.split, folds=hypothesis.folds, seed=seed)
    rows = covered(parts)
    return deviance(
        task.target[rows], out_of_fold(fit_folds(model, task, parts, seed=seed), task, parts)[rows], task.family
    )


def _saved(task: Task, hypothesis: Hypothesis, own: "np.ndarray[tuple[int], np.dtype[np.float64]]",
           other: "np.ndarray[tuple[int], np.dtype[np.float64]]", level: float) -> Estimate | None:  # fmt: skip
    """The share of the other's loss that the one saves: 1 - own / other, paired over groups."""
    groups = task.anchor if hypothesis.split == "anchor" else task.recording
    return difference((other, other), (own, other), groups, level=level)


def _best_model(table: "polars.DataFrame", hypothesis: Hypothesis, level: float, seed: int) -> Tested | Refusal:
    task = _task(table, hypothesis, hypothesis.features)
    if isinstance(task, Refusal):
        return task
    losses = {name: _losses(task, name, hypothesis, seed) for name in MODELS}
    parts = []
    for name in MODELS:
        if name != hypothesis.model:
            saved = _saved(task, hypothesis, losses[hypothesis.model], losses[name], level)
            if saved is not None:
                parts.append((name, saved))
    _, rival = min(parts, key=lambda part: part[1].value)
    # Best of all means better than each: the largest p counts. Not best means worse than one of them, of so many looks.
    expected = max(_p_above(each, 0.0) for _, each in parts)
    opposite = min(1.0, len(parts) * min(_p_below(each, 0.0) for _, each in parts))
    return _tested(hypothesis, rival, (expected, opposite), _size(task, hypothesis), parts)


def _first(table: "polars.DataFrame", hypothesis: Hypothesis, level: float, seed: int) -> Tested | Refusal:
    features = tuple(dict.fromkeys((hypothesis.feature, *hypothesis.features)))
    task = _task(table, hypothesis, features)
    if isinstance(task, Refusal):
        return task
    parts = split_task(task, hypothesis.split, folds=hypothesis.folds, seed=seed)
    groups = task.anchor if hypothesis.split == "anchor" else task.recording
    found = importances(
        fit_folds(hypothesis.model, task, parts, seed=seed), task, parts, groups,
        options=GainOptions(seed=seed, level=level),
    )  # fmt: skip
    own = next(each.share for each in found if each.feature == hypothesis.feature)
    others = [(each.feature, each.share) for each in found if each.feature != hypothesis.feature]
    leads = [(name, _lead(own, share, level)) for name, share in others]
    _, rival = min(leads, key=lambda lead: lead[1].value)
    expected = max(_p_above(each, 0.0) for _, each in leads)
    opposite = min(1.0, len(leads) * min(_p_below(each, 0.0) for _, each in leads))
    shares = [(each.feature, each.share) for each in found]
    return _tested(hypothesis, rival, (expected, opposite), _size(task, hypothesis), shares)


def _lead(own: Estimate, other: Estimate, level: float) -> Estimate:
    """By how much one importance exceeds another, taken as independent, which for shares of one loss is cautious."""
    se = float(np.hypot(own.se or np.inf, other.se or np.inf))
    return interval(own.value - other.value, se, own.dof or 1.0, level=level)


def _adds(table: "polars.DataFrame", hypothesis: Hypothesis, level: float, seed: int) -> Tested | Refusal:
    fuller = tuple(dict.fromkeys((*hypothesis.features, hypothesis.feature, *hypothesis.adds)))
    with_them, without = (_task(table, hypothesis, each) for each in (fuller, hypothesis.features))
    if isinstance(with_them, Refusal) or isinstance(without, Refusal):
        return with_them if isinstance(with_them, Refusal) else without  # type: ignore[return-value]
    saved = _saved(
        with_them, hypothesis, _losses(with_them, hypothesis.model, hypothesis, seed),
        _losses(without, hypothesis.model, hypothesis, seed), level,
    )  # fmt: skip
    if saved is None:
        return _without("values", hypothesis.outcome)
    return _tested(hypothesis, saved, _signed(hypothesis, saved), _size(with_them, hypothesis))


def _size(task: Task, hypothesis: Hypothesis) -> tuple[int, int, int]:
    clusters = task.anchor if hypothesis.split == "anchor" else task.recording
    return len(np.unique(task.recording)), len(np.unique(clusters)), task.rows


def judge(
    found: Sequence[tuple[Hypothesis, Tested | Refusal]],
    *,
    correction: Literal["benjamini_hochberg", "holm"] = "benjamini_hochberg",
    level: float = 0.95,
) -> tuple[Judged, ...]:
    """The verdict on each hypothesis of a list, corrected for all of them that could be tested.

    A two-sided p value, twice the smaller of the one-sided ones, is corrected; below 1 - level the side that it is of
    decides. Everything else cannot be told, which is not the same as "is not so".
    """
    tested = [each for _, each in found if isinstance(each, Tested)]
    two_sided = [min(1.0, 2 * min(each.p_expected, each.p_opposite)) for each in tested]
    correct = benjamini_hochberg if correction == "benjamini_hochberg" else holm
    q_values = dict(zip((each.id for each in tested), correct(two_sided), strict=True))
    return tuple(_judged(hypothesis, each, q_values.get(hypothesis.id), level) for hypothesis, each in found)


def _judged(hypothesis: Hypothesis, found: Tested | Refusal, q_value: float | None, level: float) -> Judged:
    verdict: AnswerVerdict = "refused"
    if isinstance(found, Tested):
        sure = q_value is not None and q_value < 1 - level
        sided: AnswerVerdict = "borne_out" if found.p_expected < found.p_opposite else "contradicted"
        verdict = sided if sure else "cannot_tell"
    return Judged(
        id=hypothesis.id, source=hypothesis.source, finding=hypothesis.finding, feature=hypothesis.feature,
        outcome=hypothesis.outcome, test=hypothesis.test, expects=hypothesis.expects, proxy=hypothesis.proxy,
        verdict=verdict, q_value=q_value, tested=found if isinstance(found, Tested) else None,
        reasons=found.reasons if isinstance(found, Refusal) else (),
    )  # fmt: skip
