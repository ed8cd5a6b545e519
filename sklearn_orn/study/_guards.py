"""What the reader must know before any number: the warnings of the report."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sklearn_orn.study._design import StudyDesign

Guard = dict[str, str]

EVENTS_PER_CANDIDATE = 10
VALIDATION_EVENTS = 100
CELL_EXPECTED = 5


def _plural(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _guard(title: str, text: str) -> Guard:
    return {"title": title, "text": text}


def _smaller_class(design: StudyDesign) -> tuple[int, int, str]:
    """Return lesions, patients and label of the class with fewer lesions."""
    value = int(design.y.sum() * 2 <= len(design.y))
    rows = design.y == value
    return int(rows.sum()), len(set(design.patient[rows])), design.classes[value]


def _few_events(design: StudyDesign, n_candidates: int) -> list[Guard]:
    guards = []
    lesions, patients, label = _smaller_class(design.take(design.training))
    if lesions < EVENTS_PER_CANDIDATE * n_candidates:
        guards.append(
            _guard(
                "Few events.",
                f"The smaller class in training, {label}, has {lesions} lesions of "
                f"{_plural(patients, 'patient')} for {n_candidates} candidate "
                f"features: {lesions / n_candidates:.1f} for each, where "
                f"{EVENTS_PER_CANDIDATE} or more are usually asked for. Expect the "
                "features chosen and their coefficients to change in another sample.",
            )
        )
    if design.has_split:
        lesions, patients, label = _smaller_class(design.take(~design.training))
        if lesions < VALIDATION_EVENTS:
            guards.append(
                _guard(
                    "Small validation part.",
                    f"Its smaller class, {label}, has {lesions} lesions of "
                    f"{_plural(patients, 'patient')}; {VALIDATION_EVENTS} or more are "
                    "advised. The intervals are wide, and the calibration curve can "
                    "show little.",
                )
            )
    return guards


def _patients_of_both_classes(design: StudyDesign) -> int:
    """Count the patients who have lesions of both classes."""
    positive = set(design.patient[design.y == 1])
    return len(positive & set(design.patient[design.y == 0]))


def _repeated_patients(design: StudyDesign) -> list[Guard]:
    patients = list(design.patient)
    repeated = sum(patients.count(patient) > 1 for patient in set(patients))
    if not repeated:
        return []
    both = _patients_of_both_classes(design)
    mixed = f" {_plural(both, 'patient')} with lesions of both classes." if both else ""
    return [
        _guard(
            "Repeated patients.",
            f"{repeated} of {len(set(patients))} patients have more than one lesion. "
            "They never stand on both sides of a split, and the confidence intervals "
            "in the text and tables count patients. The Hosmer-Lemeshow test and the "
            "bars in the calibration figure count lesions as if they were "
            f"independent.{mixed}",
        )
    ]


def _small_cells(parts: Iterable[Mapping[str, Any]]) -> list[Guard]:
    """Warn where the chi-square distribution is a poor approximation."""
    few = []
    for part in parts:
        expected = [
            value
            for row in part["hosmer_lemeshow"]["groups"]
            for value in (row["expected"], row["n"] - row["expected"])
        ]
        below = sum(value < CELL_EXPECTED for value in expected)
        if below:
            few.append(f"{below} of {len(expected)} in {part['part']}")
    if not few:
        return []
    return [
        _guard(
            "Hosmer-Lemeshow on small groups.",
            f"Cells with fewer than {CELL_EXPECTED} expected lesions: "
            + ", ".join(few)
            + ". The p value is approximate there, and a large one does not show that "
            "the model is calibrated.",
        )
    ]


def _missing_parts(
    design: StudyDesign, readers: Sequence[str], left_out: int, measured: int
) -> list[Guard]:
    guards = []
    if left_out:
        guards.append(
            _guard(
                "Lesions left out.",
                f"{left_out} of {left_out + measured} lesions could not be measured; "
                "they are listed below with the reason. If what makes a lesion "
                "unreadable is related to its class, the result is biased.",
            )
        )
    if len(readers) < 2:
        guards.append(
            _guard(
                "Single reader.",
                "Every lesion was drawn by one reader only: the agreement between "
                "readers is unknown, no ICC filter was applied, and features that "
                "depend on how the outline was drawn may be in the score.",
            )
        )
    if not design.has_split:
        guards.append(
            _guard(
                "No validation part.",
                "The table names no split, so the second part of each figure is "
                "cross-validation by patient of the whole procedure, selection "
                "included. It estimates performance in patients of the same source, "
                "not elsewhere.",
            )
        )
    return guards


def study_guards(
    design: StudyDesign,
    *,
    readers: Sequence[str],
    left_out: int,
    n_candidates: int,
    n_selected: int,
    synthetic: bool,
    caught: Iterable[str],
    parts: Iterable[Mapping[str, Any]] = (),
) -> list[Guard]:
    """Return the warnings of a study, the gravest first.

    Parameters
    ----------
    design : StudyDesign
        Of the lesions measured.
    readers : sequence of str
        The readers.
    left_out : int
        Number of lesions that could not be measured.
    n_candidates, n_selected : int
        Number of features that the LASSO saw and kept.
    synthetic : bool
        Whether the cohort calls itself synthetic.
    caught : iterable of str
        What the steps warned of.
    parts : iterable of dict, default=()
        What `evaluate` returned for each part of the study.

    Returns
    -------
    list of dict
        ``title`` and ``text``.
    """
    guards = []
    if synthetic:
        guards.append(
            _guard(
                "Synthetic data.",
                "The cohort is labelled synthetic: it was made by a random number "
                "generator, and nothing here is a finding about patients.",
            )
        )
    if n_selected == 0:
        guards.append(
            _guard(
                "No model.",
                "The LASSO kept no feature: the score is the same for every lesion, "
                "and tells nothing about the outcome.",
            )
        )
    guards += _missing_parts(design, readers, left_out, len(design.y))
    guards.append(
        _guard(
            "Training performance is apparent.",
            "The model is judged on the lesions it was fitted to, so every number "
            "and curve for the training part is optimistic. The "
            + ("validation part" if design.has_split else "cross-validated part")
            + " is the one to quote. The threshold was chosen on these lesions, so "
            "sensitivity and specificity flatter; the penalty draws the LASSO's score "
            "towards 0, so its calibration curve there tells of the penalty; and the "
            "decision curve shows more benefit than new patients would have.",
        )
    )
    guards += _few_events(design, n_candidates)
    guards += _repeated_patients(design)
    guards += _small_cells(parts)
    # The classifier says this too; the guard above says it of patients.
    told = "Fewer than 10 events per candidate feature"
    guards += [_guard("From the run.", t) for t in caught if not t.startswith(told)]
    return guards
