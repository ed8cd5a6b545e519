"""Hypothesis strategies of images and of lesions on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_orn.images import Lesion
from sklearn_orn.testing._draw_rois import TOPOLOGIES, Shape, rois

DTYPES = tuple("uint8 uint16 uint32 int8 int16 int32 int64 float32 float64".split())
_FEW_PIXELS = 36


def _holds(dtype: np.dtype, low: int, high: int) -> bool:
    if dtype.kind == "f":
        return True  # every whole number of 16 bits is a float
    limits = np.iinfo(dtype)
    return bool(limits.min <= low and high <= limits.max)


@st.composite
def _levels(draw: st.DrawFn, shape: Shape, top: int) -> np.ndarray:
    """Draw grey levels from 0 to `top`: flat, patterned, noise, or pixel by pixel."""
    kinds = ["flat", "stripes", "ramp", "noise", "smooth"]
    if shape[0] * shape[1] <= _FEW_PIXELS:
        kinds.insert(1, "pixels")
    kind = draw(st.sampled_from(kinds))
    level = st.integers(0, top)
    if kind == "pixels":
        return draw(hnp.arrays(np.int64, shape, elements=level))
    if kind == "flat":
        return np.full(shape, draw(level))
    rows, columns = np.indices(shape)
    if kind in ("stripes", "ramp"):
        place = draw(st.sampled_from([columns, rows, rows + columns]))
        if kind == "stripes":
            return np.where(place // draw(st.integers(1, 4)) % 2, draw(level), 0)
        slope = draw(st.integers(1, max(top // 8, 1)))
        return np.asarray(place * slope % (top + 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    count = min(draw(st.sampled_from([2, 3, 16, 2**16])), top + 1)
    noise = rng.integers(0, count, size=shape) * top // max(count - 1, 1)
    if kind == "noise":
        return noise
    return (noise + np.roll(noise, 1, axis=0) + np.roll(noise, 1, axis=1)) // 3


@st.composite
def _images(
    draw: st.DrawFn, shape: Shape, bits: tuple[int, int], dtypes: Sequence[np.dtype]
) -> np.ndarray:
    depth = draw(st.integers(*bits))
    lows = {dtype: _lows(dtype, depth) for dtype in dtypes}
    dtype = draw(st.sampled_from([dtype for dtype in dtypes if lows[dtype]]))
    low = draw(st.sampled_from(lows[dtype]))
    levels = draw(_levels(shape, 2**depth - 1))
    places = st.tuples(*[st.integers(0, side - 1) for side in shape])
    for place in draw(st.lists(places, max_size=3)):
        levels[place] = draw(st.integers(0, 2**depth - 1))
    return (levels + low).astype(dtype)


def _lows(dtype: np.dtype, depth: int) -> list[int]:
    """Smallest values that images of this type and depth may have."""
    starts = [0] if dtype.kind == "u" else [0, -(2 ** (depth - 1))]
    return [low for low in starts if _holds(dtype, low, low + 2**depth - 1)]


def images(
    shape: tuple[int, int] | None = None,
    *,
    min_side: int = 1,
    max_side: int = 40,
    bits: int | tuple[int, int] = (1, 16),
    dtypes: Sequence[str] = DTYPES,
) -> st.SearchStrategy[np.ndarray]:
    """Draw single-channel images as scanners store them.

    Parameters
    ----------
    shape : tuple of int, default=None
        Rows and columns. None draws both from `min_side` to `max_side`.
    min_side, max_side : int, default=1 and 40
        Limits of the sides.
    bits : int or tuple of int, default=(1, 16)
        Bits per pixel, or their limits. Values lie between 0 and 2**bits - 1, or for
        signed types also between -2**(bits - 1) and 2**(bits - 1) - 1.
    dtypes : sequence of str, default=DTYPES
        Types of the array; one that cannot hold the drawn bits is passed over. Floats
        hold whole numbers.

    Returns
    -------
    SearchStrategy of ndarray, shape `shape`
        Flat images, stripes, ramps, noise of few or many levels, smoothed noise, and
        on at most 36 pixels any image; up to three pixels stand out.

    Raises
    ------
    ValueError
        If no type holds the bits, or a limit makes no sense.

    Notes
    -----
    It shrinks to one pixel of value 0, of the smallest depth and the first type. A
    larger counterexample is flat but for the pixels that matter, where that is enough.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import images
    >>> find(images(bits=12), lambda image: image.size > 1)
    array([[0, 0]], dtype=uint16)
    """
    lowest, highest = (bits, bits) if isinstance(bits, int) else bits
    if not 1 <= lowest <= highest <= 16:
        raise ValueError(f"bits must lie between 1 and 16, got {bits!r}.")
    if not 1 <= min_side <= max_side:
        raise ValueError(
            f"Sides need 1 <= min_side <= max_side, got {min_side} and {max_side}."
        )
    types = [np.dtype(name) for name in dtypes]
    if not any(_lows(dtype, highest) for dtype in types):
        raise ValueError(f"None of the dtypes {list(dtypes)} holds {highest} bits.")
    limits = (lowest, highest)
    if shape is not None:
        return _images((int(shape[0]), int(shape[1])), limits, types)
    sides = st.integers(min_side, max_side)
    return st.tuples(sides, sides).flatmap(lambda drawn: _images(drawn, limits, types))


def spacings() -> st.SearchStrategy[tuple[float, float]]:
    """Draw pixel spacings: distances between rows and between columns in mm.

    Returns
    -------
    SearchStrategy of tuple of float
        From 0.1 to 3.0 in steps of 0.1, the two alike or not.

    Notes
    -----
    It shrinks to ``(1.0, 1.0)``.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import spacings
    >>> find(spacings(), lambda spacing: spacing[0] != spacing[1])
    (1.0, 1.1)
    """
    # Integers shrink towards 0, which is 1 mm here.
    distance = st.integers(-9, 20).map(lambda tenths: (10 + tenths) / 10)
    return st.tuples(distance, distance)


@st.composite
def _lesions(
    draw: st.DrawFn,
    image: st.SearchStrategy[np.ndarray],
    readers: Sequence[str] | None,
    topologies: Sequence[str],
    absent_readers: bool,
    spacing: bool | None,
) -> Lesion:
    pixels = draw(image)
    mask = rois(pixels.shape, topologies=topologies)
    has_spacing = draw(st.booleans()) if spacing is None else spacing
    distance = draw(spacings()) if has_spacing else None
    if readers is None:
        return draw(_shown(pixels, draw(mask), distance))
    drew = draw(st.sampled_from(list(readers)))
    masks = {
        reader: None
        if absent_readers and reader != drew and draw(st.booleans())
        else draw(mask)
        for reader in readers
    }
    return draw(_shown(pixels, masks, distance))


def _shown(
    image: np.ndarray, masks: object, spacing: tuple[float, float] | None
) -> st.SearchStrategy[Lesion]:
    """Make a lesion in the way that hypothesis prints with its pixels."""
    return st.builds(Lesion, st.just(image), st.just(masks), spacing=st.just(spacing))


def lesions(
    shape: tuple[int, int] | None = None,
    *,
    min_side: int = 1,
    max_side: int = 40,
    bits: int | tuple[int, int] = (1, 16),
    dtypes: Sequence[str] = DTYPES,
    topologies: Sequence[str] = TOPOLOGIES,
    readers: Sequence[str] | None = None,
    absent_readers: bool = False,
    spacing: bool | None = None,
) -> st.SearchStrategy[Lesion]:
    """Draw lesions in memory: an image, and the ROI of one or several readers.

    Parameters
    ----------
    shape : tuple of int, default=None
        Of the image, see `images`.
    min_side, max_side : int, default=1 and 40
        Limits of its sides, where `shape` is None.
    bits : int or tuple of int, default=(1, 16)
        Bits per pixel, or their limits.
    dtypes : sequence of str, default=DTYPES
        Types of the image.
    topologies : sequence of str, default=TOPOLOGIES
        Of the ROIs, see `rois`.
    readers : sequence of str, default=None
        Names of the readers, who draw independently. None is one unnamed reader.
    absent_readers : bool, default=False
        Whether readers may have drawn nothing. One at least has drawn.
    spacing : bool or None, default=None
        Whether the pixel spacing is known; None is sometimes.

    Returns
    -------
    SearchStrategy of Lesion
        What any image step takes: ``TextureExtractor().fit_transform([lesion])``.

    Raises
    ------
    ValueError
        As `images` and `rois`; if a topology has no room, when it is drawn.

    Notes
    -----
    It shrinks to an image of one pixel of value 0, of 1 bit and type uint8, which is
    the ROI, without a spacing.

    Examples
    --------
    >>> from hypothesis import find, given
    >>> from sklearn_orn import Normalizer
    >>> from sklearn_orn.testing.strategies import lesions
    >>> @given(lesions())
    ... def test_a_window_is_never_empty(lesion):
    ...     low, high = Normalizer().transform([lesion])[0].read()[""].window
    ...     assert low < high
    >>> test_a_window_is_never_empty()
    >>> smallest = find(lesions(), lambda lesion: True)
    >>> smallest.image, smallest.masks, smallest.spacing
    (array([[0]], dtype=uint8), array([[ True]]), None)
    """
    if readers is not None and (isinstance(readers, str) or not readers):
        raise ValueError(f"readers must be None or a list of names, got {readers!r}.")
    image = images(
        shape, min_side=min_side, max_side=max_side, bits=bits, dtypes=dtypes
    )
    return _lesions(image, readers, topologies, absent_readers, spacing)
