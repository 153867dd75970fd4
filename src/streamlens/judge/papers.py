"""A claim with all that is on file about it, and how the papers looked at add up to a ruling.

Every paper that could bear on a claim is looked at; a Look says in one sentence what it shows or why it does not fit.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from ..language import HARD, SOFT, spoken
from ..schema import (
    Certificate,
    Claim,
    Document,
    Doubt,
    Evidence,
    Message,
    Paper,
    Product,
    Record,
    Scan,
    TestReport,
    Verdict,
)
from .doubts import surely
from .evidence import ALL, TYPES
from .lexicon import Lexicon, said

NO_PRODUCT = Product(sku="", name="")  # what no paper names
_MOST_STRANGERS = 5  # papers of other products that are named one by one
_STALE_DAYS = 366  # what was tested or measured longer ago need not hold for the goods on sale


def say(code: str, **args: object) -> Message:
    """A message to be worded by the report; days and times are written out here, the same in every language."""
    return Message(code=f"judge.{code}", args=tuple((name, _written(value)) for name, value in args.items()))


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return str(value)


class Look(Record, frozen=True, kw_only=True):
    """One paper looked at. The verdict `none`: it does not fit; the nearest of such, by `near`, becomes the reason."""

    paper: str
    verdict: Verdict
    message: Message
    near: int = 0


class Ruling(Record, frozen=True, kw_only=True):
    verdict: Verdict
    reason: Message
    looks: tuple[Look, ...] = ()
    steps: tuple[Message, ...] = ()  # further steps for the trace, such as papers that disagree
    law: tuple[str, ...] = ()  # articles that this case calls for, where the kind's own do not fit it


class Dossier(Record, frozen=True, kw_only=True):
    """A claim, the product that it is taken to be about, and the papers of the seller.

    `quote` and `sentence` are in spoken form without marks, `clause` is the part of the sentence around the quote.
    `moment` is when the words were said, `day` the day on which the stream began, both on the Chinese clock.
    """

    claim: Claim
    product: Product
    documents: tuple[Document, ...]
    moment: datetime | None
    day: date | None
    lexicon: Lexicon
    quote: str
    clause: str
    sentence: str
    doubts: tuple[Doubt, ...] = ()
    unread: tuple[Scan, ...] = ()  # scans of a known type of which no document could be made


def open_dossier(
    claim: Claim,
    *,
    evidence: Evidence,
    started_at: datetime | None,
    lexicon: Lexicon,
) -> Dossier:
    """The dossier of a claim, its product yet to be set; `started_at` is the stream's start on the Chinese clock."""
    quote, marked = said(claim.quote), spoken(claim.sentence)[0]
    clauses = re.split(f"[{SOFT}{HARD}]", marked)
    return Dossier(
        claim=claim,
        product=NO_PRODUCT,
        documents=evidence.documents,
        doubts=evidence.doubts,
        unread=tuple(scan for scan in evidence.scans if scan.type and not scan.document and scan.state != "other"),
        moment=started_at + timedelta(milliseconds=claim.start_ms) if started_at else None,
        day=started_at.date() if started_at else None,
        lexicon=lexicon,
        quote=quote,
        clause=next((clause for clause in clauses if quote and quote in clause), quote),
        sentence=said(claim.sentence),
    )


def covers(document: Paper, product: Product) -> bool:
    return product.sku in document.covers or ALL in document.covers


def examine(
    dossier: Dossier, types: type[Any] | tuple[type[Any], ...], read: Callable[[Any], Look]
) -> tuple[Look, ...]:
    """A Look at every paper of these types: `read` for those of the product, "other product" for the rest.

    What rests on a field that was not read surely from a scan, or of which papers disagree, is left to a person; so is
    what a scan could have shown that was not made out.
    """
    looks, strangers = [], 0
    # of several sorts, one that is of other goods need not even be the sort that these words call for
    near = -1 if isinstance(types, tuple) and len(types) > 1 else 0
    for document in dossier.documents:
        if not isinstance(document, types):
            continue
        doubts = [doubt for doubt in dossier.doubts if doubt.document == document.id]
        unsure = next((doubt for doubt in doubts if doubt.field == "covers"), None)
        if unsure and (not document.covers or covers(document, dossier.product)):
            looks.append(Look(paper=document.id, verdict="unclear", message=unsure.message))
        elif covers(document, dossier.product):
            looks.append(_undoubted(document, read, doubts) if doubts else read(document))
        elif strangers < _MOST_STRANGERS:
            strangers += 1
            message = say("other_product", **name_of(document), product=dossier.product.name)
            looks.append(Look(paper=document.id, verdict="none", message=message, near=near))
    for scan in dossier.unread:
        kind = TYPES.get(scan.type)
        if kind and issubclass(kind, types) and {ALL, dossier.product.sku} & set(scan.concerns):
            message = Message(code="scan.look", args=(("file", scan.file), ("document", scan.type)))
            looks.append(Look(paper=scan.file, verdict="unclear", message=message))
    return tuple(looks)


def _undoubted(document: Any, read: Callable[[Any], Look], doubts: list[Doubt]) -> Look:
    """The Look at a paper, if it is the same without what is doubtful in it; else it is unclear, and why is said."""
    whole = read(document)
    sure = surely(document, tuple(doubt.field for doubt in doubts))
    rest = read(sure) if sure is not None else None
    if rest is not None and rest.verdict == whole.verdict:
        return rest if rest.verdict in ("supported", "contradicted") else whole
    if whole.verdict == "unclear":
        return whole
    decisive = (doubt for doubt in doubts if _decides(document, read, whole, doubt))
    doubt = next(decisive, doubts[0])
    return Look(paper=document.id, verdict="unclear", message=doubt.message)


