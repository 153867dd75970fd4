"""What became of a recording: noted in the workspace, read back from it, gathered on its front page."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Literal, TypeVar

from streamlens.errors import InputError, StreamlensError
from streamlens.inputs import Made
from streamlens.link.table import parquet
from streamlens.report.bundle import Bundle, with_speakers
from streamlens.report.comparison import Field
from streamlens.report.files import COMPARED, COMPARISON, write_comparison, write_index
from streamlens.report.index import StreamResult
from streamlens.report.messages import word
from streamlens.report.results import json_bytes
from streamlens.schema import (
    ACCUSATIONS,
    VERDICTS,
    Audience,
    Catalogue,
    Compared,
    Evidence,
    Excerpts,
    Facts,
    Features,
    Finding,
    Findings,
    Focus,
    Measures,
    Mentions,
    Questions,
    Record,
    Recording,
    Segment,
    Segments,
    Stills,
    Tools,
    Transcript,
    Voice,
)
from streamlens.shipped import release
from streamlens.store import Store, digest

T = TypeVar("T")
FILE = "result.json"
NOTED = ("recording", "evidence", "transcript", "screen", "audience")  # the records that may carry notes
TABLE = "features.parquet"
FRONT = ".front.json"


class Outcome(Record, frozen=True, kw_only=True):
    """What became of a recording: `WORKSPACE/<id>/result.json`. `artefacts` are what its current results consist of."""

    recording: str
    state: Literal["done", "failed", "not_started"]
    reason: str = ""
    duration_ms: int = 0
    coverage: float | None = None
    counts: tuple[tuple[str, int], ...] = ()  # findings by verdict
    notes: tuple[str, ...] = ()  # what was odd about its files, one line each
    unread: tuple[str, ...] = ()  # parts of it and files beside it that could not be read, which did not stop the audit
    artefacts: tuple[tuple[str, str], ...] = ()  # stage, key
    media: tuple[str, ...] = ()  # its parts as seen from its folder

    @property
    def accusations(self) -> int:
        return sum(count for verdict, count in self.counts if verdict in ACCUSATIONS)


def done(recording: str, made: Made) -> Outcome:
    """The outcome of a recording whose artefacts are `made`."""
    findings: tuple[Finding, ...] = made["findings"].record.findings if "findings" in made else ()
    verdicts: list[str] = [finding.verdict for finding in findings]
    return Outcome(
        recording=recording,
        state="done",
        duration_ms=made["recording"].record.duration_ms,
        coverage=made["transcript"].record.coverage if "transcript" in made else None,
        counts=tuple((verdict, verdicts.count(verdict)) for verdict in VERDICTS),
        notes=(*(note for name in NOTED if name in made for note in made[name].record.notes), *_of_scans(made)),
        unread=(
            *(part.name for part in made["recording"].record.parts if not part.container),
            *(made["audience"].record.unread if "audience" in made else ()),
        ),
        artefacts=tuple((name, kept.key) for name, kept in made.items() if kept.key),
        media=made["pages"].record.media if "pages" in made else (),
    )


def _of_scans(made: Made) -> Iterator[str]:
    """A line for each scan that a person should look at."""
    evidence: Evidence = made["evidence"].record if "evidence" in made else Evidence()
    for scan in evidence.scans:
        if scan.state != "read":
            yield f"scan: {scan.file}: {scan.state}: {' '.join(word(note, 'en') for note in scan.notes)}"


class AuditResult:
    """The results of one recording, read from the workspace when they are asked for."""

    def __init__(self, outcome: Outcome, store: Store) -> None:
        self.outcome = outcome
        self._store = store

    def __repr__(self) -> str:
        return f"AuditResult({self.id!r}, {self.state!r})"

    @property
    def id(self) -> str:
        return self.outcome.recording

    @property
    def state(self) -> str:
        """`done`, `failed`, why is in `reason`, or `not_started`: no run has got to its end yet."""
        return self.outcome.state

    @property
    def reason(self) -> str:
        return self.outcome.reason

    @property
    def coverage(self) -> float | None:
        """The share of speech that has text; None if the recording could not be processed."""
        return self.outcome.coverage

    @property
    def folder(self) -> Path:
        """Where audit.html, findings.xlsx and the other result files of this recording lie."""
        return self._store.folder(self.id)

    @cached_property
    def recording(self) -> Recording:
        return self.read("recording", Recording)

    @cached_property
    def transcript(self) -> Transcript:
        """What was said and by whom, with the names of products as the catalogue has them."""
        return with_speakers(self.read("mended", Transcript), self.read("voice", Voice))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return self.read("segments", Segments).segments

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return self.read("findings", Findings).findings

    @cached_property
    def audience(self) -> Audience:
        """Comments, events, counters, orders and turnover, without anybody's name."""
        return self.read("audience", Audience)

    @cached_property
    def catalogue(self) -> Catalogue:
        return self.read("catalogue", Catalogue)

    @cached_property
    def features(self) -> Features:
        """A row a product segment, a row a minute; `streamlens features --columns` explains the columns."""
        return self.read("features", Features)

    @cached_property
    def focus(self) -> Focus:
        """How time and sales are spread over the products."""
        return self.read("focus", Focus)

    @cached_property
    def questions(self) -> Questions:
        """What buyers asked and complained of in the comments, answered or not."""
        return self.read("questions", Questions)

    def bundle(self) -> Bundle:
        """All that a report is written from."""
        return Bundle(
            recording=self.recording,
            transcript=self.transcript,
            segments=self.read("segments", Segments),
            mentions=self.read("mentions", Mentions),
            findings=self.read("findings", Findings),
            catalogue=self.catalogue,
            evidence=self.read("evidence", Evidence),
            excerpts=self.read("excerpts", Excerpts),
            stills=self.read("stills", Stills),
            tools=self.read("tools", Tools),
            standing=self._store.read(self.id, COMPARISON, Compared),
            facts=self.read("facts", Facts),
            voice=self.read("voice", Voice),
            audience=self.audience,
            focus=self.focus,
            questions=self.questions,
            media=self.outcome.media,
        )

    def read(self, stage: str, kind: type[T]) -> T:
        """The artefact of a stage. Raises InputError if the recording could not be processed."""
        key = dict(self.outcome.artefacts).get(stage)
        kept = self._store.load(self.id, stage, key, kind) if key else None
        if self.reason:
            raise InputError("", self.reason)
        if kept is None:
            raise InputError(self.id, f"its {stage} is not in the workspace", "audit it again")
        return kept.record


