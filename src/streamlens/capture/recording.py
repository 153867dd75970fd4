"""Which recordings there are, and what each consists of."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from streamlens.capture.media import Clock, has_video, open_media, packets
from streamlens.errors import InputError
from streamlens.schema import Part, Recording

MEDIA = frozenset(
    ".mp4 .m4v .mov .mkv .webm .flv .ts .m2ts .mts .avi .wmv .mpg .mpeg .3gp .m4a .mp3 .aac .wav .flac .ogg .opus .wma .amr".split()
)
_PART = re.compile(r"recording-(\d+)$")
_STAMP = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)[-_T ]?(\d\d)[-:]?(\d\d)[-:]?(\d\d)")
_BLOCK = 1 << 20
_UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')


class StreamFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one broadcast: its media parts in order (or a transcript in their place) and what lies beside them."""

    id: str
    folder: Path
    parts: tuple[Path, ...]
    stream: Path | None = None
    catalogue: Path | None = None
    evidence: Path | None = None
    scans: tuple[Path, ...] = ()
    transcript: Path | None = None
    comments: Path | None = None
    viewers: Path | None = None
    orders: Path | None = None


def discover(paths: Sequence[Path]) -> tuple[StreamFiles, ...]:
    """The recordings at or below `paths`, sorted: media files, stream folders, folders of either.

    A stream folder holds `recording.*`, `recording-01.*` ... or `transcript.srt|vtt|json`. Hidden folders and workspaces
    are passed over. InputError when a path does not exist or nothing is found in it.
    """
    found: list[StreamFiles] = []
    for path in paths:
        if not path.exists():
            raise InputError(str(path), "there is no such file or folder", "check the path")
        here = [_loose(path)] if path.is_file() else list(_walk(path))
        if not here:
            raise InputError(
                str(path),
                "no recording in it",
                "give a media file, or a folder with recording.mp4 (or recording-01.flv, ..., or transcript.srt)",
            )
        found += here
    return _named_apart(found)


def _walk(folder: Path) -> Iterator[StreamFiles]:
    if (folder / "journal.jsonl").exists():
        return
    files = _stream_folder(folder)
    if files:
        yield files
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.suffix.lower() in MEDIA:
            yield _loose(path)


def _loose(path: Path) -> StreamFiles:
    if path.suffix.lower() in {".srt", ".vtt", ".json"}:
        return StreamFiles(id=_safe(path.stem), folder=path.parent, parts=(), transcript=path)
    if path.stem == "recording" or _PART.match(path.stem):
        files = _stream_folder(path.parent)
        if files and path in files.parts:
            return files
    return StreamFiles(id=_safe(path.stem), folder=path.parent, parts=(path,))


def _stream_folder(folder: Path) -> StreamFiles | None:
    names = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))

    def first(*wanted: str) -> Path | None:
        return next((path for name in wanted for path in names if path.name.lower() == name), None)

    def kind(stem: str) -> Path | None:
        return next((path for path in names if path.stem.lower() == stem), None)

    numbered = [path for path in names if _PART.match(path.stem)]
    parts = sorted(numbered, key=lambda path: int(_PART.match(path.stem)[1]))  # type: ignore[index]
    whole = [path for path in names if path.stem == "recording"]
    transcript = first("transcript.srt", "transcript.vtt", "transcript.json")
    if not (parts or whole or transcript):
        return None
    stream = first("stream.yaml", "stream.yml")
    scans = folder / "evidence"
    return StreamFiles(
        id=_safe(_stated_id(stream) or folder.resolve().name),
        folder=folder,
        parts=tuple(parts or whole[:1]),
        stream=stream,
        catalogue=first("catalog.csv", "catalog.xlsx", "catalogue.csv", "catalogue.xlsx", "catalog.xls"),
        evidence=first("evidence.yaml", "evidence.yml", "evidence.xlsx"),
        scans=tuple(sorted(path for path in scans.iterdir() if path.is_file())) if scans.is_dir() else (),
        transcript=None if parts or whole else transcript,
        comments=kind("danmaku"),
        viewers=kind("viewers"),
        orders=kind("orders"),
    )


def _stated_id(stream: Path | None) -> str:
    try:
        table = _read_yaml(stream) if stream else {}
    except InputError:
        return ""  # told when the recording is probed
    return str(table.get("id") or "")


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name).strip(". ")[:120] or "recording"


def _named_apart(found: list[StreamFiles]) -> tuple[StreamFiles, ...]:
    """Loose files of the same name (thousands of live.mp4) are told apart by their folders' names."""
    unique = {(files.folder.resolve(), files.parts, files.transcript): files for files in found}
    out = list(unique.values())
    for depth in (1, 2, 3):
        counts: dict[str, int] = {}
        for files in out:
            counts[files.id] = counts.get(files.id, 0) + 1
        if max(counts.values(), default=0) < 2:
            break
        out = [
            msgspec.structs.replace(files, id=_safe(f"{_parent(files, depth)}-{files.id}"))
            if counts[files.id] > 1 and files.stream is None and _parent(files, depth)
            else files
            for files in out
        ]
    return tuple(sorted(out, key=lambda files: (files.id, str(files.folder))))


