"""Nothing becomes a feature by accident, and nothing is lost without a word."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn._reader_names import not_readers
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._feature_columns import (
    by_prefix,
    choose_columns,
    drawn_features,
    left_out_text,
)
from tests._examples import examples

N = 24
RNG = np.random.default_rng(0)


def table(**columns):
    """Two features, and what else there is."""
    features = {"Sigma": RNG.normal(size=N), "f_Energy": RNG.normal(size=N)}
    return pd.DataFrame(features | columns)


def left_out(**columns):
    found = choose_columns(table(**columns))
    assert found.features[:2] == ["Sigma", "f_Energy"]
    return [name for names in found.left_out.values() for name in names]


@pytest.mark.parametrize(
    "count",
    [
        np.arange(N),
        np.arange(1, N + 1),
        np.arange(N)[::-1],
        RNG.permutation(N) + 1,
        np.delete(np.arange(N + 5), [3, 4, 9, 11, 17]),  # rows were left out since
        np.tile(np.arange(N // 2), 2),  # two tables, one under the other
        np.tile(np.arange(1, N // 2 + 1), 2),
        np.where(np.arange(N) == 7, np.nan, np.arange(N)),
        pd.array(range(N), dtype="Int64"),
    ],
)
def test_what_counts_the_rows(count):
    assert left_out(X=count) == ["X"]


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=N),
        np.arange(N) + 0.5,
        RNG.integers(0, 5, N),
        np.tile([0, 1], N // 2),
        np.ones(N),
        np.full(N, np.nan),
        np.sort(RNG.integers(0, 9, N)),
        np.arange(N) + 0.5 * (np.arange(N) == 7),
        np.tile(np.arange(2, N // 2 + 2), 2),
        np.tile(np.arange(5, N // 2 + 5), 2),
    ],
)
def test_what_does_not(values):
    assert left_out(X=values) == []


@pytest.mark.parametrize("n", range(1, 40))
def test_row_numbers_of_any_table(n):
    frame = pd.DataFrame({"X": np.arange(n), "f": np.linspace(0.1, 0.9, n) ** 2})
    found = choose_columns(frame).left_out
    assert found == ({"counts the rows": ["X"]} if n >= 3 else {})


@pytest.mark.parametrize(
    ("pieces", "counted"), [((4, 4, 3), True), ((4, 3, 3), False), ((5, 5, 5), True)]
)
def test_four_of_five_rows_that_follow_another_count_them(pieces, counted):
    count = np.concatenate([np.arange(n) for n in pieces])
    features = np.linspace(0.1, 0.9, len(count)) ** 2
    found = choose_columns(pd.DataFrame({"X": count, "f": features}))
    assert found.left_out == ({"counts the rows": ["X"]} if counted else {})


@pytest.mark.parametrize(("n", "counted"), [(9, []), (10, ["X"])])
def test_numbers_with_gaps_count_the_rows_of_ten_or_more(n, counted):
    gaps = np.array([1, 2, 3, 5, 8, 9, 11, 14, 17, 20])[:n]
    frame = pd.DataFrame({"X": gaps, "f": np.linspace(0.1, 0.9, n) ** 2})
    assert choose_columns(frame).left_out == (
        {"counts the rows": counted} if counted else {}
    )


@pytest.mark.parametrize("name", ["", " ", "Unnamed: 0", "Unnamed: 0.1"])
def test_columns_without_a_name(name):
    assert left_out(**{name: RNG.normal(size=N)}) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "diagnostics_Image-original_Mean",
        "T2_diagnostics_Mask-original_VoxelNum",
        "general_info_VolumeNum",
        "image_voxel_size_x",
        "image_mask_adapt_size",
        "img_data_noise_level",
        "_Area",
        "_AreaGr",
        "_Area_S(5,-5)",
        "_MinNorm",
        "GeoPerim",
        "A___MaxNorm",
        "INFO_ActualFrameDuration",
        "PARAMS_ZSpatialResampling",
        "BAS_PARAMS_BinSize",
        "CHECK_ClustersToSmall",
        "follow_up_months",
        "FU_days",
        "os_status",
        "PFS time",
        "death",
        "Patient ID",
        "patient_id",
        "outcome",
        "Age",
        "age_at_diagnosis",
        "weight(kg)",
        "t_stage",
    ],
)
def test_what_is_known_to_be_no_feature(name):
    values = RNG.normal(size=N)
    assert left_out(**{name: values}) == [name]
    frame = table(**{name: values})
    with_it = choose_columns(frame, {"include": ["*Sigma", name.replace("[", "?")]})
    assert name in with_it.features


@pytest.mark.parametrize(
    "name",
    [
        "original_glcm_Id",
        "T1_original_shape_VoxelVolume",
        "wavelet-LLH_firstorder_10Percentile",
        "S(1,0)Contrast",
        "Perc.01%",
        "Area",
        "GrMean",
        "A__S(0,1)Entropy",
        "morph_volume",
        "TTP_original_glcm_Idm",
        "INTENSITY-BASED_MeanIntensity",
        "stat_mean_age",
    ],
)
def test_names_of_features(name):
    assert left_out(**{name: RNG.normal(size=N)}) == []


def test_text_and_truth_values_are_left_out():
    text = np.where(np.arange(N) % 2, "GE", "Siemens")
    dates = pd.date_range("2020-01-01", periods=N)
    assert left_out(vendor=text, done=np.arange(N) > 3, when=dates) == [
        "vendor",
        "done",
        "when",
    ]


def test_what_is_no_number_is_left_out_as_such():
    when = pd.date_range("2020-01-01", periods=N)
    kinds = pd.Categorical.from_codes(np.arange(N), [f"k{i}" for i in range(N)])
    found = choose_columns(table(when=when, kinds=kinds, half=["1.5", "x"] * (N // 2)))
    assert found.left_out == {"no numbers": ["when", "kinds", "half"]}


def test_two_texts_of_five_cells_are_refused_by_row():
    cells = [1.5, "a", None, 2.5, "b", 3.5]
    frame = pd.DataFrame({"f": np.arange(6) ** 1.5, "odd": cells}, index=range(2, 8))
    with pytest.raises(CohortError, match="'odd' holds numbers, but not in row 3, 6"):
        choose_columns(frame)


@pytest.mark.parametrize("dtype", [object, "category"])
def test_numbers_that_are_stored_as_texts_are_called_so(dtype):
    frame = table(odd=pd.Series([f"{i}.5" for i in range(N)], dtype=dtype))
    with pytest.raises(CohortError, match="'odd' holds numbers that are stored as te"):
        choose_columns(frame)
    empty = table(odd=pd.Series([None] * N, dtype=object))
    assert choose_columns(empty).left_out == {"no numbers": ["odd"]}


def test_rows_are_counted_from_the_first_that_has_a_number():
    frame = pd.DataFrame({"X": [None, 5, 6, 7], "f": [0.1, 0.4, 0.2, 0.9]})
    assert choose_columns(frame).left_out == {"counts the rows": ["X"]}


def test_numbers_with_a_cell_of_text_are_refused_without_repeating_it():
    cells = RNG.normal(size=N).astype(object)
    cells[7] = "Jane Doe"
    with pytest.raises(CohortError, match="'odd' holds numbers, but not in row 7"):
        choose_columns(table(odd=cells))
    try:
        choose_columns(table(odd=cells))
    except CohortError as error:
        assert "Jane" not in str(error)
    assert choose_columns(table(odd=cells), {"exclude": ["odd"]}).features


def test_patterns_include_and_exclude():
    frame = table(A__f1=1.5, A__f2=RNG.normal(size=N), A__g=RNG.normal(size=N))
    frame = frame.drop(columns=["Sigma", "f_Energy"])
    found = choose_columns(frame, {"include": ["f*"], "exclude": ["A__f1"]})
    assert found.features == ["A__f2"]
    assert found.left_out == {"excluded": ["A__f1"], "not included": ["A__g"]}
    assert left_out_text(found.left_out) == "excluded (A__f1); not included (A__g)"


@pytest.mark.parametrize("pattern", ["u__f1", "u__f?", "anna__u__f1", "u*_?[1-3]"])
def test_a_pattern_is_of_all_that_follows_the_reader(pattern):
    values = RNG.normal(size=N)
    frame = pd.DataFrame({"anna__u__f1": values, "anna__v__f1": values**2})
    found = choose_columns(frame, {"exclude": [pattern]})
    assert found == (["anna__v__f1"], {"excluded": ["anna__u__f1"]})


@pytest.mark.parametrize("key", ["include", "exclude"])
def test_a_pattern_that_fits_nothing_is_refused(key):
    with pytest.raises(
        CohortError, match=f"features, {key}: 'Sigm' fits no column.*Si"
    ):
        choose_columns(table(), {key: ["Sigm"]})


def test_nothing_left_is_refused():
    with pytest.raises(CohortError, match="no column is a feature: excluded"):
        choose_columns(table(), {"exclude": ["*"]})


def test_features_of_perturbed_outlines_are_left_out():
    names = ["anna__f", "perturbed1__f", "T1|lesion|ben__f", "T1|lesion|perturbed2__f"]
    frame = pd.DataFrame([[1, 2, 3, 4, 5]], columns=[*names, "perturbed3"])
    drawn = drawn_features(frame)
    assert list(drawn) == ["anna__f", "T1|lesion|ben__f", "perturbed3"]
    assert drawn.iloc[0].tolist() == [1, 3, 5]
    assert drawn_features(drawn) is drawn


def test_features_by_prefix():
    found = by_prefix(["T1_glcm_Idm", "T1_glcm_Idn", "T2_Mean", "_x", "y_", "Sigma"])
    assert found == {
        "T1_glcm": ["Idm", "Idn"],
        "T2": ["Mean"],
        "": ["_x", "y_", "Sigma"],
    }


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6, unique=True), st.data())
@examples(60)
def test_every_column_is_a_feature_or_left_out_once(names, data):
    """Whatever the names, no column disappears and none stands in both lists."""
    values = st.lists(st.integers(-3, 9) | st.floats(allow_infinity=False) | st.text())
    frame = pd.DataFrame({"sure feature": np.linspace(0, 1, 5) ** 2})
    for name in names:
        cells = data.draw(values)
        frame[name] = pd.Series((cells * 5 + [1, 2, 3, 4, 5])[:5], dtype=object)
    try:
        found = choose_columns(frame.infer_objects())
    except CohortError as error:
        assert "holds numbers, but not in row" in str(error)
        return
    listed = [name for group in found.left_out.values() for name in group]
    assert sorted([*found.features, *listed]) == sorted(frame.columns)
    for name in found.features:
        assert pd.api.types.is_numeric_dtype(frame.infer_objects()[name])


@pytest.mark.parametrize(
    "names",
    [
        ["A", "B"],
        ["anna", "ben"],
        ["R1", "R2"],
        ["reader1", "reader2"],
        ["scan1", "scan2"],
        ["test", "retest"],
        ["", "x"],
        ["1", "2"],
        ["B1", "B2"],
        ["PD", "AB"],
        ["T1"],
        ["T1_anna", "T1_ben"],
        ["D1", "AB"],
    ],
)
def test_names_of_readers(names):
    assert not_readers(names) is None


@pytest.mark.parametrize(
    ("names", "like"),
    [
        (["T1", "T2"], "sequences"),
        (["T1w", "T2FS"], "sequences"),
        (["CE-T1", "T1"], "sequences"),
        (["T1C", "ADC"], "sequences"),
        (["DWI", "FLAIR"], "sequences"),
        (["STIR", "DCE"], "sequences"),
        (["PET", "CT"], "sequences"),
        (["MR", "CT"], "sequences"),
        (["arterial", "venous", "portal"], "sequences"),
        (["pre", "post"], "sequences"),
        (["t1_anna", "t2_anna"], "sequences"),
        (["anna", "ADC"], "sequences"),
        (["anna", "T1 pre"], "sequences"),
        (["original", "wavelet-LLH"], "image filters"),
        (["GTV", "edema"], "regions"),
        (["bits4", "bits5"], "settings"),
        (["3sigma", "raw"], "settings"),
        (["d1", "d2"], "settings"),
        (["glcm", "glrlm"], "settings"),
    ],
)
def test_names_of_what_was_measured(names, like):
    assert not_readers(names) == like
