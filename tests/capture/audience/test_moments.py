"""Times as files write them."""

from datetime import datetime
from typing import Any

import pytest

from streamlens.capture.audience.entries import Moment
from streamlens.capture.audience.moments import CHINA, local_ms, moment

EPOCH = local_ms(datetime(2026, 10, 12, 20, 3, 15, tzinfo=CHINA))


@pytest.mark.parametrize(
    ("written", "kind", "ms"),
    [
        (12.5, "relative", 12_500),
        ("0.581", "relative", 581),
        ("-1.25", "relative", -1250),
        (0, "relative", 0),
        ("8.5秒", "relative", 8500),
        (EPOCH / 1000, "stated", EPOCH),
        (str(EPOCH // 1000), "stated", EPOCH),
        (f"{EPOCH // 1000}.6757982", "stated", EPOCH + 675),
        (EPOCH, "stated", EPOCH),
        (str(EPOCH), "stated", EPOCH),
        (EPOCH * 1000, "stated", EPOCH),
        (EPOCH * 1_000_000, "stated", EPOCH),
        ("2026-10-12T20:03:15+08:00", "stated", EPOCH),
        ("2026-10-12T12:03:15Z", "stated", EPOCH),
        ("2026-10-12T12:03:15.6348295Z", "stated", EPOCH + 634),
        ("2026-10-12 20:03:15", "local", EPOCH),
        ("2026/10/12 20:03:15.250", "local", EPOCH + 250),
        ("[2026-10-12 20:03:15]", "local", EPOCH),
        ("2026年10月12日 20时03分15秒", "local", EPOCH),
        ("20261012200315", "local", EPOCH),
        ("2026-10-12 20:03", "local", EPOCH - 15_000),
        ("２０２６－１０－１２　２０：０３：１５", "local", EPOCH),
        ("20:03:15", "day_time", 72_195_000),
        ("0:12:30", "day_time", 750_000),
        ("10-12 20:03", "no_year", None),
    ],
)
def test_a_time_is_read(written: Any, kind: str, ms: int | None) -> None:
    found = moment(written)
    assert found is not None
    assert found.kind == kind
    assert ms is None or found.ms == ms


@pytest.mark.parametrize(
    "written",
    ["", "昨天", "25:61:00", "2026-13-45 99:00:00", "2026-02-30 10:00", "--", "1e999", "9" * 40, "3" * 12, "NaN", None, True,
     "0000-00-00 00:00:00", "1970-01-01 08:00:00", float("inf"), float("nan"), 1e300, "20:03:15:00"],
)  # fmt: skip
def test_what_is_no_time_is_none(written: Any) -> None:
    assert moment(written) is None


def test_a_column_in_milliseconds_says_so_in_its_name() -> None:
    assert moment("8530", in_ms=True) == Moment("relative", 8530)
    assert moment(EPOCH, in_ms=True) == Moment("stated", EPOCH)
    assert moment("20:03", in_ms=True) == Moment("day_time", 72_180_000)
