"""Restricted cubic splines: Harrell's knots, natural splines, and their nomogram."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import Nomogram, RestrictedCubicSpline
from tests._examples import examples

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")


@parametrize_with_checks(
    [RestrictedCubicSpline(3)],
    expected_failed_checks=lambda _: {
        "check_estimators_dtypes": "its columns have three values: "
        "test_columns_with_few_values_are_named"
    },
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def basis(x, **settings):
    spline = RestrictedCubicSpline(**settings)
    return spline.fit_transform(np.asarray(x, dtype=float)[:, None]), spline.knots_[0]


@pytest.mark.parametrize(
    ("n_knots", "quantiles"),
    [
        # Harrell 2015, table 2.3.
        (3, [0.10, 0.5, 0.90]),
        (4, [0.05, 0.35, 0.65, 0.95]),
        (5, [0.05, 0.275, 0.5, 0.725, 0.95]),
        (6, [0.05, 0.23, 0.41, 0.59, 0.77, 0.95]),
        (7, [0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975]),
    ],
)
def test_knots_at_harrells_quantiles(n_knots, quantiles):
    _, knots = basis(np.linspace(0, 1, 1001), n_knots=n_knots)
    np.testing.assert_allclose(knots, quantiles, atol=5e-5)


RMS = json.loads((Path(__file__).parent / "rms_rcs.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("n_samples", "seen"),
    [(180, seen) for seen in RMS["all"]] + [(60, seen) for seen in RMS["small"]],
    ids=lambda value: f"{value['k']} knots" if isinstance(value, dict) else None,
)
def test_the_numbers_of_rms(n_samples, seen):
    """`lrm(y ~ rcs(x, k) + z)`: knots, columns, coefficients, their errors."""
    x, z, y = (np.asarray(RMS[name])[:n_samples] for name in "xzy")
    terms, knots = basis(x, n_knots=seen["k"])
    np.testing.assert_allclose(knots, seen["knots"], rtol=1e-12)
    np.testing.assert_allclose(terms[:8], seen["basis"], rtol=1e-10, atol=1e-12)
    model = NomogramClassifier(penalty="none").fit(np.column_stack([terms, z]), y)
    found = np.concatenate([model.intercept_, model.coef_[0]])
    np.testing.assert_allclose(found, seen["coef"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(model.standard_errors_, seen["se"], rtol=1e-6)
    scores = model.decision_function(np.column_stack([terms, z]))
    np.testing.assert_allclose(scores[:8], seen["lp"], atol=1e-8)


def test_few_samples_take_the_fifth_values_as_outer_knots():
    x = np.random.default_rng(0).normal(size=99)
    _, knots = basis(x)
    ordered = np.sort(x)
    assert knots[[0, -1]].tolist() == [ordered[4], ordered[-5]]
    np.testing.assert_allclose(knots[1:3], np.quantile(x, [0.35, 0.65]))


def test_a_hundred_samples_have_harrells_quantiles():
    x = np.random.default_rng(0).exponential(size=100)
    _, knots = basis(x, n_knots=3)
    np.testing.assert_allclose(knots, np.quantile(x, [0.1, 0.5, 0.9]))
    _, knots = basis(x[:99], n_knots=3)
    np.testing.assert_allclose(knots[[0, 2]], np.sort(x[:99])[[4, -5]])
    for few in (2, 3, 9):  # the fifth from below is not below the fifth from above
        with pytest.raises(NotEstimable, match="too few for a spline"):
            basis(x[:few], n_knots=3)


def test_the_terms_by_hand():
    # Knots 0, 1, 3, 5: at 4, (64 - 5/2 * 1) / 25 and (27 - 4/2 * 1) / 25.
    columns, _ = basis([-2, 0, 1, 4, 7], knots=[0, 1, 3, 5])
    assert columns[:, 0].tolist() == [-2, 0, 1, 4, 7]
    np.testing.assert_allclose(columns[:2, 1:], 0)
    np.testing.assert_allclose(columns[2, 1:], [1 / 25, 0])
    np.testing.assert_allclose(columns[3, 1:], [61.5 / 25, 25 / 25])
    # At 7: (343 - 5/2 * 64 + 3/2 * 8) / 25 and (216 - 4/2 * 64 + 2/2 * 8) / 25.
    np.testing.assert_allclose(columns[4, 1:], [195 / 25, 96 / 25])


@st.composite
def curves(draw):
    n = draw(st.integers(3, 7))
    steps = draw(st.lists(st.floats(0.1, 9), min_size=n - 1, max_size=n - 1))
    knots = draw(st.floats(-50, 50)) + np.cumsum([0, *steps])
    heights = np.array(draw(st.lists(st.floats(-9, 9), min_size=n, max_size=n)))
    return knots, heights


@given(curves())
@examples(50)
def test_the_terms_span_the_natural_splines(curve):
    """SciPy's natural spline through any heights at the knots, and straight beyond."""
    knots, heights = curve
    at_knots, _ = basis(knots, knots=knots)
    design = np.column_stack([np.ones(len(knots)), at_knots])
    weights = np.linalg.solve(design, heights)
    x = np.linspace(knots[0], knots[-1], 60)
    columns, _ = basis(x, knots=knots)
    found = weights[0] + columns @ weights[1:]
    natural = CubicSpline(knots, heights, bc_type="natural")
    np.testing.assert_allclose(found, natural(x), atol=1e-6, rtol=1e-6)
    width = knots[-1] - knots[0]
    beyond = knots[-1] + width * np.array([0, 1, 2])
    straight = weights[0] + basis(beyond, knots=knots)[0] @ weights[1:]
    assert np.diff(straight, 2)[0] == pytest.approx(0, abs=1e-5 * (1 + width))


