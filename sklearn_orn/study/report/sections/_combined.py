"""Clinical columns and the radiomics score in one model: odds ratios and nomogram."""

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._combined import combined_model
from sklearn_orn.study._combined_formula import formula_terms, spline_sentences
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._odds_units import in_units, per_unit, unit_of
from sklearn_orn.study._verdict import combined_words
from sklearn_orn.study._written_numbers import (
    MINUS,
    MISSING,
    decimal,
    p_value,
    significant,
)
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._formula import FORMULA, LINE
from sklearn_orn.study.report.sections._sequence_scores import (
    ratio,
    scores_of,
    scores_table,
    sequence_ratios,
)
from sklearn_orn.study.results import Combined, CombinedPredictor, OddsRatio, Results

KINDS = ("univariable", "multivariable")


def of_this_study(study: Study, results: Results) -> Combined:
    """Fit clinical columns and the cross-fitted score in training."""
    config = study.config
    return combined_model(
        lambda: study.scores,
        study.design,
        config,
        clinical=clinical_table(study.cohort.clinical, config.clinical_kinds),
    )


def _ratio_cells(row: OddsRatio) -> list[str]:
    if row.level is not None and row.odds_ratio == 1 and row.lower is None:
        return ["1 (reference)", ""]
    if None in (row.odds_ratio, row.lower, row.upper):
        steep = row.p_value is not None
        return ["no number for one unit" if steep else "not estimable", MISSING]
    limits = f"{ratio(row.lower)} to {ratio(row.upper)}"
    return [f"{ratio(row.odds_ratio)} ({limits})", p_value(row.p_value)]


def _name(row: OddsRatio, predictors: dict[str, CombinedPredictor]) -> str:
    if row.level is not None:
        return f"{row.predictor}: {row.level}"
    if predictors[row.predictor].kind == "ordinal":
        levels = predictors[row.predictor].levels
        return f"{row.predictor}, each step from {levels[0]} to {levels[-1]}"
    return f"{row.predictor}{_quartiles(row)}{per_unit(predictors[row.predictor])}"


def _quartiles(row: OddsRatio) -> str:
    """Return which values of a spline are compared."""
    if row.low is None or row.high is None:
        return ""
    return f", {row.high:.4g} against {row.low:.4g}"


def _by_name(found: Combined) -> dict[str, CombinedPredictor]:
    return {row.name: row for row in (*found.predictors, *found.not_selected)}


def odds_ratio_table(results: Results) -> b.Table:
    """Return the odds ratio of each predictor, alone and with the others."""
    found = s.needed(results.combined)
    predictors = _by_name(found)
    both = {
        (row.predictor, row.level): in_units(row, predictors)
        for row in found.multivariable
    }
    rows = []
    for one in (in_units(row, predictors) for row in found.univariable):
        other = both.get((one.predictor, one.level))
        rows.append(
            [_name(one, predictors), str(one.n_lesions), *_ratio_cells(one)]
            + (["not selected", ""] if other is None else _ratio_cells(other))
        )
    penalty = ", with Firth's penalty" if found.penalty == "firth" else ""
    curved = any(row.knots for row in predictors.values())
    splines = (
        ", of a spline for its upper quartile against the lower, with the p of all "
        "its terms"
        if curved
        else ""
    )
    of = "OR (95 % CI)"
    scaled = any(unit_of(row) != 1 for row in predictors.values())
    units = " or as many as its name says," if scaled else ""
    heads = (f"Univariable {of}", "p", f"Multivariable {of}", "p, multivariable")
    return b.Table(
        f"Odds ratios of {combined_words(results.config)}, training",
        (b.Column("Predictor", name=True), *b.numbers("Lesions", *heads)),
        rows,
        f"Odds of {results.classes[1]}, for one unit of a number{units} or against the "
        f"reference{splines}; {found.n_lesions} lesions of {found.n_patients} "
        f"patients, {found.n_positive} of them {results.classes[1]}{penalty}. "
        "Intervals and p by patient; those of the score with its variance doubled, for "
        "it is estimated.",
    )


def draw_odds_ratios(results: Results) -> "b.Figure":
    """Draw the forest plot of the odds ratios that can be estimated."""
    from sklearn_orn.plotting import OddsRatioDisplay

    found = s.needed(results.combined)
    predictors = _by_name(found)
    rows = []
    for kind, part in zip(KINDS, (found.univariable, found.multivariable), strict=True):
        for row in part:
            steps = predictors[row.predictor].kind == "ordinal"
            per = _quartiles(row) + per_unit(predictors[row.predictor])
            name = f"{row.predictor}{', per step' if steps else per}"
            told = vars(in_units(row, predictors))
            rows.append(told | {"kind": kind.capitalize(), "predictor": name})
    table = pd.DataFrame(rows)
    numbers = ["odds_ratio", "lower", "upper", "p_value"]
    table[numbers] = table[numbers].astype(float)
    drawn = table["lower"].notna() & table["upper"].notna()
    if not drawn.any():
        raise NotEstimable("No odds ratio can be estimated.")
    n_rows = len(table[drawn].drop_duplicates(["predictor", "level"]))
    figure = s.new_figure(s.PAGE, 0.36 * n_rows + 1.0)
    OddsRatioDisplay(table).plot(ax=figure.subplots())
    return figure


