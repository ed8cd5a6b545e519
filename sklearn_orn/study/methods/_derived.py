"""What the templates of the methods read: the sections, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache, partial

from sklearn_orn._block_names import IMAGE, LESION
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study.results import (
    Absent,
    BaselineTable,
    ClassCount,
    CohortCounts,
    FlowStage,
    Images,
    Part,
    ProtocolValue,
    Results,
    Settings,
)


@dataclass(frozen=True)
class ProtocolItem:
    """An item of the images' protocol: its known values, and of how many it is not."""

    name: str
    known: tuple[ProtocolValue, ...]
    n_unknown: int  # lesions

    @property
    def numbers(self) -> list[float]:
        """The values; none where one is no number."""
        try:
            return [float(row.value) for row in self.known]
        except ValueError:
            return []


def protocol_items(images: Images | Absent) -> list[ProtocolItem]:
    """Return the items of the protocol of which a value is known."""
    rows = () if isinstance(images, Absent) else images.protocol
    items = []
    for name in dict.fromkeys(row.item for row in rows):
        values = [row for row in rows if row.item == name]
        known = tuple(row for row in values if row.is_known)
        unknown = sum(row.n_lesions for row in values if not row.is_known)
        items.append(ProtocolItem(name, known, unknown))
    return [item for item in items if item.known]


def lesions_by_class(counts: Sequence[ClassCount], part: str | None) -> dict[str, int]:
    """Return the lesions of each class, of one part or of all."""
    totals: dict[str, int] = {}
    for row in counts:
        if part in (None, row.part):
            totals[row.label] = totals.get(row.label, 0) + row.n_lesions
    return totals


def excluded(stage: FlowStage) -> list[tuple[str, int]]:
    """Return how many were excluded for each reason, in the unit of the stage."""
    numbers = [
        (row.reason, row.lesions if stage.patients is None else row.patients)
        for row in stage.excluded
    ]
    return [(reason, n) for reason, n in numbers if n is not None]


@cache
def _defaults() -> dict[str, object]:
    from sklearn_orn.study._config import StudyConfig
    from sklearn_orn.study._pipeline import study_pipeline

    all_steps = StudyConfig(
        "outcome",
        regions=("context",),
        perturbed_outlines=2,
        centre="centre",
        harmonise="combat",
    )
    pipeline = study_pipeline(("1", "2"), all_steps)
    return dict(pipeline.get_params())


def parameters(config: Settings) -> dict[str, object]:
    """Return the parameters of the pipeline, as the study set them or by default."""
    own = {"normalizer__method": config.normalization, "extractor__bits": config.bits}
    known = {key: value for key, value in own.items() if value is not None}
    return _defaults() | plain_data(config.pipeline) | known


def families_measured(config: Settings) -> list[str]:
    """Return the families of features that were measured."""
    from sklearn_orn.texture.shared import FAMILIES

    named = parameters(config)["extractor__families"]
    return list(named) if isinstance(named, list) and named else list(FAMILIES)


def _block_parts(results: Results) -> tuple[list[str], list[str]]:
    """Return the sequences, and the regions unless it is the lesion alone."""
    rows = () if isinstance(results.blocks, Absent) else results.blocks.rows
    sequences = dict.fromkeys(row.sequence for row in rows if row.sequence != IMAGE)
    regions = dict.fromkeys(row.region for row in rows)
    return list(sequences), [] if list(regions) == [LESION] else list(regions)


def measured_each(results: Results) -> int | None:
    """Return how many features each sequence and region has in each lesion."""
    rows = () if isinstance(results.blocks, Absent) else results.blocks.rows
    steps = (row.n_features for row in results.features if row.step == "extractor")
    return next((n // (len(rows) or 1) for n in steps), None)


def _measured_of(results: Results) -> list[str]:
    """Return what features are measured of."""
    sequences, regions = _block_parts(results)
    parts = {"sequence": sequences, "region": regions, "reader": results.readers}
    return ["lesion", *(name for name, several in parts.items() if len(several) > 1)]


def family_counts(results: Results) -> dict[str, int]:
    """Return the features of each family; empty where they are not all known."""
    from sklearn_orn.texture.shared import family_names

    distances = parameters(results.config)["extractor__distances"]
    if results.source != "images" or not isinstance(distances, list | tuple):
        return {}
    families = families_measured(results.config)
    counts = {family: len(family_names(family, distances)) for family in families}
    return counts if sum(counts.values()) == measured_each(results) else {}


def families_by_bits(config: Settings) -> dict[int, list[str]]:
    """Return the families that are quantised, by their bits."""
    from sklearn_orn.texture.shared import DEFAULT_BITS

    given, families = parameters(config)["extractor__bits"], families_measured(config)
    bits = DEFAULT_BITS | (given if isinstance(given, dict) else {})
    found: dict[int, list[str]] = {}
    for family in bits:
        if family in families:
            found.setdefault(bits[family], []).append(family)
    return found


def baseline_tests(baseline: BaselineTable | Absent) -> list[str]:
    """Return the names of the tests of the baseline table, in order."""
    if isinstance(baseline, Absent):
        return []
    tables = [*baseline.by_class.values(), baseline.by_part or ()]
    return list(dict.fromkeys(row.test for rows in tables for row in rows if row.test))


def _decision_range(part: Part | None, config: Settings) -> tuple[float, float] | None:
    cuts = part.decision_curve.threshold if part else ()
    return (config.threshold_range or (cuts[0], cuts[-1])) if cuts else None


def variables(results: Results) -> dict[str, object]:
    """Return what the templates read, by name: each section, None if it is absent."""
    sections = {field.name: getattr(results, field.name) for field in fields(results)}
    config, parts, size = results.config, results.parts, results.sample_size
    training = next((part for part in parts if part.part == "training"), None)
    second = next((part for part in parts if part.part != "training"), None)
    held_out = second is not None and second.part == "validation"
    left = dict.fromkeys(("extractor", "icc_perturbed", "icc", "fcm", "nomogram"))
    sequences, regions = _block_parts(results)
    riley = () if isinstance(size, Absent) else size.riley
    counted: list[CohortCounts | Part] = [results.cohort, *parts]
    return {
        **{k: None if isinstance(v, Absent) else v for k, v in sections.items()},
        "product": results.product,  # the combined model, where the file holds it
        "negative": results.classes[0],
        "positive": results.classes[1],
        "from_images": results.source == "images",
        "training": training,
        "second": second,  # what stands against training
        "held_out": held_out,
        "cross_validated": second is not None and not held_out,
        "temporal": held_out and config.date is not None,
        "clustered": any(part.n_lesions > part.n_patients for part in counted),
        "left": left | {row.step: row.n_features for row in results.features},
        "parameters": parameters(config),
        "lesions_by_class": partial(lesions_by_class, results.cohort.counts),
        "excluded": excluded,
        "left_out_in_flow": any(
            excluded(stage) and stage.name != "Screened"
            for stage in results.flow.stages
        ),
        "protocol": protocol_items(results.images)
        if results.source == "images"
        else [],
        "sequences": sequences,
        "regions": regions,
        "measured_each": measured_each(results),
        "measured_of": _measured_of(results),
        "families": family_counts(results),
        "families_by_bits": families_by_bits(config),
        "baseline_tests": baseline_tests(results.baseline),
        "decision_range": _decision_range(second or training, config),
        "riley": sorted(riley, key=lambda row: -row.n),  # the most demanding first
    }
