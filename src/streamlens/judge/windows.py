"""How long ago a harvest may lie for the words that speak of it: 今早 since midnight, 现摘现发 a day, 三天内 three.

A window has only a beginning. Goods fresher than the words are no untruth, and what was harvested after the words were
said is looked at apart. The speaker's day runs until five in the morning, so that 今天 said at half past midnight still
means the day on which the stream began.
"""

import re
from datetime import date, datetime, time, timedelta

from ..language.numbers import NUMERAL, value
from ..schema import Record

_NIGHT_ENDS = timedelta(hours=5)
_WORK = "[摘采挖捞捕杀宰割收拔剥挤捡掰打剪砍网钓磨榨烤炒蒸做]"


class Window(Record, frozen=True, kw_only=True):
    """Since midnight `days` ago (less `slack_hours`), or the last `hours`; of both, the earlier.

    `words` are what was read; `vague` when no time was named at all; `on_order` when harvest waits for the order.
    """

    words: str
    on: tuple[int, int] | None = None  # a day of the calendar, (month, day)
    days: int | None = None
    hours: float | None = None
    slack_hours: float = 0
    vague: bool = False
    on_order: bool = False

    def start(self, moment: datetime) -> datetime:
        """The earliest time that the words allow, when they are said at `moment`."""
        starts = []
        if self.on is not None:
            starts.append(_last_time(self.on, moment))
        if self.days is not None:
            day = (moment - _NIGHT_ENDS).date() - timedelta(days=self.days)
            starts.append(datetime.combine(day, time.min) - timedelta(hours=self.slack_hours))
        if self.hours is not None:
            starts.append(moment - timedelta(hours=self.hours))
        return min(starts)


def _last_time(on: tuple[int, int], moment: datetime) -> datetime:
    """The beginning of that day of the calendar, this year's if it has come, else last year's."""
    for year in (moment.year, moment.year - 1):
        try:
            start = datetime.combine(date(year, *on), time.min)
        except ValueError:  # the 31st of a short month: a slip, or misheard
            return datetime.min
        if start <= moment:
            break
    return start


VAGUE = Window(words="", hours=24, vague=True)

# not how long ago the harvest was, but how soon something follows: 二十四小时之内发货, 三个小时就打包
_FOLLOWS = r"(?!.{0,4}(?:发|寄|到|达|送|走|打包|装|入库|上架|下锅|加工|吃上))"
_HOURS = re.compile(f"({NUMERAL})个?(?:小时|钟头)(?:之内|以内|内|之前|以前|前)?{_FOLLOWS}")
_DAYS = re.compile(f"({NUMERAL})天(?:之内|以内|内|之前|以前|前)?{_FOLLOWS}")
_DATE = re.compile(f"({NUMERAL})月({NUMERAL})[号日]")
_ON_ORDER = re.compile(
    f"(?:现在|这会儿|此刻).{{0,3}}{_WORK}|(?:现|随|边){_WORK}[现随边就马上]*[发卖寄送装走]|按单.{{0,2}}{_WORK}|不提前|正在{_WORK}|(?<!昨天)(?<!昨晚)还在(?:树|枝|地|水|塘|海|田|棚)"
    f"|(?:下单|下了单|拍下|拍完|拍了|接单|接到单|来单|有单|订单|付款)[了子来]*(?:之后|以后|后)?.{{0,6}}?{_WORK}"
    f"|(?:当天|当日|今天).{{0,3}}?(?:{_WORK}|下[树地塘海]).{{0,3}}?(?:当天|当日|今天|就).{{0,2}}?[发寄送走]"
    f"|(?:早上|上午|凌晨|清早|清晨).{{0,2}}{_WORK}.{{0,3}}(?:上午|中午|下午|晚上|傍晚).{{0,2}}[发寄送走]"
)
# words, days, slack: the first that is found counts
_NAMED: tuple[tuple[re.Pattern[str], int, float], ...] = (
    (re.compile("上个月|上月"), 62, 0),
    (re.compile("这个月|本月|一个月"), 31, 0),
    (re.compile("上周|上个?星期|上个?礼拜"), 14, 0),
    (re.compile("这几天|近几天|这周|本周|这个?星期|一周|一个?星期|这个?礼拜"), 7, 0),
    (re.compile("大前天"), 3, 0),
    (re.compile("前天|前晚|这两天|近两天|这一两天"), 2, 0),
    (re.compile("昨[天日晚夜儿]"), 1, 0),
    # night work that ends in the small hours begins before midnight
    (re.compile("凌晨|半夜|夜里|夜间|连夜|三更"), 0, 6),
    (
        re.compile(
            "今[天日早晨晚儿个]|当[天日]|本日|清晨|清早|早上|早晨|天亮|天[没不]亮|一大?早|上午|中午|下午|傍晚|隔夜"
        ),
        0,
        0,
    ),
)
_JUST = re.compile(f"现{_WORK}|刚|才{_WORK}|热乎|带着?露水|露水都?没干|新鲜出|离[开枝水土]|出水")


def read_window(quote: str, clause: str) -> Window:
    """The window of a harvest claim: from its own words, or, when these name no day, from those around it too.

    Both in spoken form without marks. Words around may only widen the window: they often speak of something else.
    """
    named = named_window(quote)
    if named is not None:
        return named
    just = _JUST.search(quote)
    own = Window(words=just.group(), days=0, hours=24) if just else VAGUE
    around = named_window(clause)
    if around is None:
        return own
    if own.vague:
        return around
    return Window(
        words=around.words,
        days=max(own.days or 0, around.days or 0),
        hours=max(own.hours or 0, around.hours or 0),
        slack_hours=around.slack_hours,
        on_order=around.on_order,
    )


def named_window(text: str) -> Window | None:
    """The window of the first time that a text in spoken form names, if it names one."""
    match = _DATE.search(text)
    month, day = (value(match.group(1)), value(match.group(2))) if match else (None, None)
    if match and month and day and month <= 12 and day <= 31:
        return Window(words=match.group(), on=(int(month), int(day)))
    match = _ON_ORDER.search(text)
    if match:
        return Window(words=match.group(), days=0, hours=24, on_order=True)
    for match in _HOURS.finditer(text):
        hours = value(match.group(1), most=True)
        if hours:
            return Window(words=match.group(), hours=hours)
    for match in _DAYS.finditer(text):
        days = 7.0 if match.group(1) == "几" else value(match.group(1), most=True)
        if days:
            return Window(words=match.group(), days=int(days))
    for pattern, days, slack in _NAMED:
        match = pattern.search(text)
        if match:
            return Window(words=match.group(), days=days, slack_hours=slack)
    return None
