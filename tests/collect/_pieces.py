"""Images and outlines as headers and paths give them, without files."""

from pathlib import Path

from sklearn_orn.collect._drawings import Drawing
from sklearn_orn.collect._series import FoundImage
from sklearn_orn.collect._spelling import names_of, words_of
from sklearn_orn.images.shared import FoundRoi

ROOT = Path("/export")
BOX = ((0.0, 0.0, 0.0), (10.0, 10.0, 10.0))


def image(*files, patient="A", kind="DICOM", **more):
    """A series or volume of a patient whose name is decided."""
    paths = [ROOT / file for file in files or (f"{patient}/IM1",)]
    names = more.pop("names", names_of(paths[0], ROOT))
    return FoundImage(paths, kind, patient=patient, names=names, **more)


def drawing(path, of, roi="", *, choice="", box=BOX, observer="", reader=""):
    """One ROI of a file, on an image."""
    words, of_roi = words_of(Path(path).parts), words_of([roi])
    return Drawing(
        ROOT / path,
        FoundRoi(choice, roi, box),
        of,
        frozenset(words),
        frozenset(of_roi),
        observer,
        reader,
    )


def moved(x=0.0, y=0.0, z=0.0, size=10.0):
    """A box of a size, away from the origin."""
    return (x, y, z), (x + size, y + size, z + size)
