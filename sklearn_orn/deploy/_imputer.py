"""Model files: scikit-learn's SimpleImputer."""

import numpy as np
from sklearn.impute import SimpleImputer

from sklearn_orn._io.json_fields import array, flag, number, optional, refuse, text
from sklearn_orn.deploy._specs import SEEN, StepSpec
from sklearn_orn.deploy._step_state import decode_step, encode_step, with_names

IMPUTER = StepSpec(
    SimpleImputer,
    {
        "missing_values": number(),
        "strategy": text("mean", "median", "most_frequent", "constant"),
        "fill_value": optional(number()),
        "keep_empty_features": flag,
    },
    SEEN | {"statistics_": array("float")},
    {"feature_names_in_": ("p",), "statistics_": ("p",)},
)


def encode_imputer(step: SimpleImputer, name: str) -> dict[str, object]:
    """Return a fitted imputer as JSON data; refuse by name what it cannot be."""
    numeric = np.asarray(step.statistics_).dtype.kind in "fiu"
    if step.add_indicator or not numeric or not isinstance(step.missing_values, float):
        raise TypeError(
            f"Step {name!r}: a model file holds a SimpleImputer of numbers, with NaN "
            "for the missing ones and without add_indicator."
        )
    return encode_step(step, IMPUTER)


def decode_imputer(content: dict[str, object], where: str) -> SimpleImputer:
    """Rebuild a fitted imputer from what `encode_imputer` returned."""
    parts = decode_step(content, IMPUTER, where)
    if not np.isnan(parts.missing_values):
        raise refuse(f"{where}.params.missing_values", parts.missing_values, "null")
    # Fitted on one row of its own values an imputer learns these values again, and
    # whatever else this version of scikit-learn keeps beside them.
    row = with_names(parts.statistics_[None], parts)
    imputer = SimpleImputer(**parts.get_params()).fit(row)
    imputer.statistics_ = parts.statistics_
    return imputer
