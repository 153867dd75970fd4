"""The command line, called in-process: what it prints, where, and with which exit code."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import worlds
from streamlens.cli import main
from streamlens.run import run as really_run

ROOT = Path(__file__).parents[1]


class Said:
    """What a command printed and returned."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("error:")]


Command = Callable[..., Said]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*arguments: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(end.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlens.run.Recogniser", lambda model, jobs: worlds.Scripted())


@pytest.fixture
def streams(tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    worlds.rules(tmp_path / "rules")
    worlds.stream(tmp_path / "streams" / "s1", sound)
    worlds.stream(tmp_path / "streams" / "s2", sound, unlike=1)
    return tmp_path / "streams"


# ---- audit


@pytest.mark.usefixtures("scripted")
def test_audit_shows_a_table_and_where_the_report_lies(command: Command, streams: Path) -> None:
    said = command("audit", streams, "--workspace", "results", "--rules", "rules", "--lang", "en")
    assert said.code == 0
    assert said.err == ""
    rows = {line.split()[0]: line.split() for line in said.out.splitlines()}
    heads = ["recording", "length", "Prohibited", "Contradicted", "No", "evidence", "Listen", "Supported"]
    assert rows["recording"][: len(heads)] == heads
    assert rows["s1"][2:] == ["1", "0", "0", "0", "1", "0", "100%"]
    assert said.out.splitlines()[-1] == "report: results/index.html"
    assert Path("results/index.html").exists()
    assert Path("results/s1/audit.html").exists()


@pytest.mark.usefixtures("scripted")
def test_audit_of_one_stream_points_to_its_page(command: Command, streams: Path) -> None:
    said = command("audit", streams / "s1", "--workspace", "results", "--rules", "rules")
    assert said.out.splitlines()[-1] == "report: results/s1/audit.html"


@pytest.mark.usefixtures("scripted")
def test_strict_counts_accusations_only(command: Command, streams: Path) -> None:
    arguments = ("audit", streams, "--workspace", "results", "--rules", "rules", "--quiet")
    assert command(*arguments).code == 0
    said = command(*arguments, "--strict")
    assert (said.code, said.out, said.err) == (1, "", "")
    (streams.parent / "rules" / "health" / "disease.toml").unlink()  # what remains is supported
    assert command(*arguments, "--strict").code == 0


@pytest.mark.usefixtures("scripted")
def test_bad_streams_are_a_line_each_and_exit_2(command: Command, streams: Path, sound: Path) -> None:
    (worlds.stream(streams / "s3", sound) / "recording.wav").write_bytes(b"not sound at all" * 100)
    worlds.stream(streams / "s4", sound, evidence_yaml="documents: [{id: E1, type: nonsense, covers: [QC-5]}]")
    said = command("audit", streams, "nowhere", "--workspace", "results", "--rules", "rules", "--strict")
    assert said.code == 2
    assert len(said.errors) == 3 == len(said.err.splitlines())
    for line, words in zip(sorted(said.errors), ["s3/recording.wav", "nonsense", "nowhere"], strict=True):
        assert words in line
    states = [line.split()[:2] for line in said.out.splitlines()]
    assert ["s1", "0:00:09"] in states
    assert ["s3", "failed"] in states
    assert said.out.splitlines()[-1] == "report: results/index.html"


@pytest.mark.usefixtures("scripted")
def test_quiet_says_only_what_went_wrong(command: Command, streams: Path) -> None:
    said = command("audit", streams, "nowhere", "--workspace", "results", "--rules", "rules", "--quiet")
    assert (said.code, said.out, len(said.errors)) == (2, "", 1)


@pytest.mark.usefixtures("scripted")
def test_only_goes_as_far_as_told(command: Command, streams: Path) -> None:
    said = command("audit", streams, "--workspace", "results", "--rules", "rules", "--only", "transcript")
    assert said.code == 0
    assert "report:" not in said.out
    assert list(Path("results/s1").glob("transcript-*.json"))
    assert not Path("results/s1/audit.html").exists()


@pytest.mark.usefixtures("scripted")
def test_ctrl_c_says_how_to_go_on(command: Command, streams: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*arguments: Any, **options: Any) -> Any:
        yield next(really_run(*arguments, **options))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("streamlens.run.run", stopped)
        said = command("audit", streams, "--workspace", "results", "--rules", "rules")
    assert said.code == 2
    assert said.errors == ["error: stopped with 1 of 2 done; the same command goes on from here"]
    assert "not started" in said.out


@pytest.mark.usefixtures("scripted")
def test_the_end_says_how_many_are_done_failed_and_not_started(command: Command, streams: Path, sound: Path) -> None:
    (worlds.stream(streams / "s3", sound) / "recording.wav").write_bytes(b"")
    said = command("audit", streams, "--workspace", "results", "--rules", "rules")
    assert said.out.splitlines()[-2] == "2 done, 1 failed, 0 not started"


@pytest.mark.usefixtures("scripted")
def test_retry_failed_takes_up_what_failed_and_nothing_else(command: Command, streams: Path) -> None:
    arguments = ("audit", streams, "--workspace", "results", "--rules", "rules", "--retry-failed")
    said = command(*arguments)
    assert (said.code, said.out) == (0, "")
    assert said.err == "nothing to retry: none of these recordings has failed\n"
    (streams / "s1" / "evidence.yaml").write_text("documents: 3")
    assert command(*arguments[:-1]).code == 2
    (streams / "s1" / "evidence.yaml").write_text(worlds.PAPERS)
    said = command(*arguments)
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()] == ["recording", "s1", "report:"]
    assert command(*arguments).err.startswith("nothing to retry")


def test_ray_that_is_not_there_is_one_line(
    command: Command, streams: Path, monkeypatch: pytest.MonkeyPatch, scripted: None
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    said = command("audit", streams, "--workspace", "results", "--rules", "rules", "--on", "ray")
    assert said.code == 2
    assert said.errors == ["error: --on ray: Ray is not installed; pip install 'streamlens-audit[ray]'"]


def test_without_a_model_the_remedy_is_named(
    command: Command, streams: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STREAMLENS_MODELS", str(tmp_path / "none"))
    said = command("audit", streams, "--workspace", "results", "--rules", "rules")
    assert said.code == 2
    assert len(said.errors) == 1
    assert "streamlens models fetch base" in said.errors[0]


@pytest.mark.usefixtures("scripted")
def test_warnings_are_lines(command: Command, streams: Path) -> None:
    command("audit", streams / "s1", "--workspace", "results", "--rules", "rules")
    next(Path("results/s1").glob("claims-*.json")).write_text("{")
    said = command("audit", streams / "s1", "--workspace", "results", "--rules", "rules")
    assert said.code == 0
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("warning: ")
    assert "set aside" in said.err


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--config", "mine.toml"], ["mine.toml", "segments.swich_cost", "did you mean segments.switch_cost?"]),
        (["--rules", "nowhere"], ["nowhere"]),
        (["--only", "speech"], ["speech", "transcript"]),
        (["--jobs", "0"], ["--jobs"]),
        (["--lang", "fr"], ["fr", "zh"]),
        (["--workspace", "mine.toml"], ["mine.toml"]),
        (["--on", "moon"], ["moon", "ray"]),
        (["--gpus", "-1"], ["--gpus"]),
        (["--nonsense"], ["--nonsense"]),
    ],
)
def test_slips_of_the_user_are_one_line(
    command: Command, streams: Path, arguments: list[str], words: list[str]
) -> None:
    Path("mine.toml").write_text("[segments]\nswich_cost = 1\n")
    said = command("audit", streams, "--rules", "rules", *arguments)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1 == len(said.errors)
    for word in words:
        assert word in said.errors[0]


def test_a_bug_is_one_line_unless_debug(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("streamlens.load_rules", bug)
    said = command("rules", "list")
    assert said.code == 2
    assert said.errors == ["error: internal error: ZeroDivisionError: by nothing; --debug shows where"]
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "rules", "list"])


