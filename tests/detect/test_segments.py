"""Which product is on offer when."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import catalogue, product, recording, transcript, utterance
from streamlens.detect.mentions import find_mentions
from streamlens.detect.segments import SegmentOptions, find_segments
from streamlens.schema import Catalogue, Mentions, Product, Screen, ScreenText, Segment, Utterance

SHOP = catalogue(
    product("QC", "赣南脐橙", link=1, aliases=("脐橙",)),
    product("XG", "古田干香菇", link=2, aliases=("香菇",)),
    product("XGJ", "香菇酱", link=3),
)


def goods(
    sku: str, name: str, fen: int, grams: int, unit: str, origin: str, *, link: int, aliases: tuple[str, ...]
) -> Product:
    return msgspec.structs.replace(
        product(sku, name, link=link, aliases=aliases), price_fen=fen, net_weight_g=grams, unit=unit, origin=origin
    )


def offered(
    *said: Utterance | str,
    duration_s: float | None = None,
    options: SegmentOptions | None = None,
    shop: Catalogue = SHOP,
    screen: Screen | None = None,
) -> list[Segment]:
    script = transcript(*said, pause_s=1.0)
    if duration_s is None:
        duration_s = script.utterances[-1].end_ms / 1000 + 2 if said else 60.0
    found = find_segments(recording(duration_s), script, find_mentions(script, shop), shop, screen, options=options)
    assert found.recording == "r1"
    return list(found.segments)


def products(*said: Utterance | str, shop: Catalogue = SHOP) -> list[str]:
    return [segment.product for segment in offered(*said, shop=shop)]


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
        utterance("明天见。", 40.0, 41.0),
        duration_s=60.0,
    )
    assert [(segment.product, segment.start_ms, segment.end_ms) for segment in found] == [
        ("QC", 6000, 20000),  # from the words that lead to it ...
        ("XG", 20000, 60_000),  # ... the last one to the end of the recording
    ]
    assert all(0.5 < segment.confidence <= 1 for segment in found)


CHAT = (
    "给大家发个福袋，倒计时三分钟。",
    "点点关注，点点赞，谢谢大家。",
    "哪里的朋友多，广东的扣一，江浙沪的扣二。",
    "哈哈，北方的朋友那边下雪了吧。",
    "有人问我昨天怎么没播，昨天去医院了，陪我妈。",
    "谢谢关心，没什么大事，年纪大了。",
    "主播喝口水，讲了两个小时了，嗓子都哑了。",
    "送了小心心的几位谢谢你们，我都看到了。",
    "那边的小姐姐在打包，今天真的太忙了。",
    "新进来的朋友，欢迎欢迎，点个关注加个灯牌。",
)


def test_short_chatter_belongs_to_the_offer_before_it() -> None:
    assert products(*ORANGES, *CHAT[:2], *MUSHROOMS) == ["QC", "XG"]
    first, second = offered(*ORANGES, *CHAT[:2], *MUSHROOMS)
    assert first.end_ms == second.start_ms


def test_long_chatter_belongs_to_no_product() -> None:
    script = transcript(*ORANGES, *CHAT, *MUSHROOMS, pause_s=1.0)
    chat_from, chat_to = script.utterances[3].start_ms, script.utterances[13].start_ms
    assert chat_to - chat_from > 45_000
    first, second = offered(*ORANGES, *CHAT, *MUSHROOMS)
    assert abs(first.end_ms - chat_from) <= 2000
    assert abs(second.start_ms - chat_to) <= 2000
    first, second = offered(*ORANGES, *CHAT, *MUSHROOMS, options=SegmentOptions(none_ms=300_000))
    assert first.end_ms == second.start_ms


def test_after_long_chatter_the_same_product_may_go_on() -> None:
    found = offered(*ORANGES, *CHAT, "好，接着讲这个脐橙，一号链接。", *ORANGES[1:])
    assert [segment.product for segment in found] == ["QC", "QC"]
    assert found[0].end_ms < found[1].start_ms


def test_a_long_silence_at_the_end_belongs_to_no_product() -> None:
    (segment,) = offered(*ORANGES, duration_s=300.0)
    assert segment.end_ms < 30_000


def test_the_lead_in_is_bounded() -> None:
    said = (
        utterance("我们走了很远的路，见了很多果农，挑了很久，今天给大家上一号链接赣南脐橙。", 0.0, 30.0),
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


@pytest.mark.parametrize(
    "aside",
    [
        "待会还有古田干香菇，先不急。",
        "香菇我们等一下会讲。",
        "刚才没抢到古田干香菇的先不急。",
        "跟古田干香菇一样，都是山里来的。",
        "有人问脐橙和香菇哪个划算，看你自己。",
        "香菇二号有，要的自己带一包。",
    ],
)
def test_what_is_said_in_passing_changes_nothing(aside: str) -> None:
    assert products(*ORANGES, aside, *ORANGES[1:]) == ["QC"]


def test_an_announcement_counts_more() -> None:
    plain, announced = ((*ORANGES, said, "肉厚厚的。") for said in ("香菇也是山里的。", "接下来是香菇。"))
    assert products(*plain) == ["QC"]
    assert products(*announced) == ["QC", "XG"]


MARKET = catalogue(
    goods("HS", "沙地红薯", 2490, 2500, "5斤装", "福建漳浦", link=1, aliases=("红薯",)),
    goods("HSF", "红薯粉条", 2990, 1500, "3斤装", "河南汝阳", link=2, aliases=("红薯粉",)),
    goods("TD", "富硒土豆", 1880, 4500, "9斤装", "湖北恩施", link=3, aliases=("土豆",)),
    goods("FM", "枣花蜂蜜", 5900, 500, "1瓶", "河南新郑", link=4, aliases=("蜂蜜",)),
)
POTATO = ("看一下一号链接，漳浦的沙地红薯。", "蒸出来流糖水的，小孩都爱吃。", "二十四块九五斤。")
NOODLES = ("接下来二号链接，红薯粉条，手工漏的。", "煮半个小时都不断，特别筋道。", "三斤装二十九块九。")


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ((*POTATO, *NOODLES), ["HS", "HSF"]),
        # the word they share
        ((*NOODLES, "配料就是红薯淀粉和水，红薯味很浓。", *NOODLES[1:]), ["HSF"]),
        ((*POTATO, "下面这个是拿红薯做的粉条，二号。", *NOODLES[1:]), ["HS", "HSF"]),
        # links in any order, called in many ways
        ((*NOODLES, "挂四号，喝点甜的。", "温水冲，不要用开水。"), ["HSF", "FM"]),
        ((*NOODLES, "小黄车第三个，面面的。", "烤着吃蒸着吃。"), ["HSF", "TD"]),
        # where it comes from, and what it costs
        ((*NOODLES, "接下来看恩施的，面面的。", "九斤十八块八，个头大。"), ["HSF", "TD"]),
        (
            (*POTATO, *NOODLES, "二十四块九的那个还有最后五十单，五斤装的，返场了。", "蒸出来流糖水的。"),
            ["HS", "HSF", "HS"],
        ),
        ((*POTATO, *NOODLES, "漳浦的那个又补了一百箱，一号。", "蒸着吃烤着吃。"), ["HS", "HSF", "HS"]),
        # this one stays this one
        ((*POTATO, "这个真的好吃，它不粘手。", "这款我们卖了三年了。", "发顺丰，坏了包赔。"), ["HS"]),
    ],
)
def test_what_speaks_for_a_product_besides_its_name(said: tuple[str, ...], want: list[str]) -> None:
    assert products(*said, shop=MARKET) == want


def card(text: str, start_s: float, end_s: float) -> ScreenText:
    return ScreenText(
        start_ms=round(start_s * 1000), end_ms=round(end_s * 1000), text=text, box=(600, 800, 900, 850), confidence=0.99,
        sort="standing",
    )  # fmt: skip


def test_a_card_shows_what_the_words_do_not() -> None:
    said = (
        *POTATO,
        "好，换一样，大家看我手里。",
        "甜得很浓，温水冲。",
        "玻璃瓶的，路上不会碎。",
        "早上起来冲一杯，养成习惯。",
        "放在阴凉的地方就可以。",
    )
    changed_ms = transcript(*said, pause_s=1.0).utterances[3].start_ms
    assert products(*said, shop=MARKET) == ["HS"]
    seen_s = changed_ms / 1000 + 2
    shown = Screen(
        recording="r1", texts=(card("沙地红薯", 1, seen_s), card("枣花蜂蜜", seen_s, 60), card("￥59", seen_s, 60))
    )
    first, second = offered(*said, shop=MARKET, screen=shown)
    assert (first.product, second.product) == ("HS", "FM")
    assert second.start_ms == changed_ms  # the sentence in which the card comes up


def test_words_prevail_over_a_forgotten_card() -> None:
    shown = Screen(recording="r1", texts=(card("沙地红薯", 1, 600),))
    assert [segment.product for segment in offered(*POTATO, *NOODLES, shop=MARKET, screen=shown)] == ["HS", "HSF"]


def test_a_product_that_is_hardly_surer_is_said_to_be() -> None:
    (sure,) = offered(*ORANGES)
    (unsure,) = offered("这个脐橙。", "皮薄肉厚。")
    assert unsure.confidence < sure.confidence


def test_a_mention_of_a_product_that_is_not_in_the_catalogue_is_passed_over() -> None:
    script = transcript(*ORANGES)
    mentions = find_mentions(script, SHOP)
    assert find_segments(recording(), script, mentions, catalogue()).segments == ()
    assert find_segments(recording(), transcript(HELLO), Mentions(recording="r1"), SHOP).segments == ()


def test_the_last_segment_goes_to_the_last_word_of_a_recording_with_a_wrong_length() -> None:
    (segment,) = offered(*ORANGES, duration_s=1.0)
    assert segment.end_ms > 10_000


LINES = (*ORANGES, *MUSHROOMS, *SAUCE, HELLO, "刚才的脐橙还有。", "谢谢大家。", "，。")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(LINES), max_size=10))
def test_segments_are_half_open_in_order_and_never_overlap(said: list[str]) -> None:
    found = offered(*said)
    for segment in found:
        assert 0 <= segment.start_ms < segment.end_ms
        assert 0 <= segment.confidence <= 1
    for before, after in pairwise(found):
        assert before.end_ms <= after.start_ms
        assert before.product != after.product or before.end_ms < after.start_ms
