"""The findings of a script or a recording as a SARIF 2.1.0 log: editors and code hosts show them beside the lines of
the file, which for a recording is its subtitles.

Results are what asks for something: accusations (`fail`) and what a person must look at (`review`). What is supported
or not asserted stays out, since code hosts show every result as a problem, whatever its `kind`; `--format json` has it.
Form: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 2020.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from streamlens.report.bundle import Bundle, Place
from streamlens.report.messages import known, text, word
from streamlens.report.results import citation, json_bytes, safer
from streamlens.report.subtitles import cues, srt
from streamlens.schema import Finding, LawRef, Rule
from streamlens.shipped import release

SUBTITLES = "subtitles.srt"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"prohibited": "error", "contradicted": "error", "unsupported": "warning", "unclear": "none"}
_SEVERITIES = {"high": "error", "medium": "warning", "low": "note"}
_LANGUAGES = {"zh": "zh-CN", "en": "en-US"}


def sarif_json(
    bundle: Bundle,
    places: Sequence[Place],
    rules: Sequence[tuple[Rule, tuple[LawRef, ...]]],
    *,
    script: str,
    path: Path | None,
    lang: str,
    version: str,
) -> bytes:
    """One run with one artefact: the file at `path`, or the `script` itself where it came from no file.

    `rules` are all that were looked for, each with its law on the day. Columns count characters, from 1.
    """
    artifact: dict[str, object] = {"location": {"uri": _uri(path)}} if path else {"contents": {"text": script}}
    described = [_rule(rule, law, lang) for rule, law in rules]
    return _log(bundle, places, described, artifact, _uri(path) if path else "", lang, version)


def recording_sarif(bundle: Bundle, lang: str) -> bytes:
    """One run whose artefact is subtitles.srt, which lies beside the log: a result stands where its words do there.

    What was read on screen stands at the line that was said then. Of the rules those are listed that found something.
    """
    artifact: dict[str, object] = {"location": {"uri": SUBTITLES}}
    described = {finding.rule: _rule_of(finding, lang) for finding in bundle.findings.findings}
    return _log(bundle, _in_subtitles(bundle), list(described.values()), artifact, SUBTITLES, lang, release())


def _in_subtitles(bundle: Bundle) -> list[Place]:
    """Where in the lines of subtitles.srt each finding stands."""
    lines = srt(bundle).decode().splitlines()
    starts = [number for number, line in enumerate(lines, 1) if "-->" in line]
    ends = [start + lines[start:].index("") if "" in lines[start:] else len(lines) for start in starts]
    spans = cues(bundle)
    places = []
    for finding in bundle.findings.findings:
        said = [at for at, cue in enumerate(spans) if cue.start_ms < finding.end_ms and finding.start_ms < cue.end_ms]
        before = [at for at, cue in enumerate(spans) if cue.start_ms <= finding.start_ms]
        at = said or before[-1:] or [0][: len(spans)]
        first, last = (starts[at[0]] + 1, ends[at[-1]]) if at else (1, 1)
        end = len(lines[last - 1]) + 1 if at else 1
        places.append(Place(line=first, column=1, end_line=last, end_column=end, finding=finding))
    return places


def _log(
    bundle: Bundle, places: Sequence[Place], rules: Sequence[dict[str, object]], artifact: dict[str, object], uri: str,
    lang: str, version: str,
) -> bytes:  # fmt: skip
    number = {str(rule["id"]): index for index, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "streamlens",
                "version": version,
                "rules": list(rules),
                "properties": {"rulesVersion": bundle.findings.rules_version},
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "artifacts": [artifact],
        "columnKind": "unicodeCodePoints",
        "language": _LANGUAGES.get(lang, lang),
        "results": [_result(bundle, place, number, uri, lang) for place in places if place.finding.verdict in LEVELS],
    }
    return json_bytes({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule_of(finding: Finding, lang: str) -> dict[str, object]:
    """What a finding tells of its rule: the rules that were looked for are not kept with results."""
    cited = [citation(ref, lang) for ref in finding.law]
    parts = [known(f"kind.{finding.kind}", lang, finding.kind), *(f"{text('sarif.law', lang)}{each}" for each in cited)]
    return {
        "id": finding.rule,
        "shortDescription": {"text": parts[0]},
        "help": {"text": "\n".join(parts), "markdown": "\n\n".join(parts)},
        "defaultConfiguration": {"level": _SEVERITIES[finding.severity]},
        "properties": {"kind": finding.kind, "tags": [finding.kind.split(".")[0]], "law": cited},
    }


def _rule(rule: Rule, law: tuple[LawRef, ...], lang: str) -> dict[str, object]:
    def worded(wordings: tuple[tuple[str, str], ...]) -> str:
        return dict(wordings).get(lang) or dict(wordings).get("zh", "")

    cited = [citation(ref, lang) for ref in law]
    parts = [worded(rule.why), *(f"{text('sarif.law', lang)}{each}" for each in cited)]
    if instead := worded(rule.rewrite):
        parts.append(f"{text('sarif.instead', lang)}{instead}")
    return {
        "id": rule.id,
        "shortDescription": {"text": known(f"kind.{rule.kind}", lang, rule.kind)},
        "fullDescription": {"text": worded(rule.why)},
        "help": {"text": "\n".join(parts), "markdown": "\n\n".join(parts)},
        "defaultConfiguration": {"level": _SEVERITIES[rule.severity]},
        "properties": {"kind": rule.kind, "severity": rule.severity, "tags": [rule.kind.split(".")[0]], "law": cited},
    }


def _result(bundle: Bundle, place: Place, number: Mapping[str, int], uri: str, lang: str) -> dict[str, object]:
    finding = place.finding
    instead = safer(finding, lang)
    said = text(
        "sarif.message", lang, verdict=finding.verdict, quote=finding.quote, reason=word(finding.reason, lang)
    ) + (text("sarif.message_instead", lang, instead=instead) if instead else "")
    known_rule = {"ruleIndex": number[finding.rule]} if finding.rule in number else {}
    return {
        "ruleId": finding.rule,
        **known_rule,
        "kind": "review" if finding.verdict == "unclear" else "fail",
        "level": LEVELS[finding.verdict],
        "message": {"text": said.replace("{", "{{").replace("}", "}}")},  # single braces are placeholders
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {**({"uri": uri} if uri else {}), "index": 0},
                    "region": {
                        "startLine": place.line,
                        "startColumn": place.column,
                        "endLine": place.end_line,
                        "endColumn": place.end_column,
                        "snippet": {"text": finding.heard},
                    },
                }
            }
        ],
        "partialFingerprints": {"streamlens/v1": finding.id},
        "properties": {
            "verdict": finding.verdict,
            "severity": finding.severity,
            "product": bundle.product_name(finding.product),
            "confidence": round(finding.confidence, 4),
            "channel": finding.channel,
            "startMs": finding.start_ms,
            "endMs": finding.end_ms,
            "evidence": list(finding.evidence),
            "rewrite": instead,
            "law": [citation(ref, lang) for ref in finding.law],
            "trace": [word(step.message, lang) for step in finding.trace],
        },
    }


def _uri(path: Path) -> str:
    """As seen from the working directory where it lies below that, so that code hosts find the file in the checkout."""
    full = path.resolve()
    here = Path.cwd()
    return quote(full.relative_to(here).as_posix()) if full.is_relative_to(here) else full.as_uri()
