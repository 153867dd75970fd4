"""An experiment from its file to its run folder."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from streamlens.experiments.conclusions import check_expectation, conclude
from streamlens.experiments.folder import PREDICTIONS, label, run_digest, write_run
from streamlens.experiments.grid import Cell, Given, cell_key
from streamlens.experiments.plan import AnyPlan, Source, read_plan
from streamlens.experiments.runner import Kept, Watch, compute_cells, kind_of
from streamlens.experiments.tracking import check_tracking, track
from streamlens.schema import Answer, ExperimentReport, Judged
from streamlens.store import Store

if TYPE_CHECKING:
    import polars

RUNS = "runs"


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What will be done: the cells, and which of them are there already."""

    plan: AnyPlan
    source: Source
    given: Given[Any]
    cells: tuple[Cell, ...]
    folder: Path
    digest: str
    kept: tuple[bool, ...]


def prepare(given: Path | Mapping[str, Any], *, runs: Path, settings: Sequence[str] = ()) -> Prepared:
    """Read the file and the data and lay out the grid. Raises InputError for whatever is wrong with them."""
    plan, source = read_plan(given, settings)
    kind = kind_of(plan)
    loaded = kind.load(plan, source.root)
    cells = tuple(kind.cells(plan, loaded))
    check_expectation(plan, cells)
    folder = runs / plan.name
    kept = Kept(folder)
    keys = [cell_key(str(plan.__struct_config__.tag), cell, loaded) for cell in cells]
    return Prepared(
        plan=plan, source=source, given=loaded, cells=cells, folder=folder, digest=run_digest(plan, loaded),
        kept=tuple(kept.get(key) is not None for key in keys),
    )  # fmt: skip


def conduct(
    prepared: Prepared, *, jobs: int = 1, fresh: bool = False, mlflow: str = "", watch: Watch | None = None
) -> "ExperimentResult":
    """Compute what is missing, conclude, write the run folder, and tell MLflow if asked to.

    Another run of the same experiment is waited for: what that finishes is not done again.
    """
    if mlflow:
        check_tracking()
    with Store(prepared.folder).hold(None, on_wait=lambda: None):
        computed = compute_cells(
            prepared.plan, prepared.source.root, prepared.given, prepared.cells, prepared.folder, jobs=jobs,
            fresh=fresh, watch=watch,
        )  # fmt: skip
        report = conclude(prepared.plan, prepared.given, prepared.cells, computed, prepared.digest)
        folder = prepared.folder / prepared.digest
        write_run(folder, prepared.plan, prepared.source, report, prepared.cells, computed)
    if mlflow:
        track(mlflow, folder, prepared.plan, report, [each.cpu_s for each in computed])
    return ExperimentResult(folder, report)


class ExperimentResult:
    """What an experiment came to: its verdicts as records, its tables as polars frames."""

    def __init__(self, folder: Path, report: ExperimentReport) -> None:
        self.folder = folder
        self.report = report

    def __repr__(self) -> str:
        return f"ExperimentResult({self.report.name!r}, {self.report.digest!r}, {len(self.report.cells)} cells)"

    @property
    def answer(self) -> Answer | None:
        """The verdict on the registered expectation; None where it was registered in words only."""
        return self.report.answer

    @property
    def hypotheses(self) -> tuple[Judged, ...]:
        return self.report.judged

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each cell that could not be computed."""
        return tuple(f"{label(row.axes)}: {row.problem}" for row in self.report.cells if row.problem)

    @cached_property
    def metrics(self) -> "polars.DataFrame":
        """A row a cell and metric: the axes, `value`, `low`, `high`, `units`, `groups`."""
        return self._table("metrics.parquet")

    @cached_property
    def predictions(self) -> "polars.DataFrame | None":
        """A row a cell and unit: `target`, and `predicted` by a model that had not seen it. None for hypotheses."""
        return self._table(PREDICTIONS) if (self.folder / PREDICTIONS).exists() else None

    @cached_property
    def costs(self) -> "polars.DataFrame":
        """CPU and wall clock seconds of each cell."""
        import polars

        return polars.read_csv(self.folder / "timing" / "costs.csv")

    @property
    def page(self) -> Path:
        return self.folder / "report.html"

    def _table(self, name: str) -> "polars.DataFrame":
        import polars

        return polars.read_parquet(self.folder / name)
