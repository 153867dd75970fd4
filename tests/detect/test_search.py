"""Matches kept rule by rule: the same claims as without, and only the edited rule is looked for again."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import worlds
from streamlens.detect import rules
from streamlens.detect.claims import find_claims
from streamlens.detect.rules import load_rules
from streamlens.detect.search import Found
from streamlens.errors import RuleError
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
        def searches(made_from: Sequence[Any], asked: Sequence[Rule], make: Any) -> list[Any]:
            def noted(new: Sequence[Rule]) -> Any:
                looked_for.append([rule.id for rule in new])
                return make(new)

            return take_pieces(Store(tmp_path), "r1", "searches", 1, made_from, asked, noted, piece=tuple[Found, ...])

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


def test_rules_that_were_checked_are_not_read_again_and_an_edit_reads_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    read_rule = rules.read_rule
    monkeypatch.setattr(rules, "read_rule", lambda path, sets: read.append(path.stem) or read_rule(path, sets))
    folder, lexicon = worlds.rules(tmp_path / "rules"), tmp_path / "lexicon"
    lexicon.mkdir()
    (lexicon / "病症.txt").write_text("咳嗽\n", encoding="utf-8")
    known: dict[str, Rule] = {}
    first = load_rules(folder, lexicon, known)
    assert read == ["harvest", "disease"]
    assert load_rules(folder, lexicon, known) == first == load_rules(folder, lexicon)
    assert read == ["harvest", "disease"] * 2  # the last without what is known
    read.clear()
    worlds.rules(folder, health_disease=worlds.RULE.replace("high", "low"))
    assert load_rules(folder, lexicon, known) == load_rules(folder, lexicon) != first
    assert read == ["disease", "harvest", "disease"]
    read.clear()
    (lexicon / "病症.txt").write_text("头痛\n", encoding="utf-8")
    load_rules(folder, lexicon, known)
    assert read == ["harvest", "disease"]
    (folder / "health" / "disease.toml").write_text("patterns = 3", encoding="utf-8")
    with pytest.raises(RuleError):
        load_rules(folder, lexicon, known)
