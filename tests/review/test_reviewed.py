"""What was decided, in the reports, in the front page's counts, and as training data; and never in the artefacts."""

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import reviewing
from reviewing import Client, finding, open_desk
from streamlens.cli import main


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    found = [
        finding("accepted", "能治高血压", 2),
        finding("dismissed", "全网最低价", 8, verdict="unsupported"),
        finding("corrected", "无添假剂", 14, verdict="unclear"),
        finding("disputed", "最好的柠檬", 20),
        finding("open", "纯天然", 26),
    ]
    workspace = reviewing.write(tmp_path / "results", found)
    desk = open_desk(workspace)
    client = Client(desk)
    client.decide("accepted", "accept")
    client.decide("dismissed", "dismiss", reason="paper_exists")
    client.decide("corrected", "correct", quote="无添加剂")
    client.decide("corrected", "verdict", verdict="unsupported", reason="<b>没有报告</b>")
    client.decide("disputed", "accept")
    client.decide("disputed", "dismiss", by="Wu", reason="allowed", seen=9)
    missed = {"stream": "s1", "start_ms": 40_000, "end_ms": 41_000, "kind": "health.disease", "verdict": "prohibited"}
    client.post("/api/missed", {**missed, "quote": "降血糖"})
    desk.log.close()
    return workspace


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def artefacts(workspace: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in workspace.glob("s1/*-*.json")}


def test_reports_say_who_decided_what(workspace: Path) -> None:
    before = artefacts(workspace)
    assert run("review", workspace, "--export", "--lang", "en", "--quiet") == 0
    assert artefacts(workspace) == before
    written: Any = json.loads((workspace / "s1" / "findings.json").read_bytes())
    rows = {row["quote"]: row for row in written["findings"]}
    assert list(rows) == ["能治高血压", "无添加剂", "最好的柠檬", "纯天然", "降血糖"]
    states = {quote: row.get("review", {}).get("state") for quote, row in rows.items()}
    assert list(states.values()) == ["accepted", "corrected", "disputed", None, "missed"]
    changed = rows["无添加剂"]
    assert changed["verdict"] == "unsupported" and "Lin judged it" in changed["reason"]
    assert changed["review"]["was"] == {"verdict": "unclear", "quote": "无添假剂", "product": None}
    assert rows["最好的柠檬"]["verdict"] == "prohibited" and rows["最好的柠檬"]["review"]["by"] == ["Lin", "Wu"]
    assert [row["quote"] for row in written["dismissed"]] == ["全网最低价"]

    page = (workspace / "s1" / "audit.html").read_text(encoding="utf-8")
    assert "Reviewed by Lin on " in page and "it was: " in page and "无添假剂" in page
    assert "there is a paper that proves it" in page and 'id="dismissed"' in page
    assert "&lt;b&gt;没有报告&lt;/b&gt;" in page and "<b>没有报告</b>" not in page
    book = openpyxl.load_workbook(workspace / "s1" / "findings.xlsx")
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert any(cell.startswith("Added by Lin on ") for cell in cells)
    assert len(book.sheetnames) == 3
    assert "全网最低价" not in (workspace / "s1" / "coaching.html").read_text(encoding="utf-8")
    assert (workspace / "index.html").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_code_is_left_unworded(workspace: Path, lang: str, tmp_path: Path) -> None:
    assert run("report", workspace, "--to", tmp_path / lang, "--lang", lang, "--quiet") == 0
    page = (tmp_path / lang / "s1" / "audit.html").read_text(encoding="utf-8")
    assert "reviewed." not in page and "reviewed_reason" not in page


def test_the_report_command_has_them_too_unless_told(workspace: Path, tmp_path: Path) -> None:
    assert run("report", workspace, "--as", "jsonl,pages", "--to", tmp_path / "new", "--quiet") == 0
    quotes = [json.loads(line)["quote"] for line in (tmp_path / "new/s1/findings.jsonl").read_text().splitlines()]
    assert "全网最低价" not in quotes and "降血糖" in quotes
    assert run("report", workspace, "--as-audited", "--to", tmp_path / "old", "--quiet") == 0
    old: Any = json.loads((tmp_path / "old/s1/findings.json").read_bytes())
    assert "dismissed" not in old and "全网最低价" in [row["quote"] for row in old["findings"]]


def test_where_nobody_reviewed_reports_are_as_they_were_and_no_database_appears(tmp_path: Path) -> None:
    workspace = reviewing.write(tmp_path / "results", [finding("a", "能治高血压")])
    assert run("report", workspace, "--to", tmp_path / "one", "--quiet") == 0
    assert not (workspace / "review.sqlite").exists()
    open_desk(workspace).log.close()
    assert run("report", workspace, "--to", tmp_path / "two", "--quiet") == 0
    for path in (tmp_path / "one" / "s1").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "s1" / path.name).read_bytes()


def test_training_data_has_what_holds_and_no_names(workspace: Path, tmp_path: Path) -> None:
    reviewing.write(workspace, [finding("z", "包治百病")], "s2")
    client = Client(open_desk(workspace))
    client.decide("z", "accept", stream="s2")
    target = tmp_path / "training.jsonl"
    assert run("review", workspace, "--training", target, "--quiet") == 0
    text = target.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["label"] for row in rows] == ["accepted", "dismissed", "corrected", "missed", "accepted"]
    dismissed = rows[1]
    assert (dismissed["reason"], dismissed["text"], dismissed["found"]["verdict"]) == (
        "paper_exists", "全网最低价。", "unsupported",
    )  # fmt: skip
    assert dismissed["context"] == [["能治高血压。"], ["无添假剂。", "最好的柠檬。"]]
    assert rows[3]["found"] is None and rows[3]["quote"] == "降血糖"
    assert len({row["group"] for row in rows}) == 1 and len({row["stream"] for row in rows}) == 2
    assert not any(name in text for name in ("小林", "Lin", "Wu", "s1"))


def test_the_training_script_reads_it(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "training.jsonl"
    assert run("review", workspace, "--training", target, "--quiet") == 0
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "scripts"))
    rows = importlib.import_module("implied_material").reviewed_rows(target)
    claims = {row.text: row.kinds for row in rows}
    assert claims["全网最低价"] == ()
    assert claims["能治高血压"] and claims["无添假剂"]
    assert not any("最好的柠檬" in text for text in claims)  # disputed
    assert len({row.source for row in rows}) == 1  # one anchor, one side of a split
