"""How far a batch is: the pace, and the lines where there is no terminal."""

import pytest

from streamlens import progress
from streamlens.progress import Bars, Pace
from streamlens.run import Event


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_rest_is_told_by_length_not_by_number() -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.now = 50.0  # papers are read first: that is not work done
    for name, minutes in (("long", 90), ("short", 10)):
        pace.plan(name, minutes * 60_000)
    assert pace.left_s is None
    clock.now += 90
    pace.end("long")
    assert pace.left_s == pytest.approx(10)
    pace.end("short")
    assert pace.left_s == 0


def test_stages_side_by_side_count_for_what_they_are() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.plan("a", 60_000)
    clock.now = 10.0
    pace.at("a", "transcript", 0.5)
    pace.at("a", "screen", 1.0)
    assert pace.share == pytest.approx(progress.STAGES["transcript"] / 2 + progress.STAGES["screen"])
    pace.at("a", "claims", 1.0)
    assert pace.left_s == pytest.approx(10 / pace.share - 10)


def test_without_a_terminal_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PLAIN_EVERY_S", 0.0)
    with Bars(3, quiet=False) as bars:
        for name in "abc":
            bars.watch(Event(recording=name, stage="planned", total=60_000))
        bars.watch(Event(recording="b", stage="transcript", done=30_000, total=60_000))
        bars.finish("a", failed=True)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("0 of 3") and lines[0].endswith("at work on b")
    assert lines[1].startswith("1 of 3, 1 failed, about 0:00:0") and lines[1].endswith("left; at work on b")
    with Bars(1, quiet=True) as bars:
        bars.finish("a")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("stage", "words"), [("waits", "another run"), ("left", "comes last"), ("died", "tried once more")]
)
def test_what_is_unusual_is_said(capsys: pytest.CaptureFixture[str], stage: str, words: str) -> None:
    Bars(1, quiet=False).watch(Event(recording="a", stage=stage))
    assert words in capsys.readouterr().err
