"""Claims that are taken back: in the same breath, or by a later sentence."""

from collections import Counter

import pytest

from make import claim, rule_book, transcript, utterance
from streamlens.detect.claims import find_claims
from streamlens.detect.corrections import CORRECTS_WITHIN_MS, Seen, claim_id, link_corrections
from streamlens.schema import Claim, Mentions, RuleBook, Segments, Transcript

RULES = {
    "health.disease": 'patterns = ["能?(治|预防)(咳嗽|感冒)", "能?降血压"]',
    "health.function": 'patterns = ["驱寒祛湿", "增强抵抗力"]',
    "freshness.harvest": 'patterns = ["今天(早上)?(刚)?摘的", "昨天(下午)?摘的"]',
    "price.lowest": 'patterns = ["全网最低价?"]',
    "quantity.weight": 'patterns = ["净重#斤"]',
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    return rule_book(tmp_path_factory.mktemp("book"), RULES)


def claims(book: RuleBook, *said: str, pause_s: float = 1.0) -> list[Claim]:
    script = transcript(*said, pause_s=pause_s)
    return list(find_claims(script, book, Segments(recording="r1"), Mentions(recording="r1")).claims)


def told(found: list[Claim]) -> list[tuple[str, str, str]]:
    """(quote, stance, the quote that it takes back)"""
    quotes = {claim.id: claim.quote for claim in found}
    return [(claim.quote, claim.stance, quotes.get(claim.corrects or "", "")) for claim in found]


# ---- by a later sentence


@pytest.mark.parametrize(
    ("said", "want"),
    [
        (
            ("姜茶驱寒祛湿。", "三号链接。", "驱寒那个话收回。"),
            [("驱寒祛湿", "asserted", ""), ("驱寒那个话收回", "corrected", "驱寒祛湿")],
        ),
        # misspelt, as a recogniser has it
        (
            ("姜茶驱寒祛湿。", "艾，我说错了刚才，驱寒纳格化书回。"),
            [("驱寒祛湿", "asserted", ""), ("驱寒纳格化书回", "corrected", "驱寒祛湿")],
        ),
        # the claim that it names, not the nearest
        (
            ("这个能治咳嗽。", "全网最低价。", "刚才治咳嗽的那句话不严谨。"),
            [("能治咳嗽", "asserted", ""), ("全网最低价", "asserted", ""), ("治咳嗽", "corrected", "能治咳嗽")],
        ),
        # two in one sentence
        (
            ("能降血压。", "增强抵抗力。", "刚才说的降血压和增强抵抗力都收回。"),
            [
                ("能降血压", "asserted", ""),
                ("增强抵抗力", "asserted", ""),
                ("降血压", "corrected", "能降血压"),
                ("增强抵抗力", "corrected", "增强抵抗力"),
            ],
        ),
        # said again and again, taken back twice
        (
            ("能降血压。", "降血压那个话收回。", "能降血压的。", "哎，降血压这个话我收回。"),
            [
                ("能降血压", "asserted", ""),
                ("降血压", "corrected", "能降血压"),
                ("能降血压", "asserted", ""),
                ("降血压", "corrected", "能降血压"),
            ],
        ),
        # of several words that take back, the nearest
        (
            ("净重五斤。", "驱寒祛湿。", "哎，说错了，刚才说五斤装二十六块八是对的，驱寒那个话收回，不好意思。"),
            [("净重五斤", "asserted", ""), ("驱寒祛湿", "asserted", ""), ("驱寒那个话收回", "corrected", "驱寒祛湿")],
        ),
        # minutes later, in words of their own
        (
            ("能降血压。", "三号链接。", "我收回刚才降血压那句话。"),
            [("能降血压", "asserted", ""), ("降血压", "corrected", "能降血压")],
        ),
        (
            ("净重五斤。", "三号链接。", "哎，前面净重五斤是我看错了，四斤。"),
            [("净重五斤", "asserted", ""), ("净重五斤", "corrected", "净重五斤")],
        ),
        (
            ("全网最低价。", "口误口误，不是全网最低价。"),
            [("全网最低价", "asserted", ""), ("全网最低价", "corrected", "全网最低价")],
        ),
        # nothing of the kind was claimed before
        (("全网最低价。", "驱寒那个话收回。"), [("全网最低价", "asserted", "")]),
        (("今天早上摘的。", "好了，上链接。", "不好意思我口误了，链接是三号。"), [("今天早上摘的", "asserted", "")]),
        # a claim that comes after is not taken back
        (("刚才口误了。", "这个驱寒祛湿的。"), [("驱寒祛湿", "asserted", "")]),
        # what was only denied needs no taking back
        (("这个不能治咳嗽。", "治咳嗽的话我收回。"), [("能治咳嗽", "negated", ""), ("治咳嗽", "corrected", "")]),
    ],
)
def test_retractions(book: RuleBook, said: tuple[str, ...], want: list[tuple[str, str, str]]) -> None:
    assert told(claims(book, *said)) == want


def test_a_claim_that_was_taken_back_is_judged_all_the_same(book: RuleBook) -> None:
    first, second = claims(book, "姜茶驱寒祛湿。", "五斤装。", "驱寒那个话收回。")
    (alone,) = claims(book, "姜茶驱寒祛湿。")
    assert first == alone
    assert (second.corrects, second.rule, second.kind) == (first.id, first.rule, first.kind)
    assert second.start_ms > first.end_ms
    assert second.sentence == "驱寒那个话收回"


def test_of_two_that_say_the_same_the_nearest_is_taken_back(book: RuleBook) -> None:
    _, nearest, taken_back = claims(book, "姜茶驱寒祛湿。", "真的驱寒祛湿的。", "驱寒那个话收回。")
    assert taken_back.corrects == nearest.id


def test_a_claim_taken_back_in_the_words_of_its_rule_is_linked_once(book: RuleBook) -> None:
    first, second, taken_back = claims(book, "能降血压。", "能降血压的。", "哎，降血压这个话我收回。")
    assert taken_back.corrects == second.id
    assert first.stance == second.stance == "asserted"


def test_the_trace_of_a_retraction_tells_what_it_takes_back(book: RuleBook) -> None:
    _, taken_back = claims(book, "姜茶驱寒祛湿。", "那个驱湿的话我们说错了，祛湿不敢讲。")
    assert taken_back.trace[-1].message.code == "detect.meant.retraction"
    assert dict(taken_back.trace[-1].message.args)["quote"] == "驱寒祛湿"


@pytest.mark.parametrize(
    ("after_s", "linked"), [(CORRECTS_WITHIN_MS / 1000 - 10, True), (CORRECTS_WITHIN_MS / 1000 + 10, False)]
)
def test_a_retraction_reaches_back_ten_minutes(book: RuleBook, after_s: float, linked: bool) -> None:
    said = transcript(utterance("姜茶驱寒祛湿。", 0.0), utterance("祛湿那个话收回。", after_s))
    found = find_claims(said, book, Segments(recording="r1"), Mentions(recording="r1")).claims
    assert len(found) == (2 if linked else 1)


# ---- in the same breath


@pytest.mark.parametrize(
    ("said", "want"),
    [
        (
            ("今天早上摘的，哦不对，是昨天下午摘的。",),
            [("今天早上摘的", "corrected", ""), ("昨天下午摘的", "asserted", "")],
        ),
        (("净重五斤，啊说错了，净重四斤。",), [("净重五斤", "corrected", ""), ("净重四斤", "asserted", "")]),
        # said before already: linked
        (
            ("今天早上摘的。", "很甜的。", "今天早上摘的，不对，昨天摘的。"),
            [
                ("今天早上摘的", "asserted", ""),
                ("今天早上摘的", "corrected", "今天早上摘的"),
                ("昨天摘的", "asserted", ""),
            ],
        ),
        (("今天早上摘的。哦不对，昨天摘的。",), [("今天早上摘的", "corrected", ""), ("昨天摘的", "asserted", "")]),
        # a second later it is another sentence, and the claim was made
        (("今天早上摘的。", "哦不对，昨天摘的。"), [("今天早上摘的", "asserted", ""), ("昨天摘的", "asserted", "")]),
        # another claim in the same breath stays
        (
            ("全网最低价，净重五斤，说错了，净重四斤。",),
            [("全网最低价", "asserted", ""), ("净重五斤", "corrected", ""), ("净重四斤", "asserted", "")],
        ),
    ],
)
def test_slips_mended_at_once(book: RuleBook, said: tuple[str, ...], want: list[tuple[str, str, str]]) -> None:
    assert told(claims(book, *said)) == want


@pytest.mark.parametrize(
    ("earlier", "linked"),
    [
        (claim("a", "能治咳嗽", 1.0), True),
        (claim("a", "治好咳嗽", 1.0), True),
        (claim("a", "降血压", 1.0), False),  # another illness
        (claim("a", "能治咳嗽", 1.0, kind="health.function"), False),
        (claim("a", "能治咳嗽", 1.0, stance="negated"), False),
        (claim("a", "能治咳嗽", 99.0), False),  # later
    ],
)
def test_links_go_to_an_earlier_claim_of_the_same_kind_and_words(earlier: Claim, linked: bool) -> None:
    slip = claim("b", "治咳嗽", 50.0, stance="corrected")
    found = link_corrections([earlier, slip])
    assert [one.id for one in found] == ["a", "b"]
    assert found[1].corrects == ("a" if linked else None)
    assert found[0] == earlier


def test_links_go_to_the_nearest() -> None:
    found = link_corrections(
        [claim("a", "治咳嗽", 1.0), claim("b", "治咳嗽", 2.0), claim("c", "治咳嗽", 3.0, stance="corrected")]
    )
    assert found[2].corrects == "b"


# ---- ids


def test_ids_count_the_times_that_the_same_is_claimed() -> None:
    seen: Seen = Counter()
    ids = [
        claim_id("r1", "health.disease", product, quote, seen) for product in ("A", None) for quote in ("x", "x", "y")
    ]
    assert len(set(ids)) == 6
    again: Seen = Counter()
    assert claim_id("r1", "health.disease", "A", "x", again) == ids[0]


def test_a_retraction_keeps_its_id_when_times_shift(book: RuleBook) -> None:
    def ids(start_s: float) -> list[str]:
        said: Transcript = transcript(utterance("姜茶驱寒祛湿。", start_s), utterance("驱寒那个话收回。", start_s + 60))
        return [one.id for one in find_claims(said, book, Segments(recording="r1"), Mentions(recording="r1")).claims]

    assert ids(0.0) == ids(33.0)
