"""One lesion on one slice, read when it is asked for."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Mapping
from pathlib import Path

import numpy as np

from sklearn_orn._block_names import BAR, parse_block
from sklearn_orn._messages import hidden_text, plain_text, private, shown
from sklearn_orn._shared_docs import documented
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._about import about
from sklearn_orn.images._cells import is_missing, is_number
from sklearn_orn.images._files import is_path, source_key
from sklearn_orn.images._opened import Opened
from sklearn_orn.images._private_path import PrivatePath
from sklearn_orn.images._region import Region


@documented("""
reader : str
    Name of the reader, "" for an unnamed mask.
""")
class Lesion:
    """One lesion on one slice, with the ROI of one or several readers.

    A lesion made from paths holds paths: its pixels are read by `read`, not kept, and
    it pickles as its paths. Nothing is opened or checked before.

    Parameters
    ----------
    image : array-like of shape (n_rows, n_columns), path, or mapping
        The slice. A mapping from sequence to either for several sequences, or from
        reader to either where readers drew on images of their own, as on a rescan.
        `path#plane=sagittal` (or `axial`, `coronal`) tells
        the plane of a volume whose voxels are cubes, `path#frame=b=800` a stack.
    masks : array-like of bool or 0/1, path, or mapping
        The ROI: an array of the shape of the image, or a PNG or RTSTRUCT file, of
        which `path#name` or `path#number` picks one ROI. A mapping from reader to
        either for several readers; a reader whose value is None or NaN is absent.
        With several sequences from ``"<sequence>|lesion|<reader>"``, or
        ``"<sequence>|lesion"`` without a reader. A file that is given for several
        sequences is one outline: it is laid onto the grid of each, on the nearest
        slice.
    spacing : tuple of float or None, default=None
        Distance between rows and between columns in mm; by default that of the
        image's file.
    lesion : hashable or None, default=None
        The lesion's id in the table, for messages.
    patient : hashable or None, default=None
        The patient's id in the table. Ids in the headers of files are never read.
    section : int, mapping or None, default=None
        Number of the slice, from 0, where the image holds several, counted along
        their normal: axial ones from the feet upwards, coronal ones from front to
        back, sagittal ones from the patient's left to the right. None
        takes the slice on which the ROI of the first reader present is largest in
        mm2, for all readers of that image, and on other sequences the nearest to it.
        A mapping from reader or sequence to either.
    series : str, int, mapping or None, default=None
        Number or UID of the DICOM series, where a folder holds several.
    stack : str, mapping or None, default=None
        Which of several slices at one place, such as ``"b=800"`` or ``"time=2"`` of
        DICOM, ``"volume=3"`` of NIfTI; the error lists them where none is chosen.
    rescale : bool, default=False
        Whether Rescale Slope and Intercept are applied. By default features are
        measured on the stored values, as MaZda does.

    Attributes
    ----------
    row : hashable or None
        Index label of the lesion in the X that it came from.

    Raises
    ------
    TypeError
        If a reader's name is not a string.
    ValueError
        If `spacing` is not two positive numbers, or a name is not that of a reader, a
        sequence, or a reader on one.

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

    Several sequences:

    >>> masks = {"T1|lesion|A": image > 5, "T2|lesion|A": image > 5}
    >>> two = Lesion({"T1": image, "T2": 2 * image}, masks)
    >>> {name: region.image.max().item() for name, region in two.read().items()}
    {'T1|lesion|A': 11, 'T2|lesion|A': 22}

    The ROI must lie on the image:

    >>> Lesion(image, np.ones((3, 3)), lesion="P03-L1").read()
    Traceback (most recent call last):
    ...
    sklearn_orn.exceptions.LesionError: lesion 'P03-L1', mask: the mask has 3 x 3 ...
    """

    def __init__(
        self,
        image: object,
        masks: object,
        *,
        spacing: tuple[float, float] | None = None,
        lesion: Hashable = None,
        patient: Hashable = None,
        section: object = None,
        series: object = None,
        stack: object = None,
        rescale: bool = False,
    ) -> None:
        for mapping in (image, masks, section, series, stack):
            _check_readers(mapping)
        self.image = image
        self.masks = masks
        self.spacing = _checked_spacing(spacing)
        self.lesion = lesion
        self.patient = patient
        self.section = section
        self.series = series
        self.stack = stack
        self.rescale = rescale
        self.row: Hashable = None
        self._hides_paths = False

    @property
    def readers(self) -> tuple[str, ...]:
        """Readers that are present, `("",)` for one unnamed mask.

        With several sequences ``"<sequence>|lesion|<reader>"`` of each.
        """
        if not isinstance(self.masks, Mapping):
            return () if is_missing(self.masks) else ("",)
        return tuple(r for r, mask in self.masks.items() if not is_missing(mask))

    @property
    def name(self) -> str:
        """What messages call the lesion."""
        return self.message(self.marked_name)

    @property
    def marked_name(self) -> str:
        """The name, with its id and the label of its row marked as parts."""
        name, row = "lesion", repr(self.row)
        if not isinstance(self.row, int | np.integer):
            row = private(row)
        if not is_missing(self.lesion):  # a hash names nobody
            id_ = repr(self.lesion)
            name = f"lesion {id_ if self.hides_paths else private(id_)}"
        return name if self.row is None else f"{name} (row {row})"

    @property
    def hides_paths(self) -> bool:
        """Whether messages leave out paths, names of ROIs and UIDs."""
        return self._hides_paths or any(
            isinstance(source, PrivatePath)
            for sources in (self.image, self.masks)
            for source in (
                sources.values() if isinstance(sources, Mapping) else [sources]
            )
        )

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
            raise about(
                self,
                "every mask is missing; expected one at least. Give the path of a "
                "mask, or leave the row out.",
            )
        opened = Opened(self)
        return {reader: opened.region(reader) for reader in self.readers}

    def fingerprint(self) -> tuple[object, ...]:
        """Identify what `read` would read, without opening a file.

        Returns
        -------
        tuple
            For a file its path, size, time of change and the ROI's name; for a folder
            those of each of its files; for an array a hash of its content. With the
            spacing, the readers, section, series, stack and `rescale`.

        Raises
        ------
        OSError
            If a file is missing.
        """
        readers = self.readers
        images = [source_key(self.image_of(reader)) for reader in readers]
        drawn = [source_key(self.mask_of(reader)) for reader in readers]
        chosen = [
            (self.section_of(r), self.series_of(r), self.stack_of(r)) for r in readers
        ]
        sources = tuple(images), tuple(drawn), tuple(chosen)
        return self.spacing, readers, *sources, self.rescale

    def notes(self) -> list[str]:
        """Say what is valid in the files, and worth a word before a study.

        Returns
        -------
        list of str
            Such as a header that says in two ways where the image lies.

        Raises
        ------
        LesionError
            If a file cannot be opened.
        """
        opened = Opened(self)
        notes = [note for reader in self.readers for note in opened.notes(reader)]
        return list(dict.fromkeys(notes))

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
        return Opened(self).place(self.readers[0]).spacing

    def source_file(self, reader: str | None = None) -> Path:
        """Find the DICOM file of the slice that a reader drew on.

        Parameters
        ----------
        reader : str or None, default=None
            Whose; None for the first reader present.

        Returns
        -------
        Path
            The file of this slice alone.

        Raises
        ------
        LesionError
            If the slice has no DICOM file of its own.
        """
        reader = self.readers[0] if reader is None else reader
        opened = Opened(self)
        if is_path(self.image_of(reader)):
            image = opened.image_file(reader)
            if image.files:
                return image.files[opened.section(reader)]
        raise about(
            self,
            "the slice has no DICOM file of its own; expected one, to refer to it. "
            "Give the image as single-frame DICOM files.",
        )

    def at_row(self, row: Hashable) -> Lesion:
        """Return a copy that knows its index label in X.

        Parameters
        ----------
        row : hashable
            The index label.

        Returns
        -------
        Lesion
            The copy.
        """
        return self._with(row=row)

    def without_paths(self) -> Lesion:
        """Return a copy whose messages name no file, ROI or UID.

        Returns
        -------
        Lesion
            The copy.
        """
        return self._with(_hides_paths=True)

    def _with(self, **attributes: object) -> Lesion:
        lesion = copy.copy(self)
        vars(lesion).update(attributes)
        return lesion

    def message(self, text: object) -> str:
        """Return what a message may say: without paths, ROIs, UIDs, if hidden.

        Parameters
        ----------
        text : object
            The error that holds the message, whose parts can be hidden; or a text,
            which is said as it is.

        Returns
        -------
        str
            The message.
        """
        marked = text.marked if isinstance(text, LesionError) else str(text)
        return hidden_text(marked) if self.hides_paths else plain_text(marked)

    def image_of(self, reader: str) -> object:
        """Return the image that a reader drew on.

        Returns
        -------
        path, array or None
            As it was given.
        """
        return _of(self.image, reader)

    def mask_of(self, reader: str) -> object:
        """Return the mask of a reader.

        Returns
        -------
        path, array or None
            As it was given.
        """
        return _of(self.masks, reader)

    def section_of(self, reader: str) -> int | None:
        """Return the number of the slice that is chosen for a reader, if any.

        Returns
        -------
        int or None
            Counted from 0.

        Raises
        ------
        LesionError
            If `section` is not a whole number from 0.
        """
        section = _of(self.section, reader)
        if is_missing(section):
            return None
        number = float(section) if is_number(section) else -1.0
        if number < 0 or not number.is_integer():
            raise about(
                self,
                f"section is {private(repr(section))}; expected a whole number from 0.",
            )
        return int(number)

    def series_of(self, reader: str) -> str | None:
        """Return the series that is chosen for a reader, if any.

        Returns
        -------
        str or None
            Its number or UID.
        """
        return _cell_text(_of(self.series, reader))

    def stack_of(self, reader: str) -> str | None:
        """Return what tells the slices of a reader from others at their place, if any.

        Returns
        -------
        str or None
            Such as ``"b=800"``.
        """
        return _cell_text(_of(self.stack, reader))

    def __repr__(self) -> str:
        named = isinstance(self.masks, Mapping)
        readers = f"readers={self.readers!r}" if named else "unnamed mask"
        return f"<Lesion: {self.name}, {readers}>"


def _of(value: object, reader: str) -> object:
    """Return what is meant for a reader: his own, or that of his sequence."""
    if not isinstance(value, Mapping):
        return value
    if reader in value or BAR not in reader:
        return value.get(reader)
    return value.get(parse_block(reader).sequence)


def _cell_text(value: object) -> str | None:
    if is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # of a column of numbers with empty cells
    return str(value).strip()


def _check_readers(value: object) -> None:
    for reader in value if isinstance(value, Mapping) else ():
        if not isinstance(reader, str):
            raise TypeError(
                f"readers must be named by strings; got {shown(reader)} of type "
                f"{type(reader).__name__}."
            )
        parse_block(reader)  # says what is wrong with it


def _checked_spacing(spacing: object) -> tuple[float, float] | None:
    if spacing is None:
        return None
    values = np.asarray(spacing, dtype=float)
    if values.shape != (2,) or not (np.isfinite(values).all() and values.min() > 0):
        raise ValueError(
            f"spacing must be two positive numbers (row, column) in mm; got "
            f"{shown(spacing)}."
        )
    return float(values[0]), float(values[1])
