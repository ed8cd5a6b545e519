"""What `make page` makes is of these sources, and tells nothing of the machine."""

import hashlib
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_VR, tag_for_keyword

from ._node import needs_node

PAGE = Path(str(files("sklearn_orn.deploy") / "page"))
BUILT = PAGE / "built"
SCRIPTS = ("app.js", "codecs.js", "worker.js")
SOURCES = {".js", ".mjs", ".json", ".txt"}


def sources_hash():
    """Hash what the bundles are made of, as `build.mjs` does."""
    names = sorted(
        path.relative_to(PAGE).as_posix()
        for path in PAGE.rglob("*")
        if path.is_file() and path.suffix in SOURCES
    )
    found = hashlib.sha256()
    for name in names:
        if not name.startswith(("built/", "node_modules/")):
            text = (PAGE / name).read_text(encoding="utf-8")
            found.update(f"{name}\n{text}\n".encode())
    return found.hexdigest()


def test_the_bundles_are_of_these_sources():
    told = (BUILT / "SOURCES.sha256").read_text().strip()
    assert told == sources_hash(), "the sources have changed: run `make page`"


def test_every_program_of_others_has_its_version_and_licence():
    about = json.loads((PAGE / "package.json").read_text())
    text = (BUILT / "LICENSES.txt").read_text(encoding="utf-8")
    for name, version in about["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert f"{name} {version} (" in text
    assert not re.search(r"\bA?L?GPL", text)
    for path in (PAGE / "licences").iterdir():
        assert path.read_text(encoding="utf-8").strip() in text


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_stays_in_its_element_and_names_no_machine(name):
    text = (BUILT / name).read_text(encoding="ascii")
    assert "</script" not in text.lower() and "<!--" not in text
    assert not re.search(r"registry\.|node_modules|/tmp/|/root/|/home/(?!web)", text)


def test_the_codecs_leave_room_in_the_page():
    assert (BUILT / "codecs.js").stat().st_size < 400_000


def test_elements_are_those_of_the_dictionary():
    """Tag and VR of each element that the page reads, as pydicom has them."""
    text = (PAGE / "pixels" / "dicom_tags.js").read_text()
    rows = re.findall(r'(\w+): \[(0x[0-9a-f]+), "(\w\w)"\]', text)
    assert len(rows) > 80
    for keyword, tag, vr in rows:
        assert tag_for_keyword(keyword) == int(tag, 16), keyword
        assert dictionary_VR(int(tag, 16))[:2] == vr or keyword == "PixelData"


@pytest.mark.long
@needs_node
def test_the_bundles_are_built_again_the_same(tmp_path):
    """Where the registry of npm can be reached."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm")
    done = subprocess.run(
        ["node", str(PAGE / "build.mjs"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "ENOTFOUND" in done.stderr or "network" in done.stderr:
        pytest.skip("needs the registry of npm")
    assert done.returncode == 0, done.stderr
    for path in BUILT.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
