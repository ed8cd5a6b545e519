"""The numbers of a study, gathered from the fitted steps into plain data."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn.cohort import StudyDesign
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._evaluation import Predictions, predict_part, score_refit
from sklearn_orn.study._extraction import Extraction

FORMAT, VERSION = "sklearn-orn results", 3
EXPECTED_NAGELKERKE = 0.15  # Riley's advice where nothing is known


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
                    "share": float(here.sum() / rows.sum()) if rows.any() else None,
                }
            )
    return counts


def feature_steps(
    n_measured: int,
    readers: Sequence[str],
    config: StudyConfig,
    *,
    icc: Any = None,
    pipeline: Any = None,
) -> list[dict[str, Any]]:
    """Count the features that are left after each step.

    Parameters
    ----------
    n_measured : int
        Features of each lesion, or of each reader's reading of it.
    readers : sequence of str
        The readers.
    config : StudyConfig
        The settings.
    icc : ICCFilter, default=None
        Fitted, where there are several readers.
    pipeline : Pipeline, default=None
        The fitted steps that take features; None where no model could be fitted.

    Returns
    -------
    list of dict
        ``step, name, features, meaning``.
    """
    of = f" by each of {len(readers)} readers" if len(readers) > 1 else ""
    rows = [("extractor", "Measured", n_measured, f"in each lesion{of}")]
    if icc is not None:
        rows.append(
            (
                "icc",
                "Reproducible",
                int(icc.get_support().sum()),
                f"{icc.form} above {icc.threshold:g} in {icc.n_lesions_} lesions drawn "
                "by all readers; their mean goes on",
            )
        )
    if pipeline is not None:
        nomogram = pipeline[-1]
        how = f"{config.k} each by Fisher coefficient, POE+ACC and mutual information"
        kept = len(nomogram.selected_features_)
        rows += [
            ("fcm", "Chosen", len(nomogram.feature_names_in_), how),
            ("nomogram", "In the score", kept, "coefficient left nonzero by the LASSO"),
        ]
    keys = ("step", "name", "features", "meaning")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def distinct_values(column: pd.Series) -> list[float] | None:
    """Return the values of a column where they are few: the nomogram's ticks."""
    from sklearn_orn.model.shared import MAX_DISCRETE

    values = np.unique(column)
    few = len(values) <= min(MAX_DISCRETE, len(column) / 2)
    return values.tolist() if few else None


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
                "values": distinct_values(table[name]),
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
            "sd": chosen.std(ddof=0).to_numpy(),
            "coefficient_path": nomogram.coef_path_,
            "intercept_path": nomogram.intercept_path_,
        },
    }


def icc_numbers(icc: Any) -> list[dict[str, Any]]:
    """Return the agreement of the readers on each feature.

    Parameters
    ----------
    icc : ICCFilter
        Fitted.

    Returns
    -------
    list of dict
        ``feature, icc, lower, upper, kept, reason``.
    """
    columns = (
        icc.features_,
        icc.icc_,
        icc.icc_lower_,
        icc.icc_upper_,
        icc.get_support(),
        icc.reasons_,
    )
    keys = ("feature", "icc", "lower", "upper", "kept", "reason")
    return [
        dict(zip(keys, row, strict=True))
        for row in zip(*(np.asarray(c, dtype=object) for c in columns), strict=True)
    ]


def agreement_numbers(icc: Any) -> dict[str, Any]:
    """Return the agreement of the readers in short."""
    known = icc.icc_[~np.isnan(icc.icc_)]
    return {
        "form": icc.form,
        "median_icc": float(np.median(known)) if len(known) else None,
        "kept": int(icc.get_support().sum()),
        "of": len(icc.icc_),
        "lesions": int(icc.n_lesions_),
        "interval_unit": icc.interval_unit_,
    }


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


def effective_bits(pipeline: Any) -> dict[str, int]:
    """Return the bits of each family of features."""
    from sklearn_orn.texture.shared import DEFAULT_BITS

    return dict(DEFAULT_BITS) | dict(pipeline["extractor"].bits or {})


def base_results(
    extraction: Extraction,
    design: StudyDesign,
    config: StudyConfig,
    *,
    source: str,
    synthetic: bool,
) -> dict[str, Any]:
    """Collect what is known before a model is fitted.

    Parameters
    ----------
    extraction : Extraction
        The features.
    design : StudyDesign
        Of the lesions measured.
    config : StudyConfig
        The settings.
    source : {"images", "features"}
        Where the features come from.
    synthetic : bool
        Whether the cohort calls itself synthetic.

    Returns
    -------
    dict
        The first keys of ``results.json``.
    """
    readers = [reader for reader in extraction.readers if reader]
    settings = config.as_dict() | {"bits": None}
    if source == "images":
        from sklearn_orn.study._pipeline import study_pipeline

        settings["bits"] = effective_bits(study_pipeline(readers, config))
    else:
        settings["normalization"] = None
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": "sklearn_orn study",
        "synthetic": synthetic,
        "source": source,
        "config": settings,
        "labels": design.labels,
        "classes": design.classes,
        "readers": readers,
        "cohort": {
            "lesions": len(design.y),
            "patients": len(set(design.patient)),
            "counts": cohort_counts(design),
        },
        "left_out": [asdict(lesion) for lesion in extraction.left_out],
        "versions": software_versions(),
    }


