"""Questions and complaints in comments, and what became of them."""

import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

import make
from streamlens.detect.comments import read_comment
from streamlens.detect.questions import QuestionOptions, failing_cases, find_questions
from streamlens.detect.rules import load_rules
from streamlens.detect.topics import compiled, load_topics
from streamlens.errors import RuleError
from streamlens.schema import (
    Audience,
    Comment,
    Fact,
    Facts,
    Findings,
    Mentions,
    Part,
    Questions,
    Recording,
    Segment,
    Segments,
    Stretch,
    TopicBook,
    Transcript,
)
from streamlens.shipped import shipped

ROOT = Path(__file__).parents[2]
CATALOGUE = make.catalogue(
    make.product("MG", "贵妃芒果", link=1, aliases=["芒果"]), make.product("XJ", "白对虾", link=2, aliases=["对虾"])
)


@pytest.fixture(scope="module")
def topics() -> TopicBook:
    configs = shipped("configs")
    rules = load_rules(configs / "rules", configs / "lexicon")
    return load_topics(configs / "questions", configs / "complaints", rules.sets)


def comments(*rows: tuple[float, str]) -> Audience:
    return Audience(
        recording="r1",
        comments=tuple(
            Comment(id=f"c{n}", at_ms=round(at * 1000), viewer=f"v{n}", text=text) for n, (at, text) in enumerate(rows)
        ),
    )


def found(
    topics: TopicBook,
    audience: Audience,
    *said: tuple[float, str],
    transcript: Transcript | None = None,
    facts: tuple[Fact, ...] = (),
    options: QuestionOptions | None = None,
    findings: Findings | None = None,
) -> Questions:
    spoken = transcript or make.transcript(*(make.utterance(text, at) for at, text in said))
    segments = (
        Segment(product="MG", start_ms=5000, end_ms=200_000, confidence=1.0),
        Segment(product="XJ", start_ms=200_000, end_ms=600_000, confidence=1.0),
    )
    part = Part(name="a", start_ms=0, duration_ms=600_000, size=1, digest="", has_video=False, container="")
    return find_questions(
        Recording(id="r1", parts=(part,), duration_ms=600_000),
        audience,
        CATALOGUE,
        spoken,
        Segments(recording="r1", segments=segments),
        Mentions(recording="r1"),
        Facts(recording="r1", facts=facts),
        findings or Findings(recording="r1", rules_version="", coverage=1.0),
        topics,
        options=options,
    )


def test_the_cases_beside_the_topics_hold(topics: TopicBook) -> None:
    assert failing_cases(topics) == ()
    asked = {case.asks.partition(".")[0] for case in topics.asked}
    assert {aspect.topic for aspect in topics.aspects} <= asked, "a topic without a case"
    assert all({case.complains for case in kind.cases} == {True, False} for kind in topics.complaints)


def test_a_case_that_does_not_hold_is_told(topics: TopicBook) -> None:
    wrong = msgspec.structs.replace(topics, asked=(msgspec.structs.replace(topics.asked[0], asks="taste.sour"),))
    assert len(failing_cases(wrong)) == 1
    assert "taste.sour" in failing_cases(wrong)[0]


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("甜不甜", "taste.sweet"),
        ("甜吗吗吗吗？？😭😭", "taste.sweet"),
        ("包由吗", "region.postage"),
        ("多少浅一斤", "price.price"),
        ("这个价格", ""),
        ("樱桃甜么", "taste.sweet"),
        ("云南发货几天到", "delivery.arrival"),
        ("新疆发吗", "region.region"),
        ("发了没", "delivery.dispatch"),
        ("主播吃饭了吗", ""),
        ("怎么这么好看", ""),
        ("谁能抵挡得住啊", ""),
        ("已拍", ""),
        ("666", ""),
        ("😂😂😂", ""),
        ("", ""),
    ],
)
def test_what_a_comment_asks(topics: TopicBook, text: str, aspect: str) -> None:
    assert read_comment(text, compiled(topics)).aspect == aspect


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("上次买的少了半斤 缺斤少两", "short_weight"),
        ("烂了一大半😡", "spoilt"),
        ("臭啦臭啦臭啦 打开就臭了", "spoilt"),
        ("我要的苹果 给我寄的是梨", "wrong_goods"),
        ("都八天了还没发货", "late"),
        ("会不会坏", ""),
        ("坏了怎么赔", ""),
        ("一个都没坏", ""),
        ("火龙果多少一斤啊", ""),
        ("在别家买的都烂了", ""),
        ("热死了", ""),
    ],
)
def test_what_a_comment_complains_of(topics: TopicBook, text: str, complaint: str) -> None:
    assert read_comment(text, compiled(topics)).complaint == complaint


def test_an_answer_is_found_with_its_time_and_words(topics: TopicBook) -> None:
    said = ((8.0, "欢迎新来的家人们。"), (30.0, "口感是香甜的，没有酸味。"))
    (question,) = found(topics, comments((20, "甜不甜")), *said).questions
    assert (question.state, question.product, question.topic) == ("answered", "MG", "taste")
    assert (question.answered_ms, question.utterance) == (30_000, "u30000")
    assert "香甜" in question.answer
    assert question.until_ms == 200_000


def test_an_answer_that_comes_too_late_is_none(topics: TopicBook) -> None:
    late = (150.0, "这个特别甜。")
    assert found(topics, comments((20, "甜不甜")), late).questions[0].state == "answered"
    two = QuestionOptions(minutes=2)
    assert found(topics, comments((20, "甜不甜")), late, options=two).questions[0].state == "unanswered"


