"""Comments, counters and turnover of tables."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from capture.audience.logs import added_up, broadcast, read, said


def book(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    work = openpyxl.Workbook()
    work.remove(work.active)
    for name, rows in sheets:
        sheet = work.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    work.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "clock"),
    [
        ("danmaku.csv", "time,user,text\n2026-10-12T20:00:08.530,山风,甜不甜\n", "assumed_zone"),
        ("danmaku.csv", "time,user,text\n2026-10-12T12:00:08.530Z,山风,甜不甜\n", "stated"),
        ("danmaku.csv", "time,user,text\n8.53,山风,甜不甜\n", "relative"),
        ("danmaku.csv", "time_ms,user,text\n8530,山风,甜不甜\n", "relative"),
        ("danmaku.csv", "时间（毫秒）,昵称,弹幕\n8530,山风,甜不甜\n", "relative"),
        ("danmaku.csv", "timestamp,nickname,content\n1791806408530,山风,甜不甜\n", "stated"),
        ("danmaku.csv", "时间,用户昵称,弹幕内容\n20:00:08.53,山风,甜不甜\n", "assumed_zone"),
        ("danmaku.csv", "时间,用户昵称,弹幕内容\n0:00:08.53,山风,甜不甜\n", "relative"),
        ("danmaku.csv", "时间,用户昵称,弹幕内容\n10-12 20:00:08,山风,甜不甜\n", "assumed_zone"),
        ("danmaku.csv", "某直播间弹幕导出,,\n\n时间;昵称;内容\n2026/10/12 20:00:08;山风;甜不甜\n", "assumed_zone"),
        ("danmaku.tsv", "﻿时间\t昵称\t内容\r\n2026/10/12 20:00:08\t山风\t甜不甜\r\n", "assumed_zone"),
        ("danmaku.txt", '"时间","昵称","内容"\n"2026/10/12 20:00:08","山风","甜不甜"\n', "assumed_zone"),
        ("danmaku.csv", "弹幕,1791806408,2026-10-12 20:00:08,5001,甜不甜\n进场,1791806409,2026-10-12 20:00:09,5002,来了\n", "stated"),
        ("danmaku.csv", "2026-10-12 20:00:08,山风,甜不甜\n2026-10-12 20:00:09,山风,几斤\n", "assumed_zone"),
    ],
)  # fmt: skip
def test_a_table_of_comments(tmp_path: Path, name: str, text: str, clock: str) -> None:
    for encoding in ("utf-8", "gb18030", "utf-16"):
        data = text.lstrip("\ufeff") if encoding != "utf-8" else text
        audience = read(tmp_path, name, data.encode(encoding))
        assert audience.sources[0].clock == clock, encoding
        assert audience.comments[0].text == "甜不甜"
        assert 8000 <= audience.comments[0].at_ms <= 8530
        assert audience.comments[0].viewer


def test_behaviours_of_a_chart_tool_are_events(tmp_path: Path) -> None:
    rows = [
        ("弹幕", "甜不甜"),
        ("进场", "来了"),
        ("点赞", "点赞了"),
        ("关注", "关注了主播"),
        ("礼物", "小心心"),
        ("下线", ""),
    ]
    audience = read(
        tmp_path,
        "danmaku.csv",
        "".join(f"{kind},179180640{n},2026-10-12 20:00:0{n},{n},{text}\n" for n, (kind, text) in enumerate(rows)),
    )
    assert audience.sources[0].counts == (("comment", 1), ("enter", 1), ("follow", 1), ("gift", 1), ("like", 1))
    assert dict(audience.sources[0].left_out) == {"no_event": 1}


def test_cells_over_lines_commas_and_stray_quotes(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "danmaku.csv",
        "time,user,text\n"
        '1,山风,"两行\n的话, 还有逗号"\n'
        "2,山风,没有引号, 有逗号\n"
        '3,山风,"没有关上\n'
        '4,山风,5" 的盘子\n'
        '5,山风,"说了""好"""\n'
        '6,"山风,又没关上\n'
        "7,山风,最后\n",
    )
    assert said(audience) == [
        (1000, "两行\n的话, 还有逗号"), (2000, "没有引号, 有逗号"), (3000, "没有关上"), (4000, '5" 的盘子'), (5000, '说了"好"'),
        (6000, "又没关上"), (7000, "最后"),
    ]  # fmt: skip
    assert audience.sources[0].read == 7


