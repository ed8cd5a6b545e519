"""What the templates of the checklists ask of a run beyond a single attribute."""

from collections.abc import Iterable

from sklearn_orn.study._combined_formula import (
    formula_text,
    sequence_formulas,
    spline_sentences,
)
from sklearn_orn.study._written_numbers import (
    PART_TITLES,
    PROPORTION_ROWS,
    HasLimits,
    decimal,
    limits,
    p_value,
    proportion_text,
    significant,
)
from sklearn_orn.study.methods._derived import family_counts, lesions_by_class
from sklearn_orn.study.methods._words import NO_BREAK, count, join_words
from sklearn_orn.study.results import (
    Absent,
    Auc,
    BaselineRow,
    Measure,
    ModelAuc,
    Nested,
    Part,
    ReaderAuc,
    Results,
    Subgroup,
)

PART_NAMES = PART_TITLES | {"cross-validation": "Cross-validation"}


def sentences(*texts: str) -> str:
    """Join sentences, those that are empty left out."""
    return " ".join(text for text in texts if text)


def why(section: object) -> str:
    """Return ``: `` and why a section is absent; empty where nobody says."""
    reason = section.absent if isinstance(section, Absent) else ""
    reason = reason.strip().rstrip(".")
    return f": {reason}" if reason else ""


def known_values(r: Results, *items: str) -> set[str]:
    """Return the values of items of the images' protocol."""
    if isinstance(r.images, Absent):
        return set()
    rows = r.images.protocol
    return {row.value for row in rows if row.item in items and row.is_known}


def size_text(r: Results) -> str:
    """Return how many lesions and patients had the event, of how many."""
    size = r.sample_size
    if isinstance(size, Absent):
        return ""
    per = ""
    if size.n_candidates:
        ratio = decimal(size.n_event_patients / size.n_candidates, 1)
        per = f" ({ratio} patients for each of the {size.n_candidates} candidates)"
    name = f", {size.smaller_class}," if size.smaller_class else ""
    return (
        f"Training had {counts(size.n_lesions, size.n_patients)}; the smaller class"
        f"{name} had {counts(size.n_event_lesions, size.n_event_patients)}{per}."
    )


def counts(n_lesions: int, n_patients: int) -> str:
    """Return ``95 lesions of 46 patients``."""
    return f"{count(n_lesions, 'lesion')} of {count(n_patients, 'patient')}"


def class_shares(r: Results) -> list[str]:
    """Return the lesions of each class in each part."""
    words = []
    for judged in r.parts:
        lesions = lesions_by_class(r.cohort.counts, judged.part)
        if lesions:
            classes = join_words([f"{n:,} {label}" for label, n in lesions.items()])
            words.append(f"{judged.part}: {classes}")
    return words


def positive_shares(r: Results) -> str:
    """Return the share of positive lesions in each part."""
    return sentences(
        *(
            f"{PART_NAMES[p.part]}: {p.n_positive} of {p.n_lesions} lesions are "
            f"{r.classes[1]} ({decimal(100 * p.n_positive / p.n_lesions, 1)} %)."
            for p in r.parts
            if p.n_lesions
        )
    )


def stages(r: Results) -> list[str]:
    """Return the stages of the flow chart that count lesions or patients."""
    words = []
    for stage in r.flow.stages:
        known = {"lesion": stage.lesions, "patient": stage.patients}
        units = [count(n, unit) for unit, n in known.items() if n is not None]
        if units:
            words.append(f"{stage.name}: {join_words(units)}")
    return words


def variables(rows: Iterable[BaselineRow]) -> list[str]:
    """Return the characteristics in rows of the baseline table, each once."""
    return list(dict.fromkeys(row.variable for row in rows if row.kind != "count"))


def by_part(r: Results) -> tuple[BaselineRow, ...]:
    """Return the rows of the baseline table that compare the parts."""
    return () if isinstance(r.baseline, Absent) else r.baseline.by_part or ()


