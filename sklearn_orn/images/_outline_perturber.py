"""Virtual readers: outlines as others might have drawn them, for the ICC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sklearn_orn._block_names import (
    DRAWN,
    LESION,
    block_name,
    is_virtual,
    parse_block,
    virtual_reader,
)
from sklearn_orn.images._block_step import BlockStep
from sklearn_orn.images._perturbed import CONSTRAINTS, Strength, perturbed_parts
from sklearn_orn.images._region import Region


@dataclass(frozen=True)
class Perturbation:
    """Makes n perturbed outlines of the first reader present, in each sequence."""

    n: int
    strength: Strength
    random_state: int

    def names(self, blocks: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
        """Name the outlines of each block; an unnamed one is `DRAWN` among them."""
        made: dict[str, tuple[str, ...]] = {}
        perturbed = set()
        for name in blocks:
            block = parse_block(name)
            if block.region not in ("", LESION) or is_virtual(block.reader):
                raise ValueError(
                    f"OutlinePerturber got {name!r}, which is no outline that was "
                    "drawn; expected it in front of Regions, and once."
                )
            drawn = DRAWN if self.n else ""
            own = block_name(block._replace(reader=block.reader or drawn))
            first = block.sequence not in perturbed
            perturbed.add(block.sequence)
            numbers = range(1, self.n + 1) if first else ()
            virtual = [block._replace(reader=virtual_reader(i)) for i in numbers]
            made[name] = (own, *map(block_name, virtual))
        return made

    def __call__(self, region: Region, names: tuple[str, ...]) -> list[Region]:
        """Return the outline itself, then those that are asked for."""
        outlines: list[Region] = [region]
        if len(names) > 1:
            box, parts = perturbed_parts(
                region.image,
                region.mask,
                len(names) - 1,
                region.spacing,
                self.strength,
                self.random_state,
            )
            for part in parts:
                mask = np.zeros(region.mask.shape, dtype=bool)
                mask[box] = part
                outlines.append(replace(region, mask=mask))
        return outlines


class OutlinePerturber(BlockStep):
    """Make virtual readers from one outline, in front of `Regions` and `Normalizer`.

    So one reader is enough to ask whether features are reproducible: `ICCFilter` keeps
    those on which the perturbed outlines of a lesion agree.

    Parameters
    ----------
    n : int, default=10
        Perturbed outlines of each lesion; an ICC needs two at least. 0 makes none, as
        in a model file: no new lesion needs them.
    rotation : float, default=6.0
        Largest angle in degrees.
    shift : float, default=0.75
        Largest shift along rows and along columns, in pixels.
    growth : float, default=0.15
        Largest change of the area, as a part of it.
    superpixel : float, default=4.0
        Side of the superpixels along which the border is drawn anew, in pixels.
    random_state : int, default=0
        Seed. The outlines of a lesion depend on it and on the lesion alone: not on the
        other lesions, nor on the number of processes.

    See Also
    --------
    perturb_outlines : The outlines as a function, and how they are made.
    ICCFilter : Judges the features; ``readers="perturbed"`` where several readers drew.

    Notes
    -----
    The readers are called ``perturbed1``, ``perturbed2`` and so on. In each sequence
    the outline of the first reader present is perturbed, and all that was drawn stays:
    under the name of its reader, or as ``drawn`` where the mask has none. Virtual
    readers serve the ICC only: what comes out of `ICCFilter` is measured on outlines
    that were drawn.

    Virtual readers do not tell how two people differ: they do not overlook an
    infiltration or take oedema for tumour. Their ICC answers another question than that
    of real readers, and the two are not mixed. Zwanenburg et al. kept features with an
    ICC(1,1) of 0.90 or more.

    A lesion takes n + 1 times as long to measure.

    References
    ----------
    Zwanenburg et al., Sci Rep 2019;9:614.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import OutlinePerturber
    >>> image = np.random.default_rng(0).integers(0, 256, size=(32, 32))
    >>> mask = np.zeros((32, 32), dtype=bool)
    >>> mask[8:20, 8:20] = True
    >>> OutlinePerturber(n=2).fit_transform([(image, mask)])[0].readers
    ('drawn', 'perturbed1', 'perturbed2')
    """

    _parameter_constraints = CONSTRAINTS

    def __init__(
        self,
        n: int = 10,
        *,
        rotation: float = 6.0,
        shift: float = 0.75,
        growth: float = 0.15,
        superpixel: float = 4.0,
        random_state: int = 0,
    ) -> None:
        self.n = n
        self.rotation = rotation
        self.shift = shift
        self.growth = growth
        self.superpixel = superpixel
        self.random_state = random_state

    def _region_function(self) -> Perturbation:
        self._validate_params()
        strength = Strength(self.rotation, self.shift, self.growth, self.superpixel)
        return Perturbation(self.n, strength, self.random_state)
