"""Which columns of a table are features, whose they are, and of which lesion."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig, _feature_source
from sklearn_orn.study._feature_columns import LEFT_OUT
from sklearn_orn.study._feature_source import (
    ask_about_readers,
    choose_features,
    feature_of_size,
    given_features,
    of_features,
    read_feature_table,
)

N = 6
SIZE = "diagnostics_Mask-original_VoxelNum"


def config(**changes):
    return StudyConfig(**{"outcome": "grade", "patient": "pid"} | changes)


def features(*names):
    values = np.random.default_rng(0).normal(size=(N, len(names)))
    return pd.DataFrame(values, columns=list(names))


def saved(tmp_path, **columns):
    base = {
        "pid": [f"{i:02d}" for i in range(N)],
        "grade": ["low", "high"] * (N // 2),
        **{name: features("f1", "f2")[name] for name in ("f1", "f2")},
    }
    path = tmp_path / "t.csv"
    pd.DataFrame(base | columns).to_csv(path, index=False)
    return path


# A file -----------------------------------------------------------------------------


def test_named_columns_are_of_the_cohort_and_the_rest_are_features(tmp_path):
    path = saved(tmp_path, marker=np.arange(N) * 1.5, dose=np.arange(N) ** 2.5)
    cohort, found = read_feature_table(path, config(clinical=["marker"]))
    assert list(cohort) == ["pid", "grade", "marker"]
    assert cohort["pid"].tolist() == ["00", "01", "02", "03", "04", "05"]
    assert list(found) == ["f1", "f2"]
    assert found.attrs[LEFT_OUT] == {
        "called like an id, an outcome or a characteristic": ["dose"]
    }


def test_lesions_are_called_by_the_column_that_is_named(tmp_path):
    path = saved(tmp_path, ID=[f"0{i}" for i in range(N)], lesion=range(1, N + 1))
    cohort, _ = read_feature_table(path, config(), identifier="ID")
    assert list(cohort) == ["lesion", "pid", "grade", "ID"]
    assert cohort["lesion"].tolist() == cohort["ID"].tolist()
    assert cohort["lesion"].tolist() == ["00", "01", "02", "03", "04", "05"]
    cohort, found = read_feature_table(path, config())
    assert cohort["lesion"].tolist() == ["1", "2", "3", "4", "5", "6"]
    assert list(cohort) == ["pid", "grade", "lesion"]
    assert list(found) == ["f1", "f2"]
    cohort, _ = read_feature_table(saved(tmp_path), config(patient=None))
    assert list(cohort) == ["grade"]


def test_columns_that_are_named_as_ids_stay_texts(tmp_path):
    codes = [f"{i}.50" for i in range(N)]
    path = saved(tmp_path, who=codes, mark=codes[::-1])
    cohort, _ = read_feature_table(path, config(patient="who"), identifier="mark")
    assert cohort["who"].tolist() == codes
    assert cohort["lesion"].tolist() == codes[::-1]
    cohort, _ = read_feature_table(path, config(patient=None), identifier="mark")
    assert cohort["lesion"].tolist() == codes[::-1]


def test_a_size_that_is_no_feature_is_of_the_cohort(tmp_path):
    path = saved(tmp_path, **{SIZE: np.arange(N) * 10})
    cohort, found = read_feature_table(path, config())
    assert cohort[SIZE].tolist() == [0, 10, 20, 30, 40, 50]
    assert list(found) == ["f1", "f2"]
    volume = "original_shape_VoxelVolume"
    path = saved(tmp_path, **{volume: np.arange(N) ** 1.5})
    cohort, found = read_feature_table(path, config())
    assert list(cohort) == ["pid", "grade"]
    assert list(found) == ["f1", "f2", volume]


def test_what_extract_carried_is_no_feature_unless_it_is_named(tmp_path, monkeypatch):
    path = saved(tmp_path, marker=np.arange(N) * 1.5, psi=np.arange(N) ** 1.5)
    monkeypatch.setattr(_feature_source, "carried_columns", lambda _: ["marker", "psi"])
    cohort, found = read_feature_table(path, config(clinical=["psi"]))
    assert list(cohort) == ["pid", "grade", "psi"]
    assert list(found) == ["f1", "f2"]
    assert found.attrs[LEFT_OUT] == {"kept by extract --carry": ["marker"]}


def test_an_error_of_the_columns_names_the_file(tmp_path):
    path = saved(tmp_path)
    with pytest.raises(CohortError, match=r"t\.csv: features, exclude: 'g' fits no"):
        read_feature_table(path, config(features={"exclude": ["g"]}))


def test_the_size_goes_by_its_usual_names():
    names = ["f", "T1_original_shape_MeshVolume", "original_shape_VoxelVolume"]
    assert feature_of_size(features(*names)) == names[1]
    assert feature_of_size(features("shape_VoxelVolume_2")) is None


# Readers, sequences, outlines -------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"perturbed_outlines": 3}, "perturbed_outlines"),
        ({"regions": ["lesion", "rim 3 mm outside"]}, "regions"),
    ],
)
def test_what_only_images_have_cannot_be_asked_of_features(changes, key):
    table = features("anna__f", "perturbed1__f", "perturbed2__f")
    with pytest.raises(CohortError, match=f"{key} is of a table of images"):
        of_features(config(**changes), table)


@pytest.mark.parametrize("asked", [0, 2])
def test_perturbed_outlines_are_those_that_the_table_has(asked):
    table = features("anna__f", "perturbed1__f", "perturbed2__f")
    found = of_features(config(perturbed_outlines=asked), table)
    assert found.perturbed_outlines == 2
    assert of_features(config(), features("f")).perturbed_outlines == 0


def test_chosen_readers_keep_their_perturbed_outlines():
    names = ["anna__f", "ben__f", "perturbed1__f"]
    found = choose_features(features(*names), config(readers=["ben"]))
    assert list(found) == ["ben__f", "perturbed1__f"]
    with pytest.raises(CohortError, match="readers names 'zoe'; the table has 'anna',"):
        choose_features(features(*names), config(readers=["ben", "zoe"]))


def test_perturbed_outlines_are_nobody_to_ask_about():
    names = ["ADC__f", "perturbed1__f"]
    assert list(choose_features(features(*names), config())) == names
    with pytest.raises(CohortError, match="called 'ADC', 'anna', like sequences and"):
        choose_features(features("ADC__f", "anna__f", "perturbed1__f"), config())


def test_chosen_sequences():
    names = ["T1|lesion|anna__f", "T2|lesion|anna__f", "CE|lesion|anna__f"]
    found = choose_features(features(*names), config(sequences=["CE", "T1"]))
    assert list(found) == [names[0], names[2]]
    with pytest.raises(CohortError, match="sequences names 'DWI'; the table has 'T1',"):
        choose_features(features(*names), config(sequences=["T1", "DWI"]))
    with pytest.raises(CohortError, match="'T1'; the table has one, unnamed"):
        choose_features(features("anna__f"), config(sequences=["T1"]))


def test_scores_of_sequences_need_their_sequences():
    separate = config(scores="separate", clinical=["age"], nomogram="combined")
    with pytest.raises(CohortError, match="this study has one, unnamed"):
        choose_features(features("f1", "f2"), separate)
    names = ["T1|lesion__f", "T2|lesion__f"]
    assert list(choose_features(features(*names), separate)) == names
    with pytest.raises(CohortError, match="this study has the sequence 'T1' alone"):
        choose_features(features(names[0]), separate)


def test_features_that_were_chosen_are_not_chosen_again():
    once = choose_features(features("f1", "dose"), config())
    assert list(once) == ["f1"]
    assert once.attrs[LEFT_OUT]
    assert choose_features(once, config(features={"exclude": ["f1"]})) is once


def test_one_shared_feature_makes_readers_of_blocks():
    with pytest.raises(CohortError, match="^psi: no reader stands before the name"):
        choose_features(features("anna__f", "ben__f", "ben__g", "psi"), config())
    names = ["glcm__energy", "glcm__contrast", "glrlm__sre", "psi"]
    assert list(choose_features(features(*names), config())) == names


@pytest.mark.parametrize("region", ["", "T1|lesion|"])
def test_one_outline_is_told_within_a_sequence(region):
    same = features(*[f"{region}anna__f{i}" for i in range(4)])
    other = features(*[f"{region}anna__g{i}" for i in range(2)])
    again = same.rename(columns=lambda c: c.replace("anna", "ben"))
    changed = 2 + other.rename(columns=lambda c: c.replace("anna", "ben"))
    table = pd.concat([same, other, again, changed], axis=1)
    if region:
        table = pd.concat([features("T2|lesion|anna__f0"), table], axis=1)
    with pytest.raises(CohortError, match="4 features that are the same .*f0,.*f3"):
        choose_features(table, config())
    third = features(*[f"{region}zoe__h{i}" for i in range(3)])
    assert choose_features(table.join(third), config()).shape[1] == table.shape[1] + 3


def test_two_sequences_of_one_reader_are_no_outline_measured_twice():
    first = features(*[f"T1|lesion|anna__f{i}" for i in range(5)])
    second = first.rename(columns=lambda c: c.replace("T1", "T2"))
    second["T2|lesion|anna__f4"] += 1
    table = pd.concat([first, second], axis=1)
    assert choose_features(table, config()).shape == (N, 10)


def test_readers_that_are_named_are_not_asked_about():
    with pytest.raises(CohortError, match="^masks are called 'T1', 'T2', like seq"):
        ask_about_readers(["T1", "T2"], "masks")
    assert ask_about_readers(["anna", "ben"], "masks") is None


# Rows -------------------------------------------------------------------------------


def cohort(n=N):
    names = [f"L{i}" for i in range(n)]
    return Cohort.of(pd.DataFrame({"lesion": names, "patient": list("aabbcc")[:n]}))


def test_a_lesion_without_any_feature_is_left_out_by_name():
    table = features("f", "g")
    table.loc[1, "f"] = np.nan
    table.loc[[2, 4]] = np.nan
    found = given_features(cohort(), table)
    assert found.measured.tolist() == [True, True, False, True, False, True]
    assert found.features.index.tolist() == [0, 1, 3, 5]
    assert np.array_equal(found.features["g"], table["g"].dropna())
    told = [(row.lesion, row.patient, row.reason) for row in found.left_out]
    assert told == [
        ("L2", "b", "lesion 'L2' has no feature."),
        ("L4", "c", "lesion 'L4' has no feature."),
    ]


def test_features_go_to_lesions_by_their_place():
    table = features("f").set_axis(range(100, 100 + N))
    found = given_features(cohort().take([3, 1, 0, 2, 5, 4]), table)
    assert found.features.index.tolist() == [3, 1, 0, 2, 5, 4]
    assert found.features["f"].tolist() == table["f"].tolist()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["f", "g", "f"], "the features f stand in several"),
        (["a__f", "a__g", "b__f", "b__g", "c__f"], "'a' and 'c' .* has g"),
        (["a__f", "b__f", "b__u__g"], "'a' and 'b' .* has u__g"),
    ],
)
def test_columns_that_do_not_fit_are_named(names, message):
    with pytest.raises(CohortError, match=message):
        given_features(cohort(), features(*names))


def test_the_features_that_are_infinite_are_named():
    table = features("f", "g", "h")
    table.loc[2, "g"] = -np.inf
    with pytest.raises(CohortError, match="infinite values in the features g"):
        given_features(cohort(), table)


def test_as_many_rows_as_lesions_and_a_feature_at_least():
    with pytest.raises(CohortError, match=r"shape \(6, 1\): .* each of the 5 lesions"):
        given_features(cohort(5), features("f"))
    with pytest.raises(CohortError, match=r"shape \(6, 0\)"):
        given_features(cohort(), features())
    assert given_features(cohort(), features("f")).features.shape == (N, 1)


def test_readers_of_blocks_are_in_the_order_of_the_columns():
    found = given_features(cohort(), features("ben__u__f", "anna__u__f"))
    assert found.readers == ("ben", "anna")
    assert given_features(cohort(), features("f", "a__g")).readers == ("",)
