"""Claims on screen: which texts make them, for how long, about what, and how they are meant."""

from collections.abc import Sequence

import pytest

from make import catalogue, claim, product, segments
from streamlens.detect.rules import load_rules
from streamlens.detect.shown import ShownOptions, find_shown
from streamlens.schema import Catalogue, Claim, Claims, Screen, ScreenText, Segments
from streamlens.shipped import shipped

BOOK = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
TOP = 130


def text(
    words: str, start_s: float = 10, end_s: float = 50, *, top: int = TOP, left: int = 30, sort: str = "standing",
    sure: float = 0.999,
) -> ScreenText:  # fmt: skip
    return ScreenText(
        start_ms=round(start_s * 1000), end_ms=round(end_s * 1000), text=words, box=(left, top, left + 400, top + 50),
        confidence=sure, sort=sort, seen=9,  # type: ignore[arg-type]
    )  # fmt: skip


def found(
    *texts: ScreenText, sold: Catalogue | None = None, on_offer: Segments | None = None, spoken: Sequence[Claim] = ()
) -> tuple[Claim, ...]:
    given = Claims(recording="r1", rules_version="7", claims=tuple(spoken), coverage=0.5)
    screen = Screen(recording="r1", texts=texts)
    made = find_shown(given, screen, sold or Catalogue(), on_offer or segments(), BOOK)
    assert (made.recording, made.rules_version, made.coverage) == ("r1", "7", 0.5)
    return made.claims


def test_a_banner_is_one_claim_over_its_whole_time() -> None:
    (one,) = found(text("现摘现发坏果包赔", 9, 54))
    assert (one.kind, one.quote, one.heard, one.stance) == ("freshness.harvest", "现摘现发", "现摘现发", "asserted")
    assert (one.channel, one.start_ms, one.end_ms, one.sentence) == ("screen", 9000, 54_000, "现摘现发坏果包赔")
    assert [step.step for step in one.trace] == ["seen", "matched", "meant", "meant"]
    assert dict(one.trace[0].message.args) == {"text": "现摘现发坏果包赔", "seconds": "45", "seen": "9"}


@pytest.mark.parametrize("sort", ["comment", "passing"])
def test_only_what_stands_is_the_sellers(sort: str) -> None:
    assert found(text("这个能治糖尿病", sort=sort)) == ()


@pytest.mark.parametrize(
    ("words", "stance"),
    [
        ("本品不能代替药物", "negated"),
        ("请勿用于治疗疾病", "negated"),
        ("能治高血压吗", "question"),
        ("每天一勺降血压", "asserted"),
    ],
)
def test_a_text_means_what_it_says(words: str, stance: str) -> None:
    assert [each.stance for each in found(text(words))] == [stance]


def test_a_disclaimer_over_two_lines_is_one() -> None:
    for claims in (
        found(text("保健食品不是药物，不能代替药物治疗疾病")),
        found(text("保健食品不是药物，不能"), text("代替药物治疗疾病", top=TOP + 60)),
    ):
        assert {(one.kind, one.stance) for one in claims} == {("health.disease", "negated")}


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (text("全网最"), text("低价来袭", top=TOP + 60)),  # neither line says 最低价
        (text("全网最"), text("低价来袭", top=700)),
        (text("全网最"), text("低价来袭", 30, 70, top=TOP + 60)),
    ],
)
def test_two_lines_do_not_make_a_claim_that_neither_makes(above: ScreenText, below: ScreenText) -> None:
    assert [each for each in found(above, below) if "最" in each.heard and "低" in each.heard] == []


def test_lines_apart_in_place_or_time_do_not_speak_for_each_other() -> None:
    """The first line denies what stands below it, and nothing else."""
    together = found(text("本品不能"), text("代替药物", top=TOP + 60))
    apart = found(text("本品不能"), text("代替药物", top=700))
    later = found(text("本品不能"), text("代替药物", 30, 70, top=TOP + 60))
    assert [[each.stance for each in claims] for claims in (together, apart, later)] == [
        ["negated"],
        ["asserted"],
        ["asserted"],
    ]


def test_a_products_own_name_is_no_claim_and_what_is_added_to_it_is() -> None:
    sold = catalogue(product("TD-10", "富硒土豆", aliases=["土豆"]))
    assert found(text("富硒土豆"), sold=sold) == ()
    assert [each.quote for each in found(text("恩施富硒"), sold=sold)] == ["富硒"]


SOLD = catalogue(product("A", "赣南脐橙"), product("B", "秦岭土蜂蜜"))


@pytest.mark.parametrize(
    ("words", "span", "expected"),
    [
        ("百分百纯正", (0, 50), "A"),
        ("百分百纯正", (40, 90), "B"),  # most of its time
        ("百分百纯正", (0, 100), None),  # the whole shop's
        ("秦岭土蜂蜜百分百纯正", (0, 50), "B"),  # named
        ("百分百纯正", (200, 220), None),  # nothing on offer
    ],
)
def test_it_is_about_the_product_named_or_on_offer(words: str, span: tuple[float, float], expected: str | None) -> None:
    (one,) = found(text(words, *span), sold=SOLD, on_offer=segments(("A", 0, 50), ("B", 50, 100)))
    assert one.product == expected


def test_banners_that_take_turns_are_one_claim_each() -> None:
    turns = [
        text(words, at, at + 5) for at in range(0, 60, 10) for words, at in (("现摘现发", at), ("百分百纯正", at + 5))
    ]
    claims = found(*turns)
    assert [(each.quote, each.start_ms, each.end_ms) for each in claims] == [
        ("现摘现发", 0, 55_000), ("百分百纯正", 5000, 60_000),
    ]  # fmt: skip
    again = find_shown(
        Claims(recording="r1", rules_version="7"), Screen(recording="r1", texts=tuple(turns)), Catalogue(), segments(), BOOK,
        options=ShownOptions(again_ms=1000),
    )  # fmt: skip
    assert len(again.claims) == 12


def test_what_is_read_unsurely_is_claimed_unsurely() -> None:
    """All characters must be right; the reader states how sure it is of one."""
    (sure,), (unsure,) = found(text("现摘现发", sure=0.99)), found(text("现摘现发", sure=0.8))
    assert sure.confidence == pytest.approx(0.99**4, abs=0.001)
    assert unsure.confidence == pytest.approx(0.8**4, abs=0.001)
    assert unsure.confidence < 0.5 < sure.confidence


def test_spoken_claims_stay_and_all_are_in_order_with_ids_of_their_own() -> None:
    spoken = claim("c1", "能治糖尿病", 20)
    claims = found(text("现摘现发", 10, 50), text("百分百纯正", 30, 40, top=400), spoken=[spoken])
    assert [each.channel for each in claims] == ["screen", "speech", "screen"]
    assert claims[1] == spoken
    assert len({each.id for each in claims}) == 3
