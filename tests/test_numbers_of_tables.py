"""What 1.234 and 1,234 are: by the column, by others, and by the separator."""

import pandas as pd
import pytest

from sklearn_orn._io.written_numbers import plain_numbers
from sklearn_orn.exceptions import CohortError

CSV, SEMICOLON, WORKBOOK = True, False, None


def numbers(cells, *, commas=SEMICOLON, decimal=None, **others):
    """Return column a; the cells stand in the rows from 2."""
    columns = {"a": cells} | others
    series = {
        name: pd.Series(texts, index=range(2, 2 + len(texts)), dtype=object)
        for name, texts in columns.items()
    }
    found = plain_numbers(series, "t.csv", decimal, commas=commas)
    return found["a"].tolist() if "a" in found else None


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,5", "2"], [1.5, 2]),
        (["2", "1,5"], [2, 1.5]),
        ([" 1,5", "-0,25 "], [1.5, -0.25]),
        (["0,5", "1.234"], [0.5, 1234]),
        (["0.5", "1,234"], [0.5, 1234]),
        (["1.234,5"], [1234.5]),
        (["1,234.5"], [1234.5]),
        (["1.234.567", "12"], [1234567, 12]),
        (["1,234,567", "12"], [1234567, 12]),
        (["1 234", "12"], [1234, 12]),
        (["1 234", "12,5"], [1234, 12.5]),
        (["1'234", "12.5"], [1234, 12.5]),
        (["1,5e3", "-2"], [1500, -2]),
        (["1,234"], [1.234]),  # nothing but a decimal comma beside semicolons
        (["1,234", "x"], None),
        (["x", "1,5"], None),
        (["1.234", "2.500"], None),  # as pandas has read it
        (["12", "13"], None),
    ],
)
def test_beside_semicolons(cells, values):
    assert numbers(cells) == values


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["12", "-13"], [12, -13]),
        (["1e3", "2"], [1000, 2]),
        (["0.5"], [0.5]),
        (["1,234"], [1.234]),
        (["1.234"], [1.234]),
        (["1.234,5", "2"], [1234.5, 2]),
    ],
)
def test_texts_of_a_workbook(cells, values):
    assert numbers(cells, commas=WORKBOOK) == values


def test_whole_numbers_stay_whole():
    assert [type(n) for n in numbers(["1 234", "12"])] == [int, int]
    assert [type(n) for n in numbers(["1 234", "12,0"])] == [float, float]
    assert numbers(["123 456 789 012 345 678", "1"])[0] == 123456789012345678


@pytest.mark.parametrize(
    ("cells", "others", "values"),
    [
        (["1.234"], {"b": ["1,5"]}, [1234]),
        (["1,234"], {"b": ["1,5"]}, [1.234]),
        (["1,234"], {"b": ["1.5"]}, [1234]),
        (["1,234", "987"], {"b": ["0.5"]}, [1234, 987]),
        (["1.234", "1,234"], {"b": ["0.5"]}, [1.234, 1234]),
        (["1,234"], {"b": ["1.5", "x"]}, [1.234]),  # text says nothing
        (["1,234"], {"b": ["12"]}, [1.234]),
    ],
)
def test_other_columns_say_what_stands_before_decimals(cells, others, values):
    assert numbers(cells, **others) == values


def test_what_pandas_has_read_says_it_too():
    assert numbers(["1,234"], commas=CSV, decimal="dot") == [1234]
    with pytest.raises(CohortError, match="'1,234' in row 2: a point or a comma"):
        numbers(["1,234"], commas=CSV)
    assert numbers(["1.234", "987"], commas=CSV) is None
    assert numbers(["1.234", "987"], decimal="comma") == [1234, 987]


@pytest.mark.parametrize(
    ("cells", "others", "found"),
    [
        (["987", "1.234"], {}, "'1.234' in row 3:"),
        (["987", "1,234"], {}, "'1,234' in row 3:"),
        (["1.234", "1,234"], {}, "'1.234' in row 2 and '1,234' in row 3:"),
        (["1,5", "2", "2.5"], {}, "'2.5' in row 4 and '1,5' in row 2:"),
        (["1.234"], {"b": ["1,5"], "c": ["2.5"]}, "'1.234' in row 2:"),
    ],
)
def test_two_meanings_are_refused_with_the_cells(cells, others, found):
    with pytest.raises(CohortError, match=f"'t.csv': column 'a' holds {found}"):
        numbers(cells, **others)
