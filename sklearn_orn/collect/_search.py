"""The steps from a folder to its lesions, and what is said on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn._messages import counted
from sklearn_orn._progress import Progress
from sklearn_orn.collect._arrange import arrange_files
from sklearn_orn.collect._collected import LEFT_OUT_COLUMNS
from sklearn_orn.collect._drawings import Drawing, list_drawings
from sklearn_orn.collect._drawn_on import Joined, Joiner, Outlines, is_outline
from sklearn_orn.collect._headers import (
    DicomImage,
    DicomOutlines,
    Header,
    OtherFile,
    VolumeFile,
    read_headers,
)
from sklearn_orn.collect._lesions import FoundLesion, find_lesions
from sklearn_orn.collect._patients import name_patients, said_of_patients
from sklearn_orn.collect._sequences import find_sequences
from sklearn_orn.collect._series import FoundImage, group_images, id_keys
from sklearn_orn.collect._settings import Choices, Question, listed
from sklearn_orn.collect._spelling import key_of, names_of
from sklearn_orn.collect._table import image_cells, make_table
from sklearn_orn.collect._walk import Unused, walk
from sklearn_orn.collect._who_drew import name_readers


class Search:
    """The steps from a folder to its lesions, and what was said on the way."""

    def __init__(
        self, root: Path, choices: Choices, n_jobs: int | None, report: Progress
    ) -> None:
        self.root = root
        self.choices = choices
        self.n_jobs = n_jobs
        self.report = report
        self.guesses: list[str] = []
        self.questions: list[Question] = []
        self.left: list[Unused] = []
        self.images: list[FoundImage] = []
        self.outlines: list[Outlines] = []
        self.joined: list[Joined] = []
        self.lesions: list[FoundLesion] = []
        self.ways: list[tuple[str, list[FoundImage]]] = []

    def read(self, own_names: bool) -> None:
        """Find all files, and tell images from outlines."""
        files, self.left = walk(self.root)
        pattern = self.choices.leave_out
        if pattern is not None:
            for path in files:
                if pattern.search(path.relative_to(self.root).as_posix()):
                    self.left.append(Unused(path, "other", "left out by --leave-out"))
            passed = {one.file for one in self.left}
            files = [path for path in files if path not in passed]
        headers = read_headers(
            files, self.n_jobs, lambda d, n: self.report("reading headers", d, n)
        )
        self._sort(headers)
        self.ways, questions = name_patients(
            self.images, self.root, self.choices, own_names
        )
        self.questions += questions

    def _sort(self, headers: Sequence[Header]) -> None:
        slices, volumes, pictures = [], [], []
        for header in headers:
            if isinstance(header, OtherFile):
                self.left.append(Unused(header.path, header.kind, header.reason))
            elif isinstance(header, DicomImage):
                slices.append(header)
            elif isinstance(header, DicomOutlines) or is_outline(
                header, self.root, self.choices
            ):
                self.outlines.append(header)
            elif isinstance(header, VolumeFile):
                volumes.append(header)
            else:
                pictures.append(header)
        self.images = group_images(slices, volumes, pictures, self.root)
        self._drop_copies()
        n_series = sum(image.kind == "DICOM" for image in self.images)
        self.guesses.append(
            f"found: {counted(len(slices), 'DICOM image')} in "
            f"{counted(n_series, 'series', 'series')}, "
            f"{counted(len(volumes), 'volume')}, {counted(len(pictures), 'picture')}, "
            f"{counted(len(self.outlines), 'file')} of outlines"
        )

    def _drop_copies(self) -> None:
        """Leave out outlines that are a file of another one again."""
        kept: dict[str, Outlines] = {}
        for header in self.outlines:
            own = header.instance if isinstance(header, DicomOutlines) else ""
            if kept.setdefault(own or str(header.path), header) is not header:
                reason = "a copy of another file of outlines"
                self.left.append(Unused(header.path, "outline", reason))
        self.outlines = list(kept.values())

    def join(self) -> None:
        """Join outlines to images, name the readers, and find the lesions."""
        joiner = Joiner(self.images, self.root, self.choices)
        self.joined = [joiner.join(header) for header in self.outlines]
        for one in self.joined:
            if one.reason:
                self.left.append(Unused(one.header.path, "outline", one.reason))
        self._ask_for_series()
        good = [one for one in self.joined if one.image is not None]
        ways = Counter(one.how for one in good)
        if ways:
            texts = [f"{counted(n, 'file')} by {how}" for how, n in ways.most_common()]
            self.guesses.append(f"outlines joined to images: {', '.join(texts)}")
        drawings, left, guesses = list_drawings(
            good,
            self.root,
            self.choices,
            self.n_jobs,
            lambda d, n: self.report("reading outlines", d, n),
        )
        self.left += left
        self.guesses += guesses
        drawings = self._one_kind(drawings)
        guesses, questions = name_readers(drawings, self.choices)
        self.guesses += guesses
        self.lesions, further = find_lesions(drawings)
        self.questions += [*questions, *further]
        if self.choices.sequences:
            self.lesions, guesses, questions = find_sequences(
                self.lesions, self.images, self.choices.sequences
            )
            self.guesses += guesses
            self.questions += questions
        kinds = Counter(len(lesion.drawings) for lesion in self.lesions)
        if len(kinds) > 1:
            texts = [f"{n} by {counted(k, 'reader')}" for k, n in sorted(kinds.items())]
            self.guesses.append(f"lesions: {', '.join(texts)}")

    def _one_kind(self, drawings: list[Drawing]) -> list[Drawing]:
        """Ask where pictures of slices and outlines of series are of one lesion."""
        flat = [d for d in drawings if d.roi.box is None]
        placed = [d for d in drawings if d.roi.box is not None]
        patients = {d.image.patient for d in flat} & {d.image.patient for d in placed}
        if not patients:
            return drawings
        both = [d for d in drawings if d.image.patient in patients]
        self.questions.append(
            Question(
                f"{counted(len(patients), 'patient')} have outlines of single slices "
                f"({counted(len(flat), 'picture')}{self._where(flat)}) and of whole "
                f"series ({counted(len(placed), 'ROI')}{self._where(placed)}): which "
                "are meant?",
                "--leave-out REGEX, a part of the paths of the others",
                [drawing.path for drawing in both],
            )
        )
        return [d for d in drawings if d.image.patient not in patients]

    def _where(self, drawings: Sequence[Drawing]) -> str:
        """Name the first folders that hold outlines of several patients."""
        whose: dict[str, set[str]] = defaultdict(set)
        for drawing in drawings:
            parts = drawing.path.relative_to(self.root).parts
            if len(parts) > 1:
                whose[f"{parts[0]}/"].add(drawing.image.patient)
        named = sorted(name for name, patients in whose.items() if len(patients) > 1)
        return f" in {listed(named)}" if named else ""

    def _ask_for_series(self) -> None:
        open_ones = [one for one in self.joined if one.candidates]
        if open_ones:
            text = counted(len(open_ones), "file")
            fit = "fits" if len(open_ones) == 1 else "fit"
            self.questions.append(
                Question(
                    f"{text} of outlines {fit} several images each (the candidates are "
                    "below): which were drawn on?",
                    "--series REGEX or --protocol WORDS, such as 'axial CE-T1'",
                    [one.header.path for one in open_ones],
                )
            )

    def table(self, arrange: Path | None) -> pd.DataFrame:
        """Return one row a lesion."""
        images = [image for lesion in self.lesions for image in lesion.images]
        used = list({id(image): image for image in images}.values())
        self.guesses += said_of_patients(self.ways, used)
        if arrange is None:
            cells, questions = image_cells(used, self.images)
            self.questions += questions
        else:
            cells = arrange_files(arrange, self.lesions)
        return make_table(self.lesions, cells)

    @property
    def titles(self) -> dict[str, str]:
        """What the ROI of each lesion is called, by the lesion's name."""
        return {lesion.name: key_of(lesion.title) for lesion in self.lesions}

    def keys(self, table: pd.DataFrame) -> dict[str, set[str]]:
        """Return what a table of outcomes may call each patient."""
        keys: dict[str, set[str]] = {patient: set() for patient in table["patient"]}
        for lesion in self.lesions:
            own = keys.setdefault(lesion.image.patient, set())
            own |= id_keys(lesion.image)
            for drawing in lesion.drawings.values():
                own |= set(map(key_of, names_of(drawing.path, self.root)))
        return keys

    def left_over(self) -> pd.DataFrame:
        """Return every file that is no part of the table, and why."""
        used = {f for x in self.lesions for image in x.images for f in image.files}
        used |= {d.path for lesion in self.lesions for d in lesion.drawings.values()}
        rows = {one.file: one for one in self.left}
        for question in self.questions:
            for path in question.files:
                if path not in used:
                    kind = "outline" if path not in rows else rows[path].kind
                    rows[path] = Unused(path, kind, f"open: {question}")
        joiner = Joiner([], self.root, self.choices)
        for image in self.images:
            is_open = any(image in one.candidates for one in self.joined)
            reason = "nothing is drawn on it"
            if not joiner.chosen([image]):
                reason = "not among the series that were chosen"
            elif is_open:
                reason = "open: one of several series that outlines fit"
            for path in image.files:
                rows.setdefault(path, Unused(path, "image", reason))
            for path in image.copies:
                rows.setdefault(path, Unused(path, "image", "a copy of another image"))
        kept = [rows[path] for path in sorted(rows) if path not in used]
        table = pd.DataFrame(kept, columns=list(LEFT_OUT_COLUMNS))
        return table.assign(file=[str(path) for path in table["file"]])

    def candidates(self) -> pd.DataFrame:
        """Return the series of which one must be chosen, by what they are called."""
        whose: dict[str, set[str]] = defaultdict(set)
        for image in self.images:
            whose[image.description].add(image.patient)
        slices: dict[str, list[int]] = defaultdict(list)
        patients: dict[str, set[str]] = defaultdict(set)
        for image in {id(i): i for one in self.joined for i in one.candidates}.values():
            shared = len(whose[image.description]) > 1 and image.description
            name = f"{image.description!r}" if shared else "(its own description)"
            shown = f"{name}: {' '.join(image.traits)}"
            patients[shown].add(image.patient)
            slices[shown].append(image.n_slices)
        rows = [
            (name, len(patients[name]), f"{min(n)}-{max(n)}")
            for name, n in sorted(slices.items())
        ]
        return pd.DataFrame(rows, columns=["series", "patients", "slices"])
