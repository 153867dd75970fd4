"""What the anchor did in a row: heard, delivered, said, claimed, told; and what is not known of it."""

import msgspec
import pytest

import make
from streamlens.link.layout import Row
from streamlens.link.speech import Claiming, Hearing, Saying, Talking, Telling
from streamlens.schema import (
    Claimed,
    Delivery,
    Fact,
    Facts,
    FactSort,
    Host,
    Informed,
    Mentions,
    Part,
    Screen,
    ScreenText,
    Stretch,
    Talk,
    Told,
    Transcript,
    UtteranceVoice,
    Voice,
)

NO_VOICE = Voice(recording="r1")
NO_SCREEN = Screen(recording="r1")


def row(start_s: float, end_s: float, product: str | None = "A") -> Row:
    return Row(unit="minute", start_ms=round(start_s * 1000), end_ms=round(end_s * 1000), product=product)


def voice(*measured: UtteranceVoice) -> Voice:
    return Voice(recording="r1", utterances=measured)


# ---- heard


def test_shares_of_recorded_time_speech_and_text() -> None:
    parts = tuple(
        Part(name=f"{n}", start_ms=start, duration_ms=length, size=1, digest="", has_video=False, container="wav")
        for n, (start, length) in enumerate([(0, 30_000), (50_000, 70_000)])
    )
    recording = msgspec.structs.replace(make.recording(120), parts=parts)
    said = make.transcript(make.utterance("一", 0, 10), make.utterance("二", 5, 15))
    said = msgspec.structs.replace(said, not_heard=(Stretch(start_ms=20_000, end_ms=25_000, reason="no_text"),))
    hearing = Hearing(recording, said, NO_VOICE)
    heard = hearing.heard(row(0, 60))
    assert heard.recorded_rate == pytest.approx(40 / 60)
    assert heard.speech_rate == pytest.approx(20 / 40)
    assert heard.coverage == pytest.approx(15 / 20)
    silent = hearing.heard(row(60, 120))
    assert (silent.recorded_rate, silent.speech_rate, silent.coverage) == (1.0, 0.0, None)


@pytest.mark.parametrize(
    ("start_s", "known"),
    [(0, True), (10, True), (20, False), (30, False)],
    ids=["heard", "silence", "speech without text", "not recorded"],
)
def test_what_was_said_is_known_where_it_was_heard_or_nobody_spoke(start_s: int, known: bool) -> None:
    part = Part(name="a", start_ms=0, duration_ms=30_000, size=1, digest="", has_video=False, container="wav")
    recording = msgspec.structs.replace(make.recording(40), parts=(part,))
    said = msgspec.structs.replace(
        make.transcript(make.utterance("一", 0, 10)),
        not_heard=(Stretch(start_ms=20_000, end_ms=30_000, reason="loop"),),
    )
    assert Hearing(recording, said, NO_VOICE).known(row(start_s, start_s + 10)) is known


def test_speakers_by_their_time_under_the_names_that_are_given() -> None:
    said = make.transcript(make.utterance("一", 0, 30), make.utterance("二", 30, 50), make.utterance("三", 50, 60))
    who = [
        UtteranceVoice(utterance=each.id, speaker=label)
        for each, label in zip(said.utterances, ("S2", "S1", "S2"), strict=True)
    ]
    recording = msgspec.structs.replace(make.recording(60), hosts=(Host(label="S2", name="小橙"),))
    heard = Hearing(recording, said, voice(*who)).heard(row(0, 60))
    assert (heard.speakers, heard.top_speaker, heard.top_speaker_rate) == (2, "小橙", pytest.approx(40 / 60))
    assert Hearing(recording, said, NO_VOICE).heard(row(0, 60)).speakers is None


# ---- delivered


def test_measures_are_weighted_by_the_time_in_the_row() -> None:
    said = make.transcript(make.utterance("一", 0, 30), make.utterance("二", 40, 80))
    one, two = (each.id for each in said.utterances)
    measured = voice(
        UtteranceVoice(utterance=one, pace_cpm=200, fillers=3, loudness_db=-20),
        UtteranceVoice(utterance=two, pace_cpm=320, fillers=4, pause_ms=10_000),
    )
    first = Saying(said, measured).delivery(row(0, 60))
    assert first.pace_cpm == pytest.approx((30 * 200 + 20 * 320) / 50)
    assert first.loudness_db == -20  # of the one that could be measured
    assert first.fillers_per_min == pytest.approx((3 + 2) / (50 / 60))
    assert (first.pause_mean_ms, first.long_pauses, first.pitch_hz) == (10_000, 1, None)
    second = Saying(said, measured).delivery(row(60, 120))
    assert (second.pace_cpm, second.pause_mean_ms, second.long_pauses) == (320, None, 0)
    assert Saying(said, measured).delivery(row(90, 120)) == Saying(said, NO_VOICE).delivery(row(0, 60)) == Delivery()


# ---- said


def test_words_and_mentions_are_counted_where_they_begin() -> None:
    words = [make.word("橙子", 58, 59), make.word("，", 59, 59), make.word("很甜", 60, 61)]
    talking = Talking(
        make.transcript(make.utterance("橙子，很甜", 58, 61, words=words)),
        make.mentions(("A", 58, 59), ("B", 60, 61)),
        NO_SCREEN,
    )
    first, second = talking.talk(row(0, 60), True), talking.talk(row(60, 120), True)
    assert (first.characters, first.mentions, first.mentions_own) == (2, 1, 1)
    assert (second.characters, second.mentions, second.mentions_own) == (2, 1, 0)
    assert talking.talk(row(0, 60, None), True).mentions_own is None
    assert talking.talk(row(0, 60), False) == Talk()


