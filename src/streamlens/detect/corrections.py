"""Claims that are taken back, in the same breath or by a later sentence.

The law on live selling asks for correction on the spot (直播电商监督管理办法 Art 31), so a correction is found, linked
to what it corrects, and credited.
"""

import bisect
import hashlib
from collections import Counter

import msgspec

from ..language import HARD, SOFT, readings
from ..schema import Claim, Message, Step
from .spoken import Spoken
from .stance import Cues

CORRECTS_WITHIN_MS = 600_000
_LONGEST_QUOTE = 24  # characters from the words taken up to the words that take them back

Seen = Counter[tuple[str, str | None, str]]


def claim_id(recording: str, rule: str, product: str | None, quote: str, seen: Seen) -> str:
    """An id without times: the nth time that these words are claimed of this product. Counts up `seen`."""
    key = (rule, product, quote)
    seen[key] += 1
    return hashlib.sha256("\0".join((recording, *map(str, key), str(seen[key]))).encode()).hexdigest()[:12]


def heard_step(text: Spoken, start: int, end: int) -> Step:
    """The first step of a trace: what the transcript has at text[start:end], and how sure the recogniser was of it."""
    first, last = text.sentence(start, end)
    values = text.probability[start:end]
    return Step(
        step="heard",
        message=Message(
            code="detect.heard",
            args=(
                ("heard", text.heard(start, end)),
                ("sentence", text.heard(first, last)),
                ("probability", f"{sum(values) / len(values):.2f}"),
            ),
        ),
    )


def link_corrections(claims: list[Claim]) -> list[Claim]:
    """A claim taken back in its own breath is linked to the nearest earlier claim of its kind, if there is one."""
    linked: list[Claim] = []
    for claim in claims:
        if claim.stance == "corrected":
            earlier = [
                other
                for other in linked
                if other.kind == claim.kind
                and other.stance == "asserted"
                and 0 < claim.start_ms - other.start_ms <= CORRECTS_WITHIN_MS
                and _shares_words(other.quote, claim.quote)
            ]
            if earlier:
                claim = msgspec.structs.replace(claim, corrects=earlier[-1].id)
        linked.append(claim)
    return linked


def find_retractions(
    recording: str, text: Spoken, cues: Cues, claims: list[Claim], seen: Seen
) -> list[Claim]:
    """Sentences that take an earlier claim back (驱寒那个话收回), one `corrected` claim for each that they name."""
    asserted = [claim for claim in claims if claim.stance == "asserted"]
    corrected = {claim.corrects for claim in claims if claim.corrects}
    mended = [claim.start_ms for claim in claims if claim.stance == "corrected"]
    out: list[Claim] = []
    taken: set[tuple[int, str]] = set()
    for start, end in cues.all("retraction"):
        first, last = text.sentence(start, end)
        begin_ms, end_ms = text.times(first, last)
        if any(begin_ms <= ms < end_ms for ms in mended):
            continue  # the sentence names the claim in the words of a rule, and is linked already
        for claim in reversed(asserted):
            if claim.id in corrected or (first, claim.kind) in taken:
                continue
            if not 0 < text.start_ms[first] - claim.start_ms <= CORRECTS_WITHIN_MS:
                continue
            shared = _shared_place(text, first, last, claim.quote)
            if shared is None:
                continue
            begin, finish = min(shared[0], start), max(shared[1], end)
            if sum(char not in (SOFT, HARD) for char in text.text[begin:finish]) > _LONGEST_QUOTE:
                continue
            corrected.add(claim.id)
            taken.add((first, claim.kind))
            heard = text.heard(begin, finish)
            start_ms, end_ms = text.times(begin, finish)
            out.append(
                msgspec.structs.replace(
                    claim,
                    id=claim_id(recording, claim.rule, claim.product, heard, seen),
                    stance="corrected",
                    start_ms=start_ms,
                    end_ms=end_ms,
                    quote=heard,
                    heard=heard,
                    sentence=text.heard(first, last),
                    corrects=claim.id,
                    likeness=None,
                    trace=(
                        heard_step(text, begin, finish),
                        Step(
                            step="meant",
                            message=Message(
                                code="detect.meant.retraction",
                                args=(("cue", text.heard(start, end)), ("quote", claim.quote)),
                            ),
                        ),
                    ),
                )
            )
            break
    return out


def _shares_words(one: str, other: str) -> bool:
    pairs = {one[index : index + 2] for index in range(len(one) - 1)}
    return any(other[index : index + 2] in pairs for index in range(len(other) - 1))


def _shared_place(text: Spoken, first: int, last: int, quote: str) -> tuple[int, int] | None:
    """Where a sentence takes up two syllables or more of a quote, by sound."""
    pairs = {(readings(a), readings(b)) for a, b in zip(quote, quote[1:], strict=False)}
    letters = [index for index in range(first, last) if text.text[index] not in (SOFT, HARD)]
    places = [
        index
        for index, following in zip(letters, letters[1:], strict=False)
        if (readings(text.text[index]), readings(text.text[following])) in pairs
    ]
    if not places:
        return None
    return places[0], letters[bisect.bisect_left(letters, places[-1]) + 1] + 1
