"""The study's model beside simpler ones, on the same lesions."""

from collections.abc import Iterator

import pandas as pd

from sklearn_orn._validation import name_list
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._feature_source import feature_of_size
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._models import compare_models
from sklearn_orn.study._written_numbers import PART_TITLES, decimal, limits, p_value
from sklearn_orn.study.methods._phrases import phrase
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import RADIOMICS, Absent, Models, Results


def of_this_study(study: Study, results: Results) -> Models:
    """Judge the study's model beside simpler ones, on the same lesions."""
    return compare_models(
        study.table_steps(),
        study.features,
        study.design,
        study.config,
        clinical=clinical_table(study.cohort.clinical, study.config.clinical_kinds),
        size=_size(study, results),
        threshold=s.needed(results.model).threshold,
    )


def _size(study: Study, results: Results) -> pd.Series | None:
    """Return the size of each lesion: a column, the outlines, or a feature."""
    if study.cohort.size is not None:
        return study.cohort.size
    if not isinstance(results.images, Absent):
        size = results.images.size
        return pd.Series(size.values, index=study.features.index, name=size.name)
    for table in (study.features, study.cohort.table):
        feature = feature_of_size(table)
        if feature is not None:
            return table[feature]
    return None


def models_table(results: Results) -> b.Table:
    """Return the AUC of each model, and the difference to the study's."""
    found = s.needed(results.models)
    tests = {r.second: r for r in found.comparisons if r.first == RADIOMICS}
    rows = []
    for row in found.rows:
        test = tests.get(row.name)
        difference = ["", ""]
        if test is not None:
            text = f"{decimal(test.difference, 3)} ({limits(test, 3)})"
            difference = [text, p_value(test.p_value)]
        predictors = name_list(row.predictors, s.MAX_NAMED)
        auc = [decimal(row.auc, 3), limits(row, 3)]
        rows.append([row.name.capitalize(), predictors, *auc, *difference])
    missing = phrase(results, "clinical_missing_sentence")
    note = "Judged on the same lesions; paired differences, by patient."
    return b.Table(
        f"Radiomics and simpler models, {PART_TITLES[found.part].lower()}",
        (
            *b.texts("Model", "Of"),
            *b.numbers("AUC", "95 % CI", "Radiomics − model", "p"),
        ),
        rows,
        f"{note} {missing}" if missing else note,
    )


def verdict(results: Results) -> Iterator[str]:
    """Say whether radiomics does better."""
    if isinstance(results.models, Absent) or not results.models.verdict:
        return
    text = results.models.verdict
    if not results.config.clinical:
        text += (
            " No clinical columns are named, so there is no clinical model to compare "
            "with."
        )
    yield text


def models_notes(results: Results) -> Iterator[str]:
    """Say which models could not be fitted, and which columns are in none."""
    if isinstance(results.models, Absent):
        return
    for name, reason in results.models.missing.items():
        yield f"The model “{name}” could not be fitted: {reason}"
    yield from results.models.notes


SECTION = b.section(
    b.Heading("Simpler models"),
    b.Text(verdict),
    b.TableBlock("models", models_table, places=("models",)),
    b.Absence("Simpler models", lambda results: results.models),
    b.Text(models_notes),
    needs_model=True,
    analyses=(b.Analysis("models", of_this_study, "simpler models"),),
)
