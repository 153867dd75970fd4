"""The anchor's page: complete in both languages, safe with hostile text, and quiet about what is not known."""

import re
from collections.abc import Callable

import msgspec
import pytest

from streamlens.report.advice import advise
from streamlens.report.bundle import Bundle
from streamlens.report.coaching import render_coaching
from streamlens.report.curves import curves, strips
from streamlens.report.messages import catalogue
from streamlens.schema import (
    Audience,
    Comment,
    Complaint,
    Excerpt,
    Excerpts,
    Facts,
    Order,
    Question,
    Questions,
    Told,
    UtteranceVoice,
    Viewers,
    Voice,
)

Stream = Callable[[str], Bundle]
HOSTILE = '<img src=x onerror="alert(1)">{{7*7}}</script>'


@pytest.fixture
def full(stream: Stream) -> Bundle:
    """A broadcast of which everything is known, with hostile comments."""
    bundle = stream("d2-hens")
    sku = bundle.catalogue.products[0].sku
    comment = Comment(id="c1", at_ms=5000, viewer="ab12", text=HOSTILE)
    question = Question(
        id="q1",
        at_ms=5000,
        until_ms=9000,
        text=HOSTILE,
        topic="other",
        aspect="other",
        product=sku,
        comments=("c1", "c2"),
    )
    complaint = Complaint(id="k1", at_ms=6000, text=HOSTILE, topic="spoilt", product=sku, comments=("c1",))
    return msgspec.structs.replace(
        bundle,
        facts=Facts(recording="x", checklist=(Told(product=sku, topic="price", at_ms=7000), Told(product=sku, topic="origin"))),
        voice=Voice(recording="x", utterances=tuple(
            UtteranceVoice(utterance=u.id, pace_cpm=260.0, monotony=0.3) for u in bundle.transcript.utterances
        )),
        audience=Audience(
            recording="x", comments=(comment,), viewers=(Viewers(at_ms=1000, online=420), Viewers(at_ms=2000)),
            orders=(Order(at_ms=61_000, order="o1", product=sku, quantity=1),),
        ),
        questions=Questions(recording="x", questions=(question,), complaints=(complaint,)),
        excerpts=Excerpts(
            recording="x", media_type="audio/mp4",
            excerpts=tuple(Excerpt(finding=f.id, start_ms=0, end_ms=1, sound=b"abc") for f in bundle.findings.findings),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_all_of_it_and_no_code_is_left_over(full: Bundle, lang: str) -> None:
    page = render_coaching(full, lang)
    assert not re.findall(
        r"\b(?:coach|coach_why|coach_how|coach_number|coach_curve|fact|complaint|ui|kind)\.[a-z_]+", page
    )
    for part in ("good", "try", "phrase", "ticks", "curves"):
        assert f'class="{part}' in page or f"box {part}" in page
    assert page == render_coaching(full, lang)


def test_hostile_text_stays_text(full: Bundle) -> None:
    page = render_coaching(full, "zh")
    assert "<img" not in page
    assert "&lt;img src=x onerror=" in page
    assert "{{7*7}}" in page
    assert "<script" not in page  # nothing on this page runs


def test_sound_is_inside_and_nothing_is_fetched(full: Bundle) -> None:
    page = render_coaching(full, "zh")
    assert "data:audio/mp4;base64,YWJj" in page
    assert not re.findall(r'(?:src|href)="(?!data:)[^"#]', page)


def test_what_is_not_known_is_left_out(stream: Stream) -> None:
    page = render_coaching(stream("d1-orchard"), "zh")
    for part in ("ticks", "<audio", "curves", 'class="list"'):
        assert part not in page.split("</style>")[1]


def test_no_viewer_is_named(full: Bundle) -> None:
    assert "ab12" not in render_coaching(full, "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_point_has_its_three_texts(lang: str) -> None:
    words = catalogue(lang)
    points = {code.split(".")[1] for code in words if code.startswith("coach_why.")}
    assert len(points) >= 18
    assert [p for p in sorted(points) if not {f"coach.{p}", f"coach_how.{p}"} <= words.keys()] == []


def test_every_point_that_is_made_has_words(full: Bundle, stream: Stream) -> None:
    words = catalogue("zh")
    for bundle in (full, *(stream(name) for name in ("d1-orchard", "d2-hens", "d3-dried"))):
        advice = advise(bundle)
        assert [p.code for p in (*advice.well, *advice.better) if f"coach_why.{p.code}" not in words] == []


def test_strips_by_minute(full: Bundle) -> None:
    found = {strip.name: dict(strip.points) for strip in strips(full)}
    assert found["comments"] == {0: 1.0, 60_000: 0.0}
    assert found["orders"] == {0: 0.0, 60_000: 1.0}
    assert found["viewers"] == {0: 420.0}  # an empty reading is no 0
    assert found["pace"][0] == pytest.approx(260.0)


def test_curves_are_the_same_bytes_and_empty_without_data(full: Bundle, stream: Stream) -> None:
    assert curves(full, "zh", width=358) == curves(full, "zh", width=358)
    assert curves(stream("d1-orchard"), "zh", width=358) == ""
