"""ComBat: numbers of another program, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier
from sklearn_orn.deploy import save_model
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection import ComBat
from sklearn_orn.selection._combat_formulas import nonparametric, parametric
from tests._marks import weak_fits

SEEN = json.loads((Path(__file__).parent / "combat.json").read_text("utf-8"))
X = np.array(SEEN["X"])
BATCH = np.array(SEEN["batch"])
COVARIATES = pd.DataFrame({"age": SEEN["age"], "sex": SEEN["sex"]})
Y = np.arange(len(X)) % 2
TABLE = pd.DataFrame(X, columns=list("abcdef"), index=range(100, 100 + len(X)))
WITH_COLUMNS = TABLE.assign(centre=BATCH, age=SEEN["age"], sex=SEEN["sex"])
SETTINGS = {
    "parametric": {},
    "nonparametric": {"parametric": False},
    "mean_only": {"mean_only": True},
    "nonparametric_mean_only": {"parametric": False, "mean_only": True},
    "reference": {"reference": "B"},
    "nonparametric_reference": {"parametric": False, "reference": "B"},
    "covariates": {},
}


@pytest.mark.parametrize("case", SETTINGS)
def test_the_numbers_of_sva(case):
    covariates = COVARIATES if case == "covariates" else None
    step = ComBat(**SETTINGS[case])
    found = step.fit_transform(X, batch=BATCH, covariates=covariates)
    np.testing.assert_allclose(found, SEEN["harmonised"][case], rtol=0, atol=1e-10)


def test_every_case_of_the_table_is_tried():
    assert set(SETTINGS) == set(SEEN["harmonised"])


def by_loops(Z):
    """The two estimates of a batch, feature by feature, as the article writes them."""
    n, p = Z.shape
    gamma = [sum(Z[:, j]) / n for j in range(p)]
    delta = [sum((Z[:, j] - gamma[j]) ** 2) / (n - 1) for j in range(p)]
    weighted = []
    for j in range(p):
        top, below = np.zeros(2), 0.0
        for k in range(p):
            if k == j:
                continue
            density = 1.0
            for z in Z[:, j]:
                density *= np.exp(-((z - gamma[k]) ** 2) / (2 * delta[k]))
                density /= np.sqrt(2 * np.pi * delta[k])
            top += density * np.array([gamma[k], delta[k]])
            below += density
        weighted.append(top / below)
    return np.array(gamma), np.array(delta), np.array(weighted)


def test_nonparametric_is_the_weighted_mean_of_the_article():
    Z = np.random.default_rng(3).normal(0.4, 1.3, size=(9, 7))
    gamma, delta, weighted = by_loops(Z)
    found = nonparametric(Z, gamma, delta)
    np.testing.assert_allclose(np.transpose(found), weighted, rtol=1e-12)


def test_nonparametric_survives_likelihoods_that_are_zero_in_floats():
    Z = np.random.default_rng(3).normal(size=(900, 4)) + [0, 50, 100, 150]
    found = nonparametric(Z, Z.mean(axis=0), Z.var(axis=0, ddof=1))
    assert np.isfinite(found).all()


def test_parametric_solves_both_equations_of_the_article():
    Z = np.random.default_rng(5).normal(0.4, 1.3, size=(12, 40))
    gamma, delta = Z.mean(axis=0), Z.var(axis=0, ddof=1)
    g, d = parametric(Z, gamma, delta)
    tau2, m, s2 = gamma.var(ddof=1), delta.mean(), delta.var(ddof=1)
    shape, scale = m**2 / s2 + 2, m**3 / s2 + m
    squares = ((Z - g) ** 2).sum(axis=0)
    np.testing.assert_allclose(d, (scale + squares / 2) / (12 / 2 + shape - 1))
    mean = (12 * tau2 * gamma + d * gamma.mean()) / (12 * tau2 + d)
    np.testing.assert_allclose(g, mean, atol=1e-3)


def test_equal_deltas_are_no_division_by_zero():
    Z = np.array([-1.0, 0.0, 1.0])[:, None] + np.array([0.5, 1.0, 2.0])
    g, d = parametric(Z, Z.mean(axis=0), Z.var(axis=0, ddof=1))
    assert np.isfinite(g).all()
    np.testing.assert_allclose(d, 1.0)


def drawn(seed, sizes=(9, 6, 12)):
    rng = np.random.default_rng(seed)
    batch = np.repeat(list("ABC"), sizes)
    own = rng.normal(size=(3, 5))[np.repeat(range(3), sizes)]
    return rng.normal(size=(len(batch), 5)) + own, batch, rng


steps = st.builds(
    ComBat,
    parametric=st.booleans(),
    mean_only=st.booleans(),
    reference=st.sampled_from([None, "B"]),
)


@given(st.integers(0, 2**32 - 1), steps)
def test_a_lesion_is_harmonised_the_same_alone(seed, step):
    values, batch, rng = drawn(seed)
    whole = step.fit_transform(values, batch=batch)
    i = int(rng.integers(len(values)))
    alone = step.transform(values[[i]], batch=batch[[i]])
    np.testing.assert_allclose(alone[0], whole[i], rtol=1e-12, atol=1e-12)


@given(st.integers(0, 2**32 - 1), steps)
def test_harmonising_knows_no_order_of_rows(seed, step):
    values, batch, rng = drawn(seed)
    order = rng.permutation(len(values))
    whole = step.fit_transform(values, batch=batch)
    moved = clone(step).fit_transform(values[order], batch=batch[order])
    np.testing.assert_allclose(moved, whole[order], atol=1e-8)


@given(
    st.integers(0, 2**32 - 1),
    steps,
    st.floats(0.01, 100),
    st.floats(-100, 100),
)
def test_harmonising_follows_any_unit(seed, step, scale, shift):
    values, batch, _ = drawn(seed)
    whole = step.fit_transform(values, batch=batch)
    other = clone(step).fit_transform(scale * values + shift, batch=batch)
    np.testing.assert_allclose(other, scale * whole + shift, atol=1e-4 * scale)


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_the_reference_stays_and_so_does_a_batch_unseen(seed, by_prior, mean_only):
    values, batch, _ = drawn(seed)
    step = ComBat(
        parametric=by_prior, mean_only=mean_only, reference="C", unseen="reference"
    )
    whole = step.fit_transform(values, batch=batch)
    np.testing.assert_array_equal(whole[batch == "C"], values[batch == "C"])
    new = step.transform(values[:2], batch=["D", "D"])
    np.testing.assert_array_equal(new, values[:2])


@pytest.mark.parametrize("unit", [1e-9, 1e12])
def test_features_in_tiny_and_huge_units_are_harmonised_alike(unit):
    step = ComBat().fit(unit * X, batch=BATCH)
    assert step.adjusted_.all()
    expected = SEEN["harmonised"]["parametric"]
    found = step.transform(unit * X, batch=BATCH) / unit
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_batches_are_alike_afterwards_and_the_effect_of_age_stays():
    rng = np.random.default_rng(0)
    batch, age = np.repeat(["A", "B"], 60), rng.uniform(40, 80, 120)
    age[:60] += 10
    noise = rng.normal(size=(120, 30))
    values = 0.2 * age[:, None] + noise + 4 * (batch == "B")[:, None]
    step = ComBat().fit(values, batch=batch, covariates=age)
    out = step.transform(values, batch=batch, covariates=age)
    slopes = np.polyfit(age, out, 1)[0]
    np.testing.assert_allclose(slopes, 0.2, atol=0.04)
    rest = out - 0.2 * age[:, None]
    assert abs(rest[:60].mean() - rest[60:].mean()) < 0.1
    np.testing.assert_allclose(step.coef_[0], slopes, atol=0.04)


def test_a_feature_that_is_constant_in_a_batch_passes():
    values = X.copy()
    values[BATCH == "A", 2] = 1.0
    values[:, 4] = 7.0
    step = ComBat().fit(values, batch=BATCH)
    assert step.adjusted_.tolist() == [True, True, False, True, False, True]
    out = step.transform(values, batch=BATCH)
    np.testing.assert_array_equal(out[:, [2, 4]], values[:, [2, 4]])
    rest = np.delete(values, [2, 4], axis=1)
    alone = ComBat().fit_transform(rest, batch=BATCH)
    np.testing.assert_allclose(np.delete(out, [2, 4], axis=1), alone)


@pytest.mark.parametrize("slope", [3, -3])
def test_a_feature_that_is_a_covariate_passes(slope):
    values = np.column_stack([X, slope * COVARIATES["age"] + 1])
    step = ComBat().fit(values, batch=BATCH, covariates=COVARIATES)
    assert step.adjusted_.tolist() == [True] * 6 + [False]


def test_columns_of_x_are_the_same_as_metadata():
    step = ComBat("centre", covariate_columns=["age", "sex"]).set_output(
        transform="pandas"
    )
    out = step.fit_transform(WITH_COLUMNS)
    expected = SEEN["harmonised"]["covariates"]
    pd.testing.assert_frame_equal(
        out, pd.DataFrame(expected, index=TABLE.index, columns=TABLE.columns)
    )
    assert step.n_features_in_ == 9
    assert step.feature_names_in_.tolist() == WITH_COLUMNS.columns.tolist()
    assert step.get_feature_names_out().tolist() == list("abcdef")


def test_tables_of_polars():
    pl = pytest.importorskip("polars")
    table = pl.from_pandas(WITH_COLUMNS)
    out = ComBat("centre", covariate_columns=["age", "sex"]).fit_transform(table)
    np.testing.assert_allclose(out, SEEN["harmonised"]["covariates"], atol=1e-6)


@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, list])
def test_covariates_of_any_form(form):
    cells = COVARIATES if form is pd.DataFrame else COVARIATES.to_numpy()
    out = ComBat().fit_transform(X, batch=BATCH, covariates=form(cells))
    np.testing.assert_allclose(out, SEEN["harmonised"]["covariates"], atol=1e-6)


def test_training_only():
    step = ComBat().fit(X, batch=BATCH)
    before = {k: np.copy(v) for k, v in vars(step).items() if k.endswith("_")}
    step.transform(X[:8] + 100, batch=BATCH[:8])
    for name, value in before.items():
        np.testing.assert_array_equal(getattr(step, name), value)


def test_a_batch_unseen():
    step = ComBat().fit(X[BATCH != "C"], batch=BATCH[BATCH != "C"])
    new = X[BATCH == "C"]
    with pytest.raises(ValueError, match=r"'C' in 9 rows, unseen in fit, which saw 'A"):
        step.transform(X, batch=BATCH)
    grand = step.set_params(unseen="grand").transform(X, batch=BATCH)
    np.testing.assert_array_equal(grand[BATCH == "C"], new)
    assert (grand[BATCH == "A"] != X[BATCH == "A"]).all()


REFUSED = {
    "no batch": ({}, {}, ValueError, "was given no batch.*enable_metadata_routing"),
    "short": ({}, {"batch": BATCH[:4]}, ValueError, "each of the 24 rows"),
    "text": ({}, {"batch": "centre"}, ValueError, "each of the 24 rows"),
    "missing": (
        {},
        {"batch": [None, *BATCH[1:]]},
        ValueError,
        "batch has 1 missing .* position 0",
    ),
    "one batch": ({}, {"batch": ["A"] * 24}, NotEstimable, "of one batch .'A' 24."),
    "few": (
        {"min_lesions": 8},
        {"batch": BATCH},
        NotEstimable,
        "min_lesions=8 lesions in fit, found 'A' 8, 'B' 7, 'C' 9 .*Join batches",
    ),
    "reference": ({"reference": "D"}, {"batch": BATCH}, ValueError, "reference='D' is"),
    "no reference": (
        {"unseen": "reference"},
        {"batch": BATCH},
        ValueError,
        "reference is None: name a batch",
    ),
    "batch is y": ({}, {"batch": Y + 5}, ValueError, "batch is the outcome y"),
    "covariate is y": (
        {},
        {"batch": BATCH, "covariates": np.where(Y, "no", "yes")},
        ValueError,
        "Covariate 'covariate 0' is the outcome y, or a relabelling",
    ),
    "name of y": (
        {},
        {"batch": BATCH, "covariates": pd.Series(1.0 - Y, name="healed")},
        ValueError,
        "Covariate 'healed' is the outcome y",
    ),
    "missing covariate": (
        {},
        {"batch": BATCH, "covariates": [np.nan, *SEEN["age"][1:]]},
        ValueError,
        "Covariate 'covariate 0' has 1 missing",
    ),
    "infinite covariate": (
        {},
        {"batch": BATCH, "covariates": [np.inf, *SEEN["age"][1:]]},
        ValueError,
        "held numbers in fit, and holds inf at position 0",
    ),
    "rows of covariates": (
        {},
        {"batch": BATCH, "covariates": COVARIATES[:4]},
        ValueError,
        "covariates must have one row for each of the 24 rows",
    ),
    "cube": (
        {},
        {"batch": BATCH, "covariates": np.zeros((24, 1, 1))},
        ValueError,
        r"got an array of shape \(24, 1, 1\)",
    ),
    "confounded": (
        {},
        {"batch": BATCH, "covariates": BATCH == "A"},
        ValueError,
        "cannot be told apart from the batches",
    ),
    "constant": (
        {},
        {"batch": BATCH, "covariates": np.full(24, 60.0)},
        ValueError,
        "'covariate 0' cannot be told apart",
    ),
    "many": (
        {},
        {"batch": BATCH, "covariates": np.random.default_rng(0).normal(size=(24, 21))},
        ValueError,
        "n_samples = 24 are too few for 24 columns",
    ),
    "array": (
        {"batch_column": "centre"},
        {},
        TypeError,
        "must be a table with names, got ndarray",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    settings, given_, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        ComBat(**settings).fit(X, Y, **given_)


def test_batches_of_one_class_each_are_refused():
    with pytest.raises(ValueError, match="Each of the 3 batches holds one class only"):
        ComBat().fit(X, BATCH == "B", batch=BATCH)


def test_a_continuous_outcome_is_found_too():
    y = np.linspace(0.05, 3, len(X))
    ComBat().fit(X, y, batch=BATCH, covariates=COVARIATES)
    with pytest.raises(ValueError, match="is the outcome y"):
        ComBat().fit(X, y, batch=BATCH, covariates=y.tolist())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_column": "site"}, "no column 'site'; its columns are a, b, c, d, e"),
        ({"batch_column": "sex", "covariate_columns": ["sex"]}, "has one role"),
    ],
)
def test_columns_that_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        ComBat(**settings).fit(WITH_COLUMNS)


def test_given_twice():
    with pytest.raises(ValueError, match="batch was given twice"):
        ComBat("centre").fit(WITH_COLUMNS.drop(columns=["age", "sex"]), batch=BATCH)


def test_missing_values_are_refused_by_name():
    with pytest.raises(ValueError, match=r"NaN in 1 columns: b\. ComBat does not"):
        ComBat().fit(TABLE.assign(b=np.nan), batch=BATCH)


def test_one_varying_feature_is_too_few():
    values = np.column_stack([X[:, 0], np.ones(24)])
    with pytest.raises(NotEstimable, match="n_features = 2, of which 1 vary"):
        ComBat().fit(values, batch=BATCH)


def test_covariates_must_be_those_of_fit():
    step = ComBat().fit(X, batch=BATCH, covariates=COVARIATES)
    with pytest.raises(ValueError, match="those of fit.*: age, sex; found none"):
        step.transform(X, batch=BATCH)
    other = COVARIATES.assign(sex="x")
    with pytest.raises(ValueError, match="'sex' holds 'x', which fit did not see"):
        step.transform(X, batch=BATCH, covariates=other)


def test_estimates_that_do_not_settle(monkeypatch):
    formulas = "sklearn_orn.selection._combat_formulas.MAX_ITERATIONS"
    monkeypatch.setattr(formulas, 1)
    with pytest.raises(NotEstimable, match="did not settle in 1 iterations"):
        ComBat().fit(X, batch=BATCH)


def read_twice(n=90):
    rng = np.random.default_rng(1)
    y, centre = np.arange(n) % 2, np.repeat(["A", "B", "C"], n // 3)
    truth = rng.normal(size=(n, 8)) + 2 * (centre == "B")[:, None]
    truth[:, 0] += 2 * y
    readers = {
        f"{reader}__f{i}": truth[:, i] + 0.1 * rng.normal(size=n)
        for reader in ("anna", "ben")
        for i in range(8)
    }
    return pd.DataFrame(readers), y, rng.permutation(centre), np.arange(n) // 2


@weak_fits
def test_between_the_filters_with_routed_batch_and_patients():
    table, y, centre, patients = read_twice()
    pipeline = make_pipeline(
        ICCFilter(),
        SimpleImputer(),
        ComBat(),
        FCMSelector(k=2),
        NomogramClassifier(cv=3, random_state=0),
    )
    with config_context(enable_metadata_routing=True):
        found = cross_validate(
            pipeline,
            table,
            y,
            cv=GroupKFold(3),
            params={"groups": patients, "batch": centre},
            return_estimator=True,
            error_score="raise",
        )
    assert found["test_score"].min() > 0.6
    assert found["estimator"][0][0].interval_unit_ == "patient"
    assert found["estimator"][0][2].n_lesions_.sum() == 60


@weak_fits
def test_between_the_filters_with_a_column_and_a_scorer():
    table, y, centre, _ = read_twice()
    features = make_pipeline(ICCFilter(), SimpleImputer())
    pipeline = make_pipeline(
        make_column_transformer(
            (features, table.columns.tolist()),
            ("passthrough", ["centre"]),
            verbose_feature_names_out=False,
        ).set_output(transform="pandas"),
        ComBat("centre").set_output(transform="pandas"),
        FCMSelector(k=2),
        NomogramClassifier(cv=3, random_state=0),
    )
    table = table.assign(centre=centre)
    found = cross_validate(
        pipeline, table, y, cv=3, scoring="roc_auc", error_score="raise"
    )
    assert found["test_score"].min() > 0.7


@weak_fits
@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (ComBat(), "params.batch_column is None"),
        (ComBat("centre", covariate_columns=["age"]), "params.covariate_columns is "),
    ],
    ids=["no column", "covariates"],
)
def test_a_model_file_holds_the_batch_as_a_column_alone(step, reason, tmp_path):
    columns = [*"abcdef", *filter(None, [step.batch_column]), *step.covariate_columns]
    batch = None if step.batch_column else BATCH
    steps = make_pipeline(step, NomogramClassifier(penalty="none"))
    step.fit(WITH_COLUMNS[columns], batch=batch)
    steps[-1].fit(TABLE, Y)
    with pytest.raises(TypeError, match=f"step 'combat' as it is, .*{reason}"):
        save_model(tmp_path / "m.json", steps)
