"""Train models/hearing.json: is what only sounds like a claim really said?

    python scripts/hearing_material.py render tune
    python scripts/hearing_material.py render cases
    streamlens audit CACHE/hearing/tune CACHE/hearing/cases --workspace WORKSPACE
    python scripts/train_hearing.py WORKSPACE CACHE/hearing/tune CACHE/hearing/cases --model base

Every place of the transcripts that only sounds like a claim is weighed on its sound. It counts as said where the script
of the sentence under it holds a claim of that kind, by its marks or by the rules, and half of the words at least.
Logistic regression; the figures printed are out of fold, folds grouped by stream.
"""

import argparse
import json
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from streamlens.capture.engine import Engine, load_engine
from streamlens.capture.listening import weigh_alone, weigh_passages
from streamlens.capture.model import find
from streamlens.detect.claims import find_claims
from streamlens.detect.rules import load_rules
from streamlens.detect.search import ClaimOptions
from streamlens.judge.hearing import HearingModel, Regression, Weight, find_passage, likenesses, with_sound
from streamlens.schema import Claim, Mentions, Recording, RuleBook, Segments, Transcript, Utterance
from streamlens.scoring import Gold, GoldLine
from streamlens.shipped import shipped

BEFORE = (
    *("agreeing", "changed", "unlike", "same_sound", "other_tones", "same_tones", "homophones"),
    *("syllables", "two", "three", "broken", "figures", "probability", "loose", "common"),
)
AFTER = (*BEFORE, "on_sound", "homophones_on_sound", "alone")
SLACK_MS = 700


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A place that sounds like a claim."""

    stream: str
    kind: str
    quote: str
    heard: str
    script: str
    said: bool
    decoy: bool  # nothing is claimed in the sentence at all
    values: dict[str, float]


def rows_of(folder: Path, gold_file: Path, rules: RuleBook, engine: Engine) -> list[Row]:
    """The places of one audited stream."""
    gold = msgspec.json.decode(gold_file.read_bytes(), type=Gold)
    transcript = _artefact(folder, "mended", Transcript)
    recording = _artefact(folder, "recording", Recording)
    claims = [claim for claim in _claims(transcript, rules) if claim.likeness]
    passages = [find_passage(claim, transcript) for claim in claims]
    media = [gold_file.parent / part.name for part in recording.parts]
    weights = weigh_passages(recording, media, engine, [((p.start_ms, p.end_ms), (p.heard, p.said)) for p in passages])
    alone = weigh_alone(engine, [text for passage in passages for text in (passage.heard, passage.said)])
    found = []
    for number, (claim, (heard, said)) in enumerate(zip(claims, weights, strict=True)):
        assert claim.likeness
        weight = Weight(heard=heard, said=said, heard_alone=alone[2 * number], said_alone=alone[2 * number + 1])
        middle = (claim.start_ms + claim.end_ms) / 2
        near = [e for e in gold.lines if e.start * 1000 - SLACK_MS <= middle < e.end * 1000 + SLACK_MS]
        kinds = {line.text: _kinds(line, rules) for line in near}
        row = Row(
            stream=gold.id,
            kind=claim.kind,
            quote=claim.quote,
            heard=claim.heard,
            script=" ".join(kinds),
            said=any(claim.kind in held and _holds(text, claim.quote) for text, held in kinds.items()),
            decoy=not any(kinds.values()),
            values=with_sound(likenesses(claim, claim.likeness), weight),
        )
        found.append(row)
    return found


def _claims(transcript: Transcript, rules: RuleBook, options: ClaimOptions | None = None) -> tuple[Claim, ...]:
    nothing = (Segments(recording=transcript.recording), Mentions(recording=transcript.recording))
    return find_claims(transcript, rules, *nothing, options=options).claims


def _kinds(line: GoldLine, rules: RuleBook) -> set[str]:
    """The kinds of claims in a line of the script."""
    end = round(line.end * 1000)
    written = Utterance(id="u", start_ms=0, end_ms=end, text=line.text, words=())
    script = Transcript(recording="r", coverage=1.0, utterances=(written,), source="script")
    found = _claims(script, rules, ClaimOptions(by_sound=False))
    return {claim.kind for claim in line.claims} | {claim.kind for claim in found}


def _holds(text: str, quote: str) -> bool:
    blocks = SequenceMatcher(None, quote, text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= 0.5 * len(quote)


def _artefact(folder: Path, stage: str, kind: Any) -> Any:
    newest = max(folder.glob(f"{stage}-*.json"), key=lambda path: path.stat().st_mtime)
    return msgspec.json.decode(newest.read_bytes(), type=kind)


def fit(rows: list[Row], features: tuple[str, ...], name: str) -> Regression:
    """Prints figures out of fold, and returns the regression fitted to all."""
    table = np.array([[row.values[feature] for feature in features] for row in rows])
    truth = np.array([row.said for row in rows])
    streams = [row.stream for row in rows]
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000))
    folds = GroupKFold(min(10, len(set(streams))))
    sure = cross_val_predict(pipeline, table, truth, groups=streams, cv=folds, method="predict_proba")[:, 1]
    print(f"{name}: area under the curve {roc_auc_score(truth, sure):.3f}")
    for least in (0.06, 0.1, 0.2, 0.5, 0.6, 0.7, 0.8):
        taken = sure >= least
        print(f"  confidence >= {least}: {(taken & truth).sum()} really said, {(taken & ~truth).sum()} not")
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [abs(sure[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean() for b in set(bins)]
    print(f"  expected calibration error {sum(gaps):.3f}")
    pipeline.fit(table, truth)
    return _regression(pipeline, features)


def _regression(pipeline: Pipeline, features: tuple[str, ...]) -> Regression:
    scaler, regression = pipeline[0], pipeline[1]
    return Regression(
        features=features,
        mean=tuple(round(float(value), 4) for value in scaler.mean_),
        scale=tuple(round(float(value), 4) for value in scaler.scale_),
        weight=tuple(round(float(value), 4) for value in regression.coef_[0]),
        bias=round(float(regression.intercept_[0]), 4),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("gold", type=Path, nargs="+", help="folders of streams with gold.json")
    parser.add_argument("--model", default="base")
    parser.add_argument("--rows", type=Path, help="also write what was learnt from, one JSON line a place")
    parser.add_argument("--out", type=Path, default=shipped("models") / "hearing.json")
    options = parser.parse_args()
    rules = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
    engine = load_engine(find(options.model))
    rows: list[Row] = []
    for gold_file in sorted(path for folder in options.gold for path in folder.rglob("gold.json")):
        folder = options.workspace / gold_file.parent.name
        if not list(folder.glob("mended-*.json")):
            print(f"{gold_file.parent.name}: not audited, left out")
            continue
        rows += rows_of(folder, gold_file, rules, engine)
    if options.rows:
        options.rows.write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    print(f"{len(rows)} places, {sum(row.said for row in rows)} really said, {len({r.stream for r in rows})} streams")
    model = HearingModel(before=fit(rows, BEFORE, "before listening"), after=fit(rows, AFTER, "after listening"))
    options.out.write_text(json.dumps(msgspec.to_builtins(model), indent=1) + "\n")
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
