"""Nobody is named: viewers and orders become keyed hashes, and what names or places a person in a text is masked.

A keyed hash (BLAKE2b, RFC 7693) cannot be turned back by hashing all names, as a plain one can; with the workspace's
key the same viewer has the same pseudonym in every recording of it.
"""

import hashlib
import re
from collections.abc import Collection

_NO_ID = frozenset({"", "0", "-1", "null", "none", "undefined", "nan"})  # what recorders put for none
_MASKED = re.compile(r"[*＊•●]{1,}|^(?:匿名用户|匿名|神秘人|游客)\d*$")
_NUMERALS = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_DIGITS = str.maketrans("０１２３４５６７８９" + _NUMERALS, "0123456789" + "001234567891123456789")
_WIDE = str.maketrans("０１２３４５６７８９＠", "0123456789@")

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[-  .]?\d){8}(?!\d)")
_MASKS = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}", re.ASCII), "[邮箱]"),
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "[证件号]"),
    (re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"), "[电话]"),
    (
        re.compile(
            r"(?:微信|威信|薇信|v信|vx|wx|wechat|weixin|加v|加我v|加薇|加微|企鹅|扣扣|qq群?)(?:号|群)?\s*[:：是]?\s*"
            r"(?P<id>[a-z0-9][-_a-z0-9]{4,19})",
            re.IGNORECASE | re.ASCII,
        ),
        "[账号]",
    ),
    (re.compile(r"(?<!\d)\d{9,}(?!\d)"), "[号码]"),
    (
        re.compile(
            r"[\u4e00-\u9fff]{0,16}(?:路|街|巷|弄|大道|胡同|小区|花园|家园|苑|村|公寓|大厦|社区|屯|组)"
            r"[\u4e00-\u9fff]{0,4}\d{1,5}(?:号楼|号院|号(?!链接|商品|品|货|产品|宝贝|机|库|橱窗)|栋|幢|弄|单元|室)"
            r"[-\d\u4e00-\u9fff]{0,12}"
        ),
        "[地址]",
    ),
    (
        re.compile(
            r"[\u4e00-\u9fff]{2,8}省?[\u4e00-\u9fff]{2,8}[市州][\u4e00-\u9fff]{1,8}[区县市][\u4e00-\u9fff\d]{2,16}[镇乡村路街]"
            r"[-\d\u4e00-\u9fff]{0,12}"
        ),
        "[地址]",
    ),
)
_MENTION = re.compile(r"@(?P<name>[^\s@,，。.!！?？:：;；、]{1,24})")
_NOT_PERSONS = ("主播", "客服", "小助手", "助手", "老板", "官方", "所有人", "全体", "运营", "场控", "商家")


class Pseudonyms:
    """`key` is secret; `anchor` may be named in texts, being no viewer."""

    def __init__(self, key: bytes, anchor: str = "") -> None:
        self._key = hashlib.blake2b(key).digest()
        self._public = (*([anchor] if anchor else []), *_NOT_PERSONS)

    @property
    def digest(self) -> str:
        """Tells keys apart and does not tell them."""
        return self._hash("key", "", 16)

    def viewer(self, uid: str, name: str) -> str:
        """16 hex digits for an id, else for a name; "" for what many share (牛***, 匿名用户, id 0)."""
        uid, name = uid.strip(), name.strip()
        if uid.lower() not in _NO_ID and not _MASKED.search(uid):
            return self._hash("id", uid)
        return self._hash("name", name) if name and not _MASKED.search(name) and name.lower() not in _NO_ID else ""

    def order(self, number: str) -> str:
        return self._hash("order", number.strip()) if number.strip() else ""

    def masked(self, text: str, names: Collection[str] = ()) -> str:
        """The text without persons: @names (`names`, else up to a space or mark), numbers, accounts and addresses.

        >>> Pseudonyms(b"k").masked("@小李 收到，加微信abc12345或打13800138000，@主播 几斤")
        '@… 收到，加微信[账号]或打[电话]，@主播 几斤'
        """
        plain = text.translate(_WIDE)
        if not _SUSPECT.search(plain):
            return text
        spans = [(match.start(), match.end(), "[电话]") for match in _PHONE.finditer(text.translate(_DIGITS))]
        for pattern, mask in _MASKS:
            for match in pattern.finditer(plain):
                group = "id" if "id" in pattern.groupindex else 0
                spans.append((match.start(group), match.end(group), mask))
        for match in _MENTION.finditer(plain):
            said = match["name"]
            if not said.startswith(self._public):
                size = next((n for n in range(len(said), 0, -1) if said[:n] in names), len(said))
                spans.append((match.start(), match.start() + 1 + size, "@…"))
        return _replaced(text, spans)

    def _hash(self, kind: str, value: str, size: int = 8) -> str:
        data = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=size).hexdigest()


# at least one of these is in whatever is masked
_SUSPECT = re.compile(
    rf"@|\d{{5}}|[\d{_NUMERALS}](?:[- .]?[\d{_NUMERALS}]){{8}}|[微威薇]信|[vw]信|vx|wx|we|加[v薇微我]|企鹅|扣扣|qq"
    r"|[区县市][^\s]*[镇乡村路街]|\d[号栋幢弄单室]",
    re.IGNORECASE,
)


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    """Each stretch by its mask; of those that overlap the one that begins first, the longer one."""
    out, at = [], 0
    for start, end, mask in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            out += [text[at:start], mask]
            at = end
        elif end > at:  # reaches further than the one before it
            at = end
    return "".join([*out, text[at:]])
