"""Freshness: harvest, cold chain, season and arrival, judged by the times and temperatures that papers record."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from ..language import spoken
from ..language.numbers import NUMERAL, value
from ..language.quantities import amounts
from ..schema import ColdChainLog, HarvestRecord, ShippingRecord
from .papers import Dossier, Look, Ruling, denies, examine, fits, misses, missing, unreadable, weigh
from .windows import named_window, read_window

# ---- harvest


def harvest(dossier: Dossier) -> Ruling:
    """Supported by one harvest record inside the words' own window; contradicted if only older ones are on file."""
    window = read_window(dossier.quote, dossier.clause)
    moment = dossier.moment

    def read(record: HarvestRecord) -> Look:
        if moment is None:
            return unreadable(record, "day_unknown")
        first, last = _span(record.harvested_at)
        if first > moment:
            return misses(record, "harvest.later", near=3, harvested=record.harvested_at)
        age = _age(moment - last if last < moment else timedelta())
        if last < window.start(moment):
            if window.vague:
                return unreadable(record, "harvest.no_time_named", harvested=record.harvested_at, **age)
            return denies(record, "harvest.too_old", harvested=record.harvested_at, words=window.words, **age)
        ships = record.ships_within_hours
        if window.on_order and ships is not None and ships > 24:
            return misses(record, "harvest.ships_later", near=3, hours=ships, words=window.words)
        return fits(record, "harvest.in_window", harvested=record.harvested_at, words=window.words or dossier.quote)

    looks = _latest_first(dossier, examine(dossier, HarvestRecord, read))
    return weigh(looks, missing(dossier, "harvest_record"), one_is_enough=True)


def _span(harvested: datetime) -> tuple[datetime, datetime]:
    """A harvest written as a bare day (midnight sharp) may have been at any hour of it."""
    if harvested.time() == time.min:
        return harvested, harvested + timedelta(hours=23, minutes=59)
    return harvested, harvested


