"""Short pieces of a recording's sound for its report: a finding can be heard where the recording is not at hand."""

import io
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np

from streamlens.capture.audio import RATE, Samples
from streamlens.capture.listening import Stretch, cut_sounds
from streamlens.schema import ACCUSATIONS, VERDICTS, Excerpt, Excerpts, Finding, Findings, Moment, Moments, Recording

MEDIA_TYPE = "audio/mp4"
BIT_RATE = 24_000
_FRAME = 1024  # samples that AAC takes at a time
_GRAVE = ("high", "medium", "low")


class ExcerptOptions(msgspec.Struct, frozen=True, kw_only=True):
    """About 3 KB a second: fifty pieces of eight seconds make a page of 1.6 MB."""

    on: bool = True
    most: int = 50
    lead_ms: int = 2500
    trail_ms: int = 1500
    longest_ms: int = 15_000


def choose_moments(recording: Recording, findings: Findings, *, options: ExcerptOptions | None = None) -> Moments:
    """Where to listen: the gravest findings, then what a person must listen to, then what was well said.

    Of findings on screen there is nothing to hear. Kept apart from the sound, so that an edit that moves no finding
    costs no decoding.
    """
    options = options or ExcerptOptions()
    spoken = [finding for finding in findings.findings if finding.channel == "speech" and options.on]
    moments = []
    for finding in foremost(spoken, options.most):
        start = max(0, finding.start_ms - options.lead_ms)
        end = min(finding.end_ms + options.trail_ms, start + options.longest_ms, recording.duration_ms)
        moments.append(Moment(finding=finding.id, start_ms=start, end_ms=max(end, start + 1)))
    return Moments(recording=recording.id, moments=tuple(moments))


def foremost(findings: Sequence[Finding], most: int) -> list[Finding]:
    """The gravest `most` of the findings, in the order of time."""
    return sorted(sorted(findings, key=_rank)[:most], key=lambda finding: (finding.start_ms, finding.id))


def take_excerpts(
    recording: Recording,
    paths: Sequence[Path],
    moments: Moments,
    cut: Callable[[Sequence[Stretch]], Sequence[bytes]] | None = None,
) -> Excerpts:
    """The sound of each moment. `cut` gives the encoded sound of stretches, as `cut_out` does, which it may know."""
    chosen = moments.moments if paths else ()
    stretches = [(each.start_ms, each.end_ms) for each in chosen]
    sounds = cut(stretches) if cut else cut_out(recording, paths, stretches)
    pieces = (
        Excerpt(finding=each.finding, start_ms=each.start_ms, end_ms=each.end_ms, sound=sound)
        for each, sound in zip(chosen, sounds, strict=True)
    )
    return Excerpts(recording=recording.id, media_type=MEDIA_TYPE, excerpts=tuple(pieces))


def cut_out(recording: Recording, paths: Sequence[Path], stretches: Sequence[Stretch]) -> list[bytes]:
    """The encoded sound of each stretch. Decoded once from front to back; only the pieces are held."""
    pieces = {index: encode(sound) for index, sound in cut_sounds(recording, paths, stretches)}
    return [pieces[index] for index in range(len(stretches))]


def _rank(finding: Finding) -> tuple[int, int, int, int, str]:
    accused = finding.verdict in ACCUSATIONS
    group = 0 if accused else 1 if finding.verdict == "unclear" else 2
    return group, VERDICTS.index(finding.verdict), _GRAVE.index(finding.severity), finding.start_ms, finding.id


def encode(sound: Samples) -> bytes:
    """AAC in MP4 (what every browser plays) of mono sound at 16 kHz; the same sound gives the same bytes."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        track = container.add_stream("aac", rate=RATE, layout="mono")
        track.bit_rate = BIT_RATE
        for start in range(0, sound.size, _FRAME):
            block = np.ascontiguousarray(sound[start : start + _FRAME])[None]
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return file.getvalue()
