"""Optimism against rms's validate and calibrate, and on whole pipelines."""

import time

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import BaseCrossValidator
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier
from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.metrics import net_benefit, roc_auc_ci
from sklearn_orn.resampling import instability, optimism
from sklearn_orn.resampling._fitting import failure_reason
from sklearn_orn.resampling._out_of_bag_632 import plus_632
from tests._data import R_REFERENCE, of_r
from tests.resampling._tables import study_steps, two_readers

NAMES = ("Dxy", "R2", "Intercept", "Slope", "D", "U", "Q", "B", "g", "gp")
# rms stops its iterations early; against R's glm both agree to 1e-8, below.
TOLERANCES = {"Slope": 2e-7, "g": 1e-6}


@pytest.fixture(scope="module")
def table():
    table = pd.read_csv(R_REFERENCE / "a_train95.csv")
    return table.assign(rad=pd.read_csv(R_REFERENCE / "scores_train.csv")["rad"])


@pytest.fixture(scope="module")
def resamples():
    path = R_REFERENCE / "bootstrap_indices_f3l.csv"
    return np.loadtxt(path, delimiter=",", dtype=int) - 1


@pytest.fixture(scope="module", params=["f2", "f3l"])
def of_rms(request, table, resamples):
    columns = ["rad", "lymph", "stage"][: int(request.param[1])]
    result = optimism(
        NomogramClassifier(penalty="none"),
        table[columns],
        table["y"],
        n_resamples=resamples,
    )
    return request.param, result


@pytest.mark.parametrize("name", NAMES)
def test_indexes_equal_rms_validate(of_rms, name):
    model, result = of_rms
    reference = of_r("rms_lrm_valprob")[f"validate_{model}"]
    expected = dict(zip(reference["rows"], reference["values"], strict=True))[name]
    row = result.indexes.loc["brier" if name == "B" else name.lower()]
    got = row[["apparent", "training", "test", "optimism", "corrected", "n"]]
    np.testing.assert_allclose(got, expected, atol=TOLERANCES.get(name, 1e-7))


def test_corrected_emax_equals_rms_validate(of_rms):
    model, result = of_rms
    reference = of_r("rms_lrm_valprob")[f"validate_{model}"]
    expected = dict(zip(reference["rows"], reference["values"], strict=True))["Emax"]
    emax = result.indexes.loc["emax"]
    assert emax["corrected"] == pytest.approx(expected[4], abs=1e-7)
    assert emax["optimism"] == pytest.approx(-expected[3], abs=1e-7)


def test_optimism_equals_that_by_r_glm(of_rms):
    model, result = of_rms
    expected = of_r("rms_lrm_valprob")[f"validate_{model}_byhand_optimism"]
    names = {"Dxy": "dxy", "Brier": "brier", "int": "intercept", "slope": "slope"}
    for theirs, ours in names.items():
        assert result.indexes.loc[ours, "optimism"] == pytest.approx(
            expected[theirs], abs=1e-7
        )


def test_curve_equals_rms_calibrate(of_rms):
    model, result = of_rms
    expected = of_r("rms_calibrate")[model]
    for column, theirs in {
        "predicted": "predy",
        "apparent": "calibrated_orig",
        "corrected": "calibrated_corrected",
    }.items():
        np.testing.assert_allclose(
            result.calibration[column], expected[theirs], atol=1e-6
        )


def test_no_interval_stands_beside_a_corrected_index(of_rms):
    _, result = of_rms
    assert not {"lower", "upper"} & set(result.indexes.columns)
    assert result.unit == "samples" and not result.failures


@pytest.fixture(scope="module")
def refits():
    """An optimism of patients, and its refits by hand."""
    X, y, patient = two_readers(2, signal=1)
    rng = np.random.RandomState(0)
    drawn = [rng.randint(0, patient.max() + 1, patient.max() + 1) for _ in range(30)]
    rows = [
        np.concatenate([np.flatnonzero(patient == p) for p in patients])
        for patients in drawn
    ]
    same = min(map(len, rows))
    rows = [r[:same] for r in rows]
    model = LogisticRegression()
    result = optimism(model, X, y, groups=patient, n_resamples=np.array(rows))
    own = model.fit(X, y).predict_proba(X)[:, 1]
    proba = np.array([model.fit(X.iloc[r], y[r]).predict_proba(X)[:, 1] for r in rows])
    rest = [~np.isin(patient, patient[r]) for r in rows]
    return result, y, own, proba, rest


