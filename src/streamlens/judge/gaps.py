"""What the papers lack whatever was said: a processed food that is on sale needs a production licence on file."""

from collections.abc import Iterator

from ..schema import Catalogue, Claim, Claims, Product, ProductionLicence, Segment, Segments
from .certification import in_scope
from .papers import Dossier, Look, Ruling, examine, in_force, missing, say, under

KIND, RULE = "certification.licence", "papers.licence"


def offered_processed(claims: Claims, catalogue: Catalogue, segments: Segments) -> Iterator[Claim]:
    """For each processed product that was on sale and of which nobody claimed a licence, a stand-in for the claim.

    Its quote is the product's name, its time the first that it was on offer; nothing of it was heard.
    """
    claimed = {claim.product for claim in claims.claims if claim.kind == KIND and claim.stance == "asserted"}
    for product in catalogue.products:
        first = first_offered(product, segments)
        if first and product.kind == "processed" and not {product.sku, None} & claimed:
            yield stand_in(product, first, rule=RULE, kind=KIND)


def stand_in(product: Product, first: Segment, *, rule: str, kind: str) -> Claim:
    """What stands where a claim would, for what was not said: the product's name, when it was first on sale."""
    return Claim(
        id=f"{rule}:{product.sku}",
        rule=rule,
        kind=kind,
        stance="asserted",
        severity="medium",
        channel="speech",
        start_ms=first.start_ms,
        end_ms=first.end_ms,
        quote=product.name,
        heard="",
        sentence="",
        product=product.sku,
        confidence=1.0,
        trace=(),
    )


def first_offered(product: Product, segments: Segments) -> Segment | None:
    """The first time that a product was on sale; None if it never was."""
    offered = (segment for segment in segments.segments if segment.product == product.sku)
    return min(offered, key=lambda segment: segment.start_ms, default=None)


def unlicensed(dossier: Dossier) -> Ruling | None:
    """That no production licence in force covers the product; None if one does.

    No words are to blame, and the licence may exist without having been filed: a person looks.
    """

    def read(paper: ProductionLicence) -> Look:
        return in_force(dossier, paper) or in_scope(dossier, paper)

    looks = examine(dossier, ProductionLicence, read)
    if any(look.verdict in ("supported", "unclear") for look in looks):
        return None
    lacking = () if looks else (missing(dossier, "production_licence"),)
    ruling = Ruling(
        verdict="unclear", reason=say("licence.gap", product=dossier.product.name), looks=looks, steps=lacking
    )
    return under(ruling, "food-35", "live-27", "food-licence")
