"""The command line: read the arguments, call the library, show what came of it. No work is done here.

Exit codes: 0 done, 1 accusations were found and --strict was given, 2 something could not be processed,
3 (link) too little data to say anything.
"""

import logging
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from streamlens import WORKSPACE
from streamlens.cli.audit import Audit, audit, run_audit
from streamlens.cli.experiment import experiment
from streamlens.cli.exports import report
from streamlens.cli.features import features
from streamlens.cli.link import link
from streamlens.cli.models import models_app
from streamlens.cli.options import Config, Lang, Model, Quiet, Rules, Strict, Workspace
from streamlens.cli.rules import rules_app
from streamlens.errors import StreamlensError

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False, add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
app.add_typer(rules_app, name="rules")
app.add_typer(models_app, name="models")
app.command()(features)
app.command()(link)


def _version(asked: bool) -> None:
    if asked:
        import streamlens

        typer.echo(f"streamlens {streamlens.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Audits recorded e-commerce broadcasts: what was claimed, and whether the seller's papers bear it out.

    Begin with `streamlens demo`, then `streamlens audit my-recording.mp4`. Every command explains itself with --help.
    """


app.command()(audit)


@app.command()
def check(
    script: Annotated[
        str, typer.Argument(metavar="TEXT|FILE", help="The text, a file of it, or - for standard input.")
    ],
    catalog: Annotated[Path | None, typer.Option(help="What is on sale: catalog.csv or .xlsx.")] = None,
    evidence: Annotated[
        Path | None, typer.Option(help="The papers: evidence.yaml, .xlsx, or a folder with scans of them.")
    ] = None,
    day: Annotated[str | None, typer.Option("--date", help="Day of the broadcast, YYYY-MM-DD; else today.")] = None,
    form: Annotated[
        Literal["table", "json", "sarif"], typer.Option("--format", help="sarif is for editors and code hosts.")
    ] = "table",
    strict: Strict = False,
    lang: Lang = "zh",
    config: Config = None,
    rules: Rules = None,
) -> None:
    """Judge a script before it is spoken: the same rules, papers and trace as for a recording, and no sound.

    A script is plain text (UTF-8 or GBK), one or more sentences a line. Each finding stands with its line and column,
    the reason, and a safer wording. What is forbidden or disproved must go; what is unsupported wants a paper in
    `evidence.yaml` or another wording; denied, asked and reported words are listed and not judged. Without a catalogue
    every product counts as ordinary food; without papers nothing can be supported. The law is that of the day.

    `table` is for people. `json` is a list of findings with the keys of `findings.json` and `line`, `column`,
    `end_line`, `end_column`, counted from 1. `sarif` is a SARIF 2.1.0 log of what must change (`error`, `warning`) or
    be looked at (`review`), its rules with the law and what to say instead.

    Exit codes: 0 checked, 1 something is forbidden, disproved or unproven and `--strict` was given, 2 the script, the
    catalogue, the papers or the rules cannot be read.

    **Example:** `streamlens check script.txt --catalog catalog.csv --evidence evidence.yaml --date 2026-09-20 --strict`
    """
    import streamlens
    from streamlens import terminal
    from streamlens.report.results import script_json
    from streamlens.schema import ACCUSATIONS, Catalogue
    from streamlens.script import read_script, sarif

    text, path = read_script(script)
    book = streamlens.load_rules(rules)
    sold = streamlens.read_catalogue(catalog) if catalog else Catalogue()
    checked = streamlens.check(text, catalogue=sold, evidence=evidence, day=_day(day), config=config, rules=book)
    if form == "json":
        terminal.data(script_json(checked.places, lang))
    elif form == "sarif":
        law, version = streamlens.load_law(), streamlens.__version__
        terminal.data(sarif(checked, text, rulebook=book, law=law, path=path, lang=lang, version=version))
    else:
        terminal.findings([(f"{place.line}:{place.column}", place.finding) for place in checked.places], sold, lang)
        terminal.note(f"{len(checked.places)} claims")
    if strict and any(place.finding.verdict in ACCUSATIONS for place in checked.places):
        raise typer.Exit(1)


@app.command()
def papers(
    path: Annotated[Path, typer.Argument(help="A stream folder, a folder of scans, or one scan.")],
    catalog: Annotated[Path | None, typer.Option(help="What is on sale; else the one beside the scans.")] = None,
    lang: Lang = "zh",
) -> None:
    """Read scanned papers (PDF, JPG, PNG) and print them as a draft of evidence.yaml, to be checked and saved.

    Each field stands with its page and how surely it was read; what was not read surely is commented out. An audit
    reads the scans by itself: this is for correcting what it read, and what you save wins over the scan.

    **Example:** `streamlens papers my-stream/`
    """
    import streamlens
    from streamlens import terminal
    from streamlens.scanned import catalogue_near, draft_yaml, find_scans

    scans = find_scans(path)
    sold = streamlens.read_catalogue(catalog) if catalog else catalogue_near(path.resolve())
    terminal.say(draft_yaml(scans, sold, lang).rstrip())


def _day(text: str | None) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day, such as 2026-09-20", param_hint="--date") from None


@app.command()
def evaluate(
    workspace: Annotated[Path, typer.Argument(help="Where the results are.")],
    gold: Annotated[Path, typer.Argument(help="A gold.json, or a folder of them.")],
    families: Annotated[str, typer.Option(help="Only claims of these families, such as freshness,health.")] = "",
    channel: Annotated[
        Literal["speech", "screen"], typer.Option(help="Claims that were spoken, or those on banners.")
    ] = "speech",
    misses: Annotated[bool, typer.Option("--misses", help="List what went wrong, with its time.")] = False,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="json has the counts too.")] = "table",
) -> None:
    """Compare results with gold files that people made: what was heard, named, claimed, judged, and on offer when.

    A gold file says what was really said and how it should have been judged; see `evaluate.py` for its form. Rates are
    shares of the gold, 1 is best, but for the error rates, where 0 is. A name counts as right where the transcript has
    it within the line's time, a claim as found where a finding of its kind overlaps it; verdicts and stances are those
    of found claims, segments the share of time given to the right product, boundaries
    that of the changes of product found within 2 s.

    `json` holds for each stream and for all `rates` and the `counts` that they are made of, and for each stream what
    went wrong (`misses`). Streams that have gold and no results are named, and not counted.

    **Example:** `streamlens evaluate results streams/ --families freshness,health --misses`
    """
    from streamlens import terminal
    from streamlens.evaluate import evaluate, scores_json

    wanted = [name for name in families.split(",") if name]
    evaluation = evaluate(workspace, gold, families=wanted, channel=channel)
    if form == "json":
        terminal.data(scores_json(evaluation))
    else:
        terminal.scores(evaluation, misses=misses)
    if evaluation.without_results:
        terminal.note(f"no results of: {', '.join(evaluation.without_results)}")


app.command()(report)
app.command()(experiment)


@app.command()
def doctor(workspace: Workspace = Path(WORKSPACE)) -> None:
    """Say what is installed, which models are present, what is missing, and the command that mends it.

    Exit code 0 if an audit can run here, 2 if not.

    **Example:** `streamlens doctor`
    """
    from streamlens import terminal
    from streamlens.doctor import examine, ready

    checks = examine(workspace)
    terminal.health(checks)
    if not ready(checks):
        raise typer.Exit(2)


@app.command()
def demo(
    workspace: Workspace = Path("streamlens-demo"), model: Model = "auto", lang: Lang = "zh", quiet: Quiet = False
) -> None:
    """Audit the short broadcast that ships with streamlens, and print what was found.

    A farmer sells eggs, potatoes and ginger; the papers prove some of what is said, and some of it is forbidden.

    **Example:** `streamlens demo --lang en`
    """
    from streamlens import terminal
    from streamlens.shipped import shipped

    code, results = run_audit(Audit(paths=[shipped("demo")], workspace=workspace, model=model, lang=lang, quiet=True))
    for result in results:
        if result.state == "done":
            if not quiet:
                terminal.audited(result, lang)
            terminal.say(f"report: {result.folder / 'audit.html'}")
    raise typer.Exit(code)


def main(arguments: list[str] | None = None) -> None:
    """The command `streamlens`. Errors are one line on stderr, and so are the library's warnings."""
    try:
        from streamlens import terminal
    except ImportError as error:
        sys.stderr.write(f"error: {error}; install streamlens again\n")
        sys.exit(2)
    warnings = terminal.Warnings()
    logging.getLogger("streamlens").addHandler(warnings)
    try:
        sys.exit(_call(sys.argv[1:] if arguments is None else arguments))
    finally:
        logging.getLogger("streamlens").removeHandler(warnings)


def _call(arguments: list[str]) -> int:
    """The exit code of a command line. Nothing that goes wrong shows a traceback, unless --debug asks for it."""
    from streamlens import terminal

    try:
        return app(arguments, prog_name="streamlens", standalone_mode=False) or 0
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in arguments:
            raise
        usage = getattr(error, "format_message", None)  # a usage error, of click or of the copy that typer brings
        if isinstance(error, StreamlensError):
            said = str(error)
        elif isinstance(error, KeyboardInterrupt):
            said = "stopped"
        else:
            said = usage() if usage else f"internal error: {type(error).__name__}: {error}; --debug shows where"
        if said:  # a group without a command has shown its help
            terminal.fail(said)
        return 2
