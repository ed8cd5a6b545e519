"""The numbers of a study, gathered from the fitted steps into plain data."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._design import StudyDesign
from sklearn_orn.study._extraction import Extraction
from sklearn_orn.study._pipeline import IMAGE_STEPS


def cohort_counts(design: StudyDesign) -> list[dict[str, Any]]:
    """Count lesions and patients of each class within each part.

    Parameters
    ----------
    design : StudyDesign
        Of the lesions measured.

    Returns
    -------
    list of dict
        ``part, label, positive, lesions, patients`` and ``share``, the class's
        share of the part's lesions.
    """
    parts = [("training", design.training)]
    if design.has_split:
        parts.append(("validation", ~design.training))
    counts = []
    for part, rows in parts:
        for value in (1, 0):
            here = rows & (design.y == value)
            counts.append(
                {
                    "part": part if design.has_split else "all",
                    "label": design.classes[value],
                    "positive": value == 1,
                    "lesions": int(here.sum()),
                    "patients": len(set(design.patient[here])),
                    "share": float(here.sum() / rows.sum()),
                }
            )
    return counts


def feature_steps(pipeline: Any, readers: Sequence[str]) -> list[dict[str, Any]]:
    """Count the features that are left after each step.

    Parameters
    ----------
    pipeline : Pipeline
        The fitted pipeline of the study.
    readers : sequence of str
        The readers.

    Returns
    -------
    list of dict
        ``step, name, features, meaning``.
    """
    steps = pipeline.named_steps
    nomogram, fcm = steps["nomogram"], steps["fcm"]
    n_measured = len(steps["imputer"].feature_names_in_)
    rows = []
    if "icc" in steps:
        icc = steps["icc"]
        n_reproducible, n_measured = n_measured, len(icc.icc_)
        rows.append(
            (
                "icc",
                "Reproducible",
                n_reproducible,
                f"ICC above {icc.threshold:g} in {icc.n_lesions_} lesions drawn by "
                "all readers; their mean goes on",
            )
        )
    of = f" by each of {len(readers)} readers" if len(readers) > 1 else ""
    rows.insert(0, ("extractor", "Measured", n_measured, f"in each lesion{of}"))
    chosen = len(nomogram.feature_names_in_)
    rows.append(
        (
            "fcm",
            "Chosen",
            chosen,
            f"{fcm.k} each by Fisher coefficient, POE+ACC and mutual information",
        )
    )
    rows.append(
        (
            "nomogram",
            "In the score",
            len(nomogram.selected_features_),
            "coefficient left nonzero by the LASSO",
        )
    )
    keys = ("step", "name", "features", "meaning")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def model_numbers(nomogram: Any, chosen: pd.DataFrame) -> dict[str, Any]:
    """Return the score's formula and how the LASSO came to it.

    Parameters
    ----------
    nomogram : NomogramClassifier
        Fitted.
    chosen : DataFrame of shape (n_training, n_chosen)
        The table that it was fitted on, on the features' own scale.

    Returns
    -------
    dict
    """
    coefficients = pd.Series(nomogram.coef_[0], index=chosen.columns)
    kept = coefficients[coefficients != 0]
    table = chosen[kept.index]
    sd = table.std(ddof=0)
    order = (kept * sd).abs().sort_values(ascending=False, kind="stable").index
    return {
        "intercept": float(nomogram.intercept_[0]),
        "threshold": float(nomogram.threshold_),
        "coefficients": [
            {
                "feature": str(name),
                "coefficient": float(kept[name]),
                "per_sd": float(kept[name] * sd[name]),
                "mean": float(table[name].mean()),
                "sd": float(sd[name]),
                "minimum": float(table[name].min()),
                "maximum": float(table[name].max()),
            }
            for name in order
        ],
        "lasso": {
            "lambda": float(nomogram.lambda_),
            "lambda_min": float(nomogram.lambda_min_),
            "lambda_1se": float(nomogram.lambda_1se_),
            "lambdas": nomogram.lambdas_,
            "deviance_mean": nomogram.cv_score_mean_,
            "deviance_se": nomogram.cv_score_se_,
            "nonzero": nomogram.n_nonzero_,
            "features": list(chosen.columns),
            "coefficient_path": nomogram.coef_path_,
            "intercept_path": nomogram.intercept_path_,
        },
    }


def selection_numbers(pipeline: Any) -> dict[str, Any]:
    """Return the agreement of each feature and the criteria that chose it.

    Parameters
    ----------
    pipeline : Pipeline
        The fitted pipeline of the study.

    Returns
    -------
    dict
        ``icc``, None without a second reader, and ``chosen``.
    """
    steps = pipeline.named_steps
    icc = None
    if "icc" in steps:
        step = steps["icc"]
        icc = [
            {
                "feature": str(name),
                "icc": float(value),
                "kept": bool(keep),
                "reason": why,
            }
            for name, value, keep, why in zip(
                step.features_,
                step.icc_,
                step.get_support(),
                step.reasons_,
                strict=True,
            )
        ]
    chosen = [
        {"feature": str(name), "criteria": list(criteria)}
        for name, criteria in steps["fcm"].selected_by_.items()
    ]
    return {"icc": icc, "chosen": chosen}


def imputed_cells(
    imputer: Any, table: pd.DataFrame, training: np.ndarray, selected: Sequence[str]
) -> dict[str, Any]:
    """Count the cells of a table that the imputer filled.

    Parameters
    ----------
    imputer : SimpleImputer
        Fitted on the training rows.
    table : DataFrame of shape (n_lesions, n_features)
        What goes into the imputer.
    training : ndarray of bool, shape (n_lesions,)
        Which rows train.
    selected : sequence of str
        The features of the score.

    Returns
    -------
    dict
        ``cells``, ``of``, and the ``features`` concerned, those in the score first.
    """
    missing = table.isna()
    medians = dict(zip(table.columns, imputer.statistics_, strict=True))
    concerned = [name for name in table.columns if missing[name].any()]
    concerned.sort(key=lambda name: name not in selected)
    return {
        "cells": int(missing.to_numpy().sum()),
        "of": int(missing.size),
        "features": [
            {
                "feature": str(name),
                "training": int(missing.loc[training, name].sum()),
                "validation": int(missing.loc[~training, name].sum()),
                "median": float(medians[name]),
                "in_score": name in selected,
            }
            for name in concerned
        ],
    }


def software_versions() -> dict[str, str]:
    """Return the versions of the programs that the numbers depend on."""
    from importlib.metadata import version

    import sklearn_orn

    packages = ("scikit-learn", "numpy", "scipy", "pandas", "numba", "pydicom")
    return {
        "sklearn_orn": sklearn_orn.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        **{name: version(name) for name in packages},
    }


def gather_results(
    pipeline: Any,
    extraction: Extraction,
    design: StudyDesign,
    config: StudyConfig,
    *,
    synthetic: bool,
) -> dict[str, Any]:
    """Collect what the fitted steps of a study know.

    Parameters
    ----------
    pipeline : Pipeline
        From lesions to the nomogram, fitted.
    extraction : Extraction
        The features.
    design : StudyDesign
        Of the lesions measured.
    config : StudyConfig
        The settings.
    synthetic : bool
        Whether the cohort calls itself synthetic.

    Returns
    -------
    dict
        All of ``results.json`` but the parts' performance and the warnings.
    """
    features, rows = extraction.features, design.training
    at_imputer = list(pipeline.named_steps).index("imputer")
    before = pipeline[IMAGE_STEPS:at_imputer]
    imputed = before.transform(features) if len(before) else features
    chosen = pipeline[IMAGE_STEPS:-1].transform(features[rows])
    nomogram = pipeline[-1]
    return {
        "title": "sklearn_orn study",
        "synthetic": synthetic,
        "config": config.as_dict(),
        "labels": design.labels,
        "classes": design.classes,
        "readers": extraction.readers,
        "cohort": {
            "lesions": len(design.y),
            "patients": len(set(design.patient)),
            "counts": cohort_counts(design),
        },
        "left_out": [asdict(lesion) for lesion in extraction.left_out],
        "features": feature_steps(pipeline, extraction.readers),
        "selection": selection_numbers(pipeline),
        "imputed": imputed_cells(
            pipeline.named_steps["imputer"],
            imputed,
            rows,
            [str(name) for name in nomogram.selected_features_],
        ),
        "model": model_numbers(nomogram, chosen),
        "versions": software_versions(),
    }
