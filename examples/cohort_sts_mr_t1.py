r"""
A cohort table for the soft-tissue-sarcoma data
===============================================

Write the table that ``sklearn-orn study`` needs for a folder of MR images: one row per
patient, the slice with the largest contour, the outline from the RT structure set (or
from PNG masks), and the outcome. The folder holds an ``index.csv`` with the columns
``patient, file, mask, rtstruct, slice_role, lung_metastasis``::

    python examples/cohort_sts_mr_t1.py DATA_FOLDER cohort.csv
    sklearn-orn study cohort.csv --outcome lung_metastasis --patient patient \
        --out report
"""

import argparse
from pathlib import Path

import pandas as pd


def cohort_table(folder, masks="rtstruct"):
    """Return the table; paths are absolute, so it can be written anywhere."""
    folder = Path(folder).resolve()
    index = pd.read_csv(folder / "index.csv")
    largest = index[index["slice_role"] == "largest"].reset_index(drop=True)
    outline = largest["mask" if masks == "png" else "rtstruct"]
    return pd.DataFrame(
        {
            "lesion": largest["patient"],
            "patient": largest["patient"],
            "image": [str(folder / path) for path in largest["file"]],
            "mask": [str(folder / path) for path in outline],
            "lung_metastasis": largest["lung_metastasis"],
        }
    )


def main():
    """Read the arguments and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("folder", type=Path, help="folder with index.csv")
    parser.add_argument("out", type=Path, help="table to write")
    parser.add_argument("--masks", choices=["rtstruct", "png"], default="rtstruct")
    arguments = parser.parse_args()
    table = cohort_table(arguments.folder, arguments.masks)
    table.to_csv(arguments.out, index=False)
    print(f"{len(table)} lesions: {arguments.out}")


if __name__ == "__main__":
    main()
