"""Damaged logs: no readable row is lost, what is wrong is said, and no bytes whatever are more than an error that is told.

The damages and what counts as readable are those of scripts/damage_audience.py.
"""

import importlib
import os
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from capture.audience.logs import added_up, broadcast, read

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
SAMPLES = os.environ.get("STREAMLENS_AUDIENCE_SAMPLES", "")  # folders of real logs, parted as in PATH


@pytest.fixture(scope="module")
def script() -> Any:
    """The script, as its neighbours see it."""
    sys.path.insert(0, str(SCRIPTS))
    yield importlib.import_module("damage_audience")
    sys.path.remove(str(SCRIPTS))
    for name in ("damage_audience", "audience_logs"):
        del sys.modules[name]


def test_two_hundred_damaged_logs_lose_no_readable_row(script: Any, tmp_path: Path) -> None:
    samples = script.made(random.Random(1))
    done: Counter[str] = Counter()
    rows = 0
    for variant in script.variants(samples, 220, seed=1):
        done[variant.sample.name] += 1
        rows += len(variant.rows)
        assert script.faults(variant, tmp_path) == [], (variant.sample.name, variant.damage)
    assert len(done) == len(samples) == 17
    assert rows > 4000


def test_the_damages_do_damage_and_are_the_same_every_time(script: Any) -> None:
    samples = script.made(random.Random(1))
    first, second = (list(script.variants(samples, 220, seed=7)) for _ in range(2))
    assert [variant.data for variant in first] == [variant.data for variant in second]
    assert sum(variant.data != script.whole(variant.sample) for variant in first) > 200
    assert len({variant.damage.partition(" ")[0] for variant in first}) >= 10


def test_a_reader_that_loses_a_row_is_caught(script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sample,) = (each for each in script.made(random.Random(1)) if each.name == "danmaku.csv")
    whole = script._build(sample, "none", script._all(sample))
    assert script.faults(whole, tmp_path) == []
    lost = whole._replace(data=whole.data.replace(sample.rows[4].text.encode() + b"\n", b""))
    assert any("comments lost" in fault for fault in script.faults(lost, tmp_path))
    moved = whole._replace(data=whole.data.replace(sample.rows[4].time.encode(), sample.rows[5].time.encode()))
    assert any(" is at " in fault for fault in script.faults(moved, tmp_path))


@pytest.mark.skipif(not SAMPLES, reason="STREAMLENS_AUDIENCE_SAMPLES names no folders of real logs")
def test_real_logs_read_whole_and_damaged(script: Any, tmp_path: Path) -> None:
    samples = [sample for folder in SAMPLES.split(os.pathsep) for sample in script.found(Path(folder))]
    assert samples
    for sample in samples:
        audience = script.read(script.whole(sample), sample, tmp_path)
        (source,) = audience.sources
        assert dict(source.counts) == Counter(row.kind for row in sample.rows if row.kind), sample.name
        assert added_up(audience)
    for variant in script.variants(samples, 200, seed=3):
        assert script.faults(variant, tmp_path) == [], (variant.sample.name, variant.damage)


FRAGMENTS = st.sampled_from(
    [
        "<i>", "<d p=\"1.5,1,25,1,1,0,7,8\" user='a'>", "</d>", "<gift ts='1' giftcount='x'/>", "<!--", "<![CDATA[", "&#99999999;",
        '{"type":"chat","payload":', '{"content":"好","timestamp":1791806405}', '"chat_messages":[', "[{", "}]}", '"a":', "1e400", "NaN",
        "【聊天msg】[1]a: 好", "【统计msg】当前观看人数: 1万, 累计观看人数: x", "[2026-10-12 20:00:00]", "20:00:05 ", "【礼物msg】a 送出了 bx99999999999999999999",
        "time,user,text\n", "订单号,支付时间,商家编码,数量,实付金额\n", "时间\t在线人数\n", "1,a,b\n", '"', '""', ",", "\t", ";", "\n", "\r", "\0", "\ufeff",
        "2026-10-12 20:00:00", "9999-99-99 99:99:99", "-2147483648", "1.2万", "--", "@山风 ", "13800138000", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
    ]
)  # fmt: skip
SOUP = st.lists(FRAGMENTS, max_size=40).map("".join)
ENCODED = st.tuples(SOUP, st.sampled_from(["utf-8", "gb18030", "utf-16", "utf-16-be"])).map(
    lambda pair: pair[0].encode(pair[1], "replace")
)
ANY_BYTES = st.one_of(st.binary(max_size=400), ENCODED, st.tuples(ENCODED, st.binary(max_size=20)).map(b"".join))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    data=ANY_BYTES, name=st.sampled_from(["danmaku.xml", "danmaku.json", "danmaku.log", "viewers.csv", "orders.xlsx"])
)
@example(data=b"PK\x03\x04" + b"\0" * 60, name="orders.xlsx")
@example(data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, name="orders.xlsx")
@example(data=b"\xff\xfe\x00", name="danmaku.xml")
@example(data=b'{"a":' * 60_000, name="danmaku.json")
@example(data=b"[" * 60_000, name="danmaku.json")
@example(data=b'<d p="' * 60_000, name="danmaku.xml")
@example(data=b"time,user,text\n" + b'1,a,"\n' * 3000, name="danmaku.csv")
def test_any_bytes_are_read_or_told_of(tmp_path: Path, data: bytes, name: str) -> None:
    for recording in (broadcast(), broadcast(began=None)):
        audience = read(tmp_path, name, data, recording=recording, seen=None)
        (source,) = audience.sources
        assert added_up(audience)
        assert source.state in ("read", "partly", "failed")
        assert source.state == "read" or source.troubles
        assert all(line.strip() and "\n" not in line for line in audience.notes)
        if source.state == "failed":
            assert ";" in source.troubles[0]
