"""Experiments on recordings with gold: how well is speech heard, are claims found, by recogniser, rules and options."""

import json
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from streamlens.capture.recording import StreamFiles
from streamlens.errors import InputError
from streamlens.evaluate import evaluate
from streamlens.experiments.grid import Cell, Given
from streamlens.experiments.measures import counts_of, measure
from streamlens.experiments.plan import ClaimsPlan, StreamsPlan
from streamlens.experiments.settings import Setting, rules_folder, settings
from streamlens.plan import find_streams
from streamlens.run import Order, Recogniser, run
from streamlens.schema import CellResult, Units
from streamlens.scoring import Gold
from streamlens.store import digest

PARTS = {
    "character_error_rate": ("character_errors", "characters"),
    "syllable_error_rate": ("syllable_errors", "syllables"),
    "name_recall": ("names_right", "names"),
    "claim_recall": ("claims_found", "claims"),
    "claim_precision": ("found_right", "found_asserted"),
    "accusation_precision": ("accusations_right", "accusations"),
    "accusation_recall": ("accusations_right", "accusable"),
    "verdict_accuracy": ("verdicts_right", "verdicts"),
    "stance_accuracy": ("stances_right", "stances"),
    "segment_accuracy": ("segment_ms_right", "segment_ms"),
    "boundary_accuracy": ("boundaries_right", "boundaries"),
}
"""The rates of `scoring.Tally` as the counts that they are made of."""


class StreamCell(msgspec.Struct, frozen=True, kw_only=True):
    """One recording under one setting."""

    stream: str
    setting: Setting
    families: tuple[str, ...]
    level: float


class Streams(msgspec.Struct, frozen=True, kw_only=True):
    files: dict[str, StreamFiles]
    gold: dict[str, tuple[Path, Gold]]
    root: Path


def load(plan: StreamsPlan | ClaimsPlan, root: Path) -> Given[Streams]:
    """The recordings that have gold. Raises InputError where a path is not there or nothing has gold."""
    found, failed = find_streams([root / each for each in plan.data.streams], root / ".nowhere")
    if failed:
        raise InputError("data.streams", failed[0].reason, "paths are relative to the experiment's file")
    gold = _gold(root / plan.data.gold)
    files = {each.id: each for each in found if each.id in gold}
    if not files:
        ids = ", ".join(each.id for each in found)
        raise InputError("data.gold", f"{plan.data.gold} holds no gold of {ids}", "expected <id>/gold.json")
    without = [each.id for each in found if each.id not in gold]
    what = f"{len(files)} recordings with gold" + (f"; without: {', '.join(without)}" if without else "")
    digests = []
    for name in sorted(files):
        inside = [
            *sorted(path for path in files[name].folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        ]
        path = gold[name][0]
        seen = [each for each in inside if each.parent != path.parent or each != path] + [path]
        parts = [[each.name, _digest(each)] for each in seen]
        digests.append((name, digest(msgspec.json.encode(parts))))
    return Given(what=what, digests=tuple(digests), data=Streams(files=files, gold=gold, root=root))


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:  # a recording may be larger than memory
        return hashlib.file_digest(file, "sha256").hexdigest()


def _gold(path: Path) -> dict[str, tuple[Path, Gold]]:
    files = [path] if path.is_file() else sorted(path.rglob("*.json")) if path.is_dir() else []
    found: dict[str, tuple[Path, Gold]] = {}
    for file in files:
        try:
            gold = msgspec.json.decode(file.read_bytes(), type=Gold)
        except (msgspec.DecodeError, OSError) as error:
            if file == path or file.name == "gold.json":
                raise InputError(str(file), f"is not a gold file ({error})") from error
            continue
        found[gold.id] = (file, gold)
    if not found:
        raise InputError("data.gold", f"no gold file found in {path}", "expected gold.json, one for each stream")
    return found


def cells(plan: StreamsPlan | ClaimsPlan, given: Given[Streams]) -> tuple[Cell, ...]:
    speech = any(not files.transcript for files in given.data.files.values())
    return tuple(
        Cell(
            axes=(*axes, ("stream", name)),
            spec=StreamCell(stream=name, setting=setting, families=plan.families, level=plan.level),
        )
        for axes, setting in settings(plan.grid, given.data.root, speech=speech)
        for name in sorted(given.data.files)
    )


def compute(spec: StreamCell, given: Given[Streams], work: Path) -> CellResult:
    """Audit the recording into an empty workspace, so that what it costs is all that it costs."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    config = work / "options.toml"
    config.write_text(spec.setting.toml(), encoding="utf-8")
    order = Order(
        workspace=work / "workspace", speech=partial(Recogniser, spec.setting.model), config=config,
        rules=rules_folder(spec.setting, given.data.root), screen=spec.setting.screen,
    )  # fmt: skip
    for result in run([given.data.files[spec.stream]], order):
        if result.state == "failed":
            raise InputError(spec.stream, result.reason)
    path, gold = given.data.gold[spec.stream]
    score = evaluate(order.workspace, path, families=spec.families).scores[0]
    above = {name: [getattr(score.tally, part)] for name, (part, _) in PARTS.items()}
    below = {name: [getattr(score.tally, whole)] for name, (_, whole) in PARTS.items()}
    heard = json.loads((order.workspace / spec.stream / "transcript.json").read_bytes())["utterances"]
    shutil.rmtree(work, ignore_errors=True)
    return CellResult(
        units=Units(
            ids=(spec.stream,),
            groups=(spec.stream,),
            folds=(0,),
            counts=counts_of(above, below),
            target=("".join(line.text for line in gold.lines),),
            predicted=("".join(each["text"] for each in heard),),
        )
    )


def merged(
    results: dict[tuple[tuple[str, str], ...], CellResult], level: float
) -> dict[tuple[tuple[str, str], ...], CellResult]:
    """The recordings of each setting as one cell, whose units they are."""
    together: dict[tuple[tuple[str, str], ...], list[Units]] = {}
    for axes, result in results.items():
        if result.units:
            together.setdefault(tuple(each for each in axes if each[0] != "stream"), []).append(result.units)
    found = {}
    for axes, parts in together.items():
        every: Any = {
            name: sum((getattr(part, name) for part in parts), ())
            for name in ("ids", "groups", "folds", "target", "predicted")
        }
        counts = counts_of(
            {name: _joined(parts, name, "above") for name in PARTS},
            {name: _joined(parts, name, "below") for name in PARTS},
        )
        units = Units(**every, counts=counts)
        found[axes] = CellResult(units=units, measures=measure(units, level=level))
    return found


def _joined(parts: Sequence[Units], metric: str, side: str) -> list[float]:
    return [value for part in parts for each in part.counts if each.metric == metric for value in getattr(each, side)]
