"""Was it really said? Texts weighed on their sound, with a scripted recogniser."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from make import catalogue, product, transcript, utterance, word
from streamlens.errors import ModelError
from streamlens.judge.hearing import (
    LEAST,
    HearingModel,
    Passage,
    Regression,
    Weight,
    find_passage,
    likenesses,
    listen,
    load_hearing,
    with_sound,
)
from streamlens.schema import Catalogue, Claim, Claims, Likeness, Message, Step, Transcript, Utterance
from streamlens.shipped import shipped

MODEL = HearingModel(
    before=Regression(features=("unlike",), mean=(0.2,), scale=(0.05,), weight=(-2.0,), bias=0.0),
    after=Regression(features=("on_sound",), mean=(-10.0,), scale=(5.0,), weight=(2.0,), bias=0.0),
)


def weight(heard: float, said: float) -> Weight:
    return Weight(heard=heard, said=said, heard_alone=-30.0, said_alone=-30.0)


def doubtful(
    quote: str,
    heard: str,
    start_ms: int = 1000,
    *,
    likeness: bool = True,
    sku: str | None = None,
    cost: float = 0.1,
) -> Claim:
    return Claim(
        id=quote + heard,
        rule="health.disease",
        kind="health.disease",
        stance="asserted",
        severity="high",
        channel="speech",
        start_ms=start_ms,
        end_ms=start_ms + 800,
        quote=quote,
        heard=heard,
        sentence=heard,
        product=sku,
        confidence=0.6,
        trace=tuple(Step(step=step, message=Message(code=step)) for step in ("heard", "matched", "meant")),
        likeness=Likeness(syllables=len(quote), cost=cost, probability=0.8) if likeness else None,
    )


def heard_again(
    claims: Sequence[Claim], script: Transcript, gain: float, sold: Catalogue | None = None
) -> tuple[Claim, ...]:
    """Claims after listening to a recogniser that finds every claim `gain` nats likelier than what it wrote."""

    def weigh(passages: Sequence[Passage]) -> list[Weight]:
        return [weight(-20.0, -20.0 + gain) for _ in passages]

    held = Claims(recording="r1", rules_version="1", claims=tuple(claims))
    return listen(held, script, sold or catalogue(), weigh, MODEL).claims


def said_aloud(text: str, start_s: float) -> Utterance:
    """An utterance with a word for each character, four a second."""
    words = [word(char, start_s + n / 4, start_s + (n + 1) / 4) for n, char in enumerate(text)]
    return utterance(text, start_s, start_s + len(text) / 4, words=words)


@pytest.fixture
def script() -> Transcript:
    return transcript(said_aloud("喝一杯至咳嗽特别好", 0.0))


def test_a_misspelling_is_believed_and_another_sentence_is_not(script: Transcript) -> None:
    (sure,) = heard_again([doubtful("治咳嗽", "至咳嗽")], script, gain=-1.0)
    (less,) = heard_again([doubtful("治咳嗽", "至咳嗽")], script, gain=-11.0)
    assert sure.confidence > 0.9 > 0.5 > less.confidence >= LEAST
    assert heard_again([doubtful("治咳嗽", "至咳嗽")], script, gain=-40.0) == ()


def test_what_is_written_out_stays_as_it_is(script: Transcript) -> None:
    written = doubtful("治咳嗽", "治咳嗽", likeness=False)
    assert heard_again([written], script, gain=-40.0) == (written,)


def test_a_transcript_given_as_text_has_no_sound_to_go_back_to(script: Transcript) -> None:
    given = msgspec.structs.replace(script, source="transcript.srt")
    claim = doubtful("治咳嗽", "至咳嗽")
    assert heard_again([claim], given, gain=-40.0) == (claim,)


def test_the_trace_tells_of_it_after_what_was_matched(script: Transcript) -> None:
    (claim,) = heard_again([doubtful("治咳嗽", "至咳嗽")], script, gain=-1.0)
    assert [step.message.code for step in claim.trace] == ["heard", "matched", "hearing.weighed", "meant"]
    assert dict(claim.trace[2].message.args)["on_sound"] == "-1.0"


def test_words_of_the_products_own_name_are_believed_sooner() -> None:
    script = transcript(said_aloud("复习的土豆含量高", 0.0))
    claim = doubtful("富硒的", "复习的", sku="TD-10")
    named, other = catalogue(product("TD-10", "富硒土豆")), catalogue(product("TD-10", "黄心土豆"))
    (sooner,) = heard_again([claim], script, gain=-12.0, sold=named)
    (later,) = heard_again([claim], script, gain=-12.0, sold=other)
    assert sooner.confidence > 0.5 > later.confidence


@pytest.mark.parametrize(
    ("texts", "claim", "heard", "said"),
    [
        (("喝一杯至咳嗽特别好",), ("治咳嗽", "至咳嗽"), "喝一杯至咳嗽特别好", "喝一杯治咳嗽特别好"),
        # across a border between utterances
        (("冲一杯就至", "咳嗽好得很"), ("治咳嗽", "至咳嗽"), "冲一杯就至咳嗽好得很", "冲一杯就治咳嗽好得很"),
        # the words are not there as such: weighed alone
        (("24小时大家",), ("二十四小时到家", "二十四小时大家"), "二十四小时大家", "二十四小时到家"),
    ],
)
def test_passages(texts: tuple[str, ...], claim: tuple[str, str], heard: str, said: str) -> None:
    starts = [0.0, 1.5]
    script = transcript(*(said_aloud(text, start) for text, start in zip(texts, starts, strict=False)))
    passage = find_passage(doubtful(*claim), script)
    assert (passage.heard, passage.said) == (heard, said)
    assert 0 <= passage.start_ms < passage.end_ms


def test_a_passage_keeps_to_the_words_around() -> None:
    words = [
        utterance("很久以前的话", 0.0, 2.0),
        utterance("至咳嗽", 20.0, 21.0),
        utterance("很久以后的话", 40.0, 42.0),
    ]
    passage = find_passage(doubtful("治咳嗽", "至咳嗽", 20_000), transcript(*words))
    assert (passage.heard, passage.said) == ("至咳嗽", "治咳嗽")


def test_of_two_places_with_the_same_words_the_one_in_time_is_taken() -> None:
    script = transcript(said_aloud("至咳嗽我说至咳嗽", 0.0))
    assert find_passage(doubtful("治咳嗽", "至咳嗽", 0), script).said.startswith("治咳嗽我说至咳")
    assert (
        find_passage(doubtful("治咳嗽", "至咳嗽", 1250), script).said == "咳嗽我说治咳嗽"
    )  # what lies further off is cut


def test_nobody_listens_to_what_hardly_sounds_alike(script: Transcript) -> None:
    asked: list[Passage] = []

    def weigh(passages: Sequence[Passage]) -> list[Weight]:
        asked.extend(passages)
        return [weight(-20.0, -20.0) for _ in passages]

    held = Claims(
        recording="r1",
        rules_version="1",
        claims=(doubtful("治咳嗽", "至咳嗽"), doubtful("治咳喘", "这靠谁", cost=1.5)),
    )
    assert [claim.quote for claim in listen(held, script, catalogue(), weigh, MODEL).claims] == ["治咳嗽"]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("said", "heard", "changed", "other_tones", "homophones"),
    [
        ("富硒", "复西", 2, 0, 1.0),  # fu4 xi1, twice
        ("富硒", "复习", 2, 1, 0.5),  # xi2
        ("抗癌", "看来", 2, 0, 0.0),  # the tones of other syllables
        ("治咳嗽", "至咳嗽", 1, 0, 1.0),
        ("治咳嗽", "至咳咳嗽", 1, 0, 1.0),  # a syllable more
        ("治咳嗽", "治咳嗽", 0, 0, 0.5),
    ],
)
def test_what_is_told_without_listening(
    said: str, heard: str, changed: int, other_tones: int, homophones: float
) -> None:
    claim = doubtful(said, heard)
    assert claim.likeness
    values = likenesses(claim, claim.likeness)
    assert (values["changed"], values["other_tones"], values["homophones"]) == (changed, other_tones, homophones)
    assert values["same_tones"] == (1 - other_tones / changed if changed else 0.5)


def test_figures_are_bounded() -> None:
    sound = with_sound({"homophones": 0.5}, Weight(heard=-500.0, said=0.0, heard_alone=0.0, said_alone=-500.0))
    assert sound == {"homophones": 0.5, "on_sound": 5.0, "homophones_on_sound": 2.5, "alone": -30.0}
    claim = doubtful("治咳嗽特别好", "至壳受特别好")
    assert claim.likeness
    values = likenesses(claim, claim.likeness)
    assert (values["agreeing"], values["syllables"], values["unlike"]) == (0.5, 6.0, pytest.approx(0.1 / 6))


def test_the_shipped_model_reads_and_prefers_likelier_words() -> None:
    model = load_hearing(shipped("models") / "hearing.json")
    claim = doubtful("治咳嗽特别好", "至壳受特别好", cost=0.0)
    assert claim.likeness
    values = likenesses(claim, claim.likeness)
    near, far = (with_sound(values, weight(-30.0, -30.0 + nats)) for nats in (0.0, -25.0))
    assert model.before.probability(values) > 0.5
    assert model.after.probability(near) > 0.5
    assert model.after.probability(near) > model.after.probability(far)


def test_a_damaged_model_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "hearing.json").write_text("{}")
    with pytest.raises(ModelError, match=r"hearing\.json"):
        load_hearing(tmp_path / "hearing.json")
