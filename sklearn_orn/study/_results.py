"""The numbers of a study, gathered from the fitted steps into plain data."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from sklearn_orn._io.codec import JsonObject
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.model import NomogramClassifier
from sklearn_orn.selection import ICCFilter
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._evaluation import Predictions, predict_part, score_refit
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._records import columns_of, rows_of
from sklearn_orn.study.results import (
    Absent,
    Agreement,
    ChosenFeature,
    ClassCount,
    ClassScore,
    CohortCounts,
    FeatureAgreement,
    FeatureStep,
    FilledFeature,
    Imputed,
    Lasso,
    Model,
    PartName,
    Scores,
    ScoreTest,
    Settings,
    Term,
    WorkedLesion,
)


def cohort_counts(design: StudyDesign) -> tuple[ClassCount, ...]:
    """Count lesions and patients of each class within each part."""
    parts: list[tuple[PartName, np.ndarray]] = [("all", design.training)]
    if design.has_split:
        parts = [("training", design.training), ("validation", ~design.training)]
    counts = []
    for part, rows in parts:
        for value in (1, 0):
            here = rows & (design.y == value)
            counts.append(
                ClassCount(
                    part=part,
                    label=design.classes[value],
                    positive=value == 1,
                    n_lesions=int(here.sum()),
                    n_patients=len(set(design.patient[here])),
                    share=float(here.sum() / rows.sum()) if rows.any() else None,
                )
            )
    return tuple(counts)


def feature_steps(
    n_measured: int,
    readers: Sequence[str],
    config: StudyConfig,
    *,
    icc: ICCFilter | None = None,
    perturbed: ICCFilter | None = None,
    pipeline: Pipeline | None = None,
) -> tuple[FeatureStep, ...]:
    """Count the features that are left after each step."""
    of = f" by each of {len(readers)} readers" if len(readers) > 1 else ""
    rows = [FeatureStep("extractor", "Measured", n_measured, f"in each lesion{of}")]
    virtual = f"{config.perturbed_outlines} perturbed outlines of each lesion"
    if perturbed is not None:
        how = f"{perturbed.form} above {perturbed.threshold:g} of {virtual}"
        kept = int(perturbed.get_support().sum())
        rows.append(FeatureStep("icc_perturbed", "Stable outlines", kept, how))
    if icc is not None:
        whose = f"in {icc.n_lesions_} lesions drawn by all readers; their mean goes on"
        if "perturbed" in icc.judged_by_:
            whose = f"of {virtual}; what was drawn goes on"
        how = f"{icc.form} above {icc.threshold:g} {whose}"
        kept = int(icc.get_support().sum())
        rows.append(FeatureStep("icc", "Reproducible", kept, how))
    if pipeline is not None:
        nomogram = pipeline[-1]
        how = f"{config.k} each by Fisher coefficient, POE+ACC and mutual information"
        kept = len(nomogram.selected_features_)
        rows += [
            FeatureStep("fcm", "Chosen", len(nomogram.feature_names_in_), how),
            FeatureStep(
                "nomogram",
                "In the score",
                kept,
                "coefficient left nonzero by the LASSO",
            ),
        ]
    return tuple(rows)


def distinct_values(column: pd.Series) -> tuple[float, ...] | None:
    """Return the values of a column where they are few: the nomogram's ticks."""
    from sklearn_orn.model.shared import MAX_DISCRETE

    values = np.unique(column)
    few = len(values) <= min(MAX_DISCRETE, len(column) / 2)
    return tuple(values.tolist()) if few else None


def score_terms(nomogram: NomogramClassifier, chosen: pd.DataFrame) -> tuple[Term, ...]:
    """Return the features of the score, those that weigh most in training first."""
    coefficients = pd.Series(nomogram.coef_[0], index=chosen.columns)
    kept = coefficients[coefficients != 0]
    table = chosen[kept.index]
    sd = table.std(ddof=0)
    order = (kept * sd).abs().sort_values(ascending=False, kind="stable").index
    return tuple(
        Term(
            feature=str(name),
            coefficient=float(kept[name]),
            per_sd=float(kept[name] * sd[name]),
            mean=float(table[name].mean()),
            sd=float(sd[name]),
            minimum=float(table[name].min()),
            maximum=float(table[name].max()),
            values=distinct_values(table[name]),
        )
        for name in order
    )


