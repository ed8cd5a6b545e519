"""Clinical columns of any kind, in the model of them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._clinical import (
    clinical_pipeline,
    clinical_table,
    usable_columns,
)
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._models import compare_models
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study.checklists._fill import fill_checklist
from sklearn_orn.study.methods._text import methods_paragraph
from tests._examples import examples
from tests.study._checks import check_report, make_design, page_of

N = 48
VALIDATION = np.arange(N) % 3 == 0


def test_numbers_are_floats_and_all_else_is_text():
    cohort = pd.DataFrame(
        {
            "integer": pd.array([1, None, 3], dtype="Int64"),
            "bool": [True, False, True],
            "text": ["a", None, "b"],
            "string": pd.array(["a", None, "b"], dtype="string"),
            "category": pd.Categorical(["x", None, "y"]),
            "date": pd.to_datetime(["2020-01-31", None, "2020-02-01"]),
            "mixed": [1, "a", None],
            "empty": [None, None, None],
        }
    )
    table = clinical_table(cohort)
    assert table["integer"].tolist()[::2] == [1.0, 3.0]
    assert table["bool"].tolist() == [1.0, 0.0, 1.0]
    for name in ("text", "string", "category", "date"):
        assert table[name].isna().tolist() == [False, True, False]
        assert all(isinstance(value, str) for value in table[name].dropna())
    assert table["mixed"].tolist()[:2] == ["1", "a"]
    assert table["empty"].dtype == float
    assert cohort["bool"].dtype == bool  # unchanged


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (np.full(N, np.nan), "it is empty for all lesions that train"),
        (np.where(VALIDATION, 1.0, np.nan), "it is empty for all lesions that train"),
        (np.ones(N), "it is the same for all lesions that train"),
        (["x"] * N, "it is the same for all lesions that train"),
        (np.where(VALIDATION, "b", "a"), "it is the same for all lesions that train"),
        (np.r_[np.inf, np.arange(N - 1.0)], "it holds an infinite value"),
        ([f"n{i}" for i in range(N)], "it holds 48 categories, more than 30"),
    ],
)
def test_a_column_that_teaches_nothing_is_left_out(cells, reason):
    cohort = pd.DataFrame({"age": np.arange(N), "x": cells})
    table = clinical_table(cohort[["age", "x"]])
    usable, notes = usable_columns(table, ~VALIDATION)
    assert usable.columns.tolist() == ["age"]
    assert notes == [f"Column 'x' is in no model: {reason}."]


CELLS = st.sampled_from([None, np.nan, 0, 1, 2.5, -1e6, "a", "b", "", True])


@examples(25)
@forall(
    st.lists(
        st.lists(CELLS, min_size=12, max_size=12)
        | st.lists(st.floats(-1e3, 1e3) | st.just(np.nan), min_size=12, max_size=12),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_usable_can_be_fitted_and_predicted(drawn):
    cohort = pd.DataFrame({f"c{i}": cells for i, cells in enumerate(drawn)})
    training = np.arange(12) < 8
    table = clinical_table(cohort)
    usable, notes = usable_columns(table, training)
    assert len(notes) + usable.shape[1] == len(drawn)
    if not usable.shape[1]:
        return
    y = np.arange(8) % 2
    steps = clinical_pipeline(usable, StudyConfig("y"))[
        :-1
    ]  # the model itself may not converge
    steps.fit(usable[training], y)
    with warnings.catch_warnings():  # as the study does
        warnings.filterwarnings("ignore", message="Found unknown categories")
        matrix = steps.transform(usable)
    assert np.isfinite(matrix.to_numpy()).all()
    assert len(matrix) == 12


@pytest.fixture(scope="module")
def clinical(given):
    table, features = given
    rng = np.random.default_rng(1)
    late = (table["part"] == "validation").to_numpy()
    odd = np.arange(N) % 2 == 1
    return table.assign(
        age=rng.integers(40, 80, N).astype(float),
        sex=np.where(rng.random(N) < 0.5, "f", "m"),
        rare=np.where(late & odd, "only there", np.where(odd, "b", "a")),
        gaps=pd.Series(np.where(odd, "yes", None)).where(rng.random(N) < 0.8, "no"),
        smoker=rng.random(N) < 0.4,
        seen=pd.date_range("2020-01-01", periods=N).strftime("%Y-%m"),
        constant=1,
        empty=np.nan,
    ), features


FIXED = {"nomogram__lambda_rule": 0.05}  # of the score: no search for it
NAMES = ("age", "sex", "rare", "gaps", "smoker", "seen", "constant", "empty")


@pytest.mark.parametrize("split", ["part", None])
def test_a_study_with_such_columns(clinical, quick_study, split):
    table, features = clinical
    result = quick_study(
        table,
        features=features,
        clinical=NAMES,
        location="sex",
        split=split,
        pipeline=FIXED,
        figures=split is not None,
    )
    text = check_report(result)
    models = result.results["models"]
    rows = {row["name"]: row for row in models["rows"]}
    assert rows["clinical"]["predictors"] == list(NAMES[:6])
    assert rows["clinical + radiomics"]["predictors"] == [*NAMES[:6], "radiomics score"]
    assert models["missing"] == {}
    for name in ("constant", "empty"):
        assert f"Column {name!r} is in no model: it is" in text
    assert "Characteristics by class" in text
    assert "Lesions by location" in text


def test_no_usable_column_and_a_column_of_names(given, quick_study):
    table, features = given
    result = quick_study(
        table.assign(who=table["lesion"]),
        features=features,
        clinical=["who"],
        pipeline=FIXED,
    )
    text = check_report(result)
    assert "Column 'who' is in no model: it holds 48 categories" in text
    reason = result.results["baseline"]["absent"]
    assert "column 'who' holds 48 different values" in reason
    assert f"Characteristics cannot be shown: {reason}" in text
    names = [row["name"] for row in result.results["models"]["rows"]]
    assert names == ["radiomics", "one feature"]


def gaps_table(n=60, seed=3):
    """A number and a category, each with gaps, of patients of their own."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    age = 60 + 10 * rng.standard_normal(n) + 4 * y
    age[rng.choice(n, 9, replace=False)] = np.nan
    site = np.where(rng.random(n) < 0.4 + 0.2 * y, "jaw", "skull").astype(object)
    site[rng.choice(n, 5, replace=False)] = np.nan
    cohort = pd.DataFrame({"age": age, "site": site, "y": y})
    cohort["patient"] = [f"P{i:02d}" for i in range(n)]
    cohort["part"] = np.where(np.arange(n) % 3 == 0, "validation", "training")
    return cohort


