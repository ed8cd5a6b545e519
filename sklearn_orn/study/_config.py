"""What a study is asked to do: one frozen, checked set of settings."""

import dataclasses
from dataclasses import dataclass
from numbers import Integral, Real

NORMALIZATIONS = ("3sigma", "1-99", "none")


def _check_name(field: str, value: object, *, optional: bool) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str):
        expected = "the name of a column"
        raise TypeError(
            f"{field} is {value!r}: expected {expected}, a str"
            f"{' or None' if optional else ''}."
        )
    if not value.strip():
        raise ValueError(f"{field} is empty: expected the name of a column.")


def _check_integer(field: str, value: object, *, low: int) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{field} is {value!r}: expected an integer, {low} or more.")
    if value < low:
        raise ValueError(f"{field} is {value}: expected an integer, {low} or more.")


def _check_positive(value: object) -> None:
    if value is not None and not isinstance(value, str | Integral | Real):
        raise TypeError(
            f"positive is {value!r}: expected the label of the positive class as it "
            "stands in the outcome column, a str or a number, or None for 0/1."
        )


def _check_n_jobs(value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"n_jobs is {value!r}: expected an integer or None.")
    if value == 0:
        raise ValueError(
            "n_jobs is 0: expected 1 or more workers, -1 for all cores, or None for 1."
        )


def _check_threshold(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"icc_threshold is {value!r}: expected a number from 0 to 1.")
    if not 0 <= float(value) <= 1:  # NaN is not
        raise ValueError(f"icc_threshold is {value}: expected a number from 0 to 1.")


def _check_columns_differ(config: "StudyConfig") -> None:
    used: dict[str, str] = {}
    for field in ("outcome", "patient", "split"):
        column = getattr(config, field)
        if column is None:
            continue
        if column in used:
            raise ValueError(
                f"{field} and {used[column]} both name the column {column!r}: "
                "each needs a column of its own."
            )
        used[column] = field


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
        Column that holds ``training`` or ``validation``. Without it the second
        part of the study is cross-validation of the whole table pipeline.
    cv : int, default=10
        Number of folds, by patient, of the LASSO's cross-validation, and of the
        study's own where there is no `split`.
    random_state : int, default=0
        Seed of every shuffle.
    n_jobs : int or None, default=None
        Workers that measure lesions; None is one, -1 all cores. No number
        depends on it.
    normalization : {"3sigma", "1-99", "none"}, default="3sigma"
        Grey-level window of each region of interest.
    icc_threshold : float, default=0.75
        A feature is kept when its ICC between readers is above this.
    k : int, default=10
        Features chosen by each of the three criteria Fisher, POE+ACC and mutual
        information.

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
    cv: int = 10
    random_state: int = 0
    n_jobs: int | None = None
    normalization: str = "3sigma"
    icc_threshold: float = 0.75
    k: int = 10

    def __post_init__(self) -> None:
        """Check every field; the message names the one that is wrong."""
        _check_name("outcome", self.outcome, optional=False)
        _check_name("patient", self.patient, optional=True)
        _check_name("split", self.split, optional=True)
        _check_columns_differ(self)
        _check_positive(self.positive)
        _check_integer("cv", self.cv, low=2)
        _check_integer("random_state", self.random_state, low=0)
        _check_integer("k", self.k, low=1)
        _check_n_jobs(self.n_jobs)
        _check_threshold(self.icc_threshold)
        if self.normalization not in NORMALIZATIONS:
            raise ValueError(
                f"normalization is {self.normalization!r}: expected one of "
                f"{', '.join(map(repr, NORMALIZATIONS))}."
            )

    def as_dict(self) -> dict[str, object]:
        """Return the settings that a result depends on (all but `n_jobs`)."""
        settings = dataclasses.asdict(self)
        del settings["n_jobs"]
        return settings
