"""Claims by hint: sentences that no rule has a word for, but that the classifier takes for a claim.

想在短时间内达到身材管理指标 names no effect that a list could hold. What is found here is never an accusation: a person
looks (judge gives `unclear`). So it is looked for only where no rule found anything, and only when it is likely.
"""

from collections import Counter
from itertools import pairwise
from typing import Protocol

import msgspec
import numpy as np

from ..errors import InputError
from ..language import HARD, SOFT
from ..schema import IMPLIED, Claim, Claims, Mentions, Message, RuleBook, Segments, Step, Transcript
from .claims import product_of
from .corrections import Seen, claim_id, heard_step
from .cues import Cues, find_cues
from .spoken import Spoken, speak
from .stance import find_stance

# What a claim of a family is called when nothing tells its kind. Health has its kinds as labels of their own.
KINDS = {
    "freshness": "freshness.harvest",
    "purity": "purity.natural",
    "certification": "certification.organic",
    "origin": "origin.place",
    "quantity": "quantity.weight",
    "price": "price.lowest",
    "absolute": "absolute.superlative",
    "authority": "authority.endorsement",
    "sales": "sales.figures",
    "charity": "charity.story",
    "scarcity": "scarcity.stock",
}


class Scorer(Protocol):
    """Probabilities of labels for texts (detect/classifier)."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def probabilities(
        self, texts: list[str], labels: tuple[str, ...] = (), least: float = 0.0
    ) -> tuple[tuple[float, ...], ...]: ...


class ImpliedOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How likely a sentence must be to claim something before a person is asked to look."""

    enabled: bool = True
    families: tuple[str, ...] = ("health",)  # the others are learnt less well, see models/implied/README.md
    least_probability: float = 0.9
    fewest_letters: int = 8  # a shorter sentence says too little
    most_letters: int = 60  # a longer one is parted at its breaks


Span = tuple[int, int]


def find_implied(
    claims: Claims,
    transcript: Transcript,
    mentions: Mentions,
    segments: Segments,
    rulebook: RuleBook,
    classifier: Scorer,
    *,
    options: ImpliedOptions | None = None,
) -> Claims:
    """The claims and those that are only implied, in order of time. One a sentence, of the family that is likeliest."""
    options = options or ImpliedOptions()
    for family in options.families:
        if family not in classifier.labels:
            known = ", ".join(label for label in classifier.labels if "." not in label)
            raise InputError("[implied] families", f"no family {family!r}", f"known are {known}")
    text = speak(transcript)
    every = [(span, *text.times(*span)) for span in sentences(text, most=options.most_letters)]
    found = np.array([(claim.start_ms, claim.end_ms) for claim in claims.claims], np.int64).reshape(-1, 2)
    free = [span for span, first, last in every if not ((found[:, 0] < last) & (first < found[:, 1])).any()]
    asked = windows(text, free, fewest=options.fewest_letters, most=2 * options.most_letters)
    if not options.enabled or not options.families or not asked:
        return claims
    texts = [_plain(text, span) for span in asked]
    scores = classifier.probabilities(texts, options.families, options.least_probability)
    likely = []
    for span, row in zip(asked, scores, strict=True):
        by_label = dict(zip(classifier.labels, row, strict=True))
        family = max(options.families, key=by_label.__getitem__)
        if by_label[family] >= options.least_probability:
            likely.append((span, family, by_label))
    # a sentence that is enough alone is not reported with its neighbour once more
    kept: list[tuple[Span, str, dict[str, float]]] = []
    for each in sorted(likely, key=lambda one: (one[0][1] - one[0][0], one[0])):
        if not any(each[0][0] < end and start < each[0][1] for (start, end), _, _ in kept):
            kept.append(each)
    if not kept:
        return claims
    cues = find_cues(text, rulebook)
    seen: Seen = Counter()
    made = [
        _claim(claims.recording, text, span, family, by_label, cues, mentions, segments, seen)
        for span, family, by_label in sorted(kept)
    ]
    joined = sorted((*claims.claims, *made), key=lambda claim: (claim.start_ms, claim.end_ms, claim.kind, claim.id))
    return msgspec.structs.replace(claims, claims=tuple(joined))


def sentences(text: Spoken, *, most: int) -> list[Span]:
    """The sentences of a text, without the marks at their ends; one longer than `most` is parted at its breaks."""
    spans: list[Span] = []
    start = 0
    for end in (*text.ends, len(text.text)):
        first, last = _trimmed(text, start, end)
        while last - first > most:
            cut = max(text.text.rfind(SOFT, first + most // 3, first + most), first)
            if cut == first:
                cut = first + most
            spans.append(_trimmed(text, first, cut))
            first, last = _trimmed(text, cut, last)
        spans.append((first, last))
        start = end
    return [span for span in spans if span[0] < span[1]]


def windows(text: Spoken, spans: list[Span], *, fewest: int, most: int) -> list[Span]:
    """Each sentence, and each with the next where no other words stand between the two."""
    alone = [span for span in spans if span[1] - span[0] >= fewest]
    pairs = [
        (one[0], two[1])
        for one, two in pairwise(spans)
        if not text.text[one[1] : two[0]].strip(SOFT + HARD) and fewest <= two[1] - one[0] <= most
    ]
    return sorted({*alone, *pairs})


def _trimmed(text: Spoken, start: int, end: int) -> Span:
    while start < end and text.text[start] in (SOFT, HARD):
        start += 1
    while start < end and text.text[end - 1] in (SOFT, HARD):
        end -= 1
    return start, end


def _plain(text: Spoken, span: Span) -> str:
    return text.text[span[0] : span[1]].replace(HARD, SOFT)


def _claim(
    recording: str,
    text: Spoken,
    span: Span,
    family: str,
    by_label: dict[str, float],
    cues: Cues,
    mentions: Mentions,
    segments: Segments,
    seen: Seen,
) -> Claim:
    kinds = [label for label in by_label if label.startswith(f"{family}.")]
    kind = max(kinds, key=lambda label: by_label[label]) if kinds else KINDS[family]
    rule = f"{IMPLIED}{family}"
    quote = text.heard(*span)
    start_ms, end_ms = text.times(*span)
    product, by = product_of(text, span[0], span[1], segments, mentions)
    meaning = find_stance(cues, *span)
    probability = round(by_label[family], 3)
    matched = Message(code="detect.implied", args=(("family", family), ("score", f"{probability:.2f}")))
    meant = Message(code=f"detect.meant.{meaning.stance}", args=(("cue", meaning.cue),))
    about = Message(code=f"detect.product.{by}", args=(("product", product or ""),))
    return Claim(
        id=claim_id(recording, rule, product, quote, seen),
        rule=rule,
        kind=kind,
        stance=meaning.stance,
        severity="low",
        channel="speech",
        start_ms=start_ms,
        end_ms=end_ms,
        quote=quote,
        heard=quote,
        sentence=quote,
        product=product,
        confidence=probability,
        trace=(
            heard_step(text, *span),
            Step(step="matched", message=matched),
            Step(step="meant", message=meant),
            Step(step="meant", message=about),
        ),
    )
