"""Which columns of a table are features: none becomes one by accident."""

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
import pandas as pd

from sklearn_orn._block_names import BAR, is_virtual
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError

# Where a table of features remembers what was left out of it.
LEFT_OUT = "left_out_columns"
KEYS = ("include", "exclude")
FEWEST, MANY = 3, 10  # rows that show a count in place, and one out of order
IN_STEP = 0.8  # of counts that begin again: pieces of five rows or more

# What other programs write beside their features, after a sequence's name at most.
PROGRAMS = {
    "pyradiomics": r"(.*[_.])?(diagnostics_|general_info_).+",
    "MIRP": r"(.*[_.])?(image_(settings_id|voxel_size_[xyz]|noise_(level|iteration_id)"
    r"|rotation_angle|translation_[xyz]|mask_(randomise_id|adapt_size|label|name)"
    r"|modality|pet_suv_type)|img_data_\w+|sample_name|id_(subject|cohort))",
    "MaZda": r"_Area\S*|Geo([A-Z]\S*)?|_M(in|ax)Norm",
    "LIFEx": r"(.*[_.])?(INFO|PARAMS|CHECK)_.+|(.*_)?TimePosition"
    r"|(.*_)?zLocation.*2DROI\S*",
}
_PROGRAMS = {name: re.compile(pattern) for name, pattern in PROGRAMS.items()}

# What people keep in one table with features, whole names without their separators.
_OTHERS = re.compile(
    r"(patient|subject|case|lesion|sample|study|record|scan)?(id|no|nr|num|number)|pid"
    r"|mrn|patient|subject|case|lesion|index|row(names?|numbers?|ids?)?"
    r"|outcome|label|class|target|diagnosis|grade|split|fold|part|set|cohort|group"
    r"|age(at\w+)?|sex|gender|bmi|weight(kg)?|height(cm)?|smok(ing|er)|year|date"
    r"|(t|n|m|tnm|ajcc|figo)?stage|site|scanner|cent(er|re)|hospital|institution"
    r"|dose(gy)?|psa|ecog|kps"
)
_TIMES = re.compile(
    r"(.*[^a-z])?(days?|weeks?|months?|years?)|(.*[^a-z])?follow[^a-z]*up([^a-z].*)?"
    r"|(.*[^a-z])?(survival|death|dead|deceased|alive|vital[^a-z]*status|relapsed?"
    r"|recurrence|censor(ed|ing)?|event)([^a-z].*)?"
    r"|(.*[^a-z])?(os|pfs|dfs|rfs|dss)([^a-z]*(time|event|status))?"
)


def drawn_features(features: pd.DataFrame) -> pd.DataFrame:
    """Return the features without those of perturbed outlines."""
    blocks = [str(name).partition(SEPARATOR) for name in features]
    drawn = [not (mark and is_virtual(_reader(block))) for block, mark, _ in blocks]
    return features if all(drawn) else features.loc[:, drawn]


def _reader(block: str) -> str:
    return block.rpartition(BAR)[2]


class FeatureChoice(NamedTuple):
    """Which columns are features, in order, and by reason those that are not."""

    features: list[str]
    left_out: dict[str, list[str]]


def choose_columns(
    table: pd.DataFrame, chosen: Mapping[str, Sequence[str]] | None = None
) -> FeatureChoice:
    """Sort the columns of a table into features and others.

    `chosen` holds patterns under ``include`` and ``exclude``, for the whole name or for
    what follows ``<reader>__``. A column that ``include`` names in full is a feature
    whatever it is called. A feature that holds text in some rows is a CohortError.
    """
    patterns = {key: list((chosen or {}).get(key, ())) for key in KEYS}
    names = [str(column) for column in table.columns]
    for key in KEYS:
        _check_patterns(names, key, patterns[key])
    include, exclude = map(_Patterns, patterns.values())
    features: list[str] = []
    left_out: dict[str, list[str]] = {}
    for position, name in enumerate(names):
        column = table.iloc[:, position]
        reason: str | None
        if exclude.fit(name):
            reason = "excluded"
        elif include.names and not include.fit(name):
            reason = "not included"
        elif include.name(name):
            reason = None if _holds_numbers(column, name) else "no numbers"
        else:
            reason = _no_feature(column, name)
        if reason is None:
            features.append(name)
        else:
            left_out.setdefault(reason, []).append(name)
    if not features:
        raise CohortError(
            "no column is a feature"
            + (f": {left_out_text(left_out)}" if left_out else "")
            + ". Expected columns of numbers, one for each feature; a column that was "
            "left out by its name is taken where 'features: {include: [NAME]}' of the "
            "study file names it."
        )
    return FeatureChoice(features, left_out)


