"""Slices at one place: which of several b-values, time points or echoes is meant."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from sklearn_orn._messages import name_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images.formats._dicom import numbers

__all__ = ["STACK_TAGS", "choose_stack", "stack_labels"]

_SAME_PLACE = 1e-3  # mm
_SHOWN = 12
_NONE = "none"  # how a missing label is asked for

STACK_TAGS = [
    "DiffusionBValue",
    "DiffusionGradientOrientation",
    "TemporalPositionIdentifier",
    "EchoTime",
    "InversionTime",
    "TriggerTime",
    "AcquisitionNumber",
    "ImageType",
]

# What the table calls it, where it stands in multi-frame files and in others.
_NUMBERS = (
    ("b", ("MRDiffusionSequence",), "DiffusionBValue"),
    ("time", ("FrameContentSequence",), "TemporalPositionIndex"),
    ("time", (), "TemporalPositionIdentifier"),
    ("echo", ("MREchoSequence",), "EffectiveEchoTime"),
    ("echo", (), "EchoTime"),
    ("inversion", ("MRModifierSequence",), "InversionTimes"),
    ("inversion", (), "InversionTime"),
    (
        "trigger",
        ("CardiacSynchronizationSequence",),
        "NominalCardiacTriggerDelayTime",
    ),
    ("trigger", (), "TriggerTime"),
    ("acquisition", ("FrameContentSequence",), "FrameAcquisitionNumber"),
    ("acquisition", (), "AcquisitionNumber"),
)
_KEYS = (*dict.fromkeys(key for key, _, _ in _NUMBERS), "direction", "kind")


def stack_labels(dataset: Any, groups: Sequence[Any] = ()) -> dict[str, str]:
    """Read what tells slices at one place from each other.

    Parameters
    ----------
    dataset : Dataset
        With the elements of `STACK_TAGS`.
    groups : sequence of Dataset, default=()
        The functional groups of a frame, its own before the shared ones.

    Returns
    -------
    dict of str to str
        Such as ``{"b": "800", "time": "2"}``; what the header lacks is left out.
    """
    found: dict[str, str] = {}
    for key, path, keyword in _NUMBERS:
        for item in _items(dataset, groups, path):
            value = numbers(item, keyword, 1)
            if value is not None and key not in found:
                found[key] = f"{value[0]:g}"
    ways = ("MRDiffusionSequence", "DiffusionGradientDirectionSequence")
    for item in (*_items(dataset, groups, ways), dataset):
        way = numbers(item, "DiffusionGradientOrientation", 3)
        if way is not None and "direction" not in found:
            found["direction"] = "/".join(f"{part + 0.0:.3g}" for part in way)
    kinds = [
        (item, keyword)
        for sequence, keyword in (
            ("MRImageFrameTypeSequence", "FrameType"),
            ("CTImageFrameTypeSequence", "FrameType"),
        )
        for item in _items(dataset, groups, (sequence,))
    ]
    for item, keyword in (*kinds, (dataset, "ImageType")):
        value = item.get(keyword)
        if value and "kind" not in found:
            parts = [value] if isinstance(value, str) else list(value)
            found["kind"] = "/".join(str(part) for part in parts)[:64]
    return found


def choose_stack(
    places: Sequence[Geometry],
    labels: Sequence[Mapping[str, str]],
    wanted: str | None,
    what: str,
    copies: Callable[[int, int], str | None],
) -> list[int]:
    """Choose one slice for each place.

    Parameters
    ----------
    places : sequence of Geometry
        Of all slices.
    labels : sequence of mapping
        Of `stack_labels`, one a slice.
    wanted : str or None
        ``"b=800"``, ``"time=2, echo=30"``, or a value alone; None for the only ones.
    what : str
        The image, for messages.
    copies : callable
        Takes two positions of slices at one place that nothing tells apart; returns
        a sentence if they are copies of one image.

    Returns
    -------
    list of int
        Positions in `places`, as they stand.

    Raises
    ------
    LesionError
        If `wanted` fits no slice, or several lie at one place; the message lists what
        there is.
    """
    chosen = list(range(len(places)))
    if wanted is not None:
        chosen = _wanted(labels, wanted, what)
    spots = _spots([places[i] for i in chosen])
    if len(set(spots)) == len(spots):
        return chosen
    own = [labels[i] for i in chosen]
    n_places = len(set(spots))
    found = (
        f"{what} holds {len(chosen)} slices at "
        f"{'one place' if n_places == 1 else f'{n_places} places'}"
    )
    keys = _telling(spots, own)
    if keys is None:
        first, second = _pair(spots, own)
        if same := copies(chosen[first], chosen[second]):
            raise LesionError(f"{found}. {same}")
        raise LesionError(
            f"{found}: several time points, echoes or b-values, and its headers do "
            "not tell which is which; expected one. Put the files of one of them in a "
            "folder of their own, or export it as a file of its own."
        )
    names = Counter(_name(label, keys) for label in own)
    listed = ", ".join(
        f"'{name}' ({count})" for name, count in list(names.items())[:_SHOWN]
    )
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    raise LesionError(
        f"{found}: several time points, echoes or b-values; expected one. There are "
        f"(with their number of slices) {listed}{more}. Choose one in the column "
        f"'stack', or as 'path#frame={next(iter(names))}'."
    )


def _items(dataset: Any, groups: Sequence[Any], path: Sequence[str]) -> list[Any]:
    """Return the items at the end of a path of sequences; the dataset of an empty."""
    if not path:
        return [dataset]
    found = list(groups)
    for keyword in path:
        found = [item for one in found for item in one.get(keyword) or ()]
    return found


def _wanted(labels: Sequence[Mapping[str, str]], wanted: str, what: str) -> list[int]:
    conditions = []
    for part in wanted.split(","):
        key, equals, value = (text.strip() for text in part.partition("="))
        conditions.append((key, value) if equals else ("", key))
    chosen = [
        i
        for i, label in enumerate(labels)
        if all(
            value in label.values() if not key else label.get(key, _NONE) == value
            for key, value in conditions
        )
    ]
    if chosen:
        return chosen
    there = [
        f"{key} {', '.join(found[:_SHOWN])}"
        for key in _KEYS
        if (found := list(dict.fromkeys(x[key] for x in labels if key in x)))
    ]
    raise LesionError(
        f"{name_part(wanted)} was asked for, and {what} has "
        f"{'; '.join(there) or 'none'}; expected one of them, such as 'b=800', in the "
        "column 'stack' or behind '#frame='."
    )


def _spots(places: Sequence[Geometry]) -> list[int]:
    """Give slices at one place one number, and all different ones where none knows."""
    if len(places) < 2 or any(
        place.position is None or place.orientation is None for place in places
    ):
        return list(range(len(places)))
    axes = np.array([place.orientation for place in places])
    if np.abs(axes - axes[0]).max() > 0.01:
        return list(range(len(places)))
    along = np.array([place.position for place in places]) @ np.cross(*axes[0])
    order = np.argsort(along, kind="stable")
    steps = np.concatenate([[0], np.diff(along[order]) >= _SAME_PLACE])
    spots = np.empty(len(places), dtype=int)
    spots[order] = np.cumsum(steps)
    return spots.tolist()


def _telling(
    spots: Sequence[int], labels: Sequence[Mapping[str, str]]
) -> tuple[str, ...] | None:
    """Find the fewest labels that leave one slice at each place."""
    keys = [key for key in _KEYS if len({label.get(key) for label in labels}) > 1]
    # a number of its own for every slice tells nothing
    most = 2 * max(Counter(spots).values())
    for count in range(1, len(keys) + 1):
        for some in combinations(keys, count):
            stacks = [tuple(label.get(key) for key in some) for label in labels]
            cells = set(zip(spots, stacks, strict=True))
            if len(cells) == len(spots) and len(set(stacks)) <= most:
                return some
    return None


def _name(label: Mapping[str, str], keys: Sequence[str]) -> str:
    return ", ".join(f"{key}={label.get(key, _NONE)}" for key in keys)


def _pair(spots: Sequence[int], labels: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    """Find two slices at one place, if possible with the same labels."""
    for cells in (
        [(spot, frozenset(x.items())) for spot, x in zip(spots, labels, strict=True)],
        list(spots),
    ):
        first: dict[Any, int] = {}
        for position, cell in enumerate(cells):
            if cell in first:
                return first[cell], position
            first[cell] = position
    raise AssertionError("no two slices lie at one place")
