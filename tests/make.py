"""Factories of small records for tests. Times are given in seconds; what a test does not care for has a default."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from streamlens.detect.rules import load_rules
from streamlens.schema import (
    Audience,
    Catalogue,
    Claim,
    Comment,
    Finding,
    Mention,
    Mentions,
    Message,
    Order,
    Product,
    Recording,
    RuleBook,
    Segment,
    Segments,
    Transcript,
    Utterance,
    Viewers,
    Word,
)
from streamlens.shipped import shipped


def utterance(text: str, start_s: float = 0.0, end_s: float | None = None, *, words: Sequence[Word] = ()) -> Utterance:
    """An utterance; without an end it takes a quarter of a second a character."""
    end_s = start_s + 0.25 * len(text) if end_s is None else end_s
    start_ms, end_ms = round(start_s * 1000), round(end_s * 1000)
    return Utterance(id=f"u{start_ms}", start_ms=start_ms, end_ms=end_ms, text=text, words=tuple(words))


def word(text: str, start_s: float, end_s: float, probability: float = 0.9) -> Word:
    return Word(start_ms=round(start_s * 1000), end_ms=round(end_s * 1000), text=text, probability=probability)


def transcript(
    *utterances: Utterance | str, pause_s: float = 0.3, recording: str = "r1", source: str = "speech"
) -> Transcript:
    """A transcript; texts without times follow one another with `pause_s` between them."""
    placed: list[Utterance] = []
    for item in utterances:
        if isinstance(item, str):
            item = utterance(item, placed[-1].end_ms / 1000 + pause_s if placed else 0.0)
        placed.append(item)
    return Transcript(recording=recording, coverage=1.0, utterances=tuple(placed), source=source)


def product(sku: str, name: str, *, link: int | None = None, aliases: Sequence[str] = ()) -> Product:
    return Product(sku=sku, name=name, link=link, aliases=tuple(aliases))


def catalogue(*products: Product) -> Catalogue:
    return Catalogue(products=products)


def recording(duration_s: float = 60.0, id: str = "r1") -> Recording:
    return Recording(id=id, parts=(), duration_ms=round(duration_s * 1000))


def segments(*rows: tuple[str, float, float]) -> Segments:
    """Segments from (sku, start_s, end_s)."""
    return Segments(
        recording="r1",
        segments=tuple(
            Segment(product=sku, start_ms=round(start * 1000), end_ms=round(end * 1000), confidence=0.9)
            for sku, start, end in rows
        ),
    )


def mentions(*rows: tuple[str, float, float]) -> Mentions:
    """Sure mentions from (sku, start_s, end_s)."""
    return Mentions(
        recording="r1",
        mentions=tuple(
            Mention(
                product=sku,
                start_ms=round(start * 1000),
                end_ms=round(end * 1000),
                by="name",
                quote=sku,
                heard=sku,
                confidence=0.95,
            )
            for sku, start, end in rows
        ),
    )


def claim(
    id: str, quote: str, start_s: float = 0.0, *, kind: str = "health.disease", stance: str = "asserted"
) -> Claim:
    start_ms = round(start_s * 1000)
    return Claim(
        id=id,
        rule=kind,
        kind=kind,
        stance=stance,  # type: ignore[arg-type]
        severity="high",
        channel="speech",
        start_ms=start_ms,
        end_ms=start_ms + 250 * len(quote),
        quote=quote,
        heard=quote,
        sentence=quote,
        product=None,
        confidence=0.9,
        trace=(),
    )


def finding(
    start_s: float,
    kind: str = "health.disease",
    verdict: str = "prohibited",
    *,
    stance: str = "asserted",
    channel: str = "speech",
) -> Finding:
    start_ms = round(start_s * 1000)
    return Finding(
        id=f"{kind}-{start_ms}",
        kind=kind,
        stance=stance,  # type: ignore[arg-type]
        verdict=verdict,  # type: ignore[arg-type]
        severity="high",
        channel=channel,  # type: ignore[arg-type]
        start_ms=start_ms,
        end_ms=start_ms + 1000,
        quote="",
        heard="",
        sentence="",
        product=None,
        rule=kind,
        law=(),
        evidence=(),
        reason=Message(code="none"),
        rewrite=(),
        confidence=0.9,
        trace=(),
    )


def audience(
    *,
    comments: Sequence[tuple[float, str]] = (),
    online: Sequence[tuple[float, int]] = (),
    orders: Sequence[tuple[float, str | None, int]] = (),
    price_fen: int | None = 1000,
) -> Audience:
    """An audience from (seconds, viewer), (seconds, viewers online) and (seconds, sku, quantity) at one price."""
    return Audience(
        recording="r1",
        comments=tuple(
            Comment(id=f"c{n}", at_ms=round(at * 1000), viewer=viewer, text="好")
            for n, (at, viewer) in enumerate(comments)
        ),
        viewers=tuple(Viewers(at_ms=round(at * 1000), online=count) for at, count in online),
        orders=tuple(
            Order(
                at_ms=round(at * 1000),
                order=f"o{n}",
                product=sku,
                quantity=quantity,
                amount_fen=None if price_fen is None else price_fen * quantity,
            )
            for n, (at, sku, quantity) in enumerate(orders)
        ),
    )


def rule_file(folder: Path, id: str, body: str, *, flag: str = "是", text: str = "是") -> Path:
    """A rule that loads: `body` holds what the test is about; severity, wording and cases are added where they lack."""
    family, name = id.split(".")
    path = folder / family / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [] if "severity" in body else ['severity = "high"']
    lines.append(body)
    for key in ("why", "rewrite"):
        lines += [] if f"{key}]" in body or f"{key}." in body else [f'{key}.zh = "{key}"']
    if "[[case]]" not in body:
        lines += ["[[case]]", f'text = "{text}"', f'flag = ["{flag}"]', "[[case]]", 'text = "好"']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rule_book(folder: Path, rules: dict[str, str], words: dict[str, Sequence[str]] | None = None) -> RuleBook:
    """A book of small rules (id -> the body of its file), with word sets and the shipped cues of stance."""
    lexicon = folder / "lexicon"
    lexicon.mkdir()
    for name, entries in (words or {}).items():
        (lexicon / f"{name}.txt").write_text("\n".join(entries), encoding="utf-8")
    for id, body in rules.items():
        rule_file(folder / "rules", id, body)
    shutil.copy(shipped("configs") / "rules" / "stance.toml", folder / "rules")
    return load_rules(folder / "rules", lexicon)
