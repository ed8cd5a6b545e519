"""Whether the measured lesions are enough for a model."""

from sklearn_orn.cohort.shared import StudyDesign


def why_no_model(design: StudyDesign, *, cv: int) -> str | None:
    """Say why these lesions cannot train and judge a model; None where they can."""
    parts = {"training": design.training}
    if design.has_split:
        parts["validation"] = ~design.training
    for part, rows in parts.items():
        for value, label in enumerate(design.labels):
            if not (design.y[rows] == value).any():
                return _no_lesion(part if design.has_split else None, label)
    for value, label in enumerate(design.labels):
        reason = _too_few_for_folds(design, value, label, cv)
        if reason:
            return reason
    return None


def _no_lesion(part: str | None, label: str) -> str:
    if part is None:
        return (
            f"no measured lesion is of class {label!r}: a model needs lesions of both "
            "classes."
        )
    return (
        f"the {part} part holds no measured lesion of class {label!r}: each part needs "
        "lesions of both classes."
    )


def _too_few_for_folds(
    design: StudyDesign, value: int, label: str, cv: int
) -> str | None:
    rows = design.training & (design.y == value)
    patients = len(set(design.patient[rows]))
    # Without a split the folds of the LASSO lie inside those of the study, which
    # hold back one part in cv.
    needed = cv if design.has_split else -(-cv * cv // (cv - 1))
    if patients >= needed:
        return None
    return (
        f"class {label!r} has {int(rows.sum())} lesions of {patients} patients to "
        f"train on, too few for cv={cv} folds by patient"
        f"{'' if design.has_split else ' within folds'}: at least {needed} "
        "patients are needed. Use fewer folds (--cv N) or add lesions."
    )
