"""Weight against the catalogue and against what was weighed."""

from datetime import date

import pytest

from streamlens.judge.weights import stated
from streamlens.language.quantities import masses
from streamlens.schema import WeighingRecord


@pytest.mark.parametrize(
    ("quote", "of", "amount"),
    [
        ("净重九斤", "pack", 4500), ("十斤只多不少", "pack", 5000), ("净膛后还有三斤半", "pack", 1750),
        ("单果一百五十克", "piece", 150), ("每个二两", "piece", 100), ("一个最少二两半", "piece", 125),
        ("单果四两往上", "piece", 200), ("三两五的公蟹", "piece", 175), ("四两一只", "piece", 200),
        ("公蟹四两母蟹三两", "piece", 175), ("个个半斤以上", "piece", 250), ("一斤三只", "piece", 500 / 3),
        ("一斤也就七八个", "piece", 62.5), ("一瓶五百克", "container", 500), ("每袋半斤", "container", 250),
        ("一箱最少十斤", "pack", 5000), ("多装半斤", "on_top", 250), ("三斤送半斤", "on_top", 250),
        ("多给你二两", "on_top", 100), ("差不多五斤", "pack", 2500), ("至少五斤", "pack", 2500),
        ("足斤足两", "promise", 0), ("少一两罚十两", "promise", 0), ("缺一斤赔十斤", "promise", 0),
        ("不够五斤我赔你", "pack", 2500), ("带箱六斤净重五斤", "pack", 2500), ("毛重五斤", "promise", 0),
        ("两箱净重二十斤", "pack", 5000), ("一箱净重十斤", "pack", 5000), ("足足四十枚", "count", 40), ("一盒三十个", "count", 30),
        ("果径八十五毫米以上", "length", 85), ("六十五以上的中大果", "length", 65), ("八五果", "length", 85), ("果径八十五以上", "length", 85),
        ("发的都是大果", "size", 0),
    ],
)  # fmt: skip
def test_what_the_words_state(quote, of, amount):
    found = stated(quote, quote)
    assert (found.of, found.amount) == (of, pytest.approx(amount))


def test_the_piece_may_be_named_before_the_quote():
    assert stated("有四两", "我们的桃子单果都有四两").of == "piece"


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("三斤八两", [1900]), ("三斤八", [1900]), ("九斤半", [4750]), ("三两五", [175]), ("二两半", [125]), ("半斤", [250]),
        ("四到五斤", [2000]), ("四斤到五斤", [2000]), ("四五斤", [2000]), ("一斤二两半", [625]), ("两公斤半", [2500]),
        ("一斤三只", [500]), ("五斤八十块", [2500]), ("几斤", []), ("三斤送半斤", [1500, 250]),
    ],
)  # fmt: skip
def test_weights_as_they_are_said(text, grams):
    assert [found for found, _, _ in masses(text)] == grams


@pytest.mark.parametrize(
    ("quote", "goods", "verdict"),
    [
        ("净重九斤", {"net_weight_g": 4500}, "supported"),
        ("净重五斤", {"net_weight_g": 4500}, "supported"),
        ("净重十斤", {"net_weight_g": 4500}, "contradicted"),
        ("净重2.5公斤", {"net_weight_g": 2500}, "supported"),
        ("净重九斤", {"unit": "9斤装"}, "supported"),
        ("净重九斤", {}, "unsupported"),
        ("足足四十枚", {"unit": "40枚", "net_weight_g": 1800}, "supported"),
        ("足足四十枚", {"unit": "30枚"}, "contradicted"),
        ("足足四十枚", {"unit": "5斤装"}, "unsupported"),
        ("足斤足两", {"net_weight_g": 4500}, "unsupported"),
    ],
)
def test_weight_against_the_catalogue(decide, quote, goods, verdict):
    assert decide(quote, "quantity.weight", goods=goods).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "samples", "verdict"),
    [
        ("足斤足两", (2510.0, 2505.0), "supported"),
        ("足斤足两", (2510.0, 2300.0), "contradicted"),
        ("足斤足两", (2490.0, 2480.0), "unclear"),
        ("足斤足两", (), "unsupported"),
        ("净重五斤", (2510.0, 2505.0), "supported"),
    ],
)
def test_weight_against_what_was_weighed(decide, quote, samples, verdict):
    paper = WeighingRecord(id="W1", covers=("A",), date=date(2026, 10, 1), declared_g=2500, samples_g=samples)
    assert decide(quote, "quantity.weight", paper).verdict == verdict
