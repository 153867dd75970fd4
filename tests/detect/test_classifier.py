"""The two models behind implied claims: their arithmetic, their files, and what they say of plain sentences."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from streamlens.detect.classifier import ENCODER, HEAD, NGRAMS, Classifier, Head, Ngrams, plain
from streamlens.errors import ModelError
from streamlens.shipped import shipped

IMPLIED = shipped("models") / "implied"
HINTS = (
    "以前我妈上三楼要歇两回，吃了俩月，现在拎着菜一口气上去",
    "喝了三个礼拜，去年的裙子又能穿进去了",
    "这个坚持吃，体检单上那几个箭头自己就下去了",
    "孩子换季不闹毛病，全靠早上这一杯",
)
PLAIN = (
    "今天晚上拍，明天下午从仓库发货",
    "这个果子皮薄汁多，酸甜口的",
    "不能治病的，它就是个食品，大家不要信那些",
    "有宝宝问喝了能不能瘦，这个我不敢说",
    "泡发半个小时，跟排骨一起炖",
    "谢谢大家的关注，我们明天见",
)


def model(
    folder: Path, *, labels: Sequence[str] = ("health", "price"), grams: Sequence[str] = ("瘦", "了", "瘦了")
) -> Path:
    """A folder with a small n-gram model whose numbers can be worked out by hand."""
    record = Ngrams(
        labels=tuple(labels),
        longest=2,
        grams=tuple(grams),
        idf=np.array([1.0, 2.0, 3.0], "<f4").tobytes(),
        weight=np.array([[4.0, 0.0, 2.0], [0.0, -1.0, 0.5]], "<f2").tobytes(),
        bias=(-1.0, 0.25),
    )
    folder.mkdir(exist_ok=True)
    (folder / NGRAMS).write_bytes(msgspec.json.encode(record))
    return folder


def test_scores_are_what_the_formula_gives(tmp_path: Path) -> None:
    scorer = Classifier(model(tmp_path))
    # 瘦了,瘦了: each gram twice, so 1 + ln 2, times its idf, over the length of the vector
    length = math.sqrt(1 + 4 + 9)
    want = -1 + (4 * 1 + 0 * 2 + 2 * 3) / length
    assert scorer.ngram_odds(["瘦了,瘦了"])[0, 0] == pytest.approx(want)
    assert scorer.probabilities(["瘦了,瘦了"])[0][0] == pytest.approx(1 / (1 + math.exp(-want)))
    assert scorer.probabilities(["苹果"])[0] == pytest.approx((1 / (1 + math.e), 1 / (1 + math.exp(-0.25))))


def test_scores_equal_those_of_scikit_learn() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text", reason="scikit-learn is needed for training only")
    table = msgspec.json.decode((IMPLIED / NGRAMS).read_bytes(), type=Ngrams)
    vectors = text.TfidfVectorizer(
        analyzer="char", ngram_range=(1, table.longest), sublinear_tf=True, lowercase=False, vocabulary=table.grams
    )
    vectors.idf_ = np.frombuffer(table.idf, "<f4").astype(float)
    weight = np.frombuffer(table.weight, "<f2").astype(float).reshape(len(table.labels), -1)
    texts = [plain(each) for each in (*HINTS, *PLAIN, "")]
    want = vectors.transform(texts) @ weight.T + np.array(table.bias)
    assert Classifier(IMPLIED, encoder=False).ngram_odds(texts) == pytest.approx(want, abs=1e-5)


@pytest.mark.parametrize("encoder", [False, True])
def test_hints_are_likelier_than_plain_speech(encoder: bool) -> None:
    if encoder and not (IMPLIED / ENCODER).exists():
        pytest.skip("the encoder is not part of this checkout")
    scorer = Classifier(IMPLIED, encoder=encoder)
    health = scorer.labels.index("health")
    hints = [row[health] for row in scorer.probabilities([plain(each) for each in HINTS])]
    others = [row[health] for row in scorer.probabilities([plain(each) for each in PLAIN])]
    assert max(others) < 0.5 < min(hints)


def test_without_the_encoder_the_ngrams_answer(tmp_path: Path) -> None:
    (tmp_path / "implied").mkdir()
    (tmp_path / "implied" / NGRAMS).write_bytes((IMPLIED / NGRAMS).read_bytes())
    alone = Classifier(tmp_path / "implied")
    assert alone.head is None
    assert alone.probabilities([HINTS[0]]) == Classifier(IMPLIED, encoder=False).probabilities([HINTS[0]])


def test_the_encoder_is_not_asked_of_what_the_ngrams_think_hopeless(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (IMPLIED / ENCODER).exists():
        pytest.skip("the encoder is not part of this checkout")
    scorer = Classifier(IMPLIED)
    health = scorer.labels.index("health")
    texts = [plain(each) for each in (*HINTS, *PLAIN)]
    every = scorer.probabilities(texts)
    asked: list[str] = []
    encoder = Classifier.encoder_odds

    def noted(self: Classifier, given: Sequence[str]) -> object:
        asked.extend(given)
        return encoder(self, given)

    monkeypatch.setattr(Classifier, "encoder_odds", noted)
    few = scorer.probabilities(texts, ["health"], 0.9)
    assert set(texts[: len(HINTS)]) <= set(asked) < set(texts)
    assert [row[health] >= 0.9 for row in few] == [row[health] >= 0.9 for row in every]
    assert all(few[number] == every[number] for number, text in enumerate(texts) if text in asked)


def test_nothing_to_score() -> None:
    assert Classifier(IMPLIED).probabilities([]) == ()


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "cannot be read"), (b"{", "cannot be read"), (b'{"labels": 3}', "cannot be read")],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes | None, what: str) -> None:
    if content is not None:
        (tmp_path / NGRAMS).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{NGRAMS}.*{what}"):
        Classifier(tmp_path)


def test_tables_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    scorer = Classifier(model(tmp_path, grams=("瘦", "了")))
    with pytest.raises(ModelError, match="do not fit"):
        scorer.probabilities(["瘦了"])


def head(labels: Sequence[str] = ("health", "price")) -> bytes:
    return msgspec.json.encode(Head(labels=tuple(labels), most_tokens=8, share=0.5, sha256="0" * 64))


def test_an_encoder_that_is_not_the_one_named_is_refused(tmp_path: Path) -> None:
    folder = model(tmp_path)
    (folder / ENCODER).write_bytes(b"something else")
    (folder / HEAD).write_bytes(head())
    with pytest.raises(ModelError, match=f"{ENCODER}: is not the one"):
        Classifier(folder).probabilities(["瘦了"])


def test_an_encoder_of_other_labels_is_refused(tmp_path: Path) -> None:
    folder = model(tmp_path)
    (folder / ENCODER).write_bytes(b"something else")
    (folder / HEAD).write_bytes(head(["health"]))
    with pytest.raises(ModelError, match="other labels"):
        Classifier(folder)


def test_another_model_has_another_digest(tmp_path: Path) -> None:
    assert Classifier(model(tmp_path)).digest != Classifier(IMPLIED, encoder=False).digest


@pytest.mark.parametrize(
    ("text", "want"), [("好，吃了3天。瘦了！", "好,吃了三天,瘦了"), ("，，", ""), ("VC 120粒", "vc一百二十粒")]
)
def test_texts_are_put_into_one_form(text: str, want: str) -> None:
    assert plain(text) == want
