"""The combined model as the product of a study: its file, calculator and scores."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn import config_context
from sklearn.base import clone

from sklearn_orn import cli
from sklearn_orn.cohort import Cohort
from sklearn_orn.deploy import ModelFile, calculator_page, predict_cohort, save_model
from sklearn_orn.deploy._calculator_data import page_data
from sklearn_orn.exceptions import CohortError
from sklearn_orn.model import RestrictedCubicSpline
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._combined import combined_model
from sklearn_orn.study._combined_formula import (
    formula_terms,
    formula_text,
    spline_sentences,
)
from sklearn_orn.study._combined_pipeline import combined_fit
from sklearn_orn.study._evaluation import fit_table
from sklearn_orn.study._extraction import (
    caught_warnings,
    extract_rows,
    no_progress,
)
from sklearn_orn.study._feature_source import given_features
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._pipeline import image_steps, study_pipeline
from sklearn_orn.study._resumed_steps import Steps
from sklearn_orn.study._study import _from_lesions
from sklearn_orn.study._summary import summary_text
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _combined as section
from sklearn_orn.study.report.sections._formula import formula_sentence
from sklearn_orn.study.report.sections._nomogram import calculator_link
from tests.deploy._chromium import drive, needs_chromium
from tests.deploy.test_combined_calculator import LOOK, paste
from tests.study._checks import check_report
from tests.study._cohort import clinical_cohort
from tests.study._combined import KINDS, SCORE, SETTINGS, cohort
from tests.study._results_example import example, product_example


@dataclass
class Product:
    """A fitted combined model, with what it was made of."""

    study: Study
    found: object
    fit: object
    model: ModelFile
    X: pd.DataFrame


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """Fit the combined model of a table, and write and read its file, once of each."""
    made = {}

    def make(change=None, **settings):
        key = (change, repr(settings))
        if key not in made:
            made[key] = fit(change, **settings)
        return made[key]

    def fit(change, **settings):
        table, features = cohort()
        if change is not None:
            table = change(table)
        config = StudyConfig(
            **SETTINGS | {"split": "part", "nomogram": "combined"} | settings
        )
        everyone = Cohort.of(table, config.columns)
        folder = tmp_path_factory.mktemp("product")
        return fitted(everyone, given_features(everyone, features), config, folder)

    return make


def fitted(everyone, extraction, config, folder, *, from_images=False):
    study = Study(
        cohort=everyone,
        extraction=extraction,
        config=config,
        from_images=from_images,
        steps=Steps(folder, ""),
        progress=no_progress,
    )
    rows, design = study.design.training, study.design
    clinical = clinical_table(everyone.clinical, config.clinical_kinds)
    with caught_warnings():
        found = combined_model(lambda: study.scores, design, config, clinical=clinical)
        steps = fit_table(study.table_steps(), study.features[rows], design.take(rows))
        radiomics = _from_lesions(steps, study) if from_images else steps
        fit = combined_fit(found, study, radiomics)
    path = folder / "model.json"
    classes = design.classes
    save_model(path, fit.pipeline, training=fit.table[rows], class_names=classes)
    return Product(study, found, fit, ModelFile.read(path), fit.table)


def with_gaps(table):
    rng = np.random.default_rng(0)
    for name in KINDS:
        table[name] = table[name].astype(object).mask(rng.random(len(table)) < 0.1)
    return table.assign(age=table["age"].astype(float))


def coefficients(found):
    """Return the model of the report, without the rows of references."""
    rows = [r for r in found.multivariable if r.level is None or r.coefficient]
    return [r.coefficient for r in rows], found.intercept


@pytest.mark.parametrize("rule", ["impute", "indicator", "exclude"])
@pytest.mark.parametrize("penalty", ["none", "firth"])
def test_the_file_holds_the_model_of_the_report(product, rule, penalty):
    made = product(with_gaps, missing=rule, clinical_penalty=penalty)
    found, classifier = made.found, made.model.classifier
    told, intercept = coefficients(found)
    # The report has the indicators of gaps behind the columns.
    np.testing.assert_allclose(
        np.sort(classifier.coef_[0]), np.sort(told), rtol=0, atol=1e-10
    )
    assert classifier.intercept_[0] == pytest.approx(intercept, abs=1e-10)
    assert classifier.threshold_ == pytest.approx(found.threshold, abs=1e-10)
    names = made.study.cohort.names.tolist()
    worked = made.X.iloc[[names.index(found.worked.lesion)]]
    proba = made.model.pipeline.predict_proba(worked)[0, 1]
    assert proba == pytest.approx(found.worked.probability, abs=1e-10)


def test_names_and_order_are_those_of_the_report(product):
    made = product()
    told, _ = coefficients(made.found)
    names = ["age", "sex_f", "t_stage", SCORE]
    assert made.model.classifier.feature_names_in_.tolist() == names
    np.testing.assert_allclose(made.model.classifier.coef_[0], told, rtol=0, atol=1e-10)
    fields = page_data(made.model)["predictors"]
    assert [field["name"] for field in fields] == ["age", "sex", "t_stage", SCORE]
    choices = [[choice["text"] for choice in field["choices"]] for field in fields]
    assert choices == [[], ["m", "f"], ["T1", "T2", "T3", "T4"], []]


@pytest.mark.parametrize("penalty", ["none", "firth"])
def test_fitting_the_pipeline_anew_gives_the_same_model(product, penalty):
    made = product(clinical_penalty=penalty)
    rows, design = made.study.design.training, made.study.design
    with config_context(enable_metadata_routing=True), caught_warnings():
        anew = clone(made.fit.pipeline).fit(
            made.X[rows], design.y[rows], groups=design.patient[rows]
        )
    for name in ("coef_", "intercept_", "threshold_", "robust_covariance_"):
        np.testing.assert_allclose(
            getattr(anew[-1], name), getattr(made.fit.pipeline[-1], name), atol=1e-10
        )
    proba = anew.predict_proba(made.X)
    np.testing.assert_allclose(proba[:, 1], made.fit.probability, rtol=0, atol=1e-12)


@pytest.mark.parametrize("rule", ["impute", "indicator", "exclude"])
def test_predict_gives_what_the_study_says(product, rule):
    made = product(with_gaps, missing=rule)
    scores = predict_cohort(made.model, made.X[::2])
    expected = made.fit.probability[::2]
    known = ~np.isnan(expected)
    found = scores.table["probability"]
    np.testing.assert_allclose(found, expected[known], rtol=0, atol=1e-12)
    whole = made.study.scores.whole[SCORE][::2][known]
    np.testing.assert_allclose(scores.table[SCORE], whole, rtol=0, atol=1e-12)
    assert len(scores.left_out) == (~known).sum()
    assert bool(scores.left_out) is (rule == "exclude")
    if rule == "exclude":
        reasons = " ".join(row.reason for row in scores.left_out)
        assert "no value for age (empty: age), which the model needs" in reasons
        assert "column 'sex' is empty, and the model fills nothing in" in reasons
        assert "Its levels are T1, T2, T3, T4" in reasons
    assert calculator_page(made.model)
    texts = [
        c["text"] for p in page_data(made.model)["predictors"] for c in p["choices"]
    ]
    assert ("(missing)" in texts) is (rule == "indicator")
    assert "not known" not in texts


def test_a_level_that_training_lacks(product):
    """Refused for new patients, by file, pipeline and calculator; told in the study."""

    def change(table):
        at = table.index[table["part"] == "validation"][:2]
        table.loc[at, "sex"] = "x"
        return table

    made = product(change)
    unknown = made.X["sex"] == "x"
    assert np.isfinite(made.fit.probability).all()
    as_reference = made.X.assign(sex=made.X["sex"].where(~unknown, "m"))
    proba = made.model.pipeline.predict_proba(as_reference)[:, 1]
    np.testing.assert_allclose(made.fit.probability, proba, rtol=0, atol=1e-12)
    scores = predict_cohort(made.model, made.X[unknown | (made.X.index < 6)])
    assert len(scores.left_out) == 2
    assert (
        "column 'sex' holds 'x', a level that training did not have. Its levels are m, "
        "f: correct the cell, or leave the lesion out." in scores.left_out[0].reason
    )
    with pytest.raises(ValueError, match="unknown categories"):
        made.model.pipeline.predict_proba(made.X)
    sex = next(p for p in page_data(made.model)["predictors"] if p["name"] == "sex")
    assert [choice["text"] for choice in sex["choices"]] == ["m", "f"]


@pytest.mark.parametrize("rule", ["impute", "indicator"])
@pytest.mark.parametrize("knots", [3, [50.0, 58.0, 64.0, 70.0]])
def test_splines_are_in_the_file(product, knots, rule):
    kinds = KINDS | {"age": {"kind": "continuous", "knots": knots}}
    made = product(with_gaps, clinical=kinds, missing=rule)
    scores = predict_cohort(made.model, made.X[::3]).table["probability"]
    np.testing.assert_allclose(scores, made.fit.probability[::3], rtol=0, atol=1e-12)
    assert made.model.classifier.feature_names_in_[:2].tolist() == ["age", "age'"]
    assert calculator_page(made.model)


def test_predict_flags_the_texture_of_the_score(product):
    made = product()
    feature = made.model.pipeline[0].named_transformers_["score"].estimator_[-1]
    name = feature.selected_features_[0]
    X = made.X.assign(**{name: made.X[name] + 100.0}).iloc[:2]
    flags = predict_cohort(made.model, X).table["flags"]
    assert flags.str.contains(rf"{name} \d+\.?\d* is above the training range").all()


def test_a_name_that_is_a_feature_too(quick_study):
    table, features = cohort()
    with pytest.raises(CohortError, match="'f1' is a clinical column and a feature: "):
        quick_study(
            table.rename(columns={"age": "f1"}),
            features=features,
            outcome="y",
            positive=1,
            clinical=["f1", "sex"],
            nomogram="combined",
        )


def test_the_formula_gives_the_probability_of_the_worked_lesion(product):
    kinds = KINDS | {"age": {"kind": "continuous", "knots": 4}}
    found = product(clinical=kinds).found
    terms = formula_terms(found)
    names = ["", "age", "age′", "age′′", "[sex is f]", SCORE]
    levels = "t_stage (T1 = 0, T2 = 1, T3 = 2, T4 = 3)"
    assert [term for _, term in terms] == [*names[:5], levels, SCORE]
    values = found.worked.values
    knots = next(p.knots for p in found.predictors if p.name == "age")
    x = [values["age"]]
    curve = RestrictedCubicSpline(knots=list(knots)).fit_transform([x, x])[0]
    at = [1.0, *curve, values["sex"] == "f", int(values["t_stage"][1]) - 1]
    logit = np.dot([weight for weight, _ in terms], [*at, values[SCORE]])
    assert expit(logit) == pytest.approx(found.worked.probability, abs=1e-12)
    told = " ".join(spline_sentences(found))
    assert f"The knots of age are {knots[0]:g}, " in told
    written = formula_text(found)
    assert written.startswith("log-odds = ") and "× [sex is f]" in written


def test_sentences_of_the_files():
    files = b.Files(None, "calculator.html")
    found = product_example()
    said = section.files_sentence(found, files)
    assert "is this model, from images, outlines and clinical columns to the" in said
    assert '<a href="calculator.html">' in said
    assert "calculator" not in section.files_sentence(found, b.Files(None, None))
    assert calculator_link(found, files) == ""
    whole = " ".join(section.formula_sentences(found))
    assert "where P reaches 0.520, the one with the highest sensitivity + " in whole
    assert "log-odds" in section.formula(found, files)
    apart = product_example(separated=("age",))
    assert apart.product is None
    assert "hold the model of the radiomics score alone" in section.files_sentence(
        apart, files
    )
    assert section.formula(apart, files) == "" and calculator_link(apart, files)
    assert section.files_sentence(example(), files) == ""
    assert "By the score alone a lesion is called" in "".join(formula_sentence(found))


def test_a_model_that_cannot_be_estimated_leaves_the_radiomics_one(quick_study):
    table, features = cohort()
    table.loc[(table["part"] == "training") & (table["y"] == 1), "sex"] = "x"
    result = quick_study(
        table,
        features=features,
        outcome="y",
        positive=1,
        clinical=["age", "sex"],
        nomogram="combined",
    )
    assert "hold the model of the radiomics score alone" in check_report(result)
    assert {"score", "probability"} <= set(result.scores)
    model = ModelFile.read(result.report.parent / "model.json")
    assert [name for name, _ in model.pipeline.steps] == ["imputer", "fcm", "nomogram"]


@pytest.fixture
def study(combined_study):
    """Return a study of the combined model, and its X."""
    result, table, features = combined_study
    return result, pd.concat([table, features], axis=1)


def test_a_study_of_the_combined_model(study):
    result, X = study
    text = " ".join(check_report(result).split())
    assert "Formula of the combined model" in text
    told = summary_text(result.numbers)
    assert "model.json, calculator.html, scores.csv: the combined model" in told
    assert "AUC of the models: radiomics 0." in told and ", combined 0." in told
    folder, scores = result.report.parent, result.scores
    assert list(pd.read_csv(folder / "scores.csv")) == [
        *("lesion", "patient", "split", "outcome", SCORE, "radiomics probability"),
        *("combined score", "combined probability", "predicted"),
    ]
    model = ModelFile.read(folder / "model.json")
    said = predict_cohort(model, X).table
    found = result.numbers.combined
    worked = said.loc[said["lesion"] == found.worked.lesion, "probability"].item()
    assert worked == pytest.approx(found.worked.probability, abs=1e-10)
    assert "radiomics score" in (folder / "calculator.html").read_text("utf-8")
    if result.numbers.config.split is None:
        judged = result.numbers.models.judged
        expected = judged.probability["clinical + radiomics"]
        told = scores.set_index("lesion")["combined probability"]
        np.testing.assert_array_equal(told[list(judged.lesion)], expected)
    else:
        np.testing.assert_allclose(
            scores["combined probability"], said["probability"], rtol=0, atol=1e-12
        )
        np.testing.assert_allclose(scores[SCORE], said[SCORE], rtol=0, atol=1e-12)
        called = [f"y = {label}" for label in scores["predicted"]]
        assert called == said["predicted"].tolist()


@needs_chromium
def test_a_line_of_the_scores_is_pasted_into_the_calculator(study, tmp_path):
    result, _ = study
    folder, scores = result.report.parent, result.scores
    lines = (folder / "scores.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    alone = [*cells[:6], cells[-1]]  # of a study with nomogram: radiomics
    unjudged = [*cells[:6], "", "", ""]

    def changed(place, text):
        return ",".join([*cells[:place], text, *cells[place + 1 :]])

    other = {"0": "1", "1": "0"}[cells[8]]
    texts = {
        "a line": (lines[1], scores[SCORE].iloc[0]),
        "with its header": (f"{lines[0]}\n{lines[5]}", scores[SCORE].iloc[4]),
        "of a spreadsheet": (
            lines[2].replace(",", "\t").replace(".", ","),
            scores[SCORE].iloc[1],
        ),
        "of the score alone": (",".join(alone), scores[SCORE].iloc[0]),
        "not judged by the combined model": (",".join(unjudged), scores[SCORE].iloc[0]),
        "another score": (changed(4, "9.5"), None),
        "another combined score": (changed(6, "-9.5"), None),
        "another class": (changed(8, other), None),
        "another outcome": (changed(3, "ORN"), None),
        "another part": (changed(2, "test"), None),
    }
    model = ModelFile.read(folder / "model.json")
    names = [field["name"] for field in page_data(model)["predictors"]]
    place = names.index(SCORE)
    script = f"{LOOK} const seen = [];" + "".join(
        f"{paste(place, text)} seen.push(look({place}));" for text, _ in texts.values()
    )
    page = (folder / "calculator.html").read_text("utf-8")
    seen = drive(page, f"{script} report(seen);", tmp_path)
    crossed = result.numbers.config.split is None
    for (name, (_, value)), look in zip(texts.items(), seen, strict=True):
        if value is None:
            assert look["value"] == "", name
            assert "Not a line of scores.csv" in look["hint"], name
        else:
            assert float(look["value"]) == pytest.approx(value, rel=1e-9), name
            assert ("of a model of other patients" in look["hint"]) == crossed, name


@pytest.fixture(scope="module")
def of_images(tmp_path_factory):
    """The combined model of images of two readers, an age with a gap and a side."""
    folder = tmp_path_factory.mktemp("images")
    path = clinical_cohort(folder, "side", ["left", "right"], PixelSpacing=[0.5, 0.5])
    config = StudyConfig(
        outcome="grade",
        positive="high",
        patient="patient",
        split="part",
        clinical={"age": "continuous", "side": {"categorical": "right"}},
        nomogram="combined",
        clinical_penalty="firth",
        cv=2,
        k=3,
        pipeline={"extractor__families": ["histogram", "gradient", "run_length"]},
    )
    everyone = Cohort.read(path, config.columns)
    extraction = extract_rows(
        everyone, image_steps(study_pipeline((), config)), progress=no_progress
    )
    made = fitted(everyone, extraction, config, folder, from_images=True)
    return made, path, folder


def test_images_masks_and_clinical_columns_to_probability(of_images, tmp_path):
    made, path, folder = of_images
    proba = made.fit.pipeline.predict_proba(made.X)[:, 1]
    np.testing.assert_allclose(proba, made.fit.probability, rtol=0, atol=1e-12)
    out = tmp_path / "scores.csv"
    arguments = ("predict", folder / "model.json", path, "--out", out)
    assert cli.main([str(argument) for argument in arguments]) == 0
    said = pd.read_csv(out)
    np.testing.assert_allclose(said["probability"], proba, rtol=0, atol=1e-12)
    whole = made.study.scores.whole[SCORE]
    np.testing.assert_allclose(said[SCORE], whole, rtol=0, atol=1e-12)
    one = made.X.drop(columns=["mask_B", "grade", "part"]).iloc[:2]
    flags = predict_cohort(made.model, one).table["flags"]
    assert flags.str.contains("1 of 2 readers: less averaging than in training").all()


@needs_chromium
def test_the_calculator_gives_the_probability_of_predict(of_images, tmp_path):
    made, *_ = of_images
    said = predict_cohort(made.model, made.X).table
    fields = page_data(made.model)["predictors"]
    assert [field["name"] for field in fields] == ["age", "side", SCORE]
    rows = [
        [repr(age), ["right", "left"].index(side), repr(score)]
        for age, side, score in zip(
            said["age"], made.X["side"], said[SCORE], strict=True
        )
    ]
    script = (
        f"const rows = {json.dumps(rows)};"
        + """
    report(rows.map((row) => {
      row.forEach((text, i) => set(i, String(text)));
      return [by("probability").dataset.value, by("decision").dataset.value];
    }));
    """
    )
    seen = drive(calculator_page(made.model), script, tmp_path)
    found = [float(probability) for probability, _ in seen]
    np.testing.assert_allclose(found, said["probability"], rtol=0, atol=1e-12)
    assert [decision for _, decision in seen] == said["predicted"].tolist()
