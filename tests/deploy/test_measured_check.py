"""What the page saved, computed again: every number, and which one differs."""

import copy
import json
from types import SimpleNamespace

import nibabel
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklearn_orn import cli
from sklearn_orn.deploy import ModelFile, predict_cohort
from sklearn_orn.deploy._calculator_data import page_data
from sklearn_orn.deploy._measured_check import _cells, _lesion
from sklearn_orn.deploy.shared import check_measured
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import Lesion
from tests.images._make import write_png


def runs_of(mask):
    flat = np.concatenate([[False], mask.ravel()])
    ends = np.flatnonzero(np.diff(flat))
    return np.diff(np.concatenate([[0], ends, [mask.size]])).tolist()


def measured(model, row, clinical):
    """What the page would save of a row."""
    (scored,) = predict_cohort(model, row).table.to_dict("records")
    masks = {r: np.array(Image.open(row[f"mask_{r}"].iloc[0])) > 0 for r in "AB"}
    steps = model.pipeline
    if hasattr(steps[0], "transformers_"):
        (steps,) = [
            getattr(step, "estimator_", step)
            for name, step in steps[0].named_transformers_.items()
            if name in ("score", "texture")
        ]
    lesion = [Lesion(row["image"].iloc[0], masks)]
    for step in steps[:2]:
        lesion = step.transform(lesion)
    data = page_data(model)
    names = [
        feature["name"]
        for p in data["predictors"]
        for feature in (p["score"] or {"predictors": [p]})["predictors"]
        if p["name"] not in clinical
    ]
    total = (scored["score"] - data["start"]) * data["pointsPerUnit"]
    return {
        "format": "sklearn-orn-measured",
        "schema_version": 1,
        "made_with": "sklearn-orn",
        "research_use_only": True,
        "model": {
            "title": data["title"],
            "sha256": model.sha256,
            "positive": "a",
            "negative": "b",
        },
        "image": {
            "kind": "dicom",
            "rows": 40,
            "columns": 40,
            "section": 0,
            "n_sections": 1,
            "spacing": [0.5, 0.5],
            "protocol": {"field_strength_T": None, "modality": "MR", "TR_ms": 500},
        },
        "readers": [
            {
                "name": reader,
                "polygons": [],
                "runs": runs_of(mask),
                "features": {n: float(lesion[f"{reader}__{n}"].iloc[0]) for n in names},
            }
            for reader, mask in masks.items()
        ],
        "clinical": clinical,
        "result": {
            "score": scored["score"],
            "probability": scored["probability"],
            "predicted": str(scored["predicted"]),
            "total_points": total,
            "points": {"all": total},
            "flags": [flag for flag in scored["flags"].split("; ") if flag],
            "moved": {"low": 0.1, "high": 0.1, "draws": [0.1, 0.1]},
        },
    }


@pytest.fixture(scope="module")
def cases(stored, models):
    """Name -> (model, row, what the page saves)."""
    made = {}
    for name in ("images", "image_score", "mixed"):
        model, row = ModelFile.read(stored[name]), models[name][1].iloc[[4]]
        clinical = {"age": float(row["age"].iloc[0]), "stage": "III"}
        if name == "images":
            clinical = {}
        elif name == "mixed":
            clinical = {"age": clinical["age"], "pain": float(row["pain"].iloc[0])}
        else:
            row = row.assign(stage="III")
        made[name] = (model, row, measured(model, row, clinical))
    return made


@pytest.mark.parametrize("name", ["images", "image_score", "mixed"])
def test_all_agrees(name, cases, tmp_path):
    model, row, content = cases[name]
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    alone = check_measured(model, path)
    again = check_measured(model, path, row["image"].iloc[0])
    n_features = sum(len(reader["features"]) for reader in content["readers"])
    assert (alone.n_outlines, again.n_outlines) == (0, 2)
    assert alone.n_numbers == 6  # score, probability, points, their sum, two ends
    assert again.n_numbers - alone.n_numbers == n_features
    assert max(alone.largest, again.largest) < 1e-9


def changed(*keys, to):
    def change(content):
        *path, last = keys
        for key in path:
            content = content[key]
        content[last] = to(content[last]) if callable(to) else to

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed("result", "score", to=lambda x: x + 1e-8), "result.score is"),
        (changed("result", "probability", to=0.5), "result.probability is 0.5"),
        (changed("result", "total_points", to=5.0), "result.total_points is 5.0"),
        (changed("result", "points", "all", to=5.0), "the sum of result.points is 5"),
        (changed("result", "moved", "high", to=0.2), "result.moved.high is 0.2"),
        (changed("result", "moved", "draws", to=[]), "moved.low is 0.1, and .* nan"),
        (changed("result", "predicted", to="x"), "result.predicted is 'x'"),
        (changed("result", "flags", to=["odd"]), "result.flags is 'odd'"),
        (changed("model", "sha256", to="abc"), "measured with the model abc"),
        (changed("readers", to=[]), "readers is empty"),
        (changed("readers", 1, "name", to="C"), "'C' 'Perc.99%' is no feature"),
        (changed("readers", 0, "runs", to=[3, 4]), r"readers\[0\].runs is 7; expected"),
        (
            changed("readers", 0, "polygons", to=[[[1, 1], [9, 1], [9, 9]]]),
            r"readers\[0\].polygons and readers\[0\].runs differ in \d+ pixels",
        ),
        (changed("image", "rows", to=0), "image.rows is 0"),
        (changed("format", to="x"), "format 'sklearn-orn-measured'"),
        (changed("extra", to=1), "lacks nothing and has .'extra'"),
    ],
)
def test_the_first_thing_that_differs_is_named(change, message, cases, tmp_path):
    model, _, content = cases["images"]
    content = copy.deepcopy(content) | {"extra": None}
    change(content)
    if content["extra"] is None:
        del content["extra"]
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelFileError, match=message):
        check_measured(model, path)


