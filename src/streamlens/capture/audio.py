"""The sound of a recording as a stream of windows for the recogniser, cut at pauses, with silence left out.

Nothing here grows with the length of a broadcast: files are decoded block by block, the voice detector carries its
state from block to block, and a window keeps only the sound around speech. Every window remembers where its sound came
from, so that the time of a word inside a window becomes a time in the recording.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from streamlens.capture.media import Clock, frames, open_media
from streamlens.errors import InputError
from streamlens.schema import Recording

RATE = 16_000  # samples a second, what both the voice detector and the recogniser expect
FRAME = 512  # samples the voice detector judges at a time: 32 ms
BLOCK = 20 * RATE  # samples handed to the voice detector at a time
DRIFT = RATE // 10  # how far sound may stray from its time stamps before it is put right
MISSING = 2 * RATE  # a hole in the sound that is worth telling of
RESET = 5 * RATE  # a hole longer than this ends what was being said
PAUSE = RATE * 160 // 1000  # the shortest silence that parts speech
BLIP = RATE * 100 // 1000  # shorter sounds are not speech
LOUD = 0.25  # peaks of sound at its usual loudness; what is softer is made louder for the voice detector, up to
MOST_GAIN = 30.0  # so many times, for it does not find whispers and faint recordings
FADE = 60 * RATE  # how long loud sound is remembered: until it is half forgotten
FULL = 0.6  # a window may be closed at a good pause once it is this full
REACH = 120 * RATE  # a window draws on no more of the recording than this, which bounds what is held

Samples = npt.NDArray[np.float32]
_NOTHING: Samples = np.zeros(0, np.float32)
Span = tuple[int, int]  # half-open, in samples or milliseconds as the name says


@dataclass(frozen=True, slots=True)
class Block:
    """Mono sound at 16 kHz; `start` is its first sample's place in the recording."""

    start: int
    sound: Samples


