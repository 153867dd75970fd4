"""The seller's catalogue: a CSV or workbook with our column names or those of the platforms' exports.

A column that is absent leaves its field empty; only a name and an id are needed. A link number is never made up from
the row's place: exports are rarely in the order of the live cart, and a wrong number would tie every "link 3" that the
anchor calls out to the wrong product and its papers.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TypeVar

from ..errors import InputError
from ..language import cardinal
from ..schema import Catalogue, Direction, Product, ProductKind, ProductRole
from ..table import Row, Table, read_tables

Name = TypeVar("Name", ProductRole, Direction)

# Column names by field, the one to be preferred first: what the buyer pays before the list price. Former or outside
# prices (原价, 划线价, 市场价) are left out on purpose.
_HEADERS: dict[str, str] = {
    "link": "link linkno 链接号 链接序号 小黄车序号 购物车序号 讲解序号 商品序号 链接 序号 no",
    "sku": "sku skuid sku编码 货号 商家编码 规格编码 商品编码 商品货号 商品编号 产品编号 产品编码 款号 编码 "
    "productid itemid goodsid 商品id 宝贝id 产品id 货品id id 商品条码 条码",
    "name": "name productname itemname goodsname 商品名称 产品名称 宝贝名称 货品名称 品名 名称 商品名 产品名 "
    "商品标题 宝贝标题 产品标题 标题 title 商品",
    "aliases": "aliases alias 别名 简称 俗称 昵称 短标题 商品短标题 口播名",
    "category": "category 类目 商品类目 品类 分类 商品分类 类别 末级类目 叶子类目 一级类目",
    "price": "到手价 直播价 直播间价 直播间价格 券后价 活动价 优惠价 现价 price 价格 商品价格 售价 销售价 销售价格 "
    "一口价 单价",
    "unit": "unit 规格 规格名称 销售规格 包装规格 商品规格 规格型号 sku规格 单位",
    "weight": "netweightg netweightkg netweight weightg weightkg weight 净含量 净重 净重量 重量 商品重量 克重",
    "origin": "origin 产地 原产地 商品产地 产区",
    "kind": "kind 类型 商品类型 产品类型 食品类型 商品性质 食品属性",
    "role": "role 商品角色 产品角色 角色 货品角色 商品定位 产品定位 货盘角色",
    "direction": "direction 流向 商品流向 上下行 上行下行",
}
_NEEDED = {"sku": "sku (or 商品ID, 货号, 商家编码)", "name": "name (or 商品名称, 标题)"}
_KINDS: dict[ProductKind, tuple[str, ...]] = {
    "fresh": ("fresh", "生鲜", "鲜活", "鲜品", "生鲜农产品"),
    "primary": ("primary", "初级农产品", "食用农产品", "农产品", "初级", "农副产品"),
    "processed": ("processed", "加工食品", "预包装食品", "散装食品", "普通食品", "食品", "预包装", "加工"),
    "health_food": ("healthfood", "保健食品", "保健品", "蓝帽子"),
    "unknown": ("", "unknown", "未知", "其他", "普通商品", "普通", "实物商品"),
}
# What sellers call the parts that products play in a range: 主推款, 引流款, 利润款
_ROLES: dict[ProductRole, tuple[str, ...]] = {
    "main": ("main", "主推", "主打", "主力", "爆", "主销"),
    "traffic": ("traffic", "引流", "福利", "秒杀", "宠粉", "钩子"),
    "profit": ("profit", "利润", "盈利"),
    "processed": ("processed", "加工", "深加工"),
    "image": ("image", "形象", "高端", "战略"),
}
_DIRECTIONS: dict[Direction, tuple[str, ...]] = {
    "uplink": ("uplink", "上行", "农产品上行", "农产品进城"),
    "downlink": ("downlink", "下行", "工业品下行", "消费品下行", "工业品下乡"),
}
_ABSENT = frozenset({"", "-", "--", "—", "——", "/", "无", "暂无", "待定", "未知", "面议", "n/a", "na", "null", "none"})
_GRAMS = {"g": 1, "克": 1, "kg": 1000, "千克": 1000, "公斤": 1000, "斤": 500, "市斤": 500, "两": 50, "吨": 1_000_000}
_NUMERALS = {cardinal(number): number for number in range(1, 100)}

_MOST = 10**11  # fen or grams: a billion yuan, a hundred thousand tons
_AMOUNT = r"(\d+(?:\.\d+)?)"
_PRICE = re.compile(rf"{_AMOUNT}(万)?(?:[-~至到]{_AMOUNT}(万)?)?起?(?:/[^\d]+)?")
_UNIT = "|".join(sorted(_GRAMS, key=len, reverse=True))
_COUNTED = r"(?:[袋盒包瓶罐箱件份个枚只条桶支杯板提组套粒片头棵]?装?)"
_WEIGHT = re.compile(
    rf"(?:{_AMOUNT}{_COUNTED}[*x×])?{_AMOUNT}({_UNIT})?(?:[-~至到]{_AMOUNT})?({_UNIT})?(?:±.*)?(?:/?{_COUNTED})"
    rf"(?:[*x×]{_AMOUNT}{_COUNTED})?"
)
_NOT_WEIGHED = re.compile(r"\d+(?:\.\d+)?(?:ml|毫升|l|升|[^\d\W]).*")  # 500ml, 40枚: a content, but not in grams
_WEIGHED = re.compile(rf"\d(?:{_UNIT})")


def read_catalogue(path: Path) -> Catalogue:
    """The products of a CSV (UTF-8, GBK; comma, semicolon, tab) or workbook (the first sheet with a name column).

    A price range counts by its lower end, a weight range likewise; volumes and counts leave `net_weight_g` empty.
    InputError, with the row, for a column that is needed and missing, an empty name or id, an id used twice, and a
    price, weight, link number or kind that cannot be read.
    """
    tables = [table for table in read_tables(path) if table.rows]
    for table in tables:
        found = _header(table)
        if found is not None:
            return Catalogue(products=_products(path, table, *found))
    shown = ", ".join(cell for cell in tables[0].rows[0].cells if cell)[:80] if tables else "nothing"
    raise InputError(str(path), f"no column for the name; found: {shown}", f"add a column {_NEEDED['name']}")


def _header(table: Table) -> tuple[int, dict[str, list[int]]] | None:
    """Where the header row is (titles may stand above it) and the columns of each field, in order of preference."""
    for at, row in enumerate(table.rows[:10]):
        names = [_header_name(cell) for cell in row.cells]
        columns = {
            field: [names.index(name) for name in known.split() if name in names] for field, known in _HEADERS.items()
        }
        if columns["name"] and sum(bool(places) for places in columns.values()) > 1:
            return at, columns
    return None


def _header_name(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).lower()
    return re.sub(r"\(.*?\)|【.*?】|\[.*?\]|[\s_\-*:#.]", "", text)


def _products(path: Path, table: Table, at: int, columns: dict[str, list[int]]) -> tuple[Product, ...]:
    header, rows = table.rows[at], table.rows[at + 1 :]
    sheet = f"{path}: sheet {table.name}" if table.name else str(path)
    if not columns["sku"]:
        raise InputError(sheet, "no column for the product's id", f"add a column {_NEEDED['sku']}; papers name it")
    if not rows:
        raise InputError(sheet, "has a header but no products", "add a row for each product")
    width = len(header.cells)
    # ids of two systems must not be mixed: take the first id column that every row has
    full = [place for place in columns["sku"] if all(_at(row, place) for row in rows)]
    columns = {**columns, "sku": (full or columns["sku"])[:1]}
    taken: dict[str, int] = {}
    products = []
    for row in rows:
        where = f"{sheet}: row {row.number}"
        if any(row.cells[width:]):
            raise InputError(where, f"has more cells than the header ({width})", "put values with a comma in quotes")
        product = _product(where, row, header, columns)
        if product.sku in taken:
            earlier = taken[product.sku]
            raise InputError(where, f"id {product.sku!r} is already in row {earlier}", "give each product its own id")
        taken[product.sku] = row.number
        products.append(product)
    return tuple(products)


def _product(where: str, row: Row, header: Row, columns: dict[str, list[int]]) -> Product:
    def cell(field: str) -> tuple[str, str]:
        """The first filled cell of a field, and its column's title."""
        for place in columns[field]:
            if _at(row, place):
                return _at(row, place), header.cells[place]
        return "", ""

    sku, title = cell("sku")
    if not sku:
        raise InputError(where, "has no id", f"fill in {header.cells[columns['sku'][0]]!r}")
    if re.fullmatch(r"\d(\.\d+)?E\+\d+", sku):
        raise InputError(where, f"id {sku!r} in {title!r} has lost digits", "format the column as text, export again")
    name = " ".join(cell("name")[0].split())
    if not name:
        raise InputError(where, f"product {sku!r} has no name", "fill it in, or remove the row")
    return Product(
        sku=sku,
        name=name,
        link=_link(where, cell("link")[0]),
        aliases=_aliases(cell("aliases")[0], name),
        category=cell("category")[0],
        price_fen=_price(where, *cell("price")),
        unit=cell("unit")[0],
        net_weight_g=_weight(where, *cell("weight")),
        origin=cell("origin")[0],
        kind=_kind(where, cell("kind")[0]),
        role=_one_of(where, "role", cell("role")[0], _ROLES),
        direction=_one_of(where, "direction", cell("direction")[0], _DIRECTIONS),
    )


