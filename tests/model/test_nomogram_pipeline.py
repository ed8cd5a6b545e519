import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.images import as_lesions, read_cohort
from sklearn_orn.model import Nomogram
from tests._examples import examples
from tests.study._cohort import clinical_cohort

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn_orn.exceptions.StudyWarning",
)

NUMBERS = ["age", "dose", "radiomics score"]
STAGES = ["I", "II", "III", "IVa"]


def clinical_table(seed, n=80, gaps=False, n_stages=4):
    """Columns of all kinds, and an outcome that some of them have a hand in."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": rng.normal(58, 11, n).round(),
            "sex": rng.choice(["female", "male"], n),
            "stage": rng.choice(STAGES[:n_stages], n),
            "dose": rng.normal(7000, 40, n),
            "smoker": rng.random(n) < 0.4,
            "grade": rng.integers(1, 4, n),
            "radiomics score": rng.normal(0, 1.5, n),
        }
    )
    lp = table["radiomics score"] + 0.04 * (table["age"] - 58) + 0.5 * table["smoker"]
    lp += 0.4 * (table["stage"] == "III") - 0.3 * (table["sex"] == "male")
    y = (lp + rng.logistic(size=n) > 0).to_numpy().astype(int)
    if gaps:
        table.loc[rng.random(n) < 0.15, NUMBERS] = np.nan
        table["stage"] = table["stage"].where(rng.random(n) > 0.15)
    return table, y


def assert_same_probability(nomogram, model, X, atol=1e-12):
    risk = nomogram.probability(nomogram.points(X)["total"])
    np.testing.assert_allclose(risk, model.predict_proba(X)[:, 1], rtol=0, atol=atol)


def axes_of(nomogram):
    return {axis.name: axis for axis in nomogram.predictors}


SCALERS = [
    "passthrough",
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    RobustScaler(),
    RobustScaler(with_centering=False),
    RobustScaler(with_scaling=False),
    MinMaxScaler(feature_range=(-1, 2)),
    MaxAbsScaler(),
    make_pipeline(StandardScaler(), "passthrough", MinMaxScaler()),
]
ENCODERS = [
    OneHotEncoder(drop="first", sparse_output=False),
    OneHotEncoder(drop="if_binary", sparse_output=False),
    OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
    OneHotEncoder(drop=["male", "II"], sparse_output=False),
    OneHotEncoder(min_frequency=0.3, sparse_output=False),
    OneHotEncoder(min_frequency=0.3, drop="first", sparse_output=False),
    OrdinalEncoder(),
    make_pipeline(OrdinalEncoder(), StandardScaler()),
]


@st.composite
def pipelines(draw):
    """A table, and a pipeline fitted to it."""
    gaps = draw(st.booleans())
    X, y = clinical_table(draw(st.integers(0, 2**20)), gaps=gaps)
    numeric, coded = draw(st.sampled_from(SCALERS)), draw(st.sampled_from(ENCODERS))
    if gaps:
        fill = SimpleImputer(strategy=draw(st.sampled_from(["mean", "median"])))
        order = [fill, numeric] if draw(st.booleans()) else [numeric, fill]
        numeric = make_pipeline(*order)
        if draw(st.booleans()) or not isinstance(coded, OneHotEncoder):
            coded = make_pipeline(SimpleImputer(strategy="most_frequent"), coded)
    branches = [
        ("numbers", numeric, draw(st.permutations(NUMBERS))),
        ("coded", coded, ["sex", "stage"]),
        ("flags", "passthrough", ["smoker"]),
        ("dropped", "drop", ["grade"]),
    ]
    columns = ColumnTransformer(draw(st.permutations(branches)))
    classifier = draw(
        st.sampled_from(
            [
                LogisticRegression(C=3.0, solver="newton-cholesky"),
                NomogramClassifier(lambda_rule=0.01),
                NomogramClassifier(lambda_rule=0.08),
                NomogramClassifier(cv=3, random_state=0),
                NomogramClassifier(
                    lambda_rule=0.05,
                    penalty_factor={"flags__smoker": 0.0, "numbers__age": 0.5},
                ),
            ]
        )
    )
    model = make_pipeline(columns, classifier).set_output(transform="pandas")
    return model.fit(X, y), X


@examples(60)
@given(pipelines())
def test_a_pipeline_and_its_nomogram_agree(case):
    model, X = case
    if not model[-1].coef_.any():
        with pytest.raises(ValueError, match="gives everyone the same probability"):
            Nomogram.from_estimator(model, X)
        return
    nomogram = Nomogram.from_estimator(model, X)
    assert_same_probability(nomogram, model, X)
    far = X.copy()
    far[NUMBERS] = 2 * X[NUMBERS] - X[NUMBERS].mean()
    assert_same_probability(nomogram, model, far.iloc[::-1])
    axes = axes_of(nomogram)
    assert set(axes) <= {*NUMBERS, "sex", "stage", "smoker"}
    assert max(axis.points.max() for axis in axes.values()) == pytest.approx(100)
    for name in set(axes) & set(NUMBERS):  # in the units of the table
        ticks = axes[name].ticks
        width = np.diff(ticks[:2])
        assert ticks[0] <= X[name].min() + 1e-9 < ticks[0] + width
        assert ticks[-1] >= X[name].max() - 1e-9 > ticks[-1] - width
    if "smoker" in axes:
        assert axes["smoker"].kind == "discrete"
        assert axes["smoker"].ticks.tolist() == [0, 1]


@examples(20)
@given(st.integers(0, 2**20), st.sampled_from(["first", "if_binary"]))
def test_unpenalised_models_agree(seed, drop):
    X, y = clinical_table(seed, n=150, n_stages=3)
    columns = ColumnTransformer(
        [
            ("age", StandardScaler(), ["age"]),
            ("sex", OneHotEncoder(drop=drop), ["sex"]),
            ("stage", OneHotEncoder(drop="first"), ["stage"]),
            ("rad", "passthrough", ["radiomics score"]),
        ],
        sparse_threshold=0,
    )
    model = make_pipeline(columns, NomogramClassifier(penalty="none")).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert_same_probability(nomogram, model, X)
    assert list(axes_of(nomogram)) == ["age", "sex", "stage", "radiomics score"]
    # Scaling changes no maximum likelihood fit, and so no nomogram.
    plain = pd.get_dummies(X[["age", "sex", "stage", "radiomics score"]]).drop(
        columns=["sex_female", "stage_I"]
    )
    fit = NomogramClassifier(penalty="none").fit(plain.astype(float), y)
    by_hand = Nomogram.from_coefficients(
        dict(zip(plain.columns, fit.coef_[0], strict=True)),
        fit.intercept_[0],
        X,
        categories={"sex": ["female", "male"], "stage": STAGES[:3]},
    )
    for axis in by_hand.predictors:
        mine = axes_of(nomogram)[axis.name]
        assert mine.ticks.tolist() == axis.ticks.tolist()
        np.testing.assert_allclose(mine.points, axis.points, atol=1e-5)


def lasso(**settings):
    return NomogramClassifier(lambda_rule=0.001, **settings)


def test_one_axis_per_column_of_the_table():
    X, y = clinical_table(0)
    columns = ColumnTransformer(
        [
            ("age", make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
            ("coded", OneHotEncoder(sparse_output=False), ["stage"]),
            ("rad", "passthrough", ["radiomics score"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X, labels={"rad": "no such predictor"})
    axes = axes_of(nomogram)
    assert {name: axis.kind for name, axis in axes.items()} == {
        "age": "continuous",
        "stage": "categorical",
        "radiomics score": "continuous",
    }
    assert axes["stage"].ticks.tolist() == STAGES
    coef = model[-1].coef_[0]
    np.testing.assert_allclose(
        axes["stage"].points,
        nomogram.points_per_unit * (coef[1:5] - coef[1:5].min()),
        atol=1e-10,
    )
    slope = np.diff(axes["age"].points[:2]) / np.diff(axes["age"].ticks[:2])
    scale = columns.named_transformers_["age"][-1].scale_[0]
    assert slope[0] / nomogram.points_per_unit == pytest.approx(coef[0] / scale)
    table = nomogram.table()
    assert table.loc[table["axis"] == "stage", "value"].tolist() == STAGES
    # Columns that the model drops need not be there.
    few = X[["radiomics score", "stage", "age"]]
    assert nomogram.points(few).equals(nomogram.points(X))
    assert nomogram.values(X).columns.tolist() == list(axes)


def test_a_predictor_of_zero_has_no_axis():
    X, y = clinical_table(3, n=200)
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), NUMBERS),
            ("coded", OneHotEncoder(), ["sex", "stage"]),
        ],
        sparse_threshold=0,
    )
    model = make_pipeline(columns, NomogramClassifier(lambda_rule=0.1)).fit(X, y)
    axes = axes_of(Nomogram.from_estimator(model, X))
    assert list(axes) == ["age", "radiomics score"]


def test_levels_without_a_coefficient_have_no_effect():
    X, y = clinical_table(4, n=150)
    columns = ColumnTransformer(
        [("s", OneHotEncoder(sparse_output=False), ["stage"])], remainder="drop"
    )
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    model[-1].coef_[0, [0, 3]] = 0.0
    stage = axes_of(Nomogram.from_estimator(model, X))["stage"]
    assert stage.points[0] == stage.points[3]


def test_without_a_table_the_ranges_come_back_through_the_steps():
    X, y = clinical_table(1)
    columns = ColumnTransformer(
        [("n", RobustScaler(), NUMBERS), ("c", OneHotEncoder(), ["sex"])],
        sparse_threshold=0,
    )
    model = make_pipeline(columns, lasso()).fit(X, y)
    by_table = axes_of(Nomogram.from_estimator(model, X))
    by_ranges = axes_of(Nomogram.from_estimator(model))
    assert list(by_table) == list(by_ranges)
    for name, axis in by_table.items():
        assert axis.ticks.tolist() == by_ranges[name].ticks.tolist()
        np.testing.assert_allclose(axis.points, by_ranges[name].points, atol=1e-9)
    other = make_pipeline(columns, LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match="pass the training table as X"):
        Nomogram.from_estimator(other)


def test_the_same_column_twice_is_one_axis():
    X, y = clinical_table(5)
    columns = ColumnTransformer(
        [
            ("number", StandardScaler(), ["grade", "age"]),
            ("again", RobustScaler(), ["age"]),
            ("levels", OneHotEncoder(sparse_output=False), ["grade"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    axes = axes_of(nomogram)
    assert list(axes) == ["grade", "age"]
    assert axes["grade"].kind == "categorical"
    assert axes["grade"].ticks.tolist() == [1, 2, 3]
    assert_same_probability(nomogram, model, X)


def test_columns_by_position_mask_slice_and_selector():
    X, y = clinical_table(6)
    X = X.drop(columns="smoker")
    columns = ColumnTransformer(
        [
            ("mask", "passthrough", X.columns == "age"),
            ("one", StandardScaler(), [-1]),
            ("range", MinMaxScaler(), slice("dose", "grade")),
            (
                "text",
                OneHotEncoder(drop="first"),
                make_column_selector(dtype_exclude="number"),
            ),
            ("none", StandardScaler(), []),
        ],
        sparse_threshold=0,
    )
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert list(axes_of(nomogram)) == [
        "age",
        "radiomics score",
        "dose",
        "grade",
        "sex",
        "stage",
    ]
    assert_same_probability(nomogram, model, X)


def test_remainder_and_nested_column_transformers():
    X, y = clinical_table(7, gaps=True)
    inner = ColumnTransformer(
        [("age", StandardScaler(), ["age"])], remainder="passthrough"
    )
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(inner, SimpleImputer()), ["dose", "age"]),
            ("drop", "drop", ["sex", "stage", "smoker"]),
        ],
        remainder=make_pipeline(SimpleImputer(), VarianceThreshold(), MaxAbsScaler()),
    )
    model = make_pipeline(columns, StandardScaler(), LogisticRegression())
    model.set_output(transform="pandas").fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert list(axes_of(nomogram)) == ["age", "dose", "grade", "radiomics score"]
    assert_same_probability(nomogram, model, X)


def test_arrays_without_names():
    X, y = clinical_table(8)
    array = X[["age", "grade", "radiomics score"]].to_numpy(float)
    columns = ColumnTransformer(
        [("a", StandardScaler(), [0, 2]), ("b", OneHotEncoder(drop="first"), [1])],
        sparse_threshold=0,
    )
    model = make_pipeline(columns, LogisticRegression()).fit(array, y)
    nomogram = Nomogram.from_estimator(model, array)
    assert list(axes_of(nomogram)) == ["x0", "x2", "x1"]
    assert_same_probability(nomogram, model, array)
    numbered = pd.DataFrame(array, index=X.index + 7)  # columns 0, 1, 2
    assert nomogram.points(numbered).index.equals(numbered.index)
    assert_same_probability(nomogram, model, numbered)


def test_missing_values_get_the_points_of_what_is_filled_in():
    X, y = clinical_table(9, gaps=True)
    columns = ColumnTransformer(
        [
            ("age", make_pipeline(StandardScaler(), SimpleImputer()), ["age"]),
            (
                "stage",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="II"), OneHotEncoder()
                ),
                ["stage"],
            ),
            (
                "dose",
                SimpleImputer(strategy="constant", fill_value=7000.0),
                ["dose"],
            ),
        ],
        sparse_threshold=0,
    )
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert_same_probability(nomogram, model, X)
    patient = {"age": np.nan, "stage": None, "dose": np.nan}
    filled = {"age": X["age"].mean(), "stage": "II", "dose": 7000.0}
    np.testing.assert_allclose(nomogram.points(patient), nomogram.points(filled))
    assert np.isnan(nomogram.values(patient)["age"].iloc[0])


def test_numbers_written_as_text_are_filled_in_and_scaled():
    X, y = clinical_table(9)
    X = X[["age"]].astype(object).map(str)
    X.iloc[::7] = np.nan
    model = make_pipeline(
        SimpleImputer(strategy="most_frequent"), StandardScaler(), LogisticRegression()
    ).fit(X, y)
    assert_same_probability(Nomogram.from_estimator(model, X), model, X)


def test_missing_values_as_a_level_of_their_own():
    X, y = clinical_table(10, n=120, gaps=True)
    columns = ColumnTransformer(
        [
            ("stage", OneHotEncoder(sparse_output=False), ["stage"]),
            ("age", SimpleImputer(), ["age"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    stage = axes_of(nomogram)["stage"]
    assert stage.ticks[:4].tolist() == STAGES and np.isnan(stage.ticks[4])
    assert_same_probability(nomogram, model, X)


def table_with_a_telling_gap(n=200):
    """Whoever lacks the stage has the outcome: a level that separates."""
    X, y = clinical_table(11, n=n)
    X["stage"] = X["stage"].mask(np.arange(n) < 8)
    y[:8] = 1
    columns = ColumnTransformer(
        [
            ("age", "passthrough", ["age"]),
            ("stage", OneHotEncoder(drop=["I"], sparse_output=False), ["stage"]),
        ]
    )
    model = make_pipeline(columns, NomogramClassifier(penalty="none"))
    return model.fit(X, y), X


def test_a_missing_level_does_not_squash_the_other_axes():
    model, X = table_with_a_telling_gap()
    nomogram = Nomogram.from_estimator(model, X)
    assert_same_probability(nomogram, model, X)
    axes = axes_of(nomogram)
    assert axes["stage"].points[-1] > 200  # the place of the missing, off the axis
    assert axes["stage"].points[:-1].min() == 0
    assert max(axes["age"].points.max(), axes["stage"].points[:-1].max()) == (
        pytest.approx(100)
    )
    # The scales are those of the patients on the axes.
    without = Nomogram.from_estimator(model, X.iloc[8:])
    assert nomogram.total_points.ticks.tolist() == without.total_points.ticks.tolist()
    # Elsewhere the level stands on its axis as before.
    X, y = clinical_table(10, n=120, gaps=True)
    model = make_pipeline(OneHotEncoder(sparse_output=False), LogisticRegression())
    model.fit(X[["stage", "sex"]], y)
    for axis in Nomogram.from_estimator(model, X[["stage", "sex"]]).predictors:
        assert axis.points.min() == 0 and axis.points.max() <= 100


def test_only_a_missing_level_makes_a_difference():
    X = pd.DataFrame({"stage": ["I", None] * 20})
    y = np.arange(40) % 4 == 1
    model = make_pipeline(OneHotEncoder(sparse_output=False), LogisticRegression())
    model.fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert sorted(nomogram.predictors[0].points) == [0, 100]
    assert_same_probability(nomogram, model, X)


@pytest.mark.parametrize("before", [True, False])
def test_an_indicator_of_missing_values_adds_its_points(before):
    X, y = clinical_table(9, gaps=True)
    y = np.where(X["dose"].isna(), 1, y)
    fill = SimpleImputer(add_indicator=True)
    numbers = (
        make_pipeline(fill, StandardScaler())
        if before
        else make_pipeline(StandardScaler(), fill)
    )
    model = make_pipeline(
        ColumnTransformer([("numbers", numbers, NUMBERS)]), LogisticRegression()
    ).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert [axis.name for axis in nomogram.predictors] == NUMBERS
    assert_same_probability(nomogram, model, X)
    filled = nomogram.points({**X.iloc[0], "dose": X["dose"].mean()})["dose"]
    missing = nomogram.points({**X.iloc[0], "dose": np.nan})["dose"]
    assert missing.item() > filled.item() + 5


def test_an_indicator_of_levels_with_gaps():
    X, y = clinical_table(9, gaps=True)
    model = make_pipeline(
        OrdinalEncoder(), SimpleImputer(add_indicator=True), LogisticRegression()
    ).fit(X[["stage"]], y)
    assert model[1].indicator_.features_.tolist() == [0]
    nomogram = Nomogram.from_estimator(model, X[["stage"]])
    proba = nomogram.probability(nomogram.points(X[["stage"]])["total"])
    expected = model.predict_proba(X[["stage"]])[:, 1]
    np.testing.assert_allclose(proba, expected, rtol=0, atol=1e-12)


def test_numbers_that_are_no_numbers():
    X, y = clinical_table(2)
    model = make_pipeline(SimpleImputer(), LogisticRegression())
    model.fit(X[["age", "radiomics score"]], y)
    nomogram = Nomogram.from_estimator(model, X)
    with pytest.raises(ValueError, match="'age' has infinite values"):
        nomogram.points({"age": np.inf, "radiomics score": 0})
    with pytest.raises(ValueError, match="'age' must hold numbers"):
        nomogram.points({"age": "old", "radiomics score": 0})
    with pytest.raises(ValueError, match="'age' has no values to take its limits"):
        Nomogram.from_estimator(model, X.assign(age=np.nan))
    with pytest.raises(ValueError, match="more than one column 'age'"):
        nomogram.points(pd.concat([X, X[["age"]]], axis=1))


def test_levels_imputed_behind_their_encoder():
    X, y = clinical_table(14, gaps=True)
    X = X[["stage"]]
    model = make_pipeline(OrdinalEncoder(), SimpleImputer(), LogisticRegression())
    model.fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert_same_probability(nomogram, model, X)


def test_unknown_and_missing_levels_are_errors():
    X, y = clinical_table(11)
    columns = ColumnTransformer(
        [
            (
                "stage",
                OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ["stage"],
            ),
            ("age", StandardScaler(), ["age"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    with pytest.raises(ValueError, match="'stage' has no level 'V'. Its levels are"):
        nomogram.points({"stage": "V", "age": 60})
    with pytest.raises(ValueError, match="'stage' is missing in 1 of 1 rows"):
        nomogram.points({"stage": None, "age": 60})
    with pytest.raises(ValueError, match="'age' is missing in 1 of 80 rows"):
        nomogram.points(X.assign(age=X["age"].where(X.index != 3)))
    with pytest.raises(ValueError, match="X has no column 'stage'"):
        nomogram.points({"age": 60})


# Two readers, and images.


def readers_table(seed=0, n=60, names=("Sigma", "S(1,0)Contrast", "Teta1", "noise")):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(n, len(names))) * [1, 40, 1e-3, 1] + [5, 200, 0.1, 0]
    y = (truth[:, 0] - 5 + (truth[:, 1] - 200) / 40 + rng.normal(size=n) > 0).astype(
        int
    )
    noise = rng.normal(size=(2, n, len(names))) * [0.1, 4, 1e-4, 5]
    blocks = [
        pd.DataFrame(truth + error, columns=[f"{reader}__{name}" for name in names])
        for reader, error in zip("AB", noise, strict=True)
    ]
    table = pd.concat(blocks, axis=1)
    table.loc[rng.random(n) < 0.2, [f"B__{name}" for name in names]] = np.nan
    return table, y


def learned_steps(k=1):
    return [
        ICCFilter(),
        SimpleImputer(strategy="median", keep_empty_features=True),
        FCMSelector(k=k),
        lasso(),
    ]


def means_of_readers(table):
    features = dict.fromkeys(name.split("__")[1] for name in table.columns)
    return pd.DataFrame(
        {f: table[[f"A__{f}", f"B__{f}"]].mean(axis=1) for f in features}
    )


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_readers_are_averaged_before_the_axes(output):
    table, y = readers_table()
    model = make_pipeline(*learned_steps()).set_output(transform=output).fit(table, y)
    nomogram = Nomogram.from_estimator(model, table)
    assert set(axes_of(nomogram)) <= {"Sigma", "S(1,0)Contrast", "Teta1"}
    assert_same_probability(nomogram, model, table)
    one_reader = table.assign(**{n: np.nan for n in table if n.startswith("B")})
    assert_same_probability(nomogram, model, one_reader)
    # Either table: the readers' columns, or their means.
    means = means_of_readers(table)
    pd.testing.assert_frame_equal(nomogram.points(means), nomogram.points(table))
    pd.testing.assert_frame_equal(
        Nomogram.from_estimator(model, means).table(), nomogram.table()
    )
    patient = table.iloc[4]
    np.testing.assert_allclose(
        nomogram.points(patient), nomogram.points(table).iloc[[4]]
    )
    again = pickle.loads(pickle.dumps(nomogram))
    pd.testing.assert_frame_equal(again.points(table), nomogram.points(table))


def test_unnamed_blocks_of_readers():
    table, y = readers_table()
    array = table.to_numpy()
    steps = [ICCFilter(n_readers=2), *learned_steps()[1:]]
    model = make_pipeline(*steps).fit(array, y)
    nomogram = Nomogram.from_estimator(model, array)
    # x0 is the first reader's column already.
    assert "icc" in nomogram.predictors[0].name
    assert_same_probability(nomogram, model, array)
    by_name = make_pipeline(ICCFilter(n_readers=2), *learned_steps()[1:]).fit(table, y)
    assert_same_probability(Nomogram.from_estimator(by_name, table), by_name, table)


@pytest.mark.parametrize(
    "icc", [ICCFilter(average=False), ICCFilter(n_readers=1, threshold=0.1)]
)
def test_readers_that_are_not_averaged_are_columns(icc):
    table, y = readers_table()
    model = make_pipeline(icc, *learned_steps()[1:]).fit(table, y)
    nomogram = Nomogram.from_estimator(model, table)
    assert all(name[:3] in ("A__", "B__") for name in axes_of(nomogram))
    assert_same_probability(nomogram, model, table)


def mixed_table():
    clinical, _ = clinical_table(12, n=60, gaps=True)
    readers, y = readers_table(1)
    return pd.concat([clinical, readers], axis=1), y


def texture_branch(columns):
    return make_pipeline(*learned_steps()[:3]), columns


def test_texture_beside_clinical_columns():
    X, y = mixed_table()
    blocks = [name for name in X if "__" in name]
    columns = ColumnTransformer(
        [
            ("texture", make_pipeline(*learned_steps()[:3], StandardScaler()), blocks),
            ("age", make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
            ("stage", OneHotEncoder(sparse_output=False), ["stage"]),
        ]
    )
    factors = {"age__age": 0.0}
    model = make_pipeline(columns, lasso(penalty_factor=factors))
    model.set_output(transform="pandas").fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    axes = axes_of(nomogram)
    assert (
        {"Sigma", "age"} <= set(axes) <= {*means_of_readers(X[blocks]), "age", "stage"}
    )
    assert_same_probability(nomogram, model, X)
    shuffled = X.sample(frac=1, random_state=0)
    assert nomogram.points(shuffled).index.equals(shuffled.index)
    assert_same_probability(nomogram, model, shuffled)
    # A patient by the axes' own columns.
    values = nomogram.values(X.iloc[[2]])
    np.testing.assert_allclose(
        nomogram.points(values), nomogram.points(X.iloc[[2]]), rtol=1e-12
    )
    ticks = axes["Sigma"].ticks
    assert ticks[0] > 0 and ticks[-1] < 12  # its own unit: about 5


def test_equal_names_from_two_branches_keep_the_branch():
    a, y = readers_table(2)
    X = pd.concat([a, readers_table(3)[0].add_suffix("_T2")], axis=1)
    X.columns = [
        n.replace("_T2", "").replace("A__", "C__").replace("B__", "D__")
        if n.endswith("_T2")
        else n
        for n in X
    ]
    columns = ColumnTransformer(
        [
            ("T1", ICCFilter(), X.columns[:8].tolist()),
            ("T2", ICCFilter(), X.columns[8:].tolist()),
        ]
    )
    model = make_pipeline(columns, SimpleImputer(), LogisticRegression(C=1e6, tol=1e-8))
    model[-1].set_params(max_iter=5000)
    model.fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert {"T1__Sigma", "T2__Sigma"} <= set(axes_of(nomogram))
    assert_same_probability(nomogram, model, X)


def lesions(n=24):
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:24, :24]
    outcome = np.arange(n) % 2
    pairs = []
    for positive in outcome:
        image = rng.normal(400 + 15 * positive, 60, size=(24, 24)).astype(np.uint16)
        pairs.append((image, (y - 12) ** 2 + (x - 12) ** 2 < rng.uniform(40, 90)))
    return as_lesions(pairs), outcome


def test_a_pipeline_of_images():
    X, y = lesions()
    model = make_pipeline(
        Normalizer(method="none"),
        TextureExtractor(families=["histogram"]),
        SimpleImputer(),
        StandardScaler(),
        lasso(),
    ).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert_same_probability(nomogram, model, X)
    features = nomogram.values(X)
    assert "Mean" in features and features["Mean"].between(380, 440).all()
    pd.testing.assert_frame_equal(nomogram.points(features), nomogram.points(X))
    measured = model[:2].transform(X)
    rest = Nomogram.from_estimator(model[2:], measured)
    pd.testing.assert_frame_equal(rest.table(), nomogram.table())


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Image files of two readers, beside clinical columns."""
    folder = tmp_path_factory.mktemp("cohort")
    return read_cohort(clinical_cohort(folder, "sex", ["female", "male"]))


