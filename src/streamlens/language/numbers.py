"""Numbers and shares as Chinese speech and writing have them: 两千五, 3万5, 一百零八万, 三分之一, 七成六, 八五折.

`value` reads one numeral; `numbers` and `percents` find them in a text that language.plain has made (simplified,
half-width). What is no number although it is written with numerals (一样, 四川, 千万别) is left out.
"""

import re
from collections.abc import Iterator

from ..schema import Record

NUMERAL = "[零一二三四五六七八九十百千万亿两半点几多余]+"
_ABOUT = re.compile("([一二两三四五六七八])([二两三四五六七八九])(?=[十百千万亿]|$)")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_DIGITS |= {str(value): value for value in range(10)}
_SIZES = {"兆": 10**12, "亿": 10**8, "万": 10**4, "千": 1000, "百": 100, "十": 10}
FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟俩", "一二三四五六七八九十百千两")
_WRITTEN = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|\.\d+")


def value(numeral: str, *, most: bool = False) -> float | None:
    """The number that a numeral means; of 五十多 and 两三 the least, or of 两三 the `most`; None where it is not one.

    >>> value("二十四"), value("一百零五"), value("两万五"), value("十二点五"), value("五十多"), value("二零二六")
    (24.0, 105.0, 25000.0, 12.5, 50.0, 2026.0)
    >>> value("两三"), value("两三", most=True), value("七八十"), value("十五六"), value("一点二万"), value("3万5")
    (2.0, 3.0, 70.0, 15.0, 12000.0, 35000.0)
    """
    text = re.sub("[几多余]", "", numeral.translate(FORMAL)).replace("廿", "二十").replace("卅", "三十")
    if text in ("半", "半百"):
        return 0.5 if text == "半" else 50.0
    half, text = (0.5, text[:-1]) if text.endswith("半") else (0.0, text)
    whole, point, fraction = text.partition("点")
    if len(text) == 2 or re.search("[十百千万亿]", text):  # not the digits of a year or a code
        whole = _ABOUT.sub(lambda pair: _one_of(pair, most=most), whole)
    size = next((size for char, size in _SIZES.items() if size > 10 and fraction.endswith(char)), 1)
    fraction = fraction[:-1] if size > 1 else fraction
    number = _whole(whole) if whole else None
    if number is None or not all(char in _DIGITS and char != "两" for char in fraction):
        return None
    if point and not fraction and whole in ("零", "〇"):
        return None
    if fraction:
        number += float("0." + "".join(str(_DIGITS[char]) for char in fraction))
        number = round(number * size, max(6, len(fraction)))
    return number + half


def _one_of(pair: re.Match[str], *, most: bool) -> str:
    """两三 and 三五 are one number that is not known exactly; 二八 are two digits."""
    low, high = _DIGITS[pair.group(1)], _DIGITS[pair.group(2)]
    if high != low + 1 and (low, high) != (3, 5):
        return pair.group()
    return pair.group(2 if most else 1)


def _whole(text: str) -> float | None:
    for char, size in _SIZES.items():
        head, mark, tail = text.rpartition(char)
        if not mark:
            continue
        if size < 10_000 and re.search("[十百千]", head):
            return None  # 十一十二 are two numbers
        left = 1.0 if head in ("", "零") else _whole(head)
        # 两万五 is 25,000: a bare digit after a unit counts the next lower one
        bare = size >= 100 and tail in _DIGITS and tail not in "零〇0"
        right = _DIGITS[tail] * size / 10 if bare else _whole(tail) if tail else 0.0
        return None if left is None or right is None else left * size + right
    if _WRITTEN.fullmatch(text):
        return float(text.replace(",", ""))
    if text and all(char in _DIGITS for char in text):
        return float("".join(str(_DIGITS[char]) for char in text))
    if text[:1] in ("零", "〇"):
        return _whole(text[1:])
    return None


# ---- in a text


class Number(Record, frozen=True, kw_only=True):
    """A number at text[start:end]; not `exact`: 五百多, 十几万 (then at least `value`)."""

    value: float
    start: int
    end: int
    exact: bool = True


