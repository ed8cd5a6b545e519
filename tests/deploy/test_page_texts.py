"""The texts of the page that measures: three tables of one shape."""

import json
import re
import subprocess
from pathlib import Path

import pytest

import sklearn_orn.deploy

from ._node import needs_node

PAGE = Path(sklearn_orn.deploy.__file__).parent / "page"
CALCULATOR = PAGE.parent / "templates" / "calculator.js"
SHORT = 14  # letters of a button
LONGER, LONGEST = 1.9, 14  # times, and letters, that a translation may be longer by
HOLE = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def tables():
    folder = (PAGE / "view" / "texts").as_uri()
    code = f"""
    const found = {{}};
    for (const name of ["en", "de", "zh"]) {{
      const module = await import(`{folder}/${{name}}.js`);
      found[name] = module.default;
    }}
    console.log(JSON.stringify(found));
    """
    command = ["node", "--input-type=module", "--eval", code]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)


def sources():
    files = [p for p in PAGE.rglob("*.js") if "built" not in p.parts]
    texts = {p: p.read_text("utf-8") for p in files if "texts" not in p.parts}
    template = PAGE / "view" / "page.html.j2"
    return texts | {template: template.read_text("utf-8")}


@needs_node
@pytest.mark.parametrize("language", ["de", "zh"])
def test_a_translation_has_the_keys_and_holes_of_english(tables, language):
    english, other = tables["en"], tables[language]
    assert list(other) == list(english)
    for key, text in english.items():
        assert sorted(HOLE.findall(other[key])) == sorted(HOLE.findall(text)), key
        assert other[key].strip() == other[key] and other[key], key
        same = other[key] == text
        assert not same or key in ("tool_polygon",), key


@needs_node
@pytest.mark.parametrize("language", ["de", "zh"])
def test_a_translation_fits_where_english_does(tables, language):
    for key, text in tables["en"].items():
        length = len(tables[language][key])
        assert length <= max(LONGER * len(text), len(text) + LONGEST), key
        if key.startswith(("tool_", "zoom_")) or key == "undo":
            assert length <= SHORT, key


@needs_node
def test_every_text_is_there_and_used(tables):
    asked, said = set(), ""
    for path, text in sources().items():
        said += text
        of_refusals = re.findall(r'Refusal\(\s*"(\w+)"', text)
        of_texts = re.findall(
            r'\bt\("(\w+)"|\bsay\("(\w+)"|data-t(?:-label)?="(\w+)"', text
        )
        of_path = {*of_refusals, *("".join(found) for found in of_texts)}
        assert of_path <= set(tables["en"]), path
        asked |= of_path
    unused = [
        key for key in tables["en"] if key not in asked and f'"{key}"' not in said
    ]
    assert set(unused) <= {"language"}


@needs_node
def test_refusals_fill_the_holes_of_their_texts(tables):
    seen = 0
    for path, text in sources().items():
        for key, inside in re.findall(r'Refusal\(\s*"(\w+)", {([^{}()]*)}', text):
            given = {part.split(":")[0].strip() for part in inside.split(",")}
            assert set(HOLE.findall(tables["en"][key])) <= given, (path, key)
            seen += 1
    assert seen > 10


def test_the_calculator_has_words_for_what_is_no_number():
    page = (PAGE / "view" / "numbers.js").read_text("utf-8")
    keys = re.findall(r'error:\s*"(\w+)"', page)
    words = re.findall(r"^ +(field_\w+):", CALCULATOR.read_text("utf-8"), re.M)
    assert sorted(words) == sorted(keys) and len(keys) == 2


@needs_node
def test_modules():
    tests = sorted(str(p) for p in (Path(__file__).parent / "page").glob("*.test.mjs"))
    done = subprocess.run(
        ["node", "--test", *tests], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-3000:]
