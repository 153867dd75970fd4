"""Papers found in scans join those of evidence.yaml: what was read, how surely, and what a person wrote instead.

The id of a scanned paper is the name of its file (证书.jpg, or 全部.pdf#2 for the second in a file). An entry of
evidence.yaml with that id, or with `scan: 证书.jpg`, wins over what was read, field by field.
"""

import itertools
import re
import unicodedata
from typing import Any

import msgspec
from msgspec import inspect

from ..errors import InputError
from ..schema import (
    Catalogue,
    Correction,
    Document,
    Doubt,
    Evidence,
    Message,
    Scan,
    ScanField,
    ScannedFile,
    ScanTexts,
)
from .evidence import ALL, TYPES, make_document, type_named
from .forms import Found, FoundPaper, read_papers
from .goods import covered_by, named_in
from .kinds import type_of_name

_LISTS = {"test_report": "items", "cold_chain_log": "readings", "price_history": "prices"}
_ASIDE = frozenset({"number", "holder", "issuer", "statement", "terms", "conclusion"})  # no verdict needs them
_NAMED = 0.8  # a product's name read less surely may be another's
_LEGIBLE = 0.7  # mean confidence of lines below which a page without a title was not made out


class ScanOptions(msgspec.Struct, frozen=True, kw_only=True):
    min_confidence: float = 0.9  # a field read less surely than this decides nothing


