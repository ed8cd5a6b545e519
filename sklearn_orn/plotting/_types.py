"""What the Displays take, by the methods that they call."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MaybeAxes: TypeAlias = "Axes | None"
Panels: TypeAlias = "Axes | Sequence[Axes] | np.ndarray | None"
Seed: TypeAlias = int | np.random.RandomState | None
Patient: TypeAlias = pd.DataFrame | pd.Series | Mapping[str, object]
# Keywords that an artist of matplotlib takes.
Look: TypeAlias = dict[str, Any]
CvResults: TypeAlias = Mapping[str, Any]


class Fitted(Protocol):
    """A fitted classifier of two classes."""

    @property
    def classes_(self) -> np.ndarray: ...


class Classifier(Fitted, Protocol):
    """It gives probabilities."""

    def predict_proba(self, X: Any) -> np.ndarray: ...


class Scorer(Fitted, Protocol):
    """It gives scores."""

    def decision_function(self, X: Any) -> np.ndarray: ...


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
