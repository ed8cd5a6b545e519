"""CrossFittedScore: each score from a model without its patient; what noise does."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_orn import NomogramClassifier, radiomics_pipeline
from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.images import read_cohort
from sklearn_orn.model import CrossFittedScore, Nomogram
from sklearn_orn.resampling import optimism
from tests.study._cohort import clinical_cohort

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")

TEXTURE = ["Sigma", "Teta1", "Skewness", "Contrast"]
BY_DESIGN = "scores of training rows are cross-fitted: test_training_is_cross_fitted"


def _expected_failures(estimator):
    return dict.fromkeys(
        ["check_transformer_general", "check_transformer_data_not_an_array"], BY_DESIGN
    )


@parametrize_with_checks(
    [
        CrossFittedScore(LogisticRegression(), cv=2),
        CrossFittedScore(NomogramClassifier(lambda_rule=0.01), cv=2),
    ],
    expected_failed_checks=_expected_failures,
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def patients(n=120, seed=0):
    """Two lesions of a patient, texture and clinical columns with signal."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=TEXTURE)
    X["age"] = rng.normal(60, 9, n).round()
    X["stage"] = rng.choice(["I", "II", "III"], n)
    lp = X["Sigma"] - X["Teta1"] + 0.04 * (X["age"] - 60) + (X["stage"] == "II")
    y = np.where(lp + rng.logistic(size=n) > 0, "ORN", "metastasis")
    return X, y, np.arange(n) // 2


def radiomics():
    return make_pipeline(StandardScaler(), NomogramClassifier(cv=3, random_state=0))


