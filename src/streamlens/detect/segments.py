"""Which product is on offer when: a hidden Markov model over the catalogue, decoded with Viterbi.

The states are the products and "none yet"; the steps are the clauses of the transcript. Naming a product speaks for
it, calling out its link or announcing it speaks louder, and every change of product costs something, so that a
passing word about another product (用这个香菇熬的香菇酱) does not end a segment.
"""

import math
import re

import msgspec

from ..language import HARD, SOFT
from ..schema import Catalogue, Mention, Mentions, Recording, Segment, Segments, Transcript
from .spoken import Spoken, speak

_ANNOUNCE = re.compile(
    "接下来|下一[个件款样]|下面(?:是|来|给)|第[一二三四五六七八九十]+[个件款样]|先(?:来|上|给)|来看|给大家(?:上|带|介绍|推荐)"
    "|再来|回到|换一[个件款]|今天(?:第|给)|开始上|新品|重新上|返场|最后一[个件款]"
)
_ASIDE = re.compile(
    "刚才|刚刚|前面|待会|等下|等一下|一会儿?|马上要|后面还|搭配|配上|用(?:这个|我们的|咱家)|跟.{0,4}一样|不像|比起"
)


class SegmentOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Weights are log odds."""

    name_weight: float = 2.6  # the product's full name
    alias_weight: float = 1.8  # an alias, often a common word
    link_weight: float = 4.5  # its link number
    announce_weight: float = 2.0  # added when the clause announces a product (接下来, 第二件 ...)
    aside_factor: float = 0.4  # how much of it counts in a clause that looks back or forward (刚才说的 ...)
    switch_cost: float = 3.0  # a change of product
    lead_in_ms: int = 6000  # a segment starts with the sentence that announces it, at most this much earlier


class _Clause(msgspec.Struct, frozen=True, kw_only=True):
    start: int
    end: int
    start_ms: int
    end_ms: int
    opens: int  # start of the sentence it is part of


def find_segments(
    recording: Recording,
    transcript: Transcript,
    mentions: Mentions,
    catalogue: Catalogue,
    *,
    options: SegmentOptions | None = None,
) -> Segments:
    """Segments in order of time, not overlapping; time before the first product belongs to none.

    A segment lasts until the next product is announced; the last one until the end of the recording. `confidence`
    is the posterior share of its product, averaged over its clauses.
    """
    options = options or SegmentOptions()
    text = speak(transcript)
    clauses = _clauses(text)
    named = {mention.product for mention in mentions.mentions}
    skus = tuple(product.sku for product in catalogue.products if product.sku in named)
    if not clauses or not skus:
        return Segments(recording=recording.id)
    scores = [_scores(clause, text, mentions.mentions, skus, options) for clause in clauses]
    path = _viterbi(scores, len(skus), options.switch_cost)
    sure = _posterior(scores, len(skus), options.switch_cost)
    segments: list[Segment] = []
    starts: list[tuple[int, int]] = []  # (clause, state)
    for index, state in enumerate(path):
        if state and (not starts or starts[-1][1] != state):
            starts.append((index, state))
    for number, (first, state) in enumerate(starts):
        last = starts[number + 1][0] if number + 1 < len(starts) else len(clauses)
        end_ms = (
            _opening(clauses, scores, last, starts[number + 1][1], state, options)
            if last < len(clauses)
            else max(recording.duration_ms, clauses[-1].end_ms)
        )
        start_ms = segments[-1].end_ms if segments else _opening(clauses, scores, first, state, 0, options)
        share = sum(sure[index][state] for index in range(first, last)) / (last - first)
        end_ms = max(end_ms, start_ms + 1)
        segments.append(Segment(product=skus[state - 1], start_ms=start_ms, end_ms=end_ms, confidence=round(share, 3)))
    return Segments(recording=recording.id, segments=tuple(segments))


def _clauses(text: Spoken) -> list[_Clause]:
    clauses: list[_Clause] = []
    opens = 0
    for match in re.finditer(f"[^{SOFT}{HARD}]+", text.text):
        start, end = match.span()
        if start and text.text[start - 1] == HARD:
            opens = len(clauses)
        start_ms, end_ms = text.times(start, end)
        clauses.append(_Clause(start=start, end=end, start_ms=start_ms, end_ms=end_ms, opens=opens))
    return clauses


def _scores(
    clause: _Clause, text: Spoken, mentions: tuple[Mention, ...], skus: tuple[str, ...], options: SegmentOptions
) -> list[float]:
    """Log odds of each state (0 is none) given one clause."""
    scores = [0.0] * (len(skus) + 1)
    weights = {"name": options.name_weight, "alias": options.alias_weight, "link": options.link_weight}
    clause_end_ms = max(clause.end_ms, clause.start_ms + 1)
    here = [m for m in mentions if clause.start_ms <= (m.start_ms + m.end_ms) // 2 < clause_end_ms]
    for mention in here:
        weight = weights[mention.by] * mention.confidence
        before = text.text[max(clause.start, text.index(mention.start_ms) - 8) : text.index(mention.start_ms)]
        if mention.by != "link" and _ASIDE.search(before):
            weight *= options.aside_factor
        elif mention is here[-1] and _ANNOUNCE.search(text.text[clause.start : clause.end]):
            weight += options.announce_weight  # 第二件是用香菇熬的香菇酱: the head of the clause comes last
        if mention.product in skus:
            scores[skus.index(mention.product) + 1] += weight
    if here:
        scores[0] -= 1.0
    return scores


def _viterbi(scores: list[list[float]], products: int, cost: float) -> list[int]:
    """The best path of states. "None" is only the beginning: chatter between offers belongs to the offer before it."""
    best = _first(scores, cost)
    back: list[list[int]] = []
    for row in scores[1:]:
        top = max(range(1, products + 1), key=lambda state: best[state])
        steps, nexts = [0], [best[0] + row[0]]
        for state in range(1, products + 1):
            # on a tie the change comes late: with the words that name the new product, not before them
            options = [(best[top] - cost, top), (best[0] - cost / 2, 0), (best[state], state)]
            value, source = max(options, key=lambda option: round(option[0], 6))
            steps.append(source)
            nexts.append(value + row[state])
        back.append(steps)
        best = nexts
    state = max(range(products + 1), key=lambda index: best[index])
    path = [state]
    for steps in reversed(back):
        state = steps[state]
        path.append(state)
    return path[::-1]


def _first(scores: list[list[float]], cost: float) -> list[float]:
    return [scores[0][0], *(value - cost / 2 for value in scores[0][1:])]


def _posterior(scores: list[list[float]], products: int, cost: float) -> list[list[float]]:
    """Forward-backward shares of each state at each clause (rows sum to 1)."""
    size = products + 1

    def step(state: int, other: int) -> float:
        if state == other:
            return 0.0
        return -math.inf if other == 0 else -cost / 2 if state == 0 else -cost

    table = [[step(state, other) for other in range(size)] for state in range(size)]
    forward = [_first(scores, cost)]
    for row in scores[1:]:
        before = forward[-1]
        sums = (_log_sum([before[state] + table[state][other] for state in range(size)]) for other in range(size))
        forward.append([value + share for value, share in zip(sums, row, strict=True)])
    backward = [[0.0] * size]
    for row in reversed(scores[1:]):
        after = [value + share for value, share in zip(backward[-1], row, strict=True)]
        backward.append([_log_sum([step + value for step, value in zip(steps, after, strict=True)]) for steps in table])
    shares = []
    for ahead, behind in zip(forward, reversed(backward), strict=True):
        both = [a + b for a, b in zip(ahead, behind, strict=True)]
        total = _log_sum(both)
        shares.append([math.exp(value - total) for value in both])
    return shares


def _log_sum(values: list[float]) -> float:
    top = max(values)
    return top if top == -math.inf else top + math.log(sum(math.exp(value - top) for value in values))


def _opening(
    clauses: list[_Clause], scores: list[list[float]], index: int, state: int, before: int, options: SegmentOptions
) -> int:
    """Where the segment that the model starts at a clause really begins: with the sentence that leads to it."""
    at = clauses[index]
    for earlier in range(clauses[index].opens, index):
        between = range(earlier, index)
        if at.start_ms - clauses[earlier].start_ms > options.lead_in_ms:
            continue
        if before and any(scores[number][before] > 0 for number in between):
            continue  # still speaking of the product before
        return clauses[earlier].start_ms
    return at.start_ms
