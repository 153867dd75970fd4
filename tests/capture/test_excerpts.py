"""Excerpts: the gravest findings first, the sound that belongs to each, and nothing decoded for nothing."""

import io
from pathlib import Path

import av
import numpy as np
import pytest

from capture.material import RATE, tone, write
from make import recording
from streamlens.capture.excerpts import ExcerptOptions, choose_moments, encode, take_excerpts
from streamlens.capture.recording import discover, probe
from streamlens.schema import Channel, Excerpts, Finding, Findings, Message, Severity, Verdict


def finding(
    name: str, verdict: Verdict, start_s: float, severity: Severity = "medium", channel: Channel = "speech"
) -> Finding:
    return Finding(
        id=name, kind="health.disease", stance="asserted", verdict=verdict, severity=severity, channel=channel,
        start_ms=round(start_s * 1000), end_ms=round(start_s * 1000) + 1000, quote="x", heard="x", sentence="x",
        product=None, rule="health.disease", law=(), evidence=(), reason=Message(code="x"), rewrite=(), confidence=1.0,
        trace=(),
    )  # fmt: skip


def findings(*rows: Finding) -> Findings:
    return Findings(recording="r", rules_version="1", coverage=1.0, findings=rows)


def taken(path: Path, rows: Findings, **options: object) -> Excerpts:
    (files,) = discover([path])
    probed = probe(files)
    moments = choose_moments(probed, rows, options=ExcerptOptions(**options))  # type: ignore[arg-type]
    return take_excerpts(probed, files.parts, moments)


def sound_of(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def pitch(sound: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(sound)).argmax()) * RATE / sound.size


def test_each_finding_gets_its_own_sound(tmp_path: Path) -> None:
    track = np.concatenate([tone(10, 300), tone(10, 600), tone(10, 900)])
    path = write(tmp_path / "recording.mp4", track)
    rows = findings(finding("a", "unsupported", 14), finding("b", "prohibited", 4))
    found = taken(path, rows, lead_ms=1000, trail_ms=1000)
    assert [(piece.finding, piece.start_ms, piece.end_ms) for piece in found.excerpts] == [
        ("b", 3000, 6000),
        ("a", 13_000, 16_000),
    ]
    for piece, hertz in zip(found.excerpts, (300, 600), strict=True):
        sound = sound_of(piece.sound)
        assert sound.size / RATE == pytest.approx(3.0, abs=0.15)
        assert pitch(sound) == pytest.approx(hertz, abs=5)


def test_the_gravest_come_first_and_the_screen_is_silent() -> None:
    rows = findings(
        finding("kept", "supported", 1), finding("doubt", "unclear", 2), finding("mild", "unsupported", 3, "low"),
        finding("grave", "prohibited", 20, "high"), finding("shown", "prohibited", 5, "high", "screen"),
    )  # fmt: skip

    def names(most: int) -> set[str]:
        return {each.finding for each in choose_moments(recording(30), rows, options=ExcerptOptions(most=most)).moments}

    assert names(1) == {"grave"}
    assert names(2) == {"grave", "mild"}
    assert names(3) == {"grave", "mild", "doubt"}
    assert names(9) == {"grave", "mild", "doubt", "kept"}


def test_a_long_claim_is_cut_and_one_at_the_edges_keeps_inside_the_recording(tmp_path: Path) -> None:
    path = write(tmp_path / "recording.mp4", tone(4))
    (piece,) = taken(path, findings(finding("a", "prohibited", 1)), longest_ms=2500).excerpts
    assert (piece.start_ms, piece.end_ms) == (0, 2500)
    (piece,) = taken(path, findings(finding("a", "prohibited", 3.5))).excerpts
    assert 3900 < piece.end_ms <= 4200


def test_nothing_is_opened_when_switched_off_or_given_a_transcript() -> None:
    rows = findings(finding("a", "prohibited", 1))
    off = choose_moments(recording(), rows, options=ExcerptOptions(on=False))
    assert not take_excerpts(recording(), [Path("nowhere.mp4")], off).excerpts
    assert not take_excerpts(recording(), [], choose_moments(recording(), rows)).excerpts
    assert not take_excerpts(recording(), [Path("nowhere.mp4")], choose_moments(recording(), findings())).excerpts


def test_the_same_sound_gives_the_same_bytes() -> None:
    assert encode(tone(2)) == encode(tone(2))
    assert len(encode(tone(8))) < 40_000
