"""What buyers asked and complained of in the comments, what became of it, and the words by which both are told.

Nobody is named: a comment is known by its id alone.
"""

from typing import Literal

from .record import Record

__all__ = [
    "COMPLAINT_TOPICS",
    "QUESTION_TOPICS",
    "AnswerCase",
    "AnswerState",
    "AskCase",
    "AskForm",
    "Aspect",
    "Complaint",
    "ComplaintCase",
    "ComplaintTopic",
    "Pledge",
    "Question",
    "Questions",
    "TopicBook",
]

QUESTION_TOPICS: tuple[str, ...] = (
    "price", "discount", "weight", "size", "taste", "origin", "freshness", "additives", "suitability", "effect",
    "delivery", "region", "packaging", "aftersale", "storage", "usage", "stock", "proof", "order", "other",
)  # fmt: skip
COMPLAINT_TOPICS: tuple[str, ...] = ("short_weight", "spoilt", "wrong_goods", "late", "quality", "service", "fake")
AnswerState = Literal["answered", "declined", "unanswered", "unclear"]
"""`declined`: the anchor took it up and said that he may or can not speak of it, as of an effect on health, which the
law lets no seller of food speak of; `unclear`: no answer was heard, but too much of the time after the question was not
heard at all."""


class Question(Record, frozen=True, kw_only=True):
    """A buyers' question: comments of one meaning asked within a short time, and where the anchor answered.

    `answered_ms` is when the answer (or the refusal of a declined one) begins, None where none was found until
    `until_ms`; `answer` its words. `told_ms` is when the same had been told shortly before the question came.
    """

    id: str
    at_ms: int
    until_ms: int  # an answer was looked for until then
    text: str
    topic: str
    aspect: str  # the sort of question in its topic, as configs/questions names it; the topic itself where none fits
    product: str | None
    comments: tuple[str, ...]  # ids, the first one first
    state: AnswerState = "unanswered"
    answered_ms: int | None = None
    answer: str = ""
    utterance: str | None = None  # the id of the one in which the answer begins
    told_ms: int | None = None
    told: str = ""
    confidence: float = 0.0  # of the state


class Complaint(Record, frozen=True, kw_only=True):
    """A buyer's complaint, with the promises of the anchor on that product that it is set against.

    `promises` are ids of findings (which are those of their claims); `pledges` promises of which no rule speaks
    (坏果包赔), as said; both may come before the complaint or after it. `earlier`: of an order of before this
    broadcast (上次), as far as the words tell. `responded_ms` is when the anchor first spoke of it, None: not heard.
    """

    id: str
    at_ms: int
    text: str
    topic: str
    product: str | None
    comments: tuple[str, ...]
    earlier: bool = False
    promises: tuple[str, ...] = ()
    pledges: tuple["Pledge", ...] = ()
    responded_ms: int | None = None
    response: str = ""
    confidence: float = 0.0


class Pledge(Record, frozen=True, kw_only=True):
    """Words by which the anchor promises to make good, and when."""

    start_ms: int
    quote: str


class Questions(Record, frozen=True, kw_only=True):
    """Both in order of time. `comments` is how many were read."""

    recording: str
    questions: tuple[Question, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    comments: int = 0


# ---- how they are told: configs/questions, configs/complaints


class AskCase(Record, frozen=True, kw_only=True):
    """A comment and the aspect that it asks for (`taste.sweet`); empty where it is no question of a buyer."""

    text: str
    asks: str


class AnswerCase(Record, frozen=True, kw_only=True):
    """A question, words of the anchor soon after it, and whether they take it up."""

    ask: str
    tell: str
    answers: bool


class ComplaintCase(Record, frozen=True, kw_only=True):
    text: str
    complains: bool


class Aspect(Record, frozen=True, kw_only=True):
    """One sort of question. `id` is topic and name (`taste.sweet`); patterns are those of detect/patterns.

    A comment that asks and has one of `asks` in it, or is one of `bare` as a whole, asks for it; `tells` (unless they
    overlap `not_told`) and `facts` of these sorts answer it. `any` answers for every place or person. `turn`: the
    beginning of the product's own time answers it. `shared`: only words that share some of the question's do, or `any`.
    """

    id: str
    asks: tuple[str, ...]
    bare: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    not_told: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    turn: bool = False
    shared: bool = False

    @property
    def topic(self) -> str:
        return self.id.partition(".")[0]


class AskForm(Record, frozen=True, kw_only=True):
    """How a comment asks, whatever it asks for: see the comments of configs/questions/form.toml."""

    form: tuple[str, ...]
    tail: tuple[str, ...]
    chatter: tuple[str, ...]
    trade: tuple[str, ...]
    open: tuple[str, ...]
    declines: tuple[str, ...]
    reads: tuple[str, ...]
    typos: tuple[tuple[str, str], ...] = ()
    slots: tuple[tuple[str, str], ...] = ()


class ComplaintTopic(Record, frozen=True, kw_only=True):
    """One sort of complaint. `kinds` of claims and `facts` are the promises that it stands against."""

    id: str
    says: tuple[str, ...]
    unless: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    responds: tuple[str, ...] = ()
    cases: tuple[ComplaintCase, ...] = ()


class TopicBook(Record, frozen=True, kw_only=True):
    """All of them with the word sets of their patterns."""

    form: AskForm
    aspects: tuple[Aspect, ...]
    complaints: tuple[ComplaintTopic, ...]
    asked: tuple[AskCase, ...] = ()
    answered: tuple[AnswerCase, ...] = ()
    sets: tuple[tuple[str, tuple[str, ...]], ...] = ()
