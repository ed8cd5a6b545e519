"""How a series was made, in the words that a protocol is called by."""

import re

import numpy as np

from sklearn_orn.collect._headers import DicomImage
from sklearn_orn.collect._spelling import plain
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images.shared import plane_of

# What a description says, in the order in which traits are listed.
_DESCRIBED = {
    "T1": r"t1(?!rho)",
    "T2": r"t2",
    "PD": r"\bpdw?\b|proton",
    "FLAIR": r"flair|dark[ _-]?fluid",
    "STIR": r"stir|tirm",
    "DWI": r"dwi|diff|\bdti\b|ep2d",
    "ADC": r"\badc\b|apparent",
    "SWI": r"swi|hemo",
    "fatsat": r"fat ?sat|\bfs\b|spair|spir|dixon|fettges",
    "localizer": r"locali[sz]er|\bloc\b|scout|survey|topogram",
}
_CONTRAST = (
    r"\bce\b|\+ ?c\b|\+ ?gd|\bgd\b|gado|\bkm\b|post ?(?:gd|km|contrast|contr)|contrast"
    r"|kontrast|\bc\+"
)
_NATIVE = r"nativ|\bpre\b|plain|without|ohne|\bunenh|non ?contrast|\bnc\b"
# How people write the traits that `--protocol` asks for.
_ASKED = {
    "axial": ("axial", "ax", "tra", "trans", "transversal", "transverse"),
    "coronal": ("coronal", "cor", "koronar"),
    "sagittal": ("sagittal", "sag"),
    "CE": ("ce", "c+", "gd", "km", "post", "contrast", "kontrast", "enhanced"),
    "native": ("native", "nativ", "plain", "pre", "unenhanced"),
    "MR": ("mr", "mri", "mrt"),
    "CT": ("ct",),
    "PET": ("pet", "pt"),
    **{name: (name.lower(), f"{name.lower()}w") for name in _DESCRIBED},
}
_MODALITIES = {"PT": "PET"}
_T1_MS, _T2_MS = (1000.0, 30.0), (1500.0, 60.0)  # repetition and echo of spin echoes


def traits_of(header: DicomImage) -> tuple[str, ...]:
    """Return plane, contrast agent, sequence and modality of a series."""
    traits = [_MODALITIES.get(header.modality, header.modality)]
    traits += _plane(header.orientation)
    text = described_as(header.description)
    sequences = described(text)
    traits += sequences
    if header.modality == "MR" and not set(sequences) & {"T1", "T2", "PD", "ADC"}:
        traits += _by_times(header)
    if header.modality in ("MR", "CT"):
        traits.append(_contrast(text, header.has_contrast))
    return tuple(dict.fromkeys(filter(None, traits)))


def described_as(text: str) -> str:
    """Return a description in the letters that the words are searched in."""
    return re.sub(r"[_\-/;:,]+", " ", plain(text))


def described(text: str) -> list[str]:
    """Return the sequences that a description names."""
    return [name for name, words in _DESCRIBED.items() if re.search(words, text)]


def _plane(orientation: tuple[float, ...] | None) -> list[str]:
    if orientation is None:
        return []
    axes = np.array(orientation).reshape(2, 3)
    affine = np.eye(4)
    affine[:3, :3] = np.stack([*axes, np.cross(*axes)], axis=1)
    return [plane_of(affine, 2)]


def _by_times(header: DicomImage) -> list[str]:
    repetition, echo = header.times
    if not header.spin_echo or repetition is None or echo is None:
        return []
    if repetition < _T1_MS[0] and echo < _T1_MS[1]:
        return ["T1"]
    if repetition > _T2_MS[0] and echo > _T2_MS[1]:
        return ["T2"]
    return []


def _contrast(text: str, has_agent: bool) -> str:
    if re.search(_NATIVE, text):
        return "native"
    return "CE" if has_agent or re.search(_CONTRAST, text) else "native"


def asked_traits(protocol: str) -> frozenset[str]:
    """Return the traits that `axial CE-T1` asks for.

    >>> sorted(asked_traits("axial CE-T1"))
    ['CE', 'T1', 'axial']
    """
    known = {word: trait for trait, words in _ASKED.items() for word in words}
    wanted = set()
    for word in re.split(r"[\s_\-/,;]+", plain(protocol)):
        if word in known:
            wanted.add(known[word])
        elif word.startswith("ce") and word[2:] in known:  # CET1
            wanted |= {"CE", known[word[2:]]}
        elif word:
            words = ", ".join(_ASKED)
            raise CohortError(
                f"protocol {protocol!r}: {word!r} is no word that is known; expected "
                f"some of {words}, or --series with a part of the description."
            )
    if not wanted:
        raise CohortError("the protocol is empty; expected such as 'axial CE-T1'.")
    return frozenset(wanted)
