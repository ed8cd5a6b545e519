"""A known cause becomes its sentence; a fault of the program stays one."""

import ast
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklearn_orn
from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier
from sklearn_orn import metrics as m
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.deploy import ModelFile, calculator_page, predict_cohort, save_model
from sklearn_orn.exceptions import CohortError, LesionError, NotEstimable
from sklearn_orn.model import (
    Nomogram,
    PublishedSignature,
    logistic_lasso_path,
    validate_externally,
)
from sklearn_orn.model._firth import firth_logistic
from sklearn_orn.resampling import (
    nested_cross_validate,
    optimism,
    permuted_outcome,
    stability,
)
from sklearn_orn.selection import fisher_coefficient
from sklearn_orn.study import StudyConfig, _models, _published, _run
from sklearn_orn.study._clinical import clinical_pipeline
from sklearn_orn.study._filters import fitted_filters
from sklearn_orn.study._models import predict_splits
from sklearn_orn.study._run import or_reason
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.report import _made
from sklearn_orn.study.report._blocks import FigureBlock
from sklearn_orn.study.report.sections import _sensitivity
from sklearn_orn.study.report.sections._sample_size import sample_size
from sklearn_orn.study.results import Absent
from tests.study._checks import make_design
from tests.study.test_clinical import compared, gaps_table

PACKAGE = Path(sklearn_orn.__file__).parent
BUG = "operands could not be broadcast together with shapes (3,) (4,)"

rng = np.random.default_rng(0)
X = np.column_stack([rng.normal(size=(40, 3)), np.arange(40) % 2])
Y = np.arange(40) % 2
ONE = np.zeros(40, dtype=int)
WEIGHT = (Y == 0).astype(float)


def fails(error, text=BUG):
    def function(*args, **kwargs):
        raise error(text)

    return function


# Causes


def firth_without_a_fit():
    return firth_logistic([[0.0], [1.0], [2.0]], [0, 1, 1], tol=1e-300)


def design_of(y, patients=None, **settings):
    table = pd.DataFrame({"y": y, "patient": range(len(y))})
    if patients is not None:
        table["patient"] = patients
    chosen = {"outcome": "y", "patient": "patient", "cv": 5} | settings
    config = StudyConfig(**chosen)
    return make_design(table, config), config


def sample_size_of_one_class():
    design, _ = design_of([0, 1] * 6)
    return sample_size(design.take(design.y == 0), {"measured": 3})


def constant_columns():
    table = pd.DataFrame({"age": np.ones(40), "site": ["jaw"] * 40})
    return clinical_pipeline(table, StudyConfig("y")).fit(table, Y)


def splits_of_one_class():
    design, _ = design_of(Y)
    model = _models.Model("", LogisticRegression(), pd.DataFrame(X), [])
    return predict_splits(model, design, [(np.flatnonzero(Y), np.flatnonzero(~Y))])


