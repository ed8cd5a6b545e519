"""One row a lesion: where its image and the outlines of its readers are."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn._messages import counted
from sklearn_orn.collect._lesions import FoundLesion
from sklearn_orn.collect._series import FoundImage
from sklearn_orn.collect._settings import Question
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.shared import folder_files


def image_cells(
    images: Iterable[FoundImage], all_images: Sequence[FoundImage]
) -> tuple[dict[int, tuple[str, str]], list[Question]]:
    """Return path and series of each image by its `id`, and what no path can name."""
    in_folder: dict[Path, dict[int, FoundImage]] = defaultdict(dict)
    for image in all_images:
        for file in image.files if image.kind == "DICOM" else ():
            for folder in file.parents:
                in_folder[folder][id(image)] = image
    cells: dict[int, tuple[str, str]] = {}
    scattered: list[FoundImage] = []
    for image in images:
        if image.kind != "DICOM" or len(image.files) == 1:
            cells[id(image)] = (str(image.files[0]), "")
            continue
        home = Path(os.path.commonpath(image.folders))
        if len(image.folders) > 1 and not _is_listed(image, home):
            scattered.append(image)
            continue
        others = [
            other
            for other in in_folder[home].values()
            if len(image.folders) > 1 or home in other.folders
        ]
        same = [other for other in others if other.number == image.number]
        choice = image.number if image.number and len(same) == 1 else image.uid
        cells[id(image)] = (str(home), choice if len(others) > 1 else "")
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


def _is_listed(image: FoundImage, folder: Path) -> bool:
    """Tell whether a row that names a folder finds all files of an image below it."""
    try:
        return set(image.files) <= set(folder_files(folder))
    except LesionError:  # more than are searched
        return False


def make_table(
    lesions: Sequence[FoundLesion], cells: dict[int, tuple[str, str]]
) -> pd.DataFrame:
    """Return the cohort table; lesions whose image has no cell are not in it."""
    readers = sorted({reader for lesion in lesions for reader in lesion.drawings})
    masks = {r: f"mask_{r}" if r else "mask" for r in readers}
    rows = []
    places: dict[str, None] = {}
    for lesion in sorted(lesions, key=lambda x: x.image.patient):
        if id(lesion.image) not in cells:
            continue
        row = {"lesion": lesion.name, "patient": lesion.image.patient}
        for name, image in (lesion.sequences or {"": lesion.image}).items():
            if id(image) in cells:
                ending = f"_{name}" if name else ""
                row[f"image{ending}"], row[f"series{ending}"] = cells[id(image)]
                places |= dict.fromkeys((f"image{ending}", f"series{ending}"))
        row |= {masks[reader]: d.cell for reader, d in lesion.drawings.items()}
        rows.append(row)
    columns = ["lesion", "patient", *(places or ("image",)), *masks.values()]
    table = pd.DataFrame(rows, columns=columns)
    empty = [c for c in table if c in places and not table[c].astype(bool).any()]
    return table.drop(columns=empty)
