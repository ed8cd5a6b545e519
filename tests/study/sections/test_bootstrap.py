"""What resamples leave: corrected measures, instability, stability, shuffles."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling.shared import refit_patients
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study.report.sections import _instability as instability
from sklearn_orn.study.report.sections import _models_instability as models
from sklearn_orn.study.report.sections import _optimism as section
from sklearn_orn.study.report.sections import _stability as stability
from sklearn_orn.study.results import (
    FeatureStability,
    LesionInstability,
    Measure,
    PooledAuc,
    StepStability,
)
from tests.study._results_example import (
    EXAMPLE,
    MODEL,
    OPTIMISM,
    example,
    example_without,
)
from tests.study.sections._study import small_study

N_RESAMPLES = 6


@pytest.fixture(scope="module")
def study():
    made = small_study(seed=3, penalty=0.12)
    rows = made.design.training
    with caught_warnings():
        made.refits = refit_patients(
            made.table_steps(),
            made.features[rows],
            made.design.y[rows],
            groups=made.design.patient[rows],
            n_resamples=N_RESAMPLES,
            random_state=0,
            selects=True,
            n_jobs=1,
        )
    return made


def test_each_measure_is_corrected_under_its_own_name(study):
    found = section.optimism_numbers(study, EXAMPLE)
    assert {row.key: row.name for row in found.measures} == {
        "auc": "AUC",
        "r2": "Nagelkerke R²",
        "brier": "Brier score",
        "intercept": "Calibration intercept",
        "slope": "Calibration slope",
        "emax": "Largest calibration error",
    }
    for row in found.measures:
        assert row.corrected == pytest.approx(row.apparent - row.optimism)
    assert found.n_resamples == N_RESAMPLES and found.unit == "patients"


def test_each_lesion_of_training_keeps_its_name(study):
    lesions = section.optimism_numbers(study, EXAMPLE).instability.lesions
    design = study.design
    assert lesions.lesion == tuple(design.lesion[design.training])
    own = study.refits.proba
    np.testing.assert_allclose(lesions.probability, own)
    fitted = np.array([each.proba for each in study.refits.resamples])
    np.testing.assert_allclose(lesions.mape, np.abs(fitted - own).mean(axis=0))
    np.testing.assert_allclose(lesions.lower, np.percentile(fitted, 2.5, axis=0))


def test_curves_of_a_hundred_refits_are_kept_with_four_digits():
    own = {"threshold": [0.1, 0.2], "model": [0.3, 0.4], "treat_all": [0.5, 0.6]}
    refits = {i: [0.123456 + i, np.nan] for i in range(120)}
    table = pd.DataFrame({**own, **refits})
    samples = pd.DataFrame(
        {
            name: [0.5, 0.6]
            for name in ("probability", "lower", "upper", "mape", "changed")
        }
    )
    calibration = table.rename(columns={"threshold": "predicted", "model": "observed"})
    found = instability.instability_numbers(
        SimpleNamespace(
            samples=samples,
            mape=0.1,
            changed=0.2,
            threshold=0.4,
            calibration=calibration.drop(columns="treat_all"),
            net_benefit=table,
        ),
        ["L1", "L2"],
    )
    assert found.lesions.lesion == ("L1", "L2")
    assert "lesion" not in samples
    kept = found.net_benefit
    assert (kept.threshold, kept.model, kept.treat_all) == tuple(
        tuple(values) for values in own.values()
    )
    assert len(kept.refits) == 100
    assert kept.refits[7][0] == 7.1235 and np.isnan(kept.refits[7][1])
    assert found.calibration.predicted == (0.1, 0.2)


def folds_over(pooled, **more):
    told = pd.DataFrame(pooled, columns=["auc", "auc_lower", "auc_upper"])
    rest = [c for c in section.Repeat.__annotations__ if c not in told]
    told[rest] = 0.5
    return SimpleNamespace(
        pooled=told, mean_auc=0.7, auc_lower=0.6, auc_upper=0.8, sd_auc=0.09, **more
    )


@pytest.mark.parametrize(
    ("aucs", "median"),
    [((0.7, 0.5, 0.6), 0.6), ((0.9, 0.5, 0.7, 0.6, 0.8), 0.7), ((0.8, 0.5), 0.8)],
)
def test_the_pooled_auc_is_that_of_the_middle_repeat(aucs, median):
    asked = {}

    def resampled(procedure, **options):
        asked.update(options, name=procedure.__name__)
        return folds_over([(x, x - 0.1, x + 0.05) for x in aucs])

    found = section.nested_numbers(SimpleNamespace(resampled=resampled), EXAMPLE)
    assert found.pooled == PooledAuc(
        median, pytest.approx(median - 0.1), pytest.approx(median + 0.05)
    )
    assert (found.auc, found.lower, found.upper, found.sd) == (0.7, 0.6, 0.8, 0.09)
    assert len(found.repeats) == len(aucs) and found.repeats[0].auc == aucs[0]
    assert asked == {
        "name": "nested_cross_validate",
        "outer": 5,
        "n_repeats": section.REPEATS,
    }
    assert (found.n_folds, found.n_repeats) == (5, section.REPEATS)


@pytest.mark.parametrize("null", [(0.5, 0.45, 0.58, 0.47), (0.5, 0.45), (0.5,)])
def test_shuffled_outcomes_have_a_mean_and_a_spread(null):
    def resampled(procedure, **options):
        assert options == {"cv": 5, "n_permutations": 19}
        return SimpleNamespace(
            auc=0.7,
            null=list(null),
            p_value=0.02,
            n_as_large=1,
            movable=0.9,
            unit="patients",
        )

    study = SimpleNamespace(
        resampled=resampled, config=SimpleNamespace(n_permutations=19)
    )
    found = section.permuted_numbers(study, EXAMPLE)
    assert found.auc_mean == pytest.approx(sum(null) / len(null))
    if len(null) == 1:
        assert found.auc_sd is None
    else:
        assert found.auc_sd == pytest.approx(pd.Series(null).std())
    assert (found.auc, found.p_value, found.n_as_large) == (0.7, 0.02, 1)
    assert (found.n_permutations, found.n_folds) == (len(null), 5)
    assert found.null == null


def test_every_way_to_judge_has_its_row():
    rows = section.auc_table(example()).rows
    assert [row[:3] for row in rows] == [
        ["Validation", "0.684", "0.540 to 0.827"],
        ["Nested cross-validation", "0.702", "0.604 to 0.801"],
        [".632+ bootstrap", "0.679", "–"],
        ["Out-of-bag bootstrap", "0.651", "–"],
        ["Harrell’s correction", "0.735", "–"],
        ["Training (apparent)", "0.828", "0.735 to 0.921"],
        ["Shuffled outcome", "0.497", "–"],
    ]


def test_what_the_bootstrap_leaves_of_each_measure():
    slope = Measure("Slope", "slope", 1.0, 1.1, 0.8, 0.3, 0.7, 0.65432, 0.71, 198)
    measures = (*OPTIMISM.measures, slope)
    table = section.optimism_table(
        example(optimism=replace(OPTIMISM, measures=measures))
    )
    assert table.rows == [
        ["AUC", "0.828", "0.651", "0.679", "0.735"],
        ["Slope", "1.000", "0.654", "0.710", "0.700"],
    ]
    assert [column.head for column in table.columns] == [
        *("", "Apparent", "Out-of-bag", ".632+", "Harrell’s correction")
    ]
    assert "The whole procedure on 198 resamples of patients." in table.note


# Instability of the predictions

LESIONS = LesionInstability(
    lesion=("L1", "L2", "L3"),
    probability=(0.31234, 0.62, 0.9),
    lower=(0.12345, None, 0.8),
    upper=(0.58765, 0.81, 0.95),
    mape=(0.11111, 0.132, 0.05),
    changed=(0.2, 0.228, 0.0),
)


def unstable(**changes):
    found = replace(OPTIMISM.instability, lesions=LESIONS)
    return example(optimism=replace(OPTIMISM, instability=found), **changes)


def test_each_lesion_has_its_row():
    table = instability.instability_table(unstable())
    assert table.rows == [
        ["L1", "0.312", "0.123 to 0.588", "0.111", "20 %"],
        ["L2", "0.620", "–", "0.132", "23 %"],
        ["L3", "0.900", "0.800 to 0.950", "0.050", "0 %"],
    ]
    assert table.columns[0].name
    for of in (instability.SECTION, models.SECTION, stability.SECTION):
        (hidden,) = [x for x in of.blocks if not getattr(x, "on_page", True)]
        assert hidden.key in ("instability", "models-instability-lesions", "stability")


def test_how_far_other_patients_would_move_it():
    said = instability.instability_sentence(unstable()).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert (
        "a probability of ORN that differs by 12 percentage points on average (MAPE "
        "0.121), and would put it into the other class in 21 % of cases. 198 resamples"
    ) in said


def test_four_panels_of_the_refits():
    axes = instability.draw_instability(unstable()).axes
    assert len(axes) == 4
    prediction, classes, calibration, decision = axes
    points = next(line for line in prediction.lines if line.get_label() == "Model")
    np.testing.assert_allclose(points.get_xdata(), LESIONS.probability)
    changed = next(line for line in classes.lines if line.get_marker() == ".")
    np.testing.assert_allclose(changed.get_ydata(), LESIONS.changed)
    for ax, curves, own, x in (
        (calibration, OPTIMISM.instability.calibration, "observed", "predicted"),
        (decision, OPTIMISM.instability.net_benefit, "model", "threshold"),
    ):
        lines = {line.get_label(): line for line in ax.lines}
        np.testing.assert_allclose(lines["Model"].get_ydata(), getattr(curves, own))
        np.testing.assert_allclose(lines["Model"].get_xdata(), getattr(curves, x))
        first = ax.lines[ax.lines.index(lines["Refits"]) :][: len(curves.refits)]
        np.testing.assert_allclose(
            [line.get_ydata() for line in first], np.array(curves.refits, float)
        )
    flat = unstable(model=replace(MODEL, coefficients=()))
    with pytest.raises(NotEstimable, match="The score is the same for every lesion"):
        instability.draw_instability(flat)


def three(**changes):
    found = EXAMPLE.models_instability
    rows = tuple(
        replace(
            row,
            mape=0.0812 + 0.01 * i,
            changed=0.204 + 0.1 * i,
            auc_apparent=0.8123,
            auc_out_of_bag=0.7123,
            lesions=replace(LESIONS, mape=(0.1 * i, 0.2 * i, 0.3 * i)),
        )
        for i, row in enumerate(found.models)
    )
    return example(models_instability=replace(found, models=rows, **changes))


def test_each_of_the_three_models_has_its_row():
    assert models.models_instability_table(three()).rows == [
        ["Clinical", "50", "0.081", "20 %", "0.812", "0.712"],
        ["Radiomics", "50", "0.091", "30 %", "0.812", "0.712"],
        ["Clinical + radiomics", "48", "0.101", "40 %", "0.812", "0.712"],
    ]
    table = models.lesions_table(three())
    assert table.rows[1] == [
        *("L2", "0.620", "–", "0.000", "23 %", "0.620", "–", "0.200", "23 %"),
        *("0.620", "–", "0.400", "23 %"),
    ]
    assert [row[0] for row in table.rows] == ["L1", "L2", "L3"]
    heads = [column.head for column in table.columns]
    assert heads[:3] == [
        "Lesion",
        "Clinical, probability",
        "Clinical, 95 % of the refits",
    ]
    assert heads[-1] == "Clinical + radiomics, class changes"
    assert table.columns[0].name
    alone = replace(
        EXAMPLE.models_instability, models=three().models_instability.models[:1]
    )
    assert len(models.lesions_table(example(models_instability=alone)).rows) == 3


def test_a_panel_for_each_of_the_three_models():
    figure = models.draw_models_instability(three())
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        *("Clinical\nMAPE 0.081", "Radiomics\nMAPE 0.091"),
        "Clinical + radiomics\nMAPE 0.101",
    ]
    for ax in figure.axes:
        points = next(line for line in ax.lines if line.get_label() == "Model")
        np.testing.assert_allclose(points.get_xdata(), LESIONS.probability)
        assert ax.get_legend() is None
    assert [ax.get_ylabel() for ax in figure.axes] == ["Probability by refits", "", ""]
    assert type(figure.get_layout_engine()).__name__ == "ConstrainedLayoutEngine"
    text = models.models_instability_sentence(three())
    assert text.endswith("clinical 8; radiomics 9; clinical + radiomics 10.")
    assert "on the same 50 resamples of patients" in text


def test_refits_that_failed_are_counted_for_their_model():
    (told,) = models.failed_refits(three())
    assert told == (
        "2 of the 50 resamples have no refit of the model “clinical + radiomics”, and "
        "do not count for it: In a fold of the cross-fitting: y has one class only (2)."
    )
    assert list(models.failed_refits(example_without("models_instability"))) == []


# Stability of the selection


def test_features_that_the_lasso_ever_kept_stand_in_the_order_of_their_shares(
    monkeypatch,
):
    shares = pd.DataFrame(
        {
            "icc": [1.0, 0.9, 0.8, 0.7, 0.6],
            "fcm": [0.9, 0.5, 0.6, 0.4, 0.3],
            "nomogram": [0.25, 0.0, 0.5, 0.25, 0.125],
        },
        index=list("abcde"),
    )
    index = pd.DataFrame(
        {
            "stability": [0.8, 0.4, 0.3],
            "lower": 0.1,
            "upper": 0.9,
            "mean_selected": 2.5,
        },
        index=list(shares),
    )
    kept = SimpleNamespace(
        frequencies=shares, index=index, n_resamples=8, failures={"one class": 2}
    )
    monkeypatch.setattr(
        "sklearn_orn.resampling.shared.stability_of", lambda refits: kept
    )
    found = stability.stability_numbers(SimpleNamespace(refits=None), EXAMPLE)
    assert [(row.feature, row.share) for row in found.features] == [
        *(("c", 0.5), ("a", 0.25), ("d", 0.25), ("e", 0.125))
    ]
    assert found.features[0].steps == {"icc": 0.8, "fcm": 0.6, "lasso": 0.5}
    assert found.steps == (
        StepStability("icc", 0.8, 0.1, 0.9, 2.5),
        StepStability("fcm", 0.4, 0.1, 0.9, 2.5),
        StepStability("lasso", 0.3, 0.1, 0.9, 2.5),
    )
    assert (found.n_resamples, found.failures) == (8, {"one class": 2})


def stable(*shares):
    rows = tuple(
        FeatureStability(f"f{i}", x, {"icc": 1.0, "fcm": 0.704, "lasso": x})
        for i, x in enumerate(shares)
    )
    return example(stability=replace(EXAMPLE.stability, features=rows))


def test_features_of_half_the_resamples_are_counted():
    said = stability.stability_sentence(stable(0.9, 0.5, 0.49))
    assert "In 200 bootstrap resamples of patients 2 features were selected in" in said
    assert "index of the LASSO's selection is 0.31, where" in said
    assert "patients 1 feature was selected" in stability.stability_sentence(
        stable(0.5)
    )
    assert "patients 0 features were" in stability.stability_sentence(stable(0.1, 0.2))


def test_fifteen_features_and_the_index_have_rows():
    table = stability.stability_table(stable(*np.linspace(0.9, 0.1, 20)))
    assert len(table.rows) == 16
    assert table.rows[0] == ["f0", "100 %", "70 %", "90 %"]
    assert table.rows[-1] == ["Nogueira's index", "0.81", "0.44", "0.31"]
    assert [column.head for column in table.columns] == [
        *("Feature", "ICC", "Fisher, POE+ACC, MI", "LASSO")
    ]
    assert table.columns[0].name
    assert table.note == "The 15 most often selected at most."
    own = StepStability("own", 0.5, 0.4, 0.6, 30.0)
    found = stable(0.5).stability
    rows = tuple(
        replace(row, steps=row.steps | {"own": 0.25}) for row in found.features
    )
    more = replace(found, steps=(*found.steps, own), features=rows)
    assert stability.stability_table(example(stability=more)).columns[-1].head == "own"


def test_a_dozen_features_are_drawn():
    (ax,) = stability.draw_stability(stable(*np.linspace(0.9, 0.1, 20))).axes
    bars = {of.get_label(): [bar.get_width() for bar in of] for of in ax.containers}
    assert list(bars) == ["ICC", "Fisher, POE+ACC, MI", "LASSO"]
    np.testing.assert_allclose(bars["LASSO"], np.linspace(0.9, 0.1, 20)[:12])
    assert bars["ICC"] == [1.0] * 12
    with pytest.raises(NotEstimable, match="No feature was selected in any resample"):
        stability.draw_stability(stable())
