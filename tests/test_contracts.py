"""The same checks for every stage and for every rule that ships; and what an import may load."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import worlds
from streamlens.capture.engagement import AudienceFiles
from streamlens.capture.recording import discover
from streamlens.config import Settings
from streamlens.detect.rules import load_rules
from streamlens.inputs import Made, Pages, Scans
from streamlens.pipeline import STAGES, Stage, call, work
from streamlens.run import open_setup
from streamlens.schema import (
    VERDICTS,
    Audience,
    Catalogue,
    Claims,
    Evidence,
    Excerpts,
    Facts,
    Features,
    Findings,
    Focus,
    Mentions,
    Moments,
    Questions,
    ScanTexts,
    Screen,
    Segments,
    Transcript,
    Voice,
)
from streamlens.script import failing_cases
from streamlens.shipped import shipped
from streamlens.store import Kept, Store

EMPTY = {
    "catalogue": Catalogue(),
    "written": Evidence(),
    "scans": ScanTexts(),
    "evidence": Evidence(),
    "transcript": Transcript(recording="s1", coverage=1.0, utterances=()),
    "voice": Voice(recording="s1"),
    "mentions": Mentions(recording="s1"),
    "segments": Segments(recording="s1"),
    "mended": Transcript(recording="s1", coverage=1.0, utterances=()),
    "claims": Claims(recording="s1", rules_version="0"),
    "weighed": Claims(recording="s1", rules_version="0"),
    "implied": Claims(recording="s1", rules_version="0"),
    "screen": Screen(recording="s1"),
    "audience": Audience(recording="s1"),
    "audience_files": AudienceFiles(),
    "shown": Claims(recording="s1", rules_version="0"),
    "facts": Facts(recording="s1"),
    "moments": Moments(recording="s1"),
    "excerpts": Excerpts(recording="s1"),
    "findings": Findings(recording="s1", rules_version="0", coverage=1.0),
    "questions": Questions(recording="s1"),
    "focus": Focus(recording="s1"),
    "features": Features(recording="s1"),
    "catalogue_file": None,
    "evidence_file": None,
    "scan_files": Scans(),
}
"""What each stage gets when there is nothing: no catalogue, no papers, nothing said."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> Made:
    """A stream taken through all stages: the input and the output of each."""
    root = tmp_path_factory.mktemp("contracts")
    worlds.stream(root / "streams" / "s1", sound)
    order = worlds.order(root / "workspace", rules=worlds.rules(root / "rules"))
    return work(discover([root / "streams"])[0], open_setup(order))


every_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


def elsewhere(made: Made, workspace: Path) -> Made:
    """The same input, with reports going to another workspace."""
    pages: Pages = made["pages"].record
    return {**made, "pages": Kept(msgspec.structs.replace(pages, store=Store(workspace)), "")}


