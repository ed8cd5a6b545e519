"""How the clinical columns of a model are chosen."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sklearn_orn._messages import shown
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model.shared import NAME_THEM

# As the study file has it.
ClinicalSelection: TypeAlias = str | Sequence[str]

EXPECTED = (
    "all, lasso, univariable p < 0.05 (any limit between 0 and 1), or a list of "
    "clinical columns"
)
UNIVARIABLE = re.compile(r"univariable\s+p\s*<\s*(\S+)")


@dataclass(frozen=True)
class ClinicalRule:
    """All clinical columns, some by name, or those that the training data select."""

    kind: Literal["all", "named", "univariable", "lasso"] = "all"
    p_threshold: float | None = None
    names: tuple[str, ...] = ()

    @property
    def learns(self) -> bool:
        """Whether it looks at the outcome, and so belongs inside each fold."""
        return self.kind in ("univariable", "lasso")


def clinical_rule(value: ClinicalSelection) -> ClinicalRule:
    """Return the rule that a setting asks for."""
    if isinstance(value, str):
        return _of_word(value)
    error = f"clinical_selection is {shown(value)}: expected {EXPECTED}."
    if not isinstance(value, Sequence) or not all(isinstance(v, str) for v in value):
        raise TypeError(error)
    if not value:
        raise ValueError(error)
    return ClinicalRule("named", names=tuple(value))


@contextmanager
def naming_the_setting() -> Iterator[None]:
    """Say by which setting of the study a selection of nothing is mended."""
    try:
        yield
    except NotEstimable as error:
        text = str(error)
        if NAME_THEM not in text:
            raise
        advice = (
            "Set clinical_selection to all, or to a list of the columns of the model, "
            "chosen beforehand"
        )
        raise NotEstimable(text.replace(NAME_THEM, advice)) from None


def _of_word(value: str) -> ClinicalRule:
    error = f"clinical_selection is {shown(value)}: expected {EXPECTED}."
    word = " ".join(value.split())
    if word == "all":
        return ClinicalRule()
    if word == "lasso":
        return ClinicalRule("lasso")
    match = UNIVARIABLE.fullmatch(word)
    try:
        limit = float(match[1]) if match else 0.0
    except ValueError:
        raise ValueError(error) from None
    if not 0 < limit < 1:
        raise ValueError(error)
    return ClinicalRule("univariable", limit)


def checked_selection(
    value: ClinicalSelection, clinical: Sequence[str]
) -> str | tuple[str, ...]:
    """Return the setting, checked against the clinical columns."""
    rule = clinical_rule(value)
    if rule.kind == "all":
        return "all"
    if not clinical:
        raise ValueError(
            f"clinical_selection is {shown(value)}, but no clinical columns are named: "
            "name them (clinical), or leave it out."
        )
    unknown = [name for name in rule.names if name not in clinical]
    if unknown:
        raise ValueError(
            f"clinical_selection names {name_list(map(shown, unknown))}, which is no "
            f"clinical column: expected of {name_list(map(shown, clinical))}."
        )
    if len(set(rule.names)) < len(rule.names):
        raise ValueError(f"clinical_selection is {shown(value)}: a name stands twice.")
    if rule.kind == "univariable":
        return f"univariable p < {rule.p_threshold:g}"
    return rule.names or rule.kind