# ---- check


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    worlds.rules(tmp_path / "rules")
    (tmp_path / "catalog.csv").write_text(worlds.CATALOGUE, encoding="utf-8")
    (tmp_path / "evidence.yaml").write_text(worlds.PAPERS, encoding="utf-8")
    (tmp_path / "script.txt").write_text("大家好\n今天早上刚从树上摘下来的，能治高血压\n", encoding="gb18030")
    return ["--catalog", "catalog.csv", "--evidence", "evidence.yaml", "--date", "2026-09-20", "--rules", "rules"]


def test_check_prints_line_column_verdict_and_quote(command: Command, shop: list[str]) -> None:
    said = command("check", "script.txt", *shop, "--lang", "en")
    assert said.code == 0
    rows = [line for line in said.out.splitlines() if line[:2] == "2:"]
    assert rows[0].startswith("2:1 ")
    assert "今天早上刚从树上摘下来的" in rows[0]
    assert rows[1].startswith("2:14 ")
    assert "Prohibited" in rows[1]
    assert command("check", "script.txt", *shop, "--strict").code == 1


def test_check_as_json(command: Command, shop: list[str]) -> None:
    said = command("check", "今天早上刚从树上摘下来的", *shop, "--format", "json")
    (finding,) = json.loads(said.out)
    place = [finding[key] for key in ("line", "column", "end_line", "end_column")]
    assert (place, finding["verdict"]) == ([1, 1, 1, 13], "supported")
    assert finding["evidence"] == ["E1"]
    assert finding["trace"][0]["step"] == "heard"


