"""One row a lesion: where its image and the outlines of its readers are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn.collect._lesions import FoundLesion
from sklearn_orn.collect._series import FoundImage
from sklearn_orn.collect._settings import Question, counted


def image_cells(
    images: Iterable[FoundImage], all_images: Sequence[FoundImage]
) -> tuple[dict[int, tuple[str, str]], list[Question]]:
    """Return path and series of each image by its `id`, and what no path can name."""
    in_folder: dict[Path, list[FoundImage]] = defaultdict(list)
    for image in all_images:
        if image.kind == "DICOM":
            for folder in image.folders:
                in_folder[folder].append(image)
    cells: dict[int, tuple[str, str]] = {}
    scattered: list[FoundImage] = []
    for image in images:
        if image.kind != "DICOM" or len(image.files) == 1:
            cells[id(image)] = (str(image.files[0]), "")
        elif len(image.folders) > 1:
            scattered.append(image)
        else:
            others = in_folder[image.folders[0]]
            same = [other for other in others if other.number == image.number]
            choice = image.number if image.number and len(same) == 1 else image.uid
            series = choice if len(others) > 1 else ""
            cells[id(image)] = (str(image.folders[0]), series)
    if not scattered:
        return cells, []
    return cells, [
        Question(
            f"the files of {counted(len(scattered), 'series', 'series')} lie in "
            "several folders, and a row names one: may they be linked into folders of "
            "their own?",
            "--arrange DIR",
            [file for image in scattered for file in image.files],
        )
    ]


def make_table(
    lesions: Sequence[FoundLesion], cells: dict[int, tuple[str, str]]
) -> pd.DataFrame:
    """Return the cohort table; lesions whose image has no cell are not in it."""
    readers = sorted({reader for lesion in lesions for reader in lesion.drawings})
    masks = {r: f"mask_{r}" if r else "mask" for r in readers}
    rows = []
    for lesion in sorted(lesions, key=lambda x: x.image.patient):
        if id(lesion.image) not in cells:
            continue
        image, series = cells[id(lesion.image)]
        row = {"lesion": lesion.name, "patient": lesion.image.patient, "image": image}
        row |= {"series": series}
        row |= {masks[reader]: d.cell for reader, d in lesion.drawings.items()}
        rows.append(row)
    columns = ["lesion", "patient", "image", "series", *masks.values()]
    table = pd.DataFrame(rows, columns=columns)
    if not table["series"].astype(bool).any():
        table = table.drop(columns="series")
    return table
