"""Which product a comment names: by name or alias, a link's number, head word (虾 of 白对虾), or a misspelt name."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from ..language import numeral_value, said
from ..schema import Catalogue, Transcript, Utterance
from .mentions import find_mentions

_LINK = re.compile("([一二三四五六七八九十]+)号")
_BESIDE = "这那的你家吃买要是拍卖问讲上"  # what may stand before a head word of one character
_AFTER = "是有的怎咋多几大小甜酸新好能可会还卖吗么什里要熟硬软保放产打肉哪价啥到不没"
_APART_MS = 10_000  # between the comments, so that no name reaches from one into the next
_LEAST = 0.55


class Names:
    """The catalogue's names, ready to be looked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        owners: dict[str, set[str]] = {}
        heads: dict[str, set[str]] = {}
        for product in catalogue.products:
            for name in map(said, (product.name, *product.aliases)):
                if len(name) >= 2:
                    owners.setdefault(name, set()).add(product.sku)
                    heads.setdefault(name[-1], set()).add(product.sku)
                    if len(name) >= 4:
                        owners.setdefault(name[-2:], set()).add(product.sku)
        self._owners = sorted(((name, skus) for name, skus in owners.items()), key=lambda row: (-len(row[0]), row[0]))
        self._heads = {head: next(iter(skus)) for head, skus in heads.items() if len(skus) == 1}
        self._links = {product.link: product.sku for product in catalogue.products if product.link is not None}

    def spelt(self, words: str) -> str | None:
        """The sku named in the words of a comment (spoken form without marks), None for none or for several."""
        if match := _LINK.search(words):
            number = numeral_value(match[1])
            if number in self._links:
                return self._links[int(number)]
        left, found = words, []
        for name, skus in self._owners:
            if name in left:
                found.append(skus)
                left = left.replace(name, "\0" * len(name))
        if found:
            common = set.intersection(*found)
            return next(iter(common)) if len(common) == 1 else None
        for match in re.finditer(f"(?:^|[{_BESIDE}])(.)(?:$|[{_AFTER}])", words):
            if match[1] in self._heads:
                return self._heads[match[1]]
        return None

    def misspelt(self, texts: Iterable[str]) -> Mapping[str, str]:
        """Of texts that name none as written: those that name one by its sound."""
        listed = list(dict.fromkeys(texts))
        spoken = Transcript(
            recording="",
            coverage=1.0,
            utterances=tuple(
                Utterance(
                    id=str(number), start_ms=number * _APART_MS, end_ms=number * _APART_MS + 1000, text=text, words=()
                )
                for number, text in enumerate(listed)
            ),
        )
        found: dict[str, Counter[str]] = {}
        for mention in find_mentions(spoken, self._catalogue).mentions:
            if mention.confidence >= _LEAST and len(mention.quote) >= 3:
                text = listed[min(mention.start_ms // _APART_MS, len(listed) - 1)]
                found.setdefault(text, Counter())[mention.product] += 1
        return {text: next(iter(skus)) for text, skus in found.items() if len(skus) == 1}
