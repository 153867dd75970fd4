"""Fillers, and the same words where they mean something."""

import pytest

from streamlens.capture.fillers import count_fillers


@pytest.mark.parametrize(
    ("text", "count"),
    [
        # sounds
        ("嗯，这一批是昨天到的。", 1),
        ("嗯嗯嗯，可以的。", 1),
        ("大家看一下呃这边的库存。", 1),
        ("啊，我看看还有没有货。", 1),
        ("这个果子好吃啊，真的好吃啊。", 0),
        ("额，一共是六十八。", 1),
        ("金额是六十八，名额只有三个，额外送一份。", 0),
        # 那个
        ("那个，我们先看二号链接。", 1),
        ("那个那个，小王你过来一下。", 2),
        ("那个那个袋子拿给我。", 1),
        ("然后我们家那个那个包装换了。", 1),
        ("那个袋子是真空的。", 0),
        ("你要的是这个还是那个？", 0),
        ("我喜欢那个，你喜欢这个。", 0),
        ("左边那个，右边那个，都可以拍。", 0),
        ("就是刚才那个。", 0),
        # 然后, 就是
        ("洗干净，然后放锅里蒸。", 0),
        ("然后，今天的福利是什么呢？", 1),
        ("然后呢，嗯，然后我们看一下三号。", 2),
        ("就是，怎么说呢，口感不一样。", 2),
        ("就是这个味道。", 0),
        ("这款米就是说特别软。", 1),
        ("一箱十斤，也就是说一斤三块九。", 0),
        # nothing said
        ("", 0),
        ("。。。", 0),
        ("3号链接48块。", 0),
    ],
)
def test_fillers_are_counted_and_content_is_not(text: str, count: int) -> None:
    assert count_fillers(text) == count


def test_the_lists_can_be_replaced() -> None:
    assert count_fillers("老铁，嗯，老铁们好。", anywhere=["老铁"], apart=[], never=["老铁们"]) == 1
    assert count_fillers("嗯，那个，好。", anywhere=[], apart=[], never=[]) == 0
    assert count_fillers("这么说吧，今天很划算，我这么说吧是有道理的。", anywhere=[], apart=["这么说吧"], never=[]) == 1
