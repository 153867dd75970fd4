"""Columns that know the outcome: made from it, counted together with it, or known only after it.

A model that may look at them predicts wonderfully and teaches nothing. Four ways of finding them: what the column's
source is declared to be; its name; its numbers (alone, or in pairs and triples whose product, quotient or sum is the
outcome); and time (it moves with the outcome in the very row and says nothing of the next).
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from streamlens.link.columns import PER_MINUTE, Floats, is_number, number, text
from streamlens.schema import Leak, LeakReason, Message

if TYPE_CHECKING:
    import polars

SALES = frozenset(
    [
        "orders",
        "units",
        "gmv_fen",
        "refund_fen",
        "refunded_orders",
        "repeat_orders",
        "orders_own",
        "units_own",
        "gmv_own_fen",
        "orders_per_1000_viewer_min",
        "orders_net",
        "units_net",
        "gmv_net_fen",
        "repeat_orders_net",
    ]
)
"""The feature table's columns that are counted from orders and turnover."""

_SOURCES = re.compile(r"\b(orders?|turnover|sales|refunds?)\b", re.IGNORECASE)
_NAMES = re.compile(
    r"(?<![a-z])(gmv|sales|revenue|turnover|amounts?|orders?|ordered|purchas\w*|paid|payments?|buyers?|conversions?|refund\w*|basket|aov|units?_sold)"
    r"(?![a-z])|成交|下单|支付|付款|订单|单量|销量|销售|营业额|收入|客单|转化|退款|退货|回款|拍下",
    re.IGNORECASE,
)


class LeakOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares of the outcome's variation from which a column, or several together, are taken to be made of it."""

    copy_rate: float = 0.999
    alone_rate: float = 0.95
    together_rate: float = 0.98
    needed_rate: float = 0.02  # each of them must add so much
    together_most: int = 3  # how many columns are looked at together
    counter_rate: float = 0.98  # rank correlation with the row number
    now_rate: float = 0.9  # what moves so closely with the outcome now ...
    next_rate: float = 0.1  # ... and so little with the next


def declared_leaks(names: Sequence[str], outcome: str, *, sources: Mapping[str, str] | None = None) -> tuple[Leak, ...]:
    """Those of `names` that are declared to come from sales: in the feature table, or by the data dictionary's
    `sources` (column -> where it comes from)."""
    found = []
    for name in names:
        plain = name.removesuffix(PER_MINUTE)
        source = (sources or {}).get(plain, "")
        if plain == outcome or plain in SALES or _SOURCES.search(source):
            found.append(_leak(name, "declared", (source or outcome,), None))
    return tuple(found)


def check_leaks(
    table: "polars.DataFrame",
    outcome: str,
    *,
    candidates: Sequence[str] | None = None,
    innocent: Sequence[str] = (),
    sources: Mapping[str, str] | None = None,
    order: Sequence[str] = ("recording", "start_ms"),
    options: LeakOptions | None = None,
) -> tuple[Leak, ...]:
    """The columns that must not predict `outcome`, in order of the table; each once, with its strongest reason.

    `innocent` are known beforehand (traffic, price): where one of them and another column make up the outcome, it is
    the other that is made from it. Without such knowledge all that take part are named. The table is read in the order
    of the columns `order`, as far as it has them.
    """
    options = options or LeakOptions()
    names = [name for name in (candidates or table.columns) if name != outcome and name not in innocent]
    present = [name for name in order if name in table.columns]
    if present:
        table = table.sort(present)
    found: dict[str, Leak] = {}

    def add(leaks: Iterator[Leak]) -> None:
        for leak in leaks:
            found.setdefault(leak.column, leak)

    add(iter(declared_leaks([name for name in names if name in table.columns], outcome, sources=sources)))
    numbers = {name: number(table, name) for name in names if name in table.columns and is_number(table, name)}
    numbers = {name: values for name, values in numbers.items() if name not in order and np.nanstd(values) > 0}
    known = {name: number(table, name) for name in innocent if name in table.columns and is_number(table, name)}
    target = number(table, outcome)
    add(_alone(numbers, target, options))
    add(_together({name: values for name, values in numbers.items() if name not in found}, known, target, options))
    add(_counters(numbers, target, options))
    add(_twins(numbers, dict(found), options))
    add(_timely(numbers, target, _runs(table, present), options))
    add(_later(table, names))
    add(_leak(name, "name", (match.group(),), None) for name in names if (match := _NAMES.search(name)))
    return tuple(found[name] for name in names if name in found)