def _decides(document: Any, read: Callable[[Any], Look], whole: Look, doubt: Doubt) -> bool:
    sure = surely(document, (doubt.field,))
    return sure is None or read(sure).verdict != whole.verdict


def weigh(looks: Iterable[Look], missing: Message, *, one_is_enough: bool = False) -> Ruling:
    """What the papers come to.

    A paper that says otherwise outweighs one that agrees, unless `one_is_enough` (a harvest record inside the window is
    not undone by those of other harvests); then what cannot be read, then nothing. Papers that disagree are named.
    """
    looks = tuple(looks)
    order: tuple[Verdict, ...] = ("contradicted", "supported", "unclear")
    if one_is_enough:
        order = ("supported", "contradicted", "unclear")
    for verdict in order:
        deciding = [look for look in looks if look.verdict == verdict]
        if deciding:
            others = [look.paper for look in looks if look.verdict == "supported"]
            steps: tuple[Message, ...] = ()
            if verdict == "contradicted" and others:
                papers = ", ".join(dict.fromkeys(paper for paper in (deciding[0].paper, *others) if paper))
                listed = not all((deciding[0].paper, *others))
                steps = (say("conflict.catalogue" if listed else "conflict", papers=papers),)
            return Ruling(verdict=verdict, reason=deciding[0].message, looks=looks, steps=steps)
    nearest = max((look for look in looks if look.near >= 0), key=lambda look: look.near, default=None)
    return Ruling(verdict="unsupported", reason=nearest.message if nearest else missing, looks=looks)


def under(ruling: Ruling, *law: str) -> Ruling:
    """The ruling with articles of its own."""
    return msgspec.structs.replace(ruling, law=law)


def missing(dossier: Dossier, document: str) -> Message:
    """That no paper of a sort is on file; `document` is a type of the schema, or a word of the report for several."""
    return say("missing", document=document) if dossier.documents else say("no_papers")


def name_of(document: Paper) -> dict[str, str]:
    """The arguments by which a message names a paper."""
    return {"paper": document.id, "document": str(type(document).__struct_config__.tag)}


def fits(document: Paper, code: str, **args: object) -> Look:
    return Look(paper=document.id, verdict="supported", message=say(code, **name_of(document), **args))


def denies(document: Paper, code: str, **args: object) -> Look:
    return Look(paper=document.id, verdict="contradicted", message=say(code, **name_of(document), **args))


def unreadable(document: Paper, code: str, **args: object) -> Look:
    return Look(paper=document.id, verdict="unclear", message=say(code, **name_of(document), **args))


def misses(document: Paper, code: str, *, near: int = 2, **args: object) -> Look:
    return Look(paper=document.id, verdict="none", message=say(code, **name_of(document), **args), near=near)


def in_force(dossier: Dossier, paper: Certificate, *, endless: bool = False) -> Look | None:
    """Why a certificate was not in force on the day of the stream, both its days included; None if it was.

    A paper that states no last day cannot be called valid, unless papers of its kind have none (`endless`).
    """
    if paper.valid_to is None and not endless:
        return unreadable(paper, "no_end")
    if paper.valid_from is None and paper.valid_to is None:
        return None
    if dossier.day is None:
        return unreadable(paper, "day_unknown")
    if paper.valid_to is not None and paper.valid_to < dossier.day:
        return misses(paper, "expired", near=4, until=paper.valid_to, day=dossier.day)
    if paper.valid_from is not None and paper.valid_from > dossier.day:
        return misses(paper, "not_yet", near=4, since=paper.valid_from, day=dossier.day)
    return None


def dated(dossier: Dossier, paper: Paper, issued: date | None, look: Look) -> Look:
    """A paper's Look with regard to the day it was issued: one issued after the stream shows nothing of that day.

    One that is over a year old may well speak of other goods than those on sale, which a person must judge. Without a
    day of the paper or of the stream, agreement cannot be relied on; what says otherwise still does.
    """
    if look.verdict not in ("supported", "contradicted"):
        return look
    if issued is not None and dossier.day is not None:
        if issued > dossier.day:
            return misses(paper, "later", near=3, dated=issued, day=dossier.day)
        if look.verdict == "supported" and (dossier.day - issued).days > _STALE_DAYS:
            return unreadable(paper, "stale", dated=issued, day=dossier.day)
        return look
    if look.verdict == "contradicted":
        return look
    return unreadable(paper, "undated" if issued is None else "day_unknown")


def no_items(paper: TestReport) -> Look | None:
    """A report that lists nothing cannot be read for what it tested; None for one that does list items."""
    return None if paper.items else unreadable(paper, "testing.no_items")


def newest(reports: Sequence[TestReport]) -> dict[str, str]:
    """For each item (in spoken form) the id of the newest dated report that measured it; undated reports count not."""
    found: dict[str, tuple[date, str]] = {}
    for report in reports:
        for item in report.items:
            name = said(item.name)
            if report.issued_on is not None and (name not in found or report.issued_on > found[name][0]):
                found[name] = (report.issued_on, report.id)
    return {name: paper for name, (_, paper) in found.items()}
