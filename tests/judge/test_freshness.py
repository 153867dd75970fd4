"""Harvest, cold chain, season and arrival against the times and temperatures on file."""

from datetime import UTC, datetime

import pytest

from streamlens.schema import ColdChainLog, HarvestRecord, Reading, ShippingRecord


def harvested(
    text: str, *, id: str = "H1", covers: tuple[str, ...] = ("A",), ships: float | None = None
) -> HarvestRecord:
    return HarvestRecord(id=id, covers=covers, harvested_at=datetime.fromisoformat(text), ships_within_hours=ships)


# The stream is on 2026-10-12 at 19:30.
@pytest.mark.parametrize(
    ("quote", "record", "verdict"),
    [
        ("今天早上刚从树上摘下来的", "2026-10-12T05:40", "supported"),
        ("今天早上刚从树上摘下来的", "2026-10-11T16:00", "contradicted"),
        ("今早刚捞的", "2026-10-12T14:00", "supported"),  # fresher than said is no untruth
        ("凌晨三点捕上来的", "2026-10-11T22:30", "supported"),  # a night's work begins before midnight
        ("凌晨三点捕上来的", "2026-10-11T14:00", "contradicted"),
        ("昨天下午挖的", "2026-10-11T15:00", "supported"),
        ("昨天下午挖的", "2026-10-09T15:00", "contradicted"),
        ("前天才割的", "2026-10-10T08:00", "supported"),
        ("现摘现发", "2026-10-11T20:00", "supported"),  # within 24 hours
        ("现摘现发", "2026-10-11T18:00", "contradicted"),
        ("当天采摘当天发货", "2026-10-11T21:00", "supported"),
        ("下单以后才下塘捞", "2026-10-07T05:00", "contradicted"),
        ("工人现在就在摘", "2026-10-12T09:00", "supported"),
        ("当天现捡", "2026-10-11T21:00", "contradicted"),  # names the day, not the 24 hours
        ("刚挤出来的", "2026-10-11T20:30", "supported"),
        ("三天之内采的", "2026-10-09T10:00", "supported"),
        ("三天之内采的", "2026-10-08T10:00", "contradicted"),
        ("采摘不超过十二个小时", "2026-10-12T09:00", "supported"),
        ("采摘不超过12小时", "2026-10-12T05:00", "contradicted"),
        ("新鲜采摘", "2026-10-12T09:00", "supported"),
        ("新鲜采摘", "2026-10-09T09:00", "unclear"),  # names no time, so age alone accuses nobody
        ("今天现杀的", "2026-10-13T05:00", "unsupported"),  # dated after the stream
        ("今天现杀的", "2026-10-12T00:00", "supported"),  # a bare day counts from its first to its last hour
        ("昨晚刚摘的", "2026-10-11T00:00", "supported"),
        ("昨晚刚摘的", "2026-10-10T00:00", "contradicted"),
    ],
)
def test_the_words_own_window(decide, quote, record, verdict):
    assert decide(quote, "freshness.harvest", harvested(record)).verdict == verdict


def test_words_around_widen_the_window_only(decide):
    day_old = harvested("2026-10-11T06:00")
    alone = decide("刚摘的", "freshness.harvest", day_old)
    said_yesterday = decide("刚摘的", "freshness.harvest", day_old, sentence="这是昨天刚摘的，皮薄得很")
    other_clause = decide("刚摘的", "freshness.harvest", day_old, sentence="昨天我们下播晚，这是刚摘的")
    last_night = decide(
        "刚摘的", "freshness.harvest", harvested("2026-10-11T20:00"), sentence="今天给大家上的是刚摘的橙子"
    )
    assert [f.verdict for f in (alone, said_yesterday, other_clause, last_night)] == [
        "contradicted",
        "supported",
        "contradicted",
        "supported",
    ]


def test_hours_until_dispatch_are_not_hours_since_harvest(decide):
    finding = decide("现采的", "freshness.harvest", harvested("2026-10-12T06:00"), sentence="现采的两个小时之内发货")
    assert finding.verdict == "supported"