def test_check_as_sarif_points_into_the_file(command: Command, shop: list[str]) -> None:
    Path("话 术").mkdir()
    script = Path("script.txt").rename("话 术/script.txt")
    said = command("check", script, *shop, "--format", "sarif", "--strict")
    assert said.code == 1
    assert said.err == ""
    (run,) = json.loads(said.out)["runs"]
    (result,) = run["results"]  # the harvest is supported: nothing to do about it
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "health.disease"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "%E8%AF%9D%20%E6%9C%AF/script.txt", "index": 0}
    assert place["region"]["startLine"] == 2
    assert command("check", Path.cwd() / script, *shop, "--format", "sarif").out == said.out


def test_check_of_a_text_without_a_file_as_sarif_carries_the_text(command: Command, shop: list[str]) -> None:
    (run,) = json.loads(command("check", "能治高血压", *shop, "--format", "sarif").out)["runs"]
    assert run["artifacts"] == [{"contents": {"text": "能治高血压"}}]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"index": 0}


def test_check_of_a_long_text_is_no_file_name(command: Command, shop: list[str]) -> None:
    said = command("check", "大家好，" * 200 + "能治高血压.真的", *shop, "--format", "json")
    assert [finding["quote"] for finding in json.loads(said.out)] == ["能治高血压"]


def test_check_reads_standard_input(shop: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamlens", "check", "-", *shop, "--format", "json"],
        input="能治高血压".encode(), capture_output=True, check=True,
    )  # fmt: skip
    assert [finding["kind"] for finding in json.loads(done.stdout)] == ["health.disease"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.txt"], "none.txt: no such file"),
        (["话术.docx"], "话术.docx: no such file"),
        (["none"], "none: no such file"),
        ([""], "no such file"),
        (["rules"], "rules: is a folder"),
        (["大家好", "--date", "20.9.2026"], "20.9.2026"),
        (["大家好", "--catalog", "none.csv"], "none.csv"),
        (["大家好", "--evidence", "catalog.csv"], "catalog.csv"),
    ],
)
def test_check_refuses_in_one_line(command: Command, shop: list[str], arguments: list[str], words: str) -> None:
    said = command("check", *arguments, "--rules", "rules")
    assert said.code == 2
    assert len(said.err.splitlines()) == 1 == len(said.errors)
    assert words in said.errors[0]


# ---- rules, models, doctor, demo, evaluate


def test_rules_list_and_show(command: Command, shop: list[str]) -> None:
    said = command("rules", "list", "--rules", "rules")
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == ["freshness.harvest", "health.disease"]
    said = command("rules", "show", "health.disease", "--rules", "rules")
    assert said.code == 0
    for words in ("普通食品不得宣传治疗作用。", "酸甜可口", "能治高血压", "《", "-> nothing"):
        assert words in said.out
    said = command("rules", "show", "health.disaese", "--rules", "rules")
    assert (said.code, said.errors) == (2, ["error: health.disaese: no such rule; did you mean health.disease?"])


def test_rules_check_runs_the_cases(command: Command, shop: list[str]) -> None:
    said = command("rules", "check", "--rules", "rules")
    assert (said.code, said.out.strip()) == (0, "2 rules, 4 cases, 0 fail")
    path = Path("rules/health/disease.toml")
    path.write_text(path.read_text(encoding="utf-8").replace("这个很好吃", "能治高血压"), encoding="utf-8")
    said = command("rules", "check", "--rules", "rules")
    assert said.code == 2
    assert len(said.errors) == 1
    path.write_text(path.read_text(encoding="utf-8").replace("severity", "severitty"), encoding="utf-8")
    said = command("rules", "check", "--rules", "rules")
    assert said.code == 2
    assert "severitty" in said.errors[0]


