"""Messages about a lesion without what its files are called or say of a person."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._files import is_path, split_roi
from sklearn_orn.images.formats._registry import open_rois

__all__ = ["hidden_text"]

HIDDEN = "(hidden)"
_UID = re.compile(r"(?<![\w.])\d+(?:\.\d+){4,}(?![\w.])")
# Such a name of a folder or an ROI says nothing, and messages use it as a word.
_WORD = re.compile(
    r"[a-z]*|\d{1,4}|\W*|.{1,2}|DICOM|NIfTI|NRRD|PNG|TIFF|BMP|NPY|SEG|RTSTRUCT|ROI|ROIs"
)


def hidden_text(text: str, lesion: Any) -> str:
    """Return a message without paths, names of ROIs and UIDs.

    Parameters
    ----------
    text : str
        What went wrong with a file of the lesion.
    lesion : Lesion
        Whose files.

    Returns
    -------
    str
        Paths are "of the table", names of ROIs "(hidden)"; their numbers stay.
    """
    readers = lesion.readers
    masks = [mask for mask in map(lesion.mask_of, readers) if is_path(mask)]
    images = [image for image in map(lesion.image_of, readers) if is_path(image)]
    shown = text.replace(f" (looked for from '{Path.cwd()}')", "")
    paths = _longest({path for source in (*images, *masks) for path in _paths(source)})
    for path in paths:
        for quoted in (f"'{path}'", repr(path)):
            shown = shown.replace(quoted, "of the table")
    for path in paths:  # as part of something longer
        if path in shown and not _WORD.fullmatch(path):
            shown = re.sub(rf"'?{re.escape(path)}[^\s']*'?", "of the table", shown)
    names = {name for mask in masks for name in _roi_names(mask)}
    names |= {str(lesion.series_of(reader) or "") for reader in readers}
    names |= {part for path in paths for part in _parts(path)}
    for name in _longest(names):
        for quoted in (f"'#{name}'", f"#{name}'", f"'{name}'", repr(name)):
            shown = shown.replace(quoted, HIDDEN)
        if name in shown and not _WORD.fullmatch(name):
            shown = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", HIDDEN, shown)
    return _UID.sub(HIDDEN, shown)


def _longest(texts: Iterable[str]) -> list[str]:
    """Sort texts so that none is replaced within a longer one."""
    return sorted((text for text in texts if text.strip()), key=len, reverse=True)


def _paths(source: Any) -> Iterator[str]:
    """Yield all that a message may call the file or folder of a cell."""
    text = os.fspath(source)
    cuts = [i for i, letter in enumerate(text) if letter == "#"]
    for cell in (text, *(text[:cut] for cut in cuts)):
        if not cell:
            continue
        path = Path(cell)
        yield from {cell, str(path), os.path.normpath(cell), os.path.abspath(cell)}
        yield str(path.absolute())
        try:
            yield str(path.resolve())
            if path.is_dir():
                yield from (os.path.join(path, name) for name in os.listdir(path))
        except (OSError, ValueError):  # it is what the message is about
            continue


def _parts(path: str) -> Iterator[str]:
    """Yield the names of a file and of its folders, with and without an ending."""
    for part in Path(path).parts:
        yield part
        yield part.split(".")[0]


def _roi_names(mask: Any) -> Iterator[str]:
    """Yield the name that is asked for, and those in the file."""
    path, roi = split_roi(mask)
    yield roi or ""
    try:
        rois = open_rois(path)
    except LesionError:
        return
    for name in ("rois", "segments", "classes"):
        yield from (str(found.name) for found in getattr(rois, name, ()))
