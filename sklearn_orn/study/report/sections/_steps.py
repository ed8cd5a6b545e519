"""How many features each step leaves, and what was imputed."""

from collections.abc import Iterator

from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections._shared import has_model
from sklearn_orn.study.results import Absent, FilledFeature, Results

MAX_IMPUTED = 8


def steps_table(results: Results) -> b.Table:
    """Count the features left at each step."""
    return b.Table(
        "Features left at each step",
        (*b.texts("Step"), *b.numbers("Features"), *b.texts("How")),
        [[s.name, str(s.n_features), s.meaning] for s in results.features],
        "Learnt from the training lesions only.",
    )


def imputed_names(features: tuple[FilledFeature, ...]) -> str:
    """Name the features with imputed values, those in the score first."""
    named = [
        f"{row.feature} ({row.n_training + row.n_validation}"
        f"{', in the score' if row.in_score else ''})"
        for row in features[:MAX_IMPUTED]
    ]
    more = len(features) - len(named)
    return ", ".join(named) + (f" and {more} other features" if more else "")


def imputed_sentence(results: Results) -> Iterator[str]:
    """Say what was imputed."""
    found = results.imputed
    if not has_model(results):
        return
    if isinstance(found, Absent) or not found.n_filled:
        yield "No feature value had to be imputed."
        return
    yield (
        f"Of {found.n_cells:,} feature values that reach the selection, "
        f"{found.n_filled:,} ({decimal(100 * found.n_filled / found.n_cells)} %) are "
        "not defined for their lesion and were filled with the training median of the "
        f"feature: {imputed_names(found.features)}."
    )


SECTION = b.section(
    b.TableBlock("steps", steps_table, places=("steps",)), b.Text(imputed_sentence)
)
