"""Numbers as people write them: decimal commas, and signs between thousands."""

import os
import re
from collections.abc import Mapping

import pandas as pd

from sklearn_orn._messages import private
from sklearn_orn.exceptions import CohortError

_BLANKS = " '\u2019\u00a0\u202f"  # between thousands, and never before decimals
_END = r"(?:[eE][-+]?\d+)?"
_KINDS = {
    "plain": rf"[-+]?\d+{_END}",
    "grouped": rf"[-+]?[1-9]\d{{0,2}}(?:[{_BLANKS}]\d{{3}})+",
    # One group of three alone: 1.234 is little more than 1, or 1234.
    "dot?": r"[-+]?[1-9]\d{0,2}\.\d{3}",
    "comma?": r"[-+]?[1-9]\d{0,2},\d{3}",
    "comma": rf"[-+]?(?:\d*|[1-9]\d{{0,2}}(?:[.{_BLANKS}]\d{{3}})+),\d+{_END}"
    r"|[-+]?[1-9]\d{0,2}(?:\.\d{3}){2,}",
    "dot": rf"[-+]?(?:\d*|[1-9]\d{{0,2}}(?:[,{_BLANKS}]\d{{3}})+)\.\d*{_END}"
    r"|[-+]?[1-9]\d{0,2}(?:,\d{3}){2,}",
}
_KIND = re.compile("|".join(f"(?P<k{i}>{p})" for i, p in enumerate(_KINDS.values())))
_NAMES = tuple(_KINDS)


def plain_numbers(
    columns: Mapping[str, pd.Series],
    path: str | os.PathLike[str],
    decimal: str | None = None,
    *,
    commas: bool | None,
) -> dict[str, pd.Series]:
    """Return the columns of texts that are all numbers, and not as Python writes them.

    `decimal` is the sign of other columns, "dot" or "comma", where it is known;
    `commas` says that commas separate the cells; None that nothing does, so that
    every column of numbers is text that a workbook holds. The index of a column is
    the row of the spreadsheet. What may be read in two ways is an error.
    """
    kinds = {name: _kinds(texts) for name, texts in columns.items()}
    kinds = {name: found for name, found in kinds.items() if "text" not in found}
    sure = {kind for found in kinds.values() for kind in found} & {"dot", "comma"}
    sure |= {decimal} if decimal else set()
    numbers = {}
    for name, found in kinds.items():
        sign = _decimal(found, sure, commas)
        if sign is None:
            raise _two_ways(name, columns[name], found, path)
        foreign = sign == "comma" or columns[name].str.contains(f"[,{_BLANKS}]").any()
        if foreign or commas is None:
            numbers[name] = _parsed(columns[name], sign)
    return numbers


def _kinds(texts: pd.Series) -> dict[str, int]:
    """Return each kind of number in a column, with the row of the first."""
    found: dict[str, int] = {}
    for row, text in zip(texts.index, texts, strict=True):
        match = _KIND.fullmatch(text.strip())
        kind = match.lastgroup if match else None
        found.setdefault("text" if kind is None else _NAMES[int(kind[1:])], row)
        if "text" in found:
            break
    return found


def _decimal(
    found: Mapping[str, int], sure: set[str], commas: bool | None
) -> str | None:
    """Return which sign stands before the decimals of a column; None for either."""
    own = {kind for kind in ("dot", "comma") if kind in found}
    open_ = {kind[:-1] for kind in ("dot?", "comma?") if kind in found}
    if own or not open_:
        return None if len(own) == 2 else next(iter(own), "dot")
    if len(sure) == 1:
        return next(iter(sure))
    if sure or len(open_) == 2 or (open_ == {"comma"} and commas):
        return None
    return None if "plain" in found and not commas else next(iter(open_))


def _parsed(texts: pd.Series, sign: str) -> pd.Series:
    thousands = "." if sign == "comma" else ","
    plain = texts.str.replace(f"[{thousands}{_BLANKS}]", "", regex=True)
    plain = plain.str.replace(",", ".")
    whole = plain.str.fullmatch(r"[-+]?\d{1,18}").all()
    return plain.astype(object).map(int if whole else float)


def _two_ways(
    name: str, texts: pd.Series, found: Mapping[str, int], path: str | os.PathLike[str]
) -> CohortError:
    kinds = [kind for kind in ("dot", "comma", "dot?", "comma?") if kind in found]
    cells = " and ".join(
        f"{private(repr(texts[found[kind]]))} in row {found[kind]}"
        for kind in kinds[:2]
    )
    return CohortError(
        f"table '{path}': column '{name}' holds {cells}: a point or a comma may stand "
        "before decimals or between thousands, and nothing says which. Write 1234.5 or "
        "1234,5 in the whole table, without a sign between thousands."
    )
