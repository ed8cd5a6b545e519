"""What steps from lesions to lesions have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from sklearn_orn._documented import Documented
from sklearn_orn.images._mapped_lesion import MappedLesion
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._sequence import LesionSequence, as_lesions


class ImageStep(  # type: ignore[call-arg]
    TransformerMixin, Documented, BaseEstimator, auto_wrap_output_keys=None
):
    """Base of stateless steps that pass every region through a function.

    A subclass has parameters, and a method that makes the function of them:
    ``_region_function`` checks the parameters and returns it. What the function returns
    is checked where it returns it.

    See Also
    --------
    sklearn_orn.testing.check_image_step : Checks a step of one's own.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import numpy as np
    >>> from sklearn_orn.images import ImageStep
    >>> def invert(region):
    ...     return replace(region, image=region.image.max() - region.image)
    >>> class Inverter(ImageStep):
    ...     def _region_function(self):
    ...         return invert
    >>> image = np.arange(4).reshape(2, 2)
    >>> lesions = Inverter().fit_transform([(image, image > 0)])
    >>> lesions[0].read()[""].image.tolist()
    [[3, 2], [1, 0]]

    A step that is broken says at which lesion:

    >>> class Unfinished(ImageStep):
    ...     def _region_function(self):
    ...         return lambda region: replace(region, window=(200, 100))
    >>> Unfinished().transform([(image, image > 0)])[0].read()
    Traceback (most recent call last):
    ...
    sklearn_orn.exceptions.LesionError: lesion (row 0), after Unfinished: the window
    that it returned is (200, 100); expected None, or two finite grey levels ...
    """

    _texts = """
X : DataFrame of paths, sequence of Lesion or of (image, mask) pairs
    One row per lesion.
y : None
    Ignored.
"""

    # What comes out for a lesion depends on that lesion alone: resampling runs such
    # steps once.
    row_wise = True

    def __init_subclass__(cls, **kwargs: object) -> None:
        # Lesions are no table: no setting of the session may make one of them.
        super().__init_subclass__(**kwargs | {"auto_wrap_output_keys": None})

    @abstractmethod
    def _region_function(self) -> Callable[..., object]:
        """Check the parameters and return the function; it must pickle."""

    def _new_spacing(self) -> tuple[float, float] | None:
        """Return the pixel spacing that the function gives, where it changes it."""
        return None

    def _lesion_function(self) -> Callable[[ReadableLesion], MappedLesion]:
        """Return what makes a lesion that passes the function when it is read."""
        function, spacing = self._region_function(), self._new_spacing()
        step = type(self).__name__
        return lambda lesion: MappedLesion(lesion, function, spacing, step)

    def fit(self, X: object, y: object = None) -> Self:
        """Check the parameters; nothing is learnt."""
        self._region_function()
        as_lesions(X)
        return self

    def transform(self, X: object) -> LesionSequence:
        """Pass the lesions through the step, each when it is read.

        Returns
        -------
        LesionSequence
            The lesions, with the index of X.
        """
        made = self._lesion_function()
        lesions = as_lesions(X)
        return LesionSequence(map(made, lesions), lesions.index)

    def set_output(self, *, transform: str | None = None) -> Self:
        """Do nothing: lesions are no table.

        Parameters
        ----------
        transform : str, default=None
            Ignored.

        Returns
        -------
        ImageStep
            The step itself.
        """
        return self

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> np.ndarray:
        """Return the names passed in: the columns of X stay what they are.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of X.

        Returns
        -------
        ndarray of str
            `input_features`, or ``["lesion"]`` without any.
        """
        names = ["lesion"] if input_features is None else input_features
        return np.asarray(names, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        return tags
