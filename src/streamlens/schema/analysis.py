"""What `streamlens link` finds in a workspace, whole: what was looked at, what is said of it, what is refused."""

from datetime import date
from typing import Literal

from .link import (
    Association,
    Curve,
    Decomposition,
    Effect,
    Evaluation,
    Importance,
    Leak,
    Optimism,
    Profile,
    Refusal,
)
from .record import Message, Record

__all__ = ["Analysis", "Change", "Held", "Scope", "StreamSales"]


class Held(Record, frozen=True, kw_only=True):
    """Something that may drive both selling and sales, and how a statement deals with it.

    held: compared only among equals, or adjusted for; partly; open: there is data, and it was not used; missing: there
    is no data.
    """

    factor: Literal["price", "discount", "position", "traffic", "time", "product", "anchor"]
    state: Literal["held", "partly", "open", "missing"]


class StreamSales(Record, frozen=True, kw_only=True):
    """A stream's sales, net of refunds; by pitch, and in all of its minutes (`all_orders`)."""

    recording: str
    anchor: str | None
    day: date | None
    minutes: float
    pitches: int
    products: int
    viewer_minutes: float | None
    orders: int | None
    units: int | None
    gmv_fen: int | None
    repeat_orders: int | None
    all_orders: int | None
    refunded_orders: int | None
    notes: tuple[Message, ...] = ()


class Scope(Record, frozen=True, kw_only=True):
    """Sums over the streams; None where no stream states it."""

    streams: int
    anchors: int
    products: int
    pitches: int
    hours: float
    viewer_minutes: float | None
    orders: int | None
    units: int | None
    gmv_fen: int | None
    repeat_orders: int | None
    refunded_orders: int | None
    first: date | None
    last: date | None


class Change(Record, frozen=True, kw_only=True):
    """Why an anchor's sales a stream changed between the earlier and the later half of their streams."""

    anchor: str
    before_streams: int
    after_streams: int
    before_until: date
    after_from: date
    change: Decomposition


class Analysis(Record, frozen=True, kw_only=True):
    """All of it. `refused` says why nothing at all is said of causes and predictions; what there is is described
    then."""

    simulated: bool
    outcome: str
    scale: Literal["per_1000", "total"]
    cluster: str
    level: float
    seed: int
    window_s: float
    lag_s: float
    digests: tuple[tuple[str, str], ...]  # of the tables that this rests on, sha256
    scope: Scope
    streams: tuple[StreamSales, ...]
    refused: Refusal | None = None
    refusals: tuple[Refusal, ...] = ()  # of single questions
    leaks: tuple[Leak, ...] = ()
    features: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # features of which there is no data
    evaluations: tuple[Evaluation, ...] = ()
    optimism: tuple[Optimism, ...] = ()
    honest: str = ""  # the split that models are judged by
    best: str = ""
    importances: tuple[Importance, ...] = ()
    curves: tuple[Curve, ...] = ()
    associations: tuple[Association, ...] = ()
    effects: tuple[Effect, ...] = ()
    profiles: tuple[Profile, ...] = ()
    changes: tuple[Change, ...] = ()
    held: tuple[tuple[str, tuple[Held, ...]], ...] = ()  # of each kind of statement
    notes: tuple[Message, ...] = ()
