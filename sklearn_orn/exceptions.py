"""Errors and warnings of sklearn_orn, each a subclass of a built-in."""

__all__ = ["CohortError", "LesionError", "ModelFileError", "StudyWarning"]


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


class StudyWarning(UserWarning):
    """A result is valid but weaker than it looks, for the reason given."""
