"""Images: the files of DICOM grouped by series, volumes and pictures as they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sklearn_orn.collect._headers import DicomImage, PictureFile, VolumeFile
from sklearn_orn.collect._protocol_words import described, described_as, traits_of
from sklearn_orn.collect._spelling import key_of, names_of, plain, stem_of

_OFF = 0.1  # voxels that a rounded header may be off


@dataclass(eq=False)
class FoundImage:
    """An image that outlines may be joined to: a series, a volume or a picture.

    `steps`, of shape (3, 2), leads from a column and a row to mm, `positions` are the
    centres of the first pixels of the slices; both are None where no place is known.
    """

    files: list[Path]
    kind: str
    shape: tuple[int, int] = (0, 0)
    uid: str = ""
    number: str = ""
    description: str = ""
    traits: tuple[str, ...] = ()
    frame: str = ""
    patient_id: str = ""
    study: str = ""
    steps: np.ndarray | None = None
    positions: np.ndarray | None = None
    names: set[str] = field(default_factory=set)
    copies: list[Path] = field(default_factory=list)
    patient: str = ""  # whose it is, as `_patients` decides

    @property
    def n_slices(self) -> int:
        """Number of slices, as far as it is known."""
        return len(self.files) if self.positions is None else len(self.positions)

    @property
    def folders(self) -> list[Path]:
        """The folders that its files lie in."""
        return sorted({file.parent for file in self.files})


def group_images(
    dicom: Iterable[DicomImage],
    volumes: Iterable[VolumeFile],
    pictures: Iterable[PictureFile],
    root: Path,
) -> list[FoundImage]:
    """Return all images, in the order of their first files."""
    by_series: dict[tuple[str, ...], list[DicomImage]] = defaultdict(list)
    for header in dicom:
        key = (header.patient, header.series or str(header.path.parent))
        by_series[key].append(header)
    images = [_series(headers, root) for headers in by_series.values()]
    images += [_volume(volume, root) for volume in volumes]
    images += [
        FoundImage([picture.path], "picture", names=names_of(picture.path, root))
        for picture in pictures
    ]
    return sorted(images, key=lambda image: image.files[0])


def _without_copies(
    headers: Sequence[DicomImage],
) -> tuple[list[DicomImage], list[Path]]:
    """Keep each image once, in the folder that holds most of the series."""
    counts = Counter(header.path.parent for header in headers)
    ordered = sorted(headers, key=lambda h: (-counts[h.path.parent], h.path))
    kept: dict[str, DicomImage] = {}
    copies = []
    for header in ordered:
        key = header.instance or str(header.path)
        if key in kept:
            copies.append(header.path)
        else:
            kept[key] = header
    return list(kept.values()), copies


def _series(found: Sequence[DicomImage], root: Path) -> FoundImage:
    headers, copies = _without_copies(found)
    first = headers[0]
    files = sorted(header.path for header in headers)
    folders = {header.path.parent for header in found}
    names = {plain(p) for folder in folders for p in folder.relative_to(root).parts}
    if len(files) == 1:
        names |= names_of(files[0], root)
    if first.patient:
        names.add(plain(first.patient))
    positions = [place for header in headers for place in header.positions]
    steps = None
    if first.orientation is not None and first.spacing is not None and positions:
        axes = np.array(first.orientation).reshape(2, 3)
        steps = np.stack([axes[0] * first.spacing[1], axes[1] * first.spacing[0]], 1)
    return FoundImage(
        files,
        "DICOM",
        first.shape,
        first.series,
        first.number,
        first.description,
        traits_of(first),
        first.frame,
        first.patient,
        first.study,
        steps,
        None if steps is None else np.array(positions),
        names,
        copies,
    )


def _volume(header: VolumeFile, root: Path) -> FoundImage:
    text = described_as(stem_of(header.path))
    traits = tuple(filter(None, (header.plane, *described(text))))
    image = FoundImage(
        [header.path],
        header.kind,
        (header.shape[1], header.shape[0]),
        description=stem_of(header.path),
        traits=traits,
        names=names_of(header.path, root),
    )
    if header.affine is not None:
        affine = np.array(header.affine)
        image.steps = affine[:3, :2]
        along = np.outer(np.arange(header.shape[2]), affine[:3, 2])
        image.positions = affine[:3, 3] + along
    return image


def fits(image: FoundImage, volume: VolumeFile) -> bool:
    """Tell whether the voxels of an outline lie on the pixels of an image.

    Its axes may be turned and cropped; one pixel of one slice in common is enough.
    """
    if image.steps is None or image.positions is None or volume.affine is None:
        return (image.shape[1], image.shape[0]) == volume.shape[:2]
    affine = np.array(volume.affine)
    try:
        inverse = np.linalg.inv(affine[:3, :3])
    except np.linalg.LinAlgError:
        return False
    steps = inverse @ image.steps
    whole = np.rint(steps)
    size = max(image.shape)
    if np.abs(steps - whole).max() * size > 3 * _OFF:
        return False
    if not (np.abs(whole).sum(axis=0) == 1).all() or abs(whole[:, 0] @ whole[:, 1]):
        return False
    first = (image.positions - affine[:3, 3]) @ inverse.T
    last = first + whole @ [image.shape[1] - 1, image.shape[0] - 1]
    on_slice = (np.abs(first - np.rint(first)) <= _OFF).all(axis=1)
    below, above = np.minimum(first, last), np.maximum(first, last)
    inside = ((above > -0.5) & (below < np.array(volume.shape) - 0.5)).all(axis=1)
    return bool((on_slice & inside).any())


def holds(image: FoundImage, corners: Sequence[Sequence[float]]) -> bool:
    """Tell whether a box in mm reaches a slice of an image, one slice allowed for."""
    if image.steps is None or image.positions is None:
        return True
    normal = np.cross(image.steps[:, 0], image.steps[:, 1])
    normal /= np.linalg.norm(normal)
    low, high = np.array(corners)
    ends = [
        float(np.array([x, y, z]) @ normal)
        for x in (low[0], high[0])
        for y in (low[1], high[1])
        for z in (low[2], high[2])
    ]
    along = image.positions @ normal
    return bool(((along >= min(ends) - 0.5) & (along <= max(ends) + 0.5)).any())


def id_keys(image: FoundImage) -> set[str]:
    """Return what a table may call the patient of an image."""
    return {key for name in image.names if (key := key_of(name))}
