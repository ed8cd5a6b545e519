"""Every count of lesions and patients that a study writes, held against its table."""

import re

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.study._summary import summary_text
from sklearn_orn.study.checklists._fill import fill_checklist
from sklearn_orn.study.methods._text import methods_paragraph
from tests.study._checks import page_of

# Part, class, lesions, and the patients who have them: no number is of both kinds.
DESIGN = [
    ("training", "low", 41, range(13)),
    ("training", "high", 35, range(12, 23)),  # one patient has lesions of both
    ("validation", "low", 29, range(23, 31)),
    ("validation", "high", 25, range(31, 38)),
]
COUNT = re.compile(
    r"(?<![\d.,/−-])(\d[\d,]*)(?:\s+(?:more|high|low|of))?\s+(lesion|patient)s?\b"
)
PAIR = re.compile(r"(\d+) lesions? of (\d+) patients?\b")
# What is asked for or advised, and no count of this study.
ADVICE = re.compile(
    r"at least 30 lesions|fewer than 5 lesions on a side|fewer than 5 expected lesions"
    r"|\d+ or more are advised"
    r"|is [\d,]+ patients for the \d+ features[^.]*|ask for [\d,]+ for the"
)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    rows = []
    for part, grade, lesions, patients in DESIGN:
        owners = np.resize(np.array(patients), lesions)
        rows += [(part, grade, f"P{owner:02d}") for owner in sorted(owners)]
    found = pd.DataFrame(rows, columns=["part", "grade", "patient"])
    found["lesion"] = [f"L{i:03d}" for i in range(len(found))]
    number = found["patient"].str[1:].astype(float)
    found["age"] = (40 + number).mask(number % 6 == 0)  # missing by patient
    odd = np.arange(len(found)) % 2 == 1
    found["site"] = np.where((number < 10) & odd, "jaw", "skull")
    found["volume"] = rng.random(len(found))
    return found


def true_counts(table):
    """The counts that a sentence may give: of lesions, of patients, and pairs."""
    keys = [[], ["part"], ["grade"], ["part", "grade"]]
    cells = [
        (len(cell), cell["patient"].nunique())
        for key in keys
        for _, cell in (table.groupby(key) if key else [((), table)])
    ]
    lesions, patients = {a for a, _ in cells}, {b for _, b in cells}
    per = table.groupby("patient")
    several = int((per.size() > 1).sum())
    both = int((per["grade"].nunique() > 1).sum())
    sites = int((per["site"].nunique() > 1).sum())
    lesions.add(int(table["age"].isna().sum()))
    # Groups of the validation part that are judged alone: ages below the median of
    # training, others, and those that are not known.
    training, validation = (
        table[table["part"] == part] for part in ("training", "validation")
    )
    median = training["age"].median()
    ages = validation.groupby("patient")["age"].first()
    of_groups = {(ages < median).sum(), (ages >= median).sum(), ages.isna().sum()}
    assert not (lesions & (patients | {several, both, sites}))
    patients |= {several, both, sites, *map(int, of_groups)}
    return lesions, patients, set(cells)


def test_every_count_of_lesions_and_patients_is_true(quick_study, table):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(len(table), 6))).add_prefix("f")
    X["f0"] += (table["grade"] == "high").to_numpy()
    result = quick_study(table, features=X, clinical=["age", "site"], size="volume")
    folder = result.report.parent
    texts = {
        "page": page_of(result).text,
        "summary": summary_text(result.numbers),
        "methods": "\n".join(methods_paragraph(result.numbers)),
    }
    for name in ("clear", "tripod_ai", "metrics"):
        items = fill_checklist(name, result.numbers)
        texts[name] = "\n".join(f"{item.answer} {item.to_do}" for item in items)
    for path in sorted((folder / "tables").glob("*.csv")):
        texts[path.name] = path.read_text("utf-8-sig")

    lesions, patients, pairs = true_counts(table)
    seen = {"lesion": set(), "patient": set()}
    for name, text in texts.items():
        plain = ADVICE.sub("", text.replace("\N{NO-BREAK SPACE}", " "))
        for number, unit in COUNT.findall(plain):
            found = int(number.replace(",", ""))
            allowed = lesions if unit == "lesion" else patients
            where = plain[max(plain.find(f"{number} {unit}") - 60, 0) :][:140]
            assert found in allowed, f"{name}: {found} {unit}s, in: {where}"
            seen[unit].add(found)
        for pair in PAIR.findall(plain):
            assert tuple(map(int, pair)) in pairs, f"{name}: {pair}"
    assert {130, 76, 54, 35} <= seen["lesion"]
    assert {38, 23, 15, 11} <= seen["patient"]

    counts = pd.read_csv(folder / "tables" / "counts.csv")
    for row in counts.itertuples():
        label = row.Class.removesuffix(" (positive)")
        cell = table[(table["part"] == row.Part.lower()) & (table["grade"] == label)]
        assert (row.Lesions, row.Patients) == (len(cell), cell["patient"].nunique())


def test_the_size_of_a_study_is_told_in_lesions_and_patients(quick_study, table):
    X = pd.DataFrame(np.random.default_rng(1).normal(size=(len(table), 6)))
    X["first"] = (table["grade"] == "high").to_numpy() + 0.8 * X[0]
    result = quick_study(table, features=X.rename(columns=str), figures=False)
    for name, number in (("clear", "9"), ("tripod_ai", "10"), ("metrics", "16")):
        items = {item.number: item for item in fill_checklist(name, result.numbers)}
        assert items[number].answer.startswith(
            "Training had 76 lesions of 23 patients; the smaller class, high, had 35 "
            "lesions of 11 patients ("
        ), name
