"""The documentation says what is so: snippets run, names are listed, numbers hold."""

import contextlib
import doctest
import importlib
import importlib.util
import io
import json
import pkgutil
import re
import shutil
import warnings
from pathlib import Path

import pytest

import sklearn_orn
import sklearn_orn.datasets
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.texture import FAMILIES, feature_names
from tests import checked
from tests._data import SHARED

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *DOCS.glob("features/*.md")])
README = DOCS.parent / "README.md"
FENCE = re.compile(
    r"(?:<!-- not run: (?P<why>[^>]+) -->\n+)?"
    r"^```(?P<language>\w+)\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```)?",
    re.M | re.S,
)
SAME = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def _blocks(page, language):
    text = page.read_text(encoding="utf-8")
    return [match for match in FENCE.finditer(text) if match["language"] == language]


def _extension(name):
    path = DOCS / "_ext" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"docs_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Snippets ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cohort_of_pages(synthetic_cohort, tmp_path_factory):
    """The folder that the pages call ``cohort``."""
    return shutil.copytree(
        synthetic_cohort[0], tmp_path_factory.mktemp("docs") / "cohort"
    )


@pytest.fixture
def made_once(synthetic_cohort, monkeypatch):
    """Pages that make the cohort again, which takes longest, are given it."""
    make = sklearn_orn.datasets.make_cohort

    def found(folder, **settings):
        if (folder, settings) != ("cohort", {"random_state": 0}):
            return make(folder, **settings)
        return synthetic_cohort[1].copy()

    monkeypatch.setattr("sklearn_orn.datasets.make_cohort", found)


WITH_CODE = [page for page in [README, *PAGES] if _blocks(page, "python")]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_snippets_run_and_print_what_the_page_says(
    page, cohort_of_pages, made_once, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cohort").symlink_to(cohort_of_pages)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.syspath_prepend(tmp_path)
    names = {"__name__": "__main__"}
    for block in _blocks(page, "python"):
        module = re.match(r"# (\w+\.py)\n", block["code"])
        if module:  # the page says that it is a file
            (tmp_path / module[1]).write_text(block["code"], encoding="utf-8")
            continue
        if block["why"]:
            compile(block["code"], page.name, "exec")
            continue
        printed = io.StringIO()
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
            warnings.simplefilter("ignore", StudyWarning)  # small data, on purpose
            exec(compile(block["code"], page.name, "exec"), names)
        if block["output"] is not None:
            same = doctest.OutputChecker().check_output(
                block["output"], printed.getvalue(), SAME
            )
            assert same, f"{page.name} prints:\n{printed.getvalue()}"
    from matplotlib import pyplot as plt

    plt.close("all")


def _command_lines():
    for page in [README, *PAGES]:
        for line in page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            if line.strip().startswith("sklearn-orn "):
                yield pytest.param(line.split("  #")[0].split(), id=line.strip()[:60])


@pytest.mark.parametrize("words", list(_command_lines()))
def test_commands_and_options_in_the_pages_exist(words):
    from sklearn_orn.cli import main

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as end:
        main([words[1], "--help"])
    assert end.value.code == 0
    options = set(re.findall(r"--[\w-]+", printed.getvalue()))
    assert {word for word in words if word.startswith("--")} <= options


# Names ------------------------------------------------------------------------------


def public_objects():
    """Return the full names of every public object: one list for each object."""
    places = {}
    modules = [("sklearn_orn", sklearn_orn)]
    for module in pkgutil.walk_packages(sklearn_orn.__path__, "sklearn_orn."):
        if "._" not in module.name:
            modules.append((module.name, importlib.import_module(module.name)))
    for path, module in modules:
        for name in getattr(module, "__all__", ()):
            if not name.startswith("__"):
                key = name, id(getattr(module, name))
                places.setdefault(key, []).append(f"{path}.{name}")
    return list(places.values())


def listed_names():
    """Return what the API page lists, in order."""
    listed, module = [], None
    inside = False
    for line in (DOCS / "api.rst").read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule::"):
            module = line.split()[-1]
        elif line.startswith(".. autosummary::"):
            inside = True
        elif line and not line.startswith(" "):
            inside = False
        elif inside and re.fullmatch(r"   [\w.]+", line):
            listed.append(f"{module}.{line.strip()}")
    return listed


def test_the_api_page_lists_every_public_name_once():
    listed = listed_names()
    assert len(listed) == len(set(listed))
    for places in public_objects():
        found = [name for name in places if name in listed]
        assert len(found) == 1, f"docs/api.rst lists {found}, one of {places} is due"
    known = {name for places in public_objects() for name in places}
    for place in set(listed) - known:
        module, _, name = place.rpartition(".")
        result = getattr(importlib.import_module(module), name)
        assert "._" in module and isinstance(result, type), place
        assert result.__module__ == module, "list it where it is defined"


def test_every_feature_has_one_definition():
    definitions = _extension("definitions")
    bases = {
        "histogram": {n if n[:4] != "Perc" else "Perc." for n in feature_names()[:9]},
        "cooccurrence": {n.split(")")[1] for n in feature_names(["cooccurrence"])},
        "run_length": {n.split("_")[1] for n in feature_names(["run_length"])},
        "gradient": set(feature_names(["gradient"])),
        "autoregressive": set(feature_names(["autoregressive"])),
        "wavelet": {n[5:7] for n in feature_names(["wavelet"])},
    }
    for family in FAMILIES:
        assert set(getattr(definitions, family.upper())) == bases[family]
        page = DOCS / "features" / f"{family.replace('_', '-')}.md"
        assert f"generated/{family}.md" in page.read_text(encoding="utf-8")


# Numbers ----------------------------------------------------------------------------

RECORDED = json.loads(checked.PATH.read_text(encoding="utf-8"))


def _comparable():
    for program in checked.PROGRAMS:
        data = checked.NEEDS.get(program)
        missing = data is not None and not (SHARED / data).exists()
        reason = f"the data set {data} is not here"
        yield pytest.param(program, marks=pytest.mark.skipif(missing, reason=reason))


@pytest.mark.parametrize("program", list(_comparable()))
def test_the_bounds_of_the_page_hold(program):
    recorded = {row["quantity"]: row for row in RECORDED if row["program"] == program}
    found = {row.quantity: row for row in checked.PROGRAMS[program]()}
    assert list(found) == list(recorded), "run: python -m tests.checked"
    for quantity, row in found.items():
        assert row.worst <= recorded[quantity]["bound"] == row.bound, quantity
        assert recorded[quantity]["worst"] <= row.bound
        assert row.n_values >= 0.95 * recorded[quantity]["n_values"]


def test_every_program_is_on_the_page():
    assert list(dict.fromkeys(row["program"] for row in RECORDED)) == [
        *checked.PROGRAMS
    ]


# Links ------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" in target or target.startswith("/generated"):
            continue
        if "gallery/plot_" in target:
            target = DOCS.parent / "examples" / f"{Path(target).stem}.py"
        if target == "gallery/index.rst":
            target = DOCS.parent / "examples" / "GALLERY_HEADER.rst"
        assert (page.parent / target).exists(), target
