"""The table of the benchmarks, from made-up times."""

from benchmarks.run import rows, stored
from benchmarks.timing import Case, cpu_ms, unless_missing

NOW = [Case("path", "ms CPU", {"sklearn_orn": 2.0, "glmnet": 3.0, "skglm": None})]


def test_ratios_and_what_is_missing():
    assert rows(NOW, []) == [
        ["path", "sklearn_orn", "ms CPU", "2", "1", "", ""],
        ["", "glmnet", "ms CPU", "3", "1.5", "", ""],
        ["", "skglm", "ms CPU", "not installed", "", "", ""],
    ]


def test_only_our_own_time_is_called_slower():
    last = [Case("path", "ms CPU", {"sklearn_orn": 1.0, "glmnet": 1.0})]
    ours, glmnet, skglm = rows(NOW, last)
    assert ours[-2:] == ["1", "2.00 slower"]
    assert glmnet[-2:] == ["1", "3.00"]
    assert skglm[-2:] == ["", ""]


def test_without_a_stored_run(tmp_path):
    assert stored(tmp_path / "last.json") == []


def test_a_program_that_is_not_installed():
    def measure():
        import no_such_program

        return no_such_program.run()

    assert unless_missing(measure) is None


def test_cpu_time_is_positive():
    assert cpu_ms(lambda: sum(range(10_000)), repeats=1) > 0
