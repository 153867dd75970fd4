"""Which claims were made, of which product, and how they were meant.

Every rule is looked for twice: in the words as written, and by sound where the recogniser may have misspelt them.
What only sounds like a claim carries a lower confidence, by its length and by how unlike it sounds.
"""

import re
from collections import Counter

import msgspec

from ..language import HARD, SOFT, readings
from ..schema import Claim, Claims, Likeness, Mention, Mentions, Message, RuleBook, Segments, Step, Transcript
from .coded import Coded, coded_steps, plain_words, resolve, within
from .confusion import AKIN, FAR, syllable_cost
from .corrections import Seen, claim_id, find_retractions, heard_step, link_corrections
from .cues import find_cues
from .patterns import NUMERALS
from .search import ClaimOptions, Known, Match, search, worded
from .sound import SoundText
from .spoken import Spoken, speak
from .stance import Meaning, find_stance

# One paper answers them however often a sentence says them: 有机种植的，有有机认证 is one claim.
_RESTATED = ("certification.", "charity.")
# 没有，打过药: an answer and then something else, not 没有打过药
_CUT_SHORT = re.compile(f"[不没无非别有][{SOFT}{HARD}]")
_DENIAL = re.compile("[不没别非]|如果|要是")
_FIGURES = "二三四五六七八九十百千"
_LONG = 4  # syllables of which one alone tells little


def find_claims(
    transcript: Transcript,
    rulebook: RuleBook,
    segments: Segments,
    mentions: Mentions,
    *,
    options: ClaimOptions | None = None,
    searches: Known | None = None,
) -> Claims:
    """Every claim in order of time, those that are not asserted too. `searches`: what is known of rules from before.

    Of overlapping matches of one kind the longest written one stays. A claim belongs to the product named in its own
    clause, else to the product on offer. Words that take an earlier claim back become a `corrected` claim linked to it.
    """
    options = options or ClaimOptions()
    text, coded = resolve(speak(transcript), rulebook)
    if not text.text:
        return Claims(recording=transcript.recording, rules_version=rulebook.version, coverage=transcript.coverage)
    sounds = SoundText(text)
    cues = find_cues(text, rulebook, by_sound=options.by_sound)
    in_speech = transcript.source == "speech"
    found = _merge(search(text, sounds, rulebook, options, in_speech, searches), text)
    matches = [
        match for match in (worded(each, sounds, rulebook.sets) for each in found) if not _says_otherwise(match, text)
    ]
    claims: list[Claim] = []
    seen: Seen = Counter()
    for match in matches:
        product, by = product_of(text, match.start, match.end, segments, mentions)
        meaning = find_stance(cues, match.start, match.end)
        claims.append(_claim(transcript.recording, text, coded, match, meaning, product, by, seen))
    claims = link_corrections(claims)
    claims += find_retractions(transcript.recording, text, cues, claims, seen)
    return Claims(
        recording=transcript.recording,
        rules_version=rulebook.version,
        coverage=transcript.coverage,
        claims=tuple(sorted(claims, key=lambda claim: (claim.start_ms, claim.end_ms, claim.kind, claim.id))),
    )


def _says_otherwise(match: Match, text: Spoken) -> bool:
    """Is what was taken for the claim's words plainly other words?

    So it is where it has a 不 or 没 that these do not, nor a word that sounds like it (不虚 may well be 补虚); and
    where it reads as they do but for one word that sounds quite different: 晚上拍明天就发 is not 晚上拍明天就喝.
    """
    if not match.said:
        return False
    heard = "".join(char for char in text.text[match.start : match.end] if char not in (SOFT, HARD))
    if len(heard) != len(match.said):
        return len(_DENIAL.findall(heard)) > len(_DENIAL.findall(match.said))
    changed = [
        (one, min(syllable_cost(a, b) for a in readings(one) for b in readings(other)))
        for one, other in zip(heard, match.said, strict=True)
        if one != other
    ]
    if any(_DENIAL.match(one) and cost > AKIN / 2 for one, cost in changed):
        return True
    if any(one in _FIGURES and other not in NUMERALS for one, other in zip(heard, match.said, strict=True)):
        return True
    return len(changed) == 1 and len(heard) >= _LONG and changed[0][1] >= FAR / 2


