"""What is read on screen over the time of a recording."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from capture.film import film, put
from capture.material import tone, write
from streamlens.capture.ocr import Image, load_reader
from streamlens.capture.recording import StreamFiles, probe
from streamlens.capture.screen import ScreenOptions, read_screen
from streamlens.schema import Part, Recording, Screen, TextLine

QUICK = ScreenOptions(every_ms=1000)


class Told:
    """A reader that tells the brightness of a picture, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.loaded: list[int] = []

    def load(self, side: int) -> "Told":
        self.loaded.append(side)
        return self

    def read(self, image: Image) -> tuple[TextLine, ...]:
        self.asked += 1
        high, wide = image.shape[:2]
        text = f"亮度{'一二三四五六七八九'[int(image.mean()) // 28 % 9]}"
        sure = TextLine(text=text, box=(wide // 10, high // 4, wide // 2, high // 2), confidence=0.9)
        return (
            sure,
            TextLine(text="·", box=(0, 0, 9, 9), confidence=0.9),
            TextLine(text="模糊", box=(0, 0, 9, 9), confidence=0.3),
        )


def recorded(*paths: Path) -> Recording:
    return probe(StreamFiles(id="r1", folder=paths[0].parent, parts=paths))


def read(reader: Told, *paths: Path, options: ScreenOptions = QUICK) -> Screen:
    return read_screen(recorded(*paths), paths, reader.load, options=options)  # type: ignore[arg-type]


def flat(level: Callable[[float], int], wide: int = 64, high: int = 96) -> Callable[[float], Image]:
    return lambda second: np.full((high, wide, 3), level(second), np.uint8)


def test_texts_have_the_recordings_times_and_boxes_in_thousandths(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 8, flat(lambda second: 40 if second < 4 else 130))
    screen = read(Told(), path)
    assert [(text.text, text.start_ms, text.sort) for text in screen.texts] == [
        ("亮度二", 0, "standing"), ("亮度五", 4000, "standing"),
    ]  # fmt: skip
    assert screen.texts[0].end_ms == 4000
    assert screen.texts[0].box == (93, 250, 500, 500)
    assert (screen.film_ms, screen.notes) == (recorded(path).duration_ms, ())
    assert 0.95 * screen.film_ms <= screen.looked_ms <= screen.film_ms


def test_a_picture_in_which_nothing_changed_is_not_read_again(tmp_path: Path) -> None:
    reader = Told()
    screen = read(reader, film(tmp_path / "a.mp4", 12, flat(lambda second: 40 if second < 6 else 130)))
    assert (reader.asked, screen.pictures) == (2, 12)
    assert [text.seen for text in screen.texts] == [6, 6]


def test_a_line_that_appears_on_a_picture_otherwise_the_same_is_seen(tmp_path: Path) -> None:
    def draw(second: float) -> Image:
        image = np.full((640, 360, 3), 90, np.uint8)
        if second >= 3:
            put(image, "小黄姜", 200, 500)
        return image

    screen = read_screen(
        recorded(path := film(tmp_path / "a.mp4", 6, draw)), [path], lambda side: load_reader(side=side), options=QUICK
    )
    assert [(text.text, text.start_ms) for text in screen.texts] == [("小黄姜", 3000)]


def test_parts_keep_their_places_whatever_their_shapes_and_sound_alone_is_passed_over(tmp_path: Path) -> None:
    paths = (
        film(tmp_path / "recording-01.mp4", 4, flat(lambda _: 40)),
        write(tmp_path / "recording-02.mp3", tone(3.0)),
        film(tmp_path / "recording-03.mp4", 4, flat(lambda _: 40, 128, 64)),
    )
    screen = read(Told(), *paths)
    (one, other) = screen.texts
    recording = recorded(*paths)
    assert (one.start_ms, one.end_ms) == (0, recording.parts[0].duration_ms)
    assert other.start_ms >= recording.parts[2].start_ms
    assert other.end_ms == recording.duration_ms
    assert screen.film_ms == recording.parts[0].duration_ms + recording.parts[2].duration_ms


@pytest.mark.parametrize("on", [True, False])
def test_without_video_or_when_switched_off_no_model_is_loaded(tmp_path: Path, on: bool) -> None:
    path = write(tmp_path / "a.mp3", tone(2.0)) if on else film(tmp_path / "a.mp4", 3, flat(lambda _: 40))
    reader = Told()
    screen = read(reader, path, options=ScreenOptions(on=on))
    assert (screen.texts, screen.looked_ms, screen.notes, reader.loaded) == ((), 0, (), [])


def test_a_film_that_cannot_be_shown_is_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(5000))
    part = Part(name="a.mp4", start_ms=0, duration_ms=9000, size=9, digest="", has_video=True, container="mp4")
    reader = Told()
    screen = read_screen(Recording(id="r1", parts=(part,), duration_ms=9000), [path], reader.load)  # type: ignore[arg-type]
    assert (screen.texts, screen.looked_ms, reader.loaded) == ((), 0, [])
    assert [note.partition(":")[0] for note in screen.notes] == ["no_picture"]


def test_the_options_reach_the_reader_and_progress_is_told(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 5, flat(lambda _: 40))
    reader = Told()
    told: list[tuple[int, int]] = []
    recording = recorded(path)
    options = ScreenOptions(every_ms=1000, detection_side=320, least_confidence=0.2)
    screen = read_screen(recording, [path], reader.load, options=options, progress=lambda *event: told.append(event))  # type: ignore[arg-type]
    assert reader.loaded == [320]
    assert {text.text for text in screen.texts} == {"亮度二", "模糊"}
    assert [done for done, _ in told] == [0, 1000, 2000, 3000, 4000]
    assert {total for _, total in told} == {recording.duration_ms}


def test_banners_cards_and_comments_of_a_film_are_told_apart(tmp_path: Path) -> None:
    """A banner and a card that stay, on a picture that moves, while comments climb at the left."""
    said = ["富硒土豆", "小黄姜", "散养土鸡蛋"]

    def draw(second: float) -> Image:
        image = np.empty((640, 360, 3), np.uint8)
        image[:] = (60 + 20 * np.sin(np.arange(360) / 40 + second))[None, :, None]
        if second >= 4:
            put(image, "当天现捡坏蛋包赔", 12, 80)
        put(image, "小黄姜", 240, 560)
        newest = int(second) // 2
        for back in range(3):
            if newest >= back:
                put(image, said[(newest - back) % 3], 12, 560 - 45 * back)
        return image

    path = film(tmp_path / "a.mp4", 16, draw)
    screen = read_screen(recorded(path), [path], lambda side: load_reader(side=side), options=QUICK)
    standing = [(text.text, text.start_ms, text.end_ms) for text in screen.texts if text.sort == "standing"]
    assert standing == [("小黄姜", 0, screen.film_ms), ("当天现捡坏蛋包赔", 4000, screen.film_ms)]
    assert {text.text for text in screen.texts if text.sort == "comment"} == set(said)
