"""Which product is on offer when: an explicit-duration hidden Markov model over the catalogue and "none".

The steps are the clauses of the transcript. What speaks for a product in them (names, links, parts of names, prices,
weights: detect/traces; cards on screen: detect/cards) adds up while it is on offer; a change costs something, least at
the beginning of a sentence that announces one (detect/clauses), and a short stay costs more, so that a passing word
about another product ends no segment. Chatter between offers belongs to the offer before it, unless it goes on for
long.
"""

import msgspec
import numpy as np

from ..schema import Catalogue, Mentions, Recording, Screen, Segment, Segments, Transcript
from .cards import card_scores
from .clauses import Clause, find_clauses, find_moves
from .decoder import Array, Costs, Ground, best_path, occupancy
from .spoken import Spoken, speak
from .traces import Trace, Weights, find_traces
from .turns import CHATTER, DEICTIC, SELLING

_MORE = 0.4  # what a second trace of a product in a clause adds
_MOST_CHATTER = 2  # words of chatter in a clause that count
_CARD_ALONE = 0.5  # of a card for none: it may stand there before a product is spoken of, and during chatter
_INTRODUCED = 1.5  # log odds in its first seconds with which a product is introduced
_NOT_NONE = 1.0  # of a trace, against none
_TOLD = 0.4  # log odds from which a trace shows that a product is spoken of


class SegmentOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Weights and costs are log odds."""

    name_weight: float = 2.6  # the product's full name
    alias_weight: float = 1.8  # an alias, often a common word
    link_weight: float = 4.5  # its link number
    part_weight: float = 1.2  # a part of its name, its place, its sort, that few other products have
    head_weight: float = 0.4  # its head noun alone (这个酱)
    price_weight: float = 1.8  # its price
    figure_weight: float = 1.0  # a bare number that may be its price (八十八一瓶)
    measure_weight: float = 0.7  # its weight or count
    card_weight: float = 5.0  # a card with its name comes up on screen
    card_fresh_ms: int = 20000  # and speaks for it over this time
    announce_weight: float = 2.0  # added when the clause announces a product (接下来, 第二件 ...)
    return_weight: float = 2.0  # added when it is taken up again (还有货, 补了一百单)
    reference_weight: float = 1.0  # added where a part of the name, or the price, stands for it (恩施的那个)
    aside_factor: float = 0.15  # how much of it counts in passing (刚才说的, 待会有, 搭配着, 用它熬的)
    switch_cost: float = 3.0  # a change of product
    unsaid_cost: float = 2.0  # more, where nothing is said of it in the first seconds (lead_in_ms)
    announce_gain: float = 1.0  # less, where a sentence begins that announces one
    closing_gain: float = 0.5  # less, after words that end one (先到这里, 上链接)
    pause_gain: float = 0.3  # less, after a pause of more than two seconds
    inside_cost: float = 1.5  # more, inside a sentence
    short_ms: int = 8000  # a shorter offer
    short_cost: float = 1.5  # ... costs so much
    lead_in_ms: int = 6000  # a segment starts with the sentence that announces it, at most this much earlier
    none_ms: int = 45000  # from so long a time without a product on, it belongs to none
    none_cost: float = 3.0  # no product after a product
    chatter_weight: float = 0.7  # a word of chatter (点关注, 福袋), for none
    selling_weight: float = 0.6  # a word of selling (发货, 这个), against it
    silent_weight: float = 0.05  # a second without a trace of selling, for none
    sharpness: float = 1.0  # of confidence: 1 takes the log odds at their word


def find_segments(
    recording: Recording,
    transcript: Transcript,
    mentions: Mentions,
    catalogue: Catalogue,
    screen: Screen | None = None,
    *,
    options: SegmentOptions | None = None,
) -> Segments:
    """Segments in order of time, not overlapping; time that belongs to no product has none.

    A segment starts with the sentence that announces its product and lasts until the next starts; the last one until
    the end of the recording. `confidence` is the posterior share of its product, averaged over its time.
    """
    options = options or SegmentOptions()
    text = speak(transcript)
    end_ms = max(recording.duration_ms, transcript.utterances[-1].end_ms if transcript.utterances else 0)
    clauses = find_clauses(text, end_ms)
    if not clauses or not catalogue.products:
        return Segments(recording=recording.id)
    traces = find_traces(text, clauses, mentions, catalogue, _weights(options))
    skus = tuple(product.sku for product in catalogue.products)
    times = np.array([*(clause.start_ms for clause in clauses), end_ms], np.int64)
    openings = np.array([clause.start_ms for number, clause in enumerate(clauses) if clause.opens == number], np.int64)
    cards = card_scores(
        times, openings, screen or Screen(recording=recording.id), catalogue, skus,
        weight=options.card_weight, fresh_ms=options.card_fresh_ms, late_ms=options.lead_in_ms,
    )  # fmt: skip
    scores = _scores(text, clauses, traces, skus, options)
    scores[:, 1:] += cards
    scores[:, 0] += _CARD_ALONE * cards.max(axis=1)
    # products that nothing speaks for cannot be on offer
    spoken_for = [0, *(1 + np.flatnonzero(scores[:, 1:].sum(axis=0) > 0)).tolist()]
    if len(spoken_for) == 1:
        return Segments(recording=recording.id)
    ground = Ground(
        scores=scores[:, spoken_for],
        moves=_moves(scores, clauses, text, options)[:, spoken_for],
        times=times,
        costs=_costs(options),
    )
    kept = tuple("" if state == 0 else skus[state - 1] for state in spoken_for)
    return Segments(recording=recording.id, segments=_segments(ground, kept, options.sharpness))


def _segments(ground: Ground, skus: tuple[str, ...], sharpness: float) -> tuple[Segment, ...]:
    stays = best_path(ground)
    shares = occupancy(_softer(ground, sharpness))
    lengths = np.maximum(np.diff(ground.times), 1)
    found = []
    for number, (first, state) in enumerate(stays):
        last = stays[number + 1][0] if number + 1 < len(stays) else len(lengths)
        if state:
            weights = lengths[first:last]
            share = float((shares[first:last, state] * weights).sum() / weights.sum())
            start_ms = int(ground.times[first])
            end_ms = max(int(ground.times[last]), start_ms + 1)
            found.append(
                Segment(product=skus[state], start_ms=start_ms, end_ms=end_ms, confidence=round(min(share, 1.0), 3))
            )
    return tuple(found)


def _softer(ground: Ground, sharpness: float) -> Ground:
    """As confidence takes it: clauses are not independent, so that their log odds count for less than they add up to,
    and all products that might follow share the one change (a best path knows only one of them)."""
    costs = ground.costs
    shared = np.log(max(1, ground.scores.shape[1] - 2))
    return Ground(
        scores=ground.scores * sharpness,
        moves=ground.moves * sharpness - shared,
        times=ground.times,
        costs=msgspec.structs.replace(
            costs,
            short=costs.short * sharpness,
            none=costs.none * sharpness,
            first=costs.first * sharpness,
        ),
    )


def _weights(options: SegmentOptions) -> Weights:
    return Weights(
        name=options.name_weight, alias=options.alias_weight, link=options.link_weight, part=options.part_weight,
        head=options.head_weight, price=options.price_weight, figure=options.figure_weight,
        weight=options.measure_weight, announce=options.announce_weight, back=options.return_weight,
        reference=options.reference_weight, aside=options.aside_factor,
    )  # fmt: skip


def _costs(options: SegmentOptions) -> Costs:
    return Costs(
        short_ms=options.short_ms, short=options.short_cost, none_ms=options.none_ms, none_short=50.0,
        none=options.none_cost, first=options.switch_cost / 2,
    )  # fmt: skip


def _moves(scores: Array, clauses: tuple[Clause, ...], text: Spoken, options: SegmentOptions) -> Array:
    """float[clauses, states]: what a change to each product earns at the beginning of each clause."""
    moves = find_moves(
        clauses, text, lead_in_ms=options.lead_in_ms, announce=options.announce_gain, inside=options.inside_cost,
        closing=options.closing_gain, pause=options.pause_gain,
    )  # fmt: skip
    starts = np.array([clause.start_ms for clause in clauses])
    until = np.maximum(np.searchsorted(starts, starts + options.lead_in_ms), np.arange(len(starts)) + 1)
    sums = np.vstack([np.zeros(scores.shape[1]), np.cumsum(np.maximum(scores, 0.0), axis=0)])
    told = np.clip((sums[until] - sums[:-1]) / _INTRODUCED, 0.0, 1.0)  # how well each is introduced from there on
    earned: Array = np.minimum(moves - options.switch_cost, -0.5)[:, None] - options.unsaid_cost * (1.0 - told)
    return earned


def _scores(
    text: Spoken, clauses: tuple[Clause, ...], traces: tuple[Trace, ...], skus: tuple[str, ...], options: SegmentOptions
) -> Array:
    """float[clauses, 1 + skus]: log odds of none and of each product, given the words of each clause."""
    scores = np.zeros((len(clauses), 1 + len(skus)))
    column = {sku: 1 + number for number, sku in enumerate(skus)}
    starts = np.array([clause.start for clause in clauses])
    by_place: dict[tuple[int, int], list[float]] = {}
    for trace in traces:
        place = max(0, int(np.searchsorted(starts, trace.start, side="right")) - 1)
        by_place.setdefault((place, column[trace.product]), []).append(trace.weight)
    told = np.zeros(len(clauses))
    for (place, state), weights in by_place.items():
        weights.sort(reverse=True)
        scores[place, state] = weights[0] + _MORE * sum(weights[1:])
        told[place] = max(told[place], weights[0])
    ends = [*(clause.start_ms for clause in clauses[1:]), clauses[-1].end_ms]
    for number, clause in enumerate(clauses):
        chats = min(len(CHATTER.findall(text.text, clause.start, clause.end)), _MOST_CHATTER)
        sells = bool(SELLING.search(text.text, clause.start, clause.end)) or bool(
            DEICTIC.search(text.text, clause.start, clause.end)
        )
        if told[number] >= _TOLD:
            scores[number, 0] -= max(1.0, _NOT_NONE * told[number])
        elif sells and not chats:
            scores[number, 0] -= options.selling_weight
        else:
            scores[number, 0] += (
                options.chatter_weight * chats + options.silent_weight * (ends[number] - clause.start_ms) / 1000
            )
    return scores
