"""Every reader of foreign bytes as a fuzzer calls it: bytes in, and at most one clear error out.

A reader may refuse what it is given with a StreamlensError, in one line. Whatever else it raises is a fault, and so are
a hang and memory without end (the fuzzer sets their limits). Seeds lie in tests/data/fuzz/<reader>/; what once broke a
reader stays there.
"""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from streamlens.capture.audio import RATE, decode
from streamlens.capture.engagement import AudienceFile, AudienceFiles, Role, read_audience
from streamlens.capture.recording import StreamFiles, probe
from streamlens.capture.stream_file import stream_facts
from streamlens.capture.transcript import read_transcript
from streamlens.config import load_settings
from streamlens.detect.catalogue import read_catalogue
from streamlens.detect.coded import read_coded
from streamlens.detect.rules import load_rules, read_rule, read_stance, read_words
from streamlens.errors import StreamlensError
from streamlens.judge.evidence import read_evidence
from streamlens.judge.hearing import load_hearing
from streamlens.judge.law import load_law
from streamlens.judge.pages import read_file
from streamlens.link.models import load_model
from streamlens.pipeline import STAGES
from streamlens.schema import Catalogue, Product, Record, Recording, Screen
from streamlens.shipped import shipped
from streamlens.store import Store

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "data" / "fuzz"
LONGEST_LINE = 1000  # characters of an error: a message that recites the file is no clear line
CATALOGUE = Catalogue(products=(Product(sku="JD-40", name="散养土鸡蛋", link=1, aliases=("土鸡蛋",)),))


class Fault(AssertionError):
    """An error that is not told as it should be."""


def call(reader: str, data: bytes) -> bool:
    """Whether the reader took these bytes; False where it refused them as it should. Anything else is raised."""
    suffix, function = READERS[reader]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        path = Path(folder) / f"given{suffix}"
        path.write_bytes(data)
        try:
            _kept_whole(function(path))
        except StreamlensError as error:
            line = str(error)
            if "\n" in line or len(line) > LONGEST_LINE or not error.what:
                raise Fault(f"{reader}: not one clear line: {line[:300]!r}") from error
            return False
    return True


def _kept_whole(record: Any) -> None:
    """What was read can be written to the store and read back."""
    if isinstance(record, Record) and msgspec.json.decode(msgspec.json.encode(record), type=type(record)) != record:
        raise Fault(f"{type(record).__name__} does not survive the store")


def _audience(role: Role) -> Callable[[Path], Any]:
    recording = Recording(id="fuzz", duration_ms=600_000, parts=())

    def read(path: Path) -> Record:
        files = AudienceFiles(files=(AudienceFile(path=path, role=role),))
        audience = read_audience(files, recording, CATALOGUE, Screen(recording="fuzz"))
        for trouble in (*audience.notes, *audience.unread):
            if "\n" in trouble or len(trouble) > LONGEST_LINE:
                raise Fault(f"{role}: not one clear line: {trouble[:300]!r}")
        return audience

    return read


def _artefact(path: Path) -> None:
    """The first line names the stage; what does not decode is set aside and made again."""
    name, _, data = path.read_bytes().partition(b"\n")
    records = {stage.name: stage.record for stage in STAGES}
    stage = name.decode("utf-8", "replace")
    if stage in records:
        store = Store(path.parent / "workspace")
        store.folder("r").mkdir(parents=True)
        (store.folder("r") / f"{stage}-0.json").write_bytes(data)
        store.load("r", stage, "0", records[stage])
        store.read("r", f"{stage}-0.json", records[stage])


def _media(path: Path) -> Record:
    """Headers, then the sound as far as it goes; a minute of it will do."""
    recording = probe(StreamFiles(id="fuzz", folder=path.parent, parts=(path,)))
    for block in decode(recording, [path]):
        if block.start > 60 * RATE:
            break
    return recording


class _Blank:
    def read(self, image: Any) -> tuple[()]:
        if not isinstance(image, np.ndarray) or image.ndim != 3 or max(image.shape) > 12_000:
            raise Fault(f"a picture of {getattr(image, 'shape', None)} was handed to the reader")
        return ()


def _scan(path: Path) -> Record:
    return read_file(path.name, path.read_bytes(), _Blank)


@cache
def _sets() -> dict[str, tuple[str, ...]]:
    return dict(load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon").sets)


def _rule(path: Path) -> Record:
    folder = path.parent / "health"
    folder.mkdir()
    moved = path.rename(folder / "disease.toml")
    return read_rule(moved, _sets())


READERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "catalogue_csv": (".csv", read_catalogue),
    "catalogue_xlsx": (".xlsx", read_catalogue),
    "evidence_yaml": (".yaml", read_evidence),
    "evidence_csv": (".csv", read_evidence),
    "stream_yaml": (".yaml", stream_facts),
    "comments": ("", _audience("comments")),
    "viewers": ("", _audience("viewers")),
    "orders": ("", _audience("orders")),
    "subtitles": (".srt", lambda path: read_transcript(path, "fuzz")),
    "transcript_json": (".json", lambda path: read_transcript(path, "fuzz")),
    "rule": (".toml", _rule),
    "stance": (".toml", read_stance),
    "words": (".txt", read_words),
    "coded": (".txt", lambda path: read_coded(path, _sets())),
    "settings": (".toml", load_settings),
    "law": (".toml", load_law),
    "hearing_model": (".json", load_hearing),
    "sales_model": (".skops", load_model),
    "artefact": (".json", _artefact),
    "media": ("", _media),
    "scan_pdf": (".pdf", _scan),
    "scan_picture": (".png", _scan),
}
"""Name: the ending of its files, and the function that reads one."""
