"""link.html: what engagement has to do with sales, for a manager first, with what was held fixed beside each
statement."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from streamlens.report.link_summary import in_short, judged, no_sales, seen
from streamlens.report.messages import known, text
from streamlens.report.plots import DESK, PHONE, Bar, Interval, Pair, Point, band, bars, intervals, pairs
from streamlens.report.render import render
from streamlens.schema import Analysis, Change, Curve, Effect, Estimate, Held, Profile

FACTORS = 12  # features drawn by importance: of the rest the table tells


def render_link(found: Analysis, lang: str) -> str:
    """One self-contained page in `lang`."""

    def named(feature: str) -> str:
        return known(f"feature.{feature}", lang, feature)

    held = dict(found.held)
    return render(
        "link.html",
        lang,
        found=found,
        short=in_short(found),
        no_sales=no_sales(found),
        tried=judged(found),
        splits=[split for split in ("random", "recording", "anchor", "forward") if _of(found, split)],
        by_split=lambda split: sorted(_of(found, split), key=lambda each: (each.score.deviance, each.model)),
        held=lambda kind: held.get(kind, ()),
        state=_state,
        seen=lambda q: seen(q, found.level),
        number=number,
        whole=whole,
        signed=signed,
        share=share,
        span=lambda estimate, form=signed: _span(estimate, form),
        named=named,
        leaks=_leaks(found),
        gains_plot=_twice(intervals, _gains(found, lang), form="+.0%"),
        optimism_plot=_twice(pairs, _optimism(found, lang), form=".0%"),
        associations_plot=_twice(intervals, _associations(found, named), form="+.2f"),
        importance_plot=_twice(intervals, _importances(found, named), form=".0%"),
        effect_plot=lambda effect: _twice(intervals, _effect(effect, lang), form="~g"),
        curve_plot=lambda curve: _curve(curve, found, named, lang),
        profile_plot=lambda profile: _twice(intervals, _profile(profile, lang), form="~g"),
        change_plot=lambda change: _twice(bars, _change(change, lang), form="+.0%"),
    )


def _of(found: Analysis, split: str) -> list[Any]:
    return [each for each in found.evaluations if each.split == split]


def _twice(draw: Callable[..., str], rows: Sequence[object], **how: object) -> tuple[Any, Any]:
    """For the desk and for the phone."""
    from markupsafe import Markup

    return Markup(draw(rows, width=DESK, **how)), Markup(draw(rows, width=PHONE, **how))  # noqa: S704  Vega escapes


def _gains(found: Analysis, lang: str) -> list[Interval]:
    return [
        Interval(known(f"model.{each.model}", lang, each.model), each.gain.share.value, each.gain.share.low,
                 each.gain.share.high, each.gain.better)
        for each in sorted(_of(found, found.honest), key=lambda each: (each.score.deviance, each.model))
    ]  # fmt: skip


def _optimism(found: Analysis, lang: str) -> list[Pair]:
    return [Pair(known(f"model.{each.model}", lang, each.model), each.random.d2, each.honest.d2) for each in
            found.optimism]  # fmt: skip


def _associations(found: Analysis, named: Callable[[str], str]) -> list[Interval]:
    ordered = sorted(found.associations, key=lambda each: (-abs(each.rho.value), each.feature))
    return [
        Interval(named(each.feature), each.rho.value, each.rho.low, each.rho.high, seen(each.q_value, found.level))
        for each in ordered
    ]


def _importances(found: Analysis, named: Callable[[str], str]) -> list[Interval]:
    return [
        Interval(named(each.feature), each.share.value, each.share.low, each.share.high,
                 seen(each.q_value, found.level))
        for each in found.importances[:FACTORS]
    ]  # fmt: skip


def _effect(effect: Effect, lang: str) -> list[Interval]:
    return [
        Interval(text(f"link_page.{name}", lang), each.value, each.low, each.high, name == "dml")
        for name, each in (("dml", effect.estimate), ("naive", effect.naive))
    ]


def _curve(curve: Curve, found: Analysis, named: Callable[[str], str], lang: str) -> tuple[Any, Any]:
    points = [Point(*each) for each in zip(curve.at, curve.mean, curve.low, curve.high, strict=True)]
    sold = known(f"outcome.{found.outcome}", lang, found.outcome)
    title = text("link_page.predicted", lang, sold=sold)
    return _twice(band, points, x_title=named(curve.feature), y_title=title, form="~s", y_form="~s")


def _profile(profile: Profile, lang: str) -> list[Interval]:
    return [
        Interval(text(f"link_page.{part.part}", lang), part.slope.value, part.slope.low, part.slope.high,
                 part.q_value is not None and part.q_value < 1 - part.slope.level)
        for part in profile.parts
    ]  # fmt: skip


def _change(change: Change, lang: str) -> list[Bar]:
    return [Bar(known(f"factor.{factor.name}", lang, factor.name), math.expm1(factor.log_points))
            for factor in change.change.factors]  # fmt: skip


def _leaks(found: Analysis) -> list[tuple[str, list[Any]]]:
    """By reason: the declared ones are many and say the same."""
    reasons = dict.fromkeys(leak.reason for leak in found.leaks)
    return [(reason, [leak for leak in found.leaks if leak.reason == reason]) for reason in reasons]


def _state(panel: Iterable[Held], state: str) -> list[Held]:
    return [each for each in panel if each.state == state]


def number(value: float | None, digits: int = 3) -> str:
    """Three digits that count, thousands apart; a dash where nothing is known."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0 or abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return (
        f"{value:.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}" if abs(value) >= 1e-4 else f"{value:.1e}"
    )


def whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def signed(value: float | None) -> str:
    shown = number(value)
    return f"+{shown}" if value is not None and value > 0 else shown.replace("-", "−", 1)


def share(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.1%}".replace("-", "−")


def _span(estimate: Estimate, form: Callable[[float | None], str]) -> str:
    return f"{form(estimate.low)} … {form(estimate.high)}"
