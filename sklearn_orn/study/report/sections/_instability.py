"""How far other patients would move the predictions."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._numbers import decimal
from sklearn_orn.study.report._blocks import (
    Column,
    FigureBlock,
    Heading,
    Section,
    Table,
    TableBlock,
    numbers,
)
from sklearn_orn.study.report.sections._shared import (
    PAGE,
    PERCENT,
    SAME_FOR_ALL,
    needed,
    new_figure,
    percent,
)
from sklearn_orn.study.results import (
    Absent,
    BenefitRefits,
    CalibrationRefits,
    Results,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("prediction", "classification", "calibration", "decision")


def _with_refits(curves: CalibrationRefits | BenefitRefits) -> pd.DataFrame:
    columns = {name: x for name, x in vars(curves).items() if name != "refits"}
    refits = pd.DataFrame(np.array(curves.refits, dtype=float).T)
    return pd.concat([pd.DataFrame(columns, dtype=float), refits], axis=1)


def draw_instability(results: Results) -> "Figure":
    """Draw what the resampled models predict beside the model."""
    from sklearn_orn.plotting import InstabilityDisplay
    from sklearn_orn.resampling import Instability

    optimism = needed(results.optimism)
    found = optimism.instability
    if not needed(results.model).coefficients:
        raise NotEstimable(SAME_FOR_ALL)
    instability = Instability(
        samples=pd.DataFrame(vars(found.lesions)),
        mape=found.mape,
        changed=found.changed,
        threshold=found.threshold,
        calibration=_with_refits(found.calibration),
        net_benefit=_with_refits(found.net_benefit),
        n_resamples=optimism.n_resamples,
    )
    figure = new_figure(PAGE, 6.4)
    for kind, ax in zip(KINDS, figure.subplots(2, 2).flat, strict=True):
        InstabilityDisplay(instability=instability, kind=kind).plot(ax=ax)
    return figure


def instability_sentence(results: Results) -> str:
    """Say how far other patients would move the predictions."""
    optimism = needed(results.optimism)
    found = optimism.instability
    return (
        "Developed on other patients of the same kind, the model would give a lesion "
        f"a probability of {results.classes[1]} that differs by "
        f"{decimal(percent(found.mape), 0)} percentage points on average (MAPE "
        f"{decimal(found.mape, 3)}), and would put it into the other class in "
        f"{decimal(percent(found.changed), 0)}{PERCENT} of cases. "
        f"{optimism.n_resamples} resamples of patients, all on the lesions of training."
    )


def instability_table(results: Results) -> Table | None:
    """Return what the resampled models say of each lesion."""
    if isinstance(results.optimism, Absent):
        return None
    found = results.optimism.instability.lesions
    rows = [
        [
            found.lesion[i],
            decimal(found.probability[i], 3),
            f"{decimal(found.lower[i], 3)} to {decimal(found.upper[i], 3)}",
            decimal(found.mape[i], 3),
            f"{decimal(100 * found.changed[i], 0)} %",
        ]
        for i in range(len(found.lesion))
    ]
    heads = ("Probability", "95 % of the refits", "MAPE", "Class changes")
    return Table(
        "Instability of the prediction for each lesion of training",
        (Column("Lesion", name=True), *numbers(*heads)),
        rows,
        "MAPE: mean absolute prediction error, the mean distance of the resampled "
        "models’ probabilities from the model’s.",
    )


SECTION = Section(
    (
        Heading("Instability"),
        FigureBlock(
            "instability",
            "Instability of the predictions",
            draw_instability,
            instability_sentence,
        ),
        TableBlock("instability", instability_table, on_page=False),
    ),
    needs_model=True,
)
