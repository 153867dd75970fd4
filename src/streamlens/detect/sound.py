"""Search by sound: where are these words said in a text that a recogniser may have misspelt?

Syllables are compared without tones (detect/confusion): what Mandarin speakers and recognisers confuse (zh/z, n/l, f/h,
an/ang, en/eng, in/ing ...) costs little, a dropped or doubled syllable more.

A pattern (detect/patterns) is run over the whole text at once as a weighted automaton: its state is the set of all
places that the pattern may have reached, each with its best score. Where the words of a choice may be said is found
once for a text, whichever patterns use them, so that choices, options and gaps cost a few array operations each,
however many phrases they spell out. Places that already sound too unlike are dropped on the way.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ..language import HARD, SOFT, readings
from .confusion import reading_cost
from .patterns import MOST_NUMERALS, NUMERALS, Choice, Gap, Node, Number, Sequence, Text, longest
from .spoken import Spoken

EXTRA = 0.8  # a syllable too many or too few inside a word
REWARD = 0.3  # what a syllable is worth: optional words are taken while they sound better than this
BEGINNING, ON_THE_WAY = 0.5, 0.25  # what may be lost so far: at first, and more for each syllable read
BREAK = 0.3  # words that run over the end of a sentence
MOST_HELD = 4_000_000  # stretches of text, of some thirty bytes each, that are kept for the next pattern
BARRIER_MS = 1500  # words do not reach across a longer silence

# A state entry packs (score, syllables matched, start) into one integer, so that the better entry is the larger one.
_SCALE = 40  # scores are whole fortieths of a syllable
_SCORE, _COUNT = 1 << 40, 1 << 32
_EXTRA_SCORE = round(EXTRA * _SCALE) * _SCORE
_BARRIER = -4000
_REWARD, _BEGINNING, _ON_THE_WAY = (round(value * _SCALE) for value in (REWARD, BEGINNING, ON_THE_WAY))


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A place that sounds like a pattern: text[start:end], `syllables` long; `cost`, in syllables, 0 if the same."""

    start: int
    end: int
    cost: float
    syllables: int


Worded = dict[int, tuple[float, str]]  # place -> (score, words so far)


def _better(*states: Worded) -> Worded:
    best: Worded = {}
    for state in states:
        for at, entry in state.items():
            if at not in best or entry[0] > best[at][0] + 1e-9:
                best[at] = entry
    return best


