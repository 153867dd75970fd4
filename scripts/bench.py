"""How fast and how small is an audit? Measured beside whisper-ctranslate2 on the same file, model and machine.

    python scripts/bench.py                               all sections (about half an hour on two idle cores)
    python scripts/bench.py --quick                       a short recording and two rounds: a few minutes, rough figures
    python scripts/bench.py --sections memory --minutes 10,60,240
    python scripts/bench.py --streams a b c               record these stream folders in turn, not the demo alone
    python scripts/bench.py --recording my-stream/        a recording or stream folder of your own

- `speed`   an audit and its transcript alone against whisper-ctranslate2, by default and batched, in interleaved rounds
- `stages`  what share of an audit each stage has
- `memory`  the most that an audit holds, by the length of the recording
- `cache`   a second run where nothing changed, and one after a rule was edited, over the first
- `text`    all stages after the speech on a long transcript, with the rules as shipped and many products
- `jobs`    several recordings by the number of --jobs

CPU seconds are of a command and all its children (getrusage), memory is the resident size of all its processes
together, looked at ten times a second. What else the machine did meanwhile is measured too: a run beside which others
kept more than a tenth of a core busy is marked `disturbed`, and the walls of such runs say little. Ratios are taken
within a round.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import bench_material as material
from streamlens.capture.model import find
from streamlens.detect.rules import load_rules

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = ("speed", "stages", "memory", "cache", "text", "jobs")
IDLE = 0.1  # cores that others may keep busy
LOOK_S = 0.1
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

Row = tuple[str, str]  # what was measured, and the figure


class Run:
    """A command that was run: wall and CPU in seconds, peak of memory in MB, and the cores that others kept busy."""

    def __init__(self, words: Sequence[str | Path]) -> None:
        busy, start = _busy_s(), time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment()
        )
        self.peak_mb = 0.0
        said: list[bytes] = []
        reader = threading.Thread(target=lambda: said.append(process.stdout.read() if process.stdout else b""))
        reader.start()
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            self.peak_mb = max(self.peak_mb, _resident(process.pid) / 1e6)
            time.sleep(LOOK_S if time.monotonic() - start > 5 * LOOK_S else LOOK_S / 10)
        self.wall_s = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        reader.join()
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_mb = max(self.peak_mb, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6)
        self.others = max(0.0, (_busy_s() - busy - self.cpu_s) / self.wall_s)
        if process.returncode:
            raise SystemExit(f"failed: {' '.join(map(str, words))}\n{b''.join(said).decode(errors='replace')}")

    @property
    def disturbed(self) -> bool:
        return self.others > IDLE

    def facts(self) -> dict[str, Any]:
        numbers = {"wall_s": self.wall_s, "cpu_s": self.cpu_s, "peak_mb": self.peak_mb, "others": self.others}
        return {**{name: round(value, 3) for name, value in numbers.items()}, "disturbed": self.disturbed}

    def __str__(self) -> str:
        mark = f"  disturbed: others kept {self.others:.1f} cores busy" if self.disturbed else ""
        return f"wall {self.wall_s:7.2f} s  CPU {self.cpu_s:7.2f} s  {self.peak_mb:6.0f} MB{mark}"


def _busy_s() -> float:
    """Seconds that all cores of the machine have worked since it started (Linux; elsewhere the check is left out)."""
    try:
        words = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _wait, irq, softirq = (int(word) for word in words[:7])
    return (user + nice + system + irq + softirq) / TICK


def _resident(pid: int) -> int:
    """Bytes of a process and all below it."""
    total = 0
    try:
        total = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(_resident(int(child)) for child in (task / "children").read_text().split())
    except (OSError, ValueError, IndexError):
        pass  # it has ended, or this is no Linux
    return total


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "HF_HUB_OFFLINE": "1"}


class Bench:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.cache: Path = args.cache.resolve()
        self.model = find(args.model)
        self.rounds: int = args.rounds
        self.found: dict[str, Any] = {}
        self.rows: list[Row] = []

    # ---- commands

    def audit(self, stream: Path, workspace: Path, *more: str | Path, fresh: bool = True) -> list[str | Path]:
        if fresh:
            shutil.rmtree(workspace, ignore_errors=True)
        words: list[str | Path] = [sys.executable, "-m", "streamlens", "audit", stream, "--workspace", workspace]
        return [*words, "--model", str(self.model), "--quiet", *more]

    def peer(self, stream: Path, *more: str) -> list[str | Path]:
        tool = shutil.which(
            "whisper-ctranslate2", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        )
        if not tool:
            raise SystemExit("whisper-ctranslate2 is missing: make bench installs it (the extra [bench])")
        given: list[str | Path] = [tool, _recording(stream), "--model_directory", self.model, "--language", "zh"]
        return [*given, "--output_dir", self.cache / "peer", "--output_format", "json", "--verbose", "False", *more]

    def stream(self, minutes: int) -> Path:
        if self.args.recording:
            return Path(self.args.recording)
        sources = [Path(each).resolve() for each in self.args.streams or [ROOT / "demo" / "d2-hens"]]
        name = f"{'-'.join(source.name for source in sources)}-{minutes}min"
        return material.stream(self.cache / name, sources, minutes)

    def row(self, what: str, figure: str) -> None:
        self.rows.append((what, figure))
        print(f"  {what}: {figure}", flush=True)

    def take(self, name: str, words: Sequence[str | Path]) -> Run:
        run = Run(words)
        print(f"  {name:12} {run}", flush=True)
        return run

    # ---- sections

    def measure_speed(self) -> None:
        stream = self.stream(self.args.length)
        commands: dict[str, Callable[[], list[str | Path]]] = {
            "audit": lambda: self.audit(stream, self.cache / "speed"),
            "transcript": lambda: self.audit(stream, self.cache / "heard", "--only", "transcript"),
            "default": lambda: self.peer(stream),
            "batched": lambda: self.peer(stream, "--batched", "True", "--batch_size", "8"),
        }
        rounds: list[dict[str, Run]] = []
        errors: dict[str, float] = {}
        said = _said(stream)
        for number in range(self.rounds):
            print(f"round {number + 1} of {self.rounds}, load {os.getloadavg()[0]:.2f}", flush=True)
            rounds.append({})
            for name, words in commands.items():
                rounds[-1][name] = self.take(name, words())
                if said and number == 0 and name != "audit":
                    errors[name] = _error_rate(said, self._text(name, stream))
        self.found["speed"] = [{name: run.facts() for name, run in each.items()} for each in rounds]
        for name in commands:
            walls, cpus = ([getattr(each[name], of) for each in rounds] for of in ("wall_s", "cpu_s"))
            rate = f", character errors {errors[name]:.2%}" if name in errors else ""
            self.row(name, f"wall {_spread(walls)} s, CPU {_spread(cpus)} s{rate}")
        for one, other, of in (
            ("audit", "default", "wall_s"),
            ("audit", "batched", "wall_s"),
            ("audit", "default", "cpu_s"),
            ("audit", "batched", "cpu_s"),
            ("transcript", "default", "wall_s"),
            ("transcript", "default", "cpu_s"),
        ):
            ratios = [getattr(each[one], of) / getattr(each[other], of) for each in rounds]
            self.found[f"{one}/{other} {of}"] = ratios
            self.row(f"{one} / {other}, {of.removesuffix('_s')}", _spread(ratios))
        self.found["character_error_rate"] = errors
        self._mark([run for each in rounds for run in each.values()])

    def _text(self, name: str, stream: Path) -> str:
        if name == "transcript":
            path = next((self.cache / "heard").glob("*/transcript-*.json"))
            given = json.loads(path.read_bytes())
            return "".join(each["text"] for each in given["utterances"])
        given = json.loads((self.cache / "peer" / f"{_recording(stream).stem}.json").read_bytes())
        return "".join(each["text"] for each in given["segments"])

    def measure_stages(self) -> None:
        workspace = self.cache / "speed"
        if not (workspace / "journal.jsonl").exists():
            self.take("audit", self.audit(self.stream(self.args.length), workspace))
        seconds: dict[str, float] = {}
        for line in (workspace / "journal.jsonl").read_text(encoding="utf-8").splitlines():
            attempt = json.loads(line)
            if attempt["stage"] != "batch":  # the run around them
                seconds[attempt["stage"]] = seconds.get(attempt["stage"], 0.0) + attempt["seconds"]
        whole = sum(seconds.values())
        self.found["stages"] = seconds
        most = sorted(seconds.items(), key=lambda each: -each[1])
        told = ", ".join(f"{name} {value / whole:.0%}" for name, value in most if value >= 0.005 * whole)
        self.row("share of the stages' time (speech, screen and voice overlap)", told)

    def measure_memory(self) -> None:
        peaks: dict[int, float] = {}
        for minutes in self.args.minutes:
            run = self.take(f"{minutes} minutes", self.audit(self.stream(minutes), self.cache / "memory"))
            peaks[minutes] = run.peak_mb
        self.found["memory_mb"] = peaks
        first = next(iter(peaks.values()))
        told = ", ".join(f"{minutes} min {peak:.0f} MB ({peak / first:.2f})" for minutes, peak in peaks.items())
        self.row("most memory, all processes", told)

    def measure_cache(self) -> None:
        stream, workspace, rules = self.stream(self.args.length), self.cache / "again", self.cache / "edited"
        shutil.rmtree(rules, ignore_errors=True)
        shutil.copytree(ROOT / "configs" / "rules", rules)
        first = self.take("first", self.audit(stream, workspace, "--rules", rules))
        again = [self.take("unchanged", self.audit(stream, workspace, "--rules", rules, fresh=False)) for _ in range(5)]
        text = "".join(
            each["text"] for each in json.loads(next(workspace.glob("*/transcript.json")).read_bytes())["utterances"]
        )
        edited = []
        for place in range(3):  # words that were said, so that findings are added
            words = re.search("[\u4e00-\u9fff]{5}", text[len(text) * (place + 1) // 4 :])  # patterns have nothing else
            assert words, "too little was said"
            _edit(rules / "absolute" / "best.toml", words[0])
            edited.append(self.take("rule edited", self.audit(stream, workspace, "--rules", rules, fresh=False)))
        for name, runs in (("unchanged", again), ("rule edited", edited)):
            walls = [run.wall_s / first.wall_s for run in runs]
            cpus = [run.cpu_s / first.cpu_s for run in runs]
            self.found[f"{name} / first"] = {"wall": walls, "cpu": cpus, "seconds": [run.wall_s for run in runs]}
            seconds = _spread([run.wall_s for run in runs])
            self.row(f"{name} / first run", f"wall {_percent(walls)}, CPU {_percent(cpus)} ({seconds} s)")
        self._mark([first, *again, *edited])

    def measure_text(self) -> None:
        characters, products = (6_000, 50) if self.args.quick else (60_000, 500)
        rules = ROOT / "configs" / "rules"
        book = load_rules(rules, ROOT / "configs" / "lexicon")
        phrases = sum(len((*rule.patterns, *rule.written, *rule.unless)) for rule in book.rules)
        folder = self.cache / f"text-{characters}"
        shutil.rmtree(folder, ignore_errors=True)
        stream = material.text_stream(folder, ROOT / "tests" / "data", characters=characters, products=products)
        runs = []
        for _ in range(self.rounds):
            runs.append(self.take("text", self.audit(stream, self.cache / "texts", "--rules", rules)))
        journal = (self.cache / "texts" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        stages = {each["stage"]: each["seconds"] for each in map(json.loads, journal) if each["stage"] != "batch"}
        self.found["text"] = {"runs": [run.facts() for run in runs], "stages": stages}
        slow = sorted(stages.items(), key=lambda each: -each[1])[:6]
        told = f"stages {sum(stages.values()):.1f} s (" + ", ".join(f"{name} {value:.1f}" for name, value in slow) + ")"
        walls, cpus = _spread([run.wall_s for run in runs]), _spread([run.cpu_s for run in runs])
        what = f"text of {characters:,} characters, {phrases:,} phrases, {products} products"
        self.row(what, f"wall {walls} s, CPU {cpus} s, of which {told}")
        self._mark(runs)

    def measure_jobs(self) -> None:
        folder = self.cache / "several"
        source = self.stream(2)
        for number in range(4):
            one = folder / f"stream-{number}"
            one.mkdir(parents=True, exist_ok=True)
            for path in (_recording(source), *source.glob("catalog.*"), *source.glob("evidence.yaml")):
                (one / path.name).unlink(missing_ok=True)
                (one / path.name).symlink_to(path.resolve())
        walls: dict[int, list[float]] = {}
        runs = []
        for _ in range(min(self.rounds, 3)):
            for jobs in self.args.jobs:
                runs.append(self.take(f"{jobs} jobs", self.audit(folder, self.cache / "jobs", "--jobs", str(jobs))))
                walls.setdefault(jobs, []).append(runs[-1].wall_s)
        first = walls[self.args.jobs[0]]
        self.found["jobs"] = walls
        ratios = {jobs: [a / b for a, b in zip(each, first, strict=True)] for jobs, each in walls.items()}
        told = ", ".join(f"--jobs {jobs}: {_spread(each)}" for jobs, each in ratios.items())
        self.row("four recordings, wall over that of the first", told)
        self._mark(runs)

    def _mark(self, runs: Sequence[Run]) -> None:
        disturbed = sum(run.disturbed for run in runs)
        if disturbed:
            self.row("disturbed", f"{disturbed} of {len(runs)} runs: the machine was not idle, walls say little")

    # ---- results

    def write(self) -> None:
        machine = {
            "date": date.today().isoformat(),
            "cores": os.cpu_count(),
            "processor": _processor(),
            "python": platform.python_version(),
            "model": self.model.name,
            "minutes": self.args.length,
            "version": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
        }
        self.args.out.parent.mkdir(parents=True, exist_ok=True)
        self.args.out.write_text(json.dumps({"machine": machine, **self.found}, indent=1, ensure_ascii=False) + "\n")
        print(f"\nwritten to {self.args.out}\n")
        print(
            f"Whisper {machine['model']} (int8), {machine['cores']} cores of {machine['processor']}, {machine['date']};"
        )
        print("medians, with the range in brackets:\n")
        print("| measured | figure |\n|---|---|")
        for what, figure in self.rows:
            print(f"| {what} | {figure} |")


def _recording(stream: Path) -> Path:
    return next(path for path in sorted(stream.glob("recording.*"))) if stream.is_dir() else stream


def _said(stream: Path) -> str:
    """What is said in a recording, where that is known."""
    for name in ("made.json", "gold.json"):
        if stream.is_dir() and (stream / name).exists():
            given = json.loads((stream / name).read_text(encoding="utf-8"))
            return "".join(given["said"] if name == "made.json" else (line["text"] for line in given["lines"]))
    return ""


def _error_rate(said: str, heard: str) -> float:
    from rapidfuzz.distance import Levenshtein

    from measure_cer import plain

    return Levenshtein.distance(plain(said), plain(heard)) / len(plain(said))


def _edit(path: Path, words: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert "patterns = [" in text, path
    path.write_text(text.replace("patterns = [", f'patterns = [\n  "{words}",', 1), encoding="utf-8")


def _spread(values: Sequence[float]) -> str:
    middle = statistics.median(values)
    digits = 2 if middle < 10 else 1
    return f"{middle:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def _percent(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2%} ({min(values):.2%}-{max(values):.2%})"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", default=",".join(SECTIONS), help="of " + ", ".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="two minutes of sound, two rounds, a short text")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (5)")
    parser.add_argument("--length", type=int, help="minutes of the recording (10)")
    parser.add_argument("--minutes", type=_numbers, help="lengths for `memory` (10,60; give 10,60,240 for four hours)")
    parser.add_argument("--jobs", type=_numbers, default=[1, 2], help="numbers of jobs (1,2)")
    parser.add_argument("--streams", nargs="+", help="stream folders that the recording is made of")
    parser.add_argument("--recording", help="a recording or stream folder to use as it is")
    parser.add_argument("--model", default="base")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/streamlens/bench", help="working files")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="the figures (JSON)")
    args = parser.parse_args()
    args.rounds = args.rounds or (2 if args.quick else 5)
    args.length = args.length or (2 if args.quick else 10)
    args.minutes = args.minutes or ([2, 6] if args.quick else [10, 60])
    wanted = args.sections.split(",")
    if unknown := [name for name in wanted if name not in SECTIONS]:
        parser.error(f"no such section: {', '.join(unknown)}")
    args.cache.mkdir(parents=True, exist_ok=True)
    bench = Bench(args)
    before = _busy_s()
    time.sleep(1)
    print(f"load {os.getloadavg()[0]:.2f}, {_busy_s() - before:.2f} cores busy before the first run")
    for name in SECTIONS:
        if name in wanted:
            print(f"\n{name}", flush=True)
            getattr(bench, f"measure_{name}")()
    bench.write()


if __name__ == "__main__":
    main()
