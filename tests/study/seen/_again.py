"""Numbers found again from the files of a study, by other programs than its own."""

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

HALF_UNIT = 0.5000001  # of the last digit shown


def number(text):
    """Return what a cell says, and half a unit of its last digit."""
    text = text.replace("\N{MINUS SIGN}", "-").strip(" %")
    mantissa, _, power = text.partition(" × 10^")
    digits = len(mantissa.partition(".")[2])
    scale = 10.0 ** int(power or 0)
    return float(mantissa) * scale, HALF_UNIT * 10.0**-digits * scale


def shows(text, value):
    """Say whether a text is this value, rounded to the digits that it has."""
    shown, margin = number(text)
    return abs(shown - value) <= margin


def shows_limits(text, lower, upper):
    low, high = text.split(" to ")
    return shows(low, lower) and shows(high, upper)


def rows_of(frame):
    """Return the rows of a table by the text of their first cell."""
    return {row.iloc[0]: row for _, row in frame.iterrows()}


def predictions(seen, part):
    """Return outcome, probability and patient of a part: training by the formula."""
    rows = seen.training if part == "training" else seen.judged
    if part == "training":
        probability = expit(formula(seen, seen.mean))[rows]
    else:
        probability = seen.scores["probability"][rows]
    return seen.y[rows], probability.to_numpy(), seen.patient[rows]


def formula(seen, features):
    """Return the score by the coefficients of the model file."""
    names = seen.nomogram["feature_names_in_"]
    return features[names] @ seen.nomogram["coef_"][0] + seen.nomogram["intercept_"][0]


def in_the_large(y, linear):
    """Return what must be added to log odds for as many events as there are."""
    return brentq(lambda a: np.sum(y - expit(a + linear)), -20, 20)


def recalibration(y, probability):
    """Return calibration in the large, slope, and intercept with that slope."""
    linear = logit(probability)
    large = in_the_large(y, linear)
    fit = LogisticRegression(C=1e12, tol=1e-10, max_iter=10_000)
    fit.fit(linear[:, None], y)
    return large, fit.coef_[0, 0], fit.intercept_[0]


def risk_groups(probability, n_groups):
    """Return the group of each lesion, between quantiles, each with its upper limit."""
    edges = np.quantile(probability, np.linspace(0, 1, n_groups + 1))
    return np.clip(np.searchsorted(edges, probability, side="left"), 1, n_groups)


def hosmer_lemeshow(y, probability, n_groups=10):
    """Return the statistic over tenths of risk, each with its upper limit."""
    group, chi2 = risk_groups(probability, n_groups), 0.0
    for number_ in np.unique(group):
        here = group == number_
        expected, n = probability[here].sum(), here.sum()
        chi2 += (y[here].sum() - expected) ** 2 / (expected * (1 - expected / n))
    return chi2


def share_limits(hit, patient):
    """Return Wilson's limits of a share for the effective number of lesions."""
    n, share = len(hit), np.mean(hit)
    names, sizes = np.unique(patient, return_counts=True)
    effective = many = len(names)
    if 0 < share < 1 and many > 1:
        sums = [(hit[patient == name] - share).sum() for name in names]
        variance = many / (many - 1) * np.square(sums).sum() / n**2
        simple = n / max(variance * (n - 1) / (share * (1 - share)), 1)
        ratio = stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, many - 1)
        effective = max(simple * ratio**2, min(simple, n**2 / np.square(sizes).sum()))
    z2 = stats.norm.ppf(0.975) ** 2
    middle = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = np.sqrt(z2 * (share * (1 - share) / effective + z2 / (4 * effective**2)))
    half /= 1 + z2 / effective
    return middle - half, middle + half


def p_by_patient(y, probability, patient, statistic, df, n_groups=10):
    """Return p where the residuals of a patient have one correlation."""
    spread = np.sqrt(probability * (1 - probability))
    standard = (y - probability) / spread
    same = np.equal.outer(np.asarray(patient), np.asarray(patient))
    np.fill_diagonal(same, False)
    products = np.outer(standard, standard)[same]
    correlation = np.clip(products.mean(), 0, 1) if same.any() else 0
    covariance = np.outer(spread, spread) * (np.eye(len(y)) + correlation * same)
    group = risk_groups(probability, n_groups)
    member = np.equal.outer(np.unique(group), group).astype(float)
    within = member @ covariance @ member.T
    scale = np.sqrt(member @ spread**2)
    delta = np.linalg.eigvalsh(within / np.outer(scale, scale))
    freedom = df * delta.sum() ** 2 / (delta**2).sum() / len(delta)
    scaled = statistic * delta.sum() / (delta**2).sum()
    return stats.chi2.sf(scaled, freedom)


def one_way(*readings):
    """Return ICC(1,1) from the mean squares."""
    table = np.column_stack(readings)
    n, k = table.shape
    means = table.mean(axis=1)
    between = k * ((means - table.mean()) ** 2).sum() / (n - 1)
    within = ((table - means[:, None]) ** 2).sum() / (n * (k - 1))
    return (between - within) / (between + (k - 1) * within)


def icc(first, second):
    """Return ICC(2,1) of two readings, from the mean squares."""
    readings = np.column_stack([first, second])
    n, k = readings.shape
    grand = readings.mean()
    between = k * ((readings.mean(1) - grand) ** 2).sum() / (n - 1)
    readers = n * ((readings.mean(0) - grand) ** 2).sum() / (k - 1)
    rest = ((readings - grand) ** 2).sum() - (n - 1) * between - (k - 1) * readers
    error = rest / ((n - 1) * (k - 1))
    return (between - error) / (between + (k - 1) * error + k * (readers - error) / n)


def lasso(X, y, penalty):
    """Return coefficients per standard deviation at a penalty, by scikit-learn."""
    fit = LogisticRegression(
        l1_ratio=1.0,
        C=1 / (penalty * len(y)),
        solver="saga",
        tol=1e-9,
        max_iter=200_000,
    )
    return fit.fit((X - X.mean()) / X.std(ddof=0), y).coef_[0]


def net_benefit(y, probability, threshold):
    treated = probability >= threshold
    true, false = (treated & (y == 1)).sum(), (treated & (y == 0)).sum()
    return (true - false * threshold / (1 - threshold)) / len(y)
