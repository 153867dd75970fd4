"""Workbooks for people who work in tables: one row a finding, and a second sheet with what the whole comes to.

Text comes from recordings and from sellers' files, so nothing is ever written as a formula or a link, and a text that a
spreadsheet might take for a formula (also later, when the sheet is saved as CSV) gets an apostrophe in front.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from streamlens.report.bundle import SHOWN, Bundle, counts, unheard
from streamlens.report.charts import COLOURS
from streamlens.report.index import StreamResult, ranked
from streamlens.report.messages import clock, known, text, word
from streamlens.report.results import citation, safer
from streamlens.schema import ACCUSATIONS, Catalogue, Finding, Verdict

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

COLUMNS: tuple[tuple[str, int], ...] = (  # code of the heading, width in characters
    ("number", 6),
    ("verdict", 11),
    ("time", 9),
    ("product", 16),
    ("sku", 12),
    ("kind", 15),
    ("quote", 30),
    ("sentence", 44),
    ("law", 34),
    ("papers", 36),
    ("reason", 40),
    ("safer", 36),
    ("confidence", 9),
    ("severity", 9),
    ("stance", 9),
    ("channel", 9),
    ("heard", 26),
    ("rule", 18),
    ("id", 16),
)
TINTS = {
    "prohibited": "#fbe3e3",
    "contradicted": "#f5e4f4",
    "unsupported": "#fdeed9",
    "unclear": "#e6ecfa",
    "supported": "#ddf1ee",
    "none": "#f0f1f3",
}
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
ROWS = 1_048_000  # what a sheet holds, less a margin
CELL = 32_000  # characters; a sheet refuses more than 32,767
CREATED = datetime(2000, 1, 1)  # a constant, so that the same findings give the same bytes


def findings_sheet(bundle: Bundle, lang: str) -> bytes:
    """findings.xlsx of one recording: the findings, gravest first, and the summary with what was not heard."""
    with Book(lang) as book:
        findings = sorted(bundle.findings.findings, key=lambda f: (SHOWN.index(f.verdict), f.start_ms, f.id))
        rows = (_row(number, finding, bundle.catalogue, lang) for number, finding in enumerate(findings, start=1))
        book.table(text("ui.findings", lang), [(text(f"column.{c}", lang), w) for c, w in COLUMNS], rows)
        book.table(
            text("ui.summary_sheet", lang),
            [(text("column.item", lang), 24), (text("column.value", lang), 90)],
            ((label, value) for label, value in _summary(bundle, lang)),
        )
    return book.bytes()


def batch_sheet(results: Iterable[StreamResult], lang: str) -> bytes:
    """findings.xlsx of a batch: the streams, what could not be processed first, and all their findings."""
    results = ranked(results)
    with Book(lang) as book:
        heads = [("stream", 18), ("anchor", 12), ("date", 17), ("duration", 10), ("coverage", 9)]
        columns = [(text(f"column.{code}", lang), width) for code, width in heads]
        columns += [(text(f"verdict.{verdict}", lang), 9) for verdict in SHOWN]
        columns += [(text("column.error", lang), 60)]
        book.table(text("ui.streams", lang), columns, (_stream(result, lang) for result in results))
        book.table(
            text("ui.findings", lang),
            [(text("column.stream", lang), 18), *((text(f"column.{c}", lang), w) for c, w in COLUMNS)],
            (
                (result.id, *_row(number, finding, result.catalogue, lang))
                for result in results
                for number, finding in enumerate(result.findings.findings if result.findings else (), start=1)
            ),
        )
    return book.bytes()


@dataclass(frozen=True)
class Amount:
    """A cell with a number that is no share."""

    value: float


@dataclass(frozen=True)
class _Verdict:
    """A cell with a verdict in words, in its colour."""

    verdict: Verdict
    text: str


def _row(number: int, finding: Finding, catalogue: Catalogue, lang: str) -> tuple[object, ...]:
    product = catalogue.get(finding.product)
    papers = [word(step.message, lang) for step in finding.trace if step.step == "paper"] or list(finding.evidence)
    return (
        number,
        _verdict(finding.verdict, lang),
        clock(finding.start_ms),
        product.name if product else "",
        finding.product or "",
        known(f"kind.{finding.kind}", lang, finding.kind),
        finding.quote,
        finding.sentence,
        "\n".join(citation(ref, lang) for ref in finding.law),
        "\n".join(papers),
        word(finding.reason, lang),
        safer(finding, lang) if finding.verdict in ACCUSATIONS or finding.verdict == "unclear" else "",
        finding.confidence,
        text(f"severity.{finding.severity}", lang),
        text(f"stance.{finding.stance}", lang),
        text(f"channel.{finding.channel}", lang),
        finding.heard if finding.heard != finding.quote else "",
        finding.rule,
        finding.id,
    )


def _stream(result: StreamResult, lang: str) -> tuple[object, ...]:
    recording, findings = result.recording, result.findings
    return (
        result.id,
        recording.anchor if recording else "",
        recording.started_at.strftime("%Y-%m-%d %H:%M") if recording and recording.started_at else "",
        clock(recording.duration_ms) if recording else "",
        findings.coverage if findings else "",
        *(counts(findings.findings).values() if findings else [""] * len(SHOWN)),
        text("ui.not_started", lang) if result.waiting else result.error,
    )


def _summary(bundle: Bundle, lang: str) -> Iterator[tuple[object, object]]:
    recording, findings = bundle.recording, bundle.findings
    yield text("column.stream", lang), recording.id
    yield text("column.title", lang), recording.title
    yield text("column.anchor", lang), recording.anchor
    yield text("column.platform", lang), known(f"platform.{recording.platform}", lang, recording.platform)
    yield text("column.date", lang), recording.started_at.strftime("%Y-%m-%d %H:%M") if recording.started_at else ""
    yield text("column.duration", lang), clock(recording.duration_ms)
    yield text("column.coverage", lang), findings.coverage
    yield text("column.model", lang), bundle.transcript.model or bundle.transcript.source
    yield text("column.rules", lang), findings.rules_version
    for verdict, count in counts(findings.findings).items():
        yield _verdict(verdict, lang), count
    for verdict in SHOWN:
        yield _verdict(verdict, lang), text(f"verdict_help.{verdict}", lang)
    for note in recording.notes:
        yield text("column.note", lang), note
    for stretch in unheard(bundle):
        span = f"{clock(stretch.start_ms)} - {clock(stretch.end_ms)}"
        yield text("ui.unheard", lang), f"{span} {known(f'unheard.{stretch.reason}', lang, stretch.reason)}"
    yield text("column.note", lang), text("ui.limits", lang)


def _verdict(verdict: Verdict, lang: str) -> _Verdict:
    return _Verdict(verdict, text(f"verdict.{verdict}", lang))


def _safe(value: str) -> str:
    return ("'" + value if value.startswith(FORMULA) else value)[:CELL]


class Book:
    """A workbook in memory whose sheets all look alike: frozen heading with filters, wrapped text, fit to the page."""

    def __init__(self, lang: str) -> None:
        from xlsxwriter import Workbook

        self._lang = lang
        self._file = BytesIO()
        self._book = Workbook(self._file, {"in_memory": True, "strings_to_urls": False})
        self._book.set_properties({"created": CREATED})
        plain: dict[str, Any] = {"text_wrap": True, "valign": "top", "font_name": "Microsoft YaHei", "font_size": 10}
        self._plain = self._book.add_format(plain)
        self._share = self._book.add_format(plain | {"num_format": "0%", "align": "center"})
        self._amount = self._book.add_format(plain | {"num_format": "#,##0.0#"})
        self._head = self._book.add_format(
            plain | {"bold": True, "bg_color": "#2f3b49", "font_color": "#ffffff", "valign": "vcenter", "border": 1}
        )
        self._verdicts = {
            verdict: self._book.add_format(
                plain | {"bold": True, "font_color": COLOURS[verdict], "bg_color": TINTS[verdict]}
            )
            for verdict in SHOWN
        }

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def bytes(self) -> bytes:
        return self._file.getvalue()

    def table(self, title: str, columns: list[tuple[str, int]], rows: Iterable[tuple[object, ...]]) -> None:
        sheet: Worksheet = self._book.add_worksheet(title)
        for at, (heading, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, heading, self._head)
        sheet.set_row(0, 24)
        last = 0
        for last, row in enumerate(rows, start=1):
            if last == ROWS:
                sheet.write_string(last, 0, text("ui.more_rows", self._lang), self._plain)
                break
            for at, value in enumerate(row):
                self._write(sheet, last, at, value)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def _write(self, sheet: "Worksheet", row: int, column: int, value: object) -> None:
        if isinstance(value, _Verdict):
            sheet.write_string(row, column, value.text, self._verdicts[value.verdict])
        elif isinstance(value, Amount):
            sheet.write_number(row, column, value.value, self._amount)
        elif isinstance(value, float):
            sheet.write_number(row, column, value, self._share)
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self._plain)
        elif value:
            sheet.write_string(row, column, _safe(str(value)), self._plain)
        else:
            sheet.write_blank(row, column, None, self._plain)