def tell(code: str, **args: object) -> Message:
    return Message(code=f"scan.{code}", args=tuple((name, str(value)) for name, value in args.items()))


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A paper of a scan as evidence.yaml would hold it, with where each of its fields was read."""

    id: str
    file: str
    raw: dict[str, Any]  # the fields as people write them, `type` and `covers` among them
    fields: tuple[ScanField, ...]
    notes: tuple[Message, ...]
    doubtful: tuple[str, ...]  # names of fields
    concerns: tuple[str, ...]


def join_scans(
    written: Evidence, texts: ScanTexts, catalogue: Catalogue, *, options: ScanOptions | None = None
) -> Evidence:
    """All papers of a seller: the written ones, and those read from scans, corrected where they were.

    InputError for a correction that is not complete with its scan, or names none that was read.
    """
    corrections = {each.scan.removesuffix("#1"): each for each in written.corrections}
    documents = {document.id: document for document in written.documents}
    notes = list(written.notes)
    scans: list[Scan] = []
    doubts: list[Doubt] = []
    for file in texts.files:
        drafts = draft_papers(file, catalogue, options)
        for draft in drafts:
            correction = corrections.pop(draft.id, None)
            if correction:
                draft, more = _corrected(draft, correction, catalogue)
                notes += more
            scan, document, doubted = _made(draft, correction)
            if document:
                documents[document.id] = document
            scans.append(scan)
            doubts += doubted
        if not drafts:
            scans.append(unread_scan(file, catalogue, corrections.get(file.name)))
    for correction in corrections.values():
        if correction.id not in documents:
            _refuse(correction, texts)
    sure = {(doubt.document, doubt.field) for doubt in doubts}
    doubts += _conflicts(list(documents.values()), sure)
    return Evidence(
        documents=tuple(documents.values()),
        notes=tuple(notes),
        scans=(*written.scans, *scans),
        doubts=tuple(dict.fromkeys((*written.doubts, *doubts))),
    )


# ---- what a file holds


def draft_papers(file: ScannedFile, catalogue: Catalogue, options: ScanOptions | None = None) -> list[Draft]:
    """The papers of a scanned file as drafts; none where it holds none that is known."""
    options = options or ScanOptions()
    papers = read_papers(file)
    drafts = []
    for number, paper in enumerate(papers, 1):
        id = file.name if number == 1 else f"{file.name}#{number}"
        drafts.append(_draft(id, file, paper, catalogue, options))
    return drafts


def _draft(id: str, file: ScannedFile, paper: FoundPaper, catalogue: Catalogue, options: ScanOptions) -> Draft:
    kind, low = paper.kind, options.min_confidence
    notes: list[Message] = [file.trouble] if file.trouble else []
    coarse = any(page.coarse for page in file.pages)
    known = {field.encode_name: field for field in msgspec.structs.fields(TYPES[kind.type])}
    raw: dict[str, Any] = {"id": id, "type": kind.type}
    for found in paper.fields:
        if found.name in known:
            raw[found.name] = re.split("[、]", found.value) if _is_list(kind.type, found.name) else found.value
    if paper.rows:
        raw[_LISTS[kind.type]] = [dict(row) for row in paper.rows]
    skus, how, named = _covers(paper, catalogue)
    raw["covers"] = list(skus)
    weak = [found for found in (*paper.fields, *paper.located) if found.confidence < low]
    doubtful = [found.name for found in weak]
    told = [
        found for found in weak if _base(found.name)[0] not in _ASIDE and (found.name in known or "[" in found.name)
    ]
    notes += [tell("coarse", paper=id)] if coarse else [_unsure(id, found) for found in told]
    needed = {field.name for field in kind.fields if field.needed and field.name in known}
    needed |= {"valid_to"} if kind.term else set()
    needed |= {kind.dated} if kind.dated else set()
    needed |= {_LISTS[kind.type]} if kind.type in _LISTS else set()
    needed |= {name for name, field in known.items() if field.required and name not in ("id", "covers")}
    notes += [tell("missing", paper=id, field=name) for name in sorted(needed) if not raw.get(name)]
    if how != "sure":
        doubtful.append("covers")
    if how == "other":
        notes.append(tell("names_other", paper=id, named=named) if named else tell("names_none", paper=id))
    elif how == "maybe":
        notes.append(tell("names_maybe", paper=id, named=named))
    if how == "other" and named:  # sure to be about something else
        doubtful = [name for name in doubtful if name != "covers"]
    return Draft(
        id=id,
        file=file.name,
        raw=raw,
        fields=tuple(_field(found) for found in (*paper.fields, *paper.located)),
        notes=tuple(notes),
        doubtful=tuple(dict.fromkeys(doubtful)),
        concerns=skus or (() if how == "other" and named else (ALL,)),
    )


def _is_list(kind: str, name: str) -> bool:
    info = inspect.type_info(TYPES[kind])
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a fact about the schema
    kinds = {field.encode_name: field.type for field in info.fields}
    return isinstance(kinds[name], inspect.VarTupleType) and name != "ingredients"


def _covers(paper: FoundPaper, catalogue: Catalogue) -> tuple[tuple[str, ...], str, str]:
    """The skus that a paper is about, how sure that is (`sure`, `maybe`, `other`), and the name that it bears."""
    if paper.kind.everything:
        return (ALL,), "sure", ""
    named = paper.get("product") or paper.get("scope")
    if named is None or named.name == "scope":  # a licence names categories, a prize a sentence
        inside = named_in(paper.text, catalogue)
        could = [product.name for product in catalogue.products if product.sku in inside.skus]
        return inside.skus, inside.how, "、".join(could)
    covered = covered_by(named.value, catalogue)
    if named.confidence < _NAMED and covered.how != "other":
        return covered.skus, "maybe", named.value
    return covered.skus, covered.how, named.value if catalogue.products and named.confidence >= _NAMED else ""


def _unsure(id: str, found: Found) -> Message:
    name, at = _base(found.name)
    percent = f"{found.confidence:.0%}"
    return tell("unsure", paper=id, page=found.page, field=name, number=at, value=found.value, sureness=percent)


def _base(name: str) -> tuple[str, str]:
    """items[2] is the third item: (items, " 3")."""
    match = re.fullmatch(r"(\w+)\[(\d+)\]", name)
    return (match[1], f" {int(match[2]) + 1}") if match else (name, "")


def _field(found: Found) -> ScanField:
    return ScanField(name=found.name, value=found.value, page=found.page, box=found.box, confidence=found.confidence)


# ---- drafts become documents

_TROUBLES = frozenset(
    {
        "scan.unsure",
        "scan.coarse",
        "scan.missing",
        "scan.names_none",
        "scan.names_maybe",
        "scan.no_document",
        "scan.more_pages",
    }
)


def _made(draft: Draft, correction: Correction | None) -> tuple[Scan, Document | None, list[Doubt]]:
    """The scan's account of itself, its document if it makes one, and what is doubtful of it."""
    notes = list(draft.notes)
    document: Document | None = None
    try:
        raw = {**draft.raw, "covers": draft.raw["covers"] or ["?"]}  # no document is made without; taken out below
        document, _ = make_document(raw, correction.place if correction else draft.file)
        document = msgspec.structs.replace(document, covers=tuple(draft.raw["covers"]))
    except InputError as error:
        if correction:
            raise
        if not any(note.code == "scan.missing" for note in notes):
            notes.append(tell("no_document", paper=draft.id, what=error.what))
    troubled = document is None or any(note.code in _TROUBLES for note in notes)
    scan = Scan(
        file=draft.file,
        state="partly" if troubled else "read",
        type=draft.raw["type"],
        document=document.id if document else "",
        concerns=draft.concerns,
        fields=draft.fields,
        notes=tuple(notes),
    )
    doubts = (
        [Doubt(document=document.id, field=name, message=_doubt(draft, name)) for name in draft.doubtful]
        if document
        else []
    )
    return scan, document, doubts


def _doubt(draft: Draft, name: str) -> Message:
    if name == "covers":
        return next(note for note in draft.notes if note.code.startswith("scan.names_"))
    found = next(field for field in draft.fields if field.name == name)
    base, at = _base(name)
    return tell(
        "unsure", paper=draft.id, page=found.page, field=base, number=at, value=found.value,
        sureness=f"{found.confidence:.0%}",
    )  # fmt: skip


