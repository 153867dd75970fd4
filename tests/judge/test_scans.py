"""Scanned papers join the written ones, and what verdicts make of what was read unsurely."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judge.conftest import EVENING
from sheets import file
from streamlens.errors import InputError
from streamlens.judge.doubts import surely
from streamlens.judge.evidence import TYPES, read_evidence
from streamlens.judge.findings import judge
from streamlens.judge.scans import ScanOptions, join_scans
from streamlens.report.messages import LANGS, catalogue, word
from streamlens.schema import (
    Catalogue,
    Claims,
    Evidence,
    Finding,
    Message,
    OrganicCertificate,
    Product,
    Recording,
    ScannedFile,
    ScanTexts,
    TestItem,
    TestReport,
)

SOURCE = Path(__file__).parents[2] / "src" / "streamlens" / "judge"
SOLD = Catalogue(
    products=(
        Product(sku="A", name="五常大米10斤", aliases=("大米",), kind="primary"),
        Product(sku="B", name="赣南脐橙", aliases=("脐橙",), kind="fresh"),
        Product(sku="S", name="香菇酱", category="调味品", kind="processed"),
    )
)
ORGANIC = """
#有机产品认证证书
证书编号：131OP2500417
产品名称：五常大米
证书有效期：2025年11月01日至2026年10月31日
"""
REPORT = """
#检验报告
报告编号：FJ-0817
样品名称：赣南脐橙
签发日期：2026年10月08日
检验项目\t检验结果\t单位
毒死蜱\t未检出\tmg/kg
克百威\t0.05\tmg/kg
"""
LICENCE = """
#食品生产许可证
许可证编号：SC10335060200123
生产者名称：甲乙食品有限公司
食品类别：罐头
有效期至：2029年03月01日
"""


def blurred(text: str, words: str, confidence: float = 0.7, name: str = "证书.jpg") -> ScannedFile:
    """A file in which the lines that hold these words were read unsurely."""
    read = file(text, name=name)
    page = read.pages[0]
    lines = tuple(
        msgspec.structs.replace(line, confidence=confidence) if words in line.text else line for line in page.lines
    )
    return msgspec.structs.replace(read, pages=(msgspec.structs.replace(page, lines=lines),))


def join(*files: ScannedFile, written: Evidence | None = None, sold: Catalogue = SOLD) -> Evidence:
    found = join_scans(written or Evidence(), ScanTexts(files=files), sold)
    for message in (*(note for scan in found.scans for note in scan.notes), *(doubt.message for doubt in found.doubts)):
        worded(message)
    return found


def worded(message: Message) -> None:
    for lang in LANGS:
        shown = word(message, lang)
        assert "{" not in shown and "scan." not in shown.partition(" ")[0] and "judge." not in shown, shown


@pytest.fixture
def written(tmp_path: Any) -> Callable[[str], Evidence]:
    def read(text: str) -> Evidence:
        path = tmp_path / "evidence.yaml"
        path.write_text(f"documents:\n{text}", encoding="utf-8")
        return read_evidence(path, SOLD)

    return read


@pytest.fixture
def verdict(law: Any, rulebook: Any, claim: Callable[..., Any]) -> Callable[..., Finding]:
    def finding(quote: str, kind: str, evidence: Evidence, product: str = "A") -> Finding:
        found = judge(
            Recording(id="r1", parts=(), duration_ms=3_600_000, started_at=EVENING),
            Claims(recording="r1", rules_version="v1", claims=(claim(quote, kind, product=product),)),
            evidence,
            SOLD,
            rulebook,
            law,
        ).findings[0]
        for step in found.trace[1:]:
            worded(step.message)
        worded(found.reason)
        return found

    return finding


# ---- what was read surely


def test_a_scan_becomes_the_same_document_as_a_written_one():
    found = join(file(ORGANIC))
    assert found.documents == (
        OrganicCertificate(
            id="证书.jpg", covers=("A",), number="131OP2500417", valid_from=date(2025, 11, 1),
            valid_to=date(2026, 10, 31),
        ),
    )  # fmt: skip
    (scan,) = found.scans
    assert (scan.file, scan.state, scan.type, scan.document, scan.notes) == (
        "证书.jpg", "read", "organic_certificate", "证书.jpg", (),
    )  # fmt: skip
    last = next(field for field in scan.fields if field.name == "valid_to")
    assert (last.value, last.page, last.confidence) == ("2026-10-31", 1, 0.98)
    assert 0 <= last.box[0] < last.box[2] <= 1 and 0 <= last.box[1] < last.box[3] <= 1
    assert found.doubts == ()


def test_it_decides_as_a_written_one(verdict):
    assert verdict("有机大米", "certification.organic", join(file(ORGANIC))).verdict == "supported"
    old = join(file(ORGANIC.replace("2026年10月31日", "2026年05月31日")))
    assert verdict("有机大米", "certification.organic", old).verdict == "unsupported"
    assert verdict("有机脐橙", "certification.organic", join(file(ORGANIC)), "B").verdict == "unsupported"
    assert verdict("零农残", "purity.pesticide", join(file(REPORT)), "B").verdict == "contradicted"


def test_two_papers_in_one_file():
    found = join(file(ORGANIC, REPORT, name="全部.pdf"))
    assert [document.id for document in found.documents] == ["全部.pdf", "全部.pdf#2"]
    assert [scan.fields[-1].page for scan in found.scans] == [1, 2]


# ---- what was not


def test_a_doubtful_field_decides_nothing_and_the_reason_names_file_page_and_field(verdict):
    doubtful = join(blurred(ORGANIC, "有效期"))
    finding = verdict("有机大米", "certification.organic", doubtful)
    assert finding.verdict == "unclear"
    assert word(finding.reason, "en") == (
        "证书.jpg, page 1: last day of validity was read as “2026-10-31”, 70% sure; look at it and write it in "
        "evidence.yaml."
    )
    assert finding.evidence == ("证书.jpg",)
    expired = join(blurred(ORGANIC.replace("2026年10月31日", "2026年05月31日"), "有效期"))
    assert verdict("有机大米", "certification.organic", expired).verdict == "unclear"


def test_a_doubt_that_changes_nothing_is_none(verdict):
    found = join(blurred(ORGANIC, "编号"))
    assert [doubt.field for doubt in found.doubts] == ["number"]
    assert verdict("有机大米", "certification.organic", found).verdict == "supported"


@pytest.mark.parametrize(
    ("words", "expected"),
    [("克百威", "unclear"), ("0.05", "unclear"), ("毒死蜱", "contradicted"), ("FJ", "contradicted")],
)
def test_only_the_items_that_matter_matter(verdict, words, expected):
    assert verdict("零农残", "purity.pesticide", join(blurred(REPORT, words)), "B").verdict == expected


def test_the_bound_is_an_option():
    texts = ScanTexts(files=(blurred(ORGANIC, "有效期"),))
    assert join_scans(Evidence(), texts, SOLD, options=ScanOptions(min_confidence=0.6)).doubts == ()


def test_a_missing_field_is_told_and_an_unread_paper_is_no_missing_paper(verdict):
    found = join(file("#采收记录\n产品名称：赣南脐橙\n采收人：某某", name="采收.jpg"))
    (scan,) = found.scans
    assert (scan.state, scan.document, found.documents) == ("partly", "", ())
    assert [word(note, "en") for note in scan.notes] == [
        "time of harvest was not found on 采收.jpg; write it in evidence.yaml."
    ]
    finding = verdict("今天早上刚摘的", "freshness.harvest", found, "B")
    assert (finding.verdict, finding.evidence) == ("unclear", ("采收.jpg",))
    assert verdict("今天早上刚摘的", "freshness.harvest", found, "A").verdict == "unsupported"  # it is of oranges


UNREAD = {
    "a damaged file": (ScannedFile(name="a.jpg", trouble=Message(code="scan.damaged")), "unreadable", "unclear"),
    "text that cannot be made out": (file("芷节鳊号\n冇效萁", name="a.jpg", confidence=0.4), "unreadable", "unclear"),
    "a picture without text": (ScannedFile(name="果园.jpg", pages=(file(" ").pages)), "other", "unsupported"),
    "another paper": (file("#会议纪要\n出席人：某某", name="a.jpg"), "other", "unsupported"),
    "another format": (
        ScannedFile(name="a.docx", trouble=Message(code="scan.format", args=(("suffix", ".docx"),))),
        "other",
        "unsupported",
    ),
    "of another type by its name": (
        ScannedFile(name="采收记录.jpg", trouble=Message(code="scan.damaged")),
        "unreadable",
        "unsupported",
    ),
    "of that type by its name": (
        ScannedFile(name="有机证书.jpg", trouble=Message(code="scan.damaged")),
        "unreadable",
        "unclear",
    ),
}


@pytest.mark.parametrize(("unread", "state", "expected"), UNREAD.values(), ids=UNREAD)
def test_files_that_hold_no_readable_paper(verdict, unread, state, expected):
    found = join(unread)
    assert [scan.state for scan in found.scans] == [state] and found.scans[0].notes
    finding = verdict("有机大米", "certification.organic", found)
    assert finding.verdict == expected
    if expected == "unclear":
        assert unread.name in word(finding.reason, "zh")
    assert verdict("能治糖尿病", "health.disease", found).verdict == "prohibited"


@pytest.mark.parametrize(
    ("name", "sku", "expected"),
    [
        ("扫描件3.jpg", "A", "unclear"),  # it may be of any product
        ("脐橙.jpg", "A", "unsupported"),  # it is of the oranges
        ("大米.jpg", "A", "unclear"),
    ],
)
def test_an_unreadable_paper_that_names_a_product_is_no_others(verdict, name, sku, expected):
    found = join(ScannedFile(name=name, trouble=Message(code="scan.damaged")))
    assert verdict("有机大米", "certification.organic", found, sku).verdict == expected


# ---- which products


def test_a_paper_for_other_goods_covers_nothing_and_says_so(verdict):
    found = join(file(ORGANIC.replace("五常大米", "鲜冻带鱼")))
    assert found.documents[0].covers == ()
    assert [note.code for note in found.scans[0].notes] == ["scan.names_other"]
    assert verdict("有机大米", "certification.organic", found).verdict == "unsupported"


@pytest.mark.parametrize("product", ["", "产品名称：盘锦大米", "产品名称：五常太米"])
def test_a_paper_whose_goods_are_not_clear_is_for_a_person(verdict, product):
    found = join(file(ORGANIC.replace("产品名称：五常大米", product)))
    finding = verdict("有机大米", "certification.organic", found)
    assert finding.verdict == "unclear"
    assert finding.reason.code in ("scan.names_none", "scan.names_maybe")


def test_a_licence_that_names_no_goods(verdict):
    assert verdict("有生产许可证", "certification.licence", join(file(LICENCE)), "S").verdict == "unclear"
    named = join(file(LICENCE.replace("罐头", "调味品（香菇酱）")))
    assert verdict("有生产许可证", "certification.licence", named, "S").verdict == "supported"


# ---- by hand


def test_a_correction_wins_field_by_field(written, verdict):
    by_hand = written("- id: O1\n  scan: 证书.jpg\n  valid_to: 2026-05-31\n")
    assert by_hand.documents == ()
    found = join(blurred(ORGANIC, "有效期"), written=by_hand)
    (document,) = found.documents
    assert (document.id, document.number, document.covers) == ("O1", "131OP2500417", ("A",))
    assert document.valid_to == date(2026, 5, 31)
    assert [note.code for note in found.scans[0].notes] == ["scan.unsure", "scan.corrected"]  # valid_from is left
    finding = verdict("有机大米", "certification.organic", found)
    assert finding.verdict == "unsupported"
    assert "2026-10-31" in " ".join(word(step.message, "zh") for step in finding.trace if step.step == "paper")


def test_the_files_name_as_id_is_a_correction_too(written):
    by_hand = written("- id: 证书.jpg\n  type: 有机认证\n  covers: [B]\n  valid_to: 2027-01-01\n")
    (document,) = join(file(ORGANIC), written=by_hand).documents
    assert (document.covers, document.valid_to, document.number) == (("B",), date(2027, 1, 1), "131OP2500417")


def test_another_type_by_hand_takes_nothing_from_the_scan(written):
    by_hand = written("- {id: G1, scan: 证书.jpg, type: green_food_certificate, covers: A, valid_to: 2027-01-01}\n")
    (document,) = join(file(ORGANIC), written=by_hand).documents
    assert (type(document).__name__, document.number) == ("GreenFoodCertificate", "")


def test_items_by_hand_settle_the_doubts_of_the_scan(written, verdict):
    by_hand = written("- id: R1\n  scan: 证书.jpg\n  items: 毒死蜱=未检出; 克百威=未检出\n")
    found = join(blurred(REPORT, "克百威"), written=by_hand)
    assert found.doubts == ()
    assert verdict("零农残", "purity.pesticide", found, "B").verdict == "supported"


def test_a_written_paper_stands_for_a_scan_that_cannot_be_read(written):
    by_hand = written("- {id: O1, scan: a.jpg, type: organic_certificate, covers: A, valid_to: 2027-01-01}\n")
    found = join(ScannedFile(name="a.jpg", trouble=Message(code="scan.damaged")), written=by_hand)
    assert [document.id for document in found.documents] == ["O1"]
    assert (found.scans[0].state, found.scans[0].notes[0].code) == ("other", "scan.written")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{id: O1, scan: 没有.jpg, valid_to: 2027-01-01}", "'没有.jpg' (there: 证书.jpg), and type is missing"),
        ("{id: O1, scan: 证书.jpg, valid_to: 明年}", "valid_to '明年' is not a day"),
        ("{id: O1, scan: 证书.jpg, covers: X9}", "covers 'X9', which is not in the catalogue"),
    ],
)
def test_a_correction_that_cannot_be_used_is_an_error_of_one_line(written, entry, said):
    with pytest.raises(InputError) as raised:
        join(file(ORGANIC), written=written(f"- {entry}\n"))
    assert "evidence.yaml: document O1" in str(raised.value) and said in str(raised.value)


# ---- conflicts


def test_papers_of_one_number_that_differ_are_told_and_decide_nothing(written, verdict):
    entry = "- {id: O1, type: organic_certificate, covers: A, number: 131OP2500417, valid_to: 2026-05-31}\n"
    found = join(file(ORGANIC), written=written(entry))
    assert {(doubt.document, doubt.field) for doubt in found.doubts} == {("O1", "valid_to"), ("证书.jpg", "valid_to")}
    finding = verdict("有机大米", "certification.organic", found)
    assert (finding.verdict, finding.reason.code) == ("unclear", "scan.conflict")
    same = written(entry.replace("2026-05-31", "2026-10-31"))
    assert join(file(ORGANIC), written=same).doubts == ()


def test_a_sure_copy_outdoes_a_doubtful_one(verdict):
    other = blurred(ORGANIC.replace("2026年10月31日", "2026年10月81日").replace("81", "30"), "有效期", name="拍照.jpg")
    found = join(file(ORGANIC), other)
    assert all(doubt.document == "拍照.jpg" for doubt in found.doubts)
    assert verdict("有机大米", "certification.organic", found).verdict == "supported"


# ---- the parts


def test_a_document_without_what_is_doubtful():
    items = (TestItem(name="铅", result="0.1"), TestItem(name="镉", result="0.2"))
    report = TestReport(id="E", covers=("A",), issued_on=date(2026, 1, 1), items=items)
    sure = surely(report, ("items[0]", "issued_on", "product"))
    assert sure == TestReport(id="E", covers=("A",), items=items[1:])
    assert surely(report, ("type",)) is None


def test_notes_of_a_written_paper_stand_in_the_trace(written, verdict):
    entry = "- {id: O1, type: organic_certificate, covers: A, valid_to: 2027-01-01, remark: 复印件}\n"
    finding = verdict("有机大米", "certification.organic", written(entry))
    assert any("remark" in word(step.message, "en") for step in finding.trace if step.step == "paper")


def test_every_message_of_scans_is_worded_in_both_languages():
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.glob("*.py")))
    codes = {f"scan.{code}" for code in re.findall(r'tell\(\s*"([a-z_]+)"', text)} | set(
        re.findall(r'"(scan\.[a-z_]+)"', text)
    )
    fields = {f"field.{name}" for kind in TYPES.values() for name in kind.__struct_fields__} - {
        "field.id",
        "field.since",
    }
    codes -= {"scan.names_"}
    assert len(codes) > 20
    for lang in LANGS:
        assert codes | fields | {"field.product", "field.type"} <= catalogue(lang).keys()
