"""How clinical columns are chosen: the setting as written, and as it is kept."""

import pytest

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model.shared import NAME_THEM
from sklearn_orn.study._clinical_rule import (
    ClinicalRule,
    checked_selection,
    clinical_rule,
    naming_the_setting,
)

COLUMNS = ["age", "site"]


@pytest.mark.parametrize(
    ("value", "rule", "kept", "learns"),
    [
        ("all", ClinicalRule("all"), "all", False),
        (" lasso ", ClinicalRule("lasso"), "lasso", True),
        (
            "univariable  p<0.2",
            ClinicalRule("univariable", 0.2),
            "univariable p < 0.2",
            True,
        ),
        (
            "univariable p < 5e-2",
            ClinicalRule("univariable", 0.05),
            "univariable p < 0.05",
            True,
        ),
        (["site"], ClinicalRule("named", names=("site",)), ("site",), False),
        (
            ("site", "age"),
            ClinicalRule("named", names=("site", "age")),
            ("site", "age"),
            False,
        ),
    ],
)
def test_a_setting_is_a_rule(value, rule, kept, learns):
    assert clinical_rule(value) == rule
    assert clinical_rule(value).learns is learns
    assert checked_selection(value, COLUMNS) == kept


@pytest.mark.parametrize(
    "value",
    [
        "some",
        "",
        "univariable",
        "univariable p < many",
        "univariable p < 0",
        "univariable p < 1",
        "univariable p < nan",
        "univariable p < -0.1",
        "not univariable p < 0.1",
        [],
    ],
)
def test_what_is_no_rule_is_refused(value):
    with pytest.raises(ValueError, match="clinical_selection is .*: expected all, las"):
        clinical_rule(value)


@pytest.mark.parametrize("value", [3, None, ["age", 3], {"age": 1, 2: 3}])
def test_what_is_neither_text_nor_names_is_refused(value):
    with pytest.raises(TypeError, match="clinical_selection is .*: expected all"):
        clinical_rule(value)


@pytest.mark.parametrize(
    ("value", "columns", "message"),
    [
        ("lasso", [], "but no clinical columns are named"),
        (["age"], [], "but no clinical columns are named"),
        (["age", "dose"], COLUMNS, "names 'dose', which is no clinical column"),
        (["age", "age"], COLUMNS, "a name stands twice"),
    ],
)
def test_a_setting_that_does_not_fit_the_columns_is_refused(value, columns, message):
    with pytest.raises(ValueError, match=message):
        checked_selection(value, columns)


def test_all_columns_may_be_none():
    assert checked_selection("all", []) == "all"


def test_the_setting_that_mends_a_selection_of_nothing_is_named():
    with pytest.raises(NotEstimable, match=r"^None. Set clinical_selection to all"):
        with naming_the_setting():
            raise NotEstimable(f"None. {NAME_THEM}.")
    with pytest.raises(NotEstimable, match=r"^Too few\.$"):
        with naming_the_setting():
            raise NotEstimable("Too few.")
