"""What the audience did, read from whatever recorders, fetchers and shops write, on the recording's time line.

A file that cannot be read is told of and costs no other; a row that cannot be read costs no other row.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import msgspec

from streamlens.capture.audience import comments_json, comments_xml, console_log
from streamlens.capture.audience.clock import Placed, begin, place, seen_clocks, told_clocks
from streamlens.capture.audience.entries import Began, Entry, Fault, Left, Moment, Note, Reading
from streamlens.capture.audience.lines import encoding_of, lines, opened
from streamlens.capture.audience.pseudonym import Pseudonyms
from streamlens.capture.audience.records import Records, take
from streamlens.capture.audience.tables import read_book, read_text_table, unknown
from streamlens.errors import InputError
from streamlens.schema import (
    Audience,
    Catalogue,
    Clock,
    Recording,
    RowFault,
    Screen,
    Source,
)

Role = Literal["comments", "viewers", "orders"]
_BOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LOOKED = 200  # lines by which a format is told


class AudienceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How much is read, and how much is told of what cannot be."""

    most_rows: int = 2_000_000  # rows of a file; more is an error
    most_faults: int = 50  # of the unreadable rows of a file so many are listed


class AudienceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file and what it should hold. `part`: the part of the recording it lies beside; `offset_ms`: to be added."""

    path: Path
    role: Role
    part: int = 0
    offset_ms: int | None = None


class AudienceFiles(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is for a recording; `clocks` are subtitle files of its parts, which may show the clock."""

    files: tuple[AudienceFile, ...] = ()
    clocks: tuple[tuple[Path, int], ...] = ()
    pseudonyms: Pseudonyms | None = None


class _Read(msgspec.Struct):
    """A file as read, before its times are placed."""

    file: AudienceFile
    format: str = ""
    entries: list[Entry] = []
    left: Counter[str] = msgspec.field(default_factory=Counter)
    faults: list[RowFault] = []
    lost: int = 0
    partial: int = 0
    notes: list[str] = []
    began: list[Moment] = []
    failure: str = ""


def read_audience(
    audience_files: AudienceFiles,
    recording: Recording,
    catalogue: Catalogue,
    screen: Screen,
    *,
    options: AudienceOptions | None = None,
) -> Audience:
    """What all files hold together. A file that cannot be read is a Source that says so."""
    options = options or AudienceOptions()
    if not audience_files.files:
        return Audience(recording=recording.id)
    pseudonyms = audience_files.pseudonyms or Pseudonyms(b"")
    read = [_read(file, options) for file in audience_files.files]
    starts = [part.start_ms for part in recording.parts] or [0]
    began = [
        _of_all(at, starts, each.file.part) for each in read for at in each.began if at.kind in ("stated", "local")
    ]
    readings = seen_clocks(screen.texts)
    for path, part in audience_files.clocks:
        try:
            readings += told_clocks(path, starts[min(part, len(starts) - 1)])
        except InputError:
            continue  # subtitles are no file of the audience's; what is wrong with them is no matter here
    start, start_notes = begin(recording, began, readings)
    records = Records(catalogue)
    sources: list[Source] = []
    for each in read:
        placed = place(
            [entry.at for entry in each.entries],
            start,
            duration_ms=recording.duration_ms,
            part_start_ms=starts[min(each.file.part, len(starts) - 1)],
            given_ms=each.file.offset_ms,
            key=f"{each.file.role}_offset_s",
        )
        tied = placed.clock not in ("relative", "order", "none")
        sources.append(_source(each, placed, records, pseudonyms, recording, options, start_notes if tied else ()))
    return records.audience(recording.id, sources)


def _of_all(at: Moment, starts: Sequence[int], part: int) -> Moment:
    """A recorder's start as that of the whole recording."""
    return Moment(at.kind, at.ms - starts[min(part, len(starts) - 1)])


