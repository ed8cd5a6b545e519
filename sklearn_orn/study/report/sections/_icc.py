"""The ICC over readers and over perturbed outlines, in training."""

from collections.abc import Sequence

import pandas as pd
from sklearn import clone

from sklearn_orn._block_names import is_virtual, parse_block, readers_of
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection import ICCFilter
from sklearn_orn.study._measured_study import Study


def drawn_readers(study: Study) -> tuple[str, ...]:
    """Return the readers who drew, as the columns name them."""
    return tuple(r for r in readers_of(study.blocks) if not is_virtual(r))


def virtual_readers(study: Study) -> tuple[str, ...]:
    """Return the readers of perturbed outlines."""
    return tuple(filter(is_virtual, readers_of(study.blocks)))


def of_readers(features: pd.DataFrame, readers: Sequence[str]) -> pd.DataFrame:
    """Return the columns of some readers."""
    blocks = {str(c): str(c).partition(SEPARATOR)[0] for c in features.columns}
    wanted = set(readers)
    return features[[c for c, b in blocks.items() if parse_block(b).reader in wanted]]


def readers_filter(study: Study, readers: Sequence[str]) -> ICCFilter:
    """Return the study's filter by the agreement of some readers, unfitted."""
    own = study.table_steps().named_steps["icc"]
    return clone(own).set_params(readers=list(readers))


def perturbed_filter(study: Study) -> ICCFilter:
    """Return the study's filter by perturbed outlines, unfitted."""
    steps = study.table_steps().named_steps
    for name in ("icc_perturbed", "icc"):
        if name in steps and steps[name].readers == "perturbed":
            return clone(steps[name]).set_params(average=True)
    threshold = study.config.icc_threshold
    # Perturbed outlines are exchangeable.
    return ICCFilter(threshold, form="ICC(1,1)", readers="perturbed")


def icc_filters(study: Study) -> dict[str, ICCFilter]:
    """Return the fitted filter by readers, and that by perturbed outlines."""
    readers, found = drawn_readers(study), {}
    if not study.design.training.any():
        return {}
    if len(readers) > 1:
        table = of_readers(study.features, readers)
        found["readers"] = fit_icc(readers_filter(study, readers), table, study)
    if len(virtual_readers(study)) > 1:
        found["perturbed"] = fit_icc(perturbed_filter(study), study.features, study)
    return found


def fit_icc(icc: ICCFilter, table: pd.DataFrame, study: Study) -> ICCFilter:
    """Fit a filter on the lesions that train; that no feature passes is no error."""
    rows = study.design.training
    try:
        icc.fit(table[rows], groups=study.design.patient[rows])
    except NotEstimable:
        if icc.n_lesions_ < icc.min_lesions:
            raise
    return icc
