"""Bytes become lines, whatever their encoding."""

from pathlib import Path

import pytest

from streamlens.capture.audience import lines as module
from streamlens.capture.audience.lines import encoding_of, lines, opened, pieces
from streamlens.errors import InputError

TEXT = "多少钱一斤\n甜不甜[赞]😋\nПривет, 好吃\n"


def texts(folder: Path, data: bytes) -> list[str]:
    path = folder / "log.txt"
    path.write_bytes(data)
    return [line.text for line in lines(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_encoding_is_told(tmp_path: Path, encoding: str) -> None:
    assert texts(tmp_path, TEXT.encode(encoding))[:3] == TEXT.splitlines()
    assert "".join(pieces(tmp_path / "log.txt")).lstrip("\ufeff") == TEXT


def test_a_file_may_change_its_encoding_from_line_to_line(tmp_path: Path) -> None:
    mixed = [
        text.encode(encoding) for text in ("什么时候发货", "弹幕,到了没有", "ok") for encoding in ("utf-8", "gb18030")
    ]
    expected = ["什么时候发货"] * 2 + ["弹幕,到了没有"] * 2 + ["ok"] * 2
    assert texts(tmp_path, b"\n".join(mixed)) == expected
    assert texts(tmp_path, b"\n".join(mixed[::-1])) == expected[::-1]


def test_line_ends_are_mixed_and_numbers_count_from_one(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"a\r\nb\nc\rd\n\ne\0\0f")
    assert [(line.number, line.text) for line in lines(tmp_path / "log.txt")] == [
        (1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, ""), (6, "ef"),
    ]  # fmt: skip


def test_a_bad_byte_costs_one_character(tmp_path: Path) -> None:
    data = "苹果多少钱一斤".encode()
    assert texts(tmp_path, data[:4] + b"\xff" + data[5:])[0].endswith("多少钱一斤")


def test_cjk_without_a_mark_is_not_taken_for_wide_characters() -> None:
    assert encoding_of(b"time,user,text\n" * 10) == "utf-8"
    assert encoding_of("время\n".encode()) == "utf-8"


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf\r\n", b"\0" * 100, b"\xff\xfe"])
def test_an_empty_file_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "log.txt").write_bytes(data)
    with pytest.raises(InputError, match=r"is empty; fill it in, or remove it"):
        opened(tmp_path / "log.txt")


def test_a_file_that_is_too_large_or_absent_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        opened(tmp_path / "none.txt")
    monkeypatch.setattr(module, "LARGEST", 1 << 20)
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(InputError, match="is larger than 1 MB; part it"):
        opened(tmp_path / "large.txt")
