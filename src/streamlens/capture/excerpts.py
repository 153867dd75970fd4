"""Short pieces of a recording's sound for its report: a finding can be heard where the recording is not at hand."""

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np

from streamlens.capture.audio import RATE, Samples
from streamlens.capture.listening import cut_sounds
from streamlens.schema import ACCUSATIONS, VERDICTS, Excerpt, Excerpts, Finding, Findings, Recording

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


def take_excerpts(
    recording: Recording, paths: Sequence[Path], findings: Findings, *, options: ExcerptOptions | None = None
) -> Excerpts:
    """The sound of the gravest findings, then of what a person must listen to, then of what was well said.

    Decoded once from front to back; only the pieces are held. Of findings on screen there is nothing to hear.
    """
    options = options or ExcerptOptions()
    chosen = _chosen(findings)[: options.most] if options.on and paths else []
    spans = []
    for finding in chosen:
        start = max(0, finding.start_ms - options.lead_ms)
        spans.append((start, min(finding.end_ms + options.trail_ms, start + options.longest_ms)))
    pieces: list[Excerpt] = []
    for index, sound in cut_sounds(recording, paths, spans):
        start, end = spans[index]
        pieces.append(Excerpt(finding=chosen[index].id, start_ms=start, end_ms=end, sound=encode(sound)))
    return Excerpts(
        recording=recording.id,
        media_type=MEDIA_TYPE,
        excerpts=tuple(sorted(pieces, key=lambda piece: (piece.start_ms, piece.finding))),
    )


def _chosen(findings: Findings) -> list[Finding]:
    def rank(finding: Finding) -> tuple[int, int, int]:
        accused = finding.verdict in ACCUSATIONS
        group = 0 if accused else 1 if finding.verdict == "unclear" else 2
        return group, VERDICTS.index(finding.verdict), _GRAVE.index(finding.severity)

    spoken = [finding for finding in findings.findings if finding.channel == "speech"]
    return sorted(spoken, key=lambda finding: (*rank(finding), finding.start_ms, finding.id))


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
