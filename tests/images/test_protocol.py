"""How images were acquired: which element of which header stands in which column."""

import numpy as np
import pandas as pd
import pytest
from pydicom import dcmread
from pydicom.sequence import Sequence

from sklearn_orn.images import Lesion, as_lesions, protocol_summary, protocol_table
from sklearn_orn.images._protocol import header_values, protocol_of_sequence

from ._make import write_image
from ._volumes import Scene, write_enhanced, write_nifti
from .test_borders_of_dicom_images import group, item

PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4)
MASK = PIXELS > 5


def row(tmp_path, **header):
    path = write_image(tmp_path / "a.dcm", PIXELS, **header)
    return protocol_table([Lesion(path, MASK)]).iloc[0]


def test_each_column_is_of_its_element(tmp_path):
    found = row(
        tmp_path,
        Modality="MR",
        Manufacturer="ACME",
        ManufacturerModelName="One",
        MagneticFieldStrength=2.89362,
        ScanningSequence=["SE", "IR"],
        SequenceVariant=["SK", "SP"],
        PulseSequenceName="tse",
        RepetitionTime=550.12344,
        EchoTime=12,
        SliceThickness=3.2638,
        PixelSpacing=[0.5, 0.25],
        ContrastBolusAgent="gadolinium",
    )
    assert found.to_dict() == {
        "modality": "MR",
        "vendor": "ACME",
        "model": "One",
        "field_strength_T": 2.8936,
        "sequence": "SE IR / SK SP",
        "TR_ms": 550.1234,
        "TE_ms": 12.0,
        "slice_thickness_mm": 3.26,
        "spacing_rows_mm": 0.5,
        "spacing_columns_mm": 0.25,
        "matrix": "3 x 4",
        "bits_stored": 16,
        "contrast_agent": "gadolinium",
    }


def test_what_a_header_lacks_is_missing(tmp_path):
    found = row(
        tmp_path, PixelSpacing=None, SliceThickness=None, Modality="", Manufacturer=" "
    )
    assert set(found.dropna().index) == {"matrix", "bits_stored"}
    lacking = protocol_table([Lesion(write_image(tmp_path / "b", PIXELS), MASK)])
    assert lacking["TE_ms"].dtype == float
    assert pd.isna(row(tmp_path, Columns=None)["matrix"])
    nothing = protocol_table([Lesion("no.dcm", MASK)])
    assert nothing.isna().all(axis=None)
    assert [nothing[name].dtype for name in ("TE_ms", "bits_stored")] == [float, float]


@pytest.mark.parametrize(
    ("elements", "sequence"),
    [
        ({"ScanningSequence": "GR"}, "GR"),
        ({"SequenceVariant": "SP"}, "SP"),
        ({"PulseSequenceName": "vibe"}, "vibe"),
        ({"ScanningSequence": "GR", "PulseSequenceName": "vibe"}, "GR"),
        ({}, None),
    ],
)
def test_the_sequence_is_coded_or_called_by_its_pulses(tmp_path, elements, sequence):
    assert row(tmp_path, **elements)["sequence"] == sequence


def test_a_contrast_agent_may_stand_in_a_sequence(tmp_path):
    first, second = item(CodeMeaning="Gadovist"), item(CodeMeaning="water")
    coded = {"ContrastBolusAgentSequence": Sequence([first, second])}
    assert row(tmp_path, **coded)["contrast_agent"] == "Gadovist"
    found = row(tmp_path, ContrastBolusAgent="Dotarem", **coded)
    assert found["contrast_agent"] == "Dotarem"


@pytest.mark.filterwarnings("ignore:The value length:UserWarning")
def test_text_is_printable_and_not_longer_than_an_element(tmp_path):
    found = row(tmp_path, ContrastBolusAgent="\x07ab" + "c" * 62 + "de")
    assert found["contrast_agent"] == "ab" + "c" * 62


def test_times_of_a_multi_frame_file_stand_in_its_groups(tmp_path):
    path = write_enhanced(tmp_path / "e.dcm", Scene())
    dataset = dcmread(path)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    more = group(
        MRTimingAndRelatedParametersSequence={"RepetitionTime": 700.0},
        MREchoSequence={"EffectiveEchoTime": 80.0},
    )
    for element in more:
        shared.add(element)
    dataset.save_as(path)
    found = protocol_table([Lesion(path, MASK)]).iloc[0]
    assert (found["TR_ms"], found["TE_ms"]) == (700.0, 80.0)
    assert (found["spacing_rows_mm"], found["spacing_columns_mm"]) == (0.8, 0.5)
    dataset.RepetitionTime, dataset.EchoTime = 9, 8
    dataset.save_as(path)
    found = protocol_table([Lesion(path, MASK)]).iloc[0]
    assert (found["TR_ms"], found["TE_ms"]) == (9.0, 8.0)


