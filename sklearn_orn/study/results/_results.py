"""All numbers of a study, and the file that holds them."""

from dataclasses import field, fields, replace
from typing import Literal, get_type_hints

from sklearn_orn._io.codec import decode
from sklearn_orn._io.json_head import head
from sklearn_orn.study._json_csv import JsonObject, plain_data
from sklearn_orn.study.results._centres import ByCentre, Centres
from sklearn_orn.study.results._clinical import ClinicalSelection
from sklearn_orn.study.results._cohort import (
    Absent,
    BaselineTable,
    CohortCounts,
    Flow,
    Guard,
    Images,
    Inspection,
    LesionLeftOut,
    Settings,
)
from sklearn_orn.study.results._combined import Combined
from sklearn_orn.study.results._comparisons import (
    Models,
    ModelsInstability,
    ReaderSwap,
    Sensitivity,
)
from sklearn_orn.study.results._model import (
    Agreement,
    Blocks,
    FeatureStep,
    Imputed,
    Model,
    Scores,
    ScoreTest,
    Selection,
)
from sklearn_orn.study.results._performance import Part, SampleSize, ValidationParts
from sklearn_orn.study.results._readers import (
    AgreementGroups,
    Outlines,
    Perturbation,
    ThirdReader,
)
from sklearn_orn.study.results._record import Record
from sklearn_orn.study.results._resampling import Nested, Optimism, Permuted, Stability
from sklearn_orn.study.results._schema import json_schema
from sklearn_orn.study.results._subgroups import Subgroups

FORMAT, VERSION = "sklearn-orn-results", 5
HEAD = head(FORMAT, VERSION) | {"title": "sklearn_orn study"}


def since(version: int) -> Absent:
    """Return the default of a section that files before a version do not have."""
    reason = "It was not computed by the version that ran this study."
    return field(default=Absent(reason), metadata={"since": version})


class Results(Record, kw_only=True):
    """Every number of a study's report; `plain` is what ``results.json`` holds."""

    synthetic: bool
    source: Literal["images", "features"]
    config: Settings
    labels: tuple[str, str]
    classes: tuple[str, str]  # as the report calls them: negative, positive
    readers: tuple[str, ...]
    cohort: CohortCounts
    left_out: tuple[LesionLeftOut, ...]
    versions: dict[str, str]  # of the programs that the numbers depend on
    flow: Flow
    baseline: BaselineTable | Absent
    locations: BaselineTable | Absent
    images: Images | Absent
    agreement: Agreement | Absent
    features: tuple[FeatureStep, ...]
    selection: Selection
    parts: tuple[Part, ...]  # training, and what stands against it; none: no model
    imputed: Imputed | Absent
    model: Model | Absent
    scores: Scores | Absent
    score_by_class: tuple[ScoreTest, ...]
    stability: Stability | Absent
    optimism: Optimism | Absent
    nested: Nested | Absent
    permuted: Permuted | Absent
    reader_swap: ReaderSwap | Absent
    sensitivity: Sensitivity | Absent
    models: Models | Absent
    sample_size: SampleSize | Absent
    warnings: tuple[Guard, ...]
    combined: Combined | Absent = since(5)
    models_instability: ModelsInstability | Absent = since(5)
    clinical_selection: ClinicalSelection | Absent = since(5)
    perturbed_agreement: Agreement | Absent = since(5)
    blocks: Blocks | Absent = since(5)
    outlines: Outlines | Absent = since(5)
    agreement_groups: AgreementGroups | Absent = since(5)
    perturbation: Perturbation | Absent = since(5)
    third_reader: ThirdReader | Absent = since(5)
    inspection: Inspection | Absent = since(5)
    centres: Centres | Absent = since(5)
    by_centre: ByCentre | Absent = since(5)
    validation_parts: ValidationParts | Absent = since(5)
    subgroups: Subgroups | Absent = since(5)

    @property
    def product(self) -> Combined | None:
        """The combined model, where it is what the model file holds."""
        found = self.combined
        if isinstance(found, Absent) or found.separated:
            return None
        return found if self.config.nomogram == "combined" else None

    def plain(self) -> JsonObject:
        """Return plain data, with the file's format and version at the head."""
        return {**HEAD, **plain_data(self)}

    @classmethod
    def from_plain(cls, data: JsonObject) -> "Results":
        """Return the results that plain data hold; `UnexpectedData` names the place."""
        body = {k: v for k, v in data.items() if k not in HEAD}
        results: Results = decode(cls, body)
        return results

    def with_section(self, name: str, data: object) -> "Results":
        """Return the results with another section, of plain data."""
        return replace(self, **{name: decode(get_type_hints(Results)[name], data)})


SECTIONS = {f.name: int(f.metadata.get("since", 3)) for f in fields(Results)}


def results_schema() -> JsonObject:
    """Return the JSON Schema of ``results.json``."""
    return json_schema(Results, HEAD)
