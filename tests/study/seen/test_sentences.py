"""What the page says in words, found again from scores.csv and features.csv."""

import re
from itertools import groupby

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from sklearn_orn import metrics
from tests.study.seen._again import (
    formula,
    icc,
    net_benefit,
    number,
    predictions,
    recalibration,
    rows_of,
    shows,
    shows_limits,
)

NUMBER = r"(−?\d(?:[\d.,]*\d)?)"


def said(seen, pattern):
    """Return the numbers that a sentence of the page gives, `#` standing for each."""
    pattern = re.escape(pattern).replace(r"\#", NUMBER)
    match = re.search(pattern, seen.page)
    assert match, pattern
    return match.groups()


def counts(seen, mask):
    return mask.sum(), len(set(seen.patient[mask]))


def test_head_of_the_page(seen):
    everyone = counts(seen, seen.y >= 0)
    assert tuple(map(int, said(seen, "# lesions of # patients, outcome"))) == everyone
    assert tuple(map(int, said(seen, "# lesions of # patients are in"))) == everyone
    rows = rows_of(seen.tables["auc"])
    heads = ["Nested cross-validation", "Training (apparent)"]
    for name in (["Validation"] if seen.split else []) + heads:
        value, *limits = said(seen, f"AUC, {name.lower()} # 95 % CI # to #")
        assert number(value)[0] == pytest.approx(
            number(rows[name]["AUC"])[0], abs=0.006
        )
        again = map(number, rows[name]["95 % CI"].split(" to "))
        for limit, (value_again, _) in zip(limits, again, strict=True):
            assert number(limit)[0] == pytest.approx(value_again, abs=0.006)
    n_kept = np.count_nonzero(seen.nomogram["coef_"])
    kept = said(seen, "Features in the score # of # measured")
    assert tuple(map(int, kept)) == (n_kept, seen.mean.shape[1])


def test_few_events_counts_the_smaller_class_in_training(seen):
    y, _, patient = predictions(seen, "training")
    value = int(y.sum() * 2 <= len(y))
    label = ("low", "high")[value]
    n_candidates = len(seen.nomogram["feature_names_in_"])
    text = f"The smaller class in training, {label}, has # lesions of # patients for #"
    lesions, patients, candidates = map(int, said(seen, text))
    assert lesions == (y == value).sum() == min(y.sum(), len(y) - y.sum())
    assert patients == len(set(patient[y == value]))
    assert candidates == n_candidates
    (each,) = said(seen, "candidate features: # for each")
    assert shows(each, lesions / n_candidates)


def test_small_validation_part_counts_its_smaller_class(with_split):
    y, _, patient = predictions(with_split, "judge")
    value = int(y.sum() * 2 <= len(y))
    label = ("low", "high")[value]
    text = f"Its smaller class, {label}, has # lesions of # patients"
    expected = ((y == value).sum(), len(set(patient[y == value])))
    assert tuple(map(int, said(with_split, text))) == expected


def test_optimism_is_pointed_at_from_5_points_of_auc(seen):
    apparent = roc_auc_score(*predictions(seen, "training")[:2])
    nested = seen.results["nested"]["auc"]
    large = apparent - nested > 0.05
    assert ("Large optimism." in seen.page) == large
    if not large:
        return
    text = "The AUC in training is #; for the whole procedure on patients that it has"
    text += " not seen nested cross-validation by patient gives #, the .632+ bootstrap"
    shown, again = said(seen, text + " gives")
    assert shows(shown, apparent)
    assert shows(again, nested)


def test_patients_against_what_is_advised(seen):
    patients = len(set(seen.patient[seen.training]))
    rows = [row for _, row in seen.tables["sample-size"].iterrows()]
    needs = said(seen, "Riley's criteria ask for # for the # measured and # for the #")
    for i, row in enumerate(rows[:2]):
        assert needs[2 * i].replace(",", "") == row["Minimum"]
        assert needs[2 * i + 1] == row.iloc[0].partition(" (")[0]
    assert int(said(seen, "(Nagelkerke); training has # patients")[0]) == patients
    assert int(said(seen, "is known; training has # patients")[0]) == patients


