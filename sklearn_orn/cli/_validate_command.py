"""``sklearn-orn validate``: a published signature judged on one's own lesions."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sklearn_orn.cli._cohorts import add_table_options, as_asked, open_cohort
from sklearn_orn.cli._common import (
    add_jobs,
    add_settings_options,
    chosen_bits,
    list_left_out,
    make_room,
    settings_checked,
)
from sklearn_orn.cli._own_files import is_json_of
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    from sklearn_orn.cohort import Cohort, Columns
    from sklearn_orn.model import PublishedSignature
    from sklearn_orn.study.shared import PublishedValidation

HELP = "judge a published signature on your own lesions"
DESCRIPTION = (
    "AUC, calibration and three updates of a signature, by patient. A "
    "table of images is measured first, with the settings of the signature."
)
SIGNATURE = "JSON file that PublishedSignature.to_json wrote"
VALIDATION, FORMAT, VERSION = "validation.json", "sklearn-orn-validation", 1


def add(validate: argparse.ArgumentParser) -> None:
    """Add its arguments."""
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
    add_jobs(validate)
    add_settings_options(validate, ", where neither signature nor table says it")
    add_table_options(validate, table=False)


def _validation_file(out: Path) -> Path:
    """Return the file that ``--out`` of `validate` names, itself or by its folder."""
    return out / VALIDATION if out.suffix != ".json" or out.is_dir() else out


def run(arguments: argparse.Namespace) -> int:
    """Judge a published signature and write what was found."""
    from sklearn_orn.cohort import Columns
    from sklearn_orn.model import PublishedSignature
    from sklearn_orn.study.shared import validate_published, write_json

    signature = PublishedSignature.from_json(arguments.signature)
    signature.set_params(reader=arguments.reader)
    columns = Columns(
        outcome=arguments.outcome,
        positive=arguments.positive,
        patient=arguments.patient,
        class_names=signature.class_names,
    )
    cohort = _open(arguments, columns)
    out = _validation_file(arguments.out)
    with settings_checked():
        make_room(out, "FILE.json")
    with progress_bar() as progress:
        found = validate_published(
            signature,
            cohort,
            bits=chosen_bits(arguments),
            normalization=arguments.normalization,
            n_jobs=arguments.jobs,
            progress=progress,
        )
        write_json(out, _content(signature, found))
    for text in found.warnings:
        print(f"warning: {text}", file=sys.stderr)
    print(f"{found.labels[1]} against {found.labels[0]}\n{found.result}\n\n{out}")
    return list_left_out(found.left_out, len(cohort))


def _open(arguments: argparse.Namespace, columns: "Columns") -> "Cohort":
    """Read a table of features, or of images."""
    from sklearn_orn._io.tables import read_header
    from sklearn_orn.study.shared import has_images
    from sklearn_orn.texture import read_features

    if has_images(read_header(arguments.cohort)):
        return open_cohort(arguments, columns)
    if arguments.section is not None:
        raise CohortError(
            f"table '{arguments.cohort}' is one of features, and --section chooses "
            "slices of images. Leave the option out."
        )
    table = read_features(arguments.cohort)
    return as_asked(table, arguments, columns, source=arguments.cohort)


def _content(
    signature: "PublishedSignature", found: "PublishedValidation"
) -> dict[str, object]:
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
