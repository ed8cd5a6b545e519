"""Limits of what a model file holds of each step, and the steps that come back."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.deploy._compose import decode_estimator, encode_estimator
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import Lesion, OutlinePerturber, Regions, Resampler
from sklearn_orn.model import (
    CrossFittedScore,
    PredictorSelector,
    RestrictedCubicSpline,
)
from sklearn_orn.selection import ComBat

N = 40
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(N, 3)), columns=["a", "b", "c"])
Y = (X["a"] + RNG.normal(size=N) > 0).to_numpy().astype(int)
READ = pd.DataFrame(
    {
        f"{reader}__{name}": X[name] + 0.1 * RNG.normal(size=N)
        for reader in ("anna", "ben")
        for name in X
    }
)
CENTRES = X.assign(centre=np.repeat(["north", "south"], N // 2))
STAGES = pd.DataFrame({"stage": ["I", "II", "III", "I"]})


def lesions():
    image = np.arange(100.0).reshape(10, 10)
    masks = dict.fromkeys(("anna", "ben"), image > 20)
    return [Lesion(image, masks, spacing=(1, 1))]


def lasso(**settings):
    return NomogramClassifier(**{"lambda_rule": 0.02} | settings)


STEPS = {
    "Resampler": lambda: Resampler((0.7, 0.9)).fit(lesions()),
    "Regions": lambda: Regions(["lesion"]).fit(lesions()),
    "OutlinePerturber": lambda: OutlinePerturber(n=3).fit(lesions()),
    "Normalizer": lambda: Normalizer().fit(lesions()),
    "TextureExtractor": lambda: TextureExtractor(["histogram"]).fit(lesions()),
    "ICCFilter": lambda: ICCFilter(0.5).fit(READ, Y),
    "ComBat": lambda: ComBat(batch_column="centre", min_lesions=2).fit(CENTRES),
    "FCMSelector": lambda: FCMSelector(k=1).fit(X, Y),
    "NomogramClassifier": lambda: lasso().fit(X, Y),
    "PredictorSelector": lambda: PredictorSelector(p_threshold=0.5).fit(X, Y),
    "SimpleImputer": lambda: SimpleImputer(add_indicator=True).fit(gaps()),
    "StandardScaler": lambda: StandardScaler().fit(X),
    "OneHotEncoder": lambda: OneHotEncoder(drop="first").fit(STAGES),
    "OrdinalEncoder": lambda: OrdinalEncoder().fit(STAGES),
    "RestrictedCubicSpline": lambda: RestrictedCubicSpline(3).fit(X),
}
MADE = {}


def gaps():
    return X.assign(b=X["b"].where(X["b"] > 0))


def plain(step):
    return json.loads(json.dumps(encode_estimator(step, "step"), allow_nan=False))


def data_of(name):
    """Return what a file holds of a step, to be changed at will."""
    if name not in MADE:
        MADE[name] = json.dumps(encode_estimator(STEPS[name](), "step"))
    return json.loads(MADE[name])


def with_value(name, *keys, value):
    data = place = data_of(name)
    for key in keys[:-1]:
        place = place[key]
    assert keys[-1] in place or isinstance(place, list)
    place[keys[-1]] = value
    return data


@pytest.mark.parametrize("name", STEPS)
def test_each_step_comes_back_as_the_same_data(name):
    data = data_of(name)
    again = decode_estimator(data, "step")
    assert type(again).__name__ == name
    assert plain(again) == data


LIMITS = [
    ("Resampler", "spacing", [[0.001, 1], [1, 1000]], [[0.0009, 1], [1, 1000.1]]),
    ("Regions", "margin", [0, 0.5], [-0.1, None]),
    ("Regions", "air", [-1000, "otsu", None], ["other", True]),
    ("OutlinePerturber", "rotation", [0, 0.5, 180], [-0.1, 180.1]),
    ("OutlinePerturber", "shift", [0, 0.5], [-0.1]),
    ("OutlinePerturber", "growth", [0, 0.5, 1], [-0.1, 1.1]),
    ("OutlinePerturber", "superpixel", [0, 0.5], [-0.1]),
    ("ICCFilter", "threshold", [-1, 1], [-1.1, 1.1]),
    ("ICCFilter", "min_lesions", [2], [1]),
    ("ICCFilter", "n_readers", [None, 1], [0]),
    ("ComBat", "covariate_columns", [[]], [["age"]]),
    ("ComBat", "reference", [None, "north"], [1]),
    ("ComBat", "min_lesions", [2], [1]),
    ("FCMSelector", "k", [1], [0]),
    ("NomogramClassifier", "cv", [None, 2], [1]),
    ("NomogramClassifier", "lambda_rule", ["min", 0, 0.5], [-0.1, None]),
    ("NomogramClassifier", "l1_ratio", [0, 0.5, 1], [-0.1, 1.1]),
    ("NomogramClassifier", "n_lambdas", [2], [1]),
    ("NomogramClassifier", "n_repeats", [1], [0]),
    (
        "NomogramClassifier",
        "penalty_factor",
        [None, {"a": 0, "b": "Infinity"}, [0, 0.5, 1]],
        [{"a": -0.1}, [None], [-0.1, 0, 1]],
    ),
    ("NomogramClassifier", "threshold", ["youden", 0, 0.5, 1], [-0.1, 1.1, None]),
    ("NomogramClassifier", "tol", [0, 1e-4], [-1e-4]),
    ("PredictorSelector", "p_threshold", [0, 0.05, 1], [-0.1, 1.1]),
    ("PredictorSelector", "predictors", [None, {"a": ["b"]}], [["a"]]),
    ("PredictorSelector", "cv", [None, 2], [1]),
    ("PredictorSelector", "lambda_rule", ["1se", 0, 0.5], [-0.1, None]),
    ("SimpleImputer", "fill_value", [None, 0.5, "none"], [[], True]),
    ("OneHotEncoder", "min_frequency", [None], [2]),
    ("OneHotEncoder", "max_categories", [None], [2]),
    ("OneHotEncoder", "feature_name_combiner", ["concat"], ["other"]),
    ("OrdinalEncoder", "encoded_missing_value", [None, -1, 3], [0.5]),
    ("RestrictedCubicSpline", "n_knots", [3, 7], [2, 8]),
    ("RestrictedCubicSpline", "knots", [None, {"a": [1, 2, 3]}, [1, 2, 3]], [3, "a"]),
]


@pytest.mark.parametrize(
    ("name", "setting", "within", "beyond"),
    LIMITS,
    ids=[f"{x[0]} {x[1]}" for x in LIMITS],
)
def test_the_limits_of_a_setting(name, setting, within, beyond):
    for value in within:
        data = with_value(name, "params", setting, value=value)
        step = decode_estimator(data, "step")
        if value is not None:
            found = plain(step)["params"][setting]
            assert found == value
    for value in beyond:
        data = with_value(name, "params", setting, value=value)
        with pytest.raises(ModelFileError, match=f"step.params.{setting}"):
            decode_estimator(data, "step")


LEARNT = [
    ("NomogramClassifier", "threshold_", [0, 0.5, 1], [-0.1, 1.1]),
    ("NomogramClassifier", "lambda_", [0, 0.5], [-0.1, None]),
    ("NomogramClassifier", "lambda_min_", [None, 0, 0.5], [-0.1]),
    ("NomogramClassifier", "lambda_1se_", [None, 0, 0.5], [-0.1]),
    ("NomogramClassifier", "coef_", [[[1, 2, 3]]], [[[1, 2]], [[1, 2, 3], [1, 2, 3]]]),
    ("NomogramClassifier", "intercept_", [[1]], [[], [1, 2]]),
    ("NomogramClassifier", "feature_ranges_", [[[1, 2, 3]] * 2], [[[1, 2, 3]] * 3]),
    (
        "NomogramClassifier",
        "score_quantiles_",
        [None, list(range(21)), [0] * 21],
        [list(range(20)), list(range(22)), [*range(20), 18.5], [0, 1, *[0.5] * 19]],
    ),
    ("PredictorSelector", "lambda_", [None, 0, 0.5], [-0.1]),
    ("PredictorSelector", "p_values_", [{"a": 0, "b": None, "c": 0.5}], [{"a": -0.1}]),
    ("TextureExtractor", "readers_", [["anna"], ["b", "a"]], [[], ["a", "a"]]),
    ("ComBat", "variance_", [[0.5, 1e-9, 2]], [[0, 1, 2], [1, 2], [-1, 1, 1]]),
    ("ComBat", "delta_", [[[0.5] * 3] * 2], [[[0, 1, 1]] * 2, [[1, 1, 1]]]),
    ("ComBat", "mean_", [[0, 1, 2]], [[0, 1]]),
    ("StandardScaler", "scale_", [[0.5, 1, 2]], [[0, 1, 2], [1, 1, -1], [1, 2]]),
    ("StandardScaler", "mean_", [[0, 1, 2]], [[0, 1], None]),
    ("StandardScaler", "var_", [[0, 1, 2]], [[0, 1], None]),
    ("SimpleImputer", "statistics_", [[0, 1, 2]], [[0, 1], {"texts": []}]),
    (
        "SimpleImputer",
        "indicator_",
        [[], [0, 2], [0, 1, 2]],
        [None, [2, 0], [1, 1], [3], [-1]],
    ),
    ("OneHotEncoder", "drop_idx_", [[0]], [[1], None, [None], [0, 0]]),
    (
        "RestrictedCubicSpline",
        "knots_",
        [[[0, 0.5, 0.75]] * 3],
        [[[0, 0.5]] * 3, [[0, 0.5, 0.5]] * 3, [[0, 0.5, 1]] * 2, [[0, 1, 0.5, 2]] * 3],
    ),
]


@pytest.mark.parametrize(
    ("name", "learnt", "within", "beyond"),
    LEARNT,
    ids=[f"{x[0]} {x[1]}" for x in LEARNT],
)
def test_the_limits_of_what_was_learnt(name, learnt, within, beyond):
    for value in within:
        data = with_value(name, "fitted", learnt, value=value)
        step = decode_estimator(data, "step")
        assert plain(step)["fitted"][learnt] == value
    for value in beyond:
        data = with_value(name, "fitted", learnt, value=value)
        with pytest.raises(ModelFileError, match="step.fitted"):
            decode_estimator(data, "step")


# Steps of their own ------------------------------------------------------------------


@pytest.mark.parametrize("distance", [1, 256])
def test_distances_of_texture_have_limits(distance):
    data = with_value("TextureExtractor", "params", "distances", value=[distance])
    data["measures"]["distances"] = [distance]
    assert decode_estimator(data, "step").distances == (distance,)
    for part in ("params", "measures"):
        beyond = json.loads(json.dumps(data))
        beyond[part]["distances"] = [0 if distance == 1 else 257]
        with pytest.raises(ModelFileError, match=rf"step.{part}.distances\[0\]"):
            decode_estimator(beyond, "step")


def test_bits_of_texture_have_limits():
    for bits, holds in ((1, True), (8, True), (0, False), (9, False)):
        data = with_value(
            "TextureExtractor", "params", "bits", value={"gradient": bits}
        )
        for families in (data["params"], data["measures"]):
            families["families"] = ["gradient"]
        data["measures"]["bits"]["gradient"] = bits
        if holds:
            assert decode_estimator(data, "step").bits == {"gradient": bits}
            continue
        with pytest.raises(ModelFileError, match="step.params.bits.gradient"):
            decode_estimator(data, "step")
        del data["params"]["bits"]["gradient"]
        with pytest.raises(ModelFileError, match="step.measures.bits.gradient"):
            decode_estimator(data, "step")


def test_defaults_of_texture_are_held_in_full():
    step = TextureExtractor().fit(lesions())
    data = plain(step)
    assert data["params"]["families"] is None and data["params"]["bits"] is None
    data["measures"]["families"].remove("wavelet")
    again = decode_estimator(data, "step")
    assert "wavelet" not in again.families
    assert not any("Wav" in name for name in again.get_feature_names_out())
    data["params"]["families"] = ["histogram", "wavelet"]
    with pytest.raises(ModelFileError, match="step.measures contradicts"):
        decode_estimator(data, "step")


def test_a_new_lesion_gets_no_perturbed_outlines():
    assert decode_estimator(data_of("OutlinePerturber"), "step").n == 0


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        ([[0, 1, 2], [3, 4, 6]], "points beyond n_features_in_"),
        ([[0, 1, -1], [3, 4, -1]], "a feature that nobody read"),
        ([[0, 1, 2]], "has the length 1; expected 2"),
        ([[0, 1, -2], [3, 4, 5]], "a whole number from -1"),
    ],
)
def test_columns_of_readers_that_are_not_there(positions, message):
    data = with_value("ICCFilter", "fitted", "_positions", value=positions)
    with pytest.raises(ModelFileError, match=message):
        decode_estimator(data, "step")


def test_a_region_that_one_reader_drew_is_held():
    data = with_value(
        "ICCFilter", "fitted", "_positions", value=[[0, 1, 2], [-1, 4, 5]]
    )
    data["fitted"]["_support"] = [True, True, False]
    step = decode_estimator(data, "step")
    row = np.array([[1.0, 2, 3, 4, 6, 8]])
    names = step.feature_names_in_
    found = step.transform(pd.DataFrame(row, columns=names))
    assert np.ravel(found).tolist() == [1, 4]
    data["fitted"]["_support"] = [False, False, False]
    with pytest.raises(ModelFileError, match="_support keeps no feature"):
        decode_estimator(data, "step")


def test_files_of_before_say_who_judged():
    data = data_of("ICCFilter")
    del data["fitted"]["judged_by_"]
    step = decode_estimator(data, "step")
    assert step.judged_by_.tolist() == ["readers"] * 3
    alone = plain(ICCFilter(n_readers=1).fit(X))
    del alone["fitted"]["judged_by_"]
    assert decode_estimator(alone, "step").judged_by_.tolist() == ["nobody"] * 3


def test_files_of_before_have_no_indicator_and_no_quantiles():
    data = plain(SimpleImputer().fit(gaps()))
    del data["params"]["add_indicator"], data["fitted"]["indicator_"]
    assert decode_estimator(data, "step").transform(gaps()).shape == X.shape
    data = data_of("NomogramClassifier")
    del data["fitted"]["score_quantiles_"]
    step = decode_estimator(data, "step")
    assert not hasattr(step, "score_quantiles_")
    np.testing.assert_array_equal(
        step.predict_proba(X), lasso().fit(X, Y).predict_proba(X)
    )


def test_one_range_upside_down_is_enough():
    ranges = [[0.0, 5.0, 0.0], [1.0, 4.0, 1.0]]
    data = with_value("NomogramClassifier", "fitted", "feature_ranges_", value=ranges)
    with pytest.raises(ModelFileError, match="a low end above its high"):
        decode_estimator(data, "step")


@pytest.mark.parametrize("unseen", ["error", "grand"])
def test_centres_are_adjusted_as_before(unseen):
    step = ComBat(batch_column="centre", min_lesions=2, unseen=unseen)
    step.set_output(transform="pandas").fit(CENTRES)
    again = decode_estimator(plain(step), "step")
    pd.testing.assert_frame_equal(again.transform(CENTRES), step.transform(CENTRES))
    new = CENTRES.iloc[:3].assign(centre=["south", "north", "south"])
    pd.testing.assert_frame_equal(again.transform(new), step.transform(new))
    other = new.assign(centre="east")
    if unseen == "grand":
        pd.testing.assert_frame_equal(again.transform(other), step.transform(other))
    else:
        with pytest.raises(ValueError, match="east"):
            again.transform(other)


def test_centres_without_their_column():
    for names in (["a", "b", "c", "site"], None):
        data = with_value("ComBat", "fitted", "feature_names_in_", value=names)
        with pytest.raises(ModelFileError, match="feature_names_in_ lacks 'centre'"):
            decode_estimator(data, "step")
    data = data_of("ComBat")
    data["fitted"]["feature_names_in_"].append("d")
    data["fitted"]["n_features_in_"] = 5
    with pytest.raises(ModelFileError, match="n_features_in_ is 5"):
        decode_estimator(data, "step")


def test_what_shapes_the_fit_alone_comes_back_as_the_default():
    step = lasso(cv=KFold(3), class_weight={0: 1, 1: 2}, lambda_rule="1se")
    step.set_params(random_state=np.random.RandomState(0))
    again = decode_estimator(plain(step.fit(X, Y)), "step")
    plainly = NomogramClassifier()
    assert (again.cv, again.class_weight) == (plainly.cv, plainly.class_weight)
    assert again.random_state is None and again.lambda_rule == "1se"
    chosen = PredictorSelector("lasso", cv=KFold(3), lambda_rule=0.01).fit(X, Y)
    assert decode_estimator(plain(chosen), "step").cv == PredictorSelector().cv
    score = CrossFittedScore(make_pipeline(lasso()), cv=KFold(3), name="rad").fit(X, Y)
    again = decode_estimator(plain(score), "step")
    assert (again.cv, again.name) == (CrossFittedScore(lasso()).cv, "rad")
    assert again.n_features_in_ == 3
    assert again.feature_names_in_.tolist() == ["a", "b", "c"]
    assert again.classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(again.transform(X), score.transform(X))


def test_whole_numbers_of_numpy_are_settings_too():
    step = lasso(cv=np.int64(3), random_state=np.int32(7)).fit(X, Y)
    again = decode_estimator(plain(step), "step")
    assert (again.cv, again.random_state) == (3, 7)


# Columns and their branches ----------------------------------------------------------


def columns_step(X, *branches, **settings):
    return ColumnTransformer(list(branches), **settings).fit(X, Y)


@pytest.mark.parametrize(
    ("as_array", "output"), [(False, "default"), (False, "pandas"), (True, "default")]
)
@pytest.mark.parametrize("remainder", ["drop", "passthrough"])
@pytest.mark.parametrize("full_names", [False, True])
def test_columns_go_to_the_same_branches(as_array, remainder, full_names, output):
    table = X.to_numpy() if as_array else X
    names = [2, 0, 1] if as_array else ["c", "a", "b"]
    step = ColumnTransformer(
        [
            ("scaled", StandardScaler(), names[:2]),
            ("gone", "drop", []),
            ("none", "passthrough", []),
            ("kept", "passthrough", names[1:2]),
        ],
        remainder=remainder,
        verbose_feature_names_out=full_names or remainder == "drop",
    )
    if not full_names and remainder == "drop":
        step.set_params(transformers=step.transformers[:3])
        step.set_params(verbose_feature_names_out=False)
    elif not full_names:
        step.set_params(transformers=[("scaled", StandardScaler(), names[:1])])
    step.set_output(transform=output).fit(table)
    data = plain(step)
    again = decode_estimator(data, "step")
    found, expected = again.transform(table), step.transform(table)
    assert type(found) is type(expected)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
    given = again.get_feature_names_out().tolist()
    assert given == step.get_feature_names_out().tolist()
    assert plain(again) == data


def test_a_branch_is_dropped():
    step = columns_step(X, ("a", "drop", ["a"]), ("b", "passthrough", ["b", "c"]))
    again = decode_estimator(plain(step), "step")
    np.testing.assert_array_equal(again.transform(X), X[["b", "c"]])


def test_places_of_columns_without_names_have_limits():
    step = columns_step(X.to_numpy(), ("kept", "passthrough", [0, 2]))
    data = plain(step)
    assert data["branches"][0][2] == [0, 2] and data["feature_names_in_"] is None
    for place in (-1, 3):
        data["branches"][0][2] = [0, place]
        with pytest.raises(
            ModelFileError, match=f"is {place}; expected a whole number"
        ):
            decode_estimator(data, "step")


def test_the_rest_of_the_columns_through_a_step_is_refused():
    step = columns_step(X, ("a", "passthrough", ["a"]), remainder=StandardScaler())
    with pytest.raises(TypeError, match="a remainder of 'drop' or 'passthrough'"):
        encode_estimator(step, "columns")


@pytest.mark.parametrize("columns", [["a", "b"], ["b", "a", "c"], ["c"]])
def test_a_branch_takes_the_columns_that_it_saw(columns):
    data = plain(columns_step(X, ("scaled", StandardScaler(), ["a", "b", "c"])))
    data["branches"][0][2] = columns
    with pytest.raises(ModelFileError, match=r"branches\[0\] \(scaled\) takes other"):
        decode_estimator(data, "step")


def test_a_branch_gives_columns():
    data = plain(columns_step(X, ("scaled", StandardScaler(), ["a", "b", "c"])))
    data["branches"][0][1] = data_of("NomogramClassifier")
    with pytest.raises(ModelFileError, match="is a classifier, and gives no columns"):
        decode_estimator(data, "step")


def test_a_step_takes_what_the_one_before_it_gives():
    model = Pipeline(
        [
            ("imputer", SimpleImputer()),
            ("skipped", "passthrough"),
            ("scaler", StandardScaler()),
        ]
    ).set_output(transform="pandas")
    data = plain(model.fit(gaps()))
    again = decode_estimator(data, "pipeline")
    pd.testing.assert_frame_equal(again.transform(gaps()), model.transform(gaps()))
    scaler = data["steps"][2][1]["fitted"]
    scaler["feature_names_in_"] = ["a", "c", "b"]
    with pytest.raises(ModelFileError, match="'scaler' takes other columns"):
        decode_estimator(data, "pipeline")
    arrays = plain(make_pipeline(SimpleImputer(), StandardScaler()).fit(X.to_numpy()))
    decode_estimator(arrays, "pipeline")
    arrays["steps"][0][1] = plain(SimpleImputer().fit(X.to_numpy()[:, :2]))
    with pytest.raises(ModelFileError, match="'standardscaler' takes other columns"):
        decode_estimator(arrays, "pipeline")


def test_nothing_stands_behind_a_classifier():
    data = plain(make_pipeline(StandardScaler(), lasso()).fit(X, Y))
    data["steps"].append(["again", "passthrough"])
    with pytest.raises(ModelFileError, match="'again' stands behind a classifier"):
        decode_estimator(data, "pipeline")


def test_two_steps_of_one_name():
    data = plain(make_pipeline(SimpleImputer(), StandardScaler()).fit(X))
    data["steps"][1][0] = "simpleimputer"
    with pytest.raises(ModelFileError, match="not unique"):
        decode_estimator(data, "pipeline")


def in_pipeline(step):
    return {"type": "Pipeline", "output": "default", "steps": [["x", step]]}


def in_columns(step):
    return {
        "type": "ColumnTransformer",
        "output": "default",
        "branches": [["x", step, ["a"]]],
        "remainder": "drop",
        "verbose_feature_names_out": False,
        "n_features_in_": 1,
        "feature_names_in_": ["a"],
    }


@pytest.mark.parametrize("wrap", [in_pipeline, in_columns])
def test_steps_in_steps_have_a_limit(wrap):
    step = plain(StandardScaler().fit(X[["a"]]))
    for _ in range(8):
        step = wrap(step)
    decode_estimator(step, "step")
    with pytest.raises(ModelFileError, match="nested too deeply"):
        decode_estimator(wrap(step), "step")


def test_a_score_within_steps_counts_as_one():
    step = plain(CrossFittedScore(lasso()).fit(X, Y))
    assert decode_estimator(step, "step", 7).estimator_.coef_.shape == (1, 3)
    with pytest.raises(ModelFileError, match="step.estimator is nested too deeply"):
        decode_estimator(step, "step", 8)


# Encoders, imputers, scalers ---------------------------------------------------------


def test_levels_of_several_columns_stay_apart():
    table = STAGES.assign(grade=["low", "high", "low", "high"])
    for step in (
        OneHotEncoder(drop=["II", "low"], sparse_output=False),
        OrdinalEncoder(categories=[["III", "II", "I"], ["low", "high"]]),
    ):
        again = decode_estimator(plain(step.fit(table)), "step")
        np.testing.assert_array_equal(again.transform(table), step.transform(table))
        data = plain(step)
        data["fitted"]["categories_"] = data["fitted"]["categories_"][:1]
        with pytest.raises(ModelFileError, match="categories_ has the length 1"):
            decode_estimator(data, "step")


def test_a_number_of_levels_and_of_dropped_ones():
    data = plain(OneHotEncoder(drop=["II"]).fit(STAGES))
    for dropped in ([1, 0], [], None):
        data["fitted"]["drop_idx_"] = dropped
        with pytest.raises(ModelFileError, match="step.fitted"):
            decode_estimator(data, "step")


def test_codes_of_the_unknown_and_the_missing_have_limits():
    unknown = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    data = plain(unknown.fit(STAGES))
    for value in (-(2**53), 2**53, None):
        data["params"]["unknown_value"] = value
        again = decode_estimator(data, "step")
        np.testing.assert_equal(again.unknown_value, np.nan if value is None else value)
    for value in (-(2**53) - 1, 0.5, "a"):
        data["params"]["unknown_value"] = value
        with pytest.raises(ModelFileError, match="step.params.unknown_value"):
            decode_estimator(data, "step")
    known = plain(OrdinalEncoder().fit(STAGES))
    assert decode_estimator(known, "step").unknown_value is None


def test_scalers_say_what_they_do():
    data = plain(StandardScaler(with_std=False).fit(X))
    assert data["fitted"]["scale_"] is None and data["fitted"]["var_"] is None
    again = decode_estimator(data, "step")
    np.testing.assert_array_equal(again.transform(X), X - X.mean().to_numpy())
    data["params"]["with_mean"] = False
    with pytest.raises(ModelFileError, match="mean_ contradicts"):
        decode_estimator(data, "step")
    data = plain(StandardScaler(with_mean=False).fit(X))
    assert data["fitted"]["mean_"] is not None
    decode_estimator(data, "step")


def test_rows_seen_by_a_scaler_differ_where_there_are_gaps():
    for table, seen in ((X, N), (gaps(), [N, gaps()["b"].count(), N])):
        again = decode_estimator(plain(StandardScaler().fit(table)), "step")
        np.testing.assert_array_equal(again.n_samples_seen_, seen)


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
def test_what_fills_a_gap_is_a_number_or_a_text():
    mixed = pd.DataFrame({"a": ["x", np.nan], "b": [2, np.nan]}, dtype=object)
    step = SimpleImputer(strategy="most_frequent").fit(mixed)
    data = plain(step)
    assert data["fitted"]["statistics_"] == {"object": ["x", 2]}
    again = decode_estimator(data, "step")
    assert again.transform(mixed).tolist() == [["x", 2], ["x", 2]]
    empty = pd.DataFrame({"a": ["x", "x"], "b": [np.nan, np.nan]}, dtype=object)
    step = SimpleImputer(strategy="most_frequent").fit(empty)
    data = plain(step)
    assert data["fitted"]["statistics_"] == {"object": ["x", None]}
    again = decode_estimator(data, "step")
    assert again.transform(empty).tolist() == step.transform(empty).tolist()


def test_the_indicator_of_gaps_is_that_of_its_column():
    table = gaps()
    step = SimpleImputer(add_indicator=True).fit(table)
    again = decode_estimator(plain(step), "step")
    found = again.transform(table)
    assert found.shape == (N, 4)
    np.testing.assert_array_equal(found[:, 3], table["b"].isna())
    np.testing.assert_array_equal(found[:, 1], table["b"].fillna(table["b"].mean()))


def test_a_spline_of_the_fewest_knots_and_of_close_ones():
    knots = [[0.0, 0.25, 0.5]] * 3
    data = with_value("RestrictedCubicSpline", "fitted", "knots_", value=knots)
    assert decode_estimator(data, "step").knots_[2].tolist() == [0.0, 0.25, 0.5]
