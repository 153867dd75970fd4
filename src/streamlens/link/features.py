"""The feature table of one recording: a row a product segment, a row between segments, a row a minute."""

from datetime import timedelta
from typing import Any

from streamlens.link.crowd import Asking, Audiences
from streamlens.link.focus import local
from streamlens.link.layout import Row, lay_out
from streamlens.link.roles import price_ranks
from streamlens.link.sold import Till
from streamlens.link.speech import Claiming, Hearing, Saying, Talking, Telling
from streamlens.schema import (
    Audience,
    Catalogue,
    Facts,
    FeatureRow,
    Features,
    Findings,
    Focus,
    Key,
    Mentions,
    Offer,
    Questions,
    Recording,
    Screen,
    Segments,
    Transcript,
    Voice,
)


def make_features(
    recording: Recording,
    catalogue: Catalogue,
    transcript: Transcript,
    mentions: Mentions,
    segments: Segments,
    findings: Findings,
    focus: Focus,
    screen: Screen,
    facts: Facts | None = None,
    voice: Voice | None = None,
    audience: Audience | None = None,
    questions: Questions | None = None,
) -> Features:
    """The rows of a recording. The columns of what was not looked for (None) are null.

    What happens at a moment is in the row that holds the moment; what lasts is shared out. Segments and what is between
    them cover the recording once, the minutes once more: sums over either are the recording's, less what `outside`
    lists.
    """
    voice = voice or Voice(recording=recording.id)
    audience = audience or Audience(recording=recording.id)
    hearing = Hearing(recording, transcript, voice)
    saying, talking = Saying(transcript, voice), Talking(transcript, mentions, screen)
    claiming, telling = Claiming(findings, screen), Telling(facts)
    audiences, till = Audiences(audience), Till(audience)
    asking = Asking(questions if audiences.comments_known else None)
    offers = _offers(catalogue, focus)

    def feature_row(row: Row) -> FeatureRow:
        known = hearing.known(row)
        crowd = audiences.crowd(row)
        offer = {**offers.get(row.product or "", _everywhere(catalogue)), **telling.offered(row, known)}
        return FeatureRow(
            key=_key(recording, row),
            offer=Offer(
                product=row.product,
                product_rate=row.product_rate,
                segment_confidence=row.confidence,
                products_on=row.products_on,
                **offer,
            ),
            heard=hearing.heard(row),
            delivery=saying.delivery(row),
            talk=talking.talk(row, known),
            claimed=claiming.claimed(row, known, hearing.recorded_ms(row)),
            informed=telling.informed(row, known),
            crowd=crowd,
            asked=asking.asked(row),
            sold=till.sold(row, crowd.viewer_minutes),
        )

    return Features(
        recording=recording.id,
        rows=tuple(feature_row(row) for row in lay_out(recording.duration_ms, segments.segments)),
        outside=_outside(recording.duration_ms, audience),
    )


def _key(recording: Recording, row: Row) -> Key:
    began = local(recording.started_at)
    now = began + timedelta(milliseconds=row.start_ms) if began else None
    return Key(
        recording=recording.id,
        unit=row.unit,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        anchor=recording.anchor or None,
        anchor_role=recording.anchor_role,
        platform=recording.platform or None,
        room=recording.room or None,
        started_at=began,
        day=now.date() if now else None,
        hour=now.hour if now else None,
        weekday=now.isoweekday() if now else None,
        place=row.place,
        turn=row.turn,
        minutes_in=row.start_ms / 60_000,
        row_min=row.length_ms / 60_000,
    )


def _everywhere(catalogue: Catalogue) -> dict[str, Any]:
    return {"products_listed": len(catalogue.products) or None}


def _offers(catalogue: Catalogue, focus: Focus) -> dict[str, dict[str, Any]]:
    """By sku, the columns that are the same wherever the product is on offer."""
    ranks = price_ranks(catalogue.products)
    played = {each.product: each for each in focus.products}
    offers: dict[str, dict[str, Any]] = {}
    for product in catalogue.products:
        price, weight, part = product.price_fen, product.net_weight_g, played.get(product.sku)
        offers[product.sku] = {
            **_everywhere(catalogue),
            "product_name": product.name,
            "kind": None if product.kind == "unknown" else product.kind,
            "category": product.category or None,
            "link": product.link,
            "price_fen": price,
            "price_per_500g_fen": price * 500 / weight if price is not None and weight else None,
            "price_rank": ranks.get(product.sku),
            "role": part.role if part else None,
            "role_source": part.role_source if part else None,
            "direction": part.direction if part else None,
            "direction_source": part.direction_source if part else None,
        }
    return offers


def _outside(duration_ms: int, audience: Audience) -> tuple[tuple[str, int], ...]:
    """How many comments, events and orders lie in no row."""
    groups = {
        "comments": [each.at_ms for each in audience.comments],
        "events": [each.at_ms for each in audience.events],
        "orders": [each.at_ms for each in audience.orders],
    }
    counts = {name: sum(not 0 <= at < duration_ms for at in times) for name, times in groups.items()}
    return tuple((name, count) for name, count in counts.items() if count)
