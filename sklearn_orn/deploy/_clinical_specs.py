"""What a model file holds of the steps for clinical columns."""

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn_orn._io import kinds as k
from sklearn_orn._io.codec import JsonObject, Kind, Rule
from sklearn_orn._validation import with_names
from sklearn_orn.deploy._step_spec import SEEN, StepSpec
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.model import RestrictedCubicSpline
from sklearn_orn.model.shared import level_table


def _unless_nan(value: object) -> object:
    """Write null for NaN; anything else, None too, is left to be refused."""
    return None if isinstance(value, float) and np.isnan(value) else value


_INTEGER = k.whole(-k.EXACT)
_NOTHING = k.ruled(Rule("null", lambda data: data is None))
_GIVEN = Rule(plain=lambda value: value if isinstance(value, str | None) else "given")
_ENCODER: dict[str, Kind] = {
    "categories": Annotated[Literal["auto", "given"], _GIVEN],
    "dtype": Annotated[
        Literal["float64", "float32", "int64", "int32"],
        Rule(
            make=lambda name: np.dtype(name).type,
            plain=lambda value: np.dtype(value).name,
        ),
    ],
    "min_frequency": _NOTHING,
    "max_categories": _NOTHING,
}
_ENCODED = SEEN | {"categories_": k.list_of(k.LEVELS)}


def _finish_encoder(step: OneHotEncoder | OrdinalEncoder, where: str) -> None:
    """Let an encoder learn from its levels what scikit-learn keeps beside them."""
    levels = step.categories_
    if len(levels) != step.n_features_in_:
        raise ModelFileError(
            f"{where}.categories_ has the length {len(levels)}; expected "
            f"{step.n_features_in_}."
        )
    given, step.categories = step.categories, levels
    dropped = getattr(step, "drop_idx_", None)
    try:
        if getattr(step, "drop", None) == "given":
            step.drop = [of[k] for of, k in zip(levels, dropped or (), strict=True)]
        if getattr(step, "handle_unknown", "") == "use_encoded_value":
            none = step.unknown_value is None
            step.unknown_value = np.nan if none else step.unknown_value
        step.fit(level_table(step))
    except (IndexError, TypeError, ValueError) as error:
        raise ModelFileError(f"{where}: {error}") from None
    if isinstance(step, OneHotEncoder):
        learnt = None if step.drop_idx_ is None else step.drop_idx_.tolist()
        if learnt != dropped:
            raise ModelFileError(
                f"{where}.drop_idx_ is {dropped}; expected {learnt}, as drop="
                f"{step.drop!r} says."
            )
    step.categories_ = levels
    step.categories = "auto" if given == "auto" else levels


def _read_imputer(step: SimpleImputer) -> JsonObject:
    values = np.asarray(step.statistics_)
    if step.missing_values is None:
        raise TypeError("A model file holds a SimpleImputer with NaN for the missing.")
    return {
        "statistics_": {"object": _cells(values)}
        if step._fit_dtype.kind == "O"
        else values,
        "indicator_": step.indicator_.features_ if step.add_indicator else None,
    }


def _cells(values: np.ndarray) -> list[float | str | None]:
    cells = [None if pd.isna(cell) else cell for cell in values.tolist()]
    strange = [c for c in cells if c is not None and type(c) not in (str, int, float)]
    if strange:
        raise TypeError(
            f"A SimpleImputer fills in {strange[0]!r}: a model file holds numbers and "
            "texts."
        )
    return cells


def _finish_imputer(step: SimpleImputer, where: str) -> None:
    """Let an imputer learn what this version of scikit-learn keeps beside its values.

    Fitted on rows of its own values it learns these values again.
    """
    values, columns = step.statistics_, getattr(step, "indicator_", None)
    if isinstance(values, Mapping):
        cells = [np.nan if cell is None else cell for cell in values["object"]]
        values = np.array(cells, dtype=object)
    if len(values) != step.n_features_in_:
        raise ModelFileError(
            f"{where}.statistics_ has the length {len(values)}; expected "
            f"{step.n_features_in_}."
        )
    if (columns is not None) != step.add_indicator:
        raise ModelFileError(f"{where}.indicator_ contradicts add_indicator.")
    rows = [values]
    if columns is not None:
        if sorted({*columns}) != list(columns) or not {*columns} <= {
            *range(len(values))
        }:
            raise ModelFileError(f"{where}.indicator_ is no ascending list of columns.")
        gaps = values.copy()
        gaps[columns] = np.nan
        rows.append(gaps)
        del step.indicator_
    try:
        step.fit(with_names(np.array(rows), step))
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"{where}: {error}") from None
    # A constant is kept as an object, whatever the columns are.
    step.statistics_ = values.astype(step.statistics_.dtype)