def part_scores(parts: Sequence[Predictions]) -> dict[str, list[Any]]:
    """Return what the model says of each lesion of each part, as columns."""
    tables = [
        pd.DataFrame(
            {
                "lesion": part.design.lesion,
                "patient": part.design.patient,
                "part": part.part,
                "y": part.design.y,
                "score": part.score,
                "probability": part.proba,
                "predicted": part.predicted,
            }
        )
        for part in parts
    ]
    together = pd.concat(tables)
    return {str(name): together[name].tolist() for name in together}


def class_tests(parts: Sequence[Predictions]) -> list[dict[str, Any]]:
    """Compare the score of the classes within each part."""
    from sklearn_orn.metrics import score_by_class

    rows = []
    for part in parts:
        # Scores of different folds are on different scales.
        score = part.proba if part.fold is not None else part.score
        found = score_by_class(part.design.y, score, groups=part.design.patient)
        rows.append(
            {
                "part": part.part,
                "of": "probability" if part.fold is not None else "score",
                "test": found.test,
                "statistic": found.statistic,
                "p_value": found.p_value,
                "classes": found.table.rename_axis("class")
                .reset_index()
                .to_dict(orient="records"),
            }
        )
    return rows


def worked_lesion(
    part: Predictions, chosen: pd.DataFrame, selected: Sequence[str]
) -> dict[str, Any]:
    """Return the lesion with the median score of a part, for the nomogram.

    Parameters
    ----------
    part : Predictions
        Of the part.
    chosen : DataFrame of shape (n_lesions, n_chosen)
        Features of its lesions as they enter the score.
    selected : sequence of str
        Those with a coefficient.

    Returns
    -------
    dict
        ``lesion, part, values, score, probability``.
    """
    row = int(np.argsort(part.score, kind="stable")[(len(part.score) - 1) // 2])
    return {
        "lesion": part.design.lesion[row],
        "part": part.part,
        "values": {name: float(chosen.iloc[row][name]) for name in selected},
        "score": float(part.score[row]),
        "probability": float(part.proba[row]),
    }


def sample_size(design: StudyDesign, candidates: Mapping[str, int]) -> dict[str, Any]:
    """Hold the training part against Riley's criteria.

    Parameters
    ----------
    design : StudyDesign
        Of the measured lesions.
    candidates : dict of str to int
        How many features there are, by where they are counted.

    Returns
    -------
    dict
        ``n`` (patients: lesions of one are not independent), ``lesions, class`` (the
        smaller one), ``events`` and ``event_lesions`` (its patients and lesions),
        ``prevalence, r2_nagelkerke`` and ``riley``: for each number of candidates the
        minimum sizes and the shrinkage to expect.
    """
    from sklearn_orn.metrics import expected_shrinkage, minimum_sample_size

    rows = design.training
    y = design.y[rows]
    if len(set(y)) < 2:
        raise ValueError("The lesions that train are not of both classes.")
    patients = len(set(design.patient[rows]))
    prevalence = float(y.mean())
    found = []
    for where, number in candidates.items():
        needed = minimum_sample_size(
            n_candidates=number,
            prevalence=prevalence,
            r2_nagelkerke=EXPECTED_NAGELKERKE,
        )
        shrinkage = expected_shrinkage(patients, number, needed.r2_cox_snell)
        found.append(
            {"candidates_of": where, "candidates": number, "shrinkage": shrinkage}
            | needed._asdict()
        )
    fewer = int(y.sum() * 2 <= len(y))
    return {
        "n": patients,
        "lesions": len(y),
        "class": design.classes[fewer],
        "events": len(set(design.patient[rows & (design.y == fewer)])),
        "event_lesions": int((y == fewer).sum()),
        "prevalence": prevalence,
        "candidates": found[-1]["candidates"],
        "r2_nagelkerke": EXPECTED_NAGELKERKE,
        "riley": found,
    }


def model_results(
    pipeline: Any,
    features: pd.DataFrame,
    design: StudyDesign,
    parts: Sequence[Predictions],
    judged: pd.DataFrame,
) -> dict[str, Any]:
    """Collect what the fitted steps know, and what they say of each lesion.

    Parameters
    ----------
    pipeline : Pipeline
        The fitted steps that take features.
    features : DataFrame of shape (n_lesions, n_features)
        Of the measured lesions.
    design : StudyDesign
        Of the same lesions.
    parts : sequence of Predictions
        Training, and what stands against it.
    judged : DataFrame
        The features of the lesions of the last part.

    Returns
    -------
    dict
        The keys ``chosen, imputed, model, scores, score_by_class``.
    """
    rows = design.training
    at_imputer = list(pipeline.named_steps).index("imputer")
    before = pipeline[:at_imputer]
    imputed = before.transform(features) if len(before) else features
    nomogram = pipeline[-1]
    selected = [str(name) for name in nomogram.selected_features_]
    model = model_numbers(nomogram, pipeline[:-1].transform(features[rows]))
    chosen = pipeline[:-1].transform(judged)
    # In cross-validation the nomogram drawn is that of all lesions.
    last = predict_part(pipeline, judged, parts[-1].design, parts[-1].part)
    return {
        "chosen": [
            {"feature": str(name), "criteria": list(criteria)}
            for name, criteria in pipeline.named_steps["fcm"].selected_by_.items()
        ],
        "imputed": imputed_cells(
            pipeline.named_steps["imputer"], imputed, rows, selected
        ),
        "model": model
        | {
            "score_refit": score_refit(parts[0]),
            "worked": worked_lesion(last, chosen, selected),
        },
        "scores": part_scores(parts),
        "score_by_class": class_tests(parts),
    }
