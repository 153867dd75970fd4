"""The records: everything that stages hand to one another and the store keeps.

Frozen, keyword-only, tuples and no dicts. Times are integer milliseconds from the start of the recording, half-open
(`start_ms <= t < end_ms`); money is integer fen (`*_fen`); shares are 0..1 (`*_rate`, `coverage`, `confidence`).
"""

from datetime import datetime
from typing import Literal, get_args

from .analysis import *  # noqa: F403 - parts of the schema, in files of their own
from .audience import *  # noqa: F403
from .excerpts import *  # noqa: F403
from .experiment import *  # noqa: F403
from .features import *  # noqa: F403
from .features import Direction as Direction
from .focus import *  # noqa: F403
from .link import *  # noqa: F403
from .offers import *  # noqa: F403
from .papers import *  # noqa: F403
from .questions import *  # noqa: F403
from .record import Message as Message
from .record import Record as Record
from .voice import *  # noqa: F403

Platform = str
AnchorRole = Literal["official", "farmer", "expert", "influencer", "merchant"]
ProductRole = Literal["main", "traffic", "profit", "processed", "image"]
ProductKind = Literal["fresh", "primary", "processed", "health_food", "unknown"]
Stance = Literal["asserted", "negated", "reported", "question", "conditional", "corrected"]
Verdict = Literal["prohibited", "contradicted", "unclear", "unsupported", "supported", "none"]
Severity = Literal["high", "medium", "low"]
Channel = Literal["speech", "screen"]
StepName = Literal["heard", "seen", "matched", "meant", "paper", "verdict"]

STANCES: tuple[str, ...] = get_args(Stance)
VERDICTS: tuple[str, ...] = get_args(Verdict)  # in the order that wins when several apply
IMPLIED = "implied."  # begins the rule of a claim that no rule but the classifier found: implied.health
ACCUSATIONS: frozenset[str] = frozenset({"prohibited", "contradicted", "unsupported"})

KINDS: tuple[str, ...] = (
    "freshness.harvest", "freshness.cold_chain", "freshness.season", "freshness.arrival",
    "health.disease", "health.function", "health.beauty", "health.suitability",
    "purity.pesticide", "purity.additive", "purity.natural",
    "certification.organic", "certification.green", "certification.gi", "certification.selenium",
    "certification.licence", "certification.testing",
    "origin.place", "quantity.weight", "price.lowest", "price.reference", "absolute.superlative",
    "authority.endorsement", "sales.figures", "charity.story", "scarcity.stock",
)  # fmt: skip


# ---- capture: what was recorded and said


class Part(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One media file of a recording. `start_ms` places it in the recording, so gaps between parts are kept.

    One that cannot be read at all lasts 0 ms and has neither sound nor video, and no `container`.
    """

    name: str
    start_ms: int
    duration_ms: int
    size: int
    digest: str
    has_video: bool
    container: str
    has_sound: bool = True


class Host(Record, frozen=True, kw_only=True):
    """Who a speaker's label stands for, as stream.yaml says."""

    label: str
    name: str
    role: AnchorRole | None = None


class Recording(Record, frozen=True, kw_only=True):
    """A broadcast as probed: one or more parts on one time line, and what stream.yaml says of it."""

    id: str
    parts: tuple[Part, ...]
    duration_ms: int
    title: str = ""
    anchor: str = ""
    room: str = ""
    platform: Platform = ""
    started_at: datetime | None = None
    anchor_role: AnchorRole | None = None
    hosts: tuple[Host, ...] = ()
    notes: tuple[str, ...] = ()  # what was odd about the files ("truncated: ..."), one line each


class Word(Record, frozen=True, kw_only=True):
    """A timed piece of an utterance; joined, the words of an utterance are its text, punctuation included."""

    start_ms: int
    end_ms: int
    text: str
    probability: float


class Utterance(Record, frozen=True, kw_only=True):
    """A stretch of speech between pauses. `text` is simplified, punctuated, with figures; `raw` the model's own."""

    id: str
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...]
    speaker: str | None = None
    raw: str = ""


class Stretch(Record, frozen=True, kw_only=True):
    """Speech that has no trustworthy text, and why: `no_text`, `too_fast`, `loop`, `credits`, `music`, `damaged`."""

    start_ms: int
    end_ms: int
    reason: str


class Repair(Record, frozen=True, kw_only=True):
    """A product's name that the recogniser misspelt, written as the catalogue has it."""

    start_ms: int
    end_ms: int
    product: str
    before: str
    after: str


class Transcript(Record, frozen=True, kw_only=True):
    """What was said. `coverage` is the share of detected speech time that has text (1.0 when there is no speech)."""

    recording: str
    coverage: float
    utterances: tuple[Utterance, ...]
    speech_ms: int = 0
    not_heard: tuple[Stretch, ...] = ()
    repairs: tuple[Repair, ...] = ()
    model: str = ""
    source: str = "speech"  # speech | the name of the subtitle file it was read from
    notes: tuple[str, ...] = ()  # what was odd about the hearing ("no_speech: ...", "no_gpu: ..."), one line each


class TextLine(Record, frozen=True, kw_only=True):
    """A line of text read in a picture; `box` is left, top, right, bottom in its pixels."""

    text: str
    box: tuple[int, int, int, int]
    confidence: float


class ScreenText(Record, frozen=True, kw_only=True):
    """A line of text on screen, over the whole time it was seen there.

    `box` is left, top, right, bottom in thousandths of the picture; `sort` is `standing` for what stays in its place,
    `comment` for lines of a list that moves up as viewers write, `passing` for what is gone or elsewhere at once.
    """

    start_ms: int
    end_ms: int
    text: str
    box: tuple[int, int, int, int]
    confidence: float
    sort: Literal["standing", "comment", "passing"]
    seen: int = 1  # in how many pictures


