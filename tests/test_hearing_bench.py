"""The hearing benchmark itself: its sentences are sound and its two sets apart, and it counts right."""

import importlib
import json
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from streamlens.schema import Finding, Message

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


@pytest.fixture(scope="module")
def script() -> Any:
    """Loads a script by name, as its neighbours see it."""
    before = set(sys.modules)
    sys.path.insert(0, str(SCRIPTS))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield load
    sys.path.remove(str(SCRIPTS))
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == SCRIPTS:
            del sys.modules[name]


def finding(
    kind: str, start_ms: int, *, verdict: str = "prohibited", stance: str = "asserted", confidence: float = 0.9
) -> Finding:
    return Finding(
        id=f"{kind}-{start_ms}",
        kind=kind,
        stance=stance,  # type: ignore[arg-type]
        verdict=verdict,  # type: ignore[arg-type]
        severity="high",
        channel="speech",
        start_ms=start_ms,
        end_ms=start_ms + 500,
        quote="能治病",
        heard="能制冰",
        sentence="",
        product=None,
        rule=kind,
        law=(),
        evidence=(),
        reason=Message(code="x"),
        rewrite=(),
        confidence=confidence,
        trace=(),
    )


def test_the_sentences_are_sound_and_the_sets_disjoint(script: Any) -> None:
    assert script("hearing_material").check() == []


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        ({"text": "荔枝来了，大家看看颜色吧。", "claims": []}, "荔枝: a product of tune, named in test"),
        ({"text": "酸梅汤可以抗癌的，可不是。", "claims": [{"kind": "health.disease", "quote": "可以抗癌"}]}, "可以抗癌: a claim of both sets"),
        ({"text": "付过款的订单现在先发。", "claims": []}, "付过款的订单: in both sets"),
        ({"text": "海带可以治病，大家多吃。", "claims": [{"kind": "health.disease", "quote": "治好"}]}, "x: health.disease 治好"),
        ({"text": "你好。", "claims": []}, "x: 2 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: dict[str, Any], what: str
) -> None:
    material = script("hearing_material")
    for name in ("tune.jsonl", "test.jsonl", "split.json"):
        (tmp_path / name).write_bytes((material.DATA / name).read_bytes())
    with (tmp_path / "test.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "x", **edit}) + "\n")
    monkeypatch.setattr(material, "DATA", tmp_path)
    assert what in material.check()


def test_neighbours_are_of_different_families(script: Any) -> None:
    material = script("hearing_material")
    sentences = list(material.read_sentences("tune"))
    ordered = material._apart(sentences, np.random.default_rng(1))
    assert sorted(sentence.id for sentence in ordered) == sorted(sentence.id for sentence in sentences)
    assert not any(one.families & other.families for one, other in pairwise(ordered[:500]))


def test_a_stream_is_written_with_the_times_of_its_sentences(script: Any, tmp_path: Path) -> None:
    material, speech = script("hearing_material"), script("speech")
    sentences = material.read_sentences("tune")[:3]
    spoken = {sentence.id: np.full(speech.RATE, 0.1, np.float32) for sentence in sentences}
    taken = [(sentence, 0.5) for sentence in sentences]
    material._write_stream(tmp_path / "s", taken, spoken, "clean", np.random.default_rng(1), "tune")
    gold = json.loads((tmp_path / "s" / "gold.json").read_bytes())
    assert [(line["start"], line["end"]) for line in gold["lines"]] == [(1.0, 2.0), (2.5, 3.5), (4.0, 5.0)]
    sound = np.abs(speech.read_wav(tmp_path / "s" / "recording.wav")).reshape(-1, 8000).mean(axis=1)  # half seconds
    assert (sound > 0.05).tolist() == [
        False,
        False,
        True,
        True,
        False,
        True,
        True,
        False,
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("condition", ["clean", "music", "noise", "reverb"])
def test_speech_stays_louder_than_what_disturbs_it(script: Any, condition: str) -> None:
    material, speech = script("hearing_material"), script("speech")
    rng = np.random.default_rng(1)
    voice = speech.level(speech.coloured_noise(speech.RATE, rng), speech.SPEECH_LEVEL)
    mix, _ = material.disturbed(np.concatenate([voice, np.zeros(speech.RATE, np.float32)]), condition, rng)
    loud, soft = (float(np.sqrt(np.mean(part**2))) for part in (mix[: speech.RATE], mix[-speech.RATE // 2 :]))
    assert loud > 3 * soft > 0


def test_findings_go_to_the_sentence_they_overlap(script: Any) -> None:
    place = script("bench_hearing")._place
    times = [(1000, 3000), (3500, 5000)]
    assert [place(times, *span) for span in ((1500, 2000), (2900, 4400), (5500, 5800), (6500, 7000))] == [0, 1, 1, None]
    assert place([], 0, 1) is None


def test_claims_decoys_and_confidence_are_counted(script: Any, tmp_path: Path) -> None:
    bench = script("bench_hearing")
    claim = {"quote": "能治病", "kind": "health.disease"}
    near = {"kind": "health.disease", "phrase": "能治病", "said": "能制冰"}
    lines = [
        {"id": "found", "start": 0, "end": 1, "text": "", "claims": [claim]},
        {"id": "unclear", "start": 2, "end": 3, "text": "", "claims": [claim]},
        {"id": "missed", "start": 4, "end": 5, "text": "", "claims": [claim]},
        {"id": "accused", "start": 6, "end": 7, "text": "", "claims": [], "near": near},
        {"id": "quiet", "start": 8, "end": 9, "text": "", "claims": []},
    ]
    (tmp_path / "gold.json").write_text(json.dumps({"condition": "clean", "lines": lines}))
    findings = [
        finding("health.function", 100, confidence=0.95),
        finding("health.disease", 2100, verdict="unclear", confidence=0.45),
        finding("purity.natural", 4100, confidence=0.85),
        finding("health.disease", 4100, verdict="none", stance="negated"),
        finding("health.disease", 6100, confidence=0.85),
        finding("price.lowest", 8100),
        finding("health.disease", 60_000),
    ]
    worded = {line["id"]: frozenset({"health"} if line["id"] in ("found", "missed") else ()) for line in lines}
    read, nowhere = bench.read_lines(tmp_path, findings, worded)
    assert [item.start_ms for item in nowhere] == [60_000]
    total = bench.count(read)
    assert (total.claims, total.found, total.to_listen, total.worded, total.worded_found) == (3, 1, 1, 2, 1)
    assert (total.accusations, total.right, total.decoys, total.decoys_accused, total.decoys_unclear) == (3, 1, 2, 1, 0)
    assert total.rates["recall_of_worded"] == 0.5
    purity = bench.count(read, "purity")
    assert (purity.claims, purity.accusations, purity.right, purity.decoys) == (0, 1, 0, 0)
    rows, gap = bench.reliability(read)
    assert [(row["from"], row["findings"], row["right"]) for row in rows] == [
        (0.4, 1, 1.0),
        (0.8, 2, 0.0),
        (0.9, 1, 1.0),
    ]
    assert gap == pytest.approx((0.55 + 2 * 0.85 + 0.05) / 4, abs=1e-3)


def test_the_table_can_be_read_without_claims(script: Any) -> None:
    bench = script("bench_hearing")
    counts = bench.Counts()
    fields = {name: getattr(counts, name) for name in counts.__struct_fields__}
    row = {**fields, **counts.rates, "calibration_error": None}
    scores = {"groups": {"all": row}, "reliability": [], "sentences": 0,
              "sound_s": 0, "outside_sentences": [], "audit": {"wall_s": 0, "cpu_s": 0}}  # fmt: skip
    assert "-" in bench.table(scores)
