"""How good is it: the stable files of a workspace against gold files that people made.

A gold file (`gold.json`, beside a recording or in a folder of its own) holds
`{id, duration, lines: [{start, end, text, product, claims: [{quote, kind, stance, verdict}]}],
segments: [{start, end, sku}], banners: [{start, end, text, product, claims}]}`, times in seconds.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from .detect.catalogue import read_catalogue
from .errors import InputError
from .language import HARD, SOFT, readings, spoken
from .schema import ACCUSATIONS

NEAR_MS = 1500  # a finding may lie this far outside the gold line that it matches
_STEP_MS = 20  # resolution of the time-weighted segment score


class GoldClaim(msgspec.Struct, frozen=True, kw_only=True):
    quote: str
    kind: str
    stance: str
    verdict: str


class GoldLine(msgspec.Struct, frozen=True, kw_only=True):
    start: float
    end: float
    text: str
    product: str | None = None
    claims: tuple[GoldClaim, ...] = ()


class GoldSegment(msgspec.Struct, frozen=True, kw_only=True):
    start: float
    end: float
    sku: str


class Gold(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    duration: float
    lines: tuple[GoldLine, ...]
    segments: tuple[GoldSegment, ...] = ()
    banners: tuple[GoldLine, ...] = ()


class Tally(msgspec.Struct, kw_only=True):
    """Counts that add up over streams; the rates are read off them."""

    characters: int = 0
    character_errors: int = 0
    syllables: int = 0
    syllable_errors: int = 0
    names: int = 0
    names_right: int = 0
    claims: int = 0  # gold claims that are asserted
    claims_found: int = 0
    found_asserted: int = 0  # findings that are asserted
    found_right: int = 0
    accusations: int = 0  # findings that accuse
    accusations_right: int = 0  # ... of a gold claim that is asserted and has such a verdict
    verdicts: int = 0  # matched asserted claims
    verdicts_right: int = 0
    stances: int = 0  # matched claims of any stance
    stances_right: int = 0
    segment_ms: int = 0
    segment_ms_right: int = 0

    def add(self, other: "Tally") -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def rates(self) -> dict[str, float | None]:
        """The scores, rounded; None where there was nothing to score."""

        def share(part: int, whole: int) -> float | None:
            return round(part / whole, 4) if whole else None

        return {
            "character_error_rate": share(self.character_errors, self.characters),
            "syllable_error_rate": share(self.syllable_errors, self.syllables),
            "name_recall": share(self.names_right, self.names),
            "claim_recall": share(self.claims_found, self.claims),
            "claim_precision": share(self.found_right, self.found_asserted),
            "accusation_precision": share(self.accusations_right, self.accusations),
            "verdict_accuracy": share(self.verdicts_right, self.verdicts),
            "stance_accuracy": share(self.stances_right, self.stances),
            "segment_accuracy": share(self.segment_ms_right, self.segment_ms),
        }


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that went wrong: a gold claim not found, a finding nobody made, a wrong verdict or stance."""

    what: str  # missed | invented | verdict | stance
    at_ms: int
    kind: str
    gold: str
    found: str


class Score(msgspec.Struct, frozen=True, kw_only=True):
    stream: str
    tally: Tally
    misses: tuple[Miss, ...] = ()


def evaluate(
    workspace: Path, gold: Path, *, families: Sequence[str] = (), channel: str = "speech"
) -> tuple[Score, ...]:
    """Scores of every stream that has both results and gold, in order of id.

    `gold` is a gold.json, or a folder that holds them (`<id>/gold.json`, `<id>.json`, at any depth); names are scored
    where a catalogue lies beside it. `families` limits the claims to some families, `channel` to speech or screen.
    InputError when nothing can be compared.
    """
    scores = []
    for path, truth in _read_gold(gold):
        folder = workspace / truth.id
        if (folder / "findings.json").exists():
            scores.append(_score(truth, folder, _names(path.parent), tuple(families), channel))
    if not scores:
        what = f"no stream with results and with gold in {gold}"
        raise InputError(str(workspace), what, "run `streamlens audit` first")
    return tuple(scores)


def total(scores: Iterable[Score]) -> Tally:
    tally = Tally()
    for score in scores:
        tally.add(score.tally)
    return tally


def _read_gold(path: Path) -> list[tuple[Path, Gold]]:
    files = [path] if path.is_file() else sorted(path.rglob("*.json")) if path.is_dir() else []
    found: dict[str, tuple[Path, Gold]] = {}
    for file in files:
        try:
            truth = msgspec.json.decode(file.read_bytes(), type=Gold)
        except (msgspec.DecodeError, OSError) as error:
            if file == path or file.name == "gold.json":
                raise InputError(str(file), f"is not a gold file ({error})") from error
            continue
        found[truth.id] = (file, truth)
    if not found:
        raise InputError(str(path), "no gold file found", "expected gold.json, one for each stream")
    return [found[name] for name in sorted(found)]


def _score(gold: Gold, folder: Path, names: tuple[str, ...], families: tuple[str, ...], channel: str) -> Score:
    transcript = _load(folder / "transcript.json")
    findings = _load(folder / "findings.json")["findings"]
    segments = _load(folder / "segments.json")["segments"]
    tally = Tally()
    _score_text(gold, transcript["utterances"], tally)
    _score_names(gold, transcript["utterances"], names, tally)
    _score_segments(gold, segments, tally)
    misses = _score_claims(gold, findings, families, channel, tally)
    return Score(stream=gold.id, tally=tally, misses=misses)


def _load(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(str(path), f"cannot be read ({error})", "run `streamlens audit` again") from error
    return table


def letters(text: str) -> str:
    """The characters that count for an error rate: simplified, numbers in characters, no marks.

    >>> letters("24小时，發貨！")
    '二十四小时发货'
    """
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "").replace("两", "二")


