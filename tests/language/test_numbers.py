"""Numbers and shares in figures, in characters and mixed, and what is no number."""

import pytest

from streamlens.language import plain
from streamlens.language.numbers import numbers, percents, value


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("3万5", 35000), ("1百万", 1e6), ("一百零八万", 1080000), ("25万6千", 256000), ("4.78万亿", 4.78e12), ("十万万", 1e9),
        ("一百零十万", 1100000), ("廿二", 22), ("壹佰贰拾", 120), ("一点二万", 12000), ("半百", 50), ("一七二零", 1720),
        ("十一十二", None), ("零点", None), ("点五", None), ("十点二三三", 10.233), ("1,280", 1280),
    ],
)  # fmt: skip
def test_one_numeral(numeral, number):
    assert value(numeral) == (None if number is None else pytest.approx(number))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("库存还有１２８０件，昨天走了两千三", [1280, 2300]),
        ("三分之一是负12，剩下的-0.5", [1 / 3, -12, -0.5]),
        ("一样的价，一起拍，千万别错过", []),
        ("四川的花椒，三亚的芒果，五常的米", []),
        ("买两打，五打起批", [24, 60]),
        ("两又四分之一", [2.25]),
        ("三 百 五 十", [350]),
        ("1,2,3 上链接", [1, 2, 3]),
        ("收拾一下房间", []),
        ("全部打八折", []),
        ("地址是 https://a.cn/p/12", []),
    ],
)
def test_numbers_in_a_text(text, found):
    assert [number.value for number in numbers(plain(text))] == pytest.approx(found)


def test_a_number_may_be_inexact():
    assert [(n.value, n.exact) for n in numbers("五百多人，十几万单，三百个")] == [
        (500, False),
        (100000, False),
        (300, True),
    ]


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("打七五折", [0.75]), ("打对折", [0.5]), ("9.9折", [0.99]), ("七成六", [0.76]), ("三成半的", [0.35]), ("半折", [0.5]),
        ("百分之百", [1]), ("百分之二点四", [0.024]), ("降了3.5%", [0.035]), ("千分之三", [0.003]), ("六个百分点", [0.06]),
        ("百分之二三十", []), ("十成", [1]), ("打折", []), ("三成熟", []), ("一百分之二", []), ("负40%", [-0.4]),
    ],
)  # fmt: skip
def test_shares(text, shares):
    assert [share.value for share in percents(plain(text))] == pytest.approx(shares)
