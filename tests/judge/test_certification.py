"""Certificates, geographical indications, licences and test reports that the words boast of."""

from datetime import date

import pytest

from streamlens.schema import (
    BrandAuthorisation,
    ComplianceCertificate,
    FoodOperationLicence,
    GiAuthorisation,
    GreenFoodCertificate,
    OrganicCertificate,
    ProductionLicence,
    QuarantineCertificate,
    TestItem,
    TestReport,
)

DAY = date(2026, 10, 12)  # of the stream


# ---- certificates with days of validity

CERTIFICATES = [
    ("有机种植的", "certification.organic", OrganicCertificate),
    ("有绿色食品认证的", "certification.green", GreenFoodCertificate),
    ("国家地理标志产品", "certification.gi", GiAuthorisation),
]


@pytest.mark.parametrize(("quote", "kind", "paper"), CERTIFICATES)
@pytest.mark.parametrize(
    ("covers", "since", "until", "verdict", "code"),
    [
        ("A", date(2026, 1, 1), date(2026, 12, 31), "supported", "valid"),
        ("A", DAY, DAY, "supported", "valid"),  # both days count
        ("A", date(2025, 1, 1), date(2026, 10, 11), "unsupported", "expired"),
        ("A", date(2026, 10, 13), date(2027, 12, 31), "unsupported", "not_yet"),
        ("A", None, date(2027, 12, 31), "supported", "valid"),
        ("A", None, date(9999, 12, 31), "supported", "valid"),
        ("A", date(2026, 1, 1), None, "unclear", "no_end"),  # until when, it does not say
        ("*", date(2026, 1, 1), date(2026, 12, 31), "supported", "valid"),
        ("B", date(2026, 1, 1), date(2026, 12, 31), "unsupported", "other_product"),
    ],
)
def test_certificate_in_force_on_the_day(decide, quote, kind, paper, covers, since, until, verdict, code):
    finding = decide(quote, kind, paper(id="E1", covers=(covers,), valid_from=since, valid_to=until))
    assert (finding.verdict, finding.reason.code, finding.evidence) == (verdict, f"judge.{code}", ("E1",))


@pytest.mark.parametrize(("quote", "kind", "paper"), CERTIFICATES)
def test_another_certificate_does_not_stand_in(decide, quote, kind, paper):
    others = [other for _, _, other in CERTIFICATES if other is not paper]
    papers = (other(id=other.__name__, covers=("A",), valid_to=date(2027, 1, 1)) for other in others)
    finding = decide(quote, kind, *papers)
    assert (finding.verdict, finding.reason.code) == ("unsupported", "judge.missing")


def test_a_renewed_certificate_counts_and_an_expired_one_gives_the_reason(decide):
    old = OrganicCertificate(id="E1", covers=("A",), valid_to=date(2026, 5, 31))
    new = OrganicCertificate(id="E2", covers=("A",), valid_from=date(2026, 6, 1), valid_to=date(2027, 5, 31))
    other = OrganicCertificate(id="E3", covers=("B",), valid_to=date(2027, 5, 31))
    assert decide("有机的", "certification.organic", old, new, other).evidence == ("E2",)
    expired = decide("有机的", "certification.organic", other, old)
    assert (expired.verdict, expired.reason.code) == ("unsupported", "judge.expired")
    assert dict(expired.reason.args) == {
        "paper": "E1",
        "document": "organic_certificate",
        "until": "2026-05-31",
        "day": "2026-10-12",
    }


def test_stream_of_unknown_day(decide):
    paper = OrganicCertificate(id="E1", covers=("A",), valid_to=date(2027, 5, 31))
    finding = decide("有机的", "certification.organic", paper, at=None)
    assert (finding.verdict, finding.reason.code) == ("unclear", "judge.day_unknown")


# ---- geographical indications


@pytest.mark.parametrize(
    ("protected", "goods", "verdict"),
    [
        ("五常大米", {"name": "五常大米", "aliases": ("稻花香", "大米")}, "supported"),
        ("五常大米", {"name": "东北五常稻花香大米10斤"}, "supported"),
        ("五常大米", {"name": "稻花香米", "origin": "黑龙江五常", "aliases": ("五常大米",)}, "supported"),
        ("五常大米（地理标志产品）", {"name": "五常大米"}, "supported"),
        ("赣南脐橙", {"name": "脐橙"}, "supported"),
        ("盘锦大米", {"name": "五常大米", "aliases": ("大米",)}, "unsupported"),
        ("赣南脐橙", {"name": "秭归脐橙"}, "unsupported"),
        ("", {"name": "五常大米"}, "supported"),  # the paper covers the sku and names nothing else
    ],
)
def test_gi_must_protect_this_product(decide, protected, goods, verdict):
    paper = GiAuthorisation(id="E1", covers=("A",), product=protected, valid_to=date(2027, 1, 1))
    assert decide("正宗的地理标志产品", "certification.gi", paper, goods=goods).verdict == verdict


# ---- licences


def production(scope: str, **fields) -> ProductionLicence:
    return ProductionLicence(
        id="P1", covers=("A",), number="SC10335092200123", scope=scope, **{"valid_to": date(2029, 3, 1), **fields}
    )


SAUCE = {"name": "香菇酱", "category": "调味品", "kind": "processed"}


