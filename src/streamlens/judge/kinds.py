"""What kinds of paper there are, and how each calls itself and its fields.

Wordings are those of the official forms (SC and food operation licences, GB/T 19630 organic certificates, green-food
certificates, GI authorisations, health-food registrations, quarantine and compliance certificates) and of what
laboratories, growers and shops print themselves.
"""

import re
from collections.abc import Mapping

from ..schema import Record
from .layout import plain


class Field(Record, frozen=True, kw_only=True):
    """A field of a type: the labels it goes by, best first; how many lines it may take; whether verdicts need it."""

    name: str
    labels: tuple[str, ...]
    lines: int = 1
    needed: bool = False
    form: str = ""  # what a clean value looks like (a regular expression), if there is such a thing


class Kind(Record, frozen=True, kw_only=True):
    """A type of paper: how its title reads, words that make it another paper, and its fields."""

    type: str
    title: str
    fields: tuple[Field, ...] = ()
    unless: str = ""
    valid: bool = False  # it states days of validity
    term: bool = False  # and a verdict needs the last one
    dated: str = ""  # the field that holds its day of issue
    everything: bool = False  # it is given to the seller, not to a product


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NUMBER = _words("""
    证书编号 证书号码 证书号 证书编码 编号 证号 登记证书编号 证书注册号
""")
_PRODUCT = _words("""
    获证产品名称 认证产品名称 产品名称 样品名称 商品名称 食品名称 产品名称及规格 农产品名称 产品名 品名 产品品名
    动物产品名称 产品种类 动物种类 货物名称 作物名称 作物品种 品种 产品 样品
""")
_HOLDER = _words("""
    获证组织名称 认证委托人名称 认证委托人 证书持有人 持证人 持有人 获证单位 生产者名称 经营者名称 委托单位 受检单位
    送检单位 被抽样单位 委托方 申请人 申请企业 用标企业 用标人 使用人 注册人 备案人 企业名称 生产企业 生产单位
    生产商 生产者 单位名称 被授权方 被授权人 被授权单位 专利权人 货主 种植户 生产主体 主体名称 农户
""")
_ISSUER = _words("""
    发证机关 发证机构 颁证机构 认证机构名称 认证机构 发证单位 颁发单位 签发机关 登记机关 检验机构 检测机构 检验单位
    检测单位 检验检测机构 出具单位 授权方 授权人 授权单位 核准机关 批准机关 发证部门 证明单位
""")
BEGINS = _words("""
    有效期起 生效日期 有效期自 许可起始日期 起始日期
""")
ISSUED = _words("""
    本次发证日期 颁证日期 发证日期 签发日期 颁发日期 批准日期 报告签发日期 签发时间 报告日期 出具日期 开具日期
    授权日期 核准日期 发布日期 登记日期 备案日期 出证日期 开具时间 填表日期
""")
_TO = _words("""
    有效期至 有效期限至 有效日期至 有效期止 有效截止日期 截止日期 到期日期 有效至 失效日期
""")
_SPAN = _words("""
    证书有效期 认证有效期 有效期限 有效期间 有效期 许可期限 授权期限 授权有效期 使用期限 授权时间 注册有效期限
    专用权期限 许可使用期限 有效日期 合作期限 协议期限
""")
VALIDITY = (*_SPAN, *_TO)
# labels of no use, which end the value before them
_OTHER = _words("""
    地址 住所 生产地址 经营场所 场所 法定代表人 负责人 法定代表人(负责人) 统一社会信用代码 社会信用代码 商标
    注册商标 商标名称 规格型号 规格 型号规格 生产日期 生产日期/批号 样品数量 抽样日期 抽样地点 到样日期 收样日期
    送样日期 检验日期 检测日期 检验类别 检测类别 样品状态 样品等级 检验依据 检测依据 判定依据 检验结论 检测结论 结论
    备注 批准 审核 编制 主检 批准人 签发人 签发 联系电话 电话 联系方式 邮编 传真 网址 邮箱 批准产量 产量 面积
    种植面积 基地名称 基地地址 企业信息码 标志编号 初次获证日期 初次发证日期 再认证日期 换证日期 日常监督管理机构
    日常监督管理人员 投诉举报电话 主体业态 食品类别 类别编号 类别名称 品种明细 认证依据 认证标准 认证类别 认证模式
    认证范围 数量 数量(重量) 重量 产地 目的地 启运地点 承运人 运载方式 运载工具牌号 检疫标志号 官方兽医签字 官方兽医
    报告编号 样品编号 检验报告编号 抽样单编号 抽样单位 抽样基数 委托日期 受理日期 任务来源 生产单位地址 单价 金额
    备案凭证 执行标准 产品标准 净含量 保质期 贮存条件 保存方法 注意事项 食用量及食用方法 功效成分 标志性成分 原料
    辅料 记录人 采收人 采摘人 填报人 负责人签字 签字 盖章 车牌号 车号 司机 称重人 复核人 复核 制表 设备编号 仪器编号
    记录仪编号 起运时间 到达时间 发货时间 甲方 乙方 丙方 签订日期 签订时间 签约日期 签订地点 地块编号 地块 大棚编号
    批次 批次号 追溯码 序号 发明人 专利号 申请日 专利申请日 授权公告日 生产单位名称地址 生产单位名称、地址
    注册人地址 审批结论 授权公告号 证书
""")


