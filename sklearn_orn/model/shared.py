"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.model.nomogram._axes import MAX_DISCRETE as MAX_DISCRETE
from sklearn_orn.model.nomogram._fitted_steps import is_passthrough as is_passthrough
from sklearn_orn.model.nomogram._points import NomogramAxis as NomogramAxis
from sklearn_orn.model.signatures._columns import gather_columns as gather_columns
