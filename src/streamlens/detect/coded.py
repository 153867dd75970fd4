"""Coded speech: words said in place of others (某压 for 血压) give way to the plain ones before claims are looked for.

What is known of them is configs/lexicon/coded.txt, whose head describes its form. The plain words take the times and
the places of the coded ones, so that a claim's `heard` is what was really said. Precision first: an ambiguous word is
resolved only beside the words that its line asks for, a masked one only if it can be one word of the list alone.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from ..errors import RuleError
from ..language import HARD, SOFT, is_word, spoken
from ..schema import Message, RuleBook, Step
from .patterns import SYNTAX, expression, parse
from .spoken import Spoken

NAME = "coded"  # configs/lexicon/coded.txt

_ANY = "\0"  # stands for the masking syllable
_SURE_MASKS = "某x"
_MASKS = _SURE_MASKS + "母谋亩莫膜抹摸猛么"  # 某, and what recognisers write for it
_SET = re.compile("<[^>]+>")
_BRACKETS = re.compile(r"(?P<before>[^\[\]]*)\[(?P<coded>[^\[\]]+)\](?P<after>[^\[\]]*)")

Lines = tuple[tuple[str, str], ...]
Sets = Mapping[str, tuple[str, ...]]


class Coded(msgspec.Struct, frozen=True, kw_only=True):
    """A coded word resolved: `plain` stands at text[start:end] of the resolved text in place of `said`."""

    start: int
    end: int
    said: str
    plain: str


def read_coded(path: Path, sets: Sets) -> Lines:
    """The lines of the file as (coded pattern, plain word), masked words as ("", word). RuleError names the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(str(path), f"cannot be read ({error})", "save it as UTF-8") from error
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            lines.append(_read_line(line, sets, f"{path}:{number}"))
    return tuple(lines)


def _read_line(line: str, sets: Sets, where: str) -> tuple[str, str]:
    coded, equals, plain = (part.strip() for part in line.partition("="))
    if not equals:
        coded, plain = "", coded
        if named := _SET.fullmatch(plain):
            parse(plain, sets, where)
            return "", named.group()
    if spoken(plain)[0] != plain or SOFT in plain:
        raise RuleError(where, f"{plain!r} is not in spoken form", "simplified, small letters, numbers in characters")
    if not equals:
        if len(plain) < 2:
            raise RuleError(where, f"{plain!r} is too short to be masked", "two characters or more")
        return coded, plain
    for part in _parts(coded, where):
        literal = SYNTAX.sub("", part)
        if spoken(literal)[0] != literal or SOFT in literal or HARD in literal:
            raise RuleError(where, f"pattern {part!r} is not in spoken form", "simplified, small letters, no marks")
        parse(part, sets, where)
    if len(plain) == 1 and len(SYNTAX.sub("", _parts(coded, where)[1])) > 1:
        raise RuleError(where, f"{plain!r} is one character for several", "name more of the words: 减月半 = 减肥")
    return coded, plain


def _parts(coded: str, where: str = "") -> tuple[str, str, str]:
    """The patterns before, of and after the coded word."""
    if "[" not in coded and "]" not in coded:
        return "", coded, ""
    match = _BRACKETS.fullmatch(coded)
    if match is None:
        raise RuleError(where, f"{coded!r} must have one [coded word] in brackets", "before[coded]after = plain")
    return match["before"], match["coded"], match["after"]


def resolve(text: Spoken, book: RuleBook) -> tuple[Spoken, tuple[Coded, ...]]:
    """The text with its coded words in plain ones, and where these stand in it."""
    taken: list[tuple[int, int, str]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= a or b <= start for a, b, _ in taken)

    for regex, plain in _compile(book.coded, book.sets):
        at = 0
        while match := regex.search(text.text, at):
            start, end = match.span("coded")
            at = max(end, at + 1)
            if start < end and free(start, end):
                taken.append((start, end, plain))
    for start, end, plain in _unmasked(text.text, _masked(book.coded, book.sets)):
        if free(start, end):
            taken.append((start, end, plain))
    return _replaced(text, sorted(found for found in taken if found[2]))


