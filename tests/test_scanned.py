"""Drafts of evidence.yaml from scans, and the papers of a folder for scripts."""

from pathlib import Path

import pytest

import streamlens
from sheets import pdf
from streamlens.cli import main
from streamlens.errors import InputError
from streamlens.judge.evidence import read_evidence
from streamlens.scanned import catalogue_near, draft_yaml, find_scans, folder_evidence
from streamlens.schema import OrganicCertificate

LINES = [
    (200, 80, "有机产品认证证书"),
    (60, 140, "证书编号：131OP2500417"),
    (60, 170, "产品名称：五常大米"),
    (60, 200, "证书有效期：2025年11月01日至2026年10月31日"),
]
DOUBTFUL = [*LINES[:3], (60, 200, "证书有效期：2O25年11月01日至2026年10月31日")]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "catalog.csv").write_text("sku,name,aliases\nA,五常大米10斤,大米\n", encoding="utf-8")
    scans = tmp_path / "evidence"
    scans.mkdir()
    (scans / "有机.pdf").write_bytes(pdf(LINES))
    (scans / "坏.pdf").write_bytes(b"%PDF-1.4")
    (scans / "说明.txt").write_text("x")
    return tmp_path


def test_a_draft_can_be_saved_and_read(shop: Path) -> None:
    draft = draft_yaml(find_scans(shop), catalogue_near(shop), "en")
    assert '  number: "131OP2500417"  # page 1, 100% sure\n' in draft
    assert '  covers: ["A"]  # on the paper: 五常大米\n' in draft
    assert "# 坏.pdf: The file is damaged" in draft and "说明" not in draft
    (shop / "evidence.yaml").write_text(draft, encoding="utf-8")
    (document,) = read_evidence(shop / "evidence.yaml").documents
    assert isinstance(document, OrganicCertificate) and str(document.valid_to) == "2026-10-31"


def test_saving_a_draft_unread_makes_nothing_sure(shop: Path) -> None:
    (shop / "evidence" / "有机.pdf").write_bytes(pdf(DOUBTFUL))
    catalogue = catalogue_near(shop)
    draft = draft_yaml(find_scans(shop / "evidence"), catalogue)
    assert '  # valid_to: "2026-10-31"' in draft
    before = folder_evidence(shop, catalogue)
    (shop / "evidence.yaml").write_text(draft, encoding="utf-8")
    after = folder_evidence(shop, catalogue)
    fields = [doubt.field for doubt in after.doubts]
    assert "valid_to" in fields and fields == [doubt.field for doubt in before.doubts]
    mended = draft.replace("# valid_to", "valid_to").replace("# valid_from", "valid_from")
    (shop / "evidence.yaml").write_text(mended, encoding="utf-8")
    assert folder_evidence(shop / "evidence", catalogue).doubts == ()


def test_a_script_is_judged_by_scans_too(shop: Path) -> None:
    papers = streamlens.read_evidence(shop, catalogue_near(shop))
    assert [document.id for document in papers.documents] == ["有机.pdf"]
    assert {scan.state for scan in papers.scans} == {"read", "unreadable"}


@pytest.mark.parametrize(("path", "said"), [("none", "no such file or folder"), (".", "no scans in it")])
def test_where_there_are_no_scans(tmp_path: Path, path: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        find_scans(tmp_path / path)


def test_the_command(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["papers", str(shop / "evidence" / "有机.pdf"), "--lang", "en"])
    said = capsys.readouterr()
    assert not end.value.code and said.err == ""
    assert 'covers: ["A"]' in said.out  # the catalogue lies beside the folder of scans
    with pytest.raises(SystemExit) as end:
        main(["papers", str(shop / "none")])
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("error: ")
