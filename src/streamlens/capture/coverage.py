"""Which speech has text that can be trusted, and the guard that hears again what has none.

What the recogniser returns is held against the speech that the voice detector found. Where speech has no text, or text
that nobody can have said, a narrower cut is heard again with more care; what then still has none is listed. Confidence
plays next to no part in it: text that a recogniser makes up, or goes on repeating, is as confident as any.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from streamlens import language
from streamlens.capture.engine import Phrase
from streamlens.schema import Stretch, Word

if TYPE_CHECKING:
    from streamlens.capture.audio import Window

Span = tuple[int, int]  # milliseconds, half-open

SYLLABLE_MS = 700  # nobody draws a syllable out for longer: the rest of a longer word is speech that was passed over
EDGE_MS = 60  # the least of a word that lies where it is said
INTO_PAUSE_MS, NEAR_MS = 250, 500  # a word that reaches so far into a pause, and so near to what follows, follows it
SLACK_MS = 400  # as little speech between two words need not be words that are missing
FASTEST = 12.0  # syllables a second that nobody speaks
BURST = 10  # syllables in a row it takes to call speech too fast
MISSING_MS = 1000  # speech without text that is worth a second hearing
DEEPEST = 3  # how often a stretch is cut down and heard again
QUIET, UNSURE = 0.6, -1.0  # Whisper's bounds: silence is likelier than the one, and the text less likely than the other

# What Whisper was trained on ends in such lines, so it writes them where it hears music or nothing. Nobody says these:
_CREDITS = re.compile(
    r"请?不吝点赞(?:订阅|转发|打赏|支持|明镜|与?点点栏目)*|打赏支持明镜(?:与?点点栏目)?|明镜与点点栏目"
    r"|(?:中文|本|小编)?字幕(?:由|by|志愿者|制作|提供|校对|翻译|组|来自|君)[^。！？]{0,16}|amaraorg社[区群](?:提供(?:的字幕)?)?"
    r"|优优独播剧场(?:yoyotelevisionseriesexclusive)?|yoyotelevisionseriesexclusive"
    r"|(?:作词|作曲|编曲|词曲|混音|监制|制作人)[^。！？]{0,4}李宗盛|以下是普通话的句子"
)
# These may be said, so they are credits only where they are all there is and the recogniser itself is in doubt.
_FAREWELL = re.compile(
    r"(?:谢谢|感谢|多谢)(?:您的|大家的?|各位)?(?:观看|收看|收听|聆听)|(?:请|记得|欢迎)?(?:点赞)?订阅(?:我的|我们的|本)?频道?"
    r"|下期(?:再见|见)|(?:作词|作曲|编曲|词曲|演唱).{0,6}"
)
_DOUBT = 0.5  # mean word probability below which a farewell is made up
_LOOP = re.compile(r"(.{2,16}?)\1{4,}|(.)\2{9,}")


def syllables(text: str) -> int:
    """How many syllables a text takes to say: one a character or digit, and half of that for Latin letters."""
    plain = [char for char in text if char.isalnum()]
    latin = sum(char.isascii() and char.isalpha() for char in plain)
    return len(plain) - latin + (latin + 1) // 2


def voiced(word: Word) -> Span:
    """The part of a word's time that its syllables can fill."""
    return word.start_ms, min(word.end_ms, word.start_ms + SYLLABLE_MS * max(syllables(word.text), 1))


def gaps(words: Sequence[Word], speech: Sequence[Span], *, least_ms: int = SLACK_MS) -> tuple[Span, ...]:
    """Speech that no word covers, where it adds up to more than `least_ms` between words, or before or after all."""
    found = []
    for start, end in _between(words, speech):
        parts = _within(speech, start, end)
        if sum(last - first for first, last in parts) > least_ms:
            found.append((parts[0][0], parts[-1][1]))
    return tuple(found)


