"""Recordings of a workspace beside one another: the comparison comes into the coaching page, once, and goes with it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streamlens import outcome
from streamlens.inputs import Made
from streamlens.outcome import FILE, done, results, write_comparisons
from streamlens.report.comparison import render_comparison
from streamlens.report.files import COMPARED, COMPARISON
from streamlens.schema import Compared, Measures, Recording
from streamlens.store import Store


def put(store: Store, id: str, day: int, pace: float, lang: str = "zh") -> None:
    """A recording as its report leaves it: measured, its coaching page still without others."""
    measures = Measures(recording=id, anchor="老周", started_at=datetime(2026, 9, day), pace_cpm=pace)
    recording = Recording(id=id, parts=(), duration_ms=1000)
    made: Made = {
        "recording": store.save(id, "recording", "0" * 16, recording),
        "measures": store.save(id, "measures", f"{day:016}", measures),
    }
    store.publish(id, FILE, msgspec.json.encode(done(id, made)))
    page = f'<html lang="{lang}"><p>{id}</p>{render_comparison(None, lang)}</html>'
    store.publish(id, COMPARED, page.encode())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "ws")
    made.open()
    put(made, "a", 1, 200.0)
    put(made, "b", 2, 300.0, lang="en")
    return made


def page(store: Store, id: str) -> str:
    return (store.folder(id) / COMPARED).read_text(encoding="utf-8")


def test_the_later_one_is_set_beside_the_earlier_in_its_own_language(store: Store) -> None:
    write_comparisons(store)
    assert "You spoke faster: 300 characters a minute, 200 before." in page(store, "b")
    assert "<section" not in page(store, "a") and store.published("a", COMPARISON) is None
    standing = store.read("b", COMPARISON, Compared)
    assert standing and [(change.name, change.way) for change in standing.own] == [("pace", "up")]
    assert results(store)[1].outcome.recording == "b"


def test_nothing_is_written_where_nothing_changed(store: Store) -> None:
    write_comparisons(store)
    (store.folder("b") / COMPARED).write_text("not opened again", encoding="utf-8")
    write_comparisons(store)
    assert page(store, "b") == "not opened again"


def test_an_earlier_one_that_is_measured_anew_changes_the_later(store: Store) -> None:
    write_comparisons(store)
    put(store, "a", 1, 400.0)
    artefact = next(store.folder("a").glob("measures-*.json"))
    artefact.write_bytes(artefact.read_bytes().replace(b"200.0", b"400.0"))
    write_comparisons(store)
    assert "more slowly: 300 characters a minute, 400 before." in page(store, "b")


def test_an_unchanged_front_is_not_written_again_and_one_that_was_touched_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    written: list[str] = []
    write = outcome.write_index

    def noted(*args: Any, **options: Any) -> None:
        written.append("front")
        write(*args, **options)

    monkeypatch.setattr(outcome, "write_index", noted)

    def times(lang: str = "zh") -> int:
        written.clear()
        outcome.write_front(store, lang)
        return len(written)

    def end(reason: str) -> None:
        failed = outcome.Outcome(recording="r1", state="failed", reason=reason)
        store.publish("r1", outcome.FILE, msgspec.json.encode(failed))

    end("no sound")
    assert times() == 1
    first = (tmp_path / "index.html").read_bytes()
    assert times() == 0
    (tmp_path / "index.html").write_bytes(b"touched")
    assert times() == 1
    assert (tmp_path / "index.html").read_bytes() == first
    (tmp_path / outcome.TABLE).unlink()
    assert times() == 1
    assert (tmp_path / outcome.TABLE).exists()
    assert times("en") == 1
    end("no picture")
    assert times("en") == 1
    assert "no picture" in (tmp_path / "index.html").read_text(encoding="utf-8")