def _leak(column: str, reason: LeakReason, of: tuple[str, ...], strength: float | None) -> Leak:
    args = (("feature", column), ("of", ", ".join(of)), ("strength", "" if strength is None else f"{strength:.1%}"))
    return Leak(
        column=column, reason=reason, of=of, strength=strength, message=Message(code=f"link.leak.{reason}", args=args)
    )


def _forms(columns: Mapping[str, Floats], target: Floats) -> Iterator[tuple[dict[str, Floats], Floats]]:
    """As they are, for sums and differences; then logarithms, for products and quotients."""
    yield dict(columns), target
    if np.nanmin(target) >= 0:
        logs = {name: np.log(values + _least(values)) for name, values in columns.items() if np.nanmin(values) >= 0}
        yield logs, np.log(target + _least(target))


def _least(values: Floats) -> float:
    """0, or where there are zeros half of the least that is not: what is added before the logarithm."""
    positive = values[values > 0]
    return float(positive.min() / 2) if len(positive) and np.nanmin(values) == 0 else 0.0


def _alone(columns: Mapping[str, Floats], target: Floats, options: LeakOptions) -> Iterator[Leak]:
    best: dict[str, float] = {}
    for formed, goal in _forms(columns, target):
        for name, values in formed.items():
            best[name] = max(best.get(name, 0.0), _explained([values], goal))
    for name, share in sorted(best.items(), key=lambda pair: -pair[1]):
        if share >= options.copy_rate:
            yield _leak(name, "copy", (), share)
        elif share >= options.alone_rate:
            yield _leak(name, "accounts_for", (), share)


def _together(
    open_: Mapping[str, Floats], known: Mapping[str, Floats], target: Floats, options: LeakOptions
) -> Iterator[Leak]:
    """Products, quotients and sums of two or three columns, all needed, that make up the outcome; closest first."""
    found: list[tuple[float, tuple[str, ...]]] = []
    for formed, goal in _forms({**open_, **known}, target):
        for size in range(2, options.together_most + 1):
            for names in _worth(formed, goal, size, options.together_rate - 0.01):
                share = _explained([formed[name] for name in names], goal)
                without = [_explained([formed[each] for each in names if each != name], goal) for name in names]
                if share >= options.together_rate and max(without) <= share - options.needed_rate:
                    found.append((share, names))
    for share, names in sorted(found, key=lambda pair: (-round(pair[0], 6), len(pair[1]), pair[1])):
        for name in names:
            if name in open_:
                yield _leak(name, "combination", tuple(each for each in names if each != name), share)


_LOOKED_AT = 60  # columns taken three at a time: those that go along with the outcome best


def _worth(formed: Mapping[str, Floats], goal: Floats, size: int, least: float) -> Iterator[tuple[str, ...]]:
    """Sets of columns that together explain about enough, from pairwise correlations: thousands of them at once."""
    names = list(formed)
    if len(names) < size:
        return
    related = _correlations(np.column_stack([*formed.values(), goal]))
    closest = np.argsort(-np.abs(related[:-1, -1]), kind="stable")
    first = closest if size == 2 else closest[:_LOOKED_AT]
    sets = np.array(list(itertools.combinations(np.sort(first), size)))
    inside = related[sets[:, :, None], sets[:, None, :]] + 1e-9 * np.eye(size)
    against = related[sets, -1]
    share = np.einsum("ij,ij->i", against, np.linalg.solve(inside, against[:, :, None])[:, :, 0])
    for place in np.flatnonzero(share >= least):
        yield tuple(names[each] for each in sets[place])


def _correlations(matrix: Floats) -> Floats:
    """Pearson's r of each pair of columns over the rows that have both; 0 where one of them does not vary there."""
    there = np.isfinite(matrix).astype(np.float64)
    filled = np.where(there > 0, matrix, 0.0)
    filled = (filled - filled.mean(axis=0)) / np.maximum(filled.std(axis=0), 1e-300) * there
    count = np.maximum(there.T @ there, 1)
    mean = filled.T @ there / count  # of the row's column, where the column's one is there
    square = (filled**2).T @ there / count
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    product = spread * spread.T
    with np.errstate(divide="ignore", invalid="ignore"):
        related = (filled.T @ filled / count - mean * mean.T) / product
    related[~np.isfinite(related)] = 0.0
    found: Floats = np.clip(related, -1, 1)
    np.fill_diagonal(found, 1.0)
    return found


def _twins(columns: Mapping[str, Floats], found: Mapping[str, Leak], options: LeakOptions) -> Iterator[Leak]:
    """What is all but one with a column that is made of the outcome."""
    made = [name for name, leak in found.items() if leak.reason in ("copy", "combination", "accounts_for", "counter")]
    for name, values in columns.items():
        for leak in made:
            shares = [
                _explained([formed[leak]], formed[name])
                for formed, _ in _forms({name: values, leak: columns[leak]}, values)
                if {name, leak} <= formed.keys()
            ]
            if name not in found and leak != name and max(shares) >= options.alone_rate:
                yield _leak(name, "twin", (leak,), max(shares))


