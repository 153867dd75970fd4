"""The audit page's filters and time line in a real browser."""

from collections.abc import Callable
from typing import Any

from browser.dense import PHONE

Open = Callable[..., Any]
SHOWN = "article.card:not([hidden])"


def until(page: Any, true: str) -> None:
    """Wait for it from outside: the page's policy lets no text be run inside it again and again."""
    for _ in range(80):
        if page.evaluate(true):
            return
        page.wait_for_timeout(100)
    raise AssertionError(true)


def test_filters_work_together_and_stand_in_the_address(open_page: Open, dense_pages: dict[str, str]) -> None:
    page = open_page(dense_pages["audit"])
    page.locator(".tile.contradicted").click()
    page.locator("#sure").select_option("0.9-1")
    sure = page.locator(SHOWN).count()
    assert 0 < sure == int(page.locator(".tile.contradicted b").inner_text())
    kind = page.locator("#kind option:not([disabled])").nth(1).get_attribute("value")
    page.locator("#kind").select_option(kind)
    left = page.locator(SHOWN).count()
    assert 0 < left < sure
    assert f"({left})" in page.locator("#kind option:checked").inner_text()
    assert "v=contradicted" in page.url and f"k={kind}" in page.url
    again = open_page(page.url)
    assert again.locator(SHOWN).count() == left
    again.locator("#all").click()
    assert again.locator(SHOWN).count() == 1000 and "#" not in again.url


def test_words_are_looked_for_and_nothing_found_is_said(open_page: Open, dense_pages: dict[str, str]) -> None:
    page = open_page(dense_pages["audit"])
    page.locator("#words").fill("全网最低价")
    assert page.locator(SHOWN).count() == 200
    page.locator("#words").fill("没有人说过")
    assert page.locator(SHOWN).count() == 0 and page.locator("#nothing").is_visible()


def test_an_address_of_nonsense_filters_nothing(open_page: Open, dense_pages: dict[str, str]) -> None:
    page = open_page(dense_pages["audit"] + "#v=nothing&k=%3Cb%3E&c=7&p=x")
    assert page.locator(SHOWN).count() == 1000


def test_a_click_on_the_time_line_goes_there(open_page: Open, dense_pages: dict[str, str]) -> None:
    page = open_page(dense_pages["audit"])
    chart = page.locator(".timeline .wide")
    box = chart.bounding_box()
    left, right = (float(chart.get_attribute(f"data-{side}")) for side in ("left", "right"))
    scale = box["width"] / float(chart.get_attribute("data-width"))
    plot = box["width"] - (left + right) * scale
    chart.click(position={"x": left * scale + plot / 4, "y": box["height"] - 30})
    until(page, "document.querySelector('#media').currentTime > 50")
    wanted = (2 * 110.086 + 9.914) / 4
    assert abs(page.evaluate("document.querySelector('#media').currentTime") - wanted) < 5
    until(page, "!document.querySelector('.timeline .wide .head').hidden")


def test_on_paper_everything_is_unfolded(open_page: Open, dense_pages: dict[str, str]) -> None:
    page = open_page(dense_pages["audit"], viewport=PHONE)
    assert page.locator("details:not([open])").count() > 1000
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 1000
