"""Advice: only what was measured, the weightiest first, three at most, and nothing where there is too little."""

from collections.abc import Callable, Sequence

import msgspec
import pytest

from streamlens.report.advice import MOST, advise
from streamlens.report.bundle import Bundle
from streamlens.schema import (
    Audience,
    Complaint,
    Fact,
    Facts,
    Finding,
    Question,
    Questions,
    Segment,
    Segments,
    Stretch,
    Told,
    UtteranceVoice,
    Voice,
)

Stream = Callable[[str], Bundle]


def codes(bundle: Bundle) -> tuple[list[str], list[str]]:
    advice = advise(bundle)
    return [point.code for point in advice.well], [point.code for point in advice.better]


def with_findings(bundle: Bundle, *findings: Finding) -> Bundle:
    return msgspec.structs.replace(bundle, findings=msgspec.structs.replace(bundle.findings, findings=findings))


def voice(bundle: Bundle, pace: float = 250, monotony: float = 0.5, fillers: int = 0) -> Bundle:
    rows = tuple(
        UtteranceVoice(utterance=u.id, pace_cpm=pace, monotony=monotony, fillers=fillers)
        for u in bundle.transcript.utterances
    )
    return msgspec.structs.replace(bundle, voice=Voice(recording="x", utterances=rows))


def asked(bundle: Bundle, states: Sequence[str]) -> Bundle:
    rows = tuple(
        Question(
            id=f"q{n}", at_ms=n * 1000, until_ms=n * 1000 + 180_000, text="怎么保存", topic="storage", aspect="storage",
            product=None, comments=(f"c{n}",) * (n + 1), state=state,  # type: ignore[arg-type]
            answered_ms=n * 1000 + 20_000 if state == "answered" else None,
        )
        for n, state in enumerate(states)
    )  # fmt: skip
    return msgspec.structs.replace(bundle, questions=Questions(recording="x", questions=rows))


@pytest.fixture
def bare(stream: Stream) -> Bundle:
    """A broadcast of which nothing but its words is known, and nothing was claimed."""
    return with_findings(stream("d1-orchard"))


def test_nothing_is_made_up(bare: Bundle) -> None:
    assert codes(bare) == (["clean"], [])
    half_heard = msgspec.structs.replace(bare, findings=msgspec.structs.replace(bare.findings, coverage=0.6))
    assert codes(half_heard) == ([], [])  # what was not heard is not clean


def test_at_most_three_and_the_gravest_first(stream: Stream) -> None:
    for name in ("d1-orchard", "d2-hens", "d3-dried"):
        advice = advise(stream(name))
        for points in (advice.well, advice.better):
            assert len(points) <= MOST
            assert [point.weight for point in points] == sorted((point.weight for point in points), reverse=True)
    risky = [point for point in advise(stream("d2-hens")).better if point.code in ("prohibited", "contradicted")]
    assert [point.code for point in risky] == ["prohibited", "contradicted"]
    assert all(point.at_ms is not None and point.finding for point in risky)


@pytest.mark.parametrize(
    ("pace", "monotony", "fillers", "well", "better"),
    [
        (250, 0.5, 0, {"steady"}, set()),
        (380, 0.5, 0, set(), {"fast"}),
        (120, 0.5, 0, set(), {"slow"}),
        (250, 0.8, 0, {"steady"}, {"flat"}),
        (250, 0.2, 0, {"steady", "lively"}, set()),
        (250, 0.5, 2, {"steady"}, {"fillers"}),
    ],
)
def test_the_voice(bare: Bundle, pace: float, monotony: float, fillers: int, well: set[str], better: set[str]) -> None:
    good, rest = codes(voice(bare, pace, monotony, fillers))
    assert set(good) - {"clean"} == well
    assert set(rest) == better


def test_too_few_utterances_say_nothing_of_the_voice(bare: Bundle) -> None:
    few = msgspec.structs.replace(
        bare, transcript=msgspec.structs.replace(bare.transcript, utterances=bare.transcript.utterances[:5])
    )
    assert codes(voice(few, pace=500, monotony=0.9, fillers=9)) == (["clean"], [])


@pytest.mark.parametrize(
    ("states", "well", "better"),
    [
        (["answered"] * 4 + ["unanswered"], True, False),
        (["answered", "declined", "declined"], True, False),
        (["unanswered"] * 3, False, True),
        (["answered"] * 2 + ["unanswered"] * 2, False, True),
        (["answered"] * 2, False, False),  # too few to praise
        (["unclear"] * 4, False, False),  # nobody heard whether
    ],
)
def test_questions(bare: Bundle, states: list[str], well: bool, better: bool) -> None:
    good, rest = codes(asked(bare, states))
    assert ("answered" in good, "unanswered" in rest) == (well, better)


def test_the_question_most_asked_is_named(bare: Bundle) -> None:
    (point,) = advise(asked(bare, ["unanswered", "unanswered", "unanswered"])).better
    assert dict(point.args) | {"asked": "3", "missed": "3"} == dict(point.args)
    assert point.at_ms == 2000


def test_products_are_judged_by_their_checklist_only_when_on_long_enough(bare: Bundle) -> None:
    sku = bare.catalogue.products[0].sku
    checklist = (
        Told(product=sku, topic="price", at_ms=5000), Told(product=sku, topic="weight"), Told(product=sku, topic="usage"),
    )  # fmt: skip
    for seconds, expected in ((20, []), (90, ["untold"])):
        bundle = msgspec.structs.replace(
            bare,
            segments=Segments(
                recording="x", segments=(Segment(product=sku, start_ms=0, end_ms=seconds * 1000, confidence=1),)
            ),
            facts=Facts(recording="x", checklist=checklist),
        )
        assert codes(bundle)[1] == expected
    (point,) = advise(bundle).better
    assert dict(point.args)["topics"] == "weight"  # use is no essential


def test_a_price_that_differs_and_complaints_are_told(bare: Bundle) -> None:
    sku = bare.catalogue.products[0].sku
    fact = Fact(
        id="f", sort="price", product=sku, start_ms=9000, end_ms=9500, quote="二十九块九", heard="29块9", value=2990,
        unit="fen", listed=1990, agrees=False,
    )  # fmt: skip
    complaint = Complaint(id="k", at_ms=30_000, text="少了二两", topic="short_weight", product=sku, comments=("c1",))
    bundle = msgspec.structs.replace(
        bare, facts=Facts(recording="x", facts=(fact,)), questions=Questions(recording="x", complaints=(complaint,))
    )
    assert codes(bundle)[1] == ["differs", "complaints"]


def test_a_silence_counts_only_where_it_was_surely_silent(bare: Bundle) -> None:
    utterances = bare.transcript.utterances
    late = tuple(
        msgspec.structs.replace(u, start_ms=u.start_ms + 40_000, end_ms=u.end_ms + 40_000) for u in utterances[5:]
    )
    quiet = msgspec.structs.replace(bare.transcript, utterances=(*utterances[:5], *late))
    bundle = msgspec.structs.replace(bare, transcript=quiet)
    assert codes(bundle)[1] == ["silence"]
    gap = Stretch(start_ms=utterances[4].end_ms, end_ms=late[0].start_ms, reason="no_text")
    unheard = msgspec.structs.replace(quiet, not_heard=(gap,))
    assert codes(msgspec.structs.replace(bundle, transcript=unheard))[1] == []


def test_an_audience_alone_changes_nothing(bare: Bundle) -> None:
    assert codes(msgspec.structs.replace(bare, audience=Audience(recording="x"))) == (["clean"], [])
