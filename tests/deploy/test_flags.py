"""What makes a new lesion unlike those of training, at the ends of what was seen."""

from types import SimpleNamespace

import numpy as np
import pytest

from sklearn_orn.deploy._flags import Reading, range_flags, reading_flags
from sklearn_orn.deploy._training import TrainingRecord
from sklearn_orn.model.nomogram._effects import Levels, Line

SPACINGS = ((0.5, 0.5), (0.4, 0.6))


def flags(value, ranges=(10.0, 20.0), slope=0.5, effect=None):
    """The flags of one number, which the classifier sees scaled."""
    effect = effect or Line(slope=4.0, center=12.0, offset=3.0)
    model = SimpleNamespace(
        columns=(("age", effect),), ranges=None if ranges is None else {"age": ranges}
    )
    seen = np.array([4.0 * (value - 12.0) + 3.0])
    return range_flags(seen, ["age"], model, np.array([slope]))


def test_a_number_beyond_the_range_is_told_in_its_own_unit():
    assert flags(9.5) == ["age 9.5 is below the training range from 10"]
    assert flags(20.25) == ["age 20.25 is above the training range to 20"]
    assert flags(10.0) == flags(15.0) == flags(20.0) == []


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 2), (-2, -1), (1, 1), (-1, 1)])
def test_the_last_digits_are_no_finding(low, high, scale):
    ranges = {"x": (low * scale, high * scale)}
    model = SimpleNamespace(columns=(("x", Line()),), ranges=ranges)

    def found(value):
        return range_flags(np.array([value * scale]), ["x"], model, np.ones(1))

    assert found(low - 1e-10) == found(high + 1e-10) == []
    assert "below" in found(low - 1e-6)[0] and "above" in found(high + 1e-6)[0]


def test_what_has_no_range_or_no_weight_is_not_told():
    assert flags(99.0, slope=0.0) == []
    assert flags(99.0, ranges=None) == []
    assert flags(99.0, effect=Levels({"m": 1.0})) == []


def test_each_number_has_its_own_range():
    ranges = {"a": (0.0, 1.0), "b": (5.0, 6.0)}
    model = SimpleNamespace(columns=(("a", Line()), ("b", Line())), ranges=ranges)
    found = range_flags(np.array([5.5, 0.5]), ["a", "b"], model, np.array([1.0, -1.0]))
    assert [text.split(" is ")[0] for text in found] == ["a 5.5", "b 0.5"]
    assert range_flags(np.array([0.5, 5.5]), ["a", "b"], model, np.ones(2)) == []
    # What does not count is passed over, and what follows is looked at.
    weights = np.array([0.0, 1.0])
    (flag,) = range_flags(np.array([5.5, 0.5]), ["a", "b"], model, weights)
    assert flag == "b 0.5 is below the training range from 5"


def read(n_readers=2, n_trained=2, spacing=(0.5, 0.5), **rest):
    training = TrainingRecord(pixel_spacings=rest.pop("trained", SPACINGS))
    return reading_flags(Reading(n_readers, n_trained, spacing, **rest), training)


def test_fewer_readers_and_an_absent_sequence():
    assert read() == read(n_readers=3) == []
    (text,) = read(n_readers=1)
    assert text == "1 of 2 readers: less averaging than in training"
    (text,) = read(absent=("T2",))
    assert text == "no T2: its features are filled in as missing ones in training"


def test_pixel_spacing():
    assert read(spacing=(0.4, 0.6)) == read(spacing=(0.5045, 0.496)) == []
    told = "mm, in training 0.5 x 0.5, 0.4 x 0.6"
    assert read(spacing=(0.506, 0.5)) == [f"pixel spacing 0.506 x 0.5 {told}"]
    # Both sides must be those of one image of training.
    assert read(spacing=(0.4, 0.5)) == [f"pixel spacing 0.4 x 0.5 {told}"]
    assert read(spacing=None) == ["pixel spacing unknown"]
    assert read(spacing=None, trained=()) == read(spacing=(9, 9), trained=()) == []
    many = (*SPACINGS, (1.0, 1.0))
    assert read(spacing=(2, 2), trained=many)[0].endswith("0.6, 1 x 1")
    more = (*many, (3.0, 3.0))
    assert read(spacing=(2, 2), trained=more)[0].endswith("0.6, 1 x 1, ...")
    assert read(spacing=(3, 3), trained=more) == []
