"""streamlens features: the table of moments, its data dictionary, and the focus of streams."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from streamlens.cli.options import Lang


def features(
    workspace: Annotated[Path | None, typer.Argument(help="Where the results are.")] = None,
    form: Annotated[
        Literal["parquet", "csv"], typer.Option("--format", help="csv opens in a spreadsheet.")
    ] = "parquet",
    out: Annotated[Path | None, typer.Option(help="The file to write; else features.parquet or .csv there.")] = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="Print what each column means, and write nothing.")
    ] = False,
    focus: Annotated[
        bool, typer.Option("--focus", help="Print streams, anchors and products side by side; write focus.xlsx.")
    ] = False,
    lang: Lang = "zh",
) -> None:
    """Write the table of moments: a row a product segment and a row a minute, with what anchor and audience did in it.

    `WORKSPACE/features.parquet` is written by every audit; this command writes it anew, as CSV, or elsewhere. The
    column `unit` tells the rows apart: `segment` (a product on offer), `between` (time without one), `minute`. What is
    not known is null and never 0: a stream without comments has no number of comments. Times are milliseconds, money
    is fen. `--columns` prints the data dictionary, which is also in the Parquet file.

    `--focus` instead shows how streams spread air time and sales over products, which anchors and roles (`anchor_role`
    in stream.yaml) do how, products that several anchors sold side by side, and each anchor's streams over time; all of
    it stands in `WORKSPACE/focus.xlsx`. Below three streams nothing is compared.

    Exit code 2 if a recording of the workspace could not be included.

    **Example:** `streamlens features results --format csv --out moments.csv`
    """
    from streamlens import terminal
    from streamlens.errors import InputError
    from streamlens.link import table
    from streamlens.link.compare import compare
    from streamlens.outcome import each, results
    from streamlens.report.focus import focus_sheet
    from streamlens.schema import Features, Focus
    from streamlens.store import Store

    if columns:
        terminal.dictionary(table.columns())
        return
    if workspace is None:
        raise typer.BadParameter("name the workspace", param_hint="WORKSPACE")
    store, lacking = Store(workspace), list[str]()
    if not results(store):
        raise InputError(str(workspace), "holds no results", "audit recordings into it first")
    if focus:
        compared = compare(each(store, "focus", Focus, lacking))
        terminal.comparisons(compared, lang)
        data, path = focus_sheet(compared, lang), out or workspace / "focus.xlsx"
    else:
        write = table.csv if form == "csv" else table.parquet
        data, path = write(each(store, "features", Features, lacking)), out or workspace / f"features.{form}"
    Store(path.parent).publish(None, path.name, data)
    for line in lacking:
        terminal.fail(line)
    terminal.say(str(path))
    if lacking:
        raise typer.Exit(2)
