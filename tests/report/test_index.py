"""The front page of a batch."""

import re
from collections.abc import Callable

import msgspec
import pytest

from streamlens.report.bundle import Bundle
from streamlens.report.index import StreamResult, ranked, render_index

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
    links = re.findall(r'href="([^"]*)"', page)
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
    assert "<table>" in render_index([], "zh")
