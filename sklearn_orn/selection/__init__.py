"""Selection: reproducible features by ICC, ComBat, and MaZda's three criteria."""

from sklearn_orn.selection._combat import ComBat
from sklearn_orn.selection._compare_icc import compare_icc, icc_summary, swap_reader
from sklearn_orn.selection._criteria import (
    fisher_coefficient,
    mutual_information,
    poe_acc,
)
from sklearn_orn.selection._fcm_selector import FCMSelector
from sklearn_orn.selection._icc_filter import ICCFilter
from sklearn_orn.selection._intraclass_correlation import intraclass_correlation

__all__ = [
    "ComBat",
    "FCMSelector",
    "ICCFilter",
    "compare_icc",
    "fisher_coefficient",
    "icc_summary",
    "intraclass_correlation",
    "mutual_information",
    "poe_acc",
    "swap_reader",
]