def test_out_of_bag_judges_patients_that_were_not_drawn(refits):
    result, y, _, proba, rest = refits
    used = [
        (y[left], p[left])
        for left, p in zip(rest, proba, strict=True)
        if 0 < y[left].sum() < left.sum()
    ]
    found = result.indexes["out_of_bag"]
    assert result.n_out_of_bag == len(used) > 20
    aucs = [roc_auc_score(*pair) for pair in used]
    assert found["auc"] == pytest.approx(np.mean(aucs), abs=1e-12)
    assert found["dxy"] == pytest.approx(2 * np.mean(aucs) - 1, abs=1e-12)
    outcome, risk = (np.concatenate(v) for v in zip(*used, strict=True))
    assert found["brier"] == pytest.approx(brier_score_loss(outcome, risk), abs=1e-12)
    line = LogisticRegression(C=1e12, tol=1e-12, max_iter=10_000)
    line.fit(logit(risk)[:, None], outcome)
    assert found["slope"] == pytest.approx(line.coef_[0, 0], abs=1e-6)
    assert found["intercept"] == pytest.approx(line.intercept_[0], abs=1e-6)


def test_632_plus_is_efron_and_tibshiranis(refits):
    result, y, own, _, _ = refits
    rest, plus = result.indexes["out_of_bag"], result.indexes["plus_632"]
    nothing = np.mean([(label - p) ** 2 for label in y for p in own])
    for name, apparent, worst in (
        ("auc", roc_auc_score(y, own), 0.5),
        ("brier", brier_score_loss(y, own), nothing),
    ):
        value = rest[name]
        overfitting = (value - apparent) / (worst - apparent)
        assert 0 < overfitting < 1
        weight = 0.632 / (1 - 0.368 * overfitting)
        expected = (1 - weight) * apparent + weight * value
        assert plus[name] == pytest.approx(expected, abs=1e-12)
    assert np.isnan(plus["g"])


def test_what_is_worse_than_nothing_stands_as_it_is():
    found = plus_632(
        {"auc": 0.8, "brier": 0.2, "slope": 1.2, "intercept": 0.1},
        {"auc": 0.4, "brier": 0.4, "slope": -0.5, "intercept": 0.3},
        {"auc": 0.5, "brier": 0.3, "slope": 0.0, "intercept": 0.2},
    )
    assert found["auc"] == pytest.approx(0.4)
    assert found["brier"] == pytest.approx(0.4)
    assert found["slope"] == pytest.approx(-0.5)
    assert found["intercept"] == pytest.approx(0.3)


@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
def test_on_noise_out_of_bag_is_a_half_and_harrells_is_not():
    rest, harrell = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        patient = np.repeat(np.arange(40), 2)
        X, y = rng.normal(size=(80, 100)), (np.arange(40) % 2)[patient]
        pipeline = make_pipeline(FCMSelector(k=3), LogisticRegression())
        found = optimism(
            pipeline, X, y, groups=patient, metrics=["auc"], n_resamples=20,
            random_state=seed,
        )  # fmt: skip
        rest.append(found.indexes.loc["auc", "out_of_bag"])
        harrell.append(found.indexes.loc["auc", "corrected"])
    assert abs(np.mean(rest) - 0.5) < 3 * np.std(rest) / np.sqrt(12)
    assert np.mean(harrell) > 0.65


def test_instability_is_that_of_the_predictions(refits):
    result, y, own, proba, _ = refits
    found = result.instability
    np.testing.assert_allclose(result.predictions, proba, atol=1e-12)
    samples = found.samples
    np.testing.assert_allclose(samples["mape"], np.abs(proba - own).mean(axis=0))
    assert found.mape == pytest.approx(samples["mape"].mean())
    np.testing.assert_allclose(
        samples["changed"], ((proba >= 0.5) != (own >= 0.5)).mean(axis=0)
    )
    assert found.threshold == 0.5
    benefit = found.net_benefit.set_index("threshold")
    for column, values in (("model", own), (3, proba[3])):
        assert benefit.loc[0.3, column] == pytest.approx(
            net_benefit(y, values, threshold=0.3)
        )
    again = instability(y, own, proba)
    pd.testing.assert_frame_equal(again.samples, samples)
    pd.testing.assert_frame_equal(again.calibration, found.calibration)
    assert 0 not in found.calibration.columns[:2] and found.n_resamples == len(proba)


