"""Catalogues as sellers have them."""

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter

from streamlens.detect.catalogue import read_catalogue
from streamlens.errors import InputError
from streamlens.schema import Product

STREAMS = Path(__file__).parents[1] / "data" / "streams"
SHARED = Path(__file__).parents[3] / "shared" / "data"


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> tuple[Product, ...]:
    path = tmp_path / "catalog.csv"
    path.write_bytes(text.encode(encoding))
    return read_catalogue(path).products


def one(tmp_path: Path, **fields: str) -> Product:
    """The product of a catalogue with one row."""
    row = {"sku": "A", "name": "土鸡蛋", **fields}
    out = io.StringIO()
    csv.writer(out).writerows([row.keys(), row.values()])
    return read(tmp_path, out.getvalue())[0]


# ---- whole catalogues


def test_the_documented_form():
    assert read_catalogue(STREAMS / "d1-orchard" / "catalog.csv").products[0] == Product(
        sku="GN-QC-5",
        name="赣南脐橙",
        link=1,
        aliases=("脐橙", "橙子"),
        category="水果",
        price_fen=1990,
        unit="5斤装",
        net_weight_g=2500,
        origin="江西赣州",
        kind="fresh",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_platform_export(tmp_path, encoding, delimiter):
    rows = (
        (
            "商品ID",
            "商品标题",
            "商家编码",
            "到手价(元)",
            "划线价",
            "净含量",
            "产地",
            "商品类目",
            "类型",
            "链接号",
            "别名",
        ),
        (
            "3401",
            "高山土鸡蛋 40枚",
            "JD-40",
            "￥59.90",
            "99",
            "约1.8kg",
            "安徽六安",
            "禽蛋",
            "生鲜",
            "1号链接",
            "土鸡蛋、鸡蛋",
        ),
        ("3402", "香菇酱", "XGJ-4", "1.2万", "", "210g×4瓶", "福建古田", "调味品", "加工食品", "2", "菇酱|拌饭酱"),
    )
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert read(tmp_path, text, encoding) == (
        Product(
            sku="JD-40", name="高山土鸡蛋 40枚", link=1, aliases=("土鸡蛋", "鸡蛋"), category="禽蛋", price_fen=5990,
            net_weight_g=1800, origin="安徽六安", kind="fresh",
        ),
        Product(
            sku="XGJ-4", name="香菇酱", link=2, aliases=("菇酱", "拌饭酱"), category="调味品", price_fen=1_200_000,
            net_weight_g=840, origin="福建古田", kind="processed",
        ),
    )  # fmt: skip


def test_a_workbook_with_a_title_above_and_another_sheet_before(tmp_path):
    path = tmp_path / "catalog.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("说明").write(0, 0, "填表说明")
        sheet = book.add_worksheet("商品")
        sheet.write(0, 0, "十月助农专场商品表")
        sheet.write_row(2, 0, ["序号", "货号", "品名", "直播价", "净重（斤）"])
        sheet.write_row(3, 0, [1, 10023, "脐橙", 19.9, 5])
    (product,) = read_catalogue(path).products
    assert product == Product(sku="10023", name="脐橙", link=1, price_fen=1990, net_weight_g=2500)


def test_only_name_and_id_are_needed_and_links_are_not_made_up(tmp_path):
    assert read(tmp_path, "sku,name\nA,土鸡蛋\nB,土豆\n") == (
        Product(sku="A", name="土鸡蛋"),
        Product(sku="B", name="土豆"),
    )


def test_the_id_column_that_every_row_has(tmp_path):
    products = read(tmp_path, "商家编码,商品ID,商品名称\nJD-40,3401,土鸡蛋\n,3402,土豆\n")
    assert [product.sku for product in products] == ["3401", "3402"]


def test_blank_rows_and_quoted_commas(tmp_path):
    products = read(tmp_path, 'sku,name,price\n\nA,"脐橙,大果",19.9\n,,\nB,土豆,9.9,,\n')
    assert [product.name for product in products] == ["脐橙,大果", "土豆"]


# ---- single fields


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("19.9", 1990), ("¥19.90", 1990), ("￥1,299.00", 129_900), ("19.9元", 1990), ("１９．９", 1990),
        ("1.2万", 1_200_000), ("19,90", 1990), ("9.9起", 990), ("19.9-29.9", 1990), ("¥9.9~19.9元", 990),
        ("19.9元/斤", 1990), ("1-2万", 1_000_000), ("19.995", 2000), ("0", 0), ("", None), ("-", None),
        ("面议", None),
    ],
)  # fmt: skip
def test_prices(tmp_path, text, fen):
    assert one(tmp_path, price=text).price_fen == fen


