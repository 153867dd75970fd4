"""The recording's own files for the player: found by number, never by a path that somebody sends."""

import stat
from pathlib import Path

from starlette.responses import FileResponse

from streamlens.review.desk import Refused, Stream

TYPES = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska",
    ".flv": "video/x-flv", ".ts": "video/mp2t", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac",
    ".wav": "audio/wav", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac",
}  # fmt: skip


def part_file(stream: Stream, number: int) -> Path:
    """The file of a part of the recording. Refused where it is not the very file that was audited.

    The workspace says where the file lies; a workspace that somebody tampered with must not open other files, so name
    and size have to be those that the audit noted.
    """
    parts, media = stream.recording.parts, stream.result.outcome.media
    if not 0 <= number < min(len(parts), len(media)):
        raise Refused(f"{stream.id} has no part {number}")
    path = stream.result.folder / media[number]
    try:
        found = path.stat()
    except (OSError, ValueError):
        raise Refused(f"the recording {path.name} is no longer where it was audited") from None
    if path.suffix.lower() not in TYPES or path.name != Path(parts[number].name).name:
        raise Refused(f"part {number} of {stream.id} is no recording that was audited")
    if not stat.S_ISREG(found.st_mode) or found.st_size != parts[number].size:
        raise Refused(f"the recording {path.name} is not the one that was audited; audit it again")
    return path


def part_response(stream: Stream, number: int) -> FileResponse:
    """The part, whole or in ranges (RFC 9110, section 14)."""
    path = part_file(stream, number)
    return FileResponse(path, media_type=TYPES[path.suffix.lower()], headers={"Cache-Control": "private, no-cache"})
