from collections import Counter
from dataclasses import is_dataclass, replace
from functools import cache
from types import UnionType
from typing import get_args, get_origin, get_type_hints

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError, meta, nodes

from sklearn_orn.study import results as r
from sklearn_orn.study.checklists._checklist import (
    CHECKLISTS,
    STATUSES,
    Answer,
    parsed_checklist,
    read_checklist,
)
from sklearn_orn.study.checklists._fill import (
    answered,
    checklist_table,
    fill_checklist,
    known_of,
    source_text,
)
from sklearn_orn.study.checklists._places import PLACES
from sklearn_orn.study.checklists._sentences import WORDS
from sklearn_orn.study.checklists._templates import environment
from sklearn_orn.study.methods._environment import phrase_files
from sklearn_orn.study.methods._words import CLOSE, OPEN
from tests._examples import examples
from tests.study._results_example import (
    EXAMPLE,
    SECTIONS,
    blocks_example,
    emptied,
    example,
    example_without,
    features_example,
    no_model_example,
    nothing_example,
    nothing_selected_example,
    perturbed_example,
    product_example,
    temporal_example,
)

SIZES = {"clear": 58, "tripod_ai": 52, "probast_ai": 34, "metrics": 30}
VARIANTS = {
    "empty": nothing_example,
    "whole": example,
    "features": features_example,
    "nothing selected": nothing_selected_example,
    "by date": temporal_example,
    "combined": product_example,
    "sequences and regions": blocks_example,
    "perturbed": perturbed_example,
    "no model": no_model_example,
    "all absent": lambda: without(*SECTIONS),
}


def without(*names):
    """The example without sections; a flow chart is never absent, but may be empty."""
    results = example_without(*(name for name in names if name != "flow"))
    return replace(results, flow=r.Flow((), ())) if "flow" in names else results


def of_protocol(**values):
    """The example with other values of its protocol."""
    protocol = [row for row in EXAMPLE.images.protocol if row.item not in values]
    protocol += [r.ProtocolValue(item, value, 142) for item, value in values.items()]
    return example(images=replace(EXAMPLE.images, protocol=tuple(protocol)))


def settings_of(results=EXAMPLE, **changes):
    return replace(results, config=replace(results.config, **changes))


def by_number(name, results):
    return {item.number: item for item in fill_checklist(name, results)}


@cache
def of_example(name):
    return by_number(name, EXAMPLE)


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_every_item_stands_once_and_has_its_answer(name, size):
    items = read_checklist(name).items
    numbers = [item.number for item in items]
    assert len(items) == len(set(numbers)) == size
    texts = [item.item for item in items]
    assert len(set(texts)) > 0.9 * size
    assert all(10 < len(text) <= 100 and text.endswith(".") for text in texts)


def test_numbers_are_those_of_the_publications():
    clear = [item.number for item in read_checklist("clear").items]
    assert clear == [str(i) for i in range(1, 59)]
    main = {item.number.rstrip("abcdefg") for item in read_checklist("tripod_ai").items}
    assert main == {str(i) for i in range(1, 28)}
    sections = Counter(item.section for item in read_checklist("metrics").items)
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
    items = fill_checklist("clear", EXAMPLE)
    assert sum(item.status == "filled" for item in items) >= 35


@pytest.mark.parametrize("name", SIZES)
def test_little_is_filled_from_nothing(name):
    filled = {
        item.number
        for item in fill_checklist(name, nothing_example())
        if item.answer and item.status == "filled"
    }
    assert (
        filled
        == {"clear": {"7"}, "tripod_ai": set(), "probast_ai": set(), "metrics": {"1"}}[
            name
        ]
    )


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
    ("clear", "31", "95\xa0% Hausdorff distance was 1.4 mm"),
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
    ("tripod_ai", "14", "sex F (9 patients, AUC 0.81 (95\xa0% CI 0.35 to 0.96))"),
    ("tripod_ai", "23a", "2 groups of 2 have fewer than 10 patients of a class"),
    ("probast_ai", "D4.5", "LASSO"),
    ("probast_ai", "E4.2", "47 lesions of 25 patients, 25 ORN lesions; AUC 0.68"),
    ("probast_ai", "E4.6", "198 bootstrap resamples"),
    ("metrics", "12", "16 co-occurrence and run-length values"),
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
    assert words in of_example(name)[number].answer


