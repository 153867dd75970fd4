"""Claims that something is not in the goods: no pesticide, no residue, no preservative, nothing added.

What is denied (the subjects) is read from the words; each subject must be answered by a test report, an ingredient list
or a farming record. A pass ("合格", within the limit) is less than "none" and does not bear out "零农残".
"""

import re
from collections.abc import Iterable
from typing import Any

from ..language.quantities import amounts
from ..schema import ComplianceCertificate, IngredientList, OriginRecord, Record, TestItem, TestReport
from .amounts import Measured, measured
from .grades import convert, read_bounds
from .lexicon import said
from .papers import (
    Dossier,
    Look,
    Ruling,
    covers,
    dated,
    denies,
    examine,
    fits,
    misses,
    missing,
    newest,
    no_items,
    say,
    unreadable,
    weigh,
)

_ANY = "添加剂"  # the subject of 零添加: every food additive
_NO_ADDITIVE = "不是添加剂"
_FARMED = frozenset({"农药", "兽药", "激素", "膨大剂", "催熟剂", "被膜剂"})  # what a farming record can speak of
_UNLISTED = frozenset({"被膜剂", "漂白剂", "水分保持剂"})  # treatments that lists of unprocessed goods do not show
_SUGARS = frozenset({"糖", "蔗糖"})
_SUGAR_FREE_G = 0.5  # per 100 g, below which food counts as free of sugar (GB 28050)

_WITHIN_LIMITS = re.compile("超标|合格|达标|符合标准")
_OF_RESIDUES = re.compile("残|检出")  # words that speak of what is left, not of what was used
_NOT_ADDED = re.compile("加|放|兑|掺")
_NOTHING_ELSE = re.compile("别的|其他|其它|啥[都也]|什么[都也]|配料|就这?[两三四五]样")
_NEGATED = "(?:不|未|无|没|非|零|禁|从不|杜绝)"


class _Answer(Record, frozen=True, kw_only=True):
    """What one paper says to the subjects: its Look and the subjects that it clears."""

    look: Look
    cleared: frozenset[str] = frozenset()


def pesticide(dossier: Dossier) -> Ruling:
    """No pesticide used or left; also no antibiotics, hormones or heavy metals where the words name these."""
    return _judge(dossier, _subjects(dossier, ("residue-words",)) or ("农药",), "report_or_farming")


def additive(dossier: Dossier) -> Ruling:
    """Nothing added, or nothing of the classes that the words name."""
    subjects = _subjects(dossier, ("additive-words", "residue-words"))
    if "添加剂" not in dossier.quote and "狠活" not in dossier.quote and len(subjects) > 1:
        subjects = tuple(subject for subject in subjects if subject != _ANY)  # 零添加防腐剂 speaks of one class
    if not subjects and _NOTHING_ELSE.search(dossier.quote):
        subjects = (_ANY,)
    return _judge(dossier, subjects, "report_or_ingredients")


def _subjects(dossier: Dossier, tables: Iterable[str]) -> tuple[str, ...]:
    for text in (dossier.quote, dossier.clause):
        found = dict.fromkeys(heading for name in tables for heading in dossier.lexicon[name].find(text))
        if found:
            return tuple(found)
    return ()


def _judge(dossier: Dossier, subjects: tuple[str, ...], sort: str) -> Ruling:
    clears: dict[str, frozenset[str]] = {}
    reports = [paper for paper in dossier.documents if isinstance(paper, TestReport)]
    latest = newest([paper for paper in reports if covers(paper, dossier.product)])

    def read(paper: TestReport | IngredientList | OriginRecord | ComplianceCertificate) -> Look:
        if not subjects:
            return unreadable(paper, "absence.subject_unknown", words=dossier.quote)
        if isinstance(paper, TestReport):
            answer = _report(dossier, paper, subjects, latest)
            look = dated(dossier, paper, paper.issued_on, answer.look)
            answer = _Answer(look=look, cleared=answer.cleared if look == answer.look else frozenset())
        elif isinstance(paper, IngredientList):
            answer = _list(dossier, paper, subjects)
        elif isinstance(paper, OriginRecord):
            answer = _record(dossier, paper, subjects)
        else:
            answer = _Answer(look=misses(paper, "absence.self_declared", near=1))
        clears[paper.id] = answer.cleared
        return answer.look

    sorts = (TestReport, IngredientList, OriginRecord, ComplianceCertificate)
    ruling = weigh(examine(dossier, sorts, read), missing(dossier, sort))
    agree = [look.paper for look in ruling.looks if look.verdict == "supported"]
    cleared = frozenset().union(*(clears[paper] for paper in agree))
    left = [subject for subject in subjects if subject not in cleared]
    if ruling.verdict == "supported" and left:
        unsure = next((look for look in ruling.looks if look.verdict == "unclear"), None)
        if unsure:
            return Ruling(verdict="unclear", reason=unsure.message, looks=ruling.looks)
        reason = say("absence.partly", subjects="、".join(left))
        return Ruling(verdict="unsupported", reason=reason, looks=ruling.looks)
    return ruling


