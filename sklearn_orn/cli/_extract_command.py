"""``sklearn-orn extract``: the features of each lesion of a table."""

import argparse
from pathlib import Path

from sklearn_orn import __version__
from sklearn_orn.cli._cohorts import COHORT, add_table_options, open_cohort
from sklearn_orn.cli._common import (
    JOBS,
    Commands,
    add_settings_options,
    chosen_bits,
    list_left_out,
    make_room,
    workers,
)
from sklearn_orn.cli._own_files import is_feature_table
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.cli._progress_bar import progress_bar


def add(commands: Commands) -> None:
    """Add the command."""
    extract = commands.add_parser(
        "extract",
        help="measure the 279 features of each lesion of a cohort table",
        description="Write the features of each lesion, and beside them, as FILE.json, "
        "how they were measured.",
    )
    extract.add_argument("cohort", type=input_path, help=COHORT)
    extract.add_argument(
        "--out",
        type=OutputFile(is_feature_table, beside=_settings_beside),
        required=True,
        metavar="FILE.csv",
    )
    extract.add_argument("--jobs", type=workers, default=1, metavar="N", help=JOBS)
    add_settings_options(extract, "")
    add_table_options(extract)
    extract.set_defaults(run=run)


def _settings_beside(out: Path) -> Path:
    from sklearn_orn.texture.shared import settings_path

    return settings_path(out)


def run(arguments: argparse.Namespace) -> int:
    """Measure every lesion of a table and write the features."""
    from sklearn.pipeline import Pipeline

    from sklearn_orn.study.shared import extract_rows, feature_table, write_csv
    from sklearn_orn.texture import Normalizer, TextureExtractor
    from sklearn_orn.texture.shared import check_free, write_settings

    cohort = open_cohort(arguments)
    make_room(arguments.out, "FILE.csv")
    check_free(arguments.out)
    normalizer = Normalizer(arguments.normalization or "3sigma")
    extractor = TextureExtractor(bits=chosen_bits(arguments), n_jobs=arguments.jobs)
    steps = Pipeline([("normalizer", normalizer), ("extractor", extractor)])
    with progress_bar() as progress:
        extraction = extract_rows(cohort, steps, progress=progress)
        write_csv(arguments.out, feature_table(cohort, extraction))
        beside = write_settings(arguments.out, extraction.features, version=__version__)
    n_lesions, n_features = extraction.features.shape
    print(f"{n_lesions} lesions, {n_features} features: {arguments.out}")
    print(f"How they were measured: {beside}")
    return list_left_out(extraction.left_out, len(cohort))
