"""The time line of a broadcast as SVG: products on offer, what was not heard, and the findings by verdict.

Drawn with Altair and rendered by vl-convert, for several widths, since a picture that is only scaled cannot be read on
a phone. Letters stay letters and take the fonts of the page; nothing is measured with the fonts of the machine that
renders, so the bytes are the same everywhere. Every mark is a link: `#t=12.3` is a second of the recording, `#f-...` a
finding.
"""

import re
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from streamlens.report.bundle import SHOWN, Bundle, anchor, moment, unheard
from streamlens.report.messages import clock, text
from streamlens.schema import Finding

# Verdicts differ in lane, shape and lightness as well as in hue, so that no one depends on seeing colours.
COLOURS = {
    "prohibited": "#b3151b",
    "contradicted": "#8e2a8b",
    "unsupported": "#a85200",
    "unclear": "#3f5fa8",
    "supported": "#00695f",
    "none": "#666e77",
}
SHAPES = {
    "prohibited": "square",
    "contradicted": "diamond",
    "unsupported": "triangle-up",
    "unclear": "cross",
    "supported": "circle",
    "none": "M-1,-0.3h2v0.6h-2Z",
}
GLYPHS = {"prohibited": "■", "contradicted": "◆", "unsupported": "▲", "unclear": "✚", "supported": "●", "none": "–"}
TINTS = ("#cfe3f5", "#f5e1bd", "#d9ecd0", "#e7daf1", "#f7d8d6", "#cfebe9", "#ece7c8", "#dfe3ea")
UNHEARD, GREY, LABEL = "#555b63", "#9aa3ad", "#59616b"

LEFT, RIGHT, TOP = 92, 26, 6
BAND, LANE, AXIS = 30, 22, 24
BIN = 5  # px; findings of one verdict that would lie on top of each other become one mark


@dataclass(frozen=True)
class Mark:
    """One shape on a lane: a finding, or several of one verdict that lie too close to tell apart."""

    verdict: str
    first: Finding
    count: int