def differing(r: Results) -> list[str]:
    """Return the characteristics whose parts differ at p below 0.05, with their p."""
    found = {
        row.variable: f"{row.variable} (p {p_value(row.p_value)})"
        for row in by_part(r)
        if row.p_value is not None and row.p_value < 0.05
    }
    return list(found.values())


def characteristics(r: Results) -> list[str]:
    """Return the characteristics that compare the classes, part by part."""
    if isinstance(r.baseline, Absent):
        return []
    return [
        f"{name}: {', '.join(variables(rows))}"
        for name, rows in r.baseline.by_class.items()
        if variables(rows)
    ]


def auc_text(row: Auc | Nested | ModelAuc | ReaderAuc) -> str:
    """Return an AUC with its interval."""
    return with_interval(row.auc, row)


def with_interval(value: float | None, row: HasLimits) -> str:
    """Return a value with its 95 % confidence limits, where it has them."""
    if row.lower is None or row.upper is None:
        return decimal(value)
    return f"{decimal(value)} (95{NO_BREAK}% CI {limits(row)})"


def part_text(judged: Part) -> str:
    """Return all measures of a part in one sentence."""
    words = [f"AUC {auc_text(judged.auc)}"]
    for key, name in PROPORTION_ROWS:
        share = getattr(judged.performance, key)
        if share.estimate is not None:
            text = proportion_text(share.count, share.total, share.estimate)
            words.append(f"{name.lower()} {text}")
    if judged.n_lesions:
        commoner = max(judged.n_positive, judged.n_lesions - judged.n_positive)
        rate = decimal(100 * commoner / judged.n_lesions, 1)
        words.append(f"no-information rate {rate} %")
    return f"{PART_NAMES[judged.part]}: {', '.join(words)}."


def performance_text(r: Results) -> str:
    """Return the measures of all parts and ways, what may be quoted first."""
    texts = {p.part: part_text(p) for p in r.parts}
    resampled = [nested_text(r), plus_632_text(r)]
    folds, training = texts.get("cross-validation", ""), texts.get("training", "")
    return sentences(texts.get("validation", ""), *resampled, folds, training)


def _auc_of_resamples(r: Results) -> Measure | None:
    measures = () if isinstance(r.optimism, Absent) else r.optimism.measures
    return next((row for row in measures if row.key == "auc"), None)


def plus_632_text(r: Results) -> str:
    """Return the .632+ estimate of the AUC."""
    auc = _auc_of_resamples(r)
    if auc is None or auc.plus_632 is None:
        return ""
    return f".632+ bootstrap: AUC {decimal(auc.plus_632)}."


def harrell_text(r: Results) -> str:
    """Return Harrell's corrected AUC, and that it is too high after selection."""
    auc = _auc_of_resamples(r)
    if auc is None or auc.corrected is None:
        return ""
    return (
        f"Harrell's corrected AUC, as rms gives it: {decimal(auc.corrected)}, which "
        "stays too high where features were selected from many."
    )


def nested_text(r: Results) -> str:
    """Return the AUC of nested cross-validation."""
    if isinstance(r.nested, Absent) or r.nested.auc is None:
        return ""
    return f"Nested cross-validation by patient: AUC {auc_text(r.nested)}."


def calibration_text(r: Results) -> str:
    """Return slope, calibration in the large and Brier score of all parts."""
    return sentences(
        *(
            f"{PART_NAMES[p.part]}: calibration slope {decimal(p.calibration.slope)}, "
            "calibration in the large "
            f"{decimal(p.calibration.calibration_in_the_large)}, Brier score "
            f"{decimal(p.calibration.brier, 3)}."
            for p in r.parts
        )
    )


def models_text(r: Results) -> str:
    """Return the AUCs of the models that were compared, and the tests."""
    if isinstance(r.models, Absent) or len(r.models.rows) < 2:
        return ""
    words = [f"{row.name} {auc_text(row)}" for row in r.models.rows]
    compared = [
        f"{row.first} against {row.second}: difference "
        f"{with_interval(row.difference, row)}, p {p_value(row.p_value)}"
        for row in r.models.comparisons
    ]
    tests = f"{'; '.join(compared)}." if compared else ""
    return sentences(f"AUC: {join_words(words)}.", tests, r.models.verdict)


