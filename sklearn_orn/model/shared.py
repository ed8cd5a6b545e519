"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.model.nomogram._nomogram import NomogramAxis as NomogramAxis
from sklearn_orn.model.signatures._columns import gather_columns as gather_columns
