"""Answers on patients and data that more than one checklist asks for."""

from collections.abc import Mapping
from typing import Any

from sklearn_orn.study._numbers import decimal, p_value
from sklearn_orn.study.checklists._answer import (
    PART_PLACES,
    Answer,
    absent,
    author,
    filled,
    filled_or,
    not_done,
)
from sklearn_orn.study.methods import _phrases_data as data
from sklearn_orn.study.methods import _phrases_evaluation as evaluation
from sklearn_orn.study.methods import _phrases_model as model
from sklearn_orn.study.methods._facts import Facts, count, join_words, sentences
from sklearn_orn.study.methods._references import plain


def size_text(facts: Facts) -> str:
    """Return how many events there are, and how many Riley's criteria ask for."""
    size = facts.section("sample_size")
    if size.get("n_event_patients") is None:
        return ""
    per = ""
    if size.get("n_candidates"):
        ratio = decimal(size["n_event_patients"] / size["n_candidates"], 1)
        per = f" ({ratio} patients for each of the {size['n_candidates']} candidates)"
    events = {
        "n_lesions": size.get("n_event_lesions"),
        "n_patients": size["n_event_patients"],
    }
    label = size.get("smaller_class")
    name = f", {plain(str(label))}," if label else ""
    return sentences(
        f"Training had {data.part_counts(size)}; the smaller class{name} had "
        f"{data.part_counts(events)}{per}.",
        evaluation.size_sentence(facts),
    )


def sample_size(facts: Facts) -> Answer:
    """Answer how the size of the study was found, and whether it is enough."""
    missing = absent(
        facts,
        "sample_size",
        "The run holds no sample size calculation",
        "Report events per candidate and Riley's minimum sample size.",
    )
    return filled_or(
        missing,
        size_text(facts),
        places=("sample_size",),
        to_do="Say how the size came about, such as all patients of a period.",
    )


def eligibility(facts: Facts) -> Answer:
    """Answer who could enter the study, as far as exclusions tell."""
    to_do = "State the inclusion criteria and how patients were found."
    text = data.exclusion_sentence(facts)
    if not text:
        return author(f"{to_do} Give the exclusions under screening in study.yaml.")
    return filled(text, "flow", to_do=to_do)


def data_source(facts: Facts) -> Answer:
    """Answer where the data come from."""
    if facts.at("synthetic"):
        return filled(
            "The data are synthetic: made by a program, of no patient.", "warnings"
        )
    return author(
        "Name the hospitals or the public data set (with its address and the "
        "identifiers), and which part of the study each gave.",
        data.cohort_sentence(facts),
        "cohort",
    )


def reference_standard(facts: Facts) -> Answer:
    """Item 18: the outcome."""
    return author(
        "Say how the outcome was established, by whom, and how reliable that is.",
        data.cohort_sentence(facts),
        "config",
        "cohort",
    )


def partition(facts: Facts) -> Answer:
    """Answer how the data were split."""
    shares = [
        f"{part.get('part')}: {words}"
        for part in facts.parts
        if (words := data.class_counts(facts, str(part.get("part"))))
    ]
    missing = not_done(
        "The results name no part that stands against training.",
        "Hold patients back for validation, or cross-validate.",
    )
    return filled_or(
        missing,
        data.split_sentence(facts),
        f"Classes in {'; '.join(shares)}." if shares and facts.second else "",
        places=("cohort", "performance"),
        to_do="Say why the data were split this way.",
    )


def missing_data(facts: Facts) -> Answer:
    """Answer what was missing and what stands for it."""
    return filled_or(
        not_done(
            "The results do not count missing feature values.",
            "Report missing values and how they were handled.",
        ),
        model.missing_sentence(facts),
        model.clinical_missing_sentence(facts),
        data.left_out_words(facts),
        places=("imputed", "models", "left_out"),
    )


def imbalance(facts: Facts) -> Answer:
    """Answer how unequal the classes are and what was done about it."""
    words = [
        f"{PART_PLACES.get(str(p.get('part')), str(p.get('part')))}: "
        f"{p['n_positive']} of {p['n_lesions']} lesions are {facts.positive} "
        f"({decimal(100 * p['n_positive'] / p['n_lesions'], 1)} %)."
        for p in facts.parts
        if p.get("n_lesions") and p.get("n_positive") is not None
    ]
    weight = model.weight_words(facts)
    done = f"{weight[0].upper()}{weight[1:]}." if words else ""
    return filled_or(
        not_done("The results do not count the classes.", "Report the class counts."),
        *words,
        done,
        places=("cohort", "config"),
    )


def flow(facts: Facts) -> Answer:
    """Answer how patients went through the study."""
    words = []
    for stage in facts.rows("flow", "stages"):
        units = [
            count(stage[unit], unit[:-1])
            for unit in ("lesions", "patients")
            if stage.get(unit) is not None
        ]
        if units:
            words.append(f"{stage.get('name')}: {join_words(units)}")
    missing = absent(
        facts, "flow", "There is no flow chart", "Count screened and excluded patients."
    )
    to_do = ""
    if len(words) == 1:
        to_do = "Give screened and excluded patients under screening in study.yaml."
    return filled_or(
        missing,
        f"{'; '.join(words)}." if words else "",
        data.exclusion_sentence(facts),
        places=("flow",),
        to_do=to_do,
    )


def variables_of(rows: Any) -> list[str]:
    """Return the characteristics in rows of the baseline table, each once."""
    if not isinstance(rows, list | tuple):
        return []
    names = [
        str(row.get("variable"))
        for row in rows
        if isinstance(row, Mapping) and row.get("kind") != "count"
    ]
    return list(dict.fromkeys(names))


def low_p(rows: Any) -> list[str]:
    """Return the characteristics that differ at p below 0.05, with their p."""
    found = {}
    for row in rows if isinstance(rows, list | tuple) else ():
        p = row.get("p_value") if isinstance(row, Mapping) else None
        if p is not None and p < 0.05:
            found[str(row.get("variable"))] = f"{row.get('variable')} (p {p_value(p)})"
    return list(found.values())


def baseline(facts: Facts) -> Answer:
    """Answer which characteristics are reported, and for whom."""
    by_class = facts.at("baseline", "by_class")
    tables = by_class if isinstance(by_class, Mapping) else {}
    words = [
        f"{part}: {', '.join(names)}"
        for part, rows in tables.items()
        if (names := variables_of(rows))
    ]
    if not words:
        return absent(
            facts,
            "baseline",
            "The run has no clinical characteristics",
            "Name the clinical columns in study.yaml, or add the table by hand.",
        )
    different = low_p(facts.at("baseline", "by_part"))
    text = f"Characteristics by class in {'; '.join(words)}."
    parts = f"The parts differ in {join_words(different)}." if different else ""
    return filled(
        sentences(text, parts, evaluation.baseline_sentence(facts)), "baseline"
    )


def confounders(facts: Facts) -> Answer:
    """Item 36: confounders."""
    different = low_p(facts.at("baseline", "by_part"))
    text = "The run did not look for confounders, and removed none."
    if different:
        text += f" Training and validation differ in {join_words(different)}."
    return not_done(
        text,
        "Compare the score between scanners, sites and clinical groups, and say which "
        "could mislead.",
        "baseline",
    )
