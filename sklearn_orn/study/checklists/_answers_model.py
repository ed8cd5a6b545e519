"""Answers on the model and its performance that more than one checklist asks for."""

from collections.abc import Mapping
from typing import Any

from sklearn_orn.study._numbers import decimal, p_value, proportion_text
from sklearn_orn.study.checklists._answer import (
    PART_PLACES,
    Answer,
    absent,
    author,
    filled,
    filled_or,
    not_done,
)
from sklearn_orn.study.methods import _phrases_data as data
from sklearn_orn.study.methods import _phrases_evaluation as evaluation
from sklearn_orn.study.methods import _phrases_model as model
from sklearn_orn.study.methods._facts import (
    FOLDS,
    Facts,
    interval,
    join_words,
    sentences,
)

MEASURES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "accuracy": "accuracy",
    "ppv": "positive predictive value",
    "npv": "negative predictive value",
}


def auc_words(part: Mapping[str, Any]) -> str:
    """Return the AUC of a part with its interval; empty where it has none."""
    auc = part.get("auc")
    if not isinstance(auc, Mapping) or auc.get("auc") is None:
        return ""
    return f"AUC {interval(auc)}"


def proportion_words(found: Any) -> str:
    """Return a proportion with its counts; empty where it is not known."""
    if not isinstance(found, Mapping):
        return ""
    if any(found.get(key) is None for key in ("count", "total", "estimate")):
        return ""
    return proportion_text(found["count"], found["total"], found["estimate"])


def part_words(part: Mapping[str, Any]) -> str:
    """Return all measures of a part in one sentence."""
    found = part.get("performance")
    found = found if isinstance(found, Mapping) else {}
    words = [auc_words(part)]
    words += [
        f"{name} {text}"
        for key, name in MEASURES.items()
        if (text := proportion_words(found.get(key)))
    ]
    words.append(evaluation.rate_words(part))
    text = ", ".join(word for word in words if word)
    name = PART_PLACES.get(str(part.get("part")), str(part.get("part")))
    return f"{name}: {text}." if text else ""


def performance_text(facts: Facts) -> str:
    """Return the measures of all parts and ways, what may be quoted first."""
    second, training = part_words(facts.second), part_words(facts.training)
    resampled = (nested_text(facts), plus_632_text(facts))
    if facts.held_out:
        return sentences(second, *resampled, training)
    return sentences(*resampled, second, training)


def _auc_row(facts: Facts) -> Mapping[str, Any]:
    rows = facts.rows("optimism", "measures")
    return next((row for row in rows if row.get("key") == "auc"), {})


def plus_632_text(facts: Facts) -> str:
    """Return the .632+ estimate of the AUC."""
    value = _auc_row(facts).get("plus_632")
    return "" if value is None else f".632+ bootstrap: AUC {decimal(value)}."


def harrell_text(facts: Facts) -> str:
    """Return Harrell's corrected AUC, and that it is too high after selection."""
    value = _auc_row(facts).get("corrected")
    if value is None:
        return ""
    return (
        f"Harrell's corrected AUC, as rms gives it: {decimal(value)}, which stays too "
        "high where features were selected from many."
    )


def nested_text(facts: Facts) -> str:
    """Return the AUC of nested cross-validation."""
    nested = facts.section("nested")
    if nested.get("auc") is None:
        return ""
    return f"Nested cross-validation by patient: AUC {interval(nested)}."


def calibration_text(facts: Facts) -> str:
    """Return slope, calibration in the large and Brier score of all parts."""
    words = []
    for part in facts.parts:
        found = part.get("calibration")
        if isinstance(found, Mapping):
            name = PART_PLACES.get(str(part.get("part")), str(part.get("part")))
            words.append(
                f"{name}: calibration slope {decimal(found.get('slope'))}, calibration "
                f"in the large {decimal(found.get('calibration_in_the_large'))}, Brier "
                "score "
                f"{decimal(found.get('brier'), 3)}."
            )
    return sentences(*words)


def models_text(facts: Facts) -> str:
    """Return the AUCs of the models that were compared, and the tests."""
    rows = [r for r in facts.rows("models", "rows") if r.get("auc") is not None]
    if len(rows) < 2:
        return ""
    words = [f"{row.get('name')} {interval(row)}" for row in rows]
    compared = [
        f"{row.get('first')} against {row.get('second')}: difference "
        f"{interval(row, 'difference')}, p {p_value(row.get('p_value'))}"
        for row in facts.rows("models", "comparisons")
    ]
    return sentences(
        f"AUC: {join_words(words)}.",
        f"{'; '.join(compared)}." if compared else "",
        str(facts.at("models", "verdict") or ""),
    )