def _parent(files: StreamFiles, depth: int) -> str:
    names = [parent.name for parent in (files.folder.resolve(), *files.folder.resolve().parents)]
    return names[depth - 1] if depth <= len(names) else ""


# ---- probing


def probe(files: StreamFiles) -> Recording:
    """What the files hold: parts with their lengths and places on one time line, and stream.yaml's facts.

    InputError names the file and what is wrong with it. A file that ends too early gives what can be had, with a note.
    """
    facts = _facts(files.stream) if files.stream else {}
    notes: list[str] = []
    parts: list[Part] = []
    at = 0
    begins: datetime | None = None
    for path in files.parts:
        part, clock, odd = _probe_part(path)
        notes += odd
        if begins is None:
            begins = clock
        elif clock is not None and (clock - begins).total_seconds() * 1000 > at - 2000:
            at = max(at, round((clock - begins).total_seconds() * 1000))
        elif len(files.parts) > 1:
            notes.append(f"joined: when {path.name} begins is not known, so it follows at once on the part before it")
        parts.append(msgspec.structs.replace(part, start_ms=at))
        at += part.duration_ms
    return Recording(id=files.id, parts=tuple(parts), duration_ms=at, notes=tuple(notes), **facts)


def _probe_part(path: Path) -> tuple[Part, datetime | None, list[str]]:
    notes: list[str] = []
    with open_media(path) as container:
        stated = (container.duration or 0) / 1000
        video = has_video(container)
        container_name = container.format.name
        created = container.metadata.get("creation_time", "")
        ended, broken = _measure(container)
    duration = ended
    if broken:
        notes.append(f"damaged: {path.name} cannot be read to its end; {duration // 1000} s of it were used")
    elif stated - ended > 2000 and stated > 0:
        notes.append(f"truncated: {path.name} says {stated / 1000:.0f} s and holds {ended / 1000:.0f} s")
    part = Part(
        name=path.name,
        start_ms=0,
        duration_ms=max(duration, 1),
        size=path.stat().st_size,
        digest=_digest(path),
        has_video=video,
        container=container_name,
    )
    return part, _clock(path.name, created), notes


def _measure(container: Any) -> tuple[int, bool]:
    """Where the last packet of sound ends, in milliseconds of the file's own time; and whether reading broke off."""
    stream = container.streams.audio[0]
    clock, end, broken = Clock(container), 0.0, False
    expected: float | None = None
    for packet in packets(container, [stream]):
        if packet is None:
            broken = True
            continue
        if packet.pts is None or packet.time_base is None:
            continue
        place = clock.place(float(packet.pts * packet.time_base), expected)
        expected = place + float((packet.duration or 0) * packet.time_base)
        end = max(end, expected)
    return round(end * 1000), broken


def _digest(path: Path) -> str:
    """Of the size and three blocks: a whole digest of thousands of large files would take hours."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for place in (0, max(0, size // 2 - _BLOCK // 2), max(0, size - _BLOCK)):
            file.seek(place)
            digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:32]


def _clock(name: str, created: str) -> datetime | None:
    """When a part began: by the time in its name, as recorders write it, else by the container's own."""
    match = _STAMP.search(name)
    try:
        if match:
            return datetime(*(int(group) for group in match.groups()))  # type: ignore[arg-type]
        return datetime.fromisoformat(created).replace(tzinfo=None) if created else None
    except ValueError:
        return None


# ---- stream.yaml


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        table = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
    except UnicodeDecodeError as error:
        raise InputError(str(path), "is not UTF-8", "save it as UTF-8") from error
    except (OSError, yaml.YAMLError) as error:
        raise InputError(str(path), f"cannot be read ({error})", "write it as `key: value` lines") from error
    if table in (None, ""):
        return {}
    if not isinstance(table, dict):
        raise InputError(str(path), "is not a list of `key: value` lines", "see README, Your own recording")
    return table


def _facts(path: Path) -> dict[str, Any]:
    table = _read_yaml(path)
    facts: dict[str, Any] = {}
    for key in ("title", "anchor", "room", "platform"):
        value = table.get(key, "")
        if not isinstance(value, str):
            raise InputError(f"{path}: {key}", "must be a text", f"write {key}: '...'")
        facts[key] = value
    started = table.get("started_at", "")
    if started:
        try:
            facts["started_at"] = datetime.fromisoformat(str(started).strip().replace("/", "-"))
        except ValueError:
            raise InputError(
                f"{path}: started_at", f"{started!r} is not a time", "write it as '2026-09-20T18:00:00'"
            ) from None
    return facts
