"""How a model file holds one kind of step."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sklearn.base import BaseEstimator

from sklearn_orn._io.codec import JsonObject, Kind
from sklearn_orn._io.kinds import array, whole


class StepSpec(NamedTuple):
    """A step's class, its settings and what it learnt.

    Settings that are not named (workers, caches) have no word in the file. `read` gives
    fitted values that are no attributes. `finish` completes and checks the rebuilt
    step; it raises ModelFileError. `later` has what files lack that are older than a
    name, and what it was then.
    """

    make: type
    params: Mapping[str, Kind]
    fitted: Mapping[str, Kind] = {}
    finish: Callable[[BaseEstimator, str], None] = lambda step, where: None
    read: Callable[[BaseEstimator], JsonObject] = lambda step: {}
    later: Mapping[str, JsonObject] = {}


SEEN: dict[str, Kind] = {
    "n_features_in_": whole(1, 10**6),  # a row of zeros of them is made
    "feature_names_in_": array("object", "p") | None,
}