def test_a_model_that_refits_do_not_change_is_stable():
    proba = np.linspace(0.1, 0.9, 9)
    found = instability(np.arange(9) % 2, proba, np.tile(proba, (4, 1)))
    assert found.mape == 0 and found.changed == 0
    with pytest.raises(ValueError, match=r"the 9 samples of y_true, got \(4, 8\)"):
        instability(np.arange(9) % 2, proba, np.zeros((4, 8)))
    with pytest.raises(ValueError, match="probabilities between 0 and 1"):
        instability(np.arange(9) % 2, proba, np.full((1, 9), np.nan))


@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
def test_the_threshold_is_the_one_learnt_or_given():
    X, y, patient = two_readers(1, signal=2)
    settings = {"groups": patient, "n_resamples": 2, "random_state": 0}
    pipeline = study_steps()
    with sklearn.config_context(enable_metadata_routing=True):
        learnt = study_steps().fit(X, y, groups=patient)[-1].threshold_
    found = optimism(pipeline, X, y, **settings)
    assert found.instability.threshold == learnt
    given = optimism(pipeline, X, y, threshold=0.3, **settings)
    assert given.instability.threshold == 0.3
    with pytest.raises(ValueError, match="threshold must lie between 0 and 1, got 3"):
        optimism(pipeline, X, y, threshold=3)


class NoSharedGroups(BaseCrossValidator):
    """Three folds of groups that see to it that groups came."""

    seen: list = []

    def split(self, X, y=None, groups=None):
        from sklearn.model_selection import StratifiedGroupKFold

        assert groups is not None
        self.seen.append(np.asarray(groups))
        yield from StratifiedGroupKFold(3).split(X, y, groups)

    def get_n_splits(self, X=None, y=None, groups=None):
        return 3


@pytest.mark.parametrize("by_patient", [True, False])
def test_copies_of_a_patient_share_a_group(by_patient):
    X, y, patient = two_readers(0, signal=2)
    pipeline = study_steps(cv=NoSharedGroups())
    NoSharedGroups.seen.clear()
    rows = np.concatenate([np.arange(len(y)), np.arange(len(y))])
    optimism(
        pipeline,
        X,
        y,
        groups=patient if by_patient else np.arange(len(y)),
        n_resamples=np.array([rows, rows]),
    )
    for groups in NoSharedGroups.seen[-2:]:
        np.testing.assert_array_equal(groups[: len(y)], groups[len(y) :])


@pytest.mark.filterwarnings("ignore:Fewer than 10 events")
def test_the_apparent_model_is_the_one_that_the_patients_names_give():
    """Folds follow the order of the names, which may not be that of the rows."""
    X, y, _ = two_readers(1, signal=1)
    patient = np.random.default_rng(3).permutation([f"p{i}" for i in range(len(y))])
    with sklearn.config_context(enable_metadata_routing=True):
        model = study_steps().fit(X, y, groups=patient)
    found = optimism(study_steps(), X, y, groups=patient, n_resamples=2, random_state=0)
    auc = roc_auc_ci(y, model.predict_proba(X)[:, 1]).auc
    assert found.indexes.loc["auc", "apparent"] == pytest.approx(auc, abs=1e-12)


def test_selection_from_noise_is_corrected_towards_chance():
    X, y, patient = two_readers(1)
    pipeline = make_pipeline(
        ICCFilter(threshold=0.5), FCMSelector(k=3), NomogramClassifier(penalty="none")
    )
    result = optimism(pipeline, X, y, groups=patient, n_resamples=30, random_state=0)
    auc = result.indexes.loc["auc"]
    assert auc["apparent"] > 0.65
    assert auc["corrected"] < auc["apparent"] - 0.1


def test_whole_pipeline_is_the_same_in_processes():
    X, y, patient = two_readers(1, signal=1)
    result = optimism(
        study_steps(), X, y, groups=patient, n_resamples=8, random_state=0
    )
    assert result.unit == "patients"
    assert result.warnings["Fewer than 10 events per candidate feature"] == 8
    again = optimism(
        study_steps(), X, y, groups=patient, n_resamples=8, random_state=0, n_jobs=2
    )
    pd.testing.assert_frame_equal(result.indexes, again.indexes)


