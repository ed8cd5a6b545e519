"""The check of a whole table, protocols, overlap of readers, hashed ids."""

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import binary_erosion, binary_fill_holes, gaussian_filter
from skimage.metrics import hausdorff_distance

from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import (
    Lesion,
    check_cohort,
    hash_ids,
    mask_overlap,
    new_salt,
    protocol_summary,
    protocol_table,
    reader_overlap,
)
from sklearn_orn.images._protocol import PROTOCOL_COLUMNS

from ._make import BIRTH_DATE, NAME, PATIENT_ID, write_image, write_png
from ._volumes import Scene, write_enhanced

PIXELS = np.random.default_rng(0).integers(0, 900, (30, 40)).astype(np.uint16)
MASK = np.zeros(PIXELS.shape, dtype=bool)
MASK[5:20, 8:25] = True
HEADER = {
    "Manufacturer": "ACME",
    "MagneticFieldStrength": 1.5,
    "ScanningSequence": ["SE", "IR"],
    "SequenceVariant": "SK",
    "RepetitionTime": 550,
    "EchoTime": 12.5,
    "ContrastBolusAgent": "gadolinium",
    "InstitutionName": "Planted Hospital",
    "OperatorsName": "Planted^Operator",
}


def cohort(tmp_path, *headers, mask=MASK):
    rows = []
    for number, header in enumerate(headers):
        pixels = PIXELS + number
        image = write_image(tmp_path / f"{number}.dcm", pixels, **HEADER | header)
        drawn = write_png(tmp_path / f"{number}.png", mask)
        rows.append(
            {"image": image, "mask": drawn, "lesion": f"L{number}", "patient": number}
        )
    return pd.DataFrame(rows)


def test_a_good_table_has_no_problem(tmp_path):
    report = check_cohort(cohort(tmp_path, {}, {}))
    assert report.problems == ()
    assert str(report) == "2 of 2 lesions can be measured; 0 errors, 0 warnings."


