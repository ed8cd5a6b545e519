"""The filters of reproducible features, fitted on the lesions that train."""

from dataclasses import dataclass

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection import ICCFilter
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._results import agreement_numbers
from sklearn_orn.study.results import Absent, Agreement


@dataclass(frozen=True, eq=False)
class Filters:
    """The filter that averages, the one of perturbed outlines before it, and why not.

    With one reader the first is of perturbed outlines, where there are such.
    """

    icc: ICCFilter | None = None
    perturbed: ICCFilter | None = None
    reason: str = ""

    @property
    def agreement(self) -> Agreement | Absent:
        """The agreement in short, or why there is none."""
        return _numbers(self.icc, self.reason)

    @property
    def perturbed_agreement(self) -> Agreement | Absent:
        """The same of perturbed outlines, where there are several readers too."""
        reason = "No outlines were perturbed beside those of several readers."
        return _numbers(self.perturbed, reason)


def _numbers(icc: ICCFilter | None, reason: str) -> Agreement | Absent:
    return Absent(reason) if icc is None else agreement_numbers(icc)


def fitted_filters(study: Study) -> Filters:
    """Fit the filters of a study one behind the other, as its pipeline does."""
    steps, rows = study.table_steps().named_steps, study.design.training
    if "icc" not in steps:
        reason = "Every lesion was drawn by one reader."
        if not study.from_images:
            reason = "The features that were given have no blocks of readers."
        return Filters(reason=reason)
    if not rows.any():
        return Filters(reason="No lesion of the training part was measured.")
    X, patients, perturbed = study.features[rows], study.design.patient[rows], None
    if "icc_perturbed" in steps:
        perturbed = steps["icc_perturbed"]
        try:
            X = perturbed.fit(X, groups=patients).transform(X)
        except NotEstimable as error:
            return Filters(None, _judging(perturbed), str(error))
    try:
        icc = steps["icc"].fit(X, groups=patients)
    except NotEstimable as error:
        return Filters(_judging(steps["icc"]), perturbed, str(error))
    return Filters(icc, perturbed)


def _judging(icc: ICCFilter) -> ICCFilter | None:
    """Return a filter that keeps nothing; None of one that could not judge."""
    judged = hasattr(icc, "icc_") and icc.n_lesions_ >= icc.min_lesions
    return icc if judged else None
