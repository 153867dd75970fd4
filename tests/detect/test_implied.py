"""Claims by hint: which stretches are asked about, what makes a claim of them, and what does not."""

from pathlib import Path

import msgspec
import pytest

from make import claim, mentions, recording, segments, transcript
from streamlens.detect.classifier import Classifier
from streamlens.detect.implied import ImpliedOptions, find_implied, sentences, windows
from streamlens.detect.rules import load_rules
from streamlens.detect.spoken import speak
from streamlens.errors import InputError
from streamlens.judge.findings import judge
from streamlens.judge.law import load_law
from streamlens.schema import KINDS, Catalogue, Claim, Claims, Evidence, RuleBook, Transcript
from streamlens.shipped import shipped

STREAMS = Path(__file__).parents[1] / "data" / "streams"
LABELS = ("health", "scarcity", "health.disease", "health.beauty")


class Table:
    """A scorer that looks for a word and remembers what it was asked."""

    labels = LABELS

    def __init__(self, **by_word: tuple[float, float, float, float]) -> None:
        self.by_word = by_word
        self.asked: list[str] = []

    def probabilities(
        self, texts: list[str], labels: tuple[str, ...] = (), least: float = 0.0
    ) -> tuple[tuple[float, ...], ...]:
        self.asked += texts
        nothing = (0.0,) * len(self.labels)
        return tuple(next((p for word, p in self.by_word.items() if word in text), nothing) for text in texts)


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")


SLIM = Table(裤子=(0.97, 0.2, 0.1, 0.6))


def implied(
    said: Transcript | str, book: RuleBook, scorer: Table = SLIM, *known: Claim, **options: object
) -> list[Claim]:
    said = transcript(said) if isinstance(said, str) else said
    before = Claims(recording="r1", rules_version="0", claims=known)
    found = find_implied(
        before, said, mentions(), segments(("A", 0.0, 99.0)), book, scorer, options=ImpliedOptions(**options)
    )
    return [each for each in found.claims if each.rule.startswith("implied.")]


def test_a_likely_sentence_becomes_a_claim_with_its_way(book: RuleBook) -> None:
    (found,) = implied("大家晚上好啊，欢迎来到直播间。喝了三周，去年的裤子又穿得进去了。谢谢大家的关注。", book)
    assert (found.rule, found.kind, found.stance, found.product) == ("implied.health", "health.beauty", "asserted", "A")
    assert found.quote == "喝了三周，去年的裤子又穿得进去了"
    assert found.confidence == 0.97
    assert [step.step for step in found.trace] == ["heard", "matched", "meant", "meant"]
    assert found.trace[1].message.code == "detect.implied"
    assert dict(found.trace[1].message.args)["score"] == "0.97"


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({}, 1),
        ({"least_probability": 0.98}, 0),
        ({"families": ("scarcity",)}, 0),
        ({"families": ("scarcity",), "least_probability": 0.2}, 1),
        ({"families": ()}, 0),
        ({"enabled": False}, 0),
        ({"fewest_letters": 30}, 0),
    ],
)
def test_options(book: RuleBook, options: dict[str, object], count: int) -> None:
    assert len(implied("喝了三周，去年的裤子又穿得进去了。", book, SLIM, **options)) == count


def test_where_a_rule_found_something_nothing_is_implied(book: RuleBook) -> None:
    said = transcript("喝了三周，去年的裤子又穿得进去了。")
    known = claim("c1", "裤子", 1.0)
    scorer = Table(裤子=(0.97, 0.2, 0.1, 0.6))
    assert implied(said, book, scorer, known) == []
    assert scorer.asked == []


def test_a_hint_that_two_sentences_share_is_found_once(book: RuleBook) -> None:
    both = Table(**{"上秤,你会来谢我": (0.95, 0, 0.9, 0.2)})
    (found,) = implied("你先喝它三个礼拜再去上秤。你会来谢我的对不对啊。", book, both)
    assert found.quote == "你先喝它三个礼拜再去上秤。你会来谢我的对不对啊"
    assert found.kind == "health.disease"


