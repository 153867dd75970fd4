"""What fetchers print: 【聊天msg】[id]nick: text, 【统计msg】...; with a clock in front, behind, or none."""

import re
from collections.abc import Iterable
from contextlib import suppress

from streamlens.capture.audience.counts import NotANumber, count
from streamlens.capture.audience.entries import Entry, Fault, Items, Kind, Left, shown
from streamlens.capture.audience.lines import Line
from streamlens.capture.audience.moments import moment

FORMAT = "console_log"

_DRESS = re.compile(r"\x1b\[[0-9;]*m|\[/?(?:[a-z ]+on )?#[0-9A-Fa-f]{6}\]|\[/?(?:white|black) on #[0-9A-Fa-f]{6}\]")
_LINE = re.compile(
    r"(?P<front>.{0,80}?)(?:【(?P<tag>[^】\s]{1,12})】|\[(?P<other>消息|来了|点赞|关注|礼物|分享|粉丝团)\])(?P<rest>.*)",
    re.DOTALL,
)
_TIME = r"(?:20\d\d[-/.]\d\d?[-/.]\d\d?[ T])?\d\d?:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?"
_IN_FRONT = re.compile(rf"\[?(?<![\d:])({_TIME})(?![\d:])\]?")
_BEHIND = re.compile(rf"\s*\[({_TIME})\]\s*$")
_ID = re.compile(r"\s*\[(?P<uid>[^\]]{0,40})\](?P<more>.*)", re.DOTALL)
_SEX = re.compile(r"\s*\[(?:男|女|保密|未知|unknown|male|female|\d)\]\s*")
_KINDS: dict[str, Kind] = {
    "聊天": "comment", "弹幕": "comment", "表情": "comment", "消息": "comment", "礼物": "gift", "点赞": "like",
    "进场": "enter", "来了": "enter", "关注": "follow", "粉丝团": "fan_club", "分享": "share", "统计": "viewers",
}  # fmt: skip
_GIFT = re.compile(r"(?P<name>.*?)\s*(?:送出了?|赠送了?|[:：])\s*(?P<what>.*?)(?:\s*[xX×*]\s*(?P<count>[^\sx×X]+))?")
_LIKE = re.compile(r"(?P<name>.*?)\s*(?:点了\s*(?P<count>\S+?)\s*个?赞|[xX×]\s*(?P<times>\S+))")
_ONLINE = re.compile(r"(?:当前观看人数|当前在线|在线人数|当前人数)\s*[:：]\s*([^,，\s]+)")
_WATCHED = re.compile(r"(?:累计观看人数|累计观看|总观看人数|观看总数)\s*[:：]\s*([^,，\s]+)")


def fits(lines: Iterable[str]) -> bool:
    return any((match := _LINE.fullmatch(line)) and _kind(match) for line in lines)


def read_log(lines: Iterable[Line]) -> Items:
    """A line an event. Lines of the program itself (【√】发送心跳包) are left out."""
    for number, raw in lines:
        text = _DRESS.sub("", raw).strip()
        if not text:
            continue
        match = _LINE.fullmatch(text)
        if not match:
            yield Fault(number, "is no line of a fetcher's log")
        elif kind := _kind(match):
            try:
                yield _event(number, kind, match["front"], match["rest"])
            except ValueError as error:  # NotANumber among them
                yield Fault(number, str(error))
        else:
            yield Left(number, "no_event")


def _kind(match: re.Match[str]) -> Kind | None:
    return _KINDS.get((match["tag"] or match["other"]).removesuffix("msg").removesuffix("消息") or "消息")


def _event(number: int, kind: Kind, front: str, rest: str) -> Entry:
    entry = Entry(row=number, kind=kind)
    said = ""
    if behind := _BEHIND.search(rest):
        said, rest = behind[1], rest[: behind.start()]
    elif before := _IN_FRONT.search(front):
        said = before[1]
    if said:
        entry.at = moment(said)
        entry.time_fault = "" if entry.at else f"its time {shown(said)} cannot be read"
    elif re.search(r"\d", front):
        entry.time_fault = f"its time {shown(front)} cannot be read"
    if kind == "viewers":
        online, watched = _ONLINE.search(rest), _WATCHED.search(rest)
        entry.online = count(online[1]) if online else None
        entry.watched = count(watched[1]) if watched else None
        if not (online or watched):
            raise ValueError("states no number of viewers")
        return entry
    if match := _ID.fullmatch(rest):
        entry.uid, rest = match["uid"], _SEX.sub("", match["more"], count=1)
    rest = rest.strip()
    if kind == "comment":
        name, colon, text = rest.partition(": ") if ": " in rest else rest.replace("：", ":", 1).partition(":")
        if not colon or not text.strip():
            raise ValueError("has no `name: text`")
        entry.name, entry.text = name.strip(), text.strip()
    elif kind in ("gift", "like"):
        match = (_GIFT if kind == "gift" else _LIKE).fullmatch(rest)
        if not match:
            raise ValueError("does not say who gave what")
        groups = match.groupdict()
        entry.name = groups["name"]
        with suppress(NotANumber):  # a gift's name may end in x
            entry.count = count(groups["count"] or groups.get("times") or "1") or 1
    elif kind == "fan_club":
        entry.name = rest.removeprefix("恭喜").strip().partition(" ")[0]
    else:
        entry.name = re.sub(r"\s*(?:进入了?直播间|关注了?主播|分享了?(?:直播间|主播)?|来了)$", "", rest)
    return entry
