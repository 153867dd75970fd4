"""Scores against gold: each count on a small workspace written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamlens.errors import InputError
from streamlens.evaluate import Evaluation, Score, evaluate, scores_json
from streamlens.scoring import Tally

GOLD = {
    "id": "s1",
    "duration": 20.0,
    "lines": [
        {"start": 0.0, "end": 4.0, "text": "赣南脐橙五斤", "product": "A", "claims": []},
        {
            "start": 5.0,
            "end": 9.0,
            "text": "能降血压",
            "product": "A",
            "claims": [{"quote": "能降血压", "kind": "health.disease", "stance": "asserted", "verdict": "prohibited"}],
        },
        {
            "start": 10.0,
            "end": 14.0,
            "text": "不能治病",
            "product": "A",
            "claims": [{"quote": "不能治病", "kind": "health.disease", "stance": "negated", "verdict": "none"}],
        },
    ],
    "segments": [{"start": 0.0, "end": 10.0, "sku": "A"}],
}


def finding(kind: str, start_s: float, **fields: Any) -> dict[str, Any]:
    base = {
        "kind": kind, "stance": "asserted", "verdict": "prohibited", "channel": "speech", "quote": "能降血压",
        "heard": "能降血压", "confidence": 0.9, "start_ms": int(start_s * 1000), "end_ms": int(start_s * 1000) + 900,
    }  # fmt: skip
    return base | fields


def score(tmp_path: Path, findings: list[dict[str, Any]], text: str = "赣南脐橙5斤", **options: Any) -> Score:
    folder = tmp_path / "work" / "s1"
    folder.mkdir(parents=True)
    utterances = [
        {"start_ms": 0, "end_ms": 4000, "text": text},
        {"start_ms": 5000, "end_ms": 9000, "text": "能降血压，"},
        {"start_ms": 10000, "end_ms": 14000, "text": "不能治病。"},
    ]
    (folder / "transcript.json").write_text(json.dumps({"utterances": utterances}))
    (folder / "findings.json").write_text(json.dumps({"findings": findings}))
    segments = [{"product": "A", "start_ms": 0, "end_ms": 5000}]
    (folder / "segments.json").write_text(json.dumps({"segments": segments}))
    gold = tmp_path / "gold"
    gold.mkdir()
    (gold / "gold.json").write_text(json.dumps(GOLD))
    (gold / "catalog.csv").write_text("sku,name,aliases\nA,赣南脐橙,脐橙\n")
    (only,) = evaluate(tmp_path / "work", gold, **options).scores
    return only


def test_all_right(tmp_path: Path) -> None:
    rates = score(
        tmp_path, [finding("health.disease", 6), finding("health.disease", 11, stance="negated", verdict="none")]
    )
    assert rates.misses == ()
    assert rates.tally.rates() == {
        "character_error_rate": 0.0,  # 5斤 and 五斤 are the same speech
        "syllable_error_rate": 0.0,
        "name_recall": 1.0,
        "claim_recall": 1.0,
        "claim_precision": 1.0,
        "accusation_precision": 1.0,
        "accusation_recall": 1.0,
        "verdict_accuracy": 1.0,
        "stance_accuracy": 1.0,
        "segment_accuracy": 0.75,
        "boundary_accuracy": None,
    }


@pytest.mark.parametrize(
    ("findings", "what", "rate", "value"),
    [
        ([], ["missed"], "claim_recall", 0.0),
        ([finding("health.disease", 18)], ["invented", "missed"], "claim_precision", 0.0),  # elsewhere
        ([finding("health.function", 6)], ["invented", "missed"], "accusation_precision", 0.0),  # another kind
        ([finding("health.disease", 6, verdict="unsupported")], ["verdict"], "verdict_accuracy", 0.0),
        # accusing the words that deny it
        ([finding("health.disease", 6), finding("health.disease", 11)], ["invented", "stance"], "claim_precision", 0.5),
        ([finding("health.disease", 6), finding("health.disease", 7)], ["invented"], "claim_precision", 0.5),  # twice
    ],
)
def test_what_goes_wrong_is_counted_and_listed(
    tmp_path: Path, findings: list[dict[str, Any]], what: list[str], rate: str, value: float
) -> None:
    result = score(tmp_path, findings)
    assert sorted(miss.what for miss in result.misses) == what
    assert result.tally.rates()[rate] == value


def test_a_misspelt_name_and_text(tmp_path: Path) -> None:
    rates = score(tmp_path, [], text="干难骑成五斤").tally.rates()
    assert rates["name_recall"] == 0.0
    assert rates["character_error_rate"] == pytest.approx(4 / 14, abs=1e-4)
    assert rates["syllable_error_rate"] == pytest.approx(0, abs=1e-4)


def test_families_limit_the_claims(tmp_path: Path) -> None:
    result = score(tmp_path, [finding("health.disease", 6)], families=("purity",))
    assert (result.tally.claims, result.tally.found_asserted) == (0, 0)


def test_totals_add_up(tmp_path: Path) -> None:
    one = score(tmp_path, [finding("health.disease", 6)])
    both = Evaluation(channel="speech", families=(), scores=(one, one), without_results=()).total()
    assert both.claims == 2 * one.tally.claims
    assert both.rates()["claim_recall"] == 1.0


def test_accusing_denied_words_is_counted(tmp_path: Path) -> None:
    tally = score(tmp_path, [finding("health.disease", 11)]).tally
    assert (tally.accusations_of_unasserted, tally.accusable, tally.accusations_right) == (1, 1, 0)


def test_scores_as_json(tmp_path: Path) -> None:
    """The keys are fixed: other programs read them."""
    score(tmp_path, [finding("health.disease", 11)])
    (tmp_path / "gold" / "s2.json").write_text(json.dumps(GOLD | {"id": "s2"}))
    evaluation = evaluate(tmp_path / "work", tmp_path / "gold", families=("health",))
    document = json.loads(scores_json(evaluation))
    assert list(document) == ["channel", "families", "streams", "total", "without_results"]
    assert (document["channel"], document["families"], document["without_results"]) == ("speech", ["health"], ["s2"])
    (stream,) = document["streams"]
    assert list(stream) == ["stream", "rates", "counts", "misses"]
    assert stream["rates"] == document["total"]["rates"] == Tally().rates() | {
        "character_error_rate": 0.0, "syllable_error_rate": 0.0, "name_recall": 1.0, "claim_recall": 0.0,
        "claim_precision": 0.0, "accusation_precision": 0.0, "accusation_recall": 0.0, "stance_accuracy": 0.0,
        "segment_accuracy": 0.75,
        "boundary_accuracy": None,
    }  # fmt: skip
    assert stream["rates"]["verdict_accuracy"] is None  # nothing to score
    assert stream["counts"]["segment_ms"] == 20_000
    assert [miss["what"] for miss in stream["misses"]] == ["missed", "stance", "invented"]
    assert list(stream["misses"][0]) == ["what", "at_ms", "kind", "gold", "found"]


def test_nothing_to_compare_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no gold file"):
        evaluate(tmp_path, tmp_path)
    (tmp_path / "gold.json").write_text(json.dumps(GOLD))
    with pytest.raises(InputError, match="no stream with results"):
        evaluate(tmp_path / "empty", tmp_path)
    (tmp_path / "gold.json").write_text("{")
    with pytest.raises(InputError, match="not a gold file"):
        evaluate(tmp_path, tmp_path / "gold.json")
    with pytest.raises(InputError, match="no such family"):
        evaluate(tmp_path, tmp_path, families=("helth",))


def test_torn_results_are_an_error(tmp_path: Path) -> None:
    score(tmp_path, [])
    (tmp_path / "work" / "s1" / "segments.json").write_text("{}")
    with pytest.raises(InputError, match=r"segments\.json"):
        evaluate(tmp_path / "work", tmp_path / "gold")


def test_banners_are_scored_as_claims_of_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    banner = {
        "start": 3.0, "end": 18.0, "text": "现摘现发", "product": "A",
        "claims": [{"quote": "现摘现发", "kind": "freshness.harvest", "stance": "asserted", "verdict": "supported"}],
    }  # fmt: skip
    monkeypatch.setitem(GOLD, "banners", [banner])
    shown = finding("freshness.harvest", 4, channel="screen", quote="现摘现发", verdict="contradicted", end_ms=18_000)
    made = score(tmp_path, [shown, finding("health.disease", 5)], channel="screen")
    assert (made.tally.claims, made.tally.claims_found, made.tally.found_asserted, made.tally.found_right) == (
        1,
        1,
        1,
        1,
    )
    assert (made.tally.verdicts, made.tally.verdicts_right) == (1, 0)
    assert [(miss.what, miss.kind) for miss in made.misses] == [("verdict", "freshness.harvest")]
