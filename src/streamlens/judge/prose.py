"""What stands in running text: the goods that a prize was given for, where they were grown, who may sell a brand."""

import re
from collections.abc import Mapping, Sequence

from .layout import Cell, Value, around

GUESSED = 0.93  # what is left of the confidence of a value that no label names


_ORDER = r"每\s*(?:单|件|份|售出一[单件份]|销售一[单件份]|笔订单|成交一单)"
_FROM = "产自|产于|种植于|种植在|养殖于|来自|系(?:由)?|原产于"
PROSE: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "award": {
        "title": re.compile(
            r"(?:荣获|获得|评为|授予|被评为)[\s:]*[《“\"]([^”》\"]{2,40})[”》\"](?:荣誉)?称号|"
            r"(?:荣获|获得|评为|授予|被评为)[\s:]*[《“\"]?"
            r"([^,。;《》“”\"]{2,40}(?:奖|称号|企业|产品|品牌|名牌|[一二三]等|冠军|第[一二三]名))"
        ),
    },
    "brand_authorisation": {
        "brand": re.compile(
            r"[“\"「『《]([^”\"」』》]{1,20})[”\"」』》]\s*(?:牌|品牌|商标|系列)|"
            r"(?:品牌|商标)[“\"「『《]([^”\"」』》]{1,20})"
        ),
        "holder": re.compile(
            r"授权(?!书|[方人])(?:给|予)?\s*([\u4e00-\u9fff()]{3,24}?(?:公司|店|商行|合作社|农场|部))"
        ),
    },
    "origin_record": {
        "place": re.compile(rf"(?:{_FROM})\s*:?([^,。;]{{3,40}}?)(?=[,。;]|$|种植|生产|出产|所产|自产)"),
        "product": re.compile(
            r"(?:生产|种植|出产|销售|养殖|供应)的\s*[“\"]?([^,。;“”\"]{2,16}?)[”\"]?\s*"
            rf"(?:[,，]|均|全部|是|为|{_FROM})"
        ),
    },
    "harvest_record": {
        "ships_within_hours": re.compile(r"(?:采后|采收后|采摘后)\s*(\d+\s*小时)(?:内)?(?:发货|发出|装车|出库)"),
    },
    "cold_chain_log": {
        "required_max_celsius": re.compile(
            r"(?:要求|规定|应|须|控制)\D{0,10}((?:≤|不高于|零下|-|低于)\s*\d+(?:\.\d+)?\s*(?:℃|°C|度)?)"
        ),
    },
    "aid_agreement": {
        "per_order_yuan": re.compile(rf"{_ORDER}[^。;]{{0,14}}?(\d+(?:\.\d+)?)\s*元"),
        "terms": re.compile(rf"([^。;\n]*?{_ORDER}[^。;\n]*元[^。;\n]*)"),
    },
}
_BODY = re.compile(
    r"[\u4e00-\u9fff()（）]{2,24}(?:检[测验疫]\w{0,6}(?:中心|公司|院|所|站|机构)|质检[所站院]|"
    r"认证(?:中心|有限公司|公司)|质量\w{0,8}(?:中心|院|所)|"
    r"(?:监督管理局|农业农村[局厅部]|农业委员会|知识产权局|市场监督管理总局|发展中心|动物卫生监督所|畜牧兽医局))$"
)
_SEAL = re.compile(r"\(?(?:盖章|公章|印章)\)?|[\s:]")


def find_prose(cells: Sequence[Cell], pattern: re.Pattern[str]) -> Value | None:
    """What a pattern's group finds, over line breaks too, and where the lines stand that it was found in."""
    text, owners = "", []
    for cell in cells:
        text += cell.text
        owners += [cell] * len(cell.text)
    match = pattern.search(text)
    if not match:
        return None
    group = next((number for number in range(1, match.re.groups + 1) if match[number]), 0)
    said = list(dict.fromkeys(owners[match.start(group) : match.end(group)]))
    page = said[0].page
    return Value(
        label="",
        text=match[group].strip(" :,。"),
        page=page,
        box=around([cell.box for cell in said if cell.page == page]),
        confidence=min(cell.confidence for cell in said) * GUESSED,
    )


def find_body(cells: Sequence[Cell], *, first: bool) -> Value | None:
    """The body that a line by itself names, the first of them or the last."""
    named = [(cell, text) for cell in cells if _BODY.fullmatch(text := _SEAL.sub("", cell.text))]
    if not named:
        return None
    cell, text = named[0 if first else -1]
    return Value(label="", text=text, page=cell.page, box=cell.box, confidence=cell.confidence * GUESSED)
