"""A real browser for the pages. Tests are skipped, with the reason, where there is none.

`browser` is one Chromium a module, `page` a fresh tab of a desktop (or, marked so, of a phone) that fails its test when a
script raised, the console told of an error or a request failed. `dense_pages` are audit.html and coaching.html of a
broadcast with a thousand findings, their recordings beside them.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser.dense import DESK, dense, write_workspace
from streamlens.report.audit import render_audit
from streamlens.report.coaching import render_coaching

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--mute-audio",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


Open = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[Open]:
    """Opens an address in a browser context of its own (cookies, storage); `allow` names errors that the test is about.

    At the end of the test, anything that went wrong in one of the pages fails it.
    """
    contexts: list[Any] = []
    wrong: list[str] = []

    def start(url: str, *, viewport: dict[str, int] = DESK, allow: tuple[str, ...] = (), **context: Any) -> "Page":
        contexts.append(browser.new_context(viewport=viewport, **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(8000)

        def note(told: str) -> None:
            if not any(word in told for word in allow):
                wrong.append(told)

        page.on("pageerror", lambda error: note(f"script: {error}"))
        page.on("console", lambda message: note(f"console: {message.text}") if message.type == "error" else None)
        page.on(
            "requestfailed",
            lambda request: None if _let_go(request) else note(f"request: {request.url} {request.failure}"),
        )
        page.on("response", lambda reply: note(f"reply: {reply.status} {reply.url}") if reply.status >= 400 else None)
        page.goto(url)
        return page

    yield start
    for context in contexts:
        context.close()
    assert wrong == []


def _let_go(request: Any) -> bool:
    """A player drops what it was loading whenever it is sent elsewhere."""
    return request.resource_type == "media" and "ERR_ABORTED" in str(request.failure)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the broadcast `dense` (1,000 findings) and the small one `hens` (12)."""
    root = tmp_path_factory.mktemp("browser")
    return write_workspace(root, dense(), dense("hens", 12))


@pytest.fixture(scope="session")
def dense_pages(workspace: Path) -> dict[str, str]:
    """The addresses of the pages of a broadcast with a thousand findings: `audit` and `coaching`, in Chinese."""
    folder, bundle = workspace / "dense", dense()
    addresses = {}
    for name, html in (("audit", render_audit(bundle, "zh")), ("coaching", render_coaching(bundle, "zh"))):
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
        addresses[name] = (folder / f"{name}.html").as_uri()
    return addresses
