"""Search by sound: where are these words said in a text that a recogniser may have misspelt?

Syllables are compared without tones, initials and finals apart; what Mandarin speakers and recognisers confuse
(zh/z, n/l, f/h, an/ang, en/eng, in/ing ...) costs little, a dropped or doubled syllable more. The confusable pairs
follow the usual fuzzy-pinyin sets of Chinese input methods.

A pattern (detect/patterns) is run over the whole text at once as a weighted automaton: its state is the set of all
places that the pattern may have reached, each with its best score, so choices, options and gaps cost an array
operation each, however many phrases they spell out. Places that already sound too unlike are dropped on the way.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ..language import HARD, SOFT, readings, split_syllable
from .patterns import MOST_NUMERALS, NUMERALS, Choice, Gap, Node, Number, Text, longest
from .spoken import Spoken

NEAR, AKIN, FAR = 0.15, 0.5, 1.0  # cost of a pair of initials (or finals) that is confusable, akin, unlike
EXTRA = 0.8  # a syllable too many or too few inside a word
REWARD = 0.3  # what a syllable is worth: optional words are taken while they sound better than this
BREAK = 0.3  # words that run over the end of a sentence
BARRIER_MS = 1500  # words do not reach across a longer silence

# A state entry packs (score, syllables matched, start) into one integer, so that the better entry is the larger one.
_SCALE = 40  # scores are whole fortieths of a syllable
_SCORE, _COUNT = 1 << 40, 1 << 32
_EXTRA_SCORE = round(EXTRA * _SCALE) * _SCORE
_BARRIER = -4000

_NEAR_INITIALS = {
    frozenset(pair) for pair in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("f", "h"))
}
_AKIN_INITIALS = {
    frozenset(pair)
    for pair in (("b", "p"), ("d", "t"), ("g", "k"), ("j", "q"), ("zh", "ch"), ("z", "c"), ("j", "zh"), ("q", "ch"),
                 ("x", "sh"), ("x", "s"), ("z", "j"), ("c", "q"), ("", "y"), ("", "w"), ("g", "h"), ("k", "h"),
                 ("zh", "c"), ("ch", "z"), ("sh", "ch"), ("s", "c"), ("m", "n"), ("b", "f"))
}  # fmt: skip
_NEAR_FINALS = {
    frozenset(pair)
    for pair in (("an", "ang"), ("en", "eng"), ("in", "ing"), ("ian", "iang"), ("uan", "uang"), ("un", "ong"),
                 ("uo", "o"), ("ou", "uo"), ("v", "u"), ("ve", "ue"))
}  # fmt: skip
_AKIN_FINALS = {
    frozenset(pair)
    for pair in (("e", "uo"), ("e", "o"), ("ei", "ui"), ("ai", "ei"), ("ao", "ou"), ("ian", "in"), ("iao", "iu"),
                 ("uan", "un"), ("uan", "an"), ("uang", "ang"), ("iang", "ang"), ("ian", "an"), ("ong", "eng"),
                 ("iong", "ong"), ("i", "v"), ("i", "ie"), ("i", "ei"), ("ie", "e"), ("ie", "ue"), ("a", "ia"),
                 ("a", "ua"), ("u", "ou"), ("u", "o"), ("in", "en"), ("ing", "eng"), ("i", "e"), ("un", "en"),
                 ("ui", "uai"))
}  # fmt: skip


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A place that sounds like a pattern: text[start:end], `syllables` long; `cost`, in syllables, 0 if the same."""

    start: int
    end: int
    cost: float
    syllables: int


def _pair(one: str, other: str, near: set[frozenset[str]], akin: set[frozenset[str]]) -> float:
    if one == other:
        return 0.0
    pair = frozenset((one, other))
    return NEAR if pair in near else AKIN if pair in akin else FAR


