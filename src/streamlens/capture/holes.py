"""What is missing of a recording, in words that name the seconds."""

from collections.abc import Sequence

NAMED = 5  # so many places are named one by one
Span = tuple[int, int]  # half-open, in milliseconds


def places(spans: Sequence[Span]) -> str:
    """
    >>> places([(5000, 12_400), (3_600_000, 3_601_000)])
    '0:00:05-0:00:12, 1:00:00-1:00:01 (8 s in all)'
    """
    named = ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans[:NAMED])
    more = f" and {len(spans) - NAMED} more places" if len(spans) > NAMED else ""
    return f"{named}{more} ({sum(end - start for start, end in spans) / 1000:.0f} s in all)"


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