SETTINGS = {"outcome": "y", "patient": "patient", "clinical": ["age", "site"], "cv": 3}


def compared(cohort, **changes):
    config = StudyConfig(**SETTINGS | {"split": "part"} | changes)
    design = make_design(cohort, config)
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(len(cohort), 4))).add_prefix("f")
    X["f0"] += design.y
    with caught_warnings():
        return design, plain_data(
            compare_models(
                study_pipeline((), config)[2:],
                X,
                design,
                config,
                clinical=clinical_table(cohort[list(config.clinical)]),
                size=None,
            )
        )


def test_what_is_imputed_is_learnt_from_the_lesions_that_train():
    cohort = gaps_table()
    design, found = compared(cohort)
    rows = {row["column"]: row for row in found["imputed"]["columns"]}
    assert rows["age"] == {"column": "age", "n_missing": 9, "by": "the median"}
    assert rows["site"]["n_missing"] == 5
    assert rows["site"]["by"] == "the most frequent category"
    assert found["imputed"]["n_lesions"] == 60
    training = cohort["part"] == "training"
    filled = cohort.assign(
        age=cohort["age"].fillna(cohort["age"][training].median()),
        site=cohort["site"].fillna(cohort["site"][training].mode()[0]),
    )
    _, again = compared(filled)
    assert again["imputed"]["columns"] == []
    for first, second in zip(found["rows"], again["rows"], strict=True):
        assert first["auc"] == pytest.approx(second["auc"])


def test_an_indicator_says_where_a_number_is_missing():
    cohort = gaps_table()
    table = clinical_table(cohort[["age", "site"]])
    config = StudyConfig("y", missing="indicator")
    steps = clinical_pipeline(table, config).fit(table, cohort["y"])
    names = list(steps[-1].feature_names_in_)
    assert "numbers__missingindicator_age" in names
    assert any("site" in name for name in names)
    level = "categories__site_jaw"  # against the first level, "(missing)"
    assert {level, "categories__site_skull"} <= set(names)
    whole = clinical_pipeline(table, config)
    whole.fit(table.fillna({"age": 60.0, "site": "jaw"}), cohort["y"])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Found unknown categories")
        proba = whole.predict_proba(table)  # gaps that those who train have not
    assert np.isfinite(proba).all()
    _, found = compared(cohort, missing="indicator")
    told = [row["by"] for row in found["imputed"]["columns"]]
    assert told == ["the median and an indicator", "a level of its own"]


