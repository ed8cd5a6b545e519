from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_orn.study.checklists._answer import PLACES, STATUSES, without_citations
from sklearn_orn.study.checklists._fill import (
    CHECKLISTS,
    checklist_items,
    checklist_table,
    fill_checklist,
)
from sklearn_orn.study.methods._references import CLOSE, OPEN
from tests.study._results_example import (
    SECTIONS,
    example_results,
    features_results,
    no_model,
    nothing_selected,
    temporal_results,
    without,
)

SIZES = {"clear": 58, "tripod_ai": 52, "metrics": 30}
VARIANTS = {
    "empty": dict,
    "whole": example_results,
    "features": features_results,
    "nothing selected": nothing_selected,
    "by date": temporal_results,
    "no model": no_model,
    "all absent": lambda: without(*SECTIONS),
}


def by_number(name, results):
    return {item.number: item for item in fill_checklist(name, results)}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_every_item_stands_once_and_has_its_answer(name, size):
    items = checklist_items(name)
    numbers = [item["number"] for item in items]
    assert len(items) == len(set(numbers)) == size
    assert set(CHECKLISTS[name].answers) == set(numbers)
    texts = [item["item"] for item in items]
    assert len(set(texts)) > 0.9 * size
    assert all(10 < len(text) <= 100 and text.endswith(".") for text in texts)


def test_numbers_are_those_of_the_publications():
    clear = [item["number"] for item in checklist_items("clear")]
    assert clear == [str(i) for i in range(1, 59)]
    main = {item["number"].rstrip("abcdefg") for item in checklist_items("tripod_ai")}
    assert main == {str(i) for i in range(1, 28)}
    sections = Counter(item["section"] for item in checklist_items("metrics"))
    assert list(sections.values()) == [3, 4, 3, 3, 4, 2, 6, 2, 3]


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_answer_for_whatever_the_study_has(name, variant):
    for item in fill_checklist(name, VARIANTS[variant]()):
        assert item.status in STATUSES
        assert item.answer or item.status == "author"
        assert item.to_do or item.status in ("filled", "not applicable")
        assert "None" not in item.answer + item.to_do
        assert OPEN not in item.answer and CLOSE not in item.answer
        assert item.source


def test_most_of_clear_is_filled_from_the_run():
    items = fill_checklist("clear", example_results())
    assert sum(item.status == "filled" for item in items) >= 35


@pytest.mark.parametrize("name", SIZES)
def test_little_is_filled_from_nothing(name):
    filled = {
        item.number
        for item in fill_checklist(name, {})
        if item.answer and item.status == "filled"
    }
    assert filled == {"clear": {"7"}, "tripod_ai": set(), "metrics": {"1"}}[name]


# Item, a key of the results whose numbers it must tell, and the words.
CASES = [
    ("clear", "9", "95 lesions of 46 patients; the smaller class, metastasis, had 44"),
    ("clear", "9", "20,942 patients for the 279 features measured and 2,252 pat"),
    ("clear", "11", "Of 90 patients screened, 19 were excluded (no MRI before"),
    ("clear", "12", "279 measured, 215 reproducible, 30 chosen, 3 in the score"),
    ("clear", "15", "95 lesions of 46 patients to training and 47 lesions of 25"),
    ("clear", "15", "51 ORN and 44 metastasis"),
    ("clear", "16", "repetition time 550 ms (n = 100) or 600 ms (n = 42)"),
    ("clear", "17", "“age” and “dose_gy”"),
    ("clear", "20", "2 readers (reader_a and reader_b)"),
    ("clear", "21", "mean minus 3 to the mean plus 3 standard deviations"),
    ("clear", "23", "64 levels (6 bits) for co-occurrence matrices"),
    ("clear", "24", "(20 features)"),
    ("clear", "26", "220 of co-occurrence matrices"),
    ("clear", "27", "279 features per lesion and reader"),
    ("clear", "29", "12 of 30,530 feature values (0.04\xa0%)"),
    ("clear", "29", "“dose_gy” in 6 lesions (the median)"),
    ("clear", "29", "1 lesion could not be measured"),
    ("clear", "30", "51 of 95 lesions are ORN (53.7 %)"),
    ("clear", "31", "ICC(2,1)"),
    ("clear", "31", "above 0.75 were kept (215 of 279; median ICC 0.93)"),
    ("clear", "35", "λ = 0.0385"),
    ("clear", "35", "Seed 7."),
    ("clear", "36", "differ in dose_gy (p 0.004)"),
    ("clear", "38", "47 lesions of 25 patients, AUC 0.68 (95\xa0% CI 0.54 to 0.83)"),
    ("clear", "40", "198 bootstrap resamples"),
    ("clear", "43", "formula of 3 features"),
    ("clear", "44", "training: age, dose_gy, sex; validation: age, dose_gy"),
    ("clear", "45", "Screened: 90 patients; Analysed: 142 lesions and 71 patients"),
    ("clear", "46", "icc 0.81, fcm 0.44, lasso 0.31"),
    ("clear", "47", "sensitivity 84.3 % (43/51)"),
    ("clear", "47", "no-information rate 53.2 %"),
    ("clear", "47", "Harrell's corrected AUC, as rms gives it: 0.73, which stays too"),
    ("clear", "47", "by patient: AUC 0.70 (95\xa0% CI 0.60 to 0.80)"),
    ("clear", "47", ".632+ bootstrap: AUC 0.68."),
    ("clear", "48", "clinical 0.64"),
    ("clear", "48", "difference 0.10 (95\xa0% CI −0.05 to 0.26), p 0.19"),
    ("clear", "52", "Synthetic data; Few events"),
    ("tripod_ai", "9a", "All 279 features"),
    ("tripod_ai", "10", "2,252"),
    ("tripod_ai", "12c", "198 bootstrap resamples of patients"),
    ("tripod_ai", "15", "at a probability of 0.473 or more"),
    ("tripod_ai", "20c", "Different: dose_gy (p 0.004)"),
    ("tripod_ai", "21", "95 lesions of 46 patients, 51 ORN lesions"),
    ("tripod_ai", "21", "in 10 folds"),
    ("tripod_ai", "22", "score = −12.297 + 0.30000 × WavEnHH_s-1"),
    ("tripod_ai", "23a", "AUC 0.68 (95\xa0% CI 0.54 to 0.83)"),
    ("metrics", "10", "reader_a AUC 0.69 (95\xa0% CI 0.54 to 0.83)"),
    (
        "metrics",
        "22",
        "calibration slope 0.89, calibration in the large 0.17, Brier score 0.220",
    ),
    ("metrics", "25", "shuffled outcomes, in which there is no information: p 0.010"),
]


