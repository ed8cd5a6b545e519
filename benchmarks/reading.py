"""Reading lesions: microseconds of CPU a lesion by format, and opens of its files.

``python -m benchmarks.reading [--sts FOLDER] [--before FOLDER]`` reads 60 lesions
of the synthetic cohort, and of the folder of examples/cohort_sts_mr_t1.py the outlines
as PNG and as RTSTRUCT. `--before` is a folder with another copy of `sklearn_orn`, which
is measured in turns with this one, each in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parents[1]
ROUNDS = 3
MOST = 60  # lesions of a format
IMAGE, MASKS = "image", ["mask_reader_a", "mask_reader_b"]


def tables(folder, sts):
    """Return the table of each format."""
    from sklearn_orn.images import read_cohort

    cohort = read_cohort(folder / "cohort" / "cohort.csv")
    one = cohort[[IMAGE, MASKS[0]]]
    found = {"DICOM + PNG": one, "DICOM + 2 PNG": cohort[[IMAGE, *MASKS]]}
    for suffix in (".nii", ".nii.gz"):
        table = one.copy()
        for column in table.columns:
            table[column] = [
                str(folder / f"{column}{n}{suffix}") for n in range(len(table))
            ]
        found[f"NIfTI, {suffix[1:]}"] = table
    if sts:
        index = pd.read_csv(sts / "index.csv")
        for name, column in (("PNG", "mask"), ("RTSTRUCT", "rtstruct")):
            found[f"sarcomas, DICOM + {name}"] = pd.DataFrame(
                {
                    IMAGE: str(sts) + "/" + index["file"],
                    "mask": str(sts) + "/" + index[column],
                }
            )
    return found


def write(folder):
    """Write the synthetic cohort, and the first reader's lesions as NIfTI."""
    import nibabel as nib

    from sklearn_orn.datasets import make_cohort
    from sklearn_orn.images import as_lesions

    cohort = make_cohort(folder / "cohort", random_state=0)
    for n, lesion in enumerate(as_lesions(cohort[[IMAGE, MASKS[0]]][:MOST])):
        (region,) = lesion.read().values()
        affine = np.diag([*region.spacing, 4.0, 1.0])
        for column, pixels in ((IMAGE, region.image), (MASKS[0], region.mask)):
            volume = nib.Nifti1Image(pixels.T[:, :, None].astype(np.uint16), affine)
            for suffix in (".nii", ".nii.gz"):
                nib.save(volume, folder / f"{column}{n}{suffix}")


def measure(folder, sts):
    """Return microseconds a lesion, and the opens of one file of an image and mask."""
    from sklearn_orn.images import as_lesions

    opened = Counter()
    sys.addaudithook(
        lambda event, args: event == "open" and opened.update([str(args[0])])
    )
    found = {}
    for name, table in tables(folder, sts).items():
        lesions = as_lesions(table[:MOST])
        for lesion in lesions:  # imports, and files in the system's memory
            lesion.read()
        opened.clear()
        lesions[0].read()
        opens = [opened[str(path)] for path in table.iloc[0]]
        found[name] = (_microseconds(lesions, "read"), opens)
    name = "DICOM, spacing alone"
    found[name] = (
        _microseconds(
            as_lesions(tables(folder, None)["DICOM + PNG"][:MOST]), "read_spacing"
        ),
        [],
    )
    return found


def _microseconds(lesions, method):
    start = time.process_time()
    for lesion in lesions:
        getattr(lesion, method)()
    return 1e6 * (time.process_time() - start) / len(lesions)


def run(package, *arguments):
    """Measure a copy of the package in a process."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", *arguments],
        env=os.environ | {"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sts", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        print(json.dumps(measure(options.measure, options.sts)))
        return
    copies = {"now": HERE}
    if options.before is not None:
        copies = {"before": options.before.resolve(), **copies}
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        arguments = [
            folder,
            *(["--sts", str(options.sts.resolve())] if options.sts else []),
        ]
        rounds = [
            {name: run(package, *arguments) for name, package in copies.items()}
            for _ in range(ROUNDS)
        ]
    print(f"| µs of CPU a lesion | {' | '.join(copies)} | opens of image, mask |")
    print(f"| --- |{' ---: |' * len(copies)} --- |")
    for what, (_, opens) in rounds[0]["now"].items():
        cells = [
            f"{np.median([one[name][what][0] for one in rounds]):.0f}"
            for name in copies
        ]
        print(f"| {what} | {' | '.join(cells)} | {', '.join(map(str, opens))} |")


if __name__ == "__main__":
    main()
