"""From a workspace to a report of sales, through the command and the library."""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.sales_world import sold_workspace

import streamlens
from streamlens.cli import main
from streamlens.errors import InputError, ModelError, StreamlensError
from streamlens.link import library
from streamlens.link.simulate import SimulationOptions
from streamlens.linked import LinkResult

SMALL = SimulationOptions(anchors=6, streams=12, pitches=12, minutes=True)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sold_workspace(tmp_path_factory.mktemp("sold"))


@pytest.fixture(scope="module")
def linked(workspace: Path) -> LinkResult:
    return streamlens.link_sales(workspace, effects=("answers_given_per_min", "calls_buy_per_min"), lang="en")


def test_orders_are_attributed_net_of_refunds(linked: LinkResult, workspace: Path) -> None:
    scope, outcomes = linked.analysis.scope, linked.tables["outcomes"]
    pitches = outcomes.filter(pl.col("unit") == "segment")
    assert scope.orders == pitches["orders_net"].sum()
    gross = pl.concat(
        pl.DataFrame({"orders": [len(json.loads(path.read_bytes())["orders"])]})
        for path in workspace.glob("*/audience-*")
    )["orders"].sum()
    assert scope.refunded_orders and scope.orders + scope.refunded_orders == gross
    assert scope.repeat_orders and scope.repeat_orders < scope.orders


def test_files_are_all_there_and_say_the_same(linked: LinkResult) -> None:
    names = {path.name for path in linked.folder.iterdir()}
    assert {"link.html", "link.json", "model.skops", "model.md"} <= names
    assert {f"{name}.{form}" for name in linked.tables for form in ("csv", "parquet")} <= names
    told = json.loads((linked.folder / "link.json").read_bytes())
    assert [each["treatment"] for each in told["effects"]] == ["answers_given_per_min", "calls_buy_per_min"]
    assert "answers given a minute" in told["effects"][0]["statement"]["text"]
    for name, frame in linked.tables.items():
        assert pl.read_parquet(linked.folder / f"{name}.parquet").equals(frame), name
    text = (linked.folder / "effects.csv").read_bytes().decode("utf-8-sig")
    assert text.splitlines()[0].split(",")[:3] == ["treatment", "outcome", "scale"]


def test_the_model_is_read_back_and_predicts(linked: LinkResult) -> None:
    features = linked.analysis.features
    assert linked.model.n_features_in_ == len(features)
    card = (linked.folder / "model.md").read_text(encoding="utf-8")
    assert "Must not be used" in card and linked.analysis.digests[0][1] in card
    assert all(f"`{name}`" in card for name in features)


def test_a_model_of_other_types_is_not_read(tmp_path: Path, linked: LinkResult) -> None:
    import skops.io

    from streamlens.link.models import load_model

    path = tmp_path / "model.skops"
    skops.io.dump({"a": run}, path)
    with pytest.raises(ModelError, match="holds"):
        load_model(path)


def test_the_page_is_whole_and_safe(linked: LinkResult) -> None:
    page = linked.page.read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!#)', page.replace('xlink:href="#', ""))
    assert "<script" not in page
    assert page.count("Held fixed:") >= 5
    assert "link_page." not in page and "link." not in re.sub(r"(?s)<style>.*?</style>", "", page).replace(
        "link.json", ""
    )
    assert page.count("<svg") >= 8


def test_the_same_data_give_the_same_bytes(workspace: Path, linked: LinkResult, tmp_path: Path) -> None:
    again = streamlens.link_sales(
        workspace, effects=("answers_given_per_min", "calls_buy_per_min"), lang="en", out=tmp_path / "x", jobs=1
    )
    assert digests(again.folder) == digests(linked.folder)