def uncovered_ms(words: Sequence[Word], speech: Sequence[Span]) -> int:
    """How much of the speech has no words."""
    return sum(last - first for start, end in gaps(words, speech) for first, last in _within(speech, start, end))


def coverage(words: Sequence[Word], speech: Sequence[Span]) -> float:
    """Share of the speech time that has words; 1.0 when there is no speech."""
    total = sum(end - start for start, end in speech)
    return round(1 - uncovered_ms(words, speech) / total, 4) if total else 1.0


def untrusted(words: Sequence[Word]) -> tuple[tuple[int, int, str], ...]:
    """Runs of words (first, one past the last, reason) that were hardly said: `credits`, `loop`, `too_fast`."""
    text, owner = _plain(words)
    runs = [
        (owner[m.start()], owner[m.end() - 1] + 1, "credits") for m in _CREDITS.finditer(text) if m.end() > m.start()
    ]
    for first, last in _sentences(words):
        said = words[first:last]
        if _FAREWELL.fullmatch(_plain(said)[0]) and sum(word.probability for word in said) < _DOUBT * len(said):
            runs.append((first, last, "credits"))
    runs += [(owner[m.start()], owner[m.end() - 1] + 1, "loop") for m in _LOOP.finditer(text)]
    return tuple(runs + _bursts(words))


def _sentences(words: Sequence[Word]) -> Iterator[Span]:
    """Runs of words (first, one past the last) between pauses."""
    cuts = [i for i in range(1, len(words)) if words[i].start_ms - words[i - 1].end_ms > SLACK_MS]
    yield from pairwise([0, *cuts, len(words)])


def _bursts(words: Sequence[Word]) -> list[tuple[int, int, str]]:
    """Runs of `BURST` syllables and more that come faster than anybody speaks."""
    runs: list[tuple[int, int, str]] = []
    first = count = 0
    for last, word in enumerate(words):
        count += syllables(word.text)
        while first < last and count - syllables(words[first].text) >= BURST:
            count -= syllables(words[first].text)
            first += 1
        if count >= BURST and count > FASTEST * max(word.end_ms - words[first].start_ms, 1) / 1000:
            if runs and runs[-1][1] >= first:
                runs[-1] = (runs[-1][0], last + 1, "too_fast")
            else:
                runs.append((first, last + 1, "too_fast"))
    return runs


def _plain(words: Sequence[Word]) -> tuple[str, list[int]]:
    """The words' letters, digits and characters as one text, and for each the word it belongs to."""
    text, owner = "", []
    for index, word in enumerate(words):
        plain = "".join(char for char in language.simplify(word.text).casefold() if char.isalnum())
        text += plain
        owner += [index] * len(plain)
    return text, owner


def _between(words: Sequence[Word], speech: Sequence[Span]) -> Iterator[Span]:
    """The times before, between and after words, within the speech."""
    if not speech:
        return
    at = speech[0][0]
    for start, end in sorted(voiced(word) for word in words):
        if start > at:
            yield at, start
        at = max(at, end)
    if speech[-1][1] > at:
        yield at, speech[-1][1]


def _within(speech: Sequence[Span], start: int, end: int) -> list[Span]:
    return [(max(first, start), min(last, end)) for first, last in speech if first < end and last > start]


