"""Comments of Bilibili's XML: of the site's videos, of BililiveRecorder and of others that write the same.

`<d p="seconds,mode,size,colour,epoch,pool,user,id">`, `<gift>`, `<sc>` (a paid comment), `<guard>` (a membership).
The file is not parsed as a document but element by element: a recording that was cut off, a bad character or a broken
tag costs that element and no other. So no entity is ever declared or expanded and no nesting followed.
"""

import html
import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from streamlens.capture.audience.counts import NotANumber, count, fen
from streamlens.capture.audience.entries import Began, Entry, Fault, Item, Items, Note, shown
from streamlens.capture.audience.lines import pieces
from streamlens.capture.audience.moments import moment

FORMAT = "bilibili_xml"
LONGEST = 1 << 18  # characters of an element

_MARK = re.compile(r"<(?:(d|gift|sc|guard)(?=[\s/>])|(BililiveRecorderRecordInfo|video_start_time)\b|(!--)|(!ENTITY))")
_TAG = re.compile(r"""<\w+(?P<named>(?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?P<empty>/?)>""")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_TWICE = re.compile(r"&#(\d{2,7}|x[0-9a-fA-F]{2,6});")  # what some write escaped twice: &amp;#128514;
_LIKE = re.compile(r"""<d\s+p\s*=|(?:^|[>\n])\s*<i>|<BililiveRecorder|<i\s+xmlns""")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


def fits(head: str) -> bool:
    """Whether a text is such a file, whole or not."""
    return bool(_LIKE.search(head)) and not re.match(r"\s*<(!doctype\s+)?html", head, re.IGNORECASE)


def read_xml(path: Path) -> Items:
    """The elements of a file in its order."""
    buffer, line = "", 1
    for piece in pieces(path):
        buffer += piece
        used = yield from _elements(buffer, line, last=False)
        line += buffer.count("\n", 0, used)
        buffer = buffer[used:]
    yield from _elements(buffer, line, last=True)


def _elements(text: str, line: int, *, last: bool) -> Generator[Item, None, int]:
    """What is in a stretch of the file; returns up to where it is settled. What runs over its end waits for more."""
    at = counted = 0
    while mark := _MARK.search(text, at):
        line += text.count("\n", counted, mark.start())
        counted = mark.start()
        waits = not last and len(text) - mark.start() < LONGEST
        name = mark[1] or mark[2]
        if name is None:
            if mark[4]:
                yield Note("it declares entities, which are not followed")
            end = text.find("-->", mark.end(), mark.start() + LONGEST) if mark[3] else mark.end()
            if end < 0 and waits:
                return mark.start()
            at = end if end >= 0 else mark.end()
            continue
        end, attributes, inner = _element(text, mark.start(), name)
        if end < 0:
            if waits:
                return mark.start()
            if mark[1]:
                yield Fault(line, f"<{name}> is broken or cut off")
            at = mark.end()
            continue
        yield from _read(name, attributes, inner, line)
        at = end
    if last:
        return len(text)
    return max(at, len(text) - 64)  # a mark may be cut in two


def _element(text: str, start: int, name: str) -> tuple[int, dict[str, str], str]:
    """Where it ends (-1: nowhere), its attributes and its text."""
    tag = _TAG.match(text, start, start + LONGEST)
    if not tag:
        return -1, {}, ""
    attributes = {key: html.unescape(one or other) for key, one, other in _ATTRIBUTE.findall(tag["named"])}
    if tag["empty"]:
        return tag.end(), attributes, ""
    opened = _MARK.search(text, tag.end(), start + LONGEST)
    while opened and not opened[1]:
        opened = _MARK.search(text, opened.end(), start + LONGEST)
    closed = text.find(f"</{name}>", tag.end(), opened.start() if opened else start + LONGEST)
    if closed < 0:
        return -1, {}, ""
    inner = _CDATA.sub(lambda found: html.escape(found[1]), text[tag.end() : closed])
    return closed + len(name) + 3, attributes, _TWICE.sub(lambda ref: html.unescape(ref[0]), html.unescape(inner))


def _read(name: str, given: dict[str, str], inner: str, line: int) -> Iterator[Item]:
    if name in ("BililiveRecorderRecordInfo", "video_start_time"):
        if began := moment(given.get("start_time") or inner):
            yield Began(began)
        return
    if name == "d":
        fields = [*given.get("p", "").split(","), *[""] * 8][:9]
        at = moment(fields[0])
        if at is None or at.kind != "relative":
            at = moment(fields[4]) if len(fields[4]) > 8 else None
        if not given.get("p") or not inner.strip():
            yield Fault(line, "<d> has no time, user and id (p)" if not given.get("p") else "<d> has no text")
            return
        row = "" if fields[7] in ("", "0") else fields[7]
        fault = "" if at else f"its time {shown(fields[0])} cannot be read"
        yield Entry(
            row=line, kind="comment", at=at, time_fault=fault, name=given.get("user", ""), uid=fields[6], text=inner,
            id=row,
        )  # fmt: skip
        return
    at = moment(given.get("ts", ""))
    entry = Entry(row=line, kind="gift", at=at, name=given.get("user", ""), uid=given.get("uid", ""))
    if at is None:
        entry.time_fault = f"its time {shown(given.get('ts', ''))} cannot be read"
    try:
        if name == "sc":
            entry.kind, entry.text, entry.value_fen = "paid_message", inner, fen(given.get("price"))
        elif name == "guard":
            entry.kind, entry.count = "fan_club", count(given.get("count", "1")) or 1
        else:
            entry.count = count(given.get("giftcount", "1")) or 1
            entry.value_fen = _coins(given.get("raw", ""))
    except NotANumber as error:
        yield Fault(line, f"<{name}>: {error}", lost=False)
    yield entry


def _coins(raw: str) -> int | None:
    """What a gift cost by the platform's own message: 1000 gold coins are a yuan, silver ones are free."""
    with suppress(msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeEncodeError, NotANumber):
        message = msgspec.json.decode(raw.encode())
        if isinstance(message, dict) and message.get("coin_type") == "gold":
            coins = count(message.get("total_coin"))
            return None if coins is None else coins // 10
    return None
