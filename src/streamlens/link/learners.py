"""The learners that take confounders out of treatment and outcome."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from streamlens.link.columns import Floats

if TYPE_CHECKING:
    from typing import Self

LearnerName = Literal["spline", "boosting", "forest"]
ROUNDS = 3


def make_learner(name: LearnerName, seed: int) -> Any:
    """An unfitted regressor. `spline` wants the columns of `design.make_design` and, last, each group's level."""
    if name == "boosting":
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(
            max_iter=150, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=15, random_state=seed
        )
    if name == "forest":
        from sklearn.ensemble import RandomForestRegressor

        return RandomForestRegressor(200, min_samples_leaf=5, max_features=0.5, random_state=seed)
    return _levelled()()


@cache
def _levelled() -> type:
    """A class that scikit-learn knows, made here so that importing this file does not load it."""
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.linear_model import Ridge

    class LevelledRidge(RegressorMixin, BaseEstimator):  # type: ignore[misc]
        """(1 + slope x level) x (columns x coefficients), the level being the last column.

        Taking the mean of a broadcast out is not enough where confounders multiply: who talks twice as much of scarcity
        overall does so twice as much in the best slot, too. So the answer to the confounders may be larger where the
        group's level is; one number more, and not a coefficient more for every column, which would cost a quarter of
        the precision. The penalty is light: what is shrunk away of a confounder comes back as bias of the effect.
        """

        def __init__(self, alpha: float = 1.0) -> None:
            self.alpha = alpha

        def fit(self, columns: Floats, target: Floats) -> "Self":
            given, level = columns[:, :-1], columns[:, -1]
            reach = float(np.abs(level).max())
            self.slope_ = 0.0
            for turn in range(ROUNDS + 1):
                scaled = given * (1 + self.slope_ * level)[:, None]
                self.coef_ = Ridge(self.alpha, fit_intercept=False).fit(scaled, target).coef_
                if reach == 0 or turn == ROUNDS:
                    break
                answer = given @ self.coef_
                weight = float(((level * answer) ** 2).sum())
                found = float((level * answer) @ (target - answer)) / weight if weight > 0 else 0.0
                self.slope_ = float(np.clip(found, -1 / reach, 1 / reach))
            return self

        def predict(self, columns: Floats) -> Floats:
            given, level = columns[:, :-1], columns[:, -1]
            found: Floats = (1 + self.slope_ * level) * (given @ self.coef_)
            return found

    return LevelledRidge