def test_bad_rows_are_listed_and_no_other_is_lost(tmp_path: Path) -> None:
    audience = read(
        tmp_path, "danmaku.csv", "time,user,text\n1,a,好\n昨天,b,甜吗\n3,c,\n4,d\n,e,没有时间\n6,f,发货吗\n"
    )
    (source,) = audience.sources
    assert said(audience) == [(1000, "好"), (6000, "发货吗")]
    assert [(each.row, each.text) for each in audience.untimed] == [(3, "甜吗"), (6, "没有时间")]
    assert [(fault.row, fault.reason) for fault in source.faults] == [
        (3, "its time '昨天' cannot be read: kept without a time"),
        (4, "has no text"),
        (5, "has no text"),
        (6, "it has no time: kept without a time"),
    ]
    assert source.troubles == (
        "2 of 6 rows cannot be read, 2 only in part; row 3: its time '昨天' cannot be read: kept without a time",
    )
    assert (source.state, source.rows, source.read) == ("partly", 6, 4)
    assert len(read(tmp_path, "danmaku.csv", "time,user,text\n" + "x,y,z\n" * 9, most_faults=3).sources[0].faults) == 3


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("danmaku.csv", "time,user\n1,a\n", r"is none of the known formats \(found: time, user\); expected .* columns time \(时间\) and text"),
        ("danmaku.csv", "foo,bar\n1,王小明\n", r"is none of the known formats \(found: 2 columns without names\); expected"),
        ("viewers.csv", "when,how many\n1,2\n", r"is none of the known formats .* columns time \(时间\) and viewers \(在线人数\)"),
        ("orders.csv", "4800,2026-10-12 20:01:00,王小明,13800138000,西湖区\n", r"found: 5 columns without names\); .*order_id"),
        ("danmaku.txt", "今天直播很好\n大家都来了\n", "is none of the known formats"),
        ("danmaku.xml", "<html><body><i>不是弹幕</i></body></html>", "is none of the known formats"),
        ("danmaku.json", "{}", "no row|holds no rows|none of its rows"),
        ("danmaku.xlsx", "PK\x03\x04 nonsense", "cannot be opened as a workbook"),
        ("danmaku.csv", "\x01\x02\x03\x04\x05" * 100, r"is none of the known formats \(found: no text\)"),
        ("danmaku.csv", "  \n", "is empty; fill it in, or remove it"),
    ],
)  # fmt: skip
def test_a_file_of_no_known_format_is_told_with_what_is_expected(
    tmp_path: Path, name: str, text: str, what: str
) -> None:
    import re

    audience = read(tmp_path, name, text)
    (source,) = audience.sources
    assert re.search(what, source.troubles[0]), source.troubles
    assert not re.search("王小明|138001", str(audience))


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    audience = read(tmp_path, "danmaku.csv", "time,user,text\n" + "1,a,b\n" * 11, most_rows=10)
    assert audience.unread == ("danmaku.csv",)
    assert audience.sources[0].troubles == ("has more than 10 rows; part it, or raise audience.most_rows",)
    assert not audience.comments


def test_counters(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "viewers.csv",
        "时间,在线人数,累计观看人数,点赞数,新增粉丝\n20:00:00,1.2万,--,15,0\n20:01:00,-1,3.5w,x,2\n20:02:00,abc,,,\n20:03:00,--,--,,\n",
    )
    assert [(v.at_ms, v.online, v.watched, v.likes, v.new_followers) for v in audience.viewers] == [
        (0, 12_000, None, 15, 0), (60_000, None, 35_000, None, 2),
    ]  # fmt: skip
    assert [fault.row for fault in audience.sources[0].faults] == [3, 4, 4, 5]
    assert added_up(audience)


def test_minutes_of_turnover_keep_their_zeros(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "gmv.csv",
        "room_id,session_date,time,gmv_min\n1,2026-10-12,10-12 20:00,0.0\n1,2026-10-12,10-12 20:01,44.5\n1,2026-10-12,10-13 00:07,1.2万\n",
        role="orders",
    )
    assert [(s.start_ms, s.end_ms, s.gmv_fen) for s in audience.sales] == [
        (0, 60_000, 0), (60_000, 120_000, 4450), (14_820_000, 14_880_000, 1_200_000),
    ]  # fmt: skip