# ---- the guard


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A window's words in the recording's time, the speech they belong to, and the speech without trustworthy text."""

    words: tuple[Word, ...]
    speech: tuple[Span, ...]
    not_heard: tuple[Stretch, ...] = ()


def guard(
    window: "Window", phrases: Sequence[Phrase], again: Callable[["Window"], Sequence[Phrase]], *, depth: int = 0
) -> Heard:
    """What was said in a window, given what the recogniser wrote for it. `again` listens to a part of it with care."""
    words, doubts = _trusted(window, phrases, second=depth > 0)
    missing: list[Stretch] = []
    for first, last in _stretches(gaps(words, window.speech, least_ms=MISSING_MS), window.speech):
        span = (window.speech[first][0], window.speech[last][1])
        old = [word for word in words if span[0] <= (word.start_ms + word.end_ms) / 2 < span[1]]
        speech = window.speech[first : last + 1]
        parts = _narrower(window, first, last) if depth < DEEPEST else []
        heard = [guard(part, again(part), again, depth=depth + 1) for part in parts]
        new = [word for each in heard for word in each.words]
        if uncovered_ms(new, speech) + SLACK_MS < uncovered_ms(old, speech):
            words = sorted([word for word in words if word not in old] + new, key=lambda word: word.start_ms)
            missing += [stretch for each in heard for stretch in each.not_heard]
        else:
            for start, end in gaps(old, speech, least_ms=MISSING_MS):
                reason = next((why for since, until, why in doubts if since < end and until > start), "no_text")
                missing.append(Stretch(start_ms=start, end_ms=end, reason=reason))
    return Heard(words=tuple(words), speech=window.speech, not_heard=tuple(missing))


def _trusted(
    window: "Window", phrases: Sequence[Phrase], *, second: bool
) -> tuple[list[Word], list[tuple[int, int, str]]]:
    """The words that can have been said, in the recording's time, and where others were struck out and why.

    A loop that a second hearing of a narrower cut confirms is an anchor who repeats himself, as anchors do.
    """
    placed = [
        msgspec.structs.replace(
            word, start_ms=window.recording_ms(word.start_ms), end_ms=window.recording_ms(word.end_ms, last=True)
        )
        for phrase in phrases
        if not (phrase.silence > QUIET and phrase.likelihood < UNSURE)
        for word in phrase.words
    ]
    words = settle(placed, window.speech)
    struck: set[int] = set()
    doubts = []
    for first, last, reason in untrusted(words):
        if not (second and reason == "loop"):
            struck.update(range(first, last))
            doubts.append((words[first].start_ms, words[last - 1].end_ms, reason))
    return [word for index, word in enumerate(words) if index not in struck], doubts


def settle(words: Sequence[Word], speech: Sequence[Span]) -> list[Word]:
    """Word times put right by the speech that was found.

    Whisper lets a word begin where the one before it ended, however long the pause between them: where a word reaches
    well into a pause or over it, its end is to be believed and its start is not.
    """
    settled: list[Word] = []
    at = 0
    for word in words:
        start, end = word.start_ms, word.end_ms
        sides = _within(speech, start, end)
        ended = max((last for first, last in speech if first < end), default=start)
        follows = next((first for first, _ in speech if first >= end - EDGE_MS), None)
        if follows is not None and end - ended > INTO_PAUSE_MS and follows - end < NEAR_MS:
            start, end = follows, follows + EDGE_MS
        elif sides:
            first, end = sides[-1]
            drawn_out = len(sides) > 1  # over pauses: it may be the word that swallowed a sentence
            start = max(first, end - SYLLABLE_MS * max(syllables(word.text), 1)) if drawn_out else first
        start = max(start, at)
        at = max(end, start)
        settled.append(msgspec.structs.replace(word, start_ms=start, end_ms=at))
    return settled


def _stretches(missing: Sequence[Span], speech: Sequence[Span]) -> list[tuple[int, int]]:
    """The gaps as stretches of speech from pause to pause (first and last index), those that touch made one."""
    found: list[tuple[int, int]] = []
    for start, end in missing:
        touched = [index for index, (since, until) in enumerate(speech) if since < end and until > start]
        first, last = touched[0], touched[-1]
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _narrower(window: "Window", first: int, last: int) -> list["Window"]:
    """Less than all of the window: the stretch itself or, where that is all, the two sides of its longest pause."""
    if (first, last) != (0, len(window.speech) - 1):
        return [window.part(first, last)]
    if first == last:
        return []
    cut = max(range(first, last), key=lambda index: window.speech[index + 1][0] - window.speech[index][1])
    return [window.part(first, cut), window.part(cut + 1, last)]