def test_names_and_columns():
    table = pd.DataFrame({"age": np.arange(200.0), "dose": np.arange(200.0) ** 2})
    spline = RestrictedCubicSpline(3, knots={"age": [20, 60, 90, 150]})
    made = spline.set_output(transform="pandas").fit_transform(table)
    assert made.columns.tolist() == ["age", "age'", "age''", "dose", "dose'"]
    pd.testing.assert_series_equal(made["dose"], table["dose"])
    assert spline.knots_[0].tolist() == [20, 60, 90, 150] and len(spline.knots_[1]) == 3
    far = spline.transform(pd.DataFrame({"age": [1e4], "dose": [-9.0]}))
    assert np.isfinite(far).all(axis=None) and far["dose'"].item() == 0


def test_columns_with_few_values_are_named():
    grade = pd.DataFrame({"grade": [1.0, 2.0, 3.0] * 40})
    with pytest.raises(NotEstimable, match="Column 'grade' has 3 different values in"):
        RestrictedCubicSpline().fit(grade)
    assert len(RestrictedCubicSpline(3).fit(grade).knots_[0]) == 3
    with pytest.raises(NotEstimable, match="'x0' has 8 .* in 8 samples, too few for"):
        RestrictedCubicSpline().fit(np.arange(8.0)[:, None])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"knots": [1, 2]}, "knots must hold at least three finite numbers in asc"),
        ({"knots": [1, 3, 2]}, "in ascending order, got \\[1, 3, 2\\]"),
        ({"knots": [1, 2, 2]}, "in ascending order, got \\[1, 2, 2\\]"),
        ({"knots": {"age": [1, 2, np.inf]}}, "knots of 'age' must hold"),
        ({"knots": {"age": ["a", "b", "c"]}}, "knots of 'age' must hold numbers"),
        ({"knots": {"dose": [1, 2, 3]}}, "knots names dose, which X does not have"),
        ({"n_knots": 8}, "n_knots"),
    ],
)
def test_bad_knots_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        RestrictedCubicSpline(**settings).fit(pd.DataFrame({"age": np.arange(99.0)}))


def test_with_knots_of_ones_own_two_samples_are_enough():
    spline = RestrictedCubicSpline(knots=[1, 2, 3])
    assert spline.fit(np.array([[1.0], [2.0]])).knots_[0].tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="1 sample"):
        spline.fit(np.array([[1.0]]))


def test_a_spline_without_knots_says_so():
    with pytest.raises(NotFittedError):
        RestrictedCubicSpline().transform(np.ones((3, 1)))
    with pytest.raises(NotFittedError):
        RestrictedCubicSpline().get_feature_names_out(["age"])


def test_missing_values_are_named():
    table = pd.DataFrame({"age": [np.nan, *range(99)]})
    with pytest.raises(ValueError, match="NaN in 1 columns: age. RestrictedCubicSpl"):
        RestrictedCubicSpline().fit(table)


