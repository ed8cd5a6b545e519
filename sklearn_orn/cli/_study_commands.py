"""The commands of a whole study: ``demo``, ``study``, ``init`` and ``report``."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn_orn.cli._common import JOBS, LEFT_OUT, OK, list_left_out, workers
from sklearn_orn.cli._image_commands import add_table_options, hide_ids, load_table
from sklearn_orn.cli._own_files import is_nothing
from sklearn_orn.cli._paths import OutputFile, OutputFolder, input_path, paths_of
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    import pandas as pd

    from sklearn_orn.study import StudyConfig, StudyResult

DEMO_SEED = 0
DEMO_RESAMPLES, DEMO_PERMUTATIONS = 50, 19
DEMO_LOCATION = "vertebra"
DEMO_CLINICAL = ("age", "sex", "t_stage", "n_stage", "dose_gy", "interval_months")


def add_study_commands(
    commands: Any, cohort: str, progress_bar: Callable[[], Any]
) -> None:
    """Add the commands.

    Parameters
    ----------
    commands : argparse subparsers
        To add to.
    cohort : str
        What a cohort table is.
    progress_bar : callable
        Gives a context manager that shows progress.
    """
    demo = commands.add_parser(
        "demo",
        help="make a synthetic cohort, run the study on it, write the report",
    )
    demo.add_argument(
        "--out", type=OutputFolder(), default=Path("orn-demo"), metavar="DIR"
    )
    demo.add_argument("--jobs", type=workers, default=1, metavar="N", help=JOBS)
    demo.set_defaults(run=partial(run_demo, progress_bar=progress_bar))

    study = commands.add_parser(
        "study",
        help="run the study on a cohort table and write the report",
        description="Measure the lesions of a table, learn the score, judge it, and "
        "write the report with everything that belongs to it.",
    )
    study.add_argument("cohort", type=input_path, nargs="?", help=cohort)
    _add_source_options(study)
    _add_column_options(study)
    _add_run_options(study)
    add_table_options(study)
    study.set_defaults(run=partial(run_study_command, progress_bar=progress_bar))

    init = commands.add_parser(
        "init",
        help="write a commented study file for a cohort table, to be looked over",
    )
    init.add_argument("cohort", type=input_path, help=cohort)
    init.add_argument(
        "--out",
        type=OutputFile(is_nothing),
        default=Path("study.yaml"),
        metavar="FILE.yaml",
    )
    init.set_defaults(run=run_init)

    report = commands.add_parser(
        "report", help="make the report of a finished study again, without its images"
    )
    report.add_argument("folder", type=OutputFolder(), help="folder with results.json")
    report.set_defaults(run=run_report)


def _add_source_options(study: argparse.ArgumentParser) -> None:
    study.add_argument(
        "--features",
        type=input_path,
        metavar="FILE.csv",
        help="instead of a cohort table: features that another program measured; "
        "columns of numbers that no option names are features",
    )
    study.add_argument(
        "--id", metavar="COL", help="with --features: the lesions' names"
    )
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
    study.add_argument(
        "--config",
        type=input_path,
        metavar="FILE.yaml",
        help="settings; options go before",
    )


def _add_column_options(study: argparse.ArgumentParser) -> None:
    study.add_argument("--outcome", metavar="COL", help="outcome column")
    study.add_argument(
        "--positive", metavar="LABEL", help="positive class; needed unless 0/1"
    )
    study.add_argument("--patient", metavar="COL", help="patient column")
    study.add_argument(
        "--split",
        metavar="COL",
        help="column that holds training or validation; without it the study "
        "is cross-validated",
    )
    study.add_argument("--date", metavar="COL", help="instead of --split: dates")
    study.add_argument(
        "--cut", metavar="DATE", help="first date of the validation part"
    )
    study.add_argument(
        "--clinical", nargs="+", metavar="COL", help="columns of the clinical model"
    )
    study.add_argument("--location", metavar="COL", help="column of the location")


def _add_run_options(study: argparse.ArgumentParser) -> None:
    study.add_argument(
        "--out",
        type=OutputFolder(),
        metavar="DIR",
        help="folder of the report: a new one, an empty one, or that of a study",
    )
    study.add_argument("--cv", type=int, metavar="N", help="folds (10)")
    study.add_argument("--seed", type=int, metavar="N", help="seed (0)")
    study.add_argument(
        "--resamples", type=int, metavar="N", help="bootstrap resamples (200)"
    )
    study.add_argument(
        "--permutations", type=int, metavar="N", help="shuffled outcomes (100)"
    )
    study.add_argument(
        "--jobs", type=workers, metavar="N", help=f"{JOBS}; all of a Dask cluster"
    )
    study.add_argument(
        "--backend",
        choices=("processes", "dask"),
        default="processes",
        help="what the workers are (processes)",
    )
    study.add_argument(
        "--scheduler", metavar="ADDRESS", help="with --backend dask: its scheduler"
    )
    study.add_argument(
        "--dry-run", action="store_true", help="check everything, print the plan"
    )
    study.add_argument(
        "--resume",
        action="store_true",
        help="go on where an interrupted run of the same study stopped",
    )


def run_demo(arguments: argparse.Namespace, progress_bar: Callable[[], Any]) -> int:
    """Make the synthetic cohort and run the study on it.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``demo``.
    progress_bar : callable
        Gives a context manager that shows progress.

    Returns
    -------
    int
        Exit code.
    """
    from sklearn_orn.datasets import make_cohort
    from sklearn_orn.study import StudyConfig, run_study
    from sklearn_orn.study.shared import StudyFolder

    out: Path = arguments.out
    config = StudyConfig(
        outcome="outcome",
        positive="ORN",
        patient="patient",
        split="split",
        clinical=DEMO_CLINICAL,
        location=DEMO_LOCATION,
        n_resamples=DEMO_RESAMPLES,
        n_permutations=DEMO_PERMUTATIONS,
        n_jobs=arguments.jobs,
    )
    folder = StudyFolder(out)
    folder.check(beside=["cohort"])
    with progress_bar() as progress:
        progress("making the synthetic cohort", 0, 1)
        make_cohort(out / "cohort", random_state=DEMO_SEED)
        folder.open()
        table = out / "cohort" / "cohort.csv"
        result = run_study(table, config, out, progress=progress)
    print(
        "Synthetic cohort: these numbers are not about patients. For speed there are "
        f"{DEMO_RESAMPLES}\nbootstrap resamples and {DEMO_PERMUTATIONS} shuffles; a "
        "study of yours has 200 and 100.\n"
    )
    return _finish(result)


def run_study_command(
    arguments: argparse.Namespace, progress_bar: Callable[[], Any]
) -> int:
    """Run the study on the user's table.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``study``.
    progress_bar : callable
        Gives a context manager that shows progress.

    Returns
    -------
    int
        Exit code.
    """
    from sklearn_orn.study import plan_study, run_study

    config = _config(arguments)
    table, features = _load(arguments, config)
    if arguments.dry_run:
        plan, problems = plan_study(table, config, features)
        print(plan)
        for problem in problems:
            print(f"  {problem}", file=sys.stderr)
        return LEFT_OUT if problems else OK
    if arguments.out is None:
        raise CohortError("nothing says where the report goes: pass --out DIR.")
    with progress_bar() as progress, _backend(arguments):
        result = run_study(
            table,
            config,
            arguments.out,
            features=features,
            resume=arguments.resume,
            progress=progress,
        )
    return _finish(result)


def _config(arguments: argparse.Namespace) -> "StudyConfig":
    """Return the settings of the file and the options, the options before."""
    from sklearn_orn.study import read_study_file
    from sklearn_orn.study.shared import make_config

    settings: dict[str, Any] = {}
    if arguments.config is not None:
        settings = read_study_file(arguments.config)
    options = {
        "outcome": arguments.outcome,
        "positive": arguments.positive,
        "patient": arguments.patient,
        "split": arguments.split,
        "date": arguments.date,
        "cut": arguments.cut,
        "clinical": arguments.clinical,
        "location": arguments.location,
        "readers": arguments.readers,
        "cv": arguments.cv,
        "random_state": arguments.seed,
        "n_resamples": arguments.resamples,
        "n_permutations": arguments.permutations,
    }
    settings |= {key: value for key, value in options.items() if value is not None}
    if arguments.exclude is not None:
        settings["features"] = _with_excluded(settings, arguments.exclude)
    if arguments.features is not None:
        settings.setdefault("patient", arguments.id)
    everywhere = -1 if arguments.backend == "dask" else 1
    if arguments.jobs is not None:
        settings["n_jobs"] = arguments.jobs
    settings.setdefault("n_jobs", everywhere)
    return make_config(settings, source=arguments.config)


def _with_excluded(settings: dict[str, Any], patterns: list[str]) -> Any:
    """Add patterns to those of the study file; a wrong setting stays to be refused."""
    given = settings.get("features") or {}
    excluded = given.get("exclude") or [] if isinstance(given, dict) else None
    if not isinstance(excluded, list):
        return given
    more = [pattern for pattern in patterns if pattern not in excluded]
    return given | {"exclude": [*excluded, *dict.fromkeys(more)]}


def _load(
    arguments: argparse.Namespace, config: "StudyConfig"
) -> "tuple[pd.DataFrame, pd.DataFrame | None]":
    from sklearn_orn.study.shared import StudyFolder

    if (arguments.cohort is None) == (arguments.features is None):
        raise CohortError(
            "name one table: a cohort table with images, or --features FILE.csv."
        )
    if arguments.out is not None:
        StudyFolder(arguments.out).check(paths_of(arguments).inputs)
    arguments.patient = config.patient  # whose ids --hash-ids hashes
    if arguments.features is None:
        return load_table(arguments), None
    from sklearn_orn.study import read_feature_table

    cohort, features = read_feature_table(
        arguments.features, config, identifier=arguments.id
    )
    _tell_left_out(features)
    return hide_ids(cohort, arguments), features


def _tell_left_out(features: "pd.DataFrame") -> None:
    from sklearn_orn.study.shared import LEFT_OUT, left_out_text

    left_out = features.attrs[LEFT_OUT]
    if left_out:
        number = sum(map(len, left_out.values()))
        columns = "1 column is" if number == 1 else f"{number} columns are"
        print(
            f"{columns} taken for no features: {left_out_text(left_out)}. A clinical "
            "column is named by --clinical.",
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
        client: Any = Client(arguments.scheduler, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise CohortError(
            f"no Dask scheduler answers at {arguments.scheduler!r}: {error}"
        ) from error
    with client, joblib.parallel_config(backend="dask"):
        yield


def run_init(arguments: argparse.Namespace) -> int:
    """Write a study file for a table.

    Parameters
    ----------
    arguments : argparse.Namespace
        ``cohort`` and ``out``.

    Returns
    -------
    int
        Exit code.
    """
    from sklearn_orn._io.text_files import write_text
    from sklearn_orn.images import read_cohort
    from sklearn_orn.study.shared import study_file_text

    table = read_cohort(arguments.cohort)
    paths_of(arguments).check_table(table)
    write_text(arguments.out, study_file_text(table, arguments.cohort.name))
    print(f"{arguments.out}: look it over, then run")
    print(
        f"  sklearn-orn study {arguments.cohort} --config {arguments.out} --out report"
    )
    return OK


def run_report(arguments: argparse.Namespace) -> int:
    """Make the report of a finished study again.

    Parameters
    ----------
    arguments : argparse.Namespace
        ``folder``.

    Returns
    -------
    int
        Exit code.
    """
    from sklearn_orn.study import write_report

    print(f"Report: {write_report(arguments.folder)}")
    return OK


def _finish(result: "StudyResult") -> int:
    """Print the main numbers and where the report is; return the exit code."""
    from sklearn_orn.study.shared import summary_text

    print(summary_text(result.numbers))
    print(f"\nReport: {result.report}")
    n_lesions = len(result.features) + len(result.left_out)
    code = list_left_out(result.left_out, n_lesions)
    return LEFT_OUT if result.pipeline is None else code
