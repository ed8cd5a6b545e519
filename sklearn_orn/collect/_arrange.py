"""Links under names that tell nothing of the patient, one folder for each series."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sklearn_orn.collect._lesions import FoundLesion
from sklearn_orn.collect._spelling import stem_of
from sklearn_orn.exceptions import CohortError


def check_empty(folder: Path) -> None:
    """Refuse a folder that holds something."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise CohortError(
            f"--arrange: '{folder}' is there already and not empty. Name a new folder."
        )


def arrange_files(
    folder: Path, lesions: Sequence[FoundLesion]
) -> dict[int, tuple[str, str]]:
    """Link images and outlines; return path and series of each image by its `id`.

    The drawings of the lesions get their new paths.
    """
    cells: dict[int, tuple[str, str]] = {}
    moved: dict[Path, Path] = {}
    counts: dict[str, int] = {}
    for lesion in lesions:
        home = folder / lesion.image.patient
        for image in lesion.images:
            if id(image) in cells:
                continue
            number = counts[image.patient] = counts.get(image.patient, 0) + 1
            if image.kind == "DICOM" and len(image.files) > 1:
                place = home / f"series-{number}"
                for position, file in enumerate(image.files, 1):
                    _link(file, place / f"{position:05d}.dcm")
            else:
                file = image.files[0]
                ending = ".dcm" if image.kind == "DICOM" else _ending(file)
                place = home / f"image-{number}{ending}"
                _link(file, place)
            cells[id(image)] = (str(place), "")
        for reader, drawing in lesion.drawings.items():
            if drawing.path not in moved:
                name = f"outlines-{len(moved) + 1}-{reader or 'reader'}"
                moved[drawing.path] = home / f"{name}{_ending(drawing.path)}"
                _link(drawing.path, moved[drawing.path])
            lesion.drawings[reader] = replace(drawing, linked=moved[drawing.path])
    return cells


def _ending(path: Path) -> str:
    return path.name[len(stem_of(path)) :] or ".dcm"


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)
