"""How an experienced officer would judge the terms of an offer, ranks, endorsements and good causes.

Our own sentences and papers, several to each kind. The stream is on 2026-10-12 at 19:30.
"""

from datetime import date, datetime, timedelta

import pytest

from streamlens.schema import (
    AidAgreement,
    Award,
    BrandAuthorisation,
    HarvestRecord,
    PriceHistory,
    PricePoint,
    SalesRecord,
    TestItem,
    TestReport,
    WeighingRecord,
)

TODAY = date(2026, 10, 12)


def weighed(declared: float, *samples: float, on: date = date(2026, 10, 1)) -> WeighingRecord:
    return WeighingRecord(id="W1", covers=("A",), date=on, declared_g=declared, samples_g=samples)


FIVE_JIN = {"net_weight_g": 2500, "unit": "5斤装"}
EGGS = {"name": "土鸡蛋", "net_weight_g": 1800, "unit": "40枚"}
SAUCE = {"name": "香菇酱", "net_weight_g": 840, "unit": "4瓶", "kind": "processed"}


@pytest.mark.parametrize(
    ("quote", "goods", "papers", "verdict"),
    [
        # the pack
        ("净重三斤八两", {"net_weight_g": 1750}, [], "contradicted"),
        ("净重三斤八两", {"net_weight_g": 1900}, [], "supported"),
        ("净重四到五斤", {"net_weight_g": 2000}, [], "supported"),
        ("净重四五斤", {"net_weight_g": 2000}, [], "supported"),
        ("实打实给你六斤果肉", FIVE_JIN, [], "contradicted"),
        ("说五斤就是五斤", FIVE_JIN, [], "supported"),
        ("净重五斤", FIVE_JIN, [weighed(2500, 2510, 2380)], "contradicted"),
        ("净重五斤", {}, [weighed(1500, 1510, 1520)], "unclear"),  # another size was weighed
        ("净重五斤", {}, [weighed(2500, 2510, on=date(2026, 11, 1))], "unsupported"),  # weighed after the stream
        # the piece
        ("单果一百五十克", FIVE_JIN, [], "unsupported"),
        ("单果四两往上", FIVE_JIN, [], "unsupported"),
        ("每个二两", FIVE_JIN, [], "unsupported"),
        ("一个最少二两半", FIVE_JIN, [], "unsupported"),
        ("单果一百五十克", FIVE_JIN, [weighed(2500, 2510)], "unsupported"),  # packs were weighed, not pieces
        ("单果一百五十克", FIVE_JIN, [weighed(150, 152, 155)], "supported"),
        ("单果一百五十克", FIVE_JIN, [weighed(150, 122, 125)], "contradicted"),
        ("每一枚都有一两半", EGGS, [], "contradicted"),  # 1800 g by 40 is 45 g
        ("平均一个四十克", EGGS, [], "supported"),
        ("一个最少四十克", EGGS, [], "unclear"),  # the mean is 45 g; is every one?
        ("公四两母三两", {"unit": "8只", "net_weight_g": 1400}, [], "supported"),  # 175 g on the average
        ("公四两母三两", {"unit": "8只", "net_weight_g": 1000}, [], "contradicted"),
        ("一瓶五百克", SAUCE, [], "contradicted"),  # four weigh 840 g
        ("一瓶二百一十克", SAUCE, [], "supported"),
        ("三两五的公蟹", FIVE_JIN, [], "unsupported"),
        ("单果一百五十克", {**FIVE_JIN, "name": "赣南脐橙 单果180-220克"}, [], "supported"),
        ("单果二百五十克", {**FIVE_JIN, "name": "赣南脐橙 单果180-220克"}, [], "contradicted"),
        # how many go to the jin
        ("一斤三只", FIVE_JIN, [], "unsupported"),
        ("一斤也就七八个", EGGS, [], "contradicted"),  # eleven go to the jin
        ("一斤也就十来个", EGGS, [], "supported"),
        ("一斤二十头以内", FIVE_JIN, [], "unsupported"),
        # the count in the pack
        ("一盒四十个", EGGS, [], "supported"),
        ("一盒五十个", EGGS, [], "contradicted"),
        ("足足四十个", EGGS, [], "supported"),
        ("给足四瓶", SAUCE, [], "supported"),
        # what is added
        ("每一箱我们都多装半斤", FIVE_JIN, [], "unsupported"),
        ("每一箱我们都多装半斤", FIVE_JIN, [weighed(2500, 2760, 2790)], "supported"),
        ("每一箱我们都多装半斤", FIVE_JIN, [weighed(2500, 2510, 2520)], "contradicted"),
        ("三斤送半斤", {"net_weight_g": 1500}, [], "unsupported"),
        ("多给你二两", FIVE_JIN, [], "unsupported"),
        # the promise of full measure
        ("少一两罚十两", FIVE_JIN, [], "unsupported"),
        ("少一两赔一箱", FIVE_JIN, [weighed(2500, 2510)], "supported"),
        ("不够五斤我赔你", FIVE_JIN, [weighed(2500, 2510)], "supported"),
        ("足斤足两", FIVE_JIN, [weighed(2300, 2310, 2305)], "contradicted"),  # the label says five jin
        ("缺斤少两我十倍赔你", FIVE_JIN, [], "unsupported"),
        # the size
        ("果径都在八十五毫米以上", FIVE_JIN, [], "unsupported"),
        ("果径都在八十五毫米以上", {**FIVE_JIN, "name": "赣南脐橙 果径75-80mm"}, [], "contradicted"),
        ("果径都在75毫米以上", {**FIVE_JIN, "name": "赣南脐橙 果径75-80mm"}, [], "supported"),
        ("发的都是大果", FIVE_JIN, [weighed(2500, 2510)], "unsupported"),  # a weighing says nothing of the size
        ("发的都是大果", {**FIVE_JIN, "name": "赣南脐橙大果"}, [], "supported"),
    ],
)
def test_weight(decide, quote, goods, papers, verdict):
    assert decide(quote, "quantity.weight", *papers, goods=goods).verdict == verdict


