"""Superlatives and endorsements."""

from datetime import date

import pytest

from streamlens.schema import Award, BrandAuthorisation


def test_superlatives_are_prohibited(decide):
    assert decide("全国最好的姜", "absolute.superlative").verdict == "prohibited"


@pytest.mark.parametrize(
    ("quote", "papers", "verdict"),
    [
        ("国宴专用", [], "prohibited"),
        ("县长推荐", [], "prohibited"),
        ("食品协会推荐", [], "prohibited"),
        ("某明星也在吃", [], "unsupported"),
        ("某明星也在吃", [BrandAuthorisation(id="B1", covers=("A",), valid_to=date(2027, 1, 1))], "unclear"),
        ("请了山里人家代言", [BrandAuthorisation(id="B1", covers=("A",), brand="山里人家")], "supported"),
        ("拿过金奖", [Award(id="W1", covers=("A",), title="金奖")], "supported"),
        ("拿过金奖", [BrandAuthorisation(id="B1", covers=("A",))], "unsupported"),
    ],
)
def test_endorsement(decide, quote, papers, verdict):
    assert decide(quote, "authority.endorsement", *papers).verdict == verdict
