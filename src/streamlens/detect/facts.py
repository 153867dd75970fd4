"""What is said and shown of each product, held against the catalogue, and what a buyer was never told.

A fact belongs to the product named in its clause, else to one named earlier in the sentence, else to the one on offer.
A value that differs from the catalogue is shown as such and accuses nobody; one that may be misheard is left open.
"""

import bisect
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from ..language import HARD, SOFT, plain, spoken
from ..schema import (
    Catalogue,
    Fact,
    Facts,
    FactSort,
    Mentions,
    RuleBook,
    Screen,
    ScreenText,
    Segments,
    Told,
    Transcript,
)
from .agreement import Compared, compare
from .offers import Stated, offers
from .promises import promises
from .spoken import Spoken, speak

PLACES = "place"  # the word set of the rules that holds where goods come from
LONGEST = 240  # characters of a sentence; a longer one is parted at its commas
_NAMED = 0.6  # how sure a mention must be
_ASKS = re.compile(
    "[吗么]$|多少钱?|能不能|可不可以|有没有|是不是|会不会|要不要|怎么卖|什么时候|几[天号斤个块]"
    "|问(?:一下|我|能|有|是|这|怎么|发|什么)"
)
_ASIDE = re.compile("[比跟像]|一样|刚才|刚刚|待会|等下|等一下|一会|搭配|配上|前面|后面")
_THIS = re.compile("这[个款箱份件盒]|我们这|咱们?这")


# fixed words of the trade as recognisers misspell them; each as long as what was meant
_MISHEARD = (
    (re.compile("(?<=块)[酒久韭](?![水店类瓶精鬼楼席量坛杯味违])"), "九"),
    (re.compile("(?<![零一二两三四五六七八九十百千万])[圆元园缘][架价驾]"), "原价"),
    (re.compile("包油(?=到家|[,.]|$)"), "包邮"),
    (re.compile("包[陪配培](?=[,.你]|$)"), "包赔"),
)


class FactOptions(msgspec.Struct, frozen=True, kw_only=True):
    """When a fact counts."""

    least_confidence: float = 0.6  # a value heard less surely is not held against the catalogue
    least_told: float = 0.3  # and a fact heard less surely does not count as told
    least_air_ms: int = 10_000  # a product on offer for less has no checklist


