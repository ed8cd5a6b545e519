"""``sklearn-orn extract``: the features of each lesion of a table."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sklearn_orn import __version__
from sklearn_orn._messages import counted, listed_columns
from sklearn_orn.cli._cohorts import add_table_options, open_cohort
from sklearn_orn.cli._common import (
    add_jobs,
    add_regions,
    add_settings_options,
    chosen_bits,
    list_left_out,
    make_room,
    region_steps,
)
from sklearn_orn.cli._own_files import IDS, is_feature_table
from sklearn_orn.cli._paths import OutputFile
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    import pandas as pd

HELP = "measure the 279 features of each lesion of a cohort table"
DESCRIPTION = (
    "Write the features of each lesion, and beside them, as FILE.json, "
    "how they were measured."
)


def add(extract: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    extract.add_argument(
        "--out",
        type=OutputFile(is_feature_table, beside=_settings_beside),
        required=True,
        metavar="FILE.csv",
    )
    extract.add_argument(
        "--carry",
        nargs="+",
        default=[],
        metavar="COL",
        help="columns of the table to keep beside the features, such as the outcome",
    )
    add_jobs(extract)
    add_regions(extract)
    add_settings_options(extract, "")
    add_table_options(extract)


def _settings_beside(out: Path) -> Path:
    from sklearn_orn.texture.shared import settings_path

    return settings_path(out)


def run(arguments: argparse.Namespace) -> int:
    """Measure every lesion of a table and write the features."""
    from sklearn.pipeline import Pipeline

    from sklearn_orn._feature_settings import PROVENANCE
    from sklearn_orn._io.parquet import SUFFIX
    from sklearn_orn.study.shared import (
        extract_rows,
        feature_table,
        stream_features,
        write_csv,
    )
    from sklearn_orn.texture import Normalizer, TextureExtractor
    from sklearn_orn.texture.shared import check_free, write_settings

    cohort = open_cohort(arguments)
    make_room(arguments.out, "FILE.csv")
    check_free(arguments.out)
    carried = _carried(arguments.carry, cohort.table)
    normalizer = Normalizer(arguments.normalization or "3sigma")
    extractor = TextureExtractor(bits=chosen_bits(arguments), n_jobs=arguments.jobs)
    steps = Pipeline(
        [*region_steps(arguments), ("normalizer", normalizer), ("extractor", extractor)]
    )
    with progress_bar() as progress:
        if arguments.out.suffix == SUFFIX:
            found = stream_features(
                cohort, steps, arguments.out, carried=carried, progress=progress
            )
            n_lesions, n_features = found.n_lesions, found.n_features
            left_out, settings = found.left_out, found.settings
        else:
            extraction = extract_rows(cohort, steps, progress=progress)
            table = feature_table(cohort, extraction, carried=carried)
            write_csv(arguments.out, table)
            n_lesions, n_features = extraction.features.shape
            left_out = extraction.left_out
            settings = extraction.features.attrs[PROVENANCE]
        beside = write_settings(
            arguments.out, settings, n_lesions, version=__version__, carried=carried
        )
    measured = f"{counted(n_lesions, 'lesion')}, {counted(n_features, 'feature')}"
    print(f"{measured}: {arguments.out}")
    print(f"How they were measured: {beside}")
    return list_left_out(left_out, len(cohort))


def _carried(names: list[str], table: "pd.DataFrame") -> list[str]:
    """Return the columns that are kept beside ids and features, after a check."""
    from sklearn_orn._column_names import did_you_mean
    from sklearn_orn.images.shared import is_path_column
    from sklearn_orn.texture import feature_names

    for name in names:
        if name not in table.columns:
            raise CohortError(
                f"--carry: the table has no column '{name}'."
                f"{did_you_mean(name, table.columns)} Its columns are: "
                f"{listed_columns(table.columns, 20)}."
            )
        if is_path_column(name):
            raise CohortError(
                f"--carry: column '{name}' holds paths, and would make a table of "
                "images of the features. Leave it out."
            )
        if name in feature_names():
            raise CohortError(
                f"--carry: column '{name}' is called like a feature. Rename it."
            )
    return [name for name in dict.fromkeys(names) if name not in IDS]
