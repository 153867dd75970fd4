"""Folders that recorders write into: which recordings are at rest, so that they can be audited, and which still grow.

Whether a file rests is seen by looking again, never by comparing its date with the time of day: clocks are set, and
those of network disks differ.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from streamlens.capture.media import lacks_index
from streamlens.capture.recording import StreamFiles
from streamlens.errors import InputError
from streamlens.plan import find_streams
from streamlens.store import Store

NAMES = "watch.json"  # in the workspace: which id each place was given, for the next run
PATIENCE = 10  # times as long as usual a file may rest that is empty or has no index: then it is taken as it is

Looks = tuple[tuple[str, int, int], ...]
"""Of each file of a recording: path, bytes, date of its last change (ns)."""


class Sight(msgspec.Struct, frozen=True):
    """What a look at the folders shows: recordings to be audited now, and of others the id and what is waited for."""

    ready: tuple[StreamFiles, ...]
    waiting: tuple[tuple[str, str], ...]


class Watcher:
    """Looks at folders again and again. `settle_s`: seconds for which the files of a recording must not change.

    Raises InputError for a path that does not exist.
    """

    def __init__(
        self, paths: Sequence[Path], workspace: Path, settle_s: float, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        for path in paths:
            if not path.exists():
                raise InputError(str(path), "there is no such file or folder", "make it, or check the path")
        self._paths, self._workspace, self._settle_s, self._now = paths, workspace, settle_s, now
        self._store = Store(workspace)
        self._names: dict[str, str] = _read_names(workspace / NAMES)
        self._since: dict[str, tuple[Looks, float]] = {}
        self._taken: dict[str, Looks] = {}

    def look(self) -> Sight:
        ready: list[StreamFiles] = []
        waiting: list[tuple[str, str]] = []
        for files in self._named(find_streams(self._paths, self._workspace)[0]):
            try:
                looks = looks_of(files)
                why = self._wait(files, looks)
            except OSError as error:
                waiting.append((files.id, f"{Path(str(error.filename)).name} cannot be opened ({error.strerror})"))
                continue
            if self._taken.get(files.id) == looks:
                continue
            if why:
                waiting.append((files.id, why))
            else:
                ready.append(files)
        return Sight(tuple(ready), tuple(waiting))

    def took(self, taken: Sequence[StreamFiles]) -> None:
        """These were audited as they were at the last look; if they have changed since they will be again."""
        for files in taken:
            if files.id in self._since:
                self._taken[files.id] = self._since[files.id][0]

    def _wait(self, files: StreamFiles, looks: Looks) -> str:
        """What has to be waited for; empty if nothing."""
        before, since = self._since.get(files.id, ((), 0.0))
        if before != looks:
            self._since[files.id] = (looks, self._now())
            if not before:
                return "is it still being written?"
            changed = [Path(name).name for name, *_ in sorted(set(looks) - set(before))]
            return f"still being written: {', '.join(changed) or 'a file went away'}"
        rested_s = self._now() - since
        if rested_s < self._settle_s:
            return f"taken up when it rests for {self._settle_s:.0f} s"
        if rested_s < self._settle_s * PATIENCE:
            for part in files.parts:
                if not _opens(part):
                    return f"{part.name} is empty yet"
                if lacks_index(part):
                    return f"{part.name} has no index yet, as while it is being recorded"
        return ""

    def _named(self, found: Sequence[StreamFiles]) -> tuple[StreamFiles, ...]:
        """A recording keeps the id that it was given first, though others of its name come later."""
        places = {id(files): str((files.parts[0] if _loose(files) else files.folder).resolve()) for files in found}
        taken = set(self._names.values())
        named: list[StreamFiles] = []
        for files in found:
            place = places[id(files)]
            if place not in self._names:
                name, count = files.id, 1
                while name in taken:
                    count += 1
                    name = f"{files.id}-{count}"
                self._names[place] = name
                taken.add(name)
                self._store.publish(None, NAMES, msgspec.json.encode(self._names))
            named.append(msgspec.structs.replace(files, id=self._names[place]))
        return tuple(named)


def looks_of(files: StreamFiles) -> Looks:
    """Raises OSError for a file that went away."""
    beside = [files.stream, files.catalogue, files.evidence, files.transcript]
    others = [path for path, _ in (*files.comments, *files.clocks)]
    paths = {*files.parts, *filter(None, beside), *files.scans, *others, *files.viewers, *files.orders}
    stats = [(str(path), path.stat()) for path in sorted(paths)]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _loose(files: StreamFiles) -> bool:
    """Whether the recording is one file among others, not a folder."""
    return len(files.parts) == 1 and not files.stream and not files.parts[0].stem.startswith("recording")


def _opens(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(file.read(1))


def _read_names(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}
