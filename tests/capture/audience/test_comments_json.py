"""JSON logs in the shapes that fetchers write."""

import json
from pathlib import Path
from typing import Any

import pytest

from capture.audience.logs import added_up, broadcast, read, said

T = 1791806400  # 2026-10-12T20:00:00+08:00


def lines(*values: Any) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def test_messages_under_payload(tmp_path: Path) -> None:
    who = {"user_id": 111111, "user_id_str": "111111"}
    audience = read(
        tmp_path,
        "danmaku.jsonl",
        lines(
            {"type": "room_stats", "payload": {"display_long": "1.2万在线观众", "display_short": "1.2万", "total_user": None}, "timestamp": T + 1.5},
            {"type": "room_user_stats", "payload": {"current": 23, "total": "5388"}, "timestamp": T + 2},
            {"type": "room_user_stats", "payload": {"current": -1, "total": None}, "timestamp": T + 2},
            {"type": "chat", "payload": {**who, "nickname": "行***", "content": "来了[赞]"}, "timestamp": T + 3.25},
            {"type": "member", "payload": {**who, "nickname": "阿***", "action": "enter"}, "timestamp": T + 4},
            {"type": "gift", "payload": {**who, "nickname": "一***", "gift_name": "亲吻", "count": 2, "diamond_count": 99}, "timestamp": T + 5},
            {"type": "like", "payload": {**who, "nickname": "老***", "count": 7, "total": 4439}, "timestamp": T + 6},
            {"type": "follow", "payload": {**who, "nickname": "坤***", "action": "follow"}, "timestamp": T + 7},
            {"type": "fansclub", "payload": {**who, "nickname": "明***", "content": "恭喜 明*** 成为粉丝团第9名成员"}, "timestamp": T + 8},
            {"type": "stream_adaptation", "payload": {"adaptation_type": 1}, "timestamp": T + 9},
            {"type": "room_info", "payload": {"title": "脐橙"}, "timestamp": T + 9},
        ),
    )  # fmt: skip
    (source,) = audience.sources
    assert (source.format, source.clock, source.rows, source.left_out) == (
        "webcast_jsonl",
        "stated",
        11,
        (("no_event", 3),),
    )
    assert said(audience) == [(3250, "来了[赞]")]
    assert audience.comments[0].viewer == ""
    assert [(v.at_ms, v.online, v.watched) for v in audience.viewers] == [(1500, 12_000, None), (2000, 23, 5388)]
    assert [(e.kind, e.count, e.value_fen) for e in audience.events] == [
        ("enter", 1, None), ("gift", 2, 1980), ("like", 7, None), ("follow", 1, None), ("fan_club", 1, None),
    ]  # fmt: skip
    assert added_up(audience)


@pytest.mark.parametrize(
    ("message", "at_ms", "clock"),
    [
        ({"id": "7649", "method": "WebcastChatMessage", "user": {"name": "果友"}, "content": "甜吗", "timestamp": (T + 5) * 1000}, 5000, "stated"),
        ({"event_ts_ms": (T + 5) * 1000 + 1, "event_iso": "2026-10-12T20:00:05+08:00", "user": {"id": "5", "nickname": "果友"}, "content": "甜吗"}, 5001, "stated"),
        ({"event_iso": "2026-10-12T12:00:05Z", "nickname": "果友", "content": "甜吗"}, 5000, "stated"),
        ({"content": "甜吗", "event_time": str(T + 5), "common": {"method": "WebcastChatMessage", "msg_id": "72", "create_time": "0"}, "user": {"id": "0", "nickname": "果友"}}, 5000, "stated"),
        ({"content": "甜吗", "common": {"method": "WebcastChatMessage", "create_time": str(T + 5)}, "user": {"nickname": "果友"}}, 5000, "stated"),
        ({"time": "2026-10-12 20:00:05", "user": "果友", "text": "甜吗"}, 5000, "assumed_zone"),
        ({"time": 5.0, "user": "果友", "text": "甜吗"}, 5000, "relative"),
        ({"progress": 5000, "content": "甜吗", "user": "果友"}, 5000, "relative"),
        ({"用户行为": "弹幕", "时间": "20:00:05", "昵称": "果友", "内容": "甜吗"}, 5000, "assumed_zone"),
    ],
    ids=["dycast", "catcher", "iso", "webcast", "create_time", "local", "seconds", "progress", "chinese"],
)  # fmt: skip
def test_a_comment_in_whatever_fields(tmp_path: Path, message: dict[str, Any], at_ms: int, clock: str) -> None:
    audience = read(tmp_path, "danmaku.jsonl", lines(message))
    assert said(audience) == [(at_ms, "甜吗")]
    assert audience.comments[0].viewer
    assert audience.sources[0].clock == clock
    again = read(tmp_path, "danmaku.json", json.dumps([message, message], ensure_ascii=False, indent=1))
    assert said(again)[0] == (at_ms, "甜吗")


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("WebcastChatMessage", "comment"), ("WebcastEmojiChatMessage", "comment"), ("WebcastGiftMessage", "gift"),
        ("WebcastLikeMessage", "like"), ("WebcastMemberMessage", "enter"), ("WebcastSocialMessage", "follow"),
        ("WebcastFansclubMessage", "fan_club"), ("点赞消息", "like"), ("进场消息", "enter"), ("消息", "comment"),
        ("弹幕消息", "comment"), ("WebcastControlMessage", ""), ("WebcastRoomRankMessage", ""), ("WebcastProductChangeMessage", ""),
    ],
)  # fmt: skip
def test_messages_by_what_they_call_themselves(tmp_path: Path, method: str, kind: str) -> None:
    message = {"method": method, "user": {"name": "果友"}, "content": "好", "timestamp": T * 1000, "count": 1}
    audience = read(tmp_path, "danmaku.jsonl", lines(message, message | {"timestamp": T * 1000 + 1}))
    assert dict(audience.sources[0].counts) == ({kind: 2} if kind else {})


