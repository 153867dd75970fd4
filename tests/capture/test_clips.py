"""Clips are copies: they begin at a keyframe, hold what was asked for, and cost no encoding."""

from pathlib import Path

import av
import numpy as np
import pytest

from capture.film import DEMO, film
from capture.material import tone, write
from streamlens.capture.clips import cut
from streamlens.errors import InputError
from streamlens.schema import Part

GREY = np.full((64, 64, 3), 90, np.uint8)


def part(path: Path, seconds: float, start_ms: int = 0) -> Part:
    return Part(
        name=path.name, start_ms=start_ms, duration_ms=round(seconds * 1000), size=1, digest="", has_video=True, container="",
    )  # fmt: skip


def lengths(path: Path) -> dict[str, float]:
    """Seconds by kind of stream, decoded to the end."""
    with av.open(str(path)) as container:
        found = {}
        for stream in (*container.streams.video[:1], *container.streams.audio[:1]):
            container.seek(0)
            stamps = [frame.time for frame in container.decode(stream)]
            found[stream.type] = stamps[-1] - stamps[0]
            assert stamps[0] < 0.5
    return found


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".flv"])
def test_a_clip_begins_at_the_keyframe_before(tmp_path: Path, suffix: str) -> None:
    path = film(tmp_path / f"recording{suffix}", 20, lambda _: GREY, gop_s=4)
    clip = cut(part(path, 20), path, 9_500, 13_000, tmp_path / "out")
    assert clip.path.suffix in {".mp4", suffix}
    assert clip.start_ms == pytest.approx(8_000, abs=120)
    assert clip.end_ms == pytest.approx(13_000, abs=300)
    found = lengths(clip.path)
    assert found["video"] == pytest.approx(5.0, abs=0.5)
    assert found["audio"] == pytest.approx(5.0, abs=0.5)


def test_the_demo_is_cut_without_loss(tmp_path: Path) -> None:
    clip = cut(part(DEMO, 120), DEMO, 60_000, 66_000, tmp_path / "claim")
    assert clip.path == tmp_path / "claim.mp4"
    assert clip.start_ms <= 60_000 < 66_000 <= clip.end_ms + 300
    with av.open(str(DEMO)) as whole, av.open(str(clip.path)) as piece:
        assert piece.streams.video[0].codec_context.name == whole.streams.video[0].codec_context.name
        whole.seek(clip.start_ms * 1000, backward=True)
        first = next(whole.decode(video=0)).to_ndarray(format="rgb24")
        assert np.array_equal(first, next(piece.decode(video=0)).to_ndarray(format="rgb24"))
    assert not list(tmp_path.glob(".*"))


def test_sound_alone_is_cut_too_and_times_are_those_of_the_recording(tmp_path: Path) -> None:
    path = write(tmp_path / "recording-02.m4a", tone(12))
    clip = cut(part(path, 12, start_ms=600_000), path, 604_000, 607_000, tmp_path / "x")
    assert clip.path.suffix == ".m4a"
    assert clip.start_ms == pytest.approx(604_000, abs=150)
    assert lengths(clip.path)["audio"] == pytest.approx(3.0, abs=0.3)


def test_a_time_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "recording.mp4", tone(3), video_s=3)
    with pytest.raises(InputError, match="holds nothing at 90"):
        cut(part(path, 3), path, 90_000, 95_000, tmp_path / "x")
    assert [each.name for each in tmp_path.iterdir()] == ["recording.mp4"]
