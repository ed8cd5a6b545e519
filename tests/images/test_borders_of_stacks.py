"""Slices at one place: which are one stack, and by what it is asked for."""

import numpy as np
import pytest
from pydicom.sequence import Sequence

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images.formats._stacks import choose_stack, stack_labels

from .test_borders_of_dicom_images import group, item

AXES = np.array([[1.0, 0, 0], [0, 1, 0]])


def places(*z, axes=AXES):
    return [Geometry(position=np.array([0.0, 0, x]), orientation=axes) for x in z]


def chosen(z, labels, wanted=None, copies=lambda first, second: None):
    return choose_stack(places(*z), labels, wanted, "file x", copies)


def labels(**values):
    """One label a slice for each key; empty ones are not there."""
    rows = zip(*(text.split() for text in values.values()), strict=True)
    return [
        {k: v for k, v in zip(values, row, strict=True) if v != "-"} for row in rows
    ]


def refused(z, of_slices, message, wanted=None, **more):
    with pytest.raises(LesionError, match=message):
        chosen(z, of_slices, wanted, **more)


def test_slices_that_lie_apart_are_taken_as_they_stand():
    assert chosen([5, 1, 3], [{}] * 3) == [0, 1, 2]
    assert chosen([0, 0.001, 0.002], [{}] * 3) == [0, 1, 2]
    assert chosen([1], [{}]) == [0]


def test_slices_without_a_place_are_all_apart():
    geometry = [Geometry()] * 3
    assert choose_stack(geometry, [{}] * 3, None, "x", lambda *_: None) == [0, 1, 2]
    turned = places(0) + places(0, axes=AXES[::-1])
    assert choose_stack(turned, [{}] * 2, None, "x", lambda *_: None) == [0, 1]


def test_the_stacks_are_listed_with_their_number_of_slices():
    of_slices = labels(b="0 800 800 0 800 0")
    refused(
        [0, 0, 3, 3, 6, 6],
        of_slices,
        "^file x holds 6 slices at 3 places: .*'b=0' .3., 'b=800' .3.. Cho.*frame=b=0'",
    )
    refused([0, 0.0009], labels(b="0 800"), "2 slices at one place: .*'b=800' .1.")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("b=800", [1, 2, 4]),
        ("800", [1, 2, 4]),
        (" b = 0 ", [0, 3, 5]),
        ("b=none", None),
    ],
)
def test_a_stack_is_asked_for_by_its_label(wanted, found):
    of_slices = labels(b="0 800 800 0 800 0")
    z = [0, 0, 3, 3, 6, 6]
    if found is None:
        refused(z, of_slices, "'b=none' was asked for, and .* has b 0, 800;", wanted)
        return
    assert chosen(z, of_slices, wanted) == found


def test_several_labels_are_all_asked_for():
    of_slices = labels(b="0 800 800 0", echo="1 1 2 2")
    assert chosen([0] * 4, of_slices, "b=800, echo=2") == [2]
    assert chosen([0] * 4, of_slices, "echo=1,b=0") == [0]
    refused([0] * 4, of_slices, "has b 0, 800; echo 1, 2; expected", "b=800, echo=3")
    refused([0] * 4, of_slices, "2 slices at one place.*'echo=1' .1., 'echo=2'", "b=0")
    refused([0] * 4, of_slices, "holds 4 slices.*'b=0, echo=1' .1.")


def test_what_has_no_label_is_asked_for_as_none():
    of_slices = labels(b="- 800 - 800")
    assert chosen([0, 0, 3, 3], of_slices, "b=none") == [0, 2]
    refused([0, 0, 3, 3], of_slices, "'b=none' .2., 'b=800' .2.")


def test_one_slice_is_asked_too():
    assert chosen([0], labels(b="800"), "b=800") == [0]
    refused([0], labels(b="800"), "'b=0' was asked for, and file x has b 800;", "b=0")
    refused([0], [{}], "file x has none; expected one", "b=0")