def _read(file: AudienceFile, options: AudienceOptions) -> _Read:
    out = _Read(file=file, entries=[], faults=[], notes=[], began=[])
    rows = 0
    try:
        reading = open_reading(file.path, file.role)
        out.format = reading.format
        for item in reading.items:
            if isinstance(item, Note):
                out.notes.append(item.text)
                continue
            if isinstance(item, Began):
                out.began.append(item.at)
                continue
            rows += not (isinstance(item, Fault) and not item.lost)
            if rows > options.most_rows:
                raise InputError(
                    str(file.path), f"has more than {options.most_rows} rows", "part it, or raise audience.most_rows"
                )
            if isinstance(item, Entry):
                out.entries.append(item)
            elif isinstance(item, Left):
                out.left[item.why] += 1
            else:
                out.lost += item.lost
                out.partial += not item.lost
                if len(out.faults) < options.most_faults:
                    out.faults.append(RowFault(row=item.row, reason=item.reason))
        if out.lost and not out.entries and not out.left:
            first = out.faults[0]
            raise InputError(
                str(file.path),
                f"no row of it can be read; row {first.row}: {first.reason}",
                "save it again, or remove it",
            )
    except InputError as error:
        out.failure, out.entries = f"{error.what}; {error.do}", []
    except OSError as error:
        out.failure, out.entries = f"cannot be read ({error.strerror}); check path and permissions", []
    return out


def open_reading(path: Path, role: Role = "comments") -> Reading:
    """What a file is, told by what it holds, and its rows. InputError when it is none of the known formats."""
    head = opened(path)
    if head.startswith(_BOOK):
        shape, items = read_book(path, role)
        return Reading(f"table_{shape}", items)
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace").replace("\0", "").lstrip("\ufeff")
    if _is_binary(text):
        raise unknown(path, role, "found: no text")
    if comments_xml.fits(text):
        return Reading(comments_xml.FORMAT, comments_xml.read_xml(path))
    source = lines(path)
    first = list(islice(source, _LOOKED))
    texts = [line.text for line in first]
    filled = [text for text in texts if text.strip()]
    if any(comments_json.fits(text) for text in filled[:20]) and comments_json.is_lines(filled):
        return Reading(comments_json.LINES, comments_json.read_lines(chain(first, source)))
    if console_log.fits(texts):
        return Reading(console_log.FORMAT, console_log.read_log(chain(first, source)))
    if comments_json.fits(text):
        return Reading(comments_json.SESSION, comments_json.read_session(path))
    shape, items = read_text_table(path, first, chain(first, source), role)
    return Reading(f"table_{shape}", items)


def _is_binary(text: str) -> bool:
    odd = sum(char < " " and char not in "\t\r\n\x1b\x0b\x0c" for char in text[:4096])
    return odd * 20 > min(len(text), 4096)


def _source(
    read: _Read,
    placed: Placed,
    records: Records,
    pseudonyms: Pseudonyms,
    recording: Recording,
    options: AudienceOptions,
    start_notes: Iterable[str],
) -> Source:
    """Hand the rows of a file to the records, and say what became of them."""
    file = read.file
    if read.failure:
        return Source(file=file.path.name, role=file.role, state="failed", troubles=(read.failure,))
    entries = len(read.entries)
    counts = take(read.entries, placed, records, pseudonyms, file.path.name, recording)
    faults = [*read.faults, *counts.faults]
    left = Counter(read.left) + counts.left
    if read.lost:
        left["unreadable"] += read.lost
    troubles = list(placed.troubles)
    if not entries:
        why = ", ".join(f"{count} {what}" for what, count in sorted(read.left.items()))
        troubles.append(f"none of its rows is of use here: {why}" if why else "it holds no rows")
    rows = entries + sum(read.left.values()) + read.lost
    bad = read.lost + counts.left["no_time"]
    if bad or read.partial or counts.untold:
        faults.sort(key=lambda fault: fault.row)
        first = f"; row {faults[0].row}: {faults[0].reason}" if faults else ""
        parts = [f"{bad} of {rows} rows cannot be read"] if bad else []
        parts += [f"{read.partial + counts.untold} only in part"] if read.partial + counts.untold else []
        troubles.insert(0, ", ".join(parts) + first)
    clock: Clock = placed.clock
    return Source(
        file=file.path.name,
        role=file.role,
        state="partly" if troubles else "read",
        format=read.format,
        rows=rows,
        read=rows - sum(left.values()),
        counts=tuple(sorted(counts.kinds.items())),
        left_out=tuple(sorted((why, number) for why, number in left.items() if number)),
        clock=clock,
        offset_ms=placed.offset_ms,
        faults=tuple(faults[: options.most_faults]),
        notes=(*read.notes, *placed.notes, *start_notes, *counts.notes),
        troubles=tuple(troubles),
    )
