"""One line over many pictures, and whose lines they are."""

import pytest

from streamlens.capture.tracks import Tracker
from streamlens.schema import ScreenText, TextLine

BANNER = (30, 130, 400, 180)


def line(text: str, box: tuple[int, int, int, int] = BANNER, confidence: float = 0.99) -> TextLine:
    return TextLine(text=text, box=box, confidence=confidence)


def follow(*pictures: list[TextLine], step_ms: int = 2000, end_ms: int | None = None) -> list[ScreenText]:
    """The texts of pictures `step_ms` apart."""
    tracker = Tracker(gap_ms=8000, stays_ms=1500)
    for number, lines in enumerate(pictures):
        tracker.add(lines, number * step_ms)
    return tracker.finish(len(pictures) * step_ms if end_ms is None else end_ms)


def spans(texts: list[ScreenText]) -> list[tuple[str, int, int, str]]:
    return [(text.text, text.start_ms, text.end_ms, text.sort) for text in texts]


def test_what_stays_is_one_text_from_its_first_picture_to_that_in_which_it_is_gone() -> None:
    banner = [line("现摘现发")]
    assert spans(follow([], banner, banner, banner, [])) == [("现摘现发", 2000, 8000, "standing")]


def test_what_is_there_at_the_end_ends_with_the_film() -> None:
    assert spans(follow([line("现摘现发")], [line("现摘现发")], end_ms=4700)) == [("现摘现发", 0, 4700, "standing")]


def test_what_is_seen_once_passes() -> None:
    assert spans(follow([], [line("现摘现发")], [])) == [("现摘现发", 2000, 4000, "passing")]


def test_a_line_hidden_for_a_moment_is_the_same_line_and_after_a_while_another() -> None:
    banner = [line("现摘现发")]
    assert spans(follow(banner, banner, [], [], banner)) == [("现摘现发", 0, 10_000, "standing")]
    gone = follow(banner, banner, [], [], [], [], [], banner, banner)
    assert spans(gone) == [("现摘现发", 0, 4000, "standing"), ("现摘现发", 14_000, 18_000, "standing")]


def test_the_reading_that_is_often_and_surely_made_wins() -> None:
    readings = [("恩施富硒", 0.93), ("恩施富晒", 0.94), ("恩施富硒", 0.92), ("恩施富晶", 0.6), ("恩施富硒", 0.9)]
    (text,) = follow(*([line(text, confidence=sure)] for text, sure in readings))
    assert (text.text, text.confidence, text.seen) == ("恩施富硒", 0.93, 5)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("恩施富硒", 0.9), ("恩施富晒", 0.8), True),  # a misreading
        (("补血养颜", 0.99), ("补气养颜", 0.99), False),  # two banners, both read for certain
        (("原价59.9", 0.9), ("原价29.9", 0.9), False),  # figures that differ are never a misreading
        (("现摘现发", 0.9), ("坏果包赔", 0.9), False),
    ],
)
def test_nearly_the_same_text_in_the_same_place(one: tuple[str, float], other: tuple[str, float], same: bool) -> None:
    texts = follow([line(one[0], confidence=one[1])], [line(other[0], confidence=other[1])])
    assert (len(texts) == 1) == same


def test_the_same_text_in_two_places_is_two_texts() -> None:
    both = [line("现摘现发"), line("现摘现发", (30, 700, 400, 750))]
    assert [text.box[1] for text in follow(both, both)] == [130, 700]


def chat(now: int, *, pause: int = 1, left: int = 30) -> list[TextLine]:
    """A list of comments in which a line is added below every `pause` pictures, and four are in view."""
    newest = now // pause
    said = [
        f"{'甲乙丙丁戊己庚辛壬癸'[n % 10]}问{'能治病吗有机吗甜不甜多少钱'[n % 12]}第{'一二三四五六七八九'[n % 9]}次"
        for n in range(newest + 1)
    ]
    return [line(text, (left, 800 - 30 * back, left + 300, 824 - 30 * back)) for back, text in enumerate(said[:-5:-1])]


@pytest.mark.parametrize("pause", [1, 2, 4])
def test_a_list_that_moves_up_is_of_comments_and_what_stands_beside_or_over_it_is_not(pause: int) -> None:
    banner = line("现摘现发")
    within = line("四十八小时发货", (32, 770, 330, 795))  # stands where comments pass, and stays
    pictures = [[banner, within, *(each for each in chat(now, pause=pause) if each.box[1] != 770)] for now in range(24)]
    texts = follow(*pictures)
    standing = {text.text for text in texts if text.sort == "standing"}
    assert standing == {"现摘现发", "四十八小时发货"}
    comments = {text.text for text in texts if text.sort == "comment"}
    assert len(comments) >= 24 // pause - 1


def test_comments_that_fly_across_stay_nowhere() -> None:
    pictures = [[line("能治病吗", (900 - 150 * now, 60, 1000 - 150 * now, 90))] for now in range(6)]
    assert {text.sort for text in follow(*pictures)} == {"passing"}
