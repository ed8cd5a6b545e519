"""Selection: reproducible features by ICC, and MaZda's three criteria."""

from sklearn_orn.selection._criteria import (
    fisher_coefficient,
    mutual_information,
    poe_acc,
)
from sklearn_orn.selection._fcm_selector import FCMSelector
from sklearn_orn.selection._icc_filter import ICCFilter
from sklearn_orn.selection._intraclass_correlation import (
    intraclass_correlation,
)

__all__ = [
    "FCMSelector",
    "ICCFilter",
    "fisher_coefficient",
    "intraclass_correlation",
    "mutual_information",
    "poe_acc",
]
