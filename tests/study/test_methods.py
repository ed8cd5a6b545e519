import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError, meta, nodes
from jinja2.ext import Extension

from sklearn_orn.study import results as r
from sklearn_orn.study.methods import _environment
from sklearn_orn.study.methods._derived import variables
from sklearn_orn.study.methods._phrases import marked_paragraphs, phrase
from sklearn_orn.study.methods._references import (
    BIBLIOGRAPHY,
    cite,
    number_citations,
)
from sklearn_orn.study.methods._text import methods_paragraph, references
from sklearn_orn.study.methods._words import CLOSE, OPEN, SPACE, marked_spaces, squeeze
from tests._examples import examples
from tests.study._results_example import (
    EXAMPLE,
    SECTIONS,
    blocks_example,
    centres_example,
    emptied,
    example,
    example_without,
    features_example,
    no_model_example,
    nothing_selected_example,
    perturbed_example,
    product_example,
    temporal_example,
)

NO_FLOW = r.Flow(stages=(), parts=())


def text_of(results):
    return " ".join(methods_paragraph(results))


def settings_of(**changes):
    """The example with other settings."""
    return example(config=replace(EXAMPLE.config, **changes))


def missing(section):
    if section == "flow":
        return example(flow=NO_FLOW)
    return example_without(section)


def numbers_in(text):
    groups = re.findall(r" \[(\d+(?:, \d+)*)\]", text)
    return {int(n) for group in groups for n in group.split(", ")}


