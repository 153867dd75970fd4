"""What was cut or weighed once is not done again after an edit, and results are those of a run from scratch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import worlds
from streamlens import run, steps
from streamlens.capture.audio import Samples
from streamlens.capture.recording import discover
from streamlens.outcome import FILE
from streamlens.pieces import take_pieces
from streamlens.store import Store

UNLIKE = "今天第一个上一号链接赣南脐橙。今天早上刚从树上摘下莱的。每天吃一个能治高血压。都是也生的。"
WILD = worlds.RULE.replace("能治高血压", "都是野生的")


def doubled(wanted: Sequence[int]) -> list[int | None]:
    return [2 * each if each else None for each in wanted]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_only_what_is_new_is_made_and_the_order_is_that_asked_for(store: Store) -> None:
    asked: list[Sequence[int]] = []

    def make(wanted: Sequence[int]) -> list[int | None]:
        asked.append(wanted)
        return doubled(wanted)

    def take(*wanted: int, media: str = "a", version: int = 1) -> list[Any]:
        return take_pieces(store, "r1", "kind", version, [media], wanted, make, int | None)

    assert take(3, 1, 3) == [6, 2, 6]
    assert take(2, 1, 0) == [4, 2, None]
    assert take(0, 1) == [None, 2]
    assert asked == [(3, 1), (2, 0)]
    assert take() == []
    assert take(1, media="b") == [2]
    assert take(1, media="b", version=2) == [2]
    assert asked[2:] == [(1,), (1,)]
    assert len(list((store.root / "r1").glob("kind-*.json"))) == 1  # what other media gave is gone


def test_what_is_damaged_is_made_again(store: Store) -> None:
    def take() -> list[Any]:
        return take_pieces(store, "r1", "kind", 1, [], [1, 2], doubled, int | None)

    take()
    (path,) = (store.root / "r1").glob("kind-*.json")
    path.write_bytes(b"{")
    assert take() == [2, 4]


class Counted(worlds.Scripted, frozen=True, kw_only=True):
    """Weighs by the sound and the texts, as the real one does, and notes what it was given to weigh."""

    weighed: list[tuple[str, ...]]

    def weigh(self, sound: Samples, texts: Sequence[str]) -> tuple[float, ...]:
        self.weighed.append(tuple(texts))
        return tuple(float(abs(sound).mean()) - 0.01 * sum(map(ord, text)) / len(text) for text in texts)


def test_a_rule_edit_decodes_and_weighs_only_what_is_new_and_ends_as_from_scratch(
    tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = worlds.stream(tmp_path / "streams" / "s1", sound)
    rules = worlds.rules(tmp_path / "rules")
    weighed: list[tuple[str, ...]] = []
    cut: list[int] = []
    cut_out = steps.cut_out
    monkeypatch.setattr(steps, "cut_out", lambda *given: cut.append(len(given[2])) or cut_out(*given))

    def audit(name: str) -> tuple[dict[str, bytes], int, int]:
        weighed.clear()
        cut.clear()
        speech = Counted(said=UNLIKE, weighed=weighed)
        order = run.Order(workspace=tmp_path / name, speech=lambda: speech, rules=rules)
        (result,) = run.run(discover([stream]), order)
        assert result.state == "done", result.reason
        folder = tmp_path / name / result.id
        stable = {p.name: p.read_bytes() for p in folder.iterdir() if p.name != FILE and "-" not in p.name}
        return stable, len(weighed), sum(cut)

    _, first_weighed, first_cut = audit("edited")
    assert first_weighed and first_cut
    worlds.rules(tmp_path / "rules", health_wild=WILD.replace("severity", 'kind = "health.disease"\nseverity', 1))
    edited, new_weighed, new_cut = audit("edited")
    scratch, all_weighed, all_cut = audit("scratch")
    assert edited == scratch
    assert "audit.html" in edited
    assert 0 < new_weighed < all_weighed == first_weighed + new_weighed
    assert 0 < new_cut < all_cut == first_cut + new_cut
