"""Who drew what: by what tells outlines of one lesion from each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from sklearn_orn._messages import counted
from sklearn_orn._reader_names import not_readers
from sklearn_orn.collect._drawings import Drawing, overlap
from sklearn_orn.collect._settings import Choices, Question, listed
from sklearn_orn.collect._spelling import GENERIC, is_reader_word

_SAME = 0.3  # share of the smaller box: two outlines of one lesion


def by_image(drawings: Iterable[Drawing]) -> list[list[Drawing]]:
    """Group outlines by their image."""
    groups: dict[int, list[Drawing]] = defaultdict(list)
    for drawing in drawings:
        groups[id(drawing.image)].append(drawing)
    return list(groups.values())


def name_readers(
    drawings: Sequence[Drawing], choices: Choices
) -> tuple[list[str], list[Question]]:
    """Set `reader` of every outline; return guesses and questions.

    Readers are told by the words that differ between outlines that overlap. An outline
    whose reader is open keeps the reader `?`.
    """
    if choices.readers:
        return [], _as_chosen(drawings, choices)
    words, by_observer, unnamed = _telling_words(drawings)
    observers = _numbered(d.observer for d in drawings) if by_observer else {}
    for drawing in drawings:
        own = sorted((drawing.words | drawing.roi_words) & words)
        explicit = [word for word in own if is_reader_word(word)]
        drawing.reader = "_".join(explicit or own)
        if not drawing.reader:
            drawing.reader = observers.get(drawing.observer, "")
    questions = _questions(unnamed, drawings)
    counts = Counter(drawing.reader for drawing in drawings if drawing.reader != "?")
    if len(counts) < 2:
        return [], questions
    nobody = [d for d in drawings if not d.reader]
    if nobody:
        questions.append(_ask_for(nobody, counts))
    kind = not_readers(name for name in counts if name)
    if kind is not None:
        names = listed(sorted(filter(None, counts)))
        questions.append(
            Question(
                f"outlines of one place differ by {names}, which look like {kind} and "
                "not like readers: which are the readers, or which outlines are meant?",
                "--reader NAME=REGEX for each, or --leave-out REGEX",
                [d.path for d in drawings],
            )
        )
    found = [f"{name} ({count})" for name, count in sorted(counts.items()) if name]
    why = "words of the paths and ROIs" if words else "the observers of the headers"
    return [f"readers: {listed(found)}, by {why} (--reader NAME=REGEX)"], questions


def _as_chosen(drawings: Sequence[Drawing], choices: Choices) -> list[Question]:
    lost: list[Drawing] = []
    for drawing in drawings:
        text = f"{drawing.path.as_posix()}#{drawing.roi.name}"
        names = [n for n, pattern in choices.readers.items() if pattern.search(text)]
        drawing.reader = names[0] if len(names) == 1 else "?"
        if len(names) != 1:
            lost.append(drawing)
    if not lost:
        return []
    return [
        Question(
            f"{counted(len(lost), 'outline')} fit none or several of the readers "
            f"{listed(list(choices.readers))}: whose are they?",
            "--reader NAME=REGEX for each, or --leave-out REGEX",
            [drawing.path for drawing in lost],
        )
    ]


def _telling_words(
    drawings: Sequence[Drawing],
) -> tuple[set[str], bool, list[tuple[Drawing, Drawing]]]:
    """Find the words that tell readers apart, and the pairs that nothing tells apart.

    Also whether observers of the headers do where words do not.
    """
    patients: dict[str, set[str]] = defaultdict(set)
    for drawing in drawings:
        for word in drawing.words | drawing.roi_words:
            patients[word].add(drawing.image.patient)
    several = len({drawing.image.patient for drawing in drawings}) > 1
    common = {
        word
        for word, whose in patients.items()
        if word not in GENERIC
        and (len(whose) > 1 or not several)
        and (not word.isdigit())
    }
    words: set[str] = set()
    by_observer = False
    open_pairs: list[tuple[Drawing, Drawing]] = []
    for group in by_image(drawings):
        for first, second in combinations(group, 2):
            if overlap(first, second) < _SAME:
                continue
            telling = (first.words ^ second.words) & common
            if all(d.roi_words - GENERIC for d in (first, second)):
                telling = telling or (first.roi_words ^ second.roi_words) & common
            readers = {word for word in telling if is_reader_word(word)}
            if first.path == second.path and not readers:
                open_pairs.append((first, second))
            elif telling:
                words |= readers or telling
            elif first.observer and second.observer not in ("", first.observer):
                by_observer = True
            else:
                open_pairs.append((first, second))
    return words, by_observer, open_pairs


def _numbered(observers: Iterable[str]) -> dict[str, str]:
    """Give observers, who are persons, a number each."""
    known = sorted(set(filter(None, observers)))
    return {name: f"reader_{number}" for number, name in enumerate(known, 1)}


def _questions(
    pairs: Sequence[tuple[Drawing, Drawing]], drawings: Sequence[Drawing]
) -> list[Question]:
    """Ask about outlines of one place that nothing tells apart."""
    questions = []
    inside = [pair for pair in pairs if pair[0].path == pair[1].path]
    apart = [pair for pair in pairs if pair[0].path != pair[1].path]
    for some, text, flag in (
        (
            inside,
            "hold ROIs that overlap: parts of a lesion, or readers?",
            "--roi REGEX for the lesion, or --reader NAME=REGEX for each",
        ),
        (
            apart,
            "outline the same place, and nothing in their paths tells who drew: "
            "readers, or copies?",
            "--reader NAME=REGEX for each, or --leave-out REGEX",
        ),
    ):
        if some:
            for drawing in (drawing for pair in some for drawing in pair):
                drawing.reader = "?"
            files = sorted({d.path for pair in some for d in pair})
            names = sorted({d.roi.name for pair in some for d in pair if d.roi.name})
            shown = f" ({listed(_shared_names(drawings, names))})" if names else ""
            questions.append(
                Question(f"{counted(len(files), 'file')}{shown} {text}", flag, files)
            )
    return questions


def _shared_names(drawings: Sequence[Drawing], names: Sequence[str]) -> list[str]:
    """Return the names of ROIs that two patients have, and the number of the others."""
    whose = defaultdict(set)
    for drawing in drawings:
        whose[drawing.roi.name].add(drawing.image.patient)
    shown = [name for name in names if len(whose[name]) > 1]
    hidden = len(names) - len(shown)
    return shown + ([counted(hidden, "name") + " of one patient"] if hidden else [])


def _ask_for(nobody: Sequence[Drawing], counts: Counter[str]) -> Question:
    for drawing in nobody:
        drawing.reader = "?"
    names = listed(sorted(filter(None, counts)))
    return Question(
        f"{counted(len(nobody), 'outline')} name none of the readers {names}: whose "
        "are they?",
        "--reader NAME=REGEX for each, or --leave-out REGEX",
        [drawing.path for drawing in nobody],
    )
