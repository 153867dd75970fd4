"""Models learn inside their folds, are judged against simple guesses, and say so when they are no better."""

from pathlib import Path

import numpy as np
import polars
import pytest

from streamlens.errors import ModelError
from streamlens.link.explain import dependence, importances
from streamlens.link.gain import GainOptions, deviance, evaluate, gain, optimism, score
from streamlens.link.models import MODELS, baselines, fit, fit_folds, load_model, make_model, out_of_fold, save_model
from streamlens.link.splits import covered
from streamlens.link.task import Task, make_task, split_task

QUICK = GainOptions(draws=300, folds=4)


def table(effect: float, streams: int = 16, rows: int = 15, seed: int = 1) -> polars.DataFrame:
    """Pitches whose orders depend on viewers and, if there is an effect, on `x`; `noise` says nothing, and every stream
    has a level of its own that a `stream_mark` betrays."""
    rng = np.random.default_rng(seed)
    stream = np.repeat(np.arange(streams), rows)
    level = rng.normal(0, 0.5, streams)[stream]
    x, viewers = rng.normal(size=len(stream)), np.exp(rng.normal(6, 0.4, len(stream)))
    return polars.DataFrame({
        "recording": [f"s{each}" for each in stream], "anchor": [f"a{each % 6}" for each in stream],
        "product": [f"p{each}" for each in rng.integers(0, 4, len(stream))], "x": x, "noise": rng.normal(size=len(stream)),
        "stream_mark": rng.normal(size=streams)[stream], "viewer_minutes": viewers,
        "orders": rng.poisson(viewers * 0.02 * np.exp(effect * x + level)),
    })  # fmt: skip


def task(effect: float, features: tuple[str, ...] = ("x", "noise", "product")) -> Task:
    return make_task(table(effect), "orders", features)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_finds_what_is_there(model: str) -> None:
    found = evaluate(task(0.6), model, "recording", options=QUICK)  # type: ignore[arg-type]
    assert found.gain.better
    assert found.gain.verdict.code == "link.gain.better"
    assert found.gain.share.low > 0.1


def test_a_model_that_has_learnt_nothing_is_no_better_than_the_baseline() -> None:
    found = evaluate(task(0.0), "forest", "recording", options=QUICK)
    assert not found.gain.better
    assert found.gain.verdict.code in ("link.gain.no_better", "link.gain.worse")


def test_a_random_split_promises_too_much() -> None:
    """The mark tells the stream apart and nothing else, so only a random split can make use of it."""
    found = optimism(task(0.0, ("stream_mark", "noise")), "forest", "recording", options=QUICK)
    assert found.d2 > 0.1
    assert found.statement.code == "link.optimism.some"


def test_means_and_categories_are_learnt_from_training_rows_alone() -> None:
    """What is tried may be changed at will: predictions for other rows stay the same."""
    given = task(0.5)
    parts = split_task(given, "recording", folds=4)
    train, test = parts[0]
    model = fit(make_model("poisson", given), given, train)
    before = model.predict(given.columns[train[:5]])
    given.columns[test, 0] = 1e9
    given.columns[test, 2] = "unheard of"
    given.target[test] = 0
    again = fit(make_model("poisson", given), given, train).predict(given.columns[train[:5]])
    np.testing.assert_array_equal(before, again)


def test_what_is_missing_is_filled_and_marked() -> None:
    frame = table(0.8).with_columns(x=polars.when(polars.col("noise") > 0.5).then(None).otherwise(polars.col("x")))
    found = evaluate(make_task(frame, "orders", ("x", "product")), "poisson", "recording", options=QUICK)
    assert found.gain.better


def test_guesses_are_of_the_fold_and_cover_all_that_is_tried() -> None:
    given = task(0.3)
    parts = split_task(given, "anchor", folds=3)
    guesses = baselines(given, parts)
    assert list(guesses) == ["mean", "product_mean", "traffic", "product_traffic", "previous"]
    for train, test in parts:
        assert guesses["mean"][test] == pytest.approx(given.target[train].mean())
    predicted = out_of_fold(fit_folds("linear", given, parts), given, parts)
    assert all(np.isfinite(each[covered(parts)]).all() for each in (*guesses.values(), predicted))


def test_deviance_by_hand() -> None:
    target, predicted = np.array([0.0, 2.0]), np.array([1.0, 1.0])
    assert deviance(target, predicted, "poisson") == pytest.approx([2.0, 2 * (2 * np.log(2) - 1)])
    assert deviance(target, predicted, "gaussian") == pytest.approx([1.0, 1.0])
    assert deviance(target, target + 1e-9, "tweedie")[1] == pytest.approx(0, abs=1e-9)
    perfect = score("x", np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]), "poisson")
    assert (perfect.d2, perfect.r2, perfect.mae, perfect.spearman) == pytest.approx((1, 1, 0, 1))


def test_few_groups_give_no_verdict() -> None:
    target = np.arange(1.0, 41.0)
    found = gain("m", target, target + 0.01, {"mean": np.full(40, 20.0)}, np.arange(40) % 3, "poisson", options=QUICK)
    assert not found.better
    assert found.verdict.code == "link.gain.few_groups"


def test_importance_and_dependence_are_of_held_out_rows() -> None:
    given = task(0.8)
    parts = split_task(given, "recording", folds=4)
    models = fit_folds("poisson", given, parts)
    found = importances(models, given, parts, given.recording, options=QUICK)
    assert found[0].feature == "x"
    assert found[0].share.low > 0
    noise = next(each for each in found if each.feature == "noise")
    assert noise.q_value is not None and noise.q_value > 0.05
    curve = dependence(models, given, parts, "x")
    assert list(curve.mean) == sorted(curve.mean)
    assert all(low <= mean <= high for low, mean, high in zip(curve.low, curve.mean, curve.high, strict=True))


@pytest.mark.parametrize("model", MODELS)
def test_a_saved_model_predicts_the_same(model: str, tmp_path: Path) -> None:
    given = task(0.5)
    fitted = fit(make_model(model, given), given, np.arange(given.rows))  # type: ignore[arg-type]
    save_model(fitted, tmp_path / "m.skops")
    np.testing.assert_array_equal(
        load_model(tmp_path / "m.skops").predict(given.columns), fitted.predict(given.columns)
    )


def test_a_model_file_that_holds_other_things_is_refused(tmp_path: Path) -> None:
    import skops.io

    skops.io.dump({"step": Path}, tmp_path / "strange.skops")
    (tmp_path / "torn.skops").write_bytes(b"PK")
    for name, words in (("strange", "holds pathlib"), ("torn", "cannot be read")):
        with pytest.raises(ModelError, match=words):
            load_model(tmp_path / f"{name}.skops")
