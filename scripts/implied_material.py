"""What the classifier of implied claims is trained and measured on: rows of texts, groups of near duplicates, noise.

Everything that shipped weights learn from lies in this repository and was written for it.
"""

import random
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from pypinyin import lazy_pinyin
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer

from streamlens.detect.claims import find_claims
from streamlens.detect.classifier import plain
from streamlens.detect.rules import load_rules
from streamlens.detect.search import ClaimOptions
from streamlens.language import SOFT
from streamlens.schema import KINDS, Mentions, Segments, Transcript, Utterance
from streamlens.shipped import shipped

ROOT = Path(__file__).parents[1]
OWN = ROOT / "tests" / "data" / "implied" / "sentences.jsonl"
OTHER = ("claims_four_families.jsonl", "claims_other_families.jsonl", "hearing/tune.jsonl")
FAMILIES = tuple(dict.fromkeys(kind.partition(".")[0] for kind in KINDS))
LABELS = (*FAMILIES, *(kind for kind in KINDS if kind.startswith("health.")))


class Row(msgspec.Struct, frozen=True):
    """A text in the classifier's form and what it claims: kinds, or (foreign data) `violation` alone."""

    text: str
    kinds: tuple[str, ...]
    source: str


def written_rows() -> list[Row]:
    """Our own sentences: those written for this classifier, the tests' and the cases beside the rules."""
    rows = [Row(plain(each["text"]), tuple(each["kinds"]), "implied") for each in _lines(OWN)]
    for name in OTHER:
        for each in _lines(ROOT / "tests" / "data" / name):
            kinds = {claim["kind"] for claim in each["claims"] if claim.get("stance", "asserted") == "asserted"}
            rows.append(Row(plain(each["text"]), tuple(sorted(kinds)), "tests"))
    rules = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
    written = ClaimOptions(by_sound=False)
    nothing = (Segments(recording="r"), Mentions(recording="r"))
    for case in {case.text: case for rule in rules.rules for case in rule.cases if not case.known_miss}.values():
        said = Utterance(id="u", start_ms=0, end_ms=220 * len(case.text), text=case.text, words=(), raw=case.text)
        claims = find_claims(
            Transcript(recording="r", coverage=1.0, utterances=(said,)), rules, *nothing, options=written
        ).claims
        kinds = {claim.kind for claim in claims if claim.stance == "asserted"}
        rows.append(Row(plain(case.text), tuple(sorted(kinds)), "rules"))
    return list({row.text: row for row in reversed(rows) if row.text}.values())[::-1]


def reviewed_rows(path: Path) -> list[Row]:
    """What people decided, as `streamlens review --training` writes it: what was dismissed claims nothing.

    A row's source is its group, which a split must not part.
    """
    rows = []
    for each in _lines(path):
        if each["channel"] == "speech":
            claims = each["label"] != "dismissed" and each["stance"] == "asserted"
            rows.append(Row(plain(each["text"]), (each["kind"],) if claims else (), each["group"]))
    return list({row.text: row for row in rows if row.text}.values())


def _lines(path: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def truth(rows: Sequence[Row]) -> "np.ndarray[Any, Any]":
    """0/1 [rows, labels]: the families, and for health each kind."""
    table = np.zeros((len(rows), len(LABELS)), dtype=np.int64)
    for number, row in enumerate(rows):
        for kind in row.kinds:
            for label in (kind, kind.partition(".")[0]):
                if label in LABELS:
                    table[number, LABELS.index(label)] = 1
    return table


class Experiment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """configs/experiments/*.toml, see there."""

    name: str
    files: dict[str, str]
    fine: tuple[str, ...]
    violation: tuple[str, ...]
    shingle: int
    long_alike: float
    short_alike: float
    folds: int
    seed: int
    ngrams: dict[str, Any]
    encoder: dict[str, Any]


def load_experiment(path: Path) -> Experiment:
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Experiment)


def foreign_rows(experiment: Experiment, folder: Path) -> list[Row]:
    """Rows of tab-separated files of (text, label). Letters and digits only: there, punctuation tells of the label."""
    rows = []
    for source, name in experiment.files.items():
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            text, _, label = line.rpartition("\t")
            text = "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())
            if text and label in (*experiment.fine, *experiment.violation):
                rows.append(Row(text, ("violation",) if label in experiment.violation else (), source))
    return rows


def groups(rows: Sequence[Row], *, shingle: int = 6, long_alike: float = 0.5, short_alike: float = 0.5) -> Any:
    """A number for each row: rows of one number are linked by (chains of) near duplicates.

    Two rows are linked when they are the same, or when of the shorter one's shingles (character n-grams) so large a
    share stands in the other too: `long_alike` between two rows of the source `long`, else `short_alike`.
    """
    vectors = CountVectorizer(analyzer="char", ngram_range=(shingle, shingle), binary=True)
    table = vectors.fit_transform([row.text for row in rows]).astype(np.float32)
    size = np.asarray(table.sum(1)).ravel()
    common = (table @ table.T).tocoo()
    upper = common.row < common.col
    one, other = common.row[upper], common.col[upper]
    share = common.data[upper] / np.minimum(size[one], size[other])
    long = np.array([row.source == "long" for row in rows])
    linked = share >= np.where(long[one] & long[other], long_alike, short_alike)
    first: dict[str, int] = {}
    same = [(first.setdefault(row.text, number), number) for number, row in enumerate(rows)]
    ones = np.concatenate([one[linked], [a for a, _ in same]])
    others = np.concatenate([other[linked], [b for _, b in same]])
    return connected_components(csr_matrix((np.ones(len(ones)), (ones, others)), shape=(len(rows),) * 2))[1]


def alike_in_sound(texts: Iterable[str]) -> dict[str, str]:
    """For each character those of the texts that a recogniser may write for it: the same syllable, tones aside."""
    by_sound: defaultdict[str, set[str]] = defaultdict(set)
    for char in sorted({char for text in texts for char in text if "\u4e00" <= char <= "\u9fff"}):
        by_sound[lazy_pinyin(char)[0]].add(char)
    return {char: "".join(sorted(chars - {char})) for chars in by_sound.values() for char in chars}


def noisy(text: str, alike: dict[str, str], share: float, rng: random.Random) -> str:
    """A text as a recogniser might have written it: characters misspelt by sound or dropped, commas lost."""
    out = []
    for char in text:
        drawn = rng.random()
        if char == SOFT:
            out.append("" if drawn < 0.4 else char)
        elif drawn < share:
            out.append(rng.choice(alike.get(char) or char))
        else:
            out.append("" if drawn < share * 1.15 else char)
    return "".join(out)


def windows(rows: Sequence[Row], rng: random.Random, *, pairs: int, noise: float = 0.12) -> list[Row]:
    """The rows, each once more as misheard, and `pairs` windows of two rows drawn at random."""
    alike = alike_in_sound(row.text for row in rows)
    heard = [Row(noisy(row.text, alike, noise * rng.random() * 2, rng), row.kinds, row.source) for row in rows]
    pool = [*rows, *heard]
    joined = []
    for _ in range(pairs):
        one, other = rng.choice(pool), rng.choice(pool)
        kinds = tuple(sorted({*one.kinds, *other.kinds}))
        joined.append(Row(one.text + SOFT + other.text, kinds, "pair"))
    return [*pool, *joined]
