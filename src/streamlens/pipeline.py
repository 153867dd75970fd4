"""The table of stages: what each needs of the others, what it reads from outside, and so in which order they go.

Nothing else knows the order. The digest of all that a stage needs and reads goes into the key of what it makes. It is
taken of bytes, not of keys, so work stops spreading where a change stops mattering: an edited rule never reaches the
speech, nor does a new title of the stream.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

import msgspec

from streamlens.aside import Aside
from streamlens.capture.engagement import read_audience
from streamlens.capture.excerpts import choose_moments
from streamlens.capture.recording import StreamFiles, probe
from streamlens.capture.stills import choose_views
from streamlens.config import Settings
from streamlens.detect.claims import find_claims
from streamlens.detect.facts import find_facts
from streamlens.detect.implied import find_implied
from streamlens.detect.mentions import find_mentions
from streamlens.detect.names import mend_names
from streamlens.detect.questions import find_questions
from streamlens.detect.segments import find_segments
from streamlens.detect.shown import find_shown
from streamlens.inputs import (
    SEARCHES,
    Made,
    Pages,
    Progress,
    Setup,
    audience_of,
    file_of,
    film_of,
    looks_of,
    name_tools,
    noted,
    record_of,
    scans_of,
    searches_of,
    sound_of,
    unreadable,
)
from streamlens.judge.findings import judge
from streamlens.judge.scans import join_scans
from streamlens.link.features import make_features
from streamlens.link.focus import find_focus
from streamlens.link.measures import measure
from streamlens.schema import (
    Audience,
    Catalogue,
    Claims,
    Evidence,
    Excerpts,
    Facts,
    Features,
    Findings,
    Focus,
    Measures,
    Mentions,
    Moments,
    Questions,
    Record,
    Recording,
    ScanTexts,
    Screen,
    Segments,
    Stills,
    Tools,
    Transcript,
    Voice,
)
from streamlens.steps import (
    Published,
    catalogue_of,
    evidence_of,
    excerpt,
    hear,
    listen_to_voices,
    look,
    publish,
    still,
    texts_of,
    weigh,
)
from streamlens.store import Kept, Store, digest, make_key


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """`function(**needs, **reads, options=...) -> record`. Raise `version` when the same input gives another output.

    `needs` and `reads` are parameters of the function, filled from what has the same name, or with `parameter=name`.
    """

    name: str
    function: Callable[..., Any]
    record: type[Record]
    needs: tuple[str, ...] = ()  # earlier stages
    reads: tuple[str, ...] = ()  # what comes from outside
    options: str = ""  # the section of the settings that declares its Options
    version: int = 1
    aside: bool = False  # done in a thread of its own, until something needs it: its libraries leave others free to run

    @property
    def takes(self) -> tuple[tuple[str, str], ...]:
        """(parameter, what fills it)."""
        pairs = (entry.partition("=") for entry in (*self.needs, *self.reads))
        return tuple((parameter, name or parameter) for parameter, _, name in pairs)


STAGES: tuple[Stage, ...] = (
    Stage(name="catalogue", function=catalogue_of, record=Catalogue, reads=("catalogue_file",), version=2),
    Stage(
        name="written", function=evidence_of, record=Evidence, needs=("catalogue",),
        reads=("evidence_file",), version=2,
    ),
    Stage(name="recording", function=probe, record=Recording, reads=("files",), version=3),
    Stage(name="scans", function=texts_of, record=ScanTexts, reads=("scan_files",)),
    Stage(
        name="evidence", function=join_scans, record=Evidence, needs=("written", "texts=scans", "catalogue"),
        options="scans",
    ),
    Stage(
        name="transcript", function=hear, record=Transcript, reads=("sound",), options="transcript", version=3,
        aside=True,
    ),
    Stage(name="screen", function=look, record=Screen, reads=("film",), options="screen", version=2, aside=True),
    Stage(
        name="voice", function=listen_to_voices, record=Voice, needs=("transcript",), reads=("sound",), options="voice",
        aside=True,
    ),
    Stage(name="mentions", function=find_mentions, record=Mentions, needs=("catalogue", "transcript"), version=3),
    Stage(
        name="segments", function=find_segments, record=Segments,
        needs=("recording", "catalogue", "transcript", "mentions", "screen"), options="segments", version=2,
    ),
    Stage(
        name="mended", function=mend_names, record=Transcript, needs=("transcript", "mentions", "segments"),
        options="mended",
    ),
    Stage(
        name="claims", function=find_claims, record=Claims, needs=("transcript=mended", "mentions", "segments"),
        reads=("rulebook", "searches"), options="claims", version=2,
    ),
    Stage(
        name="weighed", function=weigh, record=Claims, needs=("claims", "transcript=mended", "catalogue"),
        reads=("hearing", "sound"), version=3,
    ),
    Stage(
        name="implied", function=find_implied, record=Claims,
        needs=("claims=weighed", "transcript=mended", "mentions", "segments"), reads=("rulebook", "classifier"),
        options="implied", version=2,
    ),
    Stage(
        name="audience", function=read_audience, record=Audience, needs=("recording", "catalogue", "screen"),
        reads=("audience_files",), options="audience",
    ),
    Stage(
        name="shown", function=find_shown, record=Claims,
        needs=("claims=implied", "screen", "catalogue", "segments"),
        reads=("rulebook", "searches=shown_searches"), options="shown",
    ),
    Stage(
        name="facts", function=find_facts, record=Facts,
        needs=("transcript=mended", "segments", "mentions", "catalogue", "screen"), reads=("rulebook",),
        options="facts",
    ),
    Stage(
        name="findings", function=judge, record=Findings,
        needs=("recording", "catalogue", "evidence", "segments", "claims=shown"),
        reads=("rulebook", "law"), options="findings", version=2,
    ),
    Stage(
        name="questions", function=find_questions, record=Questions,
        needs=(
            "recording", "audience", "catalogue", "transcript=mended", "segments", "mentions", "facts", "findings",
        ),
        reads=("topics",), options="questions",
    ),
    Stage(
        name="focus", function=find_focus, record=Focus,
        needs=("recording", "catalogue", "segments", "mentions", "audience"),
    ),
    Stage(
        name="features", function=make_features, record=Features,
        needs=(
            "recording", "catalogue", "transcript=mended", "mentions", "segments", "findings", "focus", "screen",
            "facts", "voice", "audience", "questions",
        ),
    ),
    Stage(
        name="measures", function=measure, record=Measures,
        needs=("recording", "transcript=mended", "voice", "findings", "focus", "questions"),
    ),
    Stage(
        name="moments", function=choose_moments, record=Moments, needs=("recording", "findings"), options="excerpts"
    ),
    Stage(name="excerpts", function=excerpt, record=Excerpts, needs=("moments",), reads=("sound",)),
    Stage(
        name="views", function=choose_views, record=Moments, needs=("recording", "findings"), options="stills"
    ),
    Stage(
        name="stills", function=still, record=Stills, needs=("moments=views",), reads=("film",), options="stills"
    ),
    Stage(
        name="tools", function=name_tools, record=Tools, needs=("transcript", "screen"),
        reads=("rulebook", "law", "hearing", "classifier", "sound"),
    ),
    Stage(
        name="report", function=publish, record=Published,
        needs=(
            "recording", "catalogue", "evidence", "transcript=mended", "voice", "mentions", "segments", "findings",
            "excerpts", "stills", "tools", "facts", "audience", "focus", "questions",
        ),
        reads=("pages",), version=5,
    ),
)  # fmt: skip


def leading_to(name: str) -> tuple[Stage, ...]:
    """The stages that one rests on, and itself, in their order."""
    wanted = {name}
    for stage in reversed(STAGES):
        if stage.name in wanted:
            wanted |= {source for _, source in stage.takes}
    return tuple(stage for stage in STAGES if stage.name in wanted)


CHEAP = 2  # so many of them are done for all recordings before the first is opened
NAMES = tuple(stage.name for stage in STAGES)
LAST = NAMES[-1]


def prepare(files: StreamFiles, setup: Setup) -> Made:
    """What is given beside the recording, read by the cheap stages: a bad papers file fails here, in a second."""
    try:
        made: Made = {
            "files": Kept(files, looks_of(files)),
            "catalogue_file": file_of(files.catalogue),
            "evidence_file": file_of(files.evidence),
            "rulebook": record_of(setup.rulebook),
            "topics": record_of(setup.topics),
            "law": record_of(setup.law),
            "hearing": record_of(setup.hearing),
            "classifier": Kept(setup.classifier, setup.classifier.digest),
        }
    except OSError as error:
        raise unreadable(error, files.id) from error
    for stage in STAGES[:CHEAP]:
        made[stage.name] = step(stage, made, setup, files.id)
    return made


def work(files: StreamFiles, setup: Setup, *, until: str = LAST, progress: Progress | None = None) -> Made:
    """Take one recording through the stages as far as `until`, making only what is not in the store already."""
    progress = progress or (lambda _stage, _done, _total: None)
    made = prepare(files, setup)
    media = tuple(os.path.relpath(part.resolve(), setup.store.folder(files.id).resolve()) for part in files.parts)
    made["pages"] = Kept(
        Pages(store=setup.store, media=media, lang=setup.lang), digest(msgspec.json.encode([media, setup.lang]))
    )
    stages = STAGES[CHEAP : NAMES.index(until) + 1]
    with Aside(sum(stage.aside for stage in stages)) as aside:
        tell = aside.first(progress)
        for stage in stages:
            progress(stage.name, 0, 0)
            if stage.name == "scans":
                made["scan_files"] = scans_of(files, setup)
            if stage.name == "claims":
                made |= {kind: searches_of(files, setup, kind) for kind in SEARCHES}
            if stage.name == "transcript":
                made["sound"] = sound_of(files, made["recording"].record, setup, tell)
            if stage.name == "screen":
                made["film"] = film_of(files, made["recording"].record, setup, tell)
            if stage.name == "audience":
                made["audience_files"] = audience_of(files, made["recording"].record, setup)
            needs = {name: aside.get(name) or made[name] for _, name in stage.takes}
            if stage.aside:
                aside.start(stage.name, partial(_when_ready, stage, needs, setup, files.id))
            else:
                made[stage.name] = _when_ready(stage, needs, setup, files.id)
        made |= aside.results()
    return {name: made[name] for name in [*(name for name in made if name not in NAMES), *NAMES] if name in made}


def _when_ready(
    stage: Stage, needs: Mapping[str, "Kept[Any] | Future[Kept[Any]]"], setup: Setup, recording: str
) -> Kept[Any]:
    """The artefact of a stage, as soon as those aside that it needs are there."""
    ready = {name: need.result() if isinstance(need, Future) else need for name, need in needs.items()}
    return step(stage, ready, setup, recording)


def step(stage: Stage, made: Made, setup: Setup, recording: str) -> Kept[Any]:
    """The artefact of a stage: from the store if it is there, else made and kept."""
    options = msgspec.json.encode(getattr(setup.settings, stage.options)) if stage.options else b""
    digests = [f"{name} {made[name].digest}" for _, name in stage.takes]
    key = make_key(stage.name, stage.version, options, digests)
    kept = setup.store.load(recording, stage.name, key, stage.record)
    if kept is not None and _in_place(kept.record, setup.store, recording):
        return kept
    with noted(setup.store, recording, stage.name, key):
        return setup.store.save(recording, stage.name, key, call(stage, made, setup.settings))


def call(stage: Stage, made: Made, settings: Settings) -> Any:
    """What the stage's function makes of what is ready."""
    arguments = {parameter: made[name].record for parameter, name in stage.takes}
    if stage.options:
        arguments["options"] = getattr(settings, stage.options)
    return stage.function(**arguments)


def _in_place(record: Any, store: Store, recording: str) -> bool:
    """False for a report of which a file was changed or deleted since."""
    return not isinstance(record, Published) or all(
        (found := store.published(recording, name)) == written or (found and not written)
        for name, written in record.files
    )
