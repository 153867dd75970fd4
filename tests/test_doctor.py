"""What the doctor sees."""

from pathlib import Path

import pytest

from streamlens import doctor
from streamlens.capture.model import ModelStatus
from streamlens.doctor import Check, examine, ready
from streamlens.errors import ModelError


@pytest.fixture
def one_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which base is present and small half fetched."""
    status = {"size": 1_000_000, "languages": 99, "licence": "MIT", "source": "hub"}
    models = (
        ModelStatus(name="base", path=tmp_path, problem="", **status),
        ModelStatus(name="small", path=None, problem="model.bin is missing", **status),
        ModelStatus(name="medium", path=None, problem="not fetched", **status),
    )
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr(doctor, "list_models", lambda: models)
    monkeypatch.setattr(doctor, "find", lambda name: tmp_path / "base")
    return tmp_path


def named(checks: tuple[Check, ...], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_a_machine_that_is_ready(one_model: Path) -> None:
    checks = examine(one_model / "new" / "workspace")
    assert ready(checks)
    assert named(checks, "model base").state == "ok"
    assert named(checks, "model small") == Check(
        name="model small", state="note", what=named(checks, "model small").what, do="streamlens models fetch small"
    )
    assert "model.bin is missing" in named(checks, "model small").what
    assert not any(check.name == "model medium" for check in checks)
    assert "GB free" in named(checks, "workspace").what
    assert "CPU threads" in named(checks, "processor").what
    assert "law as of" in named(checks, "rules").what


def test_without_a_model_no_audit_can_run(one_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> Path:
        raise ModelError("", "no Whisper model is present", "run: streamlens models fetch base")

    monkeypatch.setattr(doctor, "find", none)
    checks = examine(one_model)
    assert not ready(checks)
    assert named(checks, "model in use").do == "run: streamlens models fetch base"


def test_broken_rules_are_seen(one_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "shipped", lambda name: one_model / name)
    checks = examine(one_model)
    assert named(checks, "rules").state == "missing"
    assert not ready(checks)


def test_absent_packages_are_named(one_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"msgspec": "1", "streamlens-audit": "2"}
    declared = ["msgspec>=0.19", "no-such-thing>=1", 'pytest; extra == "dev"']
    monkeypatch.setattr(doctor, "requires", lambda name: declared)
    monkeypatch.setattr(doctor, "version", lambda name: here.get(name) or absent())
    checks = examine(one_model)
    states = {(check.name, check.state): check.what for check in checks}
    assert states["packages", "missing"] == "not installed: no-such-thing"
    assert not ready(checks)


def absent() -> str:
    raise doctor.PackageNotFoundError


def test_a_full_disk_is_noted(one_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ENOUGH_BYTES", 10**18)
    checks = examine(one_model)
    assert named(checks, "workspace").state == "note"
    assert ready(checks)
