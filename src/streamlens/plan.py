"""Which recordings a run is to do, how long they are, and that none of them is lost sight of."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from streamlens import outcome
from streamlens.capture.media import stated_ms
from streamlens.capture.recording import StreamFiles, discover
from streamlens.errors import InputError, StreamlensError
from streamlens.outcome import Outcome
from streamlens.store import Busy, Store

USUAL_RATE = 250_000  # bytes a second of film, where its header does not say how long it is


def find_streams(paths: Sequence[Path], workspace: Path) -> tuple[tuple[StreamFiles, ...], list[Outcome]]:
    """The recordings below `paths`, each with an id of its own, and a failed outcome for each path that has none.

    What lies in the workspace is left out: its transcripts are results, not recordings.
    """
    good: list[Path] = []
    failed: list[Outcome] = []
    for path in paths:
        try:
            discover([path])
            good.append(path)
        except StreamlensError as error:
            failed.append(Outcome(recording=str(path), state="failed", reason=str(error)))
        except OSError as error:
            told = InputError(str(error.filename or path), f"cannot be read: {error.strerror}", "check its rights")
            failed.append(Outcome(recording=str(path), state="failed", reason=str(told)))
    ours = workspace.resolve()
    found = discover(good)  # together: recordings of one name are told apart
    return tuple(files for files in found if ours not in files.folder.resolve().parents), failed


def failed_before(streams: Sequence[StreamFiles], workspace: Path) -> tuple[StreamFiles, ...]:
    """Those whose last result in the workspace is a failure."""
    store = Store(workspace)

    def failed(files: StreamFiles) -> bool:
        with suppress(StreamlensError):
            result = store.read(files.id, outcome.FILE, Outcome)
            return result is not None and result.state == "failed"
        return False

    return tuple(files for files in streams if failed(files))


def announce(files: StreamFiles, store: Store) -> bool:
    """Note a recording that has no result yet as not started. False if there was nothing to note."""
    with suppress(StreamlensError, Busy):  # a full disk or a bad id is told when it is its turn
        if store.read(files.id, outcome.FILE, Outcome) is None:
            with store.hold(files.id):
                if store.read(files.id, outcome.FILE, Outcome) is None:
                    waiting = Outcome(recording=files.id, state="not_started")
                    store.publish(files.id, outcome.FILE, msgspec.json.encode(waiting))
                    return True
    return False


def forget(files: StreamFiles, store: Store) -> None:
    """We were stopped by hand: that says nothing against the recordings that were at work then."""
    with suppress(StreamlensError, Busy), store.hold(files.id):
        store.clear_mark(files.id)


def length_ms(files: StreamFiles, store: Store) -> int:
    """About how long it is: as was found by an earlier run, as its header says, or by its bytes."""
    known = store.read(files.id, outcome.FILE, Outcome)
    if known and known.duration_ms:
        return known.duration_ms
    length = 0
    for part in files.parts:
        with suppress(OSError):
            length += stated_ms(part) or part.stat().st_size * 1000 // USUAL_RATE
    return length


def resolved(files: StreamFiles) -> StreamFiles:
    """With the full paths of all files, for a process that works in another folder."""

    def full(value: object) -> object:
        if isinstance(value, Path):
            return value.resolve()
        return tuple(full(each) for each in value) if isinstance(value, tuple) else value

    return msgspec.structs.replace(
        files, **{name: full(value) for name, value in msgspec.structs.asdict(files).items()}
    )
