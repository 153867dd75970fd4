"""focus.xlsx as a spreadsheet reads it."""

import io

import openpyxl
import pytest

from streamlens.link.compare import compare
from streamlens.report.focus import focus_sheet, heading, worded
from streamlens.report.messages import catalogue
from streamlens.schema import Focus

STREAM = Focus(
    recording="s1",
    anchor="=小橙",
    anchor_role="farmer",
    duration_ms=1_800_000,
    air_hhi=0.345,
    orders=9,
    air_top_rate=0.5,
)


def test_a_sheet_a_table_with_shares_as_shares_and_numbers_as_numbers() -> None:
    book = openpyxl.load_workbook(io.BytesIO(focus_sheet(compare([STREAM]), "zh")))
    assert book.sheetnames == ["商品", "主播", "主播角色", "同品对比（主播）", "同品对比（角色）", "历场趋势"]
    heads, row = ([cell for cell in line] for line in book["主播"].iter_rows(max_row=2))
    found = {head.value: cell for head, cell in zip(heads, row, strict=True)}
    assert found["主播"].value == "'=小橙"
    assert (found["集中度 HHI"].value, found["集中度 HHI"].number_format) == (0.345, "#,##0.0#")
    assert (found["头部商品占比"].value, found["头部商品占比"].number_format) == (0.5, "0%")
    assert found["每小时订单"].value == 18
    assert found["平均在线"].value is None
    assert found["说明"].value == "场次太少，不作比较"


def test_the_same_tables_give_the_same_bytes() -> None:
    assert focus_sheet(compare([STREAM]), "en") == focus_sheet(compare([STREAM]), "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_heading_is_worded(lang: str) -> None:
    codes = {code for table in compare([STREAM]) for code in (table.name, *table.heads)} | {
        "too_few",
        "derived",
        "uplink",
        "main",
    }
    assert [code for code in codes if f"focus.{code}" not in catalogue(lang)] == []


def test_names_are_not_taken_for_codes() -> None:
    assert worded("anchor", "main", "zh") == "main"
    assert worded("role", "main", "zh") == "主推"
    assert heading("something_else", "en") == "something_else"
