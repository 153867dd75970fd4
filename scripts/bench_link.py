"""Time `streamlens link` on a made-up workspace.

    python scripts/bench_link.py FOLDER [--streams 100] [--pitches 200] [--anchors 20]

The workspace holds what audits would have left: every column of the feature table stated, a row a pitch (1.5 minutes)
and a row a minute, orders and viewers. Wall and CPU seconds are those of the command alone, this process being the
command; making the workspace is not counted.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.sales_world import sold_workspace

from streamlens.linked import link


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--pitches", type=int, default=200)
    parser.add_argument("--anchors", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if not args.folder.exists():
        sold_workspace(args.folder, streams=args.streams, pitches=args.pitches, anchors=args.anchors, pitch_ms=90_000)
    wall, cpu, last = time.time(), time.process_time(), [time.time(), ""]

    def watch(what: str, done: int, of: int) -> None:
        if what != last[1]:
            print(f"  {time.time() - wall:6.1f} s wall, {time.process_time() - cpu:6.1f} s CPU: {what}", flush=True)
            last[1] = what

    result = link(args.folder, jobs=args.jobs, watch=watch)
    print(f"{time.time() - wall:.1f} s wall, {time.process_time() - cpu:.1f} s CPU; {result}")


if __name__ == "__main__":
    main()
