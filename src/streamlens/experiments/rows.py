"""The tables that experiments on sales learn from: simulated, a file, or the features of a workspace."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from streamlens.errors import InputError
from streamlens.experiments.grid import Given
from streamlens.experiments.plan import TableData
from streamlens.link.library import needs_link
from streamlens.link.simulate import simulate
from streamlens.link.table import frame
from streamlens.outcome import each
from streamlens.schema import Features
from streamlens.store import Store, digest

if TYPE_CHECKING:
    import polars

TABLES = (".parquet", ".csv")


def load_rows(data: TableData, root: Path) -> "Given[polars.DataFrame]":
    """The table of a plan's `[data]`; paths are relative to `root`. Raises InputError."""
    needs_link()
    if data.simulate:
        settings = msgspec.json.encode(data.simulate)
        table = simulate(data.simulate.seed, options=data.simulate).table
        what = f"simulated: {data.simulate.anchors} anchors, {data.simulate.streams} streams, {table.height} rows"
        given = Given(what=what, digests=(("simulate", digest(settings)),), data=table)
    elif data.table:
        given = _file(root / data.table, data.table)
    else:
        given = _workspace(root / data.workspace, data.workspace)
    table = _named(given.data, data.columns)
    digests = (*given.digests, *((f"columns.{ours}", theirs) for ours, theirs in sorted(data.columns.items())))
    return msgspec.structs.replace(given, data=table, digests=digests)


def _file(path: Path, name: str) -> "Given[polars.DataFrame]":
    import polars

    if path.suffix.lower() not in TABLES:
        raise InputError(str(path), "is neither Parquet nor CSV", "`streamlens features` writes both")
    try:
        content = path.read_bytes()
        table = polars.read_parquet(content) if path.suffix.lower() == ".parquet" else _csv(content)
    except OSError as error:
        raise InputError(
            str(path), f"cannot be read ({error.strerror})", "paths are relative to the experiment's file"
        ) from error
    except Exception as error:  # polars raises classes of its own for whatever is wrong inside
        raise InputError(str(path), f"is no table ({' '.join(str(error).split())[:120]})", "write it again") from error
    if not table.height:
        raise InputError(str(path), "has no rows", "audit recordings first")
    return Given(
        what=f"{name}: {table.height} rows, {table.width} columns", digests=((name, digest(content)),), data=table
    )


def _csv(content: bytes) -> "polars.DataFrame":
    import polars

    return polars.read_csv(content, infer_schema_length=None, try_parse_dates=True)


def _workspace(path: Path, name: str) -> "Given[polars.DataFrame]":
    lacking: list[str] = []
    features = list(each(Store(path), "features", Features, lacking))
    if not features or not any(one.rows for one in features):
        raise InputError(str(path), "holds no results to learn from", "run `streamlens audit` into it first")
    digests = tuple((f"{name}/{one.recording}", digest(msgspec.json.encode(one))) for one in features)
    table = frame(features)
    what = f"{name}: {len(features)} recordings, {table.height} rows" + (
        f", {len(lacking)} left out" if lacking else ""
    )
    return Given(what=what, digests=digests, data=table)


def _named(table: "polars.DataFrame", columns: dict[str, str]) -> "polars.DataFrame":
    """Columns of the file under the names that the feature table has for them."""
    import polars

    for ours, theirs in columns.items():
        if theirs not in table.columns:
            raise InputError(
                f"data.columns.{ours}", f"{theirs} is not in the table", f"it has {', '.join(table.columns[:12])}"
            )
    table = table.with_columns(polars.col(theirs).alias(ours) for ours, theirs in columns.items())
    if "started_at" in table.columns and table["started_at"].dtype == polars.String:
        table = table.with_columns(
            polars.Series("started_at", [_moment(each) for each in table["started_at"].to_list()])
        )
    if "started_at" in table.columns and table["started_at"].dtype == polars.Date:
        table = table.with_columns(polars.col("started_at").cast(polars.Datetime("ms")))
    return table


def _moment(text: Any) -> datetime | None:
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(str(text), form)
        except ValueError:
            continue
    if text in (None, ""):
        return None
    raise InputError("column started_at", f"{text!r} is no day or time", "write it as 2026-09-20T18:00:00")
