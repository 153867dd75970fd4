"""Pictures of a recording, one every so often, at a small part of the cost of playing it.

Keyframes can be decoded by themselves. Where they follow one another closely, as live recorders write them, nothing
else is decoded; in between, where they lie far apart, all pictures that others refer to are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from streamlens.capture.media import Clock, open_media, packets
from streamlens.capture.ocr import Image
from streamlens.errors import InputError
from streamlens.schema import Part, Recording

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

CLOSE_S = 3.0  # keyframes that follow one another so closely are enough
EARLY = 0.9  # a picture may come this share of the interval after the one before: time stamps are not exact


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What was on screen at a time of the recording. `part` is the number of its file."""

    at_ms: int
    image: Image
    part: int


def pictures(
    recording: Recording, paths: Sequence[Path], *, every_ms: int, longest_side: int, notes: list[str]
) -> Iterator[Picture]:
    """Pictures of all parts that have video, in order, at least about `every_ms` apart.

    They stand upright and are scaled down to `longest_side` pixels. What cannot be decoded is passed over, with a line
    in `notes` for each file.
    """
    for number, (part, path) in enumerate(zip(recording.parts, paths, strict=True)):
        if not part.has_video:
            continue
        damaged: list[str] = []
        count = 0
        for at_ms, frame in _of_part(part, path, every_ms, damaged):
            image = _upright(frame, longest_side, damaged)
            if image is not None:
                count += 1
                yield Picture(part.start_ms + at_ms, image, number)
        if not count:
            notes.append(f"no_picture: nothing of the video in {part.name} can be shown, so its screen was not read")
        elif damaged:
            notes.append(f"picture_damaged: parts of the video in {part.name} cannot be decoded ({damaged[0]})")


def _of_part(part: Part, path: Path, every_ms: int, damaged: list[str]) -> "Iterator[tuple[int, VideoFrame]]":
    """Frames with their times (ms) in their file."""
    import av
    from av.stream import Disposition

    try:
        with open_media(path, silent=True) as container:
            films = container.streams.video
            stream = next((film for film in films if not film.disposition & Disposition.attached_pic), None)
            if stream is None or stream.codec_context is None:
                damaged.append("unknown format")
                return
            stream.thread_type = "NONE"  # threads would hold back frames, and the cores have other work
            at_ms = 0
            last_ms: float = -every_ms
            source = _in_time(packets(container, [stream]), Clock(container))
            for frame in _decoded(stream, _worth_decoding(source, every_ms / 1000), damaged):
                if frame.pts is not None and stream.time_base:
                    at_ms = round(float(frame.pts * stream.time_base) * 1000)
                if 0 <= at_ms < part.duration_ms and at_ms - last_ms >= every_ms * EARLY:
                    last_ms = at_ms
                    yield at_ms, frame
    except (InputError, OSError, av.error.FFmpegError) as error:
        damaged.append(str(error))


def _in_time(source: "Iterator[Packet[Any] | None]", clock: Clock) -> "Iterator[Packet[Any] | None]":
    """The packets with their time stamps put right: seconds from the start of the file, though a clock was set anew."""
    now_s: float | None = None
    for packet in source:
        if packet is not None and packet.pts is not None and packet.time_base:
            now_s = clock.place(float(packet.pts * packet.time_base), now_s)
            moved = round(now_s / packet.time_base) - packet.pts
            packet.pts += moved
            if packet.dts is not None:
                packet.dts += moved
        yield packet


Skip = Literal["NONKEY", "NONREF"]
Choice = tuple["Packet[Any] | None", Skip]
"""A packet to decode, and what the decoder may skip; None where the file cannot be read on."""


def _worth_decoding(source: "Iterator[Packet[Any] | None]", every_s: float) -> Iterator[Choice]:
    """Keyframes alone while the next is close, else all that others refer to from the last keyframe on."""
    held: list[Packet[Any]] = []  # since the last keyframe, as long as the next may be close
    taken_s = -every_s

    def keyframe() -> Iterator[Choice]:
        nonlocal taken_s
        if held and _seconds(held[0]) - taken_s >= every_s * EARLY:
            taken_s = _seconds(held[0])
            yield held[0], "NONKEY"

    far = False
    for packet in source:
        if packet is None:
            yield None, "NONREF"
        elif packet.size == 0:
            continue
        elif packet.is_keyframe:
            yield from keyframe()
            held, far = [packet], False
        elif far:
            yield packet, "NONREF"
        else:
            held.append(packet)
            if _seconds(packet) - _seconds(held[0]) > CLOSE_S:
                yield from ((each, "NONREF") for each in held)
                taken_s = _seconds(packet)
                held, far = [], True
    yield from keyframe()


def _seconds(packet: "Packet[Any]") -> float:
    stamp = packet.dts if packet.dts is not None else packet.pts
    return float(stamp * packet.time_base) if stamp is not None and packet.time_base else 0.0


def _decoded(stream: "VideoStream", choices: Iterator[Choice], damaged: list[str]) -> "Iterator[VideoFrame]":
    import av

    context = stream.codec_context
    for packet, skip in choices:
        if packet is None:
            damaged.append("the file breaks off")
            continue
        try:
            context.skip_frame = skip
            yield from context.decode(packet)
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            damaged.append(str(error.strerror))
    try:
        yield from context.decode(None)  # what the decoder still holds
    except av.error.FFmpegError as error:
        damaged.append(str(error.strerror))


def _upright(frame: "VideoFrame", longest_side: int, damaged: list[str]) -> Image | None:
    """RGB, scaled down, turned as the camera was held."""
    import av

    scale = min(1.0, longest_side / max(frame.width, frame.height))
    try:
        small = frame.reformat(
            width=max(1, round(frame.width * scale)), height=max(1, round(frame.height * scale)), format="rgb24"
        )
        image = small.to_ndarray()
    except (av.error.FFmpegError, ValueError) as error:
        damaged.append(str(error))
        return None
    return np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90) % 4))
