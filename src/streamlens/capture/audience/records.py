"""Rows with their times settled become records: viewers get pseudonyms, texts are masked, repeats are dropped."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from streamlens.capture.audience.clock import Placed
from streamlens.capture.audience.entries import MINUTE, Entry
from streamlens.capture.audience.pseudonym import Pseudonyms
from streamlens.schema import (
    Audience,
    Catalogue,
    Comment,
    Event,
    Order,
    Recording,
    RowFault,
    Sales,
    Source,
    Untimed,
    Viewers,
)

LONGEST = 5000  # characters of a comment
SAME = 0.9  # share of the comments of a file that another has too, from which it is the same log
MANY = 4  # an id that goes by so many names is a recorder's sign for none
NEAR_MS = 2000  # the same comment in two logs


class Counts(msgspec.Struct):
    """What became of the rows of a file. `untold`: comments kept without a time, theirs being unreadable."""

    kinds: Counter[str] = msgspec.field(default_factory=Counter)
    left: Counter[str] = msgspec.field(default_factory=Counter)
    faults: list[RowFault] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)
    untold: int = 0


class Records:
    """All records so far, of all files."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.comments: list[tuple[int, str, str]] = []  # at_ms, viewer, text
        self.untimed: list[tuple[str, int, str, str]] = []  # file, row, viewer, text
        self.events: list[Event] = []
        self.viewers: list[Viewers] = []
        self.orders: list[Order] = []
        self.sales: list[Sales] = []
        self._skus = {_folded(product.sku): product.sku for product in catalogue.products}
        names = [(_folded(name), p.sku) for p in catalogue.products for name in (p.name, *p.aliases)]
        shared = Counter(name for name, _ in set(names))
        self._names = {name: sku for name, sku in names if shared[name] == 1}  # a name of two products tells neither

    def product(self, entry: Entry) -> str | None:
        """By id, else by name or alias, written the same but for case and spaces."""
        known = (self._skus.get(_folded(sku)) for sku in entry.skus)
        return next((sku for sku in known if sku), None) or self._names.get(_folded(entry.title))

    def repeats(self, comments: Sequence[tuple[int | None, str]]) -> bool:
        """Whether nearly all of these comments are here already: another file of the same log."""
        here = Counter(text for _, _, text in self.comments) + Counter(text for *_, text in self.untimed)
        if len(comments) < 3 or sum((Counter(text for _, text in comments) & here).values()) < SAME * len(comments):
            return False
        placed = {(at // NEAR_MS + step, text) for at, _, text in self.comments for step in (-1, 0, 1)}
        timed = [(at // NEAR_MS, text) for at, text in comments if at is not None]
        return not timed or not placed or sum(each in placed for each in timed) >= SAME * len(timed)

    def audience(self, recording: str, sources: Sequence[Source]) -> Audience:
        self.comments.sort(key=lambda row: row[0])
        return Audience(
            recording=recording,
            comments=tuple(
                Comment(id=f"c{n}", at_ms=at, viewer=viewer, text=text)
                for n, (at, viewer, text) in enumerate(self.comments, 1)
            ),
            untimed=tuple(
                Untimed(id=f"n{n}", file=file, row=row, viewer=viewer, text=text)
                for n, (file, row, viewer, text) in enumerate(self.untimed, 1)
            ),
            events=tuple(sorted(self.events, key=lambda event: event.at_ms)),
            viewers=tuple(sorted(self.viewers, key=lambda row: row.at_ms)),
            orders=tuple(sorted(self.orders, key=lambda order: (order.at_ms, order.order))),
            sales=tuple(sorted(self.sales, key=lambda row: row.start_ms)),
            sources=tuple(sources),
        )


def take(
    entries: Sequence[Entry], placed: Placed, records: Records, pseudonyms: Pseudonyms, file: str, recording: Recording
) -> Counts:
    """Add the rows of a file to the records."""
    counts = Counts()
    timed = placed.clock not in ("order", "none")
    names = frozenset(entry.name for entry in entries if len(entry.name) > 1 and "*" not in entry.name)
    viewers: dict[tuple[str, str], str] = {}
    texts: dict[str, str] = {}
    seen: set[object] = set()
    unknown = 0

    called: dict[str, set[str]] = {}
    for entry in entries:
        called.setdefault(entry.uid, set()).add(entry.name)

    def viewer(entry: Entry) -> str:
        who = (entry.uid if len(called[entry.uid]) < MANY else "", entry.name)
        if who not in viewers:
            viewers[who] = pseudonyms.viewer(*who)
        return viewers[who]

    def text(entry: Entry) -> str:
        if entry.text not in texts:
            texts[entry.text] = pseudonyms.masked(_readable(entry.text), names)
        return texts[entry.text]

    said = [(at, text(e)) for e, at in zip(entries, placed.at_ms, strict=True) if e.kind == "comment"]
    same_log = records.repeats(said)
    if same_log:
        counts.notes.append("another file has the same comments: what both have is taken from that one")
    had: dict[str, bool] = {
        "comment": bool(records.comments or records.untimed), "viewers": bool(records.viewers),
        "order": bool(records.orders), "sales": bool(records.sales),
        **{event.kind: True for event in records.events},
    }  # fmt: skip
    step_ms = _step_ms(at for e, at in zip(entries, placed.at_ms, strict=True) if e.kind == "sales" and at is not None)
    for entry, at_ms in zip(entries, placed.at_ms, strict=True):
        if same_log and had.get(entry.kind, False):
            counts.left["repeated"] += 1
            continue
        if entry.id and entry.kind not in ("viewers", "sales"):
            mark = (entry.id, entry.kind, entry.at, entry.name, entry.uid, entry.text, entry.skus, entry.title,
                    entry.count, entry.quantity, entry.amount_fen)  # fmt: skip
            if mark in seen:
                counts.left["repeated"] += 1
                continue
            seen.add(mark)
        if at_ms is None and entry.kind != "comment" and timed:
            counts.left["no_time"] += 1
            counts.faults.append(RowFault(row=entry.row, reason=entry.time_fault or "it has no time"))
            continue
        if at_ms is None and entry.kind in ("order", "sales"):
            counts.left["no_time"] += 1
            continue
        if entry.kind == "sales" and entry.lasts_ms > MINUTE and not _overlaps(at_ms, entry.lasts_ms, recording):
            counts.left["other_broadcast"] += 1
            continue
        counts.kinds[entry.kind] += 1
        if entry.kind == "comment":
            if at_ms is not None:
                records.comments.append((at_ms, viewer(entry), text(entry)))
                continue
            records.untimed.append((file, entry.row, viewer(entry), text(entry)))
            if entry.time_fault:
                counts.untold += 1
                counts.faults.append(RowFault(row=entry.row, reason=f"{entry.time_fault}: kept without a time"))
        elif at_ms is None:
            continue  # of what has no time at all only the number is kept
        elif entry.kind == "viewers":
            records.viewers.append(
                Viewers(
                    at_ms=at_ms, online=entry.online, watched=entry.watched, likes=entry.likes,
                    new_followers=entry.new_followers,
                )
            )  # fmt: skip
        elif entry.kind == "order":
            product = records.product(entry)
            unknown += product is None
            records.orders.append(
                Order(
                    at_ms=at_ms, order=pseudonyms.order(entry.id), product=product, quantity=entry.quantity,
                    amount_fen=entry.amount_fen, refund_fen=entry.refund_fen, repeat_buyer=entry.repeat_buyer,
                )
            )  # fmt: skip
        elif entry.kind == "sales":
            records.sales.append(
                Sales(
                    start_ms=at_ms,
                    end_ms=at_ms + max(entry.lasts_ms, step_ms),
                    gmv_fen=entry.amount_fen or 0,
                    orders=entry.orders,
                )
            )
        else:
            records.events.append(
                Event(at_ms=at_ms, kind=entry.kind, viewer=viewer(entry), count=entry.count, value_fen=entry.value_fen)
            )
            if entry.kind == "paid_message" and entry.text.strip():  # its words are a comment too
                records.comments.append((at_ms, viewer(entry), text(entry)))
    if unknown:
        counts.notes.append(f"{unknown} orders are of products that the catalogue does not have")
    return counts


def _step_ms(times: Iterable[int]) -> int:
    """How far apart the rows of an export are: a minute, or whole minutes of which each row is the sum."""
    ordered = sorted(set(times))
    steps = Counter(after - before for before, after in pairwise(ordered))
    step = steps.most_common(1)[0][0] if steps else MINUTE
    return step if step % MINUTE == 0 and step <= 60 * MINUTE else MINUTE


def _overlaps(at_ms: int | None, lasts_ms: int, recording: Recording) -> bool:
    return at_ms is not None and at_ms < recording.duration_ms and at_ms + lasts_ms > 0


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _readable(text: str) -> str:
    """Without what no text can hold: halves of characters, control characters."""
    text = text.encode("utf-8", "replace").decode()[:LONGEST]
    return "".join(char for char in text if char in "\n\t" or char >= " ").strip()
