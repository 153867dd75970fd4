"""streamlens link: what engagement has to do with sales."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from streamlens import WORKSPACE
from streamlens.cli.options import Lang, Quiet


def link(
    workspace: Annotated[Path, typer.Argument(help="Where the results of audits are.")] = Path(WORKSPACE),
    effect: Annotated[
        list[str] | None,
        typer.Option(metavar="FEATURE", help="Whose effect is asked: a column of `features`, or COLUMN_per_min."),
    ] = None,
    outcome: Annotated[
        Literal["orders", "units", "gmv"], typer.Option(help="What is sold, refunds taken out; gmv is turnover.")
    ] = "orders",
    window: Annotated[
        float, typer.Option(min=0, metavar="S", help="An order counts for a pitch up to so long after its end.")
    ] = 300.0,
    lag: Annotated[
        float, typer.Option(min=0, metavar="S", help="An order answers to what was said so long before it was paid.")
    ] = 0.0,
    cluster: Annotated[
        Literal["anchor", "recording"],
        typer.Option(help="recording: speak of these anchors only, for which one anchor is enough."),
    ] = "anchor",
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Show the report on made-up broadcasts with a known truth.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of folds, shuffles and the simulation.")] = 1,
    out: Annotated[Path | None, typer.Option(help="A folder for what is written; else WORKSPACE/link.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Models fitted at a time.")] = 2,
    lang: Lang = "zh",
    quiet: Quiet = False,
) -> None:
    """Estimate what engagement has to do with sales over the streams of a workspace, with what cannot be known said.

    Audit stream folders with `orders.csv` and `viewers.csv` first, and name the `anchor` in stream.yaml. Orders are
    given to pitches, refunds taken out; models are tried on anchors and streams that they have not seen, beside simple
    guesses; effects come with intervals, and with what was held fixed and what was not. `--effect` may be given several
    times; unless it is, pace, emotional swing, claims, scarcity talk and answers are looked at.

    `WORKSPACE/link/` holds `link.html` (begin there), each table as Parquet and CSV, `link.json`, and the best model as
    `model.skops` with its card `model.md`. The same data give the same bytes. With `--simulate` no workspace is needed,
    and all goes to `WORKSPACE/link-simulated/`.

    Below 8 streams, 4 anchors, 200 orders or 60 pitches nothing is said of causes or predictions: the report then says
    what is missing, and describes the rest.

    Exit codes: 0 done, 3 too little data (the report is written), 2 nothing could be done, or a recording could not be
    included. Needs `pip install 'streamlens-audit[link]'`.

    **Example:** `streamlens link results --effect scarcity_talk_per_min --outcome gmv --window 180`
    """
    from streamlens import terminal
    from streamlens.linked import link as run

    with terminal.working(quiet) as watch:
        result = run(
            workspace, effects=tuple(effect or ()), outcome=outcome, window_s=window, lag_s=lag, cluster=cluster,
            simulated=simulate, seed=seed, jobs=jobs, out=out, lang=lang, watch=watch,
        )  # fmt: skip
    for line in result.left_out:
        terminal.fail(line)
    if not quiet:
        terminal.linked(result, lang)
    if result.left_out:
        raise typer.Exit(2)
    if result.refused:
        raise typer.Exit(3)
