"""The small language of the rules, as a regular expression; what it means by sound is held to the same words."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import transcript
from streamlens.detect.patterns import Choice, Gap, Node, Number, Sequence, Text, expression, may_occur, parse
from streamlens.detect.sound import SoundText
from streamlens.detect.spoken import speak
from streamlens.errors import RuleError
from streamlens.language import spoken

SETS = {"病": ("高血压", "高血压病", "咳嗽"), "果": ("梨",), "无": ()}


def found(pattern: str, said: str) -> list[str]:
    return [match.group() for match in re.finditer(expression(parse(pattern, SETS)), spoken(said)[0])]


@pytest.mark.parametrize(
    ("pattern", "said", "want"),
    [
        ("治病", "能治病，不治病", ["治病", "治病"]),
        ("治病", "治着病", []),
        ("吃药|打针", "打针吃药", ["打针", "吃药"]),
        ("比(吃药|打针)管用", "比打针管用", ["比打针管用"]),
        ("比(吃药|打针)管用", "比跑步管用", []),
        ("治|治疗|治疗好", "治疗好了", ["治疗好"]),  # the longest that is there, however they are listed
        ("(能|能够)治", "能够治，能治", ["能够治", "能治"]),
        ("比(吃(药|糖)|打针)好", "比吃糖好", ["比吃糖好"]),
        # what may be left out is taken when it is there
        ("比吃药都?好", "比吃药都好，比吃药好", ["比吃药都好", "比吃药好"]),
        ("(能够?)?治病", "能治病，能够治病，治病", ["能治病", "能够治病", "治病"]),
        ("治(好)?(了)?病", "治好了病，治了病，治病", ["治好了病", "治了病", "治病"]),
        # word sets, the longest word first
        ("治<病>", "治高血压病的", ["治高血压病"]),
        ("<果><病>", "梨咳嗽", ["梨咳嗽"]),
        # numbers, however they are written
        ("净重#克", "净重250克，净重二百五十克，净重两百五十克", ["净重二百五十克"] * 3),
        ("第#", "第一", ["第一"]),
        ("#克", "克", []),
        # a gap stays inside its clause, the shortest one first
        ("治~2病", "治病，治好病，治好了病", ["治病", "治好病", "治好了病"]),
        ("治~2病", "治好了我病", []),
        ("治~4病", "治了，病", []),
        ("治~4病", "治了。病", []),
        ("治~~4病", "治了，病", ["治了,病"]),
        ("治~~4病", "治了。病", []),
        ("治~3病", "治病治病", ["治病", "治病"]),
        ("治~~3病", "治病治病", ["治病", "治病"]),
        ("治(~2病)?", "治好病", ["治好病"]),
        # a comma inside literal words is only a guess of the recogniser, and a full stop is not passed over
        ("治病", "治，病", ["治,病"]),
        ("治病", "治。病", []),
        ("零添加的", "零，添加，的", ["零,添加,的"]),
        ("治<病>", "治，高血，压", ["治,高血,压"]),
        ("(能)?治(好)?病", "能，治，好，病", ["能,治,好,病"]),
        # ... but it belongs to no match by itself
        ("(能)?治病", "好，治病", ["治病"]),
        ("治病(的)?", "治病，好", ["治病"]),
        ("治病(的)?(啊)?", "治病，啊", ["治病,啊"]),
        ("(好)?(能)?治病", "好，治病", ["好,治病"]),
        # marks of the regular expressions stand for themselves
        ("a+", "aaa", []),
    ],
)
def test_expression(pattern: str, said: str, want: list[str]) -> None:
    assert found(pattern, said) == want


@pytest.mark.parametrize(
    ("pattern", "place", "what"),
    [
        ("治(病", 2, "bracket is not closed"),
        ("治(病|(痛)", 2, "bracket is not closed"),
        ("治病)", 3, ") has nothing to close"),
        ("治>病", 2, "> has nothing to close"),
        ("治<痛>", 2, "unknown word set <痛>; known: 无, 果, 病"),
        ("治<病", 2, "unknown word set"),
        ("治<无>", 2, "word set <无> is empty"),
        ("治~病", 2, "~ needs a number after it"),
        ("治~~病", 2, "~ needs a number after it"),
        ("?治", 1, "? has nothing before it"),
        ("治|?病", 3, "? has nothing before it"),
        ("(?治)", 2, "? has nothing before it"),
    ],
)
def test_errors_name_the_place(pattern: str, place: int, what: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(pattern, SETS, "health/x.toml:7")
    assert str(caught.value).startswith(f"health/x.toml:7: pattern {pattern!r}, character {place}: {what}")


# ---- the two readings of a pattern agree


LETTERS = "治病能好吃药打针都的高血压"


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> Node:
    kind = draw(st.integers(0, 5 if depth else 1))
    if kind <= 1:
        return Text(draw(st.text(alphabet=LETTERS, min_size=1, max_size=3)))
    if kind == 2:
        return Sequence((draw(trees(depth - 1)), draw(trees(depth - 1))))
    if kind == 3:
        return Number()
    options = draw(st.lists(trees(depth - 1), min_size=1, max_size=3))
    return Choice((*(Sequence((option,)) for option in options), *((Sequence(()),) if kind == 5 else ())))


def expand(node: Node, chance: random.Random) -> str:
    """One of the wordings that a tree stands for, made without the help of the code under test."""
    if isinstance(node, Text):
        return node.chars
    if isinstance(node, Number):
        return chance.choice(("一", "二百五十", "十二"))
    if isinstance(node, Choice):
        return expand(chance.choice(node.options), chance)
    assert not isinstance(node, Gap)
    return "".join(expand(part, chance) for part in node.parts)


@settings(deadline=None, max_examples=150)
@given(trees(), st.randoms(use_true_random=False), st.text(alphabet="我们这个，。", max_size=4))
def test_every_wording_is_found_by_the_expression_and_by_sound(tree: Node, chance: random.Random, around: str) -> None:
    wording = expand(tree, chance)
    if not wording:
        return
    text = speak(transcript(f"{around}。{wording}。{around}"))
    at = text.text.index(wording)
    assert re.compile(expression(tree)).fullmatch(text.text, at, at + len(wording))
    hits = SoundText(text).find(tree, lambda syllables: 0.0)
    assert any(hit.cost == 0 and hit.start < at + len(wording) and at < hit.end for hit in hits)


@settings(deadline=None, max_examples=100)
@given(trees(), st.randoms(use_true_random=False))
def test_commas_between_the_words_do_not_hide_them(tree: Node, chance: random.Random) -> None:
    if isinstance(tree, Number):
        return
    wording = expand(tree, chance)
    if any(char in "一二百五十" for char in wording):
        return  # a comma parts two numbers
    assert re.fullmatch(expression(tree), ",".join(wording))


@settings(deadline=None)
@given(trees(), st.randoms(use_true_random=False), st.sampled_from(LETTERS))
def test_a_match_never_begins_or_ends_with_a_break(tree: Node, chance: random.Random, letter: str) -> None:
    text = f"{letter},{expand(tree, chance)},{letter}"
    for match in re.finditer(expression(tree), text):
        assert match.group().strip(",") == match.group()


@settings(deadline=None, max_examples=150)
@given(trees(), trees(), st.randoms(use_true_random=False))
def test_an_expression_for_one_text_matches_as_the_full_one_does(
    tree: Node, other: Node, chance: random.Random
) -> None:
    for text in (f"{expand(tree, chance)},{expand(other, chance)}", expand(other, chance)):
        present = set(text).issuperset
        full = [match.span() for match in re.finditer(expression(tree), text)]
        if may_occur(tree, present):
            assert [match.span() for match in re.finditer(expression(tree, present), text)] == full
        else:
            assert not any(end > start for start, end in full)
