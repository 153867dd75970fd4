"""Which claims were made, of which product."""

from pathlib import Path

import msgspec
import pytest

from make import mentions, rule_book, segments, transcript, utterance, word
from streamlens.detect.claims import find_claims
from streamlens.detect.search import ClaimOptions
from streamlens.schema import Claim, Mentions, RuleBook, Segments, Transcript

RULES = {
    "health.disease": """
patterns = ["(能够?|可以|还能)?(治|预防|缓解)~2<病症>", "比吃药都?管用"]
written = ["~3就好", "扛不住的病"]
unless = ["降压药", "治<病症>的药"]
""",
    "health.function": 'patterns = ["(能够?|可以)?(提高|增强)~2(免疫力|抵抗力)"]',
    "purity.additive": 'patterns = ["零添加", "(绝对)?(没有|不含)防腐剂"]',
    "purity.natural": 'severity = "medium"\npatterns = ["百分之百纯正", "纯天然零添加"]',
    "certification.organic": 'patterns = ["有机(种植|认证)", "有机的"]',
    "quantity.weight": 'patterns = ["净重#(斤|克)"]',
}
WORDS = {"病症": ("咳嗽", "高血压", "失眠")}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    return rule_book(tmp_path_factory.mktemp("book"), RULES, WORDS)


def claims(
    said: Transcript | str,
    book: RuleBook,
    offers: Segments | None = None,
    named: Mentions | None = None,
    options: ClaimOptions | None = None,
) -> list[Claim]:
    said = transcript(said) if isinstance(said, str) else said
    offers, named = offers or Segments(recording="r1"), named or Mentions(recording="r1")
    return list(find_claims(said, book, offers, named, options=options).claims)


def quotes(said: Transcript | str, book: RuleBook) -> list[tuple[str, str]]:
    return [(claim.kind, claim.quote) for claim in claims(said, book)]


# ---- found


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("每天一勺能治咳嗽。", [("health.disease", "能治咳嗽")]),
        ("比吃药管用，比吃药都管用。", [("health.disease", "比吃药管用"), ("health.disease", "比吃药都管用")]),
        ("净重250克，净重五斤。", [("quantity.weight", "净重250克"), ("quantity.weight", "净重五斤")]),
        ("100%纯正的。", [("purity.natural", "100%纯正")]),
        ("它能提高你的免疫力。", [("health.function", "能提高你的免疫力")]),
        ("好，零添加。", [("purity.additive", "零添加")]),
        ("零添加，零添加。", [("purity.additive", "零添加"), ("purity.additive", "零添加")]),
        # what is written in two ways is one claim of a kind, the longer
        ("纯天然零添加的。", [("purity.natural", "纯天然零添加"), ("purity.additive", "零添加")]),
        # several claims in one breath
        (
            "能治咳嗽，还能预防高血压，零添加。",
            [("health.disease", "能治咳嗽"), ("health.disease", "还能预防高血压"), ("purity.additive", "零添加")],
        ),
        # exceptions of a rule
        ("降压药要接着吃。", []),
        ("这不是治咳嗽的药。", []),
        ("大家晚上好，今天第一单。", []),
        ("", []),
    ],
)
def test_found_as_written(book: RuleBook, said: str, want: list[tuple[str, str]]) -> None:
    assert sorted(quotes(said, book)) == sorted(want)


@pytest.mark.parametrize(
    ("said", "quote", "heard"),
    [
        ("它能提搞免翼力呀。", "能提高免疫力", "能提搞免翼力"),
        ("比吃要管用。", "比吃药管用", "比吃要管用"),
        ("还能遇防高雪鸭。", "还能预防高血压", "还能遇防高雪鸭"),
        ("零天家的。", "零添加", "零天家"),
        ("净中250客。", "净重二百五十克", "净中250客"),
        ("绝对没有房府记。", "绝对没有防腐剂", "绝对没有房府记"),
        ("有机玩具的。", None, None),
    ],
)
def test_found_by_sound(book: RuleBook, said: str, quote: str | None, heard: str | None) -> None:
    found = claims(said, book)
    assert [(claim.quote, claim.heard) for claim in found] == ([(quote, heard)] if quote else [])
    for claim in found:
        assert claim.confidence < 0.9
        assert claim.trace[1].message.code == "detect.matched.sound"
        assert dict(claim.trace[1].message.args)["quote"] == quote


def test_by_sound_can_be_turned_off(book: RuleBook) -> None:
    assert claims("它能提搞免翼力呀", book, options=ClaimOptions(by_sound=False)) == []


def test_loose_patterns_are_looked_for_by_sound_only_where_somebody_can_listen(book: RuleBook) -> None:
    assert [claim.quote for claim in claims("这是扛不住的饼", book)] == ["扛不住的病"]
    assert claims(transcript("这是扛不住滴饼", source="script.txt"), book) == []


