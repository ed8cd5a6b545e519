"""One lesion on one slice, read when it is asked for."""

import copy
import functools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import as_image_array, as_mask_array
from sklearn_orn.images._files import is_path, split_roi
from sklearn_orn.images._formats import open_rois, read_image
from sklearn_orn.images._geometry import Geometry, Image2D

__all__ = ["Lesion", "MappedLesion", "Region", "is_missing"]


@dataclass(frozen=True, eq=False)
class Region:
    """What one reader drew, ready to be measured.

    Parameters
    ----------
    image : ndarray of shape (n_rows, n_columns)
        Stored values, row 0 on top. Not to be written to: it may be the user's array.
    mask : ndarray of bool of shape (n_rows, n_columns)
        True inside the ROI; at least one pixel is.
    spacing : tuple of float or None
        Distance between rows and between columns, in mm.
    window : tuple of float or None, default=None
        Grey levels (low, high) between which features are computed; None means the
        full range of the image's bits.
    """

    image: np.ndarray
    mask: np.ndarray
    spacing: tuple[float, float] | None
    window: tuple[float, float] | None = None


def is_missing(value: object) -> bool:
    """Tell whether a cell of a table is empty: None, NaN, NA or blank."""
    if isinstance(value, str):
        return not value.strip()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


class Lesion:
    """One lesion on one slice, with the ROI of one or several readers.

    A lesion made from paths holds paths: its pixels are read by `read`, not kept, and
    it pickles as its paths. Nothing is opened or checked before.

    Parameters
    ----------
    image : array-like of shape (n_rows, n_columns), path, or mapping
        The slice. A mapping from reader to either, where readers drew on images of
        their own, as on a rescan.
    masks : array-like of bool or 0/1, path, or mapping
        The ROI: an array of the shape of the image, or a PNG or RTSTRUCT file, of
        which `path#name` or `path#number` picks one ROI. A mapping from reader to
        either for several readers; a reader whose value is None or NaN is absent.
    spacing : tuple of float or None, default=None
        Distance between rows and between columns in mm; by default that of the
        image's file.
    lesion : hashable or None, default=None
        The lesion's id in the table, for messages.
    patient : hashable or None, default=None
        The patient's id in the table. Ids in the headers of files are never read.

    Attributes
    ----------
    row : hashable or None
        Index label of the lesion in the X that it came from.

    Raises
    ------
    TypeError
        If a reader's name is not a string.
    ValueError
        If `spacing` is not two positive numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import Lesion
    >>> image = np.arange(12).reshape(3, 4)
    >>> lesion = Lesion(image, {"A": image > 5, "B": None}, lesion="P03-L1")
    >>> lesion.readers
    ('A',)
    >>> lesion.read()["A"].mask.sum()
    np.int64(6)

    The ROI must lie on the image:

    >>> Lesion(image, np.ones((3, 3)), lesion="P03-L1").read()
    Traceback (most recent call last):
    ...
    sklearn_orn.exceptions.LesionError: lesion 'P03-L1', mask: the mask has 3 x 3 ...
    """

    def __init__(
        self,
        image: Any,
        masks: Any,
        *,
        spacing: tuple[float, float] | None = None,
        lesion: Hashable = None,
        patient: Hashable = None,
    ) -> None:
        for mapping in (image, masks):
            _check_readers(mapping)
        self.image = image
        self.masks = masks
        self.spacing = _checked_spacing(spacing)
        self.lesion = lesion
        self.patient = patient
        self.row: Hashable = None

    @property
    def readers(self) -> tuple[str, ...]:
        """Readers that are present, `("",)` for one unnamed mask."""
        if not isinstance(self.masks, Mapping):
            return () if is_missing(self.masks) else ("",)
        return tuple(r for r, mask in self.masks.items() if not is_missing(mask))

    @property
    def name(self) -> str:
        """What messages call the lesion."""
        name = "lesion" if is_missing(self.lesion) else f"lesion {self.lesion!r}"
        return name if self.row is None else f"{name} (row {self.row!r})"

    def read(self) -> dict[str, Region]:
        """Read the image and the ROI of each reader who is present.

        Each file is read once, and nothing is kept.

        Returns
        -------
        dict of str to Region
            Reader to region, in the order of `readers`.

        Raises
        ------
        LesionError
            If no reader is present, or an image or mask cannot be used; the message
            names the lesion, the file, what was found and what to do.
        """
        if not self.readers:
            raise LesionError(
                f"{self.name}: every mask is missing; expected one at least. Give the "
                "path of a mask, or leave the row out."
            )
        image_of = functools.cache(read_image)
        rois_of = functools.cache(open_rois)

        def region(reader: str) -> Region:
            of_reader = f" of reader '{reader}'" if reader else ""
            image = self._named(
                f"image{of_reader}", _image, self._image_of(reader), image_of
            )
            source = self.masks[reader] if self._has_readers else self.masks
            mask = self._named(f"mask{of_reader}", _mask, source, image, rois_of)
            spacing = self.spacing or image.geometry.spacing
            return Region(image=image.pixels, mask=mask, spacing=spacing)

        return {reader: region(reader) for reader in self.readers}

    def fingerprint(self) -> tuple[Any, ...]:
        """Identify what `read` would read, without opening a file.

        Returns
        -------
        tuple
            For a file its path, size, time of change and the ROI's name; for an
            array a hash of its content. With the spacing and the readers.

        Raises
        ------
        OSError
            If a file is missing.
        """
        readers = self.readers
        images = [_source_key(self._image_of(reader)) for reader in readers]
        masks = self.masks if self._has_readers else {"": self.masks}
        drawn = [_source_key(masks[reader]) for reader in readers]
        return (self.spacing, readers, tuple(images), tuple(drawn))

    def read_spacing(self) -> tuple[float, float] | None:
        """Read the pixel spacing of the first reader's image, and no mask.

        Returns
        -------
        tuple of float or None
            Distance between rows and between columns in mm, None if unknown.

        Raises
        ------
        LesionError
            If the image cannot be read.
        """
        if self.spacing or not self.readers:
            return self.spacing
        source = self._image_of(self.readers[0])
        if not is_path(source):
            return None
        image: Image2D = self._named("image", read_image, source)
        return image.geometry.spacing

    def at_row(self, row: Hashable) -> "Lesion":
        """Return a copy that knows its index label in X."""
        lesion = copy.copy(self)
        lesion.row = row
        return lesion

    @property
    def _has_readers(self) -> bool:
        return isinstance(self.masks, Mapping)

    def _image_of(self, reader: str) -> Any:
        return self.image.get(reader) if isinstance(self.image, Mapping) else self.image

    def _named(self, what: str, function: Callable, *args: Any) -> Any:
        try:
            return function(*args)
        except LesionError as error:
            raise LesionError(f"{self.name}, {what}: {error}") from None

    def __repr__(self) -> str:
        readers = f"readers={self.readers!r}" if self._has_readers else "unnamed mask"
        return f"<Lesion: {self.name}, {readers}>"