def _at(row: Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def _aliases(text: str, name: str) -> tuple[str, ...]:
    parts = (" ".join(part.split()) for part in re.split(r"[|｜,，、;；/\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part and part != name))


def _plain(text: str) -> str:
    """Narrow, lower case, without spaces, so that ５００ Ｇ and 500g are one."""
    return re.sub(r"[\s,](?=\d{3}(?!\d))|\s", "", unicodedata.normalize("NFKC", text)).lower()


def _link(where: str, text: str) -> int | None:
    plain = _plain(text)
    if plain in _ABSENT or plain.startswith("http"):
        return None
    bare = re.sub(r"号?链接|链接|no\.?|[#第号个]|\.0$", "", plain)
    number = int(bare) if bare.isdecimal() and len(bare) <= 9 else _NUMERALS.get(bare)
    if number is None:
        raise InputError(where, f"link {text!r} is not a number", "write 1, 2, 3, or leave it empty")
    return number


def _price(where: str, text: str, title: str) -> int | None:
    plain = re.sub(r"[¥￥元圆块]|rmb|cny", "", _plain(text))
    if plain in _ABSENT:
        return None
    if re.fullmatch(r"\d+,\d{1,2}", plain):  # decimal comma of European spreadsheets
        plain = plain.replace(",", ".")
    match = _PRICE.fullmatch(plain)
    if match is None:
        raise InputError(where, f"price {text!r} is not an amount", "write it in yuan, as 19.9")
    low, low_unit, high, high_unit = match.groups()
    amount = min(
        Decimal(number) * (10_000 if unit or (high_unit and number is low) else 1)
        for number, unit in ((low, low_unit), (high, high_unit))
        if number
    )
    in_fen = "(分)" in unicodedata.normalize("NFKC", title)
    return _whole(f"{where}: price {text!r}", amount * (1 if in_fen else 100))


def _weight(where: str, text: str, title: str) -> int | None:
    plain = re.sub(r"净含量|净重|约|:", "", _plain(text))
    if plain in _ABSENT or "毛重" in plain:  # gross weight says nothing of the content
        return None
    match = _WEIGHT.fullmatch(plain)
    if match is None:
        if _NOT_WEIGHED.fullmatch(plain) and not _WEIGHED.search(plain):
            return None
        raise InputError(where, f"net weight {text!r} is not a weight", "write it as 500g, 5斤 or 2.5kg")
    before, low, low_unit, high, high_unit, after = match.groups()
    unit = low_unit or high_unit or _title_unit(title)
    if unit is None:
        if re.fullmatch(_AMOUNT, plain):
            raise InputError(where, f"net weight {text!r} has no unit", "write it as 500g, 5斤 or 2.5kg")
        return None  # 40枚, 4瓶: counted, not weighed
    if high is not None and Decimal(high) < Decimal(low):
        raise InputError(where, f"net weight {text!r} ends below its start", "write it as 450-500g")
    grams = Decimal(low) * _GRAMS[unit] * Decimal(before or 1) * Decimal(after or 1)
    return _whole(f"{where}: net weight {text!r}", grams)


def _whole(where: str, amount: Decimal) -> int:
    """Whole fen or grams. What no product costs or weighs is a slip, and more digits than a number may have."""
    if amount > _MOST:
        raise InputError(where, "is larger than any product's", "mend the cell")
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _title_unit(title: str) -> str | None:
    """The unit that a column's title gives: net_weight_g, 净重(kg), 重量（斤）, 克重."""
    match = re.search(rf"({_UNIT})[)\]】重]?$", re.sub(r"\s", "", unicodedata.normalize("NFKC", title).lower()))
    return match.group(1) if match else None


def _kind(where: str, text: str) -> ProductKind:
    word = _header_name(text)
    for kind, words in _KINDS.items():
        if word in words:
            return kind
    allowed = "fresh (生鲜), primary (初级农产品), processed (加工食品), health_food (保健食品)"
    raise InputError(where, f"kind {text!r} is not known", f"write {allowed}, or leave it empty")


def _one_of(where: str, field: str, text: str, known: Mapping[Name, tuple[str, ...]]) -> Name | None:
    """The name whose words the cell holds, None for an empty one."""
    if _plain(text) in _ABSENT:
        return None
    word = _header_name(text).removesuffix("商品").removesuffix("产品").removesuffix("款").removesuffix("品")
    for name, words in known.items():
        if word in words:
            return name
    allowed = ", ".join(f"{name} ({words[1]})" for name, words in known.items())
    raise InputError(where, f"{field} {text!r} is not known", f"write {allowed}, or leave it empty")
