"""What is read of papers, from lines as a recogniser gives them."""

import pytest

from sheets import file
from streamlens.judge.forms import FoundPaper, read_papers
from streamlens.judge.kinds import title_in, type_of_name

LOW = 0.9


def only(*texts: str, **options: object) -> FoundPaper:
    (paper,) = read_papers(file(*texts, **options))
    return paper


def said(paper: FoundPaper) -> dict[str, str]:
    return {found.name: found.value for found in paper.fields if found.name != "type"}


ORGANIC = """
#有 机 产 品 认 证 证 书
证书编号：131OP2500417
认证委托人名称：五常市甲乙米业有限公司
地址：黑龙江省五常市
产品名称：五常大米
证书有效期：2025年06月01日至2026年05月31日
初次获证日期：2019年06月01日
认证机构：北京丙丁有机认证有限公司
"""
PAPERS = {
    "labels and colons": (
        ORGANIC,
        "organic_certificate",
        {
            "number": "131OP2500417",
            "holder": "五常市甲乙米业有限公司",
            "product": "五常大米",
            "valid_from": "2025-06-01",
            "valid_to": "2026-05-31",
            "issuer": "北京丙丁有机认证有限公司",
        },
    ),
    "labels in cells, two pairs a row, English beside": (
        """
#有机产品认证证书
证书编号 Certificate No.\t131OP2500417\t产品名称 Product\t五常大米
颁证日期\t2025-06-01\t有效期至\t2026-05-31
""",
        "organic_certificate",
        {"number": "131OP2500417", "product": "五常大米", "valid_to": "2026-05-31"},
    ),
    "values under their labels": (
        """
#绿色食品证书
产品名称\t生产商\t产品编号\t有效期至
香菇（干）\t庆元县甲乙合作社\tLB-20-24051203456A\t2027年04月30日
""",
        "green_food_certificate",
        {
            "product": "香菇(干)",
            "holder": "庆元县甲乙合作社",
            "number": "LB-20-24051203456A",
            "valid_to": "2027-04-30",
        },
    ),
    "spaced labels, and what stands beside": (
        """
#食品生产许可证
生 产 者 名 称：漳州甲乙食品有限公司\t许可证编号：SC10335060200123
法定代表人（负责人）：某某\t发证机关：漳州市市场监督管理局
食品类别：调味品；蔬菜制品\t2024 年 03 月 02 日
有效期至 2029 年 03 月 01 日
""",
        "production_licence",
        {
            "holder": "漳州甲乙食品有限公司",
            "number": "SC10335060200123",
            "issuer": "漳州市市场监督管理局",
            "scope": "调味品;蔬菜制品",
            "valid_to": "2029-03-01",
        },
    ),
    "a licence without end": (
        """
#食品经营许可证
经营者名称：甲乙商行
经营项目：预包装食品销售；散装食品销售
许可证编号：JY13301850126634
有效期至：长期
""",
        "food_operation_licence",
        {
            "holder": "甲乙商行",
            "scope": "预包装食品销售;散装食品销售",
            "number": "JY13301850126634",
            "valid_to": "长期",
        },
    ),
    "a geographical indication": (
        """
#地理标志专用标志使用授权书
地理标志产品名称：五常大米
用标企业：五常市甲乙米业有限公司
授权编号：WCDM〔2026〕017号
有效期限：2026年1月1日至2026年12月31日
""",
        "gi_authorisation",
        {
            "product": "五常大米",
            "holder": "五常市甲乙米业有限公司",
            "number": "WCDM[2026]017号",
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
        },
    ),
    "a health food": (
        """
#国产保健食品注册证书
产品名称\t甲乙牌颗粒
注册人\t甲乙生物科技有限公司
注册号\t国食健注G20230156\t有效期至\t2028年07月14日
保健功能\t增强免疫力、缓解体力疲劳
适宜人群\t免疫力低下者、易疲劳者
不适宜人群\t少年儿童、孕妇、乳母
""",
        "health_food_registration",
        {
            "product": "甲乙牌颗粒",
            "holder": "甲乙生物科技有限公司",
            "number": "国食健注G20230156",
            "valid_to": "2028-07-14",
            "functions": "增强免疫力、缓解体力疲劳",
            "suitable_for": "免疫力低下者、易疲劳者",
            "not_suitable_for": "少年儿童、孕妇、乳母",
        },
    ),
    "a declaration": (
        """
#承诺达标合格证
食用农产品名称：赣南脐橙
数量（重量）：5000斤
生产者：甲乙合作社
开具日期：2026.10.11
""",
        "compliance_certificate",
        {"product": "赣南脐橙", "holder": "甲乙合作社", "issued_on": "2026-10-11"},
    ),
    "a quarantine certificate": (
        """
#动物检疫合格证明（产品B）
编号：3402158876
货主\t甲乙家庭农场\t产品名称\t鲜鸡蛋
签发日期\t2026年09月14日\t官方兽医\t某某
""",
        "quarantine_certificate",
        {"number": "3402158876", "holder": "甲乙家庭农场", "product": "鲜鸡蛋", "issued_on": "2026-09-14"},
    ),
    "an authorisation in prose": (
        """
#授 权 书
兹授权甲乙电子商务有限公司在抖音平台销售我公司“云岭山珍”品牌系列产品。
授权期限：2026年1月1日起至2026年12月31日止
授权方：丙丁食品有限公司
2025年12月28日
""",
        "brand_authorisation",
        {
            "brand": "云岭山珍",
            "holder": "甲乙电子商务有限公司",
            "issuer": "丙丁食品有限公司",
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
        },
    ),
    "a prize": (
        """
#荣誉证书
甲乙合作社：
贵单位选送的赣南脐橙荣获2025年农产品博览会金奖。
二〇二五年十一月八日
""",
        "award",
        {"title": "2025年农产品博览会金奖", "awarded_on": "2025-11-08"},
    ),
    "a patent": (
        """
#发明专利证书
发 明 名 称：一种香菇酱的低盐发酵方法
专 利 号：ZL 2021 1 0345678.9
专利权人：甲乙食品有限公司
授权公告日：2023年05月16日
""",
        "patent",
        {"title": "一种香菇酱的低盐发酵方法", "number": "ZL202110345678.9", "holder": "甲乙食品有限公司"},
    ),
    "a harvest": (
        """
#果园采摘记录表
产品名称：赣南脐橙
采摘时间：2026年10月12日 05:40
采摘地块：三号
发货时限：采后24小时内发货
""",
        "harvest_record",
        {"product": "赣南脐橙", "harvested_at": "2026-10-12 05:40", "ships_within_hours": "24小时"},
    ),
    "an origin in prose": (
        """
#产地证明
兹证明甲乙米业有限公司销售的五常大米，产自黑龙江省五常市龙凤山镇，种植面积820亩。
2026年10月8日
""",
        "origin_record",
        {"product": "五常大米", "place": "黑龙江省五常市龙凤山镇"},
    ),
    "weighings": (
        """
#净含量抽检记录表
产品名称：赣南脐橙
标示净含量：2500g
抽检日期：2026年10月11日
序号\t实测净重\t偏差\t判定
1\t2518g\t+18g\t合格
2\t2486g\t-14g\t合格
""",
        "weighing_record",
        {"product": "赣南脐橙", "declared_g": "2500g", "date": "2026-10-11", "samples_g": "2518g、2486g"},
    ),
    "an agreement": (
        """
#助农帮扶合作协议
甲方：甲乙电子商务有限公司
乙方：某某村民委员会
一、甲方每成交一单向乙方助学基金捐赠0.5元。
二、合作期限：2026年9月1日至2027年8月31日。
签订日期：2026年8月25日
""",
        "aid_agreement",
        {"partner": "某某村民委员会", "per_order_yuan": "0.5", "signed_on": "2026-08-25", "valid_to": "2027-08-31"},
    ),
    "ingredients": (
        """
#配料表
产品名称：香菇酱
配料：香菇（≥30%）、植物油、食品添加剂（山梨酸钾、谷氨酸钠）、
香辛料
净含量：210克
""",
        "ingredient_list",
        {"product": "香菇酱", "ingredients": "香菇(≥30%)、植物油、食品添加剂(山梨酸钾、谷氨酸钠)、香辛料"},
    ),
}


