"""A broadcast beside others: the right others, both numbers, and nobody named."""

import re
from datetime import datetime

import msgspec
import pytest

from streamlens.report.comparison import Field, placed, render_comparison
from streamlens.report.messages import catalogue
from streamlens.schema import Compared, Measures, ProductMeasures


def of(
    id: str, day: int, anchor: str = "老周", *, pace: float | None = 260.0, name: str = "土鸡蛋", claims: int = 6
) -> Measures:
    eggs = ProductMeasures(product=id, name=name, air_ms=3_600_000, claims=claims, gmv_fen=6000, viewer_minutes=100.0)
    return Measures(
        recording=id, anchor=anchor, started_at=datetime(2026, 9, day), duration_ms=3_600_000, pace_cpm=pace,
        talk_rate=0.6, claims_per_hour=float(claims), products=(eggs,),
    )  # fmt: skip


def test_own_broadcasts_are_the_last_three_before_it() -> None:
    line = [of(f"s{day}", day, pace=200.0 + day) for day in (1, 2, 3, 4, 9)]
    now = of("now", 5, pace=300.0)
    standing = Field([*line, now]).standing(now)
    pace = next(change for change in standing.own if change.name == "pace")
    assert (pace.now, pace.before, pace.streams, pace.way) == (300.0, 203.0, 3, "up")
    assert Field([*line, now]).standing(line[0]).own == ()


def test_what_is_not_known_is_not_compared() -> None:
    standing = Field([of("a", 1, pace=None), now := of("b", 2)]).standing(now)
    assert {change.name for change in standing.own} == {"talk", "claims"}


def test_the_same_product_is_that_of_others_whatever_its_spaces() -> None:
    others = [
        of("x", 7, "小何", name="土 鸡蛋", claims=2),
        of("y", 1, "小林", claims=4),
        of("z", 1, "小何", name="苹果"),
    ]
    now = of("now", 3)
    (product,) = Field([*others, now, of("own", 1)]).standing(now).products
    assert (product.name, product.sellers) == ("土鸡蛋", 2)
    claims, sales = product.changes
    assert (claims.now, claims.before, claims.streams) == (6.0, 3.0, 2)
    assert (sales.now, sales.way) == (60.0, "same")
    page = render_comparison(Compared(recording="now", products=(product,)), "zh")
    assert "小何" not in page and "小林" not in page and "¥0.60" in page


def test_the_order_of_the_workspace_does_not_matter() -> None:
    many = [of(f"s{day}", day) for day in range(1, 9)] + [of("same-day", 8)]
    assert [Field(many).standing(each) for each in many] == [Field(reversed(many)).standing(each) for each in many]


def test_it_is_put_into_the_page_in_the_pages_language_again_and_again() -> None:
    now = of("now", 5)
    standing = Field([of("a", 1), now]).standing(now)
    page = f'<html lang="en"><b>1</b>{render_comparison(None, "en")}<b>2</b>'.encode()
    once = placed(page, standing)
    assert once and b"Beside your earlier broadcasts" in once and once.endswith(b"<b>2</b>")
    assert placed(once, standing) == once
    assert placed(once, Compared(recording="now")) == page
    assert placed(b"<html>", standing) is None


def test_a_hostile_name_stays_text() -> None:
    now = of("now", 5, name="<img src=x onerror=alert(1)><!--/comparison-->")
    standing = Field([now, msgspec.structs.replace(now, recording="x", anchor="other")]).standing(now)
    page = render_comparison(standing, "zh")
    assert "<img" not in page and page.count("<!--/comparison-->") == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_change_has_its_sentence(lang: str) -> None:
    codes = catalogue(lang)
    for name in ("pace", "fillers", "talk", "unanswered", "claims", "sales"):
        for way in ("up", "down", "same"):
            assert {"now", "before"} <= set(re.findall(r"{(\w+)}", codes[f"compare.{name}.{way}"]))
