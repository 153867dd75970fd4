"""Was it really said? Words that only sound like a claim are put to the recogniser again.

The recogniser wrote one text for a stretch of sound; the claim is another text for the same stretch. How likely it
finds either (forced alignment: the log probability of a given text) tells a misspelling from a different sentence:
a misspelling costs little, other words cost a great deal. Of that difference, a part is only how usual the words are,
which is what is left of it on silence. Tones tell more: searching by sound leaves them aside, but what is misspelt
mostly keeps them, and other words mostly do not. These, how far the sounds are apart, how many characters agree and how
many syllables there are go into a small calibrated model (models/hearing.json, made by scripts/train_hearing.py).
Words that the catalogue itself has in the name of the product on offer (富硒土豆) are expected, and believed sooner.

Most of what sounds like a claim can be told not to be one without listening: a first model, of the same features as far
as they need no sound, leaves those out.

Nothing here makes the recogniser write claim words: it only weighs texts, after it has written its own.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import msgspec

from ..errors import ModelError
from ..language import HARD, SOFT, commonness, spoken, syllables
from ..schema import Catalogue, Claim, Claims, Likeness, Message, Record, Step, Transcript

CONTEXT_MS = 1000  # sound and words taken in on either side of the words in question
WORTH = 0.1  # less likely than this before listening, and nobody listens
LEAST = 0.5  # less likely than this, and it is not kept as a claim at all
EXPECTED = 3.0  # log odds for words that stand in the name of the product on offer


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of sound and two texts for it: as written, and with the claim's words in their place."""

    start_ms: int
    end_ms: int
    heard: str
    said: str


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """Log probabilities (nats) of a passage's two texts on its sound, and by themselves: on silence."""

    heard: float
    said: float
    heard_alone: float
    said_alone: float


Weigh = Callable[[Sequence[Passage]], Sequence[Weight]]


class Regression(Record, frozen=True, kw_only=True):
    """Logistic regression over `features`: 1 / (1 + exp(-(bias + sum(weight * (value - mean) / scale))))."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    bias: float

    def probability(self, values: Mapping[str, float], *, odds: float = 0.0) -> float:
        """`odds` is added to the log odds: what is known besides the features."""
        total = self.bias + odds
        for name, mean, scale, weight in zip(self.features, self.mean, self.scale, self.weight, strict=True):
            total += weight * (values[name] - mean) / scale
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


class HearingModel(Record, frozen=True, kw_only=True):
    """How likely words were said, `before` listening and `after` it."""

    before: Regression
    after: Regression


def load_hearing(path: Path) -> HearingModel:
    """The shipped model. ModelError when it is missing or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=HearingModel)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(str(path), f"cannot be read ({error})", "install streamlens again") from error


def listen(claims: Claims, transcript: Transcript, catalogue: Catalogue, weigh: Weigh, model: HearingModel) -> Claims:
    """The claims with the confidence that each was really said; those that hardly were are left out.

    Claims as written in the transcript stay as they are, and so does everything where the transcript was given as text.
    """
    if transcript.source != "speech":
        return claims
    odds = {claim.id: EXPECTED if _is_expected(claim, catalogue) else 0.0 for claim in claims.claims}
    known = {claim.id: likenesses(claim, claim.likeness) for claim in claims.claims if claim.likeness}
    asked = [
        claim
        for claim in claims.claims
        if claim.id in known and model.before.probability(known[claim.id], odds=odds[claim.id]) >= WORTH
    ]
    weights = weigh([find_passage(claim, transcript) for claim in asked]) if asked else ()
    heard = {claim.id: weight for claim, weight in zip(asked, weights, strict=True)}
    kept: list[Claim] = []
    for claim in claims.claims:
        if claim.likeness is None:
            kept.append(claim)
        elif claim.id in heard:
            weight = heard[claim.id]
            values = with_sound(known[claim.id], weight)
            confidence = round(model.after.probability(values, odds=odds[claim.id]), 3)
            if confidence >= LEAST:
                trace = _with_step(claim, weight, confidence)
                kept.append(msgspec.structs.replace(claim, confidence=confidence, trace=trace))
    return msgspec.structs.replace(claims, claims=tuple(kept))


