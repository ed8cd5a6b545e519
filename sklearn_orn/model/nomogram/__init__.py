"""The nomogram: a linear model drawn as axes of points, as rms makes it."""

from sklearn_orn.model.nomogram._points import Nomogram as Nomogram
from sklearn_orn.model.nomogram._points import NomogramAxis as NomogramAxis
