"""The score as a formula: text, LaTeX, JSON, and the same probabilities."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import NomogramClassifier
from sklearn_orn.model import Formula
from tests._data import R_REFERENCE


@pytest.fixture(scope="module")
def fitted():
    data = pd.read_csv(R_REFERENCE / "a_train95.csv")
    X = data[[c for c in data if c.startswith("f") and c[1:].isdigit()]]
    y = np.where(data["y"] == 1, "ORN", "metastasis")
    return NomogramClassifier(cv=5, random_state=0).fit(X, y), X


def test_json_gives_the_same_probabilities(fitted):
    model, X = fitted
    again = Formula.from_json(model.formula_.to_json())
    assert again == model.formula_
    np.testing.assert_allclose(
        again.predict_proba(X), model.predict_proba(X), rtol=0, atol=1e-12
    )
    one = again.predict_proba(X.iloc[3].to_dict())
    np.testing.assert_allclose(one[0], model.predict_proba(X)[3], atol=1e-12)


def test_terms_are_sorted_by_magnitude_per_sd(fitted):
    model, X = fitted
    formula = model.formula_
    sizes = [abs(term.per_sd) for term in formula.terms]
    assert sizes == sorted(sizes, reverse=True)
    assert set(formula.features) == set(model.selected_features_)
    for term in formula.terms:
        sd = X[term.feature].std(ddof=0)
        assert term.per_sd == pytest.approx(term.coefficient * sd)
    assert formula.classes == ("ORN", "metastasis")


def test_text_and_latex():
    formula = Formula.from_coefficients(
        {"Perc.01%": -1.5e-7, "45dgr_Fraction": 2.0, "gone": 0.0},
        -0.25,
        classes=("benign_1", "A&B"),
    )
    assert formula.text() == "score = -0.25 - 1.5e-07 x Perc.01% + 2 x 45dgr_Fraction"
    assert formula.latex() == (
        "\\text{score} ={}& -0.25 \\\\\n"
        "& - 1.5 \\times 10^{-7} \\times \\text{Perc.01\\%} \\\\\n"
        "& + 2 \\times \\text{45dgr\\_Fraction} \\\\\n"
        "P(\\text{A\\&B}) ={}& 1 / (1 + e^{-\\text{score}})"
    )
    assert json.loads(formula.to_json())["terms"][0]["per_sd"] is None


def test_text_and_latex_with_as_many_digits_as_asked():
    formula = Formula.from_coefficients({"Mean": 1.23456}, -0.98765)
    assert formula.text(digits=3) == "score = -0.988 + 1.23 x Mean"
    first, second, _ = formula.latex(digits=3).splitlines()
    assert first == "\\text{score} ={}& -0.988 \\\\"
    assert second == "& + 1.23 \\times \\text{Mean} \\\\"


def test_signs_of_small_coefficients():
    formula = Formula.from_coefficients({"a": 0.5, "b": -0.5}, 0.0)
    assert formula.text() == "score = 0 + 0.5 x a - 0.5 x b"
    assert [line[:7] for line in formula.latex().splitlines()[1:3]] == [
        "& + 0.5",
        "& - 0.5",
    ]


def test_five_digits_and_classes_0_and_1_unless_others_are_asked_for():
    formula = Formula.from_coefficients({"a": 1.2345678}, -0.12345678)
    assert formula.text() == "score = -0.12346 + 1.2346 x a"
    assert formula.latex().startswith("\\text{score} ={}& -0.12346 \\\\\n& + 1.2346 ")
    assert formula.classes == Formula(0.0, ()).classes == (0, 1)


def test_a_notebook_shows_each_term():
    formula = Formula.from_coefficients(
        {"a<b": 1.2345678}, -0.25, scales={"a<b": 0.1}, classes=("low", "A&B")
    )
    cells = re.findall("<t[dh][^>]*>([^<]*)<", formula._repr_html_())
    assert [cell for cell in cells if cell] == [
        *("coefficient", "per SD", "Intercept", "-0.25"),
        *("a&lt;b", "1.2346", "0.123"),
    ]
    assert "Log-odds of A&amp;B" in formula._repr_html_()


def test_a_score_without_features_is_its_intercept():
    formula = Formula(0.5, ())
    assert formula.decision_function({}).tolist() == [0.5]
    assert formula.decision_function(pd.DataFrame(index=range(3))).tolist() == 3 * [0.5]


def test_what_is_not_finite_is_not_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Formula.from_coefficients({"a": np.inf}, 0.0).to_json()


def test_a_formula_of_version_1_is_still_read():
    text = """{"format": "sklearn-orn formula", "version": 1, "terms": [{"feature":
    "Mean", "coefficient": 0.25, "per_sd": null}], "intercept": -1.5, "classes":
    ["low", "high"]}"""
    formula = Formula.from_json(text)
    assert formula.text() == "score = -1.5 + 0.25 x Mean"
    again = json.loads(formula.to_json())
    assert (again["format"], again["schema_version"]) == ("sklearn-orn-formula", 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "recipe"}, "no formula"),
        ({"schema_version": 99}, "version 99; this program reads versions 1 and 2"),
        ({"terms": [{"feature": "a"}]}, "incomplete"),
        ({"intercept": None}, "incomplete"),
        ({"intercept": float("inf")}, "not finite"),
    ],
)
def test_bad_json_is_named(fitted, change, message):
    content = json.loads(fitted[0].formula_.to_json()) | change
    with pytest.raises(ValueError, match=message):
        Formula.from_json(json.dumps(content))


def test_a_missing_feature_is_named(fitted):
    model, X = fitted
    name = model.formula_.features[0]
    with pytest.raises(ValueError, match=f"no column for 1 features.*{name}"):
        model.formula_.predict_proba(X.drop(columns=name))