_DIGIT = "零〇一二三四五六七八九两俩廿卅壹贰叁肆伍陆柒捌玖"
_UNIT = "十百千万亿兆拾佰仟"
_N = _DIGIT + _UNIT
_FIGURE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![\d.])\.\d+"
# characters of one numeral; a pause inside it only beside a unit or a point (7 万5 千, 四百 点 五)
_RUN = (
    rf"(?:半百|(?:{_FIGURE}|[{_N}])(?:\s*[{_UNIT}几多余]|\s*点\s*(?=[{_DIGIT}\d])"
    rf"|(?<=[{_UNIT}几多余])\s+(?:{_FIGURE}|[{_DIGIT}几])|[{_DIGIT}]|(?<=[{_N}点几])(?:{_FIGURE})|(?<=\s)\d+)*+)"
)
_SIGN = r"(?:负|(?<![a-z\d.\-])[+-]+)\s*"
_FRACTION = re.compile(
    rf"(?P<minus>负)?(?:(?P<whole>{_RUN})\s*又\s*)?(?P<under>负?{_RUN})\s*分\s*之\s*(?P<over>负?{_RUN})"
    r"|(?P<sign>-)?(?:(?P<w>\d+)\s+)?(?P<o>\d+)/(?P<u>\d+)"
)
_POWER = re.compile(rf"(?P<sign>{_SIGN})?(?P<base>{_FIGURE})(?:\^(?P<power>[+-]*\d+)|e(?P<ten>[+-]?\d+)(?![a-z]))")
_PLAIN = re.compile(rf"(?P<sign>{_SIGN})?(?P<run>{_RUN})(?P<times>\s*[km](?![a-z])|打(?![开折包完电个扮算造击扰扫]))?")
_DOTTED = re.compile(r"\d+(?:\.\d+){2,}")
_DIGITS_ONLY = re.compile(r"\d+")
_ADDRESS = re.compile(r"https?://\S+")
_TIMES = {"k": 1000.0, "m": 1_000_000.0, "打": 12.0}
# words and places with a numeral in them that counts nothing
_NO_NUMBER = re.compile(
    "(?<![十百千万亿零〇])[一壹](?:[样起定直般些切看下旦概贯律致向再味时边面同路心共听说来旁辈生如级品流方带模手口举]|会儿?|点儿?(?![钱零一二三四五六七八九两壹贰叁肆伍陆柒捌玖\\d])|开始|辈子)"
    "|(?:第|唯|统|之|万|专|均)一(?![个十百千万名次])|十[足分](?!钱)|千万(?=[别不要记])|万[能分岁全]|百[合姓货科搭色般变灵家]|千[禧秋金古]"
    "|四[川季处面周方]|三[亚峡文角明黄七国餐农](?!百)|九[江寨龙]|八[达宝方角]|五[常花香星谷湖官仁](?!个)|六[安神月]|七[彩夕]"
    "|大[陆伍]|[登着海内]陆|陆[地续空军]|海陆空|[队退入]伍|伍仁|[收夕捡]拾|拾[取起到]|放肆|[咱你我他她它]俩|肆[意无]|两[两岸侧旁边者](?!千)|十全|半天"
    r"|(?<=[\u4e00-\u9fff])[一两](?=美[元刀])|^[一两](?=美[元刀])|(?<=[阳光])九九"
)
_ALONE = "伍陆肆拾"  # by themselves these are parts of words, 叁 and 柒 are not
_BARE_UNITS = re.compile("[多余几]+|[百千万亿兆佰仟]+")
_NO_PERCENT = "[百千万佰仟]+"  # before 分之: a share, where 一百分之二 is a fraction
_SHARE_WORD = re.compile("[成折](?![功立本年熟品长都交分人果为员就绩型衣])")


def numbers(text: str) -> Iterator[Number]:
    """Every number in a plain text, in order: not the shares that `percents` finds with 折 or 成.

    >>> [number.value for number in numbers("三分之一是1.5万，负32，一样的两千五")]
    [0.3333333333333333, 15000.0, -32.0, 2500.0]
    """
    blocked = [match.span() for pattern in (_NO_NUMBER, _ADDRESS) for match in pattern.finditer(text)]
    shares = [(share.start, share.end) for share in percents(text)]
    blocked += [(start, end) for start, end in shares if re.search("[成折%]", text[start:end])]
    at = 0
    while at < len(text):
        over = next((end for start, end in blocked if start <= at < end), None)
        if over is not None:
            at = over
            continue
        found = _fraction(text, at) or _power(text, at) or _number(text, at, blocked)
        if found:
            yield found
        at = found.end if found else at + 1


def _fraction(text: str, at: int) -> Number | None:
    match = _FRACTION.match(text, at)
    if not match or (at and text[at - 1].isdigit()):
        return None
    if match["o"]:
        under, over, whole = float(match["u"]), float(match["o"]), float(match["w"] or 0)
        sign = -1 if match["sign"] else 1
    else:
        if re.fullmatch(_NO_PERCENT, "".join(match["under"].split())):
            return None  # 百分之五: a share
        parts = [_signed(match[name] or "零") for name in ("under", "over", "whole")]
        if None in parts:
            return None
        under, over, whole = (part or 0.0 for part in parts)
        sign = -1 if match["minus"] and not match["under"].startswith("负") else 1
    if not under:
        return None
    return Number(value=sign * (whole + over / under), start=at, end=match.end())


def _signed(run: str) -> float | None:
    number = value("".join(run.removeprefix("负").split()))
    return number if number is None or not run.startswith("负") else -number


def _power(text: str, at: int) -> Number | None:
    match = _POWER.match(text, at)
    if not match:
        return None
    base = float(match["base"].replace(",", ""))
    if match["ten"]:
        number = base * 10.0 ** int(match["ten"])
    else:
        power = match["power"]
        number = base ** ((-1) ** power.count("-") * int(power.lstrip("+-")))
    return Number(value=_turned(number, match["sign"]), start=at, end=match.end())


