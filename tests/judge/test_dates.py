"""Days and terms as papers print them, and as recognisers misread them."""

from datetime import date, datetime

import pytest

from streamlens.judge.dates import find_days, read_validity


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2025年06月01日", ["2025-06-01"]),
        ("2025 年 6 月 1 日", ["2025-06-01"]),
        ("2025.06.01 / 2025-6-1 / 2025/06/01", ["2025-06-01"] * 3),
        ("２０２５年０６月０１日", ["2025-06-01"]),
        ("签发日期20250601", ["2025-06-01"]),
        ("二〇二五年六月一日, 二零二五年十二月三十一日", ["2025-06-01", "2025-12-31"]),
        ("二○二五年十一月二十日", ["2025-11-20"]),
        ("自2025年06月01日起至2026年05月31日止", ["2025-06-01", "2026-05-31"]),
        ("2025年13月01日, 2025-02-30, 1025-02-03, 2250-01-01", []),
        ("GB 2763-2021, SC10335092200123, 13800000000, 91350600MA2XXXXX1A", []),
        ("ES2026-08-17号", []),
    ],
)
def test_days(text, days):
    assert [str(found.day) for found in find_days(text)] == days
    assert all(found.clean for found in find_days(text))


@pytest.mark.parametrize("text", ["2O25年O6月01日", "2025年0l月01日", "2025-06-2I", "2025年06月Z1日"])
def test_letters_for_digits_are_read_and_doubted(text):
    (found,) = find_days(text)
    assert found.day.year == 2025 and not found.clean


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-10-12 05:40", datetime(2026, 10, 12, 5, 40)),
        ("2026年10月12日5时40分", datetime(2026, 10, 12, 5, 40)),
        ("2026年3月25日上午6:30", datetime(2026, 3, 25, 6, 30)),
        ("2026年3月25日下午3点20分", datetime(2026, 3, 25, 15, 20)),
        ("2026年3月25日 晚上 8:05", datetime(2026, 3, 25, 20, 5)),
        ("2026-10-12 25:40", None),
    ],
)
def test_times(text, time):
    assert find_days(text)[0].time == time


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025年06月01日至2026年05月31日", "2025-06-01", "2026-05-31"),
        ("自 2026.03.18 至 2027.03.17", "2026-03-18", "2027-03-17"),
        ("2025/6/1—2026/5/31", "2025-06-01", "2026-05-31"),
        ("2025-06-01~2026-05-31", "2025-06-01", "2026-05-31"),
        ("2026年1月1日起至2026年12月31日止", "2026-01-01", "2026-12-31"),
        ("2026年1月1日至12月31日", "2026-01-01", "2026-12-31"),
        ("至2029年03月01日", "", "2029-03-01"),
        ("2029-03-01", "", "2029-03-01"),
        ("长期", "", "长期"),
        ("2019年5月6日至长期", "2019-05-06", "长期"),
        ("自2026年1月1日起", "2026-01-01", ""),
        ("自2024年5月1日起有效期三年", "2024-05-01", "2027-04-30"),
        ("2024-05-01起，有效期6个月", "2024-05-01", "2024-10-31"),
        ("见背面", "", ""),
    ],
)
def test_terms(text, first, last):
    found = read_validity(text)
    assert (found.first, found.last) == (first, last)
    assert found.clean or not (first or last)


def test_a_term_alone_counts_from_the_day_of_issue():
    assert read_validity("五年", date(2024, 3, 1)).last == "2029-02-28"
    assert read_validity("有效期3年", date(2024, 5, 1)).last == "2027-04-30"
    assert read_validity("五年").last == ""


@pytest.mark.parametrize("text", ["2026年05月31日至2025年06月01日", "2O25年06月01日至2026年05月31日"])
def test_an_impossible_or_guessed_term_is_not_clean(text):
    assert not read_validity(text).clean