VARIANTS = [
    example,
    features_example,
    nothing_selected_example,
    temporal_example,
    product_example,
    lambda: product_example(penalty="none"),
    no_model_example,
    blocks_example,
    lambda: blocks_example(air=None),
    lambda: blocks_example(air=40),
    lambda: replace(blocks_example(), source="features"),
    perturbed_example,
    centres_example,
    lambda: centres_example(source="header station"),
    lambda: centres_example(
        pipeline={
            "combat__unseen": "grand",
            "combat__parametric": False,
            "combat__mean_only": True,
        }
    ),
    lambda: replace(example_without(*SECTIONS[1:]), flow=NO_FLOW, parts=()),
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
    found = re.findall(r" \[(\d+(?:, \d+)*)\]", text_of(EXAMPLE))
    first = list(dict.fromkeys(n for group in found for n in group.split(", ")))
    assert first == [str(n) for n in range(1, len(first) + 1)]


def test_the_whole_bibliography_is_used_by_a_whole_study():
    whole = centres_example(
        blocks_example()
    )  # with perturbed outlines and Otsu's threshold too
    assert len(references(whole)) == len(BIBLIOGRAPHY)


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
        "with one correlation of the lesions of a patient [10]",
        "Hosmer-Lemeshow test [18] over 10 groups of risk, its p by patient [19].",
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
    assert words in text_of(EXAMPLE)


def test_p_of_one_lesion_each_is_not_by_patient():
    alone = tuple(
        replace(part, hosmer_lemeshow=replace(part.hosmer_lemeshow, by_patient=False))
        for part in EXAMPLE.parts
    )
    text = text_of(replace(EXAMPLE, parts=alone))
    assert "Hosmer-Lemeshow test [18] over 10 groups of risk." in text
    assert "Rao JNK, Scott AJ. The analysis" not in " ".join(
        references(replace(EXAMPLE, parts=alone))
    )


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
    assert words in text_of(EXAMPLE)
    results = missing(section)
    assert words not in text_of(results)
    assert "no " + section not in text_of(results)


def test_one_lesion_for_each_patient_needs_no_clusters():
    results = example(
        cohort=replace(EXAMPLE.cohort, n_lesions=71),
        parts=tuple(replace(p, n_lesions=p.n_patients) for p in EXAMPLE.parts),
    )
    text = text_of(results)
    assert (
        "Obuchowski" not in text
        and "95 % confidence interval from DeLong's variance" in text
    )
    assert not any("Obuchowski" in paper for paper in references(results))


def test_parameters_of_the_pipeline_are_those_that_were_set():
    pipeline = {
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
    results = settings_of(
        normalization="1-99", icc_threshold=0.8, k=5, bits=None, pipeline=pipeline
    )
    results = replace(results, agreement=replace(EXAMPLE.agreement, form="ICC(3,1)"))
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
    text = text_of(features_example())
    assert "A table of features was analysed, 279 features per lesion." in text
    for words in ("MaZda 4.6", "quantised", "outlined", "Acquisition", "ICC"):
        assert words not in text
    assert "10-fold cross-validation, stratified by class and by patient" in text
    assert "learnt anew in each fold" in text


def test_nothing_selected_and_split_by_date():
    assert "the model is its intercept alone" in text_of(nothing_selected_example())
    dated = text_of(temporal_example())
    assert "Dates before 2015-06-01 in the column “scanned”" in dated


def test_no_model():
    text = text_of(no_model_example())
    for words in ("LASSO", "ROC", "Hosmer", "Youden", "Fisher", "to training"):
        assert words not in text


def test_nothing_missing_and_a_fixed_penalty():
    results = settings_of(pipeline={"nomogram__lambda_rule": 0.05})
    text = text_of(replace(results, imputed=replace(EXAMPLE.imputed, n_filled=0)))
    assert "None of the 30,530 feature values was missing." in text
    assert "The penalty was set beforehand (λ = 0.0385)." in text


IN_THE_TABLE = r.FlowStage(
    "In the cohort table", 143, None, (r.Exclusion("mask empty", 1, None),)
)
SLICE_NAMED = example(
    images=replace(EXAMPLE.images, slice="column section"),
    flow=replace(EXAMPLE.flow, stages=(*EXAMPLE.flow.stages, IN_THE_TABLE)),
)


def test_slices_and_lesions_left_out():
    text = text_of(SLICE_NAMED)
    assert "on one slice: the one named in the column “section”." in text
    assert "Of 143 lesions in the cohort table, 1 was excluded (mask empty, 1)." in text
    assert "could not be measured" not in text


def test_no_name_of_the_user_can_cite():
    results = replace(
        settings_of(outcome=OPEN + "x" + CLOSE),
        readers=("A", f"B{OPEN}mazda{CLOSE}"),
        classes=(f"{SPACE}a", f"{OPEN}mazda{CLOSE}"),
    )
    text = text_of(results)
    assert not any(mark in text for mark in (OPEN, CLOSE, SPACE))
    assert references(results) == references(EXAMPLE)
    assert "2 readers (A and Bmazda)" in text


def test_an_unknown_paper_is_an_error():
    with pytest.raises(KeyError, match="the bibliography has no 'smith'"):
        cite("smith")


def test_numbers_within_one_citation_are_sorted():
    texts = ["a" + cite("wilson"), "b" + cite("rao"), "c" + cite("rao", "wilson")]
    assert number_citations(texts) == ["a [1]", "b [2]", "c [1, 2]"]


@examples(100)
@given(st.randoms(use_true_random=True), st.sampled_from([0.01, 0.05, 0.3]))
def test_nothing_that_is_missing_stops_the_methods(random, share):
    results = emptied(EXAMPLE, r.Results, lambda: random.random() < share)
    paragraphs = methods_paragraph(results)
    assert all(text == text.strip() and "  " not in text for text in paragraphs)
    assert numbers_in(" ".join(paragraphs)) == set(
        range(1, len(references(results)) + 1)
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_paragraphs_are_sentences(section):
    for text in methods_paragraph(missing(section)):
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert ".." not in text and " ," not in text and "()" not in text


def imputed_of(**changes):
    """The example with other clinical values missing."""
    missing = replace(EXAMPLE.models.imputed, **changes)
    return example(models=replace(EXAMPLE.models, imputed=missing))


def inspected(*reasons, n_accepted=140):
    """The example with lesions that were rejected for these reasons."""
    told = tuple(r.Exclusion(reason, 1, 0) for reason in reasons)
    rejected = tuple(r.LesionRejected(f"L{i}", "P9", x) for i, x in enumerate(reasons))
    flow = replace(EXAMPLE.flow, stages=(*EXAMPLE.flow.stages, IN_THE_TABLE))
    made = r.Inspection(143, n_accepted, rejected, told)
    return example(inspection=made, flow=flow)


def test_lesions_rejected_on_inspection():
    text = text_of(inspected("motion", "no lesion"))
    assert (
        "Images and outlines were looked at before anything was measured: of 143 "
        "lesions in the cohort table, 140 were accepted and 2 rejected (motion, 1; no "
        "lesion, 1)." in text
    )
    assert "mask empty" not in text
    text = text_of(inspected(n_accepted=1))
    assert "in the cohort table, 1 was accepted and 0 rejected." in text
    assert "1 was excluded (mask empty, 1)" in text


VENDORS = tuple(r.ProtocolValue("vendor", name, 1) for name in "ABCD")
MORE_TOLD = [
    imputed_of(rule="exclude"),
    imputed_of(columns=()),
    example(images=replace(EXAMPLE.images, protocol=VENDORS)),
    SLICE_NAMED,
    inspected("motion", "no lesion"),
    inspected(n_accepted=1),
    settings_of(clinical_selection="lasso"),
    settings_of(clinical_selection=("age",)),
    settings_of(clinical_selection=("age", "dose_gy")),
    example(
        clinical_selection=replace(
            EXAMPLE.clinical_selection,
            predictors=EXAMPLE.clinical_selection.predictors[:1],
        )
    ),
    settings_of(
        clinical_kinds={
            "age": {"kind": "continuous", "knots": [40.0, 60.0, 75.5]},
            "dose_gy": {"kind": "continuous", "knots": 4},
        }
    ),
    settings_of(normalization="none", prevalence=0.1),
    settings_of(scores="separate"),
    example(
        config=replace(EXAMPLE.config, scores="separate"),
        combined=replace(
            EXAMPLE.combined,
            scores=(
                r.SequenceScore(
                    "radiomics score T1", False, 0.1, {"T1|lesion__Mean": 1}
                ),
                r.SequenceScore("radiomics score T2", True, 0.2, {}),
            ),
        ),
    ),
    settings_of(normalization="1-99", pipeline={"nomogram__penalty": "none"}),
    settings_of(normalization="1-99-below", pipeline={"nomogram__penalty": "firth"}),
    settings_of(
        pipeline={
            "icc__criterion": "lower",
            "nomogram__class_weight": "balanced",
            "nomogram__l1_ratio": 0.5,
            "nomogram__lambda_rule": "1se",
            "nomogram__threshold": 0.4,
            "nomogram__n_lambdas": 50,
        }
    ),
    settings_of(pipeline={"nomogram__lambda_rule": 0.05}),
    replace(EXAMPLE, readers=("A",)),
    example(imputed=replace(EXAMPLE.imputed, n_filled=0)),
    example(agreement=replace(EXAMPLE.agreement, interval_unit="lesion")),
    example(
        parts=tuple(replace(p, n_lesions=p.n_patients) for p in EXAMPLE.parts),
        cohort=replace(EXAMPLE.cohort, n_lesions=71),
    ),
]


def names_of_templates():
    return _environment.environment().list_templates()


def source_of(name):
    environment = _environment.environment()
    return environment.loader.get_source(environment, name)[0]


# Take a part of the study, or what their sentence hands them.
OF_A_PART = ("part_counts", "rate_words")
INNER = ("resamples", "protocol_words", "clinical_missing_words", "spline_words")


class NumberTexts(Extension):
    """Put a number after each text of a template, to see which ones are told."""

    texts = []

    def filter_stream(self, stream):
        for token in stream:
            if token.type == "data" and token.value.strip():
                self.texts.append((stream.name, token.lineno, token.value))
                token = token._replace(value=f"{token.value}{{{len(self.texts)}}}")
            yield token


def phrases_of(results):
    """Every phrase that can be told alone, by name."""
    texts = {}
    for name in _environment.phrase_files():
        if name in OF_A_PART:
            texts[name] = "".join(phrase(results, name, p) for p in results.parts)
        elif name not in INNER:
            texts[name] = phrase(results, name)
    return texts


def test_every_phrase_and_every_text_of_the_templates_is_told_by_some_example(
    monkeypatch,
):
    names = set(_environment.phrase_files()) - {*INNER}
    numbered = _environment.new_environment(NumberTexts)
    monkeypatch.setattr(_environment, "environment", lambda: numbered)
    told, seen = set(), set()
    for results in [*(make() for make in VARIANTS), *MORE_TOLD]:
        phrases = phrases_of(results)
        told |= {name for name, text in phrases.items() if text}
        texts = " ".join([*phrases.values(), *marked_paragraphs(results)])
        seen |= {int(n) for n in re.findall(r"\{(\d+)\}", texts)}
    assert told == names
    every = enumerate(NumberTexts.texts, start=1)
    assert not [text for n, text in every if n not in seen]


@pytest.mark.parametrize("name", names_of_templates())
def test_templates_read_what_there_is(name):
    environment = _environment.environment()
    tree = environment.parse(source_of(name))
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    read = meta.find_undeclared_variables(tree) - own
    assert read <= {*variables(EXAMPLE), *environment.globals}
    # It would escape names as for HTML.
    assert "~" not in source_of(name)


@pytest.mark.parametrize("wrong", ["nested.aucc", "permutation.n", "parameters.fcm__x"])
def test_a_template_that_reads_what_is_not_there_fails(wrong):
    template = _environment.environment().from_string("{{ " + wrong + " }}")
    with pytest.raises(UndefinedError):
        template.render(variables(EXAMPLE))


def test_an_unknown_phrase_is_an_error():
    with pytest.raises(KeyError, match="the methods have no phrase 'bit_sentence'"):
        phrase(EXAMPLE, "bit_sentence")


def test_a_phrase_alone_has_no_citation():
    assert phrase(EXAMPLE, "stability_sentence").endswith("by Nogueira's index.")
    assert phrase(no_model_example(), "stability_sentence") == ""


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("\n a\n  b\n", "a b"),
        ("by the\n.632+ rule , ( 1 ) ; 2 : 3 .\n", "by the .632+ rule, (1); 2: 3."),
        ("95\N{NO-BREAK SPACE}%\n CI", "95\N{NO-BREAK SPACE}% CI"),
    ],
)
def test_spaces_of_templates_are_squeezed(source, text):
    assert squeeze(marked_spaces(source)) == text


def test_spaces_of_names_stay():
    results = replace(settings_of(outcome="a  b "), classes=("< &", "c  d"))
    assert "c  d (the positive class) against < &, as in the column “a  b ”." in (
        text_of(results)
    )