def test_numbers_change_with_the_results():
    training, validation = EXAMPLE.parts
    better = replace(validation, auc=replace(validation.auc, auc=0.912))
    results = settings_of(
        example(parts=(training, better)),
        icc_threshold=0.9,
        bits={"cooccurrence": 5},
        pipeline={"nomogram__lambda_rule": "1se"},
    )
    clear = by_number("clear", results)
    assert "AUC 0.91" in clear["47"].answer
    assert "above 0.9 were kept" in clear["33"].answer
    assert "within one standard error" in clear["35"].answer
    assert "32 levels (5 bits) for co-occurrence matrices" in clear["23"].answer


# Without a section the item is not filled any more.
NOT_DONE = {
    "sample_size": [("clear", "9"), ("metrics", "16")],
    "agreement": [("clear", "31"), ("metrics", "14")],
    "models": [("clear", "41"), ("clear", "48"), ("metrics", "24")],
    "baseline": [("clear", "44"), ("tripod_ai", "16")],
    "flow": [("clear", "45"), ("tripod_ai", "20a")],
}
NEEDS = [
    (*item, section, "not done")
    for section, items in NOT_DONE.items()
    for item in items
]
NEEDS += [("metrics", "6", "images", "author")]


@pytest.mark.parametrize(("name", "number", "section", "status"), NEEDS)
def test_what_was_not_done_is_not_filled_and_says_why(name, number, section, status):
    item = by_number(name, without(section))[number]
    assert item.status == status
    assert item.to_do
    if status == "not done" and section != "flow":
        assert f"no {section} here" in item.answer


def test_without_split_or_clinical_columns():
    clear = by_number("clear", features_example())
    assert "10-fold cross-validation" in clear["15"].answer
    assert clear["38"].answer.startswith("Internal, by cross-validation")
    assert clear["17"].status == "not done"
    assert clear["19"].status == "author"
    tripod = by_number("tripod_ai", features_example())
    assert tripod["16"].status == tripod["20c"].status == "not applicable"
    metrics = by_number("metrics", features_example())
    assert metrics["26"].status == metrics["27"].status == "not done"


def test_one_reader():
    results = replace(without("agreement", "reader_swap"), readers=("A",))
    metrics = by_number("metrics", results)
    assert metrics["10"].status == "filled"
    assert metrics["14"].status == "not done"
    assert "one reader" in by_number("clear", results)["20"].answer


def test_nothing_selected_example():
    results = nothing_selected_example()
    assert by_number("clear", results)["43"].status == "not done"
    assert "intercept alone" in by_number("clear", results)["34"].answer
    assert (
        "score = −12.297; probability" in by_number("tripod_ai", results)["22"].answer
    )


def test_no_model_example():
    clear = by_number("clear", no_model_example())
    for number in ("15", "32", "34", "35", "37", "38", "39", "40", "43", "47", "48"):
        assert clear[number].status == "not done"
    tripod = by_number("tripod_ai", no_model_example())
    for number in ("12c", "12f", "12g", "15", "21", "22", "23a"):
        assert tripod[number].status == "not done"


def test_split_by_date():
    results = temporal_example()
    assert "Dates before 2015-06-01" in by_number("clear", results)["15"].answer
    assert "Later patients" in by_number("clear", results)["38"].answer
    assert by_number("metrics", results)["27"].status == "not done"
    assert by_number("metrics", EXAMPLE)["27"].status == "author"


def test_grey_levels_of_mr_without_normalisation_do_not_count():
    results = settings_of(normalization="none")
    assert by_number("metrics", results)["11"].status == "not done"
    results = settings_of(of_protocol(modality="CT"), normalization="none")
    assert by_number("metrics", results)["11"].status == "filled"


def test_enough_lesions_for_the_features():
    size = EXAMPLE.sample_size
    for needed, status in ((46, "filled"), (47, "not done")):
        riley = (replace(size.riley[0], n=needed), replace(size.riley[1], n=40))
        results = example(sample_size=replace(size, riley=riley))
        assert by_number("metrics", results)["16"].status == status


