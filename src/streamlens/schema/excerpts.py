"""Pieces of sound and pictures that go into a report."""

from .record import Record

__all__ = ["Excerpt", "Excerpts", "Moment", "Moments", "Still", "Stills"]


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


class Still(Record, frozen=True, kw_only=True):
    """What was on screen at `at_ms`: a whole picture file. Findings close to one another share it."""

    findings: tuple[str, ...]
    at_ms: int
    picture: bytes


class Stills(Record, frozen=True, kw_only=True):
    recording: str
    media_type: str = ""
    stills: tuple[Still, ...] = ()
