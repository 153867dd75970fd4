"""Models of sales as scikit-learn pipelines, and the simple guesses that they have to beat.

Everything that is learnt from data (means that fill gaps, scales, categories) is learnt inside the pipeline, from the
training rows alone.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from streamlens.errors import ModelError
from streamlens.link.columns import Floats, Ints
from streamlens.link.splits import Part
from streamlens.link.task import Family, Task

ModelName = Literal["poisson", "tweedie", "linear", "elastic_net", "forest", "boosting"]
MODELS: tuple[ModelName, ...] = ("poisson", "tweedie", "linear", "elastic_net", "forest", "boosting")
RARE = 10  # a category in fewer training rows is taken together with the other rare and the unknown ones
ENOUGH = 6000  # rows drawn for a tree of the forest: more make it slower and hardly better
LEAST = 0.02  # of the mean rate: a straight line may well say less than nothing, which no count can be


def make_model(name: ModelName, task: Task, *, seed: int = 1) -> Any:
    """An unfitted pipeline for the columns of a task."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PowerTransformer, StandardScaler

    numbers = [place for place, categorical in enumerate(task.categorical) if not categorical]
    texts = [place for place, categorical in enumerate(task.categorical) if categorical]
    fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    sort = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False)
    # a log link multiplies: on a bent scale a day of ten times the viewers is not e to the tenth
    scale = PowerTransformer() if name in ("poisson", "tweedie") else StandardScaler()
    trees = name in ("forest", "boosting")
    prepared = ColumnTransformer(
        [
            ("numbers", fill if trees else make_pipeline(fill, scale), numbers),
            ("texts", sort, texts)
        ]
    )  # fmt: skip
    plain = FunctionTransformer(np.asarray, kw_args={"dtype": np.float64})
    return make_pipeline(prepared, plain, _learner(name, task.family, task.rows, seed))


def _learner(name: ModelName, family: Family, rows: int, seed: int) -> Any:
    from sklearn import ensemble, linear_model

    if name == "poisson":
        return linear_model.PoissonRegressor(alpha=1e-2, max_iter=500, solver="newton-cholesky")
    if name == "tweedie":
        return linear_model.TweedieRegressor(power=1.5, link="log", alpha=1e-2, max_iter=500, solver="newton-cholesky")
    if name == "linear":
        return linear_model.Ridge(alpha=1.0)
    if name == "elastic_net":
        return linear_model.ElasticNetCV(
            l1_ratio=[0.2, 0.5, 0.9, 1.0], alphas=30, cv=4, max_iter=5000, random_state=seed
        )
    if name == "forest":
        sample = min(ENOUGH / rows, 1.0)
        return ensemble.RandomForestRegressor(
            200, min_samples_leaf=5, max_features=0.4, max_samples=sample if sample < 1 else None, random_state=seed
        )
    loss: Any = "squared_error" if family == "gaussian" else "poisson"
    return ensemble.HistGradientBoostingRegressor(
        loss=loss, max_iter=150, learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=20, l2_regularization=1.0,
        random_state=seed,
    )  # fmt: skip


def fit(model: Any, task: Task, rows: Ints) -> Any:
    """Fit a pipeline on some rows: the outcome per exposure, weighted by it, which for a Poisson model is an offset."""
    exposure = np.ones(task.rows) if task.exposure is None else task.exposure
    scale = exposure[rows].mean()
    last = model.steps[-1][0]
    return model.fit(
        task.columns[rows],
        task.target[rows] / exposure[rows] * scale,
        **{f"{last}__sample_weight": exposure[rows] / scale},
    )


def predict(model: Any, task: Task, rows: Ints, trained_on: Ints, columns: Any | None = None) -> Floats:
    """The outcome expected in some rows, (rows,); `columns` replaces theirs."""
    given = task.columns[rows] if columns is None else columns
    predicted: Floats = np.asarray(model.predict(given), dtype=np.float64)
    if task.exposure is not None:
        predicted = predicted * task.exposure[rows] / task.exposure[trained_on].mean()
    return _floored(predicted, task, rows, trained_on)


def _floored(predicted: Floats, task: Task, rows: Ints, trained_on: Ints) -> Floats:
    if task.family == "gaussian":
        return predicted
    share = 1.0 if task.exposure is None else task.exposure[rows] / task.exposure[trained_on].mean()
    return np.maximum(predicted, LEAST * max(float(task.target[trained_on].mean()), 1e-9) * share)


def fit_folds(name: ModelName, task: Task, parts: Sequence[Part], *, seed: int = 1) -> tuple[Any, ...]:
    """One fitted pipeline a fold."""
    return tuple(fit(make_model(name, task, seed=seed), task, train) for train, _ in parts)


