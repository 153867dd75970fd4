"""Clocks of audience files against the recording."""

from datetime import datetime
from pathlib import Path

import pytest

from capture.audience.logs import added_up, broadcast, read, said, screen
from streamlens.capture.audience.clock import Reading, begin_by_clock
from streamlens.capture.audience.moments import CHINA, local_ms

ROWS = "time,user,text\n2026-10-12 20:03:15,a,甜不甜\n2026-10-12 20:10:00,b,几斤\n2026-10-12 20:20:00,c,发货吗\n"


def clocks(seconds_late: float, *, day: str = "", every: float = 2.0, count: int = 8) -> list[tuple[float, str]]:
    """A clock over the picture, looked at every so often, in a recording that begins at 20:00:00 and so much later."""
    out = []
    for n in range(count):
        at = n * every
        now = 72_000 + seconds_late + at
        out.append((at, f"{day}{int(now) // 3600 % 24:02}:{int(now) // 60 % 60:02}:{int(now) % 60:02}"))
    return out


def test_a_clock_without_zone_is_taken_as_china_s_and_said_so(tmp_path: Path) -> None:
    audience = read(tmp_path, "danmaku.csv", ROWS)
    assert said(audience)[0] == (195_000, "甜不甜")
    assert audience.sources[0].clock == "assumed_zone"
    assert "its clock names no zone: taken as +08:00" in audience.sources[0].notes
    assert audience.notes == ()


def test_a_started_at_with_a_zone_and_a_file_with_another(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "danmaku.csv",
        "time,user,text\n2026-10-12T12:03:15Z,a,甜不甜\n",
        recording=broadcast(began="2026-10-12T13:00:00+01:00"),
    )
    assert said(audience) == [(195_000, "甜不甜")]
    assert audience.sources[0].clock == "stated"


@pytest.mark.parametrize("day", ["", "2026-10-12 ", "2026年10月12日 ", "北京时间", "2026-10-12"])
def test_a_clock_on_screen_tells_when_the_recording_began(tmp_path: Path, day: str) -> None:
    audience = read(
        tmp_path, "danmaku.csv", ROWS, seen=screen(*clocks(42.3, day=day), (3, "倒计时 00:04:59"), (7, "¥19.9"))
    )
    (source,) = audience.sources
    assert source.clock == "overlay"
    assert abs(said(audience)[0][0] - (195_000 - 42_300)) <= 600
    assert any("8 readings" in note for note in source.notes)
    assert any("+42 s from started_at" in note for note in source.notes)


def test_what_looks_like_a_clock_and_does_not_run_with_the_recording_is_none(tmp_path: Path) -> None:
    countdown = [(n * 2, f"00:{9 - n // 30:02}:{59 - n * 2 % 60:02}") for n in range(20)]
    assert read(tmp_path, "danmaku.csv", ROWS, seen=screen(*countdown)).sources[0].clock == "assumed_zone"
    standing = [(n * 2, "20:00:00") for n in range(20)]
    assert read(tmp_path, "danmaku.csv", ROWS, seen=screen(*standing)).sources[0].clock == "assumed_zone"
    elapsed = [(n * 2, f"00:00:{n * 2:02}") for n in range(20)]
    assert read(tmp_path, "danmaku.csv", ROWS, seen=screen(*elapsed)).sources[0].clock == "assumed_zone"


def test_the_median_withstands_misreadings() -> None:
    right = [Reading(n * 1000, 72_000_000 + n * 1000, False) for n in range(10)]
    wrong = [Reading(n * 1000, 1_000_000 * n, False) for n in range(6)]
    found = begin_by_clock(right + wrong)
    assert found is not None
    assert found[0] == 72_000_500
    assert begin_by_clock(right[:2]) is None
    assert begin_by_clock([]) is None


def test_subtitles_that_only_show_the_clock(tmp_path: Path) -> None:
    cues = "".join(
        f"{n + 1}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n2026-10-12 20:01:{n:02}\n\n" for n in range(30)
    )
    (tmp_path / "recording.srt").write_text(cues)
    audience = read(
        tmp_path, "danmaku.csv", ROWS, recording=broadcast(began=None), clocks=((tmp_path / "recording.srt", 0),)
    )
    assert audience.sources[0].clock == "overlay"
    assert abs(said(audience)[0][0] - 135_000) <= 600
    spoken = cues.replace("2026-10-12 20:01:", "大家晚上好，现在是 20:01:")
    (tmp_path / "recording.srt").write_text(spoken.replace("现在是 20:01:0", "欢迎"))
    assert (
        read(tmp_path, "danmaku.csv", ROWS, recording=broadcast(began=None), clocks=((tmp_path / "recording.srt", 0),))
        .sources[0]
        .clock
        == "none"
    )