def test_a_session_in_one_file(tmp_path: Path) -> None:
    session = {
        "live_id": "1", "date": "2026-10-12", "session": 1, "nickname": "果园", "total_viewers": 1200, "total_likes": 30,
        "chat_messages": [{"timestamp": T + n, "user_id": str(n), "nickname": f"果友{n}", "content": f"第{n}条"} for n in range(5)],
        "gift_messages": [{"timestamp": T + 9, "user_id": "3", "nickname": "果友3", "gift_name": "小心心", "count": 4}],
    }  # fmt: skip
    whole = json.dumps(session, ensure_ascii=False, indent=2)
    audience = read(tmp_path, "danmaku.json", whole)
    assert len(audience.comments) == 5
    assert [(event.kind, event.count) for event in audience.events] == [("gift", 4)]
    assert audience.sources[0].format == "session_json"
    assert "of the whole session it says: total_viewers 1200, total_likes 30" in audience.sources[0].notes
    cut = read(tmp_path, "danmaku.json", whole[: whole.index("第4条")])
    assert [text for _, text in said(cut)] == ["第0条", "第1条", "第2条", "第3条"]
    assert "1 of 5 rows cannot be read" in cut.sources[0].troubles[0]


def test_torn_and_glued_lines_give_their_whole_messages(tmp_path: Path) -> None:
    def row(n: int) -> str:
        return json.dumps(
            {"type": "chat", "payload": {"nickname": "果友", "content": f"第{n}条"}, "timestamp": T + n},
            ensure_ascii=False,
        )

    log = "\n".join(
        (
            row(1) + row(2),
            row(3)[:40] + row(4),
            row(5)[30:],
            "null",
            "[1, 2]",
            row(6).replace("第", "\x07第"),
            row(7) + "]",
        )
    )
    audience = read(tmp_path, "danmaku.jsonl", log)
    assert [text for _, text in said(audience)] == ["第1条", "第2条", "第4条", "第6条", "第7条"]
    assert added_up(audience)


def test_the_same_message_twice_is_one_and_the_same_words_twice_are_two(tmp_path: Path) -> None:
    message = {
        "id": "1",
        "method": "WebcastChatMessage",
        "user": {"name": "果友"},
        "content": "已拍",
        "timestamp": T * 1000,
    }
    audience = read(
        tmp_path,
        "danmaku.jsonl",
        lines(message, message, {**message, "id": "2"}, {**message, "user": {"name": "别人"}}),
    )
    assert len(audience.comments) == 3
    assert audience.sources[0].left_out == (("repeated", 1),)


def test_deep_nesting_and_half_characters_end_nothing(tmp_path: Path) -> None:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    half = f'{{"type":"chat","payload":{{"nickname":"\\ud83d","content":"好\\ud83d吃"}},"timestamp":{T + 1}}}'
    audience = read(tmp_path, "danmaku.jsonl", "\n".join((half, deep, half)))
    assert [text for _, text in said(audience)] == ["好?吃", "好?吃"]
    assert dict(audience.sources[0].left_out) == {"unreadable": 1}


def test_comments_without_a_time_are_kept_apart_and_get_none(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "danmaku.jsonl",
        lines({"type": "chat", "nickname": "果友", "content": "多少钱"}, {"type": "chat", "content": "甜吗"}),
    )
    assert not audience.comments
    assert [(each.row, each.text) for each in audience.untimed] == [(1, "多少钱"), (2, "甜吗")]
    assert audience.sources[0].clock == "order"


def test_a_clock_is_of_no_use_without_the_start(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "danmaku.jsonl",
        lines({"type": "chat", "content": "甜吗", "timestamp": T}),
        recording=broadcast(began=None),
    )
    assert [each.text for each in audience.untimed] == ["甜吗"]
    assert audience.sources[0].clock == "none"
    assert "give started_at in stream.yaml" in audience.sources[0].troubles[0]
