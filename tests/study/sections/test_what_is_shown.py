"""Which headings, figures and reasons stand on the page, and what needs a model."""

import re
from dataclasses import replace

import pytest

from sklearn_orn.study.report._made import _wanted, make_tables
from sklearn_orn.study.report.sections import analyses
from tests.study._results_example import (
    CONFIG,
    EXAMPLE,
    blocks_example,
    centres_example,
    example,
    example_without,
    features_example,
    no_model_example,
    perturbed_example,
    product_example,
)
from tests.study.sections._page import figures_of, headings, page_of, text_of
from tests.study.sections.test_odds_ratios import OF_SEQUENCES

PLAIN = replace(
    CONFIG, clinical=(), clinical_selection="all", nomogram="radiomics", centre=None
)
ALWAYS = [
    *("Formula", "Stability of the selection", "Instability", "Simpler models"),
    *("Other readers", "Other grey-level settings", "Sample size"),
]
COMMON = [
    *("flow", "outlines", "icc", "icc-families", "lasso-cv", "lasso-path"),
    *("stability", "nomogram", "odds-ratios", "essentials", "waterfall", "roc"),
    *("calibration", "decision", "three-models", "added-benefit", "instability"),
    "models-instability",
]


def test_headings_of_a_study_with_clinical_columns():
    own = {
        *("Outlines", "Agreement on features", "Selection of clinical predictors"),
        *("Odds ratios", "Clinical model, radiomics score and both"),
        "Instability of the three models",
    }
    assert set(headings(page_of(example()))) == own | set(ALWAYS)
    combined = headings(page_of(product_example()))
    assert set(combined) == own | set(ALWAYS) | {"Formula of the combined model"}
    assert combined.index("Formula") < combined.index("Formula of the combined model")


def test_headings_of_what_a_study_has_more():
    centres = headings(page_of(centres_example()))
    assert {"Centres", "Validation by centre"} <= set(centres)
    assert "Perturbed outlines" in headings(page_of(blocks_example()))
    plain = headings(page_of(example()))
    assert not {"Centres", "Validation by centre", "Perturbed outlines"} & set(plain)


def test_what_a_study_does_not_have_has_no_heading():
    none = (
        *("outlines", "agreement", "models", "combined", "models_instability"),
        *("centres", "by_centre", "clinical_selection", "validation_parts"),
    )
    results = replace(example_without(*none), config=PLAIN)
    page = page_of(results)
    assert sorted(headings(page)) == sorted(ALWAYS)
    assert absent(page) == {"Simpler models": "no models here"}


def absent(page):
    """Return what cannot be shown, and why."""
    told = re.findall(r'<p class="absent">(.*?) cannot be shown: (.*?)</p>', page)
    return dict(told)


MISSED = {
    "baseline": "Characteristics",
    "combined": "Odds ratios",
    "clinical_selection": "Selection of clinical predictors",
    "models": "Simpler models",
    "models_instability": "Instability of the three models",
    "nested": "Nested cross-validation",
    "optimism": "Optimism",
    "permuted": "Shuffled outcomes",
    "reader_swap": "Other readers’ outlines",
    "sample_size": "Sample size",
    "sensitivity": "Other grey-level settings",
    "subgroups": "Groups of patients",
}


def test_what_is_missing_is_told_with_its_reason():
    page = page_of(example_without(*MISSED))
    assert absent(page) == {what: f"no {name} here" for name, what in MISSED.items()}
    assert absent(page_of(EXAMPLE)) == {}
    of_centres = example_without("centres", "by_centre")
    named = replace(of_centres, config=replace(CONFIG, centre="hospital"))
    assert absent(page_of(named)) == {
        "Centres": "no centres here",
        "Validation by centre": "no by_centre here",
    }
    assert absent(page_of(of_centres)) == {}


def test_what_was_not_asked_for_is_not_missed():
    names = ("baseline", "combined", "clinical_selection", "models_instability")
    page = page_of(replace(example_without(*names), config=PLAIN))
    assert absent(page) == {}


def test_without_a_model_its_sections_are_left_out():
    page = page_of(no_model_example())
    assert headings(page) == ["Sample size"]
    assert absent(page) == {
        "The score": "no model here",
        "Performance": "no model here",
        "Sample size": "no sample_size here",
    }
    for key in make_tables(no_model_example()):
        told = f'id="table-{key}"' in page
        assert told == (key != "clinical-selection")
    everything = page_of(replace(example_without("model"), combined=OF_SEQUENCES))
    assert headings(everything) == ["Outlines", "Agreement on features", "Sample size"]
    shown = set(re.findall(r'<table id="table-([^"]*)"', everything))
    assert shown == {
        *("counts", "baseline-training", "baseline-validation", "baseline-parts"),
        *("locations-training", "locations-validation", "left-out", "protocol"),
        *("outlines", "icc-families", "steps", "sample-size"),
    }


def test_figures_that_need_no_model():
    results = product_example()
    results = replace(example_without("model"), config=results.config)
    assert figures_of(page_of(results)) == [
        *("flow", "outlines", "icc", "icc-families", "nomogram")
    ]


def test_figures_stand_in_the_order_of_the_chapters():
    assert figures_of(page_of(example())) == COMMON


def test_what_is_computed_without_a_model():
    free = {name for name, (_, needs_model) in analyses().items() if not needs_model}
    assert free == {
        *("centres", "outlines", "agreement_groups", "perturbation", "blocks"),
        "sample_size",
    }


@pytest.mark.parametrize(
    ("make", "gone", "more"),
    [
        (example, [], []),
        (product_example, [], ["combined-nomogram"]),
        (blocks_example, [], ["icc-comparison"]),
        (centres_example, [], ["forest"]),
        (perturbed_example, ["icc"], ["icc-perturbed"]),
        (
            features_example,
            [
                *("outlines", "icc", "icc-families", "odds-ratios", "three-models"),
                *("added-benefit", "models-instability"),
            ],
            [],
        ),
    ],
)
def test_figures_that_are_wanted(make, gone, more):
    assert set(_wanted(make())) == set(COMMON) - set(gone) | set(more)


def test_the_pooled_decision_curve_is_asked_for():
    def wanted(results):
        asked = replace(results.config, pooled_decision_curve=True)
        return "decision-pooled" in _wanted(replace(results, config=asked))

    assert wanted(example())
    assert not wanted(features_example())  # its lesions would stand there twice
    assert "decision-pooled" not in _wanted(example())


def test_the_page_names_each_table_once():
    text = text_of(page_of(example()))
    for table in make_tables(example()).values():
        if table.number is not None:
            assert f"Table {table.number}. {table.table.title}" in text
