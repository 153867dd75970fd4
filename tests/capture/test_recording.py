"""Which recordings there are, what belongs to each, and what their files hold."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from capture.material import silence, tone, write
from streamlens.capture import recording
from streamlens.capture.recording import StreamFiles, discover, probe, safe_id
from streamlens.errors import InputError

SRT = "1\n00:00:01,000 --> 00:00:02,500\n大家好\n"


def lay(folder: Path, *names: str) -> Path:
    """Files with a little in them; a name that ends in / is a folder."""
    for name in names:
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text(f"content of {name}")
    return folder


def one(path: Path) -> StreamFiles:
    return StreamFiles(id="r1", folder=path.parent, parts=(path,))


def ids(*paths: Path) -> list[str]:
    return [files.id for files in discover(paths)]


# ---- discover


def test_a_stream_folder_and_what_lies_in_it(tmp_path: Path) -> None:
    lay(
        tmp_path / "d1", "recording.FLV", "recording.jpg", "recording.srt", "stream.yaml", "catalog.csv", "evidence.xlsx",
        "evidence/cert.pdf", "evidence/.hidden", "danmaku.xml", "viewers.csv", "orders.csv", "notes.txt",
    )  # fmt: skip
    (files,) = discover([tmp_path / "d1"])
    assert {name: value for name, value in msgspec.structs.asdict(files).items() if name not in {"id", "folder"}} == {
        "parts": (tmp_path / "d1/recording.FLV",),
        "stream": tmp_path / "d1/stream.yaml",
        "catalogue": tmp_path / "d1/catalog.csv",
        "evidence": tmp_path / "d1/evidence.xlsx",
        "scans": (tmp_path / "d1/evidence/cert.pdf",),
        "transcript": None,
        "comments": ((tmp_path / "d1/danmaku.xml", 0),),
        "viewers": (tmp_path / "d1/viewers.csv",),
        "orders": (tmp_path / "d1/orders.csv",),
        "clocks": ((tmp_path / "d1/recording.srt", 0),),
    }


def test_what_the_audience_did_lies_in_many_files_beside_the_parts(tmp_path: Path) -> None:
    lay(
        tmp_path / "d1", "recording-01.flv", "recording-02.flv", "recording-01.xml", "recording-02.xml", "recording-02.srt",
        "recording-02.json", "danmaku.jsonl", "danmaku-02.log", "danmaku_gifts.jsonl", "danmaku.ass", "danmaku.xml.bak",
        "viewers.xlsx", "orders-2026-10.csv", "gmv.csv", "orders.pdf",
    )  # fmt: skip
    (files,) = discover([tmp_path / "d1"])
    assert [(path.name, part) for path, part in files.comments] == [
        ("danmaku-02.log", 1), ("danmaku.jsonl", 0), ("danmaku_gifts.jsonl", 0), ("recording-01.xml", 0),
        ("recording-02.xml", 1),
    ]  # fmt: skip
    assert [path.name for path in files.viewers] == ["viewers.xlsx"]
    assert [path.name for path in files.orders] == ["gmv.csv", "orders-2026-10.csv"]
    assert [(path.name, part) for path, part in files.clocks] == [("recording-02.srt", 1)]


@pytest.mark.parametrize("given", ["soon", "nan", "[1, 2]", "1e999"])
def test_an_offset_that_is_no_number_is_told_before_anything_is_heard(tmp_path: Path, given: str) -> None:
    lay(tmp_path / "d1", "recording.flv")
    (tmp_path / "d1" / "stream.yaml").write_text(f"comments_offset_s: {given}\n")
    (files,) = discover([tmp_path / "d1"])
    with pytest.raises(
        InputError, match=r"stream\.yaml: comments_offset_s: .* is no number of seconds; write it as -3\.2"
    ):
        probe(files)


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (
            ["recording-10.ts", "recording-9.ts", "recording-01.ts"],
            ["recording-01.ts", "recording-9.ts", "recording-10.ts"],
        ),
        (
            ["recording_20261012-201500.flv", "recording_2026-10-12_19-30-00.flv"],
            ["recording_2026-10-12_19-30-00.flv", "recording_20261012-201500.flv"],
        ),
        (["recording.bin"], ["recording.bin"]),  # any container
        (["stream.yaml", "live.mp4"], ["live.mp4"]),
        (["stream.yaml"], []),
    ],
)
def test_the_parts_of_a_stream_folder_in_order(tmp_path: Path, names: list[str], parts: list[str]) -> None:
    (files,) = discover([lay(tmp_path / "d1", *names)])
    assert [part.name for part in files.parts] == parts


def test_folders_of_folders_and_loose_files_but_neither_hidden_ones_nor_workspaces(tmp_path: Path) -> None:
    lay(
        tmp_path, "a.mp4", "b.txt", ".c.mp4", "2026/d1/recording.mp4", "2026/d1/recording-old/x.mp4", "2026/e.MKV",
        ".trash/f.mp4", "ws/journal.jsonl", "ws/d1/transcript.json", "subs/transcript.vtt",
    )  # fmt: skip
    assert ids(tmp_path) == ["a", "d1", "e", "subs"]


def test_links_in_circles_end(tmp_path: Path) -> None:
    lay(tmp_path, "a/live.mp4")
    (tmp_path / "a/again").symlink_to(tmp_path, target_is_directory=True)
    assert ids(tmp_path) == ["live"]


def test_a_file_of_a_stream_folder_stands_for_the_folder(tmp_path: Path) -> None:
    lay(tmp_path / "d1", "recording-01.mp4", "recording-02.mp4", "catalog.csv")
    assert discover([tmp_path / "d1/recording-02.mp4"]) == discover([tmp_path / "d1"])


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.mkdir(), lambda path: lay(path, "readme.txt", "sub/")]
)
def test_nothing_found_says_what_is_expected(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "x")
    with pytest.raises(InputError, match=r"x: .*; .+") as error:
        discover([tmp_path / "x"])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("stream", "want"),
    [
        ("id: 果园-1012", "果园-1012"),
        ("id: ../x/y", "x-y"),
        ("title: no id", "d1"),
        ("id: [broken", "d1"),
        ("id: {a: 1}", "a-1"),
    ],
)
def test_the_id_is_the_stated_one_or_the_folders(tmp_path: Path, stream: str, want: str) -> None:
    lay(tmp_path / "d1", "recording.mp4")
    (tmp_path / "d1/stream.yaml").write_text(stream, encoding="utf-8")
    assert ids(tmp_path / "d1") == [want]


def test_thousands_of_live_mp4_are_told_apart(tmp_path: Path) -> None:
    lay(tmp_path, "mon/live.mp4", "tue/live.mp4", "tue/talk.mp4", "old/wed/live.mp4", "new/wed/LIVE.mp4")
    copies = lay(tmp_path, "one/thu/live.mp4", "two/thu/live.mp4")
    (copies / "one/thu/live.mp4").write_text("the same")
    (copies / "two/thu/live.mp4").write_text("the same")
    found = {str(files.parts[0].relative_to(tmp_path)): files.id for files in discover([tmp_path])}
    assert found["mon/live.mp4"] == "mon-live" and found["tue/talk.mp4"] == "talk"
    assert found["old/wed/live.mp4"].startswith("wed-live-") and found["new/wed/LIVE.mp4"].startswith("wed-LIVE-")
    assert found["two/thu/live.mp4"] == found["one/thu/live.mp4"] + "-2"
    assert len({name.casefold() for name in found.values()}) == len(found)
    os.rename(tmp_path / "old", tmp_path / "archive")  # the digest is of the content, not of the place
    again = {str(files.parts[0].relative_to(tmp_path)): files.id for files in discover([tmp_path])}
    assert again["archive/wed/live.mp4"] == found["old/wed/live.mp4"]


def test_a_path_given_twice_is_one_recording(tmp_path: Path) -> None:
    lay(tmp_path, "d1/recording.mp4")
    assert ids(tmp_path, tmp_path / "d1", tmp_path / "d1/recording.mp4") == ["d1"]


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("果园 10/12", "果园-10-12"),
        ("a:b*c?", "a-b-c"),
        ("...", "recording"),
        ("", "recording"),
        ("CON.mp4", "CON.mp4-"),
        ("长" * 99, "长" * 40),
    ],
)
def test_safe_id(name: str, want: str) -> None:
    assert safe_id(name) == want


# ---- probe: media


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".flv", ".ts", ".m4a", ".mp3", ".wav"])
def test_probe_measures(tmp_path: Path, suffix: str) -> None:
    film = suffix in {".mp4", ".mkv", ".flv", ".ts"}
    path = write(tmp_path / f"recording{suffix}", tone(3), video_s=4 if film else 0)
    found = probe(one(path))
    assert found.duration_ms == pytest.approx(4000 if film else 3000, abs=150)
    (part,) = found.parts
    assert (part.name, part.start_ms, part.has_video, part.size) == (path.name, 0, film, path.stat().st_size)
    assert not found.notes and found.started_at is None


@pytest.mark.parametrize("suffix", [".flv", ".ts", ".mp3"])
def test_probe_measures_a_second(tmp_path: Path, suffix: str) -> None:
    assert probe(one(write(tmp_path / f"a{suffix}", tone(1)))).duration_ms == pytest.approx(1000, abs=150)


def test_the_digest_is_of_the_content_and_of_large_files_in_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_BLOCK", 1000)
    path = write(tmp_path / "a.wav", silence(1))
    data = bytearray(path.read_bytes())
    copy = tmp_path / "b.wav"

    def digest(change: int | None = None, more: bytes = b"") -> str:
        changed = bytearray(data)
        if change is not None:
            changed[change] ^= 1
        copy.write_bytes(bytes(changed) + more)
        return probe(one(copy)).parts[0].digest

    first = probe(one(path)).parts[0].digest
    assert digest() == first
    assert len({first, digest(100), digest(len(data) // 2), digest(-1), digest(None, b"\0\0")}) == 5


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("a.mp4", lambda p: p.write_bytes(b""), "empty"),
        ("a.mp4", lambda p: p.write_text("no film at all " * 50), "not a media file"),
        ("a.jpg", lambda p: p.write_bytes(b"\xff\xd8\xff\xe0" + bytes(500)), "not a media file"),
        ("a.mp4", lambda p: p.write_bytes(write(p, tone(3)).read_bytes()[:9000]), r"truncated MP4 .*moov.*; repair"),
        ("a.mp4", lambda p: None, "cannot be read"),
    ],
)
def test_what_is_no_recording_is_told_in_one_line(
    tmp_path: Path, name: str, make: Callable[[Path], object], says: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(InputError, match=says) as error:
        probe(one(tmp_path / name))
    assert "\n" not in str(error.value) and str(error.value).startswith(str(tmp_path / name))


@pytest.mark.parametrize(
    ("suffix", "options"), [(".mp4", {"movflags": "faststart"}), (".flv", {}), (".mkv", {}), (".mp3", {})]
)
def test_of_a_truncated_file_what_there_is_with_a_note(tmp_path: Path, suffix: str, options: dict[str, str]) -> None:
    path = write(tmp_path / f"recording{suffix}", tone(12), options=options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    found = probe(one(path))
    assert 6000 < found.duration_ms < 9500
    assert len(found.notes) == 1 and found.notes[0].startswith(f"truncated: recording{suffix} should last 12 s")


def test_a_cover_picture_is_no_film(tmp_path: Path) -> None:
    import av

    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("mp3", rate=16_000, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 32
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame(32, 32, "yuvj420p")))
        frame = av.AudioFrame.from_ndarray((tone(1) * 32767).astype("int16")[None], format="s16", layout="mono")
        frame.sample_rate = 16_000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    assert not probe(one(path)).parts[0].has_video


@pytest.mark.parametrize(
    ("names", "created", "starts", "noted"),
    [
        (["recording-01_20261012-193000.wav", "recording-02_20261012-193010.wav"], ["", ""], [0, 10_000], 1),
        (["recording-01.mkv", "recording-02.mkv"], ["2026-10-12T19:30:00Z", "2026-10-12T19:30:07Z"], [0, 7000], 1),
        (["recording-01.wav", "recording-02.wav"], ["", ""], [0, 2000], 1),
        (
            ["recording-01_20261012-193000.wav", "recording-02_20261012-193001.wav"],
            ["", ""],
            [0, 2000],
            0,
        ),  # clock a little off
        (
            ["recording-01_20261012-193000.wav", "recording-02_20261010-193000.wav"],
            ["", ""],
            [0, 2000],
            1,
        ),  # out of order
        (
            ["recording-01_20261312-193000.wav", "recording-02_20261312-193010.wav"],
            ["", ""],
            [0, 2000],
            1,
        ),  # no 13th month
    ],
)
def test_parts_keep_their_gaps(
    tmp_path: Path, names: list[str], created: list[str], starts: list[int], noted: int
) -> None:
    (tmp_path / "d1").mkdir()
    for name, time in zip(names, created, strict=True):
        write(tmp_path / "d1" / name, tone(2), metadata={"creation_time": time} if time else {})
    (files,) = discover([tmp_path])
    found = probe(files)
    assert [round(part.start_ms, -2) for part in found.parts] == starts
    assert found.duration_ms == found.parts[-1].start_ms + found.parts[-1].duration_ms
    assert len(found.notes) == noted and all(note.startswith(("joined:", "gap:")) for note in found.notes)


@pytest.mark.parametrize(
    "names",
    [["recording.mp4", "recording.flv"], ["recording.mp4", "recording-01.mp4"], ["recording-1.mp4", "recording-01.ts"]],
)
def test_parts_that_exclude_each_other(tmp_path: Path, names: list[str]) -> None:
    (files,) = discover([lay(tmp_path / "d1", *names)])
    with pytest.raises(InputError, match="cannot both be part"):
        probe(files)


def test_a_folder_without_a_recording(tmp_path: Path) -> None:
    (files,) = discover([lay(tmp_path / "d1", "stream.yaml")])
    (tmp_path / "d1/stream.yaml").write_text("title: x")
    with pytest.raises(InputError, match="no recording"):
        probe(files)


def test_a_transcript_in_place_of_a_recording(tmp_path: Path) -> None:
    lay(tmp_path / "d1", "transcript.srt")
    (tmp_path / "d1/transcript.srt").write_text(SRT, encoding="utf-8")
    (files,) = discover([tmp_path / "d1"])
    found = probe(files)
    assert (found.parts, found.duration_ms) == ((), 2500)
    (tmp_path / "d1/transcript.srt").write_text("nothing here")
    with pytest.raises(InputError, match="no subtitles"):
        probe(files)


def test_one_bad_folder_does_not_hide_the_others(tmp_path: Path) -> None:
    lay(tmp_path, "a/recording.mp4", "c/recording.mp4")
    (tmp_path / "a/stream.yaml").write_bytes(b"\xff\xfe\x00broken: [")
    write(tmp_path / "c/recording.mp4", tone(1))
    first, second = discover([tmp_path])
    with pytest.raises(InputError, match=r"a/stream\.yaml"):
        probe(first)
    assert probe(second).id == "c"


# ---- probe: stream.yaml


def with_stream(tmp_path: Path, text: str | bytes) -> StreamFiles:
    sound = write(tmp_path / "recording.wav", tone(1))
    path = tmp_path / "stream.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return StreamFiles(id="d1", folder=tmp_path, parts=(sound,), stream=path)


FULL = "id: d1\nanchor: 老周\nroom: 0123\nplatform: kuaishou\ntitle: '2026'\nstarted_at: 2026-09-20T18:00:00\n"


def test_stream_yaml_is_read_as_it_is_written(tmp_path: Path) -> None:
    found = probe(with_stream(tmp_path, FULL))
    assert (found.anchor, found.room, found.platform, found.title) == ("老周", "0123", "kuaishou", "2026")
    assert found.started_at == datetime(2026, 9, 20, 18) and not found.notes


@pytest.mark.parametrize(
    ("written", "began"),
    [
        ("2026-09-20 18:00", datetime(2026, 9, 20, 18)),
        ("2026/09/20 18:00:30", datetime(2026, 9, 20, 18, 0, 30)),
        ("2026-09-20", datetime(2026, 9, 20)),
        ("", None),
        ("~", None),
    ],
)
def test_when_it_began(tmp_path: Path, written: str, began: datetime | None) -> None:
    assert probe(with_stream(tmp_path, f"started_at: {written}")).started_at == began


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_stream_yaml_as_windows_saves_it(tmp_path: Path, encoding: str) -> None:
    assert probe(with_stream(tmp_path, "anchor: 老周".encode(encoding))).anchor == "老周"


def test_unknown_keys_are_noted(tmp_path: Path) -> None:
    (note,) = probe(with_stream(tmp_path, "anchor: x\nmcn: y\nfans: 3")).notes
    assert "fans, mcn" in note


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("started_at: tomorrow", r"stream\.yaml: started_at: 'tomorrow' is not a time"),
        ("started_at: 2026-13-01", "started_at"),
        ("anchor: [a, b]", r"stream\.yaml: anchor: must be one value"),
        ("- a\n- b", "no table"),
        ("a: b: c", "line 1"),
        ("title: ok\nroom: 'open", "line 2"),
        ("", "empty"),
    ],
)
def test_a_broken_stream_yaml_is_told_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        probe(with_stream(tmp_path, text))
    assert "\n" not in str(error.value)
