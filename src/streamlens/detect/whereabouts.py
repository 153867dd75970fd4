"""In which sentences of a text a pattern may match at all: asked before an expression is compiled or a sentence read.

Nothing that a written pattern matches goes over the end of a sentence (HARD), and its words stand there in one piece,
commas aside. So each pair of neighbouring characters has a set of sentences, kept as the bits of an integer; a word's
are those of all its pairs, a choice's those of any option, a sequence's those of every part. Of the thousands of
patterns in the rules most are left with none, the others with a few.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

from ..language import HARD, SOFT
from .patterns import NUMERALS, Choice, Node, Number, Sequence, Text


class Whereabouts:
    """The sentences of a spoken text, by what stands in them. `spelt` tells how the text has a pattern's words."""

    def __init__(self, text: str, spelt: Callable[[str], str] = str) -> None:
        self._bounds: list[tuple[int, int]] = []
        places: dict[str, set[int]] = {}
        start = 0
        for sentence in text.split(HARD):
            if sentence:
                solid = sentence.replace(SOFT, "")
                for unit in (*solid, *map("".join, pairwise(solid))):
                    places.setdefault(unit, set()).add(len(self._bounds))
                self._bounds.append((start, start + len(sentence)))
            start += len(sentence) + 1
        self._bits = {unit: _bits(numbers, len(self._bounds)) for unit, numbers in places.items()}
        self._every = (1 << len(self._bounds)) - 1
        self._numerals = 0
        for char in NUMERALS:
            self._numerals |= self._bits.get(spelt(char), 0)
        self.word = cache(lambda chars: self._word(spelt(chars)))

    def _word(self, chars: str) -> int:
        if len(chars) == 1:
            return self._bits.get(chars, 0)
        found = self._every
        for pair in pairwise(chars):
            found &= self._bits.get("".join(pair), 0)
            if not found:
                break
        return found

    def of(self, node: Node) -> int:
        """The sentences that a pattern may match in, as bits."""
        if isinstance(node, Text):
            return self.word(node.chars)
        if isinstance(node, Number):
            return self._numerals
        found = self._every
        if isinstance(node, Choice):
            found = 0
            for option in node.options:
                found |= self.of(option)
        elif isinstance(node, Sequence):
            for part in node.parts:
                found &= self.of(part)
                if not found:
                    break
        return found

    def bounds(self, sentences: int) -> Iterator[tuple[int, int]]:
        """Where they begin and end in the text, in order."""
        while sentences:
            lowest = sentences & -sentences
            yield self._bounds[lowest.bit_length() - 1]
            sentences ^= lowest


def _bits(numbers: set[int], size: int) -> int:
    bits = bytearray(size // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")
