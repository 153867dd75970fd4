"""Was it really said? Words that only sound like a claim are put to the recogniser again.

The recogniser wrote one text for a stretch of sound; the claim is another text for the same stretch. How likely it
finds either (forced alignment: the log probability of a given text) tells a misspelling from a different sentence:
a misspelling costs little, other words cost a great deal. That difference, how many of the characters agree and how
many syllables there are go into a small calibrated model (models/hearing.json, made by scripts/train_hearing.py).
Words that the catalogue itself has in the name of the product on offer (富硒土豆) are expected, and believed sooner.

Nothing here makes the recogniser write claim words: it only weighs texts, after it has written its own.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import msgspec

from ..errors import ModelError
from ..language import HARD, SOFT, spoken
from ..schema import Catalogue, Claim, Claims, Likeness, Message, Record, Step, Transcript

CONTEXT_MS = 2500  # sound and words taken in on either side of the words in question
LEAST = 0.15  # less likely than this, and it is not kept as a claim at all
EXPECTED = 3.0  # log odds for words that stand in the name of the product on offer


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of sound and two texts for it: as written, and with the claim's words in their place."""

    start_ms: int
    end_ms: int
    heard: str
    said: str


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """Log probabilities (nats) of a passage's two texts on its sound."""

    heard: float
    said: float


Weigh = Callable[[Sequence[Passage]], Sequence[Weight]]


class HearingModel(Record, frozen=True, kw_only=True):
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


def load_hearing(path: Path) -> HearingModel:
    """The shipped model. ModelError when it is missing or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=HearingModel)
    except (OSError, msgspec.DecodeError) as error:
        raise ModelError(str(path), f"cannot be read ({error})", "install streamlens again") from error


def listen(claims: Claims, transcript: Transcript, catalogue: Catalogue, weigh: Weigh, model: HearingModel) -> Claims:
    """The claims with the confidence that each was really said; those that hardly were are left out.

    Claims as written in the transcript stay as they are, and so does everything where the transcript was given as text.
    """
    doubtful = [claim for claim in claims.claims if claim.likeness]
    if not doubtful or transcript.source != "speech":
        return claims
    weights = dict(
        zip(
            (claim.id for claim in doubtful),
            weigh([find_passage(claim, transcript) for claim in doubtful]),
            strict=True,
        )
    )
    kept: list[Claim] = []
    for claim in claims.claims:
        if claim.likeness is None:
            kept.append(claim)
            continue
        weight = weights[claim.id]
        odds = EXPECTED if _is_expected(claim, catalogue) else 0.0
        confidence = round(model.probability(features(claim, claim.likeness, weight), odds=odds), 3)
        if confidence >= LEAST:
            kept.append(
                msgspec.structs.replace(claim, confidence=confidence, trace=_with_step(claim, weight, confidence))
            )
    return msgspec.structs.replace(claims, claims=tuple(kept))


def features(claim: Claim, likeness: Likeness, weight: Weight) -> dict[str, float]:
    """What the model goes by; bounded, so that no one figure decides alone."""
    said, heard = _letters(claim.quote), _letters(claim.heard)
    same = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
    return {
        "on_sound": max(-30.0, min(5.0, weight.said - weight.heard)),  # nats
        "agreeing": sum(block.size for block in same) / max(1, len(said)),  # share of the claim's characters
        "syllables": float(min(likeness.syllables, 8)),
    }


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
    at = heard.find(claim.heard)
    if at < 0:  # a number written otherwise than spoken: weigh the words alone
        return Passage(start_ms=claim.start_ms, end_ms=claim.end_ms, heard=claim.heard, said=claim.quote)
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
