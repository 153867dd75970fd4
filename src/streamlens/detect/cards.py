"""Products that the screen shows: price cards and banners with a name, part of one, or a price of the catalogue.

A card is news when it comes up: it speaks for its product then, and no longer when it has been there for a while, for
it may lag behind what is said, or have been forgotten. What shows many products at once (the whole cart) tells nothing.
"""

import re
from collections import defaultdict

import numpy as np

from ..language import HARD, SOFT, spoken
from ..schema import Catalogue, Product, Screen
from .decoder import Array, Times

SHORTEST = 2  # characters of a name that a card may be cut to
MOST_AT_ONCE = 2  # products shown at once, above which it is a list
_PRICE = re.compile(r"(?<![\d.])(\d{1,5}(?:\.\d{1,2})?)(?![\d.])")
_MARKED = re.compile(r"[¥￥]|元|块|价")
_PRICE_SHARE = 0.6  # of what a name tells
_NEAR_MS = 500  # a sentence that begins so soon after is the one
_LISTED_MS = 3000  # what comes up within so long of one another is shown together


def card_scores(
    times: Times,
    openings: Times,
    screen: Screen,
    catalogue: Catalogue,
    skus: tuple[str, ...],
    *,
    weight: float,
    fresh_ms: int,
    late_ms: int,
) -> Array:
    """float[steps, skus]: `weight` log odds for a card with a name, spread over its first `fresh_ms`.

    A card comes up while its product is being announced: it counts from the beginning of the sentence it comes up in,
    up to `late_ms` earlier. `times` int[steps + 1], ms at which each step begins, and at which the last ends;
    `openings`, at which sentences begin.
    """
    scores = np.zeros((len(times) - 1, len(skus)))
    for sku, seen_ms, end_ms, share in shown_products(screen, catalogue):
        before = openings[openings <= seen_ms + _NEAR_MS]
        start_ms = max(int(before[-1]), seen_ms - late_ms) if before.size else seen_ms
        until = min(end_ms, start_ms + fresh_ms)
        spread = max(until - start_ms, fresh_ms // 3)
        overlap = np.minimum(times[1:], until) - np.maximum(times[:-1], start_ms)
        scores[:, skus.index(sku)] += weight * share * np.clip(overlap, 0, None) / spread
    return scores


def shown_products(screen: Screen, catalogue: Catalogue) -> tuple[tuple[str, int, int, float], ...]:
    """(sku, start_ms, end_ms, share): what is shown when, `share` 1 for a name that no other product shown then has."""
    cards: dict[tuple[str, int, int], float] = {}
    for text in screen.texts:
        if text.sort != "standing":
            continue
        fitting = _named(text.text, catalogue.products) or _priced(text.text, catalogue.products)
        for sku, share in fitting.items():
            key = (sku, text.start_ms, text.end_ms)
            cards[key] = max(cards.get(key, 0.0), share)
    # one card's name and price are one sign
    joined: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
    for (sku, start_ms, end_ms), share in sorted(cards.items(), key=lambda row: (row[0][1], row[0][0], row[0][2])):
        rows = joined[sku]
        if rows and start_ms <= rows[-1][1] + _LISTED_MS:
            rows[-1] = (rows[-1][0], max(rows[-1][1], end_ms), max(rows[-1][2], share))
        else:
            rows.append((start_ms, end_ms, share))
    flat = sorted((start, sku, end, share) for sku, rows in joined.items() for start, end, share in rows)
    found = []
    for start, sku, end, share in flat:
        together = {other for begin, other, _, each in flat if abs(begin - start) <= _LISTED_MS and each >= share}
        if len(together | {sku}) <= MOST_AT_ONCE:
            found.append((sku, start, end, share / len(together | {sku})))
    return tuple(found)


def _named(text: str, products: tuple[Product, ...]) -> dict[str, float]:
    """The products whose name the text has, or the beginning of whose name it is; only those with the longest."""
    said = _letters(text)
    best: dict[str, int] = {}
    for product in products:
        names = [_letters(name) for name in (product.name, *product.aliases)]
        sizes = [len(name) for name in names if len(name) >= SHORTEST and name in said]
        if len(said) >= 3 and names[0].startswith(said):
            sizes.append(len(said))
        if sizes:
            best[product.sku] = max(sizes)
    longest = max(best.values(), default=0)
    return {sku: 1.0 for sku, size in best.items() if size == longest}


def _priced(text: str, products: tuple[Product, ...]) -> dict[str, float]:
    if not _MARKED.search(text):
        return {}
    prices = {round(float(match[1]) * 100) for match in _PRICE.finditer(text)}
    fitting = [product.sku for product in products if product.price_fen in prices]
    return {sku: _PRICE_SHARE / len(fitting) for sku in fitting}


def _letters(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")