@pytest.mark.parametrize(
    ("title", "text", "grams"),
    [
        ("net_weight_g", "2500", 2500), ("net_weight_g", "1,250", 1250), ("净重(kg)", "2.5", 2500),
        ("净重（斤）", "5", 2500), ("克重", "250", 250), ("净含量", "5斤", 2500), ("净含量", "500g", 500),
        ("净含量", "2.5 KG", 2500), ("净含量", "8两", 400), ("净含量", "500克/袋", 500),
        ("净含量", "500g*3袋", 1500), ("净含量", "3×500g", 1500), ("净含量", "450-500g", 450),
        ("净含量", "500g±10g", 500), ("净含量", "净含量：500g", 500), ("净含量", "40枚", None),
        ("净含量", "500ml", None), ("净含量", "1.5L", None), ("净含量", "毛重5斤", None), ("净含量", "", None),
    ],
)  # fmt: skip
def test_weights(tmp_path, title, text, grams):
    assert one(tmp_path, **{title: text}).net_weight_g == grams


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("1", 1), ("1.0", 1), ("01", 1), ("3号链接", 3), ("链接12", 12), ("一号", 1), ("十二号链接", 12), ("①", 1),
        ("#4", 4), ("https://shop.example/1", None), ("", None),
    ],
)  # fmt: skip
def test_links(tmp_path, text, link):
    assert one(tmp_path, link=text).link == link


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fresh", "fresh"), ("生鲜", "fresh"), ("Health Food", "health_food"), ("保健食品", "health_food"),
        ("primary", "primary"), ("初级农产品", "primary"), ("预包装食品", "processed"), ("加工食品", "processed"),
        ("普通商品", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_kinds(tmp_path, text, kind):
    assert one(tmp_path, kind=text).kind == kind


def test_aliases(tmp_path):
    assert one(tmp_path, aliases="土鸡蛋|鸡蛋｜笨鸡蛋，柴鸡蛋、草鸡蛋; 鸡蛋 / 山鸡蛋").aliases == (
        "鸡蛋", "笨鸡蛋", "柴鸡蛋", "草鸡蛋", "山鸡蛋",
    )  # fmt: skip


# ---- what is wrong is said in one line, with the row and what to do


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sku,price\nA,1\n", "no column for the name; found: sku, price; add a column name"),
        ("name,price\n土豆,1\n", "no column for the product's id; add a column sku"),
        ("sku,name\n", "has a header but no products"),
        ("sku,name\nA,土豆\nB,生姜\nA,鸡蛋\n", "row 4: id 'A' is already in row 2"),
        ("sku,name\nA,土豆\n,生姜\n", "row 3: has no id; fill in 'sku'"),
        ("sku,name\nA,\n", "row 2: product 'A' has no name"),
        ("sku,name,price\nA,土豆,一块钱\n", "row 2: price '一块钱' is not an amount; write it in yuan, as 19.9"),
        ("sku,name,price\nA,土豆,-5\n", "row 2: price '-5' is not an amount"),
        ("sku,name,净含量\nA,土豆,5\n", "row 2: net weight '5' has no unit; write it as 500g, 5斤 or 2.5kg"),
        ("sku,name,净含量\nA,土豆,看图\n", "row 2: net weight '看图' is not a weight"),
        ("sku,name,净含量\nA,土豆,500g+50g\n", "row 2: net weight '500g+50g' is not a weight"),
        ("sku,name,link\nA,土豆,first\n", "row 2: link 'first' is not a number"),
        ("sku,name,kind\nA,土豆,药品\n", "row 2: kind '药品' is not known; write fresh (生鲜), primary (初级农产品)"),
        ("sku,name\nA,脐橙,大果\n", "row 2: has more cells than the header (2); put values with a comma in quotes"),
        ("商品ID,name\n3.40123E+15,土豆\n", "row 2: id '3.40123E+15' in '商品ID' has lost digits"),
        ("", "is empty"),
    ],
)
def test_errors(tmp_path, text, said):
    with pytest.raises(InputError) as raised:
        read(tmp_path, text)
    message = str(raised.value)
    assert message.startswith(str(tmp_path / "catalog.csv")) and said in message and "\n" not in message


def test_errors_in_a_workbook_name_the_sheet(tmp_path):
    path = tmp_path / "catalog.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("商品")
        sheet.write_row(0, 0, ["sku", "name", "price"])
        sheet.write_row(1, 0, ["A", "土豆", "贵"])
    with pytest.raises(InputError, match="sheet 商品: row 2: price '贵'"):
        read_catalogue(path)


# ---- other people's listings, where they are at hand


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")
def test_real_listings_read(tmp_path):
    with (SHARED / "catalogue_tmall_snacks" / "tmall_snacks.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    out = io.StringIO()
    csv.writer(out, delimiter="\t").writerows([["商品ID", *header], *([str(n), *row] for n, row in enumerate(rows))])
    snacks = read(tmp_path, out.getvalue(), "gb18030")
    assert len(snacks) == len(rows) and all(product.price_fen for product in snacks)

    with (SHARED / "catalogue_farm_titles" / "titles.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    unique = {row[0]: row for row in rows}
    out = io.StringIO()
    csv.writer(out).writerows([header, *unique.values()])
    titles = read(tmp_path, out.getvalue())
    assert [product.name for product in titles] == [" ".join(row[1].split()) for row in unique.values()]
    assert all(product.price_fen is not None for product in titles)


# ---- role and direction


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("role", "main", "role", "main"),
        ("商品角色", "引流款", "role", "traffic"),
        ("角色", "主推品", "role", "main"),
        ("角色", "爆品", "role", "main"),
        ("商品角色", "利润款", "role", "profit"),
        ("货品角色", "深加工产品", "role", "processed"),
        ("商品定位", "福利款", "role", "traffic"),
        ("role", "-", "role", None),
        ("流向", "上行", "direction", "uplink"),
        ("direction", "downlink", "direction", "downlink"),
        ("上下行", "工业品下行", "direction", "downlink"),
    ],
)
def test_role_and_direction(tmp_path, column, cell, field, value):
    assert getattr(one(tmp_path, **{column: cell}), field) == value


def test_a_role_that_is_not_known_is_told(tmp_path):
    with pytest.raises(InputError, match=r"row 2: role '主角' is not known; write main \(主推\), traffic \(引流\)"):
        one(tmp_path, role="主角")
