"""What steps that make several regions of one have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sklearn_orn._block_names import block_text
from sklearn_orn._validation import name_list
from sklearn_orn.images._about import about
from sklearn_orn.images._image_step import ImageStep
from sklearn_orn.images._mapped_lesion import MappedLesion
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._region import Region
from sklearn_orn.images._returned import check_returned_of


class BlockFunction(Protocol):
    """What a `BlockStep` does to the regions of a lesion; it must pickle."""

    def names(self, blocks: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
        """Name what is made of each block, without reading it."""

    def __call__(
        self, region: Region, names: tuple[str, ...]
    ) -> Sequence[Region | None]:
        """Return the region of each name; None where the lesion has no such."""


class SplitLesion(MappedLesion):
    """A lesion of whose every region several are made when it is read."""

    def __init__(
        self, lesion: ReadableLesion, function: BlockFunction, step: str
    ) -> None:
        super().__init__(lesion, function, step=step)
        self.split = function
        self.made = function.names(lesion.readers)

    @property
    def readers(self) -> tuple[str, ...]:
        """Blocks that are made; a region may turn out to have no pixel."""
        return tuple(name for names in self.made.values() for name in names)

    def read(self) -> dict[str, Region]:
        """Read the lesion and make the regions of each block; check what comes out."""
        regions = {}
        for block, given in self.lesion.read().items():
            names, place = self.made[block], f", {block_text(block)}" if block else ""
            made = self._made_by(self.split, place, given, names)
            if len(made) != len(names):
                raise TypeError(
                    f"{self.name}{place}, after {self.step}: it returned {len(made)} "
                    f"regions; expected one for each of {name_list(map(repr, names))}."
                )
            for name, region in zip(names, made, strict=True):
                if region is not None:
                    where = f", {block_text(name)}, after {self.step}"
                    regions[name] = check_returned_of(self, region, where, given=given)
        if not regions:
            raise about(
                self, f"no region is left after {self.step}; expected one at least."
            )
        return regions


class BlockStep(ImageStep):
    """Base of stateless steps that make several regions of each.

    A subclass has parameters, and a method that makes the function of them:
    ``_region_function`` checks the parameters and returns an object with a method
    ``names`` and a call, see Notes. What it returns is checked where it returns it.

    See Also
    --------
    Regions : Rims and context of a lesion.
    OutlinePerturber : Outlines as other readers might have drawn them.
    ImageStep : The base of steps that make one region of each.

    Notes
    -----
    ``names(blocks)`` tells for the blocks of a lesion, in their order, which blocks
    each becomes; no file is read for it. The call gets a region and these names, and
    returns a region for each, or None where the lesion has no such: it is NaN in the
    table of features, as a reader who did not draw is.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import numpy as np
    >>> from sklearn_orn.images import BlockStep
    >>> class Halves:
    ...     def names(self, blocks):
    ...         return {b: (f"{b}left", f"{b}right") for b in blocks}
    ...     def __call__(self, region, names):
    ...         left = np.arange(region.mask.shape[1]) < region.mask.shape[1] / 2
    ...         halves = region.mask & left, region.mask & ~left
    ...         return [replace(region, mask=m) if m.any() else None for m in halves]
    >>> class Split(BlockStep):
    ...     def _region_function(self):
    ...         return Halves()
    >>> image = np.arange(16).reshape(4, 4)
    >>> lesion = Split().fit_transform([(image, image > 3)])[0]
    >>> {name: int(region.mask.sum()) for name, region in lesion.read().items()}
    {'left': 6, 'right': 6}
    """

    @abstractmethod
    def _region_function(self) -> BlockFunction:
        """Check the parameters and return what makes regions; it must pickle."""

    def _lesion_function(self) -> Callable[[ReadableLesion], MappedLesion]:
        function, step = self._region_function(), type(self).__name__
        return lambda lesion: SplitLesion(lesion, function, step)
