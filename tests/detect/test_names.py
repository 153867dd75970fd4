"""Names mended from the catalogue: what is changed, what is left alone, and the log of it."""

import msgspec
import pytest

from make import catalogue, product, segments, transcript, utterance, word
from streamlens.detect.mentions import find_mentions
from streamlens.detect.names import RepairOptions, mend_names
from streamlens.schema import Catalogue, Segments, Transcript

SOLD = catalogue(
    product("GN", "赣南脐橙", link=1, aliases=("脐橙",)),
    product("XG", "干香菇", aliases=("香菇",)),
    product("FX", "富硒", aliases=()),
)


def mend(script: Transcript, offers: Segments, sold: Catalogue = SOLD, **options: object) -> Transcript:
    return mend_names(script, find_mentions(script, sold), offers, options=RepairOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "offer", "mended"),
    [
        ("江西的干难齐成很甜", "GN", "江西的赣南脐橙很甜"),
        ("江西的赣南脐橙很甜", "GN", "江西的赣南脐橙很甜"),
        ("这个骑乘每天吃", "GN", "这个脐橙每天吃"),  # two syllables, on offer, no usual word
        ("这个骑乘每天吃", "XG", "这个骑乘每天吃"),  # another product is on offer
        ("我们复习的同学", "FX", "我们复习的同学"),  # a usual word is left alone
        ("1号链结拍一下", "GN", "1号链结拍一下"),  # links are not names
        ("今天天气很好", "GN", "今天天气很好"),
    ],
)
def test_text(text: str, offer: str, mended: str) -> None:
    result = mend(transcript(utterance(text, 0.0, 4.0)), segments((offer, 0.0, 10.0)))
    assert result.utterances[0].text == mended
    assert len(result.repairs) == (text != mended)


def test_every_change_is_logged_and_the_raw_text_kept() -> None:
    script = transcript(utterance("江西的干难齐成很甜", 0.0, 4.0))
    script = msgspec.structs.replace(
        script, utterances=(msgspec.structs.replace(script.utterances[0], raw="江西的干难齐成很甜"),)
    )
    result = mend(script, segments(("GN", 0.0, 10.0)))
    (repair,) = result.repairs
    assert (repair.before, repair.after, repair.product) == ("干难齐成", "赣南脐橙", "GN")
    assert 0 < repair.start_ms < repair.end_ms <= 4000
    assert result.utterances[0].raw == "江西的干难齐成很甜"


def test_words_keep_their_times_and_still_make_up_the_text() -> None:
    words = (word("江西的干", 0.0, 1.0), word("难", 1.0, 1.2), word("齐成很", 1.2, 2.1), word("甜,", 2.1, 2.5))
    script = transcript(utterance("江西的干难齐成很甜,", 0.0, 2.5, words=words))
    (result,) = mend(script, segments(("GN", 0.0, 10.0))).utterances
    assert "".join(each.text for each in result.words) == result.text == "江西的赣南脐橙很甜,"
    (name,) = [each for each in result.words if each.text == "赣南脐橙"]
    assert (name.start_ms, name.end_ms) == (750, 1800)
    assert [each.start_ms for each in result.words] == sorted(each.start_ms for each in result.words)


def test_short_names_can_be_left_alone() -> None:
    script = transcript(utterance("这个骑乘每天吃", 0.0, 3.0))
    assert mend(script, segments(("GN", 0.0, 9.0)), short_names=False).repairs == ()


def test_names_that_nobody_said_are_not_put_in() -> None:
    """Of forty names that are not spoken none may get into ordinary talk."""
    absent = ("五常大米", "秦岭土蜂蜜", "手撕牛肉干", "小黄姜", "阳澄湖大闸蟹", "烟台苹果", "库尔勒香梨", "宁夏枸杞",
              "云南普洱茶", "章丘大葱", "洛川苹果", "恩施土豆", "百色芒果", "攀枝花枇杷", "大连海参", "盐池滩羊",
              "文昌鸡", "金华火腿", "宣威火腿", "郫县豆瓣酱", "西湖龙井", "信阳毛尖", "黄山贡菊", "和田大枣",
              "若羌红枣", "吐鲁番葡萄干", "新疆核桃", "东北木耳", "古田银耳", "庆元香菇", "安溪铁观音", "平和蜜柚",
              "仙居杨梅", "奉化水蜜桃", "阳山水蜜桃", "砀山梨", "莱阳梨", "沾化冬枣", "寿光西红柿", "荔浦芋头")  # fmt: skip
    talk = (
        "家人们晚上好欢迎来到直播间点一点左上角的关注", "今天给大家准备了很多福利先把小红心点起来",
        "大家看一下这个包装里面是一斤一袋的独立小包装", "拍下以后四十八小时之内给大家安排发货",
        "没有抢到的宝宝不要着急后面还有一轮", "我自己家里也在吃孩子特别喜欢一次能吃好几个",
        "有什么问题打在公屏上我来给大家一个一个解答", "三二一上链接库存不多大家手速要快",
        "收到货有任何问题随时联系我们的客服", "谢谢大哥送的礼物谢谢大家的支持明天同一时间再见",
    )  # fmt: skip
    sold = catalogue(*(product(f"P{n}", name, aliases=(name[2:],)) for n, name in enumerate(absent)))
    result = mend(transcript(*talk), segments(*((f"P{n}", 0.0, 999.0) for n in range(40))), sold)
    assert result.repairs == ()
