"""The steps that measure images as the features of a published signature were."""

from __future__ import annotations

from collections.abc import Mapping

import joblib
from sklearn.pipeline import Pipeline

from sklearn_orn._block_names import BAR, IMAGE, LESION, Block, parse_block
from sklearn_orn._feature_settings import (
    Normalization,
    bits_by_family,
    check_normalization,
)
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import Regions
from sklearn_orn.model import PublishedSignature
from sklearn_orn.texture import FAMILIES, Normalizer, TextureExtractor, family_of
from sklearn_orn.texture.shared import DISTANCES

NORMALIZATION: Normalization = "3sigma"  # as Normalizer does by default


def texture_features(signature: PublishedSignature) -> list[str]:
    """Return the features of a signature that are measured from images."""
    return [name for name in signature.coefficients if _is_texture(name)]


def _is_texture(name: str) -> bool:
    try:
        family_of(_parts(name)[1])
    except ValueError:
        return False
    return True


def _parts(name: str) -> tuple[Block, str]:
    """Return of which sequence and region a feature is, and what MaZda calls it."""
    block, mark, feature = name.partition(SEPARATOR)
    if mark and BAR in block:
        return parse_block(block), feature
    return Block(), name


def sequences_needed(signature: PublishedSignature) -> tuple[str, ...]:
    """Return the sequences that a signature names; none where it has but one image."""
    found = [_parts(name)[0].sequence for name in texture_features(signature)]
    return tuple(dict.fromkeys(name for name in found if name not in ("", IMAGE)))


def measuring_steps(
    signature: PublishedSignature,
    *,
    bits: int | Mapping[str, int] | None = None,
    normalization: Normalization | None = None,
    n_jobs: int | None = None,
    memory: str | joblib.Memory | None = None,
) -> Pipeline:
    """Make the steps that measure images with the settings of a signature.

    Parameters
    ----------
    signature : PublishedSignature
        Its `bits` and `normalization` are taken, and only the families, distances and
        regions that its features need are measured: ``T2|rim3out__Mean`` is of a rim
        of 3 mm outside on T2. Features that are not of the texture, such as an age, are
        not measured.
    bits : int or dict of str to int, default=None
        Bits per pixel where the publication does not report them. None takes MaZda's.
    normalization : {"3sigma", "1-99", "1-99-below", "none"}, default=None
        Normalisation where the publication does not report it. None takes
        ``"3sigma"``.
    n_jobs : int, default=None
        Number of processes, as of `TextureExtractor`.
    memory : str or joblib.Memory, default=None
        Cache of lesions, as of `TextureExtractor`.

    Returns
    -------
    Pipeline
        A `Normalizer` and a `TextureExtractor`, not fitted, behind `Regions` where the
        features are of other regions than the lesion. What comes out knows how it was
        measured, so that the signature says what was not reported.

    Raises
    ------
    ValueError
        If the signature has no feature of texture, a setting is none of these, or one
        is given that the publication does report, as something else.

    See Also
    --------
    sklearn_orn.model.validate_externally : Judges the signature on what comes out.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.deploy import measuring_steps
    >>> from sklearn_orn.model import PublishedSignature
    >>> signature = PublishedSignature(
    ...     {"S(0,3)Entropy": 1.0}, -2.0, bits=5, normalization="1-99"
    ... )
    >>> image = np.random.default_rng(0).integers(0, 256, size=(32, 32))
    >>> X = measuring_steps(signature).fit_transform([(image, image > 20)])
    >>> X.shape  # the 44 features of one distance
    (1, 44)
    >>> signature.predict(X)
    array([1])
    """
    texture = texture_features(signature)
    if not texture:
        raise CohortError(
            "The signature has no feature that is measured from images: "
            f"{name_list(signature.coefficients)}. Apply it to a table with these "
            "columns."
        )
    blocks, names = zip(*map(_parts, texture), strict=True)
    measured = [family_of(name) for name in names]
    regions = list(dict.fromkeys(block.region or LESION for block in blocks))
    families = {family for family, _ in measured}
    distances = sorted({d for _, of_feature in measured for d in of_feature})
    reported = bits_by_family(signature.bits)
    wanted = {**bits_by_family(bits), **reported}
    for family, value in bits_by_family(bits).items():
        _refuse_other(f"bits ({family})", value, reported.get(family))
    _refuse_other("normalization", normalization, signature.normalization)
    method = check_normalization(signature.normalization or normalization)
    return Pipeline(
        [
            *([("regions", Regions(regions))] if regions != [LESION] else []),
            ("normalizer", Normalizer(method or NORMALIZATION)),
            (
                "extractor",
                TextureExtractor(
                    [family for family in FAMILIES if family in families],
                    tuple(distances) or DISTANCES,
                    {family: wanted[family] for family in wanted if family in families},
                    n_jobs=n_jobs,
                    memory=memory,
                ),
            ),
        ]
    )


def _refuse_other(
    name: str, given: int | str | None, reported: int | str | None
) -> None:
    if given is not None and reported is not None and given != reported:
        raise CohortError(
            f"{name} is {given!r}, and the signature was made for {reported!r}: its "
            "coefficients mean nothing for other features. Leave the parameter out."
        )
