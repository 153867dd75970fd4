"""Which products the names on a paper mean."""

import pytest

from streamlens.judge.goods import covered_by, named_in
from streamlens.schema import Catalogue, Product

SOLD = Catalogue(
    products=(
        Product(sku="R5", name="五常大米5斤", aliases=("大米",), origin="黑龙江五常"),
        Product(sku="R10", name="五常大米10斤装", aliases=("大米",), origin="黑龙江五常"),
        Product(sku="P", name="富硒土豆", aliases=("土豆",)),
        Product(sku="O", name="赣南脐橙", aliases=("脐橙", "橙子")),
        Product(sku="S", name="香菇酱", aliases=("菇酱",), category="调味品"),
        Product(sku="M", name="干香菇", aliases=("香菇", "花菇")),
    )
)


@pytest.mark.parametrize(
    ("named", "skus", "how"),
    [
        ("五常大米", ("R5", "R10"), "sure"),  # two sizes of the same
        ("黑龙江五常大米", ("R5", "R10"), "sure"),
        ("马铃薯(富硒土豆)", ("P",), "sure"),
        ("马铃薯", ("P",), "sure"),  # the same by another name
        ("江西赣南脐橙", ("O",), "sure"),
        ("鲜脐橙", ("O",), "sure"),
        ("香菇(干)", ("M",), "sure"),
        ("香菇酱、赣南脐橙", ("S", "O"), "sure"),
        ("盘锦大米", ("R5", "R10"), "maybe"),  # another rice
        ("五常大米酒", ("R5", "R10"), "maybe"),
        ("甜橙", ("O",), "maybe"),
        ("鲜冻带鱼", (), "other"),
        ("", (), "other"),
    ],
)
def test_names(named, skus, how):
    covered = covered_by(named, SOLD)
    assert (covered.skus, covered.how) == (skus, how)


def test_running_text():
    assert named_in("贵单位选送的赣南脐橙荣获金奖", SOLD).how == "sure"
    licence = named_in("食品类别：调味品；罐头", SOLD)
    assert (licence.skus, licence.how) == (("S",), "maybe")
    assert named_in("优秀企业", SOLD).how == "other"