def test_models_list(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STREAMLENS_MODELS", str(tmp_path))
    said = command("models", "list")
    assert said.code == 0
    assert any(line.startswith("base ") and "not fetched" in line for line in said.out.splitlines())


def test_models_fetch_refuses_an_unknown_name(command: Command) -> None:
    said = command("models", "fetch", "huge")
    assert (said.code, len(said.errors)) == (2, 1)
    assert "base" in said.errors[0]


def test_models_fetch_from_a_folder_that_lacks_it(command: Command, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("STREAMLENS_MODELS", str(tmp_path / "models"))
    (tmp_path / "usb").mkdir()
    said = command("models", "fetch", "base", "--from", tmp_path / "usb")
    assert (said.code, len(said.err.splitlines())) == (2, 1)


def test_doctor_names_what_is_missing(command: Command, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("STREAMLENS_MODELS", str(tmp_path))
    said = command("doctor", "--workspace", tmp_path / "results")
    assert said.code == 2
    assert "streamlens models fetch base" in said.out
    assert all(name in said.out for name in ("python", "processor", "rules", "workspace"))


@pytest.mark.usefixtures("scripted")
def test_demo_prints_findings_and_the_report(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = command("demo", "--lang", "en")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "report: streamlens-demo/d2-hens/audit.html"
    assert Path("streamlens-demo/d2-hens/audit.html").exists()
    assert "能治高血压" in said.out


@pytest.mark.usefixtures("scripted")
def test_evaluate_compares_with_gold(command: Command, streams: Path) -> None:
    command("audit", streams / "s1", "--workspace", "results", "--rules", "rules")
    gold = {
        "id": "s1", "duration": 9.0,
        "lines": [{"start": 0, "end": 9, "text": worlds.SAID, "product": "QC-5", "claims": [
            {"quote": "能治高血压", "kind": "health.disease", "stance": "asserted", "verdict": "prohibited"},
            {"quote": "今天早上刚从树上摘下来的", "kind": "freshness.harvest", "stance": "asserted", "verdict": "none"},
        ]}],
        "segments": [{"start": 0, "end": 9, "sku": "QC-5"}],
    }  # fmt: skip
    Path("gold.json").write_text(json.dumps(gold))
    said = command("evaluate", "results", "gold.json", "--misses")
    assert said.code == 0
    rows = {line.rpartition(" ")[0].strip(): line.rpartition(" ")[2] for line in said.out.splitlines()}
    assert rows["character error rate"] == "0.000"
    assert rows["claim recall"] == "1.000"
    assert rows["verdict accuracy"] == "0.500"
    assert any("verdict" in line and "freshness.harvest" in line for line in said.out.splitlines())
    said = command("evaluate", "results", "gold.json", "--format", "json")
    assert said.code == 0
    assert json.loads(said.out)["total"]["rates"]["verdict_accuracy"] == 0.5
    assert command("evaluate", "nowhere", "gold.json").code == 2


# ---- the program itself


def test_version_and_help(command: Command) -> None:
    said = command("--version")
    assert (said.code, said.out.split()[0]) == (0, "streamlens")
    assert command("--help").code == 0
    said = command("rules")
    assert said.code == 2
    assert said.errors == []
    assert "check" in said.out + said.err


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    shell = shutil.which("sh")
    assert shell
    script = f"{sys.executable} -m streamlens rules list | head -1; echo done"
    done = subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "done"
    assert done.stderr == ""


# ---- features


def test_features_are_written_by_an_audit_and_anew_by_their_command(
    command: Command, scripted: None, streams: Path
) -> None:
    command("audit", streams, "--workspace", "results", "--rules", "rules", "--quiet")
    table = Path("results/features.parquet")
    written = table.read_bytes()
    table.unlink()
    said = command("features", "results")
    assert (said.code, said.out.strip()) == (0, "results/features.parquet")
    assert table.read_bytes() == written
    said = command("features", "results", "--format", "csv", "--out", "elsewhere/moments.csv")
    assert said.code == 0
    lines = Path("elsewhere/moments.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("recording,unit,start_ms,end_ms,")
    assert {line.partition(",")[0] for line in lines[1:]} == {"s1", "s2"}


def test_features_explain_their_columns_without_a_workspace(command: Command) -> None:
    said = command("features", "--columns")
    assert said.code == 0
    assert "viewer_minutes" in said.out
    assert "the stream has no file of comments" in said.out


def test_features_show_the_focus_of_streams(command: Command, scripted: None, streams: Path) -> None:
    command("audit", streams, "--workspace", "results", "--rules", "rules", "--quiet")
    said = command("features", "results", "--focus", "--lang", "en")
    assert said.code == 0
    assert "too few streams to compare" in said.out
    assert Path("results/focus.xlsx").exists()
    assert json.loads(Path("results/s1/focus.json").read_bytes())["anchor"] == "小林"


def test_features_say_what_is_missing(command: Command, scripted: None, streams: Path) -> None:
    said = command("features", "nowhere")
    assert (said.code, said.errors) == (2, ["error: nowhere: holds no results; audit recordings into it first"])
    assert command("features").code == 2
    (streams / "s2" / "recording.wav").write_bytes(b"")
    command("audit", streams, "--workspace", "results", "--rules", "rules", "--quiet")
    said = command("features", "results")
    assert said.code == 2
    assert len(said.errors) == 1 and "recording.wav" in said.errors[0]
    assert Path("results/features.parquet").exists()
