"""Time of all 279 features against what else measures texture in Python.

One run, interleaved, medians of CPU time. mahotas and scikit-image know no mask: most
users pass the image with 0 outside the ROI; the faster way, its bounding box, is timed
as "cropped". nyxus, flash-radiomics and pictologics are given the bounding box in
levels, one thread, and no file to read or write; the last needs Python 3.12.
"""

import os
import time
from functools import cache, partial

import numpy as np
from skimage.feature import graycomatrix, graycoprops

from benchmarks.timing import OURS, Case, cpu_ms, unless_missing
from sklearn_orn.images import Region
from sklearn_orn.texture._catalogue import cooccurrence_offsets
from sklearn_orn.texture._measure import measure
from sklearn_orn.texture._measuring_plan import Plan
from sklearn_orn.texture._normalizer import set_window
from sklearn_orn.texture._window_3sigma_1_99 import grey_level_window

PLAN = Plan()
OFFSETS = cooccurrence_offsets(PLAN.distances)


def disc(diameter):
    """Return a 512 x 512 image of 16 bits and a disc in it."""
    rng = np.random.default_rng(0)
    image = rng.normal(20000, 3000, size=(512, 512))
    image += 2000 * np.sin(np.arange(512) / 7)
    y, x = np.mgrid[:512, :512]
    mask = (y - 250) ** 2 + (x - 261) ** 2 <= (diameter / 2) ** 2
    return image.clip(0, 65535).astype(np.uint16), mask


def ours(image, mask):
    """All 279 features, window and quantisation included."""
    region = set_window(Region(image, mask, None), "3sigma")
    return measure(region, PLAN)


def quantised(image, mask, crop=True):
    """Return the ROI in levels 1 to 64, 0 outside; its bounding box with `crop`."""
    lo, hi = grey_level_window(Region(image, mask, None), "3sigma")
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    box = box if crop else slice(None)
    levels = np.floor((image[box] - lo) * 63 / (hi - lo) + 0.5).clip(0, 63) + 1
    return (levels * mask[box]).astype(np.uint8)


def with_mahotas(image, mask, crop=True):
    """Haralick features at 20 offsets (five distances, four directions)."""
    import mahotas

    levels = quantised(image, mask, crop)
    return [
        mahotas.features.haralick(levels, ignore_zeros=True, distance=d)
        for d in PLAN.distances
    ]


def with_skimage(image, mask, crop=True):
    """Co-occurrence features at 20 offsets, as most users write the loop."""
    levels = quantised(image, mask, crop)
    values = []
    for d in PLAN.distances:
        for angle in (0, np.pi / 4, np.pi / 2, 3 * np.pi / 4):
            matrix = graycomatrix(levels, [d], [angle], levels=65, symmetric=True)
            matrix = matrix[1:, 1:].astype(float)  # level 0 is outside the ROI
            matrix /= matrix.sum()
            for name in ("ASM", "contrast", "correlation", "homogeneity", "variance"):
                values.append(graycoprops(matrix, name)[0, 0])
            p = matrix[:, :, 0, 0]
            values.append(-np.sum(p[p > 0] * np.log10(p[p > 0])))
    return values


def with_numpy(image, mask):
    """All eleven co-occurrence features at 20 offsets in plain NumPy."""
    levels = quantised(image, mask)
    height, width = levels.shape
    i, j = np.mgrid[1:65, 1:65]
    out = []
    for a, b in OFFSETS:
        rows = (
            slice(max(b, 0), height + min(b, 0)),
            slice(max(-b, 0), height - max(b, 0)),
        )
        first = levels[rows[0], : width - a]
        second = levels[max(-b, 0) : height - max(b, 0), a:]
        both = (first > 0) & (second > 0)
        h = np.zeros((64, 64))
        np.add.at(h, (first[both] - 1, second[both] - 1), 1)
        p = (h + h.T) / (2 * both.sum())
        plus = np.bincount((i + j).ravel(), p.ravel())
        minus = np.bincount(np.abs(i - j).ravel(), p.ravel())
        mean = (i * p).sum()
        variance = ((i - mean) ** 2 * p).sum()
        k, d = np.arange(len(plus)), np.arange(len(minus))
        entropies = [-np.sum(q[q > 0] * np.log10(q[q > 0])) for q in (plus, p, minus)]
        average = (k * plus).sum()
        out.append(
            [
                (p**2).sum(),
                ((i - j) ** 2 * p).sum(),
                ((i * j * p).sum() - mean**2) / variance,
                variance,
                (p / (1 + (i - j) ** 2)).sum(),
                average,
                ((k - average) ** 2 * plus).sum(),
                *entropies[:2],
                ((d - (d * minus).sum()) ** 2 * minus).sum(),
                entropies[2],
            ]
        )
    return out


