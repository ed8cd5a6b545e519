"""How features were measured, in the attrs of their table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import pandas as pd

from sklearn_orn._feature_settings import (
    ORIENTATION,
    PROVENANCE,
    Normalization,
    bits_by_family,
    check_normalization,
)
from sklearn_orn.images import Lesion
from sklearn_orn.images.shared import MappedLesion, resample
from sklearn_orn.texture._catalogue import FEATURE_VERSION
from sklearn_orn.texture._measuring_plan import Plan
from sklearn_orn.texture._normalizer import set_window


def normalization_of(lesions: Iterable[object]) -> str | None:
    """Return the method of the `Normalizer` that lesions went through.

    ``"none"`` without one; None where the lesions differ, or went through a step that
    is not of this package.
    """
    methods = {_normalization(lesion) for lesion in lesions}
    return methods.pop() if len(methods) == 1 else None


def _normalization(lesion: object) -> str | None:
    if isinstance(lesion, Lesion):
        return "none"
    if isinstance(lesion, MappedLesion):
        step = lesion.function
        if isinstance(step, partial) and step.func is set_window:
            return str(step.keywords["method"])
        if isinstance(step, partial) and step.func is resample:
            return "none"  # a new image, whose window is its full range
    return None


def provenance(
    plan: Plan, readers: Iterable[str], lesions: Iterable[object]
) -> dict[str, object]:
    """Return how lesions are measured, as plain data for the attrs of the table."""
    return {
        "feature_version": FEATURE_VERSION,
        "orientation": ORIENTATION,
        "normalization": normalization_of(lesions),
        "families": list(plan.families),
        "distances": list(plan.distances),
        "bits": {
            family: int(bits)
            for family, bits in plan.bits.items()
            if family in plan.families
        },
        "readers": list(readers),
    }


def declare_settings(
    X: pd.DataFrame,
    *,
    bits: int | Mapping[str, int] | None = None,
    normalization: Normalization | None = None,
) -> pd.DataFrame:
    """Say how a table of features was measured, where nothing else says it.

    Parameters
    ----------
    X : DataFrame of shape (n_lesions, n_columns)
        Features, of this or another program.
    bits : int or dict of str to int, default=None
        Bits per pixel of all quantised families, or of each of ``"cooccurrence"``,
        ``"run_length"``, ``"gradient"`` and ``"wavelet"``. None is unknown.
    normalization : {"3sigma", "1-99", "1-99-below", "none"}, default=None
        Grey-level window, as in `Normalizer`. None is unknown.

    Returns
    -------
    DataFrame
        A copy with the settings in ``attrs["provenance"]``, in place of what stood
        there.

    Raises
    ------
    ValueError
        If a setting is none of these.

    See Also
    --------
    read_features : Reads the settings of a table that `sklearn-orn extract` wrote.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.texture import declare_settings
    >>> X = pd.DataFrame({"S(1,0)Contrast": [12.5]})
    >>> declare_settings(X, bits=6, normalization="3sigma").attrs["provenance"]["bits"]
    {'cooccurrence': 6, 'run_length': 6, 'gradient': 6, 'wavelet': 6}
    """
    if not isinstance(X, pd.DataFrame):
        raise TypeError(f"X must be a DataFrame of features, got {type(X).__name__}.")
    declared = X.copy()
    declared.attrs[PROVENANCE] = {
        "bits": bits_by_family(bits),
        "normalization": check_normalization(normalization),
    }
    return declared