def steps_text(r: Results) -> str:
    """Return how many features stay at each step."""
    words = [f"{row.n_features} {row.name.lower()}" for row in r.features]
    return f"Features: {', '.join(words)}." if words else ""


def by_sequence(r: Results) -> str:
    """Return how many features of the score are of each sequence."""
    rows = () if isinstance(r.blocks, Absent) else r.blocks.rows
    n_of: dict[str, int] = {}
    for row in rows:
        n_of[row.sequence] = n_of.get(row.sequence, 0) + row.n_in_score
    words = [f"{n} of {name}" for name, n in n_of.items()]
    return f"Features in the score: {join_words(words)}." if words else ""


def has_interval(r: Results) -> bool:
    """Return whether the AUC of any part has an interval."""
    return any(None not in (p.auc.lower, p.auc.upper) for p in r.parts)


def readers_alone(r: Results) -> list[str]:
    """Return the AUC on the outlines of each reader."""
    rows = () if isinstance(r.reader_swap, Absent) else r.reader_swap.rows
    return [
        f"{row.reader} AUC {auc_text(row)}" for row in rows if row.reader in r.readers
    ]


def tested_without_radiomics(r: Results) -> bool:
    """Return whether a model without radiomics was compared by a test."""
    rows = () if isinstance(r.models, Absent) else r.models.comparisons
    return any(row.second in ("clinical", "lesion size") for row in rows)


def combined_formula(r: Results) -> str:
    """Return the formula of the combined model, with what its terms are."""
    if r.product is None:
        return ""
    return sentences(f"{formula_text(r.product)}.", *spline_sentences(r.product))


def image_types(r: Results) -> list[str]:
    """Return the images that features were measured on."""
    sizes = family_counts(r)
    words = ["the original image"]
    if n := sizes.get("gradient"):
        words.append(f"the map of its gradient ({n} features)")
    if n := sizes.get("wavelet"):
        words.append(f"its Haar wavelet transform at up to five scales ({n} features)")
    return words


# What the data files may name.
def grouped_by(r: Results, *kinds: str) -> list[str]:
    """Return by what the model was judged in groups, of some kinds."""
    if isinstance(r.subgroups, Absent):
        return []
    return [kind for kind in kinds if any(row.by == kind for row in r.subgroups.rows)]


def groups_text(r: Results) -> str:
    """Return how good the model is in each group, and which are too small."""
    if isinstance(r.subgroups, Absent):
        return ""
    rows = r.subgroups.rows
    told = [f"{row.by} {row.name} ({_group(row)})" for row in rows]
    few = sum(row.few for row in rows)
    small = (
        f" {count(few, 'group')} of {len(rows)} "
        f"{'has' if few == 1 else 'have'} fewer than 10 patients of a class."
    )
    return f"In groups: {join_words(told)}." + (small if few else "")


def _group(row: Subgroup) -> str:
    patients = count(row.n_patients, "patient")
    auc = row.auc
    if auc.estimate is None:
        return f"{patients}, no AUC"
    return f"{patients}, AUC {with_interval(auc.estimate, auc)}"


WORDS: dict[str, object] = {"part_names": PART_NAMES} | {
    function.__name__: function
    for function in (
        *(
            auc_text,
            groups_text,
            grouped_by,
            by_part,
            by_sequence,
            calibration_text,
            characteristics,
            class_shares,
        ),
        *(combined_formula, count),
        *(counts, decimal, differing, harrell_text, has_interval),
        *(image_types, known_values, models_text, nested_text, p_value),
        *(performance_text, positive_shares, readers_alone, significant, size_text),
        *(
            sequence_formulas,
            stages,
            steps_text,
            tested_without_radiomics,
            variables,
            why,
        ),
    )
}
