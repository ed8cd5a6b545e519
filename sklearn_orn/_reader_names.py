"""Names that say what was measured, and so are probably nobody who drew outlines.

Blocks of columns ``<name>__<feature>`` and columns ``mask_<name>`` are of readers. Two
sequences in their place would be filtered by their agreement and averaged.
"""

import re
from collections.abc import Iterable

# Between reader and feature in the name of a column.
SEPARATOR = "__"

_MR = (
    r"t[12][wcfsgde+*]*|t[12]fs|t[12]gd|t[12]ce|ce?t[12]w?|rt[12]|t1rho|t2star|t2flair"
    r"|flair|stir|tirm|swi|swan|asl|adc|e?dwi|dti|dki|ivim|fa|md|dce|dsc|cest|"
    r"mprage|spgrc?|vibe|thrive|lava|space|cube|haste|trufi|fiesta|gre|tse|fse|epi"
    r"|ktrans|kep|ve|vp|r?cbv|r?cbf|mtt|ttp|inphase|outphase"
)
_PHASE = (
    r"pre|post|native|plain|precontrast|postcontrast|contrast|arterial|venous|portal"
    r"|portalvenous|delayed|equilibrium|hepatobiliary|nephrographic|corticomedullary"
    r"|ap|pvp|hbp|art|ven|ph(?:ase)?\d"
)
_MODALITY = r"cect|ncct|cbct|pet|petct|spect|fdg|suv|mammo|dbt|cesm"
_FILTER = (
    r"original|wavelet\w*|log|logarithm|lbp\w*|exponential|square(?:root)?|gradient"
)
_REGION = (
    r"tumou?r|lesion|core|rim|edema|oedema|necrosis|necrotic|enhancing|peritumou?ral"
    r"|intratumou?ral|gtv\w?|ctv\w?|ptv\w?|background|parenchyma|liver|lung|muscle"
    r"|node|bone|wholetumou?r"
)
# Initials of people too: they count beside another name of this kind only.
_SHORT = (
    r"ct|mri?|pdw?|us|ap|fa|md|ve|vp|art|ven|log|pre|post|space|cube|gre|epi|rim|core"
    r"|lava|b0|b\d{2,4}"
)
_KINDS = {
    "sequences": re.compile(rf"{_MR}|{_PHASE}|{_MODALITY}|{_SHORT}"),
    "image filters": re.compile(_FILTER),
    "regions": re.compile(_REGION),
}
_SHORT_ONLY = re.compile(_SHORT)


def not_readers(names: Iterable[str]) -> str | None:
    """Say that names of blocks are of "sequences", "image filters" or "regions".

    None where they may be of readers: one name alone, names that say nothing, or names
    with the same sequence in each, as of two readers of it.
    """
    measured = {name: _measured(name) for name in names}
    if len(set(measured.values())) < 2:
        return None
    kinds = [kind for parts in measured.values() for kind, _ in parts]
    words = [word for parts in measured.values() for _, word in parts]
    n_named = sum(1 for parts in measured.values() if parts)
    sure = any(not _SHORT_ONLY.fullmatch(word) for word in words)
    return kinds[0] if sure or n_named > 1 else None


def _measured(name: str) -> tuple[tuple[str, str], ...]:
    """Return the words of a name that say what was measured, with their kinds."""
    words = [word for word in re.split(r"[^a-z0-9*+]+", name.lower()) if word]
    return tuple(
        (kind, word)
        for word in dict.fromkeys([*words, "".join(words)])  # CE-T1 is cet1 too
        for kind, pattern in _KINDS.items()
        if pattern.fullmatch(word)
    )
