"""The front page of a batch."""

import re
from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest

from streamlens.report.bundle import Bundle
from streamlens.report.index import StreamResult, ranked, render_index
from streamlens.schema import Measures, ProductMeasures

Stream = Callable[[str], Bundle]


@pytest.fixture
def results(stream: Stream) -> list[StreamResult]:
    bundles = [stream(name) for name in ("d1-orchard", "d2-hens", "d3-dried")]
    made = [StreamResult(id=b.recording.id, recording=b.recording, findings=b.findings) for b in bundles]
    return [*made, StreamResult(id="d9", error="d9/recording.mp4: <b>no</b> audio")]


def test_failures_first_then_most_accusations(results: list[StreamResult]) -> None:
    assert [result.id for result in ranked(results)] == ["d9", "d2-hens", "d1-orchard", "d3-dried"]


def test_each_stream_links_to_its_report(results: list[StreamResult]) -> None:
    page = render_index(results, "zh")
    links = [link for link in re.findall(r'<td><a href="([^"]*)"', page)]
    assert links == ["./d2-hens/audit.html", "./d1-orchard/audit.html", "./d3-dried/audit.html"]
    assert "d9/recording.mp4: &lt;b&gt;no&lt;/b&gt; audio" in page
    assert "4 场直播，3 场有需要处理的宣称，1 场没能处理完" in page


def test_an_id_is_never_read_as_an_address(results: list[StreamResult]) -> None:
    odd = msgspec.structs.replace(results[0], id="javascript:alert(1)//?#")
    assert 'href="./javascript%3Aalert%281%29//%3F%23/audit.html"' in render_index([odd], "en")


def test_a_stream_that_failed_after_it_was_judged_shows_both(results: list[StreamResult]) -> None:
    page = render_index([msgspec.structs.replace(results[0], error="evidence.yaml: row 3")], "en")
    assert "./d1-orchard/audit.html" in page and "evidence.yaml: row 3" in page


def test_what_no_run_has_got_to_stands_last_and_is_counted(results: list[StreamResult]) -> None:
    made = [StreamResult(id="a0", waiting=True), *results]
    assert [result.id for result in ranked(made)][-1] == "a0"
    page = render_index(made, "zh")
    assert "5 场直播，3 场有需要处理的宣称，1 场没能处理完，1 场还没开始" in page
    assert "not started" not in render_index(results, "en") and "1 not started" in render_index(made, "en")


def test_an_empty_batch() -> None:
    assert '<table id="streams">' in render_index([], "zh")


def measured(results: list[StreamResult], day: int, title: str = "<b>蛋</b>") -> StreamResult:
    eggs = ProductMeasures(product="E", name=title, air_ms=60_000, claims=day, accused=(("health.disease", day),))
    measures = Measures(
        recording=f"r{day}", anchor="老周", started_at=datetime(2026, 9, day), duration_ms=60_000,
        claims_per_hour=60.0 * day, coverage=0.9, accused=eggs.accused, products=(eggs,),
    )  # fmt: skip
    return msgspec.structs.replace(results[0], id=f"r{day}", measures=measures)


def test_trends_of_anchors_and_products_with_two_streams_or_more(results: list[StreamResult]) -> None:
    page = render_index([measured(results, day) for day in (2, 1)], "zh")
    assert page.count("<figure>") == 2 and "&lt;b&gt;蛋&lt;/b&gt;" in page and "<b>蛋" not in page
    links = re.findall(r'<a href="(./r\d/audit.html)"><rect', page)
    assert links == ["./r1/audit.html", "./r2/audit.html"] * 2
    assert "每小时宣称 120 处" in page and "人声转写 90%" in page and "治病功效 2 处要处理（最多 2）" in page
    assert "<figure>" not in render_index([measured(results, 1)], "zh")


def test_two_thousand_streams_stay_light(results: list[StreamResult]) -> None:
    many = [
        msgspec.structs.replace(
            measured(results, 1 + at % 28, f"p{at % 200}"), id=f"r{at}", findings=results[at % 3].findings
        )
        for at in range(2000)
    ]
    many = [
        msgspec.structs.replace(
            each, measures=msgspec.structs.replace(each.measures, recording=each.id, anchor=f"a{at % 100}")
        )
        for at, each in enumerate(many)
    ]
    page = render_index(many, "zh")
    assert page.count("<tr") == 2001
    assert page.count("<figure>") == 120
    assert len(page.encode()) < 4_500_000
