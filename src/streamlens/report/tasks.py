"""Findings as tasks for Label Studio: the sound of a recording with what was found as pre-annotations to be corrected.

Made for the template that `LABELS` writes: a waveform with the kinds as labels, and for each region the words, how they
were meant and the verdict. Form: Label Studio, "Import pre-annotated data" (audio regions in seconds).
"""

from streamlens.report.bundle import Bundle
from streamlens.report.results import json_bytes
from streamlens.schema import KINDS, STANCES, VERDICTS, Finding

_HEAD = '<View>\n  <Header value="$title"/>\n  <AudioPlus name="audio" value="$audio"/>\n'


def tasks_json(bundle: Bundle, lang: str) -> bytes:
    """One task: the first part of the recording as `audio` (to be served to Label Studio), the findings as regions."""
    recording = bundle.recording
    data = {
        "audio": bundle.media[0] if bundle.media else recording.id,
        "title": recording.title or recording.id,
        "recording": recording.id,
        "lang": lang,
        "transcript": [
            {"start": u.start_ms / 1000, "end": u.end_ms / 1000, "text": u.text} for u in bundle.transcript.utterances
        ],
    }
    regions = [region for finding in bundle.findings.findings for region in _regions(bundle, finding)]
    version = f"streamlens rules {bundle.findings.rules_version}"
    return json_bytes([{"data": data, "predictions": [{"model_version": version, "result": regions}]}])


def template() -> bytes:
    """The labelling interface that the tasks are made for."""
    labels = "\n".join(f'    <Label value="{kind}"/>' for kind in KINDS)

    def choice(name: str, values: tuple[str, ...]) -> str:
        options = "".join(f'<Choice value="{value}"/>' for value in values)
        return f'  <Choices name="{name}" toName="audio" perRegion="true" choice="single">{options}</Choices>\n'

    return (
        f'{_HEAD}  <Labels name="kind" toName="audio">\n{labels}\n  </Labels>\n'
        '  <TextArea name="quote" toName="audio" perRegion="true" editable="true" maxSubmissions="1"/>\n'
        f"{choice('stance', STANCES)}{choice('verdict', VERDICTS)}</View>\n"
    ).encode()


def _regions(bundle: Bundle, finding: Finding) -> list[dict[str, object]]:
    span = {"start": finding.start_ms / 1000, "end": finding.end_ms / 1000, "channel": 0}

    def region(name: str, sort: str, value: dict[str, object]) -> dict[str, object]:
        return {
            "id": finding.id,
            "from_name": name,
            "to_name": "audio",
            "type": sort,
            "original_length": bundle.recording.duration_ms / 1000,
            "value": {**span, **value},
            "score": round(finding.confidence, 4),
        }

    return [
        region("kind", "labels", {"labels": [finding.kind]}),
        region("quote", "textarea", {"text": [finding.quote]}),
        region("stance", "choices", {"choices": [finding.stance]}),
        region("verdict", "choices", {"choices": [finding.verdict]}),
    ]
