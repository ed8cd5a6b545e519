"""The radiomics score: its formula and its features."""

from collections.abc import Iterator

from markupsafe import Markup

from sklearn_orn.study._written_numbers import MINUS, decimal, significant
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Model, Results

CRITERIA = {"fisher": "Fisher", "poe_acc": "POE+ACC", "mutual_information": "MI"}
LINE = Markup(
    '<span class="lhs">{}</span><span class="sign">{}</span><span class="value">{}{}'
    '</span><span class="sign">{}</span><span class="name">{}</span>\n'
)
FORMULA = Markup(
    '<div class="formula" role="group" aria-label="Formula of the {}">\n'
    '{}<span class="lhs">P({})</span><span class="sign">=</span><span class="rest">'
    "1 / (1 + e<sup>−{}</sup>)</span>\n</div>"
)


def formula_lines(model: Model) -> list[tuple[str, str, str]]:
    """Return sign, number and feature of each line; the intercept is the first."""
    terms = [(model.intercept, "")]
    terms += [(term.coefficient, term.feature) for term in model.coefficients]
    return [
        (MINUS if value < 0 else "+", significant(abs(value)), name)
        for value, name in terms
    ]


def formula(results: Results, files: b.Files) -> str:
    """Write the formula, a line for each feature."""
    (sign, value, _), *rest = formula_lines(s.needed(results.model))
    first = "" if sign == "+" else sign
    lines = LINE.format("score", "=", first, s.power(value), "", "")
    for sign, value, name in rest:
        lines += LINE.format("", sign, "", s.power(value), "×", name)
    return FORMULA.format("radiomics score", lines, results.classes[1], "score")


def formula_sentence(results: Results) -> Iterator[str]:
    """Say what goes in, from where a lesion is positive, and what a refit gives."""
    model, config = s.needed(results.model), results.config
    separate = results.product is not None and config.scores == "separate"
    refit, threshold = model.score_refit, ""
    if "nomogram__threshold" not in config.pipeline:
        threshold = (
            ", the threshold with the highest sensitivity + specificity − 1 in training"
        )
    if config.split or config.date:
        threshold += ", kept unchanged for validation"
    yield Markup(
        "Features enter on their own scale, as they stand in <code>features.csv</code>"
        "{}; the coefficients in full are in <code>{}</code>. {} lesion is "
        "called {} where P reaches {}{}.{}"
    ).format(
        " (mean over the readers)" if results.selection.icc else "",
        "results.json" if separate else "model.json",
        "A" if results.product is None else "By the score alone a",
        results.classes[1],
        decimal(model.threshold, 3),
        threshold,
        ""
        if refit.slope is None
        else " The LASSO shrinks its coefficients: an unpenalised logistic fit of the "
        f"outcome on this score in training gives {decimal(refit.intercept)} + "
        f"{decimal(refit.slope)} × score. The probabilities of "
        f"{'this report' if results.product is None else 'the score'} are those of the "
        "LASSO.",
    )


def coefficients_table(results: Results) -> b.Table:
    """Return the features of the score."""
    model, selection = s.needed(results.model), results.selection
    icc_of = {row.feature: row.icc for row in selection.icc or ()}
    chosen_by = {
        row.feature: ", ".join(CRITERIA.get(c, c) for c in row.criteria)
        for row in selection.chosen
    }
    rows = [
        [
            term.feature,
            significant(term.coefficient, 4),
            decimal(term.per_sd, 3),
            significant(term.mean, 4),
            significant(term.sd, 3),
            f"{significant(term.minimum, 3)} to {significant(term.maximum, 3)}",
            chosen_by.get(term.feature, ""),
            *([decimal(icc_of.get(term.feature))] if icc_of else []),
        ]
        for term in model.coefficients
    ]
    columns = (
        b.Column("Feature", name=True),
        *b.numbers("Coefficient", "Per SD", "Mean", "SD", "Range"),
        *b.texts("Chosen by"),
        *(b.numbers("ICC") if icc_of else ()),
    )
    note = "The weightiest first; mean, SD and range in training."
    return b.Table("Features of the score", columns, rows, note)


SECTION = b.section(
    b.Heading("Formula"),
    b.Html(formula),
    b.Text(formula_sentence),
    b.TableBlock("coefficients", coefficients_table, places=("coefficients",)),
    needs_model=True,
)
