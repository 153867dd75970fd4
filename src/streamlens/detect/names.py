"""Product names mended in the transcript from the catalogue, every change logged.

The recogniser is not told the names beforehand (that made it hear names that were not said, and repeat them); they are
found by sound afterwards (detect/mentions) and written as the catalogue writes them. What the recogniser wrote stays
in `raw` and in the repair.
"""

from collections import defaultdict
from itertools import pairwise

import msgspec

from ..language import HARD, SOFT, is_word, spoken
from ..schema import Mention, Mentions, Repair, Segments, Transcript, Utterance, Word
from .spoken import Spoken, speak


class RepairOptions(msgspec.Struct, frozen=True, kw_only=True):
    """When a name that only sounds like the catalogue's is written as the catalogue writes it."""

    least_confidence: float = 0.6  # of the mention, for names of three syllables and more
    short_names: bool = True  # two-syllable names too, of the product on offer, where the text has no usual word


def mend_names(
    transcript: Transcript, mentions: Mentions, segments: Segments, *, options: RepairOptions | None = None
) -> Transcript:
    """The transcript with the names of products as the catalogue has them, and `repairs`: time, before, after."""
    options = options or RepairOptions()
    text = speak(transcript)
    changes: dict[int, list[tuple[int, int, Mention]]] = defaultdict(list)
    for mention in mentions.mentions:
        if mention.by == "link" or _letters(mention.heard) == _letters(mention.quote):
            continue
        if not _sure(mention, segments, options):
            continue
        place = _place(text, mention)
        if place is not None:
            number, first, last = place
            changes[number].append((first, last, mention))
    utterances, repairs = list(transcript.utterances), []
    for number, rows in changes.items():
        utterance = utterances[number]
        for first, last, mention in sorted(rows, key=lambda row: row[0], reverse=True):
            repairs.append(
                Repair(
                    start_ms=mention.start_ms,
                    end_ms=mention.end_ms,
                    product=mention.product,
                    before=utterance.text[first:last],
                    after=mention.quote,
                )
            )
            utterance = _replace(utterance, first, last, mention.quote)
        utterances[number] = utterance
    return msgspec.structs.replace(
        transcript,
        utterances=tuple(utterances),
        repairs=tuple(sorted(repairs, key=lambda repair: (repair.start_ms, repair.end_ms))),
    )


def _letters(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")


def _sure(mention: Mention, segments: Segments, options: RepairOptions) -> bool:
    if len(_letters(mention.quote)) > 2:
        return mention.confidence >= options.least_confidence
    offers = [segment for segment in segments.segments if segment.product == mention.product]
    on_offer = any(offer.start_ms <= mention.start_ms < offer.end_ms for offer in offers)
    # 相顾 for 香菇 is no word that anybody says; 复习 for 富硒 might be
    return options.short_names and on_offer and not is_word(_letters(mention.heard))


def _place(text: Spoken, mention: Mention) -> tuple[int, int, int] | None:
    """(utterance, first, last) of the heard name in the utterance's own text; None when it runs over a border."""
    for first in range(text.index(mention.start_ms), len(text.text)):
        if text.start_ms[first] > mention.start_ms:
            return None
        number, offset = text.utterance[first], text.offset[first]
        if text.utterance_texts[number].startswith(mention.heard, offset):
            return number, offset, offset + len(mention.heard)
    return None


def _replace(utterance: Utterance, first: int, last: int, name: str) -> Utterance:
    """The utterance with text[first:last] written as `name`; words that reach out of it keep what is outside."""
    words: list[Word] = []
    inside: list[Word] = []
    put = None
    at = 0
    for word in utterance.words:
        begin, at = at, at + len(word.text)
        if at <= first or begin >= last:
            words.append(word)
            continue
        before, middle, after = _cut(word, first - begin, last - begin)
        words += [part for part in (before,) if part]
        if put is None:
            put = len(words)
        inside.append(middle)
        words += [part for part in (after,) if part]
    if inside and put is not None:
        words.insert(
            put,
            Word(
                start_ms=inside[0].start_ms,
                end_ms=inside[-1].end_ms,
                text=name,
                probability=round(sum(word.probability for word in inside) / len(inside), 4),
            ),
        )
    text = utterance.text[:first] + name + utterance.text[last:]
    return msgspec.structs.replace(utterance, text=text, words=tuple(words))


def _cut(word: Word, first: int, last: int) -> tuple[Word | None, Word, Word | None]:
    """A word cut before its characters `first` and `last`, the time shared evenly among its characters."""
    size = len(word.text)
    bounds = (0, min(max(first, 0), size), min(max(last, 0), size), size)
    parts = []
    for a, b in pairwise(bounds):
        width = word.end_ms - word.start_ms
        parts.append(
            Word(
                start_ms=word.start_ms + width * a // size,
                end_ms=word.start_ms + width * b // size,
                text=word.text[a:b],
                probability=word.probability,
            )
        )
    before, middle, after = parts
    return before if before.text else None, middle, after if after.text else None
