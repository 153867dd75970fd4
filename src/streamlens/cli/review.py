"""streamlens review: people look at findings, and what they decide goes into reports and training data."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamlens.cli.options import DATABASE, Lang, Quiet

if TYPE_CHECKING:
    from streamlens.review.decisions import DecisionLog


def review(
    workspace: Annotated[Path, typer.Argument(help="Where the results are.")],
    database: Annotated[
        str | None,
        typer.Option(
            envvar=DATABASE,
            show_envvar=False,
            help="A team's PostgreSQL, postgresql://user:password@host/name; else review.sqlite in the workspace. "
            f"With a password in it better given as the environment variable {DATABASE}.",
        ),
    ] = None,
    reviewer: Annotated[str, typer.Option(help="Your name, as it will stand beside your decisions.")] = "",
    settler: Annotated[
        list[str] | None, typer.Option(help="Whose later decision settles a disagreement; several times if need be.")
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 lets the team's machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; if it is taken, the next free.")] = 8737,
    token: Annotated[
        str, typer.Option(help="The word that lets people in, 16 characters or more; else a new one each time.")
    ] = "",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in your browser.")] = True,
    export: Annotated[
        bool, typer.Option("--export", help="Write the reports anew with what was decided, and end.")
    ] = False,
    training: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="Write what was decided as training data, and end.")
    ] = None,
    lang: Lang = "zh",
    quiet: Quiet = False,
) -> None:
    """Look through findings in your browser: listen, accept, dismiss, correct, add what was missed.

    The gravest and most doubtful come first, and everything can be done with the keyboard (`?` on the page lists the
    keys). Nothing is ever overwritten: each decision is kept with who made it, when and why, and undoing is a decision
    too. Where two reviewers differ the finding is shown as disputed, until they agree or a `--settler` decides.
    Decisions outlive a new audit: what was decided on words that changed since is shown again, to be confirmed.

    The page is for this machine alone and opens with a token that is part of its printed address. With
    `--host 0.0.0.0` others on your network can open that address too; it is not encrypted, so use a trusted network or
    a tunnel.

    `--export` writes audit.html, findings.xlsx and the other reports with what was decided, as `streamlens report`
    does; what reviewers disagree on stays as the audit had it. `--training` writes a JSON object a line for each
    finding that was decided: `text`, `context`, `kind`, `stance`, `quote`, `verdict`, `label` (accepted, dismissed,
    corrected, missed), `reason`, and `group` and `stream`, ids that give away no name: keep a `group` (an anchor) on
    one side of a split.

    **Example:** `streamlens review results --reviewer Lin`
    """
    with _log(workspace, database) as log:
        if export:
            _export(workspace, log, lang, quiet)
        if training:
            _training(workspace, log, training, quiet)
        if not export and not training:
            _serve(workspace, log, reviewer, settler or [], host, port, token, browser, lang)


@contextmanager
def _log(workspace: Path, database: str | None) -> "Iterator[DecisionLog]":
    from streamlens.exported import chosen
    from streamlens.review.decisions import DecisionLog, address

    chosen(workspace, ())  # no database is made in a folder that is no workspace
    log = DecisionLog(address(workspace, database))
    try:
        yield log
    finally:
        log.close()


def _serve(
    workspace: Path, log: "DecisionLog", reviewer: str, settlers: list[str], host: str, port: int, token: str,
    browser: bool, lang: str,
) -> None:  # fmt: skip
    from streamlens import terminal
    from streamlens.review.app import make_app
    from streamlens.review.desk import Desk
    from streamlens.review.safety import SHORTEST_TOKEN, Door, new_token
    from streamlens.review.serve import bind, serve

    if token and len(token) < SHORTEST_TOKEN:
        raise typer.BadParameter(f"{SHORTEST_TOKEN} characters at least", param_hint="--token")
    desk = Desk(workspace, log, settlers=settlers)
    listening = bind(host, port)
    taken = listening.getsockname()[1]
    if port and taken != port:
        terminal.note(f"port {port} is taken; using {taken}")
    door = Door(token=token or new_token(), port=taken, host=host)

    def ready() -> None:
        terminal.say(f"review: {door.url}")
        if door.open_wider:
            terminal.note("open to your network, and not encrypted: whoever has this address can read and decide")
        terminal.note("Ctrl-C ends it; every decision is already written down")

    opens = browser and (os.name == "nt" or not os.environ.get("CI"))
    serve(make_app(desk, door, lang, reviewer), listening, door.url, browser=opens, ready=ready)


def _export(workspace: Path, log: "DecisionLog", lang: str, quiet: bool) -> None:
    from streamlens import terminal
    from streamlens.errors import StreamlensError
    from streamlens.exported import PAGES, chosen, export
    from streamlens.outcome import write_front
    from streamlens.review.reviewed import Decided
    from streamlens.store import Store

    decided = Decided(log)
    failed = False
    for result in chosen(workspace, ()):
        try:
            for path in export(result, [PAGES], lang=lang, review=decided.apply):
                if not quiet:
                    terminal.say(str(path))
        except StreamlensError as error:
            terminal.fail(str(error))
            failed = True
    write_front(Store(workspace), lang, decided.findings)
    if failed:
        raise typer.Exit(2)


def _training(workspace: Path, log: "DecisionLog", path: Path, quiet: bool) -> None:
    from streamlens import terminal
    from streamlens.exported import chosen, write
    from streamlens.review.training import training_lines

    lines = training_lines(chosen(workspace, ()), log)
    write(path, b"".join(lines))
    if not quiet:
        terminal.say(f"{path}: {len(lines)} findings that were decided")