def history(*points: tuple[date, float]) -> PriceHistory:
    return PriceHistory(id="P1", covers=("A",), prices=tuple(PricePoint(date=on, price=price) for on, price in points))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


WEEK = [history((ago(7), 69.9), (ago(3), 49.9), (ago(1), 69.9))]
STEADY = [history((ago(6), 49.9), (ago(2), 49.9))]


@pytest.mark.parametrize(
    ("quote", "goods", "papers", "verdict"),
    [
        ("原价四十九块九", {}, STEADY, "supported"),
        ("原价六十九块九", {}, WEEK, "contradicted"),
        ("原价五十", {}, STEADY, "supported"),  # rounding is no fraud (price rules, Art. 21)
        ("原价一百九十九今天九十九", {}, [history((ago(2), 199.0))], "supported"),
        ("今天九十九块，原价一百九十九块", {}, [history((ago(2), 99.0))], "contradicted"),
        ("昨天还卖六十九块九", {}, WEEK, "supported"),  # it names the day, and that day's price was this
        ("前天还卖六十九块九", {}, WEEK, "unsupported"),
        ("昨天还卖九十九", {}, WEEK, "contradicted"),
        ("上一场卖的六十九块九", {}, WEEK, "supported"),
        ("去年卖八十八", {}, STEADY, "unsupported"),
        ("去年卖八十八", {}, [history((date(2025, 10, 3), 88.0))], "supported"),
        ("去年卖八十八", {}, [history((date(2025, 10, 3), 58.0))], "contradicted"),
        ("平时卖五十八一斤", {"net_weight_g": 2500}, [history((ago(2), 290.0))], "supported"),
        ("平时卖五十八一斤", {"net_weight_g": 2500}, [history((ago(2), 58.0))], "contradicted"),
        ("平时卖五十八一斤", {}, [history((ago(2), 58.0))], "unclear"),  # a jin against a pack of unknown weight
        ("日常价大几百", {}, STEADY, "unclear"),
        ("原价打八折", {}, STEADY, "unclear"),  # a share is no price
        ("精品水果店同样大的一个二十八", {}, STEADY, "unsupported"),
        ("外面水果店要二十多", {}, STEADY, "unsupported"),
        ("菜场都得十五六一斤", {}, STEADY, "unsupported"),
        ("官方指导价九十九", {}, STEADY, "unsupported"),
        ("原价四十九块九", {}, [history((ago(-1), 49.9))], "unsupported"),
        ("原价四十九块九", {}, [], "unsupported"),
    ],
)
def test_price_reference(decide, quote, goods, papers, verdict):
    assert decide(quote, "price.reference", *papers, goods=goods).verdict == verdict


YEAR = [history(*((ago(days), 39.9 if days != 20 else 35.0) for days in range(1, 400)))]
SHORT = [history((ago(9), 49.9), (ago(3), 39.9))]


@pytest.mark.parametrize(
    ("quote", "price", "papers", "verdict"),
    [
        ("全网最低价", 2990, YEAR, "unsupported"),
        ("今年全网最低价", 2990, YEAR, "unsupported"),  # of everybody, not of one's own year
        ("历史最低价", 2990, YEAR, "supported"),
        ("历史最低价", 3600, YEAR, "contradicted"),
        ("历史最低价", 2990, SHORT, "unclear"),  # nine days are no history
        ("历史最低价", 4500, SHORT, "contradicted"),
        ("没开过这么低的价", 3600, YEAR, "contradicted"),
        ("没开过这么低的价", 2990, YEAR, "supported"),
        ("今年最低价", 2990, YEAR, "supported"),
        ("比双十一还便宜", 2990, [history((date(2025, 11, 11), 33.0))], "supported"),
        ("比双十一还便宜", 2990, [history((date(2025, 11, 11), 25.0))], "contradicted"),
        ("比双十一还便宜", 2990, SHORT, "unsupported"),
        ("谁家都没有我家便宜", 2990, YEAR, "unsupported"),
        ("开播以来最低的一次", None, YEAR, "unclear"),
        ("全年最低", 2990, [], "unsupported"),
    ],
)
def test_price_lowest(decide, quote, price, papers, verdict):
    assert decide(quote, "price.lowest", *papers, goods={"price_fen": price}).verdict == verdict