@pytest.mark.parametrize(("text", "kind", "fields"), PAPERS.values(), ids=PAPERS)
def test_fields(text, kind, fields):
    paper = only(text)
    assert paper.kind.type == kind
    read = said(paper)
    assert {name: read.get(name) for name in fields} == fields
    assert all(found.confidence >= LOW for found in paper.fields if found.name in fields)
    assert all(found.page == 1 and 0 <= found.box[0] < found.box[2] <= 1 for found in paper.fields)


REPORT = """
#检 验 检 测 报 告
报告编号：FJ20261008-01
样品名称\t富硒土豆\t检验类别\t委托检验
判定依据\tGB 2763-2021
签发日期\t2026年08月30日
序号\t检验项目\t单位\t标准要求\t检验结果\t单项判定
1\t硒\tmg/kg\t0.01~0.10\t0.008\t不合格
2\t毒死蜱\tmg/kg\t≤0.02\t未检出\t合格
3\t铅（以Pb计）\tmg/kg\t≤0.1\t0.O5\t合格
以下空白
批准：某某
"""


def test_the_items_of_a_report():
    paper = only(REPORT)
    assert said(paper)["issued_on"] == "2026-08-30"
    assert [dict(row) for row in paper.rows] == [
        {"name": "硒", "result": "不合格(0.008)", "unit": "mg/kg", "standard": "GB 2763-2021 0.01~0.10 mg/kg"},
        {"name": "毒死蜱", "result": "未检出", "unit": "mg/kg", "standard": "GB 2763-2021 ≤0.02 mg/kg"},
        {"name": "铅(以Pb计)", "result": "0.O5", "unit": "mg/kg", "standard": "GB 2763-2021 ≤0.1 mg/kg"},
    ]
    assert [found.confidence >= LOW for found in paper.located] == [True, True, False]


