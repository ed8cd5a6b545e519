"""The commands that apply models: ``predict``, ``validate`` and ``calculator``."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn_orn.cli._common import (
    JOBS,
    OK,
    add_settings_options,
    chosen_bits,
    list_left_out,
    make_room,
    settings_checked,
    workers,
)
from sklearn_orn.cli._image_commands import (
    add_table_options,
    hide_ids,
    ids_unsaid,
    load_table,
)
from sklearn_orn.cli._own_files import is_calculator, is_json_of, is_score_table
from sklearn_orn.cli._paths import OutputFile, input_path, paths_of
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    import pandas as pd

    from sklearn_orn.model import PublishedSignature
    from sklearn_orn.study.shared import PublishedValidation

__all__ = ["add_model_commands"]

MODEL = "JSON file that sklearn_orn.deploy.save_model wrote"
SIGNATURE = "JSON file that PublishedSignature.to_json wrote"
VALIDATION, FORMAT, VERSION = "validation.json", "sklearn-orn-validation", 1


def add_model_commands(commands: Any, progress_bar: Callable[[], Any]) -> None:
    """Add the commands.

    Parameters
    ----------
    commands : object
        Of `ArgumentParser.add_subparsers`.
    progress_bar : callable
        Makes the context manager that shows progress.
    """
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
    predict.set_defaults(run=lambda arguments: run_predict(arguments, progress_bar))
    _add_validate(commands, progress_bar)
    calculator = commands.add_parser(
        "calculator",
        help="write the calculator of a stored model: one page, no server",
    )
    calculator.add_argument("model", type=input_path, help=MODEL)
    calculator.add_argument(
        "--out", type=OutputFile(is_calculator), required=True, metavar="FILE.html"
    )
    calculator.set_defaults(run=run_calculator)


def _add_validate(commands: Any, progress_bar: Callable[[], Any]) -> None:
    validate = commands.add_parser(
        "validate",
        help="judge a published signature on your own lesions",
        description="AUC, calibration and three updates of a signature, by patient. A "
        "table of images is measured first, with the settings of the signature.",
    )
    validate.add_argument("signature", type=input_path, help=SIGNATURE)
    validate.add_argument(
        "cohort",
        type=input_path,
        help="CSV, one row per lesion: features, as extract writes them, or images and "
        "outlines",
    )
    validate.add_argument(
        "--outcome", required=True, metavar="COL", help="outcome column"
    )
    validate.add_argument(
        "--positive",
        metavar="LABEL",
        help="positive class; needed unless 0/1 or as the signature calls it",
    )
    validate.add_argument(
        "--patient", required=True, metavar="COL", help="patient column"
    )
    validate.add_argument(
        "--out",
        type=OutputFile(is_json_of(FORMAT), place=_validation_file),
        required=True,
        metavar="FILE.json",
        help=f"or a folder, which gets {VALIDATION}",
    )
    validate.add_argument(
        "--reader",
        metavar="NAME",
        help="whose outlines, or 'mean' of the readers; needed with several readers",
    )
    validate.add_argument("--jobs", type=workers, default=1, metavar="N", help=JOBS)
    add_settings_options(validate, ", where neither signature nor table says it")
    add_table_options(validate)
    validate.set_defaults(run=lambda arguments: run_validate(arguments, progress_bar))


def _validation_file(out: Path) -> Path:
    """Return the file that ``--out`` of `validate` names, itself or by its folder."""
    return out / VALIDATION if out.suffix != ".json" or out.is_dir() else out


def run_predict(arguments: argparse.Namespace, progress_bar: Callable[[], Any]) -> int:
    """Apply a stored model to a table and write the scores.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``predict``.
    progress_bar : callable
        Makes the context manager that shows progress.

    Returns
    -------
    int
        0, or 1 if lesions were left out.
    """
    from sklearn_orn.deploy import predict_cohort, read_model, read_new_cohort
    from sklearn_orn.study.shared import write_csv

    model = read_model(arguments.model)
    with ids_unsaid(arguments):
        cohort = read_new_cohort(
            arguments.cohort, model, root=arguments.root, section=arguments.section
        )
    paths_of(arguments).check_table(cohort)
    cohort = hide_ids(cohort, arguments)
    make_room(arguments.out, "FILE.csv")
    with progress_bar() as progress:
        scores = predict_cohort(model, cohort, n_jobs=arguments.jobs, progress=progress)
        write_csv(arguments.out, scores.table)
    n_flagged = int((scores.table["flags"] != "").sum())
    print(
        f"{len(scores.table)} lesions, {n_flagged} flagged as unlike those of training "
        f"(column 'flags'): {arguments.out}"
    )
    return list_left_out(scores.left_out, len(cohort))


def run_validate(arguments: argparse.Namespace, progress_bar: Callable[[], Any]) -> int:
    """Judge a published signature and write what was found.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``validate``.
    progress_bar : callable
        Makes the context manager that shows progress.

    Returns
    -------
    int
        0, or 1 if lesions were left out.
    """
    from sklearn_orn.model import PublishedSignature
    from sklearn_orn.study.shared import validate_published, write_json

    signature = PublishedSignature.from_json(arguments.signature)
    signature.set_params(reader=arguments.reader)
    table = _load_lesions(arguments)
    out = _validation_file(arguments.out)
    with settings_checked():
        make_room(out, "FILE.json")
    with progress_bar() as progress:
        found = validate_published(
            signature,
            table,
            outcome=arguments.outcome,
            positive=arguments.positive,
            patient=arguments.patient,
            bits=chosen_bits(arguments),
            normalization=arguments.normalization,
            n_jobs=arguments.jobs,
            progress=progress,
        )
        write_json(out, _content(signature, found))
    for text in found.warnings:
        print(f"warning: {text}", file=sys.stderr)
    print(f"{found.labels[1]} against {found.labels[0]}\n{found.result}\n\n{out}")
    return list_left_out(found.left_out, len(table))


def _load_lesions(arguments: argparse.Namespace) -> "pd.DataFrame":
    """Read a table of features, or of images."""
    from sklearn_orn._io.csv_tables import read_header
    from sklearn_orn.study.shared import has_images
    from sklearn_orn.texture import read_features

    if has_images(read_header(arguments.cohort)):
        return load_table(arguments)
    if arguments.section is not None:
        raise CohortError(
            f"table '{arguments.cohort}' is one of features, and --section chooses "
            "slices of images. Leave the option out."
        )
    return hide_ids(read_features(arguments.cohort), arguments)


def _content(
    signature: "PublishedSignature", found: "PublishedValidation"
) -> dict[str, Any]:
    """Return what the file holds: numbers and settings, no lesion and no patient."""
    from sklearn_orn import __version__

    params = signature.get_params(deep=False)
    return {
        "format": FORMAT,
        "schema_version": VERSION,
        "sklearn_orn": __version__,
        "signature": params,
        "features": found.settings._asdict(),
        "negative": found.labels[0],
        "positive": found.labels[1],
        "n_left_out": len(found.left_out),
        "warnings": found.warnings,
        **found.result.as_dict(),
    }


def run_calculator(arguments: argparse.Namespace) -> int:
    """Write the calculator of a stored model.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``calculator``.

    Returns
    -------
    int
        Exit code.
    """
    from sklearn_orn._io.text_files import write_text
    from sklearn_orn.deploy import calculator_page, read_model

    page = calculator_page(read_model(arguments.model))
    make_room(arguments.out, "FILE.html")
    write_text(arguments.out, page)
    print(f"Calculator: {arguments.out}")
    return OK
