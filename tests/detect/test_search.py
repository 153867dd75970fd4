"""Matches kept rule by rule: the same claims as without, and only the edited rule is looked for again."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import worlds
from streamlens.detect.claims import find_claims
from streamlens.detect.rules import load_rules
from streamlens.detect.search import Found
from streamlens.pieces import take_pieces
from streamlens.schema import Claims, Mentions, Rule, RuleBook, Segments, Transcript, Utterance, Word
from streamlens.shipped import shipped
from streamlens.store import Store

SAID = "今天早上刚从树上摘下来的，每天吃一个能治高血鸭，都是野生的。"


def transcript(said: str) -> Transcript:
    words = tuple(
        Word(start_ms=200 * n, end_ms=200 * n + 200, text=char, probability=0.9) for n, char in enumerate(said)
    )
    line = Utterance(id="u1", start_ms=0, end_ms=words[-1].end_ms, text=said, words=words)
    return Transcript(recording="r1", source="speech", model="m", utterances=(line,), coverage=1.0)


@pytest.fixture
def book(tmp_path: Path) -> RuleBook:
    return load_rules(worlds.rules(tmp_path / "rules"), shipped("configs") / "lexicon")


def test_an_edited_rule_alone_is_looked_for_again(tmp_path: Path, book: RuleBook) -> None:
    looked_for: list[list[str]] = []

    def claims(said: str, book: RuleBook, *, keep: bool = True) -> Claims:
        def searches(made_from: Sequence[Any], rules: Sequence[Rule], make: Any) -> list[Any]:
            def noted(new: Sequence[Rule]) -> Any:
                looked_for.append([rule.id for rule in new])
                return make(new)

            return take_pieces(Store(tmp_path), "r1", "searches", 1, made_from, rules, noted, piece=tuple[Found, ...])

        nothing = Segments(recording="r1", segments=()), Mentions(recording="r1", mentions=())
        return find_claims(transcript(said), book, *nothing, searches=searches if keep else None)

    first = claims(SAID, book)
    assert first == claims(SAID, book, keep=False)
    assert {claim.quote for claim in first.claims} == {"今天早上刚从树上摘下来的", "能治高血压"}
    path = worlds.rules(tmp_path / "rules", health_disease=worlds.RULE.replace('["', '["都是野生的", "', 1))
    edited = load_rules(path, shipped("configs") / "lexicon")
    again = claims(SAID, edited)
    assert again == claims(SAID, edited, keep=False)
    assert len(again.claims) == len(first.claims) + 1
    assert looked_for == [["freshness.harvest", "health.disease"], ["health.disease"]]
    assert claims(SAID[13:], edited) == claims(SAID[13:], edited, keep=False)  # another text: all of it anew
    assert looked_for[2:] == [["freshness.harvest", "health.disease"]]
