"""How good is it: the stable files of a workspace against gold files that people made.

A gold file (`gold.json`, beside a recording or in a folder of its own) holds
`{id, duration, lines: [{start, end, text, product, claims: [{quote, kind, stance, verdict}]}],
segments: [{start, end, sku}], banners: [{start, end, text, product, claims}]}`, times in seconds.

The scores as JSON (`scores_json`) are `{channel, families, streams: [{stream, rates, counts, misses}],
total: {rates, counts}, without_results: [stream]}`. The keys of `rates` and `counts` are those of `Tally.rates` and
`Tally`; a rate of which there was nothing to score is null. `misses` are `{what, at_ms, kind, gold, found}`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from .detect.catalogue import read_catalogue
from .errors import InputError
from .schema import KINDS
from .scoring import Gold, Miss, Tally, letters, score_claims, score_names, score_segments, score_text

FAMILIES = tuple(dict.fromkeys(kind.split(".")[0] for kind in KINDS))


class Score(msgspec.Struct, frozen=True, kw_only=True):
    stream: str
    tally: Tally
    misses: tuple[Miss, ...] = ()


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of each stream in order of id; `without_results` are the streams that have gold and nothing else."""

    channel: str
    families: tuple[str, ...]  # empty: all
    scores: tuple[Score, ...]
    without_results: tuple[str, ...]

    def total(self) -> Tally:
        tally = Tally()
        for score in self.scores:
            tally.add(score.tally)
        return tally


def evaluate(workspace: Path, gold: Path, *, families: Sequence[str] = (), channel: str = "speech") -> Evaluation:
    """Scores of every stream that has both results and gold.

    `gold` is a gold.json, or a folder that holds them (`<id>/gold.json`, `<id>.json`, at any depth); names are scored
    where a catalogue lies beside it. `families` limits the claims to some families, `channel` to speech or screen.
    InputError when nothing can be compared.
    """
    for family in families:
        if family not in FAMILIES:
            raise InputError(family, "no such family of claims", f"known: {', '.join(FAMILIES)}")
    scores, absent = [], []
    for path, truth in _read_gold(gold):
        folder = workspace / truth.id
        if (folder / "findings.json").exists():
            scores.append(_score(truth, folder, _names(path.parent), tuple(families), channel))
        else:
            absent.append(truth.id)
    if not scores:
        what = f"no stream with results and with gold in {gold}"
        raise InputError(str(workspace), what, "run `streamlens audit` first")
    return Evaluation(
        channel=channel, families=tuple(families), scores=tuple(scores), without_results=tuple(absent)
    )  # fmt: skip


def scores_json(evaluation: Evaluation) -> bytes:
    """The evaluation with the keys that the head of this file names, the same bytes for the same scores."""
    document = {
        "channel": evaluation.channel,
        "families": evaluation.families,
        "streams": [
            {"stream": score.stream, **_numbers(score.tally), "misses": score.misses} for score in evaluation.scores
        ],
        "total": _numbers(evaluation.total()),
        "without_results": evaluation.without_results,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _numbers(tally: Tally) -> dict[str, object]:
    return {"rates": tally.rates(), "counts": tally}


def _read_gold(path: Path) -> list[tuple[Path, Gold]]:
    files = [path] if path.is_file() else sorted(path.rglob("*.json")) if path.is_dir() else []
    found: dict[str, tuple[Path, Gold]] = {}
    for file in files:
        try:
            truth = msgspec.json.decode(file.read_bytes(), type=Gold)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            if file == path or file.name == "gold.json":
                raise InputError(str(file), f"is not a gold file ({error})") from error
            continue
        found[truth.id] = (file, truth)
    if not found:
        raise InputError(str(path), "no gold file found", "expected gold.json, one for each stream")
    return [found[name] for name in sorted(found)]


def _score(gold: Gold, folder: Path, names: tuple[str, ...], families: tuple[str, ...], channel: str) -> Score:
    utterances = _load(folder / "transcript.json", "utterances")
    tally = Tally()
    score_text(gold, utterances, tally)
    score_names(gold, utterances, names, tally)
    score_segments(gold, _load(folder / "segments.json", "segments"), tally)
    misses = score_claims(gold, _load(folder / "findings.json", "findings"), families, channel, tally)
    return Score(stream=gold.id, tally=tally, misses=misses)


def _load(path: Path, key: str) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_bytes())[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(str(path), f"cannot be read ({error})", "run `streamlens audit` again") from error
    return rows


def _names(folder: Path) -> tuple[str, ...]:
    """The names and aliases of the catalogue that lies beside the gold, longest first."""
    path = next((folder / name for name in ("catalog.csv", "catalog.xlsx") if (folder / name).exists()), None)
    if path is None:
        return ()
    names = {letters(name) for product in read_catalogue(path).products for name in (product.name, *product.aliases)}
    return tuple(sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name)))
