"""Media files as PyAV opens them: the one door to the containers, with their faults put into plain words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlens.errors import InputError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

REWIND_S = 2.0  # time stamps that jump back further than this come from a clock set anew, not from an overlap
FAR_S = 60.0  # a leap ahead further than this is believed only when
DOUBTS = 10  # so many stamps in a row have made it
LEAP_S = 24 * 3600.0  # time stamps that jump ahead further than this are broken, not a gap


@contextmanager
def open_media(path: Path, *, silent: bool = False) -> "Iterator[InputContainer]":
    """A media file with sound; if it may be `silent`, with sound or video.

    Raises InputError when there is none to be had, with the reason and what to do.
    """
    import av

    try:
        if path.stat().st_size == 0:
            raise InputError(str(path), "the file is empty", "copy or record it again")
        container = av.open(str(path), metadata_errors="ignore")  # titles are often not in UTF-8
    except (av.error.InvalidDataError, av.error.EOFError):
        if lacks_index(path):
            raise InputError(
                str(path),
                "a truncated MP4 without its index (moov): the recorder was stopped before it finished the file",
                "repair it with a tool such as untrunc, and record to FLV, TS or MKV to be safe from this",
            ) from None
        raise InputError(
            str(path), "not a media file, or damaged from its start", "give a video or sound file"
        ) from None
    except (OSError, av.error.FFmpegError) as error:
        raise InputError(str(path), f"cannot be read ({error.strerror})", "check the path and the rights") from None
    with container:
        if not container.streams.audio:
            if not has_video(container):
                raise InputError(str(path), "not a media file", "give a video or sound file")
            if not silent:
                raise InputError(
                    str(path), "has no audio stream, so there is nothing to hear", "record it again with sound"
                )
        elif container.streams.audio[0].codec_context is None:
            raise InputError(str(path), "its sound is in an unknown format", "convert it, for example to MP4 with AAC")
        yield container


def stated_ms(path: Path) -> int | None:
    """How long a file says it is, by its header alone: cheap, and not to be relied on. None where it does not say."""
    import av

    quick = {"probesize": "65536", "analyzeduration": "0"}
    try:
        with av.open(str(path), metadata_errors="ignore", options=quick) as container:
            return container.duration // 1000 if container.duration and container.duration > 0 else None
    except (OSError, ValueError, av.error.FFmpegError):
        return None


def has_video(container: "InputContainer") -> bool:
    """Whether there are moving pictures: not a cover, not a picture or text file that FFmpeg shows as a film."""
    from av.stream import Disposition

    stills = container.format.name.endswith("_pipe") or container.format.name in {"image2", "tty"}
    return not stills and any(not stream.disposition & Disposition.attached_pic for stream in container.streams.video)


def packets(container: "InputContainer", streams: "Sequence[Stream]") -> "Iterator[Packet[Any] | None]":
    """Packets as far as the file can be read; a last None where reading ends in an error."""
    import av

    source = container.demux(list(streams))
    while True:
        try:
            packet = next(source)
        except (StopIteration, av.error.EOFError):
            return
        except IndexError:  # a damaged or spliced file has a packet of a stream that PyAV did not see at its start
            source = container.demux(list(streams))
            continue
        except (av.error.FFmpegError, OSError):
            yield None
            return
        yield packet


def frames(container: "InputContainer", stream: "Stream") -> Iterator[Any]:
    """Decoded frames; None in place of what cannot be decoded. What a truncated file still has is delivered."""
    import av

    for packet in packets(container, [stream]):
        try:
            yield from packet.decode() if packet else [None]
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            yield None


class Clock:
    """Turns the time stamps of one stream into seconds from the start of its file."""

    def __init__(self, container: "InputContainer") -> None:
        self._zero_s = (container.start_time or 0) / 1_000_000
        self._shift_s = 0.0
        self._doubted = 0  # stamps in a row that are far ahead

    def place(self, stamp_s: float | None, expected_s: float | None) -> float:
        """When the stamp means; `expected_s` is where the stream has got to (None: nowhere yet).

        A live recorder that reconnects often starts its clock anew: then the stream goes on where it was. So it does
        for the few stamps of a packet or two that lie far ahead of all that follow.
        """
        if stamp_s is None:
            return expected_s or 0.0
        place_s = stamp_s - self._zero_s + self._shift_s
        if expected_s is None:
            return place_s
        if place_s - expected_s > FAR_S and self._doubted < DOUBTS:
            self._doubted += 1
            return expected_s
        self._doubted = 0
        if not -REWIND_S <= place_s - expected_s <= LEAP_S:
            self._shift_s += expected_s - place_s
            return expected_s
        return place_s


def lacks_index(path: Path) -> bool:
    """Whether a file begins as an MP4 does, but none of its top-level boxes is the index."""
    with path.open("rb") as file:
        at = 0
        while len(head := file.read(16)) >= 8:
            size, name = int.from_bytes(head[:4]), head[4:8]
            if name == b"moov" or (at == 0 and name not in {b"ftyp", b"mdat", b"free", b"wide", b"skip"}):
                return False
            size = int.from_bytes(head[8:16]) if size == 1 else size
            if size < 8:
                break
            at += size
            file.seek(at)
        return at > 0
