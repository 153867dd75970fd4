"""Damages audience logs in known ways and sees that no readable row is lost and that what is wrong is said.

    python scripts/damage_audience.py [--variants 200] [--seed 1] [--samples DIR]

A row is *readable* if its own bytes are whole and, where the damage is to the table's columns, the columns it needs are
still there. A readable comment must come back with its text, and with its time if that was not damaged; a readable
event, reading of counters, order or minute of turnover must be counted. As the script damages the rows, it knows which
are whole; nothing is asked of the reader. Of each variant must hold besides: the rows of the source add up, and where a
row was lost or a file refused there is a message. Without --samples the logs are made here, in every format; with it,
real files of DIR (and below) are damaged as well. Exit code 1 if anything was lost.
"""

import argparse
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from audience_logs import BEGAN, DURATION_MS, Row, Sample, found, made
from streamlens.capture.audience.pseudonym import Pseudonyms
from streamlens.capture.engagement import AudienceFile, AudienceFiles, read_audience
from streamlens.schema import Audience, Catalogue, Product, Recording, Screen

RECORDING = Recording(id="r", parts=(), duration_ms=DURATION_MS, started_at=BEGAN)
GOODS = Catalogue(
    products=(Product(sku="QC-5", name="赣南脐橙", aliases=("脐橙",)), Product(sku="FM-1", name="土蜂蜜"))
)
KEY = Pseudonyms(b"a key for tests")
BAD_TIMES = ("昨天", "25:61:00", "2026-13-45 99:00:00", "-", "??", "1e999")


class Variant(NamedTuple):
    """A damaged log: its bytes, and of each row whether it is whole and whether its time is."""

    sample: Sample
    damage: str
    data: bytes
    rows: tuple[tuple[Row, bool], ...]  # the readable ones, and whether their time is
    refused: bool = False  # it may be refused as a whole
    says: str = ""  # what must be said


# ---- damages: each knows what it leaves whole

Made = Variant | None
Damage = Callable[[Sample, random.Random], Made]


def _build(
    sample: Sample, damage: str, rows: list[tuple[Row, bool, bool]], encoding: str = "utf-8", **given: Any
) -> Variant:
    """From (row, is it whole, is its time whole)."""
    text = sample.head + sample.joint.join(row.text for row, _, _ in rows) + (sample.tail or "\n")
    kept = tuple((row, timed) for row, whole, timed in rows if whole and row.kind)
    return Variant(sample, damage, text.encode(encoding, "surrogateescape"), kept, **given)


def _all(sample: Sample) -> list[tuple[Row, bool, bool]]:
    return [(row, True, True) for row in sample.rows]


def cut(sample: Sample, rng: random.Random) -> Made:
    whole = (sample.head + sample.joint.join(row.text for row in sample.rows)).encode()
    at = rng.randrange(len(sample.head.encode()) + 1, len(whole))
    kept, end = [], len(sample.head.encode())
    for row in sample.rows:
        end += len(row.text.encode())
        # a row of text that is cut may look whole; one that is whole must not be lost
        if end <= at:
            kept.append((row, True))
        end += len(sample.joint.encode())
    return Variant(sample, "cut off", whole[:at], tuple(pair for pair in kept if pair[0].kind), refused=not kept)