def records(value: object) -> Iterator[Any]:
    """All records inside a record, at whatever depth."""
    if isinstance(value, msgspec.Struct):
        yield value
        for name in value.__struct_fields__:
            yield from records(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from records(item)


@every_stage
def test_the_same_input_gives_the_same_bytes(made: Made, stage: Stage, tmp_path: Path) -> None:
    before = {name: repr(kept.record) for name, kept in made.items() if isinstance(kept.record, msgspec.Struct)}
    again = call(stage, elsewhere(made, tmp_path), Settings())
    assert msgspec.json.encode(again) == msgspec.json.encode(made[stage.name].record)
    after = {name: repr(kept.record) for name, kept in made.items() if isinstance(kept.record, msgspec.Struct)}
    assert after == before, "a stage must not change what it is given"


@every_stage
def test_what_a_stage_makes_survives_the_store(made: Made, stage: Stage) -> None:
    record = made[stage.name].record
    assert isinstance(record, stage.record)
    assert msgspec.json.decode(msgspec.json.encode(record), type=stage.record) == record
    assert hash(record) == hash(msgspec.json.decode(msgspec.json.encode(record), type=stage.record))


@every_stage
def test_nothing_in_is_nothing_out(made: Made, stage: Stage, tmp_path: Path) -> None:
    if stage.name in ("recording", "transcript"):
        pytest.skip("a recording is always needed; silence is tested in tests/capture")
    empty = {**elsewhere(made, tmp_path), **{name: Kept(record, "") for name, record in EMPTY.items()}}
    out = call(stage, empty, Settings())
    if stage.name == "report":
        assert {name for name, _ in out.files} == {name for name, _ in made["report"].record.files}
    elif stage.name == "features":  # minutes pass all the same
        assert {(row.offer.product, row.claimed.claims, row.sold.orders) for row in out.rows} == {(None, 0, None)}
    else:
        kind = type(EMPTY[stage.name])
        fields = [name for name in kind.__struct_fields__ if isinstance(getattr(EMPTY[stage.name], name), tuple)]
        assert all(getattr(out, name) == () for name in fields)


@every_stage
def test_times_lie_inside_the_recording_and_in_order(made: Made, stage: Stage) -> None:
    duration = made["recording"].record.duration_ms
    spans = [each for each in records(made[stage.name].record) if hasattr(each, "start_ms") and hasattr(each, "end_ms")]
    for each in spans:
        assert 0 <= each.start_ms <= each.end_ms <= duration, each
    for name in ("utterances", "mentions", "segments", "claims", "findings"):
        listed = getattr(made[stage.name].record, name, ())
        starts = [each.start_ms for each in listed if hasattr(each, "start_ms")]
        assert starts == sorted(starts)
    if stage.name in ("transcript", "mentions", "segments", "claims", "findings"):
        assert spans, "nothing was checked"


def test_every_claim_gets_a_finding_with_an_ordered_trace(made: Made) -> None:
    claims, findings = made["weighed"].record.claims, made["findings"].record.findings
    assert claims
    assert [finding.quote for finding in findings] == [claim.quote for claim in claims]
    order = ["heard", "matched", "meant", "paper", "verdict"]
    for finding in findings:
        steps = [step.step for step in finding.trace]
        assert steps == sorted(steps, key=order.index)
        assert {"heard", "matched", "meant", "verdict"} <= set(steps)
        assert finding.verdict in VERDICTS
    assert len({finding.id for finding in findings}) == len(findings)


def test_finding_ids_hold_no_times(made: Made) -> None:
    """Decisions on findings must outlive a transcript with other times."""
    claims: Claims = made["weighed"].record
    later = tuple(
        msgspec.structs.replace(claim, start_ms=claim.start_ms + 400, end_ms=claim.end_ms + 400)
        for claim in claims.claims
    )
    stage = next(stage for stage in STAGES if stage.name == "findings")
    moved = {**made, "weighed": Kept(msgspec.structs.replace(claims, claims=later), "")}
    ids = [finding.id for finding in call(stage, moved, Settings()).findings]
    assert ids == [finding.id for finding in made["findings"].record.findings]


# ---- imports


HEAVY = """av cv2 faster_whisper ctranslate2 onnxruntime jieba pypinyin opencc polars numpy sklearn scipy statsmodels doubleml skops torch ray altair
jinja2 rich typer yaml babel xlsxwriter rapidfuzz ahocorasick huggingface_hub filelock pysubs2 wetext"""


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, streamlens; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "streamlens" in loaded
    assert {name.partition(".")[0] for name in loaded}.isdisjoint(HEAVY.split())


def test_import_is_quick() -> None:
    """Best of five, measured inside: the start of Python itself is not ours."""
    code = "import time; start = time.perf_counter(); import streamlens; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True) for _ in range(5)]
    assert min(float(run.stdout) for run in runs) < 0.2


def test_the_stages_load_nothing_heavy_either() -> None:
    """What the command line imports to read its arguments; libraries are loaded when a stage runs."""
    code = "import sys, streamlens.run; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    slow = {
        "av",
        "cv2",
        "rapidocr",
        "faster_whisper",
        "ctranslate2",
        "onnxruntime",
        "polars",
        "altair",
        "huggingface_hub",
        "vl_convert",
    }
    assert {name.partition(".")[0] for name in loaded}.isdisjoint(slow)


# ---- rules that ship


BOOK = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_the_cases_of_every_rule_hold(rule: Any) -> None:
    assert failing_cases(msgspec.structs.replace(BOOK, rules=(rule,)), Settings()) == ()
