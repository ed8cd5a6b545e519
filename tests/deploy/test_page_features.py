"""The features that the page measures are those of Python."""

import json

import numpy as np
import pandas as pd
import pytest

from sklearn_orn._feature_settings import NORMALIZATIONS
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, Region
from sklearn_orn.images._resampler import resample
from sklearn_orn.texture import FAMILIES, extract_features, family_of, feature_names
from tests._data import SHARED, needs_shared
from tests.deploy._node import call, needs_node

pytestmark = needs_node
DISTANCES = (1, 2, 3, 4, 5)
BITS = {"cooccurrence": 6, "run_length": 6, "gradient": 4, "wavelet": 8}


def plan(normalization, bits=BITS, distances=DISTANCES, families=FAMILIES, names=None):
    return {
        "normalization": normalization,
        "families": families,
        "distances": distances,
        "bits": {**BITS, **bits},
        "names": names or feature_names(families, distances),
    }


def asked(image, mask, plan):
    rows, columns = image.shape
    pixels = np.asarray(image, dtype=np.float64)
    return [
        {"pixels": pixels, "rows": rows, "columns": columns, "mask": mask, "plan": plan}
    ]


def random_image(rng):
    """Noise, smooth, few levels, signed, deep, one value, or fractions."""
    shape = tuple(rng.integers(5, 90, 2))
    kind = rng.choice(
        ["noise", "smooth", "few", "signed", "deep", "one", "fractions", "adc"]
    )
    if kind == "noise":
        return rng.integers(0, 2 ** rng.integers(1, 13), shape)
    if kind == "smooth":
        walk = rng.normal(size=shape).cumsum(axis=0).cumsum(axis=1)
        return np.rint(walk * 5 - (walk * 5).min()).astype(np.int32)
    if kind == "few":
        return rng.integers(0, 3, shape).astype(np.uint8)
    if kind == "signed":
        return rng.integers(-1024, 3000, shape).astype(np.int16)
    if kind == "deep":
        return rng.integers(0, 65536, shape).astype(np.uint16)
    if kind == "one":
        return np.full(shape, rng.integers(-3, 3))
    if kind == "fractions":
        return rng.normal(size=shape)
    return (rng.integers(0, 4000, shape) * 1e-6).astype(np.float32)


def random_mask(rng, shape):
    mask = np.zeros(shape, dtype=bool)
    kind = rng.choice(["box", "disc", "scattered", "pixel", "whole"])
    rows, columns = np.indices(shape)
    if kind == "box":
        (top, bottom), (left, right) = (np.sort(rng.integers(0, n, 2)) for n in shape)
        mask[top : bottom + 1, left : right + 1] = True
    elif kind == "disc":
        centre = [rng.integers(0, n) for n in shape]
        mask = np.hypot(rows - centre[0], columns - centre[1]) <= rng.uniform(1, 40)
    elif kind == "scattered":
        mask = rng.random(shape) < rng.uniform(0.2, 0.95)
    elif kind == "whole":
        mask[:] = True
    mask[tuple(rng.integers(0, n) for n in shape)] = True
    return mask


def compare_random(n, seed):
    rng = np.random.default_rng(seed)
    cases, expected = [], []
    while len(cases) < n:
        image = random_image(rng)
        mask = random_mask(rng, image.shape)
        normalization = str(rng.choice(NORMALIZATIONS))
        bits = {family: int(rng.integers(1, 9)) for family in BITS}
        distances = tuple(int(d) for d in rng.choice(9, 3, replace=False) + 1)
        cases.append(asked(image, mask, plan(normalization, bits, distances)))
        try:
            expected.append(
                extract_features(
                    image,
                    mask,
                    normalization=normalization,
                    bits=bits,
                    distances=distances,
                )
            )
        except LesionError as error:
            expected.append(str(error))
    compare(cases, expected)


def compare(cases, expected):
    """`expected` are features of Python, or why it refuses."""
    for found, values, case in zip(
        call("features/measure.js", "measure", cases), expected, cases, strict=True
    ):
        if isinstance(values, str):
            assert found["refused"] == "refused_no_bit_range"
            assert "fractions" in values
            continue
        assert list(found["value"]) == list(values)
        np.testing.assert_allclose(
            list(found["value"].values()),
            list(values.values()),
            rtol=1e-9,
            atol=1e-12,
            err_msg=str(case[0]["plan"]),
        )


def test_random_images():
    compare_random(30, seed=22)


@pytest.mark.long
def test_five_hundred_random_images():
    compare_random(500, seed=0)


@needs_shared("mazda")
def test_a_report_of_mazda():
    with np.load(SHARED / "mazda" / "report_image.npz") as file:
        image, mask = file["image"], file["roi"]
    report = json.loads((SHARED / "mazda" / "report_279.json").read_text())
    report = report.get("features", report)
    (found,) = call(
        "features/measure.js", "measure", [asked(image, mask, plan("none"))]
    )
    ours = extract_features(image, mask, normalization="none")
    for name, value in ours.items():
        assert found["value"][name] == pytest.approx(value, rel=1e-9)
        assert found["value"][name] == pytest.approx(report[name], rel=1e-6)