def sold(units: int, since: date | None = None, until: date | None = None, covers: str = "A") -> SalesRecord:
    return SalesRecord(id="S1", covers=(covers,), units=units, since=since, until=until)


MONTH = sold(9000, ago(30), ago(1))


@pytest.mark.parametrize(
    ("quote", "goods", "papers", "verdict"),
    [
        ("卖了一万单", {}, [sold(12000, until=ago(1))], "supported"),
        ("卖了一万单", {}, [sold(1200, until=ago(1))], "contradicted"),
        ("卖了一万单", {}, [sold(9800, until=ago(1))], "supported"),  # a round figure
        ("已售1.2万件", {}, [sold(1300, until=ago(1))], "contradicted"),
        ("已售1.2万件", {}, [sold(12500, until=ago(1))], "supported"),
        ("卖了一万单", {}, [sold(1200, until=date(2025, 3, 1))], "unclear"),  # what was sold since is not in it
        ("月销过万", {}, [sold(12000, ago(30), ago(1))], "supported"),
        ("月销过万", {}, [sold(30000, ago(365), ago(1))], "unclear"),  # the mean of a year is not every month
        ("月销过万", {}, [sold(3000, ago(30), ago(1))], "contradicted"),
        ("月销过万", {}, [sold(30000)], "unclear"),
        ("三分钟秒了五千单", {}, [sold(1200, until=ago(1))], "contradicted"),
        ("三分钟秒了五千单", {}, [sold(90000, until=ago(1))], "unsupported"),  # the record does not tell of minutes
        ("昨天晚上一场就出了八千多单", {}, [MONTH], "unsupported"),
        ("昨天晚上一场就出了八千多单", {}, [sold(8300, ago(1), ago(1))], "supported"),
        ("累计销量突破五百万斤", {"net_weight_g": 2500}, [sold(1_000_000, until=ago(1))], "supported"),
        ("累计销量突破五百万斤", {"net_weight_g": 2500}, [sold(10_000, until=ago(1))], "contradicted"),
        ("累计销量突破五百万斤", {}, [sold(1_000_000, until=ago(1))], "unclear"),
        ("卖了四万枚", {"unit": "40枚"}, [sold(1100, until=ago(1))], "supported"),
        ("十几万人都买过了", {}, [sold(1200, until=ago(1))], "contradicted"),
        ("我们全店卖了十万单", {}, [sold(1200, until=ago(1))], "unclear"),  # the record is of one product
        ("我们全店卖了十万单", {}, [sold(1200, until=ago(1), covers="*")], "contradicted"),
        ("复购率百分之八十", {}, [MONTH], "unsupported"),
        ("全网销量第一", {}, [MONTH], "unsupported"),
        ("卖了一万单", {}, [], "unsupported"),
    ],
)
def test_sales(decide, quote, goods, papers, verdict):
    assert decide(quote, "sales.figures", *papers, goods=goods).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("还有最后三十单", [], "unsupported"),
        ("还有最后三十单", [sold(100)], "unsupported"),
        ("明天就恢复原价", [history((ago(-1), 19.9), (ago(-3), 19.9))], "contradicted"),
        ("明天就恢复原价", [history((ago(-1), 39.9))], "supported"),
        ("明天就恢复原价", [history((ago(5), 39.9))], "unsupported"),
        ("过了今天就不是这个价了", [history((ago(-2), 19.9))], "contradicted"),
        (
            "这是今年的最后一茬",
            [HarvestRecord(id="H1", covers=("A",), harvested_at=datetime(2026, 11, 2, 6))],
            "contradicted",
        ),
        (
            "这是今年的最后一茬",
            [HarvestRecord(id="H1", covers=("A",), harvested_at=datetime(2026, 10, 2, 6))],
            "unsupported",
        ),
    ],
)
def test_scarcity(decide, quote, papers, verdict):
    assert decide(quote, "scarcity.stock", *papers, goods={"price_fen": 1990}).verdict == verdict


