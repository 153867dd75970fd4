"""Scripts linted before they are read out, and the cases beside the rules."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

import streamlens
import worlds
from streamlens.config import Settings
from streamlens.detect.rules import load_rules
from streamlens.schema import RuleBook
from streamlens.script import failing_cases
from streamlens.shipped import shipped

DAY = date(2026, 9, 20)
SCRIPT = """大家好，欢迎来到直播间。

今天第一个上一号链接赣南脐橙。
  今天早上刚从树上摘下来的，能治高血压。
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    for name, text in (("catalog.csv", worlds.CATALOGUE), ("evidence.yaml", worlds.PAPERS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    rules = worlds.rules(tmp_path / "rules")
    return {"catalogue": tmp_path / "catalog.csv", "evidence": tmp_path / "evidence.yaml", "rules": rules}


def test_findings_stand_with_line_and_column(files: dict[str, Path]) -> None:
    checked = streamlens.check(SCRIPT, day=DAY, **files)
    assert [(p.line, p.column, p.finding.quote, p.finding.product, p.finding.verdict) for p in checked.places] == [
        (4, 3, "今天早上刚从树上摘下来的", "QC-5", "supported"),
        (4, 16, "能治高血压", "QC-5", "prohibited"),
    ]
    assert [step.step for step in checked.places[0].finding.trace][:2] == ["heard", "matched"]


def test_the_day_decides_about_the_papers(files: dict[str, Path]) -> None:
    verdicts = [
        next(place.finding.verdict for place in streamlens.check(SCRIPT, day=day, **files).places)
        for day in (DAY, date(2026, 9, 25))
    ]
    assert verdicts == ["supported", "contradicted"]


def test_without_papers_and_catalogue(files: dict[str, Path]) -> None:
    checked = streamlens.check(SCRIPT, day=DAY, rules=files["rules"])
    assert [place.finding.verdict for place in checked.places] == ["unsupported", "prohibited"]


@pytest.mark.parametrize("text", ["", "\n \n", "大家好"])
def test_nothing_claimed_is_nothing_found(files: dict[str, Path], text: str) -> None:
    assert streamlens.check(text, day=DAY, **files).places == ()


def test_written_words_are_not_taken_for_misheard_ones(files: dict[str, Path]) -> None:
    """能制高血压 sounds like the claim; a recogniser may have misheard it, an author has not."""
    assert streamlens.check("能制高血雅", day=DAY, **files).places == ()


# ---- cases beside the rules


def book(folder: Path, rule: str) -> RuleBook:
    return load_rules(worlds.rules(folder, health_disease=rule), shipped("configs") / "lexicon")


def test_cases_that_hold_say_nothing(tmp_path: Path) -> None:
    assert failing_cases(book(tmp_path, worlds.RULE), Settings()) == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('text = "这个很好吃"', 'text = "能治高血压，好吃"', "flags 能治高血压, not nothing"),
        ('flag = ["能治高血压"]', 'flag = ["治高血压"]', "flags 能治高血压, not 治高血压"),
        ('flag = ["能治高血压"]', 'flag = ["能治高血压"]\nknown_miss = true', "take known_miss away"),
    ],
)
def test_a_case_that_fails_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in worlds.RULE
    failures = failing_cases(book(tmp_path, worlds.RULE.replace(old, new)), Settings())
    assert len(failures) == 1
    assert failures[0].startswith("health.disease: ")
    assert words in failures[0]


def test_a_known_miss_may_fail(tmp_path: Path) -> None:
    wish = '\n[[case]]\ntext = "血压高的人喝了就好"\nflag = ["血压高的人喝了就好"]\nknown_miss = true\n'
    assert failing_cases(book(tmp_path, worlds.RULE + wish), Settings()) == ()


def test_a_script_goes_through_the_records_as_json(files: dict[str, Path]) -> None:
    checked = streamlens.check(SCRIPT, day=DAY, **files)
    assert msgspec.json.decode(msgspec.json.encode(checked), type=type(checked)) == checked
