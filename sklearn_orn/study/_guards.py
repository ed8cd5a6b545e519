"""What the reader must know before any number: the warnings of the report."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from sklearn_orn._messages import counted
from sklearn_orn._validation import name_list
from sklearn_orn._warning_codes import split_code
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.study._centre_guards import CHANCE, confounded
from sklearn_orn.study._feature_columns import LEFT_OUT, left_out_text
from sklearn_orn.study._repeated_lesions import of_repeated_lesions
from sklearn_orn.study._scaled_features import of_scaled_features
from sklearn_orn.study.results import (
    RADIOMICS,
    Absent,
    Guard,
    Models,
    Nested,
    Part,
    Permuted,
    Results,
)

EVENTS_PER_CANDIDATE = 10  # the old rule of thumb; Riley's criteria stand beside it
VALIDATION_EVENTS = 100  # Vergouwe et al., J Clin Epidemiol 2005;58:475-483
CELL_EXPECTED = 5  # the usual least for a chi-square approximation
# The classifier says this too; a guard says it of patients.
FEW_EVENTS = "ORN001"
SAID_ELSEWHERE = (FEW_EVENTS, "ORN002")
LARGE_OPTIMISM = 0.05  # of the AUC; our choice, no smaller gap is worth a warning
MOVABLE = 0.9  # of the outcomes; our choice: fixed ones keep the AUC by chance high
TELLING = 0.95  # AUC of one feature that is rather a leak than texture


def _smaller_class(design: StudyDesign) -> tuple[int, int, str]:
    """Return lesions, patients and label of the class with fewer lesions."""
    value = int(design.y.sum() * 2 <= len(design.y))
    rows = design.y == value
    return int(rows.sum()), len(set(design.patient[rows])), design.classes[value]


def _few_events(design: StudyDesign, n_candidates: int) -> Iterator[Guard]:
    lesions, patients, label = _smaller_class(design.take(design.training))
    if lesions < EVENTS_PER_CANDIDATE * n_candidates:
        yield Guard(
            "ORN001",
            "Few events.",
            f"The smaller class in training, {label}, has "
            f"{counted(lesions, 'lesion')} of {counted(patients, 'patient')} for "
            f"{n_candidates} candidate features: {lesions / n_candidates:.1f} for "
            f"each, where {EVENTS_PER_CANDIDATE} or more are usually asked for. "
            "Expect the features chosen and their coefficients to change in "
            "another sample.",
        )
    if design.has_split:
        lesions, patients, label = _smaller_class(design.take(~design.training))
        if lesions < VALIDATION_EVENTS:
            yield Guard(
                "ORN017",
                "Small validation part.",
                f"Its smaller class, {label}, has "
                f"{counted(lesions, 'lesion')} of {counted(patients, 'patient')}; "
                f"{VALIDATION_EVENTS} or more are "
                "advised. The intervals are wide, and the calibration curve can "
                "show little.",
            )


def _repeated_patients(design: StudyDesign, *, judged: bool) -> Iterator[Guard]:
    patients = Counter(design.patient)
    repeated = sum(lesions > 1 for lesions in patients.values())
    if not repeated:
        return
    both = len(set(design.patient[design.y == 1]) & set(design.patient[design.y == 0]))
    mixed = f" {counted(both, 'patient')} with lesions of both classes." if both else ""
    text = f"{repeated} of {len(patients)} patients have more than one lesion."
    if judged:
        text += (
            " They never stand on both sides of a split, and confidence intervals "
            "and p values count patients."
        )
    yield Guard("ORN013", "Repeated patients.", text + mixed)


def _small_cells(parts: Iterable[Part]) -> Iterator[Guard]:
    """Warn where the chi-square distribution is a poor approximation."""
    few = []
    for part in parts:
        expected = [
            value
            for row in part.hosmer_lemeshow.groups
            for value in (row.expected, row.n_lesions - row.expected)
        ]
        below = sum(value < CELL_EXPECTED for value in expected)
        if below:
            few.append(f"{below} of {len(expected)} in {part.part}")
    if not few:
        return
    yield Guard(
        "ORN010",
        "Hosmer-Lemeshow on small groups.",
        f"Cells with fewer than {CELL_EXPECTED} expected lesions: "
        + ", ".join(few)
        + ". The p value is approximate there, and a large one does not show that "
        "the model is calibrated.",
    )


def _missing_parts(design: StudyDesign, results: Results) -> Iterator[Guard]:
    left_out, measured = len(results.left_out), len(design.y)
    if left_out:
        yield Guard(
            "ORN018",
            "Lesions left out.",
            f"{left_out} of {left_out + measured} lesions could not be measured; "
            "they are listed below with the reason. If what makes a lesion "
            "unreadable is related to its class, the result is biased.",
        )
    if len(results.readers) < 2 and results.source == "features":
        yield Guard(
            "ORN019",
            "Features from elsewhere.",
            "They were measured by another program, and how often each lesion was "
            "drawn is not known here: no ICC filter was applied, and features that "
            "depend on the outline, the scanner or the grey levels may be in the "
            "score.",
        )
    elif len(results.readers) < 2 and not isinstance(results.agreement, Absent):
        yield Guard(
            "ORN020",
            "Single reader.",
            "Every lesion was drawn by one reader only. Features agree on perturbed "
            "outlines, which do not overlook or mistake what another person would: the "
            "agreement between readers is unknown.",
        )
    elif len(results.readers) < 2:
        yield Guard(
            "ORN020",
            "Single reader.",
            "Every lesion was drawn by one reader only: the agreement between "
            "readers is unknown, no ICC filter was applied, and features that "
            "depend on how the outline was drawn may be in the score.",
        )
    if not design.has_split:
        yield Guard(
            "ORN021",
            "No validation part.",
            "The table names no split, so the second part of each figure is "
            "cross-validation by patient of the whole procedure, selection "
            "included. It estimates performance in patients of the same source, "
            "not elsewhere.",
        )


def _no_model(results: Results) -> Iterator[Guard]:
    model = results.model
    if isinstance(model, Absent):
        yield Guard("ORN002", "No model.", model.absent)
    elif not model.coefficients:
        yield Guard(
            "ORN002",
            "No model.",
            "The LASSO kept no feature: the score is the same for every lesion, "
            "and tells nothing about the outcome.",
        )


def _sample_size(results: Results) -> Iterator[Guard]:
    """Hold the number of patients against Riley's criteria."""
    size = results.sample_size
    if isinstance(size, Absent) or size.n_patients >= size.riley[0].n:
        return
    needs = " and ".join(
        f"{row.n:,} for the {row.n_candidates} {row.candidates_of}"
        for row in size.riley
    )
    shrinkage = min(row.shrinkage for row in size.riley)
    yield Guard(
        "ORN022",
        "Smaller than advised.",
        f"Riley's criteria ask for {needs}, if the model explains "
        f"{100 * size.r2_nagelkerke:.0f}\N{NO-BREAK SPACE}% of what can be "
        f"explained (Nagelkerke); training has {size.n_patients} patients. "
        "Without a penalty coefficients would have to be shrunk to "
        f"{max(shrinkage, 0):.2f} of their size. The features seen by the LASSO "
        "were chosen by the outcome, so their number flatters.",
    )


