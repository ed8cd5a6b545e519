"""Label maps of several layers: segmentations of 3D Slicer, vectors of labels."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._labels import (
    as_text,
    choose_label,
    choose_roi,
    group_labels,
    of_label,
)
from sklearn_orn.images.formats._volume import Stored, VoxelRois

_FIELD = re.compile(rb"Segment(\d+)_(ID|Name|LabelValue|Layer):=(.*)")


class Segment(NamedTuple):
    """One ROI of a layered label map.

    `label` is its value in its layer, None where the layer holds nothing else.
    """

    number: int
    name: str
    layer: int
    label: int | None


class LayeredRois(VoxelRois):
    """The ROIs of a label map of several layers, which may overlap.

    Layers lie side by side, or one behind the other in several `blocks`, of which
    `stored` is the first. Without segments each label of each layer is one.
    """

    def __init__(
        self, stored: Stored, segments: Sequence[Segment] = (), blocks: int = 1
    ) -> None:
        super().__init__(stored)
        self.segments = list(segments)
        self.blocks = blocks

    def voxels(self) -> np.ndarray:
        """Read all voxels, of shape (layers, columns, rows, slices)."""
        if self.blocks == 1:
            return self.stored.voxels()
        parts = [
            replace(self.stored, volumes=self.blocks, volume=block).voxels()
            for block in range(self.blocks)
        ]
        return np.concatenate(parts)

    def choose(self, roi: str | None, voxels: np.ndarray) -> np.ndarray:
        """Return the voxels of one ROI, of shape (columns, rows, slices)."""
        if not self.segments and len(voxels) == 1:
            return super().choose(roi, voxels)
        segments = self.segments or self._found(voxels)
        what = "segments" if self.segments else f"labels of the {self.stored.what} file"
        chosen = choose_roi(segments, roi, what)
        layer = voxels[chosen.layer]
        labels = group_labels(layer, self.stored.scale)
        if chosen.label in labels:
            return of_label(layer, labels[chosen.label])
        if chosen.label is None and labels:
            return of_label(layer, choose_label(labels, None, self.stored.what))
        return np.zeros(layer.shape, dtype=bool)

    def _found(self, voxels: np.ndarray) -> list[Segment]:
        labels = [
            (number, label)
            for number, layer in enumerate(voxels)
            for label in group_labels(layer, self.stored.scale)
        ]
        numbers = _numbers([label for _, label in labels])
        return [
            Segment(number, f"layer {layer + 1}, label {label}", layer, label)
            for number, (layer, label) in zip(numbers, labels, strict=True)
        ]


def _numbers(labels: Iterable[int | None]) -> list[int]:
    """Give each ROI its label as number, where no other has it, else a free one.

    Layers overlap, and each may count its labels from 1: 2, 1, 1 become 2, 1, 3.
    """
    labels = list(labels)
    own = {label for label in labels if label is not None and labels.count(label) == 1}
    free = (number for number in range(1, 2 * len(labels) + 2) if number not in own)
    return [
        label if label is not None and label in own else next(free) for label in labels
    ]


def read_segments(header: bytes, layers: int) -> list[Segment]:
    """Read the segments that a header of 3D Slicer names, in UTF-8.

    Older versions wrote neither label nor layer: each segment is a layer of its own.
    """
    fields: dict[int, dict[str, str]] = {}
    for line in header.splitlines():
        if match := _FIELD.fullmatch(line.rstrip()):
            of_segment = fields.setdefault(int(match[1]), {})
            of_segment[match[2].decode()] = as_text(match[3])
    labels = [
        int(segment["LabelValue"]) if "LabelValue" in segment else None
        for segment in fields.values()
    ]
    segments = []
    rows = zip(fields.items(), _numbers(labels), labels, strict=True)
    for position, ((key, segment), number, label) in enumerate(rows):
        layer = _layer(segment, f"Segment{key}", position, len(fields), layers)
        segments.append(Segment(number, segment.get("Name", ""), layer, label))
    return segments


def _layer(
    fields: dict[str, str], name: str, position: int, count: int, layers: int
) -> int:
    if "Layer" in fields:
        layer = int(fields["Layer"])
    elif layers == 1 and ("LabelValue" in fields or count == 1):
        layer = 0
    elif layers == count:
        layer = position
    else:
        raise LesionError(
            f"{name} does not say in which of {layers} layers it lies, and there are "
            f"{count} segments. Save the segmentation again with a newer 3D Slicer."
        )
    if not 0 <= layer < layers:
        raise LesionError(
            f"{name} lies in layer {layer}, and there are {layers}. Save the "
            "segmentation again."
        )
    return layer
