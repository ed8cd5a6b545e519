"""A study of several centres: described, tested for confounding, left out in turn."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sklearn_orn.cohort import Cohort
from sklearn_orn.deploy import ModelFile, predict_cohort
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.images import read_cohort
from sklearn_orn.metrics import performance_by_centre
from sklearn_orn.study import StudyConfig, run_study, write_report
from sklearn_orn.study._centre_guards import confounded
from sklearn_orn.study._centres import all_with_centre, with_centres
from sklearn_orn.study._evaluation import fit_table
from sklearn_orn.study._new_study_file import study_file_text
from sklearn_orn.study._plan import plan_study
from sklearn_orn.study._row_combat import RowComBat
from sklearn_orn.study.report.sections._by_centre import by_centre_table
from sklearn_orn.study.report.sections._centres import (
    class_from_protocol,
    confounding_table,
    counts_table,
    protocol_table,
)
from sklearn_orn.study.results import Absent
from tests.study._checks import Page
from tests.study._cohort import make_table, write_cohort
from tests.study._results_example import centres_example
from tests.study._studies import SETTINGS, quick_drawings

CENTRES = ("Aachen", "Bonn", "Cologne")
PLAIN = SETTINGS | {"n_permutations": 19, "n_resamples": 2}


def three_centres(n=120, *, seed=0):
    """A table of three centres and its features; Bonn measures higher.

    The first feature knows the class.
    """
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    centre = rng.permutation(np.resize(CENTRES, n))
    table = pd.DataFrame(
        {
            "lesion": [f"L{i}" for i in range(n)],
            "patient": [f"P{i}" for i in range(n)],
            "grade": np.where(y, "high", "low"),
            "hospital": centre,
            "age": rng.normal(60, 9, n).round(),
            "sex": rng.choice(["f", "m"], n),
            "part": np.where(rng.random(n) < 0.65, "training", "validation"),
        }
    )
    values = rng.standard_normal((n, 8))
    values[:, 0] += 1.5 * y
    values[centre == "Bonn"] = 1.5 * values[centre == "Bonn"] + 1.5
    return table, pd.DataFrame(values, columns=[f"f{i}" for i in range(8)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The study as it is, and harmonised."""
    table, features = three_centres()
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("none", "combat"):
            quick_drawings(patch, figures=name == "combat")
            few = {"n_permutations": 19 if name == "none" else 1}
            config = StudyConfig(
                **SETTINGS | {"n_resamples": 2} | few,
                split="part",
                centre="hospital",
                harmonise=name,
                clinical=["age", "sex"],
                pipeline={"nomogram__lambda_rule": 0.05},  # no search for it
            )
            out = tmp_path_factory.mktemp(name)
            found[name] = run_study(table, config, out, features=features)
    return table, features, found


def test_who_was_seen_where(runs):
    table, _, found = runs
    numbers = found["none"].numbers
    assert numbers.centres.names == CENTRES
    counted = {(r.centre, r.part): r.n_lesions for r in numbers.centres.counts}
    expected = table.groupby(["hospital", "part"]).size()
    assert counted == {key: int(n) for key, n in expected.items()}
    flow = {p.part: {c.label: c.lesions for c in p.centres} for p in numbers.flow.parts}
    assert flow["training"]["Bonn"] == counted["Bonn", "training"]
    age = next(r for r in numbers.centres.characteristics if r.variable == "age")
    median = table[table["hospital"] == "Bonn"]["age"].median()
    assert age.cells["Bonn"].startswith(f"{median:.1f} [")
    assert [row.level for row in numbers.centres.characteristics[1:]] == [None, *"fm"]


def test_features_tell_the_centre_and_the_centre_not_the_class(runs):
    _, _, found = runs
    numbers = found["none"].numbers
    confounding = numbers.centres.confounding
    assert confounding.centre_from_features.p_value == 0.05
    assert confounding.class_from_centre.p_value > 0.05
    assert isinstance(confounding.class_from_protocol, Absent)
    codes = [guard.code for guard in numbers.warnings]
    assert "ORN032" in codes and "ORN030" not in codes
    told = next(g.text for g in numbers.warnings if g.code == "ORN032")
    assert "Bonn" in told and "not harmonised" in told


