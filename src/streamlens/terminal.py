"""What the command line shows: one-line errors, progress bars, tables. Plain text where nobody watches."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from streamlens.report.bundle import SHOWN
from streamlens.report.focus import heading as focus_heading
from streamlens.report.focus import worded as focus_worded
from streamlens.report.link_summary import in_short
from streamlens.report.messages import clock, percent, text, word
from streamlens.report.results import citation, safer
from streamlens.schema import Catalogue, Column, Comparison, Finding, Rule, RuleBook

if TYPE_CHECKING:  # `streamlens --help` need not wait for the stages
    from streamlens.capture.model import ModelStatus
    from streamlens.doctor import Check
    from streamlens.evaluate import Evaluation
    from streamlens.experiments.runner import Progress as CellProgress
    from streamlens.judge.law import LawTable
    from streamlens.linked import LinkResult
    from streamlens.outcome import AuditResult, Outcome

PLAIN_WIDTH = 2000  # columns, where output goes to a file or a pipe: one line a row, so that it can be searched
ROOMY = 110  # columns it takes to show a safer wording beside each finding
COLOURS = {
    "prohibited": "red",
    "contradicted": "magenta",
    "unsupported": "yellow",
    "unclear": "blue",
    "supported": "green",
}

out = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str) -> None:
    """One line on stderr."""
    err.print(Text.assemble(("error: ", "red"), " ".join(message.split())))


def note(message: str) -> None:
    """One line on stderr that is no error."""
    err.print(Text(" ".join(message.split())))


def say(message: str) -> None:
    """A line on stdout, whole however long it is: paths are copied from it."""
    out.print(Text(message), soft_wrap=True)


def data(document: bytes) -> None:
    """A file's bytes on stdout, as they are."""
    sys.stdout.write(document.decode())


class Warnings(logging.Handler):
    """Warnings of the library as lines on stderr, above whatever bar is drawn."""

    def emit(self, record: logging.LogRecord) -> None:
        err.print(Text.assemble(("warning: ", "yellow"), " ".join(record.getMessage().split())))


@contextmanager
def fetching(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for bytes that are fetched."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=err,
        transient=True, disable=quiet or not err.is_terminal,
    ) as progress:  # fmt: skip
        bar = progress.add_task("", total=None)
        yield lambda what, done, total: progress.update(bar, description=what, completed=done, total=total or None)


@contextmanager
def working(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for one thing after the other."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=err, transient=True,
        disable=quiet or not err.is_terminal,
    ) as progress:  # fmt: skip
        bar = progress.add_task("", total=None)
        yield lambda what, done, total: progress.update(bar, description=what, completed=done, total=total)


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str | Text]], *, numbers: Sequence[str] = (), whole: int = 0
) -> None:
    """A table on stdout; columns named in `numbers` are set to the right, the first `whole` are never broken."""
    grid = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for place, head in enumerate(heads):
        side: Literal["left", "right"] = "right" if head in numbers else "left"
        grid.add_column(head, justify=side, overflow="fold", no_wrap=place < whole)
    for row in rows:
        grid.add_row(*row)
    out.print(grid)


def summary(outcomes: "Sequence[Outcome]", ids: Sequence[str], lang: str) -> None:
    """A line a recording: findings by verdict, and how much of the speech has text. `ids`: all that were to be done."""
    verdicts = [text(f"verdict.{verdict}", lang) for verdict in SHOWN]
    rows: list[Sequence[str | Text]] = []
    for outcome in sorted(outcomes, key=lambda each: each.recording):
        counts = dict(outcome.counts)
        cells = [
            Text(str(counts[v]), style=COLOURS.get(v, "") if counts[v] else "dim") if counts else "" for v in SHOWN
        ]
        heard = "" if outcome.coverage is None else percent(outcome.coverage)
        length = (
            clock(outcome.duration_ms)
            if outcome.state == "done"
            else Text(outcome.state.replace("_", " "), style="red")
        )
        rows.append((outcome.recording, length, *cells, heard))
    known = {outcome.recording for outcome in outcomes}
    rows += [(name, "not started", *[""] * len(SHOWN), "") for name in ids if name not in known]
    table(["recording", "length", *verdicts, "heard"], rows, numbers=("length", *verdicts, "heard"), whole=1)


def _count(verdict: str, counts: dict[str, int]) -> str | Text:
    if verdict not in counts:
        return ""
    return Text(str(counts[verdict]), style=COLOURS.get(verdict, "") if counts[verdict] else "dim")


def findings(rows: Sequence[tuple[str, Finding]], catalogue: Catalogue, lang: str) -> None:
    """A line a finding: its place, verdict, product, quote, why, and, where there is room, what to say instead."""
    names = ["verdict", "product", "quote", "reason", "safer"][: 5 if out.width >= ROOMY else 4]
    cells: list[Sequence[str | Text]] = []
    for place, finding in rows:
        product = catalogue.get(finding.product)
        shown: list[str | Text] = [
            Text(text(f"verdict.{finding.verdict}", lang), style=COLOURS.get(finding.verdict, "")),
            product.name if product else finding.product or "",
            finding.quote,
            word(finding.reason, lang),
            safer(finding, lang),
        ]
        cells.append((place, *shown[: len(names)]))
    table(["", *(text(f"column.{name}", lang) for name in names)], cells, whole=2)


