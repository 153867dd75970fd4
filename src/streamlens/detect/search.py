"""Where a text may hold a claim: every pattern of every rule, as written and by sound.

What is found of one rule depends on the text, the rule and the word sets alone, so it can be kept rule by rule: after
an edit only the edited rule is looked for (`Known`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ..language import HARD, SOFT, same_sound
from ..schema import Rule, RuleBook
from ..shipped import release
from .patterns import Sequence as Tree
from .patterns import expression, has_gap, parse
from .sound import Hit, SoundText
from .spoken import Spoken
from .whereabouts import Whereabouts

SEARCH = 1  # raise it when the same text and rule give other matches
# 没有，打过药: an answer and then something else, not 没有打过药
_CUT_SHORT = re.compile(f"[不没无非别有][{SOFT}{HARD}]")

Sets = tuple[tuple[str, tuple[str, ...]], ...]


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


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """text[start:end] matches a pattern; `hit`: it only sounds like it, `loose`: the pattern is one of `written`."""

    pattern: str
    start: int
    end: int
    syllables: int
    hit: Hit | None = None
    loose: bool = False


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A place that matches a rule; `said` are the rule's own words, empty when they are written out."""

    rule: Rule
    found: Found
    said: str = ""

    @property
    def pattern(self) -> str:
        return self.found.pattern

    @property
    def start(self) -> int:
        return self.found.start

    @property
    def end(self) -> int:
        return self.found.end

    @property
    def syllables(self) -> int:
        return self.found.syllables

    @property
    def hit(self) -> Hit | None:
        return self.found.hit

    @property
    def cost(self) -> float:
        return self.found.hit.cost if self.found.hit else 0.0


Known = Callable[[Sequence[Any], Sequence[Rule], Callable[[Sequence[Rule]], list[tuple[Found, ...]]]], list[Any]]
"""Called with all that matches depend on but the rule, the rules, and how rules that are new are looked for."""


class Compiled(msgspec.Struct, frozen=True):
    """A pattern of a rule, ready for the search by sound."""

    pattern: str
    tree: Tree
    by_sound: bool
    has_gap: bool


class _Regexes:
    """Expressions for one text, compiled when first needed, with no more in them than may occur in it."""

    def __init__(self, text: str) -> None:
        self.text, self.signs = text, same_sound(text)
        self._written, self._alike = Whereabouts(text), Whereabouts(self.signs, same_sound)
        self._known: dict[str, re.Pattern[str] | None] = {}

    def written(self, each: Compiled) -> Iterator[re.Match[str]]:
        """The places where the text has a pattern's words."""
        if regex := self._regex(each):
            for first, last in self._written.bounds(self._written.of(each.tree)):
                yield from regex.finditer(self.text, first, last)

    def alike(self, each: Compiled) -> Iterator[re.Match[str]]:
        """The same over signs of sounds."""
        if sentences := self._alike.of(each.tree):
            regex = re.compile(same_sound(_expression(each, self._alike, sentences)))
            for first, last in self._alike.bounds(sentences):
                yield from regex.finditer(self.signs, first, last)

    def stands(self, each: Compiled, start: int, end: int) -> bool:
        """Is just this what the pattern says, as written?"""
        regex = self._regex(each)
        return regex is not None and regex.fullmatch(self.text, start, end) is not None

    def _regex(self, each: Compiled) -> re.Pattern[str] | None:
        if each.pattern not in self._known:
            sentences = self._written.of(each.tree)
            regex = re.compile(_expression(each, self._written, sentences)) if sentences else None
            self._known[each.pattern] = regex
        return self._known[each.pattern]


def _expression(each: Compiled, places: Whereabouts, sentences: int) -> str:
    return expression(each.tree, lambda chars: bool(places.word(chars) & sentences))


@lru_cache(maxsize=512)
def _ready(rule: Rule, sets: Sets) -> tuple[tuple[Compiled, ...], tuple[Compiled, ...]]:
    """A rule's patterns and those that make an exception; kept, since streams of a batch share the rules."""

    def ready(pattern: str, by_sound: bool) -> Compiled:
        tree = parse(pattern, dict(sets))
        return Compiled(pattern, tree, by_sound, has_gap(tree))

    return (
        tuple(ready(pattern, True) for pattern in rule.patterns) + tuple(ready(p, False) for p in rule.written),
        tuple(ready(pattern, False) for pattern in rule.unless),
    )