@needs_shared("sts_mr_t1")
def test_real_dicom():
    folder = SHARED / "sts_mr_t1"
    index = pd.read_csv(folder / "index.csv")
    cases, expected = [], []
    for number, row in enumerate(index.iloc[::13].itertuples()):
        region = Lesion(str(folder / row.file), str(folder / row.mask)).read()[""]
        method = NORMALIZATIONS[number % len(NORMALIZATIONS)]
        cases.append(asked(region.image, region.mask, plan(method)))
        expected.append(
            extract_features(region.image, region.mask, normalization=method)
        )
    assert len(cases) > 8
    compare(cases, expected)


def test_resampled_as_python_does():
    rng = np.random.default_rng(3)
    cases, expected = [], []
    for spacing, wanted in [
        ((1, 1), (0.5, 0.5)),
        ((0.4, 0.7), (0.5, 0.5)),
        ((0.3, 0.3), (1, 0.9)),
    ]:
        for _ in range(4):
            image = random_image(rng)
            mask = random_mask(rng, image.shape)
            mask[:4, :4] = True
            region = resample(Region(image, mask, spacing), wanted)
            expected.append(region)
            (slice_,) = asked(image, mask, None)
            floats = {"isFloat": image.dtype.kind == "f", "spacing": spacing}
            cases.append([slice_ | floats, wanted])
    found = call("features/resample.js", "resampled", cases)
    for one, region in zip(found, expected, strict=True):
        made = one["value"]
        assert (made["rows"], made["columns"]) == region.image.shape
        assert np.array_equal(made["mask"], region.mask.ravel())
        pixels = region.image.astype(np.float64).ravel()
        np.testing.assert_allclose(made["pixels"], pixels, rtol=1e-12)


@pytest.mark.parametrize(
    ("spacing", "wanted", "key"),
    [
        (None, (1, 1), "refused_spacing_needed"),
        ((1, 1), (9, 9), "refused_outline_vanishes"),
    ],
)
def test_not_resampled(spacing, wanted, key):
    mask = np.zeros((9, 9), dtype=bool)
    mask[2, 2] = True
    (case,) = asked(np.arange(81.0).reshape(9, 9), mask, plan("3sigma"))
    case = {**case, "spacing": spacing, "plan": {**case["plan"], "resampled": wanted}}
    (found,) = call("features/measure.js", "measure", [[case]])
    assert found["refused"] == key


def test_only_what_is_asked_for():
    image = np.arange(400).reshape(20, 20)
    names = ["S(0,3)Entropy", "Teta2"]
    families = ["cooccurrence", "autoregressive"]
    wanted = plan("3sigma", distances=[3], families=families, names=names)
    (found,) = call(
        "features/measure.js", "measure", [asked(image, image > 40, wanted)]
    )
    assert list(found["value"]) == names


def test_refused():
    (case,) = asked(
        np.arange(81.0).reshape(9, 9), np.ones((9, 9), bool), plan("3sigma")
    )
    changes = {
        "refused_empty_outline": {"mask": np.zeros((9, 9), dtype=bool)},
        "refused_outline_size": {"mask": np.ones((8, 9), dtype=bool)},
        "refused_pixels_not_finite": {"pixels": np.full((9, 9), np.nan)},
        "refused_pixel_range": {"pixels": np.full((9, 9), 1e70)},
        "refused_normalization": {"plan": plan("minmax")},
    }
    cases = [[{**case, **change}] for change in changes.values()]
    found = call("features/measure.js", "measure", cases)
    assert [one["refused"] for one in found] == [*changes]


def test_every_feature_stands_in_one_family():
    image = np.random.default_rng(0).integers(0, 256, (70, 70))
    (found,) = call(
        "features/measure.js", "measure", [asked(image, image > 9, plan("none"))]
    )
    assert {family_of(name)[0] for name in found["value"]} == set(FAMILIES)


def roi_of_60_pixels():
    rng = np.random.default_rng(0)
    rows, columns = np.indices((512, 512))
    disc = np.hypot(rows - 250, columns - 260) <= 30
    return rng.integers(0, 4096, (512, 512)), disc


def test_all_features_of_60_pixels_take_less_than_200_ms():
    cases = [asked(*roi_of_60_pixels(), plan("3sigma"))] * 5
    found = call("features/measure.js", "measure", cases)
    assert min(one["ms"] for one in found) < 200


@pytest.mark.long
def test_times_by_family(capsys):
    times = {}
    for families in [FAMILIES, *([family] for family in FAMILIES)]:
        case = asked(*roi_of_60_pixels(), plan("3sigma", families=families))
        found = call("features/measure.js", "measure", [case] * 9)
        name = families[0] if len(families) == 1 else "all"
        times[name] = found[0]["ms"], min(one["ms"] for one in found)
    with capsys.disabled():
        for name, (first, best) in times.items():
            print(f"\n{name:15} first {first:6.1f} ms, then {best:6.1f} ms", end="")
    assert max(best for _, best in times.values()) < 200
