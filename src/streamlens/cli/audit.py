"""`streamlens audit`: recordings, folders of them, and folders that recorders write into."""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from streamlens import WORKSPACE
from streamlens.cli.options import Config, Jobs, Lang, Model, OnScreen, Quiet, Rules, Strict, Workspace
from streamlens.errors import StreamlensError

if TYPE_CHECKING:  # `streamlens --help` need not wait for the stages
    from streamlens.capture.recording import StreamFiles
    from streamlens.outcome import AuditResult, Outcome
    from streamlens.run import Order

LOOK_S = 10.0  # between two looks at a folder that is watched, at most


def audit(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="A recording, a stream folder, a folder of them.")
    ],
    workspace: Workspace = Path(WORKSPACE),
    jobs: Jobs = 1,
    on: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Where: on this machine, or on a Ray cluster that shares the workspace and the recordings."),
    ] = "local",
    gpus: Annotated[
        float | None, typer.Option(min=0, help="With --on ray: GPUs of each job, such as 1 or 0.5; else 1 if any.")
    ] = None,
    model: Model = "auto",
    strict: Strict = False,
    lang: Lang = "zh",
    config: Config = None,
    rules: Rules = None,
    only: Annotated[str | None, typer.Option(help="Go no further than this stage, such as transcript.")] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Only the recordings whose last result is a failure.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: take up each recording once nothing is written to it any more.")
    ] = False,
    settle: Annotated[
        float, typer.Option(min=0, help="With --watch: seconds for which its files must not have changed.")
    ] = 60,
    screen: OnScreen = True,
    quiet: Quiet = False,
) -> None:
    """Audit recordings: what was said, which product was on offer, which claims were made, and which have no proof.

    A stream folder holds the recording and, if you have them, `stream.yaml`, `catalog.csv` and `evidence.yaml`; the
    papers decide between supported and unsupported. Results go to `WORKSPACE/<stream id>/`: begin with `audit.html`.
    What is finished is never done again, so a run that was stopped goes on where it was, and an edited rule costs
    seconds. One recording that cannot be read does not stop the others, and makes the exit code 2, as
    does a file of comments, viewers or orders that cannot be read: the audit goes on without it.

    The longest recordings come first. One whose process dies is tried once more, last of all. At the end every
    recording is done, failed with a reason, or not started: the table, `WORKSPACE/index.html` and the journal say so.

    With `--watch` a folder that recorders write into is looked at again and again; what still grows is left alone.
    Ctrl-C ends it; the same command goes on.

    **Example:** `streamlens audit streams/ --workspace results --jobs 2 --strict`
    """
    asked = Audit(
        paths=paths, workspace=workspace, jobs=jobs, on=on, gpus=gpus, model=model, strict=strict, lang=lang,
        config=config, rules=rules, only=only, retry_failed=retry_failed, screen=screen, quiet=quiet,
    )  # fmt: skip
    raise typer.Exit(_watch(asked, settle) if watch else run_audit(asked)[0])


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    paths: list[Path]
    workspace: Path
    jobs: int = 1
    on: Literal["local", "ray"] = "local"
    gpus: float | None = None
    model: str = "auto"
    strict: bool = False
    lang: str = "zh"
    config: Path | None = None
    rules: Path | None = None
    only: str | None = None
    retry_failed: bool = False
    screen: bool = True
    quiet: bool = False


def run_audit(asked: Audit) -> "tuple[int, list[AuditResult]]":
    """The exit code and the results."""
    from streamlens import terminal
    from streamlens.plan import failed_before, find_streams

    order = _order(asked)
    streams, unfound = find_streams(asked.paths, asked.workspace)
    for outcome in unfound:
        terminal.fail(outcome.reason)
    if asked.retry_failed:
        streams = failed_before(streams, asked.workspace)
        if not streams and not unfound:
            if not asked.quiet:
                terminal.note("nothing to retry: none of these recordings has failed")
            return 0, []
    with _until_told():
        code, results, _ = _run(asked, order, streams, unfound)
    return code, results


