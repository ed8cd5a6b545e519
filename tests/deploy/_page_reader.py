"""The page's readers of files, run in node: many cases in one process."""

import base64
import json
from pathlib import Path

import numpy as np

from ._node import answer

READER = Path(__file__).parent / "page" / "read.mjs"


def ask(cases):
    """Return one answer a case: `value`, `refused` or `fault`, and seconds."""
    lines = answer(READER, cases, timeout=600).rstrip().split("\n")
    answers = [json.loads(line) for line in lines]
    assert len(answers) == len(cases)
    return answers


def array(text, slice_, kind=np.float64):
    """Return what the page's readers gave as base64, in rows and columns."""
    values = np.frombuffer(base64.b64decode(text), kind)
    return values.reshape(slice_["rows"], slice_["columns"])


def mask_of(text, shape):
    """Return a mask."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape) == 1


def image_case(path, only=None):
    """Ask for the image in a file, or in the files of a folder."""
    path = Path(path)
    files = sorted(map(str, path.iterdir())) if path.is_dir() else [str(path)]
    return {"task": "image", "files": files, "only": only}
