"""Where the products of the catalogue are named, by name, alias or link number, also where they are misspelt."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from ..language import HARD, SOFT, cardinal, readings, spoken
from ..schema import Catalogue, Mention, Mentions, Transcript
from .confusion import syllable_cost
from .patterns import Text
from .sound import Hit, SoundText
from .spoken import Spoken, speak

# How a link is called out; {n} is its number as spoken.
_LINK_CALLS = (
    *("{n}号链接", "{n}号商品", "{n}号宝贝", "{n}号产品", "{n}号小黄车"),
    *("链接{n}号", "小黄车{n}号", "第{n}个链接"),
)
_DIGITS = "零一二三四五六七八九十百"
_SURE = {"name": 0.95, "alias": 0.85, "link": 0.95}


class _Call(msgspec.Struct, frozen=True, kw_only=True):
    """One way to name one product, in spoken form."""

    product: str
    by: Literal["name", "alias", "link"]
    quote: str
    phrase: str
    shared: bool  # another product goes by it too


def find_mentions(transcript: Transcript, catalogue: Catalogue) -> Mentions:
    """Every place where a product is named, in order of time.

    Exact words count most; words that only sound alike need four syllables for one unlike syllable, three for a
    confusable one, and short names must sound exactly the same. Of overlapping places the longer, nearer one stays.
    """
    text = speak(transcript)
    calls = tuple(_calls(catalogue))
    if not calls or not text.text:
        return Mentions(recording=transcript.recording)
    sounds = SoundText(text)
    found: list[tuple[float, Hit, Mention]] = []
    for call, hit in ((one, hit) for one in calls for hit in _hits(sounds, one)):
        literal = _letters(text.text[hit.start : hit.end]) == call.phrase
        if call.by == "link" and (_runs_on(text, hit, call) or not (literal or _same_number(text, hit, call))):
            continue
        confidence = _confidence(call, hit, literal)
        start_ms, end_ms = text.times(hit.start, hit.end)
        mention = Mention(
            product=call.product,
            start_ms=start_ms,
            end_ms=end_ms,
            by=call.by,
            quote=call.quote,
            heard=text.heard(hit.start, hit.end),
            confidence=confidence,
        )
        # what explains more syllables better wins the place: 香菇酱 over 香菇
        found.append((hit.syllables * (1.0 if literal else 0.7) - hit.cost, hit, mention))
    return Mentions(recording=transcript.recording, mentions=_resolve(found))


def _calls(catalogue: Catalogue) -> Iterator[_Call]:
    rows: list[tuple[str, Literal["name", "alias", "link"], str, str]] = []
    for product in catalogue.products:
        rows.append((product.sku, "name", product.name, _letters(spoken(product.name)[0])))
        rows += [(product.sku, "alias", alias, _letters(spoken(alias)[0])) for alias in product.aliases]
        if product.link is not None:
            for call in _LINK_CALLS:
                rows.append((product.sku, "link", call.format(n=product.link), call.format(n=cardinal(product.link))))
    owners: dict[str, set[str]] = {}
    for sku, _, _, phrase in rows:
        owners.setdefault(phrase, set()).add(sku)
    for sku, by, quote, phrase in dict.fromkeys(rows):
        if len(phrase) >= 2:
            yield _Call(product=sku, by=by, quote=quote, phrase=phrase, shared=len(owners[phrase]) > 1)


def _letters(text: str) -> str:
    return text.replace(SOFT, "").replace(HARD, "")


def _hits(sounds: SoundText, call: _Call) -> list[Hit]:
    most = _most(call)
    return sounds.find(Text(call.phrase), lambda _: most)


def _most(call: _Call) -> float:
    """How unlike (in syllables) a place may sound and still count, by the length of the phrase."""
    if call.by == "link":
        return 0.8  # but its number must sound right, see _same_number
    size = len(call.phrase)
    return 0.0 if size == 2 else 0.3 if size == 3 else 0.8 if size == 4 else 1.0


def _runs_on(text: Spoken, hit: Hit, call: _Call) -> bool:
    """Is it the tail of a larger number: the 二号链接 of 十二号链接, the 十号链接 of 二十号链接?"""
    before, first = text.text[hit.start - 1 : hit.start], call.phrase[0]
    if not before or first not in _DIGITS:
        return False
    return before in (_DIGITS if first == "十" else "十百零")


def _same_number(text: Spoken, hit: Hit, call: _Call) -> bool:
    """A link's number must sound right: 一号 and 七号 differ by half a syllable only."""
    chars = _letters(text.text[hit.start : hit.end])
    return len(chars) == len(call.phrase) and all(
        min(syllable_cost(a, b) for a in readings(heard) for b in readings(said)) <= 0.1
        for heard, said in zip(chars, call.phrase, strict=True)
        if said in _DIGITS
    )


def _confidence(call: _Call, hit: Hit, literal: bool) -> float:
    sure = _SURE[call.by]
    if not literal:
        # a short name that only sounds alike is often just another word
        sure *= {2: 0.4, 3: 0.7}.get(hit.syllables, 0.9) * (1 - hit.cost / hit.syllables)
    return round(sure * (0.5 if call.shared else 1.0), 3)


def _resolve(found: list[tuple[float, Hit, Mention]]) -> tuple[Mention, ...]:
    kept: list[tuple[Hit, Mention]] = []
    for _, hit, mention in sorted(found, key=lambda row: (-row[0], row[1].start, row[2].product)):
        rivals = [
            other
            for taken, other in kept
            if taken.start < hit.end
            and hit.start < taken.end
            # a name that two products share speaks for both
            and (other.quote != mention.quote or other.product == mention.product)
        ]
        if not rivals:
            kept.append((hit, mention))
    return tuple(sorted((mention for _, mention in kept), key=lambda m: (m.start_ms, m.end_ms, m.product)))
