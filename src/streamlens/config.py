"""The user's settings: `configs/default.toml`, overlaid by a file of theirs, become the Options that stages declare.

A section of the file is named after the stage, or the part of a stage, that declares its options.
"""

import difflib
import os
from pathlib import Path
from typing import Any

import msgspec

from streamlens.capture.engagement import AudienceOptions
from streamlens.capture.excerpts import ExcerptOptions
from streamlens.capture.screen import ScreenOptions
from streamlens.capture.stills import StillOptions
from streamlens.capture.transcript import TranscriptOptions
from streamlens.capture.voice import VoiceOptions
from streamlens.detect.facts import FactOptions
from streamlens.detect.implied import ImpliedOptions
from streamlens.detect.names import RepairOptions
from streamlens.detect.questions import QuestionOptions
from streamlens.detect.search import ClaimOptions
from streamlens.detect.segments import SegmentOptions
from streamlens.detect.shown import ShownOptions
from streamlens.errors import InputError
from streamlens.handwritten import read_toml
from streamlens.judge.findings import JudgeOptions
from streamlens.judge.scans import ScanOptions
from streamlens.shipped import shipped

VARIABLE = "STREAMLENS_CONFIG"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All options of all stages."""

    transcript: TranscriptOptions = TranscriptOptions()
    voice: VoiceOptions = VoiceOptions()
    segments: SegmentOptions = SegmentOptions()
    mended: RepairOptions = RepairOptions()
    claims: ClaimOptions = ClaimOptions()
    implied: ImpliedOptions = ImpliedOptions()
    screen: ScreenOptions = ScreenOptions()
    shown: ShownOptions = ShownOptions()
    facts: FactOptions = FactOptions()
    findings: JudgeOptions = JudgeOptions()
    audience: AudienceOptions = AudienceOptions()
    questions: QuestionOptions = QuestionOptions()
    scans: ScanOptions = ScanOptions()
    excerpts: ExcerptOptions = ExcerptOptions()
    stills: StillOptions = StillOptions()


def default_file() -> Path:
    """The shipped file that lists every option with its default."""
    return shipped("configs") / "default.toml"


def load_settings(path: Path | None = None) -> Settings:
    """Settings of `path`, else of the file that STREAMLENS_CONFIG names, else the defaults.

    Raises InputError for an unknown key (with the nearest known one), a wrong type, or a file that is not TOML.
    """
    if path is None and (named := os.environ.get(VARIABLE)):
        path = Path(named)
    return read_settings(path) if path else Settings()


def read_settings(path: Path) -> Settings:
    _, table = read_toml(path)
    _refuse_unknown(path, table, Settings, "")
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        key = where.rstrip("`") or "the file"
        raise InputError(f"{path}: {key}", what[0].lower() + what[1:], f"compare {default_file()}") from error


def without_screen(settings: Settings) -> Settings:
    """The same, but nobody looks at the picture."""
    replace = msgspec.structs.replace
    return replace(settings, screen=replace(settings.screen, on=False), stills=replace(settings.stills, on=False))


def _refuse_unknown(path: Path, table: dict[str, Any], kind: Any, above: str) -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
            known = f"did you mean {above}{near[0]}?" if near else f"known here: {', '.join(sorted(fields))}"
            raise InputError(f"{path}: {above}{key}", "no such option", known)
        if isinstance(value, dict) and isinstance(fields[key], type) and issubclass(fields[key], msgspec.Struct):
            _refuse_unknown(path, value, fields[key], f"{above}{key}.")
