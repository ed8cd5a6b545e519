"""The radiomics score: formula, penalty, nomogram, bars, and what its steps leave."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report._blocks import Files
from sklearn_orn.study.report.sections import _formula as formula
from sklearn_orn.study.report.sections import _lasso as lasso
from sklearn_orn.study.report.sections import _nomogram as nomogram
from sklearn_orn.study.report.sections import _steps as steps
from sklearn_orn.study.report.sections import _waterfall as waterfall
from sklearn_orn.study.results import (
    Absent,
    BlockFeatures,
    Blocks,
    ChosenFeature,
    FeatureAgreement,
    FilledFeature,
    Imputed,
    Refit,
    Scores,
    Selection,
    Term,
    WorkedLesion,
)
from tests.study._results_example import (
    CONFIG,
    EXAMPLE,
    MODEL,
    TRAINING,
    VALIDATION,
    example,
    example_without,
    product_example,
)

NBSP = "\N{NO-BREAK SPACE}"
FILES = Files(None, "calculator.html")
TERMS = (
    Term("Mean", 0.25, 0.3003, 3.71234, 1.23456, 1.7, 6.81234, None),
    Term("T1|rim3out__Skew", -1.5, -0.6, -2.0, 0.4, -3.0, 0.5, None),
    Term("Count", 0.0, 0.1, 1.5, 0.5, 0.0, 3.0, (0.0, 1.0, 3.0)),
)
MODEL_3 = replace(
    MODEL,
    intercept=-0.75,
    coefficients=TERMS,
    worked=WorkedLesion(
        "L7",
        "validation",
        {"Mean": 3.0, "T1|rim3out__Skew": -1.0, "Count": 1.0},
        1.5,
        0.8176,
    ),
)


def of(model=MODEL_3, **changes):
    return example(model=model, **changes)


def test_each_term_has_its_sign_and_number():
    assert formula.formula_lines(MODEL_3) == [
        ("−", "0.75000", ""),
        ("+", "0.25000", "Mean"),
        ("−", "1.5000", "T1|rim3out__Skew"),
        ("+", "0.0000", "Count"),
    ]
    text = str(formula.formula(of(), FILES))
    values = [line for line in text.splitlines() if 'class="value"' in line]
    assert [line.split('class="value">')[1].split("<")[0] for line in values] == [
        *("−0.75000", "0.25000", "1.5000", "0.0000")
    ]
    assert '<span class="name">Mean</span>' in values[1]
    assert "P(ORN)" in text
    positive = str(formula.formula(of(replace(MODEL_3, intercept=0.5)), FILES))
    assert '<span class="value">0.50000</span>' in positive


def said(results):
    (text,) = formula.formula_sentence(results)
    return str(text).replace(NBSP, " ")


HIGHEST = ", the threshold with the highest sensitivity + specificity − 1 in training"


def test_from_where_a_lesion_is_positive():
    split = said(of())
    assert (
        "stand in <code>features.csv</code> (mean over the readers); the coefficients "
        "in full are in <code>model.json</code>. A lesion is called ORN where P "
        f"reaches 0.473{HIGHEST}, kept unchanged for validation. The LASSO shrinks"
    ) in split
    assert "gives −0.05 + 1.76 × score. The probabilities of this report are" in split
    set_before = replace(CONFIG, pipeline={"nomogram__threshold": 0.5})
    assert "0.473, kept unchanged for validation." in said(of(config=set_before))
    folds = replace(CONFIG, split=None, date=None)
    assert f"0.473{HIGHEST}. The" in said(of(config=folds))
    dated = replace(folds, date="scanned")
    assert "kept unchanged for validation" in said(of(config=dated))
    one = Selection(icc=None, chosen=())
    assert "<code>features.csv</code>; the coefficients" in said(of(selection=one))
    no_refit = replace(MODEL_3, score_refit=Refit(None, None))
    assert said(of(no_refit)).endswith("kept unchanged for validation.")


def test_the_score_beside_a_combined_model():
    found = product_example()
    text = said(found)
    assert "in <code>model.json</code>. By the score alone a lesion is called" in text
    assert "The probabilities of the score are those of the LASSO" in text
    separate = replace(found.config, scores="separate")
    assert "in <code>results.json</code>" in said(replace(found, config=separate))
    alone = replace(CONFIG, scores="separate")
    assert "in <code>model.json</code>" in said(of(config=alone))


ICCS = tuple(
    FeatureAgreement(name, value, 0.5, 0.99, kept=True, reason="kept")
    for name, value in (("Mean", 0.934), ("T1|rim3out__Skew", 0.812))
)
CHOSEN = (
    ChosenFeature("Mean", ("fisher", "poe_acc")),
    ChosenFeature("T1|rim3out__Skew", ("mutual_information", "own")),
)


def test_each_feature_has_its_row():
    table = formula.coefficients_table(of(selection=Selection(ICCS, CHOSEN)))
    assert table.rows == [
        [
            *("Mean", "0.2500", "0.300", "3.712", "1.23", "1.70 to 6.81"),
            *("Fisher, POE+ACC", "0.93"),
        ],
        [
            *("T1|rim3out__Skew", "−1.500", "−0.600", "−2.000", "0.400"),
            *("−3.00 to 0.500", "MI, own", "0.81"),
        ],
        ["Count", "0.000", "0.100", "1.500", "0.500", "0.00 to 3.00", "", "–"],
    ]
    heads = [column.head for column in table.columns]
    assert heads == [
        *("Feature", "Coefficient", "Per SD", "Mean", "SD", "Range", "Chosen by"),
        "ICC",
    ]
    assert table.columns[0].name
    one = formula.coefficients_table(of(selection=Selection(None, ())))
    assert [column.head for column in one.columns] == heads[:-1]
    assert all(len(row) == 7 for row in one.rows)


# The penalty


def penalised(chosen=0.1, **changes):
    """Five penalties, the last more than 50 times smaller than the chosen one."""
    path = {
        "lambda_chosen": chosen,
        "lambda_min": 0.1,
        "lambda_1se": 0.5,
        "lambdas": (0.5, 0.1, 0.01, 0.002, 0.0019),
        "deviance_mean": (1.38, 1.2, 1.25, 1.3, 1.4),
        "deviance_se": (0.01, 0.02, 0.03, 0.04, 0.05),
        "n_nonzero": (0, 1, 2, 2, 2),
        "features": ("Mean", "T1|rim3out__Skew"),
        "sd": (2.0, 0.5),
        "coefficient_path": ((0, 0), (0.3, 0), (0.4, -0.2), (0.5, -0.4), (0.6, -0.5)),
    }
    return of(replace(MODEL_3, lasso=replace(MODEL.lasso, **path | changes)))


def test_penalties_are_drawn_down_to_a_fiftieth_of_the_chosen_one():
    path = lasso._path(penalised())
    assert path.lambdas.tolist() == [0.5, 0.1, 0.01, 0.002]
    assert path.deviance_mean.tolist() == [1.38, 1.2, 1.25, 1.3]
    assert path.deviance_se.tolist() == [0.01, 0.02, 0.03, 0.04]
    assert path.n_nonzero.tolist() == [0, 1, 2, 2]
    np.testing.assert_allclose(path.coefs[-1], [0.5 * 2, -0.4 * 0.5])
    assert (path.lambda_min, path.lambda_1se) == (0.1, 0.5)
    assert "below a 50th of it are not drawn" in lasso.lasso_path_sentence(penalised())
    with pytest.raises(NotEstimable, match="No penalty was chosen by cross-validation"):
        lasso._path(penalised(lambda_min=None))


def test_the_deviance_and_the_coefficients_are_drawn():
    ax = lasso.draw_lasso_cv(penalised()).axes[0]
    ((points, _, (limits,)),) = ax.containers
    np.testing.assert_allclose(points.get_xdata(), np.log([0.5, 0.1, 0.01, 0.002]))
    np.testing.assert_allclose(points.get_ydata(), [1.38, 1.2, 1.25, 1.3])
    (_, low), (_, high) = limits.get_segments()[2]
    assert (low, high) == pytest.approx((1.22, 1.28))
    ax = lasso.draw_lasso_path(penalised()).axes[0]
    drawn = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 4]
    np.testing.assert_allclose(drawn, [[0, 0.6, 0.8, 1.0], [0, 0, -0.1, -0.2]])
    assert ax.get_ylabel() == "Coefficient per SD"


def test_ten_profiles_have_their_names():
    names = tuple(f"f{i}" for i in range(12))
    many = penalised(
        features=names,
        sd=(1.0,) * 12,
        coefficient_path=[[k * (i + 1) / 10 for i in range(12)] for k in range(5)],
    )
    (ax, *_) = lasso.draw_lasso_path(many).axes
    told = {text.get_text() for text in ax.texts} & set(names)
    assert len(told) == 10 and not told & {"f0", "f1"}


def test_how_the_penalty_was_chosen():
    lowest = lasso.lasso_cv_sentence(penalised())
    assert lowest.startswith(
        "The penalty λ = 0.100 (log λ at the left dotted line) has the lowest mean "
        "deviance over 10 folds by patient and leaves 3 of 2 features in the score"
    )
    largest = lasso.lasso_cv_sentence(penalised(0.5))
    assert "λ = 0.500 (log λ at the right dotted line) is the largest" in largest
    assert "λ = 0.300 was given and leaves" in lasso.lasso_cv_sentence(penalised(0.3))
    path = lasso.lasso_path_sentence(penalised())
    assert "at the chosen penalty 3 have entered" in path
    one = of(replace(MODEL_3, coefficients=TERMS[:1]))
    assert "at the chosen penalty 1 has entered" in lasso.lasso_path_sentence(one)


# The nomogram


def test_the_drawn_nomogram_is_the_score(nomograms):
    weighted = (*TERMS[:2], replace(TERMS[2], coefficient=0.2))
    figure = nomogram.draw_nomogram(of(replace(MODEL_3, coefficients=weighted)))
    (found,) = nomograms
    values = {"Mean": 5.0, "T1|rim3out__Skew": -2.0, "Count": 3.0}
    points = found.points(pd.DataFrame([values]))["total"]
    expected = expit(-0.75 + 0.25 * 5 + 1.5 * 2 + 0.2 * 3)
    assert found.probability(points)[0] == pytest.approx(expected)
    axes = {axis.name: axis for axis in found.predictors}
    assert axes["Count"].ticks.tolist() == [0.0, 1.0, 3.0]
    ends = axes["T1|rim3out__Skew"].ticks
    assert ends.min() <= -3.0 and ends.max() >= 0.5
    assert axes["T1|rim3out__Skew"].label == "Skew, T1 rim3out"
    assert axes["Mean"].label == "Mean"
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert any("Probability of ORN" in text for text in texts)
    assert any("Radiomics score" in text for text in texts)


def test_whose_nomogram_it_is():
    own = nomogram.nomogram_sentence(of())
    assert (
        "it is the model's own, with the coefficients of the formula above. Dr" in own
    )
    assert own.endswith(
        "lesion L7, with the median score in validation: probability 0.818."
    )
    alone = nomogram.nomogram_sentence(product_example())
    assert "it is that of the score alone, with the coefficients of its form" in alone


def test_the_calculator_is_that_of_the_score_or_of_none():
    link = nomogram.calculator_link(of(), FILES)
    assert '<a href="calculator.html">calculator.html</a>' in link
    assert nomogram.calculator_link(of(), Files(None, None)) == ""
    assert nomogram.calculator_link(product_example(), FILES) == ""


# The bars

SCORED = [
    *(("training", 0, -1.0), ("training", 1, 0.5), ("training", 0, 0.2)),
    *(("training", 1, 1.5), ("validation", 1, 0.3), ("validation", 0, -0.4)),
    ("validation", 1, 2.0),
]


def scored(part="validation"):
    where, y, score = zip(*SCORED, strict=True)
    where = tuple(x.replace("validation", part) for x in where)
    names = tuple(f"L{i}" for i in range(len(y)))
    scores = Scores(
        lesion=names,
        patient=names,
        part=where,
        y=y,
        score=score,
        probability=tuple(
            float(0.5 * p) for p in expit(score)
        ),  # no logit of the score
        predicted=y,
    )
    parts = (TRAINING, replace(VALIDATION, part=part))
    return of(scores=scores, parts=parts, classes=("benign $x$", "ORN"))


@pytest.mark.parametrize("part", ["validation", "cross-validation"])
def test_bars_stand_on_the_threshold(part):
    results = scored(part)
    scores = pd.DataFrame(vars(results.scores))
    axes = waterfall.draw_waterfall(results).axes
    assert len(axes) == 2
    for ax, name in zip(axes, ("training", part), strict=True):
        own = scores[scores["part"] == name]
        folds = name == "cross-validation"
        value = own["probability" if folds else "score"]
        base = MODEL.threshold if folds else logit(MODEL.threshold)
        for bars, label in zip(ax.containers, (0, 1), strict=True):
            sides = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in bars]
            far = [abs(low - base) > abs(high - base) for low, high in sides]
            ends = [side[not first] for side, first in zip(sides, far, strict=True)]
            np.testing.assert_allclose(sorted(ends), sorted(value[own["y"] == label]))
        assert (ax.get_ylabel() == "Probability") is folds
        (rule,) = [line for line in ax.lines if len(line.get_xdata()) == 2]
        np.testing.assert_allclose(rule.get_ydata(), base)


def test_a_score_without_features_has_no_bars():
    flat = replace(MODEL_3, coefficients=())
    with pytest.raises(NotEstimable, match="The score is the same for every lesion"):
        waterfall.draw_waterfall(of(flat))


def test_the_difference_of_the_classes_in_each_part():
    assert waterfall.waterfall_sentence(example()).endswith(
        "Difference between the classes: p 0.012 in validation (Mann-Whitney U by "
        "patient)."
    )
    (test,) = EXAMPLE.score_by_class
    both = (replace(test, part="training", p_value=0.0004), test)
    assert (
        "p <0.001 in training (apparent), p 0.012 in validation (Mann-Whitney U by "
        "patient)."
    ) in waterfall.waterfall_sentence(example(score_by_class=both))
    assert waterfall.waterfall_sentence(example(score_by_class=())) == ""


# What each step leaves


def test_a_row_for_each_step():
    rows = steps.steps_table(example()).rows
    assert [row[:2] for row in rows] == [
        *(["Measured", "279"], ["Reproducible", "215"]),
        *(["Chosen", "30"], ["In the score", "3"]),
    ]


NAMES = ["T1|lesion", "T1|rim3out", "T2|lesion"]


def measured(readers=("anna", "ben")):
    blocks = tuple(f"{name}|{reader}" for name in NAMES for reader in readers)
    columns = [f"{block}__{x}" for block in blocks for x in ("Mean", "Skew")]
    columns += [f"T1|lesion|{reader}__Third__x" for reader in readers]
    drawn = pd.DataFrame(np.zeros((2, len(columns))), columns=columns)
    return SimpleNamespace(blocks=(*blocks, "T1|lesion|perturbed1"), drawn=drawn)


def selected(icc=True, model=MODEL_3):
    rows = [("T1|lesion__Mean", True), ("T1|lesion__Skew", False)]
    rows += [("T2|lesion__Mean", True), ("T2|lesion__Third__x", True)]
    iccs = tuple(
        FeatureAgreement(name, 0.9, 0.8, 0.95, kept=kept, reason="")
        for name, kept in rows
    )
    chosen = (
        ChosenFeature("T1|lesion__Mean", ("fisher",)),
        ChosenFeature("T2|lesion__Mean", ("fisher",)),
    )
    return of(model, selection=Selection(iccs if icc else None, chosen))


def test_the_features_of_each_sequence_and_region_are_counted():
    found = steps.block_features(measured(), selected())
    assert found.rows == (
        BlockFeatures("T1", "lesion", 3, 1, 1, 0),
        BlockFeatures("T1", "rim3out", 2, 0, 0, 1),
        BlockFeatures("T2", "lesion", 2, 2, 1, 0),
    )
    without = steps.block_features(measured(), selected(icc=False))
    assert [row.n_reproducible for row in without.rows] == [None] * 3
    none = selected(model=Absent("no model"))
    assert [r.n_in_score for r in steps.block_features(measured(), none).rows] == [
        0
    ] * 3


def test_features_that_one_reader_measured_are_counted_once():
    of_one = measured(readers=("anna",))
    found = steps.block_features(of_one, selected())
    assert [row.n_measured for row in found.rows] == [3, 2, 2]


def test_one_sequence_and_region_has_no_table_of_them():
    study = SimpleNamespace(blocks=("anna", "ben"), drawn=pd.DataFrame())
    assert steps.block_features(study, example()) == Absent(
        "One sequence and one region were measured."
    )


def test_each_sequence_and_region_has_its_row():
    rows = (
        BlockFeatures("T1", "rim3out", 279, 200, 8, 1),
        BlockFeatures("T2", "lesion", 279, None, 0, 0),
    )
    assert steps.blocks_table(example(blocks=Blocks(rows))).rows == [
        ["T1", "rim 3 mm outside", "279", "200", "8", "1"],
        ["T2", "lesion", "279", "–", "0", "0"],
    ]


def filled(n, in_score=1):
    return tuple(
        FilledFeature(f"f{i}", 3, 2, 0.5, in_score=i < in_score) for i in range(n)
    )


def imputed(n, **changes):
    found = Imputed(n_filled=1234, n_cells=30850, features=filled(n))
    (text,) = steps.imputed_sentence(example(imputed=replace(found, **changes)))
    return text


def test_what_was_imputed_is_counted_and_named():
    assert imputed(2) == (
        "Of 30,850 feature values that reach the selection, 1,234 (4.00 %) are not "
        "defined for their lesion and were filled with the training median of the "
        "feature: f0 (5, in the score), f1 (5)."
    )
    assert imputed(8).endswith("f6 (5), f7 (5).")
    assert imputed(10).endswith("f6 (5), f7 (5) and 2 other features.")
    assert imputed(2, n_filled=0) == "No feature value had to be imputed."
    (none,) = steps.imputed_sentence(example_without("imputed"))
    assert none == "No feature value had to be imputed."
    assert list(steps.imputed_sentence(example_without("model"))) == []
