"""A fitted Pipeline as one JSON file, and back."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from sklearn.pipeline import Pipeline

from sklearn_orn import __version__
from sklearn_orn._feature_settings import ORIENTATION, ORIENTATIONS
from sklearn_orn._io.codec import JsonObject, Rule, refuse
from sklearn_orn._io.json_file import JsonFormat
from sklearn_orn._io.kinds import ANYTHING, Text, dict_of, one_of, tuple_of, whole
from sklearn_orn._io.strict_json import named_file
from sklearn_orn._io.text_files import write_text
from sklearn_orn._study_warnings import warn
from sklearn_orn.deploy._compose import decode_estimator, encode_estimator
from sklearn_orn.deploy._protocol_flags import PROTOCOL
from sklearn_orn.deploy._training import TRAINING, TrainingRecord, record_training
from sklearn_orn.model import NomogramClassifier
from sklearn_orn.texture.shared import FEATURE_VERSION

PACKAGES = ("numpy", "pandas", "scikit-learn", "scipy")

# What is of another value than in an earlier version of the features.
_CHANGED = {
    1: (
        ": of NIfTI and NRRD, whose slices were taken as they are stored and are now "
        "in the rows and columns of DICOM, and of images with fractions. Those of "
        "whole numbers in DICOM and pictures are the same"
    )
}


MODEL_FILE = JsonFormat(
    "sklearn-orn-model",
    4,
    {
        "title": Text,
        "class_names": Annotated[
            tuple_of(Text),
            Rule(
                "two different names", lambda names: len(names) == len(set(names)) == 2
            ),
        ],
        "versions": dict_of(Text),
        "feature_version": whole(1),
        "orientation": one_of(*ORIENTATIONS),
        "training": TRAINING,
        "protocol": PROTOCOL,
        "pipeline": ANYTHING,
    },
    "model file",
    "save_model",
    "Give the file that save_model wrote.",
    f"sklearn_orn {__version__}",
    # slices were taken as they are stored, and nothing said so
    earlier={
        1: {"orientation": "stored", "protocol": {}},
        2: {"protocol": {}},
        3: {"protocol": {}},
    },
)


@dataclass(frozen=True, eq=False)
class ModelFile:
    """What a model file holds.

    Attributes
    ----------
    pipeline : Pipeline
        Fitted; its last step is a `NomogramClassifier`.
    title : str
        What its author calls it; may be empty.
    class_names : tuple of (str, str)
        What to call the negative and the positive class.
    training : TrainingRecord
        About the training lesions.
    versions : dict of str to str
        The packages that it was trained with.
    sha256 : str
        Hash of the file.
    orientation : {"dicom", "stored"}
        In which order slices of NIfTI and NRRD were taken for the training: in the
        rows and columns of DICOM, or as they were stored.
    """

    pipeline: Pipeline
    title: str
    class_names: tuple[str, str]
    training: TrainingRecord
    versions: dict[str, str]
    sha256: str
    orientation: str = ORIENTATION

    @property
    def classifier(self) -> NomogramClassifier:
        """The last step."""
        classifier: NomogramClassifier = self.pipeline[-1]
        return classifier

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model file with what it says about itself.

        Parameters
        ----------
        path : str or path-like
            A file that `save_model` wrote.

        Returns
        -------
        ModelFile
            The pipeline, its title and classes, and what it was trained on.

        Raises
        ------
        ModelFileError
            As `load_model`.

        Examples
        --------
        >>> import tempfile
        >>> import numpy as np
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn_orn import NomogramClassifier
        >>> from sklearn_orn.deploy import ModelFile, save_model
        >>> X = np.random.default_rng(0).normal(size=(60, 2))
        >>> pipeline = make_pipeline(NomogramClassifier(lambda_rule=0.05))
        >>> pipeline = pipeline.fit(X, X[:, 0] > 0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = f"{folder}/model.json"
        ...     save_model(path, pipeline, title="Our score", class_names=["no", "yes"])
        ...     model = ModelFile.read(path)
        >>> model.title, model.class_names
        ('Our score', ('no', 'yes'))
        """
        content = MODEL_FILE.read(path)
        with named_file(MODEL_FILE.what, path):
            digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            return cls(**_content(content, digest))


