"""The page of the house names files and rooms that are there."""

import ast
import doctest
import importlib.util
import re
from pathlib import Path

import pytest

import sklearn_orn

PACKAGE = Path(sklearn_orn.__file__).parent
ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def picture():
    pytest.importorskip("grimp")
    path = ROOT / "docs" / "_ext" / "house_picture.py"
    spec = importlib.util.spec_from_file_location("house_picture", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _named():
    found = re.findall(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|j2|json|yaml|md|rst))`", PAGE)
    assert len(found) > 40
    return sorted(set(found))


@pytest.mark.parametrize("name", _named())
def test_a_file_that_the_page_names_is_there(name):
    places = [PACKAGE / name, ROOT / name, PACKAGE / "study" / "checklists" / name]
    assert any(place.is_file() for place in places), (
        f"docs/house.md names {name}: say where that is done now."
    )


def test_every_room_is_in_the_plan():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    folders = {path.parent.name for path in PACKAGE.glob("[!_]*/__init__.py")}
    assert len(rows) == len(set(rows))
    assert set(rows) == folders


def test_the_picture_has_every_room_and_its_imports(picture):
    counts, sizes = picture.imports_between_rooms()
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.M))
    assert set(sizes) == rows | {picture.SHARED}
    assert counts["texture", "images"] > 0
    assert not any(room == picture.SHARED for room, _ in counts)
    figure = picture.draw(counts, sizes)
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert rows <= texts
    assert f"{sizes['images']} modules" in texts
    arrows = picture.needed([pair for pair in counts if picture.SHARED not in pair])
    boxes = len(rows) + 1
    assert len(figure.axes[0].patches) == len(arrows) + boxes


def test_no_arrow_goes_up(picture):
    counts, sizes = picture.imports_between_rooms()
    ends = [pair for pair in counts if picture.SHARED not in pair]
    names = [name for name in sizes if name != picture.SHARED]
    rows = picture.storeys(names, ends)
    level = {name: i for i, row in enumerate(rows) for name in row}
    assert sorted(level) == sorted(names)
    assert all(level[a] > level[b] for a, b in ends)


def test_a_circle_is_named(picture):
    with pytest.raises(ValueError, match="circle: a, b"):
        picture.storeys(["a", "b", "c"], [("a", "b"), ("b", "a"), ("c", "a")])


def test_examples_of_the_picture(picture):
    results = doctest.testmod(picture)
    assert results.attempted >= 2
    assert results.failed == 0


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{name.name}".split(".") for name in node.names)


def test_no_room_takes_what_is_private_in_another():
    taken = []
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0]
        for package, other, *inside in _imports(path):
            if package != "sklearn_orn" or other in (room, "_io"):
                continue
            if any(name.startswith("_") for name in inside) and other[0] != "_":
                taken.append(f"{path.relative_to(PACKAGE)}: {other}.{'.'.join(inside)}")
    assert not taken, "take it from the room itself, or from its shared.py"
