"""What was decided, applied to the records that reports are written from; the audit's artefacts stay as they are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from streamlens.report.bundle import Bundle
from streamlens.review import DECISIONS
from streamlens.review.board import Board, Entry
from streamlens.review.decisions import DecisionLog, address
from streamlens.schema import Decision, Finding, Findings, Message, Review


class Decided:
    """The decisions of a database, stream by stream."""

    def __init__(self, log: DecisionLog) -> None:
        self._of: dict[str, list[Decision]] = {}
        for decision in log.rows():
            self._of.setdefault(decision.stream, []).append(decision)

    def board(self, recording: str, findings: Sequence[Finding]) -> Board:
        return Board(findings, self._of.get(recording, ()))

    def apply(self, bundle: Bundle) -> Bundle:
        """The bundle as reviewed; the same bundle where nothing was decided.

        Dismissed findings are set apart and missed ones added. Where reviewers disagree, and where a decision was made
        on other words than there are now, the finding stays as the audit has it and says so.
        """
        if bundle.recording.id not in self._of:
            return bundle
        findings, dismissed, reviews = self._sorted(bundle.findings)
        return msgspec.structs.replace(bundle, findings=findings, reviews=reviews, dismissed=dismissed)

    def findings(self, findings: Findings) -> Findings:
        """The findings of a recording as reviewed, without those that were dismissed."""
        return self._sorted(findings)[0] if findings.recording in self._of else findings

    def _sorted(self, findings: Findings) -> tuple[Findings, tuple[Finding, ...], tuple[Review, ...]]:
        """What is kept, what was dismissed, and what is said of each."""
        kept: list[Finding] = []
        dismissed: list[Finding] = []
        reviews: list[Review] = []
        for entry in self.board(findings.recording, findings.findings).entries:
            review = _review(entry)
            if review:
                reviews.append(review)
                (dismissed if review.state == "dismissed" else kept).append(_finding(entry, review))
            elif not (entry.missed or entry.orphan):
                kept.append(entry.finding)
        kept.sort(key=lambda finding: (finding.start_ms, finding.id))
        return msgspec.structs.replace(findings, findings=tuple(kept)), tuple(dismissed), tuple(reviews)


@contextmanager
def decided(workspace: Path, database: str | None) -> Iterator[Decided | None]:
    """What was decided on a workspace; None where nobody ever reviewed it."""
    if database is None and not (workspace / DECISIONS).is_file():
        yield None
        return
    log = DecisionLog(address(workspace, database))
    try:
        yield Decided(log)
    finally:
        log.close()


def _review(entry: Entry) -> Review | None:
    """What a report says of an entry; None where nothing was decided, or nothing that concerns the report."""
    held = entry.standing
    added = entry.missed or entry.orphan
    if held is None:
        if added or entry.state not in ("disputed", "moved"):
            return None
        newest = entry.standings[-1]
        was = entry.was if entry.state == "moved" else None
        return Review(
            finding=entry.id,
            state="disputed" if entry.state == "disputed" else "moved",
            by=tuple(each.by for each in entry.standings),
            at=newest.at,
            reason=newest.reason,
            was_verdict=was.verdict if was else None,
            was_quote=was.quote if was else None,
        )
    if held.action == "dismiss":
        if added:
            return None
        return Review(finding=entry.id, state="dismissed", by=_by(entry), at=held.at, reason=held.reason)
    new, old = entry.as_reviewed(), entry.finding
    changed = (new.verdict, new.quote, new.product) != (old.verdict, old.quote, old.product)
    return Review(
        finding=entry.id,
        state="missed" if added else "corrected" if changed else "accepted",
        by=_by(entry),
        at=held.at,
        reason=held.reason,
        was_verdict=old.verdict if new.verdict != old.verdict else None,
        was_quote=old.quote if new.quote != old.quote else None,
        was_product=(old.product or "") if new.product != old.product else None,
    )


def _by(entry: Entry) -> tuple[str, ...]:
    """Who stands behind what holds: the settler, or all who agree."""
    live = [each for each in entry.standings if not each.stale]
    alike = [each for each in live if each.action == "dismiss"] if live[-1].action == "dismiss" else live
    return (live[-1].by,) if live[-1].settles else tuple(each.by for each in alike)


def _finding(entry: Entry, review: Review) -> Finding:
    """The finding as reviewed. A verdict that a person changed has that person's reason, not the audit's."""
    finding = entry.as_reviewed()
    if review.was_verdict is None or review.state != "corrected":
        return finding
    args = (("by", ", ".join(review.by)), ("verdict", finding.verdict), ("reviewed_reason", review.reason))
    reason = Message(code="reviewed.judged" if review.reason else "reviewed.judged_plain", args=args)
    return msgspec.structs.replace(finding, reason=reason)
