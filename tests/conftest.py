"""What all tests share."""

import logging
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 9


@pytest.fixture(autouse=True)
def _no_error_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An ERROR in the log of a test that passes is a failure that nobody would see."""
    yield
    errors = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not errors


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few seconds of speech as WAV: the beginning of the demo broadcast."""
    import av

    path = tmp_path_factory.mktemp("sound") / "speech.wav"
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    with av.open(str(ROOT / "demo" / "d2-hens" / "recording.mp4")) as container, wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        for frame in container.decode(audio=0):
            if frame.time is not None and frame.time >= SECONDS:
                break
            for part in resampler.resample(frame):
                file.writeframes(part.to_ndarray().tobytes())
    return path
