"""Short clips cut out of a recording as it is, without encoding anew: quick, and nothing about them can be doubted."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from streamlens.capture.media import Clock, open_media, packets
from streamlens.errors import InputError
from streamlens.schema import Part, Record

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

# Containers by what they can hold, the one that most players open first
_VIDEO = ((".mp4", "mp4"), (".mkv", "matroska"), (".flv", "flv"))
_SOUND = ((".m4a", "ipod"), (".mka", "matroska"))
_BACK_S = 30.0  # a keyframe lies no further back than this in live recordings


class Clip(Record, frozen=True, kw_only=True):
    """A clip as written. It begins at the keyframe before the time that was asked for, so `start_ms` may be earlier."""

    path: Path
    start_ms: int
    end_ms: int


def cut(part: Part, file: Path, start_ms: int, end_ms: int, target: Path) -> Clip:
    """Copy [start_ms, end_ms) of the recording out of one of its parts, to `target` with the ending that fits.

    Packets are copied, so that pictures begin at the keyframe before the start; sound begins with them. Written beside
    and moved into place when whole. InputError where the file cannot be read, or holds nothing of that time.
    """
    import av

    failed: Exception | None = None
    with open_media(file) as source:
        streams = _streams(source)
        for suffix, form in _VIDEO if any(stream.type == "video" for stream in streams) else _SOUND:
            path = target.with_name(target.name + suffix)
            partial = path.with_name(f".{path.name}.part")
            try:
                times = _copy(source, streams, partial, form, (start_ms - part.start_ms, end_ms - part.start_ms))
            except (av.error.FFmpegError, ValueError) as error:  # this container does not take the codec
                failed = error
                partial.unlink(missing_ok=True)
                continue
            if times is None:
                partial.unlink(missing_ok=True)
                raise InputError(str(file), f"holds nothing at {start_ms / 1000:.1f} s", "audit the recording again")
            partial.replace(path)
            return Clip(path=path, start_ms=part.start_ms + times[0], end_ms=part.start_ms + times[1])
    raise InputError(str(file), f"no clip can be cut from it ({failed})", "convert it, for example to MP4") from failed


def _streams(source: "InputContainer") -> list["Stream"]:
    from av.stream import Disposition

    videos = [stream for stream in source.streams.video if not stream.disposition & Disposition.attached_pic]
    return [*videos[:1], *source.streams.audio[:1]]


def _copy(
    source: "InputContainer", streams: Sequence["Stream"], path: Path, form: str, span_ms: tuple[int, int]
) -> tuple[int, int] | None:
    """Copy packets; (first, last) in milliseconds of the file's own time, or None if there were none."""
    import av

    start_s, end_s = span_ms[0] / 1000, span_ms[1] / 1000
    zero_s = (source.start_time or 0) / 1_000_000
    with suppress(av.error.FFmpegError):  # a pipe or a damaged index: read from where we are
        source.seek(round(max(0.0, start_s - 0.05 + zero_s) * 1_000_000), backward=True)
    clocks = {stream.index: Clock(source) for stream in streams}
    lead = streams[0]
    first_s: float | None = None
    last_s = 0.0
    with av.open(str(path), "w", format=form) as sink:
        outs = {stream.index: sink.add_stream_from_template(stream) for stream in streams}
        for packet in packets(source, streams):
            if packet is None:
                break
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            at_s = clocks[packet.stream.index].place(float(packet.pts * packet.time_base), None)
            if at_s >= end_s and packet.stream.index == lead.index:
                break
            if at_s >= end_s:
                continue
            if first_s is None:
                if packet.stream.index != lead.index or not packet.is_keyframe or at_s < start_s - _BACK_S:
                    continue
                first_s = at_s
            if at_s < first_s:
                continue
            shift = round((first_s + zero_s) / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            last_s = max(last_s, at_s + float((packet.duration or 0) * packet.time_base))
            packet.stream = outs[packet.stream.index]
            sink.mux(packet)
    return None if first_s is None else (round(first_s * 1000), round(last_s * 1000))
