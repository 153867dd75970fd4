"""configs/default.toml and the files of the user become the Options that stages declare."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from streamlens.config import VARIABLE, Settings, default_file, load_settings, read_settings
from streamlens.errors import InputError


@pytest.fixture(autouse=True)
def _no_file_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


# ---- the shipped file


def test_default_file_says_what_the_stages_declare() -> None:
    assert read_settings(default_file()) == Settings()


def test_default_file_lists_every_option_with_a_comment() -> None:
    text = default_file().read_text(encoding="utf-8")
    table = tomllib.loads(text)
    declared = msgspec.to_builtins(Settings())
    assert {section: set(options) for section, options in table.items()} == {
        section: set(options) for section, options in declared.items()
    }
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\w+ *=", line):
            commented = "#" in line or lines[number - 1].startswith("#")
            assert commented, f"default.toml:{number + 1}: {line} has no comment"


# ---- files of the user


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings() == Settings()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = write(tmp_path, "[segments]\nswitch_cost = 4.5\n")
    settings = load_settings(path)
    assert settings.segments.switch_cost == 4.5
    assert msgspec.structs.replace(settings, segments=Settings().segments) == Settings()


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf[segments]\nswitch_cost = 4\n")
    assert load_settings(path).segments.switch_cost == 4


def test_the_environment_names_a_file_and_the_argument_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(write(tmp_path, "[segments]\nswitch_cost = 5\n")))
    assert load_settings().segments.switch_cost == 5
    other = tmp_path / "other.toml"
    other.write_text("[segments]\nswitch_cost = 6\n")
    assert load_settings(other).segments.switch_cost == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[segments]\nswich_cost = 1", ["segments.swich_cost", "did you mean segments.switch_cost?"]),
        ("[segment]\nswitch_cost = 1", ["segment:", "did you mean segments?"]),
        ("[segments]\nzzz = 1", ["segments.zzz", "known here", "switch_cost"]),
        ("zzz = 1", ["zzz", "known here", "segments"]),
        ("[segments]\nswitch_cost = 'much'", ["segments.switch_cost", "expected `float`, got `str`"]),
        ("segments = 3", ["segments", "expected `object`, got `int`"]),
        ("[segments\n", ["is not valid TOML", "line 1"]),
    ],
)
def test_a_slip_is_one_line_with_file_key_and_remedy(tmp_path: Path, text: str, words: list[str]) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_settings(path)
    line = str(caught.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    for word in words:
        assert word in line


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")
