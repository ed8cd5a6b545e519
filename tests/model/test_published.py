"""Published signatures: the score, the columns, the settings, scikit-learn's tools."""

import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_orn import ICCFilter
from sklearn_orn._feature_settings import PROVENANCE, quantised_family
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model import Formula, PublishedSignature, read_coefficients
from sklearn_orn.texture import declare_settings, family_of, feature_names
from tests._examples import examples

COEFFICIENTS = {"Sigma": -2.5, "S(1,0)Contrast": 0.125, "age": 0.02}
SETTINGS = {"bits": 6, "normalization": "3sigma"}


def signature(**changes):
    return PublishedSignature(COEFFICIENTS, 1.5, **(SETTINGS | changes))


def features(n=20, seed=0):
    """Columns of a signature in another order, beside others, with their settings."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "lesion": [f"L{i}" for i in range(n)],
            "age": rng.integers(30, 80, n),
            "S(1,0)Contrast": rng.uniform(0, 8, n),
            "other": "x",
            "Sigma": rng.uniform(0, 1, n),
        }
    )
    return declare_settings(X, **SETTINGS)


def outcome(X):
    return (X["S(1,0)Contrast"] > 4).astype(int)


# The score --------------------------------------------------------------------------


def test_the_score_is_the_published_one():
    X = features()
    score = 1.5 - 2.5 * X["Sigma"] + 0.125 * X["S(1,0)Contrast"] + 0.02 * X["age"]
    model = signature()
    np.testing.assert_allclose(model.decision_function(X), score, rtol=1e-14)
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba[:, 1], 1 / (1 + np.exp(-score)), rtol=1e-12)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    formula = model.formula_
    np.testing.assert_allclose(formula.predict_proba(X), proba, rtol=1e-12)
    assert isinstance(formula, Formula)


def test_the_threshold_moves_predict_only():
    X = features()
    high = signature(threshold=0.9)
    proba = signature().predict_proba(X)[:, 1]
    np.testing.assert_array_equal(high.predict_proba(X)[:, 1], proba)
    np.testing.assert_array_equal(high.predict(X), (proba >= 0.9).astype(int))


def test_labels_of_the_classes():
    X = features()
    model = signature(classes=("a", "b"), class_names=("metastasis", "ORN"))
    assert set(model.predict(X)) <= {"a", "b"}
    positive = signature().predict(X) == 1
    np.testing.assert_array_equal(model.predict(X) == "b", positive)
    for y in (["a", "b"] * 10, ["metastasis", "ORN"] * 10, [0, 1] * 10):
        assert model.fit(X, y) is model
    with pytest.raises(ValueError, match="y holds 'a', 'c'; expected 'a' and 'b'"):
        model.fit(X, ["a", "c"] * 10)


@given(st.permutations(list(COEFFICIENTS)), st.permutations(range(12)))
@examples(30)
def test_the_order_of_columns_and_rows_does_not_matter(columns, rows):
    X = features(12)
    expected = pd.Series(signature().decision_function(X), X.index)
    shuffled = X[[*columns, "lesion"]].iloc[list(rows)]
    found = signature().decision_function(shuffled)
    np.testing.assert_array_equal(found, expected[shuffled.index])


# Columns ----------------------------------------------------------------------------


def test_a_missing_feature_is_named():
    X = features().rename(columns={"Sigma": "Sigma1"})
    with pytest.raises(
        ValueError, match="1 features.*: Sigma.*Is Sigma named 'Sigma1'"
    ):
        signature().predict(X)


def test_an_array_is_refused():
    with pytest.raises(TypeError, match="must be a DataFrame"):
        signature().predict(np.zeros((3, 3)))


def test_missing_values_are_named_with_their_rows():
    X = features()
    X.loc[3, "Sigma"] = np.nan
    with pytest.raises(ValueError, match=r"in Sigma, in 1 of 20 rows: 3\. "):
        signature().predict(X)


def test_text_is_named_with_its_row():
    X = features()
    X["age"] = X["age"].astype(object)
    X.loc[7, "age"] = "old"
    with pytest.raises(ValueError, match="'old' in column 'age', row 7"):
        signature().predict(X)
    X = features()
    twice = pd.concat([X, X[["age"]]], axis=1)
    twice.attrs = X.attrs
    with pytest.raises(ValueError, match="2 columns 'age'"):
        signature().predict(twice)


def reader_blocks(n=20):
    X = features(n)
    rng = np.random.default_rng(1)
    blocks = X[["age"]].copy()
    for reader in ("A", "B"):
        for name in ("Sigma", "S(1,0)Contrast"):
            blocks[f"{reader}__{name}"] = X[name] + rng.normal(scale=0.1, size=n)
    return blocks


def test_blocks_of_readers_need_a_choice():
    X = reader_blocks()
    with pytest.raises(ValueError, match="readers 'A', 'B'.*reader='A'.*'mean'"):
        signature().predict(X)
    one = signature(reader="B").predictors(X)
    np.testing.assert_array_equal(one["Sigma"], X["B__Sigma"])
    with pytest.raises(ValueError, match="readers 'A', 'B', and reader='C'"):
        signature(reader="C").predict(X)


def test_the_mean_of_readers_is_that_of_the_icc_filter():
    X = reader_blocks()
    X.loc[4, ["B__Sigma", "B__S(1,0)Contrast"]] = np.nan
    blocks = [c for c in X.columns if "__" in c]
    keep = ICCFilter(threshold=-1).set_output(transform="pandas")
    averaged = keep.fit_transform(X[blocks])
    mean = signature(reader="mean").predictors(X)
    pd.testing.assert_frame_equal(
        mean[["Sigma", "S(1,0)Contrast"]], averaged[["Sigma", "S(1,0)Contrast"]]
    )
    np.testing.assert_array_equal(mean["age"], X["age"])
    X.loc[4, ["A__Sigma", "A__S(1,0)Contrast"]] = np.nan
    with pytest.raises(ValueError, match="1 of 20 rows: 4"):
        signature(reader="mean").predictors(X)


def test_no_mean_of_blocks_called_like_sequences():
    X = reader_blocks().rename(columns=lambda c: c.replace("A__", "T1__"))
    X = X.rename(columns=lambda c: c.replace("B__", "T2__"))
    with pytest.raises(ValueError, match="'T1', 'T2', like sequences.*reader='T1'"):
        signature(reader="mean").predict(X)
    signature(reader="T1").predict(X)


# Settings of the features -----------------------------------------------------------


def test_families_are_those_of_the_catalogue():
    names = feature_names(distances=range(1, 13))
    for name in names:
        family = family_of(name)[0]
        raw = family in ("histogram", "autoregressive")
        assert quantised_family(name) == (None if raw else family)
    assert quantised_family("age") is None


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"bits": 8}, r"bits per pixel \(cooccurrence\): signature 6, X 8"),
        ({"bits": {"cooccurrence": 5}}, "signature 6, X 5"),
        ({"normalization": "none"}, "normalization: signature 3sigma, X none"),
    ],
)
def test_other_settings_are_refused_by_name(declared, message):
    X = declare_settings(features(), **(SETTINGS | declared))
    for method in ("decision_function", "predict_proba", "predict"):
        with pytest.raises(ValueError, match=message):
            getattr(signature(), method)(X)
    with pytest.raises(ValueError, match=message):
        signature().check_provenance(**(SETTINGS | declared))


def test_settings_that_do_not_matter_are_not_compared():
    X = declare_settings(features(), bits=8, normalization="none")
    raw = PublishedSignature(
        {"Sigma": 1.0, "Perc.10%": 1.0, "age": 1.0}, 0.0, **SETTINGS
    )
    raw.check_provenance(X)
    # Wavelets depend on the bits, and not on the window.
    wavelet = PublishedSignature({"WavEnLL_s-1": 1.0}, 0.0, bits=8)
    wavelet.check_provenance(X)
    with pytest.raises(ValueError, match=r"\(wavelet\): signature 7, X 8"):
        wavelet.set_params(bits=7).check_provenance(X)


def test_what_the_publication_does_not_report_is_said():
    X = features()
    with pytest.warns(StudyWarning, match="does not report") as caught:
        signature(bits=None).decision_function(X)
    (text,) = (str(warning.message) for warning in caught)
    assert "bits per pixel (cooccurrence)." in text
    assert "X was measured with bits per pixel (cooccurrence) 6" in text
    assert "normalization" not in text
    with pytest.warns(StudyWarning, match="report.*normalization"):
        signature(normalization=None).predict(X)
    partly = signature(bits={"run_length": 6})
    with pytest.warns(StudyWarning, match=r"report.*bits per pixel \(cooccurrence\)"):
        partly.predict(X)


def test_what_is_not_known_of_the_features_is_said():
    X = features()
    X.attrs = {}
    with pytest.warns(StudyWarning, match="Nothing says how") as caught:
        signature().predict_proba(X)
    (text,) = (str(warning.message) for warning in caught)
    assert "bits per pixel (cooccurrence) 6, normalization 3sigma" in text
    signature().check_provenance(X, **SETTINGS)  # said by arguments: no warning


def test_settings_survive_what_pandas_does():
    X = features()
    for changed in (X.iloc[::2], X[X["age"] > 40], X.assign(new=1), X.copy()):
        signature().predict(changed)
        with pytest.raises(ValueError, match="signature 5, X 6"):
            signature(bits=5).predict(changed)


def test_foreign_attrs_are_refused():
    X = features()
    X.attrs = {PROVENANCE: "scanner 3"}
    with pytest.raises(ValueError, match="declare_settings"):
        signature().predict(X)


def test_saturation_is_said_with_its_share():
    X = features(30).assign(age=0.0)
    X["S(1,0)Contrast"], X["Sigma"] = 0.0, -2.0  # a score of 6.5
    X.loc[:26, "Sigma"] = 0.0
    signature().predict(X)  # 3 of 30 is a tenth, and not more
    X.loc[:25, "Sigma"] = 0.0
    X.loc[26, "Sigma"] = -2.0
    with pytest.warns(StudyWarning, match="13 % of the scores lie beyond -5 or 5"):
        signature().predict(X)


# What is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"coefficients": {}}, ValueError, "at least one feature"),
        ({"coefficients": [1.0]}, TypeError, "read_coefficients"),
        ({"coefficients": {"a": np.nan}}, ValueError, "coefficient of 'a' is nan"),
        ({"coefficients": {1: 2.0}}, TypeError, "names the feature 1"),
        ({"coefficients": {"a": True}}, ValueError, "coefficient of 'a' is True"),
        ({"intercept": "high"}, ValueError, "intercept is 'high'"),
        ({"classes": (1, 0)}, ValueError, r"class_names=\(1, 0\)"),
        ({"classes": ("metastasis", "ORN")}, ValueError, "sorted order"),
        ({"classes": (0, 1, 2)}, ValueError, "negative and the positive"),
        ({"class_names": ("a", "a")}, ValueError, "two different names"),
        ({"threshold": 2.0}, ValueError, "'threshold'"),
        ({"bits": 9}, ValueError, "from 1 to 8"),
        ({"bits": {"histogram": 6}}, ValueError, "'histogram'"),
        ({"normalization": "z"}, ValueError, "'normalization'"),
        ({"reader": 1}, ValueError, "'reader'"),
    ],
)
def test_parameters_are_checked_by_fit(changes, error, message):
    params = {"coefficients": COEFFICIENTS, "intercept": 1.5} | changes
    with pytest.raises(error, match=message):
        PublishedSignature(**params).fit(features())


# A table ----------------------------------------------------------------------------


def test_a_table_becomes_a_signature(tmp_path):
    table = pd.DataFrame(
        {
            "feature": ["(Intercept)", *COEFFICIENTS],
            "coefficient": [1.5, *COEFFICIENTS.values()],
            "p": 0.01,
        }
    )
    assert read_coefficients(table) == (COEFFICIENTS, 1.5)
    assert read_coefficients(table.iloc[1:], intercept=2) == (COEFFICIENTS, 2.0)
    for separator in (",", ";"):
        table.to_csv(tmp_path / "t.csv", index=False, sep=separator)
        assert read_coefficients(tmp_path / "t.csv") == (COEFFICIENTS, 1.5)


@pytest.mark.parametrize(
    ("rows", "intercept", "message"),
    [
        ([("a", 1)], None, "has no row 'Intercept'"),
        ([("Intercept", 1), ("a", 1)], 2.0, "row 'Intercept' beside intercept=2.0"),
        ([("a", 1), (" a", 2)], 0.0, "names 'a' twice"),
        ([("a", "1,5")], 0.0, "the coefficient of 'a' is '1,5'"),
        ([("a", None)], 0.0, "the coefficient of 'a' is None"),
    ],
)
def test_a_table_that_cannot_be_read(rows, intercept, message):
    table = pd.DataFrame(rows, columns=["feature", "coefficient"])
    with pytest.raises(ValueError, match=message):
        read_coefficients(table, intercept=intercept)
    with pytest.raises(ValueError, match="no column 'coefficient'"):
        read_coefficients(table[["feature"]])


# scikit-learn's tools ---------------------------------------------------------------


def test_it_is_a_fitted_classifier():
    model = signature()
    assert is_classifier(model)
    check_is_fitted(model)
    tags = sklearn.utils.get_tags(model)
    assert not tags.requires_fit
    assert not tags.classifier_tags.multi_class
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    X = features()
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    before = model.get_params()
    model.fit(X, outcome(X))
    assert model.get_params() == before


def test_cross_validation_and_search_work():
    X = features(40)
    y = outcome(X)
    model = make_pipeline("passthrough", signature())
    proba = cross_val_predict(model, X, y, cv=4, method="predict_proba")
    np.testing.assert_array_equal(proba, signature().predict_proba(X))
    named = signature(classes=("a", "b"))
    labels = np.where(y == 1, "b", "a")
    proba = cross_val_predict(named, X, labels, cv=4, method="predict_proba")
    np.testing.assert_array_equal(proba, signature().predict_proba(X))
    scores = cross_validate(named, X, labels, cv=4, scoring=["roc_auc", "accuracy"])
    assert np.isfinite(scores["test_roc_auc"]).all()
    search = GridSearchCV(signature(), {"threshold": [0.1, 0.5, 0.9]}, cv=4).fit(X, y)
    assert search.best_params_["threshold"] in (0.1, 0.5, 0.9)


def test_the_positive_class_keeps_its_side_in_scores():
    X = features(60)
    rising = PublishedSignature({"S(1,0)Contrast": 1.0}, -4.0, **SETTINGS)
    labels = np.where(outcome(X) == 1, "b", "a")
    rising.set_params(classes=("a", "b"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sklearn.metrics.get_scorer("roc_auc")(rising, X, labels) == 1.0
    assert rising.score(X, labels) == 1.0
    assert re.search("S\\(1,0\\)Contrast", repr(rising))


def test_a_score_does_not_depend_on_the_other_rows():
    # A matrix product sums in another order for another number of rows.
    X = features(33)
    model = signature()
    whole = model.decision_function(X)
    for rows in ([0], [5, 3], range(7), range(32, -1, -1)):
        part = X.iloc[list(rows)]
        np.testing.assert_array_equal(model.decision_function(part), whole[list(rows)])
