"""Where products are named, also when the recogniser misspelt them."""

import msgspec
import pytest

from make import catalogue, product, transcript, utterance
from streamlens.detect.mentions import find_mentions
from streamlens.schema import Catalogue, Mention

SHOP = catalogue(
    product("QC", "赣南脐橙", link=1, aliases=("脐橙",)),
    product("XG", "干香菇", link=2, aliases=("香菇",)),
    product("XGJ", "香菇酱", link=7, aliases=("拌面酱",)),
    product("FM", "秦岭土蜂蜜 500g", link=12, aliases=("土蜂蜜",)),
    product("NR", "手撕牛肉干", link=20),
)


def found(*said: str, shop: Catalogue = SHOP, pause_s: float = 0.3) -> list[Mention]:
    return list(find_mentions(transcript(*said, pause_s=pause_s), shop).mentions)


def named(*said: str, shop: Catalogue = SHOP) -> list[tuple[str, str, str]]:
    return [(mention.product, mention.by, mention.heard) for mention in found(*said, shop=shop)]


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("今天的赣南脐橙", [("QC", "name", "赣南脐橙")]),
        ("这个脐橙", [("QC", "alias", "脐橙")]),
        ("将系的干难齐成", [("QC", "name", "干难齐成")]),
        ("这个骑乘每天吃一个", []),  # qi cheng is 脐橙 by sound (cheng), and 骑乘 as well: see the confidence test
        ("秦岭的土蜂蜜", [("FM", "alias", "土蜂蜜")]),
        ("秦岭土蜂蜜500g", [("FM", "name", "秦岭土蜂蜜500g")]),
        ("手撕牛肉干，首丝牛肉干", [("NR", "name", "手撕牛肉干"), ("NR", "name", "首丝牛肉干")]),
        # the longer name wins the place
        ("香菇酱拌面", [("XGJ", "name", "香菇酱")]),
        ("香菇熬的香菇酱", [("XG", "alias", "香菇"), ("XGJ", "name", "香菇酱")]),
        ("干香菇", [("XG", "name", "干香菇")]),
        # links, in digits, characters and misspelt
        ("上二号链接", [("XG", "link", "二号链接")]),
        ("2号链接", [("XG", "link", "2号链接")]),
        ("２号链接", [("XG", "link", "２号链接")]),
        ("点小黄车2号", [("XG", "link", "小黄车2号")]),
        ("第2个链接", [("XG", "link", "第2个链接")]),
        ("拌饭都可以二号练基丝平装", [("XG", "link", "二号练基")]),
        ("十二号链接", [("FM", "link", "十二号链接")]),
        ("12号链接", [("FM", "link", "12号链接")]),
        ("二十号链接", [("NR", "link", "二十号链接")]),
        # one number is not another that sounds a little like it, nor the tail of a larger one
        ("七号链接", [("XGJ", "link", "七号链接")]),
        ("一号链接", [("QC", "link", "一号链接")]),
        ("三十二号链接", []),
        ("三百零一号链接", []),
        ("三号链接", []),
        ("32号链接", []),
        ("三二一，二号链接", [("XG", "link", "二号链接")]),
        ("三二一二号链接", [("XG", "link", "二号链接")]),
        # absent names
        ("大家晚上好，欢迎来到直播间，点点关注", []),
        ("一号人物登场", []),
        ("", []),
    ],
)
def test_named(said: str, want: list[tuple[str, str, str]]) -> None:
    sure = [(mention.product, mention.by, mention.heard) for mention in found(said) if mention.confidence >= 0.5]
    assert sure == want


def test_a_short_name_by_sound_is_only_a_hint() -> None:
    (hint,) = found("这个骑乘每天吃一个")
    assert (hint.product, hint.quote, hint.heard) == ("QC", "脐橙", "骑乘")
    assert hint.confidence < 0.5


@pytest.mark.parametrize(
    ("surer", "less"),
    [
        ("赣南脐橙", "脐橙"),  # a name before an alias
        ("赣南脐橙", "干难齐成"),  # written before by sound
        ("干难齐成", "干兰齐成"),  # the same sound before a like one
        ("干兰齐成", "骑乘"),
    ],
)
def test_confidence(surer: str, less: str) -> None:
    (one,), (other,) = found(surer), found(less)
    assert one.confidence > other.confidence > 0


def test_an_alias_that_two_products_share_speaks_for_both_but_softly() -> None:
    shop = catalogue(product("A", "红富士苹果", aliases=("苹果",)), product("B", "阿克苏苹果", aliases=("苹果",)))
    both = found("这个苹果", shop=shop)
    assert sorted(mention.product for mention in both) == ["A", "B"]
    alone = found("这个苹果", shop=catalogue(shop.products[0]))
    assert {mention.confidence for mention in both} == {alone[0].confidence / 2}


def test_a_name_over_a_border_of_utterances() -> None:
    (mention,) = found("今天的赣南", "脐橙甜")
    assert (mention.product, mention.by) == ("QC", "name")
    assert mention.quote == "赣南脐橙"


def test_no_name_over_a_long_silence() -> None:
    assert [mention.quote for mention in found("今天的赣南", "脐橙甜", pause_s=3.0)] == ["脐橙"]


def test_times_and_order() -> None:
    said = transcript(utterance("今天的赣南脐橙", 10.0, 17.0), utterance("香菇酱", 20.0, 23.0))
    mentions = find_mentions(said, SHOP)
    assert mentions.recording == "r1"
    assert [(m.product, m.start_ms, m.end_ms) for m in mentions.mentions] == [
        ("QC", 13000, 17000),
        ("XGJ", 20000, 23000),
    ]


def test_the_order_of_the_catalogue_does_not_matter() -> None:
    backwards = msgspec.structs.replace(SHOP, products=SHOP.products[::-1])
    said = transcript("一号链接赣南脐橙，二号练基香骨，香菇酱")
    assert find_mentions(said, SHOP) == find_mentions(said, backwards)


@pytest.mark.parametrize("shop", [catalogue(), catalogue(product("A", "梨"))])
def test_nothing_to_find(shop: Catalogue) -> None:
    assert found("这个梨好吃", shop=shop) == []  # a name of one character is in too many words