class Screen(Record, frozen=True, kw_only=True):
    """What was to be read on screen, in order of time. Of `film_ms` of video, `looked_ms` were looked at."""

    recording: str
    texts: tuple[ScreenText, ...] = ()
    film_ms: int = 0
    looked_ms: int = 0
    pictures: int = 0
    reader: str = ""
    notes: tuple[str, ...] = ()  # what was odd about the pictures, one line each


# ---- detect: which product, which claim, meant how


class Product(Record, frozen=True, kw_only=True):
    """One row of the seller's catalogue."""

    sku: str
    name: str
    link: int | None = None
    aliases: tuple[str, ...] = ()
    category: str = ""
    price_fen: int | None = None
    unit: str = ""
    net_weight_g: int | None = None
    origin: str = ""
    kind: ProductKind = "unknown"
    role: ProductRole | None = None  # in the seller's range: 主推, 引流, 利润, 深加工, 形象
    direction: Direction | None = None  # 上行, 下行


class Catalogue(Record, frozen=True, kw_only=True):
    products: tuple[Product, ...] = ()

    def get(self, sku: str | None) -> Product | None:
        return next((product for product in self.products if product.sku == sku), None)


class Mention(Record, frozen=True, kw_only=True):
    """A product named. `quote` is the catalogue's wording, `heard` the transcript's; `by` says what was named."""

    product: str
    start_ms: int
    end_ms: int
    by: Literal["name", "alias", "link"]
    quote: str
    heard: str
    confidence: float


class Mentions(Record, frozen=True, kw_only=True):
    recording: str
    mentions: tuple[Mention, ...] = ()


class Segment(Record, frozen=True, kw_only=True):
    """A stretch of time in which one product (its sku) is on offer."""

    product: str
    start_ms: int
    end_ms: int
    confidence: float


class Segments(Record, frozen=True, kw_only=True):
    recording: str
    segments: tuple[Segment, ...] = ()


class Step(Record, frozen=True, kw_only=True):
    """One step of the way to the verdict, in order: heard or seen, matched, meant, paper (each looked at), verdict."""

    step: StepName
    message: Message


class Likeness(Record, frozen=True, kw_only=True):
    """How near the transcript's words sound to the claim's: `cost` (in syllables, 0 the same) over `syllables`."""

    syllables: int
    cost: float
    probability: float  # of the transcript's words, the recogniser's own
    loose: bool = False  # by a pattern that other words sound like as well


class Claim(Record, frozen=True, kw_only=True):
    """Words that a rule covers, with how they are meant.

    `quote` is what was judged to be said, `heard` the transcript's words; `likeness` is there where they differ.
    """

    id: str
    rule: str
    kind: str
    stance: Stance
    severity: Severity
    channel: Channel
    start_ms: int
    end_ms: int
    quote: str
    heard: str
    sentence: str
    product: str | None
    confidence: float
    trace: tuple[Step, ...]
    corrects: str | None = None  # the id of the claim that these words take back
    likeness: Likeness | None = None


class Claims(Record, frozen=True, kw_only=True):
    recording: str
    rules_version: str
    claims: tuple[Claim, ...] = ()
    coverage: float = 1.0  # of the transcript they were found in; the findings carry it on


# ---- judge: a claim against the law and the papers


class LawRef(Record, frozen=True, kw_only=True):
    """An article as cited on the day of the stream. `verified` is False where the text was not read in a source."""

    id: str
    zh: str
    en: str
    verified: bool = True


class Finding(Record, frozen=True, kw_only=True):
    """A claim judged. Ids hold no times, so that decisions on findings outlive a new transcript."""

    id: str
    kind: str
    stance: Stance
    verdict: Verdict
    severity: Severity
    channel: Channel
    start_ms: int
    end_ms: int
    quote: str
    heard: str
    sentence: str
    product: str | None
    rule: str
    law: tuple[LawRef, ...]
    evidence: tuple[str, ...]  # ids of the papers that decided, or that were looked at and did not fit
    reason: Message
    rewrite: tuple[tuple[str, str], ...]  # (language, safer wording)
    confidence: float
    trace: tuple[Step, ...]
    corrects: str | None = None


class Findings(Record, frozen=True, kw_only=True):
    recording: str
    rules_version: str
    coverage: float
    findings: tuple[Finding, ...] = ()


# ---- rules: what claims are looked for (configs/rules)


class Case(Record, frozen=True, kw_only=True):
    """A sentence beside a rule and the quotes it must flag (none: it must not flag). `known_miss`: not yet found."""

    text: str
    flag: tuple[str, ...] = ()
    known_miss: bool = False


class Rule(Record, frozen=True, kw_only=True):
    """One file of configs/rules. `id` is its place (`health.disease`), `patterns` see detect/patterns."""

    id: str
    kind: str
    severity: Severity
    patterns: tuple[str, ...] = ()  # looked for as written and by sound
    written: tuple[str, ...] = ()  # looked for as written only: loose ones, which too much else sounds like
    unless: tuple[str, ...] = ()
    law: tuple[str, ...] = ()
    why: tuple[tuple[str, str], ...] = ()
    rewrite: tuple[tuple[str, str], ...] = ()
    cases: tuple[Case, ...] = ()


class RuleBook(Record, frozen=True, kw_only=True):
    """All rules, their word sets, the cues of stance and coded words; `version` is the digest of all their files."""

    version: str
    rules: tuple[Rule, ...]
    sets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    stance: tuple[tuple[str, tuple[str, ...]], ...] = ()  # lists of cues, see detect/stance
    coded: tuple[tuple[str, str], ...] = ()  # (what is said, what is meant), see detect/coded