def find_facts(
    transcript: Transcript,
    segments: Segments,
    mentions: Mentions,
    catalogue: Catalogue,
    screen: Screen,
    rulebook: RuleBook,
    *,
    options: FactOptions | None = None,
) -> Facts:
    """Every fact in order of time, those told again too, and the checklist of each product that had air time."""
    options = options or FactOptions()
    places = _places(rulebook, catalogue)
    found = [*_said(transcript, segments, mentions, places), *_shown(screen, segments, catalogue)]
    found = _surer(found)
    in_speech = transcript.source == "speech"
    cuts: defaultdict[str | None, list[Fact]] = defaultdict(list)
    for fact in (told.fact for told in found if told.fact.sort == "discount"):
        cuts[fact.product].append(fact)
    facts = []
    for number, told in enumerate(sorted(found, key=lambda told: (told.fact.start_ms, told.fact.end_ms))):
        fact, product = told.fact, catalogue.get(told.fact.product)
        if product:
            compared = compare(fact, product, told.beside, cuts[fact.product])
            fact = _judged(fact, compared, told.times, in_speech, options)
        facts.append(msgspec.structs.replace(fact, id=f"{transcript.recording}/fact-{number + 1:05d}"))
    return Facts(
        recording=transcript.recording,
        facts=tuple(facts),
        checklist=tuple(_checklist(facts, segments, catalogue, options)),
    )


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, what its sentence states beside it, and how often it is told."""

    fact: Fact
    beside: tuple[Stated, ...] = ()
    times: int = 1


def _places(rulebook: RuleBook, catalogue: Catalogue) -> tuple[str, ...]:
    """Where goods come from, by the rules' word set; the catalogue's origins whole."""
    own = {product.origin for product in catalogue.products if len(product.origin) > 1}
    return tuple(sorted({*dict(rulebook.sets).get(PLACES, ()), *own}))


# ---- in speech


def read_sentence(text: str, places: Sequence[str] = ()) -> list[Stated]:
    """What a sentence in spoken form states, in order; a clause that asks states nothing."""
    asked = [clause.span() for clause in re.finditer(f"[^{SOFT}{HARD}]+", text) if _ASKS.search(clause.group())]
    found = [*offers(text), *promises(text, places)]
    kept = [stated for stated in found if not any(a <= stated.start < b for a, b in asked)]
    return sorted(kept, key=lambda stated: (stated.start, stated.end, stated.sort))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(f"[^{HARD}]+", text):
        start, end = match.span()
        while end - start > LONGEST:
            cut = text.rfind(SOFT, start + 1, start + LONGEST)
            cut = cut if cut > start else start + LONGEST
            yield start, cut
            start = cut
        yield start, end


def _mended(sentence: str) -> str:
    for misheard, meant in _MISHEARD:
        sentence = misheard.sub(meant, sentence)
    return sentence


def _said(transcript: Transcript, segments: Segments, mentions: Mentions, places: tuple[str, ...]) -> list[_Told]:
    text = speak(transcript)
    named = sorted(
        (text.index(mention.start_ms), mention.product) for mention in mentions.mentions if mention.confidence >= _NAMED
    )
    out = []
    for first, last in _sentences(text.text):
        sentence = _mended(text.text[first:last])
        states = read_sentence(sentence, places)
        for stated in states:
            start, end = first + stated.start, first + stated.end
            start_ms, end_ms = text.times(start, end)
            fact = _fact(
                stated,
                sentence[stated.start : stated.end],
                product=_product(text, first, start, named, segments),
                heard=text.heard(start, end),
                start_ms=start_ms,
                end_ms=end_ms,
                confidence=round(_sure(text, start, end) * stated.sure, 3),
            )
            out.append(_Told(fact=fact, beside=tuple(other for other in states if other is not stated)))
    return out


def _fact(stated: Stated, quote: str, **known: object) -> Fact:
    return Fact(
        id="",
        sort=stated.sort,
        quote=quote,
        value=stated.value,
        unit=stated.unit,
        per=stated.per,
        per_value=stated.per_value,
        about=stated.about,
        **known,  # type: ignore[arg-type]
    )


def _sure(text: Spoken, start: int, end: int) -> float:
    """How surely the recogniser heard a stretch: the mean probability of its characters."""
    heard = text.probability[start:end]
    return sum(heard) / len(heard)


def _product(text: Spoken, first: int, start: int, named: list[tuple[int, str]], segments: Segments) -> str | None:
    opens = max(text.text.rfind(SOFT, first, start), text.text.rfind(HARD, first, start), first - 1) + 1
    closes = re.compile(f"[{SOFT}{HARD}]|$").search(text.text, start)
    here = _between(named, opens, closes.start() if closes else len(text.text))
    if here:
        before = [sku for at, sku in here if at <= start]
        return before[-1] if before else here[0][1]
    earlier = _between(named, first, opens)
    if earlier and not _THIS.search(text.text[opens:start]):
        at, sku = earlier[-1]
        ends = text.text.find(SOFT, at)
        begins = max(text.text.rfind(SOFT, first, at), first - 1) + 1
        if not _ASIDE.search(text.text[begins : ends if ends > 0 else start]):
            return sku
    at_ms = text.start_ms[start]
    return next((s.product for s in segments.segments if s.start_ms <= at_ms < s.end_ms), None)


def _between(named: list[tuple[int, str]], first: int, last: int) -> list[tuple[int, str]]:
    return named[bisect.bisect_left(named, (first, "")) : bisect.bisect_left(named, (last, ""))]


# ---- on screen

_YUAN_SIGN = re.compile(r"¥\s*(\d+(?:\.\d{1,2})?)(?:\s*/\s*(斤|公斤|kg|[盒袋瓶箱份件个包罐枚只]))?")
_PRICE_WORD = re.compile(
    r"((?:到手|秒杀|活动|券后|直播间?|福利|特|现|拼团|一口|折后|优惠|专享|原|划线|日常|吊牌|市场)价|仅售|仅需|只要|券后|到手)"
    r"\s*[:：]?\s*(\d+(?:\.\d{1,2})?)(?![\d%.]|元|块|折)"
)
_NEAR = 160  # thousandths of the picture between a price and the name that it stands by


def _shown(screen: Screen, segments: Segments, catalogue: Catalogue) -> list[_Told]:
    """Prices and discounts on price cards and banners: only what is marked as one (¥19.9, 到手价19.9, 满200减20)."""
    texts = [text for text in screen.texts if text.sort != "comment"]
    names = [(text, sku) for text in texts for sku in _names_in(text, catalogue)]
    out = []
    for text in texts:
        written = _YUAN_SIGN.sub(lambda m: f"{m[1]}元" + (f"一{m[2]}" if m[2] else ""), plain(text.text))
        said = spoken(_PRICE_WORD.sub(r"\1\2元", written))[0]
        states = [s for s in offers(said) if (s.unit == "fen" and s.sure == 1.0) or s.sort == "discount"]
        for stated in states:
            fact = _fact(
                stated,
                said[stated.start : stated.end],
                product=_product_shown(text, names, segments),
                heard=text.text,
                channel="screen",
                start_ms=text.start_ms,
                end_ms=text.end_ms,
                confidence=round(text.confidence * (1.0 if text.sort == "standing" else 0.7), 3),
            )
            out.append(_Told(fact=fact, beside=tuple(other for other in states if other is not stated)))
    return out


def _letters(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")


def _names_in(text: ScreenText, catalogue: Catalogue) -> list[str]:
    letters = _letters(text.text)
    found = [
        (len(_letters(name)), product.sku)
        for product in catalogue.products
        for name in (product.name, *product.aliases)
        if len(name) > 1 and _letters(name) in letters
    ]
    return [max(found)[1]] if found else []  # 香菇酱 over 香菇


def _product_shown(text: ScreenText, names: Sequence[tuple[ScreenText, str]], segments: Segments) -> str | None:
    """The product whose name stands nearest to it at that time, else the one on offer for most of it."""
    near = [
        (_apart(text, name), sku)
        for name, sku in names
        if name.start_ms < text.end_ms and text.start_ms < name.end_ms and _apart(text, name) <= _NEAR
    ]
    if near:
        return min(near)[1]
    shares: Counter[str] = Counter()
    for segment in segments.segments:
        shares[segment.product] += max(0, min(text.end_ms, segment.end_ms) - max(text.start_ms, segment.start_ms))
    return next((sku for sku, share in shares.most_common(1) if share > 0.6 * sum(shares.values())), None)


def _apart(one: ScreenText, other: ScreenText) -> int:
    """Thousandths of the picture between two boxes, across plus down."""
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one.box, other.box
    return max(0, left - right2, left2 - right) + max(0, top - bottom2, top2 - bottom)


# ---- how sure, and what it means


def _surer(found: Sequence[_Told]) -> list[_Told]:
    """Values told more than once are heard more surely: as if each hearing were one chance to hear it right."""
    times = Counter(_value(told.fact) for told in found if told.fact.value is not None)
    out = []
    for told in found:
        number = times[_value(told.fact)] or 1
        if number > 1:
            sure = min(0.99, 1 - (1 - told.fact.confidence) ** min(number, 3))
            fact = msgspec.structs.replace(told.fact, confidence=round(max(sure, told.fact.confidence), 3))
            told = msgspec.structs.replace(told, fact=fact, times=number)
        out.append(told)
    return out


def _value(fact: Fact) -> tuple[object, ...]:
    return fact.product, fact.sort, fact.value, fact.unit, fact.per, fact.per_value


def _judged(fact: Fact, compared: Compared, times: int, in_speech: bool, options: FactOptions) -> Fact:
    agrees = compared.agrees
    unsure = fact.confidence < options.least_confidence
    misheard = compared.alike and times == 1 and in_speech and fact.channel == "speech"
    if agrees is False and (unsure or misheard):
        agrees = None
    return msgspec.structs.replace(fact, listed=compared.listed, agrees=agrees)


# ---- what a buyer needs to know

_ALL: tuple[FactSort, ...] = ("price", "weight", "origin", "delivery", "after_sale", "storage", "usage")
_BY_KIND: dict[str, tuple[FactSort, ...]] = {
    "fresh": ("grade",),
    "processed": ("ingredients",),
    "health_food": ("ingredients",),
}


def _checklist(facts: Sequence[Fact], segments: Segments, catalogue: Catalogue, options: FactOptions) -> Iterator[Told]:
    air: Counter[str] = Counter()
    for segment in segments.segments:
        air[segment.product] += segment.end_ms - segment.start_ms
    first: dict[tuple[str | None, FactSort], int] = {}
    for fact in facts:
        if fact.confidence >= options.least_told:
            topic: FactSort = "weight" if fact.sort == "count" else fact.sort  # 四十枚 is how much one gets
            first.setdefault((fact.product, topic), fact.start_ms)
    for product in catalogue.products:
        if air[product.sku] >= options.least_air_ms:
            for topic in (*_ALL, *_BY_KIND.get(product.kind, ())):
                yield Told(product=product.sku, topic=topic, at_ms=first.get((product.sku, topic)))
