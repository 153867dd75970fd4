"""Where goods come from, against the catalogue and records."""

import pytest

from streamlens.schema import OriginRecord


@pytest.mark.parametrize(
    ("quote", "origin", "verdict"),
    [
        ("江西赣州来的", "江西赣州", "supported"),
        ("云南来的", "江西赣州", "contradicted"),
        ("赣州的橙子", "江西省赣州市寻乌县", "supported"),
        ("大山里来的", "江西赣州", "unsupported"),
        ("江西来的", "", "unsupported"),
    ],
)
def test_place_against_the_catalogue(decide, quote, origin, verdict):
    assert decide(quote, "origin.place", goods={"origin": origin}).verdict == verdict


def test_place_against_records(decide):
    record = OriginRecord(id="O1", covers=("A",), place="江西省寻乌县", method="自有果园", issuer="红果合作社")
    assert decide("寻乌发货", "origin.place", record).verdict == "supported"
    assert decide("陕西的果子", "origin.place", record).verdict == "contradicted"
    assert decide("我们自己家的果园", "origin.place", record).verdict == "supported"
    assert decide("山里的果子", "origin.place", record).reason.code == "judge.place.silent"
