"""Rule packs load, and what is wrong with one is said with file and line."""

import re
from pathlib import Path

import pytest

from make import rule_file
from streamlens.detect.rules import load_rules, read_stance, read_words
from streamlens.errors import RuleError
from streamlens.shipped import shipped

GOOD = """\
severity = "high"
patterns = ["治~3<病症>", "治病"]
written = ["~2就好"]
unless = ["治安"]
law = ["ad-17"]
[why]
zh = "不能说"
en = "must not be said"
[rewrite]
zh = "换个说法"
[[case]]
text = "喝这个能治咳嗽"
flag = ["治咳嗽"]
[[case]]
text = "治安好"
[[case]]
text = "治治咳嗽"
flag = ["治治咳嗽"]
known_miss = true
"""


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    folder = tmp_path / "lexicon"
    folder.mkdir()
    (folder / "病症.txt").write_text("# 常见的\n咳嗽\n高血壓 # traditional\n\n咳嗽\n", encoding="utf-8")
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    return folder


def write(rules: Path, text: str, id: str = "health.disease") -> Path:
    family, name = id.split(".")
    path = rules / family / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(rules: Path, lexicon: Path) -> str:
    with pytest.raises(RuleError) as caught:
        load_rules(rules, lexicon)
    return str(caught.value)


def test_a_rule_as_it_is_written(rules: Path, lexicon: Path) -> None:
    write(rules, GOOD)
    book = load_rules(rules, lexicon)
    (rule,) = book.rules
    assert (rule.id, rule.kind, rule.severity) == ("health.disease", "health.disease", "high")
    assert rule.patterns == ("治~3<病症>", "治病")
    assert rule.written == ("~2就好",)
    assert (rule.unless, rule.law) == (("治安",), ("ad-17",))
    assert rule.why == (("zh", "不能说"), ("en", "must not be said"))
    assert rule.rewrite == (("zh", "换个说法"),)
    assert [(case.flag, case.known_miss) for case in rule.cases] == [
        (("治咳嗽",), False),
        ((), False),
        (("治治咳嗽",), True),
    ]
    assert book.sets == (("病症", ("咳嗽", "高血压")),)


def test_the_kind_is_the_file_unless_it_says_another(rules: Path, lexicon: Path) -> None:
    rule_file(rules, "health.slimming", 'kind = "health.beauty"\npatterns = ["是"]')
    assert [(rule.id, rule.kind) for rule in load_rules(rules, lexicon).rules] == [("health.slimming", "health.beauty")]


def test_rules_come_in_the_order_of_their_names(rules: Path, lexicon: Path) -> None:
    for id in ("purity.natural", "health.function", "health.disease"):
        rule_file(rules, id, 'patterns = ["是"]')
    assert [rule.id for rule in load_rules(rules, lexicon).rules] == [
        "health.disease",
        "health.function",
        "purity.natural",
    ]


# ---- errors


def line_of(path: Path, words: str) -> int:
    return next(number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if words in line)


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        (
            'severity = "high"',
            'severity = "high"\nseverty = "low"',
            "severty",
            "unknown key 'severty'; known: case, kind",
        ),
        ('severity = "high"', 'severity = "huge"', "severity", "Invalid enum value 'huge'"),
        ('severity = "high"\n', "", None, "missing required field `severity`"),
        ('severity = "high"', 'severity = "high"\nkind = "health.magic"', "kind", "unknown kind 'health.magic'"),
        (
            'severity = "high"',
            'severity = "high"\nkind = "purity.natural"',
            "kind",
            "kind purity.natural does not belong in folder health/",
        ),
        ('patterns = ["治~3<病症>", "治病"]', 'patterns = "治病"', "patterns", "Expected `array`, got `str`"),
        (
            'patterns = ["治~3<病症>", "治病"]\nwritten = ["~2就好"]',
            "patterns = []",
            "patterns",
            "a rule needs patterns",
        ),
        ('"治病"]', '"治病", "治(病"]', "治(病", "character 2: bracket is not closed"),
        ('"治病"]', '"治病", "治<痛症>"]', "治<痛症>", "unknown word set <痛症>; known: 病症"),
        ('["~2就好"]', '["治~好"]', "治~好", "~ needs a number after it"),
        ('["治安"]', '["治安)"]', "治安)", ") has nothing to close"),
        # a pattern that is not as spoken could never be found
        ('"治病"]', '"治病", "喝200克"]', "喝200克", "write it as it is spoken"),
        ('"治病"]', '"治病", "喝２克"]', "喝２克", "write it as it is spoken"),
        ('"治病"]', '"治病", "喝两百克"]', "喝两百克", "write it as it is spoken"),
        ('"治病"]', '"治病", "能治,病"]', "能治,病", "write it as it is spoken"),
        ('"治病"]', '"治病", "能治，病"]', "能治，病", "write it as it is spoken"),
        ('"治病"]', '"治病", "治 病"]', "治 病", "write it as it is spoken"),
        ('"治病"]', '"治病", "有SC编号"]', "有SC编号", "write it as it is spoken"),
        ('"治病"]', '"治病", "降血壓"]', "降血壓", "write it as it is spoken"),
        ('[why]\nzh = "不能说"\nen', "[why]\nen", "[why]", "[why] must have zh (and en) texts"),
        ('en = "must not be said"', 'fr = "non"', "[why]", "[why] must have zh (and en) texts"),
        ('[rewrite]\nzh = "换个说法"\n', "", None, "[rewrite] must have zh (and en) texts"),
        (
            'flag = ["治咳嗽"]',
            'flag = ["治感冒"]',
            "喝这个能治咳嗽",
            "the case flags '治感冒', which is not in its text",
        ),
        ('flag = ["治咳嗽"]', 'flags = ["治咳嗽"]', "[[case]]", "unknown field `flags`"),
        ('[[case]]\ntext = "治安好"\n', "", None, "needs a [[case]] that must flag and one that must not"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    rules: Path, lexicon: Path, before: str, after: str, line: str | None, what: str
) -> None:
    assert before in GOOD
    path = write(rules, GOOD.replace(before, after, 1))
    message = refused(rules, lexicon)
    place = f"{path}:{line_of(path, line)}:" if line else f"{path}:"
    assert message.startswith(place), message
    assert what in message
    assert "\n" not in message


def test_no_case_that_must_flag(rules: Path, lexicon: Path) -> None:
    path = write(rules, re.sub(r"flag = .*\n", "", GOOD))
    assert refused(rules, lexicon).startswith(f"{path}: needs a [[case]] that must flag")


def test_not_toml(rules: Path, lexicon: Path) -> None:
    path = write(rules, GOOD.replace('severity = "high"', "severity = high"))
    message = refused(rules, lexicon)
    assert message.startswith(f"{path}: ")
    assert "line 1" in message


def test_not_utf8(rules: Path, lexicon: Path) -> None:
    path = write(rules, GOOD)
    path.write_bytes(GOOD.encode("gbk"))
    message = refused(rules, lexicon)
    assert message.startswith(f"{path}: is not UTF-8")
    assert message.endswith("save it as UTF-8")


def test_a_lexicon_that_is_not_utf8(rules: Path, lexicon: Path) -> None:
    write(rules, GOOD)
    (lexicon / "病症.txt").write_bytes("咳嗽".encode("gbk"))
    assert refused(rules, lexicon).startswith(f"{lexicon / '病症.txt'}: cannot be read")


def test_no_rules(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere", tmp_path).startswith(f"{tmp_path / 'nowhere'}: no rules found; expected")


def test_words_as_spoken(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("﻿100%\n维生素C # a vitamin\n#none\n咳嗽\n咳嗽\n", encoding="utf-8")
    assert read_words(path) == ("百分之百", "维生素c", "咳嗽")


# ---- stance cues


def test_stance_cues_are_part_of_the_book(rules: Path, lexicon: Path) -> None:
    rule_file(rules, "health.disease", 'patterns = ["是"]')
    assert load_rules(rules, lexicon).stance == ()
    (rules / "stance.toml").write_text('negated_before = ["不(能|会)", "没有"]', encoding="utf-8")
    assert load_rules(rules, lexicon).stance == (("negated_before", ("不(能|会)", "没有")),)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('x = "不能"', "x must be a list of patterns"),
        ("x = [1]", "x must be a list of patterns"),
        ('x = ["不(能"]', "x: pattern '不(能', character 2: bracket is not closed"),
        ('x = ["<病症>"]', "unknown word set <病症>"),
        ("x = [", "x.toml: "),
    ],
)
def test_stance_cues_that_are_not_right(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        read_stance(path)
    assert str(caught.value).startswith(str(path))
    assert what in str(caught.value)


def test_the_shipped_stance_cues_load() -> None:
    names = [name for name, _ in read_stance(shipped("configs") / "rules" / "stance.toml")]
    assert {name.removesuffix("_unless") for name in names} <= set(names)


# ---- the version


@pytest.mark.parametrize("what", ["rule", "word", "stance", "new rule", "name"])
def test_the_version_changes_with_every_file(rules: Path, lexicon: Path, what: str) -> None:
    path = write(rules, GOOD)
    (rules / "stance.toml").write_text('x = ["不"]', encoding="utf-8")
    before = load_rules(rules, lexicon).version
    assert load_rules(rules, lexicon).version == before
    if what == "rule":
        path.write_text(GOOD + "\n", encoding="utf-8")
    elif what == "word":
        (lexicon / "病症.txt").write_text("咳嗽\n高血压\n失眠\n", encoding="utf-8")
    elif what == "stance":
        (rules / "stance.toml").write_text('x = ["没"]', encoding="utf-8")
    elif what == "new rule":
        rule_file(rules, "health.function", 'patterns = ["是"]')
    else:
        path.rename(path.with_name("function.toml"))
    assert load_rules(rules, lexicon).version != before
