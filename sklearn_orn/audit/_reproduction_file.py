"""What the file of a published study that is run again holds."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from sklearn_orn._feature_settings import MAX_BITS, QUANTISED, Normalization
from sklearn_orn._io.codec import JsonObject, Rule
from sklearn_orn._io.json_file import JsonFormat
from sklearn_orn._io.kinds import Text, whole
from sklearn_orn._io.strict_json import named_file
from sklearn_orn.audit._measures import Measure
from sklearn_orn.audit._printed import NUMBER
from sklearn_orn.audit._printed_performance import FRACTION
from sklearn_orn.exceptions import CohortError, ModelFileError
from sklearn_orn.study.shared import parsed_yaml

WHAT = "file of a published study"
PUBLISHED, FITTED = "published score", "fitted anew"
# What a file may leave out.
OPTIONAL: JsonObject = {"positive": None, "part": None, "known_differences": []}
OPTIONAL_OF_RUN: Mapping[str, JsonObject] = {
    PUBLISHED: {"bits": None, "normalization": None, "reader": None},
    FITTED: {
        **{"bits": None, "normalization": "3sigma", "icc_threshold": 0.75},
        **{"k": 10, "folds": 10, "seed": 0},
    },
}
OPTIONAL_OF_NUMBER = dict.fromkeys(("part", "lower", "upper", "threshold"))


def _is_printed(text: str) -> bool:
    return bool(NUMBER.fullmatch(text) or FRACTION.fullmatch(text))


def _are_bits(bits: object) -> bool:
    of_families = bits if isinstance(bits, dict) else {QUANTISED[0]: bits}
    known = set(of_families) <= set(QUANTISED)
    return bits is None or (known and set(of_families.values()) <= set(LEVELS))


LEVELS = range(1, MAX_BITS + 1)
PrintedText = Annotated[
    str,
    Rule("a number as printed, in quotes, such as '0.720', '95', '43/51'", _is_printed),
]
Bits = Annotated[
    int | dict[str, int] | None,
    Rule(f"a number from 1 to {MAX_BITS}, one for each family, or null", _are_bits),
]
Share = Annotated[
    float, Rule("a number between 0 and 1", lambda x: 0 < x < 1, make=float)
]
Several = Annotated[int, *whole(2, 1000).__metadata__]
Seed = Annotated[int, *whole(0, 2**31).__metadata__]


@dataclass(frozen=True)
class PublishedRun:
    """The score as it was published; nothing is learnt."""

    run: Literal["published score"]
    name: Text
    signature: Text
    bits: Bits
    normalization: Normalization | None
    reader: Text | None


@dataclass(frozen=True)
class FittedRun:
    """The study fitted anew on one part, with the settings that the paper names."""

    run: Literal["fitted anew"]
    name: Text
    training: Text
    bits: Bits
    normalization: Normalization
    icc_threshold: Share
    k: Several
    folds: Several
    seed: Seed


Run: TypeAlias = PublishedRun | FittedRun


@dataclass(frozen=True)
class Reported:
    """A number that the paper prints, of one part of the table or of all of it."""

    measure: Measure
    part: Text | None
    printed: PrintedText
    lower: PrintedText | None
    upper: PrintedText | None
    threshold: Share | None


STUDY_FILE = JsonFormat(
    "sklearn-orn-published-study",
    1,
    {
        "source": Text,
        "table": Text,
        "outcome": Text,
        "positive": Text | None,
        "patient": Text,
        "part": Text | None,
        "known_differences": list[Text],
        "runs": Annotated[list[Run], Rule("at least one run", bool)],
        "reported": Annotated[list[Reported], Rule("at least one number", bool)],
    },
    WHAT,
    "you, or audit.example_study,",
    "The page 'Run a published study again' of the documentation shows such a file.",
)


def study_content(study: Mapping[str, object]) -> JsonObject:
    """Return what a file holds, checked; what it may leave out is filled in."""
    try:
        text = json.dumps(_completed(study), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"a value is no plain data: {error}.") from None
    content = STUDY_FILE.parse(text)
    names = [run.name for run in content["runs"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ModelFileError(f"two runs are called {twice[0]!r}: name each by itself.")
    for i, claim in enumerate(content["reported"]):
        if claim.part is not None and content["part"] is None:
            raise ModelFileError(
                f"reported[{i}].part is {claim.part!r}, and part names no column: "
                "expected the column of the table that holds the parts."
            )
        if (claim.lower is None) != (claim.upper is None):
            raise ModelFileError(
                f"reported[{i}] has one limit: expected both, or none."
            )
    return content


def read_published_study(path: str | os.PathLike[str]) -> JsonObject:
    """Return the content of a file, JSON or YAML; ModelFileError names it."""
    name = os.fspath(path)
    if not os.path.isfile(name):
        raise ModelFileError(f"{WHAT} '{name}': there is no such file.")
    data = parsed_yaml(name, name)  # JSON is YAML too
    with named_file(WHAT, name):
        if not isinstance(data, dict):
            raise ModelFileError("expected 'key: value', or a JSON object.")
        return study_content(data)


def _completed(study: Mapping[str, object]) -> JsonObject:
    found = OPTIONAL | dict(study)
    for name, optional in (("runs", _of_run), ("reported", _of_number)):
        items = found.get(name)
        if isinstance(items, list):
            found[name] = [
                optional(item) | item if isinstance(item, dict) else item
                for item in items
            ]
    return found


def _of_run(run: JsonObject) -> JsonObject:
    kind = run.get("run")
    return dict(OPTIONAL_OF_RUN.get(kind, {})) if isinstance(kind, str) else {}


def _of_number(number: JsonObject) -> JsonObject:
    return dict(OPTIONAL_OF_NUMBER)


def table_path(content: JsonObject, source: str | os.PathLike[str] | None) -> str:
    """Return where the table is: relative to the file that names it."""
    folder = "" if source is None else os.path.dirname(os.fspath(source))
    path = os.path.join(folder, content["table"])
    if not os.path.isfile(path):
        raise CohortError(
            f"table is '{path}', and there is no such file. Its path is relative to "
            "the file that names it; --table (table=) names another."
        )
    return path