def likenesses(claim: Claim, likeness: Likeness) -> dict[str, float]:
    """What can be told of heard and said without listening."""
    said, heard = _letters(claim.quote), _letters(claim.heard)
    same = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
    changed = _changed(said, heard)
    other = sum(one[1] != another[1] for one, another in changed)
    return {
        "agreeing": sum(block.size for block in same) / max(1, len(said)),  # share of the claim's characters
        "changed": float(min(len(changed), 8)),  # syllables written with another character
        "unlike": likeness.cost / likeness.syllables,
        "other_tones": float(min(other, 5)),
        "same_tones": 1 - other / len(changed) if changed else 0.5,  # share of the changed syllables
        "homophones": sum(one == another for one, another in changed) / len(changed) if changed else 0.5,  # likewise
        "syllables": float(min(likeness.syllables, 8)),
        "two": float(likeness.syllables == 2),
        "three": float(likeness.syllables == 3),
        "same_sound": float(not likeness.cost),
        "broken": float(any(mark in claim.heard for mark in "，。！？")),
        "figures": float(any(char.isdigit() for char in claim.heard)),
        "probability": likeness.probability,
        "loose": float(likeness.loose),
        "common": commonness(heard),  # of the words as written: a misspelling is seldom a usual phrase
    }


def with_sound(values: Mapping[str, float], weight: Weight) -> dict[str, float]:
    """The same and what listening adds, in nats; bounded, so that no one figure decides alone."""
    on_sound = max(-30.0, min(5.0, weight.said - weight.heard))
    return {
        **values,
        "on_sound": on_sound,
        "homophones_on_sound": values["homophones"] * on_sound,
        "alone": max(-30.0, min(30.0, weight.said_alone - weight.heard_alone)),
    }


def _changed(said: str, heard: str) -> list[tuple[tuple[str, int], tuple[str, int]]]:
    """The syllables, said and heard, that are written with different characters."""
    one, other = syllables(said), syllables(heard)
    if len(one) == len(other):
        pairs = list(zip(range(len(one)), range(len(other)), strict=True))
    else:
        blocks = SequenceMatcher(None, [s for s, _ in one], [s for s, _ in other], autojunk=False).get_opcodes()
        pairs = [pair for _, a, b, c, d in blocks for pair in zip(range(a, b), range(c, d), strict=False)]
    return [(one[a], other[b]) for a, b in pairs if said[a : a + 1] != heard[b : b + 1]]


def _letters(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")


def _is_expected(claim: Claim, catalogue: Catalogue) -> bool:
    """Two characters of the claim that the text does not have, but the name of the product on offer has."""
    product = catalogue.get(claim.product)
    if product is None:
        return False
    said, heard = _letters(claim.quote), _letters(claim.heard)
    pairs = {said[at : at + 2] for at in range(len(said) - 1)} - {heard[at : at + 2] for at in range(len(heard) - 1)}
    return any(pair in _letters(name) for pair in pairs for name in (product.name, *product.aliases))


def find_passage(claim: Claim, transcript: Transcript) -> Passage:
    """The words around a claim, within CONTEXT_MS and the same breath, and the same with what is judged to be said."""
    words = [word for utterance in transcript.utterances for word in utterance.words]
    near = [
        word
        for word in words
        if word.end_ms > claim.start_ms - CONTEXT_MS and word.start_ms < claim.end_ms + CONTEXT_MS
    ]
    heard = "".join(word.text for word in near)
    places = [at for at in range(len(heard)) if heard.startswith(claim.heard, at)]
    if not places:  # a number written otherwise than spoken: weigh the words alone
        return Passage(start_ms=claim.start_ms, end_ms=claim.end_ms, heard=claim.heard, said=claim.quote)
    begun = [word.start_ms for word in near for _ in word.text]
    at = min(places, key=lambda place: abs(begun[place] - claim.start_ms))
    said = heard[:at] + claim.quote + heard[at + len(claim.heard) :]
    return Passage(start_ms=near[0].start_ms, end_ms=near[-1].end_ms, heard=heard, said=said)


def _with_step(claim: Claim, weight: Weight, confidence: float) -> tuple[Step, ...]:
    step = Step(
        step="matched",
        message=Message(
            code="hearing.weighed",
            args=(
                ("quote", claim.quote),
                ("heard", claim.heard),
                ("on_sound", f"{weight.said - weight.heard:+.1f}"),
                ("confidence", f"{confidence:.2f}"),
            ),
        ),
    )
    matched = next((n for n, each in enumerate(claim.trace) if each.step == "matched"), 0)
    return (*claim.trace[: matched + 1], step, *claim.trace[matched + 1 :])
