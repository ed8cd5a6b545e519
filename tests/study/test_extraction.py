import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.study._extraction import extract_rows, feature_table, is_synthetic
from tests.images._make import write_image, write_png
from tests.study._cohort import make_table, write_cohort


@pytest.fixture
def cohort(tmp_path):
    table = read_cohort(write_cohort(tmp_path, make_table(4), readers=("A", "B")))
    return table.reset_index(drop=True)


def steps(n_jobs=None):
    return make_pipeline(Normalizer(), TextureExtractor(["histogram"], n_jobs=n_jobs))


def measured(table, n_jobs=None, **settings):
    cohort = Cohort.of(table, Columns(patient="patient"))
    return extract_rows(cohort, steps(n_jobs), **settings)


def test_rows_are_those_of_the_steps_themselves(cohort):
    extraction = measured(cohort)
    pd.testing.assert_frame_equal(extraction.features, steps().fit_transform(cohort))
    assert extraction.readers == ("A", "B")
    assert extraction.left_out == ()


def test_workers_change_nothing(cohort):
    one, two = (measured(cohort, n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.features, two.features)


def test_a_bad_lesion_never_loses_the_others(cohort):
    write_png(cohort.loc[2, "mask_B"], np.zeros((40, 40), dtype=np.uint8))
    cohort.loc[4, "image"] = "nowhere.dcm"
    seen = []
    extraction = measured(cohort, progress=lambda *call: seen.append(call))
    assert extraction.features.index.tolist() == [0, 1, 3, 5]
    assert extraction.measured.tolist() == [True, True, False, True, False, True]
    assert [bad.lesion for bad in extraction.left_out] == ["L02", "L04"]
    assert [bad.patient for bad in extraction.left_out] == ["P01", "P03"]
    assert "L02" in extraction.left_out[0].reason
    assert "nowhere.dcm" in extraction.left_out[1].reason
    assert seen[0] == ("measuring lesions", 0, 6)
    assert seen[-1] == ("measuring lesions", 6, 6)


def test_a_reader_who_is_absent_leaves_nan(cohort):
    cohort.loc[1, "mask_B"] = None
    features = measured(cohort).features
    assert features.loc[1].filter(like="B__").isna().all()
    assert features.loc[1].filter(like="A__").notna().all()


def test_no_lesion_at_all_is_an_error(cohort):
    cohort["image"] = "nowhere.dcm"
    with pytest.raises(CohortError, match=r"none of the 6 lesions .*nowhere\.dcm"):
        measured(cohort)


def test_the_table_to_write_holds_only_the_tables_own_ids(cohort):
    cohort.loc[0, "image"] = "nowhere.dcm"
    columns = Columns(patient="patient")
    table = feature_table(Cohort.of(cohort, columns), measured(cohort))
    assert table.columns[:3].tolist() == ["lesion", "patient", "A__Mean"]
    assert table["lesion"].tolist() == ["L01", "L02", "L03", "L04", "L05"]


@pytest.mark.parametrize(
    ("column", "expected"), [(True, True), ("yes", True), (0, False), (np.nan, False)]
)
def test_a_column_says_that_a_cohort_is_synthetic(cohort, column, expected):
    assert is_synthetic(cohort.assign(synthetic=column)) is expected


def test_a_header_says_that_a_cohort_is_synthetic(cohort):
    assert not is_synthetic(cohort)
    write_image(
        cohort.loc[3, "image"], np.ones((40, 40), np.uint16), SyntheticData="YES"
    )
    assert is_synthetic(cohort)
    cohort.loc[3, "image"] += "#frame=b=0"
    assert is_synthetic(cohort)
    cohort.loc[3, "image"] = cohort.loc[3, "image"].replace("frame", "nothing")
    assert not is_synthetic(cohort)


def test_files_that_are_no_dicom_say_nothing(tmp_path):
    (tmp_path / "text.dcm").write_text("no image")
    table = pd.DataFrame({"image": [str(tmp_path / "text.dcm"), None, "nowhere"]})
    assert not is_synthetic(table)
