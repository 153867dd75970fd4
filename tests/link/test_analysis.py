"""All that is said of a table, or refused."""

from functools import cache
from typing import Any

import msgspec
import polars as pl
import pytest

from streamlens.errors import InputError
from streamlens.link.analysis import Analysed, AnalysisOptions, analyse
from streamlens.link.honesty import Minima
from streamlens.link.scope import stream_sales
from streamlens.link.simulate import SimulationOptions, simulate
from streamlens.link.tidy import tables
from streamlens.schema import Analysis

FAST = AnalysisOptions(models=("poisson", "linear"), folds=4, jobs=1)


@cache
def table(effect: float = 4.0, streams: int = 16, pitches: int = 20) -> pl.DataFrame:
    options = SimulationOptions(
        anchors=8, streams=streams, pitches=pitches, minutes=True, heterogeneity=0.0,
        effects=(("answers_given_per_min", effect), ("scarcity_talk_per_min", 0.0)),
    )  # fmt: skip
    made: pl.DataFrame = simulate(3, options=options).with_net().table
    return made


def ask(frame: pl.DataFrame, options: AnalysisOptions = FAST, **more: Any) -> Analysed:
    return analyse(frame, stream_sales(frame), window_s=300, lag_s=0, options=options, **more)


@cache
def whole() -> Analysed:
    return ask(table())


def test_a_planted_effect_is_told_and_a_null_is_not() -> None:
    told = {each.treatment: each for each in whole().record.effects}
    answers = told["answers_given_per_min"]
    assert answers.estimate.low > 0 and answers.estimate.low <= 4.0 <= answers.estimate.high
    assert answers.q_value is not None and answers.q_value < 0.05
    assert told["scarcity_talk_per_min"].estimate.low <= 0 <= told["scarcity_talk_per_min"].estimate.high


def test_q_values_are_those_of_all_effects_together() -> None:
    effects = whole().record.effects
    assert all((each.q_value or 0) >= (each.estimate.p_value or 0) for each in effects)
    assert max(each.q_value or 0 for each in effects) == pytest.approx(
        max(each.estimate.p_value or 0 for each in effects)
    )


def test_every_model_is_tried_under_every_split_and_both_are_set_side_by_side() -> None:
    record = whole().record
    assert {(each.model, each.split) for each in record.evaluations} == {
        (model, split) for model in FAST.models for split in ("random", "recording", "anchor", "forward")
    }
    assert {each.model for each in record.optimism} == set(FAST.models)
    by = {(each.model, each.split): each.score.d2 for each in record.evaluations}
    for each in record.optimism:
        assert each.split == record.honest == "anchor"
        assert each.d2 == pytest.approx(by[each.model, "random"] - by[each.model, "anchor"])


def test_columns_made_of_sales_are_refused_by_name_and_never_features() -> None:
    record = whole().record
    refused = {leak.column for leak in record.leaks}
    assert {"orders", "units", "gmv_fen", "refund_fen", "units_net"} <= refused
    assert not refused & set(record.features)
    spoilt = table().with_columns(supported_rate=pl.col("orders_net") * 2.0)
    found = ask(spoilt).record
    assert "supported_rate" in {leak.column for leak in found.leaks}
    assert "supported_rate" not in found.features
    assert "supported_rate" not in {each.feature for each in found.associations}


def test_every_statement_has_its_panel() -> None:
    record = whole().record
    held = dict(record.held)
    for kind in ("association", "model", "profile", "change", *(f"effect {each.treatment}" for each in record.effects)):
        assert [each.factor for each in held[kind]] == [
            "price", "discount", "position", "traffic", "time", "product", "anchor",
        ]  # fmt: skip
    assert {each.state for each in held["effect answers_given_per_min"]} == {"held"}
    assert {each.factor for each in held["association"] if each.state == "open"} >= {"price", "product"}


def test_what_there_is_no_data_of_is_missing_in_the_panel() -> None:
    record = ask(table().drop("discount_rate", "price_fen")).record
    panel = {each.factor: each.state for each in dict(record.held)["effect answers_given_per_min"]}
    assert panel["discount"] == panel["price"] == "missing"
    assert "discount_rate" in record.unknown


