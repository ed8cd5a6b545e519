"""A first study file, written from a table."""

import dataclasses
import json
from collections.abc import Mapping, Sequence

import pandas as pd

from sklearn_orn._validation import name_list
from sklearn_orn.study._clinical_kinds import ClinicalKind
from sklearn_orn.study._config import CHOICES, HEADER_FIELDS, StudyConfig
from sklearn_orn.study._guessed_settings import (
    class_labels,
    guess_folds,
    guess_positive,
    guess_settings,
    two_valued,
)

NONE = "none, so add it to the table"
CONFIRM = "CONFIRM"  # what was proposed and is a choice of the user's
SELECTIONS = "all, univariable p < 0.05, lasso, or [names]"


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


def _clinical_lines(
    kinds: Mapping[str, ClinicalKind], not_all_numbers: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the clinical columns with their kinds, and the nomogram to lead with."""
    unclear = [
        _comment(
            f"  # {_yaml(name)}: continuous  # but it holds "
            f"{name_list(map(_yaml, texts))}: write numbers, or leave the cells empty"
        )
        for name, texts in not_all_numbers.items()
    ]
    if not kinds:
        return [
            "# clinical:  # columns of the clinical model",
            *unclear,
            "# clinical_selection: all  # columns of its models: " + SELECTIONS,
            "# nomogram: combined  # of clinical columns and radiomics score",
        ]
    return [
        "clinical:  # columns of the clinical model; each is "
        "continuous, categorical or ordinal",
        "  # a curve instead of a line: {kind: continuous, knots: 4}",
        *(f"  {_yaml(name)}: {_yaml(kind)}" for name, kind in kinds.items()),
        *unclear,
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
    two = two_valued(table)
    outcome = guesses["outcome"]
    labels: Sequence[str] = class_labels(table[outcome]) if outcome else ()
    positive = guess_positive(table[outcome]) if len(labels) == 2 else None
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
        *_clinical_lines(guesses["clinical"], guesses["not_all_numbers"]),
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
        f"cv: {guess_folds(table, guesses, default['cv'])}  # folds, by patient",
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