def _read_scaler(step: StandardScaler) -> JsonObject:
    return {
        "n_samples_seen_": np.broadcast_to(step.n_samples_seen_, step.n_features_in_)
    }


def _finish_scaler(step: StandardScaler, where: str) -> None:
    for name, wanted in (
        ("mean_", step.with_mean or step.with_std),
        ("var_", step.with_std),
        ("scale_", step.with_std),
    ):
        if hasattr(step, name) != wanted:
            raise ModelFileError(f"{where}.{name} contradicts the step's params.")
        setattr(step, name, getattr(step, name, None))
    if step.scale_ is not None and (step.scale_ <= 0).any():
        raise ModelFileError(f"{where}.scale_ holds a number that is not above 0.")
    if np.ptp(step.n_samples_seen_) == 0:
        step.n_samples_seen_ = step.n_samples_seen_[0]


def _finish_spline(step: RestrictedCubicSpline, where: str) -> None:
    if len(step.knots_) != step.n_features_in_:
        raise ModelFileError(
            f"{where}.knots_ has the length {len(step.knots_)}; expected "
            f"{step.n_features_in_}."
        )
    for j, knots in enumerate(step.knots_):
        if len(knots) < 3 or not (np.diff(knots) > 0).all():
            raise ModelFileError(
                f"{where}.knots_[{j}] is {knots.tolist()}; expected at least three "
                "numbers in ascending order."
            )


CLINICAL_SPECS = (
    StepSpec(
        SimpleImputer,
        {
            "missing_values": k.ruled(
                Rule(
                    "null", lambda data: data is None, lambda data: np.nan, _unless_nan
                )
            ),
            "strategy": k.one_of("mean", "median", "most_frequent", "constant"),
            "fill_value": None | k.maybe_number() | k.Text,  # null is None, not NaN
            "keep_empty_features": bool,
            "add_indicator": bool,
        },
        SEEN
        | {
            "statistics_": k.array("float", "p")
            | k.dict_of(k.list_of(k.number() | k.Text | None), "object"),
            "indicator_": k.array("int") | None,
        },
        _finish_imputer,
        _read_imputer,
        {"params": {"add_indicator": False}, "fitted": {"indicator_": None}},
    ),
    StepSpec(
        StandardScaler,
        {"with_mean": bool, "with_std": bool},
        SEEN
        | {
            "mean_": k.array("finite", "p") | None,
            "var_": k.array("finite", "p") | None,
            "scale_": k.array("finite", "p") | None,
            "n_samples_seen_": k.array("finite", "p"),
        },
        _finish_scaler,
        _read_scaler,
    ),
    StepSpec(
        OneHotEncoder,
        _ENCODER
        | {
            "drop": Annotated[Literal["first", "if_binary", "given"] | None, _GIVEN],
            "sparse_output": bool,
            "handle_unknown": k.one_of(
                "error", "ignore", "infrequent_if_exist", "warn"
            ),
            "feature_name_combiner": k.ruled(
                Rule("'concat'", lambda data: data == "concat")
            ),
        },
        _ENCODED | {"drop_idx_": k.list_of(k.whole() | None) | None},
        _finish_encoder,
    ),
    StepSpec(
        OrdinalEncoder,
        _ENCODER
        | {
            "handle_unknown": k.one_of("error", "use_encoded_value"),
            "unknown_value": Annotated[_INTEGER | None, Rule(plain=_unless_nan)],
            "encoded_missing_value": Annotated[
                _INTEGER | None,
                Rule(
                    make=lambda data: np.nan if data is None else data,
                    plain=_unless_nan,
                ),
            ],
        },
        _ENCODED,
        _finish_encoder,
    ),
    StepSpec(
        RestrictedCubicSpline,
        {
            "n_knots": k.whole(3, 7),
            "knots": k.dict_of(k.list_of(k.number())) | k.list_of(k.number()) | None,
        },
        SEEN | {"knots_": k.list_of(k.array("finite"))},
        _finish_spline,
    ),
)
