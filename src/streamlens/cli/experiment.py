"""streamlens experiment: a question put to data by a file, in parallel, and runs side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamlens.cli.options import Lang, Quiet

if TYPE_CHECKING:
    from streamlens.schema import ExperimentReport


def experiment(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE.toml", help="The experiment; with --compare, further runs.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Where run folders are kept, and finished cells found again.")] = Path(
        "runs"
    ),
    jobs: Annotated[int, typer.Option(min=1, help="Cells of the grid at a time, each in a process of its own.")] = 1,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Keep finished cells, or compute all of them again.")
    ] = True,
    compare: Annotated[
        Path | None, typer.Option(help="Set the runs at and below this folder side by side, and run nothing.")
    ] = None,
    mlflow: Annotated[
        str, typer.Option(help="Tell MLflow too: file:mlruns, sqlite:///mlflow.db or a server's address.")
    ] = "",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Replace a value of the file: data.simulate.streams=40.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check file and data, list the cells, and compute nothing.")
    ] = False,
    lang: Lang = "zh",
    quiet: Quiet = False,
) -> None:
    """Put a question to data as a file says: models and effects of sales, published findings, transcripts, claims.

    The file names its kind (`sales`, `hypotheses`, `transcripts`, `claims`), the data, a grid, and beforehand what is
    expected and what would refute it; `configs/experiments` has one of each to copy. Every cell of the grid is computed
    once and kept: a run that was stopped goes on where it was, and an added model costs only itself.

    `RUNS/<name>/<digest>/` holds the file and all its defaults, the environment, digests of the data, metrics (JSON,
    CSV, Parquet), out-of-fold predictions, plots and `report.html`, in Chinese and in English. Run again with the same
    data and libraries, all of it is the same byte for byte but for `timing/`.

    `--compare RUNS` prints the same metrics over runs, with intervals, and differences pair by pair where units and
    folds are the same; `compare.html` and `compare.csv` are written there.

    Exit code 2 if a cell could not be computed. A refusal (too few streams) is an answer and no error.

    **Example:** `streamlens experiment configs/experiments/sales.toml --jobs 2`
    """
    from streamlens import terminal
    from streamlens.experiments.conduct import conduct, prepare

    if compare is not None:
        _compare([compare, *(files or [])])
        return
    if not files or len(files) > 1:
        raise typer.BadParameter("name one experiment file", param_hint="FILE.toml")
    prepared = prepare(files[0], runs=runs, settings=change or ())
    if dry_run:
        rows = [
            (cell.label, "kept" if kept and resume else "to do")
            for cell, kept in zip(prepared.cells, prepared.kept, strict=True)
        ]
        terminal.table(["cell", ""], rows, whole=1)
        terminal.say(f"{len(rows)} cells, {sum(prepared.kept)} kept; data: {prepared.given.what}")
        terminal.say(f"would write {prepared.folder / prepared.digest}")
        return
    with terminal.cells(len(prepared.cells), quiet=quiet) as watch:
        result = conduct(prepared, jobs=jobs, fresh=not resume, mlflow=mlflow, watch=watch)
    if not quiet:
        _show(result.report, lang)
        page = result.page if lang == "zh" else result.page.with_name(f"report.{lang}.html")
        terminal.say(f"report: {page}")
    for line in result.problems:
        terminal.fail(line)
    if result.problems:
        raise typer.Exit(2)


def _show(report: "ExperimentReport", lang: str) -> None:
    """The verdict, the hypotheses, a line a cell, effects and refusals."""
    from streamlens import terminal
    from streamlens.report.experiment import label, shown
    from streamlens.report.messages import text, word

    terminal.say(report.question)
    if report.answer:
        verdict = text(f"experiment.verdict.{report.answer.verdict}", lang)
        terminal.say(f"{verdict}: {word(report.answer.message, lang)}")
    if report.judged:
        rows = []
        for each in report.judged:
            said = (*shown(each.test, each.tested.estimate), "") if each.tested else ("", "", "")
            why = " ".join(word(reason, lang) for reason in each.reasons)
            verdict = text(f"experiment.verdict.{each.verdict}", lang)
            rows.append((verdict, each.id, each.feature, each.expects, said[0], said[1] or why))
        terminal.table(["", "id", "feature", "expected", "estimate", ""], rows, whole=2)
    measured = [row for row in report.cells if row.result.measures and row.result.effect is None]
    if measured and report.metrics:
        found = [({each.metric: each.estimate for each in row.result.measures}, label(row)) for row in measured]
        lines = [
            (name, *(" ".join(shown(metric, known.get(metric))).strip() for metric in report.metrics))
            for known, name in found
        ]
        terminal.table(["cell", *report.metrics], lines, numbers=report.metrics, whole=1)
    for row in report.cells:
        if row.result.effect:
            terminal.say(word(row.result.effect.statement, lang))
        if row.result.refusal and not report.judged:
            terminal.say(f"{label(row)}: {' '.join(word(reason, lang) for reason in row.result.refusal.reasons)}")


def _compare(paths: list[Path]) -> None:
    from streamlens import terminal
    from streamlens.experiments.compare import compare_runs, printed, write_comparison
    from streamlens.report.experiment import shown

    comparison = compare_runs(paths)
    heads, rows = printed(comparison)
    terminal.table(heads, rows, numbers=heads[2:])
    if comparison.differences:
        terminal.say("")
        pairs = [
            (each.metric, each.first, each.second, " ".join(shown(each.metric, each.estimate)), str(each.groups))
            for each in comparison.differences
        ]
        heads = ["metric", "first", "against", "difference", "groups"]
        terminal.table(heads, pairs, numbers=heads[3:])
    terminal.say(f"report: {write_comparison(comparison, paths[0])}")