# ---- test reports


def _report(dossier: Dossier, paper: TestReport, subjects: tuple[str, ...], latest: dict[str, str]) -> _Answer:
    bare = no_items(paper)
    if bare:
        return _Answer(look=bare)
    within = bool(_WITHIN_LIMITS.search(_and_after(dossier)))
    items: list[tuple[TestItem, frozenset[str]]] = []
    replaced = None
    for item in paper.items:
        answers = _item_subjects(dossier, item.name) & set(subjects)
        if not answers:
            continue
        by = latest.get(said(item.name), paper.id)
        if by != paper.id and paper.issued_on is not None:
            replaced = misses(paper, "superseded", near=1, by=by, items=item.name)
            continue
        items.append((item, frozenset(answers)))
    if not items:
        other = misses(paper, "absence.other_items", items=_names(paper.items), subjects="、".join(subjects))
        return _Answer(look=replaced or other)
    results = [(item, answers, _reading(dossier, item, answers)) for item, answers in items]
    if within:
        results = [(item, answers, _by_its_limit(item, result)) for item, answers, result in results]
    found = [item for item, _, result in results if result.kind == "failed" or (result.kind == "number" and not within)]
    if found:
        return _Answer(look=denies(paper, "absence.found", items=results_of(found)))
    unread = [item for item, _, result in results if result.kind in ("unreadable", "number")]
    if unread:
        return _Answer(look=unreadable(paper, "absence.unreadable", items=results_of(unread)))
    many = next(amounts(dossier.quote, {"项": 1.0}), (0.0,))[0]
    if many > sum(count_of(item) for item, _ in items):
        return _Answer(
            look=misses(paper, "testing.fewer_items", near=3, claimed=many, items=_names(item for item, _ in items))
        )
    passed = [item for item, _, result in results if result.kind == "passed"]
    if passed and not within:
        return _Answer(look=misses(paper, "absence.passed_only", near=3, items=results_of(passed)))
    cleared = frozenset().union(*(answers for _, answers, _ in results))
    if cleared == {_ANY}:  # a few additives not found are not all of them
        return _Answer(look=misses(paper, "absence.only_some", near=3, items=_names(item for item, _ in items)))
    return _Answer(look=fits(paper, "absence.not_found", items=results_of(item for item, _ in items)), cleared=cleared)


def _item_subjects(dossier: Dossier, name: str) -> set[str]:
    lexicon = dossier.lexicon
    classes = set(lexicon["additives"].find(name)) - {_NO_ADDITIVE}
    subjects = set(lexicon["residues"].find(name)) | set(lexicon["added"].find(name)) | classes
    if classes:
        subjects.add(_ANY)
    if "糖" in said(name) and not classes:
        subjects |= _SUGARS
    return subjects


def _reading(dossier: Dossier, item: TestItem, subjects: frozenset[str]) -> Measured:
    result = measured(item.result, item.unit)
    if "抑制率" in item.name and result.kind in ("number", "absent"):
        return Measured(kind="passed")  # a screening value, not a residue
    if subjects & _SUGARS and result.kind == "number":
        if _NOT_ADDED.search(dossier.quote) or result.unit not in ("g/100g", "%", "克/100克"):
            return Measured(kind="passed")  # fruit has sugar of its own: it tells nothing of what was added
        free = result.number is not None and result.number <= _SUGAR_FREE_G
        return Measured(kind="absent") if free else result
    return result


def _and_after(dossier: Dossier) -> str:
    """The quote and what follows at once: 农残没有 may go on with 超标."""
    at = dossier.clause.find(dossier.quote)
    return dossier.clause[at : at + len(dossier.quote) + 4] if at >= 0 else dossier.quote


