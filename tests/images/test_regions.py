"""Rims and surroundings of a lesion, by distance in mm on the slice."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import BlockStep, Lesion, Regions, reader_overlap
from sklearn_orn.images._rims import bounding_context, rim_inside, rim_outside
from sklearn_orn.testing import check_image_step
from sklearn_orn.testing.strategies import rois, spacings

ALL = ["lesion", "rim 1 mm outside", "rim 1.5 mm inside", "bounding context"]
RIMS = st.floats(0.1, 30)


def disc(side=40, radius=8):
    rows, columns = np.mgrid[:side, :side]
    image = np.random.default_rng(1).integers(100, 900, size=(side, side))
    return image, np.hypot(rows - side // 2, columns - side // 2) < radius


def made(regions, spacing=(0.5, 0.5), image_and_mask=None, **settings):
    image, mask = image_and_mask or disc()
    lesion = Lesion(image, mask, spacing=spacing, lesion="P07-L1")
    return Regions(regions, **settings).fit_transform([lesion])[0]


def places(mask, spacing):
    return np.argwhere(mask) * spacing


@given(rois((9, 11)), spacings(), RIMS)
def test_rims_are_the_pixels_within_their_width(mask, spacing, width):
    far = mask.shape + np.array([2, 2])
    framed = np.zeros(far, dtype=bool)
    framed[1:-1, 1:-1] = mask
    for rim, own, others in [
        (rim_outside(mask, spacing, width), ~mask, framed),
        (rim_inside(mask, spacing, width), mask, ~framed),
    ]:
        expected = np.zeros_like(mask)
        here = np.argwhere(own)
        if len(here):
            near = cdist((here + 1) * spacing, places(others, spacing)).min(axis=1)
            expected[tuple(here[near <= width + 1e-9].T)] = True
        assert np.array_equal(rim, expected)


@given(rois((9, 11)), spacings(), RIMS)
def test_regions_do_not_know_rows_from_columns(mask, spacing, width):
    for make in (rim_outside, rim_inside, bounding_context):
        turned = make(mask.T, spacing[::-1], width).T
        assert np.array_equal(make(mask, spacing, width), turned)


@given(rois((9, 11)), spacings(), RIMS, RIMS)
def test_a_wider_region_holds_the_narrower_one(mask, spacing, first, second):
    narrow, wide = sorted((first, second))
    for make in (rim_outside, rim_inside, bounding_context):
        assert not (make(mask, spacing, narrow) & ~make(mask, spacing, wide)).any()
    assert not (rim_outside(mask, spacing, wide) & mask).any()
    assert not (rim_inside(mask, spacing, wide) & ~mask).any()
    assert not (bounding_context(mask, spacing, wide) & mask).any()


def test_a_rim_of_a_rectangle_is_counted_by_hand():
    mask = np.zeros((20, 20), dtype=bool)
    mask[8:12, 6:14] = True  # 4 x 8 pixels of 1 x 0.5 mm
    assert rim_outside(mask, (1.0, 0.5), 1.0).sum() == 2 * 8 + 2 * 2 * 4
    assert rim_inside(mask, (1.0, 0.5), 1.0).sum() == 4 * 8 - 2 * 4
    assert bounding_context(mask, (1.0, 0.5), 2.0).sum() == 8 * 16 - 32


def test_names_and_order_follow_the_parameter():
    lesion = made(ALL)
    names = ("image|lesion", "image|rim1out", "image|rim1.5in", "image|context")
    assert lesion.readers == names == tuple(lesion.read())
    image, mask = disc()
    two = Lesion(image, {"anna": mask, "ben": mask}, spacing=(1, 1))
    lesion = Regions(["rim3out", "lesion"]).fit_transform([two])[0]
    assert lesion.readers == (
        *("image|rim3out|anna", "image|lesion|anna"),
        *("image|rim3out|ben", "image|lesion|ben"),
    )


def test_the_lesion_alone_keeps_its_name_and_needs_no_spacing():
    lesion = made(["lesion"], spacing=None)
    assert tuple(lesion.read()) == lesion.readers == ("",)


def test_a_region_is_clipped_at_the_image():
    image = np.arange(100).reshape(10, 10)
    mask = np.zeros((10, 10), dtype=bool)
    mask[:3, :3] = True
    regions = made(ALL, (1, 1), (image, mask), margin=2).read()
    assert regions["image|rim1out"].mask.sum() == 6
    assert regions["image|rim1.5in"].mask.sum() == 8
    assert regions["image|context"].mask.sum() == 25 - 9


def test_without_spacing_a_rim_is_refused_by_name():
    message = r"lesion 'P07-L1' \(row 0\): the pixel spacing is unknown, and 'rim1out'"
    with pytest.raises(LesionError, match=message):
        made(ALL, spacing=None).read()


def test_a_region_without_a_pixel_is_an_error_or_nan():
    image, mask = disc()
    full = image, np.ones_like(mask)
    message = r"P07-L1.*'rim1out' has no pixel: the outline of 1600 pixels fills"
    with pytest.raises(LesionError, match=message):
        made(ALL, image_and_mask=full).read()
    lesion = made(ALL, image_and_mask=full, empty="nan")
    assert tuple(lesion.read()) == ("image|lesion", "image|rim1.5in")
    extractor = TextureExtractor(families=["histogram"])
    table = extractor.fit_transform([lesion, made(ALL)])
    absent = table.isna().all(axis=1).to_numpy(), table.isna().iloc[0]
    assert not absent[0].any()
    assert set(absent[1][absent[1]].index.str.split("__").str[0]) == {
        "image|rim1out",
        "image|context",
    }


def test_a_rim_narrower_than_a_pixel_is_told_so():
    message = "'rim0.4out' has no pixel: it is 0.4 mm wide, and pixels are 0.5 x 0.8 mm"
    with pytest.raises(LesionError, match=message):
        made(["rim 0.4 mm outside"], (0.5, 0.8)).read()


@pytest.mark.parametrize("width", ["0.5", "0.6"])
def test_a_rim_of_a_pixel_is_wide_enough(width):
    image, mask = disc()
    full = image, np.ones_like(mask)
    with pytest.raises(LesionError, match="the outline of 1600 pixels fills"):
        made([f"rim {width} mm outside"], (0.5, 0.8), full).read()


def test_nothing_left_is_an_error():
    image, mask = disc()
    full = image, np.ones_like(mask)
    lesion = made(["rim 1 mm outside"], image_and_mask=full, empty="nan")
    with pytest.raises(LesionError, match="no region is left after Regions"):
        lesion.read()


@pytest.mark.parametrize("margin", [None, 0.5, 1.0, 5.0])
def test_the_bounding_context_reaches_the_margin_beyond_the_outline(margin):
    mask = np.zeros((60, 60), dtype=bool)
    mask[25:35, 28:33] = True
    settings = {} if margin is None else {"margin": margin}
    drawn = (np.ones(mask.shape), mask)
    context = made(["bounding context"], image_and_mask=drawn, **settings).read()
    beyond = int((margin or 5.0) / 0.5)  # pixels of half a mm
    expected = np.zeros_like(mask)
    rows, columns = (25 - beyond, 35 + beyond), (28 - beyond, 33 + beyond)
    expected[slice(*rows), slice(*columns)] = True
    assert np.array_equal(context["image|context"].mask, expected & ~mask)


def test_air_is_left_out_of_the_surroundings_only():
    image, mask = disc()
    image = image + 2000
    image[:, :18] = 5  # gas, from within the lesion to the edge
    for air in ("otsu", 100):
        regions = made(ALL, image_and_mask=(image, mask), air=air).read()
        for name, region in regions.items():
            has_air = (image[region.mask] == 5).any()
            assert has_air == (name in ("image|lesion", "image|rim1.5in")), name
    with pytest.raises(LesionError, match=r"or all around is air \(air=9000\)"):
        made(ALL, image_and_mask=(image, mask), air=9000).read()


def test_what_is_as_bright_as_the_limit_is_no_air():
    image, mask = disc()
    image = np.where(np.arange(40) < 20, 50, image)
    shown = {
        air: made(["rim 1 mm outside"], image_and_mask=(image, mask), air=air).read()
        for air in (50, 51)
    }
    for air, regions in shown.items():
        (rim,) = regions.values()
        assert (image[rim.mask] == 50).any() == (air == 50)


def test_in_a_slice_of_one_grey_level_nothing_is_air():
    _, mask = disc()
    flat = np.full(mask.shape, 7)
    with_air = made(ALL, image_and_mask=(flat, mask), air="otsu").read()
    for name, region in made(ALL, image_and_mask=(flat, mask)).read().items():
        assert np.array_equal(region.mask, with_air[name].mask)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"regions": []}, "must name one region at least"),
        ({"regions": ["lesion", "lesion"]}, "each once"),
        ({"regions": ["rim1out", "rim 1.0 mm outside"]}, "each once"),
        ({"regions": ["edge"]}, "'edge' is not a region"),
        ({"regions": "lesion"}, "'regions' parameter"),
        ({"margin": 0}, "'margin' parameter"),
        ({"air": "li"}, "'air' parameter"),
        ({"empty": "drop"}, "'empty' parameter"),
    ],
)
def test_wrong_parameters_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Regions(**settings).fit([disc()])


def test_a_region_of_a_region_is_refused():
    lesions = Regions(ALL).fit_transform([disc()])
    with pytest.raises(ValueError, match=r"'image\|rim1out', which is a region of a"):
        Regions(ALL).transform(lesions)


def test_each_region_has_its_own_window_and_features():
    image, mask = disc()
    image[mask] += 5000
    lesions = Regions(ALL).fit_transform([Lesion(image, mask, spacing=(0.5, 0.5))])
    windowed = Normalizer().fit_transform(lesions)[0].read()
    assert windowed["image|rim1out"].window[1] < windowed["image|lesion"].window[0]
    table = TextureExtractor(families=["histogram"]).fit_transform(lesions)
    assert table["image|lesion__Mean"].item() > table["image|context__Mean"].item()
    rim = rim_outside(mask, (0.5, 0.5), 1.0)
    alone = TextureExtractor(families=["histogram"]).fit_transform([(image, rim)])
    assert np.array_equal(table.filter(like="rim1out").to_numpy(), alone.to_numpy())


def test_lesions_pickle_and_are_cached_by_their_parameters():
    lesion = made(ALL)
    copied = pickle.loads(pickle.dumps(lesion))
    assert copied.readers == lesion.readers
    keys = {made(ALL, **s).fingerprint() for s in ({}, {"margin": 7}, {"air": "otsu"})}
    assert len(keys) == 3
    assert copied.fingerprint() == made(ALL).fingerprint()


class OnSquares(Regions):
    """For the lesions of the battery, whose pixel spacing is unknown."""

    def _region_function(self):
        return Squared(super()._region_function())


class Squared:
    def __init__(self, maker):
        self.maker = maker

    def names(self, blocks):
        return self.maker.names(blocks)

    def __call__(self, region, names):
        region = replace(region, spacing=region.spacing or (1, 1))
        made = self.maker(region, names)
        return [r and replace(r, spacing=region.spacing) for r in made]


def test_the_battery_passes():
    check_image_step(OnSquares(ALL))


class LosesReaders(BlockStep):
    def _region_function(self):
        return First()


class First:
    def names(self, blocks):
        return dict.fromkeys(blocks, ("first",))

    def __call__(self, region, names):
        return [region]


def test_the_battery_finds_lost_readers():
    with pytest.raises(AssertionError, match="check_readers|readers .* became"):
        check_image_step(LosesReaders())


class Broken(BlockStep):
    def __init__(self, fault="text"):
        self.fault = fault

    def _region_function(self):
        return Faults(self.fault)


class Faults:
    def __init__(self, fault):
        self.fault = fault

    def names(self, blocks):
        return dict.fromkeys(blocks, ("made",))

    def __call__(self, region, names):
        if self.fault == "divides":
            raise ZeroDivisionError("division by zero")
        return {"text": ["region"], "two": [region, region]}[self.fault]


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("text", TypeError, r"\(row 0\), reader 'made', after Broken: it returned str"),
        ("two", TypeError, "it returned 2 regions; expected one for each of 'made'"),
        ("divides", ZeroDivisionError, "division by zero"),
    ],
)
def test_what_a_step_returns_is_checked(fault, error, message):
    lesion = Broken(fault).fit_transform([disc()])[0]
    with pytest.raises(error, match=message) as caught:
        lesion.read()
    if fault == "divides":
        assert "in Broken, of lesion (row 0)" in caught.value.__notes__[0]


def test_readers_are_compared_within_each_region():
    image, mask = disc()
    lesion = Lesion(image, {"a": mask, "b": np.roll(mask, 2, axis=0)}, spacing=(1, 1))
    regions = Regions(["lesion", "rim2in"]).fit_transform([lesion])
    found = reader_overlap(regions)
    assert found["reader_1"].tolist() == ["image|lesion|a", "image|rim2in|a"]
    assert found["reader_2"].tolist() == ["image|lesion|b", "image|rim2in|b"]
    assert 0 < found["dice"].iloc[1] < found["dice"].iloc[0] < 1