def unread_scan(file: ScannedFile, catalogue: Catalogue, correction: Correction | None = None) -> Scan:
    """A file without a known paper: unreadable, or something else.

    An unreadable one may be any paper, save that the type and the products that its name gives, or products that are
    named where it can be read, are believed.
    """
    hint = type_of_name(file.name)
    lines = [line for page in file.pages for line in page.lines]
    titled = named_in(file.name, catalogue)
    legible = "\n".join(line.text for line in lines if line.confidence >= _NAMED)
    inside = named_in(legible, catalogue)
    concerns = titled.skus or (inside.skus if inside.how == "sure" else ()) or (ALL,)
    if correction:
        return Scan(file=file.name, state="other", notes=(tell("written", file=file.name, paper=correction.id),))
    if file.trouble and not file.pages:
        other = file.trouble.code == "scan.format" and not hint
        return Scan(
            file=file.name,
            state="other" if other else "unreadable",
            type=hint,
            concerns=concerns,
            notes=(file.trouble,),
        )
    if not lines and not hint:
        return Scan(file=file.name, state="other", notes=(tell("no_text"),))
    sure = sum(line.confidence for line in lines) / len(lines) if lines else 0.0
    if hint or sure < _LEGIBLE:
        note = tell("illegible") if sure < _LEGIBLE else tell("unknown_title")
        return Scan(file=file.name, state="unreadable", type=hint, concerns=concerns, notes=(note,))
    return Scan(file=file.name, state="other", notes=(tell("unknown"),))


# ---- corrections and conflicts


def _corrected(draft: Draft, correction: Correction, catalogue: Catalogue) -> tuple[Draft, list[str]]:
    """The draft with what a person wrote, which is sure, and notes on what of that was not read."""
    fields: dict[str, Any] = msgspec.json.decode(correction.fields)
    kind = type_named(fields.get("type"), correction.place) if fields.get("type") else draft.raw["type"]
    same = kind == draft.raw["type"]
    raw = {**(draft.raw if same else {"covers": draft.raw["covers"]}), **fields, "type": kind}
    notes: list[str] = []
    if raw["covers"]:
        document, notes = make_document(raw, correction.place, catalogue)
        raw["covers"] = list(document.covers)
    mended = [
        tell("corrected", paper=correction.id, field=field.name, value=field.value, written=fields[field.name])
        for field in draft.fields
        if isinstance(by_hand := fields.get(field.name), str) and _plain(by_hand) != _plain(field.value)
    ]
    left = [note for note in draft.notes if same and not _settled(note, set(fields))]
    made = msgspec.structs.replace(
        draft,
        raw=raw,
        fields=draft.fields if same else (),
        notes=(*left, *mended),
        doubtful=tuple(name for name in draft.doubtful if same and _base(name)[0] not in fields),
        concerns=tuple(raw["covers"]) or draft.concerns,
    )
    return made, notes


def _settled(note: Message, fields: set[str]) -> bool:
    if note.code.startswith("scan.names_"):
        return "covers" in fields
    return dict(note.args).get("field") in fields


def _refuse(correction: Correction, texts: ScanTexts) -> None:
    """A correction that stands alone and is not complete."""
    try:
        make_document(msgspec.json.decode(correction.fields), correction.place)
    except InputError as error:
        names = ", ".join(file.name for file in texts.files[:6]) or "no scans"
        raise InputError(
            correction.place,
            f"nothing was read from a scan {correction.scan!r} (there: {names}), and {error.what}",
            "write the file's name as it is, or all fields of the document",
        ) from error


def _conflicts(documents: list[Document], doubtful: set[tuple[str, str]]) -> list[Doubt]:
    """Papers of the same type and number that differ in a field that is not doubtful already."""
    found = []
    numbered: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        number = _plain(getattr(document, "number", ""))
        if len(number) > 4:
            numbered.setdefault((type(document).__name__, number), []).append(document)
    for alike in numbered.values():
        for one, other in itertools.combinations(alike, 2):
            for field in one.__struct_fields__:
                if field in ("id", "covers", "number", "issuer", "holder"):
                    continue
                here, there = getattr(one, field), getattr(other, field)
                same = _plain(str(here)) == _plain(str(there)) or not here or not there
                if same or (one.id, field) in doubtful or (other.id, field) in doubtful:
                    continue
                message = tell(
                    "conflict", paper=one.id, other=other.id, field=field, value=_shown(here), against=_shown(there)
                )
                found += [Doubt(document=each.id, field=field, message=message) for each in (one, other)]
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\s\-—–_.,、;:]", "", unicodedata.normalize("NFKC", text)).upper()


def _shown(value: object) -> str:
    return "、".join(str(getattr(each, "name", each)) for each in value) if isinstance(value, tuple) else str(value)
