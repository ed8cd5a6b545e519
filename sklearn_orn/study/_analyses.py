"""What resampling says of the whole procedure: optimism, stability, chance."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from sklearn_orn.cohort import StudyDesign
from sklearn_orn.study._config import StudyConfig

OUTER_FOLDS, REPEATS = 5, 5
CURVES, CURVE_DIGITS = 100, 4  # what a figure can show
MEASURES = {
    "auc": "AUC",
    "r2": "Nagelkerke R²",
    "brier": "Brier score",
    "intercept": "Calibration intercept",
    "slope": "Calibration slope",
    "emax": "Largest calibration error",
}


def or_reason(analysis: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the result of an analysis, or why this study cannot have it.

    Parameters
    ----------
    analysis : callable
        Raises ValueError where the lesions are too few or too much alike.

    Returns
    -------
    dict
        The result, or ``{"absent": reason}``.
    """
    try:
        return analysis()
    except ValueError as error:
        return {"absent": str(error)}


def optimism_numbers(
    pipeline: Any, features: pd.DataFrame, design: StudyDesign, config: StudyConfig
) -> dict[str, Any]:
    """Return apparent and bias-corrected performance.

    Parameters
    ----------
    pipeline : Pipeline
        The steps that take features; it is not changed.
    features : DataFrame of shape (n_lesions, n_features)
        Of the lesions that train.
    design : StudyDesign
        Of the same lesions.
    config : StudyConfig
        The settings.

    Returns
    -------
    dict
        ``n_resamples, n_out_of_bag, unit, failures, measures, calibration_curve`` and
        ``instability``.
    """
    from sklearn_orn.resampling import optimism

    found = optimism(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        metrics=list(MEASURES),
        n_resamples=config.n_resamples,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    table = found.indexes.rename_axis("key").reset_index()
    table.insert(0, "name", [MEASURES[key] for key in table["key"]])
    return {
        "n_resamples": found.n_resamples,
        "n_out_of_bag": found.n_out_of_bag,
        "unit": found.unit,
        "failures": found.failures,
        "measures": table.to_dict(orient="records"),
        "calibration_curve": found.calibration.to_dict(orient="list"),
        "instability": _instability_numbers(found.instability, design),
    }


def _instability_numbers(found: Any, design: StudyDesign) -> dict[str, Any]:
    """Return what each lesion's prediction does, and the curves of some refits."""
    return {
        "mape": found.mape,
        "changed": found.changed,
        "threshold": found.threshold,
        "lesions": {"lesion": list(design.lesion)}
        | found.samples.to_dict(orient="list"),
        "calibration": _curves(found.calibration),
        "net_benefit": _curves(found.net_benefit),
    }


def _curves(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the curve of the model, and those of the first refits to draw."""
    own = [name for name in table.columns if isinstance(name, str)]
    refits = table.drop(columns=own).iloc[:, :CURVES].round(CURVE_DIGITS)
    return table[own].to_dict(orient="list") | {"refits": refits.T.to_numpy().tolist()}


def stability_numbers(
    pipeline: Any, features: pd.DataFrame, design: StudyDesign, config: StudyConfig
) -> dict[str, Any]:
    """Return how often each feature passes each step.

    Parameters
    ----------
    pipeline, features, design, config
        As for `optimism_numbers`.

    Returns
    -------
    dict
        ``n_resamples, failures``, ``steps`` (Nogueira's index of each), ``nogueira``
        (its values alone) and ``features`` (share of the resamples in which each
        came into the score, those that ever did).
    """
    from sklearn_orn.resampling import stability

    found = stability(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        n_resamples=config.n_resamples,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    names = {
        step: "lasso" if step == "nomogram" else step for step in found.index.index
    }
    shares = found.frequencies.rename(columns=names)
    shares = shares[shares["lasso"] > 0].sort_values(
        "lasso", ascending=False, kind="stable"
    )
    index = found.index.rename(index=names)
    return {
        "n_resamples": found.n_resamples,
        "failures": found.failures,
        "steps": index.rename_axis("step").reset_index().to_dict(orient="records"),
        "nogueira": index["stability"].to_dict(),
        "features": shares.assign(share=shares["lasso"])
        .reset_index()
        .to_dict(orient="records"),
    }


def nested_numbers(
    pipeline: Any, features: pd.DataFrame, design: StudyDesign, config: StudyConfig
) -> dict[str, Any]:
    """Return what the procedure does on folds of patients it has not seen.

    Parameters
    ----------
    pipeline, features, design, config
        As for `optimism_numbers`.

    Returns
    -------
    dict
        ``auc, lower, upper``, the mean over the folds with its interval,
        ``sd`` over the folds, ``pooled`` (``auc, lower, upper`` of the repeat with the
        median pooled AUC) and ``repeats`` (all of them).
    """
    from sklearn_orn.resampling import nested_cross_validate

    found = nested_cross_validate(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        outer=OUTER_FOLDS,
        n_repeats=REPEATS,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    pooled = found.pooled.sort_values("auc", kind="stable").reset_index(drop=True)
    median = pooled.loc[len(pooled) // 2]
    return {
        "auc": found.mean_auc,
        "lower": found.auc_lower,
        "upper": found.auc_upper,
        "sd": found.sd_auc,
        "n_folds": OUTER_FOLDS,
        "n_repeats": REPEATS,
        "pooled": {
            "auc": median["auc"],
            "lower": median["auc_lower"],
            "upper": median["auc_upper"],
        },
        "repeats": found.pooled.to_dict(orient="records"),
    }


def permuted_numbers(
    pipeline: Any, features: pd.DataFrame, design: StudyDesign, config: StudyConfig
) -> dict[str, Any]:
    """Return the cross-validated AUC beside that of shuffled outcomes.

    Parameters
    ----------
    pipeline, features, design, config
        As for `optimism_numbers`.

    Returns
    -------
    dict
        ``auc, auc_mean, auc_sd`` (of the shuffled ones), ``p_value, n_as_large,
        n_permutations, movable, unit`` and ``null``.
    """
    from sklearn_orn.resampling import permuted_outcome

    found = permuted_outcome(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        cv=OUTER_FOLDS,
        n_permutations=config.n_permutations,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    return {
        "auc": found.auc,
        "auc_mean": float(np.mean(found.null)),
        "auc_sd": float(np.std(found.null, ddof=1)) if len(found.null) > 1 else None,
        "p_value": found.p_value,
        "n_as_large": found.n_as_large,
        "movable": found.movable,
        "n_permutations": len(found.null),
        "unit": found.unit,
        "n_folds": OUTER_FOLDS,
        "null": found.null,
    }