def test_two_tables_side_by_side_and_a_unit_in_the_header():
    paper = only(
        """
#农药残留检测报告
检测项目\t结果(mg/kg)\t限量\t检测项目\t结果(mg/kg)\t限量
甲胺磷\t未检出\t0.05\t氧乐果\t0.012\t0.02
克百威\t<0.01\t0.02\t甲拌磷\t\t0.01
备注：本报告仅对来样负责
"""
    )
    rows = [dict(row) for row in paper.rows]
    assert [(row["name"], row["result"], row.get("unit")) for row in rows] == [
        ("甲胺磷", "未检出", "mg/kg"),
        ("氧乐果", "0.012", "mg/kg"),
        ("克百威", "<0.01", "mg/kg"),
        ("甲拌磷", "?", "mg/kg"),
    ]
    assert paper.located[3].confidence == 0  # a result that was not read is not passed over


def test_columns_of_unknown_meaning_and_a_form_that_is_no_table():
    paper = only(
        """
#产品出厂检验报告单
产品名称\t桂林米粉\t规格\t500g/袋
批号\t20260812\t生产日期\t2026年8月12日
序号\t检验项目/(mg/kg)\t抑制率\t标准指标\t检验结果
1\t氯霉素/\t12.5\t不得检出\t未检出
2\t水分（%）\t/\t≤14.0\t12.6
"""
    )
    assert said(paper)["product"] == "桂林米粉"
    rows = [dict(row) for row in paper.rows]
    assert [(row["name"], row["result"], row["unit"]) for row in rows] == [
        ("氯霉素", "未检出", "mg/kg"),
        ("水分", "12.6", "%"),
    ]


@pytest.mark.parametrize(
    "after", ["车牌号码：云A", "数量/重量：1200公斤", "授权方同意被授权方在其直播间里使用该商标并销售其产品"]
)
def test_a_value_ends_where_the_next_line_is_another_matter(after):
    paper = only(f"#承诺达标合格证\n产品名称：云南松茸\n{after}\n开具日期：2026年7月3日")
    assert said(paper)["product"] == "云南松茸"


def test_a_value_that_holds_a_label_is_not_sure():
    found = only(ORGANIC.replace("产品名称：五常大米", "产品名称：五常大米执行标准GB/T 1354")).get("product")
    assert found.confidence < LOW


