"""The course of a broadcast minute by minute as SVG: pace, viewers, comments, orders, one strip below the other.

Each strip has its own scale from 0, its greatest value beside its name; nothing is drawn where nothing is known.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from streamlens.report.bundle import Bundle
from streamlens.report.charts import GREY, LABEL, ticks
from streamlens.report.messages import text

LINE, BAR = "#1f5fa8", "#9aa3ad"
LEFT, RIGHT, TOP = 8, 14, 4
HEAD, STRIP, AXIS = 20, 38, 22
MINUTE = 60_000
NAMES = ("pace", "viewers", "comments", "orders")
DOTS = 40  # of more points none gets a dot of its own: one path each is what keeps a long broadcast light


@dataclass(frozen=True)
class Strip:
    """A series of (start in ms, value), one a minute."""

    name: str
    points: tuple[tuple[int, float], ...]
    sort: str  # line | bar


def strips(bundle: Bundle) -> tuple[Strip, ...]:
    """What is known by minute: characters a minute while speaking, viewers online, comments, orders."""
    end = bundle.recording.duration_ms
    minutes = range(-(-end // MINUTE))
    found: list[Strip] = []
    voice = {each.utterance: each for each in (bundle.voice.utterances if bundle.voice else ())}
    spoken: dict[int, list[tuple[float, int]]] = {}
    for utterance in bundle.transcript.utterances:
        measured = voice.get(utterance.id)
        if measured and measured.pace_cpm is not None:
            weight = max(1, utterance.end_ms - utterance.start_ms)
            spoken.setdefault(utterance.start_ms // MINUTE, []).append((measured.pace_cpm, weight))
    if spoken:
        pace = (
            (minute * MINUTE, sum(p * w for p, w in rows) / sum(w for _, w in rows))
            for minute, rows in sorted(spoken.items())
        )
        found.append(Strip("pace", tuple(pace), "line"))
    audience = bundle.audience
    if audience:
        online: dict[int, list[int]] = {}
        for reading in audience.viewers:
            if reading.online is not None and 0 <= reading.at_ms < end:
                online.setdefault(reading.at_ms // MINUTE, []).append(reading.online)
        if online:
            mean = ((minute * MINUTE, sum(values) / len(values)) for minute, values in sorted(online.items()))
            found.append(Strip("viewers", tuple(mean), "line"))
        for name, times in (
            ("comments", [comment.at_ms for comment in audience.comments]),
            ("orders", [order.at_ms for order in audience.orders]),
        ):
            if times:
                found.append(Strip(name, _a_minute(times, minutes), "bar"))
    return tuple(found)


def _a_minute(times: Iterable[int], minutes: range) -> tuple[tuple[int, float], ...]:
    counted = Counter(time // MINUTE for time in times)
    return tuple((minute * MINUTE, float(counted[minute])) for minute in minutes)


def curves(
    bundle: Bundle, lang: str, *, width: int, only: Collection[str] = NAMES, left: int = LEFT, right: int = RIGHT
) -> str:
    """The strips as an SVG element `width` px wide, `left` and `right` px of it empty; "" where nothing is known."""
    import altair as alt
    import vl_convert

    drawn = [strip for strip in strips(bundle) if strip.name in only]
    if not drawn or bundle.recording.duration_ms <= 0:
        return ""
    plot, height = width - left - right, (HEAD + STRIP) * len(drawn)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, bundle.recording.duration_ms], nice=False), axis=None, title=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None, title=None)
    x2, y2 = alt.X2("x2:Q", title=None), alt.Y2("y2:Q", title=None)
    lines: list[dict[str, object]] = []
    bars: list[dict[str, object]] = []
    heads: list[dict[str, object]] = []
    floors: list[dict[str, object]] = []
    for number, strip in enumerate(drawn):
        floor = (HEAD + STRIP) * (number + 1)
        most = max(value for _, value in strip.points)
        floors.append({"x": 0, "x2": bundle.recording.duration_ms, "y": floor})
        heads.append({"y": floor - STRIP - 6, "label": text(f"coach_curve.{strip.name}", lang, most=f"{most:.0f}")})
        for start, value in strip.points:
            at = floor - (STRIP * value / most if most else 0)
            end = min(start + MINUTE, bundle.recording.duration_ms)
            if strip.sort == "bar":
                bars += [{"x": x, "y": at, "y2": floor, "strip": strip.name} for x in (start, end)]
            else:
                lines.append({"x": (start + end) / 2, "y": at, "strip": strip.name, "few": len(strip.points) <= DOTS})
    marks = [{"x": tick["x"], "label": tick["label"]} for tick in ticks(bundle.recording.duration_ms, plot)]
    layers = [
        _of(alt, floors).mark_rule(color=GREY, opacity=0.6, aria=False).encode(x=x, x2=x2, y=y),
        _of(alt, marks)
        .mark_text(baseline="top", dy=6, fontSize=11, color=LABEL, aria=False)
        .encode(x=x, y=alt.value(height), text="label:N"),
        _of(alt, bars).mark_area(color=BAR, aria=False).encode(x=x, y=y, y2=y2, detail="strip:N"),
        _of(alt, lines).mark_line(color=LINE, strokeWidth=2, aria=False).encode(x=x, y=y, detail="strip:N"),
        _of(alt, [line for line in lines if line["few"]])
        .mark_point(color=LINE, filled=True, size=18, opacity=1, aria=False)
        .encode(x=x, y=y),
        _of(alt, heads)
        .mark_text(align="left", baseline="alphabetic", fontSize=12, color=LABEL, aria=False)
        .encode(x=alt.value(0), y=y, text="label:N"),
    ]
    chart = (
        alt.layer(*layers)
        .properties(
            width=plot, height=height, background="transparent", autosize={"type": "none"},
            padding={"left": left, "right": right, "top": TOP, "bottom": AXIS},
        )
        .configure(font="inherit")
        .configure_view(stroke=None, fill=None)
    )  # fmt: skip
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg


def _of(alt: Any, rows: list[dict[str, object]]) -> Any:
    return alt.Chart(alt.Data(values=rows))
