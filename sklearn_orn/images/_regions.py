"""The surroundings and the border of a lesion, beside the lesion itself."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

from sklearn_orn._block_names import region_slug
from sklearn_orn._messages import shown
from sklearn_orn._validation import Interval, StrOptions
from sklearn_orn.images._block_step import BlockStep
from sklearn_orn.images._rims import RegionMaker


class Regions(BlockStep):
    """Measure rims and surroundings as the lesion is, in front of the `Normalizer`.

    Parameters
    ----------
    regions : sequence of str, default=("lesion", "rim 3 mm outside")
        Any of ``"lesion"`` (as it was drawn), ``"rim 3 mm outside"``, ``"rim 2 mm
        inside"`` (of any width above 0 mm) and ``"bounding context"``, or their short
        names ``rim3out``, ``rim2in``, ``context`` as they stand in names of columns.
    margin : float, default=5.0
        How much larger than the lesion the box of the bounding context is, on each
        side, in mm.
    air : {"otsu"} or float, default=None
        Pixels outside the lesion that are left out as air: those with grey levels
        below a number, or with ``"otsu"`` those that are not above Otsu's threshold of
        the whole slice. None leaves nothing out.
    empty : {"error", "nan"}, default="error"
        What a region without a pixel is: an error that names the lesion, or NaN in the
        table of features.

    See Also
    --------
    OutlinePerturber : Stands in front: rims of perturbed outlines are made here.

    Notes
    -----
    Distances are between the centres of pixels, in mm on the slice. A rim outside are
    the pixels outside the outline at most so far from one inside; a rim inside, those
    inside at most so far from one outside. All are clipped at the image, whose edge
    counts as the end of the lesion. The bounding context is the box around the
    outline, `margin` larger, without what lies inside. It takes images whose pixel
    spacing is known.

    What air is depends on the sequence: cortical bone, vessels with flow and gas are as
    dark. Otsu's threshold parts the histogram of the slice in two such that they differ
    most; look at some of the slices before it is used. What was drawn inside the
    outline is never left out, nor is it from a rim inside.

    The blocks of columns are named ``<sequence>|<region>|<reader>``: ``image|rim3out``
    for an unnamed mask of the only image. A grey-level window that was set before goes
    with all regions; set behind this step, each region has its own.

    References
    ----------
    Otsu, IEEE Trans Syst Man Cybern 1979;9:62-66.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import Lesion, Regions
    >>> image, mask = np.arange(100).reshape(10, 10), np.zeros((10, 10), dtype=bool)
    >>> mask[3:7, 3:7] = True
    >>> step = Regions(["lesion", "rim 1 mm outside", "rim 0.5 mm inside"])
    >>> lesion = step.fit_transform([Lesion(image, mask, spacing=(0.5, 0.5))])[0]
    >>> {name: int(region.mask.sum()) for name, region in lesion.read().items()}
    {'image|lesion': 16, 'image|rim1out': 36, 'image|rim0.5in': 12}
    """

    _parameter_constraints = {
        "regions": [list, tuple],
        "margin": [Interval(Real, 0, None, closed="neither")],
        "air": [
            None,
            StrOptions({"otsu"}),
            Interval(Real, None, None, closed="neither"),
        ],
        "empty": [StrOptions({"error", "nan"})],
    }

    def __init__(
        self,
        regions: Sequence[str] = ("lesion", "rim 3 mm outside"),
        *,
        margin: float = 5.0,
        air: str | float | None = None,
        empty: str = "error",
    ) -> None:
        self.regions = regions
        self.margin = margin
        self.air = air
        self.empty = empty

    def _region_function(self) -> RegionMaker:
        self._validate_params()
        slugs = tuple(region_slug(str(text)) for text in self.regions)
        if not slugs or len(set(slugs)) < len(slugs):
            raise ValueError(
                "The 'regions' parameter of Regions must name one region at least, "
                f"and each once. Got {shown(self.regions)} instead."
            )
        return RegionMaker(slugs, self.margin, self.air, self.empty)