def _field(name: str, labels: str, *more: str, lines: int = 1, needed: bool = False, form: str = "") -> Field:
    return Field(name=name, labels=(*labels.split(), *more), lines=lines, needed=needed, form=form)


def _usual(*fields: Field) -> tuple[Field, ...]:
    """A type's own fields, and those that all papers have."""
    own = {field.name for field in fields}
    shared = (
        Field(name="number", labels=_NUMBER),
        Field(name="product", labels=_PRODUCT, lines=2),
        Field(name="holder", labels=_HOLDER, lines=2),
        Field(name="issuer", labels=_ISSUER, lines=2),
    )
    return (*fields, *(field for field in shared if field.name not in own))


KINDS: tuple[Kind, ...] = (
    Kind(
        type="organic_certificate",
        title=r"有机产品认证证书|有机产品证书|有机认证证书|有机食品认证证书|有机产品认证",
        unless="有机转换|转换认证|转换期",
        fields=_usual(
            _field("number", "", *_NUMBER, form=r"[0-9A-Z]{3,6}OP\d{7,12}"),
        ),
        valid=True,
        term=True,
    ),
    Kind(
        type="green_food_certificate",
        title=r"绿色食品标志使用证书|绿色食品标志许可使用证书|绿色食品证书|绿色食品标志商标准用证|"
        r"绿色食品认证证书",
        fields=_usual(
            _field("number", "产品编号 绿色食品编号", *_NUMBER, form=r"(?:LB|GF)[-—]?\d{2,}[-—]?[0-9A-Z-]{3,}A?"),
        ),
        valid=True,
        term=True,
    ),
    Kind(
        type="gi_authorisation",
        title=r"(?:农产品)?地理标志(?:保护)?(?:产品)?(?:专用标志)?(?:使用)?(?:授权书|授权证书|授权使用书|"
        r"核准(?:公告|证书|通知书|文件)?|登记证书|使用证书|使用授权书|许可(?:使用)?(?:证书|书)?|"
        r"证明商标(?:使用)?(?:许可|授权|准用)(?:证书?|书)?)|地理标志专用标志(?:用标|使用)\w{0,6}",
        fields=_usual(
            _field(
                "product", "地理标志产品名称 地理标志名称 产品名称 地理标志 证明商标", *_PRODUCT, lines=2, needed=True
            ),
            _field("number", "登记证书编号 核准编号 核准公告号 授权编号 授权书编号", *_NUMBER),
        ),
        valid=True,
        term=True,
    ),
    Kind(
        type="health_food_registration",
        title=r"(?:国产|进口)?保健食品(?:产品)?(?:注册证书?|批准证书?|备案凭证|注册批件|批准批件)",
        fields=_usual(
            _field(
                "number",
                "批准文号 注册号 备案号 备案登记号 注册证号",
                *_NUMBER,
                form=r"(?:国食健[注字][GJ]?\d{8}|食健备[GJ]\d{12}|卫食健字.+)",
            ),
            _field("functions", "保健功能 功能声称 允许保健功能", lines=3, needed=True),
            _field("suitable_for", "适宜人群 适用人群", lines=2),
            _field("not_suitable_for", "不适宜人群 不适用人群", lines=2),
        ),
        valid=True,
    ),
    Kind(
        type="production_licence",
        title=r"(?:全国工业产品|食品添加剂|食品|粮食加工品)?生产许可证(?:\(副本\)|副本|正本)?|"
        r"小作坊(?:生产)?(?:登记|许可)证",
        fields=_usual(
            _field(
                "number", "许可证编号 许可证号 生产许可证编号 证书编号", *_NUMBER, form=r"SC\d{14}|\w*小作坊\w*\d+\w*"
            ),
            _field("scope", "食品类别 许可范围 生产范围 类别名称 食品类别名称 品种明细 产品类别", lines=4, needed=True),
        ),
        valid=True,
        term=True,
    ),
    Kind(
        type="food_operation_licence",
        title=r"食品经营许可证(?:\(副本\)|副本|正本)?|食品流通许可证",
        fields=_usual(
            _field("number", "许可证编号 许可证号 证书编号", *_NUMBER, form=r"JY\d{14}|SP\d{16}"),
            _field("scope", "经营项目 许可范围 经营范围", lines=4),
        ),
        valid=True,
        term=True,
        everything=True,
    ),
    Kind(
        type="quarantine_certificate",
        title=r"动物检疫合格证明(?:\(?(?:动物|产品)[ABａｂ]?\)?)?|植物检疫证书|(?:产地)?检疫合格证(?:明)?|"
        r"肉品品质检验合格证",
        fields=_usual(
            _field("number", "编号 No. No 证明编号", *_NUMBER),
            _field("holder", "货主", lines=2),
        ),
        dated="issued_on",
    ),
    Kind(
        type="compliance_certificate",
        title=r"(?:食用农产品)?承诺达标合格证|食用农产品合格证|农产品合格证",
        fields=_usual(
            _field("statement", "承诺依据 我承诺 承诺内容 承诺", lines=6),
        ),
        dated="issued_on",
    ),
    Kind(
        type="test_report",
        title=r"(?:检验|检测|检验检测|质量检验|委托检验|监督检验|测试|分析|快检|快速检测|农残检测|"
        r"农药残留检测|产品质量检验|食品检验|农产品检测)报告书?单?|TESTREPORT",
        fields=_usual(
            _field("number", "报告编号 检验报告编号 报告编码 报告号 NO. No. No NO", *_NUMBER),
        ),
        dated="issued_on",
    ),
    Kind(
        type="patent",
        title=r"(?:发明|实用新型|外观设计)专利证书|专利证书",
        fields=_usual(
            _field("title", "发明名称 实用新型名称 外观设计名称 专利名称", lines=2, needed=True),
            _field("number", "专利号", form=r"ZL\d{12}\.[0-9X]"),
            _field("holder", "专利权人"),
        ),
    ),
    Kind(
        type="brand_authorisation",
        title=r"(?:商标|品牌|销售|产品|网络销售|经销|品牌使用|商标使用|经营)*授权(?:证)?书|授权委托书|"
        r"商标(?:使用)?许可(?:合同|协议|书)|商标注册证",
        fields=_usual(
            _field("brand", "授权品牌 品牌名称 授权商标 商标名称 品牌 商标"),
            _field("number", "授权编号 授权书编号 商标注册号", *_NUMBER),
        ),
        valid=True,
    ),
    Kind(
        type="award",
        title=r"(?:荣誉|获奖|奖励)证书|奖状|获奖证明",
        fields=_usual(
            _field("title", "奖项名称 奖项 获奖名称 荣誉称号", lines=2),
        ),
        dated="awarded_on",
    ),
    Kind(
        type="cold_chain_log",
        title=r"冷链(?:运输|物流|配送)?(?:过程)?(?:温度)?(?:监测|监控)?(?:记录|日志|报告|数据)(?:表|单)?|"
        r"(?:运输|冷藏|冷库|仓储|车辆)?温度(?:监测|监控)?(?:记录|日志|报告|数据)(?:表|单)?",
        fields=_usual(
            _field("required_max_celsius", "要求温度 温度要求 规定温度 温度上限 报警上限 控制温度 设定温度"),
        ),
    ),
    Kind(
        type="harvest_record",
        title=r"(?:产品|农产品|果园|茶叶|水果|蔬菜|基地)?(?:采收|采摘|收获|捕捞|采挖|收获采收|产蛋|集蛋|"
        r"屠宰)(?:生产)?(?:记录|登记)(?:表|单|台账)?",
        fields=_usual(
            _field(
                "harvested_at",
                """
                采收时间 采摘时间 采收日期 采摘日期 收获日期 收获时间 捕捞时间 捕捞日期 采挖时间 采挖日期 集蛋时间
                屠宰日期 屠宰时间
            """,
                needed=True,
            ),
            _field("ships_within_hours", "发货时限 发货时效 采后发货 发货要求 采后发货时限"),
        ),
    ),
    Kind(
        type="weighing_record",
        title=r"过磅单|磅单|称重(?:记录|单)(?:表|单)?|净含量(?:检验|抽检|检查)?记录(?:表|单)?|"
        r"净重抽检记录(?:表)?|计量(?:检验)?记录(?:表)?",
        fields=_usual(
            _field("date", "称重日期 过磅日期 抽检日期 检验日期 称重时间 过磅时间 日期 时间", needed=True),
            _field(
                "declared_g",
                """
                标称净重 标示净重 标示净含量 标称净含量 标注净含量 标示重量 标称重量 标注净重 净含量 规格
            """,
                needed=True,
            ),
        ),
    ),
    Kind(
        type="aid_agreement",
        title=r"(?:\w{0,6})?(?:助农|帮扶|扶贫|公益)(?:\w{0,8})?(?:协议|合同)书?|(?:战略)?合作协议书?",
        fields=_usual(
            _field("partner", "乙方 合作方 受助方 帮扶对象 甲方"),
            _field("signed_on", "签订日期 签约日期 签署日期 签订时间"),
        ),
        valid=True,
    ),
    Kind(
        type="origin_record",
        title=r"(?:农产品|食用农产品|产品)?产地(?:来源)?证明(?:书)?|原产地证(?:明|书)?|种植证明|"
        r"生产记录(?:表)?|种植记录(?:表)?|溯源证明",
        fields=_usual(
            _field("place", "产地 产地地址 种植地点 种植基地 原产地 生产地点 基地地址 养殖地点", lines=2, needed=True),
            _field("method", "种植方式 生产方式 养殖方式 栽培方式 管理方式 农药使用情况 用药情况", lines=3),
        ),
    ),
    Kind(
        type="ingredient_list",
        title=r"配料表|产品配料表|配料(?:清单|说明)|原料配料表",
        fields=_usual(
            _field("ingredients", "配料表 配料 原料 原辅料", lines=8, needed=True),
        ),
    ),
    Kind(
        type="price_history",
        title=r"(?:历史)?(?:价格|售价|成交价)(?:历史)?记录(?:表)?",
        fields=_usual(),
    ),
    Kind(
        type="sales_record",
        title=r"销售(?:记录|统计)(?:表)?|销量(?:记录|统计)(?:表)?",
        fields=_usual(),
    ),
    Kind(
        type="shipping_record",
        title=r"(?:物流|快递|发货)(?:时效)?(?:记录|统计)(?:表)?",
        fields=_usual(),
    ),
)
OF_TYPE: Mapping[str, Kind] = {kind.type: kind for kind in KINDS}
LABELS: frozenset[str] = frozenset(
    (
        *(label for kind in KINDS for field in kind.fields for label in field.labels),
        *_OTHER,
        *BEGINS,
        *ISSUED,
        *VALIDITY,
    )
)

