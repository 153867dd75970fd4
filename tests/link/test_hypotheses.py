"""Hypotheses are borne out, contradicted, left open or refused, and never for want of looking often enough."""

from typing import Any

import numpy as np
import polars
import pytest

from streamlens import schema
from streamlens.link.honesty import Minima
from streamlens.link.hypotheses import Hypothesis, check_hypothesis, judge, put_to_test
from streamlens.link.paired import difference, mean_ratio, ratio, share
from streamlens.schema import Judged, Refusal

FEW = Minima(streams=5, anchors=3, events=10, rows=30)


def pitches(shape: str, seed: int = 1) -> polars.DataFrame:
    """600 pitches of 20 streams; sales per 1000 viewer-minutes follow `x` as `shape` says."""
    rng = np.random.default_rng(seed)
    stream = np.repeat(np.arange(20), 30)
    x = rng.uniform(0, 4, 600)
    rate = {"rises": 20 + 5 * x, "falls": 40 - 5 * x, "hill": 40 - 5 * (x - 2) ** 2, "flat": 30 + 0 * x}[shape]
    return polars.DataFrame({
        "recording": [f"s{each}" for each in stream], "anchor": [f"a{each % 8}" for each in stream], "x": x,
        "unit": ["segment"] * 600, "viewer_minutes": [1000.0] * 600, "orders": rng.poisson(rate),
    })  # fmt: skip


def verdict(shape: str, expects: str, test: str = "association", **changes: Any) -> Judged:
    given: dict[str, Any] = {"id": "h", "finding": "f", "feature": "x", "minima": FEW, "confounders": (), **changes}
    hypothesis = Hypothesis(test=test, expects=expects, **given)  # type: ignore[arg-type]
    assert check_hypothesis(hypothesis) == ""
    return judge([(hypothesis, put_to_test(pitches(shape), hypothesis))])[0]


@pytest.mark.parametrize(
    ("shape", "expects", "test", "said"),
    [
        ("rises", "positive", "association", "borne_out"),
        ("rises", "negative", "association", "contradicted"),
        ("flat", "positive", "association", "cannot_tell"),
        ("flat", "none", "association", "cannot_tell"),
        ("falls", "none", "association", "contradicted"),
        ("hill", "inverted_u", "curve", "borne_out"),
        ("hill", "u", "curve", "contradicted"),
        ("rises", "inverted_u", "curve", "contradicted"),
        ("flat", "inverted_u", "curve", "cannot_tell"),
    ],
)
def test_the_side_that_the_data_are_on_decides(shape: str, expects: str, test: str, said: str) -> None:
    assert verdict(shape, expects, test).verdict == said


def test_none_is_borne_out_where_the_interval_lies_within_the_margin() -> None:
    assert verdict("flat", "none", margin=0.4).verdict == "borne_out"


@pytest.mark.parametrize(
    ("changes", "lack"),
    [
        ({"minima": Minima()}, None),
        ({"feature": "not_there"}, "columns"),
        ({"minima": Minima(streams=50)}, "streams"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], lack: str | None) -> None:
    found = verdict("rises", "positive", **changes)
    if lack is None:
        assert found.verdict == "borne_out"
        return
    assert found.verdict == "refused" and found.q_value is None and found.reasons


def test_untestable_says_what_it_needs() -> None:
    hypothesis = Hypothesis(id="h", finding="f", test="untestable", needs="gestures")
    found = put_to_test(pitches("flat"), hypothesis)
    assert isinstance(found, Refusal) and dict(found.reasons[0].args) == {"what": "gestures"}
    assert "needs" in check_hypothesis(Hypothesis(id="h", finding="f", test="untestable"))


def test_every_hypothesis_on_the_list_makes_the_others_harder() -> None:
    one = Hypothesis(id="0", finding="f", test="association", expects="positive", feature="x")
    rho = put_to_test(
        pitches("rises"),
        Hypothesis(id="x", finding="f", test="association", expects="positive", feature="x", minima=FEW),
    )
    assert isinstance(rho, schema.Tested)

    def tested(id: str, p: float) -> tuple[Hypothesis, schema.Tested]:
        given = {name: getattr(rho, name) for name in rho.__struct_fields__}
        return Hypothesis(id=id, finding="f", test="association", expects="positive", feature="x"), schema.Tested(
            **{**given, "id": id, "p_expected": p, "p_opposite": 1 - p}
        )

    assert judge([tested("0", 0.02)])[0].verdict == "borne_out"
    many = judge([tested("0", 0.02), *(tested(str(n), 0.4) for n in range(1, 9))], correction="holm")
    assert many[0].verdict == "cannot_tell" and many[0].id == one.id


def test_ratios_count_groups_and_not_units() -> None:
    rng = np.random.default_rng(2)
    luck = np.repeat(rng.normal(0, 1, 10), 50)
    above, below, groups = 5 + luck, np.ones(500), np.repeat(np.arange(10), 50)
    together, alone = ratio(above, below, groups), ratio(above, below, np.arange(500))
    assert together and alone and together.se and alone.se
    assert together.value == alone.value == pytest.approx(above.mean())
    assert together.se > 5 * alone.se
    paired = difference((above + 0.1, below), (above, below), groups)
    assert paired and paired.value == pytest.approx(0.1) and paired.se == pytest.approx(0, abs=1e-9)
    both = mean_ratio([(above, below), (above + 2, below), (above, 0 * below)], groups)
    assert both and both.value == pytest.approx(above.mean() + 1)
    assert ratio(above, 0 * below, groups) is None


def test_none_of_few_is_not_none_at_all() -> None:
    found = share(np.zeros(10), np.ones(10), np.arange(10))
    assert found and (found.low, found.high) == (0, pytest.approx(1 - 0.025**0.1))
