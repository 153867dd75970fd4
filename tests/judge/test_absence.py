"""No pesticide, no residue, no additive: what reports, lists and farming records bear out."""

from datetime import date

import pytest

from streamlens.schema import ComplianceCertificate, IngredientList, OriginRecord, TestItem, TestReport

PROCESSED = {"name": "香菇酱", "kind": "processed"}


def report(*items: tuple[str, ...], id: str = "T1", issued: date | None = date(2026, 9, 1)) -> TestReport:
    made = tuple(TestItem(name=item[0], result=item[1], unit=item[2] if len(item) > 2 else "") for item in items)
    return TestReport(id=id, covers=("A",), issued_on=issued, items=made)


def ingredients(*names: str) -> IngredientList:
    return IngredientList(id="L1", covers=("A",), ingredients=names)


def farmed(method: str) -> OriginRecord:
    return OriginRecord(id="O1", covers=("A",), place="江西寻乌", method=method)


@pytest.mark.parametrize(
    ("quote", "papers", "verdict", "code"),
    [
        ("零农残", [report(("毒死蜱", "未检出"), ("吡虫啉", "ND"))], "supported", "absence.not_found"),
        ("零农残", [report(("毒死蜱", "<0.01", "mg/kg"))], "supported", "absence.not_found"),  # below detection
        ("零农残", [report(("毒死蜱", "未检出"), ("啶虫脒", "0.02", "mg/kg"))], "contradicted", "absence.found"),
        ("零农残", [report(("毒死蜱", "检出"))], "contradicted", "absence.found"),
        ("零农残", [report(("农药残留", "合格"))], "unsupported", "absence.passed_only"),
        ("零农残", [report(("农药残留抑制率", "12", "%"))], "unsupported", "absence.passed_only"),  # a screening
        ("零农残", [report(("可溶性固形物", "13.2", "%"))], "unsupported", "absence.other_items"),
        ("零农残", [report(("毒死蜱", "见附页"))], "unclear", "absence.unreadable"),
        ("零农残", [report(("高效氯氟氰菊酯", "0.05", "mg/kg"))], "contradicted", "absence.found"),
        ("零农残", [report(("某新氟唑醇", "未检出"))], "supported", "absence.not_found"),  # known by its ending
        ("农残不超标", [report(("农药残留", "合格"))], "supported", "absence.not_found"),
        ("农残不超标", [report(("毒死蜱", "0.02", "mg/kg"))], "unclear", "absence.unreadable"),  # limit not known
        ("农残不超标", [report(("农药残留", "超标"))], "contradicted", "absence.found"),
        ("从来不打药", [farmed("全程不打农药，人工除草")], "supported", "absence.method"),
        ("从来不打药", [farmed("按规程使用低毒农药")], "contradicted", "absence.method_against"),
        ("没有农残", [farmed("按规程使用低毒农药")], "unsupported", "absence.method_silent"),
        ("从来不打药", [farmed("山地露天种植")], "unsupported", "absence.method_silent"),
        ("零农残", [ComplianceCertificate(id="Z1", covers=("A",))], "unsupported", "absence.self_declared"),
        ("没有抗生素", [report(("恩诺沙星", "未检出"), ("氟苯尼考", "未检出"))], "supported", "absence.not_found"),
        ("没有抗生素", [report(("毒死蜱", "未检出"))], "unsupported", "absence.other_items"),
        ("没有抗生素", [report(("金霉素", "0.1", "mg/kg"))], "contradicted", "absence.found"),
        ("不打激素不喂抗生素", [report(("恩诺沙星", "未检出"))], "unsupported", "absence.partly"),
        ("重金属没有超标", [report(("铅", "合格"), ("镉", "未检出"))], "supported", "absence.not_found"),
        ("两百多项农残都是未检出", [report(("毒死蜱", "未检出"))], "unsupported", "testing.fewer_items"),
        ("两百多项农残都是未检出", [report(("农药残留（205项）", "未检出"))], "supported", "absence.not_found"),
        ("零农残", [report()], "unclear", "testing.no_items"),
        ("零农残", [], "unsupported", "no_papers"),
    ],
)
def test_pesticide(decide, quote, papers, verdict, code):
    finding = decide(quote, "purity.pesticide", *papers)
    assert (finding.verdict, finding.reason.code) == (verdict, f"judge.{code}")


def test_a_newer_report_on_the_same_item_decides(decide):
    old = report(("毒死蜱", "0.05", "mg/kg"), id="T1", issued=date(2025, 9, 1))
    new = report(("毒死蜱", "未检出"), id="T2", issued=date(2026, 9, 1))
    clean = decide("零农残", "purity.pesticide", old, new)
    assert (clean.verdict, clean.evidence) == ("supported", ("T2",))
    assert "judge.superseded" in [step.message.code for step in clean.trace]
    other_item = report(("吡虫啉", "未检出"), id="T2", issued=date(2026, 9, 1))
    assert decide("零农残", "purity.pesticide", old, other_item).verdict == "contradicted"


def test_reports_that_disagree_are_named(decide):
    found = report(("毒死蜱", "0.05", "mg/kg"), id="T1", issued=None)
    clean = report(("毒死蜱", "未检出"), id="T2", issued=date(2026, 9, 1))
    finding = decide("零农残", "purity.pesticide", found, clean)
    conflict = next(step.message for step in finding.trace if step.message.code == "judge.conflict")
    assert (finding.verdict, dict(conflict.args)["papers"]) == ("contradicted", "T1, T2")