class MappedLesion:
    """A lesion whose regions pass through a function when they are read.

    Parameters
    ----------
    lesion : Lesion or MappedLesion
        What is read.
    function : callable
        Takes a Region and returns one. It must pickle for `n_jobs` to work.
    spacing : tuple of float or None, default=None
        Pixel spacing of what the function returns, where it changes the spacing.
    """

    def __init__(
        self,
        lesion: Any,
        function: Callable[[Region], Region],
        spacing: tuple[float, float] | None = None,
    ) -> None:
        self.lesion = lesion
        self.function = function
        self.spacing = spacing

    @property
    def readers(self) -> tuple[str, ...]:
        """Readers that are present."""
        readers: tuple[str, ...] = self.lesion.readers
        return readers

    @property
    def name(self) -> str:
        """What messages call the lesion."""
        return str(self.lesion.name)

    @property
    def row(self) -> Hashable:
        """Index label of the lesion in X."""
        row: Hashable = getattr(self.lesion, "row", None)
        return row

    def read(self) -> dict[str, Region]:
        """Read the lesion and map the region of each reader."""
        regions = {}
        for reader, region in self.lesion.read().items():
            try:
                regions[reader] = self.function(region)
            except LesionError as error:
                of_reader = f", reader '{reader}'" if reader else ""
                raise LesionError(f"{self.name}{of_reader}: {error}") from None
        return regions

    def fingerprint(self) -> tuple[Any, ...]:
        """Identify what `read` would read and the function it passes through."""
        import joblib

        return (*self.lesion.fingerprint(), joblib.hash(self.function))

    def read_spacing(self) -> tuple[float, float] | None:
        """Read the pixel spacing, after the function."""
        return self.spacing or self.lesion.read_spacing()

    def __repr__(self) -> str:
        return f"<MappedLesion: {self.name}>"


def _image(source: Any, read_file: Callable[[Any], Image2D]) -> Image2D:
    if is_missing(source):
        raise LesionError(
            "the image is missing; expected a path or a 2-D array. Give the image that "
            "was drawn on, or leave the row out."
        )
    if is_path(source):
        return read_file(source)
    return Image2D(as_image_array(source), Geometry())


def _source_key(source: Any) -> tuple[Any, ...]:
    if is_path(source):
        path, roi = split_roi(source)
        found = path.stat()
        return (str(path.resolve()), found.st_size, found.st_mtime_ns, roi)
    import joblib

    return (joblib.hash(np.asarray(source)),)


def _mask(source: Any, image: Image2D, open_file: Callable[[Any], Any]) -> np.ndarray:
    if not is_path(source):
        return as_mask_array(source, image.pixels.shape)
    path, roi = split_roi(source)
    mask: np.ndarray = open_file(path).mask(roi, image)
    return mask


def _check_readers(value: Any) -> None:
    for reader in value if isinstance(value, Mapping) else ():
        if not isinstance(reader, str):
            raise TypeError(
                f"readers must be named by strings; got {reader!r} of type "
                f"{type(reader).__name__}."
            )


def _checked_spacing(spacing: Any) -> tuple[float, float] | None:
    if spacing is None:
        return None
    values = np.asarray(spacing, dtype=float)
    if values.shape != (2,) or not (np.isfinite(values).all() and values.min() > 0):
        raise ValueError(
            f"spacing must be two positive numbers (row, column) in mm; got "
            f"{spacing!r}."
        )
    return float(values[0]), float(values[1])
