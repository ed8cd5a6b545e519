"""The files of one lesion while it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar, cast

import numpy as np

from sklearn_orn._block_names import block_text, parse_block
from sklearn_orn._messages import file_part, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._about import about
from sklearn_orn.images._areas import largest_section
from sklearn_orn.images._arrays import as_image_array, as_mask_array
from sklearn_orn.images._cells import is_missing
from sklearn_orn.images._files import is_path, split_roi
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import ImageFile, RoiFile
from sklearn_orn.images._laid_outline import lay_outline, nearest_section
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._region import Region
from sklearn_orn.images.formats._registry import open_image, open_rois

P = ParamSpec("P")
T = TypeVar("T")


class Sources(ReadableLesion, Protocol):
    """What a lesion says of its files, reader by reader."""

    spacing: tuple[float, float] | None
    rescale: bool

    def image_of(self, reader: str) -> object: ...
    def mask_of(self, reader: str) -> object: ...
    def section_of(self, reader: str) -> int | None: ...
    def series_of(self, reader: str) -> str | None: ...
    def stack_of(self, reader: str) -> str | None: ...


class Opened:
    """The files of one lesion while it is read: each is opened once."""

    def __init__(self, lesion: Sources) -> None:
        self.lesion = lesion
        self._known: dict[tuple[object, ...], object] = {}

    def region(self, reader: str) -> Region:
        """Read the image and the ROI of one reader."""
        image = self._named("image", reader, lambda: self._image(reader))
        mask = self._named("mask", reader, lambda: self._mask(reader, image))
        spacing = self.lesion.spacing or image.geometry.spacing
        return Region(image=image.pixels, mask=mask, spacing=spacing)

    def place(self, reader: str) -> Geometry:
        """Tell where the slice of a reader lies; no pixels are read."""
        if not is_path(self.lesion.image_of(reader)):
            return Geometry()
        image = self._named("image", reader, lambda: self.image_file(reader))
        places = list(image.places)
        spacings = {place.spacing for place in places}
        if len(spacings) == 1:  # no need to know the slice
            return places[0]
        return places[self._named("mask", reader, lambda: self.section(reader))]

    def image_file(self, reader: str) -> ImageFile:
        """Open the image of a reader."""
        source = self.lesion.image_of(reader)
        return self._once(open_image, str(source), *self._choices(reader))

    def rois(self, reader: str) -> tuple[RoiFile, str | None]:
        """Open the file of a reader's outline, and say which ROI of it is meant."""
        mask = self.lesion.mask_of(reader)
        assert is_path(mask)
        path, roi = self._once(split_roi, mask)
        return self._once(open_rois, path), roi

    def section(self, reader: str) -> int:
        """Choose the slice of a reader.

        Readers of one image share the slice of the first one who chose, or whose ROI
        is the largest there. An outline of several sequences lies on the slice nearest
        to the one that it was drawn on.
        """
        image = self.image_file(reader)
        chosen = self.lesion.section_of(reader)
        if chosen is not None:
            image.check_section(chosen)
            return chosen
        if len(image) == 1:
            return 0
        first = next(
            r for r in self.lesion.readers if self._key(r) == self._key(reader)
        )
        if (chosen := self.lesion.section_of(first)) is not None:
            return chosen
        if (home := self._once(self._find_home, first)) != first:
            return nearest_section(image, self.image_file(home), self.section(home))
        return self._own_section(first)

    def drawn_elsewhere(self, reader: str) -> bool:
        """Tell whether an outline was drawn on another sequence than this one."""
        return self._once(self._find_home, reader) != reader

    def _own_section(self, first: str) -> int:
        """Choose the slice by the ROI of the reader whose image it is."""
        image = self.image_file(first)
        if not is_path(self.lesion.mask_of(first)):
            raise LesionError(
                f"the mask is an array, and {the_file(image.path)} holds {len(image)} "
                "slices; expected the number of the slice in `section`."
            )
        return self._once(self._largest_section, first)

    def notes(self, reader: str) -> list[str]:
        """Return what is worth a word about the files of a reader."""
        notes = []
        if is_path(self.lesion.image_of(reader)):
            notes += [f"image: {note}" for note in self.image_file(reader).notes()]
        if is_path(self.lesion.mask_of(reader)):
            rois, _ = self.rois(reader)
            notes += [f"mask: {note}" for note in getattr(rois, "notes", ())]
        return notes

    def _once(
        self, function: Callable[P, T], *arguments: P.args, **options: P.kwargs
    ) -> T:
        """Call a function, or recall what it returned, whatever the `options` were."""
        key = (function, *arguments)
        if key not in self._known:
            self._known[key] = function(*arguments, **options)
        return cast(T, self._known[key])  # a dict cannot tell its values by their keys

    def _key(self, reader: str) -> tuple[str | None, ...]:
        return str(self.lesion.image_of(reader)), *self._choices(reader)

    def _choices(self, reader: str) -> tuple[str | None, str | None]:
        return self.lesion.series_of(reader), self.lesion.stack_of(reader)

    def _largest_section(self, reader: str) -> int:
        return largest_section(self.image_file(reader), *self.rois(reader))

    def _image(self, reader: str) -> Image2D:
        source = self.lesion.image_of(reader)
        if is_missing(source):
            raise LesionError(
                "the image is missing; expected a path or a 2-D array. Give the image "
                "that was drawn on, or leave the row out."
            )
        if not is_path(source):
            return Image2D(as_image_array(source), Geometry())
        opened, section = self.image_file(reader), self.section(reader)
        return self._once(opened.read, section, rescale=self.lesion.rescale)

    def _mask(self, reader: str, image: Image2D) -> np.ndarray:
        home = self._once(self._find_home, reader)
        if len(self._sharing(reader)) < 2:
            return self._drawn(reader, image)
        if home == reader:
            return self._once(self._draw_at, reader, self.section(reader))
        if not self.rois(reader)[0].flat:  # a picture fits by its size alone
            try:
                return self._drawn(reader, image)
            except LesionError:
                pass  # drawn on the slices of its own sequence alone
        section, places = self.section(home), self.image_file(reader).places
        drawn_on = self.image_file(home).places[section]
        drawn = self._once(self._draw_at, home, section)
        return lay_outline(drawn, drawn_on, image, places)

    def _draw_at(self, reader: str, section: int) -> np.ndarray:
        return self._drawn(reader, self.image_file(reader).blank(section))

    def _drawn(self, reader: str, image: Image2D) -> np.ndarray:
        source = self.lesion.mask_of(reader)
        if not is_path(source):
            return as_mask_array(source, image.pixels.shape)
        rois, roi = self.rois(reader)
        return rois.mask(roi, image)

    def _find_home(self, reader: str) -> str:
        """Find on which of several sequences with this outline it was drawn.

        The one whose series its file refers to, or else the first one that it fits.
        """
        others = self._sharing(reader)
        if len(others) < 2:
            return reader
        named = getattr(self.rois(reader)[0], "series", ())
        others.sort(key=lambda other: self._series(other) not in named)
        return next(filter(self._fits, others), others[0])  # read, it says why not

    def _fits(self, reader: str) -> bool:
        """Tell whether an outline lies on the pixels of a sequence as it is."""
        try:
            chosen = self.lesion.section_of(reader)
            if chosen is None:
                image = self.image_file(reader)
                chosen = 0 if len(image) == 1 else self._own_section(reader)
            self._once(self._draw_at, reader, chosen)
        except LesionError:
            return False
        return True

    def _series(self, reader: str) -> str | None:
        try:
            return self.image_file(reader).places[0].series
        except LesionError:
            return None  # reading it says what is wrong

    def _sharing(self, reader: str) -> list[str]:
        """Return the reader on all sequences for which one file is his outline."""
        block, source = parse_block(reader), self.lesion.mask_of(reader)
        if not block.sequence or not is_path(source):
            return [reader]
        return [
            other
            for other in self.lesion.readers
            if parse_block(other)._replace(sequence="") == block._replace(sequence="")
            and str(self.lesion.mask_of(other)) == str(source)
            and is_path(self.lesion.image_of(other))
        ]

    def _named(self, what: str, reader: str, function: Callable[[], T]) -> T:
        """Call a function; name lesion, file and reader in its error."""
        try:
            return function()
        except (LesionError, OSError) as error:
            of_reader = f" of {block_text(reader)}" if reader else ""
            if isinstance(error, OSError):  # its file went away while it was read
                reason = error.strerror or type(error).__name__
                error = LesionError(
                    f"file {file_part(error.filename or 'of the lesion')} cannot be "
                    f"read: {reason}. Check that it is there, and that you may read it."
                )
            raise about(self.lesion, error, f", {what}{of_reader}") from None
