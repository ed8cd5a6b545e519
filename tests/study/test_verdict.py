"""What radiomics adds, in sentences: each verb by its interval."""

from types import SimpleNamespace

import numpy as np
import pytest

from sklearn_orn.study._verdict import (
    BOTH,
    JOINED,
    added_sentences,
    combined_words,
    verdict,
)
from sklearn_orn.study.results import BenefitComparison, Benefits, Comparison


def auc(lower, upper, first="radiomics", second="clinical", difference=0.05):
    return Comparison(first, second, difference, lower, upper, None)


def benefits(lower, upper, first=BOTH, second="clinical", difference=0.0125):
    gain = BenefitComparison(first, second, difference, lower, upper, None)
    return Benefits(0.25, (), (gain,))


@pytest.mark.parametrize(
    ("lower", "upper", "than", "added", "numbers"),
    [
        (0.01, 0.2, "does better", "raises", ", 0.01 to 0.20"),
        (-0.2, -0.01, "does worse", "lowers", ", −0.20 to −0.01"),
        (-0.1, 0.2, "is not shown to do better", "is not shown to raise", None),
        (0.0, 0.2, "is not shown to do better", "is not shown to raise", None),
        (-0.2, 0.0, "is not shown to do better", "is not shown to raise", None),
        (None, None, "is not shown to do better", "is not shown to raise", ""),
        (np.nan, np.nan, "is not shown to do better", "is not shown to raise", ""),
    ],
)
def test_the_verb_follows_the_interval(lower, upper, than, added, numbers):
    if numbers is None:
        numbers = f", {lower:.2f} to {upper:.2f}".replace("-", "−")
    told = f"(difference of AUC 0.05{numbers})."
    assert verdict([auc(lower, upper)]) == (
        f"Radiomics {than} than the clinical model {told}"
    )
    assert verdict([auc(lower, upper, BOTH)]) == (
        f"The radiomics score {added} the AUC of the clinical model when it is added "
        f"{told}"
    )
    assert verdict([auc(lower, upper, JOINED, "radiomics")]) == (
        f"A score of each sequence in place of one of all {added} the AUC {told}"
    )


def test_a_limit_just_beside_zero_has_a_digit_more():
    assert "0.050, 0.004 to 0.200)" in verdict([auc(0.004, 0.2)])
    assert "0.050, −0.200 to −0.004)" in verdict([auc(-0.2, -0.004)])
    assert "0.05, 0.01 to 0.20)" in verdict([auc(0.005, 0.2)])
    assert "0.05, 0.00 to 0.20)" in verdict([auc(0.0, 0.2)])


def test_each_simpler_model_has_its_name_and_the_score_its_number():
    rows = [
        auc(0.1, 0.2, second="lesion size"),
        auc(0.1, 0.2, second="one feature"),
        auc(0.1, 0.2, BOTH),
        auc(0.1, 0.2, BOTH, "radiomics"),
    ]
    told = verdict(rows)
    assert told.count("Radiomics does better than") == 2
    assert "than lesion size alone (" in told
    assert "than the strongest single feature (" in told
    assert told.count("when it is added") == 1
    several = verdict(rows, scores="separate")
    assert several.endswith(verdict(rows[2:3], scores="separate"))
    assert "A radiomics score of each sequence raises the AUC" in several


@pytest.mark.parametrize(
    ("lower", "upper", "verb", "numbers"),
    [
        (0.001, 0.02, "raises", ", 0.001 to 0.020"),
        (-0.02, -0.001, "lowers", ", −0.020 to −0.001"),
        (-0.02, 0.01, "is not shown to raise", ", −0.020 to 0.010"),
        (None, None, "is not shown to raise", ""),
        (np.nan, np.nan, "is not shown to raise", ""),
    ],
)
def test_what_the_score_adds_to_the_net_benefit(lower, upper, verb, numbers):
    (told,) = added_sentences([], benefits(lower, upper))
    assert told == (
        f"At the threshold probability of 0.25 it {verb} the net benefit (difference "
        f"0.013{numbers})."
    ).replace("0.013", f"{0.0125:.3f}")


def test_other_gains_are_not_what_the_score_adds():
    for first, second in ((BOTH, "radiomics"), ("radiomics", "clinical")):
        found = benefits(0.01, 0.02, first, second)
        assert list(added_sentences([], found)) == []
    assert list(added_sentences([], None)) == []


@pytest.mark.parametrize(
    ("scores", "clinical", "words"),
    [
        ("fused", ("age",), "clinical columns and radiomics score"),
        ("separate", ("age",), "clinical columns and radiomics scores"),
        ("separate", (), "radiomics scores"),
    ],
)
def test_what_the_combined_model_is_of(scores, clinical, words):
    settings = SimpleNamespace(scores=scores, clinical=clinical)
    assert combined_words(settings) == words
