"""Character error rate of streamlens beside faster-whisper's own default, on the same model and the same files.

    python scripts/measure_cer.py MODEL DATA [--sets aishell,azure,peers,streams] [--peers FILE] [--show]

MODEL is a Whisper folder, DATA holds the sets that are there: `speech_aishell_s0150` (flac + transcripts.tsv),
`speech_azure_zhcn`, `speech_peer_tests`, `streams/*/` (recording + gold.json). The peer clips come without texts: FILE
gives them, a file name, a tab and what is said in it a line. The default that it is measured against
is `WhisperModel.transcribe(path, language="zh")`. Both sides of every comparison are brought into one form: simplified,
figures for numerals, lower case, marks and spaces left out. For streams it says as well how far from the first sound of
each scripted line the word begins that carries it.
"""

import argparse
import json
import re
import time
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from streamlens import language
from streamlens.capture.audio import RATE, decode
from streamlens.capture.recording import StreamFiles, probe
from streamlens.capture.transcript import Engine, load_engine, transcribe
from streamlens.schema import Recording, Transcript

# What is said in test clips of other recognisers that come without their text
_NUMERAL = re.compile("[零〇一二两三四五六七八九幺十百千]+")
_RATE = re.compile("百分之([零〇一二两三四五六七八九十百千点]+)")
_FIGURE = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1}
_SIZE = {"十": 10, "百": 100, "千": 1000}


def plain(text: str) -> str:
    """The one form that both sides are compared in."""
    text = unicodedata.normalize("NFKC", language.simplify(text)).casefold().removeprefix("\ufeff")
    text = _NUMERAL.sub(_in_figures, _RATE.sub(r"\1%", text))
    text = re.sub(r"(?<=\d)点(?=\d)", "", text)
    return "".join(char for char in text if char == "%" or unicodedata.category(char)[0] in "LN")


def _in_figures(match: re.Match[str]) -> str:
    numeral = match.group()
    if all(char in _FIGURE for char in numeral):
        return "".join(str(_FIGURE[char]) for char in numeral)
    if all(char in _SIZE for char in numeral) and numeral != "十":
        return numeral  # 千百: no number
    total = figure = 0
    for char in numeral:
        if char in _SIZE:
            total, figure = total + (figure or (1 if char == "十" else 0)) * _SIZE[char], 0
        else:
            figure = _FIGURE[char]
    return str(total + figure)


def clips(data: Path, peers: Path | None) -> Iterator[tuple[str, Path, str]]:
    """(set, file, what is said in it)."""
    table = data / "speech_aishell_s0150/transcripts.tsv"
    for line in table.read_text(encoding="utf-8-sig").splitlines() if table.exists() else ():
        name, said = line.split("\t")
        yield "aishell", table.parent / f"flac/{name}.flac", said
    for table in sorted((data / "speech_azure_zhcn").glob("*/trans.txt")):
        for line in table.read_text(encoding="utf-8-sig").splitlines():
            if "\t" in line:
                name, said = line.split("\t")
                yield "azure", table.parent / name, said
    for text in sorted((data / "speech_azure_zhcn").glob("*_sample.txt")):
        yield "azure", text.with_suffix(".wav"), text.read_text(encoding="utf-8-sig")
    for line in peers.read_text(encoding="utf-8-sig").splitlines() if peers else ():
        name, said = line.split("\t")
        yield "peers", data / "speech_peer_tests" / name, said
    for gold in sorted((data / "streams").glob("*/gold.json")):
        recording = next(gold.parent.glob("recording.*"))
        yield "streams", recording, "".join(line["text"] for line in _lines(recording))


def _lines(recording: Path) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads((recording.parent / "gold.json").read_text(encoding="utf-8"))["lines"]
    return lines


def ours(path: Path, engine: Engine) -> tuple[Recording, Transcript]:
    recording = probe(StreamFiles(id=path.stem, folder=path.parent, parts=(path,)))
    return recording, transcribe(recording, [path], engine)


def starts(path: Path, recording: Recording, transcript: Transcript) -> list[float]:
    """How many seconds after the first sound of each scripted line the word begins that carries its first character."""
    heard = [
        (char, word.start_ms) for each in transcript.utterances for word in each.words for char in plain(word.text)
    ]
    lines = _lines(path)
    said = [(char, index) for index, line in enumerate(lines) for char in plain(line["text"])]
    carried: dict[int, int] = {}
    for part in Levenshtein.opcodes([char for char, _ in said], [char for char, _ in heard]):
        if part.tag in {"equal", "replace"}:
            for one, other in zip(
                range(part.src_start, part.src_end), range(part.dest_start, part.dest_end), strict=False
            ):
                carried.setdefault(said[one][1], heard[other][1])
    sound = np.concatenate([block.sound for block in decode(recording, [path])])
    off = []
    for index, start_ms in carried.items():
        part = sound[int(lines[index]["start"] * RATE) : int(lines[index]["end"] * RATE)]
        frames = part[: part.size // 160 * 160].reshape(-1, 160)
        loud = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
        first = int(np.flatnonzero(loud > loud.max() - 22)[0])  # music and noise lie further below the voice
        off.append(start_ms / 1000 - lines[index]["start"] - first / 100)
    return off


def main() -> None:
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", default="aishell,azure,peers,streams")
    parser.add_argument("--peers", type=Path, help="what is said in the peer clips: file name, tab, text")
    parser.add_argument("--show", action="store_true", help="print what was written for each file")
    args = parser.parse_args()
    from faster_whisper import WhisperModel

    engine = load_engine(args.model, device="cpu")
    default = WhisperModel(str(args.model), compute_type="int8", device="cpu")
    errors: dict[str, list[int]] = {}  # set -> characters, errors of ours and of the default
    spent: dict[str, list[float]] = {}
    off: list[float] = []
    for name, path, said in clips(args.data, args.peers):
        if name not in args.sets.split(","):
            continue
        begun = time.process_time()
        recording, transcript = ours(path, engine)
        between = time.process_time()
        segments, _ = default.transcribe(str(path), language="zh")
        texts = ("".join(each.text for each in transcript.utterances), "".join(segment.text for segment in segments))
        ended = time.process_time()
        if name == "streams":
            off += starts(path, recording, transcript)
        wrong = [Levenshtein.distance(plain(said), plain(text)) for text in texts]
        for sums, values in ((errors, [len(plain(said)), *wrong]), (spent, [between - begun, ended - between])):
            row = sums.setdefault(name, [0] * len(values))
            row[:] = [old + new for old, new in zip(row, values, strict=True)]
        if args.show:
            print(f"{path.name} {wrong}\n  said    {said}\n  ours    {texts[0]}\n  default {texts[1]}")
    print(f"{'set':10}{'characters':>11}{'ours':>9}{'default':>9}{'CPU s':>8}{'default':>9}")
    for name, (count, mine, theirs) in errors.items():
        cpu = spent[name]
        print(f"{name:10}{count:11}{mine / count:9.4f}{theirs / count:9.4f}{cpu[0]:8.1f}{cpu[1]:9.1f}")
    if off:
        near = sum(abs(each) <= 0.3 for each in off) / len(off)
        print(f"lines of streams begin {np.median(off):+.2f} s (median) off their sound, {near:.0%} within 0.3 s")


if __name__ == "__main__":
    main()
