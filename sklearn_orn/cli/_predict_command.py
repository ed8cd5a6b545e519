"""``sklearn-orn predict``: a stored model on new lesions."""

import argparse

from sklearn_orn._messages import counted
from sklearn_orn.cli._cohorts import add_table_options, as_asked
from sklearn_orn.cli._common import (
    JOBS,
    MODEL,
    Commands,
    list_left_out,
    make_room,
    workers,
)
from sklearn_orn.cli._own_files import is_score_table
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.cli._progress_bar import progress_bar


def add(commands: Commands) -> None:
    """Add the command."""
    predict = commands.add_parser(
        "predict",
        help="apply a stored model to the lesions of a table",
        description="Write each lesion's score, probability and predicted class, and "
        "flag lesions unlike those of training.",
    )
    predict.add_argument("model", type=input_path, help=MODEL)
    predict.add_argument(
        "cohort",
        type=input_path,
        help="CSV, one row per lesion: the columns of the training table",
    )
    predict.add_argument(
        "--out", type=OutputFile(is_score_table), required=True, metavar="FILE.csv"
    )
    predict.add_argument("--jobs", type=workers, default=1, metavar="N", help=JOBS)
    add_table_options(predict)
    predict.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Apply a stored model to a table and write the scores."""
    from sklearn_orn.deploy import ModelFile, predict_cohort, read_new_cohort
    from sklearn_orn.study.shared import write_csv

    model = ModelFile.read(arguments.model)
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
