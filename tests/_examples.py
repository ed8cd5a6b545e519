"""How many examples a property draws."""

from hypothesis import settings

LONG = 2000


def examples(number):
    """Settings of a property: `number` examples, or those of the long profile."""
    drawn = settings.default.max_examples
    return settings(max_examples=drawn if drawn >= LONG else number)
