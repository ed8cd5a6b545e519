"""The clinical model, the radiomics score and both, on the same lesions."""

from collections.abc import Iterator, Sequence

import numpy as np

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._verdict import PAIRS, THREE, added_sentences
from sklearn_orn.study._written_numbers import (
    PART_TITLES,
    decimal,
    limits,
    measure_text,
    p_value,
)
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import (
    Absent,
    Comparison,
    JudgedLesions,
    Results,
)

MEASURES = (("calibration_in_the_large", 2), ("slope", 2), ("brier", 3))


def _judged(results: Results) -> JudgedLesions | None:
    """Return what the models say of each lesion, if all three were fitted."""
    found = results.models
    if isinstance(found, Absent) or found.judged is None:
        return None
    return found.judged if set(THREE) <= set(found.judged.probability) else None


def has_three(results: Results) -> bool:
    """Say whether all three models were fitted, and their predictions kept."""
    return _judged(results) is not None


def three_models_table(results: Results) -> b.Table:
    """Return AUC and calibration of each model, and the paired differences."""
    models, judged = s.needed(results.models), _judged(results)
    benefits = models.benefits
    if judged is None or benefits is None:
        raise NotEstimable("The three models were not all fitted.")
    aucs = {row.name: row for row in models.rows}
    gains = {row.name: row for row in benefits.models}
    more = {(row.first, row.second): row for row in benefits.comparisons}
    rows = []
    for name in THREE:
        auc = f"{decimal(aucs[name].auc, 3)} ({limits(aucs[name], 3)})"
        calibration = [
            measure_text(judged.calibration[name], key, digits)
            for key, digits in MEASURES
        ]
        net = f"{decimal(gains[name].net_benefit, 3)} ({limits(gains[name], 3)})"
        rows.append([name.capitalize(), auc, "", *calibration, net])
    for pair in _pairs(models.comparisons):
        name = f"{pair.first.capitalize()} \N{MINUS SIGN} {pair.second}"
        text = f"{decimal(pair.difference, 3)} ({limits(pair, 3)})"
        gain = more[pair.first, pair.second]
        net = f"{decimal(gain.difference, 3)} ({limits(gain, 3)})"
        rows.append([name, text, p_value(pair.p_value), "", "", "", net])
    heads = ("AUC", "p", "Calibration in the large", "Calibration slope", "Brier score")
    net_benefit = f"Net benefit at {decimal(benefits.threshold)}"
    return b.Table(
        f"Clinical model, radiomics score and both, {PART_TITLES[models.part].lower()}",
        (b.Column("Model"), *b.numbers(*heads, net_benefit)),
        rows,
        "On the same lesions, with 95 % CI by patient; below, the paired differences.",
    )


def _pairs(comparisons: Sequence[Comparison]) -> Iterator[Comparison]:
    for pair in PAIRS:
        yield from (row for row in comparisons if (row.first, row.second) == pair)


def draw_three(results: Results) -> "b.Figure":
    """Draw ROC, calibration and decision curve of the three models."""
    from sklearn.metrics import roc_curve

    from sklearn_orn import metrics
    from sklearn_orn.plotting import (
        DecisionCurveDisplay,
        FlexibleCalibrationDisplay,
        RocDisplay,
    )

    judged = _judged(results)
    assert judged is not None
    y = np.array(judged.y)
    figure = s.new_figure(s.PAGE, 2.6)
    figure.set_layout_engine(None)  # not for the panels' legends, which are taken away
    roc, calibration, decision = figure.subplots(1, 3)
    for name in THREE:
        proba = np.array(judged.probability[name])
        fpr, tpr, _ = roc_curve(y, proba)
        RocDisplay(fpr=fpr, tpr=tpr, name=name).plot(ax=roc)
        curve = metrics.flexible_calibration_curve(y, proba)
        FlexibleCalibrationDisplay(
            predicted=curve.predicted, observed=curve.observed, name=name
        ).plot(ax=calibration)
        DecisionCurveDisplay.from_predictions(
            y, proba, name=name, ax=decision, **s.decision_settings(results)
        )
    calibration.set_ylim(-0.02, 1.05)
    handles, labels = decision.get_legend_handles_labels()
    order = [labels.index(name) for name in (*THREE, "Treat all", "Treat none")]
    for ax in (roc, calibration, decision):
        ax.get_legend().remove()
        ax.set_box_aspect(1)
    figure.legend(
        [handles[i] for i in order],
        [labels[i].capitalize() for i in order],
        loc="outside upper center",
        ncols=len(order),
        frameon=False,
        fontsize="small",
    )
    figure.set_layout_engine("constrained")
    return figure


def three_sentence(results: Results) -> str:
    """Say what the score adds to the clinical model."""
    models, scores = s.needed(results.models), results.config.scores
    added = added_sentences(models.comparisons, models.benefits, scores)
    return (
        "From left to right: ROC, calibration (lowess; on the dotted diagonal, "
        "predicted and observed agree) and decision curve. "
        f"{' '.join(added)}"
    )


SECTION = b.section(
    b.Heading("Clinical model, radiomics score and both", wanted=has_three),
    b.FigureBlock(
        "three-models",
        "Clinical model, radiomics score and both",
        draw_three,
        three_sentence,
        wanted=has_three,
    ),
    b.TableBlock("three-models", three_models_table, layout="wide"),
    needs_model=True,
)
