"""Results and estimators in a notebook: tables, escaped; links to our pages."""

import tomllib
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

import sklearn_orn
from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.images import ImageStep, Resampler
from sklearn_orn.metrics import (
    ExternalValidation,
    calibration_statistics,
    hosmer_lemeshow,
    minimum_sample_size,
    roc_auc_ci,
)
from sklearn_orn.model import (
    CrossFittedScore,
    Formula,
    Nomogram,
    PredictorSelector,
    PublishedSignature,
    RestrictedCubicSpline,
    logistic_lasso_path,
)
from sklearn_orn.resampling import (
    nested_cross_validate,
    optimism,
    permuted_outcome,
    stability,
)
from tests.test_docs import listed_names

HOSTILE = "<img src=x onerror='alert(1)'>$\\href{javascript:alert(1)}{x}$"
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(80, 3)), columns=["a", "b", HOSTILE])
Y = (X["a"] + X[HOSTILE] + RNG.normal(size=80) > 0).to_numpy().astype(int)
P = 1 / (1 + np.exp(-(X["a"] + RNG.normal(size=80)).to_numpy()))
TAGS = {"div", "p", "b", "pre", "table", "thead", "tbody", "tr", "th", "td"}


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


def pipeline():
    steps = make_pipeline(
        FCMSelector(k=1), NomogramClassifier(lambda_rule=0.02, random_state=0)
    )
    return steps.set_output(transform="pandas")


def formula():
    return Formula.from_coefficients(
        {"a": 0.5, HOSTILE: -1.0}, 0.25, classes=(0, "<b>")
    )


def nomogram():
    return Nomogram.from_coefficients(
        {HOSTILE: 1.5, "stage=<i>": 0.6},
        0.4,
        {HOSTILE: (-2, 2)},
        categories={"stage": ["early", "<i>"]},
        labels={"stage=early": "At first"},
    )


RESULTS = {
    "Formula": (formula, [HOSTILE, "-1", "Log-odds of <b>"]),
    "Nomogram": (nomogram, [HOSTILE, "At first <i>", "100.0", "Probability"]),
    "CalibrationStatistics": (lambda: calibration_statistics(Y, P), ["brier", "slope"]),
    "RocAuc": (lambda: roc_auc_ci(Y, P), ["auc", "lower"]),
    "HosmerLemeshow": (lambda: hosmer_lemeshow(Y, P), ["statistic", "table"]),
    "LassoPath": (
        lambda: logistic_lasso_path(X, Y, n_lambdas=9),
        ["coefs", "array of shape (8,)"],
    ),
    "MinimumSampleSize": (
        lambda: minimum_sample_size(n_candidates=10, prevalence=0.3, c_statistic=0.8),
        ["n_shrinkage"],
    ),
    "ExternalValidation": (
        lambda: ExternalValidation.from_predictions(Y, P, predictors=X),
        ["80 samples", HOSTILE],
    ),
    "Optimism": (
        lambda: optimism(pipeline(), X, Y, n_resamples=3, random_state=0),
        ["indexes", "plus_632", "50 rows", "none"],
    ),
    "Stability": (
        lambda: stability(pipeline(), X, Y, n_resamples=3, random_state=0),
        ["frequencies", HOSTILE],
    ),
    "NestedCrossValidation": (
        lambda: nested_cross_validate(pipeline(), X, Y, outer=3, random_state=0),
        ["folds", "mean_auc", "80 rows"],
    ),
    "PermutedOutcome": (
        lambda: permuted_outcome(pipeline(), X, Y, n_permutations=2, random_state=0),
        ["p_value", "array of shape (2,)"],
    ),
}


@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_a_small_table_that_runs_nothing(name):
    make, texts = RESULTS[name]
    result = make()
    assert type(result).__name__ == name
    html = result._repr_html_()
    seen = Seen(html)
    assert set(seen.tags) <= TAGS
    assert seen.attributes <= {"class", "border", "style"}
    assert "mathjax_ignore" in html[: html.index(">")]
    shown = " ".join(" ".join(seen.text).split())
    for text in texts:
        assert text in shown, text
    assert len(html) < 20_000


def test_limits_stand_behind_their_number():
    seen = Seen(calibration_statistics(Y, P)._repr_html_())
    brier = calibration_statistics(Y, P)
    text = f"{brier.brier:.4g} ({brier.brier_lower:.4g} to {brier.brier_upper:.4g})"
    assert text in seen.text
    assert "brier_lower" not in seen.text


ESTIMATORS = [
    *(
        getattr(sklearn_orn, name)()
        for name in sklearn_orn.__all__
        if name[0].isupper()
    ),
    Resampler(1.0),
    CrossFittedScore(NomogramClassifier()),
    RestrictedCubicSpline(),
    PredictorSelector(),
    PublishedSignature({"a": 1.0}, 0.0),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_an_estimator_links_to_its_page_of_the_reference(estimator):
    project = tomllib.loads(
        (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    link = estimator._get_doc_link()
    start = f"{project['urls']['Documentation']}/page/reference/"
    assert link.startswith(start)
    assert link.removeprefix(start).removesuffix("-class.html") in listed_names()
    assert link in estimator._repr_html_()


def test_a_step_of_ones_own_has_no_page():
    class Own(ImageStep):
        def _region_function(self):
            return lambda region: region

    assert Own()._get_doc_link() == ""
