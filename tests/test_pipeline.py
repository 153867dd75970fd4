"""The table of stages, and what has to be done again after which change."""

import inspect
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sheets
import worlds
from capture.film import film, put
from streamlens.capture.ocr import Image
from streamlens.capture.recording import StreamFiles, discover
from streamlens.errors import InputError
from streamlens.pipeline import CHEAP, NAMES, STAGES, work
from streamlens.run import Order, open_setup
from streamlens.schema import Transcript

OUTSIDE = {
    "files",
    "catalogue_file",
    "evidence_file",
    "scan_files",
    "rulebook",
    "topics",
    "law",
    "hearing",
    "classifier",
    "searches",
    "shown_searches",
    "sound",
    "film",
    "audience_files",
    "pages",
}


class World:
    """One stream folder, a workspace, two rules, and a recogniser that keeps count."""

    def __init__(self, root: Path, sound: Path) -> None:
        self.root = root
        self.stream = worlds.stream(root / "streams" / "s1", sound)
        self.rules = worlds.rules(root / "rules")
        self.config = root / "mine.toml"
        self.config.write_text("")
        self.log = root / "heard.log"
        self.workspace = root / "workspace"
        self.said = worlds.SAID
        self.lang = "zh"
        self.screen = True

    @property
    def files(self) -> StreamFiles:
        return discover([self.stream])[0]

    @property
    def order(self) -> Order:
        return worlds.order(
            self.workspace,
            rules=self.rules,
            config=self.config,
            log=self.log,
            said=self.said,
            lang=self.lang,
            screen=self.screen,
        )

    def run(self, **options: str) -> list[str]:
        """The stages that had to be done, in the table's order: those done aside may end in any."""
        setup = open_setup(self.order)
        before = len(setup.store.attempts())
        work(self.files, setup, **options)  # type: ignore[arg-type]
        done = [attempt.stage for attempt in setup.store.attempts()[before:]]
        return sorted(done, key=lambda name: NAMES.index("scans" if name == "scan" else name))

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def contents(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.workspace / "s1").iterdir()}


@pytest.fixture
def world(tmp_path: Path, sound: Path) -> World:
    return World(tmp_path, sound)


# ---- the table


def test_every_stage_takes_what_comes_before_it_or_from_outside() -> None:
    known = set(OUTSIDE)
    for stage in STAGES:
        assert {name.rpartition("=")[2] for name in stage.needs} <= known - OUTSIDE, stage.name
        assert {name.rpartition("=")[2] for name in stage.reads} <= OUTSIDE, stage.name
        known.add(stage.name)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_the_table_and_the_signatures_agree(stage: "object") -> None:
    parameters = inspect.signature(stage.function).parameters  # type: ignore[attr-defined]
    taken = {parameter for parameter, _ in stage.takes}  # type: ignore[attr-defined]
    needed = {name for name, each in parameters.items() if each.default is inspect.Parameter.empty}
    assert needed - {"options"} <= taken <= set(parameters) - {"options"}
    assert ("options" in parameters) == bool(stage.options)  # type: ignore[attr-defined]


def test_what_is_cheap_does_not_wait_for_the_speech() -> None:
    assert [stage.name for stage in STAGES[:CHEAP]] == ["catalogue", "written"]
    assert [stage.name for stage in STAGES[CHEAP:]][:4] == ["recording", "scans", "evidence", "transcript"]


# ---- what is done again


def test_everything_is_done_once_and_then_nothing(world: World) -> None:
    assert world.run() == [stage.name for stage in STAGES]
    before = world.contents()
    assert world.run() == []
    assert world.contents() == before
    assert worlds.heard(world.log) == 1


TEXT_STAGES = ["voice", "mentions", "segments", "mended", "claims", "weighed", "implied", "shown", "facts", "findings"]
TEXT_STAGES += [
    "questions",
    "focus",
    "features",
    "measures",
    "moments",
    "excerpts",
    "views",
    "stills",
    "tools",
    "report",
]
ALL_TEXT = [*TEXT_STAGES[:7], "audience", *TEXT_STAGES[7:]]

