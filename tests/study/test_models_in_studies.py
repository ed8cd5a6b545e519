"""The simpler models of whole studies."""

from dataclasses import astuple

import pytest
from numpy.testing import assert_allclose

from sklearn_orn.study._models import verdict


@pytest.mark.parametrize("study", ["two_reader_study", "one_reader_study"])
def test_the_row_of_radiomics_is_the_study_s_own(study, request):
    results = request.getfixturevalue(study).numbers
    (row,) = [row for row in results.models.rows if row.name == "radiomics"]
    own = astuple(results.parts[1].auc)
    assert_allclose((row.auc, row.lower, row.upper, row.se), own, rtol=1e-12)
    assert results.models.verdict == verdict(results.models.comparisons)


def test_a_lesion_size_that_is_the_same_for_all_is_in_no_model(two_reader_study):
    models = two_reader_study.results["models"]  # every outline is the same circle
    assert "lesion size" not in [row["name"] for row in models["rows"]]
    assert models["notes"] == [
        "Column 'area, mm²' is in no model: it is the same for all lesions that train."
    ]
