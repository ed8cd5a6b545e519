"""The combined model of clinical columns and of scores that are given."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study import StudyConfig, _combined
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._combined import (
    RadiomicsScores,
    combined_model,
    radiomics_scores,
)
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._pipeline import study_pipeline
from tests.study._checks import make_design
from tests.study._combined import KINDS, SCORE, SETTINGS, cohort

TABLE, FEATURES = cohort()
TRAIN = (TABLE["part"] == "training").to_numpy()
PARTS = {"split": "part"}


def given_scores(names=(SCORE,)):
    """Scores of the first features; in training those of other patients differ."""
    whole = pd.DataFrame({name: FEATURES[f"f{i}"] for i, name in enumerate(names)})
    crossed = whole.copy()
    noise = np.random.default_rng(1).normal(size=crossed.shape)
    crossed[TRAIN] = 0.6 * crossed[TRAIN] + 0.5 * noise[TRAIN]
    return RadiomicsScores(whole, crossed, {})


def combined(table=TABLE, by=None, **changes):
    config = StudyConfig(**SETTINGS | PARTS | changes)
    design = make_design(table, config)
    by = given_scores() if by is None else by
    with caught_warnings():
        return combined_model(
            lambda: by,
            design,
            config,
            clinical=clinical_table(
                table[list(config.clinical)], config.clinical_kinds
            ),
        )


def matrix(table, scores):
    """Return age, whether female, the steps of the stage, and the scores."""
    columns = [
        table["age"],
        table["sex"] == "f",
        table["t_stage"].str[1].astype(int) - 1,
    ]
    return np.column_stack([*columns, scores]).astype(float)


def by_hand(rows=TRAIN, scores=None):
    scores = given_scores() if scores is None else scores
    X = matrix(TABLE, scores.cross_fitted)
    shift, scale = X[rows].mean(axis=0), X[rows].std(axis=0)
    fit = LogisticRegression(C=1e12, tol=1e-10, max_iter=10_000)
    fit.fit((X[rows] - shift) / scale, TABLE["y"][rows])
    weights = fit.coef_[0] / scale
    return weights, fit.intercept_[0] - weights @ shift


def test_the_model_is_learnt_from_scores_of_other_patients():
    found = combined()
    weights, intercept = by_hand()
    told = {(r.predictor, r.level): r for r in found.multivariable}
    keys = [("age", None), ("sex", "f"), ("t_stage", None), (SCORE, None)]
    assert list(told) == [keys[0], ("sex", "m"), *keys[1:]]
    for key, weight in zip(keys, weights, strict=True):
        assert told[key].coefficient == pytest.approx(weight, rel=1e-3), key
        assert told[key].n_lesions == (
            (TABLE["sex"][TRAIN] == "f").sum() if key[1] else TRAIN.sum()
        )
    assert found.intercept == pytest.approx(intercept, rel=1e-3)
    assert found.n_lesions == TRAIN.sum()
    assert found.n_patients == TABLE["patient"][TRAIN].nunique()
    assert found.n_positive == TABLE["y"][TRAIN].sum()
    assert (found.n_folds, found.penalty, found.scores) == (3, "none", ())
    reference = told["sex", "m"]
    assert (reference.coefficient, reference.odds_ratio) == (0.0, 1.0)
    assert np.isnan(reference.lower)


def test_the_threshold_is_that_of_the_highest_youden_index_in_training():
    weights, intercept = by_hand()
    X = matrix(TABLE, given_scores().cross_fitted)[TRAIN]
    risk, y = expit(X @ weights + intercept), TABLE["y"][TRAIN]
    false, true, _ = roc_curve(y, risk)
    called = risk >= combined().threshold
    youden = called[y == 1].mean() - called[y == 0].mean()
    assert youden == pytest.approx((true - false).max())
    fixed = combined(pipeline={"nomogram__threshold": 0.3})
    assert fixed.threshold == 0.3


def test_each_predictor_has_its_kind_and_its_range_in_training():
    found = {row.name: row for row in combined().predictors}
    rows = TABLE[TRAIN]
    age, sex, stage, score = (found[x] for x in ("age", "sex", "t_stage", SCORE))
    assert [row.kind for row in (age, sex, stage, score)] == [
        *("continuous", "categorical", "ordinal", "score")
    ]
    assert (age.minimum, age.maximum) == (rows["age"].min(), rows["age"].max())
    assert age.values is None and age.levels == ()
    assert (sex.minimum, sex.maximum, sex.levels) == (None, None, ("m", "f"))
    assert (stage.minimum, stage.maximum) == (0.0, 3.0)
    assert stage.levels == ("T1", "T2", "T3", "T4")
    assert stage.values == (0.0, 1.0, 2.0, 3.0)
    crossed = given_scores().cross_fitted[SCORE][TRAIN]
    assert (score.minimum, score.maximum) == (crossed.min(), crossed.max())


def few_values(n):
    table = TABLE.assign(age=np.resize(np.arange(n), len(TABLE)) + 50.0)
    found = {row.name: row for row in combined(table).predictors}
    return found["age"].values


def test_a_number_of_few_values_has_them():
    most = _combined.MAX_DISCRETE
    assert few_values(most) == tuple(50.0 + i for i in range(most))
    assert few_values(most + 1) is None


def predicted(whole=None):
    weights, intercept = by_hand()
    scores = given_scores().whole if whole is None else whole
    return matrix(TABLE, scores) @ weights + intercept


def check_worked(worked, linear, rows):
    """The lower median of the predictions, by the score as the files give it."""
    at = rows[np.argsort(linear[rows], kind="stable")[(len(rows) - 1) // 2]]
    assert worked.lesion.rpartition(" ")[2] == str(at)
    assert worked.probability == pytest.approx(expit(linear[at]), rel=1e-3)
    row = TABLE.iloc[at]
    assert worked.values == {
        "age": row["age"],
        "sex": row["sex"],
        "t_stage": row["t_stage"],
        SCORE: given_scores().whole[SCORE][at],
    }
    return at


def test_the_worked_lesion_is_the_median_of_validation():
    worked = combined().worked
    assert worked.part == "validation"
    check_worked(worked, predicted(), np.flatnonzero(~TRAIN))


def test_of_folds_the_worked_lesion_is_one_of_all():
    config = StudyConfig(**SETTINGS)
    design = make_design(TABLE, config)
    scores = given_scores()
    with caught_warnings():
        found = combined_model(
            lambda: scores,
            design,
            config,
            clinical=clinical_table(TABLE[list(config.clinical)], KINDS),
        )
    assert found.worked.part == "cross-validation"
    assert found.n_lesions == len(TABLE)


def test_levels_that_training_lacks_are_not_on_the_nomogram():
    table = TABLE.copy()
    rest = np.flatnonzero(~TRAIN)
    table.loc[rest[::2], "sex"] = "x"
    check_worked(combined(table).worked, predicted(), rest[1::2])
    table.loc[rest, "sex"] = "x"
    worked = combined(table).worked
    assert worked.part == "training"
    check_worked(worked, predicted(), np.flatnonzero(TRAIN))


def test_lesions_without_a_value_are_left_out_where_the_rule_says_so():
    table = TABLE.copy()
    table.loc[[0, 3, 4], "age"] = np.nan
    found = combined(table, missing="exclude")
    kept = TRAIN & table["age"].notna().to_numpy()
    assert found.n_lesions == kept.sum() < TRAIN.sum()
    weights, intercept = by_hand(kept)
    assert found.intercept == pytest.approx(intercept, rel=1e-3)
    imputed = combined(table)
    assert imputed.n_lesions == TRAIN.sum()
    table.loc[TABLE["y"] == 1, "age"] = np.nan
    with pytest.raises(NotEstimable, match="not of both classes"):
        combined(table, missing="exclude")


def test_where_it_was_missing_is_a_predictor_beside_the_column():
    table = TABLE.copy()
    table.loc[::5, "age"] = np.nan
    found = combined(table, missing="indicator")
    names = [row.name for row in found.predictors]
    assert sorted(names) == ["age", "age missing", SCORE, "sex", "t_stage"]


def test_what_is_not_selected_is_in_the_univariable_table_alone():
    found = combined(clinical_selection="univariable p < 0.02")
    kept = {row.name for row in found.predictors}
    out = {row.name for row in found.not_selected}
    assert SCORE in kept and kept | out == {*KINDS, SCORE} and out
    assert {row.predictor for row in found.univariable} == kept | out
    assert {row.predictor for row in found.multivariable} == kept
    assert set(found.worked.values) == kept


def test_a_spline_has_its_knots_and_the_weight_of_each_term():
    kinds = KINDS | {"age": {"kind": "continuous", "knots": [50.0, 58.0, 66.0, 74.0]}}
    found = combined(clinical=kinds)
    (age,) = [row for row in found.predictors if row.name == "age"]
    assert age.knots == (50.0, 58.0, 66.0, 74.0) and age.values is None
    assert len(age.terms) == 3
    knots = np.array(age.knots)

    def curve(x, j):
        cubes = np.maximum(x[:, None] - knots, 0) ** 3
        reach = knots[-1] - knots[-2]
        one = cubes[:, -2] * (knots[-1] - knots[j]) / reach
        two = cubes[:, -1] * (knots[-2] - knots[j]) / reach
        return (cubes[:, j] - one + two) / (knots[-1] - knots[0]) ** 2

    x = TABLE["age"].to_numpy()
    X = matrix(TABLE, given_scores().cross_fitted)
    X = np.column_stack([X[:, 0], curve(x, 0), curve(x, 1), X[:, 1:]])[TRAIN]
    shift, scale = X.mean(axis=0), X.std(axis=0)
    fit = LogisticRegression(C=1e12, tol=1e-10, max_iter=100_000)
    fit.fit((X - shift) / scale, TABLE["y"][TRAIN])
    np.testing.assert_allclose(age.terms, (fit.coef_[0] / scale)[:3], rtol=2e-2)
    (row,) = [row for row in found.multivariable if row.predictor == "age"]
    low, high = np.quantile(x[TRAIN], [0.25, 0.75])
    assert (row.low, row.high) == pytest.approx((low, high))
    assert row.p_nonlinear is not None
    plain = [row for row in found.multivariable if row.predictor != "age"]
    assert all(row.low is row.p_nonlinear is None for row in plain)


def test_a_level_that_separates_is_named_once():
    table = TABLE.copy()
    rare = TRAIN & (TABLE["y"] == 1).to_numpy()
    table.loc[table.index[rare][:4], "sex"] = "x"
    found = combined(table)
    assert found.separated == ("sex",) and combined().separated == ()
    # Its lesions are told by their own level: the others decide on the rest.
    weights, intercept = by_hand(TRAIN & (table["sex"] != "x").to_numpy())
    assert found.intercept == pytest.approx(intercept, rel=5e-3)
    told = {row.predictor: row.coefficient for row in found.multivariable}
    assert told["age"] == pytest.approx(weights[0], rel=5e-3)
    assert combined(table, clinical_penalty="firth").penalty == "firth"


def test_a_column_that_is_another_one_changes_no_prediction():
    kinds = {"age": "continuous", "sex": {"categorical": "m"}}
    alone = combined(clinical=kinds)
    twin = TABLE.assign(site=np.where(TABLE["sex"] == "f", "b", "a"))
    both = combined(twin, clinical=kinds | {"site": {"categorical": "a"}})
    rows = {(row.predictor, row.level): row for row in both.multivariable}
    assert np.isnan(rows["sex", "f"].lower) and np.isnan(rows["site", "b"].lower)
    assert both.worked.lesion == alone.worked.lesion
    assert both.worked.probability == pytest.approx(alone.worked.probability, rel=1e-4)
    assert both.threshold == pytest.approx(alone.threshold, rel=1e-4)


def test_scores_of_sequences_have_their_formulas():
    names = ("radiomics score T1", "radiomics score T2")
    last = SimpleNamespace(
        feature_names_in_=np.array(["Mean", "Skew"]),
        coef_=np.array([[0.5, 0.0]]),
        intercept_=np.array([-0.25]),
    )
    step = SimpleNamespace(estimator_=last)
    scores = given_scores(names[:1])
    scores = RadiomicsScores(
        scores.whole, scores.cross_fitted, dict.fromkeys(names, step)
    )
    settings = {"scores": "separate", "nomogram": "combined"}
    one, other = combined(by=scores, **settings).scores
    assert (one.name, one.constant, one.intercept) == (names[0], False, -0.25)
    assert one.coefficients == {"Mean": 0.5}
    assert (other.name, other.constant) == (names[1], True)
    assert combined(by=scores).scores == ()
    alone = combined(by=scores, clinical=(), **settings)
    assert [row.name for row in alone.predictors] == [names[0]]


def test_no_column_is_the_reason_or_what_is_wrong_with_it():
    with pytest.raises(NotEstimable, match="No clinical columns are named"):
        combined(clinical=())
    with pytest.raises(NotEstimable, match="'age' is in no model: it is the same"):
        combined(TABLE.assign(age=1.0), clinical=["age"])


# The scores themselves


def scored(monkeypatch, columns, **changes):
    """Score by a step that returns a column, in training ten times as much."""
    config = StudyConfig(**SETTINGS | PARTS | changes)
    design = make_design(TABLE, config)

    class Step:
        def __init__(self, name):
            self.name = name

        def fit_transform(self, X, y, groups):
            assert len(X) == len(y) == len(groups) == TRAIN.sum()
            return np.column_stack([10 * X[self.name], X[self.name] * np.nan])

        def transform(self, X):
            return np.column_stack([X[self.name], X[self.name] * np.nan])

    plans = [(f"score {x}", [x], Step(x)) for x in columns]
    monkeypatch.setattr(_combined, "planned_scores", lambda *of: plans)
    monkeypatch.setattr(_combined, "cross_fitted_score", lambda own, *of: own)
    features = FEATURES.assign(
        flat=1.0, nearly=1.0 + 0.01 * (FEATURES.index == np.argmax(TRAIN))
    )
    return radiomics_scores(study_pipeline((), config)[2:], features, design, config)


def test_in_training_a_score_is_that_of_other_patients(monkeypatch):
    found = scored(monkeypatch, ["f0", "f1"])
    assert list(found.whole) == list(found.cross_fitted) == ["score f0", "score f1"]
    for name in ("f0", "f1"):
        own = FEATURES[name].to_numpy()
        np.testing.assert_allclose(found.whole[f"score {name}"], own)
        expected = np.where(TRAIN, 10 * own, own)
        np.testing.assert_allclose(found.cross_fitted[f"score {name}"], expected)
    assert list(found.steps) == ["score f0", "score f1"]


def test_a_score_that_is_the_same_for_all_is_a_step_alone(monkeypatch):
    found = scored(monkeypatch, ["f0", "flat", "nearly"])
    assert list(found.whole) == ["score f0", "score nearly"]
    assert list(found.steps) == ["score f0", "score flat", "score nearly"]
    with pytest.raises(NotEstimable, match="it adds nothing to the clinical columns"):
        scored(monkeypatch, ["flat"])
    separate = {"scores": "separate", "nomogram": "combined"}
    with pytest.raises(NotEstimable, match="there is nothing to join"):
        scored(monkeypatch, ["flat"], **separate)
    assert list(scored(monkeypatch, ["f0"], **separate).whole) == ["score f0"]