def test_too_few_streams_are_refused_with_what_is_missing_and_still_described() -> None:
    few = table().filter(pl.col("recording").is_in([f"stream{n:03}" for n in range(3)]))
    found = ask(few)
    assert found.model is None and found.record.refused
    assert {(lack.what, lack.needs, lack.has) for lack in found.record.refused.lacks} >= {
        ("streams", 8, 3),
        ("anchors", 4, 3),
    }
    assert found.record.scope.streams == 3 and found.record.scope.orders
    assert not found.record.effects and not found.record.evaluations


def test_without_orders_it_says_so() -> None:
    empty = table().with_columns(
        pl.lit(None, dtype=pl.Int64).alias(name) for name in ("orders_net", "units_net", "gmv_net_fen")
    )
    found = ask(empty).record
    assert found.refused and found.scope.orders is None
    assert {lack.what for lack in found.refused.lacks} >= {"streams", "events", "rows"}


def test_one_anchor_is_enough_where_nothing_is_said_of_others() -> None:
    lone = table().with_columns(anchor=pl.lit("one"))
    assert ask(lone).record.refused
    found = ask(lone, msgspec.structs.replace(FAST, cluster="recording")).record
    assert not found.refused and found.honest == "recording"
    assert {each.clustered_by for each in found.effects} == {"recording"}
    assert any(message.code == "link.caution.these_anchors" for each in found.effects for message in each.cautions)


def test_a_stream_without_an_anchor_is_named_before_anything_fails() -> None:
    nameless = table().with_columns(
        anchor=pl.when(pl.col("recording") == "stream015").then(None).otherwise(pl.col("anchor"))
    )
    found = ask(nameless).record
    assert found.refused and [lack.what for lack in found.refused.lacks] == ["named_anchors"]


@pytest.mark.parametrize(
    ("name", "said"), [("orders", "made of sales"), ("gmv_net_fen", "made of sales"), ("pace", "not in the table")]
)
def test_an_effect_that_cannot_be_asked_is_an_error(name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ask(table(), msgspec.structs.replace(FAST, effects=(name,)))


def test_without_viewers_pitches_are_compared_as_they_are() -> None:
    unseen = table().with_columns(viewer_minutes=pl.lit(None, dtype=pl.Float64))
    found = ask(unseen).record
    assert found.scale == "total" and {each.scale for each in found.effects} == {"total"}
    assert "link.note.no_viewers" in {note.code for note in found.notes}
    assert not found.profiles


def test_turnover_is_an_outcome_too() -> None:
    found = ask(table(), msgspec.structs.replace(FAST, outcome="gmv", models=("tweedie",))).record
    assert {each.outcome for each in found.effects} == {"gmv_net_fen"}
    assert {each.change.outcome for each in found.changes} == {"gmv_fen"}


def test_changes_add_up_for_each_anchor_with_enough_streams() -> None:
    found = whole().record.changes
    streams = table().group_by("anchor").agg(pl.col("recording").n_unique())
    assert {each.anchor for each in found} == set(streams.filter(pl.col("recording") >= 4)["anchor"])
    for each in found:
        change = each.change
        assert sum(factor.amount for factor in change.factors) == pytest.approx(change.after - change.before)
        assert each.before_until < each.after_from


def test_minima_can_be_raised() -> None:
    strict = msgspec.structs.replace(FAST, minima=Minima(events=10**9))
    found = ask(table(), strict).record
    assert found.refused and [lack.what for lack in found.refused.lacks] == ["events"]


def test_the_record_survives_json_and_its_tables_hold_it() -> None:
    record = whole().record
    assert msgspec.json.decode(msgspec.json.encode(record), type=Analysis) == record
    frames = tables(record, table())
    assert frames["models"].height == len(record.evaluations)
    assert set(frames["effects"]["estimator"]) == {"double_machine_learning", "naive", "adjusted_regression"}
    dml = frames["effects"].filter(pl.col("estimator") == "double_machine_learning")
    assert dml["low"].to_list() == [each.estimate.low for each in record.effects]
    assert frames["splits"]["optimism_d2"].to_list() == [each.d2 for each in record.optimism]
    assert frames["outcomes"].height == table().height
    assert frames["leaks"].height == len(record.leaks)


def test_tables_without_rows_have_their_columns() -> None:
    few = table().filter(pl.col("recording") == "stream000")
    frames = tables(ask(few).record, few)
    assert frames["effects"].height == 0 and "estimator" in frames["effects"].columns
    assert frames["refusals"].height >= 3


def test_the_same_table_gives_the_same_record() -> None:
    assert ask(table(), watch=lambda *_: None).record == whole().record
