"""Audience logs of every format, made up, and the rows of real ones, found without the product's readers."""

import csv
import json
import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree  # for files that are trusted here, to count independently of the reader

CHINA = timezone(timedelta(hours=8))
BEGAN = datetime(2026, 10, 12, 23, 40, tzinfo=CHINA)  # so that it goes on past midnight
DURATION_MS = 40 * 60_000
WORDS = (
    "多少钱一斤",
    "发新疆吗",
    "甜不甜",
    "打农药吗",
    "已拍😋",
    "[赞][赞]",
    "什么时候发货",
    "有没有坏果",
    "能便宜点吗",
    "几斤装",
)


class Row(NamedTuple):
    """A row as it is in the file. `kind` and `said` are what it holds, `time` its time as written in it."""

    text: str
    kind: str  # "" for a line that is no row
    said: str = ""
    time: str = ""


class Sample(NamedTuple):
    name: str
    role: str
    rows: tuple[Row, ...]
    head: str = ""
    tail: str = ""
    joint: str = "\n"
    header: tuple[str, ...] = ()  # of a table
    delimiter: str = ","


# ---- logs of every format


def _moments(rng: random.Random, count: int) -> list[datetime]:
    """Times of a broadcast that goes on past midnight."""
    return sorted(BEGAN + timedelta(milliseconds=rng.randrange(5_000, DURATION_MS - 60_000)) for _ in range(count))


def _words(rng: random.Random, count: int) -> list[str]:
    return [f"{rng.choice(WORDS)}{n}" for n in range(count)]


