import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort._design import StudyDesign
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.study import _flow
from sklearn_orn.study._extraction import LeftOut, extract_rows
from sklearn_orn.study._flow import OTHER, REASONS, short_reason
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study.results import Exclusion, Inspection
from tests._examples import examples
from tests.images._make import write_png
from tests.study._cohort import make_table, write_cohort


def make_flow(*args, **settings):
    """Return the flow as results.json and the figure have it."""
    return plain_data(_flow.make_flow(*args, **settings))


def design_of(patient, y, training=None, has_split=True):
    patient = np.array(patient, dtype=object)
    y = np.array(y)
    training = np.ones(len(y), bool) if training is None else np.array(training)
    ids = np.array([f"L{i}" for i in range(len(y))], dtype=object)
    return StudyDesign(
        ids, patient, y, training, ("0", "1"), ("low", "<high> $x$"), has_split
    )


@pytest.fixture
def design():
    """Five lesions of four patients; P2 has one of each class."""
    return design_of(
        ["P1", "P2", "P2", "P3", "P4"],
        [0, 0, 1, 1, 1],
        [True, True, True, False, False],
    )


def screening(**changes):
    plain = {
        "screened": {"lesions": 12, "patients": 9},
        "excluded": [
            {"reason": "no pre-treatment MRI", "lesions": 4, "patients": 3},
            {"reason": "motion", "lesions": 3, "patients": 2},
        ],
    }
    return plain | changes


def test_a_table_alone(design):
    flow = make_flow(design)
    assert flow["stages"] == [
        {"name": "Analysed", "lesions": 5, "patients": 4, "excluded": []}
    ]
    training, validation = flow["parts"]
    assert training == {
        "part": "training",
        "lesions": 3,
        "patients": 2,
        "patients_in_both": 1,
        "classes": [
            {"label": "low", "lesions": 2, "patients": 2},
            {"label": "<high> $x$", "lesions": 1, "patients": 1},
        ],
        "centres": [],
    }
    assert (validation["part"], validation["patients_in_both"]) == ("validation", 0)
    assert json.loads(json.dumps(flow)) == flow


def test_without_a_split_there_is_one_part(design):
    whole = make_flow(design_of(design.patient, design.y, has_split=False))
    assert [part["part"] for part in whole["parts"]] == ["all"]
    assert whole["parts"][0]["lesions"] == 5


def test_one_class_only():
    flow = make_flow(design_of(["a", "b"], [1, 1], has_split=False))
    assert [c["lesions"] for c in flow["parts"][0]["classes"]] == [0, 2]


def test_screening_that_adds_up(design):
    flow = make_flow(design, screening=screening())
    assert [stage["name"] for stage in flow["stages"]] == ["Screened", "Analysed"]
    screened = flow["stages"][0]
    assert (screened["lesions"], screened["patients"]) == (12, 9)
    assert screened["excluded"][1] == {"reason": "motion", "lesions": 3, "patients": 2}


def test_patients_only(design):
    only = {
        "screened": {"patients": 6},
        "excluded": [{"reason": "no MRI", "patients": 2}],
    }
    screened, analysed = make_flow(design, screening=only)["stages"]
    assert (screened["lesions"], screened["patients"]) == (None, 6)
    assert screened["excluded"] == [
        {"reason": "no MRI", "lesions": None, "patients": 2}
    ]
    assert (analysed["lesions"], analysed["patients"]) == (5, 4)


