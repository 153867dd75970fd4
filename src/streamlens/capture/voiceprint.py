"""Speaker embeddings: vectors that are near for one voice and apart for two.

CAM++ (Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware Masking",
Interspeech 2023), trained on Chinese and English speakers, on Kaldi's log mel filter banks. models/speakers/README.md
says where the weights come from and how well they tell voices apart.
"""

from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from streamlens.capture.audio import Samples
from streamlens.capture.pitch import STEP, Flags, Floats
from streamlens.errors import ModelError

MODEL = "campplus.onnx"
SHA256 = "a01261caa7510406953771f646de4e80035604a3bc07820016bb4d1c05c181f5"
SIZE = 192
RATE = 16_000
PRINT_S = 3.0  # speech that a print is taken of: shorter ones tell voices apart less well
EVERY_S = 6.0  # of speech in an utterance for which there is one
AGAIN = "install streamlens again"

_FRAME, _STEP, _FFT, _MELS = 400, 160, 512, 80
LEAST = _FRAME + 20 * _STEP  # samples of which a print can be taken at all


class Voiceprints:
    """The encoder of a folder, loaded for the first print. ModelError when it is missing or another."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MODEL

    def of(self, sound: Samples) -> Floats:
        """The embedding [SIZE], of length 1, of a voice (16 kHz mono, at least LEAST samples, best 1 to 3 seconds)."""
        vector = self._session.run(None, {"features": filter_bank(sound)[None]})[0][0]
        unit: Floats = (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
        return unit

    def of_speech(self, sound: Samples, speech: Flags) -> list[tuple[Floats, float]]:
        """(embedding, seconds) of the frames of an utterance that are speech: of its middle, or of several places."""
        spoken = sound[: speech.size * STEP][np.repeat(speech, STEP)]
        size = min(int(PRINT_S * RATE), spoken.size)
        if size < LEAST:
            return []
        count = max(1, round(spoken.size / RATE / EVERY_S))
        room = (spoken.size - size * count) // (count + 1) if count > 1 else (spoken.size - size) // 2
        starts = [room + number * (size + room) for number in range(count)]
        return [(self.of(spoken[start : start + size]), size / RATE) for start in starts]

    @cached_property
    def _session(self) -> Any:
        from onnxruntime import InferenceSession, SessionOptions

        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ModelError(str(self.path), f"cannot be read ({error.strerror})", AGAIN) from error
        if sha256(data).hexdigest() != SHA256:
            raise ModelError(str(self.path), "is not the model that belongs to this version", AGAIN)
        options = SessionOptions()
        options.intra_op_num_threads = 1  # seconds of sound are too little to share out
        options.log_severity_level = 3
        return InferenceSession(data, options, providers=["CPUExecutionProvider"])


def filter_bank(sound: Samples) -> Floats:
    """Log mel filter banks [frames, 80] as Kaldi's (25 ms every 10 ms, no dither), the mean of each band taken off."""
    count = 1 + (sound.size - _FRAME) // _STEP
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::_STEP][:count] * np.float32(32768)
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    power = np.abs(np.fft.rfft((frames - np.float32(0.97) * before) * _POVEY, _FFT)) ** 2
    power = power.astype(np.float32)
    bands = np.stack([power[:, first:last] @ weights for first, last, weights in _BANDS], axis=1)
    bank = np.log(np.maximum(bands, np.float32(1.19e-7)))
    centred: Floats = bank - bank.mean(axis=0)
    return centred


def _bank() -> Floats:
    """Triangles evenly spaced in mel from 20 Hz to half the rate: [bins, bands]."""

    def mel(hertz: Any) -> Any:
        return 1127 * np.log(1 + hertz / 700)

    edges = np.linspace(mel(20), mel(RATE / 2), _MELS + 2)
    bins = mel(np.arange(_FFT // 2) * RATE / _FFT)[:, None]
    rise, fall = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2]), (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    bank: Floats = np.maximum(0, np.minimum(rise, fall)).astype(np.float32)
    return bank


def _bands() -> list[tuple[int, int, Floats]]:
    """First bin, one past the last and weights of each band: small products, which no threads are woken up for."""
    rows = [(np.flatnonzero(column), column) for column in _bank().T]
    return [(int(bins[0]), int(bins[-1]) + 1, column[bins[0] : bins[-1] + 1].copy()) for bins, column in rows]


_BANDS = _bands()
_POVEY = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / (_FRAME - 1))) ** 0.85).astype(np.float32)
