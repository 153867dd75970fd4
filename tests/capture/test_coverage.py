"""Which speech has text that can be trusted, and how what has none is heard again."""

from collections.abc import Sequence

import numpy as np
import pytest

from make import word
from streamlens.capture.audio import RATE, Piece, Window
from streamlens.capture.coverage import coverage, gaps, guard, settle, syllables, uncovered_ms, untrusted
from streamlens.capture.engine import Phrase
from streamlens.schema import Stretch, Word


def spoken(text: str, start_s: float, end_s: float, probability: float = 0.9) -> list[Word]:
    """The characters of a text, evenly spaced."""
    step = (end_s - start_s) / len(text)
    return [word(char, start_s + i * step, start_s + (i + 1) * step, probability) for i, char in enumerate(text)]


def text_of(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)


@pytest.mark.parametrize(("text", "count"), [("你好", 2), ("19.9元", 4), (" apple", 3), ("，", 0), ("A级", 2)])
def test_syllables(text: str, count: int) -> None:
    assert syllables(text) == count


@pytest.mark.parametrize(
    ("words", "speech", "want"),
    [
        (spoken("今天现摘的果子", 0, 2), [(0, 2000)], []),
        ([], [(500, 2000)], [(500, 2000)]),
        ([], [], []),
        (spoken("好", 0, 0.2), [(0, 3000)], [(200, 3000)]),  # after the last word
        (spoken("好", 2.8, 3), [(0, 3000)], [(0, 2800)]),  # before the first
        (
            [word("加", 0, 0.3), word("大", 0.3, 4.6), word("对", 4.6, 5)],
            [(0, 5000)],
            [(1000, 4600)],
        ),  # passed over in a word
        (spoken("好的", 0, 0.4) + spoken("来", 5, 5.2), [(0, 400), (5000, 5200)], []),  # a pause is no gap
        (spoken("好的", 0, 0.4) + spoken("来", 5, 5.2), [(0, 400), (2000, 3000), (5000, 5200)], [(2000, 3000)]),
        (spoken("好的", 0, 0.4) + spoken("来", 0.7, 0.9), [(0, 900)], []),  # a little is no gap
    ],
)
def test_gaps(words: list[Word], speech: list[tuple[int, int]], want: list[tuple[int, int]]) -> None:
    assert list(gaps(words, speech)) == want


def test_coverage_is_the_share_of_speech_with_words() -> None:
    words = spoken("今天现摘", 0, 1)
    assert coverage(words, [(0, 1000)]) == 1.0
    assert coverage(words, [(0, 1000), (5000, 8000)]) == 0.25
    assert coverage(words, [(0, 4000)]) == 0.25  # inside a stretch of speech as well
    assert coverage([], [(0, 4000)]) == 0.0
    assert coverage([], []) == 1.0
    assert uncovered_ms(words, [(0, 1000), (5000, 8000)]) == 3000


