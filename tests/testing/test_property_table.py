"""docs/properties.md names every property, and nothing else."""

import re

import sklearn_orn
from sklearn_orn import metrics, model, resampling, selection, texture
from tests.testing._property_table import PAGE, TESTS, drawn_tests, of_code, of_page

ROOMS = (texture, selection, model, metrics, resampling)


def test_the_table_and_the_tests_agree():
    code, page = {p.key: p for p in of_code()}, {p.key: p for p in of_page()}
    missing = [code[key].row() for key in code if key not in page]
    gone = [page[key].row() for key in page if key not in code]
    assert not missing, f"add to {PAGE}:\n" + "\n".join(missing)
    assert not gone, f"take out of {PAGE}, or name the test so:\n" + "\n".join(gone)


def test_no_property_is_there_twice():
    for properties in (of_code(), of_page()):
        keys = [p.key for p in properties]
        assert len(keys) == len(set(keys))


def test_the_reasons_are_those_of_the_docstrings():
    page = {p.key: p.why for p in of_page()}
    other = [p.row() for p in of_code() if p.why and page.get(p.key, p.why) != p.why]
    assert not other, f"the reasons in {PAGE} should be:\n" + "\n".join(other)
    assert not [key for key, why in page.items() if why == "WHY?"]


def test_rows_stand_in_the_section_of_their_room():
    room = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            room = line.removeprefix("## ").lower()
        elif line.startswith("|") and line.endswith(".py` |"):
            where, _, _ = line.split("`")[-2].rpartition("/")
            assert (where or "tables") == room, line


def test_properties_state_their_reason():
    without = [
        (path.name, name)
        for path in TESTS.rglob("test_properties_*.py")
        for name, docstring in drawn_tests(path)
        if not docstring
    ]
    assert not without


def test_there_are_many():
    assert len(of_code()) >= 200


def public_functions():
    """Transforms and metrics: what computes something from data."""
    for room in ROOMS:
        for name in room.__all__:
            thing = getattr(room, name)
            is_result = isinstance(thing, type) and not hasattr(thing, "fit")
            if callable(thing) and not is_result:
                yield name
    yield from ("Formula", "Nomogram", "Resampler", "mask_overlap", "save_model")


def test_every_public_transform_and_metric_has_a_property():
    drawn = {p.where for p in of_code()}
    source = "\n".join((TESTS / where).read_text(encoding="utf-8") for where in drawn)
    assert {"Normalizer", "ICCFilter", "roc_auc_ci"} <= set(public_functions())
    assert set(sklearn_orn.__all__) & set(public_functions())
    used = set(re.findall(r"\b(\w+)[(.]", source))
    assert not [name for name in public_functions() if name not in used]
