"""What a study is asked to do: one frozen, checked set of settings."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sklearn_orn._block_names import LESION
from sklearn_orn._feature_settings import NORMALIZATIONS, Normalization
from sklearn_orn.cohort import Columns
from sklearn_orn.study._clinical_kinds import ClinicalKinds, checked_kinds
from sklearn_orn.study._clinical_rule import (
    ClinicalRule,
    ClinicalSelection,
    checked_selection,
    clinical_rule,
)
from sklearn_orn.study._config_checks import (
    check_centre,
    check_choice,
    check_flag,
    check_mapping,
    check_n_jobs,
    check_name,
    check_path,
    check_perturbed,
    checked_codes,
    checked_icc_threshold,
    checked_integer,
    checked_names,
    checked_patterns,
    checked_positive,
    checked_range,
    checked_regions,
    checked_share,
)

COLUMNS = ("outcome", "patient", "split", "date", "location", "size", "centre")
SHAREABLE = ("location", "size", "centre")
# What a header says of where an image was made, by its DICOM keyword.
HEADER_FIELDS = {
    "header station": "StationName",
    "header manufacturer": "Manufacturer",
    "header model": "ManufacturerModelName",
    "header field strength": "MagneticFieldStrength",
}
SCORE = "radiomics score"  # beside the clinical columns in the combined model
CHOICES = {
    "normalization": NORMALIZATIONS,
    "missing": ("impute", "indicator", "exclude"),
    "clinical_penalty": ("none", "firth"),
    "nomogram": ("radiomics", "combined"),
    "scores": ("fused", "separate"),
    "harmonise": ("none", "combat"),
}
LOWEST = {
    "cv": 2,
    "random_state": 0,
    "k": 1,
    "n_resamples": 2,
    "n_permutations": 1,
    "perturbed_outlines": 0,
}


def _check_columns_differ(config: StudyConfig) -> None:
    used: dict[str, str] = {}
    single = {name: getattr(config, name) for name in COLUMNS}
    named = [(name, column) for name, column in single.items() if column is not None]
    for name, column in [*named, *(("clinical", c) for c in config.clinical)]:
        # A site or a size may be a clinical column too; an outcome may not.
        if column in used and not {name, used[column]} <= {*SHAREABLE, "clinical"}:
            raise ValueError(
                f"{name} and {used[column]} both name the column {column!r}: "
                "each needs a column of its own."
            )
        used.setdefault(column, name)


def _check_cut(config: StudyConfig) -> None:
    if (config.date is None) != (config.cut is None):
        given, missing = ("date", "cut") if config.cut is None else ("cut", "date")
        raise ValueError(
            f"{given} is given without {missing}: a split by time needs the column of "
            "dates (date) and the first date of the validation part (cut)."
        )
    if config.date is not None and config.split is not None:
        raise ValueError(
            "split and date are both given: choose one of the two ways to split."
        )


def _check_joined(config: StudyConfig) -> None:
    joins = config.clinical or config.scores == "separate"
    if config.nomogram == "combined" and not joins:
        raise ValueError(
            "nomogram is 'combined', but no clinical columns are named: name them "
            "(clinical), or take nomogram: radiomics."
        )
    if config.scores == "separate" and config.harmonise != "none":
        raise ValueError(
            f"scores is 'separate' and harmonise {config.harmonise!r}: only the "
            "score of all features is harmonised. Take scores: fused, or "
            "harmonise: none."
        )


def _clinical(value: Sequence[str] | ClinicalKinds) -> tuple[str, ...] | ClinicalKinds:
    """Return the clinical columns, and what they are said to be, checked."""
    if isinstance(value, Mapping):
        clinical: tuple[str, ...] | ClinicalKinds = checked_kinds(value)
    else:
        clinical = checked_names("clinical", value)
    if SCORE in clinical:
        raise ValueError(
            f"clinical names the column {SCORE!r}, as the report calls the score of "
            "the texture features: give the column another name."
        )
    return clinical


@dataclass(frozen=True)
class StudyConfig:
    """The settings of one study, checked when they are made.

    Parameters
    ----------
    outcome : str
        Column of the cohort table that holds the outcome of each lesion.
    positive : str, int, float or None, default=None
        Label of the positive class, the one whose probability the model gives.
        May be left out only where the outcome is 0/1.
    patient : str or None, default=None
        Column that says whose lesion it is. A patient with several lesions never
        stands on both sides of a split. A study cannot run without it.
    split : str or None, default=None
        Column that holds ``training`` or ``validation``. There may be several
        validation parts, such as ``internal``, ``external A`` and ``external B``: the
        report judges them together and each by itself. Without it and without a
        `date`, the second part of the study is cross-validation of the whole table
        pipeline.
    date : str or None, default=None
        Column of dates or years, for a split by time.
    cut : str, int, float, date or None, default=None
        First date of the validation part.
    readers : list of str or None, default=None
        Readers whose outlines, or blocks of features, are used; None takes all that
        the table has, and asks where they are called like sequences or regions.
    sequences : list of str or None, default=None
        Sequences that are used, of a table with columns ``image_<sequence>``; None
        takes all.
    regions : list of str, default=("lesion",)
        What is measured of each outline: ``"lesion"``, ``"rim 3 mm outside"``,
        ``"rim 2 mm inside"`` (of any width) and ``"bounding context"``, see
        `sklearn_orn.images.Regions`, whose further parameters are set by `pipeline`,
        ``{"regions__air": "otsu"}``.
    perturbed_outlines : int, default=0
        Perturbed outlines of each lesion, on which features must agree too, see
        `sklearn_orn.images.OutlinePerturber`. 0 makes none; an ICC needs 2.
    features : mapping or None, default=None
        Which columns of a table of features are features: lists of patterns
        ``include`` and ``exclude``, such as ``{"exclude": ["*_shape_*"]}``.
    clinical : list of str, or mapping, default=()
        Columns of the clinical model. A list takes numbers as continuous and texts as
        categories. A mapping says what each is: ``continuous``, a straight line;
        ``{"kind": "continuous", "knots": 4}``, a restricted cubic spline of so many
        knots (3 to 7), or with those of a list; ``categorical``, or
        ``{"categorical": reference}``; ``{"ordinal": [levels in their order]}``, which
        counts as one number that rises by 1 with each level.
    clinical_selection : str or list of str, default="all"
        Clinical columns of the clinical and the combined model: ``"all"``; a list of
        names; ``"univariable p < 0.05"`` (any limit), those with such a p value in a
        model of their own, by patient; or ``"lasso"``, those that the LASSO of all of
        them keeps. The last two are made anew in each fold and resample, from the
        lesions that train there, and never concern the radiomics score.
    nomogram : {"radiomics", "combined"}, default="radiomics"
        Whether the report leads with the nomogram of the texture features, or with
        that of clinical columns and radiomics score, which needs clinical columns,
        or separate scores.
    scores : {"fused", "separate"}, default="fused"
        What of radiomics the combined model takes: the one score of the features of all
        sequences, or a score of each sequence, made of its features alone by the same
        steps and cross-fitted by patient. These it joins also without clinical columns.
    missing : {"impute", "indicator", "exclude"}, default="impute"
        What stands for a missing clinical value, or size, in the models of them: the
        median or most frequent category of the lesions that train; the same with a
        column that says where it was missing (of a category: a level of its own); or
        nothing, so that these lesions are left out of the comparison of models.
    clinical_penalty : {"none", "firth"}, default="none"
        Of the models of clinical columns and size: maximum likelihood, or Firth's
        penalty, which stays finite where a level holds lesions of one class only.
    location : str or None, default=None
        Column that says where a lesion lies, for its own table.
    size : str or None, default=None
        Column with the size of a lesion, for the simplest model; None takes the area
        inside the outlines.
    centre : str or None, default=None
        Column that says where a lesion was seen, or ``"header station"``, ``"header
        manufacturer"``, ``"header model"`` or ``"header field strength"`` of its
        image. Stations are numbered. The report then shows each centre, asks whether
        centre or protocol tell the class, and judges each centre by a model of the
        others.
    harmonise : {"none", "combat"}, default="none"
        Whether `ComBat` takes away what the centres add to the features, learnt in
        each fold from the lesions that train there. It needs `centre`.
    screening : mapping or None, default=None
        How the patients came into the table, for the flow chart: ``screened`` and
        ``excluded``, a list of ``reason``, ``patients`` and ``lesions``.
    cv : int, default=10
        Number of folds, by patient, of the LASSO's cross-validation, and of the
        study's own where there is no split.
    random_state : int, default=0
        Seed of every shuffle.
    n_jobs : int or None, default=None
        Workers that measure lesions; None is one, -1 all cores. No number
        depends on it.
    normalization : {"3sigma", "1-99", "1-99-below", "none"}, default="3sigma"
        Grey-level window of each region of interest.
    icc_threshold : float, default=0.75
        A feature is kept when its ICC between readers is above this.
    k : int, default=10
        Features chosen by each of the three criteria Fisher, POE+ACC and mutual
        information.
    pipeline : mapping, default={}
        Other parameters of the steps, in scikit-learn's spelling, such as
        ``{"nomogram__lambda_rule": "1se"}``.
    n_resamples : int, default=200
        Bootstrap resamples of patients for optimism and stability.
    n_permutations : int, default=100
        Shuffled outcomes.
    sensitivity : bool, default=True
        Whether to repeat the study with other grey-level settings.
    pooled_decision_curve : bool, default=False
        Whether to draw a decision curve of training and validation together, as the
        published study did. It mixes apparent and honest performance.
    threshold_range : list of two float or None, default=None
        Lowest and highest threshold probability that matter in the clinic, for the
        figure and the sentence on net benefit. None leaves out thresholds with fewer
        than 5 lesions on either side.
    prevalence : float or None, default=None
        Share of positives where the model is to be used, if it is not that of the
        lesions: for net benefit, predictive values and the calibration intercepts.
    ignore : list of str, default=()
        Codes of warnings that the report leaves out, such as ``["ORN017"]``; it lists
        the codes.
    exclusions : path or None, default=None
        CSV of decisions on lesions, ``lesion, decision, comment``, as the page of
        ``sklearn-orn montage --html`` saves it. Rejected lesions leave before anything
        is measured. In a study file the path starts at its folder.

    Raises
    ------
    TypeError, ValueError
        The message names the field.

    Examples
    --------
    >>> from sklearn_orn.study import StudyConfig
    >>> StudyConfig(outcome="grade", positive="high", patient="patient").cv
    10
    >>> StudyConfig(outcome="grade", cv=1)
    Traceback (most recent call last):
        ...
    ValueError: cv is 1: expected an integer, 2 or more.
    """

    outcome: str
    positive: str | int | float | None = None
    patient: str | None = None
    split: str | None = None
    date: str | None = None
    cut: object = None
    readers: Sequence[str] | None = None
    sequences: Sequence[str] | None = None
    regions: Sequence[str] = (LESION,)
    perturbed_outlines: int = 0
    features: Mapping[str, Sequence[str]] | None = None
    clinical: Sequence[str] | ClinicalKinds = ()
    clinical_selection: ClinicalSelection = "all"
    nomogram: Literal["radiomics", "combined"] = "radiomics"
    scores: Literal["fused", "separate"] = "fused"
    missing: Literal["impute", "indicator", "exclude"] = "impute"
    clinical_penalty: Literal["none", "firth"] = "none"
    location: str | None = None
    size: str | None = None
    centre: str | None = None
    harmonise: Literal["none", "combat"] = "none"
    screening: Mapping[str, object] | None = None
    cv: int = 10
    random_state: int = 0
    n_jobs: int | None = None
    normalization: Normalization = "3sigma"
    icc_threshold: float = 0.75
    k: int = 10
    pipeline: Mapping[str, object] = field(default_factory=dict)
    n_resamples: int = 200
    n_permutations: int = 100
    sensitivity: bool = True
    pooled_decision_curve: bool = False
    threshold_range: Sequence[float] | None = None
    prevalence: float | None = None
    ignore: Sequence[str] = ()
    exclusions: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        """Check every field; the message names the one that is wrong."""
        for name in COLUMNS:
            check_name(name, getattr(self, name), optional=name != "outcome")
        object.__setattr__(self, "clinical", _clinical(self.clinical))
        selection = checked_selection(self.clinical_selection, tuple(self.clinical))
        object.__setattr__(self, "clinical_selection", selection)
        for name in ("readers", "sequences"):
            if (given := getattr(self, name)) is not None:
                object.__setattr__(self, name, checked_names(name, given))
        object.__setattr__(self, "regions", checked_regions(self.regions))
        if self.features is not None:
            object.__setattr__(self, "features", checked_patterns(self.features))
        _check_columns_differ(self)
        _check_cut(self)
        object.__setattr__(self, "positive", checked_positive(self.positive))
        for name, low in LOWEST.items():
            number = checked_integer(name, getattr(self, name), low=low)
            object.__setattr__(self, name, number)
        check_n_jobs(self.n_jobs)
        threshold = checked_icc_threshold(self.icc_threshold)
        object.__setattr__(self, "icc_threshold", threshold)
        check_mapping("pipeline", self.pipeline)
        if self.screening is not None:
            check_mapping("screening", self.screening)
        check_flag("sensitivity", self.sensitivity)
        check_flag("pooled_decision_curve", self.pooled_decision_curve)
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        check_perturbed(self.perturbed_outlines)
        _check_joined(self)
        check_centre(self.centre, self.harmonise, self.nomogram, HEADER_FIELDS)
        if self.threshold_range is not None:
            limits = checked_range("threshold_range", self.threshold_range)
            object.__setattr__(self, "threshold_range", limits)
        share = checked_share("prevalence", self.prevalence)
        object.__setattr__(self, "prevalence", share)
        object.__setattr__(self, "ignore", checked_codes(self.ignore))
        check_path("exclusions", self.exclusions)

    @property
    def has_split(self) -> bool:
        """Whether lesions are held back for validation."""
        return self.split is not None or self.date is not None

    @property
    def columns(self) -> Columns:
        """What the columns of the cohort table mean."""
        names = (*COLUMNS, "positive", "cut")
        named = {name: getattr(self, name) for name in names}
        if self.centre_field is not None:
            named["centre"] = None
        return Columns(clinical=tuple(self.clinical), **named)

    @property
    def centre_field(self) -> str | None:
        """DICOM keyword of the centre, where the headers say it."""
        return None if self.centre is None else HEADER_FIELDS.get(self.centre)

    @property
    def clinical_kinds(self) -> ClinicalKinds:
        """What the clinical columns are said to be; empty where a list names them."""
        return self.clinical if isinstance(self.clinical, Mapping) else {}

    @property
    def clinical_rule(self) -> ClinicalRule:
        """How the clinical columns of a model are chosen."""
        return clinical_rule(self.clinical_selection)

    def as_dict(self) -> dict[str, object]:
        """Return the settings that a result depends on.

        Returns
        -------
        dict
            All but `n_jobs` and the path of `exclusions`, as plain data.
        """
        settings = dataclasses.asdict(self)
        del settings["n_jobs"], settings["exclusions"]
        if settings["cut"] is not None and not isinstance(settings["cut"], int | float):
            settings["cut"] = str(settings["cut"])
        return settings
