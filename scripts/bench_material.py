"""What bench.py measures on: a recording of any length made of short streams, and transcripts and products."""

import csv
import json
import random
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

WIDE, HIGH, FPS, GOP_S = 720, 1280, 25, 2


def stream(folder: Path, sources: Sequence[Path], minutes: int, *, film: bool = True) -> Path:
    """A stream folder with a recording of so many minutes: the sources one after another, as often as it takes.

    720x1280, 25 pictures and 1.5 Mb a second, a keyframe every two seconds, AAC: as live recorders write them. Its
    catalogue and papers are those of all sources. Made once: a folder that is whole is used again.
    """
    if (folder / "made.json").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    once = folder / f"once{_SUFFIX}"
    print(f"making a recording of {minutes} minutes in {folder} ...", flush=True)
    inputs = [word for source in sources for word in ("-i", str(next(source.glob("recording.*"))))]
    each = "".join(f"[{n}:v:0]scale={WIDE}:{HIGH},setsar=1,fps={FPS}[v{n}];" for n in range(len(sources)))
    joined = "".join(f"[v{n}][{n}:a:0]" for n in range(len(sources)))
    _ffmpeg(
        *inputs, "-filter_complex", f"{each}{joined}concat=n={len(sources)}:v=1:a=1[v][a]", "-map", "[v]", "-map", "[a]",
        "-c:v", "libx264", "-preset", "veryfast", "-b:v", "1500k", "-maxrate", "1500k", "-bufsize", "3000k",
        "-g", str(FPS * GOP_S), "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", str(once),
    )  # fmt: skip
    looped = ["-stream_loop", "-1", "-i", str(once), "-t", str(minutes * 60), "-c", "copy"]
    _ffmpeg(*looped, *([] if film else ["-vn"]), str(folder / "recording.mp4"))
    once.unlink()
    _papers(folder, sources)
    (folder / "made.json").write_text(json.dumps({"said": _said(sources, minutes)}, ensure_ascii=False))
    return folder


def _said(sources: Sequence[Path], minutes: int) -> list[str]:
    """The lines that are said in full, where gold.json tells what is said in every source."""
    if not all(_gold(source) for source in sources):
        return []
    golds = [json.loads((source / "gold.json").read_text(encoding="utf-8")) for source in sources]
    lengths = [_length_s(next(source.glob("recording.*"))) for source in sources]
    said: list[str] = []
    at_s = 0.0
    while at_s < minutes * 60:
        for gold, length_s in zip(golds, lengths, strict=True):
            said += [line["text"] for line in gold["lines"] if at_s + line["end"] <= minutes * 60]
            at_s += length_s
    return said


_SUFFIX = ".mkv"


def _gold(source: Path) -> bool:
    return (source / "gold.json").exists()


def _papers(folder: Path, sources: Sequence[Path]) -> None:
    rows: list[dict[str, str]] = []
    documents: list[dict[str, object]] = []
    for source in sources:
        if (source / "catalog.csv").exists():
            with (source / "catalog.csv").open(encoding="utf-8-sig", newline="") as file:
                rows += [{**row, "link": str(len(rows) + n)} for n, row in enumerate(csv.DictReader(file), 1)]
        if (source / "evidence.yaml").exists():
            given = yaml.safe_load((source / "evidence.yaml").read_text(encoding="utf-8"))
            documents += [{**each, "id": f"E{len(documents) + n}"} for n, each in enumerate(given["documents"], 1)]
    if rows:
        with (folder / "catalog.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    if documents:
        (folder / "evidence.yaml").write_text(yaml.safe_dump({"documents": documents}, allow_unicode=True))
    (folder / "stream.yaml").write_text(f"id: {folder.name}\nstarted_at: '2026-10-12T19:30:00'\n")


def _ffmpeg(*words: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *words], check=True)


def _length_s(path: Path) -> float:
    words = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "default=nk=1:nw=1", str(path)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


# ---- text

