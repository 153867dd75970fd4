"""How an experienced officer would judge health, purity and certificates: our own sentences and papers.

The stream is on 2026-10-12 at 19:30; the goods are fresh navel oranges where nothing else is said.
"""

from datetime import date, timedelta

import pytest

from streamlens.schema import (
    BrandAuthorisation,
    ComplianceCertificate,
    FoodOperationLicence,
    GiAuthorisation,
    GreenFoodCertificate,
    HealthFoodRegistration,
    IngredientList,
    OrganicCertificate,
    OriginRecord,
    ProductionLicence,
    QuarantineCertificate,
    TestItem,
    TestReport,
)


def ago(days: int) -> date:
    return date(2026, 10, 12) - timedelta(days=days)


def report(
    *items: tuple[str, str], on: int | None = 10, standard: str = "", id: str = "T1", unit: str = ""
) -> TestReport:
    return TestReport(
        id=id,
        covers=("A",),
        issued_on=None if on is None else ago(on),
        items=tuple(TestItem(name=name, result=result, standard=standard, unit=unit) for name, result in items),
    )


def registered(*functions: str, **fields) -> HealthFoodRegistration:
    return HealthFoodRegistration(
        **{"id": "R1", "covers": ("A",), "functions": functions, "valid_to": ago(-500), **fields}
    )


HEALTH = {"name": "西洋参胶囊", "kind": "health_food"}
SAUCE = {"name": "香菇酱", "category": "调味品", "kind": "processed"}
RICE = {"name": "五常大米", "aliases": ("大米",), "category": "粮油", "kind": "primary"}


