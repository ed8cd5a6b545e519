"""Messages show a value as Python does, whoever's number or text it is."""

import numpy as np
import pytest

from sklearn_orn import NomogramClassifier
from sklearn_orn._messages import shown
from sklearn_orn.images import Lesion
from sklearn_orn.metrics import (
    get_scorer,
    hanley_mcneil_se,
    hosmer_lemeshow,
    minimum_sample_size,
    net_benefit,
    roc_auc_ci,
    wilson_interval,
)
from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.resampling import (
    TemporalSplit,
    nested_cross_validate,
    optimism,
    permuted_outcome,
    stability,
)
from sklearn_orn.selection import intraclass_correlation
from sklearn_orn.study import StudyConfig

X = np.random.default_rng(0).normal(size=(20, 2))
Y = np.tile([0, 1], 10)
P = np.linspace(0.1, 0.9, 20)
WORDS = np.where(Y == 1, "orn", "met")
TWO = np.float64(2.0)
MODEL = NomogramClassifier(cv=2)
DATES = np.arange("2020-01", "2021-09", dtype="datetime64[M]")

REFUSED = {
    "threshold": (lambda: net_benefit(Y, P, threshold=TWO), "got 2.0."),
    "thresholds": (lambda: net_benefit(Y, P, threshold=[TWO]), "got [2.0]."),
    "prevalence": (lambda: net_benefit(Y, P, threshold=0.1, prevalence=TWO), "2.0."),
    "confidence": (lambda: roc_auc_ci(Y, P, confidence=TWO), "got 2.0."),
    "n_groups": (lambda: hosmer_lemeshow(Y, P, n_groups=np.int64(2)), "got 2."),
    "scorer": (lambda: get_scorer(np.str_("auc")), "no scorer 'auc'"),
    "pos_label": (lambda: roc_auc_ci(WORDS, P, pos_label=WORDS.dtype.type("a")), "'a'"),
    "a label": (lambda: roc_auc_ci(WORDS[::2], P[::2], pos_label="met"), "('met')"),
    "labels": (lambda: roc_auc_ci(np.array([*WORDS], object), P), "'met', 'orn'"),
    "auc": (lambda: hanley_mcneil_se(TWO, 10, 10), "got 2.0."),
    "a count": (lambda: hanley_mcneil_se(0.7, np.int64(0), np.int64(3)), "0 and 3."),
    "wilson": (lambda: wilson_interval(np.int64(4), 3), "got 4."),
    "sample size": (
        lambda: minimum_sample_size(
            n_candidates=TWO, prevalence=np.float64(0.5), c_statistic=0.8
        ),
        "n_candidates is 2.0:",
    ),
    "groups": (lambda: roc_auc_ci(Y, P, groups=np.str_("a")), "got 'a'."),
    "one class": (lambda: MODEL.fit(X, WORDS[:1].repeat(20)), "only: 'met'."),
    "l1_ratio": (lambda: logistic_lasso_path(X, Y, l1_ratio=TWO), "got 2.0."),
    "lambdas": (lambda: logistic_lasso_path(X, Y, lambdas=[-TWO]), "got [-2.0]."),
    "icc": (lambda: intraclass_correlation(X, confidence=TWO), "got 2.0."),
    "n_repeats": (
        lambda: nested_cross_validate(MODEL, X, Y, n_repeats=np.int64(0)),
        "got 0.",
    ),
    "n_permutations": (
        lambda: permuted_outcome(MODEL, X, Y, n_permutations=np.int64(0)),
        "got 0.",
    ),
    "n_resamples": (lambda: stability(MODEL, X, Y, n_resamples=TWO), "got 2.0."),
    "optimism": (lambda: optimism(MODEL, X, Y, threshold=TWO), "got 2.0."),
    "a study": (lambda: StudyConfig("y", n_jobs=TWO), "n_jobs is 2.0:"),
    "spacing": (
        lambda: Lesion(X, X > 0, spacing=(-TWO, TWO)),
        "got (-2.0, 2.0).",
    ),
    "cut": (
        lambda: list(TemporalSplit(DATES, np.datetime64("2030-01-01")).split(X)),
        "cut='2030-01-01'",
    ),
}


@pytest.mark.parametrize(("call", "end"), REFUSED.values(), ids=REFUSED)
def test_no_message_shows_a_numpy_scalar(call, end):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert "np." not in str(caught.value)
    assert "numpy" not in str(caught.value)
    assert end in str(caught.value)


def test_values_are_shown_as_those_of_python():
    assert shown([np.float64(0.5), np.str_("a")]) == "[0.5, 'a']"
    assert shown(np.datetime64("2020-01-01")) == "'2020-01-01'"
    assert shown(np.array([1.0])) == "array([1.])"
    assert shown(np.bool_(True)) == "True"
    assert shown("a") == "'a'"