class SoundText:
    """The sounds of a spoken text, ready to be searched for patterns."""

    def __init__(self, spoken: Spoken) -> None:
        self._place: list[int] = []  # index into the spoken text, -1 for a barrier
        self._passed: list[int] = []  # the same, of a barrier the place before it
        kinds: dict[tuple[str, ...], int] = {}
        sounds: list[int] = []
        same_clause: list[bool] = []  # does this place go on the clause of the place before?
        same_sentence: list[bool] = []
        numerals: list[bool] = []
        mark = HARD
        previous: int | None = None
        for index, char in enumerate(spoken.text):
            if char in (SOFT, HARD):
                mark = HARD if HARD in (mark, char) else SOFT
                continue
            if previous is not None and spoken.start_ms[index] - spoken.end_ms[previous] > BARRIER_MS:
                self._place.append(-1)
                self._passed.append(previous)
                sounds.append(-1)
                mark = HARD
                same_clause.append(False)
                same_sentence.append(False)
                numerals.append(False)
            sounds.append(kinds.setdefault(readings(char), len(kinds)))
            self._place.append(index)
            self._passed.append(index)
            same_clause.append(mark == "")
            same_sentence.append(mark != HARD)
            numerals.append(char in NUMERALS)
            mark, previous = "", index
        self._kinds = tuple(kinds)
        self._chars = tuple(spoken.text[index] if index >= 0 else "" for index in self._place)
        self._sounds = np.array([*sounds, -1], dtype=np.int64)
        self._size = len(sounds)
        # one place more than the text has: its end can be reached, but nothing goes on there
        self._break_cost = np.where([*same_sentence, True], 0, round(BREAK * _SCALE)).astype(np.int64) * _SCORE
        self._narrow, self._wide = np.array([*same_clause, False], bool), np.array([*same_sentence, False], bool)
        self._numeral_gain = np.where(numerals, round(REWARD * _SCALE), _BARRIER).astype(np.int64) * _SCORE + _COUNT
        self._rows: dict[tuple[str, ...], Any] = {}
        self._spelt: dict[str, Pairs] = {}
        self._opened: dict[str, Pairs] = {}
        self._sets: dict[tuple[str, ...], Words] = {}
        self._found: dict[int, tuple[Node, Words]] = {}  # by identity; the node is held so that it stays its own
        self._held = 0

    def find(self, tree: Node, most: Callable[[int], float]) -> list[Hit]:
        """Places that sound like the pattern, in order; of overlapping ones the best.

        `most(n)` is the highest cost (in syllables) that a match of n syllables may have; below 0 means never.
        """
        if not self._size:
            return []
        if self._held > MOST_HELD:
            self._forget()
        bound = max((most(size) for size in range(1, longest(tree) + 1)), default=-1.0)
        if bound < 0:
            return []
        reached = self._run(tree, Reached(_NONE, _NONE, nothing=True), round(bound * _SCALE))
        counts = (reached.values >> 32) & 0xFF
        costs = counts * REWARD - (reached.values >> 40) / _SCALE
        limits = np.array([-1.0, *(most(size) for size in range(1, counts.max(initial=0) + 1))])
        near = np.flatnonzero((counts > 0) & (costs <= limits[counts] + 1e-9))
        rows = (column[near].tolist() for column in (reached.places, reached.values, counts, costs))
        found: list[tuple[int, Hit]] = []
        for end, packed, count, cost in zip(*rows, strict=True):
            first, last = self._place[packed & 0xFFFFFFFF], self._place[end - 1] + 1
            found.append((packed, Hit(start=first, end=last, cost=round(max(cost, 0.0), 3), syllables=count)))
        kept: list[Hit] = []
        for _, hit in sorted(found, key=lambda row: (-(row[0] >> 32), row[1].start, row[1].end)):
            if not any(hit.start < other.end and other.start < hit.end for other in kept):
                kept.append(hit)
        return sorted(kept, key=lambda hit: hit.start)

    def _hold(self, pairs: "Pairs") -> "Pairs":
        self._held += pairs.begins.size
        return pairs

    def _forget(self) -> None:
        """What was found for single words and choices is found again when it is needed."""
        for found in (self._spelt, self._opened, self._sets, self._found):
            found.clear()
        self._held = 0

    def said(self, tree: Node, hit: Hit) -> str:
        """The wording of the pattern that the place sounds most like; gaps and numbers as they stand in the text."""
        first, last = bisect_left(self._passed, hit.start), bisect_left(self._passed, hit.end)
        while self._place[last - 1] < 0:
            last -= 1
        return self._word(tree, {first: (0.0, "")}, first, last).get(last, (0.0, ""))[1]

    def _word(self, node: Node, state: "Worded", first: int, last: int) -> "Worded":
        """As _run, on the few places of one hit, keeping the words."""
        if isinstance(node, Choice):
            return _better(*(self._word(option, state, first, last) for option in node.options))
        if isinstance(node, Text):
            for index, char in enumerate(node.chars):
                row = self._row(char)
                after = {
                    at + 1: (score + (int(row[self._sounds[at]]) >> 40) / _SCALE, words + char)
                    for at, (score, words) in state.items()
                    if at < last
                }
                if 0 < index < len(node.chars) - 1:
                    after = _better(after, {at: (score - EXTRA, words + char) for at, (score, words) in state.items()})
                if index < len(node.chars) - 1 and len(node.chars) > 2:
                    after = _better(
                        after, {at + 1: (score - EXTRA, words) for at, (score, words) in after.items() if at < last}
                    )
                state = after
            return state
        if isinstance(node, Number | Gap):
            fewest, most = (1, MOST_NUMERALS) if isinstance(node, Number) else (0, node.most)
            out: Worded = {}
            for at, (score, words) in state.items():
                for size in range(fewest, min(most, last - at) + 1):
                    heard = "".join(self._chars[index] for index in range(at, at + size))
                    worth = REWARD * size if isinstance(node, Number) else -size / _SCALE
                    if isinstance(node, Number) and any(char not in NUMERALS for char in heard):
                        continue
                    out = _better(out, {at + size: (score + worth, words + heard)})
            return out
        for part in node.parts:
            state = self._word(part, state, first, last)
        return state

    def _run(self, node: Node, reached: "Reached", bound: int) -> "Reached":
        """What is reached after a node."""
        if not reached.places.size and not reached.nothing:
            return reached
        if isinstance(node, Gap):  # with nothing before it, it says nothing
            return self._pass_over(node, reached, bound)
        if isinstance(node, Sequence):
            before: Node | None = None
            for part in node.parts:
                if isinstance(before, Gap):  # what follows a gap stands in the same clause
                    reached = reached.only((self._wide if before.wide else self._narrow)[reached.places])
                before, reached = part, self._run(part, reached, bound)
            return reached
        after = self._follow(self._words(node), reached, bound)
        if isinstance(node, Choice):
            return _union(
                after, *(self._run(option, reached, bound) for option in node.options if not _word_of(option))
            )
        return after

    def _follow(self, words: "Words", reached: "Reached", bound: int) -> "Reached":
        """Every place read so far, and every word that may be said from there."""
        after = words.alone if reached.nothing else _NOWHERE
        first = np.searchsorted(words.begins, reached.places)
        sizes = np.searchsorted(words.begins, reached.places, side="right") - first
        if sizes.any():
            which = np.repeat(np.arange(sizes.size), sizes)
            each = np.arange(which.size) + (first - np.cumsum(sizes) + sizes)[which]
            values = (reached.values - self._break_cost[reached.places])[which] + words.gains[each]
            after = _union(after, _prune(Reached(words.ends[each], values), bound))
        return after

    def _pass_over(self, gap: Gap, reached: "Reached", bound: int) -> "Reached":
        """Up to so many characters of the clause, of which the fewer are the better."""
        inside = self._wide if gap.wide else self._narrow
        states, places, values = [reached], reached.places, reached.values
        for _ in range(gap.most):
            kept = inside[places]
            places, values = places[kept] + 1, values[kept] - _SCORE
            states.append(Reached(places, values))
        return _prune(_union(*states), bound)

    def _words(self, node: Text | Number | Choice) -> "Words":
        """Where the words of a node (of a choice, the options that are plain words) may be said; kept for the text."""
        if id(node) not in self._found:
            if isinstance(node, Number):
                key: tuple[str, ...] = ("#",)
            else:
                options = node.options if isinstance(node, Choice) else (node,)
                key = tuple(sorted(set(map(_word_of, options)) - {""}))
            if key not in self._sets:
                found = self._numbers() if isinstance(node, Number) else [*map(self._spell, key)]
                self._sets[key] = Words.of(self._hold(_unite(found)))
            self._found[id(node)] = node, self._sets[key]
        return self._found[id(node)][1]

    def _spell(self, word: str) -> "Pairs":
        """Where a word may be said, and how well."""
        if word not in self._spelt:
            if len(word) == 1:
                row = self._row(word)
                places = np.flatnonzero(_likely(row)[self._sounds[:-1]])
                self._spelt[word] = self._hold(Pairs(places, places + 1, row[self._sounds[places]]))
            else:
                before = self._spell(word[0]) if len(word) == 2 else self._open(word[:-1])
                self._spelt[word] = self._hold(self._then(before, self._gain(word[-1])))
        return self._spelt[word]

    def _open(self, beginning: str) -> "Pairs":
        """Where the beginning of a longer word may be said, in which a syllable may be swallowed or put in."""
        if beginning not in self._opened:
            if len(beginning) == 1:
                after = self._spell(beginning)
            else:
                before = self._open(beginning[:-1])
                swallowed = _plausible(before._replace(gains=before.gains - _EXTRA_SCORE), more=1)
                after = _unite([self._then(before, self._gain(beginning[-1])), swallowed])
            kept = self._sounds[after.ends] >= 0  # a long silence is no syllable put in
            put_in = Pairs(after.begins[kept], after.ends[kept] + 1, after.gains[kept] - _EXTRA_SCORE)
            self._opened[beginning] = self._hold(_unite([after, _plausible(put_in, more=1)]))
        return self._opened[beginning]

    def _numbers(self) -> list["Pairs"]:
        places = np.arange(self._size, dtype=np.int64)
        runs = [_plausible(Pairs(places, places + 1, self._numeral_gain))]
        for _ in range(MOST_NUMERALS - 1):
            runs.append(self._then(runs[-1], self._numeral_gain.__getitem__))
        return runs

    def _then(self, before: "Pairs", gain: Callable[[Any], Any]) -> "Pairs":
        """`gain` tells of places what is gained by reading on there."""
        kept = before.ends < self._size
        begins, ends, gains = before.begins[kept], before.ends[kept], before.gains[kept]
        return _plausible(Pairs(begins, ends + 1, gains + gain(ends) - self._break_cost[ends]))

    def _gain(self, char: str) -> Callable[[Any], Any]:
        row = self._row(char)
        return lambda places: row[self._sounds[places]]

    def _row(self, char: str) -> Any:
        """int64[sounds of the text + 1]: what is gained by reading each as this character, and a barrier, packed."""
        sound = readings(char)
        row = self._rows.get(sound)
        if row is None:
            gains = [round((REWARD - reading_cost(sound, kind)) * _SCALE) for kind in self._kinds] + [_BARRIER]
            row = self._rows[sound] = np.array(gains, np.int64) * _SCORE + _COUNT
        return row


