"""The audit page: what a manager reads in a minute, and what a person needs to check each finding by ear."""

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from streamlens.report.advice import by_product, questions
from streamlens.report.bundle import SHOWN, Bundle, accused, anchor, counts, moment, unheard
from streamlens.report.charts import GLYPHS, timeline, tint
from streamlens.report.highlight import Run, in_sentence, in_transcript
from streamlens.report.messages import text, word
from streamlens.report.render import render
from streamlens.report.results import citation, safer
from streamlens.schema import ACCUSATIONS, Finding, Product, Segment, Stretch, Utterance

WIDE, NARROW = 920, 358  # px: the time line on a desk (and on paper, where it shrinks) and on a phone
LEAD_MS = 1500  # the player starts a little earlier, so that the claim is not cut into
CHUNK = 40  # utterances; the browser lays out only the chunks in view
FOREMOST = 3
FOLDED = frozenset({"supported", "none"})


@dataclass(frozen=True)
class Card:
    """A finding as the page shows it. `number` is its place on the page, counted from 1."""

    number: int
    finding: Finding
    anchor: str
    product: str
    sentence: tuple[Run, ...]
    heard: str  # the transcript's words where they differ from what was judged
    law: tuple[str, ...]
    papers: tuple[str, ...]
    safer: str
    taken_back: "tuple[Finding, ...]"  # later words that take this claim back
    takes_back: Finding | None
    sound: str = ""  # an address to be played


@dataclass(frozen=True)
class OnOffer:
    """A product with the times it was on sale and how many of its claims need action."""

    sku: str
    name: str
    product: Product | None
    tint: str
    segments: tuple[Segment, ...]
    duration_ms: int
    mentions: int
    accused: int


@dataclass(frozen=True)
class Line:
    """One row of the transcript: an utterance, or a stretch that was not heard."""

    start_ms: int
    utterance: Utterance | None
    runs: tuple[Run, ...]
    silence: Stretch | None = None


@dataclass(frozen=True)
class Chunk:
    """Rows of one product's time on sale; `title` only where the product changes."""

    title: str
    tint: str
    lines: tuple[Line, ...]


def render_audit(bundle: Bundle, lang: str) -> str:
    """One self-contained page; `lang` is `zh` or `en`. The same records give the same page, byte for byte."""
    from markupsafe import Markup

    findings = bundle.findings.findings
    cards = _cards(bundle, lang)
    numbers = {card.finding.id: card.number for card in cards}
    return render(
        "audit.html",
        lang,
        recording=bundle.recording,
        transcript=bundle.transcript,
        findings=bundle.findings,
        duration=_duration(bundle.recording.duration_ms, lang),
        counts=counts(findings),
        accusations=sum(finding.verdict in ACCUSATIONS for finding in findings),
        foremost=_foremost(cards, findings),
        kinds=Counter(f.kind for f in accused(findings)).most_common(6),
        unheard=(silences := unheard(bundle)),
        unheard_ms=sum(stretch.end_ms - stretch.start_ms for stretch in silences),
        on_offer=_on_offer(bundle),
        groups=[(verdict, group) for verdict in SHOWN if (group := [c for c in cards if c.finding.verdict == verdict])],
        folded=FOLDED,
        chunks=_chunks(bundle),
        numbers=numbers,
        **_buyers(bundle),
        scans=bundle.evidence.scans,
        paper_notes=bundle.evidence.notes,
        conflicts=list(dict.fromkeys(d.message for d in bundle.evidence.doubts if d.message.code == "scan.conflict")),
        said=lambda message: word(message, lang),
        speakers=len({u.speaker for u in bundle.transcript.utterances if u.speaker}) > 1,
        glyphs=GLYPHS,
        wide=Markup(timeline(bundle, lang, width=WIDE)),  # noqa: S704  Vega escapes what it draws
        narrow=Markup(timeline(bundle, lang, width=NARROW)),  # noqa: S704
        media=bundle.media,
        has_video=not bundle.recording.parts or any(part.has_video for part in bundle.recording.parts),
        player=_player(bundle),
        anchor=anchor,
        moment=moment,
    )


def _buyers(bundle: Bundle) -> dict[str, object]:
    """Buyers' questions without an answer by product, and complaints with what they stand against."""
    asked = questions(bundle)
    missed = [question for question in asked if question.state == "unanswered"]
    return {
        "asked": len(asked),
        "answered": sum(question.state in ("answered", "declined") for question in asked),
        "unclear": sum(question.state == "unclear" for question in asked),
        "missed": by_product(bundle, missed),
        "missed_count": len(missed),
        "complaints": bundle.questions.complaints if bundle.questions else (),
        "promised": {finding.id: finding for finding in bundle.findings.findings},
        "product_name": bundle.product_name,
    }


def media_url(path: str) -> str:
    """A path as the page may point to it: percent-encoded, never read as an address with a scheme of its own."""
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else f"./{quote(pure.as_posix())}"


