"""A transcript as one spoken string, each character with its time and its place in the utterances.

Matching works on the whole string, so that words which straddle a border between utterances are found too.
"""

import bisect
import re
from functools import lru_cache

import msgspec

from ..language import HARD, SOFT, spoken
from ..schema import Transcript, Word

_IN_NUMBER = re.compile(r"[%％]|[.．]?[0-9０-９]")

SENTENCE_PAUSE_MS = 700  # a longer silence ends a sentence, whatever the punctuation says


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is the spoken form (language.spoken); the tuples run parallel to it, one entry a character.

    Breaks take the place and time of the character before them.
    """

    text: str
    utterance: tuple[int, ...]
    offset: tuple[int, ...]  # index into that utterance's text
    start_ms: tuple[int, ...]
    end_ms: tuple[int, ...]
    probability: tuple[float, ...]
    ends: tuple[int, ...]  # positions of the HARD breaks, ascending
    bare: tuple[int, ...]  # positions of the breaks between utterances where the recogniser wrote no mark
    utterance_texts: tuple[str, ...]
    utterance_ids: tuple[str, ...]

    def times(self, start: int, end: int) -> tuple[int, int]:
        """Milliseconds of the characters text[start:end]."""
        return self.start_ms[start], max(self.end_ms[end - 1], self.start_ms[start] + 1)

    def index(self, ms: int) -> int:
        """The place of the character spoken at a time (the first that starts then or later)."""
        return bisect.bisect_left(self.start_ms, ms)

    def heard(self, start: int, end: int) -> str:
        """The readable words behind text[start:end], across utterances."""
        first, last = self.utterance[start], self.utterance[end - 1]
        if first == last:
            return self.utterance_texts[first][self.offset[start] : self._after(end)]
        middle = self.utterance_texts[first + 1 : last]
        return "".join(
            (self.utterance_texts[first][self.offset[start] :], *middle, self.utterance_texts[last][: self._after(end)])
        )

    def _after(self, end: int) -> int:
        """The offset just past text[end - 1] and the digits and signs of its number that no spoken character is for."""
        last = self.utterance[end - 1]
        text = self.utterance_texts[last]
        at = self.offset[end - 1] + 1
        follows = end < len(self.text) and self.utterance[end] == last and self.offset[end] >= at
        limit = self.offset[end] if follows else len(text)
        while self.text[end - 1] not in (SOFT, HARD) and at < limit and _IN_NUMBER.match(text, at):
            at += 1
        return at

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The bounds of the sentence (or sentences) that text[start:end] lies in, without the closing break."""
        before = bisect.bisect_left(self.ends, start)
        after = bisect.bisect_left(self.ends, end)
        first = self.ends[before - 1] + 1 if before else 0
        last = self.ends[after] if after < len(self.ends) else len(self.text)
        return first, last


@lru_cache(maxsize=2)
def speak(transcript: Transcript) -> Spoken:
    """The spoken form of a whole transcript; kept, since most stages want it. A word's time is shared evenly among its
    characters."""
    chars: list[str] = []
    rows: list[tuple[int, int, int, int, float]] = []  # utterance, offset, start, end, probability
    bare: list[int] = []
    for number, utterance in enumerate(transcript.utterances):
        if rows:
            pause = utterance.start_ms - rows[-1][3]
            if chars[-1] not in (SOFT, HARD):
                bare.append(len(chars))
            _join(chars, rows, HARD if pause >= SENTENCE_PAUSE_MS else SOFT)
        text, origin = spoken(utterance.text)
        wrote = spoken(utterance.raw)[0][-1:]
        if wrote and wrote != HARD and text.endswith(HARD):  # the full stop was put there for readers
            text, origin = (text[:-1] + SOFT, origin) if wrote == SOFT else (text[:-1], origin[:-1])
        clock = _clock(utterance.words, len(utterance.text), utterance.start_ms, utterance.end_ms)
        previous = None
        for char, at in zip(text, origin, strict=True):
            if char in (SOFT, HARD) and not chars:
                continue
            start, end, probability = clock[at]
            if at == previous:  # further characters of one written number: no time of their own
                start = end
            chars.append(char)
            rows.append((number, at, start, end, probability))
            previous = at
    text = "".join(chars)
    columns = tuple(zip(*rows, strict=True)) or ((), (), (), (), ())
    return Spoken(
        text=text,
        utterance=columns[0],
        offset=columns[1],
        start_ms=columns[2],
        end_ms=columns[3],
        probability=columns[4],
        ends=tuple(index for index, char in enumerate(text) if char == HARD),
        bare=tuple(bare),
        utterance_texts=tuple(utterance.text for utterance in transcript.utterances),
        utterance_ids=tuple(utterance.id for utterance in transcript.utterances),
    )


def _join(chars: list[str], rows: list[tuple[int, int, int, int, float]], mark: str) -> None:
    if chars[-1] in (SOFT, HARD):
        chars[-1] = HARD if HARD in (chars[-1], mark) else SOFT
    else:
        chars.append(mark)
        rows.append(rows[-1])


def _clock(words: tuple[Word, ...], length: int, start_ms: int, end_ms: int) -> list[tuple[int, int, float]]:
    """(start, end, probability) for each character of an utterance's text."""
    clock: list[tuple[int, int, float]] = []
    for word in words:
        size = max(1, len(word.text))
        width = word.end_ms - word.start_ms
        for index in range(len(word.text)):
            clock.append(
                (word.start_ms + width * index // size, word.start_ms + width * (index + 1) // size, word.probability)
            )
    if len(clock) != length:  # no word times (a subtitle file): spread the characters over the utterance
        width = end_ms - start_ms
        size = max(1, length)
        probability = sum(word.probability for word in words) / len(words) if words else 1.0
        clock = [
            (start_ms + width * index // size, start_ms + width * (index + 1) // size, probability)
            for index in range(length)
        ]
    return clock
