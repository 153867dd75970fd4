"""What people decide on findings."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from .record import Record

if TYPE_CHECKING:
    from . import Verdict
else:
    Verdict = str

__all__ = ["Action", "Decision", "Review", "ReviewState", "Standing"]

Action = Literal["accept", "dismiss", "correct", "verdict", "product", "missed", "undo"]
ReviewState = Literal["open", "decided", "disputed", "moved", "removed"]


class Decision(Record, frozen=True, kw_only=True):
    """One entry of the log of decisions; entries are only ever added.

    `snapshot` is the finding as the person saw it (for `missed`: as the person wrote it), as JSON, so that the decision
    can be read and carried over when the audit no longer has that finding. `confirms` is the finding on which an
    earlier decision was made that this one takes up. `settles`: made by somebody who settles disputes. `orphan`: made
    knowing that the audit no longer has this finding.
    """

    id: int
    stream: str
    finding: str
    action: Action
    by: str
    at: datetime
    reason: str = ""
    verdict: Verdict | None = None
    product: str | None = None
    quote: str | None = None
    undoes: int | None = None
    confirms: str | None = None
    settles: bool = False
    orphan: bool = False
    snapshot: bytes = b""


class Standing(Record, frozen=True, kw_only=True):
    """What one reviewer holds of a finding: their decisions added up, the newest last.

    `verdict`, `product` and `quote` are None where the reviewer left the audit's value. `stale`: all of it was decided
    on other words or on another verdict of the audit, so it does not count until somebody confirms it.
    """

    action: Action
    by: str
    at: datetime
    reason: str
    decision: int
    verdict: Verdict | None = None
    product: str | None = None
    quote: str | None = None
    stale: bool = False
    settles: bool = False


class Review(Record, frozen=True, kw_only=True):
    """What a report says of a reviewed finding. `was_*`: what the audit had said, where that was changed."""

    finding: str
    state: Literal["accepted", "dismissed", "corrected", "missed", "disputed", "moved"]
    by: tuple[str, ...]
    at: datetime
    reason: str = ""
    was_verdict: Verdict | None = None
    was_quote: str | None = None
    was_product: str | None = None
