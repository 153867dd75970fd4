"""What fetchers print."""

from pathlib import Path

import pytest

from capture.audience.logs import added_up, read, said

LOG = """【淘宝直播间】[529180182626]直播间：正在监听中.
【√】WebSocket连接成功.
【聊天msg】[0]果友甲: 有啥礼品
【聊天msg】[88]果友乙: 时间: 几点发货
【进场msg】[0][女]果友丙 进入了直播间
【礼物msg】果友丁 送出了 小心心x12
【点赞msg】果友丁 点了3个赞
【关注msg】[99]果友丁 关注了主播
【粉丝团msg】 恭喜 果友丁 成为粉丝团第12名成员
【统计msg】当前观看人数: 1.2万, 累计观看人数: 8670
【√】发送心跳包
【直播间排行榜msg】[]
"""
COUNTS = (("comment", 2), ("enter", 1), ("fan_club", 1), ("follow", 1), ("gift", 1), ("like", 1), ("viewers", 1))


def test_a_log_without_times_keeps_the_order_of_its_comments(tmp_path: Path) -> None:
    audience = read(tmp_path, "danmaku.log", LOG)
    (source,) = audience.sources
    assert [(each.row, each.text) for each in audience.untimed] == [(3, "有啥礼品"), (4, "时间: 几点发货")]
    assert not (audience.comments or audience.events or audience.viewers)
    assert (source.format, source.clock, source.counts) == ("console_log", "order", COUNTS)
    assert dict(source.left_out) == {"no_event": 4}
    assert added_up(audience)


@pytest.mark.parametrize(
    "dress",
    [
        lambda line: f"20:00:07 {line}",
        lambda line: f"[20:00:07] {line}",
        lambda line: f"2026-10-12 20:00:07,000 - INFO - {line}",
        lambda line: f"{line} [2026-10-12 20:00:07]",
        lambda line: f"\x1b[32m[2026-10-12 20:00:07]\x1b[0m {line}",
    ],
    ids=["front", "brackets", "logging", "behind", "colours"],
)
def test_forks_put_a_clock_in_front_or_behind(tmp_path: Path, dress: object) -> None:
    log = "\n".join(dress(line) for line in LOG.splitlines())  # type: ignore[operator]
    audience = read(tmp_path, "danmaku.log", log)
    assert said(audience) == [(7000, "有啥礼品"), (7000, "时间: 几点发货")]
    assert audience.sources[0].counts == COUNTS
    assert audience.sources[0].clock == "assumed_zone"
    assert [(v.online, v.watched) for v in audience.viewers] == [(12_000, 8670)]
    assert {(e.kind, e.count) for e in audience.events} >= {("gift", 12), ("like", 3)}
    assert len({e.viewer for e in audience.events if e.kind in ("gift", "like", "fan_club")} - {""}) == 1


def test_lines_of_no_kind_are_listed(tmp_path: Path) -> None:
    audience = read(
        tmp_path, "danmaku.log", LOG + "Traceback (most recent call last):\n【聊天msg】没有冒号\n【统计msg】无\n"
    )
    assert [fault.row for fault in audience.sources[0].faults] == [13, 14, 15]
    assert "3 of 15 rows cannot be read; row 13: is no line of a fetcher's log" in audience.sources[0].troubles
    assert len(audience.untimed) == 2