@pytest.mark.parametrize(
    ("kind", "quote", "goods", "papers", "verdict"),
    [
        ("disease", "吃了血压就降了", {}, [], "prohibited"),
        ("disease", "治失眠", HEALTH, [registered("有助于改善睡眠")], "prohibited"),
        ("disease", "辅助降血糖", HEALTH, [registered("辅助降血糖")], "supported"),
        ("disease", "辅助降血糖", HEALTH, [registered("辅助降血糖", valid_to=ago(1))], "prohibited"),
        ("disease", "止咳化痰", {"kind": "unknown"}, [report(("止咳", "合格"))], "prohibited"),
        ("function", "有助于增强免疫力", {}, [], "prohibited"),
        ("function", "增强免疫力", HEALTH, [registered("有助于增强免疫力")], "supported"),
        ("function", "改善睡眠", HEALTH, [registered("有助于增强免疫力")], "unsupported"),
        ("function", "增强免疫力、改善睡眠", HEALTH, [registered("有助于增强免疫力")], "unsupported"),
        ("function", "增强免疫力", HEALTH, [registered("有助于增强免疫力", valid_to=ago(3))], "unsupported"),
        ("function", "增强免疫力", HEALTH, [], "unsupported"),
        ("function", "保证增强免疫力", HEALTH, [registered("有助于增强免疫力")], "prohibited"),  # a guarantee of effect
        ("beauty", "美白祛斑", {"kind": "processed"}, [], "prohibited"),
        ("beauty", "减肥", HEALTH, [registered("减肥")], "supported"),
        ("beauty", "减肥", HEALTH, [registered("有助于抗氧化")], "unsupported"),
        ("suitability", "孕妇放心吃", {}, [], "unsupported"),
        (
            "suitability",
            "孕妇放心吃",
            HEALTH,
            [registered("抗氧化", not_suitable_for=("孕妇", "少年儿童"))],
            "contradicted",
        ),
        ("suitability", "中老年人都能吃", HEALTH, [registered("抗氧化", suitable_for=("中老年人",))], "supported"),
        ("suitability", "糖尿病人也能吃", {}, [report(("糖尿病人适用性", "适宜"))], "supported"),
        ("suitability", "老少皆宜", HEALTH, [registered("抗氧化", not_suitable_for=("婴幼儿",))], "contradicted"),
    ],
)
def test_health(decide, kind, quote, goods, papers, verdict):
    assert decide(quote, f"health.{kind}", *papers, goods=goods).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "quote", "goods", "papers", "verdict"),
    [
        ("pesticide", "从来不打农药", {}, [], "unsupported"),
        ("pesticide", "零农残", {}, [report(("毒死蜱", "未检出"), ("氯氰菊酯", "未检出"))], "supported"),
        ("pesticide", "零农残", {}, [report(("毒死蜱", "0.02 mg/kg"))], "contradicted"),
        ("pesticide", "零农残", {}, [report(("农药残留", "合格"))], "unsupported"),
        ("pesticide", "零农残", {}, [report(("铅", "未检出"))], "unsupported"),
        ("pesticide", "农残没有超标", {}, [report(("毒死蜱", "0.02 mg/kg"), standard="≤0.5 mg/kg")], "supported"),
        ("pesticide", "农残没有超标", {}, [report(("毒死蜱", "0.8 mg/kg"), standard="≤0.5 mg/kg")], "contradicted"),
        ("pesticide", "农残没有超标", {}, [report(("毒死蜱", "0.02 mg/kg"))], "unclear"),  # no limit to compare with
        ("pesticide", "零农残", {}, [report(("毒死蜱", "未检出"), on=None)], "unclear"),
        ("pesticide", "零农残", {}, [report(("毒死蜱", "未检出"), on=800)], "unclear"),  # another year's fruit
        ("pesticide", "零农残", {}, [report(("毒死蜱", "未检出"), on=-5)], "unsupported"),
        ("pesticide", "不打农药", {}, [OriginRecord(id="O1", covers=("A",), method="全程不使用农药")], "supported"),
        ("pesticide", "不打农药", {}, [OriginRecord(id="O1", covers=("A",), method="按规程施用农药")], "contradicted"),
        ("pesticide", "零农残", {}, [ComplianceCertificate(id="K1", covers=("A",), issued_on=ago(2))], "unsupported"),
        (
            "additive",
            "零添加",
            SAUCE,
            [IngredientList(id="L1", covers=("A",), ingredients=("香菇", "食用盐"))],
            "supported",
        ),
        (
            "additive",
            "不含防腐剂",
            SAUCE,
            [IngredientList(id="L1", covers=("A",), ingredients=("香菇", "山梨酸钾"))],
            "contradicted",
        ),
        ("additive", "零添加", SAUCE, [], "unsupported"),
        (
            "additive",
            "不加糖",
            SAUCE,
            [IngredientList(id="L1", covers=("A",), ingredients=("香菇", "白砂糖"))],
            "contradicted",
        ),
        ("additive", "不打蜡", {}, [report(("吗啉脂肪酸盐果蜡", "未检出"))], "supported"),
        (
            "additive",
            "没有防腐剂",
            SAUCE,
            [
                IngredientList(id="L1", covers=("A",), ingredients=("香菇", "食用盐")),
                report(("山梨酸", "0.2 g/kg")),
            ],
            "contradicted",  # the list and the laboratory disagree
        ),
        ("natural", "非转基因大米", RICE, [report(("转基因成分", "未检出"))], "unsupported"),  # there is no other rice
        ("natural", "非转基因大豆", {"name": "黄豆"}, [report(("转基因成分", "未检出"))], "supported"),
        (
            "natural",
            "绝对没有掺糖浆",
            {"name": "蜂蜜"},
            [
                report(
                    (
                        "碳四植物糖",
                        "0.5",
                    ),
                    standard="≤7",
                )
            ],
            "supported",
        ),
        ("natural", "绝对没有掺糖浆", {"name": "蜂蜜"}, [report(("高果糖淀粉糖浆", "检出"))], "contradicted"),
        (
            "natural",
            "都是野生的",
            {"name": "菌子"},
            [OriginRecord(id="O1", covers=("A",), method="大棚栽培")],
            "contradicted",
        ),
        ("natural", "都是野生的", {"name": "菌子"}, [], "unsupported"),
    ],
)
def test_purity(decide, kind, quote, goods, papers, verdict):
    assert decide(quote, f"purity.{kind}", *papers, goods=goods).verdict == verdict


def dated(kind, **fields):
    return kind(**{"id": "E1", "covers": ("A",), "valid_from": ago(100), "valid_to": ago(-100), **fields})


SELENIUM = "富硒稻谷 0.04-0.30 mg/kg"


