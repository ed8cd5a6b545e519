"""All forms of X, and how scikit-learn slices them."""

import functools
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.utils import _safe_indexing

from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import Lesion, LesionSequence, Region, as_lesions
from sklearn_orn.testing.image_checks import make_pairs, write_cohort

PAIRS = make_pairs(6)


def table():
    return pd.DataFrame(
        {
            "image": [f"{i}.dcm" for i in range(6)],
            "mask_A": [f"{i}_A.png" for i in range(6)],
            "mask_B": ["0_B.png", None, float("nan"), " ", "4_B.png#GTV", "5_B.png"],
            "image_B": [None, None, None, None, "4r.dcm", None],
            "lesion": list("abcdef"),
            "patient": [1, 1, 2, 2, 3, 3],
            "image quality": range(6),
            7: range(6),
        },
        index=[10, 11, 12, 13, 14, 15],
    )


def same(left, right):
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        first, second = one.read(), other.read()
        assert first.keys() == second.keys()
        for reader in first:
            np.testing.assert_array_equal(first[reader].image, second[reader].image)
            np.testing.assert_array_equal(first[reader].mask, second[reader].mask)


def object_array(items):
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


FORMS = {
    "pairs": PAIRS,
    "lists": [list(pair) for pair in PAIRS],
    "tuple": tuple(PAIRS),
    "lesions": [Lesion(*pair) for pair in PAIRS],
    "4-D array": np.array(PAIRS),
    "4-D objects": np.array(PAIRS, dtype=object),
    "object array of lesions": object_array([Lesion(*pair) for pair in PAIRS]),
    "object array of pairs": object_array(PAIRS),
    "items of an array": list(np.array(PAIRS)),
    "series": pd.Series(PAIRS),
    "sequence": as_lesions(PAIRS),
    "items of a sequence": list(as_lesions(PAIRS)),
}


@pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
def test_forms_and_their_parts(X):
    lesions = as_lesions(X)
    same(lesions, as_lesions(PAIRS))
    assert lesions.index.tolist() == list(range(6))
    part = as_lesions(_safe_indexing(X, np.array([4, 1])))
    same(part, as_lesions([PAIRS[4], PAIRS[1]]))
    keep = np.array([False, True, False, False, True, False])
    same(as_lesions(_safe_indexing(X, keep)), as_lesions([PAIRS[1], PAIRS[4]]))


def test_unequal_sizes_in_an_object_array():
    pairs = [PAIRS[0], (PAIRS[1][0][:20], PAIRS[1][1][:20])]
    array = np.empty((2, 2), dtype=object)
    for row, pair in enumerate(pairs):
        array[row, 0], array[row, 1] = pair
    same(as_lesions(array), as_lesions(pairs))


def test_a_table_of_paths():
    lesions = as_lesions(table())
    assert lesions.index.tolist() == [10, 11, 12, 13, 14, 15]
    assert [lesion.readers for lesion in lesions] == [
        ("A", "B"),
        ("A",),
        ("A",),
        ("A",),
        ("A", "B"),
        ("A", "B"),
    ]
    assert lesions[4].image == {"A": "4.dcm", "B": "4r.dcm"}
    assert lesions[5].image == {"A": "5.dcm", "B": "5.dcm"}
    assert lesions[4].name == "lesion 'e' (row 14)"
    assert lesions[4].patient == 3


def test_rows_of_a_table_keep_their_index():
    part = as_lesions(table().iloc[[5, 2]])
    assert part.index.tolist() == [15, 12]
    assert part[0].name == "lesion 'f' (row 15)"


def test_items_of_a_sequence_keep_their_index():
    lesions = as_lesions(table())
    assert as_lesions([lesions[3], lesions[1]]).index.tolist() == [13, 11]
    assert lesions[[3, 1]].index.tolist() == [13, 11]
    assert lesions[1:3].index.tolist() == [11, 12]
    assert lesions[table()["patient"].to_numpy() == 2].index.tolist() == [12, 13]
    assert len(lesions[[]]) == 0
    assert lesions[-1] is lesions[np.int64(5)]


def test_the_unnamed_mask_is_one_reader():
    frame = pd.DataFrame({"image": ["a.dcm"], "mask": ["a.png"], "image_date": ["x"]})
    assert as_lesions(frame)[0].readers == ("",)
    assert as_lesions(frame)[0].image == "a.dcm"


def test_a_pair_may_have_several_readers():
    lesion = as_lesions([(PAIRS[0][0], {"A": PAIRS[0][1], "B": PAIRS[1][1]})])[0]
    assert lesion.readers == ("A", "B")


