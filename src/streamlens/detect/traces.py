"""Traces of products in what is said: names, links, parts of names, prices and weights, each with what it tells.

What is said of another product only in passing (用这个香菇熬的, 待会儿还有, 搭配一点, 跟苹果比) tells less. A word that is part
of another product's name (香菇 of 香菇酱) speaks for that one too.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from ..language import HARD, SOFT, spoken, words
from ..schema import Catalogue, Mention, Mentions
from .clauses import Clause, clause_at
from .figures import find_figures, listed_figures
from .parts import Part, distinctive_parts
from .patterns import Text
from .sound import SoundText
from .spoken import Spoken
from .turns import (
    ANNOUNCE, BACK, BESIDE, BESIDE_BEFORE, FORWARD, MADE_OF, MAKING, NOT_NOW, OF_PEOPLE, PIECE_OF, RETURN, SAME_AS,
)  # fmt: skip

_BESIDE_PRODUCT = 0.5  # how much of a word speaks for a product whose name contains it
_FORWARD_SHARE, _MADE_SHARE = 0.4, 0.6  # of the aside factor, for words about later, and about what goods are made of


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Log odds; see configs/default.toml."""

    name: float
    alias: float
    link: float
    part: float
    head: float
    price: float
    figure: float
    weight: float
    announce: float
    aside: float


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Words at text[start:end] that speak for a product with `weight` log odds."""

    product: str
    start: int
    end: int
    weight: float
    sort: str
    main: bool = False  # not in passing


def find_traces(
    text: Spoken, clauses: tuple[Clause, ...], mentions: Mentions, catalogue: Catalogue, weights: Weights
) -> tuple[Trace, ...]:
    """All traces in order of their places."""
    named = list(_named(text, clauses, mentions, catalogue, weights))
    taken = {at for trace in named for at in range(trace.start, trace.end)}
    found = [*named, *_figures(text, catalogue, weights)]
    found += _parts(text, clauses, catalogue, weights, taken)
    return tuple(sorted(found, key=lambda trace: (trace.start, trace.end, trace.product, trace.sort)))


def _named(
    text: Spoken, clauses: tuple[Clause, ...], mentions: Mentions, catalogue: Catalogue, weights: Weights
) -> Iterator[Trace]:
    base = {"name": weights.name, "alias": weights.alias, "link": weights.link}
    names = {
        product.sku: tuple(_letters(name) for name in (product.name, *product.aliases)) for product in catalogue.products
    }
    rows: list[tuple[int, int, int, Mention, float]] = []
    for mention in mentions.mentions:
        if mention.product not in names:
            continue
        start = text.index(mention.start_ms)
        end = min(start + len(_letters(mention.heard)), len(text.text))
        clause = clause_at(clauses, start)
        rows.append((clause, start, end, mention, in_passing(text, clauses[clause], start, end, mention.by == "link", weights)))
    last = {}  # the head of a clause comes last: 第二件是用香菇熬的香菇酱
    for clause, start, _, _, factor in rows:
        if factor == 1.0:
            last[clause] = max(start, last.get(clause, -1))
    opened: set[int] = set()
    for clause, start, end, mention, factor in rows:
        weight = base[mention.by] * mention.confidence * factor
        main = factor == 1.0
        if main and start == last[clause] and _announces(text, clauses, clause, start, opened):
            weight += weights.announce * mention.confidence
        yield Trace(product=mention.product, start=start, end=end, weight=weight, sort=mention.by, main=main)
        phrase = _letters(mention.quote)
        for sku, others in names.items():
            if mention.by != "link" and sku != mention.product and any(phrase != each and phrase in each for each in others):
                share = weight * _BESIDE_PRODUCT if factor == 1.0 else base[mention.by] * mention.confidence * 0.35
                yield Trace(product=sku, start=start, end=end, weight=share, sort="beside")


def _announces(text: Spoken, clauses: tuple[Clause, ...], clause: int, start: int, opened: set[int]) -> bool:
    """Is a product announced before this place, in its clause or in the two before it in its sentence?"""
    first = max(clauses[clause].opens, clause - 2)
    match = None
    for match in ANNOUNCE.finditer(text.text, clauses[first].start, min(start + 6, clauses[clause].end)):
        pass
    if match is None or match.start() in opened:
        return False
    opened.add(match.start())
    return True


def in_passing(text: Spoken, clause: Clause, start: int, end: int, link: bool, weights: Weights) -> float:
    """1 for a word that is what the clause is about, else how much of it counts."""
    before, after = text.text[max(clause.start, start - 12) : start], text.text[end : min(clause.end, end + 12)]
    aside = weights.aside
    if FORWARD.search(before) or FORWARD.search(after[:8]):
        return aside * _FORWARD_SHARE
    if BACK.search(before):
        _, closes = text.sentence(start, end)
        rest = text.text[start : min(closes, end + 25)]
        return 1.0 if RETURN.search(rest) and not NOT_NOW.search(rest) else aside
    if NOT_NOW.search(after):
        return aside
    if link:
        return 1.0
    if MADE_OF.search(before[-8:]):
        return aside * (_MADE_SHARE if MAKING.search(after) else 1.0)
    if MAKING.search(after):
        return aside * _MADE_SHARE
    if PIECE_OF.search(after) or BESIDE.search(before) or BESIDE_BEFORE.search(before):
        return aside
    if re.search("[跟和与像]$|[跟和像][^,.]{1,2}$", before) and SAME_AS.search(after):
        return aside
    return 1.0


def _figures(text: Spoken, catalogue: Catalogue, weights: Weights) -> Iterator[Trace]:
    owners: dict[tuple[str, int], list[str]] = defaultdict(list)
    for product in catalogue.products:
        for sort, value in listed_figures(product).items():
            owners[sort, value].append(product.sku)
    base = {"price": weights.price, "figure": weights.figure, "grams": weights.weight, "count": weights.weight}
    for figure in find_figures(text.text):
        sort = "price" if figure.sort == "figure" else figure.sort
        fitting = sorted({sku for value in figure.values for sku in owners.get((sort, value), ())})
        if 0 < len(fitting) <= max(3, len(catalogue.products) // 10):
            for sku in fitting:
                weight = base[figure.sort] / len(fitting)
                yield Trace(product=sku, start=figure.start, end=figure.end, weight=weight, sort=figure.sort)


def _parts(
    text: Spoken, clauses: tuple[Clause, ...], catalogue: Catalogue, weights: Weights, taken: set[int]
) -> Iterator[Trace]:
    long, heads = distinctive_parts(catalogue)
    sounds = SoundText(text)
    hits: list[tuple[float, int, int, Part]] = []
    for part in long:
        most = 0.1 if len(part.phrase) == 2 else 0.35
        for hit in sounds.find(Text(part.phrase), lambda _, most=most: most):  # type: ignore[misc]
            heard = text.text[hit.start : hit.end]
            literal = heard == part.phrase
            if not literal and (SOFT in heard or HARD in heard):
                continue
            sure = 1.0 if literal else 0.35 if len(part.phrase) == 2 else 0.6
            hits.append((sure, hit.start, hit.end, part))
    for sure, start, end, part in sorted(hits, key=lambda row: (row[1] - row[2], -row[0], row[1], row[3].phrase)):
        if taken & set(range(start, end)):
            continue
        taken.update(range(start, end))
        clause = clauses[clause_at(clauses, start)]
        factor = in_passing(text, clause, start, end, False, weights)
        if OF_PEOPLE.search(text.text[end : end + 6]):
            factor = min(factor, weights.aside)
        for sku in part.products:
            yield Trace(product=sku, start=start, end=end, weight=weights.part * part.share * sure * factor, sort="part")
    by_head = {part.phrase: part for part in heads}
    for clause in clauses:
        at = clause.start
        for word in words(text.text[clause.start : clause.end]):
            head = by_head.get(word)
            if head and at not in taken:
                factor = in_passing(text, clause, at, at + 1, False, weights)
                for sku in head.products:
                    yield Trace(product=sku, start=at, end=at + 1, weight=weights.head * head.share * factor, sort="head")
            at += len(word)


def _letters(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")
