"""How many patients such a model needs."""

from collections.abc import Mapping

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import CandidatesOf, Results, RileySize, SampleSize

EXPECTED_NAGELKERKE = 0.15  # Riley's advice where nothing is known
COUNTED: dict[str, CandidatesOf] = {
    "extractor": "measured",
    "icc": "reproducible",
    "fcm": "seen by the LASSO",
}


def of_this_study(study: Study, results: Results) -> SampleSize:
    """Count the candidates after each step, and hold training against them."""
    candidates = {
        COUNTED[row.step]: row.n_features
        for row in results.features
        if row.step in COUNTED and row.n_features
    }
    return sample_size(study.design, candidates)


def sample_size(
    design: StudyDesign, candidates: Mapping[CandidatesOf, int]
) -> SampleSize:
    """Hold the training part against Riley's criteria, for each number of candidates.

    Patients are counted: lesions of one are not independent.
    """
    from sklearn_orn.metrics import expected_shrinkage, minimum_sample_size

    rows = design.training
    y = design.y[rows]
    if len(set(y)) < 2:
        raise NotEstimable("The lesions that train are not of both classes.")
    patients = len(set(design.patient[rows]))
    prevalence = float(y.mean())
    sizes = []
    for where, number in candidates.items():
        needed = minimum_sample_size(
            n_candidates=number,
            prevalence=prevalence,
            r2_nagelkerke=EXPECTED_NAGELKERKE,
        )
        shrinkage = expected_shrinkage(patients, number, needed.r2_cox_snell)
        size = needed._asdict()
        sizes.append(
            RileySize(
                candidates_of=where,
                n_candidates=number,
                shrinkage=shrinkage,
                n_events=size.pop("events"),
                **size,
            )
        )
    fewer = int(y.sum() * 2 <= len(y))
    return SampleSize(
        n_patients=patients,
        n_lesions=len(y),
        smaller_class=design.classes[fewer],
        n_event_patients=len(set(design.patient[rows & (design.y == fewer)])),
        n_event_lesions=int((y == fewer).sum()),
        prevalence=prevalence,
        n_candidates=sizes[-1].n_candidates,
        r2_nagelkerke=EXPECTED_NAGELKERKE,
        riley=tuple(sizes),
    )


def sample_size_table(results: Results) -> b.Table:
    """Return Riley's criteria."""
    found = s.needed(results.sample_size)
    rows = [
        [
            f"{row.n_candidates} ({row.candidates_of})",
            *map(str, (row.n_shrinkage, row.n_optimism, row.n_risk, row.n)),
            decimal(row.shrinkage),
        ]
        for row in found.riley
    ]
    heads = ("Shrinkage 0.9", "Optimism 0.05", "Overall risk ± 0.05", "Minimum")
    return b.Table(
        "Patients that a model of this many candidates needs",
        (*b.texts("Candidate features"), *b.numbers(*heads, "Shrinkage expected here")),
        rows,
        f"Riley’s criteria for Nagelkerke’s R² {found.r2_nagelkerke:g}, their advice "
        f"where nothing is known; training has {found.n_patients} patients. Features "
        "seen by the LASSO were chosen by the outcome: their number flatters.",
    )


SECTION = b.section(
    b.Heading("Sample size"),
    b.TableBlock("sample-size", sample_size_table, places=("sample_size",)),
    b.Absence("Sample size", lambda results: results.sample_size),
    analyses=(b.Analysis("sample_size", of_this_study),),
)