_PLACES = (
    "赣南 秦岭 五常 洛川 阳山 烟台 宁夏 恩施 六安 库尔勒 吐鲁番 丹东 奉节 蒙自 陵水 攀枝花 大荔 眉县 平谷 莱阳".split()
)
_WAYS = "散养 高山 富硒 沙地 头茬 老树 冰糖 红心 黄心 糯香 土种 现挖 手工 石磨 日晒 小个 大个 礼盒 家庭装 尝鲜".split()
_GOODS = (
    "脐橙 苹果 水蜜桃 樱桃 枸杞 土豆 鸡蛋 香梨 葡萄干 草莓 石榴 荔枝 芒果 猕猴桃 黄桃 小米 大米 蜂蜜 菜籽油 红薯 "
    "板栗 核桃 红枣 木耳 香菇 粉条 腊肉 腊肠 鸭蛋 牛肉干 茶叶 菊花 百合 莲子 山药 莲藕 玉米 花生 芝麻 绿豆 红豆 豆腐干 "
    "豆瓣酱 米酒 果醋 柿饼 杏干 柚子 柑橘 菠萝 山楂 冬枣 蓝莓 西瓜 甜瓜 番茄 辣椒 大蒜 生姜 洋葱"
).split()
_OPENINGS = "接下来给大家上{}。 下一个品，{}。 我们再来看{}。 好，{}来了。 姐妹们要的{}上了。".split()
_SENTENCES = "claims_four_families claims_other_families facts written/innocent written/dev".split()  # not written/test
_CLAIM_EVERY, _MENTION_EVERY = 450, 40  # characters


def text_stream(folder: Path, data: Path, *, characters: int, products: int) -> Path:
    """A stream folder with a transcript, a catalogue, and papers for some of the products.

    What is said is drawn from the sentences of `data` (tests/data): products are presented one after another, named
    about every 40 characters, with a sentence that makes a claim about every 450, among sentences that make none.
    """
    draw = random.Random(8)
    folder.mkdir(parents=True, exist_ok=True)
    pairs = draw.sample([(way, good) for way in _WAYS for good in _GOODS], products)
    names = [(draw.choice(_PLACES), way + good) for way, good in pairs]
    with (folder / "catalog.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow("link sku name aliases category price unit net_weight_g origin kind".split())
        for number, (place, short) in enumerate(names, 1):
            row = [number, f"SKU-{number}", place + short, short, "水果", f"{draw.randint(99, 999) / 10}", "5斤装"]
            table.writerow([*row, 2500, place, "fresh"])
    documents = [paper for number in range(1, products + 1) for paper in _some_papers(f"SKU-{number}", draw)]
    (folder / "evidence.yaml").write_text(yaml.safe_dump({"documents": documents}, allow_unicode=True))
    (folder / "transcript.srt").write_text("\n".join(_lines(names, *_sentences(data), characters, draw)))
    (folder / "stream.yaml").write_text("id: text\nstarted_at: '2026-10-12T19:30:00'\n")
    return folder


def _some_papers(sku: str, draw: random.Random) -> list[dict[str, object]]:
    """A test report for a third of the products, a harvest record for a fifth, an organic certificate for a few."""
    papers: list[dict[str, object]] = []
    if draw.random() < 0.33:
        items = [{"name": "毒死蜱", "result": "未检出", "standard": "GB 2763"}]
        papers += [{"type": "test_report", "issued_on": "2026-10-08", "issuer": "市农产品检测中心", "items": items}]
    if draw.random() < 0.2:
        papers += [{"type": "harvest_record", "harvested_at": "2026-10-12T05:40:00", "issuer": "红果合作社"}]
    if draw.random() < 0.05:
        term = {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}
        papers += [{"type": "organic_certificate", "number": f"131OP26{draw.randint(10000, 99999)}", **term}]
    return [{"id": f"E-{sku}-{number}", "covers": [sku], **paper} for number, paper in enumerate(papers, 1)]


def _sentences(data: Path) -> tuple[list[str], list[str]]:
    """(sentences that make no claim, sentences that do)."""
    without, claiming = [], []
    for name in _SENTENCES:
        for line in (data / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            given = json.loads(line)
            (claiming if given.get("claims") else without).append(given["text"])
    return without, claiming


def _lines(
    names: Sequence[tuple[str, str]], without: list[str], claiming: list[str], characters: int, draw: random.Random
) -> Iterator[str]:
    """The entries of a subtitle file, in which every product is presented once."""
    at_ms = size = number = unnamed = unclaimed = 0
    for turn, (place, short) in enumerate(names, 1):
        said = draw.choice(_OPENINGS).format(place + short)
        while said or size < characters * turn / len(names):
            if not said:
                claims = unclaimed >= _CLAIM_EVERY
                said = draw.choice(claiming if claims else without)
                unclaimed = 0 if claims else unclaimed
                said = f"{short}，{said}" if unnamed >= _MENTION_EVERY else said
            unnamed = 0 if short in said else unnamed + len(said)
            unclaimed, size, number = unclaimed + len(said), size + len(said), number + 1
            until_ms = at_ms + 220 * len(said)
            yield f"{number}\n{_clock(at_ms)} --> {_clock(until_ms)}\n{said}\n"
            at_ms, said = until_ms + 400, ""


def _clock(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"
