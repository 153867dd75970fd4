"""A row of an order export as an order: paid or not, of what, for how much, and what was paid back."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from streamlens.capture.audience.counts import ABSENT, NotANumber, count, fen
from streamlens.capture.audience.entries import Entry, Fault, Item, Left

_UNPAID = re.compile(r"待付款|待支付|未付款|未支付|等待买家付款|unpaid|pending_payment|awaiting", re.IGNORECASE)
_CLOSED = re.compile(r"取消|关闭|作废|cancel|closed", re.IGNORECASE)
_REFUNDED = re.compile(
    r"退款成功|已退款|退款完成|退货退款成功|全额退款|售后完成|售后成功|退款已完成|refunded|^refund success",
    re.IGNORECASE,
)
_OLD = re.compile(r"^(?:是|老客|老客户|老买家|复购|yes|true|1|repeat|returning|old)$", re.IGNORECASE)
_NEW = re.compile(r"^(?:否|新客|新客户|新买家|首购|no|false|0|new|first)$", re.IGNORECASE)


def read_order(entry: Entry, cells: Callable[[str], list[str]], columns: Mapping[str, Sequence[int]]) -> Iterator[Item]:
    """The order of a row whose time is read; left out where it was never paid. Names and addresses are not looked at.

    `cells` gives the cells of a field, `columns` which fields the table has.
    """

    def cell(field: str) -> str:
        return next((value for value in cells(field) if value), "")

    entry.kind, entry.uid, entry.name = "order", "", ""
    entry.id = cell("order")
    status, after = cell("status"), cell("aftersale")
    try:
        amount_fen, refund_fen = fen(cell("amount")), fen(cell("refund"))
    except NotANumber as error:
        yield Fault(entry.row, str(error), lost=False)
        amount_fen = _fen(cell("amount"))
        refund_fen = _fen(cell("refund"))
    refunded = bool(_REFUNDED.search(after) or _REFUNDED.search(status)) or bool(refund_fen)
    unpaid = _UNPAID.search(status) or (columns.get("paid") and all(at.lower() in ABSENT for at in cells("paid")))
    if unpaid or (_CLOSED.search(status) and not refunded):
        yield Left(entry.row, "unpaid")
        return
    quantity = count(cell("quantity")) if columns.get("quantity") else 1
    if not quantity:
        yield Fault(entry.row, "has no quantity" if quantity is None else "its quantity is 0")
        return
    entry.quantity, entry.amount_fen = quantity, amount_fen
    entry.refund_fen = refund_fen if refund_fen is not None else amount_fen if refunded else None
    entry.skus = tuple(value for value in cells("sku") if value)
    entry.title = cell("title")
    entry.text = cell("line")
    said = cell("repeat").strip()
    entry.repeat_buyer = True if _OLD.match(said) else False if _NEW.match(said) else None
    yield entry


def _fen(cell: str) -> int | None:
    try:
        return fen(cell)
    except NotANumber:
        return None
