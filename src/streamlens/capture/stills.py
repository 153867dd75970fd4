"""Small pictures of a recording for its report: what was on screen when a grave claim was made."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from streamlens.capture.excerpts import foremost
from streamlens.capture.frames import pictures_at
from streamlens.capture.ocr import Image
from streamlens.schema import ACCUSATIONS, Findings, Moment, Moments, Recording, Still, Stills

MEDIA_TYPE = "image/webp"
_TOGETHER_MS = 2000  # findings so close to one another share a picture

View = tuple[int, bytes]
"""When a picture was on screen (ms of the recording), and its file."""


class StillOptions(msgspec.Struct, frozen=True, kw_only=True):
    """About 8 KB a picture: thirty make a page a third of a megabyte heavier."""

    on: bool = True
    most: int = 30
    longest_side: int = 400
    quality: int = 50


def choose_views(recording: Recording, findings: Findings, *, options: StillOptions | None = None) -> Moments:
    """When to look: at the accusations, the gravest first, then at what a person must listen to.

    Half-way through the words; a claim on screen, which may stand there for minutes, soon after it has come up.
    """
    options = options or StillOptions()
    grave = [f for f in findings.findings if f.verdict in ACCUSATIONS or f.verdict == "unclear"]
    moments = []
    for finding in foremost(grave, options.most if options.on else 0):
        middle = (finding.start_ms + finding.end_ms) // 2
        at = min(middle, finding.start_ms + 3000) if finding.channel == "screen" else middle
        at = max(0, min(at, recording.duration_ms - 1))
        moments.append(Moment(finding=finding.id, start_ms=at, end_ms=at + 1))
    return Moments(recording=recording.id, moments=tuple(moments))


def take_stills(
    recording: Recording,
    paths: Sequence[Path],
    moments: Moments,
    *,
    options: StillOptions | None = None,
    see: Callable[[Sequence[int]], Sequence[View | None]] | None = None,
) -> Stills:
    """A picture for each moment; none where there is no video or it cannot be decoded there.

    `see` gives the pictures at some times (ms), as `views_at` does, which it may know.
    """
    groups: list[list[Moment]] = []
    for moment in moments.moments if paths else ():
        if groups and moment.start_ms - groups[-1][0].start_ms <= _TOGETHER_MS:
            groups[-1].append(moment)
        else:
            groups.append([moment])
    times = [group[0].start_ms for group in groups]
    seen = see(times) if see else views_at(recording, paths, times, options or StillOptions())
    stills = (
        Still(findings=tuple(moment.finding for moment in group), at_ms=view[0], picture=view[1])
        for group, view in zip(groups, seen, strict=True)
        if view
    )
    return Stills(recording=recording.id, media_type=MEDIA_TYPE, stills=tuple(stills))


def views_at(
    recording: Recording, paths: Sequence[Path], times_ms: Sequence[int], options: StillOptions
) -> list[View | None]:
    """The picture at each time, or None. Nothing is opened where there are no times."""
    seen = pictures_at(recording, paths, times_ms, longest_side=options.longest_side) if times_ms else {}
    pictures = (seen.get(time) for time in times_ms)
    return [(each.at_ms, encode(each.image, options.quality)) if each else None for each in pictures]


def encode(image: Image, quality: int) -> bytes:
    """WebP of an RGB picture; the same picture gives the same bytes."""
    from PIL import Image as Pillow

    file = io.BytesIO()
    Pillow.fromarray(image).save(file, "WEBP", quality=quality, method=4)
    return file.getvalue()
