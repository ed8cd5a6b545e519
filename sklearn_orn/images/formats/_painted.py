"""ROIs painted in pictures: two values, or one of several that is asked for."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import file_part, name_part, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import as_mask_array, check_not_empty, format_shape
from sklearn_orn.images._geometry import Image2D
from sklearn_orn.images._labels import (
    choice_text,
    choose_label,
    group_labels,
    of_label,
    whole_numbers,
)
from sklearn_orn.images._misfit import describe_shapes
from sklearn_orn.images.formats._bounded import of_file
from sklearn_orn.images.formats._pictures import (
    Picture,
    npy_header,
    read_npy,
    read_picture,
)

_LISTED = 16  # labels; an image given as a mask, or a screenshot, has more


class _Paint(NamedTuple):
    number: int
    name: str
    shown: str


class PaintedMask:
    """The ROI of a picture: what is not black or transparent, of one colour.

    A picture of several colours holds several ROIs, of which one is asked for: by its
    grey level, the number of its entry in the palette, or its colour as `#rrggbb`.
    """

    flat = True

    def __init__(self, path: Path, *, kind: str) -> None:
        self.path = path
        self.kind = kind

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return one ROI, which must be as large as the image."""
        picture = read_picture(
            self.path,
            self.kind,
            lambda shape: check_picture_shape(self.path, shape, image),
        )
        with of_file(self.path):
            return check_not_empty(self._chosen(picture, roi))

    def _chosen(self, picture: Picture, roi: str | None) -> np.ndarray:
        if picture.colours is None:
            picture = picture._replace(codes=whole_numbers(picture.codes))
        seen = picture.codes if picture.colours is None else picture.colours
        if roi is None and picture.opacity is None:
            drawn: np.ndarray = seen != 0
            if np.array_equal(drawn, seen == (seen.max() or seen.min())):
                return drawn  # in one colour, and most masks are
        visible = np.ones(seen.shape, dtype=bool)
        if picture.opacity is not None:
            visible = picture.opacity > 0
        inside = visible & (seen != 0)
        if not inside.any() and not visible.all():
            inside = visible  # black paint on nothing
        if roi is not None:
            return self._asked(picture, roi, inside, visible)
        if len(np.unique(seen[inside])) <= 1:
            return _opaque(picture.opacity, inside)
        raise self._ambiguous(None, _paints(picture, inside))

    def _asked(
        self, picture: Picture, roi: str, inside: np.ndarray, visible: np.ndarray
    ) -> np.ndarray:
        """Return what was painted in one colour; `#0` asks for black."""
        codes = [
            paint.number
            for paint in _paints(picture, visible)
            if roi in (str(paint.number), paint.name)
        ]
        if codes:
            drawn: np.ndarray = visible & np.isin(picture.codes, codes)
            return drawn
        paints = _paints(picture, inside)
        if len(paints) == 1 and not roi.isdecimal():
            raise LesionError(
                f"{name_part(f'#{roi}')} picks one ROI of several, but a {self.kind} "
                f"file without names holds one. Remove {name_part(f'#{roi}')} after "
                f"{the_file(self.path)}."
            )
        raise self._ambiguous(roi, paints)

    def _ambiguous(self, roi: str | None, paints: list[_Paint]) -> LesionError:
        listed = ", ".join(paint.shown for paint in paints[:_LISTED]) or "none"
        choice = choice_text(roi)
        if len(paints) <= _LISTED:
            return LesionError(
                f"{choice}, and the labels of the {self.kind} file are {listed}; "
                "expected exactly one. Choose it in the table as 'path#number' or "
                "'path##rrggbb'."
            )
        return LesionError(
            f"{choice}, and the {self.kind} file holds {len(paints)} values besides "
            f"black: {listed}, ...; expected one, that of the ROI. Is it the image, a "
            "screenshot, or a mask with smooth edges? Save the mask alone, in black "
            "and white."
        )


def _paints(picture: Picture, where: np.ndarray) -> list[_Paint]:
    """Name the colours of a part of a picture."""
    codes, first = np.unique(picture.codes[where], return_index=True)
    if picture.colours is None:
        return [_Paint(code, "", f"#{code}") for code in codes.tolist()]
    colours = picture.colours[where][first].tolist()
    names = [f"#{colour:0{picture.digits}x}" for colour in colours]
    is_palette = picture.codes is not picture.colours
    return [
        _Paint(code, name, f"'{name}'" + (f" (#{code})" if is_palette else ""))
        for code, name in zip(codes.tolist(), names, strict=True)
    ]


def _opaque(opacity: np.ndarray | None, inside: np.ndarray) -> np.ndarray:
    """Return what was painted in one colour, and as opaque everywhere."""
    if opacity is None:
        return inside
    degrees = np.unique(opacity[inside])
    if len(degrees) <= 1:
        return inside
    shown = ", ".join(str(degree) for degree in degrees[:6])
    raise LesionError(
        f"the picture holds {len(degrees)} degrees of opacity ({shown}, ...); expected "
        "one inside of the ROI. Save the mask alone, in black and white."
    )


def check_picture_shape(path: Path, shape: tuple[int, ...], image: Image2D) -> None:
    """Refuse a picture that is not of the size of the image."""
    if shape != image.pixels.shape:
        raise LesionError(
            f"file {file_part(path)} has {format_shape(shape)} pixels, the image has "
            f"{format_shape(image.pixels.shape)} (rows x columns); expected the same. "
            f"{describe_shapes(shape, image.pixels.shape)}"
        )


class NpyMask:
    """The ROI of an array of booleans, or of 0 and 1, or one of several labels."""

    flat = True

    def __init__(self, path: Path) -> None:
        self.path = path

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return one ROI, which must be as large as the image."""
        check_picture_shape(self.path, npy_header(self.path)[0], image)
        values = read_npy(self.path)
        if roi is None:
            with of_file(self.path, " Or choose it as 'path#number'."):
                return as_mask_array(values, image.pixels.shape)
        with of_file(self.path):
            if values.dtype == bool:
                values = values.astype(np.uint8)
            return of_label(values, choose_label(group_labels(values), roi, "NPY"))
