"""METRICS: how each of its 30 items is answered from a run.

Numbers and sections are those of Kocak B, Akinci D'Antonoli T, Mercaldo N, et al.,
Insights Imaging 2024;15:8, Table 1; the wording of the items is ours. Where a score
needs judgement, the advice of METRICS-E3 (https://radiomic.github.io/METRICS-E3,
Insights Imaging 2025;16:175) is followed, and what stays open counts as not met.
"""

from types import MappingProxyType

from sklearn_orn.study._numbers import p_value
from sklearn_orn.study.checklists import _answers_data as of_data
from sklearn_orn.study.checklists import _answers_images as of_images
from sklearn_orn.study.checklists import _answers_model as of_model
from sklearn_orn.study.checklists._answer import (
    Answer,
    absent,
    ask,
    author,
    filled,
    not_applicable,
    not_done,
)
from sklearn_orn.study.methods import _phrases_data as data
from sklearn_orn.study.methods import _phrases_evaluation as evaluation
from sklearn_orn.study.methods._facts import (
    Facts,
    count,
    interval,
    join_words,
    sentences,
)
from sklearn_orn.study.methods._protocol_text import protocol_values
from sklearn_orn.study.methods._references import BIBLIOGRAPHY

CITATION = BIBLIOGRAPHY["metrics"]
ACQUISITION = {"TR_ms", "TE_ms", "slice_thickness_mm", "sequence"}


def eligibility(facts: Facts) -> Answer:
    """Item 2: whether eligibility is defined and representative."""
    return author(
        "Define who was eligible, and say whom they stand for.",
        of_data.eligibility(facts).text,
        "flow",
    )


def reference_standard(facts: Facts) -> Answer:
    """Item 3: quality of the outcome."""
    return author(
        "Say how the outcome was established: histopathology or the like counts.",
        data.cohort_sentence(facts),
        "config",
    )


def protocol(facts: Facts) -> Answer:
    """Item 6: whether the acquisition is described."""
    known = sorted(ACQUISITION & set(protocol_values(facts)))
    if facts.from_images and known:
        return of_images.protocol(facts)
    return author("Describe the acquisition: the run has no parameters of it.")


def automated(facts: Facts) -> Answer:
    """Item 9: check of automated outlines."""
    if not facts.from_images:
        return author("If a program alone outlined the lesions, report its accuracy.")
    return not_applicable(
        "The outlines are taken as readers'. If a program alone drew them, this item "
        "counts.",
        "readers",
    )


def single_reader(facts: Facts) -> Answer:
    """Item 10: whether one reader outlined the test lesions."""
    if not facts.from_images:
        return author("Say whether one reader outlined the test lesions.")
    if len(facts.readers) < 2:
        return filled("One reader outlined each lesion.", "readers")
    alone = [
        f"{row.get('reader')} AUC {interval(row)}"
        for row in facts.rows("reader_swap", "rows")
        if row.get("reader") in facts.readers
    ]
    return not_done(
        sentences(
            "The features of the judged lesions are means over "
            f"{count(len(facts.readers), 'reader')}.",
            f"On each reader's outlines alone: {join_words(alone)}." if alone else "",
        ),
        "Make the result of one reader's outlines the main one.",
        "reader_swap" if alone else "readers",
    )


def preprocessing(facts: Facts) -> Answer:
    """Item 11: whether images were processed as their kind asks for."""
    method = facts.setting("normalization", "normalizer__method")
    modality = {value.text for value in protocol_values(facts).get("modality", [])}
    if facts.from_images and method == "none" and "CT" not in modality:
        return not_done(
            data.window_sentence(facts),
            "Normalise grey levels (normalization: 3sigma): those of MR have no unit.",
            "config",
        )
    return of_images.preprocessing(facts)


def software(facts: Facts) -> Answer:
    """Item 12: whether the program is standardised."""
    if not facts.from_images:
        return author("Name the program and its version; IBSI compliance counts.")
    return not_done(
        sentences(
            data.features_sentence(facts),
            "These are MaZda's definitions; they are not benchmarked by IBSI.",
        ),
        "Measure with an IBSI-compliant program too, if the score matters.",
        "versions",
    )


def dimensionality(facts: Facts) -> Answer:
    """Item 16: whether there are enough lesions for the features."""
    rows, n = evaluation.size_rows(facts), facts.at("sample_size", "n_patients")
    if not rows or n is None:
        return absent(
            facts,
            "sample_size",
            "The size of the data was not held against the number of features",
            "Report Riley's minimum sample size.",
        )
    text = of_data.size_text(facts)
    if n >= rows[0]["n"]:
        return filled(text, "sample_size")
    to_do = "Collect more patients, or measure fewer features."
    return not_done(text, to_do, "sample_size")


