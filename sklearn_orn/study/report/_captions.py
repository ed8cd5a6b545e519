"""What each figure means, in one sentence made from its numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sklearn_orn.study._numbers import PART_WORDS, decimal, p_value, significant

Part = Mapping[str, Any]

PERCENT = "\N{NO-BREAK SPACE}%"
LEAST_LESIONS = 5  # on either side of a threshold
SMALLEST_DRAWN = 50  # the chosen penalty over the smallest one drawn


def lasso_cv_sentence(model: Mapping[str, Any], cv: int) -> str:
    """Say where the penalty was chosen."""
    lasso = model["lasso"]
    penalty = f"The penalty λ = {significant(lasso['lambda_chosen'], 3)}"
    left = (
        f"leaves {len(model['coefficients'])} of {len(lasso['features'])} features in "
        "the score"
    )
    lowest = f"the lowest mean deviance over {cv} folds by patient"
    if lasso["lambda_chosen"] == lasso["lambda_min"]:
        return (
            f"{penalty} (log λ at the left dotted line) has {lowest} and {left}; the "
            "right dotted line is the largest penalty within one standard error of it."
        )
    if lasso["lambda_chosen"] == lasso["lambda_1se"]:
        return (
            f"{penalty} (log λ at the right dotted line) is the largest within one "
            f"standard error of {lowest}, at the left dotted line, and {left}."
        )
    return (
        f"{penalty} was given and {left}; the left dotted line is at {lowest}, the "
        "right one at the largest penalty within one standard error of it."
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
    limits, chance = "too few patients for an interval", ""
    if auc["lower"] is not None:
        low, high = (decimal(_percent(auc[key]), 0) for key in ("lower", "upper"))
        limits = f"95{PERCENT} CI {low} to {high}{PERCENT}"
        if auc["lower"] <= 0.5 <= auc["upper"]:
            chance = ", so chance (0.5) is not ruled out"
    return (
        f"Of two lesions, one {positive} and one {negative}, the score ranks the "
        f"{positive} one higher in {decimal(100 * auc['auc'], 0)}{PERCENT} of pairs "
        f"{PART_WORDS[part['part']]} ({limits}){chance}."
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


def judged_thresholds(
    curve: Mapping[str, Sequence[Any]], limits: Sequence[float] | None
) -> list[bool]:
    """Tell which thresholds count: the clinical ones, or those with enough lesions."""
    if limits is not None:
        return [limits[0] <= at <= limits[1] for at in curve["threshold"]]
    sides = zip(curve["above"], curve["below"], strict=True)
    return [min(pair) >= LEAST_LESIONS for pair in sides]


def calibration_caption(results: Mapping[str, Any]) -> str:
    """Say how the last part is calibrated, and what the dashed curve is."""
    sentence = calibration_sentence(results["parts"][-1], results["classes"][1])
    if "absent" in results["optimism"]:
        return sentence
    return (
        f"{sentence} Dashed: the procedure repeated on resamples of training, judged "
        "on the patients that were not drawn."
    )


def useful_range(
    curve: Mapping[str, Sequence[Any]],
    *,
    limits: Sequence[float] | None = None,
    certain: bool = True,
) -> tuple[float, float] | None:
    """Return the longest run of thresholds where the model beats both defaults.

    Parameters
    ----------
    curve : dict
        Columns of `sklearn_orn.metrics.decision_curve`.
    limits : sequence of two float, default=None
        Range of thresholds; None takes those with 5 or more lesions on either side.
    certain : bool, default=True
        Whether the lower limits of the differences to both must be above 0, or the
        differences themselves.

    Returns
    -------
    tuple of float or None
        Its first and last threshold; None where there is no such threshold.

    Examples
    --------
    >>> curve = {
    ...     "threshold": [0.0, 0.1, 0.2, 0.3],
    ...     "model": [0.5, 0.5, 0.4, 0.2],
    ...     "over_all": [0.0, 0.1, 0.1, 0.0],
    ...     "model_lower": [0.3, 0.3, 0.1, -0.1],
    ...     "over_all_lower": [0.0, -0.1, 0.1, -0.2],
    ...     "above": [40, 30, 20, 10],
    ...     "below": [0, 10, 20, 30],
    ... }
    >>> useful_range(curve), useful_range(curve, certain=False)
    ((0.2, 0.2), (0.1, 0.2))
    >>> print(useful_range(curve, limits=(0.0, 0.1)))
    None
    """
    end = "_lower" if certain else ""
    best: tuple[int, float, float] | None = None
    run: list[float] = []
    for threshold, over_none, over_all, judged in zip(
        curve["threshold"],
        curve[f"model{end}"],
        curve[f"over_all{end}"],
        judged_thresholds(curve, limits),
        strict=True,
    ):
        known = over_none is not None and over_all is not None
        better = judged and known and min(over_none, over_all) > 1e-12
        run = [*run, threshold] if better else []
        if run and (best is None or len(run) > best[0]):
            best = (len(run), run[0], run[-1])
    return None if best is None else best[1:]


def _span(found: tuple[float, float]) -> str:
    low, high = map(decimal, found)
    return f"from {low} to {high}" if high != low else f"of {low}"


def decision_sentence(
    part: Part, positive: str, limits: Sequence[float] | None = None
) -> str:
    """Say at which thresholds the model is worth more than treating all or none."""
    where = PART_WORDS[part["part"]]
    curve = part["decision_curve"]
    of = "with 5 or more lesions on either side"
    if limits is not None:
        of = f"in the clinical range from {limits[0]:g} to {limits[1]:g}"
    sure = useful_range(curve, limits=limits)
    seen = useful_range(curve, limits=limits, certain=False)
    if sure is not None:
        text = (
            f"At threshold probabilities {_span(sure)}, deciding by the model brings a "
            f"higher net benefit than treating all or no lesions as {positive} {where}:"
            f" the lower 95{PERCENT} limits of both differences, by patient, are above "
            "0"
        )
        if seen is not None and seen != sure:
            text += f" (the curve itself is the highest {_span(seen)})"
    elif seen is None:
        text = (
            f"At no threshold probability {of} does the model do better than treating "
            f"all or no lesions as {positive} {where}"
        )
    else:
        text = (
            "The curve is the highest at threshold probabilities "
            f"{_span(seen)} {where}, but at none {of} are the lower 95{PERCENT} limits "
            f"of its differences to treating all and no lesions as {positive}, by "
            "patient, both above 0: a benefit is not shown"
        )
    if limits is None:
        text += (
            f". Thresholds with fewer than {LEAST_LESIONS} lesions on a side are pale"
        )
    if part.get("prevalence") is not None:
        text += f". The prevalence is set to {100 * part['prevalence']:g}{PERCENT}"
    return f"{text}."


def essentials_sentence(part: Part) -> str:
    """Say what the four panels are."""
    return (
        "Discrimination, calibration, net benefit and the distribution of the "
        f"predicted probabilities in each class {PART_WORDS[part['part']]}: the "
        "measures that no report of a risk model should lack. The band is the "
        f"95{PERCENT} interval by patient; bars are Wilson's intervals of lesions."
    )


def flow_sentence(results: Mapping[str, Any]) -> str:
    """Say who is in the study."""
    cohort, left_out = results["cohort"], len(results["left_out"])
    lost = f"; {left_out} of the table could not be measured" if left_out else ""
    return (
        f"{cohort['n_lesions']} lesions of {cohort['n_patients']} patients are in the "
        f"study{lost}."
    )


def icc_sentence(results: Mapping[str, Any]) -> str:
    """Say on how many features the readers agree."""
    found = results["agreement"]
    if "absent" in found:
        return ""
    return (
        f"{found['n_kept']} of {found['n_features']} features have an "
        f"{found['form']} above {results['config']['icc_threshold']:g} (dashed line) "
        f"in {found['n_lesions']} lesions drawn by all readers; the median is "
        f"{decimal(found['median_icc'])}. The 95{PERCENT} limits count "
        f"{found.get('interval_unit', 'lesion')}s."
    )


def stability_sentence(results: Mapping[str, Any]) -> str:
    """Say how far the selection can be trusted."""
    found = results["stability"]
    if "absent" in found:
        return ""
    stability = {row["step"]: row["stability"] for row in found["steps"]}
    index = decimal(stability["lasso"])
    often = sum(row["share"] >= 0.5 for row in found["features"])
    return (
        f"In {found['n_resamples']} bootstrap resamples of patients "
        f"{often} {'feature was' if often == 1 else 'features were'} selected in at "
        f"least half; Nogueira's index of the LASSO's selection is {index}, where 1 "
        "means always the same features and 0 a random choice."
    )


def waterfall_sentence(results: Mapping[str, Any]) -> str:
    """Say how far the classes lie apart."""
    tests = results["score_by_class"]
    if not tests:
        return ""
    texts = [f"p {p_value(row['p_value'])} {PART_WORDS[row['part']]}" for row in tests]
    names = ", ".join(dict.fromkeys(row["test"] for row in tests))
    return (
        "One bar for each lesion, from the threshold to its value. Difference between "
        f"the classes: {', '.join(texts)} ({names})."
    )


def worked_sentence(results: Mapping[str, Any]) -> str:
    """Say what the lesion drawn on the nomogram is."""
    model = results["model"]
    worked = model["worked"]
    positive = results["classes"][1]
    where = PART_WORDS[worked["part"]]
    if worked["part"] == "cross-validation":
        where = "in the study"
    return (
        f"{nomogram_sentence(positive)} Drawn on it is lesion {worked['lesion']}, with "
        f"the median score {where}: probability {decimal(worked['probability'], 3)}."
    )


def instability_sentence(results: Mapping[str, Any]) -> str:
    """Say how far other patients would move the predictions."""
    found = results["optimism"].get("instability")
    if found is None:
        return ""
    positive = results["classes"][1]
    points = decimal(_percent(found["mape"]), 0)
    return (
        f"Developed on other patients of the same kind, the model would give a lesion "
        f"a probability of {positive} that differs by {points} percentage points on "
        f"average (MAPE {decimal(found['mape'], 3)}), and would put it into the other "
        f"class in {decimal(_percent(found['changed']), 0)}{PERCENT} of cases. "
        f"{results['optimism']['n_resamples']} resamples of patients, all on the "
        "lesions of training."
    )


def _of_model(
    sentence: Callable[[Mapping[str, Any]], str],
) -> Callable[[Mapping[str, Any]], str]:
    """Leave a sentence out where there is no model to speak of."""
    return lambda results: "" if "absent" in results["model"] else sentence(results)


CAPTIONS: dict[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "flow": ("Flow of the lesions", flow_sentence),
    "icc": ("Agreement of the readers", icc_sentence),
    "lasso-cv": (
        "Choice of the LASSO penalty",
        _of_model(lambda r: lasso_cv_sentence(r["model"], r["config"]["cv"])),
    ),
    "lasso-path": (
        "Coefficient profiles",
        _of_model(lambda r: lasso_path_sentence(r["model"])),
    ),
    "stability": ("Stability of the selection", stability_sentence),
    "nomogram": ("Nomogram", _of_model(worked_sentence)),
    "waterfall": ("Score of each lesion", waterfall_sentence),
    "essentials": (
        "The four essential measures",
        _of_model(lambda r: essentials_sentence(r["parts"][-1])),
    ),
    "roc": (
        "ROC curves",
        _of_model(lambda r: roc_sentence(r["parts"], *r["classes"][::-1])),
    ),
    "calibration": (
        "Calibration",
        _of_model(calibration_caption),
    ),
    "decision": (
        "Decision curve",
        _of_model(
            lambda r: decision_sentence(
                r["parts"][-1], r["classes"][1], r["config"].get("threshold_range")
            )
        ),
    ),
    "instability": (
        "Instability of the predictions",
        _of_model(instability_sentence),
    ),
    "decision-pooled": (
        "Decision curve of training and validation together",
        lambda r: (
            "The lesions in training taught the model: it shows more benefit than "
            "new patients would have, and stands here because it was asked for."
        ),
    ),
}


def caption(key: str, results: Mapping[str, Any]) -> tuple[str, str]:
    """Return the title of a figure, and what it means in one sentence.

    Parameters
    ----------
    key : str
        Of the figure.
    results : dict
        All numbers of the study.

    Returns
    -------
    title, meaning : str
    """
    title, sentence = CAPTIONS[key]
    if key == "nomogram":
        title = f"{title} for the probability of {results['classes'][1]}"
    return title, sentence(results)
