"""Arguments that are refused: the message names them and what is expected."""

import numpy as np
import pytest

from sklearn_orn import ICCFilter, TextureExtractor
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import Lesion, read_image
from sklearn_orn.metrics import net_benefit, roc_auc_ci, wilson_interval
from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.resampling import permuted_outcome, stability
from sklearn_orn.selection import intraclass_correlation, poe_acc
from sklearn_orn.texture import feature_names

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.repeat([0, 1], 10)
IMAGE = np.arange(64).reshape(8, 8)


def path(**settings):
    return lambda: logistic_lasso_path(settings.pop("X", X), Y, **settings)


REFUSED = {
    "penalty_factor of another length": (
        path(penalty_factor=[1, 2]),
        "penalty_factor must hold 3",
    ),
    "negative penalty_factor": (
        path(penalty_factor=[1, -1, 1]),
        "penalty_factor must hold 3",
    ),
    "negative lambdas": (path(lambdas=[-0.1]), "lambdas must be a list of numbers"),
    "no lambda": (path(lambdas=[]), "lambdas must be a list of numbers"),
    "infinite X": (path(X=np.full((20, 3), np.inf)), "X must be a finite table"),
    "y of another coding": (
        lambda: logistic_lasso_path(X, Y + 1),
        "y must hold 0 and 1",
    ),
    "y of one class": (lambda: logistic_lasso_path(X, Y * 0), "one class only"),
    "l1_ratio": (path(l1_ratio=0), "l1_ratio must be above 0"),
    "n_lambdas": (path(n_lambdas=0), "n_lambdas must be an integer from 1"),
    "ratings of one reader": (
        lambda: intraclass_correlation(X[:, :1]),
        "with at least two readers",
    ),
    "infinite ratings": (
        lambda: intraclass_correlation(np.where(X > 1, np.inf, X)),
        "infinite values",
    ),
    "confidence of an ICC": (
        lambda: intraclass_correlation(X, confidence=1),
        "confidence must lie between 0 and 1",
    ),
    "kind of error": (lambda: poe_acc(X, Y, k=1, poe="mine"), "poe must be one of"),
    "family": (lambda: feature_names(["shape"]), "Unknown texture families"),
    "a fit parameter": (
        lambda: TextureExtractor().fit_transform([(IMAGE, IMAGE > 5)], groups=[1]),
        "fit takes no parameters",
    ),
    "resamples": (
        lambda: stability(ICCFilter(n_readers=1), X, Y, n_resamples=0),
        "n_resamples must be at least 1",
    ),
    "outcome of one class": (
        lambda: stability(ICCFilter(n_readers=1), X, Y * 0, n_resamples=2),
        "both",
    ),
    "missing outcome": (
        lambda: roc_auc_ci(np.array([0, 1, None], dtype=object), [0.1, 0.2, 0.3]),
        "y_true has missing values",
    ),
    "infinite outcome": (
        lambda: roc_auc_ci([0, 1, np.nan], [0.1, 0.2, 0.3]),
        "y_true has missing or infinite values",
    ),
    "probability beyond 1": (
        lambda: net_benefit([0, 1], [0.1, 1.2], threshold=0.5),
        "y_proba must lie between 0 and 1",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_values(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_a_pipeline_that_fails_on_every_permutation():
    class Broken(ICCFilter):
        def fit(self, X, y=None):
            raise ValueError("nothing to learn")

    with pytest.raises(ValueError, match="nothing to learn"):
        permuted_outcome(Broken(n_readers=1), X, Y, n_permutations=2, cv=2)


def test_names_of_features_that_fit_did_not_see():
    fitted = ICCFilter(n_readers=1).fit(X)
    assert fitted.get_feature_names_out(["a", "b", "c"]).tolist() == ["a", "b", "c"]
    with pytest.raises(ValueError, match="equal to number of features"):
        fitted.get_feature_names_out(["a"])


def test_a_mask_without_a_name_beside_one_with():
    mask = IMAGE > 5
    both = Lesion(IMAGE, {"": mask, "A": mask}, lesion="L1")
    extractor = TextureExtractor(families=["histogram"])
    with pytest.raises(CohortError, match="name all masks or none"):
        extractor.fit([both])
    extractor.fit([Lesion(IMAGE, {"A": mask})])
    with pytest.raises(LesionError, match="has an unnamed mask beside named ones"):
        extractor.transform([both])


def test_sections():
    with pytest.raises(LesionError, match="section is 1.5; expected a whole number"):
        Lesion(IMAGE, IMAGE > 5, section=1.5).section_of("")
    assert Lesion(IMAGE, IMAGE > 5, series=4.0).series_of("") == "4"
    assert Lesion(IMAGE, IMAGE > 5, section=np.nan).section_of("") is None


def test_a_folder_in_place_of_a_picture(tmp_path):
    (tmp_path / "series").mkdir()
    with pytest.raises(LesionError, match="holds no DICOM"):
        read_image(tmp_path / "series")


def test_a_proportion_of_nothing():
    assert str(wilson_interval(0, 0)) == "none (0/0)"
