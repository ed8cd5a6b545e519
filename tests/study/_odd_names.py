"""Names that try to break a page, a table, a figure or a file."""

from tests.study._cohort import make_table, write_cohort

LABELS = ('<u>lo</u> $\\alpha$, "q"', "<script>alert('hi')</script>\n&$_$ 骨")
READERS = ("<u>A$_\\frac{", '"B" & 名, x')
CLINICAL, LOCATION = 'cl$x$<b>, "y"\n', "loc<em>$"
NAMES = (
    "a\"b'c",
    '<b onload="x">gut</b>',
    "</script><script>alert(1)</script>",
    "x, y; z",
    "$x_1$ $\\frac{",
    "$",
    "line\nbreak",
    "tab\there",
    "very " * 60 + "long",
    "名前 ü é",
    "{{ 7*7 }}{% raw %}",
    "&amp; & &#65;",
    "=SUM(A1)",
    "None",
    "nan",
    "../../etc/passwd",
    "\\n \\t %s %d {}",
    "_^#~|",
    "a__b",
    "--out",
    "]]>",
    "-->",
    "\u202eright",
)
SCREENING = {
    "screened": {"patients": 100, "lesions": 120},
    "excluded": [
        {
            "reason": '<b>"x" $\\frac{ , \n 名 ' + "very " * 40,
            "patients": 64,
            "lesions": 72,
        }
    ],
}


def odd_table():
    """Every name is a lesion, a patient, a level and a location."""
    table = make_table(labels=LABELS)
    rows, n = range(len(table)), len(NAMES)
    table["lesion"] = [f"{NAMES[i % n]}{i if i >= n else ''}" for i in rows]
    patients = dict.fromkeys(table["patient"])
    for i, patient in enumerate(patients):
        patients[patient] = f"{NAMES[i % n]}{i if i >= n else ''}"
    table["patient"] = table["patient"].map(patients)
    table[CLINICAL] = [NAMES[i % n] for i in rows]
    table[LOCATION] = [NAMES[::-1][i % n] for i in rows]
    return table


def write_odd_cohort(folder):
    """Write the table, with files of plain names; return the table as read."""
    from sklearn_orn.images import read_cohort

    plain = make_table(labels=LABELS)
    cohort = read_cohort(write_cohort(folder, plain, readers=("1", "2")))
    odd = odd_table()
    for column in odd:
        cohort[column] = odd[column].to_numpy()
    names = {f"mask_{i}": f"mask_{name}" for i, name in enumerate(READERS, start=1)}
    return cohort.rename(columns=names)
