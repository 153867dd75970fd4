"""Start, middle and end of a pitch: how it is sold in each third, and what each goes along with in sales.

After Bharadwaj et al. 2022 (A New Livestream Retail Analytics Framework to Assess the Sales Impact of Emotional
Displays, Journal of Marketing 86), who found that what helps or harms changes over the pitch, most in its middle.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from streamlens.link.columns import Floats, groups, net, number
from streamlens.link.design import demean, make_design
from streamlens.link.honesty import Minima, lacking, refusal
from streamlens.link.inference import benjamini_hochberg, slope
from streamlens.link.library import needs_link
from streamlens.schema import Estimate, Message, Profile, ProfilePart, Refusal

if TYPE_CHECKING:
    import polars

PARTS = ("start", "middle", "end")


class ProfileOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: str = "orders"
    confounders: tuple[str, ...] = ("price_fen", "discount_rate", "minutes_in", "row_min", "online_mean", "product")
    cluster: str = "anchor"
    level: float = 0.95
    minima: Minima = Minima()


class _Thirds(msgspec.Struct, frozen=True):
    """By pitch (rows) and third (columns): the feature's mean, the outcome and the viewer-minutes."""

    feature: Floats
    outcome: Floats
    viewers: Floats


def within_pitch(
    table: "polars.DataFrame", feature: str, *, options: ProfileOptions | None = None
) -> Profile | Refusal:
    """The profile of a feature. Needs segments and minutes of the feature table; a pitch counts from three minutes on.

    Slopes are of the pitch's outcome per 1000 viewer-minutes on the feature in one third, the others, the confounders
    and the broadcast held. They are associations.
    """
    options = options or ProfileOptions()
    needs_link()
    pitches, minutes = (table.filter(table["unit"] == unit) for unit in ("segment", "minute"))
    thirds = _thirds(pitches, minutes, feature, options.outcome)
    viewers, outcome = number(pitches, "viewer_minutes"), net(pitches, options.outcome)
    usable = np.isfinite(thirds.feature).all(axis=1) & np.isfinite(outcome) & (np.nan_to_num(viewers) > 0)
    pitches = pitches.filter(usable.tolist())
    streams = groups(pitches, "recording") if pitches.height else np.zeros(0, np.int64)
    clusters = groups(pitches, options.cluster) if pitches.height else streams
    lacks = lacking(
        options.minima, streams=len(np.unique(streams)), anchors=len(np.unique(clusters)),
        events=float(outcome[usable].sum()), rows=pitches.height,
    )  # fmt: skip
    if lacks:
        return refusal(feature, lacks)
    seen, kept = thirds.feature[usable], demean(outcome[usable] / viewers[usable] * 1000, streams)
    held = make_design(pitches, options.confounders, streams).matrix
    columns = [demean(seen[:, place], streams) for place in range(3)]
    if lacks := lacking(options.minima, unexplained_rate=_open(columns, held)):
        return refusal(feature, lacks)

    def slope_of(column: Floats, others: Sequence[Floats]) -> Estimate:
        given = np.column_stack([*others, held])
        return slope(_left(kept, given), _left(column, given), clusters, level=options.level)

    slopes = [slope_of(columns[place], [columns[other] for other in range(3) if other != place]) for place in range(3)]
    q_values = benjamini_hochberg([1.0 if each.p_value is None else each.p_value for each in slopes])
    start, middle, end = columns
    bend = slope_of(middle, [start + middle / 2, end + middle / 2])
    shape = "dip" if bend.high < 0 else "peak" if bend.low > 0 else "level"
    rates = _rates(thirds, usable)
    return Profile(
        feature=feature, outcome=options.outcome, pitches=pitches.height, clusters=len(np.unique(clusters)), bend=bend,
        parts=tuple(
            ProfilePart(part=part, feature_mean=float(seen[:, place].mean()), outcome_rate=rates[place],  # type: ignore[arg-type]
                        slope=slopes[place], q_value=q_values[place])
            for place, part in enumerate(PARTS)
        ),
        shape=Message(code=f"link.profile.{shape}", args=(("feature", feature), ("outcome", options.outcome))),
    )  # fmt: skip


def _thirds(pitches: "polars.DataFrame", minutes: "polars.DataFrame", feature: str, outcome: str) -> _Thirds:
    """A minute belongs to the pitch and to the third that hold its middle."""
    count = pitches.height
    sums, times = np.zeros((count, 3)), np.zeros((count, 3))
    sold, seen = np.zeros((count, 3)), np.zeros((count, 3))
    starts, ends = number(pitches, "start_ms"), number(pitches, "end_ms")
    middles = (number(minutes, "start_ms") + number(minutes, "end_ms")) / 2
    values, orders, viewers = number(minutes, feature), net(minutes, outcome), number(minutes, "viewer_minutes")
    for pitch, minute in _pairs(pitches, minutes, starts, ends, middles):
        third = min(int(3 * (middles[minute] - starts[pitch]) / (ends[pitch] - starts[pitch])), 2)
        if np.isfinite(values[minute]):
            sums[pitch, third] += values[minute]
            times[pitch, third] += 1
        if np.isfinite(orders[minute]) and np.isfinite(viewers[minute]):
            sold[pitch, third] += orders[minute]
            seen[pitch, third] += viewers[minute]
    with np.errstate(invalid="ignore"):
        return _Thirds(sums / np.where(times > 0, times, np.nan), sold, seen)


def _pairs(
    pitches: "polars.DataFrame", minutes: "polars.DataFrame", starts: Floats, ends: Floats, middles: Floats
) -> list[tuple[int, int]]:
    by_recording: dict[str, list[int]] = {}
    for place, name in enumerate(pitches["recording"].to_list()):
        by_recording.setdefault(name, []).append(place)
    ordered = {name: np.array(sorted(places, key=lambda each: starts[each])) for name, places in by_recording.items()}
    found = []
    for minute, name in enumerate(minutes["recording"].to_list()):
        places = ordered.get(name)
        if places is None:
            continue
        at = int(np.searchsorted(starts[places], middles[minute], side="right")) - 1
        if at >= 0 and middles[minute] < ends[places[at]]:
            found.append((int(places[at]), minute))
    return found


def _rates(thirds: _Thirds, usable: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> list[float | None]:
    sold, seen = thirds.outcome[usable].sum(axis=0), thirds.viewers[usable].sum(axis=0)
    return [float(1000 * each / viewers) if viewers > 0 else None for each, viewers in zip(sold, seen, strict=True)]


def _open(columns: Sequence[Floats], held: Floats) -> float:
    """The least share of a third's variation that the other thirds and the confounders leave: of what is the same
    throughout a pitch, nothing can be told of its parts."""
    shares = []
    for place, column in enumerate(columns):
        others = [columns[other] for other in range(3) if other != place]
        left = _left(column, np.column_stack([*others, held]))
        shares.append(float(left.var() / column.var()) if column.var() > 0 else 0.0)
    return min(shares)


def _left(values: Floats, given: Floats) -> Floats:
    found: Floats = values - given @ np.linalg.lstsq(given, values, rcond=None)[0]
    return found