def test_a_sentence_alone_goes_before_its_pairs(book: RuleBook) -> None:
    found = implied("去年的裤子又穿得进去了。这个真的可以试一试。再说一遍裤子能穿进去。", book)
    assert [each.quote for each in found] == ["去年的裤子又穿得进去了", "再说一遍裤子能穿进去"]
    assert len({each.id for each in found}) == 2


@pytest.mark.parametrize(
    ("said", "stance"),
    [("有宝宝问喝了裤子会不会变松？", "question"), ("喝了裤子又穿得进去了，真的。", "asserted")],
)
def test_the_stance_is_found_as_for_any_claim(book: RuleBook, said: str, stance: str) -> None:
    found = implied(said, book)
    assert [each.stance in (stance, "reported") for each in found] == [True]
    assert (found[0].stance == "asserted") == (stance == "asserted")


def test_a_long_sentence_is_parted_at_its_breaks() -> None:
    said = speak(transcript("，".join(["这一句话里面有十个字"] * 12) + "。好的。"))
    spans = sentences(said, most=60)
    assert all(0 < end - start <= 60 for start, end in spans)
    assert (
        "".join(said.text[start:end] for start, end in spans).replace(",", "") == "这一句话里面有十个字" * 12 + "好的"
    )
    assert sentences(speak(transcript("字" * 150)), most=60) == [(0, 60), (60, 120), (120, 150)]


def test_windows_are_sentences_and_neighbours_within_reach() -> None:
    said = speak(transcript("第一句话在这里说完。第二句话在这里说完。嗯。第四句话在这里说完。"))
    texts = [said.text[start:end] for start, end in windows(said, sentences(said, most=60), fewest=5, most=25)]
    assert texts == [
        "第一句话在这里说完",
        "第一句话在这里说完.第二句话在这里说完",
        "第二句话在这里说完",
        "第二句话在这里说完.嗯",
        "嗯.第四句话在这里说完",
        "第四句话在这里说完",
    ]


def test_a_family_that_the_classifier_does_not_know_is_named(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"\[implied\] families: no family 'helth'; known are .*health"):
        implied("喝了三周，去年的裤子又穿得进去了。", book, SLIM, families=("helth",))


def test_every_family_has_a_kind_of_the_list(book: RuleBook) -> None:
    scorer = Classifier(shipped("models") / "implied")
    for family in [label for label in scorer.labels if "." not in label]:
        one = Table(裤子=(0.5,) * 5)  # type: ignore[arg-type]
        one.labels = tuple(label for label in scorer.labels if label.partition(".")[0] == family)  # type: ignore[assignment]
        one.by_word = {"裤子": (0.5,) * len(one.labels)}  # type: ignore[dict-item]
        (found,) = implied("喝了三周，去年的裤子又穿得进去了。", book, one, families=(family,), least_probability=0.4)
        assert found.kind in KINDS
        assert found.kind.startswith(f"{family}.")


@pytest.mark.parametrize("stream", ["d1-orchard", "d2-hens", "d3-dried"])
def test_lines_of_the_sample_streams_that_claim_nothing_stay_so(book: RuleBook, stream: str) -> None:
    gold = msgspec.json.decode((STREAMS / stream / "gold.json").read_bytes())
    lines = [line["text"] for line in gold["lines"] if not any(c["stance"] == "asserted" for c in line["claims"])]
    assert len(lines) >= 7
    scorer = Classifier(shipped("models") / "implied")
    assert implied(transcript(*lines, pause_s=1.0), book, scorer) == []  # type: ignore[arg-type]


def test_a_hint_is_found_by_the_shipped_model_and_not_accused(book: RuleBook) -> None:
    scorer = Classifier(shipped("models") / "implied")
    (found,) = implied("大家晚上好啊，欢迎来到直播间。喝了三个礼拜，去年的裙子又能穿进去了，肚子都平了。", book, scorer)  # type: ignore[arg-type]
    claims = Claims(recording="r1", rules_version="0", claims=(found,))
    law = load_law(shipped("configs") / "law.toml")
    (finding,) = judge(recording(), claims, Evidence(), Catalogue(), book, law).findings
    assert (finding.verdict, finding.reason.code) == ("unclear", "judge.implied")
    assert finding.law


def test_nothing_said_is_nothing_implied(book: RuleBook) -> None:
    assert implied(transcript(), book) == []
