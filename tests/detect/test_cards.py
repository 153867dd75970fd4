"""Products that the screen shows."""

import msgspec
import numpy as np
import pytest

from make import catalogue, product
from streamlens.detect.cards import card_scores, shown_products
from streamlens.schema import Screen, ScreenText


def priced(sku: str, name: str, fen: int, *aliases: str):  # type: ignore[no-untyped-def]
    return msgspec.structs.replace(product(sku, name, aliases=aliases), price_fen=fen)


SHOP = catalogue(
    priced("XG", "古田干香菇", 3500, "香菇"),
    priced("XGJ", "香菇酱", 2990),
    priced("NR", "手撕牛肉干", 6800),
    priced("TD", "恩施富硒土豆大礼盒装", 2990, "土豆"),
)


def screen(*rows: tuple[str, float, float]) -> Screen:
    return Screen(
        recording="r1",
        texts=tuple(
            ScreenText(
                start_ms=round(start * 1000), end_ms=round(end * 1000), text=text, box=(0, 0, 100, 100), confidence=0.9,
                sort="standing",
            )
            for text, start, end in rows
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "want"),
    [
        ([("古田干香菇", 10, 40)], [("XG", 10, 40, 1.0)]),
        ([("香菇酱", 10, 40)], [("XGJ", 10, 40, 1.0)]),  # the longer name, not 香菇
        ([("爆款香菇酱，四瓶装", 10, 40)], [("XGJ", 10, 40, 1.0)]),
        ([("恩施富硒土豆大礼", 10, 40)], [("TD", 10, 40, 1.0)]),  # cut to what fits
        ([("¥35", 10, 40)], [("XG", 10, 40, 0.6)]),
        ([("手撕牛肉干", 10, 40), ("￥68", 12, 40)], [("NR", 10, 40, 1.0)]),  # one card
        ([("手撕牛肉干", 10, 20), ("手撕牛肉干", 22, 40)], [("NR", 10, 40, 1.0)]),
        ([("¥29.9", 10, 40)], [("TD", 10, 40, 0.15), ("XGJ", 10, 40, 0.15)]),
        ([("35", 10, 40), ("欢迎来到直播间", 0, 40), ("现摘现发", 0, 9)], []),
        # a list of all tells nothing
        ([("古田干香菇", 10, 40), ("香菇酱", 10, 40), ("手撕牛肉干", 11, 40)], []),
        ([], []),
    ],
)
def test_shown(rows: list[tuple[str, float, float]], want: list[tuple[str, float, float, float]]) -> None:
    found = shown_products(screen(*rows), SHOP)
    assert [(sku, start / 1000, end / 1000, pytest.approx(share)) for sku, start, end, share in found] == want


def test_what_passes_by_is_no_card() -> None:
    shown = screen(("香菇酱", 10, 40))
    (text,) = shown.texts
    comment = msgspec.structs.replace(shown, texts=(msgspec.structs.replace(text, sort="comment"),))
    assert shown_products(comment, SHOP) == ()


def scores(shown: Screen) -> np.ndarray:
    times = np.arange(0, 110_000, 10_000, dtype=np.int64)
    return card_scores(
        times, times[:-1], shown, SHOP, ("XG", "XGJ", "NR", "TD"), weight=5.0, fresh_ms=20_000, late_ms=6_000
    )


def test_a_card_is_news_when_it_comes_up() -> None:
    column = scores(screen(("香菇酱", 23, 100)))[:, 1]
    assert column.sum() == pytest.approx(5.0)
    assert column[:2].sum() == 0  # from the sentence it comes up in ...
    assert column[2] > 0 and column[5:].sum() == 0  # ... and no longer than it is news


def test_a_sentence_long_begun_is_not_taken_back_to() -> None:
    column = scores(screen(("香菇酱", 29, 100)))[:, 1]
    assert 0 < column[2] < column[3]


def test_a_forgotten_card_speaks_once() -> None:
    assert scores(screen(("香菇酱", 0, 100)))[3:].sum() == 0
