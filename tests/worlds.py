"""Worlds for tests: stream folders with real sound and hand-made papers, and a recogniser that reads from a script.

A module of its own, because worker processes and killed processes import it too.
"""

import hashlib
import os
import signal
import time
import wave
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from streamlens.capture.engine import Phrase
from streamlens.run import Order
from streamlens.schema import Word

SAID = "今天第一个上一号链接赣南脐橙。今天早上刚从树上摘下来的。每天吃一个能治高血压。"

CATALOGUE = """link,sku,name,aliases,category,price,unit,net_weight_g,origin,kind
1,QC-5,赣南脐橙,脐橙|橙子,水果,39.9,5斤,2500,江西赣州,fresh
"""
PAPERS = """documents:
- id: E1
  type: harvest_record
  covers: [QC-5]
  harvested_at: '2026-09-20T05:30:00'
"""
STREAM = """anchor: 小林
started_at: '2026-09-20T18:00:00'
title: 果园直播
"""


class Scripted(msgspec.Struct, frozen=True, kw_only=True):
    """A recogniser that hears `said` in every recording, and writes a line into `log` for each call.

    `seconds` is how long it takes over it, `fails` what it raises instead (`memory`: MemoryError); the first call ever
    that finds no file `dies` kills its process, and every call does that is made for the recording whose mark `kills` is.
    """

    said: str = SAID
    log: Path | None = None
    seconds: float = 0.0
    fails: str = ""
    dies: Path | None = None
    kills: Path | None = None
    name: str = "scripted"
    workers: int = 1
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.said.encode()).hexdigest()

    def load(self) -> "Scripted":
        return self

    def hear(
        self, sounds: Sequence[Any], *, beam_size: int, hotwords: Sequence[str] = (), careful: bool = False
    ) -> tuple[tuple[Phrase, ...], ...]:
        if self.log and not careful:
            with self.log.open("a") as file:
                file.write("heard\n")
        time.sleep(self.seconds)
        if self.dies and not self.dies.exists():
            self.dies.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kills and self.kills.exists() and self.kills.read_text() == str(os.getpid()):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fails == "memory":
            raise MemoryError
        if self.fails:
            raise ValueError(self.fails)
        return tuple(self._phrases(sound.size * 1000 // 16_000) for sound in sounds)

    def weigh(self, sound: Any, texts: Sequence[str]) -> tuple[float, ...]:
        return tuple(-float(len(text)) for text in texts)

    def _phrases(self, sound_ms: int) -> tuple[Phrase, ...]:
        step = sound_ms / len(self.said)
        words = tuple(
            Word(start_ms=round(n * step), end_ms=round((n + 1) * step), text=char, probability=0.9)
            for n, char in enumerate(self.said)
        )
        return (Phrase(words=words, likelihood=-0.1, silence=0.0),)


def heard(log: Path) -> int:
    """How often a Scripted with this log was called."""
    return len(log.read_text().splitlines()) if log.exists() else 0


def stream(folder: Path, sound: Path, *, unlike: int = 0, **files: str) -> Path:
    """A stream folder with a recording, a catalogue and papers; `files` replaces or adds (catalog_csv="...").

    `unlike` lengthens the recording by so many samples of silence, so that recordings differ in bytes and digest.
    """
    folder.mkdir(parents=True)
    with wave.open(str(sound), "rb") as given, wave.open(str(folder / "recording.wav"), "wb") as recording:
        recording.setparams(given.getparams())
        recording.writeframes(given.readframes(given.getnframes()) + bytes(2 * unlike))
    texts = {"stream_yaml": STREAM, "catalog_csv": CATALOGUE, "evidence_yaml": PAPERS, **files}
    for name, text in texts.items():
        (folder / ".".join(name.rsplit("_", 1))).write_text(text, encoding="utf-8")
    return folder


def order(workspace: Path, **changes: Any) -> Order:
    """An order whose recogniser is Scripted; the fields of that may be changed too."""
    ours = {name: changes.pop(name) for name in Scripted.__struct_fields__ if name in changes}
    return Order(workspace=workspace, speech=partial(Scripted, **ours), **changes)


RULE = """severity = "high"
patterns = ["能治高血压"]

[why]
zh = "普通食品不得宣传治疗作用。"

[rewrite]
zh = "酸甜可口"

[[case]]
text = "这个能治高血压"
flag = ["能治高血压"]

[[case]]
text = "这个很好吃"
flag = []
"""
HARVEST = RULE.replace("能治高血压", "今天早上刚从树上摘下来的").replace("high", "medium")


def rules(folder: Path, **texts: str) -> Path:
    """A folder of two small rules, or of others (health_disease="...")."""
    for name, text in {"health_disease": RULE, "freshness_harvest": HARVEST, **texts}.items():
        path = folder / "{}/{}.toml".format(*name.split("_"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
