"""Where the products of the catalogue are named, by name, alias or link number, also where they are misspelt."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from ..language import HARD, SOFT, is_word, spoken
from ..schema import Catalogue, Mention, Mentions, Product, Transcript
from .calls import find_calls
from .patterns import Text
from .sound import Hit, SoundText
from .spoken import Spoken, speak

_SURE = {"name": 0.95, "alias": 0.85}


class _Call(msgspec.Struct, frozen=True, kw_only=True):
    """One way to name one product, in spoken form."""

    product: str
    by: Literal["name", "alias"]
    quote: str
    phrase: str
    shared: bool  # another product goes by it too


def find_mentions(transcript: Transcript, catalogue: Catalogue) -> Mentions:
    """Every place where a product is named, in order of time.

    Exact words count most; words that only sound alike need four syllables for one unlike syllable, three for a
    confusable one, and short names must sound exactly the same. Of overlapping places the longer, nearer one stays.
    """
    text = speak(transcript)
    if not text.text:
        return Mentions(recording=transcript.recording)
    found = list(_linked(text, catalogue.products))
    sounds = SoundText(text)
    for call in _calls(catalogue):
        most = _most(call)
        for hit in sounds.find(Text(call.phrase), lambda _, most=most: most):  # type: ignore[misc]
            heard = _letters(text.text[hit.start : hit.end])
            literal = heard == call.phrase
            confidence = _confidence(call, hit, literal, is_word(heard))
            mention = _mention(text, hit, call.product, call.by, call.quote, confidence)
            # what explains more syllables better wins the place: 香菇酱 over 香菇
            found.append((hit.syllables * (1.0 if literal else 0.7) - hit.cost, hit, mention))
    return Mentions(recording=transcript.recording, mentions=_resolve(found))


def _linked(text: Spoken, products: tuple[Product, ...]) -> Iterator[tuple[float, Hit, Mention]]:
    for call in find_calls(text):
        owners = [product for product in products if product.link == call.link]
        hit = Hit(start=call.start, end=call.end, cost=0.0, syllables=call.end - call.start)
        for product in owners:
            confidence = round(call.confidence * (0.5 if len(owners) > 1 else 1.0), 3)
            quote = f"{call.link}号链接"
            yield hit.syllables, hit, _mention(text, hit, product.sku, "link", quote, confidence)


def _mention(
    text: Spoken, hit: Hit, product: str, by: Literal["name", "alias", "link"], quote: str, confidence: float
) -> Mention:
    start_ms, end_ms = text.times(hit.start, hit.end)
    return Mention(
        product=product,
        start_ms=start_ms,
        end_ms=end_ms,
        by=by,
        quote=quote,
        heard=text.heard(hit.start, hit.end),
        confidence=confidence,
    )


def _calls(catalogue: Catalogue) -> Iterator[_Call]:
    rows: list[tuple[str, Literal["name", "alias"], str, str]] = []
    for product in catalogue.products:
        rows.append((product.sku, "name", product.name, _letters(spoken(product.name)[0])))
        rows += [(product.sku, "alias", alias, _letters(spoken(alias)[0])) for alias in product.aliases]
    owners: dict[str, set[str]] = {}
    for sku, _, _, phrase in rows:
        owners.setdefault(phrase, set()).add(sku)
    for sku, by, quote, phrase in dict.fromkeys(rows):
        if len(phrase) >= 2:
            yield _Call(product=sku, by=by, quote=quote, phrase=phrase, shared=len(owners[phrase]) > 1)


def _letters(text: str) -> str:
    return text.replace(SOFT, "").replace(HARD, "")


def _most(call: _Call) -> float:
    """How unlike (in syllables) a place may sound and still count, by the length of the phrase."""
    size = len(call.phrase)
    return 0.0 if size == 2 else 0.3 if size == 3 else 0.8 if size == 4 else 1.0


def _confidence(call: _Call, hit: Hit, literal: bool, known: bool) -> float:
    """`known`: what was heard is a word in use itself."""
    sure = _SURE[call.by]
    if not literal:
        # a short name that only sounds alike is often just another word
        short = 0.35 if known else 0.55
        sure *= {2: short, 3: 0.7}.get(hit.syllables, 0.9) * (1 - hit.cost / hit.syllables)
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