def made(rng: random.Random, count: int = 30) -> list[Sample]:
    """A log of each format, of `count` rows."""
    at, said = _moments(rng, count), _words(rng, count)
    name = [f"果友{rng.randrange(90)}号" for _ in range(count)]
    since = [f"{(time - BEGAN).total_seconds():.3f}" for time in at]
    epoch = [f"{time.timestamp():.3f}" for time in at]
    ms = [f"{time.timestamp() * 1000:.0f}" for time in at]
    clock = [f"{time:%Y-%m-%d %H:%M:%S}" for time in at]
    samples = []

    def add(name: str, make: Callable[[int], str | tuple[str, str, str]], times: list[str], **given: Any) -> None:
        rows = []
        for n in range(count):
            text = make(n)
            whole = (text, "comment", said[n]) if isinstance(text, str) else text
            rows.append(Row(*whole, times[n]))
        samples.append(Sample(name=name, role=given.pop("role", "comments"), rows=tuple(rows), **given))

    def js(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    def recorder(n: int) -> str | tuple[str, str, str]:
        raw = "[[0,1,25],&quot;raw&quot;]"
        if n % 5 == 4:
            return (
                f'  <gift ts="{since[n]}" user="{name[n]}" giftname="小心心" giftcount="2" raw="{raw}" />',
                "gift",
                "",
            )
        return f'  <d p="{since[n]},1,25,14893055,{ms[n]},0,{n + 7},0" user="{name[n]}" raw="{raw}">{said[n]}</d>'

    start = f"{BEGAN:%Y-%m-%dT%H:%M:%S}.6348295+08:00"
    add(
        "bililiverecorder.xml",
        recorder,
        since,
        tail="\n</i>\n",
        head='<?xml version="1.0" encoding="utf-8"?>\n<?xml-stylesheet type="text/xsl" href="#s"?>\n<i>\n'
        '<!-- <d p="0">no</d> -->\n<chatserver>chat.bilibili.com</chatserver>'
        f'<BililiveRecorderRecordInfo roomid="1" start_time="{start}" />\n'
        '<BililiveRecorderXmlStyle><z:stylesheet version="1.0"><z:output method="html"/><z:template match="/"><div>d'
        "</div></z:template></z:stylesheet></BililiveRecorderXmlStyle>\n",
    )
    add(
        "site.xml",
        lambda n: f'<d p="{since[n]},1,25,16777215,{epoch[n][:-4]},0,{n:08x},{9000 + n},10">{said[n]}</d>',
        since,
        head='<?xml version="1.0" encoding="UTF-8"?><i><chatserver>chat.bilibili.com</chatserver><chatid>1</chatid>',
        tail="</i>",
        joint="",
    )

    def sidecar(n: int) -> str | tuple[str, str, str]:
        payload = {"user_id": 111111, "nickname": f"{name[n][0]}***"}
        if n % 4 == 3:
            kind, inside = [
                ("gift", {"gift_name": "亲吻", "count": 1, "diamond_count": 99}),
                ("member", {"action": "enter"}),
                ("room_user_stats", {"current": n, "total": "1.2万"}),
            ][n // 4 % 3]
            text = js({"type": kind, "payload": {**payload, **inside}, "timestamp": float(epoch[n])})
            return text, {"member": "enter", "room_user_stats": "viewers"}.get(kind, kind), ""
        return js({"type": "chat", "payload": {**payload, "content": said[n]}, "timestamp": float(epoch[n])})

    add("sidecar.jsonl", sidecar, [js(float(each)) for each in epoch])
    add(
        "dycast.jsonl",
        lambda n: js(
            {
                "id": str(7649725129967285000 + n),
                "method": "WebcastChatMessage",
                "user": {"name": name[n]},
                "content": said[n],
                "timestamp": int(ms[n]),
            }
        ),
        ms,
    )
    add(
        "catcher.jsonl",
        lambda n: js(
            {
                "event_ts_ms": int(ms[n]),
                "event_iso": f"{at[n]:%Y-%m-%dT%H:%M:%S+08:00}",
                "user": {"id": str(n), "nickname": name[n]},
                "content": said[n],
            }
        ),
        ms,
    )
    add(
        "webcast.jsonl",
        lambda n: js(
            {
                "content": said[n],
                "event_time": epoch[n][:-4],
                "common": {"method": "WebcastChatMessage", "msg_id": str(72920269 + n), "create_time": "0"},
                "user": {"id": "0", "nickname": name[n]},
            }
        ),
        [f'"{each[:-4]}"' for each in epoch],
    )
    add(
        "session.json",
        lambda n: js({"timestamp": float(epoch[n]), "user_id": str(n), "nickname": name[n], "content": said[n]}),
        [js(float(each)) for each in epoch],
        joint=",\n",
        head='{"live_id": "1", "date": "2026-10-12", "total_viewers": 1200, "chat_messages": [',
        tail="]}",
    )
    for file, delimiter in (("danmaku.csv", ","), ("danmaku.tsv", "\t")):
        add(
            file,
            lambda n, d=delimiter: d.join((clock[n], name[n], said[n])),
            clock,
            head=f"时间{delimiter}用户昵称{delimiter}弹幕内容\n",
            header=("时间", "用户昵称", "弹幕内容"),
            delimiter=delimiter,
        )
    add(
        "seconds.csv",
        lambda n: f"{since[n]},{name[n]},{said[n]}",
        since,
        head="time,user,text\n",
        header=("time", "user", "text"),
    )
    add("chart.csv", lambda n: f"弹幕,{epoch[n][:-4]},{clock[n]},{n + 5000},{said[n]}", clock)
    add(
        "console.log", lambda n: f"【聊天msg】[{n}]{name[n]}: {said[n]}", [""] * count, head="【√】WebSocket连接成功.\n"
    )
    add(
        "clocked.log",
        lambda n: (
            (f"【进场msg】[{n}][男]{name[n]} 进入了直播间 [{clock[n]}]", "enter", "")
            if n % 3 == 2
            else f"【聊天msg】[{n}]{name[n]}: {said[n]} [{clock[n]}]"
        ),
        clock,
    )
    add(
        "fronted.log",
        lambda n: f"{at[n]:%H:%M:%S} 【聊天msg】[{n}]{name[n]}: {said[n]}",
        [f"{each:%H:%M:%S}" for each in at],
    )
    add(
        "viewers.csv",
        lambda n: (f"{clock[n]},{900 + n},{n},1", "viewers", ""),
        clock,
        role="viewers",
        head="time,viewers,likes,new_followers\n",
        header=("time", "viewers", "likes", "new_followers"),
    )
    add(
        "orders.csv",
        lambda n: (f"{4800 + n},{clock[n]},QC-5,1,19.90,0,已完成", "order", ""),
        clock,
        role="orders",
        head="订单号,支付时间,商家编码,数量,实付金额,退款金额,订单状态\n",
        header=("订单号", "支付时间", "商家编码", "数量", "实付金额", "退款金额", "订单状态"),
    )
    add(
        "gmv.csv",
        lambda n: (f"1,2026-10-12,{at[n]:%m-%d %H:%M},{n}.5", "sales", ""),
        [f"{each:%m-%d %H:%M}" for each in at],
        role="orders",
        head="room_id,session_date,time,gmv_min\n",
        header=("room_id", "session_date", "time", "gmv_min"),
    )
    return samples


# ---- real logs, their rows found without the reader


def found(folder: Path) -> list[Sample]:
    """The logs of a folder that hold a row at least."""
    samples = []
    for path in sorted(folder.rglob("*")):
        read = {".xml": _xml, ".jsonl": _jsonl, ".log": _log, ".csv": _csv}.get(path.suffix)
        if read and path.name not in ("catalog.csv", "evidence.csv"):
            sample = read(path, path.read_bytes().decode())
            if sample.rows:
                samples.append(sample)
    return samples


def _xml(path: Path, text: str) -> Sample:
    places = list(re.finditer(r"<(d|gift|sc|guard) .*?(?:</\1>|/>)", text, re.DOTALL))
    rows = []
    for match in places:
        node = ElementTree.fromstring(match[0])  # noqa: S314
        kind = {"d": "comment", "guard": "fan_club", "sc": "paid_message"}.get(node.tag, node.tag)
        said = re.sub(r"&#(\d+);", lambda ref: chr(int(ref[1])), node.text or "").strip()
        rows.append(
            Row(match[0], kind, said if kind == "comment" else "", (node.get("p") or node.get("ts", "")).split(",")[0])
        )
    head, tail = (text[: places[0].start()], text[places[-1].end() :]) if places else (text, "")
    return Sample(path.name, "comments", tuple(rows), head, tail, "\n" if "\n" in text[-400:] else "")


def _jsonl(path: Path, text: str) -> Sample:
    rows = []
    names = {
        "chat": "comment",
        "webcastchatmessage": "comment",
        "member": "enter",
        "room_stats": "viewers",
        "room_user_stats": "viewers",
        "fansclub": "fan_club",
    }
    for line in text.splitlines():
        value = json.loads(line)
        kind = str(value.get("type") or value.get("method")).lower()
        kind = names.get(kind, kind if kind in ("gift", "like", "follow") else "")
        said = (value.get("payload") or value).get("content", "") if kind == "comment" else ""
        rows.append(Row(line, kind, said.strip(), json.dumps(value.get("timestamp"))))
    return Sample(path.name, "comments", tuple(rows))


def _log(path: Path, text: str) -> Sample:
    names = {"聊天": "comment", "进场": "enter", "统计": "viewers", "礼物": "gift", "点赞": "like", "关注": "follow"}
    rows = []
    for line in text.splitlines():
        match = re.match(r"【(..)msg】(?:\[.*?\][^:]*: )?(.*)", line)
        kind = names.get(match[1], "") if match else ""
        rows.append(Row(line, kind, match[2].strip() if match and kind == "comment" else ""))
    return Sample(path.name, "comments", tuple(rows))


def _csv(path: Path, text: str) -> Sample:
    header, *lines = text.splitlines()
    names = tuple(next(csv.reader([header])))
    kind, role = next(
        pair
        for name, pair in {
            "text": ("comment", "comments"),
            "order_id": ("order", "orders"),
            "gmv_min": ("sales", "orders"),
            "viewers": ("viewers", "viewers"),
        }.items()
        if name in names
    )
    rows = []
    for line in lines:
        cells = dict(zip(names, next(csv.reader([line])), strict=True))
        rows.append(Row(line, kind, cells.get("text", "").strip(), cells["time"]))
    return Sample(path.name, role, tuple(rows), header + "\n", header=names)
