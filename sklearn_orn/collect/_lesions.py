"""Which outlines of several readers are of one lesion, and what a lesion is called."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sklearn_orn._messages import counted
from sklearn_orn.collect._drawings import Drawing, overlap
from sklearn_orn.collect._series import FoundImage
from sklearn_orn.collect._settings import Question
from sklearn_orn.collect._spelling import GENERIC, words_of
from sklearn_orn.collect._who_drew import by_image

_LEAST = 0.1  # share of the smaller box


@dataclass(eq=False)
class FoundLesion:
    """One lesion of a patient, as its readers drew it."""

    image: FoundImage
    drawings: dict[str, Drawing] = field(default_factory=dict)
    name: str = ""
    title: str = ""  # of its ROIs; empty where it says nothing
    sequences: dict[str, FoundImage] = field(default_factory=dict)  # where named

    @property
    def images(self) -> list[FoundImage]:
        """The image that was drawn on, and those of other sequences."""
        return list({id(x): x for x in (self.image, *self.sequences.values())}.values())

    def nearness(self, drawing: Drawing) -> float:
        """Return how much a drawing is of this lesion."""
        return max(overlap(known, drawing) for known in self.drawings.values())


def find_lesions(
    drawings: Sequence[Drawing],
) -> tuple[list[FoundLesion], list[Question]]:
    """Join the outlines of readers that overlap, and name the lesions."""
    lesions: list[FoundLesion] = []
    twice: list[Drawing] = []
    for group in by_image(d for d in drawings if d.reader != "?"):
        here: list[FoundLesion] = []
        for drawing in sorted(group, key=lambda d: (d.reader, d.cell)):
            near = max(here, key=lambda lesion: lesion.nearness(drawing), default=None)
            if near is None or near.nearness(drawing) < _LEAST:
                here.append(FoundLesion(drawing.image, {drawing.reader: drawing}))
            elif drawing.reader in near.drawings:
                twice.append(drawing)
            else:
                near.drawings[drawing.reader] = drawing
        lesions += here
    questions = []
    if twice:
        for drawing in twice:
            drawing.reader = "?"
        questions.append(
            Question(
                f"{counted(len(twice), 'outline')} lie where their reader drew a "
                "lesion already: which is meant?",
                "--roi REGEX or --leave-out REGEX",
                [drawing.path for drawing in twice],
            )
        )
    _name(lesions)
    return lesions, questions


def _name(lesions: Sequence[FoundLesion]) -> None:
    """Name lesions by ROIs that several patients have, or by number."""
    whose: dict[str, set[str]] = defaultdict(set)
    for lesion in lesions:
        lesion.title = _title(lesion)
        whose[lesion.title].add(lesion.image.patient)
    per_patient = Counter(lesion.image.patient for lesion in lesions)
    pairs = Counter((lesion.image.patient, lesion.title) for lesion in lesions)
    numbers: Counter[str] = Counter()
    for lesion in lesions:
        patient, title = lesion.image.patient, lesion.title
        numbers[patient] += 1
        if per_patient[patient] == 1:
            lesion.name = patient
        elif title and len(whose[title]) > 1 and pairs[patient, title] == 1:
            lesion.name = f"{patient}-{title}"
        else:
            lesion.name = f"{patient}-{numbers[patient]}"


def _title(lesion: FoundLesion) -> str:
    for drawing in lesion.drawings.values():
        words = [w for w in words_of([drawing.roi.name]) if w not in GENERIC]
        kept = [w for w in words if w != drawing.reader]
        if kept and not all(word.isdigit() for word in kept):
            return re.sub(r"[^\w-]", "", "_".join(kept)).upper()
    return ""