def headless(sample: Sample, rng: random.Random) -> Made:
    """The first bytes are gone, the names of the columns with them."""
    lost = rng.randrange(1, max(2, len(sample.rows) // 2))
    rows = sample.rows[lost:]
    text = sample.rows[lost - 1].text[rng.randrange(1, max(2, len(sample.rows[lost - 1].text))) :] + sample.joint
    text += sample.joint.join(row.text for row in rows) + (sample.tail or "\n")
    kept = tuple((row, True) for row in rows if row.kind)
    if sample.header and sample.role != "comments":
        return Variant(sample, "head lost", text.encode(), (), refused=True, says="without names|none of the known")
    return Variant(sample, "head lost", text.encode(), kept)


def reordered(sample: Sample, rng: random.Random) -> Made:
    rows = _all(sample)
    rng.shuffle(rows)
    return _build(sample, "reordered", rows)


def reencoded(sample: Sample, rng: random.Random) -> Made:
    encoding = rng.choice(("gb18030", "utf-16", "utf-8-sig", "utf-16-le"))
    variant = _build(sample, f"in {encoding}", _all(sample), encoding)
    return variant._replace(data=b"\xff\xfe" + variant.data) if encoding == "utf-16-le" else variant


def half_reencoded(sample: Sample, rng: random.Random) -> Made:
    """Appended to by a recorder with another code page."""
    if "\n" not in sample.joint:
        return None
    middle = len(sample.rows) // 2
    first = (sample.head + sample.joint.join(row.text for row in sample.rows[:middle]) + sample.joint).encode()
    last = (sample.joint.join(row.text for row in sample.rows[middle:]) + (sample.tail or "\n")).encode("gb18030")
    if sample.name.endswith((".xml", "session.json")):
        return None  # one document has one encoding
    return Variant(sample, "second half in gb18030", first + last, tuple((r, True) for r in sample.rows if r.kind))


def bad_times(sample: Sample, rng: random.Random) -> Made:
    rows = []
    for row in sample.rows:
        bad = row.time and row.kind and rng.random() < 0.25 and sample.name != "chart.csv"
        wrong = rng.choice(BAD_TIMES)
        if bad and sample.name.endswith((".jsonl", ".json")):
            wrong = json.dumps(wrong, ensure_ascii=False)
        text = row.text.replace(row.time, wrong, 1) if bad else row.text
        # a console line with a broken clock is whole but for it; what is no comment is nothing without its time
        rows.append((row._replace(text=text), not bad or row.kind == "comment", not bad))
    if sample.name in ("bililiverecorder.xml", "site.xml", "catcher.jsonl") or sample.name.endswith((".log", ".xml")):
        # they have a second time, or the broken clock becomes part of what was said
        rows = [(row, whole and timed, timed) for row, whole, timed in rows]
    return _build(sample, "bad times", rows)


def garbage(sample: Sample, rng: random.Random) -> Made:
    if "\n" not in sample.joint:
        return None
    rows: list[tuple[Row, bool, bool]] = []
    for row in sample.rows:
        if rng.random() < 0.2:
            noise = rng.choice(
                (
                    "-----",
                    "<<<<<<< HEAD",
                    "�锟斤拷烫烫烫",
                    "Traceback (most recent call last):",
                    "{",
                    "\x00\x00\x00\x00",
                    "null",
                )
            )
            rows.append((Row(noise, ""), False, False))
        rows.append((row, True, True))
    if sample.name == "session.json":
        return None  # between the messages of one value no line can stand
    return _build(sample, "garbage lines", rows)


def torn(sample: Sample, rng: random.Random) -> Made:
    """Rows cut short in the middle of the file, the next one following on its own line."""
    if "\n" not in sample.joint or sample.name == "session.json":
        return None
    rows = []
    for row in sample.rows:
        bad = rng.random() < 0.2
        text = row.text[: rng.randrange(1, len(row.text))] if bad else row.text
        rows.append((row._replace(text=text), not bad, not bad))
    return _build(sample, "torn rows", rows)


def flipped(sample: Sample, rng: random.Random) -> Made:
    """Bytes of some rows are not what they were."""
    data = sample.head.encode()
    kept = []
    for row in sample.rows:
        text = bytearray(row.text.encode())
        bad = rng.random() < 0.25
        for _ in range(3 if bad else 0):
            at = rng.randrange(len(text))
            text[at] = rng.choice([byte for byte in range(1, 256) if byte not in b'\n\r<>"'])
        data += bytes(text) + sample.joint.encode()
        kept += [(row, True)] if not bad else []
    tail = sample.tail.encode()
    data = data.removesuffix(sample.joint.encode()) + tail if sample.joint else data + tail
    if sample.name == "session.json":
        kept = []  # a broken string in one value: what follows may still be read, and is not asked for
    return Variant(sample, "flipped bytes", data, tuple(pair for pair in kept if pair[0].kind))


def line_ends(sample: Sample, rng: random.Random) -> Made:
    if sample.joint != "\n":
        return None
    text = "".join(row.text + rng.choice(("\n", "\r\n", "\r\n\r\n", "\n\n")) for row in sample.rows)
    data = (sample.head.replace("\n", "\r\n") + text + sample.tail).encode()
    return Variant(sample, "mixed line ends", data, tuple((row, True) for row in sample.rows if row.kind))


def repeated(sample: Sample, rng: random.Random) -> Made:
    """Rows twice: what has an id is counted once, what has none was said twice."""
    rows = [each for each in _all(sample) for _ in range(1 + (rng.random() < 0.2))]
    return _build(sample, "rows twice", rows)


def no_column(sample: Sample, rng: random.Random) -> Made:
    if not sample.header:
        return None
    column = rng.randrange(len(sample.header))
    name = sample.header[column]
    d = sample.delimiter

    def without(text: str) -> str:
        cells = text.split(d)
        return d.join(cells[:column] + cells[column + 1 :])

    rows = [
        (row._replace(text=without(row.text)), True, name not in ("time", "时间", "支付时间")) for row in sample.rows
    ]
    smaller = sample._replace(head=without(sample.head.rstrip("\n")) + "\n")
    timed = rows[0][2]
    needed = {"text", "弹幕内容", "gmv_min"}
    refused = name in needed or (not timed and sample.role != "comments")
    if refused or sample.role != "comments":
        rows = [(row, not refused, timed) for row, _, timed in rows]
    says = "known formats|no column|cannot be read|of use" if refused else "" if timed else "time"
    return _build(smaller, f"no column {name}", rows, refused=True, says=says)


def bad_numbers(sample: Sample, rng: random.Random) -> Made:
    if sample.role == "comments":
        return None
    rows = []
    for row in sample.rows:
        bad = rng.random() < 0.3
        cells = row.text.split(",")
        if bad:
            cells[-1 if "订单状态" not in sample.header else 3] = rng.choice(("abc", "#N/A", "1O0", "十来个"))
        rows.append((row._replace(text=",".join(cells)), not bad, True))
    return _build(sample, "bad numbers", rows)


def stray_quotes(sample: Sample, rng: random.Random) -> Made:
    if not sample.header or sample.role != "comments":
        return None
    rows = []
    for row in sample.rows:
        bad = rng.random() < 0.25
        text = row.text.replace(row.said, '"' + row.said, 1) if bad else row.text
        rows.append((row._replace(text=text), not bad, True))
    return _build(sample, "stray quotes", rows)


def shifted(sample: Sample, rng: random.Random) -> Made:
    """Another day: all is read, and it is said."""
    if not sample.header or not sample.rows[0].time.startswith("2026"):
        return None
    rows = [(row._replace(text=re.sub(r"2026-(\d\d)", r"2025-\1", row.text)), True, False) for row in sample.rows]
    return _build(sample, "another year", rows, says="outside the recording")


DAMAGES: tuple[Damage, ...] = (
    cut,
    headless,
    reordered,
    reencoded,
    half_reencoded,
    bad_times,
    garbage,
    torn,
    flipped,
    line_ends,
    repeated,
    no_column,
    bad_numbers,
    stray_quotes,
    shifted,
)


def variants(samples: list[Sample], count: int, seed: int) -> Iterator[Variant]:
    """So many damaged logs, each format and each damage in turn."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        for damage in DAMAGES:
            for sample in samples:
                if made < count and len(sample.rows) > 2 and (variant := damage(sample, rng)):
                    made += 1
                    yield variant


# ---- what is asked of the reader


def read(data: bytes, sample: Sample, folder: Path, recording: Recording = RECORDING) -> Audience:
    path = folder / sample.name
    path.write_bytes(data)
    files = AudienceFiles(
        files=(AudienceFile(path=path, role=sample.role),),  # type: ignore[arg-type]
        pseudonyms=KEY,
    )
    return read_audience(files, recording, GOODS, Screen(recording=recording.id))


def whole(sample: Sample) -> bytes:
    return (sample.head + sample.joint.join(row.text for row in sample.rows) + (sample.tail or "\n")).encode()


def faults(variant: Variant, folder: Path, recording: Recording = RECORDING) -> list[str]:
    """What is wrong with how a variant is read."""
    clean = read(whole(variant.sample), variant.sample, folder, recording)
    audience = read(variant.data, variant.sample, folder, recording)
    (source,) = audience.sources
    wrong = []
    if source.rows != source.read + sum(count for _, count in source.left_out):
        wrong.append(f"rows do not add up: {source.rows}, {source.read}, {source.left_out}")
    if source.state == "failed":
        if not variant.refused and variant.rows:
            wrong.append(f"refused: {source.troubles}")
        if not re.search(r"; \w", source.troubles[0]):
            wrong.append(f"no advice: {source.troubles[0]}")
    said = " ".join((*source.troubles, *source.notes))
    if variant.says and not re.search(variant.says, said):
        wrong.append(f"does not say {variant.says}: {said}")
    if dict(source.left_out).get("unreadable") and not source.troubles:
        wrong.append("rows are lost without a word")
    if source.state == "failed" and variant.refused:
        return wrong
    texts = Counter([each.text for each in audience.comments] + [each.text for each in audience.untimed])
    asked = Counter(KEY.masked(row.said) for row, _ in variant.rows if row.kind == "comment")
    if variant.damage == "rows twice":  # what has an id counts once
        asked = Counter(asked.keys())
    if lost := asked - texts:
        wrong.append(f"comments lost: {list(lost.elements())[:5]}")
    kinds, counted = Counter(row.kind for row, _ in variant.rows), dict(source.counts)
    for kind, count in kinds.items():
        if counted.get(kind, 0) < count and kind != "comment" and variant.damage != "rows twice":
            wrong.append(f"{count} {kind} are readable, {counted.get(kind, 0)} were read")
    times = {each.text: each.at_ms for each in clean.comments}
    places: dict[str, set[int]] = {}
    for each in audience.comments:
        places.setdefault(each.text, set()).add(each.at_ms)
    once = {text for text, count in Counter(row.said for row in variant.sample.rows).items() if count == 1}
    for row, timed in variant.rows:
        if timed and row.said in once and row.said in times and times[row.said] not in places.get(row.said, ()):
            wrong.append(f"{row.said!r} is at {places.get(row.said)} and not {times[row.said]}")
            break
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--variants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=Path)
    given = parser.parse_args()
    samples = made(random.Random(given.seed))
    if given.samples:
        samples = [*found(given.samples), *samples]
    bad = 0
    done: Counter[str] = Counter()
    rows = 0
    with tempfile.TemporaryDirectory() as folder:
        for variant in variants(samples, given.variants, given.seed):
            done[re.sub(" (in|column) .*", "", variant.damage)] += 1
            rows += len(variant.rows)
            for fault in faults(variant, Path(folder)):
                bad += 1
                print(f"{variant.sample.name}: {variant.damage}: {fault}")
    print(f"{sum(done.values())} variants of {len(samples)} logs, {rows} readable rows, {bad} faults: {dict(done)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