def test_a_volume_tells_its_grid_alone(tmp_path):
    scene = Scene()
    path = write_nifti(tmp_path / "v.nii", *scene.stored(scene.pixels))
    found = protocol_table([Lesion(path, MASK)]).iloc[0].dropna()
    assert found.to_dict() == {
        "slice_thickness_mm": 3.0,
        "spacing_rows_mm": pytest.approx(0.8),
        "spacing_columns_mm": pytest.approx(0.5),
        "matrix": "20 x 24",
    }


def test_a_volume_and_a_folder_of_one_slice(tmp_path):
    scene = Scene()
    path = write_nifti(tmp_path / "v.nii", *scene.stored(scene.pixels[:1]))
    (tmp_path / "s").mkdir()
    write_image(tmp_path / "s" / "IM", PIXELS)
    found = protocol_table([Lesion(path, MASK), Lesion(tmp_path / "s", MASK)])
    assert found["matrix"].tolist() == ["20 x 24", "3 x 4"]
    assert found["spacing_columns_mm"].tolist() == [pytest.approx(0.5), 0.25]


def test_numbers_are_numbers_where_the_first_is_missing(tmp_path):
    paths = [
        write_image(tmp_path / f"{i}.dcm", PIXELS, EchoTime=time)
        for i, time in enumerate(["", 12.5])
    ]
    table = protocol_table([Lesion(path, MASK) for path in [*paths, "no.dcm"]])
    assert table["TE_ms"].dtype == float
    assert table["TE_ms"].fillna(-1).tolist() == [-1, 12.5, -1]
    assert table["matrix"].fillna("").tolist() == ["3 x 4", "3 x 4", ""]


def test_the_image_of_the_sequence_that_is_asked_for(tmp_path):
    t1, t2 = (write_image(tmp_path / f"{i}.dcm", PIXELS, EchoTime=i) for i in (10, 90))
    drawn = {"T1|lesion|anna": MASK, "T2|lesion|anna": MASK, "T2|lesion|ben": MASK}
    lesion = Lesion({"T1": t1, "T2": t2}, drawn)
    alone = Lesion({"T1": t1}, {"T1|lesion|anna": MASK})
    lesions = as_lesions([lesion, alone])
    times = [
        protocol_of_sequence(lesions, name)["TE_ms"].fillna(-1).tolist()
        for name in ("T1", "T2", None)
    ]
    assert times == [[10, 10], [90, -1], [10, 10]]


def test_the_image_of_the_first_reader_counts(tmp_path):
    one, two = (
        write_image(tmp_path / f"{i}.dcm", PIXELS, EchoTime=i) for i in (10, 90)
    )
    rescan = Lesion({"A": one, "B": two}, {"A": None, "B": MASK})
    assert protocol_table([rescan])["TE_ms"].tolist() == [90]


# Single elements --------------------------------------------------------------------


def test_one_element_of_each_header_as_text(tmp_path):
    one = write_image(
        tmp_path / "a", PIXELS, MagneticFieldStrength=1.5, StationName="MR1 "
    )
    bare = write_image(tmp_path / "b", PIXELS)
    scene = Scene()
    volume = write_nifti(tmp_path / "v.nii", *scene.stored(scene.pixels))
    sources = [one, bare, volume, PIXELS, "no.dcm"]
    lesions = [Lesion(source, MASK) for source in sources]
    lesions.append(Lesion({"A": PIXELS, "B": one}, {"A": MASK, "B": MASK}))
    lesions.append(Lesion(one, None))
    found = header_values(lesions, "MagneticFieldStrength")
    assert found == ["1.5 T", None, None, None, None, "1.5 T", None]
    assert header_values(lesions, "StationName")[:2] == ["MR1", None]
    mapped = as_lesions(lesions[:1]).map(abs)
    assert header_values(mapped, "StationName") == ["MR1"]
    assert header_values([object()], "StationName") == [None]


def test_a_folder_tells_by_its_series(tmp_path):
    folder = Scene().write_series(tmp_path / "s")
    lesion = Lesion(folder, MASK)
    assert protocol_table([lesion])["matrix"].tolist() == ["20 x 24"]
    assert header_values([lesion], "Modality") == ["MR"]


# Counts -----------------------------------------------------------------------------


def test_values_are_counted_the_most_frequent_first():
    table = pd.DataFrame(
        {
            "field_strength_T": [1.5, 3.0, 3.0, np.nan, np.float32(3)],
            "vendor": ["b", "a", None, "a", "b"],
            "matrix": ["3 x 4"] * 5,
            "bits_stored": [16, 12, 12, 12, 12],
        }
    )
    found = protocol_summary(table)
    assert found.to_numpy().tolist() == [
        ["field_strength_T", "3", 3],
        ["field_strength_T", "1.5", 1],
        ["field_strength_T", "missing", 1],
        ["vendor", "b", 2],
        ["vendor", "a", 2],
        ["vendor", "missing", 1],
        ["matrix", "3 x 4", 5],
        ["bits_stored", "12", 4],
        ["bits_stored", "16", 1],
    ]
    assert list(found) == ["item", "value", "n_lesions"]
    assert protocol_summary(table.iloc[:0]).empty
