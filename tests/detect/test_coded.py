"""Coded speech in plain words: what is resolved, what is left alone, and where the words come to stand."""

from pathlib import Path

import msgspec
import pytest

from make import rule_book, transcript, utterance, word
from streamlens.detect.claims import find_claims
from streamlens.detect.coded import Coded, plain_words, read_coded, resolve
from streamlens.detect.rules import load_rules
from streamlens.detect.spoken import Spoken, speak
from streamlens.errors import RuleError
from streamlens.schema import Claim, Mentions, RuleBook, Segments
from streamlens.shipped import shipped


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")


def made(lines: str, folder: Path) -> RuleBook:
    path = folder / "coded.txt"
    path.write_text(lines, encoding="utf-8")
    sets = {"disease": ("糖尿病", "便秘")}
    return RuleBook(version="1", rules=(), sets=tuple(sets.items()), coded=read_coded(path, sets))


def plain(said: str, book: RuleBook) -> str:
    text, coded = resolve(speak(transcript(said)), book)
    return plain_words(text, coded, 0, len(text.text)) if text.text else ""


# ---- the shipped lexicon


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("喝了能降某压", "喝了能降血压"),
        ("某糖偏高的人", "血糖偏高的人"),
        ("三个高的朋友可以喝", "三高的朋友可以喝"),
        ("天天吃能保护心灵之窗", "天天吃能保护眼睛"),
        ("心灵之窗模糊的阿姨", "眼睛模糊的阿姨"),
        ("白大褂都推荐", "医生都推荐"),
        ("男人那方面不行多吃韭菜", "男人性功能不行多吃韭菜"),
        ("可以抗那个C的", "可以抗癌症的"),
        ("大姨妈不准的姐妹", "月经不准的姐妹"),
        ("跟小蓝片一样管用", "跟伟哥一样管用"),
        ("有蓝帽子认证", "有保健食品认证"),
        ("血Y高的叔叔", "血压高的叔叔"),
        ("原价128米", "原价128元"),
        ("卖了10w单", "卖了10万单"),
        ("加我薇信", "加我微信"),
        ("zui便宜的价格", "最便宜的价格"),
        # masked
        ("提高免某力", "提高免疫力"),
        ("提高免某疫力", "提高免疫力"),
        ("提高免谋力", "提高免疫力"),  # as recognisers write it
        ("提高免免力", "提高免疫力"),
        ("缓解便某秘", "缓解便秘"),
        ("保什么护血管", "保护血管"),
    ],
)
def test_codes_are_resolved(said: str, meant: str, book: RuleBook) -> None:
    assert plain(said, book) == meant


@pytest.mark.parametrize(
    "said",
    [
        "眼睛是心灵之窗",
        "有一首诗叫心灵之窗",
        "穿着白大褂的师傅在车间里",
        "一件白大褂多少钱",
        "他戴着蓝帽子在果园里",
        "我大姨妈家的橘子",
        "孩子英语那方面不行",
        "海拔1200米",
        "买5米布只要3米的钱",
        "一百米粉",
        "减什么肥啊，先吃饱",
        "治什么病，它就是个橘子",
        "某某人说的，某个地方，某种东西",
        "角膜炎",
        "天天向上，看看这个，高高兴兴",
        "糖人多少钱一个",
        "维生素C含量高",
        "随便米饭随便加",
        "步步高高压锅",
        "雪压断了大棚",
        "嗯高兴",
    ],
)
def test_innocent_words_stay(said: str, book: RuleBook) -> None:
    assert plain(said, book) == said


def claims(said: str, book: RuleBook) -> list[Claim]:
    found = find_claims(transcript(said, source="script.txt"), book, Segments(recording="r1"), Mentions(recording="r1"))
    return list(found.claims)


def test_a_claim_in_code_shows_both_words(book: RuleBook) -> None:
    (claim,) = claims("每天一杯能降某压。", book)
    assert (claim.kind, claim.stance, claim.quote, claim.heard) == (
        "health.disease",
        "asserted",
        "能降血压",
        "能降某压",
    )
    assert [step.message.code for step in claim.trace[:3]] == ["detect.heard", "detect.coded", "detect.matched.written"]
    assert dict(claim.trace[1].message.args) == {"coded": "某压", "plain": "血压"}
    assert claim.likeness is None  # nothing was misheard


