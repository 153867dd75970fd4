"""Which claims were made, of which product, and how they were meant.

Every rule is looked for twice: in the words as written, and by sound where the recogniser may have misspelt them.
What only sounds like a claim carries a lower confidence, by its length and by how unlike it sounds.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from ..language import HARD, SOFT, readings, same_sound
from ..schema import Claim, Claims, Likeness, Mention, Mentions, Message, Rule, RuleBook, Segments, Step, Transcript
from .coded import Coded, coded_steps, plain_words, resolve, within
from .confusion import AKIN, FAR, syllable_cost
from .corrections import Seen, claim_id, find_retractions, heard_step, link_corrections
from .cues import find_cues
from .patterns import NUMERALS, Sequence, expression, has_gap, parse
from .sound import Hit, SoundText
from .spoken import Spoken, speak
from .stance import Meaning, find_stance
from .whereabouts import Whereabouts

# One paper answers them however often a sentence says them: 有机种植的，有有机认证 is one claim.
_RESTATED = ("certification.", "charity.")
# 没有，打过药: an answer and then something else, not 没有打过药
_CUT_SHORT = re.compile(f"[不没无非别有][{SOFT}{HARD}]")
_DENIAL = re.compile("[不没别非]|如果|要是")
_FIGURES = "二三四五六七八九十百千"
_LONG = 4  # syllables of which one alone tells little


class ClaimOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How far a claim may be from the words as written.

    The limits are of unlikeness, in syllables: of a phrase of two, of three, and for each syllable of longer ones;
    below 0 such phrases are not looked for. What is found in speech is put to the recogniser again (judge/hearing) and
    may be further off; in a text given as such only the patterns that are seldom mistaken are looked for, closely.
    """

    by_sound: bool = True  # also look for words that only sound like a claim
    limits_in_speech: tuple[float, float, float] = (0.1, 0.4, 0.2)
    limits_in_text: tuple[float, float, float] = (-1.0, 0.1, 0.12)
    # families of which the other patterns too are looked for in speech: those that hearing was trained on
    loose_in_speech: tuple[str, ...] = ("freshness", "health", "purity", "certification")
    same_sound_from: int = 5  # in a text, syllables from which other patterns without gaps are looked for by same sound


class _Match(msgspec.Struct, frozen=True, kw_only=True):
    rule: Rule
    pattern: str
    start: int
    end: int
    syllables: int
    hit: Hit | None = None  # where the text only sounds like it
    compiled: "_Compiled | None" = None
    said: str = ""  # then the rule's own words; empty when written out

    @property
    def cost(self) -> float:
        return self.hit.cost if self.hit else 0.0


def find_claims(
    transcript: Transcript,
    rulebook: RuleBook,
    segments: Segments,
    mentions: Mentions,
    *,
    options: ClaimOptions | None = None,
) -> Claims:
    """Every claim in order of time, those that are not asserted too.

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
    worded = (_worded(match, sounds) for match in _merge(_find(text, sounds, rulebook, options, in_speech), text))
    matches = [match for match in worded if not _says_otherwise(match, text)]
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


class _Compiled(msgspec.Struct, frozen=True):
    """A pattern of a rule, ready for the search by sound."""

    pattern: str
    tree: Sequence
    by_sound: bool
    has_gap: bool


class _Regexes:
    """Expressions for one text, compiled when first needed, with no more in them than may occur in it."""

    def __init__(self, text: str) -> None:
        self.text, self.signs = text, same_sound(text)
        self._written, self._alike = Whereabouts(text), Whereabouts(self.signs, same_sound)
        self._known: dict[int, re.Pattern[str] | None] = {}

    def written(self, each: _Compiled) -> Iterator[re.Match[str]]:
        """The places where the text has a pattern's words."""
        if regex := self._regex(each):
            for first, last in self._written.bounds(self._written.of(each.tree)):
                yield from regex.finditer(self.text, first, last)

    def alike(self, each: _Compiled) -> Iterator[re.Match[str]]:
        """The same over signs of sounds."""
        if sentences := self._alike.of(each.tree):
            regex = re.compile(same_sound(_expression(each, self._alike, sentences)))
            for first, last in self._alike.bounds(sentences):
                yield from regex.finditer(self.signs, first, last)

    def stands(self, each: _Compiled, start: int, end: int) -> bool:
        """Is just this what the pattern says, as written?"""
        regex = self._regex(each)
        return regex is not None and regex.fullmatch(self.text, start, end) is not None

    def _regex(self, each: _Compiled) -> re.Pattern[str] | None:
        key = id(each.tree)
        if key not in self._known:
            sentences = self._written.of(each.tree)
            self._known[key] = re.compile(_expression(each, self._written, sentences)) if sentences else None
        return self._known[key]