def agreed(**fields) -> AidAgreement:
    return AidAgreement(
        **{
            "id": "A1",
            "covers": ("A",),
            "partner": "青石村合作社",
            "signed_on": ago(90),
            "valid_to": ago(-90),
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("帮帮果农", [agreed()], "supported"),
        ("帮帮果农", [agreed(valid_to=ago(1))], "unsupported"),
        ("帮帮果农", [agreed(signed_on=ago(-1))], "unsupported"),
        ("每买一单就捐一块钱", [agreed(per_order_yuan=1.0)], "supported"),
        ("每买一单就捐一块钱", [agreed(per_order_yuan=0.2)], "contradicted"),
        ("每买一单就捐一块钱", [agreed()], "unclear"),
        ("每卖一单捐五毛钱", [agreed(per_order_yuan=0.5)], "supported"),
        ("销售额的百分之五捐给村小", [agreed(terms="按销售额的5%捐给青石村小学")], "supported"),
        ("销售额的百分之五捐给村小", [agreed(terms="按销售额的2%捐给青石村小学")], "contradicted"),
        ("收入全部捐给灾区", [agreed(per_order_yuan=1.0)], "contradicted"),
        ("老公瘫在床上，就靠这几亩地供孩子上学", [agreed()], "unclear"),  # the arrangement is shown, the story is not
        ("卖不出去就烂在地里了", [agreed(terms="收购滞销脐橙五万斤")], "supported"),
        ("卖不出去就烂在地里了", [], "unsupported"),
    ],
)
def test_charity(decide, quote, papers, verdict):
    assert decide(quote, "charity.story", *papers).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "goods", "papers", "verdict"),
    [
        ("全国最好的橙子", {}, [], "prohibited"),
        ("行业第一", {}, [], "prohibited"),
        ("极品的享受", {}, [], "prohibited"),
        ("国家级的品质", {}, [TestReport(id="T1", covers=("A",), issued_on=ago(9))], "prohibited"),
        ("极品大红袍", {"name": "极品大红袍"}, [], "unclear"),  # part of the name: guide, Art. 6(4)
        ("顶级和牛", {"name": "雪花牛肉", "aliases": ("顶级和牛",)}, [], "unclear"),
        ("最好先泡一下", {}, [], "unclear"),  # directions for use: guide, Art. 6(2)
        ("我们家最大的一款", {}, [], "unclear"),  # compared with one's own: guide, Art. 6(1)
        ("顾客第一", {}, [], "unclear"),  # of the service: guide, Art. 5
        ("今天第一单", {}, [], "unclear"),
        ("中国第一枣乡", {}, [Award(id="W1", covers=("A",), title="中国第一枣乡", awarded_on=ago(900))], "supported"),
        ("特级的", {}, [], "unsupported"),  # a grade needs its basis
        (
            "特级的",
            {},
            [TestReport(id="T1", covers=("A",), issued_on=ago(9), items=(TestItem(name="等级", result="特级"),))],
            "supported",
        ),
        (
            "特级的",
            {},
            [TestReport(id="T1", covers=("A",), issued_on=ago(9), items=(TestItem(name="等级", result="二级"),))],
            "contradicted",
        ),
    ],
)
def test_superlative(decide, quote, goods, papers, verdict):
    assert decide(quote, "absolute.superlative", *papers, goods=goods).verdict == verdict


def award(title: str, days_ago: int = 400) -> Award:
    return Award(id="W1", covers=("A",), title=title, awarded_on=ago(days_ago))


@pytest.mark.parametrize(
    ("quote", "goods", "papers", "verdict"),
    [
        ("国宴上用的就是这个", {}, [], "prohibited"),
        ("我们县长亲自代言", {}, [award("金奖")], "prohibited"),
        ("营养学会都推荐", {}, [], "prohibited"),
        ("中央电视台报道过", {}, [], "unsupported"),  # a broadcaster, not a state organ
        ("国家队的运动员都在吃", {}, [], "unsupported"),
        ("国家地理杂志拍过", {}, [], "unsupported"),
        ("农业部评的名牌产品称号", {}, [award("名牌产品")], "supported"),  # an award is a fact
        ("农业部评的名牌产品称号", {}, [], "unsupported"),
        ("拿过金奖", {}, [award("国际茶博会金奖")], "supported"),
        ("拿过金奖", {}, [award("国际茶博会银奖")], "unsupported"),
        ("拿过金奖", {}, [award("国际茶博会金奖", -20)], "unsupported"),  # awarded after the stream
        ("请了影帝代言", {}, [BrandAuthorisation(id="B1", covers=("A",), brand="山里人家")], "unclear"),
        ("医生都推荐吃这个", {"kind": "health_food"}, [], "prohibited"),
        ("医生都推荐吃这个", {}, [], "unsupported"),
        ("超市长期都在推荐", {}, [], "unsupported"),
    ],
)
def test_endorsement(decide, quote, goods, papers, verdict):
    assert decide(quote, "authority.endorsement", *papers, goods=goods).verdict == verdict
