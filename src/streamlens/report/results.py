"""The stable JSON files that other tools read. Keys, their order and the bytes are the same for the same records."""

from collections.abc import Sequence

import msgspec

from streamlens.report.bundle import Bundle, Place
from streamlens.report.messages import text, word
from streamlens.schema import (
    Facts,
    Finding,
    Focus,
    LawRef,
    Message,
    Questions,
    Record,
    Segments,
    Transcript,
    Utterance,
)


def transcript_json(transcript: Transcript) -> bytes:
    """`{recording, coverage, utterances: [{id, start_ms, end_ms, text, words, speaker, raw}], not_heard, ...}`."""
    return json_bytes(
        {
            "recording": transcript.recording,
            "coverage": round(transcript.coverage, 4),
            "utterances": [_utterance(utterance) for utterance in transcript.utterances],
            "not_heard": [msgspec.structs.asdict(stretch) for stretch in transcript.not_heard],
            "speech_ms": transcript.speech_ms,
            "model": transcript.model,
            "source": transcript.source,
        }
    )


def segments_json(segments: Segments) -> bytes:
    """`{segments: [{product, start_ms, end_ms, confidence}]}`; `product` is the sku."""
    return json_bytes(
        {
            "segments": [
                msgspec.structs.asdict(segment) | {"confidence": round(segment.confidence, 4)}
                for segment in segments.segments
            ],
            "recording": segments.recording,
        }
    )


def facts_json(facts: Facts) -> bytes:
    """`{recording, facts: [...], checklist: [{product, topic, at_ms}]}`, as schema.Fact and schema.Told have them."""
    return json_bytes(
        {
            "recording": facts.recording,
            "facts": [msgspec.structs.asdict(fact) for fact in facts.facts],
            "checklist": [msgspec.structs.asdict(told) for told in facts.checklist],
        }
    )


def focus_json(focus: Focus) -> bytes:
    """The record of schema/focus.py: `{recording, air_ms, air_hhi, ..., products: [{product, air_ms, ...}]}`."""
    return json_bytes(focus)


def questions_json(questions: Questions) -> bytes:
    """The record of schema/questions.py: `{recording, questions: [...], complaints: [...], comments}`; names nobody."""
    return json_bytes(questions)


def findings_json(bundle: Bundle, lang: str) -> bytes:
    """Every finding with its law, reason, safer wording and trace in words. `lang` says in which language."""
    findings = bundle.findings
    return json_bytes(
        {
            "recording": findings.recording,
            "rules_version": findings.rules_version,
            "coverage": round(findings.coverage, 4),
            "findings": [finding_row(finding, lang) for finding in findings.findings],
            "lang": lang,
        }
    )


def script_json(places: Sequence[Place], lang: str) -> bytes:
    """The findings of a script, each with `line`, `column`, `end_line`, `end_column`, and the keys of findings.json."""
    return json_bytes(
        [
            {
                "line": place.line,
                "column": place.column,
                "end_line": place.end_line,
                "end_column": place.end_column,
                **finding_row(place.finding, lang),
            }
            for place in places
        ]
    )


def citation(ref: LawRef, lang: str) -> str:
    """An article as it is cited; one whose number was not read in the law's own text says so."""
    cited = (ref.zh if lang == "zh" else ref.en) or ref.zh or ref.id
    return cited if ref.verified else text("ui.law_unverified", lang, law=cited)


def safer(finding: Finding, lang: str) -> str:
    """The safer wording in the reader's language, else in Chinese, which is what the anchor speaks; may be empty."""
    wordings = dict(finding.rewrite)
    return wordings.get(lang) or wordings.get("zh", "")


def _utterance(utterance: Utterance) -> dict[str, object]:
    return {
        "id": utterance.id,
        "start_ms": utterance.start_ms,
        "end_ms": utterance.end_ms,
        "text": utterance.text,
        "words": [
            {"start_ms": w.start_ms, "end_ms": w.end_ms, "text": w.text, "probability": round(w.probability, 4)}
            for w in utterance.words
        ],
        "speaker": utterance.speaker,
        "raw": utterance.raw,
    }


def finding_row(finding: Finding, lang: str) -> dict[str, object]:
    """A finding as other programs read it, worded in `lang`."""
    return {
        "id": finding.id,
        "kind": finding.kind,
        "stance": finding.stance,
        "verdict": finding.verdict,
        "severity": finding.severity,
        "channel": finding.channel,
        "start_ms": finding.start_ms,
        "end_ms": finding.end_ms,
        "quote": finding.quote,
        "heard": finding.heard,
        "product": finding.product,
        "rule": finding.rule,
        "law": [citation(ref, lang) for ref in finding.law],
        "evidence": list(finding.evidence),
        "reason": word(finding.reason, lang),
        "rewrite": safer(finding, lang),
        "confidence": round(finding.confidence, 4),
        "trace": [
            {
                "step": step.step,
                "code": step.message.code,
                "text": word(step.message, lang),
                "args": dict(step.message.args),
            }
            for step in finding.trace
        ],
        "sentence": finding.sentence,
        "corrects": finding.corrects,
    }


def worded_json(record: Record, lang: str) -> bytes:
    """A record whole, the text of each message beside its code and arguments."""

    def worded(value: object) -> object:
        if isinstance(value, Message):
            return {"code": value.code, "text": word(value, lang), "args": dict(value.args)}
        if isinstance(value, Record):
            return {name: worded(field) for name, field in msgspec.structs.asdict(value).items()}
        return [worded(each) for each in value] if isinstance(value, tuple) else value

    return json_bytes(worded(record))


def json_bytes(value: object) -> bytes:
    """A JSON file, a key a line."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