def test_an_item_of_the_protocol_may_be_missing_or_of_many_values():
    rows = [
        r.ProtocolValue("modality", "MR", 142),
        r.ProtocolValue("matrix", "missing", 142),
        r.ProtocolValue("vendor", "A", 1),
        *(r.ProtocolValue("model", i, 1) for i in "abcd"),
    ]
    results = example(images=replace(EXAMPLE.images, protocol=tuple(rows)))
    answer = by_number("clear", results)["16"].answer
    assert answer.endswith("modality MR; vendor A; scanner 4 different ones.")


def test_places_name_where_the_report_shows_it():
    item = by_number("clear", EXAMPLE)["38"]
    assert item.source == "Performance (results: parts)"
    items = fill_checklist("clear", EXAMPLE, places={"performance": "Table 4"})
    assert items[37].source == "Table 4 (results: parts)"
    with pytest.raises(ValueError, match="places names 'figure 9': expected keys"):
        fill_checklist("clear", EXAMPLE, places={"figure 9": "Fig. 9"})


def test_every_place_stands_at_a_key_of_the_results():
    results = EXAMPLE.plain()
    for _, path in PLACES.values():
        here = results
        for key in path.split("."):
            assert key in here
            here = here[key]


@pytest.mark.parametrize(
    ("status", "source"), [("author", "the author"), ("filled", "the run as a whole")]
)
def test_an_answer_without_a_place_has_a_source(status, source):
    assert source_text(Answer(None, status, (), (), ""), {}) == source
    of_model = Answer(None, status, (), ("performance",), "")
    assert source_text(of_model, {"performance": "Table 4"}) == (
        "Table 4 (results: parts)"
    )


def test_unknown_checklist():
    with pytest.raises(ValueError, match="name is 'stard': expected one of 'clear'"):
        fill_checklist("stard", EXAMPLE)


def test_table_for_csv(tmp_path):
    items = fill_checklist("tripod_ai", EXAMPLE)
    table = checklist_table(items)
    table.to_csv(tmp_path / "tripod.csv", index=False)
    read = pd.read_csv(tmp_path / "tripod.csv", dtype=str, keep_default_na=False)
    assert read.shape == (52, 7)
    assert read["answer"].tolist() == [item.answer for item in items]
    assert checklist_table([]).shape == (0, 7)


def test_names_that_look_like_citations_stay_text():
    results = example(classes=("<b>", f"{OPEN}mazda{CLOSE}"))
    answer = by_number("clear", results)["18"].answer
    assert "<b>" in answer and OPEN not in answer


@examples(60)
@given(st.randoms(use_true_random=True), st.sampled_from([0.01, 0.05, 0.3]))
def test_nothing_that_is_missing_stops_a_checklist(random, share):
    results = emptied(EXAMPLE, r.Results, lambda: random.random() < share)
    for name, size in SIZES.items():
        items = fill_checklist(name, results)
        assert len(items) == size
        assert all(item.status in STATUSES for item in items)


# The data files themselves: what they name is there, and every answer is given.


def texts_of(name):
    """The conditions and texts of a list."""
    for item in read_checklist(name).items:
        for answer in item.answers:
            yield from answer.text
            if answer.when is not None:
                yield f"{{{{ {answer.when} }}}}"


def member_types(kind):
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def attribute_type(kind, name):
    """The type of an attribute of results; KeyError where no member has it."""
    for member in member_types(kind):
        if is_dataclass(member) and name in get_type_hints(member):
            return get_type_hints(member)[name]
        if get_origin(member) in (tuple, dict) or member is str:
            return object  # a method of theirs
    raise KeyError(name)


def type_of(node):
    """The type of ``model.lasso``, by the fields of `Results`; object if unknown."""
    if isinstance(node, nodes.Getattr):
        kind = type_of(node.node)
        return object if kind is object else attribute_type(kind, node.attr)
    known = get_type_hints(r.Results)
    if isinstance(node, nodes.Name):
        return {**known, "r": r.Results, "second": r.Part}.get(node.name, object)
    return object


KNOWN = {*known_of(EXAMPLE), *WORDS}


def check_names(text):
    """Raise KeyError for what a text names and does not exist."""
    tree = environment().parse(text)
    unknown = meta.find_undeclared_variables(tree) - KNOWN
    if unknown:
        raise KeyError(unknown.pop())
    for node in tree.find_all(nodes.Getattr):
        type_of(node)
        if isinstance(node.node, nodes.Name) and node.node.name == "say":
            phrase_files()[node.attr]


