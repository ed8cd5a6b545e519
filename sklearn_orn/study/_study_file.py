"""The settings of a study in a file, and a first one written from a table."""

import dataclasses
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TypedDict

import pandas as pd

from sklearn_orn._column_names import loose_name
from sklearn_orn._io.codec import JsonObject
from sklearn_orn.cohort.shared import PARTS, YES, is_part, label_text, outcome_labels
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._clinical_kinds import ClinicalKind, guess_kind
from sklearn_orn.study._config import CHOICES, HEADER_FIELDS, StudyConfig

FIELDS = [field.name for field in dataclasses.fields(StudyConfig)]
# As `loose_name` writes them: "Patient ID" and patient_id are one.
WORDS = {
    "outcome": (
        *("outcome", "label", "class", "target", "diagnosis", "grade", "y"),
        *("diagnose", "ergebnis", "befund", "histologie", "zielgr\u00f6sse"),
    ),
    "patient": (
        *("patient", "patientid", "patientno", "subject", "subjectid", "case", "pid"),
        *("caseid", "mrn", "patnr", "patid", "patientennr", "patientennummer", "fall"),
    ),
    "split": ("split", "part", "set", "cohort", "group"),
    "date": ("date", "mridate", "scandate", "studydate", "year", "datum"),
    "centre": (
        *("centre", "center", "hospital", "institution", "clinic", "centreid"),
        *("centerid", "hospitalid", "zentrum", "klinik", "krankenhaus", "standort"),
    ),
    "location": (
        *("location", "site", "vertebra", "level", "region", "side"),
        *("lokalisation", "seite"),
    ),
}
# What begins so says that there is nothing, so that the other class is the positive.
NEGATIVE = ("no", "neg", "absent", "benign", "control", "healthy", "kein", "nein")
NONE = "none, so add it to the table"
CONFIRM = "CONFIRM"  # what was proposed and is a choice of the user's
MOST_LEVELS = 10  # of a column that is guessed to be clinical: more are like names
MOST_BYTES = 2**20  # settings are some KB; it bounds what the parser may unfold
SELECTIONS = "all, univariable p < 0.05, lasso, or [names]"
PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "seq", "map")
)


def _loader() -> type[object]:
    """Return YAML's safe loader, but that yes, no and dates stay text."""
    import yaml

    class TextLoader(yaml.SafeLoader):
        """A label may be called yes, and a date is a column's own format."""

        def compose_node(self, parent: object, index: object) -> yaml.Node:
            """Refuse what repeats another part: nine of them can fill a memory."""
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias ('*name'): write the value out.")
            node = super().compose_node(parent, index)
            if node.tag not in PLAIN_TAGS:
                raise yaml.YAMLError(f"the tag {node.tag!r}: write a plain value.")
            return node

        def construct_mapping(self, node: yaml.Node, deep: bool = False) -> object:
            """Refuse a key that stands twice; YAML would keep the last."""
            keys = Counter(str(key.value) for key, _ in node.value)
            key, times = keys.most_common(1)[0] if keys else ("", 0)
            if times > 1:
                raise yaml.YAMLError(f"the key {key!r} stands twice.")
            return super().construct_mapping(node, deep=deep)

    TextLoader.yaml_implicit_resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in pairs
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    import re

    TextLoader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
    )
    return TextLoader