def audited(result: "AuditResult", lang: str) -> None:
    """The findings of one recording in order of time."""
    rows = [(clock(finding.start_ms), finding) for finding in result.findings]
    findings(rows, result.catalogue, lang)


def rule_table(book: RuleBook, law: "LawTable") -> None:
    rows = []
    for rule in book.rules:
        articles = ", ".join(rule.law or law.of_kind(rule.kind))
        rows.append((rule.id, rule.severity, str(len(rule.patterns)), str(len(rule.cases)), articles))
    table(["rule", "severity", "patterns", "cases", "law"], rows, numbers=("patterns", "cases"))


def rule_page(rule: Rule, law: "LawTable", lang: str) -> None:
    """A rule in full, worded in `lang` where it is worded at all."""
    say(f"{rule.id}  ({rule.severity})\n")
    for heading, worded in (("why", rule.why), ("say instead", rule.rewrite)):
        if said := dict(worded).get(lang) or dict(worded).get("zh"):
            say(f"{heading}: {said}")
    for ref in law.cite(rule.law or law.of_kind(rule.kind), date.today()):
        say(f"law: {citation(ref, lang)}")
    for heading, lines in (("patterns", rule.patterns), ("unless", rule.unless)):
        if lines:
            say(f"\n{heading}")
            for line in lines:
                say(f"  {line}")
    say("\ncases")
    for case in rule.cases:
        flags = ", ".join(case.flag) or "nothing"
        say(f"  {case.text}  -> {flags}{' (known miss)' if case.known_miss else ''}")


def model_table(models: "Sequence[ModelStatus]") -> None:
    rows = [(m.name, f"{m.size / 1e6:,.0f} MB", m.licence, str(m.path) if m.path else m.problem) for m in models]
    table(["model", "size", "licence", "where"], rows, numbers=("size",))


def health(checks: "Sequence[Check]") -> None:
    """The doctor's list, and what to do about it."""
    marks = {
        "ok": Text("ok", style="green"),
        "note": Text("note", style="yellow"),
        "missing": Text("missing", style="red"),
    }
    table(["", "", ""], [(marks[c.state], c.name, f"{c.what}{f' -> {c.do}' if c.do else ''}") for c in checks])


def dictionary(columns: Sequence[Column]) -> None:
    """The data dictionary: a line a column."""
    rows = [(each.name, each.type, each.unit, each.what, each.source, each.null or "never") for each in columns]
    table(["column", "type", "unit", "meaning", "source", "null when"], rows, whole=1)


def comparisons(tables: Sequence[Comparison], lang: str) -> None:
    """Each table that has rows, under its name."""
    for each in tables:
        if each.rows:
            say(focus_heading(each.name, lang))
            heads = [focus_heading(head, lang) for head in each.heads]
            rows = [[_shown(head, cell, lang) for head, cell in zip(each.heads, row, strict=True)] for row in each.rows]
            numbers = [
                name
                for name, *cells in zip(heads, *each.rows, strict=True)
                if not any(isinstance(c, str) for c in cells)
            ]
            table(heads, rows, numbers=numbers, whole=1)
            say("")


def _shown(head: str, cell: str | int | float | None, lang: str) -> str:
    if isinstance(cell, float):
        return percent(cell) if head.endswith("_rate") else f"{cell:,.2f}"
    return "" if cell is None else str(focus_worded(head, cell, lang))


def scores(evaluation: "Evaluation", *, misses: bool) -> None:
    """A column a stream and one for all; then, if asked for, what went wrong."""
    columns = [(score.stream, score.tally.rates()) for score in evaluation.scores]
    if len(columns) > 1:
        columns.append(("all", evaluation.total().rates()))
    names = [name for name, _ in columns]
    rows = [
        (
            measure.replace("_", " "),
            *("" if (rate := rates[measure]) is None else f"{rate:.3f}" for _, rates in columns),
        )
        for measure in columns[0][1]
    ]
    table(["", *names], rows, numbers=names)
    found = [(score.stream, miss) for score in evaluation.scores for miss in score.misses]
    if misses and found:
        say("")
        cells = [(name, clock(miss.at_ms), miss.what, miss.kind, miss.gold, miss.found) for name, miss in found]
        table(["stream", "at", "what", "kind", "gold", "found"], cells)


def linked(result: "LinkResult", lang: str) -> None:
    """What `link` found, in a few sentences; the rest is in the report."""
    found = result.analysis
    for message in in_short(found):
        say(word(message, lang))
    say(f"report: {result.page}")


@contextmanager
def cells(count: int, *, quiet: bool) -> Iterator[Callable[["CellProgress"], None]]:
    """A bar for the cells of an experiment, with the time left, and a line for those that were there already."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"), TimeRemainingColumn(),
        console=err, transient=True, disable=quiet or not err.is_terminal,
    ) as progress:  # fmt: skip
        bar = progress.add_task("cells", total=count, at=f"0 of {count}")

        def watch(event: "CellProgress") -> None:
            if not event.label and event.kept and not quiet:
                note(f"{event.kept} of {event.total} cells were computed before")
            at = f"{event.done} of {event.total}"
            progress.update(bar, completed=event.done, total=event.total, at=at, description=event.label or "cells")

        yield watch
