"""Claims that are taken back, in the same breath or by a later sentence.

The law on live selling asks for correction on the spot (直播电商监督管理办法 Art 31), so a correction is found, linked
to what it corrects, and credited.
"""

import bisect
import hashlib
from collections import Counter
from itertools import pairwise

import msgspec

from ..language import HARD, SOFT, readings
from ..schema import Claim, Message, Step
from .cues import Cues, Place, Span, count_letters, goes_on, pause_ms
from .spoken import SENTENCE_PAUSE_MS, Spoken

CORRECTS_WITHIN_MS = 600_000
_LONGEST_QUOTE = 24  # characters from the words taken up to the words that take them back
_LEAD = 8  # characters into the next clause within which the mending begins
_SLIP_CLAUSES = 3  # breaks between a claim and the words of a slip

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


def mended(cues: Cues, place: Place) -> Span | None:
    """A slip that is mended at once: the words that take it back, around the claim or close after it."""
    text = cues.text.text
    for a, b in cues.between("slip_as", place.clause_first, place.start):
        if b <= place.start and cues.only(b, place.start, "light"):
            return a, b  # 六斤说成(净重八斤)了
    for a, b in cues.between("retraction_of", place.first, place.start):
        if b <= place.start and cues.only(b, place.start, "light", "topic", "pronouns"):
            return a, b  # 我收回刚才(降血压)那句话
    taken_up = _taken_up(cues, place)
    breath = goes_on(cues.text, place, within_ms=SENTENCE_PAUSE_MS)
    last = place.last
    if taken_up and breath and last < place.opening < len(text):  # 我刚才说了治病？收回
        last = cues.text.sentence(place.opening, place.opening + 1)[1]
    for a, b in cues.between("retraction", place.first, last):
        around = a < place.start and b > place.end
        named = a >= place.end and (taken_up or (a <= place.clause_last and cues.only(place.end, a, "topic")))
        if around or named:
            return a, b
    for a, b in cues.between("corrected_after", place.end, place.opening + _LEAD):
        near = place.opening if a >= place.opening else place.end
        lead = ("corrected_lead",) if a >= place.opening else ("corrected_lead", "topic")
        if (breath or a < place.opening) and cues.only(near, a, *lead):
            return a, b
    for a, b in cues.between("corrected_alone", place.opening, place.opening + _LEAD):
        if breath and cues.only(place.opening, a, "corrected_lead") and text[b : b + 1] in ("", SOFT, HARD):
            return a, b
    slip = slipped(cues, place)
    for a, b in cues.between("righted_after", place.end, place.last):
        # 更正一下，刚刚说的净重五斤应该是四斤半; (刚才说央视报道过)，那是另一个牌子
        if (taken_up or slip) and cues.only(place.end, a, "topic"):
            return slip or (a, b)
    if slip and slip[1] < place.start and slip[1] + _LEAD > place.start:
        for a, _ in cues.between("righted_slip", place.end - 1, place.clause_last):
            if cues.only(place.end, max(a, place.end), "topic"):
                return slip
    return None


def slipped(cues: Cues, place: Place) -> Span | None:
    """Words of a slip close to a claim, before or after it: what is denied beside them was said before."""
    text = cues.text
    first = place.first
    if first > 1 and pause_ms(text, first - 1, first) < SENTENCE_PAUSE_MS:
        first = text.sentence(first - 2, first - 1)[0]  # 口误口误。不是有机的
    last = place.last
    if last + 1 < len(text.text) and pause_ms(text, last, last + 1) < SENTENCE_PAUSE_MS:
        last = text.sentence(last + 1, last + 2)[1]
    for a, b in cues.between("slip", first, last):
        between = text.text[b : place.start] if b <= place.start else text.text[place.end : a]
        breaks = sum(char in (SOFT, HARD) for char in between)
        if breaks <= _SLIP_CLAUSES and count_letters(between) <= _LONGEST_QUOTE:
            return a, b
    return None


