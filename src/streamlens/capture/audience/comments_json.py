"""Comments and events of JSON logs: one message a line, one file a session, dumps of a platform's own messages.

No two fetchers name their fields alike, so a message is known by what it holds: what kind it says it is, who, when,
what. Where a line or a file is torn, every whole message in it is still read.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count as counting
from pathlib import Path
from typing import Any

import msgspec

from streamlens.capture.audience.counts import NotANumber, count, fen
from streamlens.capture.audience.entries import Began, Entry, Fault, Item, Items, Kind, Left, Note, shown
from streamlens.capture.audience.lines import Line, lines
from streamlens.capture.audience.moments import moment
from streamlens.errors import InputError

LINES, SESSION = "webcast_jsonl", "session_json"
LARGEST = 1 << 28  # bytes of a file that is one value, which is read whole
DEEPEST = 8

_KINDS: tuple[tuple[str, Kind | None], ...] = (  # what a message calls itself, the first that fits; None: no event
    (r"super_?chat|paid|醒目", "paid_message"),
    (r"chat|danm[ua]|comment|弹幕|评论|聊天|发言|^消息$", "comment"),
    (r"gift|礼物|送礼", "gift"),
    (r"fans?_?club|粉丝团|guard", "fan_club"),
    (r"room_?user|user_?seq|room_?stats|stat(?:s|istic)|统计|viewers?|online", "viewers"),
    (r"like|digg|点赞", "like"),
    (r"member|enter|进场|进入|来了|join", "enter"),
    (r"follow|social|关注", "follow"),
    (r"share|分享", "share"),
)
_TIMES = (
    "event_ts_ms", "timestamp_ms", "time_ms", "ts_ms", "timestamp", "ts", "event_time", "send_time", "sendtime",
    "create_time", "created_at", "createtime", "msg_time", "time", "datetime", "date_time", "event_iso", "iso",
    "时间戳", "时间", "progress", "offset",
)  # fmt: skip
_NAMES = (
    "nickname", "nick_name", "nick", "user_name", "username", "name", "uname", "sender", "author", "昵称", "用户昵称",
    "用户名", "用户",
)  # fmt: skip
_UIDS = (
    "user_id_str", "id_str", "user_id", "userid", "uid", "sec_uid", "open_id", "id", "short_id", "display_id", "用户id",
    "用户ID",
)  # fmt: skip
_TEXTS = (
    "content",
    "text",
    "msg",
    "message",
    "comment",
    "danmaku",
    "default_content",
    "内容",
    "弹幕",
    "弹幕内容",
    "消息",
    "评论",
)
_IDS = ("msg_id", "message_id", "msgid", "id_str", "id", "log_id")
_COUNTS = ("count", "gift_count", "combo_count", "repeat_count", "like_count", "num", "giftcount", "数量")
_ONLINE = ("current", "online", "online_users", "online_count", "current_viewers", "viewer_count", "viewers",
           "user_count", "display_short", "在线人数", "当前观看人数")  # fmt: skip
_WATCHED = ("total", "total_user", "total_users", "total_viewers", "total_pv", "total_pv_for_anchor", "watched",
            "cumulative", "累计观看人数", "观看人数")  # fmt: skip
_TOTALS = ("total_viewers", "total_likes", "total_gifts", "total_chats", "total_comments", "peak_viewers")
_EVENT = frozenset({*_TEXTS, "gift_name", "giftname", "gift"})
_START = re.compile(r"\{\s*(?:\"|\})")


def fits(head: str) -> bool:
    return bool(re.match(r"\s*(\{\s*[\"}]|\[\s*[\{\]\[])", head))


def is_lines(first: Sequence[str]) -> bool:
    """Whether a log is one message a line, by its first lines."""
    filled = [line.strip() for line in first if line.strip()]
    alone = [isinstance(_decoded(line), dict) for line in filled]
    if sum(alone) > 1 or alone[:1] == [True]:
        return True
    # a file whose head is lost: its messages end in commas
    return (
        bool(filled)
        and not fits(filled[0])
        and sum(isinstance(_decoded(line.rstrip(",")), dict) for line in filled) > 1
    )


def read_lines(given: Iterable[Line]) -> Items:
    """A line a message; of a torn line every whole message."""
    for number, text in given:
        text = text.strip().rstrip(",")
        if not text or text in ("[", "]"):
            continue
        value = _decoded(text)
        if value is not _BAD:
            yield from _known(number, value)
            continue
        found = list(_salvaged(text))
        for each in found:
            yield from _known(number, each)
        yield Fault(number, "is no whole JSON message" + (f"; {len(found)} in it are" if found else ""))


def read_session(path: Path) -> Items:
    """A file that is one value: the messages in its lists, whatever they are called."""
    if path.stat().st_size > LARGEST:
        raise InputError(str(path), f"is one JSON value of more than {LARGEST >> 20} MB", "save one message a line")
    text = "\n".join(line.text for line in lines(path))
    value = _decoded(text)
    row = counting(1)
    if value is not _BAD:
        yield from _walk(value, "", row, DEEPEST)
        return
    for each in _salvaged(text, anywhere=True):
        yield from _known(next(row), each)
    yield Fault(next(row), "the file is no whole JSON value: cut off or damaged")


_BAD = object()


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        pass
    try:  # a control character in a string, NaN
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _BAD


def _salvaged(text: str, *, anywhere: bool = False) -> Iterator[dict[str, Any]]:
    """The whole messages in a text that is not whole: those that begin or end it, or in a damaged file all."""
    decoder = json.JSONDecoder(strict=False)
    at, spent, whole = 0, 0, len(text.rstrip())
    while (start := _START.search(text, at)) and spent < 64 * len(text) + 10_000:
        try:
            value, end = decoder.raw_decode(text, start.start())
        except RecursionError:
            return
        except ValueError as error:
            spent += max(getattr(error, "pos", 0) - start.start(), 0)
            at = start.start() + 1
            continue
        if isinstance(value, dict):
            alone = start.start() == 0 or end == whole or text[end : end + 8].lstrip(" ,\t").startswith("{")
            if (anywhere and _is_message(value)) or (alone and _when(_parts(value))[1]):
                yield value
                at = end
                continue
        at = start.start() + 1


def _walk(value: Any, inside: str, row: "counting[int]", deepest: int) -> Iterator[Item]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, inside, row, deepest - 1) if deepest else ()
    elif isinstance(value, dict):
        lists = {key: each for key, each in value.items() if isinstance(each, list) and each and _holds_messages(each)}
        if not lists or _is_message(value):
            yield from _known(next(row), value, inside)
            return
        totals = [f"{key} {value[key]}" for key in _TOTALS if isinstance(value.get(key), int)]
        if totals:
            yield Note(f"of the whole session it says: {', '.join(totals)}")
        for key, each in lists.items():
            yield from _walk(each, key, row, deepest - 1) if deepest else ()
    else:
        yield Fault(next(row), "is no message")


def _holds_messages(value: list[Any]) -> bool:
    return any(isinstance(each, dict | list) for each in value[:3])


def _is_message(value: Mapping[str, Any]) -> bool:
    inner = value.get("payload") or value.get("data")
    return not _EVENT.isdisjoint(value) or (isinstance(inner, dict) and "type" in value)


def _known(number: int, value: Any, inside: str = "") -> Iterator[Item]:
    if not isinstance(value, dict):
        yield Fault(number, "is no message (a JSON object)")
        return
    if isinstance(value.get("start_time"), str) and not _is_message(value) and (began := moment(value["start_time"])):
        yield Began(began)
    try:
        yield from _event(number, value, inside)
    except NotANumber as error:
        yield Fault(number, str(error))


def _event(number: int, message: Mapping[str, Any], inside: str) -> Iterator[Item]:
    parts = _parts(message)
    kind = _kind(parts, inside)
    if kind is None:
        yield Left(number, "no_event")
        return
    at, said = _when(parts)
    entry = Entry(row=number, kind=kind, at=at, id=_text(parts, _IDS))
    if said and at is None:
        entry.time_fault = f"its time {shown(said)} cannot be read"
    users = [user for part in parts if isinstance(user := part.get("user", part.get("from_user")), dict)]
    entry.name = _text([*users, *parts[1:], parts[0]], _NAMES) or _text(parts, ("user",))
    entry.uid = _text(users, _UIDS) or _text(parts, tuple(key for key in _UIDS if key not in ("id", "id_str")))
    if kind == "viewers":
        for field, keys in (("online", _ONLINE), ("watched", _WATCHED)):
            setattr(entry, field, next((found for v in _values(parts, keys) if (found := count(v)) is not None), None))
        if entry.online is None and entry.watched is None:
            yield Left(number, "no_event")
            return
    elif kind in ("comment", "paid_message"):
        entry.text = _text(parts, _TEXTS)
        if not entry.text.strip():
            yield Fault(number, "a comment without text (content)")
            return
        if kind == "paid_message":
            entry.value_fen = fen(next(iter(_values(parts, ("price",))), None))
    else:
        entry.count = next((found for v in _values(parts, _COUNTS) if (found := count(v))), 1)
        if kind == "gift":
            gift = [gift for part in parts if isinstance(gift := part.get("gift"), dict)]
            diamonds = next((count(v) for v in _values([*parts, *gift], ("diamond_count",))), None)
            entry.value_fen = None if diamonds is None else diamonds * 10 * entry.count  # ten of them cost a yuan
    yield entry


def _parts(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A message and what it is wrapped in."""
    inner = (message.get(key) for key in ("payload", "data", "common", "message"))
    return [message, *(each for each in inner if isinstance(each, dict))]


