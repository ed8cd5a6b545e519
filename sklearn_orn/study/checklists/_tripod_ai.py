"""TRIPOD+AI: how each of its 52 sub-items is answered from a run.

Numbers and sections are those of Collins GS, Moons KGM, Dhiman P, et al., BMJ
2024;385:e078378, Table 2 (checklist of 11 January 2024, https://www.tripod-statement.org);
the wording of the items is ours.
"""

from types import MappingProxyType

from sklearn_orn.study._numbers import decimal, significant
from sklearn_orn.study.checklists import _answers_data as of_data
from sklearn_orn.study.checklists import _answers_model as of_model
from sklearn_orn.study.checklists._answer import (
    FILLED,
    PART_PLACES,
    Answer,
    absent,
    ask,
    author,
    filled,
    filled_or,
    not_applicable,
    not_done,
)
from sklearn_orn.study.methods import _phrases_data as data
from sklearn_orn.study.methods import _phrases_evaluation as evaluation
from sklearn_orn.study.methods import _phrases_model as model
from sklearn_orn.study.methods._facts import FOLDS, Facts, count, join_words, sentences
from sklearn_orn.study.methods._references import BIBLIOGRAPHY

CITATION = BIBLIOGRAPHY["tripod"]


def objectives(facts: Facts) -> Answer:
    """Item 4: aims."""
    kind = "developed"
    if facts.second:
        kind += " and evaluated" if facts.held_out else " and internally validated"
    known = f"The run {kind} a prediction model." if facts.section("model") else ""
    return author("State the aims.", known, "methods")


def dates(facts: Facts) -> Answer:
    """Item 5b: when patients entered."""
    known = data.split_sentence(facts) if facts.temporal else ""
    return author("Give the first and the last date of entry.", known, "config")


def preparation(facts: Facts) -> Answer:
    """Item 7: processing and checks of the data."""
    known = [
        data.window_sentence(facts),
        data.bits_sentence(facts),
        model.missing_sentence(facts),
        model.clinical_missing_sentence(facts),
        data.left_out_words(facts),
    ]
    return filled_or(
        author("Describe how the data were processed and checked."),
        *known,
        places=("config", "imputed", "left_out"),
        to_do="Say whether this was alike in all groups of patients.",
    )


def initial_predictors(facts: Facts) -> Answer:
    """Item 9a: predictors at first, and any choice before modelling."""
    n = facts.step("extractor")
    if n is None:
        return not_done("The results do not count the features.", "Count them.")
    return filled(
        sentences(
            f"All {count(n, 'feature')} that were measured were candidates.",
            model.icc_sentence(facts),
            model.fcm_sentence(facts),
        ),
        "steps",
    )


def predictors(facts: Facts) -> Answer:
    """Item 9b: definitions of the predictors."""
    to_do = "Define the clinical predictors, and say whether readers were blinded."
    if not facts.from_images:
        return author("Define each feature, and how it was measured.")
    return filled_or(
        author("Define each feature, and how it was measured."),
        data.features_sentence(facts),
        data.slice_sentence(facts),
        places=("steps", "versions"),
        to_do=to_do,
    )


def assessors(facts: Facts) -> Answer:
    """Item 9c: who measured predictors that take judgement."""
    return author(
        "Give the readers' training and experience.",
        data.readers_sentence(facts),
        "readers",
    )


def model_building(facts: Facts) -> Answer:
    """Item 12c: type of model, building it, internal validation."""
    answer = of_model.algorithm(facts)
    if answer.status != FILLED:
        return answer
    return filled(
        sentences(
            model.fcm_sentence(facts),
            answer.text,
            evaluation.optimism_sentence(facts),
            evaluation.nested_sentence(facts),
        ),
        *answer.places,
        "optimism",
        "nested",
    )


def clusters(facts: Facts) -> Answer:
    """Items 12d and 23b: differences between clusters."""
    known = ""
    if facts.clustered:
        known = " Lesions of one patient were kept together, and intervals count them."
    return not_done(
        f"No differences between hospitals or scanners were examined.{known}",
        "Where there are several, report performance in each "
        "(sklearn_orn.metrics.subgroup_table).",
        "performance",
    )


def updating(facts: Facts) -> Answer:
    """Item 12f: updating."""
    if not facts.section("model"):
        return not_done("There is no model.", "Fit a model.")
    return filled(
        "The model was not updated: its formula was judged as training gave it.",
        "formula",
    )


def prediction(facts: Facts) -> Answer:
    """Item 12g: how predictions were computed."""
    if not facts.section("model"):
        return not_done("There is no model.", "Fit a model.")
    if facts.second.get("part") == FOLDS:
        return filled(
            "Each lesion was predicted by the model of the fold that had not seen its "
            "patient.",
            "performance",
        )
    return filled(
        "The formula of training was applied to the features of each lesion by the "
        "fitted pipeline; the results hold every prediction (scores).",
        "formula",
    )


def fairness(facts: Facts) -> Answer:
    """Item 14: fairness."""
    return not_done(
        "Performance in groups of patients was not examined.",
        "Report it by sex, age and other groups that matter "
        "(sklearn_orn.metrics.subgroup_table).",
    )


def output(facts: Facts) -> Answer:
    """Item 15: what the model puts out."""
    if not facts.section("model"):
        return not_done("There is no model.", "Fit a model.")
    return filled(
        sentences(
            f"The model gives the probability of {facts.positive}.",
            model.threshold_sentence(facts),
        ),
        "formula",
    )


