"""What the audience did in a stretch, and what is not known of it."""

import pytest

import make
from streamlens.link.crowd import Asking, Audiences
from streamlens.link.layout import Row
from streamlens.schema import (
    COMPLAINT_TOPICS,
    Asked,
    Audience,
    Complaint,
    Crowd,
    Event,
    Question,
    Questions,
    Source,
    Viewers,
)


def row(start_s: float, end_s: float, product: str | None = None) -> Row:
    return Row(unit="minute", start_ms=round(start_s * 1000), end_ms=round(end_s * 1000), product=product)


def crowd(audience: Audience, start_s: float = 0, end_s: float = 60) -> Crowd:
    return Audiences(audience).crowd(row(start_s, end_s))


def test_a_stream_without_an_audience_has_no_numbers() -> None:
    assert crowd(Audience(recording="r1")) == Crowd()


def test_a_minute_without_comments_has_none_of_them_if_there_are_comments_elsewhere() -> None:
    audience = make.audience(comments=[(70, "a")])
    assert crowd(audience).comments == 0
    assert crowd(audience).commenters == 0
    assert crowd(audience, 60, 120).comments == 1


def test_a_file_of_comments_with_no_rows_means_none() -> None:
    source = Source(
        role="comments", state="read", file="danmaku.csv", format="table_comments", rows=0, read=0, clock="relative"
    )
    assert crowd(Audience(recording="r1", sources=(source,))).comments == 0
    untimed = Source(
        role="comments", state="read", file="danmaku.txt", format="console_log", rows=9, read=9, clock="none"
    )
    assert crowd(Audience(recording="r1", sources=(untimed,))).comments is None


def test_commenters_are_counted_once_and_the_nameless_not_at_all() -> None:
    audience = make.audience(comments=[(1, "a"), (2, "b"), (3, "a"), (4, "")])
    assert (crowd(audience).comments, crowd(audience).commenters) == (4, 2)
    assert crowd(make.audience(comments=[(1, ""), (2, "")])).commenters is None


def test_online_is_the_mean_over_time_not_over_readings() -> None:
    audience = make.audience(online=[(0, 100), (45, 200), (50, 200), (55, 200)], comments=[(1, "a"), (2, "b")])
    found = crowd(audience)
    assert found.online_mean == pytest.approx((45 * 100 + 15 * 200) / 60)
    assert (found.online_start, found.online_min, found.online_max) == (100, 100, 200)
    assert found.viewer_minutes == pytest.approx(125)
    assert found.comments_per_100_viewers_min == pytest.approx(2 / 125 * 100)


def test_a_reading_holds_five_minutes_and_no_longer() -> None:
    audience = make.audience(online=[(0, 100), (1000, 50)])
    assert crowd(audience, 240, 300).online_mean == 100
    assert crowd(audience, 300, 360) == crowd(audience, 600, 660) == Crowd()
    assert crowd(audience, 1000, 1060).online_mean == 50
    assert crowd(make.audience(online=[(30, 100)])).online_start is None  # nothing holds at the start
    assert crowd(make.audience(online=[(30, 100)])).online_mean == 100


def test_growth_is_counted_from_the_last_count_before() -> None:
    readings = tuple(
        Viewers(at_ms=at * 1000, watched=count) for at, count in ((10, 1000), (50, 1100), (70, 1150), (170, 1200))
    )
    audience = Audience(recording="r1", viewers=readings)
    gains = [crowd(audience, start, start + 60).watched_gain for start in (0, 60, 120)]
    assert gains == [100, 50, 50]
    assert crowd(audience, 180, 240).watched_gain is None


def test_likes_come_from_the_counters_or_else_from_events_never_both() -> None:
    events = (Event(at_ms=1000, kind="like", count=3), Event(at_ms=2000, kind="gift", count=2, value_fen=520))
    by_events = Audience(recording="r1", events=events)
    found = crowd(by_events)
    assert (found.likes, found.gifts, found.gift_fen) == (3, 2, 520)
    assert (found.follows, found.enters, found.shares) == (None, None, None)
    assert (crowd(by_events, 60, 120).likes, crowd(by_events, 60, 120).gift_fen) == (0, 0)
    counted = Audience(recording="r1", events=events, viewers=(Viewers(at_ms=5000, likes=40),))
    assert crowd(counted).likes == 40
    assert crowd(counted, 60, 120).likes is None  # no reading there says


def question(n: int, at_s: int, answered_s: int | None, state: str, size: int = 1) -> Question:
    return Question(
        id=f"q{n}", at_ms=at_s * 1000, until_ms=at_s * 1000 + 60_000, text="", topic="price", aspect="price", product=None,
        comments=("c",) * size, answered_ms=None if answered_s is None else answered_s * 1000, state=state,
    )  # type: ignore[arg-type]  # fmt: skip


def test_questions_and_complaints() -> None:
    complaint = Complaint(id="k", at_ms=9000, text="", topic="spoilt", product="A", comments=("c",))
    questions = Questions(
        recording="r1",
        questions=(
            question(1, 5, 15, "answered", size=3),
            question(2, 20, None, "unanswered"),
            question(3, 50, 80, "declined"),
            question(4, 55, None, "answered"),  # it had been told just before
            question(5, 58, None, "unclear"),
        ),
        complaints=(complaint,),
    )
    asked = Asking(questions).asked(row(0, 60))
    assert (asked.questions, asked.question_comments) == (5, 7)
    assert (asked.questions_answered, asked.questions_declined) == (2, 1)
    assert (asked.questions_unanswered, asked.questions_unclear) == (1, 1)
    assert asked.answer_delay_s == 20.0
    assert (asked.answers_given, Asking(questions).asked(row(60, 120)).answers_given) == (1, 1)
    assert (asked.complaints, asked.complaints_spoilt, asked.complaints_fake) == (1, 1, 0)
    assert Asking(questions).asked(row(60, 120)).answer_delay_s is None
    assert Asking(None).asked(row(0, 60)) == Asked()


def test_every_topic_of_complaints_has_a_column() -> None:
    assert {f"complaints_{topic}" for topic in COMPLAINT_TOPICS} <= set(Asked.__struct_fields__)
