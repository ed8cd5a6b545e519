"""Sentences on the model of a study: selection, penalty and threshold.

Each is empty where the results do not know; `cite` marks what the methods number.
"""

from collections.abc import Mapping
from typing import Any

from sklearn_orn.study._numbers import decimal, significant
from sklearn_orn.study.methods._facts import (
    FOLDS,
    NARROW,
    Facts,
    count,
    join_words,
    sentences,
)
from sklearn_orn.study.methods._phrases_data import quoted
from sklearn_orn.study.methods._references import cite, plain

ICC_FORMS = {
    "ICC(1,1)": "one-way random effects, single measurement",
    "ICC(2,1)": "two-way random effects, absolute agreement, single measurement",
    "ICC(3,1)": "two-way mixed effects, consistency, single measurement",
    "ICC(1,k)": "one-way random effects, mean of the measurements",
    "ICC(2,k)": "two-way random effects, absolute agreement, mean of the measurements",
    "ICC(3,k)": "two-way mixed effects, consistency, mean of the measurements",
}
SCORES = {
    "deviance": "lowest mean deviance",
    "auc": "highest mean AUC",
    "error": "lowest rate of errors",
    "brier": "lowest mean squared error of the probability",
}
# The pipeline's parameters that sentences of their own tell.
TOLD = {
    "extractor__bits",
    "extractor__distances",
    "extractor__families",
    "fcm__combine",
    "fcm__k",
    "icc__criterion",
    "icc__form",
    "icc__threshold",
    "nomogram__class_weight",
    "nomogram__l1_ratio",
    "nomogram__lambda_rule",
    "nomogram__penalty",
    "nomogram__scoring",
    "nomogram__threshold",
}


def icc_sentence(facts: Facts) -> str:
    """Say how the readers' agreement filtered the features."""
    agreement = facts.section("agreement")
    if agreement.get("n_kept") is None:
        return ""
    form = str(agreement.get("form") or facts.parameter("icc__form"))
    threshold = facts.setting("icc_threshold", "icc__threshold")
    what = "lower 95 % confidence limit of the ICC"
    if facts.parameter("icc__criterion") == "estimate":
        what = "ICC"
    kind = f" ({ICC_FORMS[form]})" if form in ICC_FORMS else ""
    where = "training lesions" if facts.held_out else "lesions"
    if agreement.get("n_lesions") is not None:
        where = f"{agreement['n_lesions']} {where}"
    n_features = agreement.get("n_features")
    of = f" of {n_features}" if n_features is not None else ""
    median = ""
    if agreement.get("median_icc") is not None:
        median = f"; median ICC {decimal(agreement['median_icc'])}"
    limits = ""
    if agreement.get("interval_unit") is not None:
        how = "by analysis of variance of the lesions"
        if agreement["interval_unit"] == "patient":
            how = "by leaving out one patient after the other"
        limits = f" The limits of the ICC were found {how}."
    return (
        "Agreement of the readers was measured by the intraclass correlation "
        f"coefficient {form}{kind}{cite('shrout')} in the {where} that all readers "
        f"outlined. Features whose {what} was above {threshold:g} were kept "
        f"({agreement['n_kept']}{of}{median}) and averaged over the readers.{limits}"
    )


def missing_sentence(facts: Facts) -> str:
    """Say how many feature values were undefined and what stands for them."""
    imputed = facts.section("imputed")
    cells, of = imputed.get("n_filled"), imputed.get("n_cells")
    if cells is None or not of:
        return ""
    if not cells:
        return f"None of the {of:,} feature values was missing."
    return (
        f"{cells:,} of {of:,} feature values ({decimal(100 * cells / of)}{NARROW}%) "
        "were not defined for their lesion and were replaced by the median of the "
        "feature in training."
    )


def clinical_missing_sentence(facts: Facts) -> str:
    """Say which clinical values were missing, and what stands for them."""
    found = facts.at("models", "imputed")
    if not isinstance(found, Mapping) or not facts.rows("models", "rows"):
        return ""
    of, rows = found.get("n_lesions"), facts.rows("models", "imputed", "columns")
    if not rows:
        names = clinical_words(facts)
        return f"No value of {names} was missing." if names else ""
    words = [
        f"{quoted(row.get('column'))} in {count(row.get('n_missing'), 'lesion')}"
        + (f" ({row['by']})" if row.get("by") else "")
        for row in rows
    ]
    if of is None or found.get("n_incomplete") is None:
        return ""
    if found.get("rule") == "exclude":
        return (
            f"Of {count(of, 'lesion')}, {found.get('n_incomplete')} had clinical "
            f"values missing ({join_words(words)}) and were left out of the clinical "
            "models; all models were compared on the others."
        )
    return (
        f"Of {count(of, 'lesion')}, {found.get('n_incomplete')} had clinical values "
        "missing, which were replaced, as learnt from the lesions that train: "
        f"{join_words(words)}."
    )