def test_the_readings_of_a_log():
    paper = only(
        """
#冷链运输温度记录表
产品名称：鲜冻带鱼\t温度要求：≤-18℃
日期：2026年10月12日
序号\t记录时间\t探头1(℃)\t探头2(℃)
1\t05:40\t-18.6\t-18.2
2\t2026-10-13 07:40\t—17.1\t-18.0
记录人：某某
"""
    )
    assert said(paper)["required_max_celsius"] == "-18"
    assert [dict(row) for row in paper.rows] == [
        {"at": "2026-10-12 05:40", "celsius": "-18.2"},  # the warmest of the probes
        {"at": "2026-10-13 07:40", "celsius": "-17.1"},
    ]


def test_a_table_of_harvests_is_a_record_a_row():
    papers = read_papers(
        file(
            """
#采收记录
采收日期\t产品名称\t采收数量\t采收人
2026-10-12\t赣南脐橙\t3200斤\t某某
2026-10-14\t蜜柚\t800斤\t某某
"""
        )
    )
    assert [(said(paper)["harvested_at"], said(paper)["product"]) for paper in papers] == [
        ("2026-10-12", "赣南脐橙"),
        ("2026-10-14", "蜜柚"),
    ]


DOUBTFUL = {
    "a letter in the number's form": ("131OP2500417", "1310P25004I7", "number"),
    "a letter for a digit in a day": ("2026年05月31日", "2O26年05月31日", "valid_to"),
    "days in the wrong order": ("至2026年05月31日", "至2024年05月31日", "valid_to"),
    "two numbers": ("地址：黑龙江省五常市", "证书编号：131OP2500418", "number"),
    "a label with a wrong sign": ("产品名称", "产品名杯", "product"),
}


@pytest.mark.parametrize(("old", "new", "field"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_cannot_be_trusted_is_not_sure(old, new, field):
    assert old in ORGANIC
    found = only(ORGANIC.replace(old, new)).get(field)
    assert found is not None and found.confidence < LOW


def test_the_least_sure_line_decides():
    assert only(ORGANIC, confidence=0.7).get("number").confidence == 0.7


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("江西省食品生产许可证", "production_licence"),
        ("食品生产许可证（副本）", "production_licence"),
        ("检测报告 Test Report", "test_report"),
        ("农产品质量安全检测报告", "test_report"),
        ("中华人民共和国农产品地理标志登记证书", "gi_authorisation"),
        ("冷藏车温度监测记录", "cold_chain_log"),
        ("商标注册证", "brand_authorisation"),
        ("本报告无检测专用章无效", None),
        ("产品名称", None),
        ("食品生产许可证编号", None),
    ],
)
def test_titles(text, kind):
    found = title_in(text)
    assert (found[0].type if found else None) == kind


def test_a_conversion_certificate_is_no_organic_certificate():
    assert read_papers(file(ORGANIC + "认证类别：有机转换认证")) == ()


def test_pages_of_one_report_belong_together_and_other_papers_do_not():
    second = "#检验检测报告\n报告编号：FJ20261008-01\n第2页 共2页\n检验项目\t检验结果\n镉\t0.01\n"
    papers = read_papers(file(REPORT, second, ORGANIC))
    assert [paper.kind.type for paper in papers] == ["test_report", "organic_certificate"]
    assert [dict(row)["name"] for row in papers[0].rows][-1] == "镉"
    assert [found.page for found in papers[0].located] == [1, 1, 1, 2]
    assert papers[1].get("number").page == 3
    other = second.replace("FJ20261008-01", "FJ20261009-77")
    assert len(read_papers(file(REPORT, other))) == 2


@pytest.mark.parametrize("text", ["", "果园风光", "#欢迎光临\n今日特价"])
def test_what_is_no_paper(text):
    assert read_papers(file(text or " ")) == ()


@pytest.mark.parametrize(
    ("name", "type"), [("有机证书.jpg", "organic_certificate"), ("SC证.png", "production_licence"), ("IMG_01.jpg", "")]
)
def test_the_name_of_a_file_says_what_it_may_be(name, type):
    assert type_of_name(name) == type
