"""Nomograms of models that were fitted elsewhere: each gives its own probability."""

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn import NomogramClassifier
from sklearn_orn.model import Nomogram
from sklearn_orn.plotting import NomogramDisplay


def clinical(n=150, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.normal(60, 9, n).round(),
            "radiomics score": rng.normal(0, 1.3, n),
            "stage": rng.choice(["I", "II", "IV"], n),
            "grade": rng.integers(1, 4, n),
            "smoker": rng.random(n) < 0.4,
        }
    )
    lp = X["radiomics score"] + 0.03 * (X["age"] - 60) + (X["stage"] == "IV")
    X["orn"] = (lp + rng.logistic(size=n) > 0).astype(int)
    return X


TABLE = clinical()
NUMBERS = ["age", "radiomics score"]


def assert_agrees(nomogram, risk, X):
    found = nomogram.probability(nomogram.points(X)["total"])
    np.testing.assert_allclose(found, risk, rtol=0, atol=1e-12)
    assert max(axis.points.max() for axis in nomogram.predictors) == pytest.approx(100)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(C=1e10),  # hardly a penalty
        LogisticRegression(C=0.3),
        LogisticRegressionCV(
            Cs=4, cv=3, use_legacy_attributes=False, l1_ratios=(0,), scoring="roc_auc"
        ),
        NomogramClassifier(penalty="none"),
        NomogramClassifier(penalty="firth"),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("scaled", [False, True])
def test_models_of_scikit_learn(model, scaled):
    X, y = TABLE[NUMBERS], TABLE["orn"]
    fitted = make_pipeline(StandardScaler(), model) if scaled else model
    fitted = fitted.fit(X, y)
    nomogram = Nomogram.from_estimator(fitted, X)
    for rows in (X, 3 * X - 100):
        assert_agrees(nomogram, fitted.predict_proba(rows)[:, 1], rows)
    coefficients = dict(zip(NUMBERS, model.coef_[0], strict=True))
    if not scaled:
        plain = Nomogram.from_coefficients(coefficients, model.intercept_[0], X)
        pd.testing.assert_frame_equal(plain.points(X), nomogram.points(X))
        assert_agrees(plain, fitted.predict_proba(X)[:, 1], X)


def test_three_classes_are_refused():
    y = np.arange(len(TABLE)) % 3
    with pytest.raises(TypeError, match="binary linear classifier"):
        Nomogram.from_estimator(LogisticRegression().fit(TABLE[NUMBERS], y))


@pytest.fixture(scope="module")
def sm():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        return pytest.importorskip("statsmodels.api")


@pytest.mark.parametrize("kind", ["Logit", "GLM"])
@pytest.mark.parametrize("names", [True, False])
def test_tables_and_arrays_of_statsmodels(sm, kind, names):
    X = TABLE[NUMBERS] if names else TABLE[NUMBERS].to_numpy()
    design = sm.add_constant(X)
    if kind == "Logit":
        results = sm.Logit(TABLE["orn"].to_numpy(), design).fit(disp=False)
    else:
        family = sm.families.Binomial()
        results = sm.GLM(TABLE["orn"].to_numpy(), design, family=family).fit()
    nomogram = Nomogram.from_estimator(results)
    assert [a.name for a in nomogram.predictors] == (NUMBERS if names else ["x1", "x2"])
    assert_agrees(nomogram, results.predict(design), X)
    assert nomogram.predictors[0].ticks[-1] >= TABLE["age"].max()
    other = Nomogram.from_estimator(results, X)
    pd.testing.assert_frame_equal(other.table(), nomogram.table())


def test_a_model_without_a_constant(sm):
    X = TABLE[NUMBERS]
    results = sm.Logit(TABLE["orn"], X).fit(disp=False)
    assert_agrees(Nomogram.from_estimator(results), results.predict(X), X)


@pytest.mark.parametrize(
    "terms",
    [
        "age + stage",
        "age + C(stage) + C(grade)",
        "age + C(stage, Treatment(reference='II')) + smoker",
        "Q('radiomics score') + stage - 1",
        "age + ordered",
    ],
)
@pytest.mark.parametrize("kind", ["logit", "glm"])
def test_formulas_of_statsmodels(sm, terms, kind):
    smf = pytest.importorskip("statsmodels.formula.api")
    table = TABLE.assign(
        ordered=pd.Categorical(TABLE["stage"], ["IV", "I", "II"], ordered=True)
    )
    if kind == "logit":
        results = smf.logit(f"orn ~ {terms}", table).fit(disp=False)
    else:
        family = sm.families.Binomial()
        results = smf.glm(f"orn ~ {terms}", table, family=family).fit()
    nomogram = Nomogram.from_estimator(results)
    assert_agrees(nomogram, results.predict(table), table)
    axes = {axis.name: axis for axis in nomogram.predictors}
    levels = {"stage": ["I", "II", "IV"], "ordered": ["IV", "I", "II"]}
    levels |= {"grade": [1, 2, 3], "smoker": [False, True]}
    for name in set(axes) & set(levels):
        assert axes[name].kind == "categorical"
        assert axes[name].ticks.tolist() == levels[name]
    display = NomogramDisplay.from_estimator(results, patient=table.iloc[[4]])
    assert set(axes) < set(display.axis_lines_)


