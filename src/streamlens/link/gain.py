"""How well a model predicts what it has not seen, and whether that is more than the best simple guess."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from streamlens.link.columns import Floats, Ints
from streamlens.link.inference import bootstrap
from streamlens.link.models import ModelName, baselines, fit_folds, out_of_fold
from streamlens.link.splits import Split, covered
from streamlens.link.task import Family, Task, split_task
from streamlens.schema import Estimate, Evaluation, Gain, Message, Optimism, Score

POWER = 1.5  # of the Tweedie deviance
FEWEST_GROUPS = 5


class GainOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    folds: int = 5
    gap_days: float = 0.0
    draws: int = 2000
    level: float = 0.95
    seed: int = 1


def evaluate(
    task: Task,
    model: ModelName,
    split: Split,
    *,
    groups: Ints | None = None,
    options: GainOptions | None = None,
) -> Evaluation:
    """Fit and try a model under a split, beside its baselines, on the same rows.

    `groups` are what is drawn whole for the interval of the gain: by default anchors where those were held out, else
    recordings.
    """
    options = options or GainOptions()
    parts = split_task(task, split, folds=options.folds, seed=options.seed, gap_days=options.gap_days)
    rows = covered(parts)
    predicted = out_of_fold(fit_folds(model, task, parts, seed=options.seed), task, parts)[rows]
    guesses = {name: values[rows] for name, values in baselines(task, parts).items()}
    target = task.target[rows]
    group = (task.anchor if split == "anchor" else task.recording) if groups is None else groups
    return Evaluation(
        model=model,
        outcome=task.outcome,
        split=split,
        folds=len(parts),
        rows=len(rows),
        groups=len(np.unique(group[rows])),
        score=score(model, target, predicted, task.family),
        baselines=tuple(score(name, target, values, task.family) for name, values in guesses.items()),
        gain=gain(model, target, predicted, guesses, group[rows], task.family, options=options),
    )


def optimism(task: Task, model: ModelName, split: Split, *, options: GainOptions | None = None) -> Optimism:
    """The same model with rows held out at random and with an honest split, and what the former promises too much."""
    options = options or GainOptions()
    return promised(*(evaluate(task, model, each, options=options) for each in ("random", split)))


def promised(random: Evaluation, honest: Evaluation) -> Optimism:
    """What the evaluation of a model with rows held out at random promises too much against an honest one."""
    model, split, first, second = random.model, honest.split, random.score, honest.score
    args = (("model", model), ("split", split), ("random", f"{first.d2:.1%}"), ("honest", f"{second.d2:.1%}"))
    code = "link.optimism.some" if first.d2 > second.d2 else "link.optimism.none"
    return Optimism(
        model=model, random=first, honest=second, split=split, d2=first.d2 - second.d2,
        statement=Message(code=code, args=args),
    )  # fmt: skip


def deviance(target: Floats, predicted: Floats, family: Family) -> Floats:
    """Of each row: twice the log likelihood lost against knowing the outcome; the squared error for `gaussian`."""
    if family == "gaussian":
        return (target - predicted) ** 2
    if family == "tweedie":
        return 2 * (
            target ** (2 - POWER) / ((1 - POWER) * (2 - POWER))
            - target * predicted ** (1 - POWER) / (1 - POWER)
            + predicted ** (2 - POWER) / (2 - POWER)
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(target > 0, target * np.log(target / predicted), 0.0)
    return 2 * (surprise - target + predicted)


def score(name: str, target: Floats, predicted: Floats, family: Family) -> Score:
    mean = np.full(len(target), target.mean())
    lost, by_mean = float(deviance(target, predicted, family).mean()), float(deviance(target, mean, family).mean())
    square, around = float(((target - predicted) ** 2).mean()), float(target.var())
    return Score(
        name=name,
        deviance=lost,
        mae=float(np.abs(target - predicted).mean()),
        d2=1 - lost / by_mean if by_mean > 0 else 0.0,
        r2=1 - square / around if around > 0 else 0.0,
        spearman=_spearman(target, predicted),
    )


def _spearman(left: Floats, right: Floats) -> float | None:
    from scipy import stats

    if len(left) < 3 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return None
    return float(stats.spearmanr(left, right).statistic)


def gain(
    model: str,
    target: Floats,
    predicted: Floats,
    guesses: Mapping[str, Floats],
    groups: Ints,
    family: Family,
    *,
    options: GainOptions | None = None,
) -> Gain:
    """What share of the best guess's deviance the model saves. The guess is chosen on the very rows that it is then
    compared on, which favours it: a model that is called better is better."""
    options = options or GainOptions()
    lost = {name: deviance(target, values, family) for name, values in guesses.items()}
    best = min(lost, key=lambda name: float(lost[name].mean()))
    own = deviance(target, predicted, family)
    names, at = np.unique(groups, return_inverse=True)
    parts = np.column_stack([np.bincount(at, each, len(names)).astype(np.float64) for each in (own, lost[best])])
    low, high = bootstrap(
        parts, lambda sums: 1 - sums[:, 0] / sums[:, 1], draws=options.draws, seed=options.seed,
        level=options.level,
    )  # fmt: skip
    value = 1 - float(own.sum()) / float(lost[best].sum())
    enough = len(names) >= FEWEST_GROUPS
    better = enough and low > 0
    code = "few_groups" if not enough else "better" if better else "worse" if high < 0 else "no_better"
    args = (
        ("model", model), ("baseline", best), ("value", f"{value:.1%}"), ("low", f"{low:.1%}"), ("high", f"{high:.1%}"),
        ("groups", str(len(names))),
    )  # fmt: skip
    return Gain(
        model=model, baseline=best, share=Estimate(value=value, low=low, high=high, level=options.level),
        groups=len(names), better=better, verdict=Message(code=f"link.gain.{code}", args=args),
    )  # fmt: skip


def compare(evaluations: Sequence[Evaluation]) -> tuple[Evaluation, ...]:
    """Models of one task in order of how well they did, best first."""
    return tuple(sorted(evaluations, key=lambda each: (each.score.deviance, each.model)))