def _kind(parts: Sequence[Mapping[str, Any]], inside: str) -> Kind | None:
    keys = (
        "type",
        "method",
        "event",
        "event_type",
        "msg_type",
        "kind",
        "cmd",
        "behavior",
        "action",
        "类型",
        "用户行为",
    )
    named = [str(v).lower() for v in _values(parts, keys) if isinstance(v, str) and not v.isdecimal()]
    for said in [*named[:1], inside.lower()]:
        for pattern, kind in _KINDS:
            if re.search(pattern, said):
                return kind
    if any(key in part for part in parts for key in ("gift_name", "giftname", "gift")):
        return "gift"
    return None if named else "comment" if _text(parts, _TEXTS) else None


def _when(parts: Sequence[Mapping[str, Any]]) -> tuple[Any, str]:
    """The time of a message, and as it is written. 0 is how messages write that they have none."""
    said = ""
    for key in _TIMES:
        for value in _values(parts, (key,)):
            if value in (0, "0", ""):
                continue
            if (at := moment(value, in_ms=key.endswith("_ms") or key == "progress")) is not None:
                return at, str(value)
            said = said or str(value)
    return None, said


def _values(parts: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Iterator[Any]:
    """What these keys hold, in the order of the keys, lists and tables apart."""
    for key in keys:
        for part in parts:
            value = part.get(key)
            if value is not None and not isinstance(value, dict | list):
                yield value


def _text(parts: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> str:
    return next((str(value) for value in _values(parts, keys) if str(value).strip() not in ("", "0")), "")
