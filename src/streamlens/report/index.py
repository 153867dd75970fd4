"""The front page of a batch: every stream with its counts, what could not be processed first."""

from collections.abc import Iterable
from urllib.parse import quote

from streamlens.report.bundle import SHOWN, counts
from streamlens.report.render import render
from streamlens.schema import ACCUSATIONS, Catalogue, Findings, Record, Recording


class StreamResult(Record, frozen=True, kw_only=True):
    """What became of one stream: its findings, or the error that ended it, or nothing yet (`waiting`).

    `page` is the report's path as seen from the index, `<id>/audit.html` if empty.
    """

    id: str
    recording: Recording | None = None
    findings: Findings | None = None
    catalogue: Catalogue = Catalogue()
    error: str = ""
    waiting: bool = False
    page: str = ""


def ranked(results: Iterable[StreamResult]) -> list[StreamResult]:
    """Failures first, then the streams with most accusations, last those that no run has got to."""
    return sorted(results, key=lambda result: (not result.error, result.waiting, -_accusations(result), result.id))


def render_index(results: Iterable[StreamResult], lang: str) -> str:
    """WORKSPACE/index.html: a self-contained page."""
    rows = [
        (result, result.findings and counts(result.findings.findings), quote(result.page or f"{result.id}/audit.html"))
        for result in ranked(results)
    ]
    return render(
        "index.html",
        lang,
        rows=rows,
        verdicts=SHOWN,
        failed=sum(bool(result.error) for result, *_ in rows),
        waiting=sum(result.waiting for result, *_ in rows),
        accused=sum(_accusations(result) > 0 for result, *_ in rows),
    )


def _accusations(result: StreamResult) -> int:
    return sum(finding.verdict in ACCUSATIONS for finding in result.findings.findings) if result.findings else 0