def test_a_number_that_the_page_did_not_have_is_another_one(cases, tmp_path):
    model, row, content = cases["images"]
    content = copy.deepcopy(content)
    name = list(content["readers"][1]["features"])[0]
    content["readers"][1]["features"][name] = None
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelFileError, match=rf"readers\[1\].features.{name} is nan"):
        check_measured(model, path, row["image"].iloc[0])


def test_the_largest_difference_is_told(cases, tmp_path):
    model, _, content = cases["images"]
    content = copy.deepcopy(content)
    exact = content["result"]["score"]
    content["result"]["score"] = exact * (1 + 5e-10)
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert check_measured(model, path).largest == pytest.approx(abs(exact) * 5e-10)


def test_polygons_that_hold_the_pixels_of_the_runs(cases, tmp_path):
    model, _, content = cases["images"]
    content = copy.deepcopy(content)
    mask = np.zeros((40, 40), dtype=bool)
    mask[5:16, 6:21] = True
    corners = [[5.6, 4.6], [20.4, 4.6], [20.4, 15.4], [5.6, 15.4]]
    content["readers"][0] |= {"runs": runs_of(mask), "polygons": [corners]}
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert check_measured(model, path).n_outlines == 0


def test_the_slice_that_was_drawn_on(tmp_path):
    volume = np.broadcast_to(np.int16([3, 7]), (4, 3, 2))
    path = tmp_path / "volume.nii"
    nibabel.Nifti1Image(volume, np.diag([-1, -1, 1, 1])).to_filename(path)
    mask = np.ones((3, 4), dtype=bool)
    image = {"rows": 3, "columns": 4, "spacing": None, "n_sections": 2}
    for section, grey in enumerate([3, 7]):
        content = {"image": image | {"section": section}}
        (region,) = _lesion(content, {"": mask}, path).read().values()
        assert (region.image == grey).all()
    picture = write_png(tmp_path / "one.png", np.full((3, 4), 9, np.uint8))
    content = {"image": image | {"section": 0, "n_sections": 1}}
    (region,) = _lesion(content, {"": mask}, picture).read().values()
    assert (region.image == 9).all()


def test_columns_that_the_model_reads_and_does_not_weigh_are_filled():
    table = pd.DataFrame(
        {
            "age": [40.0, 61, 70],
            "stage": ["II", "I", "II"],
            "pain": [0, 1, 1],
            "image": ["a", "b", "c"],
        }
    )
    columns = ColumnTransformer(
        [
            ("clinical", "passthrough", ["age", "pain"]),
            ("stages", OneHotEncoder(drop="first"), ["stage"]),
        ]
    )
    model = SimpleNamespace(pipeline=make_pipeline(columns).fit(table))
    cells = _cells(model, {})
    assert set(cells) == {"age", "stage", "pain", "image"} and cells["image"] is None
    assert np.isfinite(columns.transform(pd.DataFrame(cells, index=[0]))).all()
    given = {"clinical__age": 61.0, "stage": "II", "pain": "not known"}
    found = _cells(model, given)
    assert (found["age"], found["stage"], found["pain"]) == (61.0, "II", None)


def test_a_clinical_value_that_the_model_does_not_know(cases, tmp_path):
    model, _, content = cases["image_score"]
    path = tmp_path / "measured.json"
    for wrong, message in (({"stage": "X"}, "'X'"), ({"stage": "not known"}, "stage")):
        made = content | {"clinical": content["clinical"] | wrong}
        path.write_text(json.dumps(made), encoding="utf-8")
        with pytest.raises(ModelFileError, match=message):
            check_measured(model, path)


def test_a_model_of_a_table_was_not_measured(stored_model, cases, tmp_path):
    model = stored_model("features")
    content = copy.deepcopy(cases["images"][2])
    content["model"]["sha256"] = model.sha256
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelFileError, match="0 branches of images"):
        check_measured(model, path)


@pytest.mark.parametrize(
    "options", [[], ["cohort.csv"], ["--check", "x", "--out", "y"]]
)
def test_what_the_command_needs(options, stored, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["predict", str(stored["images"]), *options]) == 2
    err = capsys.readouterr().err
    assert "--check" in err and err.count("\n") == 1