def _taken_up(cues: Cues, place: Place) -> bool:
    return any(b <= place.start for _, b in cues.between("taken_up_before", place.first, place.start))


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


class _Taking(msgspec.Struct, frozen=True, kw_only=True):
    """Words text[start:end] that take a claim back: where they name it, and the cue."""

    claim: Claim
    start: int
    end: int
    cue: tuple[int, int]


def find_retractions(recording: str, text: Spoken, cues: Cues, claims: list[Claim], seen: Seen) -> list[Claim]:
    """Sentences that take an earlier claim back (驱寒那个话收回): a `corrected` claim for the one named nearest."""
    asserted = [claim for claim in claims if claim.stance == "asserted"]
    corrected = {claim.corrects for claim in claims if claim.corrects}
    mended = [claim.start_ms for claim in claims if claim.stance == "corrected"]
    sentences: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for span in cues.all("retraction"):
        sentences.setdefault(text.sentence(*span), []).append(span)
    out: list[Claim] = []
    for (first, last), spans in sentences.items():
        first_ms, last_ms = text.times(first, last)
        if any(first_ms <= ms < last_ms for ms in mended):
            continue  # the sentence names the claim in the words of a rule, and is linked already
        takings: list[_Taking] = []
        for claim in reversed(asserted):
            near = 0 < first_ms - claim.start_ms <= CORRECTS_WITHIN_MS
            shared = _shared_place(text, first, last, claim.quote) if near and claim.id not in corrected else None
            if shared is not None:
                takings += [
                    _Taking(claim=claim, start=min(shared[0], a), end=max(shared[1], b), cue=(a, b)) for a, b in spans
                ]
        nearest = min(takings, key=lambda taking: (_breaks(text, taking), _letters(text, taking)), default=None)
        if nearest is not None and _letters(text, nearest) <= _LONGEST_QUOTE:
            corrected.add(nearest.claim.id)
            out.append(_retraction(recording, text, nearest, text.heard(first, last), seen))
    return out


def _breaks(text: Spoken, taking: _Taking) -> int:
    return sum(char in (SOFT, HARD) for char in text.text[taking.start : taking.end])


def _letters(text: Spoken, taking: _Taking) -> int:
    return taking.end - taking.start - _breaks(text, taking)


def _retraction(recording: str, text: Spoken, taking: _Taking, sentence: str, seen: Seen) -> Claim:
    claim = taking.claim
    heard = text.heard(taking.start, taking.end)
    start_ms, end_ms = text.times(taking.start, taking.end)
    message = Message(code="detect.meant.retraction", args=(("cue", text.heard(*taking.cue)), ("quote", claim.quote)))
    return msgspec.structs.replace(
        claim,
        id=claim_id(recording, claim.rule, claim.product, heard, seen),
        stance="corrected",
        start_ms=start_ms,
        end_ms=end_ms,
        quote=heard,
        heard=heard,
        sentence=sentence,
        corrects=claim.id,
        trace=(heard_step(text, taking.start, taking.end), Step(step="meant", message=message)),
    )


def _shares_words(one: str, other: str) -> bool:
    pairs = {one[index : index + 2] for index in range(len(one) - 1)}
    return any(other[index : index + 2] in pairs for index in range(len(other) - 1))


def _shared_place(text: Spoken, first: int, last: int, quote: str) -> tuple[int, int] | None:
    """Where a sentence takes up two syllables or more of a quote, by sound."""
    pairs = {(readings(a), readings(b)) for a, b in pairwise(quote)}
    letters = [index for index in range(first, last) if text.text[index] not in (SOFT, HARD)]
    places = [
        index
        for index, following in pairwise(letters)
        if (readings(text.text[index]), readings(text.text[following])) in pairs
    ]
    if not places:
        return None
    return places[0], letters[bisect.bisect_left(letters, places[-1]) + 1] + 1
