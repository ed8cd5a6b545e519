"""How far other patients would move the predictions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, get_args

import numpy as np
import pandas as pd

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._records import columns_of
from sklearn_orn.study._written_numbers import decimal, interval
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import (
    BenefitRefits,
    CalibrationRefits,
    Instability,
    LesionInstability,
    Results,
)

if TYPE_CHECKING:
    from sklearn_orn.resampling.shared import Instability as Refits

T = TypeVar("T")
CURVES, CURVE_DIGITS = 100, 4  # what a figure can show
Kind: TypeAlias = Literal["prediction", "classification", "calibration", "decision"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def instability_numbers(refits: "Refits", lesions: Iterable[str]) -> Instability:
    """Return what each lesion's prediction does, and the curves of some refits."""
    samples = refits.samples.copy()
    samples.insert(0, "lesion", list(lesions))
    return Instability(
        mape=refits.mape,
        changed=refits.changed,
        threshold=refits.threshold,
        lesions=columns_of(LesionInstability, samples),
        calibration=_curves(CalibrationRefits, refits.calibration),
        net_benefit=_curves(BenefitRefits, refits.net_benefit),
    )


def _curves(kind: type[T], table: pd.DataFrame) -> T:
    """Return the curve of the model, and those of the first refits to draw."""
    own = {name: table[name] for name in table.columns if isinstance(name, str)}
    refits = table.drop(columns=list(own)).iloc[:, :CURVES].round(CURVE_DIGITS)
    curves: dict[str, object] = {k: tuple(values.tolist()) for k, values in own.items()}
    curves["refits"] = tuple(map(tuple, refits.T.to_numpy().tolist()))
    return kind(**curves)


def _with_refits(curves: CalibrationRefits | BenefitRefits) -> pd.DataFrame:
    columns = {name: x for name, x in vars(curves).items() if name != "refits"}
    refits = pd.DataFrame(np.array(curves.refits, dtype=float).T)
    return pd.concat([pd.DataFrame(columns, dtype=float), refits], axis=1)


def draw_instability(results: Results) -> "b.Figure":
    """Draw what the resampled models predict beside the model."""
    from sklearn_orn.plotting import InstabilityDisplay
    from sklearn_orn.resampling.shared import Instability as Refits

    optimism = s.needed(results.optimism)
    found = optimism.instability
    if not s.needed(results.model).coefficients:
        raise NotEstimable(s.SAME_FOR_ALL)
    instability = Refits(
        samples=pd.DataFrame(vars(found.lesions)),
        mape=found.mape,
        changed=found.changed,
        threshold=found.threshold,
        calibration=_with_refits(found.calibration),
        net_benefit=_with_refits(found.net_benefit),
        n_resamples=optimism.n_resamples,
    )
    figure = s.new_figure(s.PAGE, 6.4)
    for kind, ax in zip(KINDS, figure.subplots(2, 2).flat, strict=True):
        InstabilityDisplay(instability=instability, kind=kind).plot(ax=ax)
    return figure


def instability_sentence(results: Results) -> str:
    """Say how far other patients would move the predictions."""
    optimism = s.needed(results.optimism)
    found = optimism.instability
    return (
        "Developed on other patients of the same kind, the model would give a lesion "
        f"a probability of {results.classes[1]} that differs by "
        f"{decimal(s.percent(found.mape), 0)} percentage points on average (MAPE "
        f"{decimal(found.mape, 3)}), and would put it into the other class in "
        f"{decimal(s.percent(found.changed), 0)}{s.PERCENT} of cases. "
        f"{optimism.n_resamples} resamples of patients, all on the lesions of training."
    )


def lesion_cells(found: LesionInstability, i: int) -> list[str]:
    """Return what the refits say of a lesion."""
    return [
        decimal(found.probability[i], 3),
        interval(found.lower[i], found.upper[i], 3),
        decimal(found.mape[i], 3),
        s.per_cent(found.changed[i]),
    ]


def instability_table(results: Results) -> b.Table:
    """Return what the resampled models say of each lesion."""
    found = s.needed(results.optimism).instability.lesions
    rows = [[lesion, *lesion_cells(found, i)] for i, lesion in enumerate(found.lesion)]
    heads = ("Probability", "95 % of the refits", "MAPE", "Class changes")
    return b.Table(
        "Instability of the prediction for each lesion of training",
        (b.Column("Lesion", name=True), *b.numbers(*heads)),
        rows,
        "MAPE: mean absolute prediction error, the mean distance of the resampled "
        "models’ probabilities from the model’s.",
    )


SECTION = b.section(
    b.Heading("Instability"),
    b.FigureBlock(
        "instability",
        "Instability of the predictions",
        draw_instability,
        instability_sentence,
    ),
    b.TableBlock("instability", instability_table, on_page=False),
    needs_model=True,
)
