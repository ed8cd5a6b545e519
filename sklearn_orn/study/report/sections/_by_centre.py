"""Each centre judged by a model of all others: internal-external cross-validation."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pandas as pd

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._enough import why_no_model
from sklearn_orn.study._evaluation import fit_table, predict_part
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._records import rows_of
from sklearn_orn.study._written_numbers import (
    MISSING,
    decimal,
    interval,
    measure_text,
    with_limits,
)
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._centres import NO_CENTRE
from sklearn_orn.study.results import (
    Absent,
    ByCentre,
    CentreJudged,
    OverCentres,
    Results,
)

MEASURES = {
    "auc": ("AUC", 2),
    "calibration_in_the_large": ("Calibration in the large", 2),
    "slope": ("Slope", 2),
    "net_benefit": ("Net benefit", 3),
}


def left_out_centres(study: Study, results: Results) -> ByCentre:
    """Fit the whole procedure without each centre, and judge it there.

    All lesions of the study are used, whatever part they are in: which centres a model
    was tried in matters more here than which lesions were held back.
    """
    from sklearn_orn.metrics import performance_by_centre

    centres, design = study.centres, study.design
    if centres is None:
        raise NotEstimable(NO_CENTRE)
    proba = np.full(len(design.y), np.nan)
    missing: dict[str, str] = {}
    for name in sorted(set(centres)):
        here = centres == name
        train = ~here & ~np.isin(design.patient, design.patient[here])
        try:
            proba[here] = _judge(study, train, here)
        except NotEstimable as error:
            missing[name] = str(error)
    seen = np.isfinite(proba)
    if len(set(centres[seen])) < 2:
        reasons = "; ".join(f"{name}: {text}" for name, text in missing.items())
        raise NotEstimable(f"Fewer than two centres can be judged. {reasons}")
    threshold = s.needed(results.model).threshold
    found = performance_by_centre(
        design.y[seen],
        proba[seen],
        centres[seen],
        groups=design.patient[seen],
        threshold=min(max(threshold, 0.01), 0.99),
    )
    names = {"n": "n_lesions", "patients": "n_patients", "positive": "n_positive"}
    table = found.table.rename(columns=names).rename_axis("centre").reset_index()
    summary = found.summary.rename(columns={"centres": "n_centres"})
    summary = summary.rename_axis("measure").reset_index()
    of_patient = pd.Series(centres).groupby(design.patient).nunique()
    return ByCentre(
        threshold=found.threshold,
        rows=rows_of(CentreJudged, table[[f.name for f in fields(CentreJudged)]]),
        summary=rows_of(OverCentres, summary),
        missing=missing,
        n_shared=int((of_patient > 1).sum()),
    )


def _judge(study: Study, train: np.ndarray, here: np.ndarray) -> np.ndarray:
    whole = study.design.take(train)
    training = type(whole)(
        **vars(whole) | {"training": np.ones(len(whole.y), bool), "has_split": False}
    )
    reason = why_no_model(training, cv=study.config.cv)
    if reason is not None:
        raise NotEstimable(reason)
    pipeline = study.table_steps()
    if "combat" in pipeline.named_steps:
        pipeline.set_params(combat__unseen="grand")
    fit_table(pipeline, study.features[train], training)
    there = (study.features[here], study.design.take(here))
    return predict_part(pipeline, *there, "validation").proba


def by_centre_table(results: Results) -> b.Table:
    """Return the performance in each centre, the mean, and that of a new centre."""
    found = s.needed(results.by_centre)
    rows = []
    for row in found.rows:
        cells = [row.centre, str(row.n_lesions), str(row.n_patients)]
        cells += [measure_text(row, k, digits) for k, (_, digits) in MEASURES.items()]
        rows.append([*cells, row.note])
    digits_of = {name: digits for name, (_, digits) in MEASURES.items()}
    means, reach = ["Mean", "", ""], ["New centre", "", ""]
    for one in found.summary:
        digits = digits_of[one.measure]
        means.append(with_limits(one.mean, one.lower, one.upper, digits))
        reach.append(interval(one.prediction_lower, one.prediction_upper, digits))
    counts = [one.n_centres for one in found.summary]
    fewer = min(counts) < len(found.rows)
    told = f"of {', '.join(map(str, counts))} centres" if fewer else ""
    rows += [[*means, told], [*reach, ""]]
    rows += [
        [name, "", "", *[MISSING] * 4, text] for name, text in found.missing.items()
    ]
    heads = [f"{title} (95 % CI)" for title, _ in MEASURES.values()]
    return b.Table(
        "Performance by centre, each judged by a model of the others",
        (
            *b.texts("Centre"),
            *b.numbers("Lesions", "Patients", *heads),
            *b.texts("Note"),
        ),
        rows,
        "All lesions of the study; everything that learns is fitted without the "
        "centre. Mean: random effects, restricted maximum likelihood, with Hartung and "
        "Knapp’s interval; the AUC on the logit scale. New centre: 95 % prediction "
        f"interval. Net benefit at {decimal(found.threshold)}.",
    )


def draw_forest(results: Results) -> "b.Figure":
    """Draw the four measures in each centre."""
    from sklearn_orn.metrics.shared import PerformanceByCentre
    from sklearn_orn.plotting import ForestDisplay

    found = s.needed(results.by_centre)
    table = pd.DataFrame([vars(row) for row in found.rows]).set_index("centre")
    summary = pd.DataFrame([vars(row) for row in found.summary]).set_index("measure")
    numbers = [c for c in table if c != "note"]
    performance = PerformanceByCentre(
        table[numbers].astype(float), summary.astype(float), found.threshold
    )
    rows = len(found.rows) + 2
    figure = s.new_figure(s.PAGE, 2 * (0.24 * rows + 0.6))
    for ax, measure in zip(figure.subplots(2, 2).ravel(), MEASURES, strict=True):
        ForestDisplay(performance=performance, measure=measure).plot(ax=ax)  # type: ignore[arg-type]
    return figure


def forest_sentence(results: Results) -> str:
    """Say what a new centre may expect."""
    found = s.needed(results.by_centre)
    auc = next(row for row in found.summary if row.measure == "auc")
    text = (
        f"Judged by models that have not seen them, {len(found.rows)} centres have a "
        f"mean AUC of {decimal(auc.mean)}"
    )
    if auc.prediction_lower is None:
        return f"{text}; of fewer than three no interval for a new centre follows."
    reach = interval(auc.prediction_lower, auc.prediction_upper)
    return f"{text}; in a new centre it is expected from {reach} (95{s.PERCENT})."


def shared_sentence(results: Results) -> Iterator[str]:
    """Say what became of patients who were seen in several centres."""
    found = results.by_centre
    if not isinstance(found, Absent) and found.n_shared:
        n = found.n_shared
        who = "1 patient was" if n == 1 else f"{n} patients were"
        yield (
            f"{who} seen in several centres; none of their lesions trains a model that "
            "judges them."
        )


SECTION = b.section(
    b.Heading("Validation by centre", s.has("by_centre")),
    b.FigureBlock(
        "forest",
        "Performance by centre",
        draw_forest,
        forest_sentence,
        wanted=s.has("by_centre"),
    ),
    b.TableBlock("by-centre", by_centre_table, layout="wide"),
    b.Text(shared_sentence),
    b.Absence("Validation by centre", lambda r: r.config.centre and r.by_centre),
    needs_model=True,
    analyses=(b.Analysis("by_centre", left_out_centres, "each centre left out"),),
)
