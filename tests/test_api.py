"""`import streamlens`: cheap to import, and what it offers."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import worlds

import streamlens

HEAVY = (
    "av cv2 faster_whisper ctranslate2 onnxruntime jieba pypinyin opencc polars numpy sklearn torch ray altair jinja2 rich "
    "typer yaml babel xlsxwriter rapidfuzz ahocorasick huggingface_hub filelock pysubs2 wetext"
).split()


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, streamlens; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "streamlens" in loaded
    assert {name.partition(".")[0] for name in loaded}.isdisjoint(HEAVY)


def test_import_is_quick() -> None:
    """Best of five, measured inside: the start of Python itself is not ours."""
    code = "import time; start = time.perf_counter(); import streamlens; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True) for _ in range(5)]
    assert min(float(run.stdout) for run in runs) < 0.2


def test_the_stages_load_nothing_heavy_either() -> None:
    """What the command line imports to read its arguments; libraries are loaded when a stage runs."""
    code = "import sys, streamlens.run; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    slow = {"av", "faster_whisper", "ctranslate2", "onnxruntime", "polars", "altair", "huggingface_hub", "vl_convert"}
    assert {name.partition(".")[0] for name in loaded}.isdisjoint(slow)


def test_what_is_offered_exists() -> None:
    for name in streamlens.__all__:
        assert getattr(streamlens, name) is not None
    assert isinstance(streamlens.__version__, str)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = streamlens.nothing_like_it


def test_audit_gives_typed_results(tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlens.run.Recogniser", lambda model, jobs: worlds.Scripted())
    worlds.stream(tmp_path / "streams" / "good", sound)
    (worlds.stream(tmp_path / "streams" / "bad", sound) / "recording.wav").write_bytes(b"")
    rules = worlds.rules(tmp_path / "rules")
    results = streamlens.audit(
        [tmp_path / "streams", tmp_path / "none"], workspace=tmp_path / "results", rules=rules, lang="en"
    )
    assert [(result.id, result.state) for result in results] == [
        (str(tmp_path / "none"), "failed"), ("bad", "failed"), ("good", "done"),
    ]  # fmt: skip
    good = results[-1]
    assert [finding.verdict for finding in good.findings] == ["supported", "prohibited"]
    assert (good.folder / "audit.html").exists()
    assert msgspec.json.decode((good.folder / "findings.json").read_bytes())["lang"] == "en"
    with pytest.raises(streamlens.errors.InputError, match="empty"):
        _ = results[1].findings


def test_audit_of_one_path(tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlens.run.Recogniser", lambda model, jobs: worlds.Scripted())
    stream = worlds.stream(tmp_path / "s1", sound)
    (result,) = streamlens.audit(str(stream), workspace=str(tmp_path / "results"), rules=worlds.rules(tmp_path / "rules"))
    assert result.id == "s1"


def test_readers_take_paths(tmp_path: Path) -> None:
    (tmp_path / "catalog.csv").write_text(worlds.CATALOGUE, encoding="utf-8")
    (tmp_path / "evidence.yaml").write_text(worlds.PAPERS, encoding="utf-8")
    catalogue = streamlens.read_catalogue(tmp_path / "catalog.csv")
    assert [product.sku for product in catalogue.products] == ["QC-5"]
    evidence = streamlens.read_evidence(str(tmp_path / "evidence.yaml"), catalogue)
    assert [document.id for document in evidence.documents] == ["E1"]
    assert {rule.kind.split(".")[0] for rule in streamlens.load_rules().rules} >= {"freshness", "health"}
    assert streamlens.load_law().articles