def test_the_name_of_the_file_tells_when_nothing_else_does(tmp_path: Path) -> None:
    recording = broadcast(began=None, parts=(("recording_20261012-200000.flv", 0),))
    audience = read(tmp_path, "danmaku.csv", ROWS, recording=recording)
    assert said(audience)[0] == (195_000, "甜不甜")
    assert any("the name recording_20261012-200000.flv" in note for note in audience.sources[0].notes)


def test_an_offset_that_is_given_is_added(tmp_path: Path) -> None:
    audience = read(tmp_path, "danmaku.csv", ROWS, offset_ms=-3200)
    assert said(audience)[0] == (191_800, "甜不甜")
    assert (audience.sources[0].clock, audience.sources[0].offset_ms) == ("given", -3200)
    assert "-3.2 s added, as given in stream.yaml" in audience.sources[0].notes
    relative = read(tmp_path, "danmaku.csv", "time,user,text\n5,a,好\n", offset_ms=-3200)
    assert said(relative) == [(1800, "好")]


def test_a_broadcast_past_midnight(tmp_path: Path) -> None:
    rows = "时间,用户,内容\n23:59:50,a,一\n00:00:10,b,二\n01:30:00,c,三\n"
    audience = read(tmp_path, "danmaku.csv", rows, recording=broadcast(180, "2026-12-31T23:30:00"))
    assert said(audience) == [(1_790_000, "一"), (1_810_000, "二"), (7_200_000, "三")]
    year = read(
        tmp_path,
        "danmaku.csv",
        "时间,用户,内容\n01-01 00:00:10,b,二\n",
        recording=broadcast(180, "2026-12-31T23:30:00"),
    )
    assert said(year) == [(1_810_000, "二")]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            "2026-10-13 20",
            r"1 day\(s\) earlier they would fit: another day\? If so, give comments_offset_s: -86400 in stream.yaml",
        ),
        (
            "2026-10-12 12",
            r"8 hour\(s\) later they would fit: another time zone\? If so, give comments_offset_s: 28800 in",
        ),
        ("2026-10-12 23", r"3 hour\(s\) earlier they would fit"),
        ("2025-10-12 20", r"365 day\(s\) later they would fit"),
    ],
)
def test_times_that_miss_the_recording_are_told_and_left(tmp_path: Path, wrong: str, says: str) -> None:
    import re

    audience = read(tmp_path, "danmaku.csv", ROWS.replace("2026-10-12 20", wrong))
    assert len(audience.comments) == 3
    assert re.search(says, audience.notes[0]), audience.notes
    assert audience.notes[0].startswith("audience: danmaku.csv: 3 of 3 times lie outside the recording")
    assert audience.sources[0].state == "partly"
    offset = int(re.search(r"_s: (-?\d+)", audience.notes[0])[1])  # type: ignore[index]
    assert read(tmp_path, "danmaku.csv", ROWS.replace("2026-10-12 20", wrong), offset_ms=offset * 1000).notes == ()


def test_orders_of_the_whole_day_are_no_trouble(tmp_path: Path) -> None:
    rows = "".join(f"2026-10-12 {hour:02}:10:00,{hour},QC-5,1,19.9\n" for hour in range(24))
    audience = read(tmp_path, "orders.csv", "time,order_id,sku,quantity,amount\n" + rows)
    assert len(audience.orders) == 24
    assert audience.notes == ()


def test_one_row_of_another_year_is_told(tmp_path: Path) -> None:
    audience = read(tmp_path, "danmaku.csv", ROWS + "2062-10-12 20:00:00,d,穿越\n")
    assert audience.notes == ("audience: danmaku.csv: 1 of its times lie more than a day from the recording",)
    assert added_up(audience)


def test_a_clock_more_than_hours_from_started_at_is_not_used(tmp_path: Path) -> None:
    audience = read(tmp_path, "danmaku.csv", ROWS, seen=screen(*clocks(0, day="2026-10-13 ")))
    assert audience.sources[0].clock == "assumed_zone"
    assert any("not used" in note for note in audience.sources[0].notes)


def test_local_times_are_china_s() -> None:
    assert local_ms(datetime(2026, 10, 12, 20)) == local_ms(datetime(2026, 10, 12, 20, tzinfo=CHINA))
