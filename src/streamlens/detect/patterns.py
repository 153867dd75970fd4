"""The small language in which rules say what they look for.

    吃药|打针        one or the other, the longest that is there (inside brackets, or the whole pattern)
    (提高|增强)       a choice                  都?  (的)?    may be left out
    <疾病>           a word of configs/lexicon/疾病.txt (or of another named set)
    #               a number, as spoken, or from one to another (三到五)
    ~4              up to four characters inside the clause
    ~~12            up to twelve characters inside the sentence, commas included

Everything else stands for itself, in the spoken form (simplified, numbers in characters, no marks). A comma or the
border of an utterance inside literal words is passed over, since a recogniser's punctuation is a guess.

A pattern serves twice: as a regular expression over the text, and as an automaton of sounds (detect/sound).
"""

import re
from collections.abc import Callable, Mapping

import msgspec

from ..errors import RuleError
from ..language import HARD, SOFT

MOST_NUMERALS = 6  # of a number that is looked for by sound
SYNTAX = re.compile(r"~+\d+|<[^>]*>|[()|?#]")  # what does not stand for itself
NUMERALS = "零一二三四五六七八九十百千万亿两几半点"


class Text(msgspec.Struct, frozen=True):
    """Literal characters."""

    chars: str


class Choice(msgspec.Struct, frozen=True):
    """One of several sequences."""

    options: tuple["Sequence", ...]


class Gap(msgspec.Struct, frozen=True):
    """Up to `most` characters of anything; `wide` gaps may pass commas."""

    most: int
    wide: bool


class Number(msgspec.Struct, frozen=True):
    """A run of spoken numerals."""


class Sequence(msgspec.Struct, frozen=True):
    parts: tuple["Node", ...]


Node = Text | Choice | Gap | Number | Sequence


def parse(pattern: str, sets: Mapping[str, tuple[str, ...]], where: str = "") -> Sequence:
    """The tree of a pattern. RuleError (naming `where`) for a bracket, set or gap that is not right."""
    reader = _Reader(pattern, sets, where)
    tree = reader.choice(None)
    return tree if isinstance(tree, Sequence) else Sequence((tree,))


class _Reader:
    def __init__(self, pattern: str, sets: Mapping[str, tuple[str, ...]], where: str) -> None:
        self.pattern, self.sets, self.where, self.at = pattern, sets, where, 0

    def fail(self, what: str, at: int | None = None) -> RuleError:
        """`at` counts from 1; without it the character read last."""
        return RuleError(self.where, f"pattern {self.pattern!r}, character {at or self.at}: {what}")

    def choice(self, closing: str | None) -> Node:
        options: list[Sequence] = []
        parts: list[Node] = []
        opened = self.at
        while True:
            char = self.pattern[self.at] if self.at < len(self.pattern) else None
            if char == closing:
                break
            if char is None:
                raise self.fail("bracket is not closed", opened)
            self.at += 1
            if char == "|":
                options.append(_joined(parts))
                parts = []
            elif char == "?":
                if not parts:
                    raise self.fail("? has nothing before it")
                last = parts.pop()
                parts.append(Choice((Sequence((last,)), Sequence(()))))
            else:
                parts.append(self.node(char))
        options.append(_joined(parts))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def node(self, char: str) -> Node:
        if char == "(":
            inner = self.choice(")")
            self.at += 1
            return inner
        if char == "<":
            end = self.pattern.find(">", self.at)
            name = self.pattern[self.at : end] if end > 0 else ""
            if name not in self.sets:
                raise self.fail(f"unknown word set <{name}>; known: {', '.join(sorted(self.sets))}")
            if not self.sets[name]:
                raise self.fail(f"word set <{name}> is empty")
            self.at = end + 1
            # longest first, so that the regular expression prefers 高血压病 to 高血压
            words = sorted(self.sets[name], key=lambda word: (-len(word), word))
            return Choice(tuple(Sequence((Text(word),)) for word in words))
        if char == "~":
            wide = self.pattern.startswith("~", self.at)
            match = re.compile(r"\d+").match(self.pattern, self.at + wide)
            if not match:
                raise self.fail("~ needs a number after it")
            self.at = match.end()
            return Gap(int(match.group()), wide)
        if char == "#":
            return Number()
        if char in ")>":
            raise self.fail(f"{char} has nothing to close")
        return Text(char)


