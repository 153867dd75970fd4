"""How an experienced officer would judge freshness and origin: our own sentences and papers, several to each kind.

The stream is on Monday 2026-10-12 at 19:30; the goods are navel oranges from 江西赣州 where nothing else is said.
"""

from datetime import datetime

import pytest

from streamlens.schema import (
    ColdChainLog,
    GiAuthorisation,
    HarvestRecord,
    OriginRecord,
    Reading,
    ShippingRecord,
)


def picked(*times: str, ships: float | None = None) -> list[HarvestRecord]:
    return [
        HarvestRecord(id=f"H{n}", covers=("A",), harvested_at=datetime.fromisoformat(each), ships_within_hours=ships)
        for n, each in enumerate(times)
    ]


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("昨天夜里刚收网", picked("2026-10-11T23:00"), "supported"),
        ("昨天夜里刚收网", picked("2026-10-10T20:00"), "contradicted"),
        ("凌晨两点下海捕的", picked("2026-10-12T01:40"), "supported"),
        ("凌晨两点下海捕的", picked("2026-10-10T02:00"), "contradicted"),
        ("前天采的", picked("2026-10-10T09:00"), "supported"),
        ("前天采的", picked("2026-10-07T09:00"), "contradicted"),
        ("大前天才挖的", picked("2026-10-09T09:00"), "supported"),
        ("这两天刚掰的", picked("2026-10-10T15:00"), "supported"),
        ("这两天刚掰的", picked("2026-10-06T15:00"), "contradicted"),
        ("这一两天采的", picked("2026-10-02T15:00"), "contradicted"),  # one or two days, not twelve
        ("也就三五天前收的", picked("2026-10-08T15:00"), "supported"),
        ("也就三五天前收的", picked("2026-09-20T15:00"), "contradicted"),
        ("今天早上五点下地割的", picked("2026-10-07T05:00"), "contradicted"),
        ("今天早上五点下地割的", picked("2026-10-07T05:00", "2026-10-12T05:10"), "supported"),
        ("绝不隔夜", picked("2026-10-11T15:00"), "contradicted"),
        ("上午摘的这会儿还带着叶子", picked("2026-10-12T10:00"), "supported"),
        ("周末摘的", picked("2026-10-03T10:00"), "unclear"),  # which days these were is not in the words
        ("十月十号摘的", picked("2026-10-10T10:00"), "supported"),
        ("十月十号摘的", picked("2026-10-04T10:00"), "contradicted"),
        ("10月10日采摘", picked("2026-10-04T10:00"), "contradicted"),
        ("今早摘的", [], "unsupported"),
        ("一个星期之内采的", picked("2026-10-06T10:00"), "supported"),
    ],
)
def test_harvest(decide, quote, papers, verdict):
    assert decide(quote, "freshness.harvest", *papers).verdict == verdict


def log(*celsius: float, required: float | None = None, day: str = "2026-10-12") -> list[ColdChainLog]:
    start = datetime.fromisoformat(day)
    readings = tuple(Reading(at=start.replace(hour=hour), celsius=each) for hour, each in enumerate(celsius))
    return [ColdChainLog(id="C1", covers=("A",), readings=readings, required_max_celsius=required)]


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("一路零下十八度给你送到家", log(-20, -19), "supported"),
        ("一路零下十八度给你送到家", log(-20, -9), "contradicted"),
        (
            "零下四十度急冻锁鲜",
            log(-20, -19, required=-18),
            "unsupported",
        ),  # the log tells of the way, not the freezing
        ("零下四十度急冻锁鲜", log(-20, 3, required=-18), "contradicted"),
        ("到家都是硬邦邦的", log(-19, -18, required=-18), "supported"),
        ("到家都是硬邦邦的", log(-2, 4, required=8), "contradicted"),  # thawed, whatever the carrier requires
        ("全程冷链", log(3, required=4), "unclear"),  # one reading is no whole way
        ("全程冷链", log(2, 3, required=4, day="2024-06-01"), "unclear"),  # of a journey two years ago
        ("一路都是冷藏车", log(2, 3, 2, required=4), "supported"),
        ("一路都是冷藏车", [], "unsupported"),
        ("没冰过的鲜肉", log(1, 3), "supported"),
        ("没冰过的鲜肉", log(-9, -8), "contradicted"),
    ],
)
def test_cold_chain(decide, quote, papers, verdict):
    assert decide(quote, "freshness.cold_chain", *papers).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "papers", "kind", "verdict"),
    [
        ("今年的新花生", picked("2026-09-01"), "primary", "supported"),
        ("今年的新花生", picked("2025-09-01"), "primary", "contradicted"),
        ("今年的新花生", [], "primary", "unsupported"),
        ("绝对不是陈米", picked("2025-10-08"), "primary", "contradicted"),
        ("刚下树的当季果", picked("2026-10-01"), "fresh", "supported"),
        ("没进过冷库", picked("2026-02-01"), "fresh", "contradicted"),
        ("都是当季的", picked("2026-06-20"), "fresh", "unclear"),
        ("这个月刚生产的", picked("2026-10-03"), "processed", "supported"),
        ("这个月刚生产的", picked("2026-05-03"), "processed", "contradicted"),
    ],
)
def test_season(decide, quote, papers, kind, verdict):
    assert decide(quote, "freshness.season", *papers, goods={"kind": kind}).verdict == verdict


