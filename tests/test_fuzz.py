"""Readers of foreign bytes: what once broke one, and damage of every sort, is refused in one clear line or read.

The fuzzers proper run at night (`make fuzz`); here their corpus is read again, and shaken a little.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "data" / "fuzz"
NAMES = sorted(folder.name for folder in CORPUS.iterdir())


@pytest.fixture(scope="module")
def readers() -> Any:
    """The table of readers, as its neighbours see it."""
    sys.path.insert(0, str(ROOT / "scripts"))
    yield importlib.import_module("fuzz_readers")
    sys.path.remove(str(ROOT / "scripts"))
    del sys.modules["fuzz_readers"]


def test_every_reader_has_a_corpus_with_a_whole_file(readers: Any) -> None:
    assert sorted(readers.READERS) == NAMES
    for name in NAMES:
        assert any(readers.call(name, path.read_bytes()) for path in (CORPUS / name).iterdir()), name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_the_corpus_breaks_its_reader(readers: Any, name: str) -> None:
    for path in sorted((CORPUS / name).iterdir()):
        readers.call(name, path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(shaken=st.data())
def test_damage_is_read_or_refused(readers: Any, name: str, shaken: st.DataObject) -> None:
    seeds = sorted((CORPUS / name).iterdir())
    data = bytearray(shaken.draw(st.sampled_from(seeds)).read_bytes())
    for _ in range(shaken.draw(st.integers(1, 4))):
        at = shaken.draw(st.integers(0, len(data)))
        width = shaken.draw(st.integers(0, 12))
        data[at : at + width] = shaken.draw(
            st.binary(max_size=12) | st.sampled_from([b"\0", b"9" * 5000, b"[" * 3000, b"\xff\xfe", b"1e999", b"\n"])
        )
    readers.call(name, bytes(data))


def test_a_reader_that_fails_unclearly_is_caught(readers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def recites(path: Path) -> None:
        raise readers.StreamlensError("", "")

    monkeypatch.setitem(readers.READERS, "recites", ("", recites))
    with pytest.raises(readers.Fault):
        readers.call("recites", b"")
    monkeypatch.setitem(readers.READERS, "breaks", ("", lambda path: 1 // 0))
    with pytest.raises(ZeroDivisionError):
        readers.call("breaks", b"")
