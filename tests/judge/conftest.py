"""One claim before the judge, and the papers on the table."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from streamlens.detect.rules import read_words
from streamlens.judge.findings import judge
from streamlens.judge.law import LawTable, load_law
from streamlens.report.messages import LANGS, word
from streamlens.schema import (
    Catalogue,
    Claim,
    Claims,
    Evidence,
    Finding,
    Message,
    Product,
    Recording,
    RuleBook,
    Step,
)

CONFIGS = Path(__file__).parents[2] / "configs"
EVENING = datetime(2026, 10, 12, 19, 30)


@pytest.fixture(scope="session")
def law() -> LawTable:
    return load_law(CONFIGS / "law.toml")


@pytest.fixture(scope="session")
def rulebook() -> RuleBook:
    """No rules, but the word sets that ship: all that the judge needs of a rule book."""
    files = sorted((CONFIGS / "lexicon").glob("*.txt"))
    return RuleBook(version="v1", rules=(), sets=tuple((path.stem, read_words(path)) for path in files))


@pytest.fixture(scope="session")
def claim() -> Callable[..., Claim]:
    def made(quote: str, kind: str, **fields: Any) -> Claim:
        defaults: dict[str, Any] = {
            "id": "c1",
            "rule": kind,
            "stance": "asserted",
            "severity": "high",
            "channel": "speech",
            "start_ms": 1000,
            "end_ms": 3000,
            "heard": quote,
            "sentence": quote,
            "product": "A",
            "confidence": 0.95,
            "trace": (Step(step="heard", message=Message(code="detect.heard")),),
        }
        return Claim(quote=quote, kind=kind, **{**defaults, **fields})

    return made


@pytest.fixture(scope="session")
def decide(law: LawTable, rulebook: RuleBook, claim: Callable[..., Claim]) -> Callable[..., Finding]:
    """The finding on one claim: `decide(quote, kind, *papers, goods=..., catalogue=..., at=..., **claim fields)`.

    `goods` are fields of the one product, A, of the catalogue; `at` is when the stream began, 2026-10-12 19:30.
    """

    def finding(
        quote: str,
        kind: str,
        *papers: Any,
        at: datetime | None = EVENING,
        catalogue: Catalogue | None = None,
        goods: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Finding:
        product = Product(**{"sku": "A", "name": "赣南脐橙", "kind": "fresh", **(goods or {})})
        found = judge(
            Recording(id="r1", parts=(), duration_ms=3_600_000, started_at=at),
            Claims(recording="r1", rules_version="v1", claims=(claim(quote, kind, **fields),)),
            Evidence(documents=papers),
            Catalogue(products=(product,)) if catalogue is None else catalogue,
            rulebook,
            law,
        )
        worded(found.findings[0])
        return found.findings[0]

    return finding


def worded(finding: Finding) -> None:
    """Whatever a test makes the judge say must be worded in every language, with all its arguments."""
    for message in (finding.reason, *(step.message for step in finding.trace if step.step != "heard")):
        for lang in LANGS:
            shown = word(message, lang)
            assert "{" not in shown and not shown.startswith("judge."), shown
