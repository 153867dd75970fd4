"""Time stamps become seconds from the start of a file. (What cannot be opened: test_recording.)"""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from streamlens.capture.media import Clock


@pytest.mark.parametrize(
    ("start_us", "stamps", "want"),
    [
        (0, [0.0, 1.0, 2.0], [0.0, 1.0, 2.0]),
        (36_000_000_000, [36_000.0, 36_001.0], [0.0, 1.0]),  # a recorder that came later to the stream
        (None, [0.0, 1.0], [0.0, 1.0]),
        (0, [0.0, 1.0, 5.0], [0.0, 1.0, 5.0]),  # a gap stays
        (0, [0.0, 1.0, 1.5], [0.0, 1.0, 1.5]),  # so does an overlap
        (0, [0.0, 10.0, 0.0, 1.0], [0.0, 10.0, 11.0, 12.0]),  # the clock was set anew
        (0, [0.0, 1.0, *range(900_000, 900_020)], [*range(22)]),  # no gap lasts ten days
        (0, [0.0, None, 2.0], [0.0, 1.0, 2.0]),
        (0, [0.0, 7200.0, 7201.0, 3.0], [0.0, 1.0, 2.0, 3.0]),  # a packet or two far off
        (0, [0.0, *range(7200, 7212)], [0.0, *range(1, 11), 7210.0, 7211.0]),  # a long gap, when it has lasted
    ],
)
def test_clock(start_us: int | None, stamps: list[float | None], want: list[float]) -> None:
    clock = Clock(cast(Any, SimpleNamespace(start_time=start_us)))
    expected, found = None, []
    for stamp in stamps:
        found.append(clock.place(stamp, expected))
        expected = found[-1] + 1
    assert found == want
