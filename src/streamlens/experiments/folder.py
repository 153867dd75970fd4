"""The run folder: `RUNS/<name>/<digest>/`, all that a run was made from and came to.

Everything in it is the same, byte for byte, when the same experiment is run again on the same data with the same
libraries, but for `timing/`: the log and what each cell cost. `manifest.json` is written last and lists the sha256 of
every other file; a folder without it is not finished.
"""

import io
import json
import platform
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from streamlens.experiments.grid import Cell, Given, libraries
from streamlens.experiments.plan import AnyPlan, Source
from streamlens.experiments.runner import Computed
from streamlens.report.experiment import experiment_page, experiment_plots
from streamlens.report.messages import LANGS
from streamlens.schema import ExperimentReport
from streamlens.store import Store, digest

if TYPE_CHECKING:
    import polars

MANIFEST = "manifest.json"
REPORT = "report.msgpack"  # records, for --compare: JSON has no infinity
UNITS, PREDICTIONS = "units.parquet", "predictions.parquet"
TIMING = "timing"


def run_digest(plan: AnyPlan, given: Given[Any]) -> str:
    """12 hex digits over the resolved plan, the digests of the data, and the libraries."""
    return digest(msgspec.json.encode([plan, given.digests, environment()]))[:12]


def environment() -> dict[str, Any]:
    """What the numbers depend on beside plan and data. Nothing that changes between two runs on one machine."""
    import streamlens

    return {
        "streamlens": streamlens.__version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": libraries(),
    }


def write_run(
    folder: Path, plan: AnyPlan, source: Source, report: ExperimentReport, cells: Sequence[Cell],
    computed: Sequence[Computed],
) -> None:  # fmt: skip
    """All files of a run; those that are there already with the same bytes are left alone."""
    written: dict[str, bytes] = {}
    if source.text:
        written["config.toml"] = source.text.encode()
    written["resolved.json"] = _json(plan)
    written["environment.json"] = _json(environment())
    written["data.json"] = _json({"what": report.data, "digests": dict(report.digests)})
    slim = _slim(report)
    written[REPORT], written["results.json"] = msgspec.msgpack.encode(slim), _json(slim)
    table = metrics_table(report)
    written["metrics.json"] = _json(table.to_dicts())
    written["metrics.csv"] = b"\xef\xbb\xbf" + table.write_csv().encode()
    written["metrics.parquet"] = _parquet(table)
    if (units := units_table(report)) is not None:
        written[UNITS] = _parquet(units)
    if (predictions := predictions_table(report)) is not None:
        written[PREDICTIONS] = _parquet(predictions)
    for name, svg in experiment_plots(report):
        written[f"plots/{name}.svg"] = svg.encode()
    for lang in LANGS:
        name = "report.html" if lang == LANGS[0] else f"report.{lang}.html"
        written[name] = experiment_page(report, lang).encode()
    _timing(folder / TIMING, cells, computed)
    for name, data in written.items():
        path = folder / name
        Store(path.parent).publish(None, path.name, data)
    _drop_others(folder, {*written, MANIFEST})
    Store(folder).publish(None, MANIFEST, _json({name: digest(data) for name, data in sorted(written.items())}))


