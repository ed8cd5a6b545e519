"""``sklearn-orn study``: from a table to the report."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sklearn_orn._io.codec import JsonObject, Plain
from sklearn_orn.cli._cohorts import COHORT, add_table_options, as_asked, open_cohort
from sklearn_orn.cli._common import (
    ALL,
    JOBS,
    LEFT_OUT,
    OK,
    add_options,
    finish,
    workers,
)
from sklearn_orn.cli._compiling import compiled_beside
from sklearn_orn.cli._paths import OutputFolder, input_path, paths_of
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.cli._told_once import shortened, told_once
from sklearn_orn.cli._workers_ahead import workers_ahead
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    import pandas as pd

    from sklearn_orn.cohort import Cohort
    from sklearn_orn.study import StudyConfig

HELP = "run the study on a cohort table and write the report"
DESCRIPTION = (
    "Measure the lesions of a table, learn the score, judge it, and "
    "write the report with everything that belongs to it."
)
COLUMNS = (
    ("--outcome", "COL", "outcome column"),
    ("--positive", "LABEL", "positive class; needed unless 0/1"),
    ("--patient", "COL", "patient column"),
    (
        "--split",
        "COL",
        "column that holds training or validation; without it the study is "
        "cross-validated",
    ),
    ("--date", "COL", "instead of --split: dates"),
    ("--cut", "DATE", "first date of the validation part"),
)
NUMBERS = (
    ("cv", "cv", "folds (10)"),
    ("seed", "random_state", "seed (0)"),
    ("resamples", "n_resamples", "bootstrap resamples (200)"),
    ("permutations", "n_permutations", "shuffled outcomes (100)"),
)
# Options that stand in the study file too, by what they are called there.
SETTINGS = (
    *(name.removeprefix("--") for name, _, _ in COLUMNS),
    *("clinical", "location", "centre", "readers", "exclusions"),
    *(setting for _, setting, _ in NUMBERS),
)


def add(study: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    study.add_argument("cohort", type=input_path, nargs="?", help=COHORT)
    _add_source_options(study)
    _add_column_options(study)
    _add_run_options(study)
    add_table_options(study, table=False)


def _add_source_options(study: argparse.ArgumentParser) -> None:
    features = (
        "instead of a cohort table: features that another program measured; columns of "
        "numbers that no option names are features"
    )
    add_options(study, ("--features", "FILE.csv", features), of=input_path)
    add_options(study, ("--id", "COL", "with --features: the lesions' names"))
    study.add_argument(
        "--exclude",
        nargs="+",
        metavar="PATTERN",
        help="with --features: columns that are no features, with * and ?",
    )
    study.add_argument(
        "--readers",
        nargs="+",
        metavar="NAME",
        help="readers to use; needed where they are called like sequences",
    )
    exclusions = (
        "lesion, decision, comment, as the page of montage --html saves them; rejected "
        "lesions leave before anything is measured"
    )
    add_options(
        study,
        ("--exclusions", "FILE.csv", exclusions),
        ("--config", "FILE.yaml", "settings; options go before"),
        of=input_path,
    )


def _add_column_options(study: argparse.ArgumentParser) -> None:
    add_options(study, *COLUMNS)
    study.add_argument(
        "--clinical", nargs="+", metavar="COL", help="columns of the clinical model"
    )
    centre = (
        "column of the centre; or of the images: 'header station', 'header "
        "manufacturer', 'header model', 'header field strength'"
    )
    add_options(
        study,
        ("--location", "COL", "column of the location"),
        ("--centre", "COL", centre),
    )


def _add_run_options(study: argparse.ArgumentParser) -> None:
    study.add_argument(
        "--out",
        type=OutputFolder(),
        metavar="DIR",
        help="folder of the report: a new one, an empty one, or that of a study",
    )
    for name, setting, text in NUMBERS:
        study.add_argument(f"--{name}", dest=setting, type=int, metavar="N", help=text)
    jobs = f"{JOBS} or a Dask cluster's ({ALL})"
    study.add_argument("--jobs", type=workers, metavar="N", help=jobs)
    study.add_argument(
        "--backend",
        choices=("processes", "dask"),
        default="processes",
        help="what the workers are (processes)",
    )
    add_options(study, ("--scheduler", "ADDRESS", "with --backend dask: its scheduler"))
    study.add_argument(
        "--dry-run", action="store_true", help="check everything, print the plan"
    )
    study.add_argument(
        "--resume",
        action="store_true",
        help="go on where an interrupted run of the same study stopped",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the study on the user's table."""
    if arguments.backend == "processes" and not arguments.dry_run:
        workers_ahead(arguments, ALL if arguments.jobs is None else arguments.jobs)
    from sklearn_orn.study import run_study
    from sklearn_orn.study.shared import plan_study

    config = _config(arguments)
    cohort, features = _open(arguments, config)
    if arguments.dry_run:
        plan, problems = plan_study(cohort, config, features)
        print(plan)
        for problem in told_once(map(str, problems)):
            print(f"  {problem}", file=sys.stderr)
        return LEFT_OUT if problems else OK
    if arguments.out is None:
        raise CohortError("nothing says where the report goes: pass --out DIR.")
    jobs = config.n_jobs if arguments.backend == "processes" else 1
    forked = workers_ahead(arguments, jobs)  # it may be the file that says how many
    beside = compiled_beside(jobs, wanted=features is None, forked=forked)
    with progress_bar() as progress, _backend(arguments), beside as compiled:
        result = run_study(
            cohort,
            config,
            arguments.out,
            features=features,
            resume=arguments.resume,
            progress=compiled(progress),
        )
    return finish(result)