@pytest.mark.parametrize("name", CHECKLISTS)
def test_what_a_data_file_names_is_there(name):
    for text in texts_of(name):
        check_names(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ sample_size.patients }}",
        "{{ model.lasso.lambda }}",
        "{{ r.sample_sizes }}",
        "{{ say.bit_sentence }}",
        "{{ sample_seize }}",
        "{{ second.lesions }}",
    ],
)
def test_an_unknown_name_is_found(text):
    with pytest.raises(KeyError):
        check_names(text)
    with pytest.raises(UndefinedError):
        environment().from_string(text).render(known_of(EXAMPLE))


def a_file(**changes):
    """A data file of one item, with changes of its answer."""
    answer = {"status": "filled", "text": "Told.", "places": ["flow"]} | changes
    return (
        "title: A\npaper: clear\nitems:\n"
        f"- {{number: '1', section: S, item: I, answers: [{answer}]}}\n"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"status": "done"},
            r"answers\[0\].status is 'done'; .* one of .'filled'",
        ),
        ({"places": ["floor"]}, "item 1 has the place 'floor'; expected one of"),
        ({"texts": "Told."}, r"answers\[0\] lacks nothing and has .'texts'."),
        ({"when": "flow"}, "item 1 may be left without an answer"),
    ],
)
def test_what_a_data_file_must_not_have(changes, message):
    assert parsed_checklist(a_file()).items[0].answers[0].text == ("Told.",)
    with pytest.raises(r.UnexpectedData, match=message):
        parsed_checklist(a_file(**changes))


def test_answers_of_another_item_are_those_of_the_item():
    text = a_file().partition("answers:")[0]
    same = parsed_checklist(f"{text}answers: clear 47}}\n")
    assert same.items[0].answers == read_checklist("clear").items[46].answers
    with pytest.raises(r.UnexpectedData, match="answers: 'clear 99' is no item"):
        parsed_checklist(f"{text}answers: clear 99}}\n")


def judged(**changes):
    """The example with a change of all its parts."""
    return example(parts=tuple(replace(part, **changes) for part in EXAMPLE.parts))


def by_centre():
    """The example with the groups of its patients called centres."""
    rows = [replace(row, by="centre") for row in EXAMPLE.subgroups.rows]
    return example(subgroups=replace(EXAMPLE.subgroups, rows=tuple(rows)))


NO_LIMITS = r.Auc(0.7, None, None, None)
FIRST_STAGE = EXAMPLE.flow.stages[-1:]
REACHING = [
    *VARIANTS.values(),
    *(lambda name=name: without(name) for name in SECTIONS),
    lambda: example(synthetic=False),
    lambda: settings_of(normalization="none"),
    lambda: settings_of(pipeline={"nomogram__penalty": "firth"}),
    lambda: settings_of(pipeline={"nomogram__penalty": "none"}),
    lambda: settings_of(pipeline={"nomogram__class_weight": "balanced"}),
    lambda: by_centre(),
    lambda: replace(without("agreement"), readers=("reader_a",)),
    lambda: replace(no_model_example(), source="features"),
    lambda: judged(auc=NO_LIMITS),
    lambda: example(flow=r.Flow(FIRST_STAGE, ())),
    lambda: without("models", "permuted"),
    lambda: replace(without("nested"), parts=EXAMPLE.parts[:1]),
    lambda: example(parts=EXAMPLE.parts[:1]),
    lambda: example(features=()),
    lambda: example(source="images", features=EXAMPLE.features[:1]),
    lambda: example(
        sample_size=replace(
            EXAMPLE.sample_size, riley=(replace(EXAMPLE.sample_size.riley[0], n=9),)
        )
    ),
]


def test_every_answer_of_every_item_is_given_by_some_example():
    reached = set()
    for made in REACHING:
        known = known_of(made())
        for name in CHECKLISTS:
            for item in read_checklist(name).items:
                answer, _ = answered(item, known)
                reached.add((name, item.number, item.answers.index(answer)))
    written = {
        (name, item.number, i)
        for name in CHECKLISTS
        for item in read_checklist(name).items
        for i in range(len(item.answers))
    }
    assert written == reached
