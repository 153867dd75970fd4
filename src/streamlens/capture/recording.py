"""Which recordings there are, what belongs to each, and what their files hold."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from streamlens.capture.holes import places
from streamlens.capture.media import Clock, has_video, open_media, packets
from streamlens.capture.stream_file import stream_facts, stream_table
from streamlens.capture.transcript import read_transcript
from streamlens.errors import InputError
from streamlens.schema import Part, Recording

if TYPE_CHECKING:
    from av.container import InputContainer

MEDIA = frozenset({
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".flv", ".f4v", ".ts", ".m2ts", ".mts", ".avi", ".wmv", ".asf", ".mpg",
    ".mpeg", ".vob", ".3gp", ".rmvb", ".rm", ".ogv", ".m4a", ".mp3", ".aac", ".wav", ".flac", ".ogg", ".oga", ".opus",
    ".wma", ".amr", ".ac3", ".mka", ".aif", ".aiff", ".caf",
})  # fmt: skip
# What may lie beside a recording under its name, without being one
_BESIDE = frozenset({
    ".srt", ".vtt", ".ass", ".ssa", ".lrc", ".json", ".jsonl", ".xml", ".csv", ".tsv", ".xls", ".xlsx", ".txt", ".md",
    ".html", ".yaml", ".yml", ".toml", ".log", ".db", ".zip", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".pdf", ".part",
    ".tmp", ".crdownload", ".download", ".bak", ".meta", ".torrent",
})  # fmt: skip
_TIME = (
    r"(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_T ]?(\d\d)[-_:.]?(\d\d)[-_:.]?(\d\d)"  # 20261012-193000, 2026-10-12_19-30-00
)
_STAMP = re.compile(rf"(?<!\d){_TIME}(?!\d)")
_RECORDING = re.compile(rf"recording(?:[-_ ](\d{{1,4}}))?(?:[-_ ]{_TIME})?", re.IGNORECASE)
LOGS = frozenset({".xml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xls", ".xlsx", ".log", ".txt"})
BESIDE_A_PART = frozenset({".xml", ".jsonl"})
_DANMAKU = re.compile(r"danmaku(?:[-_ ](\d{1,4}))?(?:[-_ ].*)?", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.+=@-]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)  # no folder names on Windows
_INDEXED = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "wav", "flac", "ogg", "avi", "asf"})
_TAIL_S = 10.0  # how much of the end is looked at where the container states its length
GAP_MS = 2000  # a gap between parts that is worth telling of
_SHORT_S = 2.0  # a recording may end this much before its container says
_BLOCK = 1 << 20


class StreamFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one broadcast: its media parts in order, or a transcript in their place, and what lies by them."""

    id: str
    folder: Path
    parts: tuple[Path, ...]
    stream: Path | None = None
    catalogue: Path | None = None
    evidence: Path | None = None
    scans: tuple[Path, ...] = ()
    transcript: Path | None = None
    comments: tuple[tuple[Path, int], ...] = ()  # with the part that each lies beside
    viewers: tuple[Path, ...] = ()
    orders: tuple[Path, ...] = ()
    clocks: tuple[tuple[Path, int], ...] = ()  # subtitles of the parts, which may show the clock


def discover(paths: Sequence[Path]) -> tuple[StreamFiles, ...]:
    """The recordings at and below `paths`: media files, stream folders, folders of either, each with an id of its own.

    A stream folder holds `recording.*` or `recording-01.*`, ..., or `transcript.srt|vtt|json`, at least `stream.yaml`.
    Hidden folders and workspaces are passed over. What is wrong with one recording is told when it is probed.
    Raises InputError for a path that does not exist or holds no recording.
    """
    found: list[StreamFiles] = []
    for path in paths:
        if not path.exists():
            raise InputError(str(path), "there is no such file or folder", "check the path")
        here = list(_below(path, set())) if path.is_dir() else [_loose(path)]
        if not here:
            raise InputError(
                str(path),
                "there is no recording in it",
                "give a video or sound file, or a folder with recording.mp4, recording-01.flv, ... or transcript.srt",
            )
        found += here
    return name_apart(found)


