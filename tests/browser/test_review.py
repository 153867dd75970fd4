"""The review page in a real browser against the real server: the whole work of a reviewer by keyboard, and of two."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from browser.dense import DESK, FITS, HOSTILE, PHONE, dense, write_workspace
from browser.server import serving
from browser.waiting import until

Open = Callable[..., Any]
STREAMS = (
    "keys",
    "pair",
    "clash",
    "away",
    "moment",
    "again",
)  # one for each test that decides, so that none disturbs another


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review")


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[str]:
    """The address of the review server over a thousand findings and a few small broadcasts."""
    with serving(write_workspace(root, dense(), *(dense(name, 12) for name in STREAMS))) as url:
        yield url


@pytest.fixture
def desk(open_page: Open, server: str) -> Open:
    """A reviewer's page: desk("李", "stream=keys"), ready for the keyboard."""

    def sit(reviewer: str, place: str = "", **more: Any) -> Any:
        page = open_page(server, **more)
        page.locator("input[name=name]").fill(reviewer)
        page.keyboard.press("Enter")
        page.locator("#who", has_text=reviewer).wait_for()
        if place:
            page.goto("about:blank")
            page.goto(f"{server.split('?')[0]}#{place}")
        page.wait_for_selector("body[data-ready=true]")
        page.wait_for_selector("#finding[data-loaded=true]")
        return page

    return sit


def chosen(page: Any) -> str:
    return str(page.locator(".row[aria-selected=true]").get_attribute("data-finding"))


def saved(page: Any, finding: str) -> Any:
    """The row of a finding once the server has taken the decision on it."""
    page.wait_for_selector(f'.row[data-finding="{finding}"][data-sync="saved"]')
    return page.locator(f'.row[data-finding="{finding}"]')


def at(page: Any, finding: str) -> None:
    page.wait_for_selector(f'#finding[data-finding="{finding}"][data-loaded=true]')


def test_the_whole_review_by_keyboard(desk: Open) -> None:
    page = desk("小李", "stream=keys&state=all")
    press = page.keyboard.press
    rows = page.locator("#queue .row")
    assert rows.count() == 12
    accepted = chosen(page)

    press("Enter")
    assert saved(page, accepted).locator(".mark").inner_text() == "✓"
    dismissed = chosen(page)
    assert dismissed != accepted

    press("x")
    press("2")
    assert saved(page, dismissed).locator(".mark").inner_text() == "✕"

    corrected = chosen(page)
    at(page, corrected)
    press("c")
    page.keyboard.type("今天刚捡的土鸡蛋")
    press("Enter")
    assert saved(page, corrected).locator("q").inner_text() == "今天刚捡的土鸡蛋"
    assert chosen(page) == corrected

    press("v")
    press("5")
    page.wait_for_selector("#finding .history li:nth-child(2)")
    press("p")
    press("2")
    page.wait_for_selector("#finding .history li:nth-child(3)")
    told = page.locator("#finding .history").inner_text()
    assert all(words in told for words in ("原话改为“今天刚捡的土鸡蛋”", "判定改为“有证据”", "商品改为")), told

    press("m")
    page.locator("textarea[name=quote]").fill("吃了不长胖")
    press("Enter")
    page.wait_for_selector("dialog:not([open])", state="attached")
    until(page, "document.querySelector('#finding blockquote')?.textContent.includes('吃了不长胖')")
    assert rows.count() == 13
    press("u")
    until(page, "document.querySelectorAll('#queue .row').length === 12")
    press("u")
    page.wait_for_selector("#finding .history .undone")

    page.goto(page.url.replace("state=all", "state=decided"))
    page.reload()
    page.wait_for_selector("#finding[data-loaded=true]")
    kept = page.locator("#queue .row")
    assert {row.get_attribute("data-finding") for row in kept.all()} == {accepted, dismissed, corrected}
    page.locator(f'.row[data-finding="{dismissed}"]').click()
    at(page, dismissed)
    assert "说了，但不是这个意思" in page.locator("#finding .history").inner_text()