def _optimistic(results: Results) -> Iterator[Guard]:
    """Hold the apparent AUC, and Harrell's, against that on patients not seen."""
    optimism, nested, model = results.optimism, results.nested, results.model
    if (
        isinstance(optimism, Absent)
        or isinstance(model, Absent)
        or not model.coefficients
    ):
        return
    auc = optimism.measure("auc")
    apparent, harrell = auc.apparent, auc.corrected
    unseen = [(auc.plus_632, "the .632+ bootstrap gives")]
    if isinstance(nested, Nested):
        words = "nested cross-validation by patient gives"
        unseen.insert(0, (nested.auc, words))
    given = [(value, words) for value, words in unseen if value is not None]
    if given and apparent is not None and apparent - given[0][0] > LARGE_OPTIMISM:
        texts = [f"{words} {value:.2f}" for value, words in given]
        yield Guard(
            "ORN023",
            "Large optimism.",
            f"The AUC in training is {apparent:.2f}; for the whole "
            f"procedure on patients that it has not seen {', '.join(texts)}.",
        )
    if given and harrell is not None and harrell - given[0][0] > LARGE_OPTIMISM:
        value, words = given[0]
        yield Guard(
            "ORN024",
            "Harrell's correction is too small here.",
            f"It leaves an AUC of {harrell:.2f} where {words} "
            f"{value:.2f}. Its test samples hold the patients that trained the "
            "resampled models; after a selection among many features the rest of "
            "the optimism stays. Do not quote it.",
        )


def _shuffled(permuted: Permuted | Absent) -> Iterator[Guard]:
    """Say what the shuffled outcomes tell, and whether they can tell it."""
    if isinstance(permuted, Absent):
        return
    if permuted.movable < MOVABLE:
        yield Guard(
            "ORN011",
            "Outcomes that cannot be shuffled.",
            f"Only {100 * permuted.movable:.0f}\N{NO-BREAK SPACE}% of the "
            "lesions can get another outcome, since all patients of one class "
            "have the same. The shuffled outcomes stay predictable, and their AUC "
            "is no chance level.",
        )
    enough = permuted.n_permutations >= 1 / CHANCE - 1
    if enough and permuted.p_value > CHANCE:
        yield Guard(
            "ORN025",
            "Not better than chance.",
            f"{permuted.n_as_large} of {permuted.n_permutations} shuffled "
            "outcomes give an AUC as high as the cross-validated "
            f"{permuted.auc:.2f}, so p is {permuted.p_value:.2f}.",
        )


def _no_better(models: Models | Absent) -> Iterator[Guard]:
    """Say where a simpler model may do as well."""
    if isinstance(models, Absent):
        return
    if any(
        row.first == RADIOMICS and not row.shown_better for row in models.comparisons
    ):
        yield Guard("ORN026", "No more than a simple model.", models.verdict)


