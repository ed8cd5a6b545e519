"""What the methods and the checklists read from results, with gaps allowed.

Any section of the results may be missing, or say why it is absent: reading never
fails, it gives None.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sklearn_orn.study._numbers import decimal

NARROW = "\N{NO-BREAK SPACE}"
HELD_OUT = "validation"
FOLDS = "cross-validation"


class Facts:
    """The results of a study, asked for one fact at a time.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data.

    Examples
    --------
    >>> facts = Facts({"nested": {"absent": "too few patients"}})
    >>> facts.at("nested", "auc") is None, facts.why("nested")
    (True, 'too few patients')
    """

    def __init__(self, results: Mapping[str, Any]) -> None:
        self.results = results

    def at(self, *path: str | int) -> Any:
        """Return what stands at a path of keys; None where there is nothing."""
        here: Any = self.results
        for key in path:
            here = _step(here, key)
        if isinstance(here, Mapping) and "absent" in here:
            return None
        return here

    def section(self, key: str) -> Mapping[str, Any]:
        """Return a section of the results; empty where the study has none."""
        found = self.at(key)
        return found if isinstance(found, Mapping) else {}

    def rows(self, *path: str | int) -> list[Mapping[str, Any]]:
        """Return a list of records; empty where there is none."""
        found = self.at(*path)
        if not isinstance(found, Sequence) or isinstance(found, str):
            return []
        return [row for row in found if isinstance(row, Mapping)]

    def why(self, key: str) -> str:
        """Return why a section is absent; empty where nobody says."""
        section = self.results.get(key)
        reason = section.get("absent") if isinstance(section, Mapping) else None
        return str(reason).strip().rstrip(".") if reason else ""

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """Parameters of the study's pipeline where nothing else is asked for."""
        from sklearn_orn.study._config import StudyConfig
        from sklearn_orn.study._pipeline import study_pipeline

        return study_pipeline(("1", "2"), StudyConfig(outcome="outcome")).get_params()

    def parameter(self, name: str) -> Any:
        """Return a parameter of a step as the study set it, or its default."""
        given = self.at("config", "pipeline")
        if isinstance(given, Mapping) and name in given:
            return given[name]
        return self.defaults.get(name)

    def setting(self, name: str, parameter: str) -> Any:
        """Return a setting of the study, or the default of its parameter."""
        value = self.at("config", name)
        return self.parameter(parameter) if value is None else value

    @property
    def from_images(self) -> bool:
        """Whether the study is known to have measured images itself."""
        return self.at("source") == "images"

    @property
    def negative(self) -> str:
        """What the report calls the negative class."""
        return str(self.at("classes", 0) or "the negative class")

    @property
    def positive(self) -> str:
        """What the report calls the positive class."""
        return str(self.at("classes", 1) or "the positive class")

    @property
    def readers(self) -> list[str]:
        """Names of the readers."""
        found = self.at("readers")
        return [str(name) for name in found] if isinstance(found, list | tuple) else []

    @property
    def parts(self) -> list[Mapping[str, Any]]:
        """The parts of the study that were judged."""
        return self.rows("parts")

    @property
    def training(self) -> Mapping[str, Any]:
        """The part that the model was fitted to; empty where it is not known."""
        return next((p for p in self.parts if p.get("part") == "training"), {})

    @property
    def second(self) -> Mapping[str, Any]:
        """The part that stands against training; empty where there is none."""
        return next((p for p in self.parts if p.get("part") in (HELD_OUT, FOLDS)), {})

    @property
    def held_out(self) -> bool:
        """Whether lesions were held back for validation."""
        return self.second.get("part") == HELD_OUT

    @property
    def temporal(self) -> bool:
        """Whether a date parts training from validation."""
        return self.held_out and self.at("config", "date") is not None

    @property
    def clustered(self) -> bool:
        """Whether some patient has several lesions."""
        counts = [self.section("cohort"), *self.parts]
        return any(
            (part.get("n_lesions") or 0) > (part.get("n_patients") or 0) > 0
            for part in counts
        )

    def step(self, name: str) -> int | None:
        """Return how many features a step of the pipeline leaves."""
        for row in self.rows("features"):
            if row.get("step") == name:
                return row.get("n_features")
        return None

    @property
    def selected(self) -> list[str]:
        """Names of the features in the score."""
        return [str(r.get("feature")) for r in self.rows("model", "coefficients")]


def _step(here: Any, key: str | int) -> Any:
    if isinstance(here, Mapping):
        return here.get(key)
    if isinstance(key, int) and isinstance(here, list | tuple):
        return here[key] if -len(here) <= key < len(here) else None
    return None


def count(n: int | None, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "lesion"), count(95, "lesion"), count(None, "patient")
    ('1 lesion', '95 lesions', 'an unknown number of patients')
    """
    if n is None:
        return f"an unknown number of {noun}s"
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> join_words(["A"]), join_words(["A", "B"]), join_words(["A", "B", "C"])
    ('A', 'A and B', 'A, B and C')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def sentences(*texts: str) -> str:
    """Join sentences, those that are empty left out."""
    return " ".join(text for text in texts if text)


def interval(row: Mapping[str, Any], value: str = "auc", digits: int = 2) -> str:
    r"""Return a value with its 95 % confidence limits.

    Examples
    --------
    >>> interval({"auc": 0.8279, "lower": 0.7352, "upper": 0.9208})
    '0.83 (95\xa0% CI 0.74 to 0.92)'
    >>> interval({"auc": 0.8279})
    '0.83'
    """
    text = decimal(row.get(value), digits)
    if row.get("lower") is None or row.get("upper") is None:
        return text
    low, high = decimal(row["lower"], digits), decimal(row["upper"], digits)
    return f"{text} (95{NARROW}% CI {low} to {high})"
