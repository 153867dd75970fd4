"""A broadcast beside the anchor's own last ones, and beside others that sold the same products.

No score and no rank: each line gives both numbers and says in words what changed. Others are never named.
It rests on the other broadcasts of a workspace, so it comes into coaching.html when those are all there.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median

from streamlens.report.messages import money, percent, text
from streamlens.report.render import render
from streamlens.schema import Compared, Course, Measures, ProductMeasures, SameProduct

LAST = 3  # own broadcasts looked back on
MOST = 20  # broadcasts of others by product, the newest
LONG_MS = 60_000  # a product that was on offer for less is not compared
NAMES = ("pace", "fillers", "talk", "unanswered", "claims", "sales")
BEGIN, END = b"<!--comparison-->", b"<!--/comparison-->"


class Field:
    """All broadcasts of a workspace, sorted so that each finds its like quickly."""

    def __init__(self, measures: Iterable[Measures]) -> None:
        dated = sorted(
            ((_naive(each.started_at), each.recording, each) for each in measures if each.started_at),
            key=lambda row: row[:2],
        )
        self._by_anchor: dict[str, list[tuple[datetime, str, Measures]]] = {}
        self._by_product: dict[str, list[tuple[Measures, ProductMeasures]]] = {}
        for start, recording, each in dated:
            if each.anchor:
                self._by_anchor.setdefault(each.anchor, []).append((start, recording, each))
            for product in each.products:
                self._by_product.setdefault(same_name(product.name), []).append((each, product))

    def standing(self, now: Measures) -> Compared:
        """How a broadcast stands beside the earlier ones of its anchor and the same products of other anchors."""
        earlier: Sequence[Measures] = ()
        if now.anchor and now.started_at:
            line = self._by_anchor.get(now.anchor, [])
            end = bisect_left(line, (_naive(now.started_at), ""), key=lambda row: row[:2])
            earlier = [each for _, _, each in line[max(0, end - LAST) : end]]
        products = [self._product(now, product) for product in now.products if product.air_ms >= LONG_MS]
        return Compared(
            recording=now.recording,
            own=tuple(_changes(_numbers(now), [_numbers(each) for each in earlier], NAMES)),
            products=tuple(each for each in products if each),
        )

    def _product(self, now: Measures, product: ProductMeasures) -> SameProduct | None:
        others: list[tuple[Measures, ProductMeasures]] = []
        for each, same in reversed(self._by_product.get(same_name(product.name), [])):
            if now.anchor and each.anchor and each.anchor != now.anchor and same.air_ms >= LONG_MS:
                others.append((each, same))
                if len(others) == MOST:
                    break
        changes = tuple(_changes(_of_product(product), [_of_product(same) for _, same in others], ("claims", "sales")))
        sellers = len({each.anchor for each, _ in others})
        return SameProduct(name=product.name, sellers=sellers, changes=changes) if changes else None


def same_name(name: str) -> str:
    return re.sub(r"[\s·・（）()\[\]【】-]", "", name).casefold()


def render_comparison(standing: Compared | None, lang: str) -> str:
    """The section of the coaching page, between marks by which it is found again; just the marks if there is none."""
    section = ""
    if standing and (standing.own or standing.products):
        section = render(
            "comparison.html",
            lang,
            own=[(change, _sentence(change, "compare", lang)) for change in standing.own],
            streams=max((change.streams for change in standing.own), default=0),
            products=[
                (product, [_sentence(change, "compare_product", lang) for change in product.changes])
                for product in standing.products
            ],
        )
    return f"{BEGIN.decode()}{section}{END.decode()}"


def placed(page: bytes, standing: Compared) -> bytes | None:
    """The coaching page with its comparison, in the language it is written in; None if it has no place for one."""
    start, end = page.find(BEGIN), page.rfind(END)
    if not 0 <= start < end:
        return None
    lang = "zh" if b'<html lang="zh' in page[:200] else "en"
    return page[:start] + render_comparison(standing, lang).encode() + page[end + len(END) :]


def _numbers(each: Measures) -> dict[str, float | None]:
    values = (
        each.pace_cpm, each.fillers_per_minute, each.talk_rate, each.unanswered_rate, each.claims_per_hour,
        each.sales_fen,
    )  # fmt: skip
    return dict(zip(NAMES, values, strict=True))


def _of_product(each: ProductMeasures) -> dict[str, float | None]:
    sales = each.gmv_fen / each.viewer_minutes if each.gmv_fen is not None and each.viewer_minutes else None
    return {"claims": each.claims * 3_600_000 / each.air_ms, "sales": sales}


def _changes(
    now: dict[str, float | None], before: Sequence[dict[str, float | None]], names: Iterable[str]
) -> Iterable[Course]:
    for name in names:
        value, known = now[name], [number for each in before if (number := each[name]) is not None]
        if value is not None and known:
            yield Course(name=name, now=round(value, 4), before=round(median(known), 4), streams=len(known))


def _sentence(change: Course, family: str, lang: str) -> str:
    return text(
        f"{family}.{change.name}.{change.way}", lang, now=_said(change.name, change.now, lang),
        before=_said(change.name, change.before, lang), streams=change.streams,
    )  # fmt: skip


def _said(name: str, value: float, lang: str) -> str:
    if name in ("talk", "unanswered"):
        return percent(value)
    if name == "sales":
        return money(value, lang)
    return f"{value:.0f}" if name == "pace" or value >= 10 or not value else f"{value:.1f}"


def _naive(moment: datetime | None) -> datetime:
    """Times with and without a zone can be in one workspace; they are compared by what their clocks showed."""
    return moment.replace(tzinfo=None) if moment else datetime.min