class Reached(NamedTuple):
    """The places (ascending, int64) up to which a pattern may have been read, and the best packed value of each.

    `nothing`: it may also be that nothing has been read yet, and the pattern begins anywhere.
    """

    places: Any
    values: Any
    nothing: bool = False

    def only(self, kept: Any) -> "Reached":
        return Reached(self.places[kept], self.values[kept], self.nothing)


class Pairs(NamedTuple):
    """Stretches of places (int64, from begin to end) that a word may be said in, and what is gained, packed."""

    begins: Any
    ends: Any
    gains: Any


class Words(NamedTuple):
    """Pairs in order of their beginnings, and what is reached when they are the first to be read."""

    begins: Any
    ends: Any
    gains: Any
    alone: Reached

    @classmethod
    def of(cls, pairs: Pairs) -> "Words":
        return cls(*pairs, _best(pairs.ends, pairs.begins + pairs.gains))


_NONE = np.zeros(0, np.int64)
_NOWHERE = Reached(_NONE, _NONE)


def _word_of(option: Node) -> str:
    """The word, if that is all an option is."""
    only = option.parts[0] if isinstance(option, Sequence) and len(option.parts) == 1 else option
    return only.chars if isinstance(only, Text) else ""


def _cost(packed: Any) -> tuple[Any, Any]:
    """(cost in fortieths, most that it may be on the way), both int64."""
    count = (packed >> 32) & 0xFF
    return count * _REWARD - (packed >> 40), count * _ON_THE_WAY + _BEGINNING


