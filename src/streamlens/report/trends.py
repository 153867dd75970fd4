"""Trends over the broadcasts of an anchor or a product: small charts of one shape, one for each, hand-drawn SVG.

Vega takes tens of milliseconds a chart, and a front page may have a hundred of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from streamlens.report.messages import known, percent, text
from streamlens.schema import Measures

LEAST = 2  # broadcasts that make a trend
NEWEST = 24  # broadcasts of one chart
MOST = 60  # charts of a sort
KINDS = 3  # of accusations, the most frequent
WIDTH, STRIP, HEAD, SIDE = 300, 30, 17, 5  # px


@dataclass(frozen=True)
class At:
    """One broadcast in a trend."""

    recording: str
    start: datetime
    claims_per_hour: float | None
    coverage: float
    accused: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Trend:
    """One anchor or product; `points` in the order of time."""

    name: str
    points: tuple[At, ...]
    streams: int


def trends(measures: Iterable[Measures]) -> tuple[tuple[Trend, ...], tuple[Trend, ...]]:
    """(by anchor, by product), those with most broadcasts first; only what has two dated broadcasts or more."""
    anchors: dict[str, list[At]] = {}
    products: dict[str, list[At]] = {}
    for each in measures:
        if each.started_at is None:
            continue
        start = each.started_at.replace(tzinfo=None)
        if each.anchor:
            anchors.setdefault(each.anchor, []).append(
                At(each.recording, start, each.claims_per_hour, each.coverage, each.accused)
            )
        for product in each.products:
            rate = product.claims * 3_600_000 / product.air_ms if product.air_ms else None
            products.setdefault(product.name, []).append(
                At(each.recording, start, rate, each.coverage, product.accused)
            )
    return _gathered(anchors), _gathered(products)


def _gathered(groups: dict[str, list[At]]) -> tuple[Trend, ...]:
    found = [
        Trend(name, tuple(sorted(points, key=lambda at: (at.start, at.recording))[-NEWEST:]), len(points))
        for name, points in groups.items()
        if len(points) >= LEAST
    ]
    return tuple(sorted(found, key=lambda trend: (-trend.streams, trend.name)))


def chart(trend: Trend, lang: str, page: Callable[[str], str]) -> str:
    """An SVG element: a strip each for claims an hour, coverage and the most frequent accusations.

    `page` gives the address of a broadcast's report, fit for an attribute.
    """
    from markupsafe import escape

    points = trend.points
    totals = Counter[str]()
    for at in points:
        totals.update(dict(at.accused))
    rates = [at.claims_per_hour for at in points]
    strips: list[tuple[str, str]] = [
        _line(text("trend.claims", lang, now=_short(rates[-1])), rates, max((r or 0 for r in rates), default=0)),
        _line(text("trend.coverage", lang, now=percent(points[-1].coverage)), [at.coverage for at in points], 1.0),
    ]
    for kind, _ in sorted(totals.items(), key=lambda row: (-row[1], row[0]))[:KINDS]:
        counts = [dict(at.accused).get(kind, 0) for at in points]
        name = known(f"kind.{kind}", lang, kind)
        strips.append(_bars(text("trend.accused", lang, name=name, now=counts[-1], most=max(counts)), counts))
    height = len(strips) * (STRIP + HEAD) + 4
    drawn = [
        f'<g transform="translate(0 {at * (STRIP + HEAD)})"><text x="{SIDE}" y="12">{escape(head)}</text>'
        f'<path class="floor" d="M{SIDE} {HEAD + STRIP}H{WIDTH - SIDE}"/>{body}</g>'
        for at, (head, body) in enumerate(strips)
    ]
    step = (WIDTH - 2 * SIDE) / len(points)
    links = [
        f'<a href="{escape(page(each.recording))}"><rect class="hit" x="{SIDE + at * step:.1f}" y="0" '
        f'width="{step:.1f}" height="{height}">'
        f"<title>{each.start:%Y-%m-%d %H:%M} {escape(each.recording)}</title></rect></a>"
        for at, each in enumerate(points)
    ]
    label = escape(text("trend.label", lang, name=trend.name, streams=trend.streams))
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">{"".join(drawn)}{"".join(links)}</svg>'


def _line(head: str, values: Sequence[float | None], most: float) -> tuple[str, str]:
    step = (WIDTH - 2 * SIDE) / len(values)
    dots = [
        (SIDE + (at + 0.5) * step, HEAD + STRIP - (STRIP - 4) * value / most if most else float(HEAD + STRIP))
        for at, value in enumerate(values)
        if value is not None
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in dots)
    circles = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in dots)
    return head, f'<path class="line" d="M{path}"/>{circles}' if dots else ""


def _bars(head: str, counts: Sequence[int]) -> tuple[str, str]:
    step, most, floor = (WIDTH - 2 * SIDE) / len(counts), max(counts), HEAD + STRIP
    wide = min(16.0, step * 0.7)
    bars = [
        f"M{SIDE + (at + 0.5) * step - wide / 2:.1f} {floor}v-{(STRIP - 4) * count / most:.1f}h{wide:.1f}V{floor}z"
        for at, count in enumerate(counts)
        if count
    ]
    return head, f'<path class="bar" d="{"".join(bars)}"/>'


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
