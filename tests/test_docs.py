"""What is written about the commands against what they are."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from streamlens.cli import app

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


COMMANDS = dict(commands(typer.main.get_command(app)))
every_command = pytest.mark.parametrize(("name", "command"), COMMANDS.items(), ids=COMMANDS.keys())


def test_the_readme_lists_every_command_and_no_other() -> None:
    listed = re.findall(r"^\| `streamlens ([a-z ]+)`", README, flags=re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@every_command
def test_every_command_explains_itself_and_shows_an_example(name: str, command: Any) -> None:
    text = command.help
    assert len(text.split("\n\n")[0]) > 30
    example = re.search(r"\*\*Example:\*\* `streamlens ([^`]+)`", text)
    assert example, f"{name} has no example"
    assert example[1].startswith(name)


@every_command
def test_every_option_is_explained(name: str, command: Any) -> None:
    for parameter in command.params:
        if parameter.name != "help":
            assert parameter.help, f"{name}: {parameter.name}"


@every_command
def test_every_example_can_be_parsed(name: str, command: Any) -> None:
    example = re.search(r"\*\*Example:\*\* `streamlens ([^`]+)`", command.help)
    assert example
    arguments = shlex.split(example[1])[len(name.split()) :]
    command.make_context(name, arguments)


def test_the_readme_speaks_of_no_command_or_option_that_is_not_there() -> None:
    for line in re.findall(r"`streamlens ([^`]+)`", README):
        name = next((name for name in COMMANDS if line.startswith(name)), None)
        assert name, f"README speaks of: streamlens {line}"
        options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", line)) <= options | {"--help"}, line