def _drop_others(folder: Path, kept: set[str]) -> None:
    """What an earlier version wrote and this one does not."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in kept and not name.startswith((f"{TIMING}/", ".")):
            path.unlink()


def _slim(report: ExperimentReport) -> ExperimentReport:
    """The report without the units, which have tables of their own."""
    cells = tuple(
        msgspec.structs.replace(row, result=msgspec.structs.replace(row.result, units=None)) for row in report.cells
    )
    return msgspec.structs.replace(report, cells=cells)


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def metrics_table(report: ExperimentReport) -> "polars.DataFrame":
    """A row a cell and metric: `cell`, the axes, `metric`, `value`, `low`, `high`, `level`, `better`, `units`,
    `groups`; and a row without a value for each cell that has none, with its `problem`."""
    import polars

    axes = list(dict.fromkeys(axis for row in report.cells for axis, _ in row.axes))
    rows: list[dict[str, Any]] = []
    for row in report.cells:
        own = dict(row.axes)
        head = {"cell": label(row.axes), **{axis: own.get(axis) for axis in axes}}
        refused = row.result.refusal
        problem = row.problem or ("refused: " + ", ".join(lack.what for lack in refused.lacks) if refused else "")
        nothing: dict[str, Any] = dict.fromkeys(
            ("metric", "value", "low", "high", "level", "better", "units", "groups")
        )
        for measure in row.result.measures:
            found = measure.estimate
            rows.append({
                **head, "metric": measure.metric, "value": found.value if found else None,
                "low": _finite(found.low) if found else None, "high": _finite(found.high) if found else None,
                "level": found.level if found else None, "better": measure.better, "units": measure.units,
                "groups": measure.groups, "problem": problem,
            })  # fmt: skip
        if row.result.tested:
            tested = row.result.tested
            rows.append({
                **head, **nothing, "metric": tested.test, "value": tested.estimate.value,
                "low": _finite(tested.estimate.low), "high": _finite(tested.estimate.high), "units": tested.rows,
                "level": tested.estimate.level, "groups": tested.clusters, "problem": "",
            })  # fmt: skip
        elif not row.result.measures:
            rows.append({**head, **nothing, "problem": problem})
    texts = ("cell", *axes, "metric", "better", "problem")
    numbers = {"value": polars.Float64, "low": polars.Float64, "high": polars.Float64, "level": polars.Float64,
               "units": polars.Int64, "groups": polars.Int64}  # fmt: skip
    names = ("cell", *axes, "metric", "value", "low", "high", "level", "better", "units", "groups", "problem")
    schema: dict[str, Any] = {name: polars.String if name in texts else numbers[name] for name in names}
    return polars.DataFrame(rows, schema=schema)


def label(axes: Iterable[tuple[str, str]]) -> str:
    return " · ".join(value for _, value in axes)


def _finite(value: float) -> float | None:
    return value if abs(value) != float("inf") else None


def units_table(report: ExperimentReport) -> "polars.DataFrame | None":
    """A row a cell, unit and metric: `above` over `below` summed over units is the metric."""
    import polars

    parts = []
    for row in report.cells:
        units = row.result.units
        if units is None:
            continue
        for counts in units.counts:
            size = len(units.ids)
            parts.append(
                polars.DataFrame(
                    {
                        "cell": [label(row.axes)] * size,
                        "unit": units.ids,
                        "group": units.groups,
                        "fold": units.folds,
                        "metric": [counts.metric] * size,
                        "above": counts.above,
                        "below": counts.below,
                    },
                    schema=_units_schema(polars),
                )
            )
    return polars.concat(parts) if parts else None


def _units_schema(polars: Any) -> dict[str, Any]:
    return {
        "cell": polars.String, "unit": polars.String, "group": polars.String, "fold": polars.Int64,
        "metric": polars.String, "above": polars.Float64, "below": polars.Float64,
    }  # fmt: skip


def predictions_table(report: ExperimentReport) -> "polars.DataFrame | None":
    """A row a cell and unit: what was true and what was said of it, by a model that had not seen it."""
    import polars

    found: list[Any] = []
    for row in report.cells:
        units = row.result.units
        if units is None or not units.predicted:
            continue
        kind = polars.String if any(isinstance(each, str) for each in units.predicted) else polars.Float64
        size = len(units.ids)
        found.append(
            polars.DataFrame(
                {
                    "cell": [label(row.axes)] * size,
                    "unit": units.ids,
                    "group": units.groups,
                    "fold": units.folds,
                    "target": units.target,
                    "predicted": units.predicted,
                },
                schema={
                    "cell": polars.String,
                    "unit": polars.String,
                    "group": polars.String,
                    "fold": polars.Int64,
                    "target": kind,
                    "predicted": kind,
                },
            )
        )
    return polars.concat(found) if found else None


def _parquet(table: "polars.DataFrame") -> bytes:
    file = io.BytesIO()
    table.write_parquet(file, compression="zstd")
    return file.getvalue()


def _timing(folder: Path, cells: Sequence[Cell], computed: Sequence[Computed]) -> None:
    """What differs from run to run, apart from all that does not."""
    rows = ["cell,cpu_s,wall_s"]
    for cell, each in zip(cells, computed, strict=True):
        rows.append(f'"{cell.label}",{each.cpu_s:.3f},{each.wall_s:.3f}')
    Store(folder).publish(None, "costs.csv", ("\n".join(rows) + "\n").encode())
    lines = [{"at": datetime.now(UTC).isoformat(timespec="seconds"), "what": "written"}]
    lines += [
        {
            "cell": cell.label,
            "state": "failed" if each.problem else "done",
            "problem": each.problem,
            "cpu_s": f"{each.cpu_s:.3f}",
        }
        for cell, each in zip(cells, computed, strict=True)
    ]
    log = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    Store(folder).publish(None, "log.jsonl", log.encode())


def finished(folder: Path) -> Iterator[Path]:
    """The finished run folders at and below a folder, in order of their path."""
    for path in sorted(folder.rglob(MANIFEST)):
        if (path.parent / REPORT).exists():
            yield path.parent
