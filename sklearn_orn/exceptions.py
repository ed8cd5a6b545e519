"""Errors and warnings of sklearn_orn, each a subclass of a built-in."""

__all__ = [
    "CohortError",
    "LesionError",
    "ModelFileError",
    "NotEstimable",
    "StudyWarning",
]


class CohortError(ValueError):
    """A cohort table cannot be used as it stands.

    The message names the column or row, what was found there and what to do.
    """


class LesionError(ValueError):
    """One lesion cannot be read or measured.

    The message names the lesion and its file, what was found and what to do.
    One such lesion never stops a command that works on a table: it is listed,
    and the others go on.
    """


class ModelFileError(ValueError):
    """A model file cannot be used, or a model cannot be written to one.

    The message names the place in the file or the step, what was found there and
    what is expected.
    """


class NotEstimable(ValueError):
    """What is asked for does not exist on these data, for the reason given.

    Too few patients, one class only, no feature that varies: nothing is wrong with
    the call or the program. It is raised where the reason is known, and the message is
    that reason, a sentence for the reader of a report.

    Parameters
    ----------
    reason : str
        What is lacking, and what to do about it.

    See Also
    --------
    sklearn_orn.resampling.optimism : Counts resamples that cannot be fitted.

    Notes
    -----
    A report shows the sentence in place of the result, and resampling counts the
    resamples that raise it. Every other error ends the run: a step of one's own that
    cannot learn from some resamples raises this one.

    Examples
    --------
    >>> from sklearn_orn.exceptions import NotEstimable
    >>> from sklearn_orn.metrics import roc_auc_ci
    >>> try:
    ...     roc_auc_ci([1, 1, 1], [0.2, 0.4, 0.9])
    ... except NotEstimable as reason:
    ...     print(reason)
    y_true holds one class only (1): both classes are needed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class StudyWarning(UserWarning):
    """A result is valid but weaker than it looks, for the reason given."""
