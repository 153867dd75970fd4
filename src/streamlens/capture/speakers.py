"""Who speaks: the voiceprints of a recording put together into voices, whose number is found and not given.

Average-link clustering of cosine likeness, as most diarisation does it. Prints are joined in chunks of a bounded
number, then what came of the chunks, so that neither time nor memory grow with the square of a broadcast's length. In
the end voices whose mean prints are alike are one (so does 3D-Speaker, whose model this is): the more is known of two
voices, the surer that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamlens.capture.pitch import Flags, Floats
from streamlens.capture.voiceprint import SIZE

CHUNK = 250  # prints clustered at a time
SURE_S = 1.0  # prints of less speech found no voice
BY_CHANCE = 0.45  # likeness that two voices may well have
MARGIN, SLOPE = 0.1, 0.05  # likeness of the nearest voice above the next: confidence one half, and its steepness
NEAR_MS = 3000  # an utterance this near may lend its label
CLOSE, ALIKE = 0.05, 0.55  # if it is hardly less like that voice than like the nearest, and so like at the least


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """The embedding of a stretch of an utterance (by its number), and how many seconds of speech it was taken of."""

    utterance: int
    vector: Floats
    seconds: float


Place = tuple[int, int]  # start and end of an utterance (ms)
Label = tuple[int, float] | None  # number of the voice from 0, confidence


def assign(
    prints: Sequence[Print],
    places: Sequence[Place],
    *,
    join: float,
    same: float,
    least_s: float,
    least_rate: float = 0.0,
    least_confidence: float,
) -> list[Label]:
    """Whose each utterance is, in order; None where it is not sure enough or has no print.

    `join` is the mean likeness from which clusters are joined, `same` that of mean prints from which they are one
    voice; a voice has prints of at least `least_s` seconds and `least_rate` of all. Short utterances never make
    a voice of their own.
    """
    sure_ones = [each for each in prints if each.seconds >= SURE_S]
    least_s = max(least_s, least_rate * sum(each.seconds for each in sure_ones))
    voices = _voices(sure_ones, join, same, least_s)
    if not len(voices):
        return [None] * len(places)
    likeness: list[Floats | None] = [None] * len(places)
    labels: list[Label] = [None] * len(places)
    for number, of in enumerate(_by_utterance(prints, len(places))):
        if of:
            mean = _unit(sum((each.vector * np.float32(each.seconds) for each in of), np.zeros(SIZE, np.float32)))
            likeness[number] = near = voices @ mean
            label = int(near.argmax())
            sure = _confidence(near) * _agreement([(int((voices @ each.vector).argmax()), each.seconds) for each in of])
            if sum(each.seconds for each in of) >= SURE_S and sure >= least_confidence:
                labels[number] = label, round(sure, 2)
    return _lent(labels, likeness, places, least_confidence)


def _voices(prints: Sequence[Print], join: float, same: float, least_s: float) -> Floats:
    """The mean prints [voices, SIZE], of length 1, of those that speak for long enough, else of the one with most."""
    if not prints:
        return np.zeros((0, SIZE), np.float32)
    weights = np.array([each.seconds for each in prints], np.float32)
    sums = np.stack([each.vector for each in prints]) * weights[:, None]
    while True:
        before = len(sums)
        parts = [_join(sums[at : at + CHUNK], weights[at : at + CHUNK], join) for at in range(0, before, CHUNK)]
        sums, weights = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
        if len(parts) == 1 or len(sums) > 0.9 * before:
            break
    order = np.argsort(-weights, kind="stable")[:CHUNK]
    sums, weights = _join(sums[order], weights[order], same, centres=True)
    order = np.argsort(-weights, kind="stable")
    kept = order[weights[order] >= least_s]
    return _units(sums[kept if len(kept) else order[:1]])


def _join(sums: Floats, weights: Floats, least: float, *, centres: bool = False) -> tuple[Floats, Floats]:
    """Join the two most alike until none are as alike as `least`; by mean likeness, or by that of their `centres`.

    A cluster is its weighted sum of unit vectors and its weight: the mean likeness of all pairs of two clusters is the
    product of their means.
    """
    sums, weights = sums.copy(), weights.copy()
    alive = np.ones(len(sums), np.bool_)

    def means(rows: Floats, size: Floats) -> Floats:
        return _units(rows) if centres else rows / size[:, None]

    middle = means(sums, weights)
    likeness = middle @ middle.T
    np.fill_diagonal(likeness, -2)
    nearest, best = likeness.argmax(axis=1), likeness.max(axis=1)
    while alive.sum() > 1:
        first = int(best.argmax())
        if best[first] < least:
            break
        second = int(nearest[first])
        sums[first] += sums[second]
        weights[first] += weights[second]
        alive[second] = False
        row = means(sums, weights) @ means(sums[[first]], weights[[first]])[0]
        row[~alive] = -2
        row[first] = -2
        likeness[first], likeness[:, first] = row, row
        likeness[second], likeness[:, second] = -2, -2
        changed: Flags = (nearest == first) | (nearest == second) | (likeness[:, first] >= best)
        changed[[first, second]] = True
        nearest[changed], best[changed] = likeness[changed].argmax(axis=1), likeness[changed].max(axis=1)
    return sums[alive], weights[alive]


def _units(rows: Floats) -> Floats:
    units: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return units


def _unit(row: Floats) -> Floats:
    unit: Floats = _units(row[None])[0]
    return unit


def _by_utterance(prints: Sequence[Print], count: int) -> list[list[Print]]:
    of: list[list[Print]] = [[] for _ in range(count)]
    for each in prints:
        of[each.utterance].append(each)
    return of


def _confidence(likeness: Floats) -> float:
    """0 to 1, by how much nearer the nearest voice is than the next one, or than a stranger's would be by chance."""
    ranked = np.sort(likeness)[::-1]
    other = max(BY_CHANCE, float(ranked[1])) if len(ranked) > 1 else BY_CHANCE
    return float(1 / (1 + np.exp(-(float(ranked[0]) - other - MARGIN) / SLOPE)))


def _agreement(votes: Sequence[tuple[int, float]]) -> float:
    """The share of an utterance's prints that are for the voice most of them are for."""
    seconds: dict[int, float] = {}
    for voice, each in votes:
        seconds[voice] = seconds.get(voice, 0.0) + each
    return max(seconds.values()) / sum(seconds.values())


def _lent(
    labels: Sequence[Label], likeness: Sequence[Floats | None], places: Sequence[Place], least: float
) -> list[Label]:
    """What has no label takes that of the utterance just before or after, if that voice is among the nearest to it."""
    out = list(labels)
    for number, near in enumerate(likeness):
        if labels[number] is not None or near is None:
            continue
        beside = [at for at in (number - 1, number + 1) if 0 <= at < len(labels) and labels[at] is not None]
        gaps = {at: max(places[number][0] - places[at][1], places[at][0] - places[number][1]) for at in beside}
        lenders = [labels[at] for at in sorted(beside, key=lambda at: gaps[at]) if gaps[at] <= NEAR_MS]
        for lender in lenders:
            if lender is not None and near[lender[0]] >= max(float(near.max()) - CLOSE, ALIKE):
                out[number] = lender[0], least
                break
    return out