def name_apart(found: Sequence[StreamFiles]) -> tuple[StreamFiles, ...]:
    """The recordings, each once, sorted, and none with the id of another: there are thousands of live.mp4.

    Those that share an id get their folder's name before it, then a digest of their content behind it.
    """
    unique = {(files.folder.resolve(), files.parts, files.transcript): files for files in found}
    named = sorted(unique.values(), key=lambda files: (str(files.folder), files.parts))
    for rename in (_with_folder, _with_digest):
        taken = Counter(_folded(files.id) for files in named)
        named = [rename(files) if taken[_folded(files.id)] > 1 else files for files in named]
    ids: Counter[str] = Counter()
    for index, files in enumerate(named):  # the same content twice in folders of the same name
        ids[_folded(files.id)] += 1
        if (count := ids[_folded(files.id)]) > 1:
            named[index] = msgspec.structs.replace(files, id=f"{files.id}-{count}")
    return tuple(sorted(named, key=lambda files: (files.id, str(files.folder))))


def _with_folder(files: StreamFiles) -> StreamFiles:
    folder = files.folder.resolve()
    name = folder.parent.name if safe_id(folder.name) == files.id else folder.name
    return msgspec.structs.replace(files, id=safe_id(f"{name}-{files.id}")) if name else files


def _with_digest(files: StreamFiles) -> StreamFiles:
    try:
        content = _digest(files.parts[0] if files.parts else files.transcript or files.folder)
    except OSError:
        content = hashlib.sha256(str(files.folder.resolve()).encode()).hexdigest()
    return msgspec.structs.replace(files, id=f"{files.id}-{content[:8]}")


def _folded(name: str) -> str:
    """Equal for ids that some file system takes for the same folder name."""
    return unicodedata.normalize("NFC", name).casefold()


def safe_id(name: str) -> str:
    """A name as it can be a folder's on any system.

    >>> safe_id(" 10/12 果园: 直播. "), safe_id("con"), safe_id("..")
    ('10-12-果园-直播', 'con-', 'recording')
    """
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", name)).strip(".- ")
    name = name.encode()[:120].decode(errors="ignore")
    return (f"{name}-" if _RESERVED.match(name) else name) or "recording"


def _below(folder: Path, seen: set[Path]) -> Iterator[StreamFiles]:
    if folder.resolve() in seen:  # links may go round in circles
        return
    seen.add(folder.resolve())
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        yield StreamFiles(id=safe_id(folder.resolve().name), folder=folder, parts=())
        return
    if (folder / "journal.jsonl").exists():
        return
    if files := _stream_folder(folder, [path for path in inside if path.is_file()]):
        yield files
        return
    for path in inside:
        if path.is_dir():
            yield from _below(path, seen)
        elif path.suffix.lower() in MEDIA:
            yield _loose(path)


def _loose(path: Path) -> StreamFiles:
    """A single file; one that is a recording of a stream folder stands for the folder."""
    if path.suffix.lower() in {".srt", ".vtt", ".json"}:
        return StreamFiles(id=safe_id(path.stem), folder=path.parent, parts=(), transcript=path)
    if _RECORDING.fullmatch(path.stem):
        files = _stream_folder(path.parent, sorted(beside for beside in path.parent.iterdir() if beside.is_file()))
        if files and path in files.parts:
            return files
    return StreamFiles(id=safe_id(path.stem), folder=path.parent, parts=(path,))


def _stream_folder(folder: Path, inside: Sequence[Path]) -> StreamFiles | None:
    """The stream folder that these files make, if they do."""

    def named(*stems: str, suffixes: Iterable[str] = ()) -> Path | None:
        fits = [path for path in inside if path.stem.lower() in stems]
        ranked = [path for suffix in suffixes for path in fits if path.suffix.lower() == suffix] if suffixes else fits
        return ranked[0] if ranked else None

    parts = sorted(
        (path for path in inside if _RECORDING.fullmatch(path.stem) and path.suffix.lower() not in _BESIDE),
        key=lambda path: (_place(path), path.name),
    )
    transcript = named("transcript", suffixes=(".srt", ".vtt", ".json"))
    stream = named("stream", suffixes=(".yaml", ".yml"))
    if not (parts or transcript or stream):
        return None
    if not parts and not transcript:  # a stream folder by its stream.yaml: its only media file is the recording
        parts = [path for path in inside if path.suffix.lower() in MEDIA]
    scans = folder / "evidence"
    return StreamFiles(
        id=safe_id(_stated_id(stream) or folder.resolve().name),
        folder=folder,
        parts=tuple(parts),
        stream=stream,
        catalogue=named("catalog", "catalogue", suffixes=(".csv", ".xlsx", ".xls")),
        evidence=named("evidence", suffixes=(".yaml", ".yml", ".xlsx", ".xls")),
        scans=tuple(sorted(p for p in scans.iterdir() if p.is_file() and p.name[0] != ".")) if scans.is_dir() else (),
        transcript=None if parts else transcript,
        comments=_comments(inside, parts),
        viewers=_tables(inside, "viewers"),
        orders=_tables(inside, "orders", "gmv", "sales"),
        clocks=tuple(
            (path, place)
            for path in inside
            for place, part in enumerate(parts)
            if path.suffix.lower() == ".srt" and path.stem == part.stem
        ),
    )


