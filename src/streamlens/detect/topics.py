"""What buyers ask and complain about, as data: configs/questions/<topic>.toml and configs/complaints/<topic>.toml.

The patterns are those of the rules, matched in the spoken form of a comment, which ends in END (`吗$`: at the end).
Every aspect and complaint carries cases that must and must not match; `failing_cases` (detect/questions) runs them.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from ..errors import RuleError
from ..schema import COMPLAINT_TOPICS, QUESTION_TOPICS, AnswerCase, AskCase, AskForm, Aspect, ComplaintTopic, TopicBook
from .patterns import expression, parse

END = "$"
FORM = "form"


def load_topics(
    questions: Path, complaints: Path, sets: Sequence[tuple[str, tuple[str, ...]]] = (), *, check: bool = True
) -> TopicBook:
    """All topics of two folders; `sets` are the rules' word sets. RuleError names the file and what is wrong.

    Without `check` a pattern that is not right shows only where it is used: the shipped topics need not be compiled
    where nothing is to be done.
    """
    files = {path.stem: path for path in sorted(questions.glob("*.toml"))}
    unknown = [*files.keys() - {*QUESTION_TOPICS, FORM}, *(FORM for _ in [0] if FORM not in files)]
    if unknown:
        raise RuleError(str(questions / f"{unknown[0]}.toml"), "is no topic, or missing", f"known: {QUESTION_TOPICS}")
    form = _form(files[FORM])
    aspects: list[Aspect] = []
    asked: list[AskCase] = []
    answered: list[AnswerCase] = []
    for topic in (topic for topic in QUESTION_TOPICS if topic in files):
        table = _table(files[topic])
        where = str(files[topic])
        for name, given in table.pop("aspect", {}).items():
            aspects.append(_convert(where, {**given, "id": f"{topic}.{name}"}, Aspect))
        asked += _convert(where, table.pop("case", []), list[AskCase])
        answered += _convert(where, table.pop("answer", []), list[AnswerCase])
        if table:
            raise RuleError(where, f"unknown key {next(iter(table))!r}", "known: aspect, case, answer")
    kinds = []
    for path in sorted(complaints.glob("*.toml")):
        table = _table(path)
        if path.stem not in COMPLAINT_TOPICS:
            raise RuleError(str(path), "is no sort of complaint", f"known: {', '.join(COMPLAINT_TOPICS)}")
        cases = table.pop("case", [])
        kinds.append(_convert(str(path), {**table, "id": path.stem, "cases": cases}, ComplaintTopic))
    book = TopicBook(
        form=form,
        aspects=tuple(aspects),
        complaints=tuple(sorted(kinds, key=lambda kind: COMPLAINT_TOPICS.index(kind.id))),
        asked=tuple(asked),
        answered=tuple(answered),
        sets=tuple(each for each in sets if each[0] == "place"),
    )
    if check:
        compiled(book)
    return book


def _form(path: Path) -> AskForm:
    table = _table(path)
    slots = list(table.pop("slots", {}).items())
    form: AskForm = _convert(str(path), {**table, "slots": slots}, AskForm)
    return form


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(str(path), f"cannot be read ({error})", "see the files beside it") from error


def _convert(where: str, given: Any, kind: Any) -> Any:
    if isinstance(given, dict):
        for key in given.keys() - set(kind.__struct_fields__):
            raise RuleError(where, f"unknown key {key!r}", f"known: {', '.join(kind.__struct_fields__)}")
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise RuleError(where, str(error)) from error


# ---- ready to match

Pattern = re.Pattern[str]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An aspect as regular expressions."""

    aspect: Aspect
    asks: Pattern
    bare: Pattern | None
    tells: Pattern | None
    not_told: Pattern | None
    any: Pattern | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A sort of complaint as regular expressions."""

    topic: ComplaintTopic
    says: Pattern
    unless: Pattern | None
    responds: Pattern | None


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    form: Pattern
    tail: Pattern
    chatter: Pattern
    trade: Pattern
    open: Pattern
    declines: Pattern
    reads: Pattern
    slots: tuple[tuple[str, Pattern], ...]
    typos: tuple[tuple[str, str], ...]
    aspects: tuple[Asked, ...]
    complaints: tuple[Said, ...]


@lru_cache(maxsize=4)
def compiled(book: TopicBook) -> Compiled:
    """RuleError for a pattern that is not right."""
    sets, form = dict(book.sets), book.form

    def one(patterns: Sequence[str], where: str, ending: str = "") -> Pattern:
        return re.compile("|".join(f"(?:{expression(parse(each, sets, where))})" for each in patterns) + ending)

    def some(patterns: Sequence[str], where: str) -> Pattern | None:
        return one(patterns, where) if patterns else None

    return Compiled(
        form=one(form.form, "form"),
        tail=one([f"({each}){END}" for each in form.tail], "tail"),
        chatter=one(form.chatter, "chatter"),
        trade=one(form.trade, "trade"),
        open=one(form.open, "open"),
        declines=one(form.declines, "declines"),
        reads=one(form.reads, "reads"),
        slots=tuple((name, one([words], "slots")) for name, words in form.slots),
        typos=form.typos,
        aspects=tuple(
            Asked(
                aspect=each,
                asks=one(each.asks, each.id),
                bare=some([f"({bare}){END}" for bare in each.bare], each.id),
                tells=some(each.tells, each.id),
                not_told=some(each.not_told, each.id),
                any=some(each.any, each.id),
            )
            for each in book.aspects
        ),
        complaints=tuple(
            Said(topic=t, says=one(t.says, t.id), unless=some(t.unless, t.id), responds=some(t.responds, t.id))
            for t in book.complaints
        ),
    )


def slots_in(text: str, slots: Sequence[tuple[str, Pattern]]) -> frozenset[str]:
    """The places and people that a text speaks of."""
    return frozenset(name for name, pattern in slots if pattern.search(text))


def by_name(book: Compiled) -> Mapping[str, Asked]:
    return {each.aspect.id: each for each in book.aspects}