def parts_compared(facts: Facts) -> Answer:
    """Items 16 and 20c: evaluation data against development data."""
    if facts.second.get("part") == FOLDS:
        return not_applicable(
            "Development and evaluation use the same patients, by cross-validation.",
            "performance",
        )
    if not facts.second:
        return not_done("There are no evaluation data.", "Evaluate the model.")
    by_part = facts.at("baseline", "by_part")
    names, different = of_data.variables_of(by_part), of_data.low_p(by_part)
    if not names:
        return absent(
            facts,
            "baseline",
            "The parts were not compared",
            "Name clinical columns in study.yaml.",
        )
    found = join_words(different) if different else "none (all p 0.05 or more)"
    return filled(
        sentences(
            f"Compared between training and validation: {join_words(names)}. "
            f"Different: {found}.",
            of_data.imbalance(facts).text,
        ),
        "baseline",
        "cohort",
        to_do="Say whether setting, eligibility and outcome were the same.",
    )


def participants(facts: Facts) -> Answer:
    """Item 21: participants and events in each analysis."""
    words = []
    for part in facts.parts:
        if part.get("n_lesions") is not None:
            name = PART_PLACES.get(str(part.get("part")), str(part.get("part")))
            events = count(part.get("n_positive"), f"{facts.positive} lesion")
            words.append(f"{name}: {data.part_counts(part)}, {events}.")
    folds = facts.at("config", "cv")
    tuned = ""
    if words and folds:
        tuned = f"The penalty was tuned on the training lesions in {folds} folds."
    return filled_or(
        not_done("No part of the study was judged.", "Judge the model."),
        *words,
        tuned,
        places=("performance", "config"),
    )


def specification(facts: Facts) -> Answer:
    """Item 22: the whole model."""
    intercept = facts.at("model", "intercept")
    if intercept is None:
        return not_done("There is no model.", "Fit a model.")
    terms = "".join(
        f" {'−' if (row.get('coefficient') or 0) < 0 else '+'} "
        f"{significant(abs(row['coefficient']), 5)} × {row.get('feature')}"
        for row in facts.rows("model", "coefficients")
        if row.get("coefficient") is not None
    )
    return filled(
        f"score = {significant(intercept, 5)}{terms}; probability of {facts.positive} "
        "= 1 / (1 + exp(−score)). All digits are in results.json.",
        "formula",
        "coefficients",
        to_do="Say under which terms the model may be used.",
    )


def updated_results(facts: Facts) -> Answer:
    """Item 24: results of updating."""
    return not_applicable("The model was not updated.")


def subgroups(facts: Facts) -> Answer:
    """Item 23a: performance, with what is missing of subgroups."""
    answer = of_model.performance(facts)
    return answer._replace(
        to_do=answer.to_do
        or "Add performance in key groups of patients "
        "(sklearn_orn.metrics.subgroup_table)."
    )


def poor_input(facts: Facts) -> Answer:
    """Item 27a: poor or missing input."""
    known = ""
    cells, of = facts.at("imputed", "n_filled"), facts.at("imputed", "n_cells")
    if cells is not None and of:
        known = (
            "A feature that is not defined for a lesion takes the median of training "
            f"({decimal(100 * cells / of)} % of the values here)."
        )
    return author("Say when an image is not good enough.", known, "imputed")


def user_skill(facts: Facts) -> Answer:
    """Item 27b: what users must do."""
    known = ""
    if facts.from_images:
        known = "A user has to outline the lesion on one slice, as the readers did."
    return author("Say how skilled users must be.", known)


ANSWERS = MappingProxyType(
    {
        "1": ask("Name model, patients and outcome in the title."),
        "2": of_model.abstract,
        "3a": ask("Describe the setting, and which models exist."),
        "3b": ask("Say for whom, when in care, and for which users the model is."),
        "3c": ask("Say which inequalities between groups are known."),
        "4": objectives,
        "5a": of_data.data_source,
        "5b": dates,
        "6a": ask("Name the setting, and number and place of the centres."),
        "6b": of_data.eligibility,
        "6c": ask("Name treatments before imaging, and how they were dealt with."),
        "7": preparation,
        "8a": of_data.reference_standard,
        "8b": ask("Say who judged the outcome, with what experience."),
        "8c": ask("Say whether those who judged the outcome knew the images."),
        "9a": initial_predictors,
        "9b": predictors,
        "9c": assessors,
        "10": of_data.sample_size,
        "11": of_data.missing_data,
        "12a": of_data.partition,
        "12b": of_model.scaling,
        "12c": model_building,
        "12d": clusters,
        "12e": of_model.measures,
        "12f": updating,
        "12g": prediction,
        "13": of_data.imbalance,
        "14": fairness,
        "15": output,
        "16": parts_compared,
        "17": ask("Name the committee, its number, and how consent was dealt with."),
        "18a": ask("Name the funders and their part in the study."),
        "18b": ask("Declare conflicts of interest."),
        "18c": ask("Say where the protocol is, or that there is none."),
        "18d": ask("Give the registration, or say that there is none."),
        "18e": ask("Say whether and where the data can be had."),
        "18f": of_model.code,
        "19": ask("Say what part patients and the public had, or that they had none."),
        "20a": of_data.flow,
        "20b": of_data.baseline,
        "20c": parts_compared,
        "21": participants,
        "22": specification,
        "23a": subgroups,
        "23b": clusters,
        "24": updated_results,
        "25": ask("Interpret the results, fairness included."),
        "26": of_model.limitations,
        "27a": poor_input,
        "27b": user_skill,
        "27c": ask("Say what should be studied next."),
    }
)
