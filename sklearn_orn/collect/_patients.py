"""Whose images are: by the header, else by folders and names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sklearn_orn._messages import counted
from sklearn_orn.collect._series import FoundImage
from sklearn_orn.collect._settings import Choices, Pattern, Question
from sklearn_orn.collect._spelling import plain, prefixes, stem_of

_NOBODY = {"anon", "anonymous", "anonymized", "anonymised", "anonym", "unknown", "none"}
_NOBODY |= {"0", "patient", "deidentified", "removed", "no id", "noid", "na", "n/a"}
_SHARE = 0.3  # patients of all images, at least: fewer names than that are of groups


def name_patients(
    images: Sequence[FoundImage], root: Path, choices: Choices, names: bool
) -> tuple[list[tuple[str, list[FoundImage]]], list[Question]]:
    """Set `patient` of every image; return how it was guessed, and questions.

    Images of one patient get one name: a number in the order of the files, or with
    `names` what the header or the path calls them.
    """
    ways: list[tuple[str, list[FoundImage]]] = []
    questions: list[Question] = []
    own = ["" if plain(i.patient_id) in _NOBODY else i.patient_id for i in images]
    bare = [image for image, name in zip(images, own, strict=True) if not name]
    if choices.patient is not None:
        own = [_by_pattern(image, root, choices.patient) for image in images]
        lost = [i for i, name in zip(images, own, strict=True) if not name]
        if lost:
            questions.append(
                Question(
                    f"{counted(len(lost), 'image')} fit no patient by --patient: which "
                    "part of the path is the patient?",
                    "--patient REGEX, such as 'P[0-9]+'",
                    [image.files[0] for image in lost],
                )
            )
    elif bare:
        found, how = _by_path(bare, root)
        where = {id(image): name for image, name in zip(bare, found, strict=True)}
        own = [k or where[id(i)] for i, k in zip(images, own, strict=True)]
        ways.append((how, bare))
    known: dict[str, str] = {}
    for name in filter(None, own):
        known.setdefault(plain(name), name)
    numbers = {key: number for number, key in enumerate(known, 1)}
    width = max(3, len(str(len(numbers))))
    for image, name in zip(images, own, strict=True):
        if name:
            key = plain(name)
            image.patient = known[key] if names else f"P{numbers[key]:0{width}d}"
    return ways, questions


def _by_pattern(image: FoundImage, root: Path, pattern: Pattern) -> str:
    match = pattern.search(image.files[0].relative_to(root).as_posix())
    return "" if match is None else match[match.lastindex or 0]


def _by_path(images: Sequence[FoundImage], root: Path) -> tuple[list[str], str]:
    """Return the first part of the paths that tells enough images apart."""
    paths = [image.files[0].relative_to(root) for image in images]
    for path in paths:
        if any(part.lower().startswith("sub-") for part in path.parts):
            return [_subject(path) for path in paths], "the names 'sub-...' of BIDS"
    enough = max(2, _SHARE * len(images)) if len(images) > 1 else 1
    deepest = max(len(path.parts) for path in paths) - 1
    for level in range(1, deepest + 1):
        found = ["/".join(path.parts[:-1][:level]) for path in paths]
        if len(set(map(plain, found))) >= enough and all(found):
            return found, f"the folders of level {level}"
    cuts = [prefixes(stem_of(path)) for path in paths]
    for length in range(1, max(map(len, cuts)) + 1):
        found = [some[min(length, len(some)) - 1] for some in cuts]
        if len(set(map(plain, found))) >= enough:
            return found, "the beginnings of the file names"
    return [some[-1] for some in cuts], "the names of the files"


def _subject(path: Path) -> str:
    parts = [part for part in path.parts if part.lower().startswith("sub-")]
    return parts[0].split("_")[0] if parts else path.parts[0]


def said_of_patients(
    ways: Sequence[tuple[str, list[FoundImage]]], used: Sequence[FoundImage]
) -> list[str]:
    """Say how patients were told apart whose images are measured."""
    known = {id(image) for image in used}
    said = []
    for how, images in ways:
        own = [image for image in images if id(image) in known]
        if own:
            n_patients = counted(len({image.patient for image in own}), "patient")
            said.append(
                f"patients: {n_patients} of {counted(len(own), 'image')} without an id "
                f"in the header, by {how} (--patient REGEX)"
            )
    return said
