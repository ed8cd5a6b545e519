"""Errors and warnings of sklearn_orn, each a subclass of a built-in."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Self

from sklearn_orn._messages import hidden_text, parts_of, plain_text
from sklearn_orn._warning_codes import split_code

__all__ = [
    "CohortError",
    "LesionError",
    "ModelFileError",
    "NotEstimable",
    "StudyWarning",
]


class _ErrorOfParts(ValueError):
    """An error that knows its parts.

    Parameters
    ----------
    what : str, default=""
        What was found, and what to do. Parts that may name a person are marked.
    where : str, default=""
        The lesion or place, which stands before `what`.
    row : hashable, default=None
        Index label of the row of the table.

    Attributes
    ----------
    file : str or None
        The first file or folder that the message names.
    row : hashable or None
        Index label of the row of the table, where it is about one.
    what : str
        The message without the lesion or place in front of it.
    hidden : str
        The message without files, names of ROIs and cells of the table.
    """

    def __init__(
        self, what: str = "", *, where: str = "", row: Hashable = None
    ) -> None:
        self.marked = f"{where}: {what}" if where else what
        super().__init__(plain_text(self.marked))
        files = [part.text[1:-1] for part in parts_of(self.marked) if part.is_file]
        self.file = files[0] if files else None
        self.row = row
        self.what = plain_text(what)
        self.hidden = hidden_text(self.marked)

    def within(self, before: str, after: str = "") -> Self:
        """Return an error of the same kind whose message has more around it.

        Parameters
        ----------
        before, after : str
            What stands around the message.

        Returns
        -------
        CohortError or LesionError
            With the same row, and the parts of all three.
        """
        return type(self)(f"{before}{self.marked}{after}", row=self.row)


class CohortError(_ErrorOfParts):
    """A cohort table cannot be used as it stands.

    The message names the column or row, what was found there and what to do. Its
    attributes ``file``, ``row`` and ``what`` hold the parts; ``hidden`` is the message
    without the cells of the table.
    """


class LesionError(_ErrorOfParts):
    """One lesion cannot be read or measured.

    The message names the lesion and its file, what was found and what to do.
    One such lesion never stops a command that works on a table: it is listed,
    and the others go on. The attributes ``file``, ``row`` and ``what`` hold the parts;
    ``hidden`` is the message without paths, names of ROIs and UIDs.
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
    r"""A result is valid but weaker than it looks, for the reason given.

    Parameters
    ----------
    text : str
        The reason, and what to do about it.
    code : str, default=None
        Code of the kind of warning, such as ``"ORN001"``; the message ends with it.

    Notes
    -----
    The documentation has a page of the codes. To switch a kind off::

        warnings.filterwarnings("ignore", message=r".*\[ORN001\]")

    Examples
    --------
    >>> from sklearn_orn.exceptions import StudyWarning
    >>> warning = StudyWarning("The classes are separated.", "ORN004")
    >>> print(warning)
    The classes are separated. [ORN004]
    >>> warning.code
    'ORN004'
    """

    def __init__(self, text: str, code: str | None = None) -> None:
        super().__init__(text if code is None else f"{text} [{code}]")

    @property
    def code(self) -> str | None:
        """Code of the kind of warning."""
        return split_code(str(self))[1]
