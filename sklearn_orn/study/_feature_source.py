"""A study from a table of features that another program measured."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sklearn_orn._block_names import (
    LESION,
    Block,
    is_virtual,
    parse_block,
    readers_of,
    region_of,
)
from sklearn_orn._column_names import did_you_mean
from sklearn_orn._io.tables import IDS, read_table
from sklearn_orn._messages import listed_columns
from sklearn_orn._reader_names import (
    SEPARATOR,
    called_like_readers,
    not_readers,
)
from sklearn_orn._validation import name_list
from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.selection.shared import one_outline
from sklearn_orn.study._config import COLUMNS, StudyConfig
from sklearn_orn.study._extraction import Extraction, rows_left_out
from sklearn_orn.study._feature_columns import LEFT_OUT, choose_columns
from sklearn_orn.study._scores import check_scores, sequences_of
from sklearn_orn.texture.shared import carried_columns

# What pyradiomics and FAE call the size of a region.
SIZE = re.compile(
    r"(shape_(Mesh|Voxel)Volume|general_info_VoxelNum"
    r"|diagnostics_Mask-(original|interpolated)_VoxelNum)$"
)


def read_feature_table(
    path: str | os.PathLike[str], config: StudyConfig, *, identifier: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the columns that the settings name, and the others that hold numbers.

    The first has a column ``lesion`` where `identifier` is one, and a size of the
    lesions that was left out of the features. What was left out, and why, is in the
    ``attrs`` of the second.
    """
    ids = [name for name in (identifier, config.patient) if name is not None]
    table = read_table(path, [*IDS, *ids])
    if identifier is None and "lesion" in table.columns:
        identifier = "lesion"
    named = {getattr(config, key) for key in COLUMNS} - {None} | set(config.clinical)
    if identifier is not None:
        if identifier not in table.columns:
            raise CohortError(
                f"{os.fspath(path)} has no column {identifier!r} (--id). Its first "
                f"columns are: {listed_columns(table.columns, 5)}."
                f"{did_you_mean(identifier, table.columns)}"
            )
        named.add(identifier)
    carried = [c for c in carried_columns(path) if c not in named]
    others = table[[c for c in table.columns if c not in {*named, *carried}]]
    try:
        features = choose_features(others, config)
    except CohortError as error:
        raise error.within(f"{os.fspath(path)}: ") from None
    if carried:
        features.attrs[LEFT_OUT] |= {"kept by extract --carry": carried}
    size = feature_of_size(others)
    if size is not None and size not in features.columns:
        named.add(size)
    cohort = table[[c for c in table.columns if c in named]].copy()
    if identifier is not None and identifier != "lesion":
        cohort.insert(0, "lesion", table[identifier])
    return cohort, features


def of_features(config: StudyConfig, features: pd.DataFrame) -> StudyConfig:
    """Return the settings of a study of given features.

    Regions and perturbed outlines are those that the table has; more cannot be made.
    """
    virtual = set(filter(is_virtual, readers_of(_blocks(features))))
    asked = {
        "regions": config.regions != (LESION,),
        "perturbed_outlines": config.perturbed_outlines not in (0, len(virtual)),
    }
    for key, other in asked.items():
        if other:
            raise CohortError(
                f"{key} is of a table of images, and this is one of features. Leave it "
                "out: what the table has is taken."
            )
    return replace(config, perturbed_outlines=len(virtual))


def choose_features(features: pd.DataFrame, config: StudyConfig) -> pd.DataFrame:
    """Return the columns of a table that are features, as numbers.

    What was left out stands in the ``attrs``; a table that has it there is returned as
    it is.
    """
    if LEFT_OUT in features.attrs:
        return features
    choice = choose_columns(features, config.features)
    _refuse_columns_of_nobody(choice.features)
    taken = set(choice.features)
    chosen = features.loc[:, [str(column) in taken for column in features.columns]]
    chosen = _chosen_sequences(chosen, config.sequences)
    chosen = _chosen_readers(chosen, config.readers).astype(np.float64)
    if config.readers is None:
        _ask_about_outlines(chosen)
    check_scores(sequences_of(_blocks(chosen)), config)
    chosen.attrs[LEFT_OUT] = choice.left_out
    return chosen


def _refuse_columns_of_nobody(features: Sequence[str]) -> None:
    """Refuse features without a reader that stand beside readers, or are of several."""
    bare = [name for name in features if SEPARATOR not in name]
    if alike := called_like_readers(bare):
        raise CohortError(
            f"columns such as {name_list(map(repr, alike))} are called like one "
            f"feature of {len(alike)} readers, and each would count as a feature. Call "
            f"them <reader>{SEPARATOR}<feature>, and features are filtered by the "
            "agreement of the readers and averaged; if they are of no readers, call "
            "them otherwise."
        )
    blocks: dict[str, set[str]] = {}
    for name in features if bare else ():
        block, mark, feature = name.partition(SEPARATOR)
        if mark:
            blocks.setdefault(block, set()).add(feature)
    shared = Counter(feature for own in blocks.values() for feature in own)
    if not shared or shared.most_common(1)[0][1] < 2:
        return
    raise CohortError(
        f"{name_list(bare)}: no reader stands before the name, as in the columns "
        f"<reader>{SEPARATOR}<feature> of {name_list(map(repr, blocks))}. Name a "
        "column that is no feature by an option (--clinical, --location...), or leave "
        "it out (--exclude); a feature needs a column for each reader. If these are no "
        f"readers, rename '<name>{SEPARATOR}' to '<name>_', so that each feature "
        "counts by itself."
    )