def _comments(inside: Sequence[Path], parts: Sequence[Path]) -> tuple[tuple[Path, int], ...]:
    """danmaku.*, danmaku-02.*, and what a recorder wrote beside a part under its name: files and places of parts."""
    stems = {part.stem: place for place, part in enumerate(parts)}
    numbers = {_place(part)[0]: place for place, part in enumerate(parts)}
    found = []
    for path in inside:
        if path.suffix.lower() in BESIDE_A_PART and path.stem in stems:
            found.append((path, stems[path.stem]))
        elif path.suffix.lower() in LOGS and (match := _DANMAKU.fullmatch(path.stem)):
            found.append((path, numbers.get(int(match[1] or 0), 0)))
    return tuple(found)


def _tables(inside: Sequence[Path], *stems: str) -> tuple[Path, ...]:
    fits = re.compile(rf"(?:{'|'.join(stems)})(?:[-_ ].*)?", re.IGNORECASE)
    return tuple(path for path in inside if path.suffix.lower() in LOGS and fits.fullmatch(path.stem))


def _place(path: Path) -> tuple[int, tuple[int, ...]]:
    """What orders the parts of a recording: the number in their names, then the time."""
    match = _RECORDING.fullmatch(path.stem)
    number, *time = match.groups() if match else (None,)
    return int(number or 0), tuple(int(part) for part in time if part)


def _stated_id(stream: Path | None) -> str:
    try:
        return str(stream_table(stream).get("id") or "") if stream else ""
    except InputError:
        return ""  # told when the recording is probed


# ---- probing


def probe(files: StreamFiles) -> Recording:
    """What the files hold: parts with their lengths and places on one time line, and what stream.yaml says.

    A file that ends too early counts as far as it goes, and one of several parts that cannot be read is left out, with
    a note. Parts without a time in their names or metadata are joined end to end, with a note. Raises InputError for
    what is no recording, naming the file and what to do.
    """
    facts, notes = stream_facts(files.stream) if files.stream else ({}, [])
    if files.transcript:
        read = read_transcript(files.transcript, files.id)
        end = max((utterance.end_ms for utterance in read.utterances), default=0)
        return Recording(id=files.id, parts=(), duration_ms=end, notes=tuple(notes), **facts)
    _check_parts(files)
    parts: list[Part] = []
    end_ms = 0
    clock: datetime | None = None  # when the part before began
    lost: list[InputError] = []
    for path in files.parts:
        try:
            part, begins, odd = _probe_part(path)
        except InputError as error:
            lost.append(error)
            part, begins, odd = _unread(path, error)
        notes += odd
        start_ms = end_ms
        if parts:
            since = (begins - clock).total_seconds() * 1000 if begins and clock else None
            if since is not None and end_ms - 5000 <= parts[-1].start_ms + since <= end_ms + 86_400_000:
                start_ms = max(end_ms, parts[-1].start_ms + round(since))
                if start_ms - end_ms >= GAP_MS:
                    notes.append(f"gap: nothing was recorded at {places([(end_ms, start_ms)])}")
            else:
                notes.append(f"joined: when {path.name} began is not known, so it follows the part before it at once")
        parts.append(msgspec.structs.replace(part, start_ms=start_ms))
        end_ms = start_ms + part.duration_ms
        clock = begins
    if len(lost) == len(files.parts):
        raise lost[0]
    return Recording(id=files.id, parts=tuple(parts), duration_ms=end_ms, notes=tuple(notes), **facts)


