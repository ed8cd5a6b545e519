"""Who was seen where, and what tells what, on a few lesions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report.sections import _centres as section
from sklearn_orn.study.results import Absent, CentreCount, CentreRow, ProtocolValue
from tests.study._results_example import (
    EXAMPLE,
    centres_example,
    example,
    example_without,
)

N = 60
CENTRE = np.resize(["A", "B"], N)


def study(*, y=None, split=True, **given):
    """Two lesions of each patient, both in one centre; B has more of the class."""
    rng = np.random.default_rng(0)
    patient = np.repeat([f"P{i:02d}" for i in range(N // 2)], 2)
    if y is None:
        y = np.repeat(rng.random(N // 2) < 0.5, 2).astype(int)
    design = StudyDesign(
        lesion=np.array([f"L{i}" for i in range(N)]),
        patient=patient,
        y=y,
        training=np.arange(N) < 40 if split else np.ones(N, bool),
        labels=("low", "high"),
        classes=("low", "high"),
        has_split=split,
    )
    config = SimpleNamespace(n_permutations=1, random_state=1, clinical=("age",))
    table = pd.DataFrame({"age": rng.normal(60, 9, N).round()})
    return SimpleNamespace(
        **{
            "centres": np.repeat(["A", "B"], N // 2),
            "design": design,
            "config": config,
            "cohort": SimpleNamespace(table=table),
            "protocol": None,
            "drawn": pd.DataFrame(
                {"f0": rng.normal(size=N) + 3 * (np.arange(N) >= 30)}
            ),
        }
        | given
    )


def test_lesions_and_patients_of_each_centre_and_part():
    of = study()
    y = of.design.y
    found = section.centres_of(of, EXAMPLE)
    assert found.names == ("A", "B")
    assert found.counts == (
        CentreCount("A", "training", 30, 15, int(y[:30].sum())),
        CentreCount("A", "validation", 0, 0, 0),
        CentreCount("B", "training", 10, 5, int(y[30:40].sum())),
        CentreCount("B", "validation", 20, 10, int(y[40:].sum())),
    )
    whole = section.centres_of(study(split=False), EXAMPLE)
    assert [(row.part, row.n_lesions) for row in whole.counts] == [("all", 30)] * 2
    assert found.protocol == {}
    with pytest.raises(NotEstimable, match="No centre is named"):
        section.centres_of(study(centres=None), EXAMPLE)


def test_a_gap_in_the_headers_is_a_value_as_any_other():
    of = study()
    vendor = np.where(of.design.y == 1, "X", None)
    told = section.class_from_protocol(of, pd.DataFrame({"vendor": vendor}))
    assert told.auc == 1.0 and told.n_permutations == 1
    time = np.where(of.design.y == 1, 600.0, np.nan)
    told = section.class_from_protocol(of, pd.DataFrame({"TE_ms": time}))
    assert isinstance(told.auc, float)


def test_two_values_are_enough_and_one_is_not():
    of = study()
    two = pd.DataFrame({"vendor": np.where(of.design.y == 1, "X", "Y")})
    assert section.class_from_protocol(of, two).auc == 1.0
    with pytest.raises(NotEstimable, match="All images have the same protocol"):
        section.class_from_protocol(of, two.assign(vendor="X"))
    with pytest.raises(NotEstimable, match="nothing is known of images"):
        section.class_from_protocol(of, None)


def test_an_item_without_any_number_does_not_end_it():
    of = study()
    table = pd.DataFrame({"TR_ms": 5.0 + of.design.y, "TE_ms": np.nan})
    assert section.class_from_protocol(of, table).auc == 1.0


def test_each_centre_has_the_protocol_of_its_own_images():
    protocol = pd.DataFrame(
        {"vendor": np.repeat(["X", "Y"], N // 2), "TR_ms": 500.0}, index=range(N)
    )
    found = section._protocol_by_centre(protocol, np.repeat(["A", "B"], N // 2))
    vendors = {
        name: [(row.value, row.n_lesions) for row in rows if row.item == "vendor"]
        for name, rows in found.items()
    }
    assert vendors == {"A": [("X", 30)], "B": [("Y", 30)]}
    assert section._protocol_by_centre(None, CENTRE) == {}


def test_features_that_tell_the_centre_do_so_for_each():
    found = section.centres_of(study(), EXAMPLE).confounding
    assert found.centre_from_features.auc > 0.9
    assert set(found.centre_from_features.of) == {"A", "B"}
    assert found.class_from_protocol == Absent(
        "The features were given: nothing is known of images."
    )


def test_features_are_averaged_over_the_readers_who_drew():
    table = pd.DataFrame(
        {
            "anna__Skew": [1.0, 2.0, np.nan],
            "ben__Skew": [3.0, np.nan, np.nan],
            "anna__Mean": [5.0, 6.0, 7.0],
            "ben__Mean": [7.0, 8.0, 9.0],
            "plain": [1.0, 1.0, 2.0],
        }
    )
    found = section._over_readers(table)
    assert found.shape == (3, 3)
    skew, mean, plain = (found.iloc[:, i].to_numpy() for i in range(3))
    np.testing.assert_array_equal(skew, [2.0, 2.0, np.nan])
    np.testing.assert_array_equal(mean, [6.0, 7.0, 8.0])
    np.testing.assert_array_equal(plain, [1.0, 1.0, 2.0])


def told(**changes):
    return example(centres=replace(centres_example().centres, **changes))


def test_counts_have_the_share_of_the_lesions_of_the_centre():
    counts = (
        CentreCount("Bonn", "training", 40, 18, 9),
        CentreCount("Bonn", "validation", 0, 0, 0),
    )
    table = section.counts_table(told(counts=counts))
    assert table.rows == [
        ["Bonn", "Training", "40", "18", "9 (22 %)"],
        ["Bonn", "Validation", "0", "0", "0"],
    ]
    heads = [column.head for column in table.columns]
    assert heads == ["Centre", "Part", "Lesions", "Patients", "ORN"]


def test_characteristics_stand_under_their_centre():
    cells = dict(zip(("Aachen", "Bonn", "station 3"), "abc", strict=True))
    rows = (
        CentreRow("age", None, "median", "patient", cells),
        CentreRow("sex", "f", "categorical", "patient", cells),
        CentreRow("site", None, "categorical", "lesion", cells),
    )
    table = section.characteristics_table(told(characteristics=rows))
    assert table.rows == [
        ["age (patients)", "a", "b", "c"],
        ["\N{EM SPACE}f", "a", "b", "c"],
        ["site (lesions)", "a", "b", "c"],
    ]
    assert [c.head for c in table.columns] == ["", "Aachen", "Bonn", "station 3"]


def test_an_item_that_one_centre_alone_tells_has_a_row():
    vendor, time = ProtocolValue("vendor", "X", 40), ProtocolValue("TR_ms", "550", 9)
    protocol = {"Aachen": (vendor,), "Bonn": (vendor, time), "station 3": (vendor,)}
    rows = section.protocol_table(told(protocol=protocol)).rows
    assert rows == [["Vendor", *["X (40)"] * 3], ["TR, ms", "", "550 (9)", ""]]
    with pytest.raises(NotEstimable, match="were given, not measured here"):
        section.protocol_table(told(protocol={}))


def test_each_question_has_its_answer():
    table = section.confounding_table(centres_example())
    assert table.rows == [
        ["The class from the centre alone", "0.80", "0.010", ""],
        [
            *("The class from the protocol alone", "", ""),
            "All images have the same protocol.",
        ],
        [
            *("The centre from the features", "0.80", "0.010"),
            "Aachen 0.70; Bonn 0.90; station 3 0.80",
        ],
    ]
    assert table.note.startswith("Mean AUC over 5 folds of patients; 0.5 is chance.")


def test_where_the_centre_is_read_and_what_was_done():
    (column,) = section.centres_sentence(centres_example())
    assert column.startswith(
        "The centre of each lesion is told by the column “hospital”. ComBat takes away"
    )
    results = centres_example(source="header station")
    plain = replace(results, config=replace(results.config, harmonise="none"))
    (header,) = section.centres_sentence(plain)
    assert header == (
        "The centre of each lesion is told by the station in the headers of its images."
    )
    assert list(section.centres_sentence(example_without("centres"))) == []
