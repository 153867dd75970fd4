"""The reviewers' desk over a workspace: the queue, and the decisions that are made at it."""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Literal

import msgspec

from streamlens import load_law
from streamlens.capture.peaks import Peaks, find_peaks
from streamlens.errors import InputError, StreamlensError
from streamlens.outcome import AuditResult, results
from streamlens.report.messages import known
from streamlens.review.board import Board, Entry
from streamlens.review.decisions import DecisionLog
from streamlens.review.standing import last_of, outcome, standings, undone
from streamlens.schema import KINDS, VERDICTS, Catalogue, Decision, Finding, Findings, Message
from streamlens.store import Store, make_key

LOOK_S = 2.0  # how often the workspace is looked at for newer results
_SEVERITIES = ("high", "medium", "low")
_QUIET = frozenset({"supported", "none"})
LONGEST_TEXT = 2000


class Refused(Exception):
    """A request that cannot be done; one clear line for the person."""


class Contradicts(Exception):
    """Another reviewer decided otherwise meanwhile, unseen; nothing was written."""

    def __init__(self, entry: Entry, by: str) -> None:
        super().__init__(by)
        self.entry, self.by = entry, by


class Asked(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A decision as the page asks for it."""

    stream: str
    finding: str
    action: Literal["accept", "dismiss", "correct", "verdict", "product", "undo"]
    reason: str | None = None
    verdict: str | None = None
    product: str | None = None
    quote: str | None = None
    seen: int = 0


class Missed(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A claim that the audit missed, as the page asks for it."""

    stream: str
    start_ms: int
    end_ms: int
    kind: str
    verdict: str
    quote: str
    product: str | None = None
    reason: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the queue is filtered by; empty: not."""

    stream: str = ""
    state: str = "all"
    verdict: str = ""
    kind: str = ""
    product: str = ""
    q: str = ""


class Stream:
    """A stream of the workspace with what the queue needs of it; the rest is read when it is looked at."""

    def __init__(self, result: AuditResult) -> None:
        self.result = result
        self.id = result.id
        self.recording = result.recording
        self.findings: tuple[Finding, ...] = result.read("findings", Findings).findings
        self.catalogue: Catalogue = result.catalogue
        self._board: Board | None = None

    def board(self, decisions: Sequence[Decision]) -> Board:
        last = decisions[-1].id if decisions else 0
        board = self._board
        if board is None or board.last != last:
            board = self._board = Board(self.findings, decisions, board)
        return board

    def product_name(self, sku: str | None) -> str:
        product = self.catalogue.get(sku)
        return product.name if product else sku or ""


class Desk:
    """Everything that is asked of a workspace and its decisions. Safe to share between threads."""

    def __init__(self, workspace: Path, log: DecisionLog, *, settlers: Iterable[str] = ()) -> None:
        if not workspace.is_dir():
            raise InputError(str(workspace), "there is no such workspace", "run `streamlens audit` first")
        self.workspace, self.log = workspace, log
        self.settlers = frozenset(settlers)
        self._store = Store(workspace)
        self._streams: dict[str, tuple[object, Stream]] = {}
        self._looked = float("-inf")
        self._lock = RLock()
        self._decisions: dict[str, list[Decision]] = {}
        self._sorted = 0
        self._peaks = RLock()
        if not self.streams():
            raise InputError(str(workspace), "holds no finished recording", "run `streamlens audit` first")

    # ---- what there is

    def streams(self) -> tuple[Stream, ...]:
        """The finished streams by id; those that were audited again are read again."""
        with self._lock:
            if monotonic() - self._looked > LOOK_S:
                marks = {path.parent.name: _mark(path) for path in self.workspace.glob("*/result.json")}
                if marks != {key: mark for key, (mark, _) in self._streams.items()}:
                    self._streams = dict(self._read(marks))
                self._looked = monotonic()
            return tuple(stream for _, (_, stream) in sorted(self._streams.items()))

    def _read(self, marks: dict[str, object]) -> Iterator[tuple[str, tuple[object, Stream]]]:
        for result in results(self._store):
            mark = marks.get(result.folder.name)
            held = self._streams.get(result.folder.name)
            if held and held[0] == mark:
                yield result.folder.name, held
            elif result.state == "done":
                try:
                    yield result.folder.name, (mark, Stream(result))
                except StreamlensError:  # being written, or damaged: the queue goes on without it
                    continue

    def stream(self, name: str) -> Stream:
        found = next((stream for stream in self.streams() if stream.id == name), None)
        if found is None:
            raise Refused(f"there is no stream {name[:80]!r} in this workspace")
        return found

    def board(self, stream: Stream) -> Board:
        return stream.board(self._of(stream.id))

    def entry(self, stream: Stream, finding: str) -> Entry:
        found = self.board(stream).get(finding)
        if found is None or found.gone:
            raise Refused(f"there is no finding {finding[:40]!r} in {stream.id}")
        return found

    def peaks(self, stream: Stream) -> Peaks:
        """The wave form, computed when it is first asked for."""
        key = make_key("peaks", 1, b"", [part.digest for part in stream.recording.parts])
        with self._peaks:
            kept = self._store.load(stream.id, "peaks", key, Peaks)
            if kept is None:
                paths = [stream.result.folder / path for path in stream.result.outcome.media]
                kept = self._store.save(stream.id, "peaks", key, find_peaks(stream.recording, paths))
        return kept.record

    def _of(self, stream: str) -> list[Decision]:
        rows = self.log.rows()
        with self._lock:
            for decision in rows[self._sorted :]:
                self._decisions.setdefault(decision.stream, []).append(decision)
            self._sorted = max(self._sorted, len(rows))
            return list(self._decisions.get(stream, ()))

    # ---- the queue

    def queue(self, wanted: Wanted, lang: str) -> tuple[list[tuple[Stream, Entry]], Counter[str]]:
        """Entries that fit, the gravest and most doubtful first; and how many of each state fit but for the state."""
        fitting = []
        for stream in self.streams():
            if not wanted.stream or stream.id == wanted.stream:
                board = self.board(stream)
                fitting += [
                    (stream, each) for each in board.entries if not each.gone and _fits(stream, each, wanted, lang)
                ]
        counts = Counter[str](entry.state for _, entry in fitting)
        chosen = [pair for pair in fitting if wanted.state in ("", "all", pair[1].state)]
        return sorted(chosen, key=lambda pair: (*_rank(pair[1].finding), pair[0].id, pair[1].finding.start_ms)), counts

    def changes(self, after: int) -> tuple[int, list[tuple[Stream, Entry]]]:
        """The newest decision's id, and the entries that were decided on after `after`, as they stand now."""
        rows = self.log.rows()
        newer = dict.fromkeys((row.stream, row.finding) for row in rows if row.id > after)
        streams = {stream.id: stream for stream in self.streams()}
        changed: dict[tuple[str, str], tuple[Stream, Entry]] = {}
        for name, finding in newer:
            if name in streams and (entry := self.board(streams[name]).get(finding)):
                changed[name, entry.id] = (streams[name], entry)
        return (rows[-1].id if rows else 0), list(changed.values())

    # ---- decisions

    def decide(self, asked: Asked, by: str) -> tuple[Stream, Entry, Decision]:
        """Write a decision down. Refused where it makes no sense, Contradicts where it would go over unseen work."""
        stream = self.stream(asked.stream)
        _check(asked)

        def draft(rows: Sequence[Decision]) -> Decision:
            board = stream.board([row for row in rows if row.stream == stream.id])
            entry = board.get(asked.finding)
            if entry is None or (entry.gone and asked.action != "undo"):
                raise Refused(f"there is no finding {asked.finding[:40]!r} in {stream.id}")
            return self._draft(stream, entry, asked, by)

        decision = self.log.add(draft)
        entry = self.board(stream).get(asked.finding)
        assert entry is not None  # noqa: S101  it was just decided on
        return stream, entry, decision

    def _draft(self, stream: Stream, entry: Entry, asked: Asked, by: str) -> Decision:
        seen = entry.finding
        made = Decision(
            id=0, stream=stream.id, finding=entry.id, action=asked.action, by=by, at=_NEVER,
            reason=(asked.reason or "").strip(), settles=by in self.settlers, orphan=entry.orphan,
            confirms=_earlier(entry), snapshot=msgspec.json.encode(seen),
        )  # fmt: skip
        if asked.action == "undo":
            last = last_of(entry.decisions, by)
            if last is None:
                raise Refused("there is no decision of yours on this finding to undo")
            return msgspec.structs.replace(made, undoes=last.id)
        if asked.action == "correct":
            made = msgspec.structs.replace(made, quote=(asked.quote or "").strip())
        elif asked.action == "verdict":
            made = msgspec.structs.replace(made, verdict=asked.verdict)
        elif asked.action == "product":
            made = msgspec.structs.replace(made, product=_product(stream, asked.product))
        unseen = [each for each in entry.decisions if each.id > asked.seen and each.by != by]
        if unseen:
            mine = next(
                each for each in standings((*entry.decisions, msgspec.structs.replace(made, id=entry.newest + 1)),
                                           None if entry.orphan else seen) if each.by == by
            )  # fmt: skip
            theirs = {each.by for each in unseen if each.action == "undo" or each.id not in undone(entry.decisions)}
            for each in entry.standings:
                if each.by in theirs and not each.stale and outcome(each, seen) != outcome(mine, seen):
                    raise Contradicts(entry, each.by)
        return made

    def add_missed(self, asked: Missed, by: str) -> tuple[Stream, Entry, Decision]:
        """Write down a claim that the audit missed."""
        stream = self.stream(asked.stream)
        if asked.kind not in KINDS:
            raise Refused("kind: choose one of the kinds of claims")
        if asked.verdict not in VERDICTS:
            raise Refused(f"verdict: choose one of {', '.join(VERDICTS)}")
        if not 0 <= asked.start_ms < asked.end_ms <= stream.recording.duration_ms:
            raise Refused("the times must lie in the recording, the end after the start")
        _check_texts(asked)
        quote = asked.quote.strip()
        if not quote:
            raise Refused("quote: write down what was said")
        product = _product(stream, asked.product) or None
        found = _missed(stream, asked, quote, product)
        made = Decision(
            id=0, stream=stream.id, finding=found.id, action="missed", by=by, at=_NEVER,
            reason=(asked.reason or "").strip(), verdict=found.verdict, product=product, quote=quote,
            settles=by in self.settlers, snapshot=msgspec.json.encode(found),
        )  # fmt: skip
        decision = self.log.add(lambda _: made)
        entry = self.board(stream).get(found.id)
        assert entry is not None  # noqa: S101  it was just added
        return stream, entry, decision


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # the log sets the time


def _missed(stream: Stream, asked: Missed, quote: str, product: str | None) -> Finding:
    day = stream.recording.started_at.date() if stream.recording.started_at else None
    law = load_law()
    return Finding(
        id=f"m{secrets.token_hex(8)}", kind=asked.kind, stance="asserted", verdict=asked.verdict,  # type: ignore[arg-type]
        severity="medium", channel="speech", start_ms=asked.start_ms, end_ms=asked.end_ms, quote=quote, heard="",
        sentence=quote, product=product, rule="review", law=law.cite(law.of_kind(asked.kind), day), evidence=(),
        reason=Message(code="reviewed.added"), rewrite=(), confidence=1.0, trace=(),
    )  # fmt: skip


def _check_texts(asked: Asked | Missed) -> None:
    for name in ("reason", "quote", "product"):
        if len(text := getattr(asked, name) or "") > LONGEST_TEXT or "\0" in text:  # no database takes a NUL
            raise Refused(f"{name}: at most {LONGEST_TEXT} characters, and no NUL")


def _check(asked: Asked) -> None:
    _check_texts(asked)
    if asked.action == "dismiss" and not (asked.reason or "").strip():
        raise Refused("dismissing needs a reason")
    if asked.action == "correct" and not (asked.quote or "").strip():
        raise Refused("quote: write down what was really said")
    if asked.action == "verdict" and asked.verdict not in VERDICTS:
        raise Refused(f"verdict: choose one of {', '.join(VERDICTS)}")


def _product(stream: Stream, sku: str | None) -> str:
    """A product of the stream; empty for none."""
    if sku and stream.catalogue.get(sku) is None and all(finding.product != sku for finding in stream.findings):
        raise Refused(f"product: {sku[:40]!r} is not in the catalogue of this stream")
    return sku or ""


def _earlier(entry: Entry) -> str | None:
    """The id under which this was decided on before, where the audit knows it by another now."""
    last = entry.decisions[-1].finding if entry.decisions else entry.id
    return last if last != entry.id else None


def _fits(stream: Stream, entry: Entry, wanted: Wanted, lang: str) -> bool:
    finding = entry.as_reviewed()
    kind = finding.kind
    if wanted.verdict and finding.verdict not in wanted.verdict.split(","):
        return False
    if wanted.kind and kind not in (kinds := wanted.kind.split(",")) and kind.split(".")[0] not in kinds:
        return False
    if wanted.product and finding.product != wanted.product:
        return False
    if wanted.q:
        texts = (finding.quote, finding.heard, entry.finding.quote, stream.product_name(finding.product))
        label = known(f"kind.{kind}", lang, kind)
        return any(wanted.q.casefold() in text.casefold() for text in (*texts, label))
    return True


def _rank(finding: Finding) -> tuple[bool, int, bool, float]:
    """What needs a person first: what accuses or is unclear, grave before slight, doubtful before sure."""
    return (
        finding.verdict in _QUIET,
        _SEVERITIES.index(finding.severity),
        finding.verdict != "unclear",
        round(finding.confidence, 2),
    )


def _mark(path: Path) -> object:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
