"""What is to be read on screen, over the time of the recording.

Whose words a text is cannot be told from a picture. By how it behaves, comments in a list that moves and what flies or
scrolls by are set apart (see tracks); a pinned comment, a list that hardly moves, print on goods that stand still, the
platform's own labels and captions of the speech look like what the seller lays over the picture, and are kept as such.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from streamlens.capture.frames import CLOSE_S, Picture, pictures
from streamlens.capture.ocr import Image, Reader
from streamlens.capture.tracks import Tracker
from streamlens.schema import Recording, Screen, ScreenText, TextLine

BLOCK = 8  # pixels: two pictures are compared block by block
CHANGED = 3.0  # levels of 255 by which the mean of a block must change for the picture to be read again
MANY_GAPS = 4.0  # a line may be missing in this many pictures

Grid = npt.NDArray[np.float32]


class ScreenOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How closely the screen is looked at."""

    on: bool = True  # read the screen at all
    every_ms: int = 2000  # a picture about so often
    longest_side: int = 1280  # pixels; larger pictures are scaled down
    detection_side: int = 480  # pixels of the longer side in which text is looked for
    stays_ms: int = 1500  # a line seen in its place for so long is there to stay
    least_confidence: float = 0.5  # what is read less surely is not kept


def read_screen(
    recording: Recording,
    paths: Sequence[Path],
    load: Callable[[int], Reader],
    *,
    options: ScreenOptions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Screen:
    """The texts on screen in order of time; none where there is no video.

    `paths` are the files of `recording.parts`, `load` makes a reader for a side of detection and is called only when
    there is a picture to read. What cannot be decoded becomes a note. `progress` gets milliseconds done and in all.
    """
    options = options or ScreenOptions()
    film_ms = sum(part.duration_ms for part in recording.parts if part.has_video)
    if not options.on or not film_ms:
        return Screen(recording=recording.id, film_ms=film_ms)
    texts: list[ScreenText] = []
    notes: list[str] = []
    looked_ms = count = 0
    reader: Reader | None = None
    shown = pictures(recording, paths, every_ms=options.every_ms, longest_side=options.longest_side, notes=notes)
    for part, own in _by_part(shown):
        end_ms = recording.parts[part].start_ms + recording.parts[part].duration_ms
        tracker = Tracker(gap_ms=round(MANY_GAPS * options.every_ms), stays_ms=options.stays_ms)
        before: Grid | None = None
        lines: tuple[TextLine, ...] = ()
        times: list[int] = []
        for picture in own:
            reader = reader or load(options.detection_side)
            grid = _grid(picture.image)
            if before is None or grid.shape != before.shape or np.abs(grid - before).max() > CHANGED:
                found = reader.read(picture.image)
                lines = tuple(
                    _scaled(line, picture.image)
                    for line in found
                    if line.confidence >= options.least_confidence and any(char.isalnum() for char in line.text)
                )
                before = grid
            tracker.add(lines, picture.at_ms)
            times.append(picture.at_ms)
            if progress:
                progress(picture.at_ms, recording.duration_ms)
        texts += tracker.finish(end_ms)
        count += len(times)
        most_ms = max(round(CLOSE_S * 1000), options.every_ms) * 3 // 2
        looked_ms += sum(min(b - a, most_ms) for a, b in zip(times, [*times[1:], end_ms], strict=True))
    return Screen(
        recording=recording.id,
        texts=tuple(sorted(texts, key=lambda text: (text.start_ms, text.box[1], text.box[0], text.text))),
        film_ms=film_ms,
        looked_ms=min(looked_ms, film_ms),
        pictures=count,
        notes=tuple(notes),
    )


def _by_part(shown: Iterator[Picture]) -> Iterator[tuple[int, Iterator[Picture]]]:
    return groupby(shown, key=lambda picture: picture.part)


def _grid(image: Image) -> Grid:
    """The means of green over blocks: what shows that something changed, and not the noise of compression."""
    high, wide = (max(1, size // BLOCK) for size in image.shape[:2])
    green = image[: high * BLOCK, : wide * BLOCK, 1]
    if min(green.shape) < BLOCK:
        return green.astype(np.float32)
    return np.asarray(green.reshape(high, BLOCK, wide, BLOCK).mean(axis=(1, 3)), np.float32)


def _scaled(line: TextLine, image: Image) -> TextLine:
    """With its box in thousandths of the picture."""
    high, wide = image.shape[:2]
    left, top, right, bottom = line.box
    box = (left * 1000 // wide, top * 1000 // high, right * 1000 // wide, bottom * 1000 // high)
    return msgspec.structs.replace(line, box=box)
