"""How a claim is meant, over the rounds of tests/data/stance: through the rules, or as marked where no rule finds it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from make import transcript, utterance
from streamlens.detect.claims import find_claims
from streamlens.detect.corrections import CORRECTS_WITHIN_MS
from streamlens.detect.rules import load_rules
from streamlens.detect.sound import SoundText
from streamlens.detect.spoken import speak
from streamlens.detect.stance import Cues, find_stance
from streamlens.schema import STANCES, Mentions, Segments
from streamlens.shipped import shipped

BOOK = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
ROUNDS = Path(__file__).parents[1] / "data" / "stance"


def rows() -> Iterator[tuple[str, str]]:
    for path in sorted(ROUNDS.glob("*.txt")):
        stance = ""
        for line in path.read_text("utf-8").splitlines():
            if line in STANCES:
                stance = line
            else:
                yield stance, line


ROWS = list(rows())


def test_each_sentence_is_there_once_and_marked() -> None:
    assert len({line for _, line in ROWS}) == len(ROWS) > 400
    assert {stance for stance, _ in ROWS} == set(STANCES)
    assert [line for _, line in ROWS if not re.fullmatch(r"!?[^\[\]]*\[[^\[\]]+\][^\[\]]*", line)] == []


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    """The stance of every row. Between two of them lies a silence over which nothing is taken back."""
    texts = [re.sub(r"[!\[\]]", "", line) for _, line in ROWS]
    silence_s = CORRECTS_WITHIN_MS / 1000 + 60
    said = transcript(*(utterance(text, number * silence_s) for number, text in enumerate(texts)))
    spoken = speak(said)
    cues = Cues(spoken, SoundText(spoken), BOOK)
    claims = find_claims(said, BOOK, Segments(recording="r1"), Mentions(recording="r1")).claims
    claims = tuple(claim for claim in claims if claim.likeness is None)  # what only sounds like one is for the hearing
    read = {}
    for number, (_, line) in enumerate(ROWS):
        before, claim, _ = re.split(r"[\[\]]", line.removeprefix("!"))
        place = range(len(before), len(before) + len(claim))
        at = [
            index
            for index, char in enumerate(spoken.text)
            if spoken.utterance[index] == number and spoken.offset[index] in place and char not in ",."
        ]
        first_ms, last_ms = spoken.times(at[0], at[-1] + 1)
        shared = {min(each.end_ms, last_ms) - max(each.start_ms, first_ms): each.stance for each in reversed(claims)}
        most = max(shared)
        read[line] = shared[most] if most > 0 else find_stance(cues, at[0], at[-1] + 1).stance
    return read


@pytest.mark.parametrize(("stance", "line"), ROWS)
def test_stance(found: dict[str, str], stance: str, line: str) -> None:
    wrong_still = line.startswith("!")
    right = found[line] == stance
    assert right != wrong_still, f"{line} is {stance}, was taken as {found[line]}"
