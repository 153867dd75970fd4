"""One stream with its decisions: every finding, every missed claim and every decision whose finding is gone."""

from collections.abc import Sequence
from functools import cached_property

import msgspec

from streamlens.review.carrying import Subject, carry, subjects
from streamlens.review.standing import standings, state
from streamlens.schema import Decision, Finding, ReviewState, Standing


class Entry(msgspec.Struct, frozen=True):
    """A finding as it stands. `finding` is the audit's, or the snapshot where the audit has none (`orphan`, `missed`).

    `standing` is what holds (None: nothing was decided, or the reviewers disagree); `was` is the finding as it was
    decided on, where that must be confirmed.
    """

    finding: Finding
    state: ReviewState
    standing: Standing | None = None
    standings: tuple[Standing, ...] = ()
    decisions: tuple[Decision, ...] = ()
    was: Finding | None = None
    orphan: bool = False
    missed: bool = False

    @property
    def id(self) -> str:
        return self.finding.id

    @property
    def newest(self) -> int:
        return self.decisions[-1].id if self.decisions else 0

    @property
    def disputed(self) -> bool:
        return self.state == "disputed"

    @property
    def gone(self) -> bool:
        """Nothing to look at any more: a missed claim taken back, or a decision taken back whose finding is gone."""
        return self.state == "removed"

    def as_reviewed(self) -> Finding:
        """The finding with what holds applied: verdict, product and words. For a dismissed one the audit's own."""
        held = self.standing
        if held is None or held.action == "dismiss":
            return self.finding
        return msgspec.structs.replace(
            self.finding,
            verdict=held.verdict or self.finding.verdict,
            product=self.finding.product if held.product is None else held.product or None,
            quote=held.quote or self.finding.quote,
        )


class Board:
    """The findings of one stream and all decisions on it, put together."""

    def __init__(
        self, findings: Sequence[Finding], decisions: Sequence[Decision], before: "Board | None" = None
    ) -> None:
        """`before`: the board of the same findings and the first of these decisions, of which is kept what still is."""
        known = subjects(decisions)
        carried = carry(known, findings)
        about: dict[str, Subject] = {}
        lost: list[Subject] = []
        for subject in known:
            if finding := carried[subject.id]:
                about[finding.id] = subject
            else:
                lost.append(subject)
        kept = before.by_id if before else {}
        entries = [
            old
            if (old := kept.get(finding.id)) and _same(old, about.get(finding.id))
            else _entry(finding, about.get(finding.id))
            for finding in findings
        ]
        entries += [_lost(subject) for subject in lost]
        self.entries: tuple[Entry, ...] = tuple(entries)
        self.last = decisions[-1].id if decisions else 0
        self._aliases = {
            decision.finding: finding.id if (finding := carried[subject.id]) else subject.id
            for subject in known
            for decision in subject.decisions
        }

    @cached_property
    def by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def get(self, finding: str) -> Entry | None:
        """The entry of a finding's id, of today or of the time when it was decided on."""
        return self.by_id.get(finding) or self.by_id.get(self._aliases.get(finding, ""))


def _same(entry: Entry, subject: Subject | None) -> bool:
    return not entry.orphan and entry.decisions == (subject.decisions if subject else ())


def _entry(finding: Finding, subject: Subject | None) -> Entry:
    if subject is None:
        return Entry(finding=finding, state="open")
    found = standings(subject.decisions, finding)
    now, held = state(found, finding)
    was = subject.seen if any(each.stale for each in found) else None
    return Entry(
        finding=finding, state=now, standing=held, standings=found, decisions=subject.decisions, was=was,
        missed=subject.missed,
    )  # fmt: skip


def _lost(subject: Subject) -> Entry:
    """A missed claim, which stands by itself; or a decision whose finding the audit no longer has."""
    seen = msgspec.structs.replace(subject.seen, id=subject.id)
    found = standings(subject.decisions, seen if subject.missed else None)
    now, held = state(found, seen)
    return Entry(
        finding=seen, state="removed" if not found else now, standing=held, standings=found,
        decisions=subject.decisions, was=None if subject.missed else subject.seen, orphan=not subject.missed,
        missed=subject.missed,
    )  # fmt: skip