def _order(asked: Audit) -> "Order":
    from streamlens.pipeline import LAST, STAGES
    from streamlens.run import Order, Recogniser

    if asked.only and asked.only not in (names := [stage.name for stage in STAGES]):
        raise typer.BadParameter(f"{asked.only!r} is not one of {', '.join(names)}", param_hint="--only")
    return Order(
        workspace=asked.workspace, speech=partial(Recogniser, asked.model, asked.jobs), config=asked.config,
        rules=asked.rules, lang=asked.lang, until=asked.only or LAST, screen=asked.screen,
    )  # fmt: skip


def _run(
    asked: Audit, order: "Order", streams: "Sequence[StreamFiles]", unfound: "Sequence[Outcome]"
) -> "tuple[int, list[AuditResult], bool]":
    """Audit these and show what came of it: the exit code, the results, and whether all has to end here."""
    from streamlens import terminal
    from streamlens.outcome import exit_code, tally
    from streamlens.pipeline import LAST
    from streamlens.progress import Bars
    from streamlens.run import run

    results: list[AuditResult] = []
    stopped = broken = False
    with Bars(len(streams), quiet=asked.quiet) as bars:
        try:
            going = run(streams, order, jobs=asked.jobs, on=asked.on, gpus=asked.gpus, watch=bars.watch)
            for result in going if streams else ():
                results.append(result)
                bars.finish(result.id, failed=result.state == "failed")
                _tell(result, quiet=asked.quiet)
        except KeyboardInterrupt:
            stopped = True
        except StreamlensError as error:
            terminal.fail(str(error))
            broken = True
    outcomes = [*unfound, *(result.outcome for result in results)]
    ids = [files.id for files in streams]
    if not asked.quiet:
        terminal.summary(outcomes, ids, asked.lang)
        if len(ids) + len(unfound) > 1:
            terminal.say(tally(outcomes, ids))
        if any(result.state == "done" for result in results) and order.until == LAST:
            page = asked.workspace / "index.html" if len(streams) > 1 else results[0].folder / "audit.html"
            terminal.say(f"report: {page}")
    if stopped:
        terminal.fail(f"stopped with {len(results)} of {len(streams)} done; the same command goes on from here")
    ends = stopped or broken
    return (2 if ends else exit_code(outcomes, strict=asked.strict)), results, ends


def _tell(result: "AuditResult", *, quiet: bool) -> None:
    from streamlens import terminal

    if result.state == "failed":
        terminal.fail(result.reason)
    for name in result.outcome.unread:
        terminal.fail(f"{result.id}: {name} could not be read; the audit went on without it")
    if result.state != "failed" and not quiet:
        for line in result.outcome.notes:
            terminal.note(f"{result.id}: {line}")


@contextmanager
def _until_told() -> Iterator[None]:
    """A service that is told to end (SIGTERM) ends as after Ctrl-C: what is finished is kept, and told of."""
    before = None
    with suppress(ValueError):  # not in the main thread
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _watch(asked: Audit, settle_s: float) -> int:
    """Audit what comes to rest in the folders, until Ctrl-C. The exit code is that of all that was audited."""
    from streamlens import terminal
    from streamlens.outcome import Outcome, exit_code, tally
    from streamlens.watch import Watcher

    order = _order(asked)
    watcher = Watcher(asked.paths, asked.workspace, settle_s)
    ended: dict[str, Outcome] = {}
    told: dict[str, str] = {}
    idle = False
    with _until_told():
        try:
            while True:
                sight = watcher.look()
                for name, why in sight.waiting:
                    if told.get(name) != why and not asked.quiet:
                        terminal.note(f"{name}: {why}")
                told = dict(sight.waiting)
                if sight.ready:
                    _, results, ends = _run(asked, order, sight.ready, ())
                    ended |= {result.id: result.outcome for result in results}
                    if ends:
                        return 2
                    watcher.took(sight.ready)
                    idle = False
                elif not sight.waiting and not idle:
                    idle = True
                    if not asked.quiet:
                        where = ", ".join(map(str, asked.paths))
                        terminal.note(f"waiting for recordings in {where}; Ctrl-C ends it")
                time.sleep(min(max(settle_s / 4, LOOK_S / 20), LOOK_S))
        except KeyboardInterrupt:
            if not asked.quiet:
                terminal.note(f"ended: {tally(list(ended.values()), list(ended))}; the same command goes on from here")
    return exit_code(list(ended.values()), strict=asked.strict) if ended else 0