def lasso_path(nomogram: NomogramClassifier, chosen: pd.DataFrame) -> Lasso:
    """Return how the LASSO came to its penalty and coefficients."""
    return Lasso(
        lambda_chosen=float(nomogram.lambda_),
        lambda_min=float(nomogram.lambda_min_),
        lambda_1se=float(nomogram.lambda_1se_),
        lambdas=tuple(nomogram.lambdas_.tolist()),
        deviance_mean=tuple(nomogram.cv_score_mean_.tolist()),
        deviance_se=tuple(nomogram.cv_score_se_.tolist()),
        n_nonzero=tuple(nomogram.n_nonzero_.tolist()),
        features=tuple(map(str, chosen.columns)),
        sd=tuple(chosen.std(ddof=0).tolist()),
        coefficient_path=tuple(map(tuple, nomogram.coef_path_.tolist())),
        intercept_path=tuple(nomogram.intercept_path_.tolist()),
    )


def icc_numbers(icc: ICCFilter) -> tuple[FeatureAgreement, ...]:
    """Return the agreement of the readers on each feature."""
    columns = (
        icc.features_,
        icc.icc_,
        icc.icc_lower_,
        icc.icc_upper_,
        icc.get_support(),
        icc.reasons_,
    )
    objects = (np.asarray(column, dtype=object) for column in columns)
    return tuple(FeatureAgreement(*row) for row in zip(*objects, strict=True))


def agreement_numbers(icc: ICCFilter) -> Agreement:
    """Return the agreement of the readers in short."""
    defined = icc.icc_[~np.isnan(icc.icc_)]
    return Agreement(
        form=icc.form,
        median_icc=float(np.median(defined)) if len(defined) else None,
        n_kept=int(icc.get_support().sum()),
        n_features=len(icc.icc_),
        n_lesions=int(icc.n_lesions_),
        interval_unit=icc.interval_unit_,
        judged_by="perturbed outlines" if "perturbed" in icc.judged_by_ else "readers",
    )


def imputed_cells(
    imputer: SimpleImputer,
    table: pd.DataFrame,
    training: np.ndarray,
    selected: Sequence[str],
) -> Imputed:
    """Count the cells that the imputer filled, `selected` features first."""
    missing = table.isna()
    medians = dict(zip(table.columns, imputer.statistics_, strict=True))
    concerned = [name for name in table.columns if missing[name].any()]
    concerned.sort(key=lambda name: name not in selected)
    return Imputed(
        n_filled=int(missing.to_numpy().sum()),
        n_cells=int(missing.size),
        features=tuple(
            FilledFeature(
                feature=str(name),
                n_training=int(missing.loc[training, name].sum()),
                n_validation=int(missing.loc[~training, name].sum()),
                median=float(medians[name]),
                in_score=name in selected,
            )
            for name in concerned
        ),
    )