@cache
def syllable_cost(one: str, other: str) -> float:
    """How unlike two toneless syllables sound, 0 (same) to 1.

    >>> syllable_cost("chang", "can"), syllable_cost("fu", "bu"), syllable_cost("xi", "xi")
    (0.15, 0.25, 0.0)
    """
    if one == other:
        return 0.0
    (initial, final), (other_initial, other_final) = split_syllable(one), split_syllable(other)
    return (
        _pair(initial, other_initial, _NEAR_INITIALS, _AKIN_INITIALS)
        + _pair(final, other_final, _NEAR_FINALS, _AKIN_FINALS)
    ) / 2


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
                sounds.append(-1)
                mark = HARD
                same_clause.append(False)
                same_sentence.append(False)
                numerals.append(False)
            sounds.append(kinds.setdefault(readings(char), len(kinds)))
            self._place.append(index)
            same_clause.append(mark == "")
            same_sentence.append(mark != HARD)
            numerals.append(char in NUMERALS)
            mark, previous = "", index
        self._kinds = tuple(kinds)
        self._chars = tuple(spoken.text[index] if index >= 0 else "" for index in self._place)
        self._sounds = np.array(sounds, dtype=np.int64)
        self._size = len(sounds)
        self._break_cost = np.where(same_sentence, 0, round(BREAK * _SCALE)).astype(np.int64) * _SCORE
        self._narrow, self._wide = np.array(same_clause, bool), np.array(same_sentence, bool)
        self._numeral_gain = np.where(numerals, round(REWARD * _SCALE), _BARRIER).astype(np.int64) * _SCORE + _COUNT
        self._rows: dict[tuple[str, ...], Any] = {}
        self._heads: dict[tuple[str, ...], State] = {}

    def find(self, tree: Node, most: Callable[[int], float]) -> list[Hit]:
        """Places that sound like the pattern, in order; of overlapping ones the best.

        `most(n)` is the highest cost (in syllables) that a match of n syllables may have; below 0 means never.
        """
        if not self._size:
            return []
        bound = max((most(size) for size in range(1, longest(tree) + 1)), default=-1.0)
        if bound < 0:
            return []
        state = self._run(tree, None, round(bound * _SCALE))
        if state is None:  # a pattern that may be empty says nothing
            return []
        found: list[tuple[int, Hit]] = []
        for end, packed in zip(state.places.tolist(), state.values.tolist(), strict=True):
            score, count, start = packed >> 40, (packed >> 32) & 0xFF, packed & 0xFFFFFFFF
            cost = count * REWARD - score / _SCALE
            if count and cost <= most(count) + 1e-9:
                first, last = self._place[start], self._place[end - 1] + 1
                found.append((packed, Hit(start=first, end=last, cost=round(max(cost, 0.0), 3), syllables=count)))
        kept: list[Hit] = []
        for _, hit in sorted(found, key=lambda row: (-(row[0] >> 32), row[1].start, row[1].end)):
            if not any(hit.start < other.end and other.start < hit.end for other in kept):
                kept.append(hit)
        return sorted(kept, key=lambda hit: hit.start)

    def said(self, tree: Node, hit: Hit) -> str:
        """The wording of the pattern that the place sounds most like; gaps and numbers as they stand in the text."""
        places = [index for index in range(len(self._place)) if hit.start <= self._place[index] < hit.end]
        first, last = places[0], places[-1] + 1
        return self._word(tree, {first: (0.0, "")}, first, last).get(last, (0.0, ""))[1]

    def _word(self, node: Node, state: "Worded", first: int, last: int) -> "Worded":
        """As _run, on the few places of one hit, keeping the words."""
        if isinstance(node, Choice):
            return _better(*(self._word(option, state, first, last) for option in node.options))
        if isinstance(node, Text):
            for index, char in enumerate(node.chars):
                row = self._row(char)
                after = {
                    at + 1: (score + (int(row[at]) >> 40) / _SCALE, words + char)
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

    def _run(self, node: Node, state: "State | None", bound: int) -> "State | None":
        """The state after a node. None is the beginning: every place, nothing read yet."""
        if isinstance(node, Text):
            for index, char in enumerate(node.chars):
                before, state = state, self._read(char, state, bound)
                extra = []
                # a syllable inside the word was swallowed ...
                if before is not None and 0 < index < len(node.chars) - 1:
                    extra.append(State(before.places, before.values - _EXTRA_SCORE))
                # ... or one was put in, which a long silence is not
                if len(node.chars) > 2 and index < len(node.chars) - 1:
                    inside = state.places < self._size
                    inside[inside] = self._sounds[state.places[inside]] >= 0
                    extra.append(State(state.places[inside] + 1, state.values[inside] - _EXTRA_SCORE))
                state = _prune(_union(state, *extra), bound)
            return state
        if isinstance(node, Choice):
            states = [self._run(option, state, bound) for option in node.options]
            # at the beginning an option that may be left out leaves the beginning open
            return self._union_or_begin(states)
        if isinstance(node, Number):
            steps = []
            for _ in range(MOST_NUMERALS):
                state = self._advance(self._numeral_gain, state, bound)
                steps.append(state)
            return _union(*steps)
        if isinstance(node, Gap):
            if state is None:  # nothing before it: the gap says nothing
                return None
            steps, inside = [state], self._wide if node.wide else self._narrow
            for _ in range(node.most):
                places, values = state.places, state.values
                kept = places < self._size
                kept[kept] = inside[places[kept]]
                # a gap stays inside the clause, and the shorter one is the better one
                state = State(places[kept] + 1, values[kept] - _SCORE)
                steps.append(state)
            return _prune(_union(*steps), bound)
        after_gap: Gap | None = None
        for part in node.parts:
            if after_gap and state is not None:  # what follows a gap stands in the same clause
                inside = self._wide if after_gap.wide else self._narrow
                kept = state.places < self._size
                kept[kept] = inside[state.places[kept]]
                state = State(state.places[kept], state.values[kept])
            state = self._run(part, state, bound)
            after_gap = part if isinstance(part, Gap) else None
        return state

    def _union_or_begin(self, states: "list[State | None]") -> "State | None":
        begun = [state for state in states if state is not None]
        if len(begun) == len(states):
            return _union(*begun)
        if not begun:
            return None
        places = np.arange(self._size + 1, dtype=np.int64)
        return _union(State(places, places.copy()), *begun)

    def _read(self, char: str, state: "State | None", bound: int) -> "State":
        sound = readings(char)
        if state is None:
            # the places where a word may begin, kept for all the words that begin with this sound
            if sound not in self._heads:
                self._heads[sound] = self._advance(self._row(char), None, round(FAR * _SCALE) - 1)
            return _prune(self._heads[sound], bound)
        return self._advance(self._row(char), state, bound)

    def _advance(self, gain: Any, state: "State | None", bound: int) -> "State":
        if state is None:
            places = np.arange(self._size, dtype=np.int64)
            return _prune(State(places + 1, places + gain), bound)
        kept = state.places < self._size
        places = state.places[kept]
        values = state.values[kept] + gain[places]
        values -= np.where((values >> 32) & 0xFF > 1, self._break_cost[places], 0)  # not before the first syllable
        return _prune(State(places + 1, values), bound)

    def _row(self, char: str) -> Any:
        """int64[len(text)]: what is gained by reading each place of the text as this character."""
        sound = readings(char)
        row = self._rows.get(sound)
        if row is None:
            costs = [min(syllable_cost(a, b) for a in sound for b in kind) for kind in self._kinds]
            gains = [round((REWARD - cost) * _SCALE) for cost in costs] + [_BARRIER]
            row = self._rows[sound] = np.array(gains, np.int64)[self._sounds] * _SCORE + _COUNT
        return row


class State(NamedTuple):
    """The places (ascending, int64) up to which a pattern may have been read, and the best packed value of each."""

    places: Any
    values: Any


def _prune(state: State, bound: int) -> State:
    """Without the places whose cost so far is over the bound (in fortieths)."""
    cost = ((state.values >> 32) & 0xFF) * round(REWARD * _SCALE) - (state.values >> 40)
    kept = cost <= bound
    return State(state.places[kept], state.values[kept])


def _union(*states: State) -> State:
    """Every place of several states with the best of its values."""
    if len(states) == 1:
        return states[0]
    places = np.concatenate([state.places for state in states])
    values = np.concatenate([state.values for state in states])
    order = np.argsort(places, kind="stable")
    places, values = places[order], values[order]
    first = np.flatnonzero(np.diff(places, prepend=-1))
    return State(places[first], np.maximum.reduceat(values, first) if len(first) else values)
