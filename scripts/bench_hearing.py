"""How well are claims heard? Synthetic streams are audited as a user would, and the findings scored against the script.

    python scripts/bench_hearing.py                    the test set and the sounds without speech
    python scripts/bench_hearing.py --set tune         the set for choosing thresholds and writing rules

Streams are rendered once into the cache folder (an hour of sound takes about an hour), workspaces are kept beside them.

What is counted, over the families freshness, health, purity and certification:

- a finding belongs to the sentence it overlaps most; one that overlaps none to the nearest within NEAR_MS, else to none
- a claim is a sentence and a family that its script marks; it is found if a finding of that family is asserted and its
  verdict is not `unclear`. `worded` are the claims that the rules find in the script itself: what the rules do not know
  cannot be heard, so hearing is measured on these
- an accusation is right if its family is marked for its sentence
- a decoy is a sentence without claims; it is falsely accused if any accusation belongs to it
- the confidence of every asserted finding is compared with how often such findings are right
"""

import argparse
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

import streamlens
from hearing_material import CONDITIONS, DATA, FAMILIES, SETS, Near, Sentence, read_sentences, render, render_wordless
from speech import cache_folder
from streamlens.schema import ACCUSATIONS, Finding

NEAR_MS = 1000
BINS = 10


def family_of(kind: str) -> str:
    return kind.split(".")[0]


def accuses(finding: Finding) -> bool:
    return finding.verdict in ACCUSATIONS


def finds(finding: Finding, family: str) -> bool:
    """Is the claim put down as said? `unclear` asks a person to listen."""
    return family_of(finding.kind) == family and finding.stance == "asserted" and finding.verdict != "unclear"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of a stream with the findings that belong to it."""

    id: str
    text: str
    condition: str
    marked: frozenset[str]  # families
    worded: frozenset[str]  # of these, the ones that the rules find in the script
    near: Near | None
    findings: tuple[Finding, ...]


class Counts(msgspec.Struct, kw_only=True):
    """Sums over sentences, and the rates that follow."""

    claims: int = 0
    found: int = 0
    to_listen: int = 0
    worded: int = 0
    worded_found: int = 0
    accusations: int = 0
    right: int = 0
    decoys: int = 0
    decoys_accused: int = 0
    decoys_unclear: int = 0

    @property
    def rates(self) -> dict[str, float | None]:
        return {
            "recall": _rate(self.found, self.claims),
            "recall_of_worded": _rate(self.worded_found, self.worded),
            "precision": _rate(self.right, self.accusations),
            "decoys_accused": _rate(self.decoys_accused, self.decoys),
            "decoys_unclear": _rate(self.decoys_unclear, self.decoys),
            "claims_unclear": _rate(self.to_listen, self.claims),
        }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def prepare(name: str) -> list[Path]:
    """The stream folders of a set, rendered anew where the sentences or the scripts have changed."""
    out = cache_folder() / "hearing" / name
    sources = [Path(__file__).parent / script for script in ("hearing_material.py", "speech.py", "wordless.py")]
    sources += [] if name == "wordless" else [DATA / f"{name}.jsonl", DATA / "split.json"]
    digest = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    mark = out / "rendered.txt"
    if not mark.exists() or mark.read_text() != digest:
        for old in out.glob("*/recording.wav"):  # another order, other streams
            old.unlink()
        if name == "wordless":
            render_wordless(out)
        else:
            render(name, out)
        mark.write_text(digest)
    return sorted(path.parent for path in out.glob("*/recording.wav"))


def in_script(sentences: Sequence[Sentence]) -> dict[str, frozenset[str]]:
    """For each sentence the families of claims that the rules find in its text."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for place in streamlens.check("\n".join(sentence.text for sentence in sentences)).places:
        if place.finding.stance == "asserted" and not place.finding.rule.startswith("implied."):
            found[sentences[place.line - 1].id].add(family_of(place.finding.kind))
    return {sentence.id: frozenset(found[sentence.id]) for sentence in sentences}