@lru_cache(maxsize=4)
def _compile(lines: Lines, sets: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    known = dict(sets)

    def regex(part: str) -> str:
        return expression(parse(part, known)) if part else ""

    compiled = []
    for coded, plain in lines:
        if coded:
            before, inside, after = map(regex, _parts(coded))
            joint = f"{SOFT}?"
            before, after = before and before + joint, after and joint + after
            compiled.append((re.compile(f"{before}(?P<coded>{inside}){after}"), plain))
    return tuple(compiled)


@lru_cache(maxsize=4)
def _masked(lines: Lines, sets: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, tuple[str, str]]:
    """Masked spellings with the only word that they can be, and the syllables that may be the mask in it.

    A mask is put in (免某疫力) or takes the place of a character (免某力). The latter leaves less of the word, so words
    of whole sets count there only with masks that can be nothing else.
    """
    known = dict(sets)
    found: dict[str, dict[str, str]] = {}
    for coded, plain in lines:
        for word in () if coded else known.get(plain.strip("<>"), (plain,)):
            for at in range(1, len(word)):
                found.setdefault(word[:at] + _ANY + word[at:], {})[word] = _MASKS
                if at < len(word) - 1:
                    masks = _SURE_MASKS if plain.startswith("<") else _MASKS + word[at - 1]
                    same = found.setdefault(word[:at] + _ANY + word[at + 1 :], {})
                    same[word] = max(same.get(word, ""), masks, key=len)
    return {spelling: words.popitem() for spelling, words in found.items() if len(words) == 1}


def _unmasked(text: str, masked: Mapping[str, tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """(start, end, word) of the masked words of a text."""
    longest = max(map(len, masked), default=0)
    for at, char in enumerate(text):
        twice = at > 0 and char == text[at - 1]
        if char not in _MASKS and not twice:
            continue
        if char not in _SURE_MASKS and (is_word(text[at - 1 : at + 1]) or is_word(text[at : at + 2])):
            continue  # 角膜, 天天: words of their own
        for start in range(max(0, at - longest + 2), at):
            for end in range(at + 2, min(len(text), start + longest) + 1):
                word, masks = masked.get(text[start:at] + _ANY + text[at + 1 : end], ("", ""))
                if char in masks:
                    yield start, end, word


def _replaced(text: Spoken, found: list[tuple[int, int, str]]) -> tuple[Spoken, tuple[Coded, ...]]:
    if not found:
        return text, ()
    source: list[int] = []  # for each new character the old one whose time and place it takes
    chars: list[str] = []
    coded: list[Coded] = []
    last = 0
    for start, end, plain in found:
        chars += text.text[last:start]
        source += range(last, start)
        coded.append(
            Coded(start=len(chars), end=len(chars) + len(plain), said=text.heard(start, end), plain=plain)
        )  # fmt: skip
        chars += plain
        size = max(1, len(plain) - 1)
        source += (start + (end - 1 - start) * index // size for index in range(len(plain)))
        last = end
    chars += text.text[last:]
    source += range(last, len(text.text))
    place = {old: new for new, old in reversed(list(enumerate(source)))}
    return msgspec.structs.replace(
        text,
        text="".join(chars),
        utterance=tuple(text.utterance[old] for old in source),
        offset=tuple(text.offset[old] for old in source),
        start_ms=tuple(text.start_ms[old] for old in source),
        end_ms=tuple(text.end_ms[old] for old in source),
        probability=tuple(text.probability[old] for old in source),
        ends=tuple(index for index, char in enumerate(chars) if char == HARD),
        bare=tuple(place[old] for old in text.bare if old in place),
    ), tuple(coded)


def within(coded: tuple[Coded, ...], start: int, end: int) -> tuple[Coded, ...]:
    """The coded words that text[start:end] has a part in."""
    return tuple(each for each in coded if each.start < end and start < each.end)


def plain_words(text: Spoken, coded: tuple[Coded, ...], start: int, end: int) -> str:
    """The readable words of text[start:end], which parts no coded word, with the plain words in place of these."""
    words, at = [], start
    for each in within(coded, start, end):
        words += [text.heard(at, each.start)] if at < each.start else []
        words.append(each.plain)
        at = each.end
    return "".join([*words, text.heard(at, end) if at < end else ""])


def coded_steps(coded: tuple[Coded, ...]) -> tuple[Step, ...]:
    """The steps of a trace that say which coded words were taken for which plain ones."""
    return tuple(
        Step(step="heard", message=Message(code="detect.coded", args=(("coded", each.said), ("plain", each.plain))))
        for each in coded
    )
