"""The AUC by every way to judge it, and what the bootstrap leaves of each measure."""

import numpy as np

from sklearn_orn.study._auc_rows import auc_rows
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._records import columns_of, rows_of
from sklearn_orn.study._written_numbers import decimal, limits
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._instability import instability_numbers
from sklearn_orn.study.results import (
    CorrectedCurve,
    Measure,
    Nested,
    Optimism,
    Permuted,
    PooledAuc,
    Repeat,
    Results,
)

# Repeats even out the luck of a division; each of the 25 fits tunes its own LASSO.
OUTER_FOLDS, REPEATS = 5, 5
MEASURES = {
    "auc": "AUC",
    "r2": "Nagelkerke R²",
    "brier": "Brier score",
    "intercept": "Calibration intercept",
    "slope": "Calibration slope",
    "emax": "Largest calibration error",
}


def optimism_numbers(study: Study, results: Results) -> Optimism:
    """Return apparent and bias-corrected performance."""
    from sklearn_orn.resampling.shared import optimism_of

    design = study.design.take(study.design.training)
    corrected = optimism_of(
        study.refits, metrics=list(MEASURES), n_jobs=study.config.n_jobs
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
        instability=instability_numbers(corrected.instability, design.lesion),
    )


def nested_numbers(study: Study, results: Results) -> Nested:
    """Return what the procedure does on folds of patients it has not seen."""
    from sklearn_orn.resampling import nested_cross_validate

    nested = study.resampled(
        nested_cross_validate, outer=OUTER_FOLDS, n_repeats=REPEATS
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


def permuted_numbers(study: Study, results: Results) -> Permuted:
    """Return the cross-validated AUC beside that of shuffled outcomes."""
    from sklearn_orn.resampling import permuted_outcome

    shuffled = study.resampled(
        permuted_outcome, cv=OUTER_FOLDS, n_permutations=study.config.n_permutations
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


def auc_table(results: Results) -> b.Table:
    """Set the AUCs of all ways to look at the model beside each other."""
    return b.Table(
        "The AUC by every way to judge it, what may be quoted first",
        (*b.texts(""), *b.numbers("AUC", "95 % CI"), *b.texts("How")),
        [
            [row.title, decimal(row.auc, 3), limits(row, 3), row.how]
            for row in auc_rows(results)
        ],
    )


def optimism_table(results: Results) -> b.Table:
    """Return each measure in training, on patients not drawn, and corrected."""
    found = s.needed(results.optimism)
    rows = []
    for row in found.measures:
        values = (row.apparent, row.out_of_bag, row.plus_632, row.corrected)
        rows.append([row.name, *(decimal(value, 3) for value in values)])
    heads = ("Apparent", "Out-of-bag", ".632+", "Harrell’s correction")
    return b.Table(
        "What the bootstrap leaves of the training performance",
        (*b.texts(""), *b.numbers(*heads)),
        rows,
        f"The whole procedure on {found.n_resamples} resamples of patients. "
        "Out-of-bag: judged on the patients that were not drawn. .632+: weighs it "
        "against the apparent value by how much the procedure overfits. Harrell’s "
        "(rms’s validate) judges on all patients, of whom 63 % have trained the "
        "resampled model: after a selection among many features it stays too good, on "
        "noise as well.",
    )


SECTION = b.section(
    b.TableBlock("auc", auc_table, places=("nested", "permuted")),
    b.TableBlock("optimism", optimism_table, places=("optimism",)),
    b.Absence("Optimism", lambda results: results.optimism),
    b.Absence("Nested cross-validation", lambda results: results.nested),
    b.Absence("Shuffled outcomes", lambda results: results.permuted),
    needs_model=True,
    analyses=(
        b.Analysis("optimism", optimism_numbers, "bootstrap: optimism"),
        b.Analysis("nested", nested_numbers, "nested cross-validation"),
        b.Analysis("permuted", permuted_numbers, "shuffled outcomes"),
    ),
)