def odds_ratio_sentence(results: Results) -> str:
    """Say what the score's odds ratio says, and why it is cross-fitted."""
    found = s.needed(results.combined)
    text = (
        "The score of each lesion comes from a model that has not seen its patient "
        f"({found.n_folds} folds): the apparent score would look stronger than it is. "
    )
    if results.config.scores == "separate":
        return f"{text}{' '.join(sequence_ratios(results, found))}"
    (name,) = scores_of(found)
    row = next(row for row in found.multivariable if row.predictor == name)
    if row.odds_ratio is None or row.lower is None or row.upper is None:
        return f"{text}Beside the clinical columns its odds ratio is not estimable."
    one = "" if row.lower > 1 or row.upper < 1 else "; 1, no effect, is not ruled out"
    return (
        f"{text}Beside the clinical columns, one unit more of it (of log-odds) "
        f"multiplies the odds of {results.classes[1]} by {ratio(row.odds_ratio)} "
        f"(95{s.PERCENT} CI {ratio(row.lower)} to {ratio(row.upper)}{one})."
    )


def separated_columns(results: Results) -> Iterator[str]:
    """Say which predictors have no finite odds ratio, and what to do."""
    found = s.needed(results.combined)
    for name in found.separated:
        yield (
            f"“{name}” has no finite odds ratio: the lesions of one of its levels, or "
            "beyond one of its values, are of one class. Join levels, leave the column "
            "out, or set clinical_penalty: firth."
        )


def curved_columns(results: Results) -> Iterator[str]:
    """Say whether the splines are shown to be curved."""
    for row in s.needed(results.combined).multivariable:
        if row.p_nonlinear is not None:
            yield (
                f"“{row.predictor}” is a spline; test of nonlinearity, beside the "
                f"others: p = {p_value(row.p_nonlinear)}."
            )


def wants_combined(results: Results) -> bool:
    """Say whether the study asks for the combined nomogram."""
    return results.config.nomogram == "combined"


def draw_combined_nomogram(results: Results) -> "b.Figure":
    """Draw clinical columns and score as axes, with the worked lesion."""
    from sklearn_orn.model import Nomogram
    from sklearn_orn.plotting import NomogramDisplay

    found = s.needed(results.combined)
    if found.separated:
        raise NotEstimable(" ".join(separated_columns(results)))
    coefficients, categories, ranges = _named_terms(found)
    nomogram = Nomogram.from_coefficients(
        coefficients,
        found.intercept,
        ranges,
        categories=categories,
        knots={row.name: row.knots for row in found.predictors if row.knots},
        labels={
            **{name: name[:1].upper() + name[1:] for name in scores_of(found)},
            "probability": f"Probability of {results.classes[1]}",
        },
    )
    figure = s.new_figure(s.PAGE, 31.0 * (len(nomogram.predictors) + 4) / 72 + 0.1)
    patient = pd.Series(found.worked.values, dtype=object)
    NomogramDisplay(nomogram).plot(ax=figure.subplots(), patient=patient)
    return figure


Terms = tuple[
    dict[str, float], dict[str, tuple[float | str, ...]], dict[str, tuple[float, float]]
]


def _named_terms(found: Combined) -> Terms:
    """Return coefficients, levels and ranges, as a nomogram takes them."""
    coefficients: dict[str, float] = {}
    categories: dict[str, tuple[float | str, ...]] = {}
    ranges: dict[str, tuple[float, float]] = {}
    predictors = {predictor.name: predictor for predictor in found.predictors}
    for row in found.multivariable:
        predictor = predictors[row.predictor]
        if predictor.levels:
            categories[row.predictor] = predictor.levels
        if row.level is not None:
            coefficients[f"{row.predictor}={row.level}"] = row.coefficient
        elif predictor.levels:
            for i, level in enumerate(predictor.levels):
                coefficients[f"{row.predictor}={level}"] = i * row.coefficient
        else:
            terms = predictor.terms or (row.coefficient,)
            coefficients |= {row.predictor + "'" * j: w for j, w in enumerate(terms)}
            if predictor.values:
                categories[row.predictor] = predictor.values
            assert predictor.minimum is not None and predictor.maximum is not None
            ranges[row.predictor] = (predictor.minimum, predictor.maximum)
    return coefficients, categories, ranges


