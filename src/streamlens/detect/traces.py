"""Traces of products in what is said: names, links, parts of names, prices and weights, each with what it tells.

What is said of another product only in passing (用这个香菇熬的, 待会儿还有, 跟苹果比) tells less. A word that is part
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
    ANNOUNCE,
    BACK,
    BESIDE,
    BESIDE_BEFORE,
    COMPARED,
    FORWARD,
    MADE_OF,
    MAKING,
    NOT_NOW,
    OF_PEOPLE,
    PIECE_OF,
    POINTED,
    POINTING,
    REFERENCE,
    RETURN,
    SAME_AS,
)  # fmt: skip

_EACH = re.compile("(?:一|每)(?:斤|个|枚|颗|片|小?袋|小?包|两|只|盘|份),?$")
_BESIDE_PRODUCT = 0.5  # how much of a word speaks for a product whose name contains it
_WEAK = ("beside", "grams", "count")  # no announcement is for these
_LATER = -0.15  # of its weight: what is promised for later is not on offer now
_MADE_SHARE = 0.6  # of the aside factor, for what goods are made of


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
    back: float
    reference: float
    aside: float


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Words at text[start:end] that speak for a product with `weight` log odds."""

    product: str
    start: int
    end: int
    weight: float
    sort: str
    main: bool = False  # not in passing
    share: float = 1.0  # how sure it is that these words are meant, and of this product alone


def find_traces(
    text: Spoken, clauses: tuple[Clause, ...], mentions: Mentions, catalogue: Catalogue, weights: Weights
) -> tuple[Trace, ...]:
    """All traces in order of their places."""
    named = list(_named(text, clauses, mentions, catalogue, weights))
    taken = {at for trace in named for at in range(trace.start, trace.end)}
    found = [*named, *_figures(text, catalogue, weights)]
    found += _parts(text, clauses, catalogue, weights, taken)
    found = [_referring(text, trace, weights) for trace in found]
    found = _announced(text, clauses, found, weights)
    return _with_asides(sorted(found, key=lambda trace: (trace.start, trace.end, trace.product, trace.sort)))


def _with_asides(traces: list[Trace]) -> tuple[Trace, ...]:
    """Without what is said in passing of a product that was not the last to be spoken of: it draws no change near."""
    kept: list[Trace] = []
    last: set[str] = set()
    place = -1
    for trace in traces:
        if trace.main and trace.sort not in _WEAK:
            last = last | {trace.product} if trace.start == place else {trace.product}
            place = trace.start
        elif not trace.main and trace.sort != "beside" and trace.weight > 0 and trace.product not in last:
            trace = msgspec.structs.replace(trace, weight=0.0)
        kept.append(trace)
    return tuple(kept)


def _referring(text: Spoken, trace: Trace, weights: Weights) -> Trace:
    """恩施的那个, 二十九块九的: what may stand for the product's name then does."""
    if trace.sort not in ("part", "head", "price", "figure") or not trace.main:
        return trace
    if not REFERENCE.search(text.text[trace.end : trace.end + 6]):
        return trace
    return msgspec.structs.replace(trace, weight=trace.weight + weights.reference * trace.share)


def _announced(text: Spoken, clauses: tuple[Clause, ...], traces: list[Trace], weights: Weights) -> list[Trace]:
    """With `announce` added to the traces of the products that words announce, or take up again.

    An announcement is for the head of what follows it, which comes last: 第二件是用香菇熬的香菇酱; the words of a
    return stand on either side: 二十九块九的那个还有.
    """
    by_sentence: dict[int, list[int]] = defaultdict(list)
    for number, trace in enumerate(traces):
        if trace.main:
            by_sentence[clauses[clause_at(clauses, trace.start)].opens].append(number)
    gained = list(traces)
    for opens, numbers in by_sentence.items():
        numbers.sort(key=lambda number: traces[number].start)
        start = clauses[opens].start
        _, closes = text.sentence(start, start + 1)
        spans = [(match.start(), match.end(), False) for match in ANNOUNCE.finditer(text.text, start, closes)]
        spans += [(match.start(), match.end(), True) for match in RETURN.finditer(text.text, start, closes)]
        given: set[str] = set()
        for first, last, back in sorted(spans):
            near = [
                number
                for number in numbers
                if (first - 12 if back else first - 2) <= traces[number].start <= last + 14
                and traces[number].sort not in _WEAK
            ]
            if not near:
                continue
            # of one clause the last, of several the nearest
            nearest = min(near, key=lambda number: abs(traces[number].start - first))
            place = clause_at(clauses, traces[nearest].start)
            head = max(
                (number for number in near if clause_at(clauses, traces[number].start) == place),
                key=lambda number: traces[number].start,
            )
            for number in near:
                trace = traces[number]
                if trace.start == traces[head].start and trace.product not in given:
                    given.add(trace.product)
                    gain = (weights.back if back else weights.announce) * trace.share
                    gained[number] = msgspec.structs.replace(trace, weight=trace.weight + gain)
    return gained


