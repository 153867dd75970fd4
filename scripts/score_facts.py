"""How well facts are found in single spoken selling sentences (tests/data/facts.jsonl), by sort.

    python scripts/score_facts.py [FILE] [--half dev|test] [--misses]

A fact is right when its sort and its value and unit are the gold's, or, where the gold gives words, when its quote
overlaps them. The sentences were written before the rules, and only the half `dev` was looked at while those were made.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from streamlens.detect.facts import read_sentence
from streamlens.detect.offers import Stated
from streamlens.detect.rules import load_rules
from streamlens.language import said, spoken
from streamlens.shipped import shipped

GOLD = Path(__file__).parents[1] / "tests" / "data" / "facts.jsonl"


def matches(gold: dict, stated: Stated, text: str) -> bool:
    if gold["sort"] != stated.sort:
        return False
    if "words" in gold:
        words = said(gold["words"])
        at = text.find(words)
        return at >= 0 and stated.start < at + len(words) and at < stated.end
    return stated.value is not None and abs(gold["value"] - stated.value) < 1e-6 and gold["unit"] == stated.unit


def score(rows: list[dict], places: tuple[str, ...]) -> tuple[dict[str, Counter], list[str]]:
    """Counts `right`, `gold`, `found` for each sort and for all, and the misses in words."""
    counts: dict[str, Counter] = {}
    misses: list[str] = []
    for row in rows:
        text = spoken(row["text"])[0]
        found = read_sentence(text, places)
        left = list(row["facts"])
        for stated in found:
            gold = next((fact for fact in left if matches(fact, stated, text)), None)
            if gold:
                left.remove(gold)
            elif any("words" in f and matches(f, stated, text) for f in row["facts"]):
                continue  # a second fact on words that the gold counts once
            else:
                quote = text[stated.start : stated.end]
                misses.append(f"wrong   {stated.sort} {stated.value} {stated.unit} {quote!r}: {row['text']}")
            for name in (stated.sort, "all"):
                counts.setdefault(name, Counter())["found"] += 1
                counts[name]["right"] += gold is not None
        for fact in row["facts"]:
            for name in (fact["sort"], "all"):
                counts.setdefault(name, Counter())["gold"] += 1
        misses += [f"missed  {fact['sort']} {fact.get('value', fact.get('words'))}: {row['text']}" for fact in left]
    return counts, misses


def places_of() -> tuple[str, ...]:
    configs = shipped("configs")
    return dict(load_rules(configs / "rules", configs / "lexicon").sets).get("place", ())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="?", default=GOLD)
    parser.add_argument("--half", choices=("dev", "test"))
    parser.add_argument("--misses", action="store_true")
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    places = places_of()
    for half in (args.half,) if args.half else ("dev", "test"):
        counts, misses = score([row for row in rows if row["half"] == half], places)
        print(f"{half:15}{'right':>7}{'found':>7}{'gold':>7}{'precision':>11}{'recall':>8}")
        for name in sorted(counts, key=lambda name: (name == "all", name)):
            right, found, gold = (counts[name][key] for key in ("right", "found", "gold"))
            precision = f"{right / found:11.3f}" if found else "          -"
            recall = f"{right / gold:8.3f}" if gold else "       -"
            print(f"{name:15}{right:7}{found:7}{gold:7}{precision}{recall}")
        if args.misses:
            print("\n".join(misses))
    return 0


if __name__ == "__main__":
    sys.exit(main())
