"""A transcript as one spoken string: times, places and sentences of its characters."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import transcript, utterance, word
from streamlens.detect.spoken import Spoken, speak


def heard(text: Spoken, part: str) -> str:
    at = text.text.index(part)
    return text.heard(at, at + len(part))


def sentence_of(text: Spoken, part: str) -> str:
    at = text.text.index(part)
    first, last = text.sentence(at, at + len(part))
    return text.text[first:last]


# ---- borders


@pytest.mark.parametrize(
    ("first", "pause_s", "second", "want"),
    [
        ("皮薄", 0.3, "肉厚", "皮薄,肉厚"),
        ("皮薄", 0.699, "肉厚", "皮薄,肉厚"),
        ("皮薄", 0.7, "肉厚", "皮薄.肉厚"),  # a silence ends a sentence, whatever the punctuation says
        ("皮薄，", 0.3, "肉厚", "皮薄,肉厚"),
        ("皮薄。", 0.3, "肉厚", "皮薄.肉厚"),
        ("皮薄，", 0.9, "肉厚", "皮薄.肉厚"),
        ("……", 0.9, "肉厚", "肉厚"),
        ("", 0.9, "，肉厚", "肉厚"),
    ],
)
def test_border_of_utterances(first: str, pause_s: float, second: str, want: str) -> None:
    text = speak(transcript(utterance(first, 0.0, 1.0), utterance(second, 1.0 + pause_s, 3.0)))
    assert text.text == want
    assert text.ends == tuple(index for index, char in enumerate(want) if char == ".")


@pytest.mark.parametrize(
    ("raw", "second", "want", "bare"),
    [
        ("皮薄", "肉厚", "皮薄,肉厚", (2,)),  # 皮薄。 is for readers: the recogniser wrote no mark
        ("皮薄。", "肉厚", "皮薄.肉厚", ()),
        ("皮薄,", "肉厚", "皮薄,肉厚", ()),
        ("", "肉厚", "皮薄.肉厚", ()),  # not known
    ],
)
def test_a_full_stop_that_the_recogniser_did_not_write(raw: str, second: str, want: str, bare: tuple[int, ...]) -> None:
    first = msgspec.structs.replace(utterance("皮薄。", 0.0, 1.0), raw=raw)
    text = speak(transcript(first, utterance(second, 1.3, 2.0)))
    assert (text.text, text.bare) == (want, bare)
    text = speak(transcript(first, utterance(second, 2.0, 3.0)))
    assert text.text == "皮薄.肉厚"


def test_utterances_without_words_do_not_part_their_neighbours_twice() -> None:
    assert speak(transcript("皮薄", "，。", "", "肉厚")).text == "皮薄.肉厚"


def test_nothing_said() -> None:
    assert speak(transcript()).text == ""
    assert speak(transcript("，。")).text == ""


# ---- times


def test_characters_share_the_time_of_their_word() -> None:
    said = utterance("今早摘的", 1.0, 3.0, words=[word("今早", 1.0, 1.4, 0.5), word("摘的", 2.0, 3.0, 0.8)])
    text = speak(transcript(said))
    assert text.start_ms == (1000, 1200, 2000, 2500)
    assert text.end_ms == (1200, 1400, 2500, 3000)
    assert text.probability == (0.5, 0.5, 0.8, 0.8)


@pytest.mark.parametrize("words", [[], [word("今早", 1.0, 1.4, 0.5)]])
def test_words_that_do_not_make_up_the_text_leave_it_spread_evenly(words: list) -> None:
    text = speak(transcript(utterance("今早摘的", 1.0, 3.0, words=words)))
    assert text.start_ms == (1000, 1500, 2000, 2500)
    assert text.probability[0] == (0.5 if words else 1.0)


def test_times_of_a_number_are_those_of_its_digits() -> None:
    text = speak(transcript(utterance("发24小时", 0.0, 5.0)))
    assert text.text == "发二十四小时"
    assert text.times(1, 4) == (1000, 3000)
    assert text.start_ms[1:4] == (1000, 2000, 2000)  # the 十 has no digit of its own, and no time
    assert text.times(2, 3) == (2000, 2001)


def test_index_finds_the_character_spoken_at_a_time() -> None:
    text = speak(transcript(utterance("今早摘的", 1.0, 3.0)))
    assert [text.index(ms) for ms in (0, 1000, 1001, 2500, 9000)] == [0, 0, 1, 3, 4]


# ---- the readable words behind


@pytest.mark.parametrize(
    ("said", "part", "want"),
    [
        ("净重250克。", "二百五十克", "250克"),
        ("卖了10000", "卖了一万", "卖了10000"),  # fewer characters spoken than written
        ("卖了10000单", "一万", "10000"),
        ("卖了10000，真的", "一万", "10000"),
        ("原价128元", "一百二十八", "128"),
        ("百分百？100%！", "百分之百", "100%"),
        ("糖度12.5，甜", "十二点五", "12.5"),
        ("到12。5月", "十二", "12"),
        ("28天", "二十", "2"),
        ("這個產品", "产品", "產品"),
        ("“零添加”的", "零添加", "零添加"),
    ],
)
def test_heard(said: str, part: str, want: str) -> None:
    assert heard(speak(transcript(said)), part) == want


def test_heard_across_borders() -> None:
    text = speak(transcript("我们今天", "早上", "刚摘的。"))
    assert text.heard(text.text.index("今"), text.text.index("摘") + 1) == "今天早上刚摘"


# ---- sentences


@pytest.mark.parametrize(
    ("part", "want"),
    [
        ("皮薄", "皮薄,肉厚"),
        ("肉厚", "皮薄,肉厚"),
        ("甜", "甜的,很"),
        ("肉厚.甜", "皮薄,肉厚.甜的,很"),
        ("好吃", "好吃"),
    ],
)
def test_sentence(part: str, want: str) -> None:
    assert sentence_of(speak(transcript("皮薄，肉厚。甜的", "很！好吃")), part) == want


def test_sentence_runs_on_over_a_border_without_a_pause() -> None:
    assert sentence_of(speak(transcript("有宝宝问", "能不能降血压")), "降血压") == "有宝宝问,能不能降血压"
    assert sentence_of(speak(transcript("有宝宝问", "能不能降血压", pause_s=1.0)), "降血压") == "能不能降血压"


@given(st.lists(st.text(alphabet="的一1０，。 %零", max_size=8), max_size=4))
def test_columns_run_parallel_and_time_never_goes_back(texts: list[str]) -> None:
    text = speak(transcript(*texts))
    columns = (text.utterance, text.offset, text.start_ms, text.end_ms, text.probability)
    assert {len(column) for column in columns} == {len(text.text)}
    assert list(text.start_ms) == sorted(text.start_ms)
    assert all(start <= end for start, end in zip(text.start_ms, text.end_ms, strict=True))
    assert not {",,", ",.", ".,", ".."} & {text.text[index : index + 2] for index in range(len(text.text))}
    for start in range(len(text.text)):
        first, last = text.sentence(start, start + 1)
        assert first <= start <= last
        assert "." not in text.text[first:last] or text.text[start] == "."
