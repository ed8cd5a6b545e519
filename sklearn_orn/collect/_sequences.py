"""Which series of a patient are the other sequences of a lesion."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from sklearn_orn._messages import counted
from sklearn_orn.collect._lesions import FoundLesion
from sklearn_orn.collect._series import FoundImage
from sklearn_orn.collect._settings import Pattern, Question
from sklearn_orn.exceptions import CohortError

_NAME = re.compile(r"[^\W_](?:[\w.+-]*[^\W_])?")
_FLAG = "--sequence NAME=REGEX"


def check_sequences(names: Sequence[str]) -> None:
    """Refuse names that cannot end the name of a column, and a single one."""
    for name in names:
        if not _NAME.fullmatch(name) or "__" in name:
            raise CohortError(
                f"sequence {name!r}: expected letters and digits, with '-', '.' or '+' "
                "between them, such as CE-T1, since it ends the name of a column."
            )
    if len(names) == 1:
        raise CohortError(
            f"sequence {names[0]!r} is the only one: name the series that was drawn "
            f"on too ({_FLAG}, once for each), or choose one series (--series)."
        )


def find_sequences(
    lesions: Sequence[FoundLesion],
    images: Sequence[FoundImage],
    sequences: Mapping[str, Pattern],
) -> tuple[list[FoundLesion], list[str], list[Question]]:
    """Give each lesion its image of each sequence; return those that have a name.

    The image that was drawn on must be one of them. Others are of the same patient and
    frame of reference, and of one study before those of others.
    """
    named: list[FoundLesion] = []
    unnamed: list[FoundLesion] = []
    unclear: dict[str, list[list[FoundImage]]] = {name: [] for name in sequences}
    for lesion in lesions:
        own = [
            name for name, pattern in sequences.items() if _is(lesion.image, pattern)
        ]
        if len(own) != 1:
            unnamed.append(lesion)
            continue
        named.append(lesion)
        for name, pattern in sequences.items():
            found = [lesion.image]
            if name not in own:
                found = _beside(lesion.image, images, pattern)
            if len(found) == 1:
                lesion.sequences[name] = found[0]
            elif found:
                unclear[name].append(found)
    questions = []
    if unnamed:
        questions.append(
            Question(
                f"{counted(len(unnamed), 'lesion')} drawn on a series that none or "
                "several of the sequences name: which is it?",
                _FLAG,
                [d.path for lesion in unnamed for d in lesion.drawings.values()],
            )
        )
    for name, those in unclear.items():
        if those:
            questions.append(
                Question(
                    f"{counted(len(those), 'lesion')} with several series that fit "
                    f"sequence {name!r}: which is it?",
                    f"--sequence {name}=REGEX that fits one, or --leave-out REGEX",
                    [
                        file
                        for found in those
                        for image in found
                        for file in image.files
                    ],
                )
            )
    counts = Counter(name for lesion in named for name in lesion.sequences)
    texts = [f"{name} ({counts[name]} of {len(named)})" for name in sequences]
    return named, [f"sequences: {', '.join(texts)}"], questions


def _is(image: FoundImage, pattern: Pattern) -> bool:
    return bool(pattern.search(f"{image.number} {image.description}"))


def _beside(
    own: FoundImage, images: Sequence[FoundImage], pattern: Pattern
) -> list[FoundImage]:
    found = [
        image
        for image in images
        if image.patient == own.patient
        and image is not own
        and _is(image, pattern)
        and (not own.frame or not image.frame or own.frame == image.frame)
    ]
    return [image for image in found if image.study == own.study] or found