EDITS: dict[str, tuple[Callable[[World], object], list[str]]] = {
    "a rule's pattern": (
        lambda world: world.edit("rules/health/disease.toml", '["能治高血压"]', '["治高血压"]'),
        [
            "claims",
            "weighed",
            "implied",
            "shown",
            "facts",
            "findings",
            "questions",
            "features",
            "measures",
            "moments",
            "excerpts",
            "views",
            "stills",
            "tools",
            "report",
        ],
    ),
    "a rule's comment": (
        lambda world: world.edit("rules/health/disease.toml", "severity", "# words\nseverity"),
        [
            "claims",
            "weighed",
            "implied",
            "shown",
            "facts",
            "findings",
            "questions",
            "features",
            "measures",
            "moments",
            "views",
            "tools",
            "report",
        ],
    ),
    "the papers": (
        lambda world: world.edit("streams/s1/evidence.yaml", "T05:30", "T06:00"),
        ["written", "evidence", "findings", "questions", "features", "measures", "moments", "views", "report"],
    ),
    "a comment in the papers": (
        lambda world: world.edit("streams/s1/evidence.yaml", "documents:", "# papers\ndocuments:"),
        ["written"],
    ),
    "the catalogue": (
        lambda world: world.edit("streams/s1/catalog.csv", "39.9", "29.9"),
        [
            "catalogue",
            "written",
            "evidence",
            "mentions",
            "segments",
            "weighed",
            "audience",
            "shown",
            "facts",
            "findings",
            "questions",
            "focus",
            "features",
            "measures",
            "report",
        ],
    ),
    "the stream's title": (
        lambda world: world.edit("streams/s1/stream.yaml", "果园直播", "脐橙专场"),
        [
            "recording",
            "segments",
            "audience",
            "findings",
            "questions",
            "focus",
            "features",
            "measures",
            "moments",
            "views",
            "report",
        ],
    ),
    "an option of the segments": (
        lambda world: world.config.write_text("[segments]\nlead_in_ms = 5000"),
        ["segments"],
    ),
    "an option of the speech": (
        lambda world: world.config.write_text("[transcript]\nbeam_size = 1"),
        ["transcript"],
    ),
    "an option of the voices": (
        lambda world: world.config.write_text("[voice]\nspeakers = false"),
        ["voice", "features", "measures", "report"],
    ),
    "an option of the screen": (
        lambda world: world.config.write_text("[screen]\nevery_ms = 1000"),
        ["screen"],
    ),
    "a comment": (
        lambda world: (world.stream / "danmaku.csv").write_text("time,user,text\n3.2,山风,甜不甜\n", encoding="utf-8"),
        ["audience", "questions", "focus", "features", "measures", "report"],
    ),
    "an offset of the comments": (
        lambda world: world.edit("streams/s1/stream.yaml", "anchor: 小林", "comments_offset_s: -3.2\nanchor: 小林"),
        ["recording"],
    ),
    "the language": (lambda world: setattr(world, "lang", "en"), ["report"]),
    "the model": (
        lambda world: setattr(world, "said", world.said.replace("每天", "每一天都")),
        ["transcript", *TEXT_STAGES],
    ),
    "the recording's date only": (lambda world: os.utime(world.stream / "recording.wav", (1, 1)), ["recording"]),
    "a result file that was changed": (
        lambda world: (world.workspace / "s1" / "findings.json").write_text("{}"),
        ["report"],
    ),
    "a result file that was deleted": (lambda world: (world.workspace / "s1" / "audit.html").unlink(), ["report"]),
}


@pytest.mark.parametrize(("edit", "expected"), EDITS.values(), ids=EDITS.keys())
def test_after_an_edit_only_what_it_concerns_is_done(
    world: World, edit: Callable[[World], object], expected: list[str]
) -> None:
    world.run()
    before = world.contents()
    edit(world)
    assert world.run() == expected
    assert worlds.heard(world.log) == (2 if "transcript" in expected else 1)
    assert world.run() == []
    if expected == ["report"] and world.lang == "zh":
        assert world.contents() == before


def _scan(world: World, name: str, product: str) -> None:
    """A scan of a paper with text of its own, so that nothing has to be recognised."""
    lines = [(200, 80, "采收记录"), (60, 140, f"产品名称：{product}"), (60, 170, "采收时间：2026年10月12日 05:30")]
    (world.stream / "evidence").mkdir(exist_ok=True)
    (world.stream / "evidence" / name).write_bytes(sheets.pdf(lines))


def test_a_scan_that_is_new_or_changed_is_read_and_no_other(world: World) -> None:
    world.run()
    again = ["scan", "scans", "evidence", "findings", "questions", "features", "measures", "moments", "views", "report"]
    _scan(world, "a.pdf", "赣南脐橙")
    assert world.run() == again
    _scan(world, "b.pdf", "五常大米")
    assert world.run() == again
    _scan(world, "b.pdf", "盘锦大米")
    assert world.run()[:3] == ["scan", "scans", "evidence"]
    os.utime(world.stream / "evidence" / "a.pdf", (1, 1))
    assert world.run() == []
    world.edit("streams/s1/catalog.csv", "39.9", "29.9")
    assert {"scan", "scans"}.isdisjoint(world.run())
    (world.stream / "evidence" / "b.pdf").unlink()
    assert world.run()[0] == "evidence"  # the text of a.pdf alone is there from before
    assert worlds.heard(world.log) == 1


def test_the_reader_of_pictures_is_loaded_only_where_there_is_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(**_: object) -> object:
        raise AssertionError("nothing is to be recognised")

    monkeypatch.setattr("streamlens.steps.load_reader", loaded)
    _scan(world, "a.pdf", "赣南脐橙")
    (world.stream / "evidence" / "b.jpg").write_bytes(b"no picture")
    (world.stream / "evidence" / "Thumbs.db").write_bytes(b"")
    world.run()


def test_another_recording_under_the_same_name_is_heard_anew(world: World) -> None:
    world.run()
    with (world.stream / "recording.wav").open("r+b") as file:
        file.seek(4000)
        file.write(bytes(2000))
    assert world.run()[:2] == ["recording", "transcript"]