def combined(cv=4, **settings):
    score = CrossFittedScore(radiomics(), cv=cv, random_state=0, **settings)
    columns = ColumnTransformer(
        [
            ("score", score, TEXTURE),
            ("age", make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
            ("stage", OneHotEncoder(drop="first", sparse_output=False), ["stage"]),
        ],
        verbose_feature_names_out=False,
    )
    columns.set_output(transform="pandas")
    return make_pipeline(columns, NomogramClassifier(penalty="none"))


def test_training_is_cross_fitted_and_new_rows_get_the_whole_model():
    X, y, groups = patients()
    score = CrossFittedScore(radiomics(), cv=4, random_state=1)
    found = score.fit_transform(X[TEXTURE], y, groups=groups)
    with sklearn.config_context(enable_metadata_routing=True):
        expected = cross_val_predict(
            radiomics(),
            X[TEXTURE],
            y,
            cv=StratifiedGroupKFold(4, shuffle=True, random_state=1),
            params={"groups": groups},
            method="decision_function",
        )
        whole = radiomics().fit(X[TEXTURE], y, groups=groups)
    np.testing.assert_array_equal(found[:, 0], expected)
    np.testing.assert_array_equal(
        score.transform(X[TEXTURE])[:, 0], whole.decision_function(X[TEXTURE])
    )
    assert not np.allclose(found, score.transform(X[TEXTURE]))
    assert score.classes_.tolist() == ["ORN", "metastasis"]
    assert score.feature_names_in_.tolist() == TEXTURE and score.n_features_in_ == 4
    # `fit` alone is the model for new rows.
    alone = clone(score).fit(X[TEXTURE], y, groups=groups)
    np.testing.assert_array_equal(
        alone.transform(X[TEXTURE]), score.transform(X[TEXTURE])
    )


def test_no_patient_scores_themselves():
    """A model that knows every patient by heart learns nothing of those left out."""

    class ByHeart(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_, self.known_ = np.unique(y), set(X[:, 0])
            return self

        def decision_function(self, X):
            return np.array([float(v in self.known_) for v in X[:, 0]])

    y = np.tile([0, 0, 1, 1], 15)
    patient = np.arange(60) // 3
    X = patient[:, None].astype(float)
    score = CrossFittedScore(ByHeart(), cv=3, random_state=0)
    with pytest.warns(StudyWarning, match="the column 'radiomics score' is constant"):
        assert not score.fit_transform(X, y, groups=patient).any()
    assert score.transform(X).all()


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_in_a_pipeline_under_routing(output):
    X, y, groups = patients()
    model = combined()
    model[0].set_output(transform="pandas" if output == "pandas" else "default")
    with sklearn.config_context(enable_metadata_routing=True):
        model.fit(X, y, groups=groups)
    alone = CrossFittedScore(radiomics(), cv=4, random_state=0)
    column = alone.fit_transform(X[TEXTURE], y, groups=groups)[:, 0]
    low, high = model[-1].feature_ranges_[:, 0]
    assert (low, high) == (column.min(), column.max())
    names = model[0].get_feature_names_out().tolist()
    assert names == ["radiomics score", "age", "stage_II", "stage_III"]
    if output == "pandas":
        table = model[-1].summary(cross_fitted=["radiomics score"])
        assert table.index.tolist()[1:] == names
        assert table.loc["radiomics score", "odds_ratio"] > 1


def test_searches_and_cross_validation_hand_the_patients_on():
    X, y, groups = patients()
    deep = "columntransformer__score__estimator__nomogramclassifier__lambda_rule"
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            combined(), {deep: [0.01, 0.2]}, scoring="roc_auc", cv=folds
        )
        search.fit(X, y, groups=groups)
        result = cross_validate(
            combined(), X, y, cv=folds, scoring="roc_auc", params={"groups": groups}
        )
    assert search.best_params_[deep] in (0.01, 0.2)
    nomogram = Nomogram.from_estimator(search, X)
    risk = nomogram.probability(nomogram.points(X)["total"])
    np.testing.assert_allclose(risk, search.predict_proba(X)[:, 1], rtol=0, atol=1e-12)
    assert result["test_score"].mean() > 0.6
    # The patients reached the folds: one that spans all of them is refused.
    with sklearn.config_context(enable_metadata_routing=True):
        with pytest.raises(NotEstimable, match="needs at least 4 groups of each"):
            combined().fit(X, y, groups=np.zeros(len(y)))


def test_the_score_is_one_axis_of_the_nomogram():
    X, y, groups = patients()
    with sklearn.config_context(enable_metadata_routing=True):
        model = combined().fit(X, y, groups=groups)
    for nomogram in (Nomogram.from_estimator(model, X), Nomogram.from_estimator(model)):
        names = [axis.name for axis in nomogram.predictors]
        assert names == ["radiomics score", "age", "stage"]
        risk = nomogram.probability(nomogram.points(X)["total"])
        np.testing.assert_allclose(
            risk, model.predict_proba(X)[:, 1], rtol=0, atol=1e-12
        )
    # A patient by the score itself.
    values = nomogram.values(X.iloc[[3]])
    assert values.columns.tolist() == names
    np.testing.assert_allclose(
        nomogram.points(values), nomogram.points(X.iloc[[3]]), rtol=1e-12
    )


def test_a_branch_of_images_beside_clinical_columns(tmp_path):
    """Paths go in, a nomogram comes out, and resampling fits the whole anew."""
    path = clinical_cohort(tmp_path, "site", ["left", "right"])
    X = read_cohort(path)
    branch = radiomics_pipeline(cv=3, random_state=0)
    columns = ColumnTransformer(
        [
            (
                "score",
                CrossFittedScore(branch, cv=3, random_state=0),
                ["image", "mask_A", "mask_B"],
            ),
            ("age", SimpleImputer(), ["age"]),
            ("site", OneHotEncoder(drop="first", sparse_output=False), ["site"]),
        ]
    )
    model = make_pipeline(columns, NomogramClassifier(penalty="none"))
    with sklearn.config_context(enable_metadata_routing=True):
        model.fit(X, X["grade"], groups=X["patient"])
    nomogram = Nomogram.from_estimator(model, X)
    assert [a.name for a in nomogram.predictors] == ["radiomics score", "age", "site"]
    risk = nomogram.probability(nomogram.points(X)["total"])
    np.testing.assert_allclose(risk, model.predict_proba(X)[:, 1], rtol=0, atol=1e-12)
    result = optimism(
        model, X, X["grade"], groups=X["patient"], n_resamples=2, random_state=0
    )
    assert result.indexes.loc["auc", "n"] == 2


def test_probabilities_become_log_odds():
    X, y, _ = patients()
    logistic = LogisticRegression()
    settings = {"cv": 3, "random_state": 0}
    direct = CrossFittedScore(logistic, **settings)
    by_proba = CrossFittedScore(logistic, response_method="predict_proba", **settings)
    np.testing.assert_allclose(
        by_proba.fit_transform(X[TEXTURE], y), direct.fit_transform(X[TEXTURE], y)
    )
    forest = RandomForestClassifier(5, random_state=0)
    with pytest.raises(ValueError, match="a probability of 0 or 1 to .* calibrate it"):
        CrossFittedScore(forest, **settings).fit_transform(X[TEXTURE], y)


def test_output_names_and_indexes():
    X, y, groups = patients()
    X.index = [f"lesion {i}" for i in range(len(X))]
    score = CrossFittedScore(radiomics(), cv=3, name="score", random_state=0)
    score.set_output(transform="pandas")
    table = score.fit_transform(X[TEXTURE], y, groups=groups)
    assert table.columns.tolist() == ["score"] and table.index.equals(X.index)
    assert score.transform(X[TEXTURE].iloc[:2]).index.tolist() == X.index.tolist()[:2]


def test_without_groups_samples_are_folded():
    X, y, _ = patients()
    score = CrossFittedScore(radiomics(), cv=3, random_state=0)
    expected = cross_val_predict(
        radiomics(),
        X[TEXTURE],
        y,
        cv=sklearn.model_selection.StratifiedKFold(3, shuffle=True, random_state=0),
        method="decision_function",
    )
    np.testing.assert_array_equal(score.fit_transform(X[TEXTURE], y)[:, 0], expected)
    assert score.set_params(n_jobs=2, cv=2).fit_transform(X[TEXTURE], y).shape == (
        len(y),
        1,
    )


def test_bad_input_is_named():
    X, y, groups = patients()
    texture = X[TEXTURE]
    score = CrossFittedScore(radiomics(), cv=5, random_state=0)
    few = np.where(np.arange(len(y)) < 6, "ORN", "metastasis")
    with pytest.raises(
        NotEstimable, match="5 groups of each class; the first class has 3. Set cv=3"
    ):
        score.fit_transform(texture, few, groups=groups)
    with pytest.raises(NotEstimable, match="one class only: 'ORN'"):
        score.fit_transform(texture, np.full(len(y), "ORN"))
    with pytest.raises(ValueError, match="type of the target is multiclass"):
        score.fit_transform(texture, np.arange(len(y)) % 3)
    with pytest.raises(ValueError, match="each of the 120 rows of X, got an array of"):
        score.fit_transform(texture, y[:50])
    with pytest.raises(ValueError, match="groups has 1 missing values"):
        score.fit_transform(texture, y, groups=[None, *groups[1:]])
    repeated = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    with pytest.raises(ValueError, match="must test each row once"):
        score.set_params(cv=repeated).fit_transform(texture, y)
    halves = [(np.arange(60), np.arange(60, 120)), (np.arange(60, 120), np.arange(60))]
    with pytest.raises(NotEstimable, match="(?s)Fold 0 of cv=.* leaves one class only"):
        score.set_params(cv=halves).fit_transform(texture, np.arange(120) < 60)
    with pytest.raises(ValueError, match="1 patients stand on both sides of a split"):
        score.fit_transform(texture, y, groups=np.full(120, 7))
    inner = CrossFittedScore(NomogramClassifier(cv=10), cv=3, random_state=0)
    few = np.where(np.arange(len(y)) < 12, "ORN", "metastasis")
    with pytest.raises(
        NotEstimable, match="In a fold of the cross-fitting: cv=10 needs"
    ):
        inner.fit_transform(texture, few)


def noise_run(seed, n=120, p=20):
    """A score of noise beside two predictors: z of its coefficient, and AUCs."""
    rng = np.random.default_rng(seed)

    def draw(m):
        clinical = rng.normal(size=(m, 2))
        lp = 0.8 * clinical[:, 0] + 0.5 * clinical[:, 1]
        y = (lp + rng.logistic(size=m) > 0).astype(int)
        return rng.normal(size=(m, p)), clinical, y

    noise, clinical, y = draw(n)
    new_noise, new_clinical, new_y = draw(2000)
    score = CrossFittedScore(NomogramClassifier(lambda_rule=0.05), random_state=seed)
    fair = score.fit_transform(noise, y)
    apparent, new = score.transform(noise), score.transform(new_noise)

    def second(column):
        X = np.hstack([column, clinical])
        return NomogramClassifier(penalty="none").fit(X, y)

    def auc(model, *columns):
        return sklearn.metrics.roc_auc_score(
            new_y, model.decision_function(np.hstack(columns))
        )

    models = second(fair), second(apparent)
    alone = NomogramClassifier(penalty="none").fit(clinical, y)
    return (
        *(model.summary(cross_fitted=["x0"]).loc["x0", "z"] for model in models),
        auc(alone, new_clinical),
        *(auc(model, new, new_clinical) for model in models),
    )


def test_noise_is_seen_as_noise_where_the_apparent_score_is_believed():
    runs = pd.DataFrame(
        [noise_run(seed) for seed in range(40)],
        columns=["fair", "apparent", "clinical", "combined", "fooled"],
    )
    covered = (runs[["fair", "apparent"]].abs() < 1.96).mean()
    assert covered["fair"] >= 0.9
    assert covered["apparent"] <= 0.4
    auc = runs.mean()
    assert abs(auc["combined"] - auc["clinical"]) < 0.01
    assert auc["fooled"] < auc["clinical"] - 0.02


def test_a_cross_fitted_column_has_twice_its_variance():
    X, y, groups = patients()
    score = CrossFittedScore(radiomics(), cv=4, random_state=0)
    table = pd.DataFrame({"age": X["age"]})
    table["score"] = score.fit_transform(X[TEXTURE], y, groups=groups)
    model = NomogramClassifier(penalty="none").fit(table, y, groups=groups)
    for interval in ("wald", "profile"):
        plain = model.summary(interval=interval)
        wide = model.summary(interval=interval, cross_fitted=["score"])
        pd.testing.assert_series_equal(wide.loc["age"], plain.loc["age"])
        row, before = wide.loc["score"], plain.loc["score"]
        assert row["z"] == pytest.approx(before["z"] / 2**0.5)
        assert row["standard_error"] == pytest.approx(before["standard_error"] * 2**0.5)
        assert row["lower"] < before["lower"] < before["upper"] < row["upper"]
        assert row["odds_ratio"] == before["odds_ratio"]
    # The interval and the test stay one: at the level of its p value a limit is 1.
    profile = model.summary(
        interval="profile",
        cross_fitted="score",
        level=1
        - model.summary(interval="profile", cross_fitted="score").loc[
            "score", "p_value"
        ],
    )
    assert profile.loc["score", ["lower", "upper"]].sub(1).abs().min() < 1e-6
    with pytest.raises(ValueError, match="cross_fitted names rad, which the model"):
        model.summary(cross_fitted=["rad"])


def test_what_is_weak_is_said_once():
    X, y, _ = patients(60)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nothing = NomogramClassifier(lambda_rule=9.0)
        column = CrossFittedScore(nothing, cv=3, random_state=0).fit_transform(
            X[TEXTURE], y
        )
    assert np.ptp(column) == 0
    texts = [str(w.message) for w in caught]
    assert sum("selected no feature" in text for text in texts) == 1
    assert sum("is constant" in text for text in texts) == 1