def read_lines(
    folder: Path, findings: Iterable[Finding], worded: dict[str, frozenset[str]]
) -> tuple[list[Line], list[Finding]]:
    """The sentences of a stream with what was found in them, and the findings that belong to none."""
    gold = json.loads((folder / "gold.json").read_bytes())
    times = [(round(line["start"] * 1000), round(line["end"] * 1000)) for line in gold["lines"]]
    mine: defaultdict[int | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        if not times or family_of(finding.kind) in FAMILIES:
            mine[_place(times, finding.start_ms, finding.end_ms)].append(finding)
    lines = []
    for number, line in enumerate(gold["lines"]):
        marked = frozenset(family_of(claim["kind"]) for claim in line["claims"])
        lines.append(
            Line(
                id=line["id"],
                text=line["text"],
                condition=gold["condition"],
                marked=marked,
                worded=marked & worded[line["id"]],
                near=msgspec.convert(line["near"], Near) if "near" in line else None,
                findings=tuple(mine[number]),
            )
        )
    return lines, mine[None]


def _place(times: Sequence[tuple[int, int]], start: int, end: int) -> int | None:
    """The number of the sentence that a stretch of time overlaps most, or that is nearest."""

    def overlap(number: int) -> int:
        return min(end, times[number][1]) - max(start, times[number][0])  # below 0: how far away

    best = max(range(len(times)), key=overlap, default=None)
    return best if best is not None and overlap(best) > -NEAR_MS else None


def count(lines: Iterable[Line], family: str | None = None) -> Counts:
    """`family` looks at claims and findings of that family only, and at decoys made to sound like one of it."""
    total = Counts()
    for line in lines:
        findings = [item for item in line.findings if family in (None, family_of(item.kind))]
        for each in line.marked if family is None else line.marked & {family}:
            found = any(finds(item, each) for item in findings)
            total.claims += 1
            total.found += found
            total.to_listen += not found and any(
                item.verdict == "unclear" and family_of(item.kind) == each for item in findings
            )
            total.worded += each in line.worded
            total.worded_found += found and each in line.worded
        total.accusations += sum(map(accuses, findings))
        total.right += sum(accuses(item) and family_of(item.kind) in line.marked for item in findings)
        if not line.marked and (family is None or (line.near and family_of(line.near.kind) == family)):
            accused = any(map(accuses, findings))
            total.decoys += 1
            total.decoys_accused += accused
            total.decoys_unclear += not accused and any(item.verdict == "unclear" for item in findings)
    return total


def reliability(lines: Iterable[Line], family: str | None = None) -> tuple[list[dict[str, float | int]], float | None]:
    """For each bin of confidence the findings, their mean confidence and the share that is right; and the mean gap.

    The gap, weighted by findings, is the expected calibration error.
    """
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for line in lines:
        for item in line.findings:
            if item.stance == "asserted" and family in (None, family_of(item.kind)):
                right = family_of(item.kind) in line.marked
                bins[min(BINS - 1, int(item.confidence * BINS))].append((item.confidence, right))
    rows: list[dict[str, float | int]] = []
    gap = 0.0
    for number, members in enumerate(bins):
        if members:
            mean = sum(confidence for confidence, _ in members) / len(members)
            share = sum(right for _, right in members) / len(members)
            gap += len(members) * abs(mean - share)
            row = {
                "from": number / BINS,
                "findings": len(members),
                "confidence": round(mean, 3),
                "right": round(share, 3),
            }
            rows.append(row)
    findings = sum(map(len, bins))
    return rows, round(gap / findings, 4) if findings else None


def measure(name: str, *, model: str, workspace: Path, jobs: int) -> dict[str, Any]:
    """Audits a set and scores it."""
    folders = prepare(name)
    worded = {} if name == "wordless" else in_script(read_sentences(name))
    begun, cpu = time.monotonic(), _cpu()
    audited = streamlens.audit(folders, workspace=workspace / name, model=model, jobs=jobs)
    spent = {"wall_s": round(time.monotonic() - begun, 1), "cpu_s": round(_cpu() - cpu, 1)}
    results = {result.id: result for result in audited}
    lines: list[Line] = []
    nowhere: list[Finding] = []
    seconds, characters = 0.0, 0
    for folder in folders:
        result = results[folder.name]
        if result.state == "failed":
            sys.exit(f"{folder}: {result.reason}")
        more, stray = read_lines(folder, result.findings, worded)
        lines, nowhere = lines + more, nowhere + stray
        seconds += result.recording.duration_ms / 1000
        characters += sum(len(utterance.text) for utterance in result.transcript.utterances)
    parts: dict[str, tuple[list[Line], str | None]] = {"all": (lines, None)}
    parts |= {family: (lines, family) for family in FAMILIES}
    parts |= {condition: ([line for line in lines if line.condition == condition], None) for condition in CONDITIONS}
    parts["near-sounding"] = [line for line in lines if line.near], None
    parts["ordinary"] = [line for line in lines if not line.near and not line.marked], None
    groups = {}
    for group, part in parts.items():
        counts = count(*part)
        counts.accusations += sum(map(accuses, nowhere)) if group == "all" else 0
        gap = reliability(*part)[1]
        groups[group] = {**msgspec.to_builtins(counts), **counts.rates, "calibration_error": gap}
    return {
        "set": name,
        "model": model,
        "sentences": len(lines),
        "sound_s": round(seconds),
        "characters": characters,
        "audit": spent,
        "groups": groups,
        "outside_sentences": [_shown(item) for item in nowhere],
        "reliability": reliability(lines)[0],
        "mistakes": [_told(line) for line in lines if _mistaken(line)],
    }


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _mistaken(line: Line) -> bool:
    missed = any(not any(finds(item, family) for item in line.findings) for family in line.marked)
    return missed or any(accuses(item) and family_of(item.kind) not in line.marked for item in line.findings)


def _told(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "text": line.text,
        "condition": line.condition,
        "claims": sorted(line.marked),
        "worded": sorted(line.worded),
        "near": line.near.phrase if line.near else "",
        "findings": [_shown(item) for item in line.findings],
    }


def _shown(finding: Finding) -> dict[str, Any]:
    names = ("kind", "stance", "verdict", "confidence", "quote", "heard", "start_ms", "end_ms")
    return {name: getattr(finding, name) for name in names}


def table(scores: dict[str, Any]) -> str:
    columns = {
        "claims": "claims",
        "recall": "recall",
        "recall_of_worded": "of worded",
        "claims_unclear": "unclear",
        "precision": "precision",
        "decoys": "decoys",
        "decoys_accused": "accused",
        "decoys_unclear": "unclear",
        "calibration_error": "ECE",
    }
    rows = [f"{'':15}" + "".join(f"{head:>10}" for head in columns.values())]
    for group, counts in scores["groups"].items():
        rows.append(f"{group:15}" + "".join(f"{_cell(counts[column]):>10}" for column in columns))
    rows += ["", f"{'confidence':15}{'findings':>11}{'mean':>11}{'right':>11}"]
    for row in scores["reliability"]:
        span = f"{row['from']:.1f} - {row['from'] + 1 / BINS:.1f}"
        rows.append(f"{span:15}{row['findings']:>11}{row['confidence']:>11.3f}{row['right']:>11.3f}")
    spent, stray = scores["audit"], len(scores["outside_sentences"])
    rows.append(f"{scores['sentences']} sentences, {scores['sound_s'] / 60:.1f} min; {stray} findings outside them")
    rows.append(f"audited in {spent['wall_s']} s, {spent['cpu_s']} s CPU")
    return "\n".join(rows)


def _cell(value: float | int | None) -> str:
    return "-" if value is None else str(value) if isinstance(value, int) else f"{value:.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how well claims are heard.")
    parser.add_argument("--set", choices=SETS, default="test")
    parser.add_argument("--model", default="base")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--workspace", type=Path, help="default: bench in the cache folder")
    parser.add_argument("--json", type=Path, default=Path("bench-hearing.json"), help="where the figures are written")
    args = parser.parse_args()
    workspace = args.workspace or cache_folder() / "bench"
    scores = measure(args.set, model=args.model, workspace=workspace, jobs=args.jobs)
    silent = measure("wordless", model=args.model, workspace=workspace, jobs=args.jobs)
    invented = silent["outside_sentences"]
    args.json.write_text(
        json.dumps({"speech": scores, "wordless": silent}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    print(table(scores))
    print(
        f"{silent['sound_s'] / 60:.1f} min without speech: {len(invented)} invented claims, "
        f"{silent['characters']} characters of text"
    )
    for item in invented:
        print(f"  {item['kind']} {item['quote']} ({item['verdict']}, {item['confidence']}), heard {item['heard']}")


if __name__ == "__main__":
    main()