def test_the_fewest_labels_that_tell_are_named():
    z = [0, 0, 3, 3]
    refused(z, labels(b="0 800 0 800", echo="1 2 1 2"), "'b=0' .2., 'b=800' .2.")
    refused(
        [0, 0, 0, 3, 3, 3],
        labels(b="0 8 8 0 8 8", echo="1 1 2 1 1 2"),
        "'b=0, echo=1' .2., 'b=8, echo=1' .2., 'b=8, echo=2'",
    )
    # a number of its own for every slice is no label of a stack
    z = [0, 0, 3, 3, 6, 6]
    own = labels(trigger="1 2 3 4 5 6", acquisition="1 2 1 2 1 2")
    refused(z, own, "'acquisition=1' .3., 'acquisition=2' .3.")
    refused(z, labels(trigger="1 2 3 4 5 6"), "its headers do not tell which is which")
    # twice as many as there are slices at a place are the most
    refused(z[:4], labels(trigger="1 2 3 4"), "'trigger=1' .1., 'trigger=2'")
    mixed = labels(trigger="1 2 3 4 1")
    refused([0, 0, 0, 3, 6], mixed, "'trigger=1' .2., 'trigger=2' .1.")


def test_copies_are_called_so():
    seen = []

    def copies(first, second):
        seen.append((first, second))
        return "They are copies."

    same = labels(b="0 800 800 0 0")
    told = "5 slices at 4 places. They are copies"
    refused([0, 3, 3, 6, 9], same, told, copies=copies)
    assert seen == [(1, 2)]
    # two at one place that differ by what tells nothing for the others
    refused([0, 0, 3, 3], labels(b="0 8 0 0"), "They are copies", copies=copies)
    assert seen[1:] == [(2, 3)]
    refused([0, 0, 0, 3], labels(b="7 0 0 8"), "copies", "b=0", copies=copies)
    assert seen[2:] == [(1, 2)]
    refused([0, 0], [{}, {}], "its headers do not tell", copies=lambda *_: None)


# Labels -----------------------------------------------------------------------------


def test_labels_of_the_top_level():
    found = stack_labels(
        item(
            TemporalPositionIdentifier=3,
            EchoTime=12.5,
            InversionTime=900,
            TriggerTime=0,
            AcquisitionNumber=2,
            DiffusionBValue=800.0,
            DiffusionGradientOrientation=[1.0, -0.0, 0.12345],
            ImageType=["ORIGINAL", "PRIMARY"],
        )
    )
    assert found == {
        "b": "800",
        "time": "3",
        "echo": "12.5",
        "inversion": "900",
        "trigger": "0",
        "acquisition": "2",
        "direction": "1/0/0.123",
        "kind": "ORIGINAL/PRIMARY",
    }
    assert stack_labels(item()) == {}


def test_labels_of_a_frame_come_before_those_of_the_file():
    ways = item(DiffusionGradientOrientation=[0.0, 1.0, 0.0])
    diffusion = item(
        DiffusionBValue=50.0, DiffusionGradientDirectionSequence=Sequence([ways])
    )
    own = group(
        FrameContentSequence={"TemporalPositionIndex": 4, "FrameAcquisitionNumber": 7},
        MREchoSequence={"EffectiveEchoTime": 30.0},
        MRModifierSequence={"InversionTimes": 100.0},
        CardiacSynchronizationSequence={"NominalCardiacTriggerDelayTime": 60.0},
        MRImageFrameTypeSequence={"FrameType": ["DERIVED", "ADC"]},
    )
    own.MRDiffusionSequence = Sequence([diffusion])
    top = item(
        DiffusionBValue=1.0,
        TemporalPositionIdentifier=1,
        EchoTime=1,
        InversionTime=1,
        TriggerTime=1,
        AcquisitionNumber=1,
        DiffusionGradientOrientation=[1.0, 0.0, 0.0],
        ImageType=["ORIGINAL"],
    )
    shared = group(MREchoSequence={"EffectiveEchoTime": 99.0})
    assert stack_labels(top, [own, shared]) == {
        "b": "50",
        "time": "4",
        "echo": "30",
        "inversion": "100",
        "trigger": "60",
        "acquisition": "7",
        "direction": "0/1/0",
        "kind": "DERIVED/ADC",
    }


def test_a_long_image_type_is_cut():
    found = stack_labels(item(ImageType=["A" * 16, "B" * 16, "C" * 16, "D" * 16]))
    assert found["kind"] == "/".join(["A" * 16, "B" * 16, "C" * 16, "D" * 13])