CAUSES = {
    "y of one class": (
        lambda: NomogramClassifier().fit(X, ONE),
        "needs two classes; y holds one class only",
    ),
    "weights of one class": (
        lambda: NomogramClassifier().fit(X, Y, sample_weight=WEIGHT),
        "two classes with a positive weight",
    ),
    "a fold of one class": (
        lambda: NomogramClassifier(cv=[(np.flatnonzero(Y), [0, 1])]).fit(X, Y),
        "leaves one class only to train on",
    ),
    "too few for the folds": (
        lambda: NomogramClassifier(cv=21).fit(X, Y),
        "cv=21 needs at least 21 samples of each class",
    ),
    "folds without an AUC": (
        lambda: NomogramClassifier(
            cv=[(np.arange(10, 40), np.arange(0, 20, 2))], scoring="auc"
        ).fit(X, Y),
        "Every fold holds one class only",
    ),
    "a path of one class": (lambda: logistic_lasso_path(X, ONE), "one class only"),
    "Firth's fit": (firth_without_a_fit, "did not converge"),
    "a nomogram of nothing": (
        lambda: Nomogram.from_coefficients({}, 0.0, {}),
        "there is nothing to draw",
    ),
    "lesions that all readers drew": (
        lambda: ICCFilter(n_readers=2, min_lesions=50).fit(X),
        "drew the same lesion in 40 of n_samples = 40 rows",
    ),
    "no reproducible feature": (
        lambda: ICCFilter(n_readers=2, threshold=0.99).fit(X),
        "No feature has an ICC above",
    ),
    "criteria of one class": (lambda: fisher_coefficient(X, ONE), "compare classes"),
    "constant features": (
        lambda: FCMSelector(k=1).fit(np.ones((40, 2)), Y),
        "All 2 features are constant",
    ),
    "an AUC of one class": (lambda: m.roc_auc_ci(ONE, X[:, 0]), "one class only"),
    "an AUC of weights": (
        lambda: m.roc_auc_ci(Y, X[:, 0], sample_weight=WEIGHT),
        "0 throughout one of the classes",
    ),
    "a threshold of weights": (
        lambda: m.youden_threshold(Y, X[:, 0], sample_weight=WEIGHT),
        "one class only where sample_weight is above 0",
    ),
    "calibration of one class": (
        lambda: m.calibration_statistics(ONE, np.full(40, 0.5)),
        "one class only",
    ),
    "a prevalence of one class": (
        lambda: m.net_benefit(ONE, np.full(40, 0.5), threshold=0.2, prevalence=0.1),
        "only where y_true has both classes",
    ),
    "a validation of one class": (
        lambda: validate_externally(
            PublishedSignature({"f0": 1.0}, intercept=0.0),
            pd.DataFrame(X).add_prefix("f"),
            ONE,
        ),
        "y holds one class only in 40 samples",
    ),
    "resamples of one class": (
        lambda: stability(make_pipeline(SelectKBest(k=1)), X, ONE),
        "y holds one class only",
    ),
    "optimism of one class": (
        lambda: optimism(LogisticRegression(), X, ONE),
        "two classes, got shape .* with 1 classes",
    ),
    "too few for outer folds": (
        lambda: nested_cross_validate(LogisticRegression(), X, Y, outer=21),
        "21 folds need at least 21 samples of each class",
    ),
    "an outer fold of one class": (
        lambda: nested_cross_validate(
            LogisticRegression(), X, Y, outer=[(np.flatnonzero(Y), [0, 1])]
        ),
        "The samples that train are of one class only",
    ),
    "a permutation fold of one class": (
        lambda: permuted_outcome(
            LogisticRegression(), X, Y, cv=[(np.flatnonzero(Y), [0, 1])]
        ),
        "cannot be cross-validated: The samples that train are of one class only",
    ),
    "too few for permuted folds": (
        lambda: permuted_outcome(LogisticRegression(), X, Y, cv=21),
        "cannot be cross-validated: 21 folds need at least 21 samples",
    ),
    "resamples given, of one class": (
        lambda: optimism(
            LogisticRegression(), X, Y, n_resamples=[np.flatnonzero(Y)] * 3
        ),
        "0 of 3 resamples could be fitted: The samples that train are of one class",
    ),
    "a study that trains on one class": (
        sample_size_of_one_class,
        "not of both classes",
    ),
    "clinical columns that are constant": (constant_columns, "No column varies"),
    "a part of a study of one class": (splits_of_one_class, "not of both classes"),
    "fewer lesions than folds": (
        lambda: study_splits(*design_of([0, 1] * 4)),
        "8 patients with at most 4 lesions of a class are too few for cv=5",
    ),
    "fewer patients than folds": (
        lambda: study_splits(*design_of([0, 1] * 6, np.arange(12) // 3)),
        "4 patients with at most 6 lesions of a class are too few for cv=5",
    ),
    "too few within a fold": (
        lambda: study_splits(*design_of([0, 1] * 5)),
        "class .* leaves 4 lesions to train on within a fold",
    ),
}


@pytest.mark.parametrize("name", CAUSES)
def test_a_known_cause_says_so(name):
    call, message = CAUSES[name]
    with pytest.raises(NotEstimable, match=message):
        call()


def test_what_is_wrong_with_the_call_is_no_such_cause():
    three = np.arange(40) % 3
    for call in (
        lambda: optimism(LogisticRegression(), X, three),
        lambda: optimism(LogisticRegression(), X, Y, threshold=2),
        lambda: stability(make_pipeline(LogisticRegression()), X, Y, n_resamples=2),
        lambda: nested_cross_validate(LogisticRegression(), X, Y, outer=1),
        lambda: logistic_lasso_path(X, three),
        lambda: m.roc_auc_ci(Y, X[:5, 0]),
    ):
        with pytest.raises(ValueError) as caught:
            call()
        assert caught.type is ValueError


def test_it_comes_back_from_another_process():
    error = pickle.loads(pickle.dumps(NotEstimable("too few")))
    assert isinstance(error, NotEstimable)
    assert str(error) == "too few"


# Resampling


class Refusing(ClassifierMixin, BaseEstimator):
    """Learns from all samples and their own classes; from others it raises."""

    def __init__(self, error=ValueError):
        self.error = error

    def fit(self, X, y):
        if len(np.unique(X[:, 0])) < len(X) or not np.array_equal(X[:, 3], y):
            raise self.error(BUG)
        self.classes_ = np.unique(y)
        return self

    def get_support(self):
        return np.ones(4, dtype=bool)

    def get_feature_names_out(self, input_features=None):
        return np.array([f"x{i}" for i in range(4)], dtype=object)

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 3] * 0.9, X[:, 3] * 0.9]) * 0.9 + 0.05


