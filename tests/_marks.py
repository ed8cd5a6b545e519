"""Marks that several files share."""

import pytest

# Small tables are hard on the LASSO; the tests of these warnings catch them.
weak_fits = pytest.mark.filterwarnings(
    "ignore:The LASSO selected no feature",
    "ignore:The chosen lambda is the last",
    "ignore:The classes are separated",
)
