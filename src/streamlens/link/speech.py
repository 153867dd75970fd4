"""What the anchor did in a row: how much was heard, how it was said, and what was said, claimed and told."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from streamlens.link.layout import Row
from streamlens.link.series import Points, Spans, mean, union
from streamlens.link.wording import cues
from streamlens.schema import (
    ACCUSATIONS,
    VERDICTS,
    Claimed,
    Delivery,
    Fact,
    Facts,
    Finding,
    Findings,
    Heard,
    Informed,
    Mentions,
    Recording,
    Screen,
    Talk,
    Transcript,
    Utterance,
    UtteranceVoice,
    Voice,
)

LONG_PAUSE_MS = 2000
_SCREEN_PRICE = re.compile(r"[¥￥]\s*\d|\d(?:\.\d+)?\s*[元块]|(?:到手|直播|券后|秒杀|活动|福利|现)价\D{0,3}\d")
Cue = tuple[str, int]


class Hearing:
    """How much of a row was recorded and heard, and by whom it was spoken."""

    def __init__(self, recording: Recording, transcript: Transcript, voice: Voice) -> None:
        parts = [(part.start_ms, part.start_ms + part.duration_ms) for part in recording.parts]
        heard = [(each.start_ms, each.end_ms) for each in transcript.utterances]
        lost = [(each.start_ms, each.end_ms) for each in transcript.not_heard]
        self._recorded = union(parts or [(0, recording.duration_ms)])
        self._heard = union(heard)
        self._speech = union([*heard, *lost])
        self._names = {host.label: host.name for host in recording.hosts}
        measured = {each.utterance: each for each in voice.utterances}
        self._spoken: Spans[Utterance] = Spans(transcript.utterances, lambda each: (each.start_ms, each.end_ms))
        self._who = {
            each.id: (measured[each.id].speaker if each.id in measured else None) or each.speaker
            for each in transcript.utterances
        }

    def recorded_ms(self, row: Row) -> int:
        return self._recorded.inside_ms(row.start_ms, row.end_ms)

    def known(self, row: Row) -> bool:
        """False where what was said is not known: nothing was recorded, or of the speech nothing has text."""
        span = (row.start_ms, row.end_ms)
        return bool(self.recorded_ms(row)) and bool(self._heard.inside_ms(*span) or not self._speech.inside_ms(*span))

    def heard(self, row: Row) -> Heard:
        span = (row.start_ms, row.end_ms)
        recorded, speech = self.recorded_ms(row), self._speech.inside_ms(*span)
        talk: Counter[str] = Counter()
        for utterance, inside in self._spoken.over(*span):
            if who := self._who[utterance.id]:
                talk[who] += inside
        top = min(talk, key=lambda who: (-talk[who], who), default=None)
        return Heard(
            recorded_rate=recorded / row.length_ms,
            speech_rate=min(speech / recorded, 1.0) if recorded else None,
            coverage=self._heard.inside_ms(*span) / speech if speech else None,
            speakers=len(talk) or None,
            top_speaker=self._names.get(top, top) if top else None,
            top_speaker_rate=talk[top] / talk.total() if top else None,
        )


class Saying:
    """How it was said: the measures of the utterances, by their time in a row."""

    def __init__(self, transcript: Transcript, voice: Voice) -> None:
        measured = {each.utterance: each for each in voice.utterances}
        pairs = [(each, measured[each.id]) for each in transcript.utterances if each.id in measured]
        self._spans: Spans[tuple[Utterance, UtteranceVoice]] = Spans(
            pairs, lambda pair: (pair[0].start_ms, pair[0].end_ms)
        )

    def delivery(self, row: Row) -> Delivery:
        here = list(self._spans.over(row.start_ms, row.end_ms))
        if not here:
            return Delivery()
        begun = [voice for (utterance, voice), _ in here if utterance.start_ms >= row.start_ms]
        pauses = [voice.pause_ms for voice in begun if voice.pause_ms is not None]

        def weighted(name: str) -> float | None:
            values = ((getattr(voice, name), inside) for (_, voice), inside in here)
            return mean((value, inside) for value, inside in values if value is not None)

        # an utterance's fillers are spread over its time, so that a row has its share of them
        fillers = mean(
            (voice.fillers * 60_000 / max(utterance.end_ms - utterance.start_ms, 1), inside)
            for (utterance, voice), inside in here
        )
        return Delivery(
            pace_cpm=weighted("pace_cpm"),
            pause_mean_ms=sum(pauses) / len(pauses) if pauses else None,
            long_pauses=sum(pause >= LONG_PAUSE_MS for pause in pauses),
            fillers_per_min=fillers,
            loudness_db=weighted("loudness_db"),
            loudness_range_db=weighted("loudness_range_db"),
            pitch_hz=weighted("pitch_hz"),
            pitch_range_st=weighted("pitch_range_st"),
            monotony=weighted("monotony"),
        )


class Talking:
    """What was said, found by when its words begin."""

    def __init__(self, transcript: Transcript, mentions: Mentions, screen: Screen) -> None:
        words: list[tuple[int, int]] = []
        found: list[Cue] = []
        for utterance in transcript.utterances:
            found += cues(utterance)
            pieces = utterance.words
            if not pieces:
                words.append((utterance.start_ms, _characters(utterance.text)))
            words += [(word.start_ms, _characters(word.text)) for word in pieces]
        self._words: Points[tuple[int, int]] = Points(words, lambda word: word[0])
        self._cues: Points[Cue] = Points(found, lambda cue: cue[1])
        self._mentions = Points(mentions.mentions, lambda mention: mention.start_ms)
        self._prices = union(
            (line.start_ms, line.end_ms)
            for line in screen.texts
            if line.sort != "comment" and _SCREEN_PRICE.search(line.text)
        )
        self._looked = bool(screen.looked_ms)

    def talk(self, row: Row, known: bool) -> Talk:
        span = (row.start_ms, row.end_ms)
        on_screen = self._prices.inside_ms(*span) / row.length_ms if self._looked else None
        if not known:
            return Talk(price_on_screen_rate=on_screen)
        counted = Counter(name for name, _ in self._cues.within(*span))
        named = Counter(mention.product for mention in self._mentions.within(*span))
        return Talk(
            characters=sum(count for _, count in self._words.within(*span)),
            mentions=named.total(),
            mentions_own=named[row.product] if row.product else None,
            questions_put=counted["questions_put"],
            questions_read=counted["questions_read"],
            calls_follow=counted["calls_follow"],
            calls_reply=counted["calls_reply"],
            calls_buy=counted["calls_buy"],
            scarcity_talk=counted["scarcity_talk"],
            price_talk=counted["price_talk"],
            shown_opened=counted["shown_opened"],
            shown_weighed=counted["shown_weighed"],
            shown_papers=counted["shown_papers"],
            shown_close=counted["shown_close"],
            price_on_screen_rate=on_screen,
        )


class Claiming:
    """The asserted claims, found by when they begin."""

    def __init__(self, findings: Findings, screen: Screen) -> None:
        asserted = [finding for finding in findings.findings if finding.stance == "asserted"]
        spoken = [finding for finding in asserted if finding.channel == "speech"]
        seen = [finding for finding in asserted if finding.channel == "screen"]
        self._spoken: Points[Finding] = Points(spoken, lambda finding: finding.start_ms)
        self._seen: Points[Finding] = Points(seen, lambda finding: finding.start_ms)
        self._looked = bool(screen.looked_ms)

    def claimed(self, row: Row, known: bool, recorded_ms: int) -> Claimed:
        seen = self._seen.within(row.start_ms, row.end_ms)
        fields: dict[str, Any] = {}
        if self._looked:
            fields = {"claims_on_screen": len(seen), "accusations_on_screen": _accusations(seen)}
        if known:
            spoken = self._spoken.within(row.start_ms, row.end_ms)
            families = Counter(finding.kind.partition(".")[0] for finding in spoken)
            verdicts = Counter(finding.verdict for finding in spoken)
            accused, minutes = _accusations(spoken), recorded_ms / 60_000
            judged = verdicts["supported"] + accused
            fields |= {
                "claims": len(spoken),
                "claims_per_min": len(spoken) / minutes,
                "accusations": accused,
                "accusations_per_min": accused / minutes,
                "supported_rate": verdicts["supported"] / judged if judged else None,
                **{verdict: verdicts[verdict] for verdict in VERDICTS if verdict != "none"},  # type: ignore[index]
                **{f"claims_{family}": families[family] for family in FAMILIES},
            }
        return Claimed(**fields)


FAMILIES = tuple(
    name.removeprefix("claims_")
    for name in Claimed.__struct_fields__
    if name.startswith("claims_") and name not in ("claims_per_min", "claims_on_screen")
)


class Telling:
    """The facts told, found by when they are, and the checklists of the products."""

    def __init__(self, facts: Facts | None) -> None:
        self._known = facts is not None
        facts = facts or Facts(recording="")
        self._facts: Points[Fact] = Points(
            (fact for fact in facts.facts if fact.channel == "speech"),  # a price card tells nothing of the anchor
            lambda fact: fact.start_ms,
        )
        self._told: dict[str, list[int | None]] = defaultdict(list)
        for item in facts.checklist:
            self._told[item.product].append(item.at_ms)

    def informed(self, row: Row, known: bool) -> Informed:
        told = self._told.get(row.product, []) if row.product else []
        rate = sum(at is not None and at < row.end_ms for at in told) / len(told) if told else None
        if not (known and self._known):
            return Informed(told_rate=rate)
        sorts: Counter[str] = Counter(fact.sort for fact in self._facts.within(row.start_ms, row.end_ms))
        return Informed(facts=sorts.total(), told_rate=rate, **{f"facts_{name}": sorts[name] for name in SORTS})

    def offered(self, row: Row, known: bool) -> dict[str, Any]:
        """The columns of the offer that come from what was said of it."""
        if not (known and self._known):
            return {}
        facts = self._facts.within(row.start_ms, row.end_ms)
        own = [fact for fact in facts if row.product and fact.product == row.product]
        prices = [fact for fact in own if fact.sort == "price" and fact.value is not None]
        whole = [fact.value for fact in prices if fact.per != "g"]
        ratios = [fact.value / fact.listed for fact in prices if fact.value is not None and fact.listed]
        cuts = [1 - fact.value for fact in own if fact.sort == "discount" and fact.value and 0 < fact.value < 1]
        return {
            "spoken_price_fen": whole[0] if whole else None,
            "spoken_price_ratio": sum(ratios) / len(ratios) if ratios else None,
            "prices_differing": _differing(facts, "price"),
            "weights_differing": _differing(facts, "weight"),
            "discount_rate": max(cuts, default=None),
        }


SORTS = tuple(name.removeprefix("facts_") for name in Informed.__struct_fields__ if name.startswith("facts_"))


def _characters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _accusations(findings: Sequence[Finding]) -> int:
    return sum(finding.verdict in ACCUSATIONS for finding in findings)


def _differing(facts: Sequence[Fact], sort: str) -> int:
    return sum(fact.sort == sort and fact.agrees is False for fact in facts)