def _config(arguments: argparse.Namespace) -> "StudyConfig":
    """Return the settings of the file and the options, the options before."""
    from sklearn_orn.study import read_study_file
    from sklearn_orn.study.shared import make_config

    settings: JsonObject = {}
    if arguments.config is not None:
        settings = read_study_file(arguments.config)
    options = {name: getattr(arguments, name) for name in SETTINGS}
    settings |= {key: value for key, value in options.items() if value is not None}
    if arguments.exclude is not None:
        settings["features"] = _with_excluded(settings, arguments.exclude)
    if arguments.features is not None:
        settings.setdefault("patient", arguments.id)
    if arguments.jobs is not None:
        settings["n_jobs"] = arguments.jobs
    settings.setdefault("n_jobs", ALL)
    return make_config(settings, source=arguments.config)


def _with_excluded(settings: JsonObject, patterns: list[str]) -> Plain:
    """Add patterns to those of the study file; a wrong setting stays to be refused."""
    given = settings.get("features") or {}
    excluded = given.get("exclude") or [] if isinstance(given, dict) else None
    if not isinstance(excluded, list):
        return given
    more = [pattern for pattern in patterns if pattern not in excluded]
    return given | {"exclude": [*excluded, *dict.fromkeys(more)]}


def _open(
    arguments: argparse.Namespace, config: "StudyConfig"
) -> "tuple[Cohort, pd.DataFrame | None]":
    """Read the table of images, or that of features."""
    from sklearn_orn.study.shared import StudyFolder

    if (arguments.cohort is None) == (arguments.features is None):
        raise CohortError(
            "name one table: a cohort table with images, or --features FILE.csv."
        )
    if arguments.out is not None:
        StudyFolder(arguments.out).check(paths_of(arguments).inputs)
    if arguments.features is None:
        return open_cohort(arguments, config.columns), None
    from sklearn_orn.study.shared import read_feature_table

    table, features = read_feature_table(
        arguments.features, config, identifier=arguments.id
    )
    _tell_left_out(features)
    cohort = as_asked(
        table,
        arguments,
        config.columns,
        source=arguments.features,
        identifier=arguments.id,
    )
    return cohort, features


def _tell_left_out(features: "pd.DataFrame") -> None:
    from sklearn_orn.study.shared import LEFT_OUT, left_out_text

    left_out = features.attrs[LEFT_OUT]
    if left_out:
        number = sum(map(len, left_out.values()))
        columns = "1 column is" if number == 1 else f"{number} columns are"
        print(
            shortened(f"{columns} taken for no features: {left_out_text(left_out)}")
            + ". A clinical column is named by --clinical.",
            file=sys.stderr,
        )


@contextmanager
def _backend(arguments: argparse.Namespace) -> Iterator[None]:
    """Send the work to a Dask cluster where the user says so."""
    if arguments.backend == "processes":
        if arguments.scheduler is not None:
            raise CohortError("--scheduler needs --backend dask.")
        yield
        return
    try:
        from dask.distributed import Client
    except ImportError:
        raise CohortError(
            "--backend dask needs Dask: pip install 'sklearn-orn[dask]'."
        ) from None
    import joblib

    try:
        client = Client(arguments.scheduler, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise CohortError(
            f"no Dask scheduler answers at {arguments.scheduler!r}: {error}"
        ) from error
    with client, joblib.parallel_config(backend="dask"):
        yield
