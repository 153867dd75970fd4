"""Files as live recorders leave them behind: what can be had of them, where it lies, and what is said of the rest."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import worlds
from capture.material import tone, write
from streamlens.capture.audio import RATE, decode
from streamlens.capture.frames import pictures
from streamlens.capture.recording import StreamFiles, discover, probe
from streamlens.capture.transcript import transcribe
from streamlens.errors import InputError
from streamlens.schema import Recording, Transcript

SECONDS = 12


class Had:
    """What can be had of a recording."""

    def __init__(self, files: StreamFiles) -> None:
        self.recording: Recording = probe(files)
        self.sound: list[tuple[float, float]] = []
        for block in decode(self.recording, files.parts):
            start, end = block.start / RATE, (block.start + block.sound.size) / RATE
            if self.sound and abs(self.sound[-1][1] - start) < 0.2:
                self.sound[-1] = (self.sound[-1][0], end)
            else:
                self.sound.append((start, end))
        self.screen_notes: list[str] = []
        shown = pictures(self.recording, files.parts, every_ms=2000, longest_side=64, notes=self.screen_notes)
        self.pictures = [picture.at_ms / 1000 for picture in shown]
        self.transcript: Transcript = transcribe(self.recording, files.parts, worlds.Scripted())

    @property
    def seconds(self) -> float:
        return self.recording.duration_ms / 1000

    @property
    def notes(self) -> str:
        return "\n".join((*self.recording.notes, *self.transcript.notes, *self.screen_notes))

    def lies_at(self, *spans: tuple[float, float]) -> bool:
        return len(spans) == len(self.sound) and all(
            abs(start - wanted[0]) < 0.5 and abs(end - wanted[1]) < 0.5
            for (start, end), wanted in zip(self.sound, spans, strict=True)
        )


def had(path: Path) -> Had:
    return Had(StreamFiles(id="r1", folder=path.parent, parts=(path,)))


def film(path: Path, seconds: float = SECONDS, *, rate: int = RATE, side: int = 64, start_s: float = 0.0) -> Path:
    """A tone and a picture that changes, a keyframe each second."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("flv1" if path.suffix == ".flv" else "mpeg2video", rate=25)
        video.width, video.height, video.pix_fmt = side, side, "yuv420p"
        video.codec_context.gop_size, video.codec_context.max_b_frames = 25, 0
        track = container.add_stream("aac", rate=rate, layout="mono")
        packets = []
        for index in range(int(seconds * 25)):
            frame = av.VideoFrame.from_ndarray(np.full((side, side, 3), index % 255, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            packets += video.encode(frame)
        wave = (np.sin(np.arange(int(seconds * rate)) / 30) * 9000).astype(np.int16)
        for start in range(0, wave.size, 1024):
            sound = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="s16", layout="mono")
            sound.sample_rate, sound.pts, sound.time_base = rate, start, Fraction(1, rate)
            packets += track.encode(sound)
        packets += [*video.encode(None), *track.encode(None)]
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            moved = round(start_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + moved, packet.dts + moved
            container.mux(packet)
    return path


# ---- FLV, tag by tag


def tags(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Place, length and time (ms) of each tag of an FLV file."""
    at = 13
    while at + 11 <= len(data):
        length = 11 + int.from_bytes(data[at + 1 : at + 4]) + 4
        yield at, length, int.from_bytes(data[at + 4 : at + 7]) | data[at + 7] << 24
        at += length


def retimed(data: bytes, rule: Callable[[int], int]) -> bytes:
    made = bytearray(data)
    for at, _, time_ms in tags(data):
        time_ms = rule(time_ms)
        made[at + 4 : at + 8] = (time_ms & 0xFFFFFF).to_bytes(3) + bytes([time_ms >> 24 & 0xFF])
    return bytes(made)


def without_sound(data: bytes, start_ms: int, end_ms: int, *, header: bool = True) -> bytes:
    """Without the tags of sound in this time, but for the decoder's header."""
    kept = (
        data[at : at + length]
        for at, length, now in tags(data)
        if data[at] != 8 or not start_ms <= now < end_ms or (header and data[at + 12] == 0)
    )
    return data[:13] + b"".join(kept)


@pytest.fixture(scope="module")
def flv(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("flv") / "recording.flv").read_bytes()


def put(folder: Path, data: bytes, name: str = "recording.flv") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_a_leap_ahead_is_a_gap_that_is_named(tmp_path: Path, flv: bytes) -> None:
    found = had(put(tmp_path, retimed(flv, lambda ms: ms if ms < 6000 else ms + 30_000)))
    assert found.lies_at((0, 6), (36, 42))
    assert "nothing can be heard at 0:00:06-0:00:36 (30 s in all)" in found.notes or "0:00:05-0:00:3" in found.notes
    assert any(at > 36 for at in found.pictures)


def test_a_clock_set_anew_loses_neither_sound_nor_pictures(tmp_path: Path, flv: bytes) -> None:
    found = had(put(tmp_path, retimed(flv, lambda ms: ms if ms < 6000 else ms - 6000)))
    assert found.lies_at((0, SECONDS))
    assert len([at for at in found.pictures if at > 7]) >= 2
    assert found.notes == "no_speech: nobody is heard to speak"


def test_a_few_wild_stamps_do_not_make_hours_of_it(tmp_path: Path, flv: bytes) -> None:
    found = had(put(tmp_path, retimed(flv, lambda ms: ms + 7_200_000 if 6000 < ms < 6150 else ms)))
    assert found.lies_at((0, SECONDS))
    assert 11 < found.seconds < 13
    assert len(found.pictures) >= 4


@pytest.mark.parametrize("days", [2, 20])
def test_stamps_that_are_days_ahead_go_on_where_they_were(tmp_path: Path, flv: bytes, days: int) -> None:
    found = had(put(tmp_path, retimed(flv, lambda ms: ms if ms < 6000 else ms + days * 86_400_000)))
    assert found.lies_at((0, SECONDS))


@pytest.mark.parametrize(
    ("start", "end", "spans", "said"),
    [
        (4000, 8000, [(0, 4), (8, 12)], "0:00:04-0:00:0"),
        (7000, 99_000, [(0, 7)], "0:00:07-0:00:1"),
        (0, 5000, [(5, 12)], "0:00:00-0:00:0"),
    ],
)
def test_sound_that_drops_out_starts_late_or_ends_early_is_named(
    tmp_path: Path, flv: bytes, start: int, end: int, spans: list[tuple[float, float]], said: str
) -> None:
    found = had(put(tmp_path, without_sound(flv, start, end)))
    assert found.lies_at(*spans)
    assert f"no_sound: nothing can be heard at {said}" in found.notes
    assert [stretch.reason for stretch in found.transcript.not_heard] == ["damaged"]


def test_sound_whose_header_is_lost_counts_as_not_heard(tmp_path: Path, flv: bytes) -> None:
    found = had(put(tmp_path, without_sound(flv, 0, 5000, header=False)))
    assert "no_sound: nothing can be heard at 0:00:00-0:00:1" in found.notes
    assert sum(stretch.end_ms - stretch.start_ms for stretch in found.transcript.not_heard) > 10_000


def test_files_that_were_joined_whole_are_read_as_far_as_they_can_be_and_the_rest_is_named(
    tmp_path: Path, flv: bytes
) -> None:
    found = had(put(tmp_path, flv + flv))
    assert found.sound[0][1] > 11
    assert found.seconds > 20 or "of recording.flv, after 12 s, cannot be read" in found.notes


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_what_is_zeroed_or_cut_leaves_the_rest(tmp_path: Path, flv: bytes, share: float) -> None:
    at = int(len(flv) * share)
    for data in (flv[:at], flv[:at] + bytes(20_000) + flv[at + 20_000 :], flv[:at] + flv[at + 5000 :]):
        try:
            found = had(put(tmp_path, data))
        except InputError as error:
            assert share < 0.1, error
        else:
            assert found.sound


# ---- TS, joined and torn


def test_a_ts_joined_in_the_middle_of_a_packet_with_another_codec_setting(tmp_path: Path) -> None:
    one = film(tmp_path / "one.ts", rate=44_100, side=64).read_bytes()
    two = film(tmp_path / "two.ts", rate=48_000, side=128).read_bytes()
    found = had(put(tmp_path, one[: len(one) // 188 * 188 - 100] + two[33:], "recording.ts"))
    assert found.sound[0][0] < 0.5 and sum(end - start for start, end in found.sound) > 2 * SECONDS - 2
    assert max(found.pictures) > SECONDS + 5


def test_a_hole_in_a_ts_is_named(tmp_path: Path) -> None:
    data = film(tmp_path / "one.ts").read_bytes()
    packets = len(data) // 188
    found = had(put(tmp_path, data[: packets // 3 * 188] + data[packets * 2 // 3 * 188 :], "recording.ts"))
    assert len(found.sound) == 2
    assert "no_sound: nothing can be heard at 0:00:0" in found.notes


# ---- parts


def parts(folder: Path, **files: bytes) -> Had:
    for name, data in files.items():
        (folder / name.replace("__", ".").replace("_", "-", 1)).write_bytes(data)
    (found,) = discover([folder])
    return Had(found)


@pytest.mark.parametrize("bad", [b"", b"FLV\x01\x05\0\0\0\x09" + bytes(80), b"<html>404</html>" * 99])
def test_a_part_that_cannot_be_read_does_not_cost_the_others(tmp_path: Path, flv: bytes, bad: bytes) -> None:
    found = parts(tmp_path, recording_01__flv=flv, recording_02__flv=bad, recording_03__flv=flv)
    assert sum(end - start for start, end in found.sound) > 2 * SECONDS - 1
    assert "unreadable: recording-02.flv is left out: " in found.notes
    assert [part.duration_ms > 0 for part in found.recording.parts] == [True, False, True]


def test_parts_of_which_none_can_be_read_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"recording-01\.flv: the file is empty"):
        parts(tmp_path, recording_01__flv=b"", recording_02__flv=b"")


def test_a_gap_between_parts_is_named(tmp_path: Path, flv: bytes) -> None:
    names = ("recording-01_20261012-193000.flv", "recording-02_20261012-193500.flv")
    for name in names:
        (tmp_path / name).write_bytes(flv)
    (found,) = discover([tmp_path])
    assert "gap: nothing was recorded at 0:00:12-0:05:00 (288 s in all)" in Had(found).notes


# ---- sound or picture alone, and names that mislead


def test_a_film_without_sound_is_read_from_its_picture_and_counts_as_not_heard(tmp_path: Path) -> None:
    found = had(write(tmp_path / "recording.mp4", tone(0), video_s=SECONDS))
    assert found.sound == [] and len(found.pictures) >= 4
    assert "no_sound: recording.mp4 has no sound; only its picture is read" in found.notes
    (lost,) = found.transcript.not_heard
    assert (lost.start_ms, lost.end_ms, lost.reason) == (0, found.recording.duration_ms, "damaged")


def test_sound_alone_under_any_name(tmp_path: Path) -> None:
    path = write(tmp_path / "sound.m4a", tone(SECONDS))
    found = had(path.rename(tmp_path / "recording.flv"))
    assert found.lies_at((0, SECONDS)) and found.pictures == []
    assert not found.recording.parts[0].has_video


def test_pictures_at_uneven_times(tmp_path: Path) -> None:
    """Variable frame rate: a picture stands until the next."""
    path = write(tmp_path / "recording.mkv", tone(SECONDS), video_s=SECONDS)
    uneven = tmp_path / "uneven.mkv"
    with av.open(str(path)) as given, av.open(str(uneven), "w") as made:
        streams = {stream.index: made.add_stream_from_template(stream) for stream in given.streams}
        for number, packet in enumerate(packet for packet in given.demux() if packet.dts is not None):
            if packet.stream.type == "video":
                jitter = round(0.08 * np.sin(number) / float(packet.time_base))
                packet.pts, packet.dts = max(0, packet.pts + jitter), max(0, packet.dts + jitter)
            packet.stream = streams[packet.stream.index]
            made.mux(packet)
    found = had(uneven)
    assert found.lies_at((0, SECONDS))
    assert len(found.pictures) >= 3