def steps_text(facts: Facts) -> str:
    """Return how many features stay at each step."""
    words = [
        f"{row['n_features']} {str(row.get('name')).lower()}"
        for row in facts.rows("features")
        if row.get("n_features") is not None
    ]
    return f"Features: {', '.join(words)}." if words else ""


def abstract(facts: Facts) -> Answer:
    """Item 2: what an abstract needs from the run."""
    text = sentences(data.cohort_sentence(facts), performance_text(facts))
    return author(
        "Write the abstract; these numbers belong in it.", text, "performance"
    )


def scaling(facts: Facts) -> Answer:
    """Answer how the features were scaled for the model."""
    if not facts.section("model"):
        return not_done("There is no model.", "Fit a model.")
    if facts.parameter("nomogram__penalty") in ("none", "firth"):
        return filled("Features enter on their own scale, linear.", "methods")
    return filled(
        "For the penalty each feature was standardised by its mean and standard "
        "deviation in training; the same numbers serve the lesions that judge. The "
        "coefficients "
        "are given on the features' own scale, linear, without transformation.",
        "methods",
        "coefficients",
    )


def reduction(facts: Facts) -> Answer:
    """Answer how the number of features was reduced."""
    missing = not_done("The results name no step of selection.", "Report each step.")
    if facts.step("icc") is None and facts.step("fcm") is None:
        return missing
    return filled_or(
        missing,
        steps_text(facts),
        model.icc_sentence(facts),
        model.fcm_sentence(facts),
        places=("steps",),
    )


def algorithm(facts: Facts) -> Answer:
    """Answer which model was fitted."""
    text = model.lasso_sentence(facts)
    if not text:
        return not_done("There is no model.", "Fit a model.")
    program = evaluation.software_sentence(facts)
    return filled(sentences(text, program), "formula", "lasso", "versions")


def performance(facts: Facts) -> Answer:
    """Answer how well the model does, with intervals."""
    return filled_or(
        not_done("No part of the study was judged.", "Judge the model."),
        performance_text(facts),
        harrell_text(facts),
        calibration_text(facts),
        places=("performance", "calibration"),
    )


def measures(facts: Facts) -> Answer:
    """Answer by which measures and plots the model was judged."""
    return filled_or(
        not_done("No part of the study was judged.", "Judge the model."),
        evaluation.interval_sentence(facts),
        evaluation.calibration_sentence(facts),
        evaluation.decision_sentence(facts),
        places=("performance", "calibration", "decision"),
        to_do="Say why these measures suit the clinical question.",
    )


def other_lesions(facts: Facts) -> Answer:
    """Item 38: on which data the model was tested."""
    part = facts.second
    if not part:
        return not_done(
            "The model was not tested on other lesions.",
            "Hold patients back for validation, or cross-validate.",
        )
    kind = "Patients held back"
    if facts.temporal:
        kind = "Later patients"
    if part.get("part") == FOLDS:
        kind = "Internal, by cross-validation"
    return filled(
        f"{kind}: {data.part_counts(part)}, {auc_words(part)}.",
        "performance",
        to_do="Say whether these patients come from another institution: only then is "
        "the test external.",
    )


def comparison(facts: Facts) -> Answer:
    """Answer how the model compares with models without radiomics."""
    missing = absent(
        facts,
        "models",
        "No other model was compared",
        "Name clinical columns in study.yaml, so that a clinical model is fitted.",
    )
    return filled_or(missing, models_text(facts), places=("models",))


def adherence(facts: Facts) -> Answer:
    """Item 7: which checklists go with the report."""
    return filled(
        "CLEAR, TRIPOD+AI and METRICS are filled in from the run and go with the "
        "report.",
        "checklists",
        to_do="Say so in the paper, and submit them as a supplement.",
    )


def limitations(facts: Facts) -> Answer:
    """Item 52: what the report warns of."""
    titles = [str(row.get("title")).rstrip(".") for row in facts.rows("warnings")]
    text = f"The report warns of: {'; '.join(titles)}." if titles else ""
    return author("Discuss strengths and limits.", text, "warnings")


def code(facts: Facts) -> Answer:
    """Item 56: code of the modelling."""
    return author(
        "Give the address of the code: sklearn-orn is open source (BSD-3-Clause); add "
        "study.yaml and the manifest of the run.",
        evaluation.software_sentence(facts),
        "versions",
    )