def _joined(parts: list[Node]) -> Sequence:
    """The parts in a row, neighbouring characters as one word."""
    joined: list[Node] = []
    for part in parts:
        if joined and isinstance(part, Text) and isinstance(joined[-1], Text):
            joined[-1] = Text(joined[-1].chars + part.chars)
        else:
            joined.append(part)
    return Sequence(tuple(joined))


def _everywhere(_chars: str) -> bool:
    return True


def expression(node: Node, present: Callable[[str], bool] = _everywhere) -> str:
    """A regular expression over spoken text (language.spoken) for a tree.

    With `present` it is for one text: options that cannot occur there are left out, so that of a set of hundreds of
    words a few are compiled. It matches the same in that text.
    """
    return _expression(node, present)[0]


def _expression(node: Node, present: Callable[[str], bool]) -> tuple[str, bool]:
    """The expression, and whether the empty text matches it."""
    if isinstance(node, Text):
        return f"{SOFT}?".join(map(re.escape, node.chars)), False
    if isinstance(node, Number):
        return f"[{NUMERALS}]+(?:到[{NUMERALS}]+)?", False
    if isinstance(node, Gap):
        return (f"[^{HARD}]{{0,{node.most}}}?" if node.wide else f"[^{SOFT}{HARD}]{{0,{node.most}}}?"), False
    if isinstance(node, Choice):
        # the longest first: what may be there is taken when it is, and 治疗 before 治
        options = sorted((each for each in node.options if may_occur(each, present)), key=longest, reverse=True)
        words, empty = zip(*(_expression(each, present) for each in options), strict=True) if options else ((), ())
        return f"(?:{'|'.join(words)})", any(empty)
    out, begun = "", False  # begun: a character has been read for certain, since the beginning or since a gap
    every = True
    for part in node.parts:
        word, may_be_empty = _expression(part, present)
        every = every and may_be_empty
        if isinstance(part, Gap):
            out, begun = out + word, False
        elif not may_be_empty:
            out, begun = out + (f"{SOFT}?" if begun else "") + word, True
        else:  # a break is passed over together with what may be left out, never alone
            out += f"(?:{SOFT}?{word}(?<!{SOFT}))?" if begun else f"(?:(?!{SOFT}){word}{SOFT}?)?"
    return (f"{out}(?<!{SOFT})" if every and out else out), every


def may_occur(node: Node, present: Callable[[str], bool]) -> bool:
    """False where a text cannot match, since it lacks words; `present` tells whether it may have some.

    Asked before an expression is compiled: of the thousands in the rules, most texts need few.
    """
    if isinstance(node, Text):
        return present(node.chars)
    if isinstance(node, Choice):
        return any(may_occur(option, present) for option in node.options)
    return not isinstance(node, Sequence) or all(may_occur(part, present) for part in node.parts)


def longest(node: Node) -> int:
    """The most syllables that a pattern can match, gaps not counted."""
    if isinstance(node, Text):
        return len(node.chars)
    if isinstance(node, Choice):
        return max(longest(option) for option in node.options)
    if isinstance(node, Number):
        return MOST_NUMERALS
    return 0 if isinstance(node, Gap) else sum(longest(part) for part in node.parts)


def has_gap(node: Node) -> bool:
    """Does a pattern leave room for words that it does not name?"""
    if isinstance(node, Choice):
        return any(has_gap(option) for option in node.options)
    return isinstance(node, Gap) or (isinstance(node, Sequence) and any(has_gap(part) for part in node.parts))
