"""Findings as flat tables for other programs: CSV, lines of JSON, Parquet; columns are the keys of findings.json."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from streamlens.report.bundle import Bundle
from streamlens.report.results import finding_row
from streamlens.report.sheet import FORMULA

_KEYS = (
    "id", "kind", "stance", "verdict", "severity", "channel", "start_ms", "end_ms", "quote", "heard", "sentence",
    "product", "rule", "law", "evidence", "reason", "rewrite", "confidence", "corrects",
)  # fmt: skip
HEADS = ("recording", "anchor", "started_at", *_KEYS[:12], "product_name", *_KEYS[12:])
_WHOLE = frozenset({"start_ms", "end_ms"})


def findings_csv(bundle: Bundle, lang: str) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets want it; lists are parted by ` | `."""
    return csv_bytes(HEADS, ([_cell(row[key]) for key in HEADS] for row in _rows(bundle, lang)))


def findings_lines(bundle: Bundle, lang: str) -> bytes:
    """A JSON object a line."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in _rows(bundle, lang))


def findings_parquet(bundle: Bundle, lang: str) -> bytes:
    """The same columns, typed; `law` and `evidence` are lists."""
    import polars

    lists = {"law": polars.List(polars.String), "evidence": polars.List(polars.String)}
    kinds = {
        key: polars.Int64 if key in _WHOLE else polars.Float64 if key == "confidence" else polars.String
        for key in HEADS
    }
    frame = polars.DataFrame(list(_rows(bundle, lang)), schema={**kinds, **lists}, orient="row")
    file = io.BytesIO()
    frame.write_parquet(file, compression="zstd")
    return file.getvalue()


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV that is safe to open in a spreadsheet: no text in it is ever taken for a formula."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\r\n")
    table.writerow([_safe(head) for head in heads])
    table.writerows([_safe(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _rows(bundle: Bundle, lang: str) -> Iterable[Mapping[str, object]]:
    recording = bundle.recording
    known = {
        "recording": recording.id,
        "anchor": recording.anchor or None,
        "started_at": recording.started_at.isoformat() if recording.started_at else None,
    }
    for finding in sorted(bundle.findings.findings, key=lambda f: (f.start_ms, f.id)):
        row = {**known, **finding_row(finding, lang), "product_name": bundle.product_name(finding.product) or None}
        yield {head: row[head] for head in HEADS}


def _cell(value: object) -> object:
    return " | ".join(map(str, value)) if isinstance(value, list) else "" if value is None else value


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
