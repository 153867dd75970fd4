"""Scripts linted before they are read out, and the cases beside the rules."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

import streamlens
import worlds
from streamlens.config import Settings
from streamlens.detect.rules import load_rules
from streamlens.schema import ACCUSATIONS, RuleBook
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


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("能治高血压", (1, 1, 1, 6)),
        ("\u3000\u3000真的能治高血压。", (1, 5, 1, 10)),
        ("能治高血\r\n\r\n压，真的", (1, 1, 3, 2)),  # read on across the line
        ("上一页\x0c\u2028能治高血压", (1, 6, 1, 11)),  # no line ends to an editor
    ],
)
def test_places_count_lines_and_characters_as_editors_do(
    files: dict[str, Path], text: str, where: tuple[int, int, int, int]
) -> None:
    (place,) = streamlens.check(text, day=DAY, rules=files["rules"]).places
    assert (place.line, place.column, place.end_line, place.end_column) == where


HENS = Path(__file__).parent / "data" / "streams" / "d2-hens"
FARM = (Path(__file__).parent / "data" / "script" / "farm-hens.txt").read_text(encoding="utf-8")


def test_a_script_of_thirty_lines_against_its_papers() -> None:
    """What the shipped rules must say of it, and the lines in which there is nothing to accuse."""
    checked = streamlens.check(FARM, catalogue=HENS / "catalog.csv", evidence=HENS / "evidence.yaml", day=DAY)
    found = {(p.line, p.finding.kind, p.finding.product, p.finding.verdict) for p in checked.places}
    assert found >= {
        (5, "freshness.harvest", "JD-40", "contradicted"),
        (6, "purity.natural", "JD-40", "unsupported"),
        (7, "health.disease", "JD-40", "none"),
        (11, "price.lowest", "JD-40", "unsupported"),
        (16, "health.disease", "TD-10", "prohibited"),
        (16, "certification.selenium", "TD-10", "contradicted"),
        (18, "purity.pesticide", "TD-10", "unsupported"),
        (18, "certification.organic", "TD-10", "unsupported"),
        (19, "health.disease", "TD-10", "none"),
        (24, "price.reference", "SJ-5", "contradicted"),
        (26, "health.function", "SJ-5", "prohibited"),
        (30, "scarcity.stock", "SJ-5", "unsupported"),
    }
    accused = {line for line, _, _, verdict in found if verdict in ACCUSATIONS}
    assert not accused & {1, 2, 4, 7, 9, 12, 17, 19, 23, 25, 27, 29, 31}


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