def clinical(n=300, seed=0, gaps=False):
    """Risk rises and falls with age."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.normal(60, 11, n).round(1),
            "dose": rng.normal(66, 3, n),
            "stage": rng.choice(["I", "II", "III"], n),
        }
    )
    lp = 1.5 - ((X["age"] - 62) / 9) ** 2 + 0.2 * (X["dose"] - 66)
    y = (lp + rng.logistic(size=n) > 0).astype(int).to_numpy()
    if gaps:
        X.loc[rng.random(n) < 0.1, ["age", "dose"]] = np.nan
    return X, y


def branches():
    spline = RestrictedCubicSpline
    fill = SimpleImputer
    return {
        "plain": spline(),
        "scaled before": make_pipeline(StandardScaler(), spline(5)),
        "scaled after": make_pipeline(spline(3), StandardScaler()),
        "filled before": make_pipeline(fill(), spline()),
        "filled and scaled": make_pipeline(StandardScaler(), fill(), spline(), fill()),
    }


@pytest.mark.parametrize("kind", list(branches()))
@pytest.mark.parametrize("penalty", ["none", "lasso", "sklearn"])
def test_a_nomogram_gives_the_probability_of_its_model(kind, penalty):
    X, y = clinical(gaps="filled" in kind)
    columns = ColumnTransformer(
        [
            ("curves", branches()[kind], ["age", "dose"]),
            ("stage", OneHotEncoder(drop="first", sparse_output=False), ["stage"]),
        ]
    )
    last = {
        "none": NomogramClassifier(penalty="none"),
        "lasso": NomogramClassifier(lambda_rule=0.01),
        "sklearn": LogisticRegression(max_iter=5000),
    }[penalty]
    model = make_pipeline(columns, last).fit(X, y)
    tables = [X] if penalty == "sklearn" else [X, None]
    for table in tables:
        nomogram = Nomogram.from_estimator(model, table)
        far = X.assign(age=X["age"] * 1.7 - 40)
        for rows in (X, far):
            risk = nomogram.probability(nomogram.points(rows)["total"])
            np.testing.assert_allclose(
                risk, model.predict_proba(rows)[:, 1], rtol=0, atol=1e-12
            )
    age = nomogram.predictors[0]
    assert age.name == "age" and age.kind == "continuous"
    slopes = np.sign(np.diff(age.points))
    assert slopes[0] == 1 and slopes[-1] == -1  # it doubles back
    assert max(axis.points.max() for axis in nomogram.predictors) == pytest.approx(100)


def test_coefficients_of_a_publication_with_knots():
    X, y = clinical()
    spline = RestrictedCubicSpline(
        knots={"age": [45, 55, 65, 75], "dose": [63, 66, 69]}
    )
    spline.set_output(transform="pandas")
    model = make_pipeline(spline, NomogramClassifier(penalty="none"))
    model.fit(X[["age", "dose"]], y)
    coefficients = dict(
        zip(model[-1].feature_names_in_, model[-1].coef_[0], strict=True)
    )
    nomogram = Nomogram.from_coefficients(
        coefficients, model[-1].intercept_[0], X, knots=spline.knots
    )
    of_model = Nomogram.from_estimator(model, X[["age", "dose"]])
    pd.testing.assert_frame_equal(nomogram.points(X), of_model.points(X))
    with pytest.raises(
        ValueError, match="a coefficient for each of age, age', age''; "
    ):
        Nomogram.from_coefficients(
            {"age": 1, "age'": 2}, 0, X, knots={"age": [45, 55, 65, 75]}
        )
    with pytest.raises(ValueError, match="'age' has both categories and knots"):
        Nomogram.from_coefficients(
            {"age": 1, "age'": 2},
            0,
            X,
            knots={"age": [45, 55, 65]},
            categories={"age": [45, 55]},
        )


def test_a_spline_of_levels_is_refused():
    from sklearn.preprocessing import OrdinalEncoder

    X, y = clinical()
    X["stage"] = np.arange(len(X)) % 60
    model = make_pipeline(
        OrdinalEncoder(), RestrictedCubicSpline(), NomogramClassifier(penalty="none")
    ).fit(X[["stage"]], y)
    with pytest.raises(
        ValueError, match="RestrictedCubicSpline of a column that an en"
    ):
        Nomogram.from_estimator(model, X[["stage"]])