def results(store: Store) -> tuple[AuditResult, ...]:
    """The current result of every recording of a workspace, by id."""
    outcomes = (store.read(path.parent.name, FILE, Outcome) for path in sorted(store.root.glob(f"*/{FILE}")))
    return tuple(AuditResult(outcome, store) for outcome in outcomes if outcome)


def write_front(store: Store, lang: str, review: Callable[[Findings], Findings] | None = None) -> None:
    """The front page, the workbook and the feature table over all recordings of a workspace, earlier runs' too.

    `review` applies what people decided on the findings. Where no result changed, and nobody touched these files, they
    are not written again.
    """
    write_comparisons(store)
    written: list[tuple[str, str]] = []

    def keep(name: str, data: bytes) -> None:
        store.publish(None, name, data)
        written.append((name, digest(data)))

    state = digest(json_bytes(_State(release=release(), lang=lang, results=tuple(_marks(store)))))
    front = store.read(None, FRONT, _Front)
    if review is None and front and front.state == state and _stands(store, front):
        return
    rows = (_row(result, review) for result in results(store))
    write_index(rows, lang=lang, publish=keep)
    keep(TABLE, parquet(each(store, "features", Features, [])))
    if review is None:
        store.publish(None, FRONT, json_bytes(_Front(state=state, files=tuple(written))))


class _State(Record, frozen=True, kw_only=True):
    """All that the front page is made from: the results, and which of their artefacts are there."""

    release: str
    lang: str
    results: tuple[tuple[str, bool], ...]


class _Front(Record, frozen=True, kw_only=True):
    """From what state the files of the front were written, with their digests."""

    state: str
    files: tuple[tuple[str, str], ...]


def _marks(store: Store) -> Iterator[tuple[str, bool]]:
    """A result's digest, and whether all of its artefacts are there, by id."""
    for result in results(store):
        folder = store.folder(result.id)
        there = all((folder / f"{stage}-{key}.json").exists() for stage, key in result.outcome.artefacts)
        yield digest(json_bytes(result.outcome)), there


def _stands(store: Store, front: _Front) -> bool:
    return all(store.published(None, name) == written for name, written in front.files)


def write_comparisons(store: Store) -> None:
    """Put each recording beside the others of the workspace. Only pages of which something changed are opened."""
    measured = tuple(each(store, "measures", Measures, []))
    field = Field(measured)
    for now in measured:
        standing = field.standing(now)
        data = json_bytes(standing)
        kept = store.published(now.recording, COMPARISON)
        if kept == digest(data) or (kept is None and not (standing.own or standing.products)):
            continue
        with suppress(OSError):
            page = (store.folder(now.recording) / COMPARED).read_bytes()
            write_comparison(standing, page, publish=partial(store.publish, now.recording))


def each(store: Store, stage: str, kind: type[T], lacking: list[str]) -> Iterator[T]:
    """The artefact of a stage of every recording, one at a time; a line goes into `lacking` for each without one."""
    for result in results(store):
        try:
            yield result.read(stage, kind)
        except StreamlensError as error:
            lacking.append(str(error))


def _measures(result: AuditResult) -> Measures | None:
    """None for a recording that was audited before there were any: it has its row, and no place in the trends."""
    try:
        return result.read("measures", Measures)
    except StreamlensError:
        return None


def _row(result: AuditResult, review: Callable[[Findings], Findings] | None) -> StreamResult:
    if result.state == "not_started":
        return StreamResult(id=result.id, waiting=True)
    if result.state == "failed":
        return StreamResult(id=result.id, error=result.reason)
    try:
        findings = result.read("findings", Findings)
        findings = review(findings) if review else findings
        return StreamResult(
            id=result.id, recording=result.recording, findings=findings, catalogue=result.catalogue,
            measures=_measures(result),
        )  # fmt: skip
    except StreamlensError as error:  # its artefacts were damaged or deleted since
        return StreamResult(id=result.id, error=str(error))


def tally(outcomes: Sequence[Outcome], ids: Sequence[str]) -> str:
    """How many of all recordings that were to be done (`ids`) ended how, in one line.

    >>> tally([Outcome(recording="a", state="done")], ["a", "b"])
    '1 done, 0 failed, 1 not started'
    """
    states = {name: "not_started" for name in ids} | {outcome.recording: outcome.state for outcome in outcomes}
    counted = [list(states.values()).count(state) for state in ("done", "failed", "not_started")]
    return "{} done, {} failed, {} not started".format(*counted)


def exit_code(outcomes: Sequence[Outcome], *, strict: bool) -> int:
    """2 if something could not be processed or read, else 1 if `strict` and something was found, else 0."""
    if not outcomes or any(outcome.state != "done" or outcome.unread for outcome in outcomes):
        return 2
    return 1 if strict and any(outcome.accusations for outcome in outcomes) else 0