def network(facts: Facts) -> Answer:
    """Item 17: robustness of a network."""
    return not_applicable("There is no end-to-end deep learning.")


def discrimination(facts: Facts) -> Answer:
    """Item 20: whether the measures suit the task."""
    text = of_model.performance_text(facts)
    if not text:
        return not_done("No part of the study was judged.", "Judge the model.")
    return filled(text, "performance")


def uncertainty(facts: Facts) -> Answer:
    """Item 21: whether there are intervals."""
    words = [of_model.auc_words(part) for part in facts.parts]
    if not any("CI" in word for word in words):
        return not_done("No interval could be computed.", "Report intervals.")
    return filled(evaluation.interval_sentence(facts), "performance")


def calibration(facts: Facts) -> Answer:
    """Item 22: calibration."""
    text = of_model.calibration_text(facts)
    if not text:
        return not_done("Calibration was not assessed.", "Assess it.")
    return filled(text, "calibration")


def one_image(facts: Facts) -> Answer:
    """Item 23: whether one set of images was used."""
    if not facts.from_images:
        return author("Say from how many sequences or phases the features come.")
    return filled("One image of each lesion was measured.", "protocol")


def beyond_radiomics(facts: Facts) -> Answer:
    """Item 24: test against a model without radiomics."""
    rows = facts.rows("models", "comparisons")
    names = ("clinical", "lesion size")
    if not any(str(row.get("second")).startswith(names) for row in rows):
        return absent(
            facts,
            "models",
            "The score was not compared with a model without radiomics",
            "Name clinical columns or the size of the lesion in study.yaml.",
        )
    return filled(of_model.models_text(facts), "models")


def simple_model(facts: Facts) -> Answer:
    """Item 25: test against a simple model, or no information."""
    p = facts.section("permuted").get("p_value")
    words = []
    if facts.rows("models", "comparisons"):
        words.append(of_model.models_text(facts))
    if p is not None:
        words.append(
            "Against shuffled outcomes, in which there is no information: "
            f"p {p_value(p)}."
        )
    if not words:
        return not_done(
            "The model was not compared with a simple one by a test.",
            "Compare it with lesion size, or permute the outcome.",
        )
    return filled(sentences(*words), "models", "permuted")


def internal_test(facts: Facts) -> Answer:
    """Item 26: test on data held back, of the same source."""
    if facts.held_out:
        return of_model.other_lesions(facts)
    text = of_model.nested_text(facts)
    if text:
        return filled(text, "nested")
    return not_done(
        "No patients were held back for a test.",
        "Hold patients back (split or date in study.yaml).",
        "performance",
    )


def external_test(facts: Facts) -> Answer:
    """Item 27: test on data of another institution."""
    if facts.held_out and not facts.temporal:
        return author(
            "Say whether the validation patients come from another institution.",
            data.split_sentence(facts),
            "performance",
        )
    kind = "by date" if facts.temporal else "by cross-validation"
    known = f"The test is internal, {kind}." if facts.second else "There is no test."
    return not_done(known, "Test the model on patients of another hospital.")


def described_outlines(facts: Facts) -> Answer:
    """Item 8: whether the rules of outlining are described."""
    known = of_images.segmentation(facts)
    return author(
        "Describe the program and the rules of outlining.", known.text, "readers"
    )


ANSWERS = MappingProxyType(
    {
        "1": of_model.adherence,
        "2": eligibility,
        "3": reference_standard,
        "4": ask("Say whether images come from more than one institution."),
        "5": ask("Say which standard of imaging the protocol follows."),
        "6": protocol,
        "7": ask("Give the time between imaging and reference standard."),
        "8": described_outlines,
        "9": automated,
        "10": single_reader,
        "11": preprocessing,
        "12": software,
        "13": of_images.settings,
        "14": of_images.reliability,
        "15": of_model.reduction,
        "16": dimensionality,
        "17": network,
        "18": of_data.partition,
        "19": of_data.confounders,
        "20": discrimination,
        "21": uncertainty,
        "22": calibration,
        "23": one_image,
        "24": beyond_radiomics,
        "25": simple_model,
        "26": internal_test,
        "27": external_test,
        "28": ask("Share images, outlines, features or clinical data."),
        "29": of_model.code,
        "30": ask("Share the model file or the calculator, with instructions."),
    }
)
