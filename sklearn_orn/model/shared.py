"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.model._predictor_selector import NAME_THEM as NAME_THEM
from sklearn_orn.model._solver_compiled import compile_solver as compile_solver
from sklearn_orn.model._solver_compiled import solver_is_compiled as solver_is_compiled
from sklearn_orn.model._spline_odds import spline_of as spline_of
from sklearn_orn.model.nomogram._axes import MAX_DISCRETE as MAX_DISCRETE
from sklearn_orn.model.nomogram._effects import Curve as Curve
from sklearn_orn.model.nomogram._effects import Effect as Effect
from sklearn_orn.model.nomogram._effects import Levels as Levels
from sklearn_orn.model.nomogram._effects import Line as Line
from sklearn_orn.model.nomogram._fitted_steps import is_passthrough as is_passthrough
from sklearn_orn.model.nomogram._fitted_steps import level_table as level_table
from sklearn_orn.model.nomogram._linear_model import LinearModel as LinearModel
from sklearn_orn.model.nomogram._linear_model import read_classifier as read_classifier
from sklearn_orn.model.nomogram._points import NomogramAxis as NomogramAxis
from sklearn_orn.model.nomogram._statsmodels import (
    StatsmodelsResults as StatsmodelsResults,
)
from sklearn_orn.model.signatures._columns import gather_columns as gather_columns
