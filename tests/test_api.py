"""`import streamlens`: what it offers."""

from pathlib import Path

import msgspec
import pytest

import streamlens
import worlds


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
    (result,) = streamlens.audit(
        str(stream), workspace=str(tmp_path / "results"), rules=worlds.rules(tmp_path / "rules")
    )
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
