"""Readers who drew on images of different protocols are asked about."""

import numpy as np
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._chosen import choose_readers
from sklearn_orn.study._plan import plan_study
from tests.images._make import write_image
from tests.study._cohort import make_table, write_cohort
from tests.study._studies import SETTINGS

CONFIG = StudyConfig(**SETTINGS)
PROTOCOL = {"RepetitionTime": 600, "EchoTime": 10, "ScanningSequence": "SE"}


@pytest.fixture
def own_images(tmp_path):
    """A table whose readers drew on images of their own, of headers of their own."""

    def write(first, second, readers=("A", "B")):
        table = make_table(14)
        path = write_cohort(tmp_path, table, readers=readers)
        cohort = read_cohort(path).drop(columns="image")
        for reader, header in zip(readers, (first, second), strict=True):
            files = [tmp_path / f"{lesion}-{reader}.dcm" for lesion in table["lesion"]]
            for file in files:
                write_image(file, np.zeros((32, 32), np.uint16), **header)
            cohort[f"image_{reader}"] = list(map(str, files))
        return Cohort.of(cohort)

    return write


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"EchoTime": 90}, r"echo time \(ms\) 10 and 90"),
        ({"RepetitionTime": 4000}, r"repetition time \(ms\) 600 and 4000"),
        ({"ScanningSequence": "GR"}, "pulse sequence SE and GR"),
        ({"Modality": "CT"}, "modality MR and CT"),
        ({"ContrastBolusAgent": "Gd"}, "contrast agent not given and given"),
    ],
)
def test_different_protocols(own_images, other, message):
    cohort = own_images(PROTOCOL, PROTOCOL | other)
    with pytest.raises(CohortError, match=f"'A' and 'B'.*{message}.*--readers A B"):
        choose_readers(cohort, CONFIG)
    confirmed = StudyConfig(**SETTINGS | {"readers": ["A", "B"]})
    assert choose_readers(cohort, confirmed) is not None


def test_a_rescan_and_headers_without_facts(own_images):
    cohort = own_images(PROTOCOL, PROTOCOL | {"EchoTime": 12})
    assert choose_readers(cohort, CONFIG) is cohort
    cohort = own_images(PROTOCOL, {})
    assert choose_readers(cohort, CONFIG) is cohort


def test_one_odd_lesion_is_no_protocol(own_images):
    cohort = own_images(PROTOCOL, PROTOCOL)
    write_image(cohort.table["image_B"][3], np.zeros((32, 32), np.uint16), EchoTime=90)
    assert choose_readers(cohort, CONFIG) is cohort


def test_masks_called_like_sequences(tmp_path):
    path = write_cohort(tmp_path, make_table(14), readers=("T1", "T2"))
    cohort = read_cohort(path)
    with pytest.raises(CohortError, match=r"columns mask_<name> are called 'T1', 'T2'"):
        plan_study(cohort, CONFIG)
    text, _ = plan_study(cohort, StudyConfig(**SETTINGS | {"readers": ["T1", "T2"]}))
    assert "Readers: T1, T2" in text


def test_patterns_of_features_are_refused_for_images(tmp_path):
    cohort = read_cohort(write_cohort(tmp_path, make_table(14)))
    config = StudyConfig(**SETTINGS | {"features": {"exclude": ["x*"]}})
    with pytest.raises(CohortError, match="this is one of images"):
        plan_study(cohort, config)
