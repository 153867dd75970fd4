"""Claims that stand on screen: found by the rules as written, meant as their own block of text means them.

Only what stands in its place is taken for the seller's words, and not the product's own name as the catalogue has it,
which every card of the cart shows. Lines that stand under one another for the same time are one block. A claim lies
within one line, for two lines read as one may say what neither does; but the block decides how it is meant: the line
above may deny what the line below says (本品不能, 代替药物).
"""

from collections.abc import Sequence

import msgspec

from ..language import HARD, SOFT, spoken
from ..schema import (
    Catalogue,
    Claim,
    Claims,
    Mentions,
    Message,
    RuleBook,
    Screen,
    ScreenText,
    Segment,
    Segments,
    Step,
    Transcript,
    Utterance,
    Word,
)
from .claims import find_claims
from .mentions import find_mentions
from .search import ClaimOptions, Known

MOSTLY = 0.6  # of its time on screen a text must share with a product's time on offer to be about it
NAMED = 0.8  # how sure a name in the text must be: as written

# Texts are put to the search for claims as if they were read out, a character in CHAR_MS, a text in BLOCK_MS: so far
# apart that none is taken for the context of another.
CHAR_MS = 10
BLOCK_MS = 1_000_000


class ShownOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which texts belong together."""

    together_ms: int = 3000  # lines that come and go within so little of each other may be one block
    again_ms: int = 60_000  # a text that comes back within this time is one claim over the whole time


class _Block(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that are read together, and the product on offer most of that time."""

    lines: tuple[ScreenText, ...]
    product: str | None

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)

    def line(self, at: int) -> ScreenText:
        """The line of the character at a place of the text."""
        for line in self.lines:
            if at < len(line.text):
                return line
            at -= len(line.text)
        return self.lines[-1]


def find_shown(
    claims: Claims,
    screen: Screen,
    catalogue: Catalogue,
    segments: Segments,
    rulebook: RuleBook,
    *,
    options: ShownOptions | None = None,
    searches: Known | None = None,
) -> Claims:
    """The claims given, and those on screen, in order of time.

    A claim that stays on screen is one claim over its whole time. It is about the product named in its line, else about
    the one on offer for most of its time, else about none in particular.
    """
    options = options or ShownOptions()
    names = {_letters(name) for product in catalogue.products for name in (product.name, *product.aliases)}
    lines = [text for text in screen.texts if text.sort == "standing" and _letters(text.text) not in names]
    blocks = _once(_blocks(lines, segments.segments, options), options)
    if not blocks:
        return claims
    shown = _read_out(screen.recording, blocks, catalogue, rulebook, searches)
    return msgspec.structs.replace(
        claims, claims=tuple(sorted((*claims.claims, *shown), key=lambda c: (c.start_ms, c.end_ms, c.kind, c.id)))
    )