def save_model(
    path: str | os.PathLike[str],
    pipeline: Pipeline,
    *,
    training: Sized | None = None,
    title: str = "",
    class_names: Sequence[str] | None = None,
) -> None:
    """Write a fitted Pipeline to a JSON file.

    Parameters
    ----------
    path : str or path-like
        File to write or replace.
    pipeline : Pipeline
        Fitted. Its steps may be `Resampler`, `Normalizer`, `TextureExtractor`,
        `ICCFilter`, `FCMSelector`, `SimpleImputer`, `StandardScaler`, `OneHotEncoder`,
        `OrdinalEncoder`, `RestrictedCubicSpline`, `CrossFittedScore` of such a
        Pipeline, `ColumnTransformer`, a Pipeline of these, ``"passthrough"``, and last
        a `NomogramClassifier`.
    training : DataFrame, sequence of lesions or array, default=None
        The X it was fitted on, a table with all its columns. The file then holds
        their number, the hash of the table, and pixel spacings and protocol, read from
        the headers. Without it new images are not compared by these.
    title : str, default=""
        What to call the model, in words.
    class_names : sequence of two str, default=None
        What to call the negative and the positive class, where y held 0 and 1; by
        default its own labels.

    Raises
    ------
    TypeError
        If a step, or a setting of it, cannot be held by a model file.
    NotFittedError
        If a step is not fitted.

    See Also
    --------
    load_model : The way back.

    Notes
    -----
    The file holds numbers and names, never pixels, paths or patients. How workers and
    caches were set is not written, nor a splitter, a random state that is no integer,
    or a dict of class weights: they shape the fit, not the prediction. The schema is
    in ``docs/model-file.md``.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_orn import FCMSelector, NomogramClassifier
    >>> from sklearn_orn.deploy import load_model, save_model
    >>> X = np.random.default_rng(0).normal(size=(60, 4))
    >>> y = (X[:, 0] + X[:, 1] > 0).astype(int)
    >>> model = make_pipeline(FCMSelector(k=1), NomogramClassifier(lambda_rule=0.05))
    >>> model = model.fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(f"{folder}/model.json", model)
    ...     again = load_model(f"{folder}/model.json")
    >>> bool((again.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    if not isinstance(pipeline, Pipeline):
        raise TypeError(
            f"A model file holds a Pipeline, got {type(pipeline).__name__}. Put it in "
            "one: make_pipeline(classifier)."
        )
    if type(pipeline[-1]) is not NomogramClassifier:
        raise TypeError(
            f"The last step {pipeline.steps[-1][0]!r} is a "
            f"{type(pipeline[-1]).__name__}; a model file ends in a NomogramClassifier."
        )
    encoded = encode_estimator(pipeline, "pipeline")
    record = record_training(pipeline, training)
    given = pipeline[-1].classes_.tolist() if class_names is None else class_names
    written = MODEL_FILE.text(
        {
            "title": title,
            "class_names": given,
            "versions": package_versions(),
            "feature_version": FEATURE_VERSION,
            "orientation": ORIENTATION,
            "training": vars(record),
            "protocol": record.protocol,
            "pipeline": encoded,
        }
    )
    # What cannot be read must not be written.
    ModelFile(**_content(MODEL_FILE.parse(written), ""))
    write_text(path, written)


def load_model(path: str | os.PathLike[str]) -> Pipeline:
    """Read a fitted Pipeline from a JSON file.

    Parameters
    ----------
    path : str or path-like
        A file that `save_model` wrote, with this version or an earlier one.

    Returns
    -------
    Pipeline
        With the fitted attributes that it was saved with: it predicts the same.

    Raises
    ------
    ModelFileError
        If the file is anything else; the message says what was found where.

    Warns
    -----
    StudyWarning
        If this version measures texture otherwise than the one that trained the model.

    Notes
    -----
    The file is data: nothing in it is run, and only the classes that
    `save_model` names are ever made.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_orn.deploy import load_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "model.json"
    ...     _ = path.write_text('{"format": "something else"}')
    ...     load_model(path)
    Traceback (most recent call last):
    ...
    sklearn_orn.exceptions.ModelFileError: ...

    `save_model` shows the way there and back.
    """
    return ModelFile.read(path).pipeline


def package_versions() -> dict[str, str]:
    """Return the versions of what a model is trained with."""
    from importlib.metadata import version

    versions = {"sklearn_orn": __version__, "python": platform.python_version()}
    return versions | {name: version(name) for name in PACKAGES}


def _content(content: JsonObject, digest: str) -> JsonObject:
    pipeline = decode_estimator(content["pipeline"], "pipeline")
    if not isinstance(pipeline, Pipeline) or not isinstance(
        pipeline[-1], NomogramClassifier
    ):
        raise refuse(
            "pipeline",
            content["pipeline"],
            "a Pipeline that ends in a NomogramClassifier",
        )
    features = content.pop("feature_version")
    if features != FEATURE_VERSION:
        warn(
            f"The model was trained on texture of version {features}; this sklearn_orn "
            f"measures version {FEATURE_VERSION}, and some features have other values"
            f"{_CHANGED.get(features, '')}. Use the sklearn_orn that trained it, or "
            "train again.",
            "ORN009",
            stacklevel=4,
        )
    protocol = content.pop("protocol")
    training = TrainingRecord(**content["training"], protocol=protocol)
    made = {"pipeline": pipeline, "training": training, "sha256": digest}
    return content | made
