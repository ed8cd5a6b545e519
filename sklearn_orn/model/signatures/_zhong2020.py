"""The radiomics score of Zhong et al. 2020, as its Table 3 prints it."""

from __future__ import annotations

from collections.abc import Mapping

from sklearn_orn._feature_settings import bits_by_family
from sklearn_orn._messages import shown
from sklearn_orn.model.signatures._signature import PublishedSignature

INTERCEPT = 1.29
COEFFICIENTS = {
    "Vertl_RLNonUni": 0.0000324,
    "S(5,-5)DifVarnc": -0.289,
    "S(5,5)SumOfSqs": -0.00964,
    "S(5,0)SumOfSqs": -0.00186,
    "S(4,4)SumOfSqs": -0.267,
    "S(3,-3)SumOfSqs": -0.00215,
    "S(0,2)SumOfSqs": -0.00301,
    "S(1,0)SumVarnc": 0.0414,
}
FAMILIES = ("cooccurrence", "run_length")


def zhong2020(bits: int | Mapping[str, int]) -> PublishedSignature:
    """Return the radiomics score of Zhong et al. 2020, ORN against metastasis.

    Parameters
    ----------
    bits : int or dict of str to int
        Bits per pixel of the features: one number, or one for ``"cooccurrence"`` and
        one for ``"run_length"``. The article does not report them, so there is no
        default.

    Returns
    -------
    PublishedSignature
        With the settings that the article reports: grey levels of each outline within
        3 sigma of its mean, and the mean of the readers. Its threshold is
        `PublishedSignature`'s own 0.5, since the article reports none.

    Raises
    ------
    TypeError
        If bits is None.
    ValueError
        If bits is no number from 1 to 8, or lacks one of the two families.

    Notes
    -----
    Coefficients have three digits. The variance of grey levels that fill the window of
    3 sigma is the square of a sixth of their number: 114 on 64 levels (6 bits), 7.1 on
    16 (4 bits). Five of the eight terms are such a variance, with coefficients that
    add up to -0.284, so 6 bits give scores far below -5, and 4 bits plausible ones.

    References
    ----------
    Zhong et al., BMC Medical Imaging 2020;20:104, Table 3,
    doi 10.1186/s12880-020-00502-2.

    Examples
    --------
    >>> from sklearn_orn.model import zhong2020
    >>> print(zhong2020(bits=4).formula_.text())
    score = 1.29 + 3.24e-05 x Vertl_RLNonUni - 0.289 x S(5,-5)DifVarnc - 0.00964 x
    S(5,5)SumOfSqs - 0.00186 x S(5,0)SumOfSqs - 0.267 x S(4,4)SumOfSqs - 0.00215 x
    S(3,-3)SumOfSqs - 0.00301 x S(0,2)SumOfSqs + 0.0414 x S(1,0)SumVarnc
    """
    if bits is None:
        raise TypeError(
            "bits is None, and the article does not report the bits per pixel; "
            "expected the number that your features were measured at."
        )
    known = bits_by_family(bits)
    missing = [family for family in FAMILIES if family not in known]
    if missing:
        raise ValueError(
            f"bits is {shown(bits)}; expected the bits of {missing[0]!r} too."
        )
    return PublishedSignature(
        dict(COEFFICIENTS),
        INTERCEPT,
        class_names=("metastasis", "ORN"),
        bits={family: known[family] for family in FAMILIES},
        normalization="3sigma",
        reader="mean",
        title="Radiomics score of Zhong et al. 2020",
        source="Zhong et al., BMC Medical Imaging 2020;20:104, Table 3, "
        "doi 10.1186/s12880-020-00502-2",
        units="MaZda 4.6, largest section of axial CE-T1WI, mean of two readers",
        notes="The article reports neither the bits per pixel nor a threshold: the "
        "bits are those that the user gave.",
    )
