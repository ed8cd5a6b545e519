"""Clinical columns that the training data select, and splines, in a study."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from sklearn_orn.deploy import ModelFile
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import Nomogram
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._clinical import (
    clinical_branch,
    clinical_pipeline,
    clinical_table,
    combined_pipeline,
    plain_names,
)
from sklearn_orn.study._clinical_selection import clinical_selection
from sklearn_orn.study._evaluation import patients_kept_together
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._models import BOTH, compare_models
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._plan import plan_study
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.checklists._fill import fill_checklist
from sklearn_orn.study.methods._text import methods_paragraph
from sklearn_orn.study.report.sections import _clinical_selection as section
from sklearn_orn.study.report.sections import _combined
from sklearn_orn.study.results import Absent
from tests.study._checks import check_report, make_design
from tests.study._combined import KINDS, SCORE, cohort
from tests.study.test_combined import combined, stored

SPLINE = {"kind": "continuous", "knots": 4}
CURVED = KINDS | {"age": SPLINE}
CLINICAL = {"clinical": list(KINDS)}
FIXED = {"nomogram__lambda_rule": 0.05}  # of the score: no search for it
SELECTED = {"outcome": "y", "positive": 1, "clinical": KINDS, "pipeline": FIXED}


@pytest.mark.parametrize(
    ("value", "stands"),
    [
        ("all", "all"),
        ("lasso", "lasso"),
        ("univariable p<.1", "univariable p < 0.1"),
        ("univariable  p < 0.05", "univariable p < 0.05"),
        (["sex"], ("sex",)),
    ],
)
def test_the_words_of_the_setting(value, stands):
    config = StudyConfig("y", **CLINICAL, clinical_selection=value)
    assert config.clinical_selection == stands
    assert replace(config).clinical_rule == config.clinical_rule


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("stepwise", ValueError, "clinical_selection is 'stepwise': expected all, las"),
        ("univariable p < 5", ValueError, "expected all, lasso, univariable p < 0.05 "),
        ("univariable p < x", ValueError, "any limit between 0 and 1"),
        (["grade"], ValueError, "names 'grade', which is no clinical column: exp"),
        (["sex", "sex"], ValueError, "a name stands twice"),
        ([], ValueError, "or a list of clinical columns"),
        (0.05, TypeError, "clinical_selection is 0.05: expected all"),
    ],
)
def test_other_settings_are_refused(value, error, message):
    with pytest.raises(error, match=message):
        StudyConfig("y", **CLINICAL, clinical_selection=value)


def test_a_selection_of_nothing_is_refused():
    with pytest.raises(ValueError, match="'lasso', but no clinical columns are named"):
        StudyConfig("y", clinical_selection="lasso")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            {"kind": "continuous", "knots": 2},
            "clinical, age, knots, is 2: expected a n",
        ),
        ({"kind": "continuous", "knots": True}, "a number of knots from 3 to 7"),
        ({"kind": "continuous", "knots": [1, 3, 2]}, "knots in ascending order"),
        ({"kind": "continuous", "knots": "4"}, "knots, is '4'"),
        ({"kind": "continuous", "nodes": 4}, "expected continuous, {kind: continuous,"),
        ({"knots": 4}, "expected continuous, {kind: continuous, knots: 3 to 7"),
    ],
)
def test_knots_that_cannot_be_are_refused(kind, message):
    with pytest.raises(ValueError, match=message):
        StudyConfig("y", clinical={"age": kind})


def branch_of(table, config):
    columns = clinical_table(table[list(config.clinical)], config.clinical_kinds)
    return clinical_branch(columns, config), columns


@pytest.mark.parametrize("missing", ["impute", "indicator"])
def test_a_spline_stays_whole_beside_where_it_was_missing(missing):
    table, _ = cohort()
    table.loc[::9, "age"] = np.nan
    config = StudyConfig("y", clinical=CURVED, missing=missing)
    branch, columns = branch_of(table, config)
    made = branch.fit_transform(columns, table["y"])
    terms = ["curve0__age", "curve0__age'", "curve0__age''"]
    gap = ["curve0__missingindicator_age"] if missing == "indicator" else []
    assert [name for name in made if "age" in name and "stage" not in name] == (
        terms + gap
    )
    filled = columns["age"].fillna(columns["age"].median())
    np.testing.assert_array_equal(made["curve0__age"], filled)
    text = """separated by 'curve0__age', "curve0__age''", 'numbers__t_stage'"""
    assert plain_names(text, columns) == "separated by 'age', 'age', 't_stage'"


@pytest.mark.parametrize("rule", ["all", "univariable p < 0.99", "lasso"])
def test_columns_that_would_be_called_alike_stay_apart(rule):
    """'a' at 'b_c' and 'a_b' at 'c'; where 'd' is missing and 'missingindicator_d'."""
    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    table = pd.DataFrame(
        {
            "a": np.where(rng.random(80) < 0.3 + 0.4 * y, "b_c", "a_c"),
            "a_b": np.where(rng.random(80) < 0.3 + 0.4 * y, "a", "c"),
            "d": np.where(rng.random(80) < 0.2, np.nan, y + rng.normal(size=80)),
            "missingindicator_d": y + rng.normal(size=80),
        }
    )
    config = StudyConfig(
        "y", clinical=list(table), clinical_selection=rule, missing="indicator", cv=3
    )
    columns = clinical_table(table)
    made = clinical_branch(columns, config).fit_transform(columns, y)
    assert list(made) == [
        *("numbers2__d", "numbers2__missingindicator_d"),
        *("numbers3__missingindicator_d", "categories0__a_b_c", "categories1__a_b_c"),
    ]
    told = plain_names(", ".join(map(repr, made)), columns)
    assert told == (
        "'d', 'd' where it is missing, 'missingindicator_d', 'a' at the level 'b_c', "
        "'a_b' at the level 'c'"
    )


def test_what_is_named_beforehand_is_taken():
    table, _ = cohort()
    config = StudyConfig("y", clinical=KINDS, clinical_selection=["sex"])
    branch, columns = branch_of(table, config)
    assert list(branch.fit_transform(columns, table["y"])) == ["categories__sex_m"]


@pytest.mark.parametrize("rule", ["univariable p < 0.05", "lasso"])
def test_the_score_is_never_selected_away(rule):
    table, _ = cohort()
    config = StudyConfig("y", clinical=CURVED, clinical_selection=rule, cv=3)
    branch, columns = branch_of(table, config)
    noise = np.random.default_rng(0).normal(size=len(table))
    with patients_kept_together(), caught_warnings():
        model = combined_pipeline(columns, config).fit(
            columns.assign(**{SCORE: noise}), table["y"], groups=table["patient"]
        )
        kept = branch.fit(columns, table["y"], groups=table["patient"])["selected"]
    names = list(model[-1].feature_names_in_)
    assert names == [*kept.get_feature_names_out(), SCORE]
    assert set(kept.predictors_) == set(CURVED)


def noise_cohort(seed, n=60, p=30):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, p))).add_prefix("c")
    return table.assign(y=np.arange(n) % 2, patient=[f"P{i:02d}" for i in range(n)])


def noise_config(names, rule):
    return StudyConfig(
        "y",
        patient="patient",
        clinical=names,
        clinical_selection=rule,
        clinical_penalty="firth",
        cv=3,
        pipeline={"nomogram__lambda_rule": 0.05},
    )


def cross_validated(table, names, rule):
    """Predict by the clinical and the combined model, beside a score of noise."""
    config = noise_config(names, rule)
    design = make_design(table, config)
    columns = clinical_table(table[names])
    score = {SCORE: np.random.default_rng(1).normal(size=len(table))}
    models = (
        (clinical_pipeline(columns, config), columns),
        (combined_pipeline(columns, config), columns.assign(**score)),
    )
    found = [np.full(len(table), np.nan) for _ in models]
    for train, test in study_splits(design, config):
        for (model, X), proba in zip(models, found, strict=True):
            with patients_kept_together():
                fitted = clone(model).fit(
                    X.iloc[train], design.y[train], groups=design.patient[train]
                )
            proba[test] = fitted.predict_proba(X.iloc[test])[:, 1]
    return found


def test_noise_that_is_selected_inside_the_folds_predicts_nothing():
    """Selected on all lesions beforehand, the same columns would predict."""
    inside, outside, rule = [], [], "univariable p < 0.2"
    for seed in range(4):
        table = noise_cohort(seed)
        names = [c for c in table if c.startswith("c")]
        branch = clinical_branch(table[names], noise_config(names, rule))
        with patients_kept_together():
            branch.fit(table[names], table["y"], groups=table["patient"])
        chosen = branch["selected"].selected_predictors_.tolist()
        with caught_warnings():
            for aucs, *of in ((inside, names, rule), (outside, chosen, "all")):
                found = cross_validated(table, *of)
                aucs.append([roc_auc_score(table["y"], proba) for proba in found])
    assert np.mean(inside, axis=0) == pytest.approx([0.5, 0.5], abs=0.06)
    assert (np.mean(outside, axis=0) > 0.63).all()


def test_a_study_selects_inside_the_folds():
    table = noise_cohort(0)
    names = [c for c in table if c.startswith("c")]
    config = noise_config(names, "univariable p < 0.2")
    rng = np.random.default_rng(0)
    with caught_warnings():
        found = compare_models(
            study_pipeline((), config)[2:],
            pd.DataFrame(rng.normal(size=(len(table), 3))).add_prefix("f"),
            make_design(table, config),
            config,
            clinical=clinical_table(table[names]),
            size=None,
        )
        expected, _ = cross_validated(table, names, config.clinical_selection)
    assert found.missing == {}
    at = [table.index[table["patient"] == p][0] for p in found.judged.patient]
    np.testing.assert_allclose(found.judged.probability["clinical"], expected[at])
    assert BOTH in found.judged.probability


def test_nothing_selected_is_the_reason_of_the_models_that_are_missing():
    table, features = cohort()
    config = StudyConfig(
        "y",
        patient="patient",
        split="part",
        clinical=KINDS,
        clinical_selection="univariable p < 1e-9",
        cv=3,
    )
    design = make_design(table, config)
    columns = clinical_table(table[list(KINDS)], config.clinical_kinds)
    with caught_warnings():
        found = compare_models(
            study_pipeline((), config)[2:],
            features,
            design,
            config,
            clinical=columns,
            size=None,
        )
    assert found.missing["clinical"].startswith("No predictor of 3 has p < 1e-09 in a")
    assert BOTH not in {row.name for row in found.rows}
    with pytest.raises(NotEstimable, match="smallest is .* of '"):
        combined(table, features, clinical_selection="univariable p < 1e-9")
    advice = "Set clinical_selection to all, or to a list of the columns of the model"
    assert advice in found.missing["clinical"]
    with pytest.raises(NotEstimable, match=f"nothing is selected. {advice}"):
        clinical_selection(columns, design, config)


def test_the_multivariable_model_is_of_what_was_selected():
    table, features = cohort(n=180)
    rule = "univariable p < 0.1"
    found, design = combined(table, features, clinical_selection=rule)
    config = StudyConfig(
        "y", clinical=KINDS, clinical_selection=rule, cv=3, n_resamples=20
    )
    columns = clinical_table(table[list(KINDS)], KINDS)
    with caught_warnings():
        told = clinical_selection(columns, design, config)
    chosen = [row.name for row in told.predictors if row.selected]
    others = [row.name for row in told.predictors if not row.selected]
    assert chosen and others
    assert sorted(p.name for p in found.predictors) == sorted([*chosen, SCORE])
    assert [p.name for p in found.not_selected] == [p for p in KINDS if p in others]
    assert {row.predictor for row in found.univariable} == {*KINDS, SCORE}
    assert {row.predictor for row in found.multivariable} == {*chosen, SCORE}
    p_alone = {row.predictor: row.p_value for row in found.univariable}
    for row in told.predictors:
        if row.name != "sex":  # whose rows are its levels
            assert row.p_value == pytest.approx(p_alone[row.name], rel=1e-3)
        assert (row.p_value < 0.1) == row.selected
        assert 0 <= row.share <= 1
    only, _ = combined(
        table, features, clinical={k: KINDS[k] for k in KINDS if k in chosen}
    )
    assert only.multivariable == found.multivariable
    cells = {row[0]: row[4] for row in _combined.odds_ratio_table(stored(found)).rows}
    assert "not selected" in cells.values()


@pytest.mark.parametrize("missing", ["impute", "indicator", "exclude"])
def test_a_spline_has_the_same_knots_everywhere(missing, quick_study):
    table, features = cohort(n=180)
    rng = np.random.default_rng(1)
    table["age"] = table["age"].mask(rng.random(len(table)) < 0.1)
    result = quick_study(
        table,
        features=features,
        outcome="y",
        positive=1,
        clinical=CURVED,
        nomogram="combined",
        missing=missing,
        cv=3,
        pipeline=FIXED,
        figures=missing == "indicator",
    )
    text = " ".join(check_report(result).split())
    found = result.numbers.combined
    age = next(p for p in found.predictors if p.name == "age")
    training = table["part"] == "training"
    values = table.loc[training, "age"].dropna()
    if missing != "exclude":
        values = table.loc[training, "age"].fillna(values.median())
    quantiles = np.quantile(values, [0.05, 0.35, 0.65, 0.95])
    assert age.knots == pytest.approx(quantiles.tolist())
    row = next(r for r in found.multivariable if r.predictor == "age")
    assert [row.low, row.high] == np.quantile(values, [0.25, 0.75]).tolist()
    assert 0 <= row.p_nonlinear <= 1
    told = [f"{knot:g}" for knot in age.knots]
    words = f"“age” with 4 knots at {', '.join(told[:3])} and {told[3]}."
    assert words in " ".join(methods_paragraph(result.numbers)).replace("\xa0", " ")
    assert "“age” is a spline; test of nonlinearity, beside the others: p = " in text
    coefficients, categories, ranges = _combined._named_terms(found)
    nomogram = Nomogram.from_coefficients(
        coefficients,
        found.intercept,
        ranges,
        categories=categories,
        knots={"age": age.knots},
    )
    worked = pd.DataFrame([found.worked.values])
    read = nomogram.probability(nomogram.points(worked)["total"])[0]
    assert read == pytest.approx(found.worked.probability, abs=1e-9)
    model = ModelFile.read(result.report.parent / "model.json")
    X = pd.concat([table, features], axis=1)
    at = list(result.scores["lesion"]).index(found.worked.lesion)
    of_file = model.pipeline.predict_proba(X.iloc[[at]])[0, 1]
    assert of_file == pytest.approx(found.worked.probability, abs=1e-9)


@pytest.mark.parametrize("rule", ["univariable p < 0.2", "lasso"])
def test_a_study_that_selects_says_so_everywhere(rule, quick_study):
    table, features = cohort(n=180)
    other = np.random.default_rng(0).random(90)[np.arange(180) // 2] < 0.2
    table["sex"] = np.where((table["y"] == 1) ^ other, "m", "f")
    settings = {"nomogram": "combined", "cv": 3, "figures": rule == "lasso"}
    result = quick_study(
        table, features=features, clinical_selection=rule, **SELECTED, **settings
    )
    text = " ".join(check_report(result).split())
    found = result.numbers.clinical_selection
    assert not isinstance(found, Absent), found
    assert found.rule == rule.split()[0]
    assert found.n_resamples + sum(found.failures.values()) == 2
    chosen = [row.name for row in found.predictors if row.selected]
    methods = " ".join(methods_paragraph(result.numbers))
    assert "They were selected anew in each fold and resample" in methods
    for name in chosen:
        assert f"“{name}”" in methods
    assert "Selection of clinical predictors, training" in text
    told = fill_checklist("tripod_ai", result.numbers)
    assert any("selected anew" in item.answer for item in told)
    rows = section.selection_table(result.numbers).rows
    assert [row[0] for row in rows] == [row.name for row in found.predictors]
    assert len(rows[0]) == (4 if found.rule == "univariable" else 3)
    model = ModelFile.read(result.report.parent / "model.json")
    names = [p.name for p in result.numbers.combined.predictors]
    assert sorted(names) == sorted([*chosen, SCORE])
    given = [name for name in model.pipeline.feature_names_in_ if name in KINDS]
    assert sorted(given) == sorted(chosen)


def test_named_columns_are_told(quick_study):
    table, features = cohort()
    result = quick_study(
        table,
        features=features,
        clinical_selection=["age", "sex"],
        figures=False,
        **SELECTED,
    )
    check_report(result)
    assert (
        "Of the clinical columns, “age” and “sex” were chosen for the models before the"
        in " ".join(methods_paragraph(result.numbers))
    )
    rows = {row.name: row for row in result.numbers.models.rows}
    assert rows["clinical"].predictors == ("age", "sex")
    assert "No clinical predictors" in result.results["clinical_selection"]["absent"]


@pytest.mark.parametrize("rule", ["all", "univariable p < 0.9", "lasso"])
class TestBadInput:
    """What is wrong with a column is told by its name, selected or not."""

    def models(self, rule, change):
        table, features = cohort(n=180)
        table = change(table)
        config = StudyConfig(
            "y",
            patient="patient",
            split="part",
            clinical=list(KINDS),
            clinical_selection=rule,
            cv=3,
            pipeline=FIXED,
        )
        with caught_warnings():
            return compare_models(
                study_pipeline((), config)[2:],
                features,
                make_design(table, config),
                config,
                clinical=clinical_table(table[list(KINDS)]),
                size=None,
            )

    def test_a_constant_column(self, rule):
        found = self.models(rule, lambda table: table.assign(sex="m"))
        assert found.notes == (
            "Column 'sex' is in no model: it is the same for all lesions that train.",
        )
        assert {"clinical", BOTH} <= {row.name for row in found.rows}

    def test_a_level_that_separates(self, rule):
        def change(table):
            rows = table.index[(table["part"] == "training") & (table["y"] == 1)]
            table.loc[rows[:14], "sex"] = "x"
            return table

        found = self.models(rule, change)
        assert found.separated[0].startswith(
            "Model 'clinical': The classes are separated by 'sex' at the level 'x' (14 "
        )
        assert "Set clinical_penalty: firth" in found.separated[0]

    def test_a_level_that_training_lacks(self, rule):
        def change(table):
            rows = table.index[table["part"] == "validation"]
            table.loc[rows[:3], "sex"] = "x"
            return table

        found = self.models(rule, change)
        (note,) = found.notes
        assert note.startswith("Column 'sex' holds 'x' in 3 lesions of validation and")
        assert "clinical" in {row.name for row in found.rows}

    def test_missing_values(self, rule):
        def change(table):
            table.loc[::7, "age"] = np.nan
            return table

        found = self.models(rule, change)
        (row,) = found.imputed.columns
        assert (row.column, row.by) == ("age", "the median")
        assert "clinical" in {row.name for row in found.rows}


def test_the_plan_tells_what_the_models_take():
    table, features = cohort()
    settings = {"patient": "patient", "split": "part", "clinical": KINDS, "cv": 3}
    for rule, words in (("lasso", "lasso"), (["age", "sex"], "age, sex")):
        config = StudyConfig("y", clinical_selection=rule, **settings)
        text, problems = plan_study(table, config, features)
        assert f"Of these the models take: {words}\n" in text
        assert problems == []
    assert (
        "Of these" not in plan_study(table, StudyConfig("y", **settings), features)[0]
    )