def test_an_export_may_give_viewers_and_turnover_in_one_row_and_sum_five_minutes(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "viewers.csv",
        "时间,在线人数,成交金额,成交订单数\n2026-10-12 20:00,880,100,5\n2026-10-12 20:05,910,0,0\n2026-10-12 20:10,--,59.9,1\n",
    )
    assert [(v.at_ms, v.online) for v in audience.viewers] == [(0, 880), (300_000, 910)]
    assert [(s.start_ms, s.end_ms, s.gmv_fen, s.orders) for s in audience.sales] == [
        (0, 300_000, 10_000, 5), (300_000, 600_000, 0, 0), (600_000, 900_000, 5990, 1),
    ]  # fmt: skip
    assert added_up(audience)


@pytest.mark.parametrize(
    "text",
    [
        "room_id,live_name,live_launched_time,live_duration,cost,orders,gross_revenue,roi\n1,果园,2026-10-12 20:00:00,1:00:00,50,30,120.5,2\n",
        "begin_time,duration,total_user,user_peak,product_size,amount,volume\n1791806400,3600,2.5w,-2,12,120.5,30\n",
    ],
)  # fmt: skip
def test_a_session_of_an_agency_s_table(tmp_path: Path, text: str) -> None:
    (row,) = read(tmp_path, "orders.csv", text).sales
    assert (row.start_ms, row.end_ms, row.gmv_fen, row.orders) == (0, 3_600_000, 12_050, 30)


def test_cells_of_a_workbook_that_are_times_and_numbers(tmp_path: Path) -> None:
    from datetime import datetime

    audience = read(
        tmp_path,
        "danmaku.xlsx",
        book(
            (
                "弹幕",
                [
                    ["时间", "用户id", "内容"],
                    [datetime(2026, 10, 12, 20, 0, 5), 5001, "甜不甜"],
                    [datetime(2026, 10, 12, 20, 0, 6, 500_000), 5002, 666],
                ],
            )
        ),
    )
    assert said(audience) == [(5000, "甜不甜"), (6500, "666")] or said(audience) == [(5000, "甜不甜"), (6000, "666")]


def test_a_table_of_sessions_gives_the_turnover_of_this_one(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "orders.xlsx",
        book(("场次", [["直播间", "开播时间", "直播时长", "观看人次", "直播间成交金额", "订单数"], ["果园", "2026-10-12 20:00:00", "1小时", "2.5w", "1.2w", 300],
                     ["果园", "2026-10-11 20:00:00", "1小时", "2w", "1w", 200], ["果园", "2026-10-10 20:00", "--", "-2", "-2147483648", ""]])),
    )  # fmt: skip
    assert [(s.start_ms, s.end_ms, s.gmv_fen, s.orders) for s in audience.sales] == [(0, 3_600_000, 1_200_000, 300)]
    assert dict(audience.sources[0].left_out) == {"other_broadcast": 1, "session_total": 1}


def test_workbooks_of_forks(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "danmaku.xlsx",
        book(
            ("说明", [["这是导出"], ["共两张表"]]),
            ("弹幕", [["时间", "用户id", "昵称", "sec_uid", "主页", "内容"], ["2026-10-12 20:00:05", 5001, "山风", "MS4w", "https://x", "甜不甜"],
                    ["坏的", 5002, "果友", "MS4x", "https://y", "几斤"]]),
        ),
    )  # fmt: skip
    assert said(audience) == [(5000, "甜不甜")]
    assert [each.text for each in audience.untimed] == ["几斤"]
    assert audience.sources[0].format == "table_comments"


def test_a_workbook_cut_off_is_told(tmp_path: Path) -> None:
    whole = book(("弹幕", [["时间", "内容"], *[["2026-10-12 20:00:05", f"第{n}条"] for n in range(500)]]))
    for share in (0.1, 0.5, 0.9, 0.99):
        audience = read(tmp_path, "danmaku.xlsx", whole[: int(len(whole) * share)])
        assert audience.unread == ("danmaku.xlsx",)
        assert "workbook" in audience.sources[0].troubles[0]


def test_seconds_beyond_the_end_are_milliseconds(tmp_path: Path) -> None:
    rows = "".join(f"{n * 30_000},a,第{n}条\n" for n in range(100))
    audience = read(tmp_path, "danmaku.csv", "time,user,text\n" + rows, recording=broadcast(60))
    assert said(audience)[-1] == (2_970_000, "第99条")
    assert any("milliseconds" in note for note in audience.sources[0].notes)
