"""What buyers complain of, set against what the anchor promised of that product and whether he took it up."""

from collections.abc import Iterator, Sequence

import msgspec

from ..schema import Comment, Complaint, Facts, Findings, Pledge
from .answers import Heard
from .comments import Reading
from .topics import Compiled, Said

MOST = 6  # pledges: more say nothing new


class Complained(msgspec.Struct, frozen=True, kw_only=True):
    """A comment that complains, and of which product."""

    comment: Comment
    reading: Reading
    product: str | None


def find_complaints(
    found: Sequence[Complained],
    heard: Heard,
    facts: Facts,
    findings: Findings,
    book: Compiled,
    *,
    window_ms: int,
    recording: str,
) -> tuple[Complaint, ...]:
    """In order of time. The same complaint of one product within the time for an answer is one."""
    groups: list[list[Complained]] = []
    latest: dict[tuple[str, str | None], list[Complained]] = {}
    for each in found:
        key = (each.reading.complaint, each.product)
        group = latest.get(key)
        if group and each.comment.at_ms - group[0].comment.at_ms <= window_ms:
            group.append(each)
        else:
            latest[key] = [each]
            groups.append(latest[key])
    kinds = {said.topic.id: said for said in book.complaints}
    complaints = []
    for number, group in enumerate(groups, 1):
        first, said = group[0], kinds[group[0].reading.complaint]
        at_ms = first.comment.at_ms
        response = heard.response(said.responds, at_ms, group[-1].comment.at_ms + window_ms)
        complaints.append(
            Complaint(
                id=f"{recording}/complaint-{number:04d}",
                at_ms=at_ms,
                text=first.comment.text,
                topic=said.topic.id,
                product=first.product,
                comments=tuple(each.comment.id for each in group),
                earlier=any(each.reading.earlier for each in group),
                promises=tuple(_promises(said, first.product, findings)),
                pledges=tuple(_pledges(said, first.product, facts)),
                responded_ms=response.at_ms if response else None,
                response=response.text if response else "",
                confidence=first.reading.confidence,
            )
        )
    return tuple(complaints)


def _promises(said: Said, product: str | None, findings: Findings) -> Iterator[str]:
    for finding in findings.findings:
        if product and finding.product == product and finding.stance == "asserted" and finding.kind in said.topic.kinds:
            yield finding.id


def _pledges(said: Said, product: str | None, facts: Facts) -> Iterator[Pledge]:
    seen: set[str] = set()
    for fact in facts.facts:
        wanted = fact.sort in said.topic.facts or fact.sort == "after_sale"
        if product and fact.product == product and wanted and fact.channel == "speech" and fact.quote not in seen:
            seen.add(fact.quote)
            yield Pledge(start_ms=fact.start_ms, quote=fact.heard)
            if len(seen) == MOST:
                return
