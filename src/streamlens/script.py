"""A script linted before it is read out: the same rules, papers and trace as for a recording, and no sound."""

from collections.abc import Sequence
from datetime import date, datetime, time

import msgspec

from streamlens.config import Settings
from streamlens.detect.classifier import Classifier
from streamlens.judge.law import LawTable
from streamlens.pipeline import STAGES, Made, call
from streamlens.report.bundle import Bundle
from streamlens.schema import (
    Catalogue,
    Evidence,
    Finding,
    Mentions,
    Record,
    Recording,
    Rule,
    RuleBook,
    Segments,
    Transcript,
    Utterance,
    Word,
)
from streamlens.shipped import shipped
from streamlens.store import Kept

CHAR_MS = 220  # about as fast as anchors speak: segments and corrections look at distances in time
PAUSE_MS = 500
NAME = "script"
CLAIMS = next(stage for stage in STAGES if stage.name == "claims")


class Place(Record, frozen=True, kw_only=True):
    """Where in a script a claim stands. Line and column are counted from 1."""

    line: int
    column: int
    finding: Finding


class Checked(Record, frozen=True, kw_only=True):
    """What was found in a script, in its order."""

    places: tuple[Place, ...]
    bundle: Bundle


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
        ("catalogue", catalogue or Catalogue()),
        ("evidence", evidence or Evidence()),
        ("rulebook", rulebook),
        ("law", law),
    )
    made: Made = {each: Kept(record, "") for each, record in given}
    made["classifier"] = Kept(Classifier(shipped("models") / "implied"), "")
    for stage in STAGES[:-1]:
        if stage.name == "weighed":  # nothing was spoken, so there is no sound to go back to
            made[stage.name] = made["claims"]
        elif stage.name not in made:
            made[stage.name] = Kept(call(stage, made, settings), "")
    bundle = Bundle(**{name: made[name].record for name in Bundle.__struct_fields__ if name in made})
    return Checked(places=tuple(_place(finding, transcript) for finding in bundle.findings.findings), bundle=bundle)


def _spoken_lines(text: str, name: str) -> Transcript:
    utterances = []
    at = 0
    for number, line in enumerate(text.splitlines(), 1):
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
    utterance = max((u for u in transcript.utterances if u.start_ms <= finding.start_ms), key=lambda u: u.start_ms)
    line = int(utterance.id.rpartition("-")[2])
    return Place(line=line, column=(finding.start_ms - utterance.start_ms) // CHAR_MS + 1, finding=finding)


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
    claims = call(CLAIMS, {name: Kept(record, "") for name, record in given.items()}, settings)
    return tuple(claim.quote for claim in claims.claims if claim.stance == "asserted")


def _list(quotes: tuple[str, ...]) -> str:
    return ", ".join(quotes) or "nothing"
