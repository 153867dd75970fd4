"""What a sentence promises and describes."""

import pytest

from streamlens.detect.promises import promises
from streamlens.language import spoken

PLACES = ("广西", "武鸣", "新疆", "广东")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("72小时内发货", [("delivery", 72.0)]),
        ("今天拍今天就发走，今天都能发走", [("delivery", 24.0)]),
        ("广东第二天到，远的三天到家", [("delivery", 24.0), ("delivery", 72.0)]),
        ("新疆不发货", [("delivery", None)]),
        ("十五天无理由退货", [("after_sale", 360.0)]),
        ("烂一个赔两个", [("after_sale", None)]),
        ("我今天是赔本卖", []),
        ("放冰箱冷藏能放二十天", [("storage", None), ("storage", 20.0)]),
        ("保质期一年半载", [("storage", 12.0)]),
        ("洗干净直接吃，也能榨汁", [("usage", None)]),
        ("又脆又甜，咬一口都是汁水", [("tasting", None)]),
        ("糖度十五", [("tasting", 15.0)]),
        ("广西武鸣的沃柑", [("origin", None)]),
        ("来自广东的姐姐你好", []),
        ("发霉了别发给我", []),
    ],
)
def test_what_is_promised(text, facts):
    assert [(stated.sort, stated.value) for stated in promises(spoken(text)[0], PLACES)] == facts
