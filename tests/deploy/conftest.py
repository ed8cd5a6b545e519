"""Models that tests share; what makes them is imported where it is used."""

import warnings

import pytest


@pytest.fixture(scope="session")
def cohort_csv(tmp_path_factory):
    from tests.study._cohort import clinical_cohort

    folder = tmp_path_factory.mktemp("deploy")
    return clinical_cohort(folder, "pain", [0, 1], PixelSpacing=[0.5, 0.5])


@pytest.fixture(scope="session")
def cohort(cohort_csv):
    from sklearn_orn.images import read_cohort

    return read_cohort(cohort_csv)


@pytest.fixture(scope="session")
def models(cohort):
    """The fitted pipelines and the X of each."""
    import numpy as np

    from tests.deploy import _models as m

    X, _ = m.feature_data()
    staged = cohort.assign(stage=np.resize(m.STAGES, len(cohort)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "features": (m.feature_model(), X),
            "arrays": (m.feature_model("default"), X),
            "images": (m.image_model(cohort), cohort),
            "mixed": (m.mixed_model(cohort), cohort),
            "combined": (m.combined_model(), m.combined_data()[0]),
            "image_score": (m.image_score_model(staged), staged),
        }


@pytest.fixture(scope="session")
def stored(models, tmp_path_factory):
    """Name -> path of the model file."""
    from sklearn_orn.deploy import save_model

    folder = tmp_path_factory.mktemp("models")
    for name, (pipeline, X) in models.items():
        save_model(folder / f"{name}.json", pipeline, training=X, title=f"A {name}")
    return {name: folder / f"{name}.json" for name in models}


@pytest.fixture
def stored_model(stored):
    from sklearn_orn.deploy import ModelFile

    return lambda name: ModelFile.read(stored[name])