def _player(bundle: Bundle) -> dict[str, object]:
    """What the page's script needs: the parts on the time line, in milliseconds."""
    parts = bundle.recording.parts
    spans = [(p.start_ms, p.start_ms + p.duration_ms, p.name) for p in parts] or [(0, bundle.recording.duration_ms, "")]
    media = bundle.media[: len(spans)] + ("",) * (len(spans) - len(bundle.media))
    return {
        "lead": LEAD_MS,
        "parts": [
            {"start": start, "end": end, "name": PurePath(path).name or name, "src": media_url(path) if path else ""}
            for (start, end, name), path in zip(spans, media, strict=True)
        ],
    }


def _cards(bundle: Bundle, lang: str) -> tuple[Card, ...]:
    findings = sorted(bundle.findings.findings, key=lambda f: (SHOWN.index(f.verdict), f.start_ms, f.id))
    by_id = {finding.id: finding for finding in findings}
    taken_back: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.corrects:
            taken_back.setdefault(finding.corrects, []).append(finding)
    return tuple(
        Card(
            number=number,
            finding=finding,
            anchor=anchor(finding.id),
            product=bundle.product_name(finding.product),
            sentence=in_sentence(finding),
            heard=finding.heard if finding.heard != finding.quote else "",
            law=tuple(citation(ref, lang) for ref in finding.law),
            papers=tuple(word(step.message, lang) for step in finding.trace if step.step == "paper")
            or finding.evidence,
            safer=safer(finding, lang),
            taken_back=tuple(taken_back.get(finding.id, ())),
            takes_back=by_id.get(finding.corrects) if finding.corrects else None,
            sound=bundle.sound(finding.id),
        )
        for number, finding in enumerate(findings, start=1)
    )


def _foremost(cards: tuple[Card, ...], findings: tuple[Finding, ...]) -> list[tuple[Card, int]]:
    """The gravest troubles: the first finding of a kind about a product, and how often it is said in all."""
    by_id = {card.finding.id: card for card in cards}
    groups: dict[tuple[str, str, str | None], list[Finding]] = {}
    for finding in accused(findings):
        groups.setdefault((finding.verdict, finding.kind, finding.product), []).append(finding)
    return [(by_id[group[0].id], len(group)) for group in list(groups.values())[:FOREMOST]]


def _on_offer(bundle: Bundle) -> tuple[OnOffer, ...]:
    """Products of the catalogue in its order, then those that only the segments know."""
    segments, catalogue = bundle.segments.segments, bundle.catalogue
    order = [product.sku for product in catalogue.products]
    order += sorted({segment.product for segment in segments} - set(order))
    mentions = Counter(mention.product for mention in bundle.mentions.mentions)
    accusations = Counter(finding.product for finding in accused(bundle.findings.findings))
    return tuple(
        OnOffer(
            sku=sku,
            name=bundle.product_name(sku),
            product=catalogue.get(sku),
            tint=tint(bundle, sku),
            segments=(own := tuple(segment for segment in segments if segment.product == sku)),
            duration_ms=sum(segment.end_ms - segment.start_ms for segment in own),
            mentions=mentions[sku],
            accused=accusations[sku],
        )
        for sku in order
    )


def _chunks(bundle: Bundle) -> tuple[Chunk, ...]:
    utterances = tuple(sorted(bundle.transcript.utterances, key=lambda u: (u.start_ms, u.end_ms)))
    marked = in_transcript(utterances, bundle.findings.findings)
    lines = [Line(u.start_ms, u, runs) for u, runs in zip(utterances, marked, strict=True)]
    lines += [Line(stretch.start_ms, None, (), stretch) for stretch in unheard(bundle)]
    lines.sort(key=lambda line: (line.start_ms, line.utterance is None))
    segments = sorted(bundle.segments.segments, key=lambda segment: segment.start_ms)
    chunks: list[tuple[str, str | None, list[Line]]] = []
    at = 0
    for line in lines:
        middle = (line.start_ms + line.utterance.end_ms) // 2 if line.utterance else line.start_ms
        while at < len(segments) and segments[at].end_ms <= middle:
            at += 1
        sku = segments[at].product if at < len(segments) and segments[at].start_ms <= middle else None
        if not chunks or chunks[-1][1] != sku:
            chunks.append((bundle.product_name(sku), sku, [line]))
        elif len(chunks[-1][2]) >= CHUNK:
            chunks.append(("", sku, [line]))
        else:
            chunks[-1][2].append(line)
    return tuple(
        Chunk(title=title, tint=tint(bundle, sku) if sku else "", lines=tuple(lines)) for title, sku, lines in chunks
    )


def _duration(ms: int, lang: str) -> str:
    hours, minutes, seconds = ms // 3_600_000, ms // 60_000 % 60, ms // 1000 % 60
    if hours:
        return text("ui.hours_minutes", lang, hours=hours, minutes=minutes)
    return text("ui.minutes_seconds", lang, minutes=minutes, seconds=seconds)
