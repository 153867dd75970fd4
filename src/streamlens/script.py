"""A script linted before it is read out: the same rules, papers and trace as for a recording, and no sound."""

import errno
import re
import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

import msgspec

from streamlens.config import Settings
from streamlens.detect.classifier import Classifier
from streamlens.errors import InputError
from streamlens.inputs import SEARCHES, Made
from streamlens.judge.law import LawTable
from streamlens.judge.scans import join_scans
from streamlens.pipeline import STAGES, call, leading_to
from streamlens.report.bundle import Bundle, Place
from streamlens.report.sarif import sarif_json
from streamlens.schema import (
    Catalogue,
    Evidence,
    Finding,
    Mentions,
    Record,
    Recording,
    Rule,
    RuleBook,
    ScanTexts,
    Screen,
    Segments,
    Transcript,
    Utterance,
    Word,
)
from streamlens.shipped import shipped
from streamlens.store import Kept
from streamlens.table import decode

CHAR_MS = 220  # about as fast as anchors speak: segments and corrections look at distances in time
PAUSE_MS = 500
NAME = "script"
_LINE_END = re.compile("\r\n|\n|\r")  # as editors count lines; str.splitlines knows more ends than they do
_FILE_NAME = re.compile(r"[^\u4e00-\u9fff]*|\S+\.[A-Za-z]\w{0,4}")  # no Chinese at all, or an ending
CLAIMS = next(stage for stage in STAGES if stage.name == "claims")
UNKNOWN: Made = {name: Kept(None, "") for name in SEARCHES}  # nothing was looked for before


class Checked(Record, frozen=True, kw_only=True):
    """What was found in a script, in its order."""

    places: tuple[Place, ...]
    bundle: Bundle


def read_script(given: str) -> tuple[str, Path | None]:
    """The script that is `given` as text, as the name of a file, or as - for standard input; and that file.

    InputError for a file that cannot be read, and for what looks like the name of one that is not there: a slip in a
    name must not pass for a clean script.
    """
    if given == "-":
        return decode(sys.stdin.buffer.read(), Path("standard input")), None
    path = Path(given)
    try:
        if path.is_file():
            return decode(path.read_bytes(), path), path
        if given and path.is_dir():
            raise InputError(given, "is a folder", "name one script in it")
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:  # it is a text
            raise InputError(given, f"cannot be read ({error.strerror})", "check the path") from error
    if _FILE_NAME.fullmatch(given):
        raise InputError(given or "''", "no such file", "check the path")
    return given, None


def check_script(
    text: str,
    *,
    rulebook: RuleBook,
    law: LawTable,
    settings: Settings,
    catalogue: Catalogue | None = None,
    evidence: Evidence | None = None,
    day: date,
    name: str = NAME,
) -> Checked:
    """Judge the claims of a script as if it were read out on `day`, one utterance a line."""
    transcript = _spoken_lines(text, name)
    settings = _as_written(settings)
    end = transcript.utterances[-1].end_ms if transcript.utterances else 0
    recording = Recording(id=name, parts=(), duration_ms=end, started_at=datetime.combine(day, time(12)))
    given: Sequence[tuple[str, Record]] = (
        ("recording", recording),
        ("transcript", transcript),
        ("mended", transcript),  # names are as the author wrote them
        ("screen", Screen(recording=name)),
        ("catalogue", catalogue or Catalogue()),
        ("written", evidence or Evidence()),
        ("scans", ScanTexts()),
        ("evidence", join_scans(evidence, ScanTexts(), catalogue or Catalogue()) if evidence else Evidence()),
        ("rulebook", rulebook),
        ("law", law),
    )
    made: Made = {each: Kept(record, "") for each, record in given}
    made["classifier"] = Kept(Classifier(shipped("models") / "implied"), "")
    made |= UNKNOWN
    for stage in leading_to("findings"):
        if stage.name == "weighed":  # nothing was spoken, so there is no sound to go back to
            made[stage.name] = made["claims"]
        elif stage.name not in made:
            made[stage.name] = Kept(call(stage, made, settings), "")
    bundle = Bundle(**{name: made[name].record for name in Bundle.__struct_fields__ if name in made})
    return Checked(places=tuple(_place(finding, transcript) for finding in bundle.findings.findings), bundle=bundle)


