"""What each figure means, in one sentence made from its numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn_orn.study._tables import decimal, significant

Part = Mapping[str, Any]

PERCENT = "\N{NO-BREAK SPACE}%"
SMALLEST_DRAWN = 50  # the chosen penalty over the smallest one drawn

PART_WORDS = {
    "training": "in training (apparent)",
    "validation": "in validation",
    "cross-validation": "in cross-validation",
}


def lasso_cv_sentence(model: Mapping[str, Any], cv: int) -> str:
    """Say where the penalty was chosen."""
    lasso = model["lasso"]
    return (
        f"The penalty λ = {significant(lasso['lambda'], 3)} (log λ at the left dotted "
        f"line) has the lowest mean deviance over {cv} folds by patient and leaves "
        f"{len(model['coefficients'])} of {len(lasso['features'])} features in the "
        "score; the right dotted line is the largest penalty within one standard "
        "error of it."
    )


def lasso_path_sentence(model: Mapping[str, Any]) -> str:
    """Say how to read the profiles."""
    n = len(model["coefficients"])
    return (
        "Each line is one feature's coefficient per standard deviation; as the penalty "
        f"falls, features enter the score, and at the chosen penalty {n} "
        f"{'has' if n == 1 else 'have'} entered; penalties below a "
        f"{SMALLEST_DRAWN}th of it are not drawn."
    )


def nomogram_sentence(positive: str) -> str:
    """Say how to use the nomogram."""
    return (
        "Go from each feature's value up to the points, add the points, and read the "
        f"probability of {positive} below their total: it is the model's own, with "
        "the coefficients of the formula above."
    )


def roc_sentence(parts: Sequence[Part], positive: str, negative: str) -> str:
    """Say what the AUC of the last part means."""
    part = parts[-1]
    auc = part["auc"]
    low, high = (decimal(_percent(auc[key]), 0) for key in ("lower", "upper"))
    chance = ""
    if auc["lower"] is not None and auc["lower"] <= 0.5 <= auc["upper"]:
        chance = ", so chance (0.5) is not ruled out"
    return (
        f"Of two lesions, one {positive} and one {negative}, the score ranks the "
        f"{positive} one higher in {decimal(100 * auc['auc'], 0)}{PERCENT} of pairs "
        f"{PART_WORDS[part['part']]} (95{PERCENT} CI {low} to {high}{PERCENT}){chance}."
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def calibration_sentence(part: Part, positive: str) -> str:
    """Say how far predicted and observed are apart in the part."""
    numbers = part["calibration"]
    slope = numbers["slope"]
    if slope is None:
        extreme = ""
    elif slope < 0.8:
        extreme = f"; with a slope of {decimal(slope)} the predictions are too extreme"
    elif slope > 1.25:
        extreme = f"; with a slope of {decimal(slope)} the predictions are too timid"
    else:
        extreme = f"; the slope is {decimal(slope)}"
    points = decimal(_percent(numbers["eavg"]), 0)
    return (
        f"The predicted probability of {positive} and the observed share are "
        f"{points} percentage points apart on average {PART_WORDS[part['part']]}"
        f"{extreme}; on the dotted diagonal they would agree."
    )


def useful_range(curve: Mapping[str, Sequence[float]]) -> tuple[float, float] | None:
    """Return the longest run of thresholds where the model beats both defaults.

    Parameters
    ----------
    curve : dict
        ``threshold, model, treat_all, treat_none``.

    Returns
    -------
    tuple of float or None
        Its first and last threshold; None where there is no such threshold.

    Examples
    --------
    >>> useful_range(
    ...     {
    ...         "threshold": [0.0, 0.1, 0.2, 0.3],
    ...         "model": [0.5, 0.5, 0.4, 0.2],
    ...         "treat_all": [0.5, 0.4, 0.3, 0.2],
    ...         "treat_none": [0.0, 0.0, 0.0, 0.0],
    ...     }
    ... )
    (0.1, 0.2)
    """
    best: tuple[int, float, float] | None = None
    run: list[float] = []
    for threshold, model, everyone, nobody in zip(
        curve["threshold"],
        curve["model"],
        curve["treat_all"],
        curve["treat_none"],
        strict=True,
    ):
        run = [*run, threshold] if model > max(everyone, nobody) + 1e-12 else []
        if run and (best is None or len(run) > best[0]):
            best = (len(run), run[0], run[-1])
    return None if best is None else best[1:]


def decision_sentence(part: Part, positive: str) -> str:
    """Say at which thresholds the model is worth more than treating all or none."""
    where = PART_WORDS[part["part"]]
    found = useful_range(part["decision_curve"])
    if found is None:
        return (
            "At no threshold probability does the model do better than treating all "
            f"or no lesions as {positive} {where}."
        )
    low, high = found
    span = f"At a threshold probability of {decimal(low)}"
    if high > low:
        span = f"At threshold probabilities from {decimal(low)} to {decimal(high)}"
    return (
        f"{span}, deciding by the model brings a higher net benefit than treating all "
        f"or no lesions as {positive} {where}."
    )
