"""Why each anchor's sales changed from the earlier to the later half of their streams."""

from typing import TYPE_CHECKING, Literal

from streamlens.link.decompose import Totals, decompose, totals
from streamlens.schema import Change, Decomposition

if TYPE_CHECKING:
    import polars

FEWEST = 2  # streams in each half: one evening is no period


def changes(table: "polars.DataFrame", outcome: Literal["orders", "units", "gmv"]) -> tuple[Change, ...]:
    """By name of the anchor; only those with two dated streams in each half. Amounts are those of a stream.

    Units are told by orders, of which they are a factor. The middle one of an odd number counts among the later.
    """
    if not {"anchor", "started_at"} <= set(table.columns):
        return ()
    unit = "minute" if (table["unit"] == "minute").any() else "segment"
    dated = table.filter(table["anchor"].is_not_null() & table["started_at"].is_not_null() & (table["unit"] == unit))
    found = []
    for part in dated.partition_by("anchor", maintain_order=True):
        started = dict(sorted(zip(part["recording"].to_list(), part["started_at"].to_list(), strict=True)))
        names = sorted(started, key=lambda name: (started[name], name))
        early, late = names[: len(names) // 2], names[len(names) // 2 :]
        if min(len(early), len(late)) < FEWEST:
            continue
        change = decompose(
            _a_stream(part, early, unit), _a_stream(part, late, unit),
            outcome="gmv_fen" if outcome == "gmv" else "orders",
        )  # fmt: skip
        if isinstance(change, Decomposition):
            found.append(
                Change(
                    anchor=part["anchor"][0], before_streams=len(early), after_streams=len(late),
                    before_until=started[early[-1]].date(), after_from=started[late[0]].date(), change=change,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.anchor))


def _a_stream(part: "polars.DataFrame", names: list[str], unit: str) -> Totals:
    """Totals over the streams named, divided by how many they are."""
    whole, count = totals(part.filter(part["recording"].is_in(names)), unit=unit), len(names)
    return Totals(
        viewer_minutes=whole.viewer_minutes / count,
        orders=whole.orders / count,
        units=None if whole.units is None else whole.units / count,
        gmv_fen=None if whole.gmv_fen is None else whole.gmv_fen / count,
    )
