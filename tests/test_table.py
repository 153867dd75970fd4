"""Tables in the forms that shops export."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from streamlens.errors import InputError
from streamlens.table import Row, decode, read_tables

TEXT = "编号,名称\n1,土鸡蛋\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gbk"),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode("gb18030"),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", ";").encode(),
        ("sep=;\n" + TEXT.replace(",", ";")).encode("utf-8-sig"),
        '="编号","名称"\n="1",土鸡蛋\n'.encode(),
        "编号,名称\n'1,\u200b 土鸡蛋\u00a0\n".encode(),
    ],
)
def test_one_table_in_many_encodings(tmp_path, data):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    (table,) = read_tables(path)
    assert [row.cells for row in table.rows] == [("编号", "名称"), ("1", "土鸡蛋")]


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,b\n\n"two\nlines",2\n ,\n3,4\n', encoding="utf-8")
    assert read_tables(path)[0].rows == (Row(1, ("a", "b")), Row(3, ("two\nlines", "2")), Row(5, ("3", "4")))


def test_the_delimiter_is_the_one_that_cuts_all_rows_alike(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("sku;name;price\nA;橙子,大果;19,90\nB;苹果;9,90\n", encoding="utf-8")
    assert read_tables(path)[0].rows[1].cells == ("A", "橙子,大果", "19,90")


def workbook(path: Path, *sheets: tuple[str, list[list[object]]], first_row: int = 0) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for at, cells in enumerate(rows):
                sheet.write_row(first_row + at, 0, cells)
    return path


def test_workbook_cells_are_text_as_shown(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ("空", []), ("商品", [["sku", "价格"], [10023, 0.1 + 0.2]]), first_row=2)
    empty, table = read_tables(path)
    assert empty.rows == ()
    assert (table.name, table.rows) == ("商品", (Row(3, ("sku", "价格")), Row(4, ("10023", "0.3"))))


@pytest.mark.parametrize("name", ["t.csv", "t.xls"])
def test_a_workbook_is_known_by_its_bytes(tmp_path, name):
    path = workbook(tmp_path / "t.xlsx", ("商品", [["sku"]])).rename(tmp_path / name)
    assert read_tables(path)[0].rows == (Row(1, ("sku",)),)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"PK\x03\x04junk", "cannot be opened as a workbook"),
        (b"<html><table>", "is a web page"),
        (b"\x00\x01\x02\x03\xff\xff", "is not text"),
    ],
)
def test_what_is_no_table_is_one_clear_line(tmp_path, data, what):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=what) as raised:
        read_tables(path)
    assert str(path) in str(raised.value) and "\n" not in str(raised.value)


def test_absent_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_tables(tmp_path / "none.csv")


def test_decode_prefers_utf8():
    assert decode("富硒".encode(), Path("x")) == decode("富硒".encode("gbk"), Path("x")) == "富硒"


def test_a_workbook_that_unpacks_without_end_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 3_000_000)
    monkeypatch.setattr("streamlens.table.MOST_UNPACKED", 1_000_000)
    with pytest.raises(InputError, match="unpacks to more than 0 MB"):
        read_tables(path)