def test_a_unit_that_was_not_screened_is_not_shown(design):
    more = {
        "screened": {"patients": 6},
        "excluded": [{"reason": "no MRI", "patients": 2, "lesions": 3}],
    }
    screened = make_flow(design, screening=more)["stages"][0]
    assert screened["excluded"][0]["lesions"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"screened": {"lesions": 13, "patients": 9}},
            "13 lesions screened minus 7 excluded leave 6, .* holds 5, 1 fewer",
        ),
        (
            {"screened": {"lesions": 12, "patients": 8}},
            "8 patients screened minus 5 excluded leave 3, .* holds 4, 1 more",
        ),
        ({"excluded": []}, "12 lesions screened minus 0 excluded leave 12"),
        ({"screened": None}, "screening has no screened"),
        ({"screened": 12}, "screening.screened is 12: expected lesions, patients"),
        ({"screened": {}}, "screening.screened counts neither"),
        ({"screened": {"lesions": 1.5}}, r"screening.screened.lesions is 1.5"),
        ({"screened": {"lesions": -1}}, r"screening.screened.lesions is -1"),
        ({"screened": {"lesions": True}}, r"screening.screened.lesions is True"),
        ({"screened": {"patient": 3, "lesions": 5}}, "has the key 'patient'"),
        ({"screened": {"lesions": 4, "patients": 9}}, "leave -3, .* holds 5, 8 more"),
        ({"exclude": []}, "screening has the key 'exclude': expected screened"),
        ({"excluded": "none"}, "screening.excluded is 'none': expected a list"),
        ({"excluded": {"reason": "x"}}, "expected a list"),
        ({"excluded": ["motion"]}, r"screening.excluded\[0\] is 'motion'"),
        (
            {"excluded": [{"reason": "motion", "lesions": 7}]},
            r"excluded\[0\] has no patients, although .* 0 if it was none",
        ),
        (
            {"excluded": [{"lesions": 7, "patients": 5}]},
            r"screening.excluded\[0\].reason is None",
        ),
        (
            {"excluded": [{"reason": "a", "lesions": 7, "patients": 5, "n": 1}]},
            r"screening.excluded\[0\] has the key 'n'",
        ),
    ],
)
def test_screening_that_cannot_be_used(design, changes, message):
    with pytest.raises(CohortError, match=message):
        make_flow(design, screening=screening(**changes))


def test_an_exclusion_of_nobody_counts_0(design):
    nobody = {"reason": "withdrew", "lesions": 0, "patients": 0}
    listed = [*screening()["excluded"], nobody]
    flow = make_flow(design, screening=screening(excluded=listed))
    assert flow["stages"][0]["excluded"][2] == nobody


def test_of_several_reasons_the_one_of_most_lesions_comes_first(design):
    left_out = [
        LeftOut("a", "P7", "the mask is empty"),
        LeftOut("b", "P8", "file does not exist"),
        LeftOut("c", "P8", "file does not exist"),
        LeftOut("d", "P1", "is damaged"),
        LeftOut("e", "P1", "is damaged"),
        LeftOut("f", "P1", "is damaged"),
    ]
    found = make_flow(design, left_out)["stages"][0]["excluded"]
    assert [(row["lesions"], row["patients"]) for row in found] == [
        (3, 0),
        (2, 1),
        (1, 1),
    ]


def test_each_part_counts_its_lesions_by_centre(design):
    centres = np.array(["B", "A", "B", "B", "A"])
    training, validation = make_flow(design, centres=centres)["parts"]
    assert training["centres"] == [
        {"label": "A", "lesions": 1, "patients": 1},
        {"label": "B", "lesions": 2, "patients": 2},
    ]
    assert validation["centres"] == [
        {"label": "A", "lesions": 1, "patients": 1},
        {"label": "B", "lesions": 1, "patients": 1},
    ]


def test_lesions_rejected_on_inspection_have_a_stage(design):
    rejected = Inspection(8, 6, (), (Exclusion("motion", 2, 1),))
    left_out = [LeftOut("a", "P9", "the mask is empty")]
    flow = make_flow(design, left_out, inspection=rejected)
    assert [(s["name"], s["lesions"], s["patients"]) for s in flow["stages"]] == [
        ("In the cohort table", 8, 6),
        ("Kept on inspection", 6, 5),
        ("Analysed", 5, 4),
    ]
    told = flow["stages"][0]["excluded"]
    assert [row["reason"] for row in told] == ["rejected on inspection: motion"]


@pytest.mark.parametrize(("n", "kept"), [(60, True), (61, False)])
def test_a_short_reason_is_told(n, kept):
    assert short_reason("m" * n) == ("m" * n if kept else OTHER)


def test_screening_must_be_a_mapping(design):
    with pytest.raises(CohortError, match=r"screening is \[1\]: expected the keys"):
        make_flow(design, screening=[1])