def _ask_about_outlines(features: pd.DataFrame) -> None:
    """Refuse blocks of readers that are the same outlines measured in two ways."""
    blocks = _blocks(features)
    for region in dict.fromkeys(map(region_of, blocks)):
        of_region = [name for name in blocks if region_of(name) == region]
        _ask_about_region(features, of_region)


def _ask_about_region(features: pd.DataFrame, readers: Sequence[str]) -> None:
    own = [f"{name}{SEPARATOR}" for name in readers]
    columns = [
        {str(c).removeprefix(block) for c in features if str(c).startswith(block)}
        for block in own
    ]
    if len(readers) < 2 or any(block != columns[0] for block in columns):
        return  # one reader, or blocks that are refused as uneven
    shared = sorted(columns[0])
    blocks = [features[[block + name for name in shared]].to_numpy() for block in own]
    alike = one_outline(np.stack(blocks, axis=1), readers, shared)
    if alike is not None:
        names = readers_of(readers)
        raise CohortError(
            f"{alike}. If these are readers, say so: --readers {' '.join(names)} "
            f"(readers: [{', '.join(names)}] in the study file). Otherwise rename "
            f"'<name>{SEPARATOR}' to '<name>_', so that each feature counts by itself."
        )


def _chosen_readers(
    features: pd.DataFrame, readers: Sequence[str] | None
) -> pd.DataFrame:
    present = readers_of(_blocks(features))
    if readers is None:
        drew = [name for name in present if not is_virtual(name)]
        ask_about_readers(drew, f"blocks of columns <name>{SEPARATOR}<feature>")
        return features
    check_known("readers", readers, present)
    of_these = [
        reader in readers or is_virtual(reader)
        for reader in (_block_of(c).reader for c in features.columns)
    ]
    return features.loc[:, of_these]


def _chosen_sequences(
    features: pd.DataFrame, sequences: Sequence[str] | None
) -> pd.DataFrame:
    if sequences is None:
        return features
    of_column = [_block_of(c).sequence for c in features.columns]
    check_known("sequences", sequences, dict.fromkeys(of_column))
    return features.loc[:, [name in sequences for name in of_column]]


def _block_of(column: object) -> Block:
    name, mark, _ = str(column).partition(SEPARATOR)
    return parse_block(name) if mark else Block()


def check_known(setting: str, chosen: Iterable[str], present: Iterable[str]) -> None:
    """Refuse names of sequences or readers that the table does not have."""
    for name in chosen:
        if name not in present:
            raise CohortError(
                f"{setting} names {name!r}; the table has "
                f"{', '.join(map(repr, filter(None, present))) or 'one, unnamed'}."
            )


def ask_about_readers(names: Sequence[str], what: str) -> None:
    """Refuse readers called like sequences or regions; `what` is called so."""
    like = not_readers(names)
    if like is not None:
        raise CohortError(
            f"{what} are called {name_list(map(repr, names))}, like {like} and not "
            "like readers. Features of readers are filtered by their agreement and "
            f"averaged, which mixes {like}. If these are readers, say so: --readers "
            f"{' '.join(names)} (readers: [{', '.join(names)}] in the study file). "
            f"Otherwise give each a study of its own, or rename '<name>{SEPARATOR}' to "
            "'<name>_' in a table of features, so that each feature counts by itself."
        )


def given_features(cohort: Cohort, features: pd.DataFrame) -> Extraction:
    """Take the features of a table as measured; a lesion without any is left out."""
    if len(cohort) != len(features) or features.shape[1] == 0:
        raise CohortError(
            f"the features have shape {features.shape}: expected one row for each of "
            f"the {len(cohort)} lesions, and at least one column."
        )
    _check_names(features)
    is_infinite = np.isinf(features.to_numpy(dtype=np.float64)).any(axis=0)
    infinite = [str(column) for column in features.columns[is_infinite]]
    if infinite:
        raise CohortError(f"infinite values in the features {name_list(infinite)}.")
    features = features.set_axis(cohort.table.index)  # rows go together by place
    measured = features.notna().any(axis=1).to_numpy()
    names, patients = cohort.names, cohort.patients
    left_out = rows_left_out(
        names, patients, ~measured, lambda i: f"lesion {names[i]!r} has no feature."
    )
    return Extraction(features[measured], measured, left_out, _blocks(features), ())


def _check_names(features: pd.DataFrame) -> None:
    names = [str(column) for column in features.columns]
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise CohortError(
            f"the features {name_list(repeated)} stand in several columns: rename all "
            "but one of each."
        )
    readers = _blocks(features)
    blocks: dict[str, set[str]] = {}
    for name in names if readers != ("",) else ():
        reader, feature = name.split(SEPARATOR, 1)
        blocks.setdefault(reader, set()).add(feature)
    for reader in readers[1:]:
        uneven = sorted(blocks[readers[0]] ^ blocks[reader])
        if uneven:
            raise CohortError(
                f"the readers {readers[0]!r} and {reader!r} have different features: "
                f"only one of them has {name_list(uneven)}. Columns are called "
                f"<reader>{SEPARATOR}<feature>; give both readers the same features."
            )


def _blocks(features: pd.DataFrame) -> tuple[str, ...]:
    names = [str(column) for column in features.columns]
    if not all(SEPARATOR in name for name in names):
        return ("",)
    return tuple(dict.fromkeys(name.split(SEPARATOR, 1)[0] for name in names))


def feature_of_size(features: pd.DataFrame) -> str | None:
    """Return the feature that is the size of a lesion, by its usual name."""
    sizes = [str(name) for name in features.columns if SIZE.search(str(name))]
    return sizes[0] if sizes else None