def sarif(
    checked: Checked, text: str, *, rulebook: RuleBook, law: LawTable, path: Path | None, lang: str, version: str
) -> bytes:
    """What was found in `text`, which stood in the file at `path`, as a SARIF log."""
    day = checked.bundle.recording.started_at
    rules = [
        (rule, law.cite(rule.law or law.of_kind(rule.kind), day.date() if day else None)) for rule in rulebook.rules
    ]
    return sarif_json(checked.bundle, checked.places, rules, script=text, path=path, lang=lang, version=version)


def _spoken_lines(text: str, name: str) -> Transcript:
    utterances = []
    at = 0
    for number, line in enumerate(_LINE_END.split(text), 1):
        said = line.rstrip()
        if not said.strip():
            continue
        words = tuple(
            Word(start_ms=at + n * CHAR_MS, end_ms=at + (n + 1) * CHAR_MS, text=char, probability=1.0)
            for n, char in enumerate(said)
        )
        end = at + len(said) * CHAR_MS
        utterances.append(Utterance(id=f"{name}-{number}", start_ms=at, end_ms=end, text=said, words=words, raw=said))
        at = end + PAUSE_MS
    return Transcript(
        recording=name,
        coverage=1.0,
        utterances=tuple(utterances),
        speech_ms=sum(utterance.end_ms - utterance.start_ms for utterance in utterances),
        source=name,
    )


def _place(finding: Finding, transcript: Transcript) -> Place:
    """The finding's words, which begin in one line and may end in a later one."""
    lines = [(int(u.id.rpartition("-")[2]), u) for u in transcript.utterances if u.end_ms > finding.start_ms]
    line, first = lines[0]
    column = (finding.start_ms - first.start_ms) // CHAR_MS + 1
    end = column - 1 + len(finding.heard)
    for last, utterance in lines:
        if end <= len(utterance.text):
            return Place(line=line, column=column, end_line=last, end_column=end + 1, finding=finding)
        end -= len(utterance.text)
    raise AssertionError(f"{finding.heard!r} goes on after the script")


def _as_written(settings: Settings) -> Settings:
    """Nobody misheard what stands in a script, so nothing is looked for by sound."""
    return msgspec.structs.replace(settings, claims=msgspec.structs.replace(settings.claims, by_sound=False))


def failing_cases(rulebook: RuleBook, settings: Settings) -> tuple[str, ...]:
    """The cases beside the rules that do not come out as written there, a line each."""
    settings = _as_written(settings)
    failures = []
    for rule in rulebook.rules:
        for case in rule.cases:
            flagged = _flagged(case.text, rule, rulebook, settings)
            if (flagged == case.flag) == case.known_miss:
                what = (
                    "is found now: take known_miss away"
                    if case.known_miss
                    else f"flags {_list(flagged)}, not {_list(case.flag)}"
                )
                failures.append(f"{rule.id}: {case.text!r} {what}")
    return tuple(failures)


def _flagged(text: str, rule: Rule, rulebook: RuleBook, settings: Settings) -> tuple[str, ...]:
    """What the rule alone finds asserted in a text."""
    transcript = _spoken_lines(text, NAME)
    given = {
        "mended": transcript,
        "mentions": Mentions(recording=NAME),
        "segments": Segments(recording=NAME),
        "rulebook": msgspec.structs.replace(rulebook, rules=(rule,)),
    }
    claims = call(CLAIMS, {name: Kept(record, "") for name, record in given.items()} | UNKNOWN, settings)
    return tuple(claim.quote for claim in claims.claims if claim.stance == "asserted")


def _list(quotes: tuple[str, ...]) -> str:
    return ", ".join(quotes) or "nothing"