@pytest.mark.parametrize(
    ("text", "struck", "reason"),
    [
        ("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "credits"),
        ("請不吝點贊訂閱轉發打賞支持明鏡與點點欄目", "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目", "credits"),
        ("一号链接字幕志愿者 李宗盛", "字幕志愿者 李宗盛", "credits"),
        ("字幕由Amara.org社区提供", "字幕由Amara.org社区提供", "credits"),
        ("优优独播剧场——YoYo Television Series Exclusive", "优优独播剧场——YoYo Television Series Exclusive", "credits"),
        ("谢谢谢谢谢谢谢谢谢谢谢谢", "谢谢谢谢谢谢谢谢谢谢谢谢", "loop"),
        (
            "我们的果子我们的果子我们的果子我们的果子我们的果子",
            "我们的果子我们的果子我们的果子我们的果子我们的果子",
            "loop",
        ),
        ("买它买它买它", "", ""),  # anchors repeat themselves
        ("来来来来来", "", ""),
        ("双击屏幕点点关注点赞", "", ""),
        ("感谢大家的支持我们明天见", "", ""),
        ("给大家看一下屏幕字幕", "", ""),
    ],
)
def test_what_was_hardly_said(text: str, struck: str, reason: str) -> None:
    words = spoken(text, 0, len(text) / 4)
    found = untrusted(words)
    assert [text_of(words[first:last]) for first, last, _ in found] == ([struck] if struck else [])
    assert [why for _, _, why in found] == ([reason] if reason else [])


def test_a_farewell_is_made_up_only_if_the_recogniser_doubts_it() -> None:
    assert untrusted(spoken("谢谢观看", 0, 1, 0.9)) == ()
    assert untrusted(spoken("谢谢观看", 0, 1, 0.3)) == ((0, 4, "credits"),)
    assert untrusted(spoken("今天就到这里谢谢观看", 0, 3, 0.3)) == ()
    assert untrusted(spoken("今天就到这里", 0, 2, 0.9) + spoken("谢谢观看", 3, 4, 0.3)) == ((6, 10, "credits"),)


def test_nobody_speaks_that_fast() -> None:
    slow = spoken("今天给大家带来的是赣南脐橙", 0, 2.5)
    fast = spoken("今天给大家带来的是赣南脐橙", 2.5, 3.2)
    assert untrusted(slow) == ()
    (run,) = untrusted(slow + fast)
    assert run[2] == "too_fast" and run[1] == len(slow + fast) and abs(run[0] - len(slow)) <= 3


# ---- word times


@pytest.mark.parametrize(
    ("words", "speech", "want"),
    [
        # a word begins in the pause before it, where the one before ended
        ([word("好", 0.5, 1.0), word("我", 1.0, 2.3)], [(500, 1050), (2000, 3000)], [(500, 1000), (2000, 2300)]),
        # it even ends before what it belongs to
        (
            [word("肥", 0.5, 1.0), word("我", 1.0, 1.8), word("敢", 1.8, 2.2)],
            [(500, 1000), (2000, 3000)],
            [(500, 1000), (2000, 2060), (2060, 2200)],
        ),
        # the last of a sentence, drawn out a little
        ([word("了", 0.5, 1.2)], [(500, 1000), (3000, 4000)], [(500, 1000)]),
        # in the middle of speech nothing changes
        ([word("今", 0.6, 0.8), word("天", 0.8, 1.0)], [(500, 1200)], [(600, 800), (800, 1000)]),
        # a sentence that was passed over: the word that swallowed it is at its end
        ([word("大", 0.5, 9.0)], [(500, 1000), (3000, 5000), (8000, 10_000)], [(8300, 9000)]),
        # the voice detector did not hear it: left as it is
        ([word("嗯", 5.0, 5.3)], [(500, 1000)], [(5000, 5300)]),
    ],
)
def test_settle(words: list[Word], speech: list[tuple[int, int]], want: list[tuple[int, int]]) -> None:
    assert [(each.start_ms, each.end_ms) for each in settle(words, speech)] == want


def test_settled_words_keep_their_order() -> None:
    words = [
        word(char, start, end)
        for char, start, end in [("一", 0.0, 3.0), ("二", 1.0, 3.1), ("三", 3.0, 3.0), ("四", 2.0, 2.5)]
    ]
    settled = settle(words, [(0, 500), (2500, 4000)])
    assert all(each.start_ms <= each.end_ms for each in settled)
    assert [each.start_ms for each in settled] == sorted(each.start_ms for each in settled)


# ---- the guard


def window(*speech: tuple[int, int]) -> Window:
    """A window that is the recording itself, from 0 to the end of its speech."""
    size = speech[-1][1] * RATE // 1000
    return Window(np.zeros(size, np.float32), (Piece(0, 0, size),), tuple(speech))


def phrase(words: Sequence[Word], *, likelihood: float = -0.3, silence: float = 0.1) -> Phrase:
    return Phrase(words=tuple(words), likelihood=likelihood, silence=silence)


class Ear:
    """Hears, in each part it is asked to listen to, what its script has for the time at which the part's speech begins."""

    def __init__(self, script: dict[int, list[Word]]) -> None:
        self.script = script
        self.asked: list[tuple[tuple[int, int], ...]] = []

    def __call__(self, part: Window) -> list[Phrase]:
        self.asked.append(part.speech)
        start_ms = part.pieces[0].start * 1000 // RATE
        return [
            phrase([word(w.text, (w.start_ms - start_ms) / 1000, (w.end_ms - start_ms) / 1000) for w in words])
            for words in [self.script.get(part.speech[0][0])]
            if words
        ]


SPEECH = ((0, 2000), (3000, 5000), (6000, 8000))
FIRST, SECOND, THIRD = spoken("今天现摘的橙子", 0, 2), spoken("四十个五十九块", 3, 5), spoken("坏了包赔放心", 6, 8)


def test_nothing_is_heard_again_that_is_all_there() -> None:
    ear = Ear({})
    heard = guard(window(*SPEECH), [phrase(FIRST + SECOND), phrase(THIRD)], ear)
    assert text_of(heard.words) == text_of(FIRST + SECOND + THIRD)
    assert (heard.speech, heard.not_heard, ear.asked) == (SPEECH, (), [])


@pytest.mark.parametrize(
    ("written", "lost"),
    [(FIRST + THIRD, SECOND), (SECOND + THIRD, FIRST), (FIRST + SECOND, THIRD)],
    ids=["middle", "start", "end"],
)
def test_a_lost_sentence_is_heard_again_and_only_it(written: list[Word], lost: list[Word]) -> None:
    ear = Ear({lost[0].start_ms: lost})
    heard = guard(window(*SPEECH), [phrase(written)], ear)
    assert text_of(heard.words) == text_of(FIRST + SECOND + THIRD) and heard.not_heard == ()
    assert ear.asked == [((lost[0].start_ms, lost[-1].end_ms),)]
    assert [w.start_ms for w in heard.words] == sorted(w.start_ms for w in heard.words)


def test_a_window_that_broke_off_is_heard_again_in_ever_narrower_cuts() -> None:
    ear = Ear({3000: [], 6000: THIRD})
    heard = guard(window(*SPEECH), [phrase(FIRST)], ear)
    assert text_of(heard.words) == text_of(FIRST + THIRD)
    assert ear.asked == [((3000, 5000), (6000, 8000)), ((3000, 5000),), ((6000, 8000),)]
    assert heard.not_heard == (Stretch(start_ms=3000, end_ms=5000, reason="no_text"),)


def test_what_stays_without_text_is_listed_and_the_effort_ends() -> None:
    ear = Ear({})
    heard = guard(window(*[(n * 2000, n * 2000 + 1500) for n in range(12)]), [], ear)
    assert heard.words == () and len(ear.asked) <= 15
    assert [s.reason for s in heard.not_heard] == ["no_text"] and heard.not_heard[0].end_ms == 23_500


def test_the_better_of_two_hearings_is_kept() -> None:
    worse = Ear({3000: spoken("四", 3, 3.2)})
    heard = guard(window(*SPEECH), [phrase(FIRST + spoken("四十个", 3, 3.8) + THIRD)], worse)
    assert text_of(heard.words) == text_of(FIRST) + "四十个" + text_of(THIRD)
    assert heard.not_heard == (Stretch(start_ms=3800, end_ms=5000, reason="no_text"),)


def test_credits_are_struck_out_and_what_they_stood_for_is_heard_again() -> None:
    made_up = spoken("打赏支持明镜与点点栏目", 3, 5)
    heard = guard(window(*SPEECH), [phrase(FIRST + made_up + THIRD)], Ear({3000: SECOND}))
    assert text_of(heard.words) == text_of(FIRST + SECOND + THIRD) and heard.not_heard == ()
    heard = guard(window(*SPEECH), [phrase(FIRST + made_up + THIRD)], Ear({3000: made_up}))
    assert text_of(heard.words) == text_of(FIRST + THIRD)
    assert heard.not_heard == (Stretch(start_ms=3000, end_ms=5000, reason="credits"),)


def test_a_loop_that_a_narrower_cut_confirms_was_said() -> None:
    loop = spoken("买它买它买它买它买它", 3, 5)
    heard = guard(window(*SPEECH), [phrase(FIRST + loop + THIRD)], Ear({3000: loop}))
    assert text_of(heard.words) == text_of(FIRST + loop + THIRD) and heard.not_heard == ()
    heard = guard(window(*SPEECH), [phrase(FIRST + loop + THIRD)], Ear({3000: SECOND}))
    assert text_of(heard.words) == text_of(FIRST + SECOND + THIRD)
    heard = guard(window(*SPEECH), [phrase(FIRST + loop + THIRD)], Ear({}))
    assert heard.not_heard == (Stretch(start_ms=3000, end_ms=5000, reason="loop"),)


def test_what_is_likelier_silence_than_text_is_no_text() -> None:
    noise = phrase(spoken("谢谢大家我们", 3, 5), likelihood=-1.4, silence=0.8)
    heard = guard(window((3000, 5000)), [noise], Ear({}))
    assert heard.words == () and heard.not_heard == (Stretch(start_ms=3000, end_ms=5000, reason="no_text"),)
    heard = guard(window((3000, 5000)), [phrase(spoken("谢谢大家我们", 3, 5), likelihood=-0.4, silence=0.8)], Ear({}))
    assert text_of(heard.words) == "谢谢大家我们"  # the text is sure enough
