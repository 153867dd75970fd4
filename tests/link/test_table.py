"""The feature table as a file, and its data dictionary."""

import io
import json
from datetime import date, datetime

import polars as pl
import pytest

from streamlens.link.table import columns, csv, frame, parquet
from streamlens.schema import Claimed, Crowd, FeatureRow, Features, Heard, Key, Offer, Sold


def moment(recording: str = "r1", start_ms: int = 0, **groups: object) -> FeatureRow:
    return FeatureRow(
        key=Key(recording=recording, unit="minute", start_ms=start_ms, end_ms=start_ms + 60_000), **groups
    )  # type: ignore[arg-type]


TABLE = Features(
    recording="r1",
    rows=(
        moment(crowd=Crowd(comments=0, online_mean=12.5), offer=Offer(product="=A1", product_name="脐橙")),
        FeatureRow(
            key=Key(
                recording="r1",
                unit="segment",
                start_ms=0,
                end_ms=1,
                day=date(2026, 9, 20),
                started_at=datetime(2026, 9, 20, 18),
            )
        ),
    ),
)


def test_every_column_is_explained() -> None:
    listed = columns()
    assert len({column.name for column in listed}) == len(listed)
    for column in listed:
        assert column.what, column.name
        assert column.source, column.name
        assert (
            column.unit
            or column.type in ("text", "date", "time")
            or column.name in ("place", "turn", "link", "weekday")
        )
    never = {column.name for column in listed if not column.null}
    assert never == {"recording", "unit", "start_ms", "end_ms", "minutes_in", "row_min", "products_on", "recorded_rate"}


def test_each_meaning_is_one_sentence_of_its_own() -> None:
    said = [column.what for column in columns()]
    assert {what for what in said if said.count(what) > 1} <= {"catalogue or derived"}


def test_the_file_has_the_columns_of_the_dictionary_with_their_types() -> None:
    table = frame([TABLE])
    assert table.columns == [column.name for column in columns()]
    kinds = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "date": pl.Date, "time": pl.Datetime("ms")}
    assert [table.schema[column.name] for column in columns()] == [kinds[column.type] for column in columns()]


def test_null_is_null_and_nought_is_nought() -> None:
    table = pl.read_parquet(io.BytesIO(parquet([TABLE])))
    assert table["comments"].to_list() == [0, None]
    assert table["orders"].to_list() == [None, None]
    assert table["online_mean"].to_list() == [12.5, None]
    assert table["day"].to_list() == [None, date(2026, 9, 20)]
    assert table["started_at"].to_list()[1] == datetime(2026, 9, 20, 18)


def test_columns_that_are_null_in_one_recording_go_with_those_that_are_not_in_another() -> None:
    other = Features(recording="r2", rows=(moment("r2", crowd=Crowd(comments=7), sold=Sold(orders=1)),))
    table = frame([TABLE, Features(recording="none"), other])
    assert table["recording"].to_list() == ["r1", "r1", "r2"]
    assert table["orders"].to_list() == [None, None, 1]


def test_the_same_rows_give_the_same_bytes() -> None:
    assert parquet([TABLE]) == parquet(iter([TABLE]))
    assert csv([TABLE]) == csv([TABLE])


def test_a_table_without_rows_has_its_columns() -> None:
    table = pl.read_parquet(io.BytesIO(parquet([])))
    assert table.height == 0
    assert table.columns == [column.name for column in columns()]
    assert csv([]).decode("utf-8-sig").startswith("recording,unit,")


def test_the_dictionary_travels_in_the_file() -> None:
    metadata = pl.read_parquet_metadata(io.BytesIO(parquet([TABLE])))
    told = {each["name"]: each for each in json.loads(metadata["streamlens.columns"])}
    assert told["gmv_fen"]["unit"] == "fen"
    assert told["comments"]["null"].startswith("the stream has no file of comments")


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    text = csv([TABLE]).decode("utf-8-sig")
    assert ",'=A1," in text
    assert "脐橙" in text


@pytest.mark.parametrize("group", [Claimed, Crowd, Heard, Sold])
def test_an_empty_group_knows_nothing(group: type) -> None:
    assert {getattr(group(), name) for name in group.__struct_fields__} <= {None, 1.0}  # type: ignore[attr-defined]
