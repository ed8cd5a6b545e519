"""Several sequences of one synthetic cohort: registered, and each with its signal."""

from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
import pytest

from sklearn_orn.datasets import _synthetic_cohort, make_cohort
from sklearn_orn.datasets._contrasts import CONTRASTS
from sklearn_orn.datasets._drawn_patients import METASTASIS, ORN, draw_people
from sklearn_orn.datasets._lesion_texture import draw_effect, draw_texture

SEQUENCES = ("CE-T1", "T1", "T2")


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory):
    """Three patients, by the sequences that were asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            _synthetic_cohort, "draw_people", lambda rng: draw_people(rng).iloc[:3]
        )
        return {
            sequences: make_cohort(
                tmp_path_factory.mktemp("cohort"), random_state=3, sequences=sequences
            )
            for sequences in (None, SEQUENCES, ("T2",))
        }


def contents(paths):
    return [Path(path).read_bytes() for path in paths]


def test_columns_name_the_sequences(cohorts):
    assert list(cohorts[SEQUENCES])[:8] == [
        *("lesion", "patient", "image_CE-T1", "image_T1", "image_T2"),
        *("mask_reader_a", "mask_reader_b", "outcome"),
    ]
    assert "image_T2" in cohorts["T2",] and "image_T1" not in cohorts["T2",]


def test_what_is_drawn_does_not_depend_on_what_else_is(cohorts):
    one, three, t2 = cohorts.values()
    assert contents(one["image"]) == contents(three["image_CE-T1"])
    assert contents(t2["image_T2"]) == contents(three["image_T2"])
    for name in ("mask_reader_a", "mask_reader_b"):
        assert contents(one[name]) == contents(three[name]) == contents(t2[name])
    same = [name for name in one if not name.startswith(("image", "mask"))]
    pd.testing.assert_frame_equal(one[same], three[same])


def test_sequences_lie_in_one_place_and_are_series_of_one_study(cohorts):
    shared = "StudyInstanceUID FrameOfReferenceUID ImagePositionPatient PixelSpacing"
    own = "SeriesInstanceUID SOPInstanceUID SeriesNumber SeriesDescription"
    for _, row in cohorts[SEQUENCES].iterrows():
        headers = [pydicom.dcmread(row[f"image_{name}"]) for name in SEQUENCES]
        for keyword in shared.split():
            assert len({str(header[keyword].value) for header in headers}) == 1
        for keyword in own.split():
            assert len({str(header[keyword].value) for header in headers}) == 3
        agents = [header.ContrastBolusAgent for header in headers]
        assert agents == ["Gadolinium chelate", "", ""]
        assert headers[2].EchoTime > 80 > headers[1].EchoTime


def test_sequences_show_the_same_neck_with_another_contrast(cohorts):
    row = cohorts[SEQUENCES].iloc[0]
    images = [
        pydicom.dcmread(row[f"image_{name}"]).pixel_array.astype(float)
        for name in SEQUENCES
    ]
    bodies = [image > 0.12 * image.max() for image in images]
    for body in bodies[1:]:
        union = (bodies[0] | body).mean()
        assert (bodies[0] & body).mean() > 0.75 * union
    fluid = [np.quantile(image[120:220, 120:200], 0.995) for image in images]
    fat = [np.quantile(image, 0.97) for image in images]
    assert fluid[2] / fat[2] > 1.2 > fluid[1] / fat[1]


@pytest.mark.parametrize(
    ("sequence", "tells"), [("CE-T1", 1.1), ("T1", 0), ("T2", 1.8)]
)
def test_the_texture_of_a_sequence_tells_the_classes_or_not(sequence, tells):
    rng = np.random.default_rng(0)
    effect = CONTRASTS[sequence].class_effect
    length = {
        outcome: [
            np.log(draw_texture(rng, outcome, draw_effect(rng), effect).length)
            for _ in range(1000)
        ]
        for outcome in (ORN, METASTASIS)
    }
    spread = np.std(length[ORN])
    difference = (np.mean(length[ORN]) - np.mean(length[METASTASIS])) / spread
    assert abs(difference - tells) < 0.15


@pytest.mark.parametrize("sequences", [(), ("T1", "T1"), ("T1", "DWI"), "T1"])
def test_sequences_that_are_not_known_are_refused(tmp_path, sequences):
    with pytest.raises(ValueError, match="expected some of 'CE-T1', 'T1', 'T2', each"):
        make_cohort(tmp_path / "cohort", sequences=sequences)
    assert not (tmp_path / "cohort").exists()
