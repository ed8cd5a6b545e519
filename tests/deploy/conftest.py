import warnings

import numpy as np
import pytest

from sklearn_orn.deploy import ModelFile, save_model
from sklearn_orn.images import read_cohort
from tests.deploy._models import (
    STAGES,
    combined_data,
    combined_model,
    feature_data,
    feature_model,
    image_model,
    image_score_model,
    mixed_model,
)
from tests.study._cohort import clinical_cohort


@pytest.fixture(scope="session")
def cohort_csv(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deploy")
    return clinical_cohort(folder, "pain", [0, 1], PixelSpacing=[0.5, 0.5])


@pytest.fixture(scope="session")
def cohort(cohort_csv):
    return read_cohort(cohort_csv)


@pytest.fixture(scope="session")
def models(cohort):
    """The fitted pipelines and the X of each."""
    X, _ = feature_data()
    staged = cohort.assign(stage=np.resize(STAGES, len(cohort)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "features": (feature_model(), X),
            "arrays": (feature_model("default"), X),
            "images": (image_model(cohort), cohort),
            "mixed": (mixed_model(cohort), cohort),
            "combined": (combined_model(), combined_data()[0]),
            "image_score": (image_score_model(staged), staged),
        }


@pytest.fixture(scope="session")
def stored(models, tmp_path_factory):
    """Name -> path of the model file."""
    folder = tmp_path_factory.mktemp("models")
    for name, (pipeline, X) in models.items():
        save_model(folder / f"{name}.json", pipeline, training=X, title=f"A {name}")
    return {name: folder / f"{name}.json" for name in models}


@pytest.fixture
def stored_model(stored):
    return lambda name: ModelFile.read(stored[name])
