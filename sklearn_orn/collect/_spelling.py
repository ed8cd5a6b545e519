"""Words of paths and names, by which files are joined and readers recognised."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

# What says what a file is, and never whose it is.
GENERIC = frozenset(
    (
        "mask masks maske masken seg segs segmentation segmentations segment segments "
        "segmentierung label labels labelmap roi rois outline outlines contour "
        "contours kontur konturen rtstruct rtss rtst structures rs derivatives "
        "manual untitled final slicer itksnap itk snap lesion lesions laesion lasion "
        "tumor tumour gtv dcm dicom nii gz nrrd png tif tiff bmp npy image images "
        "img bild bilder data daten volume vol export pacs by von of the and"
    ).split()
)
_ENDINGS = (
    ".seg.nrrd .nii.gz .nrrd .nii .dcm .ima .png .tif .tiff .bmp .npy .roi".split()
)
_READER = re.compile(
    r"\b(reader|rater|observer|leser|befunder|radiologist|radiologe|obs|rdr)"
    r"[ _.-]*([a-z0-9]{1,3})\b"
)
_BETWEEN = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """Return a text in small letters, without accents and spaces around it."""
    apart = unicodedata.normalize("NFKD", text.casefold().strip())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def stem_of(path: Path) -> str:
    """Return the name of a file without what tells its format."""
    name = path.name
    for ending in _ENDINGS:
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def words_of(texts: Iterable[str]) -> list[str]:
    """Return the words of texts, once each; `reader A` is one word, `reader_a`."""
    found: dict[str, None] = {}
    for text in texts:
        joined = re.sub(r"(?<=[a-z0-9])_", " ", plain(text))
        joined = _READER.sub(lambda match: f"{match[1]}\0{match[2]}", joined)
        for word in re.split(r"[^a-z0-9\0]+", joined):
            if word:
                found[word.replace("\0", "_")] = None
    return list(found)


def is_reader_word(word: str) -> bool:
    """Tell whether a word says that it names a reader."""
    return bool(re.fullmatch(_READER.pattern.replace(r"\b", ""), word))


def names_of(path: Path, root: Path) -> set[str]:
    """Return the names by which a file may be known: its folders and parts of its own.

    `sub-01_T1w_mask.nii.gz` is known as `sub-01`, `sub-01_t1w` and `sub-01_t1w_mask`.
    """
    folders = path.relative_to(root).parts[:-1]
    names = {plain(part) for part in folders}
    return names | set(prefixes(plain(stem_of(path))))


def prefixes(stem: str) -> list[str]:
    """Return a stem cut behind each of its words, the shortest first."""
    ends = [match.start() for match in re.finditer(r"[ _.-]+", stem) if match.start()]
    return [stem[:end] for end in (*ends, len(stem))]


def key_of(text: str) -> str:
    """Return what an id and a name of a folder are compared by."""
    return _BETWEEN.sub("", plain(text))
