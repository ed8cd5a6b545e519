"""What each figure draws, found again from scores.csv and features.csv."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score, roc_curve

from sklearn_orn import metrics
from tests.study.seen._again import (
    formula,
    icc,
    lasso,
    net_benefit,
    number,
    predictions,
    risk_groups,
    rows_of,
    share_limits,
    shows,
    shows_limits,
)

LIMITS = "AUC {:.3f} (95 % CI {:.3f}–{:.3f})"


def line(ax, label):
    """Return x and y of the line of this label."""
    (found,) = (one for one in ax.lines if one.get_label().split("\n")[0] == label)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def check_roc(ax, label, y, probability, patient):
    x, height = line(ax, label)
    false, true, _ = roc_curve(y, probability, drop_intermediate=False)
    np.testing.assert_allclose(np.interp(false, x, x), false)
    assert np.trapezoid(height, x) == pytest.approx(roc_auc_score(y, probability))
    for point in zip(false, true, strict=True):
        assert np.isclose([x, height], np.array(point)[:, None]).all(axis=0).any()
    limits = metrics.roc_auc_ci(y, probability, groups=patient)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert f"{label}\n{LIMITS.format(*limits[:3])}" in texts or any(
        LIMITS.format(limits.auc, limits.lower, limits.upper) in text for text in texts
    )


def test_roc(seen):
    (ax,) = seen.figures["roc"].axes
    check_roc(ax, "Training (apparent)", *predictions(seen, "training"))
    check_roc(ax, seen.judge, *predictions(seen, "judge"))


def check_calibration(ax, label, y, probability, patient):
    x, _ = line(ax, label)
    assert x[0] == pytest.approx(probability.min(), abs=0.02)
    assert x[-1] == pytest.approx(probability.max(), abs=0.02)
    (bars,) = ax.containers
    points, _, (limits,) = bars
    mean, share = (np.asarray(v, float) for v in points.get_data())
    group = risk_groups(probability, len(mean))
    groups = [group == number_ for number_ in np.unique(group)]
    np.testing.assert_allclose(mean, [probability[g].mean() for g in groups])
    np.testing.assert_allclose(share, [y[g].mean() for g in groups])
    for g, (left, right) in zip(groups, limits.get_segments(), strict=True):
        assert left[0] == right[0] == pytest.approx(probability[g].mean())
        assert (left[1], right[1]) == pytest.approx(share_limits(y[g], patient[g]))


def test_calibration(seen):
    training, judge = seen.figures["calibration"].axes
    check_calibration(training, "Training", *predictions(seen, "training"))
    check_calibration(judge, seen.judge, *predictions(seen, "judge"))
    curve = seen.results["optimism"]["calibration_curve"]
    x, y = line(training, "Training, bias-corrected")
    assert set(np.round(y[np.isfinite(y)], 9)) <= {
        round(v, 9) for v in curve["out_of_bag"] if v is not None
    }


def check_decision(ax, label, y, probability):
    thresholds, bold = line(ax, label)
    _, pale = line(ax, "_pale")
    drawn = np.where(np.isnan(bold), pale, bold)
    np.testing.assert_allclose(
        drawn, [net_benefit(y, probability, t) for t in thresholds], atol=1e-12
    )
    np.testing.assert_allclose(
        line(ax, "Treat all")[1],
        [net_benefit(y, np.ones(len(y)), t) for t in thresholds],
        atol=1e-12,
    )
    assert not line(ax, "Treat none")[1].any()
    # Pale where fewer than 5 lesions are on a side.
    above = np.array([(probability >= t).sum() for t in thresholds])
    judged = np.minimum(above, len(y) - above) >= 5
    assert (np.isfinite(bold) <= judged).all()
    assert np.isfinite(bold).sum() >= judged.sum() - 2


def test_decision_curve_is_of_the_lesions_that_judge(seen):
    (ax,) = seen.figures["decision"].axes
    y, probability, _ = predictions(seen, "judge")
    check_decision(ax, seen.judge, y, probability)
    _, apparent, _ = predictions(seen, "training")
    assert len(apparent) != len(probability) or (apparent != probability).any()


def test_essentials(seen):
    roc, calibration, decision, shares = seen.figures["essentials"].axes
    y, probability, patient = predictions(seen, "judge")
    check_roc(roc, seen.judge, y, probability, patient)
    check_calibration(calibration, seen.judge, y, probability, patient)
    check_decision(decision, seen.judge, y, probability)
    texts = [text.get_text() for text in shares.get_legend().get_texts()]
    assert texts == [f"low (n = {(y == 0).sum()})", f"high (n = {y.sum()})"]


def test_waterfall_stands_on_the_threshold(seen):
    axes = seen.figures["waterfall"].axes
    cut = seen.nomogram["threshold_"]
    for ax, part in zip(axes, ("training", "judge"), strict=True):
        y, probability, _ = predictions(seen, part)
        folds = part == "judge" and not seen.split
        value = probability if folds else logit(probability)
        base = cut if folds else logit(cut)
        (rule,) = (one for one in ax.lines if len(one.get_xdata()) == 2)
        assert np.allclose(rule.get_ydata(), base)
        for label, bars in zip(("low", "high"), ax.containers, strict=True):
            own = np.sort(value[y == (label == "high")])
            assert bars.get_label() == f"{label} ({len(own)})"
            ends = [bar.get_y() + bar.get_height() for bar in bars]
            starts = {round(bar.get_y(), 12) for bar in bars}
            tops = [
                end if abs(end - base) > 1e-12 else bar.get_y()
                for end, bar in zip(ends, bars, strict=True)
            ]
            np.testing.assert_allclose(np.sort(tops), own, atol=1e-9)
            assert starts <= {round(base, 12), *(round(v, 12) for v in own)}
        left = {bar.get_x(): bar for bars in ax.containers for bar in bars}
        heights = [left[x].get_y() + left[x].get_height() for x in sorted(left)]
        assert heights == sorted(heights) or heights == sorted(heights)[::-1]


def test_agreement_of_the_readers(seen):
    (ax,) = seen.figures["icc"].axes
    training = [block[seen.training] for block in seen.blocks.values()]
    values = sorted(icc(*(b[name] for b in training)) for name in seen.mean)
    ((points, _, (limits,)),) = ax.containers
    np.testing.assert_allclose(points.get_ydata(), values, atol=1e-9)
    for value, ((_, low), (_, high)) in zip(values, limits.get_segments(), strict=True):
        assert low <= value <= high
    assert any(np.allclose(rule.get_ydata(), 0.75) for rule in ax.lines)


def test_choice_of_the_penalty(seen):
    (ax,) = seen.figures["lasso-cv"].axes
    ((points, _, (limits,)),) = ax.containers
    log_penalty, deviance = points.get_data()
    lowest = np.argmin(deviance)
    ((_, low), (_, high)) = limits.get_segments()[lowest]
    within = log_penalty[deviance <= high].max()
    dotted = sorted(
        one.get_xdata()[0] for one in ax.lines if one.get_linestyle() == ":"
    )
    assert dotted == pytest.approx([log_penalty[lowest], within])
    assert np.exp(log_penalty[lowest]) == pytest.approx(seen.nomogram["lambda_"])
    assert (low + high) / 2 == pytest.approx(deviance[lowest])


def test_path_of_the_coefficients(seen):
    (ax,) = seen.figures["lasso-path"].axes
    names, y = seen.nomogram["feature_names_in_"], seen.y[seen.training]
    paths = [one for one in ax.lines if len(one.get_xdata()) > 2]
    log_penalty = paths[0].get_xdata()
    assert len(paths) == len(names)
    for at in (len(log_penalty) // 3, len(log_penalty) // 2):
        again = lasso(seen.mean.loc[seen.training, names], y, np.exp(log_penalty[at]))
        drawn = [path.get_ydata()[at] for path in paths]
        np.testing.assert_allclose(drawn, again, atol=1e-3)


def test_stability_is_that_of_its_table(seen):
    (ax,) = seen.figures["stability"].axes
    rows = rows_of(seen.tables["stability"])
    features = [text.get_text() for text in ax.get_yticklabels()]
    for bars in ax.containers:
        for name, bar in zip(features, bars, strict=True):
            assert shows(rows[name][bars.get_label()], 100 * bar.get_width())


def test_nomogram_gives_the_probability_of_the_lesion_drawn(seen):
    (ax,) = seen.figures["nomogram"].axes
    texts = [text.get_text() for text in ax.texts]
    terms = rows_of(seen.tables["coefficients"])
    pairs = [text.split(" → ") for text in texts if " → " in text]
    assert len(pairs) == len(terms)
    values = [number(value)[0] for value, _ in pairs]
    points = [number(point)[0] for _, point in pairs]
    total, linear, probability = texts[texts.index(" → ".join(pairs[-1])) + 1 :][:3]
    assert number(total)[0] == pytest.approx(sum(points), abs=0.2)
    # The values are those of one lesion of the study, with its score.
    features = seen.mean.loc[seen.judged, list(terms)]
    row = features.index[np.abs(features - values).max(axis=1).argmin()]
    np.testing.assert_allclose(seen.mean.loc[row, list(terms)], values, rtol=2e-3)
    score = formula(seen, seen.mean)
    assert shows(linear, score[row])
    assert shows(probability, expit(score[row]))
    assert score[row] == np.sort(score[seen.judged])[(seen.judged.sum() - 1) // 2]


def test_instability(seen):
    prediction, change, _, benefit = seen.figures["instability"].axes
    y, probability, _ = predictions(seen, "training")
    x, again = line(prediction, "Model")
    np.testing.assert_allclose(x, probability, atol=1e-9)
    np.testing.assert_allclose(again, probability, atol=1e-9)
    rows = seen.tables["instability"]
    shares = np.asarray(change.lines[0].get_ydata(), float)
    for share, text in zip(shares, rows["Class changes"], strict=True):
        assert shows(text, 100 * share)
    cut = seen.nomogram["threshold_"]
    x, _ = line(change, f"Threshold {cut:.2f}")
    assert x == pytest.approx(cut)
    thresholds, curve = line(benefit, "Model")
    again = [net_benefit(y, probability, t) for t in thresholds]
    np.testing.assert_allclose(curve, again, atol=1e-9)


def test_instability_of_the_three_models(seen):
    lesions = seen.tables["models-instability-lesions"]
    panels = seen.figures["models-instability"].axes
    names = ["Clinical", "Radiomics", "Clinical + radiomics"]
    for name, ax in zip(names, panels, strict=True):
        title, mape = ax.get_title("left").split("\n")
        assert title == name
        assert (
            mape == f"MAPE {rows_of(seen.tables['models-instability'])[name]['MAPE']}"
        )
        x, again = line(ax, "Model")
        np.testing.assert_array_equal(x, again)
        for value, text in zip(x, lesions[f"{name}, probability"], strict=True):
            assert shows(text, value)
        (bars,) = ax.collections
        for segment, text in zip(
            bars.get_segments(), lesions[f"{name}, 95 % of the refits"], strict=True
        ):
            assert shows_limits(text, *segment[:, 1])


def test_differences_of_net_benefit_are_those_of_the_curves(seen):
    judged = seen.results["models"]["judged"]
    y = np.array(judged["y"])
    for ax in seen.figures["added-benefit"].axes:
        one, other = ax.get_title("left").lower().split("\n\N{MINUS SIGN} ")
        pale = ax.lines[0]
        thresholds, gap = pale.get_xdata(), pale.get_ydata()
        again = [
            net_benefit(y, np.array(judged["probability"][one]), t)
            - net_benefit(y, np.array(judged["probability"][other]), t)
            for t in thresholds
        ]
        np.testing.assert_allclose(gap, again, atol=1e-9)
        _, shown = line(ax, "Difference")
        for t, value in zip(thresholds, shown, strict=True):
            counts = [
                np.sum(np.array(judged["probability"][name]) >= t)
                for name in (one, other)
            ]
            enough = min(*counts, *(len(y) - n for n in counts)) >= 5
            assert np.isfinite(value) == enough, t


def test_flow_counts_every_lesion(seen):
    (ax,) = seen.figures["flow"].axes
    texts = [t.get_text().replace("\N{NO-BREAK SPACE}", " ") for t in ax.texts]

    def counts(mask):
        patients = len(set(seen.patient[mask]))
        return f"{mask.sum()} lesions, {patients} patients"

    assert counts(seen.y >= 0) in texts
    parts = [seen.training, seen.judged] if seen.split else [seen.training]
    for part in parts:
        assert counts(part) in texts
        for value, label in ((0, "low"), (1, "high")):
            assert f"{label}: {counts(part & (seen.y == value))}" in texts
