"""Warnings have codes that stay, a section in the docs, and come once."""

import pickle
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_validate

import sklearn_orn
from sklearn_orn import NomogramClassifier
from sklearn_orn._warning_codes import CODES, split_code
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.study import StudyConfig
from sklearn_orn.study.shared import summary_text

PACKAGE = Path(sklearn_orn.__file__).parent
PAGE = PACKAGE.parent / "docs" / "warnings.md"
FIXED = {"ORN001": "few events for many features", "ORN029": "synthetic data"}


def test_each_code_has_its_section():
    sections = re.findall(r"^### (ORN\d{3}): (.+)$", PAGE.read_text("utf-8"), re.M)
    assert sorted(sections) == sorted(CODES.items())
    assert FIXED.items() <= CODES.items()


def test_each_code_is_given_somewhere_and_no_other():
    texts = [
        path.read_text("utf-8")
        for path in PACKAGE.rglob("*.py")
        if path.name not in ("_warning_codes.py", "_upgrade.py")
    ]
    used = {code for text in texts for code in re.findall(r'"(ORN\d{3})"', text)}
    assert used - set(CODES) == set()
    assert set(CODES) - used == set()


def test_no_warning_of_ours_is_without_a_code():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"warn\([^)]*StudyWarning,", text), path
        if path.name not in ("_study_warnings.py", "_models.py", "_renamed.py"):
            assert "warnings.warn(" not in text, path


def test_a_warning_knows_its_code():
    warning = StudyWarning("Tied (a [b]).", "ORN010")
    assert (str(warning), warning.code) == ("Tied (a [b]). [ORN010]", "ORN010")
    assert pickle.loads(pickle.dumps(warning)).code == "ORN010"
    assert StudyWarning("of one's own [ORN999]").code is None
    assert split_code("In 2 of 5 folds: x. [ORN003]") == (
        "In 2 of 5 folds: x.",
        "ORN003",
    )


@pytest.fixture
def weak():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 8)), np.repeat([0, 1], 30)
    X[:, 0] += y
    return X, y


def codes(caught):
    return [w.message.code for w in caught if issubclass(w.category, StudyWarning)]


def few_events(run):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    return codes(caught).count("ORN001")


@pytest.mark.parametrize("search", [GridSearchCV, HalvingGridSearchCV])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_says_it_once(weak, search, n_jobs):
    grid = {"l1_ratio": [0.5, 0.8, 1.0]}
    found = search(NomogramClassifier(cv=3, random_state=0), grid, cv=3, n_jobs=n_jobs)
    assert few_events(lambda: found.fit(*weak)) == 1


def test_a_fit_and_each_fold_of_a_cross_validation_say_it(weak):
    model = NomogramClassifier(cv=3, random_state=0)
    assert few_events(lambda: model.fit(*weak)) == 1
    assert few_events(lambda: cross_validate(model, *weak, cv=4)) == 4
    inner = GridSearchCV(model, {"l1_ratio": [0.5, 1.0]}, cv=2)
    assert few_events(lambda: cross_validate(inner, *weak, cv=3)) == 3


def test_the_filter_of_the_docs_works(weak):
    (line,) = re.findall(r"^warnings\.filterwarnings.*$", PAGE.read_text("utf-8"), re.M)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(line, {"warnings": warnings})
        NomogramClassifier(cv=3, random_state=0).fit(*weak)
        warnings.warn(StudyWarning("another", "ORN002"), stacklevel=1)
    assert codes(caught) == ["ORN002"]


def test_a_study_leaves_out_what_its_settings_ignore(quick_study, given, given_study):
    table, features = given
    told = given_study.numbers.warnings
    assert {"ORN001", "ORN019"} <= {guard.code for guard in told}
    settings = {"ignore": ["ORN001", "ORN019"], "figures": False}
    result = quick_study(table, features=features, whole=True, **settings)
    rest = result.numbers.warnings
    assert list(rest) == [g for g in told if g.code not in ("ORN001", "ORN019")]
    page = result.report.read_text("utf-8")
    assert (
        "Switched off in the settings: few events for many features (ORN001), "
        "features from elsewhere (ORN019)." in page
    )
    assert "Warnings switched off: ORN001, ORN019." in summary_text(result.numbers)


@pytest.mark.parametrize("codes", [["ORN999"], ["orn001"], "ORN001", ["ORN001"] * 2])
def test_codes_that_are_none(codes):
    with pytest.raises((TypeError, ValueError), match="ignore"):
        StudyConfig(outcome="y", ignore=codes)
