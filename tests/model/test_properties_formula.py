"""The formula: text, LaTeX and JSON say the same as the numbers."""

import keyword
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.model import Formula
from tests._examples import examples

numbers = st.floats(-1e9, 1e9, allow_subnormal=False)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def is_name(text):
    return not keyword.iskeyword(text)


@st.composite
def formulas(draw, names=names):
    coefficients = draw(st.dictionaries(names, numbers, max_size=5))
    scales = {f: draw(st.floats(0, 1e3)) for f in coefficients if draw(st.booleans())}
    classes = draw(st.sampled_from([(0, 1), ("benign", "malignant"), (False, True)]))
    return Formula.from_coefficients(
        coefficients, draw(numbers), scales=scales, classes=classes
    )


def plain(formula):
    return (
        formula.intercept,
        [(t.feature, t.coefficient, repr(t.per_sd)) for t in formula.terms],
        formula.classes,
    )


@given(formulas())
@examples(100)
def test_json_brings_back_every_digit_and_every_name(formula):
    """A published score is copied by others: it must not change on the way."""
    assert plain(Formula.from_json(formula.to_json())) == plain(formula)


@given(formulas(names=st.from_regex(r"[A-Za-z_]{1,9}", fullmatch=True).filter(is_name)))
@examples(100)
def test_the_text_can_be_computed(formula):
    """Who reads it on paper gets the score; 17 digits are all that a number has."""
    right = formula.text(digits=17).removeprefix("score = ").replace(" x ", " * ")
    values = dict.fromkeys(formula.features, 0.5)
    expected = formula.decision_function(values)[0]
    size = abs(formula.intercept) + sum(abs(t.coefficient) for t in formula.terms)
    found = eval(right, {"__builtins__": {}}, values)
    assert found == pytest.approx(expected, abs=1e-12 * size + 1e-300)


@given(formulas())
@examples(100)
def test_latex_closes_what_it_opens(formula):
    """A name may hold any character; an open brace stops the whole paper."""
    text = formula.latex().replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0
    assert depth == 0
    assert formula.latex().count(r"\times \text") == len(formula.terms)


@given(formulas(), st.randoms(use_true_random=False), st.integers(1, 4))
@examples(60)
def test_the_score_is_a_sum_and_ignores_other_columns(formula, random, n):
    """Rows are computed one by one; a cohort table holds more than the score needs."""
    X = pd.DataFrame(
        {f: [random.randint(-9, 9) / 4 for _ in range(n)] for f in formula.features},
        index=range(n),
    )
    X["another column, which no drawn name is"] = 7
    score = formula.decision_function(X)
    assert score.shape == (n,)
    for row in range(n):
        parts = [t.coefficient * X[t.feature].iloc[row] for t in formula.terms]
        size = abs(formula.intercept) + sum(map(abs, parts))
        expected = math.fsum([formula.intercept, *parts])
        assert score[row] == pytest.approx(expected, abs=1e-12 * size)
    np.testing.assert_allclose(formula.predict_proba(X).sum(axis=1), 1)


@given(formulas())
@examples(60)
def test_terms_stand_in_the_order_of_their_weight(formula):
    """The first is what moves the score most, per standard deviation."""
    weight = [abs(np.nan_to_num(term.per_sd)) for term in formula.terms]
    assert weight == sorted(weight, reverse=True)
    assert all(term.coefficient != 0 for term in formula.terms)