def test_rows_with_gaps_do_not_set_limits(sm):
    smf = pytest.importorskip("statsmodels.formula.api")
    table = TABLE.copy()
    table.loc[:9, "age"] = np.nan
    results = smf.logit("orn ~ age + stage", table).fit(disp=False)
    nomogram = Nomogram.from_estimator(results)
    assert_agrees(nomogram, results.predict(table.iloc[10:]), table.iloc[10:])
    with pytest.raises(ValueError, match="'age' is missing in 10 of 150 rows"):
        nomogram.points(table)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ("age + age:grade", "The term 'age:grade' of the formula is a function"),
        ("np.log(age)", r"The term 'np.log\(age\)' of the formula is a function of"),
        ("I(age ** 2)", r"The term 'I\(age \*\* 2\)' of the formula"),
        ("C(stage, Sum)", "the coefficients of 'stage' .* treatment coding"),
        ("grade + C(grade)", "takes 'grade' as a number and as levels"),
    ],
)
def test_terms_without_an_axis_are_named(sm, terms, message):
    smf = pytest.importorskip("statsmodels.formula.api")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the last of them is singular
        family = sm.families.Binomial()
        results = smf.glm(f"orn ~ {terms}", TABLE, family=family).fit()
    with pytest.raises(ValueError, match=f"(?i){message}"):
        Nomogram.from_estimator(results)


def test_other_models_of_statsmodels_are_refused(sm):
    design, y = sm.add_constant(TABLE[NUMBERS]), TABLE["orn"]
    links = sm.families.links
    probit = sm.families.Binomial(link=links.Probit())
    for results, name in (
        (sm.OLS(y, design).fit(), "got OLS"),
        (sm.Probit(y, design).fit(disp=False), "got Probit"),
        (sm.GLM(y, design, family=probit).fit(), "family Binomial and the link Probit"),
        (sm.GLM(y, design, family=sm.families.Poisson()).fit(), "family Poisson"),
        (sm.MNLogit(TABLE["grade"], design).fit(disp=False), "got MNLogit"),
    ):
        with pytest.raises(TypeError, match=f"needs results of a logistic .*{name}"):
            Nomogram.from_estimator(results)
    shifted = sm.GLM(
        y, design, family=sm.families.Binomial(), offset=np.linspace(0, 1, len(y))
    )
    with pytest.raises(ValueError, match="has an offset of each row"):
        Nomogram.from_estimator(shifted.fit())


def stand_in(**changes):
    """What is read of results, for where statsmodels is not installed."""
    exog = np.column_stack([np.full(len(TABLE), 2.0), TABLE[NUMBERS]])
    kind = type(changes.pop("kind", "Logit"), (SimpleNamespace,), {})
    parts = {"exog_names": ["twos", *NUMBERS], "exog": exog, "data": None} | changes
    return SimpleNamespace(params=[-0.7, 0.02, 1.1], model=kind(**parts))


def test_only_what_is_read_is_needed():
    nomogram = Nomogram.from_estimator(stand_in())
    eta = 2 * -0.7 + TABLE[NUMBERS].to_numpy() @ [0.02, 1.1]
    assert_agrees(nomogram, 1 / (1 + np.exp(-eta)), TABLE[NUMBERS])


def test_levels_and_links_of_a_stand_in():
    frame = TABLE.assign(orn=None)
    exog = np.column_stack(
        [np.ones(len(frame)), frame["stage"] == "II", frame["stage"] == "IV"]
    )
    names = ["Intercept", "C(stage)[T.II]", "C(stage)[T.IV]"]
    data = SimpleNamespace(frame=frame)
    nomogram = Nomogram.from_estimator(
        stand_in(exog=exog, exog_names=names, data=data), frame
    )
    points = nomogram.predictors[0].points
    assert points[2] == 100 and points[1] == pytest.approx(100 * 0.02 / 1.1)
    family = type("Binomial", (), {"link": type("Probit", (), {})()})()
    with pytest.raises(
        TypeError, match="GLM with the family Binomial and the link Pro"
    ):
        Nomogram.from_estimator(stand_in(kind="GLM", family=family))
    with pytest.raises(TypeError, match="got OLS"):
        Nomogram.from_estimator(stand_in(kind="OLS"))
    with pytest.raises(TypeError, match=r"params of shape \(3,\) for 2 columns"):
        Nomogram.from_estimator(stand_in(exog_names=NUMBERS))
    bad = ["Intercept", "C(stage)[S.II]", "np.exp(age)"]
    with pytest.raises(ValueError, match=r"'np.exp\(age\)' of the formula is a func"):
        Nomogram.from_estimator(stand_in(exog=exog, exog_names=bad, data=data))
    both = ["Intercept", "stage", "C(stage)[T.IV]"]
    with pytest.raises(ValueError, match="as a number and as levels"):
        Nomogram.from_estimator(stand_in(exog=exog, exog_names=both, data=data))
    one = ["Intercept", "age", "C(stage)[T.IV]"]
    with pytest.raises(ValueError, match="those of IV, its levels are I, II, IV"):
        Nomogram.from_estimator(stand_in(exog=exog, exog_names=one, data=data))
    with pytest.raises(ValueError, match="has an offset"):
        Nomogram.from_estimator(stand_in(offset=np.ones(len(TABLE))))
