"""Whether the images that readers drew on are of one protocol, as a rescan is."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from sklearn_orn.exceptions import CohortError

TIMES = 1.5  # ratio of echo or repetition times that no rescan has
TEXTS = {"modality": "modality", "sequence": "pulse sequence"}
NUMBERS = {"TR_ms": "repetition time (ms)", "TE_ms": "echo time (ms)"}


def ask_about_images(table: pd.DataFrame, readers: Sequence[str]) -> None:
    """Refuse readers whose own images are of different protocols, as DICOM tells.

    What a header lacks differs from nothing; what differs in more than half of the
    lesions that both drew is a CohortError.
    """
    own = {f"image{mark}{reader}" for mark in "_@" for reader in readers}
    if not own & set(table.columns):
        return
    protocols = {reader: _protocol(table, reader, readers) for reader in readers}
    for first, second in combinations(readers, 2):
        for what, example in _differences(protocols[first], protocols[second]):
            raise CohortError(
                f"the images of readers {first!r} and {second!r} are of different "
                f"protocols: {what} {example}. Features of readers are filtered by "
                "their agreement and averaged, which mixes two sequences. If these are "
                f"readers or rescans, say so: --readers {' '.join(readers)} (readers: "
                f"[{', '.join(readers)}] in the study file). Otherwise give each "
                "sequence a study of its own."
            )


def _protocol(table: pd.DataFrame, reader: str, readers: Sequence[str]) -> pd.DataFrame:
    from sklearn_orn.images import protocol_table

    others = [name for name in readers if name != reader]
    kinds = ("mask", "image", "section", "series")
    drop = {f"{kind}{mark}{name}" for kind in kinds for mark in "_@" for name in others}
    of_reader = table[[c for c in table.columns if c not in drop]]
    return protocol_table(of_reader.reset_index(drop=True))


def _differences(
    first: pd.DataFrame, second: pd.DataFrame
) -> Iterator[tuple[str, str]]:
    """Yield what differs in most of the lesions, with the values of the first one."""
    for column, what in TEXTS.items():
        one, other = first[column], second[column]
        yield from _most(what, one, other, one.notna() & other.notna(), one != other)
    for column, what in NUMBERS.items():
        one, other = first[column], second[column]
        apart = (one > TIMES * other) | (other > TIMES * one)
        yield from _most(what, one, other, (one > 0) & (other > 0), apart)
    # A header of the same scanner without an agent is a scan without one.
    described = first["modality"].notna() & second["modality"].notna()
    one, other = _agent(first), _agent(second)
    yield from _most("contrast agent", one, other, described, one != other)


def _agent(protocol: pd.DataFrame) -> pd.Series:
    return protocol["contrast_agent"].notna().map({True: "given", False: "not given"})


def _most(
    what: str, first: pd.Series, second: pd.Series, known: pd.Series, apart: pd.Series
) -> Iterator[tuple[str, str]]:
    rows = np.flatnonzero(known & apart)
    if len(rows) * 2 > known.sum():
        example = (first.iloc[rows[0]], second.iloc[rows[0]])
        shown = [f"{v:g}" if isinstance(v, float) else str(v) for v in example]
        yield what, f"{shown[0]} and {shown[1]}"
