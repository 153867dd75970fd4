"""What is missing of a recording, in words that name the seconds."""

from collections.abc import Sequence

NAMED = 5  # so many places are named one by one
CLOSE_MS = 1000
Span = tuple[int, int]  # half-open, in milliseconds


def places(spans: Sequence[Span]) -> str:
    """The spans, in order, and how long they are together; those that all but touch are named as one.

    >>> places([(5000, 9000), (9500, 12_400), (3_600_000, 3_601_000)])
    '0:00:05-0:00:12, 1:00:00-1:00:01 (8 s in all)'
    """
    joined: list[Span] = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= CLOSE_MS:
            start, _ = joined.pop()
        joined.append((start, end))
    named = ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in joined[:NAMED])
    more = f" and {len(joined) - NAMED} more places" if len(joined) > NAMED else ""
    return f"{named}{more} ({sum(end - start for start, end in spans) / 1000:.0f} s in all)"


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
