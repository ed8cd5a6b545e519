"""The report's warning of small Hosmer-Lemeshow cells."""

from sklearn_orn.study._guards import _small_cells


def part(name, expected):
    groups = [{"expected": value, "n": 12} for value in expected]
    return {"part": name, "hosmer_lemeshow": {"groups": groups}}


def test_small_cells_are_counted_for_each_part():
    (guard,) = _small_cells([part("training", [6, 5]), part("validation", [1, 6, 9])])
    assert "2 of 6 in validation." in guard["text"]
    assert "training" not in guard["text"]
    assert _small_cells([part("training", [6, 5, 7])]) == []
