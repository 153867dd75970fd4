"""Statistics as SVG: estimates with their intervals, two numbers side by side, a line with its band, signed bars.

Each function takes plain rows and gives one `<svg>` element `width` px wide, or "" where there is nothing to draw:

    intervals([Interval("pace", 0.8, 0.2, 1.4)], width=358, form="+.1f", mark=0.0)   a forest plot
    pairs([Pair("random forest", 0.61, 0.22)], width=358, form=".0%")                a dumbbell a row
    band([Point(1.0, 20, 18, 23), ...], width=358, x_title="...", y_title="...")     a line in its interval
    bars([Bar("traffic", 0.31), Bar("price", -0.05)], width=358, form="+.0%")        bars from zero

Draw twice, `PHONE` and `DESK` px wide, and let the page show the one that fits: a picture that is only scaled cannot be
read on a phone. Labels stand above their rows, so that long ones fit; words come from the caller, in the reader's
language. `form` is a d3 number format. Bounds without end are drawn to the edge. The same rows give the same bytes.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from streamlens.report.charts import GREY, LABEL

PHONE, DESK = 334, 700
SEEN, UNSEEN, FIRST, SECOND, RISE, FALL = "#1f5fa8", "#9aa3ad", "#a85200", "#1f5fa8", "#00695f", "#b3151b"
LEFT, RIGHT, TOP, AXIS, TITLE = 8, 16, 4, 26, 18
ROW, HEAD = 40, 16  # px a row, and of that for its label


@dataclass(frozen=True)
class Interval:
    """An estimate; one that is `seen` (its interval leaves out zero, say) is drawn in colour, others in grey."""

    label: str
    value: float
    low: float
    high: float
    seen: bool = True


@dataclass(frozen=True)
class Pair:
    """Two numbers of one thing: `first` is drawn hollow, `second` filled."""

    label: str
    first: float
    second: float


@dataclass(frozen=True)
class Point:
    at: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bar:
    label: str
    value: float


def intervals(rows: Sequence[Interval], *, width: int, form: str = ".2f", mark: float | None = 0.0) -> str:
    """Points with their intervals, one below the other; `mark` is a line to compare with, None for none."""
    rows = [row for row in rows if math.isfinite(row.value)]
    if not rows:
        return ""
    low, high = _domain([value for row in rows for value in (row.value, row.low, row.high)], mark)
    cells: list[dict[str, object]] = [
        {
            "y": _middle(place), "x": _within(row.value, low, high), "low": _within(row.low, low, high),
            "high": _within(row.high, low, high), "colour": SEEN if row.seen else UNSEEN,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    alt, height = _altair(), ROW * len(rows)
    x, y, colour = _x(alt, low, high, form), _y(alt, height), alt.Color("colour:N", scale=None, legend=None)
    layers = [
        *_mark(alt, mark, x, height),
        _of(alt, cells)
        .mark_rule(strokeWidth=3)
        .encode(x=_x(alt, low, high, form, "low"), x2="high:Q", y=y, color=colour),
        _of(alt, cells).mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, color=colour),
        _heads(alt, [row.label for row in rows], y),
    ]
    return _drawn(alt, layers, width, height)


def pairs(rows: Sequence[Pair], *, width: int, form: str = ".2f", mark: float | None = 0.0) -> str:
    rows = [row for row in rows if math.isfinite(row.first) and math.isfinite(row.second)]
    if not rows:
        return ""
    low, high = _domain([value for row in rows for value in (row.first, row.second)], mark)
    cells: list[dict[str, object]] = [
        {"y": _middle(place), "first": row.first, "second": row.second} for place, row in enumerate(rows)
    ]
    alt, height = _altair(), ROW * len(rows)
    y = _y(alt, height)
    x = {name: _x(alt, low, high, form, name) for name in ("first", "second")}
    layers = [
        *_mark(alt, mark, x["first"], height),
        _of(alt, cells).mark_rule(strokeWidth=3, color=UNSEEN).encode(x=x["first"], x2="second:Q", y=y),
        _of(alt, cells)
        .mark_point(filled=True, size=90, opacity=1, fill="#ffffff", stroke=FIRST, strokeWidth=2.5)
        .encode(x=x["first"], y=y),
        _of(alt, cells).mark_point(filled=True, size=100, opacity=1, color=SECOND).encode(x=x["second"], y=y),
        _heads(alt, [row.label for row in rows], y),
    ]
    return _drawn(alt, layers, width, height)


def band(
    points: Sequence[Point], *, width: int, x_title: str, y_title: str, form: str = "~g", y_form: str = "~g",
    height: int = 150,
) -> str:  # fmt: skip
    """A line through the points, its interval behind it. Needs two points."""
    points = [point for point in points if math.isfinite(point.value)]
    if len(points) < 2:
        return ""
    low, high = _domain([value for point in points for value in (point.value, point.low, point.high)], None)
    cells: list[dict[str, object]] = [
        {"x": point.at, "y": point.value, "low": _within(point.low, low, high), "high": _within(point.high, low, high)}
        for point in points
    ]
    alt = _altair()
    x = alt.X("x:Q", scale=alt.Scale(domain=[points[0].at, points[-1].at], nice=False), axis=_axis(alt, form, x_title))
    scale = alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("y:Q", scale=scale, axis=_axis(alt, y_form, None))
    span = alt.Y("low:Q", scale=scale, axis=_axis(alt, y_form, None))
    layers = [
        _of(alt, cells).mark_area(color=SEEN, opacity=0.18).encode(x=x, y=span, y2="high:Q"),
        _of(alt, cells).mark_line(color=SEEN, strokeWidth=2.5).encode(x=x, y=y),
        _of(alt, [{"label": y_title}])
        .mark_text(align="left", baseline="bottom", fontSize=12, color=LABEL)
        .encode(x=alt.value(-40), y=alt.value(-8), text="label:N"),
    ]
    return _drawn(alt, layers, width, height, left=48, top=24, below=TITLE)


def bars(rows: Sequence[Bar], *, width: int, form: str = ".2f") -> str:
    rows = [row for row in rows if math.isfinite(row.value)]
    if not rows:
        return ""
    low, high = _domain([row.value for row in rows], 0.0)
    cells: list[dict[str, object]] = [
        {
            "top": _middle(place) - 7, "bottom": _middle(place) + 7, "zero": 0.0, "x": row.value,
            "colour": RISE if row.value >= 0 else FALL,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    alt, height = _altair(), ROW * len(rows)
    x, y = _x(alt, low, high, form, "zero"), _y(alt, height)
    layers = [
        _of(alt, cells)
        .mark_rect()
        .encode(
            x=x, x2="x:Q", y=_y(alt, height, "top"), y2="bottom:Q", color=alt.Color("colour:N", scale=None, legend=None)
        ),
        *_mark(alt, 0.0, _x(alt, low, high, form), height),
        _heads(alt, [row.label for row in rows], y),
    ]
    return _drawn(alt, layers, width, height)


def _altair() -> Any:
    import altair

    return altair


def _middle(place: int) -> float:
    return ROW * place + HEAD + (ROW - HEAD) / 2 - 2


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _domain(values: Iterable[float], mark: float | None) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)] + ([] if mark is None else [mark])
    low, high = min(finite), max(finite)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def _axis(alt: Any, form: str, title: str | None) -> Any:
    return alt.Axis(
        format=form, title=title, tickCount=5, labelFontSize=11, labelColor=LABEL, titleFontSize=12, titleColor=LABEL,
        titleFontWeight="normal", gridColor=GREY, gridOpacity=0.25, domainColor=GREY, tickColor=GREY, labelFlush=True,
    )  # fmt: skip


def _x(alt: Any, low: float, high: float, form: str, field: str = "x") -> Any:
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[low, high], nice=False), axis=_axis(alt, form, None))


def _y(alt: Any, height: int, field: str = "y") -> Any:
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None, title=None)


def _mark(alt: Any, mark: float | None, x: Any, height: int) -> list[Any]:
    """A line through every row, that leaves the labels free."""
    if mark is None:
        return []
    field = x.shorthand.split(":")[0]
    return [
        _of(alt, [{field: mark, "from": start + HEAD, "to": start + ROW} for start in range(0, height, ROW)])
        .mark_rule(color=LABEL, strokeWidth=1.5, strokeDash=[4, 3])
        .encode(x=x, y=_y(alt, height, "from"), y2="to:Q")
    ]


def _heads(alt: Any, labels: Sequence[str], y: Any) -> Any:
    return (
        _of(alt, [{"y": ROW * place + HEAD - 3, "label": label} for place, label in enumerate(labels)])
        .mark_text(align="left", baseline="alphabetic", fontSize=12, color=LABEL)
        .encode(x=alt.value(0), y=y, text="label:N")
    )


def _drawn(
    alt: Any, layers: Sequence[Any], width: int, height: int, *, left: int = LEFT, top: int = TOP, below: int = 0
) -> str:
    import vl_convert

    chart = (
        alt.layer(*layers)
        .properties(
            width=width - left - RIGHT, height=height, background="transparent", autosize={"type": "none"},
            padding={"left": left, "right": RIGHT, "top": top, "bottom": AXIS + below},
        )
        .configure(font="inherit")
        .configure_view(stroke=None, fill=None)
    )  # fmt: skip
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg


def _of(alt: Any, rows: Sequence[dict[str, object]]) -> Any:
    return alt.Chart(alt.Data(values=list(rows)))
