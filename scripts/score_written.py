"""How well are claims read in text? The written set (tests/data/written) through the stages of `streamlens check`.

    python scripts/score_written.py                   figures on the test set: nobody who edits rules reads that file
    python scripts/score_written.py --set dev --list  the set for writing rules, with every passage that comes out wrong
    python scripts/score_written.py --json

Every passage is checked alone, as a script of one line, without catalogue and papers. What is counted:

- a kind is found in a passage if a finding of that kind is asserted, whatever its verdict; it is right if a claim of
  that kind is marked asserted there. Precision, recall and F1 of a kind follow from all passages, claims or none
- macro F1 is the mean of F1 over all kinds, one without claims in the set left out
- a marked claim of any stance is matched by the finding of its kind that covers most of its quote, or else by the first
  of its kind in the passage; stance accuracy is the share of matched claims whose finding has the marked stance
- a compliant passage holds no claim at all. It is falsely accused if any finding in it has an accusing verdict. The
  same share is given for passages whose claims are all denied, told, asked, conditional or taken back
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

import streamlens
from streamlens.config import load_settings
from streamlens.schema import ACCUSATIONS, KINDS, STANCES, Finding
from streamlens.script import check_script

DATA = Path(__file__).resolve().parents[1] / "tests" / "data" / "written"
SETS = ("test", "dev", "innocent")
DAY = date(2026, 11, 22)  # the law of one day, so that a score does not change overnight


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim in a passage, quoted by the shortest stretch that carries it."""

    kind: str
    quote: str
    stance: str


