"""A lesion that was acquired otherwise than those of training."""

import json

import pandas as pd
import pytest
from pydicom import dcmread

from sklearn_orn.deploy import ModelFile, predict_cohort, save_model
from sklearn_orn.deploy._protocol_flags import protocol_flags, record_protocol
from sklearn_orn.exceptions import ModelFileError

TRAINED = {
    "field_strength_T": (1.5, 3.0),
    "sequence": ("SE / SK",),
    "TR_ms": (500.0, 650.0),
    "TE_ms": (12.0, 12.0),
}
SAME = {"field_strength_T": 1.494, "sequence": "SE / SK", "TR_ms": 480, "TE_ms": 12}


def test_what_is_recorded():
    table = pd.DataFrame(
        {
            "field_strength_T": [3.0, 1.5, None],
            "sequence": ["SE / SK", "SE / SK", None],
            "TR_ms": [650.0, 500.0, 600.0],
            "TE_ms": [12.0, 12.0, 12.0],
        }
    )
    assert record_protocol(table) == TRAINED
    table["TE_ms"] = None
    assert "TE_ms" not in record_protocol(table)


def test_no_flag_for_the_same_or_where_training_knows_nothing():
    assert protocol_flags(SAME, TRAINED) == []
    assert protocol_flags({}, {}) == []
    assert protocol_flags({"TR_ms": 9000.0}, {"TE_ms": (12.0, 12.0)}) == ["TE unknown"]


@pytest.mark.parametrize(
    ("field", "value", "flag"),
    [
        ("field_strength_T", 7, "field strength 7 T, in training 1.5, 3"),
        ("field_strength_T", None, "field strength unknown"),
        ("field_strength_T", float("nan"), "field strength unknown"),
        ("sequence", "GR / SP", "sequence GR / SP, in training SE / SK"),
        ("TR_ms", 700.5, "TR 700.5 ms, in training 500 to 650"),
        ("TE_ms", 90.0, "TE 90 ms, in training 12"),
    ],
)
def test_a_flag(field, value, flag):
    assert protocol_flags(SAME | {field: value}, TRAINED) == [flag]


@pytest.mark.parametrize(
    ("field", "inside", "outside"),
    [
        ("field_strength_T", (1.43, 1.57, 2.86, 3.14), (1.42, 1.58, 2.84, 3.16)),
        ("TR_ms", (475.5, 580.0, 682.0), (474.5, 683.0)),
        ("TE_ms", (11.45, 12.55), (11.35, 12.65)),
    ],
)
def test_a_twentieth_is_how_scanners_write(field, inside, outside):
    for value in inside:
        assert protocol_flags(SAME | {field: value}, TRAINED) == []
    for value in outside:
        assert len(protocol_flags(SAME | {field: value}, TRAINED)) == 1


def test_predict_flags_another_field_strength(models, tmp_path):
    pipeline, cohort = models["images"]
    table = cohort.copy()
    for number, path in enumerate(cohort["image"]):
        dataset = dcmread(path)
        dataset.MagneticFieldStrength = "1.5"
        dataset.RepetitionTime = str(500 + number)
        table.loc[table.index[number], "image"] = str(tmp_path / f"{number}.dcm")
        dataset.save_as(tmp_path / f"{number}.dcm")
    save_model(tmp_path / "m.json", pipeline, training=table)
    model = ModelFile.read(tmp_path / "m.json")
    ends = (500.0, 499.0 + len(table))
    assert model.training.protocol == {"field_strength_T": (1.5,), "TR_ms": ends}

    new = dcmread(table["image"].iloc[0])
    new.MagneticFieldStrength = "3"
    new.save_as(tmp_path / "new.dcm")
    rows = table.iloc[[0, 0]].copy()
    rows["image"] = [rows["image"].iloc[0], str(tmp_path / "new.dcm")]
    flags = predict_cohort(model, rows.reset_index(drop=True)).table["flags"]
    assert "field strength" not in flags[0]
    assert "field strength 3 T, in training 1.5" in flags[1]


def test_a_protocol_that_no_model_file_holds(stored, tmp_path):
    content = json.loads(stored["images"].read_text("utf-8"))
    for wrong in ({"Modality": ["MR"]}, {"TR_ms": []}, {"TR_ms": "500"}):
        content["protocol"] = wrong
        (tmp_path / "m.json").write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(ModelFileError, match="protocol"):
            ModelFile.read(tmp_path / "m.json")
