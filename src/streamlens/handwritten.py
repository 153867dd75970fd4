"""Files that people write by hand, YAML and TOML, become plain values, and what is wrong in one is told with its line.

YAML gives texts, lists and mappings only: 2026-10-12, 0.10 and no stay what was written, and tags do nothing. How large
and how deep a file may be is limited, so that none can exhaust memory or stack.
"""

import tomllib
from pathlib import Path
from typing import Any

from .errors import InputError, StreamlensError
from .table import decode, read_bytes

_MOST_BYTES = 10_000_000
_DEEPEST = 40


def read_yaml(path: Path) -> Any:
    """InputError for what is no YAML, a key that is written twice, an alias, a file too large or nested too deep."""
    import yaml

    data = read_bytes(path)
    if len(data) > _MOST_BYTES:
        raise InputError(str(path), f"is larger than {_MOST_BYTES // 1_000_000} MB", "split it")
    text = decode(data, path)

    class Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            names: set[str] = set()
            for name in (str(key.value) for key, _ in node.value):
                if name in names:
                    raise yaml.constructor.ConstructorError(None, None, f"{name!r} is written twice", node.start_mark)
                names.add(name)
            return super().construct_mapping(node, deep)

    try:
        depth = 0
        for event in yaml.parse(text, Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            where = f"{path}: line {event.start_mark.line + 1}" if event.start_mark else str(path)
            if isinstance(event, yaml.AliasEvent):
                raise InputError(
                    where, f"refers to another place (*{event.anchor})", "put it in quotes or write it out"
                )
            if depth > _DEEPEST:
                raise InputError(where, f"is nested more than {_DEEPEST} deep", "write it flatter")
        return yaml.load(text, Loader)  # noqa: S506 - a base loader builds nothing but texts, lists and mappings
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}: line {mark.line + 1}" if mark else str(path)
        raise InputError(
            where, f"is not valid YAML ({error.problem})", "check indentation, colons and quotes"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(str(path), f"is not valid YAML ({type(error).__name__})", "write it anew") from error


def read_toml(path: Path, *, fault: type[StreamlensError] = InputError) -> tuple[str, dict[str, Any]]:
    """The text and the table of a TOML file; `fault`, with the line where there is one, for what cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise fault(str(path), f"cannot be read ({error.strerror})", "check path and permissions") from error
    except UnicodeDecodeError as error:
        raise fault(str(path), f"is not UTF-8 ({error.reason})", "save it as UTF-8") from error
    if len(text) > _MOST_BYTES:
        raise fault(str(path), f"is larger than {_MOST_BYTES // 1_000_000} MB", "split it")
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(str(path), f"is not valid TOML ({error})", "check quotes, brackets and keys") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        raise fault(str(path), f"is not valid TOML ({type(error).__name__})", "write it anew") from error
