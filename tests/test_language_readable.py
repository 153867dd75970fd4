"""Words as they were heard become words as one writes them."""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import word
from streamlens.language import ends_sentence, readable, spoken
from streamlens.schema import Word


def words(pieces: Sequence[str], pauses_s: dict[int, float] | None = None) -> list[Word]:
    """Pieces of a fifth of a second; `pauses_s` are the pauses after some of them."""
    at, made = 0.0, []
    for index, piece in enumerate(pieces):
        made.append(word(piece, at, at + 0.2, 0.5 + index / 1000))
        at += 0.2 + (pauses_s or {}).get(index, 0.0)
    return made


def written(pieces: Sequence[str], pauses_s: dict[int, float] | None = None) -> str:
    return "".join(each.text for each in readable(words(pieces, pauses_s), comma_ms=250))


@pytest.mark.parametrize(
    ("heard", "want"),
    [
        # numbers that one writes in figures
        ("二十四小时之内发货", "24小时之内发货。"),
        ("五十九块九", "59块9。"),
        ("九块九包邮", "9块9包邮。"),
        ("一百二十八块八", "128块8。"),
        ("五十九块九毛", "59块9毛。"),
        ("十九块九五斤装", "19块9五斤装。"),
        ("二十六块八十对", "26块八十对。"),
        ("四十个五十九块九", "40个59块9。"),
        ("百分之百纯正", "100%纯正。"),
        ("百分之十三点五", "13.5%。"),
        ("一瓶五百克", "一瓶500克。"),
        ("两百五十克", "250克。"),
        ("库存三千五百单", "库存3500单。"),
        ("卖了十万单", "卖了10万单。"),
        ("一万两千单", "12000单。"),
        ("一百二十万亩", "120万亩。"),
        ("二零二六年", "2026年。"),
        ("八十多岁", "80多岁。"),
        ("零下十八度", "零下18度。"),
        # and those that one does not, or that are not exactly one number
        ("三二一上链接", "三二一上链接。"),
        ("一年只取一次", "一年只取一次。"),
        ("三高人群", "三高人群。"),
        ("一点都不甜", "一点都不甜。"),
        ("看一下第一名", "看一下第一名。"),
        ("第二十天", "第二十天。"),
        ("双十一天猫", "双十一天猫。"),
        ("十几块", "十几块。"),
        ("几十斤", "几十斤。"),
        ("十九块九五", "十九块九五。"),
        ("三四十块", "三四十块。"),
        ("百分之二三十", "百分之二三十。"),
        ("一百个放心", "一百个放心。"),
        ("晚上八点五斤装上链接", "晚上八点五斤装上链接。"),
        ("十全十美", "十全十美。"),
        ("三斤六两", "三斤六两。"),
        ("两块钱", "两块钱。"),
        ("一三五一五零八二一九二", "一三五一五零八二一九二。"),
        ("百年老店", "百年老店。"),
        # marks
        ("好的,我们看一下.真的吗?", "好的，我们看一下。真的吗？"),
        ("3.5斤19.9元", "3.5斤19.9元。"),
        ("1,000元", "1,000元。"),
        ("19,20", "19，20。"),
        ("好,,的。，来", "好，的。来。"),
        (",好的,", "好的。"),
        ("好不好", "好不好？"),
        ("多少钱", "多少钱？"),
        ("糖度多少", "糖度多少。"),
        ("！真甜！", "真甜！"),
        # characters and spaces
        ("這個產品蒸著吃", "这个产品蒸着吃。"),
        (" 大家 好 30 斤 apple pie 5 6", "大家，好30斤apple pie 5 6。"),
        ("，。", ""),
        (" ", ""),
    ],
)
def test_readable(heard: str, want: str) -> None:
    assert written(heard) == want


def test_pauses_become_commas() -> None:
    assert written("皮薄肉厚一口全是汁", {3: 0.3}) == "皮薄肉厚，一口全是汁。"
    assert written("皮薄肉厚一口全是汁", {3: 0.2}) == "皮薄肉厚一口全是汁。"
    assert written(["好", "的。", "来"], {1: 0.5}) == "好的。来。"
    assert written(["好的", "，来"], {0: 0.5}) == "好的，来。"


def test_words_keep_their_times_and_one_figure_is_one_word() -> None:
    found = readable(words(["只要", "五十", "九", "块", "九", "。"]), comma_ms=200)
    assert [(each.text, each.start_ms, each.end_ms) for each in found] == [
        ("只要", 0, 200), ("59", 200, 600), ("块", 600, 800), ("9", 800, 1000), ("。", 1000, 1200),
    ]  # fmt: skip
    assert found[1].probability == 0.501  # of the less sure of its two words


def test_a_figure_within_a_word() -> None:
    found = readable(words(["我们二", "十四小时"]), comma_ms=200)
    assert [each.text for each in found] == ["我们24小时。"]


def aloud(text: str) -> str:
    return re.sub(r"[,.]", "", spoken(text)[0]).replace("两", "二").replace("百分之一百", "百分之百")


@given(
    st.lists(st.text("一二三四五六七八九十百千万两零点块元斤个百分之，。？ ,.?!aB19好的吗", max_size=4), max_size=12)
)
def test_what_is_said_stays_what_is_said(pieces: list[str]) -> None:
    """Read aloud, the readable text is what was heard; times stay in order; a second pass changes nothing."""
    before = words([piece for piece in pieces if piece])
    after = readable(before, comma_ms=200)
    text = "".join(each.text for each in after)
    assert all(each.text for each in after)
    assert all(one.start_ms <= one.end_ms <= other.start_ms for one, other in pairwise(after))
    if after:
        assert ends_sentence(after[-1].text)
        assert "".join(each.text for each in readable(after, comma_ms=200)) == text
        assert aloud(text) == aloud("".join(pieces))


@pytest.mark.parametrize(
    "heard",
    ["二十四小时", "五十九块九", "百分之十三点五", "一百二十八块", "两百五十克", "三千五百单", "十万单", "三四十块"],
)
def test_figures_are_read_aloud_as_they_were_heard(heard: str) -> None:
    assert spoken(written(heard))[0].rstrip(".") == spoken(heard)[0]


@pytest.mark.parametrize(
    ("text", "ends"), [("好。", True), ("吗?", True), ("好. ", True), ("好，", False), ("好", False), ("", False)]
)
def test_ends_sentence(text: str, ends: bool) -> None:
    assert ends_sentence(text) is ends
