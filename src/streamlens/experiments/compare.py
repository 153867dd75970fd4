"""Runs side by side: the same metric over all of them, and paired differences where units and folds are the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from streamlens.errors import InputError
from streamlens.experiments.conclusions import COMPARED, SHOWN
from streamlens.experiments.folder import MANIFEST, REPORT, UNITS, finished, label
from streamlens.experiments.measures import paired
from streamlens.report.experiment import compare_page, shown
from streamlens.report.messages import LANGS
from streamlens.schema import Counts, Difference, ExperimentReport, Record, Units
from streamlens.store import Store

if TYPE_CHECKING:
    import polars

MOST_PAIRS = 60


class Comparison(Record, frozen=True, kw_only=True):
    """`rows` are {run, cell, cpu_s, <metric>: Estimate} for each cell of each run."""

    metrics: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    differences: tuple[Difference, ...]

    def table(self) -> "polars.DataFrame":
        """A row a run, cell and metric, with interval; and a row a paired difference."""
        import polars

        found: list[dict[str, Any]] = []
        for row in self.rows:
            for metric in self.metrics:
                if (each := row.get(metric)) is not None:
                    found.append({
                        "run": row["run"], "cell": row["cell"], "against": None, "metric": metric, "value": each.value,
                        "low": each.low, "high": each.high, "groups": None, "cpu_s": row["cpu_s"],
                    })  # fmt: skip
        for pair in self.differences:
            found.append({
                "run": None, "cell": pair.first, "against": pair.second, "metric": pair.metric,
                "value": pair.estimate.value, "low": pair.estimate.low, "high": pair.estimate.high,
                "groups": pair.groups, "cpu_s": None,
            })  # fmt: skip
        kinds = {"value": polars.Float64, "low": polars.Float64, "high": polars.Float64, "groups": polars.Int64,
                 "cpu_s": polars.Float64}  # fmt: skip
        names = ("run", "cell", "against", "metric", "value", "low", "high", "groups", "cpu_s")
        schema: dict[str, Any] = {name: kinds.get(name, polars.String) for name in names}
        return polars.DataFrame(found, schema=schema)


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    folder: Path
    report: ExperimentReport
    costs: dict[str, float]
    units: dict[str, Units]


def compare_runs(paths: Sequence[Path]) -> Comparison:
    """All finished runs at and below `paths`. InputError where there is none, or one cannot be read."""
    folders: list[Path] = []
    for path in paths:
        if not path.is_dir():
            raise InputError(str(path), "is no folder", "name a run folder, or one that holds some")
        folders += [each for each in finished(path) if each not in folders]
    if not folders:
        where = ", ".join(map(str, paths))
        raise InputError(where, f"holds no finished run (a folder with {MANIFEST})", "run an experiment first")
    runs = [_read(folder) for folder in folders]
    present = {measure.metric for run in runs for row in run.report.cells for measure in row.result.measures}
    order = dict.fromkeys(name for each in (*(run.report.metrics for run in runs), *SHOWN.values()) for name in each)
    metrics = tuple(name for name in (*order, "effect") if name in present)
    rows = []
    for run in runs:
        for row in run.report.cells:
            values = {each.metric: each.estimate for each in row.result.measures if each.metric in metrics}
            if any(values.values()):
                cell = label(row.axes)
                rows.append({"run": run.name, "cell": cell, "cpu_s": run.costs.get(cell), **values})
    return Comparison(metrics=metrics, rows=tuple(rows), differences=tuple(_pairs(runs))[:MOST_PAIRS])


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """compare.html (zh), compare.en.html and compare.csv; returns the page."""
    store = Store(folder)
    store.publish(None, "compare.csv", b"\xef\xbb\xbf" + comparison.table().write_csv().encode())
    for lang in LANGS:
        page = compare_page(comparison.rows, comparison.metrics, comparison.differences, lang)
        store.publish(None, "compare.html" if lang == LANGS[0] else f"compare.{lang}.html", page.encode())
    return folder / "compare.html"


def printed(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of a table for a terminal."""
    rows = []
    for row in comparison.rows:
        cells = [" ".join(shown(metric, row.get(metric))).strip() for metric in comparison.metrics]
        cost = "" if row["cpu_s"] is None else f"{row['cpu_s']:.1f}"
        rows.append([row["run"], row["cell"], *cells, cost])
    return ["run", "cell", *comparison.metrics, "CPU s"], rows


def _read(folder: Path) -> _Run:
    try:
        report = msgspec.msgpack.decode((folder / REPORT).read_bytes(), type=ExperimentReport)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(str(folder / REPORT), f"cannot be read ({error})", "run the experiment again") from error
    return _Run(
        name=f"{report.name}/{report.digest}", folder=folder, report=report, costs=_costs(folder, report),
        units=_units(folder / UNITS),
    )  # fmt: skip


def _costs(folder: Path, report: ExperimentReport) -> dict[str, float]:
    """CPU seconds by the label of a row; of recordings together where they are one row."""
    import polars

    path = folder / "timing" / "costs.csv"
    if not path.exists():
        return {}
    found: dict[str, float] = {}
    single = {label(row.axes) for row in report.cells}
    for cell, cpu_s in polars.read_csv(path).select("cell", "cpu_s").iter_rows():
        name = cell if cell in single else cell.rpartition(" · ")[0]
        found[name] = found.get(name, 0.0) + float(cpu_s)
    return found


def _units(path: Path) -> dict[str, Units]:
    import polars

    if not path.exists():
        return {}
    found: dict[str, Units] = {}
    for (cell,), part in polars.read_parquet(path).group_by(["cell"], maintain_order=True):
        counts, first = [], None
        for (metric,), rows in part.group_by(["metric"], maintain_order=True):
            first = rows if first is None else first
            counts.append(Counts(metric=str(metric), above=tuple(rows["above"]), below=tuple(rows["below"])))
        if first is not None:
            found[str(cell)] = Units(
                ids=tuple(first["unit"]), groups=tuple(first["group"]), folds=tuple(first["fold"]), counts=tuple(counts)
            )
    return found


def _pairs(runs: Sequence[_Run]) -> Iterator[Difference]:
    """The same cell in two runs; or, where each run has cells of its own, each first cell against the other's."""
    for at, run in enumerate(runs):
        for other in runs[at + 1 :]:
            if run.report.kind != other.report.kind:
                continue
            metrics = COMPARED.get(_sort(run), COMPARED["sales"])
            both = [cell for cell in run.units if cell in other.units]
            chosen = [(cell, cell) for cell in both] or list(zip(run.units, other.units, strict=False))[:1]
            for mine, theirs in chosen:
                for metric in metrics:
                    names = (f"{other.name} · {theirs}", f"{run.name} · {mine}")
                    found = paired(metric, [other.units[theirs]], [run.units[mine]], names, level=0.95)
                    if found:
                        yield found


def _sort(run: _Run) -> str:
    if run.report.kind == "claims":
        metrics = {each.metric for units in run.units.values() for each in units.counts}
        return "passages" if "micro_f1" in metrics else "transcripts"
    return run.report.kind
