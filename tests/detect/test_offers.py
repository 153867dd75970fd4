"""What one sentence offers."""

import pytest

from streamlens.detect.offers import offers
from streamlens.language import spoken


def found(text):
    return [(stated.sort, stated.value, stated.per) for stated in offers(spoken(text)[0])]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("原价59，现在到手39块8", [("former_price", 5900, ""), ("price", 3980, "")]),
        ("菜市场卖十二块一斤，我们八块", [("outside_price", 1200, "g"), ("price", 800, "")]),
        ("第二件半价，闭眼入", [("discount", 0.5, "second")]),
        ("满两百减三十", [("discount", 3000, "order")]),
        ("下单立减十五", [("discount", 1500, "")]),
        ("先领二十块的优惠券", [("discount", 2000, "")]),
        ("买三送二", [("gift", 2, "bought")]),
        ("拍一发三", [("gift", 2, "bought")]),
        ("多送你二两", [("gift", 100, "")]),
        ("单果三两往上", [("weight", 150, "piece")]),
        ("净重四斤半", [("weight", 2250, "pack")]),
        ("一瓶三百五十克", [("weight", 350, "瓶")]),
        ("果径七十五以上", [("grade", 75, "")]),
        ("都是二级果，不是大果", [("grade", None, "")]),
        ("一盒三十六枚", [("count", 36, "")]),
        ("退货运费补你十二块", []),
        ("两号链接先别拍，还剩三百单", []),
        ("再等我五分钟，八点半开", []),
        ("一人限拍三件", []),
        ("煮的时候加两斤水", []),
    ],
)
def test_what_is_offered(text, facts):
    assert found(text) == facts
