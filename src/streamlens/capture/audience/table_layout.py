"""What an audience table is and where its fields are: by the names of its columns, or by what they hold."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from streamlens.capture.audience.entries import Kind
from streamlens.capture.audience.moments import moment
from streamlens.table import Row

Shape = Literal["comments", "viewers", "orders", "sales", "sessions"]

# Names of columns by field, the ones to be preferred first
_COLUMNS: dict[str, str] = {
    "time": "timestampms tsms eventtsms timems 时间毫秒 相对时间毫秒 offsetms "
    "时间戳 timestampms timestamp ts eventtsms eventtime 支付时间 付款时间 支付完成时间 "
    "订单支付时间 付款完成时间 paytime paidat paidtime paymenttime time 时间 datetime "
    "日期时间 发送时间 发言时间 弹幕时间 评论时间 消息时间 eventiso 下单时间 提交时间 "
    "订单提交时间 订单创建时间 创建时间 拍下时间 createtime createdat ordertime 统计时间 时刻 "
    "相对时间 出现时间 offset seconds",
    "ms": "timestampms tsms eventtsms timems 毫秒 时间毫秒 相对时间毫秒 offsetms",
    "paid": "支付时间 付款时间 支付完成时间 订单支付时间 付款完成时间 paytime paidat paidtime paymenttime",
    "date": "sessiondate date 日期 直播日期",
    "user": "user username nickname nick 用户 昵称 用户昵称 用户名 用户名称 发送者 发言人 name uname "
    "sender author 观众",
    "uid": "uid userid 用户id 抖音号 secuid openid 观众id 用户编号 buyerid 买家id",
    "text": "text content 内容 弹幕 弹幕内容 评论 评论内容 消息 用户消息 消息内容 发言 发言内容 "
    "comment message msg danmaku danmu",
    "type": "type 类型 用户行为 行为 消息类型 kind event eventtype method 事件",
    "id": "id msgid messageid 消息id 弹幕id 评论id",
    "online": "viewers online 在线人数 在线 当前观看人数 实时在线 实时在线人数 在线观众 观众数 人数 "
    "currentviewers viewercount acu 平均在线 onlineusers 直播间人数",
    "watched": "watched totaluser totalviewers 累计观看人数 累计观看 观看人数 cumulativeaudience "
    "audience 观看人次 场观",
    "likes": "likes like 点赞 点赞数 新增点赞 点赞人数",
    "followers": "newfollowers newfans 新增粉丝 新增粉丝数 涨粉 新增关注 follows",
    "order": "orderid orderno ordersn ordernumber order 订单号 订单编号 主订单编号 主订单号 订单id "
    "子订单编号 子订单号 商品单号 平台订单号",
    "line": "子订单编号 子订单号 商品单号 itemorderid suborderid",
    "sku": "sku skuid 商家编码 sku编码 规格编码 货号 商品编码 商品id 商品编号 productid itemid "
    "goodsid 宝贝id 商家skuid 商品货号 款号 skuid规格id",
    "title": "商品名称 选购商品 商品 商品标题 宝贝标题 宝贝名称 productname product itemname goodsname "
    "title 品名 商品简称",
    "quantity": "quantity qty 数量 商品数量 购买数量 件数 宝贝数量 num amountofgoods 商品件数",
    "amount": "amount paid payamount paidamount 实付金额 实付 买家实付 实际支付金额 支付金额 "
    "买家实际支付金额 订单实付金额 用户实付金额 订单应付金额 应付金额 商家实收金额 成交金额 "
    "订单金额 金额 total totalamount 商品金额",
    "refund": "refund refundamount 退款金额 已退款金额 退货金额 售后金额 买家退款金额",
    "status": "status 订单状态 orderstatus 状态 交易状态",
    "aftersale": "售后状态 售后 退款状态 aftersale aftersalestatus refundstatus 售后类型",
    "repeat": "是否复购 复购 新老客 新老客户 客户类型 新老买家 repeatbuyer 是否老客 买家类型",
    "gmv": "gmvmin gmv 成交金额 支付金额 每分钟成交金额 分钟成交金额 直播间成交金额 "
    "roomtransactionamount grossrevenue 销售额 gmv元 用户支付金额",
    "orders": "orders 订单数 成交订单数 支付订单数 volume 销量 成交件数 ordercount",
    "begin": "begintime starttime 开播时间 直播开始时间 livelaunchedtime 开始时间",
    "duration": "duration liveduration 直播时长 时长",
}
_FIELDS = {field: tuple(names.split()) for field, names in _COLUMNS.items()}
_KNOWN = frozenset(name for names in _FIELDS.values() for name in names)
_BEHAVIOUR: tuple[tuple[str, Kind], ...] = (
    ("弹幕|评论|聊天|发言|^消息$|chat|comment|danm", "comment"), ("礼物|送礼|gift", "gift"), ("点赞|like|digg", "like"),
    ("进场|进入|来了|enter|member|join", "enter"), ("粉丝团|fans?_?club", "fan_club"), ("关注|follow|social", "follow"),
    ("分享|share", "share"),
)  # fmt: skip


class Layout(NamedTuple):
    """What a table is and where its fields are: for each the places of its columns, in order of preference."""

    shape: Shape
    columns: dict[str, list[int]]
    width: int
    headless: bool = False

    def cell(self, row: Row, field: str) -> str:
        """The first filled cell of a field."""
        return next((cell for cell in self.cells(row, field) if cell), "")

    def cells(self, row: Row, field: str) -> list[str]:
        return [row.cells[at] for at in self.columns.get(field, ()) if at < len(row.cells)]


def layout_of(header: Sequence[str], role: str) -> Layout | None:
    """What a line of column names makes of a table, if it is one."""
    names = [_named(cell) for cell in header]
    columns = {field: [names.index(name) for name in known if name in names] for field, known in _FIELDS.items()}
    has = {field for field, places in columns.items() if places}
    shape: Shape | None = None
    if "order" in has and has & {"quantity", "amount", "sku", "title"}:
        shape = "orders"
    elif {"begin", "duration"} <= has or ("begin" in has and has & {"gmv", "amount"}):
        shape = "sessions"
    elif role == "orders" and has & {"sku", "title"} and has & {"quantity", "amount"} and "time" in has:
        shape = "orders"
    elif "gmv" in has and "time" in has and "text" not in has:
        shape = "sales"
    elif "text" in has and has & {"time", "user", "uid"}:
        shape = "comments"
    elif has & {"online", "watched", "likes"} and "time" in has:
        shape = "viewers"
    elif role == "comments" and "text" in has and len(header) == 1:
        shape = "comments"
    elif "date" in has and has & {"gmv", "online", "watched"}:
        shape = "sessions"
    return Layout(shape, columns, len(header)) if shape else None


def _named(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).lower()
    if match := re.fullmatch(r"(.*?)[(\[【](毫秒|ms)[)\]】]", text.strip()):
        text = match[1] + match[2]
    return re.sub(r"\(.*?\)|【.*?】|\[.*?\]|[\s_\-*:#./\ufeff\"']", "", text)


def is_known(name: str) -> bool:
    """Whether a cell is the name of a column."""
    return _named(name) in _KNOWN


def headless(rows: Sequence[Sequence[str]]) -> Layout | None:
    """Columns by what they hold. Chart tools write 用户行为, 时间戳, 时间, 用户id, 用户消息 and no names."""
    rows = [row for row in rows if len(row) > 1][:50]
    if not rows:
        return None
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == width]

    def share(at: int, kinds: tuple[str, ...]) -> float:
        return sum(bool((found := moment(row[at])) and found.kind in kinds) for row in rows) / len(rows)

    clocks = [at for at in range(width) if share(at, ("stated", "local", "day_time")) >= 0.6]
    times = clocks or [at for at in range(1) if share(at, ("relative",)) >= 0.6]
    text = width - 1
    if not times or text in times:
        return None
    columns = {"time": times, "text": [text]}
    behaviour = [at for at in range(text) if at not in times and _isbehaviour([row[at] for row in rows])]
    if behaviour:
        columns["type"] = behaviour[:1]
    free = [at for at in range(text) if at not in times and at not in columns.get("type", ())]
    if free:
        columns["user"] = free[-1:]
    return Layout("comments", columns, width, headless=True)


def _isbehaviour(cells: Sequence[str]) -> bool:
    return all(len(cell) < 12 for cell in cells) and sum(behaviour(cell) is not None for cell in cells) * 2 > len(cells)


def behaviour(said: str) -> Kind | None:
    return next((kind for pattern, kind in _BEHAVIOUR if re.search(pattern, said.lower())), None)