def test_lesions_left_out_are_grouped_and_their_patients_counted_once(design):
    left_out = (
        LeftOut("a", "P1", "file '/x/a.png' does not exist"),  # P1 stays
        LeftOut("b", "P9", "lesion 'b', mask: the mask is empty: none of its 9"),
        LeftOut("c", "P9", "file '/x/c.png' does not exist"),
        LeftOut("d", "P8", "file '/x/d.png' does not exist"),
    )
    table, analysed = make_flow(design, left_out)["stages"]
    assert (table["lesions"], table["patients"]) == (9, 6)
    assert (analysed["lesions"], analysed["patients"]) == (5, 4)
    assert table["excluded"] == [
        {"reason": "image or mask file not found", "lesions": 3, "patients": 1},
        {
            "reason": "region of interest empty or too small",
            "lesions": 1,
            "patients": 1,
        },
    ]


def test_the_screening_is_held_against_the_whole_table(design):
    left_out = [LeftOut("a", "P9", "the mask is empty")]
    with pytest.raises(CohortError, match="leave 5, .* holds 6, 1 more"):
        make_flow(design, left_out, screening())
    grown = screening(screened={"lesions": 13, "patients": 10})
    names = [s["name"] for s in make_flow(design, left_out, grown)["stages"]]
    assert names == ["Screened", "In the cohort table", "Analysed"]


def test_lesions_left_out_without_a_patient(design):
    left_out = [LeftOut("a", None, "the mask is empty")]
    table = make_flow(design, left_out)["stages"][0]
    assert table["patients"] is None and table["excluded"][0]["patients"] is None
    grown = screening(screened={"lesions": 13, "patients": 10})
    with pytest.raises(CohortError, match="patients of the table are unknown"):
        make_flow(design, left_out, grown)


@examples(80)
@given(st.data())
def test_each_stage_is_the_one_before_minus_its_exclusions(data):
    patients = st.sampled_from([f"P{i}" for i in range(8)])
    own = data.draw(st.lists(patients, min_size=1, max_size=10))
    y = data.draw(st.lists(st.integers(0, 1), min_size=len(own), max_size=len(own)))
    reasons = st.sampled_from(["does not exist", "mask is empty", "damaged"])
    left_out = [
        LeftOut(str(i), *pair)
        for i, pair in enumerate(data.draw(st.lists(st.tuples(patients, reasons))))
    ]
    flow = make_flow(design_of(own, y, has_split=False), left_out)
    stages = flow["stages"]
    for unit in ("lesions", "patients"):
        for before, after in zip(stages, stages[1:], strict=False):
            excluded = sum(entry[unit] for entry in before["excluded"])
            assert before[unit] - excluded == after[unit]
    part = flow["parts"][0]
    assert part["lesions"] == stages[-1]["lesions"]
    in_classes = sum(group["patients"] for group in part["classes"])
    assert in_classes - part["patients_in_both"] == part["patients"]


def _break(cohort, what):
    """Make the first lesion fail in one way; return the reason expected."""
    kinds = list(REASONS)
    if what == "missing file":
        cohort.loc[0, "image"] = "nowhere.dcm"
        return kinds[0]
    if what == "no mask":
        cohort.loc[0, "mask"] = None
        return kinds[1]
    if what == "empty mask":
        write_png(cohort.loc[0, "mask"], np.zeros((40, 40), dtype=np.uint8))
        return kinds[2]
    if what == "other size":
        write_png(cohort.loc[0, "mask"], np.full((30, 40), 255, dtype=np.uint8))
        return kinds[3]
    with open(cohort.loc[0, what], "wb") as file:
        file.write(b"\x00" * 300)
    return kinds[4]


@pytest.mark.parametrize(
    "what",
    ["missing file", "no mask", "empty mask", "other size", "image", "mask"],
)
def test_real_failures_have_their_kind_of_reason(what, tmp_path):
    cohort = read_cohort(write_cohort(tmp_path, make_table(2)))
    cohort = cohort.reset_index(drop=True)
    expected = _break(cohort, what)
    steps = make_pipeline(Normalizer(), TextureExtractor(["histogram"]))
    (left_out,) = extract_rows(Cohort.of(cohort), steps).left_out
    assert short_reason(left_out.reason) == expected


def test_reasons_show_no_path():
    assert short_reason("something odd in '/home/Miller^Anna/x.dcm'") == OTHER
    assert short_reason("a reason of " + 20 * "many words ") == OTHER
    assert short_reason("") == OTHER
    assert short_reason("no outcome.") == "no outcome"
