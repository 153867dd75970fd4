"""In which sentences a pattern may match: never too few, and few enough."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlens.detect.patterns import expression, parse
from streamlens.detect.whereabouts import Whereabouts
from streamlens.language import same_sound

SETS = {"作物": ("苹果", "大蒜")}
PATTERNS = ("打药", "不?打(农?药|#遍药)", "<作物>~3甜", "<作物>~~5甜", "(都?没?)打", "#年", "(药|打)?果?")


def found(text: str, pattern: str) -> list[str]:
    places = Whereabouts(text)
    return [text[start:end] for start, end in places.bounds(places.of(parse(pattern, SETS)))]


@pytest.mark.parametrize(
    ("pattern", "sentences"),
    [
        ("打药", ["没打,药"]),
        ("打药|苹果", ["苹果很甜", "没打,药"]),
        ("<作物>~3甜", ["苹果很甜"]),
        ("三年|#年", ["种了三年"]),
        ("药打", []),
        ("蒜?", ["苹果很甜", "没打,药", "种了三年"]),
    ],
)
def test_the_sentences_that_have_a_pattern_s_words(pattern: str, sentences: list[str]) -> None:
    assert found("苹果很甜.没打,药.种了三年", pattern) == sentences


def test_words_may_be_spelt_by_their_sounds() -> None:
    places = Whereabouts(same_sound("零天家.好"), same_sound)
    assert list(places.bounds(places.of(parse("零添加", {})))) == [(0, 3)]
    assert places.of(parse("零添家糖", {})) == 0


@given(st.sampled_from(PATTERNS), st.text(alphabet="苹果大蒜打农药没不都甜三年遍很,.", max_size=40))
def test_nothing_is_missed(pattern: str, text: str) -> None:
    text = re.sub("[,.]*[.][,.]*|,+", lambda marks: "." if "." in marks.group() else ",", text)
    tree = parse(pattern, SETS)
    regex = re.compile(expression(tree))
    places = Whereabouts(text)
    spans = list(places.bounds(places.of(tree)))
    near = [match.span() for span in spans for match in regex.finditer(text, *span) if match.group()]
    assert near == [match.span() for match in regex.finditer(text) if match.group()]
    assert all(a < b for a, b in spans) and all(one[1] < two[0] for one, two in pairwise(spans))