def test_the_message_names_the_position():
    pairs = [*PAIRS[:2], (PAIRS[2][0], PAIRS[2][1] & False)]
    for X in (pairs, [Lesion(*pair) for pair in pairs]):
        with pytest.raises(LesionError, match=r"^lesion \(row 2\), mask: .* is empty"):
            as_lesions(X)[2].read()


def test_the_users_lesions_are_not_changed():
    lesion = Lesion(*PAIRS[0])
    assert as_lesions([lesion])[0].row == 0
    assert lesion.row is None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["mask"], "no column 'image'"),
        (["image"], "no mask column; .* columns are 'image'"),
        (["image", "mask", "mask_A"], "both 'mask' and 'mask_A'"),
        (["image", "mask_"], "names no reader"),
        (["image", "mask_A", "image_a"], "'image_a' names a reader without a mask"),
        (["image", "image", "mask"], "2 columns named 'image'"),
        (["image_A", "mask_A", "mask_B"], "no column 'image'"),
    ],
)
def test_wrong_columns_are_told_at_once(columns, message):
    frame = pd.DataFrame([["x"] * len(columns)], columns=columns)
    with pytest.raises(CohortError, match=message):
        as_lesions(frame)


def test_image_may_be_left_out_where_all_readers_have_their_own():
    frame = pd.DataFrame([["a.dcm", "a.png"]], columns=["image_A", "mask_A"])
    assert as_lesions(frame)[0].image == {"A": "a.dcm"}


WRONG_TYPES = {
    "string": "cohort.csv",
    "number": 3,
    "none": None,
    "lesion": Lesion(*PAIRS[0]),
    "pair": PAIRS[0],
    "strings": ["a.dcm", "b.dcm"],
    "pair of paths": ("a.dcm", "a.png"),
    "triple": [(*PAIRS[0], 1)],
    "mapping": {"image": "a.dcm"},
    "generator": (pair for pair in PAIRS),
    "mixed": [Lesion(*PAIRS[0]), 3],
}


@pytest.mark.parametrize("X", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_wrong_types(X):
    with pytest.raises(TypeError, match="X must be a DataFrame with columns 'image'"):
        as_lesions(X)


WRONG_ARRAYS = {
    "2-D": np.zeros((5, 3)),
    "1-D": np.zeros(5),
    "3-D": np.zeros((5, 8, 8)),
    "4-D": np.zeros((5, 3, 8, 8)),
}


@pytest.mark.parametrize("X", WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_wrong_arrays(X):
    with pytest.raises(
        ValueError, match=r"X must be .*got an array of float64 of shap"
    ):
        as_lesions(X)


@pytest.mark.parametrize("X", [[], np.zeros((0, 2, 4, 4)), table().iloc[:0]])
def test_no_lesion(X):
    with pytest.raises(ValueError, match="X holds no lesion"):
        as_lesions(X)


def test_the_index_must_fit():
    with pytest.raises(ValueError, match="2 labels for 1 lesions"):
        LesionSequence([Lesion(*PAIRS[0])], pd.RangeIndex(2))


def shift(region, by):
    if by > 100:
        raise LesionError("too far")
    return Region(region.image, region.mask, region.spacing, (by, by + 1.0))


def test_map_is_lazy_and_pickles(tmp_path):
    mapped = as_lesions(write_cohort(tmp_path)).map(functools.partial(shift, by=3.0))
    restored = pickle.loads(pickle.dumps(mapped))
    assert len(pickle.dumps(mapped)) < 5000
    assert restored[1].read()[""].window == (3.0, 4.0)
    assert restored.index.equals(mapped.index)
    part = as_lesions(_safe_indexing(mapped, [2, 0]))
    assert part.index.tolist() == [2, 0]
    assert part[0].name == "lesion 'L2' (row 2)"
    assert part[0].readers == ("",)


def test_an_error_in_map_names_the_lesion():
    mapped = as_lesions([(PAIRS[0][0], {"A": PAIRS[0][1]})]).map(
        functools.partial(shift, by=200.0)
    )
    with pytest.raises(LesionError, match=r"^lesion \(row 0\), reader 'A': too far"):
        mapped[0].read()


class Brightness(ClassifierMixin, BaseEstimator):
    def __init__(self, cut=0.0):
        self.cut = cut

    def fit(self, X, y):
        as_lesions(X)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        means = [lesion.read()[""].image.mean() for lesion in as_lesions(X)]
        return (np.array(means) > self.cut).astype(int)


@pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
def test_scikit_learn_slices_every_form(X):
    y = np.array([0, 0, 0, 1, 1, 1])
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, stratify=y, random_state=0, test_size=2
    )
    search = GridSearchCV(Brightness(), {"cut": [0, 1620, 9999]}, cv=2)
    search.fit(X_train, y_train)
    assert search.best_params_ == {"cut": 1620}
    assert len(search.predict(X_test)) == 2
