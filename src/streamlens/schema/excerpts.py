"""Pieces of sound that go into a report."""

from .record import Record

__all__ = ["Excerpt", "Excerpts"]


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