@pytest.mark.parametrize(
    ("kind", "quote", "goods", "papers", "verdict"),
    [
        ("organic", "有机种植的", {}, [dated(OrganicCertificate)], "supported"),
        ("organic", "有机种植的", {}, [dated(OrganicCertificate, valid_to=ago(1))], "unsupported"),
        ("organic", "有机种植的", {}, [dated(OrganicCertificate, valid_to=ago(0))], "supported"),  # its last day counts
        ("organic", "有机种植的", {}, [dated(OrganicCertificate, valid_from=ago(-1))], "unsupported"),
        ("organic", "有机种植的", {}, [dated(OrganicCertificate, covers=("B",))], "unsupported"),
        ("organic", "有机种植的", {}, [dated(OrganicCertificate, valid_to=None)], "unclear"),
        ("organic", "有机种植的", {}, [dated(GreenFoodCertificate)], "unsupported"),
        ("green", "有绿色食品认证", {}, [dated(GreenFoodCertificate)], "supported"),
        ("green", "有绿色食品认证", {}, [dated(GreenFoodCertificate, valid_to=ago(30))], "unsupported"),
        ("green", "通过了无公害认证", {}, [dated(GreenFoodCertificate)], "unsupported"),
        ("gi", "正宗的地理标志产品", RICE, [dated(GiAuthorisation, product="五常大米")], "supported"),
        ("gi", "正宗的地理标志产品", RICE, [dated(GiAuthorisation, product="盘锦大米")], "unsupported"),
        (
            "gi",
            "正宗的地理标志产品",
            RICE,
            [dated(GiAuthorisation, product="五常大米", valid_to=ago(9))],
            "unsupported",
        ),
        ("selenium", "富硒的", RICE, [report(("硒", "0.12"), unit="mg/kg", standard=SELENIUM)], "supported"),
        ("selenium", "富硒的", RICE, [report(("硒", "0.01"), unit="mg/kg", standard=SELENIUM)], "contradicted"),
        ("selenium", "富硒的", RICE, [report(("硒", "0.12"), unit="mg/kg")], "unclear"),
        ("selenium", "富硒的", RICE, [report(("镉", "未检出"))], "unsupported"),
        (
            "selenium",
            "每公斤含硒零点二毫克",
            RICE,
            [report(("硒", "0.05"), unit="mg/kg", standard=SELENIUM)],
            "contradicted",  # rich enough, but a quarter of what was said
        ),
        (
            "selenium",
            "每公斤含硒零点零五毫克",
            RICE,
            [report(("硒", "0.05"), unit="mg/kg", standard=SELENIUM)],
            "supported",
        ),
        ("licence", "有生产许可证的", SAUCE, [dated(ProductionLicence, scope="调味品")], "supported"),
        ("licence", "有生产许可证的", SAUCE, [dated(ProductionLicence, scope="肉制品")], "unsupported"),
        ("licence", "有生产许可证的", SAUCE, [dated(ProductionLicence, scope="")], "unclear"),
        (
            "licence",
            "有生产许可证的",
            SAUCE,
            [dated(ProductionLicence, scope="调味品", valid_to=ago(2))],
            "unsupported",
        ),
        ("licence", "有生产许可证的", SAUCE, [dated(FoodOperationLicence)], "unsupported"),
        ("licence", "我们有自己的注册商标", SAUCE, [dated(BrandAuthorisation, brand="山里人家")], "supported"),
        ("licence", "是驰名商标", SAUCE, [dated(BrandAuthorisation)], "prohibited"),
        ("testing", "每一批都有检测报告", {}, [report(("毒死蜱", "未检出"))], "supported"),
        ("testing", "每一批都有检测报告", {}, [report(("毒死蜱", "未检出"), on=500)], "unclear"),
        ("testing", "检测全部合格", {}, [report(("毒死蜱", "不合格"))], "contradicted"),
        ("testing", "有农残检测报告", {}, [report(("铅", "未检出"))], "unsupported"),
        ("testing", "有检疫证", {}, [dated(QuarantineCertificate, issued_on=ago(3))], "supported"),
        ("testing", "有检疫证", {}, [report(("毒死蜱", "未检出"))], "unsupported"),
        ("testing", "带合格证", {}, [ComplianceCertificate(id="K1", covers=("A",), issued_on=ago(2))], "supported"),
        ("testing", "带合格证", {}, [], "unsupported"),
    ],
)
def test_certification(decide, kind, quote, goods, papers, verdict):
    assert decide(quote, f"certification.{kind}", *papers, goods=goods).verdict == verdict


def test_papers_that_disagree_are_reported_as_such(decide):
    papers = [
        IngredientList(id="L1", covers=("A",), ingredients=("香菇", "食用盐")),
        report(("山梨酸", "0.2 g/kg"), id="T9"),
    ]
    finding = decide("没有防腐剂", "purity.additive", *papers, goods=SAUCE)
    (conflict,) = [step.message for step in finding.trace if step.message.code == "judge.conflict"]
    assert dict(conflict.args)["papers"] == "T9, L1"
    place = OriginRecord(id="O1", covers=("A",), place="云南宾川")
    against = decide("云南来的", "origin.place", place, goods={"origin": "江西赣州"})
    (conflict,) = [step.message for step in against.trace if step.message.code.startswith("judge.conflict")]
    assert "O1" in dict(conflict.args)["papers"] and not dict(conflict.args)["papers"].startswith(",")
