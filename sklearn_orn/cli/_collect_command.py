"""``sklearn-orn collect``: a cohort table of a folder as the hospital has it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sklearn_orn.cli._common import ALL, LEFT_OUT, OK, add_jobs, add_options
from sklearn_orn.cli._paths import OutputFile, OutputFolder, input_path
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    from sklearn_orn.collect import Collected

HELP = "make a cohort table of a folder: a PACS export, outlines, a table"
DESCRIPTION = (
    "Searches a folder of any depth for images and outlines, by their "
    "headers alone, and writes a table of one row a lesion. What was taken for "
    "granted is listed; what is open is asked, with the option that answers it."
)
# Options that `collect` takes under the same names.
PASSED_ON = "clinical id ignore_zeros series protocol roi leave_out patient".split()
PASSED_ON += "outlines ids arrange".split()


def add(collect: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    collect.add_argument(
        "folder", type=input_path, help="folder of images and outlines"
    )
    clinical = (
        "--clinical",
        "FILE",
        "table with the outcomes, one row a patient or a lesion",
    )
    add_options(collect, clinical, of=input_path)
    ids = "its column of ids: those of the headers, or names of folders or files"
    add_options(collect, ("--id", "COLUMN", ids))
    collect.add_argument(
        "--ignore-zeros", action="store_true", help="7 is the patient 007"
    )
    collect.add_argument(
        "--out",
        type=OutputFile(_is_ours),
        default=Path("cohort.csv"),
        metavar="FILE.csv",
        help="the table (cohort.csv); beside it ...-left-out.csv says why each other "
        "file is not in it",
    )
    add_options(
        collect,
        ("--series", "REGEX", "number or description of the series to take"),
        ("--protocol", "WORDS", "the series in words: 'axial CE-T1'"),
    )
    collect.add_argument(
        "--reader",
        metavar="NAME=REGEX",
        help="whose outlines have this in path#ROI; once for each reader",
        type=_named_pattern,
        action="append",
        default=[],
    )
    collect.add_argument(
        "--sequence",
        metavar="NAME=REGEX",
        help="number or description of each of several series to measure, the one that "
        "was drawn on among them; once for each",
        type=_named_pattern,
        action="append",
        default=[],
    )
    add_options(
        collect,
        ("--roi", "REGEX", "names of the ROIs that are lesions"),
        ("--leave-out", "REGEX", "paths below the folder to pass over"),
        ("--patient", "REGEX", "the part of a path that is the patient"),
        ("--outlines", "REGEX", "paths of the volumes and pictures that are outlines"),
    )
    collect.add_argument(
        "--ids",
        choices=("number", "own"),
        default="number",
        help="patients are called P001 and so on, or as the headers or folders do",
    )
    collect.add_argument(
        "--arrange",
        type=OutputFolder(),
        metavar="DIR",
        help="link what the table names into a new folder, under neutral names",
    )
    add_jobs(collect, default=ALL)


def _is_ours(path: Path) -> bool:
    from sklearn_orn.collect.shared import is_collected

    return is_collected(path)


def _named_pattern(text: str) -> tuple[str, str]:
    name, equals, pattern = text.partition("=")
    if not (name.strip() and equals and pattern):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=REGEX, such as 'anna=anna' or 'ben=/reader2/'"
        )
    return name.strip(), pattern


def run(arguments: argparse.Namespace) -> int:
    """Collect a folder, write two tables, and say what was found."""
    from sklearn_orn._io.outputs import refuse_foreign
    from sklearn_orn.collect import collect
    from sklearn_orn.collect.shared import is_left_out_list, left_out_path

    beside = left_out_path(arguments.out)
    refuse_foreign("--out", beside, is_left_out_list)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with progress_bar() as progress:
        found = collect(
            arguments.folder,
            **{name: getattr(arguments, name) for name in PASSED_ON},
            readers=dict(arguments.reader),
            sequences=dict(arguments.sequence),
            n_jobs=arguments.jobs,
            progress=progress,
        )
    if not len(found.table) and not found.questions:
        reasons = found.left_out["reason"].value_counts()
        listed = "; ".join(f"{count} files: {why}" for why, count in reasons.items())
        raise CohortError(
            f"'{arguments.folder}' holds no outline that belongs to an image "
            f"({listed or 'it is empty'}). --outlines REGEX says which volumes and "
            "pictures are outlines."
        )
    found.write(arguments.out)
    print(_summary(found, arguments.out, beside))
    if len(found.table) and arguments.clinical is None:
        print("The table has no outcomes: --clinical FILE joins them.")
    return LEFT_OUT if found.questions else OK


def _summary(found: "Collected", out: Path, beside: Path) -> str:
    lines = [f"{out}: {found.headline()}"]
    lines.append(f"{beside}: {len(found.left_out)} files left over, and why")
    if found.guesses:
        lines += ["", "Taken for granted:"]
        lines += [f"  {guess}." for guess in found.guesses]
    if found.questions:
        lines += ["", "Open, and therefore left over:"]
        for question in found.questions:
            lines += [f"  {question.text}", f"    -> {question.flag}"]
    if len(found.candidates):
        lines += ["", "Candidates (patients, slices):"]
        rows = found.candidates.itertuples(index=False)
        lines += [f"  {series} ({n}, {slices})" for series, n, slices in rows]
    if len(found.table):
        lines += ["", f"Next: sklearn-orn check {out}"]
        lines += [f"Then: sklearn-orn init {out}"]
    return "\n".join(lines)
