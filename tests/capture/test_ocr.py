"""Text in pictures: what is read, where, in which order, and how often it has to be read."""

from pathlib import Path

import numpy as np
import pytest

from streamlens.capture import ocr
from streamlens.capture.ocr import Image, Reader, load_reader, reader_version
from streamlens.errors import ModelError

DEMO = Path(__file__).parents[2] / "demo" / "d2-hens" / "recording.mp4"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


@pytest.fixture(scope="module")
def frame() -> Image:
    """A picture of the demo broadcast: a banner above, a card with name and price below."""
    import av

    with av.open(str(DEMO)) as container:
        container.seek(30_000_000)
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == (640, 360, 3)
    return picture


def test_the_lines_of_a_picture_are_read_with_their_places_in_reading_order(reader: Reader, frame: Image) -> None:
    banner, name, price = reader.read(frame)
    assert (banner.text, name.text) == ("当天现捡坏蛋包赔", "散养土鸡蛋")
    assert price.text.endswith("59.9")
    assert all(0.8 < line.confidence <= 1 for line in (banner, name, price))
    left, top, right, bottom = banner.box
    assert (left < 30, 70 < top < 95, 195 < right < 240, 105 < bottom < 125) == (True,) * 4


def test_boxes_are_those_of_the_picture_given_however_large(reader: Reader, frame: Image) -> None:
    large = frame.repeat(3, axis=0).repeat(3, axis=1)
    small, big = reader.read(frame), reader.read(large)
    assert [line.text for line in big][:2] == [line.text for line in small][:2]
    for one, other in zip(small, big, strict=True):
        assert np.abs(np.array(one.box) * 3 - other.box).max() < 30


def test_a_line_that_looks_the_same_is_read_once(frame: Image) -> None:
    reader = load_reader()
    first = reader.read(frame)
    assert (reader.lines_read, reader.lines_known) == (3, 0)
    assert reader.read(frame) == first
    assert (reader.lines_read, reader.lines_known) == (3, 3)


def test_another_figure_is_another_line(frame: Image) -> None:
    """59.9 and 29.9 differ in one sign only: what is remembered must not be handed out for it."""
    import av

    reader = load_reader()
    with av.open(str(DEMO)) as container:
        container.seek(60_000_000)
        later = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert [line.text[1:] for line in reader.read(frame)][-1] == "59.9"
    assert [line.text[1:] for line in reader.read(later)][-1] == "29.9"


@pytest.mark.parametrize("shape", [(640, 360), (1, 1), (7, 500), (2000, 9)])
def test_a_picture_without_text_has_no_lines(reader: Reader, shape: tuple[int, int]) -> None:
    assert reader.read(np.zeros((*shape, 3), np.uint8)) == ()


def test_no_more_lines_are_remembered_than_asked_for(frame: Image) -> None:
    reader = Reader(ocr._engine(640), keep=2)
    for _ in range(2):
        reader.read(frame)
    assert len(reader._known) == 2


def test_rows_are_read_from_the_left_even_when_they_are_not_quite_level() -> None:
    def line(text: str, left: int, top: int) -> ocr.TextLine:
        return ocr.TextLine(text=text, box=(left, top, left + 50, top + 20), confidence=1.0)

    lines = [line("乙", 100, 3), line("丙", 0, 40), line("甲", 0, 8), line("丁", 200, 36)]
    assert "".join(each.text for each in ocr._in_order(lines)) == "甲乙丙丁"


def test_the_version_names_the_package_that_holds_the_models() -> None:
    assert reader_version().startswith("rapidocr 3.")


def test_a_missing_package_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(ModelError, match="pip install rapidocr"):
        load_reader(side=123)  # models of this size are not loaded yet
