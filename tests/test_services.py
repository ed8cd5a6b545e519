"""Files that services read say what pyproject.toml and the Makefile say."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import sklearn_orn
from tests.test_dependencies import EXTRAS, PROJECT, lowest
from tests.test_packaging import MAKEFILE, TARGETS

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PYTHONS = [
    classifier.rpartition(" ")[2]
    for classifier in PROJECT["classifiers"]
    if re.search(r":: 3\.\d+$", classifier)
]


def _yaml(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def _rule(target):
    return re.search(rf"^{target}:(.*?)(?:\n\n|\Z)", MAKEFILE, re.M | re.S)[1]


def _make_targets(lines):
    """Return the targets that commands call; None for what is no call of make."""
    calls = [re.fullmatch(r"make ([a-z-]+)(?: EXTRAS=([a-z,]+))?", s) for s in lines]
    return [(call[1], call[2]) if call else None for call in calls]


# Workflows --------------------------------------------------------------------------


def _jobs():
    for path in WORKFLOWS:
        for name, job in _yaml(path)["jobs"].items():
            yield pytest.param(job, id=f"{path.stem}-{name}")


@pytest.mark.parametrize("job", list(_jobs()))
def test_a_job_calls_the_makefile_only(job):
    commands = [step["run"] for step in job["steps"] if "run" in step]
    commands = [line for line in commands if not line.startswith("sudo apt-get ")]
    for command, call in zip(commands, _make_targets(commands), strict=True):
        assert call and call[0] in TARGETS, command
        assert {*(call[1] or "test").split(",")} <= {*EXTRAS}, command


@pytest.mark.parametrize("job", list(_jobs()))
def test_a_job_ends_and_may_do_little(job):
    assert job["timeout-minutes"] <= 120
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    if "permissions" in job:  # publishing, and nothing of this tree runs beside it
        assert job["permissions"] == {"id-token": "write"}
        assert not any("run" in step for step in job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_commit_and_say_its_version(path):
    text = path.read_text()
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    for use in uses:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", use), use
    assert _yaml(path)["permissions"] == {"contents": "read"}


def test_the_same_action_has_the_same_version_everywhere():
    uses = {u for p in WORKFLOWS for u in re.findall(r"uses: (.*)", p.read_text())}
    assert len(uses) == len({use.partition("@")[0] for use in uses})


def test_tests_run_on_every_python_and_system_that_is_promised():
    matrix = _yaml(".github/workflows/tests.yml")["jobs"]["newest"]["strategy"]
    assert matrix["matrix"]["python"] == PYTHONS
    systems = {name.partition("-")[0] for name in matrix["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    lowest_job = _yaml(".github/workflows/tests.yml")["jobs"]["lowest"]
    setup = next(s for s in lowest_job["steps"] if "setup-python" in s.get("uses", ""))
    assert setup["with"]["python-version"] == PYTHONS[0]


def test_workflows_leave_no_step_of_the_local_run_out():
    run = (ROOT / ".ci" / "run").read_text()
    local = set(re.search(r"^for target in (.*); do", run, re.M)[1].split())
    local |= set(re.findall(r"^within lowest ([a-z-]+)", run, re.M))
    called = set()
    for path in WORKFLOWS:
        called |= set(re.findall(r"run: make ([a-z-]+)", path.read_text()))
    called |= set(_rule("check").split("##")[0].split())
    assert local <= called


def test_every_file_of_a_service_is_held_against_its_schema():
    patterns = re.findall(
        r"(?<![%/\w.])[\w.][\w./*-]*\.(?:yml|yaml|cff)", _rule("workflows")
    )
    checked = {path for pattern in patterns for path in ROOT.glob(pattern)}
    there = {*(ROOT / ".github").rglob("*.yml"), ROOT / ".readthedocs.yaml"}
    assert checked == there | {ROOT / "CITATION.cff"}


# Tools ------------------------------------------------------------------------------


def test_the_tools_of_the_checks_are_pinned_and_not_below_their_floors():
    lines = (ROOT / ".ci" / "tools.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    floors = lowest(EXTRAS["lint"])
    assert list(pinned) == list(floors)
    for tool, version in pinned.items():
        numbers = ([int(n) for n in v.split(".")] for v in (version, floors[tool]))
        assert next(numbers) >= next(numbers), tool


def test_there_is_a_hook_for_every_check():
    hooks = [h for r in _yaml(".pre-commit-config.yaml")["repos"] for h in r["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}  # .ci/tools.txt's
    checks = _rule("check").split("##")[0].split()
    assert [hook["entry"] for hook in hooks] == [f"make {name}" for name in checks]


def test_the_pages_are_built_as_here():
    config = _yaml(".readthedocs.yaml")
    jobs = config["build"]["jobs"]
    assert _make_targets(jobs["install"]) == [("install", "docs")]
    assert _make_targets(jobs["build"]["html"][:1]) == [("docs", None)]
    assert config["build"]["tools"]["python"] in PYTHONS
    assert "docs/_build/html" in _rule("docs")


# Addresses --------------------------------------------------------------------------


def test_addresses_are_the_same_everywhere():
    citation = _yaml("CITATION.cff")
    recipe = _yaml("conda/recipe/recipe.yaml")["about"]
    urls = PROJECT["urls"]
    assert citation["repository-code"] == recipe["repository"] == urls["Repository"]
    assert citation["url"] == recipe["documentation"] == urls["Documentation"]
    for name in ("Issues", "Changes"):
        assert urls[name].startswith(urls["Repository"] + "/")


# Conda ------------------------------------------------------------------------------

CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # without Qt


def _conda(requirements):
    return [f"{CONDA_NAMES.get(k, k)} >={v}" for k, v in lowest(requirements).items()]


def test_the_conda_recipe_has_the_versions_of_pyproject():
    recipe = _yaml("conda/recipe/recipe.yaml")
    assert recipe["context"]["version"] == sklearn_orn.__version__
    assert f">={recipe['context']['python_min']}" == PROJECT["requires-python"]
    needs = recipe["requirements"]
    assert needs["run"][1:] == _conda(PROJECT["dependencies"])
    assert needs["run_constraints"] == _conda(EXTRAS["dask"])
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]
    assert needs["host"][2:] == _conda(build["requires"])


def test_the_conda_recipe_tells_what_pyproject_tells():
    recipe = _yaml("conda/recipe/recipe.yaml")
    assert recipe["package"]["name"] == PROJECT["name"]
    assert recipe["about"]["summary"] == PROJECT["description"]
    assert recipe["about"]["license"] == PROJECT["license"]
    scripts = [f"{name} = {place}" for name, place in PROJECT["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == scripts


# Docker -----------------------------------------------------------------------------

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_image_runs_the_command_as_nobody_special():
    (user,) = re.findall(r"^USER (.*)$", DOCKERFILE, re.M)
    assert int(user) >= 1000
    assert f"--uid {user} " in DOCKERFILE
    (command,) = re.findall(r'^ENTRYPOINT \["(.*)"\]$', DOCKERFILE, re.M)
    assert command in PROJECT["scripts"]


def test_the_image_installs_this_tree():
    (extras,) = re.findall(r'pip install --no-cache-dir "\.\[(.*)\]"', DOCKERFILE)
    assert {*extras.split(",")} <= {*EXTRAS}
    (python,) = re.findall(r"^FROM python:([\d.]+)-slim$", DOCKERFILE, re.M)
    assert python in PYTHONS
    copied = [
        name
        for line in re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.M)
        for name in line.split()
    ]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
    for name in (*copied, PROJECT["readme"], *PROJECT["license-files"]):
        assert name in copied and (ROOT / name).exists()
