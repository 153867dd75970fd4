"""The grid of an experiment: cells that are computed one by one, each known by all that it is made of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from streamlens.schema import CellResult
from streamlens.store import make_key

VERSION = 1  # raise it when a cell of the same words comes to something else
LIBRARIES = ("numpy", "scipy", "scikit-learn", "statsmodels", "doubleml", "polars", "ctranslate2", "faster-whisper")
"""On which a cell's numbers depend; a cell that was computed with another version of one is computed again."""

D = TypeVar("D")


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of work. `spec` is all that decides what it comes to, but for the data."""

    axes: tuple[tuple[str, str], ...]
    spec: Any

    @property
    def label(self) -> str:
        return " · ".join(value for _, value in self.axes)


class Given(msgspec.Struct, Generic[D], frozen=True, kw_only=True):
    """The data of an experiment: `what` in words, the digests of all that it was read from, and the data themselves."""

    what: str
    digests: tuple[tuple[str, str], ...]
    data: D


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """How experiments of one kind are done. `load(plan, root)`, `cells(plan, given)`, `compute(spec, given, work)`."""

    load: Callable[[Any, Path], Given[Any]]
    cells: Callable[[Any, Given[Any]], Sequence[Cell]]
    compute: Callable[[Any, Given[Any], Path], CellResult]


def cell_key(kind: str, cell: Cell, given: Given[Any]) -> str:
    """16 hex digits over the cell's spec, the data's digests, and the libraries that compute."""
    options = msgspec.json.encode([cell.axes, cell.spec, libraries()])
    return make_key(kind, VERSION, options, [digest for _, digest in given.digests])


def libraries() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def points(axes: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """All combinations, the last axis changing fastest. Without axes there is one point."""
    for values in product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def shown(value: Any) -> str:
    """A value of an axis as its label."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(shown, value)) if isinstance(value, list | tuple) else str(value)
