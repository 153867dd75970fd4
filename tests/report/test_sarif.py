"""The SARIF log of a script: what the standard asks for, and what stands in it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

import streamlens
import worlds
from streamlens.report.bundle import Bundle
from streamlens.report.sarif import LEVELS, SCHEMA, recording_sarif
from streamlens.report.subtitles import srt
from streamlens.schema import VERDICTS
from streamlens.script import sarif

Stream = Callable[[str], Bundle]
SCRIPT = "大家好{}\n今天早上刚从树上摘下来的，能治高血压"


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """The run of a script with one claim without papers and one forbidden."""
    return log(tmp_path, "zh")["runs"][0]


def log(folder: Path, lang: str) -> Any:
    rules = folder / "rules"
    book = streamlens.load_rules(rules if rules.exists() else worlds.rules(rules))
    checked = streamlens.check(SCRIPT, rules=book, day=date(2026, 9, 20))
    law = streamlens.load_law()
    return json.loads(sarif(checked, SCRIPT, rulebook=book, law=law, path=None, lang=lang, version="1"))


def test_the_log_names_its_form(tmp_path: Path) -> None:
    document = log(tmp_path, "en")
    assert (document["$schema"], document["version"]) == (SCHEMA, "2.1.0")
    (run,) = document["runs"]
    assert (run["language"], run["columnKind"]) == ("en-US", "unicodeCodePoints")
    assert run["tool"]["driver"]["name"] == "streamlens"
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_every_rule_tells_what_is_wrong_the_law_and_what_to_say(run: Any) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["freshness.harvest", "health.disease"]
    disease = rules[1]
    assert disease["shortDescription"]["text"] == "治病功效"
    assert disease["fullDescription"]["text"] == "普通食品不得宣传治疗作用。"
    assert disease["defaultConfiguration"]["level"] == "error"
    for form in ("text", "markdown"):
        assert "法律依据：《" in disease["help"][form]
        assert "可以改说：" in disease["help"][form]


def test_results_are_what_asks_for_something(run: Any) -> None:
    found = [(each["ruleId"], each["kind"], each["level"], each["properties"]["verdict"]) for each in run["results"]]
    assert found == [
        ("freshness.harvest", "fail", "warning", "unsupported"),
        ("health.disease", "fail", "error", "prohibited"),
    ]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["properties"]["law"]
        assert result["properties"]["trace"][-1].startswith("结论")


def test_a_result_stands_at_its_words(run: Any) -> None:
    regions = [each["locations"][0]["physicalLocation"]["region"] for each in run["results"]]
    lines = SCRIPT.split("\n")
    for region in regions:
        line = lines[region["startLine"] - 1]
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"]
    assert [region["startColumn"] for region in regions] == [1, 14]


def test_a_result_says_verdict_reason_and_safer_words(tmp_path: Path) -> None:
    for lang, words in (("zh", ("法律禁止", "能治高血压", "可以改说")), ("en", ("Prohibited", "Say instead"))):
        text = log(tmp_path, lang)["runs"][0]["results"][1]["message"]["text"]
        assert all(word in text for word in words)


def test_braces_are_no_placeholders(tmp_path: Path) -> None:
    rules = worlds.rules(tmp_path / "rules", health_disease=worlds.RULE.replace("酸甜可口", "{酸甜}可口"))
    assert "{酸甜}" in (rules / "health" / "disease.toml").read_text(encoding="utf-8")
    assert "{{酸甜}}可口" in log(tmp_path, "zh")["runs"][0]["results"][1]["message"]["text"]


def test_fingerprints_outlive_a_shift_of_lines(tmp_path: Path) -> None:
    book = streamlens.load_rules(worlds.rules(tmp_path / "rules"))
    prints = []
    for text in (SCRIPT, f"开场白\n\n{SCRIPT}"):
        checked = streamlens.check(text, rules=book, day=date(2026, 9, 20))
        data = sarif(checked, text, rulebook=book, law=streamlens.load_law(), path=None, lang="zh", version="1")
        prints.append([each["partialFingerprints"] for each in json.loads(data)["runs"][0]["results"]])
    assert prints[0] == prints[1]
    assert len({str(each) for each in prints[0]}) == 2


def test_every_verdict_is_a_level_or_left_out() -> None:
    assert set(VERDICTS) - set(LEVELS) == {"supported", "none"}
    assert set(LEVELS.values()) <= {"error", "warning", "note", "none"}


def test_a_recordings_results_stand_in_the_lines_of_its_subtitles(stream: Stream) -> None:
    bundle = stream("d2-hens")
    (run,) = json.loads(recording_sarif(bundle, "zh"))["runs"]
    lines = srt(bundle).decode().splitlines()
    found = {finding.id: finding for finding in bundle.findings.findings if finding.verdict in LEVELS}
    assert [result["partialFingerprints"]["streamlens/v1"] for result in run["results"]] == list(found)
    spoken = 0
    for result in run["results"]:
        finding = found[result["partialFingerprints"]["streamlens/v1"]]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "subtitles.srt", "index": 0}
        region = place["region"]
        shown = lines[region["startLine"] - 1 : region["endLine"]]
        assert "-->" in lines[region["startLine"] - 2]
        assert region["endColumn"] == len(shown[-1]) + 1
        said = "".join(line for line in shown if "-->" not in line and not line.isdecimal())
        spoken += finding.channel == "speech" and finding.heard in said
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
    assert spoken >= sum(finding.channel == "speech" for finding in found.values()) * 0.9


def test_a_recording_without_a_word_has_a_log_too(stream: Stream) -> None:
    bundle = stream("d2-hens")
    silent = msgspec.structs.replace(bundle.transcript, utterances=())
    (run,) = json.loads(recording_sarif(msgspec.structs.replace(bundle, transcript=silent), "en"))["runs"]
    assert {result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in run["results"]} == {1}