@pytest.mark.parametrize(
    ("said", "in_speech", "in_text"),
    [
        ("零天家", True, True),  # the same sound
        ("林天家", True, True),
        ("灵天恰", True, False),
        ("灵面家", False, False),
    ],
)
def test_in_a_text_words_must_sound_nearer_than_in_speech(
    book: RuleBook, said: str, in_speech: bool, in_text: bool
) -> None:
    assert [claim.quote for claim in claims(said, book)] == ["零添加"] * in_speech
    assert [claim.quote for claim in claims(transcript(said, source="a.srt"), book)] == ["零添加"] * in_text
    assert claims(said, book, options=ClaimOptions(limits_in_speech=(-1.0, -1.0, 0.1))) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("扛不住的饼", 1),
        ("扛没住的病", 0),  # a denial that is not in the claim
        ("扛不不住的饼", 0),
        ("抗补住的病", 1),
        ("扛不住的马", 0),  # the same but for one word
        ("抗不住滴饼", 1),
        ("净重三克", 1),
        ("经重九客", 1),  # figures may be misspelt, but not be other words
        ("扛不住的九", 0),
    ],
)
def test_by_sound_other_words_are_no_claim(book: RuleBook, said: str, found: int) -> None:
    assert len(claims(said, book)) == found


def test_what_is_written_beats_what_sounds_alike(book: RuleBook) -> None:
    (claim,) = claims("预防咳嗽", book)
    assert (claim.quote, claim.trace[1].message.code) == ("预防咳嗽", "detect.matched.written")


@pytest.mark.parametrize(("pause_s", "found"), [(0.3, 1), (1.0, 0)])
def test_written_words_are_found_across_utterances(book: RuleBook, pause_s: float, found: int) -> None:
    assert len(claims(transcript("它能提高免疫力", "零添", "加", pause_s=0.3), book)) == 2
    said = transcript("绝对没有防", "腐剂", pause_s=pause_s)
    written = claims(said, book, options=ClaimOptions(by_sound=False))
    assert [claim.quote for claim in written] == ["绝对没有防腐剂"] * found


def test_a_certificate_is_one_claim_however_often_a_sentence_says_it(book: RuleBook) -> None:
    assert quotes("我们是有机种植的，有有机认证。", book) == [("certification.organic", "有机种植")]
    assert quotes("我们是有机种植的。有有机认证。", book) == [
        ("certification.organic", "有机种植"),
        ("certification.organic", "有机认证"),
    ]
    assert quotes("零添加，没有防腐剂。", book) == [
        ("purity.additive", "零添加"),
        ("purity.additive", "没有防腐剂"),
    ]


def test_quotes_have_no_comma_at_their_ends(book: RuleBook) -> None:
    for claim in claims("好，能治咳嗽，真的，绝对，没有防腐剂，净重五斤，的", book):
        assert claim.quote.strip("，。") == claim.quote


# ---- times and sureness


def test_times_are_those_of_the_words(book: RuleBook) -> None:
    words = [word("每天", 1.0, 2.0), word("能治", 2.0, 3.0), word("咳嗽", 3.0, 4.0), word("的", 4.0, 5.0)]
    (claim,) = claims(transcript(utterance("每天能治咳嗽的", 1.0, 5.0, words=words)), book)
    assert (claim.start_ms, claim.end_ms) == (2000, 4000)
    assert claim.sentence == "每天能治咳嗽的"


def test_written_claims_are_as_sure_as_the_recogniser(book: RuleBook) -> None:
    def sureness(probability: float) -> float:
        (claim,) = claims(transcript(utterance("零添加", words=[word("零添加", 0.0, 1.0, probability)])), book)
        return claim.confidence

    assert 1.0 >= sureness(0.9) > sureness(0.2) >= 0.8


def test_longer_words_by_sound_are_surer(book: RuleBook) -> None:
    (short,), (long,) = claims("零天家", book), claims("绝对没有房府记", book)
    assert short.confidence < long.confidence


# ---- which product


OFFERS = segments(("A", 0.0, 10.0), ("B", 10.0, 20.0))


