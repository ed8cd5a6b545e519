"""Ids of the table as salted hashes, for outputs that leave the house."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn._messages import HASH_LETTERS
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images._cells import is_missing
from sklearn_orn.images._private_path import HIDE_PATHS, PrivatePath
from sklearn_orn.images._table_files import is_path_column

__all__ = ["hash_ids", "new_salt", "read_salt"]


def new_salt() -> str:
    """Make a random salt; who keeps it can make the same hashes again.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> from sklearn_orn.images import new_salt
    >>> len(new_salt()), new_salt() == new_salt()
    (32, False)
    """
    return secrets.token_hex(16)


def hash_ids(
    table: pd.DataFrame, salt: str, *, columns: Sequence[str] = ("lesion", "patient")
) -> pd.DataFrame:
    """Replace the ids of a table by salted hashes.

    Parameters
    ----------
    table : DataFrame
        A cohort table, or features or scores with ids.
    salt : str
        A secret, of `new_salt`: without it ids cannot be guessed by trying.
    columns : sequence of str, default=("lesion", "patient")
        Those that the table has are replaced.

    Returns
    -------
    DataFrame
        A copy. The same id in the same column gives the same hash, so groups stay
        what they are; empty cells stay empty. An index with the name of such a column
        is hashed too. Its lesions leave the paths of their files out of messages,
        since people name folders after patients; so do those of any table that is made
        of this one.

    Raises
    ------
    CohortError
        If the salt is too short to be a secret, or two ids get one hash.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"patient": ["007", "007"], "age": [61, 61]})
    >>> hashed = hash_ids(table, "0123456789abcdef")
    >>> hashed["patient"].nunique(), hashed["patient"][0] == "007"
    (1, False)
    """
    if len(salt) < 16:
        raise CohortError(
            f"the salt has {len(salt)} characters; expected 16 or more, of `new_salt`."
        )
    hashed = table.copy()
    for column in columns:
        if column not in hashed.columns:
            continue
        cells = [_hashed(cell, salt, column) for cell in table[column]]
        if len(set(cells)) != table[column].astype(object).map(_key).nunique(
            dropna=False
        ):
            raise CohortError(
                f"two ids of column '{column}' get one hash. Choose another salt."
            )
        hashed[column] = pd.Series(cells, index=table.index, dtype=object)
    for column in hashed.columns:
        if is_path_column(str(column)):
            cells = [PrivatePath(c) if isinstance(c, str) else c for c in table[column]]
            hashed[column] = pd.Series(cells, index=table.index, dtype=object)
    if table.index.name in columns:
        name = str(table.index.name)
        hashed.index = pd.Index(
            [_hashed(label, salt, name) for label in table.index], name=name
        )
    hashed.attrs[HIDE_PATHS] = True
    return hashed


def read_salt(path: str | os.PathLike[str]) -> str:
    """Return the salt of a file, which is made where it is not there."""
    file = Path(path)
    try:
        # Nobody else may read it, not even for a moment.
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="utf-8") as new:
            new.write(new_salt() + "\n")
    try:
        return file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise CohortError(
            f"salt '{path}' is no text; expected a file of this program."
        ) from None


def _key(cell: object) -> str | None:
    return None if is_missing(cell) else str(cell)


def _hashed(cell: object, salt: str, column: str) -> str | None:
    if (text := _key(cell)) is None:
        return None
    digest = hmac.new(salt.encode(), f"{column}\0{text}".encode(), hashlib.sha256)
    return f"{column[0].upper()}-{digest.hexdigest()[:HASH_LETTERS]}"