def test_each_centre_is_judged_by_a_model_of_the_others(runs):
    table, features, found = runs
    study = found["none"].numbers
    centre = table["hospital"].to_numpy()
    y = (table["grade"] == "high").astype(int).to_numpy()
    design = Cohort.of(table, StudyConfig(**PLAIN).columns).design
    proba = np.zeros(len(y))
    for name in CENTRES:
        here = centre == name
        steps = clone(found["none"].pipeline)
        fit_table(steps, features[~here], design.take(~here))
        proba[here] = steps.predict_proba(features[here])[:, 1]
    expected = performance_by_centre(
        y, proba, centre, groups=table["patient"], threshold=study.by_centre.threshold
    )
    for row, (name, values) in zip(
        study.by_centre.rows, expected.table.iterrows(), strict=True
    ):
        assert row.centre == name
        assert row.auc == pytest.approx(values["auc"])
        assert row.slope == pytest.approx(values["slope"])
        assert row.net_benefit == pytest.approx(values["net_benefit"])
    summary = {row.measure: row for row in study.by_centre.summary}
    assert summary["auc"].mean == pytest.approx(expected.summary.loc["auc", "mean"])
    shift = {r.centre: r.calibration_in_the_large for r in study.by_centre.rows}
    assert shift["Bonn"] < -1  # it measures higher, so its risks are too high


def test_combat_learns_in_each_fold_and_the_model_file_asks_for_the_centre(runs):
    table, features, found = runs
    result = found["combat"]
    names = list(result.pipeline.named_steps)
    assert names == ["columns", "combat", "fcm", "nomogram"]
    combat = result.pipeline.named_steps["combat"]
    in_training = table[table["part"] == "training"]["hospital"]
    expected = in_training.value_counts().sort_index()
    assert combat.n_lesions_.tolist() == expected.tolist()
    folder = result.report.parent
    assert not (folder / "calculator.html").exists()
    model = ModelFile.read(folder / "model.json")
    new = features.assign(hospital=table["hospital"])
    scores = predict_cohort(model, new).table
    told = result.scores["probability"].to_numpy()
    np.testing.assert_allclose(scores["probability"], told, rtol=1e-9)
    new.loc[[0, 1], "hospital"] = ["Dresden", None]
    left_out = predict_cohort(model, new.iloc[:9]).left_out
    assert len(left_out) == 2
    assert "holds 'Dresden', a level that training did not have" in left_out[0].reason
    assert "'hospital' is empty" in left_out[1].reason
    with pytest.raises(CohortError, match="lacks 1 columns that the model needs: hosp"):
        predict_cohort(model, features)


def test_the_page_is_made_again_from_the_numbers(runs, monkeypatch):
    _, _, found = runs
    folder = found["combat"].report.parent
    quick_drawings(monkeypatch)
    page = write_report(folder).read_text("utf-8")
    text = Page(page).text
    assert "ComBat takes away what the centres add" in text
    assert "internal-external cross-validation" in text
    assert "New centre" in text and "Characteristics by centre" in text


def test_an_unseen_centre_of_validation_is_refused_before_anything_is_done():
    table, features = three_centres()
    table.loc[table["hospital"] == "Bonn", "part"] = "validation"
    config = StudyConfig(**PLAIN, split="part", centre="hospital", harmonise="combat")
    with pytest.raises(CohortError, match="training has no lesion of 'Bonn'"):
        plan_study(table, config, features)
    grand = {"combat__unseen": "grand"}
    config = StudyConfig(
        **PLAIN, split="part", centre="hospital", harmonise="combat", pipeline=grand
    )
    plan, problems = plan_study(table, config, features)
    assert "Centres: Aachen (40), Bonn (40), Cologne (40)" in plan and not problems
    assert "combat: RowComBat(unseen='grand')" in plan


def test_a_class_that_goes_with_the_centre_is_a_warning():
    told = {guard.code: guard.text for guard in confounded(centres_example())}
    assert list(told) == ["ORN030", "ORN032"]
    assert (
        "A model that knows the centre alone has an AUC of 0.80 in cross-validation by "
        "patient (p = 0.010, 99 permutations)."
    ) in told["ORN030"]
    assert "Harmonising cannot part the two" in told["ORN030"]


