"""The report's pages in a real browser: play from a finding, filter, hostile text, a phone's width."""

from collections.abc import Callable
from typing import Any

import pytest

from browser.dense import DESK, FITS, HOSTILE, PHONE

Open = Callable[..., Any]


def test_a_click_on_a_findings_time_plays_that_moment(open_page: Open, dense_pages: dict[str, str]) -> None:
    page = open_page(dense_pages["audit"])
    link = page.locator("article.card header a.time").nth(30)
    wanted = float(link.get_attribute("href").removeprefix("#t="))
    link.click()
    page.wait_for_function("document.querySelector('#media').currentTime > 0.5")
    at = page.evaluate("document.querySelector('#media').currentTime")
    assert wanted - 3 <= at <= wanted + 3


def test_a_thousand_findings_are_filtered_by_a_verdict(open_page: Open, dense_pages: dict[str, str]) -> None:
    page = open_page(dense_pages["audit"])
    page.locator(".tile.contradicted").click()
    cards = page.locator("article.card:not([hidden])")
    assert cards.count() == page.locator("article.card.contradicted").count() > 100


@pytest.mark.parametrize("name", ["audit", "coaching"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_fit_their_width_and_run_nothing_of_others(
    open_page: Open, dense_pages: dict[str, str], name: str, viewport: dict[str, int]
) -> None:
    page = open_page(dense_pages[name], viewport=viewport)
    assert page.evaluate(FITS)
    assert page.title() != "hacked"
    assert page.locator("img[src=x]").count() == 0
    if name == "audit":
        assert HOSTILE in page.content().replace("&lt;", "<").replace("&#34;", '"').replace("&gt;", ">").replace(
            "&#39;", "'"
        )