def _prune(reached: Reached, bound: int) -> Reached:
    """Without the places whose cost so far is over the bound (in fortieths), or too high for the syllables read."""
    cost, most = _cost(reached.values)
    return reached.only(cost <= np.minimum(most, bound))


def _likely(packed: Any, more: int = 0) -> Any:
    """`more`: so many syllables are allowed for that were not read."""
    cost, most = _cost(packed)
    return cost <= most + more * _ON_THE_WAY


def _plausible(pairs: Pairs, more: int = 0) -> Pairs:
    kept = _likely(pairs.gains, more)
    return Pairs(pairs.begins[kept], pairs.ends[kept], pairs.gains[kept])


def _union(*states: Reached) -> Reached:
    """Every place of several states with the best of its values."""
    nothing = any(state.nothing for state in states)
    filled = [state for state in states if state.places.size]
    if len(filled) <= 1:
        return (filled[0] if filled else _NOWHERE)._replace(nothing=nothing)
    places = np.concatenate([state.places for state in filled])
    return _best(places, np.concatenate([state.values for state in filled]))._replace(nothing=nothing)


def _best(places: Any, values: Any) -> Reached:
    order = np.argsort(places, kind="stable")
    places, values = places[order], values[order]
    first = np.flatnonzero(places[1:] != places[:-1]) + 1
    first = np.concatenate([[0], first]) if places.size else first
    return Reached(places[first], np.maximum.reduceat(values, first) if places.size else values)


def _unite(found: list[Pairs]) -> Pairs:
    """All pairs of several words in order, each once with the most that it gains."""
    if len(found) == 1:
        return found[0]
    begins, ends, gains = (
        (np.concatenate([_NONE, *column]) for column in zip(*found, strict=True)) if found else (_NONE,) * 3
    )
    best = _best(begins << 32 | ends, gains)
    return Pairs(best.places >> 32, best.places & 0xFFFFFFFF, best.values)
