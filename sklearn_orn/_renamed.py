"""Public names of the version before, which still work and warn."""

import importlib
import sys
import warnings
from functools import reduce

# Room -> old name -> what it is now, within the same room.
RENAMED = {
    "sklearn_orn.metrics": {
        "calibration_curve": "flexible_calibration_curve",
        "external_validation": "ExternalValidation.from_predictions",
    },
    "sklearn_orn.plotting": {"CalibrationDisplay": "FlexibleCalibrationDisplay"},
    "sklearn_orn.deploy": {"read_model": "ModelFile.read"},
}


def keep_old_names(room: str) -> None:
    """Give a room a ``__getattr__`` that knows its old names."""

    def find(name: str) -> object:
        new = RENAMED[room].get(name)
        if new is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        warnings.warn(
            f"{room}.{name} is {room}.{new} now; the old name goes with version 0.2.",
            FutureWarning,
            stacklevel=2,
        )
        return reduce(getattr, new.split("."), importlib.import_module(room))

    vars(sys.modules[room])["__getattr__"] = find
