"""What the Displays take, by the methods that they call."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import LineStyleType

MaybeAxes: TypeAlias = "Axes | None"
Panels: TypeAlias = "Axes | Sequence[Axes] | np.ndarray | None"
Seed: TypeAlias = int | np.random.RandomState | None
Patient: TypeAlias = pd.DataFrame | pd.Series | Mapping[str, object]


class Look(TypedDict, total=False):
    """Keywords that lines and texts of matplotlib take."""

    color: str
    linestyle: "LineStyleType"
    linewidth: float
    markersize: float
    zorder: float
    gid: str
    ha: Literal["left", "center", "right"]
    va: Literal["center", "center_baseline"]
    fontsize: str | float
    fontweight: Literal["normal", "bold"]


class Folds(TypedDict):
    """Rows of each fold."""

    test: Sequence[np.ndarray]


class CvResults(TypedDict):
    """What `cross_validate` returns, as far as figures need it."""

    estimator: "Sequence[Fitted]"
    indices: Folds


class Fitted(Protocol):
    """A fitted classifier of two classes."""

    @property
    def classes_(self) -> np.ndarray: ...


class Classifier(Fitted, Protocol):
    """It gives probabilities."""

    def predict_proba(self, X: object) -> np.ndarray: ...


class Scorer(Fitted, Protocol):
    """It gives scores."""

    def decision_function(self, X: object) -> np.ndarray: ...


class LassoClassifier(Protocol):
    """A classifier fitted along a LASSO path, as `NomogramClassifier` is."""

    lambdas_: np.ndarray
    lambda_min_: float
    lambda_1se_: float
    n_nonzero_: np.ndarray
    coef_path_: np.ndarray
    cv_score_mean_: np.ndarray
    cv_score_se_: np.ndarray


class Settings(TypedDict, total=False):
    """Keywords of `from_predictions` that other methods pass on to it."""

    name: str | None
    groups: ArrayLike | None
    pos_label: object


class ResampledSettings(Settings, total=False):
    """Those of a display with intervals by a bootstrap."""

    n_resamples: int
    random_state: Seed
