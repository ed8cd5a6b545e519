"""How far the selection of features can be trusted."""

import pandas as pd

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._records import rows_of
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import (
    FeatureStability,
    Results,
    Stability,
    StepStability,
)

MOST_DRAWN, MOST_ROWS = 12, 15


def stability_numbers(study: Study, results: Results) -> Stability:
    """Return how often each feature passes each step."""
    from sklearn_orn.resampling.shared import stability_of

    kept = stability_of(study.refits)
    names = {step: "lasso" if step == "nomogram" else step for step in kept.index.index}
    shares = kept.frequencies.rename(columns=names)
    shares = shares[shares["lasso"] > 0].sort_values(
        "lasso", ascending=False, kind="stable"
    )
    index = kept.index.rename(index=names)
    return Stability(
        n_resamples=kept.n_resamples,
        failures=kept.failures,
        steps=rows_of(StepStability, index.rename_axis("step").reset_index()),
        features=tuple(
            FeatureStability(
                str(name),
                share=float(row["lasso"]),
                steps={str(step): float(share) for step, share in row.items()},
            )
            for name, row in shares.iterrows()
        ),
    )


def draw_stability(results: Results) -> "b.Figure":
    """Draw how often each feature was selected in resamples."""
    from sklearn_orn.plotting import StabilityDisplay

    found = s.needed(results.stability)
    if not found.features:
        raise NotEstimable("No feature was selected in any resample.")
    steps = [row.step for row in found.steps]
    shown = found.features[:MOST_DRAWN]
    table = pd.DataFrame([row.steps for row in shown])[steps]
    table.index = pd.Index([s.literal(row.feature) for row in shown])
    figure = s.new_figure(s.PAGE, 0.9 + 0.1 * len(table) * (len(steps) + 1))
    StabilityDisplay(frequencies=table.rename(columns=s.STEPS)).plot(
        ax=figure.subplots()
    )
    return figure


def stability_sentence(results: Results) -> str:
    """Say how far the selection can be trusted."""
    found = s.needed(results.stability)
    stability = {row.step: row.stability for row in found.steps}
    often = sum(row.share >= 0.5 for row in found.features)
    return (
        f"In {found.n_resamples} bootstrap resamples of patients "
        f"{often} {'feature was' if often == 1 else 'features were'} selected in at "
        "least half; Nogueira's index of the LASSO's selection is "
        f"{decimal(stability['lasso'])}, where 1 means always the same features and 0 "
        "a random choice."
    )


def stability_table(results: Results) -> b.Table:
    """Return the features selected most often in resamples."""
    found = s.needed(results.stability)
    steps = [row.step for row in found.steps]
    rows = [
        [row.feature, *(s.per_cent(row.steps[step]) for step in steps)]
        for row in found.features[:MOST_ROWS]
    ]
    rows.append(["Nogueira's index", *(decimal(row.stability) for row in found.steps)])
    columns = (
        b.Column("Feature", name=True),
        *b.numbers(*(s.STEPS.get(step, step) for step in steps)),
    )
    return b.Table(
        "Share of resamples in which a feature passed each step",
        columns,
        rows,
        f"The {MOST_ROWS} most often selected at most.",
    )


SECTION = b.section(
    b.Heading("Stability of the selection"),
    b.FigureBlock(
        "stability",
        "Stability of the selection",
        draw_stability,
        stability_sentence,
        places=("stability",),
    ),
    b.TableBlock("stability", stability_table, on_page=False),
    needs_model=True,
    analyses=(b.Analysis("stability", stability_numbers, "bootstrap: stability"),),
)