def left_out_text(left_out: Mapping[str, Sequence[str]]) -> str:
    """Return the columns that were left out, and why, in one line."""
    shown = {
        reason: name_list(name if name.strip() else repr(name) for name in names)
        for reason, names in left_out.items()
    }
    return "; ".join(f"{reason} ({names})" for reason, names in shown.items())


def by_prefix(names: Iterable[str]) -> dict[str, list[str]]:
    """Sort features by what stands before their last underscore, ``""`` without one."""
    features: dict[str, list[str]] = {}
    for name in names:
        prefix, _, rest = name.rpartition("_")
        prefix, rest = (prefix, rest) if prefix.strip("_") and rest else ("", name)
        features.setdefault(prefix, []).append(rest)
    return features


class _Patterns:
    """Patterns of names; those without a wildcard are looked up, not tried."""

    def __init__(self, patterns: Sequence[str]) -> None:
        wild = [p for p in patterns if any(sign in p for sign in "*?[")]
        self.names = set(patterns)
        self._wild = [re.compile(fnmatch.translate(pattern)) for pattern in wild]

    def name(self, name: str) -> bool:
        """Tell whether a pattern is the name itself."""
        return name in self.names or _bare(name) in self.names

    def fit(self, name: str) -> bool:
        """Tell whether a pattern fits the name."""
        return self.name(name) or any(
            pattern.match(name) or pattern.match(_bare(name)) for pattern in self._wild
        )


def _bare(name: str) -> str:
    """Return a name without its reader."""
    return name.split(SEPARATOR, 1)[-1]


def _check_patterns(names: Sequence[str], key: str, patterns: Sequence[str]) -> None:
    exact = {*names, *map(_bare, names)}
    for pattern in patterns:
        if pattern not in exact and not any(map(_Patterns([pattern]).fit, names)):
            near = get_close_matches(pattern, names, n=2)
            hint = f" Is it {' or '.join(map(repr, near))}?" if near else ""
            raise CohortError(
                f"features, {key}: {pattern!r} fits no column.{hint} Write patterns of "
                "whole names, with * and ?."
            )


def _no_feature(column: pd.Series, name: str) -> str | None:
    """Say why a column is no feature; None where it is one."""
    if not name.strip() or re.fullmatch(r"Unnamed: [\d.]+", name):
        return "no name"
    for program, pattern in _PROGRAMS.items():
        if pattern.fullmatch(name) or pattern.fullmatch(_bare(name)):
            return f"settings and facts that {program} writes"
    if _OTHERS.fullmatch(re.sub(r"[^a-z0-9]", "", name.lower())):
        return "called like an id, an outcome or a characteristic"
    if _TIMES.fullmatch(name.lower()):
        return "called like a time or an event"
    if not _holds_numbers(column, name):
        return "no numbers"
    return "counts the rows" if _counts(column) else None


def _holds_numbers(column: pd.Series, name: str) -> bool:
    """Tell numbers from text, and refuse text in some rows of many."""
    if pd.api.types.is_bool_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return True
    if not pd.api.types.is_object_dtype(column) and not pd.api.types.is_string_dtype(
        column
    ):
        return False
    filled = column.dropna()
    text = pd.to_numeric(filled, errors="coerce").isna()
    if len(filled) and not text.any():
        raise CohortError(
            f"column {name!r} holds numbers that are stored as texts. Make numbers of "
            "them, or exclude the column (--exclude)."
        )
    if 2 * text.sum() < len(filled):
        # The cell itself may be a name.
        raise CohortError(
            f"column {name!r} holds numbers, but not in row "
            f"{name_list(filled.index[text])}. Correct or empty these "
            "cells, or exclude the column (--exclude)."
        )
    return False


def _counts(column: pd.Series) -> bool:
    """Tell whether a column numbers the rows, in order or after sorting."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    rows = np.flatnonzero(np.isfinite(values))
    values = values[rows]
    if len(values) < FEWEST or (values != np.round(values)).any():
        return False
    if (values - rows == values[0] - rows[0]).all():
        return True
    if len(values) < MANY:
        return False
    steps = np.diff(values)
    again = (values[0] in (0, 1)) & (values[1:] == values[0])  # of tables put together
    return bool(
        (steps > 0).all()
        or (np.diff(np.sort(values)) == 1).all()
        or (((steps == 1) | again).all() and (steps == 1).mean() >= IN_STEP)
    )
