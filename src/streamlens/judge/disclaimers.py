"""The words that the law wants beside health food: 本品不能代替药物."""

import re
from collections.abc import Iterator

from ..schema import Catalogue, Claim, Claims, Product, Segments
from .gaps import first_offered, stand_in
from .lexicon import said
from .papers import Ruling, say, under

RULE = "law.disclaimer"
_WORDS = re.compile(
    "(?:不能|不可以?|不得|不会|并不|无法|不)(?:用来|用于|拿来)?(?:代替|替代|取代|顶替)(?:任何|各种|正规|医生开的)?(?:的)?"
    "(?:药|处方药|西药|中药|医药|治疗|医疗)"
)


def disclaims(claim: Claim) -> bool:
    """Is it the notice that this does not replace medicine, said or shown, and no claim?"""
    return claim.stance == "negated" and _WORDS.search(said(claim.sentence) or said(claim.quote)) is not None


def unnoticed(claims: Claims, catalogue: Catalogue, segments: Segments) -> Iterator[tuple[Claim, Product]]:
    """Each health food that was on sale without the notice, with a stand-in for the claim.

    Its quote is the product's name, its time the first that it was on offer; nothing of it was heard. A notice counts
    for the product that it is given with, and for all where that is not known.
    """
    noticed = {claim.product for claim in claims.claims if disclaims(claim)}
    for product in catalogue.products:
        first = first_offered(product, segments)
        if first and product.kind == "health_food" and not {product.sku, None} & noticed:
            yield stand_in(product, first, rule=RULE, kind="health.function"), product


def absent(product: Product) -> Ruling:
    """That the notice was neither heard nor read. It may have been too small or too short to be: a person looks."""
    return under(Ruling(verdict="unclear", reason=say("disclaimer.gap", product=product.name)), "ad-18", "food-79")
