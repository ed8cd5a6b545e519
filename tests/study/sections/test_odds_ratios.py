"""Odds ratios, nomogram and formula of the combined model, from numbers made up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report._blocks import Files
from sklearn_orn.study.report.sections import _combined as section
from sklearn_orn.study.report.sections._sequence_scores import (
    ratio,
    scores_of,
    scores_table,
    sequence_ratios,
)
from sklearn_orn.study.results import CombinedPredictor, OddsRatio, SequenceScore
from tests.study._results_example import (
    COMBINED,
    CONFIG,
    example,
    example_without,
    no_model_example,
    product_example,
)

NO_SPLINE = (None, None, None)
FILES = Files(None, "calculator.html")
STAGE = CombinedPredictor(
    "stage", "ordinal", 0.0, 2.0, (0.0, 1.0, 2.0), ("T1", "T2", "T3"), (), ()
)
SITE = CombinedPredictor(
    "site", "categorical", None, None, None, ("jaw", "skull"), (), ()
)
DOSE = CombinedPredictor(
    "dose", "continuous", 40.0, 76.0, None, (), (45.0, 60.0, 70.0), (0.2, -0.5)
)
GAP = CombinedPredictor("dose missing", "continuous", 0.0, 1.0, (0.0, 1.0), (), (), ())
VOLUME = CombinedPredictor("volume", "continuous", 0.0, 9000.0, None, (), (), ())
OURS = CombinedPredictor("radiomics score", "score", -2.0, 3.0, None, (), (), ())
PREDICTORS = (STAGE, SITE, DOSE, GAP, OURS)
ROWS = (
    OddsRatio("stage", None, 80, 0.5, 1.65, 1.1, 2.4, 0.02, *NO_SPLINE),
    OddsRatio("site", "jaw", 60, 0.0, 1.0, None, None, None, *NO_SPLINE),
    OddsRatio("site", "skull", 20, 0.9, 2.46, 0.8, 7.5, 0.11, *NO_SPLINE),
    OddsRatio("dose", None, 80, 0.2, 3.0, 1.2, 7.4, 0.015, 55.5, 70.25, 0.04),
    OddsRatio("dose missing", None, 80, 0.1, 1.1, 0.4, 3.1, 0.8, *NO_SPLINE),
    OddsRatio("radiomics score", None, 80, 0.7, 2.01, 1.5, 2.9, 0.0001, *NO_SPLINE),
)
FULL = replace(
    COMBINED,
    predictors=PREDICTORS,
    univariable=ROWS,
    multivariable=ROWS,
    intercept=-1.5,
    worked=replace(
        COMBINED.worked,
        values={
            "stage": "T2",
            "site": "jaw",
            "dose": 66.0,
            "dose missing": 0.0,
            "radiomics score": 0.4,
        },
    ),
)


def of(**changes):
    return example(combined=replace(COMBINED, **changes))


def only(row, predictor, **changes):
    plain = {"univariable": (row,), "multivariable": (row,), "predictors": (predictor,)}
    return of(**plain | changes)


def first_row(row, predictor=OURS):
    return section.odds_ratio_table(only(row, predictor)).rows[0]


def test_each_kind_of_predictor_has_its_name_and_its_odds_ratio():
    rows = {
        row[0]: row[1:] for row in section.odds_ratio_table(example(combined=FULL)).rows
    }
    assert rows == {
        "stage, each step from T1 to T3": [
            "80", *["1.65 (1.10 to 2.40)", "0.020"] * 2
        ],
        "site: jaw": ["60", *["1 (reference)", ""] * 2],
        "site: skull": ["20", *["2.46 (0.80 to 7.50)", "0.11"] * 2],
        "dose, 70.25 against 55.5": ["80", *["3.00 (1.20 to 7.40)", "0.015"] * 2],
        "dose missing": ["80", *["1.10 (0.40 to 3.10)", "0.80"] * 2],
        "radiomics score": ["80", *["2.01 (1.50 to 2.90)", "<0.001"] * 2],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("odds_ratio", "lower", "upper", "p", "cells"),
    [
        (1.0, 0.5, 2.0, 1.0, ["1.00 (0.50 to 2.00)", "1.00"]),
        (None, None, None, None, ["not estimable", "–"]),
        (None, 0.2, 3.0, 0.3, ["no number for one unit", "–"]),
        (1e12, None, None, 0.004, ["no number for one unit", "–"]),
        (7.39, 0.0, None, 0.4, ["no number for one unit", "–"]),
        (2e3, 1e3, 1e4, 0.004, [">1000 (1000.00 to >1000)", "0.004"]),
    ],
)
def test_an_odds_ratio_in_a_cell(odds_ratio, lower, upper, p, cells):
    row = OddsRatio(OURS.name, None, 8, 0.1, odds_ratio, lower, upper, p, *NO_SPLINE)
    assert first_row(row)[2:4] == cells


@pytest.mark.parametrize(
    ("odds_ratio", "lower", "cells"),
    [
        (1.0, None, ["1 (reference)", ""]),
        (1.0, 0.5, ["1.00 (0.50 to 2.00)", "0.30"]),
        (2.0, None, ["no number for one unit", "–"]),
    ],
)
def test_only_the_reference_of_a_category_is_one(odds_ratio, lower, cells):
    row = OddsRatio("site", "jaw", 8, 0.0, odds_ratio, lower, 2.0, 0.3, *NO_SPLINE)
    assert first_row(row, SITE)[2:4] == cells
    number = replace(row, predictor=OURS.name, level=None)
    assert first_row(number)[2] != "1 (reference)"


def test_what_is_not_selected_has_no_multivariable_odds_ratio():
    found = replace(FULL, multivariable=ROWS[1:], predictors=PREDICTORS[1:],
                    not_selected=(STAGE,))  # fmt: skip
    rows = section.odds_ratio_table(example(combined=found)).rows
    assert rows[0][2:] == ["1.65 (1.10 to 2.40)", "0.020", "not selected", ""]
    assert rows[2][2:4] == rows[2][4:]


def test_the_note_tells_who_was_counted_and_how():
    table = section.odds_ratio_table(example())
    assert [column.head for column in table.columns] == [
        "Predictor",
        "Lesions",
        "Univariable OR (95 % CI)",
        "p",
        "Multivariable OR (95 % CI)",
        "p, multivariable",
    ]
    assert table.columns[0].name and table.columns[1].numeric
    assert (
        "Odds of ORN, for one unit of a number or against the reference; 95 lesions of "
        "46 patients, 51 of them ORN, with Firth's penalty. "
    ) in table.note
    plain = section.odds_ratio_table(of(penalty="none")).note
    assert "51 of them ORN. " in plain
    curved = section.odds_ratio_table(example(combined=FULL)).note
    assert "reference, of a spline for its upper quartile against the lower" in curved
    wide = replace(FULL, predictors=(VOLUME, *PREDICTORS))
    many = section.odds_ratio_table(example(combined=wide)).note
    assert "for one unit of a number or as many as its name says, or" in many


def test_one_quartile_alone_compares_nothing():
    for low, high in ((None, 70.25), (55.5, None)):
        row = replace(ROWS[3], low=low, high=high)
        assert first_row(row, DOSE)[0] == "dose"


def test_a_wide_range_is_told_by_many_units():
    row = OddsRatio("volume", None, 8, 2e-4, 1.0002, 1.0001, 1.0003, 0.01, *NO_SPLINE)
    cells = first_row(row, VOLUME)
    assert cells[0] == "volume, per 1,000"
    limits = [f"{np.exp(1000 * np.log(x)):.2f}" for x in (1.0002, 1.0001, 1.0003)]
    assert cells[2] == f"{limits[0]} ({limits[1]} to {limits[2]})"


def drawn_rows(results):
    """Return the estimate, limits and group of each row of the forest plot, by name."""
    (ax,) = section.draw_odds_ratios(results).axes
    names = {
        round(tick): text.get_text()
        for tick, text in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    }
    return ax, names


def test_the_forest_plot_names_its_rows_as_the_table_does():
    ax, names = drawn_rows(example(combined=FULL))
    told = " ".join(names.values())
    assert "stage, per step" in told
    assert "dose, 70.25 against 55.5" in told
    assert "skull" in told and "radiomics score" in told
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"Univariable", "Multivariable"} <= set(labels)


def test_the_forest_plot_draws_the_odds_ratios_with_their_limits():
    found = {
        "univariable": (replace(ROWS[0], odds_ratio=1.2, lower=0.7, upper=1.9),),
        "multivariable": (ROWS[0],),
        "predictors": (STAGE,),
    }
    ax, _ = drawn_rows(of(**found))
    lines = [tuple(line.get_xdata()) for line in ax.lines[1:]]
    assert lines == [(0.7, 1.9), (1.2,), (1.1, 2.4), (1.65,)]


@pytest.mark.parametrize("lost", ["lower", "upper"])
def test_a_row_without_both_limits_is_not_drawn(lost):
    half = replace(ROWS[2], **{lost: None})
    with pytest.raises(NotEstimable, match="No odds ratio can be estimated"):
        section.draw_odds_ratios(only(half, SITE))
    both = of(
        univariable=(half, ROWS[-1]), multivariable=(half,), predictors=(SITE, OURS)
    )
    assert section.draw_odds_ratios(both).axes


@pytest.mark.parametrize(
    ("lower", "upper", "ruled_out"),
    [(1.1, 3.0, True), (0.3, 0.9, True), (0.9, 3.0, False), (1.0, 3.0, False),
     (0.5, 1.0, False), (1.5, 1.9, True), (0.5, 1.5, False)],
)  # fmt: skip
def test_no_effect_is_ruled_out_where_both_limits_are_on_one_side(
    lower, upper, ruled_out
):
    row = replace(ROWS[-1], odds_ratio=1.2, lower=lower, upper=upper)
    told = section.odds_ratio_sentence(only(row, OURS))
    assert ("1, no effect, is not ruled out" in told) is not ruled_out
    assert f"CI {lower:.2f} to {upper:.2f}" in told
    assert "multiplies the odds of ORN by 1.20 " in told
    assert "has not seen its patient (10 folds)" in told


@pytest.mark.parametrize("lost", ["odds_ratio", "lower", "upper"])
def test_without_a_number_the_score_has_no_odds_ratio(lost):
    row = replace(ROWS[-1], **{lost: None})
    told = section.odds_ratio_sentence(only(row, OURS))
    assert told.endswith("Beside the clinical columns its odds ratio is not estimable.")


def test_the_sentence_takes_the_row_of_the_score():
    told = section.odds_ratio_sentence(example(combined=FULL))
    assert "multiplies the odds of ORN by 2.01 (95" in told


def test_separated_and_curved_columns_are_told():
    (one, other) = section.separated_columns(of(separated=("site", "stage")))
    assert one.startswith("“site” has no finite odds ratio")
    assert other.startswith("“stage”")
    (told,) = section.curved_columns(example(combined=FULL))
    assert told.endswith("“dose” is a spline; test of nonlinearity, beside the others: "
                         "p = 0.040.")  # fmt: skip


def expected_log_odds(values, curve):
    """By hand: two steps of stage, the level of the site, both terms of the spline."""
    stage, site, dose, missing, score = values
    terms = 0.5 * stage + 0.9 * (site == "skull") + 0.2 * dose - 0.5 * curve
    return -1.5 + terms + 0.1 * missing + 0.7 * score


def test_the_drawn_nomogram_is_the_model(nomograms):
    figure = section.draw_combined_nomogram(example(combined=FULL))
    (nomogram,) = nomograms
    t1, t2, t3 = DOSE.knots
    for stage, site, dose, missing, score in (
        (0, "jaw", 50.0, 0.0, 0.0),
        (2, "skull", 75.0, 1.0, 1.5),
        (1, "skull", 66.0, 0.0, -2.0),
    ):
        cubes = [max(dose - t, 0) ** 3 for t in DOSE.knots]
        curve = cubes[0] - cubes[1] * (t3 - t1) / (t3 - t2)
        curve = (curve + cubes[2] * (t2 - t1) / (t3 - t2)) / (t3 - t1) ** 2
        values = {
            "stage": STAGE.levels[stage],
            "site": site,
            "dose": dose,
            "dose missing": missing,
            "radiomics score": score,
        }
        log_odds = expected_log_odds((stage, site, dose, missing, score), curve)
        points = nomogram.points(pd.DataFrame([values]))["total"]
        (found,) = nomogram.probability(points)
        assert found == pytest.approx(expit(log_odds))
    axes = {axis.name: axis for axis in nomogram.predictors}
    assert axes["dose missing"].ticks.tolist() == [0.0, 1.0]
    assert axes["radiomics score"].ticks[[0, -1]].tolist() == [-2.0, 3.0]
    texts = {text.get_text() for ax in figure.axes for text in ax.texts}
    assert any("Radiomics score" in text for text in texts)
    assert any("Probability of ORN" in text for text in texts)


def test_no_nomogram_of_a_model_without_a_finite_odds_ratio():
    with pytest.raises(NotEstimable, match="“site” has no finite odds ratio"):
        section.draw_combined_nomogram(
            example(combined=replace(FULL, separated=("site",)))
        )


SEPARATE = replace(CONFIG, scores="separate", nomogram="combined")


def test_whose_axes_are_on_the_nomogram():
    one = section.nomogram_sentence(example())
    assert one.startswith("The radiomics score is that of the formula, the other axes")
    assert "probability of ORN below their total" in one
    assert (
        "lesion L1, with the median prediction in validation: probability 0.540" in one
    )
    several = section.nomogram_sentence(example(config=SEPARATE))
    assert several.startswith(
        "The radiomics scores are those of the formulas of the sequences, the other "
        "axes are clinical. Go"
    )
    alone = section.nomogram_sentence(example(config=replace(SEPARATE, clinical=())))
    assert alone.startswith(
        "The radiomics scores are those of the formulas of the sequences. Go"
    )


def test_the_files_are_told_where_they_hold_the_combined_model():
    found = product_example()
    features = replace(found, source="features")
    assert "from features and clinical columns" in section.files_sentence(
        features, FILES
    )
    assert section.files_sentence(example(), FILES) == ""
    empty = replace(no_model_example(), config=found.config)
    assert section.files_sentence(empty, FILES) == ""


def test_the_calculator_is_told_where_there_is_one():
    with_page = section.files_sentence(product_example(), FILES)
    assert '<a href="calculator.html">calculator.html</a>' in with_page
    without = section.files_sentence(product_example(), Files(None, None))
    assert "href" not in without and "<code>scores.csv</code> has that of" in without


def test_a_coefficient_of_zero_is_added():
    zero = replace(ROWS[-1], coefficient=0.0)
    found = product_example(predictors=(OURS,), multivariable=(zero,))
    assert '<span class="sign">+</span><span class="value">0' in section.formula(
        found, FILES
    )


def test_the_formula_has_a_line_for_each_coefficient_with_its_sign():
    found = product_example(
        predictors=PREDICTORS,
        multivariable=(replace(ROWS[0], coefficient=-0.5), *ROWS[1:]),
        intercept=-1.5,
    )
    text = str(section.formula(found, FILES))
    values = [line for line in text.splitlines() if 'class="value"' in line]
    assert len(values) == 7
    assert '<span class="value">−1.5000</span>' in values[0]
    assert '<span class="sign">−</span><span class="value">0.50000<' in values[1]
    assert '<span class="sign">+</span><span class="value">0.90000<' in values[2]
    assert '<span class="sign">−</span><span class="value">0.50000<' in values[4]
    assert "P(ORN)" in text


def test_what_the_formula_needs_is_said():
    told = list(section.formula_sentences(product_example()))
    assert len(told) == 1
    assert told[0].startswith("The radiomics score is that of its own formula, of a")
    assert "is called ORN where P reaches 0.520, the one with the highest" in told[0]
    given = product_example()
    given = replace(
        given, config=replace(given.config, pipeline={"nomogram__threshold": 0.52})
    )
    assert "reaches 0.520, set beforehand." in next(section.formula_sentences(given))
    several = replace(given, config=SEPARATE)
    assert next(section.formula_sentences(several)).startswith(
        "Each radiomics score is that of its own formula (see the table of the scores)"
    )
    full = product_example(predictors=PREDICTORS, multivariable=ROWS)
    told = list(section.formula_sentences(full))
    assert told[1] == "The knots of dose are 45, 60, 70."
    assert told[-1].startswith("A level that training did not have is refused")
    steps = product_example(predictors=(STAGE, OURS), multivariable=ROWS[::5])
    assert len(list(section.formula_sentences(steps))) == 1
    assert list(section.formula_sentences(example())) == []


def test_odds_ratios_are_wanted_of_columns_or_several_scores():
    wanted = section._wants_odds
    none = replace(CONFIG, clinical=())
    assert wanted(example())
    assert not wanted(example(config=none))
    assert wanted(example(config=replace(none, scores="separate")))
    assert wanted(example(config=SEPARATE))


# The scores of sequences

T1 = replace(OURS, name="T1 score")
T2 = replace(OURS, name="T2 score")
OF_SEQUENCES = replace(
    COMBINED,
    predictors=(STAGE, T1, T2),
    univariable=(),
    multivariable=(
        ROWS[0],
        replace(ROWS[-1], predictor="T1 score"),
        replace(ROWS[-1], predictor="T2 score", odds_ratio=0.5, lower=0.3, upper=0.8),
    ),
    scores=(
        SequenceScore(
            "T1 score", False, -0.12345678, {"Mean": 0.0123456, "Skew": -2.0}
        ),
        SequenceScore("T2 score", False, 0.5, {}),
    ),
)


def test_every_coefficient_of_every_score_is_in_the_table():
    table = scores_table(example(combined=OF_SEQUENCES))
    assert table.rows == [
        ["T1 score", "intercept", "−0.1235"],
        ["", "Mean", "0.01235"],
        ["", "Skew", "−2.000"],
        ["T2 score", "intercept", "0.5000"],
    ]


def test_each_score_has_its_odds_ratio_in_the_sentence():
    assert scores_of(OF_SEQUENCES) == ["T1 score", "T2 score"]
    results = example(combined=OF_SEQUENCES, config=SEPARATE)
    (told,) = sequence_ratios(results, OF_SEQUENCES)
    assert told.replace("\N{NO-BREAK SPACE}", " ") == (
        "Beside the other predictors, one unit more (of log-odds) multiplies the odds "
        "of ORN by 2.01 for the T1 score (95 % CI 1.50 to 2.90); 0.50 for the T2 score "
        "(95 % CI 0.30 to 0.80)."
    )
    assert section.odds_ratio_sentence(results).endswith(told)


@pytest.mark.parametrize("lost", ["odds_ratio", "lower", "upper"])
def test_a_score_without_an_odds_ratio_is_told(lost):
    rows = [replace(r, **{lost: None}) for r in OF_SEQUENCES.multivariable]
    one = replace(
        OF_SEQUENCES, multivariable=(*OF_SEQUENCES.multivariable[:2], rows[2])
    )
    first, second = sequence_ratios(example(), one)
    assert "T2 score" not in first and "2.01 for the T1 score" in first
    assert second == "An odds ratio that is not named here is not estimable."
    none = replace(OF_SEQUENCES, multivariable=tuple(rows))
    assert list(sequence_ratios(example(), none)) == [second]


def test_a_score_that_tells_nothing_is_named():
    flat = replace(OF_SEQUENCES.scores[1], constant=True)
    found = replace(OF_SEQUENCES, scores=(OF_SEQUENCES.scores[0], flat))
    *_, last = sequence_ratios(example(), found)
    assert last.startswith("The T2 score, cross-fitted by patient, is the same for all")
    assert len(list(sequence_ratios(example(), found))) == 2


def test_a_ratio_is_written_up_to_a_thousand():
    assert [ratio(x) for x in (None, 0.004, 1000.0, 1000.1)] == [
        "–",
        "0.00",
        "1000.00",
        ">1000",
    ]


def test_no_odds_ratios_no_table():
    with pytest.raises(NotEstimable, match="no combined here"):
        section.odds_ratio_table(example_without("combined"))