def _turned(number: float, sign: str | None) -> float:
    return -number if sign and (sign.count("-") + sign.count("负")) % 2 else number


def _number(text: str, at: int, blocked: list[tuple[int, int]]) -> Number | None:
    part_of = at > 1 and text[at - 1] == "." and text[at - 2].isdigit()
    if match := _DOTTED.match(text, at) or (_DIGITS_ONLY.match(text, at) if part_of else None):
        whole = match.group().partition(".")[0]  # 127.0.0.1: its parts one by one
        return Number(value=float(whole), start=at, end=at + len(whole))
    match = _PLAIN.match(text, at)
    if not match:
        return None
    start, run = match.start("run"), match["run"]
    limit = min((a for a, _ in blocked if a > start), default=len(text))
    part, number = _longest(run[: limit - start])
    if number is None or part in _ALONE:
        return None
    stop, times = start + len(part), match["times"] if part == run else None
    if times:
        number, stop = number * _TIMES[times.strip()], match.end()
    exact = not re.search("[几多余]", part) and not re.match("[多来余]", text[stop:])
    return Number(value=_turned(number, match["sign"]), start=at, end=stop, exact=exact)


def _longest(run: str) -> tuple[str, float | None]:
    """The longest beginning of a run that is one number (七十百 begins with 七十), and that number."""
    for end in range(len(run), 0, -1):
        part = run[:end]
        bare = "".join(part.split())
        if part == part.rstrip() and bare[-1] != "点" and not _BARE_UNITS.fullmatch(bare):
            number = value(bare)
            if number is not None:
                return part, number
    return "", None


_TENTHS = re.compile(
    rf"(?P<half>半)\s*[成折]|(?P<number>\d+(?:\.\d+)?(?:\s\d)?|十|[{_N}](?:\s*点?\s*[{_N}])?)\s*(?P<sort>[成折])(?:\s*(?P<more>[{_N}]|半))?"
    r"|(?<=打)(?P<even>对折)"
)
_OF_HUNDRED = re.compile(
    rf"(?P<sign>{_SIGN})?(?:(?P<figure>{_RUN})\s*%"
    rf"|(?<![{_N}\d])(?P<base>{_NO_PERCENT})\s*分\s*之\s*(?P<minus>负)?(?P<part>{_RUN})(?P<k>\s*k)?"
    rf"|(?P<points>{_RUN})\s*(?P<pk>k)?\s*个\s*百\s*分\s*点)"
)


def percents(text: str) -> Iterator[Number]:
    """Every share in a plain text as a fraction of one, in order: 百分之五, 7.5%, 三个百分点, 七成六, 打八折, 打对折.

    >>> [share.value for share in percents("打八五折，百分之五的人，七成六")]
    [0.85, 0.05, 0.76]
    """
    plain = text.translate(FORMAL)
    blocked = [match.span() for match in _ADDRESS.finditer(plain)]
    for match in sorted((*_TENTHS.finditer(plain), *_OF_HUNDRED.finditer(plain)), key=lambda match: match.start()):
        if any(start <= match.start() < end for start, end in blocked):
            continue
        share = _tenths(match, plain) if match.re is _TENTHS else _hundredths(match)
        if share is not None:
            yield Number(value=round(share, 12), start=match.start(), end=match.end())


def _tenths(match: re.Match[str], text: str) -> float | None:
    if match["even"]:
        return 0.5
    if match["half"]:
        return 0.5 if match.group().endswith("折") else 0.05
    end = match.end("sort")
    if not _SHARE_WORD.match(text, end - 1) or (match.start() and text[match.start() - 1] in _N + ".点0123456789"):
        return None
    bare = "".join(match["number"].split())
    number = value(bare)
    if number is None or (match["more"] and match["sort"] == "折"):
        return None if number is None else _of_ten(number, bare)
    more = 0.0 if not match["more"] else 0.5 if match["more"] == "半" else value(match["more"]) or 0.0
    if match["sort"] == "折" and number == 10:
        return None  # no discount at all
    return _of_ten(number, bare) + more / 100 * (10 if match["more"] == "半" else 1)


def _of_ten(number: float, written: str) -> float:
    """八折 is 0.8, 八五折 and 85折 0.85."""
    return number / 100 if number > 10 and "点" not in written and "." not in written else number / 10


def _hundredths(match: re.Match[str]) -> float | None:
    run = "".join((match["figure"] or match["part"] or match["points"]).split())
    if any(_one_of(pair, most=False) != pair.group() for pair in _ABOUT.finditer(run.partition("点")[0])):
        return None  # 百分之二三十: not one number
    number = 100.0 if run == "百" else _longest(run)[1]
    if number is None:
        return None
    if match["k"] or match["pk"]:
        number *= 1000
    base = value("".join(match["base"].split())) if match["base"] else 100.0
    return _turned(number / (base or 100.0), match["minus"] or match["sign"])
