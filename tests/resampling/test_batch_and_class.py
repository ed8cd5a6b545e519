"""Whether the centre alone tells the class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling import batch_predicts_class
from tests._examples import examples

CENTRE = np.repeat(["A", "B", "C"], 40)
PATIENTS = np.arange(120) // 2


def outcome(shares, seed=0):
    of_patients = np.random.default_rng(seed).random(60)
    return (of_patients[PATIENTS] < np.repeat(shares, 40)).astype(int)


def test_classes_that_go_with_the_centre():
    y = outcome([0.1, 0.5, 0.9])
    found = batch_predicts_class(
        y, CENTRE, groups=PATIENTS, n_permutations=39, random_state=0
    )
    assert found.unit == "patients"
    assert found.auc > 0.75
    assert found.p_value == 1 / 40


def test_classes_that_do_not():
    values = [
        batch_predicts_class(
            outcome([0.5] * 3, seed),
            CENTRE,
            groups=PATIENTS,
            cv=2,
            n_permutations=19,
            random_state=0,
        ).p_value
        for seed in range(8)
    ]
    assert np.mean(np.array(values) <= 0.05) < 0.3
    assert 0.2 < np.mean(values) < 0.8


@examples(5)
@given(st.permutations(["A", "B", "C"]), st.integers(0, 1000))
def test_names_of_the_batches_do_not_matter(names, seed):
    y = outcome([0.3, 0.5, 0.7], seed)
    renamed = np.array(names)[np.unique(CENTRE, return_inverse=True)[1]]
    first, second = (
        batch_predicts_class(y, batch, n_permutations=1, random_state=0)
        for batch in (CENTRE, renamed)
    )
    assert first.auc == pytest.approx(second.auc)


def test_refused():
    y = outcome([0.5] * 3)
    with pytest.raises(ValueError, match="each of the 120 samples of y"):
        batch_predicts_class(y, CENTRE[:5])
    with pytest.raises(ValueError, match="batch has 1 missing .* position 0"):
        batch_predicts_class(y, [None, *CENTRE[1:]])
    with pytest.raises(NotEstimable, match="All samples are of one batch"):
        batch_predicts_class(y, ["A"] * 120)