def timeline(bundle: Bundle, lang: str, *, width: int) -> str:
    """The time line as an SVG element `width` px wide. Empty for a recording without duration."""
    import altair as alt
    import vl_convert

    duration = bundle.recording.duration_ms
    if duration <= 0:
        return ""
    plot = width - LEFT - RIGHT
    marks = binned(bundle.findings.findings, duration, plot)
    lanes: list[str] = [verdict for verdict in SHOWN if any(mark.verdict == verdict for mark in marks)]
    if unheard(bundle):
        lanes.append("unheard")
    height = BAND + 8 + LANE * len(lanes)
    lane_y = {lane: BAND + 8 + LANE * at + LANE // 2 for at, lane in enumerate(lanes)}

    x = alt.X("x:Q", scale=alt.Scale(domain=[0, duration], nice=False), axis=None, title=None)
    x2 = alt.X2("x2:Q", title=None)  # untitled like the rest: Vega-Lite fails to merge titles of layers without axes
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None, title=None)
    y2 = alt.Y2("y2:Q", title=None)
    bands, marked = _bands(bundle, plot), ticks(duration, plot)
    layers: list[alt.Chart] = [
        _chart(alt, marked)
        .mark_rule(color=GREY, opacity=0.3, aria=False)
        .encode(x=x, y=alt.value(BAND), y2=alt.value(height + 4)),
        _chart(alt, marked)
        .mark_text(baseline="top", dy=8, fontSize=11, color=LABEL, aria=False)
        .encode(x=x, y=alt.value(height), text="label:N"),
        _chart(alt, bands)
        .mark_rect(stroke="#ffffff", strokeWidth=1, cornerRadius=2)
        .encode(x=x, x2=x2, y=y, y2=y2, href="href:N", description="say:N", color=_as_is(alt, "tint")),
        _chart(alt, [band for band in bands if band["label"]])
        .mark_text(align="left", baseline="middle", dx=6, fontSize=12, color="#1d2126", aria=False)
        .encode(x=x, y=alt.value(BAND / 2), text="label:N", href="href:N"),
        _chart(alt, [{"x": 0, "x2": duration, "y": y} for y in lane_y.values()])
        .mark_rule(color=GREY, opacity=0.45, aria=False)
        .encode(x=x, x2=x2, y=y),
        _chart(alt, _silences(bundle, lane_y.get("unheard", 0), duration / plot, lang))
        .mark_rect(color=UNHEARD)
        .encode(x=x, x2=x2, y=y, y2=y2, href="href:N", description="say:N"),
        _chart(alt, [_shape(mark, lane_y[mark.verdict], bundle, lang) for mark in marks])
        .mark_point(filled=True, opacity=1, stroke="#ffffff", strokeWidth=0.75)
        .encode(
            x=x,
            y=y,
            href="href:N",
            description="say:N",
            shape=_as_is(alt, "shape"),
            color=_as_is(alt, "colour"),
            size=_as_is(alt, "size"),
        ),
        _chart(alt, [{"y": BAND // 2, "label": text("ui.products", lang)}, *_labels(lane_y, lang)])
        .mark_text(align="right", baseline="middle", dx=-8, fontSize=12, color=LABEL, aria=False)
        .encode(x=alt.value(0), y=y, text="label:N"),
    ]
    chart = (
        alt.layer(*layers)
        .properties(
            width=plot,
            height=height,
            background="transparent",
            autosize={"type": "none"},
            padding={"left": LEFT, "right": RIGHT, "top": TOP, "bottom": AXIS},
        )
        .configure(font="inherit")
        .configure_view(stroke=None, fill=None)
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return re.sub(r'xlink:href="[^"#]*#', 'href="#', svg)  # vega puts a base address of its own before the fragment


def binned(findings: tuple[Finding, ...], duration: int, plot: int) -> list[Mark]:
    """Findings as marks, those of one verdict within BIN px merged: 2,000 findings stay a picture, not a megabyte."""
    bins: dict[tuple[str, int], list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: (f.start_ms, f.id)):
        bins.setdefault((finding.verdict, finding.start_ms * plot // duration // BIN), []).append(finding)
    return [Mark(verdict=verdict, first=inside[0], count=len(inside)) for (verdict, _), inside in bins.items()]


def tint(bundle: Bundle, sku: str) -> str:
    """The colour of a product: by its place in the catalogue, then by first appearance."""
    order = [product.sku for product in bundle.catalogue.products]
    order += sorted({segment.product for segment in bundle.segments.segments} - set(order))
    return TINTS[order.index(sku) % len(TINTS)]


def fitting(name: str, px: float) -> str:
    """As much of a name as fits at 12 px a Chinese character; nothing rather than one letter."""
    room, kept = px - 12, ""
    for character in name:
        room -= 12 if east_asian_width(character) in "WF" else 7
        if room < 0:
            return f"{kept[:-1]}…" if len(kept) > 2 else ""
        kept += character
    return kept


def _bands(bundle: Bundle, plot: int) -> list[dict[str, object]]:
    bands: list[dict[str, object]] = []
    for segment in bundle.segments.segments:
        name = bundle.product_name(segment.product)
        px = (segment.end_ms - segment.start_ms) * plot / bundle.recording.duration_ms
        bands.append(
            {
                "x": segment.start_ms,
                "x2": segment.end_ms,
                "y": 0,
                "y2": BAND,
                "tint": tint(bundle, segment.product),
                "label": fitting(name, px),
                "href": moment(segment.start_ms),
                "say": f"{name} {clock(segment.start_ms)}-{clock(segment.end_ms)}",
            }
        )
    return bands


def _silences(bundle: Bundle, y: int, ms_per_px: float, lang: str) -> list[dict[str, object]]:
    return [
        {
            "x": stretch.start_ms,
            "x2": max(stretch.end_ms, stretch.start_ms + int(3 * ms_per_px)),
            "y": y - 6,
            "y2": y + 6,
            "href": moment(stretch.start_ms),
            "say": f"{clock(stretch.start_ms)}-{clock(stretch.end_ms)} {text(f'unheard.{stretch.reason}', lang)}",
        }
        for stretch in unheard(bundle)
    ]


def _shape(mark: Mark, y: int, bundle: Bundle, lang: str) -> dict[str, object]:
    say = text(
        "ui.mark",
        lang,
        verdict=mark.verdict,
        quote=mark.first.quote,
        product=bundle.product_name(mark.first.product),
        start_ms=mark.first.start_ms,
    )
    return {
        "x": mark.first.start_ms,
        "y": y,
        "shape": SHAPES[mark.verdict],
        "colour": COLOURS[mark.verdict],
        "size": 120 if mark.count == 1 else 170,
        "href": f"#{anchor(mark.first.id)}",
        "say": say if mark.count == 1 else text("ui.mark_more", lang, mark=say, more=mark.count - 1),
    }


def _labels(lane_y: dict[str, int], lang: str) -> list[dict[str, object]]:
    return [
        {"y": y, "label": text("ui.unheard_short" if lane == "unheard" else f"verdict.{lane}", lang)}
        for lane, y in lane_y.items()
    ]


def ticks(duration: int, plot: int) -> list[dict[str, object]]:
    """Round times, at least 64 px apart, said as clock times."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
    step = 1000 * next((s for s in steps if plot * s * 1000 / duration >= 64), steps[-1])
    return [{"x": tick, "label": clock(tick, hours=duration >= 3_600_000)} for tick in range(0, duration + 1, step)]


def _chart(alt: Any, rows: list[dict[str, object]]) -> Any:
    return alt.Chart(alt.Data(values=rows))


def _as_is(alt: Any, field: str) -> Any:
    """A channel whose field already holds the colour, shape or size."""
    channel = {"tint": alt.Color, "colour": alt.Color, "shape": alt.Shape, "size": alt.Size}[field]
    kind = "Q" if field == "size" else "N"
    return channel(f"{field}:{kind}", scale=None, legend=None)
