"""How far a batch is and how long it will take: a live table where somebody watches, now and then a line elsewhere."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from streamlens.report.messages import clock
from streamlens.terminal import err, note

if TYPE_CHECKING:  # `streamlens --help` need not wait for the stages
    from streamlens.run import Event

PLAIN_EVERY_S = 30.0  # a line, where there is no terminal
LEAST_SHARE = 0.01  # of the batch must be done before its pace says anything
STAGES = {"transcript": 0.55, "screen": 0.35, "voice": 0.1}  # about what share of the work they are; the rest is little
TEXT_MS = 1000  # what a recording without sound counts for: its text takes time too


class Pace:
    """What is left of a batch, by what was done since it began, measured by the lengths of the recordings."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start = now()
        self._length: dict[str, int] = {}
        self._shares: dict[str, dict[str, float]] = {}  # of the stages of each recording that is at work
        self._ended: set[str] = set()

    def plan(self, recording: str, length_ms: int) -> None:
        """A recording is to be done that is about so long."""
        if not self._length:
            self._start = self._now()
        self._length[recording] = max(length_ms, TEXT_MS)

    def at(self, recording: str, stage: str, share: float) -> None:
        """So much of a stage is done, 0 to 1; stages may be at work side by side."""
        self._shares.setdefault(recording, {})[stage] = min(share, 1.0)

    def end(self, recording: str) -> None:
        """Nothing is left of it, whatever became of it."""
        self._ended.add(recording)

    def _done(self, recording: str) -> float:
        if recording in self._ended:
            return 1.0
        return sum(STAGES.get(stage, 0.0) * share for stage, share in self._shares.get(recording, {}).items())

    @property
    def share(self) -> float:
        """Of the whole batch, by length."""
        total = sum(self._length.values())
        done = sum(length * self._done(name) for name, length in self._length.items())
        return done / total if total else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at this pace; None as long as nobody can say."""
        if (share := self.share) < LEAST_SHARE:
            return None
        return (self._now() - self._start) * (1 - share) / share


class Bars:
    """The batch with the time left, and each recording at work with its stage. Lines where there is no terminal."""

    def __init__(self, recordings: int, *, quiet: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"), TimeElapsedColumn())
        self.progress = Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal)
        self.all = self.progress.add_task("recordings", total=1.0, at=f"0 of {recordings}")
        self.recordings = recordings
        self.quiet = quiet
        self.pace = Pace()
        self.done = self.failed = 0
        self.bars: dict[str, TaskID] = {}
        self.said = time.monotonic()  # when the last line was written

    def __enter__(self) -> "Bars":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def watch(self, event: "Event") -> None:
        name = event.recording
        if event.stage == "waits":
            note(f"{name}: another run is at work on it; waiting for that to end")
        elif event.stage == "left":
            note(f"{name}: a run before ended in the middle of it (killed, power cut, out of memory): it comes last")
        elif event.stage == "died":
            note(f"{name}: the process at work on it was killed; it will be tried once more, last of all")
        elif event.stage == "inputs":
            self.progress.update(self.all, description=f"papers of {name}")
        elif event.stage == "planned":
            self.pace.plan(name, event.total)
        else:
            self._at_work(event)

    def _at_work(self, event: "Event") -> None:
        label = f"{event.recording}: {event.stage}"
        if event.recording not in self.bars:
            self.bars[event.recording] = self.progress.add_task(label, total=None, at="")
        at = f"{clock(event.done)} of {clock(event.total)}" if event.total else ""
        bar = self.bars[event.recording]
        self.progress.update(bar, description=label, completed=event.done, total=event.total or None, at=at)
        if event.total:
            self.pace.at(event.recording, event.stage, event.done / event.total)
            self._show()

    def finish(self, recording: str, *, failed: bool = False) -> None:
        """A recording has ended."""
        self.done += 1
        self.failed += failed
        if recording in self.bars:
            self.progress.remove_task(self.bars.pop(recording))
        self.pace.end(recording)
        self._show()

    def _show(self) -> None:
        left_s = self.pace.left_s
        at = f"{self.done} of {self.recordings}" + (f", {self.failed} failed" if self.failed else "")
        if left_s is not None and self.done < self.recordings:
            at += f", about {clock(round(left_s * 1000))} left"
        self.progress.update(self.all, description="recordings", completed=self.pace.share, at=at)
        if self.progress.disable and not self.quiet and time.monotonic() - self.said >= PLAIN_EVERY_S:
            self.said = time.monotonic()
            note(f"{at}; at work on {', '.join(sorted(self.bars)) or 'the next'}")
