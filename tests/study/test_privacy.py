"""No file of a study holds what identifies a patient in a header, or a path."""

import re

import pytest

from tests._every_text import every_text
from tests.images._make import BIRTH_DATE, NAME, PATIENT_ID
from tests.study._checks import files_of

SURNAME, GIVEN = NAME.split("^")
PLANTED = (GIVEN, PATIENT_ID, BIRTH_DATE)
TEXT = (".csv", ".html", ".json", ".svg")


@pytest.mark.parametrize(
    "study", ["two_reader_study", "one_reader_study", "odd_names_study"]
)
def test_no_file_holds_an_identity_of_the_headers(study, request):
    folder = request.getfixturevalue(study).report.parent
    found = files_of(folder)
    assert {path.suffix for path in found} == {*TEXT, ".pdf", ".png"}
    for path in found:
        content = every_text(path.read_bytes())
        for planted in PLANTED:
            assert planted.lower().encode() not in content, path
        if path.suffix in TEXT:
            text = path.read_text(encoding="utf-8")
            assert not re.search(rf"\b{SURNAME}\b", text), path


@pytest.mark.parametrize("study", ["two_reader_study", "one_reader_study"])
def test_no_file_holds_a_path(study, request):
    result = request.getfixturevalue(study)
    inside = request.getfixturevalue(study.replace("study", "cohort")).parent
    for path in files_of(result.report.parent):
        content = every_text(path.read_bytes())
        assert str(inside).lower().encode() not in content, path
        assert b"l07.dcm" not in content, path
        assert not re.search(rb"l07[ab]?\.png", content), path


def test_a_path_stands_only_in_the_reason_of_a_lesion_left_out(cohort, quick_study):
    cohort.loc[7, "image"] = "/archive/JaneRoe/scan.dcm"
    folder = quick_study(cohort, cv=12).report.parent
    holders = {
        path.name
        for path in files_of(folder)
        if b"janeroe" in every_text(path.read_bytes())
    }
    assert holders == {"results.json", "report.html", "left-out.csv"}
    shown = (folder / "tables" / "left-out.csv").read_text(encoding="utf-8")
    assert shown.count("JaneRoe") == 1
    assert (folder / "results.json").read_text(encoding="utf-8").count("JaneRoe") == 1
