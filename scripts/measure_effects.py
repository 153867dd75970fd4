"""Measure the statistics of sales: do intervals cover what was planted, is nothing found where nothing is, are leaks
named?

    python scripts/measure_effects.py coverage [--runs 200] [--anchors 8] [--scale additive|multiplicative]
    python scripts/measure_effects.py optimism
    python scripts/measure_effects.py tables DATA      the two public tables of sales, in DATA/sales_*

`coverage` simulates corpora in which price, place, product, anchor and evening drive both selling and sales, and
estimates two treatments in each: one with a planted effect, one without any. Runs on one core.
"""

import argparse
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars
from scipy import stats

from streamlens.link.effects import EffectOptions, estimate_effect
from streamlens.link.gain import GainOptions, compare, evaluate, optimism
from streamlens.link.leaks import check_leaks
from streamlens.link.models import MODELS
from streamlens.link.simulate import Simulation, SimulationOptions, simulate
from streamlens.link.task import Task, make_task
from streamlens.schema import Effect, Evaluation

PLANTED, NULL = "answers_given_per_min", "scarcity_talk_per_min"
FEATURES = (
    "price_fen",
    "discount_rate",
    "minutes_in",
    "row_min",
    "online_mean",
    "hour",
    "product",
    "pace_cpm",
    PLANTED,
    NULL,
)


def coverage(runs: int, options: SimulationOptions, first: int, learner: str, log: Path | None) -> None:
    began, rows = time.process_time(), []
    for seed in range(first, first + runs):
        corpus = simulate(seed, options=options)
        for treatment in (PLANTED, NULL):
            effect = estimate_effect(
                corpus.table,
                treatment,
                options=EffectOptions(sensitivity=False, learner=learner),  # type: ignore[arg-type]
            )
            if not isinstance(effect, Effect):
                raise SystemExit(f"seed {seed}: refused, {effect.reasons}")
            rows.append(
                {
                    "seed": seed, "treatment": treatment, "oracle": oracle(corpus, treatment),
                    **{f"{name}_{field}": getattr(estimate, field)
                       for name, estimate in (("dml", effect.estimate), ("naive", effect.naive))
                       for field in ("value", "low", "high", "se")},
                }
            )  # fmt: skip
            if log:
                log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(f"{runs} corpora, seeds {first}..{first + runs - 1}: {options.anchors} anchors, {options.streams} streams, "
          f"{options.streams * options.pitches} pitches, {options.scale} effects, learner {learner}; "
          f"{(time.process_time() - began) / 60:.1f} CPU minutes")  # fmt: skip
    summarise(rows, options)


def oracle(corpus: Simulation, treatment: str) -> tuple[float, float]:
    """Numerator and denominator of what a partially linear model with the true nuisance would estimate."""
    values = (
        corpus.table["answers_given" if treatment == PLANTED else "scarcity_talk"].to_numpy()
        / corpus.table["row_min"].to_numpy()
    )
    left = values - corpus.expected[treatment]
    return float((left * corpus.expected_rate).mean()), float((left**2).mean())


def summarise(rows: list[dict[str, Any]], options: SimulationOptions) -> None:
    for treatment in (PLANTED, NULL):
        own = [row for row in rows if row["treatment"] == treatment]
        truth = dict(options.effects)[treatment]
        if options.scale == "multiplicative":  # the slope on the scale of rates, over all corpora
            truth = sum(row["oracle"][0] for row in own) / sum(row["oracle"][1] for row in own) if truth else 0.0
        values = np.array([row["dml_value"] for row in own])
        print(f"\n{treatment}: planted {truth:+.3f}; estimated {values.mean():+.3f} on average, sd {values.std():.3f}")
        normal = [(row["dml_value"] - 1.96 * row["dml_se"], row["dml_value"] + 1.96 * row["dml_se"]) for row in own]
        for name, spans in (
            ("double machine learning, CR3 and t", [(row["dml_low"], row["dml_high"]) for row in own]),
            ("  the same with 1.96 standard errors", normal),
            ("naive regression, clustered", [(row["naive_low"], row["naive_high"]) for row in own]),
        ):
            print(f"  {name:38} covers the truth in {share([low <= truth <= high for low, high in spans])}")
            if not truth:
                print(f"  {'':38} is called an effect in {share([low > 0 or high < 0 for low, high in spans])}")


def share(hits: list[bool]) -> str:
    """A share with its 95 % interval (Clopper and Pearson)."""
    found = stats.binomtest(sum(hits), len(hits)).proportion_ci()
    return f"{np.mean(hits):6.1%} of {len(hits)} (95 % interval {found.low:.1%} to {found.high:.1%})"


