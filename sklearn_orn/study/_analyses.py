"""What resampling says of the whole procedure: optimism, stability, chance."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_orn.cohort import StudyDesign
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._records import columns_of, rows_of
from sklearn_orn.study.results import (
    Absent,
    BenefitRefits,
    CalibrationRefits,
    CorrectedCurve,
    FeatureStability,
    Instability,
    LesionInstability,
    Measure,
    Nested,
    Optimism,
    Permuted,
    PooledAuc,
    Repeat,
    Stability,
    StepStability,
)

if TYPE_CHECKING:
    from sklearn_orn import resampling

T = TypeVar("T")
# Repeats even out the luck of a division; each of the 25 fits tunes its own LASSO.
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


def or_reason(analysis: Callable[[], T]) -> T | Absent:
    """Return the result of an analysis, or why this study cannot have it."""
    try:
        return analysis()
    except (NotEstimable, CohortError) as error:
        return Absent(str(error))


def optimism_numbers(
    pipeline: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
) -> Optimism:
    """Return apparent and bias-corrected performance.

    `pipeline` are the steps that take features, `features` and `design` those of the
    lesions that train; as for all analyses here.
    """
    from sklearn_orn.resampling import optimism

    corrected = optimism(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        metrics=list(MEASURES),
        n_resamples=config.n_resamples,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    table = corrected.indexes.rename_axis("key").reset_index()
    table.insert(0, "name", [MEASURES[key] for key in table["key"]])
    return Optimism(
        n_resamples=corrected.n_resamples,
        n_out_of_bag=corrected.n_out_of_bag,
        unit=corrected.unit,
        failures=corrected.failures,
        measures=rows_of(Measure, table),
        calibration_curve=columns_of(CorrectedCurve, corrected.calibration),
        instability=_instability_numbers(corrected.instability, design),
    )


def _instability_numbers(
    refits: "resampling.Instability", design: StudyDesign
) -> Instability:
    """Return what each lesion's prediction does, and the curves of some refits."""
    samples = refits.samples.copy()
    samples.insert(0, "lesion", list(design.lesion))
    return Instability(
        mape=refits.mape,
        changed=refits.changed,
        threshold=refits.threshold,
        lesions=columns_of(LesionInstability, samples),
        calibration=_curves(CalibrationRefits, refits.calibration),
        net_benefit=_curves(BenefitRefits, refits.net_benefit),
    )


def _curves(kind: type[T], table: pd.DataFrame) -> T:
    """Return the curve of the model, and those of the first refits to draw."""
    own = {name: table[name] for name in table.columns if isinstance(name, str)}
    refits = table.drop(columns=list(own)).iloc[:, :CURVES].round(CURVE_DIGITS)
    curves: dict[str, object] = {k: tuple(values.tolist()) for k, values in own.items()}
    curves["refits"] = tuple(map(tuple, refits.T.to_numpy().tolist()))
    return kind(**curves)


def stability_numbers(
    pipeline: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
) -> Stability:
    """Return how often each feature passes each step."""
    from sklearn_orn.resampling import stability

    kept = stability(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        n_resamples=config.n_resamples,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    names = {step: "lasso" if step == "nomogram" else step for step in kept.index.index}
    shares = kept.frequencies.rename(columns=names)
    shares = shares[shares["lasso"] > 0].sort_values(
        "lasso", ascending=False, kind="stable"
    )
    index = kept.index.rename(index=names)
    return Stability(
        n_resamples=kept.n_resamples,
        failures=kept.failures,
        steps=rows_of(StepStability, index.rename_axis("step").reset_index()),
        features=tuple(
            FeatureStability(
                str(name),
                share=float(row["lasso"]),
                steps={str(step): float(share) for step, share in row.items()},
            )
            for name, row in shares.iterrows()
        ),
    )


def nested_numbers(
    pipeline: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
) -> Nested:
    """Return what the procedure does on folds of patients it has not seen."""
    from sklearn_orn.resampling import nested_cross_validate

    nested = nested_cross_validate(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        outer=OUTER_FOLDS,
        n_repeats=REPEATS,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    pooled = nested.pooled.sort_values("auc", kind="stable")
    median = pooled[["auc", "auc_lower", "auc_upper"]].iloc[len(pooled) // 2]
    return Nested(
        auc=nested.mean_auc,
        lower=nested.auc_lower,
        upper=nested.auc_upper,
        sd=nested.sd_auc,
        n_folds=OUTER_FOLDS,
        n_repeats=REPEATS,
        pooled=PooledAuc(*map(float, median)),
        repeats=rows_of(Repeat, nested.pooled),
    )


def permuted_numbers(
    pipeline: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
) -> Permuted:
    """Return the cross-validated AUC beside that of shuffled outcomes."""
    from sklearn_orn.resampling import permuted_outcome

    shuffled = permuted_outcome(
        clone(pipeline),
        features,
        design.y,
        groups=design.patient,
        cv=OUTER_FOLDS,
        n_permutations=config.n_permutations,
        random_state=config.random_state,
        n_jobs=config.n_jobs,
    )
    return Permuted(
        auc=shuffled.auc,
        auc_mean=float(np.mean(shuffled.null)),
        auc_sd=float(np.std(shuffled.null, ddof=1)) if len(shuffled.null) > 1 else None,
        p_value=shuffled.p_value,
        n_as_large=shuffled.n_as_large,
        movable=shuffled.movable,
        n_permutations=len(shuffled.null),
        unit=shuffled.unit,
        n_folds=OUTER_FOLDS,
        null=tuple(shuffled.null),
    )