def test_repeated_patients(seen):
    _, times = np.unique(seen.patient, return_counts=True)
    text = "# of # patients have more than one lesion"
    assert tuple(map(int, said(seen, text))) == ((times > 1).sum(), len(times))


def test_agreement(seen):
    training = [block[seen.training] for block in seen.blocks.values()]
    values = np.array([icc(*(b[name] for b in training)) for name in seen.mean])
    text = (
        "# of # features have an ICC(2,1) above # (dashed line) in # lesions drawn by"
    )
    kept, n, threshold, lesions = said(seen, text)
    assert (int(kept), int(n)) == ((values > 0.75).sum(), len(values))
    assert (float(threshold), int(lesions)) == (0.75, seen.training.sum())
    (median,) = said(seen, "drawn by all readers; the median is #.")
    assert shows(median, np.median(values))


def test_formula_and_threshold(seen):
    page = seen.page.partition("P(high) =")[0].rpartition("score = ")[2]
    weights = dict(
        zip(seen.nomogram["feature_names_in_"], seen.nomogram["coef_"][0], strict=True)
    )
    intercept, *terms = re.split(r" (?=[+−] )", page.strip())
    assert shows(intercept, seen.nomogram["intercept_"][0])
    assert len(terms) == np.count_nonzero(seen.nomogram["coef_"])
    for term in terms:
        sign, value, name = re.fullmatch(r"([+−]) (.*) × (f\d+)", term).groups()
        assert shows(value, abs(weights[name]))
        assert (sign == "−") == (weights[name] < 0)
    (threshold,) = said(seen, "is called high where P reaches #, the threshold with")
    assert shows(threshold, seen.nomogram["threshold_"])
    y, probability, _ = predictions(seen, "training")
    best = max(youden(y, probability >= cut) for cut in probability)
    assert youden(y, probability >= seen.nomogram["threshold_"]) == best
    _, slope, intercept = recalibration(y, probability)
    refit = said(seen, "on this score in training gives # + # × score")
    assert shows(refit[0], intercept)
    assert shows(refit[1], slope)


def youden(y, called):
    return round(called[y == 1].mean() - called[y == 0].mean(), 12)


