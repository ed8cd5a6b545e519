"""CLEAR: how each of its 58 items is answered from a run.

Numbers and sections are those of Kocak B, Baessler B, Bakas S, et al., Insights
Imaging 2023;14:75, and of its checklist site
https://clearchecklist.github.io/clear_checklist/CLEAR.html; the wording of the items
is ours.
"""

from types import MappingProxyType

from sklearn_orn.study._numbers import decimal, significant
from sklearn_orn.study.checklists import _answers_data as of_data
from sklearn_orn.study.checklists import _answers_images as of_images
from sklearn_orn.study.checklists import _answers_model as of_model
from sklearn_orn.study.checklists._answer import (
    Answer,
    absent,
    ask,
    author,
    filled,
    filled_or,
    not_done,
)
from sklearn_orn.study.methods import _phrases_data as data
from sklearn_orn.study.methods import _phrases_evaluation as evaluation
from sklearn_orn.study.methods import _phrases_model as model
from sklearn_orn.study.methods._facts import Facts, count, join_words, sentences
from sklearn_orn.study.methods._references import BIBLIOGRAPHY

CITATION = BIBLIOGRAPHY["clear"]


def pipeline_steps(facts: Facts) -> Answer:
    """Item 12: an overview of the analysis."""
    return filled_or(
        not_done("The results name no steps.", "Draw the steps of the analysis."),
        of_model.steps_text(facts),
        places=("steps", "methods"),
        to_do="A drawing of these steps helps readers.",
    )


def clinical_predictors(facts: Facts) -> Answer:
    """Item 17: predictors that are not radiomic."""
    words = model.clinical_words(facts)
    if not words:
        return not_done(
            "No clinical column entered a model: the score has texture features only.",
            "Name clinical columns in study.yaml, so that a clinical model is fitted.",
        )
    return filled(
        f"Clinical columns of the clinical and the combined model: {words}.",
        "config",
        "models",
        to_do="Define each, with its unit, and say why it was taken.",
    )


def resampling(facts: Facts) -> Answer:
    """Item 22: resampling of pixels."""
    if not facts.from_images:
        return author("Say whether pixels were resampled before they were measured.")
    return filled(
        "Pixels were not resampled: features are of the pixels as acquired.",
        "config",
        "protocol",
    )


def discretization(facts: Facts) -> Answer:
    """Item 23: how grey levels were binned."""
    return filled_or(
        author("Describe how grey levels were binned before the feature table."),
        data.bits_sentence(facts),
        places=("config", "versions"),
    )


def image_types(facts: Facts) -> Answer:
    """Item 24: original or filtered images."""
    if not facts.from_images:
        return author("Name the image types from which the features were taken.")
    counts = data.family_counts(facts)
    words = ["the original image"]
    if counts.get("gradient"):
        words.append(f"the map of its gradient ({counts['gradient']} features)")
    if counts.get("wavelet"):
        n = counts["wavelet"]
        words.append(f"its Haar wavelet transform at up to five scales ({n} features)")
    if not counts:
        return author("Name the image types from which the features were taken.")
    return filled(f"Features are of {join_words(words)}.", "config", "versions")


def extraction(facts: Facts) -> Answer:
    """Item 25: how features were measured."""
    if not facts.from_images:
        return author("Name the program, its version and whether it follows IBSI.")
    to_do = "Say that these definitions are MaZda's; they are not benchmarked by IBSI."
    return filled_or(
        author("Name the program that measured the features, and its version."),
        data.features_sentence(facts),
        data.slice_sentence(facts),
        places=("steps", "versions"),
        to_do=to_do,
    )


def feature_classes(facts: Facts) -> Answer:
    """Item 26: classes of features."""
    counts = data.family_counts(facts)
    words = [f"{n} {data.FAMILY_WORDS.get(f, f)}" for f, n in counts.items()]
    if not words:
        return author("Name the classes of the features, with the number of each.")
    return filled(f"Hand-crafted features: {join_words(words)}.", "steps")


def feature_number(facts: Facts) -> Answer:
    """Item 27: features per lesion."""
    n = facts.step("extractor")
    if n is None:
        return not_done("The results do not count the features.", "Count them.")
    each = " and reader" if len(facts.readers) > 1 else ""
    return filled(f"{count(n, 'feature')} per lesion{each}.", "steps")


def default_settings(facts: Facts) -> Answer:
    """Item 28: parameters that were not named."""
    return filled_or(
        author("Say that all other parameters had their defaults."),
        data.defaults_sentence(facts),
        model.further_sentence(facts),
        places=("versions", "config"),
    )


def tuning(facts: Facts) -> Answer:
    """Item 35: training and tuning."""
    if not facts.section("model"):
        return not_done("There is no model.", "Fit a model.")
    lasso, seed = facts.at("model", "lasso"), facts.at("config", "random_state")
    values = [v for v in (lasso or {}).get("lambdas") or () if v is not None]
    path = ""
    if values:
        low, high = significant(min(values), 3), significant(max(values), 3)
        path = f"The path runs from λ = {high} to {low}."
    return filled(
        sentences(
            f"The penalty {model.rule_words(facts)}.",
            path,
            f"Seed {seed}." if seed is not None else "",
            model.threshold_sentence(facts),
        ),
        "lasso",
        "config",
    )