def _named(
    text: Spoken, clauses: tuple[Clause, ...], mentions: Mentions, catalogue: Catalogue, weights: Weights
) -> Iterator[Trace]:
    base = {"name": weights.name, "alias": weights.alias, "link": weights.link}
    names = {
        product.sku: tuple(_letters(name) for name in (product.name, *product.aliases))
        for product in catalogue.products
    }
    rows: list[tuple[int, int, Mention, float]] = []
    for mention in mentions.mentions:
        if mention.product not in names:
            continue
        start = text.index(mention.start_ms)
        end = min(start + len(_letters(mention.heard)), len(text.text))
        clause = clauses[clause_at(clauses, start)]
        rows.append((start, end, mention, in_passing(text, clause, start, end, mention.by == "link", weights)))
    for start, end, mention, factor in rows:
        weight, sure = base[mention.by] * mention.confidence * factor, mention.confidence
        yield Trace(
            product=mention.product,
            start=start,
            end=end,
            weight=weight,
            sort=mention.by,
            main=factor == 1.0,
            share=sure,
        )
        phrase = _letters(mention.quote)
        for sku, others in names.items():
            if (
                mention.by != "link"
                and sku != mention.product
                and any(phrase != each and phrase in each for each in others)
            ):
                share = (
                    weight * _BESIDE_PRODUCT
                    if factor == 1.0
                    else base[mention.by] * mention.confidence * _BESIDE_PRODUCT * 0.7
                    if factor > 0
                    else 0.0
                )
                yield Trace(product=sku, start=start, end=end, weight=share, sort="beside")


def in_passing(text: Spoken, clause: Clause, start: int, end: int, link: bool, weights: Weights) -> float:
    """1 for a word that is what the clause is about, else how much of it counts."""
    before, after = text.text[max(clause.start, start - 12) : start], text.text[end : min(clause.end, end + 12)]
    aside = weights.aside
    _, closes = text.sentence(start, end)
    if FORWARD.search(before) or FORWARD.search(text.text[end : min(closes, end + 14)]):
        return _LATER
    first, closes = text.sentence(start, end)
    whole = text.text[first : min(closes, end + 25)]
    if link:
        pointed = POINTED.search(after) or (POINTING.search(before) and re.match("拍|下单|自己|看", after))
        return aside if NOT_NOW.search(after) or (pointed and not RETURN.search(whole)) else 1.0
    if COMPARED.search(whole):
        return aside
    if BACK.search(before):
        rest = text.text[start : min(closes, end + 25)]
        return 1.0 if RETURN.search(rest) and not NOT_NOW.search(rest) else aside
    if NOT_NOW.search(after) or (POINTED.search(after) and not RETURN.search(whole)):
        return aside
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
        for sort, value in listed_figures(product):
            owners[sort, value].append(product.sku)
    base = {"price": weights.price, "figure": weights.figure, "grams": weights.weight, "count": weights.weight}
    for figure in find_figures(text.text):
        sort = "price" if figure.sort == "figure" else figure.sort + figure.unit
        fitting = sorted({sku for value in figure.values for sku in owners.get((sort, value), ())})
        if 0 < len(fitting) <= max(3, len(catalogue.products) // 10):
            for sku in fitting:
                weight = base[figure.sort] / len(fitting)
                if figure.sort != "grams" and _EACH.search(text.text[max(0, figure.start - 4) : figure.start]):
                    weight *= weights.aside  # 一斤三十三: of a part of it
                yield Trace(
                    product=sku, start=figure.start, end=figure.end, weight=weight, sort=figure.sort, main=True,
                    share=1 / len(fitting),
                )  # fmt: skip


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
            share = part.share * sure
            yield Trace(
                product=sku, start=start, end=end, weight=weights.part * share * factor, sort="part",
                main=factor == 1.0, share=share,
            )  # fmt: skip
    by_head = {part.phrase: part for part in heads}
    for clause in clauses:
        at = clause.start
        for word in words(text.text[clause.start : clause.end]):
            head = by_head.get(word)
            if head and at not in taken:
                factor = in_passing(text, clause, at, at + 1, False, weights)
                for sku in head.products:
                    yield Trace(
                        product=sku, start=at, end=at + 1, weight=weights.head * head.share * factor, sort="head",
                        main=factor == 1.0, share=head.share * 0.7,
                    )  # fmt: skip
            at += len(word)


def _letters(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")
