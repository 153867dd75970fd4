"""The front page of a batch: every stream with its counts, what could not be processed first."""

from collections.abc import Iterable
from urllib.parse import quote

from streamlens.report.bundle import SHOWN, counts
from streamlens.report.messages import text
from streamlens.report.render import render
from streamlens.report.trends import MOST, Trend, chart, trends
from streamlens.schema import ACCUSATIONS, Catalogue, Findings, Measures, Record, Recording


class StreamResult(Record, frozen=True, kw_only=True):
    """What became of one stream: its findings, or the error that ended it, or nothing yet (`waiting`).

    `page` is the report's path as seen from the index, `<id>/audit.html` if empty.
    """

    id: str
    recording: Recording | None = None
    findings: Findings | None = None
    measures: Measures | None = None
    catalogue: Catalogue = Catalogue()
    error: str = ""
    waiting: bool = False
    page: str = ""


def ranked(results: Iterable[StreamResult]) -> list[StreamResult]:
    """Failures first, then the streams with most accusations, last those that no run has got to."""
    return sorted(results, key=lambda result: (not result.error, result.waiting, -_accusations(result), result.id))


def render_index(results: Iterable[StreamResult], lang: str) -> str:
    """WORKSPACE/index.html: a self-contained page."""
    from markupsafe import Markup

    order = ranked(results)
    pages = {result.id: f"./{quote(result.page or f'{result.id}/audit.html')}" for result in order}
    rows = [
        (result, result.findings and counts(result.findings.findings), pages[result.id].removeprefix("./"))
        for result in order
    ]

    def drawn(group: tuple[Trend, ...]) -> list[tuple[Trend, Markup]]:
        return [(trend, Markup(chart(trend, lang, pages.__getitem__))) for trend in group[:MOST]]  # noqa: S704  escaped

    by_anchor, by_product = trends(result.measures for result in order if result.measures)
    return render(
        "index.html",
        lang,
        rows=rows,
        verdicts=SHOWN,
        failed=sum(bool(result.error) for result, *_ in rows),
        waiting=sum(result.waiting for result, *_ in rows),
        accused=sum(_accusations(result) > 0 for result, *_ in rows),
        folder=lambda page: page.removesuffix("audit.html"),
        trends=[
            (text(f"trend.by_{name}", lang), drawn(group), max(0, len(group) - MOST))
            for name, group in (("anchor", by_anchor), ("product", by_product))
        ],
    )


def _accusations(result: StreamResult) -> int:
    return sum(finding.verdict in ACCUSATIONS for finding in result.findings.findings) if result.findings else 0
