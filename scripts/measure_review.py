"""Measure the review page in a real browser: how soon a long queue can be worked on, how soon a key is acknowledged.

    python scripts/measure_review.py [--findings 1000] [--decisions 100]

Writes a workspace of made-up findings (as the browser tests do), serves it with `streamlens review`, opens it in
Chromium and presses Enter `--decisions` times. For each it takes the time from the key's arrival in the page until the
decision is shown, and until the server has answered that it is kept. Opening is measured from navigation to the first
finding shown with its details, and to the whole queue being there; the first opening finds the browser's cache empty.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser.dense import DESK, dense, write_workspace
from browser.server import serving
from browser.waiting import until

WATCH = """() => {
    window.times = [];
    let press = null;
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        press = {key: performance.now(), row: document.querySelector(".row[aria-selected=true]").dataset.finding};
    }, true);
    new MutationObserver(() => {
        if (!press) return;
        const row = document.querySelector(`.row[data-finding="${press.row}"]`);
        if (!press.shown && row?.dataset.sync) press.shown = performance.now();
        if (row?.dataset.sync !== "saved") return;
        window.times.push([press.shown - press.key, performance.now() - press.key]);
        press = null;
    }).observe(document.querySelector("#rows"), {childList: true, subtree: true, attributes: true});
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=1000)
    parser.add_argument("--decisions", type=int, default=100)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("no Chromium on this machine (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = write_workspace(Path(folder), dense("dense", given.findings))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--mute-audio"])
        with serving(workspace, "--reviewer", "measure") as url:
            page = browser.new_page(viewport=DESK)
            for number in range(1, 4):
                first, whole = opened(page, url, given.findings)
                print(
                    f"opening {number}: first finding with details {first:.0f} ms, all {given.findings} {whole:.0f} ms"
                )
            page.evaluate(WATCH)
            for done in range(given.decisions):
                page.keyboard.press("Enter")
                until(page, f"window.times.length > {done}")
            times = page.evaluate("window.times")
            tell("key to shown", [shown for shown, _ in times])
            tell("key to kept by the server", [kept for _, kept in times])
        browser.close()


def opened(page: Page, url: str, findings: int) -> tuple[float, float]:
    """Milliseconds from navigation until the first finding stands there with its details, and until all are listed."""
    page.goto("about:blank")
    page.goto(url, wait_until="commit")
    page.wait_for_selector("#finding[data-loaded=true]")
    first = page.evaluate("performance.now()")
    page.wait_for_selector(f'.row[aria-setsize="{findings}"]')
    return first, page.evaluate("performance.now()")


def tell(what: str, times: Sequence[float]) -> None:
    median, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"{what}: median {median:.0f} ms, 95th {late:.0f} ms, worst {max(times):.0f} ms of {len(times)}")


if __name__ == "__main__":
    main()
