"""The report's figures, drawn from the results alone, with what each means."""

import textwrap
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import logit

from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.study._numbers import PART_TITLES
from sklearn_orn.study.report import _captions as captions
from sklearn_orn.study.report._svg import Drawing, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HALF, PAGE = 3.5, 7.0
N_LABELLED, N_FEATURES, LONGEST_NAME = 10, 12, 20
LONGEST_CLASS, LEGEND_WIDTH = 48, 16  # letters, and those in a line

Results = Mapping[str, Any]


@dataclass(frozen=True)
class ReportFigure:
    """A figure of the report.

    Attributes
    ----------
    key : str
        Its name in the page and of its files.
    title, meaning : str
        Above all, and in one sentence what it says.
    drawing : Drawing or None
        None where there is nothing to draw.
    reason : str
        Why there is none.
    """

    key: str
    title: str
    meaning: str
    drawing: Drawing | None
    reason: str = ""


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _literal(name: object) -> str:
    """Return a name that matplotlib does not take for a formula."""
    return str(name).replace("$", r"\$")


def _short(name: str, longest: int = LONGEST_NAME) -> str:
    """Leave out the middle of a long name; the table has it in full."""
    if len(name) <= longest:
        return name
    half = longest // 2
    return f"{name[:half]}\N{HORIZONTAL ELLIPSIS}{name[-half:]}"