def fcm_sentence(facts: Facts) -> str:
    """Say how the candidates of the model were chosen."""
    k, chosen = facts.setting("k", "fcm__k"), facts.step("fcm")
    if chosen is None or k is None:
        return ""
    overlap = ""
    if facts.parameter("fcm__combine") == "refill":
        overlap = (
            "; where the three lists overlapped, each criterion in turn gave its next "
            f"feature until there were {3 * k}, or no more"
        )
    return (
        f"By each of the Fisher coefficient, the probability of classification error "
        f"combined with average correlation coefficients (POE+ACC){cite('mucciardi')} "
        f"and mutual information{cite('tourassi')}, the {count(k, 'best feature')} "
        f"{'was' if k == 1 else 'were'} taken, as in MaZda{cite('mazda')}{overlap}: "
        f"{count(chosen, 'candidate')}."
    )


def _path_words(lasso: Mapping[str, Any]) -> str:
    lambdas = lasso.get("lambdas")
    n = len(lambdas) if isinstance(lambdas, list | tuple) else 0
    return f" along a path of {n} values" if n > 1 else ""


def rule_words(facts: Facts) -> str:
    """Return how the penalty was chosen."""
    lasso = facts.at("model", "lasso")
    lasso = lasso if isinstance(lasso, Mapping) else {}
    rule, folds = facts.parameter("nomogram__lambda_rule"), facts.at("config", "cv")
    scoring = str(facts.parameter("nomogram__scoring"))
    score = SCORES.get(scoring, scoring)
    value = ""
    if lasso.get("lambda_chosen") is not None:
        value = f" (λ = {significant(lasso['lambda_chosen'], 3)})"
    if rule not in ("min", "1se"):
        return f"was set beforehand{value}"
    best = f"the one with the {score}"
    if rule == "1se":
        best = f"the largest within one standard error of the one with the {score}"
    over = f"{folds}-fold cross-validation" if folds else "cross-validation"
    return f"was {best} in {over} by patient{_path_words(lasso)}{value}"


def lasso_sentence(facts: Facts) -> str:
    """Say which model was fitted and how its penalty was chosen."""
    if not facts.section("model"):
        return ""
    n, kept = facts.step("fcm"), len(facts.selected)
    of = f" of {n}" if n else ""
    if facts.parameter("nomogram__penalty") == "none":
        return "A logistic regression without penalty was fitted to the candidates."
    if facts.parameter("nomogram__penalty") == "firth":
        return (
            "A logistic regression with Firth's penalty was fitted to the candidates."
        )
    ratio = facts.parameter("nomogram__l1_ratio")
    name = "LASSO" if ratio == 1 else f"elastic net (L1 ratio {ratio:g})"
    left = (
        f"It left {kept}{of} features in the radiomics score. The coefficients are on "
        "the features' own scale, and the probability is the logistic function of the "
        "score."
    )
    if not kept:
        left = "It left no feature in the score: the model is its intercept alone."
    return (
        f"A logistic regression with {name} penalty{cite('friedman')} was fitted to "
        "the candidates, standardised by their mean and standard deviation in "
        f"training; {weight_words(facts)}. The penalty {rule_words(facts)}. {left}"
    )


def weight_words(facts: Facts) -> str:
    """Return whether classes were weighted or resampled."""
    weight = facts.parameter("nomogram__class_weight")
    if weight is None:
        return "no class was weighted, over- or undersampled"
    return f"classes were weighted ({plain(str(weight))}), none was resampled"


def threshold_sentence(facts: Facts) -> str:
    """Say where a probability becomes a call."""
    threshold, rule = facts.at("model", "threshold"), "nomogram__threshold"
    if threshold is None:
        return ""
    how = "a threshold set beforehand"
    if facts.parameter(rule) == "youden":
        how = f"the threshold of the largest Youden index{cite('youden')} in training"
    kept = ", kept unchanged for validation" if facts.held_out else ""
    if facts.second.get("part") == FOLDS:
        kept = ", learnt anew in each fold of the cross-validation"
    return (
        f"A lesion was called {plain(facts.positive)} at a probability of "
        f"{decimal(threshold, 3)} or more, {how}{kept}."
    )


def further_sentence(facts: Facts) -> str:
    """Name the parameters of the pipeline that no other sentence tells."""
    given = facts.at("config", "pipeline")
    rest = {k: v for k, v in dict(given or {}).items() if k not in TOLD}
    if not rest:
        return ""
    words = [f"{plain(str(k))} = {plain(str(v))}" for k, v in sorted(rest.items())]
    return f"Further parameters of the pipeline were set: {join_words(words)}."


def clinical_words(facts: Facts) -> str:
    """Return the clinical columns; empty where there are none."""
    names = facts.at("config", "clinical")
    if not isinstance(names, list | tuple):
        return ""
    return join_words([quoted(name) for name in names])


def model_paragraph(facts: Facts) -> str:
    """Return the paragraph on selection and model."""
    return sentences(
        icc_sentence(facts),
        missing_sentence(facts),
        fcm_sentence(facts),
        lasso_sentence(facts),
        threshold_sentence(facts),
        further_sentence(facts),
    )
