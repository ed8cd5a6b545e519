"""What a model file says about the lesions that the model was trained on."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sized
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Annotated

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._block_names import IMAGE, parse_block
from sklearn_orn._io.codec import Kind, Rule
from sklearn_orn._io.kinds import dict_of, number, pair_of, tuple_of, whole
from sklearn_orn.deploy._branches import (
    ImageBranch,
    columns_read,
    image_branches,
    plain_columns,
)
from sklearn_orn.deploy._protocol_flags import Trained, record_protocol
from sklearn_orn.deploy._specs import SPACING
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import protocol_table
from sklearn_orn.images.shared import spacing_of
from sklearn_orn.model.shared import MAX_DISCRETE


@dataclass(frozen=True)
class TrainingRecord:
    """The training lesions, without any of them.

    Attributes
    ----------
    n_rows : int or None
        Number of lesions; None where the model was saved without its table.
    table_sha256 : str or None
        Hash of the table, see `table_hash`.
    pixel_spacings : tuple of (float, float)
        The spacings (row, column) in mm that occur, the most frequent first, to
        0.001 mm; after the Resampler, where there is one.
    values : dict of str to tuple of float
        Columns of the table with at most ten different numbers, and these numbers.
    protocol : dict of str to tuple
        Field strengths and sequences that occur, and the ends of TR and TE, from the
        headers; empty for several sequences.
    """

    n_rows: int | None = None
    table_sha256: str | None = None
    pixel_spacings: tuple[tuple[float, float], ...] = ()
    values: dict[str, tuple[float, ...]] = field(default_factory=dict)
    protocol: Trained = field(default_factory=dict)


TRAINING: dict[str, Kind] = {
    "n_rows": whole(1) | None,
    "table_sha256": Annotated[
        str, Rule("64 hexadecimal digits", re.compile("[0-9a-f]{64}").fullmatch)
    ]
    | None,
    "pixel_spacings": tuple_of(Annotated[pair_of(SPACING), Rule("pairs of mm")]),
    "values": dict_of(
        Annotated[
            tuple_of(number()),
            Rule(
                f"1 to {MAX_DISCRETE} numbers each",
                lambda values: 1 <= len(values) <= MAX_DISCRETE,
            ),
        ]
    ),
}


def table_hash(table: pd.DataFrame) -> str:
    """Return the SHA-256 of a table, the same wherever its files lie.

    Parameters
    ----------
    table : DataFrame
        The hash is that of its CSV without the index, in UTF-8, lines ended by a line
        feed; a path counts by the last part of its name.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> import pandas as pd
    >>> here = pd.DataFrame({"image": ["/data/a.dcm"], "mask": ["/data/a.png"]})
    >>> there = pd.DataFrame({"image": ["b/a.dcm"], "mask": ["b/a.png"]})
    >>> table_hash(here) == table_hash(there)
    True
    """
    plain = table.copy()
    for column in plain.columns:
        if str(column).startswith(("image", "mask")):
            plain[column] = plain[column].map(_file_name)
    text_of = plain.to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text_of.encode("utf-8")).hexdigest()


def _file_name(cell: object) -> object:
    return PurePath(cell).name if isinstance(cell, str | os.PathLike) else cell


def record_training(pipeline: Pipeline, X: Sized | None) -> TrainingRecord:
    """Describe the training lesions of a fitted Pipeline, of images by their headers.

    X is what `fit` got, or a table with more columns; None leaves all unknown.
    """
    check_is_fitted(pipeline)
    if X is None:
        return TrainingRecord()
    counts: Counter[tuple[float, float]] = Counter()
    protocol: Trained = {}
    for branch in image_branches(pipeline):
        lesions = branch.prepare(X)
        if of_one_sequence(branch):
            protocol = record_protocol(protocol_table(lesions))
        for lesion in lesions:
            try:
                spacing = spacing_of(lesion)
            except LesionError:
                continue
            if spacing is not None:
                counts[round(spacing[0], 3), round(spacing[1], 3)] += 1
    table = X if isinstance(X, pd.DataFrame) else None
    encoded = columns_read(pipeline).categories
    numbers = [name for name in plain_columns(pipeline) if name not in encoded]
    return TrainingRecord(
        n_rows=len(X),
        table_sha256=None if table is None else table_hash(table),
        pixel_spacings=tuple(pair for pair, _ in counts.most_common()),
        values={} if table is None else _few_values(table, numbers),
        protocol=protocol,
    )


def of_one_sequence(branch: ImageBranch) -> bool:
    """Tell whether a branch measures images of one kind, and so of one protocol."""
    names = map(parse_block, branch.extractor.readers_)
    return all(block.sequence in ("", IMAGE) for block in names)


def _few_values(
    table: pd.DataFrame, columns: list[str]
) -> dict[str, tuple[float, ...]]:
    few = {}
    for name in columns:
        if name not in table.columns or table[name].dtype.kind not in "biuf":
            continue
        values = np.unique(table[name].dropna().to_numpy(dtype=np.float64))
        if 1 <= len(values) <= MAX_DISCRETE:
            few[name] = tuple(values.tolist())
    return few