_TITLES = tuple((kind, re.compile(kind.title)) for kind in KINDS)
_IN_NAMES = {
    "organic_certificate": "有机", "green_food_certificate": "绿色食品", "gi_authorisation": "地理标志|地标",
    "production_licence": "生产许可|SC证", "food_operation_licence": "经营许可", "quarantine_certificate": "检疫",
    "test_report": "检测|检验|质检|report", "health_food_registration": "保健食品|蓝帽",
    "compliance_certificate": "合格证",
    "brand_authorisation": "授权|商标", "patent": "专利", "award": "获奖|荣誉|奖状", "cold_chain_log": "冷链|温度",
    "harvest_record": "采收|采摘", "origin_record": "产地", "weighing_record": "称重|过磅|磅单",
    "aid_agreement": "助农|协议", "ingredient_list": "配料",
}  # fmt: skip


def title_in(text: str) -> tuple[Kind, float] | None:
    """The kind of paper that a line is the title of, and how much of the line that title is (0..1).

    >>> title_in("江西省食品生产许可证")[0].type
    'production_licence'
    >>> title_in("本报告无检测专用章无效")
    """
    text = re.sub(r"[\s《》<>\"“”]", "", plain(text)).upper()
    best: tuple[Kind, float] | None = None
    for kind, pattern in _TITLES:
        for match in pattern.finditer(text):
            rest = text[match.end() :]
            share = (match.end() - match.start()) / len(text)
            if rest and not re.fullmatch(r"[(（:].{0,14}|[A-Z ]{3,}|[书表单]|NO[.:].*", rest):
                continue
            if share < 0.34 or (best and best[1] >= share):
                continue
            best = kind, share
    return best


def type_of_name(name: str) -> str:
    """The type that a file's name suggests: 有机证书.jpg. Empty if none."""
    text = plain(name)
    titled = (kind.type for kind, pattern in _TITLES if pattern.search(text))
    return next(titled, next((type for type, words in _IN_NAMES.items() if re.search(words, text)), ""))