def _merge(matches: list[Match], text: Spoken) -> list[Match]:
    """One match a place and kind; restated certificates and stories once a sentence."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (bool(m.hit), -(m.syllables - 5 * m.cost), m.start, m.rule.id)):
        rivals = [other for other in kept if other.rule.kind == match.rule.kind]
        if any(match.start < other.end and other.start < match.end for other in rivals):
            continue
        if match.hit and any(match.start < other.end and other.start < match.end for other in kept):
            continue  # what is written out beats what only sounds like another claim
        kept.append(match)
    kept.sort(key=lambda m: (m.start, m.end, m.rule.id))
    once: list[Match] = []
    for match in kept:
        sentence = text.sentence(match.start, match.end)
        if match.rule.kind.startswith(_RESTATED) and any(
            other.rule.kind == match.rule.kind and text.sentence(other.start, other.end) == sentence for other in once
        ):
            continue
        once.append(match)
    return once


def product_of(text: Spoken, start: int, end: int, segments: Segments, mentions: Mentions) -> tuple[str | None, str]:
    """The sku that a claim in text[start:end] is about, and how that is known: `named`, `on_offer` or `unknown`."""
    start_ms, end_ms = text.times(start, end)
    first, last = start, end
    while first and text.text[first - 1] not in (SOFT, HARD):
        first -= 1
    while last < len(text.text) and text.text[last] not in (SOFT, HARD):
        last += 1
    clause_start, clause_end = text.times(first, last)
    named: list[Mention] = [
        mention
        for mention in mentions.mentions
        if clause_start <= mention.start_ms < clause_end and mention.confidence >= 0.6
    ]
    offered = next((s.product for s in segments.segments if s.start_ms <= (start_ms + end_ms) // 2 < s.end_ms), None)
    if named and all(mention.product != offered for mention in named):
        before = [mention for mention in named if mention.start_ms <= start_ms]
        return (before[-1] if before else named[0]).product, "named"
    return (offered, "on_offer") if offered else (None, "unknown")


def _claim(
    recording: str,
    text: Spoken,
    coded: tuple[Coded, ...],
    match: Match,
    meaning: Meaning,
    product: str | None,
    by: str,
    seen: Seen,
) -> Claim:
    codes = within(coded, match.start, match.end)
    if codes:  # whole words: half a code means nothing
        start, end = min(match.start, codes[0].start), max(match.end, codes[-1].end)
        match = msgspec.structs.replace(match, found=msgspec.structs.replace(match.found, start=start, end=end))
    heard = text.heard(match.start, match.end)
    quote = match.said or plain_words(text, codes, match.start, match.end)
    start_ms, end_ms = text.times(match.start, match.end)
    first, last = text.sentence(match.start, match.end)
    sentence = text.heard(first, last)
    confidence = _confidence(match, text)
    how = (
        Message(
            code="detect.matched.written",
            args=(("rule", match.rule.id), ("quote", quote), ("pattern", match.pattern)),
        )
        if not match.said
        else Message(
            code="detect.matched.sound",
            args=(
                ("rule", match.rule.id),
                ("quote", quote),
                ("heard", heard),
                ("pattern", match.pattern),
                ("cost", f"{match.cost:.2f}"),
                ("syllables", str(match.syllables)),
            ),
        )
    )
    return Claim(
        id=claim_id(recording, match.rule.id, product, quote, seen),
        rule=match.rule.id,
        kind=match.rule.kind,
        stance=meaning.stance,
        severity=match.rule.severity,
        channel="speech",
        start_ms=start_ms,
        end_ms=end_ms,
        quote=quote,
        heard=heard,
        sentence=sentence,
        product=product,
        confidence=confidence,
        likeness=Likeness(
            syllables=match.syllables,
            cost=match.cost,
            probability=round(_probability(match, text), 3),
            loose=match.found.loose,
        )
        if match.said
        else None,
        trace=(
            heard_step(text, match.start, match.end),
            *coded_steps(codes),
            Step(step="matched", message=how),
            Step(
                step="meant",
                message=Message(code=f"detect.meant.{meaning.stance}", args=(("cue", meaning.cue),)),
            ),
            Step(step="meant", message=Message(code=f"detect.product.{by}", args=(("product", product or ""),))),
        ),
    )


def _probability(match: Match, text: Spoken) -> float:
    values = text.probability[match.start : match.end]
    return sum(values) / len(values)


def _confidence(match: Match, text: Spoken) -> float:
    """How sure it is that these words were said, 0..1.

    Written words count by the recogniser's own probabilities (a run of the right characters is hardly ever chance);
    words that only sound alike by the number of syllables that agree: three are still often another word.
    """
    if not match.said:
        return round(0.8 + 0.2 * _probability(match, text), 3)
    base = {3: 0.6, 4: 0.75, 5: 0.82}.get(match.syllables, 0.88 if match.syllables > 5 else 0.3)
    return round(max(0.1, base - 2.0 * match.cost / match.syllables), 3)