def test_one_line_per_problem(tmp_path):
    table = cohort(tmp_path, {}, {}, {}, {})
    table.loc[1, "image"] = "missing.dcm"
    table.loc[2, "mask"] = write_png(tmp_path / "small.png", MASK[:9])
    table.loc[3, "image"] = table.loc[0, "image"]
    seen = []
    report = check_cohort(
        table, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [problem.row for problem in report.errors] == [1, 2]
    lines = str(report).splitlines()
    assert lines[0].startswith("error: lesion 'L1' (row 1), image: file 'missing.dcm'")
    assert "the same image stands under 2 patients" in lines[2]
    assert "lesion 'L0' (row 0) of patient 0, lesion 'L3' (row 3) of p" in lines[2]
    assert lines[3] == "2 of 4 lesions can be measured; 2 errors, 1 warnings."


def test_mixed_protocols_are_warned_of(tmp_path):
    table = cohort(
        tmp_path,
        {},
        {"MagneticFieldStrength": 3, "PixelSpacing": [0.6, 0.6]},
        {"ContrastBolusAgent": "another", "ScanningSequence": "GR"},
    )
    texts = [problem.text for problem in check_cohort(table).warnings]
    assert "2 field strengths: 1.5 (2), 3 (1)." in texts
    assert (
        "2 pixel spacings (mm, rows x columns): 0.5 x 0.25 (2), 0.6 x 0.6 (1)." in texts
    )
    assert "2 contrast agents: gadolinium (2), another (1)." in texts
    assert "2 sequences: SE IR / SK (2), GR / SK (1)." in texts
    assert len(texts) == 4


def test_weak_lesions_are_warned_of():
    small = np.zeros(PIXELS.shape, dtype=bool)
    small[:3, :3] = True
    lesions = [
        Lesion(PIXELS, {"A": MASK, "B": small}, lesion="L1"),
        Lesion(np.full(PIXELS.shape, 7), MASK, lesion="L2"),
    ]
    texts = "\n".join(problem.text for problem in check_cohort(lesions).problems)
    assert "'L1' (row 0): the ROI of reader 'B' has 9 pixels" in texts
    assert "the ROIs of readers 'A' and 'B' do not overlap" in texts
    assert "'L2' (row 1): the ROI has one grey level" in texts


def test_protocol(tmp_path):
    table = cohort(tmp_path, {}, {"RepetitionTime": "", "ContrastBolusAgent": ""})
    found = protocol_table(table)
    assert tuple(found.columns) == PROTOCOL_COLUMNS
    first = found.loc[0].drop("model").to_dict()
    assert pd.isna(found.loc[0, "model"])
    assert first == {
        "modality": "MR",
        "vendor": "ACME",
        "field_strength_T": 1.5,
        "sequence": "SE IR / SK",
        "TR_ms": 550,
        "TE_ms": 12.5,
        "slice_thickness_mm": 3,
        "spacing_rows_mm": 0.5,
        "spacing_columns_mm": 0.25,
        "matrix": "30 x 40",
        "bits_stored": 16,
        "contrast_agent": "gadolinium",
    }
    assert np.isnan(found.loc[1, "TR_ms"]) and pd.isna(found.loc[1, "contrast_agent"])
    counts = protocol_summary(found).set_index(["item", "value"])["n_lesions"]
    assert counts["TR_ms", "550"] == 1 and counts["TR_ms", "missing"] == 1
    assert counts["vendor", "ACME"] == 2


def test_protocol_of_volumes_arrays_and_missing_files(tmp_path):
    scene = Scene()
    folder = scene.write_series(tmp_path / "s")
    enhanced = write_enhanced(tmp_path / "e.dcm", scene)
    lesions = [Lesion(source, MASK) for source in (folder, enhanced, PIXELS, "no.dcm")]
    found = protocol_table(lesions)
    assert found["matrix"].tolist()[:2] == ["20 x 24", "20 x 24"]
    assert found["spacing_rows_mm"].tolist()[:2] == [0.8, 0.8]
    assert found.loc[[2, 3]].isna().all(axis=None)


def test_no_identity_leaves_the_headers(tmp_path):
    table = cohort(tmp_path, {}, {"MagneticFieldStrength": 3})
    report = check_cohort(table)
    shown = str(report) + report.protocol.to_csv() + repr(report)
    for secret in (NAME, "Planted", PATIENT_ID, BIRTH_DATE):
        assert secret not in shown


def test_overlap_of_two_readers():
    second = np.roll(MASK, 2, axis=1)
    lesions = [
        Lesion(PIXELS, {"A": MASK, "B": second, "C": MASK}, spacing=(0.5, 0.5)),
        Lesion(PIXELS, {"A": MASK, "B": None}),
        Lesion({"A": PIXELS, "B": PIXELS[:20]}, {"A": MASK, "B": MASK[:20]}),
        Lesion(PIXELS, {"A": MASK, "B": MASK & False}),
        Lesion(PIXELS, {"A": MASK, "B": second}),
    ]
    found = reader_overlap(lesions)
    assert found.index.tolist() == [0, 0, 0, 4]
    pairs = list(zip(found["reader_1"], found["reader_2"], strict=True))
    assert pairs == [("A", "B"), ("A", "C"), ("B", "C"), ("A", "B")]
    assert found["dice"].tolist() == pytest.approx([15 / 17, 1, 15 / 17, 15 / 17])
    assert found["area_ratio"].tolist() == [1, 1, 1, 1]
    distance = found["mean_surface_distance_mm"]
    assert 0 < distance.iloc[0] <= 1 and distance.iloc[1] == 0
    assert np.isnan(distance.iloc[3])  # no spacing


def test_surface_distance_of_shifted_squares():
    # parallel borders move by their full shift, borders along it stay
    first = np.zeros((60, 60), dtype=bool)
    first[10:50, 10:50] = True
    found = mask_overlap(first, np.roll(first, 4, axis=0), (0.5, 0.5))
    assert found.mean_surface_distance == pytest.approx(2 * 76 / 156, rel=0.15)
    grown = np.zeros_like(first)
    grown[8:52, 8:52] = True
    found = mask_overlap(first, grown, (0.5, 0.5))
    assert found.area_ratio == pytest.approx(40**2 / 44**2)
    assert found.mean_surface_distance == pytest.approx(1.0, rel=0.02)


def test_hashed_ids():
    table = pd.DataFrame(
        {"lesion": ["L1", "L2", "L3"], "patient": ["P1", "P1", None], "age": [1, 2, 3]}
    )
    salt = new_salt()
    hashed = hash_ids(table, salt)
    assert hashed["patient"][0] == hashed["patient"][1] != "P1"
    assert hashed["patient"].isna().tolist() == [False, False, True]
    assert hashed["lesion"].nunique() == 3 and hashed["age"].tolist() == [1, 2, 3]
    pd.testing.assert_frame_equal(hashed, hash_ids(table, salt))
    assert hash_ids(table, new_salt())["lesion"][0] != hashed["lesion"][0]
    assert table["lesion"][0] == "L1"
    with pytest.raises(CohortError, match="the salt has 4 characters; expected 16"):
        hash_ids(table, "salt")


def test_hausdorff_is_that_of_a_library_on_square_pixels():
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, second = (
            binary_fill_holes(gaussian_filter(rng.normal(size=(40, 50)), 4) > 0.03)
            for _ in range(2)
        )
        borders = [m & ~binary_erosion(m) for m in (first, second)]
        expected = hausdorff_distance(*borders)
        found = mask_overlap(first, second, (1.0, 1.0))
        assert found.hausdorff == pytest.approx(expected)
        larger = mask_overlap(first, second, (0.5, 0.5))
        assert larger.hausdorff == pytest.approx(expected / 2)
        assert found.mean_surface_distance <= found.hausdorff_95 <= found.hausdorff


def test_hausdorff_counts_the_furthest_pixel_and_95_percent_leave_it_out():
    first = np.zeros((60, 60), dtype=bool)
    first[10:50, 10:50] = True
    second = first.copy()
    second[50:56, 30] = True  # a thread
    found = mask_overlap(first, second, (2.0, 0.5))
    assert found.hausdorff == 12.0
    assert found.hausdorff_95 == 0.0
    assert np.isnan(mask_overlap(first, second, None)[3:]).all()