def syllables(text: str) -> list[str]:
    """The most usual toneless reading of each character."""
    return [readings(char)[0] for char in letters(text)]


def _score_text(gold: Gold, utterances: list[dict[str, Any]], tally: Tally) -> None:
    from rapidfuzz.distance import Levenshtein

    said, heard = "".join(line.text for line in gold.lines), "".join(item["text"] for item in utterances)
    tally.characters += len(letters(said))
    tally.character_errors += Levenshtein.distance(letters(said), letters(heard))
    tally.syllables += len(syllables(said))
    tally.syllable_errors += Levenshtein.distance(syllables(said), syllables(heard))


def _names(folder: Path) -> tuple[str, ...]:
    """The names and aliases of the catalogue that lies beside the gold, longest first."""
    path = next((folder / name for name in ("catalog.csv", "catalog.xlsx") if (folder / name).exists()), None)
    if path is None:
        return ()
    names = {letters(name) for product in read_catalogue(path).products for name in (product.name, *product.aliases)}
    return tuple(sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name)))


def _score_names(gold: Gold, utterances: list[dict[str, Any]], names: tuple[str, ...], tally: Tally) -> None:
    """A name counts as right when the transcript has it as often within the line's time."""
    for line in gold.lines:
        start, end = line.start * 1000 - NEAR_MS, line.end * 1000 + NEAR_MS
        near = "".join(item["text"] for item in utterances if item["start_ms"] < end and start < item["end_ms"])
        said, heard = letters(line.text), letters(near)
        for name in names:
            count = said.count(name)
            tally.names += count
            tally.names_right += min(count, heard.count(name))
            said, heard = said.replace(name, "|"), heard.replace(name, "|", count)


def _score_segments(gold: Gold, segments: list[dict[str, Any]], tally: Tally) -> None:
    for at in range(0, round(gold.duration * 1000), _STEP_MS):
        right = next((item.sku for item in gold.segments if item.start * 1000 <= at < item.end * 1000), None)
        ours = next((item["product"] for item in segments if item["start_ms"] <= at < item["end_ms"]), None)
        tally.segment_ms += _STEP_MS
        tally.segment_ms_right += _STEP_MS * (right == ours)


def _score_claims(
    gold: Gold, findings: list[dict[str, Any]], families: tuple[str, ...], channel: str, tally: Tally
) -> tuple[Miss, ...]:
    """Gold claims and findings are paired one to one: same kind, overlapping in time, most alike in words first."""
    from rapidfuzz import fuzz

    def wanted(kind: str) -> bool:
        return not families or kind.split(".")[0] in families

    lines = gold.lines if channel == "speech" else gold.banners
    truths = [(line, claim) for line in lines for claim in line.claims if wanted(claim.kind)]
    # a finding of which nothing was heard is about the papers (judge/gaps): the gold is of what was said and shown
    ours = [item for item in findings if item["heard"] and item["channel"] == channel and wanted(item["kind"])]
    pairs = sorted(
        (
            (-fuzz.ratio(" ".join(syllables(claim.quote)), " ".join(syllables(item["quote"]))), number, index)
            for number, (line, claim) in enumerate(truths)
            for index, item in enumerate(ours)
            if claim.kind == item["kind"]
            and item["start_ms"] < line.end * 1000 + NEAR_MS
            and line.start * 1000 - NEAR_MS < item["end_ms"]
        ),
    )
    matched: dict[int, int] = {}
    for _, number, index in pairs:
        if number not in matched and index not in matched.values():
            matched[number] = index
    misses: list[Miss] = []
    for number, (line, claim) in enumerate(truths):
        found = ours[matched[number]] if number in matched else None
        asserted = claim.stance == "asserted"
        tally.claims += asserted
        if found is None:
            if asserted:
                misses.append(_miss("missed", line, claim, found))
            continue
        tally.stances += 1
        tally.stances_right += found["stance"] == claim.stance
        if found["stance"] != claim.stance:
            misses.append(_miss("stance", line, claim, found))
        if asserted and found["stance"] == "asserted":
            tally.claims_found += 1
            tally.verdicts += 1
            tally.verdicts_right += found["verdict"] == claim.verdict
            if found["verdict"] != claim.verdict:
                misses.append(_miss("verdict", line, claim, found))
    pair_of = {index: truths[number][1] for number, index in matched.items()}
    for index, item in enumerate(ours):
        truth = pair_of.get(index)
        right = truth is not None and truth.stance == "asserted"
        if item["stance"] == "asserted":
            tally.found_asserted += 1
            tally.found_right += right
            if not right:
                misses.append(
                    Miss(
                        what="invented",
                        at_ms=item["start_ms"],
                        kind=item["kind"],
                        gold=f"{truth.quote} ({truth.stance})" if truth else "",
                        found=f"{item['quote']} | {item['heard']} ({item['verdict']}, {item['confidence']})",
                    )
                )
        if item["verdict"] in ACCUSATIONS:
            tally.accusations += 1
            tally.accusations_right += right and truth is not None and truth.verdict in ACCUSATIONS
    return tuple(sorted(misses, key=lambda miss: (miss.at_ms, miss.what, miss.kind)))


def _miss(what: str, line: GoldLine, claim: GoldClaim, found: dict[str, Any] | None) -> Miss:
    return Miss(
        what=what,
        at_ms=round(line.start * 1000),
        kind=claim.kind,
        gold=f"{claim.quote} ({claim.stance}, {claim.verdict})",
        found=f"{found['quote']} ({found['stance']}, {found['verdict']}, {found['confidence']})" if found else "",
    )
