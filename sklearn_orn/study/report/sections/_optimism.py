"""The AUC by every way to judge it, and what the bootstrap leaves of each measure."""

from sklearn_orn.study._auc_rows import auc_rows
from sklearn_orn.study._numbers import decimal, limits
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results


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
)