def show(evaluations: list[Evaluation]) -> None:
    first = evaluations[0]
    print(f"{first.split} split, {first.folds} folds, {first.rows} rows tried, {first.groups} groups")
    for each in compare(evaluations):
        gain = each.gain.share
        print(f"  {each.model:12} D2 {each.score.d2:+.3f}  MAE {each.score.mae:10.3f}  "
              f"Spearman {each.score.spearman or 0:+.3f}  "
              f"gain over {each.gain.baseline}: {gain.value:+.1%} ({gain.low:+.1%} to {gain.high:+.1%})  "
              f"{each.gain.verdict.code}")  # fmt: skip
    print("  baselines: " + ", ".join(f"{each.name} D2 {each.d2:+.3f}" for each in first.baselines))


def side_by_side(task: Task, split: Any, options: GainOptions) -> None:
    print(f"\nD2 with rows held out at random | honestly ({split}) | optimism")
    for model in MODELS:
        found = optimism(task, model, split, options=options)
        print(f"  {model:12} {found.random.d2:+.3f} | {found.honest.d2:+.3f} | {found.d2:+.3f}")


def shop(folder: Path) -> None:
    """A web shop's days: what leaks, and what is left once that is out. Forward in time, weeks drawn whole."""
    print("\n=== sales_shop_daily_incalos: 成交金额 (turnover of a day)")
    table = polars.read_csv(folder / "sales_shop_daily_incalos/Data.csv", infer_schema_length=None)
    leaks = check_leaks(table, "成交金额", order=())
    for leak in leaks:
        print(f"  leak: {leak.column} ({leak.reason}; {', '.join(leak.of) or 'alone'}; {leak.strength or 0:.4f})")
    unnamed = table.rename({name: f"column {place}" for place, name in enumerate(table.columns)})
    blind = check_leaks(unnamed, f"column {table.columns.index('成交金额')}", order=())
    print(f"  by numbers alone, names hidden: {len(blind)} of them")
    left = [name for name in table.columns if name not in {leak.column for leak in leaks} | {"成交金额", "日期"}]
    print(f"  left to predict with: {', '.join(left)}")
    days = [datetime.strptime(day, "%Y/%m/%d") for day in table["日期"].to_list()]
    table = table.with_columns(
        started_at=polars.Series(days),
        recording=polars.Series([day.strftime("%G-%V") for day in days]),
        weekday=polars.Series([day.isoweekday() for day in days]),
        month_day=polars.Series([day.day for day in days]),
    )
    features = [*left, "weekday", "month_day"]
    weeks = GainOptions(gap_days=1.0)
    kind: dict[str, Any] = {
        "exposure": None,
        "unit": None,
        "family": "tweedie",
        "traffic": "浏览量",
        "one_series": True,
    }
    task = make_task(table, "成交金额", features, **kind)
    show([evaluate(task, model, "forward", options=weeks) for model in MODELS])
    print("with the leaks left in:")
    every = make_task(table, "成交金额", [*features, *(leak.column for leak in leaks)], **kind)
    show([evaluate(every, model, "forward", options=weeks) for model in MODELS])
    side_by_side(task, "forward", weeks)


def shoppers(folder: Path) -> None:
    """Visits to a web shop (no header, so columns are numbered): did the visit end in a purchase? The file is in order
    of months, which are held out whole."""
    print("\n=== sales_uci_online_shoppers: purchase (last column)")
    table = polars.read_csv(
        folder / "sales_uci_online_shoppers/online_shoppers_intention_noheader.csv",
        has_header=False,
        infer_schema_length=None,
    )
    outcome = table.columns[-1]
    leaks = check_leaks(table, outcome, order=())
    print("  leaks: " + (", ".join(f"{leak.column} ({leak.reason})" for leak in leaks) or "none found"))
    features = [name for name in table.columns[:-1] if name not in {leak.column for leak in leaks}]
    month = table.columns[10]
    table = table.with_columns(recording=polars.col(month).cast(polars.String))
    task = make_task(table, outcome, features, exposure=None, unit=None)
    show([evaluate(task, model, "recording") for model in MODELS])
    side_by_side(task, "recording", GainOptions())


def simulated_optimism() -> None:
    print("=== simulated corpus, orders of a pitch")
    corpus = simulate(1, options=SimulationOptions(anchors=10, streams=40))
    task = make_task(corpus.table, "orders", FEATURES)
    for split in ("recording", "anchor", "forward"):
        show([evaluate(task, model, split) for model in MODELS])  # type: ignore[arg-type]
    side_by_side(task, "anchor", GainOptions())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("coverage", "optimism", "tables"))
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--anchors", type=int, default=8)
    parser.add_argument("--streams", type=int, default=32)
    parser.add_argument("--scale", choices=("additive", "multiplicative"), default="additive")
    parser.add_argument("--learner", choices=("spline", "boosting", "forest"), default="spline")
    parser.add_argument("--log", type=Path, help="write each estimate here, as it comes")
    args = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if args.what == "coverage":
        options = SimulationOptions(anchors=args.anchors, streams=args.streams, scale=args.scale)
        coverage(args.runs, options, args.first_seed, args.learner, args.log)
    elif args.what == "optimism":
        simulated_optimism()
    elif args.data is None:
        parser.error("name the folder of the data")
    else:
        shop(args.data)
        shoppers(args.data)


if __name__ == "__main__":
    main()
