"""The nomogram: a linear model drawn as axes of points, as rms makes it."""

from sklearn_orn.model.nomogram._nomogram import Nomogram as Nomogram
from sklearn_orn.model.nomogram._nomogram import NomogramAxis as NomogramAxis