def _letters(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")


def _blocks(lines: Sequence[ScreenText], segments: Sequence[Segment], options: ShownOptions) -> list[_Block]:
    groups: list[list[ScreenText]] = []
    open_groups: list[list[ScreenText]] = []
    for line in sorted(lines, key=lambda line: (line.start_ms, line.box[1], line.box[0])):
        open_groups = [group for group in open_groups if line.start_ms - group[0].start_ms <= options.together_ms]
        group = next((group for group in open_groups if _goes_on(group[-1], line, options)), None)
        if group is None:
            groups.append([line])
            open_groups.append(groups[-1])
        else:
            group.append(line)
    return [_Block(lines=tuple(group), product=_on_offer(group[0], segments)) for group in groups]


def _goes_on(above: ScreenText, line: ScreenText, options: ShownOptions) -> bool:
    """Close below, about as large, in line at the left or in the middle, and there for the same time."""
    if max(abs(above.start_ms - line.start_ms), abs(above.end_ms - line.end_ms)) > options.together_ms:
        return False
    (left, top, right, bottom), (left2, top2, right2, bottom2) = above.box, line.box
    high, high2 = bottom - top, bottom2 - top2
    in_line = abs(left - left2) <= high or abs(left + right - left2 - right2) <= 2 * high
    return in_line and -high / 2 <= top2 - bottom <= high and max(high, high2) <= 1.5 * min(high, high2)


def _on_offer(text: ScreenText, segments: Sequence[Segment]) -> str | None:
    shares: dict[str, int] = {}
    for segment in segments:
        shared = min(text.end_ms, segment.end_ms) - max(text.start_ms, segment.start_ms)
        if shared > 0:
            shares[segment.product] = shares.get(segment.product, 0) + shared
    product = max(shares, key=lambda sku: (shares[sku], sku), default=None)
    return product if product and shares[product] >= MOSTLY * sum(shares.values()) else None


def _once(blocks: Sequence[_Block], options: ShownOptions) -> list[_Block]:
    """Blocks that come back after a short while, as banners that take turns do, made one."""
    out: list[_Block] = []
    last: dict[tuple[str, str | None], int] = {}
    for block in blocks:
        key = block.text, block.product
        at = last.get(key)
        if at is not None and block.lines[0].start_ms - out[at].lines[0].end_ms <= options.again_ms:
            pairs = zip(out[at].lines, block.lines, strict=True)
            out[at] = _Block(lines=tuple(_joined(*pair) for pair in pairs), product=block.product)
        else:
            last[key] = len(out)
            out.append(block)
    return out


def _joined(one: ScreenText, other: ScreenText) -> ScreenText:
    return msgspec.structs.replace(
        one,
        end_ms=max(one.end_ms, other.end_ms),
        confidence=max(one.confidence, other.confidence),
        seen=one.seen + other.seen,
    )


def _read_out(
    recording: str, blocks: Sequence[_Block], catalogue: Catalogue, rulebook: RuleBook, searches: Known | None
) -> list[Claim]:
    """What the blocks claim. Nobody misheard them, so nothing goes by sound."""
    texts = [part for block in blocks for part in _parts(block)]
    utterances = []
    offers = []
    for number, block in enumerate(texts):
        at = number * BLOCK_MS
        words = tuple(
            Word(start_ms=at + n * CHAR_MS, end_ms=at + (n + 1) * CHAR_MS, text=char, probability=1.0)
            for n, char in enumerate(block.text)
        )
        utterances.append(
            Utterance(id=f"t{number}", start_ms=at, end_ms=words[-1].end_ms, text=block.text, words=words)
        )
        if block.product:
            offers.append(Segment(product=block.product, start_ms=at, end_ms=words[-1].end_ms, confidence=1.0))
    name = f"{recording}/screen"  # so that no claim on screen has the id of one that was spoken
    text = Transcript(recording=name, coverage=1.0, utterances=tuple(utterances), source="screen")
    named = tuple(mention for mention in find_mentions(text, catalogue).mentions if mention.confidence >= NAMED)
    claims = find_claims(
        text,
        rulebook,
        Segments(recording=name, segments=tuple(offers)),
        Mentions(recording=name, mentions=named),
        options=ClaimOptions(by_sound=False),
        searches=searches,
    )
    found: list[list[Claim]] = [[] for _ in texts]
    for claim in claims.claims:
        number = claim.start_ms // BLOCK_MS
        start, end = ((ms - number * BLOCK_MS) // CHAR_MS for ms in (claim.start_ms, claim.end_ms))
        found[number].append(msgspec.structs.replace(claim, start_ms=start, end_ms=end))
    out = []
    at = 0
    for block in blocks:
        parts = len(_parts(block))
        out += [_placed(claim, block) for claim in _meant(block, found[at : at + parts])]
        at += parts
    return out


def _parts(block: _Block) -> list[_Block]:
    """A block, and where it has several lines, each of them."""
    lines = [_Block(lines=(line,), product=block.product) for line in block.lines]
    return [block, *lines] if len(lines) > 1 else [block]


def _meant(block: _Block, found: Sequence[Sequence[Claim]]) -> list[Claim]:
    """What a block claims, from what was found in its parts: times are places in their texts, and then in the block's.

    Each line's own claims, but for those that the block as a whole does not assert.
    """
    whole, *lines = found
    if not lines:
        return list(whole)
    kept = [claim for claim in whole if claim.stance != "asserted"]
    denied = [(claim.kind, claim.start_ms, claim.end_ms) for claim in kept]
    at = 0
    for line, own in zip(block.lines, lines, strict=True):
        for claim in own:
            start, end = claim.start_ms + at, claim.end_ms + at
            if not any(kind == claim.kind and a < end and start < b for kind, a, b in denied):
                kept.append(msgspec.structs.replace(claim, start_ms=start, end_ms=end))
        at += len(line.text)
    return kept


def _placed(claim: Claim, block: _Block) -> Claim:
    """The claim at its true time."""
    line = block.line(claim.start_ms)
    message = Message(
        code="detect.seen",
        args=(("text", line.text), ("seconds", str((line.end_ms - line.start_ms) // 1000)), ("seen", str(line.seen))),
    )
    # all its characters must be read rightly; the reader states how sure it is of one
    confidence = round(line.confidence ** max(1, len(_letters(claim.quote))), 3)
    return msgspec.structs.replace(
        claim,
        channel="screen",
        start_ms=line.start_ms,
        end_ms=line.end_ms,
        confidence=confidence,
        trace=(Step(step="seen", message=message), *claim.trace[1:]),
    )
