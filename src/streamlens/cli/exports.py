"""streamlens report: results in the forms that other programs and people read."""

import os
from pathlib import Path
from typing import Annotated

import typer

from streamlens.cli.options import DATABASE, Lang, Quiet


def report(
    workspace: Annotated[Path, typer.Argument(help="Where the results are.")],
    recordings: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only these recordings; else all.")
    ] = None,
    forms: Annotated[
        str,
        typer.Option(
            "--as",
            help="pages, docx, srt, vtt, ass, csv, jsonl, parquet, sarif, edl, markers, label-studio, clips (several).",
        ),
    ] = "pages",
    verdict: Annotated[
        str, typer.Option(help="Only findings of these verdicts, such as prohibited,contradicted.")
    ] = "",
    kind: Annotated[str, typer.Option(help="Only these kinds or families, such as health,freshness.harvest.")] = "",
    product: Annotated[str, typer.Option(help="Only these products, by sku.")] = "",
    to: Annotated[Path | None, typer.Option(help="A folder for what is written; else beside the results.")] = None,
    reviewed: Annotated[
        bool, typer.Option("--reviewed/--as-audited", help="With what was decided in `streamlens review`, or without.")
    ] = True,
    lang: Lang = "zh",
    quiet: Quiet = False,
) -> None:
    """Write results again, in another language, or in a form for other programs.

    `pages` are the files of an audit: audit.html, findings.xlsx and the JSON files. `docx` is a letter of findings to
    be sent and signed. `csv`, `jsonl` and `parquet` hold a row a finding; `sarif` is a SARIF 2.1.0 log over the lines
    of subtitles.srt, for code hosts and dashboards; `srt`, `vtt` and `ass` are subtitles with the products; `edl`
    (CMX 3600) and `markers` (CSV) mark the findings on a video editor's time line, which must start at 0 and run at 25
    frames a second for the EDL;
    `label-studio` makes tasks to correct them, with the labelling template; `clips` cuts each finding out of the
    recording without encoding anew, from the keyframe before it.

    What people decided in `streamlens review` is in what is written; `--as-audited` leaves it out. The decisions are
    those beside the results, or those of the database that the environment variable STREAMLENS_DATABASE names.

    Nothing is audited again: a recording that changed since is shown as it was.

    **Example:** `streamlens report results d1-orchard --as clips,edl --verdict prohibited,contradicted --to letters`
    """
    from streamlens import terminal
    from streamlens.errors import StreamlensError
    from streamlens.exported import CLIPS, FORMS, PAGES, Choice, chosen, export
    from streamlens.review.reviewed import decided
    from streamlens.schema import KINDS, VERDICTS

    families = {known.split(".")[0] for known in KINDS}
    wanted = _listed(forms, "--as", {PAGES, CLIPS, *FORMS})
    choice = Choice(
        verdicts=_listed(verdict, "--verdict", set(VERDICTS)),  # type: ignore[arg-type]
        kinds=_listed(kind, "--kind", {*KINDS, *families}),
        products=tuple(filter(None, product.split(","))),
    )
    failed = False
    results = chosen(workspace, recordings or ())
    with decided(workspace, os.environ.get(DATABASE)) as decisions:
        apply = decisions.apply if decisions and reviewed else None
        for result in results:
            try:
                for path in export(result, wanted, choice=choice, to=to, lang=lang, review=apply):
                    if not quiet:
                        terminal.say(str(path))
            except StreamlensError as error:
                terminal.fail(str(error))
                failed = True
    if failed:
        raise typer.Exit(2)


def _listed(text: str, option: str, known: set[str]) -> tuple[str, ...]:
    """The entries of a list with commas, each one of those that are known."""
    entries = tuple(dict.fromkeys(entry.strip() for entry in text.split(",") if entry.strip()))
    for entry in entries:
        if entry not in known:
            raise typer.BadParameter(f"{entry!r} is not one of {', '.join(sorted(known))}", param_hint=option)
    return entries
