"""The workbooks as a spreadsheet program reads them."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import msgspec
import pytest
from openpyxl import load_workbook

from streamlens.report.bundle import Bundle
from streamlens.report.index import StreamResult
from streamlens.report.sheet import COLUMNS, batch_sheet, findings_sheet

Stream = Callable[[str], Bundle]
AT = {code: at for at, (code, _) in enumerate(COLUMNS)}


def sheets(data: bytes) -> Any:
    return load_workbook(BytesIO(data)).worksheets


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def test_one_row_a_finding_the_gravest_first(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    sheet = sheets(findings_sheet(bundle, "zh"))[0]
    heads, *body = rows(sheet)
    assert heads[: AT["kind"]] == ("序号", "判定", "时间", "商品", "商品编码")
    assert len(body) == len(bundle.findings.findings)
    first = body[0]
    assert [first[AT[c]] for c in ("verdict", "time", "product", "sku", "kind", "quote")] == [
        "法律禁止",
        "0:00:31",
        "赣南脐橙",
        "GN-QC-5",
        "保健功能",
        "能够提高免疫力",
    ]
    assert first[AT["law"]].splitlines()[1] == "《食品安全法实施条例》第三十八条（条号未核对原文）"
    assert first[AT["safer"]] and first[AT["confidence"]] == 0.93
    assert [row[AT["verdict"]] for row in body] == ["法律禁止"] * 4 + ["无证据"] * 5 + ["有证据"] * 4 + ["未主张"]
    assert {row[AT["safer"]] for row in body[9:]} == {None}  # nothing to say differently


def test_it_is_made_to_be_read(stream: Stream) -> None:
    sheet = sheets(findings_sheet(stream("d1-orchard"), "zh"))[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:S15"
    assert sheet["G2"].alignment.wrap_text
    assert sheet.column_dimensions["G"].width >= 25
    assert sheet["M2"].number_format == "0%"
    assert sheet["B2"].fill.fgColor.rgb != sheet["B6"].fill.fgColor.rgb  # verdicts in their colours


def test_the_second_sheet_says_what_it_comes_to_and_what_was_not_heard(stream: Stream) -> None:
    summary = rows(sheets(findings_sheet(stream("d1-orchard"), "en"))[1])
    assert ("Prohibited", 4) in summary
    assert ("Speech with text", 0.972) in summary
    assert ("Not heard", "0:02:02 - 0:02:05 speech without text") in summary


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝"])
def test_nothing_is_a_formula(stream: Stream, start: str) -> None:
    bundle = stream("d1-orchard")
    attack = f'{start}HYPERLINK("http://x","y")'
    finding = msgspec.structs.replace(
        bundle.findings.findings[0], quote=attack, sentence=attack, rule=attack, id=attack
    )
    findings = msgspec.structs.replace(bundle.findings, findings=(finding,))
    recording = msgspec.structs.replace(bundle.recording, title=attack, anchor=attack, notes=(attack,))
    hostile = msgspec.structs.replace(bundle, findings=findings, recording=recording)
    result = StreamResult(id=attack, recording=recording, findings=findings, error=attack)
    for data in (findings_sheet(hostile, "zh"), batch_sheet([result], "zh")):
        cells = [cell for sheet in sheets(data) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
        assert not any(cell.hyperlink for cell in cells)
        texts = [cell.value for cell in cells if isinstance(cell.value, str) and "HYPERLINK" in cell.value]
        assert len(texts) >= 4
        assert all(text.startswith("'") for text in texts)


def test_text_longer_than_a_cell_and_control_characters_are_survived(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    finding = msgspec.structs.replace(bundle.findings.findings[0], sentence="长" * 40_000, quote="a\x00\x0bb")
    findings = msgspec.structs.replace(bundle.findings, findings=(finding,))
    row = rows(sheets(findings_sheet(msgspec.structs.replace(bundle, findings=findings), "zh"))[0])[1]
    assert len(row[AT["sentence"]]) == 32_000


def test_the_same_findings_give_the_same_bytes(stream: Stream) -> None:
    assert findings_sheet(stream("d2-hens"), "zh") == findings_sheet(stream("d2-hens"), "zh")


def test_no_findings(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    empty = msgspec.structs.replace(bundle, findings=msgspec.structs.replace(bundle.findings, findings=()))
    assert len(rows(sheets(findings_sheet(empty, "zh"))[0])) == 1


def test_a_batch_has_all_findings_and_the_failures_first(stream: Stream) -> None:
    bundles = [stream(name) for name in ("d1-orchard", "d2-hens")]
    results = [
        StreamResult(id=b.recording.id, recording=b.recording, findings=b.findings, catalogue=b.catalogue)
        for b in bundles
    ]
    results.append(StreamResult(id="d9", error="d9/recording.mp4: not a media file"))
    streams, findings = map(rows, sheets(batch_sheet(results, "zh")))
    assert [row[0] for row in streams[1:]] == ["d9", "d2-hens", "d1-orchard"]
    assert streams[1][-1] == "d9/recording.mp4: not a media file"
    assert streams[2][5:11] == (3, 4, 6, 0, 2, 2)
    assert len(findings) - 1 == sum(len(b.findings.findings) for b in bundles)
    assert findings[1][0] == "d2-hens"
