"""The errors of `make mutants`: what is put in, and what is said to change nothing."""

import ast
from pathlib import Path

import pytest

from benchmarks.mutants.__main__ import of_file, read
from benchmarks.mutants.mutate import mutants, mutated

ROOT = Path(__file__).parents[1]
FILES, EQUIVALENT = read("files.toml"), read("equivalent.toml")
SOURCE = '''
"""Text."""
LIMIT = 10


def share(x, *, side="left", tiny=1e-9):
    """Text."""
    if not x or len(x) > LIMIT:
        raise ValueError(f"{len(x) + 1} is too many")
    x[0] += 1
    return -max(x) / 2
'''


def test_an_error_is_one_change_of_the_code_and_of_no_text():
    found = {m.name: ast.unparse(mutated(SOURCE, m)) for m in mutants(SOURCE)}
    assert [name.split(": ", 1)[1] for name in found] == [
        "LIMIT = {10 -> 11}",
        "def share(x, *, side='{left -> right}', tiny=1e-09)",
        "*, side='left', tiny=1e-{09 -> 06})",
        "*, side='left', tiny=1e-{09 -> 12})",
        "if not x {or -> and} len(x) > LIMIT",
        "if {not x -> x} or len(x) > LIMIT",
        "if not x or len(x) >{ -> =} LIMIT",
        "x[0] += 1 {removed}",
        "x[0] {+ -> -}= 1",
        "x[0] += {1 -> 2}",
        "x[{0 -> 1}] += 1",
        "return {-max -> max}(x) / 2",
        "return -max(x) {/ -> *} 2",
        "return -max(x) / {2 -> 3}",
        "return -{max -> min}(x) / 2",
    ]
    plain = ast.unparse(ast.parse(SOURCE))
    assert len(set(found.values()) | {plain}) == len(found) + 1


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_tests_and_what_changes_nothing_is_put_in_and_has_a_reason(name):
    known = {mutant.name for mutant in of_file(name, FILES[name])}
    assert known
    for test in FILES[name]["tests"]:
        assert (ROOT / test).is_file()
    equivalent = EQUIVALENT.get(name, {})
    gone = set(equivalent) - known
    assert not gone, "the code has changed: judge these again and leave them out"
    assert all(len(reason) > 20 for reason in equivalent.values())


def test_what_changes_nothing_is_of_these_files():
    assert set(EQUIVALENT) <= set(FILES)
