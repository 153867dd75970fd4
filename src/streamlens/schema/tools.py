"""With what a report was made, so that it can be made again or doubted."""

from .record import Record

__all__ = ["Tool", "Tools"]


class Tool(Record, frozen=True, kw_only=True):
    """One thing that had a say in the result: its name (a code to be worded) and its version or digest."""

    name: str
    version: str


class Tools(Record, frozen=True, kw_only=True):
    tools: tuple[Tool, ...] = ()
