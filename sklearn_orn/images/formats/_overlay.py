"""ROIs that were drawn in an overlay plane of the image itself."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import file_part, name_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import format_shape
from sklearn_orn.images._geometry import Image2D
from sklearn_orn.images.formats._bounded import check_size
from sklearn_orn.images.formats._dicom import Dataset, parse_dicom

_GROUPS = range(0x6000, 0x6020, 2)  # PS3.5, 7.6: up to sixteen planes
_ROWS, _COLUMNS, _TYPE, _ORIGIN, _DATA = 0x0010, 0x0011, 0x0040, 0x0050, 0x3000


class Overlay(NamedTuple):
    """One overlay plane; `origin` counts from 1."""

    is_roi: bool
    origin: tuple[int, int]
    drawn: np.ndarray


class OverlayRoi:
    """The lesion outlined in a DICOM overlay: `image.dcm#overlay`.

    Viewers burn a reader's outline into an overlay plane, often beside letters and a
    scale bar. Of graphics the closed outline that encloses most pixels is taken, with
    what it encloses; of an overlay of type ROI every pixel. `#overlay2` is the second
    plane.
    """

    flat = True

    def __init__(self, path: Path) -> None:
        self.path = path
        tags = [
            group << 16 | element
            for group in _GROUPS
            for element in (_ROWS, _COLUMNS, _TYPE, _ORIGIN, _DATA)
        ]
        self.overlays = parse_dicom(
            path, tags, lambda dataset: _overlays(dataset, path)
        )

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return the outlined lesion."""
        text = (roi or "").removeprefix("overlay") or "1"
        number = int(text) if text.isascii() and text.isdigit() else 0
        if roi is None or not roi.startswith("overlay") or not number:
            raise LesionError(
                f"file {file_part(self.path)} is a DICOM image; expected a mask. If "
                "the lesion was drawn in its overlay, give the mask as 'path#overlay'."
            )
        if number > len(self.overlays):
            raise LesionError(
                f"{name_part(f'#{roi}')} was asked for, and file "
                f"{file_part(self.path)} has {len(self.overlays)} overlay planes. Give "
                "the mask as a file of its own, or correct the number."
            )
        overlay = self.overlays[number - 1]
        drawn = overlay.drawn if overlay.is_roi else _largest_filled(overlay.drawn)
        if not drawn.any():
            raise LesionError(
                f"the overlay of file {file_part(self.path)} holds no closed outline. "
                "Close the outline, or give the mask as a file of its own."
            )
        return _placed(drawn, overlay.origin, image, self.path)


def _overlays(dataset: Dataset, path: Path) -> list[Overlay]:
    overlays = []
    for group in _GROUPS:
        if (group, _DATA) not in dataset:
            continue
        rows, columns = (int(dataset[group, e].value) for e in (_ROWS, _COLUMNS))
        check_size(path, (rows, columns), 1)
        content = bytes(dataset[group, _DATA].value)
        if len(content) * 8 < rows * columns:
            raise LesionError(
                f"an overlay of file {file_part(path)} is truncated: {len(content)} "
                f"bytes for {rows} x {columns} pixels. Copy it again."
            )
        content = content[: (rows * columns + 7) // 8]  # whole bytes; more may follow
        bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")
        kind = dataset[group, _TYPE].value if (group, _TYPE) in dataset else "G"
        origin = (
            dataset[group, _ORIGIN].value if (group, _ORIGIN) in dataset else (1, 1)
        )
        drawn = bits[: rows * columns].reshape(rows, columns).astype(bool)
        overlays.append(
            Overlay(str(kind) == "R", (int(origin[0]), int(origin[1])), drawn)
        )
    return overlays


def _largest_filled(drawn: np.ndarray) -> np.ndarray:
    """Fill the outline that encloses most pixels."""
    from scipy import ndimage

    parts, _ = ndimage.label(drawn, np.ones((3, 3)))
    best, most = np.zeros_like(drawn), 0
    for number, box in enumerate(ndimage.find_objects(parts), start=1):
        outline = parts[box] == number
        filled = ndimage.binary_fill_holes(outline)
        enclosed = int(filled.sum() - outline.sum())
        if enclosed > most:
            best, most = np.zeros_like(drawn), enclosed
            best[box] = filled
    return best


def _placed(
    drawn: np.ndarray, origin: tuple[int, int], image: Image2D, path: Path
) -> np.ndarray:
    """Shift a plane by its origin, which counts from 1."""
    mask = np.zeros_like(image.pixels, dtype=bool)
    rows, columns = np.nonzero(drawn)
    rows, columns = rows + origin[0] - 1, columns + origin[1] - 1
    inside = (rows >= 0) & (rows < mask.shape[0])
    inside &= (columns >= 0) & (columns < mask.shape[1])
    if not inside.all():
        raise LesionError(
            f"the overlay of file {file_part(path)} leaves the image of "
            f"{format_shape(mask.shape)} pixels (rows x columns). Give the mask as a "
            "file of its own."
        )
    mask[rows, columns] = True
    return mask
