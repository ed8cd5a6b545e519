"""How many examples a property draws."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

LONG = settings.get_profile("long").max_examples


def examples(number):
    """Settings of a property: half of `number` examples, or those of the long profile.

    Ten are drawn at least, where there are so many.
    """
    drawn = settings.default.max_examples
    number = max(number // 2, min(number, 10))
    return settings(max_examples=drawn if drawn >= LONG else number)


def drawn_copies(data, n, *, least=0):
    """Draw how often each of `n` rows counts; return that, and the rows so often."""
    counts = data.draw(st.lists(st.integers(least, 3), min_size=n, max_size=n))
    return np.array(counts), np.repeat(np.arange(n), counts)
