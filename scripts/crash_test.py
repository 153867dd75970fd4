"""Kill a batch again and again, and see that in the end nothing is lost: the workspace is that of an undisturbed run.

    python scripts/crash_test.py --recordings 60 --kills 30

Most recordings are subtitles with a catalogue and papers, every tenth is a few seconds cut out of the demo broadcast,
heard by a real model. A kill is SIGKILL, to all processes of the run at once or to one of its workers, at a random
moment of the work: when so many more files have appeared, and a random time after that. What must be equal are all
files of the workspace but the journal, which tells of each attempt, and files with a leading dot (locks, marks).
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "demo" / "d2-hens"
CLIP_S = 6
SENTENCES = (
    "今天第一个上的是散养土鸡蛋，三十枚一盒。",
    "这个鸡蛋是今天早上刚从鸡窝里捡的。",
    "每天吃两个，血压都能降下来。",
    "全网最低价，比超市便宜一半。",
    "有检测报告，大家可以放心买。",
    "坏一个赔一个，二十四小时发货。",
    "富硒土豆，硒含量每公斤零点二毫克。",
    "小黄姜是山里种的，没有打过农药。",
)
UNSTABLE = {"journal.jsonl"}


def make_streams(folder: Path, count: int, clips: int, seed: int) -> None:
    """Stream folders: `clips` of them with film, the others with subtitles."""
    chance = random.Random(seed)
    for number in range(count):
        stream = folder / f"s{number:02}"
        stream.mkdir(parents=True)
        for name in ("catalog.csv", "evidence.yaml"):
            if (DEMO / name).exists():
                (stream / name).write_bytes((DEMO / name).read_bytes())
        if number < clips:
            cut(DEMO / "recording.mp4", stream / "recording.mp4", 15 * number, CLIP_S)
        else:
            said = chance.choices(SENTENCES, k=chance.randint(4, 30))
            lines = (f"{n + 1}\n{stamp(3 * n)} --> {stamp(3 * n + 2)}\n{text}\n" for n, text in enumerate(said))
            (stream / "transcript.srt").write_text("\n".join(lines), encoding="utf-8")


def stamp(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02},000"


def cut(source: Path, target: Path, start_s: float, seconds: float) -> None:
    """Copy a stretch, packet by packet, from the keyframe before `start_s` on."""
    import av

    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        streams = {stream.index: made.add_stream_from_template(stream) for stream in given.streams}
        given.seek(int(start_s * 1_000_000))
        zero: float | None = None
        for packet in given.demux():
            if packet.dts is None or packet.time_base is None:
                continue
            at = float(packet.dts * packet.time_base)
            zero = at if zero is None else zero
            if at - zero >= seconds:
                break
            moved = round(zero / packet.time_base)
            packet.dts -= moved
            packet.pts = packet.pts - moved if packet.pts is not None else packet.dts
            packet.stream = streams[packet.stream.index]
            made.mux(packet)


def audit(streams: Path, workspace: Path, jobs: int, model: str, log: Path) -> "subprocess.Popen[bytes]":
    """A run in a process group of its own."""
    command = [sys.executable, "-m", "streamlens", "audit", str(streams), "--workspace", str(workspace), "--quiet"]
    command += ["--jobs", str(jobs), "--model", model]
    with log.open("ab") as file:
        return subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)


def files_of(workspace: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(workspace))


def contents(workspace: Path) -> dict[str, bytes]:
    """All stable files by name."""
    paths = (path for path in workspace.rglob("*") if path.is_file())
    stable = (path for path in paths if not path.name.startswith(".") and path.name not in UNSTABLE)
    return {str(path.relative_to(workspace)): path.read_bytes() for path in stable}


def workers_of(group: int) -> list[int]:
    """The processes of a group but its leader."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != group:
            try:
                if os.getpgid(int(entry.name)) == group:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def strike(process: "subprocess.Popen[bytes]", chance: random.Random) -> str:
    """Kill all of the run, or one of its workers, in which case it goes on."""
    workers = workers_of(process.pid)
    if workers and chance.random() < 0.4:
        victim = chance.choice(workers)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return "nobody"
        return "worker"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return "run"


def crash(
    streams: Path, workspace: Path, *, kills: int, expected: int, jobs: int, model: str, seed: int, log: Path
) -> dict[str, int]:
    """Run and kill until there were so many kills; then let it end. What was killed, how often.

    `expected`: about how many files a whole run makes, over which the kills are spread.
    """
    chance = random.Random(seed)
    struck = {"run": 0, "worker": 0, "nobody": 0}
    process = audit(streams, workspace, jobs, model, log)
    while struck["run"] + struck["worker"] < kills and struck["nobody"] <= kills:
        target = files_of(workspace) + chance.randint(1, max(1, 2 * expected // kills))
        patience = time.monotonic() + 60
        while files_of(workspace) < target and process.poll() is None and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.2)
        struck[strike(process, chance) if process.poll() is None else "nobody"] += 1  # nobody: it had ended before
        if process.poll() is not None:
            process = audit(streams, workspace, jobs, model, log)
    process.wait()
    return struck


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=60)
    parser.add_argument("--clips", type=int, default=6, help="how many of them are film, for the model")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--model", default="base")
    parser.add_argument("--seed", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crash-") as name:
        root = Path(name)
        make_streams(root / "streams", given.recordings, given.clips, given.seed)
        start = time.monotonic()
        code = audit(root / "streams", root / "calm", given.jobs, given.model, root / "calm.log").wait()
        calm_s = time.monotonic() - start
        calm = contents(root / "calm")
        if code or not calm:
            print((root / "calm.log").read_text(), file=sys.stderr)
            return 2
        print(f"undisturbed: {given.recordings} recordings, {len(calm)} files, {calm_s:.0f} s", flush=True)
        start = time.monotonic()
        struck = crash(
            root / "streams", root / "killed", kills=given.kills, expected=files_of(root / "calm"), jobs=given.jobs,
            model=given.model, seed=given.seed, log=root / "killed.log",
        )  # fmt: skip
        print(f"killed: {struck}, {time.monotonic() - start:.0f} s", flush=True)
        code = audit(root / "streams", root / "killed", given.jobs, given.model, root / "last.log").wait()
        killed = contents(root / "killed")
        wrong = sorted(name for name in calm.keys() | killed.keys() if calm.get(name) != killed.get(name))
        states = [json.loads(data)["state"] for name, data in killed.items() if name.endswith("/result.json")]
        print(f"last run: exit code {code}, {states.count('done')} of {given.recordings} done, {len(killed)} files")
        for name in wrong[:20]:
            print(f"not equal: {name}", file=sys.stderr)
        if code:
            print((root / "last.log").read_text(), file=sys.stderr)
        print("equal in every byte" if not wrong else f"{len(wrong)} files differ")
        return 1 if wrong or code or states.count("done") != given.recordings else 0


if __name__ == "__main__":
    sys.exit(main())
