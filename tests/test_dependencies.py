"""The lists of dependencies agree with each other."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from sklearn_orn import _show_versions

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
FLOORS = ROOT / ".ci" / "floors.txt"
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?>=([\d.]+)(?:;.*)?$")


def lowest(requirements):
    """Return package -> lowest version; our own extras are listed elsewhere."""
    found = {}
    for requirement in requirements:
        if not requirement.startswith("sklearn-orn["):
            match = REQUIREMENT.match(requirement.replace(" ", ""))
            assert match, f"{requirement} has no lower bound, or an upper one"
            found[match[1]] = match[2]
    return found


def test_every_dependency_has_a_lower_bound_and_no_upper_one():
    for requirements in (PROJECT["dependencies"], *EXTRAS.values()):
        assert lowest(requirements)


def test_the_floors_are_those_of_pyproject():
    tested = [*PROJECT["dependencies"], *EXTRAS["jpeg"], *EXTRAS["test"]]
    tested += [*EXTRAS["dask"], *EXTRAS["parquet"]]
    lines = FLOORS.read_text().splitlines()
    listed = [line.split("==") for line in lines if not line.startswith("#")]
    assert dict(listed) == lowest(tested)


def test_show_versions_shows_them_all():
    assert list(_show_versions.DEPENDENCIES) == list(lowest(PROJECT["dependencies"]))
    optional = lowest([*EXTRAS["dask"], *EXTRAS["jpeg"], *EXTRAS["parquet"]])
    assert set(optional) <= set(_show_versions.EXTRAS)


@pytest.mark.parametrize("package", lowest(PROJECT["dependencies"]))
def test_what_is_installed_is_not_below_the_floor(package):
    floor = lowest(PROJECT["dependencies"])[package]
    try:
        installed = metadata.version(package)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{package} is not for this Python")
    numbers = re.findall(r"\d+", installed), re.findall(r"\d+", floor)
    assert [int(n) for n in numbers[0]] >= [int(n) for n in numbers[1]]


def test_the_oldest_python_is_the_one_that_is_promised():
    versions = [
        classifier.rpartition(" ")[2]
        for classifier in PROJECT["classifiers"]
        if classifier.startswith("Programming Language :: Python :: 3.")
    ]
    assert PROJECT["requires-python"] == f">={versions[0]}"