def model_selection(facts: Facts) -> Answer:
    """Item 37: how the final model was picked."""
    if not facts.section("model"):
        return not_done("There is no model.", "Fit a model.")
    return filled(
        "One kind of model was fitted, so none was picked by its results; its penalty "
        f"{model.rule_words(facts)}, on the training lesions alone.",
        "lasso",
    )


def uncertainty(facts: Facts) -> Answer:
    """Item 40: how uncertainty was expressed."""
    return filled_or(
        not_done("No part of the study was judged.", "Report intervals."),
        evaluation.interval_sentence(facts),
        evaluation.optimism_sentence(facts),
        evaluation.stability_sentence(facts),
        evaluation.permuted_sentence(facts),
        evaluation.swap_sentence(facts),
        evaluation.grid_sentence(facts),
        places=("performance", "optimism", "stability"),
    )


def statistical_comparison(facts: Facts) -> Answer:
    """Item 41: tests that compare models."""
    rows = facts.rows("models", "comparisons")
    if not rows:
        return absent(
            facts,
            "models",
            "No models were compared by a test",
            "Name clinical columns in study.yaml, so that models are compared.",
        )
    correction = ""
    if len(rows) > 1:
        correction = f"The {len(rows)} p values are not corrected for their number."
    return filled(
        sentences(
            evaluation.models_sentence(facts),
            correction,
            model.threshold_sentence(facts),
            evaluation.software_sentence(facts),
        ),
        "models",
        "versions",
    )


def other_methods(facts: Facts) -> Answer:
    """Item 42: models without radiomics, and clinical use."""
    missing = absent(
        facts,
        "models",
        "No model without radiomics was fitted",
        "Name clinical columns in study.yaml.",
    )
    text = evaluation.models_sentence(facts)
    if not text:
        return missing
    return filled(
        sentences(text, evaluation.decision_sentence(facts)), "models", "decision"
    )


def interpretability(facts: Facts) -> Answer:
    """Item 43: what helps to understand the model."""
    rows = facts.rows("model", "coefficients")
    if not rows:
        return not_done(
            "The score has no feature, so there is nothing to explain.",
            "Report that texture told nothing of the outcome.",
        )
    words = [f"{r.get('feature')} ({decimal(r.get('per_sd'))})" for r in rows]
    return filled(
        "The model is a formula of "
        f"{count(len(rows), 'feature')}, drawn as a nomogram. Coefficient per standard "
        f"deviation: {', '.join(words)}.",
        "formula",
        "nomogram",
        to_do="Say what these features mean for the tissue.",
    )


def feature_statistics(facts: Facts) -> Answer:
    """Item 46: numbers on the features."""
    rows = facts.rows("model", "coefficients")
    words = [
        f"{r.get('feature')} (mean {significant(r.get('mean'), 3)}, SD "
        f"{significant(r.get('sd'), 3)})"
        for r in rows
    ]
    steps = facts.rows("stability", "steps")
    stable = ""
    if steps:
        values = ", ".join(f"{s['step']} {decimal(s['stability'])}" for s in steps)
        stable = f"Stability of the selection (Nogueira's index): {values}."
    return filled_or(
        not_done("The results count no features.", "Report them."),
        of_model.steps_text(facts),
        f"In the score: {'; '.join(words)}." if words else "",
        stable,
        places=("steps", "coefficients", "icc", "stability"),
    )


ANSWERS = MappingProxyType(
    {
        "1": ask("Name radiomics, the imaging and the validation in the title."),
        "2": of_model.abstract,
        "3": ask("Give keywords such as radiomics, texture analysis, nomogram."),
        "4": ask("Describe the clinical problem and the gap in knowledge."),
        "5": ask("Say what radiomics could add, and what present methods lack."),
        "6": ask("State the aims."),
        "7": of_model.adherence,
        "8": ask("Name the committee, its number, and how consent was dealt with."),
        "9": of_data.sample_size,
        "10": ask("Say whether patients were collected looking back or forward."),
        "11": of_data.eligibility,
        "12": pipeline_steps,
        "13": of_data.data_source,
        "14": ask("Say whether any of these patients are in an earlier paper."),
        "15": of_data.partition,
        "16": of_images.protocol,
        "17": clinical_predictors,
        "18": of_data.reference_standard,
        "19": of_images.segmentation,
        "20": of_images.readers,
        "21": of_images.preprocessing,
        "22": resampling,
        "23": discretization,
        "24": image_types,
        "25": extraction,
        "26": feature_classes,
        "27": feature_number,
        "28": default_settings,
        "29": of_data.missing_data,
        "30": of_data.imbalance,
        "31": of_images.reliability,
        "32": of_model.scaling,
        "33": of_model.reduction,
        "34": of_model.algorithm,
        "35": tuning,
        "36": of_data.confounders,
        "37": model_selection,
        "38": of_model.other_lesions,
        "39": of_model.measures,
        "40": uncertainty,
        "41": statistical_comparison,
        "42": other_methods,
        "43": interpretability,
        "44": of_data.baseline,
        "45": of_data.flow,
        "46": feature_statistics,
        "47": of_model.performance,
        "48": of_model.comparison,
        "49": ask("Sum up the main findings."),
        "50": ask("Compare with earlier work."),
        "51": ask("Say what follows for practice."),
        "52": of_model.limitations,
        "53": ask("Share images and outlines, or say why not."),
        "54": ask("Share features.csv with the outcome, or say why not."),
        "55": of_images.settings,
        "56": of_model.code,
        "57": ask("Share the model file or results.json, or say why not."),
        "58": ask("Put calculator.html online, or say why not."),
    }
)
