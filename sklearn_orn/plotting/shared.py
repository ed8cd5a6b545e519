"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.plotting._icc import families_of as families_of