class Passage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a set: one to three sentences. Without claims it is compliant."""

    id: str
    text: str
    claims: tuple[Claim, ...] = ()

    @property
    def asserted(self) -> set[str]:
        return {claim.kind for claim in self.claims if claim.stance == "asserted"}


class Found(msgspec.Struct, frozen=True):
    """What the system says of a passage: characters `start` to `end`, half-open."""

    kind: str
    stance: str
    start: int
    end: int
    accuses: bool


Read = tuple[Passage, tuple[Found, ...]]


def read_passages(name: str) -> list[Passage]:
    lines = (DATA / f"{name}.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Passage) for line in lines]


def read_all(passages: Iterable[Passage], rules: Path | None = None) -> list[Read]:
    """Each passage with what is found in it, as `streamlens.check` would; rules and law are loaded once."""
    rulebook, law, settings = streamlens.load_rules(rules), streamlens.load_law(), load_settings(None)
    return [
        (
            passage,
            tuple(
                _found(place.column - 1, place.finding)
                for place in check_script(passage.text, rulebook=rulebook, law=law, settings=settings, day=DAY).places
            ),
        )
        for passage in passages
    ]


def _found(start: int, finding: Finding) -> Found:
    return Found(finding.kind, finding.stance, start, start + len(finding.heard), finding.verdict in ACCUSATIONS)


def match(passage: Passage, claim: Claim, found: Sequence[Found]) -> Found | None:
    """The finding that speaks of a marked claim."""
    start = passage.text.index(claim.quote)
    end = start + len(claim.quote)
    same = [each for each in found if each.kind == claim.kind]
    return max(same, key=lambda each: max(0, min(end, each.end) - max(start, each.start)), default=None)


def score(read: Sequence[Read]) -> dict[str, Any]:
    """All figures of a set. Shares are None where there is nothing to share."""
    right, found, marked = Counter[str](), Counter[str](), Counter[str]()
    stances: dict[str, Counter[str]] = {stance: Counter() for stance in STANCES}  # marked -> found
    clean, meant_otherwise = Counter[bool](), Counter[bool]()
    for passage, findings in read:
        told = {each.kind for each in findings if each.stance == "asserted"}
        right.update(told & passage.asserted)
        found.update(told)
        marked.update(passage.asserted)
        for claim in passage.claims:
            finding = match(passage, claim, findings)
            stances[claim.stance][finding.stance if finding else "missed"] += 1
        if not passage.asserted:
            (meant_otherwise if passage.claims else clean)[any(each.accuses for each in findings)] += 1
    kinds = {kind: _rates(right[kind], found[kind], marked[kind]) for kind in KINDS}
    f1s = [rates["f1"] for kind, rates in kinds.items() if marked[kind]]
    matched = sum(count for row in stances.values() for as_found, count in row.items() if as_found != "missed")
    agreed = sum(row[stance] for stance, row in stances.items())
    return {
        "passages": len(read),
        "kinds": kinds,
        "macro_f1": round(sum(f1s) / len(f1s), 4) if f1s else None,
        "stances": {
            stance: {
                "claims": row.total(),
                "matched": row.total() - row["missed"],
                "accuracy": _share(row[stance], row.total() - row["missed"]),
                "found_as": dict(row.most_common()),
            }
            for stance, row in stances.items()
        },
        "stance_matched": matched,
        "stance_accuracy": _share(agreed, matched),
        "compliant": clean.total(),
        "compliant_accused": _share(clean[True], clean.total()),
        "meant_otherwise": meant_otherwise.total(),
        "meant_otherwise_accused": _share(meant_otherwise[True], meant_otherwise.total()),
    }


def _rates(right: int, found: int, marked: int) -> dict[str, Any]:
    return {
        "claims": marked,
        "found": found,
        "right": right,
        "precision": _share(right, found),
        "recall": _share(right, marked),
        "f1": _share(2 * right, found + marked) or 0.0,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def wrong(passage: Passage, findings: Sequence[Found]) -> list[str]:
    """What does not come out as marked in a passage."""
    told = {each.kind for each in findings if each.stance == "asserted"}
    lines = [f"missed {kind}" for kind in sorted(passage.asserted - told)]
    lines += [f"invented {kind}: {_quoted(passage, kind, findings)}" for kind in sorted(told - passage.asserted)]
    for claim in passage.claims:
        matched = match(passage, claim, findings)
        if matched and matched.stance != claim.stance:
            lines.append(f"{claim.kind} {claim.quote!r} is {claim.stance}, read as {matched.stance}")
    return lines


def _quoted(passage: Passage, kind: str, findings: Sequence[Found]) -> str:
    asserted = [each for each in findings if each.kind == kind and each.stance == "asserted"]
    return ", ".join(passage.text[each.start : each.end] for each in asserted)


def show(figures: dict[str, Any]) -> None:
    row = "{:26} {:>7} {:>6} {:>6} {:>10} {:>7} {:>7}"
    print(row.format("kind", "claims", "found", "right", "precision", "recall", "f1"))
    for kind, rates in figures["kinds"].items():
        shares = (_percent(rates[name]) for name in ("precision", "recall", "f1"))
        print(row.format(kind, rates["claims"], rates["found"], rates["right"], *shares))
    print()
    row = "{:12} {:>7} {:>8} {:>9}  {}"
    print(row.format("stance", "claims", "matched", "accuracy", "found as"))
    for stance, rates in figures["stances"].items():
        found_as = ", ".join(f"{name} {count}" for name, count in rates["found_as"].items())
        print(row.format(stance, rates["claims"], rates["matched"], _percent(rates["accuracy"]), found_as))
    print()
    print(f"macro F1 over kinds          {_percent(figures['macro_f1'])}")
    print(f"stance accuracy              {_percent(figures['stance_accuracy'])} of {figures['stance_matched']} matched")
    for name, what in (("compliant", "compliant, accused"), ("meant_otherwise", "not asserted, accused")):
        print(f"{what:28} {_percent(figures[f'{name}_accused'])} of {figures[name]} passages")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=SETS, default="test")
    parser.add_argument("--rules", type=Path, help="a folder of rules in place of the shipped ones")
    parser.add_argument(
        "--list", action="store_true", help="show the passages that come out wrong (not of the test set)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    if options.list and options.set == "test":
        parser.error("--list is for the other sets: rules are not written from the test set")
    read = read_all(read_passages(options.set), options.rules)
    figures = {"set": options.set} | score(read)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        show(figures)
    if options.list:
        for passage, findings in read:
            for line in wrong(passage, findings):
                print(f"{passage.id} {passage.text}\n    {line}")


if __name__ == "__main__":
    main()