@pytest.mark.parametrize(
    ("analysis", "sentence"),
    [
        (
            lambda model: optimism(model, X, Y, n_resamples=4),
            "0 of 4 resamples could be fitted: operands could not be broadcast",
        ),
        (
            lambda model: stability(make_pipeline(model), X, Y, n_resamples=4),
            "0 of 4 resamples could be fitted: operands could not be broadcast",
        ),
        (
            lambda model: permuted_outcome(model, X, Y, n_permutations=4),
            "No permutation could be cross-validated: .*operands .* 4",
        ),
    ],
    ids=["optimism", "stability", "permutation"],
)
def test_resampling_counts_known_causes_and_nothing_else(analysis, sentence):
    with pytest.raises(NotEstimable, match=sentence):
        analysis(Refusing(NotEstimable))
    with pytest.raises(ValueError, match="operands") as caught:
        analysis(Refusing(ValueError))
    assert caught.type is ValueError
    assert str(caught.value) == BUG


def test_folds_of_a_splitter_that_is_broken():
    broken = SimpleNamespace(split=fails(ValueError))
    with pytest.raises(ValueError, match="^operands"):
        permuted_outcome(LogisticRegression(), X, Y, cv=broken)


def test_a_metric_that_is_broken():
    model = LogisticRegression()
    refused = {"n_resamples": 4, "random_state": 0}

    def known(y, proba):
        if len(np.unique(proba)) < len(proba):  # of a resample
            raise NotEstimable("too few")
        return 0.0

    with pytest.raises(NotEstimable, match="0 of 4 resamples .*: too few"):
        optimism(model, X, Y, metrics={"own": known}, **refused)
    with pytest.raises(ValueError, match="^operands"):
        optimism(model, X, Y, metrics={"own": fails(ValueError)}, **refused)


# Study


@pytest.mark.parametrize("error", [NotEstimable, CohortError])
def test_an_analysis_that_this_study_cannot_have(error):
    assert or_reason(fails(error, "Too few.")) == Absent("Too few.")


@pytest.mark.parametrize("error", [ValueError, np.linalg.LinAlgError, LesionError])
def test_an_analysis_that_is_broken(error):
    with pytest.raises(error, match="operands"):
        or_reason(fails(error))


def test_a_model_that_cannot_be_fitted(monkeypatch):
    study = SimpleNamespace(design=None, config=SimpleNamespace(cv=3))
    monkeypatch.setattr(_run, "why_no_model", lambda *a, **k: None)
    monkeypatch.setattr(_run, "_fit", fails(NotEstimable, "Too few."))
    reason = "No model can be fitted. Too few."
    assert _run._fit_or_reason(study) == (None, [], reason, [])
    monkeypatch.setattr(_run, "_fit", fails(ValueError))
    with pytest.raises(ValueError, match="^operands"):
        _run._fit_or_reason(study)