def test_images_beside_clinical_columns(cohort):
    texture = make_pipeline(
        Normalizer(method="none"),
        TextureExtractor(families=["histogram"]),
        *learned_steps(k=2)[:3],
        StandardScaler(),
    )
    columns = ColumnTransformer(
        [
            ("texture", texture, ["image", "mask_A", "mask_B"]),
            ("age", SimpleImputer(), ["age"]),
            ("sex", OneHotEncoder(drop="first", sparse_output=False), ["sex"]),
        ]
    )
    factors = {"age__age": 0.0, "sex__sex_male": 0.0}
    model = make_pipeline(columns, NomogramClassifier(lambda_rule=0.05))
    model[-1].set_params(penalty_factor=factors)
    y = (cohort["grade"] == "high").to_numpy().astype(int)
    model.set_output(transform="pandas").fit(cohort, y)
    nomogram = Nomogram.from_estimator(model, cohort)
    axes = axes_of(nomogram)
    assert list(axes)[-2:] == ["age", "sex"] and len(axes) > 2
    assert_same_probability(nomogram, model, cohort)
    values = nomogram.values(cohort)
    pd.testing.assert_frame_equal(nomogram.points(values), nomogram.points(cohort))
    assert values.index.equals(cohort.index)
    with pytest.raises(ValueError, match="X has no column 'mask_B'"):
        nomogram.points(cohort.drop(columns="mask_B"))