def test_a_study_without_centres_says_nothing_of_them(two_reader_study):
    numbers = two_reader_study.numbers
    assert numbers.centres == Absent("No centre is named.")
    assert isinstance(numbers.by_centre, Absent)
    assert "Validation by centre" not in two_reader_study.report.read_text("utf-8")


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"harmonise": "combat"}, "no centre is named"),
        ({"centre": "header hospital"}, "of the headers it can be 'header station'"),
        ({"centre": "grade"}, "outcome and centre|centre and outcome"),
        ({"centre": "c", "harmonise": "mean"}, "harmonise is 'mean': expected one of"),
        (
            {
                "centre": "c",
                "harmonise": "combat",
                "clinical": ["age"],
                "nomogram": "combined",
            },
            "a model file holds the one or the other",
        ),
    ],
)
def test_wrong_settings_are_named(settings, match):
    with pytest.raises(ValueError, match=match):
        StudyConfig(outcome="grade", **settings)


def test_gaps_and_single_centres_are_refused_by_name():
    table, features = three_centres()
    config = StudyConfig(**PLAIN, centre="hospital")
    gaps = table.assign(hospital=table["hospital"].where(table.index > 1))
    with pytest.raises(CohortError, match=r"2 of 120 lesions have no centre .*L0, L1"):
        plan_study(gaps, config, features)
    with pytest.raises(CohortError, match=r"names 1 centre\(s\) for 120 lesions"):
        plan_study(table.assign(hospital="Bonn"), config, features)
    with pytest.raises(CohortError, match=r"names 120 centre\(s\)"):
        plan_study(table.assign(hospital=table["lesion"]), config, features)
    with pytest.raises(CohortError, match="features were given without images"):
        config = StudyConfig(**PLAIN, centre="header model")
        plan_study(table, config, features)


@pytest.fixture
def of_stations(tmp_path):
    """Lesions of two stations, whose names tell the hospital, and one without."""
    table = pd.DataFrame(
        {
            "lesion": ["a", "b", "c"],
            "patient": ["1", "2", "3"],
            "grade": ["low", "high", "low"],
        }
    )
    folders = []
    for name, header in (
        ("x", {"StationName": "SECRET-CLINIC-2", "MagneticFieldStrength": "1.5"}),
        ("y", {"StationName": "HOSPITAL-1", "MagneticFieldStrength": "3"}),
        ("z", {"MagneticFieldStrength": "3"}),
    ):
        path = write_cohort(tmp_path / name, table, **header)
        folders.append(read_cohort(path).assign(lesion=[f"{name}{i}" for i in "abc"]))
    return pd.concat(folders[:2], ignore_index=True), folders[2]


def test_stations_are_numbered_and_never_named(of_stations):
    table, without = of_stations
    config = StudyConfig(**PLAIN, centre="header station")
    cohort = with_centres(Cohort.of(table, config.columns), config, from_images=True)
    assert cohort.centres.tolist() == ["station 1"] * 3 + ["station 2"] * 3
    mixed = Cohort.of(pd.concat([table, without], ignore_index=True), config.columns)
    mixed = with_centres(mixed, config, from_images=True)
    with pytest.raises(CohortError) as error:
        all_with_centre(mixed, config)
    assert "the header does not say it" in str(error.value)
    assert "SECRET" not in str(error.value)
    with pytest.raises(CohortError, match="no header says: name a column"):
        with_centres(Cohort.of(without, config.columns), config, from_images=True)


def test_field_strength_and_model_can_be_the_centre(of_stations):
    table, _ = of_stations
    config = StudyConfig(**PLAIN, centre="header field strength")
    cohort = with_centres(Cohort.of(table, config.columns), config, from_images=True)
    assert cohort.centres.tolist() == ["1.5 T"] * 3 + ["3 T"] * 3
    assert json.dumps(config.as_dict())  # the manifest holds it