def test_agreement_that_cannot_be_computed():
    def study(error):
        steps = SimpleNamespace(named_steps={"icc": SimpleNamespace(fit=fails(error))})
        design = SimpleNamespace(training=Y == 1, patient=np.arange(40))
        return SimpleNamespace(
            table_steps=lambda: steps, design=design, features=pd.DataFrame(X)
        )

    assert fitted_filters(study(NotEstimable)).agreement == Absent(BUG)
    with pytest.raises(ValueError, match="^operands"):
        fitted_filters(study(ValueError))


@pytest.mark.parametrize("broken", ["clinical", "clinical + radiomics"])
def test_a_simpler_model_that_cannot_be_fitted(monkeypatch, broken):
    original, combined = _models.predict_splits, _models._combined

    def predict(error):
        def function(model, design, splits):
            if model.name == broken:
                raise error(BUG)
            return original(model, design, splits)

        return function

    for error in (NotEstimable, ValueError):
        monkeypatch.setattr(_models, "predict_splits", predict(error))
        both = broken == "clinical + radiomics"
        monkeypatch.setattr(_models, "_combined", fails(error) if both else combined)
        if error is NotEstimable:
            _, found = compared(gaps_table())
            assert found["missing"] == {broken: BUG}
        else:
            with pytest.raises(ValueError, match="^operands"):
                compared(gaps_table())


def test_lesions_without_values_leave_a_fold_nothing_to_judge():
    """What one fold lacks is no reason against the model of the others."""
    table = pd.DataFrame(X[:, :2], columns=["a", "b"])
    model = _models.Model("", clinical_pipeline(table, StudyConfig("y")), table, [])
    design, _ = design_of(Y)
    splits = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(0))]
    proba = predict_splits(model, design, splits)
    assert np.isnan(proba[:20]).all()
    assert np.isfinite(proba[20:]).all()


@pytest.mark.parametrize("known", [NotEstimable, LesionError])
def test_a_setting_that_cannot_be_judged(monkeypatch, known):
    def judged(error):
        monkeypatch.setattr(_sensitivity, "predict_splits", fails(error))
        features = error(BUG) if error is LesionError else pd.DataFrame()
        table = pd.DataFrame({"y": [0, 1], "patient": ["P1", "P2"]})
        design = make_design(table, StudyConfig(outcome="y", patient="patient"))
        return _sensitivity._judge(features, design, LogisticRegression(), [])

    assert judged(known).absent == BUG
    with pytest.raises(ValueError, match="^operands"):
        judged(ValueError)


def test_a_figure_that_cannot_be_drawn(monkeypatch):
    def figures(error, text=BUG):
        block = FigureBlock("roc", "ROC", fails(error, text), lambda results: "")
        monkeypatch.setattr(_made, "blocks", lambda: [block])
        config = SimpleNamespace(scores="fused")
        results = SimpleNamespace(classes=("a", "b"), config=config)
        return _made.make_figures(results)

    found = figures(NotEstimable, "No model.")["roc"]
    assert (found.reason, found.drawing, found.number) == ("No model.", None, None)
    with pytest.raises(ValueError, match="^operands"):
        figures(ValueError)


# A stored model and a published one


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.json"
    table = pd.DataFrame(X[:, :3], columns=["a", "b", "c"])
    table["a"] += Y
    steps = make_pipeline(FCMSelector(k=2), NomogramClassifier(lambda_rule=0.02))
    save_model(path, steps.fit(table, np.where(Y, "yes", "no")))
    return ModelFile.read(path), table