# What a nomogram cannot show.


def test_a_bare_classifier_needs_two_classes():
    X, y = clinical_table(0)
    line = LinearRegression().fit(X[["age"]], y)
    with pytest.raises(
        TypeError, match="two classes_, or a Pipeline.*LinearRegression"
    ):
        Nomogram.from_estimator(line, X)
    selector = make_pipeline(StandardScaler(), VarianceThreshold()).fit(X[["age"]])
    with pytest.raises(TypeError, match="got VarianceThreshold"):
        Nomogram.from_estimator(selector, X)


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (PCA(), TypeError, "Step 'it' is a PCA: .* The steps it can have are Pipeline"),
        (
            FunctionTransformer(np.log1p),
            TypeError,
            "'it' is a FunctionTransformer with the function log1p",
        ),
        (SimpleImputer(missing_values=-1), ValueError, "with NaN for the missing"),
        (MinMaxScaler(clip=True), ValueError, "'it' is a MinMaxScaler with clip=True"),
    ],
)
def test_unsupported_steps_are_named(step, error, message):
    X, y = clinical_table(0)
    model = Pipeline([("it", step), ("lasso", LogisticRegression())])
    model.fit(X[["age", "dose"]] / 1000, y)
    with pytest.raises(error, match=message):
        Nomogram.from_estimator(model, X)
    columns = ColumnTransformer([("it", step, ["age"])])
    model = make_pipeline(columns, LogisticRegression()).fit(X, y)
    with pytest.raises(error, match=message):
        Nomogram.from_estimator(model, X)


