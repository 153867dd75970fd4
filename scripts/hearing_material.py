"""The material of the hearing benchmark: sentences (tests/data/hearing) rendered as streams, and sounds without speech.

    python scripts/hearing_material.py check             the two sets are sound and disjoint
    python scripts/hearing_material.py render tune       writes <cache>/hearing/tune/<stream>/
    python scripts/hearing_material.py render cases      the cases of the rules, more to train on
    python scripts/hearing_material.py render wordless   writes <cache>/hearing/wordless/<stream>/

`tune` is for choosing thresholds and writing rules, `test` only for measuring. They were written apart: other products,
other wordings of the claims, other decoys. `check` enforces what can be: no product of one set is named in the other,
no claim is worded alike unless the wording is a term that has no other (TERMS), no decoy is used twice, and no
run of SHARED characters occurs in both beyond those terms.

A stream is two minutes with two voices in turn and one kind of disturbance, as a stream folder with `gold.json`; each
line of it also says voice, speed and, for a decoy made to sound like a claim, `near`.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from speech import (
    RATE,
    VOICES,
    Sound,
    Synthesiser,
    cache_folder,
    coloured_noise,
    fetch,
    level,
    music,
    read_wav,
    reverberated,
    write_wav,
)
from streamlens.detect.rules import load_rules
from streamlens.shipped import shipped
from wordless import wordless_sounds

DATA = Path(__file__).resolve().parents[1] / "tests" / "data" / "hearing"
SETS = ("tune", "test")
CONDITIONS = ("clean", "music", "noise", "reverb")
FAMILIES = ("freshness", "health", "purity", "certification")
STREAM_S = 115.0
SPEEDS = (0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2)
PAUSES_S, PAUSE_SHARES = (0.2, 0.4, 0.7, 1.2, 2.2), (0.3, 0.3, 0.2, 0.15, 0.05)
SHARED = 6
PROHIBITED = ("health.disease", "health.function", "health.beauty")
STARTED_AT = "2026-10-12T19:30:00"


class Marked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim in a sentence."""

    kind: str
    quote: str


