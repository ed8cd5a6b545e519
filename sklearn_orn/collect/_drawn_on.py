"""Which volumes and pictures are outlines, and to which image each belongs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sklearn_orn.collect._headers import DicomOutlines, PictureFile, VolumeFile
from sklearn_orn.collect._series import FoundImage, fits
from sklearn_orn.collect._settings import Choices
from sklearn_orn.collect._spelling import names_of, plain, prefixes, stem_of

_WORDS = re.compile(r"(?:^|[^a-z])(?:mask|seg|label|roi|outline|contour|kontur)")
_PACKED = 0.03  # of its voxels: a label map is packed to less, an image never
Outlines = DicomOutlines | VolumeFile | PictureFile


def is_outline(header: VolumeFile | PictureFile, root: Path, choices: Choices) -> bool:
    """Tell outlines from images, by the header or by words of the path."""
    path = header.path.relative_to(root)
    if choices.outlines is not None:
        return bool(choices.outlines.search(path.as_posix()))
    named = [plain(part) for part in (*path.parts[:-1], stem_of(path))]
    if isinstance(header, PictureFile):
        if header.only_outline:
            return True
    elif header.segments or path.name.lower().endswith(".seg.nrrd"):
        return True
    elif not header.is_whole:  # of fractions: no labels
        return False
    elif header.packed < _PACKED:
        return True
    return any(_WORDS.search(name) for name in named)


@dataclass(frozen=True)
class Joined:
    """The image that outlines belong to, or why there is none.

    `candidates` are several images of which one must be chosen.
    """

    header: Outlines
    image: FoundImage | None = None
    how: str = ""
    reason: str = ""
    candidates: tuple[FoundImage, ...] = ()


class Joiner:
    """Finds the image of outlines among all images."""

    def __init__(
        self, images: Sequence[FoundImage], root: Path, choices: Choices
    ) -> None:
        self.images = list(images)
        self.root = root
        self.choices = choices
        self._by_name: dict[str, list[FoundImage]] = defaultdict(list)
        for image in images:
            for name in image.names:
                self._by_name[name].append(image)
        self._files: dict[str, list[tuple[FoundImage, Path]]] = {}
        self._slices: dict[Path, FoundImage] = {}

    def chosen(self, images: Iterable[FoundImage]) -> list[FoundImage]:
        """Return the images that --series and --protocol let through."""
        return [image for image in images if self._is_chosen(image)]

    def join(self, header: Outlines) -> Joined:
        """Find the image of one file of outlines."""
        if isinstance(header, DicomOutlines):
            return self._by_uid(header)
        if isinstance(header, VolumeFile):
            return self._by_place(header)
        return self._by_stem(header)

    def _is_chosen(self, image: FoundImage) -> bool:
        wanted = self.choices.protocol
        if wanted is not None and not wanted <= set(image.traits):
            return False
        pattern = self.choices.series
        return pattern is None or bool(
            pattern.search(f"{image.number} {image.description}")
        )

    def _one(self, header: Outlines, images: list[FoundImage], how: str) -> Joined:
        kept = self.chosen(images)
        if len(kept) == 1:
            return Joined(header, kept[0], how)
        if kept:
            return Joined(header, candidates=tuple(kept))
        return Joined(header, reason="its series is not among those chosen")

    def _by_uid(self, header: DicomOutlines) -> Joined:
        named = [image for image in self.images if image.uid in header.series]
        if named and self.chosen(named):
            return self._one(header, named, "the series that they refer to")
        framed = [image for image in self.images if image.frame in header.frames]
        if framed:
            return self._one(header, framed, "their frame of reference")
        if named:
            return self._one(header, named, "")
        return Joined(
            header,
            reason="the series that it refers to is not in the folder, and no image "
            "has its frame of reference",
        )

    def _named(self, path: Path) -> list[FoundImage]:
        """Return the images of the rarest name that one patient alone has."""
        found = [
            images
            for name in names_of(path, self.root)
            if (images := self._by_name.get(name))
            and len({image.patient for image in images}) == 1
        ]
        return min(found, key=len, default=[])

    def _by_place(self, header: VolumeFile) -> Joined:
        named = self._named(header.path)
        fitting = [image for image in named or self.images if fits(image, header)]
        if fitting:
            how = "folder and name" if named else "position alone"
            return self._one(header, fitting, how)
        if named:
            return Joined(
                header,
                reason="no image of its folder or name has pixels where its voxels are",
            )
        return Joined(header, reason="no image has its name or its place")

    def _by_stem(self, header: PictureFile) -> Joined:
        """Join a picture to the one file of its name, else of its folder."""
        if not self._files:
            self._list_files()
        names = sorted(prefixes(plain(stem_of(header.path))), key=len, reverse=True)
        folders = [plain(p) for p in header.path.relative_to(self.root).parts[:-1]]
        for name in (*names, *reversed(folders)):
            found = [(i, f) for i, f in self._files.get(name, ()) if self._is_chosen(i)]
            if len(found) == 1:
                image, file = found[0]
                one = self._slices.setdefault(file, _slice_of(image, file))
                return Joined(header, one, "folder and name")
            if found and name == names[0]:
                images = {id(image): image for image, _ in found}
                if len(images) > 1:
                    return Joined(header, candidates=tuple(images.values()))
                reason = f"it is of one slice, and {len(found)} slices have its name"
                return Joined(header, reason=reason)
        return Joined(header, reason="no image has its name")

    def _list_files(self) -> None:
        files = defaultdict(list)
        for image in self.images:
            for file in (*image.files, *image.copies):
                parts = file.relative_to(self.root).parts[:-1]
                names = {plain(stem_of(file)), *map(plain, parts)}
                for name in names:
                    files[name].append((image, file))
        self._files = dict(files)


def _slice_of(image: FoundImage, file: Path) -> FoundImage:
    if image.files == [file]:
        return image
    return replace(image, files=[file], copies=[], positions=None, steps=None)
