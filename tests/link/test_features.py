"""The feature table of a stream: one sample counted by hand, and what must add up in any."""

import csv
import json
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from streamlens.detect.catalogue import read_catalogue
from streamlens.link.features import make_features
from streamlens.link.focus import find_focus
from streamlens.schema import (
    Audience,
    Catalogue,
    Comment,
    FeatureRow,
    Features,
    Findings,
    Mentions,
    Order,
    Recording,
    Screen,
    Segment,
    Segments,
    Transcript,
    Viewers,
)

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "demo" / "d2-hens"
GOLD = json.loads((ROOT / "tests" / "data" / "streams" / "d2-hens" / "gold.json").read_text(encoding="utf-8"))
BEGAN = datetime(2026, 9, 20, 18)


def features(
    recording: Recording,
    segments: Segments,
    audience: Audience | None,
    catalogue: Catalogue,
    transcript: Transcript | None = None,
) -> Features:
    mentions = Mentions(recording=recording.id)
    return make_features(
        recording,
        catalogue,
        transcript or Transcript(recording=recording.id, coverage=1.0, utterances=()),
        mentions,
        segments,
        Findings(recording=recording.id, rules_version="0", coverage=1.0),
        find_focus(recording, catalogue, segments, mentions, audience),
        Screen(recording=recording.id),
        audience=audience,
    )