@pytest.mark.parametrize("said", ["这个不能降某压的。", "有宝宝问能不能降某压。"])
def test_a_code_that_is_denied_or_asked_is_no_accusation(said: str, book: RuleBook) -> None:
    assert [claim.stance for claim in claims(said, book)] != []
    assert all(claim.stance != "asserted" for claim in claims(said, book))


def test_a_claim_takes_the_whole_coded_word(tmp_path: Path) -> None:
    (tmp_path / "coded").mkdir()
    coded = made("某压 = 血压", tmp_path / "coded").coded
    book = msgspec.structs.replace(rule_book(tmp_path, {"health.disease": 'patterns = ["能降血"]'}), coded=coded)
    (claim,) = claims("能降某压。", book)
    assert (claim.quote, claim.heard, claim.start_ms, claim.end_ms) == ("能降血压", "能降某压", 0, 1000)


# ---- places and times


def test_plain_words_take_the_times_and_places_of_the_coded(tmp_path: Path) -> None:
    book = made("某压 = 血压\n心灵之窗 = 眼睛\nab = 一二三", tmp_path)
    chars = "降某压，护心灵之窗"
    words = [word(char, n, n + 1) for n, char in enumerate(chars)]
    text, coded = resolve(speak(transcript(utterance(chars, 0, 9, words=words), "ab。好")), book)
    assert text.text == "降血压,护眼睛,一二三.好"
    assert [(each.said, each.plain) for each in coded] == [("某压", "血压"), ("心灵之窗", "眼睛"), ("ab", "一二三")]
    assert text.times(1, 3) == (1000, 3000)
    assert text.times(5, 7) == (5000, 9000)
    assert text.heard(5, 7) == "心灵之窗"
    assert text.heard(0, 7) == chars
    assert text.heard(8, 11) == "ab"
    assert plain_words(text, coded, 0, 7) == "降血压，护眼睛"
    assert plain_words(text, coded, 4, 5) == "护"
    assert text.ends == (11,)
    assert text.text[text.bare[0]] == ","
    lengths = {len(getattr(text, name)) for name in ("utterance", "offset", "start_ms", "end_ms", "probability")}
    assert lengths == {len(text.text)}


def test_nothing_coded_changes_nothing(book: RuleBook) -> None:
    text = speak(transcript("今天的土豆很好吃。"))
    assert resolve(text, book) == (text, ())
    empty: tuple[Spoken, tuple[Coded, ...]] = resolve(speak(transcript()), book)
    assert empty[0].text == ""


# ---- the file


@pytest.mark.parametrize(
    ("lines", "said", "meant"),
    [
        ("护[窗子] = 眼睛", "护窗子，擦窗子", "护眼睛，擦窗子"),
        ("护[窗子]框 =\n[窗子] = 眼睛", "护窗子框，窗子", "护窗子框，眼睛"),  # the exception stands first
        ("(护|养)~3[窗子]~2(好|亮) = 眼睛", "护你的窗子很好", "护你的眼睛很好"),
        ("窗子|窗户 = 眼睛", "窗子窗户", "眼睛眼睛"),
        ("# 窗子 = 眼睛\n\n窗户 = 眼睛", "窗子窗户", "窗子眼睛"),
        ("糖尿病", "糖某病，糖尿某病，糖母病", "糖尿病，糖尿病，糖尿病"),
        ("<disease>", "糖某病，便母秘，糖母病", "糖尿病，便秘，糖母病"),  # of a set only with a sure mask
        ("糖尿病\n糖大病", "糖某病", "糖某病"),  # could be either
        ("减月半 = 减肥", "减月 半", "减肥"),
    ],
)
def test_lines_of_the_file(lines: str, said: str, meant: str, tmp_path: Path) -> None:
    assert plain(said, made(lines, tmp_path)) == meant


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[窗子 = 眼睛", "brackets"),
        ("护[窗]护[子] = 眼睛", "brackets"),
        ("(窗子 = 眼睛", "bracket is not closed"),
        ("护<nothing>[窗子] = 眼睛", "unknown word set"),
        ("窗子! = 眼睛", "spoken form"),
        ("窗子 = 眼，睛", "spoken form"),
        ("窗子 = 眼", "one character for several"),
        ("眼", "too short"),
        ("<nothing>", "unknown word set"),
    ],
)
def test_a_bad_line_is_named(line: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=words) as error:
        made(f"# 头\n{line}", tmp_path)
    assert "coded.txt:2" in str(error.value)


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "coded.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleError, match="UTF-8"):
        read_coded(tmp_path / "coded.txt", {})
