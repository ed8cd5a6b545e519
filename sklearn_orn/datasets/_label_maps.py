"""Label maps as 3D Slicer and ITK-SNAP write them."""

import gzip
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np


class LabelMap(NamedTuple):
    """Labels (columns, rows, slices), in mm as DICOM counts them, and their names."""

    labels: np.ndarray
    spacing: Sequence[float]
    origin: Sequence[float]
    names: Sequence[str]


def write_slicer_labels(path: Path, drawn: LabelMap) -> None:
    """Write a `.seg.nrrd`, with the names."""
    steps = [
        f"({','.join(f'{s:g}' if i == j else '0' for j in range(3))})"
        for i, s in enumerate(drawn.spacing)
    ]
    lines = [
        "NRRD0004",
        "type: unsigned char",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {' '.join(map(str, drawn.labels.shape))}",
        f"space directions: {' '.join(steps)}",
        "kinds: domain domain domain",
        "endian: little",
        "encoding: gzip",
        f"space origin: ({','.join(f'{value:g}' for value in drawn.origin)})",
    ]
    for number, name in enumerate(drawn.names):
        lines += [
            f"Segment{number}_ID:=Segment_{number + 1}",
            f"Segment{number}_LabelValue:={number + 1}",
            f"Segment{number}_Layer:=0",
            f"Segment{number}_Name:={name}",
        ]
    header = "\n".join(lines) + "\n\n"
    voxels = gzip.compress(drawn.labels.astype("u1").tobytes(order="F"), mtime=0)
    path.write_bytes(header.encode() + voxels)


def write_nifti_labels(path: Path, drawn: LabelMap) -> None:
    """Write a `.nii.gz` of 16 bits; NIfTI keeps no names."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *drawn.labels.shape, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 512, 16)  # unsigned, 16 bits
    struct.pack_into("<8f", header, 76, 1, *drawn.spacing, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, 1, 0)  # offset, slope, intercept
    header[123] = 2  # mm
    struct.pack_into("<2h", header, 252, 0, 1)  # no qform, a scanner's sform
    for axis, sign in enumerate((-1, -1, 1)):  # NIfTI counts to the right and the front
        row = [0.0, 0.0, 0.0, sign * drawn.origin[axis]]
        row[axis] = sign * drawn.spacing[axis]
        struct.pack_into("<4f", header, 280 + 16 * axis, *row)
    header[344:348] = b"n+1\0"
    voxels = drawn.labels.astype("<u2").tobytes(order="F")
    path.write_bytes(gzip.compress(bytes(header) + voxels, mtime=0))
