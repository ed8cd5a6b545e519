"""Several validation parts: each by itself, and the model brought to each."""

from collections.abc import Iterator

import pandas as pd

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._evaluation import Predictions, evaluate
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._written_numbers import MISSING, decimal, limits
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import (
    Absent,
    PartUpdate,
    Results,
    ValidationPart,
    ValidationParts,
)

NO_PARTS = "There are not several validation parts."


def part_title(name: str) -> str:
    """Return the name of a part at the head of a column."""
    return name[:1].upper() + name[1:]


def parts_of(study: Study, results: Results) -> ValidationParts:
    """Judge each validation part by the study's model, as it was learnt in training."""
    design = study.design
    if design.part is None:
        raise NotEstimable(NO_PARTS)
    scores = pd.DataFrame(vars(s.needed(results.scores)))
    judged = scores[scores["part"] == "validation"]
    rest, names = design.take(~design.training), design.part[~design.training]
    rows, missing = [], {}
    for name in sorted(set(names)):
        here = names == name
        own = judged[here]
        part = Predictions(
            part="validation",
            design=rest.take(here),
            score=own["score"].to_numpy(dtype=float),
            proba=own["probability"].to_numpy(dtype=float),
            predicted=own["predicted"].to_numpy(dtype=int),
        )
        try:
            rows.append(_judged(name, part, study.config.prevalence))
        except NotEstimable as error:
            missing[name] = str(error)
    if not rows:
        raise NotEstimable("; ".join(f"{name}: {x}" for name, x in missing.items()))
    return ValidationParts(tuple(rows), missing)


def _judged(name: str, part: Predictions, prevalence: float | None) -> ValidationPart:
    from sklearn_orn.metrics import ExternalValidation

    design = part.design
    if len(set(design.y)) < 2:
        raise NotEstimable("All its lesions are of one class.")
    updates = ExternalValidation.from_predictions(
        design.y, part.proba, groups=design.patient
    ).updates
    return ValidationPart(
        name=name,
        lesions=tuple(design.lesion.tolist()),
        judged=evaluate(part, fitted=False, prevalence=prevalence),
        updates=tuple(
            PartUpdate(u.method, u.intercept, u.slope, u.brier, u.reason)  # type: ignore[arg-type]
            for u in updates
            if u.method in ("intercept", "intercept and slope")
        ),
    )


def update_table(results: Results) -> b.Table:
    """Return AUC and calibration of each part, and the model brought to it."""
    found = s.needed(results.validation_parts)
    rows = []
    for row in found.rows:
        of, told = row.judged.calibration, row.judged
        rows.append(
            [
                part_title(row.name),
                "as it is",
                f"{decimal(told.auc.auc, 3)} ({limits(told.auc, 3)})",
                *map(decimal, (of.calibration_in_the_large, of.slope)),
                decimal(of.brier, 3),
                "",
            ]
        )
        for update in row.updates:
            rows.append(
                [
                    "",
                    f"{update.method} updated",
                    "",
                    *map(decimal, (update.intercept, update.slope)),
                    decimal(update.brier, 3),
                    update.reason,
                ]
            )
    rows += [
        [part_title(name), "", *[MISSING] * 4, text]
        for name, text in found.missing.items()
    ]
    heads = ("AUC (95 % CI)", "Intercept", "Slope", "Brier score")
    return b.Table(
        "Validation parts, and the model brought to each",
        (*b.texts("Part", "Model"), *b.numbers(*heads), *b.texts("Note")),
        rows,
        "As it is: calibration in the large and slope. Updated: intercept and slope of "
        "the new log-odds; their Brier score is apparent, on the lesions that they "
        "were fitted to, and the AUC stays what it is.",
    )


def draw_parts(results: Results) -> "b.Figure":
    """Draw the ROC curves together, and calibration and net benefit of each part."""
    from sklearn_orn.plotting import (
        DecisionCurveDisplay,
        FlexibleCalibrationDisplay,
        RocDisplay,
    )

    found = s.needed(results.validation_parts)
    scores = pd.DataFrame(vars(s.needed(results.scores)))
    scores = scores[scores["part"] == "validation"]
    lines = 1 + len(found.rows)
    figure = s.new_figure(s.PAGE, 3.6 * lines)
    axes = figure.subplots(lines, 2)
    for row, (calibration, decision) in zip(found.rows, axes[1:], strict=True):
        own = scores[scores["lesion"].isin(row.lesions)]
        title = part_title(row.name)
        RocDisplay.from_predictions(
            own["y"],
            own["probability"],
            name=title,
            groups=own["patient"],
            ax=axes[0, 0],
        )
        FlexibleCalibrationDisplay.from_predictions(
            own["y"], own["probability"], name=title, ax=calibration
        )
        DecisionCurveDisplay.from_predictions(
            own["y"],
            own["probability"],
            name=title,
            groups=own["patient"],
            ax=decision,
            **s.decision_settings(results),
        )
    axes[0, 1].remove()
    return figure


def parts_sentence(results: Results) -> str:
    """Say how the AUC goes over the parts."""
    found = s.needed(results.validation_parts)
    told = ", ".join(f"{row.name} {decimal(row.judged.auc.auc)}" for row in found.rows)
    return (
        "ROC curves, calibration and net benefit of each validation part by itself, by "
        f"the one model learnt in training; AUC: {told}."
    )


def parts_note(results: Results) -> Iterator[str]:
    """Say what stands for all of them elsewhere."""
    if not isinstance(results.validation_parts, Absent):
        yield (
            "Validation elsewhere in this report is of all validation parts together."
        )


SECTION = b.section(
    b.Heading("Each validation part", s.has("validation_parts")),
    b.FigureBlock(
        "validation-parts",
        "Each validation part",
        draw_parts,
        parts_sentence,
        wanted=s.has("validation_parts"),
    ),
    b.TableBlock("validation-parts", update_table, layout="wide"),
    b.Text(parts_note),
    needs_model=True,
    analyses=(b.Analysis("validation_parts", parts_of),),
)
