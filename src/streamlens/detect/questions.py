"""Buyers' questions and complaints in the comments, and what became of them.

A question is a group of comments that ask the same of the same product: for a time none is asked twice, and as soon as
it is answered the next one is a new question. Its product is the one named in it, else the one on offer when it was
written. What was not heard is never called unanswered.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from ..schema import (
    AnswerCase,
    AnswerState,
    Audience,
    Catalogue,
    Comment,
    Facts,
    Findings,
    Mentions,
    Question,
    Questions,
    Recording,
    Segments,
    TopicBook,
    Transcript,
    Utterance,
)
from .answers import Answer, Heard, Wanted
from .comments import Reading, read_comment
from .complaints import Complained, find_complaints
from .named import Names
from .topics import Compiled, compiled

SOON_MS = 30_000  # a question that comes before any product is of the one that follows so soon


class QuestionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """When a question counts as answered."""

    minutes: float = 3.0  # within which an answer is looked for
    lag_ms: int = 2000  # from what is seen on offer to the comment on it
    together_ms: int = 60_000  # the same question within this is one
    least_heard: float = 0.7  # of the time after a question, to call it unanswered


def find_questions(
    recording: Recording,
    audience: Audience,
    catalogue: Catalogue,
    transcript: Transcript,
    segments: Segments,
    mentions: Mentions,
    facts: Facts,
    findings: Findings,
    topics: TopicBook,
    *,
    options: QuestionOptions | None = None,
) -> Questions:
    """Both in order of time; comments before the recording begins or after its end are left out."""
    options = options or QuestionOptions()
    book, names = compiled(topics), Names(catalogue)
    comments = [each for each in audience.comments if 0 <= each.at_ms < recording.duration_ms]
    readings = {text: read_comment(text, book) for text in dict.fromkeys(each.text for each in comments)}
    spelt = {text: names.spelt(reading.words) for text, reading in readings.items()}
    for text, sku in spelt.items():
        if sku and not readings[text].aspect:
            readings[text] = read_comment(text, book, named=True)
    bearing = [text for text, reading in readings.items() if reading.aspect or reading.complaint]
    misspelt = names.misspelt(text for text in bearing if not spelt[text] and len(readings[text].words) > 3)
    heard = Heard(transcript, segments, mentions, facts, book)
    window_ms = round(options.minutes * 60_000)
    asked: dict[tuple[str, str | None, frozenset[str], str], list[Comment]] = {}
    complained: list[Complained] = []
    for comment in comments:
        reading = readings[comment.text]
        product = (
            spelt[comment.text] or misspelt.get(comment.text) or _on_offer(segments, comment.at_ms, options.lag_ms)
        )
        if reading.aspect:
            own = reading.words if reading.aspect == "other" else ""
            asked.setdefault((reading.aspect, product, reading.slots, own), []).append(comment)
        if reading.complaint:
            complained.append(Complained(comment=comment, reading=reading, product=product))
    unheard = _unheard(recording, transcript)
    found = [
        question
        for (aspect, product, slots, _), group in asked.items()
        for question in _questions(aspect, product, slots, group, readings, heard, unheard, options)
    ]
    found.sort(key=lambda question: (question.at_ms, question.comments))
    return Questions(
        recording=recording.id,
        questions=tuple(
            msgspec.structs.replace(question, id=f"{recording.id}/question-{number:04d}")
            for number, question in enumerate(found, 1)
        ),
        complaints=find_complaints(
            complained, heard, facts, findings, book, window_ms=window_ms, recording=recording.id
        ),
        comments=len(comments),
    )


def _on_offer(segments: Segments, at_ms: int, lag_ms: int) -> str | None:
    """The product on offer when a comment was begun; where there was none, when it came, or the next to come."""
    for moment in (at_ms - lag_ms, at_ms):
        for segment in segments.segments:
            if segment.start_ms <= moment < segment.end_ms:
                return segment.product
    return next((s.product for s in segments.segments if 0 <= s.start_ms - at_ms <= SOON_MS), None)


def _questions(
    aspect: str,
    product: str | None,
    slots: frozenset[str],
    comments: Sequence[Comment],
    readings: Mapping[str, Reading],
    heard: Heard,
    unheard: Sequence[tuple[int, int]],
    options: QuestionOptions,
) -> Iterator[Question]:
    """The comments of one meaning, parted where it was answered between them or where time passed."""
    window_ms = round(options.minutes * 60_000)
    left = list(comments)
    while left:
        first = left[0]
        reading = readings[first.text]
        wanted = Wanted(aspect=aspect, product=product, slots=slots, words=reading.words, about=reading.about)
        answer = heard.find(wanted, first.at_ms, first.at_ms + window_ms)
        size = 1
        for before, after in pairwise(left):
            if after.at_ms - before.at_ms > options.together_ms or (answer and after.at_ms >= answer.at_ms):
                break
            size += 1
            answer = answer or heard.find(wanted, after.at_ms, after.at_ms + window_ms)
        group, left = left[:size], left[size:]
        until_ms = group[-1].at_ms + window_ms
        told = None if answer else heard.find(wanted, first.at_ms - window_ms, first.at_ms)
        share = _share(unheard, first.at_ms, until_ms)
        yield Question(
            id="",
            at_ms=first.at_ms,
            until_ms=until_ms,
            text=first.text,
            topic=aspect.partition(".")[0],
            aspect=aspect,
            product=product,
            comments=tuple(comment.id for comment in group),
            state=_state(answer, share, options),
            answered_ms=max(answer.at_ms, first.at_ms) if answer else None,
            answer=answer.text if answer else "",
            utterance=answer.utterance if answer else None,
            told_ms=told.at_ms if told else None,
            told=told.text if told else "",
            confidence=answer.confidence if answer else round(reading.confidence * (1 - share), 3),
        )


def _state(answer: Answer | None, unheard: float, options: QuestionOptions) -> AnswerState:
    if answer:
        return "declined" if answer.declined else "answered"
    return "unanswered" if 1 - unheard >= options.least_heard else "unclear"


def _unheard(recording: Recording, transcript: Transcript) -> list[tuple[int, int]]:
    """Speech without trustworthy text, and gaps between the parts of the recording."""
    parts = sorted((part.start_ms, part.start_ms + part.duration_ms) for part in recording.parts)
    gaps = [(end, start) for (_, end), (start, _) in pairwise(parts) if start > end]
    return sorted([*((stretch.start_ms, stretch.end_ms) for stretch in transcript.not_heard), *gaps])


def _share(unheard: Sequence[tuple[int, int]], start_ms: int, end_ms: int) -> float:
    covered, at = 0, start_ms
    for first, last in unheard:
        covered += max(0, min(last, end_ms) - max(first, at))
        at = max(at, last)
    return covered / max(1, end_ms - start_ms)


def failing_cases(topics: TopicBook) -> tuple[str, ...]:
    """A line for each case beside the topics that does not hold."""
    book, lines = compiled(topics), []
    for case in topics.asked:
        got = read_comment(case.text, book).aspect
        if got != case.asks:
            lines.append(f"question {case.text!r}: expected {case.asks or 'none'!r}, got {got or 'none'!r}")
    for answer in topics.answered:
        if _answers(answer, book) != answer.answers:
            lines.append(f"{answer.tell!r} must {'' if answer.answers else 'not '}answer {answer.ask!r}")
    for kind in topics.complaints:
        for each in kind.cases:
            got = read_comment(each.text, book).complaint
            if (got == kind.id) != each.complains:
                wanted = kind.id if each.complains else "none"
                lines.append(f"complaint {each.text!r}: expected {wanted!r}, got {got or 'none'!r}")
    return tuple(lines)


def count_cases(topics: TopicBook) -> int:
    return len(topics.asked) + len(topics.answered) + sum(len(kind.cases) for kind in topics.complaints)


def _answers(case: AnswerCase, book: Compiled) -> bool:
    said = Utterance(id="u", start_ms=1000, end_ms=5000, text=case.tell, words=())
    transcript = Transcript(recording="", coverage=1.0, utterances=(said,))
    nothing = (Segments(recording=""), Mentions(recording=""), Facts(recording=""))
    reading = read_comment(case.ask, book)
    wanted = Wanted(aspect=reading.aspect, product=None, slots=reading.slots, words=reading.words, about=reading.about)
    return Heard(transcript, *nothing, book).find(wanted, 0, 60_000) is not None
