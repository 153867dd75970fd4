"""The clauses of a transcript, in which products are told apart, and where among them an anchor may move on."""

import bisect
import re
from collections.abc import Iterator

import msgspec
import numpy as np

from ..language import HARD, SOFT
from .decoder import Array
from .spoken import Spoken
from .turns import ANNOUNCE, CLOSING, OPENERS

PAUSE_MS = 400  # a pause inside a clause that parts it
SILENCE_MS = 8000  # a longer silence is a step of its own, without words
FEWEST = 4  # characters on both sides of a pause that parts a clause


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """text[start:end]; `opens` is the number of the clause that its sentence begins with. A silence is empty."""

    start: int
    end: int
    start_ms: int
    end_ms: int
    opens: int


def find_clauses(text: Spoken, end_ms: int) -> tuple[Clause, ...]:
    """Clauses and long silences in order of time, up to `end_ms`."""
    clauses: list[Clause] = []
    opens = 0
    for start, end in _spans(text):
        if start and text.text[start - 1] == HARD:
            opens = len(clauses)
        first_ms, last_ms = text.times(start, end)
        if clauses and first_ms - clauses[-1].end_ms > SILENCE_MS:
            clauses.append(_silence(clauses, first_ms))
            opens = len(clauses)
        clauses.append(Clause(start=start, end=end, start_ms=first_ms, end_ms=last_ms, opens=opens))
    if clauses and end_ms - clauses[-1].end_ms > SILENCE_MS:
        clauses.append(_silence(clauses, end_ms))
    return tuple(clauses)


def _silence(clauses: list[Clause], end_ms: int) -> Clause:
    before = clauses[-1]
    return Clause(start=before.end, end=before.end, start_ms=before.end_ms, end_ms=end_ms, opens=len(clauses))


def _spans(text: Spoken) -> Iterator[tuple[int, int]]:
    """What marks, pauses and words that open something new part."""
    for match in re.finditer(f"[^{SOFT}{HARD}]+", text.text):
        start, end = match.span()
        cuts = {opener.start() for opener in OPENERS.finditer(text.text, start, end)}
        for at in range(start + FEWEST, end - FEWEST + 1):
            if text.start_ms[at] - text.end_ms[at - 1] >= PAUSE_MS:
                cuts.add(at)
        for cut in sorted(cuts):
            if start < cut < end:
                yield start, cut
                start = cut
        yield start, end


def clause_at(clauses: tuple[Clause, ...], index: int) -> int:
    """The number of the clause that a place of the text lies in."""
    return max(0, bisect.bisect_right(clauses, index, key=lambda clause: clause.start) - 1)


def announced(clauses: tuple[Clause, ...], text: Spoken, lead_in_ms: int) -> dict[int, int]:
    """Clauses that announce a product, and with which the announcement begins: its sentence, if not too long before."""
    found = {}
    for number, clause in enumerate(clauses):
        match = ANNOUNCE.search(text.text, clause.start, clause.end)
        if match is None:
            continue
        at_ms = text.start_ms[match.start()]
        first = next(
            (each for each in range(clause.opens, number) if at_ms - clauses[each].start_ms <= lead_in_ms), number
        )
        found[number] = first
    return found


def find_moves(
    clauses: tuple[Clause, ...],
    text: Spoken,
    *,
    lead_in_ms: int,
    announce: float,
    inside: float,
    closing: float,
    pause: float,
) -> Array:
    """float[clauses]: how much likelier than elsewhere a change of product is at the beginning of each, in log odds.

    `announce` where a sentence begins that announces one, `closing` after words that end one, `pause` after a pause of
    more than two seconds, minus `inside` within a sentence.
    """
    moves = np.zeros(len(clauses))
    for number, clause in enumerate(clauses):
        if clause.opens != number:
            moves[number] -= inside
            continue
        if number:
            before = clauses[number - 1]
            if CLOSING.search(text.text, before.start, before.end):
                moves[number] += closing
            if clause.start_ms - before.end_ms > 2000:
                moves[number] += pause
    for number, first in announced(clauses, text, lead_in_ms).items():
        gain = announce if clauses[first].opens == first else announce + inside / 2
        moves[first] = max(moves[first], -inside) + gain if moves[first] < announce else moves[first]
        if number != first:  # 脐橙还有两百单，好，下面是香菇
            moves[number] = max(moves[number], -inside / 4)
    return moves