@pytest.mark.parametrize(
    ("scope", "goods", "verdict"),
    [
        ("调味料", SAUCE, "supported"),
        ("调味品；蔬菜制品", SAUCE, "supported"),
        ("肉制品", SAUCE, "unsupported"),
        ("粮食加工品", {"name": "五常大米", "category": "粮油"}, "supported"),
        ("蜂产品", {"name": "洋槐蜜", "category": "蜂产品"}, "supported"),
        ("水果制品（蜜饯）", {"name": "和田大红枣", "category": "干果"}, "supported"),
        ("饮料", {"name": "手撕牛肉干", "category": "肉制品"}, "unsupported"),
        ("", SAUCE, "unclear"),
        ("见许可证副页", SAUCE, "unclear"),  # what cannot be compared accuses nobody
        ("调味料", {"name": "某某礼盒", "category": "礼品"}, "unclear"),
        ("其他食品", SAUCE, "unclear"),
    ],
)
def test_scope_of_a_production_licence(decide, scope, goods, verdict):
    assert decide("有生产许可证的", "certification.licence", production(scope), goods=goods).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("有SC编号", [production("调味料")], "supported"),
        ("有SC编号", [production("调味料", valid_to=date(2026, 10, 1))], "unsupported"),
        ("有SC编号", [production("调味料", valid_to=None)], "unclear"),
        ("有SC编号", [FoodOperationLicence(id="F1", covers=("A",), valid_to=date(2028, 1, 1))], "unsupported"),
        ("食品经营许可证", [FoodOperationLicence(id="F1", covers=("A",), valid_to=date(2028, 1, 1))], "supported"),
        ("我们手续齐全", [FoodOperationLicence(id="F1", covers=("A",), valid_to=date(2028, 1, 1))], "supported"),
        ("我们手续齐全", [production("调味料")], "supported"),
        ("我们手续齐全", [TestReport(id="T1", covers=("A",), issued_on=DAY)], "unsupported"),
        ("SC证、食品经营许可证一样不少", [production("调味料")], "unsupported"),  # one of the two
        (
            "SC证、食品经营许可证一样不少",
            [production("调味料"), FoodOperationLicence(id="F1", covers=("A",), valid_to=date(2028, 1, 1))],
            "supported",
        ),
        ("商标是我们自己注册的", [BrandAuthorisation(id="B1", covers=("A",), brand="山里红")], "supported"),
        ("商标是我们自己注册的", [production("调味料")], "unsupported"),
    ],
)
def test_the_licence_that_the_words_name(decide, quote, papers, verdict):
    assert decide(quote, "certification.licence", *papers, goods=SAUCE).verdict == verdict


def test_well_known_trademark_and_pollution_free(decide):
    brand = BrandAuthorisation(id="B1", covers=("A",), brand="山里红")
    green = GreenFoodCertificate(id="G1", covers=("A",), valid_to=date(2028, 1, 1))
    assert decide("中国驰名商标", "certification.licence", brand).verdict == "prohibited"
    assert decide("通过了无公害认证", "certification.green", green).verdict == "unsupported"
    assert decide("无公害绿色食品", "certification.green", green).verdict == "supported"


# ---- testing


def report(
    *items: tuple[str, str], issued: date | None = date(2026, 10, 8), issuer: str = "赣州市检测中心"
) -> TestReport:
    made = tuple(TestItem(name=name, result=result) for name, result in items)
    return TestReport(id="T1", covers=("A",), issued_on=issued, issuer=issuer, items=made)


@pytest.mark.parametrize(
    ("quote", "paper", "verdict", "code"),
    [
        ("每一批都有农残检测报告", report(("毒死蜱", "未检出")), "supported", "testing.report"),
        ("每一批都有农残检测报告", report(("可溶性固形物", "13.2")), "unsupported", "testing.other_items"),
        ("都有检测报告", report(("可溶性固形物", "13.2")), "supported", "testing.report"),
        ("都有检测报告", report(("铅", "合格"), issued=DAY), "supported", "testing.report"),
        ("都有检测报告", report(issued=date(2026, 10, 13)), "unsupported", "later"),
        ("都有检测报告", report(issued=None), "unclear", "undated"),
        ("检验合格", report(("菌落总数", "不合格")), "contradicted", "testing.failed"),
        ("四十多项指标全部合格", report(("菌落总数", "合格")), "unsupported", "testing.fewer_items"),
        ("符合欧盟标准", report(("毒死蜱", "合格")), "unsupported", "testing.other_items"),
        ("都有农残检测报告", report(), "unclear", "testing.no_items"),
        ("都有检测报告", report(), "supported", "testing.report_bare"),
        ("检测报告写着未检出", report(("毒死蜱", "检出")), "contradicted", "testing.failed"),
        (
            "每批都送去SGS检",
            report(("毒死蜱", "未检出"), issuer="SGS通标标准技术服务有限公司"),
            "supported",
            "testing.report",
        ),
        ("每批都送去SGS检", report(("毒死蜱", "未检出")), "unsupported", "testing.other_body"),
        ("重金属检测过", report(("铅", "合格")), "supported", "testing.report"),
        (
            "有检测报告",
            ComplianceCertificate(id="Z1", covers=("A",), issued_on=DAY),
            "unsupported",
            "absence.self_declared",
        ),
        ("有合格证", ComplianceCertificate(id="Z1", covers=("A",), issued_on=DAY), "supported", "testing.certificate"),
        ("有检疫证", QuarantineCertificate(id="Q1", covers=("A",), issued_on=DAY), "supported", "testing.quarantine"),
        ("有检疫证", report(("毒死蜱", "未检出")), "unsupported", "licence.other_sort"),
        (
            "都有检测报告",
            QuarantineCertificate(id="Q1", covers=("A",), issued_on=DAY),
            "unsupported",
            "licence.other_sort",
        ),
    ],
)
def test_testing(decide, quote, paper, verdict, code):
    finding = decide(quote, "certification.testing", paper)
    assert (finding.verdict, finding.reason.code) == (verdict, f"judge.{code}")
