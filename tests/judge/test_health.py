"""Health claims: ordinary food may make none; health food those of its registration."""

from datetime import date

import pytest

from streamlens.schema import Catalogue, HealthFoodRegistration, Product, TestItem, TestReport

HEALTH_FOOD = {"name": "某牌灵芝孢子粉", "kind": "health_food"}


def registration(
    *functions: str, id: str = "R1", until: date = date(2028, 1, 1), **fields: object
) -> HealthFoodRegistration:
    return HealthFoodRegistration(
        id=id, covers=("A",), number="国食健注G2023", functions=functions, valid_to=until, **fields
    )


def report(*items: tuple[str, str], issued: date | None = date(2026, 9, 1)) -> TestReport:
    return TestReport(
        id="T1",
        covers=("A",),
        issued_on=issued,
        items=tuple(TestItem(name=name, result=result) for name, result in items),
    )


# ---- disease


@pytest.mark.parametrize("kind", ["fresh", "primary", "processed", "health_food", "unknown"])
def test_disease_is_prohibited_of_every_food_whatever_is_on_file(decide, kind):
    papers = (registration("有助于维持血压健康水平（辅助降血压）"), report(("降血压效果", "有效")))
    for quote in ("降血压", "治咳嗽特别好", "比吃药都管用", "抗癌"):
        assert decide(quote, "health.disease", *papers, goods={"kind": kind}).verdict == "prohibited"


@pytest.mark.parametrize("product", [None, "A"])
def test_disease_needs_no_product_and_no_papers(decide, product):
    finding = decide("能治糖尿病", "health.disease", product=product)
    assert (finding.verdict, finding.reason.code) == ("prohibited", "judge.disease")
    assert decide("能治糖尿病", "health.disease", product=None, catalogue=Catalogue()).verdict == "prohibited"


def test_the_registered_wording_itself_is_no_disease_claim(decide):
    paper = registration("辅助降血糖")
    quoted = decide("辅助降血糖", "health.disease", paper, goods=HEALTH_FOOD)
    core = decide("降血糖", "health.disease", paper, goods=HEALTH_FOOD, sentence="它的功能是辅助降血糖，看批文")
    bare = decide("能降血糖", "health.disease", paper, goods=HEALTH_FOOD)
    expired = decide(
        "辅助降血糖", "health.disease", registration("辅助降血糖", until=date(2026, 1, 1)), goods=HEALTH_FOOD
    )
    assert [f.verdict for f in (quoted, core, bare, expired)] == ["supported", "supported", "prohibited", "prohibited"]


# ---- functions and beauty


@pytest.mark.parametrize("kind", ["fresh", "primary", "processed"])
@pytest.mark.parametrize(
    ("quote", "claimed"),
    [("提高免疫力", "health.function"), ("驱寒祛湿", "health.function"), ("美白养颜", "health.beauty")],
)
def test_ordinary_food_may_claim_nothing(decide, kind, quote, claimed):
    finding = decide(quote, claimed, goods={"kind": kind})
    assert (finding.verdict, finding.reason.code) == ("prohibited", "judge.function.ordinary")


@pytest.mark.parametrize(
    ("registered", "quote", "verdict"),
    [
        ("有助于增强免疫力", "增强免疫力", "supported"),
        ("增强免疫力", "提高抵抗力", "supported"),  # the older name, and an everyday word
        ("有助于增强免疫力", "改善睡眠", "unsupported"),
        ("有助于增强免疫力", "增强免疫力改善睡眠", "unsupported"),  # both must be registered
        ("有助于增强免疫力", "排毒养颜", "unsupported"),  # no such function exists
        ("通便功能", "润肠通便", "supported"),
        ("有助于改善睡眠", "睡得香", "supported"),
        ("有助于控制体内脂肪", "减肥瘦身", "supported"),
        ("改善视力", "护眼", "supported"),
        ("有助于维持血脂（胆固醇/甘油三酯）健康水平", "调节血脂", "supported"),
        ("有助于改善黄褐斑", "美白", "unsupported"),
        ("补充钙", "补钙", "supported"),
        ("补充钙", "补锌", "unsupported"),
        ("辅助保护胃粘膜", "养胃", "supported"),
        ("辅助保护胃粘膜", "健脾养胃", "unsupported"),  # no registration can list 健脾
    ],
)
def test_health_food_may_claim_what_is_registered(decide, registered, quote, verdict):
    assert decide(quote, "health.function", registration(registered), goods=HEALTH_FOOD).verdict == verdict


