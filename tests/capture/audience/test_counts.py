"""Numbers as platforms write them."""

from typing import Any

import pytest

from streamlens.capture.audience.counts import NotANumber, count, fen


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("867", 867), (867, 867), ("1.2万", 12_000), ("2.5w", 25_000), ("2.5W+", 25_000), ("1.2 万人", 12_000), ("3千", 3000),
        ("5k", 5000), ("1.5亿", 150_000_000), ("3,456", 3456), ("３４５６", 3456), ("20在线观众", 20), ("月成交 8.5万笔", 85_000),
        ("--", None), ("-", None), ("", None), (None, None), ("null", None), (-1, None), (-2, None), ("-2147483648", None),
    ],
)  # fmt: skip
def test_a_count_is_read_and_a_sentinel_is_none(written: Any, number: int | None) -> None:
    assert count(written) == number


@pytest.mark.parametrize("written", ["abc", "#N/A", "十来个", "1O0", "-5", "1.2.3", "9" * 30, "1e5000", "NaN!"])
def test_what_is_no_count_is_told(written: str) -> None:
    with pytest.raises(NotANumber):
        count(written)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("19.9", 1990),
        ("¥1,280.50", 128_050),
        ("19.9元", 1990),
        ("1.2万", 1_200_000),
        ("0", 0),
        ("--", None),
        ("-5.5", -550),
    ],
)
def test_yuan_become_fen(written: str, amount: int | None) -> None:
    assert fen(written) == amount


def test_a_message_never_repeats_what_may_be_personal() -> None:
    with pytest.raises(NotANumber, match=r"^\(9 characters\) is not a number$"):
        count("李小明 西湖区文一")
    with pytest.raises(NotANumber) as told:
        count("+86 138 0013 8000x")
    assert "138" not in str(told.value)
