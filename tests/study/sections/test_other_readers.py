"""The study with other readers, and the model on the outlines of each."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_orn import metrics
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._evaluation import fit_table
from sklearn_orn.study.report.sections import _readers as outlines
from sklearn_orn.study.report.sections import _third_reader as section
from sklearn_orn.study.results import Absent, ReaderSet
from tests.study._results_example import EXAMPLE, example, example_without
from tests.study.sections._study import FEATURES, block_of, small_study
from tests.study.sections.test_agreement import iccs, one_way, two_way

THRESHOLD = 0.75


@pytest.fixture
def judged(monkeypatch):
    """Note the tables that are judged, and the options; fit nothing."""
    from sklearn_orn import resampling

    noted = {}

    def third_reader(steps, tables, y, **options):
        noted.update(options, steps=list(steps.named_steps), tables=tables, y=y)
        rows = {name: (len(name), 0.5, 0.25, 0.125) for name in tables}
        names = ["n_selected", "jaccard", "auc", "correlation"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=names)

    monkeypatch.setattr(resampling, "third_reader", third_reader)
    return noted


def kept_by(study, names, judge):
    values = iccs(study, names, judge)
    return [name for name in FEATURES if values[name] > THRESHOLD]


def mean_of(study, names, features, rows):
    return sum(block_of(study, name)[features][rows] for name in names) / len(names)


def test_each_reader_is_left_out_in_turn(judged):
    study = small_study(readers=("anna", "ben", "cleo"))
    found = section.third_reader_numbers(study, EXAMPLE)
    sets = {
        "anna, ben, cleo": ("anna", "ben", "cleo"),
        "ben, cleo": ("ben", "cleo"),
        "anna, cleo": ("anna", "cleo"),
        "anna, ben": ("anna", "ben"),
    }
    assert list(judged["tables"]) == list(sets)
    rows = study.design.training
    for name, readers in sets.items():
        own = judged["tables"][name]
        kept = kept_by(study, readers, two_way)
        assert sorted(own.columns) == sorted(kept), name
        expected = mean_of(study, readers, kept, rows)
        np.testing.assert_allclose(own[kept], expected, rtol=1e-12)
    np.testing.assert_array_equal(judged["y"], study.design.y[rows])
    np.testing.assert_array_equal(judged["groups"], study.design.patient[rows])
    assert judged["cv"] == found.n_folds == 5
    assert "icc" not in judged["steps"] and "fcm" in judged["steps"]
    assert found.n_lesions == rows.sum()
    assert found.rows[1] == ReaderSet("ben, cleo", 9, 0.5, 0.25, 0.125)


def test_of_two_readers_each_stands_alone(judged):
    study = small_study()
    section.third_reader_numbers(study, EXAMPLE)
    assert list(judged["tables"]) == ["anna, ben", "ben", "anna"]
    rows = study.design.training
    alone = judged["tables"]["ben"]
    assert list(alone.columns) == list(FEATURES)
    np.testing.assert_array_equal(alone, block_of(study, "ben")[rows])


@pytest.mark.parametrize("n_virtual", [2, 3])
def test_a_perturbed_outline_takes_the_place_of_each_reader(judged, n_virtual):
    study = small_study(n_virtual=n_virtual)
    section.third_reader_numbers(study, EXAMPLE)
    swapped = ["perturbed outline, ben", "anna, perturbed outline"]
    alone = ["anna, ben", "ben", "anna"]
    assert list(judged["tables"]) == alone + (swapped if n_virtual > 2 else [])
    if n_virtual < 3:
        return
    virtual = [f"perturbed{i}" for i in (1, 2, 3)]
    rows = study.design.training
    stable = set(kept_by(study, virtual, one_way))
    for name, readers in (
        ("anna, ben", ("anna", "ben")),
        ("perturbed outline, ben", ("perturbed1", "ben")),
        ("anna, perturbed outline", ("anna", "perturbed1")),
    ):
        own = judged["tables"][name]
        np.testing.assert_allclose(
            own, mean_of(study, readers, list(own.columns), rows), rtol=1e-12
        )
        if name == "anna, ben":
            kept = stable & set(kept_by(study, readers, two_way))
            assert set(own.columns) == kept
    assert "icc_perturbed" not in judged["steps"]


def test_one_reader_and_perturbed_outlines(judged):
    study = small_study(readers=("anna",), n_virtual=3)
    section.third_reader_numbers(study, EXAMPLE)
    assert list(judged["tables"]) == ["anna", "perturbed outline"]
    stable = kept_by(study, ["perturbed1", "perturbed2", "perturbed3"], one_way)
    own = judged["tables"]["anna"]
    assert sorted(own.columns) == sorted(stable)
    rows = study.design.training
    np.testing.assert_array_equal(own[stable], block_of(study, "anna")[stable][rows])
    for n in (0, 2):
        few = small_study(readers=("anna",), n_virtual=n)
        found = section.third_reader_numbers(few, EXAMPLE)
        assert found == Absent("There is one reader, and nobody to put in their place.")


def test_lesions_that_all_readers_drew_are_compared(judged):
    study = small_study()
    study.features.loc[4, [f"ben__{name}" for name in FEATURES]] = np.nan
    study.features.loc[5, "anna__Mean"] = np.nan  # but the others are there
    found = section.third_reader_numbers(study, EXAMPLE)
    assert study.design.training[4] and study.design.training[5]
    assert found.n_lesions == study.design.training.sum() - 1
    assert all(len(table) == found.n_lesions for table in judged["tables"].values())
    study.features[[f"ben__{name}" for name in FEATURES]] = np.nan
    found = section.third_reader_numbers(study, EXAMPLE)
    assert found == Absent("No lesion of training was drawn by all readers.")


def test_no_feature_that_readers_agree_on_ends_it(judged):
    study = small_study(icc_threshold=0.9999)
    with pytest.raises(NotEstimable, match="No feature is reproducible over some"):
        section.third_reader_numbers(study, EXAMPLE)


@pytest.mark.parametrize(
    ("column", "plain"),
    [
        ("anna__Mean", "Mean"),
        ("T1|lesion|anna__Mean", "T1|lesion__Mean"),
        ("image|rim3out__Mean", "image|rim3out__Mean"),
        ("Mean", "Mean"),
    ],
)
def test_a_column_without_its_reader(column, plain):
    assert section._without_reader(column) == plain


def test_readers_without_a_name_are_the_reader():
    assert section._names(["", "perturbed outline"]) == "the reader, perturbed outline"
    assert section._names(["drawn"]) == "the reader"
    many = [f"r{i}" for i in range(12)]
    assert section._names(many) == ", ".join(many)


# The table and the sentence

SETS = (
    ReaderSet("anna, ben", 7, 1.0, 0.7471, 1.0),
    ReaderSet("ben", 10, 0.0625, 0.6904, 0.74),
    ReaderSet("anna", 3, 0.75, 0.6333, 0.58),
)
SWAPPED = (
    ReaderSet("perturbed outline, ben", 5, 0.5, 0.7601, 0.9),
    ReaderSet("anna, perturbed outline", 5, 0.5, 0.7601, 0.9),
)


def third(*rows):
    return example(third_reader=replace(EXAMPLE.third_reader, rows=rows))


def said(results):
    (text,) = section.third_reader_sentence(results)
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_each_set_of_readers_has_its_row():
    table = section.third_reader_table(third(*SETS))
    assert table.rows == [
        ["anna, ben", "7", "1.00", "0.747", "1.00"],
        ["ben", "10", "0.06", "0.690", "0.74"],
        ["anna", "3", "0.75", "0.633", "0.58"],
    ]
    assert [column.head for column in table.columns] == [
        *("Readers", "Features in the score", "In common", "AUC, 5 folds"),
        "Correlation",
    ]
    assert table.note.startswith("95 lesions of training that all readers drew.")
    assert table.note.endswith("are kept by the readers of each row.")
    virtual = section.third_reader_table(third(*SETS, *SWAPPED)).note
    assert virtual.endswith("is made from that of the first reader.")


def test_what_another_reader_would_change():
    start = "What another reader would change is seen from those that there are: "
    assert said(third(*SETS)) == start + (
        "with one left out, 6 to 75 % of the features of both scores are the same, the "
        "AUC changes by −0.114 to −0.057 and the probabilities are correlated by 0.58 "
        "to 0.74."
    )
    assert said(third(*SETS, *SWAPPED)).startswith(
        f"{start}with one left out or with a perturbed outline in the place of one, 6 "
        "to 75 % of"
    )
    assert said(third(SETS[0], SWAPPED[0])) == said(third(SETS[0], *SWAPPED))
    assert said(third(SETS[0], *SWAPPED)) == start + (
        "with a perturbed outline in the place of one, 50 % of the features of both "
        "scores are the same, the AUC changes by 0.013 and the probabilities are "
        "correlated by 0.90."
    )


@pytest.mark.parametrize("lost", ["first", "others"])
def test_an_auc_that_cannot_be_judged_is_not_compared(lost):
    first, *others = SETS
    if lost == "first":
        first = replace(first, auc=None)
    else:
        others = [replace(row, auc=None, correlation=None) for row in others]
    text = said(third(first, *others))
    assert "AUC" not in text
    assert ("correlated" in text) is (lost == "first")


def test_one_of_two_numbers_that_are_missing():
    some = said(third(SETS[0], replace(SETS[1], auc=None, correlation=None), SETS[2]))
    assert "the AUC changes by −0.114 and" in some and "correlated by 0.58." in some


def test_no_other_readers_are_told_where_there_are_several():
    none = example_without("third_reader")
    assert said(none) == (
        "Other sets of readers cannot be compared: no third_reader here"
    )
    alone = example_without("third_reader", "reader_swap")
    assert list(section.third_reader_sentence(alone)) == []


# The same model on the outlines of each reader


@pytest.mark.parametrize("split", [True, False])
def test_the_model_of_all_readers_on_the_outlines_of_each(split):
    study = small_study(split=split)
    gone = [f"ben__{name}" for name in FEATURES]
    study.features.loc[[0, 3], gone] = np.nan
    study.features.loc[6, "ben__Mean"] = np.nan  # the others are there
    found = outlines.reader_swap(study, EXAMPLE)
    design, features = study.design, study.features
    rows = {row.reader: row for row in found.rows}
    assert list(rows) == ["anna", "ben", "mean of all"]
    if not split:
        assert rows["anna"].n_lesions == 48 and rows["ben"].n_lesions == 46
        return
    learn, judge = design.training, ~design.training
    steps = fit_table(study.table_steps(), features[learn], design.take(learn))
    for reader, row in rows.items():
        table = features[judge].copy()
        here = np.ones(judge.sum(), bool)
        if reader != "mean of all":
            other = "ben" if reader == "anna" else "anna"
            table[[c for c in table if c.startswith(other)]] = np.nan
            here = block_of(study, reader)[judge].notna().any(axis=1).to_numpy()
        proba = steps.predict_proba(table[here])[:, 1]
        y, patient = design.y[judge][here], design.patient[judge][here]
        assert row.n_lesions == here.sum()
        assert row.auc == pytest.approx(roc_auc_score(y, proba))
        limits = metrics.roc_auc_ci(y, proba, groups=patient)
        assert (row.lower, row.upper) == pytest.approx((limits.lower, limits.upper))


def test_a_reader_with_lesions_of_one_class_has_no_auc():
    study = small_study()
    gone = [f"ben__{name}" for name in FEATURES]
    judge = ~study.design.training
    for value in (0, 1):
        of_class = judge & (study.design.y == value)
        table = study.features.copy()
        table.loc[of_class, gone] = np.nan
        other = small_study()
        other.features.loc[:] = table
        found = outlines.reader_swap(other, EXAMPLE)
        assert [row.reader for row in found.rows] == ["anna", "mean of all"]
    one_positive = np.flatnonzero(judge & (study.design.y == 1))[1:]
    study.features.loc[one_positive, gone] = np.nan
    found = outlines.reader_swap(study, EXAMPLE)
    assert [row.reader for row in found.rows] == ["anna", "ben", "mean of all"]


def test_a_reader_who_drew_nothing_that_judges():
    study = small_study()
    judge = ~study.design.training
    study.features.loc[judge, [f"ben__{name}" for name in FEATURES]] = np.nan
    found = outlines.reader_swap(study, EXAMPLE)
    assert [row.reader for row in found.rows] == ["anna", "mean of all"]


def test_outlines_of_one_reader_cannot_be_exchanged():
    found = outlines.reader_swap(small_study(readers=("anna",)), EXAMPLE)
    assert found == Absent("There is one reader, so outlines cannot be exchanged.")


def test_each_reader_has_a_row():
    table = outlines.readers_table(example())
    assert table.rows == [
        ["reader_a", "47", "0.690", "0.540 to 0.830"],
        ["reader_b", "47", "0.660", "0.510 to 0.810"],
    ]
