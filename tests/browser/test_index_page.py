"""The front page in a real browser: sorting, by keyboard too, failures first, looking for a stream, a phone's width."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

from browser.dense import DESK, FITS, HOSTILE, PHONE, dense
from streamlens.report.index import StreamResult, render_index

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    results = []
    for at, count in enumerate((12, 40, 24)):
        bundle = dense(f"s{at}", count)
        about = {
            "title": f"场次{at}{HOSTILE}",
            "duration_ms": (3 - at) * 60_000,
            "started_at": datetime(2026, 9, 1 + at),
        }
        recording = msgspec.structs.replace(bundle.recording, **about)
        results.append(StreamResult(id=f"s{at}", recording=recording, findings=bundle.findings))
    page = tmp_path_factory.mktemp("front") / "index.html"
    page.write_text(render_index([*results, StreamResult(id="s9", error=f"broken {HOSTILE}")], "zh"), encoding="utf-8")
    return page.as_uri()


def order(page: Any) -> list[str]:
    """The ids of failed streams and the titles of the others; of rows that are not painted yet, too."""
    return [
        re.match(r"s\d|场次\d", text.strip())[0]
        for text in page.locator("#streams tbody td:first-child").all_text_contents()
    ]


def test_streams_are_sorted_by_a_column_and_failures_stay_first(open_page: Open, address: str) -> None:
    page = open_page(address)
    assert order(page)[0] == "s9"
    duration = page.locator("#streams th button").nth(3)
    duration.focus()
    page.keyboard.press("Enter")
    assert order(page) == ["s9", "场次0", "场次1", "场次2"]
    page.keyboard.press("Space")
    assert order(page) == ["s9", "场次2", "场次1", "场次0"]
    assert page.locator("#streams th").nth(3).get_attribute("aria-sort") == "ascending"
    page.locator("#streams th button").nth(2).click()
    assert order(page) == ["s9", "场次0", "场次1", "场次2"]


def test_a_stream_is_looked_for(open_page: Open, address: str) -> None:
    page = open_page(address)
    page.locator("#words").fill("场次1")
    assert page.locator("#streams tbody tr:not([hidden])").count() == 1


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_it_fits_and_hostile_text_stays_text(open_page: Open, address: str, viewport: dict[str, int]) -> None:
    page = open_page(address, viewport=viewport)
    assert page.evaluate(FITS)
    assert page.title() != "hacked" and page.locator("img").count() == 0