def _explained(columns: Sequence[Floats], goal: Floats) -> float:
    """R squared of a linear regression over the rows that have all."""
    matrix = np.column_stack([*columns, goal])
    matrix = matrix[np.isfinite(matrix).all(axis=1)]
    if len(matrix) < max(10, 3 * len(columns)):
        return 0.0
    matrix = matrix - matrix.mean(axis=0)
    spread = matrix.std(axis=0)
    if (spread <= 1e-12 * np.abs(matrix).max(axis=0).clip(1e-300)).any():
        return 0.0
    matrix = matrix / spread
    inside = matrix[:, :-1].T @ matrix[:, :-1] / len(matrix)
    against = matrix[:, :-1].T @ matrix[:, -1] / len(matrix)
    return float(np.clip(against @ np.linalg.pinv(inside, rcond=1e-10) @ against, 0.0, 1.0))


def _counters(columns: Mapping[str, Floats], target: Floats, options: LeakOptions) -> Iterator[Leak]:
    """Columns that run on with the row number while the outcome does not: totals so far, sorted or made-up numbers.

    A real count of a row goes up and down; one whose steps are tiny against its range was not counted in the row.
    """
    for name, values in columns.items():
        known = values[np.isfinite(values)]
        if len(known) < 20 or len(np.unique(known)) < 10:
            continue
        rising = abs(_ranked(known))
        if rising >= options.counter_rate and _roughness(known) < 0.05 * max(
            _roughness(target[np.isfinite(target)]), 1e-9
        ):
            yield _leak(name, "counter", (), rising)


def _ranked(values: Floats) -> float:
    from scipy import stats

    return float(stats.spearmanr(np.arange(len(values)), values).statistic)


def _roughness(values: Floats) -> float:
    """Von Neumann's ratio (1941): mean squared step over variance; 2 where rows are independent, 0 for a smooth run."""
    spread = float(values.var())
    return float(np.median(np.diff(values) ** 2)) / spread if spread > 0 else 0.0


def _runs(table: "polars.DataFrame", order: Sequence[str]) -> Sequence[int]:
    """Where a new recording begins: what is before it is no yesterday."""
    if "recording" not in order:
        return ()
    names = text(table, "recording")
    return tuple(place for place in range(1, len(names)) if names[place] != names[place - 1])


def _timely(
    columns: Mapping[str, Floats], target: Floats, breaks: Sequence[int], options: LeakOptions
) -> Iterator[Leak]:
    follows = np.ones(max(len(target) - 1, 0), dtype=bool)
    follows[[place - 1 for place in breaks]] = False
    for name, values in columns.items():
        both = follows & np.isfinite(values[1:] + values[:-1] + target[1:] + target[:-1])
        if both.sum() < 30:
            continue
        past = [values[:-1][both], target[:-1][both]]
        now = _partial(values[1:][both], target[1:][both], past)
        ahead = _partial(values[:-1][both], target[1:][both], [])
        if now**2 >= options.now_rate and ahead**2 <= options.next_rate:
            yield _leak(name, "after", (), now**2)


def _partial(left: Floats, right: Floats, given: Sequence[Floats]) -> float:
    """Correlation of what is left of two columns after a regression on others."""
    base = np.column_stack([np.ones(len(left)), *given])
    parts = [each - base @ np.linalg.lstsq(base, each, rcond=None)[0] for each in (left, right)]
    spread = [float(part.std()) for part in parts]
    if min(spread) <= 1e-9 * max(float(left.std()), 1e-300):
        return 0.0
    return float((parts[0] * parts[1]).mean() / (spread[0] * spread[1]))


def _later(table: "polars.DataFrame", names: Sequence[str]) -> Iterator[Leak]:
    """Times that lie after the end of their row: nobody knew them yet."""
    if not {"started_at", "end_ms"} <= set(table.columns):
        return
    times = [name for name in names if name in table.columns and str(table[name].dtype).startswith("Datetime")]
    began, ends = table["started_at"].to_list(), number(table, "end_ms")
    for name in times:
        pairs = zip(table[name].to_list(), began, ends, strict=True)
        late = [
            (value.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds() * 1000 > end
            for value, start, end in pairs
            if value is not None and start is not None
        ]
        if late and sum(late) / len(late) > 0.05:
            yield _leak(name, "after", ("started_at",), sum(late) / len(late))
