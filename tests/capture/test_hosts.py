"""Who speaks, as stream.yaml says."""

from pathlib import Path

import pytest

import worlds
from streamlens.capture.hosts import read_hosts
from streamlens.capture.recording import discover, probe
from streamlens.errors import InputError
from streamlens.schema import Host

PATH = Path("stream.yaml")


@pytest.mark.parametrize(
    ("word", "role"),
    [("农户", "farmer"), ("farmer", "farmer"), ("Expert", "expert"), ("县长", "official"), ("干部", "official"), ("达人", "influencer"),
     ("店播", "merchant"), ("", None), ("~", None)],
)  # fmt: skip
def test_roles_in_both_languages(word: str, role: str | None) -> None:
    assert read_hosts(PATH, {"anchor_role": word})["anchor_role"] == role


def test_names_for_the_labels_of_speakers() -> None:
    table = {"speakers": {"S2": {"name": "王县长", "role": "干部"}, "S1": " 小橙 "}}
    assert read_hosts(PATH, table)["hosts"] == (
        Host(label="S1", name="小橙"),
        Host(label="S2", name="王县长", role="official"),
    )


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"anchor_role": "大神"}, "stream.yaml: anchor_role: '大神' is no role; write official"),
        ({"anchor_role": ["农户"]}, "anchor_role"),
        ({"speakers": ["小橙"]}, "speakers: must be a table"),
        ({"speakers": {"S1": ""}}, "speakers: S1: is no name"),
        ({"speakers": {"S1": {"nam": "小橙"}}}, "speakers: S1: is no name"),
        ({"speakers": {"S1": {"name": "小橙", "role": "某人"}}}, "speakers: S1: '某人' is no role"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(table: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_hosts(PATH, table)


def test_a_recording_carries_them_and_they_are_no_unknown_keys(tmp_path: Path, sound: Path) -> None:
    yaml = f"{worlds.STREAM}anchor_role: 农户\nspeakers:\n  S1: 小林\nwhatever: 1\n"
    worlds.stream(tmp_path / "s1", sound, stream_yaml=yaml)
    recording = probe(discover([tmp_path])[0])
    assert (recording.anchor_role, recording.hosts) == ("farmer", (Host(label="S1", name="小林"),))
    assert recording.notes == ("unknown: stream.yaml has whatever, which nothing is done with",)
