"""Subtitles: an utterance becomes lines that can be read while they are spoken, cut at punctuation, timed by its words.

Players have no common way to show chapters in a subtitle file, so the first line of a product's time on offer carries
its name as a line of its own, 【赣南脐橙】. WebVTT also gets each chapter as a NOTE, which only programs read; ASS has
room for the product's name in a corner.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import east_asian_width

from streamlens.report.bundle import Bundle
from streamlens.schema import Utterance

WIDTH = 22  # Chinese characters a line; a Latin letter or a digit counts half
SHORT = 5  # a sentence this short does not get a line of its own
LINGER_MS = 900  # a line stays at least this long where the next one leaves room

STOPS = frozenset("。！？!?；;…")
PAUSES = STOPS | frozenset("，,、：:")


@dataclass(frozen=True)
class Cue:
    """One line on screen. `title` is the product whose time begins here."""

    start_ms: int
    end_ms: int
    text: str
    title: str = ""


@dataclass(frozen=True)
class _Piece:
    start_ms: int
    end_ms: int
    text: str


def cues(bundle: Bundle) -> tuple[Cue, ...]:
    """The lines of a recording in order; none overlap."""
    lines = sorted(
        (line for utterance in bundle.transcript.utterances for line in _lines(utterance)),
        key=lambda line: (line.start_ms, line.end_ms),
    )
    chapters = sorted(bundle.segments.segments, key=lambda segment: segment.start_ms)
    shown: list[Cue] = []
    for index, line in enumerate(lines):
        following = lines[index + 1].start_ms if index + 1 < len(lines) else bundle.recording.duration_ms
        end = max(line.end_ms, line.start_ms + LINGER_MS)
        if following > line.start_ms:
            end = min(end, following)
        middle = (line.start_ms + line.end_ms) // 2
        title = ""
        while chapters and chapters[0].start_ms <= middle:
            chapter = chapters.pop(0)
            title = bundle.product_name(chapter.product) if middle < chapter.end_ms else ""
        shown.append(Cue(line.start_ms, max(end, line.start_ms + 1), line.text.strip(), title))
    return tuple(shown)


def srt(bundle: Bundle) -> bytes:
    """SubRip, UTF-8."""
    from pysubs2 import SSAEvent, SSAFile

    file = SSAFile()
    for cue in cues(bundle):
        file.append(SSAEvent(start=cue.start_ms, end=cue.end_ms, text=r"\N".join(_shown(cue))))
    return file.to_string("srt").encode()


def ass(bundle: Bundle) -> bytes:
    """Advanced SubStation: the product on offer stands above the line for as long as it is on offer."""
    from pysubs2 import Alignment, SSAEvent, SSAFile, SSAStyle

    file = SSAFile()
    file.info |= {"Title": _plain(bundle.recording.title or bundle.recording.id), "ScaledBorderAndShadow": "yes"}
    file.styles["Default"] = SSAStyle(fontname="Noto Sans CJK SC", fontsize=18.0, outline=1.2)
    file.styles["Product"] = SSAStyle(
        fontname="Noto Sans CJK SC", fontsize=13.0, outline=1.0, alignment=Alignment.TOP_LEFT
    )
    for segment in bundle.segments.segments:
        name = _plain(bundle.product_name(segment.product))
        file.append(SSAEvent(start=segment.start_ms, end=segment.end_ms, style="Product", text=f"【{name}】"))
    for cue in cues(bundle):
        file.append(SSAEvent(start=cue.start_ms, end=cue.end_ms, text=_plain(cue.text)))
    file.sort()
    return file.to_string("ass").encode()


def vtt(bundle: Bundle) -> bytes:
    """WebVTT with the product chapters as notes."""
    blocks = ["WEBVTT"]
    for segment in bundle.segments.segments:
        name = _plain(bundle.product_name(segment.product))
        blocks.append(f"NOTE chapter {_stamp(segment.start_ms)} {_stamp(segment.end_ms)} {name}".rstrip())
    for cue in cues(bundle):
        lines = "\n".join(_shown(cue)).replace("&", "&amp;")
        blocks.append(f"{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{lines}")
    return ("\n\n".join(blocks) + "\n").encode()


def _shown(cue: Cue) -> list[str]:
    return [f"【{_plain(cue.title)}】", _plain(cue.text)] if cue.title else [_plain(cue.text)]


def _lines(utterance: Utterance) -> Iterator[_Piece]:
    """Clauses are joined while they fit; a full stop ends the line unless it would be very short."""
    line: list[_Piece] = []
    for clause in _clauses(utterance):
        if line and _width(line) + _width([clause]) > WIDTH:
            yield _joined(line)
            line = []
        line.append(clause)
        if clause.text.rstrip()[-1:] in STOPS and _width(line) > SHORT:
            yield _joined(line)
            line = []
    if line:
        yield _joined(line)


def _clauses(utterance: Utterance) -> Iterator[_Piece]:
    """Stretches between punctuation; one wider than a line is cut into equal parts between words."""
    clause: list[_Piece] = []
    pieces = list(_pieces(utterance))
    for index, piece in enumerate(pieces):
        clause.append(piece)
        upcoming = pieces[index + 1].text[0] if index + 1 < len(pieces) else ""
        pause = piece.text[-1] in PAUSES and upcoming not in PAUSES and not _in_figure(clause, upcoming)
        if pause or not upcoming:
            yield from _cut(clause)
            clause = []


def _in_figure(clause: list[_Piece], upcoming: str) -> bool:
    """A comma or colon inside a figure (1,000 or 19:30) ends no clause."""
    text = "".join(piece.text for piece in clause[-2:])
    return text[-1] in ",:" and text[-2:-1].isdigit() and upcoming.isdigit()


def _cut(clause: list[_Piece]) -> Iterator[_Piece]:
    width = _width(clause)
    if width <= WIDTH:
        yield _joined(clause)
        return
    share = width / -(-width // WIDTH)
    line: list[_Piece] = []
    for piece in clause:
        if line and (_width([*line, piece]) > WIDTH or _width(line) >= share):
            yield _joined(line)
            line = []
        line.append(piece)
    if line:
        yield _joined(line)


def _pieces(utterance: Utterance) -> Iterator[_Piece]:
    """The words; where a transcript has none, Latin words and single characters, timed evenly."""
    words = [_Piece(w.start_ms, w.end_ms, w.text) for w in utterance.words if w.text]
    if not words:
        words = list(_spread(_Piece(utterance.start_ms, utterance.end_ms, utterance.text), r"[A-Za-z0-9]+|."))
    for word in words:
        if len(word.text) <= WIDTH or _width([word]) <= WIDTH:
            yield word
        else:
            yield from _spread(word, ".")


def _spread(piece: _Piece, pattern: str) -> Iterator[_Piece]:
    """The matches of a pattern, timed by their place in the text."""
    span, size = piece.end_ms - piece.start_ms, len(piece.text)
    for found in re.finditer(pattern, piece.text, re.DOTALL):
        start, end = (piece.start_ms + span * at // size for at in found.span())
        yield _Piece(start, end, found.group())


def _joined(pieces: list[_Piece]) -> _Piece:
    return _Piece(pieces[0].start_ms, pieces[-1].end_ms, "".join(piece.text for piece in pieces))


def _width(pieces: list[_Piece]) -> float:
    return sum(1.0 if east_asian_width(c) in "WF" else 0.5 for piece in pieces for c in piece.text)


def _plain(text: str) -> str:
    """Nothing that a player or pysubs2 would read as markup: tags, braces and backslashes become their wide twins."""
    return " ".join(text.translate(str.maketrans("<>{}\\", "＜＞｛｝＼")).split())


def _stamp(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
