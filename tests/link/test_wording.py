"""What anchors do with words. Everyday sentences, and those that only look alike."""

import pytest

import make
from streamlens.link.wording import CUES, cues

DO = {
    "calls_follow": [
        "新来的朋友左上角点个关注，以后回家方便找我",
        "没点关注的姐妹先把关注点一点",
        "大家手里的小红心帮我点一点，点点赞",
        "加一下我们的粉丝团，明天还有福利",
        "麻烦把直播间分享给身边爱吃水果的朋友，转发一下直播间",
    ],
    "calls_reply": ["想要的扣1", "听明白的公屏上扣个明白", "要两箱的打在公屏上", "想试试的给我扣个666", "已经买到的评论区里留言"],
    "calls_buy": [
        "喜欢的赶紧去拍",
        "来，三二一上链接",
        "点一下下方的小黄车，第二个就是",
        "放心拍，坏了算我的",
        "家里人多的直接拍两份",
        "现在下单今天就走",
    ],
    "scarcity_talk": ["只剩三十单了", "这是今年最后一批", "库存不多，手慢无", "错过今天就要等明年了", "我就放50份，抢完就没了", "倒计时五秒"],
    "price_talk": ["今天29.9元两斤", "六十八块钱一箱", "这个价格真的很划算", "给大家打个八折，包邮", "专柜卖多少钱你们清楚"],
    "shown_opened": ["我现场切开一个给大家看", "来，掰开看看里面的肉", "这箱是刚从库里搬出来的，当场开箱"],
    "shown_weighed": ["放到秤上，五斤三两", "我拿测糖仪测一下甜度", "给你们称一下够不够"],
    "shown_papers": ["检测报告给大家看，就在我手上", "来看一下我们的质检报告", "把证书拿过来给镜头"],
    "shown_close": ["大家看这个果皮多薄", "镜头拉近一点", "给你们看看里面的颜色"],
    "questions_put": ["这个颜色好不好看，大家说是不是", "有没有吃过这种老品种的", "你们那边下雪了吗", "看到了没有", "这么大个要不要？"],
    "questions_read": ["有宝宝问能不能放冰箱", "刚才有人问几天能到", "公屏上在问有没有小份的"],
}  # fmt: skip
DO_NOT = {
    "calls_follow": ["感谢大家一直关注农产品", "我们关注的是品质", "谢谢各位的点赞支持不容易"],
    "calls_reply": ["今天扣掉运费五块", "打一个鸡蛋进去", "给你打八折", "扣3分那次我记得"],
    "calls_buy": ["先别拍，价格还没改", "这个视频是昨天拍的", "去年我来这里拍摄过", "不要着急下单"],
    "scarcity_talk": ["最后我们说一下怎么保存", "库里常年有货", "我们不限制产量"],
    "price_talk": ["两块地挨着", "切成一块一块的", "大家一块儿吃", "石头块很多"],
    "shown_opened": ["特别开心", "打开冰箱放进去就行", "不开玩笑"],
    "shown_weighed": ["人称水果之王", "我们称它为山里的宝", "名称写在袋子上"],
    "shown_papers": ["每一批都有检测报告", "我们证件齐全", "合格才发货"],
    "shown_close": ["大家看得起我", "看这天气要下雨"],
    "questions_put": ["这个特别甜", "好吃的不得了", "有人问甜不甜"],
    "questions_read": ["没有问题的", "售后问客服就行", "大家问候一下"],
}  # fmt: skip


def done(text: str) -> set[str]:
    return {name for name, _ in cues(make.utterance(text))}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in DO.items() for text in texts])
def test_it_is_heard(name: str, text: str) -> None:
    assert name in done(text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in DO_NOT.items() for text in texts])
def test_it_is_not_taken_for_it(name: str, text: str) -> None:
    assert name not in done(text)


def test_every_cue_has_examples_of_both_kinds() -> None:
    assert {*CUES, "questions_put", "questions_read"} == DO.keys() == DO_NOT.keys()


def test_a_cue_is_dated_by_its_own_words() -> None:
    words = [make.word(char, 10 + n, 11 + n) for n, char in enumerate("很甜想要的扣1")]
    said = make.utterance("很甜想要的扣1", 10, 17, words=words)
    assert list(cues(said)) == [("calls_reply", 15_000)]
    assert next(iter(cues(make.utterance("很甜想要的扣1", 10, 17))))[1] == pytest.approx(15_000, abs=100)
