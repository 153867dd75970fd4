"""Associations, profiles and the simulator, on tables whose truth is known."""

import numpy as np
import polars
import pytest

from streamlens.link.associations import AssociationOptions, associations
from streamlens.link.profile import within_pitch
from streamlens.link.simulate import SimulationOptions, simulate
from streamlens.link.table import columns
from streamlens.report.messages import LANGS, catalogue, word
from streamlens.schema import Association, Profile, Refusal


def test_the_same_seed_gives_the_same_corpus() -> None:
    options = SimulationOptions(anchors=3, streams=4, pitches=5, minutes=True)
    assert simulate(7, options=options).table.equals(simulate(7, options=options).table)
    assert not simulate(7, options=options).table.equals(simulate(8, options=options).table)


def test_minutes_add_up_to_their_pitches() -> None:
    table = simulate(7, options=SimulationOptions(anchors=3, streams=4, pitches=5, minutes=True)).table
    pitches, minutes = (table.filter(table["unit"] == unit) for unit in ("segment", "minute"))
    for name in ("orders", "gmv_fen", "answers_given", "row_min", "refunded_orders"):
        assert pitches[name].sum() == minutes[name].sum()
    assert pitches["viewer_minutes"].sum() == pytest.approx(minutes["viewer_minutes"].sum())


def test_what_is_drawn_has_the_planted_means() -> None:
    corpus = simulate(9, options=SimulationOptions(streams=200, anchors=20))
    net = corpus.table["orders"] - corpus.table["refunded_orders"]
    expected = (corpus.expected_rate * corpus.table["viewer_minutes"].to_numpy() / 1000).sum()
    assert net.sum() == pytest.approx(expected, rel=0.03)


def test_associations_are_worded_as_no_more_than_that() -> None:
    table = simulate(3).table
    found = associations(table, ["pace_cpm", "units"])
    assert [each.feature for each in found if isinstance(each, Association)] == ["pace_cpm"], "units are sales"
    first = found[0]
    assert isinstance(first, Association)
    assert first.statement.code == "link.association.more", "pace has no effect, but goes along with sales"
    assert "no cause" in word(first.statement, "en") and "不说明因果" in word(first.statement, "zh")


@pytest.mark.parametrize("correction", ["benjamini_hochberg", "holm"])
def test_of_many_features_that_say_nothing_hardly_one_is_told(correction: str) -> None:
    table = simulate(3).table
    rng = np.random.default_rng(1)
    table = table.with_columns(**{f"x{place}": rng.normal(size=table.height) for place in range(40)})
    found = associations(
        table, [f"x{place}" for place in range(40)],
        options=AssociationOptions(correction=correction),  # type: ignore[arg-type]
    )  # fmt: skip
    assert sum(each.statement.code != "link.association.none" for each in found if isinstance(each, Association)) <= 1


def test_too_few_streams_are_refused() -> None:
    table = simulate(3, options=SimulationOptions(streams=3, minutes=True)).table
    for found in (associations(table, ["pace_cpm"])[0], within_pitch(table, "pace_cpm")):
        assert isinstance(found, Refusal)
        assert found.lacks[0].what == "streams"


def pitches(slopes: tuple[float, float, float], seed: int = 1) -> polars.DataFrame:
    """Pitches of six minutes: the feature, a new number every two of them, moves the whole pitch's orders by `slopes`."""
    rng = np.random.default_rng(seed)
    rows = []
    for stream in range(16):
        for place in range(20):
            seen = rng.normal(size=3)
            orders = int(rng.poisson(max(60 + float(np.dot(slopes, seen)) + stream, 1)))
            shared = {
                "recording": f"s{stream}", "anchor": f"a{stream % 8}", "product": "p", "minutes_in": place * 6.0,
            }  # fmt: skip
            start = place * 360_000
            rows.append({**shared, "unit": "segment", "start_ms": start, "end_ms": start + 360_000, "orders": orders,
                         "viewer_minutes": 1000.0, "x": float(seen.mean())})  # fmt: skip
            parts = rng.multinomial(orders, [1 / 6] * 6)
            rows += [
                {**shared, "unit": "minute", "start_ms": start + at * 60_000, "end_ms": start + (at + 1) * 60_000,
                 "orders": int(parts[at]), "viewer_minutes": 1000 / 6, "x": float(seen[at // 2])}
                for at in range(6)
            ]  # fmt: skip
    return polars.DataFrame(rows)


@pytest.mark.parametrize(("slopes", "code"), [
    ((6.0, -6.0, 6.0), "link.profile.dip"),
    ((0.0, 8.0, 0.0), "link.profile.peak"),
    ((4.0, 4.0, 4.0), "link.profile.level"),
])  # fmt: skip
def test_the_profile_of_a_pitch_is_found(slopes: tuple[float, float, float], code: str) -> None:
    found = within_pitch(pitches(slopes), "x")
    assert isinstance(found, Profile)
    assert found.shape.code == code
    assert [part.part for part in found.parts] == ["start", "middle", "end"]
    for part, slope in zip(found.parts, slopes, strict=True):
        assert part.slope.low - 0.5 <= slope <= part.slope.high + 0.5
        assert part.outcome_rate == pytest.approx(67, abs=4)


def test_every_code_of_the_sentences_exists() -> None:
    """Codes are put together from parts, so they are listed here by what can be put in."""
    wanted = {
        "effect": "raises lowers unclear", "association": "more less none", "gain": "better no_better worse few_groups",
        "optimism": "some none", "profile": "dip peak level", "outcome": "unpriced unnamed by_time none",
        "leak": "declared name copy combination accounts_for counter twin after",
        "caution": "unadjusted traffic_held these_anchors few_clusters robustness",
    }  # fmt: skip
    codes = {f"link.{group}.{name}" for group, names in wanted.items() for name in names.split()}
    for lang in LANGS:
        assert codes - catalogue(lang).keys() == set()


def test_the_simulator_has_the_columns_of_the_feature_table() -> None:
    assert set(simulate(1, options=SimulationOptions(streams=2, minutes=True)).table.columns) <= {
        each.name for each in columns()
    }
