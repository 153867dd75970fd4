"""The page's own files: every text exists, all are used, nothing comes from elsewhere or is taken for markup."""

import re
from pathlib import Path

import pytest

from streamlens import review
from streamlens.report.messages import catalogue

HERE = Path(review.__file__).parent
SCRIPTS = sorted((HERE / "static").glob("*.js"))
PAGE = (HERE / "templates" / "review.html").read_text(encoding="utf-8")
MADE = ("review.did_", "review.reason.", "review.state_", "review.do_")  # codes that scripts put together


def test_every_text_that_the_page_names_exists_and_every_text_is_used() -> None:
    sources = PAGE + "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    named = set(re.findall(r'"(review\.[a-z_]+)"', sources))
    codes = {code for code in catalogue("zh") if code.startswith("review.")}
    assert named - codes == set()
    assert {code for code in codes - named if not code.startswith(MADE)} == set()
    assert all(f"`{beginning}${{" in sources for beginning in MADE)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_never_take_data_for_markup_and_fetch_from_nowhere_else(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://", script
    )


def test_the_page_has_no_inline_script_or_style_and_names_only_its_own_files() -> None:
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))|<style|style=|\son[a-z]+=", PAGE)
    assert set(re.findall(r'(?:src|href)="([^"]+)"', PAGE)) == {"data:,", "/static/review.css", "/static/review.js"}


def test_every_module_that_is_imported_is_there() -> None:
    imported = {name for path in SCRIPTS for name in re.findall(r'(?:from|import) "\./(\w+\.js)"', path.read_text())}
    assert imported == {path.name for path in SCRIPTS} - {"review.js"}
