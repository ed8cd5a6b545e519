"""``sklearn-orn init``: a first study file, to be looked over."""

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from sklearn_orn.cli._cohorts import COHORT, open_cohort
from sklearn_orn.cli._common import OK
from sklearn_orn.cli._own_files import is_nothing
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    import pandas as pd

HELP = "write a commented study file for a table, to be looked over"
DESCRIPTION = (
    "Guess the settings of a study from the table of a cohort or of "
    "features. Lines that say CONFIRM are choices of yours."
)
TABLES = (".csv", ".tsv", ".xlsx", ".ods")


def add(init: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    init.add_argument(
        "cohort",
        type=input_path,
        help=f"{COHORT}; or a table of features; or the folder of such a table",
    )
    init.add_argument(
        "--out",
        type=OutputFile(is_nothing),
        default=Path("study.yaml"),
        metavar="FILE.yaml",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write a study file for a table."""
    from sklearn_orn._io.tables import read_header
    from sklearn_orn._io.text_files import write_text
    from sklearn_orn.study.shared import has_images, study_file_text

    if arguments.cohort.is_dir():
        arguments.cohort = _table_of(arguments.cohort)
    path = arguments.cohort
    source: list[str] = ["--features"]
    sequences: tuple[str, ...] = ()
    if has_images(read_header(path)):
        cohort = open_cohort(arguments)
        table, source, sequences = cohort.table, [], cohort.sequences
    else:
        table = _beside_features(path)
    text = study_file_text(table, path.name, features=bool(source), sequences=sequences)
    write_text(arguments.out, text)
    print(f"{arguments.out}: look it over, then run")
    command = ["study", *source, path, "--config", arguments.out, "--out", "report"]
    print(f"  sklearn-orn {shlex.join(map(str, command))}")
    _print_open(text, [] if source else ["extract", str(path), "--out", "features.csv"])
    return OK


def _print_open(text: str, extract: list[str]) -> None:
    """Say which lines are still to be confirmed or filled in."""
    from sklearn_orn.study.shared import CONFIRM

    for line in text.splitlines():
        if f"# {CONFIRM}: " in line:
            print(f"To confirm in it: {line}")
        elif line.startswith(("# outcome: ", "# patient: ")):
            print(f"Missing in it: {line.removeprefix('# ')}")
    if extract and "\n# outcome: " in text:
        print("Without an outcome there is no study, but there are features:")
        print(f"  sklearn-orn {shlex.join(extract)}")


def _table_of(folder: Path) -> Path:
    """Return the one table of a folder."""
    from sklearn_orn._io.tables import read_header
    from sklearn_orn.study.shared import has_images

    tables = sorted(p for p in folder.iterdir() if p.suffix.lower() in TABLES)
    if len(tables) > 1:
        tables = [path for path in tables if has_images(read_header(path))] or tables
    if not tables:
        raise CohortError(
            f"folder '{folder}' holds no table ({', '.join(TABLES)}); expected one row "
            "per lesion, with the columns image and mask. `sklearn-orn collect "
            f"{shlex.quote(str(folder))} --out cohort.csv` makes it of the images and "
            "outlines in the folder."
        )
    if len(tables) > 1:
        names = ", ".join(f"'{path.name}'" for path in tables[:8])
        raise CohortError(
            f"folder '{folder}' holds {len(tables)} tables: {names}. Name the one of "
            "the study."
        )
    return tables[0]


def _beside_features(path: Path) -> "pd.DataFrame":
    """Return the columns of a table that are no features, and say which are."""
    from sklearn_orn.study.shared import choose_columns
    from sklearn_orn.texture import read_features
    from sklearn_orn.texture.shared import carried_columns

    table = read_features(path)
    carried = carried_columns(path)
    try:
        features = choose_columns(table.drop(columns=carried, errors="ignore")).features
    except CohortError as error:
        raise error.within(
            f"{path} has no column 'mask' or 'mask_<reader>', so it is taken for a "
            "table of features; "
        ) from None
    names = ", ".join(features[:3]) + (", ..." if len(features) > 3 else "")
    print(f"{path} has no column 'mask': its {len(features)} features are {names}")
    return table[[name for name in table.columns if name not in set(features)]]