def _of_the_model(design: StudyDesign, results: Results) -> Iterator[Guard]:
    """Return the guards of a study that has a model."""
    if isinstance(results.model, Absent):
        return
    quote = "The validation part is the one to quote."
    if not design.has_split:
        quote = (
            "Nested cross-validation is the one to quote; the pooled predictions of "
            "the cross-validated part are of different models, so their AUC is a "
            "little low and its interval a little narrow."
        )
    yield Guard(
        "ORN014",
        "Training performance is apparent.",
        "The model is judged on the lesions it was fitted to, so every number "
        f"and curve for the training part is optimistic. {quote} The threshold "
        "was chosen on these lesions, so sensitivity and "
        "specificity flatter; the penalty draws the LASSO's score towards 0, so "
        "its calibration curve there tells of the penalty; and the decision curve "
        "shows more benefit than new patients would have.",
    )
    yield from _optimistic(results)
    yield from _shuffled(results.permuted)
    yield from _no_better(results.models)
    yield from _few_events(design, len(results.model.lasso.features))
    yield from _sample_size(results)


def _separated(results: Results) -> Iterator[Guard]:
    """Tell of simpler models whose coefficients have no finite value."""
    texts = () if isinstance(results.models, Absent) else results.models.separated
    yield from (Guard("ORN004", "Separated classes.", text) for text in texts)


def _failed_resamples(results: Results) -> Iterator[Guard]:
    """Tell of resamples without a model."""
    failures: dict[str, list[str]] = {}
    resampled = {"stability": results.stability, "optimism": results.optimism}
    for name, resampling in resampled.items():
        if isinstance(resampling, Absent):
            continue
        total = resampling.n_resamples + sum(resampling.failures.values())
        for reason, number in resampling.failures.items():
            text = f"{number} of {total} for {name}"
            failures.setdefault(reason, []).append(text)
    if not failures:
        return
    text = "; ".join(
        f"{reason} ({', '.join(where)})" for reason, where in failures.items()
    )
    yield Guard(
        "ORN012",
        "Resamples without a model.",
        f"They do not count, which flatters a little: {text}.",
    )


def telling_features(
    features: pd.DataFrame, design: StudyDesign
) -> list[tuple[str, float]]:
    """Return the features that tell the classes apart alone, with their AUC."""
    rows = design.training
    positive = design.y[rows] == 1
    values = features[rows].to_numpy(np.float64)
    finite = np.isfinite(values)
    ranks = rankdata(np.where(finite, values, np.nan), axis=0, nan_policy="omit")
    aucs = []
    for name, rank, there in zip(features, ranks.T, finite.T, strict=True):
        high = positive[there]
        n, n_high = len(high), int(high.sum())
        if 0 < n_high < n:
            wins = rank[there][high].sum() - n_high * (n_high + 1) / 2
            auc = float(wins / (n_high * (n - n_high)))
            aucs.append((str(name), max(auc, 1 - auc)))
    aucs = [(name, auc) for name, auc in aucs if auc > TELLING]
    return sorted(aucs, key=lambda pair: -pair[1])


def _of_the_features(features: pd.DataFrame, design: StudyDesign) -> Iterator[Guard]:
    telling = telling_features(features, design)
    if telling:
        shown = name_list(f"{name} ({auc:.3f})" for name, auc in telling)
        many = len(telling) > 1
        yield Guard(
            "ORN027",
            f"{counted(len(telling), 'feature')} that "
            f"{'tell' if many else 'tells'} the classes apart alone.",
            f"In training the AUC of {shown} is above {TELLING}, which texture "
            "hardly reaches. Look whether "
            f"{'they hold' if many else 'it holds'} the outcome in another form, "
            "the order of the table, or how the images of one class were made.",
        )
    left_out = features.attrs.get(LEFT_OUT)
    if left_out:
        yield Guard(
            "ORN028",
            "Columns left out.",
            "Columns of the table that were not taken for features: "
            f"{left_out_text(left_out)}.",
        )


def study_guards(
    design: StudyDesign,
    results: Results,
    *,
    features: pd.DataFrame | None = None,
    caught: Iterable[str] = (),
) -> Iterator[Guard]:
    """Yield the warnings of a study, the gravest first; `caught` are those of steps."""
    if results.synthetic:
        yield Guard(
            "ORN029",
            "Synthetic data.",
            "The cohort is labelled synthetic: it was made by a random number "
            "generator, and nothing here is a finding about patients.",
        )
    yield from _no_model(results)
    if features is not None:
        yield from of_repeated_lesions(features, design)
        yield from of_scaled_features(features, design)
        yield from _of_the_features(features, design)
    yield from _missing_parts(design, results)
    yield from confounded(results)
    yield from _of_the_model(design, results)
    yield from _repeated_patients(design, judged=bool(results.parts))
    yield from _small_cells(results.parts)
    yield from _separated(results)
    yield from _failed_resamples(results)
    for text, code in map(split_code, caught):
        if code not in SAID_ELSEWHERE:
            yield Guard(code, "From the run.", text)
