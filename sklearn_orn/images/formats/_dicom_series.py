"""Folders of DICOM files: the slices of one series, in the order they lie in."""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import choice_part, file_part, private, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._files import folder_files, head
from sklearn_orn.images._image_file import ImageFile, apart, sorted_along_normal
from sklearn_orn.images.formats._dicom import is_dicom
from sklearn_orn.images.formats._dicom_image import (
    NO_IMAGES,
    DicomHeader,
    check_image,
    dicom_notes,
    open_dicom_image,
    read_dicom_header,
)
from sklearn_orn.images.formats._dicom_pixels import read_frame
from sklearn_orn.images.formats._stacks import choose_stack

_LISTED = 12  # series in a message


class _Member(NamedTuple):
    path: Path
    header: DicomHeader


def open_series(
    folder: Path, series: str | None = None, stack: str | None = None
) -> ImageFile:
    """Open the series of a folder without reading its pixels; others are passed over.

    Slices are sorted by their position along the normal.
    """
    members = _choose(_series(folder), series, folder)
    number = choice_part(members[0].header.series_number or "unnumbered")
    what = f"series {number} of folder {file_part(folder)}"
    for member in members:
        check_image(member.header, member.path)
    if len(members) == 1:
        return open_dicom_image(members[0].path, None, stack)
    if any(len(member.header.places) > 1 for member in members):
        raise LesionError(
            f"{what} has {len(members)} files, some with several frames; expected one "
            "multi-frame file, or files of one slice. Give the path of one file."
        )
    places = [member.header.places[0] for member in members]
    if any(place.position is None or place.orientation is None for place in places):
        raise LesionError(
            f"{what} holds slices without a valid position, so that they have no "
            "order. Give the path of the single slice that was drawn on."
        )
    chosen = choose_stack(
        places,
        [member.header.labels[0] for member in members],
        stack,
        what,
        lambda first, second: _copies(members[first], members[second]),
    )
    order = sorted_along_normal([places[position] for position in chosen], what)
    members = [members[chosen[position]] for position in order]
    return ImageFile(
        folder,
        [member.header.shape for member in members],
        apart([member.header.places[0] for member in members]),
        lambda section: read_frame(
            members[section].path, 0, members[section].header.plain
        ),
        [member.header.scales[0] for member in members],
        [member.path for member in members],
        partial(dicom_notes, [member.header for member in members]),
    )


def _copies(first: _Member, second: _Member) -> str | None:
    """Tell whether two files hold one image."""
    same = first.header.uid != "" and first.header.uid == second.header.uid
    if not same:
        one, other = (read_frame(member.path, 0) for member in (first, second))
        same = np.array_equal(one, other)
    if not same:
        return None
    return (
        f"They are copies: {the_file(first.path)} and {the_file(second.path)} hold one "
        "image; expected each file once. Leave the copies out."
    )


def series_paths(folder: Path, series: str | None = None) -> list[Path]:
    """List the files of one series of a folder, in no particular order."""
    return [member.path for member in _choose(_series(folder), series, folder)]


def _series(folder: Path) -> dict[str, list[_Member]]:
    """Group the images of a folder by series."""
    by_uid: dict[str, list[_Member]] = {}
    for path in folder_files(folder):
        if path.name == "DICOMDIR" or not is_dicom(head(path)):
            continue
        header = read_dicom_header(path)
        if header.modality in NO_IMAGES or not any(header.shape):
            continue
        by_uid.setdefault(header.series, []).append(_Member(path, header))
    if not by_uid:
        raise LesionError(
            f"folder {file_part(folder)} holds no DICOM image, nor do its subfolders, "
            "which are searched where it holds no file; expected the files of a "
            "series. Give the folder that they lie in."
        )
    return by_uid


def _choose(
    by_uid: dict[str, list[_Member]], series: str | None, folder: Path
) -> list[_Member]:
    chosen = [
        members
        for uid, members in by_uid.items()
        if series is None or series in (uid, members[0].header.series_number)
    ]
    if len(chosen) == 1:
        return chosen[0]
    numbers = Counter(members[0].header.series_number for members in by_uid.values())
    rows = []
    for uid, members in sorted(by_uid.items(), key=lambda item: item[0])[:_LISTED]:
        number = members[0].header.series_number
        name = choice_part(number)
        if numbers[number] > 1:
            name = f"{name}, UID {private(uid)}"
        kind = members[0].header.modality
        rows.append(
            f"{name if number else private(uid)} ({kind}, {len(members)} files)"
        )
    listed = ", ".join(rows)
    choice = (
        "no series is chosen"
        if series is None
        else f"series {choice_part(series)} was asked for"
    )
    raise LesionError(
        f"{choice}, and folder {file_part(folder)} holds {len(by_uid)}: {listed}; "
        "expected exactly one. Choose it by number or UID in the column 'series'."
    )
