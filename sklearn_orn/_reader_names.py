"""Which part of a column's name is the reader, and which names are of no reader.

Blocks of columns ``<reader>__<feature>`` and columns ``mask_<reader>`` are of readers.
Two sequences or settings in their place would be filtered by their agreement and
averaged. A FeatureUnion writes ``<branch>__`` in front of both.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sklearn_orn._block_names import BAR, block_name, is_virtual, parse_block
from sklearn_orn._validation import name_list

# Between reader and feature in the name of a column.
SEPARATOR = "__"
# The place of a column that there is not.
ABSENT = -1

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
_SETTING = (
    r"bits?\d*|\d+bits?|bins?\d*|\d+bins?|binwidth\d*|bincount\d*|fb[ns]\d*|\d?sigma"
    r"|d\d|dist(?:ance)?s?\d*|normali[sz]ed|unnormali[sz]ed|raw|resampled|fine|coarse"
    r"|glcm|glrlm|glszm|gldm|ngtdm|firstorder|shape|histogram|cooccurrence|runlength"
    r"|autoregressive"
)
# Initials of people too: they count beside another name of this kind only.
_SHORT = (
    r"ct|mri?|pdw?|us|ap|fa|md|ve|vp|art|ven|log|pre|post|space|cube|gre|epi|rim|core"
    r"|lava|b0|b\d{2,4}|d\d|raw|fine"
)
_KINDS = {
    "settings": re.compile(_SETTING),
    "sequences": re.compile(rf"{_MR}|{_PHASE}|{_MODALITY}|{_SHORT}"),
    "image filters": re.compile(_FILTER),
    "regions": re.compile(_REGION),
}
_SHORT_ONLY = re.compile(_SHORT)
# How tables of several readers are often called; where two tables were joined, R and
# pandas write x and y behind the names that both have.
_READER = (
    r"(?:(?:reader|rater|observer|obs|radiologist|rdr|leser|befunder)[ _.-]?"
    r"[a-z0-9]{1,3}|r\d)"
)
_MARKED = (
    re.compile(rf"(?P<reader>{_READER})[ _.-]+(?P<feature>.+)", re.IGNORECASE),
    re.compile(rf"(?P<feature>.+)[ _.-](?P<reader>{_READER}|x|y)", re.IGNORECASE),
)


class Blocks(NamedTuple):
    """Columns by reader: positions has the shape (n_readers, n_features).

    It is `ABSENT` where a reader has no column of a feature, which several sequences
    and regions allow. `groups` name the sequence and region of each feature, if any.
    """

    readers: tuple[str, ...]
    features: tuple[str, ...]
    positions: np.ndarray
    groups: tuple[str, ...] = ()


def read_blocks(columns: Sequence[str], readers: Sequence[str] | None = None) -> Blocks:
    """Sort columns ``[<branch>__]<reader>__<feature>`` by reader and feature.

    Readers and features in the order of the columns; a branch becomes a part of the
    feature. Without `readers` the place of the reader in the names is the only one
    where every reader has the same features, or the one of perturbed outlines.
    ValueError where there is none or several, and for columns of no reader. Readers of
    ``<sequence>|<region>|<reader>`` are sorted within each sequence and region, where
    some may be absent.
    """
    return _blocks_of(tuple(columns), None if readers is None else tuple(readers))


@lru_cache(maxsize=32)  # refits ask of the same columns again
def _blocks_of(columns: tuple[str, ...], readers: tuple[str, ...] | None) -> Blocks:
    blocks = _find_blocks(columns, readers)
    blocks.positions.setflags(write=False)
    return blocks


def _find_blocks(columns: Sequence[str], readers: Sequence[str] | None) -> Blocks:
    if columns and all(map(_has_block, columns)):
        return _within_regions(columns, readers)
    if readers is not None:
        return _evened(_named_reader(columns, readers))
    bare = [name for name in columns if SEPARATOR not in name]
    if bare:
        raise ValueError(
            "ICCFilter reads the readers from column names <reader>__<feature>, but "
            f"{len(bare)} columns have no reader: {name_list(bare)}. The ICC compares "
            "readers: with one reading only, leave ICCFilter out, or set n_readers=1 "
            "to keep every column."
        )
    parts = [name.split(SEPARATOR) for name in columns]
    depth = min(map(len, parts)) - 1
    places = sorted({*range(depth), *range(-1 - depth, -1)}, key=lambda p: (p < 0, p))
    ways: dict[tuple[tuple[str, str], ...], None] = {}
    for place in places:
        split = [
            (words[place], SEPARATOR.join(words[:place] + words[place:][1:]))
            for words in parts
        ]
        ways.setdefault(tuple(split), None)
    even = [
        way for way in ways if len({reader for reader, _ in way}) > 1 and _even(way)
    ]
    virtual = [way for way in even if any(is_virtual(reader) for reader, _ in way)]
    even = virtual if len(virtual) == 1 else even
    if len(even) > 1:
        found = [tuple(dict.fromkeys(reader for reader, _ in way)) for way in even]
        raise ValueError(
            f"Columns such as {columns[0]!r} can be read in {len(even)} ways: the "
            "readers may be "
            + " or ".join(name_list(map(repr, names)) for names in found)
            + f". Say which: ICCFilter(readers={list(found[-1])})."
        )
    return _evened(even[0] if even else next(iter(ways)))


def _has_block(column: str) -> bool:
    return any(BAR in word for word in column.split(SEPARATOR)[:-1])


def _within_regions(columns: Sequence[str], wanted: Sequence[str] | None) -> Blocks:
    """Sort columns ``[<branch>__]<sequence>|<region>|<reader>__<feature>``."""
    where: dict[str, dict[str, int]] = {}
    group_of: dict[str, str] = {}
    for position, name in enumerate(columns):
        words = name.split(SEPARATOR)
        place = next(i for i, word in enumerate(words) if BAR in word)
        block = parse_block(words[place])
        if wanted is not None and block.reader not in set(wanted):
            raise ValueError(
                f"Column {name!r} is of the reader {block.reader!r}, who is none of "
                f"readers={list(wanted)}."
            )
        words[place] = block_name(block._replace(reader=""))
        feature = SEPARATOR.join(words)
        group_of.setdefault(feature, words[place])
        of_reader = where.setdefault(block.reader, {})
        if of_reader.setdefault(feature, position) != position:
            raise ValueError(f"The column {name!r} is there twice. Rename one.")
    _check_there(wanted or (), where)
    _check_even(where, group_of)
    positions = [[where[r].get(f, ABSENT) for f in group_of] for r in where]
    return Blocks(
        tuple(where), tuple(group_of), np.array(positions), tuple(group_of.values())
    )


def _check_even(
    where: Mapping[str, Mapping[str, int]], group_of: Mapping[str, str]
) -> None:
    """Refuse a reader who has a part of the features of a sequence and region."""
    for reader, features in where.items():
        of_reader = {group_of[feature] for feature in features}
        odd = [
            feature
            for feature, group in group_of.items()
            if group in of_reader and feature not in features
        ]
        if odd:
            raise ValueError(
                f"The reader {reader!r} lacks features of a sequence that others have: "
                f"{name_list(odd)}."
            )


def _check_there(wanted: Iterable[str], found: Collection[str]) -> None:
    absent = sorted(set(wanted) - set(found))
    if absent:
        raise ValueError(f"No column is of the reader {name_list(map(repr, absent))}.")


def _named_reader(
    columns: Sequence[str], readers: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    split, known = [], set(readers)
    for name in columns:
        *words, last = name.split(SEPARATOR)
        places = [i for i, word in enumerate(words) if word in known]
        if len(places) != 1:
            raise ValueError(
                f"Column {name!r} has {'no' if not places else 'more than one'} reader "
                f"of readers={list(readers)}; expected <reader>{SEPARATOR}<feature>, "
                f"or <branch>{SEPARATOR}<reader>{SEPARATOR}<feature> of a FeatureUnion."
            )
        rest = [*words[: places[0]], *words[places[0] + 1 :], last]
        split.append((words[places[0]], SEPARATOR.join(rest)))
    _check_there(readers, {reader for reader, _ in split})
    return tuple(split)


def _even(split: Iterable[tuple[str, str]]) -> bool:
    """Tell whether all readers have the same features, each once."""
    blocks: dict[str, list[str]] = {}
    for reader, feature in split:
        blocks.setdefault(reader, []).append(feature)
    first = set(next(iter(blocks.values())))
    return all(len(b) == len(first) and set(b) == first for b in blocks.values())


def _evened(split: tuple[tuple[str, str], ...]) -> Blocks:
    where: dict[str, dict[str, int]] = {}
    for position, (reader, feature) in enumerate(split):
        where.setdefault(reader, {})[feature] = position
    readers = tuple(where)
    features = list(where[readers[0]])
    for reader in readers[1:]:
        odd = set(features) ^ set(where[reader])
        if odd:
            raise ValueError(
                f"The readers {readers[0]!r} and {reader!r} have different features: "
                f"{name_list(sorted(odd))} stand in one block only."
            )
    positions = np.array([[where[r][f] for f in features] for r in readers])
    return Blocks(readers, tuple(features), positions)


def called_like_readers(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of one feature where most features stand once for each reader.

    >>> called_like_readers(["Mean_R1", "Mean_R2", "Kurtosis_R1", "Kurtosis_R2"])
    ('Mean_R1', 'Mean_R2')
    >>> called_like_readers(["centroid_x", "centroid_y", "Mean", "Energy", "Skewness"])
    ()
    """
    for pattern in _MARKED:
        blocks: dict[str, dict[str, str]] = {}
        for column in columns:
            if match := pattern.fullmatch(column):
                block = blocks.setdefault(match["reader"], {})
                block[match["feature"]] = column
        first = next(iter(blocks.values()), {})
        alike = all(block.keys() == first.keys() for block in blocks.values())
        n_marked = sum(map(len, blocks.values()))
        if len(blocks) > 1 and alike and 2 * n_marked > len(columns):
            feature = next(iter(first))
            return tuple(block[feature] for block in blocks.values())
    return ()


def not_readers(names: Iterable[str]) -> str | None:
    """Say that names are of "sequences", "image filters", "regions" or "settings".

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


@lru_cache(maxsize=256)
def _measured(name: str) -> tuple[tuple[str, str], ...]:
    """Return the words of a name that say what was measured, with their kinds."""
    words = [word for word in re.split(r"[^a-z0-9*+]+", name.lower()) if word]
    return tuple(
        (kind, word)
        for word in dict.fromkeys([*words, "".join(words)])  # CE-T1 is cet1 too
        for kind, pattern in _KINDS.items()
        if pattern.fullmatch(word)
    )