def test_init_proposes_a_column_that_is_called_so():
    table, _ = three_centres()
    text = study_file_text(table, "t.csv")
    assert re.search(
        r'^centre: "hospital"  # column of the centre; or of the', text, re.M
    )
    assert "# harmonise: combat" in text
    alone = study_file_text(table.assign(hospital="Bonn"), "t.csv")
    assert re.search(r"^# centre: ", alone, re.M)


def test_tables_of_an_example_tell_what_is_missing():
    results = centres_example()
    rows = by_centre_table(results).rows
    assert [row[0] for row in rows] == [
        "Aachen",
        "Bonn",
        "Mean",
        "New centre",
        "station 3",
    ]
    assert rows[-1][-1] == "There is one class."
    assert counts_table(results).rows[0][:3] == ["Aachen", "Training", "20"]
    assert protocol_table(results).rows == [["Vendor", *["A (40)"] * 3]]
    told = confounding_table(results).rows
    assert told[1][-1] == "All images have the same protocol."
    assert told[2][-1] == "Aachen 0.70; Bonn 0.90; station 3 0.80"


def test_a_protocol_that_goes_with_the_class_is_told():
    table, _ = three_centres()
    y = (table["grade"] == "high").astype(int).to_numpy()
    config = StudyConfig(**PLAIN, centre="hospital")
    design = Cohort.of(table, config.columns).design
    study = SimpleNamespace(design=design, config=config)
    protocol = pd.DataFrame(
        {"TR_ms": 500.0 + 100 * y, "vendor": "A", "matrix": None}, index=table.index
    )
    protocol.loc[::7, "TR_ms"] = np.nan
    told = class_from_protocol(study, protocol)
    assert told.auc > 0.8 and told.p_value == 0.05
    with pytest.raises(NotEstimable, match="All images have the same protocol"):
        class_from_protocol(study, protocol[["vendor", "matrix"]])


@pytest.mark.long
def test_a_harmonised_study_of_images_of_three_stations(tmp_path, monkeypatch):
    """From headers to a model file; no output names a station."""
    quick_drawings(monkeypatch)
    tables = []
    for number, name in enumerate(("SECRET-A", "SECRET-B", "SECRET-C")):
        made = make_table(20, split=False)
        path = write_cohort(tmp_path / name, made, seed=number, StationName=name)
        read = read_cohort(path)
        ids = {c: f"{number}" + read[c] for c in ("lesion", "patient")}
        tables.append(read.assign(**ids))
    table = pd.concat(tables, ignore_index=True)
    config = StudyConfig(
        **SETTINGS | {"n_resamples": 2, "n_permutations": 1, "sensitivity": True},
        centre="header station",
        harmonise="combat",
    )
    result = run_study(table, config, tmp_path / "out")
    numbers = result.numbers
    assert numbers.centres.names == ("station 1", "station 2", "station 3")
    assert set(numbers.centres.protocol) == set(numbers.centres.names)
    found = [row.result for row in numbers.sensitivity.rows]
    assert not any(isinstance(of, Absent) for of in found)
    model = ModelFile.read(tmp_path / "out" / "model.json")
    centre = np.repeat(numbers.centres.names, len(table) // 3)
    scores = predict_cohort(model, table.assign(centre=centre)).table
    np.testing.assert_allclose(
        scores["probability"],
        result.pipeline.predict_proba(table.assign(centre=centre))[:, 1],
    )
    for file in (tmp_path / "out").rglob("*"):
        assert not file.is_file() or b"SECRET" not in file.read_bytes(), file


def test_a_resample_without_a_centre_does_not_count():
    """It is no fault of the program: the step says what the data do not give."""
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 4)))
    rows = pd.Series(np.repeat(CENTRES, 10))
    step = RowComBat(rows=rows).fit(X.iloc[:20])
    with pytest.raises(NotEstimable, match="has not seen the centre 'Cologne'"):
        step.transform(X)
    as_it_is = RowComBat(rows=rows, unseen="grand").fit(X.iloc[:20]).transform(X)
    np.testing.assert_array_equal(as_it_is[20:], X.iloc[20:])
    with pytest.raises(ValueError, match="nothing says the centre of a row"):
        RowComBat().fit(X)
