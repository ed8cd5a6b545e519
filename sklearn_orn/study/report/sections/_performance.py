"""How good the model is on each part of the study."""

from collections.abc import Iterator

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._written_numbers import PART_TITLES, decimal, performance_rows
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.results import Absent, Results

LEARNT_IN_TRAINING = "The threshold was learnt in training."
LEARNT_IN_FOLDS = (
    "In cross-validation the features, the LASSO and the threshold are learnt anew "
    "from the other folds; the AUC is that of the pooled predictions, a little low, "
    "and its interval takes the models of the folds for one: quote nested "
    "cross-validation."
)


def performance_table(results: Results) -> b.Table:
    """Return the performance of each part, the one to quote first."""
    if not results.parts:
        raise NotEstimable("There is no model to judge.")
    found = results.validation_parts
    named = () if isinstance(found, Absent) else found.rows
    together = {"validation": "Validation, together"} if named else {}
    titles = PART_TITLES | together
    *training, last = results.parts
    parts = [last, *(row.judged for row in named), *training]
    heads = [""]
    for title in (
        titles[last.part],
        *(row.name[:1].upper() + row.name[1:] for row in named),
        *(titles[part.part] for part in training),
    ):
        heads += [title, "95 % CI"]
    rows = [
        [row.name, *(text for cell in row.cells for text in cell)]
        for row in performance_rows(parts)
    ]
    split = results.config.split or results.config.date
    return b.Table(
        "Performance of the study",
        b.texts(*heads),
        rows,
        "95 % intervals count patients, not lesions: the AUC’s from Obuchowski’s "
        "variance (DeLong’s where each patient has one lesion) on the logit scale with "
        "Student’s t, those of calibration from totals by patient, those of "
        "proportions after Wilson with the effective number of samples. "
        f"{LEARNT_IN_TRAINING if split else LEARNT_IN_FOLDS}",
    )


def folds_sentence(results: Results) -> Iterator[str]:
    """Say what the AUC is within the folds."""
    folds = results.parts[-1].folds if results.parts else None
    if folds is not None:
        yield (
            f"Within the {len(folds.auc)} folds the mean AUC is "
            f"{decimal(folds.mean, 3)} (SD {decimal(folds.sd, 3)}; "
            f"{folds.n_with_both_classes} folds hold both classes)."
        )


SECTION = b.section(
    b.TableBlock(
        "performance", performance_table, places=("performance",), layout="performance"
    ),
    b.Text(folds_sentence),
    needs_model=True,
)