def nomogram_sentence(results: Results) -> str:
    """Say how to use the nomogram, and which lesion is drawn on it."""
    worked = s.needed(results.combined).worked
    axes = "The radiomics score is that of the formula, the other axes are clinical."
    if results.config.scores == "separate":
        axes = "The radiomics scores are those of the formulas of the sequences"
        axes += ", the other axes are clinical." if results.config.clinical else "."
    return (
        f"{axes} Go from each value up to the points, add the points, and read the "
        f"probability of {results.classes[1]} below their total. Drawn on it is "
        f"{s.worked_lesion(worked, 'prediction')}."
    )


def files_sentence(results: Results, files: b.Files) -> str:
    """Say which model the files of the study hold."""
    if not wants_combined(results) or not s.has_model(results):
        return ""
    if results.product is None:
        return Markup(
            "<p>The combined model cannot be estimated: <code>model.json</code> and "
            "the calculator hold the model of the radiomics score alone.</p>"
        )
    text = Markup(
        "<p><code>model.json</code> is this model, from {} and clinical columns to the "
        "probability; <code>scores.csv</code> has that of each lesion.{}</p>"
    )
    calculator = Markup("")
    if files.calculator is not None:
        calculator = Markup(
            ' The same model to fill in: <a href="{0}">{0}</a>, one page that needs no '
            "network."
        ).format(files.calculator)
    of = "images, outlines" if results.source == "images" else "features"
    return text.format(of, calculator)


def formula(results: Results, files: b.Files) -> str:
    """Write the combined formula, a line for each term."""
    if results.product is None:
        return ""
    (first, _), *rest = formula_terms(results.product)
    lines = LINE.format("log-odds", "=", "", s.power(significant(first)), "", "")
    for weight, term in rest:
        sign = MINUS if weight < 0 else "+"
        number = s.power(significant(abs(weight)))
        lines += LINE.format("", sign, "", number, "×", term)
    return FORMULA.format("combined model", lines, results.classes[1], "log-odds")


def formula_sentences(results: Results) -> Iterator[str]:
    """Say what goes into the formula, and from where a lesion is positive."""
    found = results.product
    if found is None:
        return
    how = "set beforehand"
    if "nomogram__threshold" not in results.config.pipeline:
        how = "the one with the highest sensitivity + specificity − 1 in training"
    scores = f"The {scores_of(found)[0]} is that of its own formula"
    if results.config.scores == "separate":
        scores = (
            "Each radiomics score is that of its own formula (see the table of the "
            "scores)"
        )
    yield (
        f"{scores}, of a model that has seen all "
        "lesions in training; a level in [ ] counts as 1 where it is so, else as "
        f"0. A lesion is called {results.classes[1]} where P reaches "
        f"{decimal(found.threshold, 3)}, {how}. The coefficients are the logarithms of "
        "the multivariable odds ratios; results.json has all their digits."
    )
    yield from spline_sentences(found)
    if any(row.levels for row in found.predictors if row.kind == "categorical"):
        yield (
            "A level that training did not have is refused for new patients, with the "
            "levels that are known; in this study it counts as the reference."
        )


NOMOGRAM = b.section(
    b.FigureBlock(
        "combined-nomogram",
        "Nomogram of {combined} for the probability of {positive}",
        draw_combined_nomogram,
        nomogram_sentence,
        wanted=wants_combined,
    ),
    b.Html(files_sentence),
    b.Heading("Formula of the combined model", lambda r: r.product is not None),
    b.Html(formula),
    b.Text(formula_sentences),
    b.TableBlock("sequence-scores", scores_table),
    needs_model=True,
)


def _wants_odds(results: Results) -> bool:
    return bool(results.config.clinical) or results.config.scores == "separate"


has_combined = s.has("combined")


ODDS_RATIOS = b.section(
    b.Heading("Odds ratios", wanted=_wants_odds),
    b.TableBlock("odds-ratios", odds_ratio_table, layout="wide"),
    b.FigureBlock(
        "odds-ratios",
        "Odds ratios",
        draw_odds_ratios,
        odds_ratio_sentence,
        wanted=has_combined,
    ),
    b.Text(lambda results: curved_columns(results) if has_combined(results) else ()),
    b.Text(lambda results: separated_columns(results) if has_combined(results) else ()),
    b.Absence("Odds ratios", lambda results: _wants_odds(results) and results.combined),
    needs_model=True,
    analyses=(b.Analysis("combined", of_this_study, "odds ratios"),),
)