def parsed_yaml(path: str | os.PathLike[str], name: str) -> object:
    """Return what a file of settings holds, unchecked."""
    import yaml

    try:
        with open(path, "rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise CohortError(f"{name}: there is no such file.") from None
    if len(raw) > MOST_BYTES:
        raise CohortError(
            f"{name}: larger than {MOST_BYTES} bytes, as no settings are."
        )
    try:
        # The loader is a SafeLoader with fewer types.
        return yaml.load(raw.decode("utf-8"), Loader=_loader())  # noqa: S506
    except RecursionError:
        raise CohortError(f"{name}: no YAML: it is nested too deeply.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        text = " ".join(str(error).split())
        raise CohortError(f"{name}: no YAML: {text}") from error
    except Exception as error:  # PyYAML's own, at '!!int' and a number of 5,000 digits
        text = " ".join(str(error).split())
        raise CohortError(f"{name}: no YAML: a value cannot be read: {text}") from error


def read_study_file(path: str | os.PathLike[str]) -> JsonObject:
    """Read the settings of a study.

    Parameters
    ----------
    path : path
        YAML; its keys are the parameters of `StudyConfig`. Only ``true`` and
        ``false`` are truth values, so that a label may be ``yes`` or ``no``.

    Returns
    -------
    dict
        Parameters of `StudyConfig`.

    Raises
    ------
    CohortError
        Naming the file, and the line or the key.
    """
    name = os.fspath(path)
    content = parsed_yaml(path, name)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise CohortError(f"{name}: expected lines of the form 'key: value'.")
    for key in content:
        if key not in FIELDS:
            near = get_close_matches(str(key), FIELDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise CohortError(
                f"{name}: unknown key {key!r}.{hint} Known are {', '.join(FIELDS)}."
            )
    if isinstance(content.get("exclusions"), str):
        path = os.path.join(os.path.dirname(name), content["exclusions"])
        content["exclusions"] = path
    return content


def make_config(
    settings: JsonObject, *, source: str | os.PathLike[str] | None = None
) -> StudyConfig:
    """Return the settings, checked; CohortError names the file (`source`) and key."""
    where = f"{os.fspath(source)}: " if source is not None else ""
    if settings.get("outcome") is None:
        raise CohortError(
            f"{where}nothing says which column is the outcome: pass --outcome COLUMN, "
            "or write 'outcome: COLUMN' into the study file."
        )
    try:
        return StudyConfig(**settings)
    except (TypeError, ValueError) as error:
        raise CohortError(f"{where}{error}") from error


class Guesses(TypedDict):
    """Columns that are called as such columns usually are; None where none is."""

    outcome: str | None
    patient: str | None
    split: str | None
    date: str | None
    centre: str | None
    location: str | None
    clinical: dict[str, ClinicalKind]


def _guess(table: pd.DataFrame, key: str) -> str | None:
    """Return the column that is called as such a column usually is."""
    names = {loose_name(column): str(column) for column in table.columns}
    return next((names[word] for word in WORDS[key] if word in names), None)


def _is_path(column: str) -> bool:
    names = ("lesion", "series", "stack", "section", "roi")
    kinds = ("series", "stack", "section")
    choices = ("image", "mask", *(kind + mark for kind in kinds for mark in "_@"))
    return column.startswith(choices) or column in names


def _words_in(column: pd.Series) -> set[str]:
    if pd.api.types.is_numeric_dtype(column):
        return set()
    return {label_text(value).lower() for value in column.dropna()}


def _is_split(words: set[str]) -> bool:
    return PARTS[0] in words and len(words) > 1 and all(map(is_part, words))


def guess_settings(table: pd.DataFrame) -> Guesses:
    """Guess the settings of a study from its table; None where nothing fits."""
    # A column whose name is blank can be named in no setting.
    table = table.loc[:, [bool(str(column).strip()) for column in table.columns]]
    columns = {key: _guess(table, key) for key in WORDS}
    split = columns["split"]
    if split is None or not _is_split(_words_in(table[split])):
        # Whatever it is called, a column of both parts is the split.
        both = [str(c) for c in table.columns if _is_split(_words_in(table[c]))]
        columns["split"] = both[0] if len(both) == 1 else None
    if columns["split"] is not None:
        columns["date"] = None
    if columns["patient"] is None and "lesion" in table.columns:
        # Each lesion another patient, which is marked as a choice.
        columns["patient"] = "lesion" if table["lesion"].is_unique else None
    outcome = columns["outcome"]
    two = [c for c in _two_valued(table) if c not in columns.values()]
    if outcome is None or len(_labels(table[outcome])) != 2:
        # One column of two values is the outcome; of several the user must choose.
        columns["outcome"] = two[0] if len(two) == 1 else None
    if columns["centre"] is not None and table[columns["centre"]].nunique() < 2:
        columns["centre"] = None
    used = {value for value in columns.values() if value is not None}
    if columns["outcome"] is None:
        used |= set(two)
    clinical = {
        str(column): guess_kind(table[column])
        for column in table.columns
        if str(column).strip()
        and not _is_path(str(column))
        and column not in used
        and str(column) not in ("date", "section", "synthetic")
        and _is_characteristic(table[column])
    }
    return {
        "outcome": columns["outcome"],
        "patient": columns["patient"],
        "split": columns["split"],
        "date": columns["date"],
        "centre": columns["centre"],
        "location": columns["location"],
        "clinical": clinical,
    }


def _labels(column: pd.Series) -> list[str]:
    return sorted(set(outcome_labels(column.dropna())))


def _positive(column: pd.Series) -> str:
    """Return the class that is more likely meant: a finding, or the rarer one."""
    labels = _labels(column)
    found = [x for x in labels if x.casefold() in YES] or [
        x for x in labels if not x.casefold().startswith(NEGATIVE)
    ]
    if len(found) == 1:
        return found[0]
    counts = Counter(outcome_labels(column.dropna()).tolist())
    return min(reversed(labels), key=lambda label: counts[label])


def _folds(table: pd.DataFrame, guesses: Guesses, most: int) -> int:
    """Return as many folds as the smaller class has patients to train on, if fewer."""
    outcome, patient, split = guesses["outcome"], guesses["patient"], guesses["split"]
    if outcome is None or patient is None:
        return most
    rows = table[table[outcome].notna()]
    if split is not None:
        rows = rows[[label_text(part).lower() == PARTS[0] for part in rows[split]]]
    patients = rows[patient].groupby(outcome_labels(rows[outcome])).nunique()
    return max(2, min(most, int(patients.min()))) if len(patients) == 2 else most


def _two_valued(table: pd.DataFrame) -> list[str]:
    return [
        str(c)
        for c in table
        if str(c).strip() and not _is_path(str(c)) and table[c].nunique() == 2
    ]


def _is_characteristic(column: pd.Series) -> bool:
    levels = column.nunique()
    few = 2 <= levels <= MOST_LEVELS
    return few or (pd.api.types.is_numeric_dtype(column) and levels > 1)


def _yaml(value: object) -> str:
    """Return a value as YAML that every reader takes for the same (JSON is YAML)."""
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08x}"
        for letter in json.dumps(value, ensure_ascii=False)
    )


def _comment(text: str) -> str:
    """Return a text that ends no line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _block_lines(names: Sequence[str]) -> list[str]:
    """Return the sequences of the table, and what can be measured of each outline."""
    return [
        *([f"sequences: {_yaml(list(names))}  # of image_<sequence>"] if names else []),
        "# regions: [lesion, rim 3 mm outside]  # rim 2 mm inside, bounding context",
        "# perturbed_outlines: 10  # of each lesion: features must agree on them too",
        *(["# scores: separate  # one of each sequence"] if len(names) > 1 else []),
    ]


def _centre_lines(centre: str | None, features: bool) -> list[str]:
    """Return the column of the centre, and what may be done about centres."""
    fields = "" if features else f"; or of the headers: {', '.join(HEADER_FIELDS)}"
    what = f"column of the centre{fields}"
    named = f"centre: {_yaml(centre)}" if centre is not None else "# centre: "
    return [
        f"{named}  # {what}",
        "# harmonise: combat  # takes away what the centres add, learnt in each fold",
    ]


def _clinical_lines(kinds: Mapping[str, ClinicalKind]) -> list[str]:
    """Return the clinical columns with their kinds, and the nomogram to lead with."""
    if not kinds:
        return [
            "# clinical:  # columns of the clinical model",
            "# clinical_selection: all  # columns of its models: " + SELECTIONS,
            "# nomogram: combined  # of clinical columns and radiomics score",
        ]
    return [
        "clinical:  # columns of the clinical model; each is "
        "continuous, categorical or ordinal",
        "  # a curve instead of a line: {kind: continuous, knots: 4}",
        *(f"  {_yaml(name)}: {_yaml(kind)}" for name, kind in kinds.items()),
        f"clinical_selection: all  # columns of the models: {SELECTIONS}",
        "nomogram: combined  # of clinical columns and radiomics score; or radiomics",
    ]


def study_file_text(
    table: pd.DataFrame,
    name: str,
    *,
    features: bool = False,
    sequences: Sequence[str] = (),
) -> str:
    """Return a study file for the table `name`; what was not guessed is a comment.

    With `features` the table is one of features, and `table` its other columns.
    """
    guesses = guess_settings(table)
    default = {
        field.name: field.default
        for field in dataclasses.fields(StudyConfig)
        if field.default is not dataclasses.MISSING
    }
    two = _two_valued(table)
    outcome = guesses["outcome"]
    labels: Sequence[str] = _labels(table[outcome]) if outcome else ()
    positive = _positive(table[outcome]) if len(labels) == 2 else None
    plain = list(labels) in (["0", "1"], ["False", "True"])
    run = "study --features" if features else "study"

    def line(key: str, value: object, comment: str) -> str:
        if value is None or value == []:
            return f"# {key}:  # {_comment(comment)}"
        return f"{key}: {_yaml(value)}  # {_comment(comment)}"

    lines = [
        _comment(f"# Settings of a study of {name}, {len(table)} lesions."),
        _comment(
            f"# Run it with: sklearn-orn {run} {name} --config THIS_FILE --out report"
        ),
        "# Look over every line: what stands here was guessed from the columns' names.",
        f"# A line that says {CONFIRM} is a choice of yours.",
        "",
        line(
            "outcome",
            outcome,
            "column of the outcome"
            + (
                f"; with two values: {', '.join(two) or NONE}"
                if outcome is None
                else ""
            ),
        ),
        line(
            "positive",
            int(positive) if plain and positive and positive.isdigit() else positive,
            ("" if plain or positive is None else f"{CONFIRM}: ")
            + "class whose probability the model gives"
            + ("" if plain else f": {' or '.join(labels) or 'one of the two'}"),
        ),
        line(
            "patient",
            guesses["patient"],
            f"{CONFIRM}: each lesion is taken for another patient"
            if guesses["patient"] == "lesion"
            else "column that says whose lesion it is",
        ),
        line("split", guesses["split"], "column of training and validation"),
        f"# date: {_yaml(guesses['date'] or '')}  # instead of split: column of dates",
        "# cut:  # and the first date of the validation part",
        "# readers:  # all readers of the table; or some: [anna, ben]",
        *([] if features else _block_lines(sequences)),
        "# features:  # of a table of features: patterns of columns",
        '#   exclude: ["*_shape_*"]  # and include: [...]',
        *_clinical_lines(guesses["clinical"]),
        f"missing: {default['missing']}  # clinical values: "
        + ", ".join(CHOICES["missing"]),
        f"clinical_penalty: {default['clinical_penalty']}  # of the clinical model: "
        + ", ".join(CHOICES["clinical_penalty"]),
        line("location", guesses["location"], "column of a lesion's location"),
        "# size:  # column of a lesion's size; without it the area of its outlines",
        *_centre_lines(guesses["centre"], features),
        "",
        "# Who was screened, for the flow chart, in patients, lesions or both.",
        "# screening:",
        "#   screened: {patients: 123}",
        "#   excluded:",
        '#     - {reason: "no MRI before treatment", patients: 8}',
        "# exclusions:  # CSV of lesions accepted and rejected, saved by the page of "
        "sklearn-orn montage --html",
        "",
        f"cv: {_folds(table, guesses, default['cv'])}  # folds, by patient",
        f"random_state: {default['random_state']}  # seed",
        f"normalization: {default['normalization']}  # "
        + ", ".join(CHOICES["normalization"]),
        f"icc_threshold: {default['icc_threshold']}",
        f"k: {default['k']}  # features by each of Fisher, POE+ACC and MI",
        f"n_resamples: {default['n_resamples']}  # bootstrap",
        f"n_permutations: {default['n_permutations']}  # shuffled outcomes",
        "sensitivity: true  # repeat with other grey-level settings",
        "pooled_decision_curve: false  # training and validation in one curve",
        "# threshold_range: [0.1, 0.4]  # threshold probabilities that matter in the "
        "clinic, for the decision curve",
        "# prevalence: 0.05  # share of the positives where the model is to be used, "
        "if another",
        "# ignore: [ORN017]  # codes of warnings that the report leaves out",
        "# pipeline:  # other parameters of the steps, as scikit-learn spells them",
        '#   nomogram__lambda_rule: "1se"',
    ]
    return "\n".join(lines) + "\n"