@pytest.mark.parametrize(
    ("quote", "record", "verdict"),
    [
        ("今天早上摘的", "2026-10-12T06:00", "supported"),  # it is 00:30 on the 13th: today began on the 12th
        ("今天早上摘的", "2026-10-11T06:00", "contradicted"),
        ("昨天摘的", "2026-10-11T06:00", "supported"),
    ],
)
def test_after_midnight_today_is_the_day_the_stream_began(decide, quote, record, verdict):
    finding = decide(
        quote, "freshness.harvest", harvested(record), at=datetime(2026, 10, 12, 22, 30), start_ms=2 * 3_600_000
    )
    assert finding.verdict == verdict


def test_a_stream_start_with_a_zone_is_read_on_the_chinese_clock(decide):
    start = datetime(2026, 10, 11, 23, 0, tzinfo=UTC)  # 07:00 on the 12th in China
    assert decide("今早摘的", "freshness.harvest", harvested("2026-10-12T05:00"), at=start).verdict == "supported"


def test_one_record_in_the_window_is_enough_and_the_reason_names_it(decide):
    finding = decide(
        "今早摘的",
        "freshness.harvest",
        harvested("2026-10-08T05:00", id="H1"),
        harvested("2026-10-12T05:00", id="H2"),
        harvested("2026-10-12T05:00", id="H3", covers="B"),
    )
    assert (finding.verdict, finding.evidence) == ("supported", ("H2",))
    assert [step.message.code for step in finding.trace if step.step == "paper"] == [
        "judge.harvest.in_window",
        "judge.other_product",
        "judge.harvest.too_old",
    ]


def test_only_older_records_contradict_and_the_reason_says_how_old(decide):
    finding = decide(
        "都是今天现捡的",
        "freshness.harvest",
        harvested("2026-10-01T06:00", id="H1"),
        harvested("2026-10-07T06:00", id="H2"),
    )
    assert finding.verdict == "contradicted"
    assert finding.reason.code == "judge.harvest.too_old"
    assert dict(finding.reason.args) | {"paper": "H2", "days": "5", "hours": "13"} == dict(finding.reason.args)


def test_no_record_unsupported_and_no_date_unclear(decide):
    nothing = decide("今早摘的", "freshness.harvest")
    other = decide("今早摘的", "freshness.harvest", harvested("2026-10-12T05:00", covers="B"))
    undated = decide("今早摘的", "freshness.harvest", harvested("2026-10-12T05:00"), at=None)
    assert (nothing.verdict, nothing.reason.code) == ("unsupported", "judge.no_papers")
    assert (other.verdict, other.reason.code) == ("unsupported", "judge.other_product")
    assert (undated.verdict, undated.reason.code) == ("unclear", "judge.day_unknown")


def test_a_record_that_ships_later_does_not_bear_out_picked_on_order(decide):
    finding = decide("现摘现发", "freshness.harvest", harvested("2026-10-12T05:00", ships=72))
    assert (finding.verdict, finding.reason.code) == ("unsupported", "judge.harvest.ships_later")


# ---- season


@pytest.mark.parametrize(
    ("quote", "record", "kind", "verdict"),
    [
        ("当季的新米", "2026-09-25", "primary", "supported"),
        ("当季的新米", "2025-10-05", "primary", "contradicted"),
        ("不是库存", "2025-09-25", "primary", "contradicted"),
        ("今年的新茶", "2026-04-10", "processed", "supported"),  # half a year ago, but this year's
        ("今年新收的", "2025-11-20", "primary", "contradicted"),
        ("二零二五年的新茶", "2025-04-10", "processed", "supported"),
        ("2026年的新米", "2025-10-10", "primary", "contradicted"),
        ("当季水果", "2026-08-10", "fresh", "supported"),
        ("没进过冷库", "2026-05-30", "fresh", "unclear"),
        ("没进过冷库", "2026-03-01", "fresh", "contradicted"),
        ("明前茶", "2026-04-01", "processed", "supported"),
        ("明前茶", "2026-04-20", "processed", "contradicted"),
        ("明前茶", "2025-04-01", "processed", "unclear"),  # of which year it does not say
        ("今年的明前茶", "2025-04-01", "processed", "contradicted"),
        ("不是去年的货", "2025-11-20", "primary", "contradicted"),
        ("上周刚生产的", "2026-10-02", "processed", "supported"),
        ("上周刚生产的", "2026-08-02", "processed", "contradicted"),
        ("日期都是最新的", "2026-10-01", "processed", "supported"),
        ("日期都是最新的", "2026-07-01", "processed", "unclear"),
        ("日期都是最新的", "2026-01-01", "processed", "contradicted"),
        ("当季的", "2026-10-20", "fresh", "unsupported"),
    ],
)
def test_season(decide, quote, record, kind, verdict):
    assert decide(quote, "freshness.season", harvested(record), goods={"kind": kind}).verdict == verdict