def _expression(each: _Compiled, places: Whereabouts, sentences: int) -> str:
    return expression(each.tree, lambda chars: bool(places.word(chars) & sentences))


@lru_cache(maxsize=4)
def _compile(book: RuleBook) -> tuple[tuple[Rule, tuple[_Compiled, ...], tuple[_Compiled, ...]], ...]:
    """Each rule with its patterns and those that make an exception; kept, since streams of a batch share the rules."""
    sets = dict(book.sets)

    def ready(pattern: str, by_sound: bool) -> _Compiled:
        tree = parse(pattern, sets)
        return _Compiled(pattern, tree, by_sound, has_gap(tree))

    return tuple(
        (
            rule,
            tuple(ready(pattern, True) for pattern in rule.patterns) + tuple(ready(p, False) for p in rule.written),
            tuple(ready(pattern, False) for pattern in rule.unless),
        )
        for rule in book.rules
    )


def _find(text: Spoken, sounds: SoundText, book: RuleBook, options: ClaimOptions, in_speech: bool) -> list[_Match]:
    found: list[_Match] = []
    regexes = _Regexes(text.text)
    limits = options.limits_in_speech if in_speech else options.limits_in_text
    loosely = options.loose_in_speech if in_speech else ()
    for rule, patterns, exceptions in _compile(book):
        excluded = [
            match.span()
            for each in exceptions
            for match in regexes.written(each)
            if not _CUT_SHORT.search(match.group())
        ]
        written: list[_Match] = []
        sounding: list[_Match] = []
        for each in patterns:
            for at in regexes.written(each):
                if at.group() and not _CUT_SHORT.search(at.group()):
                    written.append(_match(rule, each.pattern, at.start(), at.end(), text))
            if options.by_sound and (each.by_sound or rule.kind.split(".")[0] in loosely):
                sounding += _by_sound(rule, each, regexes, text, sounds, limits)
            elif options.by_sound and not each.has_gap:
                # a gap would let any words in between: such patterns are looked for as written only
                sounding += _same_sound(rule, each, regexes, text, sounds, options)
        written = [m for m in written if not _inside_any(m.start, m.end, excluded)]
        taken = [(m.start, m.end) for m in written] + excluded
        found += written
        found += [m for m in sounding if not _inside_any(m.start, m.end, taken)]
    return found


def _match(rule: Rule, pattern: str, start: int, end: int, text: Spoken) -> _Match:
    while text.text[end - 1] in (SOFT, HARD):
        end -= 1
    while text.text[start] in (SOFT, HARD):
        start += 1
    return _Match(rule=rule, pattern=pattern, start=start, end=end, syllables=_letters(text, start, end))


def _by_sound(
    rule: Rule,
    each: _Compiled,
    regexes: _Regexes,
    text: Spoken,
    sounds: SoundText,
    limits: tuple[float, float, float],
) -> list[_Match]:
    def most(syllables: int) -> float:
        return -1.0 if syllables < 2 else limits[syllables - 2] if syllables < 4 else limits[2] * syllables

    return [
        _sounding(rule, each, hit)
        for hit in sounds.find(each.tree, most)
        # few syllables must stand together: 治~3失眠 is not said by 只卖市面
        if _letters(text, hit.start, hit.end) - hit.syllables <= max(0, hit.syllables - 3)
        and not _CUT_SHORT.search(text.text[hit.start : hit.end])
        and not regexes.stands(each, hit.start, hit.end)
    ]


