"""What bench.py measures on: a recording of any length made of short streams, and transcripts, rules and products."""

import csv
import json
import random
import subprocess
from collections.abc import Sequence
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
_WAYS = "散养 高山 富硒 有机 生态 头茬 老树 沙地 冰糖 红心 黄心 糯香 土种 现挖 手工 冷榨 石磨 日晒".split()
_GOODS = "脐橙 苹果 水蜜桃 樱桃 枸杞 土豆 鸡蛋 香梨 葡萄干 草莓 石榴 荔枝 芒果 猕猴桃 大桃 小米 大米 蜂蜜 菜籽油 红薯".split()
_FILL = (
    "来家人们看一下这个品相 今天给大家带来的是我们自己家种的 昨天下午刚从树上摘下来的 喜欢的家人直接拍一号链接 我跟你们说这个真的甜 "
    "不打农药不打蜡 坏果包赔 四十八小时之内发货 顺丰包邮到家 老人小孩都可以放心吃 一箱净重五斤 大概是二十个左右 今天拍两份再送一份 "
    "口感特别脆 汁水也很多 我们有检测报告的 不是那种催熟的 大家可以放心 去年卖了三万多单 回头客特别多 价格比超市便宜一半 库存不多了 "
    "只剩最后两百单 想要的抓紧 有没有从广东来的朋友 这个能降血糖 全网最低价 国家级示范基地 绿色食品认证 零添加 纯天然的"
).split()


def text_stream(folder: Path, rules: Path, *, characters: int, phrases: int, products: int) -> tuple[Path, Path]:
    """(stream folder, rules folder): a transcript, a catalogue, and the shipped rules with phrases added to one."""
    draw = random.Random(8)
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted({f"{place}{way}{good}" for place in _PLACES for way in _WAYS for good in _GOODS})
    names = sorted(draw.sample(names, products))
    with (folder / "catalog.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow("link sku name aliases category price unit net_weight_g origin kind".split())
        for number, name in enumerate(names, 1):
            table.writerow([number, f"SKU-{number}", name, name[2:], "水果", "29.9", "5斤装", 2500, name[:2], "fresh"])
    lines: list[str] = []
    at_ms = size = 0
    while size < characters:
        said = draw.choice(names) if draw.random() < 0.15 else ""
        said += "，".join(draw.sample(_FILL, draw.randint(1, 3)))
        length_ms = 220 * len(said)
        lines += [f"{_clock(at_ms)} --> {_clock(at_ms + length_ms)}\n{said}\n"]
        at_ms, size = at_ms + length_ms + 400, size + len(said)
    (folder / "transcript.srt").write_text("\n".join(f"{n}\n{line}" for n, line in enumerate(lines, 1)))
    (folder / "stream.yaml").write_text("id: text\nstarted_at: '2026-10-12T19:30:00'\n")
    target = folder.parent / "rules"
    if not target.exists():
        for path in sorted(rules.rglob("*.toml")):
            there = target / path.relative_to(rules)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes())
        _add_phrases(target / "absolute/best.toml", phrases, draw)
    return folder, target


def _add_phrases(path: Path, phrases: int, draw: random.Random) -> None:
    chars = sorted(set("".join(_WAYS + _GOODS)) - set("零一二三四五六七八九十百千万两亿半个台"))
    added = sorted({"".join(draw.sample(chars, draw.randint(4, 7))) for _ in range(phrases)})
    text = path.read_text(encoding="utf-8")
    head, mark, tail = text.partition("patterns = [")
    assert mark, path
    path.write_text(head + mark + "\n" + "".join(f'  "{each}",\n' for each in added) + tail, encoding="utf-8")


def _clock(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"
