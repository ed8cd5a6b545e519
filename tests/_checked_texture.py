"""Texture beside MaZda, the IBSI phantom and mahotas: a part of `tests.checked`."""

import json
from collections.abc import Iterator

import numpy as np

from sklearn_orn.texture import FAMILIES, extract_features, feature_names
from tests._comparison import Row, compare
from tests._data import SHARED


def mazda() -> Iterator[Row]:
    """MaZda's report of one image."""
    data = np.load(SHARED / "mazda" / "report_image.npz")
    report = json.loads((SHARED / "mazda" / "report_279.json").read_text())
    ours = extract_features(data["image"], data["roi"], normalization="none")
    for family in FAMILIES:
        names = feature_names([family])
        values = [ours[n] for n in names], [report[n] for n in names]
        what = f"{family.replace('_', ' ')} features"
        yield compare(
            "MaZda 4.6", what, "TextureExtractor", *values, 1e-6, measure="relative"
        )


def mahotas() -> Iterator[Row]:
    """Ten co-occurrence features of random regions, in each direction."""
    import mahotas as other

    from tests.texture.test_other_programs import ALIKE, MAHOTAS_ORDER, kernels

    rng = np.random.default_rng(0)
    ours, theirs = [], []
    for distance in (1, 2, 3):
        levels = rng.integers(1, 9, size=(24, 30)) * (rng.random((24, 30)) < 0.9)
        levels[0, 0], levels[-1, -1] = 1, 8
        expected = other.features.haralick(levels, ignore_zeros=True, distance=distance)
        ours.append(kernels(levels, distance)[0][MAHOTAS_ORDER][:, ALIKE])
        theirs.append(expected[:, ALIKE])
    yield compare(
        "mahotas 1.4.18",
        "co-occurrence features but DifVarnc",
        "TextureExtractor",
        ours,
        theirs,
        1e-9,
    )


def ibsi() -> Iterator[Row]:
    """The digital phantom, whose reference values are printed with three digits."""
    from tests.texture import test_other_programs as phantom_test

    phantom = json.loads((SHARED / "ibsi" / "digital_phantom.json").read_text())
    levels = np.array(phantom["image"]) * np.array(phantom["mask"])
    tables = [phantom_test.kernels(slice_) for slice_ in np.moveaxis(levels, 2, 0)]
    means = np.mean([np.hstack(table) for table in tables], axis=(0, 1))
    order = [*phantom_test.COOCCURRENCE, *phantom_test.RUN_LENGTH]
    ours, theirs = [], []
    for name, ibsi_name in phantom_test.IBSI.items():
        reference = phantom["features"][ibsi_name]["values"]["2D, averaged"]
        digits = len(reference["printed"].partition(".")[2])
        ours.append([means[order.index(name)] * 10**digits])
        theirs.append([reference["value"] * 10**digits])
    yield compare(
        "IBSI digital phantom",
        "co-occurrence and run length, 2D averaged",
        "TextureExtractor",
        ours,
        theirs,
        0.5,
        measure="units of the last printed digit",
    )
