"""The letter as Word reads it."""

from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import msgspec
import pytest
from docx import Document
from docx.oxml.ns import qn

from streamlens.report.bundle import Bundle
from streamlens.report.letter import letter

Stream = Callable[[str], Bundle]


def opened(data: bytes) -> "Document":
    return Document(BytesIO(data))


def all_text(data: bytes) -> str:
    document = opened(data)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_finding_is_in_it_with_its_law_and_safer_words(stream: Stream, lang: str) -> None:
    bundle = stream("d2-hens")
    said = all_text(letter(bundle, lang))
    for finding in bundle.findings.findings:
        assert finding.quote in said
    assert {"zh": "《广告法》第十七条", "en": "Advertising Law, art. 17"}[lang] in said
    assert {"zh": "2026年9月20日 18:00", "en": "20 Sep 2026, 18:00"}[lang] in said
    assert {"zh": "审核人：", "en": "Reviewed by:"}[lang] in said
    assert "ui." not in said and "column." not in said


def test_headings_come_again_and_rows_are_not_cut(stream: Stream) -> None:
    table = opened(letter(stream("d2-hens"), "zh")).tables[2]
    first, *rest = (row._tr for row in table.rows)
    assert first.find(f".//{qn('w:tblHeader')}") is not None
    assert len(rest) == 13 and all(row.find(f".//{qn('w:cantSplit')}") is not None for row in rest)


def test_both_scripts_have_a_font(stream: Stream) -> None:
    style = opened(letter(stream("d1-orchard"), "zh")).styles["Normal"].element.rPr.rFonts
    assert (style.get(qn("w:ascii")), style.get(qn("w:eastAsia"))) == ("Arial", "SimSun")


def test_the_same_findings_give_the_same_bytes_and_no_macros(stream: Stream) -> None:
    once = letter(stream("d1-orchard"), "zh")
    assert once == letter(stream("d1-orchard"), "zh")
    with ZipFile(BytesIO(once)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("vba" in name.lower() for name in archive.namelist())


def test_hostile_text_stays_text(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    evil = "<w:t>x</w:t>\x00\x0b\ud800&{{7*7}}"
    finding = msgspec.structs.replace(bundle.findings.findings[0], quote=evil, heard=evil, product=evil)
    recording = msgspec.structs.replace(bundle.recording, title=evil, anchor=evil, id=evil)
    findings = msgspec.structs.replace(bundle.findings, findings=(finding,))
    said = all_text(letter(msgspec.structs.replace(bundle, recording=recording, findings=findings), "zh"))
    assert said.count("<w:t>x</w:t>&{{7*7}}") >= 4


def test_nothing_found_is_a_letter_too(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    empty = msgspec.structs.replace(bundle, findings=msgspec.structs.replace(bundle.findings, findings=()))
    assert "没有发现规则覆盖的宣称。" in all_text(letter(empty, "zh"))
