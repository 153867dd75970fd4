"""The same line of text from picture to picture, and which lines are the viewers'.

Whose words a line is cannot be seen in it. What can be seen is how it behaves: what the seller lays over the picture
stays in its place, comments move up one after another in a column or fly across.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from streamlens.schema import ScreenText, TextLine

Box = tuple[int, int, int, int]
Sort = Literal["standing", "comment", "passing"]

ALIKE = 0.7  # share of characters in common from which two readings at one place may be the same line
CERTAIN = 0.95  # two different readings, each so sure, are two lines
COLUMN = 30  # thousandths of the width by which left edges in a column of comments may differ
AROUND = 4  # lines above and below what was seen to move that belong to the column too
LIST = 3  # so many lines that moved up make a column of comments

_FIGURES = re.compile(r"\d+(?:\.\d+)?")


@dataclass(eq=False)
class Track:
    """A line on screen. `readings` holds, for each text read there, the sum and the best of its confidences."""

    start_ms: int
    last_ms: int
    box: Box
    end_ms: int = 0  # the picture in which it was not there any more
    seen: int = 0
    readings: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The reading that speaks loudest: often and surely."""
        return max(self.readings, key=lambda text: (self.readings[text], text))

    @property
    def confidence(self) -> float:
        return self.readings[self.text][1]

    def add(self, line: TextLine, at_ms: int) -> None:
        total, best = self.readings.get(line.text, (0.0, 0.0))
        self.readings[line.text] = total + line.confidence, max(best, line.confidence)
        self.last_ms, self.box = at_ms, line.box
        self.seen += 1

    def is_here(self, line: TextLine) -> bool:
        """Same place, nearly same text."""
        return _same_place(self.box, line.box) and self.reads(line)

    def reads(self, line: TextLine) -> bool:
        text = self.text
        if text == line.text:
            return True
        if _FIGURES.findall(text) != _FIGURES.findall(line.text) or min(self.confidence, line.confidence) >= CERTAIN:
            return False
        return SequenceMatcher(None, text, line.text, autojunk=False).ratio() >= ALIKE


@dataclass(frozen=True, slots=True)
class _Move:
    """A line seen in one picture, and further up in the next."""

    at_ms: int
    box: Box  # where it was


class Tracker:
    """Follows the lines of one file. Boxes are in thousandths of the picture.

    `gap_ms`: a line may be missing for so long and still be the same, unless another takes its place; `stays_ms`: what
    is seen in one place for this time is there to stay.
    """

    def __init__(self, *, gap_ms: int, stays_ms: int) -> None:
        self._gap_ms = gap_ms
        self._stays_ms = stays_ms
        self._open: list[Track] = []
        self._done: list[Track] = []
        self._moves: list[_Move] = []
        self._before_ms: int | None = None

    def add(self, lines: Sequence[TextLine], at_ms: int) -> None:
        """The lines of the picture at a time; times must ascend."""
        fresh = []
        taken: set[int] = set()
        for line in lines:
            track = next((t for t in self._open if id(t) not in taken and t.is_here(line)), None)
            if track is None:
                fresh.append(line)
            else:
                taken.add(id(track))
                track.end_ms = 0
                track.add(line, at_ms)
        gone = [t for t in self._open if id(t) not in taken]
        for line in fresh:
            before = next((t for t in gone if t.last_ms == self._before_ms and _moved_up(t, line)), None)
            if before is not None:
                self._moves.append(_Move(at_ms, before.box))
            track = Track(start_ms=at_ms, last_ms=at_ms, box=line.box)
            track.add(line, at_ms)
            self._open.append(track)
        for track in gone:
            track.end_ms = track.end_ms or at_ms
            replaced = any(_same_place(track.box, line.box) for line in fresh)
            if replaced or at_ms - track.last_ms > self._gap_ms:
                self._open.remove(track)
                self._done.append(track)
        self._before_ms = at_ms

    def finish(self, end_ms: int) -> list[ScreenText]:
        """All lines in order of time; those still there end with the file."""
        tracks = sorted(self._done + self._open, key=lambda t: (t.start_ms, t.box[1], t.box[0], t.text))
        return [
            ScreenText(
                start_ms=track.start_ms,
                end_ms=max(track.end_ms or end_ms, track.start_ms + 1),
                text=track.text,
                box=track.box,
                confidence=round(track.confidence, 3),
                sort=self._sort(track),
                seen=track.seen,
            )
            for track in tracks
        ]

    def _sort(self, track: Track) -> Sort:
        column = [move for move in self._moves if abs(move.box[0] - track.box[0]) <= COLUMN]
        if len(column) >= LIST:
            reach = AROUND * (track.box[3] - track.box[1])
            top = min(move.box[1] for move in column) - reach
            bottom = max(move.box[3] for move in column) + reach
            # what stays while all around it moves up is not in the list
            stood = any(track.start_ms < move.at_ms <= track.last_ms for move in column)
            if top <= track.box[1] and track.box[3] <= bottom and not stood:
                return "comment"
        return "standing" if track.last_ms - track.start_ms >= self._stays_ms else "passing"


def _moved_up(track: Track, line: TextLine) -> bool:
    up = track.box[1] - line.box[1]
    return up > 0 and abs(track.box[0] - line.box[0]) <= COLUMN // 2 and len(line.text) > 1 and track.reads(line)


def _same_place(one: Box, other: Box) -> bool:
    """Middles within half a line's height, and half of the narrower one's width in common."""
    high = min(one[3] - one[1], other[3] - other[1])
    wide = min(one[2] - one[0], other[2] - other[0])
    apart = abs((one[1] + one[3]) - (other[1] + other[3])) / 2
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return apart <= high / 2 and shared >= wide / 2
