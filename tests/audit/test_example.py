"""The article of Zhong et al. 2020: what its numbers say of each other."""

import json

import pytest

from sklearn_orn.audit import audit_reported_numbers, example_report


@pytest.fixture(scope="module")
def audit():
    return audit_reported_numbers(example_report())


def found(audit, verdict):
    return {x.where: x for x in audit.judged if x.verdict == verdict}


def test_contradictions(audit):
    """Patients by class, C1 and C2, the percentage of women, and one p value."""
    wrong = found(audit, "contradiction")
    assert set(wrong) == {
        "Patients by class (ORN, metastasis), training",
        "C1 and C2 of Table 2 against the text, training ORN",
        "Table 1, female, training ORN",
        "Table 1, concurrent chemotherapy, validation",
    }
    first, second, third, fourth = wrong.values()
    assert first.why == "One number cannot be both: 30 and 25; 16 and 21."
    assert second.recomputed == "12 + 13 = 25"
    assert third.recomputed == "24.00 %"
    assert fourth.recomputed == "0.859 / 1.000 / 1.000"


def test_doubts(audit):
    """The interval's p value, and the bit depth that decides on the score."""
    interval, score = found(audit, "doubtful").values()
    assert (interval.where, interval.printed) == (
        "Table 1, interval, validation",
        "p 0.060",
    )
    assert interval.recomputed == "0.912 to 0.932 / 0.908 to 0.929"
    assert "8.3 SD" in interval.why
    assert score.why == (
        "At 6, 7, 8 bits every risk is nearly 0 or 1. The bits must be reported; "
        "plausible: 4."
    )


def test_notes(audit):
    """P values of a test that the article does not name, and others it can explain."""
    notes = found(audit, "note")
    g, trend = "likelihood-ratio chi-square", "linear-by-linear (N - 1) chi-square"
    assert {x.where: x.why for x in notes.values() if x.check == "test of counts"} == {
        f"Table 1, {where}": f"It is that of another test: {test}."
        for where, test in {
            "concurrent chemotherapy, training": g,
            "cervical lymphadenopathy, training": trend,
            "cervical lymphadenopathy, validation": g,
            "brain necrosis, training": g,
            "brain necrosis, validation": g,
            "gender, validation": trend,
        }.items()
    }
    others = [x for x in notes.values() if x.check != "test of counts"]
    age, dose, benefit = others
    assert "1.4 SD" in age.why
    assert "1.9 SD" in dose.why
    assert benefit.recomputed == "0.1479"
    assert benefit.why == (
        "No whole numbers of 142 give it. Those of training do. Digits cut off rather "
        "than rounded would explain it."
    )


def test_lymphadenopathy_is_what_was_computed_by_hand(audit):
    of = {x.where: x.tried for x in audit.judged if "lymph" in x.where}
    training, validation = of.values()
    assert training[:3] == (
        "Pearson chi-square 0.0310",
        "Yates 0.0744",
        "Fisher's exact 0.0590",
    )
    assert validation[:3] == (
        "Pearson chi-square 0.0138",
        "Yates 0.0558",
        "Fisher's exact 0.0261",
    )


def test_the_rest_agrees(audit):
    assert len(audit.judged) == 44
    assert len(found(audit, "agrees")) == 29
    assert len(audit.findings) == 15
    assert audit.findings[0].verdict == "contradiction"
    assert audit.findings[-1].verdict == "note"


def test_a_file_says_the_same(audit, tmp_path):
    path = tmp_path / "paper.json"
    path.write_text(json.dumps(example_report()))
    assert audit_reported_numbers(path) == audit
    assert audit_reported_numbers(str(path)) == audit


def test_as_text_table_and_data(audit):
    text = str(audit)
    assert "44 claims: 4 contradiction, 2 doubtful, 9 note, 29 agrees" in text
    assert text.index("CONTRADICTION") < text.index("DOUBTFUL") < text.index("AGREES")
    table = audit.table()
    assert list(table.columns) == [
        "verdict", "check", "where", "printed", "recomputed", "tried", "why"
    ]  # fmt: skip
    assert len(table) == 44
    data = audit.as_dict()
    assert data["source"].startswith("Zhong")
    assert [x["where"] for x in data["claims"]] == list(table["where"])
