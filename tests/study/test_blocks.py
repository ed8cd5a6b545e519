"""A study of two sequences and two regions, with perturbed outlines."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import radiomics_pipeline
from sklearn_orn._block_names import is_virtual, parse_block
from sklearn_orn.cli import main
from sklearn_orn.deploy import ModelFile, predict_cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study._plan import plan_study
from sklearn_orn.study.results import Absent
from tests._two_sequences import write_cohort
from tests.images._make import write_image
from tests.study._checks import page_of
from tests.study._studies import LAYOUT, quick_drawings, unsaved

RIM = "rim 2 mm outside"
CONFIG = StudyConfig(
    outcome="grade",
    patient="patient",
    regions=["lesion", RIM],
    perturbed_outlines=2,
    cv=3,
    k=3,
    n_resamples=2,
    n_permutations=1,
    sensitivity=False,
    icc_threshold=0.3,
    pipeline={
        "extractor__families": ["histogram"],
        "nomogram__lambda_rule": 0.02,
        "regions__margin": 4.0,
        "perturber__growth": 0.05,
    },
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blocks")
    path = write_cohort(folder)
    text = path.read_text(encoding="utf-8")
    for file in folder.glob("T*.npy"):  # which know no spacing
        write_image(file.with_suffix(".dcm"), np.load(file))
        text = text.replace(file.name, file.with_suffix(".dcm").name)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def study(path, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        unsaved(patch)
        patch.setattr(LAYOUT, lambda engine, figure: None)
        return run_study(path, CONFIG, tmp_path_factory.mktemp("report") / "out")


def block_of(column):
    return parse_block(column.split("__")[0])


def test_every_block_is_measured(study):
    blocks = {block_of(name) for name in study.features}
    assert {b.sequence for b in blocks} == {"T1", "T2"}
    assert {b.region for b in blocks} == {"lesion", "rim2out"}
    readers = ["anna", "ben", "perturbed1", "perturbed2"]
    assert sorted({b.reader for b in blocks}) == readers
    assert len(blocks) == 2 * 2 * 4
    assert study.features.shape[1] == 16 * 9


def test_steps_are_counted_by_sequence_and_region(study):
    rows = study.numbers.blocks.rows
    assert [(row.sequence, row.region) for row in rows] == [
        ("T1", "lesion"),
        ("T1", "rim2out"),
        ("T2", "lesion"),
        ("T2", "rim2out"),
    ]
    assert {row.n_measured for row in rows} == {9}
    left = {row.step: row.n_features for row in study.numbers.features}
    assert left["extractor"] == 36
    assert left["icc"] == sum(row.n_reproducible for row in rows)
    assert left["fcm"] == sum(row.n_chosen for row in rows)
    assert left["nomogram"] == sum(row.n_in_score for row in rows) > 0
    assert left["icc_perturbed"] >= left["icc"]


def test_readers_are_those_who_drew(study):
    numbers = study.numbers
    assert numbers.readers == ("anna", "ben")
    assert numbers.agreement.judged_by == "readers"
    assert numbers.perturbed_agreement.judged_by == "perturbed outlines"
    assert numbers.perturbed_agreement.form == "ICC(1,1)"
    assert numbers.agreement.n_features == numbers.perturbed_agreement.n_kept
    names = {row.reader for row in numbers.reader_swap.rows}
    assert names == {"anna", "ben", "mean of all"}
    assert not any("perturbed" in row.feature for row in numbers.selection.icc)


def test_the_model_file_predicts_what_the_study_says(study, path):
    table = read_cohort(path)
    file = study.report.parent / "model.json"
    model = ModelFile.read(file)
    assert model.pipeline["perturber"].n == 0
    assert model.pipeline["regions"].regions == ["lesion", RIM]
    found = predict_cohort(model, table).table
    direct = model.pipeline.predict_proba(table)[:, 1]
    np.testing.assert_allclose(found["probability"], direct)
    whole = study.pipeline.predict_proba(table)[:, 1]
    np.testing.assert_allclose(direct, whole, rtol=1e-12)


def test_one_reader_without_a_name_is_enough_for_new_patients(study, path):
    table = read_cohort(path)
    one = table.drop(columns=[c for c in table if c == "mask_ben"])
    one = one.rename(columns={"mask_anna": "mask"})
    model = ModelFile.read(study.report.parent / "model.json")
    assert predict_cohort(model, one).table["probability"].notna().all()


def test_the_report_says_it(study):
    text = page_of(study).text
    for told in (
        "Features of each sequence and region",
        "measured on 2 sequences (T1 and T2)",
        "the lesion and the rim up to 2 mm outside it were measured",
        "2 perturbed outlines were made",
        "changed in area by up to 5",
        "9 texture features per lesion, sequence, region and reader",
    ):
        assert told in text
    settings = json.loads((study.report.parent / "results.json").read_bytes())
    assert settings["config"]["regions"] == ["lesion", RIM]
    calculator = (study.report.parent / "calculator.html").read_text(encoding="utf-8")
    assert study.numbers.model.coefficients[0].feature in calculator


def test_the_plan_tells_blocks(path):
    text, problems = plan_study(read_cohort(path), CONFIG)
    assert not problems
    assert "Sequences: T1, T2" in text
    assert f"Regions: lesion, {RIM}" in text
    assert "Blocks: 8, each measured by itself" in text
    assert "Perturbed outlines: 2 of each lesion" in text
    assert text.index("perturber:") < text.index("regions:") < text.index("normalizer:")


def test_a_rim_without_spacing_is_found_before_it_is_measured(path):
    narrow = replace(CONFIG, regions=["lesion", "rim 0.01 mm outside"])
    _, problems = plan_study(read_cohort(path), narrow)
    assert len(problems) > 1
    assert "0.01 mm wide" in problems[0]


def test_sequences_are_chosen(path):
    text, _ = plan_study(read_cohort(path), replace(CONFIG, sequences=["T2"]))
    assert "Sequences: T2\n" in text
    with pytest.raises(CohortError, match=r"sequences names 'T9'; .*'T1', 'T2'"):
        plan_study(read_cohort(path), replace(CONFIG, sequences=["T9"]))


def test_a_table_of_features_has_its_own_regions(study, path):
    table = read_cohort(path)
    features = study.features
    plain = replace(CONFIG, regions=["lesion"], perturbed_outlines=0, pipeline={})
    text, problems = plan_study(table, replace(plain, sequences=["T1"]), features)
    assert not problems
    assert "icc_perturbed" in text
    assert "Features: 72, given" in text
    with pytest.raises(CohortError, match="regions is of a table of images"):
        plan_study(table, replace(plain, regions=[RIM]), features)
    with pytest.raises(CohortError, match="perturbed_outlines is of a table of images"):
        plan_study(table, replace(plain, perturbed_outlines=9), features)
    with pytest.raises(CohortError, match="sequences names 'CT'"):
        plan_study(table, replace(plain, sequences=["CT"]), features)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"regions": ["moon"]}, "regions: 'moon' is not a region"),
        ({"regions": []}, "regions is empty"),
        ({"regions": ["rim 3 mm outside", "rim3out"]}, "are the same"),
        ({"perturbed_outlines": 1}, "an ICC compares two or more"),
        ({"perturbed_outlines": -1}, "perturbed_outlines is -1: expected"),
        ({"sequences": ["T1", "T1"]}, "sequences names 'T1' twice"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        StudyConfig(outcome="grade", **wrong)


@pytest.mark.parametrize("key", ["regions__air", "perturber__n", "icc_perturbed__form"])
def test_parameters_of_steps_that_the_study_has_not(path, key):
    plain = StudyConfig(outcome="grade", patient="patient", pipeline={key: 1})
    with pytest.raises(CohortError, match=r"only with the key|is set by the key"):
        plan_study(read_cohort(path), plain)


def test_one_reader_is_judged_by_perturbed_outlines():
    steps = radiomics_pipeline(1, perturbed=3, regions=["lesion"]).named_steps
    assert list(steps)[:4] == ["perturber", "normalizer", "extractor", "icc"]
    assert steps["icc"].readers == "perturbed"
    two = radiomics_pipeline(2, perturbed=3, regions=[RIM])
    assert list(two.named_steps)[:6] == [
        "perturber",
        "regions",
        "normalizer",
        "extractor",
        "icc_perturbed",
        "icc",
    ]


def test_one_unnamed_reader_and_perturbed_outlines(path, tmp_path, monkeypatch):
    quick_drawings(monkeypatch, figures=False)
    table = read_cohort(path).rename(columns={"image_T1": "image", "mask_anna": "mask"})
    table = table.drop(columns=["image_T2", "mask_ben"])
    config = replace(CONFIG, regions=["lesion"], sensitivity=True)
    settings = {k: v for k, v in config.pipeline.items() if "regions" not in k}
    found = run_study(table, replace(config, pipeline=settings), tmp_path / "out")
    numbers = found.numbers
    assert numbers.readers == ()
    assert numbers.agreement.judged_by == "perturbed outlines"
    assert isinstance(numbers.perturbed_agreement, Absent)
    assert isinstance(numbers.blocks, Absent)
    assert not any(isinstance(x.result, Absent) for x in numbers.sensitivity.rows)
    assert numbers.model.coefficients[0].feature in [
        name.split("__")[-1] for name in found.features
    ]
    text = {guard.code: guard.text for guard in numbers.warnings}["ORN020"]
    assert "agree on perturbed outlines" in text
    page = found.report.read_text(encoding="utf-8")
    assert "drawn by all readers" not in page


def test_where_no_feature_agrees_on_perturbed_outlines(path, tmp_path, monkeypatch):
    quick_drawings(monkeypatch, figures=False)
    strict = replace(CONFIG, icc_threshold=0.99999)
    numbers = run_study(path, strict, tmp_path / "out").numbers
    assert isinstance(numbers.model, Absent)
    assert numbers.perturbed_agreement.n_kept == 0
    assert "No feature has an ICC above" in numbers.agreement.absent
    assert {row.n_in_score for row in numbers.blocks.rows} == {0}
    assert {row.n_reproducible for row in numbers.blocks.rows} == {None}


def test_extract_and_check_know_regions(path, tmp_path, capsys):
    out = tmp_path / "features.csv"
    assert main(["extract", str(path), "--regions", RIM, "--out", str(out)]) == 0
    names = pd.read_csv(out, nrows=1).columns
    blocks = {block_of(name) for name in names if "__" in name}
    assert {b.region for b in blocks} == {"rim2out"}
    assert not any(is_virtual(b.reader) for b in blocks)
    assert main(["check", str(path), "--regions", "lesion", "rim 0.01 mm inside"]) == 1
    assert "0.01 mm wide" in capsys.readouterr().out
    assert main(["extract", str(path), "--regions", RIM, RIM, "--out", str(out)]) == 2
    assert "names one twice" in capsys.readouterr().err


def test_init_writes_the_sequences(path, tmp_path):
    file = tmp_path / "study.yaml"
    assert main(["init", str(path), "--out", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert 'sequences: ["T1", "T2"]' in text
    assert "# regions: [lesion, rim 3 mm outside]" in text
