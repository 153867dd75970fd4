"""stream.yaml: what the user says of a broadcast."""

from datetime import datetime
from pathlib import Path
from typing import Any

from streamlens.capture.hosts import read_hosts
from streamlens.errors import InputError
from streamlens.handwritten import read_yaml

OFFSETS = ("comments_offset_s", "viewers_offset_s", "orders_offset_s")


def stream_facts(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The fields of Recording that stream.yaml gives, and notes on what else is in it."""
    table = stream_table(path)
    facts: dict[str, Any] = {}
    for key in ("id", "title", "anchor", "room", "platform", "started_at"):
        value = table.get(key, "")
        if not isinstance(value, str):
            raise InputError(f"{path}: {key}", "must be one value, not a list or table", f"write {key}: '...'")
        facts[key] = "" if value in {"~", "null"} else value.strip()
    del facts["id"]
    offsets(path)  # bad ones are told now, not when the speech is done
    began = facts.pop("started_at")
    try:
        facts["started_at"] = datetime.fromisoformat(began.replace("/", "-")) if began else None
    except ValueError:
        raise InputError(f"{path}: started_at", f"{began!r} is not a time", "write it as 2026-09-20T18:00:00") from None
    hosts = read_hosts(path, table)
    unknown = sorted(set(table) - {*facts, *hosts, "id", "speakers", *OFFSETS})
    return facts | hosts, [
        f"unknown: {path.name} has {', '.join(unknown)}, which nothing is done with"
    ] if unknown else []


def offsets(path: Path | None) -> dict[str, int]:
    """Milliseconds that stream.yaml says are to be added to the times of audience files."""
    table = stream_table(path) if path else {}
    return {key: _seconds(table[key], f"{path}: {key}") for key in OFFSETS if table.get(key)}


def _seconds(text: object, where: str) -> int:
    try:
        return round(float(str(text)) * 1000)
    except (ValueError, OverflowError):  # NaN and infinity among them
        raise InputError(where, f"{text!r} is no number of seconds", "write it as -3.2") from None


def stream_table(path: Path) -> dict[str, Any]:
    """A YAML table of strings: a loader that knows numbers would read room 0123 as 83, and 24:00 as 1440."""
    table = read_yaml(path) or {}
    if not isinstance(table, dict):
        raise InputError(str(path), "is no table of keys and values", "write one `key: value` a line")
    return {str(key): value for key, value in table.items()}