def _same_sound(
    rule: Rule, each: _Compiled, regexes: _Regexes, text: Spoken, sounds: SoundText, options: ClaimOptions
) -> list[_Match]:
    """Where a longer wording is written with other characters of the very same sound."""
    found = []
    for at in regexes.alike(each):
        start, end = at.span()
        heard = text.text[start:end].strip(SOFT + HARD)
        start = text.text.index(heard, start) if heard else start
        end = start + len(heard)
        size = _letters(text, start, end)
        if size < options.same_sound_from or regexes.stands(each, start, end) or _CUT_SHORT.search(heard):
            continue
        hit = Hit(start=start, end=end, cost=0.0, syllables=size)
        if sounds.said(each.tree, hit):
            found.append(_sounding(rule, each, hit))
    return found


def _sounding(rule: Rule, each: _Compiled, hit: Hit) -> _Match:
    return _Match(
        rule=rule, pattern=each.pattern, start=hit.start, end=hit.end, syllables=hit.syllables, hit=hit, compiled=each
    )


def _worded(match: _Match, sounds: SoundText) -> _Match:
    """With the rule's own words, which take time to find."""
    if match.hit is None or match.compiled is None:
        return match
    return msgspec.structs.replace(match, said=sounds.said(match.compiled.tree, match.hit))


def _says_otherwise(match: _Match, text: Spoken) -> bool:
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


def _letters(text: Spoken, start: int, end: int) -> int:
    return sum(char not in (SOFT, HARD) for char in text.text[start:end])


def _inside_any(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in spans)


def _merge(matches: list[_Match], text: Spoken) -> list[_Match]:
    """One match a place and kind; restated certificates and stories once a sentence."""
    kept: list[_Match] = []
    for match in sorted(matches, key=lambda m: (bool(m.hit), -(m.syllables - 5 * m.cost), m.start, m.rule.id)):
        rivals = [other for other in kept if other.rule.kind == match.rule.kind]
        if any(match.start < other.end and other.start < match.end for other in rivals):
            continue
        if match.hit and any(match.start < other.end and other.start < match.end for other in kept):
            continue  # what is written out beats what only sounds like another claim
        kept.append(match)
    kept.sort(key=lambda m: (m.start, m.end, m.rule.id))
    once: list[_Match] = []
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
    match: _Match,
    meaning: Meaning,
    product: str | None,
    by: str,
    seen: Seen,
) -> Claim:
    codes = within(coded, match.start, match.end)
    if codes:  # whole words: half a code means nothing
        start, end = min(match.start, codes[0].start), max(match.end, codes[-1].end)
        match = msgspec.structs.replace(match, start=start, end=end)
    heard = text.heard(match.start, match.end)
    quote = match.said or plain_words(text, codes, match.start, match.end)
    start_ms, end_ms = text.times(match.start, match.end)
    first, last = text.sentence(match.start, match.end)
    sentence = text.heard(first, last)
    confidence = _confidence(match, text)
    how = (
        Message(
            code="detect.matched.written", args=(("rule", match.rule.id), ("quote", quote), ("pattern", match.pattern))
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
            loose=bool(match.compiled and not match.compiled.by_sound),
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


def _probability(match: _Match, text: Spoken) -> float:
    values = text.probability[match.start : match.end]
    return sum(values) / len(values)


def _confidence(match: _Match, text: Spoken) -> float:
    """How sure it is that these words were said, 0..1.

    Written words count by the recogniser's own probabilities (a run of the right characters is hardly ever chance);
    words that only sound alike by the number of syllables that agree: three are still often another word.
    """
    if not match.said:
        return round(0.8 + 0.2 * _probability(match, text), 3)
    base = {3: 0.6, 4: 0.75, 5: 0.82}.get(match.syllables, 0.88 if match.syllables > 5 else 0.3)
    return round(max(0.1, base - 2.0 * match.cost / match.syllables), 3)