def shipped(promised: float | None = None, *took: float, excludes: tuple[str, ...] = ()) -> list[ShippingRecord]:
    return [ShippingRecord(id="S1", covers=("A",), promised_hours=promised, delivered_hours=took, excludes=excludes)]


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("三天之内到家", shipped(72), "supported"),
        ("三天之内到家", shipped(120), "contradicted"),
        ("大后天到", shipped(None, 80, 84), "supported"),  # not 后天
        ("大后天到", shipped(None, 140, 150), "contradicted"),
        ("一个星期准到", shipped(96), "supported"),
        ("一个星期准到", shipped(None, 200, 210), "contradicted"),
        ("江浙沪次日达", shipped(None, 30, 70, 70), "unclear"),  # the late ones may have gone elsewhere
        ("新疆也是三天到", shipped(72, excludes=("新疆",)), "contradicted"),
        ("明天就能到你家", [], "unsupported"),
        ("一两天就到", shipped(None, 40, 47), "supported"),
        ("一两天就到", shipped(None, 90, 100), "contradicted"),
    ],
)
def test_arrival(decide, quote, papers, verdict):
    assert decide(quote, "freshness.arrival", *papers).verdict == verdict


def grown(place: str, method: str = "", issuer: str = "") -> list[OriginRecord]:
    return [OriginRecord(id="O1", covers=("A",), place=place, method=method, issuer=issuer)]


def protected(product: str) -> list[GiAuthorisation]:
    until = datetime(2027, 1, 1).date()
    return [GiAuthorisation(id="G1", covers=("A",), product=product, valid_to=until)]


RICE = {"name": "稻花香大米", "aliases": ("大米",), "category": "粮油", "kind": "primary"}


@pytest.mark.parametrize(
    ("quote", "goods", "papers", "verdict"),
    [
        ("智利进口的", {"origin": "山东烟台"}, [], "contradicted"),
        ("智利进口的", {"origin": "智利"}, [], "supported"),
        ("全是原装进口的", {"origin": "山东烟台"}, [], "contradicted"),
        ("全是原装进口的", {"origin": "泰国"}, [], "supported"),
        ("全是原装进口的", {}, [], "unsupported"),
        ("云南的澳洲坚果", {"name": "澳洲坚果", "origin": "云南临沧"}, [], "supported"),
        ("陕西洛川来的", {"origin": "陕西宝鸡"}, [], "unclear"),  # the same province, another county
        ("陕西来的", {"origin": "陕西宝鸡"}, [], "supported"),
        ("陕西洛川来的", {"origin": "陕西洛川"}, [], "supported"),
        ("盘锦的大米", RICE, protected("五常大米"), "unsupported"),  # both are rice, that is all
        ("五常的大米", RICE, protected("五常大米"), "supported"),
        ("果园直发", {}, grown("江西赣州", "果园基地统一采摘"), "unclear"),  # grown there; sent from there?
        ("产地直发", {"origin": "江西赣州"}, [], "unsupported"),
        ("我们有自己的茶园", {}, grown("浙江杭州", "自有茶园"), "supported"),
        ("我们有自己的茶园", {}, grown("浙江杭州", "向农户收购鲜叶"), "contradicted"),
        ("俺家地里种的", {"origin": "江西赣州"}, [], "unsupported"),
        ("我们自己家在赣州的果园", {"origin": "江西赣州"}, [], "unsupported"),  # the place is not the ownership
        ("云南来的", {"origin": "江西赣州"}, grown("云南宾川"), "contradicted"),
        ("阳山产的", {"name": "阳山水蜜桃", "origin": "江苏无锡"}, [], "unclear"),  # a town of 无锡, by the goods' name
        ("江西的脐橙", {"origin": "江西赣州"}, [], "supported"),
        ("江西山里种的", {"origin": "江西赣州"}, [], "supported"),
        ("云南种出来的", {}, grown("云南省大理州"), "supported"),
    ],
)
def test_place(decide, quote, goods, papers, verdict):
    assert decide(quote, "origin.place", *papers, goods=goods).verdict == verdict