class Near(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a decoy sounds like, and its own words that do."""

    kind: str
    phrase: str
    said: str


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of tests/data/hearing. Without claims it is a decoy."""

    id: str
    text: str
    claims: tuple[Marked, ...] = ()
    near: Near | None = None

    @property
    def families(self) -> set[str]:
        kinds = [claim.kind for claim in self.claims] + ([self.near.kind] if self.near else [])
        return {kind.split(".")[0] for kind in kinds}

    def drawn(self, what: str, choices: tuple[Any, ...]) -> Any:
        """A choice that hangs on the text alone, so that an edit elsewhere changes nothing here."""
        return choices[int(sha256(f"{what} {self.text}".encode()).hexdigest(), 16) % len(choices)]

    @property
    def voice(self) -> str:
        return str(self.drawn("voice", VOICES))

    @property
    def speed(self) -> float:
        return float(self.drawn("speed", SPEEDS))


def read_sentences(name: str) -> tuple[Sentence, ...]:
    """The sentences of a set; `cases` are those of the rules, as far as they can be spoken, without marks."""
    if name == "cases":
        book = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
        rules = [rule for rule in book.rules if rule.kind.split(".")[0] in FAMILIES]
        texts = dict.fromkeys(case.text for rule in rules for case in rule.cases)
        plain = [text for text in texts if not any(char.isascii() and char.isalnum() for char in text)]
        return tuple(Sentence(id=f"cases-{number:04d}", text=text) for number, text in enumerate(plain, 1))
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(msgspec.json.decode(line, type=Sentence) for line in lines)


def read_split() -> dict[str, Any]:
    """split.json: the products of each set and the terms that both must use."""
    table: dict[str, Any] = json.loads((DATA / "split.json").read_bytes())
    return table


def bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def check() -> list[str]:
    """What is wrong with the sentences, one line each."""
    split = read_split()
    sets = {name: read_sentences(name) for name in SETS}
    wrong = [problem for name in SETS for sentence in sets[name] for problem in _check_sentence(sentence)]
    for name in SETS:
        other = SETS[1 - SETS.index(name)]
        texts = "\n".join(sentence.text for sentence in sets[other])
        wrong += [
            f"{product}: a product of {name}, named in {other}"
            for product in split["products"][name]
            if product in texts
        ]
        for kind, number in (
            ("claim", sum(bool(s.claims) for s in sets[name])),
            ("decoy", sum(not s.claims for s in sets[name])),
        ):
            if number < 320:
                wrong.append(f"{name}: {number} {kind} sentences, 320 are wanted")
    quotes = [{claim.quote for sentence in sets[name] for claim in sentence.claims} for name in SETS]
    wrong += [
        f"{quote}: a claim of both sets" for quote in sorted(quotes[0] & quotes[1]) if quote not in split["terms"]
    ]
    said = [{sentence.near.said for sentence in sets[name] if sentence.near} for name in SETS]
    wrong += [f"{words}: a decoy of both sets" for words in sorted(said[0] & said[1])]
    runs = [set().union(*(_runs(sentence, split["terms"]) for sentence in sets[name])) for name in SETS]
    wrong += [f"{run}: in both sets" for run in sorted(runs[0] & runs[1])]
    return wrong


def _check_sentence(sentence: Sentence) -> Iterator[str]:
    if not 8 <= len(bare(sentence.text)) <= 30:
        yield f"{sentence.id}: {len(bare(sentence.text))} characters"
    for claim in sentence.claims:
        if claim.quote not in sentence.text or claim.kind.split(".")[0] not in FAMILIES:
            yield f"{sentence.id}: {claim.kind} {claim.quote}"
    if sentence.near and (sentence.claims or sentence.near.said not in bare(sentence.text)):
        yield f"{sentence.id}: {sentence.near.said}"


def _runs(sentence: Sentence, terms: list[str]) -> set[str]:
    text = bare(sentence.text)
    for term in sorted(terms, key=len, reverse=True):
        text = text.replace(term, "|")
    return {text[at : at + SHARED] for at in range(len(text) - SHARED + 1) if "|" not in text[at : at + SHARED]}


def speak(sentences: Iterable[Sentence]) -> dict[str, Sound]:
    """Each sentence spoken, from the cache where it was before. The long part: a second for a second of sound."""
    folder = cache_folder() / "utterances"
    paths = {
        sentence.id: folder
        / f"{sha256(f'{sentence.text} {sentence.voice} {sentence.speed}'.encode()).hexdigest()[:20]}.wav"
        for sentence in sentences
    }
    missing = [sentence for sentence in sentences if not paths[sentence.id].exists()]
    if missing:
        synthesiser = Synthesiser(fetch(cache_folder() / "synthesiser"), threads=1)
        begun = time.monotonic()
        for number, sentence in enumerate(missing, 1):
            write_wav(paths[sentence.id], synthesiser.say(sentence.text, sentence.voice, sentence.speed))
            if number % 50 == 0 or number == len(missing):
                print(
                    f"spoken {number} of {len(missing)} in {time.monotonic() - begun:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
    return {name: read_wav(path) for name, path in paths.items()}


def render(name: str, out: Path, *, seed: int = 20261012) -> None:
    """Writes the streams of a set into `out`, one folder each."""
    sentences = read_sentences(name)
    spoken = speak(sentences)
    rng = np.random.default_rng([seed, (*SETS, "cases").index(name)])
    numbers = count()
    for voices in (VOICES[::2], VOICES[1::2]):  # a woman and a man in turn
        waiting = _apart([sentence for sentence in sentences if sentence.voice in voices], rng)
        while waiting:
            taken, seconds = [], 0.0
            while waiting and seconds < STREAM_S:
                pause = float(rng.choice(PAUSES_S, p=PAUSE_SHARES))
                taken.append((waiting.pop(0), pause))
                seconds += len(spoken[taken[-1][0].id]) / RATE + pause
            number = next(numbers)
            condition = CONDITIONS[number % len(CONDITIONS)]
            _write_stream(out / f"{name}-{number:02d}-{condition}", taken, spoken, condition, rng, name)


def _apart(sentences: list[Sentence], rng: np.random.Generator) -> list[Sentence]:
    """In random order, neighbours of different families, so that a finding at a border belongs to one of them."""
    left = [sentences[index] for index in rng.permutation(len(sentences))]
    out: list[Sentence] = []
    while left:
        before = out[-1].families if out else set()
        out.append(left.pop(next((i for i, sentence in enumerate(left) if not sentence.families & before), 0)))
    return out


def _write_stream(
    folder: Path,
    taken: list[tuple[Sentence, float]],
    spoken: dict[str, Sound],
    condition: str,
    rng: np.random.Generator,
    name: str,
) -> None:
    pieces, lines, at = [np.zeros(RATE, np.float32)], [], RATE
    for sentence, pause in taken:
        sound = spoken[sentence.id]
        times = {"start": round(at / RATE, 3), "end": round((at + len(sound)) / RATE, 3)}
        lines.append({**times, **_gold_line(sentence)})
        pieces += [sound, np.zeros(round(pause * RATE), np.float32)]
        at += len(pieces[-2]) + len(pieces[-1])
    mix, levels = disturbed(np.concatenate([*pieces, np.zeros(RATE, np.float32)]), condition, rng)
    write_wav(folder / "recording.wav", mix, rate=16_000)
    gold = {
        "id": folder.name,
        "duration": round(len(mix) / RATE, 3),
        "condition": condition,
        "levels": levels,
        "lines": lines,
        "segments": [],
        "banners": [],
    }
    _write_papers(
        folder, [each for each in read_split()["products"].get(name, []) if any(each in s.text for s, _ in taken)]
    )
    (folder / "gold.json").write_text(json.dumps(gold, ensure_ascii=False, indent=1), encoding="utf-8")


def _gold_line(sentence: Sentence) -> dict[str, Any]:
    claims = [
        {
            "quote": claim.quote,
            "kind": claim.kind,
            "stance": "asserted",
            "verdict": "prohibited" if claim.kind in PROHIBITED else "unsupported",
        }
        for claim in sentence.claims
    ]
    near = {"near": msgspec.to_builtins(sentence.near)} if sentence.near else {}
    return {
        "id": sentence.id,
        "text": sentence.text,
        "claims": claims,
        "voice": sentence.voice,
        "speed": sentence.speed,
        **near,
    }


def _write_papers(folder: Path, products: list[str]) -> None:
    """The catalogue of what is named (if anything is), a stream.yaml, and papers that bear nothing out."""
    (folder / "stream.yaml").write_text(f'id: {folder.name}\nstarted_at: "{STARTED_AT}"\n', encoding="utf-8")
    (folder / "evidence.yaml").write_text("documents: []\n", encoding="utf-8")
    if not products:
        return
    with (folder / "catalog.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(("link", "sku", "name", "kind"))
        sheet.writerows((number, f"P{number:02d}", product, "primary") for number, product in enumerate(products, 1))


def disturbed(speech: Sound, condition: str, rng: np.random.Generator) -> tuple[Sound, dict[str, float]]:
    """Speech with what a room and a broadcast put over it, and the levels taken (beside SPEECH_LEVEL)."""
    bed, hiss = {
        "clean": (0.0, 0.001),
        "music": (rng.uniform(0.008, 0.02), 0.002),
        "noise": (0.0, rng.uniform(0.004, 0.012)),
        "reverb": (0.008, 0.004),
    }[condition]
    mix = speech
    if condition == "reverb":
        mix = reverberated(speech, rng)
        mix = level(mix, float(np.sqrt(np.mean(speech**2))))
    mix = mix + bed * music(len(mix), rng) + hiss * coloured_noise(len(mix), rng)
    return mix.astype(np.float32), {"music": round(bed, 4), "noise": round(hiss, 4)}


def render_wordless(out: Path, *, seed: int = 20261012) -> None:
    """Ten minutes in which nobody says a word."""
    rng = np.random.default_rng(seed)
    for name, sound in wordless_sounds(rng):
        folder = out / f"wordless-{name}"
        write_wav(folder / "recording.wav", sound, rate=16_000)
        gold = {
            "id": folder.name,
            "duration": len(sound) / RATE,
            "condition": name,
            "lines": [],
            "segments": [],
            "banners": [],
        }
        _write_papers(folder, ["蜂蜜", "苹果", "小米"])
        (folder / "gold.json").write_text(json.dumps(gold, ensure_ascii=False, indent=1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="The material of the hearing benchmark.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="say what is wrong with the sentences")
    rendering = commands.add_parser("render", help="write streams")
    rendering.add_argument("set", choices=(*SETS, "cases", "wordless"))
    rendering.add_argument("--out", type=Path, help="default: hearing/<set> in the cache folder")
    args = parser.parse_args()
    if args.command == "check":
        wrong = check()
        print("\n".join(wrong) or "nothing wrong")
        sys.exit(bool(wrong))
    out = args.out or cache_folder() / "hearing" / args.set
    if args.set == "wordless":
        render_wordless(out)
    else:
        render(args.set, out)
    print(out)


if __name__ == "__main__":
    main()