def _by_its_limit(item: TestItem, result: Measured) -> Measured:
    """A value against the limit that the report states for it."""
    bounds = read_bounds(item.standard)
    if result.kind != "number" or result.number is None or bounds is None or bounds.most is None:
        return result
    value = convert(result.number, result.unit or bounds.unit, bounds.unit or result.unit)
    if value is None:
        return result
    return Measured(kind="passed" if value <= bounds.most else "failed")


def count_of(item: TestItem) -> float:
    """How many substances an item stands for: 农药残留（205项）."""
    return max((number for number, _, _ in amounts(said(item.name), {"项": 1.0, "种": 1.0})), default=1.0)


def _names(items: Iterable[TestItem]) -> str:
    return "、".join(item.name for item in items)


def results_of(items: Iterable[TestItem]) -> str:
    return "、".join(" ".join(filter(None, (item.name, item.result, item.unit))) for item in items)


# ---- ingredient lists


def _list(dossier: Dossier, paper: IngredientList, subjects: tuple[str, ...]) -> _Answer:
    listed = ingredients_of(paper)
    if not listed:
        return _Answer(look=misses(paper, "absence.list_empty", near=1))
    against = [part for part in listed if _denied(dossier, part, subjects)]
    if against:
        return _Answer(look=denies(paper, "absence.listed", ingredients="、".join(against)))
    answered = {subject for subject in subjects if _shown_by_lists(dossier, subject)}
    if not answered:
        return _Answer(look=misses(paper, "absence.list_silent", near=1, subjects="、".join(subjects)))
    unnamed = [part for part in listed if set(dossier.lexicon["additives"].find(part)) == {_ANY}]
    if unnamed and not answered & {"糖", "蔗糖", "盐"}:
        return _Answer(look=unreadable(paper, "absence.list_unnamed", ingredients="、".join(unnamed)))
    if _NOTHING_ELSE.search(dossier.quote):
        more = [part for part in listed if not _named_in(said(part), dossier.sentence)]
        if 0 < len(more) < len(listed):  # some were named, as if they were all
            return _Answer(look=unreadable(paper, "absence.list_more", ingredients="、".join(more)))
    shown: dict[str, Any] = {"ingredients": "、".join(listed)}
    return _Answer(look=fits(paper, "absence.not_listed", **shown), cleared=frozenset(answered))


def ingredients_of(paper: IngredientList) -> list[str]:
    """Every ingredient by itself: 食品添加剂（山梨酸钾、谷氨酸钠） is three, 不含防腐剂 is none."""
    parts = [
        part.strip() for written in paper.ingredients for part in re.split(r"[、，,;；()（）\[\]【】:：/]", written)
    ]
    return [part for part in parts if part and not re.match(r"不含|未添加|无|不添加|零添加", part)]


def _denied(dossier: Dossier, part: str, subjects: tuple[str, ...]) -> bool:
    classes = set(dossier.lexicon["additives"].find(part)) - {_NO_ADDITIVE}
    if _ANY in subjects and classes:
        return True
    added = set(dossier.lexicon["added"].find(part))
    if "蔗糖" in added:
        added.add("糖")
    if "糖" in subjects and "甜味剂" in classes:
        return False
    return bool((classes - {_ANY} | added) & set(subjects))


def _shown_by_lists(dossier: Dossier, subject: str) -> bool:
    if subject in dossier.lexicon["residues"].headings:
        return False
    return dossier.product.kind == "processed" or subject not in _UNLISTED


def _named_in(ingredient: str, sentence: str) -> bool:
    core = re.sub("^(?:食用|精制|一级|特级|优质|鲜|干)+", "", ingredient)
    return core in sentence or (len(core) > 2 and core[-2:] in sentence)


# ---- farming records


def _record(dossier: Dossier, paper: OriginRecord, subjects: tuple[str, ...]) -> _Answer:
    method = said(paper.method)
    cleared, against = set(), []
    for subject in sorted(set(subjects) & _FARMED):
        words = {
            word
            for table in ("residue-words", "additive-words")
            for word in dossier.lexicon[table].words(subject)
            if word in method
        }
        if any(re.search(f"{_NEGATED}.{{0,6}}{re.escape(word)}", method) for word in words):
            cleared.add(subject)
        elif words:
            against.append(subject)
    shown: dict[str, Any] = {"method": paper.method}
    if against and not _OF_RESIDUES.search(dossier.quote):
        return _Answer(look=denies(paper, "absence.method_against", **shown))
    if cleared:
        return _Answer(look=fits(paper, "absence.method", **shown), cleared=frozenset(cleared))
    return _Answer(look=misses(paper, "absence.method_silent", near=1, **shown))
