"""How far other patients would move the predictions of each of the three models."""

from collections.abc import Iterator

import pandas as pd

from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._three_models import models_instability
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._instability import lesion_cells
from sklearn_orn.study.results import ModelsInstability, Results


def of_this_study(study: Study, results: Results) -> ModelsInstability:
    """Refit the three models on the same resamples of the patients in training."""
    config = study.config
    return models_instability(
        study.table_steps(),
        study.features,
        study.design,
        config,
        clinical=clinical_table(study.cohort.clinical, config.clinical_kinds),
        threshold=s.needed(results.model).threshold,
        refits=study.refits_so_far,
    )


has_instability = s.has("models_instability")


def draw_models_instability(results: Results) -> "b.Figure":
    """Draw what the refits of each model predict beside it."""
    from sklearn_orn.plotting import InstabilityDisplay
    from sklearn_orn.resampling.shared import Instability as Refits

    found = s.needed(results.models_instability)
    figure = s.new_figure(s.PAGE, 2.8)
    panels = figure.subplots(1, len(found.models), sharey=True)
    layout = figure.get_layout_engine()
    figure.set_layout_engine("none")  # no legend needs one, and it takes longest
    for model, ax in zip(found.models, panels, strict=True):
        refits = Refits(
            samples=pd.DataFrame(vars(model.lesions)),
            mape=model.mape,
            changed=model.changed,
            threshold=found.threshold,
            calibration=pd.DataFrame(),
            net_benefit=pd.DataFrame(),
            n_resamples=model.n_refits,
        )
        InstabilityDisplay(instability=refits).plot(ax=ax)
        ax.get_legend().remove()
        title = f"{model.name.capitalize()}\nMAPE {decimal(model.mape, 3)}"
        ax.set_title(title, fontsize="small", loc="left")
        ax.set_box_aspect(1)
        ax.label_outer()
    figure.set_layout_engine(layout)
    return figure


def models_instability_sentence(results: Results) -> str:
    """Say how many refits there are, and which model moves least."""
    found = s.needed(results.models_instability)
    text = "; ".join(
        f"{model.name} {decimal(s.percent(model.mape), 0)}" for model in found.models
    )
    return (
        "Black, the probability of each lesion in training by the model; blue, the "
        f"range of 95{s.PERCENT} of its refits, each from start to end on the same "
        f"{found.n_resamples} resamples of patients, with the radiomics score "
        "cross-fitted anew in each. Developed on other patients of the same kind, the "
        "models would give a lesion a probability that differs on average by this many "
        f"percentage points (MAPE): {text}."
    )


def models_instability_table(results: Results) -> b.Table:
    """Return how far the refits of each model move, and how well they do outside."""
    found = s.needed(results.models_instability)
    rows = [
        [
            model.name.capitalize(),
            str(model.n_refits),
            decimal(model.mape, 3),
            s.per_cent(model.changed),
            decimal(model.auc_apparent, 3),
            decimal(model.auc_out_of_bag, 3),
        ]
        for model in found.models
    ]
    heads = ("Refits", "MAPE", "Class changes", "AUC, apparent", "AUC, out-of-bag")
    return b.Table(
        "Instability of the three models",
        (b.Column("Model"), *b.numbers(*heads)),
        rows,
        f"{found.n_lesions} lesions of training. Class changes: share of the refits "
        f"that put a lesion on the other side of {decimal(found.threshold)}. "
        "Out-of-bag: each refit judged on the patients that it has not seen.",
    )


def lesions_table(results: Results) -> b.Table:
    """Return what the refits of each model say of each lesion."""
    found = s.needed(results.models_instability)
    heads = [
        f"{model.name.capitalize()}, {what}"
        for model in found.models
        for what in ("probability", "95 % of the refits", "MAPE", "class changes")
    ]
    rows = [[lesion] for lesion in found.models[0].lesions.lesion]
    for model in found.models:
        for i, row in enumerate(rows):
            row += lesion_cells(model.lesions, i)
    return b.Table(
        "Instability of the three models for each lesion of training",
        (b.Column("Lesion", name=True), *b.numbers(*heads)),
        rows,
    )


def failed_refits(results: Results) -> Iterator[str]:
    """Say how many resamples have no refit of a model, and why."""
    if not has_instability(results):
        return
    found = s.needed(results.models_instability)
    for model in found.models:
        if model.failures:
            reasons = "; ".join(f"{why} ({n})" for why, n in model.failures.items())
            n = found.n_resamples - model.n_refits
            yield (
                f"{n} of the {found.n_resamples} resamples have no refit of the model "
                f"“{model.name}”, and do not count for it: {reasons}."
            )


SECTION = b.section(
    b.Heading("Instability of the three models", wanted=has_instability),
    b.FigureBlock(
        "models-instability",
        "Instability of clinical model, radiomics score and both",
        draw_models_instability,
        models_instability_sentence,
        wanted=has_instability,
    ),
    b.TableBlock("models-instability", models_instability_table),
    b.Text(failed_refits),
    b.TableBlock("models-instability-lesions", lesions_table, on_page=False),
    b.Absence(
        "Instability of the three models",
        lambda results: results.config.clinical and results.models_instability,
    ),
    needs_model=True,
    analyses=(
        b.Analysis("models_instability", of_this_study, "instability of three models"),
    ),
)