def test_prices_on_screen_by_the_time_they_stand_there() -> None:
    def line(start_s: float, end_s: float, text: str, sort: str = "standing") -> ScreenText:
        return ScreenText(
            start_ms=round(start_s * 1000),
            end_ms=round(end_s * 1000),
            text=text,
            box=(0, 0, 1, 1),
            confidence=0.9,
            sort=sort,  # type: ignore[arg-type]
        )

    lines = (
        line(0, 30, "到手价 29.9"),
        line(20, 45, "￥39"),
        line(0, 60, "产地直发"),
        line(0, 60, "19.9元吗", "comment"),
    )
    screen = Screen(recording="r1", texts=lines, film_ms=60_000, looked_ms=60_000)
    talking = Talking(make.transcript(), Mentions(recording="r1"), screen)
    assert talking.talk(row(0, 60), True).price_on_screen_rate == 0.75
    assert (
        Talking(make.transcript(), Mentions(recording="r1"), NO_SCREEN).talk(row(0, 60), True).price_on_screen_rate
        is None
    )


# ---- claimed and told


def test_claims_are_those_asserted_in_speech() -> None:
    findings = make_findings(
        make.finding(1), make.finding(2, "origin.place", "supported"), make.finding(3, "health.function", "unclear"),
        make.finding(4, stance="negated", verdict="none"), make.finding(5, channel="screen"), make.finding(70),
    )  # fmt: skip
    claimed = Claiming(findings, NO_SCREEN).claimed(row(0, 60), True, 30_000)
    assert (claimed.claims, claimed.claims_health, claimed.claims_origin, claimed.claims_price) == (3, 2, 1, 0)
    assert (claimed.prohibited, claimed.supported, claimed.unclear, claimed.accusations) == (1, 1, 1, 1)
    assert (claimed.claims_per_min, claimed.accusations_per_min, claimed.supported_rate) == (6.0, 2.0, 0.5)
    assert claimed.claims_on_screen is None
    seen = Claiming(findings, Screen(recording="r1", looked_ms=1)).claimed(row(0, 60), False, 0)
    assert seen == Claimed(claims_on_screen=1, accusations_on_screen=1)


def make_findings(*findings: object):  # type: ignore[no-untyped-def]
    from streamlens.schema import Findings

    return Findings(recording="r1", rules_version="0", coverage=1.0, findings=findings)  # type: ignore[arg-type]


def test_every_family_of_claims_and_sort_of_fact_has_a_column() -> None:
    from typing import get_args

    from streamlens.schema import KINDS

    assert {f"claims_{kind.partition('.')[0]}" for kind in KINDS} <= set(Claimed.__struct_fields__)
    assert {f"facts_{sort}" for sort in get_args(FactSort)} <= set(Informed.__struct_fields__)


def fact(sort: str, at_s: float, product: str | None = "A", **fields: object) -> Fact:
    at = round(at_s * 1000)
    return Fact(id=f"f{at}", sort=sort, product=product, start_ms=at, end_ms=at + 500, quote="", heard="", **fields)  # type: ignore[arg-type]


def test_what_stands_on_a_card_was_not_said() -> None:
    said, shown = (
        fact("price", 5, value=1990.0, unit="fen"),
        fact("price", 6, value=2990.0, unit="fen", channel="screen"),
    )
    telling = Telling(Facts(recording="r1", facts=(said, shown)))
    assert telling.informed(row(0, 60), True).facts_price == 1
    assert telling.offered(row(0, 60), True)["spoken_price_fen"] == 1990.0


def test_facts_prices_and_the_checklist() -> None:
    facts = Facts(
        recording="r1",
        facts=(
            fact("price", 1, value=995, unit="fen", per="g", per_value=500.0),
            fact("price", 2, value=2190, unit="fen", listed=1990, agrees=False),
            fact("price", 3, "B", value=500, unit="fen"),
            fact("weight", 4, value=2500, unit="g", listed=2500, agrees=True),
            fact("discount", 5, value=0.8, unit="1"),
            fact("price", 66, value=1990, unit="fen", listed=1990, agrees=True),
        ),
        checklist=(
            Told(product="A", topic="price", at_ms=1000),
            Told(product="A", topic="origin", at_ms=70_000),
            Told(product="A", topic="storage"),
            Told(product="B", topic="price", at_ms=3000),
        ),
    )
    telling = Telling(facts)
    told = telling.informed(row(0, 60), True)
    assert (told.facts, told.facts_price, told.facts_weight, told.facts_gift) == (5, 3, 1, 0)
    assert told.told_rate == pytest.approx(1 / 3)
    assert telling.informed(row(60, 120), True).told_rate == pytest.approx(2 / 3)
    assert telling.informed(row(0, 60, None), True).told_rate is None
    offer = telling.offered(row(0, 60), True)
    assert offer == {
        "spoken_price_fen": 2190, "spoken_price_ratio": pytest.approx(2190 / 1990), "prices_differing": 1, "weights_differing": 0,
        "discount_rate": pytest.approx(0.2),
    }  # fmt: skip
    assert telling.informed(row(0, 60), False) == Informed(told_rate=told.told_rate)
    assert telling.offered(row(0, 60), False) == {}
    assert Telling(None).informed(row(0, 60), True) == Informed()


def test_a_transcript_without_words_is_counted_by_its_utterances() -> None:
    bare = Transcript(recording="r1", coverage=1.0, utterances=(make.utterance("橙子很甜。", 1, 2),))
    assert Talking(bare, Mentions(recording="r1"), NO_SCREEN).talk(row(0, 60), True).characters == 4