def test_what_was_told_before_does_not_answer_but_is_noted(topics: TopicBook) -> None:
    (question,) = found(topics, comments((20, "甜不甜")), (10.0, "这个特别甜。"), (40.0, "点点关注。")).questions
    assert (question.state, question.answered_ms, question.told_ms) == ("unanswered", None, 10_000)


def test_the_other_products_answer_does_not_count(topics: TopicBook) -> None:
    (question,) = found(topics, comments((190, "多少钱")), (230.0, "四斤一百二十八块钱到手。")).questions
    assert (question.product, question.state) == ("MG", "unanswered")


def test_the_place_asked_for_must_be_in_the_answer(topics: TopicBook) -> None:
    asked = comments((20, "新疆发货吗"))
    assert found(topics, asked, (30.0, "广东的朋友也发。")).questions[0].state == "unanswered"
    assert found(topics, asked, (30.0, "新疆西藏不发，其他地方都包邮。")).questions[0].state == "answered"


def test_a_question_read_out_is_answered_by_what_follows(topics: TopicBook) -> None:
    said = ((30.0, "有姐妹问带壳的有没有，这个只有剥好的。"),)
    assert found(topics, comments((20, "芒果带壳的有没有")), *said).questions[0].state == "answered"
    assert (
        found(topics, comments((20, "芒果带壳的有没有")), (30.0, "大家点点关注。")).questions[0].state == "unanswered"
    )


def test_a_refusal_is_declined(topics: TopicBook) -> None:
    said = (30.0, "有人问能不能补血，这个话我们不能讲的，就是个零食。")
    (question,) = found(topics, comments((20, "这个补血吗")), said).questions
    assert question.state == "declined"


def test_what_was_not_heard_is_unclear(topics: TopicBook) -> None:
    spoken = make.transcript(make.utterance("点点关注。", 8.0))
    deaf = msgspec.structs.replace(spoken, not_heard=(Stretch(start_ms=20_000, end_ms=90_000, reason="no_text"),))
    assert found(topics, comments((20, "甜不甜")), transcript=deaf).questions[0].state == "unclear"
    little = msgspec.structs.replace(spoken, not_heard=(Stretch(start_ms=20_000, end_ms=30_000, reason="no_text"),))
    assert found(topics, comments((20, "甜不甜")), transcript=little).questions[0].state == "unanswered"


def test_the_same_question_is_one_until_it_is_answered(topics: TopicBook) -> None:
    asked = comments((20, "甜不甜"), (22, "甜吗"), (25, "甜不"), (60, "甜不甜"))
    questions = found(topics, asked, (30.0, "这个特别甜。")).questions
    assert [(q.state, len(q.comments)) for q in questions] == [("answered", 3), ("unanswered", 1)]


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("2号链接多少钱", "XJ"),
        ("虾大不大", "XJ"),
        ("白对霞多少钱", "XJ"),
        ("对虾还有吗", "XJ"),
        ("多少钱", "MG"),
    ],
)
def test_the_product_of_a_question(topics: TopicBook, text: str, product: str) -> None:
    assert found(topics, comments((50, text)), (8.0, "好。")).questions[0].product == product


def test_a_comment_just_after_a_change_is_of_the_product_before(topics: TopicBook) -> None:
    questions = found(topics, comments((201, "多少钱"), (204, "多少钱")), (8.0, "好。")).questions
    assert [question.product for question in questions] == ["MG", "XJ"]


def test_a_complaint_stands_against_what_was_promised(topics: TopicBook) -> None:
    pledge = Fact(
        id="f",
        sort="after_sale",
        product="MG",
        start_ms=9000,
        end_ms=11_000,
        quote="坏一个赔一个",
        heard="坏一个赔一个",
    )
    said = ((9.0, "坏一个赔一个。"), (40.0, "刚才有人说收到烂了，不好意思，你找客服给你补发。"))
    (complaint,) = found(topics, comments((20, "上次收到烂了三个")), *said, facts=(pledge,)).complaints
    assert (complaint.topic, complaint.product, complaint.earlier) == ("spoilt", "MG", True)
    assert [each.quote for each in complaint.pledges] == ["坏一个赔一个"]
    assert complaint.responded_ms is not None
    assert "补发" in complaint.response
    (alone,) = found(topics, comments((20, "上次收到烂了三个")), said[0], facts=(pledge,)).complaints
    assert alone.responded_ms is None


def test_nobody_is_named(topics: TopicBook) -> None:
    result = found(topics, comments((20, "甜不甜"), (30, "烂了三个")), (8.0, "好。"))
    assert b'"v0"' not in msgspec.json.encode(result)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("price.toml", "[aspect.price]\nasks = ['(多少钱']\n", "bracket"),
        ("price.toml", "[aspect.price]\nask = ['多少钱']\n", "unknown key"),
        ("prise.toml", "", "no topic"),
    ],
)
def test_a_topic_that_is_not_right_is_told(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / "form.toml").write_text((shipped("configs") / "questions" / "form.toml").read_text("utf-8"), "utf-8")
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(RuleError, match=told):
        load_topics(tmp_path, tmp_path / "none")


def test_the_samples_and_the_written_streams_score_as_stated() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import score_questions
    finally:
        sys.path.pop(0)
    for name, least in {"sample": 1.0, "dev": 0.93, "held": 0.9}.items():
        counts: Counter[str] = Counter()
        for path in score_questions.SETS[name]:
            counts += score_questions.score(score_questions.World(path))[0]
        assert counts["question right"] >= 0.97 * counts["question gold"]
        assert counts["question right"] >= 0.97 * counts["question found"]
        assert counts["unanswered right"] >= least * counts["unanswered gold"]
        assert counts["unanswered right"] >= 0.9 * counts["unanswered found"]
        assert counts["complaint right"] >= 0.95 * counts["complaint found"]
