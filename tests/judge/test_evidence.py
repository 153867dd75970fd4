"""The seller's papers as people write them, right and wrong."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamlens.errors import InputError
from streamlens.judge.evidence import read_evidence
from streamlens.schema import (
    Award,
    Catalogue,
    ColdChainLog,
    HarvestRecord,
    IngredientList,
    OrganicCertificate,
    PriceHistory,
    Product,
    SalesRecord,
    ShippingRecord,
    TestItem,
    TestReport,
    WeighingRecord,
)

STREAMS = Path(__file__).parents[1] / "data" / "streams"
CATALOGUE = Catalogue(
    products=(Product(sku="GN-QC-5", name="赣南脐橙", aliases=("脐橙",)), Product(sku="10023", name="土豆"))
)


def read(tmp_path: Path, text: str, catalogue: Catalogue | None = CATALOGUE):
    path = tmp_path / "evidence.yaml"
    path.write_text(text, encoding="utf-8")
    return read_evidence(path, catalogue)


def paper(tmp_path: Path, kind: str, fields: str = "", covers: str = "[GN-QC-5]"):
    """The one document of a file, from its fields, a line each."""
    lines = "".join(f"  {line}\n" for line in fields.splitlines())
    return read(tmp_path, f"documents:\n- id: E1\n  type: {kind}\n  covers: {covers}\n{lines}").documents[0]


# ---- what is read


@pytest.mark.parametrize(("stream", "count"), [("d1-orchard", 4), ("d2-hens", 4), ("d3-dried", 4)])
def test_the_sample_papers(stream, count):
    found = read_evidence(STREAMS / stream / "evidence.yaml")
    assert len(found.documents) == count and found.notes == ()


@pytest.mark.parametrize(
    "written",
    ["2026-10-12T05:40:00", "'2026-10-12 05:40'", "2026/10/12 5:40", "2026.10.12 05:40", "2026年10月12日 5时40分",
     "2026-10-12T05:40:00.000", "2026-10-11T21:40:00Z", "2026-10-12T05:40+08:00", "２０２６-10-12 05：40"],
)  # fmt: skip
def test_times(tmp_path, written):
    assert paper(tmp_path, "harvest_record", f"harvested_at: {written}").harvested_at == datetime(2026, 10, 12, 5, 40)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-10-12", date(2026, 10, 12)),
        ("2026/1/2", date(2026, 1, 2)),
        ("2026年1月2日", date(2026, 1, 2)),
        ("2026.01.02", date(2026, 1, 2)),
        ("2026-10-12 00:00:00", date(2026, 10, 12)),
        ("长期有效", date(9999, 12, 31)),
        ("", None),
        ("null", None),
    ],
)
def test_days(tmp_path, written, day):
    assert paper(tmp_path, "organic_certificate", f"valid_to: {written}") == OrganicCertificate(
        id="E1", covers=("GN-QC-5",), valid_to=day
    )


def test_numbers_with_units_and_texts_that_stay_texts(tmp_path):
    harvest = paper(tmp_path, "harvest_record", "harvested_at: 2026-10-12\nships_within_hours: 24小时")
    assert harvest == HarvestRecord(
        id="E1", covers=("GN-QC-5",), harvested_at=datetime(2026, 10, 12), ships_within_hours=24.0
    )
    log = paper(tmp_path, "cold_chain_log", "required_max_celsius: −18℃\nreadings: 2026-10-12 05:40=零下18.5度")
    assert isinstance(log, ColdChainLog) and (log.required_max_celsius, log.readings[0].celsius) == (-18.0, -18.5)
    weighed = paper(tmp_path, "weighing_record", "date: 2026-10-01\ndeclared_g: 5斤\nsamples_g: [2510, 2.49kg]")
    assert isinstance(weighed, WeighingRecord) and (weighed.declared_g, weighed.samples_g) == (2500.0, (2510.0, 2490.0))
    sold = paper(tmp_path, "sales_record", "units: 1.2万\nfrom: 2026-01-01")
    assert isinstance(sold, SalesRecord) and (sold.units, sold.since) == (12_000, date(2026, 1, 1))
    report = paper(tmp_path, "test_report", "items:\n- {name: 硒, result: 0.10, unit: mg/kg}")
    assert isinstance(report, TestReport) and report.items[0].result == "0.10"


def test_lists_from_one_text_and_small_records_from_the_short_form(tmp_path):
    short = "items: 毒死蜱=未检出; 硒=0.008 mg/kg [富硒农产品 0.01-0.10 mg/kg]；可溶性固形物：13.2%"
    assert paper(tmp_path, "test_report", short).items == (
        TestItem(name="毒死蜱", result="未检出"),
        TestItem(name="硒", result="0.008", unit="mg/kg", standard="富硒农产品 0.01-0.10 mg/kg"),
        TestItem(name="可溶性固形物", result="13.2", unit="%"),
    )
    assert paper(tmp_path, "test_report", "items: {毒死蜱: 未检出}").items == (
        TestItem(name="毒死蜱", result="未检出"),
    )
    listed = paper(tmp_path, "ingredient_list", "ingredients: 香菇、食品添加剂（山梨酸钾、谷氨酸钠），盐")
    assert isinstance(listed, IngredientList)
    assert listed.ingredients == ("香菇", "食品添加剂（山梨酸钾、谷氨酸钠）", "盐")
    prices = paper(tmp_path, "price_history", "prices: {2026-09-10: 26.8, 2026-09-15: ¥26.80元}")
    assert isinstance(prices, PriceHistory) and [point.price for point in prices.prices] == [26.8, 26.8]
    sent = paper(tmp_path, "shipping_record", "delivered_hours: 40|52\nexcludes: 新疆、西藏")
    assert isinstance(sent, ShippingRecord) and (sent.delivered_hours, sent.excludes) == (
        (40.0, 52.0),
        ("新疆", "西藏"),
    )


@pytest.mark.parametrize(
    ("covers", "skus"),
    [("GN-QC-5", ("GN-QC-5",)), ("GN-QC-5|10023", ("GN-QC-5", "10023")), ("[10023]", ("10023",)), ("'*'", ("*",)),
     ("全部", ("*",))],
)  # fmt: skip
def test_covers(tmp_path, covers, skus):
    assert paper(tmp_path, "award", covers=covers).covers == skus


def test_chinese_names_of_types_and_fields(tmp_path):
    text = (
        "documents:\n- {编号: E1, 类型: 检测报告, 适用商品: GN-QC-5, 签发日期: 2026年9月1日, 检测项目: 毒死蜱=未检出}"
    )
    (report,) = read(tmp_path, text).documents
    assert isinstance(report, TestReport) and (report.issued_on, report.items[0].name) == (date(2026, 9, 1), "毒死蜱")


@pytest.mark.parametrize("text", ["documents: []", "documents:\n"])
def test_no_documents_is_no_error(tmp_path, text):
    assert read(tmp_path, text).documents == ()


def test_encodings_and_a_bare_list(tmp_path):
    path = tmp_path / "evidence.yaml"
    path.write_bytes("- {id: E1, type: award, covers: GN-QC-5, title: 金奖}".encode("gbk"))
    assert read_evidence(path, CATALOGUE).documents == (Award(id="E1", covers=("GN-QC-5",), title="金奖"),)


def test_unknown_fields_are_noted_and_kept_out(tmp_path):
    text = "documents:\n- id: E1\n  type: test_report\n  covers: GN-QC-5\n  remark: 见附页\n  valid_to: 2027-01-01\n"
    text += "  items:\n  - {name: 铅, result: 未检出, limit: 0.1}\n"
    found = read(tmp_path, text)
    assert len(found.documents) == 1
    assert [note.partition(": document ")[2] for note in found.notes] == [
        "E1: field 'remark' is not known and was not read",
        "E1: field 'valid_to' is not known and was not read",
        "E1, items 1: field 'limit' is not known and was not read",
    ]


def test_without_a_catalogue_skus_are_kept(tmp_path):
    text = "documents:\n- {id: E1, type: award, covers: NO-SUCH}"
    assert read(tmp_path, text, None).documents[0].covers == ("NO-SUCH",)
    assert read(tmp_path, text, Catalogue()).documents[0].covers == ("NO-SUCH",)


def test_a_workbook_holds_a_document_a_row(tmp_path):
    path = tmp_path / "evidence.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("资料")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["id", "type", "covers", "issuer", "valid_to", "items", "harvested_at", "采收时间"])
        sheet.write_row(1, 0, ["E1", "organic_certificate", "GN-QC-5|10023"])
        sheet.write_datetime(1, 4, datetime(2026, 12, 31), day)
        sheet.write_row(2, 0, ["E2", "检测报告", 10023, "市检测中心", "", "毒死蜱=未检出"])
    assert read_evidence(path, CATALOGUE).documents == (
        OrganicCertificate(id="E1", covers=("GN-QC-5", "10023"), valid_to=date(2026, 12, 31)),
        TestReport(id="E2", covers=("10023",), issuer="市检测中心", items=(TestItem(name="毒死蜱", result="未检出"),)),
    )


@given(
    st.recursive(
        st.none()
        | st.text(max_size=12)
        | st.sampled_from(["E1", "award", "test_report", "2026-10-12", "GN-QC-5", "未检出"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["documents", "id", "type", "covers", "items", "name", "result", "valid_to", "readings", "x"]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=30,
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_file_it_reads_or_says_why(tmp_path, content):
    path = tmp_path / "evidence.yaml"
    path.write_text(json.dumps({"documents": [content]}, ensure_ascii=False), encoding="utf-8")
    try:
        read_evidence(path, CATALOGUE)
    except InputError as error:
        assert "\n" not in str(error)


# ---- what is refused, in one line that names file, document and field

HEAD = "documents:\n- id: E1\n  type: {}\n  covers: [GN-QC-5]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("document:\n- id: E1\n", "unknown field 'document'; did you mean 'documents'?"),
        ("papers: 1\n", "has no documents"),
        ("documents: 5\n", "documents is not a list"),
        ("documents:\n- E1\n", "document number 1: is not a set of fields"),
        ("documents:\n- type: award\n", "document number 1: has no id"),
        ("documents:\n- id: E1\n  covers: GN-QC-5\n", "document E1: type is missing; write one of harvest_record"),
        (HEAD.format("harvest"), "document E1: unknown type 'harvest'; write one of harvest_record, cold_"),
        (HEAD.format("harvest_record"), "document E1: harvested_at is missing"),
        (HEAD.format("harvest_record") + "  harvested_at: 昨天\n", "'昨天' is not a time; write it as 2026-10-12 05"),
        (HEAD.format("harvest_record") + "  harvested_at: 2026-10-12 25:00\n", "is not a time"),
        (HEAD.format("award") + "  awarded_on: 2026-02-30\n", "awarded_on '2026-02-30' is not a day"),
        (HEAD.format("organic_certificate") + "  valid_to: 2026-13-01\n", "valid_to '2026-13-01' is not a day"),
        (HEAD.format("organic_certificate") + "  valid_til: 2026-10-01\n", "'valid_til'; did you mean 'valid_to'?"),
        (HEAD.format("organic_certificate") + "  expires: 2026-10-01\n", "'expires'; did you mean 'valid_to'?"),
        (HEAD.format("organic_certificate") + "  valid_to: [2026-10-01]\n", "valid_to is a list"),
        (HEAD.format("test_report") + "  items:\n  - nme: 硒\n    result: 1\n", "items 1: unknown field 'nme'; did"),
        (HEAD.format("test_report") + "  items:\n  - name: 硒\n", "document E1, items 1: result is missing"),
        (HEAD.format("test_report") + "  items:\n  - 硒\n", "items 1 cannot be read; write name=result"),
        (HEAD.format("sales_record") + "  units: many\n", "units 'many' is not a number"),
        (HEAD.format("sales_record") + "  units: 12.5\n", "units '12.5' is not a whole number"),
        (HEAD.format("shipping_record") + "  promised_hours: 3周\n", "promised_hours '3周' is not a number"),
        (HEAD.format("award") + "- id: E1\n  type: award\n  covers: GN-QC-5\n", "the id is used twice"),
        (HEAD.format("award") + "  title: a\n  title: b\n", "'title' is written twice"),
        ("documents:\n- {id: E1, type: award, covers: []}\n", "covers is missing"),
        ("documents:\n- {id: E1, type: award}\n", "covers is missing"),
        ("documents:\n- {id: E1, type: award, covers: 脐橙}\n", "'脐橙', which is not in the catalogue; write the sku"),
        ("documents:\n- {id: E1, type: award, covers: GN-QC-6}\n", "did you mean 'GN-QC-5'?"),
        ("documents:\n- {id: E1, type: award, covers: ZZZ}\n", "write one of GN-QC-5, 10023"),
        ("documents:\n\t- id: x\n", "line 2: is not valid YAML"),
        ("a: [\n", "is not valid YAML"),
        ("&a [*a]\n", "line 1: refers to another place (*a)"),
        ("[" * 5000, "line 1: is nested more than 40 deep"),
    ],
)  # fmt: skip
def test_errors(tmp_path, text, said):
    with pytest.raises(InputError) as raised:
        read(tmp_path, text)
    message = str(raised.value)
    assert message.startswith(str(tmp_path / "evidence.yaml")) and said in message and "\n" not in message


def test_yaml_builds_nothing_and_does_not_blow_up(tmp_path):
    with pytest.raises(InputError, match=r"is not a (set of fields|list)"):
        read(tmp_path, "documents: !!python/object/apply:os.system ['true']\n")
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    bomb = "\n".join([*levels, "documents:", "- {id: E1, type: award, covers: *a9}"])
    with pytest.raises(InputError) as raised:
        read(tmp_path, bomb)
    assert len(str(raised.value)) < 300


def test_a_workbook_without_the_columns_or_with_a_bad_cell(tmp_path):
    path = tmp_path / "evidence.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, ["文件", "日期"])
    with pytest.raises(InputError, match="no header row with id and type"):
        read_evidence(path)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "type", "covers", "valid_to"])
        sheet.write_row(1, 0, ["E1", "organic_certificate", "GN-QC-5", "soon"])
    with pytest.raises(InputError, match="document E1: valid_to 'soon' is not a day"):
        read_evidence(path)