@cache
def nyxus():
    """Return the extractor of nyxus: co-occurrence and run length, one thread."""
    from nyxus import Nyxus

    families = ["*ALL_GLCM*", "*ALL_GLRLM*"]
    return Nyxus(families, coarse_gray_depth=64, n_feature_calc_threads=1)


def with_nyxus(image, mask):
    """Co-occurrence and run length in four directions at distance 1."""
    levels = quantised(image, mask).astype(np.uint32)
    return nyxus().featurize(levels, (levels > 0).astype(np.uint32))


@cache
def flash_radiomics():
    """Return the extractor of flash-radiomics, of what is measured below."""
    import logging

    from flash_radiomics import RadiomicsFeatureExtractor

    logging.getLogger("flash_radiomics").setLevel(logging.ERROR)
    extractor = RadiomicsFeatureExtractor(
        backend="cpu",
        binCount=64,
        distances=list(PLAN.distances),
        force2D=True,
        additionalInfo=False,
        segmentClassWorkers=1,
    )
    extractor.disableAllFeatures()
    for name in ("firstorder", "glcm", "glrlm"):
        extractor.enableFeatureClassByName(name)
    return extractor


def with_flash_radiomics(image, mask):
    """First-order, co-occurrence at five distances and run length."""
    extractor = flash_radiomics()
    import SimpleITK

    levels = quantised(image, mask)[None]
    pixels = SimpleITK.GetImageFromArray(levels.astype(np.float32))
    inside = SimpleITK.GetImageFromArray((levels > 0).astype(np.uint8))
    case = extractor.preprocess_case(pixels, inside, label=1)
    return extractor.extract_from_preprocessed(case)


def with_pictologics(image, mask):
    """Co-occurrence features at five distances."""
    os.environ.setdefault("PICTOLOGICS_DISABLE_WARMUP", "1")
    from pictologics.features.texture import calculate_all_texture_features

    levels = quantised(image, mask)[None].astype(float)
    inside = (levels > 0).astype(float)
    return [
        calculate_all_texture_features(
            levels, inside, 64, glcm_distance=d, families=["glcm"]
        )
        for d in PLAN.distances
    ]


PROGRAMS = {
    f"{OURS}, all 279": ours,
    "NumPy, 20 offsets, cropped": with_numpy,
    "mahotas, 20 offsets, cropped": with_mahotas,
    "mahotas, 20 offsets": partial(with_mahotas, crop=False),
    "scikit-image, 20 offsets, cropped": with_skimage,
    "scikit-image, 20 offsets": partial(with_skimage, crop=False),
    "nyxus, 4 offsets and run length, cropped": with_nyxus,
    "flash-radiomics, 20 offsets, run length, first order": with_flash_radiomics,
    "pictologics, 20 offsets, cropped": with_pictologics,
}


def once(program, image, mask):
    """Return the CPU time of one call in ms."""
    start = time.process_time_ns()
    program(image, mask)
    return (time.process_time_ns() - start) / 1e6


def benchmark(quick):
    """Return the cases."""
    cases = []
    for diameter in (30, 60):
        image, mask = disc(diameter)
        warm = {
            name: unless_missing(partial(once, program, image, mask))
            for name, program in PROGRAMS.items()
        }
        times = {name: [] for name, first in warm.items() if first is not None}
        for _ in range(10 if quick else 200):
            for name, found in times.items():
                found.append(once(PROGRAMS[name], image, mask))
        values = {
            name: float(np.median(times[name])) if name in times else None
            for name in PROGRAMS
        }
        cases.append(Case(f"texture of a {diameter}-px disc", "ms CPU", values))
        alone = cpu_ms(partial(ours, image, mask), 200 if quick else 2000)
        name = f"the same, {diameter} px, nothing in between"
        cases.append(Case(name, "ms CPU", {f"{OURS}, all 279": alone}))
    return cases
