"""What anchors do with words: ask, call on viewers to act, press, show. Told by wording, each where it is said.

These are no claims and accuse nobody; they are counts for the feature table. Speech is written as the recogniser
writes it, so figures stand beside numerals and punctuation is not to be trusted.
"""

import re
from collections.abc import Iterator
from functools import cache

from streamlens.schema import Utterance

_N = "[0-9一二两三四五六七八九十百千万几]"
_YOU = "(?:大家|你们|各位|宝宝们?|家人们?|朋友们?|姐妹们?|老铁们?|宝子们?|你)"
_SEE = "(?:看一?看|看一下|看看|看|瞧一?瞧|瞅瞅|瞅)"
_PAPER = "(?:检测报告|检验报告|质检报告|农残报告|报告单?|检测单|合格证|证书|证件|资质|执照|许可证|批文)"
_ASKS_BACK = (
    "对不对|是不是|好不好|行不行|要不要|想不想|有没有|能不能|可不可以|喜不喜欢|爱不爱吃|香不香|甜不甜|大不大|"
    "知不知道|懂不懂|值不值|划不划算|便不便宜|够不够|是吧|对吧|好吧|好吗|对吗|是吗|行吗|可以吗|知道吗|"
    "看到了?吗|看见了?吗|看得?到吗|听到了?吗|听见了?吗|听得?到吗|明白了?吗|喜欢吗|想要吗|吃过吗|见过吗|准备好了?吗|"
    "(?:看到|看见|听到|听见|拍到|抢到|明白|准备好)了?没有?"
)

