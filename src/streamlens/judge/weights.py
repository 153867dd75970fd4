"""Weight, count and size: told apart by what they are of, and compared only with what is on file about that.

净重九斤 is of the pack, 单果四两 of the piece, 一斤七八个 of the piece again, 多装半斤 comes on top, and 少一两罚十两
promises full measure. A catalogue that gives the weight of the pack says nothing of the piece, unless it also counts
the pieces.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

from ..language import said
from ..language.numbers import NUMERAL, value
from ..language.quantities import (
    GRAMS,
    LENGTHS,
    PIECES,
    MassOf,
    amounts,
    counts,
    masses,
    of_mass,
    pack_count,
    pack_grams,
    sizes,
)
from ..schema import Product, Record, Verdict, WeighingRecord
from .papers import (
    Dossier,
    Look,
    Ruling,
    dated,
    denies,
    examine,
    fits,
    misses,
    missing,
    say,
    unreadable,
    weigh,
)

_SHORT_RATE = 0.03  # a single pack may lie so far below; the law's own tables by size were not read
_SAME_SIZE = (0.8, 1.25)  # a record that declares so much of the weight meant is of that size of pack

# ---- what the words state

_SEVERAL = re.compile(f"({NUMERAL})[箱份单件袋盒][^零一二三四五六七八九十半两]{{0,6}}$")
_TO_THE_JIN = re.compile(f"一斤[^零一二三四五六七八九十百千万两]{{0,4}}({NUMERAL})(来|多)?([{PIECES}])")
_AVERAGE = re.compile("平均|差不多|左右|大概|大约|一般|也就")
_PAIRED = re.compile("公.{0,2}?(?=[零一二三四五六七八九十半]).*母")
_GRADE = re.compile("巨无霸|特大|中大|大果|大个|大虾|大蟹|小果|精品")

_Of = MassOf | Literal["count", "length", "size"]


class Stated(Record, frozen=True, kw_only=True):
    """What the words state: `amount` in grams, pieces or millimetres, by what it is `of`.

    `counter` is the word that counts (枚, 瓶); `average`: of a piece on the average, not of every one.
    """

    of: _Of
    amount: float = 0.0
    counter: str = ""
    average: bool = False


def stated(quote: str, clause: str = "") -> Stated:
    """What a quote in spoken form states; the `clause` around it helps where the quote begins with the number."""
    if length := next(amounts(quote, LENGTHS), None):
        return Stated(of="length", amount=length[0])
    dense = _TO_THE_JIN.search(quote)
    most = value(dense.group(1), most=True) if dense else None
    if dense and most:
        slack = 1.3 if dense.group(2) else 1.0  # 十来个 may be thirteen
        return Stated(of="piece", amount=500 / (most * slack), counter=dense.group(3), average=True)
    at = clause.find(quote)
    lead = clause[max(0, at - 6) : at] if at > 0 else ""
    average = bool(_AVERAGE.search(lead + quote))
    promise = False
    both = [grams for grams, _, _ in masses(quote)] if _PAIRED.search(quote) else []
    if len(both) == 2:  # 公四两母三两: half of each go into a pack
        return Stated(of="piece", amount=sum(both) / 2, counter="只", average=True)
    for grams, start, end in masses(quote):
        before, after = lead + quote[:start], quote[end:]
        of, counter = of_mass(before, after)
        if of == "promise":
            promise = True
            continue
        if of != "on_top" and re.match("(?:再)?(?:送|赠)", after):  # 三斤送半斤: what follows comes on top
            continue
        if of != "pack":
            return Stated(of=of, amount=grams, counter=counter, average=average and of != "on_top")
        several = _SEVERAL.search(before)
        packs = value(several.group(1)) if several else None
        return Stated(of="pack", amount=grams / packs if packs and packs > 1 else grams)
    numbered = [] if promise else list(counts(quote))
    for count, counter in numbered:
        if count > 1 or len(numbered) == 1:
            return Stated(of="count", amount=count, counter=counter)
    if size := next(sizes(quote), None):
        return Stated(of="length", amount=size[0])
    return Stated(of="size" if _GRADE.search(quote) else "promise")


# ---- what the catalogue gives


_SPAN = r"(\d+(?:\.\d+)?)\s*({units})?\s*(?:[-~～—–至到]\s*(\d+(?:\.\d+)?)\s*)?({units})(以上|往上|起|\+)?"


def _listed_span(product: Product, units: dict[str, float], mark: str) -> tuple[float, float | None] | None:
    """The least and most of a size that the name gives (果径75-80mm, 单果180-220克); no most for 80mm以上."""
    names = "|".join(sorted(units, key=len, reverse=True))
    for text in (product.name, product.unit, *product.aliases):
        plain = unicodedata.normalize("NFKC", text).lower()
        found = re.search(mark + _SPAN.format(units=names), plain)
        if found:
            low, low_unit, high, unit, open_end = found.group(1, 2, 3, 4, 5)
            least = float(low) * units[low_unit or unit]
            return least, None if open_end else float(high or low) * units[unit]
    return None


def _catalogue(dossier: Dossier, words: Stated) -> tuple[Look, ...]:
    product = dossier.product
    if words.of == "pack":
        return _compare(words.amount, pack_grams(product), "g")
    if words.of == "count":
        return _compare(words.amount, pack_count(product, words.counter), words.counter)
    if words.of == "length":
        return _within(words.amount, _listed_span(product, LENGTHS, ""), "mm")
    if words.of == "size":
        named = _GRADE.findall(dossier.quote)
        known = said(" ".join((product.name, product.unit, *product.aliases)))
        if named and all(word in known for word in named):
            return (_own("supported", "weight.named", shown={"words": "、".join(named)}),)
        return ()
    if words.of not in ("piece", "container"):
        return ()
    span = _listed_span(product, GRAMS, "(?:单[果个只枚]|每[个只枚])[^0-9]{0,4}") if words.of == "piece" else None
    if span:
        return _within(words.amount, span, "g")
    grams, count = pack_grams(product), pack_count(product, words.counter)
    if not grams or not count:
        return ()
    each = grams / count
    shown = {"stated": words.amount, "each": each, "listed": grams, "count": count}
    if words.amount > each * (1 + _SHORT_RATE):
        return (_own("contradicted", "weight.each_less", shown=shown),)
    if words.average or words.of == "container" or count == 1:
        return (_own("supported", "weight.each_more", shown=shown),)
    return (_own("unclear", "weight.average_only", shown=shown),)


def _compare(stated_amount: float, listed: float | None, unit: str) -> tuple[Look, ...]:
    if listed is None:
        return ()
    more = stated_amount <= listed
    shown = {"stated": stated_amount, "listed": float(listed), "unit": unit}
    code = "weight.catalogue_more" if more else "weight.catalogue_less"
    return (_own("supported" if more else "contradicted", code, shown=shown),)


def _within(stated_amount: float, span: tuple[float, float | None] | None, unit: str) -> tuple[Look, ...]:
    if span is None:
        return ()
    least, most = span
    if stated_amount <= least:
        return _compare(stated_amount, least, unit)
    if most is not None and stated_amount > most:
        return _compare(stated_amount, most, unit)
    return (_own("unclear", "weight.between", shown={"stated": stated_amount, "listed": least, "unit": unit}),)


def _own(verdict: Verdict, code: str, *, near: int = 0, shown: Mapping[str, object]) -> Look:
    """A Look at the catalogue, which is no paper."""
    return Look(paper="", verdict=verdict, message=say(code, **shown), near=near)


# ---- the judge


def weight(dossier: Dossier) -> Ruling:
    """What the words state against the catalogue, and against what was weighed of the same thing."""
    words = stated(dossier.quote, dossier.clause)

    def read(paper: WeighingRecord) -> Look:
        return dated(dossier, paper, paper.date, _weighed(dossier, words, paper))

    lacking = missing(dossier, "weighing_record")
    if words.of in ("piece", "container"):
        lacking = say("weight.piece_unknown")
    elif words.of in ("length", "size"):
        lacking = say("weight.size_unknown")
    return weigh((*_catalogue(dossier, words), *examine(dossier, WeighingRecord, read)), lacking)


def _weighed(dossier: Dossier, words: Stated, paper: WeighingRecord) -> Look:
    if not paper.samples_g:
        return misses(paper, "weight.no_samples")
    if words.of in ("count", "length", "size"):
        return misses(paper, "weight.other_measure", near=1)
    listed = pack_grams(dossier.product)
    if words.of in ("piece", "container"):
        if not words.amount / 2 <= paper.declared_g <= words.amount * 2:
            return misses(paper, "weight.packs_weighed", near=2, declared=paper.declared_g)
        return _against(paper, words.amount)
    meant = listed or (words.amount if words.of == "pack" else paper.declared_g)
    if not _SAME_SIZE[0] * meant <= paper.declared_g <= _SAME_SIZE[1] * meant:
        return unreadable(paper, "weight.other_size", declared=paper.declared_g, listed=float(meant))
    if words.of == "pack":
        return _against(paper, words.amount)
    return _against(paper, max(paper.declared_g, listed or 0) + (words.amount if words.of == "on_top" else 0))


def _against(paper: WeighingRecord, grams: float) -> Look:
    samples = paper.samples_g
    mean = sum(samples) / len(samples)
    shown = {"stated": grams, "count": len(samples), "least": min(samples), "mean": round(mean, 1)}
    if min(samples) < grams * (1 - _SHORT_RATE):
        return denies(paper, "weight.short", **shown)
    if mean < grams:
        return unreadable(paper, "weight.below_average", **shown)
    return fits(paper, "weight.weighed", **shown)
