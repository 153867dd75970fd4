"""Small media files for tests, made on the spot."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
Samples = npt.NDArray[np.float32]
CODECS = {".mp4": "aac", ".mkv": "aac", ".flv": "aac", ".ts": "aac", ".m4a": "aac", ".mp3": "mp3", ".wav": "pcm_s16le"}


def tone(seconds: float, hertz: float = 440.0) -> Samples:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def music(seconds: float) -> Samples:
    """Chords with plucked notes over them, and a beat."""
    rng = np.random.default_rng(1)
    sound = np.zeros(int(seconds * RATE))
    for bar in range(int(seconds / 2)):
        root = (261.6, 220.0, 174.6, 196.0)[bar % 4]
        for beat in range(8):
            at = bar * 2 * RATE + beat * RATE // 4
            t = np.arange(min(RATE // 4, sound.size - at)) / RATE
            for ratio in (1, 1.26, 1.5) if beat % 2 == 0 else (2,):
                sound[at : at + t.size] += np.sin(2 * np.pi * root * ratio * t) * np.exp(-t * 6)
            sound[at : at + 800] += (
                0.5 * rng.standard_normal(min(800, sound.size - at)) * np.linspace(1, 0, min(800, sound.size - at))
            )
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def write(
    path: Path,
    sound: Samples,
    *,
    video_s: float = 0.0,
    at_s: Callable[[float], float] = lambda second: second,
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A media file with this sound (none if empty) and film. `at_s` moves the time stamp of the sound at each second."""
    with av.open(str(path), "w", options=options or {}) as container:
        container.metadata.update(metadata or {})
        film = container.add_stream("flv1" if path.suffix == ".flv" else "mpeg4", rate=5) if video_s else None
        if film:
            film.width, film.height, film.pix_fmt = 64, 64, "yuv420p"
        track = container.add_stream(CODECS[path.suffix], rate=RATE, layout="mono") if sound.size else None
        packets = []
        for index in range(int(video_s * 5)):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index % 255, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 5)
            packets += film.encode(frame)
        for start in range(0, sound.size, 1024):
            frame = av.AudioFrame.from_ndarray(
                (sound[start : start + 1024] * 32767).astype(np.int16)[None], format="s16", layout="mono"
            )
            frame.sample_rate = RATE
            frame.pts, frame.time_base = start, Fraction(1, RATE)
            packets += track.encode(frame)
        packets += (film.encode(None) if film else []) + (track.encode(None) if track else [])
        for packet in packets:
            if track and packet.stream.index == track.index:
                second = float(packet.pts * packet.time_base)
                moved = round((at_s(second) - second) / packet.time_base)
                packet.pts, packet.dts = packet.pts + moved, packet.dts + moved
        for packet in packets:
            container.mux(packet)
    return path