def test_arrows_search_and_help(desk: Open) -> None:
    page = desk("小李", "stream=moment")
    first = chosen(page)
    page.keyboard.press("j")
    assert chosen(page) != first
    page.keyboard.press("ArrowUp")
    assert chosen(page) == first
    page.keyboard.press("?")
    assert "循环开关" in page.locator("dialog").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("全网")
    until(page, "[...document.querySelectorAll('.row q')].every((row) => row.textContent.includes('全网'))")
    assert 0 < page.locator(".row").count() < 12
    page.keyboard.press("Enter")  # leaves the search, decides nothing
    assert page.evaluate("document.activeElement.id") == "queue"
    assert page.locator(".row .mark", has_text=re.compile(r"\S")).count() == 0


def test_a_thousand_findings_are_filtered_and_only_those_in_view_exist(desk: Open) -> None:
    page = desk("小李", "stream=dense")
    page.wait_for_selector('.row[aria-setsize="1000"]')
    assert page.locator(".row").count() < 40
    page.locator("select[name=verdict]").select_option("unclear")
    page.wait_for_selector('.row[aria-setsize="167"]')
    assert page.locator(".row.unclear").count() == page.locator(".row").count()
    page.locator("#queue").evaluate("(queue) => { queue.scrollTop = queue.scrollHeight; }")
    page.wait_for_selector('.row[aria-posinset="167"]')
    page.reload()
    page.wait_for_selector('.row[aria-setsize="167"]')
    assert page.locator("select[name=verdict]").input_value() == "unclear"


def test_a_finding_plays_from_its_moment_in_the_right_part(desk: Open) -> None:
    page = desk("小李", "stream=dense&state=all&at=dense/dense-0700")  # 161 s; the second part begins at 120 s
    at(page, "dense-0700")
    page.locator("#moment").click()
    until(page, "!document.querySelector('#media').paused && document.querySelector('#media').currentTime > 39")
    assert page.evaluate("document.querySelector('#media').src").endswith("/1")
    assert page.evaluate("document.querySelector('#media').currentTime") < 45
    assert page.locator(".transcript .told mark").count() == 1  # the same words are said again and again around it
    until(page, "document.querySelector('#media').paused")  # the moment over, it stops
    page.keyboard.press("[")
    page.locator("#whole").click(position={"x": 2, "y": 10})
    until(page, "document.querySelector('#media').src.endsWith('/0')")


def test_two_reviewers_see_each_other_and_their_disagreement(desk: Open) -> None:
    one, two = desk("小李", "stream=pair&state=all"), desk("老王", "stream=pair&state=all")
    finding = chosen(one)
    assert chosen(two) == finding
    one.keyboard.press("Enter")
    saved(one, finding)
    two.wait_for_selector(f'.row[data-finding="{finding}"][data-state="decided"]')
    until(two, "document.querySelector('#finding .history')?.textContent.includes('小李')")
    two.keyboard.press("x")
    two.keyboard.press("1")
    two.wait_for_selector(f'.row[data-finding="{finding}"][data-state="disputed"]')
    one.wait_for_selector(f'.row[data-finding="{finding}"][data-state="disputed"]')
    one.locator(f'.row[data-finding="{finding}"]').click()
    until(one, "document.querySelector('#finding .disputed')?.textContent.includes('老王')")


def test_a_decision_over_one_not_seen_is_refused_and_can_be_made_again(desk: Open) -> None:
    one, two = desk("小李", "stream=clash&state=all"), desk("老王", "stream=clash&state=all", allow=("409",))
    two.route("**/api/changes*", lambda route: route.fulfill(json={"last": 0, "items": []}))
    finding = chosen(two)
    one.keyboard.press("Enter")
    saved(one, finding)
    two.keyboard.press("x")
    two.keyboard.press("1")
    two.wait_for_selector("#finding .conflict")
    assert chosen(two) == finding
    assert "小李" in two.locator("#finding .conflict").inner_text()
    assert "没有保存" in two.locator("#alarm").inner_text()
    two.keyboard.press("x")
    two.keyboard.press("1")
    two.wait_for_selector(f'.row[data-finding="{finding}"][data-state="disputed"]')
    assert two.locator("#alarm").is_hidden()


