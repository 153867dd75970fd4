"""Waiting for what a page's script brings about."""

from typing import Any

PATIENCE_MS, STEP_MS = 8000, 20


def until(page: Any, expression: str) -> None:
    """Waits until an expression is true in the page. Playwright's own `wait_for_function` needs `eval`, which the pages forbid."""
    for _ in range(PATIENCE_MS // STEP_MS):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(STEP_MS)
    raise AssertionError(f"not within {PATIENCE_MS} ms: {expression}")
