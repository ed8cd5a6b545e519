"""The centres: who was seen where, and whether centre, class and features mix."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._records import rows_of
from sklearn_orn.study._written_numbers import decimal, p_value
from sklearn_orn.study.baseline._centre_rows import centre_rows
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._images import PROTOCOL, protocol_rows
from sklearn_orn.study.results import (
    Absent,
    CentreCount,
    Centres,
    Confounding,
    ProtocolValue,
    Recognised,
    Results,
)

NO_CENTRE = "No centre is named."
FOLDS = 5


def centres_of(study: Study, results: Results) -> Centres:
    """Describe each centre, and ask what tells what."""
    centres = study.centres
    if centres is None:
        raise NotEstimable(NO_CENTRE)
    names = tuple(sorted(set(centres)))
    return Centres(
        names=names,
        counts=_counts(study, centres),
        characteristics=centre_rows(
            study.cohort.table, study.design, list(study.config.clinical), centres
        ),
        protocol=_protocol_by_centre(study.protocol, centres),
        confounding=Confounding(
            class_from_centre=_or_absent(lambda: _class_from_centre(study, centres)),
            class_from_protocol=_or_absent(
                lambda: class_from_protocol(study, study.protocol)
            ),
            centre_from_features=_or_absent(
                lambda: _centre_from_features(study, centres)
            ),
        ),
    )


def _or_absent(test: Callable[[], Recognised]) -> Recognised | Absent:
    try:
        return test()
    except NotEstimable as error:
        return Absent(str(error))


def _counts(study: Study, centres: np.ndarray) -> tuple[CentreCount, ...]:
    design = study.design
    every = np.ones(len(design.y), dtype=bool)
    parts = {"all": every}
    if design.has_split:
        parts = {"training": design.training, "validation": ~design.training}
    return tuple(
        CentreCount(
            centre=name,
            part=part,  # type: ignore[arg-type]
            n_lesions=int(here.sum()),
            n_patients=len(set(design.patient[here])),
            n_positive=int(design.y[here].sum()),
        )
        for name in sorted(set(centres))
        for part, rows in parts.items()
        for here in [rows & (centres == name)]
    )


def _protocol_by_centre(
    protocol: pd.DataFrame | None, centres: np.ndarray
) -> dict[str, tuple[ProtocolValue, ...]]:
    from sklearn_orn.images import protocol_summary

    if protocol is None:
        return {}
    return {
        name: rows_of(ProtocolValue, protocol_summary(protocol[centres == name]))
        for name in sorted(set(centres))
    }


def _class_from_centre(study: Study, centres: np.ndarray) -> Recognised:
    from sklearn_orn.resampling import batch_predicts_class

    found = batch_predicts_class(
        study.design.y,
        centres,
        groups=study.design.patient,
        cv=FOLDS,
        n_permutations=study.config.n_permutations,
        random_state=study.config.random_state,
    )
    return Recognised(found.auc, found.p_value, len(found.null), {})


def class_from_protocol(study: Study, protocol: pd.DataFrame | None) -> Recognised:
    """Cross-validate a model that knows the protocol alone."""
    from sklearn_orn.resampling import permuted_outcome

    if protocol is None:
        raise NotEstimable("The features were given: nothing is known of images.")
    varying = protocol.loc[:, protocol.nunique(dropna=False) > 1]
    if varying.empty:
        raise NotEstimable("All images have the same protocol.")
    found = permuted_outcome(
        make_pipeline(
            SimpleImputer(strategy="median", keep_empty_features=True),
            StandardScaler(),
            LogisticRegression(),
        ),
        pd.get_dummies(varying, dummy_na=True, dtype=float),
        study.design.y,
        groups=study.design.patient,
        cv=FOLDS,
        n_permutations=study.config.n_permutations,
        random_state=study.config.random_state,
    )
    return Recognised(found.auc, found.p_value, len(found.null), {})


def _centre_from_features(study: Study, centres: np.ndarray) -> Recognised:
    from sklearn_orn.resampling import features_predict_batch

    found = features_predict_batch(
        _over_readers(study.drawn),
        centres,
        groups=study.design.patient,
        cv=FOLDS,
        n_permutations=study.config.n_permutations,
        random_state=study.config.random_state,
    )
    of = {str(name): float(auc) for name, auc in found.by_batch.items()}
    return Recognised(found.auc, found.p_value, len(found.null), of)


def _over_readers(features: pd.DataFrame) -> pd.DataFrame:
    """Average over the readers present: who read twice would tell the centre."""
    from sklearn_orn._block_names import region_of

    names = [str(name).partition(SEPARATOR) for name in features]
    own = [
        f"{region_of(block)}{SEPARATOR}{rest}" if mark else block
        for block, mark, rest in names
    ]
    return features.T.groupby(own, sort=False).mean().T


def counts_table(results: Results) -> b.Table:
    """Count lesions and patients of each centre."""
    found = s.needed(results.centres)
    rows = [
        [
            row.centre,
            row.part.capitalize(),
            str(row.n_lesions),
            str(row.n_patients),
            f"{row.n_positive} ({s.per_cent(row.n_positive / row.n_lesions)})"
            if row.n_lesions
            else "0",
        ]
        for row in found.counts
    ]
    heads = ("Lesions", "Patients", results.classes[1])
    return b.Table("Centres", (*b.texts("Centre", "Part"), *b.numbers(*heads)), rows)


def characteristics_table(results: Results) -> b.Table:
    """Return Table 1 by centre."""
    found = s.needed(results.centres)
    rows = [
        [
            f"\N{EM SPACE}{row.level}"
            if row.level is not None
            else f"{row.variable} ({row.unit}s)",
            *(row.cells[name] for name in found.names),
        ]
        for row in found.characteristics
    ]
    return b.Table(
        "Characteristics by centre",
        (*b.texts(""), *b.numbers(*found.names)),
        rows,
        "Numbers: median [quartiles]. Percentages are of the known values. Centres are "
        "described and not tested.",
    )


def protocol_table(results: Results) -> b.Table:
    """Return the protocol of the images of each centre."""
    found = s.needed(results.centres)
    if not found.protocol:
        raise NotEstimable("The features were given, not measured here.")
    of = {name: dict(protocol_rows(found.protocol[name])) for name in found.names}
    rows = [
        [item, *(of[name].get(item, "") for name in found.names)]
        for item in PROTOCOL.values()
        if any(item in values for values in of.values())
    ]
    return b.Table(
        "Protocol of the images by centre",
        b.texts("Item", *found.names),
        rows,
        "From their headers; lesions in brackets.",
    )


QUESTIONS = {
    "class_from_centre": "The class from the centre alone",
    "class_from_protocol": "The class from the protocol alone",
    "centre_from_features": "The centre from the features",
}


def confounding_table(results: Results) -> b.Table:
    """Return what tells what, in cross-validation by patient."""
    found = s.needed(results.centres).confounding
    rows = []
    for name, question in QUESTIONS.items():
        told = getattr(found, name)
        if isinstance(told, Absent):
            rows.append([question, "", "", told.absent])
            continue
        of = "; ".join(f"{c} {decimal(auc)}" for c, auc in told.of.items())
        rows.append([question, decimal(told.auc), p_value(told.p_value), of])
    return b.Table(
        "What centre, protocol and features tell",
        (*b.texts("What is told"), *b.numbers("AUC", "p"), *b.texts("Of each centre")),
        rows,
        f"Mean AUC over {FOLDS} folds of patients; 0.5 is chance. p by permutation "
        "among patients. Centres are told apart one against the others, by a ridge "
        "classifier of all features that were measured; that they are not told does "
        "not show that the centres measure alike.",
    )


def centres_sentence(results: Results) -> Iterator[str]:
    """Say where the centres come from, and what was done about them."""
    if isinstance(results.centres, Absent):
        return
    source = results.config.centre or ""
    of_header = source.startswith("header ")
    where = f"the {source.removeprefix('header ')} in the headers of its images"
    told = where if of_header else f"the column “{source}”"
    text = f"The centre of each lesion is told by {told}."
    if results.config.harmonise == "combat":
        text += (
            " ComBat takes away what the centres add to the features, learnt anew from "
            "the lesions that train in each fold and resample; the class is not used."
        )
    yield text


SECTION = b.section(
    b.Heading("Centres", s.has("centres")),
    b.Text(centres_sentence),
    b.TableBlock("centres", counts_table),
    b.TableBlock("centres-characteristics", characteristics_table, layout="wide"),
    b.TableBlock("centres-protocol", protocol_table, layout="wide"),
    b.TableBlock("confounding", confounding_table),
    b.Absence("Centres", lambda r: r.config.centre and r.centres),
    analyses=(b.Analysis("centres", centres_of),),
)
