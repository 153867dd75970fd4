"""Where the words stand that tell how a claim is meant.

Cues are lists of patterns (configs/rules/stance.toml), found in the text once, also where the recogniser misspelt them.
"""

import bisect
import re
from functools import lru_cache

import msgspec

from ..language import HARD, SOFT, is_word
from ..schema import RuleBook
from .patterns import Sequence, expression, parse
from .sound import Hit, SoundText
from .spoken import Spoken
from .whereabouts import Whereabouts

Span = tuple[int, int]

_ASIDE = "_unless"
_ALIKE = "sounds_alike"  # what is no cue unless it is written out


def _most(syllables: int) -> float:
    """Cues are short: by sound they must be the same, or very nearly."""
    return -1.0 if syllables < 3 else 0.0 if syllables == 3 else 0.15 if syllables == 4 else 0.3


@lru_cache(maxsize=4)
def _compile(
    lists: tuple[tuple[str, tuple[str, ...]], ...],
) -> tuple[tuple[str, tuple[tuple[Sequence, re.Pattern[str]], ...]], ...]:
    """The cues of each list, parsed; kept, since streams of a batch share them."""
    out = []
    for name, patterns in lists:
        trees = [parse(pattern, {}, name) for pattern in patterns]
        out.append((name, tuple((tree, re.compile(expression(tree))) for tree in trees)))
    return tuple(out)


class Cues:
    """Where the cues of each list stand in a text: spans (start, end), in order."""

    def __init__(self, text: Spoken, sounds: SoundText, book: RuleBook, *, by_sound: bool = True) -> None:
        self.text = text
        found: dict[str, set[Span]] = {}
        self._words: dict[str, str] = {}
        lists = _compile(book.stance)
        places = Whereabouts(text.text)

        def written(tree: Sequence, regex: re.Pattern[str]) -> set[Span]:
            bounds = places.bounds(places.of(tree))
            return {match.span() for span in bounds for match in regex.finditer(text.text, *span) if match.group()}

        alike = {span for name, cues in lists if name == _ALIKE for cue in cues for span in written(*cue)}
        for name, cues in lists:
            self._words[name] = "|".join(f"(?:{regex.pattern})" for _, regex in cues)
            found[name] = {span for cue in cues for span in written(*cue)}
            if by_sound:  # longer cues by sound too: 有保保温 is 有宝宝问
                for tree, _ in cues:
                    hits = [hit for hit in sounds.find(tree, _most) if not _overlaps((hit.start, hit.end), alike)]
                    found[name] |= {(hit.start, hit.end) for hit in hits if not _astray(text, sounds, tree, hit)}
        self._spans = {
            name: sorted(span for span in spans if not _overlaps(span, found.get(name + _ASIDE, set())))
            for name, spans in found.items()
        }

    def between(self, name: str, first: int, last: int) -> list[Span]:
        """Cues of a list that begin at or after `first` and before `last`, in order."""
        spans = self._spans.get(name, [])
        return spans[bisect.bisect_left(spans, (first, 0)) : bisect.bisect_left(spans, (last, 0))]

    def all(self, name: str) -> list[Span]:
        return self._spans.get(name, [])

    def within(self, name: str, start: int, end: int) -> bool:
        """Does a cue of a list lie inside text[start:end]?"""
        return any(b <= end for _, b in self.between(name, start, end))

    def only(self, start: int, end: int, *names: str) -> bool:
        """Is text[start:end] made up of words of these lists, whatever its breaks?"""
        words = "|".join(self._words[name] for name in names if name in self._words)
        return re.fullmatch(f"(?:{words})*", _letters(self.text.text[start:end])) is not None


@lru_cache(maxsize=2)
def find_cues(text: Spoken, book: RuleBook, *, by_sound: bool = True) -> Cues:
    """The cues of a text; kept, since claims by rule and by hint are weighed by the same."""
    return Cues(text, SoundText(text), book, by_sound=by_sound)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A claim's bounds with those of its clause and sentence (positions in the spoken text)."""

    start: int
    end: int
    clause_first: int
    clause_last: int
    opening: int  # where the clause after the claim's begins
    first: int
    last: int


def find_place(text: Spoken, start: int, end: int) -> Place:
    first, last = text.sentence(start, end)
    clause_last = next_break(text.text, end, last)
    opening = clause_last
    while opening < len(text.text) and text.text[opening] in (SOFT, HARD):
        opening += 1
    return Place(
        start=start,
        end=end,
        clause_first=last_break(text.text, start, first),
        clause_last=clause_last,
        opening=opening,
        first=first,
        last=last,
    )


def count_letters(text: str) -> int:
    return len(_letters(text))


def pause_ms(text: Spoken, end: int, opening: int) -> int:
    """The silence before a clause that opens at `opening`, where the one before it ends at `end`."""
    return text.start_ms[opening] - text.end_ms[end - 1] if opening < len(text.text) else 0


def goes_on(text: Spoken, place: Place, *, within_ms: int) -> bool:
    """Does the next clause follow the claim's before that much silence?"""
    return pause_ms(text, place.clause_last, place.opening) < within_ms


def last_break(text: str, start: int, first: int) -> int:
    """Where the clause begins that text[start] lies in, not before `first`."""
    at = max(text.rfind(SOFT, first, start), text.rfind(HARD, first, start))
    return at + 1 if at >= 0 else first


def next_break(text: str, end: int, last: int) -> int:
    """Where the clause ends that goes on at text[end], not after `last`."""
    found = [at for at in (text.find(SOFT, end, last), text.find(HARD, end, last)) if at >= 0]
    return min(found, default=last)


def _astray(text: Spoken, sounds: SoundText, tree: Sequence, hit: Hit) -> bool:
    """Is what only sounds like a short cue parts of other words: 一根,我敢说 (跟我杠说), 不是市|场 (不是是)?"""
    heard = text.text[hit.start : hit.end]
    if hit.syllables <= 4 and (SOFT in heard or HARD in heard):
        return True
    if hit.syllables > 3 or not is_word(text.text[hit.end - 1 : hit.end + 1]):
        return False
    return (sounds.said(tree, hit) or heard)[-1] != heard[-1]


def _overlaps(span: Span, others: set[Span]) -> bool:
    return any(span[0] < b and a < span[1] for a, b in others)


def _letters(text: str) -> str:
    return text.replace(SOFT, "").replace(HARD, "")
