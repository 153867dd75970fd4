"""Experiments on written passages that people marked: are claims found, with kind and stance, and none invented?

A passage is judged alone, as `streamlens check` would, without catalogue and papers. A kind is found in a passage if a
finding of it is asserted, and right if it is marked asserted there; F1 follows from all passages, those without claims
too. A marked claim of any stance is matched by the finding of its kind that covers most of its quote.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import msgspec

import streamlens
from streamlens.config import read_settings
from streamlens.errors import InputError
from streamlens.experiments.grid import Cell, Given
from streamlens.experiments.measures import counts_of, measure
from streamlens.experiments.plan import ClaimsPlan
from streamlens.experiments.settings import SPEECH_AXES, Setting, rules_folder, settings
from streamlens.link.columns import codes
from streamlens.link.paired import mean_ratio
from streamlens.schema import ACCUSATIONS, KINDS, CellResult, Finding, Measure, Units
from streamlens.script import check_script
from streamlens.store import digest


class Marked(msgspec.Struct, frozen=True):
    """A claim in a passage, quoted by the shortest stretch that carries it."""

    kind: str
    quote: str
    stance: str


class Passage(msgspec.Struct, frozen=True):
    """Without claims it is compliant."""

    id: str
    text: str
    claims: tuple[Marked, ...] = ()

    @property
    def asserted(self) -> set[str]:
        return {claim.kind for claim in self.claims if claim.stance == "asserted"}


class PassageCell(msgspec.Struct, frozen=True, kw_only=True):
    setting: Setting
    families: tuple[str, ...]
    day: str
    level: float


class Passages(msgspec.Struct, frozen=True, kw_only=True):
    passages: tuple[Passage, ...]
    root: Path


def load(plan: ClaimsPlan, root: Path) -> Given[Passages]:
    """All passages of all files, in order. Raises InputError with file and line."""
    found: list[Passage] = []
    digests = []
    for name in plan.data.passages:
        path = root / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(
                str(path), f"cannot be read ({error.strerror})", "paths are relative to the experiment's file"
            ) from error
        digests.append((name, digest(content)))
        for number, line in enumerate(content.splitlines(), 1):
            if line.strip():
                found.append(_passage(line, f"{path}, line {number}"))
    if not found:
        raise InputError("data.passages", "hold no passage", "JSON lines of {id, text, claims}")
    twice = [name for name, count in Counter(each.id for each in found).items() if count > 1]
    if twice:
        raise InputError("data.passages", f"{twice[0]} is there twice", "give each passage an id of its own")
    what = f"{len(found)} passages, {sum(len(each.claims) for each in found)} claims"
    return Given(what=what, digests=tuple(digests), data=Passages(passages=tuple(found), root=root))


def _passage(line: bytes, where: str) -> Passage:
    try:
        passage = msgspec.json.decode(line, type=Passage)
    except msgspec.DecodeError as error:
        raise InputError(where, f"is no passage ({error})", "{id, text, claims: [{kind, quote, stance}]}") from error
    for claim in passage.claims:
        if claim.quote not in passage.text:
            raise InputError(where, f"the text does not hold {claim.quote!r}", "quote it as it stands there")
        if claim.kind not in KINDS:
            raise InputError(where, f"{claim.kind} is no kind", f"kinds are {', '.join(KINDS)}")
    return passage


def cells(plan: ClaimsPlan, given: Given[Passages]) -> tuple[Cell, ...]:
    if out := [axis for axis in plan.grid if axis in SPEECH_AXES]:
        raise InputError(f"grid.{out[0]}", "has no meaning for written passages", "give streams and gold instead")
    try:
        date.fromisoformat(plan.day)
    except ValueError:
        raise InputError("day", f"{plan.day!r} is no day", "such as 2026-11-22: the law is that of the day") from None
    return tuple(
        Cell(axes=axes, spec=PassageCell(setting=setting, families=plan.families, day=plan.day, level=plan.level))
        for axes, setting in settings(plan.grid, given.data.root, speech=False)
    )


def compute(spec: PassageCell, given: Given[Passages], work: Path) -> CellResult:
    work.mkdir(parents=True, exist_ok=True)
    config = work / "options.toml"
    config.write_text(spec.setting.toml(), encoding="utf-8")
    rulebook, law = streamlens.load_rules(rules_folder(spec.setting, given.data.root)), streamlens.load_law()
    options, day = read_settings(config), date.fromisoformat(spec.day)
    kinds = [kind for kind in KINDS if not spec.families or kind.split(".")[0] in spec.families]
    above: dict[str, list[float]] = {}
    below: dict[str, list[float]] = {}
    said = []
    for passage in given.data.passages:
        places = check_script(passage.text, rulebook=rulebook, law=law, settings=options, day=day).places
        found = [(place.column - 1, place.finding) for place in places if place.finding.kind in kinds]
        for name, (part, whole) in _counted(passage, found, kinds).items():
            above.setdefault(name, []).append(part)
            below.setdefault(name, []).append(whole)
        said.append("; ".join(f"{each.kind} {each.stance} {each.verdict}" for _, each in found))
    marked = tuple(
        "; ".join(f"{each.kind} {each.stance}" for each in passage.claims) for passage in given.data.passages
    )
    ids = tuple(passage.id for passage in given.data.passages)
    marked_kinds = {kind for passage in given.data.passages for kind in passage.asserted}
    units = Units(
        ids=ids, groups=ids, folds=(0,) * len(ids), counts=counts_of(above, below), target=marked, predicted=tuple(said)
    )
    return CellResult(
        units=units, measures=(_macro(units, marked_kinds, spec.level), *measure(units, level=spec.level))
    )


def _counted(
    passage: Passage, found: Sequence[tuple[int, Finding]], kinds: Sequence[str]
) -> dict[str, tuple[int, int]]:
    told = {each.kind for _, each in found if each.stance == "asserted"}
    marked = passage.asserted & set(kinds)
    claims = [claim for claim in passage.claims if claim.kind in kinds]
    pairs = [(claim, _match(passage, claim, found)) for claim in claims]
    matched = [(claim, finding) for claim, finding in pairs if finding]
    accused = any(each.verdict in ACCUSATIONS for _, each in found)
    clean, otherwise = not passage.claims, bool(passage.claims) and not passage.asserted
    right = len(told & marked)
    counts = {
        "micro_f1": (2 * right, len(told) + len(marked)),
        "kind_precision": (right, len(told)),
        "kind_recall": (right, len(marked)),
        "stance_accuracy": (sum(claim.stance == finding.stance for claim, finding in matched), len(matched)),
        "compliant_accused": (accused and clean, clean),
        "meant_otherwise_accused": (accused and otherwise, otherwise),
    }
    for kind in kinds:
        counts[f"f1 {kind}"] = (2 * (kind in told and kind in marked), (kind in told) + (kind in marked))
    return counts


def _match(passage: Passage, claim: Marked, found: Sequence[tuple[int, Finding]]) -> Finding | None:
    start = passage.text.index(claim.quote)
    end = start + len(claim.quote)
    same = [(place, each) for place, each in found if each.kind == claim.kind]

    def covers(row: tuple[int, Finding]) -> int:
        place, each = row
        return max(0, min(end, place + len(each.heard)) - max(start, place))

    return max(same, key=covers)[1] if same else None


def _macro(units: Units, marked: Collection[str], level: float) -> Measure:
    """The mean of F1 over the kinds that are marked as asserted anywhere."""
    import numpy as np

    each = [counts for counts in units.counts if counts.metric.removeprefix("f1 ") in marked]
    ratios = [tuple(np.array(side) for side in (counts.above, counts.below)) for counts in each]
    found = mean_ratio(ratios, codes(units.groups)[0], level=level)  # type: ignore[arg-type]
    if found:
        found = msgspec.structs.replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))
    return Measure(metric="macro_f1", estimate=found, better="more", units=len(units.ids), groups=len(units.ids))
