"""What was heard, named, claimed and on offer, counted against what people say was: the numbers of an evaluation."""

from itertools import pairwise
from typing import Any

import msgspec

from .language import HARD, SOFT, readings, spoken
from .schema import ACCUSATIONS

NEAR_MS = 1500  # a finding may lie this far outside the gold line that it matches
BOUNDARY_MS = 2000  # a change of product is found when a segment of the new one begins this near to it
_STEP_MS = 20  # resolution of the time-weighted segment score


class GoldClaim(msgspec.Struct, frozen=True, kw_only=True):
    quote: str
    kind: str
    stance: str
    verdict: str


class GoldLine(msgspec.Struct, frozen=True, kw_only=True):
    start: float
    end: float
    text: str
    product: str | None = None
    claims: tuple[GoldClaim, ...] = ()


class GoldSegment(msgspec.Struct, frozen=True, kw_only=True):
    start: float
    end: float
    sku: str


class Gold(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    duration: float
    lines: tuple[GoldLine, ...]
    segments: tuple[GoldSegment, ...] = ()
    banners: tuple[GoldLine, ...] = ()


class Tally(msgspec.Struct, kw_only=True):
    """Counts that add up over streams; the rates are read off them."""

    characters: int = 0
    character_errors: int = 0
    syllables: int = 0
    syllable_errors: int = 0
    names: int = 0
    names_right: int = 0
    claims: int = 0  # gold claims that are asserted
    claims_found: int = 0
    found_asserted: int = 0  # findings that are asserted
    found_right: int = 0
    accusations: int = 0  # findings that accuse
    accusations_right: int = 0  # ... of a gold claim that is asserted and has such a verdict
    accusable: int = 0  # gold claims that should be accused; those that are: accusations_right
    accusations_of_unasserted: int = 0  # findings that accuse words which the gold has as denied, asked, reported ...
    verdicts: int = 0  # matched asserted claims
    verdicts_right: int = 0
    stances: int = 0  # matched claims of any stance
    stances_right: int = 0
    segment_ms: int = 0
    segment_ms_right: int = 0
    boundaries: int = 0  # changes from one product to another
    boundaries_right: int = 0  # ... where a segment of the new one begins within BOUNDARY_MS

    def add(self, other: "Tally") -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def rates(self) -> dict[str, float | None]:
        """The scores, rounded; None where there was nothing to score."""

        def share(part: int, whole: int) -> float | None:
            return round(part / whole, 4) if whole else None

        return {
            "character_error_rate": share(self.character_errors, self.characters),
            "syllable_error_rate": share(self.syllable_errors, self.syllables),
            "name_recall": share(self.names_right, self.names),
            "claim_recall": share(self.claims_found, self.claims),
            "claim_precision": share(self.found_right, self.found_asserted),
            "accusation_precision": share(self.accusations_right, self.accusations),
            "accusation_recall": share(self.accusations_right, self.accusable),
            "verdict_accuracy": share(self.verdicts_right, self.verdicts),
            "stance_accuracy": share(self.stances_right, self.stances),
            "segment_accuracy": share(self.segment_ms_right, self.segment_ms),
            "boundary_accuracy": share(self.boundaries_right, self.boundaries),
        }


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that went wrong: a gold claim not found, a finding nobody made, a wrong verdict or stance."""

    what: str  # missed | invented | verdict | stance
    at_ms: int
    kind: str
    gold: str
    found: str


def letters(text: str) -> str:
    """The characters that count for an error rate: simplified, numbers in characters, no marks.

    >>> letters("24小时，發貨！")
    '二十四小时发货'
    """
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "").replace("两", "二")


def syllables(text: str) -> list[str]:
    """The most usual toneless reading of each character."""
    return [readings(char)[0] for char in letters(text)]


def score_text(gold: Gold, utterances: list[dict[str, Any]], tally: Tally) -> None:
    from rapidfuzz.distance import Levenshtein

    said, heard = "".join(line.text for line in gold.lines), "".join(item["text"] for item in utterances)
    tally.characters += len(letters(said))
    tally.character_errors += Levenshtein.distance(letters(said), letters(heard))
    tally.syllables += len(syllables(said))
    tally.syllable_errors += Levenshtein.distance(syllables(said), syllables(heard))


def score_names(gold: Gold, utterances: list[dict[str, Any]], names: tuple[str, ...], tally: Tally) -> None:
    """A name counts as right when the transcript has it as often within the line's time."""
    for line in gold.lines:
        start, end = line.start * 1000 - NEAR_MS, line.end * 1000 + NEAR_MS
        near = "".join(item["text"] for item in utterances if item["start_ms"] < end and start < item["end_ms"])
        said, heard = letters(line.text), letters(near)
        for name in names:
            count = said.count(name)
            tally.names += count
            tally.names_right += min(count, heard.count(name))
            said, heard = said.replace(name, "|"), heard.replace(name, "|", count)


def score_segments(gold: Gold, segments: list[dict[str, Any]], tally: Tally) -> None:
    for at in range(0, round(gold.duration * 1000), _STEP_MS):
        right = next((item.sku for item in gold.segments if item.start * 1000 <= at < item.end * 1000), None)
        ours = next((item["product"] for item in segments if item["start_ms"] <= at < item["end_ms"]), None)
        tally.segment_ms += _STEP_MS
        tally.segment_ms_right += _STEP_MS * (right == ours)
    for before, after in pairwise(sorted(gold.segments, key=lambda segment: segment.start)):
        if before.sku != after.sku and (after.start - before.end) * 1000 < BOUNDARY_MS:
            begins = after.start * 1000
            near = [item for item in segments if abs(item["start_ms"] - begins) <= BOUNDARY_MS]
            tally.boundaries += 1
            tally.boundaries_right += any(item["product"] == after.sku for item in near)


def score_claims(
    gold: Gold, findings: list[dict[str, Any]], families: tuple[str, ...], channel: str, tally: Tally
) -> tuple[Miss, ...]:
    """Gold claims and findings are paired one to one: same kind, overlapping in time, most alike in words first."""
    from rapidfuzz import fuzz

    def wanted(kind: str) -> bool:
        return not families or kind.split(".")[0] in families

    lines = gold.lines if channel == "speech" else gold.banners
    truths = [(line, claim) for line in lines for claim in line.claims if wanted(claim.kind)]
    # a finding of which nothing was heard is about the papers (judge/gaps): the gold is of what was said and shown
    ours = [item for item in findings if item["heard"] and item["channel"] == channel and wanted(item["kind"])]
    pairs = sorted(
        (
            (-fuzz.ratio(" ".join(syllables(claim.quote)), " ".join(syllables(item["quote"]))), number, index)
            for number, (line, claim) in enumerate(truths)
            for index, item in enumerate(ours)
            if claim.kind == item["kind"]
            and item["start_ms"] < line.end * 1000 + NEAR_MS
            and line.start * 1000 - NEAR_MS < item["end_ms"]
        ),
    )
    matched: dict[int, int] = {}
    for _, number, index in pairs:
        if number not in matched and index not in matched.values():
            matched[number] = index
    misses: list[Miss] = []
    for number, (line, claim) in enumerate(truths):
        found = ours[matched[number]] if number in matched else None
        asserted = claim.stance == "asserted"
        tally.claims += asserted
        tally.accusable += asserted and claim.verdict in ACCUSATIONS
        if found is None:
            if asserted:
                misses.append(_miss("missed", line, claim, found))
            continue
        tally.stances += 1
        tally.stances_right += found["stance"] == claim.stance
        if found["stance"] != claim.stance:
            misses.append(_miss("stance", line, claim, found))
        if asserted and found["stance"] == "asserted":
            tally.claims_found += 1
            tally.verdicts += 1
            tally.verdicts_right += found["verdict"] == claim.verdict
            if found["verdict"] != claim.verdict:
                misses.append(_miss("verdict", line, claim, found))
    pair_of = {index: truths[number][1] for number, index in matched.items()}
    for index, item in enumerate(ours):
        truth = pair_of.get(index)
        right = truth is not None and truth.stance == "asserted"
        if item["stance"] == "asserted":
            tally.found_asserted += 1
            tally.found_right += right
            if not right:
                misses.append(
                    Miss(
                        what="invented",
                        at_ms=item["start_ms"],
                        kind=item["kind"],
                        gold=f"{truth.quote} ({truth.stance})" if truth else "",
                        found=f"{item['quote']} | {item['heard']} ({item['verdict']}, {item['confidence']})",
                    )
                )
        if item["verdict"] in ACCUSATIONS:
            tally.accusations += 1
            tally.accusations_right += right and truth is not None and truth.verdict in ACCUSATIONS
            tally.accusations_of_unasserted += truth is not None and truth.stance != "asserted"
    return tuple(sorted(misses, key=lambda miss: (miss.at_ms, miss.what, miss.kind)))


def _miss(what: str, line: GoldLine, claim: GoldClaim, found: dict[str, Any] | None) -> Miss:
    return Miss(
        what=what,
        at_ms=round(line.start * 1000),
        kind=claim.kind,
        gold=f"{claim.quote} ({claim.stance}, {claim.verdict})",
        found=f"{found['quote']} ({found['stance']}, {found['verdict']}, {found['confidence']})" if found else "",
    )