def _check_parts(files: StreamFiles) -> None:
    if not files.parts:
        try:
            list(files.folder.iterdir())
        except OSError as error:
            raise InputError(str(files.folder), f"cannot be read ({error.strerror})", "check the rights") from None
        raise InputError(
            str(files.folder), "there is a stream.yaml and no recording", "add recording.mp4 or transcript.srt"
        )
    for before, after in zip(files.parts, files.parts[1:], strict=False):
        if _place(before) == _place(after) or (_place(before) == (0, ()) and _place(after) != (0, ())):
            raise InputError(
                str(files.folder),
                f"{before.name} and {after.name} cannot both be part of the recording",
                "keep one, or number them recording-01, recording-02, ... in their order",
            )


def _probe_part(path: Path) -> tuple[Part, datetime | None, list[str]]:
    """A file as a part that starts at 0, when it began, and notes."""
    with open_media(path, silent=True) as container:
        stated_s = (container.duration or 0) / 1_000_000
        sound = bool(container.streams.audio)
        film = has_video(container)
        kind = container.format.name
        created = container.metadata.get("creation_time", "")
        end_s, broken, unread = 0.0, False, 0
        if kind in _INDEXED and stated_s:
            end_s, broken, _ = _end_s(container, max(stated_s - _TAIL_S, 0.0))  # an index may follow the last packet
    if not end_s or end_s < stated_s - _SHORT_S:  # not stated, or not true: look at all of it
        with open_media(path, silent=True) as container:
            end_s, broken, unread = _end_s(container, 0.0)
    if not end_s:
        raise InputError(str(path), "nothing in it can be read", "copy or record it again")
    notes = []
    if stated_s - end_s > _SHORT_S:
        notes.append(f"truncated: {path.name} should last {stated_s:.0f} s and ends after {end_s:.0f} s")
    elif broken:
        notes.append(f"damaged: {path.name} can be read for {end_s:.0f} s")
    elif unread > max(_BLOCK // 16, path.stat().st_size // 100):
        notes.append(f"damaged: the last {unread / 1e6:.1f} MB of {path.name}, after {end_s:.0f} s, cannot be read")
    if not sound:
        notes.append(f"no_sound: {path.name} has no sound; only its picture is read")
    part = Part(
        name=path.name,
        start_ms=0,
        duration_ms=max(round(end_s * 1000), 1),
        size=path.stat().st_size,
        digest=_digest(path),
        has_video=film,
        has_sound=sound,
        container=kind,
    )
    return part, _began(path.stem, created), notes


def _unread(path: Path, error: InputError) -> tuple[Part, datetime | None, list[str]]:
    """A part of which nothing can be had, in its place among the others."""
    try:
        size, content = path.stat().st_size, _digest(path)
    except OSError:
        size, content = 0, ""
    part = Part(
        name=path.name, start_ms=0, duration_ms=0, size=size, digest=content, has_video=False, has_sound=False,
        container="",
    )  # fmt: skip
    return part, _began(path.stem, ""), [f"unreadable: {path.name} is left out: {error.what}"]


def _end_s(container: "InputContainer", from_s: float) -> tuple[float, bool, int]:
    """When the last packet of sound or film ends, looking from a time on; whether reading broke off; and how many bytes
    follow the last packet."""
    if from_s:
        container.seek(int(from_s * 1_000_000) + (container.start_time or 0))
    streams = [*container.streams.audio[:1], *(container.streams.video[:1] if has_video(container) else ())]
    clocks = {stream.index: Clock(container) for stream in streams}
    ends: dict[int, float] = {}
    broken = False
    last = 0
    for packet in packets(container, streams):
        if packet is None:
            broken = True
        elif packet.pts is not None and packet.time_base is not None:
            at = packet.stream.index
            place_s = clocks[at].place(float(packet.pts * packet.time_base), ends.get(at))
            ends[at] = max(ends.get(at, 0.0), place_s + float((packet.duration or 0) * packet.time_base))
            last = max(last, (packet.pos or 0) + packet.size)
    return max(ends.values(), default=0.0), broken, max(0, container.size - last)


def _digest(path: Path) -> str:
    """Of the size and three blocks: to read all of thousands of large files would take hours."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for place in (0, max(0, size // 2 - _BLOCK // 2), max(0, size - _BLOCK)):
            file.seek(place)
            digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:32]


def _began(stem: str, created: str) -> datetime | None:
    """When a part began: by the time in its name, as recorders write it, else by the container's own."""
    match = _STAMP.search(stem)
    try:
        if match:
            return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]
        return datetime.fromisoformat(created).replace(tzinfo=None) if created else None
    except ValueError:
        return None