def test_encoders_need_the_tables_own_levels():
    X, y = clinical_table(0)
    model = make_pipeline(
        StandardScaler(),
        OneHotEncoder(handle_unknown="ignore"),
        LogisticRegression(),
    ).fit(X[["grade"]], y)
    with pytest.raises(ValueError, match="'onehotencoder' is a OneHotEncoder of a col"):
        Nomogram.from_estimator(model, X)
    both = X.astype({"stage": object})
    both.loc[0, "stage"], both.loc[1, "stage"] = None, np.nan
    columns = ColumnTransformer([("s", OneHotEncoder(), ["stage"])], sparse_threshold=0)
    model = make_pipeline(columns, LogisticRegression()).fit(both, y)
    with pytest.raises(ValueError, match="both None and NaN"):
        Nomogram.from_estimator(model, both)


def test_readers_behind_other_steps_of_other_branches():
    table, y = readers_table()
    scaled = ColumnTransformer([("all", ICCFilter(n_readers=2), list(range(8)))])
    model = make_pipeline(
        StandardScaler(), scaled, SimpleImputer(), LogisticRegression()
    )
    model.fit(table, y)
    with pytest.raises(ValueError, match="'all' is a ICCFilter behind"):
        Nomogram.from_estimator(model, table)
    # In one Pipeline with them it is fine: the axes begin behind the filter.
    model = make_pipeline(
        StandardScaler().set_output(transform="pandas"), *learned_steps()
    ).fit(table, y)
    assert_same_probability(Nomogram.from_estimator(model, table), model, table)


def test_names_of_the_scales_are_taken():
    X, y = clinical_table(0)
    X = X[["age", "dose"]].rename(columns={"dose": "points"})
    with pytest.raises(ValueError, match="cannot be called 'points': rename"):
        Nomogram.from_estimator(LogisticRegression().fit(X, y), X)


def test_predictors_that_no_name_tells_apart():
    table, y = readers_table()
    readers = table.columns.tolist()
    inner = ColumnTransformer([("icc", ICCFilter(), readers)])
    columns = ColumnTransformer([("a", inner, readers), ("b", clone(inner), readers)])
    model = make_pipeline(columns, SimpleImputer(), LogisticRegression()).fit(table, y)
    with pytest.raises(ValueError, match="Several predictors have the name icc__Sigma"):
        Nomogram.from_estimator(model, table)


def test_other_selectors():
    X, y = clinical_table(13)
    numbers = X[[*NUMBERS, "grade"]]
    model = make_pipeline(StandardScaler(), SelectKBest(k=2), LogisticRegression())
    model.fit(numbers, y)
    nomogram = Nomogram.from_estimator(model, numbers)
    assert len(nomogram.predictors) == 2
    assert_same_probability(nomogram, model, numbers)
