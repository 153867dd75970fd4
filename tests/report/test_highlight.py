"""The claim's words are found where they were said, also when the transcript wrote something else."""

from collections.abc import Callable

import msgspec
import pytest

from streamlens.report.bundle import Bundle
from streamlens.report.highlight import Run, in_sentence, in_transcript
from streamlens.schema import Finding, Utterance, Word

Stream = Callable[[str], Bundle]


@pytest.fixture
def finding(stream: Stream) -> Finding:
    return stream("d1-orchard").findings.findings[0]


def spoken(text: str, start: int = 0) -> Utterance:
    words = tuple(
        Word(start_ms=start + 100 * i, end_ms=start + 100 * i + 100, text=c, probability=1) for i, c in enumerate(text)
    )
    return Utterance(id=f"u{start}", start_ms=start, end_ms=start + 100 * len(text), text=text, words=words)


def shown(runs: tuple[Run, ...]) -> str:
    return "".join(f"[{run.text}]" if run.finding else run.text for run in runs)


@pytest.mark.parametrize(
    ("sentence", "heard", "quote", "expected"),
    [
        ("还能降血压。", "降血压", "降血压", "还能[降血压]。"),
        ("还能讲血压。", "讲血压", "降血压", "还能[讲血压]。"),  # the transcript's words, not what was judged
        ("还能降血压。", "降 血压", "降血压", "还能[降血压]。"),
        ("别的话。", "降血压", "降血压", "别的话。"),
        ("", "讲血压", "降血压", "[降血压]"),
    ],
)
def test_in_sentence(finding: Finding, sentence: str, heard: str, quote: str, expected: str) -> None:
    changed = msgspec.structs.replace(finding, sentence=sentence, heard=heard, quote=quote)
    assert shown(in_sentence(changed)) == expected


def at(finding: Finding, heard: str, start: int, end: int, verdict: str = "prohibited") -> Finding:
    return msgspec.structs.replace(finding, heard=heard, quote=heard, start_ms=start, end_ms=end, verdict=verdict)


def test_the_occurrence_nearest_in_time_is_marked(finding: Finding) -> None:
    line = spoken("好吃好吃真好吃")
    assert shown(in_transcript((line,), (at(finding, "好吃", 200, 400),))[0]) == "好吃[好吃]真好吃"


def test_words_the_transcript_does_not_have_are_marked_by_time(finding: Finding) -> None:
    line = spoken("吃了讲雪鸭，真的。")
    assert shown(in_transcript((line,), (at(finding, "降血压", 200, 600),))[0]) == "吃了[讲雪鸭]，真的。"


def test_a_claim_across_two_utterances_is_marked_in_both(finding: Finding) -> None:
    lines = (spoken("早上刚摘"), spoken("下来的啊", start=400))
    marked = in_transcript(lines, (at(finding, "刚摘下来的", 200, 700),))
    assert [shown(runs) for runs in marked] == ["早上[刚摘]", "[下来的]啊"]


def test_where_findings_overlap_the_graver_one_is_marked(finding: Finding) -> None:
    line = spoken("全国最好的姜")
    supported, prohibited = at(finding, "全国最好的姜", 0, 600, "supported"), at(finding, "最好", 200, 400)
    runs = in_transcript((line,), (supported, prohibited))[0]
    assert [(run.text, run.finding and run.finding.verdict) for run in runs] == [
        ("全国", "supported"),
        ("最好", "prohibited"),
        ("的姜", "supported"),
    ]


def test_what_stood_on_the_screen_marks_no_speech(finding: Finding) -> None:
    line = spoken("还能降血压")
    banner = msgspec.structs.replace(at(finding, "降血压", 0, 500), channel="screen")
    assert shown(in_transcript((line,), (banner,))[0]) == "还能降血压"


def test_text_is_never_lost(stream: Stream) -> None:
    bundle = stream("d2-hens")
    marked = in_transcript(bundle.transcript.utterances, bundle.findings.findings)
    assert ["".join(run.text for run in runs) for runs in marked] == [u.text for u in bundle.transcript.utterances]
    assert {run.finding.id for runs in marked for run in runs if run.finding} == {
        finding.id for finding in bundle.findings.findings if finding.channel == "speech"
    }
