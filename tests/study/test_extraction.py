import json
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import CohortError, StudyWarning
from sklearn_orn.images import read_cohort
from sklearn_orn.study._extraction import (
    caught_warnings,
    decode_extraction,
    encode_extraction,
    extract_rows,
    feature_table,
    is_synthetic,
)
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._kept_rows import KeptRows
from sklearn_orn.texture import _measure
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


@pytest.fixture
def counted(monkeypatch):
    found, original = [], _measure.measure
    monkeypatch.setattr(
        _measure, "measure", lambda *given: found.append(1) or original(*given)
    )
    return found


def test_what_an_interrupted_run_measured_is_not_measured_again(
    cohort, counted, tmp_path
):
    path = tmp_path / "rows.jsonl"
    whole = measured(cohort)
    broken = cohort.copy()
    broken.loc[[1, 4], "image"] = "nowhere.dcm"
    assert len(measured(broken, kept=KeptRows(path, "x")).left_out) == 2
    kept = KeptRows(path, "x")
    assert sorted(kept.rows) == [0, 2, 3, 5]
    counted.clear()
    seen = []
    again = measured(cohort, kept=kept, progress=lambda *call: seen.append(call))
    assert len(counted) == 2 * 2  # two lesions, two readers
    pd.testing.assert_frame_equal(again.features, whole.features, check_exact=True)
    assert again.features.attrs == whole.features.attrs
    assert again.measured.all() and again.left_out == ()
    assert [n for _, n, _ in seen] == [0, 1, 2, 3, 4, 5, 6]
    counted.clear()
    last = measured(cohort, kept=KeptRows(path, "x"))
    assert counted == []
    pd.testing.assert_frame_equal(last.features, whole.features, check_exact=True)


def test_an_extraction_comes_back_to_the_last_bit(cohort):
    cohort.loc[2, "image"] = "nowhere.dcm"
    found = measured(cohort)
    assert found.features.attrs
    data = json.loads(json.dumps(plain_data(encode_extraction(found))))
    again = decode_extraction(data, cohort.index)
    pd.testing.assert_frame_equal(again.features, found.features, check_exact=True)
    assert again.features.attrs == plain_data(found.features.attrs)
    assert again.measured.tolist() == found.measured.tolist()
    assert (again.left_out, again.readers) == (found.left_out, found.readers)
    assert again.warnings == found.warnings


def test_patients_are_told_where_they_are_known(cohort):
    cohort.loc[2, "image"] = "nowhere.dcm"
    plain = Cohort.of(cohort.drop(columns="patient"))
    found = extract_rows(plain, steps())
    assert [(bad.lesion, bad.patient) for bad in found.left_out] == [("L02", None)]
    table = feature_table(plain, found, carried=["grade", "part"])
    assert table.columns[:4].tolist() == ["lesion", "grade", "part", "A__Mean"]
    measured_rows = cohort.drop(index=2)
    assert table["grade"].tolist() == measured_rows["grade"].tolist()
    pd.testing.assert_frame_equal(table[found.features.columns], found.features)


def test_warnings_of_the_steps_are_kept_and_those_of_others_go_on():
    with (
        pytest.warns(DeprecationWarning, match="of another library"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        with caught_warnings() as texts:
            for _ in range(2):
                warnings.warn("two spacings", StudyWarning, stacklevel=1)
            warnings.warn("of another library", DeprecationWarning, stacklevel=1)
        assert texts == ["two spacings"] * 2


def test_images_of_two_spacings_are_told_once(cohort):
    write_image(
        cohort.loc[0, "image"], np.full((40, 40), 9, np.uint16), PixelSpacing=[1, 1]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (text,) = measured(cohort).warnings
    assert "2 pixel spacings" in text


def test_a_header_that_is_odd_warns_nobody(cohort):
    image, odd = np.ones((40, 40), np.uint16), {"SpecificCharacterSet": "ISO_IR 999"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_image(cohort.loc[3, "image"], image, **odd)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not is_synthetic(cohort)