@cache
def _installed(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def software_versions() -> dict[str, str]:
    """Return the versions of the programs that the numbers depend on."""
    import sklearn_orn

    packages = ("scikit-learn", "numpy", "scipy", "pandas", "numba", "pydicom")
    return {
        "sklearn_orn": sklearn_orn.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        **{name: _installed(name) for name in packages},
    }


def settings_in_effect(
    config: StudyConfig, readers: Sequence[str], *, from_images: bool
) -> Settings:
    """Return the settings as they took effect."""
    from sklearn_orn.texture.shared import DEFAULT_BITS

    settings: JsonObject = config.as_dict() | {"bits": None}
    settings["clinical"] = tuple(config.clinical)
    settings["clinical_kinds"] = dict(config.clinical_kinds)
    if from_images:
        own = study_pipeline(readers, config)["extractor"].bits
        settings["bits"] = dict(DEFAULT_BITS) | dict(own or {})
    else:
        settings["normalization"] = None
    return Settings(**settings)


def measured_counts(design: StudyDesign) -> CohortCounts:
    """Count the lesions measured, and their patients."""
    patients = len(set(design.patient))
    return CohortCounts(len(design.y), patients, cohort_counts(design))


def part_scores(parts: Sequence[Predictions]) -> Scores:
    """Return what the model says of each lesion of each part, as columns."""
    tables = [
        pd.DataFrame(
            {
                "lesion": part.design.lesion,
                "patient": part.design.patient,
                "part": part.part,
                "y": part.design.y,
                "score": part.score,
                "probability": part.proba,
                "predicted": part.predicted,
            }
        )
        for part in parts
    ]
    return columns_of(Scores, pd.concat(tables))


def class_tests(parts: Sequence[Predictions]) -> tuple[ScoreTest, ...]:
    """Compare the score of the classes within each part."""
    from sklearn_orn.metrics import score_by_class

    rows = []
    for part in parts:
        # Scores of different folds are on different scales.
        in_folds = part.fold is not None
        score = part.proba if in_folds else part.score
        result = score_by_class(part.design.y, score, groups=part.design.patient)
        classes = result.table.rename(columns={"n": "n_lesions"}).rename_axis("label")
        rows.append(
            ScoreTest(
                part=part.part,
                scale="probability" if in_folds else "score",
                test=result.test,
                statistic=result.statistic,
                p_value=result.p_value,
                classes=rows_of(ClassScore, classes.reset_index()),
            )
        )
    return tuple(rows)


def worked_lesion(
    part: Predictions, chosen: pd.DataFrame, selected: Sequence[str]
) -> WorkedLesion:
    """Return the lesion with the median score of a part, for the nomogram."""
    row = int(np.argsort(part.score, kind="stable")[(len(part.score) - 1) // 2])
    return WorkedLesion(
        lesion=part.design.lesion[row],
        part=part.part,
        values={name: float(chosen.iloc[row][name]) for name in selected},
        score=float(part.score[row]),
        probability=float(part.proba[row]),
    )


@dataclass(frozen=True)
class Found:
    """What the fitted steps know, and what they say of each lesion."""

    imputed: Imputed | Absent
    model: Model | Absent
    scores: Scores | Absent
    chosen: tuple[ChosenFeature, ...] = ()
    score_by_class: tuple[ScoreTest, ...] = ()


def model_results(
    pipeline: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    parts: Sequence[Predictions],
    judged: pd.DataFrame,
) -> Found:
    """Collect what the fitted steps know, and what they say of each lesion.

    `judged` are the features of the last part.
    """
    rows = design.training
    at_imputer = list(pipeline.named_steps).index("imputer")
    before = pipeline[:at_imputer]
    imputed = before.transform(features) if len(before) else features
    nomogram = pipeline[-1]
    selected = [str(name) for name in nomogram.selected_features_]
    trained_on = pipeline[:-1].transform(features[rows])
    chosen = pipeline[:-1].transform(judged)
    # In cross-validation the nomogram drawn is that of all lesions.
    last = predict_part(pipeline, judged, parts[-1].design, parts[-1].part)
    return Found(
        chosen=tuple(
            ChosenFeature(str(name), tuple(criteria))
            for name, criteria in pipeline.named_steps["fcm"].selected_by_.items()
        ),
        imputed=imputed_cells(pipeline.named_steps["imputer"], imputed, rows, selected),
        model=Model(
            intercept=float(nomogram.intercept_[0]),
            threshold=float(nomogram.threshold_),
            coefficients=score_terms(nomogram, trained_on),
            lasso=lasso_path(nomogram, trained_on),
            score_refit=score_refit(parts[0]),
            worked=worked_lesion(last, chosen, selected),
        ),
        scores=part_scores(parts),
        score_by_class=class_tests(parts),
    )
