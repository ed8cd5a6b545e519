"""What the templates of the checklists ask of a run beyond a single attribute."""

from collections.abc import Iterable
from functools import cache

from sklearn_orn.study._numbers import (
    PART_TITLES,
    HasLimits,
    decimal,
    limits,
    p_value,
    proportion_text,
    significant,
)
from sklearn_orn.study.methods._facts import (
    NARROW,
    Facts,
    count,
    join_words,
    sentences,
)
from sklearn_orn.study.methods._phrases_data import FAMILY_WORDS, family_counts
from sklearn_orn.study.results import (
    Absent,
    Auc,
    BaselineRow,
    Measure,
    ModelAuc,
    Nested,
    Part,
    PartJudged,
    ReaderAuc,
    Results,
)

PART_NAMES = PART_TITLES | {"cross-validation": "Cross-validation"}
SHARES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "accuracy": "accuracy",
    "ppv": "positive predictive value",
    "npv": "negative predictive value",
}


def present(section: object) -> bool:
    """Return whether the study has a section."""
    return not isinstance(section, Absent)


def why(section: object) -> str:
    """Return ``: `` and why a section is absent; empty where nobody says."""
    reason = section.absent if isinstance(section, Absent) else ""
    reason = reason.strip().rstrip(".")
    return f": {reason}" if reason else ""


def part(r: Results, *names: PartJudged) -> Part | None:
    """Return the first part of these names that was judged."""
    return next((p for p in r.parts if p.part in names), None)


def second(r: Results) -> Part | None:
    """Return the part that stands against training."""
    return part(r, "validation", "cross-validation")


def held_out(r: Results) -> bool:
    """Return whether lesions were held back for validation."""
    return (judged := second(r)) is not None and judged.part == "validation"


def in_folds(r: Results) -> bool:
    """Return whether cross-validation judged the model, with nothing held back."""
    return second(r) is not None and not held_out(r)


def by_date(r: Results) -> bool:
    """Return whether a date parts training from validation."""
    return held_out(r) and r.config.date is not None


def clustered(r: Results) -> bool:
    """Return whether some patient has several lesions."""
    return any(c.n_lesions > c.n_patients > 0 for c in (r.cohort, *r.parts))


def left_by(r: Results, step: str) -> int | None:
    """Return how many features a step of the pipeline leaves."""
    return next((row.n_features for row in r.features if row.step == step), None)


@cache
def _defaults() -> dict[str, object]:
    from sklearn_orn.study._config import StudyConfig
    from sklearn_orn.study._pipeline import study_pipeline

    return dict(study_pipeline(("1", "2"), StudyConfig(outcome="o")).get_params())


def parameter(r: Results, name: str) -> object:
    """Return a parameter of the pipeline as the study set it, or its default."""
    return r.config.pipeline.get(name, _defaults().get(name))


def known_values(r: Results, *items: str) -> set[str]:
    """Return the values of items of the images' protocol."""
    if isinstance(r.images, Absent):
        return set()
    found = {row.value for row in r.images.protocol if row.item in items}
    return found - {"missing"}


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
        totals: dict[str, int] = {}
        for row in r.cohort.counts:
            if row.part == judged.part:
                totals[row.label] = totals.get(row.label, 0) + row.n_lesions
        if totals:
            classes = join_words([f"{n:,} {label}" for label, n in totals.items()])
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
    return with_limits(row.auc, row)


def with_limits(value: float | None, row: HasLimits) -> str:
    """Return a value with its 95 % confidence limits, where it has them."""
    if row.lower is None or row.upper is None:
        return decimal(value)
    return f"{decimal(value)} (95{NARROW}% CI {limits(row)})"


def part_text(judged: Part) -> str:
    """Return all measures of a part in one sentence."""
    words = [f"AUC {auc_text(judged.auc)}"]
    for key, name in SHARES.items():
        share = getattr(judged.performance, key)
        if share.estimate is not None:
            text = proportion_text(share.count, share.total, share.estimate)
            words.append(f"{name} {text}")
    if judged.n_lesions:
        commoner = max(judged.n_positive, judged.n_lesions - judged.n_positive)
        rate = decimal(100 * commoner / judged.n_lesions, 1)
        words.append(f"no-information rate {rate} %")
    return f"{PART_NAMES[judged.part]}: {', '.join(words)}."


def performance_text(r: Results) -> str:
    """Return the measures of all parts and ways, what may be quoted first."""
    judged, training = second(r), part(r, "training")
    texts = [part_text(p) if p else "" for p in (judged, training)]
    resampled = [nested_text(r), plus_632_text(r)]
    if held_out(r):
        return sentences(texts[0], *resampled, texts[1])
    return sentences(*resampled, *texts)


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
        f"{with_limits(row.difference, row)}, p {p_value(row.p_value)}"
        for row in r.models.comparisons
    ]
    tests = f"{'; '.join(compared)}." if compared else ""
    return sentences(f"AUC: {join_words(words)}.", tests, r.models.verdict)


def steps_text(r: Results) -> str:
    """Return how many features stay at each step."""
    words = [f"{row.n_features} {row.name.lower()}" for row in r.features]
    return f"Features: {', '.join(words)}." if words else ""


def has_interval(r: Results) -> bool:
    """Return whether the AUC of any part has an interval."""
    return any(None not in (p.auc.lower, p.auc.upper) for p in r.parts)


def readers_alone(r: Results) -> list[str]:
    """Return the AUC on the outlines of each reader."""
    rows = () if isinstance(r.reader_swap, Absent) else r.reader_swap.rows
    return [f"{row.reader} AUC {auc_text(row)}" for row in rows if row.reader in r.readers]


def tested_without_radiomics(r: Results) -> bool:
    """Return whether a model without radiomics was compared by a test."""
    rows = () if isinstance(r.models, Absent) else r.models.comparisons
    return any(row.second in ("clinical", "lesion size") for row in rows)


def family_sizes(r: Results) -> dict[str, int]:
    """Return the features of each family; empty where they are not all known."""
    return family_counts(Facts(r.plain()))


def image_types(r: Results) -> list[str]:
    """Return the images that features were measured on."""
    sizes = family_sizes(r)
    words = ["the original image"]
    if n := sizes.get("gradient"):
        words.append(f"the map of its gradient ({n} features)")
    if n := sizes.get("wavelet"):
        words.append(f"its Haar wavelet transform at up to five scales ({n} features)")
    return words


def feature_classes(r: Results) -> list[str]:
    """Return the classes of features, with how many are of each."""
    return [f"{n} {FAMILY_WORDS[family]}" for family, n in family_sizes(r).items()]


# What the data files may name.
WORDS: dict[str, object] = {"part_names": PART_NAMES} | {
    function.__name__: function
    for function in (
        *(auc_text, by_date, by_part, calibration_text, characteristics, class_shares),
        *(clustered, count, counts, decimal, differing, family_sizes, feature_classes),
        *(harrell_text, has_interval, held_out, image_types, in_folds, known_values),
        *(left_by, models_text, nested_text, p_value, parameter, performance_text),
        *(positive_shares, readers_alone, second, significant, size_text, stages),
        *(steps_text, tested_without_radiomics, variables, why),
    )
}
