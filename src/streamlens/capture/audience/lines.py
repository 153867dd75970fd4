"""Bytes of a log become lines of text, whatever its encoding and line ends, and where parts of it differ in that.

Recorders are restarted under other settings and append to the same file; disks run full in the middle of a character.
So the encoding is decided line by line, and no byte ever makes a line unreadable.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from streamlens.errors import InputError

LARGEST = 1 << 30  # bytes
LONGEST = 1 << 24  # bytes of a line
_HEAD = 1 << 20
_PIECE = 1 << 20
_LOST = "\ufffd"
_USUAL = re.compile("[\u2010-\u2bff\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef\U0001f000-\U0001faff]")


class Line(NamedTuple):
    """`number` counts from 1; the text has no line end."""

    number: int
    text: str


def opened(path: Path) -> bytes:
    """The first bytes of a file that is not empty and not too large. InputError otherwise."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InputError(str(path), f"cannot be read ({error.strerror})", "check path and permissions") from error
    if size > LARGEST:
        raise InputError(str(path), f"is larger than {LARGEST >> 20} MB", "part it into files of a broadcast each")
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t \0"):
        raise InputError(str(path), "is empty", "fill it in, or remove it")
    return head


def encoding_of(head: bytes) -> str:
    """`utf-16-le`, `utf-16-be`, `gb18030`, or `utf-8`.

    >>> encoding_of("弹幕".encode("gbk")), encoding_of("弹幕".encode()), encoding_of("弹幕".encode("utf-16"))
    ('gb18030', 'utf-8', 'utf-16-le')
    """
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    even, odd = head[:4096:2].count(0), head[1:4096:2].count(0)
    if max(even, odd) * 8 > min(len(head), 4096) and min(even, odd) * 4 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8" if _fits(head, "utf-8") else "gb18030"


def lines(path: Path) -> Iterator[Line]:
    """The lines of a text file, blank ones too."""
    encoding = encoding_of(opened(path))
    number = 0
    for text in _wide(path, encoding) if encoding.startswith("utf-16") else _narrow(path, encoding):
        for part in text.rstrip("\r").split("\r"):
            number += 1
            yield Line(number, part.lstrip("\ufeff") if number == 1 else part)


def pieces(path: Path) -> Iterator[str]:
    """The text of a file in pieces that end anywhere: what is in one line, or in none."""
    decoder = codecs.getincrementaldecoder(encoding_of(opened(path)))("replace")
    with path.open("rb") as file:
        while data := file.read(_PIECE):
            yield decoder.decode(data).replace("\0", "")
    yield decoder.decode(b"", final=True)


def _narrow(path: Path, encoding: str) -> Iterator[str]:
    with path.open("rb") as file:
        while data := file.readline(LONGEST):
            yield _decoded(data.rstrip(b"\n"), encoding).replace("\0", "")


def _wide(path: Path, encoding: str) -> Iterator[str]:
    rest = ""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as file:
        while data := file.read(_PIECE):
            *whole, rest = (rest + decoder.decode(data)).replace("\0", "").split("\n")
            yield from whole
            if len(rest) > LONGEST:
                yield rest
                rest = ""
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


def _decoded(data: bytes, encoding: str) -> str:
    """In the file's encoding, unless it is plainly the other of the two."""
    if data.isascii():
        return data.decode("ascii")
    if encoding == "gb18030":
        text = data.decode("utf-8", "replace")
        other = _LOST not in text and any("\u4e00" <= char <= "\u9fff" for char in text)
        return text if other else data.decode("gb18030", "replace")
    return data.decode("utf-8" if _fits(data, "utf-8") else "gb18030", "replace")


def _fits(data: bytes, encoding: str) -> bool:
    """Whether it can be read so, or more of what is no ASCII can than cannot.

    What the other of the two encodings makes of Chinese are lost characters and letters that no comment is written in.
    """
    text = data.decode(encoding, "replace")
    if _LOST not in text:
        return True
    usual = sum(bool(_USUAL.match(char)) for char in text)
    return usual * 2 > sum(char > "\x7f" for char in text)