def out_of_fold(models: Sequence[Any], task: Task, parts: Sequence[Part]) -> Floats:
    """Each tried row as predicted by the model that has not seen it; NaN where a row is never tried."""
    found = np.full(task.rows, np.nan)
    for model, (train, test) in zip(models, parts, strict=True):
        found[test] = predict(model, task, test, train)
    return found


def baselines(task: Task, parts: Sequence[Part]) -> dict[str, Floats]:
    """What can be guessed without looking at how things were sold, on the same folds; as far as there are columns.

    mean: of all; product_mean: of the product, drawn towards the mean where it was seen little; traffic: a Poisson
    model of traffic alone; product_traffic: the product's sales per exposure; previous: a model of the row before.
    """
    found: dict[str, Floats] = {}
    exposure = task.exposure
    for train, test in parts:
        guesses = {"mean": np.full(len(test), task.target[train].mean())}
        if len(np.unique(task.product)) > 1:
            guesses["product_mean"] = _by_product(task, train, test, np.ones(task.rows))
        if task.traffic is not None:
            guesses["traffic"] = _curve(task, np.log1p(task.traffic), train, test)
        if exposure is not None:
            guesses["product_traffic"] = _by_product(task, train, test, exposure)
        if np.isfinite(task.previous).any():
            guesses["previous"] = _after(task, train, test)
        for name, values in guesses.items():
            found.setdefault(name, np.full(task.rows, np.nan))[test] = _floored(values, task, test, train)
    return found


def _by_product(task: Task, train: Ints, test: Ints, exposure: Floats) -> Floats:
    size = int(task.product.max()) + 1
    sold = np.bincount(task.product[train], task.target[train], size)
    shown = np.bincount(task.product[train], exposure[train], size)
    mean, weight = task.target[train].sum() / exposure[train].sum(), 5 * exposure[train].mean()
    rate: Floats = (sold + mean * weight) / (shown + weight)
    return rate[task.product[test]] * exposure[test]


def _curve(task: Task, column: Floats, train: Ints, test: Ints) -> Floats:
    from sklearn.linear_model import LinearRegression, PoissonRegressor

    model = LinearRegression() if task.family == "gaussian" else PoissonRegressor(alpha=1e-6, max_iter=500)
    center, spread = column[train].mean(), column[train].std() or 1.0
    scaled = ((column - center) / spread).reshape(-1, 1)
    fitted: Floats = model.fit(scaled[train], task.target[train]).predict(scaled[test])
    return fitted


def _after(task: Task, train: Ints, test: Ints) -> Floats:
    known = np.isfinite(task.previous)
    guess = np.full(len(test), task.target[train].mean())
    column = np.sign(task.previous) * np.log1p(np.abs(np.nan_to_num(task.previous)))
    learnt, tried = train[known[train]], known[test]
    if len(learnt) > 10 and tried.any() and column[learnt].std() > 0:
        guess[tried] = _curve(task, column, learnt, test[tried])
    return guess


def save_model(model: Any, path: Path) -> None:
    """A fitted pipeline as a skops file, which can be read without running what is in it. One model, one file: the same
    bytes each time."""
    path.write_bytes(model_bytes(model))


_PLACES = re.compile(r'"__id__": (\d+)|"(\d{9,})\.[a-z]+"')  # of an object in memory, and of the file that holds it


def model_bytes(model: Any) -> bytes:
    """skops names its parts by where they lay in memory and dates them: here they are numbered, and dated alike."""
    import skops.io

    written, file = zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))), io.BytesIO()
    schema = written.read("schema.json").decode()
    found = [each for pair in _PLACES.findall(schema) for each in pair if each]
    places = {place: str(number) for number, place in enumerate(dict.fromkeys(found), 1)}
    schema = _PLACES.sub(lambda match: re.sub(r"\d+", lambda place: places[place.group()], match.group()), schema)
    parts = {"schema.json": schema.encode()}
    for name in written.namelist():
        if name != "schema.json":
            stem, _, ending = name.partition(".")
            parts[f"{places.get(stem, stem)}.{ending}"] = written.read(name)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(parts):
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), parts[name], zipfile.ZIP_DEFLATED)
    return file.getvalue()


# What our pipelines hold besides what skops itself trusts; names, not prefixes, for a package holds functions too.
_TRUSTED = frozenset(
    {
        "numpy.asarray",
        "numpy.dtype",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


def load_model(path: Path) -> Any:
    """A pipeline of `save_model`. ModelError where the file holds a type that none of our pipelines has."""
    import skops.io

    try:
        types = skops.io.get_untrusted_types(file=path)
        strange = [name for name in types if name not in _TRUSTED]
        if strange:
            raise ModelError(str(path), f"holds {', '.join(strange)}", "use only models that you saved")
        return skops.io.load(path, trusted=types)
    except ModelError:
        raise
    except Exception as error:  # a damaged file ends in whatever the types in it raise
        said = f"{type(error).__name__}: {error}"
        raise ModelError(str(path), f"cannot be read as a model ({said})", "fit it again") from error