def test_worked_lesion(seen):
    lesion = re.search(r"Drawn on it is lesion (L\d\d), with the median", seen.page)[1]
    row = list(seen.table["lesion"]).index(lesion)
    score = formula(seen, seen.mean)
    assert score[row] == np.sort(score[seen.judged])[(seen.judged.sum() - 1) // 2]
    where = "in validation" if seen.split else "in the study"
    (probability,) = said(seen, f"with the median score {where}: probability #.")
    assert shows(probability, 1 / (1 + np.exp(-score[row])))


def test_pairs_that_are_ranked_right(seen):
    y, probability, patient = predictions(seen, "judge")
    pairs = probability[y == 1][:, None] - probability[y == 0]
    share = (pairs > 0).mean() + (pairs == 0).mean() / 2
    where = "validation" if seen.split else "cross-validation"
    text = f"ranks the high one higher in # % of pairs in {where} (95 % CI # to # %)"
    shown, low, high = said(seen, text)
    limits = metrics.roc_auc_ci(y, probability, groups=patient)
    assert shows(shown, 100 * share)
    assert shows_limits(f"{low} to {high}", 100 * limits.lower, 100 * limits.upper)
    chance = "so chance (0.5) is not ruled out" in seen.page
    assert chance == (limits.lower <= 0.5 <= limits.upper)


def test_distance_of_predicted_and_observed(seen):
    y, probability, _ = predictions(seen, "judge")
    curve = metrics.flexible_calibration_curve(y, probability)
    gap = np.abs(curve.observed - curve.predicted).mean()
    where = "validation" if seen.split else "cross-validation"
    (points,) = said(seen, f"are # percentage points apart on average in {where}")
    assert shows(points, 100 * gap)
    slope = recalibration(y, probability)[1]
    kind = "the slope is #"
    if not 0.8 <= slope <= 1.25:
        kind = "with a slope of # the predictions are too "
        kind += "extreme" if slope < 0.8 else "timid"
    assert shows(said(seen, kind)[0], slope)


def test_thresholds_at_which_the_curve_is_highest(seen):
    y, probability, _ = predictions(seen, "judge")
    better = []
    for at in np.arange(100) / 100:
        n = (probability >= at).sum()
        gain = net_benefit(y, probability, at)
        all_ = net_benefit(y, np.ones(len(y)), at)
        judged = min(n, len(y) - n) >= 5
        better.append(judged and gain > max(all_, 0) + 1e-12)
    runs = [
        [i for i, _ in group]
        for flag, group in groupby(enumerate(better), key=lambda pair: pair[1])
        if flag
    ]
    if not runs:
        assert "At no threshold probability" in seen.page
        return
    longest = max(runs, key=len)
    first, last = longest[0] / 100, longest[-1] / 100
    span = f"from {first:.2f} to {last:.2f}" if first < last else f"of {first:.2f}"
    heads = (
        "highest at threshold probabilities",
        "highest",
        "At threshold probabilities",
    )
    assert any(f"{head} {span}" in seen.page for head in heads), span


def test_difference_of_the_classes(seen):
    """Wilcoxon's test with patients permuted; exact where there are few."""
    texts = re.findall(r"p (<?[\d.]+) in (training|validation|cross-val)", seen.page)
    for (p, where), part in zip(texts[:2], ("training", "judge"), strict=True):
        y, probability, patient = predictions(seen, part)
        test = metrics.score_by_class(y, probability, groups=patient)
        assert p == "<0.001" if test.p_value < 0.001 else shows(p, test.p_value), where
        plain = stats.mannwhitneyu(probability[y == 1], probability[y == 0]).pvalue
        assert test.p_value == pytest.approx(plain, abs=0.2)


def test_methods_count_what_the_tables_count(seen):
    everyone = counts(seen, seen.y >= 0)
    text = "The study analysed # lesions of # patients (# high and # low)"
    classes = (seen.y.sum(), (seen.y == 0).sum())
    assert tuple(map(int, said(seen, text))) == everyone + classes
    if seen.split:
        text = "assigned # lesions of # patients to training and # lesions of #"
        parts = counts(seen, seen.training) + counts(seen, seen.judged)
        assert tuple(map(int, said(seen, text))) == parts
    (values,) = said(seen, "None of the # feature values was missing")
    of = "training lesions" if seen.split else "lesions"
    (lesions,) = said(seen, f"in the # {of} that all readers outlined")
    kept = int(seen.tables["steps"]["Features"][1])
    assert int(values.replace(",", "")) == kept * len(seen.y)
    assert int(lesions) == seen.training.sum()
    chosen, n = said(seen, "It left # of # features in the radiomics score")
    steps = list(seen.tables["steps"]["Features"])
    assert (chosen, n) == (steps[3], steps[2])
    (penalty,) = said(seen, "(λ = #)")
    assert shows(penalty, seen.nomogram["lambda_"])
    (threshold,) = said(seen, "called high at a probability of # or more")
    assert shows(threshold, seen.nomogram["threshold_"])
    needs = said(seen, "is # patients for the # features measured")
    first = seen.tables["sample-size"].iloc[0]
    assert needs[0].replace(",", "") == first["Minimum"]
    assert int(needs[1]) == seen.mean.shape[1]


def test_checklists_count_patients_as_patients(seen):
    """Sizes that count patients are not printed as lesions."""
    patients = len(set(seen.patient[seen.training]))
    for key in ("clear", "tripod-ai", "metrics"):
        for answer in seen.tables[key]["answer"]:
            for n, unit in re.findall(r"training has (\d+) (\w+)", answer):
                assert (int(n), unit) == (patients, "patients")
