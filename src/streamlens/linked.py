"""Engagement against sales over a workspace: gather what the audits left, analyse it, write `WORKSPACE/link/`."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from streamlens.errors import InputError, StreamlensError
from streamlens.link import table as tables
from streamlens.link.analysis import AnalysisOptions, Sold, Watch, analyse
from streamlens.link.library import needs_link
from streamlens.link.models import load_model, model_bytes
from streamlens.link.outcomes import OutcomeOptions, attribute, with_outcomes
from streamlens.link.scope import stream_sales
from streamlens.link.simulate import SimulationOptions, simulate
from streamlens.link.tidy import tables as tidy
from streamlens.outcome import each, results
from streamlens.report.link_card import model_card
from streamlens.report.link_page import render_link
from streamlens.report.results import worded_json
from streamlens.schema import (
    Analysis,
    Association,
    Audience,
    Effect,
    Features,
    Message,
    Outcomes,
    Profile,
    Recording,
    Refusal,
    Segments,
)
from streamlens.store import Store

if TYPE_CHECKING:
    import polars

FOLDER, SIMULATED = "link", "link-simulated"
DEMO = SimulationOptions(
    anchors=12, streams=48, pitches=30, effects=(("answers_given_per_min", 2.5), ("scarcity_talk_per_min", 0.0)),
    minutes=True,
)  # fmt: skip
MODEL, CARD = "model.skops", "model.md"


class LinkResult:
    """What was found: the record, its tables as polars frames, and the files that were written."""

    def __init__(
        self, analysis: Analysis, frames: "dict[str, polars.DataFrame]", folder: Path, left_out: tuple[str, ...] = ()
    ) -> None:
        self.analysis = analysis
        self.tables = frames
        self.folder = folder
        self.left_out = left_out  # a line for each recording that could not be included

    def __repr__(self) -> str:
        said = "refused" if self.refused else f"{len(self.effects)} effects, best model {self.analysis.best}"
        return f"LinkResult({self.analysis.scope.streams} streams, {said}, {self.page})"

    @property
    def refused(self) -> Refusal | None:
        """Why nothing is said of causes and predictions; None where something is."""
        return self.analysis.refused

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.analysis.effects

    @property
    def associations(self) -> tuple[Association, ...]:
        return self.analysis.associations

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return self.analysis.profiles

    @property
    def page(self) -> Path:
        return self.folder / "link.html"

    @cached_property
    def model(self) -> Any:
        """The best model, a scikit-learn pipeline that takes the columns of `analysis.features` in their order. Raises
        InputError where there is none."""
        if not self.analysis.best:
            raise InputError(str(self.folder), "holds no model", "see why in link.html")
        return load_model(self.folder / MODEL)


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """The table of moments with attributed sales, notes by recording, and why recordings are left out."""

    table: Any
    notes: dict[str, tuple[Message, ...]]
    left_out: tuple[str, ...] = ()


def link(
    workspace: str | Path,
    *,
    effects: Sequence[str] = (),
    outcome: Sold = "orders",
    window_s: float = 300.0,
    lag_s: float = 0.0,
    cluster: Literal["anchor", "recording"] = "anchor",
    simulated: bool | SimulationOptions = False,
    seed: int = 1,
    jobs: int = 2,
    out: str | Path | None = None,
    lang: str = "zh",
    watch: Watch | None = None,
) -> LinkResult:
    """Estimate what engagement has to do with sales, and write the report, the tables and the model.

    Orders go to the pitch of their product `lag_s` before, at most `window_s` after its end. `effects` are columns of
    the feature table, or counts a minute of theirs (`calls_buy_per_min`). With `simulated` the workspace is not read:
    broadcasts with a known truth take its place, and everything written says so.

    Raises StreamlensError where the extra `link` is not installed, InputError where the workspace holds no results or
    an effect's column is not there or is made of sales. Too little data raises nothing: see `refused`.
    """
    needs_link()
    root = Path(workspace)
    given = _simulated(simulated, seed) if simulated else gather(root, window_s=window_s, lag_s=lag_s)
    frame = given.table
    found = analyse(
        frame, stream_sales(frame, given.notes), window_s=window_s, lag_s=lag_s, simulated=bool(simulated),
        digests=(("moments", hashlib.sha256(tables.frame_parquet(frame)).hexdigest()),),
        options=AnalysisOptions(outcome=outcome, effects=tuple(effects), cluster=cluster, seed=seed, jobs=jobs),
        watch=watch,
    )  # fmt: skip
    frames = tidy(found.record, frame)
    result = LinkResult(
        found.record, frames, Path(out) if out else root / (SIMULATED if simulated else FOLDER), given.left_out
    )
    _write(result, found.model, lang)
    return result


def gather(workspace: Path, *, window_s: float, lag_s: float) -> Gathered:
    """Raises InputError where the workspace holds no finished recording."""
    store, lacking = Store(workspace), list[str]()
    if not workspace.is_dir() or not results(store):
        raise InputError(str(workspace), "holds no results", "audit recordings into it first")
    options = OutcomeOptions(window_s=window_s, lag_s=lag_s)
    frame, notes, attributed = tables.frame(each(store, "features", Features, lacking)), {}, []
    for result in results(store):
        try:
            sold = _attributed(result.audience, result.read("segments", Segments), result.recording, options)
        except StreamlensError:
            continue  # named above already
        attributed.append(sold)
        notes[result.id] = sold.notes
    if not frame.height:
        raise InputError(str(workspace), "holds no table of moments", "audit the recordings again")
    return Gathered(table=with_outcomes(frame, attributed), notes=notes, left_out=tuple(lacking))


def _attributed(audience: Audience, segments: Segments, recording: Recording, options: OutcomeOptions) -> Outcomes:
    return attribute(audience, segments, recording.duration_ms, options=options)


def _simulated(simulated: bool | SimulationOptions, seed: int) -> Gathered:
    options = simulated if isinstance(simulated, SimulationOptions) else DEMO
    return Gathered(table=simulate(seed, options=options).with_net().table, notes={})


def _write(result: LinkResult, model: Any, lang: str) -> None:
    """What an earlier run left of files that this one does not write is taken away: it would be read as its result."""
    store, record = Store(result.folder), result.analysis
    store.open()
    card = model_card(record, lang)
    data = None if model is None else model_bytes(model)
    for name, frame in result.tables.items():
        store.publish(None, f"{name}.parquet", tables.frame_parquet(frame))
        store.publish(None, f"{name}.csv", tables.frame_csv(frame))
    for name, written in ((MODEL, data), (CARD, card.encode() if data else None)):
        if written is None:
            (result.folder / name).unlink(missing_ok=True)
        else:
            store.publish(None, name, written)
    store.publish(None, "link.json", worded_json(record, lang))
    store.publish(None, "link.html", render_link(record, lang).encode())
