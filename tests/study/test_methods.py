import re

import pytest
from hypothesis import given, settings

from sklearn_orn.study.methods._references import (
    BIBLIOGRAPHY,
    CLOSE,
    OPEN,
    cite,
    number_citations,
)
from sklearn_orn.study.methods._text import methods_paragraph, references
from tests.study._results_example import (
    SECTIONS,
    example_results,
    features_results,
    no_model,
    nothing_selected,
    temporal_results,
    without,
)
from tests.study.test_checklists import CHANGES, take_away


def text_of(results):
    return " ".join(methods_paragraph(results))


def numbers_in(text):
    groups = re.findall(r" \[(\d+(?:, \d+)*)\]", text)
    return {int(n) for group in groups for n in group.split(", ")}


VARIANTS = [
    example_results,
    features_results,
    nothing_selected,
    temporal_results,
    no_model,
    dict,
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_citation_has_its_reference(variant):
    results = variant()
    listed = references(results)
    assert [text.split(".")[0] for text in listed] == [
        str(n) for n in range(1, len(listed) + 1)
    ]
    assert numbers_in(text_of(results)) == set(range(1, len(listed) + 1))


def test_first_citations_come_in_order():
    found = re.findall(r" \[(\d+(?:, \d+)*)\]", text_of(example_results()))
    first = list(dict.fromkeys(n for group in found for n in group.split(", ")))
    assert first == [str(n) for n in range(1, len(first) + 1)]


def test_the_whole_bibliography_is_used_by_a_whole_study():
    assert len(references(example_results())) == len(BIBLIOGRAPHY)


@pytest.mark.parametrize(
    "words",
    [
        "142 lesions of 71 patients (76 ORN and 66 metastasis)",
        "column “outcome”",
        "synthetic",
        "Of 90 patients screened, 19 were excluded (no MRI before treatment, 12;",
        "95 lesions of 46 patients to training and 47 lesions of 25 patients to",
        "field strength 1.5 T",
        "slice thickness 3 to 6 mm",
        "echo time 10 ms, unknown for 2 lesions",
        "2 readers (reader_a and reader_b)",
        "median Dice coefficient was 0.91 (range 0.74 to 0.96)",
        "mean minus 3 to the mean plus 3 standard deviations",
        "64 levels (6 bits) for co-occurrence matrices and run-length matrices",
        "279 texture features per lesion and reader",
        "at distances of 1, 2, 3, 4 and 5 pixels",
        "sklearn_orn 0.1.0",
        "ICC(2,1) (two-way random effects, absolute agreement, single measurement)",
        "95 training lesions",
        "above 0.75 were kept (215 of 279; median ICC 0.93)",
        "12 of 30,530 feature values",
        "Fisher coefficient",
        "POE+ACC",
        "mutual information",
        "the 10 best features were taken",
        "LASSO",
        "lowest mean deviance in 10-fold cross-validation by patient",
        "λ = 0.0385",
        "It left 3 of 30 features",
        "at a probability of 0.473 or more, the threshold of the largest Youden index",
        "Obuchowski's extension of DeLong's",
        "Hosmer-Lemeshow test [17] over 10 groups",
        "threshold probabilities from 0 to 0.99",
        "198 bootstrap resamples of patients (2 more could not be fitted)",
        "over 200 bootstrap resamples of patients",
        "5 outer folds, drawn 5 times",
        "judged on the patients not drawn",
        "by the .632+ rule",
        "by the share of them that classify a lesion otherwise",
        "shuffled among patients, 100 times",
        "Nogueira's index",
        "(3sigma, 1-99 and none)",
        "All were judged on the validation part: to choose the best of them by it ends "
        "its role as validation",
        "Of 142 lesions, 6 had clinical values missing",
        "were fitted with Firth's penalty",
        "clinical (age and dose_gy)",
        "lesion size (area)",
        "20,942 patients for the 279 features measured",
        "seed 7",
        "Python 3.11.7",
        "Welch's t, Mann-Whitney U or chi-square",
    ],
)
def test_what_was_done_is_told(words):
    assert words in text_of(example_results())


# A section, and words that must go with it.
TOLD = [
    ("optimism", ".632+"),
    ("optimism", "Instability"),
    ("nested", "nested"),
    ("permuted", "shuffled"),
    ("stability", "Nogueira"),
    ("reader_swap", "each set of outlines alone"),
    ("sensitivity", "repeated with"),
    ("models", "These models"),
    ("sample_size", "Riley"),
    ("agreement", "intraclass"),
    ("flow", "excluded"),
    ("baseline", "Welch"),
    ("images", "Dice"),
]


@pytest.mark.parametrize(("section", "words"), TOLD)
def test_what_was_not_done_is_not_told(section, words):
    assert words in text_of(example_results())
    results = without(section)
    assert words not in text_of(results)
    assert "no " + section not in text_of(results)


def test_one_lesion_for_each_patient_needs_no_clusters():
    results = example_results()
    results["cohort"]["n_lesions"] = 71
    for part in results["parts"]:
        part["n_lesions"] = part["n_patients"]
    text = text_of(results)
    assert (
        "Obuchowski" not in text
        and "95 % confidence interval from DeLong's variance" in text
    )
    assert not any("Obuchowski" in paper for paper in references(results))


def test_parameters_of_the_pipeline_are_those_that_were_set():
    results = example_results()
    results["config"] |= {"normalization": "1-99", "icc_threshold": 0.8, "k": 5}
    results["config"]["pipeline"] = {
        "extractor__bits": {"cooccurrence": 5, "run_length": 5},
        "extractor__distances": [1, 2],
        "icc__criterion": "lower",
        "fcm__combine": "union",
        "nomogram__lambda_rule": "1se",
        "nomogram__scoring": "auc",
        "nomogram__l1_ratio": 0.5,
        "nomogram__class_weight": "balanced",
        "nomogram__threshold": 0.4,
        "nomogram__n_lambdas": 50,
    }
    del results["config"]["bits"]
    results["agreement"]["form"] = "ICC(3,1)"
    text = text_of(results)
    for words in (
        "1st to the 99th percentile",
        "32 levels (5 bits) for co-occurrence matrices and run-length matrices",
        "ICC(3,1) (two-way mixed effects, consistency",
        "lower 95 % confidence limit of the ICC was above 0.8",
        "the 5 best features were taken, as in MaZda",
        "]: 30 candidates",
        "elastic net (L1 ratio 0.5)",
        "largest within one standard error of the one with the highest mean AUC",
        "classes were weighted (balanced)",
        "a threshold set beforehand, kept unchanged",
        "Further parameters of the pipeline were set: nomogram__n_lambdas = 50.",
    ):
        assert words in text
    # 279 features are not those of two distances, so no breakdown is claimed.
    assert "220 of co-occurrence" not in text


def test_features_without_images():
    text = text_of(features_results())
    assert "A table of features was analysed, 279 features per lesion." in text
    for words in ("MaZda 4.6", "quantised", "outlined", "Acquisition", "ICC"):
        assert words not in text
    assert "10-fold cross-validation, stratified by class and by patient" in text
    assert "learnt anew in each fold" in text


def test_nothing_selected_and_split_by_date():
    assert "the model is its intercept alone" in text_of(nothing_selected())
    dated = text_of(temporal_results())
    assert "Dates before 2015-06-01 in the column “scanned”" in dated


def test_no_model():
    text = text_of(no_model())
    for words in ("LASSO", "ROC", "Hosmer", "Youden", "Fisher", "to training"):
        assert words not in text


def test_nothing_missing_and_a_fixed_penalty():
    results = example_results()
    results["imputed"]["n_filled"] = 0
    results["config"]["pipeline"] = {"nomogram__lambda_rule": 0.05}
    text = text_of(results)
    assert "None of the 30,530 feature values was missing." in text
    assert "The penalty was set beforehand (λ = 0.0385)." in text


def test_slices_and_lesions_left_out():
    results = example_results()
    results["images"]["slice"] = "column section"
    results["flow"]["stages"].insert(
        1,
        {
            "name": "In the cohort table",
            "lesions": 143,
            "patients": None,
            "excluded": [{"reason": "mask empty", "lesions": 1, "patients": None}],
        },
    )
    text = text_of(results)
    assert "on one slice: the one named in the column “section”." in text
    assert "Of 143 lesions in the cohort table, 1 was excluded (mask empty, 1)." in text
    assert "could not be measured" not in text


def test_no_name_of_the_user_can_cite():
    results = example_results()
    results["readers"] = ["A", f"B{OPEN}mazda{CLOSE}"]
    results["config"]["outcome"] = OPEN + "x" + CLOSE
    text = text_of(results)
    assert OPEN not in text and CLOSE not in text
    assert "2 readers (A and Bmazda)" in text


def test_an_unknown_paper_is_an_error():
    with pytest.raises(KeyError, match="the bibliography has no 'smith'"):
        cite("smith")


def test_numbers_within_one_citation_are_sorted():
    texts = ["a" + cite("wilson"), "b" + cite("rao"), "c" + cite("rao", "wilson")]
    assert number_citations(texts) == ["a [1]", "b [2]", "c [1, 2]"]


@settings(deadline=None, max_examples=100)
@given(CHANGES)
def test_nothing_that_is_missing_stops_the_methods(changes):
    results = example_results()
    for path, how in changes:
        take_away(results, path, how)
    paragraphs = methods_paragraph(results)
    assert all(text == text.strip() and "  " not in text for text in paragraphs)
    assert numbers_in(" ".join(paragraphs)) == set(
        range(1, len(references(results)) + 1)
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_paragraphs_are_sentences(section):
    for text in methods_paragraph(without(section)):
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert ".." not in text and " ," not in text and "()" not in text