@pytest.mark.parametrize(
    ("said", "named", "product", "by"),
    [
        (utterance("这个零添加", 2.0, 4.0), None, "A", "on_offer"),
        (utterance("这个零添加", 12.0, 14.0), None, "B", "on_offer"),
        (utterance("这个零添加", 30.0, 32.0), None, None, "unknown"),
        # named in the clause of the claim
        (utterance("香菇酱零添加", 2.0, 8.0), mentions(("B", 2.0, 5.0)), "B", "named"),
        # ... in another clause
        (utterance("香菇酱呢，这个零添加", 2.0, 9.0), mentions(("B", 2.0, 5.0)), "A", "on_offer"),
        # ... beside the one on offer
        (utterance("脐橙香菇酱零添加", 2.0, 10.0), mentions(("A", 2.0, 4.0), ("B", 4.0, 7.0)), "A", "on_offer"),
        (utterance("香菇酱零添加", 30.0, 36.0), mentions(("B", 30.0, 33.0)), "B", "named"),
        # of two, the last one before the claim
        (utterance("香菇酱枸杞零添加", 2.0, 10.0), mentions(("B", 2.0, 5.0), ("C", 5.0, 7.0)), "C", "named"),
        (utterance("零添加的香菇酱", 2.0, 9.0), mentions(("B", 6.0, 9.0)), "B", "named"),
    ],
)
def test_product(book: RuleBook, said, named, product: str | None, by: str) -> None:
    (claim,) = claims(transcript(said), book, OFFERS, named)
    assert claim.product == product
    assert claim.trace[-1].message.code == f"detect.product.{by}"


def test_an_unsure_mention_names_nothing(book: RuleBook) -> None:
    sure = mentions(("B", 2.0, 5.0))
    unsure = Mentions(recording="r1", mentions=(msgspec.structs.replace(sure.mentions[0], confidence=0.4),))
    (claim,) = claims(transcript(utterance("香菇酱零添加", 2.0, 8.0)), book, OFFERS, unsure)
    assert claim.product == "A"


# ---- ids, order, trace


SAID = ("它能治咳嗽，零添加。", "有宝宝问能不能治失眠，这个我们不敢说。", "零添加，净重250克，有机种植的。", "零天家。")


def shifted(said: Transcript, ms: int) -> Transcript:
    return msgspec.structs.replace(
        said,
        utterances=tuple(
            msgspec.structs.replace(item, id=f"x{item.id}", start_ms=item.start_ms + ms, end_ms=item.end_ms + ms)
            for item in said.utterances
        ),
    )


def test_ids_hold_no_times(book: RuleBook) -> None:
    before, after = claims(transcript(*SAID), book), claims(shifted(transcript(*SAID), 12_345), book)
    assert [claim.id for claim in before] == [claim.id for claim in after]
    assert [claim.start_ms + 12_345 for claim in before] == [claim.start_ms for claim in after]


def test_ids_tell_claims_apart(book: RuleBook) -> None:
    found = claims(transcript(*SAID), book)
    assert len({claim.id for claim in found}) == len(found) > 6
    (here,) = claims("零添加", book)
    (there,) = claims(transcript("零添加", recording="r2"), book)
    (other,) = claims(transcript("零添加"), book, segments(("A", 0.0, 9.0)))
    assert len({here.id, there.id, other.id}) == 3


def test_a_new_first_word_leaves_the_ids_of_the_rest(book: RuleBook) -> None:
    before = {claim.quote: claim.id for claim in claims("能治咳嗽，净重五斤", book)}
    after = {claim.quote: claim.id for claim in claims("零添加，能治咳嗽，净重五斤", book)}
    assert before.items() <= after.items()


def test_the_same_input_gives_the_same_bytes_in_order_of_time(book: RuleBook) -> None:
    found = claims(transcript(*SAID), book)
    again = claims(transcript(*SAID), book)
    backwards = msgspec.structs.replace(book, rules=book.rules[::-1], sets=book.sets[::-1])
    assert msgspec.json.encode(found) == msgspec.json.encode(again)
    assert [claim.start_ms for claim in found] == sorted(claim.start_ms for claim in found)
    assert claims(transcript(*SAID), backwards) == found


def test_the_trace_tells_the_way_from_sound_to_meaning(book: RuleBook) -> None:
    (claim,) = claims("有宝宝问能不能治失眠。", book)
    assert [step.step for step in claim.trace] == ["heard", "matched", "meant", "meant"]
    codes = [step.message.code for step in claim.trace]
    assert codes == ["detect.heard", "detect.matched.written", "detect.meant.reported", "detect.product.unknown"]
    assert dict(claim.trace[2].message.args)["cue"] == "有宝宝问"
    assert dict(claim.trace[0].message.args)["sentence"] == claim.sentence


def test_nothing_said(book: RuleBook) -> None:
    found = find_claims(transcript(), book, Segments(recording="r1"), Mentions(recording="r1"))
    assert found.claims == ()
    assert found.rules_version == book.version


def test_a_book_without_cues_takes_every_claim_as_meant(tmp_path: Path) -> None:
    bare = msgspec.structs.replace(rule_book(tmp_path, RULES, WORDS), stance=())
    assert [claim.stance for claim in claims("有宝宝问是治失眠的，不能治失眠", bare)] == ["asserted", "asserted"]
