"""A run is the same byte for byte however it is done, loses nothing to a kill, and can be set beside others."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

import plans
import streamlens
from streamlens.cli import _call
from streamlens.errors import InputError, StreamlensError
from streamlens.experiments import runner, tracking
from streamlens.experiments.compare import compare_runs, write_comparison
from streamlens.store import digest


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("first")
    return streamlens.experiment(plans.sales(root), runs=root / "runs")


def test_a_run_folder_holds_all_that_it_was_made_from_and_came_to(first: Any) -> None:
    files = plans.stable(first.folder)
    assert {
        "config.toml", "resolved.json", "environment.json", "data.json", "results.json", "metrics.json", "metrics.csv",
        "metrics.parquet", "predictions.parquet", "units.parquet", "report.html", "report.en.html", "manifest.json",
        "plots/effects.svg", "plots/gain.svg",
    } <= files.keys()  # fmt: skip
    manifest = msgspec.json.decode(files.pop("manifest.json"))
    assert manifest == {name: digest(data) for name, data in files.items()}
    assert files["config.toml"].decode() == plans.SALES
    assert {path.name for path in (first.folder / "timing").iterdir()} == {"costs.csv", "log.jsonl"}
    assert first.metrics["cell"].n_unique() == 9
    assert first.predictions.height == 8 * 80
    assert first.problems == ()


def test_fresh_again_and_with_two_processes_it_is_the_same_byte_for_byte(first: Any, tmp_path: Path) -> None:
    again = streamlens.experiment(plans.sales(tmp_path), runs=tmp_path / "again", fresh=True)
    apart = streamlens.experiment(plans.sales(tmp_path), runs=tmp_path / "apart", jobs=2)
    over = streamlens.experiment(plans.sales(tmp_path), runs=tmp_path / "again", fresh=True)
    assert plans.stable(again.folder) == plans.stable(first.folder)
    assert plans.stable(apart.folder) == plans.stable(first.folder)
    assert plans.stable(over.folder) == plans.stable(first.folder)


def test_a_killed_run_keeps_its_cells_and_ends_the_same(first: Any, tmp_path: Path) -> None:
    plan = plans.sales(tmp_path)
    code = f"import streamlens; streamlens.experiment({str(plan)!r}, runs={str(tmp_path / 'runs')!r})"
    run = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    cells = tmp_path / "runs" / "small" / ".cells"
    while run.poll() is None and len(list(cells.glob("*.msgpack"))) < 2:
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    run.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in cells.glob("*.msgpack")}
    assert 2 <= len(kept) < 9, "it was to be killed half-way"
    told: list[runner.Progress] = []
    result = streamlens.experiment(plan, runs=tmp_path / "runs", watch=told.append)
    assert (told[0].kept, told[0].done, told[-1].done) == (len(kept), len(kept), 9)
    assert {path.name: path.stat().st_mtime_ns for path in cells.glob("*.msgpack")}.items() >= kept.items()
    assert plans.stable(result.folder) == plans.stable(first.folder)


def test_a_torn_cell_is_computed_again(tmp_path: Path) -> None:
    kept = runner.Kept(tmp_path)
    kept.put("k", runner.Computed(problem="x"))
    assert kept.get("k") == runner.Computed(problem="x")
    path = tmp_path / ".cells" / "k.msgpack"
    path.write_bytes(path.read_bytes()[:-3])
    assert kept.get("k") is None


def test_an_added_model_costs_only_itself_and_other_words_cost_nothing(first: Any, tmp_path: Path) -> None:
    told: list[runner.Progress] = []
    streamlens.experiment(plans.sales(tmp_path), runs=tmp_path / "runs")
    more = plans.sales(tmp_path, models='["poisson", "linear", "elastic_net"]', question='"Another?"')
    result = streamlens.experiment(more, runs=tmp_path / "runs", watch=told.append)
    assert (told[0].kept, told[-1].total) == (9, 13)
    assert result.folder.name != first.folder.name, "another question is another run"


def test_one_cell_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    path = plans.sales(tmp_path, offer='["price_fen", "onlin_mean"]')
    result = streamlens.experiment(path, runs=tmp_path / "runs")
    assert len(result.problems) == 4
    assert "did you mean online_mean?" in result.problems[0]
    assert result.metrics.filter(result.metrics["metric"] == "gain").height == 4
    assert result.answer and result.answer.verdict == "refused"
    assert "onlin_mean" in result.page.read_text(encoding="utf-8")


def test_the_expectation_is_decided_on_the_same_rows(first: Any) -> None:
    answer = first.answer
    assert answer.difference.units == 4 * 80, "two models under two splits"
    units = first.report.cells
    by_hand = [
        {counts.metric: counts for counts in row.result.units.counts}["deviance"].above
        for name in ("talk", "offer")
        for row in units
        if dict(row.axes).get("features") == name
    ]
    talk, offer = sum(map(sum, by_hand[:4])), sum(map(sum, by_hand[4:]))
    assert answer.difference.estimate.value == pytest.approx((talk - offer) / (4 * 80))


def test_a_refusal_is_an_answer_and_no_error(tmp_path: Path) -> None:
    result = streamlens.experiment(plans.sales(tmp_path, minima="{ streams = 50 }"), runs=tmp_path / "runs")
    refused = [row for row in result.report.cells if row.result.refusal]
    assert [lack.what for lack in refused[0].result.refusal.lacks] == ["streams"]
    assert result.problems == ()


# ---- side by side


def test_runs_are_compared_pair_by_pair_where_the_folds_are_the_same(tmp_path: Path) -> None:
    one = streamlens.experiment(plans.sales(tmp_path), runs=tmp_path / "runs")
    other = streamlens.experiment(plans.sales(tmp_path, offer='["price_fen"]'), runs=tmp_path / "runs")
    comparison = compare_runs([tmp_path / "runs"])
    assert {row["run"] for row in comparison.rows} == {f"small/{each.folder.name}" for each in (one, other)}
    pairs = {(each.first.partition(" · ")[2], each.metric): each for each in comparison.differences}
    assert pairs["talk · recording · 1 · linear", "deviance"].estimate.value == 0
    assert pairs["offer · recording · 1 · linear", "deviance"].estimate.value != 0
    page = write_comparison(comparison, tmp_path)
    assert page.read_bytes() == write_comparison(comparison, tmp_path).read_bytes()
    table = comparison.table()
    assert table.filter(table["against"].is_not_null()).height == len(comparison.differences) == 8


def test_other_folds_are_not_compared(tmp_path: Path) -> None:
    for seeds in ("[1]", "[2]"):
        path = plans.sales(tmp_path)
        path.write_text(path.read_text().replace("folds = 3", f"folds = 3\nseeds = {seeds}"))
        streamlens.experiment(path, runs=tmp_path / "runs")
    assert compare_runs([tmp_path / "runs"]).differences == ()


def test_nothing_to_compare_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no finished run"):
        compare_runs([tmp_path])


# ---- other kinds


def test_claims_are_counted_over_passages(tmp_path: Path) -> None:
    result = streamlens.experiment(plans.claims(tmp_path), runs=tmp_path / "runs")
    assert result.problems == ()
    found = {
        (cell, metric): value for cell, metric, value in result.metrics.select("cell", "metric", "value").iter_rows()
    }
    assert found["off", "micro_f1"] == found["off", "macro_f1"] == 1.0
    assert found["off", "compliant_accused"] == 0.0
    top = result.metrics.filter((result.metrics["cell"] == "off") & (result.metrics["metric"] == "compliant_accused"))
    assert top["high"].item() == pytest.approx(1 - 0.025 ** (1 / 2)), "none of two says little"


def test_a_bad_passage_is_named_by_its_line(tmp_path: Path) -> None:
    plan = plans.claims(tmp_path)
    (tmp_path / "passages.jsonl").write_text(
        plans.PASSAGES.replace('能治高血压", "st', '能治百病", "st'), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"passages\.jsonl, line 1: the text does not hold '能治百病'"):
        streamlens.experiment(plan, runs=tmp_path / "runs")


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"model": ["base"]}, "has no meaning for written passages"),
        ({"implied.enable": [True]}, "grid.implied.enable: no such option; did you mean implied.enabled"),
        ({"screan": [True]}, "is no axis"),
    ],
)
def test_axes_are_checked_before_anything_is_computed(tmp_path: Path, grid: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        streamlens.experiment(plans.claims(tmp_path, grid=grid), runs=tmp_path / "runs")


def test_recordings_with_gold_are_scored_as_evaluate_does(tmp_path: Path) -> None:
    streams = Path(__file__).parents[1] / "data" / "streams"
    plan = {
        "kind": "transcripts", "name": "t", "question": "?", "hypothesis": {"expects": "a", "refuted_by": "b"},
        "data": {"streams": [str(streams / "h1-market")], "gold": str(streams)}, "grid": {"claims.by_sound": [True]},
    }  # fmt: skip
    result = streamlens.experiment(plan, runs=tmp_path / "runs")
    assert result.problems == ()
    streamlens_results = list(streamlens.audit(streams / "h1-market", workspace=tmp_path / "workspace"))
    assert streamlens_results[0].state == "done"
    from streamlens.evaluate import evaluate

    rates = evaluate(tmp_path / "workspace", streams / "h1-market" / "gold.json").total().rates()
    ours = {metric: value for metric, value in result.metrics.select("metric", "value").iter_rows()}
    assert {name: None if value is None else round(value, 4) for name, value in ours.items()} == rates
    assert not (tmp_path / "runs" / "t" / ".work").exists() or not list((tmp_path / "runs" / "t" / ".work").iterdir())


# ---- MLflow and the command


def test_without_mlflow_it_is_said_before_anything_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    with pytest.raises(StreamlensError, match=r"pip install 'streamlens-audit\[mlflow\]'"):
        streamlens.experiment(plans.sales(tmp_path), runs=tmp_path / "runs", mlflow="file:x")
    assert not list((tmp_path / "runs").rglob("*.msgpack"))


def test_mlflow_gets_the_run_and_its_cells_once(first: Any, tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    uri = (tmp_path / "mlruns").as_uri()
    path = tmp_path / "small.toml"
    path.write_text(plans.SALES, encoding="utf-8")
    for _ in range(2):
        streamlens.experiment(path, runs=first.folder.parents[1], mlflow=uri)
    client = mlflow.MlflowClient(tracking_uri=uri)
    runs = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    cells = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert (len(parents), len(cells)) == (1, 9)
    assert parents[0].data.tags["streamlens_digest"] == first.folder.name
    one = next(run for run in cells if run.data.params.get("model") == "linear")
    assert {"split", "features", "seed"} <= one.data.params.keys() and "gain" in one.data.metrics
    assert any(each.path == "report.html" for each in client.list_artifacts(parents[0].info.run_id))


def test_the_command_runs_lists_and_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, runs = plans.sales(tmp_path), tmp_path / "runs"
    assert _call(["experiment", str(path), "--runs", str(runs), "--dry-run", "--set", "effects.treatments=[]"]) == 0
    assert "8 cells, 0 kept" in capsys.readouterr().out
    assert not runs.exists()
    assert _call(["experiment", str(path), "--runs", str(runs), "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "report.en.html" in shown and "offer · recording · 1 · linear" in shown
    assert _call(["experiment", "--compare", str(runs)]) == 0
    assert "compare.html" in capsys.readouterr().out
    assert _call(["experiment"]) == 2
