"""``sklearn-orn predict``: a stored model on new lesions."""

import argparse
from typing import TYPE_CHECKING

from sklearn_orn._messages import counted
from sklearn_orn.cli._cohorts import add_table_options, as_asked
from sklearn_orn.cli._common import (
    MODEL,
    OK,
    add_jobs,
    list_left_out,
    make_room,
)
from sklearn_orn.cli._own_files import is_score_table
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    from sklearn_orn.deploy import ModelFile

HELP = "apply a stored model to the lesions of a table"
DESCRIPTION = (
    "Write each lesion's score, probability and predicted class, and "
    "flag lesions unlike those of training. With --check, compute again what the "
    "page that measures saved."
)


def add(predict: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    predict.add_argument("model", type=input_path, help=MODEL)
    predict.add_argument(
        "cohort",
        type=input_path,
        nargs="?",
        help="CSV, one row per lesion: the columns of the training table; with "
        "--check the image that was measured, a file or the folder of its series",
    )
    predict.add_argument("--out", type=OutputFile(is_score_table), metavar="FILE.csv")
    predict.add_argument(
        "--check",
        type=input_path,
        metavar="FILE.json",
        help="what the page that measures saved: every number must agree to 1e-9, "
        "features too where the image is given; nothing is written",
    )
    add_jobs(predict)
    add_table_options(predict, table=False)


def run(arguments: argparse.Namespace) -> int:
    """Apply a stored model to a table and write the scores."""
    from sklearn_orn.deploy import ModelFile, predict_cohort, read_new_cohort
    from sklearn_orn.study.shared import write_csv

    model = ModelFile.read(arguments.model)
    if arguments.check is not None:
        return _check_model(model, arguments)
    if arguments.cohort is None or arguments.out is None:
        raise CohortError(
            "predict needs the table of the lesions and --out FILE.csv; or --check "
            "FILE.json, for what the page that measures saved."
        )
    table = read_new_cohort(
        arguments.cohort, model, root=arguments.root, section=arguments.section
    )
    cohort = as_asked(table, arguments, source=arguments.cohort)
    make_room(arguments.out, "FILE.csv")
    with progress_bar() as progress:
        scores = predict_cohort(model, cohort, n_jobs=arguments.jobs, progress=progress)
        write_csv(arguments.out, scores.table)
    n_flagged = int((scores.table["flags"] != "").sum())
    print(
        f"{counted(len(scores.table), 'lesion')}, {n_flagged} flagged as unlike those "
        f"of training (column 'flags'): {arguments.out}"
    )
    return list_left_out(scores.left_out, len(cohort))


def _check_model(model: "ModelFile", arguments: argparse.Namespace) -> int:
    from sklearn_orn.deploy.shared import check_measured

    if arguments.out is not None:
        raise CohortError("--check compares and writes nothing: leave --out away.")
    found = check_measured(model, arguments.check, arguments.cohort)
    of_image = (
        f"{counted(found.n_outlines, 'outline')} measured again"
        if found.n_outlines
        else "features taken from the file; give the image to measure them again"
    )
    print(
        f"{counted(found.n_numbers, 'number')} agree to {found.largest:.1e} "
        f"({of_image}): {arguments.check}"
    )
    return OK