def test_registration_must_be_in_force_and_cover_the_product(decide):
    expired = decide(
        "增强免疫力", "health.function", registration("增强免疫力", until=date(2026, 10, 11)), goods=HEALTH_FOOD
    )
    last_day = decide(
        "增强免疫力", "health.function", registration("增强免疫力", until=date(2026, 10, 12)), goods=HEALTH_FOOD
    )
    other = HealthFoodRegistration(id="R1", covers=("B",), functions=("增强免疫力",))
    none = decide("增强免疫力", "health.function", other, goods=HEALTH_FOOD)
    assert [f.reason.code for f in (expired, last_day, none)] == [
        "judge.expired",
        "judge.function.listed",
        "judge.other_product",
    ]
    assert [f.verdict for f in (expired, last_day, none)] == ["unsupported", "supported", "unsupported"]


def test_a_valid_registration_outweighs_a_catalogue_that_calls_it_ordinary(decide):
    goods = {"kind": "processed"}
    assert decide("增强免疫力", "health.function", registration("增强免疫力"), goods=goods).verdict == "supported"
    assert decide("改善睡眠", "health.function", registration("增强免疫力"), goods=goods).verdict == "prohibited"


def test_product_of_unknown_kind_is_not_called_prohibited(decide):
    finding = decide("增强免疫力", "health.function", goods={"kind": "unknown"})
    assert (finding.verdict, finding.reason.code) == ("unsupported", "judge.function.kind_unknown")


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        (("fresh", "processed"), "prohibited"),  # whichever is meant
        (("fresh", "unknown"), "unsupported"),
        (("fresh", "health_food"), "unclear"),  # the second one is registered for it
    ],
)
def test_function_of_an_unknown_product(decide, kinds, verdict):
    products = (Product(sku="B", name="土鸡蛋", kind=kinds[0]), Product(sku="A", name="甲", kind=kinds[1]))
    papers = (registration("增强免疫力"),) if kinds[1] == "health_food" else ()
    finding = decide("增强免疫力", "health.function", *papers, product=None, catalogue=Catalogue(products=products))
    assert finding.verdict == verdict
    assert verdict != "prohibited" or finding.reason.code == "judge.function.ordinary"


# ---- suitability


@pytest.mark.parametrize(
    ("quote", "paper", "verdict"),
    [
        ("孕妇可以放心吃", report(("孕妇适用性评价", "适宜")), "supported"),
        ("孕妇小孩随便吃", report(("孕妇适用性评价", "适宜")), "unsupported"),  # nothing of children
        ("孕妇小孩随便吃", report(("孕妇适用性评价", "适宜"), ("儿童适用性评价", "适宜")), "supported"),
        ("孕妇可以放心吃", report(("孕妇适用性评价", "不适宜")), "contradicted"),
        ("孕妇可以放心吃", report(("毒死蜱", "未检出")), "unsupported"),
        ("老人可以吃", registration("增强免疫力", suitable_for=("中老年人、免疫力低下者",)), "supported"),
        ("小朋友也可以放心吃", registration("增强免疫力", not_suitable_for=("少年儿童", "孕妇")), "contradicted"),
        ("谁都能吃", registration("增强免疫力", not_suitable_for=("少年儿童",)), "contradicted"),
        ("糖尿病人放心吃", registration("增强免疫力", suitable_for=("成人",)), "unsupported"),
        ("一点副作用都没有", report(("副作用观察", "未检出")), "supported"),
    ],
)
def test_suitability(decide, quote, paper, verdict):
    assert decide(quote, "health.suitability", paper).verdict == verdict


def test_suitability_without_papers_and_with_a_report_of_no_day(decide):
    assert decide("孕妇随便吃", "health.suitability").reason.code == "judge.no_papers"
    undated = decide("孕妇随便吃", "health.suitability", report(("孕妇适用性", "适宜"), issued=None))
    later = decide("孕妇随便吃", "health.suitability", report(("孕妇适用性", "适宜"), issued=date(2026, 10, 13)))
    assert [(f.verdict, f.reason.code) for f in (undated, later)] == [
        ("unclear", "judge.undated"),
        ("unsupported", "judge.later"),
    ]
