"""Slices at one place: which of several b-values, time points or echoes is meant."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np

from sklearn_orn._messages import name_part
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images._image_file import along_normal
from sklearn_orn.images.formats._dicom import Dataset, items, numbers, texts_of

_SAME_PLACE = 1e-3  # mm: positions are written with three or more decimals
_SHOWN = 12  # labels in a message
_MOST_TEXT = 64  # letters of ImageType that a message shows
_NONE = "none"  # how a missing label is asked for

STACK_TAGS = (
    "DiffusionBValue DiffusionGradientOrientation TemporalPositionIdentifier EchoTime "
    "InversionTime TriggerTime AcquisitionNumber ImageType"
).split()

# What the table calls it, where it stands in multi-frame files and in others.
_NUMBERS = (
    ("b", ("MRDiffusionSequence",), "DiffusionBValue"),
    ("b", (), "DiffusionBValue"),
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


def stack_labels(dataset: Dataset, groups: Sequence[Dataset] = ()) -> dict[str, str]:
    """Read what tells slices at one place from each other, such as b=800."""
    labels: dict[str, str] = {}
    for key, path, keyword in _NUMBERS:
        for item in items(groups, *path) if path else [dataset]:
            value = numbers(item, keyword, 1)
            if value is not None and key not in labels:
                labels[key] = f"{value[0]:g}"
    ways = ("MRDiffusionSequence", "DiffusionGradientDirectionSequence")
    for item in (*items(groups, *ways), dataset):
        way = numbers(item, "DiffusionGradientOrientation", 3)
        if way is not None and "direction" not in labels:
            labels["direction"] = "/".join(f"{part + 0.0:.3g}" for part in way)
    kinds = [
        texts_of(item, "FrameType")
        for sequence in ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence")
        for item in items(groups, sequence)
    ]
    for kind in (*kinds, texts_of(dataset, "ImageType")):
        if kind and "kind" not in labels:
            labels["kind"] = "/".join(kind)[:_MOST_TEXT]
    return labels


def choose_stack(
    places: Sequence[Geometry],
    labels: Sequence[Mapping[str, str]],
    wanted: str | None,
    what: str,
    copies: Callable[[int, int], str | None],
) -> list[int]:
    """Choose one slice for each place, by their positions as they stand.

    `copies` takes two slices at one place that nothing tells apart, and returns a
    sentence if they are copies of one image.
    """
    chosen = list(range(len(places)))
    if len(chosen) == 1 and wanted is None:
        return chosen
    if wanted is not None:
        chosen = _wanted(labels, wanted, what)
    spots = _spots([places[i] for i in chosen])
    if len(set(spots)) == len(spots):
        return chosen
    own = [labels[i] for i in chosen]
    n_places = len(set(spots))
    holds = (
        f"{what} holds {len(chosen)} slices at "
        f"{'one place' if n_places == 1 else f'{n_places} places'}"
    )
    keys = _telling(spots, own)
    if keys is None:
        first, second = _pair(spots, own)
        if same := copies(chosen[first], chosen[second]):
            raise LesionError(f"{holds}. {same}")
        raise LesionError(
            f"{holds}: several time points, echoes or b-values, and its headers do "
            "not tell which is which; expected one. Put the files of one of them in a "
            "folder of their own, or export it as a file of its own."
        )
    names = Counter(_name(label, keys) for label in own)
    listed = name_list((f"'{name}' ({n})" for name, n in names.items()), _SHOWN)
    raise LesionError(
        f"{holds}: several time points, echoes or b-values; expected one. There are "
        f"(with their number of slices) {listed}. Choose one in the column "
        f"'stack', or as 'path#frame={next(iter(names))}'."
    )


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
        f"{key} {', '.join(values[:_SHOWN])}"
        for key in _KEYS
        if (values := list(dict.fromkeys(x[key] for x in labels if key in x)))
    ]
    raise LesionError(
        f"{name_part(wanted)} was asked for, and {what} has "
        f"{'; '.join(there) or 'none'}; expected one of them, such as 'b=800', in the "
        "column 'stack' or behind '#frame='."
    )


def _spots(places: Sequence[Geometry]) -> list[int]:
    """Give slices at one place one number, and all different ones where none knows."""
    try:
        along = along_normal(places, "")
    except LesionError:  # of several orientations, which sorting them refuses
        along = None
    if along is None:
        return list(range(len(places)))
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
        first: dict[object, int] = {}
        for position, cell in enumerate(cells):
            if cell in first:
                return first[cell], position
            first[cell] = position
    raise AssertionError("no two slices lie at one place")
