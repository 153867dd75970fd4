"""Exports of a workspace: all forms are written, only what was chosen is in them, and what cannot be done is said."""

import csv
from pathlib import Path

import av
import pytest

import worlds
from streamlens.cli import main
from streamlens.errors import InputError
from streamlens.exported import CLIPS, FORMS, PAGES, Choice, chosen, export


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> Path:
    """Two recordings, audited."""
    root = tmp_path_factory.mktemp("exports")
    worlds.rules(root / "rules")
    for number, name in enumerate(("s1", "s2")):
        worlds.stream(root / "streams" / name, sound, unlike=number)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as end:
        patch.setattr("streamlens.run.Recogniser", lambda model, jobs: worlds.Scripted())
        patch.chdir(root)
        main(["audit", "streams", "--workspace", "results", "--rules", "rules", "--quiet"])
    assert end.value.code in (None, 0)
    return root / "results"


def test_every_form_is_written(workspace: Path, tmp_path: Path) -> None:
    (first, second) = chosen(workspace, ())
    assert (first.id, second.id) == ("s1", "s2")
    written = list(export(first, [*FORMS, PAGES, CLIPS], to=tmp_path))
    assert all(path.stat().st_size for path in written)
    names = {path.name for path in written}
    assert {name for name, _ in FORMS.values()} <= names
    assert {"audit.html", "findings.json", "label-studio.xml"} <= names
    clips = [path for path in written if path.parent.name == CLIPS]
    assert len(clips) == len(first.findings) > 0
    for path in clips:
        with av.open(str(path)) as container:
            assert next(container.decode(audio=0)).samples
    assert {path.parent for path in written} == {tmp_path / "s1", tmp_path / "s1" / CLIPS}


def test_pages_written_again_are_those_of_the_audit(workspace: Path, tmp_path: Path) -> None:
    (result,) = chosen(workspace, ["s1"])
    written = {path.name: path.read_bytes() for path in export(result, [PAGES], to=tmp_path)}
    assert {"coaching.html", "facts.json", "focus.json"} <= written.keys()
    assert written == {name: (result.folder / name).read_bytes() for name in written}


def test_only_what_was_chosen_is_exported(workspace: Path, tmp_path: Path) -> None:
    (result,) = chosen(workspace, ["s2"])
    verdicts = {finding.verdict for finding in result.findings}
    assert "prohibited" in verdicts and len(verdicts) > 1
    (path,) = export(result, ["csv"], choice=Choice(verdicts=("prohibited",)), to=tmp_path)
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    assert {row["verdict"] for row in rows} == {"prohibited"}
    (path,) = export(result, ["csv"], choice=Choice(kinds=("freshness",)), to=tmp_path)
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    assert rows and all(row["kind"].startswith("freshness.") for row in rows)
    (path,) = export(result, ["csv"], choice=Choice(products=("none",)), to=tmp_path)
    assert not list(csv.DictReader(path.open(encoding="utf-8-sig")))


def test_a_recording_that_is_not_there_is_named(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"s9: no finished recording.*there are: s1, s2"):
        chosen(workspace, ["s9"])
    with pytest.raises(InputError, match="no such workspace"):
        chosen(tmp_path / "nowhere", ())
    with pytest.raises(InputError, match="no finished recording"):
        chosen(tmp_path, ())


def test_clips_of_a_recording_that_was_moved_away(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = workspace.parent / "streams" / "s1" / "recording.wav"
    hidden = part.rename(part.with_suffix(".away"))
    try:
        with pytest.raises(SystemExit) as end:
            main(["report", str(workspace), "s1", "--as", "csv,clips", "--to", str(tmp_path)])
    finally:
        hidden.rename(part)
    assert end.value.code == 2
    said = capsys.readouterr()
    assert "findings.csv" in said.out
    assert said.err.count("\n") == 1 and "recording.wav" in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--as", "pptx"], "'pptx' is not one of"),
        (["--verdict", "guilty"], "'guilty' is not one of"),
        (["--kind", "health.magic"], "'health.magic' is not one of"),
    ],
)
def test_unknown_words_are_refused(
    workspace: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["report", str(workspace), *arguments])
    assert end.value.code == 2
    assert told in capsys.readouterr().err