@pytest.mark.parametrize(("name", "number", "words"), CASES)
def test_answers_tell_the_numbers_of_the_results(name, number, words):
    assert words in by_number(name, example_results())[number].answer


def test_numbers_change_with_the_results():
    results = example_results()
    results["parts"][1]["auc"]["auc"] = 0.912
    results["config"]["icc_threshold"] = 0.9
    results["config"]["bits"] = {"cooccurrence": 5}
    results["config"]["pipeline"] = {"nomogram__lambda_rule": "1se"}
    clear = by_number("clear", results)
    assert "AUC 0.91" in clear["47"].answer
    assert "above 0.9 were kept" in clear["33"].answer
    assert "within one standard error" in clear["35"].answer
    assert "32 levels (5 bits) for co-occurrence matrices" in clear["23"].answer


# Without a section the item is not filled any more.
NEEDS = [
    ("clear", "9", "sample_size", "not done"),
    ("clear", "31", "agreement", "not done"),
    ("clear", "41", "models", "not done"),
    ("clear", "44", "baseline", "not done"),
    ("clear", "45", "flow", "not done"),
    ("clear", "48", "models", "not done"),
    ("tripod_ai", "16", "baseline", "not done"),
    ("tripod_ai", "20a", "flow", "not done"),
    ("metrics", "14", "agreement", "not done"),
    ("metrics", "16", "sample_size", "not done"),
    ("metrics", "24", "models", "not done"),
    ("metrics", "6", "images", "author"),
]


@pytest.mark.parametrize(("name", "number", "section", "status"), NEEDS)
def test_what_was_not_done_is_not_filled_and_says_why(name, number, section, status):
    item = by_number(name, without(section))[number]
    assert item.status == status
    assert item.to_do
    if status == "not done":
        assert f"no {section} here" in item.answer


def test_without_split_or_clinical_columns():
    clear = by_number("clear", features_results())
    assert "10-fold cross-validation" in clear["15"].answer
    assert clear["38"].answer.startswith("Internal, by cross-validation")
    assert clear["17"].status == "not done"
    assert clear["19"].status == "author"
    tripod = by_number("tripod_ai", features_results())
    assert tripod["16"].status == tripod["20c"].status == "not applicable"
    metrics = by_number("metrics", features_results())
    assert metrics["26"].status == metrics["27"].status == "not done"


def test_one_reader():
    results = without("agreement", "reader_swap") | {"readers": ["A"]}
    metrics = by_number("metrics", results)
    assert metrics["10"].status == "filled"
    assert metrics["14"].status == "not done"
    assert "one reader" in by_number("clear", results)["20"].answer


def test_nothing_selected():
    results = nothing_selected()
    assert by_number("clear", results)["43"].status == "not done"
    assert "intercept alone" in by_number("clear", results)["34"].answer
    assert (
        "score = −12.297; probability" in by_number("tripod_ai", results)["22"].answer
    )


