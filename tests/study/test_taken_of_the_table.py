"""What a study takes of its table: readers, sequences, centres, scores."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.study import StudyConfig, _centres, _changes, _chosen
from sklearn_orn.study._centres import all_with_centre, centre_line, with_centres
from sklearn_orn.study._changes import CHANGED, file_stamps, without_changed
from sklearn_orn.study._chosen import choose_readers, chosen
from sklearn_orn.study._extraction import Extraction, LeftOut
from sklearn_orn.study._filters import fitted_filters
from sklearn_orn.study._pipeline import study_pipeline, table_steps
from sklearn_orn.study._row_combat import RowComBat
from sklearn_orn.study._scores import check_scores, planned_scores, sequences_of
from sklearn_orn.study.results import Absent
from tests.study.sections._study import FEATURES, small_study

N = 12
BASE = {"outcome": "grade", "positive": "high", "patient": "patient", "cv": 2}


def config(**changes):
    return StudyConfig(**BASE | changes)


def table(*readers, sequences=("",), **columns):
    """A table that names files, of which none is read."""
    names = [f"L{i}" for i in range(N)]
    made = {
        "lesion": names,
        "patient": [f"P{i}" for i in range(N)],
        "grade": np.where(np.arange(N) % 2, "high", "low"),
        "part": np.where(np.arange(N) < 8, "training", "validation"),
    }
    for sequence in sequences:
        made[f"image_{sequence}".rstrip("_")] = [f"{x}.png" for x in names]
    for reader in readers:
        made[f"mask_{reader}".rstrip("_")] = [f"{x}{reader}.png" for x in names]
    return pd.DataFrame(made | columns)


def cohort(*readers, settings=None, **more):
    settings = config() if settings is None else settings
    return Cohort.of(table(*readers, **more), settings.columns)


# Readers and sequences


@pytest.fixture
def asked(monkeypatch):
    """Note who is asked about, and look at no image."""
    seen = []
    monkeypatch.setattr(
        _chosen, "ask_about_readers", lambda names, what: seen.append(tuple(names))
    )
    monkeypatch.setattr(
        _chosen, "ask_about_images", lambda t, names: seen.append(tuple(names))
    )
    return seen


def test_all_readers_are_taken_and_asked_about(asked):
    found = choose_readers(cohort("anna", "ben"), config())
    assert found.readers == ("anna", "ben")
    assert asked == [("anna", "ben")] * 2


def test_readers_that_are_named_are_taken_and_no_others(asked):
    settings = config(readers=["ben", "cleo"])
    found = choose_readers(cohort("anna", "ben", "cleo"), settings)
    assert found.readers == ("ben", "cleo") and asked == []
    with pytest.raises(CohortError, match="dora"):
        choose_readers(cohort("anna", "ben"), config(readers=["anna", "dora"]))


def test_sequences_that_are_named_are_taken_and_no_others(asked):
    of = cohort("anna", sequences=("T1", "T2", "T3"))
    assert of.sequences == ("T1", "T2", "T3")
    found = choose_readers(of, config(sequences=["T1", "T3"]))
    assert found.sequences == ("T1", "T3")
    assert choose_readers(of, config()).sequences == ("T1", "T2", "T3")
    with pytest.raises(CohortError, match="T9"):
        choose_readers(of, config(sequences=["T1", "T9"]))


def test_a_table_without_outlines_is_refused(asked):
    with pytest.raises(CohortError, match="mask"):
        choose_readers(cohort(), config())


def test_separate_scores_need_sequences(asked):
    separate = config(scores="separate", nomogram="combined", clinical=["age"])
    with pytest.raises(CohortError, match="this study has one, unnamed"):
        choose_readers(cohort("anna", age=60.0), separate)
    with pytest.raises(
        CohortError, match="includes or excludes columns of a table of f"
    ):
        choose_readers(cohort("anna"), config(features={"include": ["a*"]}))


def test_images_or_features_come_to_the_end_with_their_centres(asked, monkeypatch):
    seen = []

    def centres(cohort, config, *, from_images):
        seen.append(from_images)
        return with_centres(cohort, config, from_images=from_images)

    monkeypatch.setattr(_chosen, "with_centres", centres)
    settings = config(centre="hospital")
    where = np.resize(["A", "B"], N)
    of = cohort("anna", settings=settings, hospital=where)
    of_images = chosen(of, None, settings)
    assert of_images.features is None
    assert of_images.cohort.centres.tolist() == where.tolist()
    features = pd.DataFrame({"f0": np.arange(N) / 7, "f1": np.arange(N) / 3 % 1})
    given = chosen(of, features, settings)
    assert list(given.features) == ["f0", "f1"]
    assert seen == [True, False]


def test_a_clinical_column_that_cannot_be_read_ends_it_at_once(asked):
    wrong = config(clinical={"age": {"ordinal": ["young", "old"]}})
    of = cohort("anna", settings=wrong, age=["young", "ancient"] * 6)
    with pytest.raises(CohortError, match="ancient"):
        chosen(of, None, wrong)


# Scores of sequences

BLOCKS = [f"{seq}|lesion|{r}" for seq in ("T1", "T2") for r in ("anna", "ben")]


def features_of(blocks, names=("Mean", "Skew")):
    columns = [f"{block}__{name}" for block in blocks for name in names]
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(8, len(columns))), columns=columns)


def steps_of(n_virtual=0, readers=("anna", "ben")):
    return table_steps(study_pipeline(readers, config(perturbed_outlines=n_virtual)))


SEPARATE = config(scores="separate", nomogram="combined", clinical=["age"])


def test_one_score_is_of_all_features():
    features, steps = features_of(BLOCKS), steps_of()
    (plan,) = planned_scores(steps, features, config())
    assert plan.name == "radiomics score"
    assert plan.columns == list(features.columns) and plan.steps is steps


def test_each_sequence_has_a_score_of_its_own_features():
    plans = planned_scores(steps_of(), features_of(BLOCKS), SEPARATE)
    assert [plan.name for plan in plans] == ["radiomics score T1", "radiomics score T2"]
    for plan, sequence in zip(plans, ("T1", "T2"), strict=True):
        assert len(plan.columns) == 4
        assert all(name.startswith(f"{sequence}|") for name in plan.columns)
        assert plan.steps.named_steps["icc"] != "passthrough"
    assert sequences_of(["T2|lesion", "T1|lesion", "T2|rim3out", "anna"]) == (
        "T2",
        "T1",
    )


def test_a_sequence_of_one_reader_has_no_agreement():
    lopsided = features_of(BLOCKS[:3])  # ben drew on T1 alone
    first, second = planned_scores(steps_of(), lopsided, SEPARATE)
    assert first.steps.named_steps["icc"] != "passthrough"
    assert second.steps.named_steps["icc"] == "passthrough"


def test_perturbed_outlines_are_no_second_reader_and_stand_for_one():
    virtual = [f"T{i}|lesion|perturbed{k}" for i in (1, 2) for k in (1, 2)]
    features = features_of([*BLOCKS[:3], *virtual])
    first, second = planned_scores(steps_of(2), features, SEPARATE)
    assert first.steps.named_steps["icc"] != "passthrough"
    assert not first.steps.named_steps["icc_perturbed"].average
    assert second.steps.named_steps["icc"] == "passthrough"
    assert second.steps.named_steps["icc_perturbed"].average
    alone = steps_of(2, readers=("anna",))
    assert alone.named_steps["icc"].readers == "perturbed"
    one = features_of([BLOCKS[0], BLOCKS[2], *virtual])
    for plan in planned_scores(alone, one, SEPARATE):
        assert plan.steps.named_steps["icc"] != "passthrough"
    none = table_steps(study_pipeline((), config()))
    assert "icc" not in none.named_steps
    for plan in planned_scores(none, features_of(["T1|lesion", "T2|lesion"]), SEPARATE):
        assert list(plan.steps.named_steps) == list(none.named_steps)


def test_separate_scores_of_one_sequence_or_of_a_columns_name_are_refused():
    check_scores(("T1", "T2"), SEPARATE)
    check_scores((), config())
    with pytest.raises(CohortError, match="has the sequence 'T1' alone"):
        check_scores(("T1",), SEPARATE)
    with pytest.raises(CohortError, match="has one, unnamed"):
        check_scores((), SEPARATE)
    named = replace(SEPARATE, clinical=("age", "radiomics score T2"))
    with pytest.raises(
        CohortError, match="the column 'radiomics score T2', as the rep"
    ):
        check_scores(("T1", "T2"), named)
    check_scores(("T1", "T3"), named)


# Centres


def at(*centres, harmonise="none", **settings):
    chosen_ = config(centre="hospital", harmonise=harmonise, split="part", **settings)
    return cohort("", settings=chosen_, hospital=list(centres)), chosen_


def test_the_centre_is_that_of_the_column():
    where = ["A", "B"] * 6
    of, settings = at(*where)
    found = with_centres(of, settings, from_images=False)
    assert found.centres.tolist() == where
    assert centre_line(found) == "Centres: A (6), B (6)"
    late = Cohort.of(of.table, config(split="part").columns)
    assert late.centres is None
    assert with_centres(late, settings, from_images=False).centres.tolist() == where
    plain = config()
    assert with_centres(of, plain, from_images=False) is of
    assert all_with_centre(late, settings) is late
    assert all_with_centre(of, plain) is of


def test_two_to_fifty_centres(monkeypatch):
    with pytest.raises(CohortError, match=r"names 1 centre\(s\) for 12 lesions"):
        with_centres(*at(*["A"] * N), from_images=False)
    with_centres(*at(*["A"] * 8, *["A", "B"] * 2), from_images=False)
    many = at(*map(str, range(N)))
    with_centres(*many, from_images=False)
    monkeypatch.setattr(_centres, "MOST", N)
    with_centres(*many, from_images=False)
    monkeypatch.setattr(_centres, "MOST", N - 1)
    with pytest.raises(CohortError, match="expected 2 to 11"):
        with_centres(*many, from_images=False)


def test_fifty_is_the_most():
    assert _centres.MOST == 50


def test_lesions_without_a_centre_are_named():
    with pytest.raises(CohortError, match=r"1 of 12 lesions .* 'hospital' is empty"):
        with_centres(*at(None, *["A", "B"] * 5, "A"), from_images=False)


def test_a_centre_that_training_lacks_cannot_be_harmonised():
    where = [*["A", "B"] * 4, "C", "C", "A", "B"]
    with pytest.raises(CohortError, match="training has no lesion of 'C'"):
        with_centres(*at(*where, harmonise="combat"), from_images=False)
    with_centres(*at(*where), from_images=False)
    grand = {"combat__unseen": "grand"}
    with_centres(*at(*where, harmonise="combat", pipeline=grand), from_images=False)
    with_centres(*at(*["A", "B"] * 6, harmonise="combat"), from_images=False)


@pytest.fixture
def headers(monkeypatch):
    """Let the headers say this, whatever the files are."""

    def say(*texts):
        monkeypatch.setattr(_centres, "header_values", lambda *of: list(texts))

    return say


def by_header(field):
    return cohort(""), config(centre=f"header {field}")


def test_stations_are_numbered_in_the_order_of_the_table(headers):
    headers("Z", "Z", "A", None, *["Z", "M"] * 4)
    found = with_centres(*by_header("station"), from_images=True)
    first, second, third = "station 1", "station 2", "station 3"
    assert found.centres.tolist() == [first, first, second, None, *[first, third] * 4]
    with pytest.raises(CohortError, match=r"1 of 12 .*the header does not say it"):
        all_with_centre(found, config(centre="header station"))


def test_other_fields_are_told_as_they_are(headers):
    headers(*["Zeta", "Alpha"] * 6)
    found = with_centres(*by_header("model"), from_images=True)
    assert set(found.centres) == {"Zeta", "Alpha"}
    headers(*["Zeta"] * N)
    with pytest.raises(CohortError, match=r"names 1 centre\(s\)"):
        with_centres(*by_header("model"), from_images=True)
    headers(*[None] * N)
    with pytest.raises(CohortError, match="which no header says"):
        with_centres(*by_header("model"), from_images=True)
    with pytest.raises(CohortError, match="features were given without images"):
        with_centres(*by_header("model"), from_images=False)


# ComBat by the rows of a table


def test_the_batch_of_a_row_is_found_by_its_index():
    from sklearn_orn.selection import ComBat

    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(24, 3)), index=[f"L{i}" for i in range(24)])
    batch = pd.Series(np.resize(["A", "B"], 24), index=X.index)
    mixed = X.iloc[rng.permutation(24)]
    settings = {"parametric": False, "mean_only": True, "min_lesions": 3}
    step = RowComBat(rows=batch, **settings)
    expected = ComBat(**settings).fit(mixed, batch=batch[mixed.index])
    found = step.fit(mixed).transform(X)
    np.testing.assert_allclose(found, expected.transform(X, batch=batch))
    own, plain = RowComBat().get_params(), ComBat().get_params()
    assert own.pop("rows") is None
    assert own == {name: plain[name] for name in own} and len(own) == 5


def test_a_centre_that_was_not_seen_stays_as_it_is_or_does_not_count():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)))
    where = pd.Series(np.repeat(["A", "B", "C"], 10))
    learnt = X.iloc[:20]
    step = RowComBat(rows=where).fit(learnt)
    assert step.transform(learnt).shape == (20, 3)
    with pytest.raises(NotEstimable, match="has not seen the centre 'C' .* 'A', 'B'"):
        step.transform(X)
    grand = RowComBat(rows=where, unseen="grand").fit(learnt)
    np.testing.assert_array_equal(grand.transform(X)[20:], X.iloc[20:])
    np.testing.assert_allclose(grand.transform(X)[:20], step.transform(learnt))
    with pytest.raises(ValueError, match="nothing says the centre of a row"):
        RowComBat().fit(X)


# The filters


def filters(study, from_images=True):
    study.from_images = from_images
    return fitted_filters(study)


def test_filters_are_fitted_one_behind_the_other():
    found = filters(small_study(n_virtual=3))
    assert found.icc.readers == ["anna", "ben"]
    assert found.perturbed.readers == "perturbed"
    assert found.agreement.judged_by == "readers"
    assert found.perturbed_agreement.n_features == len(FEATURES)
    kept = found.perturbed.get_support().sum()
    assert found.agreement.n_features == kept < len(FEATURES)
    plain = filters(small_study())
    assert plain.agreement.n_lesions == 32
    assert plain.perturbed_agreement == Absent(
        "No outlines were perturbed beside those of several readers."
    )


def test_why_there_is_no_filter():
    one = small_study(readers=())
    assert filters(one).agreement == Absent("Every lesion was drawn by one reader.")
    given = filters(one, from_images=False).agreement
    assert given == Absent("The features that were given have no blocks of readers.")
    study = small_study()
    study.design.training[:] = False
    assert filters(study).agreement == Absent(
        "No lesion of the training part was measured."
    )


def with_step(study, **changes):
    steps = study.table_steps().set_params(**changes)
    study.table_steps = lambda: steps
    return study


def test_a_filter_that_keeps_nothing_has_judged():
    strict = filters(with_step(small_study(), icc__threshold=0.9999))
    assert strict.icc is not None and strict.reason
    assert strict.agreement.n_kept == 0
    few = filters(with_step(small_study(), icc__min_lesions=33))
    assert few.icc is None
    assert isinstance(few.agreement, Absent) and "33" in few.agreement.absent
    enough = filters(
        with_step(small_study(), icc__threshold=0.9999, icc__min_lesions=32)
    )
    assert enough.icc is not None
    unstable = filters(
        with_step(small_study(n_virtual=3), icc_perturbed__threshold=0.9999)
    )
    assert unstable.icc is None and unstable.perturbed is not None
    assert unstable.perturbed_agreement.n_kept == 0


# Files that change


class Lesions:
    """A cohort whose files have these stamps."""

    patients = np.array(["P0", "P0", "P1", "P2"])
    names = np.array(["a", "b", "c", "d"])

    def lesions(self):
        return range(4)


@pytest.fixture
def stamps(monkeypatch):
    told = {}

    def stamp(lesion):
        if told.get(lesion) is OSError:
            raise OSError
        return told.get(lesion, f"{lesion}")

    monkeypatch.setattr(_changes, "fingerprint_of", stamp)
    return told


def measured(rows):
    rows = np.array(rows)
    gone = tuple(
        LeftOut(name, None, "empty mask")
        for name, kept in zip("abcd", rows, strict=True)
        if not kept
    )
    features = pd.DataFrame(
        {"f": np.flatnonzero(rows) * 1.0}, index=np.flatnonzero(rows)
    )
    return Extraction(features, rows, gone, ("",), ())


def test_files_have_a_stamp_or_none(stamps):
    stamps[2] = OSError
    assert file_stamps(Lesions()) == ["0", "1", None, "3"]


def test_lesions_that_changed_are_left_out_with_the_others(stamps):
    before = file_stamps(Lesions())
    whole = measured([True, True, True, False])
    assert without_changed(Lesions(), whole, before) is whole
    stamps.update({1: "new", 3: "new"})  # the last was not measured at all
    found = without_changed(Lesions(), whole, before)
    assert found.measured.tolist() == [True, False, True, False]
    assert found.features["f"].tolist() == [0.0, 2.0]
    one, other = found.left_out
    assert (one.lesion, one.patient) == ("b", "P0") and CHANGED in one.reason
    assert (other.lesion, other.reason) == ("d", "empty mask")
    stamps.clear()
    stamps[3] = "new"
    assert without_changed(Lesions(), whole, before) is whole
    stamps.update(dict.fromkeys(range(3), "new"))
    with pytest.raises(CohortError, match="no lesion is left"):
        without_changed(Lesions(), whole, before)