def test_metrics_of_ones_own():
    X, y, patient = two_readers(2, signal=1)
    metrics = {
        "auc": lambda y, p: roc_auc_ci(y, p).auc,
        "benefit": lambda y, p: net_benefit(y, p, threshold=0.3),
    }
    model = LogisticRegression()
    both = optimism(
        model,
        X,
        y,
        groups=patient,
        metrics=metrics,
        n_resamples=5,
        random_state=0,
        verbose=1,
    )
    assert list(both.indexes.index) == ["auc", "benefit"]
    named = optimism(
        model, X, y, groups=patient, metrics=["auc"], n_resamples=5, random_state=0
    )
    pd.testing.assert_frame_equal(both.indexes.loc[["auc"]], named.indexes)
    with pytest.raises(ValueError, match="metrics names auroc. Known are auc, dxy"):
        optimism(model, X, y, metrics="auroc")


def test_text_labels_change_nothing():
    X, y, patient = two_readers(2, signal=1)
    settings = {"groups": patient, "n_resamples": 5, "random_state": 0}
    numbers = optimism(LogisticRegression(), X, y, **settings)
    texts = optimism(LogisticRegression(), X, np.array(["a", "b"])[y], **settings)
    pd.testing.assert_frame_equal(numbers.indexes, texts.indexes)


def test_resamples_that_cannot_be_fitted_are_counted():
    X, y, patient = two_readers(3, n_patients=28, signal=2)
    with pytest.warns(StudyWarning, match="of 20 resamples could not be fitted"):
        result = optimism(
            study_steps(cv=8), X, y, groups=patient, n_resamples=20, random_state=1
        )
    assert result.n_resamples + sum(result.failures.values()) == 20
    assert list(result.failures) == ["cv=8 needs at least 8 groups of each class"]
    with pytest.raises(ValueError, match="0 of 2 resampl"):
        rows = np.tile(np.flatnonzero(patient < 4), (2, 1))
        optimism(study_steps(cv=8), X, y, groups=patient, n_resamples=rows)


def test_bad_outcome_is_named():
    with pytest.raises(ValueError, match="two classes, got shape .* with 3 classes"):
        optimism(LogisticRegression(), np.zeros((3, 1)), [0, 1, 2])


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
def test_the_studys_pipeline_takes_less_than_a_minute():
    X, y, patient = two_readers(4, n_patients=48, n_features=279, signal=1)
    start = time.perf_counter()
    optimism(
        study_steps(cv=10, k=10),
        X,
        y,
        groups=patient,
        n_resamples=200,
        random_state=0,
        n_jobs=2,
    )
    assert time.perf_counter() - start < 60


def test_images_are_measured_once(monkeypatch):
    from sklearn_orn import Normalizer, TextureExtractor
    from sklearn_orn.texture import _measure

    rng = np.random.default_rng(0)
    mask = np.zeros((24, 24), dtype=bool)
    mask[4:20, 4:20] = True
    y = np.arange(20) % 2
    X = [(rng.integers(0, 500 + 300 * label, size=(24, 24)), mask) for label in y]
    calls = []
    original = _measure.measure
    monkeypatch.setattr(_measure, "measure", lambda *a: calls.append(1) or original(*a))
    pipeline = make_pipeline(
        Normalizer("none"), TextureExtractor(families=["histogram"]), FCMSelector(k=1),
        LogisticRegression(),
    )  # fmt: skip
    optimism(pipeline, X, y, n_resamples=5, random_state=0)
    assert len(calls) == 20


def test_the_reason_of_a_failed_fold_has_its_cause():
    def fold():
        try:
            raise NotEstimable("cv=8 needs at least 8 groups of each class: found 3.")
        except NotEstimable as cause:
            raise NotEstimable(f"In a fold of the cross-fitting: {cause}") from cause

    with pytest.raises(NotEstimable) as caught:
        fold()
    assert failure_reason(caught.value) == (
        "In a fold of the cross-fitting: cv=8 needs at least 8 groups of each class"
    )
    assert failure_reason(ValueError("one: two")) == "one"
