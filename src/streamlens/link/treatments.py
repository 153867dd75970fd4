"""What is asked by default: the ways of selling that are looked at, and what may drive both them and sales."""

from typing import TYPE_CHECKING, Literal

from streamlens.link.columns import has, number
from streamlens.link.effects import CONFOUNDERS
from streamlens.schema import Effect, Held

if TYPE_CHECKING:
    import polars

TREATMENTS = ("pace_cpm", "pitch_range_st", "claims_per_min", "scarcity_talk_per_min", "answers_given_per_min")
"""Pace, emotional swing, claims, scarcity talk, answered questions: whose effects are estimated unless others are
named."""

BEHAVIOURS = (
    *TREATMENTS, "monotony", "loudness_range_db", "long_pauses_per_min", "fillers_per_min", "mentions_own_per_min",
    "questions_put_per_min", "questions_read_per_min", "calls_follow_per_min", "calls_reply_per_min",
    "calls_buy_per_min", "price_talk_per_min", "shown_opened_per_min", "shown_weighed_per_min", "shown_papers_per_min",
    "shown_close_per_min", "accusations_per_min", "supported_rate", "facts_per_min", "told_rate",
    "questions_unanswered_per_min",
)  # fmt: skip
"""What anchors do. What the audience does (comments, likes, follows) is left out: it comes with sales, or after
them."""

FEATURES = (*CONFOUNDERS, *BEHAVIOURS)

Factor = Literal["price", "discount", "position", "traffic", "time", "product", "anchor"]
COLUMNS: dict[Factor, tuple[str, ...]] = {
    "price": ("price_fen",), "discount": ("discount_rate",), "position": ("place", "minutes_in"),
    "traffic": ("online_mean", "viewer_minutes"), "time": ("hour", "started_at"), "product": ("product",),
    "anchor": ("anchor",),
}  # fmt: skip
"""The panel of confounders: each with the columns that tell of it."""

_COMPARED: dict[str, dict[Factor, Literal["held", "partly"]]] = {
    # within a broadcast, set against viewer-minutes
    "association": {"anchor": "held", "time": "partly", "traffic": "partly"},
    # given to the model; the anchor is not, as it has to predict anchors that it has not seen
    "model": {"price": "held", "discount": "held", "position": "held", "traffic": "held", "time": "held",
              "product": "held"},
    "profile": {"price": "held", "discount": "held", "position": "held", "traffic": "held", "product": "held",
                "anchor": "held", "time": "partly"},
    # traffic is a factor of its own, price another; within one anchor
    "change": {"traffic": "held", "anchor": "held", "price": "partly"},
}  # fmt: skip


def known(table: "polars.DataFrame", name: str) -> bool:
    """Whether a column is there, or can be made, and states anything."""
    if not has(table, name):
        return False
    if name in table.columns:
        return bool(table[name].null_count() < table.height)
    values = number(table, name)
    return bool((values == values).any())


def panel(table: "polars.DataFrame", kind: str) -> tuple[Held, ...]:
    """How statements of a kind (association, model, profile, change) deal with each confounder in this table."""
    held = _COMPARED[kind]
    return tuple(
        Held(factor=factor, state=held.get(factor, "open") if _told(table, factor) else "missing") for factor in COLUMNS
    )


def effect_panel(table: "polars.DataFrame", effect: Effect) -> tuple[Held, ...]:
    """The same for an effect: what its rows were adjusted for. The broadcast is compared with itself alone."""
    adjusted = {each.name for each in effect.confounders if each.adjusted} | {"anchor"}
    if effect.absorbed == "recording":
        adjusted.add("started_at")  # the evening; the hour within it is a column of its own

    def state(factor: Factor) -> Literal["held", "open", "missing"]:
        if not _told(table, factor):
            return "missing"
        return "held" if adjusted & set(COLUMNS[factor]) or effect.treatment in COLUMNS[factor] else "open"

    return tuple(Held(factor=factor, state=state(factor)) for factor in COLUMNS)


def _told(table: "polars.DataFrame", factor: Factor) -> bool:
    return any(known(table, name) for name in COLUMNS[factor])
