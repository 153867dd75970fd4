"""Numbers as speech says them and results as laboratories write them."""

import pytest

from streamlens.judge.amounts import measured
from streamlens.language.numbers import value
from streamlens.language.quantities import amounts


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("零", 0), ("两", 2), ("十", 10), ("十二", 12), ("二十四", 24), ("一百零五", 105), ("一百五", 150),
        ("三千五", 3500), ("一千二百四十", 1240), ("一万零五百", 10500), ("两万五", 25000), ("十二万三", 123000),
        ("十万", 100000), ("一百零五万", 1050000), ("一亿两千万", 120000000), ("十二点五", 12.5),
        ("零点零八", 0.08), ("半", 0.5), ("两半", 2.5), ("五十多", 50), ("十几", 10), ("二零二六", 2026),
        ("二千零二十六", 2026), ("几", None), ("两三", 2), ("七八十", 70), ("三四百", 300), ("二十三", 23),
    ],
)  # fmt: skip
def test_numerals(numeral, number):
    assert value(numeral) == number


def test_amounts_with_units_and_a_half_behind():
    units = {"斤": 500.0, "公斤": 1000.0, "克": 1.0}
    found = [
        (grams, text[start:end])
        for text in ("净重九斤半", "二点五公斤和三百克", "五个人")
        for grams, start, end in amounts(text, units)
    ]
    assert found == [(4750.0, "九斤半"), (2500.0, "二点五公斤"), (300.0, "三百克")]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("三到五天", 3, 5),
        ("三天到五天", 3, 5),
        ("三到五天半", 3, 5.5),
        ("两三天", 2, 3),
        ("从这里到五天", 5, 5),
    ],
)
def test_an_amount_from_to(text, least, most):
    assert [next(amounts(text, {"天": 1.0}, most=which))[0] for which in (False, True)] == [least, most]


@pytest.mark.parametrize(
    ("result", "kind", "number"),
    [
        ("未检出", "absent", None), ("ND", "absent", None), ("N.D.", "absent", None), ("阴性", "absent", None),
        ("<0.01", "absent", 0.01), ("＜0.01mg/kg", "absent", 0.01), ("未检出(<0.01)", "absent", 0.01),
        ("0.00", "absent", 0.0), ("低于检出限", "absent", None), ("<LOQ", "absent", None),
        ("not detected", "absent", None), ("0.02", "number", 0.02), ("0.008 mg/kg", "number", 0.008),
        ("≥0.5", "number", 0.5), ("检出", "failed", None), ("检出0.02", "failed", None), ("阳性", "failed", None),
        ("不合格", "failed", None), ("超标", "failed", None), ("不符合", "failed", None), ("合格", "passed", None),
        ("符合", "passed", None), ("未超标", "passed", None), ("未检出超标项目", "passed", None),
        ("达标", "passed", None), ("适宜", "passed", None), ("见附页", "unreadable", None),
        ("检出限0.01", "unreadable", None), ("不得检出", "unreadable", None), ("-", "unreadable", None),
        ("/", "unreadable", None),
    ],
)  # fmt: skip
def test_results(result, kind, number):
    found = measured(result)
    assert (found.kind, found.number) == (kind, number)


def test_the_unit_may_stand_with_the_result():
    assert measured("0.008 mg/kg", "").unit == measured("0.008", "mg/kg").unit == "mg/kg"
