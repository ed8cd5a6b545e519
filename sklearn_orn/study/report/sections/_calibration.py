"""How far predicted and observed are apart."""

import pandas as pd

from sklearn_orn.study._written_numbers import PART_WORDS, decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Absent, Results


def draw_calibration(results: Results) -> "b.Figure":
    """Draw the calibration of each part, in training with that of other patients."""
    from sklearn_orn.plotting import FlexibleCalibrationDisplay

    parts, corrected = s.scores_by_part(results), None
    if not isinstance(results.optimism, Absent):
        # Harrell's correction leaves a curve that is too good after a selection.
        table = pd.DataFrame(vars(results.optimism.calibration_curve), dtype=float)
        corrected = table.assign(corrected=table["out_of_bag"])
    figure = s.new_figure(s.PAGE, 3.9)
    axes = figure.subplots(1, len(parts))
    for i, (ax, (title, rows)) in enumerate(zip(axes, parts, strict=True)):
        FlexibleCalibrationDisplay.from_predictions(
            rows["y"],
            rows["probability"],
            groups=rows["patient"],
            name=title.removesuffix(" (apparent)"),
            optimism=corrected if i == 0 else None,
            ax=ax,
        )
    return figure


def calibration_sentence(results: Results) -> str:
    """Say how far the last part is off, and what the dashed curve is."""
    part = results.parts[-1]
    slope = part.calibration.slope
    if slope is None:
        extreme = ""
    elif slope < 0.8:
        extreme = f"; with a slope of {decimal(slope)} the predictions are too extreme"
    elif slope > 1.25:
        extreme = f"; with a slope of {decimal(slope)} the predictions are too timid"
    else:
        extreme = f"; the slope is {decimal(slope)}"
    dashed = (
        " Dashed: the procedure repeated on resamples of training, judged on the "
        "patients that were not drawn."
    )
    return (
        f"The predicted probability of {results.classes[1]} and the observed share are "
        f"{decimal(s.percent(part.calibration.eavg), 0)} percentage points apart on "
        f"average {PART_WORDS[part.part]}{extreme}; on the dotted diagonal they would "
        f"agree.{'' if isinstance(results.optimism, Absent) else dashed}"
    )


CALIBRATION = b.FigureBlock(
    "calibration",
    "Calibration",
    draw_calibration,
    calibration_sentence,
    places=("calibration",),
)
SECTION = b.section(CALIBRATION, needs_model=True)
