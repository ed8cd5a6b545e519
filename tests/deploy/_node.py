"""Functions of the page's modules, called in node."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "sklearn_orn" / "deploy" / "page"
CALL = Path(__file__).parent / "page" / "call.mjs"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")


def _plain(value):
    if isinstance(value, np.ndarray):
        kind = "u8" if value.dtype.kind == "b" else "f64"
        array = value.astype(np.uint8 if kind == "u8" else np.float64)
        return {kind: base64.b64encode(array.tobytes()).decode()}
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {
            "number": "NaN"
            if np.isnan(value)
            else f"{value}".replace("inf", "Infinity")
        }
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def answer(script, asked, timeout=300):
    """Return what a script prints, asked by JSON."""
    done = subprocess.run(
        ["node", str(script)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def call(module, name, cases):
    """Return ``{"value": ..., "ms": ...}`` or ``{"refused": ...}`` of each case.

    A case is the list of the arguments; one process takes all of them.
    """
    asked = {"module": (PAGE / module).as_uri(), "name": name, "cases": cases}
    return json.loads(
        answer(CALL, _plain(asked)),
        object_hook=lambda d: float(d["number"]) if list(d) == ["number"] else d,
    )