def test_a_damaged_artefact_is_set_aside_and_it_alone_is_made_again(world: World) -> None:
    world.run()
    before = world.contents()
    torn = next((world.workspace / "s1").glob("transcript-*.json"))
    torn.write_bytes(torn.read_bytes()[:100])
    assert world.run() == ["transcript"]
    after = world.contents()
    assert after.pop(f"{torn.name}.bad-1") == before[torn.name][:100]
    assert after == before


def test_two_workspaces_hold_the_same_bytes(world: World) -> None:
    world.run()
    first = world.contents()
    world.workspace = world.root / "elsewhere"
    world.run()
    assert world.contents() == first


def test_until_a_stage_and_no_further(world: World) -> None:
    assert world.run(until="recording") == ["catalogue", "written", "recording"]
    assert worlds.heard(world.log) == 0
    assert world.run(until="transcript") == ["scans", "evidence", "transcript"]
    assert not (world.workspace / "s1" / "findings.json").exists()
    assert world.run() == ["screen", *ALL_TEXT]
    assert worlds.heard(world.log) == 1


# ---- what is given, missing, or wrong


def test_a_transcript_in_place_of_the_recording_is_read_and_not_heard(world: World) -> None:
    (world.stream / "recording.wav").unlink()
    srt = "1\n00:00:01,000 --> 00:00:04,000\n今天早上刚从树上摘下来的\n\n2\n00:00:05,000 --> 00:00:08,000\n能治高血压\n"
    (world.stream / "transcript.srt").write_text(srt, encoding="utf-8")
    setup = open_setup(world.order)
    made = work(world.files, setup)
    assert worlds.heard(world.log) == 0
    transcript: Transcript = made["transcript"].record
    assert transcript.source == "transcript.srt"
    assert [finding.kind for finding in made["findings"].record.findings] == ["freshness.harvest", "health.disease"]


def test_only_the_recording_is_required(world: World) -> None:
    for name in ("stream.yaml", "catalog.csv", "evidence.yaml"):
        (world.stream / name).unlink()
    made = work(world.files, open_setup(world.order))
    verdicts = {finding.kind: finding.verdict for finding in made["findings"].record.findings}
    assert verdicts == {"freshness.harvest": "unsupported", "health.disease": "prohibited"}


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("catalog.csv", "a,b\n1,2\n", "catalog.csv"),
        ("evidence.yaml", "documents:\n- {id: E1, type: harvest_recrod, covers: [QC-5]}\n", "harvest_recrod"),
        ("evidence.yaml", "documents:\n- {id: E1, type: harvest_record, covers: [QC-5]}\n", "harvested_at"),
        ("evidence.yaml", worlds.PAPERS.replace("QC-5", "QC-7"), "QC-7"),
        ("evidence.yaml", worlds.PAPERS.replace("09-20T", "13-20T"), "harvested_at"),
        ("stream.yaml", "started_at: yesterday evening\n", "started_at"),
    ],
)
def test_bad_papers_are_told_of_before_anything_is_heard(world: World, path: str, text: str, words: str) -> None:
    (world.stream / path).write_text(text, encoding="utf-8")
    setup = open_setup(world.order)
    with pytest.raises(InputError) as caught:
        work(world.files, setup)
    line = str(caught.value)
    assert path in line
    assert words in line
    assert "\n" not in line
    assert worlds.heard(world.log) == 0
    last = setup.store.attempts()[-1]
    assert (last.recording, last.result, last.message) == ("s1", "input", line)


def test_progress_is_told_by_stage_and_in_milliseconds(world: World) -> None:
    told: list[tuple[str, int, int]] = []
    made = work(world.files, open_setup(world.order), progress=lambda *event: told.append(event))
    assert [stage for stage, done, total in told if total == 0] == [stage.name for stage in STAGES[CHEAP:]]
    duration = made["recording"].record.duration_ms
    assert ("transcript", duration, duration) in told


# ---- what stands on screen


def test_banners_are_judged_with_the_speech_and_switching_them_off_costs_no_speech(world: World) -> None:
    def draw(second: float) -> Image:
        image = np.full((640, 360, 3), 80, np.uint8)
        if second >= 3:
            put(image, "当天现捡坏蛋包赔", 12, 80)
        return image

    (world.stream / "recording.wav").unlink()
    film(world.stream / "recording.mp4", 8, draw)
    world.edit("rules/freshness/harvest.toml", "patterns = [", 'patterns = ["当天现捡", ')

    def on_screen() -> list[tuple[str, str, int, int]]:
        found = work(world.files, open_setup(world.order))["findings"].record.findings
        return [(each.kind, each.heard, each.start_ms, each.end_ms) for each in found if each.channel == "screen"]

    world.run(until="screen")
    heard = worlds.heard(world.log)
    assert on_screen() == [("freshness.harvest", "当天现捡", 4000, 8000)]
    world.screen = False
    again = ["screen", "segments", "audience", "shown", "facts", "findings", "questions", "features", "measures"]
    assert world.run() == [*again, "moments", "views", "stills", "tools", "report"]
    assert on_screen() == []
    assert worlds.heard(world.log) == heard