def test_no_model():
    clear = by_number("clear", no_model())
    for number in ("15", "32", "34", "35", "37", "38", "39", "40", "43", "47", "48"):
        assert clear[number].status == "not done"
    tripod = by_number("tripod_ai", no_model())
    for number in ("12c", "12f", "12g", "15", "21", "22", "23a"):
        assert tripod[number].status == "not done"


def test_split_by_date():
    results = temporal_results()
    assert "Dates before 2015-06-01" in by_number("clear", results)["15"].answer
    assert "Later patients" in by_number("clear", results)["38"].answer
    assert by_number("metrics", results)["27"].status == "not done"
    assert by_number("metrics", example_results())["27"].status == "author"


def test_grey_levels_of_mr_without_normalisation_do_not_count():
    results = example_results()
    results["config"]["normalization"] = "none"
    assert by_number("metrics", results)["11"].status == "not done"
    results["images"]["protocol"][0]["value"] = "CT"
    assert by_number("metrics", results)["11"].status == "filled"


def test_enough_lesions_for_the_features():
    results = example_results()
    results["sample_size"]["riley"] = {"n": 46}
    assert by_number("metrics", results)["16"].status == "filled"
    results["sample_size"]["riley"] = {"n": 47}
    assert by_number("metrics", results)["16"].status == "not done"


def test_an_earlier_form_of_the_protocol_is_read_too():
    results = example_results()
    results["images"]["protocol"] = [
        {"item": "modality", "value": "MR", "n_lesions": 142},
        {"item": "matrix", "value": "missing", "n_lesions": 142},
        {"item": "vendor", "value": "A", "n_lesions": 1},
        *({"item": "model", "value": str(i), "n_lesions": 1} for i in "abcd"),
    ]
    answer = by_number("clear", results)["16"].answer
    assert answer.endswith("modality MR; vendor A; scanner 4 different ones.")


def test_places_name_where_the_report_shows_it():
    item = by_number("clear", example_results())["38"]
    assert item.source == "Performance (results: parts)"
    items = fill_checklist(
        "clear", example_results(), places={"performance": "Table 4"}
    )
    assert items[37].source == "Table 4 (results: parts)"
    with pytest.raises(ValueError, match="places names 'figure 9': expected keys"):
        fill_checklist("clear", {}, places={"figure 9": "Fig. 9"})


def test_every_place_stands_at_a_key_of_the_results():
    results = example_results()
    for _, path in PLACES.values():
        here = results
        for key in path.split("."):
            assert key in here
            here = here[key]


def test_unknown_checklist():
    with pytest.raises(ValueError, match="name is 'stard': expected one of 'clear'"):
        fill_checklist("stard", {})


def test_table_for_csv(tmp_path):
    items = fill_checklist("tripod_ai", example_results())
    table = checklist_table(items)
    table.to_csv(tmp_path / "tripod.csv", index=False)
    read = pd.read_csv(tmp_path / "tripod.csv", dtype=str, keep_default_na=False)
    assert read.shape == (52, 7)
    assert read["answer"].tolist() == [item.answer for item in items]
    assert checklist_table([]).shape == (0, 7)


def test_names_that_look_like_citations_stay_text():
    results = example_results()
    results["classes"] = ["<b>", f"{OPEN}mazda{CLOSE}"]
    answer = by_number("clear", results)["18"].answer
    assert "<b>" in answer and OPEN not in answer
    assert without_citations("a") == "a"


def _paths(tree, path=()):
    children = []
    if isinstance(tree, dict):
        children = tree.items()
    elif isinstance(tree, list):
        children = enumerate(tree)
    for key, child in children:
        yield (*path, key)
        yield from _paths(child, (*path, key))


PATHS = list(_paths(example_results()))


def take_away(results, path, how):
    """Delete what stands at a path, make it None or empty, or let it be absent."""
    *before, last = path
    here = results
    for key in before:
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            return  # an earlier change took it away
    if not isinstance(here, dict | list) or last not in (
        here if isinstance(here, dict) else range(len(here))
    ):
        return
    if how == "delete":
        del here[last]
    elif how == "absent" and not before:
        here[last] = {"absent": "no reason"}
    elif how == "empty" and isinstance(here[last], dict | list):
        here[last] = type(here[last])()
    else:
        here[last] = None


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(PATHS), st.sampled_from(["delete", "none", "empty", "absent"])
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=150)
@given(CHANGES)
def test_nothing_that_is_missing_stops_a_checklist(changes):
    results = example_results()
    for path, how in changes:
        take_away(results, path, how)
    for name, size in SIZES.items():
        items = fill_checklist(name, results)
        assert len(items) == size
        assert all(item.status in STATUSES for item in items)
