import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from sklearn_orn.model import NomogramClassifier
from sklearn_orn.plotting import LassoCVDisplay, LassoPathDisplay
from sklearn_orn.plotting._style import spread
from tests.plotting._boxes import assert_readable, axes_of


def clone_of(lasso, names):
    """The same path of features with other names."""
    other = type(lasso)()
    vars(other).update(
        vars(lasso) | {"feature_names_in_": np.array(names, dtype=object)}
    )
    return other


def dotted_at(line):
    assert line.get_linestyle() == ":"
    return line.get_xdata()[0]


@pytest.mark.parametrize("size", [(3.5, 3.3), (7, 5)])
def test_cv_curve(lasso, size):
    display = LassoCVDisplay.from_estimator(lasso, ax=axes_of(*size))
    line, caps, bars = display.points_
    np.testing.assert_allclose(line.get_xdata(), np.log(lasso.lambdas_))
    np.testing.assert_allclose(line.get_ydata(), lasso.cv_score_mean_)
    ends = np.array([segment[:, 1] for segment in bars[0].get_segments()])
    np.testing.assert_allclose(np.ptp(ends, axis=1), 2 * lasso.cv_score_se_)
    assert line.get_color() == "#CC0000"
    assert dotted_at(display.min_line_) == pytest.approx(np.log(lasso.lambda_min_))
    assert dotted_at(display.one_se_line_) == pytest.approx(np.log(lasso.lambda_1se_))
    assert display.ax_.get_xlabel() == r"log($\lambda$)"
    assert display.ax_.get_ylabel() == "Binomial deviance"
    assert display.top_axis_.get_xlabel() == "Number of nonzero coefficients"
    assert_readable(display.figure_)


def test_counts_on_top_belong_to_their_lambdas(lasso):
    top = LassoCVDisplay.from_estimator(lasso).top_axis_
    log_lambdas = np.log(lasso.lambdas_)
    for place, text in zip(top.get_xticks(), top.get_xticklabels(), strict=True):
        k = np.abs(log_lambdas - place).argmin()
        assert text.get_text() == str(lasso.n_nonzero_[k])


@pytest.mark.parametrize(
    ("size", "n_labels"), [((3.5, 3.3), 12), ((3.5, 2.5), 30), ((7, 5), 30)]
)
def test_path(lasso, features, size, n_labels):
    display = LassoPathDisplay.from_estimator(
        lasso, features, n_labels=n_labels, ax=axes_of(*size)
    )
    sd = features.to_numpy().std(axis=0)
    for j, name in enumerate(features.columns):
        line = display.lines_[name]
        np.testing.assert_allclose(line.get_ydata(), lasso.coef_path_[:, j] * sd[j])
    assert display.ax_.get_ylabel() == "Coefficient per SD"
    assert dotted_at(display.min_line_) == pytest.approx(np.log(lasso.lambda_min_))
    assert 5 <= len(display.labels_) <= n_labels
    assert_readable(display.figure_)


def test_labels_keep_the_order_of_the_ends_and_stay_left(lasso, features):
    display = LassoPathDisplay.from_estimator(lasso, features)
    end = {name: display.lines_[name].get_ydata()[-1] for name in display.labels_}
    places = {name: text.get_position() for name, text in display.labels_.items()}
    assert sorted(end, key=end.get) == sorted(places, key=lambda n: places[n][1])
    x_end = np.log(lasso.lambdas_.min())
    assert all(x < x_end for x, _ in places.values())
    assert all(tick >= x_end - 1e-9 for tick in display.ax_.get_xticks())
    for name, text in display.labels_.items():
        assert text.get_color() == display.lines_[name].get_color()


def test_long_names_end_before_the_profiles(lasso, features):
    table = features.rename(columns=lambda name: f"sequence {name}")
    lasso = clone_of(lasso, list(table))
    display = LassoPathDisplay.from_estimator(lasso, table, ax=axes_of(7, 5))
    display.figure_.draw_without_rendering()
    x_end, _ = display.ax_.transData.transform((np.log(lasso.lambdas_.min()), 0))
    for text in display.labels_.values():
        assert Text.get_window_extent(text).x1 < x_end
    # They take no more room than they need.
    view = display.ax_.get_window_extent()
    assert x_end - view.x0 < view.width / 2


def test_in_axes_of_one_line_one_profile_is_labelled(lasso):
    ax = Figure(figsize=(4, 0.2)).subplots()
    assert len(LassoPathDisplay.from_estimator(lasso, ax=ax).labels_) == 1


def test_own_classifier():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(80, 5)) * [1, 10, 100, 1, 1], columns=[*"abcde"])
    y = (X["a"] - X["b"] / 10 + rng.normal(size=80) > 0).astype(int)
    model = NomogramClassifier(cv=3, random_state=0).fit(X, y)
    with_table = LassoPathDisplay.from_estimator(model, X)
    without = LassoPathDisplay.from_estimator(model)
    for name in X:
        np.testing.assert_allclose(
            with_table.lines_[name].get_ydata(), without.lines_[name].get_ydata()
        )
    assert set(with_table.labels_) >= {"a", "b"}
    assert_readable(with_table.figure_)
    assert_readable(LassoCVDisplay.from_estimator(model).figure_)

    given = NomogramClassifier(lambda_rule=0.05).fit(X, y)
    assert LassoPathDisplay.from_estimator(given).min_line_ is None
    with pytest.raises(ValueError, match="was not cross-validated"):
        LassoCVDisplay.from_estimator(given)
    unpenalised = NomogramClassifier(penalty="none").fit(X, y)
    for display in (LassoCVDisplay, LassoPathDisplay):
        with pytest.raises(ValueError, match="no LASSO path to draw"):
            display.from_estimator(unpenalised)


def test_path_without_table_or_scale_is_on_the_original_scale(lasso):
    display = LassoPathDisplay.from_estimator(lasso)
    assert display.ax_.get_ylabel() == "Coefficient"
    line = display.lines_["Teta1"]
    np.testing.assert_array_equal(line.get_ydata(), lasso.coef_path_[:, 3])


def test_path_with_nothing_selected():
    lambdas = np.array([0.2, 0.1])
    display = LassoPathDisplay(
        lambdas=lambdas, coefs=np.zeros((2, 3)), names="abc", n_nonzero=np.zeros(2, int)
    ).plot()
    assert display.labels_ == {} and display.min_line_ is None


def test_spread_moves_least():
    sizes = np.full(4, 10.0)
    wanted = np.array([0.0, 50.0, 52.0, 90.0])
    np.testing.assert_allclose(spread(wanted, sizes, (-10, 100)), [0, 46, 56, 90])
    np.testing.assert_allclose(spread(wanted, sizes, (0, 95)), [5, 46, 56, 90])
    crowded = spread(np.zeros(4), sizes, (0, 100))
    np.testing.assert_allclose(crowded, [5, 15, 25, 35])