# ---- cold chain


def log(*celsius: float, required: float | None = None) -> ColdChainLog:
    readings = tuple(Reading(at=datetime(2026, 10, 12, hour), celsius=each) for hour, each in enumerate(celsius))
    return ColdChainLog(id="C1", covers=("A",), readings=readings, required_max_celsius=required)


@pytest.mark.parametrize(
    ("quote", "paper", "verdict"),
    [
        ("零下十八度锁鲜", log(-19, -18), "supported"),
        ("零下十八度锁鲜", log(-19, -12), "contradicted"),
        ("-18℃冷链", log(-18.5, -18.2), "supported"),
        ("-18℃冷链", log(-18.5, -17), "contradicted"),
        ("零下18度", log(-17, required=-15), "contradicted"),  # what the words state counts first
        ("全程冷链", log(2, 3.5, required=4), "supported"),
        ("全程冷链", log(2, 6.5, required=4), "contradicted"),
        ("全程冷链", log(2, 3), "unclear"),  # nothing says how cold it must be
        ("全程冷链", log(required=4), "unsupported"),
        ("全程零到四度", log(0.5, 3.9), "supported"),
        ("全程0-4度冷鲜", log(1, 8), "contradicted"),
        ("全程0～4℃冷鲜", log(-12, -11), "contradicted"),  # chilled meat that was frozen
        ("都是冷鲜肉", log(-12, 1, required=4), "contradicted"),
        ("都是冷鲜肉", log(1, 3, required=4), "supported"),
        ("从来没冻过", log(-0.5, 6), "supported"),
        ("不是冻货", log(-15, -14), "contradicted"),
    ],
)
def test_cold_chain(decide, quote, paper, verdict):
    assert decide(quote, "freshness.cold_chain", paper).verdict == verdict


def test_the_temperature_may_stand_beside_the_quote(decide):
    finding = decide("全程冷链", "freshness.cold_chain", log(-12), sentence="我们全程冷链零下十八度，放心拍")
    assert (finding.verdict, dict(finding.reason.args)["limit"]) == ("contradicted", "-18")


# ---- arrival


def shipping(promised: float | None = None, *took: float, excludes: tuple[str, ...] = ()) -> ShippingRecord:
    return ShippingRecord(id="S1", covers=("A",), promised_hours=promised, delivered_hours=took, excludes=excludes)


@pytest.mark.parametrize(
    ("quote", "paper", "verdict"),
    [
        ("48小时到家", shipping(48), "supported"),
        ("四十八小时到家", shipping(72), "contradicted"),
        ("48小时到家", shipping(48, 30, 41, 47), "supported"),
        ("48小时到家", shipping(48, 30, 41, 60), "contradicted"),
        ("48小时到家", shipping(48, *[40] * 19, 60), "unclear"),  # one of twenty
        ("48小时到家", shipping(72, 30, 41), "supported"),  # the contract allows more, the parcels did not take it
        ("次日达", shipping(24), "supported"),
        ("次日达", shipping(48), "unclear"),
        ("隔天就能收到", shipping(72), "contradicted"),
        ("两三天就到", shipping(72), "supported"),
        ("两三天就到", shipping(96), "contradicted"),
        ("两天之内送到", shipping(60), "contradicted"),
        ("很快就到家", shipping(48), "unclear"),
        ("48小时到家", shipping(), "unsupported"),
        ("全国48小时到家", shipping(48, excludes=("新疆", "西藏")), "contradicted"),
        ("江浙沪48小时到家", shipping(48, excludes=("新疆", "西藏")), "supported"),
    ],
)
def test_arrival(decide, quote, paper, verdict):
    assert decide(quote, "freshness.arrival", paper).verdict == verdict


def test_arrival_everywhere_but_where_the_speaker_excepts(decide):
    paper = shipping(48, excludes=("新疆",))
    finding = decide("全国48小时到家", "freshness.arrival", paper, sentence="除了新疆，全国48小时到家")
    assert finding.verdict == "supported"