def test_excluded_lesions_neither_teach_nor_judge():
    cohort = gaps_table()
    complete = cohort[["age", "site"]].notna().all(axis=1).to_numpy()
    design, found = compared(cohort, missing="exclude")
    assert found["imputed"]["n_incomplete"] == int((~complete).sum()) > 9
    part = cohort[complete]
    table = clinical_table(part[["age", "site"]])
    training = (part["part"] == "training").to_numpy()
    steps = clinical_pipeline(table, StudyConfig("y"))
    with caught_warnings():
        steps.fit(table[training], part["y"][training])
    proba = steps.predict_proba(table[~training])[:, 1]
    rows = {row["name"]: row for row in found["rows"]}
    expected = roc_auc_score(part["y"][~training], proba)
    assert rows["clinical"]["auc"] == pytest.approx(expected)
    # The study's own model is judged on the same lesions.
    for row in found["rows"]:
        pairs = row["auc"] * 2 * (part["y"][~training] == 0).sum()
        pairs *= (part["y"][~training] == 1).sum()
        assert pairs == pytest.approx(round(pairs), abs=1e-6)
    _, folds = compared(cohort, missing="exclude", split=None)
    assert {row["name"] for row in folds["rows"]} == set(rows)


def test_nothing_left_to_judge_is_said():
    cohort = gaps_table()
    gone = (cohort["part"] == "validation") & (cohort["y"] == 1)
    cohort.loc[gone, "age"] = np.nan
    with pytest.raises(ValueError, match="missing: exclude leaves.*missing in age, si"):
        compared(cohort, missing="exclude")


@pytest.mark.parametrize("name", ["missing", "clinical_penalty"])
def test_unknown_choices_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} is 'drop': expected one of "):
        StudyConfig(**SETTINGS, **{name: "drop"})


def test_a_level_of_one_class_is_told_in_the_words_of_the_table():
    cohort = gaps_table()
    cohort["site"] = cohort["site"].fillna("skull")
    odd = (cohort["part"] == "training") & (cohort["y"] == 1)
    cohort.loc[odd.idxmax(), "site"] = "spine"
    _, found = compared(cohort)
    (text, both) = found["separated"]
    assert text.startswith(
        "Model 'clinical': The classes are separated by 'site' at the level 'spine' "
        "(1 sample with 1, all of class 'y = 1'): without a penalty its coefficient"
    )
    assert "Set clinical_penalty: firth" in text
    assert both.startswith("Model 'clinical + radiomics': The classes are")
    _, firth = compared(cohort, clinical_penalty="firth")
    assert firth["separated"] == [] and firth["penalty"] == "firth"


@pytest.mark.parametrize("rule", ["impute", "indicator", "exclude"])
def test_the_report_tells_what_was_missing(rule, quick_study, given):
    table, features = given
    table = table.assign(age=np.where(np.arange(len(table)) % 7 == 0, np.nan, 60.0))
    table["age"] += np.random.default_rng(0).normal(size=len(table))
    n, of = int(table["age"].isna().sum()), len(table)
    settings = {"clinical": ["age"], "missing": rule, "pipeline": FIXED}
    result = quick_study(table, features=features, figures=False, **settings)
    words = {
        "impute": f"Of {of} lesions, {n} had clinical values missing, which were "
        f"replaced, as learnt from the lesions that train: “age” in {n} lesions (the "
        "median).",
        "indicator": f"“age” in {n} lesions (the median and an indicator).",
        "exclude": f"Of {of} lesions, {n} had clinical values missing (“age” in {n} "
        "lesions) and were left out of the clinical models; all models were compared "
        "on the others.",
    }[rule]
    assert words in " ".join(methods_paragraph(result.numbers))
    for name, number in (("clear", "29"), ("tripod_ai", "11")):
        items = {item.number: item for item in fill_checklist(name, result.numbers)}
        assert words in items[number].answer
    assert page_of(result).text.count(words) >= 4  # with the note of the table
    check_report(result)


def test_nothing_missing_is_told_too(quick_study, given):
    table, features = given
    table = table.assign(age=np.random.default_rng(0).normal(size=len(table)))
    settings = {"clinical": ["age"], "pipeline": FIXED}
    result = quick_study(table, features=features, figures=False, **settings)
    assert "No value of “age” was missing." in " ".join(
        methods_paragraph(result.numbers)
    )


def test_a_model_of_no_column_cannot_be_estimated():
    nothing = pd.DataFrame(index=range(20))
    with pytest.raises(NotEstimable, match="No column varies"):
        clinical_pipeline(nothing, StudyConfig("y")).fit(nothing, np.arange(20) % 2)