CUES: dict[str, str] = {
    "calls_follow": (
        "(?:点|点个|点点|点一点|点一下|点下|点亮|加|加个|加一下|给)(?:一?[个下波])?(?:我们?|咱们?|主播)?(?:的)?"
        "(?:屏幕)?(?:左上角|右上角|左上方|上方|上面|头像)?(?:的|那个|这个)?"
        "(?:免费的?)?(?:小)?(?:关注|红心|爱心|心心|小心心|点?赞(?!助)|粉丝团|粉丝灯牌|灯牌)"
        "|关注(?:一下|一波|一个|走一波|我们|主播|咱们?|点一点|点起来|点上|起来|直播间)|没(?:有)?(?:点|加)关注的|双击屏幕"
        "|(?:转发|分享)(?:一下|一波)?(?:我们|咱们)?(?:的)?(?:直播间|给|出去)|(?:进|加)(?:一?下|个)?(?:我们|主播)?(?:的)?粉丝群"
    ),
    "calls_reply": (
        rf"(?:扣|抠|敲)(?:一?[个波]|一下)?{_N}{{1,4}}(?![0-9块元斤折年月日号下个分毫遍])"
        "|(?:打|刷|飘)(?:一?[个波])?(?:1|一|6{1,4}|666|想要|要|已拍|拍了|新人|新来)(?![0-9一二块元斤折年月日号下个分包箱送点])"
        "|扣(?:一?[个波]|一下)?(?:想要|要|已拍|拍了|新人|新来|需要)"
        "|(?:打在|发在|扣在|写在)(?:公屏|评论区|弹幕)|(?:公屏|评论区)(?:上|里)?(?:扣|打|刷|敲|留言|告诉|回复|说|问)"
        "|(?:弹幕|评论)(?:刷|扣|打)(?:起来|一波)"
    ),
    "calls_buy": (
        "(?:赶紧|抓紧|赶快|快点?|直接|马上|现在|可以|放心|闭眼|大胆|尽管|速度|立刻)(?:去|来|时间|的)?(?:去|来)?"
        "(?:拍(?!摄|照|视频|子|电影)|下单|抢|上车|冲|入手|囤|带走|付款)"
        "|想要的(?:宝宝|家人|朋友|姐妹|老铁)?们?(?:就|可以)?(?:赶紧|抓紧|赶快)"
        f"|(?:去|来)(?:拍(?!摄|照|视频)|下单|抢购|囤货?)|拍(?:起来|下去|{_N}(?:单|份|箱|件|组|袋|盒|斤))|拍[1-9一二三四五六七八九]号"
        "|(?:点|戳)(?:击|开|一下|进|点)?(?:屏幕)?(?:左下角|右下角|下方|下面|左下方)?(?:的|那个|这个)?(?:小黄车|购物车|购物袋|链接|橱窗)"
        "|(?:3|三)[,，、]?(?:2|二)[,，、]?(?:1|一)[,，、。]?(?:上|开|给我|准备)|上(?:小黄车|链接|车)(?!上)|开抢|开拍"
    ),
    "scarcity_talk": (
        f"(?:只|就|仅)(?:剩|剩下|有|限|给|放|上)(?:了|最后|这)?(?:这|最后)?{_N}+(?:来)?(?:单|份|箱|件|组|盒|袋|个名额|瓶|套)"
        f"|(?:还|只)剩(?:下)?(?:最后)?(?:的)?{_N}+|(?:最后|仅剩)(?:的|这)?{_N}*(?:单|份|箱|件|组|盒|袋|波|批|场|点|分钟|秒)"
        f"|库存(?:只|就|不多|有限|告急|{_N})|限量|限时|限购|手慢(?:就)?无|(?:抢|卖|拍|秒)(?:完|光|空)(?:了)?(?:就|没|不)|秒没"
        "|没货了|断货|售罄|(?:就要|马上|要|就)下架|错过(?:了|就|今天|今晚|这|要)|不返场|不补货|不再补|倒计时|拼手速"
        "|(?:过了|仅限)(?:今天|今晚|这场|本场)|(?:恢复|涨回)原价"
    ),
    "price_talk": (
        r"\d+(?:\.\d+)?(?:块|元)(?!头)|[二三四五六七八九十百千]{1,4}块(?:[一二三四五六七八九]|钱)|[一二三四五六七八九]毛"
        "|到手价|直播价|福利价|秒杀价|成本价|批发价|出厂价|专柜价|市场价|原价|价格|价钱|优惠|便宜|划算|实惠|性价比|不贵|"
        f"打{_N}+(?:点{_N}+)?折|打[1-9](?:\\.\\d)?折|包邮|立减|券后|领券|优惠券|多少钱|亏本|破价|改价|买{_N}送{_N}|第二件"
    ),
    "shown_opened": (
        "(?:切|掰|剥|敲|砸|撕|剪|挖|削|劈)(?:开|破|一个|一颗)(?!心|玩笑)|打开(?:一[个包箱袋盒瓶])?(?:给|让)?"
        f"{_YOU}{_SEE}|(?:现场|当场|随便)(?:给{_YOU})?(?:开|拆)(?:一?[个箱包袋盒])|开箱|拆箱|拆开"
    ),
    "shown_weighed": (
        "(?:过|上|放|摆)(?:一?下|到|在)?(?:电子)?(?:秤|称)(?:上)?|(?:称|秤)(?:一下|一称|一秤|给|个重|重量)|电子秤|"
        "测(?:一下|一测|个)?(?:糖|糖度|甜度)|糖度(?:计|仪)|测糖仪|(?:拿|用)(?:尺子|卡尺|圈尺|果径)|量(?:一下|一量|给)"
    ),
    "shown_papers": (
        f"(?:看|瞧|拿|摆|贴|挂|放|出示|展示|扫|打开|翻)[^，。？！,.?!]{{0,12}}{_PAPER}"
        f"|{_PAPER}[^，。？！,.?!]{{0,6}}(?:在这|给{_YOU}|给镜头|拿给|拿过来|摆在|贴在|挂在|看一下|看一看|看看|放在)"
    ),
    "shown_close": (
        f"(?:给|让|带){_YOU}{_SEE}|{_YOU}(?:都|来|先|再|仔细|好好|可以)?{_SEE}(?:一下)?"
        "(?:这|我|它|里面|果|肉|颜色|汁|色泽|个头|品相|大小|细节|镜头)|(?:看|瞅)(?:一下)?这(?:个|颗|只|块|袋|瓶|一)|(?:镜头|手机)(?:拉近|推近|近一?点|给近)|凑近"
    ),
}
_CALLS = ("calls_follow", "calls_reply", "calls_buy")
_NOT_TO = re.compile(
    "(?:(?:别|不要|不用|先不|甭|不着急|不急着|不能|不让|没法)[^，。？！,.?!]{0,3}|(?:谢谢|感谢)[^，。？！,.?!]{0,8})$"
)
_SENTENCE = re.compile("[^。？！?!]+[。？！?!]*")
_RETOLD = re.compile(
    "(?:人|宝宝|家人|朋友|姐妹|老铁|粉丝|大哥|大姐|姐姐|哥哥|网友|公屏上?|评论区里?)们?(?:在|都在|都|又|还|刚才|刚刚|就)?"
    "(?:问|说(?=[^，。？！]{0,12}(?:吗|[?？]|([\u4e00-\u9fff])不\\1)))(?!题)|(?:问我|问主播|问一下)"
)
_ASKED = re.compile(
    f"(?:{_ASKS_BACK})(?:[啊呀呢嘛哈]|各位|大家|宝宝们?|家人们?)*$|吗$|(?:^|[，,])(?:大家|你们|咱们?)?有没有[^，。]{{1,15}}的$"
)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(CUES[name])


def cues(utterance: Utterance) -> Iterator[tuple[str, int]]:
    """(which, when in ms) for all that an utterance does, by the columns' names."""
    text = utterance.text
    for name in CUES:
        for match in _pattern(name).finditer(text):
            if name not in _CALLS or not _NOT_TO.search(text[: match.start()]):
                yield name, moment(utterance, match.start())
    for match in _RETOLD.finditer(text):
        yield "questions_read", moment(utterance, match.start())
    for match in _SENTENCE.finditer(text):
        bare = match.group().rstrip("。？！?!，, ")
        asked = set(match.group()[len(bare) :]) & set("？?") or _ASKED.search(bare)
        if asked and not _RETOLD.search(bare):
            yield "questions_put", moment(utterance, match.start())


def moment(utterance: Utterance, place: int) -> int:
    """When the character at a place of an utterance's text is spoken: its word's start."""
    passed = 0
    for word in utterance.words:
        passed += len(word.text)
        if passed > place:
            return min(max(word.start_ms, utterance.start_ms), utterance.end_ms - 1)
    share = place / max(len(utterance.text), 1)
    return utterance.start_ms + int((utterance.end_ms - utterance.start_ms - 1) * share)