def _needs(section: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a section, or raise the reason why the study does not have it."""
    if "absent" in section:
        raise NotEstimable(section["absent"])
    return section


def _parts(results: Results) -> list[tuple[str, pd.DataFrame]]:
    """Return the scores of each part with the title of the part."""
    scores = pd.DataFrame(dict(_needs(results["scores"])))
    return [
        (PART_TITLES[part["part"]], scores[scores["part"] == part["part"]])
        for part in results["parts"]
    ]


def draw_flow(results: Results) -> "Figure":
    """Draw who came into the study."""
    from sklearn_orn.plotting import FlowChartDisplay

    figure = _figure(PAGE, 1.0)
    FlowChartDisplay(results["flow"]).plot(figure.subplots(), resize=True)
    return figure


def draw_icc(results: Results) -> "Figure":
    """Draw the agreement of the readers on each feature."""
    from sklearn_orn.plotting import ICCDisplay
    from sklearn_orn.plotting.shared import families_of

    _needs(results["agreement"])
    rows = pd.DataFrame(results["selection"]["icc"])
    if rows["icc"].isna().all():
        raise NotEstimable("The ICC is defined for no feature.")
    icc, lower, upper = rows[["icc", "lower", "upper"]].to_numpy(dtype=float).T
    figure = _figure(PAGE, 3.3)
    ICCDisplay(
        icc=icc,
        lower=lower,
        upper=upper,
        families=families_of(rows["feature"].to_numpy(dtype=object)),
        threshold=results["config"]["icc_threshold"],
    ).plot(ax=figure.subplots())
    return figure


def _lasso(results: Results) -> dict[str, np.ndarray]:
    """Return the path down to where coefficients grow without bound."""
    lasso = _needs(results["model"])["lasso"]
    if lasso["lambda_min"] is None:
        raise NotEstimable("No penalty was chosen by cross-validation.")
    lambdas = np.array(lasso["lambdas"], dtype=float)
    drawn = lambdas >= lasso["lambda_chosen"] / captions.SMALLEST_DRAWN
    keys = (
        "lambdas",
        "deviance_mean",
        "deviance_se",
        "n_nonzero",
        "coefficient_path",
    )
    return {key: np.array(lasso[key], dtype=float)[drawn] for key in keys}


def draw_lasso_cv(results: Results) -> "Figure":
    """Draw the cross-validated deviance along the path."""
    from sklearn_orn.plotting import LassoCVDisplay

    path, lasso = _lasso(results), results["model"]["lasso"]
    figure = _figure(HALF, 3.3)
    LassoCVDisplay(
        lambdas=path["lambdas"],
        score_mean=path["deviance_mean"],
        score_se=path["deviance_se"],
        n_nonzero=path["n_nonzero"].astype(int),
        lambda_min=lasso["lambda_min"],
        lambda_1se=lasso["lambda_1se"],
    ).plot(ax=figure.subplots())
    return figure


def draw_lasso_path(results: Results) -> "Figure":
    """Draw the coefficients along the path, per standard deviation."""
    from sklearn_orn.plotting import LassoPathDisplay

    path, lasso = _lasso(results), results["model"]["lasso"]
    figure = _figure(HALF, 3.3)
    LassoPathDisplay(
        lambdas=path["lambdas"],
        coefs=path["coefficient_path"] * np.array(lasso["sd"]),
        names=[_literal(_short(name)) for name in lasso["features"]],
        n_nonzero=path["n_nonzero"].astype(int),
        lambda_min=lasso["lambda_min"],
        lambda_1se=lasso["lambda_1se"],
        n_labels=N_LABELLED,
        coef_name="Coefficient per SD",
    ).plot(ax=figure.subplots())
    return figure


def draw_stability(results: Results) -> "Figure":
    """Draw how often each feature was selected in resamples."""
    from sklearn_orn.plotting import StabilityDisplay

    rows = _needs(results["stability"])["features"]
    if not rows:
        raise NotEstimable("No feature was selected in any resample.")
    steps = [row["step"] for row in results["stability"]["steps"]]
    shown = rows[:N_FEATURES]
    table = pd.DataFrame([row["steps"] for row in shown])[steps]
    table.index = [_literal(row["feature"]) for row in shown]
    names = {"icc": "ICC", "fcm": "Fisher, POE+ACC, MI", "lasso": "LASSO"}
    figure = _figure(PAGE, 0.9 + 0.1 * len(table) * (len(steps) + 1))
    StabilityDisplay(frequencies=table.rename(columns=names)).plot(ax=figure.subplots())
    return figure


def report_nomogram(results: Results) -> Any:
    """Return the nomogram of the score, with axes over its training values.

    Parameters
    ----------
    results : dict
        All numbers of the study.

    Returns
    -------
    Nomogram

    Raises
    ------
    NotEstimable
        If the score has no feature.
    """
    from sklearn_orn.model import Nomogram

    model = _needs(results["model"])
    terms = model["coefficients"]
    labels = {
        "linear_predictor": "Radiomics score",
        "probability": f"Probability of {results['classes'][1]}",
    }
    return Nomogram.from_coefficients(
        {term["feature"]: term["coefficient"] for term in terms},
        model["intercept"],
        {term["feature"]: (term["minimum"], term["maximum"]) for term in terms},
        categories={t["feature"]: t["values"] for t in terms if t["values"]},
        labels=labels,
    )


def draw_nomogram(results: Results) -> "Figure":
    """Draw the nomogram with a worked lesion."""
    from sklearn_orn.plotting import NomogramDisplay

    made = report_nomogram(results)
    figure = _figure(PAGE, 31.0 * (len(made.predictors) + 4) / 72 + 0.1)
    patient = pd.Series(results["model"]["worked"]["values"])
    NomogramDisplay(made).plot(ax=figure.subplots(), patient=patient)
    return figure


def draw_waterfall(results: Results) -> "Figure":
    """Draw the score of each lesion by class, each part beside the other."""
    from sklearn_orn.plotting import WaterfallDisplay

    threshold = _needs(results["model"])["threshold"]
    if not results["model"]["coefficients"]:
        raise NotEstimable("The score is the same for every lesion.")
    negative, positive = (
        textwrap.fill(_literal(_short(name, LONGEST_CLASS)), LEGEND_WIDTH)
        for name in results["classes"]
    )
    parts = _parts(results)
    figure = _figure(PAGE, 3.2)
    for ax, (title, rows) in zip(figure.subplots(1, len(parts)), parts, strict=True):
        # Scores of different folds are on different scales.
        folds = rows["part"].iloc[0] == "cross-validation"
        with warnings.catch_warnings():
            # It tries a legend of two columns, then of one.
            warnings.filterwarnings("ignore", message="constrained_layout not applied")
            WaterfallDisplay.from_predictions(
                rows["y"],
                rows["probability" if folds else "score"],
                threshold=threshold if folds else float(logit(threshold)),
                groups=rows["patient"],
                class_names=(negative, positive),
                name=title,
                ax=ax,
            )
        if folds:
            ax.set_ylabel("Probability")
    return figure


def draw_roc(results: Results) -> "Figure":
    """Draw the ROC curves of all parts on one pair of axes."""
    from sklearn_orn.plotting import RocDisplay

    parts = _parts(results)
    figure = _figure(4.2, 4.0)
    ax = figure.subplots()
    for title, rows in parts:
        RocDisplay.from_predictions(
            rows["y"], rows["probability"], name=title, groups=rows["patient"], ax=ax
        )
    return figure


def draw_calibration(results: Results) -> "Figure":
    """Draw the calibration of each part, in training with that of other patients."""
    from sklearn_orn.plotting import CalibrationDisplay

    parts = _parts(results)
    curve = results["optimism"].get("calibration_curve")
    corrected = None
    if curve is not None:
        # Harrell's correction leaves a curve that is too good after a selection.
        table = pd.DataFrame(curve, dtype=float)
        corrected = table.assign(corrected=table["out_of_bag"])
    figure = _figure(PAGE, 3.9)
    axes = figure.subplots(1, len(parts))
    for i, (ax, (title, rows)) in enumerate(zip(axes, parts, strict=True)):
        CalibrationDisplay.from_predictions(
            rows["y"],
            rows["probability"],
            name=title.removesuffix(" (apparent)"),
            optimism=corrected if i == 0 else None,
            ax=ax,
        )
    return figure


def draw_decision_curves(results: Results) -> "Figure":
    """Draw the decision curve of the part that judges."""
    return _decision_figure(_parts(results)[-1], results)


def draw_pooled_decision_curve(results: Results) -> "Figure":
    """Draw one decision curve of training and validation together."""
    parts = _parts(results)
    if not results["config"]["pooled_decision_curve"]:
        raise NotEstimable("It was not asked for (pooled_decision_curve: true).")
    if len({row["part"] for row in results["parts"]} & {"cross-validation"}):
        raise NotEstimable("Training and cross-validation are of the same lesions.")
    pooled = pd.concat([rows for _, rows in parts])
    return _decision_figure(("Pooled", pooled), results)


def _decision_settings(results: Results) -> dict[str, Any]:
    return {
        "thresholds": np.arange(1, 100) / 100,
        "threshold_range": results["config"].get("threshold_range"),
        "prevalence": results["config"].get("prevalence"),
    }


def _decision_figure(part: tuple[str, pd.DataFrame], results: Results) -> "Figure":
    from sklearn_orn.plotting import DecisionCurveDisplay

    title, rows = part
    figure = _figure(4.8, 3.6)
    DecisionCurveDisplay.from_predictions(
        rows["y"],
        rows["probability"],
        name=title,
        groups=rows["patient"],
        ax=figure.subplots(),
        **_decision_settings(results),
    )
    return figure


def draw_essentials(results: Results) -> "Figure":
    """Draw AUC, calibration, net benefit and risks of the part that judges."""
    from sklearn_orn.plotting import PerformanceDisplay

    title, rows = _parts(results)[-1]
    negative, positive = (_short(_literal(name)) for name in results["classes"])
    figure = _figure(PAGE, 6.6)
    PerformanceDisplay.from_predictions(
        rows["y"],
        rows["probability"],
        groups=rows["patient"],
        name=title,
        class_names=(negative, positive),
        ax=figure.subplots(2, 2),
        **_decision_settings(results),
    )
    return figure


def draw_instability(results: Results) -> "Figure":
    """Draw what the resampled models predict beside the model."""
    from sklearn_orn.plotting import InstabilityDisplay

    found = _needs(results["optimism"])["instability"]
    if not results["model"]["coefficients"]:
        raise NotEstimable("The score is the same for every lesion.")
    instability = SimpleNamespace(
        samples=pd.DataFrame(found["lesions"]),
        mape=found["mape"],
        changed=found["changed"],
        threshold=found["threshold"],
        calibration=_with_refits(found["calibration"]),
        net_benefit=_with_refits(found["net_benefit"]),
    )
    figure = _figure(PAGE, 6.4)
    kinds = ("prediction", "classification", "calibration", "decision")
    for kind, ax in zip(kinds, figure.subplots(2, 2).flat, strict=True):
        InstabilityDisplay(instability=instability, kind=kind).plot(ax=ax)
    return figure


def _with_refits(curves: Mapping[str, Any]) -> pd.DataFrame:
    own = pd.DataFrame({k: v for k, v in curves.items() if k != "refits"}, dtype=float)
    refits = pd.DataFrame(np.array(curves["refits"], dtype=float).T)
    return pd.concat([own, refits], axis=1)


DRAW: dict[str, Callable[[Results], "Figure"]] = {
    "flow": draw_flow,
    "icc": draw_icc,
    "lasso-cv": draw_lasso_cv,
    "lasso-path": draw_lasso_path,
    "stability": draw_stability,
    "nomogram": draw_nomogram,
    "essentials": draw_essentials,
    "waterfall": draw_waterfall,
    "roc": draw_roc,
    "calibration": draw_calibration,
    "decision": draw_decision_curves,
    "decision-pooled": draw_pooled_decision_curve,
    "instability": draw_instability,
}


def make_figures(results: Results) -> dict[str, ReportFigure]:
    """Draw every figure of the report.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data.

    Returns
    -------
    dict of str to ReportFigure
        One that cannot be drawn says why.
    """
    figures = {}
    for key, function in DRAW.items():
        title, meaning = captions.caption(key, results)
        try:
            drawing = draw(partial(function, results), key, f"{title}. {meaning}")
        except (NotEstimable, CohortError) as error:
            # A study without a model has no ROC curve; the report says so.
            figures[key] = ReportFigure(key, title, meaning, None, str(error))
        else:
            figures[key] = ReportFigure(key, title, meaning, drawing)
    return figures
