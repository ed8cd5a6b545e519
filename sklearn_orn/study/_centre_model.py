"""A harmonised model as one Pipeline, which takes the centre from a column."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_orn.images.shared import lesion_columns
from sklearn_orn.selection import ComBat
from sklearn_orn.study._combined_pipeline import replace_steps
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._measured_study import Study


def centre_column(config: StudyConfig) -> str:
    """Return the column of new patients that holds the centre."""
    return "centre" if config.centre_field else str(config.centre)


def with_centre_column(fitted: Pipeline, study: Study) -> tuple[Pipeline, pd.DataFrame]:
    """Return a fitted pipeline that reads the centre from its table, and that table.

    Nothing is fitted again: the steps in front of ``combat`` become a branch beside
    the column of the centre.
    """
    column = centre_column(study.config)
    at = list(fitted.named_steps).index("combat")
    before, rows = Pipeline(fitted.steps[:at]), fitted.named_steps["combat"]
    if study.from_images:
        table, taken = study.cohort.table, lesion_columns(study.cohort.table)
    else:
        table, taken = study.features, [str(name) for name in study.features]
    table = table.assign(**{column: study.centres})
    names = rows.feature_names_in_
    stand_in = FunctionTransformer(
        lambda X: pd.DataFrame(0.0, index=X.index, columns=names),
        feature_names_out=lambda *_: names,
    )
    columns = ColumnTransformer(
        [("features", stand_in, taken), ("centre", "passthrough", [column])],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    columns.fit(table[[*taken, column]].iloc[:2])
    replace_steps(columns, {"features": before})
    combat = _of_column(rows, column)
    return Pipeline(
        [("columns", columns), ("combat", combat), *fitted.steps[at + 1 :]]
    ), table


def _of_column(fitted: ComBat, column: str) -> ComBat:
    """Return the same fitted step, which takes the batch from a column."""
    params = {k: v for k, v in fitted.get_params().items() if k != "rows"}
    combat = ComBat(column, **params)
    learnt = {k: v for k, v in vars(fitted).items() if k.endswith("_") or k[0] == "_"}
    for name, value in learnt.items():
        setattr(combat, name, value)
    combat.feature_names_in_ = np.append(fitted.feature_names_in_, column)
    combat.n_features_in_ = fitted.n_features_in_ + 1
    return combat.set_output(transform="pandas")
