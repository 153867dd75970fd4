"""Pure, wild, free-range, not modified."""

from datetime import date

import pytest

from streamlens.schema import IngredientList, OriginRecord, TestItem, TestReport


def report(name: str, result: str, unit: str = "", standard: str = "") -> TestReport:
    item = TestItem(name=name, result=result, unit=unit, standard=standard)
    return TestReport(id="T1", covers=("A",), issued_on=date(2026, 9, 1), items=(item,))


def farmed(method: str) -> OriginRecord:
    return OriginRecord(id="O1", covers=("A",), place="陕西宝鸡", method=method)


def ingredients(*names: str) -> IngredientList:
    return IngredientList(id="L1", covers=("A",), ingredients=names)


@pytest.mark.parametrize(
    ("quote", "name", "paper", "verdict"),
    [
        ("百分之百纯正", "土蜂蜜", report("C-4植物糖含量", "未检出"), "supported"),
        ("百分之百纯正", "土蜂蜜", report("高果糖淀粉糖浆", "阳性"), "contradicted"),
        ("百分之百纯正", "土蜂蜜", report("碳-4植物糖", "1.2", "%", "≤7%"), "supported"),
        ("百分之百纯正", "土蜂蜜", report("碳-4植物糖", "9", "%", "≤7%"), "contradicted"),
        ("百分之百纯正", "土蜂蜜", report("碳-4植物糖", "1.2", "%"), "unclear"),
        ("百分之百纯正", "土蜂蜜", report("水分", "18", "%"), "unsupported"),
        ("百分百纯牛肉", "牛肉干", report("牛源性成分", "检出"), "supported"),  # beef should be beef
        ("百分百纯牛肉", "牛肉干", report("猪源性成分", "检出"), "contradicted"),
        ("百分百纯牛肉", "牛肉干", report("猪源性成分", "未检出"), "supported"),
        ("百分百纯牛肉", "牛肉干", report("牛源性成分", "未检出"), "contradicted"),
        ("纯度百分之百", "藕粉", report("纯度", "99.8", "%"), "supported"),
        ("纯度百分之百", "藕粉", report("纯度", "82", "%"), "contradicted"),
        ("绝对没有掺糖浆", "土蜂蜜", ingredients("蜂蜜", "果葡糖浆"), "contradicted"),
        ("绝对没有掺糖浆", "土蜂蜜", ingredients("蜂蜜"), "unsupported"),  # the seller's own word
        ("没掺木薯淀粉", "藕粉", ingredients("藕粉", "木薯淀粉"), "contradicted"),
        ("百分百纯果汁", "橙汁", ingredients("橙汁", "果葡糖浆", "食用香精"), "contradicted"),
        ("百分百纯牛肉", "牛肉干", ingredients("牛肉", "食用盐", "白砂糖"), "unclear"),
        ("百分之百红薯做的", "红薯粉条", ingredients("红薯淀粉", "玉米淀粉"), "unclear"),
        ("纯天然的", "果酱", ingredients("草莓", "山梨酸钾"), "contradicted"),
        ("绝对没有掺糖浆", "土蜂蜜", farmed("自取原蜜，不掺糖浆"), "supported"),
        ("纯野生的", "猴头菇", farmed("深山野生采集"), "supported"),
        ("纯野生的", "猴头菇", farmed("大棚人工栽培"), "contradicted"),
        ("纯野生的", "猴头菇", report("DNA真实性", "合格"), "unsupported"),  # says nothing of how it grew
        ("散养的", "土鸡蛋", farmed("林下散养，非笼养"), "supported"),
        ("散养的", "土鸡蛋", farmed("笼养"), "contradicted"),
        ("散养的", "土鸡蛋", farmed("玉米喂养"), "unsupported"),
        ("非转基因的", "大豆油", report("转基因成分（CaMV35S）", "未检出"), "supported"),
        ("非转基因的", "大豆油", report("转基因成分", "检出"), "contradicted"),
        ("非转基因的", "大豆油", ingredients("转基因大豆"), "unsupported"),
        ("树上自然熟", "芒果", farmed("树上熟"), "supported"),
        ("用的是非转基因大豆", "豆油", farmed("非转基因大豆压榨"), "supported"),
        ("绝对不是转基因的", "豆油", farmed("转基因大豆压榨"), "contradicted"),
        ("不是笼养的", "土鸡蛋", farmed("山地散养"), "supported"),
        ("不是养殖的", "大黄鱼", farmed("网箱养殖"), "contradicted"),
        ("一滴调和油都没兑", "香油", ingredients("芝麻油", "大豆调和油"), "contradicted"),
        ("一滴水都没兑", "羊奶", ingredients("生羊乳", "水"), "contradicted"),
        ("一滴水都没兑", "羊奶", ingredients("生羊乳"), "unsupported"),
    ],
)
def test_natural(decide, quote, name, paper, verdict):
    assert decide(quote, "purity.natural", paper, goods={"name": name, "kind": "primary"}).verdict == verdict
