"""Lesions of a user's own kind, and lesions behind steps, where a Lesion may stand."""

import numpy as np
import pytest

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.deploy import write_segmentation
from sklearn_orn.images import (
    Lesion,
    LesionSequence,
    check_cohort,
    protocol_table,
    reader_overlap,
)
from sklearn_orn.images.shared import header_values
from sklearn_orn.plotting import MontageDisplay
from sklearn_orn.testing.image_checks import make_pairs
from sklearn_orn.texture import _measure

IMAGE, MASK = make_pairs(1)[0]


class OfADatabase:
    """No more than what `LesionSequence` asks for."""

    readers, name = ("anna", "ben"), "record 7"

    def __init__(self, spacing=(0.5, 0.5), grey=0):
        region = Lesion(IMAGE + np.uint16(grey), MASK, spacing=spacing).read()[""]
        self.regions = dict.fromkeys(self.readers, region)

    def read(self):
        return self.regions


def through_a_step(lesion):
    return Normalizer().fit_transform([lesion])[0]


@pytest.fixture(params=[lambda x: x, through_a_step], ids=["itself", "mapped"])
def lesions(request):
    some = [OfADatabase(), OfADatabase(grey=10)]
    return LesionSequence([request.param(lesion) for lesion in some])


def test_it_is_checked_and_has_no_header(lesions):
    report = check_cohort(lesions)
    assert (report.n_readable, report.problems) == (2, ())
    assert protocol_table(lesions).isna().all(axis=None)
    assert header_values(lesions, "Modality") == [None, None]
    assert reader_overlap(lesions)["dice"].tolist() == [1.0, 1.0]


def test_its_spacing_is_read(lesions):
    extractor = TextureExtractor(["histogram"])
    assert extractor.fit(lesions).readers_ == ("anna", "ben")
    mixed = [lesions[0], OfADatabase(spacing=(1.0, 1.0))]
    with pytest.warns(match="2 pixel spacings: 0.5 x 0.5 mm .1., 1 x 1 mm .1."):
        extractor.fit(mixed)


def test_a_cache_knows_it_by_its_content(lesions, tmp_path, monkeypatch):
    counted, original = [], _measure.measure
    monkeypatch.setattr(
        _measure, "measure", lambda *args: counted.append(1) or original(*args)
    )
    for number, grey in enumerate([0, 10], start=1):
        for _ in range(2):
            extractor = TextureExtractor(["histogram"], memory=str(tmp_path))
            extractor.fit_transform([through_a_step(OfADatabase(grey=grey))])
        assert len(counted) == number  # one outline of two readers, and then a hit


def test_it_has_no_file_to_refer_to(tmp_path):
    with pytest.raises(TypeError, match="record 7 is of type OfADatabase; expected a "):
        write_segmentation(through_a_step(OfADatabase()), tmp_path / "seg.dcm")


def test_behind_a_step_the_ids_are_those_of_the_lesion():
    twice = [Lesion(IMAGE, MASK, lesion=f"L{i}", patient=f"P{i}") for i in (1, 2)]
    behind = Normalizer().fit_transform(twice)
    assert [str(x) for x in check_cohort(behind).problems] == [
        str(x) for x in check_cohort(twice).problems
    ]
    assert "2 patients" in str(check_cohort(behind))
    panels = MontageDisplay.from_cohort(behind).panels
    assert [panel.title for panel in panels] == [
        panel.title for panel in MontageDisplay.from_cohort(twice).panels
    ]


def test_a_lesion_that_nobody_drew_has_no_spacing_that_counts():
    drawn, undrawn = (Lesion(IMAGE, x, spacing=(1, 1)) for x in (MASK, None))
    assert TextureExtractor(["histogram"]).fit([drawn, undrawn]).readers_ == ("",)
