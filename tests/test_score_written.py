"""The written set is sound and its halves apart, and its score counts right. Failures name ids, never a sentence of `test`."""

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import streamlens
from streamlens.schema import KINDS, STANCES

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "score_written.py"
RUN = 7  # no run of so many characters occurs in both sets


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("score_written", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def sets(script: Any) -> dict[str, list[Any]]:
    return {name: script.read_passages(name) for name in script.SETS}


def test_every_mark_is_sound(sets: dict[str, list[Any]]) -> None:
    passages = [passage for name in sets for passage in sets[name]]
    wrong = [
        passage.id
        for passage in passages
        for claim in passage.claims
        if claim.kind not in KINDS or claim.stance not in STANCES or claim.quote not in passage.text
    ]
    assert wrong == []
    assert len({passage.id for passage in passages}) == len({passage.text for passage in passages}) == len(passages)


def test_the_sets_hold_enough_of_everything(sets: dict[str, list[Any]]) -> None:
    test = sets["test"]
    kinds = Counter(kind for passage in test for kind in passage.asserted)
    stances = Counter(claim.stance for passage in test for claim in passage.claims)
    assert len(test) >= 420
    assert [kind for kind in KINDS if kinds[kind] < 12] == []
    assert [stance for stance in STANCES if stances[stance] < 25] == []
    assert sum(not passage.claims for name in sets for passage in sets[name]) >= 150


def test_the_sets_are_apart(sets: dict[str, list[Any]]) -> None:
    def runs(text: str) -> set[str]:
        plain = "".join(char for char in text if char.isalnum())
        return {plain[at : at + RUN] for at in range(len(plain) - RUN + 1)}

    kept = set().union(*(runs(passage.text) for passage in sets["test"]))
    assert [passage.id for passage in sets["dev"] if runs(passage.text) & kept] == []


def test_innocent_passages_are_not_accused(script: Any, sets: dict[str, list[Any]]) -> None:
    passages = sets["innocent"]
    assert sum(not passage.claims for passage in passages) >= 150
    assert sum(bool(passage.claims) and not passage.asserted for passage in passages) >= 100
    figures = script.score(script.read_all(passages))
    assert figures["compliant_accused"] <= 0.02
    assert figures["meant_otherwise_accused"] <= 0.02
    assert figures["stance_accuracy"] >= 0.95


TEXT = "今早摘的，不打农药，也治不了病"  # harvest 0-4, pesticide 5-9, disease 11-15


@pytest.mark.parametrize(
    ("claims", "found", "expected"),
    [
        pytest.param([], [], {"macro_f1": None, "compliant": 1, "compliant_accused": 0.0}, id="nothing said or found"),
        pytest.param(
            [],
            [("purity.pesticide", "asserted", 5, 9, True)],
            {"compliant_accused": 1.0, "kinds": {"purity.pesticide": {"found": 1, "right": 0, "precision": 0.0}}},
            id="compliant speech accused",
        ),
        pytest.param(
            [],
            [("purity.pesticide", "asserted", 5, 9, False)],
            {"compliant_accused": 0.0, "kinds": {"purity.pesticide": {"precision": 0.0}}},
            id="found wrongly, but not accused",
        ),
        pytest.param(
            [("freshness.harvest", "今早摘的", "asserted"), ("purity.pesticide", "不打农药", "asserted")],
            [("freshness.harvest", "asserted", 0, 4, True)],
            {
                "macro_f1": 0.5,
                "compliant": 0,
                "compliant_accused": None,
                "stance_matched": 1,
                "stance_accuracy": 1.0,
                "kinds": {"freshness.harvest": {"f1": 1.0}, "purity.pesticide": {"recall": 0.0, "precision": None}},
            },
            id="one of two found",
        ),
        pytest.param(
            [("health.disease", "治不了病", "negated")],
            [("health.disease", "asserted", 11, 15, True)],
            {
                "stance_accuracy": 0.0,
                "meant_otherwise": 1,
                "meant_otherwise_accused": 1.0,
                "kinds": {"health.disease": {"claims": 0, "found": 1, "right": 0}},
                "stances": {"negated": {"matched": 1, "accuracy": 0.0, "found_as": {"asserted": 1}}},
            },
            id="a denial taken for a claim",
        ),
        pytest.param(
            [("health.disease", "治不了病", "negated")],
            [],
            {"stance_matched": 0, "stance_accuracy": None, "meant_otherwise_accused": 0.0, "macro_f1": None},
            id="a denial not noticed costs nothing but is counted",
        ),
        pytest.param(
            [("health.disease", "治不了病", "negated")],
            [("health.disease", "asserted", 0, 4, True), ("health.disease", "negated", 11, 15, False)],
            {"stance_accuracy": 1.0, "kinds": {"health.disease": {"found": 1, "right": 0}}},
            id="the finding over the quote is the one compared",
        ),
    ],
)
def test_score(script: Any, claims: list[Any], found: list[Any], expected: dict[str, Any]) -> None:
    passage = script.Passage("a", TEXT, tuple(script.Claim(*claim) for claim in claims))
    _agree(script.score([(passage, tuple(script.Found(*each) for each in found))]), expected)


def _agree(figures: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        if isinstance(value, dict):
            _agree(figures[name], value)
        else:
            assert figures[name] == value, name


def test_reads_what_check_reads(script: Any) -> None:
    text = "大家好，这个喝了能治糖尿病"
    [(_, found)] = script.read_all([script.Passage("a", text)])
    places = streamlens.check(text).places
    assert [(each.kind, each.start) for each in found] == [(place.finding.kind, place.column - 1) for place in places]
    assert [text[each.start : each.end] for each in found if each.kind == "health.disease"] == ["能治糖尿病"]


def test_the_test_set_is_not_listed(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        script.main(["--list"])
    assert "dev" in capsys.readouterr().err


def test_says_figures_and_lists_dev(
    script: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = script.Passage("dev-1", "啥也没有", (script.Claim("health.disease", "啥也没有", "asserted"),))
    monkeypatch.setattr(script, "read_passages", lambda name: [missed])
    script.main(["--set", "dev", "--json"])
    assert json.loads(capsys.readouterr().out)["kinds"]["health.disease"]["recall"] == 0.0
    script.main(["--set", "dev", "--list"])
    assert "missed health.disease" in capsys.readouterr().out
