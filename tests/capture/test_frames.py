"""Pictures of a recording: how many, from when, and whatever is wrong with the file."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from capture.film import film
from capture.material import tone, write
from streamlens.capture.frames import Picture, pictures
from streamlens.capture.ocr import Image
from streamlens.capture.recording import StreamFiles, probe
from streamlens.schema import Part, Recording


def clock(second: float, wide: int = 64, high: int = 96) -> Image:
    """A picture whose brightness tells the second it belongs to."""
    return np.full((high, wide, 3), 40 + 4 * int(second), np.uint8)


def shown(*paths: Path, every_ms: int = 2000, longest_side: int = 1280) -> tuple[list[Picture], list[str]]:
    notes: list[str] = []
    recording = probe(StreamFiles(id="r1", folder=paths[0].parent, parts=paths))
    found = list(pictures(recording, paths, every_ms=every_ms, longest_side=longest_side, notes=notes))
    return found, notes


def second_of(picture: Picture) -> float:
    return (float(picture.image.mean()) - 40) / 4


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".flv"])
@pytest.mark.parametrize("gop_s", [0.4, 1.0, 2.0, 10.0, 60.0])
def test_a_picture_about_every_two_seconds_however_far_apart_the_keyframes_are(
    tmp_path: Path, gop_s: float, suffix: str
) -> None:
    path = film(tmp_path / f"a{suffix}", 16, clock, gop_s=gop_s)
    found, notes = shown(path)
    assert notes == []
    times = [picture.at_ms for picture in found]
    assert times[0] <= 200 and times[-1] >= 13_500
    assert all(1800 <= later - earlier <= 2600 for earlier, later in pairwise(times))
    for picture in found:
        assert abs(second_of(picture) - picture.at_ms / 1000) < 1.5


def test_keyframes_that_are_close_spare_the_decoding_of_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlens.capture import frames

    def decoded(path: Path) -> int:
        count = 0
        real = frames._decoded

        def counting(stream, choices, damaged):  # type: ignore[no-untyped-def]
            nonlocal count
            choices = list(choices)
            count = len(choices)
            return real(stream, iter(choices), damaged)

        with monkeypatch.context() as patch:
            patch.setattr(frames, "_decoded", counting)
            shown(path)
        return count

    assert decoded(film(tmp_path / "close.mp4", 20, clock, gop_s=2)) == 10
    assert decoded(film(tmp_path / "far.mp4", 20, clock, gop_s=60)) == 100


def test_the_parts_of_a_recording_follow_one_another_whatever_their_shapes(tmp_path: Path) -> None:
    high = film(tmp_path / "recording-01.mp4", 6, clock)
    sound = write(tmp_path / "recording-02.mp3", tone(4.0))
    wide = film(tmp_path / "recording-03.mp4", 6, lambda second: clock(second, 128, 64))
    found, notes = shown(high, sound, wide)
    assert {(picture.part, picture.image.shape) for picture in found} == {(0, (96, 64, 3)), (2, (64, 128, 3))}
    times = [picture.at_ms for picture in found]
    assert times == sorted(times)
    assert next(picture.at_ms for picture in found if picture.part == 2) >= 9_900
    assert notes == []


def test_large_pictures_are_scaled_down_and_small_ones_left(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 3, lambda second: clock(second, 320, 640))
    assert {picture.image.shape for picture in shown(path, longest_side=320)[0]} == {(320, 160, 3)}
    assert {picture.image.shape for picture in shown(path, longest_side=1280)[0]} == {(640, 320, 3)}


def test_a_film_held_upright_by_its_header_stands_upright(tmp_path: Path) -> None:
    """Telephones record lying and say how to turn the picture; here by a quarter clockwise."""

    def half(second: float) -> Image:
        image = np.zeros((64, 128, 3), np.uint8)
        image[:, :64] = 220  # the left half is bright: it must end up above
        return image

    path = film(tmp_path / "a.mp4", 3, half)
    data = bytearray(path.read_bytes())
    matrix = data.find(b"tkhd") + 4 + 40
    turned = [0, 0x10000, 0, -0x10000 & 0xFFFFFFFF, 0, 0, 0, 0, 0x40000000]
    data[matrix : matrix + 36] = b"".join(value.to_bytes(4) for value in turned)
    path.write_bytes(data)
    image = shown(path)[0][0].image
    assert image.shape == (128, 64, 3)
    assert image[:60].mean() > 200 and image[70:].mean() < 30


def test_a_film_that_breaks_off_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    path = film(tmp_path / "a.ts", 12, clock)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    found, _ = shown(path)
    assert 2 <= len(found) <= 5


def test_damaged_pictures_are_no_crash(tmp_path: Path) -> None:
    path = film(
        tmp_path / "a.ts", 20, lambda second: np.random.default_rng(int(second)).integers(0, 255, (96, 64, 3), np.uint8)
    )
    data = bytearray(path.read_bytes())
    noise = np.random.default_rng(1)
    for at in noise.integers(len(data) // 4, len(data), 400):
        data[at] = int(noise.integers(256))
    path.write_bytes(data)
    found, _ = shown(path)
    assert found


def test_a_file_that_turns_out_to_be_no_film_is_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no film at all" * 100)
    part = Part(name="a.mp4", start_ms=0, duration_ms=9000, size=9, digest="", has_video=True, container="mp4")
    notes: list[str] = []
    recording = Recording(id="r1", parts=(part,), duration_ms=9000)
    assert list(pictures(recording, [path], every_ms=2000, longest_side=1280, notes=notes)) == []
    assert notes == ["no_picture: nothing of the video in a.mp4 can be shown, so its screen was not read"]
