"""What spoken numerals are worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlens.language import cardinal, numeral_value


@given(st.integers(0, 99_999_999))
def test_what_is_read_aloud_is_understood(number: int) -> None:
    if number < 10_000 or number % 10_000 == 0 or number % 10_000 >= 1:
        assert numeral_value(cardinal(number)) == number


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("两百五", 250),
        ("两百五十", 250),
        ("一百二", 120),
        ("一百零二", 102),
        ("两千五", 2500),
        ("一万二", 12_000),
        ("一十二", 12),
        ("〇", 0),
        # no number, or more than one
        ("", None),
        ("三四", None),
        ("三四十", None),
        ("十二十", None),
        ("百", None),
        ("一百零", None),
        ("二零二六", None),
        ("零五", None),
        ("八块", None),
    ],
)
def test_numeral_value(said: str, value: int | None) -> None:
    assert numeral_value(said) == value
