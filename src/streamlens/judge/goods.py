"""Which products of the catalogue a paper is about, by the names on it."""

import re
import unicodedata
from typing import Literal

from ..schema import Catalogue, Product, Record
from .lexicon import said

# the same goods under another name, as certificates write them and as they are sold
_SAME = (
    ("马铃薯", "土豆", "洋芋"), ("番茄", "西红柿"), ("甘薯", "红薯", "地瓜", "番薯"), ("玉米", "苞米"),
    ("大豆", "黄豆"),
    ("猕猴桃", "奇异果"), ("稻谷", "大米", "稻米"), ("菠萝", "凤梨"),
    ("辣椒", "海椒"), ("花生", "落花生"), ("圣女果", "小番茄", "樱桃番茄"), ("香菇", "香蕈"), ("莲藕", "藕"),
)  # fmt: skip
_AMOUNT = re.compile(
    r"[0-9一二两三四五六七八九十百千]+(?:\.\d+)?\s*(?:kg|g|ml|l|斤|公斤|克|千克|两|枚|个|只|盒|箱|袋|瓶|罐|包|件|升|毫升)(?:装)?|"
    r"[×xX*]\s*\d+|[0-9.]+|(?:净重|带箱|礼盒|礼品|家庭|实惠|整箱|现摘|新鲜|精选|优质|特级|一级|二级|大果|中果|小果|散装|包邮|装)"
)
_PLAIN = frozenset("鲜干新生熟冻冷净")


class Covered(Record, frozen=True, kw_only=True):
    """The skus that a paper is about. `sure` they are named · `maybe` names that could mean them · `other` none is."""

    skus: tuple[str, ...]
    how: Literal["sure", "maybe", "other"]


def covered_by(named: str, catalogue: Catalogue) -> Covered:
    """The products that the names on a paper mean.

    A name is a product's if it is its name or one of its aliases, sizes and packing aside, or says more of the same
    (五常大米 on a paper for 五常大米10斤). A wider name (大米) means the only product that it can mean, else it is a
    maybe; so is a name that says something else too (盘锦大米 and a product that goes by 大米).
    """
    sure: dict[str, None] = {}
    maybe: dict[str, None] = {}
    for name in _names(named):
        hits = [(product, _fit(name, product)) for product in catalogue.products]
        exact = [product for product, fit in hits if fit == 3]
        wide = [product for product, fit in hits if fit == 2]
        for product in exact:
            sure[product.sku] = None
        if not exact and wide:
            one = len({core(product.name) for product in wide}) == 1
            for product in wide:
                (sure if one else maybe)[product.sku] = None
        if not exact and not wide:
            for product in (product for product, fit in hits if fit == 1):
                maybe[product.sku] = None
    if sure:
        return Covered(skus=tuple(sure), how="sure")
    return Covered(skus=tuple(maybe), how="maybe" if maybe else "other")


def named_in(text: str, catalogue: Catalogue) -> Covered:
    """The products that running text names: by their name surely, by a short alias or their category perhaps."""
    plain = said(text)
    sure = [
        product.sku for product in catalogue.products if len(core(product.name)) > 2 and core(product.name) in plain
    ]
    if sure:
        return Covered(skus=tuple(sure), how="sure")
    maybe = [
        product.sku
        for product in catalogue.products
        if any(
            len(said(word)) > 1 and said(word) in plain for word in (product.name, *product.aliases, product.category)
        )
    ]
    return Covered(skus=tuple(maybe), how="maybe" if maybe else "other")


def _names(text: str) -> list[str]:
    """Every name on a paper by itself: 马铃薯(富硒土豆) is two for one thing."""
    parts = re.split(r"[、,，;；/()（）\[\]【】|]|\s{1,}|和|及", unicodedata.normalize("NFKC", text))
    return [name for part in parts if len(name := core(part)) > 1]


def core(name: str) -> str:
    """A name in spoken form without sizes, numbers and packing.

    >>> core("赣南脐橙5斤装"), core("五常大米 10kg")
    ('赣南脐橙', '五常大米')
    """
    return said(_AMOUNT.sub("", unicodedata.normalize("NFKC", name)))


def _fit(name: str, product: Product) -> int:
    """3 the product's own name · 2 a wider name that it falls under · 1 something in common · 0 nothing."""
    own = [core(known) for known in (product.name, *product.aliases) if len(core(known)) > 1]
    own += [said(product.origin) + known for known in own[:1]]
    names = {name, *(name.replace(old, new) for same in _SAME for old in same for new in same if old in name)}
    best = 0
    for each in names:
        for known in own:
            if each == known:
                return 3
            if known in each:  # the paper says more: 江西赣南脐橙, 鲜土豆
                rest = each.replace(known, "", 1)
                more = [char for char in rest if char not in _PLAIN and char not in said(product.name + product.origin)]
                whole = known == own[0] and len(known) > 2 and each.endswith(known)
                best = max(best, 3 if whole or not more else 1)
            elif each in known and len(each) > 1:
                best = max(best, 2)
            elif set(each) & set(known) - _PLAIN:
                best = max(best, 1)
    return best
