"""Train models/hearing.json: is what only sounds like a claim really said?

    python scripts/train_hearing.py WORKSPACE GOLD --model base

WORKSPACE holds audited streams made by scripts/bench_hearing.py from its `tune` sentences, GOLD their folders
(recording and gold.json). Every place that only sounds like a claim is weighed on its sound; it counts as said where
the gold line under it holds a claim of that kind. Logistic regression; the figures printed are out of fold, folds
grouped by stream.
"""

import argparse
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from streamlens.capture.engine import load_engine
from streamlens.capture.listening import weigh_passages
from streamlens.capture.model import find
from streamlens.detect.claims import ClaimOptions, find_claims
from streamlens.detect.rules import load_rules
from streamlens.judge.hearing import HearingModel, Weight, features, find_passage
from streamlens.schema import Mentions, Recording, Segments, Transcript
from streamlens.scoring import Gold
from streamlens.shipped import shipped

FEATURES = ("on_sound", "agreeing", "syllables")
SLACK_MS = 700
WIDE = ClaimOptions(cost_of_three=0.3, cost_per_syllable=0.18)  # more doubtful places than an audit looks at


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--out", type=Path, default=shipped("models") / "hearing.json")
    options = parser.parse_args()
    rules = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
    engine = load_engine(find(options.model), workers=1)
    rows: list[list[float]] = []
    labels: list[bool] = []
    groups: list[str] = []
    for path in sorted(options.gold.rglob("gold.json")):
        gold = msgspec.json.decode(path.read_bytes(), type=Gold)
        folder = options.workspace / gold.id
        if not list(folder.glob("transcript-*.json")):
            print(f"{gold.id}: not audited, left out")
            continue
        transcript = _artefact(folder, "transcript", Transcript)
        recording = _artefact(folder, "recording", Recording)
        nothing = (Segments(recording=gold.id), Mentions(recording=gold.id))
        claims = [c for c in find_claims(transcript, rules, *nothing, options=WIDE).claims if c.likeness]
        passages = [find_passage(claim, transcript) for claim in claims]
        media = [path.parent / part.name for part in recording.parts]
        weights = weigh_passages(
            recording, media, engine, [((p.start_ms, p.end_ms), (p.heard, p.said)) for p in passages]
        )
        for claim, (heard, said) in zip(claims, weights, strict=True):
            assert claim.likeness
            values = features(claim, claim.likeness, Weight(heard=heard, said=said))
            middle = (claim.start_ms + claim.end_ms) / 2
            rows.append([values[name] for name in FEATURES])
            labels.append(
                any(
                    line.start * 1000 - SLACK_MS <= middle < line.end * 1000 + SLACK_MS
                    and any(truth.kind == claim.kind for truth in line.claims)
                    for line in gold.lines
                )
            )
            groups.append(gold.id)
    table, truth = np.array(rows), np.array(labels)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.3))
    folds = GroupKFold(min(6, len(set(groups))))
    out_of_fold = cross_val_predict(pipeline, table, truth, groups=groups, cv=folds, method="predict_proba")[:, 1]
    print(f"{len(truth)} places, {truth.sum()} really said, {len(set(groups))} streams")
    print(f"out of fold: AUC {roc_auc_score(truth, out_of_fold):.3f}")
    for least in (0.5, 0.6, 0.7, 0.8):
        taken = out_of_fold >= least
        print(f"  confidence >= {least}: {(taken & truth).sum()} really said, {(taken & ~truth).sum()} not")
    pipeline.fit(table, truth)
    scaler, regression = pipeline[0], pipeline[1]
    model = HearingModel(
        features=FEATURES,
        mean=tuple(round(float(value), 4) for value in scaler.mean_),
        scale=tuple(round(float(value), 4) for value in scaler.scale_),
        weight=tuple(round(float(value), 4) for value in regression.coef_[0]),
        bias=round(float(regression.intercept_[0]), 4),
    )
    options.out.write_bytes(msgspec.json.format(msgspec.json.encode(model)) + b"\n")
    print(f"wrote {options.out}: {model}")


def _artefact(folder: Path, stage: str, kind: Any) -> Any:
    newest = max(folder.glob(f"{stage}-*.json"), key=lambda path: path.stat().st_mtime)
    return msgspec.json.decode(newest.read_bytes(), type=kind)


if __name__ == "__main__":
    main()
