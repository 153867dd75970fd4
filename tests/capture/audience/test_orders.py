"""Order exports of shops."""

from pathlib import Path

import pytest

from capture.audience.logs import added_up, read

HEAD = "主订单编号,子订单编号,选购商品,商品ID,商家编码,商品数量,订单应付金额,收件人,收件人手机号,详细地址,订单提交时间,支付完成时间,订单状态,售后状态,退款金额\n"
WHO = "王小明,13800138000,杭州市西湖区文一路18号3栋201"


def order(number: int, goods: str = "赣南脐橙,77,QC-5", count: str = "1", amount: str = "19.9", paid: str = "2026-10-12 20:05:00",
          status: str = "已完成", after: str = "", refund: str = "") -> str:  # fmt: skip
    return f"'69{number},'69{number}-1,{goods},{count},{amount},{WHO},2026-10-12 20:04:00,{paid},{status},{after},{refund}\n"


def test_an_export_of_a_shop(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "orders.csv",
        (HEAD + order(1, count="2", amount="¥39.80") + order(2, paid="2026-10-12 20:01:00")).encode("gb18030"),
    )
    assert [(o.at_ms, o.product, o.quantity, o.amount_fen, o.refund_fen) for o in audience.orders] == [
        (60_000, "QC-5", 1, 1990, None), (300_000, "QC-5", 2, 3980, None),
    ]  # fmt: skip
    assert all(len(each.order) == 16 for each in audience.orders)
    assert not any(word in str(audience) for word in ("王小明", "13800138000", "文一路", "691"))


@pytest.mark.parametrize(
    ("row", "refund_fen"),
    [
        (order(1, after="退款成功"), 1990),
        (order(1, after="部分退款", refund="5.00"), 500),
        (order(1, status="交易关闭", after="退款成功", refund="19.90"), 1990),
        (order(1, after="售后关闭"), None),
        (order(1, after="退款关闭", refund="0"), 0),
        (order(1, after="待商家处理"), None),
    ],
)
def test_refunds(tmp_path: Path, row: str, refund_fen: int | None) -> None:
    (found,) = read(tmp_path, "orders.csv", HEAD + row).orders
    assert found.refund_fen == refund_fen


@pytest.mark.parametrize(
    "row",
    [
        order(1, status="已取消"),
        order(1, status="待付款", paid=""),
        order(1, paid=""),
        order(1, status="交易关闭"),
        order(1, paid="-"),
    ],
)
def test_what_was_never_paid_is_left_out_and_counted(tmp_path: Path, row: str) -> None:
    audience = read(tmp_path, "orders.csv", HEAD + row + order(2))
    assert len(audience.orders) == 1
    assert dict(audience.sources[0].left_out) == {"unpaid": 1}
    assert added_up(audience)


@pytest.mark.parametrize(
    ("goods", "product"),
    [
        ("随便什么,77,qc-5", "QC-5"),
        ("随便什么,QC-5,", "QC-5"),
        ("赣南 脐橙,77,X1", "QC-5"),
        ("脐橙,77,", "QC-5"),
        ("蜂蜜,77,", None),  # an alias of two products
        ("赣南脐橙5斤装顺丰包邮,77,", None),
        ("苹果,78,PG-1", None),
    ],
)
def test_the_product_by_id_else_by_its_very_name(tmp_path: Path, goods: str, product: str | None) -> None:
    audience = read(tmp_path, "orders.csv", HEAD + order(1, goods))
    assert [o.product for o in audience.orders] == [product]
    assert ("1 orders are of products that the catalogue does not have" in audience.sources[0].notes) == (
        product is None
    )


def test_bad_cells_and_repeated_rows(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "orders.csv",
        HEAD
        + order(1)
        + order(1)
        + order(1, goods="土蜂蜜,78,FM-500")
        + order(2, amount="面议面议")
        + order(3, count="x")
        + order(4, paid="25:61"),
    )
    assert sorted((o.at_ms, o.product or "", o.amount_fen or 0) for o in audience.orders) == [
        (240_000, "QC-5", 1990), (300_000, "FM-500", 1990), (300_000, "QC-5", 0), (300_000, "QC-5", 1990),
    ]  # fmt: skip
    assert dict(audience.sources[0].left_out) == {"repeated": 1, "unreadable": 1}
    assert [(fault.row, fault.reason) for fault in audience.sources[0].faults] == [
        (5, "(4 characters) is not a number"),
        (6, "'x' is not a number"),
        (7, "its time '25:61' cannot be read: another of its times is taken"),
    ]


def test_english_names_and_returning_buyers(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "orders.csv",
        "time,order_id,sku,quantity,amount,repeat_buyer\n2026-10-12T20:00:11.067,a-1,QC-5,3,59.7,yes\n2026-10-12T20:00:12,a-2,QC-5,1,19.9,新客\n"
        "2026-10-12T20:00:13,a-3,QC-5,1,19.9,\n",
    )
    assert [(o.at_ms, o.quantity, o.repeat_buyer) for o in audience.orders] == [
        (11_067, 3, True),
        (12_000, 1, False),
        (13_000, 1, None),
    ]
