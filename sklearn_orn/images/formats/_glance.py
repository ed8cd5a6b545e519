"""What files of volumes and outlines tell before an image is joined to them."""

from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import bounding_box
from sklearn_orn.images._labels import group_labels, of_label
from sklearn_orn.images.formats._canonical import plane_of, slice_axis, spans
from sklearn_orn.images.formats._layers import LayeredRois
from sklearn_orn.images.formats._registry import open_rois
from sklearn_orn.images.formats._rtstruct import RtStruct
from sklearn_orn.images.formats._seg import DicomSeg
from sklearn_orn.images.formats._volume import VoxelRois

_HEADER = 200  # bytes that the header of a packed volume takes, about
Corners = tuple[tuple[float, ...], tuple[float, ...]]


class VolumeHeader(NamedTuple):
    """How a NIfTI or NRRD file stores its voxels.

    `affine` leads from (column, row, slice) to mm as DICOM counts them; `packed` is the
    size of the file for each byte of its voxels.
    """

    shape: tuple[int, int, int]
    affine: np.ndarray | None
    is_whole: bool
    segments: int
    packed: float
    plane: str


class FoundRoi(NamedTuple):
    """An ROI of a file: what chooses it behind `#`, its name, and its box in mm.

    `box` has the lowest and the highest corner; None where the file gives no place.
    """

    choice: str
    name: str
    box: Corners | None


class References(NamedTuple):
    """The UIDs that a DICOM file of outlines refers to."""

    series: frozenset[str]
    frames: frozenset[str]


def read_volume_header(path: Path) -> VolumeHeader:
    """Read the header of a NIfTI or NRRD file, and no voxel."""
    rois = open_rois(path)
    if not isinstance(rois, VoxelRois):
        raise LesionError("no file of a volume.")
    stored = rois.stored
    segments, layers = 0, stored.layers
    if isinstance(rois, LayeredRois):
        segments, layers = len(rois.segments), stored.layers * rois.blocks
    size = int(np.prod(stored.shape)) * layers * stored.dtype.itemsize
    affine = stored.affine
    plane = ""
    if affine is not None and stored.oriented and spans(affine):
        across = slice_axis(affine, stored.shape, None, stored.slices)
        plane = "" if across is None else plane_of(affine, across)
    return VolumeHeader(
        stored.shape,
        affine,
        stored.dtype.kind in "iu" and stored.scale == (1.0, 0.0),
        segments,
        max(path.stat().st_size - _HEADER, 0) / max(size, 1),
        plane,
    )


def read_references(path: Path) -> References:
    """Read which series and frames of reference a DICOM file of outlines names."""
    rois = open_rois(path)
    if isinstance(rois, RtStruct | DicomSeg):
        return References(frozenset(rois.series - {""}), frozenset(rois.frames - {""}))
    return References(frozenset(), frozenset())


def find_rois(path: Path) -> list[FoundRoi]:
    """List the ROIs of a file that knows their place; none of a picture."""
    rois = open_rois(path)
    listed: list[tuple[int, str, Corners | None]] = []
    if isinstance(rois, RtStruct | DicomSeg):
        points = rois.points()
        listed = [(r.number, r.name, _corners(points[r.number])) for r in rois.rois]
    elif isinstance(rois, VoxelRois):
        listed = _voxel_rois(rois)
    if len(listed) == 1:
        return [FoundRoi("", listed[0][1], listed[0][2])]
    names = [name for _, name, _ in listed]
    return [
        FoundRoi(name if name and names.count(name) == 1 else str(number), name, box)
        for number, name, box in listed
    ]


def _voxel_rois(rois: VoxelRois) -> list[tuple[int, str, Corners | None]]:
    """Find where each ROI of a label map lies; what is empty is none."""
    voxels = rois.voxels()
    affine = rois.stored.affine
    listed = []
    if isinstance(rois, LayeredRois) and rois.segments:
        for segment in rois.segments:
            drawn = rois.choose(str(segment.number), voxels)
            if drawn.any():
                listed.append((segment.number, segment.name, _extent(drawn, affine)))
        return listed
    for label, between in group_labels(voxels[0], rois.stored.scale).items():
        drawn = of_label(voxels[0], between)
        listed.append((label, "", _extent(drawn, affine)))
    return listed


def _extent(drawn: np.ndarray, affine: np.ndarray | None) -> Corners | None:
    if affine is None:
        return None
    ends = [(axis.start - 0.5, axis.stop - 0.5) for axis in bounding_box(drawn)]
    corners = np.array(list(product(*ends)))
    return _corners(corners @ affine[:3, :3].T + affine[:3, 3])


def _corners(points: np.ndarray) -> Corners | None:
    if not len(points):
        return None
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return tuple(low), tuple(high)