def rows_of(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def at(row: dict[str, str]) -> int:
    return round((datetime.fromisoformat(row["time"]) - BEGAN).total_seconds() * 1000)


@pytest.fixture(scope="module")
def hens() -> Features:
    """The sample broadcast with the segments that people marked and its files read here, by a few lines."""
    audience = Audience(
        recording="d2-hens",
        comments=tuple(
            Comment(id=str(n), at_ms=at(row), viewer=row["user"], text=row["text"]) for n, row in enumerate(rows_of("danmaku.csv"))
        ),
        viewers=tuple(
            Viewers(at_ms=at(row), online=int(row["viewers"]), likes=int(row["likes"]), new_followers=int(row["new_followers"]))
            for row in rows_of("viewers.csv")
        ),
        orders=tuple(
            Order(
                at_ms=at(row), order=row["order_id"], product=row["sku"], quantity=int(row["quantity"]),
                amount_fen=round(float(row["amount"]) * 100),
            )
            for row in rows_of("orders.csv")
        ),
    )  # fmt: skip
    segments = Segments(
        recording="d2-hens",
        segments=tuple(
            Segment(
                product=each["sku"],
                start_ms=round(each["start"] * 1000),
                end_ms=round(each["end"] * 1000),
                confidence=1.0,
            )
            for each in GOLD["segments"]
        ),
    )
    recording = Recording(
        id="d2-hens",
        parts=(),
        duration_ms=round(GOLD["duration"] * 1000),
        anchor="老周",
        started_at=BEGAN,
        anchor_role="farmer",
    )
    return features(recording, segments, audience, read_catalogue(DEMO / "catalog.csv"))


def unit(table: Features, *units: str) -> list[FeatureRow]:
    return [moment for moment in table.rows if moment.key.unit in units]


# Counted by hand in demo/d2-hens/orders.csv and danmaku.csv against the segments of gold.json:
# 0 - 7.75 nothing, - 41.3 JD-40, - 71.38 TD-10, - 96.85 SJ-5, - 110.12 JD-40
def test_the_sample_by_segment(hens: Features) -> None:
    rows = unit(hens, "segment", "between")
    assert [moment.offer.product for moment in rows] == [None, "JD-40", "TD-10", "SJ-5", "JD-40"]
    assert [moment.key.turn for moment in rows] == [None, 1, 1, 1, 2]
    assert [moment.sold.orders for moment in rows] == [0, 2, 5, 1, 1]
    assert [moment.sold.orders_own for moment in rows] == [None, 2, 2, 1, 1]
    assert [moment.sold.units_own for moment in rows] == [None, 4, 5, 3, 1]
    assert [moment.sold.gmv_own_fen for moment in rows] == [None, 23_960, 14_950, 8_040, 5_990]
    assert [moment.crowd.comments for moment in rows] == [5, 12, 7, 9, 5]
    assert [moment.offer.price_per_500g_fen for moment in rows][1:3] == [
        pytest.approx(5990 * 500 / 1800),
        pytest.approx(2990 / 9),
    ]


def test_the_sample_by_minute(hens: Features) -> None:
    one, two = unit(hens, "minute")
    assert (one.crowd.comments, two.crowd.comments) == (22, 16)
    assert (one.sold.orders, two.sold.orders) == (5, 4)
    assert (one.crowd.follows, two.crowd.follows) == (2, 3)
    assert one.crowd.online_mean == pytest.approx(
        (416 + 413 + 412 + 410 + 411 + 415 + 406 + 405 + 409 + 413 + 409 + 405) / 12
    )
    assert (one.crowd.online_start, two.crowd.online_start) == (416, 398)
    assert (one.key.hour, one.key.weekday, one.key.anchor_role) == (18, 7, "farmer")
    assert (one.offer.product, two.offer.product) == ("JD-40", "SJ-5")
    assert (one.crowd.gifts, one.crowd.enters, one.asked.questions, one.informed.facts) == (None, None, None, None)


def test_the_sample_adds_up(hens: Features) -> None:
    for units in (("segment", "between"), ("minute",)):
        rows = unit(hens, *units)
        assert sum(moment.sold.gmv_fen or 0 for moment in rows) == round(
            sum(float(row["amount"]) for row in rows_of("orders.csv")) * 100
        )
        assert sum(moment.crowd.comments or 0 for moment in rows) == len(rows_of("danmaku.csv"))
        assert sum(moment.crowd.likes or 0 for moment in rows) == sum(
            int(row["likes"]) for row in rows_of("viewers.csv")
        )
    assert hens.outside == ()


def test_the_air_time_of_the_sample(hens: Features) -> None:
    air: dict[str | None, int] = {}
    for moment in unit(hens, "segment"):
        air[moment.offer.product] = air.get(moment.offer.product, 0) + moment.key.end_ms - moment.key.start_ms
    assert air == {"JD-40": 46_820, "TD-10": 30_080, "SJ-5": 25_470}


SECONDS = st.integers(-20_000, 260_000)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 240_000),
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 30_000), st.integers(1, 60_000)), max_size=6),
    st.lists(SECONDS, max_size=20),
    st.lists(st.tuples(SECONDS, st.sampled_from(["A", "B", None]), st.integers(1, 3)), max_size=20),
)
def test_rows_add_up_to_the_recording(
    duration_ms: int, shown: list[tuple[str, int, int]], comments: list[int], orders: list[tuple[int, str | None, int]]
) -> None:
    """Whatever the stream: what is in it is once in the segments and between them, once in the minutes, or outside."""
    segments, time = [], 0
    for product, gap, length in shown:
        segments.append(Segment(product=product, start_ms=time + gap, end_ms=time + gap + length, confidence=0.5))
        time += gap + length
    audience = make.audience(
        comments=[(ms / 1000, "v") for ms in comments],
        orders=[(ms / 1000, sku, quantity) for ms, sku, quantity in orders],
    )
    recording = make.recording(duration_ms / 1000)
    words = [make.word("好", ms / 1000, ms / 1000) for ms in range(0, duration_ms, 700)]
    said = make.transcript(make.utterance("好" * len(words), 0, duration_ms / 1000, words=words))
    table = features(recording, Segments(recording="r1", segments=tuple(segments)), audience, make.catalogue(), said)
    inside = [order for order in audience.orders if 0 <= order.at_ms < duration_ms]
    outside = dict(table.outside)
    assert outside.get("orders", 0) == len(orders) - len(inside)
    for units in (("segment", "between"), ("minute",)):
        rows = unit(table, *units)
        assert sum(moment.key.row_min for moment in rows) == pytest.approx(duration_ms / 60_000)
        assert sum(moment.sold.units or 0 for moment in rows) == sum(order.quantity for order in inside)
        assert sum(moment.crowd.comments or 0 for moment in rows) + outside.get("comments", 0) == len(comments)
        assert sum(moment.talk.characters or 0 for moment in rows) == len(words)


def test_a_stream_with_nothing_beside_it_has_rows_and_no_numbers() -> None:
    table = features(make.recording(90), Segments(recording="r1"), None, Catalogue())
    assert len(table.rows) == 3
    moment = table.rows[0]
    assert (moment.crowd.comments, moment.sold.orders, moment.offer.price_fen, moment.key.day) == (
        None,
        None,
        None,
        None,
    )
    assert (moment.talk.characters, moment.claimed.claims) == (0, 0)  # it was recorded, and nobody spoke
    assert features(make.recording(0), Segments(recording="r1"), None, Catalogue()).rows == ()


def test_the_day_turns_within_a_stream() -> None:
    recording = msgspec.structs.replace(make.recording(7200), started_at=datetime(2026, 9, 20, 23, 30))
    late = features(recording, make.segments(("A", 3600, 7200)), None, Catalogue()).rows[1]
    assert (str(late.key.day), late.key.hour, late.key.weekday) == ("2026-09-21", 0, 1)
    assert late.key.started_at == datetime(2026, 9, 20, 23, 30)
    assert (late.offer.product, late.offer.product_name, late.offer.products_listed) == ("A", None, None)
