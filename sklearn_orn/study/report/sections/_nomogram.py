"""The nomogram, with a worked example, and the calculator beside the page."""

import pandas as pd
from markupsafe import Markup

from sklearn_orn._block_names import BAR
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results


def draw_nomogram(results: Results) -> "b.Figure":
    """Draw the nomogram over the training values, with the worked lesion."""
    from sklearn_orn.model import Nomogram
    from sklearn_orn.plotting import NomogramDisplay

    model = s.needed(results.model)
    terms = model.coefficients
    nomogram = Nomogram.from_coefficients(
        {term.feature: term.coefficient for term in terms},
        model.intercept,
        {term.feature: (term.minimum, term.maximum) for term in terms},
        categories={term.feature: term.values for term in terms if term.values},
        labels={
            "linear_predictor": "Radiomics score",
            "probability": f"Probability of {results.classes[1]}",
            **{t.feature: s.label(t.feature) for t in terms if BAR in t.feature},
        },
    )
    figure = s.new_figure(s.PAGE, 31.0 * (len(nomogram.predictors) + 4) / 72 + 0.1)
    patient = pd.Series(model.worked.values)
    NomogramDisplay(nomogram).plot(ax=figure.subplots(), patient=patient)
    return figure


def nomogram_sentence(results: Results) -> str:
    """Say how to use the nomogram, and which lesion is drawn on it."""
    worked = s.needed(results.model).worked
    whose = "the model's own, with the coefficients of the formula above"
    if results.product is not None:
        whose = "that of the score alone, with the coefficients of its formula"
    return (
        "Go from each feature's value up to the points, add the points, and read the "
        f"probability of {results.classes[1]} below their total: it is {whose}. Drawn "
        f"on it is {s.worked_lesion(worked, 'score')}."
    )


def calculator_link(results: Results, files: b.Files) -> str:
    """Lead to the calculator."""
    if files.calculator is None or results.product is not None:
        return ""
    return Markup(
        '<p>The same model to fill in: <a href="{0}">{0}</a>, one page that needs no '
        "network.</p>"
    ).format(files.calculator)


SECTION = b.section(
    b.FigureBlock(
        "nomogram",
        "Nomogram for the probability of {positive}",
        draw_nomogram,
        nomogram_sentence,
        places=("nomogram",),
    ),
    b.Html(calculator_link),
)