def _age(age: timedelta) -> dict[str, object]:
    return {"days": age.days, "hours": age.seconds // 3600}


def _latest_first(dossier: Dossier, looks: tuple[Look, ...]) -> list[Look]:
    """So that the reason speaks of the harvest that comes nearest to the words."""
    harvested = {paper.id: paper.harvested_at for paper in dossier.documents if isinstance(paper, HarvestRecord)}
    return sorted(looks, key=lambda look: harvested.get(look.paper, datetime.min), reverse=True)


# ---- season

_YEAR = re.compile(f"({NUMERAL})年")
_THIS_YEAR = re.compile("今年|(?:不|没|非).{0,3}去年|本季|这一?季")
_DATES = re.compile("日期|生产")
# the harvest must lie in these days of its year, from and to as (month, day)
_PICKINGS = {
    "明前": ((2, 1), (4, 5)),
    "雨前": ((2, 1), (4, 20)),
    "春茶": ((2, 1), (5, 31)),
    "秋茶": ((8, 1), (11, 30)),
}
# up to how many days old the goods surely fit the words, and beyond how many they surely do not
_SEASON_FRESH, _SEASON_DRY, _SEASON_DATES = (92, 183), (183, 300), (31, 183)


def season(dossier: Dossier) -> Ruling:
    """Supported by a harvest record of the season that the words mean; in between, a person decides.

    A named year or time (2026年, 上周) is taken at its word. Otherwise a season is a quarter of a year for fresh goods,
    and half a year or the same calendar year for dry ones; what was stored for half a year, or for ten months, is not
    of this season. "Fresh dates" mean a month.
    """
    day, moment, words = dossier.day, dossier.moment, dossier.quote
    fresh_goods, dates = dossier.product.kind == "fresh", bool(_DATES.search(words))
    sure, never = _SEASON_DATES if dates else _SEASON_FRESH if fresh_goods else _SEASON_DRY
    picking = next((days for name, days in _PICKINGS.items() if name in words or name in dossier.clause), None)
    year = next((int(number) for number in map(value, _YEAR.findall(words)) if number and number > 2000), None)
    window = None if year else named_window(words)

    def read(record: HarvestRecord) -> Look:
        if day is None or moment is None:
            return unreadable(record, "day_unknown")
        harvested = record.harvested_at.date()
        age = (day - harvested).days
        shown = {"harvested": harvested, "days": age, "words": words}
        if record.harvested_at > moment:
            return misses(record, "harvest.later", near=3, harvested=harvested)
        if picking and not _in_days(harvested, picking):
            return denies(record, "season.other_picking", **shown)
        if picking and harvested.year != day.year and age > sure and not _THIS_YEAR.search(words):
            return unreadable(record, "season.between", **shown)  # 明前茶, but of which year it does not say
        if year is not None:
            return (fits if harvested.year == year else denies)(record, "season.year", year=year, **shown)
        if window is not None and not window.on_order:
            held = _span(record.harvested_at)[1] >= window.start(moment)
            return (fits if held else denies)(record, "season.this" if held else "season.stored", **shown)
        this_year = harvested.year == day.year
        if age <= sure or (this_year and not fresh_goods and not dates):
            return fits(record, "season.this", **shown)
        if age > never or (_THIS_YEAR.search(words) and not this_year):
            return denies(record, "season.stored", **shown)
        return unreadable(record, "season.between", **shown)

    looks = _latest_first(dossier, examine(dossier, HarvestRecord, read))
    return weigh(looks, missing(dossier, "harvest_record"), one_is_enough=True)


def _in_days(day: date, days: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    return days[0] <= (day.month, day.day) <= days[1]


# ---- cold chain

_DEGREE = "(?:度|℃|°c|摄氏度)"
_RANGE = re.compile(f"(零下|负)?({NUMERAL}){_DEGREE}?[到至](零下|负)?({NUMERAL}){_DEGREE}")
_BELOW_ZERO = re.compile(f"(?:零下|负)({NUMERAL})")
_DEGREES = re.compile(f"({NUMERAL}){_DEGREE}")
_NEVER_FROZEN = re.compile("(?:没|未|不是|不|非).{0,2}(?:冻|冰过)")
_CHILLED = re.compile("冷鲜|冰鲜")
_FREEZING = -2.0  # meat and fish freeze a little below zero
_FROZEN = re.compile("冻|硬邦邦|不[会让]?.{0,2}化")
_THAWED = 0.0  # what is said to arrive frozen was never warmer
_FROZEN_FAST = re.compile("急冻|速冻|液氮")
_SHIPPED_COLDEST = -25.0  # no parcel is kept colder: such degrees are those of the freezing, not of the way
_WHOLE_WAY = re.compile("全程|一路|全部|都是|到家|门口")
_STALE_DAYS = 366


def cold_chain(dossier: Dossier) -> Ruling:
    """Every reading of the log against the temperature that the words state, else the one that the log requires.

    "Never frozen" asks for no more than that no reading lies below freezing; chilled (冷鲜) asks for that as well.
    """
    unfrozen = "only" if _NEVER_FROZEN.search(dossier.quote) else "too" if _CHILLED.search(dossier.quote) else ""
    stated = next((found for text in (dossier.claim.quote, dossier.clause) if (found := _stated(text))), None)
    frozen = not unfrozen and bool(_FROZEN.search(dossier.quote))
    process = _FROZEN_FAST.search(dossier.quote) and (stated is None or stated[1] < _SHIPPED_COLDEST)

    def read(log: ColdChainLog) -> Look:
        if not log.readings:
            return misses(log, "cold.empty", near=3)
        low, high = stated or (_FREEZING if unfrozen else None, log.required_max_celsius)
        warmest = max(log.readings, key=lambda reading: reading.celsius)
        coldest = min(log.readings, key=lambda reading: reading.celsius)
        last = max(log.readings, key=lambda reading: reading.at).at.date()
        if dossier.day is not None and (dossier.day - last).days > _STALE_DAYS:
            return unreadable(log, "stale", dated=last, day=dossier.day)
        if frozen and warmest.celsius > _THAWED:
            return denies(log, "cold.too_warm", celsius=warmest.celsius, at=warmest.at, limit=_THAWED)
        if process:
            return misses(log, "cold.process", near=3, celsius=warmest.celsius)
        if low is not None and coldest.celsius < low:
            return denies(log, "cold.too_cold", celsius=coldest.celsius, at=coldest.at, limit=low)
        if unfrozen == "only" and low is not None:
            return fits(log, "cold.unfrozen", count=len(log.readings), celsius=coldest.celsius)
        if high is None:
            return unreadable(log, "cold.no_limit")
        if warmest.celsius > high:
            return denies(log, "cold.too_warm", celsius=warmest.celsius, at=warmest.at, limit=high)
        if len(log.readings) == 1 and _WHOLE_WAY.search(dossier.quote):
            return unreadable(log, "cold.one_reading", celsius=warmest.celsius)
        return fits(log, "cold.kept", count=len(log.readings), celsius=warmest.celsius, limit=high)

    return weigh(examine(dossier, ColdChainLog, read), missing(dossier, "cold_chain_log"))


def _stated(text: str) -> tuple[float | None, float] | None:
    """The lowest and highest temperature that words state, in degrees Celsius: 零下十八度, -18℃, 0-4度."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("°c", "度")
    plain = re.sub(r"(?<=[\d度])\s*[-−–—~～]\s*(?=[\d−-])", "到", plain)
    plain = re.sub(r"[-−–](?=\d)", "零下", plain)
    words = spoken(plain)[0]
    match = _RANGE.search(words)
    if match:
        ends = sorted(
            -number if sign else number
            for sign, number in ((match.group(1), value(match.group(2))), (match.group(3), value(match.group(4))))
            if number is not None
        )
        return (ends[0], ends[1]) if len(ends) == 2 else None
    match = _BELOW_ZERO.search(words)
    number = value(match.group(1)) if match else None
    if number is not None:
        return None, -number
    match = _DEGREES.search(words)
    number = value(match.group(1)) if match else None
    return (None, number) if number is not None else None


# ---- arrival

_HOURS = {"小时": 1.0, "钟头": 1.0, "天": 24.0, "日达": 24.0, "星期": 168.0, "礼拜": 168.0, "周": 168.0}
# words without a number: up to how many hours they surely hold, and from how many they surely do not
_NAMED_ARRIVALS = (
    (re.compile("当日达|当天到|当天达|今天到|半日达"), (12.0, 24.0)),
    (re.compile("次日达|次日到|隔日达|隔日到|隔天|第二天|明天就?[到能达]|次晨达|次日"), (36.0, 48.0)),
    (re.compile("大后天"), (84.0, 96.0)),
    (re.compile("后天"), (60.0, 72.0)),
)
_EVERYWHERE = re.compile("全国|各地|任何地方|哪里都|哪儿都|不管在哪|新疆|西藏|偏远")
# a promise to some places only; the record does not say which of its parcels went there
_SOMEWHERE = re.compile(
    "江浙沪|珠三角|京津冀|长三角|北京|上海|广州|深圳|杭州|省内|本省|同城|本地|周边|附近|华东|华南|华北|西南|沿海"
)
_EXCEPT = re.compile("除了?|不含|不包括|以外|之外")
_LATE_RATE = 0.1  # a few late parcels leave it to a person; more say otherwise


def arrival(dossier: Dossier) -> Ruling:
    """The hours that the words promise against those the carrier promised and those it took."""
    stated = next((hours for text in (dossier.quote, dossier.clause) if (hours := _promised(text))), None)
    everywhere = _EVERYWHERE.search(dossier.clause) and not _EXCEPT.search(dossier.sentence)

    def read(record: ShippingRecord) -> Look:
        if stated is None:
            return unreadable(record, "arrival.no_time_named")
        sure, never = stated
        if everywhere and record.excludes:
            return denies(record, "arrival.excludes", places="、".join(record.excludes))
        left_out = [place for place in record.excludes if place in dossier.quote]
        if left_out and not _EXCEPT.search(dossier.sentence):
            return denies(record, "arrival.excludes_named", places="、".join(left_out))
        took = record.delivered_hours
        late = [hours for hours in took if hours > never]
        shown = {"stated": never, "count": len(took), "late": len(late), "longest": max(took, default=0.0)}
        if late and _SOMEWHERE.search(dossier.clause):
            return unreadable(record, "arrival.somewhere", **shown)
        if len(late) > _LATE_RATE * len(took):
            return denies(record, "arrival.late", **shown)
        if late:
            return unreadable(record, "arrival.some_late", **shown)
        if took and max(took) <= sure:
            return fits(record, "arrival.delivered", **shown)
        promised = record.promised_hours
        if promised is None:
            return unreadable(record, "arrival.unsure", **shown) if took else misses(record, "arrival.no_hours", near=3)
        if promised <= sure:
            return fits(record, "arrival.promised", hours=promised, stated=never)
        if promised > never and not took:
            return denies(record, "arrival.promised_longer", hours=promised, stated=never)
        return unreadable(record, "arrival.unsure", **shown)

    return weigh(examine(dossier, ShippingRecord, read), missing(dossier, "shipping_record"))


def _promised(text: str) -> tuple[float, float] | None:
    for pattern, hours in _NAMED_ARRIVALS:
        if pattern.search(text):
            return hours
    found = max(
        (amount for amount, _, _ in amounts(text, _HOURS, most=True)), default=None
    )  # 两三天: the longer counts
    return (found, found) if found else None