def test_the_day_of_a_report_counts(decide):
    later = decide("零农残", "purity.pesticide", report(("毒死蜱", "0.05"), issued=date(2026, 10, 20)))
    same_day = decide("零农残", "purity.pesticide", report(("毒死蜱", "未检出"), issued=date(2026, 10, 12)))
    undated = decide("零农残", "purity.pesticide", report(("毒死蜱", "未检出"), issued=None))
    no_stream_day = decide("零农残", "purity.pesticide", report(("毒死蜱", "未检出")), at=None)
    assert [f.verdict for f in (later, same_day, undated, no_stream_day)] == [
        "unsupported",
        "supported",
        "unclear",
        "unclear",
    ]


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("零添加", [ingredients("香菇", "植物油", "食用盐")], "supported"),
        ("零添加", [ingredients("香菇", "植物油", "山梨酸钾")], "contradicted"),
        ("0添加", [ingredients("香菇", "食品添加剂（谷氨酸钠、5'-呈味核苷酸二钠）")], "contradicted"),
        ("零添加", [ingredients("生牛乳", "乳酸菌")], "supported"),  # 乳酸菌 is not 乳酸
        ("没有防腐剂", [ingredients("香菇", "山梨酸钾")], "contradicted"),
        ("没有防腐剂", [ingredients("香菇", "谷氨酸钠", "柠檬黄")], "supported"),
        ("没有防腐剂", [ingredients("香菇", "食品添加剂")], "unclear"),  # names none
        ("没有防腐剂", [ingredients("香菇（不含防腐剂）", "盐")], "supported"),
        ("香精色素我们一样都不放", [ingredients("米", "食用香精")], "contradicted"),
        ("香精色素我们一样都不放", [ingredients("米", "焦糖色")], "contradicted"),
        ("香精色素我们一样都不放", [ingredients("米", "水")], "supported"),
        ("零添加蔗糖", [ingredients("牛奶", "赤藓糖醇")], "supported"),
        ("无蔗糖", [ingredients("面粉", "麦芽糖浆")], "supported"),
        ("无蔗糖", [ingredients("面粉", "白砂糖")], "contradicted"),
        ("没有加一粒糖", [ingredients("芒果", "白砂糖")], "contradicted"),
        ("没有加一粒糖", [ingredients("芒果", "果葡糖浆")], "contradicted"),
        ("没有加一粒糖", [ingredients("芒果", "麦芽糖醇")], "supported"),
        ("没有加一粒糖", [report(("总糖", "12", "g/100g"))], "unsupported"),  # fruit has sugar of its own
        ("零糖", [report(("总糖", "0.3", "g/100g"))], "supported"),
        ("零糖", [report(("总糖", "5.1", "g/100g"))], "contradicted"),
        ("没放盐", [ingredients("花生", "食用盐")], "contradicted"),
        ("没有防腐剂", [report(("山梨酸", "未检出"), ("苯甲酸", "未检出"))], "supported"),
        ("没有防腐剂", [report(("山梨酸", "0.3", "g/kg"))], "contradicted"),
        ("没有防腐剂", [report(("铅", "未检出"))], "unsupported"),
        ("零添加", [report(("山梨酸", "未检出"))], "unsupported"),  # one additive is not all of them
        ("别的啥也没有", [ingredients("辣椒", "食用盐", "菜籽油")], "supported"),
        ("别的啥也没有", [ingredients("辣椒", "食用盐", "菜籽油", "白砂糖")], "unclear"),
        ("别的啥也没有", [ingredients("辣椒", "食用盐", "菜籽油", "山梨酸钾")], "contradicted"),
        ("没有防腐剂", [ingredients()], "unsupported"),
        ("啥都没加", [ingredients("番茄", "柠檬酸")], "contradicted"),
        ("啥都没加", [ingredients("番茄", "盐")], "supported"),
    ],
)
def test_additive(decide, quote, papers, verdict):
    sentence = "配料表就三样，辣椒、盐、菜籽油，别的啥也没有" if quote.startswith("别的") else quote
    assert decide(quote, "purity.additive", *papers, goods=PROCESSED, sentence=sentence).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("不打蜡", [ingredients("苹果")], "unsupported"),  # a list of ingredients does not show what was put on
        ("不打蜡", [ingredients("苹果", "巴西棕榈蜡")], "contradicted"),
        ("不打蜡", [report(("吗啉脂肪酸盐果蜡", "未检出"))], "supported"),
        ("没熏过硫磺", [report(("二氧化硫", "未检出"))], "supported"),
        ("没熏过硫磺", [report(("二氧化硫残留量", "0.08", "g/kg"))], "contradicted"),
        ("不用膨大剂", [report(("氯吡脲", "未检出"))], "supported"),
        ("不用膨大剂", [ingredients("猕猴桃")], "unsupported"),
        ("没有用催熟剂", [farmed("树上自然成熟，不用催熟剂")], "supported"),
        ("没有用催熟剂", [farmed("采后乙烯利催熟")], "contradicted"),
    ],
)
def test_treatments_of_fresh_goods(decide, quote, papers, verdict):
    assert decide(quote, "purity.additive", *papers).verdict == verdict


def test_an_item_and_a_list_answer_together(decide):
    finding = decide(
        "不加防腐剂不打激素",
        "purity.additive",
        ingredients("鸡肉", "盐"),
        report(("己烯雌酚", "未检出")),
        goods=PROCESSED,
    )
    assert (finding.verdict, finding.evidence) == ("supported", ("L1", "T1"))


def test_words_whose_denial_cannot_be_made_out_accuse_nobody(decide):
    finding = decide("干干净净的", "purity.additive", ingredients("香菇", "山梨酸钾"), goods=PROCESSED)
    assert (finding.verdict, finding.reason.code) == ("unclear", "judge.absence.subject_unknown")
