"""What a user gets from the package, and the commands that keep it in order."""

import os
import re
import socket
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import sklearn_orn
from sklearn_orn import _numba, _show_versions, show_versions
from sklearn_orn.study.checklists._checklist import CHECKLISTS

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE)


def test_public_names_are_there():
    for name in sklearn_orn.__all__:
        assert getattr(sklearn_orn, name)


def test_importing_is_light_and_needs_no_package_of_the_tests():
    """Of all rooms and of the command line; of the checks that others run, too."""
    heavy = (
        "dask distributed highdicom jinja2 matplotlib mlxtend nibabel nrrd numba "
        "PIL pydicom skimage yaml"
    ).split()
    code = f"""
import sys
for name in ("pytest", "hypothesis"):
    sys.modules[name] = None
for room in ("testing", "testing.image_checks", "images", "metrics", "plotting",
             "deploy", "study", "cli"):
    __import__("sklearn_orn." + room)
    assert not set(sys.modules) & set({heavy}), (room, set(sys.modules) & set({heavy}))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_help_needs_only_the_standard_library():
    code = """
import sys
from sklearn_orn.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
heavy = {"numpy", "pandas", "scipy", "sklearn", "joblib", "rich"}
assert not set(sys.modules) & heavy, set(sys.modules) & heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_show_versions(capsys):
    show_versions()
    lines = capsys.readouterr().out.splitlines()
    found = dict(line.split(maxsplit=1) for line in lines)
    assert found["sklearn-orn"] == sklearn_orn.__version__
    assert found["numpy"] == np.__version__
    assert found["Python"].startswith(".".join(map(str, sys.version_info[:3])))
    assert {*_show_versions.DEPENDENCIES, *_show_versions.EXTRAS} <= set(found)


def test_show_versions_tells_nothing_about_the_user(capsys):
    show_versions()
    text = capsys.readouterr().out
    private = [socket.gethostname(), str(Path.home()), os.getcwd(), sys.prefix]
    assert not [name for name in private if len(name) > 1 and name in text]
    assert not re.search(r"[/\\]", text)


def test_show_versions_says_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr(_show_versions, "EXTRAS", ("no-such-package",))
    show_versions()
    assert "no-such-package not installed" in capsys.readouterr().out


def nothing():
    """Do nothing."""


def test_a_kernel_is_compiled_without_a_cache_where_none_can_be_written(monkeypatch):
    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: (function, options)

    monkeypatch.setattr(_numba, "njit", njit)
    kernel, options = _numba.kernel(nothing)
    assert kernel is nothing and "cache" not in options


def test_other_errors_of_the_compiler_are_not_hidden(monkeypatch):
    def njit(**options):
        raise RuntimeError("something else")

    monkeypatch.setattr(_numba, "njit", njit)
    with pytest.raises(RuntimeError, match="something else"):
        _numba.kernel(nothing)


def test_setup_cfg_holds_flake8_and_nothing_else():
    text = (ROOT / "setup.cfg").read_text()
    assert re.findall(r"^\[.*\]", text, flags=re.MULTILINE) == ["[flake8]"]


@pytest.mark.parametrize("name", [".pre-commit-config.yaml", ".ci/run"])
def test_only_commands_of_the_makefile_are_called(name):
    text = (ROOT / name).read_text()
    called = re.findall(r"entry: make ([a-z-]+)", text)
    for targets in re.findall(r"^for target in (.*); do", text, flags=re.MULTILINE):
        called += targets.split()
    assert called and set(called) <= set(TARGETS)


def test_the_list_of_commands_is_whole():
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)", MAKEFILE, flags=re.MULTILINE)
    assert set(phony[1].replace("\\", "").split()) == set(TARGETS)


def test_every_report_of_a_fault_asks_for_the_versions():
    for name in ("fault", "number"):
        text = (ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text()
        assert "sklearn_orn.show_versions()" in text


def test_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text()
    version = re.search(r"^version: (.*)$", text, flags=re.MULTILINE)
    assert version[1] == sklearn_orn.__version__


def test_data_files_are_where_the_wheel_takes_all_from():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]
    assert build["build"]["targets"]["wheel"] == {"packages": ["sklearn_orn"]}
    folder = files("sklearn_orn.study.checklists")
    names = {path.name for path in folder.iterdir() if path.name.endswith(".yaml")}
    assert names == {f"{name}.yaml" for name in CHECKLISTS}
    ignored = (ROOT / ".gitignore").read_text().split()  # left out of a wheel
    assert not [rule for rule in ignored if rule.endswith((".yaml", ".j2", ".json"))]
