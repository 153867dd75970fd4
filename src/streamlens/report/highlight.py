"""Where a finding's words stand in a text: inside its sentence, and inside the utterances of the whole transcript."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from streamlens.report.bundle import SHOWN
from streamlens.schema import Finding, Utterance

TRIM = " ，。！？、；：,.!?;:"


@dataclass(frozen=True)
class Run:
    """A piece of text, and the finding whose words it is, if any."""

    text: str
    finding: Finding | None = None


def in_sentence(finding: Finding) -> tuple[Run, ...]:
    """The sentence with the claim's words marked; all of it unmarked if the words are not in it letter by letter."""
    sentence = finding.sentence or finding.quote
    for words in (finding.heard, finding.quote):
        at = sentence.find(words) if words else -1
        if at >= 0:
            return _runs(sentence, [(at, at + len(words), finding)])
    return (Run(sentence),)


def in_transcript(utterances: tuple[Utterance, ...], findings: tuple[Finding, ...]) -> list[tuple[Run, ...]]:
    """The text of each utterance, cut where findings begin and end; where they overlap, the graver one is marked.

    The utterances are in the order of time.
    """
    ends = [utterance.end_ms for utterance in utterances]
    marks: list[list[tuple[int, int, Finding]]] = [[] for _ in utterances]
    for finding in findings:
        if finding.channel != "speech":
            continue
        at = bisect_left(ends, finding.start_ms + 1)
        while at < len(utterances) and utterances[at].start_ms < finding.end_ms:
            span = _span(utterances[at], finding)
            if span:
                marks[at].append((*span, finding))
            at += 1
    return [_runs(utterance.text, found) for utterance, found in zip(utterances, marks, strict=True)]


def _span(utterance: Utterance, finding: Finding) -> tuple[int, int] | None:
    """By the words if they stand there (the occurrence nearest in time), else by the times of the words."""
    starts = _character_starts(utterance)
    for words in (finding.heard, finding.quote):
        found = [at for at in range(len(utterance.text)) if words and utterance.text.startswith(words, at)]
        if found:
            at = min(found, key=lambda i: abs(starts[i] - finding.start_ms))
            return at, at + len(words)
    inside = [i for i, start in enumerate(starts) if finding.start_ms <= start < finding.end_ms]
    while inside and utterance.text[inside[-1]] in TRIM:
        inside.pop()
    while inside and utterance.text[inside[0]] in TRIM:
        inside.pop(0)
    return (inside[0], inside[-1] + 1) if inside else None


def _character_starts(utterance: Utterance) -> list[int]:
    """When each character of the text begins; evenly spread where the words do not join to the text."""
    if "".join(word.text for word in utterance.words) == utterance.text:
        return [
            word.start_ms + (word.end_ms - word.start_ms) * at // len(word.text)
            for word in utterance.words
            for at in range(len(word.text))
        ]
    size = max(1, len(utterance.text))
    return [utterance.start_ms + (utterance.end_ms - utterance.start_ms) * at // size for at in range(size)]


def _runs(text: str, marks: list[tuple[int, int, Finding]]) -> tuple[Run, ...]:
    if not marks:
        return (Run(text),)
    edges = sorted({0, len(text), *(edge for start, end, _ in marks for edge in (start, end))})
    runs: list[Run] = []
    for start, end in pairwise(edges):
        over = [finding for first, last, finding in marks if first <= start and end <= last]
        finding = min(over, key=lambda f: SHOWN.index(f.verdict), default=None)
        if runs and runs[-1].finding is finding:
            runs[-1] = Run(runs[-1].text + text[start:end], finding)
        else:
            runs.append(Run(text[start:end], finding))
    return tuple(runs)