@dataclass(frozen=True, slots=True)
class Piece:
    """Where `length` samples of a window's sound, from `offset` on, lie in the recording (`start`)."""

    offset: int
    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Sound for one pass of the recogniser (below 30 s), its way back to the recording, and the speech in it (ms)."""

    sound: Samples
    pieces: tuple[Piece, ...]
    speech: tuple[Span, ...]

    def recording_ms(self, window_ms: float, *, last: bool = False) -> int:
        """The time in the recording of a time in the window. At a seam, of what begins there, or is `last`."""
        sample = min(max(window_ms * RATE / 1000, 0), self.sound.size)
        inside = [piece for piece in self.pieces if piece.offset < sample or (piece.offset == sample and not last)]
        piece = inside[-1] if inside else self.pieces[0]
        return _ms(piece.start + min(sample - piece.offset, piece.length))

    def part(self, first: int, last: int) -> "Window":
        """The window's speech from one stretch to another (both included, counted from 0) as a window of its own."""
        low = self.speech[first - 1][1] if first else 0
        high = self.speech[last + 1][0] if last + 1 < len(self.speech) else _ms(self.pieces[-1].end)
        sounds: list[Samples] = []
        pieces: list[Piece] = []
        offset = 0
        for piece in self.pieces:
            start, end = max(low * RATE // 1000, piece.start), min(high * RATE // 1000, piece.end)
            if start < end:
                at = piece.offset + start - piece.start
                sounds.append(self.sound[at : at + end - start])
                pieces.append(Piece(offset, start, end - start))
                offset += end - start
        return Window(np.concatenate(sounds), tuple(pieces), self.speech[first : last + 1])


def windows(
    recording: Recording,
    paths: Sequence[Path],
    *,
    window_s: float = 29.5,
    pad_ms: int = 400,
    threshold: float = 0.5,
    damaged: list[Span] | None = None,
    missing: list[Span] | None = None,
) -> Iterator[Window]:
    """The recording's speech in windows of at most `window_s` seconds, in order; nothing when nobody speaks.

    `paths` are the files of `recording.parts`, in the same order. Speech keeps up to `pad_ms` of what surrounds it.
    Stretches (ms) whose sound could not be decoded are appended to `damaged`, those of `MISSING` and more for which a
    file that has sound has none to `missing`.
    Raises InputError when a file cannot be opened or has no sound.
    """
    packer = _Packer(int(window_s * RATE), pad_ms * RATE // 1000, threshold)
    for block in _joined(decode(recording, paths, damaged=damaged, missing=missing)):
        yield from packer.add(block)
    yield from packer.flush()


def decode(
    recording: Recording,
    paths: Sequence[Path],
    *,
    damaged: list[Span] | None = None,
    missing: list[Span] | None = None,
) -> Iterator[Block]:
    """All parts as mono 16 kHz blocks in the recording's time; a hole between two blocks is a hole in the sound."""
    for part, path in zip(recording.parts, paths, strict=True):
        if not part.has_sound:
            continue
        start = part.start_ms * RATE // 1000
        broken: list[Span] = []
        holes: list[Span] = []
        room = part.duration_ms * RATE // 1000  # the next part may begin here
        end = 0
        for block in _decode_part(path, broken):
            if block.start < room:
                if block.start - end >= MISSING:
                    holes.append((end, block.start))
                end = max(end, block.start + block.sound.size)
                yield Block(start + block.start, block.sound[: room - block.start])
        if room - end >= MISSING:
            holes.append((end, room))
        for found, spans in ((damaged, broken), (missing, [hole for hole in holes if hole not in broken])):
            if found is not None:
                found.extend((_ms(start + first), _ms(start + last)) for first, last in spans)


def _decode_part(path: Path, damaged: list[Span]) -> Iterator[Block]:
    """One file's blocks in its own time. Its time stamps decide where sound lies, within `DRIFT`."""
    import av

    with open_media(path) as container:
        clock = Clock(container)
        kind: tuple[str, str, int] | None = None
        broken = False
        at: int | None = None  # the place of the next sample
        for frame in frames(container, container.streams.audio[0]):
            if frame is None:
                broken = True
                continue
            now = (frame.format.name, frame.layout.name, frame.sample_rate)
            if now != kind:  # as it may be after a recorder reconnected
                kind, resampler = now, av.AudioResampler(format="flt", layout="mono", rate=RATE)
            place = round(clock.place(frame.time, None if at is None else at / RATE) * RATE)
            frame.pts = None  # the resampler shall neither fill nor drop anything by itself
            try:
                made = resampler.resample(frame)
            except (av.error.FFmpegError, ValueError):  # a decoder that lacks its header makes frames of nothing
                broken, kind = True, None
                continue
            sound = np.concatenate([_NOTHING, *(out.to_ndarray()[0] for out in made)])
            at = place if at is None else at
            if place - at > DRIFT:
                if broken:
                    damaged.append((at, place))
                at = place
            elif at - place > DRIFT or at < 0:
                sound = sound[max(at - place, -at) :]
                at = max(at, 0)
            broken = False
            if sound.size:
                yield Block(at, sound)
                at += sound.size
        if at is None:
            raise InputError(str(path), "its sound cannot be decoded", "convert it again from the source")


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks of about `BLOCK` samples; short holes are filled with silence, a long one parts two blocks."""
    held: list[Samples] = []
    start = end = 0
    for block in blocks:
        if held and (end - start >= BLOCK or block.start - end > RESET):
            yield Block(start, np.concatenate(held))
            held, start = [], end
        if block.start - end > RESET:
            start = end = block.start
        if block.start > end:
            held.append(np.zeros(block.start - end, np.float32))
        held.append(block.sound)
        end = max(end, block.start) + block.sound.size
    if held:
        yield Block(start, np.concatenate(held))


def speech_rates(sound: Samples) -> Samples:
    """How likely somebody speaks, 0 to 1, in each FRAME of a short sound (16 kHz mono); the last may be cut."""
    from faster_whisper.vad import get_vad_model

    if not sound.size:
        return _NOTHING
    louder = sound * np.float32(min(max(LOUD / max(float(np.quantile(np.abs(sound), 0.999)), 1e-6), 1.0), MOST_GAIN))
    frames = np.pad(np.clip(louder, -1, 1), (0, -sound.size % FRAME)).reshape(-1, FRAME)
    before = np.concatenate([np.zeros((1, 64), np.float32), frames[:-1, -64:]])
    state = {"h": np.zeros((1, 1, 128), np.float32), "c": np.zeros((1, 1, 128), np.float32)}
    rates, _, _ = get_vad_model().session.run(None, {"input": np.concatenate([before, frames], axis=1), **state})
    found: Samples = rates.reshape(-1)
    return found


class _Detector:
    """Where somebody speaks: the silero network of faster-whisper, its state carried from block to block."""

    def __init__(self, threshold: float, longest: int) -> None:
        from faster_whisper.vad import get_vad_model

        self._session = get_vad_model().session
        self._on, self._off = threshold, max(threshold - 0.15, 0.01)
        self._longest = longest // FRAME
        self.reset(0)

    def reset(self, at: int) -> None:
        """Begin anew at this sample."""
        self._at = at  # the place of the next frame
        self._rest: Samples = np.zeros(0, np.float32)  # sound short of a frame
        self._context: Samples = np.zeros(64, np.float32)
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self.open_from: int | None = None  # where the speech began that has not ended yet
        self._quiet_from: int | None = None
        self._rates: list[float] = []  # of the open speech, frame by frame
        self._peak = 0.0  # how loud it has been of late

    def hear(self, sound: Samples) -> list[Span]:
        """The speech that ended in this sound, in samples of the recording."""
        sound = np.concatenate([self._rest, self._evened(sound)])
        whole = sound.size // FRAME * FRAME
        self._rest = sound[whole:]
        if not whole:
            return []
        frames = sound[:whole].reshape(-1, FRAME)
        before = np.concatenate([self._context[None], frames[:-1, -64:]])
        self._context = frames[-1, -64:]
        rates, self._h, self._c = self._session.run(
            None, {"input": np.concatenate([before, frames], axis=1), "h": self._h, "c": self._c}
        )
        spans: list[Span] = []
        for rate in rates.reshape(-1).tolist():
            self._step(rate, spans)
        return spans

    def _evened(self, sound: Samples) -> Samples:
        """The sound at its usual loudness; single clicks do not count."""
        if not sound.size:
            return sound
        self._peak = max(float(np.quantile(np.abs(sound), 0.999)), self._peak * 0.5 ** (sound.size / FADE))
        evened: Samples = np.clip(sound * np.float32(min(max(LOUD / max(self._peak, 1e-6), 1.0), MOST_GAIN)), -1, 1)
        return evened

    def _step(self, rate: float, spans: list[Span]) -> None:
        here, self._at = self._at, self._at + FRAME
        if self.open_from is None:
            if rate >= self._on:
                self.open_from, self._quiet_from, self._rates = here, None, [rate]
            return
        self._rates.append(rate)
        if rate >= self._on:
            self._quiet_from = None
        elif rate < self._off and self._quiet_from is None:
            self._quiet_from = here
        if self._quiet_from is not None and here - self._quiet_from >= PAUSE:
            self._close(self._quiet_from, spans)
            self.open_from = None
        elif len(self._rates) >= self._longest:  # no pause for half a minute: part it where speech is least likely
            half = self._longest // 2
            cut = half + int(np.argmin(self._rates[half:]))
            middle = self.open_from + cut * FRAME
            self._close(middle, spans)
            self.open_from, self._quiet_from, self._rates = middle, None, self._rates[cut:]

    def _close(self, end: int, spans: list[Span]) -> None:
        if self.open_from is not None and end - self.open_from >= BLIP:
            spans.append((self.open_from, end))

    def finish(self) -> list[Span]:
        """What is still open, closed at the end of the sound."""
        spans: list[Span] = []
        self._close(self._at + self._rest.size if self._quiet_from is None else self._quiet_from, spans)
        self.open_from = None
        return spans


class _Packer:
    """Collects speech until a window is full, then parts it at the best pause."""

    def __init__(self, room: int, pad: int, threshold: float) -> None:
        self._room, self._pad = room, pad
        self._detector = _Detector(threshold, room - 2 * pad)
        self._sound: Samples = np.zeros(0, np.float32)  # what is held of the recording, from sample `_from` on
        self._from = self._spoken = 0  # `_spoken`: the end of the speech already delivered
        self._spans: list[Span] = []

    def add(self, block: Block) -> Iterator[Window]:
        """Windows that are full after this block."""
        if block.start != self._from + self._sound.size:
            yield from self.flush()
            self._detector.reset(block.start)
            self._from, self._sound = block.start, np.zeros(0, np.float32)
        self._sound = np.concatenate([self._sound, block.sound])
        for span in self._detector.hear(block.sound):
            yield from self._push(span)
        end = self._from + self._sound.size
        if self._spans and end - self._spans[0][0] > REACH:
            yield self._window(len(self._spans))
        first = [self._spans[0][0]] if self._spans else []
        open_ = [] if self._detector.open_from is None else [self._detector.open_from]
        keep = max(min([end, *first, *open_]) - self._pad, self._from)
        self._sound, self._from = self._sound[keep - self._from :], keep

    def flush(self) -> Iterator[Window]:
        """What is left."""
        for span in self._detector.finish():
            yield from self._push(span)
        if self._spans:
            yield self._window(len(self._spans))

    def _push(self, span: Span) -> Iterator[Window]:
        self._spans.append(span)
        while self._size(len(self._spans)) > self._room:
            fits = [n for n in range(1, len(self._spans)) if self._size(n) <= self._room]
            full = [n for n in fits if self._size(n) >= FULL * self._room] or fits[-1:]
            yield self._window(max(full, key=lambda n: (self._spans[n][0] - self._spans[n - 1][1], n)))

    def _size(self, count: int) -> int:
        return sum(end - start for start, end in self._stretches(count))

    def _stretches(self, count: int) -> list[Span]:
        """The sound kept for the first `count` spans: each with its surroundings, never another window's speech."""
        spans = self._spans[:count]
        before = [self._spoken, *(end for _, end in spans[:-1])]
        upcoming = [self._from + self._sound.size, *(start for start, _ in self._spans[count:])]
        if self._detector.open_from is not None:
            upcoming.append(self._detector.open_from)
        limit = min(upcoming)
        after = [*(start for start, _ in spans[1:]), limit]
        padded = [
            (max(start - self._pad, low), min(end + self._pad, high))
            for (start, end), low, high in zip(spans, before, after, strict=True)
        ]
        merged = padded[:1]
        for start, end in padded[1:]:
            if start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        return merged

    def _window(self, count: int) -> Window:
        pieces: list[Piece] = []
        sounds: list[Samples] = []
        offset = 0
        for start, end in self._stretches(count):
            start = max(start, self._from)
            sounds.append(self._sound[start - self._from : end - self._from])
            pieces.append(Piece(offset, start, end - start))
            offset += end - start
        speech = tuple((_ms(start), _ms(end)) for start, end in self._spans[:count])
        self._spoken = self._spans[count - 1][1]
        del self._spans[:count]
        return Window(np.concatenate(sounds), tuple(pieces), speech)


def _ms(sample: float) -> int:
    return round(sample * 1000 / RATE)
