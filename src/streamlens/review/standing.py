"""What holds of a finding: each reviewer's decisions added up, and whether the reviewers agree."""

from collections.abc import Iterable, Sequence

import msgspec

from streamlens.review.carrying import is_stale
from streamlens.schema import Decision, Finding, ReviewState, Standing

Outcome = tuple[str, ...]


def undone(decisions: Iterable[Decision]) -> frozenset[int]:
    """The ids of decisions that were taken back."""
    return frozenset(each.undoes for each in decisions if each.undoes is not None)


def last_of(decisions: Sequence[Decision], reviewer: str) -> Decision | None:
    """The newest decision of a reviewer that was not taken back."""
    gone = undone(decisions)
    own = (d for d in reversed(decisions) if d.by == reviewer and d.action != "undo" and d.id not in gone)
    return next(own, None)


def standings(decisions: Sequence[Decision], finding: Finding | None) -> tuple[Standing, ...]:
    """One for each reviewer whose decisions were not all taken back, in the order of their newest.

    Corrections add up (words, then verdict); dismissing clears them. `finding` is what the audit says now, None where
    it no longer says anything: then all of it is stale but what was decided on the orphan as such.
    """
    gone = undone(decisions)
    held: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.action != "undo" and decision.id not in gone:
            held.setdefault(decision.by, []).append(decision)
    found = []
    for own in held.values():
        fresh = [each for each in own if not _stale(each, finding)]
        found.append(_added_up(fresh or own, stale=not fresh))
    return tuple(sorted(found, key=lambda each: each.decision))


def state(found: Sequence[Standing], finding: Finding) -> tuple[ReviewState, Standing | None]:
    """The state of a finding and what holds of it; nothing holds while reviewers disagree."""
    if not found:
        return "open", None
    live = [each for each in found if not each.stale]
    if not live:
        return "moved", None
    if len({outcome(each, finding) for each in live}) == 1 or live[-1].settles:
        return "decided", live[-1]
    return "disputed", None


def outcome(standing: Standing, finding: Finding) -> Outcome:
    """What would come of it, so that two reviewers who came to the same in other ways agree."""
    if standing.action == "dismiss":
        return ("dismissed",)
    return (
        standing.verdict or finding.verdict,
        (finding.product or "") if standing.product is None else standing.product,
        standing.quote or finding.quote,
    )


def _stale(decision: Decision, finding: Finding | None) -> bool:
    return not decision.orphan if finding is None else is_stale(decision, finding)


def _added_up(decisions: Sequence[Decision], *, stale: bool) -> Standing:
    first = decisions[0]
    held = _as_standing(first)
    for decision in decisions[1:]:
        new = _as_standing(decision)
        if decision.action != "dismiss" and held.action != "dismiss":
            new = msgspec.structs.replace(
                new,
                verdict=new.verdict or held.verdict,
                product=held.product if new.product is None else new.product,
                quote=new.quote or held.quote,
            )
        held = new
    return msgspec.structs.replace(held, stale=stale)


def _as_standing(decision: Decision) -> Standing:
    taken = decision if decision.action not in {"dismiss", "missed"} else None
    return Standing(
        action=decision.action, by=decision.by, at=decision.at, reason=decision.reason, decision=decision.id,
        verdict=taken.verdict if taken else None, product=taken.product if taken else None,
        quote=taken.quote if taken else None, settles=decision.settles,
    )  # fmt: skip