def search(
    text: Spoken, sounds: SoundText, book: RuleBook, options: ClaimOptions, in_speech: bool,
    known: Known | None = None,
) -> list[Match]:  # fmt: skip
    """Every place that matches a rule, rule by rule; what `known` has of a rule is not looked for again."""
    regexes = _Regexes(text.text)

    def make(rules: Sequence[Rule]) -> list[tuple[Found, ...]]:
        return [tuple(_of_rule(rule, text, sounds, book.sets, regexes, options, in_speech)) for rule in rules]

    made_from = [SEARCH, release(), text, book.sets, options, in_speech]
    found = known(made_from, book.rules, make) if known else make(book.rules)
    return [Match(rule=rule, found=each) for rule, some in zip(book.rules, found, strict=True) for each in some]


def _of_rule(
    rule: Rule, text: Spoken, sounds: SoundText, sets: Sets, regexes: "_Regexes", options: ClaimOptions,
    in_speech: bool,
) -> list[Found]:  # fmt: skip
    limits = options.limits_in_speech if in_speech else options.limits_in_text
    loosely = options.loose_in_speech if in_speech else ()
    patterns, exceptions = _ready(rule, sets)
    excluded = [
        match.span() for each in exceptions for match in regexes.written(each) if not _CUT_SHORT.search(match.group())
    ]
    written: list[Found] = []
    sounding: list[Found] = []
    for each in patterns:
        for at in regexes.written(each):
            if at.group() and not _CUT_SHORT.search(at.group()):
                written.append(_match(each, at.start(), at.end(), text))
        if options.by_sound and (each.by_sound or rule.kind.split(".")[0] in loosely):
            sounding += _by_sound(each, regexes, text, sounds, limits)
        elif options.by_sound and not each.has_gap:
            # a gap would let any words in between: such patterns are looked for as written only
            sounding += _same_sound(each, regexes, text, sounds, options)
    written = [m for m in written if not inside_any(m.start, m.end, excluded)]
    taken = [(m.start, m.end) for m in written] + excluded
    return written + [m for m in sounding if not inside_any(m.start, m.end, taken)]


def _match(each: Compiled, start: int, end: int, text: Spoken) -> Found:
    while text.text[end - 1] in (SOFT, HARD):
        end -= 1
    while text.text[start] in (SOFT, HARD):
        start += 1
    return Found(
        pattern=each.pattern, start=start, end=end, syllables=letters(text, start, end), loose=not each.by_sound
    )


def _by_sound(
    each: Compiled,
    regexes: _Regexes,
    text: Spoken,
    sounds: SoundText,
    limits: tuple[float, float, float],
) -> list[Found]:
    def most(syllables: int) -> float:
        return -1.0 if syllables < 2 else limits[syllables - 2] if syllables < 4 else limits[2] * syllables

    return [
        _sounding(each, hit)
        for hit in sounds.find(each.tree, most)
        # few syllables must stand together: 治~3失眠 is not said by 只卖市面
        if letters(text, hit.start, hit.end) - hit.syllables <= max(0, hit.syllables - 3)
        and not _CUT_SHORT.search(text.text[hit.start : hit.end])
        and not regexes.stands(each, hit.start, hit.end)
    ]


def _same_sound(
    each: Compiled, regexes: _Regexes, text: Spoken, sounds: SoundText, options: ClaimOptions
) -> list[Found]:
    """Where a longer wording is written with other characters of the very same sound."""
    found = []
    for at in regexes.alike(each):
        start, end = at.span()
        heard = text.text[start:end].strip(SOFT + HARD)
        start = text.text.index(heard, start) if heard else start
        end = start + len(heard)
        size = letters(text, start, end)
        if size < options.same_sound_from or regexes.stands(each, start, end) or _CUT_SHORT.search(heard):
            continue
        hit = Hit(start=start, end=end, cost=0.0, syllables=size)
        if sounds.said(each.tree, hit):
            found.append(_sounding(each, hit))
    return found


def _sounding(each: Compiled, hit: Hit) -> Found:
    return Found(
        pattern=each.pattern, start=hit.start, end=hit.end, syllables=hit.syllables, hit=hit, loose=not each.by_sound
    )


def worded(match: Match, sounds: SoundText, sets: Sets) -> Match:
    """With the rule's own words, which take time to find."""
    if match.found.hit is None:
        return match
    said = sounds.said(_tree(match.found.pattern, sets), match.found.hit)
    return msgspec.structs.replace(match, said=said)


@lru_cache(maxsize=1024)
def _tree(pattern: str, sets: Sets) -> Tree:
    return parse(pattern, dict(sets))


def letters(text: Spoken, start: int, end: int) -> int:
    return sum(char not in (SOFT, HARD) for char in text.text[start:end])


def inside_any(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in spans)
