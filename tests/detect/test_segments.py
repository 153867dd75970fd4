"""Which product is on offer when."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import catalogue, product, recording, transcript, utterance
from streamlens.detect.mentions import find_mentions
from streamlens.detect.segments import SegmentOptions, find_segments
from streamlens.schema import Mentions, Segment, Utterance

SHOP = catalogue(
    product("QC", "赣南脐橙", link=1, aliases=("脐橙",)),
    product("XG", "古田干香菇", link=2, aliases=("香菇",)),
    product("XGJ", "香菇酱", link=3),
)


def offered(*said: Utterance | str, duration_s: float = 120.0, options: SegmentOptions | None = None) -> list[Segment]:
    script = transcript(*said, pause_s=1.0)
    found = find_segments(recording(duration_s), script, find_mentions(script, SHOP), SHOP, options=options)
    assert found.recording == "r1"
    return list(found.segments)


def products(*said: Utterance | str) -> list[str]:
    return [segment.product for segment in offered(*said)]


HELLO = "家人们晚上好，欢迎来到直播间。"
ORANGES = ("今天第一个给大家上的是一号链接，赣南脐橙。", "皮薄肉厚，一口下去全是汁水。", "这个脐橙五斤装十九块九。")
MUSHROOMS = ("接下来二号链接，古田干香菇。", "泡发之后肉厚厚的，炖鸡汤特别香。", "香菇三十五块钱一包。")
SAUCE = ("第三件是三号链接，用香菇熬的香菇酱。", "拌面拌饭都可以。", "四瓶二十九块九。")


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ((HELLO, *ORANGES), ["QC"]),
        ((HELLO, *ORANGES, *MUSHROOMS), ["QC", "XG"]),
        ((*ORANGES, *MUSHROOMS, *SAUCE), ["QC", "XG", "XGJ"]),
        # back to an earlier one
        ((*ORANGES, *MUSHROOMS, "再来一遍一号链接赣南脐橙，还有五十单。", *ORANGES[1:]), ["QC", "XG", "QC"]),
        # a word in passing ends nothing
        ((*ORANGES, "待会还有香菇，先不急。", *ORANGES[1:]), ["QC"]),
        ((*MUSHROOMS, "刚才的脐橙没抢到的别急。", *MUSHROOMS[1:]), ["XG"]),
        ((*ORANGES, "搭配香菇一起拍也可以。", *ORANGES[1:]), ["QC"]),
        # the product that is made of another is the one on offer
        ((*ORANGES, *SAUCE), ["QC", "XGJ"]),
        # by the link's number alone
        ((*ORANGES, "来，二号链接上车。", "肉厚厚的，很香。"), ["QC", "XG"]),
        # misspelt throughout
        (("今天第一个是一号练接，干难齐成。", "皮薄肉厚。", "下面是二号练基，古田干香骨。"), ["QC", "XG"]),
        # nothing named, nothing said
        ((HELLO, "点点关注不迷路。"), []),
        ((), []),
    ],
)
def test_products_in_order(said: tuple[str, ...], want: list[str]) -> None:
    assert products(*said) == want


def test_times() -> None:
    found = offered(
        utterance("家人们晚上好，点点关注。", 0.0, 5.0),
        utterance("好了，先给大家来第一件，一号链接赣南脐橙。", 6.0, 12.0),
        utterance("皮薄肉厚，这个脐橙很甜。", 13.0, 18.0),
        utterance("好，接下来看二号链接，古田干香菇。", 20.0, 25.0),
        utterance("炖鸡汤特别香，香菇三十五一包。", 26.0, 30.0),
        utterance("明天见。", 50.0, 51.0),
    )
    assert [(segment.product, segment.start_ms, segment.end_ms) for segment in found] == [
        ("QC", 6000, 20000),  # from the words that lead to it ...
        ("XG", 20000, 120_000),  # ... the last one to the end of the recording
    ]
    assert all(0.5 < segment.confidence <= 1 for segment in found)


def test_the_lead_in_is_bounded() -> None:
    said = (
        utterance("我们走了很远的路，见了很多果农，挑了很久，今天是一号链接赣南脐橙。", 0.0, 30.0),
        utterance("脐橙很甜。", 31.0, 33.0),
    )
    (default,) = offered(*said)
    (none,) = offered(*said, options=SegmentOptions(lead_in_ms=0))
    (whole,) = offered(*said, options=SegmentOptions(lead_in_ms=60_000))
    assert whole.start_ms == 0
    assert none.start_ms - 6000 <= default.start_ms < none.start_ms


def test_the_lead_in_takes_no_words_about_the_product_before() -> None:
    first, second = offered(
        utterance("一号链接赣南脐橙，很甜。", 0.0, 5.0),
        utterance("脐橙还有两百单，好，下面是二号链接古田干香菇。", 10.0, 20.0),
        utterance("香菇很香。", 21.0, 23.0),
    )
    assert (first.product, second.product) == ("QC", "XG")
    assert second.start_ms > 11_000  # 脐橙还有两百单 belongs to the oranges


def test_words_that_look_back_or_forward_count_less() -> None:
    said = (*ORANGES, "待会还有古田干香菇，刚才没抢到古田干香菇的先不急。", *ORANGES[1:])
    assert [segment.product for segment in offered(*said)] == ["QC"]
    assert [segment.product for segment in offered(*said, options=SegmentOptions(aside_factor=1.0))] == ["QC", "XG"]


def test_an_announcement_counts_more() -> None:
    said = (*ORANGES, "接下来是香菇。", "肉厚厚的。")
    assert [segment.product for segment in offered(*said)] == ["QC", "XG"]
    assert [segment.product for segment in offered(*said, options=SegmentOptions(announce_weight=0.0))] == ["QC"]


def test_confidence_is_the_share_of_all_ways_to_part_the_clauses() -> None:
    """Two clauses, one product: nothing-nothing, nothing-product or product-product."""
    options = SegmentOptions()
    (segment,) = offered("一号链接。", "皮薄肉厚。", options=options)
    link = options.link_weight * 0.95  # a link called out as written is that sure
    nothing, late, both = (
        math.exp(-1.0),
        math.exp(-1.0 - options.switch_cost / 2),
        math.exp(link - options.switch_cost / 2),
    )
    total = nothing + late + both
    assert segment.confidence == pytest.approx((both / total + (both + late) / total) / 2, abs=0.0006)


def test_a_product_that_is_hardly_surer_is_said_to_be() -> None:
    (sure,) = offered(*ORANGES)
    (unsure,) = offered("这个脐橙。", "皮薄肉厚。")
    assert unsure.confidence < sure.confidence


def test_a_mention_of_a_product_that_is_not_in_the_catalogue_is_passed_over() -> None:
    script = transcript(*ORANGES)
    mentions = find_mentions(script, SHOP)
    empty = find_segments(recording(), script, mentions, catalogue())
    assert empty.segments == ()
    assert find_segments(recording(), script, Mentions(recording="r1"), SHOP).segments == ()


def test_the_last_segment_goes_to_the_last_word_of_a_recording_with_a_wrong_length() -> None:
    (segment,) = offered(*ORANGES, duration_s=1.0)
    assert segment.end_ms > 10_000


LINES = (*ORANGES, *MUSHROOMS, *SAUCE, HELLO, "刚才的脐橙还有。", "谢谢大家。", "，。")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(LINES), max_size=10))
def test_segments_are_half_open_in_order_and_never_overlap(said: list[str]) -> None:
    found = offered(*said, duration_s=200.0)
    for segment in found:
        assert 0 <= segment.start_ms < segment.end_ms
        assert 0 <= segment.confidence <= 1
    for before, after in pairwise(found):
        assert before.end_ms == after.start_ms
        assert before.product != after.product
    if found:
        assert found[-1].end_ms == 200_000
