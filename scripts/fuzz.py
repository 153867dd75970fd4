"""Fuzz the readers of foreign bytes (scripts/fuzz_readers.py), guided by coverage.

    python scripts/fuzz.py                       every reader, ten minutes each: for the night
    python scripts/fuzz.py comments --minutes 1  one
    python scripts/fuzz.py --list

Starts from tests/data/fuzz/<reader>/ and keeps its finds in --work. What breaks a reader is put into
tests/data/fuzz/<reader>/ and told; `--keep` also puts the inputs there that reach new code, so that the next night
goes on from there. Needs `pip install atheris` (extra `fuzz`).
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_BYTES = 8192
MOST_MEMORY_MB = 3000
MOST_S = 30  # for one input: longer is a hang
KEPT_EACH = 40


def run_one(reader: str, arguments: list[str]) -> None:
    """In a process of its own: libFuzzer never returns."""
    import atheris

    with atheris.instrument_imports(include=["streamlens"]):
        from fuzz_readers import call

    atheris.Setup(["fuzz", *arguments], lambda data: call(reader, data))
    atheris.Fuzz()


def fuzz(reader: str, minutes: float, work: Path, corpus: Path, *, keep: bool) -> str:
    """Fuzz one reader; what was found, in a line. Raises SystemExit where the fuzzer itself does not start."""
    seeds, finds, broken = corpus / reader, work / reader / "finds", work / reader / "broken"
    for folder in (seeds, finds, broken):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, __file__, reader, "--inside", "--", str(finds), str(seeds),
        f"-max_total_time={round(minutes * 60)}", f"-max_len={MOST_BYTES}", f"-rss_limit_mb={MOST_MEMORY_MB}",
        f"-timeout={MOST_S}", f"-artifact_prefix={broken}/", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    began = time.monotonic()
    log = work / reader / "log.txt"
    with log.open("wb") as out:
        subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
    text = log.read_text(encoding="utf-8", errors="replace")
    runs = next((line.split()[-1] for line in text.splitlines() if "number_of_executed_units" in line), "")
    crashes = [path for path in sorted(broken.iterdir()) if not path.name.startswith("slow-unit")]
    if not runs and not crashes:
        raise SystemExit(f"{reader}: the fuzzer did not run, see {log}:\n{text[-2000:]}")
    for path in crashes:
        _keep(path, seeds)
    if keep:
        small = work / reader / "small"
        shutil.rmtree(small, ignore_errors=True)
        small.mkdir()
        merge = [*command[:5], str(small), str(seeds), str(finds), "-merge=1", f"-max_len={MOST_BYTES}", "-verbosity=0"]
        subprocess.run(merge, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for path in sorted(small.iterdir(), key=lambda path: path.stat().st_size)[:KEPT_EACH]:
            _keep(path, seeds)
    spent = (time.monotonic() - began) / 60
    told = f"{len(crashes)} BREAK IT, see {log}" if crashes else "no fault"
    return f"{reader:16} {spent:5.1f} min {runs or '?':>9} inputs  {told}"


def _keep(path: Path, seeds: Path) -> None:
    data = path.read_bytes()
    (seeds / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", metavar="READER")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each reader (default 10)")
    parser.add_argument("--keep", action="store_true", help="keep inputs that reach new code in the corpus")
    parser.add_argument("--work", type=Path, help="a folder for finds and logs (default: a temporary one)")
    parser.add_argument("--list", action="store_true", help="name the readers")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    if "--inside" in sys.argv:
        run_one(sys.argv[1], sys.argv[sys.argv.index("--") + 1 :])
        return
    options = parser.parse_args()
    from fuzz_readers import CORPUS, READERS

    if options.list:
        print("\n".join(READERS))
        return
    if unknown := set(options.readers) - READERS.keys():
        parser.error(f"no reader {', '.join(sorted(unknown))}; --list names them")
    work = options.work or Path(tempfile.mkdtemp(prefix="fuzz-"))
    failed = False
    for reader in options.readers or READERS:
        line = fuzz(reader, options.minutes, work, CORPUS, keep=options.keep)
        failed |= "BREAK IT" in line
        print(line, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
