"""The stable JSON files: keys as documented, words in the language asked for, the same bytes each time."""

import json
from collections.abc import Callable

import msgspec
import pytest

from streamlens.report.bundle import Bundle
from streamlens.report.results import citation, findings_json, safer, segments_json, transcript_json
from streamlens.schema import LawRef

Stream = Callable[[str], Bundle]
Golden = Callable[[str, bytes], None]

FINDING = "id kind stance verdict severity channel start_ms end_ms quote heard product rule law evidence reason rewrite"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_findings(stream: Stream, golden: Golden, lang: str) -> None:
    golden(f"findings.{lang}.json", findings_json(stream("d2-hens"), lang))


def test_transcript_and_segments(stream: Stream, golden: Golden) -> None:
    bundle = stream("d2-hens")
    short = msgspec.structs.replace(bundle.transcript, utterances=bundle.transcript.utterances[:2])
    golden("transcript.json", transcript_json(short))
    golden("segments.json", segments_json(bundle.segments))


def test_the_documented_keys_come_first_and_in_order(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    findings = json.loads(findings_json(bundle, "zh"))
    assert list(findings)[:4] == ["recording", "rules_version", "coverage", "findings"]
    assert list(findings["findings"][0])[:18] == [*FINDING.split(), "confidence", "trace"]
    transcript = json.loads(transcript_json(bundle.transcript))
    assert list(transcript)[:3] == ["recording", "coverage", "utterances"]
    assert list(transcript["utterances"][0])[:6] == ["id", "start_ms", "end_ms", "text", "words", "speaker"]
    assert list(transcript["utterances"][0]["words"][0]) == ["start_ms", "end_ms", "text", "probability"]
    segment = json.loads(segments_json(bundle.segments))["segments"][0]
    assert list(segment) == ["product", "start_ms", "end_ms", "confidence"]


def test_every_finding_is_kept_in_order_with_its_trace(stream: Stream) -> None:
    bundle = stream("d3-dried")
    written = json.loads(findings_json(bundle, "zh"))["findings"]
    assert [finding["id"] for finding in written] == [finding.id for finding in bundle.findings.findings]
    assert [step["step"] for step in written[0]["trace"]] == ["heard", "matched", "meant", "paper", "verdict"]
    assert written[0]["trace"][0]["args"]["heard"] == "有绿色食品认证的"


def test_a_law_that_was_not_read_says_so() -> None:
    read = LawRef(id="a", zh="《甲法》第一条", en="Act A, art. 1")
    unread = msgspec.structs.replace(read, verified=False)
    assert citation(read, "zh") == "《甲法》第一条"
    assert citation(unread, "zh") == "《甲法》第一条（条号未核对原文）"
    assert citation(unread, "en") == "Act A, art. 1 (number not checked against the law's text)"
    assert citation(msgspec.structs.replace(read, en=""), "en") == "《甲法》第一条"


def test_safer_wording_falls_back_to_chinese(stream: Stream) -> None:
    finding = stream("d1-orchard").findings.findings[0]
    assert safer(finding, "en") == "This fruit is juicy and sweet; try it."
    assert safer(msgspec.structs.replace(finding, rewrite=(("zh", "好吃"),)), "en") == "好吃"
    assert safer(msgspec.structs.replace(finding, rewrite=()), "en") == ""
