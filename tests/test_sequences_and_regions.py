"""Sequences, regions, readers and perturbed outlines in one table of features."""

import warnings

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklearn_orn import ICCFilter, NomogramClassifier, Normalizer, TextureExtractor
from sklearn_orn.deploy import load_model, save_model
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.images import Lesion, OutlinePerturber, Regions, as_lesions
from sklearn_orn.selection import compare_icc
from tests._two_sequences import write_cohort


@pytest.fixture(scope="module")
def lesions(tmp_path_factory):
    """Thirty lesions of T1 and T2 with a known spacing; ben drew T2 alone."""
    from sklearn_orn.images import read_cohort

    table = read_cohort(write_cohort(tmp_path_factory.mktemp("two")))
    made = []
    for lesion in as_lesions(table):
        regions = lesion.read()
        images = {name.split("|")[0]: region.image for name, region in regions.items()}
        masks = {name: region.mask for name, region in regions.items()}
        del masks["T1|lesion|ben"]
        made.append(Lesion(images, masks, spacing=(0.5, 0.5)))
    return as_lesions(made), table["grade"].to_numpy()


def pipeline(n=3, **settings):
    return Pipeline(
        [
            ("perturber", OutlinePerturber(n)),
            ("regions", Regions(["lesion", "rim 1 mm outside"])),
            ("normalizer", Normalizer()),
            ("extractor", TextureExtractor(["histogram", "gradient"], **settings)),
            ("icc", ICCFilter(0.2)),
            ("imputer", SimpleImputer(keep_empty_features=True)),
            ("nomogram", NomogramClassifier(lambda_rule=0.05, cv=3)),
        ]
    )


def test_columns_are_of_every_sequence_region_and_reader(lesions):
    X, _ = lesions
    readers = pipeline()[:4].fit_transform(X).columns.str.split("__").str[0].unique()
    virtual = ["perturbed1", "perturbed2", "perturbed3"]
    assert set(readers) == {
        f"{sequence}|{region}|{reader}"
        for sequence, drawn in (("T1", ["anna"]), ("T2", ["anna", "ben"]))
        for region in ("lesion", "rim1out")
        for reader in [*drawn, *virtual]
    }


def test_a_sequence_of_one_reader_is_judged_by_perturbed_outlines(lesions):
    X, y = lesions
    with warnings.catch_warnings():
        warnings.simplefilter("error", StudyWarning)  # nobody is judged by nobody
        fitted = pipeline()[:5].fit(X, y)
    of = dict(zip(fitted[4].features_, fitted[4].judged_by_, strict=True))
    assert of["T1|rim1out__Mean"] == "perturbed"
    assert of["T2|rim1out__Mean"] == "readers"
    assert fitted[4].readers_ == ("anna", "ben")


def test_both_agreements_are_compared_where_two_readers_drew(lesions):
    X, _ = lesions
    table = pipeline()[:4].fit_transform(X)
    found = compare_icc(table[table.filter(like="T2|").columns])
    assert set(found.table["region"]) == {"lesion", "rim1out"}
    with pytest.raises(ValueError, match="expected two at least of each sequence"):
        compare_icc(table)


def test_a_saved_model_predicts_the_same(lesions, tmp_path):
    X, y = lesions
    fitted = pipeline().fit(X, y)
    save_model(tmp_path / "model.json", fitted, training=X)
    again = load_model(tmp_path / "model.json")
    assert np.array_equal(again.predict_proba(X[:5]), fitted.predict_proba(X[:5]))


def test_a_search_measures_each_lesion_once(lesions, tmp_path, monkeypatch):
    from sklearn_orn.texture import _measure

    X, y = lesions
    measured = []
    measure = _measure.measure

    def counted(region, *more):
        measured.append((region.image.tobytes(), region.mask.tobytes()))
        return measure(region, *more)

    monkeypatch.setattr(_measure, "measure", counted)
    search = GridSearchCV(
        pipeline(2, memory=str(tmp_path)), {"icc__threshold": [0.1, 0.2]}, cv=3
    )
    search.fit(X[:18], y[:18])
    # T1: anna and two perturbed, T2: ben too; each with its rim
    # What is the same to the pixel, as some perturbed outlines are, is measured once.
    assert len(measured) == len(set(measured))
    assert 0.9 * 18 * (3 + 4) * 2 < len(measured) <= 18 * (3 + 4) * 2
