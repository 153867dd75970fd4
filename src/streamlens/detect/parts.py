"""What tells a product from the others of its catalogue besides its names: parts of them, where it is from, its sort.

Of 阿克苏苹果 (新疆阿克苏, 水果) these are 阿克苏, 新疆, 水果, and its head noun 果; each speaks for all products that
have it, and so the less, the more they are. Words of the trade that any product may have (新鲜, 原味) are left out.
"""

import msgspec

from ..language import HARD, NUMERALS, SOFT, is_word, spoken, words
from ..schema import Catalogue, Product

# Words of the trade, and provinces, a space between them
_TRADE = (
    "新鲜 正宗 天然 农家 原味 手工 特产 精选 优质 礼盒 包邮 现货 零食 健康 传统 老式 特级 一级 整箱 净重 产地 现摘 生态"
    " 食品 食用 农产品 中国 其他 散养 自制 家用 新货 当季 大果 小包装 独立 批发 直发 顺丰 五香"
    " 麻辣 香辣 无糖 即食 特色 风味 直播 专享 原产"
)
_PROVINCE_NAMES = (
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南"
    " 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门 东北 中国"
)
_ANY, _PROVINCES = frozenset(_TRADE.split()), frozenset(_PROVINCE_NAMES.split())
_NO_HEADS = frozenset("子香干条片头儿丝丁粒块装粉")  # in too many words, or of too many things
_AREAS = ("自治区", "自治州", "自治县", "维吾尔", "特别行政区", "省", "市", "县", "区", "州", "镇", "乡", "村")
# How goods of a sort are spoken of: sort (found in category or name) -> words
_SORTS = {
    "水果": "果子 果肉 果皮 水果",
    "禽蛋": "蛋黄 蛋清 蛋壳",
    "蜂": "蜂农 蜂箱 花蜜 蜂场",
    "大米": "米饭 煮饭 米粒",
    "小米": "米油 米粥 小米粥",
    "酒": "酒精 度数 酒香",
    "茶": "茶汤 茶叶 泡茶 回甘",
    "食用菌": "菌子 泡发 菌菇",
    "肉": "肉质 瘦肉",
    "枣": "枣子 枣肉 枣核",
    "鱼": "鱼肉 鱼刺",
}


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """`phrase` in spoken form, whose products it may mean, and how much it says, 0 to 1, of each."""

    phrase: str
    products: tuple[str, ...]
    share: float


def distinctive_parts(catalogue: Catalogue) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """(words of two characters and more, head nouns of one character), in order of their phrases.

    A word that is itself the name of a product is left out: it is a mention. What more than three products have
    (in a large catalogue, more than a tenth of them) tells nothing.
    """
    names = {_plain(name) for product in catalogue.products for name in (product.name, *product.aliases)}
    owners: dict[str, dict[str, float]] = {}
    heads: dict[str, dict[str, float]] = {}
    for product in catalogue.products:
        for phrase, share in _words_of(product).items():
            if phrase not in names:
                owners.setdefault(phrase, {})[product.sku] = share
        for name in (product.name, *product.aliases):
            plain = _plain(name).rstrip("零一二三四五六七八九十百千半斤克两装箱瓶袋盒枚个g")
            if len(plain) > 1 and plain[-1] not in _NO_HEADS:
                heads.setdefault(plain[-1], {})[product.sku] = 1.0
    most = max(3, len(catalogue.products) // 10)
    return _shared(owners, most), _shared(heads, most)


def _shared(owners: dict[str, dict[str, float]], most: int) -> tuple[Part, ...]:
    return tuple(
        Part(phrase=phrase, products=tuple(sorted(skus)), share=min(skus.values()) / len(skus))
        for phrase, skus in sorted(owners.items())
        if len(skus) <= most
    )


def _words_of(product: Product) -> dict[str, float]:
    found: dict[str, float] = {}
    name = _plain(product.name)
    pieces = list(words(name))
    for alias in sorted(map(_plain, product.aliases), key=len, reverse=True):
        if alias in name:  # 沁州黄小米 without 小米: 沁州黄
            before, _, after = name.partition(alias)
            pieces += [before, after]
        elif len(alias) > 3:
            pieces += words(alias)
    for piece in pieces:
        found[piece] = 0.5 if is_word(piece) else 1.0
    for place in _places(product.origin):
        found[place] = 0.4 if place in _PROVINCES else 1.0
    category = _plain(product.category)
    found[category] = 0.7
    for sort, said in _SORTS.items():
        if name.endswith(sort) or category.startswith(sort) or (len(sort) > 1 and sort in category):
            found |= {word: 0.5 for word in said.split()}
    return {
        phrase: share
        for phrase, share in found.items()
        if 2 <= len(phrase) <= 6 and phrase not in _ANY and not set(phrase) & NUMERALS and phrase.isalpha()
    }


def _places(origin: str) -> list[str]:
    """福建省漳浦县 -> 福建, 漳浦."""
    places = []
    for word in words(_plain(origin)):
        bare = next(
            (word.removesuffix(area) for area in _AREAS if word.endswith(area) and len(word) > len(area) + 1), word
        )
        places.append(bare)
    joined = "".join(places)
    province = next((name for name in _PROVINCES if joined.startswith(name)), "")
    # a county that the dictionary does not know comes in single characters
    return [*places, province, joined.removeprefix(province)]


def _plain(text: str) -> str:
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")
