"""Long lines are cut, and lines that differ by names alone are told once."""

from sklearn_orn.cli._told_once import LONGEST, shortened, told_once


def test_a_long_line_keeps_its_ends():
    text = "the columns are " + "x, " * 999 + "Rename one."
    cut = shortened(text)
    assert cut.startswith("the columns are x, ") and cut.endswith("Rename one.")
    assert f"[{len(text) - LONGEST} letters]" in cut
    assert len(cut) < LONGEST + 30
    assert shortened("short") == "short"


def test_one_reason_of_many_lesions_is_told_once():
    lines = [f"error: lesion 'L{i}' (row {i}): file '{i}' is empty." for i in range(71)]
    lines.insert(40, "error: lesion 'L99' (row 99): it is constant.")
    told = told_once(lines)
    assert told == [
        "error: lesion 'L0' (row 0): file '0' is empty.",
        "  ... and the same of 70 more, in rows 1-70",
        "error: lesion 'L99' (row 99): it is constant.",
    ]


def test_a_few_are_all_shown_and_so_is_what_names_no_row():
    few = [f"lesion (row {i}): empty." for i in (2, 4, 7)]
    assert told_once(few) == few
    assert told_once(["lesion (row 9): empty.", *few])[1] == (
        "  ... and the same of 3 more, in rows 2, 4, 7"
    )
    plain = [f"lesion 'L{i}' is empty." for i in range(9)]
    assert told_once(plain) == plain


def test_other_numbers_are_findings():
    lines = [f"lesion (row {i}): the ROI has {i} pixels." for i in range(9)]
    assert told_once(lines) == lines