def test_what_was_typed_outlives_a_server_that_is_away_and_a_reload(desk: Open) -> None:
    page = desk("小李", "stream=away&state=all", allow=("api/decisions", "ERR_FAILED"))
    finding = chosen(page)
    page.route("**/api/decisions", lambda route: route.abort())
    page.keyboard.press("c")
    page.keyboard.type("今天捡的蛋")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'.row[data-finding="{finding}"][data-sync="failed"]')
    assert "连不上服务器" in page.locator("#alarm").inner_text()
    assert "今天捡的蛋" not in page.locator(f'.row[data-finding="{finding}"]').inner_text()
    page.unroute("**/api/decisions")
    page.reload()
    page.wait_for_selector("#finding[data-loaded=true]")
    assert chosen(page) == finding
    assert "没保存" in page.locator("#finding .draft").inner_text()
    page.keyboard.press("c")
    assert page.locator("textarea[name=quote]").input_value() == "今天捡的蛋"
    page.keyboard.press("Enter")
    assert saved(page, finding).locator("q").inner_text() == "今天捡的蛋"
    assert page.locator("#finding .draft").count() == 0


def test_a_decision_on_words_that_a_new_audit_heard_otherwise_is_shown_beside_them(desk: Open, root: Path) -> None:
    page = desk("小李", "stream=again&at=again/again-0003")
    at(page, "again-0003")
    page.keyboard.press("Enter")
    saved(page, "again-0003")
    bundle = dense("again", 12)
    heard = [
        msgspec.structs.replace(each, quote="有机食品认证", heard="有机食品认证", sentence="我们有有机食品认证。")
        if each.id == "again-0003" else each
        for each in bundle.findings.findings
    ]  # fmt: skip
    findings = msgspec.structs.replace(bundle.findings, findings=tuple(heard))
    write_workspace(root, msgspec.structs.replace(bundle, findings=findings))
    page.wait_for_timeout(2200)  # the server looks for new audits every two seconds
    page.locator("#states [data-state=moved]").click()
    page.wait_for_selector("#finding .moved")
    told = page.locator("#finding").inner_text()
    assert all(words in told for words in ("原来", "我们有有机认证", "现在", "有机食品认证")), told
    page.keyboard.press("Enter")
    page.locator("#states [data-state=moved] b", has_text="0").wait_for()


def test_a_missed_claim_takes_the_selected_words(desk: Open) -> None:
    page = desk("小李", "stream=moment&state=all")
    page.evaluate("""() => {
        const said = document.querySelector('.transcript p[data-at="2"] .said').firstChild;
        getSelection().setBaseAndExtent(said, 0, said, 4);
    }""")
    page.keyboard.press("m")
    assert page.locator("textarea[name=quote]").input_value() == "全网最低"
    assert int(page.locator("input[name=start_ms]").input_value()) == 2 * 230_086 // 12
    page.keyboard.press("Escape")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_hostile_text_stays_text_and_nothing_scrolls_sideways(desk: Open, viewport: dict[str, int]) -> None:
    page = desk("<b>我</b>", "stream=dense&at=dense/dense-0000", viewport=viewport)
    at(page, "dense-0000")
    assert HOSTILE in page.locator("#finding").inner_text()
    assert page.locator("#who").inner_text() == "<b>我</b>"
    assert page.locator("img").count() == 0
    assert page.title() != "hacked"
    assert page.evaluate(FITS)
    page.locator("#actions [data-do=verdict]").click()
    assert page.evaluate(FITS)
    page.keyboard.press("Escape")
