"""The workspace: artefacts by key, stable result files, a journal of attempts, a lock per recording.

`WORKSPACE/<recording id>/<stage>-<key>.json`. The key is a digest of all that the artefact was made from: a file that
exists is right, and what is missing is exactly what is left to do. Every file is written whole or not at all; there is
no index that could disagree with the files.
"""

import errno
import hashlib
import itertools
import logging
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from streamlens.errors import InputError, StoreError

if TYPE_CHECKING:
    from filelock import BaseFileLock

T = TypeVar("T")
log = logging.getLogger(__name__)

LEAST_FREE = 4 << 20  # bytes of the disk, below which no work is begun
AT_WORK = ".at-work"
_TEMP = re.compile(r"^\..+\.(\d+)-\d+\.tmp$")
_count = itertools.count()  # tells the temp files of one process apart
_being_written: set[Path] = set()


class Kept(msgspec.Struct, Generic[T], frozen=True):
    """An artefact as it lies in the store: the record, and the digest of its bytes for the key of the next stage."""

    record: T
    digest: str
    key: str = ""  # empty for what was read from outside


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One line of journal.jsonl. `result` is `ok` or the code of the error, whose one line is `message`."""

    at: datetime
    recording: str
    stage: str
    result: str
    seconds: float
    key: str = ""
    message: str = ""


class Busy(Exception):
    """Another run holds the lock of this recording."""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_key(stage: str, version: int, options: bytes, digests: Sequence[str]) -> str:
    """16 hex digits over stage, version, options and the digests of what the stage reads, in order.

    >>> make_key("claims", 1, b"{}", ["aa", "bb"]) == make_key("claims", 1, b"{}", ["aabb"])
    False
    """
    return digest(msgspec.json.encode([stage, version, options, list(digests)]))[:16]


class Store:
    """A workspace folder. Raises StoreError, one line, for whatever the file system refuses."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> None:
        """Make the folder and sweep it. Raises StoreError now, where otherwise each recording would."""
        with _told(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            if not os.access(self.root, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def folder(self, recording: str) -> Path:
        """The folder of a recording. Raises InputError for an id that is not the name of a folder of its own."""
        if not recording or recording.startswith(".") or re.search(r"[/\\\x00-\x1f]", recording):
            raise InputError(
                f"recording id {recording!r}", "cannot be the name of a folder", "give another `id` in its stream.yaml"
            )
        return self.root / unicodedata.normalize("NFC", recording)

    # ---- artefacts

    def load(self, recording: str, stage: str, key: str, kind: type[T]) -> Kept[T] | None:
        """The artefact of this key, or None. One that does not decode is set aside, so that it is made again."""
        path = self._artefact(recording, stage, key)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _store_error(path, error) from error
        try:
            return Kept(msgspec.json.decode(data, type=kind), digest(data), key)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            names = (path.with_name(f"{path.name}.bad-{n}") for n in itertools.count(1))
            with _told(path):
                aside = path.rename(next(name for name in names if not name.exists()))
            log.warning("%s is damaged (%s): set aside as %s and made again", path, error, aside.name)
            return None

    def save(self, recording: str, stage: str, key: str, record: T) -> Kept[T]:
        """Keep an artefact. What is given back is read from its bytes, as a run that was killed and goes on reads it:
        the 30 that a stage put where a float belongs is 30.0 to both."""
        data = msgspec.json.encode(record)
        self._write(self._artefact(recording, stage, key), data)
        return Kept(msgspec.json.decode(data, type=type(record)), digest(data), key)

    def publish(self, recording: str | None, name: str, data: bytes) -> Path:
        """Write a result file under its stable name, beside the artefacts (recording None: in the workspace itself)."""
        path = self._place(recording) / name
        if not self._holds(path, data):  # an unchanged report keeps its date
            self._write(path, data)
        return path

    def read(self, recording: str | None, name: str, kind: type[T]) -> T | None:
        """A result file that holds a record; None if it is not there or does not decode."""
        try:
            return msgspec.json.decode((self._place(recording) / name).read_bytes(), type=kind)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def remove(self, recording: str, name: str) -> None:
        path = self.folder(recording) / name
        with _told(path):
            path.unlink(missing_ok=True)

    def published(self, recording: str | None, name: str) -> str | None:
        """The digest of a result file as it lies there now, None if it does not."""
        try:
            return digest((self._place(recording) / name).read_bytes())
        except OSError:
            return None

    def sweep(self, recording: str | None = None) -> None:
        """Remove temp files that a killed run left behind; those of a process that is still alive stay."""
        folder = self._place(recording)
        for path in folder.glob(".*.tmp"):
            match = _TEMP.match(path.name)
            if match and path not in _being_written and not _alive(int(match[1])):
                with _told(path):
                    path.unlink(missing_ok=True)

    def check_room(self) -> None:
        """Raises StoreError where the disk is about to be full: hours of work would come to nothing at the end."""
        with suppress(OSError):
            free = shutil.disk_usage(self.root).free
            if free < LEAST_FREE:
                raise _store_error(self.root, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    @contextmanager
    def at_work(self, recording: str) -> Iterator[None]:
        """Mark a recording as being worked on. The mark is left behind only where the process ends inside."""
        path = self.folder(recording) / AT_WORK
        with _told(path):
            path.write_text(str(os.getpid()))
        try:
            yield
        finally:
            self.clear_mark(recording)

    def was_left(self, recording: str) -> bool:
        """Whether a run that is no more ended in the middle of this recording."""
        return (self.folder(recording) / AT_WORK).exists()

    def clear_mark(self, recording: str) -> None:
        with suppress(OSError):
            (self.folder(recording) / AT_WORK).unlink(missing_ok=True)

    def _place(self, recording: str | None) -> Path:
        return self.root if recording is None else self.folder(recording)

    def _artefact(self, recording: str, stage: str, key: str) -> Path:
        return self.folder(recording) / f"{stage}-{key}.json"

    def _holds(self, path: Path, data: bytes) -> bool:
        with suppress(OSError):
            return path.stat().st_size == len(data) and path.read_bytes() == data
        return False

    def _write(self, path: Path, data: bytes) -> None:
        temp = path.with_name(f".{path.name}.{os.getpid()}-{next(_count)}.tmp")
        with _told(path):
            _make_folder(path.parent)
            _being_written.add(temp)
            try:
                with temp.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temp.replace(path)
            except BaseException:
                with suppress(OSError):
                    temp.unlink(missing_ok=True)
                raise
            finally:
                _being_written.discard(temp)
            _sync_folder(path.parent)

    def secret(self, name: str) -> bytes:
        """32 random bytes of this workspace that nobody else can read, made when they are first asked for."""
        path = self.root / name
        with _told(path):
            self.root.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                temp = path.with_name(f".{path.name}.{os.getpid()}-{next(_count)}.tmp")
                handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                try:
                    with open(handle, "wb") as file:
                        file.write(secrets.token_hex(32).encode())
                        file.flush()
                        os.fsync(file.fileno())
                    with suppress(FileExistsError):  # another run was first: its key holds
                        _appear(temp, path)
                finally:
                    temp.unlink(missing_ok=True)
                _sync_folder(self.root)
            text = path.read_bytes().strip()
        try:
            key = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            key = b""
        if len(key) != 32:
            raise StoreError(
                str(path), "is damaged", "restore it, or delete it: a new one gives everybody a new pseudonym"
            )
        return key

    # ---- the journal: a log for people; the artefacts are the truth

    def note(
        self, recording: str, stage: str, result: str, seconds: float, *, key: str = "", message: str = "",
        sync: bool = False,
    ) -> None:  # fmt: skip
        """Append one attempt; `sync`: it must outlive a power cut. A journal that cannot be written is a warning: it
        must not fail what is done."""
        attempt = Attempt(
            at=datetime.now(UTC), recording=recording, stage=stage, result=result, seconds=round(seconds, 3), key=key,
            message=message,
        )  # fmt: skip
        path = self.root / "journal.jsonl"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with _locked(self.root / ".journal.lock", None), path.open("ab+") as file:
                size = file.seek(0, os.SEEK_END)
                line = msgspec.json.encode(attempt) + b"\n"
                if size:
                    file.seek(size - 1)
                    line = line if file.read(1) == b"\n" else b"\n" + line  # the last line was torn: leave it alone
                try:
                    file.write(line)
                    file.flush()
                    if sync:
                        os.fsync(file.fileno())
                except OSError:
                    os.ftruncate(file.fileno(), size)
                    raise
        except OSError as error:
            log.warning("%s", _store_error(path, error))

    def attempts(self) -> tuple[Attempt, ...]:
        """The journal, oldest first, without lines that a crash cut short."""
        path = self.root / "journal.jsonl"
        if not path.exists():
            return ()
        attempts = []
        with _told(path):
            lines = path.read_bytes().split(b"\n")
        for line in lines:
            with suppress(msgspec.DecodeError, UnicodeDecodeError):
                attempts.append(msgspec.json.decode(line, type=Attempt))
        return tuple(attempts)

    # ---- one run at a time on a recording

    @contextmanager
    def hold(self, recording: str | None, *, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the lock of a recording (None: of the workspace itself).

        If another run has it: call `on_wait` and wait for it to end, or without `on_wait` raise Busy.
        The kernel frees the lock of a process that dies, so a killed run never has to be cleaned up after.
        """
        folder = self._place(recording)
        with _told(folder):
            _make_folder(folder)
            held = _locked(folder / ".lock", on_wait or _busy)
            held.__enter__()
        try:
            yield
        finally:
            held.__exit__(None, None, None)


def _busy() -> None:
    raise Busy


@contextmanager
def _locked(path: Path, on_wait: Callable[[], None] | None) -> Iterator[None]:
    from filelock import FileLock, SoftFileLock

    try:
        lock = _acquire(FileLock(path), on_wait)
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP):
            raise
        lock = _acquire(SoftFileLock(path.with_suffix(".softlock")), on_wait)  # a network disk without locks
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: "BaseFileLock", on_wait: Callable[[], None] | None) -> "BaseFileLock":
    from filelock import Timeout

    try:
        lock.acquire(timeout=0)
    except Timeout:
        if on_wait:
            on_wait()
        lock.acquire(poll_interval=0.2)
    return lock


def _alive(pid: int) -> bool:
    if pid == os.getpid():  # ours, and not being written: a process of the same number that ended before us
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _appear(temp: Path, path: Path) -> None:
    """Put a file in its place, whole, unless there is one."""
    try:
        path.hardlink_to(temp)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if not path.exists():
            temp.replace(path)


def _make_folder(folder: Path) -> None:
    """Make a folder so that it outlives a power cut: its name is kept in the folder above it."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems cannot; the file itself is synced
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Whatever the file system refuses inside becomes one StoreError that names the file."""
    try:
        yield
    except OSError as error:
        raise _store_error(path, error) from error


def _store_error(path: Path, error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(str(path), "the disk is full", "free some space and run again: what is finished is kept")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError(str(path), "may not be written or read", "choose another folder with --workspace")
    return StoreError(str(path), error.strerror or str(error), "choose another folder with --workspace")
