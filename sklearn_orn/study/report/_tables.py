"""The tables of the report, in the order of the page."""

from collections.abc import Callable

from sklearn_orn.study.report._cohort_tables import (
    baseline_tables,
    counts_table,
    left_out_table,
    location_tables,
    protocol_table,
)
from sklearn_orn.study.report._model_tables import (
    coefficients_table,
    instability_table,
    internal_table,
    models_table,
    optimism_table,
    performance_table,
    readers_table,
    sample_size_table,
    sensitivity_table,
    stability_table,
    steps_table,
)
from sklearn_orn.study.report._table import ReportTable, Results

TABLES: tuple[Callable[[Results], ReportTable | list[ReportTable]], ...] = (
    counts_table,
    baseline_tables,
    location_tables,
    left_out_table,
    protocol_table,
    steps_table,
    coefficients_table,
    stability_table,
    performance_table,
    internal_table,
    optimism_table,
    instability_table,
    models_table,
    readers_table,
    sensitivity_table,
    sample_size_table,
)


def report_tables(results: Results) -> dict[str, ReportTable]:
    """Return the tables that this study has, in the order of the page.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data.

    Returns
    -------
    dict of str to ReportTable
    """
    made: list[ReportTable] = []
    for function in TABLES:
        found = function(results)
        made += found if isinstance(found, list) else [found]
    return {table.key: table for table in made if table.rows}
