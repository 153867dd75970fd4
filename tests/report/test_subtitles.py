"""Lines that can be read: short, cut at punctuation, in order, with the product's name where its time begins."""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import pysubs2
import pytest

from streamlens.report.bundle import Bundle
from streamlens.report.subtitles import Cue, cues, srt, vtt
from streamlens.schema import Segments, Utterance, Word

Stream = Callable[[str], Bundle]
Golden = Callable[[str, bytes], None]


def said(bundle: Bundle, *utterances: Utterance) -> Bundle:
    transcript = msgspec.structs.replace(bundle.transcript, utterances=utterances)
    return msgspec.structs.replace(bundle, transcript=transcript, segments=Segments(recording="x"))


def spoken(text: str, start: int = 0, each: int = 200) -> Utterance:
    words = tuple(
        Word(start_ms=start + i * each, end_ms=start + (i + 1) * each, text=c, probability=1)
        for i, c in enumerate(text)
    )
    return Utterance(id=str(start), start_ms=start, end_ms=start + each * len(text), text=text, words=words)


def lines(bundle: Bundle, text: str) -> list[str]:
    return [cue.text for cue in cues(said(bundle, spoken(text)))]


def test_goldens(stream: Stream, golden: Golden) -> None:
    golden("subtitles.srt", srt(stream("d2-hens")))
    golden("subtitles.vtt", vtt(stream("d2-hens")))


@pytest.mark.parametrize("name", ["d1-orchard", "d2-hens", "d3-dried"])
def test_lines_are_short_in_order_and_lose_nothing(stream: Stream, name: str) -> None:
    bundle = stream(name)
    shown = cues(bundle)
    assert "".join(cue.text for cue in shown) == "".join(u.text for u in bundle.transcript.utterances)
    assert max(len(cue.text) for cue in shown) <= 22
    assert all(cue.start_ms < cue.end_ms for cue in shown)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(shown))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("好的，这个米很香。", ["好的，这个米很香。"]),
        ("好的。这个米很香。", ["好的。这个米很香。"]),  # two words get no line of their own
        ("今天先到这里了。我们明天见。", ["今天先到这里了。", "我们明天见。"]),
        (
            "我们家的橙子都是今天早上刚刚摘下来的，现在就发货。",
            ["我们家的橙子都是今天早上刚刚摘下来的，", "现在就发货。"],
        ),
        ("每斤只要1,000元，晚上19:30见。", ["每斤只要1,000元，晚上19:30见。"]),
        ("啊" * 30, ["啊" * 15, "啊" * 15]),  # no punctuation: equal parts
    ],
)
def test_cutting(stream: Stream, text: str, expected: list[str]) -> None:
    assert lines(stream("d1-orchard"), text) == expected


def test_figures_are_not_cut(stream: Stream) -> None:
    text = "我们家这一款的净含量在标签上面写的是1,250克一点都不会少给你们的放心。"
    assert any("1,250" in line for line in lines(stream("d1-orchard"), text))


def test_times_come_from_the_words_and_short_lines_linger(stream: Stream) -> None:
    bundle = said(stream("d1-orchard"), spoken("来了。", start=1000, each=100), spoken("买它。", start=5000))
    assert cues(bundle) == (Cue(1000, 1900, "来了。"), Cue(5000, 5900, "买它。"))


def test_an_utterance_without_words_is_timed_evenly(stream: Stream) -> None:
    plain = Utterance(id="u", start_ms=0, end_ms=8000, text="这是一句读进来的字幕，OK了没有。" * 2, words=())
    shown = cues(said(stream("d1-orchard"), plain))
    assert [(cue.start_ms, cue.text) for cue in shown] == [
        (0, "这是一句读进来的字幕，OK了没有。"),
        (4000, "这是一句读进来的字幕，OK了没有。"),
    ]


def test_utterances_at_the_same_time_still_have_a_length(stream: Stream) -> None:
    both = cues(said(stream("d1-orchard"), spoken("好。", start=1000), spoken("行。", start=1000)))
    assert [cue.start_ms for cue in both] == [1000, 1000]
    assert all(cue.end_ms > cue.start_ms for cue in both)


def test_chapters_stand_at_the_first_line_of_each_segment(stream: Stream) -> None:
    titled = [cue.title for cue in cues(stream("d2-hens")) if cue.title]
    assert titled == ["散养土鸡蛋", "富硒土豆", "小黄姜", "散养土鸡蛋"]
    notes = [line for line in vtt(stream("d2-hens")).decode().splitlines() if line.startswith("NOTE")]
    assert notes[0] == "NOTE chapter 00:00:07.750 00:00:41.300 散养土鸡蛋"
    assert len(notes) == 4


def test_players_read_back_what_was_said(stream: Stream) -> None:
    hostile = r"<b>{\an8}--> {\b1}x\Ny & z"
    bundle = said(stream("d1-orchard"), spoken(hostile, each=50))
    for form, data in (("srt", srt(bundle)), ("vtt", vtt(bundle))):
        events = pysubs2.SSAFile.from_string(data.decode(), format_=form).events
        shown = "".join(event.plaintext for event in events).replace(" ", "").replace("&amp;", "&")
        assert shown == "＜b＞｛＼an8｝--＞｛＼b1｝x＼Ny&z"


def test_nothing_said(stream: Stream) -> None:
    assert srt(said(stream("d1-orchard"))) == b""
    assert vtt(said(stream("d1-orchard"))) == b"WEBVTT\n"
