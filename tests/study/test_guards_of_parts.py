"""The report's warning of small Hosmer-Lemeshow cells."""

from dataclasses import replace

from sklearn_orn.study._guards import _small_cells
from sklearn_orn.study.results import RiskGroup
from tests.study._results_example import VALIDATION


def part(name, expected):
    groups = tuple(RiskGroup(0.1, 0.2, 12, 3, value) for value in expected)
    test = replace(VALIDATION.hosmer_lemeshow, groups=groups)
    return replace(VALIDATION, part=name, hosmer_lemeshow=test)


def test_small_cells_are_counted_for_each_part():
    (guard,) = _small_cells([part("training", [6, 5]), part("validation", [1, 6, 9])])
    assert "2 of 6 in validation." in guard.text
    assert "training" not in guard.text
    assert not list(_small_cells([part("training", [6, 5, 7])]))
