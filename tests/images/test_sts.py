"""Real lesions: 51 sarcomas, T1 MR, contours and masks of the same ROIs."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.images import as_lesions, read_image

from .._data import SHARED, needs_shared

FOLDER = SHARED / "sts_mr_t1"
pytestmark = needs_shared("sts_mr_t1")


def index():
    table = pd.read_csv(FOLDER / "index.csv")
    for column in ("file", "mask", "rtstruct"):
        table[column] = [str(FOLDER / path) for path in table[column]]
    return table


def test_contours_equal_masks_on_every_pixel():
    table = index().rename(
        columns={"file": "image", "mask": "mask_png", "rtstruct": "mask_contours"}
    )
    assert table["patient"].nunique() == 51
    for lesion, area in zip(as_lesions(table), table["area_px"], strict=True):
        regions = lesion.read()
        drawn, painted = regions["contours"].mask, regions["png"].mask
        np.testing.assert_array_equal(drawn, painted, err_msg=lesion.name)
        assert painted.sum() == area


def test_stored_values_are_those_of_the_index():
    for row in index().itertuples():
        lesion = as_lesions([(row.file, row.mask)])[0].read()[""]
        inside = lesion.image[lesion.mask]
        assert inside.mean() == pytest.approx(row.mean, abs=0.01)
        assert inside.std() == pytest.approx(row.sd, rel=0.01)
        assert read_image(row.file).geometry.spacing == lesion.spacing


@pytest.mark.parametrize("patient", ["STS_002", "STS_008"])
def test_an_untouched_structure_set_and_its_series(patient):
    folder = FOLDER / "full_series" / patient
    structures = next((folder / "mask").glob("*.dcm"))
    marked = 0
    for path in sorted((folder / "image").glob("*.dcm")):
        try:
            as_lesions([(str(path), str(structures))])[0].read()
        except ValueError as error:
            assert "no contour lies on this slice" in str(error)
        else:
            marked += 1
    assert marked > 5
