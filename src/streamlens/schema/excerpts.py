"""Pieces of sound that go into a report."""

from .record import Record

__all__ = ["Excerpt", "Excerpts", "Moment", "Moments"]


class Moment(Record, frozen=True, kw_only=True):
    """A stretch of the recording that is worth hearing, for a finding."""

    finding: str
    start_ms: int
    end_ms: int


class Moments(Record, frozen=True, kw_only=True):
    recording: str
    moments: tuple[Moment, ...] = ()


class Excerpt(Record, frozen=True, kw_only=True):
    """The sound around a finding: a whole file of its own."""

    finding: str
    start_ms: int
    end_ms: int
    sound: bytes


class Excerpts(Record, frozen=True, kw_only=True):
    recording: str
    media_type: str = ""
    excerpts: tuple[Excerpt, ...] = ()
