"""Cells are computed, one after the other or in processes, and each is kept as soon as it is there.

A killed run loses the cells it was at and no other. Every cell is computed with one thread for linear algebra, so that
its numbers are the same whatever runs beside it.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from streamlens.errors import StreamlensError
from streamlens.experiments import hypotheses, passages, sales, streams
from streamlens.experiments.grid import Cell, Given, Kind, cell_key
from streamlens.experiments.plan import AnyPlan, ClaimsPlan, HypothesesPlan, SalesPlan
from streamlens.schema import CellResult
from streamlens.store import Store
from streamlens.workers import Died, spread

CELLS = ".cells"
WORK = ".work"


class Computed(msgspec.Struct, frozen=True, kw_only=True):
    """What a cell came to, or in one line why it could not be computed; and what it cost."""

    result: CellResult = CellResult()
    problem: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` of the `done` cells were there before."""

    label: str
    done: int
    total: int
    kept: int


Watch = Callable[[Progress], None]


def kind_of(plan: AnyPlan) -> Kind:
    if isinstance(plan, SalesPlan):
        return Kind(load=sales.load, cells=sales.cells, compute=sales.compute)
    if isinstance(plan, HypothesesPlan):
        return Kind(load=hypotheses.load, cells=hypotheses.cells, compute=hypotheses.compute)
    if isinstance(plan, ClaimsPlan) and plan.data.passages:
        return Kind(load=passages.load, cells=passages.cells, compute=passages.compute)
    return Kind(load=streams.load, cells=streams.cells, compute=streams.compute)


class Kept:
    """The cells of an experiment that are finished, by key: `.cells/<key>.msgpack` in its folder."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder / CELLS)

    def get(self, key: str) -> Computed | None:
        """None where there is none, or where it is torn: it will be computed again."""
        try:
            return msgspec.msgpack.decode((self._store.root / f"{key}.msgpack").read_bytes(), type=Computed)
        except (OSError, msgspec.DecodeError):
            return None

    def put(self, key: str, computed: Computed) -> None:
        self._store.publish(None, f"{key}.msgpack", msgspec.msgpack.encode(computed))

    def drop(self, key: str) -> None:
        (self._store.root / f"{key}.msgpack").unlink(missing_ok=True)


def compute_cells(
    plan: AnyPlan, root: Path, given: Given[Any], cells: Sequence[Cell], folder: Path, *, jobs: int, fresh: bool,
    watch: Watch | None = None,
) -> list[Computed]:  # fmt: skip
    """Each cell's outcome, in their order. `fresh`: compute also what is kept."""
    kept = Kept(folder)
    keys = [cell_key(plan.__struct_config__.tag, cell, given) for cell in cells]  # type: ignore[arg-type]
    if fresh:
        for key in keys:
            kept.drop(key)
    found: dict[int, Computed] = {}
    for place, key in enumerate(keys):
        if (there := kept.get(key)) is not None:
            found[place] = there
    before, tell = len(found), watch or (lambda _: None)
    tell(Progress(label="", done=before, total=len(cells), kept=before))
    queue = deque((place, keys[place], cell) for place, cell in enumerate(cells) if place not in found)
    work = _here(queue, plan, given, folder) if min(jobs, len(queue)) < 2 else _apart(queue, plan, root, folder, jobs)
    for place, computed in work:
        found[place] = computed
        tell(Progress(label=cells[place].label, done=len(found), total=len(cells), kept=before))
    return [found[place] for place in range(len(cells))]


Task = tuple[int, str, Cell]


def _here(queue: deque[Task], plan: AnyPlan, given: Given[Any], folder: Path) -> Iterator[tuple[int, Computed]]:
    do = _worker(plan, given, folder)
    while queue:
        task = queue.popleft()
        yield task[0], do(task)


def _apart(queue: deque[Task], plan: AnyPlan, root: Path, folder: Path, jobs: int) -> Iterator[tuple[int, Computed]]:
    for (place, _, _), message in spread(queue, jobs, partial(_service, plan, root, folder)):
        if isinstance(message, Died):
            yield (
                place,
                Computed(
                    problem=f"the process at work on it {message.how}; run again, with fewer --jobs if memory is short"
                ),
            )
        elif isinstance(message, Computed):
            yield place, message


def _service(plan: AnyPlan, root: Path, folder: Path, say: Any) -> Callable[[Task], Computed]:
    return _worker(plan, kind_of(plan).load(plan, root), folder)


def _worker(plan: AnyPlan, given: Given[Any], folder: Path) -> Callable[[Task], Computed]:
    kept, kind = Kept(folder), kind_of(plan)

    def do(task: Task) -> Computed:
        _, key, cell = task
        computed = _timed(partial(kind.compute, cell.spec, given, folder / WORK / key))
        if not computed.problem:  # what failed is tried again by the next run
            kept.put(key, computed)
        return computed

    return do


def _timed(compute: Callable[[], CellResult]) -> Computed:
    cpu, wall = time.process_time(), time.monotonic()
    try:
        with _one_thread():
            result, problem = compute(), ""
    except StreamlensError as error:
        result, problem = CellResult(), str(error)
    except Exception as error:  # one cell never ends the others
        result, problem = CellResult(), " ".join(f"internal error: {type(error).__name__}: {error}".split())
    return Computed(result=result, problem=problem, cpu_s=time.process_time() - cpu, wall_s=time.monotonic() - wall)


def _one_thread() -> AbstractContextManager[Any]:
    if find_spec("threadpoolctl") is None:  # comes with scikit-learn; without that nothing here is threaded
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits
