"""The study with other grey-level settings: which they are, and how each is judged."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_orn import metrics
from sklearn_orn.exceptions import LesionError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._evaluation import fit_table
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.report.sections import _sensitivity as section
from sklearn_orn.study.results import Absent, Sensitivity, Setting, SettingAuc
from tests.study._results_example import EXAMPLE, example
from tests.study.sections._study import design_of, small_study

METHODS = ("3sigma", "1-99", "1-99-below", "none")
GRID = [(name, bits) for name in METHODS for bits in (5, 6, 8)]


def grid(monkeypatch, *, from_images=True, **settings):
    """Return the rows, and which settings were measured."""
    noted = []

    def measured(study, pipeline, others):
        noted.extend(others)
        return {setting: setting for setting in others}

    monkeypatch.setattr(section, "_measured", measured)
    monkeypatch.setattr(section, "_judge", lambda table, **options: table)
    config = StudyConfig(outcome="y", patient="patient", n_jobs=1, **settings)
    study = SimpleNamespace(
        config=config,
        from_images=from_images,
        readers=("",),
        features="the study's own",
        design=design_of([0, 1] * 6, training=np.arange(12) < 8),
        table_steps=lambda: None,
    )
    found = section.sensitivity_grid(study, EXAMPLE)
    if isinstance(found, Absent):
        return found, noted
    rows = {(row.normalization, row.bits): (row.own, row.result) for row in found.rows}
    return rows, noted


@pytest.mark.parametrize(
    ("settings", "own"),
    [
        ({}, ("3sigma", 6)),
        ({"normalization": "1-99"}, ("1-99", 6)),
        ({"pipeline": {"extractor__bits": {"cooccurrence": 5, "run_length": 5}}},
         ("3sigma", 5)),
        ({"pipeline": {"extractor__bits": {"cooccurrence": 5}}}, None),
        ({"pipeline": {"extractor__bits": {"gradient": 8}}}, ("3sigma", 6)),
    ],
)  # fmt: skip
def test_all_settings_but_the_studys_own_are_measured(monkeypatch, settings, own):
    rows, measured = grid(monkeypatch, **settings)
    assert list(rows) == GRID
    assert measured == [setting for setting in GRID if setting != own]
    for setting, (is_own, result) in rows.items():
        assert is_own == (setting == own)
        assert result == ("the study's own" if is_own else setting)


def test_what_was_not_asked_for_or_not_measured_here_is_said(monkeypatch):
    off, _ = grid(monkeypatch, sensitivity=False)
    assert off == Absent("It was switched off (sensitivity: false).")
    given, _ = grid(monkeypatch, from_images=False)
    assert given == Absent("The features were given, not measured here.")


@pytest.mark.parametrize("split", [True, False])
def test_a_setting_is_learnt_anew_and_judged_on_other_patients(split):
    study = small_study(split=split)
    design, features = study.design, study.features
    splits = study_splits(design, study.config)
    found = section._judge(features, design, study.table_steps(), splits)
    proba = np.full(len(design.y), np.nan)
    for train, test in splits:
        steps = fit_table(study.table_steps(), features.iloc[train], design.take(train))
        proba[test] = steps.predict_proba(features.iloc[test])[:, 1]
    judged = np.isfinite(proba)
    y, risk = design.y[judged], proba[judged]
    assert judged.sum() == (16 if split else 48)
    assert found.auc == pytest.approx(roc_auc_score(y, risk))
    limits = metrics.roc_auc_ci(y, risk, groups=design.patient[judged])
    assert (found.lower, found.upper) == pytest.approx((limits.lower, limits.upper))
    train = design.training
    whole = fit_table(study.table_steps(), features[train], design.take(train))
    assert found.selected == tuple(whole[-1].selected_features_)
    assert found.n_selected == len(found.selected)


def test_a_setting_that_measures_nothing_says_why():
    study = small_study()
    splits = study_splits(study.design, study.config)
    steps = study.table_steps()
    lost = section._judge(LesionError("no contrast"), study.design, steps, splits)
    assert lost == Absent("no contrast")
    study.design.y[study.design.training] = 1
    one_class = section._judge(study.features, study.design, steps, splits)
    assert isinstance(one_class, Absent)


def test_each_setting_has_its_row():
    result = SettingAuc(0.6843, 0.5123, 0.8456, 0.07, 2, ("Mean", "Skew"))
    many = replace(result, n_selected=8, selected=tuple(f"f{i}" for i in range(8)))
    none = replace(result, n_selected=0, selected=())
    rows = (
        Setting("3sigma", 6, own=True, result=result),
        Setting("1-99", 8, own=False, result=many),
        Setting("none", 5, own=False, result=none),
        Setting("none", 6, own=False, result=Absent("no contrast")),
    )
    table = section.sensitivity_table(example(sensitivity=Sensitivity(rows)))
    assert table.rows[0] == [
        *("3sigma (the study’s)", "6", "0.684", "0.512 to 0.846", "Mean, Skew")
    ]
    assert table.rows[1][:2] == ["1-99", "8"]
    assert table.rows[1][-1].startswith("f0, f1, f2, f3, f4, f5")
    assert "f6" not in table.rows[1][-1]
    assert table.rows[2] == ["none", "5", "0.684", "0.512 to 0.846", "–"]
    assert table.rows[3] == ["none", "6", "–", "–", "no contrast"]
