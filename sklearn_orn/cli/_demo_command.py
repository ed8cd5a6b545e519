"""``sklearn-orn demo``: the whole of a study on a synthetic cohort."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sklearn_orn.cli._common import ALL, OK, add_jobs, finish
from sklearn_orn.cli._compiling import compiled_beside
from sklearn_orn.cli._paths import OutputFolder
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.cli._workers_ahead import workers_ahead

if TYPE_CHECKING:
    from sklearn_orn.study.shared import ClinicalKinds

HELP = "make a synthetic cohort, run the study on it, write the report"
DEMO_SEED = 0
DEMO_RESAMPLES, DEMO_PERMUTATIONS = 20, 19
DEMO_LOCATION = "vertebra"
DEMO_NOMOGRAM: Literal["radiomics", "combined"] = "combined"
DEMO_CLINICAL: "ClinicalKinds" = {
    "age": "continuous",
    "sex": {"categorical": "F"},
    "t_stage": {"ordinal": ["T1", "T2", "T3", "T4"]},
    "n_stage": {"ordinal": ["N0", "N1", "N2", "N3"]},
    "dose_gy": "continuous",
    "interval_months": "continuous",
}


def add(demo: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    demo.add_argument(
        "--out", type=OutputFolder(), default=Path("orn-demo"), metavar="DIR"
    )
    demo.add_argument(
        "--as-hospital",
        type=OutputFolder(),
        metavar="DIR",
        help="only write the cohort as a hospital has it, to try `collect` on: a PACS "
        "export, outlines of 3D Slicer and ITK-SNAP, a German spreadsheet",
    )
    add_jobs(demo, default=ALL)


def run(arguments: argparse.Namespace) -> int:
    """Make the synthetic cohort and run the study on it."""
    if arguments.as_hospital is not None:
        return _hospital(arguments.as_hospital)
    forked = workers_ahead(arguments, arguments.jobs)
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
        nomogram=DEMO_NOMOGRAM,
        location=DEMO_LOCATION,
        n_resamples=DEMO_RESAMPLES,
        n_permutations=DEMO_PERMUTATIONS,
        n_jobs=arguments.jobs,
    )
    folder = StudyFolder(out)
    folder.check(beside=["cohort"])
    beside = compiled_beside(arguments.jobs, forked=forked)
    with progress_bar() as progress, beside as compiled:
        progress("making the synthetic cohort", 0, 1)
        make_cohort(out / "cohort", random_state=DEMO_SEED, n_jobs=arguments.jobs)
        folder.open()
        table = out / "cohort" / "cohort.csv"
        result = run_study(table, config, out, progress=compiled(progress))
    print(
        "Synthetic cohort: these numbers are not about patients. For speed there are "
        f"{DEMO_RESAMPLES}\nbootstrap resamples and {DEMO_PERMUTATIONS} shuffles; a "
        "study of yours has 200 and 100.\n"
    )
    return finish(result)


def _hospital(folder: Path) -> int:
    from sklearn_orn.datasets import make_hospital
    from sklearn_orn.exceptions import CohortError

    with progress_bar() as progress:
        progress("making the synthetic hospital", 0, 1)
        try:
            make_hospital(folder, random_state=DEMO_SEED)
        except FileExistsError as error:
            raise CohortError(f"--as-hospital: {error}") from None
    print(f"{folder}: a synthetic hospital, not about patients. Next:")
    table = folder / "Patienten.xlsx"
    print(f"  sklearn-orn collect {folder} --clinical {table}")
    return OK
