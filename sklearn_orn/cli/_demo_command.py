"""``sklearn-orn demo``: the whole of a study on a synthetic cohort."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sklearn_orn.cli._common import JOBS, Commands, finish, workers
from sklearn_orn.cli._paths import OutputFolder
from sklearn_orn.cli._progress_bar import progress_bar

if TYPE_CHECKING:
    from sklearn_orn.study.shared import ClinicalKinds

DEMO_SEED = 0
DEMO_RESAMPLES, DEMO_PERMUTATIONS = 50, 19
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


def add(commands: Commands) -> None:
    """Add the command."""
    demo = commands.add_parser(
        "demo",
        help="make a synthetic cohort, run the study on it, write the report",
    )
    demo.add_argument(
        "--out", type=OutputFolder(), default=Path("orn-demo"), metavar="DIR"
    )
    demo.add_argument("--jobs", type=workers, default=1, metavar="N", help=JOBS)
    demo.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the synthetic cohort and run the study on it."""
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
    return finish(result)