def test_too_little_is_refused_with_exit_code_3_and_described(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = sold_workspace(tmp_path / "w", streams=3, anchors=3, pitches=4)
    (root / "link").mkdir()
    (root / "link" / "model.skops").write_bytes(b"of an earlier run")
    assert run("link", str(root), "--lang", "en") == 3
    said = capsys.readouterr().out
    assert "Too few streams: needs 8, has 3." in said and "Too few anchors: needs 4, has 3." in said
    assert not (root / "link" / "model.skops").exists()
    page = (root / "link" / "link.html").read_text(encoding="utf-8")
    assert "What is missing" in page and "s001" in page and "D²" not in page


def test_without_sales_it_says_so_and_offers_the_simulator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = sold_workspace(tmp_path / "w", streams=9, pitches=8, sales=False)
    assert run("link", str(root), "--lang", "en") == 3
    assert "--simulate" in capsys.readouterr().out


def test_simulated_is_written_apart_and_says_so_everywhere(tmp_path: Path) -> None:
    result = streamlens.link_sales(tmp_path, simulated=SMALL, lang="en", effects=("pace_cpm",))
    assert result.folder == tmp_path / "link-simulated"
    assert result.page.read_text(encoding="utf-8").count("made up by the simulator") >= 3
    assert "made up by the simulator" in (result.folder / "model.md").read_text(encoding="utf-8")
    assert json.loads((result.folder / "link.json").read_bytes())["simulated"] is True


def test_both_languages_are_complete(tmp_path: Path, linked: LinkResult) -> None:
    from streamlens.report.link_page import render_link

    page = render_link(linked.analysis, "zh")
    assert not re.findall(r"(?:link_page|link|feature|state|split|model|baseline|lack)\.[a-z_]+(?![a-z_]*\()", re.sub(
        r"(?s)<style>.*?</style>|link\.json|model\.skops|model\.md", "", page))  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("link", "nowhere"), "holds no results"),
        (("link", "{w}", "--effect", "orders"), "made of sales"),
        (("link", "{w}", "--effect", "pace_cmp"), "did you mean pace_cpm"),
        (("link", "{w}", "--outcome", "likes"), "outcome"),
    ],
)
def test_errors_are_one_line(
    arguments: tuple[str, ...], said: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*(each.format(w=workspace) for each in arguments)) == 2
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told


def test_a_recording_that_cannot_be_included_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = sold_workspace(tmp_path / "w", streams=3, pitches=4)
    next((root / "s001").glob("features-*")).unlink()
    assert run("link", str(root), "--lang", "en") == 2
    told = capsys.readouterr()
    assert "s001" in told.err and "2 streams" in told.out


def test_without_the_extra_the_command_says_what_to_install(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = library.find_spec
    monkeypatch.setattr(library, "find_spec", lambda name: None if name == "doubleml" else find(name))
    with pytest.raises(StreamlensError, match=r"doubleml.*pip install 'streamlens-audit\[link\]'"):
        streamlens.link_sales(workspace)
    assert run("link", str(workspace)) == 2
    assert "streamlens-audit[link]" in capsys.readouterr().err
    from streamlens.doctor import examine, ready

    checks: Any = examine(workspace)
    told = {check.name: check for check in checks}["statistics"]
    assert told.state == "note" and "doubleml" in told.what and "[link]" in told.do
    assert ready(tuple(check for check in checks if check.name == "statistics"))


def test_the_package_can_be_called_and_loads_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys, streamlens, streamlens.link.honesty; assert callable(streamlens.link);"
        "print([n for n in ('sklearn','scipy','doubleml','polars','altair') if n in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_the_result_shows_what_it_is(linked: LinkResult) -> None:
    assert "12 streams" in repr(linked) and "2 effects" in repr(linked)
    assert linked.refused is None and len(linked.associations) > 10


def test_a_refused_result_has_no_model(tmp_path: Path) -> None:
    result = streamlens.link_sales(sold_workspace(tmp_path / "w", streams=2, pitches=3))
    assert result.refused
    with pytest.raises(InputError, match="holds no model"):
        _ = result.model