def test_a_row_that_cannot_be_scored(stored, monkeypatch):
    model, table = stored
    bad = table.astype(object)
    bad.loc[1, "a"], bad.loc[2, "b"], bad.loc[3, "c"] = "x", np.inf, np.nan
    scores = predict_cohort(model, bad.iloc[:6])
    reasons = [row.reason for row in scores.left_out]
    assert "column 'a' holds 'x', no number" in reasons[0]
    assert "column 'b' holds inf, no finite number" in reasons[1]
    monkeypatch.setattr(FCMSelector, "transform", fails(ValueError))
    with pytest.raises(ValueError, match="^operands"):
        predict_cohort(model, table)


def test_a_calculator_that_cannot_be_made(stored, monkeypatch):
    monkeypatch.setattr(Nomogram, "from_estimator", fails(ValueError))
    with pytest.raises(ValueError, match="^operands"):
        calculator_page(stored[0])


def test_a_published_signature_that_cannot_be_judged(monkeypatch):
    table = pd.DataFrame({"f": X[:, 0], "y": Y, "patient": np.arange(40)})

    def judged(table):
        signature = PublishedSignature({"f": 1.0}, intercept=0.0)
        cohort = Cohort.of(table, Columns(outcome="y", patient="patient"))
        return _published.validate_published(signature, cohort)

    table.loc[table["y"] == 1, "f"] = np.nan
    with pytest.raises(CohortError, match="y holds one class only in 20 samples"):
        judged(table)
    with pytest.raises(CohortError, match="X has no column"):
        judged(table.rename(columns={"f": "g"}))
    monkeypatch.setattr(_published, "validate_externally", fails(ValueError))
    with pytest.raises(ValueError, match="^operands"):
        judged(table.fillna(0.0))


# Who catches what

FITTING = {"fit", "fit_transform", "fit_resample", "transform"}
FITTING |= {"predict", "predict_proba", "decision_function", "score"}
ALLOWED = {
    "deploy: _build_columns": "a ColumnTransformer is rebuilt from a model file",
    "deploy: _finish_encoder": "an encoder is rebuilt from a model file",
    "deploy: _finish_imputer": "an imputer is rebuilt from a model file",
    "images: _made_by": "says of what a step raises in which lesion it was",
    "images: guarded": "the decoders of image files raise anything",
    "model: from_json": "checks what a signature file holds",
    "testing: asserting": "says of a user's step whatever it raises",
}


def names_called(nodes):
    """Functions called by name, and those methods that fit or predict."""
    calls = [n.func for n in nodes if isinstance(n, ast.Call)]
    methods = {f.attr for f in calls if isinstance(f, ast.Attribute)} & FITTING
    return methods | {f.id for f in calls if isinstance(f, ast.Name)}


def functions_of(tree):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def caught(handler):
    return {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)}


def catching(trees):
    """Functions that catch errors around an estimator, some calls away too, and which.

    A bare ``except`` catches a BaseException.
    """
    functions = [
        (file, function, [*ast.walk(function)])
        for file, tree in trees.items()
        for function in functions_of(tree)
    ]
    calls = {}
    for _, function, nodes in functions:
        calls.setdefault(function.name, set()).update(names_called(nodes))
    fits = set(FITTING)
    while new := {name for name, called in calls.items() if called & fits} - fits:
        fits |= new
    for file, function, nodes in functions:
        # What a caller passes on may fit as well.
        passed = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        for block in nodes:
            if not isinstance(block, ast.Try):
                continue
            called = set().union(*(names_called(ast.walk(n)) for n in block.body))
            if called & (fits | passed):
                for handler in block.handlers:
                    names = caught(handler) if handler.type else {"BaseException"}
                    yield f"{file.split('/')[0]}: {function.name}", names


def test_nothing_wide_is_caught_around_an_estimator():
    trees = {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    places = list(catching(trees))
    wide = {"ValueError", "Exception", "BaseException"}
    found = {place for place, names in places if names & wide}
    assert found == set(ALLOWED), "name what is caught, or say here why all is."
    # The test would see each of the places where it matters.
    assert {place for place, names in places if "NotEstimable" in names} >= {
        "resampling: _cross_validated",
        "resampling: _judged",
        "resampling: _refit",
        "study: _fit_or_reason",
        "study: compare_models",
        "study: fitted_filters",
        "study: or_reason",
        "study: _judge",
        "study: validate_published",
    }
